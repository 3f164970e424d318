"""A source that is dead, deaf, locked, changed, or lost in the middle: one message, spaced retries, the others go on.

The servers, sockets and locks are real; the line that is cut stands before the real server.
"""

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
import pytest
import sqlalchemy as sa

from schemas.registry import SOURCES, datasets_of, source_named
from tests.integration.agreement import check_checks_agree, check_reconciled, check_ui_agrees, checks_in_the_ui
from tests.integration.province import Province, province, touch
from tests.integration.proxies import line, nowhere
from tests.integration.source_changes import told

pytestmark = pytest.mark.landing

OTHERS = tuple(s.name for s in SOURCES if s.name != "poverty")


@pytest.fixture(scope="module")
def made() -> Iterator[Province]:
    with province(after_first_night=True) as found:
        yield found


@pytest.fixture(scope="module")
def fresh() -> Iterator[Province]:
    """Of which nothing was read yet."""
    with province() as found:
        yield found


def loaded(made: Province, source: str) -> int:
    return made.one("select count(*) from ops.cells where source = :s and first_received_at is not null", s=source)


# Of three such systems, one that crawls and one that lies test_hard_night.py asks each time.
@pytest.mark.long
def test_a_first_night_with_a_dead_source_loads_the_others_and_files_what_it_can(fresh: Province) -> None:
    """Nothing of poverty was ever read: the yearly form is provisional, says which units are missing, and is filed."""
    card = fresh.having(SOURCE_POVERTY_URL=nowhere("poverty")).nightly(status=1)
    (message,) = told(card)
    assert message.startswith("Đọc hệ thống nguồn poverty")
    assert "không kết nối được" in message and "Kiểm tra SOURCE_POVERTY_URL" in message
    assert loaded(fresh, "poverty") == 0
    assert all(loaded(fresh, source) > 0 for source in OTHERS)
    maturity, inputs = fresh.rows("select maturity, inputs from ops.report_submissions where form = 'AS-N' and period = '2023'")[
        0
    ]
    assert maturity == "provisional"
    missing = [i for i in inputs if i.get("dataset") == "poverty.review_results"]
    assert missing and not any(c["received"] for c in missing[0]["units"].values())
    assert "Hỏng" in fresh.ansinh("status").stdout
    runs = dict(fresh.rows("select pipeline_name, status from runs", "dagster"))
    assert [job for job, status in runs.items() if status != "SUCCESS"] == ["nightly_poverty"]
    check_reconciled(fresh)
    check_ui_agrees(fresh)


@pytest.mark.long
def test_when_it_is_back_the_next_night_catches_up_and_the_form_is_filed_again(fresh: Province) -> None:
    fresh.ansinh("demo", "day", "+1")  # at most one revision of a form and night
    card = fresh.nightly("--source", "poverty")
    assert card["failures"] == []
    assert loaded(fresh, "poverty") > 0
    revisions = fresh.rows(
        "select revision, status, replaces is not null from ops.report_submissions where form = 'AS-N' and period = '2023' order by 1"
    )
    assert [r[0] for r in revisions] == [1, 2]
    assert revisions[0][1] == "replaced" and revisions[1][2]
    assert "Hỏng" not in fresh.ansinh("status").stdout
    check_reconciled(fresh)
    check_ui_agrees(fresh)


# Of a system that crawls and of dead ones beside it test_hard_night.py asks each time.
@pytest.mark.long
def test_a_source_that_never_answers_is_given_up_once(made: Province) -> None:
    """Every dataset would wait as long as the first did: the run asks a silent system once, with its retries."""
    with line(made.server, hangs=True) as deaf:
        started = time.monotonic()
        card = made.having(SOURCE_POVERTY_URL=deaf.url("poverty")).nightly("--source", "poverty", status=1)
        assert len(told(card)) == 1 and "không kết nối được" in told(card)[0]
        assert 2 <= deaf.connections <= 5, "spaced retries, with a limit, for the run and not for each dataset"
        assert time.monotonic() - started < 120
    check_ui_agrees(made)


