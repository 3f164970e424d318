"""Received rows without the persons who were erased: an own row keeps where and when it counts, a row of somebody else loses their fields.

So a row that the source still sends is set aside, and counted, and no value of it is kept: neither in the raw store nor anywhere else.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resources.connectors.connector import KEY
from resources.raw_store import GONE
from resources.warehouse.quarantine.answers import ANSWERS
from schemas.dataset import Dataset
from schemas.origin import BESIDE
from schemas.persons import ERASED, NAMELESS, NUMBER, OLD_NUMBER, Place, place_of

# pyright: reportAttributeAccessIssue=false

STAY = (KEY, GONE, ANSWERS, ERASED, *BESIDE)

# Whether a value, told as this, is that of a person who is looked for.
Known = Callable[[str, str], bool]


@dataclass(frozen=True)
class Hits:
    """Which rows of a batch are a person's own, and in which others which fields are."""

    own: np.ndarray
    beside: tuple[tuple[tuple[str, ...], np.ndarray], ...]  # source columns, rows

    @property
    def any(self) -> bool:
        return bool(self.own.any()) or any(rows.any() for _, rows in self.beside)

    @property
    def rows(self) -> np.ndarray:
        return np.logical_or.reduce([self.own, *(rows for _, rows in self.beside)])


def hits(place: Place, batch: pa.RecordBatch | pa.Table, known: Known) -> Hits:
    """Columns that the batch has not hold nobody: a file may have fewer."""
    count, dataset = batch.num_rows, place.dataset
    nothing = np.zeros(count, bool)

    def found(name: str, tells: str) -> np.ndarray:
        return _known(batch, dataset.column(name).source_column, tells, known, nothing)

    # In a row as received, an old card's number may stand in the field of the identity number, whatever its reader makes of it.
    own = np.logical_or.reduce([nothing, *(found(name, tells) for name in place.numbers for tells in (NUMBER, OLD_NUMBER))])
    by_card = (found(name, OLD_NUMBER) for name in place.cards if name not in place.numbers)
    by_file = np.logical_or.reduce([nothing, *(found(name, tells) for name, tells in place.keys), *by_card])
    has_number = np.logical_or.reduce(
        [nothing, *(_filled(batch, dataset.column(n).source_column, nothing) for n in place.numbers)]
    )
    own |= by_file & ~has_number
    beside = []
    for one in place.beside:
        rows = found(one.field, one.tells) & ~own
        beside.append((tuple(dataset.column(name).source_column for name in one.fields), rows))
    return Hits(own, tuple(beside))


def masked(place: Place, batch: pa.RecordBatch, known: Known) -> pa.RecordBatch:
    """The batch without the persons, and with ERASED; what was masked before stays so."""
    found = hits(place, batch, known)
    erased = found.own
    if ERASED in batch.schema.names:
        erased = erased | pc.fill_null(batch.column(ERASED), False).to_numpy(zero_copy_only=False)
    stay = {*STAY, *place.kept}
    required = {c.source_column for c in place.dataset.columns if not c.nullable}
    columns = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        gone = np.logical_or.reduce([found.own & (name not in stay), *(rows for names, rows in found.beside if name in names)])
        nameless = gone & ~found.own if name in required else np.zeros(len(gone), bool)
        columns[name] = _blanked(column, gone, nameless) if gone.any() else column
    return pa.record_batch({**columns, ERASED: pa.array(erased)})


def _blanked(column: pa.Array, gone: np.ndarray, nameless: np.ndarray) -> pa.Array:
    """A column without the values that go. Its type stays, since the batches of a file all have one type."""
    kind = column.type
    held = {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}.get(kind, kind)  # Arrow chooses among no views
    column = pc.if_else(pa.array(gone), pa.scalar(None, held), column.cast(held))
    if nameless.any():
        column = pc.if_else(pa.array(nameless), pa.scalar(NAMELESS, held), column)
    return column.cast(kind)


@dataclass(frozen=True)
class Masks:
    """For one dataset: what is taken out of every batch of it."""

    place: Place
    known: Known

    def of(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        return masked(self.place, batch, self.known)

    def over(self, batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        return map(self.of, batches)


def masks(dataset: Dataset, known: Known | None) -> Masks | None:
    place = place_of(dataset)
    return None if known is None or place is None else Masks(place, known)


def _known(batch: pa.RecordBatch | pa.Table, column: str, tells: str, known: Known, nothing: np.ndarray) -> np.ndarray:
    texts = _texts(batch, column)
    if texts is None:
        return nothing
    mine = [value for value in pc.unique(texts).to_pylist() if value is not None and known(tells, value)]
    return pc.is_in(texts, pa.array(mine, texts.type)).to_numpy(zero_copy_only=False) if mine else nothing


def _filled(batch: pa.RecordBatch | pa.Table, column: str, nothing: np.ndarray) -> np.ndarray:
    texts = _texts(batch, column)
    if texts is None:
        return nothing
    # An old card's number there is no identity number.
    return pc.fill_null(pc.match_substring_regex(texts, r"^\D*(\d\D*){10,}$"), False).to_numpy(zero_copy_only=False)


def _texts(batch: pa.RecordBatch | pa.Table, column: str) -> pa.Array | None:
    if column not in batch.schema.names:
        return None
    found = batch.column(column)
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    if pa.types.is_binary(found.type) or pa.types.is_large_binary(found.type):
        return pa.array([None if v is None else v.decode(errors="replace") for v in found.to_pylist()], pa.string())
    return found.cast(pa.string())
