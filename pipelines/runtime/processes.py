"""What stands while the UI is open: code server, door, daemon, kept up by one supervisor; and how all of it is stopped.

The code server stands alone: without it the daemon would start a new one every minute. It is started anew when a month
begins, since what it loaded holds the periods up to then, and when a table of the place changes (resources/local). The webserver stands behind the door (pipelines/door). Each process
has a pid file in $ANSINH_HOME/run.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from pipelines.door.passes import Passes
from pipelines.runtime.instance import apply_environment
from resources import processes
from resources.clock import Clock
from resources.durable import write_whole
from resources.embedded import EmbeddedServer
from resources.failing import Failure
from resources.local import folder
from resources.mariadb import MariaDbServer
from resources.settings import PROJECT, Settings

PORT = 3000
DOOR = "pipelines.door"
GRACE_SECONDS = 10


@dataclass(frozen=True)
class Part:
    name: str
    command: tuple[str, ...]


def parts(settings: Settings, port: int = PORT) -> tuple[Part, ...]:
    dagster = str(Path(sys.executable).parent / "dagster")
    daemon = str(Path(sys.executable).parent / "dagster-daemon")
    workspace = str(PROJECT / "workspace.yaml")
    socket = str(settings.run_dir / "code.sock")
    serve = ("-s", socket, "--location-name", "ansinh", "-d", str(PROJECT))
    return (
        Part("code-server", (dagster, "api", "grpc", "-m", "pipelines.definitions", *serve)),
        Part("webserver", (sys.executable, "-m", DOOR, "--port", str(port))),
        Part("daemon", (daemon, "run", "-w", workspace)),
    )


def _ready_for_signals() -> None:
    # Dagster takes SIGTERM for the current SIGINT handler: started where SIGINT is ignored it would ignore both.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(settings: Settings, part: Part) -> subprocess.Popen:
    log = settings.home / "logs" / f"{part.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        process = subprocess.Popen(
            part.command, cwd=PROJECT, stdout=sink, stderr=sink, stdin=subprocess.DEVNULL, preexec_fn=_ready_for_signals
        )
    write_whole(settings.run_dir / f"{part.name}.pid", str(process.pid))
    return process


def supervise(settings: Settings, port: int = PORT) -> int:
    """Keep the three up until told to stop: a part that ends is started again."""
    apply_environment(settings)
    write_whole(settings.run_dir / "supervisor.pid", str(os.getpid()))
    running: dict[str, subprocess.Popen] = {}
    stopping, loaded = False, _loads(settings)

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        while not stopping:
            server = running.get("code-server")
            if server is not None and _loads(settings) != loaded and not _has_runs(server.pid):
                _end(server.pid)  # the grid holds the periods that had begun when it was loaded
            for part in parts(settings, port):
                process = running.get(part.name)
                if process is None or process.poll() is not None:
                    if part.name == "code-server":
                        loaded = _loads(settings)
                        (settings.run_dir / "code.sock").unlink(missing_ok=True)
                    running[part.name] = start(settings, part)
                    if part.name == "code-server":
                        _wait_for(settings.run_dir / "code.sock")
            time.sleep(1)
    finally:
        for process in reversed(running.values()):
            _end(process.pid)
        for part in parts(settings):
            (settings.run_dir / f"{part.name}.pid").unlink(missing_ok=True)
        (settings.run_dir / "supervisor.pid").unlink(missing_ok=True)
    return 0


def _loads(settings: Settings) -> tuple[str, str]:
    """What a code server that starts now would load otherwise than one before: the clock's month (no period begins, and no unit comes
    or goes, but with one), and the place's tables."""
    with contextlib.suppress(Failure):  # what it is told of where they stand cannot be read: it says so itself
        return f"{Clock(settings).today():%Y-%m}", folder.stamp(settings.config_dir)
    return f"{Clock(settings).today():%Y-%m}", ""


def _has_runs(code_server: int) -> bool:
    """Whether runs go on below a code server: ended with it, they would only fail."""
    try:
        children = psutil.Process(code_server).children()
        return any("resource_tracker" not in " ".join(child.cmdline()) for child in children)
    except psutil.Error:
        return False


def _wait_for(path: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and not path.exists():
        time.sleep(0.1)


def stop_all(settings: Settings) -> list[str]:
    """Stop everything that runs over this state; the names of what was stopped."""
    stopped = []
    for pid_file in sorted(settings.run_dir.glob("*.pid"), key=lambda p: p.name != "supervisor.pid"):
        with contextlib.suppress(ValueError):
            if _still_ours(pid_file) and _end(int(pid_file.read_text())):
                stopped.append(pid_file.stem)
        pid_file.unlink(missing_ok=True)
    stopped += _end_each(_strays(settings))
    Passes(settings).close()
    server = EmbeddedServer(settings.home)
    if server.is_running():
        server.stop()
        stopped.append("postgresql")
    # One that starts does not answer yet, and initdb outlives a killed command: it would write on in a folder that is removed.
    stopped += _end_each(server.processes())
    if MariaDbServer(settings.home).stop():
        stopped.append("mariadb")
    return stopped


def supervisor_stands(settings: Settings) -> bool:
    """A supervisor of this state runs: a second one would take its socket and its pid files."""
    return _still_ours(settings.run_dir / "supervisor.pid")


def _still_ours(pid_file: Path) -> bool:
    """The process the file names lives. After a crash its number may be another program's by now: that one is spared."""
    try:
        command = " ".join(psutil.Process(int(pid_file.read_text())).cmdline())
    except (OSError, ValueError, psutil.Error):
        return False
    return any(word in command for word in ("dagster", "ansinh", "pipelines.cli", DOOR, "demo"))


def _strays(settings: Settings) -> list[psutil.Process]:
    """Processes of this state without a pid file: runs whose code server is gone."""
    found = []
    for process in psutil.process_iter(["pid"]):
        if process.pid == os.getpid() or process.pid == os.getppid():
            continue
        with contextlib.suppress(psutil.Error, OSError):
            environment = process.environ()
            command = " ".join(process.cmdline())
            of_ours = environment.get("ANSINH_CODE_SOCKET") == str(settings.run_dir / "code.sock")
            if of_ours and ("dagster" in command or DOOR in command):
                found.append(process)
    return found


def _end(pid: int) -> bool:
    """Ask a process and its children to end, then make them; true when it was there."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return False
    processes.end(family, GRACE_SECONDS)
    return True


def _end_each(found: Sequence[psutil.Process]) -> list[str]:
    """The names of those that were there: one may end by itself meanwhile, or with the one before it."""
    ended = []
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            name = process.name()
            if _end(process.pid):
                ended.append(name)
    return ended
