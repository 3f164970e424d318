"""Nights: `ops.nights`, one row for each night that the night's command ever began."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True)
class Night:
    """A night that has no end yet. `process` says who runs it; None: it was begun before that was kept."""

    name: str
    started_at: dt.datetime
    process: str | None


def begin(connection: sa.Connection, name: str, process: str, now: dt.datetime) -> None:
    """Keep that a night begins; one of the same name begins anew."""
    connection.execute(
        sa.text("""insert into ops.nights (night, started_at, process) values (:night, :now, :process)
            on conflict (night) do update set started_at = excluded.started_at, ended_at = null,
                process = excluded.process"""),
        {"night": name, "now": now, "process": process},
    )


def end(connection: sa.Connection, name: str, scorecard: Mapping[str, Any], now: dt.datetime) -> None:
    """Keep that a night ended, and its figures."""
    connection.execute(
        sa.text("update ops.nights set ended_at = :now, scorecard = :card where night = :night"),
        {"now": now, "card": json.dumps(scorecard, ensure_ascii=False), "night": name},
    )


def under_way(connection: sa.Connection) -> Night | None:
    """The last begun of the nights without an end; None: all ended."""
    row = connection.execute(
        sa.text("select night, started_at, process from ops.nights where ended_at is null order by started_at desc limit 1")
    ).one_or_none()
    return None if row is None else Night(row.night, row.started_at, row.process)
