"""What a file turned out to be: its dataset, its periods, its sender, and what else it takes to register it and to judge its rows."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import pyarrow as pa

from resources.failing import Permanent
from resources.inbox import failures
from resources.workbooks.marks import COLUMNS
from resources.workbooks.reading import failures as reading
from resources.workbooks.reading.report import Report
from schemas.dataset import Dataset

# Why a file goes back to its sender. A table of headings that cannot be read is its officer's to mend.
GOES_BACK = tuple(
    kind
    for module in (failures, reading)
    for kind in vars(module).values()
    if isinstance(kind, type)
    and issubclass(kind, Permanent)
    and kind.__module__ == module.__name__
    and kind is not reading.MappingUnreadable
)


def told_of(report: Report) -> list[str]:
    """What was found in a file, in sentences. Its sender is not told that the columns of our own workbooks are missing."""
    ours = {column.title for column in COLUMNS}
    sheets = (replace(sheet, missing=tuple(title for title in sheet.missing if title not in ours)) for sheet in report.sheets)
    return replace(report, sheets=tuple(sheets)).told()


@dataclass(frozen=True)
class Verdict(ABC):
    """A file, or what it holds of one dataset, that can be taken in. `told`: what was found in it, for its sender alone."""

    dataset: Dataset
    sender: str
    periods: tuple[str, ...]
    rows: int
    told: Sequence[str]

    kind: ClassVar[Literal["whole", "patch"]]

    @property
    def foretold(self) -> Sequence[str]:
        """The rows that would not be loaded as things stand. A load judges that anew and tells it itself."""
        return ()

    @abstractmethod
    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows as they are kept: ROW, SHEET and the columns of the source as texts."""

    @abstractmethod
    def cells(self, today: dt.date) -> Iterator[tuple[str, pa.Table]]:
        """The rows by period as they are loaded: every column of the source, with ROW, SHEET and SENDER."""
