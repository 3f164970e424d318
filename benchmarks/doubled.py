"""A file that was sent twice: every row has an exact copy, which is set aside. Time per row as the table grows; it should not."""

from contextlib import closing

from benchmarks.load import SOURCE, drop, load, shape
from benchmarks.measuring import Columns, megabytes, seconds, temporary_home, times
from benchmarks.table import FORMS, build
from resources.embedded import server

SIZES = (1, 2, 4)


def run(rows: int) -> None:
    with temporary_home() as home:
        embedded = server(home)
        print(f"{shape(rows)} at size 1, each sent twice")
        columns = Columns(("rows sent", "load", "per row", "/ size before", "set aside", "peak"))
        before = 0.0
        for size in SIZES:
            build(embedded, SOURCE, rows * size)
            with closing(embedded.connect(SOURCE)) as connection, connection.cursor() as cursor:
                cursor.execute(f"insert into {FORMS.road.table} select * from {FORMS.road.table}")
                sent = 2 * cursor.rowcount
            done = load(home, embedded, embedded.url(SOURCE))
            per_row = done.seconds / sent * 1e6
            columns.row(
                f"{sent:,}",
                seconds(done.seconds),
                f"{per_row:.1f} µs",
                times(per_row / before) if before else "",
                f"{done.rejected:,}",
                megabytes(done.peak_mb),
            )
            before = per_row
            drop(embedded, SOURCE)
