"""Projection of a declaration to fingerprints: when one changes, cells that stand as they did are read, or judged, anew.

What is asked of the source and what judges the rows are two things. Where only the latter changed, what was received still
stands in raw and is judged again from there. A comment, a message, the place of a function and what other datasets are judged
by are part of neither.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import cache

from schemas import codes, reading
from schemas.dataset import Dataset
from schemas.meaning import Meaning, meaning
from schemas.validation import fields, validate

LENGTH = 16


@dataclass(frozen=True)
class Fingerprint:
    """`asked`: what is asked of the source; `judges`: what judges a row; `over_sets`: the rules over several rows."""

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
        dataset.source_table,
        [(c.source_column, c.source_type) for c in dataset.columns],
        key,
        commune,
        dataset.kind,
        dataset.period_column,
        dataset.period_type,
    )
    over_sets = [(r.name, r.column, r.sql, r.needs, r.across_periods) for r in dataset.set_rules]
    return Fingerprint(asked, meaning(_judging(dataset), apart=(reading.READERS,)), _hash(over_sets))


def _judging(dataset: Dataset) -> list[object]:
    """All that has a say in what becomes of a row: the columns, their readers and lists, the rules, and how these are put to work."""
    columns = [
        (c.name, c.source_column, c.dtype, c.nullable, reading.reader_of(c), c.codes in fields.INCOMPLETE_LISTS, c.checks)
        for c in dataset.columns
    ]
    lists = [(c.name, codes.rows(c.codes)) for c in dataset.columns if c.codes]
    placed = (dataset.kind, dataset.period_column, dataset.period_type)
    placed += (dataset.commune, dataset.commune_name, dataset.by_province, dataset.key)
    readers = {reading.reader_of(c) for c in dataset.columns}
    return [
        ("columns", columns),
        ("placed", placed),
        *((name, reading.READERS[name]) for name in sorted(readers)),
        ("lists", lists),
        ("rules", dataset.rules),
        validate,
    ]


def _hash(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:LENGTH]
