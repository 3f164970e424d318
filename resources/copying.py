"""Arrow tables into PostgreSQL by binary COPY, inside the transaction of the connection that is given."""

import io
from contextlib import closing
from typing import Any, cast

import pyarrow as pa
import sqlalchemy as sa
from pgpq import ArrowToPostgresBinaryEncoder


def copy_in(connection: sa.Connection, table: str, rows: pa.Table, *, freeze: bool = False) -> None:
    """Append rows; the columns of the two are matched by name. Raises psycopg2's errors, whose texts can hold a value.

    `freeze`: into a table that this transaction has emptied; otherwise the first who reads a row writes its page once more.
    """
    if not rows.num_rows:
        return
    encoder = ArrowToPostgresBinaryEncoder(rows.schema)
    encoded = b"".join([encoder.write_header(), *(encoder.write_batch(batch) for batch in rows.to_batches()), encoder.finish()])
    names = ", ".join(f'"{name}"' for name in rows.column_names)
    with closing(connection.connection.cursor()) as cursor:
        cast(Any, cursor).copy_expert(
            f"copy {table} ({names}) from stdin (format binary, freeze {freeze})", io.BytesIO(encoded), 1 << 20
        )
