"""Administrative units of the province and the units that submit: who is valid when, what became of whom.

Everything follows from the dated lists in schemas/units/*.csv. A commune code without a day means nothing: codes were
kept for other communes in December 2024 and in July 2025. Nothing about a source system, a period or a row belongs here.
Rule and proof: docs/method/succession-of-units.md.
"""

import datetime as dt
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from schemas.column import Text
from schemas.dataset import PROVINCE
from schemas.dated import by_name, read_rows

# pyright: reportAttributeAccessIssue=false

PROVINCE_NAME = "Tỉnh Nghệ An"
COMMUNE_DIGITS = 5  # of a commune's code; a district's has three
_FILES = ("aliases.csv", "communes.csv", "districts.csv", "successors.csv")


@dataclass(frozen=True)
class Unit:
    code: str
    name: str


@dataclass(frozen=True)
class Commune:
    code: str
    name: str
    kind: str
    district_code: str  # since July 2025 the former district, which no commune of today crosses
    valid_from: dt.date
    valid_to: dt.date


@dataclass(frozen=True)
class District:
    code: str
    name: str
    valid_from: dt.date
    valid_to: dt.date


@by_name(lambda name: read_rows("units", name) if name else [row for each in _FILES for row in read_rows("units", each)])
def _read(name: str) -> list[dict[str, str]]:
    return read_rows("units", name)


def _from(text: str) -> dt.date:
    return dt.date.fromisoformat(text) if text else dt.date.min


def _to(text: str) -> dt.date:
    return dt.date.fromisoformat(text) if text else dt.date.max


@cache
def _communes() -> tuple[Commune, ...]:
    return tuple(
        Commune(r["code"], r["name"], r["kind"], r["district_code"], _from(r["valid_from"]), _to(r["valid_to"]))
        for r in _read("communes.csv")
    )


@cache
def _districts() -> tuple[District, ...]:
    return tuple(District(r["code"], r["name"], _from(r["valid_from"]), _to(r["valid_to"])) for r in _read("districts.csv"))


@cache
def epoch_starts() -> tuple[dt.date, ...]:
    """The first day of each set of codes, in order: the units of two days of one epoch are the same."""
    return tuple(sorted({c.valid_from for c in _communes()}))


def epoch(on: dt.date) -> int:
    """The number, from 0, of the set of codes in force on a day."""
    return sum(start <= on for start in epoch_starts()) - 1


@cache
def _communes_of(number: int) -> dict[str, Commune]:
    start = epoch_starts()[number]
    return {c.code: c for c in _communes() if c.valid_from <= start <= c.valid_to}


@cache
def _successors(number: int) -> dict[str, tuple[str, ...]]:
    """Code of an epoch -> its codes in the next one: the main successor first, then others to which a part went."""
    changed_on = epoch_starts()[number + 1].isoformat()
    found: dict[str, list[str]] = defaultdict(list)
    for r in _read("successors.csv"):
        if r["changed_on"] == changed_on:
            if r["kind"] == "part":
                found[r["old_code"]].append(r["new_code"])
            else:
                found[r["old_code"]].insert(0, r["new_code"])
    return {code: tuple(codes) for code, codes in found.items()}


def communes_on(on: dt.date) -> dict[str, Commune]:
    """The communes valid on a day, by code."""
    return _communes_of(epoch(on))


@cache
def codes_of_all_days() -> tuple[str, ...]:
    """The commune codes that were ever valid, in order."""
    return tuple(sorted({commune.code for commune in _communes()}))


def communes(on: dt.date) -> pd.DataFrame:
    """code, name, kind (xã, phường, thị trấn), district_code of the communes valid on a day."""
    rows = communes_on(on).values()
    fields = ("code", "name", "kind", "district_code")
    return pd.DataFrame({f: pd.Series([getattr(c, f) for c in rows], dtype=Text) for f in fields})


def commune_name(code: str, on: dt.date) -> str | None:
    commune = communes_on(on).get(code)
    return commune.name if commune else None


def districts(on: dt.date) -> tuple[Unit, ...]:
    """The districts valid on a day; none since July 2025."""
    return tuple(Unit(d.code, d.name) for d in _districts() if d.valid_from <= on <= d.valid_to)


@lru_cache(maxsize=256)
def submitting_units(on: dt.date) -> tuple[Unit, ...]:
    """The units that owe their figures on a day, in code order: the districts, and since July 2025 the communes."""
    units = districts(on) or tuple(Unit(c.code, c.name) for c in communes_on(on).values())
    return tuple(sorted(units, key=lambda u: u.code))


def unit_name(code: str, on: dt.date) -> str | None:
    """The name of the province, a district or a commune on a day; None where the code was not valid."""
    if code == PROVINCE:
        return PROVINCE_NAME
    for unit in districts(on):
        if unit.code == code:
            return unit.name
    return commune_name(code, on)


@cache
def district_codes() -> tuple[str, ...]:
    """The district codes that were ever valid, in order."""
    return tuple(sorted({district.code for district in _districts()}))


