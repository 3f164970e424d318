"""Headings: which columns are looked for, by which words they are known, and where in a sheet the line of headings stands.

The line, or the two or three lines, with most declared headings is the heading, whatever stands around it.
"""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

from resources.failing import why_not
from resources.workbooks.reading.failures import MappingUnreadable
from schemas.dataset import Dataset
from schemas.dated import read_rows
from schemas.reading.characters import readings_of

LOOKED_AT = 80  # rows from the top of a sheet
DEEPEST = 3  # lines of one heading
LARGEST_MAPPING = 1 << 20
ORDINALS = frozenset({"stt", "tt", "so tt", "so thu tu", "thu tu"})
NAMES = ("person_name", "commune_name")

Row = Sequence[str | None]


@dataclass(frozen=True)
class Wanted:
    """A column that is looked for. `headings` are further words for it; without a required column nothing is read."""

    name: str  # as the source calls it
    title: str
    headings: tuple[str, ...] = ()
    is_required: bool = False
    is_name: bool = False  # each word of it begins with a capital


def wanted_of(dataset: Dataset, required: Collection[str] | None = None) -> tuple[Wanted, ...]:
    """The columns of a dataset; required are those of its key, or the fields that are named."""
    must = dataset.key if required is None else required
    return tuple(
        Wanted(c.source_column, c.title, tuple(_usual().get(c.source_column, ())), c.name in must, c.reader in NAMES)
        for c in dataset.columns
    )


@cache
def _usual() -> Mapping[str, list[str]]:
    """How columns are usually headed, beside their titles."""
    found = defaultdict(list)
    for row in read_rows("reading", "headings.csv"):
        found[row["source_column"]].append(row["heading"])
    return dict(found)


