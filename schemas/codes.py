"""Code lists with their days of validity: codes/<list>.csv, one row per code and time, of a system or shared.

A `?` in a code stands for any digit (the personal-number prefixes of births registered abroad). Which column uses which
list is declared on the column, never here; communes and districts are in schemas/units.py.
"""

import datetime as dt
import itertools
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from schemas.dated import by_name, read_all, read_rows, systems

CONFIDENCES = ("sure", "likely", "unsure")
Tells = Literal["", "sensitive", "never_released"]
TELLS: tuple[Tells, ...] = get_args(Tells)


@dataclass(frozen=True)
class Code:
    code: str
    label_vi: str
    label_en: str
    legal_basis: str
    valid_from: dt.date
    valid_to: dt.date
    confidence: str


@cache
def names() -> tuple[str, ...]:
    """The names of all code lists."""
    return tuple(sorted(_places()))


@cache
def _places() -> dict[str, tuple[str, ...]]:
    """The name of each list -> where its file is: what several systems share, then each system's own folder."""
    folders = [("codes",), *(("sources", system, "codes") for system in systems())]
    found: dict[str, tuple[str, ...]] = {}
    for folder in folders:
        place = files("schemas").joinpath(*folder)
        if place.is_dir():
            for file in place.iterdir():
                if file.name.endswith(".csv"):
                    found.setdefault(file.name.removesuffix(".csv"), (*folder, file.name))
    return found


def _named(name: str | None) -> tuple[Code, ...]:
    """The rows of a list; of None those of all."""
    return rows(name) if name else tuple(row for each in _places() for row in rows(each))


@by_name(_named)
@cache
def rows(name: str) -> tuple[Code, ...]:
    """All rows of a list, those no longer or not yet valid too."""
    if name not in _places():
        raise KeyError(f"there is no code list {name!r}; add {name}.csv to the system's codes or to schemas/codes")
    return tuple(
        Code(
            r["code"],
            r["label_vi"],
            r["label_en"],
            r["legal_basis"],
            dt.date.fromisoformat(r["valid_from"]) if r["valid_from"] else dt.date.min,
            dt.date.fromisoformat(r["valid_to"]) if r["valid_to"] else dt.date.max,
            r["confidence"],
        )
        for r in read_rows(*_places()[name])
    )


@dataclass(frozen=True)
class ListFacts:
    """What holds of a list as a whole, where something does.

    `is_closed`: a group of it is itself the protected fact, so no open table groups by it, whatever its field says.
    `is_incomplete`: we hold only the better part of it, so a code outside it is a warning.
    `tells`: what the heaviest of its codes says of whoever has it: `sensitive` (ethnicity, health, a bank account, an offence),
    `never_released` (disability, HIV, drugs, abuse, trafficking). Every field that holds codes of it is marked so, however harmless
    the other codes are.
    """

    is_closed: bool = False
    is_incomplete: bool = False
    tells: Tells = ""


@cache
def list_facts() -> dict[str, ListFacts]:
    """The lists of which something holds: list_facts.csv, of a system or shared."""
    told: dict[str, Tells] = {name: name for name in TELLS}  # another word is refused: nothing would be marked by it
    return {
        r["list"]: ListFacts(r["is_closed"] == "true", r["is_incomplete"] == "true", told[r["tells"]])
        for r in read_all("list_facts.csv")
    }


def facts_of(name: str | None) -> ListFacts:
    return list_facts().get(name or "", ListFacts())


def _expand(code: str) -> list[str]:
    parts = ("0123456789" if c == "?" else c for c in code)
    return ["".join(p) for p in itertools.product(*parts)]


@by_name(_named)
@cache
def boundaries(name: str) -> tuple[dt.date, ...]:
    """The days on which a list changes: between two of them it is the same."""
    starts = {r.valid_from for r in rows(name)}
    ends = {r.valid_to + dt.timedelta(days=1) for r in rows(name) if r.valid_to < dt.date.max}
    return tuple(sorted(starts | ends))


@by_name(_named)
@cache
def _listed(name: str, number: int) -> frozenset[str]:
    day = boundaries(name)[number]
    return frozenset(code for r in rows(name) if r.valid_from <= day <= r.valid_to for code in _expand(r.code))


@by_name(_named)
def since(name: str, on: dt.date) -> dt.date:
    """The day from which on a list is as it is on a day; the first of all days before its first edition."""
    return max((day for day in boundaries(name) if day <= on), default=dt.date.min)


@by_name(_named)
def edition(name: str, on: dt.date) -> int:
    """The number of the edition of a list in force on a day, -1 before the first."""
    return sum(day <= on for day in boundaries(name)) - 1


@by_name(_named)
def listed(name: str, on: dt.date) -> frozenset[str]:
    """The codes of a list that are valid on a day."""
    number = edition(name, on)
    return _listed(name, number) if number >= 0 else frozenset()


@by_name(_named)
@cache
def ever(name: str) -> frozenset[str]:
    """Every code that a list holds or held."""
    return frozenset(code for r in rows(name) for code in _expand(r.code))


@by_name(_named)
@cache
def _by_code(name: str) -> dict[str, tuple[Code, ...]]:
    found: dict[str, list[Code]] = defaultdict(list)
    for r in rows(name):
        for code in _expand(r.code):
            found[code].append(r)
    return {code: tuple(sorted(of, key=lambda r: r.valid_from)) for code, of in found.items()}


@by_name(_named)
def label(name: str, code: str | int, on: dt.date | None = None, language: str = "vi") -> str | None:
    """The label of a code on a day (by default its latest); None for a code that the list never held."""
    found = _by_code(name).get(str(code), ())
    if on is not None:
        found = tuple(r for r in found if r.valid_from <= on <= r.valid_to)
    if not found:
        return None
    return found[-1].label_vi if language == "vi" else found[-1].label_en


@by_name(_named)
@cache
def legal_basis(name: str) -> str:
    """What a list rests on, each basis once, in the order of the rows."""
    return "; ".join(dict.fromkeys(r.legal_basis for r in rows(name)))