@pytest.mark.long
def test_a_source_that_falls_silent_holds_up_only_itself(made: Province) -> None:
    """It accepts, lets in and says nothing more: it has its turn again after the others, and the reports come once it is given up."""
    before = made.one("select max(create_timestamp) from runs", "dagster")
    with line(made.server, silent_after=100) as silent:
        deaf = made.having(SOURCE_POVERTY_URL=silent.url("poverty"), ANSINH_ANSWER_SECONDS="5")
        (message,) = told(deaf.nightly(status=1))
        assert "nguồn poverty" in message and "không trả lời trong 5 giây" in message
        assert silent.connections == 2, "one for each turn, whatever its datasets"
        doctor = deaf.doctor(status=1)
        assert "không trả lời trong 1 giây" in doctor and all(f"tốt nguồn {source}" in doctor for source in OTHERS)
    runs = made.rows(
        "select pipeline_name, status, start_time, end_time from runs where create_timestamp > :before order by start_time",
        "dagster",
        before=before,
    )
    loaded_by = {run.pipeline_name: run for run in runs if run.status == "SUCCESS"}
    given_up = [run for run in runs if run.pipeline_name == "nightly_poverty"][-1]
    assert loaded_by.keys() >= {f"nightly_{source}" for source in OTHERS}
    assert all(loaded_by[f"nightly_{source}"].end_time <= given_up.start_time for source in OTHERS)
    assert loaded_by["nightly_reports"].start_time >= given_up.end_time


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


def test_a_wrong_or_expired_password_is_not_tried_again_and_not_told(made: Province) -> None:
    for given, until in (("sai-mat-khau", "infinity"), ("dung-mat-khau", "2024-01-01")):  # wrong, and right once
        made.execute(f"alter role poverty_reader password 'dung-mat-khau' valid until '{until}'")
        url = made.server.url("source_poverty", "poverty_reader").replace("poverty_reader@", f"poverty_reader:{given}@")
        with password_asked(made, "poverty_reader"):
            done = made.having(SOURCE_POVERTY_URL=url).ansinh("nightly", "--source", "poverty", status=1)
            assert "máy chủ từ chối đăng nhập" in done.stderr
            assert done.stderr.count("từ chối đăng nhập") == 1, "one message, though the system has several datasets"
            assert "Thử lại" not in done.stderr + done.stdout
            assert given not in done.stderr + done.stdout
        assert made.one("select count(*) from ops.datasets where last_failure like '%' || :p || '%'", p=given) == 0
    made.execute("alter role poverty_reader password null valid until 'infinity'")
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


@pytest.mark.long
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
    both = ("--source", "meritorious_persons", "--source", "poverty")
    card = made.nightly(*both, status=1)
    [beside] = [s for s in card["systems"] if s["source"] == "meritorious_persons"]
    assert beside["failed_datasets"] == []
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
    doctor = made.doctor(status=1)
    assert "ghi_chu_moi" in doctor
    for _, _, back in CHANGES.values():
        made.change("poverty", back)
    assert made.nightly(*both)["failures"] == []
    check_reconciled(made)
    check_ui_agrees(made)


@pytest.mark.long
def test_a_system_that_the_province_does_not_play_is_passed_over_in_words(made: Province) -> None:
    built = made.home / "demo" / "built.json"
    as_built = built.read_text(encoding="utf-8")
    assert "poverty" in json.loads(as_built)["systems"]
    built.write_text(json.dumps(json.loads(as_built) | {"systems": list(OTHERS)}), encoding="utf-8")
    try:
        night = made.ansinh("nightly", "--json")
        doctor = " ".join(made.ansinh("doctor", status=None).stdout.split())
        by_name = made.ansinh("nightly", "--source", "poverty", status=1)
    finally:
        built.write_text(as_built, encoding="utf-8")
    card = json.loads(night.stdout)
    assert card["failures"] == [] and {s["source"] for s in card["systems"]} == set(OTHERS)
    passed_over = "không có trong tỉnh mô phỏng và SOURCE_POVERTY_URL chưa đặt"
    assert f"Hộ nghèo: {passed_over}" in night.stderr and f"nguồn poverty: {passed_over}" in doctor
    assert "Đặt SOURCE_POVERTY_URL; hệ thống khác vẫn chạy" in by_name.stderr  # asked for by its name it is a failure


def test_the_environment_of_the_tests_holds_no_address_of_a_source() -> None:
    assert not [name for name in os.environ if name.startswith("SOURCE_")]
