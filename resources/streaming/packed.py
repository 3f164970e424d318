"""Whole numbers by the million: out of PostgreSQL as one value, which neither side writes or reads row by row, and compared.

Rule and proof: docs/method/increments.md.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from adbc_driver_manager.dbapi import Cursor

# Eight bytes a number, in no order. Two processes of a server put it together side by side from version 16 on.
PACKED = "string_agg(int8send({}), '')"
BUCKETS = 20  # bits of a number that choose its bucket
AT_ONCE = 1 << 17  # numbers looked at together: the buckets of all of them would take as much memory again


def unpacked(*packed: bytes | memoryview | pa.Buffer | None) -> np.ndarray:
    """The numbers in PACKED values, as they come; a value of no rows is None."""
    return np.concatenate([np.frombuffer(part or b"", ">i8") for part in packed], dtype=np.int64)


def unpacked_from(cursor: Cursor) -> np.ndarray:
    """The numbers of a query of one PACKED value, which is not copied once more on its way."""
    return unpacked(cursor.fetch_arrow_table().column(0)[0].as_buffer())


def not_among(hashes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The hashes, of 64 bits, that are not among the others. It is made for two sets that are nearly the same.

    Both sides are summed by bucket, so that what is the same cancels out: only buckets whose sums differ are sorted and compared, in a seventh of
    the time. That a bucket differs and its sum does not is as unlikely as two rows with the same hash.
    """
    sums = np.zeros(1 << BUCKETS, np.int64)
    for add, of in ((np.add, hashes), (np.subtract, others)):
        for part in _parts(of):
            add.at(sums, _buckets(part), part)
    differs = sums != 0
    return _missing(_inside(differs, hashes), _inside(differs, others))


def few_not_among(few: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The same for hashes that are few beside the others, and may repeat."""
    asked = np.zeros(1 << BUCKETS, bool)
    asked[_buckets(few)] = True
    return _missing(few, _inside(asked, others))


def _inside(chosen: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """The numbers in the chosen buckets."""
    return np.concatenate([part[chosen[_buckets(part)]] for part in _parts(numbers)])


def _missing(numbers: np.ndarray, others: np.ndarray) -> np.ndarray:
    if not len(numbers) or not len(others):
        return numbers
    numbers, others = np.sort(numbers), np.sort(others)
    return np.concatenate(
        [part[others[np.minimum(np.searchsorted(others, part), len(others) - 1)] != part] for part in _parts(numbers)]
    )


def _parts(numbers: np.ndarray) -> Iterator[np.ndarray]:
    """At least one, so that they can be put together again."""
    for start in range(0, max(len(numbers), 1), AT_ONCE):
        yield numbers[start : start + AT_ONCE]


def _buckets(numbers: np.ndarray) -> np.ndarray:
    return (numbers >> (64 - BUCKETS)) + (1 << (BUCKETS - 1))
