"""The establishments of vocational education, their enrolments and graduates: what a row is, its fields, how it comes, what is opened.

The establishments enter their figures in one system, whose list of a month or a school year the department closes for the whole
province: a list is one cell, and the commune of the establishment gives the breakdown.
"""

from pandera.typing import Series

from schemas.column import Day, Text, TextForm, Whole, field
from schemas.dataset import Dataset
from schemas.release import OPEN_DATA_CATALOGUE, Condition, Count, OpenTable
from schemas.roads import Rest
from schemas.sources.vocational_education.rules import ENROLMENT_RULES, GRADUATE_RULES, LAW, QUOTA_LAW
from schemas.sources.vocational_education.set_rules import ENROLMENT_SETS, GRADUATE_SETS, INSTITUTION_SETS
from schemas.sources.vocational_education.source import SOURCE
from schemas.terms import AMOUNT, DAY, ESTABLISHMENT_ID, ESTABLISHMENT_NAME, MONTH
from schemas.vocabulary import Placed

SCHOOL_YEAR = TextForm(r"^[0-9]{4}-[0-9]{4}$", "hai năm liền nhau, dạng 2023-2024")
OPERATING = Condition(
    "operating_on_first_day", "registered_date <= :first_day and (closed_date is null or closed_date > :first_day)"
)


class Institutions(Placed):
    institution_id: Series[Text] = ESTABLISHMENT_ID.field(english="Number of the establishment of vocational education")
    institution_name: Series[Text] = ESTABLISHMENT_NAME.field()
    institution_type_code: Series[Whole] = field(
        "loai_hinh", "Loại hình cơ sở", "Kind of establishment", privacy="public", codes="institution_type", nullable=False
    )
    ownership_code: Series[Whole] = field(
        "loai_so_huu", "Loại sở hữu", "Kind of ownership", privacy="public", codes="institution_ownership"
    )
    governing_body: Series[Text] = field(
        "co_quan_chu_quan", "Cơ quan chủ quản", "Body that the establishment is under", privacy="internal"
    )
    registered_date: Series[Day] = DAY.field(
        "ngay_dang_ky_hoat_dong",
        "Ngày đăng ký hoạt động giáo dục nghề nghiệp",
        "Day of registration to teach",
        privacy="internal",
        nullable=False,
        legal="NĐ 15/2019/NĐ-CP",
    )
    closed_date: Series[Day] = DAY.field(
        "ngay_cham_dut",
        "Ngày chấm dứt hoạt động",
        "Day on which the establishment ended",
        privacy="internal",
        legal="NĐ 15/2019/NĐ-CP",
    )


class Taught(Placed):
    """What enrolments and graduates are told by: the establishment with its commune, the occupation, the level."""

    institution_id: Series[Text] = ESTABLISHMENT_ID.field(english="Number of the establishment of vocational education")
    occupation_code: Series[Text] = field(
        "ma_nghe", "Mã nghề", "Occupation that is taught", privacy="internal", codes="vocational_occupation", nullable=False
    )
    level_code: Series[Whole] = field(
        "trinh_do", "Trình độ đào tạo", "Level of training", privacy="public", codes="vocational_level", nullable=False
    )


class Enrolments(Taught):
    school_year: Series[Text] = field(
        "nam_hoc",
        "Năm học",
        "School year, as the two calendar years that it lies in",
        privacy="public",
        nullable=False,
        form=SCHOOL_YEAR,
    )
    month: Series[Day] = MONTH.field()
    quota_count: Series[Whole] = field(
        "chi_tieu",
        "Chỉ tiêu năm học",
        "Quota of the school year: people to be enrolled",
        privacy="internal",
        nullable=False,
        ge=0,
        unit="người",
        legal=QUOTA_LAW,
    )
    new_count: Series[Whole] = field(
        "so_tuyen_moi",
        "Số tuyển mới trong tháng",
        "People enrolled in the month",
        privacy="internal",
        nullable=False,
        ge=0,
        unit="người",
    )
    cumulative_count: Series[Whole] = field(
        "luy_ke_nam_hoc",
        "Số tuyển lũy kế từ đầu năm học",
        "People enrolled since the school year began",
        privacy="internal",
        nullable=False,
        ge=0,
        unit="người",
    )
    female_count: Series[Whole] = field(
        "so_nu", "Số nữ trong số tuyển mới", "Of those enrolled in the month, women", privacy="internal", ge=0, unit="người"
    )
    minority_count: Series[Whole] = field(
        "so_dan_toc_thieu_so",
        "Số người dân tộc thiểu số trong số tuyển mới",
        "Of those enrolled in the month, people of ethnic minorities",
        privacy="sensitive",
        ge=0,
        unit="người",
    )
    poor_count: Series[Whole] = field(
        "so_ho_ngheo",
        "Số người thuộc hộ nghèo trong số tuyển mới",
        "Of those enrolled in the month, people of poor households",
        privacy="internal",
        ge=0,
        unit="người",
    )
    lower_secondary_count: Series[Whole] = field(
        "so_hoc_sinh_thcs",
        "Số học sinh tốt nghiệp trung học cơ sở trong số tuyển mới",
        "Of those enrolled in the month, leavers of lower secondary school",
        privacy="internal",
        ge=0,
        unit="người",
    )
    disabled_count: Series[Whole] = field(
        "so_khuyet_tat",
        "Số người khuyết tật trong số tuyển mới",
        "Of those enrolled in the month, disabled people",
        privacy="sensitive",
        never_released=True,
        ge=0,
        unit="người",
    )


