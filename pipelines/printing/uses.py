"""Where each field goes: the open tables and the indicators whose SQL reads it.

Nobody lists this. The statements that count are parsed, what they select and never look at again is pruned, and what is left of the
columns of `core` and `history` are the fields that a figure depends on. Only `make docs` and the tests come here: the parser of SQL is
theirs.
"""

from dataclasses import dataclass, field
from functools import cache

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

from assets.open.figures import counting
from assets.reports.dimensions import Dimension
from assets.reports.indicator import Indicator
from assets.reports.indicators import catalogue
from assets.reports.measure import Query
from schemas.dataset import Dataset
from schemas.projections.open import released_name
from schemas.projections.postgres import SYSTEM_COLUMNS
from schemas.registry import DATASETS

Field = tuple[str, str]  # id of the dataset, name of the field

DIALECT = "postgres"
_OF_TABLE = {d.table: d for d in DATASETS}
_SYSTEM = [name for name, _ in SYSTEM_COLUMNS]
_COLUMNS = {d.table: dict.fromkeys((*(c.name for c in d.columns), *_SYSTEM), "text") for d in DATASETS}


@dataclass(frozen=True)
class Uses:
    """What uses a field: the open tables by their released names, the indicators by their codes."""

    open_tables: set[str] = field(default_factory=set)
    indicators: set[str] = field(default_factory=set)


@cache
def uses() -> dict[Field, Uses]:
    """Every declared field, those that go nowhere too."""
    found: dict[Field, Uses] = {(d.id, c.name): Uses() for d in DATASETS for c in d.columns}
    for dataset in DATASETS:
        for table in dataset.open_tables:
            for read in fields_of(counting(dataset, table)):
                found[read].open_tables.add(released_name(dataset, table))
    for line in catalogue():
        for read in read_by(line):
            found[read].indicators.add(line.code)
    return found


def read_by(line: Indicator) -> set[Field]:
    """The fields that the figures of an indicator's line, or their breakdowns, are counted from."""
    return {read for query, dimensions in counted(line) for read in fields_of(_aggregate(query, dimensions))}


def counted(line: Indicator) -> list[tuple[Query, tuple[Dimension, ...]]]:
    """What a line is counted by: its totals, then its breakdowns, which may be counted from more."""
    query, broken_down = line.query, line.query.breakdowns or line.query
    if line.split:
        return [(broken_down, (line.split,))]
    return [(query, ()), (broken_down, line.dimensions)]


def _aggregate(query: Query, dimensions: tuple[Dimension, ...]) -> str:
    shown = ", ".join(("unit", *(d.name for d in dimensions)))
    return (
        f"select {shown}, {query.numerator} as n, {query.denominator or 'null'} as d from ({query.base}) as base group by {shown}"
    )


def fields_of(statement: str) -> set[Field]:
    """The declared fields that the answer of a statement depends on."""
    tree = sqlglot.parse_one(statement, read=DIALECT)
    schema: dict[str, object] = {"core": _COLUMNS, "history": _COLUMNS}
    tree = qualify(tree, dialect=DIALECT, schema=schema, validate_qualify_columns=False, quote_identifiers=False)
    tree = pushdown_projections(tree)
    found: set[Field] = set()
    for scope in traverse_scope(tree):
        made_here = {lateral.alias for lateral in scope.expression.find_all(exp.Lateral)}
        for column in scope.columns:
            if not column.table:
                if column.name not in made_here:
                    raise ValueError(f"nobody can tell of which table {column.name!r} is, in: {statement}")
                continue
            found |= _fields(column, scope)
    return found


def _fields(column: exp.Column, scope: Scope) -> set[Field]:
    """The field, or the fields behind a column that the warehouse made of them; none where it is of no dataset."""
    around: Scope | None = scope
    while around and column.table not in around.sources:
        around = around.parent
    source = around.sources[column.table] if around else None
    if not isinstance(source, exp.Table) or source.db not in ("core", "history"):
        return set()
    dataset = _OF_TABLE[source.name]
    return {(dataset.id, name) for name in _behind(dataset, column.name)}


def _behind(dataset: Dataset, column: str) -> set[str]:
    """A row is placed in its period by one field and in its unit by another; its key is made of the key's."""
    if column not in _SYSTEM:
        return {column}
    made_of = {
        "period": (dataset.placed_by,),
        "unit_code": (None if dataset.by_province else dataset.commune,),
        "district_code": (dataset.commune,),
        "row_key": dataset.key,
    }
    return {name for name in made_of.get(column, ()) if name}
