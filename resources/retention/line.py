"""What a store loses of a dataset, or of all: counts, bytes and days. No name of a file and no value stands in it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from resources.clock import ZONE
from schemas.retention import STORES, Store, Term


@dataclass(frozen=True)
class Line:
    """`before`: the beginning of the day from which on all is kept; None: nothing ever goes. `held`: past its term and still needed.

    `loses`: in words, what cannot be asked any more.
    """

    store: Store
    of: str | None  # a dataset's id, or a source
    title: str
    term: Term | None
    before: dt.datetime | None
    count: int = 0
    bytes: int | None = None  # None: of rows of a table nobody knows
    first: dt.datetime | None = None
    last: dt.datetime | None = None
    held: int = 0
    loses: str = ""

    @property
    def term_words(self) -> str:
        if self.term is None:
            return "chưa khai thời hạn, giữ cả"
        return f"{self.term.words} (căn cứ chưa chắc, giữ cả)" if self.term.is_unsure else self.term.words

    def record(self) -> Mapping[str, Any]:
        """For JSON, and for the ledger."""
        return {
            "store": self.store,
            "of": self.of,
            "title": f"{STORES[self.store]}: {self.title}",
            "term": self.term.term if self.term else None,
            "term_words": self.term_words,
            "legal_basis": self.term.legal_basis if self.term else None,
            "confidence": self.term.confidence if self.term else None,
            "kept_since": self.before.astimezone(ZONE).date().isoformat() if self.before else None,
            "count": self.count,
            "bytes": self.bytes,
            "from": self.first.isoformat() if self.first else None,
            "to": self.last.isoformat() if self.last else None,
            "held": self.held,
            "loses": self.loses or None,
        }


def instant_of(day: dt.date | None) -> dt.datetime | None:
    """The beginning of a day in the province."""
    return None if day is None else dt.datetime.combine(day, dt.time.min, ZONE)
