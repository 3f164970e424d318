"""Whole numbers by the million out of PostgreSQL: one value for all, which neither side writes or reads row by row."""

import numpy as np
import pyarrow as pa
from adbc_driver_manager.dbapi import Cursor

# Eight bytes a number, in no order. Two processes of a server put it together side by side from version 16 on.
PACKED = "string_agg(int8send({}), '')"


def unpacked(*packed: bytes | memoryview | pa.Buffer | None) -> np.ndarray:
    """The numbers in PACKED values, as they come; a value of no rows is None."""
    return np.concatenate([np.frombuffer(part or b"", ">i8") for part in packed], dtype=np.int64)


def unpacked_from(cursor: Cursor) -> np.ndarray:
    """The same of a query of one PACKED value, which is not copied once more on its way."""
    return unpacked(cursor.fetch_arrow_table().column(0)[0].as_buffer())
