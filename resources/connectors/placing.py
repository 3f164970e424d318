"""Where rows belong: their period, their commune, and the key by which each is told apart, all before any row is read as values.

It serves roads whose source cannot be asked for this. Rows come as columns of bytes. No single road is known here.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resources.clock import ZONE
from resources.connectors.connector import Places, Standing
from resources.connectors.hashes import hashes
from schemas import calendar
from schemas.dataset import Dataset
from schemas.reading import read

# pyright: reportAttributeAccessIssue=false

EPOCH = dt.date(1970, 1, 1)
LATER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Placing:
    """The places of a dataset's rows. `periods` are in order; the last one also gets rows that are later than all of them, or have no day."""

    dataset: Dataset
    periods: Sequence[str]
    today: dt.date

    def numbers(self, batch: pa.RecordBatch) -> np.ndarray:
        """The number of each row's period; -1 for a row that is earlier than the first."""
        dataset = self.dataset
        if dataset.placed_by is None:
            return np.zeros(batch.num_rows, np.int64)
        cells = batch.column(dataset.column(dataset.placed_by).source_column)
        return np.searchsorted(self.begins, self.placed(cells), side="right") - 1

    def numbers_in_file(self, batch: pa.RecordBatch) -> np.ndarray:
        """The same for the periods of a file: rows that are earlier go into its last period too, where validation tells that they are not of it."""
        numbers = self.numbers(batch)
        numbers[numbers < 0] = len(self.periods) - 1
        return numbers

    def placed(self, cells: pa.Array) -> np.ndarray:
        """The day of each row as a number, or its year where that places it; LATER where it has none."""
        dataset = self.dataset
        assert dataset.placed_by is not None
        values = read(dataset.column(dataset.placed_by), cells, self.today).values
        if pa.types.is_timestamp(values.type):  # the day on which it is for the people who wrote it
            values = pc.local_timestamp(values.cast(pa.timestamp("us", tz=ZONE.key))).cast(pa.date32())
        if not dataset.placed_by_year:
            values = values.cast(pa.int32())
        return pc.fill_null(values.cast(pa.int64()), LATER).to_numpy(zero_copy_only=False)

    def communes(self, batch: pa.RecordBatch, listed: Sequence[str]) -> np.ndarray:
        """The number of each row's commune in `listed`; the next number after them for a commune that is not listed."""
        if self.commune is None:
            return np.full(batch.num_rows, len(listed))
        known = pa.array([code.encode() for code in listed], pa.binary())
        found = pc.fill_null(pc.index_in(batch.column(self.commune), known), len(listed))
        return found.to_numpy(zero_copy_only=False).astype(np.int64)

    def keys(self, batch: pa.RecordBatch) -> np.ndarray:
        return row_keys(self.dataset, batch)

    def within(self, batch: pa.RecordBatch, places: Places | None) -> pa.RecordBatch:
        """The rows of the wanted communes, and those whose code is in no list."""
        if places is None or self.commune is None:
            return batch
        wanted, known = (
            pc.is_in(batch.column(self.commune), pa.array([code.encode() for code in codes], pa.binary()))
            for codes in (places.wanted, places.listed)
        )
        return batch.filter(pc.or_(wanted, pc.invert(known)))

    @cached_property
    def begins(self) -> list[int]:
        """The first day of each period as a number, or its year."""
        firsts = [calendar.span(period)[0] for period in self.periods]
        return [first.year if self.dataset.placed_by_year else (first - EPOCH).days for first in firsts]

    @cached_property
    def commune(self) -> str | None:
        """The column that holds the commune."""
        dataset = self.dataset
        return dataset.column(dataset.commune).source_column if dataset.commune else None


def as_bytes(dataset: Dataset, batch: pa.RecordBatch) -> pa.RecordBatch:
    """The declared columns of rows as bytes, from which places, keys and hashes are made. A column that is not there is null."""
    names = [column.source_column for column in dataset.columns]
    there, none = set(batch.schema.names), pa.nulls(batch.num_rows, pa.binary())
    columns = [batch.column(name).cast(pa.binary()) if name in there else none for name in names]
    return pa.RecordBatch.from_arrays(columns, names=names)


def row_keys(dataset: Dataset, batch: pa.RecordBatch) -> np.ndarray:
    """The key of each row: a hash of its commune and its declared key, each column once."""
    named = [*([dataset.commune] if dataset.commune else ()), *dataset.key]
    columns = [dataset.column(name).source_column for name in dict.fromkeys(named)]
    return hashes([batch.column(name) for name in columns], batch.num_rows)


@dataclass
class Sums:
    """How the rows of each place stand: how many there are, and the sum of their hashes.

    The place beyond all that are listed is that of rows whose commune is not.
    """

    listed: Sequence[str]
    counts: np.ndarray = field(init=False)
    sums: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.counts, self.sums = np.zeros(len(self.listed) + 1, np.int64), np.zeros(len(self.listed) + 1, np.uint64)

    def add(self, places: np.ndarray, row_hashes: np.ndarray) -> None:
        np.add.at(self.counts, places, 1)
        np.add.at(self.sums, places, row_hashes)  # modulo 2^64, which tells a difference just as well

    def standings(self) -> list[Standing]:
        return [
            Standing(code, int(rows), f"{int(rows)}:{int(total)}")
            for code, rows, total in zip((*self.listed, None), self.counts, self.sums, strict=True)
            if rows
        ]
