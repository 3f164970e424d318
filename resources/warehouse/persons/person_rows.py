"""The rows of one person in history and quarantine: found, and taken out so that every count still holds.

To the server values go as hashes: its log, or who watches its statements, has no use for them. Which rows are a person's own is said in
schemas/persons.py; what was received is looked through here, row by row, since it is as people typed it.
"""

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from resources.raw_store import RawFile
from resources.warehouse.arrivals import ledger
from resources.warehouse.naming import named
from resources.warehouse.quarantine import standing
from schemas.dataset import Dataset
from schemas.persons import CARD_DIGITS, NAMELESS, NUMBER, OLD_NUMBER, Place
from schemas.projections.postgres import rejected_content, row_content
from schemas.validation.erased import EMPTY, failures

AT_ONCE = 5_000  # rows that lie in memory

Values = Callable[[str], Iterable[str]]  # what a person is told by, of each kind
Whose = Callable[[Mapping[str, str | None]], "Stands | None"]  # of a row as received


@dataclass(frozen=True)
class Stands:
    """How a person stands in a row as received: own, or beside somebody in these source columns."""

    is_own: bool
    columns: tuple[str, ...] = ()


@dataclass
class Taken:
    """What was taken out."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, what: str, rows: int) -> None:
        if rows:
            self.counts[what] += rows


# Found -----------------------------------------------------------------------------------------------------------------------


def own(place: Place, of: str = "h") -> str:
    """The condition that a row of a history is the person's own."""
    by_number = [_is(of, name, NUMBER) for name in place.numbers]
    by_file = [_is(of, name, tells) for name, tells in place.keys]
    for name in place.cards:
        (by_number if name in place.numbers else by_file).append(_is(of, name, OLD_NUMBER))
    # A card in the place of the number names the person's file no less.
    nobodys = " and ".join(f"coalesce(length({of}.{name}) = {CARD_DIGITS}, true)" for name in place.numbers) or "true"
    told = [*by_number, *(f"({one} and {nobodys})" for one in by_file)]
    return f"coalesce({' or '.join(told) or 'false'}, false)"


def beside(place: Place, of: str = "h") -> str:
    told = [_is(of, one.field, one.tells) for one in place.beside]
    return f"coalesce({' or '.join(told) or 'false'}, false)"


def _is(of: str, name: str, tells: str) -> str:
    return f"encode(sha256(convert_to({of}.{name}, 'UTF8')), 'hex') = any(:{_parameter(tells)})"


def _parameter(tells: str) -> str:
    return "is_" + tells.replace(".", "_")


def hashes(place: Place, values: Values) -> dict[str, list[str]]:
    """The parameters of `own` and `beside`."""
    kinds = {NUMBER, OLD_NUMBER, *(tells for _, tells in place.keys), *(one.tells for one in place.beside)}
    return {_parameter(k): [hashlib.sha256(value.encode()).hexdigest() for value in values(k)] for k in kinds}


def more_of(connection: sa.Connection, place: Place, values: Values) -> list[tuple[str, str]]:
    """What else tells a person, as the own rows of a history say: an old card's number, the number of the file."""
    wanted = [(name, OLD_NUMBER, f"length({name}) = {CARD_DIGITS}" if name in place.numbers else "true") for name in place.cards]
    wanted += [(*place.gives, "true")] if place.gives else []
    found = []
    for name, tells, of_it in wanted:
        rows = connection.execute(
            sa.text(f"""select distinct {name} from history.{place.dataset.table} h
                where {name} is not null and {of_it} and {own(place)}"""),
            hashes(place, values),
        )
        found += [(tells, value) for value in rows.scalars()]
    return found


def all_values(connection: sa.Connection, dataset: Dataset, name: str) -> Iterator[str]:
    """Every value that a field has or had."""
    query = sa.text(f"select distinct {name} from history.{dataset.table} where {name} is not null")
    rows = connection.execute(query, execution_options={"yield_per": AT_ONCE})  # of the statement: the connection goes on without
    yield from rows.scalars()


