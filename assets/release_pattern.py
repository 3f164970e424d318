"""Which cells of the frames of one period stay hidden, with what earlier editions of that period have already told.

Two editions of a period can be subtracted: a cell that went from 0 to 3 betrays itself in the totals, whatever is hidden
now. So the reader is taken to hold every earlier edition and to guess, rightly, which cells did not change:

* a cell that an earlier edition showed and that has not changed is known; it is not hidden now, since it would cover nothing;
* a cell that was hidden and has not changed is hidden again where the attack over all editions together asks for it;
* the attack over all editions together must leave every count of 1 to 4, of whatever edition, able to be 5 or more.

Where no pattern does that, the units whose small counts moved keep their former figures, and the sums are made with
those; if even that fails, the whole table keeps its former edition. Both are said, never silent.

Of money the difference of two editions is itself an amount: it must rest on ten persons whose money changed, or the unit
keeps its former amount until so many have. (Of counts the difference says how many came late, which is no figure of a person.)

An edition in which units are missing is made as if they were to come with one case in every cell, and as if the
province's figures were shown: the cells that will have to cover them are chosen now, while they can still be hidden.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from assets.additive import Cell, Key, Link, System
from assets.attacker import attack_editions
from assets.disclosure import Unprotectable, protect
from assets.open.figures import Figure, OpenFrame, Place
from schemas.dataset import PROVINCE
from schemas.release import TOTAL, Count, Share, Sum

Edition = Sequence[OpenFrame]  # the frames of one group as they were released once

INNER, UNIT_TOTAL, PROVINCE_CELL, PROVINCE_TOTAL = 1.0, 12.0, 20.0, 60.0
MONEY_SPREAD = 0.2  # a hidden amount may be this share higher


def groups(frames: Iterable[OpenFrame]) -> list[list[OpenFrame]]:
    """Frames that share figures, and so are decided together: tables of one dataset, and those declared alike."""
    found: list[list[OpenFrame]] = []
    for frame in frames:
        mine = [g for g in found if any(_are_linked(frame, other) for other in g)]
        merged = [f for g in mine for f in g] + [frame]
        found = [g for g in found if g not in mine] + [merged]
    return found


def _are_linked(a: OpenFrame, b: OpenFrame) -> bool:
    return a.dataset.id == b.dataset.id or a.table.alike == b.table.name or b.table.alike == a.table.name


def decide(frames: Sequence[OpenFrame], earlier: Sequence[Edition] = ()) -> list[OpenFrame]:
    """The frames of one group with their hidden cells; those held back carry former figures and name their units."""
    if earlier:
        frames = [_with_money_held(f, earlier[-1]) for f in frames]
    for attempt, stay in _attempts(frames, earlier):
        try:
            hidden = protect(system_of(attempt, earlier), stay)
        except Unprotectable:
            continue
        decided = [_masked(f, hidden) for f in attempt]
        if not earlier or not attack_editions([*earlier, decided]):
            return decided
    if earlier:
        return [replace(f, held_units=frozenset(f.unit_codes)) for f in earlier[-1]]
    return [f.with_hidden(f.places()) for f in frames]


def _attempts(frames: Sequence[OpenFrame], earlier: Sequence[Edition]) -> Iterator[tuple[list[OpenFrame], frozenset[Key]]]:
    yield list(frames), _money_hidden_before(frames, earlier)
    if not earlier:
        return
    yield list(frames), _hidden_before(frames, earlier)
    held = _held(frames, earlier[-1])
    if held:
        reverted = [_reverted(f, held, earlier[-1]) for f in frames]
        yield reverted, _money_hidden_before(reverted, earlier)
        yield reverted, _hidden_before(reverted, earlier)


def system_of(frames: Sequence[OpenFrame], earlier: Sequence[Edition] = ()) -> System:
    """The cells of the frames and how they add up."""
    system = System()
    known = _shown_before(frames, earlier)
    alike = {f.table.name: f for f in frames}
    for frame in frames:
        scale = _scale(frame)
        missing = {u.code for u in frame.units if not u.is_reported}
        for place in frame.places():
            key = frame.identity(place)
            if key in system.cells and not (frame.is_small(place) and not system.cells[key].small):
                continue
            value = _value(frame, place, missing) / scale
            small = frame.is_small(place) or place[0] in missing
            is_money = isinstance(frame.table.measure, Sum)
            other = alike.get(frame.table.alike or "")
            system.cells[key] = Cell(
                value=value,
                small=small and value > 0,
                cost=0.001 if place[0] in missing else _cost(place, value),
                known=key in known,
                floor=0 if is_money else 1,
                reach=value * (1 + MONEY_SPREAD) if is_money else _reach(frame),
                mask=other.identity(place) if other and place[1] in other.category_codes[1:] else _own_mask(frames, frame, place),
            )
        _sums(system, frame)
    _links(system, frames)
    return system


def _own_mask(frames: Sequence[OpenFrame], frame: OpenFrame, place: Place) -> Key | None:
    """The mask that another table's cells take of this one."""
    taken = any(f.table.alike == frame.table.name and place[1] in f.category_codes[1:] for f in frames)
    return frame.identity(place) if taken else None


