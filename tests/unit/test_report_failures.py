"""Failures have a type decided in one place, a message of three parts, and waits with a ceiling."""

import datetime as dt

import pytest

from resources.failures import LONGEST_DELAY, Failure, Permanent, Transient, Unreachable, by_status, delay


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_these_statuses_may_pass_by_themselves(status: int) -> None:
    assert isinstance(by_status(status, "a", "b", "c"), Transient)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 422, 501])
def test_these_do_not(status: int) -> None:
    assert isinstance(by_status(status, "a", "b", "c"), Permanent)


def test_a_message_has_three_parts_or_is_whole() -> None:
    assert str(Permanent("Gửi biểu AS-T", "cổng trả 404, mong đợi 200", "Kiểm tra địa chỉ.")) == (
        "Gửi biểu AS-T: cổng trả 404, mong đợi 200. Kiểm tra địa chỉ."
    )
    assert str(Transient("Đọc nguồn: không trả lời. Kiểm tra mạng.")) == "Đọc nguồn: không trả lời. Kiểm tra mạng."


def test_types() -> None:
    assert issubclass(Unreachable, Transient) and issubclass(Transient, Failure) and not issubclass(Permanent, Transient)


def test_waits_double_and_have_a_ceiling() -> None:
    waits = [delay(n) for n in range(1, 12)]
    assert waits[:3] == [dt.timedelta(minutes=m) for m in (1, 2, 4)]
    assert waits == sorted(waits) and waits[-1] == LONGEST_DELAY
    assert delay(1, dt.timedelta(hours=1)) == dt.timedelta(hours=1)
    assert delay(1, dt.timedelta(days=30)) == LONGEST_DELAY
