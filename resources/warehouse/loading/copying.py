"""Arrow tables into PostgreSQL by binary COPY, inside the transaction of the connection that is given."""

import io
from contextlib import closing
from typing import Any, cast

import pyarrow as pa
import sqlalchemy as sa
from pgpq import ArrowToPostgresBinaryEncoder

COPY_BYTES = 2 << 20  # of one COPY: encoded they lie in memory twice


def copy_in(connection: sa.Connection, table: str, rows: pa.Table, at_once: int, *, freeze: bool = False) -> None:
    """Append rows to a table, whose columns are matched by name. Raises psycopg2's errors, whose texts can hold a value.

    `at_once`: rows of one COPY, fewer where they are wide. `freeze`: for a table that this transaction has emptied, so that the first reader
    of a page need not write it once more.
    """
    if not rows.num_rows:
        return
    names = ", ".join(f'"{name}"' for name in rows.column_names)
    at_once = max(1, min(at_once, rows.num_rows * COPY_BYTES // max(rows.nbytes, 1)))
    statement = f"copy {table} ({names}) from stdin (format binary, freeze {freeze})"
    plain = pa.schema([(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type) for f in rows.schema])
    with closing(connection.connection.cursor()) as cursor:
        for batch in (given.cast(plain) for given in rows.to_batches(max_chunksize=at_once)):
            encoder = ArrowToPostgresBinaryEncoder(plain)
            encoded = b"".join([encoder.write_header(), encoder.write_batch(batch), encoder.finish()])
            cast(Any, cursor).copy_expert(statement, io.BytesIO(encoded), 1 << 20)
            if cursor.rowcount != batch.num_rows:
                raise RuntimeError(f"of {batch.num_rows} rows for {table} {cursor.rowcount} were written")