def versions(connection: sa.Connection, place: Place, values: Values) -> Sequence[sa.Row]:
    """Every version of the person's rows, and of those in which the person stands beside somebody: `is_own`, then the fields."""
    fields = ", ".join(c.name for c in place.dataset.columns)
    return connection.execute(
        sa.text(f"""select {own(place)} as is_own, period, unit_code, row_key, recorded_from, recorded_to, {fields}
            from history.{place.dataset.table} h where {own(place)} or {beside(place)} order by period, recorded_from"""),
        hashes(place, values),
    ).all()


def set_aside(connection: sa.Connection, dataset: Dataset, whose: Whose) -> list[tuple[sa.Row, Stands]]:
    """Rows in quarantine, open or closed, in which the person stands."""
    query = sa.text("""select id, period, unit_code, row_key, source_key, received, failures, first_seen, resolved_at
        from quarantine.rows where source = :source and dataset = :dataset and received <> '{}'::jsonb order by id""")
    rows = connection.execute(query, named(dataset), execution_options={"yield_per": AT_ONCE})
    return [(row, stands) for row in rows if (stands := whose(row.received))]


def remarks(connection: sa.Connection, dataset: Dataset, keys: Sequence[tuple[str, str, str]]) -> Sequence[sa.Row]:
    """Remarks on rows, by period, unit and key."""
    if not keys:
        return []
    return connection.execute(
        sa.text(f"""select id, period, unit_code, row_key, kind, rule, "column", message, first_seen, resolved_at
            from quarantine.remarks q where source = :source and dataset = :dataset and {_AMONG} order by id"""),
        named(dataset) | _columns(keys),
    ).all()


_AMONG = """(q.period, q.unit_code, q.row_key) in
    (select * from unnest(cast(:periods as text[]), cast(:units as text[]), cast(:keys as text[])))"""


def _columns(keys: Sequence[tuple[str, str, str]]) -> dict[str, list[str]]:
    periods, units, row_keys = map(list, zip(*keys, strict=True)) if keys else ([], [], [])
    return {"periods": periods, "units": units, "keys": row_keys}


# Taken out -------------------------------------------------------------------------------------------------------------------


def take_out(connection: sa.Connection, place: Place, values: Values, whose: Whose, now: dt.datetime, taken: Taken) -> None:
    """Take a person out of the history and quarantine of a dataset. What stood as an accepted row of a cell is from now on one that is
    set aside, so that the cell holds as many rows as ever."""
    dataset = place.dataset
    given = hashes(place, values)
    rows = versions(connection, place, values)
    keys = sorted({(r.period, r.unit_code, r.row_key) for r in rows if r.is_own})
    current = connection.execute(
        sa.text(f"""select period, unit_code, source_key, {row_content(dataset, "h")} as content
            from history.{dataset.table} h where recorded_to is null and {own(place)} order by period, unit_code, row_key"""),
        given,
    ).all()
    gone = connection.execute(sa.text(f"delete from history.{dataset.table} h where {own(place)}"), given).rowcount
    taken.add("versions", gone)
    taken.add("current", len(current))
    found = set_aside(connection, dataset, whose)
    keys += sorted({(row.period, row.unit_code, row.row_key) for row, stands in found if stands.is_own} - set(keys))
    _answers(connection, dataset, keys, [row.id for row, stands in found if stands.is_own])
    _empty(connection, place, found, now, taken)
    for (period, unit), moved in _by_cell(current).items():
        _as_rejected(connection, place, period, unit, moved, now)
    _beside(connection, place, given, taken)
    if keys:
        removed = connection.execute(
            sa.text(f"delete from quarantine.remarks q where source = :source and dataset = :dataset and {_AMONG}"),
            named(dataset) | _columns(keys),
        )
        taken.add("remarks", removed.rowcount)


def count_again(connection: sa.Connection, source: str) -> None:
    ledger.count_remarks(connection, source)
    standing.count(connection, source)


def _by_cell(rows: Sequence[sa.Row]) -> dict[tuple[str, str], list[sa.Row]]:
    found: dict[tuple[str, str], list[sa.Row]] = {}
    for row in rows:
        found.setdefault((row.period, row.unit_code), []).append(row)
    return found


