"""When a row of the open tables may move: pure, over days and movers."""

import datetime as dt

import pytest

from assets.open.instants import Instant, first, may_move, moved, next_revision
from schemas.registry import dataset_named
from tests.integration.report_hub import at

PAYMENTS = dataset_named("meritorious_persons.monthly_payments")
REGISTER = dataset_named("meritorious_persons.profiles")
SHOWN = first(at("2024-11-20 02:00"))


@pytest.mark.parametrize(
    ("after", "revision"),
    [
        ("2024-11-20 02:00", "2024-11-25 00:00"),
        ("2024-11-24 23:59", "2024-11-25 00:00"),
        ("2024-11-25 00:00", "2024-12-01 00:00"),  # the lock of October's lists
        ("2024-11-25 02:00", "2024-12-01 00:00"),
        ("2024-11-30 23:59", "2024-12-01 00:00"),
        ("2024-12-01 00:00", "2024-12-25 00:00"),
        ("2024-12-01 02:00", "2024-12-25 00:00"),
        ("2024-12-31 02:00", "2025-01-25 00:00"),
    ],
)
def test_the_next_revision_is_the_25th_of_a_month_or_the_night_after_the_lock(after: str, revision: str) -> None:
    assert next_revision(PAYMENTS, "2024-10", at(after)) == at(revision)


def test_a_night_moves_a_row_once_for_each_revision() -> None:
    assert may_move(PAYMENTS, "2024-10", SHOWN, at("2024-11-25 00:00"))
    assert not may_move(PAYMENTS, "2024-10", SHOWN, at("2024-11-25 00:00") - dt.timedelta(microseconds=1))
    night = at("2024-11-27 02:00")
    assert may_move(PAYMENTS, "2024-10", SHOWN, night)
    looked = moved(SHOWN, {}, night)
    assert not may_move(PAYMENTS, "2024-10", looked, night)
    assert not may_move(PAYMENTS, "2024-10", looked, at("2024-11-28 02:00"))
    assert not may_move(REGISTER, "2024-11", SHOWN, night), "a register's month is read once"


@pytest.mark.parametrize(
    ("movers", "moves"),
    [
        ({}, False),
        ({"a": 0, "b": 0}, False),
        ({"a": 9, "b": 0}, False),
        ({"a": 10, "b": 0}, True),
        ({"a": 400, "b": 1}, False),
        ({"a": 10, "b": 10}, True),
    ],
)
def test_a_row_moves_when_all_tables_that_changed_did_by_ten(movers: dict[str, int], moves: bool) -> None:
    night = at("2024-11-25 02:00")
    after = moved(SHOWN, movers, night)
    assert after == Instant(SHOWN.first_at, night if moves else SHOWN.as_of, night)
    assert after.maturity == ("corrected" if moves else "final")
    assert after.first_at <= after.as_of <= after.looked_at


def test_the_day_is_the_provinces() -> None:
    """At 18:00 UTC on the 24th it is the 25th in the province."""
    assert may_move(PAYMENTS, "2024-10", SHOWN, dt.datetime(2024, 11, 24, 18, tzinfo=dt.UTC))
    assert not may_move(PAYMENTS, "2024-10", SHOWN, dt.datetime(2024, 11, 24, 16, tzinfo=dt.UTC))
