"""The hub's clock against the last instant, the warehouse's server and the sources' clocks."""

import datetime as dt
from pathlib import Path

import pytest

from resources.clock import Clock
from resources.failures import ClockAgainstServer, ClockLeapt, ClockUnreadable, ClockWentBack
from resources.settings import Settings

NOW = dt.datetime(2026, 11, 29, 2, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
CLOCK = Clock(Settings("production", Path("/nowhere")), lambda: NOW)


@pytest.mark.parametrize("written", ["", "hôm nay", "2024-13-01", "20/11/2024", "9999-12-31", "1999-12-31", "2024-11-20\x00"])
def test_a_day_of_the_demo_that_is_none_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    demo = Clock(Settings("demo", tmp_path))
    if "\x00" not in written and written:
        monkeypatch.setenv("ANSINH_TODAY", written)
        with pytest.raises(ClockUnreadable, match="ANSINH_TODAY"):
            demo.today()
    (tmp_path / "clock").write_text(written, encoding="utf-8")
    with pytest.raises(ClockUnreadable, match=str(tmp_path)):
        demo.now()


def test_an_instant_is_after_the_last_and_a_day_behind_is_refused() -> None:
    assert CLOCK.now(NOW - HOUR) == NOW
    assert CLOCK.now(NOW + 24 * HOUR) == NOW + 24 * HOUR + dt.timedelta(microseconds=1)
    with pytest.raises(ClockWentBack, match="ansinh clock accept"):
        CLOCK.now(NOW + 24 * HOUR + dt.timedelta(seconds=1))


@pytest.mark.parametrize("by", [2 * HOUR, -2 * HOUR, 1500 * DAY])
def test_a_clock_that_is_not_the_servers_is_refused(by: dt.timedelta) -> None:
    CLOCK.refuse_other_than_server(NOW + by / abs(by) * HOUR)
    with pytest.raises(ClockAgainstServer, match="09:00 29/11/2026"):
        CLOCK.refuse_other_than_server(NOW + by)


def test_a_day_since_the_last_instant_is_no_leap_and_the_demo_knows_none(tmp_path: Path) -> None:
    assert not CLOCK.has_leapt(NOW - 24 * HOUR) and CLOCK.has_leapt(NOW - 25 * HOUR) and CLOCK.has_leapt(None)
    demo = Clock(Settings("demo", tmp_path), lambda: NOW)
    assert not demo.has_leapt(NOW - 900 * DAY)
    demo.refuse_other_than_server(NOW)  # its day is of no clock of a server


@pytest.mark.parametrize(
    ("ahead", "after_instants", "at_first"),
    [
        ({}, False, True),
        ({"a": dt.timedelta(minutes=59)}, True, True),
        ({"a": 30 * DAY}, False, False),
        ({"a": -30 * DAY}, False, False),
        ({"a": 30 * DAY, "b": dt.timedelta(0)}, False, True),
        ({"a": 30 * DAY, "b": dt.timedelta(0), "c": dt.timedelta(0)}, True, True),
    ],
)
def test_a_leap_needs_more_sources_for_it_than_against(ahead: dict, after_instants: bool, at_first: bool) -> None:
    for last, passes in ((NOW - 30 * DAY, after_instants), (None, at_first)):
        if passes:
            CLOCK.refuse_leap(last, ahead)
        else:
            with pytest.raises(ClockLeapt, match=r"30 ngày|không nguồn nào trả lời"):
                CLOCK.refuse_leap(last, ahead)
