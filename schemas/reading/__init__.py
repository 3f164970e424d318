"""Pass one of validation: each column, as received, becomes typed values; what could not be read is marked, never guessed.

Nothing here compares columns, looks up units or opens a connection; messages are in schemas/messages.py. A cell that is
already right costs a few nanoseconds: whole columns are looked at first, and only the distinct values that are not right
are read one by one.
"""

import contextlib
import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.dataset import Column
from schemas.reading import days, numbers, persons, texts
from schemas.reading.cells import EMPTY, REASONS, Reader, Reading, ReadValue, Situation

# pyright: reportAttributeAccessIssue=false

__all__ = ["READERS", "REASONS", "ReadValue", "Reading", "Situation", "read", "reader_of"]

READERS: dict[str, Reader] = {**texts.READERS, **numbers.READERS, **days.READERS, **persons.READERS}

# Readers whose cells move values to other fields keep their rows apart.
_ROW_BY_ROW = ("identity_number", "birth_date")
# Readers whose clean half costs more than finding the distinct values, when these are few.
_BY_VALUE = ("text", "commune_name", "coded_text", "yes_no", "decimal_number")
_SAMPLE, _FEW, _MANY = 1_000, 500, 64
_SEVEN_HOURS = 7 * 3_600_000_000  # microseconds
_DAY = 24 * 3_600_000_000
_CALENDAR = tuple((day - dt.date(1970, 1, 1)).days for day in (dt.date.min, dt.date.max))
_NATIVE = {
    "day": pa.types.is_date,
    "birth_date": pa.types.is_date,
    "yes_no": pa.types.is_boolean,
    "instant": pa.types.is_timestamp,
}


def reader_of(column: Column) -> str:
    """The reader of a column; text with a code list is read against that list."""
    if column.codes and column.reader == "text":
        return "coded_text"
    return column.reader


def read(column: Column, received: pa.Array, judged_on: dt.date, beside: pa.Array | None = None) -> Reading:
    """Read one received column. `beside` are the typed values of the field that the reader looks at for help."""
    name = reader_of(column)
    reader = READERS[name]
    situation = Situation(judged_on, column.dtype, column.codes)
    native = _native(name, received, situation)
    if native is not None:
        return _inside_calendar(native)
    array = _as_text(received)
    if name in _BY_VALUE and len(array) >= 2 * _SAMPLE and pc.count_distinct(array.slice(0, _SAMPLE)).as_py() <= _FEW:
        return _read_distinct(reader, array, situation)
    return _read_each(reader, array, situation, beside, name in _ROW_BY_ROW)


def _read_each(reader: Reader, array: pa.Array, situation: Situation, beside: pa.Array | None, row_by_row: bool) -> Reading:
    values, clean = reader.clean(array, situation)
    reading = Reading(values)
    rows = np.flatnonzero(~clean)
    if reader.bulk and len(rows) >= _MANY:
        rows = _read_bulk(reader, array, rows, situation, reading)
    if not len(rows):
        return reading
    part = array.take(pa.array(rows))
    if row_by_row or len(rows) < _MANY:
        helps = beside.take(pa.array(rows)) if beside is not None and reader.beside else None
        left = _read_cells(reader, part, situation, helps)
    else:
        left = _read_distinct(reader, part, situation)
    reading.values = _with(reading.values, rows, left.values)
    for found, whole in (
        (left.unreadable, reading.unreadable),
        (left.repairs, reading.repairs),
        (left.warnings, reading.warnings),
    ):
        for rule, mask in found.items():
            whole.setdefault(rule, np.zeros(len(array), bool))[rows] |= mask
    for field, moved in left.moves.items():
        reading.moves[field] = {int(rows[at]): value for at, value in moved.items()}
    return reading


def _read_cells(reader: Reader, array: pa.Array, situation: Situation, helps: pa.Array | None) -> Reading:
    """One cell after the other; a value that comes again, with the same help, is read once."""
    beside = helps.to_pylist() if helps is not None else [None] * len(array)
    known: dict[tuple[str | None, Any], ReadValue] = {}
    cells = []
    for text, help_ in zip(array.to_pylist(), beside, strict=True):
        key = (text, help_)
        if key not in known:
            known[key] = EMPTY if text is None else reader.cell(text, situation, help_)
        cells.append(known[key])
    reading = Reading(pa.array([c.value for c in cells], situation.dtype))
    for row, cell in enumerate(cells):
        if cell.reason:
            _mark(reading.unreadable, cell.reason, row, len(array))
        for rule in cell.repairs:
            _mark(reading.repairs, rule, row, len(array))
        for rule in cell.warnings:
            _mark(reading.warnings, rule, row, len(array))
        for field, value in cell.moves:
            reading.moves.setdefault(field, {})[row] = value
    return reading


