"""Arrow tables written by COPY: what stands in the table is what was given, wherever the batches begin."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pyarrow as pa
import pytest
import sqlalchemy as sa

from resources.warehouse.loading.copying import copy_in
from schemas.to_postgres import sql_type
from tests.integration.report_hub import SmallHub

AT_ONCE = 4_096
ROWS = 2 * AT_ONCE + 77
VALUES = {
    "words": (pa.string(), lambda n: f"Xóm {n}"),
    "number": (pa.int64(), lambda n: n - 5),
    "money": (pa.decimal128(12, 1), lambda n: Decimal(n) / 10),
    "day": (pa.date32(), lambda n: dt.date(1900, 1, 1) + dt.timedelta(n)),
    "flag": (pa.bool_(), lambda n: n % 2 == 0),
    "at": (pa.timestamp("us", "UTC"), lambda n: dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=n)),
}


def rows(first: int, count: int) -> pa.Table:
    """Every value is missing in some rows, never in all columns at once."""
    columns = {
        name: pa.array([None if n % 7 == place else value(n) for n in range(first, first + count)], kind)
        for place, (name, (kind, value)) in enumerate(VALUES.items())
    }
    return pa.table(columns)


@pytest.fixture
def connection(hub: SmallHub) -> Iterator[sa.Connection]:
    with hub.engine.connect() as opened:
        columns = ", ".join(f"{name} {sql_type(kind)}" for name, (kind, _) in VALUES.items())
        opened.exec_driver_sql(f"create temp table given ({columns})")
        yield opened


@pytest.mark.parametrize(
    "table",
    [rows(0, 0), rows(0, 1), rows(0, ROWS), rows(0, ROWS).slice(13, ROWS - 40), pa.concat_tables([rows(0, 5), rows(5, ROWS)])],
    ids=["none", "one", "of several COPYs", "a slice", "of parts"],
)
def test_what_was_given_stands_there(connection: sa.Connection, table: pa.Table) -> None:
    copy_in(connection, "pg_temp.given", table, AT_ONCE)
    found = connection.exec_driver_sql(f"select {', '.join(VALUES)} from given").all()
    assert [tuple(row) for row in found] == [tuple(row.values()) for row in table.to_pylist()]


def test_rows_that_were_not_written_are_not_passed_over(connection: sa.Connection) -> None:
    connection.exec_driver_sql(
        """create function pg_temp.drop_one() returns trigger language plpgsql as
        $$ begin return case when new.number = 7 then null else new end; end $$"""
    )
    connection.exec_driver_sql("create trigger drops before insert on given for each row execute function pg_temp.drop_one()")
    with pytest.raises(RuntimeError, match=r"of 20 rows for pg_temp\.given 19 were written"):
        copy_in(connection, "pg_temp.given", rows(0, 20), AT_ONCE)
