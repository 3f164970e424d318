"""The review's households and members, its signed result, and the changes within the year: fields, road, key, open tables."""

from typing import Any

from pandera.typing import Series

from schemas.column import Day, Decimal1, Flag, Text, Whole, field
from schemas.dataset import Dataset
from schemas.release import OPEN_DATA_CATALOGUE, Count, OpenTable, Persons, Share
from schemas.roads import BY_ROW_VERSION, Sql
from schemas.sources.poverty.rules import CHANGE_RULES, HOUSEHOLD_RULES, MEMBER_RULES
from schemas.sources.poverty.set_rules import CHANGE_SETS, HOUSEHOLD_SETS, MEMBER_SETS, RESULT_SETS
from schemas.sources.poverty.source import SOURCE
from schemas.terms import (
    DAY,
    DECISION_NUMBER,
    ETHNICITY,
    HAMLET,
    HEALTH_INSURED,
    HOUSEHOLD_ID,
    IDENTITY_OR_OLD_CARD,
    PERSON_NAME,
    YEAR,
)
from schemas.vocabulary import Banked, Person, Placed

DEFICITS = (
    ("Việc làm", "work"),
    ("Người phụ thuộc trong hộ gia đình", "dependants in the household"),
    ("Dinh dưỡng", "nutrition"),
    ("Bảo hiểm y tế", "health insurance"),
    ("Trình độ giáo dục của người lớn", "education of adults"),
    ("Tình trạng đi học của trẻ em", "school attendance of children"),
    ("Chất lượng nhà ở", "quality of the dwelling"),
    ("Diện tích nhà ở bình quân đầu người", "living space for each member"),
    ("Nguồn nước sinh hoạt", "source of water"),
    ("Nhà tiêu hợp vệ sinh", "hygienic toilet"),
    ("Sử dụng dịch vụ viễn thông", "use of telecommunication services"),
    ("Phương tiện phục vụ tiếp cận thông tin", "means of access to information"),
)

# A dependant may be a disabled person, and it is a child too short or too light that makes the household deprived in nutrition
# (NĐ 07/2021/NĐ-CP): health (NĐ 356/2025/NĐ-CP, Điều 4).
OF_HEALTH = (2, 3)


def _deficit(number: int) -> Any:
    words, english = DEFICITS[number - 1]
    return field(
        f"th_{number:02d}",
        f"Thiếu hụt: {words}",
        f"Whether the household is deprived in: {english}",
        privacy="sensitive" if number in OF_HEALTH else "internal",
        source_type="boolean",
        nullable=False,
        legal="TT 07/2021/TT-BLĐTBXH, Phiếu B2",
    )


class Households(Placed, Banked):
    household_id: Series[Text] = HOUSEHOLD_ID.field(nullable=False)
    review_year: Series[Whole] = YEAR.field("nam_ra_soat", "Năm rà soát", "Year of the review")
    hamlet: Series[Text] = HAMLET.field()
    area_code: Series[Whole] = field(
        "khu_vuc", "Khu vực", "Whether the household is counted as urban or rural", privacy="public", codes="area", nullable=False
    )
    head_name: Series[Text] = PERSON_NAME.field(
        "ho_ten_chu_ho", "Họ và tên chủ hộ", "Full name of the head of the household", nullable=False
    )
    head_identity_number: Series[Text] = IDENTITY_OR_OLD_CARD.field(
        "so_dinh_danh_chu_ho", "Số định danh chủ hộ", "Personal identity number of the head of the household"
    )
    head_ethnicity_code: Series[Text] = ETHNICITY.field(
        "ma_dan_toc_chu_ho", "Mã dân tộc chủ hộ", "Ethnicity of the head of the household"
    )
    member_count: Series[Whole] = field(
        "so_nhan_khau",
        "Số nhân khẩu",
        "Members of the household",
        privacy="internal",
        expected="record",
        ge=1,
        plausible_le=30,
        unit="người",
    )
    score_b1: Series[Decimal1] = field(
        "diem_b1",
        "Điểm B1",
        "Score of sheet B1: what the household has and earns",
        privacy="internal",
        nullable=False,
        ge=0,
        unit="điểm",
        legal="TT 07/2021/TT-BLĐTBXH, Phiếu B1",
    )
    score_b2: Series[Whole] = field(
        "diem_b2",
        "Điểm B2",
        "Score of sheet B2: ten for each deprivation",
        privacy="sensitive",  # less the others it tells those of health
        nullable=False,
        unit="điểm",
        legal="TT 07/2021/TT-BLĐTBXH, Phiếu B2",
    )
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
    class_code: Series[Whole] = field(
        "phan_loai",
        "Phân loại hộ",
        "Class of the household by the review",
        privacy="public",
        codes="household_class",
        nullable=False,
    )
    previous_class_code: Series[Whole] = field(
        "phan_loai_nam_truoc",
        "Phân loại năm trước",
        "Class of the household by the review of the year before",
        privacy="internal",
        codes="household_class",
    )
    change_reason_code: Series[Whole] = field(
        "ly_do_bien_dong", "Lý do biến động", "Why the class changed", privacy="internal", codes="household_change_reason"
    )
    is_without_labour: Series[Flag] = field(
        "ho_khong_co_kha_nang_lao_dong",
        "Hộ không có khả năng lao động",
        "Whether nobody in the household is able to work",
        privacy="sensitive",  # whose members are of an age to work are disabled, or ill for long
        source_type="boolean",
    )
    has_merit_member: Series[Flag] = field(
        "ho_co_ncc", "Hộ có người có công", "Whether a member is a person with merit", privacy="internal", source_type="boolean"
    )
    poverty_cause_code: Series[Whole] = field(
        "nguyen_nhan_ngheo", "Nguyên nhân nghèo", "Cause of poverty", privacy="sensitive", codes="poverty_cause"
    )


