"""What was found about the rows of a batch, and the tables that are made of it. No rule is applied here."""

import contextlib
import datetime as dt
import json
import math
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from schemas.reading.received import utf8

# pyright: reportAttributeAccessIssue=false

NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")  # an even number of backslashes before it stands for themselves

ROWS_AT_ONCE, BYTES_AT_ONCE = 4_096, 1 << 20
MOST_BYTES = 200  # a name holds fewer; of a longer text the beginning tells in what encoding it is

Kind = Literal["error", "warning", "repaired"]

REJECTED = pa.schema(
    [
        ("unit_code", pa.string()),
        ("row_key", pa.string()),
        ("ordinal", pa.int64()),
        ("received", pa.string()),
        ("failures", pa.dictionary(pa.int32(), pa.string())),  # of many rows the same
    ]
)
REMARKS = pa.schema(
    [*((name, pa.string()) for name in ("unit_code", "row_key", "kind", "rule", "column", "message")), ("ordinal", pa.int64())]
)


@dataclass
class Finding:
    kind: Kind
    rule: str
    column: str
    message: str
    rows: np.ndarray


@dataclass
class Findings:
    """Everything found about a batch, in the order in which it was found."""

    count: int
    all: list[Finding] = field(default_factory=list)
    unread: dict[str, np.ndarray] = field(default_factory=dict)  # field -> rows whose cell could not be read

    def add(
        self, kind: Kind, rule: str, column: str, message: str, rows: np.ndarray, reads: tuple[str, ...] | None = None
    ) -> None:
        """Note a finding, except in rows where a cell that the rule reads could not be read: that has been said already."""
        for name in (column,) if reads is None else reads:
            if name in self.unread:
                rows = rows & ~self.unread[name]
        if rows.any():
            self.all.append(Finding(kind, rule, column, message, rows))

    @cached_property
    def rejected(self) -> np.ndarray:
        return np.logical_or.reduce([np.zeros(self.count, bool), *(f.rows for f in self.all if f.kind == "error")])


def counted(findings: Findings, kinds: tuple[str, ...]) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for f in findings.all:
        if f.kind in kinds:
            counts[f.column, f.rule] = counts.get((f.column, f.rule), 0) + int(f.rows.sum())
    return counts


def received_texts(batch: pa.Table, rows: np.ndarray) -> list[str]:
    """Received rows as JSON text, as jsonb takes it: it has no NUL, which is shown as its symbol, no NaN and no bytes."""
    at = pa.array(rows)
    received = zip(*(_values(_in_place(column).take(at)) for column in batch.columns), strict=True)
    return [_without_nul(_json(dict(zip(batch.column_names, r, strict=True)))) for r in received]


def _in_place(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Arrow takes no rows of views."""
    held_as = {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}.get(column.type)
    return column.cast(held_as) if held_as else column


def _json(row: dict[str, Any]) -> str:
    try:
        return json.dumps(row, ensure_ascii=False, default=_plain_json, allow_nan=False)
    except ValueError:  # a NaN or an infinity
        return json.dumps({name: _finite(value) for name, value in row.items()}, ensure_ascii=False, default=_plain_json)


def _plain_json(value: Any) -> Any:
    if isinstance(value, dt.date | dt.datetime | dt.time):
        return value.isoformat()
    return _shown(value) if isinstance(value, bytes) else str(value)


def _shown(value: bytes) -> str:
    """Bytes as the text that they are; where they are none, as much of it as can be told, and the first of the bytes behind it."""
    text = utf8(value)
    if text is not None:
        return text
    more = "…" if len(value) > MOST_BYTES else ""
    return f"{value.decode(errors='replace')} (byte: {value[:MOST_BYTES].hex()}{more})"


def _finite(value: Any) -> Any:
    if isinstance(value, list | dict):
        return str(value)
    return value if not isinstance(value, float) or math.isfinite(value) else str(value)


def _values(column: pa.ChunkedArray) -> list[Any]:
    try:
        return column.to_pylist()
    except (OverflowError, ValueError):
        return [_value(cell) for cell in column]


def _value(cell: pa.Scalar) -> Any:
    with contextlib.suppress(OverflowError, ValueError):
        return cell.as_py()
    with contextlib.suppress(pa.ArrowException):  # a day that Python's calendar does not know
        return cell.cast(pa.string()).as_py()
    return f"({cell.type})"  # a list of such days


def _without_nul(text: str) -> str:
    return NUL.sub("\\1\u2400", text) if "\\u0000" in text else text


def rejected_rows(
    batch: pa.Table, bad: np.ndarray, unit_code: pa.Array, row_key: pa.Array, ordinal: pa.Array, findings: Findings
) -> pa.Table:
    rows = np.flatnonzero(bad)
    if not len(rows):
        return REJECTED.empty_table()
    errors = [
        (json.dumps({"rule": f.rule, "column": f.column, "message": f.message}, ensure_ascii=False), f.rows[rows])
        for f in findings.all
        if f.kind == "error"
    ]
    received, failures = [], []
    # Part by part: as objects of Python, rows and texts take ten times as much memory.
    at_once = max(1, min(ROWS_AT_ONCE, batch.num_rows * BYTES_AT_ONCE // max(batch.nbytes, 1)))
    for start in range(0, len(rows), at_once):
        part = slice(start, start + at_once)
        received.append(pa.array(received_texts(batch, rows[part]), pa.string()))
        said: list[list[str]] = [[] for _ in rows[part]]
        for text, broken in errors:
            for at in np.flatnonzero(broken[part]):
                said[at].append(text)
        failures.append(pa.array(["[" + ", ".join(texts) + "]" for texts in said], pa.string()).dictionary_encode())
    at = pa.array(rows)
    texts = [pa.chunked_array(parts) for parts in (received, failures)]
    return pa.Table.from_arrays([unit_code.take(at), row_key.take(at), ordinal.take(at), *texts], schema=REJECTED)


def remarks_of(bad: np.ndarray, unit_code: pa.Array, row_key: pa.Array, ordinal: pa.Array, findings: Findings) -> pa.Table:
    """Warnings and repairs of the accepted rows."""
    tables = []
    for f in findings.all:
        if f.kind == "error":
            continue
        rows = np.flatnonzero(f.rows & ~bad)
        if not len(rows):
            continue
        at = pa.array(rows)
        said = [pa.repeat(pa.scalar(text), len(rows)) for text in (f.kind, f.rule, f.column, f.message)]
        tables.append(pa.Table.from_arrays([unit_code.take(at), row_key.take(at), *said, ordinal.take(at)], schema=REMARKS))
    return pa.concat_tables(tables) if tables else REMARKS.empty_table()


def received_json(batch: pa.Table) -> list[str]:
    """Rows as received, as JSON text: what quarantine keeps of a row that is set aside later, in the warehouse."""
    return received_texts(batch, np.arange(batch.num_rows))
