"""From counts to the figures of a form: a number, a true zero, not reported (and why), or hidden.

Not reported is not zero. A unit is in when every cell is that its line is counted from; until then its line is not
reported, and its rows are in no other line: the province's sum is that of the units that are in, provisional, and says whom
it lacks, and a rate has the same units on both sides.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from assets.reports.dimensions import Dimension
from assets.reports.figure import Figure
from assets.reports.indicator import Indicator
from assets.reports.inputs import InputState, title_of
from assets.reports.measure import NOTHING, Count, Key, Query
from assets.reports.small_counts import TOTAL, hidden_beside
from resources.clock import ZONE
from schemas import calendar
from schemas.dataset import PROVINCE, UNKNOWN_UNIT
from schemas.reports.packet import UNIT

NO_DATA = "Chưa có số liệu"
TITLE = "\0"


@dataclass(frozen=True)
class Part:
    """The lines of an indicator that are counted from the same inputs: its totals, its breakdowns, or both."""

    query: Query
    dimensions: tuple[Dimension | None, ...]  # None: the total
    states: tuple[InputState, ...]
    told: tuple[InputState, ...]  # those whose troubles its own lines tell; of the others the totals do

    def has(self, unit: str) -> bool:
        """Whether a unit is in: every cell that its lines are counted from is."""
        return all(c.is_in for s in self.states for c in s.cells_of(unit))

    def standing(self, unit: str) -> "Standing":
        """How its lines of a unit stand."""
        is_final = all(c.is_settled for s in self.states for c in s.cells_of(unit))
        note = _together(self.told, lambda s: [f"{TITLE}: {c.trouble}" for c in s.cells_of(unit) if c.trouble])
        return Standing(self.has(unit), is_final, note)

    def province(self, expected: Sequence[str]) -> "Standing":
        """How its lines of the province stand: counted when any unit is in, final when all are in and settled."""
        cells = [c for s in self.states for c in s.cells.values()]
        is_final = bool(cells) and all(c.is_settled for c in cells)
        return Standing(any(self.has(u) for u in expected), is_final, _together(self.told, _troubles))


@dataclass(frozen=True)
class Standing:
    """How lines stand for one unit, or for the province: counted or not, final or not, and what is to be said."""

    is_in: bool
    is_final: bool
    note: str | None


def parts_of(indicator: Indicator, totals: tuple[InputState, ...], breakdowns: tuple[InputState, ...]) -> tuple[Part, ...]:
    """The totals of an indicator and its breakdowns; one part where both are counted from the same inputs."""
    query = indicator.query
    if indicator.split:
        return (Part(query.breakdowns or query, (indicator.split,), breakdowns, breakdowns),)
    beside = tuple(s for s in breakdowns if s not in totals)
    if not beside:
        return (Part(query, (None, *indicator.dimensions), totals, totals),)
    return Part(query, (None,), totals, totals), Part(query.breakdowns or query, indicator.dimensions, breakdowns, beside)


def figures_of(
    indicator: Indicator,
    counted: Sequence[tuple[Part, dict[Key, Count]]],
    expected: Sequence[str],
    *,
    out_of_reach: Collection[str] = (),
    is_hidden: bool = False,
) -> list[Figure]:
    """The lines of an indicator: the province, each unit, and each by one other dimension.

    `out_of_reach`: see `Reach`. `is_hidden`: no number of it is told, whatever it is, since it would give away a small one.
    """
    province = [part.province(expected) for part, _ in counted]
    # Rows that no expected unit answers for are in the province's sum, and in a line of their own.
    unplaced = sorted(
        {u for _, counts in counted for (u, _, _), c in counts.items() if u and u not in expected and not c.is_nothing}
    )
    why = indicator.reach.why if indicator.reach and out_of_reach else None
    of_the_list = f"{why} ({len(out_of_reach)} đơn vị)" if why else None
    lines = []
    for unit in [PROVINCE] if indicator.province_only else [PROVINCE, *expected, *unplaced]:
        standings = [part.standing(unit) for part, _ in counted] if unit in expected else province
        if unit in out_of_reach:  # what it has stands in the line of those that have no unit: none in its own is no true zero
            standings = [Standing(is_in=False, is_final=False, note=_joined([n for n in (s.note, why) if n])) for s in standings]
        elif unit == PROVINCE:
            standings = [replace(s, note=_joined([n for n in (s.note, of_the_list) if n])) for s in standings]
        lines += _unit_lines(indicator, unit, [(part, counts, s) for (part, counts), s in zip(counted, standings, strict=True)])
    return [replace(f, value=None, state="bi_an") if is_hidden and f.value is not None else f for f in lines]


def _unit_lines(indicator: Indicator, unit: str, counted: Sequence[tuple[Part, dict[Key, Count], Standing]]) -> list[Figure]:
    first, total = counted[0][2], None if indicator.split else counted[0][1].get(TOTAL)
    if not first.is_in:
        return [Figure(indicator.code, indicator.unit, ((UNIT, unit),), None, "chua_bao_cao", False, first.note or NO_DATA)]
    lacking = [f"Chưa có số liệu phân tổ: {s.note or NO_DATA}" for _, _, s in counted if not s.is_in]
    lines = []
    for part, counts, standing in counted:
        if not standing.is_in:
            continue
        for dimension in part.dimensions:
            is_told = dimension in (None, indicator.split) or part.told != part.states
            notes = [standing.note, *(lacking if dimension is None else [])] if is_told else []
            note = _joined([n for n in notes if n])
            values = [None] if dimension is None else _values(dimension, counts)
            hidden = hidden_beside(indicator, dimension, values, counts, total) if unit == PROVINCE else ()
            lines += [_figure(indicator, unit, dimension, v, counts, standing.is_final, note, v in hidden) for v in values]
    return lines


def _together(states: Sequence[InputState], troubles: Callable[[InputState], Sequence[str]]) -> str | None:
    """What inputs lack, each trouble said once of all periods of a dataset that have it."""
    said: dict[tuple[str, str], list[InputState]] = {}
    for state in states:
        for trouble in troubles(state):
            said.setdefault((state.input.dataset.id, trouble), []).append(state)
    return _joined([trouble.replace(TITLE, title_of(having)) for (_, trouble), having in said.items()])


def _troubles(state: InputState) -> list[str]:
    """What an input lacks for the province, in words, where TITLE stands for what it is called."""
    source, found = state.input.dataset.source.title, []
    if state.last_read is None:
        found.append(f"Chưa đọc được lần nào: {TITLE} ({source})")
    elif state.missing and len(state.missing) == len(state.cells):
        troubles = {c.trouble for c in state.cells.values()}
        found.append(f"{TITLE}: {troubles.pop()}" if len(troubles) == 1 else f"Chưa có số liệu: {TITLE}")
    elif state.missing:
        found.append(f"{TITLE} chưa gồm {len(state.missing)} đơn vị: {state.names(state.missing)}")
    refused = [u for u, c in state.cells.items() if c.is_in and c.is_refused]
    if refused:
        found.append(f"{TITLE} dùng bản nộp trước, vì bản nộp sau bị từ chối, của {len(refused)} đơn vị: {state.names(refused)}")
    if state.is_stale and state.last_read is not None:
        found.append(f"{source} đọc được lần cuối ngày {state.last_read.astimezone(ZONE):%d/%m/%Y}: {TITLE}")
    return found


def _joined(notes: Sequence[str]) -> str | None:
    return ". ".join(dict.fromkeys(notes)) or None


def _figure(
    indicator: Indicator,
    unit: str,
    dimension: Dimension | None,
    value: str | None,
    counts: dict[Key, Count],
    is_final: bool,
    note: str | None,
    is_hidden: bool,
) -> Figure:
    breakdown = ((UNIT, unit),) if dimension is None else ((UNIT, unit), (dimension.name, value or ""))
    if dimension is not None and dimension.protected and unit != PROVINCE:
        # All groups of a unit, not only the protected ones: the unit's total less the others would give them away.
        return Figure(indicator.code, indicator.unit, breakdown, None, "bi_an", is_final)
    count = counts.get((None if unit == PROVINCE else unit, dimension.name if dimension else None, value), NOTHING)
    number = indicator.value(count.numerator, count.denominator)
    if is_hidden or count.numerator < max(indicator.least, dimension.least if dimension else 0):
        return Figure(indicator.code, indicator.unit, breakdown, None, "bi_an", is_final, note)
    if number is None or (not indicator.is_rate and not count.numerator):
        zero = None if indicator.is_rate else Decimal(0)
        return Figure(indicator.code, indicator.unit, breakdown, zero, "khong_phat_sinh", is_final, note)
    return Figure(indicator.code, indicator.unit, breakdown, number, "co_so_lieu", is_final, note)


def _values(dimension: Dimension, counts: dict[Key, Count]) -> list[str]:
    seen = {v for (_, d, v) in counts if d == dimension.name and v is not None}
    return [*dimension.always, *sorted(seen - set(dimension.always))]


def units_of(states: Sequence[InputState], expected: Sequence[str]) -> list[str]:
    """The units that have lines in a form: those of its lists' own cells; for a register, or a list of the whole province, those of the period."""
    of_units = [s for s in states if not s.input.dataset.by_province and s.input.period != calendar.REGISTER]
    own = sorted({u for s in of_units for u in s.cells if u != UNKNOWN_UNIT})
    return own or list(expected)
