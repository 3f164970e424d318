"""What was planted: `ansinh demo truth [--source S] [--json]`. Kept in a database of its own that the product never opens."""

import csv
import datetime as dt
import io
import json
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from demo.faults.planting import Truth
from pipelines.terminal.known import known_source
from pipelines.terminal.parser import Parser
from pipelines.terminal.printed import paged
from resources.embedded import EmbeddedServer, standing
from resources.settings import Settings
from schemas.written import grouped

DATABASE = "demo_truth"
OUTCOMES = {
    "rejected": "bị loại",
    "warning": "cảnh báo",
    "repaired": "sửa",
    "cell_refused": "từ chối cả ô",
    "file_read": "tệp vẫn đọc được",
    "file_returned": "trả lại tệp",
    "file_replaced": "tệp gửi sau thay",
    "file_repeated": "tệp trùng, bỏ qua",
}
COLUMNS = ("source", "dataset", "source_key", "keyed", "locator", "period", "unit_code", "fault", "rules", "outcome", "before")
_TABLE = """
create table planted (
    id bigint generated always as identity primary key,
    source text not null, dataset text not null,
    source_key text,            -- the row key the hub gives; a cell's is period|unit
    keyed boolean not null,     -- false: the row loses its key (doubled, or missing) and is found by its locator
    locator jsonb not null,     -- the source columns that find the row; of a file `tep`: which it is
    period text not null, unit_code text not null, fault text not null, rules text[] not null,
    outcome text not null check (outcome in (
        'rejected', 'warning', 'repaired', 'cell_refused', 'file_read', 'file_returned', 'file_replaced', 'file_repeated'
    )),
    before jsonb,               -- the spoiled columns as they were; null where the row should not be there
    planted_on date not null
)"""


def create(found: EmbeddedServer) -> None:
    """An empty truth; what was known of an earlier province is gone."""
    with closing(found.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"drop database if exists {DATABASE} with (force)")
    found.ensure_database(DATABASE)
    with closing(found.connect(DATABASE)) as connection, connection.cursor() as cursor:
        cursor.execute(f"revoke connect on database {DATABASE} from public")
        cursor.execute(_TABLE)


def add(found: EmbeddedServer, truths: Iterable[Truth], day: dt.date) -> None:
    lines = io.StringIO()
    writer = csv.writer(lines)
    for t in truths:
        rules = "{" + ",".join(t.rules) + "}"
        cells = [rules if c == "rules" else getattr(t, c) for c in COLUMNS]
        writer.writerow(["" if c is None else c for c in (*cells, day)])
    lines.seek(0)
    with closing(found.connect(DATABASE)) as connection, connection.cursor() as cursor:
        cursor.copy_expert(f"copy planted ({', '.join(COLUMNS)}, planted_on) from stdin (format csv, null '')", lines)


def forget(found: EmbeddedServer, ids: list[int]) -> None:
    """Faults that somebody has mended."""
    with closing(found.connect(DATABASE)) as connection, connection.cursor() as cursor:
        cursor.execute("delete from planted where id = any(%s)", (ids,))


def known(found: EmbeddedServer, **wanted: Any) -> list[dict[str, Any]]:
    """The planted faults, narrowed by any columns."""
    where = " and ".join(f"{name} = %({name})s" for name in wanted) or "true"
    with closing(found.connect(DATABASE)) as connection, connection.cursor() as cursor:
        cursor.execute(f"select id, {', '.join(COLUMNS)} from planted where {where} order by id", wanted)
        return [dict(zip(("id", *COLUMNS), row, strict=True)) for row in cursor.fetchall()]


def main(arguments: list[str]) -> int:
    parser = Parser(prog="ansinh demo truth", description="Các lỗi đã cài vào tỉnh mô phỏng.")
    parser.add_argument("--source", metavar="S", help="chỉ hệ thống này")
    parser.add_argument("--json", action="store_true", help="in dạng JSON")
    asked = parser.parse_args(arguments)
    wanted = {"source": known_source(asked.source).name} if asked.source else {}
    lines = known(standing(Settings.load().home, DATABASE), **wanted)
    if asked.json:
        told = [{k: v for k, v in line.items() if k not in ("id", "before")} for line in lines]
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return 0
    with paged() as console:
        _print(console, lines)
    return 0


def _print(console: Console, lines: list[dict[str, Any]]) -> None:
    """What is alike together, and what is most first."""
    alike: dict[tuple[str, ...], list[str | None]] = defaultdict(list)
    for x in lines:
        name = f"{x['source']}.{x['dataset']}"
        alike[name, x["fault"], OUTCOMES[x["outcome"]], ", ".join(x["rules"])].append(x["source_key"])
    for (name, fault, outcome, rules), keys in sorted(alike.items(), key=lambda item: (-len(item[1]), item[0])):
        console.print(f"[bold]{name}[/bold] {fault}, {outcome}: {grouped(len(keys))} ({escape(rules)})")
        named = [escape(key) for key in keys if key]
        if len(named) < len(keys):
            named.append(f"{grouped(len(keys) - len(named))} dòng không có khóa, xem --json")
        console.print(Padding(", ".join(named), (0, 0, 0, 2)))
    console.print(f"Tất cả {grouped(len(lines))} lỗi đã cài.")
