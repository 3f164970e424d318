"""Where one person stands in what is declared: by the identity number, by an old card's number, by the number of the person's own file.

A row is a person's *own* where its identity number is the person's, or it names the person's file. Of whom a row holds one number alone,
that may be an old card's, told by its nine digits. In other rows the person only stands
beside somebody: as the head of a household, as a parent, as whom an entitlement derives from. What a row is, its dataset declares; here
it is read from that alone.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa

from schemas.dataset import Dataset, Source
from schemas.registry import DATASETS
from schemas.vocabulary import Banked

ERASED = "ansinh_erased"  # beside a row as received: whether it was a person's who was erased, so that nothing of it is left
NUMBER, OLD_NUMBER = "identity_number", "old_identity_number"  # readers of fields, and what tells a person
EITHER = "identity_or_old_card"  # reader of a field that holds one of both
CARD_DIGITS = 9
NAMELESS = "ĐÃ XÓA"  # stands where a name may not be missing
SUFFIX = f"_{NUMBER}"


@dataclass(frozen=True)
class Beside:
    """Fields that tell of a person in a row of somebody else. `tells`: what the field holds, NUMBER, OLD_NUMBER or a key; `field`: where."""

    tells: str
    field: str
    fields: tuple[str, ...]  # these go with the person


@dataclass(frozen=True)
class Place:
    """How persons stand in a dataset. A row that has an identity number of its own is its own person's, whatever file it names."""

    dataset: Dataset
    numbers: tuple[str, ...]  # fields with the identity number of whom the row is
    cards: tuple[str, ...]  # fields in which the number of an old card of theirs may stand: one of its own, or of the numbers
    keys: tuple[tuple[str, str], ...]  # field -> what it tells: `system.field`, the number of a person's file
    beside: tuple[Beside, ...]

    @property
    def own(self) -> tuple[tuple[str, str], ...]:
        """Field -> what it tells, of all by which a row is a person's own."""
        return (*((name, NUMBER) for name in self.numbers), *((name, OLD_NUMBER) for name in self.cards), *self.keys)

    @property
    def gives(self) -> tuple[str, str] | None:
        """The field by whose number the person's file is known elsewhere, and what it tells; None: there is no such."""
        return next(((name, tells) for name, tells in self.keys if (name,) == self.dataset.key), None) if self.numbers else None

    @property
    def kept(self) -> frozenset[str]:
        """The source's columns that stay of an erased row: where and when it was counted."""
        names = [name for name in (self.dataset.commune, self.dataset.placed_by) if name]
        return frozenset(self.dataset.column(name).source_column for name in names)


@cache
def places() -> tuple[Place, ...]:
    """The places of persons in every dataset in which one can stand."""
    files = {(d.source.name, d.key[0]) for d in DATASETS if _numbers(d) and len(d.key) == 1}
    found = (_place(d, files) for d in DATASETS)
    return tuple(place for place in found if place.own or place.beside)


def places_of(source: str) -> tuple[Place, ...]:
    return tuple(place for place in places() if place.dataset.source.name == source)


def place_of(dataset: Dataset) -> Place | None:
    return next((place for place in places() if place.dataset.id == dataset.id), None)


def without_number() -> tuple[Dataset, ...]:
    """The datasets that hold personal fields, and nothing by which a person could be looked for."""
    searched = {place.dataset.id for place in places()}
    return tuple(d for d in DATASETS if d.id not in searched and any(c.privacy == "personal" for c in d.columns))


def _numbers(dataset: Dataset) -> tuple[str, ...]:
    told = [c.name for c in dataset.columns if c.reader in (NUMBER, EITHER) and c.name == NUMBER]
    return (*told, *(c.name for c in dataset.columns if dataset.holds_identity_number(c.name)))


def _place(dataset: Dataset, files: set[tuple[str, str]]) -> Place:
    texts = [c for c in dataset.columns if pa.types.is_string(c.dtype)]
    numbers = _numbers(dataset)
    mine = {key: f"{source}.{key}" for source, key in files if source == dataset.source.name}
    beside = [
        Beside(tells, c.name, tuple(_named_like(dataset, c.name)))
        for c in texts
        if c.name.endswith(SUFFIX) and c.reader == EITHER
        for tells in (NUMBER, OLD_NUMBER)
    ]
    beside += [Beside(mine[key], c.name, (c.name,)) for c in texts for key in mine if c.name.endswith(f"_{key}")]
    return Place(
        dataset,
        numbers,
        tuple(c.name for c in texts if c.reader == OLD_NUMBER or (c.name in numbers and c.reader != NUMBER)),
        tuple((c.name, mine[c.name]) for c in texts if c.name in mine),
        tuple(beside),
    )


def _named_like(dataset: Dataset, number: str) -> Iterator[str]:
    """`head_identity_number` -> that, `head_name` and whatever else is of the head, and the account of the household: what of the person
    the row holds."""
    account = set(Banked.to_schema().columns) if issubclass(dataset.model, Banked) else set()
    whose = number.removesuffix(NUMBER)
    for column in dataset.columns:
        if column.name.startswith(whose) or column.name in account:
            yield column.name


@dataclass(frozen=True)
class Kept:
    """Why rows of a dataset may not go, though a person asks for it."""

    dataset: str
    term: str
    legal_basis: str


@cache
def kept_by_law() -> tuple[Kept, ...]:
    with (Path(__file__).parent / "kept_by_law.csv").open(encoding="utf-8", newline="") as rows:
        return tuple(Kept(**row) for row in csv.DictReader(rows))


def kept_in(source: Source | str) -> tuple[Kept, ...]:
    name = source if isinstance(source, str) else source.name
    return tuple(kept for kept in kept_by_law() if kept.dataset.startswith(f"{name}."))
