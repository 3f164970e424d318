"""What Dagster wrote down by a clock that was ahead: asked, and brought back to now.

A schedule goes on from its last tick, a sensor from when it last looked. Where that has not come yet they stand still until it does,
for a year where the clock was a year ahead, and say nothing of it. Nothing of Dagster is imported.
"""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from resources.servers.dagster_database import reading

BORNE = dt.timedelta(hours=1)  # a schedule that comes daily loses nothing by it
STATES = {"instigators": "instigator_body", "jobs": "job_body"}  # the same state of a schedule or sensor, kept in both


def latest(url: str, now: dt.datetime) -> dt.datetime | None:
    """The latest instant that schedules or sensors go on from and that has not come; None: there is none."""
    with reading(url) as connection:
        if connection is None:
            return None
        found = [at.replace(tzinfo=dt.UTC) for at in _ticks(connection, now)]
        for _, _, _, state in _states(connection):
            found += [dt.datetime.fromtimestamp(at, dt.UTC) for at in _ahead(state, now)]
        return max(found, default=None)


def bring_back(url: str, now: dt.datetime) -> int:
    """Forget the ticks that have not come, and have every schedule and sensor go on from now; how many of either."""
    with reading(url) as connection:
        if connection is None:
            return 0
        ticks = connection.execute(sa.text('delete from job_ticks where "timestamp" > :limit'), {"limit": _limit(now)}).rowcount
        changed = 0
        for table, column, number, state in list(_states(connection)):
            if list(_ahead(state, now)):
                values = {"id": number, "state": json.dumps(_at_most(state, now))}
                connection.execute(sa.text(f"update {table} set {column} = :state where id = :id"), values)
                changed += table == "instigators"
        connection.commit()
        return ticks + changed


def _ticks(connection: sa.Connection, now: dt.datetime) -> list[dt.datetime]:
    asked = sa.text('select max("timestamp") from job_ticks where "timestamp" > :limit having count(*) > 0')
    return list(connection.execute(asked, {"limit": _limit(now)}).scalars())


def _limit(now: dt.datetime) -> dt.datetime:
    return (now + BORNE).astimezone(dt.UTC).replace(tzinfo=None)  # as Dagster keeps instants


def _states(connection: sa.Connection) -> Iterator[tuple[str, str, int, Any]]:
    for table, column in STATES.items():
        for number, body in connection.execute(sa.text(f"select id, {column} from {table} where {column} is not null")):
            yield table, column, number, json.loads(body)


def _ahead(state: Any, now: dt.datetime) -> Iterator[float]:
    for name, value in state.items() if isinstance(state, dict) else ():
        if _is_ahead(name, value, now):
            yield value
        else:
            yield from _ahead(value, now)


def _at_most(state: Any, now: dt.datetime) -> Any:
    if not isinstance(state, dict):
        return state
    return {n: now.timestamp() if _is_ahead(n, v, now) else _at_most(v, now) for n, v in state.items()}


def _is_ahead(name: str, value: Any, now: dt.datetime) -> bool:
    return name.endswith("_timestamp") and isinstance(value, float | int) and value > (now + BORNE).timestamp()
