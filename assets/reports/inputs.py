"""What stands behind a form: for each dataset and period it counts, which units are in, which are not, and how settled it is.

Read from the ops tables; nothing is computed here and no row of a person is looked at.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from assets.reports.form import Form, Input
from resources.clock import ZONE
from resources.warehouse.arrivals import dataset_pulls, ledger, tracker
from resources.warehouse.arrivals.ruling import spoken_until
from schemas import calendar, units
from schemas.dataset import PROVINCE

FRESH_REGISTER = dt.timedelta(hours=48)
CONTENT = "content"  # of a cell as it is recorded


@dataclass(frozen=True)
class InputCell:
    """One expected cell: whether it is in, and whether its rows may still change before the form can be final.

    It is in when it was accepted or declared empty, and speaks for every day of the window that falls into it; not if every row
    that came was set aside, since what its unit has is then unknown, and no zero. Of a cell whose last submission was refused,
    what was accepted before stands: the unit did report, and what it holds is good.
    """

    unit: str
    status: str
    is_in: bool
    is_settled: bool
    is_refused: bool
    is_void: bool  # every row that came was set aside
    is_current: bool  # what it holds was said after the days that count
    held_at: dt.datetime | None
    changed_at: dt.datetime | None
    rows: int
    content: str | None  # the sum of its rows' hashes; None: not kept

    @property
    def trouble(self) -> str | None:
        """Why the cell is not in, or what is wrong with it though it is, in words."""
        day = f"{self.held_at.astimezone(ZONE):%d/%m/%Y}" if self.held_at else ""
        if self.is_in:
            why = "bản nộp sau bị từ chối, " if self.is_refused else ""
            return f"{why}dùng bản nhận ngày {day}" if self.is_refused or not self.is_current else None
        if self.is_refused:
            return "bản nộp bị từ chối"
        if self.is_void:
            return f"mọi dòng của bản nhận ngày {day} đều bị loại"
        return f"bản nhận ngày {day} chưa gồm hết các ngày của kỳ báo cáo" if day else "chưa có số liệu"


@dataclass(frozen=True)
class InputState:
    """A dataset and period of a form, with its expected cells."""

    input: Input
    cells: dict[str, InputCell]
    last_read: dt.datetime | None
    is_stale: bool  # read, but not since it had to be whole
    named_on: dt.date  # the day whose names its units bear
    held_by: Mapping[str, frozenset[str]] = field(
        default_factory=dict
    )  # of units of the form's day, whose cells hold their rows now

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(u for u, c in self.cells.items() if not c.is_in)

    def cells_of(self, unit: str) -> tuple[InputCell, ...]:
        """The cells that answer for a unit: its own, or the province's where the dataset comes as one list.

        Of a register it is the units of today that answer for those of the form's day, each for its communes.
        """
        holding = {PROVINCE} if self.input.dataset.by_province else self.held_by.get(unit, {unit})
        own = tuple(self.cells[holder] for holder in sorted(holding) if holder in self.cells)
        return own or tuple(self.cells.values())

    def names(self, codes: Sequence[str]) -> str:
        return ", ".join(units.unit_name(code, self.named_on) or code for code in codes)

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
                    "received": c.is_in,
                    "settled": c.is_settled,
                    "rows": c.rows,
                    CONTENT: c.content,
                    "changed_at": c.changed_at.isoformat() if c.changed_at else None,
                }
                for u, c in self.cells.items()
            },
        }

    def fingerprint(self, record: Mapping[str, Any]) -> Any:
        """What makes a form worth computing again, by what is recorded of it. A register moves every day, so it never does by itself."""
        if self.input.period == calendar.REGISTER:
            spoken = (
                sorted(u for u, c in self.cells.items() if c.is_in and c.is_current) if self.input.dataset.comes_in_files else []
            )
            return [self.input.dataset.id, any(c.is_in for c in self.cells.values()), *spoken]
        # Whatever changes it changes `changed_at` too, but for an erasure, which is no reason.
        cells = {u: {name: told for name, told in cell.items() if name != CONTENT} for u, cell in record["units"].items()}
        return [record["dataset"], record["period"], record["is_stale"], cells]


def title_of(states: Sequence[InputState]) -> str:
    """What inputs of one dataset are called together; of periods that follow on each other, the first and the last."""
    runs: list[list[str]] = []
    for period in sorted({s.input.period for s in states} - {calendar.REGISTER}):
        if runs and calendar.previous(period) == runs[-1][-1]:
            runs[-1].append(period)
        else:
            runs.append([period])
    told = ", ".join(run[0] if len(run) == 1 else f"{run[0]} đến {run[-1]}" for run in runs)
    return f"{states[0].input.dataset.title}{f' kỳ {told}' if told else ''}"


def read_inputs(connection: sa.Connection, form: Form, period: str, now: dt.datetime) -> dict[Input, InputState]:
    """The state of everything that the form counts."""
    return {item: _state(connection, form, period, item, now) for item in form.inputs(period)}


def _state(connection: sa.Connection, form: Form, period: str, item: Input, now: dt.datetime) -> InputState:
    today, is_register = now.astimezone(ZONE).date(), item.period == calendar.REGISTER
    last_read = dataset_pulls.last_read(connection, item.dataset)
    whole_from, is_over = _whole_from(item, form.due_day(period), now)
    is_read_since = last_read is not None and last_read >= whole_from
    units_owing = ledger.expected_units(item.dataset, item.period, today)
    rows = tracker.counted(connection, item.dataset, item.period)
    found = [(unit, rows.get(unit, NEVER_SEEN)) for unit in units_owing]
    window_end = form.window(period)[1]
    if is_register and item.dataset.comes_in_files:
        counted_until = ledger.end_of_day(window_end if item.by_days else form.looked_on(period))
        spoken = spoken_until(connection, item.dataset, item.period, today)
        cells = [_said(item, unit, row, spoken.get(unit, row.held_at), counted_until) for unit, row in found]
    else:
        cells = [_read(item, unit, row, window_end, is_over and is_read_since) for unit, row in found]
    unsettled = any(c.held_at is not None and not c.is_settled for c in cells)
    is_stale = last_read is not None and is_over and not is_read_since and unsettled
    named_on = today if is_register else calendar.span(item.period)[1]
    held_by = units.holders(calendar.span(period)[1], today) if is_register and not item.dataset.by_province else {}
    return InputState(item, {c.unit: c for c in cells}, last_read, is_stale, named_on, held_by)


def _said(item: Input, unit: str, row: tracker.Counted, said_at: dt.datetime | None, counted_until: dt.datetime) -> InputCell:
    """A cell of a register of files: that it still holds its senders alone can say, however often the hub looks for their files."""
    said_at = said_at if row.held_at else None
    is_current = said_at is not None and said_at >= counted_until
    is_in = not row.is_void and (is_current if item.by_days else said_at is not None)
    is_settled = is_in and is_current and not row.is_refused
    return _cell(unit, row, said_at, is_in=is_in, is_settled=is_settled, is_current=is_current)


def _read(item: Input, unit: str, row: tracker.Counted, window_end: dt.date, is_whole: bool) -> InputCell:
    """A cell of what a system holds. `is_whole`: it was read since it had to be."""
    last_day = window_end if item.period == calendar.REGISTER else min(calendar.span(item.period)[1], window_end)
    # What came of a flow before its days were over is only a part, in which an absent row is no true zero.
    is_due = is_whole and not row.is_refused
    is_in = (
        row.held_at is not None and not row.is_void and (not item.by_days or is_due or row.held_at >= ledger.end_of_day(last_day))
    )
    # An arrival after the window's end is enough: the days that count are all in it.
    came_after = item.by_days and row.held_at is not None and row.held_at >= ledger.end_of_day(window_end)
    is_settled = is_in and not row.is_refused and (is_due or came_after)
    return _cell(unit, row, row.held_at, is_in=is_in, is_settled=is_settled, is_current=True)


def _cell(
    unit: str, row: tracker.Counted, held_at: dt.datetime | None, *, is_in: bool, is_settled: bool, is_current: bool
) -> InputCell:
    return InputCell(
        unit=unit,
        status=row.status,
        is_in=is_in,
        is_settled=is_settled,
        is_refused=row.is_refused,
        is_void=row.is_void,
        is_current=is_current,
        held_at=held_at,
        changed_at=row.changed_at,
        rows=row.rows,
        content=row.content,
    )


NEVER_SEEN = tracker.Counted("missing", is_refused=False, is_void=False, held_at=None, changed_at=None, rows=0, content=None)


def _whole_from(item: Input, due_day: dt.date, now: dt.datetime) -> tuple[dt.datetime, bool]:
    """The instant from which a reading of this input is whole, and whether that instant has come."""
    if item.period == calendar.REGISTER:
        # A register has no due day: it is good when it was read within 48 hours of the form's day.
        return ledger.end_of_day(due_day - calendar.ONE_DAY) - FRESH_REGISTER, True
    due = calendar.due_day(item.dataset, item.period)
    whole = ledger.end_of_day(due if due else due_day)
    return whole, whole <= now
