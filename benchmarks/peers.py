"""A full load beside dlt and sling copying the same table plainly, and beside raw COPY, in interleaved rounds.

Each tool is installed in an environment of its own from the package index and removed at the end. All three are whole
processes here, their start included. The tools neither validate nor keep history.
"""

import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from benchmarks.load import COPIED, SOURCE, Load, drop, fresh, load, shape, told
from benchmarks.measuring import Columns, Measured, measured, ratio, seconds, temporary_home, times
from benchmarks.raw_copy import raw_copy
from benchmarks.table import FORMS, build
from resources.embedded import EmbeddedServer, server

TARGET = "bench_peer"
DLT = ("dlt[postgres]==1.31.*", "sqlalchemy>=2", "pyarrow", "adbc-driver-postgresql", "psycopg2-binary")
# The package `sling` itself fetches its program from elsewhere at first use: this one holds it.
SLING_VERSION = "1.4.*"
SYSTEMS, MACHINES = {"Linux": "linux", "Darwin": "mac"}, {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


class NotInstalled(Exception):
    """Why a tool is not there, in words."""


@dataclass(frozen=True)
class Peer:
    name: str
    version: str
    command: Callable[[int], list[str]]  # of a round
    table: str  # where it puts the rows
    settings: dict[str, str]


def run(rows: int, rounds: int) -> None:
    with temporary_home() as home:
        embedded = server(home)
        build(embedded, SOURCE, rows)
        peers = _installed(home, embedded)
        print(f"{shape(rows)}, {rounds} rounds, {', '.join(f'{p.name} {p.version}' for p in peers) or 'no peer'}")
        columns = Columns(("raw COPY", "load", "its process", *(p.name for p in peers)))
        copies: list[float] = []
        loads: list[Load] = []
        taken: dict[str, list[Measured]] = {p.name: [] for p in peers}
        for number in range(rounds):
            copies.append(raw_copy(embedded, SOURCE, COPIED, [FORMS]))
            loads.append(load(home, embedded, SOURCE))
            for peer in peers:
                taken[peer.name].append(_copied(home, embedded, peer, number, rows))
            columns.row(
                seconds(copies[-1]),
                seconds(loads[-1].seconds),
                seconds(loads[-1].process_seconds),
                *(seconds(taken[p.name][-1].seconds) for p in peers),
            )
        told(copies, loads)
        for name, done in taken.items():
            print(
                f"{name}: {times(ratio([d.seconds for d in done], copies))} raw COPY, peak {max(d.peak_mb for d in done):.0f} MB"
            )
        if taken:
            faster = min(taken, key=lambda name: statistics.median(d.seconds for d in taken[name]))
            share = ratio([d.process_seconds for d in loads], [d.seconds for d in taken[faster]])
            print(f"load / {faster}, the faster: {times(share)} median of whole processes (aim: at most 0.5x)", flush=True)


def _installed(home: Path, embedded: EmbeddedServer) -> list[Peer]:
    found = []
    for name, install in {"dlt": _dlt, "sling": _sling}.items():
        try:
            found.append(install(home, embedded))
        except NotInstalled as error:
            print(f"{name} is not measured: {error}", flush=True)
    return found


def _environment(place: Path, *packages: str) -> Path:
    """A new environment with these packages; its interpreter."""
    python = place / "bin" / "python"
    for command in (
        [sys.executable, "-m", "venv", str(place)],
        [str(python), "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
            raise NotInstalled("; ".join(said[-2:]) or f"{command[0]} ended with {done.returncode}")
    return python


def _dlt(home: Path, embedded: EmbeddedServer) -> Peer:
    python = _environment(home / "peers" / "dlt", *DLT)
    version = _said([str(python), "-I", "-c", "import importlib.metadata as m; print(m.version('dlt'))"])
    script = str(Path(__file__).with_name("dlt_copy.py"))
    # dlt asks for a host and a password; the socket's folder stands before the host.
    target = f"postgresql://postgres:none@localhost/{TARGET}?host={quote(str(embedded.data_dir), safe='')}"

    def command(number: int) -> list[str]:
        kept = str(home / "peers" / f"pipelines-{number}")
        return [str(python), "-W", "ignore", script, embedded.url(SOURCE), FORMS.road.table, target, kept]

    return Peer("dlt", version, command, f"peer.{FORMS.road.table}", {"RUNTIME__DLTHUB_TELEMETRY": "false"})


def _sling(home: Path, embedded: EmbeddedServer) -> Peer:
    system, machine = SYSTEMS.get(platform.system()), MACHINES.get(platform.machine())
    name = f"sling-{system}-{machine}"
    python = _environment(home / "peers" / "sling", f"{name}=={SLING_VERSION}")
    folder = name.replace("-", "_")
    package = _said([str(python), "-I", "-c", f"import {folder} as p; print(p.__path__[0])"])
    program = str(Path(package) / "bin" / name)
    version = _said([program, "--version"]).removeprefix("Version:").strip()
    where = {d: f"postgresql://postgres@/{d}?host={quote(str(embedded.data_dir), safe='')}" for d in (SOURCE, TARGET)}
    table = f"public.{FORMS.road.table}"

    def command(_: int) -> list[str]:
        ends = ["--src-conn", where[SOURCE], "--src-stream", table, "--tgt-conn", where[TARGET], "--tgt-object", table]
        return [program, "run", *ends, "--mode", "full-refresh"]

    settings = {"SLING_DISABLE_TELEMETRY": "TRUE", "SLING_HOME_DIR": str(home / "peers" / "sling-home")}
    return Peer("sling", version, command, table, settings)


def _said(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise NotInstalled((done.stderr.strip().splitlines() or [f"{command[0]} ended with {done.returncode}"])[-1])
    return done.stdout.strip()


def _copied(home: Path, embedded: EmbeddedServer, peer: Peer, number: int, rows: int) -> Measured:
    """One copy by a tool into an empty database; every row has to be there."""
    fresh(embedded, TARGET)
    # Their own files belong into the home that is removed.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"HOME": str(home / "peers")} | peer.settings
    done = measured(peer.command(number), environment)
    with closing(embedded.connect(TARGET)) as connection, connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {peer.table}")
        ((found,),) = cursor.fetchall()
    if found != rows:
        raise SystemExit(f"{peer.name} copied {found:,} of {rows:,} rows")
    drop(embedded, TARGET)
    return done
