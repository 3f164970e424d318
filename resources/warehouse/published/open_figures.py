"""What was counted for open data of each row at its instant: kept, since rows of history may go (an erasure, a term that is over).

Counts and sums of a unit, nothing of a person. Only the hub's owner reads them: of a restricted system they are exact.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

Counted = Mapping[str, tuple[int, int, int]]  # category -> value, persons, whole
Published = Mapping[str, tuple[str | None, str]]  # category -> value in words, status
Key = tuple[str, str]  # period, unit; the province is a unit


@dataclass(frozen=True)
class Kept:
    """The figures of a row. `counted_by`: a hash of what was counted and how; empty: nothing was yet.

    `shown`: category -> value and status that stand published, where they were counted by a hub that is no more.
    """

    as_of: dt.datetime
    counted_by: str
    figures: Counted
    shown: Published | None = None


def kept(connection: sa.Connection, released: str, period: str | None = None) -> dict[str, dict[str, Kept]]:
    """Period -> unit -> what was counted for a released table; of one period or of all."""
    rows = connection.execute(
        sa.text("""select period, unit_code, as_of, counted_by, figures, shown from ops.open_figures
            where released = :released and (cast(:period as text) is null or period = :period)"""),
        {"released": released, "period": period},
    )
    found: dict[str, dict[str, Kept]] = {}
    for r in rows:
        figures = {category: tuple(numbers) for category, numbers in r.figures.items()}
        shown = None if r.shown is None else {category: (value, status) for category, (value, status) in r.shown.items()}
        found.setdefault(r.period, {})[r.unit_code] = Kept(r.as_of, r.counted_by, figures, shown)
    return found


def keep(connection: sa.Connection, released: str, found: Mapping[Key, Kept]) -> None:
    if not found:
        return
    connection.execute(
        sa.text("""insert into ops.open_figures (released, period, unit_code, as_of, counted_by, figures, shown)
            values (:released, :period, :unit, :as_of, :counted_by, cast(:figures as jsonb), cast(:shown as jsonb))
            on conflict (released, period, unit_code) do update set as_of = excluded.as_of,
                counted_by = excluded.counted_by, figures = excluded.figures, shown = excluded.shown"""),
        [
            {"released": released, "period": period, "unit": unit, "as_of": one.as_of, "counted_by": one.counted_by}
            | {"figures": json.dumps(one.figures), "shown": None if one.shown is None else json.dumps(one.shown)}
            for (period, unit), one in found.items()
        ],
    )
