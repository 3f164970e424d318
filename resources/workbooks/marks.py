"""The mark of a rejected row: by it a row of the workbook that went to a unit is known again when the workbook comes back.

It holds the row's number in quarantine, a few letters of the hash of what was received, and two letters by which a slip of the
keyboard shows. Nothing in it is personal, and no program takes it for a number, a date or a formula.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from resources.workbooks.reading.wanted import Wanted

HEADING = "Mã dòng ansinh"
KEY_HEADING, REASONS_HEADING = "Khóa dòng", "Lý do bị loại"
MARK = "ansinh_mark"  # the column of the marks, where a workbook is read
# What the workbook holds beside the columns of the source: looked for with these, so that it is no strange column.
COLUMNS = (
    Wanted(MARK, HEADING),
    Wanted("ansinh_row_key", KEY_HEADING),
    Wanted("ansinh_reasons", REASONS_HEADING),
)

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # none is taken for another  # pragma: allowlist secret
_READ_AS = str.maketrans("OIL", "011")
_WRITTEN = re.compile(rf"AN-([0-9]{{1,18}})-([{LETTERS}]{{5}})-([{LETTERS}]{{2}})")


@dataclass(frozen=True)
class Mark:
    """`number` names the row, `content` what was received of it."""

    number: int
    content: str

    @classmethod
    def of(cls, number: int, received_hash: str) -> "Mark":
        """`received_hash`: of what was received, in hexadecimal digits."""
        return cls(number, _letters(int(received_hash[:7], 16) >> 3, 5))

    @classmethod
    def read(cls, text: str) -> "Mark | None":
        """The mark in a text; None where it is none, or was changed."""
        head, _, rest = re.sub(r"\s", "", text).upper().replace("\u2013", "-").partition("-")
        found = _WRITTEN.fullmatch(f"{head}-{rest.translate(_READ_AS)}")
        if not found:
            return None
        mark = cls(int(found[1]), found[2])
        return mark if mark._check == found[3] else None

    @property
    def text(self) -> str:
        return f"AN-{self.number}-{self.content}-{self._check}"

    @property
    def _check(self) -> str:
        digest = hashlib.sha256(f"{self.number} {self.content}".encode()).digest()
        return _letters(int.from_bytes(digest[:2], "big") >> 6, 2)


def _letters(number: int, count: int) -> str:
    return "".join(LETTERS[number >> 5 * at & 31] for at in reversed(range(count)))


def shown(value: Any) -> str:
    """A received value as the workbook shows it."""
    return "" if value is None else str(value)
