"""What every dated table shares: reading a CSV of this package, when one of its rows holds, how it is declared for SQL to join.

What the rows mean is elsewhere.
"""

import csv
import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, Protocol, TypeVar

from schemas import local

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


@dataclass(frozen=True)
class DatedColumn:
    """A column of a table in schema `ref`. `of` tells its value from a record; by default it is the attribute of that name."""

    name: str
    kind: Literal["text", "bigint", "numeric", "boolean", "date", "bigint[]"]
    title: str
    of: Callable[[Any], Any] | None = None
    nullable: bool = False

    def value(self, record: Any) -> Any:
        return self.of(record) if self.of else getattr(record, self.name)


@dataclass(frozen=True)
class DatedTable:
    """A dated table that SQL joins: by standing in a rates.py, or in unit_tables.py, it stands in the warehouse too
    (schemas/projections/reference.py).

    `records` reads it whole; each record has a `span`, whose days, legal basis and confidence become columns by themselves.
    """

    name: str
    title: str
    records: Callable[[], Iterable[Any]]
    columns: tuple[DatedColumn, ...]


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
    """The rows of a CSV file under schemas/, with those of the place (schemas/local.py)."""
    return local.over("/".join(path), shipped(*path))


def shipped(*path: str) -> list[dict[str, str]]:
    """The rows of a CSV file under schemas/ as they are shipped.

    newline="": split by the reader alone, since some cells of the font tables are line ends to everything else.
    """
    with files("schemas").joinpath(*path).open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


@cache
def systems() -> tuple[str, ...]:
    """The names of the systems: the folders in schemas/sources. What Python keeps beside them may be closed to our account."""
    places = (f for f in files("schemas.sources").iterdir() if not f.name.startswith("_"))
    return tuple(sorted(f.name for f in places if f.joinpath("__init__.py").is_file()))


def read_each(*path: str) -> list[tuple[str, dict[str, str]]]:
    """The rows of a CSV file that a system may have in its folder, each with the system's name."""
    return [
        (system, row)
        for system in systems()
        if files("schemas").joinpath("sources", system, *path).is_file()
        for row in read_rows("sources", system, *path)
    ]


def read_all(*path: str) -> list[dict[str, str]]:
    """The rows of a CSV file: those that several systems share, where there are such, then those of each system."""
    shared = read_rows(*path) if files("schemas").joinpath(*path).is_file() else []
    return [*shared, *(row for _, row in read_each(*path))]
