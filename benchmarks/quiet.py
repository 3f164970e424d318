"""A quiet night: nothing moved at any source, with months of both payment lists under watch. Whole processes."""

import statistics
from contextlib import closing
from pathlib import Path

from benchmarks.measuring import Columns, megabytes, night, seconds, times
from benchmarks.province import province
from benchmarks.watched import LISTS, first_month, lengthen
from resources.clock import Clock
from resources.embedded import EmbeddedServer
from resources.settings import Settings


def run(scale: float, months: int, rounds: int) -> None:
    with province(scale) as home:
        lengthen(EmbeddedServer(home), months)
        how = ("benchmarks.watched", str(months))
        loading = night(home, *how)
        rows, cells = _under_watch(home)
        print(f"{months} months of both payment lists from {first_month(months)} under watch: {rows:,} rows, {cells:,} cells")
        columns = Columns(("night", "seconds", "/ loading", "per M rows", "arrivals", "peak"))
        columns.row("loading", seconds(loading.seconds), "", "", f"{_arrivals(home):,}", megabytes(loading.peak_mb))
        quiet = []
        for _ in range(rounds):
            before = _arrivals(home)
            done = night(home, *how)
            quiet.append(done.seconds)
            columns.row(
                "quiet",
                seconds(done.seconds),
                times(done.seconds / loading.seconds),
                seconds(done.seconds / rows * 1e6),
                f"{_arrivals(home) - before:,}",
                megabytes(done.peak_mb),
            )
        middle = statistics.median(quiet)
        print(f"quiet night: {seconds(middle)} median, {times(middle / loading.seconds)} the loading night", flush=True)


def _under_watch(home: Path) -> tuple[int, int]:
    """Rows and cells of the payment lists that are past their due day and not locked."""
    names = [d.id for d in LISTS]
    with closing(EmbeddedServer(home).connect("warehouse")) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(rows_accepted), 0), count(*) from ops.cells where source || '.' || dataset = any(%s)"
            " and %s between due_at and locked_at",
            (names, Clock(Settings("demo", home)).now()),
        )
        ((rows, cells),) = cursor.fetchall()
    return int(rows), int(cells)


def _arrivals(home: Path) -> int:
    with closing(EmbeddedServer(home).connect("warehouse")) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from ops.arrivals")
        ((found,),) = cursor.fetchall()
    return found
