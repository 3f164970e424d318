"""What one row of the employment service centre must keep: the wage of a vacancy, the counts of a job fair."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from schemas import units
from schemas.dataset import Moment, rule
from schemas.rules.columns import answer, arrow, numbers
from schemas.rules.employers import tax_code_check_digit
from schemas.sources.job_service.rates import OTHERS, least_wages

LAW = "NĐ 23/2021/NĐ-CP"
WAGE_LAW = "Bộ luật Lao động 45/2019/QH14, Điều 91"


@rule("warning", "wage_from_vnd", "wage_to_vnd", legal=LAW, ref="V-02")
def wages_are_in_order(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Mức lương từ cao hơn mức lương đến. Kiểm tra lại hai mức lương theo phiếu đăng ký tuyển dụng của đơn vị (NĐ
    23/2021/NĐ-CP)."""
    return answer(frame, ~(numbers(frame, "wage_from_vnd") > numbers(frame, "wage_to_vnd")))


@rule("warning", "wage_from_vnd", "wage_to_vnd", "commune_code", legal=WAGE_LAW, ref="V-02")
def wage_reaches_the_regional_minimum(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Mức lương thấp hơn mức lương tối thiểu vùng của nơi làm việc: thành phố Vinh là vùng II, nơi khác được xét theo vùng IV.
    Hỏi lại đơn vị tuyển dụng về mức lương và thời giờ làm việc (Bộ luật Lao động 45/2019/QH14, Điều 91)."""
    communes, least = units.communes(moment.judged_on), least_wages(moment.judged_on)
    known = pa.array(communes["code"].tolist(), pa.string())
    # A commune that is not listed has its own finding; nobody can say what is paid least there.
    amounts = pa.array([None, *(least.get(d, least[OTHERS]) for d in communes["district_code"])], pa.float64())
    at = pc.fill_null(pc.add(pc.index_in(arrow(frame, "commune_code"), value_set=known), 1), 0)  # type: ignore[attr-defined]
    offered = np.fmin(numbers(frame, "wage_from_vnd"), numbers(frame, "wage_to_vnd"))
    return answer(frame, ~(offered < pc.take(amounts, at).to_numpy()))  # type: ignore[attr-defined]


@rule("warning", "hired_count", "referred_count", "seeker_count", legal=LAW, ref="V-03")
def hired_were_referred_and_referred_came(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Số người của phiên giao dịch việc làm không hợp lý: người nhận việc không nhiều hơn người được giới thiệu, người được giới
    thiệu không nhiều hơn người đến tìm việc. Kiểm tra lại theo báo cáo của phiên (NĐ 23/2021/NĐ-CP)."""
    hired, referred, came = (numbers(frame, f"{name}_count") for name in ("hired", "referred", "seeker"))
    return answer(frame, ~((hired > referred) | (referred > came) | (hired > came)))


VACANCY_RULES = (tax_code_check_digit, wages_are_in_order, wage_reaches_the_regional_minimum)
FAIR_RULES = (hired_were_referred_and_referred_came,)
