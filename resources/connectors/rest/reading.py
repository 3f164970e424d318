"""A dataset of a service, read: its rows in the spool, and how they stand by period and commune."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from resources.connectors.connector import KEY, Places, Standing
from resources.connectors.hashes import hashes
from resources.connectors.placing import EPOCH, Placing, Sums
from resources.connectors.rest.bookmarks import Mark
from resources.connectors.rest.envelope import Row, columns, strangers
from resources.connectors.rest.failures import DaysIgnored, OtherThanDeclared, PagesDiffer
from resources.connectors.rest.pages import Arrived, Differs, Selection, pages
from resources.connectors.rest.session import Session
from resources.connectors.rest.spool import MOST_BYTES, Piece, Spool, SpoolFull
from resources.servers.names import listed, shown
from schemas import calendar, units
from schemas.dataset import Dataset
from schemas.services import Service

EARLIEST = dt.date(1900, 1, 1)  # a day before which no service is asked: some refuse stranger ones
MOST_MARKS = 500  # of pages: to ask about more takes as long as to read them
OTHER_SIZE = 7, 10  # of a page, when it is proved that rows are there twice: no border of two pages stays where it was


@dataclass
class Part:
    """What came of one selection. `marks`: of each of its pages, or of the whole, where all have one."""

    pieces: list[tuple[int, Piece]] = field(default_factory=list)  # the period's number in order, where its rows lie
    keys: list[np.ndarray] = field(default_factory=list)  # of each page
    looks: set[tuple[int, int]] = field(default_factory=set)  # rows and sum of hashes of each page
    rows: int = 0
    total: int = 0  # of the hashes of all rows
    outside: int = 0
    before_first: int = 0
    marks: list[Mark] | None = field(default_factory=list)
    sums: dict[int, Sums] = field(default_factory=dict)  # by the period's number

    @property
    def lengths(self) -> list[int]:
        """How the rows were cut into pages."""
        return [len(keys) for keys in self.keys]

    @property
    def has_repeats(self) -> bool:
        """Whether a row of one page came with another one, too."""
        if len(self.keys) < 2:
            return False
        once = [np.unique(keys) for keys in self.keys]
        return len(np.unique(np.concatenate(once))) < sum(map(len, once))


class Reading:
    """How one dataset is read in one look."""

    def __init__(self, session: Session, service: Service, dataset: Dataset, today: dt.date, spool: Spool) -> None:
        self._session, self.service, self.dataset, self.today, self._spool = session, service, dataset, today, spool
        self.started = calendar.started(dataset, today)
        self._placing = Placing(dataset, self.started, today)
        self.parts: dict[str, Part] = {}  # by what was asked for: a period, or all
        self.is_by_days = bool(service.from_parameter) and dataset.placed_by is not None
        names = [column.source_column for column in dataset.columns]
        self._schema = pa.schema([*((name, pa.binary()) for name in names), (KEY, pa.int64())])

    def selection(self, period: str, size: int | None = None) -> Selection:
        """The days of a period, to their end; what is later than the last one, or has no day, comes with that."""
        service, days = self.service, dict[str, str]()
        if self.is_by_days:
            first, last = calendar.span(period)
            days[service.from_parameter] = f"{first:%Y%m%d}"
            if service.to_parameter and period != self.started[-1]:
                days[service.to_parameter] = f"{last:%Y%m%d}"
        return Selection(self.dataset.source, service, days, size or service.page_size)

    @property
    def before_first(self) -> Selection | None:
        """One row of the days before the first period, from which nothing is read but how many there are; None: they come with the rest."""
        if not self._has_both_ends:
            return None
        return self._one_between(EARLIEST, calendar.span(self.started[0])[0] - dt.timedelta(days=1))

    def of_day(self, day: dt.date) -> Selection | None:
        """The rows of one day alone, one of them; None where it cannot be asked so."""
        return self._one_between(day, day) if self._has_both_ends else None

    @property
    def _has_both_ends(self) -> bool:
        """Whether it can be asked for days up to one."""
        return self.is_by_days and bool(self.service.to_parameter)

    def _one_between(self, first: dt.date, last: dt.date) -> Selection:
        days = {self.service.from_parameter: f"{first:%Y%m%d}", self.service.to_parameter: f"{last:%Y%m%d}"}
        return Selection(self.dataset.source, self.service, days, 1)

    @property
    def asked(self) -> list[str]:
        """What is asked for, one after the other: the periods, or all of them at once by the name of the last."""
        return self.started if self.is_by_days else self.started[-1:]

    def read(self, period: str) -> Part:
        """Raises PagesDiffer, DaysIgnored, OtherThanDeclared, and what asking does."""
        try:
            part = self._read(period, self.selection(period))
            if part.has_repeats:
                part = self._proved_doubled(period, part)
        except Differs as differs:
            what = differs.what
        except SpoolFull:
            what = f"hơn {MOST_BYTES >> 30} GB trong một lượt đọc"
        else:
            if 2 * part.outside > part.rows:
                raise DaysIgnored(**self._names, period=period, outside=part.outside, rows=part.rows)
            self.parts[period] = part
            return part
        raise PagesDiffer(dataset=self.dataset.id, period=period, what=what)

    def standings(self, period: str) -> list[Standing]:
        """How the places stand of a period that was read."""
        sums = self.parts[period if self.is_by_days else self.started[-1]].sums.get(self.started.index(period))
        return sums.standings() if sums else []

    def rows(self, period: str, places: Places | None) -> Iterator[pa.RecordBatch]:
        number = self.started.index(period)
        part = self.parts[period if self.is_by_days else self.started[-1]]
        for of, piece in part.pieces:
            if of == number:
                yield self._placing.within(self._spool.read(piece, self._schema), places)

    def _read(self, period: str, selection: Selection) -> Part:
        part = Part()
        for arrived in pages(self._session, selection):
            self._mark(part, arrived)
            if arrived.page.rows:
                self._take(part, period, arrived)
        return part

    def _mark(self, part: Part, arrived: Arrived) -> None:
        """One that is of the whole has to be the same with each page, and is kept once."""
        if part.marks is None:
            return
        is_first, is_of_whole = not part.marks, self.service.etag_of == "whole"
        if arrived.etag is None or len(part.marks) == MOST_MARKS:
            part.marks = None
        elif is_first or not is_of_whole:
            part.marks.append(Mark(arrived.place, arrived.etag))
        elif arrived.etag != part.marks[0].etag:
            part.marks = None

    def _take(self, part: Part, period: str, arrived: Arrived) -> None:
        rows = arrived.page.rows
        self._refuse_strangers(rows, period)
        cells = columns(rows, self._schema.names[:-1])
        row_hashes = hashes(cells, len(rows)).astype(np.uint64)
        keys = self._placing.keys(pa.RecordBatch.from_arrays(cells, names=self._schema.names[:-1]))
        look = len(rows), int(row_hashes.sum())
        if look in part.looks:
            raise Differs(f"một trang {len(rows)} dòng đến hai lần")
        part.looks.add(look)
        part.keys.append(keys)
        part.rows += len(rows)
        part.total = (part.total + look[1]) % (1 << 64)
        batch = pa.RecordBatch.from_arrays([*cells, pa.array(keys)], schema=self._schema)
        numbers = self._placing.numbers(batch)
        if self.is_by_days:
            asked = self.started.index(period)
            part.outside += int(np.count_nonzero(numbers != asked))
            numbers = np.full(len(rows), asked)
        part.before_first += int(np.count_nonzero(numbers < 0))
        places = self._placing.communes(batch, self._listed)
        for number in np.unique(numbers[numbers >= 0]).tolist():
            mine = numbers == number
            of_period = batch if mine.all() else batch.filter(pa.array(mine))
            part.pieces.append((number, self._spool.write(of_period)))
            part.sums.setdefault(number, Sums(self._listed)).add(places[mine], row_hashes[mine])

    def day_of_some(self, rows: Sequence[Row]) -> dt.date | None:
        """A day on which one of these rows is, if any is on one of a period that has begun."""
        dataset = self.dataset
        if dataset.placed_by is None or dataset.placed_by_year:
            return None
        placed = self._placing.placed(columns(rows, [dataset.column(dataset.placed_by).source_column])[0])
        inside = placed[(placed >= self._placing.begins[0]) & (placed <= (self.today - EPOCH).days)]
        return EPOCH + dt.timedelta(days=int(inside[0])) if len(inside) else None

    def _proved_doubled(self, period: str, part: Part) -> Part:
        """Rows of one key on two pages: are they there twice, or did a page overlap another, and rows between get lost?

        Read again in pages of another size, what overlaps at their borders is other rows than before; what is there twice is the same.
        """
        share, of = OTHER_SIZE
        size = self.service.page_size * share // of
        if not self.service.size_parameter or not size:
            raise Differs("có dòng đến ở hai trang")
        again = self._read(period, self.selection(period, size))
        if again.lengths == part.lengths:  # it does not hear of the size
            raise Differs("có dòng đến ở hai trang")
        if (again.rows, again.total) != (part.rows, part.total):
            raise Differs(f"có dòng đến ở hai trang; đọc lại với trang {size} dòng thì được những dòng khác")
        again.marks = None  # of pages that nobody will ask for again
        return again

    def _refuse_strangers(self, rows: Sequence[Row], period: str) -> None:
        if names := strangers(rows, self._schema.names[:-1]):
            told = listed([shown(name, f"cột lạ thứ {number}") for number, name in enumerate(names, 1)])
            raise OtherThanDeclared(dataset=self.dataset.id, period=period, columns=told)

    @property
    def _names(self) -> dict[str, Any]:
        source = self.dataset.source
        return {"source": source.name, "title": source.title, "environment": source.environment, "dataset": self.dataset.id}

    @cached_property
    def _listed(self) -> tuple[str, ...]:
        return units.codes_of_all_days()
