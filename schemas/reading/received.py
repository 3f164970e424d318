"""What a source gave, in whatever type: as it is where the type itself says what it means, else as text for a reader.

A value that the type cannot carry over is marked, as a reader marks one; no value raises.
"""

import contextlib
import datetime as dt
import decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.reading.cells import FIRST_DAY, LARGEST, LAST_DAY, LONGEST_TEXT, Reading, Situation, nulls, spans

# pyright: reportAttributeAccessIssue=false

Unread = dict[str, np.ndarray]  # reason -> rows

# What spreadsheets show in place of a value, and (SHIFTED) what our reader of CSV files puts into a record with too many cells.
SHIFTED = "#SHIFTED"
SPREADSHEET_ERRORS = (
    *("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!"),
    SHIFTED,
)
_SIGN = b"#"  # each of them begins with it

_WHOLE = ("whole_number", "amount_vnd", "sex")
_DAYS = ("day", "birth_date", "compact_day")
_INSTANTS = ("instant", "compact_instant")
_EPOCH = dt.date(1970, 1, 1)
FIRST, LAST = (FIRST_DAY - _EPOCH).days, (LAST_DAY - _EPOCH).days
_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}  # in the units of timestamps
_AHEAD = 7  # hours of Vietnam before UTC


def unwrapped(received: pa.Array) -> pa.Array:
    """The values themselves, however they are packed: by a dictionary, by runs, as a type of the source's own."""
    if isinstance(received, pa.ExtensionArray):
        return unwrapped(received.storage)
    if pa.types.is_dictionary(received.type):
        return unwrapped(received.dictionary_decode())
    if pa.types.is_run_end_encoded(received.type):
        return unwrapped(pc.run_end_decode(received))
    return received


# Typed already -------------------------------------------------------------------------------------------------------


