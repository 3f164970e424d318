"""What stands open in quarantine, as it is asked for by hand: counted by cell and rule, and whole for the unit that sent it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from resources.warehouse.naming import named
from resources.warehouse.quarantine.answers import hashed
from resources.warehouse.quarantine.standing import Standing, in_order
from schemas.column import Weight
from schemas.dataset import UNKNOWN_UNIT, Dataset, Source
from schemas.registry import DATASETS, dataset_named
from schemas.weights import ORDER, weight

_OPEN = """resolved_at is null and source || '.' || dataset = any(:known)
    and (cast(:unit as text) is null or unit_code = :unit) and (cast(:period as text) is null or period = :period)"""


@dataclass(frozen=True)
class Chosen:
    """Which rows are asked for; None: all."""

    sources: Collection[Source] | None = None
    unit: str | None = None
    period: str | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        # Datasets that are no longer declared may have left rows here.
        known = [d.id for d in DATASETS if self.sources is None or d.source in self.sources]
        return {"unit": self.unit, "period": self.period, "known": known}


@dataclass(frozen=True)
class InCell(Standing):
    """How many rows of one cell a rule speaks of."""

    period: str
    unit_code: str


@dataclass(frozen=True)
class Rejected:
    """A row that is set aside: as it was received, with each rule that it breaks, and with what identifies it when it comes back.

    Where the row of a patch stands for a row of the source, `number` and `sent` (the hash of what was sent) are those of the source's row.
    """

    dataset: Dataset
    row_key: str
    received: dict[str, Any]
    failures: list[dict[str, str]]
    number: int
    sent: str


@dataclass(frozen=True)
class Warned:
    """A warning of an accepted row: the field that it is about, and what the hub holds there."""

    dataset: Dataset
    row_key: str
    rule: str
    column: str
    message: str
    value: str | None

    @property
    def weight(self) -> Weight:
        return weight(self.dataset, self.rule)


def counted(connection: sa.Connection, chosen: Chosen) -> list[InCell]:
    """Rejections and warnings by cell and rule: rejections, then warnings by weight; the most rows first."""
    rows = connection.execute(
        sa.text(f"""
            select source, dataset, 'rejected', f ->> 'rule', f ->> 'column', min(f ->> 'message'), count(*), min(first_seen),
                period, unit_code
            from quarantine.rows, jsonb_array_elements(failures) f where {_OPEN} group by 1, 2, 3, 4, 5, 9, 10
            union all
            select source, dataset, kind, rule, "column", min(message), count(*), min(first_seen), period, unit_code
            from quarantine.remarks where {_OPEN} and kind = 'warning' group by 1, 2, 3, 4, 5, 9, 10"""),
        chosen.parameters,
    )
    return in_order([InCell(*r) for r in rows])


def rows_of_units(connection: sa.Connection, chosen: Chosen, most: int) -> list[tuple[str, int]]:
    """The units with the most rejected rows, and how many."""
    rows = connection.execute(
        sa.text(f"""select unit_code, count(*) from quarantine.rows where {_OPEN} and unit_code <> :unknown
            group by 1 order by 2 desc, 1 limit :most"""),
        chosen.parameters | {"most": most, "unknown": UNKNOWN_UNIT},
    )
    return [(r[0], r[1]) for r in rows]


def rows_of_sources(connection: sa.Connection, chosen: Chosen) -> dict[str, int]:
    """How many rejected rows and warnings stand open of each system that has any."""
    rows = connection.execute(
        sa.text(f"""select source, count(*) from (select source from quarantine.rows where {_OPEN}
            union all select source from quarantine.remarks where {_OPEN} and kind = 'warning') o group by 1 order by 1"""),
        chosen.parameters,
    )
    return {r[0]: r[1] for r in rows}


def rejected(connection: sa.Connection, chosen: Chosen) -> list[Rejected]:
    rows = connection.execute(
        sa.text(f"""select q.source || '.' || q.dataset, row_key, received, failures, coalesce(a.names, id),
                coalesce(a.received_hash, {hashed("received")})
            from quarantine.rows q left join lateral (select names, received_hash from quarantine.answers a
                where a.over_at is null and (a.source, a.dataset, a.period, a.held_unit, a.held_key)
                    = (q.source, q.dataset, q.period, q.unit_code, q.row_key) order by names limit 1) a on true
            where {_OPEN} order by q.source, q.dataset, row_key"""),
        chosen.parameters,
    )
    return [Rejected(dataset_named(r[0]), *r[1:]) for r in rows]


def warned(connection: sa.Connection, chosen: Chosen) -> list[Warned]:
    """The warnings, the heaviest first."""
    with_any = connection.execute(
        sa.text(
            f"select distinct source || '.' || dataset from quarantine.remarks where {_OPEN} and kind = 'warning' order by 1"
        ),
        chosen.parameters,
    ).scalars()
    found = [w for name in with_any for w in _warned(connection, chosen, dataset_named(name))]
    return sorted(found, key=lambda w: (ORDER.index(w.weight), w.dataset.id, w.rule, w.row_key))


def _warned(connection: sa.Connection, chosen: Chosen, dataset: Dataset) -> Iterable[Warned]:
    rows = connection.execute(
        sa.text(f"""select r.row_key, r.rule, r."column", r.message, to_jsonb(c) ->> r."column" from quarantine.remarks r
            left join core.{dataset.table} c using (period, unit_code, row_key)
            where {_OPEN} and kind = 'warning' and (r.source, r.dataset) = (:source, :dataset)"""),
        chosen.parameters | named(dataset),
    )
    return [Warned(dataset, *r) for r in rows]


def rejected_keys(connection: sa.Connection, dataset: Dataset, period: str, unit: str | None) -> list[int]:
    """The source keys of the rows of a cell that are set aside; a key of several rows comes as often. `unit` None: of all cells."""
    return list(
        connection.execute(
            sa.text(f"select source_key from quarantine.rows where {_OF_CELL} and source_key is not null"),
            _of(dataset, period, unit),
        ).scalars()
    )


def failures_of(
    connection: sa.Connection, dataset: Dataset, period: str, unit: str | None, keys: Iterable[int]
) -> dict[int, list[dict[str, str]]]:
    """Why rows of a cell are set aside, by what the source tells them apart."""
    rows = connection.execute(
        sa.text(f"select source_key, failures from quarantine.rows where {_OF_CELL} and source_key = any(:keys) order by id"),
        _of(dataset, period, unit) | {"keys": list(keys)},
    )
    return {r.source_key: r.failures for r in rows}


_OF_CELL = """source = :source and dataset = :dataset and period = :period and resolved_at is null
    and (cast(:unit as text) is null or unit_code = :unit)"""


def _of(dataset: Dataset, period: str, unit: str | None) -> dict[str, Any]:
    return named(dataset) | {"period": period, "unit": unit}
