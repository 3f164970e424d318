"""One file of the benchmark's table, read in a process of its own: to its rows alone, or to a whole load of them; prints its seconds."""

import datetime as dt
import json
import sys
import time
from pathlib import Path

import pyarrow as pa

from assets.cells.outcome import Request
from assets.cells.run import sync_dataset
from benchmarks.table import FORMS, SOURCE
from resources.connectors.connect import connect
from resources.hub import Hub
from resources.raw_store import FILES
from resources.warehouse.arrivals import deliveries
from resources.warehouse.arrivals.deliveries import New
from resources.workbooks.reading.read import read_file
from resources.workbooks.reading.wanted import choice_of
from schemas import calendar
from schemas.dataset import PROVINCE
from schemas.origin import ROW, SHEET
from schemas.projections.postgres import history_ddl
from schemas.validation import validate

FORM = pa.schema([(ROW, pa.int64()), (SHEET, pa.string()), *((c.source_column, pa.string()) for c in FORMS.columns)])


def main(path: Path, is_whole: bool) -> None:
    begun = time.monotonic()
    if not is_whole:
        with read_file(path, {FORMS.id: choice_of(FORMS)}) as read:
            rows = sum(batch.num_rows for batch in read.batches())
        _tell(begun, rows, 0)
        return
    hub = Hub.open()
    with hub.warehouse.engine.begin() as connection:
        for statement in history_ddl(FORMS):
            connection.exec_driver_sql(statement)
    # What a process loads once, with the first rows that it validates, is part of its start.
    empty = pa.table({c.source_column: pa.nulls(1, pa.string()) for c in FORMS.columns})
    validate(FORMS, empty, calendar.moment(FORMS, calendar.REGISTER, dt.date(2024, 11, 20)), 0)
    begun = time.monotonic()
    _take_in(hub, path)
    with connect(SOURCE, hub.settings) as opened:
        outcome = sync_dataset(hub, FORMS, opened, Request("bench", periods=frozenset({calendar.REGISTER})))
    _tell(begun, sum(c.accepted for c in outcome.cells), sum(c.rejected for c in outcome.cells))


def _take_in(hub: Hub, path: Path) -> None:
    """Take a file in as the inbox does: the file is kept, its rows are kept, and both are registered."""
    with path.open("rb") as file, hub.raw.arriving(SOURCE.name, file) as arriving:
        writer = hub.raw.writer(SOURCE.name, FORMS.name, FILES, FORM)
        with read_file(arriving.path, {FORMS.id: choice_of(FORMS)}) as read:
            for batch in read.batches():
                writer.write(batch)
        new = New(FORMS, PROVINCE, "whole", (calendar.REGISTER,), arriving.keep("csv"), writer.close())
    with hub.warehouse.engine.begin() as connection:
        deliveries.register(connection, new, hub.now())


def _tell(begun: float, accepted: int, rejected: int) -> None:
    print(json.dumps({"seconds": time.monotonic() - begun, "accepted": accepted, "rejected": rejected}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] == "load")
