"""Run tags of any length: the tag holds the beginning of a long text and its id, the warehouse the whole.

Dagster's database indexes each tag, and PostgreSQL refuses an index entry above a third of a page: a run whose tag is longer could
not be stored. Whoever stores a run gives its tags to `kept`; whoever reads them asks `tags_of`.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import dagster as dg

from assets.failures import TagTellsWho, TagTooLong, TagUnreadable, TextLost
from assets.tags import CELLS, CORRECTION, DOCUMENT, OFFICER, OURS, PERIODS, REASON
from resources.hub import Hub
from resources.warehouse.running import long_texts
from schemas.reasons import tells_who

LONGEST = {REASON: 10_000, DOCUMENT: 10_000, OFFICER: 500, CELLS: 1_000_000, PERIODS: 100_000, CORRECTION: 100_000}  # characters
INDEXED = 2_600  # bytes of a tag's name and text that its index entry surely holds
BEGINNING = 400  # characters that stay in the tag of a longer text, to be read in the list of runs

_BEGINNING_AND_ID = re.compile(r"(.*) …\[toàn văn ([0-9a-f]{32})\]", re.DOTALL)
# Control characters, halves of surrogate pairs, and what turns the direction of writing: a text could show as what it is not.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def kept(tags: Mapping[str, Any]) -> dict[str, Any]:
    """The tags as they can be stored: of ours control characters are gone, and what is long lies in the warehouse.

    Raises TagTooLong and TagUnreadable. Done again, nothing changes.
    """
    texts = {str(name): text for name, text in tags.items()}
    for name, text in texts.items():
        if isinstance(text, str):
            texts[name] = _storable(name, text)
    long = {n: t for n, t in texts.items() if n in LONGEST and _too_long(n, t)}
    if long:
        with Hub.open().warehouse.engine.begin() as connection:
            texts |= {n: f"{t[:BEGINNING]} …[toàn văn {long_texts.keep(connection, t)}]" for n, t in long.items()}
    return texts


def _storable(name: str, text: str) -> str:
    limit = LONGEST.get(name)
    if len(text) > limit if limit else _too_long(name, text):
        raise TagTooLong(tag=shown(name), length=len(text) if limit else len(name + text), limit=limit or INDEXED // 4)
    if name in (REASON, OFFICER, DOCUMENT) and tells_who(text):
        raise TagTellsWho(tag=name)
    if name.startswith(OURS):
        return readable(text)
    refuse_unstorable(name, name + text)
    return text


def readable(text: str) -> str:
    """A text that somebody typed, as it may be kept and shown."""
    return _UNSAFE.sub(" ", unicodedata.normalize("NFC", text))


def refuse_unstorable(name: str, text: str) -> None:
    """Raises TagUnreadable. Kept all the same, as Dagster does with what lies in JSON, it would break the list that shows it."""
    if _UNSTORABLE.search(text):
        raise TagUnreadable(tag=shown(name))


def _too_long(name: str, text: Any) -> bool:
    return isinstance(text, str) and len(f"{name}{text}".encode(errors="replace")) > INDEXED


def shown(text: str) -> str:
    """A text from outside as a message may hold it."""
    return "".join(c if c.isprintable() else "?" for c in text[:40]) + ("…" if len(text) > 40 else "")


def tags_of(run: dg.DagsterRun) -> dict[str, str]:
    """The tags of a run with their whole texts. Raises TextLost."""
    return whole(run.tags)


def whole(tags: Mapping[str, str]) -> dict[str, str]:
    return {name: _whole(name, text) if name in LONGEST else text for name, text in tags.items()}


def _whole(name: str, text: str) -> str:
    found = _BEGINNING_AND_ID.fullmatch(text) if len(text) <= INDEXED else None
    if found is None:
        return text
    beginning, identity = found.groups()
    body = _body(identity)
    if body is None or body[:BEGINNING] != beginning:
        _body.cache_clear()  # it may be there the next time
        raise TextLost(tag=name)
    return body


@lru_cache(maxsize=64)  # each event of a run asks for the tags of its run
def _body(identity: str) -> str | None:
    with Hub.open().warehouse.engine.connect() as connection:
        return long_texts.find(connection, identity)
