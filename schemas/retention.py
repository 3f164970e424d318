"""For how long what the hub keeps is kept, and by which law: retention.csv, and a retention.csv in each system's folder.

What holds today has no term: current rows, what they were received as, and what still waits. A term runs for what holds no more.
The term of today decides, also over what came under an earlier one. Rule and proof: docs/method/retention.md.
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from schemas import calendar
from schemas.dataset import Dataset
from schemas.dated import Dated, dates, read_each, read_rows

# history: closed versions of a dataset's rows, from their end. raw: what was received and no cell is made of any more, from its
# coming. quarantine: rejected rows, remarks and answers, from their end. reports: the closed versions that a filing was counted
# from, from the filing. exports, returned, logs: files, from when they were written. events: those of the orchestrator that show no
# cell, and runs that told of none. audit: who did what, and why.
Store = Literal["history", "raw", "quarantine", "reports", "exports", "returned", "logs", "events", "audit"]
OF_DATASETS: tuple[Store, ...] = ("history", "raw", "quarantine")
STORES: dict[Store, str] = {
    "history": "phiên bản cũ",
    "raw": "bản gốc",
    "quarantine": "dòng cách ly đã giải quyết",
    "reports": "căn cứ của báo cáo",
    "exports": "sổ xuất",
    "returned": "tệp trả lại và biên nhận",
    "logs": "tệp nhật ký",
    "events": "sự kiện điều phối",
    "audit": "nhật ký truy cập và lý do",
}

PERMANENT = "permanent"
_TERM = re.compile(r"P(\d{1,4})([DMY])", re.ASCII)  # as ISO 8601 writes a duration of one part
_UNITS = {"D": "ngày", "M": "tháng", "Y": "năm"}


@dataclass(frozen=True)
class Term(Dated):
    """How long one store keeps things, of one dataset or (None) of all that say nothing of their own."""

    store: Store
    dataset: str | None  # its id
    term: str
    legal_basis: str
    confidence: str
    valid_from: dt.date
    valid_to: dt.date | None

    @property
    def is_permanent(self) -> bool:
        return self.term == PERMANENT

    @property
    def is_unsure(self) -> bool:
        """Nothing is removed by a term that nobody vouches for."""
        return self.confidence not in ("sure", "likely")

    @property
    def words(self) -> str:
        if self.is_permanent:
            return "vĩnh viễn"
        number, unit = _parts(self.term)
        return f"{number} {_UNITS[unit]}"

    def before(self, today: dt.date) -> dt.date | None:
        """The day from whose beginning on everything is kept; None: nothing ever goes."""
        if self.is_permanent or self.is_unsure:
            return None
        number, unit = _parts(self.term)
        if unit == "D":
            return today - dt.timedelta(days=number)
        return calendar.in_month(today, -number * (12 if unit == "Y" else 1), today.day)


def _parts(term: str) -> tuple[int, str]:
    found = _TERM.fullmatch(term)
    if found is None or not int(found[1]):
        raise ValueError(f"{term!r} is no term: {PERMANENT}, or P and a number of D, M or Y")
    return int(found[1]), found[2]


@cache
def terms() -> tuple[Term, ...]:
    shared = [_term(None, row) for row in read_rows("retention.csv")]
    return (*shared, *(_term(f"{system}.{row['dataset']}", row) for system, row in read_each("retention.csv")))


def _term(dataset: str | None, row: dict[str, str]) -> Term:
    if row["store"] not in get_args(Store):
        raise ValueError(f"retention.csv: {row['store']!r} is none of {get_args(Store)}")
    store: Store = row["store"]  # ty: ignore[invalid-assignment]
    found = Term(store, dataset, row["term"], row["legal_basis"], row["confidence"], *dates(row))
    if not found.is_permanent:
        _parts(found.term)
    if store == "audit" and not found.is_permanent:
        raise ValueError("retention.csv: audit is kept for good, since each line seals the one before")
    return found


def term(store: Store, on: dt.date, dataset: Dataset | None = None) -> Term | None:
    """The term that holds on a day: the dataset's own, else that of all. None: nobody declared one, and nothing goes."""
    held = [t for t in terms() if t.store == store and t.holds(on)]
    own = next((t for t in held if dataset is not None and t.dataset == dataset.id), None)
    return own or next((t for t in held if t.dataset is None), None)
