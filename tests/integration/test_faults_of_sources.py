"""A source that is dead, deaf, locked, changed, or lost in the middle: one message, spaced retries, the others go on.

The servers, sockets and locks are real; the line that is cut stands before the real server.
"""

import datetime as dt
import io
import json
import os
import re
import sys
import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace

import psycopg2
import pyarrow as pa
import pytest
import sqlalchemy as sa

from assets.cells.outcome import Request
from assets.cells.run import refuse_other_than_declared, sync_dataset
from benchmarks.measuring import measured
from resources.connecting import libpq_uri
from resources.connectors.failures import (
    SourceCanceled,
    SourceCannotAnswer,
    SourceChanged,
    SourceDamaged,
    SourceDiskFull,
    SourceLocked,
    SourceRightMissing,
    SourceStopping,
    SourceStrained,
    SourceTooOld,
    SourceUnreachable,
    SourceValueWrong,
    StructureChanged,
)
from resources.connectors.postgresql import sessions as source_sessions
from resources.connectors.postgresql.connector import connect
from resources.connectors.postgresql.limits import SourceBusy
from resources.connectors.postgresql.sessions import session
from resources.failures import Failure, Unforeseen
from resources.publication.shared_warehouse import SharedBusy, SharedCannot, SharedDiskFull, SharedUnreachable, SharedWarehouse
from resources.warehouse.engine import typed
from resources.warehouse.failures import (
    WarehouseCanceled,
    WarehouseDamaged,
    WarehouseDiskFull,
    WarehouseLost,
    WarehouseReadOnly,
    WarehouseStrained,
)
from schemas.dataset import Dataset
from schemas.registry import dataset_named, datasets_of, source_named
from schemas.roads import BY_ROW_HASH, Sql
from schemas.sources.social_protection import BENEFICIARIES
from schemas.submissions import SUBMISSION_LOG
from tests.integration.agreement import check_checks_agree, check_reconciled, check_ui_agrees, checks_in_the_ui
from tests.integration.province import Province, province, touch, until
from tests.integration.proxies import line, nowhere
from tests.integration.two_hubs import Two, held

SCALE = "0.002"
OTHERS = ("labour_employment", "meritorious_persons", "social_protection")


@pytest.fixture(scope="module")
def made() -> Iterator[Province]:
    with province(SCALE) as found:
        yield found


@pytest.fixture(scope="module")
def two(made: Province) -> Two:
    return Two(made)


def told(card: dict) -> list[str]:
    """The failures of a night, each once."""
    return list(dict.fromkeys(card["failures"]))


def loaded(made: Province, source: str) -> int:
    return made.one("select count(*) from ops.cells where source = :s and first_received_at is not null", s=source)


def test_a_first_night_with_a_dead_source_loads_the_others_and_files_what_it_can(made: Province) -> None:
    """Nothing of poverty was ever read: the yearly form is provisional, says which units are missing, and is filed."""
    card = made.having(SOURCE_POVERTY_URL=nowhere("poverty")).nightly(status=1)
    (message,) = told(card)
    assert message.startswith("Đọc hệ thống nguồn poverty")
    assert "không kết nối được" in message and "Kiểm tra SOURCE_POVERTY_URL" in message
    assert loaded(made, "poverty") == 0
    assert all(loaded(made, source) > 0 for source in OTHERS)
    maturity, inputs = made.rows("select maturity, inputs from ops.report_submissions where form = 'AS-N' and period = '2023'")[0]
    assert maturity == "provisional"
    missing = [i for i in inputs if i.get("dataset") == "poverty.review_results"]
    assert missing and not any(c["received"] for c in missing[0]["units"].values())
    assert "Hỏng" in made.ansinh("status").stdout
    runs = dict(made.rows("select pipeline_name, status from runs", "dagster"))
    assert [job for job, status in runs.items() if status != "SUCCESS"] == ["nightly_poverty"]
    check_reconciled(made)
    check_ui_agrees(made)


def test_when_it_is_back_the_next_night_catches_up_and_the_form_is_filed_again(made: Province) -> None:
    made.ansinh("demo", "day", "+1")  # at most one revision of a form and night
    card = made.nightly()
    assert card["failures"] == []
    assert loaded(made, "poverty") > 0
    revisions = made.rows(
        "select revision, status, replaces is not null from ops.report_submissions where form = 'AS-N' and period = '2023' order by 1"
    )
    assert [r[0] for r in revisions] == [1, 2]
    assert revisions[0][1] == "replaced" and revisions[1][2]
    assert "Hỏng" not in made.ansinh("status").stdout
    check_reconciled(made)
    check_ui_agrees(made)


