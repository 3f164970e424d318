"""The operators are told: by a real mail server and a real webhook, of real runs, each matter once, and never a personal value."""

import argparse
import datetime as dt
import json
import os
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteInstigatorOrigin, RemoteRepositoryOrigin
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    InstigatorType,
    ScheduleInstigatorData,
    SensorInstigatorData,
    TickData,
    TickStatus,
)
from dagster._daemon.sensor import get_elapsed

from assets.tags import NIGHT
from pipelines import sensors
from pipelines.alerting import telling
from pipelines.commands import alert, clock
from pipelines.doctor import alerting as doctor_of_alerts
from pipelines.doctor import backups as doctor_of_backups
from pipelines.doctor import scheduler as doctor
from pipelines.job_names import REPORTS_JOB, night_job_name
from pipelines.nights import in_words, last_nights
from pipelines.runtime.instance import instance
from resources.alerting import mail, webhook
from resources.alerting.channels import configured
from resources.alerting.failures import (
    ChannelLoginRefused,
    ChannelRefused,
    ChannelSlow,
    ChannelUnreachable,
    ChannelUnsafe,
)
from resources.alerting.message import Message
from resources.clock import ZONE
from resources.embedded import server
from resources.failing import Failure
from resources.hub import Hub
from resources.settings import Settings
from resources.warehouse.running import alerts, backups
from tests.fixtures.certificates import certified
from tests.fixtures.hostile import Hostile, drips, hostile, http, pours, says
from tests.fixtures.mailbox import PASSWORD, USER, Mailbox, mailbox, talker
from tests.integration.province import until
from tests.integration.report_hub import SmallHub, at
from tests.integration.warm import warm

MARK = "NGUYỄN THỊ DẤU 040199001234"
NOW = dt.datetime(2026, 11, 29, 8, 0, tzinfo=ZONE)
AWAY = "cong.vi-du.invalid"  # the certificate's name; it leads to this machine, and is not written as such
ACCOUNT = (
    USER.replace("@", "%40") + ":" + PASSWORD.replace("@", "%40").replace("/", "%2F").replace("?", "%3F").replace("#", "%23")
)


