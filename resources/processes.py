"""Processes of this machine: which there are of a kind, and how they are ended."""

import contextlib
from collections.abc import Callable, Sequence

import psutil


def oldest_first(is_one: Callable[[psutil.Process], bool]) -> list[psutil.Process]:
    """Those of which this is true; of one that may not be asked it is not."""
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
    for process in psutil.wait_procs(processes, timeout=within)[1]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
