"""Which backups go, over any set of them: what is kept is never less than the rule says, whatever the clock did."""

import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.backup.failures import KeepWrong
from resources.backup.manifest import PARTIAL
from resources.backup.retention import RULE, Keep, Standing, keep, remove, superseded
from resources.clock import ZONE

START = dt.datetime(2026, 1, 1, 2, tzinfo=ZONE)


def backups_of(told: Sequence[tuple[int, bool]]) -> list[Standing]:
    number = count()
    return [Standing(f"ansinh-{next(number)}", START + dt.timedelta(hours=hours), good) for hours, good in told]


BACKUPS = st.lists(st.tuples(st.integers(0, 24 * 800), st.sampled_from((True, True, False))), max_size=40).map(backups_of)
RULES = st.builds(Keep, st.integers(1, 8), st.integers(0, 6), st.integers(0, 13))
NOW = st.integers(0, 24 * 1200).map(lambda hours: START + dt.timedelta(hours=hours))


@settings(max_examples=100, deadline=None)
@given(BACKUPS, RULES, NOW, st.randoms())
def test_what_goes_is_superseded_however_it_is_asked(found: list[Standing], rule: Keep, now: dt.datetime, random) -> None:
    gone = superseded(found, rule, now)
    left = [b for b in found if b not in gone]
    known_good = [b for b in found if b.is_good and b.made_at <= now]
    shuffled = random.sample(found, len(found))
    assert superseded(shuffled, rule, now) == gone, "the order in which a folder is read decides nothing"
    assert superseded(left, rule, now) == [], "asked again, nothing more goes"
    assert all(b.made_at <= now for b in gone), "what a clock of another day has made is not judged by this one"
    if not known_good:
        assert gone == []
    else:
        newest = max(known_good, key=lambda b: (b.made_at, b.name))
        assert all((b.made_at, b.name) < (newest.made_at, newest.name) for b in gone)
        days = sorted({b.made_at.astimezone(ZONE).date() for b in known_good}, reverse=True)[: rule.days]
        assert all(b.made_at.astimezone(ZONE).date() < days[-1] for b in gone), "of the last days all stay"
        for slots, most in ((months, rule.months), (weeks, rule.weeks)):
            for slot in sorted(set(map(slots, known_good)), reverse=True)[:most]:
                assert any(b.is_good and slots(b) == slot for b in left)


def months(backup: Standing) -> tuple[int, int]:
    day = backup.made_at.astimezone(ZONE).date()
    return day.year, day.month


def weeks(backup: Standing) -> tuple[int, int]:
    return backup.made_at.astimezone(ZONE).date().isocalendar()[:2]


@settings(max_examples=100, deadline=None)
@given(BACKUPS, RULES, NOW, st.integers(0, 24 * 400), st.booleans())
def test_a_newer_backup_or_a_later_clock_never_brings_one_back(
    found: list[Standing], rule: Keep, now: dt.datetime, later: int, is_good: bool
) -> None:
    gone = set(superseded(found, rule, now))
    newest = max((b.made_at for b in found), default=START)
    more = Standing("ansinh-moi", newest + dt.timedelta(hours=later), is_good)
    assert gone <= set(superseded([*found, more], rule, max(now, more.made_at)))
    no_good = [replace(b, is_good=False) for b in found]
    assert superseded(no_good, rule, now) == []
    assert superseded(found, rule, dt.datetime.max.replace(tzinfo=dt.UTC)) == superseded(found, rule, newest), "a clock far ahead"


@pytest.mark.parametrize("every", [dt.timedelta(days=1), dt.timedelta(hours=7), dt.timedelta(days=3)])
def test_two_years_of_backups_leave_the_year(every: dt.timedelta) -> None:
    """Made and removed one after another, as it is done, there is always one of every month and week that the rule names."""
    standing: list[Standing] = []
    now = START
    while now < START + dt.timedelta(days=800):
        standing.append(Standing(f"ansinh-{now:%Y-%m-%dT%H%M%S}", now, is_good=True))
        gone = superseded(standing, RULE, now)
        standing = [b for b in standing if b not in gone]
        now += every
    assert len({months(b) for b in standing}) >= RULE.months
    assert len({weeks(b) for b in standing}) >= RULE.weeks
    a_day = dt.timedelta(days=1) / min(every, dt.timedelta(days=1))
    assert len(standing) <= RULE.days * (a_day + 1) + RULE.weeks + RULE.months


def test_a_clock_that_jumped_ahead_and_came_back_takes_nothing_away() -> None:
    """Those that were made in the wrong year stay until then, and take no place of those that are made now."""
    day = dt.timedelta(days=1)
    real = [Standing(f"ansinh-{n}", START + n * day, is_good=True) for n in range(30)]
    ahead = [Standing(f"ansinh-x{n}", START + (9000 + n) * day, is_good=True) for n in range(10)]
    now = START + 30 * day
    assert superseded([*real, *ahead], RULE, now) == superseded(real, RULE, now)
    assert superseded([*real, *ahead], RULE, dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) == []


@pytest.mark.parametrize("told", ["7 5", "0 5 12", "-1 5 12", "7 5 12 1", "7,5,12", "bảy 5 12", "99999 1 1", "3661 0 0", "٣ 1 1"])
def test_a_rule_that_means_nothing_is_refused(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKUP_KEEP", told)
    with pytest.raises(KeepWrong):
        keep()


def test_the_rule_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert keep() == RULE
    monkeypatch.setenv("BACKUP_KEEP", " 3 0 24 ")
    assert keep() == Keep(3, 0, 24)


def test_only_what_is_ours_is_removed_and_never_by_halves(tmp_path: Path) -> None:
    gone = [Standing(name, START, is_good=True) for name in ("ansinh-1", "ansinh-2", "ansinh-3", "../ansinh-0", "other")]
    for name in ("ansinh-1/raw", "other"):
        (tmp_path / "into" / name).mkdir(parents=True)
    (tmp_path / "into" / "ansinh-1" / "raw" / "x").write_text("")
    (tmp_path / "into" / "ansinh-3").write_text("")
    (tmp_path / "ansinh-0").mkdir()
    (tmp_path / "into" / "ansinh-2").symlink_to(tmp_path / "ansinh-0")
    assert remove(tmp_path / "into", gone) == ["ansinh-1", "ansinh-3"]
    assert sorted(os.listdir(tmp_path / "into")) == ["ansinh-2", "other"] and (tmp_path / "ansinh-0").is_dir()
    assert not list((tmp_path / "into").glob(f"{PARTIAL}*"))
