"""The dated units as tables that SQL joins: what became of each submitting unit, what became of each commune.

A code of one day says nothing on another (schemas/units.py): who compares two datasets or two periods over the day on which units
changed goes through these. Rule and proof: docs/method/succession-of-units.md.
"""

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from schemas import units
from schemas.dated import DatedColumn, DatedTable, read_rows
from schemas.rates import DAY_MAX, Span


@dataclass(frozen=True)
class UnitSuccession:
    """A unit that answers, in the days of `span`, for communes for which another one did in its own days; in these for its own."""

    former_code: str
    former_from: dt.date
    former_to: dt.date
    unit_code: str
    span: Span


@dataclass(frozen=True)
class CommuneSuccession:
    """A commune that came, on the first day of `span`, of one of the day before: of all of it, or of a part."""

    old_code: str
    new_code: str
    is_whole: bool
    span: Span


@cache
def _spans() -> tuple[Span, ...]:
    """The days of each epoch, with the text that made its units."""
    starts = units.epoch_starts()
    lasts = [start - dt.timedelta(days=1) for start in starts[1:]]
    laws = {r["valid_from"]: r["legal_basis"] for r in read_rows("units", "communes.csv")}
    law_of = [laws[start.isoformat() if start > dt.date.min else ""] for start in starts]
    return tuple(Span(law, "sure", first, last) for law, first, last in zip(law_of, starts, [*lasts, None], strict=True))


def _unit_successions() -> Iterator[UnitSuccession]:
    for then, now in itertools.combinations_with_replacement(_spans(), 2):
        own, placed = (units.placing(then.valid_from, day) for day in (then.valid_from, now.valid_from))
        for former, unit in sorted({(own[commune], unit) for commune, unit in placed.items()}):
            yield UnitSuccession(former, then.valid_from, then.last, unit, now)


def _commune_successions() -> Iterator[CommuneSuccession]:
    spans = {span.valid_from.isoformat(): span for span in _spans()}
    rows = read_rows("units", "successors.csv")
    divided = {(r["changed_on"], r["old_code"]) for r in rows if r["kind"] == "part"}
    for r in rows:
        is_whole = (r["changed_on"], r["old_code"]) not in divided
        yield CommuneSuccession(r["old_code"], r["new_code"], is_whole, spans[r["changed_on"]])


UNIT_SUCCESSION = DatedTable(
    "unit_succession",
    "Đơn vị nộp số liệu và các đơn vị trước đó có địa bàn nay thuộc đơn vị này",
    _unit_successions,
    (
        DatedColumn("former_code", "text", "Mã đơn vị trước đó; trong cùng thời kỳ là chính đơn vị"),
        DatedColumn("former_from", "date", "Ngày đầu của thời kỳ có đơn vị trước đó"),
        DatedColumn("former_to", "date", f"Ngày cuối của thời kỳ có đơn vị trước đó; {DAY_MAX}: chưa hết"),
        DatedColumn("unit_code", "text", "Mã đơn vị nộp số liệu"),
    ),
)
COMMUNE_SUCCESSION = DatedTable(
    "commune_succession",
    "Xã hình thành khi thay đổi đơn vị hành chính và các xã trước đó",
    _commune_successions,
    (
        DatedColumn("old_code", "text", "Mã xã trước ngày thay đổi"),
        DatedColumn("new_code", "text", "Mã xã từ ngày thay đổi"),
        DatedColumn("is_whole", "boolean", "Toàn bộ xã cũ vào một xã mới; không: xã cũ bị chia"),
    ),
)
