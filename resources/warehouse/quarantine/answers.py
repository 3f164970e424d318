"""Answers: `quarantine.answers`, which row of a patch stands for which rejected row of the source, and since when it is over.

A row of the source is named by the id that it had in `quarantine.rows`. Its answer stands as long as the source sends the row as
it was: once that is accepted, or differs, or is gone, the source's word holds. What is staged of a period is laid together with
its answers in loading/laying.py; here they are looked up.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from resources.raw_store import RawFile
from resources.warehouse.naming import named
from schemas.dataset import Dataset

ANSWERS = "ansinh_answers"  # beside a patch's row: the rejected row that it names, by its id; null where it names none
OF_PERIOD = "a.source = :source and a.dataset = :dataset and a.period = :period"
STANDS = f"{OF_PERIOD} and a.over_at is null"


@dataclass(frozen=True)
class PatchFile:
    """The raw file of a patch. `since`: it came after the last whole pull, so that all of its rows count, not its answers alone."""

    pull_id: int
    file: RawFile
    since: bool = False


@dataclass(frozen=True)
class Asked:
    """A rejected row that was asked for by its number, as it stands now.

    `number` is the one by which it is known now; None: it is closed. `sent` is what the source had sent, hashed; `received` is what
    was last received in its place.
    """

    number: int | None
    dataset: str
    period: str
    unit: str
    source_key: int | None
    sent: str
    received: dict[str, Any]


def hashed(received: str) -> str:
    """What was received of a row, a jsonb, hashed."""
    return f"md5(({received})::text)"


def asked(connection: sa.Connection, numbers: Collection[int]) -> dict[int, Asked]:
    """Rejected rows by their numbers, open or closed; what was never rejected is not among them.

    A row that was closed and came back as it was is known by its new number; one for which a patch stands, by its own.
    """
    rows = connection.execute(
        sa.text(f"""
            select q.id, case when a.names is not null or q.resolved_at is null then q.id else again.id end as number,
                q.source || '.' || q.dataset as dataset, q.period, coalesce(a.held_unit, q.unit_code) as unit, q.source_key,
                coalesce(a.received_hash, {hashed("q.received")}) as sent, coalesce(held.received, q.received) as received
            from quarantine.rows q left join quarantine.answers a on a.names = q.id and a.over_at is null
                left join quarantine.rows held on held.resolved_at is null and (held.source, held.dataset, held.period,
                    held.unit_code, held.row_key) = (a.source, a.dataset, a.period, a.held_unit, a.held_key)
                left join lateral (select o.id from quarantine.rows o where q.resolved_at is not null and o.resolved_at is null
                    and (o.source, o.dataset, o.period, o.unit_code) = (q.source, q.dataset, q.period, q.unit_code)
                    and o.source_key = q.source_key and o.received = q.received order by o.id limit 1) again on true
            where q.id = any(cast(:numbers as bigint[]))"""),
        {"numbers": sorted(numbers)},
    )
    return {r.id: Asked(*r[1:]) for r in rows}


def patches(connection: sa.Connection, dataset: Dataset, period: str, units: Collection[str] | None) -> list[PatchFile]:
    """The raw files whose answers stand for rows of these units, or in these units, the oldest first. None: of all units."""
    rows = connection.execute(
        sa.text(f"""
            select id, path, sha256, rows from ops.pulls where id in (select a.pull_id from quarantine.answers a
                where {STANDS} and (:all or a.unit_code = any(:units) or a.held_unit = any(:units))) order by id"""),
        named(dataset) | {"period": period, "all": units is None, "units": sorted(units or ())},
    )
    return [PatchFile(r.id, RawFile(r.path, r.sha256, r.rows)) for r in rows]