def test_a_source_that_never_answers_is_given_up_once(made: Province) -> None:
    """Every dataset would wait as long as the first did: the run asks a silent system once, with its retries."""
    with line(made.server, hangs=True) as deaf:
        started = time.monotonic()
        card = made.having(SOURCE_POVERTY_URL=deaf.url("poverty")).nightly("--source", "poverty", status=1)
        assert len(told(card)) == 1 and "không kết nối được" in told(card)[0]
        assert 2 <= deaf.connections <= 5, "spaced retries, with a limit, for the run and not for each dataset"
        assert time.monotonic() - started < 120
    check_ui_agrees(made)


def test_a_connection_lost_in_the_middle_is_tried_again_in_the_same_night(made: Province) -> None:
    touch(made)
    with line(made.server, cut_after=40_000, cuts=1) as weak:
        card = made.having(SOURCE_POVERTY_URL=weak.url("poverty")).nightly("--source", "poverty")
        assert weak.cut == 1
        assert card["failures"] == []
    check_reconciled(made)
    check_ui_agrees(made)


def test_a_connection_lost_every_time_leaves_the_last_good_version(made: Province) -> None:
    before = made.rows("select count(*), max(recorded_from) from core.poverty_households")
    touch(made)
    with line(made.server, cut_after=20_000) as broken:
        card = made.having(SOURCE_POVERTY_URL=broken.url("poverty")).nightly("--source", "poverty", status=1)
        assert len(told(card)) == 1
    assert made.rows("select count(*), max(recorded_from) from core.poverty_households") == before
    assert made.nightly("--source", "poverty")["failures"] == []
    assert made.rows("select count(*), max(recorded_from) from core.poverty_households") != before
    check_reconciled(made)
    check_ui_agrees(made)


@contextmanager
def password_asked(made: Province, role: str) -> Iterator[None]:
    """The server asks this role for a password, as in life; the embedded one trusts its own socket."""
    rules = made.server.data_dir / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(f"local all {role} scram-sha-256\n{before}")
    try:
        reload(made)
        yield
    finally:
        rules.write_text(before)
        reload(made)


def reload(made: Province) -> None:
    with made.engine().begin() as connection:
        connection.execute(sa.text("select pg_reload_conf()"))
    time.sleep(0.5)


@pytest.mark.parametrize("expired", [False, True], ids=["wrong", "expired"])
def test_a_wrong_or_expired_password_is_not_tried_again_and_not_told(made: Province, expired: bool) -> None:
    with made.engine().begin() as connection:
        until = "valid until '2024-01-01'" if expired else "valid until 'infinity'"
        connection.execute(sa.text(f"alter role poverty_reader password 'dung-mat-khau' {until}"))
    given = "dung-mat-khau" if expired else "sai-mat-khau"
    url = made.server.url("source_poverty", "poverty_reader").replace("poverty_reader@", f"poverty_reader:{given}@")
    with password_asked(made, "poverty_reader"):
        done = made.having(SOURCE_POVERTY_URL=url).ansinh("nightly", "--source", "poverty", status=1)
        assert "máy chủ từ chối đăng nhập" in done.stderr
        assert done.stderr.count("từ chối đăng nhập") == 1, "one message, though the system has several datasets"
        assert "Thử lại" not in done.stderr + done.stdout
        assert given not in done.stderr + done.stdout
    with made.engine().begin() as connection:
        connection.execute(sa.text("alter role poverty_reader password null valid until 'infinity'"))
    assert made.one("select count(*) from ops.datasets where last_failure like '%' || :p || '%'", p=given) == 0
    assert made.nightly("--source", "poverty")["failures"] == []


def test_a_lock_held_by_someone_is_waited_for_and_its_end_is_seen_in_the_same_night(made: Province) -> None:
    """The reader's backend is even ended by the administrator while it waits: the step is tried again."""
    with closing(psycopg2.connect(dbname="source_poverty", user="poverty_owner", host=str(made.server.data_dir))) as owner:
        owner.cursor().execute("lock table hn_ho in access exclusive mode")
        done: list = []
        night = threading.Thread(target=lambda: done.append(made.nightly("--source", "poverty")))
        night.start()
        until = time.monotonic() + 60
        ended = 0
        while time.monotonic() < until and not ended:
            ended = made.one(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'poverty_reader' and wait_event_type = 'Lock'"
            )
            time.sleep(0.2)
        assert ended == 1
        owner.rollback()
        night.join(120)
    assert done and done[0]["failures"] == []


