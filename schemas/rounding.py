"""The rule by which open figures are rounded: its numbers, its statuses, its words. Nothing is computed here.

Fixed random rounding to base 5: each figure has a secret offset of its own, the same for ever, so that the same data give the
same figure and no two figures can be subtracted for a person. Source of the method: Statistics New Zealand, random rounding
(RR3) with the direction fixed; base 5 since a person must not be told from counts of 1 to 4.
Rule and proof: docs/method/rounding.md.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache

from schemas.dated import Dated, dates, read_rows
from schemas.revision_days import revision_days

BASE = 5  # counts are shown as multiples of it; a figure is off by 4 at most
FEW_PERSONS = range(1, BASE)  # a count of five rows or more that rests on so many persons is not shown
MONEY_PERSONS = 10  # money stands over so many persons, or is not shown
RATE_BASE = 100  # a rate stands over a shown base of so many
MOVERS = 10  # a table is revised once so many persons' contributions differ

STATUSES = {
    "published": "đã công bố, làm tròn",
    "under_5": "dưới 5, kể cả bằng 0",
    "too_few": "quá ít người làm cơ sở: số tiền, tỷ lệ, hoặc số đếm chỉ của 1 đến 4 người",
    "not_reported": "chưa có báo cáo (đơn vị chưa nộp; toàn tỉnh khi còn đơn vị chưa nộp)",
}
STATUSES_EN = {
    "published": "published, rounded",
    "under_5": "under 5, zero included",
    "too_few": "money, a rate or a count that rests on too few persons",
    "not_reported": "not reported yet",
}

COUNTED = {  # how many figures of a table stand so
    "published": "số đã công bố",
    "under_5": "số dưới 5, không nêu",
    "too_few": "số của quá ít người, không nêu",
    "not_reported": "số chưa có báo cáo",
}

RULE_VI = (
    "Số đếm làm tròn đến bội của 5, mỗi số lệch không quá 4, tổng không nhất thiết bằng các phần; dưới 5 (kể cả 0) không nêu số. "
    "Số tiền làm tròn đến bội của {money} đồng, lệch dưới {money} đồng, chỉ có ở nơi có từ 10 người. Tỷ lệ tính từ các số đếm đã làm "
    "tròn, một chữ số thập phân, chỉ có khi mẫu số từ 100. Số đã công bố chỉ đính chính từ ngày {day} hằng tháng hoặc sau ngày khóa, "
    "khi thay đổi của ít nhất 10 người."
)
RULE_EN = (
    "Counts are rounded to multiples of 5; each is off by at most 4, and totals need not equal the sum of their parts; below 5 (zero "
    "included) no number is given. Money is rounded to multiples of {money} VND, off by less than that, and stands over ten persons "
    "or more. Rates are taken from rounded counts, to one decimal, over a base of 100 or more. Published figures are revised only from "
    "day {day} of a month or after the lock, once at least 10 persons changed."
)


@dataclass(frozen=True)
class ReleaseRule(Dated):
    """One number of the rule that may be set anew, with its days and why it is so."""

    name: str
    value: int
    reason: str
    valid_from: dt.date
    valid_to: dt.date | None


@cache
def release_rules() -> tuple[ReleaseRule, ...]:
    return tuple(ReleaseRule(r["name"], int(r["value"]), r["reason"], *dates(r)) for r in read_rows("release_rules.csv"))


def _in_force(name: str, on: dt.date) -> int:
    for r in release_rules():
        if r.name == name and r.holds(on):
            return r.value
    raise LookupError(f"{name}: no value is in force on {on}; add a row to schemas/release_rules.csv")


def money_step(on: dt.date) -> int:
    """The step of money, in đồng, for a period that ends on a day."""
    return _in_force("money_step", on)


def rule_in_words() -> tuple[str, str]:
    """The rule in force and its bound, for the readers of the figures: in Vietnamese and in English."""
    newest = {r.name: r.value for r in sorted(release_rules(), key=lambda r: r.valid_from)}
    money, day = newest["money_step"], revision_days()[-1].day
    return RULE_VI.format(money=f"{money:,}".replace(",", "."), day=day), RULE_EN.format(money=f"{money:,}", day=day)
