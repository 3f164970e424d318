"""The synthetic province against the product's own declarations: every planted fault has its outcome, nothing else has any.

Each source is read through its reader's login, judged by schemas/validation, laid into a warehouse of its own made by
resources/migrations, and held against every set rule. What is found must equal the truth, row by row.
"""

import collections
import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sa

from demo import build, load, truth
from resources import migrations
from resources.embedded import EmbeddedServer, server
from resources.settings import Settings
from schemas import calendar
from schemas.dataset import Dataset
from schemas.registry import DATASETS
from schemas.validation import validate

SCALE, SEED = 0.004, 7
START = dt.date(2024, 11, 20)
Finding = tuple[str, str, str, str, str, str, str]  # source, dataset, period, unit, row key, rule, kind


@dataclass
class Home:
    settings: Settings
    found: EmbeddedServer


@pytest.fixture(scope="module")
def built() -> Iterator[Home]:
    # A short path: a unix socket's has less than 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="an", dir="/tmp"))
    settings = Settings("demo", folder)
    try:
        build.build(settings, SCALE, SEED)
        yield Home(settings, server(folder))
    finally:
        server(folder).stop()
        shutil.rmtree(folder, ignore_errors=True)


def read(found: EmbeddedServer, dataset: Dataset, period: str) -> pa.Table:
    """One period of a dataset, as the product's login sees it."""
    where = ""
    if dataset.period_type == "year" and period != calendar.REGISTER:
        where = f" where {dataset.period_column} = {period}"
    elif period != calendar.REGISTER:
        first, last = calendar.span(period)
        where = f" where {dataset.period_column} between '{first}' and '{last}'"
        if period == calendar.started(dataset, START)[-1]:  # what has no date, or a later one, falls in the latest period
            where = f" where {dataset.period_column} >= '{first}' or {dataset.period_column} is null"
    uri = f"postgresql://{load.reader_of(dataset.source)}@/{load.database_of(dataset.source)}?host={found.data_dir}"
    with adbc.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute(f"select * from {dataset.source_table}{where}")
        return cursor.fetch_arrow_table()


@dataclass
class Judged:
    """All that is found about a province on a day."""

    findings: set[Finding] = field(default_factory=set)
    unkeyed: collections.Counter = field(default_factory=collections.Counter)  # source, dataset, period, unit, rule
    rows: int = 0
    counts: dict[tuple[str, str, str], int] = field(default_factory=dict)  # dataset, period, unit -> rows placed there


def judge(found: EmbeddedServer, today: dt.date) -> Judged:
    judged = Judged()
    name = f"judge_{today:%m%d}"
    found.ensure_database(name)
    engine = sa.create_engine(found.url(name))
    with engine.begin() as connection:
        migrations.migrate(connection)
    for dataset in DATASETS:
        for period in calendar.started(dataset, today):
            _judge_period(found, name, dataset, period, today, judged)
    with engine.begin() as connection:
        connection.exec_driver_sql("analyze")
        for dataset in DATASETS:
            for period in calendar.started(dataset, today):
                _judge_sets(connection, dataset, period, today, judged)
    engine.dispose()
    return judged


def _judge_period(found: EmbeddedServer, name: str, dataset: Dataset, period: str, today: dt.date, judged: Judged) -> None:
    table = read(found, dataset, period)
    judged.rows += table.num_rows
    if not table.num_rows:
        return
    verdict = validate(dataset, table, calendar.moment(dataset, period, today))
    head = (dataset.source.name, dataset.name, period)
    for units in (verdict.accepted["unit_code"], verdict.rejected["unit_code"]):
        for unit, rows in collections.Counter(units.to_pylist()).items():
            at = (dataset.id, period, unit)
            judged.counts[at] = judged.counts.get(at, 0) + rows
    aside = []
    for row in verdict.rejected.to_pylist():
        aside.append((*head, row["unit_code"], row["row_key"], row["received"], row["failures"]))
        for failure in json.loads(row["failures"]):
            if row["row_key"].startswith("#"):
                judged.unkeyed[(*head, row["unit_code"], failure["rule"])] += 1
            else:
                judged.findings.add((*head, row["unit_code"], row["row_key"], failure["rule"], "rejected"))
    for row in verdict.remarks.to_pylist():
        judged.findings.add((*head, row["unit_code"], row["row_key"], row["rule"], row["kind"]))
    accepted = _without_doubles(verdict.accepted, head, judged)
    _lay_down(found, name, dataset, period, accepted, aside)


