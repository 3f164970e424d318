"""Hộ nghèo, hộ cận nghèo: the yearly review of poor and near-poor households, its signed result, changes within the year.

Law: NĐ 07/2021/NĐ-CP (multidimensional standard 2022-2025, extended to 31/12/2026 by NĐ 351/2025/NĐ-CP);
QĐ 24/2021/QĐ-TTg (procedure); TT 07/2021/TT-BLĐTBXH, TT 02/2022/TT-BLĐTBXH (forms A, B1, B2).
"""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandera.typing import Series

from schemas import rates, units
from schemas.dataset import Dataset, Day, Decimal1, Flag, Moment, Source, Text, Whole, field, rule
from schemas.person_rules import PERSON_RULES, account_rules
from schemas.release import OPEN_DATA_CATALOGUE, Count, OpenTable, Persons, Share
from schemas.roads import BY_ROW_VERSION, Sql
from schemas.rules.columns import age_at_most, answer, arrow, as_number, born_between, numbers
from schemas.rules.poverty import CHANGE_SETS, HOUSEHOLD_SETS, MEMBER_SETS, RESULT_SETS
from schemas.vocabulary import Banked, Person, Placed

SOURCE = Source(
    name="poverty",
    label="Hộ nghèo",
    title="Cơ sở dữ liệu hộ nghèo, hộ cận nghèo",
    description="Kết quả rà soát hộ nghèo, hộ cận nghèo hằng năm theo chuẩn nghèo đa chiều và biến động trong năm.",
    legal="NĐ 07/2021/NĐ-CP; QĐ 24/2021/QĐ-TTg; TT 07/2021/TT-BLĐTBXH; TT 02/2022/TT-BLĐTBXH",
    hour="0 1 * * *",
)

DEFICITS = (
    "Việc làm",
    "Người phụ thuộc trong hộ gia đình",
    "Dinh dưỡng",
    "Bảo hiểm y tế",
    "Trình độ giáo dục của người lớn",
    "Tình trạng đi học của trẻ em",
    "Chất lượng nhà ở",
    "Diện tích nhà ở bình quân đầu người",
    "Nguồn nước sinh hoạt",
    "Nhà tiêu hợp vệ sinh",
    "Sử dụng dịch vụ viễn thông",
    "Phương tiện phục vụ tiếp cận thông tin",
)


def _deficit(number: int) -> Any:
    return field(
        f"th_{number:02d}", f"Thiếu hụt: {DEFICITS[number - 1]}", privacy="internal", source_type="boolean", nullable=False
    )


class Households(Placed, Banked):
    household_id: Series[Text] = field("ma_ho", "Mã hộ", nullable=False)
    review_year: Series[Whole] = field("nam_ra_soat", "Năm rà soát", privacy="public", source_type="smallint", nullable=False)
    hamlet: Series[Text] = field("thon_xom", "Thôn, xóm, khối")
    area_code: Series[Whole] = field("khu_vuc", "Khu vực", privacy="public", codes="area", nullable=False)
    head_name: Series[Text] = field("ho_ten_chu_ho", "Họ và tên chủ hộ", reader="person_name", nullable=False)
    head_identity_number: Series[Text] = field(
        "so_dinh_danh_chu_ho", "Số định danh chủ hộ", reader="identity_number", str_matches=r"^\d{12}$"
    )
    head_ethnicity_code: Series[Text] = field("ma_dan_toc_chu_ho", "Mã dân tộc chủ hộ", privacy="sensitive", codes="ethnicity")
    member_count: Series[Whole] = field(
        "so_nhan_khau", "Số nhân khẩu", privacy="internal", nullable=False, ge=1, le=30, unit="người"
    )
    score_b1: Series[Decimal1] = field("diem_b1", "Điểm B1", privacy="internal", nullable=False, ge=0, unit="điểm")
    score_b2: Series[Whole] = field("diem_b2", "Điểm B2", privacy="internal", nullable=False, unit="điểm")
    lacks_01: Series[Flag] = _deficit(1)
    lacks_02: Series[Flag] = _deficit(2)
    lacks_03: Series[Flag] = _deficit(3)
    lacks_04: Series[Flag] = _deficit(4)
    lacks_05: Series[Flag] = _deficit(5)
    lacks_06: Series[Flag] = _deficit(6)
    lacks_07: Series[Flag] = _deficit(7)
    lacks_08: Series[Flag] = _deficit(8)
    lacks_09: Series[Flag] = _deficit(9)
    lacks_10: Series[Flag] = _deficit(10)
    lacks_11: Series[Flag] = _deficit(11)
    lacks_12: Series[Flag] = _deficit(12)
    class_code: Series[Whole] = field("phan_loai", "Phân loại hộ", privacy="public", codes="household_class", nullable=False)
    previous_class_code: Series[Whole] = field(
        "phan_loai_nam_truoc", "Phân loại năm trước", privacy="internal", codes="household_class"
    )
    change_reason_code: Series[Whole] = field(
        "ly_do_bien_dong", "Lý do biến động", privacy="internal", codes="household_change_reason"
    )
    is_without_labour: Series[Flag] = field(
        "ho_khong_co_kha_nang_lao_dong", "Hộ không có khả năng lao động", privacy="internal", source_type="boolean"
    )
    has_merit_member: Series[Flag] = field("ho_co_ncc", "Hộ có người có công", privacy="internal", source_type="boolean")
    poverty_cause_code: Series[Whole] = field("nguyen_nhan_ngheo", "Nguyên nhân nghèo", privacy="internal", codes="poverty_cause")


