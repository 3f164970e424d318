"""Beneficiaries of social assistance, the monthly payment list and institutions: fields, road, key, open tables."""

from pandera.typing import Series

from schemas.column import Decimal1, Flag, Text, Whole, field
from schemas.dataset import Dataset
from schemas.release import OPEN_DATA_CATALOGUE, Count, OpenTable, Persons, Sum
from schemas.roads import BY_ROW_VERSION, Sql
from schemas.sources.social_protection.rules import BENEFICIARY_RULES, COEFFICIENT_LAW
from schemas.sources.social_protection.set_rules import BENEFICIARY_SETS, INSTITUTION_SETS, PAYMENT_SETS
from schemas.sources.social_protection.source import SOURCE
from schemas.terms import AMOUNT, ESTABLISHMENT_ID, ESTABLISHMENT_NAME, HOUSEHOLD_ID, NAME_AS_WRITTEN
from schemas.vocabulary import ENTITLED, RECEIVED, Banked, Decided, MonthlyPayment, Person, Placed


class Beneficiaries(Person, Banked, Decided):
    beneficiary_id: Series[Text] = field("ma_doi_tuong", "Mã đối tượng", "Number of the beneficiary", nullable=False)
    # A group can mean HIV (K3, K8) or a disability (K6): the code itself is that fact.
    group_code: Series[Text] = field(
        "nhom_doi_tuong",
        "Nhóm đối tượng",
        "Group by which the allowance is due",
        privacy="sensitive",
        never_released=True,
        codes="assistance_group",
        nullable=False,
    )
    disability_type_code: Series[Whole] = field(
        "dang_khuyet_tat",
        "Dạng khuyết tật",
        "Kind of disability",
        privacy="sensitive",
        never_released=True,
        codes="disability_type",
    )
    disability_level_code: Series[Whole] = field(
        "muc_do_khuyet_tat",
        "Mức độ khuyết tật",
        "Degree of disability",
        privacy="sensitive",
        never_released=True,
        codes="disability_level",
    )
    household_id: Series[Text] = HOUSEHOLD_ID.field(title="Mã hộ nghèo, cận nghèo")
    household_class_code: Series[Whole] = field(
        "thuoc_ho_ngheo",
        "Thuộc hộ nghèo, cận nghèo",
        "Whether the household is poor or near-poor",
        privacy="internal",
        codes="poor_household",
    )
    is_ethnic_in_hard_area: Series[Flag] = field(
        "la_dtts_vung_dbkk",
        "Dân tộc thiểu số vùng đặc biệt khó khăn",
        "Whether the person is of an ethnic minority in an area of special hardship",
        privacy="sensitive",
        source_type="boolean",
    )
    # By its coefficient, and so by its amount, a group is known: those of HIV and of a disability have some of their own.
    coefficient: Series[Decimal1] = field(
        "he_so",
        "Hệ số",
        "Coefficient by which the standard is multiplied",
        privacy="sensitive",
        expected="money",
        ge=0,
        plausible_le=20,
        legal=COEFFICIENT_LAW,
    )
    standard_vnd: Series[Whole] = AMOUNT.field(
        "muc_chuan",
        "Mức chuẩn trợ giúp xã hội",
        "Standard of social assistance that the allowance is reckoned from",
        privacy="internal",
        legal="NĐ 20/2021/NĐ-CP, Điều 4; NĐ 76/2024/NĐ-CP",
    )
    allowance_vnd: Series[Whole] = AMOUNT.field(
        "muc_tro_cap", "Mức trợ cấp hằng tháng", "Monthly allowance", privacy="sensitive", nullable=False, legal=COEFFICIENT_LAW
    )
    child_count: Series[Whole] = field(
        "so_con",
        "Số con đang nuôi",
        "Children whom the beneficiary brings up",
        privacy="internal",
        ge=0,
        plausible_le=20,
        unit="con",
    )
    guardian_name: Series[Text] = NAME_AS_WRITTEN.field(
        "nguoi_giam_ho", "Người giám hộ, người nhận thay", "Name of the guardian, or of who receives the money instead"
    )
    care_place_code: Series[Whole] = field(
        "noi_nuoi_duong",
        "Nơi nuôi dưỡng",
        "Where the person is cared for: at home, in an institution, in a foster family",
        privacy="public",
        codes="care_place",
        nullable=False,
    )


class MonthlyPayments(MonthlyPayment):
    beneficiary_id: Series[Text] = field("ma_doi_tuong", "Mã đối tượng", "Beneficiary who is paid", nullable=False)