def test_a_lock_that_stays_is_named(made: Province) -> None:
    with closing(psycopg2.connect(dbname="source_poverty", user="poverty_owner", host=str(made.server.data_dir))) as owner:
        owner.cursor().execute("lock table hn_phat_sinh in access exclusive mode")
        card = made.nightly("--source", "poverty", status=1)
        (message,) = told(card)
        assert "bị một phiên khác khóa" in message
        owner.rollback()
    failing = made.rows("select dataset from ops.datasets where last_failure is not null")
    assert failing == [("in_year_changes",)], "the other datasets of the system were read"
    assert made.nightly("--source", "poverty")["failures"] == []


CHANGES = {
    "households": ("alter table hn_ho add column ghi_chu_moi text", "thêm cột chưa khai báo: ghi_chu_moi",
                   "alter table hn_ho drop column ghi_chu_moi"),
    "members": ("alter table hn_thanh_vien rename column gioi_tinh to gt", "thiếu cột gioi_tinh",
                "alter table hn_thanh_vien rename column gt to gioi_tinh"),
    "review_results": ("alter table hn_ket_qua alter column so_ho_ngheo type text using so_ho_ngheo::text", "có kiểu text",
                       "alter table hn_ket_qua alter column so_ho_ngheo type integer using so_ho_ngheo::integer"),
    "in_year_changes": ("alter table hn_phat_sinh rename to hn_phat_sinh_cu", "không thấy bảng hn_phat_sinh",
                        "alter table hn_phat_sinh_cu rename to hn_phat_sinh"),
}  # fmt: skip


def test_a_changed_structure_is_found_before_rows_move_and_refuses_its_dataset_alone(made: Province) -> None:
    counts = {d.table: made.one(f"select count(*) from core.{d.table}") for d in datasets_of(source_named("poverty"))}
    pulls = made.one("select count(*) from ops.pulls where source = 'poverty'")
    for change, _, _ in CHANGES.values():
        made.change("poverty", change)
    card = made.nightly(status=1)
    messages = dict(made.rows("select dataset, last_failure from ops.datasets where last_failure is not null"))
    assert set(messages) == set(CHANGES)
    for dataset, (_, what, _) in CHANGES.items():
        assert what in messages[dataset], dataset
    assert "gt" in messages["members"], "the new name beside the missing one"
    assert len(told(card)) == len(CHANGES)
    assert {d: made.one(f"select count(*) from core.{d}") for d in counts} == counts
    assert made.one("select count(*) from ops.pulls where source = 'poverty'") == pulls
    check_checks_agree(made)
    said = checks_in_the_ui(made)
    assert {dataset for dataset in CHANGES if said[f"core/poverty/{dataset}", "source_read"].passed} == set()
    left = said["open/poverty/members_by_sex", "inputs_read"]
    assert not left.passed and "thiếu cột gioi_tinh" in str(left.description)
    assert card["first"].startswith("Hộ nghèo: 4 bộ dữ liệu không nạp được")
    doctor = made.ansinh("doctor", status=1).stdout
    assert "ghi_chu_moi" in doctor
    for _, _, back in CHANGES.values():
        made.change("poverty", back)
    assert made.nightly()["failures"] == []
    check_reconciled(made)
    check_ui_agrees(made)


@contextmanager
def changed(made: Province, *there_and_back: tuple[str, str]) -> Iterator[None]:
    """The source with these changes, each given with what takes it back."""
    with ExitStack() as stack:
        for there, back in there_and_back:
            made.change("poverty", there)
            stack.callback(made.change, "poverty", back)
        yield


FILTERED = (
    ("create policy theo_xa on hn_thanh_vien for select using (ma_xa_goc < '17000')", "drop policy theo_xa on hn_thanh_vien"),
    ("alter table hn_thanh_vien enable row level security", "alter table hn_thanh_vien disable row level security"),
)


