"""A hub and a shared warehouse for the tests of open data: October's payment lists of every district, and how to look at them."""

import csv
import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import sqlalchemy as sa
from frictionless import Package

from assets.open.publish import Published, publish
from resources.embedded import server
from resources.servers import connecting
from schemas import units
from schemas.registry import dataset_named
from tests.integration.report_hub import DEFAULTS, PERSON, SmallHub, at

SECRET = bytes(range(32))
SOMEBODY = "nguoi_doc"
DECISION = "Quyết định mô phỏng số 01"
MERIT = "meritorious_persons"
PAYMENTS = f"{MERIT}.monthly_payments"
BY_WAY, MONEY = f"{MERIT}_payments_by_way", f"{MERIT}_amount_paid"
NIGHT = at("2024-11-20 02:00")
LATER = at("2024-11-21 02:00")
OCTOBER = "2024-10"
DISTRICTS = [u.code for u in units.submitting_units(dt.date(2024, 10, 31))]

DEFAULTS.setdefault("poverty.members", PERSON | {"member_number": 1, "head_relation_code": 1})
DEFAULTS.setdefault("job_service.vacancies", {"commune_code": "16681", "training_level_code": 2, "place_count": 7})
DEFAULTS.setdefault("labour_employment.vacancies", {"commune_code": "16681", "occupation_group_code": "2", "place_count": 7})


def empty_shared(home: Path, hub: SmallHub) -> Iterator[sa.Engine]:
    """An empty shared warehouse, and a hub that published nothing; for a fixture to yield from."""
    running = server(home)
    running.ensure_database("shared")
    engine = connecting.engine(running.url("shared"))
    with engine.begin() as connection:
        connection.execute(sa.text("drop schema if exists open_data cascade"))
    with hub.engine.begin() as connection:
        connection.execute(sa.text("truncate ops.open_instants, ops.open_parts, ops.open_figures, ops.open_secret"))
    shutil.rmtree(home / "open", ignore_errors=True)
    yield engine
    engine.dispose()


def payments(unit: str, cash: int, bank: int, wallet: int = 0) -> list[dict]:
    ways = [1] * cash + [2] * bank + [3] * wallet
    return [{"profile_id": f"{unit}-{n}", "payment_way_code": way, "amount_vnd": 2_789_000} for n, way in enumerate(ways)]


def load_payments(hub: SmallHub, when: dt.datetime = NIGHT, but: tuple[str, ...] = (), **other: tuple[int, int, int]) -> None:
    """October's lists of every district but some: large, with a few small cells in the west."""
    hub.read(when)
    usual = {"415": (12, 3, 0), "416": (14, 7, 2), "417": (9, 6, 0), "422": (11, 2, 1)}
    ways = {unit: other.get(f"u{unit}", usual.get(unit, (30 + n, 12, 5))) for n, unit in enumerate(DISTRICTS)}
    hub.load_cells(PAYMENTS, OCTOBER, {unit: payments(unit, *of) for unit, of in ways.items() if unit not in but}, when)
    hub.read(when)


def run(
    hub: SmallHub, shared: sa.Engine, home: Path, now: dt.datetime = NIGHT, source: str = MERIT, *, is_night: bool = True
) -> dict[str, Published]:
    found = publish(hub.engine, shared, home, source, None, lambda: now, DECISION, SECRET, is_night=is_night)
    return {p.name: p for p in found}


def released(shared: sa.Engine, name: str) -> dict[tuple[str, ...], tuple]:
    """(period, unit[, category]) to (value, status, maturity)."""
    with shared.connect() as connection:
        result = connection.execute(sa.text(f"select * from open_data.{name}"))
        has_dimension = len(result.keys()) == 8
        return {(r[0], r[1], *((r[3],) if has_dimension else ())): tuple(r[-3:]) for r in result}


def releases(shared: sa.Engine, name: str) -> list:
    with shared.connect() as connection:
        return list(
            connection.execute(sa.text("select * from open_data.releases where dataset = :n order by version"), {"n": name})
        )


def add_payments(hub: SmallHub, unit: str, amounts: list[int], when: dt.datetime) -> None:
    """Rows that join a cell, the others untouched: as a load of the difference leaves them."""
    dataset = dataset_named(PAYMENTS)
    with hub.engine.begin() as connection:
        hub._insert(connection, dataset, OCTOBER, [(unit, {"amount_vnd": amount}) for amount in amounts], when)
        connection.execute(
            sa.text("""update ops.cells set changed_at = :now, rows_accepted = rows_accepted + :n, rows_received = rows_received + :n
                where dataset = 'monthly_payments' and source = :source and period = :period and unit_code = :unit"""),
            {"now": when, "n": len(amounts), "source": MERIT, "period": OCTOBER, "unit": unit},
        )


def assert_package_is_whole(home: Path, name: str) -> dict:
    package = home / "open" / name / "datapackage.json"
    report = Package(package).validate()
    assert report.valid, report.flatten(["type", "note"])
    return json.loads(package.read_text(encoding="utf-8"))


def assert_whole(shared: sa.Engine, home: Path, name: str) -> None:
    """The files are the table: the same release, the same rows."""
    described = assert_package_is_whole(home, name)
    latest = releases(shared, name)[-1]
    assert (described["version"], described["sha256"]) == (str(latest.version), latest.sha256)
    with shared.connect() as connection:
        rows = connection.execute(sa.text(f"select * from open_data.{name}"))
        columns, table = list(rows.keys()), {tuple("" if v is None else str(v) for v in r) for r in rows}
    with (home / "open" / name / f"{name}.csv").open(encoding="utf-8-sig", newline="") as f:
        header, *written = list(csv.reader(f))
    assert header == columns
    assert {tuple(r) for r in written} == table
    assert len(written) == latest.rows
    parquet = pq.read_table(home / "open" / name / f"{name}.parquet")
    assert {tuple("" if v is None else str(v) for v in r.values()) for r in parquet.to_pylist()} == table


def reader(home: Path, database: str) -> sa.Engine:
    """Somebody who reads open data, by a login of his own."""
    with sa.create_engine(server(home).url("shared"), poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql(
            f"do $$ begin create role {SOMEBODY} login in role open_reader; exception when duplicate_object then null; end $$"
        )
    return sa.create_engine(server(home).url(database, SOMEBODY), poolclass=sa.NullPool)
