"""What happens to ansinh itself: doubled, killed, out of disk, without its warehouse, older, newer, set back, interrupted."""

import contextlib
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen

import pytest
import sqlalchemy as sa

from demo.__main__ import main as demo_main
from pipelines.cli import main
from resources.hub import Hub
from resources.mariadb import MariaDbServer
from resources.processes import lives
from resources.warehouse import migrations
from resources.warehouse.arrivals import ledger
from schemas.registry import dataset_named
from tests.integration.agreement import asking, check_reconciled, check_ui_agrees, seen_in_the_ui
from tests.integration.kept import new_home
from tests.integration.province import COMMAND, LIMIT, PROJECT, Province, province, touch, until, until_line, until_loaded
from tests.integration.warm import Started, warm

pytestmark = pytest.mark.landing

# Of the nights of this file: what happens to ansinh does not ask which systems, and how many, it reads.
ONE = ("--source", "poverty")
TWO = ("--source", "labour_employment", *ONE)


@pytest.fixture(scope="module")
def made() -> Iterator[Province]:
    with province(after_first_night=True) as found:
        yield found


@contextlib.contextmanager
def held(made: Province, name: str) -> Iterator[None]:
    """Another run holds this lock."""
    with made.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("select pg_advisory_lock(hashtext(:n))"), {"n": f"ansinh.{name}"})
        yield


# Doubled -------------------------------------------------------------------------------------------------------------


def test_a_second_night_is_refused_by_name_while_one_runs(made: Province) -> None:
    touch(made)
    with held(made, "source.poverty"):
        first = made.start("nightly", *ONE)
        until_line(first, "đang chờ một lượt chạy khác")
        second = made.ansinh("nightly", status=1)
    assert "một lượt đêm khác đang chạy (đêm 20/11/2024" in second.stderr
    assert str(first.pid) in second.stderr
    assert first.communicate(timeout=300)[0] and first.returncode == 0
    check_reconciled(made)
    check_ui_agrees(made)


def test_a_backfill_waits_for_the_run_that_holds_its_source(made: Province) -> None:
    unit = made.one("select unit_code from ops.cells where dataset = 'households' and period = '2023' order by 1 limit 1")
    command = ("backfill", "--source", "poverty", "--dataset", "households", "--period", "2023", "--unit", unit)
    with held(made, "source.poverty"):
        waiting = made.start(*command, "--reason", "Thử chờ", "--by", "Cán bộ thử")
        assert "source.poverty" in until_line(waiting, "đang chờ một lượt chạy khác")
        assert waiting.poll() is None
    output, _ = waiting.communicate(timeout=120)
    assert waiting.returncode == 0, output
    assert made.one("select outcome from ops.backfills order by id desc limit 1") == "accepted"


# Without disk or warehouse --------------------------------------------------------------------------------------------


def test_a_disk_that_is_full_or_shut_stops_the_pull_in_words_and_the_next_night_catches_up(made: Province) -> None:
    """A limit on the size of files stands for the full disk: the write fails midway with the system's own error. For the one that
    was mounted read-only the folder's place is taken, since an administrator may write anywhere."""
    touch(made)
    before = made.one("select max(recorded_from) from core.poverty_households")
    night = made.start("nightly", *ONE)
    resource.prlimit(night.pid, resource.RLIMIT_FSIZE, (2_000, resource.RLIM_INFINITY))
    full, _ = night.communicate(timeout=LIMIT)
    assert night.returncode == 1, full
    assert "Ghi dữ liệu gốc của poverty.households kỳ 2024: hệ điều hành từ chối" in full
    assert made.one("select max(recorded_from) from core.poverty_households") == before
    assert not list((made.home / "raw").rglob("*.part"))
    raw, aside = made.home / "raw" / "poverty", made.home / "raw" / "poverty.aside"
    raw.rename(aside)
    raw.write_text("")
    try:
        shut = made.ansinh("nightly", *ONE, status=1)
    finally:
        raw.unlink()
        aside.rename(raw)
    assert "Ghi dữ liệu gốc của poverty.households kỳ 2024" in shut.stderr
    assert made.nightly(*ONE)["failures"] == []
    assert made.one("select max(recorded_from) from core.poverty_households") > before
    check_reconciled(made)
    check_ui_agrees(made)


