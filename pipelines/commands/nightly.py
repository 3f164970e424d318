"""`ansinh nightly`: what the schedules do, in one process, with a scorecard at the end."""

import argparse
import functools
import json
import logging
import sys
import time
from typing import Any

import sqlalchemy as sa
from rich import box
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
        self._console.print(f"  {record.getMessage()}", highlight=False, soft_wrap=True)


# Ten figures a system have to fit an 80 column terminal.
TABLE: dict[str, Any] = {
    "box": box.SIMPLE_HEAD,
    "padding": (0, 0),
    "pad_edge": False,
    "show_edge": False,
    "collapse_padding": True,
}

COLUMNS = (
    ("Phải\nnộp", "expected"),
    ("Đã\nnhận", "received"),
    ("Đúng\nhạn", "on_time"),
    ("Muộn", "late"),
    ("Thiếu", "missing"),
    ("Từ\nchối", "refused"),
    ("Dòng\nnhận", "rows_accepted"),
    ("Dòng\nloại", "rows_rejected"),
    ("Dòng\nsửa", "rows_repaired"),
)


def _print(console: Console, hub: Hub, card: dict[str, Any]) -> None:
    table = Table(title="Kết quả đêm (số ô, số dòng)", title_justify="left", **TABLE)
    table.add_column("Hệ thống", no_wrap=True)
    for heading, _ in COLUMNS:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Giây", justify="right", no_wrap=True)
    for s in card["systems"]:
        table.add_row(s["label"], *(grouped(s[key]) for _, key in COLUMNS), f"{s['seconds']:.1f}".replace(".", ","))
    console.print(table)
    if card["waiting"]:
        console.print(f"Đang chờ ở kỳ đã khóa: {grouped(card['waiting'])} dòng; xem ansinh status, nạp bằng ansinh backfill.")
    say = functools.partial(console.print, highlight=False, soft_wrap=True)
    say(f"Số liệu mở: {hub.settings.open_dir} (CSV, Parquet) và lược đồ open_data của kho dùng chung (ansinh url shared).")
    if not card["reports"]:
        say("Báo cáo: không có số liệu hay trạng thái nào thay đổi, không gửi lần nào.")
    for line in card["reports"]:
        say(f"Báo cáo {line}")
    say("Giao diện vận hành: make ui rồi mở http://127.0.0.1:3000")


def grouped(count: int) -> str:
    """1234567 -> 1.234.567, as officers write it."""
    return f"{count:,}".replace(",", ".")
