"""Arrow tables written by COPY: what stands in the table is what was given, wherever the batches begin; and no row stops a load."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.cells.pull import Pull
from resources.connectors.connector import KEY
from resources.embedded import server
from resources.raw_store import RawStore
from resources.streaming.tuning import Tuning
from resources.warehouse.engine import Warehouse
from resources.warehouse.loading.copying import copy_in
from resources.warehouse.loading.full import PeriodLoad
from schemas.dataset import Dataset
from schemas.projections.postgres import set_rule_query, sql_type
from schemas.registry import DATASETS
from tests.fixtures import odd_rows
from tests.fixtures.datasets import moment_of
from tests.fixtures.odd_values import texts
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


NOW = dt.datetime(2024, 11, 20, 1, tzinfo=dt.UTC)


def load_odd(home: Path, dataset: Dataset, changes: list[dict[str, Any]], *, kept: bool) -> None:
    """Load the good row and odd ones beside it, as a night would, and hold the rows of the period against each other."""
    moment = moment_of(dataset)
    table = odd_rows.table(dataset, moment, changes)
    table = table.append_column(KEY, pa.array(range(table.num_rows), pa.int64()))
    with PeriodLoad(Warehouse(server(home).url("warehouse")), dataset, moment.period, NOW, Tuning()) as load:
        pull = Pull(RawStore(home / "raw"), dataset, moment, 100)
        pull.take(iter(table.to_batches(200)), load)
        pull.close()
        load.set_doubled_aside(pull.received)
        counts = load.counts({})
        assert sum(count.received for count in counts.values()) == table.num_rows
        load.merge(list(counts), [])
        aside = """select count(*) from quarantine.rows where source = :source and dataset = :dataset and period = :period
            and unit_code = any(:units) and resolved_at is null"""
        where = {"source": dataset.source.name, "dataset": dataset.name, "period": moment.period, "units": list(counts)}
        assert load.connection.execute(sa.text(aside), where).scalar() == sum(count.rejected for count in counts.values())
        ask_over_rows(load.connection, dataset)
        if kept:
            load.commit()


def ask_over_rows(connection: sa.Connection, dataset: Dataset) -> None:
    moment = moment_of(dataset)
    asked = {"period": moment.period, "first_day": moment.first_day, "last_day": moment.last_day}
    for rule in dataset.set_rules:
        connection.execute(sa.text(f"select count(*) from ({set_rule_query(rule)}) f"), asked)


def test_every_odd_cell_is_loaded_or_set_aside_and_every_rule_over_rows_stands_it(home: Path, hub: SmallHub) -> None:
    for dataset in DATASETS:  # a quarter of them, which is some of each column; all are judged in test_fuzz_readers.py
        load_odd(home, dataset, [{column: value} for column, value in odd_rows.odd_cells(dataset)[::4]], kept=True)
        assert hub.rows(f"select count(*) from history.{dataset.table} where source_key = 0") == [(1,)], "the good row"
    with hub.engine.connect() as connection:  # now that each finds the datasets that it needs
        for dataset in DATASETS:
            ask_over_rows(connection, dataset)


def changes_of(dataset: Dataset) -> st.SearchStrategy[list[dict[str, Any]]]:
    cells = {
        c.source_column: texts if c.source_type == "text" else st.sampled_from(odd_rows.ODD[c.source_type])
        for c in dataset.columns
    }
    change = st.lists(st.sampled_from(sorted(cells)), min_size=1, max_size=4, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: cells[name] for name in names})
    )
    return st.lists(change, min_size=1, max_size=12)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from(DATASETS).flatmap(lambda dataset: st.tuples(st.just(dataset), changes_of(dataset))))
def test_rows_of_any_cells_are_loaded_or_set_aside(home: Path, given_rows: tuple[Dataset, list[dict[str, Any]]]) -> None:
    load_odd(home, *given_rows, kept=False)