@pytest.mark.parametrize(
    ("url", "status"),
    [("postgresql://nobody@127.0.0.1:1/x", 3), ("mysql://a@b/c", 2), ("postgresql://u:Bi9@Mat@h/d", 2)],
    ids=["silent", "other server", "password not escaped"],
)
def test_a_warehouse_out_of_reach_at_the_start_is_one_message(made: Province, url: str, status: int) -> None:
    for command in (["nightly"], ["status"], ["quarantine", "list"]):
        done = made.having(WAREHOUSE_URL=url).ansinh(*command, status=status)
        assert len(done.stderr.splitlines()) == 1
        assert "WAREHOUSE_URL" in done.stderr and "Traceback" not in done.stderr and "Bi9" not in done.stderr


def test_a_warehouse_lost_in_the_middle_is_one_message_and_the_next_night_goes_on(made: Province) -> None:
    touch(made)
    night = made.start("nightly", *TWO)
    until_loaded(night, dataset_named("labour_employment.workers"))
    made.server.control("stop")
    output, _ = night.communicate(timeout=120)
    assert night.returncode == 3, output
    assert "mất kết nối giữa chừng" in output
    assert "Traceback" not in output
    assert made.nightly(*TWO)["failures"] == []
    check_reconciled(made)
    check_ui_agrees(made)


# Of another version ---------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_an_older_warehouse_is_brought_up_with_all_that_it_holds(made: Province) -> None:
    kept = made.one("select count(*) from history.poverty_households")
    with made.engine().begin() as connection:
        for statement in (
            "alter table ops.arrivals drop column shown",
            "alter table ops.nights drop column process",
            "alter table ops.report_submissions drop column asked_at, drop column judged_at, drop column reasons",
            "drop table ops.open_instants, ops.open_parts, ops.open_figures, ops.open_secret, ops.report_looks, ops.clock_acts",
            "create table ops.open_editions (dataset text, facts jsonb)",  # exact figures, as they were kept once
            "drop view core.poverty_households",
            "alter table history.poverty_households drop column hamlet",
            "alter table history.poverty_households drop column source_key, add column row_hash bigint",
            "alter table ops.cells drop column key_sum, drop column content_sum",
            "alter table quarantine.rows drop column source_key cascade, drop column declared_key cascade",
            # Digest and content are kept as the declaration of their time read them: an older one had no such column.
            "update ops.arrivals set content_hash = 'of an older declaration' where dataset = 'households'",
            "alter table ops.cells add column source_digest text, add column source_horizon text",
            "drop table ops.readings",
            "alter table ops.datasets drop column over_sets, drop column rows_before_first",
            # The cells alone for which a file waits, as they were named before the rows were counted by them.
            "alter table ops.deliveries drop column waiting, add column waiting text[] not null default '{}'",
            "update ops.deliveries set waiting = array['2024-05|412'] where id = (select min(id) from ops.deliveries)",
            "update ops.schema_version set version = 0",
            "comment on schema ops is 'an older one'",
        ):
            connection.exec_driver_sql(statement)
    assert made.nightly()["failures"] == []
    assert made.one("select max(version) from ops.schema_version") == migrations.VERSION
    assert made.one("select to_regclass('ops.open_' || 'editions')") is None
    assert made.one("select count(*) from history.poverty_households") >= kept
    waits = made.rows("select waiting = jsonb_build_object('2024-05|412', rows) from ops.deliveries where waiting <> '{}'")
    assert waits == [(True,)]
    assert made.one("select count(hamlet) from core.poverty_households") > 0, "the column that was missing is filled again"
    check_reconciled(made)
    check_ui_agrees(made)


def test_an_upgrade_waits_for_the_load_under_way(made: Province) -> None:
    """It changes the tables that the load writes; the load would then ask for what the upgrade holds."""
    with made.engine().begin() as connection:
        connection.exec_driver_sql("comment on schema ops is 'an older one'")
    for command in (["status"], ["quarantine", "list"]):
        assert "kho chưa được nâng cấp" in made.ansinh(*command, status=3).stderr
    with held(made, "source.poverty"):
        upgrade = made.start("report", "submit", "AS-N", "2023", "--by", "Cán bộ thử")
        with asking(made) as asked:
            until(lambda: asked("select count(*) from pg_locks where locktype = 'advisory' and not granted") == [(1,)])
        assert upgrade.poll() is None
        assert made.one("select obj_description('ops'::regnamespace)") == "an older one"
    output, _ = upgrade.communicate(timeout=120)
    assert upgrade.returncode == 2 and "không có gì để gửi" in output, output
    assert made.one("select obj_description('ops'::regnamespace)") != "an older one"


