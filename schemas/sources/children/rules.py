"""What one child's row must keep: the age, the groups in special circumstances and their days, the facts of a death."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from schemas import codes, rates
from schemas.dataset import Moment, rule
from schemas.rules.columns import (
    ACTIVE,
    DEAD,
    age_at_most,
    answer,
    as_number,
    born_between,
    days,
    folded,
    given,
    numbers,
    texts,
)
from schemas.rules.persons import PERSON_RULES

LAW = "Luật Trẻ em 102/2016/QH13, Điều 1"
GROUP_LAW = "Luật Trẻ em 102/2016/QH13, Điều 10; NĐ 56/2017/NĐ-CP"
ORPHAN_LAW = "NĐ 56/2017/NĐ-CP, Điều 3"
DEATH_LAW = "Luật Trẻ em 102/2016/QH13, Điều 83"
ORPHANS = "01."
SUBGROUPS = re.compile(r"\d{2}\.\d{1,2}(, ?\d{2}\.\d{1,2})*", re.ASCII)


def _each(frame: pd.DataFrame, fine: Callable[[list[str]], bool]) -> np.ndarray:
    """Whether a claim holds of a row's sub-groups; of the many that are in none it does, and of another form has its own finding."""
    held = texts(frame, "special_groups")
    found = np.ones(len(frame), dtype=bool)
    for at in np.flatnonzero(given(frame, "special_groups")):
        found[at] = not SUBGROUPS.fullmatch(held[at]) or fine([group.strip() for group in held[at].split(",")])
    return found


@rule("warning", "birth_date", "birth_year", "status_code", legal=LAW, ref="T-01", weight="note")
def child_is_under_age(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Người này đã đủ 16 tuổi nhưng hồ sơ còn mở. Từ ngày đủ 16 tuổi không còn được tính là trẻ em; đóng hồ sơ trong sổ (Luật Trẻ em
    102/2016/QH13, Điều 1)."""
    _, latest = born_between(frame)
    age = age_at_most(latest, as_number(moment.judged_on))
    is_over = age >= rates.whole_limit("age_below_which_a_child", moment.judged_on)
    return answer(frame, ~((numbers(frame, "status_code") == ACTIVE) & is_over))


@rule("error", "special_groups", legal=GROUP_LAW, ref="T-04")
def special_groups_are_listed(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Có mã nhóm trẻ em có hoàn cảnh đặc biệt không thuộc danh mục. Ghi mã theo danh mục, các mã cách nhau bằng dấu phẩy (Luật Trẻ em
    102/2016/QH13, Điều 10; NĐ 56/2017/NĐ-CP)."""
    listed = codes.listed("special_child_subgroup", moment.judged_on)
    return answer(frame, _each(frame, lambda groups: listed.issuperset(groups)))


@rule("warning", "special_groups", legal=GROUP_LAW, ref="T-04", weight="note")
def special_groups_stand_once(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Một nhóm trẻ em có hoàn cảnh đặc biệt được ghi hai lần cho cùng một trẻ. Mỗi nhóm chỉ ghi một lần (Luật Trẻ em 102/2016/QH13,
    Điều 10; NĐ 56/2017/NĐ-CP)."""
    return answer(frame, _each(frame, lambda groups: len(set(groups)) == len(groups)))


@rule("warning", "entered_date", "special_groups", "left_date", legal=GROUP_LAW, ref="T-04")
def special_groups_have_their_days(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Trẻ thuộc nhóm có hoàn cảnh đặc biệt nhưng không ghi ngày vào nhóm, hoặc ngày ra nhóm trước ngày vào nhóm. Không có ngày vào nhóm
    thì không biết trẻ thuộc kỳ báo cáo nào (Luật Trẻ em 102/2016/QH13, Điều 10; NĐ 56/2017/NĐ-CP)."""
    has_day = ~given(frame, "special_groups") | given(frame, "entered_date")
    return answer(frame, has_day & ~(days(frame, "left_date") < days(frame, "entered_date")))


@rule("warning", "caregiver_name", "special_groups", "father_name", "mother_name", legal=ORPHAN_LAW, ref="T-03")
def orphan_has_no_parent_caring(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Trẻ được ghi là mồ côi cả cha và mẹ nhưng người chăm sóc trùng tên cha hoặc mẹ. Kiểm tra lại nhóm của trẻ hoặc người chăm sóc (NĐ
    56/2017/NĐ-CP, Điều 3)."""
    fine = _each(frame, lambda groups: not any(group.startswith(ORPHANS) for group in groups))
    caregiver, parents = texts(frame, "caregiver_name"), (texts(frame, "father_name"), texts(frame, "mother_name"))
    for at in np.flatnonzero(~fine & given(frame, "caregiver_name")):
        named = {folded(parent[at]) for parent in parents if parent[at]}
        fine[at] = folded(caregiver[at]) not in named
    return answer(frame, fine | ~given(frame, "caregiver_name"))


@rule("warning", "death_date", "is_dead", "death_cause_code", "status_code", legal=DEATH_LAW, ref="C-10")
def death_is_told_whole(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Các cột về tử vong không khớp nhau: trẻ đã tử vong phải ghi đủ ngày, nguyên nhân và trạng thái đã chết, trẻ còn sống thì để trống.
    Kiểm tra theo giấy chứng tử (Luật Trẻ em 102/2016/QH13, Điều 83)."""
    is_dead = numbers(frame, "is_dead") == 1
    told = [given(frame, "death_date"), given(frame, "death_cause_code"), numbers(frame, "status_code") == DEAD]
    return answer(frame, np.where(is_dead, np.logical_and.reduce(told), ~np.logical_or.reduce(told)))


PROFILE_RULES = (
    *PERSON_RULES,
    child_is_under_age,
    special_groups_are_listed,
    special_groups_stand_once,
    special_groups_have_their_days,
    orphan_has_no_parent_caring,
    death_is_told_whole,
)
