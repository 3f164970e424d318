"""The cross-indicator controls: what they find, of which kind, and how totals and parts are found among a form's figures."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa

from assets.reports.figure import Figure
from schemas import units
from schemas.dataset import PROVINCE
from schemas.reports.packet import UNIT

Kind = Literal["failed_control", "for_sender", "to_explain"]

# A control that fails says that the form is wrong somewhere. The others are true figures with which something is to be done.
KIND_TITLES: dict[str, str] = {
    "failed_control": "Đối chiếu không đạt",
    "for_sender": "Đơn vị nộp cần xem lại",
    "to_explain": "Cần thuyết minh",
}


@dataclass(frozen=True)
class Finding:
    """What does not agree: on which indicator, in words with figures and no personal value. A failed control alone keeps a
    form from being final.
    """

    code: str
    message: str
    kind: Kind


@dataclass(frozen=True)
class Counted:
    """A form that was counted, as its controls see it: the figures, and what they were counted with.

    `before`: the totals of the period before, as sent, of which no unit was missing.
    """

    connection: sa.Connection
    window_end: dt.date
    parameters: Mapping[str, Any]
    figures: Sequence[Figure]
    before: Mapping[str, Figure]

    def unit_name(self, unit: str) -> str:
        return units.unit_name(unit, self.window_end) or unit


def by_urgency(findings: Sequence[Finding]) -> list[Finding]:
    """The failed controls first, then what is asked for in other ways; as they were found within each kind."""
    return [finding for kind in KIND_TITLES for finding in findings if finding.kind == kind]


def failed(findings: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """The failed controls among findings as they are kept."""
    return [f for f in findings if _kind(f) == "failed_control"]


def in_words(findings: Sequence[Mapping[str, str]]) -> str:
    """Findings as they are kept, each with what it asks for; the failed controls first."""
    told = [(title, f) for kind, title in KIND_TITLES.items() for f in findings if _kind(f) == kind]
    return "; ".join(f"{title}, {f['code']}: {f['message']}" for title, f in told)


def _kind(finding: Mapping[str, str]) -> str:
    # Findings that were kept before kinds were told apart have none.
    return finding.get("kind", "failed_control")


def total(figures: Sequence[Figure], code: str, unit_of_measure: str | None = None) -> Decimal | None:
    """The province's figure; None where it is not reported."""
    for figure in figures:
        if figure.code == code and figure.breakdown == ((UNIT, PROVINCE),) and unit_of_measure in (None, figure.unit_of_measure):
            return figure.value
    return None


def has_all(figures: Sequence[Figure], code: str) -> bool:
    """Whether no unit is missing of an indicator."""
    return not any(f.code == code and f.state == "chua_bao_cao" for f in figures)


def of(figures: Sequence[Figure], code: str, dimension: str, unit: str = PROVINCE) -> list[Decimal]:
    """The figures of a unit by one dimension."""
    return [
        f.value
        for f in figures
        if f.code == code
        and f.value is not None
        and len(f.breakdown) == 2
        and f.breakdown[0] == (UNIT, unit)
        and f.breakdown[1][0] == dimension
    ]


def has_breakdown(figures: Sequence[Figure], code: str, unit: str) -> bool:
    """Whether a unit has lines by another dimension."""
    return any(f.code == code and len(f.breakdown) == 2 and f.breakdown[0] == (UNIT, unit) for f in figures)


def by_unit(figures: Sequence[Figure], code: str, unit_of_measure: str | None = None) -> dict[str, Decimal]:
    """unit -> its figure, where there is one."""
    return {
        f.breakdown[0][1]: f.value
        for f in figures
        if f.code == code
        and f.value is not None
        and len(f.breakdown) == 1
        and f.breakdown[0][1] != PROVINCE
        and unit_of_measure in (None, f.unit_of_measure)
    }


def percent(part: Decimal, whole: Decimal) -> str:
    return f"{part * 100 / whole:+.1f} %"
