"""Pass one of validation: each column, as received, becomes typed values; what could not be read is marked, never guessed.

Nothing here compares columns, looks up units or opens a connection; messages are in schemas/messages.py. A cell that is
already right costs a few nanoseconds: whole columns are looked at first, and only the distinct values that are not right
are read one by one.
"""

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.column import Column
from schemas.reading import days, numbers, persons, texts
from schemas.reading.cells import EMPTY, LONGEST_KEY, REASONS, Reader, Reading, ReadValue, Situation
from schemas.reading.received import FIRST, LAST, as_text, typed, unwrapped

# pyright: reportAttributeAccessIssue=false

__all__ = ["READERS", "REASONS", "ReadValue", "Reading", "Situation", "read", "reader_of"]

READERS: dict[str, Reader] = {**texts.READERS, **numbers.READERS, **days.READERS, **persons.READERS}

# Readers whose cells move values to other fields keep their rows apart.
_ROW_BY_ROW = ("identity_number", "birth_date")
# Readers whose clean half costs more than finding the distinct values, when these are few.
_BY_VALUE = ("text", "commune_name", "coded_text", "yes_no", "decimal_number")
_SAMPLE, _FEW, _MANY = 1_000, 500, 64
_DAY = 24 * 3_600_000_000  # microseconds


def reader_of(column: Column) -> str:
    """The reader of a column; text with a code list is read against that list."""
    if column.codes and column.reader == "text":
        return "coded_text"
    return column.reader


def read(column: Column, received: pa.Array, judged_on: dt.date, beside: pa.Array | None = None) -> Reading:
    """Read one received column. `beside` are the typed values of the field that the reader looks at for help."""
    name = reader_of(column)
    situation = Situation(judged_on, column.dtype, column.codes)
    received = unwrapped(received)
    reading = typed(name, received, situation)
    if reading is None:
        array, unread = as_text(received)
        reading = _read_text(name, array, situation, beside)
        for reason, rows in unread.items():
            reading.cannot_read(reason, rows)
    return _bounded(reading, column)


def _read_text(name: str, array: pa.Array, situation: Situation, beside: pa.Array | None) -> Reading:
    reader = READERS[name]
    if name in _BY_VALUE and len(array) >= 2 * _SAMPLE and pc.count_distinct(array.slice(0, _SAMPLE)).as_py() <= _FEW:
        return _read_distinct(reader, array, situation)
    return _read_each(reader, array, situation, beside, name in _ROW_BY_ROW)


def _bounded(reading: Reading, column: Column) -> Reading:
    """Without what no report could tell, as a source's day `infinity`, and what no index can hold: such cells cannot be read."""
    values = reading.values
    if pa.types.is_date(values.type):
        reason, inside = "impossible_year", _between(values.cast(pa.int32()), FIRST, LAST)
    elif pa.types.is_timestamp(values.type):  # it is a day later in Vietnam
        reason, inside = "not_an_instant", _between(values.cast(pa.int64()), FIRST * _DAY, LAST * _DAY - 1)
    elif column.is_key and pa.types.is_string(values.type):
        reason, inside = "too_long", pc.less_equal(pc.utf8_length(values), LONGEST_KEY)
    else:
        return reading
    outside = pc.invert(pc.fill_null(inside, True))
    if pc.any(outside).as_py():
        reading.values = pc.if_else(outside, pa.scalar(None, values.type), values)
        reading.cannot_read(reason, outside.to_numpy(zero_copy_only=False))
    return reading


def _between(numbers: pa.Array, first: int, last: int) -> pa.Array:
    return pc.and_(pc.greater_equal(numbers, first), pc.less_equal(numbers, last))


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
