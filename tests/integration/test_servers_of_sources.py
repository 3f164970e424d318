"""What a server answers, in words, and what reading may cost it."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace

import psycopg2
import pytest
import sqlalchemy as sa

from resources.clock import system_time
from resources.connectors.failures import (
    SourceBusy,
    SourceCanceled,
    SourceCannotAnswer,
    SourceChanged,
    SourceDamaged,
    SourceDiskFull,
    SourceLocked,
    SourceRightMissing,
    SourceSilent,
    SourceSlow,
    SourceStopping,
    SourceStrained,
    SourceTooOld,
    SourceUnreachable,
    SourceValueWrong,
)
from resources.connectors.postgresql.connector import connect
from resources.connectors.postgresql.sessions import session
from resources.connectors.turns import turn
from resources.connectors.witnesses import ahead_of_sources
from resources.failing import Failure
from resources.failures import ClockAgainstServer, ClockLeapt, Unforeseen
from resources.hub import Hub
from resources.publication.failures import SharedBusy, SharedCannot, SharedDiskFull, SharedUnreachable
from resources.publication.publisher import transaction
from resources.settings import Settings
from resources.warehouse.engine import typed
from resources.warehouse.failures import (
    WarehouseCanceled,
    WarehouseDamaged,
    WarehouseDiskFull,
    WarehouseLost,
    WarehouseReadOnly,
    WarehouseStrained,
)
from schemas.dataset import Source
from schemas.registry import SOURCES, comes_by_file, source_named
from schemas.roads import BY_ROW_HASH, Sql
from tests.integration.agreement import check_reconciled, check_ui_agrees
from tests.integration.province import Province, province, touch, until
from tests.integration.proxies import line
from tests.integration.source_changes import body, changed, households, reader_url, told, view_of

pytestmark = pytest.mark.landing


@pytest.fixture(scope="module")
def made() -> Iterator[Province]:
    with province(after_first_night=True) as found:
        yield found


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
            with pytest.raises(sa.exc.DBAPIError) as failed:
                connection.exec_driver_sql(f"do $$ begin raise exception 'Nguyễn Văn Mẫu' using errcode = '{state}'; end $$")
            failure = typed("thử", failed.value)
            assert isinstance(failure, kind) and words in str(failure) and "Mẫu" not in str(failure), state
            assert isinstance(typed("thử", failed.value.orig), kind), "as a COPY raises it"
            connection.rollback()
    for state, kind in {"53100": SharedDiskFull, "57014": SharedBusy, "25006": SharedCannot, "57P01": SharedUnreachable}.items():
        with (
            pytest.raises(kind, match=f"kho dùng chung.*({state}|máy chủ)"),
            transaction(made.engine(), "Công bố bảng") as connection,
        ):
            cursor = connection.connection.cursor()  # as a COPY goes
            cursor.execute(f"do $$ begin raise exception 'Nguyễn Văn Mẫu' using errcode = '{state}'; end $$")


@contextmanager
def sessions(made: Province, count: int) -> Iterator[None]:
    """Others of ours at the source, with its reader's rights alone."""
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(closing(psycopg2.connect(reader_url(made), application_name="ansinh")))
        yield


def test_no_more_connections_are_opened_than_declared(made: Province) -> None:
    with sessions(made, 2):
        (message,) = told(made.nightly("--source", "poverty", status=1))
        assert "đã có 2 phiên" in message and "tối đa 2" in message
        assert "đã có 2 phiên" in made.doctor(status=1)
    with sessions(made, 1):
        assert made.nightly("--source", "poverty")["failures"] == [], "as soon as one of the two is left"
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


def patient(answer: float, reading: float) -> Source:
    source = source_named("poverty")
    bounds = {"answer_timeout": dt.timedelta(seconds=answer), "reading_timeout": dt.timedelta(seconds=reading)}
    return replace(source, limits=replace(source.limits, **bounds))


def test_an_answer_is_waited_for_as_long_as_declared_and_the_server_is_told_that_nobody_waits(made: Province) -> None:
    """Neither time-out of the server's own would end it: that of a statement is half an hour, and a lock there is none."""
    url = reader_url(made)
    with pytest.raises(SourceSilent, match="0,5 giây"), connect(patient(0.5, 60), url) as opened:
        opened.fetch("select pg_sleep(600)::text")
    with turn(), pytest.raises(SourceSlow, match="1,5 giây"):
        while True:  # each answer comes in time
            with connect(patient(1, 1.5), url) as opened:
                opened.fetch("select pg_sleep(0.4)::text")
    until(lambda: not made.rows("select from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()"))


def test_rows_that_drip_are_given_up_and_what_never_comes_back_is_not_piled_up(made: Province) -> None:
    source, day, came = patient(1, 60), dt.date(2024, 11, 20), None
    with (
        line(made.server, drips=0.05) as dripping,
        pytest.raises(SourceSilent),
        connect(source, dripping.url("poverty").replace("+psycopg2", "")) as opened,
    ):
        dripping.silent_after, came = 0, opened.rows(households(), "2024", day)
        list(came)
    assert came is not None, "it was silent in the midst of its rows, and not before"
    until(lambda: not any(t.name == "source poverty" for t in threading.enumerate()))
    with line(made.server, silent_after=100) as silent:
        for _ in range(4):
            with pytest.raises(SourceSilent), connect(source, silent.url("poverty").replace("+psycopg2", "")):
                pass
        assert silent.connections == source.limits.connections
    until(lambda: not any(t.name == "source poverty" for t in threading.enumerate()))  # the line is gone: they come back
    with connect(source, reader_url(made)) as opened:
        assert opened.standings(households(), day).periods["2024"]


