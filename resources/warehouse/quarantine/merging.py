"""What one load leaves in quarantine: rejected rows that are new, seen again or mended, and remarks of accepted ones.

An increment tells of what it speaks by a scope; without one the load speaks of whole cells, and what it does not mention
there is mended or gone. What is staged with an ordinal below zero was held before, and was not seen by this load.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from resources.warehouse.naming import named
from schemas.dataset import Dataset
from schemas.projections.postgres import REJECTED, REMARKS


@dataclass(frozen=True)
class Scope:
    """What an increment speaks of: a query of open rejected rows' id, and one of any rows' unit_code and row_key."""

    rejected: str
    keys: str


def _where(dataset: Dataset, period: str, now: dt.datetime) -> dict[str, object]:
    return named(dataset) | {"period": period, "now": now}


def merge_rows(
    connection: sa.Connection,
    dataset: Dataset,
    period: str,
    units: Sequence[str],
    refused: Sequence[str],
    now: dt.datetime,
    scope: Scope | None,
) -> None:
    """Rejected rows of all these cells are kept; in the refused ones none is taken for mended."""
    values = {**_where(dataset, period, now), "units": list(units), "both": [*units, *refused]}
    inside = f"id = any(array({scope.rejected}))" if scope else "true"
    connection.execute(
        sa.text(f"""
            update quarantine.rows q set resolved_at = :now
            where source = :source and dataset = :dataset and period = :period and unit_code = any(:units)
                and resolved_at is null and {inside} and not exists (select from {REJECTED} r
                    where r.unit_code = q.unit_code and r.row_key = q.row_key)
        """),
        values,
    )
    connection.execute(
        sa.text(f"""
            insert into quarantine.rows (source, dataset, period, unit_code, row_key, received, failures, source_key,
                declared_key, first_seen, last_seen)
            select :source, :dataset, :period, unit_code, row_key, received::jsonb, failures::jsonb, source_key, declared_key,
                :now, :now
            from {REJECTED} r
            where unit_code = any(:both) and (ordinal >= 0 or not exists (select from quarantine.rows q
                where source = :source and dataset = :dataset and period = :period and resolved_at is null
                    and q.unit_code = r.unit_code and q.row_key = r.row_key))
            on conflict (source, dataset, period, unit_code, row_key) where resolved_at is null
            do update set last_seen = excluded.last_seen, received = excluded.received, failures = excluded.failures,
                source_key = excluded.source_key, declared_key = excluded.declared_key
        """),
        values,
    )


def merge_remarks(
    connection: sa.Connection, dataset: Dataset, period: str, units: Sequence[str], now: dt.datetime, scope: Scope | None
) -> None:
    """Warnings and repairs of single rows; those over sets of rows are set_rules.py's."""
    values = {**_where(dataset, period, now), "units": list(units)}
    inside = f"(unit_code, row_key) in ({scope.keys})" if scope else "true"
    connection.execute(
        sa.text(f"""
            update quarantine.remarks q set resolved_at = :now
            where source = :source and dataset = :dataset and period = :period and unit_code = any(:units)
                and resolved_at is null and not over_set and {inside}
                and not exists (select from {REMARKS} r where r.unit_code = q.unit_code
                    and r.row_key = q.row_key and r.rule = q.rule and r."column" = q."column")
        """),
        values,
    )
    found = f"""select distinct on (unit_code, row_key, rule, "column") :period as period, unit_code, row_key, kind, rule, "column",
        message, false as over_set from {REMARKS} r where unit_code = any(:units) and ordinal >= 0"""
    connection.execute(sa.text(see_remarks(found)), values)


# What `see_remarks` is given of a warning that is the same of every row, and follows from more than the row.
WARNED_OVER_SET = """'warning' as kind, :rule as rule, :column as "column", :message as message, true as over_set"""


def see_remarks(found: str) -> str:
    """The statement that keeps remarks as found at `:now`; one that stands open is seen again, and tells what was found.

    `found`: a query that gives period, unit_code, row_key, kind, rule, column, message and over_set.
    """
    return f"""
        insert into quarantine.remarks (source, dataset, period, unit_code, row_key, kind, rule, "column", message, over_set,
            first_seen, last_seen)
        select :source, :dataset, period, unit_code, row_key, kind, rule, "column", message, over_set,
            cast(:now as timestamptz), cast(:now as timestamptz) from ({found}) f
        on conflict (source, dataset, period, unit_code, row_key, rule, "column") where resolved_at is null
        do update set last_seen = excluded.last_seen, message = excluded.message"""