def latest_name(code: str, on: dt.date) -> str | None:
    """The name of a unit on a day, or the last that it had before; None where there was no such unit."""
    ended = [unit.valid_to for unit in (*_districts(), *_communes()) if unit.code == code and unit.valid_from <= on]
    return unit_name(code, min(on, max(ended, default=on)))


def district_successor(code: str, on: dt.date) -> str | None:
    """The district that has the duty of a district on a day: itself, or the one it went into."""
    successors = {r["code"]: r["successor"] for r in _read("districts.csv")}
    valid = {u.code for u in districts(on)}
    while code and code not in valid:
        code = successors.get(code, "")
    return code or None


def ended_districts(on: dt.date) -> dict[str, str | None]:
    """The districts that are none on a day, each with the one that has its duty then, if there is one."""
    return {code: successor for code in district_codes() if (successor := district_successor(code, on)) != code}


# Placing -----------------------------------------------------------------------------------------------------------


def main_successor(code: str, judged_on: dt.date, last_day: dt.date) -> str | None:
    """The code, on the later day, of the commune that took over (the main part of) a commune of the earlier day."""
    start, end = epoch(judged_on), epoch(last_day)
    if code not in _communes_of(start):
        return None
    for number in range(start, end):
        code = _successors(number)[code][0]
    return code


def became(first: dt.date, last: dt.date) -> dict[str, str]:
    """Every commune code of two days -> the commune of the later day that it is, or went into. Of a code that was kept it is itself."""
    found: dict[str, str] = {}
    for day in (first, last):
        found |= {code: now for code in communes_on(day) if (now := main_successor(code, day, last)) is not None}
    return found


@cache
def _unit_by_commune(start: int, end: int) -> tuple[pa.Array, pa.Array]:
    first, last = epoch_starts()[start], epoch_starts()[end]
    has_districts = bool(districts(last))
    codes, placed = [], []
    for code in _communes_of(start):
        now = main_successor(code, first, last)
        if now is None:
            continue
        codes.append(code)
        placed.append(_communes_of(end)[now].district_code if has_districts else now)
    return pa.array(codes, pa.string()), pa.array(placed, pa.string())


def placing(judged_on: dt.date, last_day: dt.date) -> dict[str, str]:
    """Every commune code listed on `judged_on` -> the submitting unit valid on `last_day`; what `place` looks up."""
    codes = pa.array(sorted(communes_on(judged_on)), pa.string())
    placed = place_array(codes, judged_on, last_day)
    return {code: unit for code, unit in zip(codes.to_pylist(), placed.to_pylist(), strict=True) if unit is not None}


def place(codes: "pd.Series", judged_on: dt.date, last_day: dt.date) -> "pd.Series":
    """The submitting unit, on the last day, of commune codes of the day of judging; null where a code was not listed then."""
    return pd.Series(pd.array(place_array(pa.array(codes, pa.string()), judged_on, last_day), dtype=Text), index=codes.index)


def place_array(codes: pa.Array, judged_on: dt.date, last_day: dt.date) -> pa.Array:
    """`place` for an Arrow array."""
    known, placed = _unit_by_commune(epoch(judged_on), epoch(last_day))
    return placed.take(pc.index_in(codes, value_set=known))


def moved_rows(on: dt.date) -> dict[tuple[str, str], str]:
    """The unit, on a day, of rows that were placed for another: (commune code, unit of that other day) -> unit, where they differ."""
    return _moved_rows(epoch(on))


@cache
def _moved_rows(wanted: int) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    starts = epoch_starts()
    for judged, start in enumerate(starts):
        ends = [placing(start, last) for last in starts[judged:]]
        for code in _communes_of(judged):
            now = ends[wanted - judged][code] if wanted >= judged else _unit_before(code, judged, wanted)
            found |= {(code, was[code]): now for was in ends if was[code] != now}
    return found


def holders(then: dt.date, on: dt.date) -> dict[str, frozenset[str]]:
    """The units of a day -> those of another day in whose cells the rows of their communes stand: mostly one, itself or its successor."""
    moved, found = moved_rows(then), defaultdict[str, set[str]](set)
    for code, unit in placing(on, on).items():
        found[moved.get((code, unit), unit)].add(unit)
    return {unit: frozenset(held) for unit, held in found.items()}


def _unit_before(code: str, number: int, wanted: int) -> str:
    """The unit that a commune came from. All its parts lay in one, but for one ward of July 2025 (see the method page)."""
    for step in range(number - 1, wanted - 1, -1):
        parts = _predecessors(step)[code]
        code = code if code in parts else min(parts)
    return placing(epoch_starts()[wanted], epoch_starts()[wanted])[code]


@cache
def _predecessors(number: int) -> dict[str, frozenset[str]]:
    """Code of the next epoch -> the codes of this one of which it is the main successor."""
    found: dict[str, set[str]] = defaultdict(set)
    for old, new in _successors(number).items():
        found[new[0]].add(old)
    return {code: frozenset(parts) for code, parts in found.items()}


