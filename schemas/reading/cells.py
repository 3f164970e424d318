"""The words of reading: what one cell turned out to be, and what a whole column turned out to be.

A reader has a fast half (`clean`, vectorised: which cells are already as they should be) and a slow half (`cell`, for one
distinct value that is not). No reader lives here.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

# Characters; no reader looks at a longer text, and a connector may cut one to a character more than this.
LONGEST_TEXT = 10_000
# Characters of a part of a key: an index of the warehouse holds no entry of more than 2,704 bytes, and a character has up to four.
LONGEST_KEY = 200
# No count and no amount of one row is larger, either way: a sum over millions of rows fits into 64 bits then, and a
# floating-point number holds each of them exactly.
LARGEST = 10**12 - 1
# No paper of the State, and nobody on a list, is older; no calendar that reports are made by goes further.
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(9999, 12, 31)

# Why a cell could not be read; the message for an officer is in schemas/messages.py.
REASONS = (
    "too_long",
    "undecodable",
    "spreadsheet_error",
    "lost_letters",
    "legacy_font",
    "not_letters",
    "not_digits",
    "wrong_length",
    "digits_lost",
    "not_a_number",
    "too_large",
    "not_a_day",
    "impossible_year",
    "two_readings",
    "number_for_day",
    "not_an_instant",
    "not_a_choice",
    "not_a_code",
)


@dataclass(frozen=True)
class ReadValue:
    """One received value read.

    `value` is the typed value or None; `reason` says why it could not be read (then the value is None and the row is set
    aside); `repairs` and `warnings` are the last part of the rules' names; `moves` are values that belong to other fields.
    """

    value: Any = None
    reason: str | None = None
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    moves: tuple[tuple[str, Any], ...] = ()


EMPTY = ReadValue()


def unreadable(reason: str) -> ReadValue:
    return ReadValue(reason=reason)


@dataclass(frozen=True)
class Situation:
    """What a reader may know beside the cell: the day of judging, the column's code list, its type."""

    judged_on: dt.date
    dtype: pa.DataType
    codes: str | None = None


CleanHalf = Callable[[pa.Array, Situation], "tuple[pa.Array, np.ndarray]"]
ValueHalf = Callable[[str, Situation, Any], ReadValue]
BulkHalf = Callable[[pa.Array], "tuple[pa.Array, dict[str, np.ndarray]]"]


@dataclass(frozen=True)
class Reader:
    """`clean` gives the values of cells that are already right and which they are; `cell` reads one of the others.

    `bulk` rewrites many cells at once in the one way that whole systems differ (decomposed Unicode, days written
    dd/mm/yyyy), and says which of them it repaired: what is clean after it needs no reading one by one. `beside` names
    another field whose typed value helps to read a cell (the year beside a birth date); `told` gives that field's value as the
    read values tell it, for rows where it is empty.
    """

    clean: CleanHalf
    cell: ValueHalf
    beside: str | None = None
    bulk: BulkHalf | None = None
    told: Callable[[pa.Array], pa.Array] | None = None


@dataclass
class Reading:
    """A column read: typed values, and for each finding which rows it holds for."""

    values: pa.Array
    unreadable: dict[str, np.ndarray] = field(default_factory=dict)
    repairs: dict[str, np.ndarray] = field(default_factory=dict)
    warnings: dict[str, np.ndarray] = field(default_factory=dict)
    moves: dict[str, dict[int, Any]] = field(default_factory=dict)  # field -> row -> value

    def cannot_read(self, reason: str, rows: np.ndarray) -> None:
        """Note that more rows cannot be read: what was repaired there on the way is of no interest."""
        self.unreadable[reason] = rows | self.unreadable[reason] if reason in self.unreadable else rows
        for found in (self.repairs, self.warnings):
            for rule in [*found]:
                found[rule] = found[rule] & ~rows
                if not found[rule].any():
                    del found[rule]


def spans(array: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of a string array, and where each row begins (one more entry than rows)."""
    buffers = array.buffers()
    offsets = np.frombuffer(buffers[1], np.int32, len(array) + 1, array.offset * 4)
    data = np.frombuffer(buffers[2], np.uint8) if buffers[2] is not None and buffers[2].size else np.zeros(0, np.uint8)
    return data[offsets[0] : offsets[-1]], offsets - offsets[0]


def lengths(array: pa.Array) -> np.ndarray:
    """Bytes of each cell; 0 where null."""
    return np.diff(spans(array)[1])


def rows_at(offsets: np.ndarray, positions: np.ndarray, count: int) -> np.ndarray:
    """Which rows hold these byte positions."""
    mask = np.zeros(count, bool)
    if len(positions):
        mask[np.searchsorted(offsets, positions, side="right") - 1] = True
    return mask


def one_array(column: pa.ChunkedArray) -> pa.Array:
    """The chunks of a column as one array; nothing is copied where there is one."""
    if column.num_chunks == 1:
        return column.chunk(0)
    whole = column.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) and whole.num_chunks else whole


def nulls(array: pa.Array) -> np.ndarray:
    if not array.null_count:
        return np.zeros(len(array), bool)
    return array.is_null().to_numpy(zero_copy_only=False)
