"""A source whose users change it at will, and hubs on warehouses of their own that read it: do two of them end alike?"""

import dataclasses
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd
import sqlalchemy as sa

from assets.cells.outcome import Outcome, Request
from assets.cells.plan import stamp_of
from assets.cells.run import revalidate_dataset, sync_dataset
from resources.connectors.connect import ROADS, connect
from resources.connectors.connector import Connector
from resources.connectors.odbc import connector as odbc
from resources.hub import Hub
from resources.settings import Settings
from schemas.dataset import Dataset, Moment, Rule, Source
from schemas.projections.fingerprint import fingerprint
from schemas.sources.social_protection.datasets import BENEFICIARIES, MONTHLY_PAYMENTS
from schemas.submissions import SUBMISSION_LOG
from schemas.validation import prepare
from tests.fixtures import arrow_connector
from tests.integration.kept import copy_of
from tests.integration.mariadb_server import MariaDbServer, copied
from tests.integration.province import SMALL, Province, built, standing

SOURCE = "social_protection"
SOURCE_DATABASE = f"source_{SOURCE}"
# A refusal looks back at what was held, which a load from nothing has not: here cells are refused only when all is bad.
DATASETS = tuple(dataclasses.replace(d, shrink_share=1.0, tolerated_share=1.0) for d in (BENEFICIARIES, MONTHLY_PAYMENTS))
REGISTER, LIST = (dataset.road.table for dataset in DATASETS)
MONTH = "thang = date '2024-10-01'"
OPEN = "thang >= date '2024-10-01'"  # the months that no lock closes on the demo's first day
# Those that the list has: two that are locked, the one before the open ones, these. A load of any more would be one of these again.
MONTHS = ("2024-03", "2024-05", "2024-09", "2024-10", "2024-11")
# As received, these are each road's own: PostgreSQL has them as what they are, others as a number or text.
OTHERWISE = [c.source_column for d in DATASETS for c in d.columns if c.source_type in ("boolean", "timestamptz")]


Held = dict[str, list[str]]


