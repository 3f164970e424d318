"""What one row of the review must keep: scores, classes, changes, heads of households."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from schemas import rates, units
from schemas.dataset import Moment, rule
from schemas.rules.columns import age_at_most, answer, arrow, as_number, born_between, numbers
from schemas.rules.persons import PERSON_RULES, account_rules
from schemas.sources.poverty.rates import threshold_of

CLASS_LAW = "NĐ 07/2021/NĐ-CP, Điều 3; TT 07/2021/TT-BLĐTBXH"
CHANGE_LAW = "QĐ 24/2021/QĐ-TTg"
POOR, NEAR_POOR, LEFT_POVERTY, LEFT_NEAR_POVERTY = 1, 2, 3, 4
FELL_BACK, ARISEN, LEFT, MOVED_OR_DIED = 1, 2, 5, 6


@rule("error", "class_code", "area_code", "score_b1", "score_b2", legal=CLASS_LAW, ref="P-01")
def class_follows_scores(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Phân loại hộ không khớp điểm B1 và B2 của khu vực: hộ nghèo khi B1 từ 140 điểm (nông thôn) hoặc 175 điểm (thành thị) trở
    xuống và B2 từ 30 điểm trở lên; hộ cận nghèo khi B1 như trên và B2 dưới 30 điểm; B1 cao hơn thì không thuộc hai diện này (NĐ
    07/2021/NĐ-CP, Điều 3; TT 07/2021/TT-BLĐTBXH)."""
    area, b1, b2 = numbers(frame, "area_code"), numbers(frame, "score_b1"), numbers(frame, "score_b2")
    given_class, fine = numbers(frame, "class_code"), np.ones(len(frame), bool)
    # Codes 3 and 4, poverty or near-poverty left, are households above the B1 line now, as 5 and 9 are.
    stated = np.where(given_class == POOR, POOR, np.where(given_class == NEAR_POOR, NEAR_POOR, 0))
    for code in (1, 2):
        threshold = threshold_of(code, moment.judged_on)
        if threshold is not None:
            low = b1 <= float(threshold.score_b1_most)
            right = np.where(low, np.where(b2 >= threshold.score_b2_poor, POOR, NEAR_POOR), 0)
            fine &= (area != code) | (stated == right)
    missing = np.isnan(area) | np.isnan(b1) | np.isnan(b2) | np.isnan(given_class)
    return answer(frame, fine | missing)


