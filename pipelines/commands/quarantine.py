"""`ansinh quarantine list|export`: open rejected rows, and the workbook for the sender.

The list shows counts only; the workbook holds the rows themselves and is written for the sender, readable by its owner alone.
"""

import argparse
import json
import sys

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from pipelines.known import refuse_unknown
from pipelines.printed import into as where_to
from resources.hub import Hub
from resources.quarantine_workbook import write_quarantine


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="action", required=True, metavar="list|export")
    for name, gloss in (("list", "đếm dòng bị loại theo ô và quy tắc"), ("export", "ghi sổ làm việc Excel cho đơn vị gửi")):
        sub = commands.add_parser(name, help=gloss)
        sub.add_argument("--source", metavar="S", help="chỉ hệ thống này")
        sub.add_argument("--unit", metavar="U", required=name == "export", help="mã đơn vị, hoặc unknown")
        sub.add_argument("--period", metavar="P", required=name == "export", help="kỳ; sổ đăng ký: now")
        if name == "list":
            sub.add_argument("--json", action="store_true", help="in dạng JSON")
        else:
            sub.add_argument("--into", metavar="NƠI", help="tệp hoặc thư mục; mặc định: thư mục hiện hành")


def run(parsed: argparse.Namespace) -> int:
    hub = Hub.look()
    refuse_unknown(parsed.source, parsed.period, parsed.unit, hub.today())
    where = {"source": parsed.source, "unit": parsed.unit, "period": parsed.period}
    if parsed.action == "list":
        return _list(hub, where, parsed.json)
    into = where_to(parsed.into, f"quarantine-{parsed.unit}-{parsed.period}.xlsx")
    with hub.warehouse.engine.connect() as connection:
        rows = connection.execute(
            sa.text(f"""select source, dataset, period, unit_code, row_key, received, failures from quarantine.rows
                where resolved_at is null and {FILTER} order by source, dataset, row_key"""),
            where,
        ).all()
    if not rows:
        print(f"Không có dòng bị loại nào đang mở của đơn vị {parsed.unit} kỳ {parsed.period}.", file=sys.stderr)
        return 0
    write_quarantine(into, [(r.source, r.dataset, r.row_key, r.received, r.failures) for r in rows])
    print(f"Đã ghi {len(rows)} dòng vào {into}. Tệp chứa dữ liệu cá nhân: chỉ gửi cho đơn vị nộp, qua kênh được phép.")
    return 0


FILTER = """(cast(:source as text) is null or source = :source) and (cast(:unit as text) is null or unit_code = :unit)
    and (cast(:period as text) is null or period = :period)"""


def _list(hub: Hub, where: dict[str, str | None], as_json: bool) -> int:
    with hub.warehouse.engine.connect() as connection:
        rows = [
            dict(r)
            for r in connection.execute(
                sa.text(f"""select source, dataset, period, unit_code, f ->> 'rule' as rule, f ->> 'column' as "column",
                    count(*) as rows, min(first_seen) as since
                    from quarantine.rows q, jsonb_array_elements(failures) f where resolved_at is null and {FILTER}
                    group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 7 desc"""),
                where,
            ).mappings()
        ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, default=str))
        return 0
    table = Table(title="Dòng bị loại đang mở", title_justify="left")
    for heading in ("Dữ liệu", "Ô", "Quy tắc", "Cột", "Số dòng", "Từ ngày"):
        table.add_column(heading, justify="right" if heading == "Số dòng" else "left", overflow="fold")
    for r in rows:
        table.add_row(
            f"{r['source']}.{r['dataset']}",
            f"{r['period']}|{r['unit_code']}",
            r["rule"],
            r["column"],
            str(r["rows"]),
            f"{r['since']:%d/%m/%Y}",
        )
    Console().print(table)
    return 0
