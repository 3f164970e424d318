"""AS-N: the yearly form, sent on 15 January of the next year."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from assets.reports.form import DueRule, Form
from assets.reports.reconcile import Counted, Finding, by_unit, total

ROUNDING = Decimal("0.02")  # each of three rates is rounded by itself: two hundredths at most may lie between them


def no_more_employed_than_the_force(counted: Counted) -> Iterator[Finding]:
    force, employed = by_unit(counted.figures, "LD01"), by_unit(counted.figures, "LD02")
    for unit, number in employed.items():
        if unit in force and number > force[unit]:
            told = f"{counted.unit_name(unit)}: {number:f} người có việc làm, lớn hơn lực lượng lao động {force[unit]:f}"
            yield Finding("LD02", told, "failed_control")


def the_multidimensional_rate_is_the_sum(counted: Counted) -> Iterator[Finding]:
    poor, near, both = (total(counted.figures, code) for code in ("HN02", "HN04", "HN05"))
    if poor is not None and near is not None and both is not None and abs(poor + near - both) > ROUNDING:
        yield Finding("HN05", f"{both:f} % khác tổng HN02 + HN04 = {poor + near:f} %", "failed_control")


FORM = Form(
    code="AS-N",
    title="Báo cáo năm: hộ nghèo, hộ cận nghèo và lao động",
    kind="yearly",
    regime_code="ND09.N",
    indicator_codes=("HN01", "HN02", "HN03", "HN04", "HN05", "HN06", "HN07", "LD01", "LD02", "LD03", "LD04"),
    due=(
        DueRule(
            day=15,
            months_after=1,
            lock_months=1,
            legal_basis="Chế độ báo cáo thống kê ngành lao động, thương binh và xã hội: 15 tháng 01 năm sau",
            confidence="likely",
            valid_from=dt.date(2022, 1, 1),
        ),
    ),
    controls=(no_more_employed_than_the_force, the_multidimensional_rate_is_the_sum),
    legal_basis="NĐ 09/2019/NĐ-CP, Điều 12; TT 01/2018/TT-BLĐTBXH; TT 01/2022/TT-BLĐTBXH, Điều 18",
)
