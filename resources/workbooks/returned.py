"""A workbook that came back: which of its rows stand for which rejected ones, and what has to be said of the others.

It asks nothing but what its caller looks up. What it tells is for the clerk who sent the file, and for no log.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from resources.connectors.connector import KEY
from resources.connectors.placing import as_bytes, row_keys
from resources.warehouse.quarantine.answers import ANSWERS, Asked
from resources.workbooks.marks import COLUMNS, HEADING, MARK, Mark, shown
from schemas import calendar, units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset, Moment
from schemas.origin import ROW, SENDER, SHEET
from schemas.registry import dataset_named
from schemas.senders import communes_of, unit_of

Lookup = Callable[[Collection[int]], Mapping[int, Asked]]  # numbers -> the rejected rows that have them

BROKEN = f"ô «{HEADING}» bị sửa hoặc chép thiếu. Chép lại đúng mã từ tệp đã nhận"
TWICE = f"mã ở ô «{HEADING}» đứng ở nhiều dòng ({{rows}}). Chỉ dòng được sửa giữ mã; dòng thêm mới để trống ô này"
UNKNOWN = f"không có dòng bị loại nào mang mã ở ô «{HEADING}». Dùng tệp nhận từ chính hệ thống này"
OF_ANOTHER_DATASET = "mã là của dữ liệu «{title}». Để dòng ấy ở trang của nó"
OF_ANOTHER_UNIT = "mã là của dòng do đơn vị khác nộp. Đơn vị ấy phải gửi"
CLOSED = "dòng này, như trong tệp, không còn bị loại: nguồn đã sửa, đã bỏ hoặc gửi khác đi. Nếu vẫn sai, xin tệp mới"
CHANGED = "nguồn đã gửi dòng này khác đi sau khi xuất tệp. Xin tệp mới rồi sửa trên tệp mới"
OF_NO_PERIOD = (
    f"dòng để trống ô «{HEADING}» mà tệp không cho biết kỳ nào, hoặc có dòng của nhiều kỳ. Ghi kỳ ở tên tệp, mỗi kỳ một tệp"
)


@dataclass(frozen=True)
class Told:
    """A row that is not loaded: its place among the rows that were read, where it stands in the file, and why, in words that hold no value.

    `period`: of the rejected row that its mark names, where there is one.
    """

    at: int
    sheet: str
    row: int
    why: str
    period: str | None = None


@dataclass(frozen=True)
class Returned:
    """The rows to load by period, under the source's columns, with KEY, ANSWERS and SENDER; and those that are not loaded."""

    rows: Mapping[str, pa.Table]
    told: Sequence[Told]


def datasets_of(marks: Iterable[tuple[str, str | None]], lookup: Lookup) -> dict[str, str]:
    """Sheet -> the dataset whose rows most of its marks name. `marks`: of each row, its sheet and its mark."""
    read = [(sheet, mark.number) for sheet, text in marks if (mark := Mark.read(text or ""))]
    asked = lookup({number for _, number in read})
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for sheet, number in read:
        if number in asked:
            counted[sheet][asked[number].dataset] += 1
    return {sheet: max(sorted(found), key=found.__getitem__) for sheet, found in counted.items()}


