"""The encoding of a column: decided once, by many cells of it together, and never for a cell alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from schemas.reading.characters import encoding_of, recoded

# pyright: reportAttributeAccessIssue=false

SAMPLE = 400  # different cells that hold more than ASCII
LONGEST = 400  # characters of a cell that is looked at
_ASCII = r"^[\x00-\x7f]*$"


@dataclass
class Samples:
    """Cells of each column by which its encoding is told."""

    width: int
    cells: list[dict[str, None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cells = [{} for _ in range(self.width)]

    def add(self, batch: pa.RecordBatch) -> None:
        for kept, column in zip(self.cells, batch.columns, strict=True):
            if len(kept) >= SAMPLE or column.null_count == len(column):
                continue
            odd = column.filter(pc.invert(pc.match_substring_regex(column, _ASCII)))
            for text in pc.unique(odd.slice(0, 10 * SAMPLE)).to_pylist():
                if len(kept) >= SAMPLE:
                    break
                kept[text[:LONGEST]] = None

    def encodings(self) -> dict[int, str]:
        """Number of the column -> encoding, where it is not what it says it is."""
        found = {at: encoding_of(kept) for at, kept in enumerate(self.cells) if kept}
        return {at: encoding for at, encoding in found.items() if encoding}


def decoded(batch: pa.RecordBatch, encodings: Mapping[int, str], names: Iterable[int]) -> pa.RecordBatch:
    """The batch, its columns in Unicode; each different text is read once."""
    if not encodings:
        return batch
    are_names = frozenset(names)
    columns: Sequence[pa.Array] = [
        _decoded(column, encodings[at], at in are_names) if at in encodings else column for at, column in enumerate(batch.columns)
    ]
    return pa.RecordBatch.from_arrays(list(columns), schema=batch.schema)


def _decoded(column: pa.Array, encoding: str, is_name: bool) -> pa.Array:
    coded = column.dictionary_encode()
    texts = [text if text.isascii() else recoded(text, encoding, is_name) for text in coded.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(coded.indices)
