"""Texts as a column of Arrow: no half letters, nothing longer than any reader looks at, nothing where nothing stands."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

# pyright: reportAttributeAccessIssue=false

LONGEST = 10_001  # a character more than any reader looks at


def column_of(cells: Sequence[str | None]) -> pa.Array:
    try:
        column = pa.array(cells, pa.string())
    except UnicodeEncodeError:  # half of a letter beyond 16 bits
        column = pa.array([cell and cell.encode("utf-8", "replace").decode() for cell in cells], pa.string())
    size = pc.binary_length(column)
    if (pc.max(size).as_py() or 0) > LONGEST:
        column = pc.utf8_slice_codeunits(column, 0, LONGEST)
    return pc.if_else(pc.equal(size, 0), pa.scalar(None, pa.string()), column)
