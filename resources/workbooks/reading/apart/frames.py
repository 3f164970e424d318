"""Rows of texts as frames, which the parent makes columns of: written without a library, whose start would cost more than most files.

A frame is the number of its rows, the length of what follows, and the cells column by column with a mark between. An empty text stands
for none.
"""

import struct
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import BinaryIO

MARK = "\x1f"  # no program writes it into a cell; in one that has it all the same, a space takes its place
HEAD = struct.Struct("<II")
ROWS_AT_ONCE = 8_000
LARGEST = 16 << 20  # characters of a frame; with more it is cut in two
LONGEST = 10_001  # of a cell: a character more than any reader looks at

Row = Sequence[str | None]


def write(rows: Iterable[Row], out: BinaryIO) -> int:
    """Write them, and say how many they were."""
    count, rows = 0, iter(rows)
    while some := list(islice(rows, ROWS_AT_ONCE)):
        count += len(some)
        _frame(some, out)
    return count


def _frame(rows: list[Row], out: BinaryIO) -> None:
    columns = [[cell or "" for cell in column] for column in zip(*rows, strict=True)]
    for column in columns:
        if max(map(len, column)) > LONGEST:
            column[:] = [cell[:LONGEST] for cell in column]
    texts = [MARK.join(column) for column in columns]
    if sum(map(len, texts)) > LARGEST and len(rows) > 1:
        middle = len(rows) // 2
        _frame(rows[:middle], out)
        _frame(rows[middle:], out)
        return
    for at, text in enumerate(texts):
        if text.count(MARK) >= len(rows):
            texts[at] = MARK.join(cell.replace(MARK, " ") for cell in columns[at])
    data = MARK.join(texts).encode("utf-8", "replace")  # half of a letter beyond 16 bits has no bytes
    out.write(HEAD.pack(len(rows), len(data)))
    out.write(data)
