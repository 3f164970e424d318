"""`ansinh demo day +1 | DATE`: people go on living up to that day, and the clock moves; it never goes back.

What happens on each day was decided when the province was built and lies in the sources' schema `mo_phong`; a day only
brings it out. So the same day is reached whatever the number of steps. Rows that somebody changed by hand stay changed,
but for the columns that the day itself is about.
"""

import argparse
import datetime as dt
import re
import sys
from contextlib import closing
from dataclasses import dataclass

from psycopg2 import sql

from demo.databases import cells, load
from demo.people.dates import LAST_DAY, number
from pipelines.terminal.printed import counted
from resources.clock import ZONE, Clock
from resources.durable import write_whole
from resources.embedded import EmbeddedServer, existing
from resources.settings import Settings
from schemas.dataset import Source
from schemas.registry import datasets_of

EPOCH = dt.date(1970, 1, 1)


@dataclass
class Lived:
    """What the days brought to one source."""

    new: int = 0
    changed: int = 0
    lines: int = 0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="ansinh demo day", description="Chuyển đồng hồ của tỉnh mô phỏng tới trước.")
    parser.add_argument("day", help="+N ngày, hoặc ngày dạng 2024-11-25", metavar="NGÀY")
    asked = parser.parse_args(arguments)
    settings = Settings.load()
    existing(settings.home)
    today = Clock(settings).today()
    try:
        to = _target(asked.day, today)
    except ValueError as error:
        parser.error(str(error))
    if not (settings.home / "demo" / "built.json").exists():
        print("Chưa có tỉnh mô phỏng: chạy `ansinh demo build` trước.", file=sys.stderr)
        return 2
    for source, lived in live(settings, to).items():
        new, changed, lines = (counted(n) for n in (lived.new, lived.changed, lived.lines))
        print(f"  {source:<22} {new:>8} dòng mới {changed:>7} dòng thay đổi {lines:>5} lần nộp")
    print(f"Đồng hồ của tỉnh mô phỏng: {to.isoformat()}.")
    return 0


def _target(text: str, today: dt.date) -> dt.date:
    if re.fullmatch(r"\+\d{1,3}", text):
        to = today + dt.timedelta(days=int(text[1:]))
    elif re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        to = dt.date.fromisoformat(text)
    else:
        raise ValueError(f"{text!r} không phải +N hay một ngày dạng 2024-11-25")
    if to < today:
        raise ValueError(f"đồng hồ đang ở {today}, không lùi về {to}")
    if to > LAST_DAY:
        raise ValueError(f"tỉnh mô phỏng hiện chỉ sống đến {LAST_DAY}")
    return to


def live(settings: Settings, to: dt.date) -> dict[str, Lived]:
    """Bring every source to the day, then move the clock."""
    found = existing(settings.home)
    brought = {source.name: _live(found, source, to) for source in load.held(found)}
    write_whole(settings.home / "clock", to.isoformat() + "\n")
    return brought


def _live(found: EmbeddedServer, source: Source, to: dt.date) -> Lived:
    lived = Lived()
    with closing(found.connect(load.database_of(source), load.owner_of(source))) as connection, connection.cursor() as cursor:
        connection.autocommit = False
        cursor.execute(f"select ngay from {load.FUTURE}.da_song for update")
        since = cursor.fetchone()[0]
        for day in range(since + 1, number(to) + 1):
            for dataset in datasets_of(source):
                lived.new += _bring(cursor, dataset.road.table, [c.source_column for c in dataset.columns], day)
            lived.changed += _change(cursor, day)
            lived.lines += _log(cursor, source, day, day == number(to))
        cursor.execute(f"update {load.FUTURE}.da_song set ngay = greatest(ngay, %s)", (number(to),))
        connection.commit()
    return lived


def _bring(cursor, table: str, columns: list[str], day: int) -> int:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    cursor.execute(
        sql.SQL(
            "with due as (delete from {future}.{table} where _ngay = %s returning {columns}) "
            "insert into {table} ({columns}) select {columns} from due on conflict do nothing"
        ).format(future=sql.Identifier(load.FUTURE), table=sql.Identifier(table), columns=listed),
        (day,),
    )
    return cursor.rowcount


def _change(cursor, day: int) -> int:
    """Apply the changes of a day, those of one table and one set of columns together."""
    cursor.execute(
        "select distinct bang, array(select k from jsonb_object_keys(khoa) k order by k),"
        f" array(select k from jsonb_object_keys(gia_tri) k order by k) from {load.FUTURE}.sua where _ngay = %s order by 1, 2, 3",
        (day,),
    )
    changed = 0
    for table, keys, columns in cursor.fetchall():
        cursor.execute(
            "select column_name, data_type from information_schema.columns where table_schema = 'public' and table_name = %s",
            (table,),
        )
        types = dict(cursor.fetchall())

        def told(part: str, column: str, types: dict[str, str] = types) -> sql.Composed:
            return sql.SQL("(s.{} ->> {})::{}").format(sql.Identifier(part), sql.Literal(column), sql.SQL(types[column]))

        cursor.execute(
            sql.SQL(
                "update {table} t set {values} from {future}.sua s where s._ngay = %s and s.bang = %s and s.khoa ?& %s"
                " and s.gia_tri ?& %s and {same}"
            ).format(
                table=sql.Identifier(table),
                future=sql.Identifier(load.FUTURE),
                values=sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(c), told("gia_tri", c)) for c in columns),
                same=sql.SQL(" and ").join(sql.SQL("t.{} = {}").format(sql.Identifier(k), told("khoa", k)) for k in keys),
            ),
            (day, table, keys, columns),
        )
        changed += cursor.rowcount
    return changed


def _log(cursor, source: Source, day: int, is_today: bool) -> int:
    """The submissions of a day, each with the rows its cell holds now."""
    cursor.execute(
        f"delete from {load.FUTURE}.{load.LOG} where _ngay = %s returning ma_don_vi, bang, ky, thoi_diem_nop, khai_rong", (day,)
    )
    lines = cursor.fetchall()
    moment = dt.datetime.combine(EPOCH + dt.timedelta(days=day), dt.datetime.now(ZONE).timetz())
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for unit, table, period, at, _ in lines:
        dataset = next(d for d in datasets_of(source) if d.road.table == table)
        if (table, period) not in counts:
            counts[table, period] = cells.counts(cursor, dataset, period)
        rows = counts[table, period].get(unit, 0)
        cursor.execute(
            f"insert into {load.LOG} values (%s, %s, %s, %s, %s, %s)",
            # A line of today is not later than now: the hub does not look into the future.
            (unit, table, period, min(at, moment) if is_today else at, rows, rows == 0),
        )
    return len(lines)
