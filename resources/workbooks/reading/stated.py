"""What a sheet says once, above its table, of all its rows: «Mã xã: 16681», «Cơ sở | CN-01», «UBND xã Quang Trung»."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import zip_longest

from resources.workbooks.reading.headings import Headings, Known, Row
from resources.workbooks.reading.wanted import Wanted
from schemas.units import is_commune_name

_COMMUNE = re.compile(
    r"(?:(?:ủy|uỷ) ban nhân dân|uy ban nhan dan|ubnd)?\s*((?:xã|phường|thị trấn|xa|phuong|thi tran)\s+\S.*)", re.IGNORECASE
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}")
_MONTH = re.compile(
    r"(?:tháng|t)?[\s.]*(?P<a>[0-9]{1,2})\s*(?:[/.-]\s*(?:năm)?|năm)\s*(?P<b>[0-9]{4})|(?P<c>[0-9]{4})[-/](?P<d>[0-9]{1,2})",
    re.IGNORECASE,
)


def as_day(text: str) -> str:
    """A month as its first day: of a column whose rows tell months, files write «10/2024» where databases have a day of it."""
    found = _MONTH.fullmatch(unicodedata.normalize("NFC", text.strip()))
    month, year = (int(found["a"] or found["d"]), found["b"] or found["c"]) if found else (0, "")
    return f"{year}-{month:02d}-01" if 1 <= month <= 12 else text


def titles_of(lines: Sequence[Row]) -> tuple[str, ...]:
    """The texts above a table, in their order."""
    return tuple(text for line in lines for text in _texts(line))


def stated_in(headings: Headings, columns: Sequence[Wanted], known: Known) -> dict[str, str]:
    """Column -> what the lines above the heading say of it. What they say twice, and differently, is left out."""
    kinds = {c.name: c.kind for c in columns if c.is_stated and c.name not in headings.names}
    said: dict[str, dict[str, None]] = {}
    for line in headings.above:
        for name, text in _labelled(_texts(line), known):
            if name in kinds and (kinds[name] != "month" or _DAY.fullmatch(as_day(text))):
                said.setdefault(name, {})[text] = None
    # A list that has the code of each row's commune says by it which; of one that has none the office in its head tells.
    if not any(c.kind == "commune_code" and c.name not in kinds for c in columns):
        heads = (match[1] for text in titles_of(headings.above) if (match := _COMMUNE.fullmatch(text)))
        communes = dict.fromkeys(name for name in heads if is_commune_name(name))
        for name, kind in kinds.items():
            if kind == "commune_name" and communes:
                said.setdefault(name, communes)
    return {name: next(iter(texts)) for name, texts in said.items() if len(texts) == 1}


def _texts(line: Row) -> list[str]:
    return [" ".join(text.split()) for text in line if text and text.strip()]


def _labelled(texts: Sequence[str], known: Known) -> list[tuple[str, str]]:
    """A label and its value in one cell, with a colon between; or in two cells beside each other."""
    found = []
    for text, after in zip_longest(texts, texts[1:], fillvalue=""):
        label, colon, value = text.partition(":")
        meant = known.column(label)
        if meant and value.strip():
            found.append((meant[0], value.strip()))
        elif meant and after and not known.column(after.partition(":")[0]) and (colon or len(texts) == 2):
            found.append((meant[0], after))
    return found
