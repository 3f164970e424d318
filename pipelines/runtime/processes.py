"""What stands while the UI is open: code server, door, daemon, kept up by one supervisor; and how all of it is stopped.

The code server stands alone: without it the daemon would start a new one every minute. It is started anew when a month
begins, since what it loaded holds the periods up to then, and when a table of the place changes (resources/local). The webserver stands
behind the door (pipelines/door). Each process has a pid file in $ANSINH_HOME/run. In containers each of the three has a supervisor of its own,
and says what it says there.
"""

import contextlib
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from assets.tags import PLACE_SETTING
from pipelines.door.passes import Passes
from pipelines.failures import CodeServerOpen
from pipelines.runtime import health, part_logs
from pipelines.runtime.instance import apply_environment, workspace
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
LOADING_SECONDS = 60
CODE_SERVER, WEBSERVER, DAEMON = PARTS = ("code-server", "webserver", "daemon")


@dataclass(frozen=True)
class Part:
    name: str
    command: tuple[str, ...]


def parts(settings: Settings, port: int = PORT) -> tuple[Part, ...]:
    dagster = str(Path(sys.executable).parent / "dagster")
    daemon = str(Path(sys.executable).parent / "dagster-daemon")
    at = ("-s", str(settings.run_dir / "code.sock"))
    if settings.code_server is not None:
        at = ("-h", settings.code_server[0], "-p", str(settings.code_server[1]))
    serve = (*at, "--location-name", "ansinh", "-d", str(PROJECT))
    return (
        Part(CODE_SERVER, (dagster, "api", "grpc", "-m", "pipelines.definitions", *serve)),
        Part(WEBSERVER, (sys.executable, "-m", DOOR, "--port", str(port))),
        # At its own level it says every few seconds that it looked: 4 MB a day. What became of a look stands in the UI.
        Part(DAEMON, (daemon, "run", "--log-level", "warning", "-w", str(workspace(settings)))),
    )


def refuse_open(settings: Settings) -> None:
    """Raises CodeServerOpen where the code server would listen to the world: who reaches it may run what he likes."""
    if settings.code_server is None:
        return
    host, port = settings.code_server
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return  # a name that nothing answers to yet opens nothing; whoever starts there says so
    addresses = {ipaddress.ip_address(str(at[4][0]).partition("%")[0]) for at in found}
    if any(address.is_global or address.is_unspecified for address in addresses):
        raise CodeServerOpen(address=f"{host}:{port}")


def _ready_for_signals() -> None:
    # Dagster takes SIGTERM for the current SIGINT handler: started where SIGINT is ignored it would ignore both.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(settings: Settings, part: Part, *, alone: bool = False) -> subprocess.Popen:
    """One of the three. `alone`: in a container of its own, whose output is its log."""
    with contextlib.ExitStack() as opened:
        sink = None
        if not alone:
            log = _log(settings, part)
            log.parent.mkdir(parents=True, exist_ok=True)
            sink = opened.enter_context(log.open("ab"))
        environment = {**os.environ, PLACE_SETTING: part.name} if alone and part.name == CODE_SERVER else None
        process = subprocess.Popen(
            part.command,
            cwd=PROJECT,
            env=environment,
            stdout=sink,
            stderr=sink,
            stdin=subprocess.DEVNULL,
            preexec_fn=_ready_for_signals,
        )
    write_whole(settings.run_dir / f"{part.name}.pid", str(process.pid))
    return process


def _log(settings: Settings, part: Part) -> Path:
    return settings.home / "logs" / f"{part.name}.log"


def supervise(settings: Settings, port: int = PORT, only: str | None = None) -> int:
    """Keep the three up, or one of them alone, until told to stop: a part that ends is started again."""
    apply_environment(settings)
    chosen = [part for part in parts(settings, port) if only in (None, part.name)]
    if only not in (None, CODE_SERVER):
        _wait_for(lambda: health.code_server_answers(settings))  # else the UI would show an error until somebody presses Reload
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
            server = running.get(CODE_SERVER)
            if server is not None and _loads(settings) != loaded and not _has_runs(server.pid):
                _end(server.pid)  # the grid holds the periods that had begun when it was loaded
            for part in chosen:
                if only is None:
                    part_logs.bound(_log(settings, part))
                process = running.get(part.name)
                if process is None or process.poll() is not None:
                    if part.name == CODE_SERVER:
                        loaded = _loads(settings)
                        (settings.run_dir / "code.sock").unlink(missing_ok=True)
                    running[part.name] = start(settings, part, alone=only is not None)
                    if part.name == CODE_SERVER and only is None:
                        _wait_for(lambda: _listens(settings))
            time.sleep(1)
    finally:
        for process in reversed(running.values()):
            _end(process.pid)
        for part in chosen:
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


def _listens(settings: Settings) -> bool:
    if settings.code_server is None:
        return (settings.run_dir / "code.sock").exists()
    with contextlib.suppress(OSError), socket.socket() as probe:  # a name that nothing answers to yet
        return probe.connect_ex(settings.code_server) == 0
    return False


def _wait_for(is_there: Callable[[], bool]) -> None:
    until = time.monotonic() + LOADING_SECONDS
    while time.monotonic() < until and not is_there():
        time.sleep(0.1)


def stop_all(settings: Settings) -> list[str]:
    """Stop everything that runs over this state; the names of what was stopped."""
    stopped = []
    # The demo's own servers are the state's, wherever the sockets of this container lie.
    found = {*settings.run_dir.glob("*.pid"), *((settings.home / "run").glob("*.pid") if settings.is_demo else ())}
    for pid_file in sorted(found, key=lambda p: (p.name != "supervisor.pid", p)):
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