def _read_distinct(reader: Reader, array: pa.Array, situation: Situation) -> Reading:
    """A column of few different values: each is read once."""
    coded = array.dictionary_encode()
    distinct = coded.dictionary
    values, clean = reader.clean(distinct, situation)
    once = Reading(values)
    if not clean.all():
        rows = np.flatnonzero(~clean)
        once = _read_cells(reader, distinct.take(pa.array(rows)), situation, None)
        once.values = _with(values, rows, once.values)
    reading = Reading(once.values.take(coded.indices))
    if once.unreadable or once.repairs or once.warnings:
        at = pc.fill_null(coded.indices, len(distinct)).to_numpy(zero_copy_only=False)
        places = np.zeros(len(distinct) + 1, bool)
        for found, spread in (
            (once.unreadable, reading.unreadable),
            (once.repairs, reading.repairs),
            (once.warnings, reading.warnings),
        ):
            for rule, mask in found.items():
                places[:] = False
                places[np.flatnonzero(~clean)] = mask
                spread[rule] = places[at]
    return reading


def _read_bulk(reader: Reader, array: pa.Array, rows: np.ndarray, situation: Situation, reading: Reading) -> np.ndarray:
    """Read what is clean once it has been rewritten as a whole; the rows that are left come back."""
    assert reader.bulk is not None
    rewritten, changed = reader.bulk(array.take(pa.array(rows)))
    values, clean = reader.clean(rewritten, situation)
    reading.values = _with(reading.values, rows[clean], values.filter(pa.array(clean)))
    for rule, part in changed.items():
        if (part & clean).any():
            reading.repairs[rule] = np.zeros(len(array), bool)
            reading.repairs[rule][rows[part & clean]] = True
    return rows[~clean]


def _mark(found: dict[str, np.ndarray], rule: str, row: int, count: int) -> None:
    if rule not in found:
        found[rule] = np.zeros(count, bool)
    found[rule][row] = True


def _with(values: pa.Array, rows: np.ndarray, read_values: pa.Array) -> pa.Array:
    """The values, with others in some rows (given in ascending order)."""
    mask = np.zeros(len(values), bool)
    mask[rows] = True
    return pc.replace_with_mask(values, pa.array(mask), read_values)


# What the source already typed -------------------------------------------------------------------------------------


def _native(name: str, received: pa.Array, situation: Situation) -> pa.Array | None:
    """The column as it is where the source's own type says what it means; None where it is text."""
    kind = received.type
    if pa.types.is_null(kind):
        return pa.nulls(len(received), situation.dtype)
    if name in _NATIVE and _NATIVE[name](kind):
        return _instants(received) if name == "instant" else received.cast(situation.dtype)
    if name in ("day", "birth_date") and pa.types.is_timestamp(kind):
        local = pc.add(_instants(received).cast(pa.int64()), _SEVEN_HOURS)  # the day that it is in Vietnam
        return local.cast(pa.timestamp("us")).cast(pa.date32())
    if name in ("whole_number", "amount_vnd", "sex"):
        if pa.types.is_integer(kind):
            return received.cast(situation.dtype)
        if pa.types.is_floating(kind) and pc.all(pc.fill_null(pc.equal(pc.round(received), received), True)).as_py():
            return received.cast(situation.dtype)
    if pa.types.is_decimal(kind) and name in ("whole_number", "amount_vnd", "sex", "decimal_number"):
        return _exactly(received, situation.dtype)
    return None


def _inside_calendar(values: pa.Array) -> Reading:
    """Days and instants before year 1 or after 9999, as a source's `infinity` is one, cannot be read: no report could tell them."""
    if pa.types.is_date(values.type):
        reason, numbers, (first, last) = "not_a_day", values.cast(pa.int32()), _CALENDAR
    elif pa.types.is_timestamp(values.type):
        reason, numbers, (first, last) = "not_an_instant", values.cast(pa.int64()), (d * _DAY for d in _CALENDAR)
    else:
        return Reading(values)
    outside = pc.fill_null(pc.or_(pc.less(numbers, first), pc.greater(numbers, last)), False)
    reading = Reading(values)
    if pc.any(outside).as_py():
        reading.values = pc.if_else(outside, pa.scalar(None, values.type), values)
        reading.unreadable[reason] = outside.to_numpy(zero_copy_only=False)
    return reading


def _instants(received: pa.Array) -> pa.Array:
    """Instants in UTC; those without a zone are Vietnamese time."""
    if received.type.tz:
        return received.cast(pa.timestamp("us", tz="UTC"))
    naive = received.cast(pa.timestamp("us")).cast(pa.int64())
    return pc.subtract(naive, _SEVEN_HOURS).cast(pa.timestamp("us", tz="UTC"))


def _exactly(received: pa.Array, dtype: pa.DataType) -> pa.Array | None:
    """Decimals in the declared type where none loses a digit by it."""
    with contextlib.suppress(pa.ArrowInvalid):
        return received.cast(dtype)
    return None


def _as_text(received: pa.Array) -> pa.Array:
    kind = received.type
    if isinstance(received, pa.ExtensionArray):
        return _as_text(received.storage)
    if pa.types.is_string(kind):
        return received
    if pa.types.is_dictionary(kind):
        return _as_text(received.dictionary_decode())
    if pa.types.is_floating(kind):
        # The shortest text of a number in a floating-point cell, without the .0 that spreadsheets show nowhere but in numbers
        # that must not be numbers: those keep it, so that their reader sees what happened.
        return pa.array([None if v is None else repr(v) for v in received.to_pylist()], pa.string())
    return received.cast(pa.string())
