"""What lies in the inbox of a synthetic province, judged as the hub judges it; which file holds for which place is told here anew."""

import datetime as dt
import hashlib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from resources.inbox.judge import judged
from resources.inbox.verdict import GOES_BACK
from schemas import calendar
from schemas.dataset import Dataset, Source
from schemas.origin import SENDER
from schemas.senders import communes_of

Row = dict[str, Any]


@dataclass
class Sent:
    """A file that was sent: what is in it, or why it goes back."""

    path: Path
    dataset: Dataset | None = None
    periods: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    told: str = ""  # of what was found in it
    goes_back: str = ""

    @property
    def sender(self) -> str:
        return self.path.parent.name

    @property
    def name(self) -> str:
        return f"{self.sender}/{self.path.name}"

    def period(self, row: Row) -> str:
        assert self.dataset is not None
        if self.dataset.placed_by is None:
            return calendar.REGISTER
        day = str(row[self.dataset.column(self.dataset.placed_by).source_column])
        return calendar.period_of(self.dataset.kind, dt.date.fromisoformat(day[:10]))


_SEEN: dict[tuple[str, str], Sent] = {}


def sent_to(inbox: Path, source: Source, today: dt.date) -> list[Sent]:
    """In the order in which they were sent. What was judged once is not read again."""
    found = []
    for path in sorted((inbox / source.name).glob("*/*"), key=lambda path: (path.stat().st_mtime, path.name)):
        content = f"{path.parent.name}/{path.name}", hashlib.sha256(path.read_bytes()).hexdigest()
        if content not in _SEEN:
            _SEEN[content] = _judged(path, source, today)
        found.append(replace(_SEEN[content], path=path))
    return found


def _judged(path: Path, source: Source, today: dt.date) -> Sent:
    try:
        with judged(path, path.name, path.parent.name, source, today, lambda numbers: {}) as [verdict]:
            rows = [row for batch in verdict.batches() for row in batch.to_pylist()]
            return Sent(path, verdict.dataset, verdict.periods, rows, " ".join(verdict.told))
    except GOES_BACK as failure:
        return Sent(path, goes_back=type(failure).__name__)


def holding(sent: list[Sent], today: dt.date) -> dict[tuple[Dataset, str], pa.Table]:
    """(dataset, period) -> the rows that hold: of each commune those of the last file whose sender answers for it."""
    held: dict[tuple[Dataset, str, str], list[Row]] = {}
    for file in sent:
        if file.dataset is None:
            continue
        commune = file.dataset.column(str(file.dataset.commune)).source_column
        for period in file.periods:
            own = communes_of(file.sender, calendar.moment(file.dataset, period, today))
            for place in (*own, file.sender):
                held.pop((file.dataset, period, place), None)
            for row in file.rows:
                if file.period(row) == period:
                    place = row[commune] if row[commune] in own else file.sender
                    held.setdefault((file.dataset, period, place), []).append({**row, SENDER: file.sender})
    whole: dict[tuple[Dataset, str], list[Row]] = defaultdict(list)
    for (dataset, period, _), rows in held.items():
        whole[dataset, period] += rows
    return {(dataset, period): _table(dataset, rows) for (dataset, period), rows in whole.items()}


def _table(dataset: Dataset, rows: list[Row]) -> pa.Table:
    names = [*(c.source_column for c in dataset.columns), SENDER]
    return pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in names})