class Members(Person):
    household_id: Series[Text] = field("ma_ho", "Mã hộ", nullable=False)
    review_year: Series[Whole] = field("nam_ra_soat", "Năm rà soát", privacy="public", source_type="smallint", nullable=False)
    member_number: Series[Whole] = field("stt", "Số thứ tự trong hộ", privacy="internal", source_type="smallint", nullable=False)
    head_relation_code: Series[Whole] = field(
        "quan_he_chu_ho", "Quan hệ với chủ hộ", privacy="internal", codes="head_relation", nullable=False
    )
    schooling_code: Series[Whole] = field("tinh_trang_di_hoc", "Tình trạng đi học", privacy="internal", codes="schooling")
    has_health_insurance: Series[Flag] = field("co_bhyt", "Có bảo hiểm y tế", privacy="internal")
    employment_code: Series[Whole] = field(
        "tinh_trang_viec_lam", "Tình trạng việc làm", privacy="internal", codes="activity_status"
    )
    is_disabled: Series[Flag] = field("la_nguoi_khuyet_tat", "Là người khuyết tật", privacy="sensitive", never_released=True)


class ReviewResults(Placed):
    review_year: Series[Whole] = field("nam_ra_soat", "Năm rà soát", privacy="public", source_type="smallint", nullable=False)
    household_count: Series[Whole] = field(
        "tong_so_ho", "Tổng số hộ dân", privacy="public", source_type="integer", nullable=False, ge=0, unit="hộ"
    )
    poor_count: Series[Whole] = field(
        "so_ho_ngheo", "Số hộ nghèo", privacy="public", source_type="integer", nullable=False, ge=0, unit="hộ"
    )
    near_poor_count: Series[Whole] = field(
        "so_ho_can_ngheo", "Số hộ cận nghèo", privacy="public", source_type="integer", nullable=False, ge=0, unit="hộ"
    )
    decision_number: Series[Text] = field("so_quyet_dinh", "Số quyết định công nhận", privacy="public", nullable=False)
    decision_date: Series[Day] = field("ngay_quyet_dinh", "Ngày quyết định", privacy="public", source_type="date", nullable=False)


class InYearChanges(Placed):
    change_id: Series[Text] = field("ma_phat_sinh", "Mã phát sinh", privacy="internal", nullable=False)
    change_date: Series[Day] = field("ngay_phat_sinh", "Ngày phát sinh", privacy="internal", source_type="date", nullable=False)
    household_id: Series[Text] = field("ma_ho", "Mã hộ", nullable=False)
    class_code: Series[Whole] = field(
        "phan_loai", "Phân loại sau phát sinh", privacy="public", codes="household_class", nullable=False
    )
    previous_class_code: Series[Whole] = field(
        "phan_loai_truoc", "Phân loại trước phát sinh", privacy="internal", codes="household_class"
    )
    change_reason_code: Series[Whole] = field(
        "ly_do_bien_dong", "Lý do biến động", privacy="public", codes="household_change_reason", nullable=False
    )


