"""What is asked of a source, as SQL that every kind of database knows, put together of a dialect's fragments. Nothing connects here."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from resources.connectors.connector import Places
from resources.connectors.odbc.dialects.dialect import Dialect, Held
from resources.connectors.odbc.structure import Found
from schemas import calendar, units
from schemas.dataset import Dataset, SubmissionLog

LONGEST_CODE = 16  # bytes; what is longer begins like no code of a list
NO_TEXT = "case when 1 = 0 then '0' end"  # null, of a type that every kind of database knows


@dataclass(frozen=True)
class Queries:
    """The queries of one declared table, as it was found."""

    dialect: Dialect
    found: Found

    @property
    def declared(self) -> Dataset | SubmissionLog:
        return self.found.declared

    @property
    def table(self) -> str:
        relation = self.found.relation
        assert relation is not None
        return f"{self.dialect.quote(relation.schema)}.{self.dialect.quote(relation.table)}"

    @property
    def held(self) -> list[Held]:
        """The declared columns, in the order of the declaration."""
        return [self.found.held(column) for column in self.declared.columns]

    @property
    def keys(self) -> list[Held]:
        """What a row is told apart by before anything is read: its commune and its key, each column once."""
        if not isinstance(self.declared, Dataset):
            return []
        named = [*([self.declared.commune] if self.declared.commune else ()), *self.declared.key]
        return [self.found.held(self.declared.column(name)) for name in dict.fromkeys(named)]

    def hashed(self, columns: Sequence[Held]) -> str:
        return self.dialect.hashed([self._hashed(column) for column in columns])

    def _hashed(self, column: Held) -> str:
        text = self.dialect.as_text(column)
        return self.dialect.as_hex(text) if column.family == "bytes" else text

    def rows(self, where: str, at_most: Sequence[int] = ()) -> str:
        """The declared columns as they come over. `at_most`: bytes of each, where no more are asked for."""
        columns = []
        for place, held in enumerate(self.held):
            told = self.dialect.quote(held.name) if held.family == "integer" else self.dialect.as_text(held)
            if at_most and held.family != "integer":
                told = self.dialect.beginning(told, at_most[place])
            columns.append(f"{told} as c{place}")
        return f"select {', '.join(columns)} from {self.table}{where}"

    def proof(self, where: str) -> str:
        """Rows, the sum of their hashes, the bytes of all and of the longest row."""
        texts = [self.dialect.as_text(column) for column in self.held]
        inner = f"select {self.hashed(self.held)} as h, {self.dialect.size(texts)} as s from {self.table}{where}"
        sums = ", ".join(self._told_sum(column) for column in ("h", "s"))
        rows, longest = self.dialect.digits("count(*)"), self.dialect.digits("max(s)")
        return f"select {rows}, {sums}, {longest} from ({inner}) r"

    def count(self, where: str) -> str:
        return f"select {self.dialect.digits('count(*)')} from {self.table}{where}"

    def by_place(self, started: Sequence[str], where: str = "") -> str:
        """How the rows stand by month (or year) and listed commune: where they begin, the commune, rows, sum of hashes.

        What a source writes as commune codes and days is anything, and as much as it likes: only listed codes come over, and the
        days from the last period on, and those before the first, are one each.
        """
        first, last = _bounds(self._dataset, started)
        # Grouped by a long text, a server writes files.
        place = self.dialect.beginning(self._commune, LONGEST_CODE) if self._commune else NO_TEXT
        inner = f"select {self._beginning or '0'} as b, {place} as p, {self.hashed(self.held)} as h "
        inner += f"from {self.table}{where}"
        grouped = f"select b, p, count(*) as n, {self.dialect.total('h')} as s from ({inner}) r group by b, p"
        listed = (
            f"case when p in ({', '.join(map(self.dialect.literal, units.codes_of_all_days()))}) then p end"
            if self._commune
            else "p"
        )
        clipped = (
            f"select case when b > {last} then {last} when b < {first} then {first - 1} else b end as b, {listed} as p, n, s "
            f"from ({grouped}) g"
        )
        told = f"{self.dialect.digits('b')}, p, {self._told_sum('n')}, {self._told_sum('s')}"
        return f"select {told} from ({clipped}) c group by b, p"

    def period_that_begins(self, begins: int | None, started: Sequence[str]) -> str | None:
        """The period of rows that begin so, as `selected` places them: the last one where they are later or have no month, None where they are earlier."""
        if begins is None or self._beginning is None:
            return started[-1]
        if begins < _bounds(self._dataset, started)[0]:
            return None
        year, month = (begins, 1) if self._dataset.placed_by_year else divmod(begins, 100)
        return min(calendar.period_of(self._dataset.kind, dt.date(min(max(year, 1), 9999), month, 1)), started[-1])

    def selected(self, period: str, today: dt.date, places: Places | None) -> str:
        """The where clause of a period's rows, or of those of them that are of some places."""
        return self.where(self._in_period(period, today), self._within(places))

    @staticmethod
    def where(*conditions: str | None) -> str:
        found = [f"({condition})" for condition in conditions if condition]
        return f" where {' and '.join(found)}" if found else ""

    def bucket(self, number: int, count: int) -> str:
        return f"{self.dialect.bucket([self._hashed(column) for column in self.held], count)} = {number}"

    def _told_sum(self, column: str) -> str:
        return self.dialect.digits(self.dialect.total(column))

    @property
    def _dataset(self) -> Dataset:
        assert isinstance(self.declared, Dataset)
        return self.declared

    @property
    def _placing(self) -> str | None:
        if self._dataset.placed_by is None:
            return None
        held = self.found.held(self._dataset.column(self._dataset.placed_by))
        is_any_number = self._dataset.placed_by_year and held.family in ("decimal", "number")
        return self.dialect.whole(self.dialect.quote(held.name)) if is_any_number else self.dialect.quote(held.name)

    @property
    def _beginning(self) -> str | None:
        """SQL for the beginning of a row's period as a number: the year, or the year and the month.

        A day that there is not belongs to its month, where it has one.
        """
        column = self._placing
        return column if column is None or self._dataset.placed_by_year else self.dialect.month(column)

    @property
    def _commune(self) -> str | None:
        commune = self._dataset.commune
        return self.dialect.as_text(self.found.held(self._dataset.column(commune))) if commune else None

    def _in_period(self, period: str, today: dt.date) -> str | None:
        """What lies after the last period that has begun, or has no date, falls in that last one."""
        if self._placing is None:
            return None
        first, last = calendar.span(period)
        low, high = _number(self._dataset, first), _number(self._dataset, last)
        if period == calendar.started(self._dataset, today)[-1]:
            return f"{self._beginning} >= {low} or {self._beginning} is null"
        between = f"{self._beginning} between {low} and {high}"
        if self._dataset.placed_by_year:
            return between
        return f"{self.dialect.days(self._placing, first.isoformat(), last.isoformat())} and {between}"

    def _within(self, places: Places | None) -> str | None:
        if places is None or self._commune is None:
            return None
        wanted, listed = self._in(places.wanted), self._in(places.listed)
        return f"{wanted} or {self._commune} is null or not {listed}"

    def _in(self, codes: Collection[str]) -> str:
        return f"{self._commune} in ({', '.join(map(self.dialect.literal, codes))})" if codes else "1 = 0"


def _bounds(dataset: Dataset, started: Sequence[str]) -> tuple[int, int]:
    """The beginnings of the first period and of the last, as numbers."""
    if dataset.placed_by is None:
        return 0, 0
    first, last = (_number(dataset, calendar.span(period)[0]) for period in (started[0], started[-1]))
    return first, last


def _number(dataset: Dataset, day: dt.date) -> int:
    return day.year if dataset.placed_by_year else day.year * 100 + day.month