def message(number: str = "1") -> Message:
    return Message(number, "[ansinh] hệ thống Trẻ em", "- một việc\n", NOW)


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("ALERT_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certified(tmp_path_factory.mktemp("paper"))


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with mailbox() as found:
        monkeypatch.setenv("ALERT_SMTP_URL", found.url)
        monkeypatch.setenv("ALERT_TO", "cntt@so.vi-du.invalid")
        yield found


def on_tls(paper: tuple[Path, Path]) -> ssl.SSLContext:
    found = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    found.load_cert_chain(*paper)
    return found


@pytest.fixture
def name_leads_here(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *a, **k: ask("127.0.0.1" if host == AWAY else host, *a, **k))


def mail_to(url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("ALERT_SMTP_URL", url)
    monkeypatch.setenv("ALERT_TO", "cntt@so.vi-du.invalid, truc2@so.vi-du.invalid")
    return configured()[0]


# The mail server.


def test_a_letter_is_in_vietnamese_with_its_number_and_answers_to_nobody(box: Mailbox) -> None:
    mail.send(configured()[0], message("abc"))
    (letter,) = box.letters
    assert letter["Subject"] == "[ansinh] hệ thống Trẻ em" and letter["To"] == "cntt@so.vi-du.invalid"
    assert letter["Message-ID"].startswith("<abc@") and letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().splitlines() == ["- một việc"]
    assert letter.as_bytes().isascii()  # every server takes it


@pytest.mark.usefixtures("name_leads_here")
def test_another_machine_is_spoken_to_over_starttls_and_its_account_used(
    paper: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with mailbox(starttls=on_tls(paper)) as found:
        channel = mail_to(f"smtp://{ACCOUNT}@{AWAY}:{found.port}", monkeypatch)
        with pytest.raises(ChannelUnsafe):  # nobody vouches for it
            mail.send(channel, message())
        assert not found.logins and not found.letters
        mail.greet(channel, str(paper[0]))
        assert found.logins and not found.letters
        mail.send(channel, message(), str(paper[0]))
        assert len(found.letters) == 1
        with pytest.raises(ChannelUnsafe, match="ALERT_CA_FILE"):
            mail.send(channel, message(), "/nowhere.pem")


@pytest.mark.usefixtures("name_leads_here")
def test_without_starttls_nothing_is_said_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with mailbox() as found:
        channel = mail_to(f"smtp://{ACCOUNT}@{AWAY}:{found.port}", monkeypatch)
        with pytest.raises(ChannelUnsafe, match="STARTTLS"):
            mail.send(channel, message())
        assert not found.logins and not found.letters


def test_a_wrong_password_is_told_without_it(paper: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    with mailbox(tls=on_tls(paper)) as found:
        mail.send(mail_to(f"smtps://{ACCOUNT}@127.0.0.1:{found.port}", monkeypatch), message(), str(paper[0]))
        assert len(found.letters) == 1
        wrong = mail_to(f"smtps://{ACCOUNT}sai@127.0.0.1:{found.port}", monkeypatch)
        with pytest.raises(ChannelLoginRefused) as refused:
            mail.send(wrong, message(), str(paper[0]))
    assert "mat@khau" not in str(refused.value) and USER not in str(refused.value)


def test_a_letter_that_is_not_taken_is_refused_by_its_code_alone(box: Mailbox) -> None:
    box.answer = f"554 5.7.1 {MARK}"
    with pytest.raises(ChannelRefused, match="554") as refused:
        mail.send(configured()[0], message())
    assert MARK not in str(refused.value)


@pytest.mark.parametrize(
    ("say", "kind"),
    [
        (says(b""), ChannelUnreachable),
        (says(b"421 4.3.2 " + MARK.encode() + b"\r\n"), ChannelUnreachable),
        (says(b"hello\r\n"), ChannelUnreachable),
        (says(b"2" * 10_000 + b"\r\n"), ChannelRefused),
        (lambda line: line.recv(1), ChannelSlow),
        (drips(b"220", b"-"), ChannelSlow),
        (drips(b"220 ok\r\n", b"250-x\r\n", 0.05), ChannelSlow),
        (pours(b"220 ok\r\n", b"250-x\r\n", []), ChannelUnreachable),
    ],
)
def test_a_mail_server_that_does_anything_is_left(say: Any, kind: type[Failure], monkeypatch: pytest.MonkeyPatch) -> None:
    with talker(say) as port:
        channel = mail_to(f"smtp://127.0.0.1:{port}", monkeypatch)
        with pytest.raises(kind) as met:
            mail.send(channel, message(), whole=1.0)
    assert MARK not in str(met.value)


def test_what_was_taken_is_sent_whatever_becomes_of_the_farewell(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []

    def say(line: socket.socket) -> None:
        file = line.makefile("rb")
        line.sendall(b"220 ok\r\n")
        for told in file:
            heard.append(told.strip())
            if told.lower().startswith(b"data"):
                line.sendall(b"354 go\r\n")
                for part in file:
                    if part == b".\r\n":
                        break
            if told.startswith(b"quit"):
                file.read()  # no farewell
            line.sendall(b"250 ok\r\n")

    with talker(say) as port:
        mail.send(mail_to(f"smtp://127.0.0.1:{port}", monkeypatch), message(), whole=20)
    assert b"data" in [told.lower() for told in heard]


# The webhook.


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hostile]:
    with hostile() as found:
        found.answer = says(http(b"ok"))
        monkeypatch.setenv("ALERT_WEBHOOK_URL", f"{found.url}/hooks/bi-mat?sig=a%2Fb")
        yield found


def texts(hook: Hostile) -> list[str]:
    return [json.loads(asked.partition(b"\r\n\r\n")[2])["text"] for asked in hook.asked]


def numbers(hook: Hostile) -> list[str]:
    lines = [line for asked in hook.asked for line in asked.decode().split("\r\n")]
    return [line.partition(": ")[2] for line in lines if line.startswith("Idempotency-Key")]


def test_a_webhook_gets_one_text_at_its_own_address(hook: Hostile) -> None:
    webhook.send(configured()[0], message("abc"))  # ty: ignore[invalid-argument-type]
    (asked,) = hook.asked
    assert asked.startswith(b"POST /hooks/bi-mat?sig=a%2Fb HTTP/1.1\r\n")
    assert texts(hook) == ["[ansinh] hệ thống Trẻ em\n\n- một việc\n"] and numbers(hook) == ["abc"]
    assert set(json.loads(asked.partition(b"\r\n\r\n")[2])) == {"text"}  # some receivers refuse a name that they do not know


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (says(http(MARK.encode(), "500 Loi")), ChannelRefused),
        (says(http(b"", "302 Found", "Location: http://127.0.0.1:1/")), ChannelRefused),
        (says(http(b"no_service", "404 Not Found")), ChannelRefused),
        (says(b""), ChannelUnreachable),
        (says(b"xin chao\r\n\r\n"), ChannelUnreachable),
        (drips(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"x"), ChannelSlow),
        (pours(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", b"x" * 65536, []), ChannelSlow),
    ],
)
def test_a_webhook_that_does_anything_is_left(hook: Hostile, answer: Any, kind: type[Failure]) -> None:
    hook.answer = answer
    with pytest.raises(kind) as met:
        webhook.send(configured()[0], message(), whole=1.0)  # ty: ignore[invalid-argument-type]
    assert MARK not in str(met.value) and "bi-mat" not in str(met.value)


# What is told.


class Place:
    """A production hub over a warehouse and Dagster's own database, at a moment that the test sets."""

    def __init__(self, engine: sa.Engine, dagster: dg.DagsterInstance) -> None:
        self.engine, self.dagster = engine, dagster
        self.now = NOW
        with engine.begin() as connection:
            for table in ("alerts", "alert_messages", "backups"):
                connection.execute(sa.text(f"delete from ops.{table}"))
            # This warehouse is of the day of the test; no backup is due before its third day.
            connection.execute(sa.text("update ops.schema_version set applied_at = '2026-11-01'"))
        self.sql("truncate runs cascade", "truncate daemon_heartbeats", "truncate event_logs")

    @property
    def hub(self) -> Hub:
        return Hub(Settings.load(), system=lambda: self.now)

    def sql(self, *statements: str) -> None:
        engine = sa.create_engine(Settings.load().dagster_url())
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))
        engine.dispose()

    def night(self, name: str, ended: str, *failed: str, without: tuple[str, ...] = ()) -> None:
        """A night as Dagster keeps it: all its jobs, some of which failed."""
        hours = dt.timedelta(hours=1)
        for job in [*(night_job_name(s) for s in ("children", "poverty", "social_evils_prevention")), REPORTS_JOB]:
            if job in without:
                continue
            run = dg.DagsterRun(job_name=job, tags={NIGHT: name}, status=dg.DagsterRunStatus.STARTED)
            self.dagster.run_storage.add_run(run)
            event = dg.DagsterEventType.PIPELINE_FAILURE if job in failed else dg.DagsterEventType.PIPELINE_SUCCESS
            told = dg.DagsterEvent(event_type_value=event.value, job_name=job)
            self.dagster.run_storage.handle_run_event(run.run_id, told, at(ended))
            start = (at(ended) - hours).timestamp()
            self.sql(f"update runs set start_time = {start}, end_time = {at(ended).timestamp()} where run_id = '{run.run_id}'")

    def beat(self, when: dt.datetime) -> None:
        from dagster._daemon.types import DaemonHeartbeat

        self.dagster.add_daemon_heartbeat(DaemonHeartbeat(when.timestamp(), "SCHEDULER", "x", []))

    def fails(self, source: str, dataset: str, why: str | None) -> None:
        with self.engine.begin() as connection:
            connection.execute(
                sa.text("""insert into ops.datasets (source, dataset, last_failure) values (:s, :d, :why)
                    on conflict (source, dataset) do update set last_failure = excluded.last_failure"""),
                {"s": source, "d": dataset, "why": why},
            )

    def tell(self, **after: float) -> telling.Outcome:
        self.now += dt.timedelta(**after)
        return telling.tell(self.hub)


@pytest.fixture(scope="module")
def dagster(home: Path) -> Iterator[dg.DagsterInstance]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANSINH_HOME", str(home))
        server(home).ensure_database("dagster")
        found = instance(Settings.load())
        yield found
        found.dispose()


@pytest.fixture
def place(home: Path, hub: SmallHub, dagster: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("ANSINH_HOME", str(home))
    monkeypatch.setenv("ANSINH_PROFILE", "production")
    monkeypatch.setenv("WAREHOUSE_URL", server(home).url("warehouse"))
    monkeypatch.setenv("ANSINH_DAGSTER_URL", server(home).url("dagster"))
    monkeypatch.setenv("SOURCE_POVERTY_URL", "postgresql://nobody@127.0.0.1:1/x")
    found = Place(hub.engine, dagster)
    found.night("2026-11-29", "2026-11-29 02:30")
    return found


def test_a_matter_is_told_once_and_its_end_once_and_no_value_with_it(place: Place, box: Mailbox) -> None:
    assert place.tell().told == ["Báo tin: 0 việc mới, 0 việc đã hết; đã gửi 0 tin, còn chờ 0."]
    place.fails("poverty", "households", f"Đọc {MARK}: hỏng")
    assert place.tell(minutes=5).went == 1
    assert place.tell(minutes=5).went == 0
    place.fails("poverty", "households", None)
    assert place.tell(minutes=5).went == 1
    assert place.tell(minutes=5).went == 0
    place.fails("poverty", "households", f"Đọc {MARK}: hỏng")
    assert place.tell(minutes=5).went == 1
    came, over, again = box.told
    assert "1/" in came and "bộ dữ liệu không nạp được" in came and "Đã hết" in over and "Cần xem" in again
    assert not any(word in letter for word in MARK.split() for letter in box.told)
    assert len({letter["Message-ID"] for letter in box.letters}) == 3


def test_nobody_is_told_where_nothing_is_set_and_what_stands_is_told_once_it_is(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.fails("poverty", "households", "hỏng")
    assert "chưa cấu hình" in place.tell().told[0]
    assert doctor_of_alerts.look(place.hub).is_absent
    with mailbox() as found:
        monkeypatch.setenv("ALERT_SMTP_URL", found.url)
        monkeypatch.setenv("ALERT_TO", "cntt@so.vi-du.invalid")
        assert place.tell(minutes=5).went == 1
        assert "chưa có" not in doctor_of_alerts.look(place.hub).text


def test_a_channel_that_fails_is_tried_again_with_the_same_number_and_the_other_is_not_kept(
    place: Place, box: Mailbox, hook: Hostile
) -> None:
    hook.answer = says(http(b"", "500 Loi"))
    place.fails("poverty", "households", "hỏng")
    outcome = place.tell()
    assert (outcome.went, outcome.waiting, len(outcome.failures)) == (1, 1, 1) and len(box.letters) == 1
    assert place.tell(seconds=10).went == 0 and len(hook.asked) == 1  # its next attempt has not come
    place.tell(minutes=2)
    assert len(hook.asked) == 2
    place.now += dt.timedelta(hours=2)
    (warning,) = doctor_of_alerts.look(place.hub).warnings
    assert "1 tin chờ gửi" in str(warning)
    hook.answer = says(http(b"ok"))
    assert place.tell(hours=5).waiting == 0
    assert len(set(numbers(hook))) == 1 and len(box.letters) == 1
    assert not doctor_of_alerts.look(place.hub).warnings


def test_killed_before_it_hears_that_it_was_taken_it_sends_the_same_letter_again(place: Place, box: Mailbox) -> None:
    place.fails("poverty", "households", "hỏng")
    place.night(f"{dt.datetime.now(ZONE):%Y-%m-%d}", f"{dt.datetime.now(ZONE):%Y-%m-%d %H:%M}")
    child = warm().start("pipelines.cli", ("alert",), os.environ)
    box.kills = lambda: child.pid
    assert child.wait(60) < 0 and len(box.letters) == 1
    box.kills = None
    # The server may hold the lock of who was killed a moment longer.
    until(lambda: alert.run(alert_of()) == 0 and len(box.letters) > 1)
    first, again = box.letters
    assert first["Message-ID"] == again["Message-ID"] and first.get_content() == again.get_content()


def test_a_night_that_did_not_come_is_told_by_who_lives_without_it(place: Place, box: Mailbox) -> None:
    assert "đêm 29/11/2026 xong lúc 02:30" in doctor.last_night(place.hub).text
    place.tell()
    place.tell(hours=22)  # 06:00 of the next day: not yet
    assert not box.letters
    place.tell(hours=2)
    place.tell(minutes=5)
    (told,) = box.told
    assert "Đến 07:00 30/11/2026 chưa có lượt đêm nào xong" in told and "đêm 29/11/2026" in told
    with pytest.raises(Failure, match="không có đêm nào xong"):
        doctor.last_night(place.hub)
    place.night("2026-11-30", "2026-11-30 09:00")  # made up for
    place.tell(hours=2)
    assert "Đã hết" in box.told[-1] and len(box.told) == 2


def test_a_night_of_part_of_the_systems_is_none(place: Place, box: Mailbox) -> None:
    place.night("2026-11-30", "2026-11-30 02:30", without=(night_job_name("poverty"),))
    place.tell(days=1)
    assert "chưa có lượt đêm nào xong" in box.told[-1]
    assert "không có lượt: Hộ nghèo" in in_words(last_nights(place.hub)[0])


def test_a_failed_night_is_told_by_what_failed(place: Place, box: Mailbox) -> None:
    place.night("2026-11-30", "2026-11-30 02:30", REPORTS_JOB, night_job_name("poverty"))
    place.tell(days=1)
    (told,) = box.told
    assert "2 việc cần xem" in told and "Lượt báo cáo của đêm 30/11/2026 hỏng" in told and "nightly_poverty" in told
    found = doctor.last_night(place.hub)
    assert "hỏng: Hộ nghèo, báo cáo" in found.text and found.warnings
    place.night("2026-12-01", "2026-12-01 02:30")
    place.tell(days=1)
    assert "2 việc đã hết" in box.told[-1]


def test_a_scheduler_that_stands_still_is_told_and_one_that_never_was_is_not(place: Place, box: Mailbox) -> None:
    assert doctor.look(place.hub).is_absent
    place.tell()
    place.beat(NOW)
    assert "đang chạy" in doctor.look(place.hub).text
    place.tell(minutes=5)
    assert not box.letters
    place.tell(minutes=30)
    assert "Bộ lập lịch đã dừng: nhịp cuối lúc 08:00 29/11/2026" in box.told[-1]
    assert doctor.look(place.hub).warnings  # the night came in time, so it is no more than that
    place.now += dt.timedelta(days=1)
    with pytest.raises(Failure, match="đang dừng"):
        doctor.look(place.hub)


def test_what_a_clock_ahead_wrote_down_keeps_nobody_silent(place: Place, box: Mailbox) -> None:
    """For an evening the machine believed to be in another year: what is dated there is neither a night, nor a beat, nor a backup."""
    place.night("2027-11-29", "2027-11-29 02:30")
    place.beat(NOW + dt.timedelta(days=365))
    with place.engine.begin() as connection:
        backups.record(connection, "backup", backups.Attempt("ansinh-2027", NOW + dt.timedelta(days=365), None))
    place.tell(days=1)
    (told,) = box.told
    assert "chưa có lượt đêm nào xong" in told and "Bộ lập lịch đã dừng" in told
    assert "đêm 29/11/2026" in in_words(last_nights(place.hub)[0])
    with pytest.raises(Failure, match="bản sao lưu tốt gần nhất: 08:00 29/11/2027"):
        doctor_of_backups.refuse_overdue(backups.Attempt("ansinh-2027", NOW + dt.timedelta(days=365), None), None, place.now)


def test_schedules_and_sensors_go_on_from_now_once_the_clock_is_said_to_be_right(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place.now = dt.datetime.now(ZONE)
    ahead = (place.now + dt.timedelta(days=365)).timestamp()
    with _standing(place.dagster, ahead) as (schedule, sensor):
        assert not _is_due(place.dagster, sensor), "or there is nothing to mend"
        with pytest.raises(Failure, match="ansinh clock accept"):
            doctor.look(place.hub)
        with place.engine.begin() as connection:  # and what goes on whatever the clock says
            connection.execute(sa.text("update ops.arrivals set loaded_at = now()"))
            connection.execute(
                sa.text("""insert into ops.alert_messages (id, channel, subject, body, composed_at, next_attempt_at)
                    values ('1', 'mail', '', '', now() + interval '1 year', now() + interval '1 year')""")
            )
        assert clock.run(argparse.Namespace(reason="đồng hồ từng nhanh một năm", by="Trần Thị B")) == 0
        assert "nay nối tiếp từ bây giờ" in capsys.readouterr().out
        assert doctor.look(place.hub).text
        assert place.dagster.get_ticks(schedule.instigator_origin_id, schedule.selector_id) == []
        kept = place.dagster.get_instigator_state(sensor.instigator_origin_id, sensor.selector_id)
        assert kept is not None and kept.instigator_data.cursor == "con trỏ", "what it has seen it does not look at again"
        time.sleep(0.05)
        assert _is_due(place.dagster, sensor)
    with place.engine.connect() as connection:
        assert alerts.waiting(connection, dt.datetime.now(ZONE)), "a message is tried again now, not in a year"


@contextmanager
def _standing(dagster: dg.DagsterInstance, at: float) -> Iterator[tuple[InstigatorState, InstigatorState]]:
    """A schedule that ticked and a sensor that looked at an instant."""
    location = RegisteredCodeLocationOrigin("ansinh")  # ty: ignore[abstract-class-instantiation]
    repository = RemoteRepositoryOrigin(location, "__repository__")
    made = []
    for name, kind, kept in (
        ("nightly", InstigatorType.SCHEDULE, ScheduleInstigatorData("0 2 * * *", start_timestamp=at)),
        (
            "files",
            InstigatorType.SENSOR,
            SensorInstigatorData(at, min_interval=0, cursor="con trỏ", last_tick_start_timestamp=at),
        ),
    ):
        made.append(InstigatorState(RemoteInstigatorOrigin(repository, name), kind, InstigatorStatus.DECLARED_IN_CODE, kept))
        dagster.add_instigator_state(made[-1])
    schedule, sensor = made
    told = TickData(
        schedule.instigator_origin_id,
        "nightly",
        InstigatorType.SCHEDULE,
        TickStatus.SUCCESS,
        at,
        run_ids=[],
        selector_id=schedule.selector_id,
    )
    dagster.create_tick(told)
    try:
        yield schedule, sensor
    finally:
        for state in made:
            dagster.delete_instigator_state(state.instigator_origin_id, state.selector_id)


def _is_due(dagster: dg.DagsterInstance, sensor: InstigatorState) -> bool:
    """As Dagster's daemon asks it."""
    kept = dagster.get_instigator_state(sensor.instigator_origin_id, sensor.selector_id)
    assert kept is not None
    elapsed = get_elapsed(kept)
    return elapsed is not None and elapsed > 0


def test_reports_that_wait_or_came_back_and_refused_cells_are_told_and_end_in_silence(
    place: Place, hub: SmallHub, box: Mailbox
) -> None:
    hub.load("poverty.households", "2026", "421", [{"household_id": MARK}], NOW, "refused")
    for form, status, approved in (
        ("HC-T", "waiting_approval", None),
        ("GD-T", "returned", None),
        ("AS-T", "sent", NOW - dt.timedelta(days=2)),
        ("TN-H", "sent", NOW - dt.timedelta(hours=2)),
    ):
        _composed(place.engine, form, status, approved)
    place.tell()
    (told,) = box.told
    for words in (
        "HC-T kỳ 2026-10, lần 1: chờ duyệt",
        "GD-T kỳ 2026-10, lần 1: bị nơi nhận trả lại",
        "AS-T kỳ 2026-10, lần 1: quá 24",
    ):
        assert words in told
    assert "1 ô bị từ chối của bộ Hộ trong danh sách rà soát, kỳ 2026" in told and "TN-H" not in told
    assert not any(word in told for word in MARK.split())
    with place.engine.begin() as connection:
        connection.execute(sa.text("update ops.report_submissions set status = 'replaced'"))
    assert place.tell(minutes=5).went == 0


def test_a_system_that_was_never_set_up_is_no_news_and_one_that_was_is_missed(place: Place, box: Mailbox) -> None:
    place.fails("job_service", "seekers", "chưa cấu hình")
    assert place.tell().come == 0
    with place.engine.begin() as connection:
        connection.execute(sa.text("update ops.datasets set first_pull_at = '2026-11-01' where source = 'job_service'"))
    assert place.tell(minutes=5).come == 1 and "Giới thiệu việc làm" in box.told[-1]


def test_while_dagsters_database_is_out_of_reach_what_it_tells_stands_as_it_was(
    place: Place, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.night("2026-11-30", "2026-11-30 02:30", REPORTS_JOB)
    place.tell(days=1)
    with monkeypatch.context() as patch:
        patch.setenv("ANSINH_DAGSTER_URL", "postgresql://nobody:bi-mat@127.0.0.1:1/dagster")  # pragma: allowlist secret
        place.tell(minutes=5)
        assert "Nơi lưu nhật ký điều phối không đọc được" in box.told[-1] and "Đã hết" not in box.told[-1]
    place.tell(minutes=5)
    assert "Đã hết" in box.told[-1] and "báo cáo" not in box.told[-1] and len(box.told) == 3


def test_a_warehouse_out_of_reach_is_told_once_and_so_is_its_answer(
    place: Place, box: Mailbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    parsed = alert_of()
    with monkeypatch.context() as patch:
        patch.setenv("WAREHOUSE_URL", "postgresql://nobody:bi-mat@127.0.0.1:1/warehouse")  # pragma: allowlist secret
        assert [alert.run(parsed), alert.run(parsed)] == [3, 3]
    assert len(box.letters) == 1 and "Kho dữ liệu của trung tâm không mở được" in box.told[0]
    place.tell()
    assert "đã hết: kho dữ liệu mở lại được" in box.told[1]
    place.tell(minutes=5)
    assert len(box.letters) == 2
    assert "bi-mat" not in capsys.readouterr().err + "".join(box.told)


def test_a_dry_run_tells_nobody_and_keeps_nothing(place: Place, box: Mailbox, capsys: pytest.CaptureFixture[str]) -> None:
    place.fails("poverty", "households", MARK)
    assert alert.run(alert_of(dry_run=True)) == 0
    out = capsys.readouterr().out
    assert "mới: Hệ thống Hộ nghèo" in out and MARK.split()[0] not in out and not box.letters
    with place.engine.connect() as connection:
        assert connection.execute(sa.text("select count(*) from ops.alerts")).scalar() == 0


def test_a_trial_goes_by_each_channel(box: Mailbox, hook: Hostile, place: Place) -> None:
    assert alert.run(alert_of(test=True)) == 0
    assert "thử báo tin" in box.told[0] and "thử báo tin" in texts(hook)[0]
    hook.answer = says(http(b"", "410 Gone"))
    assert alert.run(alert_of(test=True)) == 1 and len(box.letters) == 2


def test_the_daemon_tells_by_a_sensor_that_asks_for_no_run(place: Place, hook: Hostile) -> None:
    place.fails("poverty", "households", MARK)
    context = dg.build_sensor_context(instance=place.dagster)
    tick = sensors.alerts.evaluate_tick(context)
    assert not tick.run_requests and "đã gửi 1 tin" in str(tick.skip_message) and len(hook.asked) == 1
    assert MARK not in str(tick.skip_message)


def test_two_that_tell_at_once_tell_it_once(place: Place, box: Mailbox) -> None:
    place.fails("poverty", "households", "hỏng")
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: telling.tell(place.hub), range(4)))
    until = time.monotonic() + 30
    while not box.letters and time.monotonic() < until:
        time.sleep(0.05)
    assert sum(o.went for o in outcomes) == 1 == len(box.letters)


def alert_of(**asked: bool) -> Any:
    import argparse

    return argparse.Namespace(**({"dry_run": False, "test": False} | asked))


def _composed(engine: sa.Engine, form: str, status: str, approved: dt.datetime | None) -> None:
    values = {"form": form, "status": status, "approved": approved, "id": f"{form}-1", "now": NOW}
    with engine.begin() as connection:
        connection.execute(
            sa.text("""insert into ops.report_submissions (form, regime, period, window_start, window_end, revision, transaction_id,
                    payload_hash, status, maturity, due_day, payload, figures_hash, inputs, findings, composed_at, composed_by,
                    approved_at, submitted_at, last_error)
                values (:form, 'x', '2026-10', '2026-10-01', '2026-10-31', 1, :id, 'x', :status, 'provisional', '2026-11-15', '{}',
                    'x', '[]', '[]', :now, 'x', :approved, :approved, :said)"""),
            values | {"said": MARK},
        )
