"""Projection of a declaration to fingerprints: when one changes, cells that stand as they did are read, or judged, anew.

What is asked of the source and what judges the rows are two things. Where only the latter changed, what was received still
stands in raw and is judged again from there. A comment, a message, the place of a function and what other datasets are judged
by are part of neither. Rule and proof: docs/method/fingerprints.md.
"""

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from schemas import calendar, codes, reading
from schemas.dataset import Dataset
from schemas.meaning import Meaning, meaning, unnamed
from schemas.projections import reference
from schemas.projections.postgres import set_rule_query
from schemas.roads import as_sql
from schemas.validation import validate

LENGTH = 16
# Fields of a declaration by which no row is judged, and those that are described apart; all others count.
_NO_JUDGES = frozenset(
    {
        "source",
        "name",
        "title",
        "model",
        "road",
        "each_row_is",
        "english",
        "legal",
        "first_period",
        "last_period",
        "person_key",
        "rules",
        "set_rules",
    }
    | {"open_tables", "is_payment_list", "tolerated_share", "tolerated_rows", "shrink_share"}
)
_NO_JUDGES_OF_COLUMN = frozenset({"title", "description", "privacy", "never_released", "unit", "form"})


@dataclass(frozen=True)
class Fingerprint:
    """`asked`: what is asked of the source; `judges`: what judges a row; `over_sets`: the rules over rows, with the figures they join."""

    asked: str
    judges: Meaning
    over_sets: str

    def judged_by(self, on: dt.date) -> str:
        """What judges a row on a day: the rows of the dated tables that hold then are others once one of them turned."""
        return _hash(self.judges.digest, self.judges.turned(on))


@cache
def fingerprint(dataset: Dataset) -> Fingerprint:
    """The fingerprints of a dataset. Raises NotDescribed where its rules name what has no description."""
    key = [dataset.column(name).source_column for name in dataset.key]
    commune = dataset.column(dataset.commune).source_column if dataset.commune else None
    asked = _hash(
        as_sql(dataset.road).relation,
        [(c.source_column, c.source_type) for c in dataset.columns],
        key,
        commune,
        dataset.kind,
        dataset.column(dataset.placed_by).source_column if dataset.placed_by else None,
        dataset.placed_by_year,
    )
    over_sets = [
        (r.name, r.column, set_rule_query(r), r.needs, r.across_periods, *reference.read_by(r.sql)) for r in dataset.set_rules
    ]
    return Fingerprint(asked, _at_work() | _declared(dataset) | meaning([dataset.rules]), _hash(over_sets))


@cache
def _at_work() -> Meaning:
    """What is done to any row. The readers and lists that it takes are the columns', and described with them."""
    apart = (reading.READERS, codes.list_facts, unnamed(codes.rows))
    return meaning((validate, calendar.moment, Dataset.column, vars(Dataset)["columns"].func), apart)


def _declared(dataset: Dataset) -> Meaning:
    """The columns with their readers and lists, and how a row is placed."""
    columns = [
        (
            _facts(c, _NO_JUDGES_OF_COLUMN),
            reading.reader_of(c),
            codes.facts_of(c.codes).is_incomplete,
            codes.rows(c.codes) if c.codes else (),
        )
        for c in dataset.columns
    ]
    readers = [(name, reading.READERS[name]) for name in sorted({reading.reader_of(c) for c in dataset.columns})]
    return meaning([_facts(dataset, _NO_JUDGES), columns]) | meaning(readers, apart=[unnamed(codes.rows)])


def _facts(declared: Any, without: Collection[str]) -> list[tuple[str, Any]]:
    return [(f.name, getattr(declared, f.name)) for f in fields(declared) if f.name not in without]


def _hash(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:LENGTH]
