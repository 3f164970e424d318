"""What one beneficiary must keep: group, coefficient, standard, age, disability, household."""

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pandas as pd

from schemas.dataset import Moment, rule
from schemas.rules.columns import (
    DEAD,
    MOVED_OUT,
    STOPPED,
    answer,
    as_number,
    born_between,
    days,
    entitled_day,
    first_of_month,
    numbers,
    one_of,
    texts,
)
from schemas.rules.persons import PERSON_RULES, account_rules, entitlement_rules
from schemas.sources.social_protection.rates import AssistanceGroup, assistance_groups, standards_of_groups

COEFFICIENT_LAW = "NĐ 20/2021/NĐ-CP, Điều 4, Điều 6; NĐ 76/2024/NĐ-CP"
GROUP_LAW = "NĐ 20/2021/NĐ-CP, Điều 5, Điều 6"
PENSION_LAW = "Luật Bảo hiểm xã hội 41/2024/QH15; NĐ 176/2025/NĐ-CP"
INSTITUTION = 2


def _groups(frame: pd.DataFrame, on: dt.date) -> Iterator[tuple[AssistanceGroup, np.ndarray]]:
    """Each group in force on a day with the rows that are of it. Carers (CS.*) have no coefficient of their own here."""
    for group in assistance_groups():
        if group.span.holds(on):
            here = one_of(frame, "group_code", (group.code,))
            if here.any():
                yield group, here


