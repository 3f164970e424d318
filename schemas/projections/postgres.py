"""Projection of a declaration to PostgreSQL: history table, core view, the tables of one load. SQL text only; nothing connects."""

import re
from collections.abc import Sequence

import pyarrow as pa

from schemas.column import Column
from schemas.dataset import Dataset, SetRule, Source
from schemas.registry import dataset_named
from schemas.roles import REPORT, custody

# What the warehouse adds to every declared row.
# They come before the declared ones: what stands first in a row, in columns of one width, is found without reading the rest.
SYSTEM_COLUMNS = (
    ("recorded_from", "timestamptz not null"),
    ("source_key", "bigint"),  # the key as the source holds it, hashed there
    ("recorded_to", "timestamptz"),
    ("period", "text not null"),
    ("unit_code", "text not null"),
    ("district_code", "text"),
    ("row_key", "text not null"),
)


def sql_type(dtype: pa.DataType) -> str:
    if pa.types.is_string(dtype):
        return "text"
    if pa.types.is_integer(dtype):
        return "bigint"
    if pa.types.is_decimal(dtype):
        return f"numeric({dtype.precision},{dtype.scale})"
    if pa.types.is_date(dtype):
        return "date"
    if pa.types.is_boolean(dtype):
        return "boolean"
    if pa.types.is_timestamp(dtype):
        return "timestamptz"
    raise ValueError(f"no PostgreSQL type for {dtype}")


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def history_ddl(dataset: Dataset) -> list[str]:
    """Statements that make, or widen, the history table of a dataset and its view of current rows."""
    table = f"history.{dataset.table}"
    declared = [f"{c.name} {sql_type(c.dtype)}" for c in dataset.columns]
    system = [f"{name} {kind}" for name, kind in SYSTEM_COLUMNS]
    statements = [
        # fillfactor 90: the update that closes a version stays on its page.
        f"create table if not exists {table} ({', '.join(system + declared)}) with (fillfactor = 90)",
        *(f"alter table {table} add column if not exists {c.name} {sql_type(c.dtype)}" for c in dataset.columns),
        f"alter table {table} add column if not exists source_key bigint, drop column if exists row_hash",
        f"drop index if exists history.{dataset.table}_current, history.{dataset.table}_key",
        *history_indexes(dataset).values(),
        # None of the rows that a load writes is in it.
        f"create index if not exists {dataset.table}_closed on {table} (recorded_to) where recorded_to is not null",
        f"comment on table {table} is {literal(f'{dataset.title}: {dataset.each_row_is}; mọi phiên bản')}",
        *(f"comment on column {table}.{c.name} is {literal(_comment(c))}" for c in dataset.columns),
        f"drop view if exists core.{dataset.table}",
        f"create view core.{dataset.table}{_closed(dataset) if dataset.source.restricted else ' as ' + _current(dataset)}",
        f"comment on view core.{dataset.table} is {literal(f'{dataset.title}: {dataset.each_row_is}; bản hiện hành')}",
    ]
    return statements


def _current(dataset: Dataset) -> str:
    declared = ", ".join(c.name for c in dataset.columns)
    return f"select {declared}, period, unit_code, district_code, row_key, recorded_from from history.{dataset.table} where recorded_to is null"


def _closed(dataset: Dataset) -> str:
    """The view of a restricted system: it shows rows to whom its table shows them, and to who counts the forms; granted to others, none.

    Who reads a view reads with the rights of its owner. The forms are counted through it: a policy on the table would name a role
    that a server to which a backup is restored need not have.
    """
    counts = f"exists (select from pg_roles where rolname = {literal(REPORT)} and pg_has_role(oid, 'usage'))"
    return (
        f" with (security_barrier) as {_current(dataset)}"
        f" and (not row_security_active('history.{dataset.table}'::regclass) or {counts})"
    )


def custody_ddl(source: Source, datasets: Sequence[Dataset]) -> list[str]:
    """Statements that close the tables of a restricted system to every role but the hub's own and its custodian.

    Row security without a policy shows rows to the owner of a table alone, whatever was granted to whom: a `grant select on all
    tables` of a later day opens nothing. The custodian reads views in a schema of its own, as their owner would; that it may is said
    with all other rights (rights.py).
    """
    schema, role = custody(source.name), source.custodian
    statements = [f"alter table history.{dataset.table} enable row level security" for dataset in datasets]
    statements += [f"create schema if not exists {schema}", f"revoke all on schema {schema} from public"]
    views = {dataset.name: _current(dataset) for dataset in datasets}
    views["set_aside"] = f"select * from quarantine.rows where source = {literal(source.name)} and resolved_at is null"
    for name, query in views.items():
        statements += [f"drop view if exists {schema}.{name}", f"create view {schema}.{name} as {query}"]
    statements.append(f"comment on schema {schema} is {literal(f'{source.title}: chỉ vai trò {role} đọc')}")
    # Whether the hub may make a role is its administrator's word: without it nobody reads but the hub itself.
    statements.append(f"""do $$ begin
        if not exists (select from pg_roles where rolname = {literal(role)}) then create role {role} nologin; end if;
        exception when insufficient_privilege then null; end $$""")
    return statements


