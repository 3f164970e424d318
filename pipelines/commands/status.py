"""`ansinh status`: the cells, as the UI's grid shows them."""

import argparse
import json

from rich.console import Console

from pipelines.printed import CELL_COLUMNS, cells_table, grouped, known_source
from resources.hub import Hub
from resources.warehouse import ledger, scorecard, tracker
from schemas import units
from schemas.registry import SOURCES, dataset_named

STATUS = {
    "not_due": "chưa đến hạn",
    "missing": "thiếu",
    "on_time": "đúng hạn",
    "late": "muộn",
    "refused": "bị từ chối",
    "empty_declared": "báo không phát sinh",
    "initial": "có từ trước",
}

COLUMNS = (*CELL_COLUMNS, ("Dòng\nchờ", "rows_waiting"))


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--period", metavar="P", help="chỉ kỳ này")
    parser.add_argument("--source", metavar="S", help="chỉ hệ thống này")
    parser.add_argument("--json", action="store_true", help="in dạng JSON, từng ô")


def run(parsed: argparse.Namespace) -> int:
    sources = [known_source(parsed.source)] if parsed.source else list(SOURCES)
    hub = Hub.open()
    with hub.warehouse.engine.begin() as connection:
        ledger.refresh(connection, hub.now())
        cells = tracker.cells(connection, [s.name for s in sources], parsed.period)
        failing = [f for s in sources for f in ledger.failing(connection, s.name)]
        before = {f"{s.name}.{name}": rows for s in sources for name, rows in ledger.before_first(connection, s.name).items()}
        counts = {s.name: scorecard.counts(connection, s.name, [parsed.period] if parsed.period else None) for s in sources}
    if parsed.json:
        print(json.dumps(cells, ensure_ascii=False, default=str))
        return 0
    console = Console()
    table = cells_table(f"Tình trạng các ô{f' kỳ {parsed.period}' if parsed.period else ''}", COLUMNS)
    for source in sources:
        c = counts[source.name]
        table.add_row(source.label, *(grouped(c[k]) for _, k in COLUMNS))
    console.print(table)
    for failure in dict.fromkeys(f.last_failure for f in failing):
        console.print(f"[bold]Hỏng[/bold]: {failure}", highlight=False, soft_wrap=True)
    for name, rows in before.items():
        told = f"{name} có {rows} dòng ở nguồn ghi ngày trước kỳ {dataset_named(name).first_period}, không thuộc ô nào"
        console.print(f"[bold]Trước kỳ đầu[/bold]: {told}", highlight=False, soft_wrap=True)
    for status in ("missing", "refused"):
        found = [c for c in cells if (c["last_outcome"] if status == "refused" else c["status"]) == status]
        if found:
            console.print(f"[bold]{STATUS[status].capitalize()}[/bold]: {len(found)} ô")
            for c in found[:40]:
                name = units.unit_name(c["unit_code"], hub.today())
                console.print(f"  {c['source']}.{c['dataset']} {c['period']}|{c['unit_code']} ({name})", highlight=False)
            if len(found) > 40:
                console.print(f"  và {len(found) - 40} ô khác; xem đủ bằng --json")
    return 0
