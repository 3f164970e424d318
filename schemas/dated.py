"""What every dated table shares: reading a CSV of this package, and when one of its rows holds. What the rows mean is elsewhere."""

import csv
import datetime as dt
from functools import cache
from importlib.resources import files
from typing import Protocol


class HasDays(Protocol):
    @property
    def valid_from(self) -> dt.date: ...

    @property
    def valid_to(self) -> dt.date | None: ...


class Dated:
    """A fact with its days: in force from `valid_from` to the end of `valid_to`, or until further notice."""

    def holds(self: HasDays, on: dt.date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


def dates(row: dict[str, str]) -> tuple[dt.date, dt.date | None]:
    """`valid_from` and `valid_to` of a row; an empty end means until further notice."""
    return dt.date.fromisoformat(row["valid_from"]), dt.date.fromisoformat(row["valid_to"]) if row["valid_to"] else None


# What rows are read and judged by; forms, due days, owners and releases are not.
JUDGED_BY = ("codes", "rates", "units")


def edition(on: dt.date) -> int:
    """How many of the lists' days had come on which something begins to hold or no longer does: the same number, the same lists."""
    return sum(day <= on for day in _turns())


@cache
def _turns() -> tuple[dt.date, ...]:
    rows = (
        row
        for folder in JUDGED_BY
        for file in files("schemas").joinpath(folder).iterdir()
        if file.name.endswith(".csv")
        for row in read_rows(folder, file.name)
    )
    days: set[dt.date] = set()
    for row in rows:
        if begins := row.get("valid_from"):
            days.add(dt.date.fromisoformat(begins))
        if ends := row.get("valid_to") or row.get("day"):  # a limit: the last day before it
            days.add(dt.date.fromisoformat(ends) + dt.timedelta(days=1))
    return tuple(sorted(days))


def read_rows(*path: str) -> list[dict[str, str]]:
    """The rows of a CSV file under schemas/.

    newline="": split by the reader alone, since some cells of the font tables are line ends to everything else.
    """
    with files("schemas").joinpath(*path).open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))