def _value(frame: OpenFrame, place: Place, missing: set[str]) -> float:
    """The true value; of missing units one case in every cell, and the province's sums with them."""
    unit, category = place
    one = _scale(frame)
    width = max(len(frame.categories), 1)
    if unit in missing:
        return one * (width if category == TOTAL else 1)
    value = float(frame.figure(place).value)
    if unit == PROVINCE and missing:
        value += one * len(missing) * (width if category == TOTAL else 1)
    return value


def _scale(frame: OpenFrame) -> float:
    """Money is measured in mean payments, so that it and the counts have one size in the programs."""
    if not isinstance(frame.table.measure, Sum):
        return 1.0
    total = frame.figure((PROVINCE, TOTAL))
    return total.value / total.persons if total.persons else 1.0


def _reach(frame: OpenFrame) -> int:
    return frame.table.measure.least if isinstance(frame.table.measure, Count) else 5


def _cost(place: Place, value: float) -> float:
    """What hiding a cell costs the reader: sums more than parts, large more than small."""
    unit, category = place
    if unit == PROVINCE:
        base = PROVINCE_TOTAL if category == TOTAL else PROVINCE_CELL
    else:
        base = UNIT_TOTAL if category == TOTAL else INNER
    return base * (1.0 + min(value, 1e6) ** 0.25 / 4)


def _sums(system: System, frame: OpenFrame) -> None:
    identity = frame.identity
    rows = [u.code for u in frame.units]
    for category in frame.category_codes:
        _add_sum(system, identity((PROVINCE, category)), tuple(identity((u, category)) for u in rows))
    if frame.categories:
        for unit in frame.unit_codes:
            _add_sum(system, identity((unit, TOTAL)), tuple(identity((unit, c)) for c, _ in frame.categories))


def _add_sum(system: System, whole: Key, parts: tuple[Key, ...]) -> None:
    if (whole, parts) not in system.sums:
        system.sums.append((whole, parts))


def _links(system: System, frames: Sequence[OpenFrame]) -> None:
    """Money over the rows that another table counts: hidden where the count is, and bound to it by the amounts of one row.

    The total of a rate is as many things as its classes together: hidden where any class of the unit is.
    """
    for frame in frames:
        other = next((f for f in frames if f.table.name == frame.table.alike), None)
        if other is not None and isinstance(frame.table.measure, Share):
            system.links += [
                Link(other.identity((unit, category)), frame.identity((unit, TOTAL)), 0, 0, binds=False)
                for unit in frame.unit_codes
                for category, _ in other.categories
            ]
        if not isinstance(frame.table.measure, Sum):
            continue
        scale = _scale(frame)
        for counted in frames:
            if (
                not isinstance(counted.table.measure, Count)
                or counted.table.measure.of
                or counted.table.where != frame.table.where
            ):
                continue
            if counted.dataset.id != frame.dataset.id or frame.table.by not in (None, counted.table.by):
                continue
            for place in frame.places():
                link = Link(
                    counted.identity(place),
                    frame.identity(place),
                    frame.low / scale,
                    frame.high / scale,
                    binds=not frame.held_units - counted.held_units,
                )
                if link not in system.links:
                    system.links.append(link)