def test_a_login_that_may_see_a_part_is_refused_by_name_and_nothing_is_taken_for_deleted(made: Province) -> None:
    """A column taken away, a policy over rows, and a schema in the login's path that holds another table of a declared name."""
    columns = [c.source_column for d in datasets_of(source_named("poverty")) if d.name == "households" for c in d.columns]
    readable = ", ".join(c for c in columns if c != "diem_b2")
    before = {d.table: made.one(f"select count(*) from core.{d.table}") for d in datasets_of(source_named("poverty"))}
    with changed(
        made,
        ("revoke select on hn_ho from poverty_reader", "grant select on hn_ho to poverty_reader"),
        (f"grant select ({readable}) on hn_ho to poverty_reader", "select 1"),
        *FILTERED,
        ("create schema khac", "drop schema khac cascade"),
        ("create table khac.hn_phat_sinh as select * from hn_phat_sinh limit 1", "select 1"),
        ("create table khac.nhat_ky_nop as select * from nhat_ky_nop limit 0", "select 1"),
        ("grant usage on schema khac to poverty_reader", "select 1"),
        ("grant select on all tables in schema khac to poverty_reader", "select 1"),
    ):
        made.execute("alter role poverty_reader set search_path = khac, public")
        card = made.nightly("--source", "poverty", status=1)
        doctor = made.ansinh("doctor", status=1).stdout
        made.execute("alter role poverty_reader reset search_path")
    messages = dict(made.rows("select dataset, last_failure from ops.datasets where last_failure is not null"))
    assert set(messages) == {"households", "members"}, "another table of the same name is not met"
    assert "không có quyền đọc cột diem_b2" in messages["households"]
    assert (
        "public.hn_thanh_vien" in messages["members"] and "theo_xa" in messages["members"] and "bypassrls" in messages["members"]
    )
    assert sorted(told(card)) == sorted(messages.values())
    assert "chỉ thấy một phần" in doctor and "theo_xa" in doctor and "diem_b2" in doctor
    assert {table: made.one(f"select count(*) from core.{table}") for table in before} == before
    assert made.nightly("--source", "poverty")["failures"] == []
    check_reconciled(made)


def view_of(table: str, *, where: str = "true") -> tuple[tuple[str, str], ...]:
    return (
        (f"create view khung_nhin as select * from {table} where {where}", "drop view khung_nhin"),
        ("grant select on khung_nhin to poverty_reader", "select 1"),
    )


def body(language: str, text: str) -> str:
    return f"returns text language {language} stable as $$ {text} $$"


ASKS = ("create function ai() " + body("sql", "select current_setting('app.xa', true)"), "drop function ai")
HIDES = {
    "a view that filters by login": (view_of("hn_ho", where="current_user <> 'poverty_reader'"), "public.khung_nhin hỏi ai đang đọc (current_user)"),
    "one that is made of such a one": (
        (("create view ben_duoi as select * from hn_ho where session_user = 'x'", "drop view ben_duoi"), *view_of("ben_duoi")),
        "public.ben_duoi hỏi ai đang đọc (session_user)",
    ),
    "a function that asks, called by another": (
        (ASKS, ("create function qua() " + body("plpgsql", "begin return ai(); end"), "drop function qua"), *view_of("hn_ho", where="qua() is null")),
        "hàm public.ai hỏi ai đang đọc (current_setting)",
    ),
    "a policy that even its owner has to obey, beneath a view": (
        (*FILTERED, ("alter table hn_thanh_vien force row level security", "alter table hn_thanh_vien no force row level security"), *view_of("hn_ho", where="exists (select from hn_thanh_vien)")),
        "public.hn_thanh_vien có bảo mật theo dòng",
    ),
    "a view that reads with the reader's rights": (
        (*FILTERED, *view_of("hn_ho", where="exists (select from hn_thanh_vien)"), ("alter view khung_nhin set (security_invoker = true)", "select 1")),
        "public.hn_thanh_vien có bảo mật theo dòng",
    ),
    "a view that does not ask": (view_of("hn_ho", where="thon_xom is distinct from 'user'"), None),
    "a policy that only others have to obey, beneath a view": ((*FILTERED, *view_of("hn_ho", where="exists (select from hn_thanh_vien)")), None),
}  # fmt: skip


@pytest.mark.parametrize("way", HIDES)
def test_what_a_view_reads_is_looked_through(made: Province, way: str) -> None:
    changes, words = HIDES[way]
    by_view = replace(households(), road=Sql("khung_nhin", BY_ROW_HASH))
    with changed(made, *changes), connect(source_named("poverty"), reader_url(made)) as opened:
        assert opened.faults(by_view) == []
        hidden = opened.hidden(by_view)
        assert any(words in line for line in hidden) if words else hidden == []


def households() -> Dataset:
    return dataset_named("poverty.households")


