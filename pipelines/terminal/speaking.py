"""How every command speaks to a terminal and to a pipe: argparse in Vietnamese, and a quiet end where the reader goes away."""

import argparse
import io
import os
import sys
from collections.abc import Mapping

# argparse asks gettext for every text of its own, by the language of the environment; the hub speaks one language, and the
# programs that it starts should not be told another.
WORDS: Mapping[str, str] = {
    "usage: ": "cách dùng: ",
    "positional arguments": "tham số",
    "options": "tùy chọn",
    "subcommands": "lệnh con",
    "show this help message and exit": "in hướng dẫn này rồi thoát",
    "%(prog)s: error: %(message)s\n": "%(prog)s: lỗi: %(message)s\n",
    "%(prog)s: warning: %(message)s\n": "%(prog)s: cảnh báo: %(message)s\n",
    "argument %(argument_name)s: %(message)s": "tham số %(argument_name)s: %(message)s",
    "the following arguments are required: %s": "còn thiếu: %s",
    "one of the arguments %s is required": "cần một trong: %s",
    "unrecognized arguments: %s": "không hiểu: %s",
    "not allowed with argument %s": "không dùng cùng %s",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s viết tắt không rõ, có thể là %(matches)s",
    "unexpected option string: %s": "tùy chọn không ngờ tới: %s",
    "ignored explicit argument %r": "không nhận giá trị %r",
    "expected one argument": "cần đúng một giá trị",
    "expected at most one argument": "nhận nhiều nhất một giá trị",
    "expected at least one argument": "cần ít nhất một giá trị",
    "expected %s argument": "cần %s giá trị",
    "expected %s arguments": "cần %s giá trị",
    "invalid choice: %(value)r (choose from %(choices)s)": "không có %(value)r, chọn một trong: %(choices)s",
    "invalid choice: %(value)r, maybe you meant %(suggestion)r? (choose from %(choices)s)": (
        "không có %(value)r, có phải %(suggestion)r? Chọn một trong: %(choices)s"
    ),
    "unknown parser %(parser_name)r (choices: %(choices)s)": "không có lệnh %(parser_name)r, chọn một trong: %(choices)s",
    "invalid %(type)s value: %(value)r": "giá trị %(value)r không đúng kiểu %(type)s",
    "can't open '%(filename)s': %(error)s": "không mở được '%(filename)s': %(error)s",
    "argument '%(argument_name)s' is deprecated": "tham số '%(argument_name)s' sắp bị bỏ",
    "option '%(option)s' is deprecated": "tùy chọn '%(option)s' sắp bị bỏ",
    "command '%(parser_name)s' is deprecated": "lệnh '%(parser_name)s' sắp bị bỏ",
}


def speak() -> None:
    """Be ready to speak: called once by each program, before its first word."""
    argparse._ = _in_vietnamese  # ty: ignore[missing-attribute]
    argparse.ngettext = lambda one, many, n: _in_vietnamese(one if n == 1 else many)  # ty: ignore[missing-attribute]
    _close_nothing()
    _lost.clear()
    if sys.stdout is sys.__stdout__ and isinstance(sys.stdout, io.TextIOWrapper):  # neither closed nor a test's own
        sys.stdout = _until_left(sys.stdout)
    if sys.stderr is sys.__stderr__ and isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = _until_left(sys.stderr)


def fall_silent() -> bool:
    """Let out all that was said; false where some of it could not go (a full disk behind a redirection)."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # a stream that is not ours
            _lost.add(stream.fileno())
            _lead_nowhere(stream.fileno())
    return not _lost


def _close_nothing() -> None:
    """A stream that was closed for us (`>&-`) leads nowhere; its number would else be the next file's, or a server's."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115


def _in_vietnamese(text: str) -> str:
    return WORDS.get(text, text)


def _until_left(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    stream.flush()
    pipe = io.BufferedWriter(_UntilLeft(stream.fileno()))
    at_once = stream.line_buffering or stream.write_through
    # A letter that the terminal's encoding lacks (PYTHONIOENCODING=ascii) is written as its number: no message fails by it.
    return io.TextIOWrapper(pipe, stream.encoding, "backslashreplace", line_buffering=at_once)


_lost: set[int] = set()  # the streams of which something could not be written


class _UntilLeft(io.RawIOBase):
    """A file that may be a pipe, or full. Once its reader (head, less) has gone, or nothing more goes in, the work goes on to its end;
    that something is lost is told there, and by the status: a failure of the work it is not."""

    def __init__(self, number: int) -> None:
        self._number = number

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._number

    def isatty(self) -> bool:
        return os.isatty(self._number)

    def write(self, data, /) -> int:
        try:
            return os.write(self._number, data)
        except BlockingIOError:
            raise
        except OSError as error:
            if not isinstance(error, BrokenPipeError):
                _lost.add(self._number)
            _lead_nowhere(self._number)
            return len(data)


def _lead_nowhere(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
