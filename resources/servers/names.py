"""Names that others gave: told as they are where they are plain identifiers, else by where they stand and how long they are.

A column, a table or a role of theirs can be called anything: a person and her number, ten kilobytes, what a terminal obeys.
"""

import re
from collections.abc import Sequence

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
DIGITS_IN_A_ROW = re.compile(r"[0-9]{6}")  # a number of a person, a telephone, a day of birth
MOST_DIGITS = 8  # as in the name of a day's part: hn_ho_2024_12_31
MOST_LISTED = 20


def shown(name: object, where: str) -> str:
    """A name as it may be told. `where`: by what its owner finds one that is not told, a place or a number."""
    text = str(name)
    digits = sum(c.isdigit() for c in text)
    if IDENTIFIER.fullmatch(text) and digits <= MOST_DIGITS and not DIGITS_IN_A_ROW.search(text):
        return text
    return f"({where}, tên không phải định danh, {len(text)} ký tự)"


def listed(names: Sequence[str]) -> str:
    """Names that may be told, the first of them."""
    more = f" và {len(names) - MOST_LISTED} tên khác" if len(names) > MOST_LISTED else ""
    return ", ".join(names[:MOST_LISTED]) + more