def test_a_policy_that_lets_this_login_see_every_row_is_no_fault_and_any_other_is_an_error_of_the_server(made: Province) -> None:
    members, today = dataset_named("poverty.members"), dt.date(2024, 11, 20)
    open_to_us = (
        "create policy trung_tam on hn_thanh_vien for select to poverty_reader using (true)",
        "drop policy trung_tam on hn_thanh_vien",
    )
    source = source_named("poverty")
    with changed(made, *FILTERED):
        with pytest.raises(SourceRightMissing), connect(source, reader_url(made)) as opened:
            opened.standings(members, today)  # whoever asks without having looked first
        every_row = made.one("select count(*) from hn_thanh_vien", "source_poverty")
        with changed(made, open_to_us):
            assert seen(made, members) == every_row
        made.execute("alter role poverty_reader bypassrls")
        assert seen(made, members) == every_row
        made.execute("alter role poverty_reader nobypassrls")


def seen(made: Province, dataset: Dataset) -> int:
    """How many rows of a dataset a login has that nothing is hidden from."""
    with connect(dataset.source, reader_url(made)) as opened:
        assert opened.faults(dataset) == opened.hidden(dataset) == []
        found = opened.standings(dataset, dt.date(2024, 11, 20)).periods
    return sum(standing.rows or 0 for standings in found.values() for standing in standings)


def test_a_log_that_is_not_as_declared_is_named_before_it_is_read(made: Province) -> None:
    source = source_named("poverty")
    differs = (
        (
            "alter table nhat_ky_nop alter column thoi_diem_nop type text",
            "alter table nhat_ky_nop alter column thoi_diem_nop type timestamptz using thoi_diem_nop::timestamptz",
        ),
        ("alter table nhat_ky_nop rename column khai_rong to rong", "alter table nhat_ky_nop rename column rong to khai_rong"),
        ("create policy cua_xa on nhat_ky_nop for select using (false)", "drop policy cua_xa on nhat_ky_nop"),
        ("alter table nhat_ky_nop enable row level security", "alter table nhat_ky_nop disable row level security"),
    )
    with changed(made, *differs), connect(source, reader_url(made)) as opened:
        faults, hidden = opened.faults(SUBMISSION_LOG), opened.hidden(SUBMISSION_LOG)
        with pytest.raises(StructureChanged, match="từ bảng nhat_ky_nop"):
            refuse_other_than_declared(opened, households())
    assert any("thoi_diem_nop có kiểu text" in f for f in faults) and any("thiếu cột khai_rong" in f for f in faults)
    assert len(hidden) == 1 and "cua_xa" in hidden[0]


ANSWERS = {
    "22P05": (SourceValueWrong, "UTF-8"), "22012": (SourceValueWrong, "giá trị"), "53100": (SourceDiskFull, "đĩa của máy chủ nguồn đầy"),
    "53200": (SourceStrained, "bộ nhớ"), "53300": (SourceStrained, "kết nối"), "57014": (SourceCanceled, "30 phút"),
    "57P01": (SourceStopping, "kết thúc phiên"), "40001": (SourceCanceled, "xung đột"), "40P01": (SourceCanceled, "xung đột"),
    "54000": (SourceCannotAnswer, "không làm được"), "XX001": (SourceDamaged, "hỏng"), "58030": (SourceDamaged, "đĩa"),
    "25006": (SourceCannotAnswer, "không làm được"), "0A000": (SourceCannotAnswer, "không làm được"), "P0001": (SourceCannotAnswer, "không làm được"),
    "55P03": (SourceLocked, "khóa"), "42501": (SourceRightMissing, "quyền"), "42P01": (SourceChanged, "không thấy bảng"),
    "08006": (SourceUnreachable, "kết nối"),
}  # fmt: skip


def test_what_a_source_answers_is_called_what_it_is_also_in_the_middle_of_its_rows(made: Province) -> None:
    """The answers are the server's own; only why it gives them is made up."""
    by_view = replace(households(), road=Sql("khung_nhin", BY_ROW_HASH))
    fails = body("plpgsql", "begin raise exception 'Nguyễn Văn Mẫu' using errcode = ma; end")
    late = (
        "case when ma_ho = (select max(ma_ho) from hn_ho where nam_ra_soat = 2024) then loi((select ma from loi_ma)) end is null"
    )
    with changed(
        made,
        ("create table loi_ma as select ''::text as ma", "drop table loi_ma"),
        (f"create function loi(ma text) {fails}", "drop function loi"),
        *view_of("(select * from hn_ho order by ma_ho offset 0) h", where=late),
    ):
        for state, (kind, words) in ANSWERS.items():
            made.change("poverty", "update loi_ma set ma = :state", state=state)
            with pytest.raises(kind, match=words) as failed, connect(source_named("poverty"), reader_url(made)) as opened:
                list(opened.rows(by_view, "2024", dt.date(2024, 11, 20)))
            assert state in str(failed.value) and "Mẫu" not in str(failed.value)
    made.execute("alter role poverty_reader connection limit 0")  # told in words alone, at the door
    with pytest.raises(SourceStrained, match="hết chỗ kết nối"), connect(source_named("poverty"), reader_url(made)):
        pass
    made.execute("alter role poverty_reader connection limit -1")


