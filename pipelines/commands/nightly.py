"""`ansinh nightly`: what the schedules do, in one process, with a scorecard at the end."""

import argparse
import functools
import json
import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from pipelines import population
from pipelines.alerting.telling import tell
from pipelines.backups import rehearse_if_due
from pipelines.failures import NightRunning
from pipelines.left_out import left_out, unconfigured
from pipelines.runtime import running
from pipelines.terminal.known import holding, known_datasets, known_sources
from pipelines.terminal.printed import (
    CELL_COLUMNS,
    NONE,
    cells_table,
    console,
    counted,
    log_to,
    refused_in_words,
    roads_in_words,
    unconfigured_in_words,
)
from resources.clock import moment
from resources.hub import Hub
from resources.local.laying import refuse_wrong
from resources.locks import only_now
from resources.settings import Settings
from resources.warehouse.arrivals import ledger
from resources.warehouse.running import nights, scorecard
from schemas.dataset import Source
from schemas.registry import DATASETS, source_named
from schemas.weights import ORDER, TITLES
from schemas.written import day, decimal, grouped


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", action="append", metavar="S", help="chỉ hệ thống này (lặp lại được)")
    parser.add_argument("--period", action="append", metavar="P", help="chỉ kỳ này (lặp lại được)")
    parser.add_argument(
        "--whole", action="store_true", help="đọc lại toàn bộ các ô, như đêm đối soát mỗi tuần, không chỉ phần thay đổi"
    )
    parser.add_argument("--json", action="store_true", help="in kết quả dạng JSON")


def run(parsed: argparse.Namespace) -> int:
    sources = known_sources(parsed.source)
    refuse_wrong()
    hub = Hub.open()
    for period in parsed.period or ():
        holding(period, known_datasets(sources), hub.today())
    with only_now(hub.warehouse.engine, "night", lambda: _busy(hub)):
        return _night(hub, sources, parsed)


def _busy(hub: Hub) -> NightRunning:
    """The failure that tells which night is running."""
    with hub.warehouse.engine.connect() as connection:
        found = nights.under_way(connection)
    night = f"{hub.today():%d/%m/%Y}"
    if found is None:
        return NightRunning(night=night, running="?", since=moment(hub.now()), process="?")
    since = moment(found.started_at)
    return NightRunning(night=night, running=day(found.name), since=since, process=found.process or "?")


def _night(hub: Hub, sources: Sequence[Source], parsed: argparse.Namespace) -> int:
    screen = console(stderr=parsed.json)
    started = hub.now()
    night = hub.today().isoformat()
    with hub.warehouse.engine.begin() as connection:
        nights.begin(connection, night, f"{os.getpid()} ({socket.gethostname()})", started)
    log_to(screen)
    passed_over = left_out(hub)
    sources = [s for s in sources if parsed.source or s not in passed_over]
    screen.print(f"[bold]Đêm {day(night)}[/bold]: {len(sources)} hệ thống")
    for source, why in passed_over.items() if not parsed.source else ():
        screen.print(f"  {source.label}: {why}", soft_wrap=True)
    seconds: dict[str, float] = {}
    failures: list[str] = []
    is_of_all = not parsed.source and not parsed.period
    from pipelines.definitions import defs  # every asset is made: nothing for a command that was refused

    with running.dagster(hub.settings, defs) as runner:
        failures += _sources(runner, night, sources, parsed, seconds)
        begun = time.monotonic()
        failures += runner.reports(night)
        seconds["reports"] = time.monotonic() - begun
        if is_of_all and population.has_to_do(hub):  # last: whoever waits for a service that crawls waits for nothing else
            failures += runner.population(night)
    failures = list(dict.fromkeys(failures))  # the steps of a dead system all say the same
    with hub.warehouse.engine.begin() as connection:
        still = unconfigured(hub)  # not of what a file came meanwhile
        ledger.refresh(connection, hub.now(), [d for d in DATASETS if d.source not in still])
        ledger.expect_nothing(connection, [s.name for s in still])
        card = scorecard.read(connection, [s.name for s in sources], seconds, started)
        of = [source_named(system["source"]) for system in card["systems"] if system["refused_cells"]]
        refused = [refused_in_words(s, cell, hub.today()) for s in of for cell in ledger.refused_cells(connection, s.name)]
        card["unconfigured"] = [s.name for s in still]
        card["population"] = population.card(hub)
        nights.end(connection, night, card, hub.now())
    if is_of_all:
        failure = rehearse_if_due(hub, functools.partial(screen.print, soft_wrap=True, markup=False))
        failures += [str(failure)] if failure else []
    said = tell(hub)
    if parsed.json:
        print(json.dumps(card | {"failures": failures}, ensure_ascii=False))
    else:
        _print(screen, hub, card)
    for failure in failures:
        print(failure, file=sys.stderr)
    for told in refused:
        print(f"Ô bị từ chối: {told}", file=sys.stderr)
    for line in said.told if said.is_set or said.failures else ():  # whether anybody could be told changes nothing of the night
        screen.print(line, soft_wrap=True, markup=False)
    return 1 if failures or refused else 0


