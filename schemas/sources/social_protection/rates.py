"""What a beneficiary is due: the groups of NĐ 20/2021/NĐ-CP, Điều 5, their coefficients and the standard, dated."""

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

import numpy as np

from schemas import codes
from schemas.dated import DatedColumn, DatedTable, read_rows
from schemas.rates import Figure, Span, numbers_of, span_of, standard, standards_named
from schemas.rates_arrays import standards_of, within

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class AssistanceGroup:
    """A group of NĐ 20/2021/NĐ-CP, Điều 5: its coefficient and what a row of it must show."""

    code: str
    coefficient: Decimal
    standard_vnd: int | None  # what the law itself fixes for the group: no other standard moves it
    per_child: bool
    ages: tuple[tuple[int, int | None], ...]  # each from, below; empty: any age
    ages_if_poor: tuple[tuple[int, int | None], ...]  # further ages, for poor and near-poor households
    household_classes: tuple[int, ...]  # 1 poor, 2 near-poor; empty: any household
    disability_levels: tuple[int, ...]
    adds_to: tuple[str, ...]  # prefixes of the groups beside which it may be drawn
    replaced_by: str  # the group to which whoever is still in it has to be moved; empty: the group goes on
    span: Span


def _rows(name: str) -> list[dict[str, str]]:
    return read_rows("sources", "social_protection", "rates", f"{name}.csv")


def _ages(text: str) -> tuple[tuple[int, int | None], ...]:
    """`0-16;60-` -> ((0, 16), (60, None)): from the first age, below the second."""
    parts = [p.split("-") for p in text.split(";") if p]
    return tuple((int(low), int(high) if high else None) for low, high in parts)


@cache
def assistance_overrides() -> tuple[Figure, ...]:
    """Higher standards set by the provincial council; `name` is a group code or `*`. None is known for Nghệ An.

    One of which nobody is sure judges nobody: the government's goes on.
    """
    return tuple(
        Figure(r["group_code"] or "*", Decimal(r["amount_vnd"]), span_of(r))
        for r in _rows("assistance_standard_overrides")
        if r["confidence"] != "unsure"
    )


@cache
def assistance_groups() -> tuple[AssistanceGroup, ...]:
    return tuple(
        AssistanceGroup(
            r["group_code"],
            Decimal(r["coefficient"]),
            int(r["standard_vnd"]) if r["standard_vnd"] else None,
            r["per_child"] == "1",
            _ages(r["age_ranges"]),
            _ages(r["age_ranges_if_poor"]),
            numbers_of(r["household_classes"]),
            numbers_of(r["disability_levels"]),
            tuple(p for p in r["adds_to"].split(";") if p),
            r["replaced_by"],
            span_of(r),
        )
        for r in _rows("assistance_groups")
    )


def assistance_group(code: str, on: dt.date) -> AssistanceGroup | None:
    return next((g for g in assistance_groups() if g.code == code and g.span.holds(on)), None)


def _set_apart() -> tuple[Figure, ...]:
    """What holds in place of the government's standard, the stronger after the weaker: what the council set for all groups (`*`), what
    the law fixes for a group, what the council set for a group."""
    fixed = [Figure(g.code, Decimal(g.standard_vnd), g.span) for g in assistance_groups() if g.standard_vnd]
    council = assistance_overrides()
    return (*(f for f in council if f.name == "*"), *fixed, *(f for f in council if f.name != "*"))


def _figure(on: dt.date, group_code: str | None) -> Figure | None:
    figures = (*standards_named("social_assistance"), *(f for f in _set_apart() if f.name in ("*", group_code)))
    return next((f for f in reversed(figures) if f.span.holds(on)), None)


def assistance_standard(on: dt.date, group_code: str | None = None) -> int:
    """The standard of a group: what the provincial council or the law set for it, else the government's for all."""
    figure = _figure(on, group_code)
    return int(figure.value) if figure else standard("social_assistance", on)


def assistance_amount(group_code: str, on: dt.date, child_count: int | None = None) -> int:
    """coefficient x standard, for K4 for each child."""
    group = assistance_group(group_code, on)
    if group is None:
        raise LookupError(f"no group {group_code!r} holds on {on}; see rates/assistance_groups.csv beside this file")
    amount = group.coefficient * assistance_standard(on, group_code)
    return int(amount * (child_count or 1) if group.per_child else amount)