def test_a_newer_warehouse_is_refused_and_not_touched(made: Province) -> None:
    with made.engine().begin() as connection:
        mark = connection.execute(sa.text("select obj_description('ops'::regnamespace)")).scalar()
        connection.exec_driver_sql("insert into ops.schema_version (version) values (999)")
        connection.exec_driver_sql("comment on schema ops is 'a newer one'")
    for command in ("nightly", "status"):
        done = made.ansinh(command, status=3)
        assert "kho ở phiên bản 999" in done.stderr and "Cài phiên bản ansinh mới hơn" in done.stderr
    assert made.one("select obj_description('ops'::regnamespace)") == "a newer one"
    with made.engine().begin() as connection:
        connection.exec_driver_sql("delete from ops.schema_version where version = 999")
        connection.execute(sa.text(f"comment on schema ops is '{mark}'"))
    assert made.nightly(*ONE)["failures"] == []


# Who only reads -------------------------------------------------------------------------------------------------------

READING = (
    ["status"],
    ["status", "--json"],
    ["quarantine", "list"],
    ["report", "list"],
    ["report", "show", "AS-N", "2023"],
    ["doctor"],
    ["env"],
    ["demo", "truth"],
)


@pytest.fixture
def told(made: Province, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., str]]:
    """Run a command in this process; what it printed, its status checked."""
    for name in os.environ.keys() - made.environment.keys():
        monkeypatch.delenv(name)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "100")
    interrupt = signal.getsignal(signal.SIGINT)

    def run(*arguments: str, status: int = 0) -> str:
        if arguments[0] == "demo":
            monkeypatch.setattr(sys, "argv", list(arguments))
        assert (demo_main() if arguments[0] == "demo" else main(arguments)) == status, arguments
        output = "".join(capsys.readouterr())
        if status == 0 and list(arguments) in READING and arguments[-1] not in ("--json", "env"):
            assert max(map(len, output.splitlines())) <= 100, arguments
        return output

    yield run
    signal.signal(signal.SIGINT, interrupt)


