"""`ansinh quarantine list|export`: open rejected rows and warnings, and the workbook for the sender.

The list shows counts only; the workbook holds the rows themselves and is written for the sender, readable by its owner alone. Rows of
a restricted system are in it only where that is asked for, why and on which paper.
"""

import argparse
import datetime as dt
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from pipelines import reads, restricted
from pipelines.terminal.known import known_sources, refuse_unknown
from pipelines.terminal.printed import LINES, into, paged
from resources.clock import ZONE
from resources.hub import Hub
from resources.warehouse.quarantine import open_rows, standing
from resources.warehouse.quarantine.open_rows import Chosen, InCell
from resources.warehouse.quarantine.standing import Standing, by_weight, in_short
from resources.workbooks.marks import HEADING
from resources.workbooks.quarantine import write_quarantine
from schemas.registry import SOURCES, source_named
from schemas.weights import TITLES
from schemas.written import grouped, unit_title

UNITS_NAMED = 10


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="action", required=True, metavar="list|export")
    glosses = (
        ("list", "đếm dòng bị loại và cảnh báo theo quy tắc; có --unit hoặc --period thì theo từng ô"),
        ("export", "ghi sổ làm việc Excel cho đơn vị gửi"),
    )
    for name, gloss in glosses:
        sub = commands.add_parser(name, help=gloss)
        sub.add_argument("--source", metavar="S", help="chỉ hệ thống này")
        sub.add_argument("--unit", metavar="U", required=name == "export", help="mã đơn vị, hoặc unknown")
        sub.add_argument("--period", metavar="P", required=name == "export", help="kỳ; sổ đăng ký: now")
        if name == "list":
            sub.add_argument("--json", action="store_true", help="in dạng JSON, từng ô")
        else:
            sub.add_argument("--into", metavar="NƠI", help="tệp hoặc thư mục; mặc định: thư mục hiện hành")
            restricted.arguments(sub)
            reads.arguments(sub, does="xuất", document="nếu có; bắt buộc khi nêu --restricted")


def run(parsed: argparse.Namespace) -> int:
    hub = Hub.look()
    refuse_unknown(parsed.source, parsed.period, parsed.unit, hub.today())
    if parsed.action == "export":
        return _export(hub, parsed)
    chosen = Chosen([source_named(parsed.source)] if parsed.source else None, parsed.unit, parsed.period)
    if parsed.json:
        with hub.warehouse.engine.connect() as connection:
            found = open_rows.counted(connection, chosen)
        print(json.dumps([_record(s) for s in found], ensure_ascii=False, default=str))
        return 0
    return _list(hub, chosen, parsed.source)


def _export(hub: Hub, parsed: argparse.Namespace) -> int:
    by = reads.asking(parsed)
    sources = restricted.asked([parsed.source] if parsed.source else None, by, is_said=parsed.restricted)
    others = [] if parsed.source else [source for source in SOURCES if source not in sources]
    chosen, beside = (Chosen(some, parsed.unit, parsed.period) for some in (sources, others))
    with hub.warehouse.engine.connect() as connection:
        rejected, warned = open_rows.rejected(connection, chosen), open_rows.warned(connection, chosen)
        left_out = open_rows.rows_of_sources(connection, beside)
    unit = unit_title(parsed.unit, parsed.period, hub.today())
    if rejected or warned:
        about = ", ".join(sorted({row.dataset.source.name for row in (*rejected, *warned)}))
        what = f"dòng bị loại và cảnh báo của đơn vị {parsed.unit} kỳ {parsed.period}"
        reads.keep(hub.settings, by, "quarantine export", what, about=about, rows=len(rejected) + len(warned))
        path = into(parsed.into, f"quarantine-{f'{parsed.source}-' if parsed.source else ''}{parsed.unit}-{parsed.period}.xlsx")
        write_quarantine(path, rejected, warned)
        print(
            f"Đã ghi {grouped(len(rejected))} dòng bị loại và {grouped(len(warned))} cảnh báo của {unit} kỳ {parsed.period} vào "
            f"{path}. Tệp chứa dữ liệu cá nhân: chỉ gửi cho đơn vị nộp, qua kênh được phép. Đơn vị sửa ngay trên tệp, giữ cột "
            f"«{HEADING}», rồi nộp lại như một tệp nộp."
        )
    else:
        outside = ", ngoài hệ thống hạn chế" if left_out else ""
        print(f"Không có dòng bị loại hay cảnh báo nào đang mở của {unit} kỳ {parsed.period}{outside}.", file=sys.stderr)
    for name, rows in left_out.items():
        print(
            f"Không xuất {grouped(rows)} dòng bị loại và cảnh báo của hệ thống hạn chế {source_named(name).title}. Người giữ xuất riêng: "
            f"ansinh quarantine export --source {name} --restricted --unit {parsed.unit} --period {parsed.period} --reason … --document …",
            file=sys.stderr,
        )
    return 0


