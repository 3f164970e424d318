"""What was planted: `python -m demo truth [--source S] [--json]`. Kept in a database of its own that the product never opens."""

import argparse
import datetime as dt
import json
from collections.abc import Iterable
from contextlib import closing
from typing import Any

from psycopg2.extras import execute_values

from demo.faults.planting import Truth
from resources.embedded import EmbeddedServer, server
from resources.settings import Settings
from schemas.registry import SOURCES

DATABASE = "demo_truth"
COLUMNS = ("source", "dataset", "source_key", "keyed", "locator", "period", "unit_code", "fault", "rules", "outcome", "before")
_TABLE = """
create table planted (
    id bigint generated always as identity primary key,
    source text not null, dataset text not null,
    source_key text,            -- the row key the hub gives; a cell's is period|unit
    keyed boolean not null,     -- false: the row loses its key (doubled, or missing) and is found by its locator
    locator jsonb not null,     -- the source columns that find the row
    period text not null, unit_code text not null, fault text not null, rules text[] not null,
    outcome text not null check (outcome in ('rejected', 'warning', 'repaired', 'cell_refused')),
    before jsonb,               -- the spoiled columns as they were; null where the row should not be there
    planted_on date not null
)"""


def write(found: EmbeddedServer, truths: Iterable[Truth], day: dt.date) -> None:
    """The whole truth of a newly built province."""
    with closing(found.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"drop database if exists {DATABASE} with (force)")
    found.ensure_database(DATABASE)
    with closing(found.connect(DATABASE)) as connection, connection.cursor() as cursor:
        cursor.execute(f"revoke connect on database {DATABASE} from public")
        cursor.execute(_TABLE)
    add(found, truths, day)


def add(found: EmbeddedServer, truths: Iterable[Truth], day: dt.date) -> None:
    lines = [(*(getattr(t, c) if c != "rules" else list(t.rules) for c in COLUMNS), day) for t in truths]
    with closing(found.connect(DATABASE)) as connection, connection.cursor() as cursor:
        execute_values(cursor, f"insert into planted ({', '.join(COLUMNS)}, planted_on) values %s", lines, page_size=2_000)


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
    parser = argparse.ArgumentParser(prog="python -m demo truth", description="Các lỗi đã cài vào tỉnh mô phỏng.")
    parser.add_argument("--source", choices=[s.name for s in SOURCES])
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    found = server(Settings.load().home)
    lines = known(found, **({"source": asked.source} if asked.source else {}))
    if asked.json:
        print(json.dumps([{k: v for k, v in line.items() if k != "id"} for line in lines], ensure_ascii=False, indent=1))
        return 0
    for line in lines:
        print(
            "\t".join(
                (
                    line["source"],
                    line["dataset"],
                    line["source_key"] or "-",
                    line["fault"],
                    ",".join(line["rules"]),
                    line["outcome"],
                )
            )
        )
    return 0