def _as_rejected(
    connection: sa.Connection, place: Place, period: str, unit: str, moved: Sequence[sa.Row], now: dt.datetime
) -> None:
    dataset = place.dataset
    where = named(dataset) | {"period": period, "unit": unit}
    for row in moved:
        _insert(connection, place, where, row.source_key, now)
    connection.execute(
        sa.text(f"""update ops.cells set rows_accepted = rows_accepted - :n, rows_rejected = rows_rejected + :n,
                content_sum = content_sum - cast(:content as numeric) + :n * cast({_ERASED_CONTENT} as numeric)
            where source = :source and dataset = :dataset and period = :period and unit_code = :unit"""),
        where | {"n": len(moved), "content": sum(row.content for row in moved), "empty": EMPTY, "why": failures(place.dataset)},
    )


_ERASED_CONTENT = "hashtextextended(cast(:empty as jsonb)::text || cast(:why as jsonb)::text, 0)"


def _insert(connection: sa.Connection, place: Place, where: Mapping[str, Any], source_key: int | None, now: dt.datetime) -> None:
    connection.execute(
        sa.text("""insert into quarantine.rows (source, dataset, period, unit_code, row_key, received, failures, source_key,
                first_seen, last_seen)
            values (:source, :dataset, :period, :unit, :key, cast(:empty as jsonb), cast(:why as jsonb), :source_key, :now, :now)"""),
        dict(where)
        | {
            "key": _free_key(connection, where),
            "empty": EMPTY,
            "why": failures(place.dataset),
            "source_key": source_key,
            "now": now,
        },
    )


def _free_key(connection: sa.Connection, where: Mapping[str, Any]) -> str:
    """A key that no row has, as a load names rows without a key of which nothing was received: the hash of that, and a number."""
    named_so = f"#{hashlib.md5(EMPTY.encode()).hexdigest()[:16]}-"
    taken = connection.execute(
        sa.text("""select row_key from quarantine.rows where source = :source and dataset = :dataset and period = :period
            and unit_code = :unit and resolved_at is null and starts_with(row_key, :so)"""),
        dict(where) | {"so": named_so},
    ).scalars()
    numbers = {int(key.removeprefix(named_so)) for key in taken}
    return named_so + str(next(n for n in range(1, len(numbers) + 2) if n not in numbers))


def _empty(
    connection: sa.Connection, place: Place, found: Sequence[tuple[sa.Row, Stands]], now: dt.datetime, taken: Taken
) -> None:
    """Own rows that are set aside are emptied, those that were mended go; in others the fields of the person are blanked."""
    for row, stands in found:
        taken.add("quarantine", 1)
        if stands.is_own and row.resolved_at is not None:
            connection.execute(sa.text("delete from quarantine.rows where id = :id"), {"id": row.id})
            continue
        where = named(place.dataset) | {"period": row.period, "unit": row.unit_code}
        if stands.is_own:
            changed = {"key": _free_key(connection, where), "received": EMPTY, "failures": failures(place.dataset)}
        else:
            blanked = row.received | dict.fromkeys(stands.columns)
            changed = {"key": row.row_key, "received": json.dumps(blanked), "failures": json.dumps(row.failures)}
        query = f"""with before as (select {rejected_content("q")} as content from quarantine.rows q where id = :id),
                after as (update quarantine.rows q set row_key = :key, received = cast(:received as jsonb),
                    failures = cast(:failures as jsonb), declared_key = case when :own then null else declared_key end
                    where id = :id returning {rejected_content("q")} as content)
            update ops.cells c set content_sum = c.content_sum - before.content + after.content from before, after
            where :open and c.last_outcome is distinct from 'refused' and c.source = :source and c.dataset = :dataset
                and c.period = :period and c.unit_code = :unit"""
        connection.execute(
            sa.text(query), where | changed | {"id": row.id, "own": stands.is_own, "open": row.resolved_at is None}
        )


def _answers(connection: sa.Connection, dataset: Dataset, keys: Sequence[tuple[str, str, str]], names: Sequence[int]) -> None:
    connection.execute(
        sa.text("""delete from quarantine.answers a where source = :source and dataset = :dataset and (names = any(:names)
            or (period, held_unit, held_key) in
                (select * from unnest(cast(:periods as text[]), cast(:units as text[]), cast(:keys as text[]))))"""),
        named(dataset) | {"names": list(names)} | _columns(keys),
    )