class Graduates(Taught):
    graduated_date: Series[Day] = DAY.field(
        "ngay_cong_nhan",
        "Ngày công nhận tốt nghiệp",
        "Day on which the graduation was recognised",
        privacy="internal",
        source_type="date",
        nullable=False,
    )
    intake_count: Series[Whole] = field(
        "so_nhap_hoc_dau_khoa",
        "Số nhập học đầu khóa",
        "People who entered when the course began",
        privacy="internal",
        nullable=False,
        ge=0,
        unit="người",
    )
    graduate_count: Series[Whole] = field(
        "so_tot_nghiep", "Số tốt nghiệp", "People who graduated", privacy="internal", nullable=False, ge=0, unit="người"
    )
    employed_count: Series[Whole] = field(
        "so_co_viec_lam", "Số có việc làm sau tốt nghiệp", "Graduates who work", privacy="internal", ge=0, unit="người"
    )
    in_trade_count: Series[Whole] = field(
        "so_dung_nghe",
        "Số làm đúng nghề đào tạo",
        "Graduates who work in the trade that they learned",
        privacy="internal",
        ge=0,
        unit="người",
    )
    average_wage_vnd: Series[Whole] = AMOUNT.field(
        "luong_binh_quan", "Lương bình quân tháng", "Average monthly wage of the graduates who work", privacy="internal"
    )


INSTITUTIONS = Dataset(
    source=SOURCE,
    name="institutions",
    title="Cơ sở giáo dục nghề nghiệp",
    model=Institutions,
    road=Rest("co_so"),
    each_row_is="một cơ sở có đăng ký hoạt động giáo dục nghề nghiệp",
    english="one establishment that is registered to teach",
    key=("institution_id",),
    kind="register",
    legal="Luật Giáo dục nghề nghiệp 74/2014/QH13; NĐ 15/2019/NĐ-CP",
    commune_name="commune_name",
    by_province=True,
    set_rules=INSTITUTION_SETS,
    open_tables=(
        OpenTable(
            name="institutions_by_type",
            title="Số cơ sở giáo dục nghề nghiệp đang hoạt động, theo loại hình",
            measure=Count(unit="cơ sở"),
            by="institution_type_code",
            where=OPERATING,
            decision=OPEN_DATA_CATALOGUE,
            note="Cơ sở hoạt động vào ngày 01 của tháng, theo danh sách đọc trong tháng đó; tháng đã qua không tính lại.",
        ),
    ),
)

ENROLMENTS = Dataset(
    source=SOURCE,
    name="enrolments",
    title="Kết quả tuyển sinh hằng tháng",
    model=Enrolments,
    road=Rest("tuyen_sinh"),
    each_row_is="một kết quả tuyển sinh trong tháng của một cơ sở, theo nghề và trình độ",
    english="what one establishment enrolled in one month, for one occupation and level",
    key=("institution_id", "occupation_code", "level_code", "month"),
    kind="monthly",
    legal=LAW,
    first_period="2023-09",
    placed_by="month",
    commune_name="commune_name",
    by_province=True,
    rules=ENROLMENT_RULES,
    set_rules=ENROLMENT_SETS,
    open_tables=(
        OpenTable(
            name="enrolments_by_level",
            title="Số người tuyển mới vào giáo dục nghề nghiệp, theo trình độ đào tạo",
            measure=Count(unit="người", of="new_count", of_persons=True),
            by="level_code",
            decision=OPEN_DATA_CATALOGUE,
        ),
    ),
)

GRADUATES = Dataset(
    source=SOURCE,
    name="graduates",
    title="Kết quả tốt nghiệp theo năm học",
    model=Graduates,
    road=Rest("tot_nghiep"),
    each_row_is="một đợt công nhận tốt nghiệp của một cơ sở, theo nghề và trình độ",
    english="one recognised graduation of one establishment, for one occupation and level",
    key=("institution_id", "occupation_code", "level_code", "graduated_date"),
    kind="school_year",
    legal=LAW,
    first_period="2023-2024",
    placed_by="graduated_date",
    commune_name="commune_name",
    by_province=True,
    rules=GRADUATE_RULES,
    set_rules=GRADUATE_SETS,
    open_tables=(
        OpenTable(
            name="graduates_by_level",
            title="Số người tốt nghiệp giáo dục nghề nghiệp trong năm học, theo trình độ đào tạo",
            measure=Count(unit="người", of="graduate_count", of_persons=True),
            by="level_code",
            decision=OPEN_DATA_CATALOGUE,
        ),
    ),
)

DATASETS = (INSTITUTIONS, ENROLMENTS, GRADUATES)
