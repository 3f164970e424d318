"""Processes of this machine: which there are of a kind, and how they are ended."""

import contextlib
import time
from collections.abc import Callable, Sequence

import psutil

LOOKED_AGAIN = 0.05  # seconds


def oldest_first(is_one: Callable[[psutil.Process], bool]) -> list[psutil.Process]:
    """The processes of which this is true. A process that may not be asked does not count."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if is_one(process):
                found.append((process.create_time(), process.pid, process))
    return [process for *_, process in sorted(found)]


def end(processes: Sequence[psutil.Process], within: float) -> None:
    """Ask them to end, and after so many seconds make them."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
            process.resume()  # a frozen one would not hear it
    until, left = time.monotonic() + within, [process for process in processes if lives(process)]
    while left and time.monotonic() < until:
        left = [process for process in psutil.wait_procs(left, timeout=LOOKED_AGAIN)[1] if lives(process)]
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def lives(process: psutil.Process) -> bool:
    """Whether it has not ended. One that has keeps its number until whoever started it asks how it ended, which may be never."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
