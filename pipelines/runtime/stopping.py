"""Ctrl-C in a command that runs jobs: it ends at once, at whatever instant it comes.

The work goes on in a thread and the main thread only waits. An exception that a signal handler raises in the midst of the work
stops nothing for sure: it is lost in the callback of a weak reference and between two jobs, outside a step Dagster ends one job
and not the night, a source's driver takes it for a query that failed, and a lock keeps it waiting. What was under way is left as
by a kill, which loses, doubles and halves nothing: tests/chaos.py.
"""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import NoReturn

STATUS = 130

asked = threading.Event()
on_stop: list[Callable[[], object]] = []  # what has to be told before the process is gone


def stoppable(work: Callable[[], int]) -> int:
    """What `work` returns or raises; KeyboardInterrupt as soon as the operator or the system asks for the end."""
    outcome: Future[int] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:
            outcome.set_exception(error)

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    threading.Thread(target=run, name="work", daemon=True).start()
    while not outcome.done():
        wait([outcome], timeout=0.2)  # without an end, a signal that comes just before the wait would be seen after it
    return outcome.result()


def end() -> NoReturn:
    """Say so and go, without waiting for what the threads still do; a second Ctrl-C does not even wait for the saying."""
    asked.set()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        print("Đã dừng theo yêu cầu; những gì đã nạp vẫn giữ nguyên, lần chạy sau sẽ tiếp tục.", file=sys.stderr, flush=True)
    for tell in on_stop:
        with contextlib.suppress(Exception):
            tell()
    os._exit(STATUS)