# --- rules ------------------------------------------------------------------------------------------------------------------

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
        threshold = rates.poverty_threshold(code, moment.judged_on)
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


HOUSEHOLDS = Dataset(
    source=SOURCE,
    name="households",
    title="Hộ trong danh sách rà soát",
    model=Households,
    road=Sql("hn_ho", BY_ROW_VERSION),
    each_row_is="một hộ tại một kỳ rà soát",
    key=("household_id", "review_year"),
    kind="yearly",
    legal="QĐ 24/2021/QĐ-TTg; TT 07/2021/TT-BLĐTBXH, Phiếu B1, B2",
    first_period="2023",
    placed_by="review_year",
    commune_name="commune_name",
    rules=HOUSEHOLD_RULES,
    set_rules=HOUSEHOLD_SETS,
    open_tables=(
        OpenTable(
            name="households_by_class",
            title="Số hộ trong danh sách rà soát theo phân loại hộ",
            measure=Count(unit="hộ"),
            by="class_code",
            decision=OPEN_DATA_CATALOGUE,
            note="Đếm hộ trong danh sách rà soát của năm; hộ không thuộc diện rà soát không có trong bảng.",
        ),
    ),
)

MEMBERS = Dataset(
    source=SOURCE,
    name="members",
    title="Thành viên hộ trong danh sách rà soát",
    model=Members,
    road=Sql("hn_thanh_vien", BY_ROW_VERSION),
    each_row_is="một thành viên của một hộ tại một kỳ rà soát",
    key=("household_id", "review_year", "member_number"),
    kind="yearly",
    legal="QĐ 24/2021/QĐ-TTg; TT 07/2021/TT-BLĐTBXH",
    first_period="2023",
    placed_by="review_year",
    commune_name="commune_name",
    person_key="identity_number",
    rules=MEMBER_RULES,
    set_rules=MEMBER_SETS,
    open_tables=(
        OpenTable(
            name="members_by_sex",
            title="Số nhân khẩu của các hộ trong danh sách rà soát theo giới tính",
            measure=Count(unit="người", persons=Persons("identity_number")),
            by="sex_code",
            decision=OPEN_DATA_CATALOGUE,
        ),
    ),
)

REVIEW_RESULTS = Dataset(
    source=SOURCE,
    name="review_results",
    title="Kết quả rà soát được công nhận",
    model=ReviewResults,
    road=Sql("hn_ket_qua", BY_ROW_VERSION),
    each_row_is="kết quả của một xã tại một kỳ rà soát, theo quyết định công nhận",
    key=("commune_code", "review_year"),
    kind="yearly",
    legal="QĐ 24/2021/QĐ-TTg, Điều 4",
    first_period="2023",
    placed_by="review_year",
    commune_name="commune_name",
    set_rules=RESULT_SETS,
    open_tables=(
        OpenTable(
            name="rates_by_class",
            title="Tỷ lệ hộ nghèo, hộ cận nghèo theo kết quả rà soát được công nhận",
            measure=Share(parts=(("1", "poor_count"), ("2", "near_poor_count")), whole="household_count"),
            by="class_code",
            codes="household_class",
            decision=OPEN_DATA_CATALOGUE,
            note="Số hộ theo quyết định công nhận chia cho tổng số hộ dân; dòng tổng là tỷ lệ nghèo đa chiều.",
        ),
    ),
)

IN_YEAR_CHANGES = Dataset(
    source=SOURCE,
    name="in_year_changes",
    title="Hộ phát sinh trong năm",
    model=InYearChanges,
    road=Sql("hn_phat_sinh", BY_ROW_VERSION),
    each_row_is="một lần phát sinh của một hộ ngoài kỳ rà soát",
    key=("change_id",),
    kind="monthly",
    legal="QĐ 24/2021/QĐ-TTg, Điều 5, Điều 6",
    first_period="2024-01",
    placed_by="change_date",
    commune_name="commune_name",
    rules=CHANGE_RULES,
    set_rules=CHANGE_SETS,
)

DATASETS = (HOUSEHOLDS, MEMBERS, REVIEW_RESULTS, IN_YEAR_CHANGES)
