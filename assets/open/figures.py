"""The figures of open tables: computed in SQL over the hub's core views, with who was expected and who has reported.

A frame is one table of one period with its true values; it leaves the hub only as `rows()`, after a pattern of hidden
cells was laid on it. What may be hidden is decided in assets/release_pattern.py; nothing here publishes.

A unit whose cell was never accepted is `not_reported`, never zero, and with it the province: two editions could else be
subtracted. A unit that declared itself empty, or of which a province-wide list holds no row, is 0. Rows of a
province-wide list without a commune stand in a row of their own, `unknown`, hidden by the same rules as a district.
"""

import datetime as dt
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

import sqlalchemy as sa

from resources.warehouse import tracker
from schemas import calendar, codes, units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset, Source
from schemas.registry import datasets_of
from schemas.release import TOTAL, UNSTATED, Count, OpenTable, Share, Sum

UNKNOWN_NAME = "Chưa xác định được địa bàn"
PROVINCE_NAME = units.PROVINCE_NAME

Place = tuple[str, str]  # unit, category


@dataclass(frozen=True)
class ReportingUnit:
    """A row of the table: a district, a commune, or `unknown`."""

    code: str
    name: str
    is_reported: bool = True
    maturity: str = "final"


@dataclass(frozen=True)
class Figure:
    """One cell. `value`: a count, an amount, or the part of a share; `whole`: what the part is a share of."""

    value: int = 0
    persons: int = 0  # the people behind it, where the table tells them apart
    whole: int = 0


@dataclass(frozen=True)
class OpenFrame:
    """One table of one period."""

    dataset: Dataset
    table: OpenTable
    period: str
    units: tuple[ReportingUnit, ...]
    categories: tuple[tuple[str, str], ...]  # code, label; without the total
    figures: dict[Place, Figure]
    low: int = 0  # the smallest and the largest amount of one row of a money table: what everybody may know
    high: int = 0
    hidden: frozenset[Place] = frozenset()
    as_of: dict[str, str] = field(default_factory=dict, compare=False)  # unit: the instant at which its figures were read
    moved: dict[str, int] = field(default_factory=dict, compare=False)  # unit: rows changed since its former edition
    held_units: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def name(self) -> str:
        return table_name(self.dataset, self.table)

    @property
    def is_whole(self) -> bool:
        """Every expected unit has reported: only then has the province a figure."""
        return all(u.is_reported for u in self.units)

    @property
    def unit_codes(self) -> tuple[str, ...]:
        return (PROVINCE, *(u.code for u in self.units))

    @property
    def category_codes(self) -> tuple[str, ...]:
        return (TOTAL, *(code for code, _ in self.categories))

    def places(self) -> Iterable[Place]:
        return ((u, c) for u in self.unit_codes for c in self.category_codes)

    def figure(self, place: Place) -> Figure:
        return self.figures.get(place, Figure())

    def is_reported(self, unit: str) -> bool:
        if unit == PROVINCE:
            return self.is_whole
        return next(u.is_reported for u in self.units if u.code == unit)

    def identity(self, place: Place) -> Hashable:
        """What the cell says, whatever table says it: tables over the same rows share their totals."""
        measure, (unit, category) = self.table.measure, place
        by = None if category == TOTAL else self.table.by
        if isinstance(measure, Share):
            return ("part", self.name, unit, category)
        kind = ("count", measure.of) if isinstance(measure, Count) else ("money", *measure.amounts)
        return (*kind, self.dataset.id, self.table.where, unit, by, category)

    def is_small(self, place: Place) -> bool:
        """To be hidden for its own sake: a count of 1 to 4 (rows or people), an amount over fewer than ten people."""
        figure, measure = self.figure(place), self.table.measure
        if isinstance(measure, Sum):
            return 0 < figure.persons < measure.least
        least = 5 if isinstance(measure, Share) else measure.least
        return 0 < figure.value < least or (figure.value > 0 and 0 < figure.persons < least)

    def lacks_base(self, place: Place) -> bool:
        """A rate over too few: not shown, though its count may stand in another table."""
        figure, measure = self.figure(place), self.table.measure
        return isinstance(measure, Share) and (0 < figure.value < measure.least or figure.whole < measure.least)

    def status(self, place: Place) -> str:
        if not self.is_reported(place[0]):
            return "not_reported"
        return "suppressed" if place in self.hidden or self.lacks_base(place) else "published"

    def maturity(self, unit: str) -> str:
        if unit != PROVINCE:
            return next(u.maturity for u in self.units if u.code == unit)
        found = {u.maturity for u in self.units}
        if "provisional" in found or not self.is_whole:
            return "provisional"
        return "corrected" if "corrected" in found else "final"

    def shown(self, place: Place) -> int | Decimal | None:
        """The released value."""
        if self.status(place) != "published":
            return None
        figure = self.figure(place)
        if isinstance(self.table.measure, Share):
            return (Decimal(100 * figure.value) / figure.whole).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return figure.value

    def rows(self) -> list[tuple]:
        """period, unit_code, unit_name, [dimension code, its label,] value, value_status, maturity."""
        names = {PROVINCE: PROVINCE_NAME} | {u.code: u.name for u in self.units}
        labels = {TOTAL: "Tổng số"} | dict(self.categories)
        found = []
        for unit, category in self.places():
            dimension = (category, labels[category]) if self.table.by else ()
            place = (unit, category)
            found.append((self.period, unit, names[unit], *dimension, self.shown(place), self.status(place), self.maturity(unit)))
        return found

    def with_hidden(self, hidden: Iterable[Place]) -> "OpenFrame":
        return replace(self, hidden=frozenset(hidden))


