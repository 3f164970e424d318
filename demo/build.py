"""Build the synthetic province: `ansinh demo build [--scale F] [--seed N] [--if-missing]`."""

import datetime as dt
import json
import sys
import time
from collections.abc import Callable

from demo import days
from demo.databases import load, logbook
from demo.databases.database import Database
from demo.databases.mariadb import MariaDb
from demo.databases.places import has_mariadb
from demo.databases.postgresql import Postgresql
from demo.faults import truth
from demo.lives.deliveries import START
from demo.lives.province import Province
from demo.offices.sending import Sending
from demo.people.dates import LAST_DAY
from demo.systems import System, system
from pipelines.terminal.parser import Parser
from pipelines.terminal.printed import say
from resources import mariadb
from resources.clock import Clock
from resources.durable import write_whole
from resources.embedded import EmbeddedServer, server
from resources.settings import Settings
from schemas.registry import SOURCES, datasets_of
from schemas.written import decimal, grouped

DEFAULT_SCALE = 0.012
DEFAULT_SEED = 2024


def main(arguments: list[str]) -> int:
    parser = Parser(prog="ansinh demo build", description="Dựng tỉnh mô phỏng.")
    parser.add_argument("--scale", type=float, default=DEFAULT_SCALE, metavar="F", help="1.0 là cả tỉnh")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, metavar="N", help="cùng số thì cùng một tỉnh")
    parser.add_argument("--if-missing", action="store_true", help="không làm gì nếu đã dựng")
    asked = parser.parse_args(arguments)
    if not 0 < asked.scale <= 1:
        parser.error("--scale phải lớn hơn 0 và không quá 1")
    settings = Settings.load()
    if not settings.is_demo:
        print("Dựng tỉnh mô phỏng: chỉ chạy với ANSINH_PROFILE=demo.", file=sys.stderr)
        return 2
    mark = settings.home / "demo" / "built.json"
    if asked.if_missing and mark.exists():
        print("Tỉnh mô phỏng đã có.")
        return 0
    started = time.monotonic()
    rows = build(settings, asked.scale, asked.seed, say)
    print(f"Đã dựng tỉnh mô phỏng: {grouped(sum(rows.values()))} dòng trong {decimal(time.monotonic() - started)} giây.")
    for name, count in rows.items():
        print(f"  {name:<26} {grouped(count):>12}")
    return 0


def build(settings: Settings, scale: float, seed: int, tell: Callable[[str], object] = lambda line: None) -> dict[str, int]:
    """Make the databases of the systems that the province plays as they stand on the first day, then live to the clock's; rows by table."""
    mark = settings.home / "demo" / "built.json"
    mark.unlink(missing_ok=True)
    today = _today(settings)
    tell("Bật máy chủ PostgreSQL nhúng…")
    found = server(settings.home)
    mariadb.MariaDbServer(found.home).remove()
    tell("Dựng tỉnh mô phỏng, chừng nửa phút…")
    province = Province(seed, scale, START)
    rows: dict[str, int] = {}
    systems: list[str] = []
    truth.create(found)
    for source in SOURCES:
        Postgresql(source, found).drop()
        played = system(source)
        if played is None:
            tell(f"  {source.label}: không có trong tỉnh mô phỏng")
            continue
        made = _build_source(found, played, province, tell)
        tell(f"  {source.label}: {grouped(sum(made.values()))} dòng")
        rows |= made
        systems.append(source.name)
    tell(f"Cho người dân sống đến ngày {today:%d/%m/%Y}…")
    days.live(settings, today, seed)
    write_whole(mark, json.dumps({"scale": scale, "seed": seed, "systems": systems, "rows": rows}))
    return rows


def _build_source(found: EmbeddedServer, played: System, province: Province, tell: Callable[[str], object]) -> dict[str, int]:
    source, database = played.source, _place(found, played, tell)
    database.create(province.today)
    loader = load.Loader(database, province.today)
    try:
        for planted in played.plans(province):
            for batch in planted.batches():
                loader.add(batch)
            truth.add(found, planted.truth, province.today_date)
        loader.changes(played.changes(province))
        for dataset in datasets_of(source):
            if dataset.kind != "register":
                loader.log(logbook.lines(dataset, province.seed, played.sending(dataset), loader.counts))
    finally:
        loader.close()
    database.finish()
    with database.changing() as cursor:
        Sending(found, database, cursor, province.seed, played.files).first(province.today_date)
    return loader.rows


def _place(found: EmbeddedServer, played: System, tell: Callable[[str], object]) -> Database:
    if not played.is_on_mariadb:
        return Postgresql(played.source, found)
    if has_mariadb(played.source):
        tell(f"  {played.source.label}: trên máy chủ MariaDB")
        return MariaDb(played.source, mariadb.existing(found.home))
    tell(f"  {played.source.label}: máy này không có MariaDB (mariadb-server, unixodbc, odbc-mariadb), PostgreSQL nhúng thay")
    return Postgresql(played.source, found)


def _today(settings: Settings) -> dt.date:
    """The day of the clock, which a new province does not turn back."""
    today = Clock(settings).today()
    if not START <= today <= LAST_DAY:
        raise SystemExit(f"Tỉnh mô phỏng sống từ {START} đến {LAST_DAY}; đồng hồ đang ở {today}.")
    return today
