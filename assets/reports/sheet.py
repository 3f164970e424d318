"""A revision of a form as a person reads it: its lines by name, each beside what the revision before it said.

Read from the packets alone, so it shows what was sent, also of a form that is declared otherwise today. Who prints it
(a terminal, a workbook) decides how it looks.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assets.reports.changes import differs, key, shown
from assets.reports.dimensions import Dimension
from assets.reports.form import Form
from assets.reports.forms import FORMS
from assets.reports.indicators import catalogue, dimensions
from resources.warehouse.published.submissions import Submission
from schemas import units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT
from schemas.reports.measures import UNIT_TITLES
from schemas.reports.packet import UNIT

UNPLACED = "Không rõ, hoặc không thuộc đơn vị nào"
NEW, GONE = "chưa có", "không còn"
Before = tuple[str | None, Decimal | None]  # what an earlier revision said, in words and as a number
UNCHANGED: Before = (None, None)


@dataclass(frozen=True)
class Line:
    """A figure with the names of what it counts. `before`, `number_before`: what the earlier revision said, where that was
    something else."""

    code: str
    title: str
    measure: str
    unit: str
    unit_name: str
    dimension: str | None
    dimension_title: str
    value: str
    value_title: str
    shown: str
    number: Decimal | None
    is_final: bool
    note: str | None
    before: str | None
    number_before: Decimal | None

    @property
    def indicator(self) -> tuple[str, str]:
        """What is counted and in what: one code may be given in two measures."""
        return self.code, self.measure

    @property
    def is_province(self) -> bool:
        return self.unit == PROVINCE


@dataclass(frozen=True)
class Sheet:
    """A revision and the one that it follows."""

    submission: Submission
    earlier: Submission | None
    form: Form | None
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        return self.form.title if self.form else self.submission.form

    @property
    def legal_basis(self) -> str:
        return self.form.legal_basis if self.form else ""

    @property
    def period(self) -> str:
        """The period in words."""
        year, _, part = self.submission.period.partition("-")
        if not part:
            return f"năm {year}"
        if len(part) == 4:
            return f"năm học {self.submission.period}"
        named = {"H1": "6 tháng đầu", "H2": "6 tháng cuối"}.get(
            part, f"quý {part[1:]}" if part.startswith("Q") else f"tháng {part}"
        )
        return f"{named} năm {year}"

    @property
    def notes(self) -> list[str]:
        return list(self.submission.payload.get("ghi_chu") or [])

    @property
    def main(self) -> list[Line]:
        """The province's totals; of an indicator that means something by its parts alone, those."""
        plain = {line.indicator for line in self.lines if line.is_province and line.dimension is None}
        return [x for x in self.lines if x.is_province and (x.dimension is None or x.indicator not in plain)]

    @property
    def differing(self) -> list[Line]:
        return [line for line in self.lines if line.before is not None]

    def parts(self, indicator: tuple[str, str]) -> list[Line]:
        """The province's lines by one other dimension."""
        return [x for x in self.lines if x.indicator == indicator and x.is_province and x.dimension is not None]

    def by_unit(self, indicator: tuple[str, str]) -> list[Line]:
        """A unit's own lines, without its breakdowns where it has a total."""
        own = [line for line in self.lines if line.indicator == indicator and not line.is_province]
        plain = {line.unit for line in own if line.dimension is None}
        return [line for line in own if line.dimension is None or line.unit not in plain]

    @property
    def indicators(self) -> list[tuple[str, str]]:
        return list(dict.fromkeys(line.indicator for line in self.lines))


def read_sheet(submission: Submission, earlier: Submission | None) -> Sheet:
    """The lines of a revision; what the earlier one held and this one does not comes last."""
    on = submission.window_end
    titles: dict[tuple[str, str], str] = {(i.code, i.unit): i.title for i in catalogue() if i.holds(on)}
    old = {key(line): line for line in _figures(earlier)}
    new = {key(line): line for line in _figures(submission)}
    lines = [_line(line, _before(line, old.get(k)) if earlier else UNCHANGED, titles, on) for k, line in new.items()]
    gone = [
        _line({**line, "gia_tri": None, "trang_thai": GONE, "ghi_chu": None}, (shown(line), _number(line)), titles, on)
        for k, line in old.items()
        if k not in new
    ]
    form = next((f for f in FORMS if f.code == submission.form), None)
    return Sheet(submission, earlier, form, (*lines, *gone))


def _figures(submission: Submission | None) -> Sequence[Mapping[str, Any]]:
    return submission.payload["so_lieu"] if submission else ()


def _before(line: Mapping[str, Any], old: Mapping[str, Any] | None) -> Before:
    if not differs(old, line):
        return UNCHANGED
    return (shown(old), _number(old)) if old else (NEW, None)


def _number(line: Mapping[str, Any]) -> Decimal | None:
    return None if line["gia_tri"] is None or line["trang_thai"] == "bi_an" else Decimal(line["gia_tri"])


def _line(line: Mapping[str, Any], before: Before, titles: Mapping[tuple[str, str], str], on: dt.date) -> Line:
    unit = line["phan_to"].get(UNIT, PROVINCE)
    dimension, value = next(((d, v) for d, v in line["phan_to"].items() if d != UNIT), (None, ""))
    named = dimensions().get(dimension or "", Dimension(name=dimension or "", title=dimension or ""))
    return Line(
        code=line["ma_chi_tieu"],
        title=titles.get((line["ma_chi_tieu"], line["don_vi_tinh"]), line["ma_chi_tieu"]),
        measure=UNIT_TITLES.get(line["don_vi_tinh"], line["don_vi_tinh"]),
        unit=unit,
        unit_name=UNPLACED if unit == UNKNOWN_UNIT else units.unit_name(unit, on) or unit,
        dimension=dimension,
        dimension_title=named.title,
        value=value,
        value_title=named.value(value),
        shown=shown(line),
        number=_number(line),
        is_final=line.get("tinh_chat") == "chinh_thuc",
        note=line.get("ghi_chu"),
        before=before[0],
        number_before=before[1],
    )
