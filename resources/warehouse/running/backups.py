"""When a backup was made and when one was rehearsed, and how it went: `ops.backups`."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

Kind = Literal["backup", "rehearsal"]


@dataclass(frozen=True)
class Attempt:
    """`fault` says in words what went wrong; None: all went well."""

    name: str
    at: dt.datetime
    fault: str | None


def record(connection: sa.Connection, kind: Kind, attempt: Attempt) -> None:
    """Keep how it went. A warehouse that was never brought up to this version keeps nothing."""
    if _is_there(connection):
        connection.execute(
            sa.text("insert into ops.backups (kind, name, at, fault) values (:kind, :name, :at, :fault)"),
            {"kind": kind, **vars(attempt)},
        )


def last(connection: sa.Connection, kind: Kind, *, good: bool = False) -> Attempt | None:
    """The last attempt, or the last that went well."""
    if not _is_there(connection):
        return None
    row = connection.execute(
        sa.text(
            "select name, at, fault from ops.backups where kind = :kind and (fault is null or not :good) order by id desc limit 1"
        ),
        {"kind": kind, "good": good},
    ).one_or_none()
    return None if row is None else Attempt(*row)


def _is_there(connection: sa.Connection) -> bool:
    return connection.execute(sa.text("select to_regclass('ops.backups')")).scalar() is not None
