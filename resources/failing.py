"""Failures with a type, decided in one place: permanent (trying again cannot help) or transient (it may).

A failure is declared as a class: three templates (what was attempted, what was found against what was expected, what to
do), what it means and the steps of the officer who meets it; whoever raises it gives the facts that fill the templates,
never a personal value, never a secret. The operator's runbook is made from these declarations, so no failure can be met
that it does not hold. No retrying is done here: who calls decides, by the type alone.
"""

import datetime as dt
import errno
from collections.abc import Iterator, Mapping
from typing import ClassVar

# Statuses after which the same request may yet succeed. Everything else from 400 up is the request's own fault.
TRANSIENT_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
FIRST_DELAY = dt.timedelta(minutes=1)
LONGEST_DELAY = dt.timedelta(hours=6)
LONGEST_NAME = 80  # of a type: one that is made of a value would tell it


class Failure(Exception):
    """Something outside this process went wrong, or was asked for in a way that cannot be.

    `reasons` holds what the other side said, line by line; `retry_after` the wait that it asked for; `said` is what was found and `asks` what is to be done,
    in words.
    """

    attempted: ClassVar[str] = ""
    found: ClassVar[str] = ""
    remedy: ClassVar[str] = ""
    means: ClassVar[str] = ""
    steps: ClassVar[tuple[str, ...]] = ()
    exit_status: ClassVar[int] = 1
    stops_system: ClassVar[bool] = False  # whatever else goes the same way will meet the same
    was_waited_for: ClassVar[bool] = False  # to try again at once is to wait as long once more

    def __init__(self, *, reasons: tuple[str, ...] = (), retry_after: dt.timedelta | None = None, **facts: object) -> None:
        self.reasons = reasons
        self.retry_after = retry_after
        attempted, self.said, self.asks = (_filled(part, facts) for part in (self.attempted, self.found, self.remedy))
        super().__init__(". ".join(part.rstrip(". ") for part in (f"{attempted}: {self.said}", self.asks)) + ".")


def _filled(template: str, facts: Mapping[str, object]) -> str:
    try:
        return template.format(**facts)
    except Exception:  # a fact that is missing or cannot be written; a failure that cannot be told would show what it hides
        return template


class Permanent(Failure):
    """Trying again without a change gives the same."""


class Transient(Failure):
    """Trying again later may succeed."""


def kind_of(error: BaseException) -> str:
    """The type's name; nothing is asked of the exception itself, whose own methods may fail or tell."""
    name = type.__dict__["__name__"].__get__(type(error))
    return name if name.isidentifier() and len(name) <= LONGEST_NAME else "?"


def place_of(error: BaseException) -> str:
    """The innermost place of ours that it went through: folder, file and line."""
    trace = BaseException.__dict__["__traceback__"].__get__(error)
    place = "?"
    while trace is not None:
        folder, _, file = trace.tb_frame.f_code.co_filename.rpartition("/")
        if "site-packages" not in folder and file.endswith(".py"):  # what has no file (<string>) has no place
            place = f"{folder.rpartition('/')[2]}/{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def declared(root: type[Failure] = Failure) -> Iterator[type[Failure]]:
    """Every failure that can be met, of the modules that are loaded: the classes that fill the three parts."""
    for kind in root.__subclasses__():
        if "found" in vars(kind):
            yield kind
        yield from declared(kind)


FULL = {errno.ENOSPC: "đĩa đầy", errno.EDQUOT: "hết hạn mức đĩa"}
_WHY = {
    **FULL,
    errno.ENOENT: "không có ở đó",
    errno.EROFS: "hệ tệp chỉ đọc",
    errno.EACCES: "không có quyền",
    errno.EPERM: "không có quyền",
    errno.EIO: "đĩa hỏng",
    errno.EEXIST: "đã có tệp mang tên đó",
    errno.ENOTDIR: "có chỗ trên đường dẫn không phải thư mục",
    errno.EISDIR: "là một thư mục",
    errno.ENAMETOOLONG: "tên quá dài",
    errno.ELOOP: "liên kết dẫn vòng",
    errno.EBUSY: "đang có chương trình khác dùng",
    errno.ETXTBSY: "đang có chương trình khác dùng",
    errno.ESTALE: "ổ mạng đã đổi hoặc mất kết nối",
    errno.ETIMEDOUT: "quá giờ",
    errno.ENOTCONN: "ổ mạng mất kết nối",
    errno.EHOSTDOWN: "ổ mạng mất kết nối",
    errno.EMFILE: "mở quá nhiều tệp cùng lúc",
    errno.ENFILE: "mở quá nhiều tệp cùng lúc",
    errno.EFBIG: "tệp quá lớn",
    errno.EINVAL: "nơi này không nhận việc đó",
    errno.ENXIO: "không có thiết bị hay chương trình nào ở đó",
    errno.ENODEV: "không có thiết bị đó",
    errno.EADDRINUSE: "đang có chương trình khác dùng",
    errno.EADDRNOTAVAIL: "không phải địa chỉ của máy này",
}


def why_not(error: OSError) -> str:
    """Why the operating system refuses, in words; of its own text nothing but what it calls the reason."""
    if not isinstance(error.errno, int):
        return kind_of(error)
    return _WHY.get(error.errno) or f"lỗi {errno.errorcode.get(error.errno, error.errno)} của hệ điều hành"


def is_transient(status: int) -> bool:
    """Whether the same HTTP request may yet succeed."""
    return status in TRANSIENT_STATUSES


def delay(attempts: int, asked: dt.timedelta | None = None) -> dt.timedelta:
    """How long to wait after so many attempts: doubling, at least what the other side asked for, with a ceiling on both."""
    doubled = FIRST_DELAY * 2 ** min(max(attempts - 1, 0), 16)
    return min(max(doubled, asked or dt.timedelta(0)), LONGEST_DELAY)
