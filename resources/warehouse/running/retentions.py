"""Retentions: `ops.retentions`, when what is past its term was removed, what that was by counts alone, and whether all of it went."""

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True)
class Done:
    """`ended_at` None: it was cut off, or is under way."""

    began_at: dt.datetime
    ended_at: dt.datetime | None
    faults: int
    lines: Sequence[Mapping[str, Any]]


def begin(connection: sa.Connection, now: dt.datetime) -> int:
    insert = sa.text("insert into ops.retentions (began_at) values (:now) returning id")
    return connection.execute(insert, {"now": now}).scalar_one()


def end(connection: sa.Connection, number: int, lines: Collection[Mapping[str, Any]], faults: int, now: dt.datetime) -> None:
    connection.execute(
        sa.text("update ops.retentions set ended_at = :now, lines = cast(:lines as jsonb), faults = :faults where id = :id"),
        {"id": number, "now": now, "lines": json.dumps(list(lines), ensure_ascii=False), "faults": faults},
    )


def last(connection: sa.Connection, *, good: bool = False) -> Done | None:
    """The last one, or the last that went through without a fault."""
    row = connection.execute(
        sa.text("""select began_at, ended_at, faults, lines from ops.retentions
            where not :good or (ended_at is not null and faults = 0) order by id desc limit 1"""),
        {"good": good},
    ).one_or_none()
    return None if row is None else Done(*row)


def first_read(connection: sa.Connection) -> dt.datetime | None:
    """Since when the hub holds anything."""
    return connection.execute(sa.text("select min(first_pull_at) from ops.datasets")).scalar()
