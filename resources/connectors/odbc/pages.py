"""The rows of a selection, a page after the other: each read whole, and held against what the source itself counted and summed of it.

A driver may keep all that a query gives in memory, so no query gives more than a page. Pages follow the order of a unique index;
where there is none, as in a view, rows are parted by a hash, and each page reads the table anew.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from resources.connectors import hashes
from resources.connectors.connector import BATCH_BYTES, BATCH_ROWS, KEY, ROW_BYTES
from resources.connectors.odbc.dialects import order
from resources.connectors.odbc.dialects.dialect import Family, Held
from resources.connectors.odbc.proof import Sums
from resources.connectors.odbc.queries import Queries
from resources.connectors.odbc.sessions import Session
from schemas.dataset import Dataset
from schemas.reading.cells import lengths

# pyright: reportAttributeAccessIssue=false

# A page lies in the driver and here at once, so it has fewer rows than a batch of other roads: of 60,000 a load of 10 M rows took 403 MB.
PAGE_ROWS = 40_000
PAGE_BYTES = BATCH_ROWS * ROW_BYTES + BATCH_BYTES
# What is written in digits alone. Any other text stays the bytes that came, all batches of a pull having one type: whoever reads
# them sets a row aside whose bytes are no UTF-8.
ASCII: Collection[Family] = ("integer", "whole", "decimal", "number", "day", "instant", "timed")
LEAST_ROOM = 32  # bytes
MOST_BUCKETS = 1 << 20  # rows that are equal lie in one however many there are


class Differs(Exception):
    """What came is not what the source has; in what, in words that hold no value."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what


@dataclass(frozen=True)
class _Page:
    where: str
    sums: Sums
    longest: int  # bytes of its longest row
    bytes: int

    @property
    def is_too_large(self) -> bool:
        return self.sums.rows > 1 and (self.sums.rows > 2 * BATCH_ROWS or self.bytes > PAGE_BYTES)


