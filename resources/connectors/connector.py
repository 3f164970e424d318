"""The seam of the roads: what every way to a source gives, whatever it is made of. No road is known here.

Everything downstream compares texts and reads batches. A connector is one consistent look at one source: a row that its users
write meanwhile is seen whole, or the next time.
"""

import datetime as dt
from codecs import getincrementaldecoder
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from resources.connectors.failures import KeyMissing
from resources.failing import Failure
from resources.servers.encryption import Line
from schemas.dataset import Dataset, SubmissionLog
from schemas.reading.cells import LONGEST_TEXT, lengths

# pyright: reportAttributeAccessIssue=false

# Beside the columns as received every batch carries the key of each row: int64, never null, the same for the same declared key
# and commune as received, whenever it is asked. Rows are told apart by it before any of them is read.
KEY = "ansinh_key"
BATCH_ROWS = 60_000  # three batches are in hand at once; of fewer rows each, what a batch costs by itself tells
ROW_BYTES, BATCH_BYTES = (
    256,
    4 << 20,
)  # so many rows of so many bytes each; of wider ones fewer, so that they are so many more at most


@dataclass(frozen=True)
class Standing:
    """How the rows of one place stand in a period.

    `place` is the commune code as the source writes it; None where it writes none, or one that is in no list, or the road does not
    tell. `fingerprint` is opaque: equal as long as nothing in these rows changed.
    """

    place: str | None
    rows: int | None
    fingerprint: str


@dataclass(frozen=True)
class Unread:
    """Places of a period that cannot be read while the others can, and why: their cells stay as they are."""

    places: Collection[str | None]
    failure: Failure


@dataclass(frozen=True)
class Standings:
    """How a dataset stands: every period that has begun, with the places that have rows in it.

    `origin` tells, opaquely, whose fingerprints these are: those of two origins cannot be compared. `looked` is what the
    connector read on the way and its `changes` can use; nobody else looks at it. `before_first` counts the rows of a day before
    the first period: they are of no cell, and nothing asks for them. `unmoved` are periods that are not in `periods`, since the source
    itself says that they stand as when the bookmarks were made: where none were given there are none. `unread`: by period what of it
    cannot be read.
    """

    origin: str
    periods: Mapping[str, Sequence[Standing]]
    looked: Any = None
    before_first: int = 0
    unmoved: frozenset[str] = frozenset()
    unread: Mapping[str, Sequence[Unread]] = field(default_factory=dict)


@dataclass(frozen=True)
class Submission:
    """The latest word of a unit on a period: when it submitted, how many rows, or that it has none."""

    at: dt.datetime
    rows: int | None
    declared_empty: bool


Expected = Mapping[str, Collection[str]]  # period -> the units that owe a cell in it


@dataclass(frozen=True)
class Submissions:
    """What the submission log says of a dataset, by (period, unit). In whatever order its lines lie, it says the same.

    Of several words of one instant nothing is kept that only some of them say: a number of rows that differs is none, and that
    a cell is empty is believed only where all say so and none counts a row. `unused` is the number of lines that name no table,
    period or unit that there is, or no instant that can be; `doubted` the cells whose emptiness is not believed.
    """

    latest: Mapping[tuple[str, str], Submission] = field(default_factory=dict)
    unused: Mapping[str, int] = field(default_factory=dict)  # why, in words -> lines
    doubted: Sequence[tuple[str, str]] = ()

    @property
    def told(self) -> str | None:
        """What an officer should know of the log; None where every line of it could be used."""
        parts = []
        if self.unused:
            counts = ", ".join(f"{lines} dòng {why}" for why, lines in sorted(self.unused.items()))
            parts.append(f"{sum(self.unused.values())} dòng không dùng được ({counts})")
        if self.doubted:
            cells = ", ".join("|".join(cell) for cell in self.doubted[:10]) + (" …" if len(self.doubted) > 10 else "")
            parts.append(f"{len(self.doubted)} ô báo không phát sinh nhưng chính sổ nộp lại ghi khác, nên không tin ({cells})")
        return "sổ nộp có " + "; ".join(parts) if parts else None


@dataclass(frozen=True)
class Places:
    """Which part of a period is read: the rows of the `wanted` commune codes, and those whose code is not `listed`.

    The latter may belong to the wanted ones once read: left out, they would be taken for deleted.
    """

    wanted: Sequence[str]
    listed: Sequence[str]