def _record(s: InCell) -> Mapping[str, Any]:
    return {
        "kind": s.kind,
        "source": s.source,
        "dataset": s.dataset,
        "period": s.period,
        "unit_code": s.unit_code,
        "rule": s.rule,
        "column": s.column,
        "weight": s.weight if s.kind == "warning" else None,
        "message": s.message,
        "rows": s.rows,
        "since": s.since,
    }


def _list(hub: Hub, chosen: Chosen, source: str | None) -> int:
    of_cells = chosen.unit is not None or chosen.period is not None
    today = hub.today()
    one = f" của {unit_title(chosen.unit, chosen.period, today)} kỳ {chosen.period}" if chosen.unit and chosen.period else ""
    units: list[tuple[str, int]] = []
    with hub.warehouse.engine.connect() as connection:
        if of_cells:
            found: Sequence[Standing] = open_rows.counted(connection, chosen)
        else:
            sources = known_sources([source] if source else None)
            found = standing.in_order([s for each in sources for s in standing.read(connection, each.name)])
            units = open_rows.rows_of_units(connection, chosen, UNITS_NAMED)
    rejected = [s for s in found if s.kind == "rejected"]
    heavy = [s for s in found if s.kind == "warning" and s.weight != "note"]
    notes = [s for s in found if s.kind == "warning" and s.weight == "note"]
    with paged() as console:
        for title, shown in ((f"Dòng bị loại đang mở{one}", rejected), (f"Cảnh báo đang mở{one}", heavy)):
            if shown:
                console.print(_table(title, shown, today, with_cells=of_cells and not one))
            else:
                console.print(f"{title}: không có.")
            console.print()
        if notes:
            told: dict[str, int] = {}
            for s in notes:
                told[in_short(s.message)] = told.get(in_short(s.message), 0) + s.rows
            named = "; ".join(f"{escape(what)} ({grouped(n)})" for what, n in sorted(told.items(), key=lambda item: -item[1]))
            console.print(f"Ghi chú, không phải xử lý: {grouped(sum(told.values()))} cảnh báo. {named}.")
        if units:
            named = ", ".join(f"{unit_title(code, 'now', today)} ({grouped(n)})" for code, n in units)
            console.print(f"Đơn vị có nhiều dòng bị loại nhất: {named}. Xem từng ô bằng --unit, --period.")
    return 0


def _table(title: str, shown: Sequence[Standing], today: dt.date, *, with_cells: bool) -> Table:
    weights = by_weight(shown)
    summed = ", ".join(f"{TITLES[w]} {grouped(n)}" for w, n in weights.items()) or grouped(sum(s.rows for s in shown))
    table = Table(title=f"{title} (lượt vi phạm): {summed}", title_justify="left", **LINES)
    table.add_column("Dòng", justify="right", no_wrap=True)
    if weights:
        table.add_column("Mức", no_wrap=True)
    table.add_column("Dữ liệu", ratio=3)
    if with_cells:
        table.add_column("Kỳ, đơn vị", ratio=2)
    table.add_column("Lý do", ratio=5)
    table.add_column("Từ ngày", no_wrap=True)
    for s in shown:
        row = [grouped(s.rows), TITLES[s.weight]] if weights else [grouped(s.rows)]
        row.append(s.of.title)
        if with_cells and isinstance(s, InCell):
            row.append(f"{s.period}, {unit_title(s.unit_code, s.period, today)}")
        table.add_row(*row, escape(in_short(s.message)), f"{s.since.astimezone(ZONE):%d/%m/%Y}")
    return table