@dataclass
class Two:
    """A source, and hubs on warehouses of their own, which read it by one road."""

    made: Province
    road: str = "sql"
    mariadb: MariaDbServer | None = None  # where this road leads
    hubs: int = 0
    read_of: dict[str, str] = field(default_factory=dict)  # dataset -> the origin that the hub knows which others are copied from
    from_nothing: dict[Any, dict[bool, Held]] = field(default_factory=dict)  # how a source stood -> what a first load held

    def hub(self, *, has_read: bool = False) -> Hub:
        """One that has read nothing yet, or the source as it stands after `reset`."""
        name, self.hubs = f"{self.road}_{self.hubs}", self.hubs + 1
        with _of_all(self.made) as connection:
            connection.exec_driver_sql(f"create database {name} template {f'{self.road}_read' if has_read else 'nothing_read'}")
        hub = self._opened(name)
        if has_read and any(self.read_of.values()):
            self._know_again(hub)
        return hub

    def _know_again(self, hub: Hub) -> None:
        """Let a hub take the source that was put back for the one that it read: it has another number, and the same versions of rows."""
        now = self._origins(hub)
        with hub.warehouse.engine.begin() as connection:
            for dataset in DATASETS:
                asked = fingerprint(dataset).asked
                was, becomes = self.read_of[dataset.name], now[dataset.name]
                connection.execute(
                    sa.text("""update ops.readings set stands = replace(stands, :stamp, :new_stamp),
                        bookmark = replace(bookmark, :was, :becomes) where dataset = :dataset"""),
                    {
                        "dataset": dataset.name,
                        "stamp": stamp_of(asked, was),
                        "new_stamp": stamp_of(asked, becomes),
                        "was": was,
                        "becomes": becomes,
                    },
                )

    def _origins(self, hub: Hub) -> dict[str, str]:
        with self.connected(hub) as opened:
            return {dataset.name: opened.standings(dataset, hub.today()).origin for dataset in DATASETS}

    def _opened(self, name: str) -> Hub:
        environment = {"ANSINH_HOME": str(self.made.home), "WAREHOUSE_URL": self.made.server.url(name)}
        with mock.patch.dict(os.environ, environment):
            hub = Hub.open()
            assert hub.warehouse
        return hub

    @property
    def environment(self) -> dict[str, str]:
        """The settings by which a hub reads the source."""
        places = {"files": f"files:{self.made.home / 'files'}"}
        if self.mariadb is not None:
            places[self.road] = self.mariadb.url(f"source_{SOURCE}")
        by_road = {BENEFICIARIES.source.environment: places[self.road]} if self.road in places else {}
        return {"ANSINH_HOME": str(self.made.home), **by_road}

    @contextmanager
    def leading(self, hub: Hub) -> Iterator[None]:
        """Inside, this hub finds the source by the road. What it leads to is filled when it is opened, so that it holds what the source does."""
        roads = {"files": self._exported, "mysql": self._copied}
        with mock.patch.dict(os.environ, self.environment), mock.patch.dict(ROADS, roads):
            yield

    @contextmanager
    def connected(self, hub: Hub) -> Iterator[Connector]:
        with self.leading(hub), connect(BENEFICIARIES.source, hub.settings) as opened:
            yield opened

    def _exported(self, source: Source, url: str, settings: Settings) -> AbstractContextManager[Connector]:
        arrow_connector.export(self.owned, [d.road.table for d in DATASETS], self.made.home / "files")
        return arrow_connector.connect(source, url, settings)

    def _copied(self, source: Source, url: str, settings: Settings) -> AbstractContextManager[Connector]:
        assert self.mariadb is not None
        copied(self.mariadb, SOURCE_DATABASE, self.owned, [*(d.road.table for d in DATASETS), SUBMISSION_LOG.road.table])
        return odbc.connect(source, url)

    @property
    def owned(self) -> str:
        return self.made.server.url(SOURCE_DATABASE, f"{SOURCE}_owner")

    def begin(self) -> None:
        """Make the hub that has read nothing, from which others are copied."""
        with _of_all(self.made) as connection:
            connection.exec_driver_sql("create database nothing_read")
        self._opened("nothing_read").warehouse.engine.dispose()

    def read_first(self) -> None:
        """Make the hub that others are copied from."""
        with _of_all(self.made) as connection:
            connection.exec_driver_sql(f"create database {self.road}_read template nothing_read")
        hub = self._opened(f"{self.road}_read")
        self.night(hub)
        self.read_of = self._origins(hub)
        for dataset in DATASETS:
            self._keep(hub, dataset)
        hub.warehouse.engine.dispose()

    def night(self, hub: Hub, **asked: Any) -> list[Outcome]:
        with self.connected(hub) as opened:
            return [sync_dataset(hub, dataset, opened, Request("test", **asked)) for dataset in DATASETS]

    def held_from_nothing(self, dataset: Dataset, *, keys: bool = True) -> Held:
        """What a hub holds that had read nothing before; of what stands as it did before, row by row on the same day, it is read once."""
        stands = self._stands(dataset)
        if stands not in self.from_nothing:
            with nothing_read(self) as hub:
                with self.connected(hub) as opened:
                    sync_dataset(hub, dataset, opened, Request("test"))
                self._keep(hub, dataset)
        return self.from_nothing[stands][keys]

    def _keep(self, hub: Hub, dataset: Dataset) -> None:
        self.from_nothing[self._stands(dataset)] = {keys: held(hub, dataset, keys=keys) for keys in (True, False)}

    def _stands(self, dataset: Dataset) -> Any:
        """All that a load of a dataset depends on."""
        clock = self.made.home / "clock"
        tables = (dataset.road.table, SUBMISSION_LOG.road.table)
        in_order = "select md5(string_agg(hash_record_extended(t, 0)::text, ' ' order by ctid)) from {} t"
        with self.source() as source:
            found = [source.exec_driver_sql(in_order.format(table)).scalar() for table in tables]
        return dataset.name, clock.read_text() if clock.exists() else None, *found

    def source(self) -> sa.Connection:
        return self.made.engine(SOURCE_DATABASE, f"{SOURCE}_owner").connect()


