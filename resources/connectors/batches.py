"""Batches of the size in which rows go on, whatever size a driver or a service gives. No road is known here."""

from collections.abc import Iterator

import pyarrow as pa

from resources.connectors.connector import BATCH_BYTES, BATCH_ROWS, ROW_BYTES


def resized(batches: Iterator[pa.RecordBatch], most: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
    """Batches of so many rows at most, fewer of wide ones, whatever the driver gives."""
    held: list[pa.RecordBatch] = []
    rows = beyond = 0
    for batch in batches:
        while batch.num_rows:
            held.append(batch.slice(0, most - rows))
            rows += held[-1].num_rows
            beyond += held[-1].nbytes - held[-1].num_rows * ROW_BYTES
            batch = batch.slice(held[-1].num_rows)
            if rows == most or beyond >= BATCH_BYTES:
                yield _one(held)
                rows = beyond = 0
    if rows:
        yield _one(held)


def _one(held: list[pa.RecordBatch]) -> pa.RecordBatch:
    """The batches as one. They are let go: the driver's and ours together would stay until the next is there."""
    table = pa.Table.from_batches(held)
    held.clear()
    return table.combine_chunks().to_batches()[0]
