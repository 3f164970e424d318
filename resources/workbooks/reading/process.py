"""The process that meets a file, from outside: started with nothing of ours in it, waited for, believed only as far as it proves.

Whatever becomes of it (it aborts, is killed, runs out of memory, never ends, tells nonsense), a failure is raised here, and nothing
else happens.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from stat import S_ISREG
from typing import Any, BinaryIO, cast

from resources.failing import FULL, Failure, why_not
from resources.settings import PROJECT
from resources.workbooks.reading import failures
from resources.workbooks.reading.grid import Grid, grid_of
from resources.workbooks.reading.limits import Limits
from schemas.written import lasting

LONGEST_ANSWER = 256 << 20
# -I: neither the environment nor the folder that we stand in can bring in other code; the child runs the code that its parent does.
# -S: what other libraries want done at the start of every process took half of the time of a small file.
COMMAND = (
    sys.executable,
    "-I",
    "-S",
    "-c",
    "import sys; sys.path = [sys.argv.pop(1), *sys.path, sys.argv.pop(1)]; "
    "from resources.workbooks.reading.apart.__main__ import main; main()",
    str(PROJECT),
    str(Path(str(cast(ModuleSpec, find_spec("python_calamine")).origin)).parents[1]),
)
_HOW = {
    signal.SIGABRT: "hết bộ nhớ hoặc tự dừng",
    signal.SIGSEGV: "lỗi bộ nhớ",
    signal.SIGKILL: "bị hệ điều hành dừng",
    signal.SIGXFSZ: "ghi ra quá nhiều",
}


@contextmanager
def grids(path: Path, limits: Limits, command: Sequence[str] = COMMAND) -> Iterator[list[Grid]]:
    """The sheets of a file, while the block lasts. Raises the failures of this package."""
    # Files without a name, for this account alone: nothing is left, whatever ends.
    with tempfile.TemporaryFile() as cells, tempfile.TemporaryFile() as answer:
        with _opened(path, limits) as file:
            _run(command, file, cells, answer, limits)
        yield _grids(_answer(answer), cells)


@contextmanager
def _opened(path: Path, limits: Limits) -> Iterator[int]:
    try:
        # Not blocking: a pipe that somebody put there would be waited for.
        number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise failures.FileUnavailable(why=why_not(error)) from None
    try:
        about = os.fstat(number)
        if not S_ISREG(about.st_mode):
            raise failures.FileUnknown(why="không phải tệp thường")
        if about.st_size > limits.file_bytes:
            raise failures.FileTooLarge(what=f"tệp {about.st_size >> 20} MB, cho phép {limits.file_bytes >> 20} MB")
        if not about.st_size:
            raise failures.FileEmpty
        yield number
    finally:
        os.close(number)


def _run(command: Sequence[str], file: int, cells: BinaryIO, answer: BinaryIO, limits: Limits) -> None:
    places = (cells.fileno(), answer.fileno())
    try:
        child = subprocess.Popen(
            [*command, json.dumps(asdict(limits)), *map(str, places)],
            stdin=file,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # it may quote what it read
            pass_fds=places,
            env={"PYTHONIOENCODING": "utf-8"},
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise failures.FileUnavailable(why=why_not(error)) from None
    try:
        status = child.wait(limits.seconds)
    except subprocess.TimeoutExpired:
        raise failures.FileTooSlow(waited=lasting(limits.seconds)) from None
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
    if -status == signal.SIGXCPU:
        raise failures.FileTooSlow(waited=lasting(limits.cpu_seconds))
    if status < 0:
        raise failures.FileBreaksReader(how=_HOW.get(signal.Signals(-status), f"tín hiệu {-status}"))
    if status in FULL:
        raise failures.FileUnavailable(why=FULL[status])
    if status:
        raise failures.FileBreaksReader(how=f"mã {status}")


def _answer(file: BinaryIO) -> dict[str, Any]:
    size = os.fstat(file.fileno()).st_size
    if size > LONGEST_ANSWER:
        raise failures.FileBreaksReader(how="trả lời quá dài")
    try:
        told = json.loads(os.pread(file.fileno(), size, 0))
    except (ValueError, RecursionError):
        raise failures.FileBreaksReader(how="trả lời sai") from None
    if not isinstance(told, dict):
        raise failures.FileBreaksReader(how="trả lời sai")
    if "failure" in told:
        raise _failure(told)
    return told


def _failure(told: dict[str, Any]) -> Failure:
    kind = getattr(failures, str(told["failure"]), None)
    facts = told.get("facts")
    if not (isinstance(kind, type) and issubclass(kind, Failure)) or not isinstance(facts, dict):
        return failures.FileBreaksReader(how="trả lời sai")
    return kind(**{str(name): str(value)[:200] for name, value in facts.items()})


def _grids(told: dict[str, Any], cells: BinaryIO) -> list[Grid]:
    size = os.fstat(cells.fileno()).st_size
    try:
        return [grid_of(sheet, cells, size) for sheet in told["sheets"]]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise failures.FileBreaksReader(how="trả lời sai") from None
