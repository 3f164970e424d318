"""A synthetic province in a home of its own, driven through the real commands. No mock: servers, files, processes."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from resources.beside import Beside
from resources.embedded import EmbeddedServer, server
from resources.settings import ROUNDING_SECRET
from schemas.dataset import Dataset
from tests.integration.kept import copy_of, new_home, stop_unsynced
from tests.integration.warm import Started, warm

PROJECT = Path(__file__).resolve().parents[2]


COMMAND = (sys.executable, "-m", "pipelines.cli")
LIMIT = 600  # seconds of a command
SMALL = "0.004"  # the smallest scale at which everything is planted, and units have lists as large, as the tests look for
SECRET = bytes(range(32))  # by it all provinces are rounded, so that their open figures are the same in every run of the tests
FIRST_NIGHT = "logs/first-night.json"


_beside: dict[Path, list[Started]] = {}  # home -> what stands beside it; each tells how it ended to whoever holds it


@dataclass(frozen=True)
class Province:
    home: Path
    settings: Mapping[str, str] = field(default_factory=dict)  # environment variables besides the home

    def having(self, **settings: str) -> "Province":
        """The same province, seen by commands with these settings more."""
        return replace(self, settings={**self.settings, **settings})

    def ansinh(self, *arguments: str, status: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run `ansinh ...` in a process of its own; the exit status is checked unless None."""
        if arguments[:1] == ("demo",):
            done = warm().run("demo", arguments[1:], self.environment, LIMIT)
        else:
            done = warm().run("pipelines.cli", arguments, self.environment, LIMIT)
        assert status is None or done.returncode == status, done.stdout[-3000:] + done.stderr[-3000:]
        return done

    def python(self, module: str, *arguments: str) -> Any:
        """What a module of the tests prints last, as JSON, in a process of its own."""
        done = warm().run(f"tests.integration.{module}", arguments, self.environment, LIMIT)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    def start(self, *arguments: str) -> Started:
        """Start `ansinh ...` and leave it running; its lines are read from `stdout`."""
        return warm().start("pipelines.cli", arguments, self.environment | {"PYTHONUNBUFFERED": "1"})

    def nightly(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        return _card(self.ansinh("nightly", "--json", *arguments, status=status).stdout)

    def doctor(self, status: int = 0) -> str:
        """What the doctor says, in one line: where a line ends is the screen's."""
        return " ".join(self.ansinh("doctor", status=status).stdout.split())

    def stand_beside(self) -> None:
        """Let the demo's servers stand as `demo up` does, with their imports done: half of the work of a province that stands."""
        (self.home / "logs").mkdir(exist_ok=True)
        for name in ("gateway", "platform"):
            with (self.home / "logs" / f"{name}.log").open("ab") as log:
                _beside.setdefault(self.home, []).append(warm().start("demo", (name,), self.environment, log))
        until(lambda: all(Beside(self.home, name).answers() for name in ("gateway", "platform")))

    @property
    def first_night(self) -> dict[str, Any]:
        """The card of the night that a province has behind it from the start."""
        return _card((self.home / FIRST_NIGHT).read_text())

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("ANSINH_", "SOURCE_", "DAGSTER_", "WAREHOUSE", "SHARED_"))
        }
        return kept | {
            "ANSINH_HOME": str(self.home),
            "COLUMNS": "200",
            "ANSINH_RETRY_SECONDS": "0.2",
            "INBOX_REST_SECONDS": "0",
            **self.settings,
        }

    @property
    def server(self) -> EmbeddedServer:
        return EmbeddedServer(self.home)

    def engine(self, database: str = "warehouse", user: str = "postgres") -> sa.Engine:
        return sa.create_engine(self.server.url(database, user), poolclass=sa.NullPool)

    def rows(self, query: str, database: str = "warehouse", **values: Any) -> list[Any]:
        with self.engine(database).connect() as connection:
            return list(connection.execute(sa.text(query), values).all())

    def one(self, query: str, database: str = "warehouse", **values: Any) -> Any:
        return self.rows(query, database, **values)[0][0]

    def change(self, source: str, statement: str, **values: Any) -> int:
        """Change a source as its own users would."""
        with self.engine(f"source_{source}", f"{source}_owner").begin() as connection:
            return connection.execute(sa.text(statement), values).rowcount

    def execute(self, statement: str, **values: Any) -> int:
        """Change the hub's own warehouse, as no command does."""
        with self.engine().begin() as connection:
            return connection.execute(sa.text(statement), values).rowcount

    def truth(self) -> list[dict[str, Any]]:
        return json.loads(self.ansinh("demo", "truth", "--json").stdout)