def test_the_datasets_of_a_night_share_a_session_and_one_that_was_ended_is_replaced(made: Province) -> None:
    source, url = source_named("poverty"), reader_url(made)

    def process() -> int:
        with connect(source, url) as opened:
            return opened.fetch("select pg_backend_pid()")[0][0]

    mine = sa.text("select pid from pg_stat_activity where usename = 'poverty_reader' and application_name = 'ansinh'")
    with made.engine("source_poverty").connect() as above:
        with turn():
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
    shown = made.doctor()
    assert shown.count("giới hạn khi đọc") == 1, "all sources are read alike"
    assert (
        "giới hạn khi đọc, mọi nguồn: 2 kết nối, 200.000 dòng mỗi giây, mỗi câu lệnh 30 phút, chờ khóa 10 giây, chờ trả lời 5 phút, cả lượt 60 phút, bộ nhớ 64 MB"
    ) in shown
    bounds = {f["what"]: f["bounds"] for f in json.loads(made.ansinh("doctor", "--json").stdout)}
    declared = {
        "connections": 2,
        "rows_per_second": 200_000,
        "statement_timeout": 1800.0,
        "lock_timeout": 10.0,
        "answer_timeout": 300.0,
        "reading_timeout": 3600.0,
        "memory_mb": 64,
    }
    assert bounds["nguồn poverty"] == declared and bounds["đồng hồ"] is None


def test_production_believes_its_clock_as_long_as_the_servers_do(made: Province, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last instant is the demo's, years ago: a leap, of which the sources are asked."""
    settings = Settings("production", made.home)
    monkeypatch.setenv("WAREHOUSE_URL", made.server.url("warehouse"))
    with pytest.raises(ClockLeapt, match="không nguồn nào trả lời"):
        Hub(settings).now()
    for source in SOURCES:
        url = Settings("demo", made.home).source_url(source.name)
        assert url is not None
        monkeypatch.setenv(source.environment, url)
    for part in ("CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"LGSP_{part}_FILE", str(made.home / "run" / f"platform.{part.lower()}"))
    monkeypatch.setenv("LGSP_PARTNER_CODE", "H41.21")
    assert abs(Hub(settings).now() - system_time()) < dt.timedelta(minutes=1)
    for hours in (2, -2, 24 * 1500):
        with pytest.raises(ClockAgainstServer, match="máy chủ kho"):
            Hub(settings, system=lambda hours=hours: system_time() + dt.timedelta(hours=hours)).now()
    with_a_clock = {source.name for source in SOURCES if not comes_by_file(source)}
    assert set(ahead_of_sources(settings, system_time)) == with_a_clock


def test_what_a_clock_ahead_recorded_is_dated_back_when_a_person_says_so(made: Province) -> None:
    """Also as of when open data is read, and what stands of reports: nothing lies ahead, and the next night goes on."""
    day = (made.home / "clock").read_text()
    touch(made)
    versions = "select count(*), count(*) filter (where recorded_to is null) from history.poverty_households"
    (made.home / "clock").write_text("2024-12-10\n")
    made.ansinh("nightly", "--source", "poverty", status=None)
    (made.home / "clock").write_text(day)
    before = made.rows(versions)
    assert before[0][0] > before[0][1] > 0, "versions ended at an instant that has not come"
    order = "select row_key from history.poverty_households order by recorded_from, row_key"
    keys = made.rows(order)
    assert "ansinh clock accept" in made.ansinh("nightly", "--source", "poverty", status=1).stderr
    accepted = made.ansinh("clock", "accept", "--reason", "Pin đồng hồ hỏng", "--by", "Nguyễn Thị Mẫu").stdout
    assert "mang thời điểm chưa đến" in accepted
    ((by, why, rows),) = made.rows(
        "select accepted_by, reason, rows from ops.clock_acts where dated_back_by > interval '15 days'"
    )
    assert (by, why) == ("Nguyễn Thị Mẫu", "Pin đồng hồ hỏng") and rows > 0
    assert "không có gì phải xác nhận" in made.ansinh("clock", "accept", "--reason", "Lần nữa", "--by", "Nguyễn Thị Mẫu").stdout
    assert made.one("select count(*) from ops.clock_acts") == 1
    assert made.rows(versions) == before and made.rows(order) == keys
    wrong = "select count(*) from history.poverty_households where recorded_to < recorded_from or recorded_from > '2024-11-22'"
    assert made.one(wrong) == 0
    ahead = "select count(*) from ops.cells where first_received_at > '2024-11-22' or period = '2024-12' or period = '2025'"
    assert made.one(ahead) == 0
    assert made.nightly("--source", "poverty")["failures"] == [], "what was judged by the lists of December is judged again"
    check_reconciled(made)
    check_ui_agrees(made)