@rule(
    "warning",
    "area_code",
    "commune_code",
    legal="TT 07/2021/TT-BLĐTBXH",
    ref="P-01",
)
def area_matches_commune_kind(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Khu vực khác loại đơn vị hành chính của xã tại ngày rà soát: phường, thị trấn là thành thị; xã là nông thôn. Kiểm tra lại
    khu vực và điểm B1 (TT 07/2021/TT-BLĐTBXH)."""
    communes = units.communes(moment.judged_on)
    known = pa.array(communes["code"].tolist(), pa.string())
    kinds = pa.array([None, *(1 if k in ("phường", "thị trấn") else 2 for k in communes["kind"])], pa.float64())
    at = pc.fill_null(pc.add(pc.index_in(arrow(frame, "commune_code"), value_set=known), 1), 0)  # type: ignore[attr-defined]
    right, area = pc.take(kinds, at).to_numpy(), numbers(frame, "area_code")  # type: ignore[attr-defined]
    return answer(frame, np.isnan(right) | np.isnan(area) | (area == right))


@rule("error", "score_b2", *(f"lacks_{n:02d}" for n in range(1, 13)), legal="TT 07/2021/TT-BLĐTBXH", ref="P-02")
def deficits_sum_to_score_b2(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Điểm B2 khác tổng điểm thiếu hụt: mỗi chỉ số thiếu hụt trong 12 chỉ số được 10 điểm, nên B2 là bội của 10 từ 0 đến 120. Sửa
    điểm B2 hoặc các ô thiếu hụt theo Phiếu B2 (TT 07/2021/TT-BLĐTBXH)."""
    lacking = np.sum([numbers(frame, f"lacks_{n:02d}") for n in range(1, 13)], axis=0)
    score = numbers(frame, "score_b2")
    each = rates.whole_limit("deficit_points", moment.judged_on)
    return answer(frame, np.isnan(score) | np.isnan(lacking) | (score == each * lacking))


@rule("warning", "class_code", "previous_class_code", "change_reason_code", legal=CHANGE_LAW, ref="P-06")
def class_follows_previous_class(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Phân loại hộ không nối tiếp phân loại trước đó: hộ thoát nghèo phải từ hộ nghèo, hộ thoát cận nghèo phải từ hộ cận nghèo;
    hộ nghèo không còn nghèo thì ghi cận nghèo hoặc thoát nghèo, hộ cận nghèo thì ghi nghèo hoặc thoát cận nghèo (QĐ
    24/2021/QĐ-TTg)."""
    now, before = numbers(frame, "class_code"), numbers(frame, "previous_class_code")
    wrong = (now == LEFT_POVERTY) & (before != POOR) | (now == LEFT_NEAR_POVERTY) & (before != NEAR_POOR)
    wrong |= (before == POOR) & ~np.isin(now, (POOR, NEAR_POOR, LEFT_POVERTY))
    wrong |= (before == NEAR_POOR) & ~np.isin(now, (POOR, NEAR_POOR, LEFT_NEAR_POVERTY))
    # A household that moved away or died out keeps whatever class it had.
    gone = numbers(frame, "change_reason_code") == MOVED_OR_DIED
    return answer(frame, ~wrong | np.isnan(before) | np.isnan(now) | gone)


@rule("warning", "change_reason_code", "class_code", "previous_class_code", legal=CHANGE_LAW, ref="P-06")
def change_reason_fits_class(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Lý do biến động không khớp phân loại: tái nghèo và phát sinh mới chỉ ghi cho hộ nghèo, hộ cận nghèo; thoát chỉ ghi cho hộ
    thoát nghèo, hộ thoát cận nghèo hoặc hộ nghèo chuyển thành cận nghèo (QĐ 24/2021/QĐ-TTg)."""
    now, before = numbers(frame, "class_code"), numbers(frame, "previous_class_code")
    reason = numbers(frame, "change_reason_code")
    entered = np.isin(reason, (FELL_BACK, ARISEN)) & ~np.isin(now, (POOR, NEAR_POOR))
    rose = (now == NEAR_POOR) & ((before == POOR) | np.isnan(before))
    left = (reason == LEFT) & ~np.isin(now, (LEFT_POVERTY, LEFT_NEAR_POVERTY)) & ~rose
    return answer(frame, ~entered & ~left | np.isnan(now))


@rule("warning", "head_relation_code", "birth_date", "birth_year", legal="QĐ 24/2021/QĐ-TTg; TT 07/2021/TT-BLĐTBXH", ref="P-03")
def head_is_of_age(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Chủ hộ dưới 15 tuổi: hộ do trẻ em làm chủ hộ cần được xác minh và có người giám hộ. Kiểm tra ngày sinh hoặc quan hệ với chủ
    hộ (QĐ 24/2021/QĐ-TTg; TT 07/2021/TT-BLĐTBXH)."""
    earliest, _ = born_between(frame)
    young = age_at_most(earliest, as_number(moment.judged_on)) < rates.whole_limit("household_head_age", moment.judged_on)
    return answer(frame, ~(young & (numbers(frame, "head_relation_code") == 1)))


HOUSEHOLD_RULES = (
    class_follows_scores,
    area_matches_commune_kind,
    deficits_sum_to_score_b2,
    class_follows_previous_class,
    change_reason_fits_class,
    *account_rules("head_name"),
)
CHANGE_RULES = (class_follows_previous_class, change_reason_fits_class)
MEMBER_RULES = (*PERSON_RULES, head_is_of_age)
