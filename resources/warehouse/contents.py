"""The warehouse as a whole, for who copies it and brings it back: whether it is there, its version, and what it holds.

What is measured of a copy has to be measured again of what was restored, so both ask here.
"""

from typing import Any

import sqlalchemy as sa


def is_there(connection: sa.Connection) -> bool:
    """Whether this database holds a warehouse of the hub."""
    return connection.execute(sa.text("select to_regclass('ops.schema_version')")).scalar() is not None


def version(connection: sa.Connection) -> int | None:
    """The version at which the warehouse stands; None: it was never brought up."""
    return connection.execute(sa.text("select max(version) from ops.schema_version")).scalar()


def measure(connection: sa.Connection, instant: str | None = None) -> dict[str, Any]:
    """What a restore has to give again: rows of each table, and what was known at an instant, counted and hashed.

    Without an instant it is the one by which half of the arrivals were loaded. Changes settings of the transaction.
    """
    for setting in ("timezone = 'UTC'", "datestyle = 'ISO'", "extra_float_digits = 1"):
        connection.exec_driver_sql(f"set local {setting}")  # the text of a row is hashed
    if instant is None:
        middle = "select coalesce(percentile_disc(0.5) within group (order by loaded_at), now()) from ops.arrivals"
        instant = connection.execute(sa.text(middle)).scalar_one().isoformat()
    measured: dict[str, Any] = {"instant": instant, "history": {}, "records": {}}
    tables = (
        "select schemaname, tablename from pg_tables where schemaname in ('history', 'ops', 'quarantine', 'ref') order by 1, 2"
    )
    for schema, table in connection.execute(sa.text(tables)).all():
        name = f'"{schema}"."{table}"'
        if schema != "history":
            measured["records"][f"{schema}.{table}"] = connection.exec_driver_sql(f"select count(*) from {name}").scalar_one()
            continue
        known = "filter (where recorded_from <= cast(:at as timestamptz) and (recorded_to is null or recorded_to > :at))"
        counts = connection.execute(
            sa.text(f"""select count(*) filter (where recorded_to is null) as current, count(*) as versions,
                count(*) {known} as known, coalesce(sum(hashtextextended(h::text, 0)::numeric) {known}, 0)::text as known_hash
                from {name} h"""),
            {"at": instant},
        ).one()
        measured["history"][table] = dict(counts._mapping)
    return measured


def raw_hashes(connection: sa.Connection) -> dict[str, str]:
    """Path in the raw store -> the hash that was recorded of the file when it was pulled, or taken in."""
    recorded = "select path, sha256 from ops.pulls"
    if connection.execute(sa.text("select to_regclass('ops.deliveries')")).scalar() is not None:  # before version 9 there is none
        recorded += """ union select path, sha256 from ops.deliveries
            union select rows_path, rows_sha256 from ops.deliveries"""
    return {path: sha for path, sha in connection.execute(sa.text(recorded))}


def distrust_readings(connection: sa.Connection) -> None:
    """Make every cell one that is read again, though its source holds what it held."""
    connection.exec_driver_sql("update ops.readings set stands = 'restored:' || stands")


def bring_up_again(connection: sa.Connection) -> None:
    """Have the next opening make the views and functions anew, whatever stands there."""
    connection.exec_driver_sql("comment on schema ops is null")