STATES = {
    "53100": (WarehouseDiskFull, "đĩa của máy chủ kho đầy"), "53300": (WarehouseStrained, "kết nối"), "57014": (WarehouseCanceled, "hủy"),
    "40P01": (WarehouseCanceled, "xung đột"), "55P03": (WarehouseCanceled, "khóa"), "57P01": (WarehouseLost, "mất kết nối"),
    "25006": (WarehouseReadOnly, "chỉ cho đọc"), "XX001": (WarehouseDamaged, "hỏng"), "54000": (Unforeseen, "ProgramLimitExceeded"),
    "55000": (Unforeseen, "ObjectNotInPrerequisiteState"),
}  # fmt: skip


def test_what_the_warehouse_answers_is_called_what_it_is(made: Province) -> None:
    with made.engine().connect() as connection:
        for state, (kind, words) in STATES.items():
            try:
                connection.exec_driver_sql(f"do $$ begin raise exception 'Nguyễn Văn Mẫu' using errcode = '{state}'; end $$")
            except sa.exc.DBAPIError as error:
                failure = typed("thử", error)
                assert isinstance(failure, kind) and words in str(failure) and "Mẫu" not in str(failure), state
                assert isinstance(typed("thử", error.orig or error), kind), "as a COPY raises it"
            connection.rollback()
    shared = SharedWarehouse(made.engine())
    for state, kind in {"53100": SharedDiskFull, "57014": SharedBusy, "25006": SharedCannot, "57P01": SharedUnreachable}.items():
        with pytest.raises(kind, match=f"kho dùng chung.*({state}|máy chủ)"), shared._transaction("Công bố bảng") as connection:
            cursor = connection.connection.cursor()  # as a COPY goes
            cursor.execute(f"do $$ begin raise exception 'Nguyễn Văn Mẫu' using errcode = '{state}'; end $$")


def test_the_doctor_finds_a_login_that_can_write(made: Province) -> None:
    made.change("poverty", "grant insert on hn_ho to poverty_reader")
    doctor = made.ansinh("doctor", status=1).stdout
    assert "ghi được bảng hn_ho" in doctor and "thu hồi" in doctor
    made.change("poverty", "revoke insert on hn_ho from poverty_reader")
    odd = "'412', 'hn_phat_sinh', '2024-10', 'infinity', -1, true), ('999', 'hn_phat_sinh', '2024-13', now(), 0, true"
    with changed(
        made, (f"insert into nhat_ky_nop values ({odd})", "delete from nhat_ky_nop where so_dong = -1 or ma_don_vi = '999'")
    ):
        assert "hn_phat_sinh: sổ nộp có 2 dòng không dùng được" in made.ansinh("doctor").stdout


@contextmanager
def sessions(made: Province, count: int) -> Iterator[None]:
    """Others of ours at the source, with its reader's rights alone."""
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(closing(psycopg2.connect(reader_url(made), application_name="ansinh")))
        yield


def reader_url(made: Province) -> str:
    return libpq_uri(made.server.url("source_poverty", "poverty_reader"))


def test_no_more_connections_are_opened_than_declared(made: Province) -> None:
    with sessions(made, 1):
        assert made.nightly("--source", "poverty")["failures"] == []
    with sessions(made, 2):
        (message,) = told(made.nightly("--source", "poverty", status=1))
        assert "đã có 2 phiên" in message and "tối đa 2" in message
        assert "đã có 2 phiên" in made.ansinh("doctor", status=1).stdout
    assert made.nightly("--source", "poverty")["failures"] == []
    check_ui_agrees(made)


def test_a_server_that_is_too_old_is_named_before_anything_is_asked_of_it(made: Province) -> None:
    """Stands in for one: the oldest server that is at hand is newer."""
    with pytest.raises(SourceTooOld, match="cần 99 trở lên"), connect(source_named("poverty"), reader_url(made), oldest=99):
        pass