def typed(name: str, received: pa.Array, situation: Situation) -> Reading | None:
    """The column where its type says what the reader `name` looks for; None where it has to be read as text."""
    kind = received.type
    if pa.types.is_null(kind):
        return Reading(pa.nulls(len(received), situation.dtype))
    if name == "yes_no" and pa.types.is_boolean(kind):
        return Reading(received)
    otherwise = "not_a_choice" if name == "sex" else "not_a_number"
    if name in _WHOLE and (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return _whole(received, otherwise)
    if name in (*_WHOLE, "decimal_number") and pa.types.is_decimal(kind):
        return _exactly(received, situation, otherwise)
    if name in _DAYS and (pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
        days = _days(received).clip(FIRST - 1, LAST + 1).astype(np.int32)
        return Reading(pa.array(days, mask=nulls(received)).cast(pa.date32()))
    if name in _INSTANTS and pa.types.is_timestamp(kind):
        return Reading(_instants(received))
    return None


def _whole(received: pa.Array, otherwise: str) -> Reading:
    numbers = received.cast(pa.float64()) if pa.types.is_floating(received.type) else received
    numbers = pc.fill_null(numbers, 0).to_numpy(zero_copy_only=False)
    whole = np.isfinite(numbers) & (np.floor(numbers) == numbers)
    fits = whole & (numbers <= LARGEST) & (numbers >= -LARGEST)
    missing = nulls(received)
    values = pa.array(np.where(fits, numbers, 0).astype(np.int64), mask=missing | ~fits)
    return Reading(values, _found({otherwise: ~whole & ~missing, "too_large": whole & ~fits & ~missing}))


def _exactly(received: pa.Array, situation: Situation, otherwise: str) -> Reading:
    """Decimals in the declared type, of which none loses a digit by it."""
    is_whole = pa.types.is_integer(situation.dtype)
    with contextlib.suppress(pa.ArrowInvalid):  # the error's text holds a value: it goes no further
        values = received.cast(situation.dtype)
        return _whole(values, otherwise) if is_whole else Reading(values)
    scale = 0 if is_whole else situation.dtype.scale
    most = LARGEST if is_whole else 10**situation.dtype.precision - 1
    values, broken, large = [], np.zeros(len(received), bool), np.zeros(len(received), bool)
    for row, number in enumerate(received.to_pylist()):
        above, below = (0, 1) if number is None else number.as_integer_ratio()  # a Decimal's own arithmetic would round
        steps, rest = divmod(above * 10**scale, below)
        broken[row], large[row] = rest != 0, rest == 0 and abs(steps) > most
        kept = number is not None and not broken[row] and not large[row]
        values.append((steps if is_whole else decimal.Decimal(steps).scaleb(-scale)) if kept else None)
    return Reading(pa.array(values, situation.dtype), _found({otherwise: broken, "too_large": large}))


def _days(received: pa.Array) -> np.ndarray:
    """Days since 1970, of any length; instants are the day that it is in Vietnam, those without a zone Vietnamese time."""
    kind = received.type
    if pa.types.is_date32(kind):
        return pc.fill_null(received.cast(pa.int32()), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    counted = pc.fill_null(received.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    if pa.types.is_date64(kind):
        return counted // _DAY["ms"]
    days, rest = np.divmod(counted, _DAY[kind.unit])
    return days + (24 * rest >= (24 - _AHEAD) * _DAY[kind.unit]) if kind.tz else days


def _instants(received: pa.Array) -> pa.Array:
    """Instants in UTC; those without a zone are Vietnamese time, and those beyond all bounds a day beyond them."""
    unit = received.type.unit
    counted = pc.fill_null(received.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    days, rest = np.divmod(counted, _DAY[unit])
    rest = rest * (_DAY["us"] // _DAY[unit]) if unit in ("s", "ms") else rest // (_DAY[unit] // _DAY["us"])
    moments = days.clip(FIRST - 2, LAST + 2) * _DAY["us"] + rest
    if not received.type.tz:
        moments -= _AHEAD * _DAY["us"] // 24
    return pa.array(moments, mask=nulls(received)).cast(pa.timestamp("us", tz="UTC"))


# As text -------------------------------------------------------------------------------------------------------------


def as_text(received: pa.Array) -> tuple[pa.Array, Unread]:
    """The cells as text, and which of them are none that any reader would look at: those are null then."""
    array, lost = _texts(received)
    unread = _found({"undecodable": lost})
    letters, starts = spans(array)
    if _SIGN in letters.tobytes():  # a search of bytes takes a tenth of looking each cell up
        failed = pc.is_in(array, pa.array(SPREADSHEET_ERRORS))
        # Of a file, or typed off one: text to a reader of texts, and no more a value than an empty cell.
        array = pc.if_else(failed, pa.scalar(None, pa.string()), array)
        unread |= _found({"spreadsheet_error": failed.to_numpy(zero_copy_only=False)})
    if np.diff(starts).max(initial=0) > LONGEST_TEXT:  # bytes: at least as many as characters
        long = pc.fill_null(pc.greater(pc.utf8_length(array), LONGEST_TEXT), False)
        array = pc.if_else(long, pa.scalar(None, pa.string()), array)
        unread |= _found({"too_long": long.to_numpy(zero_copy_only=False)})
    return array, unread


def _texts(received: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """The cells as text, and those that have none."""
    kind, none = received.type, np.zeros(len(received), bool)
    if pa.types.is_string(kind):
        return received, none
    if pa.types.is_floating(kind):
        # The shortest text of a number in a floating-point cell, with the .0 that spreadsheets show nowhere but in numbers
        # that must not be numbers: their reader sees what happened.
        numbers = [repr(v) for v in received.to_pylist()] if kind == pa.float64() else map(str, received.to_numpy(False))
        return pa.array(numbers, pa.string(), mask=nulls(received)), none
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        days = _days(received)
        none = ((days < FIRST) | (days > LAST)) & ~nulls(received)  # Arrow writes something for these, which is no day
        received = pc.if_else(pa.array(none), pa.scalar(None, kind), received)
    elif is_bytes(kind):
        return _decoded(received)
    with contextlib.suppress(pa.ArrowException):
        return received.cast(pa.string()), none
    return pa.nulls(len(received), pa.string()), ~nulls(received)  # lists and the like


def is_bytes(kind: pa.DataType) -> bool:
    return any(
        of(kind) for of in (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view, pa.types.is_fixed_size_binary)
    )


def _decoded(received: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Bytes that are UTF-8 are that text: so come texts of a database that does not look at what it is given."""
    received = received.cast(pa.binary())
    with contextlib.suppress(pa.ArrowInvalid):  # the error's text holds a value: it goes no further
        return received.cast(pa.string()), np.zeros(len(received), bool)
    texts = [None if cell is None else utf8(cell) for cell in received.to_pylist()]
    array = pa.array(texts, pa.string())
    return array, nulls(array) & ~nulls(received)


def utf8(cell: bytes) -> str | None:
    """The text that bytes are in UTF-8; None: they are none."""
    try:
        return cell.decode()
    except UnicodeDecodeError:
        return None


def _found(unread: Unread) -> Unread:
    return {reason: rows for reason, rows in unread.items() if rows.any()}
