"""When a row of the open tables may show something else: the instants as of which it is read. Pure.

A figure that moved on the night on which one late person came would tell of that person. So a row is read once, on the
first night after the due day on which its unit is reported, and again only on revision nights: the first night on or after
the 25th of a month and the first after the lock, when all tables that changed did so by ten persons or more.
Rule and proof: docs/method/revisions-of-open-figures.md.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from resources.clock import ZONE
from resources.warehouse.arrivals import ledger
from schemas import calendar
from schemas.dataset import Dataset
from schemas.revision_days import next_revision_day
from schemas.rounding import MOVERS


@dataclass(frozen=True)
class Instant:
    """The instants of one row of a dataset's tables in a period. No figure stands beside them."""

    first_at: dt.datetime  # when it was first shown
    as_of: dt.datetime  # as of when its figures are read
    looked_at: dt.datetime  # the last night on which they might have moved

    @property
    def maturity(self) -> str:
        """It follows from what is shown, not from what the cell holds: a flip beside equal figures would tell that somebody came."""
        return "corrected" if self.as_of > self.first_at else "final"


def first(now: dt.datetime) -> Instant:
    return Instant(now, now, now)


def may_move(dataset: Dataset, period: str, instant: Instant, now: dt.datetime) -> bool:
    """Whether this is a row's revision night. A register's month is never read again."""
    return dataset.kind != "register" and next_revision(dataset, period, instant.looked_at) <= now


def moved(instant: Instant, movers: Mapping[str, int], now: dt.datetime) -> Instant:
    """The row after a revision night. `movers`: table -> persons whose contribution to it differs."""
    changed = [persons for persons in movers.values() if persons]
    as_of = now if changed and min(changed) >= MOVERS else instant.as_of
    return replace(instant, as_of=as_of, looked_at=now)


def next_revision(dataset: Dataset, period: str, after: dt.datetime) -> dt.datetime:
    """The next instant from which a night may move a row that was last looked at `after`: of a month, or of the lock."""
    day = after.astimezone(ZONE).date()
    revision, lock = next_revision_day(day), calendar.locked_day(dataset, period)
    # A revision day begins as the day before it ends.
    ended = [revision - calendar.ONE_DAY if revision is not None else None, lock if lock is not None and lock >= day else None]
    return min((ledger.end_of_day(day) for day in ended if day is not None), default=dt.datetime.max.replace(tzinfo=dt.UTC))
