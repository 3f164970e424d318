"""The limit: a table moved from one database to another by raw binary COPY piped into COPY, without a key."""

import subprocess
import time
from collections.abc import Sequence
from contextlib import closing

from resources.embedded import EmbeddedServer
from resources.servers.connecting import libpq_uri
from schemas.dataset import Dataset


def raw_copy(server: EmbeddedServer, source: str, target: str, datasets: Sequence[Dataset]) -> float:
    """Seconds for the tables of these datasets, one after the other; what stood in the target is gone."""
    server.ensure_database(target)
    with closing(server.connect(target)) as connection, connection.cursor() as cursor:
        for dataset in datasets:
            columns = ", ".join(f"{c.source_column} {c.source_type}" for c in dataset.columns)
            cursor.execute(f"drop table if exists {dataset.road.table}")
            cursor.execute(f"create table {dataset.road.table} ({columns})")
        cursor.execute("checkpoint")
    return sum(_copy(server, source, target, dataset) for dataset in datasets)


def _copy(server: EmbeddedServer, source: str, target: str, dataset: Dataset) -> float:
    psql, table = str(server.bin_dir / "psql"), dataset.road.table
    names = ", ".join(c.source_column for c in dataset.columns)
    begun = time.monotonic()
    with subprocess.Popen(
        [psql, "-q", libpq_uri(server.url(source)), "-c", f"copy (select {names} from {table}) to stdout (format binary)"],
        stdout=subprocess.PIPE,
    ) as out:
        subprocess.run(
            [psql, "-q", libpq_uri(server.url(target)), "-c", f"copy {table} ({names}) from stdin (format binary)"],
            stdin=out.stdout,
            check=True,
        )
    return time.monotonic() - begun
