"""What a district, a clerk or a failing machine does to one dataset of a source. What each act is called stands in commands.py.

A fault that must have an outcome is added to the truth; what is mended leaves it.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from assets.cells.acceptance import ALL_BAD_ROWS, SHRINK_ROWS
from demo.databases import cells
from demo.databases.database import LOG, Database, quoted
from demo.databases.places import database, refuse_absent
from demo.failures import (
    CellTooSmallForAll,
    CellTooSmallToExceed,
    CellTooSmallToShrink,
    CellUnnamed,
    ComesByFile,
    NoGoodRow,
    NothingLate,
    NothingRejected,
    NothingToResend,
    NotResent,
    TooFewGoodRows,
)
from demo.faults import on_demand, truth
from demo.faults.planting import Truth
from demo.lives.deliveries import units_of
from demo.offices.parcels import Parcel
from demo.offices.sending import Sending, seed_of
from demo.systems import ways_of
from resources.clock import ZONE, Clock
from resources.embedded import EmbeddedServer
from resources.settings import Settings
from schemas import calendar
from schemas.dataset import Dataset, Source
from schemas.written import grouped


@dataclass
class Act:
    """One fault at work on one dataset of a source."""

    found: EmbeddedServer
    played: Database
    cursor: Any
    office: Sending
    dataset: Dataset
    period: str | None
    unit: str | None
    rows: int
    now: dt.datetime
    sent: list[tuple[str, str]] = field(default_factory=list)  # cells of which the unit sends again what it now holds

    @property
    def cell(self) -> tuple[str, str]:
        if self.period is None or self.unit is None:
            raise CellUnnamed
        return self.period, self.unit

    @property
    def parcel(self) -> Parcel:
        return Parcel(self.dataset, self.cell[1], (self.cell,), self.now)

    @property
    def day(self) -> dt.date:
        return self.now.astimezone(ZONE).date()

    @property
    def table(self) -> str:
        return quoted(self.dataset.road.at_source)

    @property
    def columns(self) -> list[str]:
        return [c.source_column for c in self.dataset.columns]

    def where(self) -> tuple[str, list[object]]:
        return cells.condition(self.dataset, *self.cell)

    def count(self) -> int:
        where, values = self.where()
        self.cursor.execute(f"select count(*) from {self.table} where {where}", values)
        return self.cursor.fetchone()[0]

    def submit(self, empty: bool = False) -> None:
        """A line in the submission log, now; a unit that sends files sends one."""
        period, unit = self.cell
        self.sent.append(self.cell)
        if period == calendar.REGISTER:
            return
        count = self.count()
        self.cursor.execute(
            f"insert into {LOG} values (%s, %s, %s, %s, %s, %s)",
            (unit, self.dataset.road.at_source, period, self.now, count, empty),
        )

    def set_aside(self, most: int) -> int:
        """Take so many rows of the cell away; `late` can bring them back."""
        period, unit = self.cell
        held = {"_ngay": on_demand.HELD_DAY, "_ky": period, "_don_vi": unit}
        order = f"md5({on_demand.key_row(self.dataset)})"
        return self.played.move(self.cursor, self.dataset.road.at_source, self.columns, *self.where(), held, order, most)

    def spoil(self, wanted: int, every_row: bool = False) -> int:
        return on_demand.spoil(
            self.found, self.played, self.cursor, self.dataset, *self.cell, wanted, self.where(), self.day, every_row
        )

    def refused(self, kind: str, rule: str) -> None:
        """The truth about a cell that cannot be taken as it is."""
        period, unit = self.cell
        line = Truth(
            self.dataset.source.name,
            self.dataset.name,
            f"{period}|{unit}",
            False,
            "{}",
            period,
            unit,
            kind,
            (rule,),
            "cell_refused",
        )
        truth.add(self.found, [line], self.day)


def late(act: Act) -> str:
    period, unit = act.cell
    later = act.played.later(act.dataset.road.at_source)
    due = "_ky = %s and _don_vi = %s"
    rows = f"select {quoted(*act.columns)} from {later} where {due}"
    act.cursor.execute(act.played.taken_in(act.table, act.columns, rows), (period, unit))
    moved = act.cursor.rowcount
    act.cursor.execute(f"delete from {later} where {due}", (period, unit))
    if not moved:
        raise NothingLate(period=period, unit=unit)
    act.cursor.execute(
        f"delete from {act.played.later(LOG)} where bang = %s and ky = %s and ma_don_vi = %s",
        (act.dataset.road.at_source, period, unit),
    )
    act.submit()
    return f"{grouped(moved)} dòng nay mới đến, đã ghi sổ nộp"


def correct(act: Act) -> str:
    wanted = {"source": act.dataset.source.name, "dataset": act.dataset.name, "outcome": "rejected"}
    wanted |= {k: v for k, v in (("period", act.period), ("unit_code", act.unit)) if v}
    lines = truth.known(act.found, **wanted)
    mended = [line for line in lines if on_demand.mend(act.played, act.cursor, act.dataset, line, act.now)]
    if not mended:
        raise NothingRejected
    truth.forget(act.found, [line["id"] for line in mended])
    for period, unit in sorted({(line["period"], line["unit_code"]) for line in mended}):
        if period == calendar.REGISTER or unit in units_of(act.dataset, period):
            replace(act, period=period, unit=unit).submit()
    return f"{grouped(len(mended))} dòng đã sửa và nộp lại"


def spoil(act: Act) -> str:
    done = act.spoil(act.rows)
    if not done:
        raise NoGoodRow
    act.submit()
    return f"{grouped(done)} dòng trở nên sai"


def tolerance(act: Act) -> str:
    count = act.count()
    wanted = max(act.dataset.tolerated_rows + 1, int(count * act.dataset.tolerated_share) + 1)
    if count <= wanted:
        raise CellTooSmallToExceed(rows=count, wanted=wanted)
    done = act.spoil(wanted, every_row=True)
    if done < wanted:
        raise TooFewGoodRows
    act.submit()
    act.refused("tolerance", "too_many_rejected")
    return f"{grouped(done)} trên {grouped(count)} dòng trở nên sai"


def all_bad(act: Act) -> str:
    count = act.count()
    if count < ALL_BAD_ROWS:
        raise CellTooSmallForAll(rows=count, least=ALL_BAD_ROWS)
    done = act.spoil(count, every_row=True)
    act.submit()
    act.refused("all-bad", "every_row_bad")
    return f"{grouped(done)} trên {grouped(count)} dòng trở nên sai, cùng các dòng đã sai từ trước"


def shrink(act: Act) -> str:
    count = act.count()
    if count < 2 * SHRINK_ROWS:
        raise CellTooSmallToShrink(rows=count, least=SHRINK_ROWS)
    gone = act.set_aside((count + 1) // 2)
    act.submit()
    act.refused("shrink", "shrunk")
    return f"{grouped(gone)} trên {grouped(count)} dòng biến mất (lệnh `late` đưa chúng trở lại)"


def empty(act: Act) -> str:
    gone = act.set_aside(act.count())
    act.submit(empty=True)
    if gone:
        act.refused("empty", "shrunk")
    return f"{grouped(gone)} dòng biến mất, đơn vị khai rỗng"


def resend(act: Act) -> str:
    d, (period, unit) = act.dataset, act.cell
    if not d.is_payment_list:
        raise NotResent
    before = calendar.previous(period)
    act.set_aside(act.count())
    where, values = cells.condition(d, before, unit)
    sent_now = ", ".join("%s" if c.name == d.placed_by else quoted(c.source_column) for c in d.columns)
    act.cursor.execute(
        f"insert into {act.table} ({quoted(*act.columns)}) select {sent_now} from {act.table} where {where}",
        (calendar.span(period)[0], *values),
    )
    sent = act.cursor.rowcount
    if not sent:
        raise NothingToResend(month=before, unit=unit)
    act.submit()
    act.refused("resend", "last_month_again")
    return f"{grouped(sent)} dòng của tháng {before} được gửi lại"


def late_file(act: Act) -> str:
    """The database goes on having nothing of the cell."""
    if act.played.is_books:
        return late(act)
    period, unit = act.cell
    later = act.played.later(act.dataset.road.at_source)
    act.cursor.execute(f"select count(*) from {later} where _ky = %s and _don_vi = %s", act.cell)
    held = act.cursor.fetchone()[0]
    if not held:
        raise NothingLate(period=period, unit=unit)
    return f"{grouped(held)} dòng trong {_laid(act, act.office.send(act.parcel, is_held=True))}"


def wrong_file(name: str) -> Callable[[Act], str]:
    """A file beside what the unit has sent, with a mistake of this name."""
    return lambda act: _laid(act, act.office.mistake(name, act.parcel))


def _laid(act: Act, path: Path) -> str:
    return f"tệp {path.relative_to(act.found.home)}"


ACTS: dict[str, Callable[[Act], str]] = {
    "late": late,
    "correct": correct,
    "spoil": spoil,
    "tolerance": tolerance,
    "all-bad": all_bad,
    "shrink": shrink,
    "empty": empty,
    "resend": resend,
    "late-file": late_file,
    "password-file": wrong_file("password"),
    "empty-file": wrong_file("empty"),
    "last-month-file": wrong_file("last_month"),
    "others-file": wrong_file("of_another"),
}


def do(found: EmbeddedServer, dataset: Dataset, kind: str, period: str | None, unit: str | None, rows: int = 3) -> str:
    """Commit one fault; what it did, in words."""
    now = Clock(Settings("demo", found.home)).now()
    refuse_absent(found, dataset.source)
    played = database(found, dataset.source)
    with played.changing() as cursor:
        office = Sending(found, played, cursor, seed_of(found.home), ways_of(dataset.source))
        act = Act(found, played, cursor, office, dataset, period, unit, rows, now)
        done = ACTS[kind](act)
        if played.is_books:
            office.again(dataset, dict.fromkeys(act.sent), now)
        office.tell(act.day)
        return done


def switch(found: EmbeddedServer, source: Source, alive: bool) -> str:
    """Let the reader's login in, or keep it out and cut what it has open."""
    refuse_absent(found, source)
    played = database(found, source)
    if played.is_books:
        raise ComesByFile(source=source.name)
    played.let_in(alive)
    return "trả lời trở lại" if alive else "từ chối mọi kết nối đọc"
