"""How processes are ended, and when they are taken for ended."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest

from resources import processes


@contextmanager
def started(script: str) -> Iterator[tuple[psutil.Process, str]]:
    """A process, and the first line that it says."""

    def hears() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # which a command that ended in the process of the tests lets be ignored

    process = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=hears)
    try:
        assert process.stdout
        yield psutil.Process(process.pid), process.stdout.readline()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_who_has_ended_is_not_waited_for_though_nobody_asks_how() -> None:
    """It keeps its number then, as one whose parent is busy does, or one in a container whose first process asks for none."""
    # The parent says it once it is no shell any more: that would ask how the other has ended.
    busy = f'"{sys.executable}" -IS -c "import time; print($!, flush=True); time.sleep(600)"'
    with started(f"sleep 600 & exec {busy}") as (_, said):
        ended = psutil.Process(int(said))
        processes.end([ended], 3600)
        assert ended.is_running() and not processes.lives(ended)


def test_who_does_not_hear_is_killed() -> None:
    with started("trap '' TERM; echo $$; while :; do sleep 1; done") as (deaf, said):
        assert int(said) == deaf.pid
        processes.end([deaf], 0.2)
        assert not psutil.wait_procs([deaf], timeout=60)[1] and not processes.lives(deaf)


DYING = """
import os, resource, signal, sys
resource.setrlimit(resource.RLIMIT_CORE, 2 * [resource.getrlimit(resource.RLIMIT_CORE)[1]])  # as systemd starts a service
os.umask(0)
try:
    cli.main(["--help"]) if "cli" in sys.argv[1] else entry.main([])
except SystemExit:
    pass
print(oct(os.umask(0)), resource.getrlimit(resource.RLIMIT_CORE), file=sys.stderr, flush=True)
"""


@pytest.mark.parametrize("program", ["pipelines.cli", "pipelines.runtime.entry"])
def test_a_command_that_crashes_leaves_no_core(program: str) -> None:
    """In it would be the rows in hand, of which no search for a person would know."""
    package, _, name = program.rpartition(".")
    script = f"from {package} import {name}\n{DYING}"
    told = subprocess.run([sys.executable, "-c", script, program], capture_output=True, text=True).stderr
    assert told.splitlines()[-1] == "0o77 (0, 0)", told