@pytest.mark.parametrize(
    ("limit", "failure", "words"),
    [("statement_timeout", SourceCanceled, "SQLSTATE 57014"), ("lock_timeout", SourceLocked, "quá 0.2 giây")],
)
def test_a_statement_and_a_wait_for_a_lock_last_as_long_as_declared(
    made: Province, limit: str, failure: type[Failure], words: str
) -> None:
    source = source_named("poverty")
    short = replace(source, limits=replace(source.limits, **{limit: dt.timedelta(seconds=0.2)}))
    with closing(psycopg2.connect(dbname="source_poverty", user="poverty_owner", host=str(made.server.data_dir))) as owner:
        owner.cursor().execute("lock table hn_ho in access exclusive mode")
        with pytest.raises(failure, match=words), connect(short, reader_url(made)) as opened:
            opened.standings(households(), dt.date(2024, 11, 20))


def test_the_datasets_of_a_night_share_a_session_and_one_that_was_ended_is_replaced(made: Province) -> None:
    source, url = source_named("poverty"), reader_url(made)

    def process() -> int:
        with session(source, url) as connection, connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            return cursor.fetchall()[0][0]

    mine = sa.text("select pid from pg_stat_activity where usename = 'poverty_reader' and application_name = 'ansinh'")
    with made.engine("source_poverty").connect() as above:
        with source_sessions.kept():
            first = process()
            assert process() == first
            above.execute(sa.text("select pg_terminate_backend(:pid, 5000)"), {"pid": first})
            assert process() not in (first, None)
            with pytest.raises(RuntimeError), session(source, url):
                broken = above.execute(mine).all()
                raise RuntimeError
            assert process() not in {row.pid for row in broken}, "what a failure left behind is not used again"
            with sessions(made, 2), pytest.raises(SourceBusy), session(source, url):
                pass
            until(lambda: not made.rows(mine.text, "source_poverty"))  # one that may not go on is not left open
        assert process() != process()


def test_the_doctor_shows_what_reading_may_cost_each_source(made: Province) -> None:
    shown = made.ansinh("doctor").stdout
    assert shown.count("2 kết nối, 200.000 dòng mỗi giây, mỗi câu lệnh 30 phút, chờ khóa 10 giây, bộ nhớ 64 MB") == 4
    bounds = {f["what"]: f["bounds"] for f in json.loads(made.ansinh("doctor", "--json").stdout)}
    declared = {"connections": 2, "rows_per_second": 200_000, "statement_timeout": 1800.0, "lock_timeout": 10.0, "memory_mb": 64}
    assert bounds["nguồn poverty"] == declared and bounds["đồng hồ"] is None


CODECS = {"UTF8": "utf-8", "WIN1258": "cp1258", "SQL_ASCII": "utf-8"}


def lines_of(text: str, codec: str) -> bytes:
    """The lines that Windows' Vietnamese can hold, where a tone is a character of its own."""
    found = {line: "".join(map(_apart, unicodedata.normalize("NFC", line))) for line in text.splitlines(keepends=True)}
    held = {line: apart for line, apart in found.items() if apart.encode("cp1258", "replace").decode("cp1258") == apart}
    return b"".join((apart if codec == "cp1258" else line).encode(codec) for line, apart in held.items())


def _apart(letter: str) -> str:
    marks = unicodedata.normalize("NFD", letter)
    return unicodedata.normalize("NFC", TONES.sub("", marks)) + "".join(TONES.findall(marks))


TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")


@contextmanager
def copied(made: Province, encoding: str) -> Iterator[str]:
    """A database of this encoding that holds the tables of a source; the address for its reader."""
    source, name = "social_protection", f"source_{encoding.lower()}"
    with closing(made.server.connect()) as above, above.cursor() as cursor:
        cursor.execute(f"create database {name} encoding '{encoding}' template template0 lc_collate 'C' lc_ctype 'C'")
    try:
        with closing(made.server.connect(f"source_{source}")) as there, closing(made.server.connect(name)) as here:
            tables = (BENEFICIARIES.road.table, "nhat_ky_nop")
            for table, read, write in ((t, there.cursor(), here.cursor()) for t in tables):
                read.execute(
                    "select string_agg(format('%%I %%s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum) "
                    "from pg_attribute where attrelid = %s::regclass and attnum > 0",
                    (table,),
                )
                write.execute(f"create table {table} ({read.fetchone()[0]}); grant select on {table} to {source}_reader")
                rows = io.StringIO()
                read.copy_expert(f"copy {table} to stdout", rows)
                write.execute("set client_encoding = 'SQL_ASCII'")
                write.copy_expert(f"copy {table} from stdin", io.BytesIO(lines_of(rows.getvalue(), CODECS[encoding])))
        yield libpq_uri(made.server.url(name, f"{source}_reader"))
    finally:
        with closing(made.server.connect()) as above, above.cursor() as cursor:
            cursor.execute(f"drop database {name} with (force)")


