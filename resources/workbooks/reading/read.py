"""A file that was sent, read: `read_file` tells for which dataset it is, gives its rows as texts, and says what was found.

Each row tells its sheet and its number in the file, counted from 1 as spreadsheets do. What a text means is not asked here.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa

from resources.workbooks.reading.failures import DatasetUnclear, FileEmpty, HeadingsMissing, HeadingsTwice
from resources.workbooks.reading.forms import Form, form_of
from resources.workbooks.reading.grid import Grid
from resources.workbooks.reading.headings import LOOKED_AT, Headings, Known, Top, find
from resources.workbooks.reading.limits import Limits
from resources.workbooks.reading.pages import Table, table_of
from resources.workbooks.reading.process import COMMAND, grids
from resources.workbooks.reading.report import Report, SheetReport
from resources.workbooks.reading.stated import stated_in, titles_of
from resources.workbooks.reading.wanted import Choice, Wanted
from resources.workbooks.reading.words import folded

LIMITS = Limits()
ALIKE = 0.75  # of the columns
COMPARED = 300_000  # rows; in more no sheet is looked for that repeats the others

EMPTY, HIDDEN = "không có ô nào có chữ", "trang đang ẩn (bỏ ẩn nếu là dữ liệu rồi gửi lại)"
NO_HEADING = "không có dòng tiêu đề của biểu mẫu"
BARE = "không có dòng dữ liệu nào dưới tiêu đề"
OTHERS = "tiêu đề khác trang được lấy, ít cột đã khai hơn"
GATHERED = "chỉ gom lại các dòng của những trang khác"


@dataclass(frozen=True)
class Read:
    """A file read, for the dataset `choice`. The rows can be asked for again, as long as the block of `read_file` lasts."""

    choice: str
    columns: tuple[Wanted, ...]
    report: Report
    pages: tuple[Table | Form, ...]

    @property
    def found(self) -> frozenset[str]:
        """The columns that every sheet has: by a heading, or said above the table."""
        return frozenset.intersection(*(frozenset(page.names) for page in self.pages))

    @property
    def lacking(self) -> frozenset[str]:
        """The columns that may be said once for all rows, and are not: who sent the file knows them, or its name tells."""
        return frozenset(c.name for c in self.columns if c.is_stated) - self.found

    @property
    def titles(self) -> tuple[str, ...]:
        """The texts above the headings."""
        return tuple(text for page in self.pages for text in titles_of(page.headings.above))

    def batches(self, given: Mapping[str, str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows of data: ROW and SHEET, then every column as text, null where nothing is said; `given` stands where that is so."""
        for page in self.pages:
            yield from page.batches(given or {})


def _top(grid: Grid) -> Top:
    rows = (
        row
        for batch in grid.batches()
        for row in zip(*(column.to_pylist() for column in batch.slice(0, LOOKED_AT).columns), strict=True)
    )
    return Top.of(list(islice(rows, LOOKED_AT)), grid.merged)


@dataclass(frozen=True)
class Fit:
    """How the sheets of a file look as those of one dataset. `tables` and `forms` are by the number of the sheet; `bare` are the sheets
    of its heading and no row, which are tables where there is nothing else."""

    name: str
    choice: Choice
    tables: Mapping[int, tuple[Headings, Mapping[str, str]]]
    forms: Mapping[int, Form]
    bare: frozenset[int]
    lacking: Sequence[str]  # titles that the nearest sheet lacks, where no sheet fits
    sheets: str  # their names

    @classmethod
    def of(cls, name: str, choice: Choice, grids: Sequence[Grid], tops: Mapping[int, Top], mapping: Mapping[str, str]) -> "Fit":
        known = Known.of(choice.columns, mapping)
        tables, forms, nearest = {}, {}, None
        for at, top in tops.items():
            headings = find(top, known)
            lacking = _lacking(headings, choice)
            if headings is not None and not lacking:
                tables[at] = headings, stated_in(headings, choice.columns, known)
            elif form := form_of(grids[at], top, choice.columns, known):
                forms[at] = form
            elif headings is not None and (nearest is None or len(lacking) < len(nearest)):
                nearest = lacking
        bare = frozenset(at for at, (headings, stated) in tables.items() if _is_bare(grids[at], headings, stated, choice.columns))
        if forms or len(bare) < len(tables):
            tables = {at: table for at, table in tables.items() if at not in bare}
        return cls(name, choice, tables, forms, bare, nearest or _lacking(None, choice), " / ".join(grid.name for grid in grids))

    @property
    def has_rows(self) -> bool:
        return bool(self.forms) or not self.bare.issuperset(self.tables)

    @property
    def columns(self) -> int:
        """The columns of the sheet that has most."""
        found = (*(len(headings.names) for headings, _ in self.tables.values()), *(len(f.names) for f in self.forms.values()))
        return max(found, default=0)

    def is_named(self, file: str) -> bool:
        """Whether the file or a sheet bears its name."""
        words = f" {folded(file)} / {folded(self.sheets)} "
        return any(f" {folded(name)} " in words for name in self.choice.names)