def _masked(frame: OpenFrame, hidden: frozenset[Key]) -> OpenFrame:
    return frame.with_hidden(p for p in frame.places() if frame.is_reported(p[0]) and frame.identity(p) in hidden)


def _cells_before(frames: Sequence[OpenFrame], earlier: Sequence[Edition], status: str) -> frozenset[Key]:
    """Cells that stand unchanged and had this status in an earlier edition."""
    now = {f.name: f for f in frames}
    found = set()
    for edition in earlier:
        for former in edition:
            frame = now.get(former.name)
            if frame is None:
                continue
            for place in former.places():
                if former.status(place) != status or place[0] not in frame.unit_codes or not frame.is_reported(place[0]):
                    continue
                if frame.figure(place).value == former.figure(place).value:
                    found.add(frame.identity(place))
    return frozenset(found)


def _shown_before(frames: Sequence[OpenFrame], earlier: Sequence[Edition]) -> frozenset[Key]:
    return _cells_before(frames, earlier, "published")


def _hidden_before(frames: Sequence[OpenFrame], earlier: Sequence[Edition]) -> frozenset[Key]:
    return _cells_before(frames, earlier, "suppressed") - _shown_before(frames, earlier)


def _money_hidden_before(frames: Sequence[OpenFrame], earlier: Sequence[Edition]) -> frozenset[Key]:
    """The attack over editions leaves money out: an amount that stands is not shown where its being hidden covered others."""
    return _hidden_before([f for f in frames if isinstance(f.table.measure, Sum)], earlier)


def _held(frames: Sequence[OpenFrame], last: Edition) -> frozenset[str]:
    """The units that had reported before and of which a small count moved."""
    former = {f.name: f for f in last}
    found = set()
    for frame in frames:
        before = former.get(frame.name)
        if before is None:
            continue
        for unit in frame.units:
            if not unit.is_reported or unit.code not in before.unit_codes or not before.is_reported(unit.code):
                continue
            for category in frame.category_codes:
                place = (unit.code, category)
                moved = frame.figure(place).value != before.figure(place).value
                if moved and (frame.is_small(place) or before.is_small(place)):
                    found.add(unit.code)
    return frozenset(found)


def _with_money_held(frame: OpenFrame, last: Edition) -> OpenFrame:
    """A money table in which the units where the money of too few persons changed keep their former amounts."""
    before = next((f for f in last if f.name == frame.name), None)
    if before is None or not isinstance(frame.table.measure, Sum):
        return frame
    least = frame.table.measure.least
    held = frozenset(
        u.code
        for u in frame.units
        if u.is_reported
        and u.code in before.unit_codes
        and before.is_reported(u.code)
        and frame.moved.get(u.code, 0) < least
        and any(frame.figure((u.code, c)).value != before.figure((u.code, c)).value for c in frame.category_codes)
    )
    return _reverted(frame, held, last) if held else frame


def _reverted(frame: OpenFrame, held: frozenset[str], last: Edition) -> OpenFrame:
    """The frame with the former figures of some units, and the province's sums made with them."""
    before = next((f for f in last if f.name == frame.name), None)
    if before is None:
        return frame
    held = held & set(before.unit_codes)
    frame = replace(frame, categories=tuple((dict(before.categories) | dict(frame.categories)).items()))
    figures = {p: f for p, f in frame.figures.items() if p[0] not in held and p[0] != PROVINCE}
    figures |= {p: f for p, f in before.figures.items() if p[0] in held}
    for category in frame.category_codes:
        parts = [figures.get((u.code, category), Figure()) for u in frame.units]
        figures[PROVINCE, category] = Figure(*(sum(getattr(f, a) for f in parts) for a in ("value", "persons", "whole")))
    kept = {u.code: u for u in before.units}
    return replace(
        frame,
        figures=figures,
        as_of={u: (before.as_of if u in held else frame.as_of).get(u, "") for u in frame.as_of},
        units=tuple(kept[u.code] if u.code in held else u for u in frame.units),
        held_units=held | frame.held_units,
    )
