"""Open data, once and whole: nights, crashes, secrets, the first publication by the rule, files."""

import codecs
import csv
import os
import signal
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa
from frictionless import Package

from assets.open.failures import OtherSecret
from assets.open.publish import publish
from resources.embedded import server
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
    SECRET,
    assert_package_is_whole,
    assert_whole,
    load_payments,
    payments,
    released,
    releases,
    run,
)
from tests.integration.report_hub import SmallHub, at
from tests.integration.warm import warm

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


def test_a_warehouse_that_lost_what_it_made_makes_the_same_again(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    run(hub, shared, home)
    with hub.engine.begin() as connection:
        connection.execute(sa.text("truncate ops.open_parts"))
    done = run(hub, shared, home, LATER)
    assert done[BY_WAY].periods == (OCTOBER,) and not done[BY_WAY].is_new


def test_a_table_that_was_touched_is_put_right(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    run(hub, shared, home)
    before = released(shared, BY_WAY)
    with shared.begin() as connection:
        connection.exec_driver_sql(f"update open_data.{BY_WAY} set value = 5 where value_status = 'published'")
    run(hub, shared, home, LATER)
    assert released(shared, BY_WAY) == before


def test_another_secret_publishes_nothing(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Two roundings of one figure, side by side, would give it away."""
    load_payments(hub)
    run(hub, shared, home)
    before = released(shared, BY_WAY)
    with pytest.raises(OtherSecret, match="ANSINH_ROUNDING_SECRET"):
        publish(hub.engine, shared, home, MERIT, None, lambda: LATER, DECISION, bytes(32), is_night=True)
    assert released(shared, BY_WAY) == before
    kept = hub.rows("select secret_check from ops.open_secret")[0].secret_check
    assert kept != SECRET.hex() and len(kept) == 64


def test_the_first_publication_by_the_rule_leaves_nothing_of_the_exact_figures(
    hub: SmallHub, shared: sa.Engine, home: Path
) -> None:
    """A province that published exact figures until yesterday: its tables, its folders and what the hub remembered."""
    load_payments(hub)
    run(hub, shared, home)
    kept = home / "open" / ".releases" / BY_WAY
    with shared.begin() as connection:
        connection.exec_driver_sql(f"drop table open_data.{BY_WAY}")
        connection.exec_driver_sql(f"update open_data.releases set sha256 = 'exact' where dataset = '{BY_WAY}'")
        connection.exec_driver_sql(
            f"""create table open_data.{BY_WAY} (period text not null, unit_code text not null, unit_name text not null,
            payment_way_code text not null, payment_way_label text not null, value bigint, value_status text not null
            check (value_status in ('published', 'suppressed', 'not_reported')), maturity text not null)"""
        )
        for period in (OCTOBER, "2022-01"):
            connection.exec_driver_sql(
                f"insert into open_data.{BY_WAY} values ('{period}', '40', 'x', 'total', 'x', 987654, 'published', 'final')"
            )
    with hub.engine.begin() as connection:
        connection.execute(sa.text("truncate ops.open_instants, ops.open_parts, ops.open_figures, ops.open_secret"))
    for folder in (kept / "000001-exact", kept / "000002-exact"):
        folder.mkdir()
        (folder / f"{BY_WAY}.csv").write_text("987654")
        (folder / "datapackage.json").write_text('{"version": "1", "resources": []}')
    (home / "open" / BY_WAY).unlink()
    (home / "open" / BY_WAY).symlink_to(".releases/" + BY_WAY + "/000002-exact")
    run(hub, shared, home, LATER)
    assert_whole(shared, home, BY_WAY)
    assert {k[0] for k in released(shared, BY_WAY)} == {OCTOBER}, "what history cannot make is dropped"
    assert [p.name for p in kept.iterdir()] == [(home / "open" / BY_WAY).resolve().name]
    assert not [p for p in (home / "open").rglob("*") if p.is_file() and b"987654" in p.read_bytes()]
    assert "quy tắc làm tròn" in releases(shared, BY_WAY)[-1].changes
    assert hub.rows("select to_regclass('ops.open_' || 'editions') as former")[0].former is None


KILLED = """
import os, signal, sys
import sqlalchemy as sa
from pathlib import Path
from assets.open.publish import publish
from resources.publication import files
from resources.publication import shared_warehouse, tables
from resources.warehouse.published import open_instants
import datetime as dt

def die(*a, **k):
    os.kill(os.getpid(), signal.SIGKILL)

where = sys.argv[4]
if where == "before the shared warehouse":
    shared_warehouse.SharedWarehouse.replace = die
elif where == "inside the transaction":
    copy = tables.copy
    tables.copy = lambda *a: (copy(*a), die())
elif where == "between the tables":
    replace = shared_warehouse.SharedWarehouse.replace
    told = []
    def once(self, *a):
        if told:
            die()
        told.append(1)
        return replace(self, *a)
    shared_warehouse.SharedWarehouse.replace = once
elif where == "before the parts":
    open_instants.keep_parts = die
elif where == "between the instants and the tables":
    shared_warehouse.SharedWarehouse.withdraw = die
elif where == "before the releases":
    files.write_releases = die
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
    lambda: dt.datetime.fromisoformat(sys.argv[5]), "Quyết định mô phỏng số 01", bytes(range(32)), is_night=True,
)
raise SystemExit("not killed")
"""


@pytest.mark.parametrize(
    "where",
    [
        "inside the transaction",
        "inside the files",
        "before the link",
        pytest.param("before the shared warehouse", marks=pytest.mark.landing),
        pytest.param("between the tables", marks=pytest.mark.landing),
        pytest.param("before the files", marks=pytest.mark.landing),
        pytest.param("before the parts", marks=pytest.mark.landing),
        pytest.param("between the instants and the tables", marks=pytest.mark.landing),
        pytest.param("before the releases", marks=pytest.mark.landing),
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
    revision = at("2024-11-25 02:00")
    urls = [server(home).url(name) for name in ("warehouse", "shared")]
    arguments = (KILLED, *urls, str(home), where, revision.isoformat())
    killed = warm().run("tests.integration.script", arguments, os.environ, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    for name in (BY_WAY, MONEY):
        # The folder is one release, the former or the new; the table is too.
        assert_package_is_whole(home, name)
        assert len(releases(shared, name)) in (1, 2)
        latest = releases(shared, name)[-1]
        assert len(released(shared, name)) == latest.rows
    run(hub, shared, home, at("2024-11-26 02:00"))
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
    for words in (comment, described["description"], described["rounding"]["vi"]):
        assert "bội của 5" in words and "lệch không quá 4" in words and "tổng không nhất thiết bằng các phần" in words
    assert "multiples of 5" in described["rounding"]["en"]


def test_a_spreadsheet_opens_what_is_published(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """The CSV says that it is UTF-8; in the workbook codes and periods are text and values are numbers."""
    load_payments(hub)
    run(hub, shared, home)
    text = (home / "open" / BY_WAY / f"{BY_WAY}.csv").read_bytes()
    assert text.startswith(codecs.BOM_UTF8 + b"period,")
    book = openpyxl.load_workbook(home / "open" / BY_WAY / f"{BY_WAY}.xlsx")
    lines = list(book["Số liệu"].iter_rows())
    with (home / "open" / BY_WAY / f"{BY_WAY}.csv").open(encoding="utf-8-sig", newline="") as f:
        assert [["" if c.value is None else str(c.value) for c in line] for line in lines] == list(csv.reader(f))
    for line in lines[1:]:
        assert [c.data_type for c in line[:5]] == ["s"] * 5 and line[0].number_format == "@"
        assert line[5].data_type == "n"
    assert "bội của 5" in " ".join(str(c.value) for line in book["Giải thích"].iter_rows() for c in line)


def test_one_file_tells_what_changed_when(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    run(hub, shared, home)
    for unit in DISTRICTS[8:]:
        hub.load(PAYMENTS, OCTOBER, unit, payments(unit, 90, 40, 20), LATER)
    hub.read(LATER)
    run(hub, shared, home, at("2024-11-25 02:00"))
    with (home / "open" / "releases.csv").open(encoding="utf-8-sig", newline="") as f:
        told = [r for r in csv.DictReader(f) if r["dataset"] == BY_WAY]
    assert [(r["version"], r["sha256"]) for r in told] == [(str(r.version), r.sha256) for r in releases(shared, BY_WAY)]
    assert told[0]["changes"] == "Lần công bố đầu tiên" and "Kỳ sửa: 2024-10 (" in told[1]["changes"]
    assert told[1]["released_at"] == "2024-11-24T19:00:00Z"
    assert f"{OCTOBER}: đã đính chính" in told[1]["maturity_note"]


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
