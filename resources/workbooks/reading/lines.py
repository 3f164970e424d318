"""Lines of a sheet that are no rows of data: blank ones, the heading again, column numbers, sums, titles of groups, signatures.

A line is set aside only for what it says itself, never since it is short: a row of data with little in it has to be rejected
with its reasons, not to vanish.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resources.workbooks.reading.headings import Headings

# pyright: reportAttributeAccessIssue=false

TITLES = {
    "before": "phía trên tiêu đề",
    "heading": "dòng tiêu đề",
    "again": "tiêu đề lặp lại",
    "numbers": "dòng đánh số cột",
    "blank": "dòng trống",
    "total": "dòng cộng, tổng",
    "group": "dòng tên nhóm",
    "signature": "phần ký tên",
}
COMPARED = 1_000  # characters of a cell: that many marks over one letter take seconds to be put in order
FEW = 4  # cells, of which a line of signatures has no more

_UNITS = "toàn|xã|phường|thị trấn|huyện|thị xã|thành phố|tỉnh|thôn|xóm|khối|bản|tổ|trang|cột|nhóm|loại|chung"
_TOTAL = re.compile(
    rf"\(?(?:(?:tổng cộng|tổng số|cộng dồn|lũy kế|luỹ kế|mang sang|chuyển sang|tong cong|tong so|bằng chữ|số tiền bằng chữ|viết bằng chữ)\b.*"
    rf"|(?:tổng|cộng|tong|cong)(?:\s+(?:{_UNITS})\b.*|\s*:)?)",
    re.DOTALL,
)
_BEGINS = "tổng|cộng|tong|cong|lũy|luỹ|mang sang|chuyển sang|bằng chữ|số tiền bằng|viết bằng"
# As they are in the file: its letters may be apart from their marks.
_MAYBE_TOTAL = rf"(?i)^\s*\(?({_BEGINS}|{unicodedata.normalize('NFD', _BEGINS)})"
_FIGURE = re.compile(r"[-+\d.,\s%()xX]*")
_ORDINAL = re.compile(r"(?:[IVXLC]+|[A-Z]|\d{1,3})[.)]?")
_GROUP = re.compile(
    rf"(?:(?:[IVXLC]+|[A-Z]|\d{{1,2}})[.)/-]\s*\S.*|(?:{_UNITS}|đối tượng|diện|đơn vị|dân tộc|hộ nghèo|hộ cận nghèo)\b.*)",
    re.DOTALL,
)
_SIGNATURE = re.compile(
    r"người lập.*|người báo cáo|lập biểu|kế toán.*|thủ trưởng.*|giám đốc.*|phó giám đốc.*|(?:phó )?chủ tịch.*|tm\.?\s.*|kt\.?\s.*|q\.?\s?chủ tịch"
    r"|người (?:duyệt|kiểm tra|tổng hợp).*|(?:phê )?duyệt|trưởng (?:ban|thôn|xóm|bản|khối).*"
    r"|xác nhận.*|\(?(?:đã )?ký\b.*|cán bộ.*|công chức.*|trưởng phòng.*|phó trưởng phòng.*|đại diện.*|ủy ban nhân dân.*|uỷ ban nhân dân.*"
    r"|[^,\d]{0,40},?\s*ngày\s*(?:[\d.…_ ]*\s*tháng\s*[\d.…_ ]*\s*năm.*|\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4})|nơi nhận.*|ghi chú\s*:.*",
    re.DOTALL,
)
_COLUMN_NUMBER = re.compile(r"\(?([A-Za-z]|\d{1,3})\)?(?:\s*=.*)?")


@dataclass
class Sorted:
    """Which rows of a sheet are data, and the lines that are not: why, and at which row of the file each stands (from 1)."""

    is_data: np.ndarray
    aside: dict[str, list[int]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return int(self.is_data.sum())


class Sorter:
    """Lines one batch after the other; what is a signature is known at the end of the table, or of a part of it, alone."""

    def __init__(self, headings: Headings, required: Sequence[int], rows: int) -> None:
        self._headings = headings
        self._required = frozenset(required)
        self._few = min(FEW, max(1, len(headings.columns) - 1))
        self._again = {self._plain(line) for line in headings.lines}
        self._is_data = np.ones(rows, bool)
        self._aside: dict[str, list[int]] = {name: [] for name in TITLES}
        self._signed: list[int] = []  # lines since one that looked like a signature, with no data behind it yet
        self._titles: list[int] = []  # lines of one cell with words, with nothing but blank ones behind them yet
        self._is_first = True
        self._at = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Look at the next rows, in the encoding that they were found to have."""
        for number in np.flatnonzero(self._doubtful(batch)):
            self._line(self._at + int(number), [column[int(number)].as_py() for column in batch.columns])
        self._at += batch.num_rows

    def _doubtful(self, batch: pa.RecordBatch) -> np.ndarray:
        """Rows that have to be read one by one: the others are full, and begin no sum."""
        filled = np.zeros(batch.num_rows, np.int32)
        for column in batch.columns:
            filled += column.is_valid().to_numpy(zero_copy_only=False)
        doubtful = filled <= FEW
        for columns in (batch.columns, batch.columns[1:]):  # what a line says first, but for its number
            if columns:
                doubtful |= _true(pc.match_substring_regex(pc.coalesce(*columns), _MAYBE_TOTAL))
        for line in self._headings.lines:
            place = next((at for at, text in enumerate(line) if text), 0)
            if line[place]:
                doubtful |= _true(pc.equal(batch.column(place), line[place]))
        doubtful[: max(0, self._headings.last + 4 - self._at)] = True
        # The first full row behind what looked like the end shows that it was not.
        doubtful[1:] |= doubtful[:-1].copy()
        doubtful[:1] = True
        return doubtful

    def _line(self, row: int, cells: Sequence[str | None]) -> None:
        plain = self._plain(cells)
        filled = [text for text in plain if text]
        why = self._why(row, plain, filled)
        if why is None and len(filled) > self._few:
            self._signed.clear()
        elif why == "signature" or (why is None and self._signed):
            self._signed.append(row)  # or data after all: told by the next full row, or at the end
        elif why is not None:
            if why == "again":  # another part of the table begins: what looked like the end of the one before was it
                self._sign()
                for title in self._titles:
                    self._set_aside(title, "before")
            self._set_aside(row, why)
        if filled:
            is_title = why is None and len(filled) == 1 and " " in filled[0] and not self._signed
            self._titles = [*self._titles, row] if is_title else []
        if row > self._headings.last and filled:
            self._is_first = False

    def _set_aside(self, row: int, why: str) -> None:
        self._is_data[row] = False
        self._aside[why].append(row + 1)

    def _why(self, row: int, plain: tuple[str, ...], filled: list[str]) -> str | None:
        if row < self._headings.first:
            return "before" if filled else "blank"
        if row <= self._headings.last:
            return "heading"
        if not filled:
            return "blank"
        if plain in self._again:
            return "again"
        if self._is_first and numbers_columns(filled):
            self._again.add(plain)
            return "numbers"
        if is_total(filled):
            return "total"
        if len(filled) <= FEW and all(_SIGNATURE.fullmatch(text) for text in filled):
            return "signature"
        return "group" if self._is_group(plain, filled) else None

    def _is_group(self, plain: tuple[str, ...], filled: list[str]) -> bool:
        """The name of a group: alone in its line but for a number, and no key beside it."""
        names = [text for text in filled if not _ORDINAL.fullmatch(text.upper())]
        if len(filled) > 2 or len(names) != 1 or not _GROUP.fullmatch(_as_written(names[0])):
            return False
        return all(not text or text == names[0] for place, text in enumerate(plain) if place in self._required)

    @staticmethod
    def _plain(cells: Sequence[str | None]) -> tuple[str, ...]:
        return tuple(" ".join(unicodedata.normalize("NFC", (text or "")[:COMPARED]).lower().split()) for text in cells)

    def _sign(self) -> None:
        for row in self._signed:
            self._set_aside(row, "signature")
        self._signed.clear()

    def done(self) -> Sorted:
        self._sign()
        return Sorted(self._is_data, {why: rows for why, rows in self._aside.items() if rows})