def everything(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file and folder below: its size and when it was last written."""
    return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in sorted(folder.rglob("*"))}


def test_who_reads_writes_nothing_and_tells_how_cells_stand_by_now(made: Province, told: Callable[..., str]) -> None:
    """Since the last refresh the due day of a cell passed, and one is not known yet: both are told, and neither is written."""
    where = "source = 'social_protection' and period = '2024-11' and unit_code in ('421', '424')"
    assert made.rows(f"select distinct status from ops.cells where {where}") == [("missing",)]
    made.execute(f"update ops.cells set status = 'not_due' where {where} and unit_code = '421'")
    made.execute(f"delete from ops.cells where {where} and unit_code = '424'")
    written = "select sum(n_tup_ins + n_tup_upd + n_tup_del), count(*) from pg_stat_user_tables"
    before, files = made.rows(f"{written}, pg_stat_force_next_flush()"), everything(made.home / "raw")
    for command in READING:
        told(*command)
    assert made.rows(written) == before and everything(made.home / "raw") == files
    shown = {(c["period"], c["unit_code"]): c["status"] for c in json.loads(told("status", "--json"))}
    assert shown["2024-11", "421"] == shown["2024-11", "424"] == "missing"
    page = told("status")
    assert "421 Huyện Quỳnh Lưu, 424 Huyện Anh Sơn" in page and " 0 " not in page
    with pytest.raises(sa.exc.InternalError, match="read-only transaction"), Hub.look().warehouse.engine.begin() as connection:
        connection.exec_driver_sql("create table ops.made_by_reading (a int)")
    hub = Hub.open()
    with hub.warehouse.engine.begin() as connection:
        ledger.refresh(connection, hub.now())
    kept = made.rows(f"select status from ops.cells where {where}")
    assert kept == [("missing",), ("missing",)]


def test_what_there_is_not_is_refused_by_every_command(made: Province, told: Callable[..., str]) -> None:
    before = made.rows("select max(id), (select max(started_at) from ops.nights) from ops.arrivals")
    for command in (
        ["status", "--period", "2024-13"],
        ["status", "--source", "poverty", "--period", "2024-Q3", "--json"],
        ["quarantine", "list", "--period", "2024-13"],
        ["quarantine", "list", "--unit", "999"],
        ["quarantine", "export", "--unit", "413", "--period", "2024-Q4"],  # went into Vinh
        ["nightly", "--period", "2025-01"],
        ["backfill", "--source", "poverty", "--period", "2024", "--unit", "999", "--reason", "Thử"],
        [
            "backfill",
            "--source",
            "labour_employment",
            "--dataset",
            "jobs_created",
            "--period",
            "2024-10",
            "--unit",
            "421",
            "--reason",
            "Thử",
        ],
        ["demo", "fault", "late", "--source", "poverty", "--dataset", "households", "--period", "2024-13"],
        [
            "demo",
            "fault",
            "spoil",
            "--source",
            "social_protection",
            "--dataset",
            "beneficiaries",
            "--period",
            "now",
            "--unit",
            "999",
        ],
        ["demo", "truth", "--source", "nobody"],
    ):
        assert told(*command, status=2).startswith("Tìm "), command
    assert made.rows("select max(id), (select max(started_at) from ops.nights) from ops.arrivals") == before


def test_a_stopped_server_and_a_forgotten_state_are_told_and_not_made(
    made: Province, told: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made.server.control("stop")
    (mariadb := MariaDbServer(made.home)).stop()
    try:
        before, requests = everything(made.home), {str(path) for path in made.home.glob("logs/requests-*.log")}
        for command in READING:
            assert "máy chủ đang tắt" in told(*command, status=3), command
        after = everything(made.home)
        assert {path for path in after.keys() | before.keys() if after.get(path) != before.get(path)} <= requests
        assert not made.server.is_running() and not mariadb.is_running()
    finally:
        assert told("url", "warehouse").startswith("postgresql://"), "asked in order to connect, it starts the server"
    assert made.server.is_running()
    told("demo", "up")  # that of the other source, too
    nowhere, empty = tmp_path / "gõ sai", tmp_path / "rỗng"
    empty.mkdir()
    for home in (nowhere, empty):
        monkeypatch.setenv("ANSINH_HOME", str(home))
        for command in (*READING, ["nightly"], ["ui"], ["url", "warehouse"], ["demo", "up"], ["demo", "day", "+1"]):
            if (home, command) != (empty, ["doctor"]):
                assert f"không có trạng thái ở {home}" in " ".join(told(*command, status=3).split()), command
        told("stop")
        told("reset")
        assert sorted(tmp_path.rglob("*")) in ([empty], [])  # a folder with nothing in it may go


# Time and files -------------------------------------------------------------------------------------------------------


def test_a_clock_that_went_back_stops_everything_in_words(made: Province) -> None:
    clock = made.home / "clock"
    before = clock.read_text() if clock.exists() else None
    clock.write_text("2024-11-17")
    try:
        done = made.ansinh("nightly", status=1)
        assert "Đọc đồng hồ" in done.stderr and "NTP" in done.stderr
        assert "Traceback" not in done.stderr
    finally:
        clock.write_text(before) if before else clock.unlink()
    assert made.nightly(*ONE)["failures"] == []


def raw_file_of(made: Province, dataset: str) -> tuple[Path, str]:
    path, unit = made.rows(
        """select p.path, a.unit_code from ops.pulls p join ops.arrivals a on a.pull_id = p.id
        where p.source = 'poverty' and p.dataset = :d and p.period = '2023' and a.unit_code <> 'unknown' and a.rows_received > 0
        order by p.id desc, a.unit_code limit 1""",
        d=dataset,
    )[0]
    return made.home / "raw" / path, unit


def test_a_raw_file_that_is_not_what_was_written_is_told_by_its_hash(made: Province) -> None:
    path, unit = raw_file_of(made, "members")
    content = path.read_bytes()
    cell = ("backfill", "--source", "poverty", "--dataset", "members", "--period", "2023", "--unit", unit)
    again = (*cell, "--reason", "Kiểm tra lại", "--by", "Cán bộ thử", "--from-raw")
    path.write_bytes(content[:200] + bytes([content[200] ^ 1]) + content[201:])
    assert "mã băm" in made.ansinh(*again, status=1).stderr
    path.unlink()
    assert "không thấy tệp" in made.ansinh(*again, status=1).stderr
    path.write_bytes(content)
    path.chmod(0o600)
    made.ansinh(*again)
    check_reconciled(made)


def test_validating_again_from_raw_asks_no_source(made: Province) -> None:
    """The source is out of reach, the rules are those of today: the same rows come out."""
    _, unit = raw_file_of(made, "members")
    current = "select row_key, recorded_from from core.poverty_members where period = '2023' order by 1"
    before = made.rows(current)
    made.having(SOURCE_POVERTY_URL="postgresql://nobody@127.0.0.1:1/x").ansinh(
        "backfill", "--source", "poverty", "--dataset", "members", "--period", "2023", "--unit", unit,
        "--reason", "Quy tắc vừa đổi", "--by", "Cán bộ thử", "--from-raw",
    )  # fmt: skip
    assert made.rows(current) == before
    road = made.one("select road from ops.arrivals order by id desc limit 1")
    assert road == "raw"


def test_the_doctor_finds_a_server_whose_log_would_tell_of_rows(made: Province) -> None:
    with made.engine("postgres").execution_options(isolation_level="AUTOCOMMIT").connect() as above:
        above.exec_driver_sql("alter database warehouse set log_error_verbosity = 'default'")
        try:
            told = made.doctor(1)
        finally:
            above.exec_driver_sql("alter database warehouse reset log_error_verbosity")
    assert "log_error_verbosity = default" in told and "alter role postgres set log_error_verbosity = 'terse'" in told
    assert made.ansinh("doctor").returncode == 0


def test_before_the_first_night_the_doctor_asks_what_an_empty_warehouse_needs(
    made: Province, told: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made.server.ensure_database("kho_moi")
    with made.engine("postgres").execution_options(isolation_level="AUTOCOMMIT").connect() as above:
        above.exec_driver_sql("create role it_quyen login")
        monkeypatch.setenv("ANSINH_PROFILE", "production")
        monkeypatch.setenv("ANSINH_HOME", str(tmp_path / "chưa có"))
        monkeypatch.setenv("WAREHOUSE_URL", made.server.url("kho_moi", "it_quyen"))
        assert "grant create on database kho_moi to it_quyen" in " ".join(told("doctor", status=1).split())
        assert "kho_moi còn trống" in told("status", status=3)
        above.exec_driver_sql("alter database kho_moi set log_error_verbosity = 'default'")
        monkeypatch.setenv("WAREHOUSE_URL", made.server.url("kho_moi"))
        assert "log_error_verbosity = default" in " ".join(told("doctor", status=1).split())
    assert made.rows("select count(*) from pg_namespace where nspname = 'ops'", "kho_moi") == [(0,)]
    assert not (tmp_path / "chưa có").exists()


# Killed and interrupted -----------------------------------------------------------------------------------------------


def until_blocked(made: Province, database: str) -> None:
    waiting = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    with asking(made, database) as asked:
        until(lambda: asked(waiting))


@contextlib.contextmanager
def in_the_imports(made: Province) -> Iterator[Popen]:
    night = Popen(
        [*COMMAND, "nightly"],
        cwd=PROJECT,
        env=made.environment,
        stdout=PIPE,
        stderr=STDOUT,
        text=True,
        start_new_session=True,
    )
    maps = Path(f"/proc/{night.pid}/maps")
    until(lambda: "pyarrow" in maps.read_text())
    yield night


@contextlib.contextmanager
def blocked(made: Province, database: str, lock: str, *only: str) -> Iterator[Popen | Started]:
    with made.engine(database).begin() as connection:
        connection.exec_driver_sql(lock)
        night = made.start("nightly", *only)
        until_blocked(made, database)
        yield night


def in_a_query_of_a_source(made: Province) -> AbstractContextManager[Popen | Started]:
    """The driver answers Ctrl-C itself there: the query fails as if the source had, or goes on as if nothing had come."""
    return blocked(made, "source_labour_employment", "lock table ld_nguoi_su_dung_ld in access exclusive mode", *TWO)


@contextlib.contextmanager
def before_trying_again(made: Province) -> Iterator[Popen | Started]:
    silent = made.having(SOURCE_LABOUR_EMPLOYMENT_URL="postgresql://nobody@127.0.0.1:1/x", ANSINH_RETRY_SECONDS="600")
    night = silent.start("nightly", *TWO)
    with asking(made) as asked:
        until(lambda: asked("select from ops.datasets where source = 'labour_employment' and last_failure is not null"))
    yield night


def while_rows_are_loaded(made: Province) -> AbstractContextManager[Popen | Started]:
    return blocked(made, "warehouse", "lock table history.poverty_households in exclusive mode", *ONE)


@contextlib.contextmanager
def in_the_reports(made: Province) -> Iterator[Popen | Started]:
    with held(made, "report_sending"):
        night = made.start("nightly", *ONE)
        until_line(night, "đang chờ một lượt chạy khác dùng report_sending")
        yield night


INSTANTS = (in_the_imports, in_a_query_of_a_source, before_trying_again, while_rows_are_loaded, in_the_reports)


@pytest.mark.parametrize("instant", INSTANTS, ids=lambda instant: instant.__name__)
def test_ctrl_c_ends_the_night_at_once(
    made: Province, instant: Callable[[Province], AbstractContextManager[Popen | Started]]
) -> None:
    touch(made)
    with instant(made) as night:
        os.killpg(night.pid, signal.SIGINT)
        output, _ = night.communicate(timeout=20)
    assert night.returncode == 130, output[-2000:]
    assert "Đã dừng theo yêu cầu" in output and "Traceback" not in output
    assert seen_in_the_ui(made)["unended"] == []


def test_ctrl_c_leaves_nothing_half(made: Province) -> None:
    touch(made)
    with while_rows_are_loaded(made) as night:
        os.killpg(night.pid, signal.SIGTERM)  # as the system asks when it shuts down
        night.communicate(timeout=20)
    assert night.returncode == 130
    assert made.nightly(*TWO)["failures"] == [], "also of the system that other nights were stopped in"
    assert not list((made.home / "raw").rglob("*.part"))
    check_reconciled(made)
    check_ui_agrees(made)


SLEEPS = """
from os import environ
from threading import Thread
from resources.connectors.postgresql.connector import connect
from resources.warehouse.engine import Warehouse
from schemas.registry import source_named

def of_a_source():
    with connect(source_named("poverty"), environ["SOURCE_POVERTY_URL"]) as opened:
        opened.fetch("select pg_sleep(1200)::text")

Thread(target=of_a_source).start()
with Warehouse(environ["WAREHOUSE_URL"]).engine.connect() as connection:
    connection.exec_driver_sql("select pg_sleep(1200)")
"""


def test_a_server_ends_its_work_soon_after_a_kill(made: Province) -> None:
    """A kill tells it nothing; what gives no rows would go on to its end, with its locks, and be counted as a session of ours."""
    urls = {
        "SOURCE_POVERTY_URL": made.server.url("source_poverty", "poverty_reader"),
        "WAREHOUSE_URL": made.server.url("warehouse"),
    }
    process = warm().start("tests.integration.script", (SLEEPS,), made.environment | urls)
    works = "select datname from pg_stat_activity where query like '%pg_sleep(1200)%' and pid <> pg_backend_pid() order by 1"
    with asking(made) as asked:
        until(lambda: asked(works) == [("source_poverty",), ("warehouse",)])
        process.kill()
        process.wait()
        until(lambda: not asked(works))


@pytest.mark.parametrize("reached", ["pg/base", "pg/postmaster.pid", "mariadb/data.moi"])
def test_a_server_left_half_made_by_a_kill_is_ended_before_its_folder_goes(reached: str) -> None:
    """What makes and starts it outlives the command, and would write on in a folder that is being removed."""
    killed = Province(new_home())
    command = killed.start("demo", "build", "--scale", "0.001")
    until((killed.home / reached).exists)
    command.kill()
    command.wait()
    made = killed.server if reached.startswith("pg") else MariaDbServer(killed.home)
    at_work = made.processes()
    assert at_work
    at_work[0].suspend()  # as on a busy machine: it is far from its end
    killed.ansinh("reset")
    assert not killed.home.exists() and not [p for p in at_work if lives(p)]


def test_a_process_that_lives_on_unwatched_does_no_harm(made: Province) -> None:
    """Frozen with its source's lock while another night comes: that one waits, and both end in the same rows."""
    touch(made)
    with while_rows_are_loaded(made) as first:
        os.killpg(first.pid, signal.SIGSTOP)
    unit = made.one("select unit_code from ops.cells where dataset = 'members' and period = '2024' order by 1 limit 1")
    second = made.start(
        "backfill", "--source", "poverty", "--dataset", "households", "--period", "2024", "--unit", unit,
        "--reason", "Thử", "--by", "Cán bộ thử",
    )  # fmt: skip
    assert "source.poverty" in until_line(second, "đang chờ một lượt chạy khác")
    os.killpg(first.pid, signal.SIGCONT)
    for each in (first, second):
        output, _ = each.communicate(timeout=300)
        assert each.returncode == 0, output
    check_reconciled(made)
    check_ui_agrees(made)
