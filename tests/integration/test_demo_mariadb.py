"""The demo's MariaDB: a system on it among those on PostgreSQL, what becomes of it when the server ends, and where there is none.

That its planted faults have their outcomes and a second night changes nothing is seen with the other systems in test_demo.py and
test_night.py, that a backup brings it back in test_backup.py.
"""

import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import psutil
import pymysql
import pytest

from demo.databases.mariadb import MariaDb
from resources.mariadb import MariaDbServer
from schemas.dataset import PROVINCE
from schemas.registry import SOURCES, datasets_of, source_named
from tests.fixtures.played_systems import played_systems
from tests.integration.agreement import check_reconciled
from tests.integration.kept import new_home
from tests.integration.province import Province, province, until_loaded

pytestmark = pytest.mark.landing

SOURCE = source_named("job_service")
BESIDE = "poverty"  # a system on the other server
LIST, PERIOD = "consultations", "2024-Q3"  # one that no lock closes
WITHOUT = {"ANSINH_MARIADB_PATH": os.devnull}


@pytest.fixture(scope="module")
def made() -> Iterator[Province]:
    with province(after_first_night=True) as found:
        yield found


def played(made: Province) -> MariaDb:
    return MariaDb(SOURCE, MariaDbServer(made.home))


def night(made: Province, status: int = 0) -> dict[str, Any]:
    """What the card of a night of this system alone says of it."""
    card = made.nightly("--source", SOURCE.name, status=status)
    assert card["failures"] == []
    return card["systems"][0]


def held(made: Province) -> list[Any]:
    return made.rows(f"select * from core.job_service_{LIST} order by row_key")


def test_the_night_and_the_status_name_the_road_of_each_system(made: Province) -> None:
    roads = {s["source"]: s["roads"] for s in made.first_night["systems"]}
    beside = {s.source.name for s in played_systems() if any(files.cells for files in s.files.values())}
    declared = {s.name: "mariadb" if s is SOURCE else datasets_of(s)[0].road.name for s in SOURCES}
    assert roads == {name: ["drop", road] if name in beside else [road] for name, road in declared.items()}
    assert made.rows("select distinct road from ops.arrivals where source = :s", s=SOURCE.name) == [("mariadb",)]
    assert f"từ MariaDB hoặc MySQL: {SOURCE.label}; từ PostgreSQL: " in " ".join(made.ansinh("status").stdout.split())
    assert "nguồn job_service: kết nối được, 7 bảng đúng cấu trúc, thấy mọi dòng, tài khoản không ghi được" in made.doctor()
    url = made.ansinh("demo", "url", SOURCE.name).stdout
    assert url.startswith("mysql://job_service_owner:") and url.strip().endswith(f"?socket={made.home}/mariadb/s")


def test_the_server_writes_nothing_down_and_is_its_owners_alone(made: Province) -> None:
    with played(made).changing() as cursor:
        cursor.execute("select @@general_log, @@slow_query_log, @@log_bin, @@skip_networking, @@log_warnings")
        assert cursor.fetchone() == (0, 0, 0, 1, 0)
    server = MariaDbServer(made.home)
    assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((server.folder / "password").stat().st_mode) == 0o600
    assert all(server.password not in word for process in server.processes() for word in process.cmdline())


@pytest.mark.long
def test_rows_are_spoilt_mended_taken_away_and_sent_late(made: Province) -> None:
    cell = ("--source", SOURCE.name, "--dataset", LIST, "--period", PERIOD, "--unit", PROVINCE)
    before = held(made)
    (rejected,) = (s["rows_rejected"] for s in made.first_night["systems"] if s["source"] == SOURCE.name)
    made.ansinh("demo", "fault", "spoil", *cell, "--rows", "2")
    assert night(made)["rows_rejected"] == rejected + 2 and len(held(made)) == len(before) - 2
    made.ansinh("demo", "fault", "correct", *cell)
    assert night(made)["rows_rejected"] <= rejected and len(held(made)) >= len(before)
    mended = held(made)
    made.ansinh("demo", "fault", "empty", *cell)
    assert [f"job_service.{LIST} {PERIOD}|{PROVINCE}" in c for c in night(made, status=1)["refused_cells"]] == [True]
    told = " ".join(made.ansinh("status", "--source", SOURCE.name).stdout.split())
    assert f"ô {PERIOD}|{PROVINCE}" in told.partition("Bị từ chối: 1 ô")[2] and "--confirm-shrink" in told, "why, and what to do"
    assert held(made) == mended
    made.ansinh("demo", "fault", "late", *cell)
    assert night(made)["refused_cells"] == []
    assert held(made) == mended
    check_reconciled(made)


def test_a_day_brings_rows_and_changes(made: Province) -> None:
    before = made.one("select sum(rows_accepted) from ops.cells where source = :s", s=SOURCE.name)
    told = made.ansinh("demo", "day", "+5").stdout
    new = next(line.split()[1] for line in told.splitlines() if line.split()[:1] == [SOURCE.name])
    assert int(new) > 0
    night(made)
    assert made.one("select sum(rows_accepted) from ops.cells where source = :s", s=SOURCE.name) == before + int(new)


@pytest.mark.long
def test_a_server_that_is_killed_holds_up_its_system_alone(made: Province) -> None:
    """It is started again by the next command, and where that cannot be, the other systems go on."""
    *_, before, last = sorted(datasets_of(SOURCE), key=lambda dataset: dataset.name)  # as a night takes them
    with suppress(pymysql.Error), closing(played(made).connect()) as owner, owner.cursor() as cursor:
        cursor.execute(f"lock tables {last.road.table} write")  # so that the night is not through with the system before the kill
        process = made.having(**WITHOUT).start("nightly", "--json", "--whole", "--source", SOURCE.name, "--source", BESIDE)
        until_loaded(process, before)
        for server in MariaDbServer(made.home).processes():
            with suppress(psutil.NoSuchProcess):  # it ends with the one before
                server.kill()
    assert process.stdout is not None
    card = json.loads(next(line for line in process.stdout if line.startswith("{")))
    assert process.wait() == 1
    assert {s["source"]: bool(s["failed_datasets"]) for s in card["systems"]} == {SOURCE.name: True, BESIDE: False}
    assert all("mariadbd" in failure or "job_service" in failure for failure in card["failures"])
    assert "máy chủ đang tắt" in made.having(**WITHOUT).doctor(status=3)
    assert night(made)["failed_datasets"] == []
    check_reconciled(made)


@pytest.mark.long
def test_without_a_server_the_embedded_one_plays_the_system_and_the_card_says_so(made: Province) -> None:
    home = Province(new_home())
    try:
        built = home.having(**WITHOUT).ansinh("demo", "build", "--scale", "0.001").stdout
        assert "máy này không có MariaDB" in built and not MariaDbServer(home.home).folder.exists()
        card = home.nightly("--source", SOURCE.name)
        assert card["failures"] == [] and card["systems"][0]["roads"] == ["sql"]
        assert card["systems"][0]["rows_accepted"] > 0
        home.ansinh("demo", "build", "--scale", "0.001")  # the package has been installed since
        assert not home.server.has_database("source_job_service")
        again = home.nightly("--source", SOURCE.name)
        assert again["failures"] == [] and again["systems"][0]["roads"] == ["mariadb"]
        assert again["systems"][0]["rows_accepted"] == card["systems"][0]["rows_accepted"]
    finally:
        home.ansinh("stop", status=None)
        assert MariaDbServer(home.home).processes() == []
        shutil.rmtree(home.home, ignore_errors=True)
