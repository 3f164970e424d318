"""The seam of the roads: what every road to a source gives, whatever it is made of. No single road is known here.

Everything downstream compares texts and reads batches. A connector is one consistent look at one source: a row that its users write
during the look is seen whole, or only by the next look.
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

# Beside the columns as received, every batch carries a key for each row: int64, never null, and always the same for the same declared key
# and commune as received. It tells rows apart before any of them is read.
KEY = "ansinh_key"
BATCH_ROWS = 60_000  # three batches are in hand at once; with fewer rows in each, the fixed cost of a batch would show
ROW_BYTES = 256  # a batch may have BATCH_ROWS rows of this width
BATCH_BYTES = 4 << 20  # what wider rows of a batch have beyond that, all together


@dataclass(frozen=True)
class Standing:
    """How the rows of one place stand in a period."""

    # The commune code as the source writes it; None: it writes none or an unlisted one, or the road does not tell.
    place: str | None
    rows: int | None
    fingerprint: str  # opaque: equal as long as nothing in these rows changed


@dataclass(frozen=True)
class Unread:
    """Places of a period that cannot be read while the others can, and why: their cells stay as they are."""

    places: Collection[str | None]
    failure: Failure


@dataclass(frozen=True)
class Standings:
    """How a dataset stands at a source.

    `unmoved` are periods that are missing in `periods`, since the source itself says that they stand as when the bookmarks were made; where
    no bookmarks were given there are none.
    """

    origin: str  # opaque: whose fingerprints these are; those of two origins cannot be compared
    periods: Mapping[str, Sequence[Standing]]  # every period that has begun -> the places that have rows in it
    looked: Any = None  # what the connector read on the way, for its own `changes` alone
    before_first: int = 0  # rows dated before the first period: they are in no cell, and nothing asks for them
    unmoved: frozenset[str] = frozenset()
    unread: Mapping[str, Sequence[Unread]] = field(default_factory=dict)  # period -> what of it cannot be read


@dataclass(frozen=True)
class Submission:
    """The latest word of a unit on a period: when it submitted, how many rows, or that it has none."""

    at: dt.datetime
    rows: int | None
    declared_empty: bool


Expected = Mapping[str, Collection[str]]  # period -> the units that owe a cell in it


@dataclass(frozen=True)
class Submissions:
    """What the submission log says of a dataset, by (period, unit). The order of its lines makes no difference.

    Where several lines have the same instant, only what all of them say counts: if their numbers of rows differ there is no number, and a
    cell is believed to be empty only if every line says so and none counts a row.
    """

    latest: Mapping[tuple[str, str], Submission] = field(default_factory=dict)
    unused: Mapping[str, int] = field(default_factory=dict)  # why lines name no known table, period, unit or instant -> how many
    doubted: Sequence[tuple[str, str]] = ()  # cells that are said to be empty, and not believed

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

    Once they are read, the latter may turn out to belong to a wanted commune: if they were left out, they would be taken for deleted.
    """

    wanted: Sequence[str]
    listed: Sequence[str]


class Changes(Protocol):
    """What changed in a period since a bookmark: the rows that are new or differ, and the keys of all rows that are there now."""

    def rows(self) -> Iterator[pa.RecordBatch]:
        """The rows that changed, as `Connector.rows` gives them. Rows that did not change may be among them."""
        ...

    def keys(self) -> np.ndarray:
        """The keys (int64) of all rows of the period, in no order. What is held under any other key is gone."""
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
        """How the source may keep rows from this login, in the officer's words: nothing may be read then.

        If a part were taken for the whole, all that it does not show would be closed as deleted.
        """
        ...

    def rights(self, datasets: Sequence[Dataset]) -> list[str]:
        """What this login could do beyond reading these datasets, in the officer's words: there should be nothing."""
        ...

    def rehearse(self, dataset: Dataset, today: dt.date) -> None:
        """For the doctor: run each statement that reading this dataset will use, for one row at most. Raises what reading would."""
        ...

    def standings(
        self,
        dataset: Dataset,
        today: dt.date,
        since: Collection[str] | None = None,
        periods: Collection[str] | None = None,
    ) -> Standings:
        """How every period stands that has begun by `today`.

        `since`: the bookmarks with which `changes` will be asked, if anything moved. A connector may read ahead for them, and need not look
        at a period that has not moved since all of them. `periods`: those that will be used; a connector may leave out the others.
        """
        ...

    def submissions(self, dataset: Dataset, expected: Expected, until: dt.datetime) -> Submissions:
        """The latest word of each unit that is not after `until`; nothing where the source keeps none. No line raises."""
        ...

    def bookmark(self, dataset: Dataset) -> str | None:
        """An opaque mark from which the next look can tell what changed; None where it never can."""
        ...

    def rows(self, dataset: Dataset, period: str, today: dt.date, places: Places | None = None) -> Iterator[pa.RecordBatch]:
        """The rows of a period as received, under the source's own column names, with KEY. `places`: at least those are needed (None: all)."""
        ...

    def changes(self, dataset: Dataset, period: str, today: dt.date, since: Collection[str], found: Standings) -> Changes | None:
        """What changed since the earliest of these bookmarks; None where that cannot be told: the period is read whole."""
        ...


def keyed(batches: Iterable[pa.RecordBatch], dataset: Dataset, period: str, road: str) -> Iterator[pa.RecordBatch]:
    """The batches, with each text cut where it is certain to be too long. Raises KeyMissing at the first batch without keys."""
    for batch in batches:
        place = batch.schema.get_field_index(KEY)
        if place < 0 or batch.schema.field(place).type != pa.int64() or batch.column(place).null_count:
            raise KeyMissing(dataset=dataset.id, period=period, road=road, key=KEY)
        yield pa.RecordBatch.from_arrays([_cut(column) for column in batch.columns], schema=batch.schema)


def _cut(column: pa.Array) -> pa.Array:
    """A column in which each text ends with the first letter that makes it too long. So the same text is the same by every road, however
    much of it a road asks for. Bytes that are no text end behind the longest text that they could be."""
    if not (pa.types.is_string(column.type) or pa.types.is_binary(column.type)) or not (lengths(column) > LONGEST_TEXT).any():
        return column
    cells = [
        cell if cell is None or len(cell) <= LONGEST_TEXT else _shortened(cell) for cell in column.cast(pa.binary()).to_pylist()
    ]
    return pa.array(cells, pa.binary()).view(column.type)


def _shortened(cell: bytes) -> bytes:
    """A text, cut. A last letter of which a server has sent only a part does not count."""
    with suppress(UnicodeDecodeError):
        text = getincrementaldecoder("utf-8")().decode(cell[: (LONGEST_TEXT + 1) * 4])
        if len(text) > LONGEST_TEXT:
            return text[: LONGEST_TEXT + 1].encode()
    return cell[: LONGEST_TEXT * 4 + 1]
