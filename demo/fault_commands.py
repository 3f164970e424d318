"""`ansinh demo fault KIND ...`: change a source as a district, a clerk or a failing machine would.

What each kind does is told in KINDS. A fault that must have an outcome is added to the truth; what is mended leaves it.
Nothing printed holds a value of a person.
"""

import argparse
import datetime as dt
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql
from rich.table import Table

from assets.cells.acceptance import ALL_BAD_ROWS, SHRINK_ROWS
from demo import cells, load, truth
from demo.deliveries import units_of
from demo.faults import on_demand
from pipelines.terminal.known import holding, known_datasets, known_source, known_unit
from pipelines.terminal.printed import LINES, paged
from resources.clock import ZONE, Clock
from resources.embedded import EmbeddedServer, existing
from resources.settings import Settings
from schemas import calendar
from schemas.dataset import Dataset, Source
from schemas.registry import SOURCES, datasets_of
from schemas.written import grouped

KINDS = {
    "late": "các dòng của một ô còn thiếu nay mới đến, có ghi sổ nộp",
    "correct": "đơn vị sửa lại các dòng đã bị loại rồi nộp lại",
    "spoil": "một số dòng tốt trở nên sai (--rows, mặc định 3)",
    "tolerance": "số dòng sai vượt mức cho phép của một ô",
    "all-bad": "mọi dòng của một ô đều sai",
    "shrink": "một nửa số dòng của một ô biến mất",
    "empty": "mọi dòng của một ô biến mất, đơn vị khai rỗng",
    "resend": "danh sách tháng trước được gửi lại làm danh sách tháng này",
    "dead": "hệ thống nguồn từ chối mọi kết nối đọc",
    "alive": "hệ thống nguồn trả lời trở lại",
}
WHOLE_SOURCE = ("dead", "alive")