@rule(
    "warning",
    "coefficient",
    "group_code",
    "child_count",
    "care_place_code",
    legal="NĐ 20/2021/NĐ-CP, Điều 6",
    ref="B-01",
    weight="money",
)
def coefficient_matches_group(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Hệ số khác hệ số quy định cho nhóm đối tượng. Kiểm tra lại nhóm và hệ số theo quyết định hưởng; người đơn thân nuôi con
    hưởng hệ số 1,0 cho mỗi con (NĐ 20/2021/NĐ-CP, Điều 6)."""
    coefficient, children = numbers(frame, "coefficient"), numbers(frame, "child_count")
    fine = np.isnan(coefficient)
    for group, here in _groups(frame, moment.judged_on):
        own = float(group.coefficient)
        right = np.isclose(coefficient, own)
        if group.per_child:  # written for one child, or for all of them
            right |= np.isclose(coefficient, own * np.nan_to_num(children, nan=1))
        fine |= here & right
    known = one_of(frame, "group_code", tuple(g.code for g in assistance_groups() if g.span.holds(moment.judged_on)))
    # In an institution another article sets the coefficient.
    return answer(frame, fine | ~known | (numbers(frame, "care_place_code") == INSTITUTION))


@rule("warning", "standard_vnd", legal="NĐ 20/2021/NĐ-CP, Điều 4; NĐ 76/2024/NĐ-CP", ref="B-01", weight="money")
def standard_is_in_force(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Mức chuẩn trợ giúp xã hội khác mức chuẩn đang có hiệu lực. Cập nhật mức chuẩn và tính lại mức trợ cấp (NĐ 20/2021/NĐ-CP,
    Điều 4; NĐ 76/2024/NĐ-CP)."""
    stated = numbers(frame, "standard_vnd")
    in_force = standards_of_groups(texts(frame, "group_code"), entitled_day(frame, moment))
    return answer(frame, np.isnan(stated) | np.isnan(in_force) | (stated == in_force))


@rule("warning", "allowance_vnd", "coefficient", "group_code", "child_count", legal=COEFFICIENT_LAW, ref="B-01", weight="money")
def allowance_is_coefficient_times_standard(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Mức trợ cấp khác hệ số nhân mức chuẩn đang có hiệu lực; riêng người đơn thân nghèo nuôi con nhân thêm số con. Tính lại mức
    trợ cấp (NĐ 20/2021/NĐ-CP, Điều 4, Điều 6; NĐ 76/2024/NĐ-CP)."""
    coefficient, allowance = numbers(frame, "coefficient"), numbers(frame, "allowance_vnd")
    factor = coefficient.copy()
    for group, here in _groups(frame, moment.judged_on):
        if group.per_child:
            each = here & np.isclose(coefficient, float(group.coefficient))
            factor[each] *= np.nan_to_num(numbers(frame, "child_count")[each], nan=1)
    due = factor * standards_of_groups(texts(frame, "group_code"), entitled_day(frame, moment))
    return answer(frame, np.isnan(allowance) | np.isnan(due) | (np.abs(allowance - due) < 0.5))


@rule("warning", "group_code", "birth_date", "birth_year", "household_class_code", legal=GROUP_LAW, ref="B-02", weight="money")
def age_fits_group(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Tuổi tại ngày đầu tháng không thuộc nhóm đối tượng: phải chuyển nhóm hoặc thôi hưởng từ tháng sau tháng đến tuổi. Kiểm tra
    ngày sinh và nhóm (NĐ 20/2021/NĐ-CP, Điều 5, Điều 6)."""
    earliest, latest = born_between(frame)
    on = first_of_month(entitled_day(frame, moment))
    poor = np.isin(numbers(frame, "household_class_code"), (1, 2))
    fine = np.ones(len(frame), bool)
    for group, here in _groups(frame, moment.judged_on):
        if not group.ages:
            continue
        fits_one = np.zeros(len(frame), bool)
        for ages, allowed in ((group.ages, np.ones(len(frame), bool)), (group.ages_if_poor, poor)):
            for low, high in ages:
                # A birthday on the first of the month leaves both groups right: the change is due the month after.
                old_enough = earliest + low * 10000 <= on
                young_enough = (on <= latest + high * 10000) if high is not None else np.ones(len(frame), bool)
                fits_one |= allowed & old_enough & young_enough
        fine &= ~here | fits_one | np.isnan(on) | np.isnan(earliest)
    return answer(frame, fine)


@rule("warning", "disability_level_code", "group_code", legal="NĐ 20/2021/NĐ-CP, Điều 5 khoản 6", ref="B-04", weight="money")
def disability_level_fits_group(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Nhóm người khuyết tật phải ghi mức độ đặc biệt nặng hoặc nặng đúng với nhóm; người khuyết tật nhẹ không hưởng trợ cấp hằng
    tháng. Kiểm tra giấy xác nhận khuyết tật (NĐ 20/2021/NĐ-CP, Điều 5 khoản 6)."""
    level, fine = numbers(frame, "disability_level_code"), np.ones(len(frame), bool)
    for group, here in _groups(frame, moment.judged_on):
        if group.disability_levels:
            fine &= ~here | np.isin(level, group.disability_levels)
    return answer(frame, fine)


@rule("warning", "household_class_code", "group_code", legal="NĐ 20/2021/NĐ-CP, Điều 5", ref="B-05", weight="money")
def household_class_fits_group(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Nhóm đối tượng chỉ dành cho hộ nghèo hoặc hộ cận nghèo nhưng dòng này ghi hộ không thuộc diện đó. Đối chiếu danh sách hộ
    nghèo, hộ cận nghèo (NĐ 20/2021/NĐ-CP, Điều 5)."""
    stated, fine = numbers(frame, "household_class_code"), np.ones(len(frame), bool)
    for group, here in _groups(frame, moment.judged_on):
        if group.household_classes:
            fine &= ~here | np.isnan(stated) | np.isin(stated, group.household_classes)
    return answer(frame, fine)


@rule("warning", "group_code", "status_code", "entitled_from", "entitled_until", legal=PENSION_LAW, ref="B-06")
def group_is_not_replaced(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Đối tượng đang hưởng theo nhóm mà từ ngày 01/7/2025 đã chuyển sang trợ cấp hưu trí xã hội (nhóm HTXH). Kiểm tra và chuyển
    đối tượng sang nhóm HTXH (Luật Bảo hiểm xã hội 41/2024/QH15; NĐ 176/2025/NĐ-CP)."""
    on = as_number(moment.judged_on)
    stopped = np.isin(numbers(frame, "status_code"), (STOPPED, DEAD, MOVED_OUT))
    entitled = ~stopped & ~(days(frame, "entitled_from") > on) & ~(days(frame, "entitled_until") <= on)
    replaced = tuple(g.code for g in assistance_groups() if g.span.holds(moment.judged_on) and g.replaced_by)
    return answer(frame, ~(entitled & one_of(frame, "group_code", replaced)))


ENTITLEMENT_RULES = entitlement_rules("NĐ 20/2021/NĐ-CP", "B-08", group="group_code")

BENEFICIARY_RULES = (
    *PERSON_RULES,
    *account_rules(guardian="guardian_name"),
    coefficient_matches_group,
    standard_is_in_force,
    allowance_is_coefficient_times_standard,
    age_fits_group,
    disability_level_fits_group,
    household_class_fits_group,
    group_is_not_replaced,
    *ENTITLEMENT_RULES,
)
