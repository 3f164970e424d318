"""A full load of the benchmark's table, in a process of its own, beside raw binary COPY of the same table.

The source, the warehouse and the client share the machine's cores.
"""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import Columns, environment, measured, megabytes, module, ratio, seconds, temporary_home, times
from benchmarks.raw_copy import raw_copy
from benchmarks.table import FORMS, build
from resources.embedded import EmbeddedServer, server

SOURCE, COPIED, WAREHOUSE = "bench_source", "bench_copy", "bench_warehouse"


@dataclass(frozen=True)
class Load:
    seconds: float  # from the open warehouse to the last commit
    process_seconds: float  # with start and imports
    peak_mb: float
    accepted: int
    rejected: int


def run(rows: int, rounds: int) -> None:
    with temporary_home() as home:
        embedded = server(home)
        build(embedded, SOURCE, rows)
        print(f"{shape(rows)}, {rounds} rounds")
        columns = Columns(("raw COPY", "load", "its process", "load / COPY", "peak"))
        copies: list[float] = []
        loads: list[Load] = []
        for _ in range(rounds):
            copies.append(raw_copy(embedded, SOURCE, COPIED, [FORMS]))
            done = load(home, embedded, embedded.url(SOURCE))
            loads.append(done)
            columns.row(
                seconds(copies[-1]),
                seconds(done.seconds),
                seconds(done.process_seconds),
                times(done.seconds / copies[-1]),
                megabytes(done.peak_mb),
            )
        print(f"{loads[-1].accepted:,} rows accepted, {loads[-1].rejected:,} rejected, in each round")
        told(copies, loads)


def shape(rows: int) -> str:
    return f"{rows:,} rows x {len(FORMS.columns)} columns, {len(FORMS.rules)} row rules"


def told(copies: list[float], loads: list[Load]) -> None:
    print(
        f"load / raw COPY: {times(ratio([d.seconds for d in loads], copies))} median (aim: at most 3.0x);"
        f" peak {megabytes(max(d.peak_mb for d in loads))}",
        flush=True,
    )


def load(home: Path, embedded: EmbeddedServer, source: str, **more: str) -> Load:
    """One load from the source at an address into an empty warehouse, which is dropped after it. `more`: settings that the address needs."""
    fresh(embedded, WAREHOUSE)
    settings = {"WAREHOUSE_URL": embedded.url(WAREHOUSE), "SOURCE_BENCHMARK_URL": source} | more
    done = measured(module("benchmarks.one_load"), environment(home, **settings))
    drop(embedded, WAREHOUSE)
    figures = done.told
    return Load(figures["seconds"], done.seconds, done.peak_mb, figures["accepted"], figures["rejected"])


def fresh(embedded: EmbeddedServer, database: str) -> None:
    """An empty database, and nothing of the rounds before still to be written."""
    drop(embedded, database)
    embedded.ensure_database(database)
    with closing(embedded.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("checkpoint")


def drop(embedded: EmbeddedServer, database: str) -> None:
    with closing(embedded.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"drop database if exists {database} with (force)")
