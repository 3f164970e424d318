"""How a dataset stood by the service's own word, as one text that is kept with each of its cells until the next look.

The connector remembers nothing from one process to the next: what it is given back is all that it knows. A period stands as it did
where every one of the bookmarks that are given says the same of it, and the service says that so it still is.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LONGEST = 8_000  # characters: it is kept with each cell; what does not fit is read each time


@dataclass(frozen=True)
class Mark:
    """How a page stood, by its ETag. `place`: what the page was asked for by; None: the first."""

    place: str | None
    etag: str


@dataclass(frozen=True)
class Counted:
    """How many rows there were at an instant of the service's own clock."""

    at: str  # yyyyMMddHHmmss
    rows: int


Word = tuple[Mark, ...] | Counted  # of one period


def written(asked: str, words: Mapping[str, Word]) -> str | None:
    """`asked`: what was asked of the service; of something else two answers cannot be compared."""
    text, told = None, {}
    for period, word in words.items():
        told[period] = [word.at, word.rows] if isinstance(word, Counted) else [[mark.place, mark.etag] for mark in word]
        longer = json.dumps([asked, told], separators=(",", ":"))
        if len(longer) > LONGEST:
            break
        text = longer
    return text if text is not None else json.dumps([asked, {}], separators=(",", ":"))


def agreed(bookmarks: Collection[str] | None, asked: str) -> dict[str, Word]:
    """What all bookmarks say of the periods alike. One that cannot be read, or belongs to other questions, says nothing."""
    read = [_read(text, asked) for text in bookmarks or ()]
    if not read:
        return {}
    first, *others = read
    return {period: word for period, word in first.items() if all(other.get(period) == word for other in others)}


def _read(text: str, asked: str) -> dict[str, Word]:
    try:
        of, told = json.loads(text)
        return {period: _word(parts) for period, parts in told.items()} if of == asked else {}
    except (ValueError, TypeError, AttributeError):
        return {}


def _word(parts: Sequence[Any]) -> Word:
    if parts and isinstance(parts[0], str):
        at, rows = parts
        return Counted(str(at), int(rows))
    return tuple(Mark(place, str(etag)) for place, etag in parts)
