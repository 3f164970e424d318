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
from dataclasses import asdict, dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import Any, BinaryIO

import pyarrow as pa

from resources.failing import FULL, Failure, why_not
from resources.settings import PROJECT
from resources.workbooks.reading import failures
from resources.workbooks.reading.limits import Limits
from schemas.written import lasting

LONGEST_ANSWER = 256 << 20
# -I: neither the environment nor the folder that we stand in can bring in other code; the child runs the code that its parent does.
COMMAND = (
    sys.executable,
    "-I",
    "-c",
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module('resources.workbooks.reading.apart', run_name='__main__')",
    str(PROJECT),
)
_HOW = {
    signal.SIGABRT: "hết bộ nhớ hoặc tự dừng",
    signal.SIGSEGV: "lỗi bộ nhớ",
    signal.SIGKILL: "bị hệ điều hành dừng",
    signal.SIGXFSZ: "ghi ra quá nhiều",
}


@dataclass(frozen=True)
class Grid:
    """A sheet as it lies: rows of texts from the first row and column on, under the columns' numbers."""

    name: str
    is_hidden: bool
    width: int
    rows: int
    merged: tuple[tuple[int, int, int, int], ...]  # first row, first column, last row, last column
    hidden_rows: int
    hidden_columns: int
    errors: int
    formulas: dict[int, int]  # column -> cells
    encoding: str | None
    separator: str | None
    spool: BinaryIO = field(repr=False)
    start: int = 0
    length: int = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, as often as they are asked for. Raises FileBreaksReader where the stream is none."""
        schema = pa.schema([(str(at), pa.string()) for at in range(self.width)])
        rows = 0
        try:
            with pa.ipc.open_stream(_Part(self.spool, self.start, self.length)) as stream:
                if stream.schema != schema:
                    raise failures.FileBreaksReader(how="trả lời sai")
                for batch in stream:
                    batch.validate(full=True)
                    rows += batch.num_rows
                    yield batch
        except (pa.ArrowException, OSError, ValueError):
            raise failures.FileBreaksReader(how="trả lời sai") from None
        if rows != self.rows:
            raise failures.FileBreaksReader(how="trả lời thiếu")


class _Part:
    """A part of a file as a file, without moving anybody's place in it."""

    closed = False

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        self._file, self._at, self._end = file, start, start + length

    def read(self, size: int = -1) -> bytes:
        most = self._end - self._at
        data = os.pread(self._file.fileno(), most if size < 0 else min(size, most), self._at)
        self._at += len(data)
        return data

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


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
            env={"PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"},
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
        found = [_grid(sheet, cells) for sheet in told["sheets"]]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise failures.FileBreaksReader(how="trả lời sai") from None
    if any(grid.start < 0 or grid.length < 0 or grid.width < 1 or grid.start + grid.length > size for grid in found):
        raise failures.FileBreaksReader(how="trả lời sai")
    return found


def _grid(sheet: dict[str, Any], cells: BinaryIO) -> Grid:
    numbers = {name: int(sheet.get(name, 0)) for name in ("hidden_rows", "hidden_columns", "errors")}
    return Grid(
        name=str(sheet["name"]),
        is_hidden=bool(sheet.get("is_hidden")),
        width=int(sheet["width"]),
        rows=int(sheet["rows"]),
        merged=tuple((int(a), int(b), int(c), int(d)) for a, b, c, d in sheet.get("merged", ())),
        formulas={int(column): int(count) for column, count in sheet.get("formulas", {}).items()},
        encoding=sheet.get("encoding") and str(sheet["encoding"]),
        separator=sheet.get("separator") and str(sheet["separator"]),
        spool=cells,
        start=int(sheet["start"]),
        length=int(sheet["length"]),
        **numbers,
    )
