"""What is kept in the place of a file that a unit sent, where somebody stands in it who was erased."""

import csv
import io
from collections.abc import Iterable

import pyarrow as pa


def as_csv(tables: Iterable[list[pa.RecordBatch]]) -> bytes:
    """What is kept in the place of a file in which an erased person was: its rows as they were read, without that person."""
    text = io.StringIO()
    writer = csv.writer(text)
    for batches in tables:
        for place, batch in enumerate(batches):
            if place == 0:
                writer.writerow(batch.schema.names)
            writer.writerows(zip(*(column.to_pylist() for column in batch.columns), strict=True))
    return text.getvalue().encode()
