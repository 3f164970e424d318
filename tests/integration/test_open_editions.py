"""Open data, once and whole: nights, editions, crashes, files."""

import datetime as dt
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from frictionless import Package

from resources.embedded import server
from schemas.dataset import PROVINCE
from tests.integration.open_hub import (
    BY_WAY,
    DECISION,
    DISTRICTS,
    LATER,
    MERIT,
    MONEY,
    NIGHT,
    OCTOBER,
    PAYMENTS,
    add_payments,
    assert_package_is_whole,
    assert_whole,
    load_payments,
    payments,
    released,
    releases,
    run,
)
from tests.integration.report_hub import PROJECT, SmallHub

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


def test_two_editions_subtracted_give_no_amount_of_a_few_people(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """One late payment is a count more at once; its amount waits until ten rows have changed."""
    load_payments(hub)
    run(hub, shared, home)
    first = released(shared, MONEY)
    add_payments(hub, "430", [7_654_321], LATER)
    run(hub, shared, home, LATER)
    assert released(shared, BY_WAY)[OCTOBER, "430", "1"][0] == 30 + DISTRICTS.index("430") + 1
    second = released(shared, MONEY)
    assert (second[OCTOBER, "430"], second[OCTOBER, PROVINCE]) == (first[OCTOBER, "430"], first[OCTOBER, PROVINCE])
    again = LATER + dt.timedelta(days=1)
    add_payments(hub, "430", [1_000_000] * 9, again)
    done = run(hub, shared, home, again)
    third = released(shared, MONEY)
    assert third[OCTOBER, "430"][0] == first[OCTOBER, "430"][0] + 7_654_321 + 9_000_000
    assert third[OCTOBER, PROVINCE][0] == first[OCTOBER, PROVINCE][0] + 7_654_321 + 9_000_000
    assert done[MONEY].held == {} and done[MONEY].unmatched == ()


def test_an_amount_that_covered_for_another_stays_hidden(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Shown in a later edition, it would give away by the totals of the earlier one what it covered for."""
    load_payments(hub, u415=(5, 3, 0), u416=(8, 4, 0), u417=(40, 20, 0))
    run(hub, shared, home)
    first = {u for (period, u), row in released(shared, MONEY).items() if row[1] == "suppressed" and period == OCTOBER}
    assert "415" in first and len(first) > 1
    hub.load(PAYMENTS, OCTOBER, "417", payments("417", 6, 5, 0), LATER)
    hub.read(LATER)
    run(hub, shared, home, LATER)
    second = {u for (period, u), row in released(shared, MONEY).items() if row[1] == "suppressed" and period == OCTOBER}
    assert first - {"417"} <= second


def test_who_only_changed_otherwise_does_not_cover_for_one_amount(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """All rows of the unit come anew, nine with another commune, one with arrears: the difference would be that one's."""
    load_payments(hub)
    run(hub, shared, home)
    first = released(shared, MONEY)
    again = payments("430", 30 + DISTRICTS.index("430"), 12, 5)
    for row in again[1:10]:
        row["commune_code"] = "17329"
    again[0]["arrears_vnd"] = 7_654_321
    hub.load(PAYMENTS, OCTOBER, "430", again, LATER)
    hub.read(LATER)
    run(hub, shared, home, LATER)
    assert released(shared, MONEY)[OCTOBER, "430"] == first[OCTOBER, "430"]
    assert released(shared, MONEY)[OCTOBER, PROVINCE] == first[OCTOBER, PROVINCE]


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
from assets.open.publish import publish
from resources.publication import files
from resources.publication import shared_warehouse
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
    files.write = die
elif where == "inside the files":
    files._package = die
elif where == "before the link":
    files._point = die
else:
    raise SystemExit(where)
publish(
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
