"""A workbook of rejected rows that came back: known by the marks of its rows, it mends these rows and leaves all others alone."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from resources.hub import Hub
from resources.inbox import failures, notes
from resources.inbox.periods import named
from resources.inbox.verdict import Verdict, told_of
from resources.warehouse.quarantine.answers import Asked, asked
from resources.workbooks.marks import COLUMNS, HEADING, MARK, Mark
from resources.workbooks.reading.failures import FileTooLarge, HeadingsMissing, HeadingsTwice
from resources.workbooks.reading.grid import Grid
from resources.workbooks.reading.headings import LOOKED_AT
from resources.workbooks.reading.read import Read, read_grids
from resources.workbooks.reading.wanted import choice_of
from resources.workbooks.reading.words import folded
from resources.workbooks.returned import BROKEN, UNKNOWN, Lookup, Told, datasets_of, read_returned
from schemas.dataset import Dataset, Source
from schemas.origin import ROW, SENDER, SHEET
from schemas.registry import dataset_named
from schemas.registry import datasets_of as datasets_of_source
from schemas.written import grouped

# pyright: reportAttributeAccessIssue=false

MOST_ROWS = 100_000  # more than any cell may have rejected: they are held in memory


@dataclass(frozen=True)
class Patch(Verdict):
    """A workbook of rejected rows that came back."""

    passed_over: Sequence[Told]  # the rows that cannot be loaded as things stand
    kept: pa.Table  # all rows as they were read, with the columns that the file has
    loaded: Mapping[str, pa.Table]  # period -> the rows as they are loaded

    kind = "patch"

    @property
    def foretold(self) -> Sequence[str]:
        return [_not_loaded(told) for told in self.passed_over]

    def batches(self) -> Iterator[pa.RecordBatch]:
        yield from self.kept.to_batches()

    def cells(self, today: dt.date) -> Iterator[tuple[str, pa.Table]]:
        columns = [ROW, SHEET, SENDER, *(c.source_column for c in self.dataset.columns)]
        for period, rows in self.loaded.items():
            yield period, rows.select(columns)


def looked_up(hub: Hub, numbers: Collection[int]) -> Mapping[int, Asked]:
    """Rejected rows by their numbers. It is called only for files with marks: for others the warehouse need not stand."""
    with hub.warehouse.engine.connect() as connection:
        return asked(connection, numbers)


def is_patch(grids: Iterable[Grid]) -> bool:
    """Whether any row of any sheet has a mark, be it a damaged one: what came back is never taken for all rows of its sender."""
    return any(_is_marked(grid) for grid in grids if not grid.is_hidden)


def _is_marked(grid: Grid) -> bool:
    first = next(grid.batches(), None)
    for at, column in enumerate(first.columns if first else ()):
        heads = (
            row for row, text in enumerate(column.slice(0, LOOKED_AT).to_pylist()) if text and folded(text) == folded(HEADING)
        )
        if (head := next(heads, None)) is not None:
            below = (batch.column(at).slice(0 if number else head + 1) for number, batch in enumerate(grid.batches()))
            return any((text or "").strip() for part in below for text in pc.unique(part).to_pylist())
    return False


def patches(
    grids: Sequence[Grid],
    name: str,
    sender: str,
    source: Source,
    today: dt.date,
    lookup: Lookup,
    mapping: Mapping[str, str],
) -> list[Patch]:
    """What a workbook mends: one patch for each dataset. Raises why it goes back."""
    reads: dict[str, Read] = {}
    for dataset in datasets_of_source(source):
        with suppress(HeadingsMissing, HeadingsTwice):  # its sheets are of other datasets
            read = read_grids(grids, {dataset.id: choice_of(dataset, COLUMNS)}, mapping, name)
            if read.report.rows:  # what cannot be mended may be deleted
                reads[dataset.id] = read
    tables = {of: _table(dataset_named(of), read) for of, read in reads.items()}
    marks = {
        pair
        for table in tables.values()
        for pair in zip(table.column(SHEET).to_pylist(), table.column(MARK).to_pylist(), strict=True)
    }
    of_sheet = datasets_of(marks, lookup)
    found, told, left = list[Patch](), list[Told](), list[Told]()
    for of, table in tables.items():
        sheets = [sheet for sheet, dataset in of_sheet.items() if dataset == of]
        rows = table.filter(pc.is_in(table.column(SHEET), pa.array(sheets, pa.string())))
        if not rows.num_rows:
            continue
        dataset = dataset_named(of)
        periods = named([Path(name).stem], dataset.kind)
        returned = read_returned(dataset, rows, lookup, sender, today, periods[0] if len(periods) == 1 else None)
        told += returned.told
        if returned.rows:
            loaded = sum(part.num_rows for part in returned.rows.values())
            said = told_of(reads[of].report)
            found.append(Patch(dataset, sender, tuple(returned.rows), loaded, said, returned.told, rows, returned.rows))
        else:
            left += returned.told
    if not found:
        raise failures.NothingMended(why=_why(told))
    # A dataset of which no row can be loaded is not registered and gets no receipt: its rows are told in that of the first one.
    left += _of_no_dataset(tables.values(), of_sheet)
    return [replace(found[0], told=[*found[0].told, *map(_not_loaded, left)]), *found[1:]]


def _of_no_dataset(tables: Iterable[pa.Table], of_sheet: Collection[str]) -> list[Told]:
    """The marked rows of sheets in which no mark names a rejected row: nobody can tell to which dataset they belong."""
    marked = {
        (sheet, row): Mark.read(mark)
        for table in tables
        for sheet, row, mark in zip(*(table.column(name).to_pylist() for name in (SHEET, ROW, MARK)), strict=True)
        if sheet not in of_sheet and (mark or "").strip()
    }
    return [Told(0, *place, why=UNKNOWN if mark else BROKEN) for place, mark in sorted(marked.items(), key=lambda item: item[0])]


def _not_loaded(told: Told) -> str:
    return f"{notes.place(told.sheet, told.row)}: không nạp; {told.why}."


def _table(dataset: Dataset, read: Read) -> pa.Table:
    """All rows, with the columns that the file has. The other columns of a marked row are taken from what was received."""
    if read.report.rows > MOST_ROWS:
        raise FileTooLarge(what=f"bản sửa có {grouped(read.report.rows)} dòng, cho phép {grouped(MOST_ROWS)}")
    there = [c.source_column for c in dataset.columns if c.source_column in read.found]
    table = pa.Table.from_batches(list(read.batches()))
    return table.select([ROW, SHEET, *there, MARK])


def _why(told: Sequence[Told]) -> str:
    """The commonest of the reasons. They hold no value."""
    reasons = [one.why for one in told]
    return max(reasons, key=reasons.count) if reasons else "không mã nào là của dòng bị loại ở hệ thống này"
