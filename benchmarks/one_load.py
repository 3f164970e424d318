"""One load of the benchmark's table in a process of its own, all of it or what has changed; prints its seconds and its rows."""

import datetime as dt
import json
import time
from unittest import mock

import pyarrow as pa

from assets.cells.outcome import Request
from assets.cells.run import sync_dataset
from benchmarks.table import FORMS, FORMS_SERVICE, SOURCE
from resources.connectors.connect import connect
from resources.hub import Hub
from schemas import calendar, services
from schemas.projections.postgres import history_ddl
from schemas.validation import validate


def main() -> None:
    hub = Hub.open()
    with hub.warehouse.engine.begin() as connection:
        for statement in history_ddl(FORMS):
            connection.exec_driver_sql(statement)
    _start()
    begun = time.monotonic()
    declared = mock.patch.object(services, "services", lambda: (FORMS_SERVICE,))
    with declared, connect(SOURCE, hub.settings) as opened:
        outcome = sync_dataset(hub, FORMS, opened, Request("bench", periods=frozenset({"now"})))
    print(
        json.dumps(
            {
                "seconds": time.monotonic() - begun,
                "accepted": sum(c.accepted for c in outcome.cells),
                "rejected": sum(c.rejected for c in outcome.cells),
            }
        )
    )


def _start() -> None:
    """What a process loads once, with the first rows that it validates, is part of its start."""
    empty = pa.table({c.source_column: pa.nulls(1, pa.string()) for c in FORMS.columns})
    validate(FORMS, empty, calendar.moment(FORMS, calendar.REGISTER, dt.date(2024, 11, 20)), 0)


if __name__ == "__main__":
    main()
