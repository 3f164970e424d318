"""What of the warehouse is past its term: found and removed by the same conditions.

Closed versions that open figures or a filing are still counted from stay; so do pulls and files that cells are made of, and
quarantine that an answer stands on. A raw file leaves the registers first and is named in `ops.raw_leaving` until it left the disk.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from resources.warehouse.arrivals import deliveries
from resources.warehouse.arrivals.ruling import ruling
from resources.warehouse.naming import named
from schemas import calendar
from schemas.dataset import Dataset, Source
from schemas.registry import datasets_of

# A pull past its term that no cell is made of: a look, of which nothing was loaded; one before the last whole pull of all its cells;
# or one after each of whose units a whole pull came, as long as no increment is proved by it. With `p` for the pull.
_SUPERSEDED = """(p.kind = 'look'
    or exists (select from ops.pulls f where (f.source, f.dataset, f.period) = (p.source, p.dataset, p.period)
        and f.kind = 'whole' and f.units is null and f.id > p.id)
    or cardinality(p.units) > 0
        and (p.kind = 'patch' or not exists (select from ops.pulls f
            where (f.source, f.dataset, f.period) = (p.source, p.dataset, p.period)
                and f.kind = 'whole' and f.units is null and f.id < p.id))
        and not exists (select from unnest(p.units) u (unit) where not exists (select from ops.pulls w
            where (w.source, w.dataset, w.period) = (p.source, p.dataset, p.period)
                and w.kind = 'whole' and w.id > p.id and u.unit = any(w.units))))
    and not exists (select from quarantine.answers a where a.pull_id = p.id and a.over_at is null)"""


@dataclass(frozen=True)
class Past:
    """What is past its term: so many go, which are of these instants; some are held back by what still needs them."""

    count: int = 0
    first: dt.datetime | None = None
    last: dt.datetime | None = None
    held: int = 0


@dataclass(frozen=True)
class PastRaw:
    """What goes of a source: entries of the registers, by dataset, and the files that nothing names after that."""

    by_dataset: Mapping[str, Past]
    files: Mapping[str, str]  # path -> dataset
    pulls: Sequence[int] = ()
    deliveries: Sequence[int] = ()


def history(
    connection: sa.Connection, dataset: Dataset, before: dt.datetime, filed_since: dt.datetime | None, *, remove: bool
) -> Past:
    """Versions that were closed before an instant. `filed_since`: filings since then are still answered for; None: all are."""
    held_at, values = _read_at(dataset)
    values |= {"before": before, "since": filed_since}
    is_held = """exists (select from held_at i where (i.period is null or i.period = h.period)
        and h.recorded_from <= i.at and h.recorded_to > i.at)"""
    row = connection.execute(
        sa.text(f"""with held_at as materialized ({held_at}),
            past as (select recorded_to, {is_held} as held from history.{dataset.table} h where recorded_to < :before)
            select count(*) filter (where not held), min(recorded_to) filter (where not held),
                max(recorded_to) filter (where not held), count(*) filter (where held) from past"""),
        values,
    ).one()
    found = Past(*row)
    if remove and found.count:
        connection.execute(
            sa.text(f"""with held_at as materialized ({held_at})
                delete from history.{dataset.table} h where recorded_to < :before and not {is_held}"""),
            values,
        )
        connection.execute(
            sa.text("""insert into ops.history_starts (source, dataset, known_from, versions)
                values (:source, :dataset, :before, :count) on conflict (source, dataset) do update
                set known_from = greatest(ops.history_starts.known_from, excluded.known_from),
                    versions = ops.history_starts.versions + excluded.versions"""),
            named(dataset) | {"before": before, "count": found.count},
        )
    return found


def _read_at(dataset: Dataset) -> tuple[str, dict[str, Any]]:
    """SQL of the instants as of which a history is still read, with the period that they are read of (null: every one)."""
    tellers = [
        other.name
        for other in datasets_of(dataset.source)
        for table in other.open_tables
        if getattr(getattr(table.measure, "persons", None), "register", None) == dataset.name
    ]
    own = "null" if dataset.kind == "register" else "period"
    return (
        f"""select distinct {own}::text as period, as_of as at from ops.open_instants
                where source = :source and dataset = :dataset
            union select null, as_of from ops.open_instants where source = :source and dataset = any(:tellers)
            union select i.value ->> 'period', s.composed_at
                from ops.report_submissions s, jsonb_array_elements(s.inputs) i
                where i.value ->> 'dataset' = :id and (s.receipt is not null or s.status <> 'replaced')
                    and (cast(:since as timestamptz) is null or s.composed_at >= :since)""",
        named(dataset) | {"tellers": tellers, "id": dataset.id},
    )


def known_from(connection: sa.Connection) -> dict[str, dt.datetime]:
    """Dataset -> from when on its history answers whole; of those that are not in it, since they were first read."""
    rows = connection.execute(sa.text("select source || '.' || dataset as id, known_from from ops.history_starts"))
    return {r.id: r.known_from for r in rows}


def quarantine(
    connection: sa.Connection, dataset: Dataset, before: dt.datetime, raw_before: dt.datetime | None, *, remove: bool
) -> Past:
    """Rejected rows and remarks that were settled before an instant, and answers that were over.

    An answer that is over stays as long as the raw file of its patch: read again, that file must not give the row once more.
    """
    conditions = {
        "rows": """resolved_at < :before
            and not exists (select from quarantine.answers a where a.names = q.id and a.over_at is null)""",
        "remarks": "resolved_at < :before",
        "answers": f"""over_at < :before and not exists (select from ops.pulls p where p.id = q.pull_id
            and not coalesce(p.pulled_at < cast(:raw_before as timestamptz) and {_SUPERSEDED}, false))""",
    }
    count, instants = 0, list[dt.datetime]()
    values = named(dataset) | {"before": before, "raw_before": raw_before}
    for table, condition in conditions.items():
        ended = "over_at" if table == "answers" else "resolved_at"
        where = f"q.source = :source and q.dataset = :dataset and {condition}"
        row = connection.execute(
            sa.text(f"select count(*), min({ended}), max({ended}) from quarantine.{table} q where {where}"), values
        ).one()
        count += row[0]
        instants += [instant for instant in row[1:] if instant is not None]
        if remove and row[0]:
            connection.execute(sa.text(f"delete from quarantine.{table} q where {where}"), values)
    return Past(count, min(instants, default=None), max(instants, default=None))


def raw(connection: sa.Connection, source: Source, before: Mapping[str, dt.datetime | None], today: dt.date) -> PastRaw:
    """What the registers of raw files hold past its term. `before`: by the name of a dataset; None: nothing of it goes."""
    by_dataset, pulls, sent = dict[str, Past](), list[int](), list[int]()
    for dataset in datasets_of(source):
        limit = before[dataset.name]
        if limit is None:
            by_dataset[dataset.name] = Past()
            continue
        past = connection.execute(
            sa.text(f"""select p.id, p.pulled_at as at, coalesce({_SUPERSEDED}, false) as goes from ops.pulls p
                where p.source = :source and p.dataset = :dataset and p.pulled_at < :before"""),
            named(dataset) | {"before": limit},
        ).all()
        came = _deliveries(connection, dataset, limit, today)
        going = [r.at for r in past if r.goes] + [at for at, goes in came.values() if goes]
        held = len(past) + len(came) - len(going)
        by_dataset[dataset.name] = Past(len(going), min(going, default=None), max(going, default=None), held)
        pulls += [r.id for r in past if r.goes]
        sent += [number for number, (_, goes) in came.items() if goes]
    files = connection.execute(
        sa.text("""with named as (
                select id = any(:pulls) as goes, dataset, path from ops.pulls where source = :source
                union all select id = any(:sent), dataset, unnest(array[path, rows_path]) from ops.deliveries
                    where source = :source)
            select path, min(dataset) as dataset from named group by path having bool_and(goes)"""),
        {"source": source.name, "pulls": pulls, "sent": sent},
    )
    return PastRaw(by_dataset, {r.path: r.dataset for r in files}, pulls, sent)


def _deliveries(
    connection: sa.Connection, dataset: Dataset, before: dt.datetime, today: dt.date
) -> dict[int, tuple[dt.datetime, bool]]:
    """Deliveries past their term by number: when their sender last said them, and whether they go.

    One that holds of any place, waits, or was not loaded or told of, stays.
    """
    found = deliveries.of(connection, dataset.source, dataset)
    past = [d for d in found if d.said_at < before]
    if not past:
        return {}
    whole = [d for d in found if d.kind == "whole"]
    needed = set(deliveries.untold(connection, dataset.source))
    for period in {period for d in past for period in d.periods}:
        needed |= ruling(
            dataset, calendar.moment(dataset, period, today), [d for d in whole if period in d.periods]
        ).places.keys()
    return {d.id: (d.said_at, d.loaded_at is not None and not d.waiting and d.id not in needed) for d in past}


def forget_raw(connection: sa.Connection, past: PastRaw) -> None:
    """Take what goes out of the registers, and name the files that have to leave the disk now."""
    connection.execute(sa.text("delete from ops.pulls where id = any(:ids)"), {"ids": list(past.pulls)})
    connection.execute(sa.text("delete from ops.deliveries where id = any(:ids)"), {"ids": list(past.deliveries)})
    connection.execute(
        sa.text("insert into ops.raw_leaving (path) select unnest(cast(:paths as text[])) on conflict do nothing"),
        {"paths": list(past.files)},
    )


def leaving(connection: sa.Connection, folder: str) -> list[str]:
    """The files beneath a folder that left the registers. One that a later pull was found equal to stays on the disk."""
    rows = connection.execute(
        sa.text("""select path from ops.raw_leaving l where starts_with(path, :folder || '/')
            and not exists (select from ops.pulls p where p.path = l.path)
            and not exists (select from ops.deliveries d where l.path in (d.path, d.rows_path)) order by path"""),
        {"folder": folder},
    )
    return list(rows.scalars())


def has_left(connection: sa.Connection, folder: str) -> None:
    connection.execute(sa.text("delete from ops.raw_leaving where starts_with(path, :folder || '/')"), {"folder": folder})


def registered(connection: sa.Connection, source: Source) -> frozenset[str]:
    """The paths of all raw files of a source that a register names."""
    rows = connection.execute(
        sa.text("""select path from ops.pulls where source = :source
            union select unnest(array[path, rows_path]) from ops.deliveries where source = :source"""),
        {"source": source.name},
    )
    return frozenset(rows.scalars())
