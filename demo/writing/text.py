"""Vectorised text: numbers, days and codes as the sources hold them. Knows no person and no dataset."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

TEXT = pa.string()


def whole(values: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Whole numbers as text; null where `missing`."""
    return pc.cast(pa.array(values.astype(np.int64), mask=missing), TEXT)


def padded(values: np.ndarray, width: int, missing: np.ndarray | None = None) -> pa.Array:
    return pc.utf8_lpad(whole(values, missing), width, "0")


def from_list(choices: Sequence[str | None] | np.ndarray, indexes: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """The choice of each index, as text."""
    return pa.array(list(choices), TEXT).take(pa.array(indexes.astype(np.int64), mask=missing))


def joined(*parts: pa.Array | str) -> pa.Array:
    """Parts side by side; null where a part is null."""
    length = next(len(p) for p in parts if not isinstance(p, str))
    arrays = [pa.repeat(pa.scalar(p, TEXT), length) if isinstance(p, str) else p for p in parts]
    return pc.binary_join_element_wise(*arrays, "")


def dates(days: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Days as a date column."""
    return pa.array(days.astype("datetime64[D]"), pa.date32(), mask=missing)


def day_text(days: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Days as text, YYYY-MM-DD."""
    return pc.cast(dates(days, missing), TEXT)


def only_where(given: np.ndarray, values: pa.Array) -> pa.Array:
    """The texts where they are given, nothing elsewhere."""
    return pc.if_else(pa.array(given), values, pa.scalar(None, TEXT))


def instants(days: np.ndarray, fraction: np.ndarray) -> pa.Array:
    """An instant in the office hours of each day (07:30 to 17:30 in Vietnam), UTC."""
    base = days.astype(np.int64) * 86_400 + 30 * 60  # 07:30 at UTC+7
    seconds = base + (fraction * 36_000).astype(np.int64)
    return pa.array(seconds * 1_000_000, pa.int64()).cast(pa.timestamp("us", tz="UTC"))


def compact_days(days: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Days as text, yyyyMMdd."""
    return pc.replace_substring(day_text(days, missing), "-", "")


def compact_instants(seconds: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Instants as text, yyyyMMddHHmmss; given in seconds since 1970 of the clock in Vietnam."""
    moments = pa.array(seconds.astype(np.int64), mask=missing).cast(pa.timestamp("s"))
    return pc.strftime(moments, format="%Y%m%d%H%M%S")
