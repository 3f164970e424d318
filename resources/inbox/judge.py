"""The verdict on a file: the same for one that is taken in and for one that is only checked. Nothing is stored or loaded here."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath

from resources.inbox import failures
from resources.inbox.patch import is_patch, patches
from resources.inbox.verdict import Verdict
from resources.inbox.whole import whole
from resources.workbooks.marks import COLUMNS
from resources.workbooks.reading.limits import Limits
from resources.workbooks.reading.process import grids
from resources.workbooks.reading.read import LIMITS, read_grids
from resources.workbooks.reading.wanted import choice_of
from resources.workbooks.returned import Lookup
from schemas.dataset import Source
from schemas.registry import dataset_named, datasets_of


@contextmanager
def judged(
    path: Path,
    name: str,
    sender: str,
    source: Source,
    today: dt.date,
    lookup: Lookup,
    mapping: Mapping[str, str] | None = None,
    limits: Limits = LIMITS,
) -> Iterator[Sequence[Verdict]]:
    """Read a file, and judge it by the name that its sender gave it: one verdict, or one for each dataset of a workbook that came back.

    `lookup` finds rejected rows by their marks. Raises why the file goes back: one of GOES_BACK.
    """
    choices = {dataset.id: choice_of(dataset, COLUMNS) for dataset in datasets_of(source)}
    with grids(path, limits) as found:
        read = read_grids(found, choices, mapping or {}, name)
        if not read.report.rows:
            raise failures.RowsMissing
        if is_patch(found):
            yield patches(found, name, sender, source, today, lookup, mapping or {})
        else:
            yield [whole(read, dataset_named(read.choice), PurePath(name).stem, sender, today)]
