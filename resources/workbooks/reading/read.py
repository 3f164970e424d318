"""A file that was sent, read: `read_file` gives its rows as texts under the source's column names, and says what was found.

Each row tells its sheet and its number in the file, counted from 1 as spreadsheets do. What a text means is not asked here.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resources.workbooks.reading import headings as finding
from resources.workbooks.reading.failures import FileEmpty, HeadingsMissing, HeadingsTwice
from resources.workbooks.reading.headings import Headings, Known, Wanted
from resources.workbooks.reading.letters import Samples, decoded
from resources.workbooks.reading.limits import Limits
from resources.workbooks.reading.lines import Sorted, Sorter
from resources.workbooks.reading.process import COMMAND, Grid, grids
from resources.workbooks.reading.report import Report, SheetReport
from schemas.origin import ROW, SHEET
from schemas.reading.received import SHIFTED

# pyright: reportAttributeAccessIssue=false

LIMITS = Limits()
COMPARED = 300_000  # rows; in more no sheet is looked for that repeats the others

EMPTY, HIDDEN = "không có ô nào có chữ", "trang đang ẩn (bỏ ẩn nếu là dữ liệu rồi gửi lại)"
NO_HEADING = "không có dòng tiêu đề của biểu mẫu"
OTHERS = "tiêu đề khác trang được lấy, ít cột đã khai hơn"
GATHERED = "chỉ gom lại các dòng của những trang khác"


@dataclass(frozen=True)
class Page:
    """A sheet with its heading found, its encodings decided and its lines sorted."""

    grid: Grid
    headings: Headings
    encodings: Mapping[int, str]
    sorted: Sorted
    decomposed: int
    names: tuple[int, ...]
    shifted_from: int | None  # a row that has something from this column on has its cells under the wrong headings

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows of the sheet in Unicode."""
        for batch in self.grid.batches():
            yield self._apart(decoded(batch, self.encodings, self.names))

    def _apart(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        wide = _wide(batch, self.shifted_from)
        if not wide.any():
            return batch
        mask, shifted = pa.array(wide), pa.scalar(SHIFTED, pa.string())
        return pa.RecordBatch.from_arrays([pc.if_else(mask, shifted, column) for column in batch.columns], schema=batch.schema)


@dataclass(frozen=True)
class Read:
    """A file read. The rows can be asked for again, as long as the block of `read_file` lasts."""

    report: Report
    columns: tuple[Wanted, ...]
    pages: tuple[Page, ...]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows of data: every column that was looked for, as text, null where the file has none; ROW and SHEET."""
        for page in self.pages:
            at = 0
            for batch in page.batches():
                kept = page.sorted.is_data[at : at + batch.num_rows]
                if kept.any():
                    yield self._rows(page, batch, at, pa.array(kept))
                at += batch.num_rows

    def _rows(self, page: Page, batch: pa.RecordBatch, at: int, kept: pa.Array) -> pa.RecordBatch:
        places = page.headings.columns
        rows = pa.array(range(at + 1, at + 1 + batch.num_rows), pa.int64()).filter(kept)
        texts = [
            batch.column(places[c.name]).filter(kept) if c.name in places else pa.nulls(len(rows), pa.string())
            for c in self.columns
        ]
        sheet = pa.array([page.grid.name] * len(rows), pa.string())
        return pa.RecordBatch.from_arrays([rows, sheet, *texts], names=[ROW, SHEET, *(c.name for c in self.columns)])


@contextmanager
def read_file(
    path: Path,
    columns: Sequence[Wanted],
    limits: Limits = LIMITS,
    mapping: Mapping[str, str] | None = None,
    command: Sequence[str] = COMMAND,
) -> Iterator[Read]:
    """Read a workbook or a CSV file, whatever it is. Raises the failures of this package, and no others.

    `mapping` is the table of a sender whose headings are others (`headings.read_mapping`).
    """
    known = Known.of(columns, mapping or {})
    with grids(path, limits, command) as found:
        if all(grid.rows == 0 for grid in found):
            raise FileEmpty
        skipped: dict[int, str] = {}
        pages: dict[int, Page] = {}
        for at, grid in enumerate(found):
            if grid.rows == 0:
                skipped[at] = EMPTY
            elif grid.is_hidden:
                skipped[at] = HIDDEN
            else:
                headings = finding.find(_first_rows(grid), grid.merged, known)
                if headings is None or _missing(headings, columns, required=True):
                    skipped[at] = NO_HEADING
                else:
                    pages[at] = _page(grid, headings, columns)
        if not pages:
            raise HeadingsMissing(missing=_nearest(found, columns, known))
        _choose(pages, skipped)
        _refuse_twice(pages, columns)
        sheets = tuple(
            _told(pages[at], columns) if at in pages else SheetReport(grid.name, is_hidden=grid.is_hidden, skipped=skipped[at])
            for at, grid in enumerate(found)
        )
        report = Report(sheets, found[0].encoding, found[0].separator)
        yield Read(report, tuple(columns), tuple(pages.values()))


def _first_rows(grid: Grid) -> list[tuple[str | None, ...]]:
    """The rows among which the heading is."""
    rows = (
        row
        for batch in grid.batches()
        for row in zip(*(column.to_pylist() for column in batch.slice(0, finding.LOOKED_AT).columns), strict=True)
    )
    return list(islice(rows, finding.LOOKED_AT))


def _missing(headings: Headings, columns: Sequence[Wanted], required: bool) -> list[str]:
    return [c.title for c in columns if c.name not in headings.columns and (c.is_required or not required)]


def _nearest(found: Sequence[Grid], columns: Sequence[Wanted], known: Known) -> str:
    """What the sheet with most headings lacks."""
    lacking = [
        _missing(headings, columns, required=True)
        for grid in found
        if grid.rows and not grid.is_hidden and (headings := finding.find(_first_rows(grid), grid.merged, known))
    ]
    return ", ".join(min(lacking, key=len)) if lacking else ", ".join(c.title for c in columns if c.is_required)


def _page(grid: Grid, headings: Headings, columns: Sequence[Wanted]) -> Page:
    samples, decomposed, wide, top = Samples(grid.width), 0, 0, headings.last + 1
    beyond = _beyond(headings) if grid.separator else None
    for batch in grid.batches():
        below = batch.slice(min(top, batch.num_rows))
        top = max(0, top - batch.num_rows)
        samples.add(below)
        wide += int(_wide(below, beyond).sum())
        decomposed += sum(pc.sum(pc.match_substring_regex(column, "[\u0300-\u036f]")).as_py() or 0 for column in batch.columns)
    encodings = samples.encodings()
    names = tuple(headings.columns[c.name] for c in columns if c.is_name and c.name in headings.columns)
    required = [headings.columns[c.name] for c in columns if c.is_required]
    sorter = Sorter(_as_read(headings, encodings, names), required, grid.rows)
    for batch in grid.batches():
        sorter.add(decoded(batch, encodings, names))
    # Where most rows are wider than the heading, a column has no heading, and nothing is shifted.
    return Page(grid, headings, encodings, sorter.done(), decomposed, names, beyond if 2 * wide < grid.rows else None)


def _beyond(headings: Headings) -> int:
    """The first column to the right of every heading."""
    return 1 + max(at for line in headings.lines for at, text in enumerate(line) if text)


def _wide(batch: pa.RecordBatch, beyond: int | None) -> np.ndarray:
    """Rows of a CSV file that have more cells than there are headings: a separator stood in a text, and what follows is shifted."""
    wide = np.zeros(batch.num_rows, bool)
    for column in batch.columns[beyond:] if beyond is not None else ():
        wide |= column.is_valid().to_numpy(zero_copy_only=False)
    return wide


def _as_read(headings: Headings, encodings: Mapping[int, str], names: Sequence[int]) -> Headings:
    """The lines of the heading in the encodings of their columns, as they come again on a later page."""
    schema = pa.schema([(str(at), pa.string()) for at in range(len(headings.lines[0]))])
    batch = pa.RecordBatch.from_arrays(
        [pa.array(cells, pa.string()) for cells in zip(*headings.lines, strict=True)], schema=schema
    )
    lines = zip(*(column.to_pylist() for column in decoded(batch, encodings, names).columns), strict=True)
    return Headings(
        headings.first, headings.last, headings.columns, headings.twice, headings.unknown, tuple(lines), headings.encoding
    )


def _choose(pages: dict[int, Page], skipped: dict[int, str]) -> None:
    """Sheets with the same columns, one a commune, are joined; of others that with most columns, then most rows, is read."""
    best = max(pages, key=lambda at: (len(pages[at].headings.columns), pages[at].sorted.rows, -at))
    for at in [*pages]:
        if set(pages[at].headings.columns) != set(pages[best].headings.columns):
            skipped[at] = OTHERS
            del pages[at]
    total = sum(page.sorted.rows for page in pages.values())
    if len(pages) > 1 and total <= COMPARED:
        contents = {at: _contents(page) for at, page in pages.items()}
        for at in sorted(pages, key=lambda at: -pages[at].sorted.rows):
            rest = frozenset().union(*(contents[other] for other in pages if other != at))
            if contents[at] and contents[at] == rest:
                skipped[at] = GATHERED
                del pages[at]
                break


def _contents(page: Page) -> frozenset[tuple[str | None, ...]]:
    """The different rows of a sheet, by the columns that are looked for."""
    places, rows, at = sorted(page.headings.columns.items()), set(), 0
    for batch in page.batches():
        kept = pa.array(page.sorted.is_data[at : at + batch.num_rows])
        rows.update(zip(*(batch.column(place).filter(kept).to_pylist() for _, place in places), strict=True))
        at += batch.num_rows
    return frozenset(rows)


def _refuse_twice(pages: Mapping[int, Page], columns: Sequence[Wanted]) -> None:
    twice = {name for page in pages.values() for name in page.headings.twice}
    if twice:
        raise HeadingsTwice(titles=", ".join(c.title for c in columns if c.name in twice))


def _told(page: Page, columns: Sequence[Wanted]) -> SheetReport:
    grid, headings = page.grid, page.headings
    titles = {headings.columns[c.name]: c.title for c in columns if c.name in headings.columns}
    return SheetReport(
        name=grid.name,
        rows=page.sorted.rows,
        heading_lines=(headings.first + 1, headings.last + 1),
        aside=page.sorted.aside,
        encodings={titles[at]: encoding for at, encoding in page.encodings.items() if at in titles},
        formulas={titles[at]: cells for at, cells in grid.formulas.items() if at in titles},
        unknown=tuple(text for _, text in headings.unknown),
        missing=tuple(_missing(headings, columns, required=False)),
        errors=grid.errors,
        decomposed=page.decomposed,
        hidden_rows=grid.hidden_rows,
        hidden_columns=grid.hidden_columns,
    )
