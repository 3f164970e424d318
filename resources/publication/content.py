"""The content of a released table as it is compared, copied and written: ordered rows, and their CSV.

The CSV is the canonical form: the sha256 of a release is that of its CSV file, so that anyone can check one against the
other with sha256sum. UTF-8 with a byte order mark (spreadsheets take it for another code page otherwise), comma, LF, an
empty field for no value.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset
from schemas.projections.open import OpenColumn, open_columns, released_name
from schemas.release import TOTAL, UNSTATED, OpenTable

Row = tuple  # in the order of the columns


@dataclass(frozen=True)
class OpenContent:
    """All periods of one released table."""

    dataset: Dataset
    table: OpenTable
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, dataset: Dataset, table: OpenTable, rows: Iterable[Sequence]) -> "OpenContent":
        has_dimension = table.by is not None
        ordered = sorted((tuple(r) for r in rows), key=lambda r: _order(r, has_dimension))
        return cls(dataset, table, tuple(ordered))

    @property
    def name(self) -> str:
        return released_name(self.dataset, self.table)

    @cached_property
    def columns(self) -> tuple[OpenColumn, ...]:
        return open_columns(self.dataset, self.table)

    @cached_property
    def csv(self) -> bytes:
        return csv_of([c.name for c in self.columns], self.rows)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.csv).hexdigest()

    def arrow(self) -> pa.Table:
        fields = [
            pa.field(c.name, c.arrow_type, c.nullable, {"title": c.title, "description": c.description}) for c in self.columns
        ]
        columns = list(zip(*self.rows, strict=True)) if self.rows else [() for _ in fields]
        return pa.Table.from_arrays(
            [pa.array(list(values), f.type) for values, f in zip(columns, fields, strict=True)], schema=pa.schema(fields)
        )

    def periods(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(r[0] for r in self.rows))


def csv_of(header: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Lines as every file of open data has them."""
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return sink.getvalue().encode("utf-8-sig")


def _order(row: Row, has_dimension: bool) -> tuple:
    """Period, then the province, the units by code, `unknown`; of the dimension the total first."""
    unit = row[1]
    place = 0 if unit == PROVINCE else 2 if unit == UNKNOWN_UNIT else 1
    if not has_dimension:
        return (row[0], place, unit)
    code = row[3]
    rank = 0 if code == TOTAL else 2 if code == UNSTATED else 1
    return (row[0], place, unit, rank, len(code), code)