def _card(printed: str) -> dict[str, Any]:
    return json.loads(printed.splitlines()[-1])


def touch(made: Province) -> None:
    """Every household of the open year gets a new hamlet: the night has rows to pull and to load."""
    assert made.change("poverty", "update hn_ho set thon_xom = coalesce(thon_xom, 'Xóm') || ' 1' where nam_ra_soat = 2024") > 0


def until(happens: Callable[[], object]) -> None:
    end = time.monotonic() + 120
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.05)


def until_line(process: Started, pattern: str) -> str:
    """Read the lines of a command up to the one that matches."""
    for line in process.stdout:
        if re.search(pattern, line):
            return line
    raise AssertionError(f"the command ended with {process.wait()} before {pattern!r}")


def until_loaded(process: Started, dataset: Dataset) -> str:
    """Read the lines of a night up to the one that tells of this dataset."""
    return until_line(process, re.escape(f"{dataset.source.label}, {dataset.title}: "))


@contextmanager
def province(*, after_first_night: bool = False, scale: str = SMALL, by_its_commands: bool = False) -> Iterator[Province]:
    """A province that stands: built, or with its first night done, whose card it then has. `by_its_commands`: nothing of it is started
    otherwise than an officer's commands start it."""
    with standing(_after_first_night(scale) if after_first_night else built(scale)) as made:
        if not by_its_commands:
            made.stand_beside()
        made.ansinh("demo", "up")
        yield made


@contextmanager
def standing(home: Path, *, remains: bool = False) -> Iterator[Province]:
    """The province of a home, with its server. It is stopped afterwards, and removed unless it remains."""
    made = Province(home)
    try:
        server(home)
        yield made
    finally:
        made.ansinh("stop", status=None)
        for beside in _beside.pop(home, ()):  # by its command line nobody knows it for one of ours
            if beside.poll() is None:
                beside.kill()
        if not remains:
            shutil.rmtree(home, ignore_errors=True)


def built(scale: str) -> Path:
    def make() -> Path:
        home = new_home()
        Province(home).ansinh("demo", "build", "--scale", scale)
        kept = home / ROUNDING_SECRET
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        kept.write_text(SECRET.hex())
        kept.chmod(0o600)
        stop_unsynced(home)
        return home

    return copy_of(f"built-{scale}", make)


def _after_first_night(scale: str) -> Path:
    def make() -> Path:
        made = Province(built(scale))
        made.ansinh("demo", "up")
        (made.home / FIRST_NIGHT).write_text(made.ansinh("nightly", "--json").stdout)
        made.ansinh("stop")
        _forget_partners(made.home)
        return made.home

    return copy_of(f"night-{scale}", make)


def first_card(scale: str) -> dict[str, Any]:
    """The card of the first night of every province of this scale."""
    home = _after_first_night(scale)
    try:
        return Province(home).first_night
    finally:
        shutil.rmtree(home)


def _forget_partners(home: Path) -> None:
    """Each copy makes an address and a secret of its own: by those of one, the next copy to stand would answer for one that was killed."""
    for name in ("gateway", "platform"):
        for told in (home / "run").glob(f"{name}.*"):
            told.unlink()
