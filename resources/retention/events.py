"""The orchestrator's own records past their term: events that show no cell, and runs that told of none.

To delete a run is to delete the cells that it materialised, so a run that told of any stays, with its beginning and its end.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from resources.servers import connecting

# What tells how a step went, and what a step logged (no type). Named one by one: a kind that a later version adds is kept.
PASSING = (
    "STEP_OUTPUT",
    "STEP_INPUT",
    "STEP_FAILURE",
    "STEP_START",
    "STEP_SUCCESS",
    "STEP_SKIPPED",
    "STEP_WORKER_STARTING",
    "STEP_WORKER_STARTED",
    "STEP_UP_FOR_RETRY",
    "STEP_RESTARTED",
    "STEP_EXPECTATION_RESULT",
    "RESOURCE_INIT_STARTED",
    "RESOURCE_INIT_SUCCESS",
    "RESOURCE_INIT_FAILURE",
    "OBJECT_STORE_OPERATION",
    "LOADED_INPUT",
    "HANDLED_OUTPUT",
    "ENGINE_EVENT",
    "HOOK_COMPLETED",
    "HOOK_ERRORED",
    "HOOK_SKIPPED",
    "LOGS_CAPTURED",
)
# The events by which a run told of a cell, or of a check.
TELLING = ("ASSET_MATERIALIZATION", "ASSET_OBSERVATION", "ASSET_CHECK_EVALUATION", "ASSET_FAILED_TO_MATERIALIZE", "ASSET_WIPED")
ENDED = ("SUCCESS", "FAILURE", "CANCELED")

_RUNS = """select run_id from runs r where status = any(:ended) and create_timestamp < :before
    and not exists (select from event_logs e where e.run_id = r.run_id and e.dagster_event_type = any(:telling))"""
_EVENTS = """e.timestamp < :before and (e.dagster_event_type is null or e.dagster_event_type = any(:passing))
    and exists (select from runs r where r.run_id = e.run_id and r.status = any(:ended))"""


@dataclass(frozen=True)
class PastEvents:
    runs: tuple[str, ...]
    events: int
    bytes: int
    first: dt.datetime | None
    last: dt.datetime | None


@contextmanager
def _opened(url: str) -> Iterator[sa.Connection]:
    engine = connecting.engine(url, is_pooled=False)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def find(url: str, before: dt.datetime) -> PastEvents:
    """What goes. An empty database, before the first night, has nothing."""
    with _opened(url) as connection:
        if connection.execute(sa.text("select to_regclass('event_logs')")).scalar() is None:
            return PastEvents((), 0, 0, None, None)
        values = _values(before)
        runs = tuple(connection.execute(sa.text(f"{_RUNS} order by id"), values).scalars())
        row = connection.execute(
            sa.text(f"""select count(*), coalesce(sum(length(event)), 0), min(timestamp), max(timestamp) from event_logs e
                where {_EVENTS} or e.run_id = any(:runs)"""),
            values | {"runs": list(runs)},
        ).one()
        return PastEvents(runs, row[0], row[1], _aware(row[2]), _aware(row[3]))


def remove(url: str, before: dt.datetime, found: PastEvents, delete_run: Callable[[str], object]) -> None:
    """`delete_run`: the orchestrator's own way, which takes along all that it keeps of a run."""
    for run in found.runs:
        delete_run(run)
    if found.events:
        with _opened(url) as connection:
            connection.execute(sa.text(f"delete from event_logs e where {_EVENTS}"), _values(before))


def _values(before: dt.datetime) -> dict[str, object]:
    utc = before.astimezone(dt.UTC).replace(tzinfo=None)  # as it keeps instants
    return {"before": utc, "ended": list(ENDED), "telling": list(TELLING), "passing": list(PASSING)}


def _aware(instant: dt.datetime | None) -> dt.datetime | None:
    return None if instant is None else instant.replace(tzinfo=dt.UTC)