@dataclass(frozen=True)
class Reading:
    """One selection of a table's rows, in one snapshot."""

    session: Session
    queries: Queries
    selected: str  # a where clause
    page_rows: int = PAGE_ROWS
    lengths: list[int] = field(default_factory=list)  # of each column's longest text in the page before, in bytes

    def batches(self) -> Iterator[pa.RecordBatch]:
        """A page each: the declared columns under the source's names, and KEY where it is of a dataset. Raises Differs."""
        there, came = self.session.number(self.queries.count(self.selected)), 0
        if not there:
            return
        for page in self._ranges(there) if self._ordered_by else self._buckets(there):
            batch = self._read(page)
            came += batch.num_rows
            yield batch
        if came != there:
            raise Differs(f"số dòng; nhận {came} dòng, nguồn đếm {there}")

    def rehearsed(self) -> Iterator[pa.RecordBatch]:
        """A row at most, by the same statements as all."""
        if not (columns := self._ordered_by):
            page = self._page(self._more(self.queries.bucket(0, MOST_BUCKETS)))
            yield self._read(page)
            return
        for first in self.session.rows(self.queries.dialect.nth(columns, self.queries.table, self.selected, 1)):
            row = [str(part) for part in first]
            beside = self._more(order.after(self.queries.dialect, columns, row))
            self.session.rows(self.queries.dialect.nth(columns, self.queries.table, beside, self.page_rows))
            yield self._read(self._page(self._more(order.up_to(self.queries.dialect, columns, row))))

    @property
    def _ordered_by(self) -> list[Held]:
        relation, columns = self.queries.found.relation, self.queries.found.columns
        names = [name.lower() for name in relation.pages] if relation else []
        return [columns[name] for name in names] if all(name in columns for name in names) else []

    def _ranges(self, there: int) -> Iterator[_Page]:
        dialect, columns = self.queries.dialect, self._ordered_by
        last: list[str] | None = None
        rows, left = self.page_rows, there
        while left > 0:
            begun = self._more(None if last is None else order.after(dialect, columns, last))
            end = self.session.rows(dialect.nth(columns, self.queries.table, begun, rows)) if left > rows else []
            upto = [str(part) for part in end[0]] if end else None
            page = self._page(
                self._more(last and order.after(dialect, columns, last), upto and order.up_to(dialect, columns, upto))
            )
            if page.is_too_large:
                rows = max(1, min(rows, page.sums.rows) * PAGE_BYTES // (2 * page.bytes))
                continue
            if page.sums.rows:
                yield page
            if upto is None:
                return
            last, left, rows = upto, left - page.sums.rows, min(2 * rows, self.page_rows)

    def _buckets(self, there: int) -> Iterator[_Page]:
        count = -(-there // self.page_rows)
        waiting = [(number, count) for number in reversed(range(count))]
        while waiting:
            number, count = waiting.pop()
            page = self._page(self._more(self.queries.bucket(number, count) if count > 1 else None))
            if page.is_too_large and count < MOST_BUCKETS:
                waiting += [(number + count, 2 * count), (number, 2 * count)]
            elif page.sums.rows:
                yield page

    def _more(self, *conditions: str | list[str] | None) -> str:
        found = " and ".join(f"({condition})" for condition in conditions if condition)
        return f"{self.selected}{' and ' if self.selected else ' where '}{found}" if found else self.selected

    def _page(self, where: str) -> _Page:
        (told,) = self.session.rows(self.queries.proof(where))
        rows, hashes, size, longest = (int(number or 0) for number in told)
        return _Page(where, Sums(rows, hashes), longest, size)

    def _read(self, page: _Page) -> pa.RecordBatch:
        """The page, once its sums are those of the source. Where they are not, it is asked for again, its texts whole."""
        columns = self._columns(page, self.lengths)
        if self._differs(page, columns):
            columns = self._columns(page)
            if what := self._differs(page, columns):
                raise Differs(what)
        self.lengths[:] = [_longest(column) for column in columns]
        return self._received(columns)

    def _columns(self, page: _Page, before: Sequence[int] = ()) -> list[pa.Array]:
        """What came of a page.

        No more bytes of a column are asked for than twice what the longest of the page before had: a driver makes room for all that could
        come, and finding its way through it costs more than the bytes themselves. A text that was cut so does not pass the proof.
        """
        at_most = [max(LEAST_ROOM, 2 * length) for length in before]
        table = self.session.table(self.queries.rows(page.where, at_most), page.sums.rows, page.longest)
        return [_one(column) for column in table.columns]

    def _differs(self, page: _Page, columns: Sequence[pa.Array]) -> str | None:
        found = self._hashes(self.queries.held, columns)
        return Sums(len(found), hashes.total(found)).differs_from(page.sums)

    def _received(self, columns: Sequence[pa.Array]) -> pa.RecordBatch:
        held = self.queries.held
        names = [column.source_column for column in self.queries.declared.columns]
        arrays = [_text(column) if of.family in ASCII else column for of, column in zip(held, columns, strict=True)]
        if isinstance(self.queries.declared, Dataset):
            names, arrays = [*names, KEY], [*arrays, pa.array(self._hashes(self.queries.keys, columns))]
        return pa.RecordBatch.from_arrays(arrays, names=names)

    def _hashes(self, hashed: Sequence[Held], columns: Sequence[pa.Array]) -> np.ndarray:
        """Of each row, the hash of some of the columns that came."""
        came = {held.name: column for held, column in zip(self.queries.held, columns, strict=True)}
        texts = [_hashed(came[held.name], held.family == "bytes") for held in hashed]
        return hashes.hashes(texts, len(columns[0]), self.queries.dialect.hashes_parts)


def _one(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array, its texts as the bytes that they are."""
    whole = column.combine_chunks()
    whole = pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole
    return whole if pa.types.is_integer(whole.type) else whole.cast(pa.binary())


def _longest(column: pa.Array) -> int:
    return 0 if pa.types.is_integer(column.type) else int(lengths(column).max(initial=0))


def _hashed(column: pa.Array, is_bytes: bool) -> pa.Array:
    """What is hashed of a column, as `Queries.hashed` says it."""
    if pa.types.is_integer(column.type):
        return column.cast(pa.string()).cast(pa.binary())
    return (
        pa.array([v if v is None else v.hex().upper().encode() for v in column.to_pylist()], pa.binary()) if is_bytes else column
    )


def _text(column: pa.Array) -> pa.Array:
    return column if pa.types.is_integer(column.type) else column.cast(pa.string())
