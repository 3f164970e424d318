"""The hashes of rows as they came, by which they are told apart and compared. No road is known here.

Rule and proof: docs/method/digests.md.
"""

from collections.abc import Sequence
from hashlib import sha1

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# pyright: reportAttributeAccessIssue=false

# Bytes that no text in UTF-8 holds: of a cell that is null, and between two.
NULL, BETWEEN = b"\xfe", b"\xff"
NO_PART = "-"  # where hashes of parts are hashed: of a part that is null

BITS = 60  # of a hash that are kept: with its sign a number of them has 64
AT_ONCE = 8_192  # rows whose texts are put together: they lie in memory twice so
_HALF = 32


def hashes(columns: Sequence[pa.Array], rows: int, of_hashes: bool = False) -> np.ndarray:
    """The hash of each row of these columns of bytes (int64, never negative).

    `of_hashes`: of the hashes of its parts.
    """
    if not columns:
        return np.full(rows, _first_bits(sha1(b"").digest())[0], np.int64)
    starts = range(0, max(rows, 1), AT_ONCE)
    return np.concatenate([_hashed([column.slice(start, AT_ONCE) for column in columns], of_hashes) for start in starts])


def _hashed(columns: Sequence[pa.Array], of_hashes: bool) -> np.ndarray:
    between, null = (b"", NO_PART.encode()) if of_hashes else (BETWEEN, NULL)
    parts = [_of_each(column) for column in columns] if of_hashes else columns
    joined = pc.binary_join_element_wise(*parts, pa.scalar(between, pa.binary()), null_handling="replace", null_replacement=null)
    return _first_bits(b"".join([sha1(text).digest() for text in joined.to_pylist()]))


def total(numbers: np.ndarray) -> int:
    """The exact sum, which no number of 64 bits holds."""
    high, low = numbers >> _HALF, numbers & ((1 << _HALF) - 1)
    return (int(high.sum()) << _HALF) + int(low.sum())


def _of_each(column: pa.Array) -> pa.Array:
    hexes = [None if text is None else sha1(text).hexdigest().upper().encode() for text in column.to_pylist()]
    return pa.array(hexes, pa.binary())


def _first_bits(digests: bytes) -> np.ndarray:
    whole = np.frombuffer(digests, np.uint8).reshape(-1, sha1().digest_size)
    return (np.ascontiguousarray(whole[:, :8]).view(">u8").reshape(-1).astype(np.uint64) >> np.uint64(64 - BITS)).astype(np.int64)