def read_returned(
    dataset: Dataset, rows: pa.Table, lookup: Lookup, sender: str, today: dt.date, period: str | None = None
) -> Returned:
    """Read the rows of a dataset in a workbook that came back. `rows`: as they were read, with ROW, SHEET and MARK.

    A column that the file does not have was not corrected: in a row with a mark it is taken from what was received. `period`: of rows that name
    none, where the others do not tell it.
    """
    texts: list[str | None] = rows.column(MARK).to_pylist() if MARK in rows.column_names else [None] * rows.num_rows
    places = list(zip(rows.column(SHEET).to_pylist(), rows.column(ROW).to_pylist(), strict=True))
    marks = [Mark.read(text or "") for text in texts]
    at: dict[int, list[int]] = defaultdict(list)
    for place, mark in enumerate(marks):
        if mark:
            at[mark.number].append(place)
    asked = lookup(at.keys())
    told: list[Told] = []
    loaded: dict[int, Asked | None] = {}
    for place, (text, mark) in enumerate(zip(texts, marks, strict=True)):
        if mark is None and not (text or "").strip():
            loaded[place] = None
            continue
        why = BROKEN
        if mark is not None:
            others = at[mark.number]
            twice = TWICE.format(rows=", ".join(str(places[p][1]) for p in others[:10])) if len(others) > 1 else None
            why = twice or _why_not(dataset, mark, asked.get(mark.number), sender, today)
        if why:
            named = asked.get(mark.number) if mark else None
            told.append(Told(place, *places[place], why=why, period=named.period if named else None))
        else:
            assert mark is not None
            loaded[place] = asked[mark.number]
    periods = {found.period for found in loaded.values() if found}
    only = next(iter(periods)) if len(periods) == 1 else period
    by_period: dict[str, list[int]] = defaultdict(list)
    for place, found in loaded.items():
        of = found.period if found else only
        if of is None:
            told.append(Told(place, *places[place], why=OF_NO_PERIOD))
        else:
            by_period[of].append(place)
    tables = {of: _table(dataset, rows.take(at), [loaded[place] for place in at], sender) for of, at in sorted(by_period.items())}
    return Returned(tables, sorted(told, key=lambda t: (t.sheet, t.row)))


def _why_not(dataset: Dataset, mark: Mark, found: Asked | None, sender: str, today: dt.date) -> str | None:
    """Why a row cannot stand for the one that its mark names; None: it can."""
    if found is None:
        return UNKNOWN
    if found.dataset != dataset.id:
        return OF_ANOTHER_DATASET.format(title=dataset_named(found.dataset).title)
    if not _is_of(sender, found, dataset, calendar.moment(dataset, found.period, today)):
        return OF_ANOTHER_UNIT
    if found.number is None:
        return CLOSED
    return CHANGED if Mark.of(mark.number, found.sent) != mark else None


def _is_of(sender: str, row: Asked, dataset: Dataset, moment: Moment) -> bool:
    """Whether a sender answers for a rejected row: for its commune, or for the unit of its cell where the row has no commune that is listed."""
    if sender == PROVINCE:
        return True
    commune = shown(row.received.get(dataset.column(dataset.commune).source_column)) if dataset.commune else ""
    if commune in units.placing(moment.judged_on, moment.last_day):
        return commune in communes_of(sender, moment)
    return row.unit in (UNKNOWN_UNIT, PROVINCE, unit_of(sender, moment))


def _table(dataset: Dataset, rows: pa.Table, named: Sequence[Asked | None], sender: str) -> pa.Table:
    """Rows under the source's columns, with all else that stands beside them except what only this workbook has."""
    columns = {c.source_column: _column(rows, c.source_column, named) for c in dataset.columns}
    declared = pa.table(columns)
    own = [key for batch in declared.to_batches() for key in row_keys(dataset, as_bytes(dataset, batch)).tolist()]
    keys = [key if one is None or one.source_key is None else one.source_key for key, one in zip(own, named, strict=True)]
    beside = {*columns, MARK, *(c.name for c in COLUMNS)}
    for name in rows.column_names:
        if name not in beside:
            declared = declared.append_column(name, rows.column(name))
    declared = declared.append_column(KEY, pa.array(keys, pa.int64()))
    declared = declared.append_column(ANSWERS, pa.array([one and one.number for one in named], pa.int64()))
    return declared.append_column(SENDER, pa.repeat(pa.scalar(sender), rows.num_rows))


def _column(rows: pa.Table, name: str, named: Sequence[Asked | None]) -> pa.Array | pa.ChunkedArray:
    if name in rows.column_names:
        return rows.column(name)
    return pa.array([shown(one.received.get(name)) or None if one else None for one in named], pa.string())
