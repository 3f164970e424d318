"""The offices that receive dossiers, and which state may follow which: dated."""

import datetime as dt
from dataclasses import dataclass
from functools import cache

from schemas.dated import DatedColumn, DatedTable, read_rows
from schemas.rates import Span, span_of


@dataclass(frozen=True)
class Office:
    """An office that receives dossiers; those of the communes under a district have its code with a further part."""

    code: str
    level: int  # 1 province, 2 district, 3 commune
    district_code: str | None  # of the unit that it is of: since July 2025 a commune
    name: str
    span: Span


@dataclass(frozen=True)
class Transition:
    from_code: int
    to_code: int
    span: Span


@cache
def offices() -> tuple[Office, ...]:
    return tuple(
        Office(r["code"], int(r["level"]), r["district_code"] or None, r["name"], span_of(r))
        for r in read_rows("sources", "administrative_procedures", "rates", "offices.csv")
    )


def offices_on(on: dt.date) -> frozenset[str]:
    """The codes of the offices that receive on a day."""
    return frozenset(office.code for office in offices() if office.span.holds(on))


@cache
def transitions() -> tuple[Transition, ...]:
    return tuple(
        Transition(int(r["from_code"]), int(r["to_code"]), span_of(r))
        for r in read_rows("sources", "administrative_procedures", "rates", "transitions.csv")
    )


OFFICES = DatedTable(
    "offices",
    "Nơi tiếp nhận hồ sơ thủ tục hành chính",
    offices,
    (
        DatedColumn("code", "text", "Mã định danh của nơi tiếp nhận"),
        DatedColumn("level", "bigint", "Cấp: 1 là tỉnh, 2 là huyện, 3 là xã"),
        DatedColumn("district_code", "text", "Mã huyện; từ ngày 01/07/2025 mã xã", nullable=True),
        DatedColumn("name", "text", "Tên nơi tiếp nhận"),
    ),
)
TRANSITIONS = DatedTable(
    "transitions",
    "Trạng thái hồ sơ nào được theo sau trạng thái nào",
    transitions,
    (DatedColumn("from_code", "bigint", "Từ trạng thái"), DatedColumn("to_code", "bigint", "Sang trạng thái")),
)
