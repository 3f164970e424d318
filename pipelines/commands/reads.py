"""`ansinh reads`: who read personal values, when, what and why; and whether the lines still follow from each other.

Exit status: 1 where they do not.
"""

import argparse
import json
from dataclasses import asdict

from rich.markup import escape
from rich.table import Table

from pipelines.doctor.failures import ReadsBroken
from pipelines.reads import fault
from pipelines.terminal.parser import whole
from pipelines.terminal.printed import LINES, NONE, paged
from resources.clock import ZONE
from resources.hub import Hub
from resources.inbox.notes import shown
from resources.warehouse.persons import reads
from schemas.written import grouped

SHOWN = 100
MOST = 1_000_000


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--last", type=whole("một số", 1, MOST), default=SHOWN, metavar="N", help=f"N lần gần nhất; mặc định {SHOWN}"
    )
    parser.add_argument("--json", action="store_true", help="in dạng JSON")


def run(parsed: argparse.Namespace) -> int:
    hub = Hub.look()
    with hub.warehouse.engine.connect() as connection:
        found, wrong = reads.listed(connection, parsed.last), fault(hub.settings, connection)
    if parsed.json:
        print(json.dumps([_record(kept) for kept in found], ensure_ascii=False, default=str))
    else:
        with paged() as console:
            console.print(_table(found) if found else "Chưa có lần xem nào được ghi.")
    if wrong:
        raise ReadsBroken(where=wrong)
    return 0


def _record(kept: reads.Line) -> dict[str, object]:
    return {"line": kept.line, "read_at": kept.read_at, **asdict(kept.read), "seal": kept.seal}


def _table(found: list[reads.Line]) -> Table:
    table = Table(title="Ai đã xem hay xuất dữ liệu cá nhân", title_justify="left", **LINES)
    for heading in ("Dòng", "Lúc"):
        table.add_column(heading, no_wrap=True)
    for heading in ("Ai", "Lệnh", "Xem gì", "Vì sao"):
        table.add_column(heading, overflow="fold")
    for kept in found:
        read = kept.read
        why = " · ".join(word for word in (read.reason, read.document) if word) or NONE
        what = f"{read.what} ({read.about})" if read.about else read.what
        what = what if read.rows is None else f"{what}: {grouped(read.rows)} dòng"
        at = f"{kept.read_at.astimezone(ZONE):%d/%m/%Y %H:%M}"
        table.add_row(str(kept.line), at, *(escape(shown(word)) for word in (read.officer, read.command, what, why)))
    return table
