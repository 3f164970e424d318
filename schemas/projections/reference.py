"""Projection of the dated tables that SQL joins to schema `ref`: their names, columns and rows, and what a query reads of them.

A DatedTable stands there by standing in schemas/rates.py, schemas/unit_tables.py or a system's rates.py; nobody lists it. No
statement is here and nothing connects.
"""

import hashlib
import importlib
import re
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from schemas import rates, unit_tables
from schemas.dated import DatedColumn, DatedTable, systems
from schemas.meaning import SILENT

_SPAN = (
    DatedColumn("legal_basis", "text", "Căn cứ pháp lý", lambda record: record.span.legal_basis),
    DatedColumn("confidence", "text", "Mức tin cậy: sure là chắc chắn, likely là có thể", lambda record: record.span.confidence),
    DatedColumn("valid_from", "date", "Ngày bắt đầu hiệu lực", lambda record: record.span.valid_from),
    DatedColumn("valid_to", "date", "Ngày cuối còn hiệu lực; 9999-12-31: chưa hết", lambda record: record.span.last),
)
# `ref.limits where name = 'people_per_account'`: of a table whose rows have names, those that the query asks for. Written in any
# other way it reads them all.
_READ = re.compile(r"\bref\.(\w+)(?:\s+where\s+name\s*=\s*'(\w+)'(?=\s*\)|\s+and\b))?")


@cache
def tables() -> dict[str, DatedTable]:
    """The name of each table in schema `ref`, a system's own beginning with the system's, and its declaration."""
    found = _declared_in(rates) | _declared_in(unit_tables)
    for system in systems():
        module = f"schemas.sources.{system}.rates"
        if find_spec(module):
            found |= {f"{system}_{name}": table for name, table in _declared_in(importlib.import_module(module)).items()}
    return found


def _declared_in(module: ModuleType) -> dict[str, DatedTable]:
    return {table.name: table for table in vars(module).values() if isinstance(table, DatedTable)}


def columns(table: DatedTable) -> tuple[DatedColumn, ...]:
    return (*table.columns, *_SPAN)


def rows(table: DatedTable) -> list[list[Any]]:
    return [[_plain(column.value(record)) for column in columns(table)] for record in _judging(table)]


def _judging(table: DatedTable) -> list[Any]:
    """The records by which somebody may be judged: a figure of which nobody is sure is none of them."""
    return [record for record in table.records() if record.span.confidence != "unsure"]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


@cache
def digest() -> str:
    """A hash of all that stands in `ref`, words too: with the same one nothing has to be written."""
    told = [
        (name, table.title, [(c.name, c.kind, c.nullable, c.title) for c in columns(table)], rows(table))
        for name, table in tables().items()
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def read_by(sql: str) -> list[tuple[str, list[Any]]]:
    """What a query reads of `ref`, without the words for people: where that is the same, it finds the same.

    Raises KeyError for a table that nobody declares.
    """
    return [(name, _read(tables()[name], called)) for name, called in sorted(set(_READ.findall(sql)))]


def _read(table: DatedTable, called: str) -> list[Any]:
    told = [column for column in columns(table) if column.name not in SILENT]
    wanted = (record for record in _judging(table) if not called or record.name == called)
    return [[(column.name, column.kind, _plain(column.value(record))) for column in told] for record in wanted]