class Members(Person):
    household_id: Series[Text] = HOUSEHOLD_ID.field(nullable=False)
    review_year: Series[Whole] = YEAR.field("nam_ra_soat", "Năm rà soát", "Year of the review")
    member_number: Series[Whole] = field(
        "stt",
        "Số thứ tự trong hộ",
        "Place of the member in the household's list",
        privacy="internal",
        source_type="smallint",
        nullable=False,
    )
    head_relation_code: Series[Whole] = field(
        "quan_he_chu_ho",
        "Quan hệ với chủ hộ",
        "Relation to the head of the household",
        privacy="internal",
        codes="head_relation",
        nullable=False,
    )
    schooling_code: Series[Whole] = field(
        "tinh_trang_di_hoc", "Tình trạng đi học", "Whether the member attends school", privacy="internal", codes="schooling"
    )
    has_health_insurance: Series[Flag] = HEALTH_INSURED.field()
    employment_code: Series[Whole] = field(
        "tinh_trang_viec_lam",
        "Tình trạng việc làm",
        "Whether the member works, is unemployed, or is outside the labour force",
        privacy="internal",
        codes="activity_status",
    )
    is_disabled: Series[Flag] = field(
        "la_nguoi_khuyet_tat", "Là người khuyết tật", "Whether the member is disabled", privacy="sensitive", never_released=True
    )


class ReviewResults(Placed):
    review_year: Series[Whole] = YEAR.field("nam_ra_soat", "Năm rà soát", "Year of the review")
    household_count: Series[Whole] = field(
        "tong_so_ho",
        "Tổng số hộ dân",
        "All households of the commune",
        privacy="public",
        source_type="integer",
        nullable=False,
        ge=0,
        unit="hộ",
    )
    poor_count: Series[Whole] = field(
        "so_ho_ngheo", "Số hộ nghèo", "Poor households", privacy="public", source_type="integer", nullable=False, ge=0, unit="hộ"
    )
    near_poor_count: Series[Whole] = field(
        "so_ho_can_ngheo",
        "Số hộ cận nghèo",
        "Near-poor households",
        privacy="public",
        source_type="integer",
        nullable=False,
        ge=0,
        unit="hộ",
    )
    decision_number: Series[Text] = DECISION_NUMBER.field(
        title="Số quyết định công nhận",
        english="Number of the decision that recognises the result",
        privacy="public",
        nullable=False,
    )
    decision_date: Series[Day] = DAY.field(
        "ngay_quyet_dinh", "Ngày quyết định", "Day of the decision", privacy="public", source_type="date", nullable=False
    )


class InYearChanges(Placed):
    change_id: Series[Text] = field("ma_phat_sinh", "Mã phát sinh", "Number of the change", privacy="internal", nullable=False)
    change_date: Series[Day] = DAY.field(
        "ngay_phat_sinh", "Ngày phát sinh", "Day of the change", privacy="internal", source_type="date", nullable=False
    )
    household_id: Series[Text] = HOUSEHOLD_ID.field(nullable=False)
    class_code: Series[Whole] = field(
        "phan_loai",
        "Phân loại sau phát sinh",
        "Class of the household after the change",
        privacy="public",
        codes="household_class",
        nullable=False,
    )
    previous_class_code: Series[Whole] = field(
        "phan_loai_truoc",
        "Phân loại trước phát sinh",
        "Class of the household before the change",
        privacy="internal",
        codes="household_class",
    )
    change_reason_code: Series[Whole] = field(
        "ly_do_bien_dong",
        "Lý do biến động",
        "Why the class changed",
        privacy="public",
        codes="household_change_reason",
        nullable=False,
    )


HOUSEHOLDS = Dataset(
    source=SOURCE,
    name="households",
    title="Hộ trong danh sách rà soát",
    model=Households,
    road=Sql("hn_ho", BY_ROW_VERSION),
    each_row_is="một hộ tại một kỳ rà soát",
    english="one household in one review",
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
    english="one member of a household in one review",
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
    english="the result of one commune in one review, as the decision recognises it",
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
    english="one change of one household outside of the review",
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
