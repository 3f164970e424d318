"""What a district, a clerk or a failing machine does to one dataset of a source. What each act is called stands in commands.py.

A fault that must have an outcome is added to the truth; what is mended leaves it.
"""

import datetime as dt
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql

from assets.cells.acceptance import ALL_BAD_ROWS, SHRINK_ROWS
from demo.databases import cells, load
from demo.failures import (
    CellTooSmallForAll,
    CellTooSmallToExceed,
    CellTooSmallToShrink,
    CellUnnamed,
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
    cursor: Any
    dataset: Dataset
    period: str | None
    unit: str | None
    rows: int
    now: dt.datetime

    @property
    def cell(self) -> tuple[str, str]:
        if self.period is None or self.unit is None:
            raise CellUnnamed
        return self.period, self.unit

    @property
    def table(self) -> sql.Identifier:
        return sql.Identifier(self.dataset.road.table)

    @property
    def future(self) -> sql.Composed:
        return sql.SQL("{}.{}").format(sql.Identifier(load.FUTURE), self.table)

    @property
    def columns(self) -> sql.Composed:
        return sql.SQL(", ").join(sql.Identifier(c.source_column) for c in self.dataset.columns)

    def where(self) -> sql.Composable:
        return cells.condition(self.dataset, *self.cell)

    def count(self) -> int:
        self.cursor.execute(sql.SQL("select count(*) from {} where {}").format(self.table, self.where()))
        return self.cursor.fetchone()[0]

    def submit(self, empty: bool = False) -> None:
        """A line in the submission log, now."""
        period, unit = self.cell
        if period == calendar.REGISTER:
            return
        count = self.count()
        self.cursor.execute(
            f"insert into {load.LOG} values (%s, %s, %s, %s, %s, %s)",
            (unit, self.dataset.road.table, period, self.now, count, empty),
        )

    def set_aside(self) -> int:
        """Take all rows of the cell away; `late` can bring them back."""
        period, unit = self.cell
        self.cursor.execute(
            sql.SQL(
                "with gone as (delete from {t} where {w} returning {c}) insert into {f} ({c}, _ngay, _ky, _don_vi) "
                "select {c}, %s, %s, %s from gone"
            ).format(t=self.table, w=self.where(), c=self.columns, f=self.future),
            (on_demand.HELD_DAY, period, unit),
        )
        return self.cursor.rowcount

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
        truth.add(self.found, [line], self.now.astimezone(ZONE).date())


def late(act: Act) -> str:
    period, unit = act.cell
    act.cursor.execute(
        sql.SQL(
            "with due as (delete from {f} where _ky = %s and _don_vi = %s returning {c}) "
            "insert into {t} ({c}) select {c} from due on conflict do nothing"
        ).format(f=act.future, t=act.table, c=act.columns),
        (period, unit),
    )
    moved = act.cursor.rowcount
    if not moved:
        raise NothingLate(period=period, unit=unit)
    act.cursor.execute(
        f"delete from {load.FUTURE}.{load.LOG} where bang = %s and ky = %s and ma_don_vi = %s",
        (act.dataset.road.table, period, unit),
    )
    act.submit()
    return f"{grouped(moved)} dòng nay mới đến, đã ghi sổ nộp"


def correct(act: Act) -> str:
    wanted = {"source": act.dataset.source.name, "dataset": act.dataset.name, "outcome": "rejected"}
    wanted |= {k: v for k, v in (("period", act.period), ("unit_code", act.unit)) if v}
    lines = truth.known(act.found, **wanted)
    mended = [line for line in lines if on_demand.mend(act.cursor, act.dataset, line, act.now)]
    if not mended:
        raise NothingRejected
    truth.forget(act.found, [line["id"] for line in mended])
    for period, unit in sorted({(line["period"], line["unit_code"]) for line in mended}):
        if period != calendar.REGISTER and unit in units_of(act.dataset, period):
            Act(act.found, act.cursor, act.dataset, period, unit, act.rows, act.now).submit()
    return f"{grouped(len(mended))} dòng đã sửa và nộp lại"


def spoil(act: Act) -> str:
    done = on_demand.spoil(act.found, act.cursor, act.dataset, *act.cell, act.rows, act.where(), act.now.astimezone(ZONE).date())
    if not done:
        raise NoGoodRow
    act.submit()
    return f"{grouped(done)} dòng trở nên sai"


def tolerance(act: Act) -> str:
    count = act.count()
    wanted = max(act.dataset.tolerated_rows + 1, int(count * act.dataset.tolerated_share) + 1)
    if count <= wanted:
        raise CellTooSmallToExceed(rows=count, wanted=wanted)
    done = on_demand.spoil(
        act.found, act.cursor, act.dataset, *act.cell, wanted, act.where(), act.now.astimezone(ZONE).date(), True
    )
    if done < wanted:
        raise TooFewGoodRows
    act.submit()
    act.refused("tolerance", "too_many_rejected")
    return f"{grouped(done)} trên {grouped(count)} dòng trở nên sai"


def all_bad(act: Act) -> str:
    count = act.count()
    if count < ALL_BAD_ROWS:
        raise CellTooSmallForAll(rows=count, least=ALL_BAD_ROWS)
    done = on_demand.spoil(
        act.found, act.cursor, act.dataset, *act.cell, count, act.where(), act.now.astimezone(ZONE).date(), True
    )
    act.submit()
    act.refused("all-bad", "every_row_bad")
    return f"{grouped(done)} trên {grouped(count)} dòng trở nên sai, cùng các dòng đã sai từ trước"


def shrink(act: Act) -> str:
    count = act.count()
    if count < 2 * SHRINK_ROWS:
        raise CellTooSmallToShrink(rows=count, least=SHRINK_ROWS)
    period, unit = act.cell
    act.cursor.execute(
        sql.SQL(
            "with half as (select ctid from {t} where {w} order by md5({k}::text) limit %s), "
            "gone as (delete from {t} where ctid in (select ctid from half) returning {c}) "
            "insert into {f} ({c}, _ngay, _ky, _don_vi) select {c}, %s, %s, %s from gone"
        ).format(t=act.table, w=act.where(), c=act.columns, f=act.future, k=on_demand.key_row(act.dataset)),
        ((count + 1) // 2, on_demand.HELD_DAY, period, unit),
    )
    gone = act.cursor.rowcount
    act.submit()
    act.refused("shrink", "shrunk")
    return f"{grouped(gone)} trên {grouped(count)} dòng biến mất (lệnh `late` đưa chúng trở lại)"


def empty(act: Act) -> str:
    gone = act.set_aside()
    act.submit(empty=True)
    if gone:
        act.refused("empty", "shrunk")
    return f"{grouped(gone)} dòng biến mất, đơn vị khai rỗng"


def resend(act: Act) -> str:
    d, (period, unit) = act.dataset, act.cell
    if d.placed_by not in d.key:
        raise NotResent
    before = calendar.previous(period)
    act.set_aside()
    values = sql.SQL(", ").join(
        sql.Literal(calendar.span(period)[0]) if c.name == d.placed_by else sql.Identifier(c.source_column) for c in d.columns
    )
    act.cursor.execute(
        sql.SQL("insert into {t} ({c}) select {v} from {t} where {w}").format(
            t=act.table, c=act.columns, v=values, w=cells.condition(d, before, unit)
        )
    )
    sent = act.cursor.rowcount
    if not sent:
        raise NothingToResend(month=before, unit=unit)
    act.submit()
    act.refused("resend", "last_month_again")
    return f"{grouped(sent)} dòng của tháng {before} được gửi lại"


ACTS: dict[str, Callable[[Act], str]] = {
    "late": late,
    "correct": correct,
    "spoil": spoil,
    "tolerance": tolerance,
    "all-bad": all_bad,
    "shrink": shrink,
    "empty": empty,
    "resend": resend,
}


def do(found: EmbeddedServer, dataset: Dataset, kind: str, period: str | None, unit: str | None, rows: int = 3) -> str:
    """Commit one fault; what it did, in words."""
    now = Clock(Settings("demo", found.home)).now()
    source = dataset.source
    load.refuse_absent(found, source)
    with closing(found.connect(load.database_of(source), load.owner_of(source))) as connection, connection.cursor() as cursor:
        connection.autocommit = False
        done = ACTS[kind](Act(found, cursor, dataset, period, unit, rows, now))
        connection.commit()
    return done


def switch(found: EmbeddedServer, source: Source, alive: bool) -> str:
    """Let the reader's login in, or keep it out and cut what it has open."""
    load.refuse_absent(found, source)
    with closing(found.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("alter role {} {}").format(sql.Identifier(load.reader_of(source)), sql.SQL("login" if alive else "nologin"))
        )
        if not alive:
            cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", (load.reader_of(source),))
    return "trả lời trở lại" if alive else "từ chối mọi kết nối đọc"