def _as_written(text: str) -> str:
    """A number of a group is written with capitals; the words behind it are compared as small letters."""
    number, _, rest = text.partition(" ")
    return f"{number.upper()} {rest}" if _ORDINAL.fullmatch(number.upper()) or re.fullmatch(r".{1,6}[.)/-]", number) else text


def _true(answer: pa.Array) -> np.ndarray:
    return pc.fill_null(answer, False).to_numpy(zero_copy_only=False)


def is_total(filled: Sequence[str]) -> bool:
    """A sum: it says so, and all else in the line are figures, but for its number."""
    words = [text for text in filled if _TOTAL.fullmatch(text)]
    others = [text for text in filled if text not in words and not _FIGURE.fullmatch(text)]
    return len(words) > 0 and (not others or (others == [*filled[:1]] and _ORDINAL.fullmatch(others[0].upper()) is not None))


def numbers_columns(filled: Iterable[str]) -> bool:
    """(1) (2) (3), or A B 1 2 3: each cell a number or a letter, the numbers one after the other."""
    found = [_COLUMN_NUMBER.fullmatch(text) for text in filled]
    if len(found) < 3 or not all(found):
        return False
    numbers = [int(match[1]) for match in found if match and match[1].isdecimal()]
    return len(numbers) >= 2 and numbers[0] <= 2 and all(b - a == 1 for a, b in pairwise(numbers))
