"""Looks: `ops.report_looks`, when a form and period was last held against what the hub holds, and up to which backfill.

What moved before a look was filed by it or was not to be: a look is kept in the transaction that decided.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa


@dataclass(frozen=True)
class Look:
    on: dt.date
    backfills_seen: int


def of_form(connection: sa.Connection, form: str) -> dict[str, Look]:
    """Period -> its last look."""
    rows = connection.execute(
        sa.text("select period, looked_on, backfills_seen from ops.report_looks where form = :form"), {"form": form}
    )
    return {row.period: Look(row.looked_on, row.backfills_seen) for row in rows}


def keep(connection: sa.Connection, form: str, periods: Sequence[str], look: Look) -> None:
    connection.execute(
        sa.text("""insert into ops.report_looks (form, period, looked_on, backfills_seen)
            select :form, period, :on, :seen from unnest(cast(:periods as text[])) as p (period) order by period
            on conflict (form, period) do update set looked_on = excluded.looked_on, backfills_seen = excluded.backfills_seen"""),
        {"form": form, "periods": [*periods], "on": look.on, "seen": look.backfills_seen},
    )
