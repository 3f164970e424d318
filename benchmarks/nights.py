"""A night in which 1 % of the rows changed, a tenth of them new and a tenth gone, beside the full load of the same table.

Scattered, they lie in every commune; clustered, in a few. Both sides are taken without the start of their processes.
"""

import statistics
from contextlib import closing
from pathlib import Path

from benchmarks.load import SOURCE, WAREHOUSE, Load, fresh, shape
from benchmarks.measuring import Columns, environment, measured, megabytes, module, seconds, temporary_home, times
from benchmarks.table import FORMS, build
from resources.embedded import EmbeddedServer, server

SHARE = 100  # one row of so many changes


def run(rows: int, rounds: int) -> None:
    with temporary_home() as home:
        embedded = server(home)
        build(embedded, SOURCE, rows)
        print(f"{shape(rows)}, one row of {SHARE} changes a night, {rounds} rounds")
        fulls = []
        for _ in range(max(rounds // 2, 1)):
            fresh(embedded, WAREHOUSE)
            fulls.append(_load(home, embedded).seconds)
        full = statistics.median(fulls)
        print(f"full load: {seconds(full)} (median of {len(fulls)})")
        columns = Columns(("changes", "night", "/ full load", "rows moved", "peak", "WAL / rows"))
        for kind in ("scattered", "clustered"):
            lasted = []
            for number in range(rounds + 1):
                # The last round tells of the WAL alone: without full page images, which depend on the last checkpoint.
                is_for_wal = number == rounds
                _set_images(embedded, "off" if is_for_wal else "on")
                moved = _change(embedded, kind, number, rows)
                before = _wal(embedded)
                done = _load(home, embedded)
                written = _wal(embedded) - before
                if not is_for_wal:
                    lasted.append(done.seconds)
                columns.row(
                    kind,
                    seconds(done.seconds),
                    f"{done.seconds / full:.1%}",
                    f"{moved:,}",
                    megabytes(done.peak_mb),
                    times(written / _size_of_newest(embedded)) if is_for_wal else "",
                )
            night = statistics.median(lasted)
            print(f"{kind}: {seconds(night)}, {night / full:.1%} of the full load (aim: at most 8 %, WAL at most 3x)", flush=True)
        _set_images(embedded, "on")


def _load(home: Path, embedded: EmbeddedServer) -> Load:
    """What one_load does: all of it in an empty warehouse, what has changed in one that holds the table."""
    settings = {"WAREHOUSE_URL": embedded.url(WAREHOUSE), "SOURCE_BENCHMARK_URL": embedded.url(SOURCE)}
    done = measured(module("benchmarks.one_load"), environment(home, **settings))
    return Load(done.told["seconds"], done.seconds, done.peak_mb, done.told["accepted"], done.told["rejected"])


def _change(embedded: EmbeddedServer, kind: str, number: int, rows: int) -> int:
    """Change the source; how many rows came, changed or went."""
    names = ", ".join(c.source_column for c in FORMS.columns)
    renamed = names.replace("ma_phieu", f"ma_phieu || 'N{kind}{number}'")
    with closing(embedded.connect(SOURCE)) as connection, connection.cursor() as cursor:
        if kind == "scattered":
            chosen = f"hashtext(ma_phieu || '{number}') % {SHARE} = 0"
        else:
            cursor.execute("select ma_xa_goc from phieu group by 1 order by md5(ma_xa_goc || %s)", (str(number),))
            communes = [row[0] for row in cursor.fetchall()]
            some = communes[: max(round(len(communes) / SHARE), 1)]
            chosen = "ma_xa_goc in ({})".format(", ".join(f"'{c}'" for c in some))
        cursor.execute(f"create temp table chosen as select ma_phieu, row_number() over () % 10 as n from phieu where {chosen}")
        moved = cursor.rowcount
        cursor.execute(f"insert into phieu ({names}) select {renamed} from phieu p join chosen c using (ma_phieu) where n = 0")
        cursor.execute("delete from phieu p using chosen c where c.ma_phieu = p.ma_phieu and n = 1")
        cursor.execute(
            "update phieu p set thon_xom = 'Xóm mới ' || %s from chosen c where c.ma_phieu = p.ma_phieu and n > 1", (number,)
        )
        cursor.execute("drop table chosen")
        # As the source's own users do during the day, and publication in the same night: who reads a row first after it was
        # written marks its page, with a full image of it.
        cursor.execute("select count(*) from phieu")
    with closing(embedded.connect(WAREHOUSE)) as connection, connection.cursor() as cursor:
        cursor.execute(f"select count(*) from core.{FORMS.table}")
        cursor.execute("checkpoint")
    return moved


def _set_images(embedded: EmbeddedServer, state: str) -> None:
    with closing(embedded.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"alter system set full_page_writes = {state}")
        cursor.execute("select pg_reload_conf()")


def _wal(embedded: EmbeddedServer) -> int:
    with closing(embedded.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return int(cursor.fetchone()[0])


def _size_of_newest(embedded: EmbeddedServer) -> int:
    """Bytes of the rows that the last night wrote."""
    with closing(embedded.connect(WAREHOUSE)) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"select sum(pg_column_size(h)) from history.{FORMS.table} h "
            f"where recorded_from = (select max(recorded_from) from history.{FORMS.table})"
        )
        return int(cursor.fetchone()[0])
