"""A source whose users change it at will, and hubs on warehouses of their own that read it: do two of them end alike?"""

import dataclasses
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import sqlalchemy as sa

from assets.cells.run import Outcome, Request, revalidate_dataset, sync_dataset
from resources.connectors.postgresql.snapshot import Snapshot, snapshot
from resources.hub import Hub
from schemas.dataset import Dataset
from schemas.sources.social_protection import BENEFICIARIES, MONTHLY_PAYMENTS
from tests.integration.province import Province, province

SOURCE = "social_protection"
# A refusal looks back at what was held, which a load from nothing has not: here cells are refused only when all is bad.
DATASETS = tuple(dataclasses.replace(d, shrink_share=1.0, tolerated_share=1.0) for d in (BENEFICIARIES, MONTHLY_PAYMENTS))
OPEN = "thang >= date '2024-10-01'"  # the months that no lock closes on the demo's first day


@dataclass
class Two:
    """A source, and hubs on warehouses of their own."""

    made: Province
    made_databases: list[str] = field(default_factory=list)

    def hub(self, template: str | None = None) -> Hub:
        name = f"hub_{len(self.made_databases)}"
        self.made_databases.append(name)
        self.made.server.ensure_database("postgres")
        with self.made.engine("postgres").execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql(f"create database {name}" + (f" template {template}" if template else ""))
        environment = {"ANSINH_HOME": str(self.made.home), "WAREHOUSE_URL": self.made.server.url(name)}
        with mock.patch.dict(os.environ, environment):
            hub = Hub.open()
            assert hub.warehouse
        return hub

    @contextmanager
    def snapshot(self, hub: Hub) -> Iterator[Snapshot]:
        with mock.patch.dict(os.environ, {"ANSINH_HOME": str(self.made.home)}):
            url = hub.settings.source_url(SOURCE)
            assert url is not None
            with snapshot(BENEFICIARIES.source, url) as opened:
                yield opened

    def night(self, hub: Hub, **asked: Any) -> list[Outcome]:
        with self.snapshot(hub) as opened:
            return [sync_dataset(hub, dataset, opened, Request("test", **asked)) for dataset in DATASETS]

    def source(self) -> sa.Connection:
        return self.made.engine(f"source_{SOURCE}", f"{SOURCE}_owner").connect()


def two_hubs() -> Iterator[Two]:
    """Made once for a file: a source whose rows can be put back, and a hub that has read it, from which others are copied."""
    with province("0.002") as made:
        found = Two(made)
        with found.source() as connection, connection.begin():
            for dataset in DATASETS:
                table = dataset.source_table
                # A source need not keep its keys: here it keeps none.
                for (name,) in connection.exec_driver_sql(
                    f"select conname from pg_constraint where conrelid = '{table}'::regclass and contype in ('p', 'u', 'f')"
                ).all():
                    connection.exec_driver_sql(f"alter table {table} drop constraint {name} cascade")
                for c in dataset.columns:
                    connection.exec_driver_sql(f"alter table {table} alter column {c.source_column} drop not null")
                connection.exec_driver_sql(f"create table kept_{table} as select * from {table}")
        hub = found.hub()
        found.night(hub)
        hub.warehouse.engine.dispose()
        yield found


def fresh_hub(two: Two) -> Iterator[Hub]:
    """A hub that has read the source as it stands."""
    reset(two)
    found = two.hub("hub_0")
    two.night(found)
    yield found
    found.warehouse.engine.dispose()


def held(hub: Hub, dataset: Dataset) -> dict[str, Any]:
    """What a warehouse holds of a dataset's open cells, refused ones apart."""
    where = {"source": dataset.source.name, "dataset": dataset.name}
    names = ", ".join(c.name for c in dataset.columns)
    refused = "select period, unit_code from ops.cells where source = :source and dataset = :dataset and last_outcome = 'refused'"
    inside = f"(period >= '2024-10' or period = 'now') and (period, unit_code) not in ({refused})"
    mine = f"source = :source and dataset = :dataset and {inside}"
    queries = {
        "rows": f"select period, unit_code, row_key, district_code, source_key, {names} from history.{dataset.table} "
        f"where recorded_to is null and {inside}",
        "quarantine": f"select period, unit_code, row_key, source_key, declared_key, received::text, failures::text "
        f"from quarantine.rows where resolved_at is null and {mine}",
        "remarks": f"select period, unit_code, row_key, kind, rule, message from quarantine.remarks "
        f"where resolved_at is null and not over_set and {mine}",
        "cells": f"select period, unit_code, last_outcome, rows_received, rows_accepted, rows_rejected, key_sum, content_sum "
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
    hub.warehouse.engine.dispose()


def check_as_from_nothing(two: Two, hub: Hub, *datasets: Dataset) -> None:
    """What is held of these datasets, all by default, is what a load from nothing holds."""
    with nothing_read(two) as other:
        two.night(other)
        for dataset in datasets or DATASETS:
            assert held(hub, dataset) == held(other, dataset)


def reset(two: Two) -> None:
    with two.source() as connection, connection.begin():
        for dataset in DATASETS:
            connection.exec_driver_sql(f"delete from {dataset.source_table}")
            connection.exec_driver_sql(f"insert into {dataset.source_table} select * from kept_{dataset.source_table}")


def from_raw(hub: Hub, dataset: Dataset) -> None:
    with hub.warehouse.engine.connect() as connection:
        cells = connection.execute(
            sa.text("""select period, unit_code from ops.cells where source = :source and dataset = :dataset
                and last_outcome = 'accepted' and (period >= '2024-10' or period = 'now')"""),
            {"source": dataset.source.name, "dataset": dataset.name},
        )
        asked = frozenset((row.period, row.unit_code) for row in cells)
    revalidate_dataset(hub, dataset, Request("test", asked, from_raw=True))


def pulls(hub: Hub) -> list[tuple[str, str, int]]:
    """Of the open cells: dataset, kind and rows of each pull so far."""
    with hub.warehouse.engine.connect() as connection:
        rows = connection.exec_driver_sql("select dataset, kind, rows from ops.pulls where period >= '2024-10' order by id")
        return [tuple(row) for row in rows]


def change(two: Two, statement: str) -> int:
    with two.source() as connection, connection.begin():
        return connection.exec_driver_sql(statement).rowcount
