"""Open data over real servers: from core rows to the shared warehouse and the files, once, whole, and seen by nobody else."""

import csv
import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from frictionless import Package

from assets.open_tables import tables_of
from assets.publishing import Published, publish
from resources.embedded import server
from resources.failures import Permanent
from resources.shared_warehouse import SharedWarehouse, shared_engine
from schemas import units
from schemas.dataset import PROVINCE
from schemas.registry import SOURCES
from tests.fixtures.outsider import Released, betrayed
from tests.integration.report_hub import DEFAULTS, PERSON, PROJECT, SmallHub, at, embedded_warehouse, small_hub

DECISION = "Quyết định mô phỏng số 01"
MERIT = "meritorious_persons"
PAYMENTS = f"{MERIT}.monthly_payments"
BY_WAY, MONEY = f"{MERIT}_payments_by_way", f"{MERIT}_amount_paid"
NIGHT = at("2024-11-20 02:00")
LATER = at("2024-11-21 02:00")
OCTOBER = "2024-10"
DISTRICTS = [u.code for u in units.submitting_units(dt.date(2024, 10, 31))]

DEFAULTS.setdefault("poverty.members", PERSON | {"member_number": 1, "head_relation_code": 1})
DEFAULTS.setdefault("labour_employment.vacancies", {"commune_code": "16681", "occupation_group_code": "2", "place_count": 7})


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    yield from embedded_warehouse()


@pytest.fixture
def hub(home: Path) -> Iterator[SmallHub]:
    yield from small_hub(home)


@pytest.fixture
def shared(home: Path, hub: SmallHub) -> Iterator[sa.Engine]:
    """An empty shared warehouse, and a hub that remembers no edition."""
    running = server(home)
    running.ensure_database("shared")
    engine = shared_engine(running.url("shared"))
    with engine.begin() as connection:
        connection.execute(sa.text("drop schema if exists open_data cascade"))
    with hub.engine.begin() as connection:
        connection.execute(sa.text("drop table if exists ops.open_editions"))
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
    for n, unit in enumerate(DISTRICTS):
        if unit not in but:
            hub.load(PAYMENTS, OCTOBER, unit, payments(unit, *other.get(f"u{unit}", usual.get(unit, (30 + n, 12, 5)))), when)
    hub.read(when)


def run(hub: SmallHub, shared: sa.Engine, home: Path, now: dt.datetime = NIGHT, source: str = MERIT) -> dict[str, Published]:
    found = publish(hub.engine, shared, home, source, None, now, DECISION)
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


# What is published ---------------------------------------------------------------------------------------------------