def history_indexes(dataset: Dataset) -> dict[str, str]:
    """Name -> the statement that makes an index of a history table; the unique one is the first."""
    table, current = f"history.{dataset.table}", "where recorded_to is null"
    # The key comes first: sorted by what nearly all rows share, an index takes twice as long to build; compared by the rules of
    # a language, twice as long again. Who looks something up by it says the same collation.
    columns = ", ".join(f'{name} collate "C"' for name in ("row_key", "unit_code", "period"))
    made = {
        f"{dataset.table}_row": f"create unique index if not exists {dataset.table}_row on {table} ({columns}) {current}",
    }
    looked_up_by = {
        # An increment tells of a few rows, by the keys that they have at the source.
        "source": "source_key" if dataset.road.changes.way == "row_versions" else None,
        "period": "period" if dataset.placed_by else None,  # a register has one period
        "person": dataset.person_key,
    }
    for what, column in looked_up_by.items():
        if column:
            name = f"{dataset.table}_{what}"
            made[name] = f"create index if not exists {name} on {table} ({column}) {current}"
    return made


def same_key(history: str, other: str) -> str:
    """The condition that two rows have the same key and unit, as the unique index of a history finds it."""
    return " and ".join(f'{history}.{name} collate "C" = {other}.{name}' for name in ("row_key", "unit_code"))


# What one load of one period fills. They are of its transaction alone: with it they go, however it ends.
ACCEPTED, REJECTED, REMARKS = "pg_temp.accepted", "pg_temp.rejected", "pg_temp.remarks"


def staging_ddl(dataset: Dataset) -> list[str]:
    declared = ", ".join(f"{c.name} {sql_type(c.dtype)}" for c in dataset.columns)
    return [
        # As in a history, what rows are joined by comes first: it is read many times.
        "create temp table accepted (ordinal bigint, source_key bigint, names bigint, unit_code text, row_key text, district_code text, "
        f"{declared}) on commit drop",
        "create temp table rejected (ordinal bigint, source_key bigint, names bigint, unit_code text, row_key text, declared_key text, "
        "received text, failures text) on commit drop",
        'create temp table remarks (ordinal bigint, unit_code text, row_key text, kind text, rule text, "column" text, message text) '
        "on commit drop",
    ]


def row_content(dataset: Dataset, of: str) -> str:
    """A row's content, hashed: its declared fields and its district."""
    fields = ", ".join(f"{of}.{name}" for name in (*(c.name for c in dataset.columns), "district_code"))
    return f"hash_record_extended(row({fields}), 0)"


def rejected_content(of: str) -> str:
    """What was received of a rejected row and why it was rejected, hashed."""
    return f"hashtextextended({of}.received::jsonb::text || {of}.failures::jsonb::text, 0)"


def set_rule_query(rule: SetRule) -> str:
    """The query of a set rule, with the source's own columns where it asks for what was received. Raises KeyError for no field."""
    return re.sub(r"\[\[(\w+\.\w+)\.(\w+)\]\]", lambda at: literal(dataset_named(at[1]).column(at[2]).source_column), rule.sql)


# What is quoted is text and not a parameter; after a second colon stands a type.
_OF_PERIOD = re.compile(r"'(?:[^']|'')*'|(?<![:\w]):(period|first_day|last_day)\b")


def set_rule_query_over_periods(rule: SetRule) -> str:
    """The query of a set rule for many periods at once, `:periods` with their `:firsts` and `:lasts`; each row with its period.

    What the rule asks of all rows, whatever their period, is read once: asked period by period, it is read as often as there are periods.
    What it asks of other rows for the sake of one period is still read for each.
    """
    of_each = _OF_PERIOD.sub(lambda at: f"asked_of.{at[1]}" if at[1] else at[0], set_rule_query(rule))
    return f"""
        select asked_of.period, f.unit_code, f.row_key
        from unnest(cast(:periods as text[]), cast(:firsts as date[]), cast(:lasts as date[])) as asked_of (period, first_day, last_day)
        cross join lateral ({of_each}) f"""


def _comment(column: Column) -> str:
    unit = f" ({column.unit})" if column.unit else ""
    return f"{column.title}{unit}; nguồn: {column.source_column}; mức: {column.privacy}"