class Impossible(Exception):
    """The fault has nothing to work on; the message says why and what to do instead."""


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
            raise Impossible("Lỗi này cần --period và --unit.")
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
        line = truth.Truth(
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
        raise Impossible(f"Ô {period} / {unit} không còn dòng nào chưa nộp. Xem ô thiếu bằng `ansinh status`.")
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
        raise Impossible("Không có dòng bị loại nào để sửa ở đó.")
    truth.forget(act.found, [line["id"] for line in mended])
    for period, unit in sorted({(line["period"], line["unit_code"]) for line in mended}):
        if period != calendar.REGISTER and unit in units_of(act.dataset, period):
            Act(act.found, act.cursor, act.dataset, period, unit, act.rows, act.now).submit()
    return f"{grouped(len(mended))} dòng đã sửa và nộp lại"


def spoil(act: Act) -> str:
    done = on_demand.spoil(act.found, act.cursor, act.dataset, *act.cell, act.rows, act.where(), act.now.astimezone(ZONE).date())
    if not done:
        raise Impossible("Không còn dòng tốt nào để làm sai trong ô này.")
    act.submit()
    return f"{grouped(done)} dòng trở nên sai"


def tolerance(act: Act) -> str:
    count = act.count()
    wanted = max(act.dataset.tolerated_rows + 1, int(count * act.dataset.tolerated_share) + 1)
    if count <= wanted:
        raise Impossible(f"Ô chỉ có {count} dòng: vượt mức cho phép cần hơn {wanted}. Chọn ô lớn hơn hoặc dùng all-bad.")
    done = on_demand.spoil(
        act.found, act.cursor, act.dataset, *act.cell, wanted, act.where(), act.now.astimezone(ZONE).date(), True
    )
    if done < wanted:
        raise Impossible("Không đủ dòng tốt để vượt mức cho phép. Chọn ô khác.")
    act.submit()
    act.refused("tolerance", "too_many_rejected")
    return f"{grouped(done)} trên {grouped(count)} dòng trở nên sai"


def all_bad(act: Act) -> str:
    count = act.count()
    if count < ALL_BAD_ROWS:
        raise Impossible(f"Ô chỉ có {count} dòng: mọi dòng sai chỉ bị từ chối từ {ALL_BAD_ROWS} dòng. Chọn ô lớn hơn.")
    done = on_demand.spoil(
        act.found, act.cursor, act.dataset, *act.cell, count, act.where(), act.now.astimezone(ZONE).date(), True
    )
    act.submit()
    act.refused("all-bad", "every_row_bad")
    return f"{grouped(done)} trên {grouped(count)} dòng trở nên sai, cùng các dòng đã sai từ trước"


def shrink(act: Act) -> str:
    count = act.count()
    if count < 2 * SHRINK_ROWS:
        raise Impossible(
            f"Ô chỉ có {count} dòng: bớt một nửa không đủ {SHRINK_ROWS} dòng để bị từ chối. Chọn ô lớn hơn hoặc dùng empty."
        )
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
        raise Impossible("Chỉ danh sách chi trả hằng tháng có thể bị gửi lại.")
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
        raise Impossible(f"Tháng {before} của đơn vị {unit} không có dòng nào để gửi lại.")
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


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="ansinh demo fault",
        description="Thay đổi một hệ thống nguồn mô phỏng như đơn vị ngoài đời vẫn làm.",
        epilog="Các loại là gì: ansinh demo fault list",
    )
    parser.add_argument("kind", choices=["list", *KINDS], metavar="LOẠI", help=f"list, hoặc một trong: {', '.join(KINDS)}")
    parser.add_argument("--source", metavar="S")
    parser.add_argument("--dataset", metavar="D")
    parser.add_argument("--period", metavar="P")
    parser.add_argument("--unit", metavar="U")
    parser.add_argument("--rows", type=int, default=3, metavar="N", help="với spoil: bao nhiêu dòng (mặc định 3)")
    asked = parser.parse_args(arguments)
    if asked.kind == "list":
        _list()
        return 0
    if asked.source is None:
        parser.error(f"còn thiếu: --source, một trong: {', '.join(s.name for s in SOURCES)}")
    source = known_source(asked.source)
    settings = Settings.load()
    if asked.kind in WHOLE_SOURCE:
        print(f"{asked.kind}: {source.name}: {switch(existing(settings.home), source, asked.kind == 'alive')}.")
        return 0
    if asked.dataset is None:
        parser.error(f"còn thiếu: --dataset, một trong: {', '.join(d.name for d in datasets_of(source))}")
    if asked.unit and asked.period is None:
        parser.error("--unit cần đi cùng --period")
    (dataset,) = known_datasets([source], asked.dataset)
    found, today = existing(settings.home), Clock(settings).today()
    if asked.period:
        holding(asked.period, [dataset], today)
    if asked.unit:
        known_unit(asked.unit, [dataset], [asked.period], today)
    try:
        done = do(found, dataset, asked.kind, asked.period, asked.unit, asked.rows)
    except Impossible as error:
        print(f"{asked.kind}: {dataset.id}: {error}", file=sys.stderr)
        return 1
    print(f"{asked.kind}: {dataset.id} {asked.period or ''} {asked.unit or ''}: {done}.")
    return 0


def _list() -> None:
    table = Table(title="Các loại thay đổi", title_justify="left", **LINES)
    table.add_column("Loại", no_wrap=True)
    table.add_column("Làm gì", overflow="fold")
    for kind, gloss in KINDS.items():
        table.add_row(kind, gloss)
    with paged() as console:
        console.print(table)


def do(found: EmbeddedServer, dataset: Dataset, kind: str, period: str | None, unit: str | None, rows: int = 3) -> str:
    """Commit one fault; what it did, in words."""
    now = Clock(Settings("demo", found.home)).now()
    source = dataset.source
    with closing(found.connect(load.database_of(source), load.owner_of(source))) as connection, connection.cursor() as cursor:
        connection.autocommit = False
        done = ACTS[kind](Act(found, cursor, dataset, period, unit, rows, now))
        connection.commit()
    return done


def switch(found: EmbeddedServer, source: Source, alive: bool) -> str:
    """Let the reader's login in, or keep it out and cut what it has open."""
    with closing(found.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("alter role {} {}").format(sql.Identifier(load.reader_of(source)), sql.SQL("login" if alive else "nologin"))
        )
        if not alive:
            cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", (load.reader_of(source),))
    return "trả lời trở lại" if alive else "từ chối mọi kết nối đọc"
