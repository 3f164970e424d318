"""What nothing caught: a line with its type and place, in every thread and process of ours, and never what it says or holds.

Python's own answer would be a stack whose last line is the text of a library, and that may hold a row or a password.
"""

import contextlib
import logging
import os
import sys
import threading
from types import TracebackType

from resources.failing import kind_of, place_of

STATUS = 1


def hold() -> None:
    """Catch what nothing else catches, in this process. Where another hook is set already, as by a runner of tests, that one stays."""
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _of_main
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _of_a_thread
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _unraisable
    logging.raiseExceptions = False  # a record that cannot be written is told with all that it was given


def tell(error: BaseException) -> None:
    say(f"gặp lỗi chưa lường trước ({kind_of(error)} tại {place_of(error)}); nội dung lỗi được giấu.")


def say(line: str) -> None:
    """Write a line to the bare handle: whatever stands over it may be closed or full, or be what has failed."""
    with contextlib.suppress(OSError):  # nobody may be there to be told; the exit status still says it
        os.write(2, f"ansinh: {line}\n".encode())


def _of_main(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    tell(error)


def _of_a_thread(found: threading.ExceptHookArgs) -> None:
    if found.exc_value is not None and not isinstance(found.exc_value, SystemExit):
        tell(found.exc_value)


def _unraisable(found: "sys.UnraisableHookArgs") -> None:
    if found.exc_value is not None:
        tell(found.exc_value)