class Institutions(Placed):
    institution_id: Series[Text] = ESTABLISHMENT_ID.field(english="Number of the social-assistance institution", privacy="public")
    name: Series[Text] = ESTABLISHMENT_NAME.field(english="Name of the institution", privacy="public")
    ownership_code: Series[Whole] = field(
        "loai_so_huu",
        "Loại hình sở hữu",
        "Whether the institution is public",
        privacy="public",
        codes="ownership",
        nullable=False,
    )
    capacity_count: Series[Whole] = field(
        "cong_suat",
        "Công suất",
        "People whom the institution can take in",
        privacy="public",
        source_type="integer",
        ge=0,
        unit="người",
    )
    resident_count: Series[Whole] = field(
        "dang_nuoi_duong",
        "Đang nuôi dưỡng",
        "People who live in the institution",
        privacy="public",
        source_type="integer",
        ge=0,
        unit="người",
    )


BENEFICIARIES = Dataset(
    source=SOURCE,
    name="beneficiaries",
    title="Đối tượng hưởng trợ giúp xã hội hằng tháng",
    model=Beneficiaries,
    road=Sql("btxh_doi_tuong", BY_ROW_VERSION),
    each_row_is="một đối tượng hưởng trợ cấp theo một nhóm",
    english="one beneficiary who is paid an allowance by one group",
    key=("beneficiary_id",),
    kind="register",
    legal="NĐ 20/2021/NĐ-CP, Điều 5, Điều 6",
    commune_name="commune_name",
    person_key="identity_number",
    rules=BENEFICIARY_RULES,
    set_rules=BENEFICIARY_SETS,
    open_tables=(
        OpenTable(
            name="beneficiaries_by_care_place",
            title="Số đối tượng đang hưởng trợ cấp xã hội hằng tháng theo nơi nuôi dưỡng",
            measure=Count(unit="đối tượng", persons=Persons("identity_number")),
            by="care_place_code",
            where=ENTITLED,
            decision=OPEN_DATA_CATALOGUE,
            note="Đối tượng hưởng vào ngày 01 của tháng, theo sổ đăng ký đọc trong tháng đó; tháng đã qua không tính lại.",
        ),
    ),
)

MONTHLY_PAYMENTS = Dataset(
    source=SOURCE,
    name="monthly_payments",
    title="Danh sách chi trả trợ giúp xã hội hằng tháng",
    model=MonthlyPayments,
    road=Sql("btxh_chi_tra", BY_ROW_VERSION),
    each_row_is="một khoản chi trả cho một đối tượng trong một tháng",
    english="one payment to one beneficiary in one month",
    key=("beneficiary_id", "month"),
    kind="monthly",
    legal="NĐ 20/2021/NĐ-CP; NĐ 76/2024/NĐ-CP",
    first_period="2024-01",
    placed_by="month",
    is_payment_list=True,
    set_rules=PAYMENT_SETS,
    open_tables=(
        OpenTable(
            name="payments_by_way",
            title="Số khoản trợ cấp xã hội đã nhận trong tháng theo hình thức chi trả",
            measure=Count(unit="khoản", persons=Persons("beneficiary_id", register="beneficiaries")),
            by="payment_way_code",
            where=RECEIVED,
            decision=OPEN_DATA_CATALOGUE,
        ),
        OpenTable(
            name="amount_paid",
            title="Số tiền trợ cấp xã hội đã nhận trong tháng",
            measure=Sum(amounts=("amount_vnd", "arrears_vnd"), persons=Persons("beneficiary_id", register="beneficiaries")),
            where=RECEIVED,
            decision=OPEN_DATA_CATALOGUE,
            note="Gồm cả truy lĩnh; chỉ có ở nơi có từ 10 người nhận trở lên.",
        ),
    ),
)

INSTITUTIONS = Dataset(
    source=SOURCE,
    name="institutions",
    title="Cơ sở trợ giúp xã hội",
    model=Institutions,
    road=Sql("btxh_co_so", BY_ROW_VERSION),
    each_row_is="một cơ sở trợ giúp xã hội",
    english="one social-assistance institution",
    key=("institution_id",),
    kind="register",
    legal="NĐ 103/2017/NĐ-CP",
    commune_name="commune_name",
    by_province=True,
    set_rules=INSTITUTION_SETS,
)

DATASETS = (BENEFICIARIES, MONTHLY_PAYMENTS, INSTITUTIONS)