class Changes(Protocol):
    """What changed of a period since a bookmark: rows that are new or stand otherwise, and all keys that are there now."""

    def rows(self) -> Iterator[pa.RecordBatch]:
        """The rows that changed, as `Connector.rows` gives them. Rows that did not change may be among them."""
        ...

    def keys(self) -> np.ndarray:
        """The keys (int64) of all rows of the period, in no order: what is held under others is gone."""
        ...

    @property
    def changed_keys(self) -> np.ndarray | None:
        """The keys of `rows`, where they are known before the rows are read."""
        ...


class Connector(Protocol):
    """One consistent look at a source. Its methods raise the failures of resources/connectors/failures.py, and no others."""

    road: str  # what the ledger records, and readings are kept by

    def clock(self) -> dt.datetime | None:
        """What the source's own clock says; None where it has none."""
        ...

    def line(self) -> Line | None:
        """Whether the line to the source is kept from listeners; None where none leads there, or one more cannot be opened.

        It may be asked when the look is over, and should be: some servers let a login have one session.
        """
        ...

    def faults(self, declared: Dataset | SubmissionLog) -> list[str]:
        """What in the structure of the source differs from the declaration, in the officer's words: nothing may be read then."""
        ...

    def hidden(self, declared: Dataset | SubmissionLog) -> list[str]:
        """By what the source may keep rows from this login, in the officer's words: nothing may be read then.

        A part that is taken for the whole closes what it does not show as deleted.
        """
        ...

    def rights(self, datasets: Sequence[Dataset]) -> list[str]:
        """What this login could do beyond reading these datasets, in the officer's words: there should be nothing."""
        ...

    def rehearse(self, dataset: Dataset, today: dt.date) -> None:
        """Ask each statement that reading this dataset will use, of a row at most: for the doctor. Raises what reading would."""
        ...

    def standings(
        self,
        dataset: Dataset,
        today: dt.date,
        since: Collection[str] | None = None,
        periods: Collection[str] | None = None,
    ) -> Standings:
        """How every period stands that has begun by `today`.

        `since`: the bookmarks that `changes` will be asked for, if anything moved; a connector may read ahead for them, and need
        not look at a period that did not move since all of them. `periods`: those that will be looked at; a connector to which each costs
        something leaves out the others.
        """
        ...

    def submissions(self, dataset: Dataset, expected: Expected, until: dt.datetime) -> Submissions:
        """The latest word of each unit that is not after `until`; nothing where the source keeps none. No line raises."""
        ...

    def bookmark(self, dataset: Dataset) -> str | None:
        """From where on the next look can tell what changed, opaquely; None where it never can."""
        ...

    def rows(self, dataset: Dataset, period: str, today: dt.date, places: Places | None = None) -> Iterator[pa.RecordBatch]:
        """The rows of a period as received, under the source's own column names, and KEY. At least those of `places`."""
        ...

    def changes(self, dataset: Dataset, period: str, today: dt.date, since: Collection[str], found: Standings) -> Changes | None:
        """What changed since the earliest of these bookmarks; None where that cannot be told: the period is read whole."""
        ...


def keyed(batches: Iterable[pa.RecordBatch], dataset: Dataset, period: str, road: str) -> Iterator[pa.RecordBatch]:
    """The batches, of which each carries its keys, and no text that is longer than shows that it is too long.

    Raises KeyMissing at the first that does not.
    """
    for batch in batches:
        place = batch.schema.get_field_index(KEY)
        if place < 0 or batch.schema.field(place).type != pa.int64() or batch.column(place).null_count:
            raise KeyMissing(dataset=dataset.id, period=period, road=road, key=KEY)
        yield pa.RecordBatch.from_arrays([_cut(column) for column in batch.columns], schema=batch.schema)


def _cut(column: pa.Array) -> pa.Array:
    """A column without what comes after the letter by which a text is too long; of bytes that are no text, the byte after any such.

    A road need not ask for more, and may: the same text stays the same.
    """
    if not (pa.types.is_string(column.type) or pa.types.is_binary(column.type)) or not (lengths(column) > LONGEST_TEXT).any():
        return column
    cells = [
        cell if cell is None or len(cell) <= LONGEST_TEXT else _shortened(cell) for cell in column.cast(pa.binary()).to_pylist()
    ]
    return pa.array(cells, pa.binary()).view(column.type)


def _shortened(cell: bytes) -> bytes:
    """A letter that a server has cut in two counts for none."""
    with suppress(UnicodeDecodeError):
        text = getincrementaldecoder("utf-8")().decode(cell[: (LONGEST_TEXT + 1) * 4])
        if len(text) > LONGEST_TEXT:
            return text[: LONGEST_TEXT + 1].encode()
    return cell[: LONGEST_TEXT * 4 + 1]
