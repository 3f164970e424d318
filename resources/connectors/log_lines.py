"""The lines of a submission log as they came, judged: for roads whose source cannot judge them itself. No road is known here.

Whatever stands in a line stops nothing, and the same lines say the same in any order.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from resources.connectors.connector import Expected, Submission, Submissions
from schemas import calendar
from schemas.dataset import Dataset
from schemas.reading import read
from schemas.registry import datasets_of
from schemas.submissions import SUBMISSION_LOG

FIRST, LAST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC), dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
MOST_ROWS = 10**9  # of one cell; a number above it is none
AHEAD = dt.timedelta(days=400)  # a period may be submitted before it begins
NEARLY = dt.timedelta(days=1)  # by so much a clock may be ahead: such a line is no fault, and not yet a word
CODE = 64  # characters of a code that are looked at; of a longer text none is a code

# Why a line is not used, in the order in which it is asked.
WHY = {
    "table": "ghi tên bảng không có",
    "period": "ghi kỳ không có",
    "unit": "ghi đơn vị không phải nộp kỳ đó",
    "instant": "ghi thời điểm không đọc được",
    "future": "ghi thời điểm chưa tới",
}


@dataclass(frozen=True)
class _Line:
    table: str
    period: str
    unit: str
    at: dt.datetime | None
    stated: int | None  # a number that can be
    says_otherwise: bool  # something stands there for a number of rows, and it is not 0
    is_empty: bool


def latest(batches: Iterable[pa.RecordBatch], dataset: Dataset, expected: Expected, until: dt.datetime) -> Submissions:
    """What the log says of a dataset. Of a log of any length the lines of each cell's latest instant alone are held."""
    mine = _code(dataset.road.at_source)
    tables = {_code(d.road.at_source) for d in datasets_of(dataset.source)} | {mine}
    periods = {p.upper(): p for p in calendar.started(dataset, until.date() + AHEAD)}
    units = {u.upper(): u for owing in expected.values() for u in owing}
    unused: Counter[str] = Counter()
    words: dict[tuple[str, str], set[_Line]] = {}
    for line in (line for batch in batches for line in _lines(batch, until.date())):
        if line.table in tables and line.table != mine:
            continue
        period, unit = periods.get(line.period), units.get(line.unit)
        why = _why(line, tables, period, unit, until)
        if why is None and period is not None and period not in expected:
            continue  # it has not begun
        if why is None and unit not in expected[str(period)]:
            why = "unit"
        if why is not None:
            unused[WHY[why]] += 1
        elif line.at is not None and line.at <= until:
            cell = str(period), str(unit)
            said = words.setdefault(cell, {line})
            before = next(iter(said)).at
            if before is None or line.at > before:
                words[cell] = {line}
            elif line.at == before:
                said.add(line)
    found, doubted = {}, []
    for cell, said in words.items():
        found[cell] = _word(said)
        if not found[cell].declared_empty and any(line.is_empty for line in said):
            doubted.append(cell)
    return Submissions(found, unused, sorted(doubted))


def _why(line: _Line, tables: set[str], period: str | None, unit: str | None, until: dt.datetime) -> str | None:
    if line.table not in tables:
        return "table"
    if period is None:
        return "period"
    if unit is None:
        return "unit"
    if line.at is None or not FIRST <= line.at <= LAST:
        return "instant"
    return "future" if line.at > until + NEARLY else None


def _word(said: set[_Line]) -> Submission:
    """What all lines of one instant say."""
    numbers = {line.stated for line in said}
    at = next(iter(said)).at
    assert at is not None
    is_empty = all(line.is_empty for line in said) and not any(line.says_otherwise for line in said)
    return Submission(at, numbers.pop() if len(numbers) == 1 else None, is_empty)


def _lines(batch: pa.RecordBatch, judged_on: dt.date) -> Iterator[_Line]:
    columns = {c.name: c for c in SUBMISSION_LOG.columns}
    as_received = {name: batch.column(column.source_column) for name, column in columns.items()}
    typed = {
        name: read(columns[name], as_received[name], judged_on).values for name in ("submitted_at", "rows", "declared_empty")
    }
    codes = ([_code(cell) for cell in as_received[name].to_pylist()] for name in ("table", "period", "unit_code"))
    stands = as_received["rows"].is_valid().to_pylist()
    for table, period, unit, at, rows, is_there, is_empty in zip(
        *codes,
        *(typed[name].to_pylist() for name in ("submitted_at", "rows")),
        stands,
        typed["declared_empty"].to_pylist(),
        strict=True,
    ):
        known = rows is not None and 0 <= rows <= MOST_ROWS
        yield _Line(table, period, unit, at, rows if known else None, is_there and rows != 0, is_empty is True)


def _code(cell: Any) -> str:
    """A code in capitals, without the space around it. Bytes that are no text become something that is no code."""
    text = cell.decode(errors="backslashreplace") if isinstance(cell, bytes) else str(cell or "")
    return text[:CODE].strip(" \t\n\r").encode(errors="surrogatepass").upper().decode(errors="replace")  # of ASCII letters alone