def two_hubs() -> Iterator[Two]:
    """A source whose rows can be put back, and a hub that has read it, from which others are copied."""
    prepare()  # under pytest what it loads is parsed, which Python 3.11 cannot do in two threads at once
    with standing(copy_of("two-hubs", _made)) as made:
        found = Two(made)
        found.read_first()  # since the server started: what was read before tells nothing of what changed
        yield found


def _made() -> Path:
    with standing(built(SMALL), remains=True) as made:
        shutil.rmtree(made.home / "inbox")  # what offices sent beside it is no part of what its database holds
        found = Two(made)
        with found.source() as connection, connection.begin():
            for dataset in DATASETS:
                table = dataset.road.table
                # A source need not keep its keys: here it keeps none.
                for (name,) in connection.exec_driver_sql(
                    f"select conname from pg_constraint where conrelid = '{table}'::regclass and contype in ('p', 'u', 'f')"
                ).all():
                    connection.exec_driver_sql(f"alter table {table} drop constraint {name} cascade")
                for c in dataset.columns:
                    connection.exec_driver_sql(f"alter table {table} alter column {c.source_column} drop not null")
                if dataset.placed_by:
                    months = ", ".join(f"date '{month}-01'" for month in MONTHS)
                    connection.exec_driver_sql(f"delete from {table} where thang not in ({months})")
                    connection.exec_driver_sql(
                        f"delete from nhat_ky_nop where bang = '{table}' and ky <> all(%s)", (list(MONTHS),)
                    )
                connection.exec_driver_sql(f"create table kept_{table} as select * from {table}")
        with _of_all(made) as connection:
            connection.exec_driver_sql(f"create database kept template {SOURCE_DATABASE}")
        found.begin()
    return made.home


def fresh_hub(two: Two) -> Iterator[Hub]:
    """A source that was put back, and a hub that has read it."""
    reset(two)
    found = two.hub(has_read=True)
    yield found
    drop(two, found)


def held(hub: Hub, dataset: Dataset, *, keys: bool = True) -> Held:
    """What a warehouse holds of a dataset's open cells, refused ones apart. `keys`: the source's too, and all that is each road's own."""
    source_key, sums = ("source_key, ", ", key_sum, content_sum") if keys else ("", "")
    # A number may have come as one or as its digits.
    texts = "select jsonb_object_agg(key, value #>> '{}') from jsonb_each(received::jsonb - cast(:otherwise as text[]))"
    received = "received" if keys else f"({texts})"
    rewritten = "true" if keys else "rule not like '%\\_instant\\_rewritten'"  # each road writes an instant in its own way
    # Of a row without a key of its own it is made of what was received.
    row_key = "row_key" if keys else "case when row_key like '#%' then '#' else row_key end"
    where = {"source": dataset.source.name, "dataset": dataset.name, "otherwise": OTHERWISE}
    names = ", ".join(c.name for c in dataset.columns)
    refused = "select period, unit_code from ops.cells where source = :source and dataset = :dataset and last_outcome = 'refused'"
    inside = f"(period >= '2024-10' or period = 'now') and (period, unit_code) not in ({refused})"
    mine = f"source = :source and dataset = :dataset and {inside}"
    queries = {
        "rows": f"select period, unit_code, row_key, district_code, {source_key}{names} from history.{dataset.table} "
        f"where recorded_to is null and {inside}",
        "quarantine": f"select period, unit_code, {row_key}, {source_key}declared_key, ({received})::text, failures::text "
        f"from quarantine.rows where resolved_at is null and {mine}",
        "remarks": f"select period, unit_code, row_key, kind, rule, message from quarantine.remarks "
        f"where resolved_at is null and not over_set and {rewritten} and {mine}",
        "cells": f"select period, unit_code, last_outcome, rows_received, rows_accepted, rows_rejected{sums} "
        f"from ops.cells where rows_received > 0 and {mine}",
        "refused": f"{refused} and (period >= '2024-10' or period = 'now')",
    }
    with hub.warehouse.engine.connect() as connection:
        return {what: sorted(map(repr, connection.execute(sa.text(query), where).all())) for what, query in queries.items()}


