"""`ansinh status`: the cells as they stand now, told without writing anything."""

import argparse
import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines import nights, scheduler
from pipelines.doctor import retention
from pipelines.left_out import unconfigured
from pipelines.terminal.known import known_sources, refuse_unknown
from pipelines.terminal.printed import (
    CELL_COLUMNS,
    LINES,
    cells_table,
    counted,
    paged,
    refused_in_words,
    roads_in_words,
    unconfigured_in_words,
)
from resources.failing import Failure
from resources.hub import Hub
from resources.inbox import looking, senders
from resources.inbox.returning import in_folder
from resources.settings import Settings
from resources.warehouse.arrivals import dataset_pulls, ledger, tracker
from resources.warehouse.running import scorecard
from schemas.dataset import Source
from schemas.registry import DATASETS, dataset_named
from schemas.written import grouped, unit_title

COLUMNS = (*CELL_COLUMNS, ("Dòng\nchờ", "rows_waiting"))


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--period", metavar="P", help="chỉ kỳ này")
    parser.add_argument("--source", metavar="S", help="chỉ hệ thống này")
    parser.add_argument("--json", action="store_true", help="in dạng JSON, từng ô")


def run(parsed: argparse.Namespace) -> int:
    hub = Hub.glance()
    refuse_unknown(parsed.source, parsed.period, None, hub.today())
    sources = known_sources([parsed.source] if parsed.source else None)
    without = [s for s in unconfigured(hub) if s in sources]
    sources = [s for s in sources if s not in without]
    now = ledger.judged(hub.now(), [d for d in DATASETS if d.source in sources])
    with hub.warehouse.engine.connect() as connection:
        cells = tracker.cells(connection, [s.name for s in sources], parsed.period, now)
        failing = [f for s in sources for f in dataset_pulls.failing(connection, s.name)]
        before = {
            f"{s.name}.{name}": rows for s in sources for name, rows in dataset_pulls.before_first(connection, s.name).items()
        }
        refused = [(s, cell) for s in sources for cell in ledger.refused_cells(connection, s.name)]
        counts = {s.name: scorecard.counts(connection, s.name, [parsed.period] if parsed.period else None, now) for s in sources}
        roads = {s.label: dataset_pulls.roads(connection, s.name) for s in sources}
        told_last, overdue = retention.last(connection, hub.now())
    if parsed.json:
        print(json.dumps(cells, ensure_ascii=False, default=str))
        return 0
    table = cells_table(f"Tình trạng các ô{f' kỳ {parsed.period}' if parsed.period else ''}", COLUMNS)
    for source in sources:
        table.add_row(source.label, *(counted(counts[source.name][k]) for _, k in COLUMNS))
    with paged() as console:
        for told in _runs(hub):
            console.print(told, highlight=False)
        console.print(table)
        if without:
            console.print(unconfigured_in_words(without), soft_wrap=True)
        if told := roads_in_words(roads):
            console.print(told)
        for failure in dict.fromkeys(f.last_failure for f in failing):
            console.print(f"[bold]Hỏng[/bold]: {failure}", soft_wrap=True)
        for name, rows in before.items():
            dataset = dataset_named(name)
            told = (
                f"{dataset.source.label}, {dataset.title} có {grouped(rows)} dòng ở nguồn ghi ngày trước kỳ {dataset.first_period}, "
                "không thuộc ô nào; đề nghị đơn vị sửa ngày"
            )
            console.print(f"[bold]Trước kỳ đầu[/bold]: {told}", soft_wrap=True)
        for told in _sent(hub.settings, sources, hub.today()):
            console.print(told)
        if overdue and not hub.settings.is_demo:
            console.print(f"[bold]Dọn dữ liệu quá thời hạn[/bold]: {told_last}, quá hạn; chạy ansinh retain", soft_wrap=True)
        else:
            console.print(f"Dọn dữ liệu quá thời hạn: {told_last}")
        _list(console, "Thiếu", [c for c in cells if c["status"] == "missing"], hub.today())
        _list(console, "Bị từ chối", [c for c in cells if c["last_outcome"] == "refused"], hub.today())
        for source, cell in refused:
            if parsed.period in (None, cell.period):
                console.print(f"- {escape(refused_in_words(source, cell, hub.today()))}", soft_wrap=True)
    return 0


def _runs(hub: Hub) -> Iterator[str]:
    """The last night and the scheduler. What keeps that from being told keeps nothing else."""
    try:
        last = nights.last_nights(hub)[:1]
        yield f"[bold]Đêm gần nhất[/bold]: {nights.in_words(last[0]) if last else 'chưa có đêm nào'}"
        yield f"[bold]Bộ lập lịch[/bold]: {scheduler.in_words(hub)}"
    except Failure as failure:
        yield f"[bold]Bộ lập lịch[/bold]: {escape(str(failure))}"


def _sent(settings: Settings, sources: Sequence[Source], today: dt.date) -> Iterator[str]:
    """Files that units sent and that wait or went back, by unit. Nothing of them is told but how many they are."""
    waiting: Counter[str] = Counter()
    back: Counter[str] = Counter()
    for source in sources:
        waiting.update(
            f"{source.label} {senders.title(e.sender, today)}" for e in looking.waiting(settings.inbox_of(source.name), settings)
        )
        returned = settings.returned_of(source.name)
        back.update(
            {
                f"{source.label} {senders.title(code, today)}": count
                for code, folder in looking.folders(returned)
                if (count := in_folder(folder))
            }
        )
    for title, found in (("Tệp chờ nhận", waiting), ("Tệp đã trả lại, đơn vị chưa lấy về", back)):
        if found:
            named = "; ".join(f"{where} {grouped(count)} tệp" for where, count in sorted(found.items()))
            yield f"[bold]{title}[/bold]: {grouped(found.total())} tệp ({escape(named)})"


def _list(console: Console, heading: str, cells: Sequence[Mapping[str, Any]], today: dt.date) -> None:
    """Cells by dataset and period, those that are most first; their units by name."""
    if not cells:
        return
    units: dict[tuple[str, str], list[str]] = defaultdict(list)
    for c in cells:
        units[f"{c['source']}.{c['dataset']}", c["period"]].append(c["unit_code"])
    table = Table(title=f"[bold]{heading}[/bold]: {grouped(len(cells))} ô", title_justify="left", **LINES)
    table.add_column("Số ô", justify="right")
    table.add_column("Kỳ", no_wrap=True)
    table.add_column("Bộ dữ liệu", overflow="fold", ratio=1)
    table.add_column("Đơn vị", overflow="fold", ratio=1)
    for (name, period), codes in sorted(units.items(), key=lambda item: (-len(item[1]), item[0])):
        dataset = dataset_named(name)
        told = f"{dataset.source.label}: {dataset.title} [dim]({name})[/dim]"
        table.add_row(grouped(len(codes)), period, told, ", ".join(unit_title(code, period, today) for code in codes))
    console.print()
    console.print(table)
