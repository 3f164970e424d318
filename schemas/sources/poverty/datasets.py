"""The review's households and members, its signed result, and the changes within the year: fields, road, key, open tables."""

from typing import Any

from pandera.typing import Series

from schemas.dataset import Dataset, Day, Decimal1, Flag, Text, Whole, field
from schemas.release import OPEN_DATA_CATALOGUE, Count, OpenTable, Persons, Share
from schemas.roads import BY_ROW_VERSION, Sql
from schemas.sources.poverty.rules import CHANGE_RULES, HOUSEHOLD_RULES, MEMBER_RULES
from schemas.sources.poverty.set_rules import CHANGE_SETS, HOUSEHOLD_SETS, MEMBER_SETS, RESULT_SETS
from schemas.sources.poverty.source import SOURCE
from schemas.vocabulary import TWELVE_DIGITS, Banked, Person, Placed

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
        "so_dinh_danh_chu_ho", "Số định danh chủ hộ", reader="identity_number", form=TWELVE_DIGITS
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
