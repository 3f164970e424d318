"""The guard that hides a library's text cannot itself fail, and beneath it is a net that tells a type and a place, nothing else."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pyarrow as pa
import pytest
import sqlalchemy as sa

from assets.guard import told
from resources.failing import Failure, kind_of, place_of
from resources.failures import Unforeseen
from resources.settings import PROJECT
from resources.warehouse.engine import typed

SAID = "079085001234"


class Mute(Exception):
    def __str__(self) -> str:
        raise ValueError(SAID)

    __repr__ = __str__

    @property
    def pgcode(self) -> str:
        raise RuntimeError(SAID)

    def __getattribute__(self, name: str) -> object:
        raise RuntimeError(SAID)


class MuteAtTheLine(psycopg2.OperationalError):
    def __str__(self) -> str:
        raise RecursionError(SAID)


def _deep() -> BaseException:
    error = ValueError(SAID)
    error.__cause__ = error  # a ring
    for _ in range(5_000):
        above = KeyError(SAID)
        above.__cause__ = error
        error = above
    return error


ODD = {
    "mute": lambda: Mute(SAID),
    "mute at the line": lambda: MuteAtTheLine(SAID),
    "deep": _deep,
    "group": lambda: ExceptionGroup(SAID, [ValueError(SAID), MuteAtTheLine(SAID)]),
    "bytes": lambda: UnicodeDecodeError("utf-8", SAID.encode(), 0, 1, SAID),
    "system": lambda: OSError(SAID, SAID),
    "key": lambda: KeyError(SAID),
    "named by a value": lambda: type(SAID, (Exception,), {})(SAID),
    "memory": lambda: MemoryError(SAID),
    "recursion": lambda: RecursionError(SAID),
    "exit": lambda: SystemExit(SAID),
    "generator": lambda: GeneratorExit(SAID),
    "arrow": lambda: pa.ArrowInvalid(SAID),
    "integrity": lambda: sa.exc.IntegrityError(SAID, {"a": SAID}, psycopg2.IntegrityError(SAID)),
    "mute beneath": lambda: sa.exc.DBAPIError(SAID, [SAID], MuteAtTheLine(SAID)),
    "statement": lambda: sa.exc.StatementError(SAID, SAID, [SAID], Mute()),
}


@pytest.mark.parametrize("made", ODD)
def test_whatever_is_raised_is_told_by_its_type(made: str) -> None:
    error = ODD[made]()

    def raises() -> None:
        raise error

    try:
        eval(compile("raises()", "<string>", "eval"), {"raises": raises})  # a place without a file
    except BaseException as met:
        failure = typed("nạp poverty.members", met)
    told = str(failure) + repr(failure.args) + kind_of(error)
    assert isinstance(failure, Failure) and SAID not in told
    assert place_of(error).startswith("unit/test_last_net.py:")


def test_a_failure_whose_facts_fail_is_told_by_its_template() -> None:
    assert str(Unforeseen(what="a {b} {0}", kind="K", place="p")).startswith("Chạy a {b} {0}: gặp lỗi chưa lường trước (K tại p)")
    assert SAID not in str(Unforeseen(what=Mute(), kind="K", place="p"))
    assert "({kind} tại {place})" in str(Unforeseen(what="x"))


def test_what_dagster_shows_of_a_sensor_is_in_our_words() -> None:
    @told("xem ô")
    def at_once() -> int:
        return int(f"{SAID}x")

    @told("xem ô")
    def one_by_one() -> Iterator[int]:
        yield 1
        raise KeyError(SAID)

    for asked in (at_once, lambda: list(one_by_one())):
        with pytest.raises(Unforeseen, match="Chạy xem ô") as found:
            asked()
        assert SAID not in str(found.value) and found.value.__suppress_context__


BODY = f"""
import sys, threading
from pipelines import cli
def fails(*_):
    class Held:
        def __del__(self):
            raise ValueError("{SAID}")
    held = Held()
    del held
    thread = threading.Thread(target=lambda: int("{SAID}x"))
    thread.start()
    thread.join()
    import logging
    logging.getLogger("ansinh").warning("%d", "{SAID}")
    class Lost(BaseException):
        pass
    raise Lost("{SAID}") from KeyError("{SAID}")
cli._command = fails
command = sys.argv[1:]
"""
ENDS = {
    "status": "sys.exit(cli.main(command))",
    "nightly": "sys.exit(cli.main(command))",  # in a thread
    "hook": "cli.last_net.hold(); fails()",
    "import": "sys.modules['resources.warehouse.engine'] = None; cli._module = fails; cli._run.__globals__['_module'] = fails; "
    "sys.exit(cli.main(command))",
}


@pytest.mark.parametrize("end", ENDS)
def test_beneath_everything_a_type_and_a_place(end: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BODY + ENDS[end], end],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        env={"PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 1 and done.stdout == ""
    assert SAID not in done.stderr and "Traceback" not in done.stderr
    assert [line.partition("(")[2].split(" tại ")[0] for line in done.stderr.splitlines()] == ["ValueError", "ValueError", "Lost"]


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_no_stream_has_to_be_there(closed: str) -> None:
    program = "import sys; from pipelines import cli; sys.exit(cli.main(['statu']))"
    done = subprocess.run(["sh", "-c", f'"$0" -c "$1" {closed}', sys.executable, program], cwd=PROJECT, capture_output=True)
    assert done.returncode == 2 and b"Traceback" not in done.stderr


@pytest.mark.parametrize("said", ["print('x')", "print('x' * 100_000)", "print('x', flush=True)", "sys.exit(print('x'))"])
def test_what_cannot_be_said_in_full_is_no_success(said: str, tmp_path: Path) -> None:
    """Behind the redirection the disk is full: of that alone it speaks, and what is done is done to its end."""
    done_at = tmp_path / "done"
    command = f"cli._command = lambda a: open({str(done_at)!r}, 'w').close() or {said} or 0"
    program = f"import sys; from pipelines import cli; {command}; sys.exit(cli.main(['status']))"
    with open("/dev/full", "w") as full:
        how = {"cwd": PROJECT, "env": {}, "stdout": full, "stderr": subprocess.PIPE, "text": True}
        done = subprocess.run([sys.executable, "-c", program], **how)
    assert done.returncode == 1 and done_at.exists()
    assert done.stderr == "ansinh: kết quả chưa ghi ra được hết; xem chỗ trống của đĩa nhận nó.\n"


def test_a_page_of_help_that_cannot_be_written_is_told() -> None:
    program = "import sys; from pipelines import cli; sys.exit(cli.main(['--help']))"
    with open("/dev/full", "w") as full:
        how = {"cwd": PROJECT, "stdout": full, "stderr": subprocess.PIPE, "text": True}
        done = subprocess.run([sys.executable, "-c", program], **how)
    assert done.returncode == 1 and done.stderr.startswith("ansinh: kết quả chưa ghi ra được hết")
