"""What one row must keep: labour forms, vacancies, departures, permits, unemployment benefit."""

import numpy as np
import pandas as pd

from schemas import rates
from schemas.dataset import Moment, rule
from schemas.rules.columns import age_at_most, answer, born_between, days, given, numbers
from schemas.rules.persons import PERSON_RULES, identity_sex_agrees
from schemas.sources.labour_employment.rates import benefit_caps, formal_workplaces, unemployment_months_of

FORM_LAW = "TT 01/2022/TT-BLĐTBXH, Mẫu 01"
JOB_LAW = "Luật Việc làm 38/2013/QH13"
BENEFIT_LAW = f"{JOB_LAW}, Điều 50"
EMPLOYED, UNEMPLOYED, INACTIVE = 1, 2, 3
# What a form fills for one activity only. Social insurance is asked of everybody (it may be voluntary).
BRANCHES = {
    EMPLOYED: (
        "employment_position_code",
        "main_job",
        "occupation_code",
        "workplace",
        "workplace_kind_code",
        "industry_code",
        "contract_code",
    ),
    UNEMPLOYED: ("unemployed_kind_code", "unemployed_time_code"),
    INACTIVE: ("inactive_reason_code",),
}
NEEDED = {
    EMPLOYED: ("employment_position_code",),
    UNEMPLOYED: ("unemployed_kind_code", "unemployed_time_code"),
    INACTIVE: ("inactive_reason_code",),
}


