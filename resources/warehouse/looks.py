"""Looks: `ops.report_looks`, when a form and period was last held against what the hub holds, and up to which backfill.

What moved before a look was filed by it or was not to be: a look is kept in the transaction that decided.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa


@dataclass(frozen=True)
class Look:
    on: dt.date
    backfills_seen: int


def last(connection: sa.Connection, form: str, period: str) -> Look | None:
    row = connection.execute(
        sa.text("select looked_on, backfills_seen from ops.report_looks where form = :form and period = :period"),
        {"form": form, "period": period},
    ).one_or_none()
    return None if row is None else Look(row.looked_on, row.backfills_seen)


def keep(connection: sa.Connection, form: str, period: str, look: Look) -> None:
    connection.execute(
        sa.text("""insert into ops.report_looks (form, period, looked_on, backfills_seen) values (:form, :period, :on, :seen)
            on conflict (form, period) do update set looked_on = excluded.looked_on, backfills_seen = excluded.backfills_seen"""),
        {"form": form, "period": period, "on": look.on, "seen": look.backfills_seen},
    )
