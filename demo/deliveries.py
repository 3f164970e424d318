"""When each unit sends each cell: on time, late and still watched, after the lock, never, or declared empty.

Drawn from the seed; the days come from schemas/calendar. The rows of a cell appear in the source on the day it is
sent, and `nhat_ky_nop` gets its line. Datasets that are entered as things happen (lists of the province, vacancies)
have rows before their line. Registers send nothing.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from demo.population import LAST_DAY, number
from demo.randomness import stream
from schemas import calendar, units
from schemas.dataset import PROVINCE, Dataset

HELD = np.int32(2**29)  # the day of rows that nobody has sent: only `demo fault late` brings them
START = dt.date(2024, 11, 20)
ONE_DAY = dt.timedelta(days=1)

# Of a hundred cells of a finished period: how many come late but in the watched time, after the lock, and never.
LATE, AFTER_LOCK, NEVER_SENT = 0.05, 0.015, 0.012
# Cells that must stand whatever the seed draws, so that every state is there to see: (dataset, period, unit) -> state.
FIXED = {
    ("meritorious_persons.monthly_payments", "2024-11", "430"): "coming",
    ("social_protection.monthly_payments", "2024-11", "421"): "coming",
    ("social_protection.monthly_payments", "2024-11", "424"): "missing",
    ("social_protection.monthly_payments", "2024-10", "428"): "late",
    ("social_protection.monthly_payments", "2024-03", "417"): "after_lock",
    ("meritorious_persons.monthly_payments", "2024-05", "418"): "missing",
    ("poverty.in_year_changes", "2024-10", "420"): "coming",
    ("poverty.in_year_changes", "2024-09", "425"): "late",
    ("labour_employment.vacancies", "2024-Q3", "423"): "missing",
    ("labour_employment.vacancies", "2024-Q2", "413"): "empty",
    ("labour_employment.jobs_created", "2024-10", "40"): "coming",
    ("labour_employment.workers", "2023", "426"): "late",
    ("poverty.households", "2023", "429"): "late",
    ("poverty.members", "2023", "429"): "late",
    ("poverty.review_results", "2023", "429"): "late",
}
# The review of a closed year and its results are whole: every unit sent it, or nothing could have been decided.
ALWAYS_SENT = {"poverty.households", "poverty.members", "poverty.review_results"}
LISTS_OF_PAYMENT = {"meritorious_persons.monthly_payments", "social_protection.monthly_payments"}


@dataclass(frozen=True)
class Delivery:
    state: str  # on_time, late, after_lock, missing, coming, empty, in_progress
    day: np.int32  # of the submission; HELD where none is made
    logged: bool


def units_of(dataset: Dataset, period: str) -> list[str]:
    if dataset.by_province:
        return [PROVINCE]
    return [u.code for u in units.submitting_units(calendar.span(period)[1])]


def deliveries(dataset: Dataset, seed: int) -> dict[tuple[str, str], Delivery]:
    """(period, unit) -> delivery, of every period that begins by the last day played."""
    found = {}
    for period in calendar.started(dataset, LAST_DAY):
        rng = stream(seed, "deliveries", dataset.id, period)
        for unit in units_of(dataset, period):
            draw, when = rng.random(), rng.random()
            found[period, unit] = _delivery(dataset, period, unit, draw, when)
    return found


def _delivery(dataset: Dataset, period: str, unit: str, draw: float, when: float) -> Delivery:
    due, locked = calendar.due_day(dataset, period), calendar.locked_day(dataset, period)
    last = calendar.span(period)[1]
    if due is None or locked is None:
        raise ValueError(f"{dataset.id}: a register is sent by nobody")
    state = FIXED.get((dataset.id, period, unit)) or _state(dataset, period, due, draw)
    if state in ("missing", "in_progress"):
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


def _state(dataset: Dataset, period: str, due: dt.date, draw: float) -> str:
    if due > LAST_DAY:
        return "in_progress"
    if dataset.id in ALWAYS_SENT or dataset.by_province:
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