def table_name(dataset: Dataset, table: OpenTable) -> str:
    return f"{dataset.source.name}_{table.name}"


def tables_of(source: Source | str) -> list[tuple[Dataset, OpenTable]]:
    return [(d, t) for d in datasets_of(source) for t in d.open_tables]


def period_kind(dataset: Dataset) -> str:
    """The kind of the open tables' periods: a register's figure belongs to the month in which it was read."""
    return "monthly" if dataset.kind == "register" else dataset.kind


def releasable(dataset: Dataset, today: dt.date) -> list[str]:
    """The periods of which open figures are made: those whose due day has ended; of a register the clock's month alone.

    Before it the figures of a period grow each night by a few, and two nights subtracted would show those few.
    """
    if dataset.kind == "register":
        return [f"{today:%Y-%m}"]
    return [p for p in calendar.started(dataset, today) if (due := calendar.due_day(dataset, p)) is not None and due < today]


def compute(connection: sa.Connection, source: Source | str, period: str, today: dt.date) -> list[OpenFrame]:
    """The frames of a system for a period: those of its tables that have figures of it, in the order declared."""
    found = []
    for dataset, table in tables_of(source):
        if period not in releasable(dataset, today):
            continue
        first, last = calendar.span(period)
        expected = _units(connection, dataset, period, last)
        if not any(u.is_reported for u in expected):
            continue  # nothing was ever accepted: the period keeps its former rows
        found.append(_frame(connection, dataset, table, period, first, last, expected))
    return found


def _units(connection: sa.Connection, dataset: Dataset, period: str, last: dt.date) -> tuple[ReportingUnit, ...]:
    """The units of a period with what became of their cells; those of a province-wide list share its one cell."""
    cells = tracker.reported(connection, dataset, calendar.REGISTER if dataset.kind == "register" else period)
    found = []
    for unit in units.submitting_units(last):
        cell = cells.get(PROVINCE if dataset.by_province else unit.code)
        reported = cell is not None and cell.is_reported
        # A register has no due day: what it held on the first of the month is final once it was read.
        maturity = "final" if dataset.kind == "register" and reported else cell.maturity if cell else "provisional"
        found.append(ReportingUnit(unit.code, unit.name, reported, maturity))
    if dataset.by_province:
        found.append(ReportingUnit(UNKNOWN_UNIT, UNKNOWN_NAME, found[0].is_reported, found[0].maturity))
    return tuple(found)


def _frame(
    connection: sa.Connection,
    dataset: Dataset,
    table: OpenTable,
    period: str,
    first: dt.date,
    last: dt.date,
    expected: tuple[ReportingUnit, ...],
) -> OpenFrame:
    figures: dict[Place, Figure] = {}
    stored = calendar.REGISTER if dataset.kind == "register" else period
    rows = connection.execute(
        sa.text(_query(dataset, table)),
        {"period": stored, "first_day": first, "known": [u.code for u in expected]},
    ).mappings()
    low = high = 0
    for r in rows:
        unit = PROVINCE if r["all_units"] else r["unit"]
        category = TOTAL if r["all_categories"] else (r["category"] or UNSTATED)
        if isinstance(table.measure, Share):
            for code, name in table.measure.parts:
                figures[unit, code] = Figure(int(r[name] or 0), 0, int(r["whole"] or 0))
            figures[unit, TOTAL] = Figure(sum(int(r[name] or 0) for _, name in table.measure.parts), 0, int(r["whole"] or 0))
        else:
            figures[unit, category] = Figure(int(r["value"] or 0), int(r["persons"] or 0))
        if isinstance(table.measure, Sum) and r["all_units"] and r["all_categories"]:
            low, high = int(r["low"] or 0), int(r["high"] or 0)
    known = {u.code for u in expected} | {PROVINCE}
    if UNKNOWN_UNIT in {unit for unit, _ in figures} and UNKNOWN_UNIT not in known:
        expected = (*expected, ReportingUnit(UNKNOWN_UNIT, UNKNOWN_NAME))
    return OpenFrame(dataset, table, period, expected, categories_of(dataset, table, last, figures), figures, low, high)


