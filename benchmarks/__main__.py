"""`python -m benchmarks [--rows N] [--rounds N]`: a full load beside raw binary COPY of the same table, in one run.

The loading process is one of its own, so that its peak memory and its imports are seen; the source, the warehouse and
the client share the machine's cores.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.table import FORMS, build
from resources.embedded import EmbeddedServer, server
from resources.warehouse import libpq_uri


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parsed = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="anb", dir="/tmp"))
    try:
        run(home, parsed.rows, parsed.rounds)
    finally:
        EmbeddedServer(home).stop()
        shutil.rmtree(home, ignore_errors=True)


def run(home: Path, rows: int, rounds: int) -> None:
    embedded = server(home)
    build(embedded, "bench_source", rows)
    embedded.ensure_database("bench_copy")
    print(f"{rows:,} rows x {len(FORMS.columns)} columns, {len(FORMS.rules)} row rules, {rounds} rounds")
    copies, loads, peaks = [], [], []
    for number in range(rounds):
        copies.append(copy(embedded))
        figures = load(home, embedded, number)
        loads.append(figures["seconds"])
        peaks.append(figures["peak_mb"])
        print(
            f"  round {number + 1}: raw COPY {copies[-1]:.2f} s, pull + validate + load {loads[-1]:.2f} s"
            f" ({loads[-1] / copies[-1]:.2f}x), peak {peaks[-1]:.0f} MB, {figures['accepted']:,} accepted,"
            f" {figures['rejected']:,} rejected",
            flush=True,
        )
    ratios = [a / b for a, b in zip(loads, copies, strict=True)]
    print(
        f"median: raw COPY {statistics.median(copies):.2f} s, load {statistics.median(loads):.2f} s,"
        f" {statistics.median(ratios):.2f}x, peak {max(peaks):.0f} MB"
    )


def copy(embedded: EmbeddedServer) -> float:
    """Raw binary COPY piped into COPY: the limit."""
    with closing(embedded.connect("bench_copy")) as connection, connection.cursor() as cursor:
        cursor.execute("drop table if exists phieu")
        cursor.execute("create table phieu ({})".format(", ".join(f"{c.source_column} {c.source_type}" for c in FORMS.columns)))
        cursor.execute("checkpoint")
    psql = str(embedded.bin_dir / "psql")
    names = ", ".join(c.source_column for c in FORMS.columns)
    begun = time.monotonic()
    out = subprocess.Popen(
        [
            psql,
            "-q",
            libpq_uri(embedded.url("bench_source")),
            "-c",
            f"copy (select {names} from phieu) to stdout (format binary)",
        ],
        stdout=subprocess.PIPE,
    )
    subprocess.run(
        [psql, "-q", libpq_uri(embedded.url("bench_copy")), "-c", f"copy phieu ({names}) from stdin (format binary)"],
        stdin=out.stdout,
        check=True,
    )
    out.wait()
    return time.monotonic() - begun


def load(home: Path, embedded: EmbeddedServer, number: int) -> dict[str, float]:
    database = f"bench_warehouse_{number}"
    embedded.ensure_database(database)
    with closing(embedded.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("checkpoint")
    environment = os.environ | {
        "ANSINH_HOME": str(home),
        "WAREHOUSE_URL": embedded.url(database),
        "SOURCE_BENCHMARK_URL": embedded.url("bench_source"),
    }
    done = subprocess.run([sys.executable, "-m", "benchmarks.one_load"], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