def read_mapping(path: Path, columns: Sequence[Wanted]) -> dict[str, str]:
    """The table of a sender whose headings are others: heading -> column. Raises MappingUnreadable."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file.read(LARGEST_MAPPING).splitlines()))
    except OSError as error:
        raise MappingUnreadable(why=why_not(error)) from None
    except (UnicodeDecodeError, csv.Error):
        raise MappingUnreadable(why="không phải .csv UTF-8") from None
    if not rows or not {"heading", "column"} <= rows[0].keys():
        raise MappingUnreadable(why="thiếu cột heading hoặc column")
    names, found = {c.name for c in columns}, {}
    for number, row in enumerate(rows, 2):
        heading, column = folded(row["heading"] or ""), (row["column"] or "").strip()
        if not heading or column not in names:
            raise MappingUnreadable(why=f"dòng {number}: tiêu đề trống hoặc không có cột nào tên như vậy")
        if found.setdefault(heading, column) != column:
            raise MappingUnreadable(why=f"dòng {number}: một tiêu đề cho hai cột")
    return found


def folded(text: str) -> str:
    """Words of small letters without marks, whatever stands between them."""
    bare = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in bare if not unicodedata.combining(c))))


_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|\*+")


@dataclass(frozen=True)
class Known:
    """The words by which columns are known: folded -> the column, and how surely (0 is surest)."""

    words: Mapping[str, tuple[str, int]]
    asked: dict[str, tuple[str, int] | None] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, columns: Sequence[Wanted], mapping: Mapping[str, str]) -> "Known":
        meant: list[dict[str, set[str]]] = [{heading: {name} for heading, name in mapping.items()}, {}, {}]
        for column in columns:
            for text in (column.title, f"{column.title} {column.name}", column.name):
                meant[1].setdefault(folded(text), set()).add(column.name)
            for text in column.headings:
                meant[2].setdefault(folded(text), set()).add(column.name)
        words: dict[str, tuple[str, int]] = {}
        for level, found in enumerate(meant):
            for word, names in found.items():
                # A word for two columns tells neither; a number of the line is what almost every list begins with.
                if len(names) == 1 and word and (level == 0 or word not in ORDINALS):
                    words.setdefault(word, (next(iter(names)), level))
        return cls(words)

    def column(self, text: str) -> tuple[str, int] | None:
        if text not in self.asked:
            self.asked[text] = self.words.get(folded(text)) or self.words.get(folded(_ASIDE.sub(" ", text)))
        return self.asked[text]


@dataclass(frozen=True)
class Headings:
    """Where the columns are: `first` to `last` are the lines of the heading (from 0), `columns` name -> number of its column."""

    first: int
    last: int
    columns: Mapping[str, int]
    twice: tuple[str, ...]  # columns that two headings claim equally
    unknown: tuple[tuple[int, str], ...]  # headings of no declared column: number of the column, text
    lines: tuple[tuple[str | None, ...], ...]  # as they stand
    encoding: str | None


def find(rows: Sequence[Row], merged: Sequence[tuple[int, int, int, int]], known: Known) -> Headings | None:
    """The heading among the first rows of a sheet; None where no line holds two declared headings."""
    best: tuple[int, Headings] | None = None
    for encoding, read in _read(rows):
        for depth in range(1, DEEPEST + 1):
            for first in range(len(rows) - depth + 1):
                # A line above the heading, or a line of data under it, adds nothing: the fewest lines with most headings are it.
                found = _at(read, rows, first, depth, merged, known, encoding)
                if found and (best is None or len(found.columns) > best[0]):
                    best = len(found.columns), found
    return best[1] if best and best[0] >= min(2, len({name for name, _ in known.words.values()})) else None


def _read(rows: Sequence[Row]) -> Iterator[tuple[str | None, Sequence[Row]]]:
    """The rows as they are, and in each encoding in which they may have been written."""
    yield None, rows
    odd = {text: readings_of(text) for row in rows for text in row if text and not text.isascii()}
    for encoding in sorted({name for readings in odd.values() for name in readings}):
        yield encoding, [[odd[text].get(encoding, text) if text in odd else text for text in row] for row in rows]


def _at(
    read: Sequence[Row],
    rows: Sequence[Row],
    first: int,
    depth: int,
    merged: Sequence[tuple[int, int, int, int]],
    known: Known,
    encoding: str | None,
) -> Headings | None:
    lines = _filled(read, first, depth, merged)
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    unknown = []
    for place, parts in enumerate(zip(*lines, strict=True)):
        texts = [text for text in dict.fromkeys(parts) if text]
        if not texts:
            continue
        candidates = [" ".join(texts), " ".join(reversed(texts)), *([texts[-1]] if parts[-1] else reversed(texts))]
        meant = next((m for m in map(known.column, candidates) if m), None)
        if meant:
            found[meant[0]].append((meant[1], place))
        elif folded(texts[-1]) not in ORDINALS:
            unknown.append((place, " ".join(texts)))
    if not found:
        return None
    surest = {name: sorted(places) for name, places in found.items()}
    return Headings(
        first,
        first + depth - 1,
        {name: places[0][1] for name, places in surest.items()},
        tuple(name for name, places in surest.items() if len(places) > 1 and places[0][0] == places[1][0]),
        tuple(unknown),
        tuple(tuple(rows[at]) for at in range(first, first + depth)),
        encoding,
    )


def _filled(rows: Sequence[Row], first: int, depth: int, merged: Sequence[tuple[int, int, int, int]]) -> list[list[str]]:
    """The lines of a heading, each cell with the text of the merged cell that it is a part of."""
    lines = [[" ".join((text or "").split()) for text in rows[first + at]] for at in range(depth)]
    for top, left, bottom, right in merged:
        if first <= top <= bottom < first + depth and left < len(lines[0]):
            text = lines[top - first][left]
            for line in lines[top - first : bottom - first + 1]:
                line[left : right + 1] = [text] * len(line[left : right + 1])
    if not merged:  # a CSV file and .ods tell none: what stands above two headings belongs to both
        for above, below in pairwise(lines):
            for at in range(1, len(above)):
                if not above[at] and below[at] and above[at - 1] and below[at - 1]:
                    above[at] = above[at - 1]
    return lines
