"""What one house and one contribution must keep."""

import numpy as np
import pandas as pd

from schemas import rates
from schemas.dataset import Moment, rule
from schemas.rules.columns import answer, as_number, days, given, numbers

LAW = "NĐ 131/2021/NĐ-CP, Điều 155"
NEW, MENDED = 1, 2
ORGANISATION = 2


@rule("error", "finished_date", legal=LAW, ref="Q-01")
def house_is_finished(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Ngày hoàn thành ở tương lai: chỉ ghi vào sổ nhà đã bàn giao. Sửa lại theo biên bản bàn giao (NĐ 131/2021/NĐ-CP, Điều 155)."""
    return answer(frame, ~(days(frame, "finished_date") > as_number(moment.judged_on)))


@rule("warning", "cost_vnd", "kind_code", legal=LAW, ref="Q-02", weight="money")
def new_house_costs_enough(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Kinh phí nhà xây mới thấp hơn mức hỗ trợ tối thiểu. Kiểm tra lại quyết toán (NĐ 131/2021/NĐ-CP, Điều 155)."""
    least = rates.whole_limit("gratitude_house_cost_least", moment.judged_on)
    return answer(frame, (numbers(frame, "kind_code") != NEW) | ~(numbers(frame, "cost_vnd") < least))


@rule("warning", "cost_vnd", "kind_code", legal=LAW, ref="Q-03", weight="money")
def mending_costs_less_than_building(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Kinh phí sửa chữa vượt mức hỗ trợ xây mới: ghi lại loại công trình hoặc kinh phí (NĐ 131/2021/NĐ-CP, Điều 155)."""
    most = rates.whole_limit("gratitude_mending_cost_most", moment.judged_on)
    return answer(frame, (numbers(frame, "kind_code") != MENDED) | ~(numbers(frame, "cost_vnd") > most))


@rule("error", "amount_vnd", legal=LAW, ref="Q-04")
def amount_is_given(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Số tiền đóng góp phải lớn hơn 0: khoản hoàn trả ghi ở sổ chi, không ghi số âm (NĐ 131/2021/NĐ-CP, Điều 155)."""
    amount = numbers(frame, "amount_vnd")
    return answer(frame, np.isnan(amount) | (amount > 0))


@rule("warning", "amount_vnd", "house_id", legal=LAW, ref="Q-05", weight="money")
def large_amount_names_its_house(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Khoản đóng góp đủ xây một nhà nhưng không ghi nhà nào. Bổ sung mã nhà tình nghĩa (NĐ 131/2021/NĐ-CP, Điều 155)."""
    least = rates.whole_limit("gratitude_house_cost_least", moment.judged_on)
    return answer(frame, ~(numbers(frame, "amount_vnd") >= least) | given(frame, "house_id"))


@rule("warning", "decision_number", "giver_kind_code", legal=LAW, ref="Q-06")
def organisation_has_a_decision(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Đóng góp của cơ quan, tổ chức chưa có số quyết định phân bổ. Bổ sung số quyết định (NĐ 131/2021/NĐ-CP, Điều 155)."""
    return answer(frame, (numbers(frame, "giver_kind_code") != ORGANISATION) | given(frame, "decision_number"))


HOUSE_RULES = (house_is_finished, new_house_costs_enough, mending_costs_less_than_building)
CONTRIBUTION_RULES = (amount_is_given, large_amount_names_its_house, organisation_has_a_decision)
