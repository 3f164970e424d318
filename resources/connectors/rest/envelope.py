"""What a service says, read: a page of rows in an envelope. Hostile until it is read; nothing of it goes into a message.

A number stays the text in which it was written: who reads it as a number would lose the zeros of a code and the digits of a long one.
A cell that holds an object or a list is its compact JSON. What is no text in UTF-8 stays bytes that are none either: the readers
set that row aside.
"""

import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from resources import strict_json
from resources.http.said import at
from schemas.services import Service

# Values that a body may hold: of the shortest ones a small body would make objects of many times its size.
MOST_PARTS = 2_000_000
LARGEST_TOTAL = 10**9
LONGEST_CURSOR = 2_000
MOST_NAMES = 1_000  # of columns, declared or not, in one page
_CODE = re.compile(r"-?[A-Za-z0-9_]{1,8}")
_DIGITS = re.compile(r"[0-9]{1,10}")
_JSON_SPACE = b" \t\r\n"
NO_TEXT = b"\xc0"  # in no text in UTF-8, and no byte that parts cells where they are hashed

Row = dict[str, Any]


class Unlike(Exception):
    """What came has not the form that was agreed on; in what way, in words that hold nothing of it."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how


class NoSuccess(Exception):
    """The envelope says that it is no success: its code, as far as it may be told."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


@dataclass(frozen=True)
class Page:
    """`total`: the rows that all pages together have, where the service says so; `next`: the cursor of the page after it."""

    rows: list[Row]
    total: int | None
    next: str | None


def page_of(body: bytes, service: Service) -> Page:
    """Raises Unlike and NoSuccess, and nothing else."""
    envelope = parsed(body)
    if not isinstance(envelope, dict):
        raise Unlike("không phải một đối tượng JSON")
    if service.code_at:
        _refuse_failure(at(envelope, service.code_at), service)
    total = _total(at(envelope, service.total_at)) if service.total_at else None
    rows = at(envelope, service.rows_at)
    if rows is None and total == 0:
        rows = []
    if not isinstance(rows, list):
        raise Unlike(f"không có danh sách dòng ở {service.rows_at}")
    for row in rows:
        if type(row) is not dict:
            raise Unlike("một dòng không phải đối tượng JSON")
    return Page(rows, total, _cursor(at(envelope, service.next_at)) if service.next_at else None)


def code_of(body: bytes, service: Service) -> str:
    """The code in an answer that is no success, as far as it may be told."""
    try:
        envelope = parsed(body)
    except Unlike:
        return "không có"
    code = at(envelope, service.code_at) if service.code_at else None
    return shown_code(code)


def shown_code(code: Any) -> str:
    """A code as it may be told: a stranger could say anything in its place, a person's number too."""
    if code is None:
        return "không có"
    return code if isinstance(code, str) and _CODE.fullmatch(code) else "lạ"


def parsed(body: bytes) -> Any:
    """The JSON of a body, a byte order mark forgiven, numbers as they were written.

    Raises Unlike, also of what different readers would read differently, and of what would fill the memory.
    """
    body = body.removeprefix(b"\xef\xbb\xbf").strip(_JSON_SPACE)
    if body.count(b",") + body.count(b"[") + body.count(b"{") > MOST_PARTS:
        raise Unlike(f"hơn {MOST_PARTS} giá trị trong một trang")
    try:
        return strict_json.loads(body.decode("utf-8", "surrogateescape"), number=str)
    except RecursionError:
        how = "lồng quá sâu"
    except ValueError:
        how = f"không phải JSON trọn vẹn, {len(body)} byte"
    raise Unlike(how)


def _refuse_failure(code: Any, service: Service) -> None:
    code = {True: "true", False: "false"}.get(code) if isinstance(code, bool) else code
    if not isinstance(code, str):
        raise Unlike(f"không có mã kết quả ở {service.code_at}")
    if code not in service.success_codes:
        raise NoSuccess(shown_code(code))


def _total(told: Any) -> int:
    if not isinstance(told, str) or not _DIGITS.fullmatch(told) or int(told) > LARGEST_TOTAL:
        raise Unlike("không có tổng số dòng, hoặc không phải một số")
    return int(told)


def _cursor(told: Any) -> str | None:
    if told is None or told == "":
        return None
    if not isinstance(told, str) or len(told) > LONGEST_CURSOR or not told.isprintable():
        raise Unlike("con trỏ trang sau không phải một chữ ngắn")
    return told


def strangers(rows: Iterable[Row], declared: Collection[str]) -> list[str]:
    """The names of columns that are in some row and not declared, in the order in which they come."""
    found: dict[str, None] = {}
    known = frozenset(declared)
    for row in rows:
        if not row.keys() <= known:
            found |= dict.fromkeys(name for name in row if name not in known)
            if len(found) > MOST_NAMES:
                break
    return list(found)


def nested(rows: Sequence[Row], names: Iterable[str]) -> list[str]:
    """The columns of which whatever stands in them is an object or a list: they are no columns any more."""
    found = []
    for name in names:
        kinds = {type(row.get(name)) for row in rows} - {type(None)}
        if kinds and kinds <= {dict, list}:
            found.append(name)
    return found


def columns(rows: Sequence[Row], names: Sequence[str]) -> list[pa.Array]:
    """The cells as bytes, column by column: in UTF-8, or by what makes them none. A name that a row has not is null there."""
    return [_column([row.get(name) for row in rows]) for name in names]


def _column(cells: list[Any]) -> pa.Array:
    try:
        return pa.array(cells, pa.string()).cast(pa.binary())  # to make bytes of texts at once takes ten times as long
    except (pa.ArrowException, TypeError, ValueError):
        return pa.array([_bytes(cell) for cell in cells], pa.binary())


def _bytes(cell: Any) -> bytes | None:
    if cell is None:
        return None
    try:
        text = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:  # it was nested just not too deep to be read
        return NO_TEXT
    return text.encode("utf-8", "surrogatepass")  # never a byte that parts cells where they are hashed
