"""One full load of the benchmark's table in a process of its own; prints its seconds and its rows."""

import json
import time

from assets.sync import Request, sync_dataset
from benchmarks.table import FORMS, SOURCE
from resources.hub import Hub
from resources.sources import snapshot
from schemas.to_postgres import history_ddl


def main() -> None:
    hub = Hub.open()
    with hub.warehouse.engine.begin() as connection:
        for statement in history_ddl(FORMS):
            connection.exec_driver_sql(statement)
    url = hub.settings.source_url(SOURCE.name)
    assert url is not None
    begun = time.monotonic()
    with snapshot(SOURCE, url) as opened:
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


if __name__ == "__main__":
    main()