@contextmanager
def read_file(
    path: Path,
    choices: Mapping[str, Choice],
    limits: Limits = LIMITS,
    mapping: Mapping[str, str] | None = None,
    named: str = "",
    command: Sequence[str] = COMMAND,
) -> Iterator[Read]:
    """Read a workbook or a CSV file, whatever it is, as the one of the choices whose headings it has. Raises the failures of this
    package, and no others.

    `mapping` is the table of a sender whose headings are others (`wanted.read_mapping`), `named` what the sender calls the file.
    """
    with grids(path, limits, command) as found:
        yield read_grids(found, choices, mapping or {}, named)


def read_grids(found: Sequence[Grid], choices: Mapping[str, Choice], mapping: Mapping[str, str], named: str) -> Read:
    """Read sheets as the other process left them."""
    if all(grid.rows == 0 for grid in found):
        raise FileEmpty
    tops = {at: _top(grid) for at, grid in enumerate(found) if grid.rows and not grid.is_hidden}
    fit = _fitting([Fit.of(name, choice, found, tops, mapping) for name, choice in choices.items()], named)
    columns = fit.choice.columns
    pages: dict[int, Table | Form] = {
        **{at: table_of(found[at], headings, stated, columns) for at, (headings, stated) in fit.tables.items()},
        **fit.forms,
    }
    skipped = {at: BARE for at in fit.bare} | _chosen(pages)
    twice = {name for page in pages.values() for name in page.twice}
    if twice:
        raise HeadingsTwice(titles=", ".join(c.title for c in columns if c.name in twice))
    told = tuple(pages[at].told() if at in pages else _skipped(grid, skipped.get(at)) for at, grid in enumerate(found))
    return Read(fit.name, columns, Report(told, found[0].encoding, found[0].separator), tuple(pages.values()))


def _is_bare(grid: Grid, headings: Headings, stated: Mapping[str, str], columns: tuple[Wanted, ...]) -> bool:
    """Whether a sheet is a heading with no row: a template, or one whose rows were deleted. Of a long one that is not asked."""
    return grid.rows <= headings.last + LOOKED_AT and not table_of(grid, headings, stated, columns).rows


def _skipped(grid: Grid, why: str | None) -> SheetReport:
    why = why or (EMPTY if not grid.rows else HIDDEN if grid.is_hidden else NO_HEADING)
    return SheetReport(grid.name, is_hidden=grid.is_hidden, skipped=why)


def _lacking(headings: Headings | None, choice: Choice) -> list[str]:
    """The titles for lack of which a sheet does not belong to this dataset: of the required columns, else of all, where too few are there."""
    names = headings.names if headings else frozenset()
    missing = [c.title for c in choice.columns if c.is_required and c.name not in names]
    own = [c for c in choice.columns if not c.is_stated]
    if missing or sum(c.name in names for c in own) >= choice.least:
        return missing
    return [c.title for c in own if c.name not in names]


def _fitting(fits: Sequence[Fit], named: str) -> Fit:
    """The dataset of which most columns are there, and rows; of several, the one after which the file or a sheet is named."""
    fits = [fit for fit in fits if fit.has_rows] or fits
    most = max(fit.columns for fit in fits)
    if not most:
        nearest = min(fits, key=lambda fit: len(fit.lacking))
        raise HeadingsMissing(form=nearest.choice.title, missing=", ".join(nearest.lacking[:10]))
    best = [fit for fit in fits if fit.columns == most]
    told = [fit for fit in best if fit.is_named(named)]
    if len(best) > 1 and len(told) != 1:
        raise DatasetUnclear(forms=", ".join(fit.choice.title for fit in best))
    return told[0] if len(best) > 1 else best[0]


def _chosen(pages: dict[int, Table | Form]) -> dict[int, str]:
    """Leave the sheets that are read, and say why the others are not. Those with nearly the same columns, one a commune, are joined; of
    others that with most columns, then most rows, is read."""
    skipped = {}
    best = max(pages, key=lambda at: (len(pages[at].names), pages[at].rows, -at))
    for at in [*pages]:
        if not _alike(pages[at], pages[best]):
            skipped[at] = OTHERS
            del pages[at]
    if len(pages) > 1 and sum(page.rows for page in pages.values()) <= COMPARED:
        contents = {at: _contents(page) for at, page in pages.items()}
        for at in sorted(pages, key=lambda at: -pages[at].rows):
            rest = frozenset().union(*(contents[other] for other in pages if other != at))
            if contents[at] and contents[at] == rest:
                skipped[at] = GATHERED
                del pages[at]
                break
    return skipped


def _alike(page: Table | Form, best: Table | Form) -> bool:
    """A commune whose clerk took a column out is still one of the communes; its rows lack that column."""
    if isinstance(page, Form) or isinstance(best, Form):
        return type(page) is type(best)
    names, most = page.headings.names, best.headings.names
    return len(names & most) >= ALIKE * len(most)


def _contents(page: Table | Form) -> frozenset[int]:
    """The different rows of a sheet, by their hashes: as texts they would take more memory than the file."""
    rows = set()
    for batch in page.batches({}):
        rows.update(map(hash, zip(*(column.to_pylist() for column in batch.columns[2:]), strict=True)))
    return frozenset(rows)
