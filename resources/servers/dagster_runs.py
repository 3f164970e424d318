"""What Dagster keeps of its runs and its daemon, asked by SQL: importing Dagster takes longer than a look may."""

import datetime as dt
import json
from dataclasses import dataclass

import sqlalchemy as sa

from resources.servers.dagster_ahead import BORNE
from resources.servers.dagster_database import reading

ENDED = frozenset({"SUCCESS", "FAILURE", "CANCELED"})


@dataclass(frozen=True)
class Run:
    """A run of a job. Without an end it goes on, or its process was lost."""

    job: str
    status: str
    started: dt.datetime | None
    ended: dt.datetime | None

    @property
    def is_over(self) -> bool:
        return self.status in ENDED

    @property
    def is_good(self) -> bool:
        return self.status == "SUCCESS"


def runs_of_nights(url: str, tag: str, now: dt.datetime, most: int = 2) -> dict[str, list[Run]]:
    """The last nights, the newest first: the last run of each job. `tag` holds the day of the night that a run is of.

    A run that a clock ahead wrote down as begun after `now` is none: until that came, no other night would be the last.
    """
    with reading(url) as connection:
        if connection is None:
            return {}
        rows = connection.execute(
            sa.text(r"""with begun as (
                    select id, run_id, pipeline_name, status, start_time, end_time from runs
                    where coalesce(start_time, extract(epoch from create_timestamp)) <= :limit),
                nights as (
                    select distinct value as night from run_tags t join begun using (run_id)
                    where key = :tag and value ~ '^\d{4}-\d{2}-\d{2}$'
                    order by 1 desc limit :most)
                select distinct on (n.night, r.pipeline_name) n.night, r.pipeline_name, r.status, r.start_time, r.end_time
                from nights n join run_tags t on t.key = :tag and t.value = n.night join begun r on r.run_id = t.run_id
                order by n.night desc, r.pipeline_name, r.id desc"""),
            {"tag": tag, "most": most, "limit": (now + BORNE).timestamp()},
        ).all()
    found: dict[str, list[Run]] = {}
    for row in rows:
        run = Run(row.pipeline_name, row.status, _instant(row.start_time), _instant(row.end_time))
        found.setdefault(row.night, []).append(run)
    return found


def heartbeats(url: str) -> dict[str, dt.datetime]:
    """When each part of the daemon last said that it lives."""
    with reading(url) as connection:
        if connection is None:
            return {}
        # Its own column has no zone, and is written in that of the session.
        rows = connection.execute(sa.text("select daemon_type, body from daemon_heartbeats where body is not null")).all()
    found = {row.daemon_type: _instant(json.loads(row.body).get("timestamp")) for row in rows}
    return {name: at for name, at in found.items() if at is not None}


def _instant(seconds: float | None) -> dt.datetime | None:
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC)
