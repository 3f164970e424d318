"""When each unit sends each cell: on time, late and still watched, after the lock, never, or declared empty.

Drawn from the seed; the days come from schemas/calendar. The rows of a cell appear in the source on the day it is
sent, and `nhat_ky_nop` gets its line. Registers send nothing. What a dataset is sent like beside that, its system says.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from demo.people.dates import LAST_DAY, number
from demo.people.randomness import stream
from schemas import calendar, units
from schemas.dataset import PROVINCE, Dataset

HELD = np.int32(2**29)  # the day of rows that nobody has sent: only `demo fault late` brings them
START = dt.date(2024, 11, 20)
ONE_DAY = dt.timedelta(days=1)

# How many of a hundred cells of a finished period come late but in the watched time, after the lock, and never.
LATE, AFTER_LOCK, NEVER_SENT = 0.05, 0.015, 0.012


@dataclass(frozen=True)
class Sending:
    """How the units send a dataset, where it is not left to chance alone."""

    states: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (period, unit) -> its state, whatever the seed draws
    always: bool = False  # every unit sent each finished period, or nothing could have been decided
    as_it_happens: bool = False  # rows are there before the period is closed with one line


@dataclass(frozen=True)
class Delivery:
    state: str  # on_time, late, after_lock, missing, coming, empty, in_progress; by_file: the database is never given it
    day: np.int32  # of the submission; HELD where none is made
    logged: bool


def units_of(dataset: Dataset, period: str) -> list[str]:
    if dataset.by_province:
        return [PROVINCE]
    return [u.code for u in units.submitting_units(calendar.span(period)[1])]


def deliveries(dataset: Dataset, seed: int, sending: Sending) -> dict[tuple[str, str], Delivery]:
    """(period, unit) -> delivery, of every period that begins by the last day played."""
    found = {}
    for period in calendar.started(dataset, LAST_DAY):
        rng = stream(seed, "deliveries", dataset.id, period)
        for unit in units_of(dataset, period):
            draw, when = rng.random(), rng.random()
            found[period, unit] = _delivery(dataset, period, unit, sending, draw, when)
    return found


def _delivery(dataset: Dataset, period: str, unit: str, sending: Sending, draw: float, when: float) -> Delivery:
    due, locked = calendar.due_day(dataset, period), calendar.locked_day(dataset, period)
    last = calendar.span(period)[1]
    if due is None or locked is None:
        raise ValueError(f"{dataset.id}: a register is sent by nobody")
    state = sending.states.get((period, unit)) or _state(dataset, period, due, sending, draw)
    if state in ("missing", "in_progress", "by_file"):
        return Delivery(state, HELD, False)
    if state == "coming":
        return Delivery(state, _between(START + 2 * ONE_DAY, START + 6 * ONE_DAY, when), True)
    if state == "late":
        return Delivery(state, _between(due + ONE_DAY, min(locked, START - 2 * ONE_DAY), when), True)
    if state == "after_lock":
        return Delivery(state, _between(locked + 2 * ONE_DAY, locked + 20 * ONE_DAY, when), True)
    earliest = max(last + ONE_DAY, due - 5 * ONE_DAY) if due > last else due - 3 * ONE_DAY
    if dataset.kind == "yearly" and state != "empty":
        earliest = due - 12 * ONE_DAY
    return Delivery(state, _between(earliest, due, when), True)


def _state(dataset: Dataset, period: str, due: dt.date, sending: Sending, draw: float) -> str:
    if due > LAST_DAY:
        return "in_progress"
    if sending.always or dataset.by_province:
        return "on_time"
    locked = calendar.locked_day(dataset, period)
    assert locked is not None
    late = LATE if due + 5 * ONE_DAY < START else 0.0
    after = AFTER_LOCK if locked + 22 * ONE_DAY < START else 0.0
    never = NEVER_SENT if locked < START else 0.0
    for state, share in (("late", late), ("after_lock", after), ("missing", never)):
        if draw < share:
            return state
        draw -= share
    return "on_time"


def _between(first: dt.date, last: dt.date, when: float) -> np.int32:
    """A working day of the span, or its first day where the span has none."""
    span = [first + i * ONE_DAY for i in range(max((last - first).days, 0) + 1)]
    working = [d for d in span if calendar.is_working_day(d)] or [first]
    return np.int32(number(working[int(when * len(working))]))


def in_register(unit: np.ndarray) -> tuple[list[tuple[str, str]], np.ndarray]:
    """Cells of a register's rows given by unit code: the list, and each row's index."""
    units_there, cell = np.unique(unit.astype(str), return_inverse=True)
    return [("now", str(u)) for u in units_there], cell


def by_delivery(
    sent: dict[tuple[str, str], Delivery], periods: Sequence[str], period: np.ndarray, unit: np.ndarray
) -> tuple[list[tuple[str, str]], np.ndarray, np.ndarray, np.ndarray]:
    """Cells of rows given by period index and unit code: the list, each row's index, its day, and which rows to keep.

    Rows of a cell that its unit declares empty are dropped; those of a missing one are held.
    """
    cells = list(sent)
    place = {c: i for i, c in enumerate(cells)}
    unit_codes, unit_index = np.unique(unit.astype(str), return_inverse=True)
    grid = np.full((len(periods), len(unit_codes)), -1, dtype=np.int64)
    for i, p in enumerate(periods):
        for j, u in enumerate(unit_codes):
            grid[i, j] = place.get((p, str(u)), -1)
    cell = grid[period, unit_index]
    if (lost := np.flatnonzero(cell < 0)).size:
        raise ValueError(
            f"rows fall in {periods[period[lost[0]]]}|{unit[lost[0]]}, a cell that no unit owes: is the dataset by province?"
        )
    days = np.array([sent[c].day for c in cells], dtype=np.int32)
    empty = np.array([sent[c].state == "empty" for c in cells])
    return cells, cell, days[cell], ~empty[cell]