def _without_doubles(accepted: pa.Table, head: tuple[str, str, str], judged: Judged) -> pa.Table:
    """Of exact copies the first stays; rows of one key with different content all go."""
    keys = list(zip(accepted["unit_code"].to_pylist(), accepted["row_key"].to_pylist(), strict=True))
    doubled = {k for k, n in collections.Counter(keys).items() if n > 1}
    if not doubled:
        return accepted
    content = [json.dumps(r, default=str) for r in accepted.drop_columns(["ordinal"]).to_pylist()]
    keep = np.ones(len(keys), dtype=bool)
    for key in doubled:
        rows = [i for i, k in enumerate(keys) if k == key]
        same = len({content[i] for i in rows}) == 1
        gone = rows[1:] if same else rows
        keep[gone] = False
        judged.unkeyed[(*head, key[0], "no_duplicate_row" if same else "unique_key")] += len(gone)
    return accepted.filter(pa.array(keep))


def _lay_down(found: EmbeddedServer, name: str, dataset: Dataset, period: str, accepted: pa.Table, aside: list[tuple]) -> None:
    count = accepted.num_rows
    now = pa.array([dt.datetime(2024, 11, 20, 1, tzinfo=dt.UTC)] * count, pa.timestamp("us", tz="UTC"))
    table = accepted.drop_columns(["ordinal"]).append_column("period", pa.array([period] * count, pa.string()))
    table = table.append_column("row_hash", pa.array(np.arange(count))).append_column("recorded_from", now)
    for i, column in enumerate(table.schema):
        if pa.types.is_decimal(column.type):  # text: the driver's own numeric would need the same scale
            table = table.set_column(i, column.name, table.column(i).cast(pa.string()))
    with adbc.connect(f"postgresql://postgres@/{name}?host={found.data_dir}") as connection, connection.cursor() as cursor:
        staged = f"in_{dataset.table}_{period.replace('-', '_').lower()}"[:60]
        cursor.adbc_ingest(staged, table, mode="create", temporary=True)
        types = {c.name: c.dtype for c in dataset.columns}
        picked = ", ".join(f"{c}::numeric" if pa.types.is_decimal(types.get(c, pa.string())) else c for c in table.column_names)
        cursor.execute(f"insert into history.{dataset.table} ({', '.join(table.column_names)}) select {picked} from {staged}")
        connection.commit()
    with closing(found.connect(name)) as connection, connection.cursor() as cursor:
        for row in aside:
            cursor.execute(
                "insert into quarantine.rows (source, dataset, period, unit_code, row_key, received, failures, first_seen, last_seen)"
                " values (%s, %s, %s, %s, %s, %s, %s, now(), now())",
                row,
            )


def _judge_sets(connection: sa.Connection, dataset: Dataset, period: str, today: dt.date, judged: Judged) -> None:
    moment = calendar.moment(dataset, period, today)
    facts = {"period": period, "first_day": moment.first_day, "last_day": moment.last_day}
    for rule in dataset.set_rules:
        for unit, key in connection.execute(sa.text(rule.sql), facts):
            judged.findings.add((dataset.source.name, dataset.name, period, unit, key, rule.name, "warning"))


def expected(lines: list[dict[str, Any]]) -> tuple[set[Finding], collections.Counter]:
    keyed: set[Finding] = set()
    unkeyed: collections.Counter = collections.Counter()
    for line in lines:
        head = (line["source"], line["dataset"], line["period"], line["unit_code"])
        for rule in line["rules"]:
            if line["keyed"]:
                keyed.add((*head, line["source_key"], rule, line["outcome"]))
            else:
                unkeyed[(*head, rule)] += 1
    return keyed, unkeyed


@pytest.fixture(scope="module")
def judged(built: Home) -> Judged:
    return judge(built.found, START)


def test_every_planted_fault_has_its_outcome_and_nothing_else_has_any(built: Home, judged: Judged) -> None:
    keyed, unkeyed = expected(truth.known(built.found))
    assert judged.rows > 15_000
    assert sorted(keyed - judged.findings) == []
    assert sorted(judged.findings - keyed) == []
    assert judged.unkeyed == unkeyed
