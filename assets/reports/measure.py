"""Counting with SQL over the core views: the province, each unit, and each unit by one other dimension, in one statement.

Never two dimensions at once. What is counted is written in the indicator's own file; what a count becomes in a form (a figure,
a true zero, not reported, hidden) stands in figures.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True)
class Query:
    """`base` selects `unit` and one column for each dimension of the indicator; the two others are aggregates over it.

    `breakdowns`: where the lines by a dimension are counted from more than the totals are (the indicator's `also_reads`).
    """

    base: str
    numerator: str
    denominator: str | None = None
    breakdowns: "Query | None" = None


Key = tuple[str | None, str | None, str | None]  # unit (None: the province), dimension, its value


@dataclass(frozen=True)
class Count:
    numerator: Decimal
    denominator: Decimal | None

    @property
    def is_nothing(self) -> bool:
        return not self.numerator and not self.denominator


NOTHING = Count(Decimal(0), None)


def measure(
    connection: sa.Connection,
    query: Query,
    dimensions: Sequence[str | None],
    absent: Sequence[str],
    parameters: Mapping[str, Any],
) -> dict[Key, Count]:
    """The counts of the province and of each unit: by these dimensions, each by itself; None: in all.

    `absent`: units that are not in. Their rows count nowhere, or a sum and a rate would hold the part of a unit.
    """
    named = [d for d in dimensions if d is not None]
    sets = [f"({', '.join(part)})" for d in dimensions for part in ([d] if d else [], ["unit", d] if d else ["unit"])]
    grouped = "".join(f", grouping({d}) as without_{d}" for d in named)
    shown = "".join(f", {d}" for d in named)
    denominator = query.denominator or "null::numeric"
    # The dimensions are text before they are grouped: a null of the data is not the null of a total.
    rows = connection.execute(
        sa.text(f"""
            select grouping(unit) as without_unit, unit{shown}{grouped},
                coalesce({query.numerator}, 0)::numeric as numerator, ({denominator})::numeric as denominator
            from ({query.base}) as base where unit <> all(cast(:absent as text[])) group by grouping sets ({", ".join(sets)})
        """),
        {**parameters, "absent": list(absent)},
    )
    found: dict[Key, Count] = {}
    for row in rows:
        values = row._mapping
        unit = None if values["without_unit"] else values["unit"]
        held = [d for d in named if not values[f"without_{d}"]]
        dimension = held[0] if held else None
        key = (unit, dimension, values[dimension] if dimension else None)
        found[key] = Count(values["numerator"], values["denominator"])
    return found
