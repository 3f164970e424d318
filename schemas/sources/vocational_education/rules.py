"""What one row of vocational education must keep: counts within counts, the quota, the code of the occupation, the school year."""

import re

import numpy as np
import pandas as pd

from schemas import rates
from schemas.calendar import SCHOOL_YEAR_BEGINS
from schemas.dataset import Moment, rule
from schemas.rules.columns import answer, days, fits, numbers, texts

LAW = "TT 05/2021/TT-BLĐTBXH, Điều 20"
QUOTA_LAW = "NĐ 15/2019/NĐ-CP"
OCCUPATION_LAW = "TT 26/2020/TT-BLĐTBXH"
LEVELS = (1, 2, 3, 4)
SCHOOL_YEAR = re.compile("[0-9]{4}-[0-9]{4}")
GROUPS = ("female_count", "minority_count", "poor_count", "lower_secondary_count", "disabled_count")


@rule("warning", "new_count", *GROUPS, legal=LAW, ref="G-03")
def groups_are_among_the_enrolled(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Số nữ, dân tộc thiểu số, hộ nghèo, học sinh tốt nghiệp trung học cơ sở hoặc người khuyết tật lớn hơn số tuyển mới của tháng.
    Kiểm tra lại theo danh sách nhập học (TT 05/2021/TT-BLĐTBXH, Điều 20)."""
    enrolled = numbers(frame, "new_count")
    return answer(frame, ~np.logical_or.reduce([numbers(frame, group) > enrolled for group in GROUPS]))


@rule("warning", "cumulative_count", "quota_count", legal=QUOTA_LAW, ref="G-02")
def enrolled_within_the_quota(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Số tuyển sinh lũy kế của nghề vượt chỉ tiêu quá mức cho phép. Kiểm tra lại chỉ tiêu đã đăng ký và số đã tuyển (NĐ
    15/2019/NĐ-CP)."""
    most = float(rates.limit("enrolled_by_quota", moment.judged_on))
    # A tenth of a person more is nobody, and 1.1 is no number that a computer has.
    allowed = np.floor(numbers(frame, "quota_count") * most + 1e-6)
    return answer(frame, ~(numbers(frame, "cumulative_count") > allowed))


@rule("warning", "school_year", "month", legal=LAW, ref="G-01")
def month_is_of_its_school_year(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Tháng báo cáo không thuộc năm học ghi cùng dòng: năm học từ tháng 9 đến tháng 8 năm sau. Sửa lại năm học, vì số lũy kế được
    tính từ đầu năm học (TT 05/2021/TT-BLĐTBXH, Điều 20)."""
    month = np.floor(days(frame, "month") / 100)
    begun = np.floor(month / 100) - (month % 100 < SCHOOL_YEAR_BEGINS)
    said = np.array([_begun(text) for text in texts(frame, "school_year")], dtype=float)
    return answer(frame, np.isnan(said) | np.isnan(begun) | (said == begun))


def _begun(school_year: str | None) -> float:
    """The year in which a school year begins; nan where none is told (another form has its own finding), 0 where no two years follow."""
    if school_year is None or not SCHOOL_YEAR.fullmatch(school_year):
        return np.nan
    first, second = map(int, school_year.split("-"))
    return float(first) if second == first + 1 else 0.0


@rule("warning", "occupation_code", "level_code", legal=OCCUPATION_LAW, ref="G-05")
def occupation_is_of_its_level(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Mã nghề không phải mã của trình độ ghi cùng dòng: chữ số đầu là 6 với cao đẳng, 5 với trung cấp, 4 với sơ cấp và thường
    xuyên. Sửa mã nghề hoặc trình độ (TT 26/2020/TT-BLĐTBXH)."""
    level = numbers(frame, "level_code")
    fine = np.ones(len(frame), dtype=bool)
    for code in LEVELS:
        of_level = rates.patterns(f"vocational_occupation_{code}", moment.judged_on)
        fine &= (level != code) | fits(frame, "occupation_code", of_level)
    return answer(frame, fine)


@rule("warning", "graduate_count", "intake_count", legal=LAW, ref="G-03")
def graduates_are_among_the_intake(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Số tốt nghiệp lớn hơn số nhập học đầu khóa. Kiểm tra lại theo quyết định công nhận tốt nghiệp (TT 05/2021/TT-BLĐTBXH, Điều
    20)."""
    return answer(frame, ~(numbers(frame, "graduate_count") > numbers(frame, "intake_count")))


@rule("warning", "employed_count", "graduate_count", "in_trade_count", legal=LAW, ref="G-03")
def employed_are_among_the_graduates(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Số có việc làm lớn hơn số tốt nghiệp, hoặc số làm đúng nghề lớn hơn số có việc làm. Kiểm tra lại theo kết quả khảo sát người
    tốt nghiệp (TT 05/2021/TT-BLĐTBXH, Điều 20)."""
    graduates, employed, in_trade = (numbers(frame, f"{name}_count") for name in ("graduate", "employed", "in_trade"))
    return answer(frame, ~((employed > graduates) | (in_trade > employed) | (in_trade > graduates)))


ENROLMENT_RULES = (
    groups_are_among_the_enrolled,
    enrolled_within_the_quota,
    month_is_of_its_school_year,
    occupation_is_of_its_level,
)
GRADUATE_RULES = (graduates_are_among_the_intake, employed_are_among_the_graduates, occupation_is_of_its_level)
