"""What the hub remembers of open data: the true figures behind each edition of a period, shown and hidden.

Two editions can be subtracted, so the pattern of the next depends on all before it; the shared warehouse cannot say, for
it holds no hidden value. Written before an edition is published: after a crash in between the memory knows more than the
public does, which is safe. Aggregates only, in the hub's own database; never copied out.
"""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

DDL = (
    """create table if not exists ops.open_editions (
        dataset text not null, period text not null, edition integer not null, made_at timestamptz not null,
        watermark text not null, facts jsonb not null, primary key (dataset, period, edition))""",
    "comment on table ops.open_editions is 'Số liệu thật của từng bản công bố, để hai bản trừ nhau không lộ; chỉ trong kho này'",
)


@dataclass(frozen=True)
class Remembered:
    """One edition of one released table and period. `facts` is the frame as plain data."""

    dataset: str
    period: str
    edition: int
    watermark: str
    facts: dict


def editions(connection: sa.Connection, names: Iterable[str]) -> dict[tuple[str, str], list[Remembered]]:
    """All editions of these tables by (table, period), oldest first."""
    found: dict[tuple[str, str], list[Remembered]] = {}
    rows = connection.execute(
        sa.text("""select dataset, period, edition, watermark, facts from ops.open_editions
            where dataset = any(:names) order by dataset, period, edition"""),
        {"names": list(names)},
    )
    for r in rows:
        found.setdefault((r.dataset, r.period), []).append(Remembered(r.dataset, r.period, r.edition, r.watermark, r.facts))
    return found


def remember(connection: sa.Connection, found: Iterable[Remembered], now: dt.datetime) -> None:
    """Keep an edition; one already kept under its number only takes the new watermark and what was held back."""
    for r in found:
        connection.execute(
            sa.text("""insert into ops.open_editions (dataset, period, edition, made_at, watermark, facts)
                values (:dataset, :period, :edition, :now, :watermark, cast(:facts as jsonb))
                on conflict (dataset, period, edition) do update set watermark = excluded.watermark, facts = excluded.facts"""),
            {
                "dataset": r.dataset,
                "period": r.period,
                "edition": r.edition,
                "now": now,
                "watermark": r.watermark,
                "facts": json.dumps(r.facts, ensure_ascii=False),
            },
        )


def watermarks(connection: sa.Connection, source: str) -> dict[tuple[str, str], str]:
    """By (dataset, period of the cells): a text that changes whenever a cell of it was loaded or changed its state."""
    rows = connection.execute(
        sa.text("""select dataset, period, md5(string_agg(concat_ws('|', unit_code, maturity, first_received_at is not null,
                changed_at), ';' order by unit_code)) as mark
            from ops.cells where source = :source group by 1, 2"""),
        {"source": source},
    )
    return {(r.dataset, r.period): r.mark for r in rows}