def persons_moved(connection: sa.Connection, frame: OpenFrame, since: dict[str, str]) -> dict[str, int]:
    """Of how many persons of each unit the money is another than when its figures were last read.

    Of the sum alone: who only moved house, or got a new card, would cover for the one whose amount changed.
    """
    dataset, measure = frame.dataset, frame.table.measure
    assert isinstance(measure, Sum)
    unit = "t.district_code" if dataset.by_province else "coalesce(t.district_code, t.unit_code)"
    person = f"t.{measure.persons.field}::text" if measure.persons else "t.row_key"
    amount = " + ".join(f"coalesce(t.{a}, 0)" for a in measure.amounts)
    counted = f"({frame.table.where})" if frame.table.where else "true"
    found = connection.execute(
        sa.text(f"""
            with former as (select * from unnest(cast(:units as text[]), cast(:instants as timestamptz[])) as f(of_unit, read_at)),
            moved as (
                select f.of_unit, {person} as person,
                    coalesce(sum({amount}) filter (where t.recorded_from <= f.read_at), 0) as former_amount,
                    coalesce(sum({amount}) filter (where t.recorded_to is null), 0) as amount
                from history.{dataset.table} t join former f on f.of_unit = coalesce({unit}, '{UNKNOWN_UNIT}')
                where t.period = :period and {counted} and (t.recorded_from > f.read_at or t.recorded_to > f.read_at)
                group by 1, 2)
            select of_unit, count(*) as persons from moved where former_amount <> amount group by 1"""),
        {
            "units": list(since),
            "instants": list(since.values()),
            "period": calendar.REGISTER if dataset.kind == "register" else frame.period,
        },
    )
    return {r.of_unit: r.persons for r in found}


def _query(dataset: Dataset, table: OpenTable) -> str:
    """One pass over the current rows, grouped four ways: cell, unit, category, all. Only declared names enter the text."""
    measure = table.measure
    grouped = table.by if table.by and not isinstance(measure, Share) else None
    category = f"t.{grouped}::text" if grouped else "null::text"
    sets = "((unit, category), (unit), (category), ())" if grouped else "((unit), ())"
    persons = measure.persons
    join = who = ""
    if persons is not None and persons.register:
        register = next(d for d in datasets_of(dataset.source) if d.name == persons.register)
        # One line a file: a file doubled in the register must not double the payments joined to it.
        join = (
            f"left join (select {persons.field} as link, min({register.person_key}) as person "
            f"from core.{register.table} group by 1) r on r.link = t.{persons.field}"
        )
        who = f"coalesce(r.person, t.{persons.field}::text)"
    elif persons is not None:
        # A row without a number stands for a person of its own.
        who = f"coalesce(t.{persons.field}::text, t.unit_code || '|' || t.row_key)"
    if isinstance(measure, Share):
        chosen = "".join(f"t.{f} as {f}, " for _, f in measure.parts) + f"t.{measure.whole} as whole"
        figures = ", ".join([*(f"sum({f}) as {f}" for _, f in measure.parts), "sum(whole) as whole"])
    elif isinstance(measure, Sum):
        chosen = " + ".join(f"coalesce(t.{a}, 0)" for a in measure.amounts) + " as amount"
        figures = "sum(amount) as value, min(amount) as low, max(amount) as high"
    else:
        chosen = f"{f't.{measure.of}' if measure.of else '1'} as thing"
        figures = "sum(thing) as value"
    if not isinstance(measure, Share):
        chosen += f", {who} as person" if who else ""
        # Where a row is the thing itself (a household, a place of work) nobody stands behind it: 0, but rows under money.
        figures += f", {'count(distinct person)' if who else 'count(*)' if isinstance(measure, Sum) else '0'} as persons"
    # A district's rows belong to the unit that sent them; a province-wide list gives each row's own commune.
    unit = "t.district_code" if dataset.by_province else "coalesce(t.district_code, t.unit_code)"
    return f"""
        with chosen as (
            select case when {unit} = any(:known) then {unit} else '{UNKNOWN_UNIT}' end as unit,
                {category} as category, {chosen}
            from core.{dataset.table} t {join}
            where t.period = :period {f"and ({table.where})" if table.where else ""}
        )
        select unit, {"category" if grouped else "null"} as category, grouping(unit) = 1 as all_units,
            {"grouping(category) = 1" if grouped else "true"} as all_categories, {figures}
        from chosen group by grouping sets {sets}
        order by 1 nulls first, 2 nulls first
    """


def categories_of(dataset: Dataset, table: OpenTable, on: dt.date, figures: dict[Place, Figure]) -> tuple[tuple[str, str], ...]:
    """All values the dimension may take, so that a zero is published as a zero."""
    if table.by is None:
        return ()
    if isinstance(table.measure, Share):
        return tuple((code, codes.label(table.codes or "", code) or code) for code, _ in table.measure.parts)
    labels = dict(table.labels)
    name = table.codes or dataset.column(table.by).codes
    if name:
        labels |= {code: codes.label(name, code, on) or code for code in sorted(codes.listed(name, on), key=_natural)}
    met = {category for _, category in figures} - {TOTAL, UNSTATED} - set(labels)
    for code in sorted(met, key=_natural):
        labels[code] = (codes.label(name, code) if name else None) or code
    if any(category == UNSTATED for _, category in figures):
        labels[UNSTATED] = "Không ghi"
    return tuple(labels.items())


def _natural(code: str) -> tuple[int, str]:
    return (len(code), code)