def _sources(
    runner: running.Runner, night: str, sources: Sequence[Source], parsed: argparse.Namespace, seconds: dict[str, float]
) -> list[str]:
    """The failures of all sources; one that keeps the others waiting has its turn again once they are done."""
    failures: dict[str, list[str]] = {}
    left, others_wait = list(sources), len(sources) > 1
    while left:
        again = []
        for source in left:
            begun = time.monotonic()
            failures[source.name], has_more = runner.night(
                source.name, night, parsed.period, parsed.whole, others_wait=others_wait
            )
            seconds[source.name] = seconds.get(source.name, 0) + time.monotonic() - begun
            again += [source] if has_more else []
        left, others_wait = again, False
    return [failure for source in sources for failure in failures[source.name]]


COLUMNS = (*CELL_COLUMNS, ("Cảnh\nbáo", "rows_warned"))


def warnings_in_words(systems: Sequence[Mapping[str, Any]]) -> str | None:
    """The open warnings of all systems, the heaviest first; facts of life and repairs are summed behind them."""
    counts = {w: sum(s["warnings"].get(w, 0) for s in systems) for w in ORDER}
    known = counts.pop("note")
    named = ", ".join(f"{TITLES[w]} {grouped(n)}" for w, n in counts.items() if n) or "không có"
    named += f"; {TITLES['note']}, không phải xử lý: {grouped(known)}" if known else ""
    repaired = sum(s["rows_repaired"] for s in systems)
    told = [f"Cảnh báo đang mở: {named}."] if known or any(counts.values()) else []
    told += [f"Dòng tự sửa khi đọc: {grouped(repaired)}."] if repaired else []
    return " ".join(told) or None


def _print(screen: Console, hub: Hub, card: dict[str, Any]) -> None:
    table = cells_table("Kết quả đêm (số ô, số dòng đang có)", COLUMNS)
    table.add_column("Ngày\nxử lý", justify="right", no_wrap=True)
    table.add_column("Giây", justify="right", no_wrap=True)
    for s in card["systems"]:
        failed = len(s["failed_datasets"])
        table.add_row(
            f"{s['label']}\n[bold red]✗ hỏng {failed}/{s['datasets']} bộ[/]" if failed else s["label"],
            *(counted(s[key]) for _, key in COLUMNS),
            NONE if s["days_to_resolve"] is None else decimal(s["days_to_resolve"]),
            decimal(s["seconds"]) if s["seconds"] < 100 else f"{s['seconds']:.0f}",
        )
    say = functools.partial(screen.print, soft_wrap=True)
    screen.print(table)
    if roads := roads_in_words({s["label"]: s["roads"] for s in card["systems"]}):
        screen.print(roads)
    if beside := ", ".join(f"{s['label']} {grouped(s['cells_beside'])}" for s in card["systems"] if s["cells_beside"]):
        screen.print(f"Ô giữ bản nộp bằng tệp thay cho cơ sở dữ liệu: {beside}.")
    if card["unconfigured"]:
        say(unconfigured_in_words([source_named(name) for name in card["unconfigured"]]))
    say(f"[bold]Việc trước hết[/bold]: {card['first'] or 'không có gì tồn đọng'}.")
    if warned := warnings_in_words(card["systems"]):
        say(warned)
    say(f"Đối chiếu dân cư: {population.in_words(hub)}.")
    if card["waiting"]:
        say(f"Đang chờ ở kỳ đã khóa: {grouped(card['waiting'])} dòng; xem ansinh status, nạp bằng ansinh backfill.")
    say(f"Số liệu mở: {hub.settings.open_dir} (CSV, XLSX, Parquet) và lược đồ open_data của kho dùng chung (ansinh url shared).")
    if not card["reports"]:
        say("Báo cáo: không có số liệu hay trạng thái nào thay đổi, không gửi lần nào.")
    for line in card["reports"]:
        say(f"Báo cáo {line}")
    say(f"Giao diện vận hành: {way_in(hub.settings)}")


def way_in(settings: Settings) -> str:
    """How the UI is entered: on a real machine it stands always, as a service."""
    return "make ui rồi mở liên kết được in ra" if settings.is_demo else "mở liên kết mà ansinh url ui in ra"
