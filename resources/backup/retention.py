"""Which backups are old enough to go. The rule looks at the backups, hardly at the clock: one that jumped removes none of them.

Rule and proof: docs/method/retention-of-backups.md.
"""

import datetime as dt
import os
import re
import shutil
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

from resources.backup.failures import KeepWrong, OldBackupStays
from resources.backup.manifest import PARTIAL
from resources.clock import ZONE
from resources.durable import sync
from resources.environment import read
from resources.failing import why_not

LONGEST = 3660  # of each number of the rule


@dataclass(frozen=True)
class Keep:
    """Which backups are kept: all of so many last days, and the last one of so many weeks and months. Only times with a good backup count."""

    days: int
    weeks: int
    months: int


# Since 2026-11: a mistake of the week is found by day; the quarterly forms are judged, and sent back, within five weeks; the
# yearly ones and a whole round of the calendar within twelve months. What is older the warehouse's own history tells.
RULE = Keep(days=7, weeks=5, months=12)


@dataclass(frozen=True)
class Standing:
    """A backup as the rule sees it. `is_good`: whole, and nothing is known to be amiss with it."""

    name: str
    made_at: dt.datetime
    is_good: bool


def keep() -> Keep:
    """The rule that is set, by default RULE."""
    told = read("BACKUP_KEEP")
    if told is None:
        return RULE
    if not re.fullmatch(r"\s*\d{1,4}\s+\d{1,4}\s+\d{1,4}\s*", told, re.ASCII):
        raise KeepWrong(longest=LONGEST)
    days, weeks, months = map(int, told.split())
    if days < 1 or max(days, weeks, months) > LONGEST:
        raise KeepWrong(longest=LONGEST)
    return Keep(days, weeks, months)


def superseded(standing: Collection[Standing], rule: Keep, now: dt.datetime) -> list[Standing]:
    """The backups that may go, the oldest first: never the newest good one, and none that is newer than that or made later than now.

    Days, weeks and months count only where there is a good backup of them, however long ago: neither a clock that jumped nor a summer without
    backups takes one away. A backup that is not good stays as long as the days reach, since a good one of its time may be missing.
    """
    known = sorted((b for b in standing if b.made_at <= now), key=lambda b: (b.made_at, b.name), reverse=True)
    good = [b for b in known if b.is_good]
    if not good:
        return []
    days = _last_of([_day(b) for b in good], rule.days)
    kept = {b for b in good if _day(b) in days}
    kept |= _newest_of_each([(_day(b).isocalendar()[:2], b) for b in good], rule.weeks)
    kept |= _newest_of_each([((_day(b).year, _day(b).month), b) for b in good], rule.months)
    return [b for b in reversed(known) if b not in kept and (b.is_good or _day(b) < min(days))]


def remove(folder: Path, gone: Sequence[Standing]) -> list[str]:
    """Remove backups of this folder, whose lock is held; the names of those removed.

    Each first loses its name: one that is removed in half is taken for a backup by nobody, and the next backup clears it away.
    """
    removed = []
    for name in (b.name for b in gone):
        path, left = folder / name, folder / f"{PARTIAL}{name}"
        if Path(name).name != name or not name.startswith("ansinh-") or path.is_symlink() or not path.exists():
            continue  # not of our making, or gone by itself
        try:
            os.rename(path, left)
            sync(folder)
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        except OSError as error:
            raise OldBackupStays(name=name, why=why_not(error)) from None
        removed.append(name)
    return removed


def _day(backup: Standing) -> dt.date:
    return backup.made_at.astimezone(ZONE).date()


def _last_of(slots: Sequence[dt.date], count: int) -> set[dt.date]:
    return set(list(dict.fromkeys(slots))[:count])


def _newest_of_each(slots: Sequence[tuple[Hashable, Standing]], count: int) -> set[Standing]:
    """The first of each of the first `count` slots: they come newest first."""
    firsts: dict[Hashable, Standing] = {}
    for slot, backup in slots:
        firsts.setdefault(slot, backup)
    return set(list(firsts.values())[:count])
