"""The whole synthetic province from nothing: built, then its first night into an empty warehouse, beside raw COPY of its tables."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measuring import Columns, Measured, ansinh, megabytes, night, seconds, temporary_home, times
from benchmarks.raw_copy import raw_copy
from demo.databases.database import database_of
from resources.embedded import EmbeddedServer
from schemas.registry import SOURCES, datasets_of

COPIED = "bench_copy"


def run(scale: float) -> None:
    with province(scale) as home:
        limit = copied(EmbeddedServer(home))
        first = night(home)
        rows = sum(s["rows_accepted"] + s["rows_rejected"] for s in first.told["systems"])
        columns = Columns(("rows", "raw COPY", "first night", "night / COPY", "per row", "peak"))
        columns.row(
            f"{rows:,}",
            seconds(limit),
            seconds(first.seconds),
            times(first.seconds / limit),
            f"{first.seconds / rows * 1e6:.1f} µs",
            megabytes(first.peak_mb),
        )
        print(", ".join(shares(first)), flush=True)


@contextmanager
def province(scale: float) -> Iterator[Path]:
    """A home with a province of this scale and its gateway."""
    with temporary_home() as home:
        built = ansinh(home, "demo", "build", "--scale", str(scale))
        ansinh(home, "demo", "up")
        print(f"scale {scale}, built in {seconds(built.seconds)}", flush=True)
        yield home


def copied(embedded: EmbeddedServer) -> float:
    """Seconds of raw COPY of every table of every source."""
    taken = 0.0
    for source in SOURCES:
        taken += raw_copy(embedded, database_of(source), COPIED, datasets_of(source))
        with closing(embedded.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f"drop database {COPIED} with (force)")
    return taken


def shares(of: Measured) -> list[str]:
    """Which part of a night each system and the reports took; the rest is start and scorecard."""
    card: dict[str, Any] = of.told
    parts = {s["source"]: s["seconds"] for s in card["systems"]} | {"reports": card["report_seconds"]}
    parts["start and scorecard"] = of.seconds - sum(parts.values())
    return [f"{name} {taken / of.seconds:.0%}" for name, taken in parts.items()]
