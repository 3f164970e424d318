"""Instants: the last that any run recorded, and the recorded way on where they were recorded by a wrong clock.

A clock that was ahead left instants in the warehouse that have not come yet. They are dated again, all in one transaction and in
their order: borne with, a version that begins in 2030 would be known of to no question before 2030, and one that ended before it
began would be lost to all. The latest becomes now, and what lies before it keeps its distance, but never before the last instant
that was right: what was recorded by a wrong clock is told at the latest moment at which it can have been.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from resources.failing import LONGEST_DELAY
from resources.warehouse.naming import named
from schemas import calendar
from schemas.registry import DATASETS

# Not told by the hub's clock, or meant to lie ahead.
OTHERS = ("due_at", "locked_at", "next_attempt_at", "applied_at", "last_instant")
TRIED_AGAIN = ("ops.report_submissions", "ops.alert_messages")
# Lines that are sealed with the instant that was told.
SEALED = ("reads",)


@dataclass(frozen=True)
class Recorded:
    last: dt.datetime | None  # the latest instant in the ops tables; the clock gives no earlier one
    server: dt.datetime  # what the server's own clock says


@dataclass(frozen=True)
class Redated:
    """How far back what was recorded by a clock ahead was dated, and how many rows."""

    by: dt.timedelta
    rows: int


def recorded(connection: sa.Connection) -> Recorded:
    row = connection.execute(
        sa.text("""select clock_timestamp() as server, greatest((select max(loaded_at) from ops.arrivals),
            (select max(started_at) from ops.nights), (select max(requested_at) from ops.backfills),
            (select max(last_pull_at) from ops.datasets), (select max(looked_at) from ops.open_instants),
            (select max(accepted_at) from ops.clock_acts), (select max(called_at) from ops.population_calls)) as last""")
    ).one()
    return Recorded(row.last, row.server)


def none_recorded(connection: sa.Connection) -> Recorded:
    """What is recorded on a server on which no warehouse was made yet: nothing."""
    return Recorded(None, connection.execute(sa.text("select clock_timestamp()")).scalar_one())


def accept(connection: sa.Connection, now: dt.datetime, today: dt.date, by: str, reason: str) -> Redated | None:
    """Let this clock hold from now on: what it says is the last instant, kept with who said so and why.

    None: nothing lay ahead of it.
    """
    last = recorded(connection).last
    redated = _redate(connection, now, today)
    connection.execute(
        sa.text("""insert into ops.clock_acts (accepted_at, accepted_by, reason, last_instant, dated_back_by, rows)
            values (:now, :by, :reason, :last, :back, :rows)"""),
        {
            "now": now,
            "by": by,
            "reason": reason,
            "last": last,
            "back": redated.by if redated else None,
            "rows": redated.rows if redated else 0,
        },
    )
    return redated


def lies_ahead(connection: sa.Connection, now: dt.datetime, by: dt.timedelta) -> bool:
    """Whether anything at all was recorded so much ahead: also by what goes on whatever the clock says, as backups and news do."""
    latest, _ = _extremes(connection, _tables(connection), now)
    return latest is not None and latest - now > by


def _redate(connection: sa.Connection, now: dt.datetime, today: dt.date) -> Redated | None:
    tables = _tables(connection)
    latest, right = _extremes(connection, tables, now)
    connection.execute(  # attempts that wait for an hour of the wrong clock: no right one waits so long
        sa.text("".join(f"update {table} set next_attempt_at = :now where next_attempt_at > :longest;" for table in TRIED_AGAIN)),
        {"now": now, "longest": now + LONGEST_DELAY},
    )
    if latest is None:
        return None
    back, rows = latest - now, 0
    for table in tables:
        changes = ", ".join(
            f"{c} = case when {c} > :now then greatest({c} - cast(:back as interval), cast(:right as timestamptz)) else {c} end"
            for c in table.columns
        )
        rows += connection.execute(
            sa.text(f"update {table.name} set {changes} where {' or '.join(f'{c} > :now' for c in table.columns)}"),
            {"now": now, "back": back, "right": right},
        ).rowcount
    connection.execute(sa.text("update ops.report_looks set looked_on = :today where looked_on > :today"), {"today": today})
    for dataset in DATASETS:  # cells of periods that have not begun, in which nothing arrived
        connection.execute(
            sa.text("""delete from ops.cells c where source = :source and dataset = :dataset and not period = any(:started)
                and first_received_at is null and not exists (select from ops.arrivals a where a.source = c.source
                    and a.dataset = c.dataset and a.period = c.period and a.unit_code = c.unit_code)"""),
            named(dataset) | {"started": list(calendar.started(dataset, today))},
        )
    return Redated(back, rows)


def _tables(connection: sa.Connection) -> Sequence[sa.Row]:
    """What holds instants of the hub's clock: each table, and the columns."""
    return connection.execute(
        sa.text("""select format('%I.%I', c.table_schema, c.table_name) as name, array_agg(quote_ident(c.column_name)) as columns
            from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
            where c.data_type = 'timestamp with time zone' and t.table_type = 'BASE TABLE' and not c.table_name = any(:sealed)
                and (c.table_schema in ('ops', 'quarantine') and not c.column_name = any(:others)
                    or c.table_schema = 'history' and c.column_name in ('recorded_from', 'recorded_to'))
            group by 1 order by 1"""),
        {"others": list(OTHERS), "sealed": list(SEALED)},
    ).all()


def _extremes(
    connection: sa.Connection, tables: Sequence[sa.Row], now: dt.datetime
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """The latest instant that has not come, and the latest that has."""
    latest = right = None
    for table in tables:
        for column in table.columns:
            ahead, before = connection.execute(
                sa.text(f"""select max({column}) filter (where {column} > :now), max({column}) filter (where {column} <= :now)
                    from {table.name}"""),
                {"now": now},
            ).one()
            latest = max(filter(None, (latest, ahead)), default=None)
            right = max(filter(None, (right, before)), default=None)
    return latest, right