@rule(
    "error", "collected_date", "birth_date", "birth_year", legal=f"{FORM_LAW}; Bộ luật Lao động 45/2019/QH14, Điều 3", ref="L-01"
)
def is_of_labour_age(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Người chưa đủ 15 tuổi tại ngày thu thập: phiếu cung lao động chỉ lập cho người từ đủ 15 tuổi. Kiểm tra ngày sinh và ngày
    thu thập (TT 01/2022/TT-BLĐTBXH, Mẫu 01; Bộ luật Lao động 45/2019/QH14, Điều 3)."""
    earliest, _ = born_between(frame)
    age = age_at_most(earliest, days(frame, "collected_date"))
    return answer(frame, ~(age < rates.whole_limit("labour_age", moment.judged_on)))


@rule("error", "activity_code", *(c for columns in NEEDED.values() for c in columns), legal=FORM_LAW, ref="L-02")
def activity_branch_is_filled(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Thiếu mục phải ghi của tình trạng hoạt động kinh tế: người có việc làm ghi vị thế việc làm; người thất nghiệp ghi loại và
    thời gian thất nghiệp; người không tham gia hoạt động kinh tế ghi lý do (TT 01/2022/TT-BLĐTBXH, Mẫu 01)."""
    activity, fine = numbers(frame, "activity_code"), np.ones(len(frame), bool)
    for code, columns in NEEDED.items():
        fine &= (activity != code) | given(frame, *columns)
    return answer(frame, fine)


@rule("error", "activity_code", *(c for columns in BRANCHES.values() for c in columns), legal=FORM_LAW, ref="L-02")
def other_branches_are_empty(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Ghi cả mục của tình trạng hoạt động kinh tế khác: mỗi người chỉ thuộc một tình trạng, các mục dành cho hai tình trạng còn
    lại phải để trống (TT 01/2022/TT-BLĐTBXH, Mẫu 01)."""
    activity, fine = numbers(frame, "activity_code"), np.ones(len(frame), bool)
    for code, columns in BRANCHES.items():
        filled = np.logical_or.reduce([given(frame, c) for c in columns])
        fine &= (activity == code) | np.isnan(activity) | ~filled
    return answer(frame, fine)


@rule(
    "warning",
    "contract_code",
    "employment_position_code",
    "workplace_kind_code",
    legal="Bộ luật Lao động 45/2019/QH14, Điều 13; TT 01/2022/TT-BLĐTBXH, Mẫu 01",
    ref="L-03",
)
def employee_has_a_contract_type(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Người làm công ăn lương ở cơ quan, đơn vị sự nghiệp hoặc doanh nghiệp chưa ghi loại hợp đồng lao động. Bổ sung loại hợp
    đồng, kể cả trường hợp không có hợp đồng (Bộ luật Lao động 45/2019/QH14, Điều 13; TT 01/2022/TT-BLĐTBXH, Mẫu 01)."""
    kinds = [float(f.value) for f in formal_workplaces() if f.span.holds(moment.judged_on)]
    hired = (numbers(frame, "employment_position_code") == 4) & np.isin(numbers(frame, "workplace_kind_code"), kinds)
    return answer(frame, ~hired | given(frame, "contract_code"))


@rule("error", "place_count", "female_place_count", legal="TT 01/2022/TT-BLĐTBXH, Mẫu 02", ref="L-05")
def place_counts_are_possible(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Số chỗ cần tuyển không thể có: không được âm, số chỗ dành cho nữ không được lớn hơn tổng số chỗ (TT 01/2022/TT-BLĐTBXH, Mẫu
    02)."""
    places, women = numbers(frame, "place_count"), numbers(frame, "female_place_count")
    return answer(frame, ~((places < 0) | (women < 0) | (women > places)))


@rule("error", "returned_date", "departed_date", legal="Luật 69/2020/QH14", ref="L-06")
def returned_after_departure(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Ngày về nước không sau ngày xuất cảnh. Kiểm tra lại hai ngày theo hồ sơ của doanh nghiệp phái cử (Luật 69/2020/QH14)."""
    return answer(frame, ~(days(frame, "returned_date") <= days(frame, "departed_date")))


@rule("warning", "valid_until", "valid_from", legal="NĐ 152/2020/NĐ-CP, Điều 10", ref="L-06")
def permit_ends_after_it_begins(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Ngày hết hạn giấy phép lao động không sau ngày cấp. Kiểm tra lại hai ngày theo giấy phép (NĐ 152/2020/NĐ-CP, Điều 10)."""
    return answer(frame, ~(days(frame, "valid_until") <= days(frame, "valid_from")))


@rule("warning", "benefit_vnd", "average_wage_vnd", "decision_date", legal=BENEFIT_LAW, ref="L-04", weight="money")
def benefit_is_share_of_wage(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Mức hưởng trợ cấp thất nghiệp khác 60 % lương bình quân 6 tháng cuối, hoặc vượt 5 lần mức lương cơ sở, lương tối thiểu
    vùng. Tính lại mức hưởng (Luật Việc làm 38/2013/QH13, Điều 50)."""
    on = moment.judged_on
    benefit, share = (
        numbers(frame, "benefit_vnd"),
        float(rates.limit("benefit_wage_share", on)) * numbers(frame, "average_wage_vnd"),
    )
    within = float(rates.limit("benefit_rounding", on))
    # The pay regime and region of the last employer decide the cap; a decision does not tell them: any cap in force may bind.
    right = np.logical_or.reduce([np.abs(benefit - np.fmin(share, cap)) <= within for cap in benefit_caps(on)])
    return answer(frame, np.isnan(benefit) | np.isnan(share) | right)


@rule("warning", "benefit_months", "paid_months", legal=BENEFIT_LAW, ref="L-04", weight="money")
def benefit_months_follow_paid_months(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Số tháng hưởng trợ cấp thất nghiệp khác quy định: đóng đủ 12 đến 36 tháng được hưởng 3 tháng, thêm mỗi 12 tháng được thêm 1
    tháng, tối đa 12 tháng (Luật Việc làm 38/2013/QH13, Điều 50)."""
    paid, months = numbers(frame, "paid_months"), numbers(frame, "benefit_months")
    return answer(frame, np.isnan(paid) | np.isnan(months) | (months == unemployment_months_of(paid, moment.judged_on)))


WORKER_RULES = (
    *PERSON_RULES,
    is_of_labour_age,
    activity_branch_is_filled,
    other_branches_are_empty,
    employee_has_a_contract_type,
)
BENEFIT_RULES = (identity_sex_agrees, benefit_is_share_of_wage, benefit_months_follow_paid_months)
