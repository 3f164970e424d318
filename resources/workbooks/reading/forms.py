"""A sheet that is one form of one sender: items are its lines and their parts its columns, or the other way round. All is one row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from resources.workbooks.reading.headings import LOOKED_AT, Headings, Known, Row, Top, find
from resources.workbooks.reading.lines import is_total, numbers_columns
from resources.workbooks.reading.pages import DASH
from resources.workbooks.reading.process import Grid
from resources.workbooks.reading.report import SheetReport
from resources.workbooks.reading.stated import as_day, stated_in
from resources.workbooks.reading.wanted import Wanted
from resources.workbooks.reading.words import folded, without_asides, without_number
from schemas.origin import ROW, SHEET

FEWEST = 3  # headings of parts, where a form has so many
_FIGURE = re.compile(r"[\d.,\s]*\d[\d.,\s]*|[xX]|#\S+")


@dataclass(frozen=True)
class Form:
    """A sheet with its one row."""

    grid: Grid
    columns: tuple[Wanted, ...]
    headings: Headings
    stated: Mapping[str, str]
    cells: Mapping[str, str] = field(default_factory=dict)  # column -> text
    line: int = 0  # of the first item, from 1
    twice: frozenset[str] = frozenset()  # columns of an item that stands there twice
    unknown: tuple[str, ...] = ()  # lines with figures that are no item's
    totals: tuple[int, ...] = ()

    rows = 1

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.cells).union(self.stated)

    def batches(self, given: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
        """The row; what the form does not say is what is given."""
        told = {**given, **self.stated, **self.cells}
        texts = [as_day(told[c.name]) if c.kind == "month" and c.name in told else told.get(c.name) for c in self.columns]
        yield pa.RecordBatch.from_arrays(
            [pa.array([self.line], pa.int64()), *(pa.array([text], pa.string()) for text in (self.grid.name, *texts))],
            [ROW, SHEET, *(c.name for c in self.columns)],
        )

    def told(self) -> SheetReport:
        grid, headings = self.grid, self.headings
        begins = min(headings.columns.values())
        return SheetReport(
            name=grid.name,
            rows=1,
            heading_lines=(headings.first + 1, headings.last + 1),
            aside={"total": self.totals} if self.totals else {},
            unknown=(*(text for place, text in headings.unknown if place > begins), *self.unknown),
            missing=tuple(c.title for c in self.columns if c.name not in self.names),
            stated={c.title: self.stated[c.name] for c in self.columns if c.name in self.stated},
            errors=grid.errors,
            hidden_rows=grid.hidden_rows,
            hidden_columns=grid.hidden_columns,
            comments=grid.comments,
        )


def form_of(grid: Grid, top: Top, columns: tuple[Wanted, ...], known: Known) -> Form | None:
    """The form in a sheet, all of which was looked at; None where it is none."""
    if grid.rows > LOOKED_AT:
        return None
    gridded = [c for c in columns if c.item]
    ways = ({c.name: (c.item, c.part) for c in gridded}, {c.name: (c.part, c.item) for c in gridded})
    found = [form for way in ways if way and (form := _form_of(grid, top, columns, known, way))]
    return max(found, key=lambda form: len(form.names), default=None)


_Way = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]  # column -> words for its line, words for what it stands under


def _form_of(grid: Grid, top: Top, columns: tuple[Wanted, ...], known: Known, way: _Way) -> Form | None:
    across = {words[0]: words for _, words in way.values()}
    heads = Known.of([Wanted(name, name, words[1:]) for name, words in across.items()], {})
    headings = find(top, heads)
    if headings is None or len(headings.columns) < min(FEWEST, len(across)):
        return None
    read = top.readings[headings.encoding]
    lines = _Lines(headings, known, way)
    for at in range(headings.last + 1, len(read)):
        lines.add(at + 1, read[at])
    if not lines.cells:
        return None
    return Form(
        grid,
        columns,
        headings,
        stated_in(headings, columns, known),
        lines.cells,
        lines.first,
        frozenset(lines.twice).union(name for name, (_, under) in way.items() if under[0] in headings.twice),
        tuple(lines.unknown),
        tuple(lines.totals),
    )


class _Lines:
    """The lines of a form one after the other."""

    def __init__(self, headings: Headings, known: Known, way: _Way) -> None:
        self.places = dict(headings.columns)
        self.begins = min(self.places.values())
        self.known = known
        self.column_of = {(line[0], under[0]): name for name, (line, under) in way.items()}
        self.items = {folded(word): words[0] for words, _ in way.values() for word in words}
        self.group = ""  # the line above without figures: «Cai nghiện tự nguyện» over «tại gia đình»
        self.cells: dict[str, str] = {}
        self.first = 0
        self.seen: set[str] = set()
        self.twice: set[str] = set()
        self.unknown: list[str] = []
        self.totals: list[int] = []

    def add(self, number: int, row: Row) -> None:
        texts = [" ".join((text or "").split()) for text in row]
        labels = [text for text in texts[: self.begins] if text]
        told = {name: texts[place] for name, place in self.places.items() if texts[place] and not re.match(DASH, texts[place])}
        filled = [text for text in texts if text]
        figures = {name: text for name, text in told.items() if _FIGURE.fullmatch(text)}
        if numbers_columns(filled):
            return
        if item := self._item(labels):
            self.first = self.first or number
            columns = {self.column_of[item, name]: text for name, text in told.items() if (item, name) in self.column_of}
            self.twice.update(columns if item in self.seen else ())
            self.seen.add(item)
            self.cells.update(columns)
        elif name := self._single(labels):
            if told:
                self.cells[name] = "; ".join(dict.fromkeys(told.values()))  # of several no reader takes any
        elif is_total([text.lower() for text in filled]):
            self.totals.append(number)
        elif figures:
            self.unknown.append(" ".join(labels) or f"dòng {number}")
        elif labels:
            self.group = without_number(labels[-1])

    def _item(self, labels: Sequence[str]) -> str | None:
        for label in labels:
            bare = without_number(label)
            for text in (bare, without_asides(bare), f"{self.group} {bare}"):
                if found := self.items.get(folded(text)):
                    return found
        return None

    def _single(self, labels: Sequence[str]) -> str | None:
        """A column that has no parts, told in a line of its own."""
        met = (self.known.column(without_number(label)) for label in labels)
        return next((found[0] for found in met if found and found[0] not in self.column_of.values()), None)
