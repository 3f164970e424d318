"""Failures are declared: a type decided in one place, a message of three parts, what it means and what to do."""

import datetime as dt
import errno
import os
import string
from collections.abc import Iterator

import pytest

from pipelines.printing import runbook
from resources.failing import LONGEST_DELAY, Failure, Permanent, Transient, declared, delay, is_transient, why_not
from resources.failures import DiskFull, Unforeseen, Unreachable
from resources.reporting.failures import GatewayFailed, PacketRefused
from resources.servers.sqlstates import trouble_of, why_no_tls
from resources.warehouse.engine import typed

runbook.load_all()
DECLARED = sorted(declared(), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_these_statuses_may_pass_by_themselves(status: int) -> None:
    assert is_transient(status)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 422, 501])
def test_these_statuses_do_not_pass_by_themselves(status: int) -> None:
    assert not is_transient(status)


def test_a_message_has_three_parts() -> None:
    assert str(GatewayFailed(what="Gửi biểu AS-T", status=404, why="")) == (
        "Gửi biểu AS-T: cổng trả HTTP 404, mong đợi 200. Báo đơn vị vận hành cổng."
    )


def test_reasons_of_the_other_side_are_kept() -> None:
    failure = PacketRefused(what="Gửi", form="AS-T", status=422, code="-1", expected="00", why=": sai", reasons=("sai",))
    assert failure.reasons == ("sai",)
    assert "{" not in str(failure) and "ansinh report submit AS-T, kèm kỳ và --by" in str(failure)


@pytest.mark.parametrize("kind", DECLARED, ids=lambda kind: kind.__name__)
def test_every_failure_is_whole(kind: type[Failure]) -> None:
    assert kind.attempted and kind.found and kind.remedy, "a message has three parts"
    assert kind.means.endswith("."), "what it means, in sentences"
    assert kind.steps and all(step.endswith(".") for step in kind.steps)
    assert issubclass(kind, Permanent) != issubclass(kind, Transient), "trying again may help, or cannot"
    for part in (kind.attempted, kind.found, kind.remedy):
        assert all(name.isidentifier() for _, name, _, _ in string.Formatter().parse(part) if name is not None)


def test_what_is_out_of_reach_may_pass_by_itself_and_a_permanent_failure_does_not() -> None:
    assert issubclass(Unreachable, Transient) and issubclass(Transient, Failure) and not issubclass(Permanent, Transient)


def test_an_unforeseen_error_tells_its_kind_and_place_and_no_value() -> None:
    try:
        raise ValueError("079085001234 Nguyễn Văn Mẫu")
    except ValueError as error:
        told = str(Unforeseen.of("nạp poverty.members", error))
    assert "079085001234" not in told and "Mẫu" not in told
    assert "ValueError tại unit/test_failures.py:" in told


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_why_the_machine_refuses_is_told_in_vietnamese(number: int) -> None:
    told = why_not(OSError(number, os.strerror(number)))
    assert told and os.strerror(number) not in told


def test_a_full_disk_of_this_machine_is_called_so() -> None:
    with pytest.raises(OSError) as full, open("/dev/full", "wb", buffering=0) as nowhere:
        nowhere.write(b"x")
    failure = typed("nạp poverty.members", full.value)
    assert isinstance(failure, DiskFull) and isinstance(failure, Transient)
    assert "ANSINH_HOME" in str(failure) and why_not(full.value) == "đĩa đầy"
    assert isinstance(typed("nạp", FileNotFoundError(2, "Nguyễn Văn Mẫu")), Unforeseen)


@pytest.mark.parametrize(
    ("state", "words", "trouble"),
    [
        ("53100", "", "disk"),
        ("53400", "", "strained"),
        ("25P03", "", "stopping"),
        ("25001", "", "refused"),
        ("XX000", "", "refused"),
        ("XX001", "", "damaged"),
        (None, "FATAL:  sorry, too many clients already", "strained"),
        (None, "FATAL:  the database system is starting up", "stopping"),
        (None, 'FATAL:  password authentication failed for user "x"', "login"),
        (None, 'FATAL:  no pg_hba.conf entry for host "h", user "x", database "d", no encryption', "unencrypted"),
        (None, 'FATAL:  password authentication failed for user "x"\nFATAL:  no pg_hba.conf entry …, no encryption', "login"),
        (None, "FATAL:  no pg_hba.conf entry …, SSL encryption\nFATAL:  no pg_hba.conf entry …, no encryption", "login"),
        (None, "SSL error: certificate verify failed", "unencrypted"),
        (None, "SSL error: unexpected eof while reading", "lost"),  # in the middle, the line is only gone
        (None, "SSL connection has been closed unexpectedly", "lost"),
        (None, "server closed the connection unexpectedly", "lost"),
    ],
)
def test_a_state_or_the_words_without_one_tell_the_trouble(state: str | None, words: str, trouble: str) -> None:
    assert trouble_of(state, words) == trouble


def test_a_certificate_that_is_refused_may_be_the_clocks_doing() -> None:
    """Where the clock of this machine is years behind, the doctor comes no further than the certificates."""
    assert "đồng hồ của máy này" in (why_no_tls("SSL error: certificate verify failed") or "")


def test_what_clears_a_half_restored_state_is_named_for_a_production_too() -> None:
    """`ansinh reset` refuses there: an officer who was sent to it had no way on in the worst hour."""
    told = [kind for kind in kinds() if kind.__module__ == "resources.backup.failures" and "ansinh reset" in kind.remedy]
    assert len(told) == 5 and [kind for kind in told if "máy thật: " not in kind.remedy] == []


def kinds(root: type[Failure] = Failure) -> Iterator[type[Failure]]:
    for kind in root.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_failures_stand_in_the_failures_of_their_package_which_say_their_chapter() -> None:
    runbook.load_all()
    ours = {kind for kind in kinds() if kind.__module__.startswith(runbook.ROOTS)}
    assert {k.__module__ for k in ours if not k.__module__.endswith(".failures")} == {"resources.failing"}, (
        "only what a failure is"
    )
    assert all(runbook.chapter_of(kind.__module__) for kind in ours if kind.__module__ != "resources.failing")


def test_waits_double_and_have_a_ceiling() -> None:
    waits = [delay(n) for n in range(1, 12)]
    assert waits[:3] == [dt.timedelta(minutes=m) for m in (1, 2, 4)]
    assert waits == sorted(waits) and waits[-1] == LONGEST_DELAY
    assert delay(1, dt.timedelta(hours=1)) == dt.timedelta(hours=1)
    assert delay(1, dt.timedelta(days=30)) == LONGEST_DELAY
