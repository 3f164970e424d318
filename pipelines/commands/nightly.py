"""`ansinh nightly`: what the schedules do, in one process, with a scorecard at the end."""

import argparse
import json
import logging
import sys
import time

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from pipelines import running
from resources import ledger, scorecard
from resources.hub import Hub
from schemas.registry import SOURCES, source_named


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", action="append", metavar="S", help="chỉ hệ thống này (lặp lại được)")
    parser.add_argument("--period", action="append", metavar="YYYY-MM", help="chỉ kỳ này (lặp lại được)")
    parser.add_argument("--json", action="store_true", help="in kết quả dạng JSON")


def run(parsed: argparse.Namespace) -> int:
    try:
        sources = [source_named(name) for name in parsed.source] if parsed.source else list(SOURCES)
    except KeyError as error:
        print(error.args[0], file=sys.stderr)
        return 2
    console = Console(stderr=parsed.json)
    hub = Hub.open()
    started = hub.now()
    night = hub.today().isoformat()
    with hub.warehouse.engine.begin() as connection:
        connection.execute(
            sa.text("""insert into ops.nights (night, started_at) values (:night, :now)
                on conflict (night) do update set started_at = excluded.started_at, ended_at = null"""),
            {"night": night, "now": started},
        )
    progress = _Progress(console)
    logging.getLogger("ansinh").addHandler(progress)
    logging.getLogger("ansinh").setLevel(logging.INFO)
    console.print(f"[bold]Đêm {night}[/bold]: {len(sources)} hệ thống")
    seconds: dict[str, float] = {}
    failures: list[str] = []
    with running.dagster(hub.settings) as runner:
        for source in sources:
            begun = time.monotonic()
            failures += runner.night(source.name, night, parsed.period)
            seconds[source.name] = time.monotonic() - begun
        begun = time.monotonic()
        failures += runner.reports(night)
        seconds["reports"] = time.monotonic() - begun
    with hub.warehouse.engine.begin() as connection:
        ledger.refresh(connection, hub.now())
        card = scorecard.read(connection, [s.name for s in sources], seconds, started)
        connection.execute(
            sa.text("update ops.nights set ended_at = :now, scorecard = :card where night = :night"),
            {"now": hub.now(), "card": json.dumps(card, ensure_ascii=False), "night": night},
        )
    if parsed.json:
        print(json.dumps(card | {"failures": failures}, ensure_ascii=False))
    else:
        _print(console, hub, card)
    for failure in failures:
        print(failure, file=sys.stderr)
    refused = [c for s in card["systems"] for c in s["refused_cells"]]
    for cell in refused:
        print(f"Ô bị từ chối: {cell}", file=sys.stderr)
    return 1 if failures or refused else 0


class _Progress(logging.Handler):
    """A line a dataset, as it is done. Counts only."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        self._console.print(f"  {record.getMessage()}", highlight=False)


def _print(console: Console, hub: Hub, card: dict) -> None:
    table = Table(title="Kết quả đêm", title_justify="left")
    table.add_column("Hệ thống")
    for heading in (
        "Ô phải nộp",
        "Đã nhận",
        "Đúng hạn",
        "Muộn",
        "Thiếu",
        "Từ chối",
        "Dòng nhận",
        "Dòng loại",
        "Dòng sửa",
        "Giây",
    ):
        table.add_column(heading, justify="right")
    for s in card["systems"]:
        table.add_row(
            s["title"],
            *(
                f"{s[key]:,}".replace(",", ".")
                for key in (
                    "expected",
                    "received",
                    "on_time",
                    "late",
                    "missing",
                    "refused",
                    "rows_accepted",
                    "rows_rejected",
                    "rows_repaired",
                )
            ),
            f"{s['seconds']:.1f}",
        )
    console.print(table)
    if card["waiting"]:
        console.print(f"Đang chờ ở kỳ đã khóa: {card['waiting']} dòng; xem `ansinh status`, nạp bằng `ansinh backfill`.")
    console.print(f"Số liệu mở: {hub.settings.open_dir} và lược đồ open_data của kho dùng chung (ansinh url shared).")
    for line in card["reports"]:
        console.print(f"Báo cáo {line}", highlight=False)
    console.print("Giao diện vận hành: [bold]make ui[/bold] rồi mở http://127.0.0.1:3000")
