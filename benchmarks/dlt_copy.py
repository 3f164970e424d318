"""`python dlt_copy.py SOURCE SCHEMA TABLE BACKEND TARGET FOLDER`: one plain copy by dlt. Runs in dlt's own environment, not in ours."""

import sys

import dlt
from dlt.destinations import postgres
from dlt.sources.sql_database import sql_table


def main() -> None:
    source, schema, table, backend, target, folder = sys.argv[1:]
    pipeline = dlt.pipeline("peer", pipelines_dir=folder, destination=postgres(credentials=target), dataset_name="peer")
    rows = sql_table(credentials=source, table=table, schema=schema, backend=backend, chunk_size=50_000)
    pipeline.run(rows, write_disposition="replace", loader_file_format="parquet").raise_on_failed_jobs()


if __name__ == "__main__":
    main()
