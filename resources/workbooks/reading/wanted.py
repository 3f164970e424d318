"""What is looked for in a file: the columns of the datasets that it may be for, and the words by which each column is known."""

import csv
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from resources.failing import why_not
from resources.workbooks.reading.failures import MappingUnreadable
from resources.workbooks.reading.words import folded
from schemas.column import Column
from schemas.dataset import Dataset
from schemas.dated import read_rows

LARGEST_MAPPING = 1 << 20
Kind = Literal["text", "name", "commune_code", "commune_name", "birth", "birth_year", "sex", "month"]
_KINDS: dict[str, Kind] = {
    "person_name": "name",
    "commune_code": "commune_code",
    "commune_name": "commune_name",
    "birth_date": "birth",
    "sex": "sex",
}
_ANY = "*"  # in headings.csv: every item of a form, or every part of one


@dataclass(frozen=True)
class Wanted:
    """A column that is looked for. `headings` are further words for it; without a required column nothing is read.

    One that `is_stated` may be said once, above the table, of all its rows. In a form whose items are lines, `item` and `part` are
    the words for the line and the column in which its number stands.
    """

    name: str  # as the source calls it
    title: str
    headings: tuple[str, ...] = ()
    is_required: bool = False
    kind: Kind = "text"
    is_stated: bool = False
    item: tuple[str, ...] = ()
    part: tuple[str, ...] = ()

    @property
    def is_name(self) -> bool:
        """Each word of it begins with a capital."""
        return self.kind in ("name", "commune_name")


@dataclass(frozen=True)
class Choice:
    """A dataset that a file may be for. One of its `names` in the name of the file or of a sheet decides where several fit."""

    title: str
    columns: tuple[Wanted, ...]
    names: tuple[str, ...] = ()

    @property
    def least(self) -> int:
        """Columns without which it is not this dataset's file; half of a form's, which has no column that each of them must have."""
        own = sum(not c.is_stated for c in self.columns)
        return min(2, own) if any(c.is_required for c in self.columns) else (own + 1) // 2


def choice_of(dataset: Dataset, extra: Sequence[Wanted] = ()) -> Choice:
    """A dataset, and columns of ours beside its own."""
    return Choice(dataset.title, (*wanted_of(dataset), *extra), (dataset.road.at_source, dataset.name, dataset.title))


def wanted_of(dataset: Dataset, required: Collection[str] | None = None) -> tuple[Wanted, ...]:
    """The columns of a dataset. Required are the fields that are named, or those of its key that nothing else can tell."""
    grid = _grid(dataset.columns)
    stated = {dataset.placed_by, dataset.commune, dataset.commune_name}
    if grid:
        stated |= {c.name for c in dataset.columns if c.source_column not in grid}
    must = set(dataset.key) - stated if required is None else required
    return tuple(_wanted(c, c.name in must, c.name in stated, grid.get(c.source_column)) for c in dataset.columns)


def _wanted(column: Column, is_required: bool, is_stated: bool, place: tuple[str, str] | None) -> Wanted:
    name, title = column.source_column, column.title
    kind: Kind = "birth_year" if column.name == "birth_year" else _KINDS.get(column.reader, "text")
    if is_stated and column.reader == "day" and title.startswith("Tháng"):
        kind = "month"
    if place is None:
        return Wanted(name, title, tuple(_usual().get(name, ())), is_required, kind, is_stated)
    item, part = ((word, *_usual().get(of, ())) for word, of in zip(title.split(": "), place, strict=True))
    both = [f"{line} {under}" for line in item for under in part]
    return Wanted(name, title, (*both, *_usual().get(name, ())), is_required, kind, is_stated, item, part)


def _grid(columns: Sequence[Column]) -> dict[str, tuple[str, str]]:
    """The numbers of a form, which are told by a line and a column: `Tái nghiện: đầu kỳ`. Column -> what headings.csv calls both."""
    parts = {name.removeprefix(_ANY) for name in _usual() if name.startswith(_ANY)}
    found = {
        c.source_column: part for c in columns for part in parts if c.title.count(": ") == 1 and c.source_column.endswith(part)
    }
    several = Counter(found.values())
    return {name: (name.removesuffix(part) + "_" + _ANY, _ANY + part) for name, part in found.items() if several[part] > 1}


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
