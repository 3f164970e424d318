"""Time per row and peak memory of a full load as the table grows: neither should."""

import statistics

from benchmarks.load import COPIED, SOURCE, drop, load, shape
from benchmarks.measuring import Columns, megabytes, ratio, seconds, temporary_home, times
from benchmarks.raw_copy import raw_copy
from benchmarks.table import FORMS, build
from resources.embedded import server

SIZES = (0.1, 1, 3.5, 10)
ONCE = 10  # the largest is taken once: it lasts as long as all others


def run(rows: int, rounds: int) -> None:
    with temporary_home() as home:
        embedded = server(home)
        print(f"{shape(rows)} at size 1, {rounds} rounds of each size but the largest; medians")
        columns = Columns(("rows", "raw COPY", "load", "load / COPY", "per row", "/ size before", "peak"))
        before = 0.0
        for size in SIZES:
            of_size = round(rows * size)
            build(embedded, SOURCE, of_size)
            copies, loads = [], []
            for _ in range(1 if size == ONCE else rounds):
                copies.append(raw_copy(embedded, SOURCE, COPIED, [FORMS]))
                loads.append(load(home, embedded, embedded.url(SOURCE)))
            lasted = [d.seconds for d in loads]
            per_row = statistics.median(lasted) / of_size * 1e6
            columns.row(
                f"{of_size:,}",
                seconds(statistics.median(copies)),
                seconds(statistics.median(lasted)),
                times(ratio(lasted, copies)),
                f"{per_row:.1f} µs",
                times(per_row / before) if before else "",
                megabytes(max(d.peak_mb for d in loads)),
            )
            before = per_row
            drop(embedded, SOURCE)
            drop(embedded, COPIED)