def test_figures_are_those_of_core_by_unit_and_dimension(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    done = run(hub, shared, home)
    rows = released(shared, BY_WAY)
    assert rows[OCTOBER, "430", "1"][:2] == (30 + DISTRICTS.index("430"), "published")
    assert rows[OCTOBER, "430", "total"][0] == 30 + DISTRICTS.index("430") + 17
    total = hub.rows("select count(*) as n from core.meritorious_persons_monthly_payments")[0].n
    assert rows[OCTOBER, PROVINCE, "total"][:2] == (total, "published")
    assert rows[OCTOBER, "415", "2"] == (None, "suppressed", "final")
    assert rows[OCTOBER, "415", "3"][:2] == (0, "published"), "zero is published"
    money = released(shared, MONEY)
    assert money[OCTOBER, PROVINCE][:2] == (total * 2_789_000, "published")
    assert not done[BY_WAY].unmatched
    assert done[BY_WAY].hidden > 0
    (release,) = releases(shared, BY_WAY)
    assert (release.version, release.decision, release.rows) == (1, DECISION, len(rows))


def test_no_hidden_cell_can_be_worked_out_from_what_anyone_reads(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    run(hub, shared, home)
    tables = [
        Released(
            name,
            name if name == MONEY else "files",
            tuple((k[1], k[2] if len(k) == 3 else "total", v[0], v[1]) for k, v in released(shared, name).items()),
        )
        for name in (BY_WAY, MONEY)
    ]
    assert any(status == "suppressed" for t in tables for *_, status in t.rows)
    assert betrayed(tables) == []


def test_money_and_rates_stand_over_ten_or_more(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub, u415=(5, 3, 0))
    run(hub, shared, home)
    assert released(shared, MONEY)[OCTOBER, "415"][:2] == (None, "suppressed")
    for unit in DISTRICTS:
        hub.load(
            "poverty.review_results",
            "2023",
            unit,
            [{"household_count": 400, "poor_count": 8 if unit == "415" else 30, "near_poor_count": 40}],
            NIGHT,
        )
    hub.read(NIGHT)
    run(hub, shared, home, source="poverty")
    rates = released(shared, "poverty_rates_by_class")
    assert rates["2023", "415", "1"][:2] == (None, "suppressed")
    assert (str(rates["2023", "416", "1"][0]), rates["2023", "416", "1"][1]) == ("7.50", "published")
    assert str(rates["2023", PROVINCE, "2"][0]) == "10.00"


def test_a_missing_unit_is_not_reported_and_the_province_with_it(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub, but=("420",))
    run(hub, shared, home)
    for name in (BY_WAY, MONEY):
        rows = released(shared, name)
        silent = {k[1] for k, v in rows.items() if v[1] == "not_reported"}
        assert silent == {"420", PROVINCE}
        assert all(v[0] is None for k, v in rows.items() if k[1] in silent)
        assert {v[2] for k, v in rows.items() if k[1] == PROVINCE} == {"provisional"}
    assert "chưa có số của Huyện Quỳ Hợp" in releases(shared, BY_WAY)[0].maturity_note
    hub.load(PAYMENTS, OCTOBER, "420", payments("420", 33, 3, 1), LATER)
    hub.read(LATER)
    run(hub, shared, home, LATER)
    rows = released(shared, BY_WAY)
    assert rows[OCTOBER, PROVINCE, "total"][1] == "published"
    assert rows[OCTOBER, "420", "1"][1] in ("published", "suppressed")
    assert [r.version for r in releases(shared, BY_WAY)] == [1, 2]


def test_a_declared_empty_unit_is_zero_not_missing(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub, u420=(0, 0, 0))
    run(hub, shared, home)
    rows = released(shared, BY_WAY)
    assert rows[OCTOBER, "420", "total"][:2] == (0, "published")
    assert rows[OCTOBER, PROVINCE, "total"][1] == "published"


def test_a_refused_unit_without_a_good_version_is_not_reported(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub, but=("420",))
    hub.load(PAYMENTS, OCTOBER, "420", payments("420", 9, 9), NIGHT, outcome="refused")
    hub.read(NIGHT)
    run(hub, shared, home)
    assert released(shared, BY_WAY)[OCTOBER, "420", "1"][:2] == (None, "not_reported")


def test_rows_without_a_commune_stand_apart_and_in_the_sum(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    rows = [{"district": unit, "channel_code": 1 + n % 3} for unit in DISTRICTS for n in range(27)]
    rows += [{"district": None, "channel_code": 1}] * 2 + [{"district": None, "channel_code": 2}] * 21
    hub.load("labour_employment.jobs_created", OCTOBER, PROVINCE, rows, NIGHT)
    hub.read(NIGHT)
    run(hub, shared, home, source="labour_employment")
    name = "labour_employment_jobs_created_by_channel"
    found = released(shared, name)
    assert found[OCTOBER, "unknown", "1"][:2] == (None, "suppressed")
    assert found[OCTOBER, PROVINCE, "total"][:2] == (len(rows), "published")
    table = Released(name, "jobs", tuple((k[1], k[2], v[0], v[1]) for k, v in found.items()))
    assert betrayed([table]) == []


def test_a_period_before_the_end_of_its_due_day_is_not_published(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """November's lists are due on the 19th: nothing on the 19th, all on the 20th. A flow of November waits for December."""
    for unit in DISTRICTS:
        hub.load(PAYMENTS, "2024-11", unit, payments(unit, 30, 20), at("2024-11-18 02:00"))
    hub.load("labour_employment.jobs_created", "2024-11", PROVINCE, [{"district": "415"}] * 40, at("2024-11-18 02:00"))
    hub.read(at("2024-11-19 02:00"))
    assert run(hub, shared, home, at("2024-11-19 02:00"))[BY_WAY].release is None
    hub.read(NIGHT)
    assert run(hub, shared, home)[BY_WAY].standing == ("2024-11",)
    assert not any(p.standing for p in run(hub, shared, home, source="labour_employment").values())


def test_a_register_shows_the_month_in_which_it_was_read(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    def profiles(active: int, ended: int) -> list[dict]:
        return [{"is_relative": n % 2 == 0} for n in range(active)] + [
            {"entitled_until": dt.date(2024, 11, 1)} for _ in range(ended)
        ]

    for unit in DISTRICTS:
        hub.load(f"{MERIT}.profiles", "now", unit, profiles(40, 3), NIGHT)
    hub.read(NIGHT)
    run(hub, shared, home)
    name = f"{MERIT}_profiles_by_relative"
    assert released(shared, name)["2024-11", "415", "total"][0] == 40, "entitled on the first of the month"
    for unit in DISTRICTS:
        hub.load(f"{MERIT}.profiles", "now", unit, profiles(60, 0), at("2024-12-02 02:00"))
    hub.read(at("2024-12-02 02:00"))
    run(hub, shared, home, at("2024-12-02 02:00"))
    rows = released(shared, name)
    assert rows["2024-12", "415", "total"][0] == 60
    assert rows["2024-11", "415", "total"][0] == 40, "a month that is over keeps what was said in it"
    assert ("2024-12", "413", "total") not in rows, "Cửa Lò is no unit any more"


def test_a_period_without_any_cell_keeps_its_former_rows(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    run(hub, shared, home)
    before = released(shared, BY_WAY)
    with hub.engine.begin() as connection:
        connection.execute(sa.text("truncate ops.cells, history.meritorious_persons_monthly_payments, ops.open_editions"))
    run(hub, shared, home, LATER)
    assert released(shared, BY_WAY) == before


def test_people_are_counted_once_across_their_files(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Six payments to the files of three people are as small as three."""
    load_payments(hub, u421=(40, 20, 6))
    for unit in DISTRICTS:
        rows = [{"profile_id": f"{unit}-{n}", "identity_number": f"0401500{n:05d}"} for n in range(60)]
        if unit == "421":
            rows += [{"profile_id": f"421-{n}", "identity_number": f"0401600{n // 2:05d}"} for n in range(60, 66)]
        hub.load(f"{MERIT}.profiles", "now", unit, rows, NIGHT)
    hub.read(NIGHT)
    run(hub, shared, home)
    assert released(shared, BY_WAY)[OCTOBER, "421", "3"][:2] == (None, "suppressed")


# Once, and whole -----------------------------------------------------------------------------------------------------


def test_the_same_content_makes_no_release(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    first = run(hub, shared, home)
    assert first[BY_WAY].is_new and first[BY_WAY].periods == (OCTOBER,)
    folder = home / "open" / BY_WAY
    was = folder.resolve()
    second = run(hub, shared, home, LATER)
    assert not second[BY_WAY].is_new
    assert second[BY_WAY].periods == ()
    assert len(releases(shared, BY_WAY)) == 1
    assert folder.resolve() == was
    hub.load(PAYMENTS, OCTOBER, "415", payments("415", 12, 3, 0), LATER)  # sent again, the same
    hub.read(LATER)
    run(hub, shared, home, LATER)
    assert released(shared, BY_WAY)[OCTOBER, "430", "1"][1] == "published"


def test_an_edition_that_betrays_a_small_change_holds_that_unit(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    run(hub, shared, home)
    before = released(shared, BY_WAY)
    assert before[OCTOBER, "415", "3"][0] == 0
    hub.load(PAYMENTS, OCTOBER, "415", payments("415", 12, 3, 2), LATER)
    hub.load(PAYMENTS, OCTOBER, "430", payments("430", 60, 12, 5), LATER)
    hub.read(LATER)
    done = run(hub, shared, home, LATER)
    after = released(shared, BY_WAY)
    assert done[BY_WAY].held == {OCTOBER: ("415",)}
    assert after[OCTOBER, "415", "3"][0] == 0
    assert after[OCTOBER, "430", "1"][0] == 60
    grown = 60 - before[OCTOBER, "430", "1"][0]
    assert after[OCTOBER, PROVINCE, "total"][0] == before[OCTOBER, PROVINCE, "total"][0] + grown
    assert "giữ số của bản trước" in releases(shared, BY_WAY)[-1].maturity_note


def test_a_hub_brought_back_from_a_backup_still_knows_what_was_shown(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    run(hub, shared, home)
    with hub.engine.begin() as connection:
        connection.execute(sa.text("truncate ops.open_editions"))
    hub.load(PAYMENTS, OCTOBER, "415", payments("415", 12, 3, 2), LATER)
    hub.read(LATER)
    assert run(hub, shared, home, LATER)[BY_WAY].held == {OCTOBER: ("415",)}


KILLED = """
import os, signal, sys
import sqlalchemy as sa
from pathlib import Path
from assets import publishing
from resources import open_files, shared_warehouse
import datetime as dt

def die(*a, **k):
    os.kill(os.getpid(), signal.SIGKILL)

where = sys.argv[4]
if where == "before the shared warehouse":
    shared_warehouse.SharedWarehouse.replace = die
elif where == "inside the transaction":
    copy = shared_warehouse._copy
    shared_warehouse._copy = lambda *a: (copy(*a), die())
elif where == "between the tables":
    replace = shared_warehouse.SharedWarehouse.replace
    told = []
    def once(self, *a):
        if told:
            die()
        told.append(1)
        return replace(self, *a)
    shared_warehouse.SharedWarehouse.replace = once
elif where == "before the files":
    open_files.write = die
elif where == "inside the files":
    open_files._package = die
elif where == "before the link":
    open_files._point = die
else:
    raise SystemExit(where)
publishing.publish(
    sa.create_engine(sys.argv[1]), sa.create_engine(sys.argv[2]), Path(sys.argv[3]), "meritorious_persons", None,
    dt.datetime.fromisoformat(sys.argv[5]), "Quyết định mô phỏng số 01",
)
raise SystemExit("not killed")
"""


@pytest.mark.parametrize(
    "where",
    [
        "before the shared warehouse",
        "inside the transaction",
        "between the tables",
        "before the files",
        "inside the files",
        "before the link",
    ],
)
def test_a_crash_leaves_the_former_state_whole_and_the_next_night_mends_it(
    hub: SmallHub, shared: sa.Engine, home: Path, where: str
) -> None:
    load_payments(hub)
    run(hub, shared, home)
    assert_whole(shared, home, MONEY)
    for unit in DISTRICTS[8:]:
        hub.load(PAYMENTS, OCTOBER, unit, payments(unit, 90, 40, 20), LATER)
    hub.read(LATER)
    urls = [server(home).url(name) for name in ("warehouse", "shared")]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *urls, str(home), where, LATER.isoformat()],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    for name in (BY_WAY, MONEY):
        # The folder is one release, the former or the new; the table is too.
        assert_package_is_whole(home, name)
        assert len(releases(shared, name)) in (1, 2)
        latest = releases(shared, name)[-1]
        assert len(released(shared, name)) == latest.rows
    run(hub, shared, home, LATER)
    for name in (BY_WAY, MONEY):
        assert_whole(shared, home, name)
        assert len(releases(shared, name)) == 2, "the crash made no release of its own"
    left = [p.name for p in (home / "open" / ".releases" / BY_WAY).iterdir()]
    assert not [n for n in left if n.startswith(".making-")] and len(left) <= 2


def test_damaged_files_are_made_anew(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    run(hub, shared, home)
    damaged = home / "open" / BY_WAY / f"{BY_WAY}.csv"
    damaged.write_bytes(damaged.read_bytes()[:-40])
    assert not Package(home / "open" / BY_WAY / "datapackage.json").validate().valid
    run(hub, shared, home, LATER)
    assert_whole(shared, home, BY_WAY)


# Files ---------------------------------------------------------------------------------------------------------------


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
    with (home / "open" / name / f"{name}.csv").open(encoding="utf-8", newline="") as f:
        header, *written = list(csv.reader(f))
    assert header == columns
    assert {tuple(r) for r in written} == table
    assert len(written) == latest.rows
    parquet = pq.read_table(home / "open" / name / f"{name}.parquet")
    assert {tuple("" if v is None else str(v) for v in r.values()) for r in parquet.to_pylist()} == table


def test_files_are_the_table_and_a_valid_data_package(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    done = run(hub, shared, home)
    for name, published in done.items():
        if published.release is not None:
            assert_whole(shared, home, name)
    described = assert_package_is_whole(home, BY_WAY)
    assert described["decision"] == DECISION and described["is_synthetic"] is True
    assert described["licenses"] and described["sources"] and described["title"]
    table = described["resources"][0]
    assert table["bytes"] == (home / "open" / BY_WAY / table["path"]).stat().st_size
    fields = {f["name"]: f for f in table["schema"]["fields"]}
    assert all(f["title"] and f["description"] for f in fields.values())
    assert fields["value"]["type"] == "integer"
    assert table["schema"]["primaryKey"] == ["period", "unit_code", "payment_way_code"]
    with shared.connect() as connection:
        comment = connection.execute(sa.text(f"select obj_description('open_data.{BY_WAY}'::regclass)")).scalar()
    assert "theo hình thức chi trả" in comment


def test_open_data_names_nobody(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """A mark planted in every personal field is in no file, table, release or package."""
    mark = "NGUOIBIDANHDAU"
    for unit in DISTRICTS:
        rows = [
            {"profile_id": f"{unit}-{mark}-{n}", "full_name": mark, "identity_number": f"99{n:010d}", "hamlet": mark}
            for n in range(20)
        ]
        hub.load(f"{MERIT}.profiles", "now", unit, rows, NIGHT)
    load_payments(hub)
    run(hub, shared, home)
    assert (home / "open" / f"{MERIT}_profiles_by_relative").exists()
    for path in (home / "open").rglob("*"):
        if path.is_file():
            assert mark.encode() not in path.read_bytes() and b"99000000" not in path.read_bytes()
    with hub.engine.connect() as connection:
        kept = connection.execute(sa.text("select string_agg(facts::text, '') from ops.open_editions")).scalar()
    assert mark not in kept


# Rights --------------------------------------------------------------------------------------------------------------


def reader(home: Path, database: str) -> sa.Engine:
    return sa.create_engine(server(home).url(database, "open_reader"), poolclass=sa.NullPool)


def refused(engine: sa.Engine, statement: str) -> str:
    """The error code with which the server refuses a statement."""
    try:
        with engine.begin() as connection:
            connection.execute(sa.text(statement))
    except sa.exc.DBAPIError as error:
        return getattr(error.orig, "pgcode", None) or str(error.orig)
    raise AssertionError(f"the reader may: {statement}")


def test_open_reader_reads_open_data_and_nothing_else(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    running = server(home)
    running.ensure_database("source_social_protection")
    with sa.create_engine(running.url("source_social_protection"), poolclass=sa.NullPool).begin() as connection:
        for statement in (
            "drop table if exists btxh_doi_tuong",
            "create table btxh_doi_tuong (ma_doi_tuong text)",
            "do $$ begin create role social_protection_reader login; exception when duplicate_object then null; end $$",
            "grant select on btxh_doi_tuong to social_protection_reader",
        ):
            connection.execute(sa.text(statement))
    with shared.begin() as connection:
        for statement in (
            "drop schema if exists catalogue cascade",
            "create schema catalogue",
            "create table catalogue.t (x int)",
        ):
            connection.execute(sa.text(statement))
        connection.execute(sa.text("create table if not exists public.left_over (x int)"))
    load_payments(hub)
    run(hub, shared, home)

    here = reader(home, "shared")
    with here.connect() as connection:
        assert connection.execute(sa.text(f"select count(*) from open_data.{BY_WAY}")).scalar()
        assert connection.execute(sa.text("select count(*) from open_data.releases")).scalar()
        visible = connection.execute(
            sa.text("""select n.nspname || '.' || relname from pg_class c join pg_namespace n on n.oid = relnamespace
                where relkind in ('r', 'v', 'm', 'p', 'f') and has_table_privilege(c.oid, 'select')
                and has_schema_privilege(n.oid, 'usage') and nspname not in ('pg_catalog', 'information_schema', 'open_data')
                and nspname not like 'pg_toast%'""")
        ).all()
        assert visible == []
    denied = "42501"
    assert refused(here, "select * from catalogue.t") == denied
    assert refused(here, "select * from public.left_over") == denied
    read_only = {denied, "25006"}
    for statement in (
        f"insert into open_data.{BY_WAY} select * from open_data.{BY_WAY}",
        f"delete from open_data.{BY_WAY}",
        "delete from open_data.releases",
        "create table open_data.x (x int)",
        "create table public.x (x int)",
        "create temporary table x (x int)",
        f"drop table open_data.{BY_WAY}",
    ):
        assert refused(here, statement) in read_only, statement
        assert refused(here, f"set default_transaction_read_only = off; commit; begin; {statement}") in read_only, statement
    for database in ("warehouse", "postgres", "source_social_protection"):
        assert "permission denied for database" in refused(reader(home, database), "select 1"), database
    # Those who had a right of their own in a closed database still come in.
    own = sa.create_engine(running.url("source_social_protection", "social_protection_reader"), poolclass=sa.NullPool)
    with own.connect() as connection:
        assert connection.execute(sa.text("select count(*) from btxh_doi_tuong")).scalar() == 0


def test_a_publisher_without_rights_says_what_is_missing_and_works_once_it_is_there(
    hub: SmallHub, shared: sa.Engine, home: Path
) -> None:
    """In production the publisher is no superuser, and the warehouse's administrator owns the rest."""
    with shared.begin() as connection:
        for statement in (
            "do $$ begin create role publisher login; exception when duplicate_object then null; end $$",
            "grant connect on database shared to publisher",
            "create schema if not exists catalogue",
        ):
            connection.execute(sa.text(statement))
    engine = shared_engine(server(home).url("shared", "publisher"))
    load_payments(hub)
    elsewhere = home / "elsewhere"  # not the embedded server's own home: nothing outside open_data may be touched
    with pytest.raises(Permanent, match="create schema open_data authorization") as told:
        publish(hub.engine, engine, elsewhere, MERIT, None, NIGHT, DECISION)
    assert "thiếu quyền" in str(told.value)
    with shared.begin() as connection:
        connection.execute(sa.text("create schema open_data authorization publisher"))
        connection.execute(sa.text("grant usage on schema open_data to open_reader"))
    found = {p.name: p for p in publish(hub.engine, engine, elsewhere, MERIT, None, NIGHT, DECISION)}
    assert found[BY_WAY].is_new
    with reader(home, "shared").connect() as connection:
        assert connection.execute(sa.text(f"select count(*) from open_data.{BY_WAY}")).scalar()
    engine.dispose()


def test_what_else_the_reader_could_read_is_named(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    run(hub, shared, home)
    assert SharedWarehouse(shared).readable_elsewhere() == []
    with shared.begin() as connection:
        for statement in (
            "create schema if not exists other",
            "create table if not exists other.t (x int)",
            "grant usage on schema other to public",
            "grant select on other.t to public",
        ):
            connection.execute(sa.text(statement))
    assert SharedWarehouse(shared).readable_elsewhere() == ["other.t"]
    with shared.begin() as connection:
        connection.execute(sa.text("drop schema other cascade"))


def test_nothing_is_published_without_a_decision(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    for nothing in (None, "", "  "):
        assert publish(hub.engine, shared, home, MERIT, None, NIGHT, nothing) == []
    with shared.connect() as connection:
        assert connection.execute(sa.text("select to_regnamespace('open_data')")).scalar() is None
    assert not (home / "open").exists()


def test_every_declared_table_of_every_system_can_be_asked(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Each table's query runs against the real warehouse, with a row of its own kind in every unit."""
    hub.month(NIGHT, period=OCTOBER)
    for name in ("poverty.households", "poverty.members", "poverty.review_results", "labour_employment.workers"):
        hub.load_all(name, "2023", NIGHT)
    hub.load_all("labour_employment.vacancies", "2024-Q3", NIGHT)
    hub.read(NIGHT)
    for source in SOURCES:
        done = run(hub, shared, home, source=source.name)
        assert len(done) == len(tables_of(source)) >= 2
        for published in done.values():
            assert published.release is not None, published.name
            assert published.unmatched == ()


# In Dagster ----------------------------------------------------------------------------------------------------------


def test_a_run_for_a_period_marks_it_and_checks_it(
    hub: SmallHub, shared: sa.Engine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dagster as dg

    from assets.open import open_assets, open_key
    from schemas.registry import source_named

    for name in ("WAREHOUSE_URL", "SHARED_WAREHOUSE_URL", "ANSINH_RELEASE_DECISION", "ANSINH_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ANSINH_HOME", str(home))
    (home / "clock").write_text("2024-11-20", encoding="ascii")
    load_payments(hub)
    steps = open_assets(source_named(MERIT))
    key = open_key(MERIT, "payments_by_way")
    instance = dg.DagsterInstance.ephemeral()

    def asked(period: str, **tags: str) -> dg.ExecuteInProcessResult:
        return dg.materialize(steps, partition_key=period, instance=instance, tags=tags, raise_on_error=False)

    done = asked(OCTOBER)
    assert done.success
    assert instance.get_materialized_partitions(key) == {OCTOBER}
    checks = {(c.asset_key, c.check_name): c.passed for c in done.get_asset_check_evaluations()}
    assert checks[key, "no_cell_reveals_a_person"] and checks[key, "matches_core_totals"]
    assert len(checks) == 2 * len(tables_of(MERIT))
    assert len(releases(shared, BY_WAY)) == 1
    assert asked(OCTOBER).success, "asked again, it stands as it should"
    assert len(releases(shared, BY_WAY)) == 1
    # A period of which nothing may be published is said, not passed over.
    early = asked("2024-12")
    assert not early.success
    (failure,) = [e for e in early.all_events if e.is_step_failure]
    assert "kỳ chưa hết hạn nộp" in failure.step_failure_data.user_failure_data.description
    assert asked("2024-12", **{"ansinh/correction": "2024-12"}).success, "the follow-up of a late cell asks for what there is"


def test_production_without_a_decision_reports_it_and_publishes_nothing(
    hub: SmallHub, shared: sa.Engine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dagster as dg

    from assets.open import open_assets
    from schemas.registry import source_named

    load_payments(hub)
    monkeypatch.setenv("ANSINH_HOME", str(home))
    monkeypatch.setenv("ANSINH_PROFILE", "production")
    monkeypatch.setenv("WAREHOUSE_URL", server(home).url("warehouse"))
    monkeypatch.delenv("ANSINH_RELEASE_DECISION", raising=False)
    said = {}
    for given in (None, server(home).url("shared")):
        if given:
            monkeypatch.setenv("SHARED_WAREHOUSE_URL", given)
        else:
            monkeypatch.delenv("SHARED_WAREHOUSE_URL", raising=False)
        done = dg.materialize(open_assets(source_named(MERIT)), partition_key=OCTOBER, instance=dg.DagsterInstance.ephemeral())
        assert done.success
        evaluations = done.get_asset_check_evaluations()
        assert not any(c.passed for c in evaluations)
        assert all(c.severity == dg.AssetCheckSeverity.WARN for c in evaluations)
        said[given] = evaluations[0].description
    assert "SHARED_WAREHOUSE_URL" in said[None]
    assert "ANSINH_RELEASE_DECISION" in said[given]
    with shared.connect() as connection:
        assert connection.execute(sa.text("select to_regnamespace('open_data')")).scalar() is None
