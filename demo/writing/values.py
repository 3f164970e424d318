"""The one writer: plain values by declared field become what a source holds, by the field's declaration.

A system's module gives numbers, days (as numbers), truths, texts or an Arrow array; a single value stands for every row.
The declaration knows the column's name, its SQL type and, where people type into a text column, the form they type: a code
as digits, a day as YYYY-MM-DD, a number of fixed length with its leading zeros. What is missing is masked (`known`), or a
day that never comes. Knows no person and no dataset.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from demo.people.dates import NEVER
from demo.writing import text
from schemas.column import Column
from schemas.dataset import Dataset

Value = np.ndarray | pa.Array | str | int | float | bool
# How many digits a number has that is kept as text, by the reader of the field.
DIGITS = {
    "identity_number": 12,
    "identity_or_old_card": 12,
    "old_identity_number": 9,
    "phone_number": 10,
    "account_number": 13,
    "digits": 10,
}
ARROW = {
    "text": pa.string(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}


def known(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    """The values where they are known, nothing elsewhere."""
    return np.ma.masked_array(values, mask=~where)


def nonzero(values: np.ndarray) -> np.ndarray:
    """Codes and counts of which 0 says that there is none."""
    return known(values, values != 0)


def columns(dataset: Dataset, values: Mapping[str, Value], count: int) -> dict[str, pa.Array]:
    """The columns of the source; a declared field that is not given, or one given that is not declared, is a fault of ours."""
    declared = {c.name for c in dataset.columns}
    if values.keys() != declared:
        raise ValueError(f"{dataset.id}: fields differ from the declaration: {sorted(values.keys() ^ declared)}")
    return {c.source_column: written(c, values[c.name], count) for c in dataset.columns}


def written(column: Column, value: Value, count: int) -> pa.Array:
    """One column of so many rows."""
    if isinstance(value, pa.Array):
        return value if column.source_type == "timestamptz" else value.cast(ARROW[column.source_type])
    given = value if isinstance(value, np.ndarray) else np.full(count, value)
    data, missing = np.ma.getdata(given), np.ma.getmaskarray(given)
    if pa.types.is_date(column.dtype):
        missing = missing | (data >= NEVER)
        if column.reader == "compact_day":
            return text.compact_days(data, missing)
        return text.dates(data, missing) if column.source_type == "date" else text.day_text(data, missing)
    if column.source_type != "text":
        return pa.array(data, mask=missing).cast(ARROW[column.source_type])
    if data.dtype.kind in "UO":
        return pa.array(data.astype(str), pa.string(), mask=missing)
    if data.dtype.kind == "f":
        tenths = np.rint(data * 10).astype(np.int64)
        return text.joined(text.whole(tenths // 10, missing), ".", text.whole(tenths % 10))
    return text.padded(data, DIGITS.get(column.reader, 1), missing)  # a truth is 0 or 1


@dataclass(frozen=True)
class Change:
    """What becomes of some columns of a row on a later day; keys and values as JSON can hold them."""

    day: int
    table: str
    key: dict[str, Any]
    values: dict[str, Any]


def changed(dataset: Dataset, day: np.ndarray, key: Mapping[str, Value], values: Mapping[str, Value]) -> Iterator[Change]:
    """A change for each day: of the row with these values of the key's fields, in these other fields."""

    def told(fields: Mapping[str, Value]) -> list[dict[str, Any]]:
        named = [dataset.column(name) for name in fields]
        lists = [written(c, fields[c.name], len(day)).to_pylist() for c in named]
        names = [c.source_column for c in named]
        return [dict(zip(names, map(_in_json, row), strict=True)) for row in zip(*lists, strict=True)]

    for at, row, now in zip(day.tolist(), told(key), told(values), strict=True):
        yield Change(at, dataset.road.at_source, row, now)


def _in_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
