"""What stands behind a form: for each dataset and period it counts, which units are in, which are not, and how settled it is.

Read from the ops tables; nothing is computed here and no row of a person is looked at.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from resources.clock import ZONE
from resources.warehouse import ledger, tracker
from schemas import calendar, units
from schemas.dataset import PROVINCE
from schemas.reports.form import Form, Input

FRESH_REGISTER = dt.timedelta(hours=48)


@dataclass(frozen=True)
class InputCell:
    """One expected cell: whether its rows may be counted, and whether they may still change before the form can be final."""

    unit: str
    status: str
    is_received: bool
    is_settled: bool
    last_received_at: dt.datetime | None
    changed_at: dt.datetime | None
    rows: int


@dataclass(frozen=True)
class InputState:
    """A dataset and period of a form, with its expected cells."""

    input: Input
    cells: dict[str, InputCell]
    last_read: dt.datetime | None
    is_stale: bool  # read, but not since it had to be whole

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(u for u, c in self.cells.items() if not c.is_received)

    def cell(self, unit: str) -> InputCell | None:
        """The cell that answers for a unit: its own, or the province's where the dataset comes as one list."""
        return self.cells.get(PROVINCE if self.input.dataset.by_province else unit)

    @property
    def title(self) -> str:
        when = "" if self.input.period == calendar.REGISTER else f" kỳ {self.input.period}"
        return f"{self.input.dataset.title}{when}"

    def record(self) -> dict[str, Any]:
        """For the outbox: the figures can be made again from the history as it stood at the moment of composing."""
        return {
            "dataset": self.input.dataset.id,
            "period": self.input.period,
            "last_read": self.last_read.isoformat() if self.last_read else None,
            "is_stale": self.is_stale,
            "units": {
                u: {
                    "status": c.status,
                    "received": c.is_received,
                    "settled": c.is_settled,
                    "rows": c.rows,
                    "changed_at": c.changed_at.isoformat() if c.changed_at else None,
                }
                for u, c in self.cells.items()
            },
        }

    def fingerprint(self) -> Any:
        """What makes a form worth computing again. A register moves every day, so it never does by itself."""
        if self.input.period == calendar.REGISTER:
            return [self.input.dataset.id, any(c.is_received for c in self.cells.values())]
        record = self.record()
        return [record["dataset"], record["period"], record["is_stale"], record["units"]]


def read_inputs(connection: sa.Connection, form: Form, period: str, now: dt.datetime) -> dict[tuple[str, str], InputState]:
    """(dataset, period) -> its state, for everything the form counts."""
    today = now.astimezone(ZONE).date()
    window_end = form.window(period)[1]
    found = {}
    for item in form.inputs(period):
        found[item.dataset.id, item.period] = _state(connection, item, form.due_day(period), window_end, now, today)
    return found


def _state(
    connection: sa.Connection, item: Input, due_day: dt.date, window_end: dt.date, now: dt.datetime, today: dt.date
) -> InputState:
    last_read = ledger.last_read(connection, item.dataset)
    rows = tracker.counted(connection, item.dataset, item.period, ledger.end_of_day(window_end))
    whole_from, is_over = _whole_from(item, due_day, now)
    is_read_since = last_read is not None and last_read >= whole_from
    cells = {}
    for unit in ledger.expected_units(item.dataset, item.period, today):
        row = rows.get(unit)
        if row is None:
            cells[unit] = InputCell(unit, "missing", False, False, None, None, 0)
            continue
        # Of a monthly flow, an arrival after the window's end is enough: the days that count are all in it.
        settled = ((is_over and is_read_since) or (item.placed_by == "own_date" and row.came_after)) and not row.is_refused
        cells[unit] = InputCell(
            unit, row.status, row.is_received, row.is_received and settled, row.last_received_at, row.changed_at, row.rows
        )
    unsettled = any(c.is_received and not c.is_settled for c in cells.values())
    return InputState(item, cells, last_read, is_stale=last_read is not None and is_over and not is_read_since and unsettled)


def _whole_from(item: Input, due_day: dt.date, now: dt.datetime) -> tuple[dt.datetime, bool]:
    """The instant from which a reading of this input is whole, and whether that instant has come."""
    if item.period == calendar.REGISTER:
        # A register has no due day: it is good when it was read within 48 hours of the form's day.
        return ledger.end_of_day(due_day - calendar.ONE_DAY) - FRESH_REGISTER, True
    due = calendar.due_day(item.dataset, item.period)
    whole = ledger.end_of_day(due if due else due_day)
    return whole, whole <= now


def unit_names(codes: tuple[str, ...], on: dt.date) -> str:
    return ", ".join(units.unit_name(code, on) or code for code in codes)