def standards_of_groups(group_codes: np.ndarray, day_numbers: np.ndarray) -> np.ndarray:
    """`assistance_standard` of many groups, each on its own day; nan where none is known."""
    found = standards_of("social_assistance", day_numbers)
    for f in _set_apart():
        here = within(f.span, day_numbers) & ((f.name == "*") | (group_codes == f.name))
        found[here] = float(f.value)
    return found


# --- what of them SQL joins: the groups with their standards, and what a group has several of, a row each ---------------------


@dataclass(frozen=True)
class GroupStandard:
    group_code: str
    amount_vnd: int
    span: Span


@dataclass(frozen=True)
class AgeRange:
    group_code: str
    age_from: int
    age_below: int | None
    if_poor: bool
    span: Span


@dataclass(frozen=True)
class Addition:
    group_code: str
    beside: str
    span: Span


def _age_ranges() -> Iterator[AgeRange]:
    for group in assistance_groups():
        for if_poor, ages in ((False, group.ages), (True, group.ages_if_poor)):
            yield from (AgeRange(group.code, low, high, if_poor, group.span) for low, high in ages)


def _additions() -> Iterator[Addition]:
    return (Addition(group.code, prefix, group.span) for group in assistance_groups() for prefix in group.adds_to)


def _standards() -> Iterator[GroupStandard]:
    """`assistance_standard` of every group there is or was, carers too, by the days between which none changes."""
    for code in sorted(codes.ever("assistance_group")):
        spans = [f.span for f in (*standards_named("social_assistance"), *(f for f in _set_apart() if f.name in ("*", code)))]
        turns = sorted({s.valid_from for s in spans} | {s.valid_to + ONE_DAY for s in spans if s.valid_to})
        for first, following in itertools.pairwise([*turns, None]):
            if first and (figure := _figure(first, code)):
                last = following - ONE_DAY if following else None
                yield GroupStandard(code, int(figure.value), replace(figure.span, valid_from=first, valid_to=last))


_GROUP_CODE = DatedColumn("group_code", "text", "Mã nhóm đối tượng")

ASSISTANCE_GROUPS = DatedTable(
    "assistance_groups",
    "Nhóm đối tượng trợ cấp xã hội hằng tháng và hệ số",
    assistance_groups,
    (
        replace(_GROUP_CODE, of=lambda group: group.code),
        DatedColumn("coefficient", "numeric", "Hệ số nhân mức chuẩn"),
        DatedColumn("per_child", "boolean", "Tính cho mỗi con đang nuôi"),
        DatedColumn("household_classes", "bigint[]", "Hộ phải thuộc loại: 1 nghèo, 2 cận nghèo; rỗng: mọi hộ"),
        DatedColumn("disability_levels", "bigint[]", "Mức độ khuyết tật phải có; rỗng: không xét"),
    ),
)
ASSISTANCE_STANDARDS = DatedTable(
    "assistance_standards",
    "Mức chuẩn trợ giúp xã hội của từng nhóm đối tượng, kể cả mức riêng của tỉnh",
    _standards,
    (_GROUP_CODE, DatedColumn("amount_vnd", "bigint", "Mức chuẩn mỗi tháng (đồng)")),
)
ASSISTANCE_AGES = DatedTable(
    "assistance_ages",
    "Độ tuổi của nhóm đối tượng; nhóm không có dòng nào thì mọi tuổi",
    _age_ranges,
    (
        _GROUP_CODE,
        DatedColumn("age_from", "bigint", "Từ đủ bao nhiêu tuổi"),
        DatedColumn("age_below", "bigint", "Dưới bao nhiêu tuổi; trống: không giới hạn", nullable=True),
        DatedColumn("if_poor", "boolean", "Chỉ cho hộ nghèo, hộ cận nghèo"),
    ),
)
ASSISTANCE_ADDITIONS = DatedTable(
    "assistance_additions",
    "Nhóm đối tượng được hưởng thêm bên cạnh nhóm khác",
    _additions,
    (_GROUP_CODE, DatedColumn("beside", "text", "Phần đầu của mã nhóm được hưởng cùng")),
)
