"""A sheet that is a table: its encodings decided, its lines sorted, its rows given under the names of the columns."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resources.workbooks.reading.headings import SEXES, Headings, of_sex
from resources.workbooks.reading.letters import Samples, decoded
from resources.workbooks.reading.lines import Sorted, Sorter
from resources.workbooks.reading.process import Grid
from resources.workbooks.reading.report import SheetReport
from resources.workbooks.reading.stated import as_day
from resources.workbooks.reading.wanted import Wanted
from schemas.origin import ROW, SHEET
from schemas.reading.received import SHIFTED

# pyright: reportAttributeAccessIssue=false

_COMBINING = "[\u0300-\u036f]"
_YEAR = r"^\s*(?:\d{1,2} ?[/.-] ?\d{1,2} ?[/.-] ?)?(?P<year>\d{4})(?:-\d{1,2}-\d{1,2})?\s*$"
DASH = r"^\s*[-–—]\s*$"
_NOTHING = r"^[\s0.–-]*$"  # in the column of the other sex


@dataclass(frozen=True)
class Table:
    """A sheet with its heading found. `stated`: what its lines above the heading say of all its rows."""

    grid: Grid
    headings: Headings
    stated: Mapping[str, str]
    columns: tuple[Wanted, ...]
    encodings: Mapping[int, str]
    sorted: Sorted
    decomposed: int
    shifted_from: int | None  # a row that has something from this column on has its cells under the wrong headings

    @property
    def names(self) -> frozenset[str]:
        by_sex = {c.name for c in self.columns if c.kind == "sex" and any("|" in name for name in self.headings.columns)}
        by_day = {c.name for c in self.columns if c.kind == "birth_year" and self._birth()}
        return self.headings.names.union(self.stated, by_sex, by_day)

    @property
    def twice(self) -> frozenset[str]:
        return frozenset(name.partition("|")[0] for name in self.headings.twice)

    @property
    def rows(self) -> int:
        return self.sorted.rows

    def batches(self, given: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
        """The rows of data; what neither the row nor the sheet says of a column is what is given."""
        at, names = 0, _names(self.headings, self.columns)
        for whole in self.grid.batches():
            kept = self.sorted.is_data[at : at + whole.num_rows]
            if kept.any():
                batch = self._apart(decoded(whole, self.encodings, names)).filter(pa.array(kept))
                numbers = pa.array(at + 1 + np.flatnonzero(kept), pa.int64())
                texts = [self._texts(batch, column, given) for column in self.columns]
                sheet = pa.array([self.grid.name] * batch.num_rows, pa.string())
                yield pa.RecordBatch.from_arrays([numbers, sheet, *texts], [ROW, SHEET, *(c.name for c in self.columns)])
            at += whole.num_rows

    def _apart(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        wide = _wide(batch, self.shifted_from)
        if not wide.any():
            return batch
        mask, shifted = pa.array(wide), pa.scalar(SHIFTED, pa.string())
        return pa.RecordBatch.from_arrays([pc.if_else(mask, shifted, column) for column in batch.columns], schema=batch.schema)

    def _texts(self, batch: pa.RecordBatch, column: Wanted, given: Mapping[str, str]) -> pa.Array:
        places = self.headings.columns
        if column.name in places:
            found = batch.column(places[column.name])
        elif pair := self._pair(column):
            found = _told_by_sex(batch, pair, column)
        elif column.kind == "birth_year" and (day := self._birth()):
            found = pc.struct_field(pc.extract_regex(self._texts(batch, day, {}), _YEAR), "year")
        else:
            found = pa.nulls(batch.num_rows, pa.string())
        text = self.stated.get(column.name) or given.get(column.name)
        if column.item:  # a dash in a form says that there is nothing to say
            found = pc.if_else(pc.match_substring_regex(found, DASH), pa.scalar(None, pa.string()), found)
        whole = pc.fill_null(found, text) if text else found
        return _as_days(whole) if column.kind == "month" else whole

    def _pair(self, column: Wanted) -> list[int] | None:
        """The two columns by which a column is told. The sex is told by whichever pair there is."""
        names = {name.partition("|")[0] for name in self.headings.columns if "|" in name}
        name = column.name if column.name in names else next(iter(sorted(names)), None) if column.kind == "sex" else None
        return None if name is None else [self.headings.columns[of_sex(name, sex)] for sex in SEXES]

    def _birth(self) -> Wanted | None:
        """The column of days of birth, each of which tells its year where no other column does."""
        return next((c for c in self.columns if c.kind == "birth" and c.name in self.headings.names), None)

    def told(self) -> SheetReport:
        grid, headings, columns = self.grid, self.headings, self.columns
        titles = {place: c.title for c in columns for name, place in headings.columns.items() if name.partition("|")[0] == c.name}
        return SheetReport(
            name=grid.name,
            rows=self.rows,
            heading_lines=(headings.first + 1, headings.last + 1),
            aside=self.sorted.aside,
            encodings={titles[at]: encoding for at, encoding in self.encodings.items() if at in titles},
            formulas={titles[at]: cells for at, cells in grid.formulas.items() if at in titles},
            unknown=tuple(text for _, text in headings.unknown),
            missing=tuple(c.title for c in columns if c.name not in self.names),
            stated={c.title: self.stated[c.name] for c in columns if c.name in self.stated},
            errors=grid.errors,
            decomposed=self.decomposed,
            hidden_rows=grid.hidden_rows,
            hidden_columns=grid.hidden_columns,
            comments=grid.comments,
        )


def table_of(grid: Grid, headings: Headings, stated: Mapping[str, str], columns: tuple[Wanted, ...]) -> Table:
    """Go through the sheet twice: for its encodings, then, in these, for the lines that are no data."""
    headings = _with_days(headings, columns)
    samples, decomposed, wide, top = Samples(grid.width), 0, 0, headings.last + 1
    beyond = _beyond(headings) if grid.separator else None
    for batch in grid.batches():
        below = batch.slice(min(top, batch.num_rows))
        top = max(0, top - batch.num_rows)
        samples.add(below)
        wide += int(_wide(below, beyond).sum())
        decomposed += sum(pc.sum(pc.match_substring_regex(column, _COMBINING)).as_py() or 0 for column in batch.columns)
    encodings, names = samples.encodings(), _names(headings, columns)
    required = [headings.columns[c.name] for c in columns if c.is_required]
    sorter = Sorter(_as_read(headings, encodings, names), required, grid.rows)
    for batch in grid.batches():
        sorter.add(decoded(batch, encodings, names))
    # Where most rows are wider than the heading, a column has no heading, and nothing is shifted.
    shifted_from = beyond if 2 * wide < grid.rows else None
    return Table(grid, headings, stated, columns, encodings, sorter.done(), decomposed, shifted_from)


def _with_days(headings: Headings, columns: Sequence[Wanted]) -> Headings:
    """A column «Năm sinh» without one of days holds days as well as years, and the reader of birth dates takes both."""
    day, year = (next((c.name for c in columns if c.kind == kind), None) for kind in ("birth", "birth_year"))
    if day is None or year is None or day in headings.names or year not in headings.names:
        return headings
    moved = {
        day + name.removeprefix(year) if name.partition("|")[0] == year else name: at for name, at in headings.columns.items()
    }
    return replace(headings, columns=moved)


def _names(headings: Headings, columns: Sequence[Wanted]) -> tuple[int, ...]:
    return tuple(headings.columns[c.name] for c in columns if c.is_name and c.name in headings.columns)


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
    cells = [pa.array(column, pa.string()) for column in zip(*headings.lines, strict=True)]
    batch = decoded(pa.RecordBatch.from_arrays(cells, schema=schema), encodings, names)
    return replace(headings, lines=tuple(zip(*(column.to_pylist() for column in batch.columns), strict=True)))


def _as_days(column: pa.Array) -> pa.Array:
    coded = column.dictionary_encode()
    return pa.array([as_day(text) for text in coded.dictionary.to_pylist()], pa.string()).take(coded.indices)


def _told_by_sex(batch: pa.RecordBatch, pair: Sequence[int], column: Wanted) -> pa.Array:
    """The value of whichever column of two is filled; of the sex, which of them it is. Where both are, both are told: no reader
    takes that."""
    cells = [batch.column(place).to_pylist() for place in pair]
    found = []
    for row in zip(*cells, strict=True):
        filled = [(sex, text) for sex, text in zip(SEXES, row, strict=True) if text and not re.match(_NOTHING, text)]
        found.append("; ".join(sex if column.kind == "sex" else text for sex, text in filled) or None)
    return pa.array(found, pa.string())
