"""Keys by the million out of PostgreSQL: one value for all, which neither side writes or reads row by row."""

import numpy as np
from adbc_driver_manager.dbapi import Cursor

# Eight bytes a key, in no order. Two processes of a server put it together side by side from version 16 on.
PACKED = "string_agg(int8send({}), '')"


def unpacked(cursor: Cursor) -> np.ndarray:
    """The keys that a query of one PACKED value found."""
    packed = cursor.fetch_arrow_table().column(0)[0].as_buffer()
    return np.frombuffer(packed or b"", ">i8").astype(np.int64)
