"""Standards, limits, days and forms, each with its dates and its legal basis: rates/*.csv, here and in the systems' folders.

Everything here is asked for by a day: no rule holds an amount, an age or a limit of its own. A figure of confidence
`unsure` is kept for those who must invent one (the synthetic province) and never used to judge a row.
Rule and proof: docs/method/standards-and-allowances.md.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from schemas.dated import Dated, DatedColumn, DatedTable, by_name, dates, read_all

DAY_MAX = dt.date(9999, 12, 31)


@dataclass(frozen=True)
class Span(Dated):
    """When a figure holds, on which text, and how sure we are of it (sure, likely, unsure)."""

    legal_basis: str
    confidence: str
    valid_from: dt.date
    valid_to: dt.date | None

    @property
    def last(self) -> dt.date:
        return self.valid_to or DAY_MAX


@dataclass(frozen=True)
class Figure:
    name: str
    value: Decimal
    span: Span


@dataclass(frozen=True)
class Form:
    name: str
    pattern: str
    meaning: str
    span: Span


def span_of(row: dict[str, str]) -> Span:
    return Span(row["legal_basis"], row["confidence"], *dates(row))


def numbers_of(text: str) -> tuple[int, ...]:
    """`1;2` -> (1, 2): what a cell names several of."""
    return tuple(int(part) for part in text.split(";") if part)


# --- the tables, whole: what several systems share, then each system's own -----------------------------------------------


@cache
def standards() -> tuple[Figure, ...]:
    return tuple(Figure(r["name"], Decimal(r["amount_vnd"]), span_of(r)) for r in read_all("rates", "standards.csv"))


@cache
def limits() -> tuple[Figure, ...]:
    return tuple(Figure(r["name"], Decimal(r["value"]), span_of(r)) for r in read_all("rates", "limits.csv"))


@cache
def days() -> dict[str, dt.date]:
    return {r["name"]: dt.date.fromisoformat(r["day"]) for r in read_all("rates", "days.csv")}


@cache
def forms() -> tuple[Form, ...]:
    return tuple(Form(r["name"], r["pattern"], r["meaning"], span_of(r)) for r in read_all("rates", "forms.csv"))


# --- what of them SQL joins --------------------------------------------------------------------------------------------

STANDARDS = DatedTable(
    "standards",
    "Mức chuẩn, mức lương tối thiểu theo ngày hiệu lực",
    standards,
    (
        DatedColumn("name", "text", "Tên mức, như trong standards.csv"),
        # A whole number: dong divided by dong are cut to dong, as the rules of payments compare them.
        DatedColumn("amount_vnd", "bigint", "Mức mỗi tháng (đồng)", lambda figure: int(figure.value)),
    ),
)
LIMITS = DatedTable(
    "limits",
    "Ngưỡng, giới hạn, tỷ lệ theo ngày hiệu lực",
    limits,
    (DatedColumn("name", "text", "Tên ngưỡng, như trong limits.csv"), DatedColumn("value", "numeric", "Giá trị")),
)


# --- one figure, by its day ------------------------------------------------------------------------------------------


def standards_named(name: str | None) -> list[Figure]:
    """The rows of a name; of None all."""
    return [f for f in standards() if name in (None, f.name)]


def limits_named(name: str | None) -> list[Figure]:
    return [f for f in limits() if name in (None, f.name)]


def _days_named(name: str | None) -> list[tuple[str, dt.date]]:
    return [(n, day) for n, day in days().items() if name in (None, n)]


def _forms_named(name: str | None) -> list[Form]:
    return [f for f in forms() if name in (None, f.name)]


@by_name(standards_named)
def standard(name: str, on: dt.date) -> int:
    """The monthly standard in dong, by its name in standards.csv."""
    return int(_holding(standards(), name, on, "standards"))


@by_name(standards_named)
def standard_known(name: str, on: dt.date) -> bool:
    return any(f.name == name and f.span.holds(on) for f in standards())


@by_name(limits_named)
def limit(name: str, on: dt.date) -> Decimal:
    return _holding(limits(), name, on, "limits")


@by_name(limits_named)
def whole_limit(name: str, on: dt.date) -> int:
    return int(limit(name, on))


@by_name(_days_named)
def day(name: str) -> dt.date:
    return days()[name]


@by_name(_forms_named)
def patterns(name: str, on: dt.date) -> tuple[str, ...]:
    """The regular expressions of a form in force on a day; a value is right when it fits one of them."""
    found = tuple(f.pattern for f in forms() if f.name == name and f.span.holds(on))
    if not found:
        raise LookupError(f"no form {name!r} holds on {on}; add a row to forms.csv in schemas/rates or the system's rates")
    return found


def _holding(figures: tuple[Figure, ...], name: str, on: dt.date, table: str) -> Decimal:
    for f in figures:
        if f.name == name and f.span.holds(on):
            return f.value
    raise LookupError(f"no {name!r} holds on {on}; add a row to {table}.csv in schemas/rates or the system's rates")