# Names and codes of another epoch ----------------------------------------------------------------------------------

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_KIND = re.compile(r"^(?:xã|phường|thị trấn|ttr?|p|x)(?:\s*\.\s*|\s+)(?=\S)")
_BARE_KIND = re.compile(r"^(?:xa|phuong|thi tran)\s+(?=\S)")


def fold(name: str) -> str:
    """A name without what people write differently: case, spaces, the place of the tone mark (hoà, hòa)."""
    words = []
    for word in unicodedata.normalize("NFD", name.casefold()).split():
        tones = "".join(c for c in word if c in _TONES)
        words.append("".join(c for c in word if c not in _TONES) + tones)
    return unicodedata.normalize("NFC", " ".join(words))


@lru_cache(maxsize=8192)
def fold_commune(name: str) -> str:
    """`fold` without the kind in front: `Phường Nghi Thuỷ`, `P. Nghi Thủy` and `NGHI THỦY` are one."""
    return fold(_KIND.sub("", " ".join(unicodedata.normalize("NFC", name).casefold().split())))


@lru_cache(maxsize=8192)
def _bare(name: str) -> str:
    folded = unicodedata.normalize("NFD", fold_commune(name)).replace("đ", "d")
    return "".join(c for c in folded if not unicodedata.combining(c))


def _bares(name: str) -> tuple[str, str]:
    """A name without its marks; and without a kind in front that has none either: `Xa Luong` is Xá Lượng as well as Lượng."""
    return _bare(name), _BARE_KIND.sub("", _bare(name))


def spellings(name: str) -> tuple[str, ...]:
    """By what a commune may be looked up that is known by its name alone, the surest first."""
    return fold_commune(name), *_bares(name)


@cache
def _aliases() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for r in _read("aliases.csv"):
        found[r["code"]].add(fold_commune(r["alias"]))
    return {code: frozenset(names) for code, names in found.items()}


@cache
def _names_of_all_days() -> frozenset[str]:
    return frozenset(_bare(c.name) for c in _communes()).union(*(map(_bare, names) for names in _aliases().values()))


def is_commune_name(text: str) -> bool:
    """Whether a commune was ever called so."""
    return not _names_of_all_days().isdisjoint(_bares(text))


@cache
def _names_of_district(number: int, district_code: str) -> frozenset[str]:
    return frozenset(fold_commune(c.name) for c in _communes_of(number).values() if c.district_code == district_code)


def _called(commune: Commune, name: str, number: int) -> Literal["same", "alias", "other"]:
    """Whether a name received for a commune is its own, another spelling of it, or another commune's."""
    folded = fold_commune(name)
    if folded == fold_commune(commune.name):
        return "same"
    if folded in _names_of_district(number, commune.district_code):
        return "other"
    if folded in _aliases().get(commune.code, ()) or _bare(commune.name) in _bares(name):
        return "alias"
    return "other"


def _counterparts(code: str, number: int, wanted: int) -> frozenset[str]:
    """The codes of another epoch that hold (a part of) a commune: one where it is the same or went in whole."""
    current = {code}
    if number < wanted:
        for step in range(number, wanted):
            current = {new for old in current for new in _successors(step)[old]}
    else:
        for step in range(number - 1, wanted - 1, -1):
            current = {old for old, new in _successors(step).items() if current & set(new)}
    return frozenset(current)


@dataclass(frozen=True)
class Resolution:
    """What a received commune code and name mean on a day."""

    outcome: Literal["listed", "spelled_otherwise", "of_another_epoch", "name_differs", "unlisted"]
    code: str
    name: str | None


@lru_cache(maxsize=65536)
def _resolve(code: str, name: str | None, number: int) -> Resolution:
    listed = _communes_of(number).get(code)
    if listed and name is None:
        return Resolution("listed", code, None)
    if listed and name is not None:
        called = _called(listed, name, number)
        if called == "same":
            return Resolution("listed", code, name)
        if called == "alias":
            return Resolution("spelled_otherwise", code, listed.name)
    # A code of another epoch: the one before first, then the one after, then further away.
    for other in sorted(range(len(epoch_starts())), key=lambda n: (abs(n - number), n > number)):
        then = _communes_of(other).get(code)
        if other == number or then is None or (name is not None and _called(then, name, other) == "other"):
            continue
        counterparts = _counterparts(code, other, number)
        if len(counterparts) == 1:
            commune = _communes_of(number)[next(iter(counterparts))]
            return Resolution("of_another_epoch", commune.code, None if name is None else commune.name)
    return Resolution("name_differs" if listed else "unlisted", code, name)


def resolve(code: str, name: str | None, on: dt.date) -> Resolution:
    """What a commune code, with the name written beside it, means on a day. A code with another unit's name is never guessed."""
    return _resolve(code, name, epoch(on))


def same_epoch(one: dt.date, other: dt.date) -> bool:
    return epoch(one) == epoch(other)
