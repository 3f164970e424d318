"""`ansinh demo day +1 | DATE`: people go on living up to that day, and the clock moves; it never goes back.

What happens on each day was decided when the province was built and lies beside the sources' tables (`mo_phong`); a day only
brings it out. So the same day is reached whatever the number of steps. Rows that somebody changed by hand stay changed,
but for the columns that the day itself is about.
"""

import datetime as dt
import json
import re
import sys
from dataclasses import dataclass
from typing import Any

from demo.databases import cells
from demo.databases.database import LOG, Database, quoted
from demo.databases.places import database, held
from demo.offices.sending import Sending, seed_of
from demo.people.dates import LAST_DAY, number
from demo.systems import ways_of
from pipelines.terminal.parser import Parser
from pipelines.terminal.printed import counted
from resources.clock import ZONE, Clock
from resources.durable import write_whole
from resources.embedded import EmbeddedServer, existing
from resources.settings import Settings
from schemas.dataset import Dataset
from schemas.registry import comes_by_file, datasets_of

EPOCH = dt.date(1970, 1, 1)


@dataclass
class Lived:
    """What the days brought to one source."""

    new: int = 0
    changed: int = 0
    lines: int = 0
    files: int = 0


def main(arguments: list[str]) -> int:
    parser = Parser(prog="ansinh demo day", description="Chuyển đồng hồ của tỉnh mô phỏng tới trước.")
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
        new, changed, lines, files = map(counted, (lived.new, lived.changed, lived.lines, lived.files))
        print(f"  {source:<22} {new:>8} dòng mới {changed:>7} dòng thay đổi {lines:>5} lần nộp {files:>4} tệp")
    print(f"Đồng hồ của tỉnh mô phỏng: {to:%d/%m/%Y}.")
    return 0


def _target(text: str, today: dt.date) -> dt.date:
    if re.fullmatch(r"\+\d{1,3}", text, re.ASCII):
        to = today + dt.timedelta(days=int(text[1:]))
    elif re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        to = _date(text)
    else:
        raise ValueError(f"{text!r} không phải +N hay một ngày dạng 2024-11-25")
    if to < today:
        raise ValueError(f"đồng hồ đang ở {today}, không lùi về {to}")
    if to > LAST_DAY:
        raise ValueError(f"tỉnh mô phỏng hiện chỉ sống đến {LAST_DAY}")
    return to


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:  # it says so in its own language
        raise ValueError(f"{text!r} không phải một ngày có thật") from None


def live(settings: Settings, to: dt.date, seed: int | None = None) -> dict[str, Lived]:
    """Bring every source to the day, then move the clock. `seed`: of a province that is not finished."""
    found = existing(settings.home)
    seed = seed_of(settings.home) if seed is None else seed
    brought = {source.name: _live(found, database(found, source), to, seed) for source in held(found)}
    write_whole(settings.home / "clock", to.isoformat() + "\n")
    return brought


def _live(found: EmbeddedServer, played: Database, to: dt.date, seed: int) -> Lived:
    lived, source = Lived(), played.source
    with played.changing() as cursor:
        cursor.execute(f"select ngay from {played.later('da_song')} for update")
        since = cursor.fetchone()[0]
        for day in range(since + 1, number(to) + 1):
            for dataset in datasets_of(source):
                lived.new += _bring(cursor, played, dataset, day)
            lived.changed += _change(cursor, played, day)
            lived.lines += _log(cursor, played, day, day == number(to))
            if comes_by_file(source):
                lived.files += Sending(found, played, cursor, seed, ways_of(source)).day(EPOCH + dt.timedelta(days=day))
        cursor.execute(f"update {played.later('da_song')} set ngay = greatest(ngay, %s)", (number(to),))
    return lived


def _bring(cursor: Any, played: Database, dataset: Dataset, day: int) -> int:
    later, columns = played.later(dataset.road.at_source), [c.source_column for c in dataset.columns]
    due = f"select {quoted(*columns)} from {later} where _ngay = %s"
    cursor.execute(played.taken_in(quoted(dataset.road.at_source), columns, due), (day,))
    brought = cursor.rowcount
    cursor.execute(f"delete from {later} where _ngay = %s", (day,))
    return brought


def _change(cursor: Any, played: Database, day: int) -> int:
    """Apply the changes of a day."""
    cursor.execute(f"select bang, khoa, gia_tri from {played.later('sua')} where _ngay = %s", (day,))
    changed = 0
    for table, *told in cursor.fetchall():
        key, values = map(json.loads, told)
        now = ", ".join(f"{quoted(c)} = %s" for c in values)
        same = " and ".join(f"{quoted(k)} = %s" for k in key)
        cursor.execute(f"update {quoted(table)} set {now} where {same}", (*values.values(), *key.values()))
        changed += cursor.rowcount
    return changed


def _log(cursor: Any, played: Database, day: int, is_today: bool) -> int:
    """The submissions of a day, each with the rows its cell holds now."""
    due = f"from {played.later(LOG)} where _ngay = %s"
    cursor.execute(f"select ma_don_vi, bang, ky, thoi_diem_nop {due}", (day,))
    lines = cursor.fetchall()
    cursor.execute(f"delete {due}", (day,))
    moment = dt.datetime.combine(EPOCH + dt.timedelta(days=day), dt.datetime.now(ZONE).timetz())
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for unit, table, period, at in lines:
        dataset = next(d for d in datasets_of(played.source) if d.road.at_source == table)
        if (table, period) not in counts:
            counts[table, period] = cells.counts(cursor, dataset, period)
        rows = counts[table, period].get(unit, 0)
        cursor.execute(
            f"insert into {LOG} values (%s, %s, %s, %s, %s, %s)",
            # A line of today is not later than now: the hub does not look into the future.
            (unit, table, period, min(at, moment) if is_today else at, rows, rows == 0),
        )
    return len(lines)
