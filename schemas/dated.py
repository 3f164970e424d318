"""What every dated table shares: reading a CSV of this package, and when one of its rows holds. What the rows mean is elsewhere."""

import csv
import datetime as dt
from collections.abc import Callable, Iterable
from importlib.resources import files
from typing import Any, Protocol, TypeVar

_Lookup = TypeVar("_Lookup", bound=Any)


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


def by_name(rows: Callable[[str | None], Iterable[Any]]) -> Callable[[_Lookup], _Lookup]:
    """Mark a lookup whose first argument names the rows that it reads: who names them reads no others.

    `rows` gives the rows of a name; of None those that are read where the code does not tell which.
    """

    def mark(lookup: _Lookup) -> _Lookup:
        lookup.rows_named = rows
        return lookup

    return mark


def read_rows(*path: str) -> list[dict[str, str]]:
    """The rows of a CSV file under schemas/.

    newline="": split by the reader alone, since some cells of the font tables are line ends to everything else.
    """
    with files("schemas").joinpath(*path).open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))
