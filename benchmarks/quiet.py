"""A quiet night: nothing moved at any source, with months of both payment lists under watch. Whole processes."""

import statistics
from pathlib import Path

import sqlalchemy as sa

from benchmarks.measuring import Columns, megabytes, night, seconds, times
from benchmarks.province import province
from benchmarks.watched import LISTS, first_month, lengthen
from resources.clock import Clock
from resources.embedded import EmbeddedServer
from resources.servers import connecting
from resources.settings import Settings
from resources.warehouse.arrivals import tracker


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
    with _warehouse(home).connect() as connection:
        return tracker.under_watch(connection, LISTS, Clock(Settings("demo", home)).now())


def _arrivals(home: Path) -> int:
    with _warehouse(home).connect() as connection:
        return tracker.arrivals(connection)


def _warehouse(home: Path) -> sa.Engine:
    return connecting.engine(EmbeddedServer(home).url("warehouse"), is_pooled=False)
