"""dlt and sling as peers: each installed in an environment of its own from the package index, and how each is asked for a plain copy."""

import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from benchmarks.table import FORMS
from resources.embedded import EmbeddedServer

TARGET = "bench_peer"
DLT = ("dlt[postgres]==1.31.*", "sqlalchemy>=2", "pyarrow", "adbc-driver-postgresql", "psycopg2-binary", "connectorx", "pymysql")
# The package `sling` itself fetches its program from elsewhere at first use: this one holds it.
SLING_VERSION = "1.4.*"
SYSTEMS, MACHINES = {"Linux": "linux", "Darwin": "mac"}, {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


class NotInstalled(Exception):
    """Why a tool or a server is not there, in words."""


@dataclass(frozen=True)
class Place:
    """The table that all tools copy: its address as each of them writes it."""

    title: str  # of the kind of database
    ours: str
    dlt: str
    dlt_backend: str  # the fastest that reads it
    sling: str
    schema: str
    aim: float  # of our load beside the faster of them, whole processes


@dataclass(frozen=True)
class Peer:
    name: str
    version: str
    command: Callable[[Place, int], list[str]]  # of a round
    table: str  # where it puts the rows
    settings: dict[str, str]


def installed(home: Path, embedded: EmbeddedServer) -> list[Peer]:
    """The tools that can be run; of the others it is printed why not."""
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

    def command(place: Place, number: int) -> list[str]:
        kept = str(home / "peers" / f"pipelines-{place.title}-{number}")
        return [str(python), "-W", "ignore", script, place.dlt, place.schema, FORMS.road.table, place.dlt_backend, target, kept]

    return Peer("dlt", version, command, f"peer.{FORMS.road.table}", {"RUNTIME__DLTHUB_TELEMETRY": "false"})


def _sling(home: Path, embedded: EmbeddedServer) -> Peer:
    system, machine = SYSTEMS.get(platform.system()), MACHINES.get(platform.machine())
    name = f"sling-{system}-{machine}"
    python = _environment(home / "peers" / "sling", f"{name}=={SLING_VERSION}")
    folder = name.replace("-", "_")
    package = _said([str(python), "-I", "-c", f"import {folder} as p; print(p.__path__[0])"])
    program = str(Path(package) / "bin" / name)
    version = _said([program, "--version"]).removeprefix("Version:").strip()
    table = f"public.{FORMS.road.table}"

    def command(place: Place, _: int) -> list[str]:
        source = ["--src-conn", place.sling, "--src-stream", f"{place.schema}.{FORMS.road.table}"]
        target = ["--tgt-conn", sling_address(embedded, TARGET), "--tgt-object", table]
        return [program, "run", *source, *target, "--mode", "full-refresh"]

    settings = {"SLING_DISABLE_TELEMETRY": "TRUE", "SLING_HOME_DIR": str(home / "peers" / "sling-home")}
    return Peer("sling", version, command, table, settings)


def _said(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise NotInstalled((done.stderr.strip().splitlines() or [f"{command[0]} ended with {done.returncode}"])[-1])
    return done.stdout.strip()


def sling_address(embedded: EmbeddedServer, database: str) -> str:
    return f"postgresql://postgres@/{database}?host={quote(str(embedded.data_dir), safe='')}"
