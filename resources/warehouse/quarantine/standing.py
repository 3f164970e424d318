"""What stands open in quarantine, by rule: `ops.standing`. A quiet night reads these few lines, not the rows themselves.

It is counted anew wherever rows were looked at, in the transaction that ends the run's rules over sets.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa

from resources.warehouse.naming import named
from schemas.column import Weight
from schemas.dataset import Dataset
from schemas.registry import DATASETS, dataset_named
from schemas.weights import ORDER, weight

STANDING = """
    select source, dataset, 'rejected', f ->> 'rule', f ->> 'column', min(f ->> 'message'), count(*), min(first_seen)
    from quarantine.rows, jsonb_array_elements(failures) f where resolved_at is null and {where} group by 1, 2, 3, 4, 5
    union all
    select source, dataset, kind, rule, "column", min(message), count(*), min(first_seen)
    from quarantine.remarks where resolved_at is null and {where} group by 1, 2, 3, 4, 5"""


LONGEST_TITLE = 40  # characters, of a field


@dataclass(frozen=True)
class Standing:
    """How many rows of a dataset one rule speaks of now, and since when the oldest of them."""

    source: str
    dataset: str
    kind: str  # rejected, warning, repaired
    rule: str
    column: str
    message: str
    rows: int
    since: dt.datetime

    @property
    def of(self) -> Dataset:
        return dataset_named(f"{self.source}.{self.dataset}")

    @property
    def weight(self) -> Weight:
        return weight(self.of, self.rule)


def lines(connection: sa.Connection) -> dict[str, frozenset[tuple[str, str, str, int]]]:
    """Dataset -> how many rows each rule speaks of, to be held against the same later (`changed`)."""
    found: dict[str, set[tuple[str, str, str, int]]] = defaultdict(set)
    for r in connection.execute(sa.text("""select source, dataset, kind, rule, "column", rows from ops.standing""")):
        found[f"{r.source}.{r.dataset}"].add((r.kind, r.rule, r.column, r.rows))
    return {name: frozenset(of_dataset) for name, of_dataset in found.items()}


def changed(
    before: Mapping[str, frozenset[tuple[str, str, str, int]]], after: Mapping[str, frozenset[tuple[str, str, str, int]]]
) -> list[Dataset]:
    return [d for d in DATASETS if before.get(d.id) != after.get(d.id)]


_Standing = TypeVar("_Standing", bound=Standing)


def count(connection: sa.Connection, source: str) -> None:
    """Count what stands open of a source."""
    connection.execute(sa.text("delete from ops.standing where source = :source"), {"source": source})
    connection.execute(sa.text("insert into ops.standing " + STANDING.format(where="source = :source")), {"source": source})


def read(connection: sa.Connection, source: str, dataset: str | None = None) -> list[Standing]:
    """What stands open of a source or one dataset, in order."""
    rows = connection.execute(
        sa.text("""select source, dataset, kind, rule, "column", message, rows, since from ops.standing
            where source = :source and dataset = coalesce(:dataset, dataset)"""),
        {"source": source, "dataset": dataset},
    )
    known = {(d.source.name, d.name) for d in DATASETS}  # a dataset that is declared no more may have left rows behind
    return in_order([s for s in (Standing(*r) for r in rows) if (s.source, s.dataset) in known])


def in_order(found: Iterable[_Standing]) -> list[_Standing]:
    """Rejections, then warnings by weight, then repairs; the most rows first."""
    kinds = ("rejected", "warning", "repaired")

    def place(s: Standing) -> tuple[int, int, int, str]:
        return kinds.index(s.kind), ORDER.index(s.weight) if s.kind == "warning" else 0, -s.rows, s.rule

    return sorted(found, key=place)


def by_weight(found: Iterable[Standing]) -> Counter[Weight]:
    """How many warnings of each weight stand open."""
    counts: Counter[Weight] = Counter()
    for s in found:
        if s.kind == "warning":
            counts[s.weight] += s.rows
    return counts


def in_short(message: str) -> str:
    """What is wrong: how it should be, and by which law, stands behind it in a message."""
    wrong = message.partition(". ")[0].removesuffix(".")
    explained = wrong.find(": ", LONGEST_TITLE)  # before that it follows the title of the field
    return wrong if explained < 0 else wrong[:explained]


def rejected_rows(connection: sa.Connection, dataset: Dataset) -> int:
    """How many rows of a dataset are set aside now; a row may break several rules."""
    return connection.execute(
        sa.text("select count(*) from quarantine.rows where source = :source and dataset = :dataset and resolved_at is null"),
        named(dataset),
    ).scalar_one()


def days_to_resolve(connection: sa.Connection, source: str, since: dt.datetime) -> float | None:
    """The median of the days from first seen to mended or gone, of what was resolved since then; None: nothing was."""
    return connection.execute(
        sa.text("""select percentile_cont(0.5) within group (order by extract(epoch from resolved_at - first_seen) / 86400)
            from (select first_seen, resolved_at from quarantine.rows
                where source = :source and resolved_at is not null and resolved_at >= :since
                union all select first_seen, resolved_at from quarantine.remarks
                where source = :source and resolved_at is not null and resolved_at >= :since and kind = 'warning') r"""),
        {"source": source, "since": since},
    ).scalar()