@contextmanager
def nothing_read(two: Two) -> Iterator[Hub]:
    """A hub that has read nothing yet."""
    hub = two.hub()
    yield hub
    drop(two, hub)


def drop(two: Two, hub: Hub) -> None:
    """Remove what a hub held: a doctor looks into each database of the server, and whoever vacuums it comes to each."""
    name = hub.warehouse.engine.url.database
    hub.warehouse.engine.dispose()
    with _of_all(two.made) as connection:
        connection.exec_driver_sql(f"drop database {name} with (force)")


def check_as_from_nothing(two: Two, hub: Hub, *datasets: Dataset) -> None:
    """What is held of these datasets, all by default, is what a load from nothing holds."""
    for dataset in datasets or DATASETS:
        assert held(hub, dataset) == two.held_from_nothing(dataset)


def reset(two: Two) -> None:
    """Put the source back as it was when it was read first, the versions of its rows too."""
    with _of_all(two.made) as connection:
        owner, rights = connection.exec_driver_sql(
            f"select datdba::regrole::text, datacl::text from pg_database where datname = '{SOURCE_DATABASE}'"
        ).one()
        connection.exec_driver_sql(f"drop database {SOURCE_DATABASE} with (force)")
        connection.exec_driver_sql(f"create database {SOURCE_DATABASE} template kept owner {owner}")
        connection.exec_driver_sql(f"update pg_database set datacl = '{rights}' where datname = '{SOURCE_DATABASE}'")


@contextmanager
def _of_all(made: Province) -> Iterator[sa.Connection]:
    """A connection that makes and drops databases."""
    with made.engine("postgres").connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


def from_raw(hub: Hub, dataset: Dataset) -> None:
    with hub.warehouse.engine.connect() as connection:
        cells = connection.execute(
            sa.text("""select period, unit_code from ops.cells where source = :source and dataset = :dataset
                and last_outcome = 'accepted' and (period >= '2024-10' or period = 'now')"""),
            {"source": dataset.source.name, "dataset": dataset.name},
        )
        asked = frozenset((row.period, row.unit_code) for row in cells)
    revalidate_dataset(hub, dataset, Request("test", asked, by_hand=True, from_raw=True))


def pulls(hub: Hub) -> list[tuple[str, str, int]]:
    """Of the open cells: dataset, kind and rows of each pull so far."""
    with hub.warehouse.engine.connect() as connection:
        rows = connection.exec_driver_sql("select dataset, kind, rows from ops.pulls where period >= '2024-10' order by id")
        return [tuple(row) for row in rows]


def change(two: Two, statement: str) -> int:
    with two.source() as connection, connection.begin():
        return connection.exec_driver_sql(statement).rowcount


def rows(hub: Hub, query: str, **values: Any) -> list[tuple[Any, ...]]:
    with hub.warehouse.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query), values)]


def _pays_less_than_a_million(frame: pd.DataFrame, moment: Moment) -> "pd.Series":
    return frame["amount_vnd"].fillna(0) < 1_000_000


def with_another_rule(dataset: Dataset) -> Dataset:
    """The dataset with a rule that sets rows aside which were accepted before."""
    another = Rule("pays_less_than_a_million", "Số tiền quá lớn.", "error", ("amount_vnd",), "-", "-", _pays_less_than_a_million)
    return dataclasses.replace(dataset, rules=(*dataset.rules, another), tolerated_share=1.0, shrink_share=1.0)