def _beside(connection: sa.Connection, place: Place, given: Mapping[str, list[str]], taken: Taken) -> None:
    """Blank the fields that tell of the person in rows of others, in every version."""
    dataset = place.dataset
    for one in place.beside:
        found = f"coalesce({_is('h', one.field, one.tells)}, false)"
        blank = ", ".join(f"{name} = {_blank(dataset, name)}" for name in one.fields)
        content = f"select period, unit_code, ctid, {row_content(dataset, 'h')} as content from history.{dataset.table} h"
        before = connection.execute(sa.text(f"{content} where {found} and recorded_to is null"), dict(given)).all()
        changed = connection.execute(
            sa.text(
                f"update history.{dataset.table} h set {blank} where {found} returning recorded_to is null as is_current, "
                f"period, unit_code, {row_content(dataset, 'h')} as content"
            ),
            dict(given),
        ).all()
        taken.add("beside", len(changed))
        moved: Counter[tuple[str, str]] = Counter()
        for row in before:
            moved[row.period, row.unit_code] -= row.content
        for row in changed:
            if row.is_current:
                moved[row.period, row.unit_code] += row.content
        for (period, unit), by in moved.items():
            connection.execute(
                sa.text("""update ops.cells set content_sum = content_sum + cast(:by as numeric) where source = :source
                    and dataset = :dataset and period = :period and unit_code = :unit"""),
                named(dataset) | {"period": period, "unit": unit, "by": by},
            )


def _blank(dataset: Dataset, name: str) -> str:
    return "null" if dataset.column(name).nullable else f"'{NAMELESS}'"


# Files -----------------------------------------------------------------------------------------------------------------------


def sweep(connection: sa.Connection, datasets: Iterable[Dataset]) -> None:
    """Have the server give up what stood in rows that went: until then it lies in the pages of their tables. In no transaction."""
    tables = [f"history.{dataset.table}" for dataset in datasets]
    for table in (*tables, "quarantine.rows", "quarantine.remarks", "quarantine.answers", "ops.population_checks"):
        connection.exec_driver_sql(f"vacuum {table}")


def rename_rows(connection: sa.Connection, before: str, after: RawFile) -> None:
    """A raw file was written anew: whatever refers to the one before refers to it."""
    values = {"before": before, "path": after.path, "sha256": after.sha256, "rows": after.rows}
    connection.execute(sa.text("update ops.pulls set path = :path, sha256 = :sha256, rows = :rows where path = :before"), values)
    connection.execute(
        sa.text("""update ops.deliveries set rows_path = :path, rows_sha256 = :sha256, rows = :rows where rows_path = :before"""),
        values,
    )


def rename_file(connection: sa.Connection, before: str, path: str, sha256: str) -> None:
    """A file that a unit sent is kept as its rows, without the person."""
    connection.execute(
        sa.text("update ops.deliveries set path = :path, sha256 = :sha256 where path = :before"),
        {"before": before, "path": path, "sha256": sha256},
    )


def kept_files(connection: sa.Connection, source: str) -> dict[str, list[str]]:
    """The files that units sent -> the files with their rows."""
    found: dict[str, list[str]] = {}
    query = sa.text("select path, rows_path from ops.deliveries where source = :source order by id")
    for row in connection.execute(query, {"source": source}):
        found.setdefault(row.path, []).append(row.rows_path)
    return found


def forget_asked(connection: sa.Connection, digests: Sequence[bytes]) -> int:
    """What the population database said of a person."""
    return connection.execute(
        sa.text("delete from ops.population_checks where digest = any(:digests)"), {"digests": list(digests)}
    ).rowcount


def asked_about(connection: sa.Connection, digests: Sequence[bytes]) -> Sequence[sa.Row]:
    return connection.execute(
        sa.text("select outcome, asked_at from ops.population_checks where digest = any(:digests)"), {"digests": list(digests)}
    ).all()


def uses_of(connection: sa.Connection, papers: Sequence[str]) -> int:
    return connection.execute(
        sa.text("select count(*) from ops.paper_uses where paper_id = any(:papers)"), {"papers": list(papers)}
    ).scalar_one()