def test_a_source_of_another_encoding_loads_and_a_byte_that_is_no_letter_of_it_stops_no_other_row(
    made: Province, two: Two
) -> None:
    table, today = BENEFICIARIES.road.table, dt.date(2024, 11, 20)

    def loaded_from(url: str) -> list[str]:
        hub = two.hub()
        with connect(BENEFICIARIES.source, url) as opened:
            sync_dataset(hub, BENEFICIARIES, opened, Request("test"))
        hub.warehouse.engine.dispose()
        return held(hub, BENEFICIARIES, keys=False)["rows"]

    with copied(made, "UTF8") as url:
        expected = loaded_from(url)
    assert sum("Nguyễn" in row for row in expected) > 30
    for encoding in ("WIN1258", "SQL_ASCII"):
        with copied(made, encoding) as url:
            assert loaded_from(url) == expected, encoding
            with connect(BENEFICIARIES.source, url) as opened:
                ((told, family),) = opened.fetch(
                    f"select count(*), min(left(ho_ten, 7)) from {table} where ho_ten ~ '^Nguyễn' or ho_ten = 'it''s'"
                )
                assert told > 30
                assert family.startswith("Nguy")
            with closing(psycopg2.connect(url, user="postgres")) as above, above, above.cursor() as cursor:
                above.set_client_encoding("SQL_ASCII")
                cursor.execute(
                    f"update {table} set ho_ten = E'Tr\\x8dn', ma_xa_goc = E'\\x8d\\xff' where ctid in (select min(ctid) from {table})"
                )
            with connect(BENEFICIARIES.source, url) as opened:
                standings = opened.standings(BENEFICIARIES, today).periods["now"]
                read = pa.Table.from_batches(opened.rows(BENEFICIARIES, "now", today)).select(["ho_ten", "ma_xa_goc"]).to_pylist()
            assert [row["ho_ten"] for row in read if row["ma_xa_goc"] == b"\x8d\xff"] == [b"Tr\x8dn"]
            assert len(read) == sum(standing.rows or 0 for standing in standings)


LOAD = """
import sys
from assets.cells.outcome import Request
from assets.cells.run import sync_dataset
from resources.connectors.postgresql.connector import connect
from resources.hub import Hub
from schemas.sources.social_protection import BENEFICIARIES

with connect(BENEFICIARIES.source, sys.argv[1]) as opened:
    cells = sync_dataset(Hub.open(), BENEFICIARIES, opened, Request("test")).cells
print(sum(cell.accepted for cell in cells), sum(cell.rejected for cell in cells))
"""


def test_rows_of_any_size_take_no_more_than_400_mb(made: Province, two: Two) -> None:
    """Texts of eight million letters, keys and communes among them, and rows in which each field is as long as one may be, and longer."""
    table = BENEFICIARIES.road.table
    texts = [c.source_column for c in BENEFICIARIES.columns if c.source_type == "text"]
    hub = two.hub()
    with copied(made, "UTF8") as url:
        with closing(psycopg2.connect(url, user="postgres")) as above, above, above.cursor() as cursor:
            cursor.execute(f"alter table {table} add column n serial")
            for rows, columns, letters in (
                ("n <= 6", ["ho_ten", "ma_xa_goc", "ma_doi_tuong"], "repeat('x', 8000000)"),
                ("n between 7 and 66", texts, "repeat(md5(n::text), 312 + n % 2)"),
                ("n between 67 and 76", texts, "repeat(chr(1), 9999)"),  # each of them six letters, as quarantine writes it
            ):
                cursor.execute(f"update {table} set {', '.join(f'{c} = {letters}' for c in columns)} where {rows}")
            cursor.execute(f"alter table {table} drop column n")
            cursor.execute(f"select count(*) from {table}")
            (sent,) = cursor.fetchone() or (0,)
        home = {"WAREHOUSE_URL": hub.warehouse.engine.url.render_as_string(hide_password=False)}
        done = measured([sys.executable, "-c", LOAD, url], made.environment | home)
    accepted, rejected = map(int, done.last_line.split())
    assert accepted + rejected == sent
    assert rejected >= 76
    assert done.peak_mb < 400
    hub.warehouse.engine.dispose()


def test_the_environment_of_the_tests_holds_no_address_of_a_source() -> None:
    assert not [name for name in os.environ if name.startswith("SOURCE_")]
