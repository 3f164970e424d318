"""What the parts share: a home that leaves nothing behind, a child process with its seconds and its peak memory, printed rows."""

import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.runtime.processes import stop_all
from resources.embedded import EmbeddedServer
from resources.settings import PROJECT, Settings

PEAK = Path(__file__).with_name("peak.py")
OURS = ("ANSINH_", "SOURCE_", "DAGSTER_", "WAREHOUSE_", "SHARED_", "NATIONAL_", "LGSP_", "POPULATION_")


@dataclass(frozen=True)
class Measured:
    """A process from its start to its end."""

    seconds: float
    peak_mb: float
    last_line: str

    @property
    def told(self) -> dict[str, Any]:
        """What its last line says, of a process that ends with JSON."""
        return json.loads(self.last_line)


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A home whose processes are stopped and whose files are removed, whatever happens."""
    home = Path(tempfile.mkdtemp(prefix="anb", dir="/tmp"))
    try:
        yield home
    finally:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C would leave the server standing
        try:
            stop_all(Settings("demo", home))
        finally:
            with contextlib.suppress(subprocess.CalledProcessError):
                EmbeddedServer(home).stop()  # one that was still starting does not answer, and is there all the same
            shutil.rmtree(home, ignore_errors=True)
            signal.signal(signal.SIGINT, before)


def environment(home: Path, **settings: str) -> dict[str, str]:
    """This process's environment without what would lead to another state. All sources lie on PostgreSQL, as what they are held beside."""
    ours = {"ANSINH_HOME": str(home), "ANSINH_MARIADB_PATH": os.devnull}
    return {k: v for k, v in os.environ.items() if not k.startswith(OURS)} | ours | settings


def measured(command: Sequence[str], env: Mapping[str, str], may_end_with: int = 0) -> Measured:
    """Run a command to its end; one that fails ends the benchmark with what it said.

    `may_end_with`: a status that is told and no more, of a command that says all the same how it went.
    """
    told, tell = os.pipe()
    with os.fdopen(told) as report:
        try:
            process = subprocess.Popen(
                [sys.executable, "-IS", str(PEAK), str(tell), *command],
                cwd=PROJECT,
                env=env,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                pass_fds=(tell,),
                start_new_session=True,
            )
        finally:
            os.close(tell)
        try:
            output, errors = process.communicate()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        if process.returncode and process.returncode == may_end_with and output:
            print(f"{' '.join(command[3:])} ended with {process.returncode}: {errors.strip()[-1000:]}", flush=True)
        elif process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}\n{output[-2000:]}{errors[-2000:]}")
        figures = json.loads(report.read())
    lines = output.splitlines()
    return Measured(figures["seconds"], figures["peak_mb"], lines[-1] if lines else "")


def module(name: str, *arguments: str) -> list[str]:
    """The command that runs a module of this project."""
    return [sys.executable, "-W", "ignore", "-m", name, *arguments]


def ansinh(home: Path, *arguments: str) -> Measured:
    return measured(module("pipelines.cli", *arguments), environment(home))


def night(home: Path, *how: str) -> Measured:
    """A night; one with a refused cell or a system that failed is told of and counts."""
    return measured(module(*(how or ("pipelines.cli", "nightly", "--json"))), environment(home), may_end_with=1)


def ratio(of: Sequence[float], to: Sequence[float]) -> float:
    """The median of the ratios of each round."""
    return statistics.median(a / b for a, b in zip(of, to, strict=True))


@dataclass(frozen=True)
class Columns:
    """Rows of text under one another, each printed as soon as it is known."""

    titles: tuple[str, ...]

    def __post_init__(self) -> None:
        self.row(*self.titles)

    def row(self, *values: str) -> None:
        widths = [max(len(title), 12) for title in self.titles]
        print("  " + "  ".join(f"{v:>{w}}" for v, w in zip(values, widths, strict=True)), flush=True)


def seconds(value: float) -> str:
    return f"{value:.2f} s"


def times(value: float) -> str:
    return f"{value:.2f}x"


def megabytes(value: float) -> str:
    return f"{value:.0f} MB"
