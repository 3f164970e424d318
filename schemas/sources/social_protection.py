"""Bảo trợ xã hội: beneficiaries of monthly social assistance, monthly payment lists, institutions.

Law: NĐ 20/2021/NĐ-CP (groups Điều 5, coefficients Điều 6); NĐ 76/2024/NĐ-CP (standard 500,000 from 1/7/2024);
TT 02/2021/TT-BLĐTBXH (forms).
"""

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pandas as pd
from pandera.typing import Series

from schemas import rates
from schemas.dataset import Dataset, Decimal1, Flag, Moment, Source, Text, Whole, field, rule
from schemas.person_rules import PERSON_RULES, account_rules, entitlement_rules
from schemas.rates_arrays import assistance_standards_of
from schemas.release import OPEN_DATA_CATALOGUE, Count, OpenTable, Persons, Sum
from schemas.roads import BY_ROW_VERSION, Sql
from schemas.rules.columns import answer, born_between, entitled_day, first_of_month, numbers, one_of, texts
from schemas.rules.social_protection import BENEFICIARY_SETS, INSTITUTION_SETS, PAYMENT_SETS
from schemas.vocabulary import ENTITLED, RECEIVED, Banked, Decided, MonthlyPayment, Person, Placed

SOURCE = Source(
    name="social_protection",
    label="Bảo trợ xã hội",
    title="Phần mềm bảo trợ xã hội",
    description="Đối tượng hưởng trợ giúp xã hội hằng tháng, chi trả hằng tháng và cơ sở trợ giúp xã hội.",
    legal="NĐ 20/2021/NĐ-CP; NĐ 76/2024/NĐ-CP; TT 02/2021/TT-BLĐTBXH",
    hour="30 1 * * *",
)


class Beneficiaries(Person, Banked, Decided):
    beneficiary_id: Series[Text] = field("ma_doi_tuong", "Mã đối tượng", nullable=False)
    # A group can mean HIV (K3, K8) or a disability (K6): the code itself is that fact.
    group_code: Series[Text] = field(
        "nhom_doi_tuong",
        "Nhóm đối tượng",
        privacy="sensitive",
        never_released=True,
        codes="assistance_group",
        nullable=False,
    )
    disability_type_code: Series[Whole] = field(
        "dang_khuyet_tat", "Dạng khuyết tật", privacy="sensitive", never_released=True, codes="disability_type"
    )
    disability_level_code: Series[Whole] = field(
        "muc_do_khuyet_tat", "Mức độ khuyết tật", privacy="sensitive", never_released=True, codes="disability_level"
    )
    household_id: Series[Text] = field("ma_ho", "Mã hộ nghèo, cận nghèo")
    household_class_code: Series[Whole] = field(
        "thuoc_ho_ngheo", "Thuộc hộ nghèo, cận nghèo", privacy="internal", codes="poor_household"
    )
    is_ethnic_in_hard_area: Series[Flag] = field(
        "la_dtts_vung_dbkk", "Dân tộc thiểu số vùng đặc biệt khó khăn", privacy="sensitive", source_type="boolean"
    )
    coefficient: Series[Decimal1] = field("he_so", "Hệ số", privacy="internal", nullable=False, ge=0, le=20)
    standard_vnd: Series[Whole] = field(
        "muc_chuan", "Mức chuẩn trợ giúp xã hội", reader="amount_vnd", privacy="internal", ge=0, unit="đồng"
    )
    allowance_vnd: Series[Whole] = field(
        "muc_tro_cap", "Mức trợ cấp hằng tháng", reader="amount_vnd", privacy="internal", nullable=False, ge=0, unit="đồng"
    )
    child_count: Series[Whole] = field("so_con", "Số con đang nuôi", privacy="internal", ge=0, le=20, unit="con")
    guardian_name: Series[Text] = field("nguoi_giam_ho", "Người giám hộ, người nhận thay", reader="text")
    care_place_code: Series[Whole] = field(
        "noi_nuoi_duong", "Nơi nuôi dưỡng", privacy="public", codes="care_place", nullable=False
    )


class MonthlyPayments(MonthlyPayment):
    beneficiary_id: Series[Text] = field("ma_doi_tuong", "Mã đối tượng", nullable=False)


class Institutions(Placed):
    institution_id: Series[Text] = field("ma_co_so", "Mã cơ sở", privacy="public", nullable=False)
    name: Series[Text] = field("ten_co_so", "Tên cơ sở", privacy="public", nullable=False)
    ownership_code: Series[Whole] = field("loai_so_huu", "Loại hình sở hữu", privacy="public", codes="ownership", nullable=False)
    capacity_count: Series[Whole] = field("cong_suat", "Công suất", privacy="public", source_type="integer", ge=0, unit="người")
    resident_count: Series[Whole] = field(
        "dang_nuoi_duong", "Đang nuôi dưỡng", privacy="public", source_type="integer", ge=0, unit="người"
    )


# --- rules ------------------------------------------------------------------------------------------------------------------

COEFFICIENT_LAW = "NĐ 20/2021/NĐ-CP, Điều 4, Điều 6; NĐ 76/2024/NĐ-CP"
GROUP_LAW = "NĐ 20/2021/NĐ-CP, Điều 5, Điều 6"
INSTITUTION = 2


def _groups(frame: pd.DataFrame, on: dt.date) -> Iterator[tuple[rates.AssistanceGroup, np.ndarray]]:
    """Each group in force on a day with the rows that are of it. Carers (CS.*) have no coefficient of their own here."""
    for group in rates.assistance_groups():
        if group.span.holds(on):
            here = one_of(frame, "group_code", (group.code,))
            if here.any():
                yield group, here


@rule(
    "warning",
    "coefficient",
    "group_code",
    "child_count",
    "care_place_code",
    legal="NĐ 20/2021/NĐ-CP, Điều 6",
    ref="B-01",
    weight="money",
)
def coefficient_matches_group(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Hệ số khác hệ số quy định cho nhóm đối tượng. Kiểm tra lại nhóm và hệ số theo quyết định hưởng; người đơn thân nuôi con
    hưởng hệ số 1,0 cho mỗi con (NĐ 20/2021/NĐ-CP, Điều 6)."""
    coefficient, children = numbers(frame, "coefficient"), numbers(frame, "child_count")
    fine = np.isnan(coefficient)
    for group, here in _groups(frame, moment.judged_on):
        own = float(group.coefficient)
        right = np.isclose(coefficient, own)
        if group.per_child:  # written for one child, or for all of them
            right |= np.isclose(coefficient, own * np.nan_to_num(children, nan=1))
        fine |= here & right
    known = one_of(frame, "group_code", tuple(g.code for g in rates.assistance_groups() if g.span.holds(moment.judged_on)))
    # In an institution another article sets the coefficient.
    return answer(frame, fine | ~known | (numbers(frame, "care_place_code") == INSTITUTION))


@rule("warning", "standard_vnd", legal="NĐ 20/2021/NĐ-CP, Điều 4; NĐ 76/2024/NĐ-CP", ref="B-01", weight="money")
def standard_is_in_force(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Mức chuẩn trợ giúp xã hội khác mức chuẩn đang có hiệu lực. Cập nhật mức chuẩn và tính lại mức trợ cấp (NĐ 20/2021/NĐ-CP,
    Điều 4; NĐ 76/2024/NĐ-CP)."""
    stated = numbers(frame, "standard_vnd")
    in_force = assistance_standards_of(texts(frame, "group_code"), entitled_day(frame, moment))
    return answer(frame, np.isnan(stated) | np.isnan(in_force) | (stated == in_force))


@rule("warning", "allowance_vnd", "coefficient", "group_code", "child_count", legal=COEFFICIENT_LAW, ref="B-01", weight="money")
def allowance_is_coefficient_times_standard(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Mức trợ cấp khác hệ số nhân mức chuẩn đang có hiệu lực; riêng người đơn thân nghèo nuôi con nhân thêm số con. Tính lại mức
    trợ cấp (NĐ 20/2021/NĐ-CP, Điều 4, Điều 6; NĐ 76/2024/NĐ-CP)."""
    coefficient, allowance = numbers(frame, "coefficient"), numbers(frame, "allowance_vnd")
    factor = coefficient.copy()
    for group, here in _groups(frame, moment.judged_on):
        if group.per_child:
            each = here & np.isclose(coefficient, float(group.coefficient))
            factor[each] *= np.nan_to_num(numbers(frame, "child_count")[each], nan=1)
    due = factor * assistance_standards_of(texts(frame, "group_code"), entitled_day(frame, moment))
    return answer(frame, np.isnan(allowance) | np.isnan(due) | (np.abs(allowance - due) < 0.5))


@rule("warning", "group_code", "birth_date", "birth_year", "household_class_code", legal=GROUP_LAW, ref="B-02", weight="money")
def age_fits_group(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Tuổi tại ngày đầu tháng không thuộc nhóm đối tượng: phải chuyển nhóm hoặc thôi hưởng từ tháng sau tháng đến tuổi. Kiểm tra
    ngày sinh và nhóm (NĐ 20/2021/NĐ-CP, Điều 5, Điều 6)."""
    earliest, latest = born_between(frame)
    on = first_of_month(entitled_day(frame, moment))
    poor = np.isin(numbers(frame, "household_class_code"), (1, 2))
    fine = np.ones(len(frame), bool)
    for group, here in _groups(frame, moment.judged_on):
        if not group.ages:
            continue
        fits_one = np.zeros(len(frame), bool)
        for ages, allowed in ((group.ages, np.ones(len(frame), bool)), (group.ages_if_poor, poor)):
            for low, high in ages:
                # A birthday on the first of the month leaves both groups right: the change is due the month after.
                old_enough = earliest + low * 10000 <= on
                young_enough = (on <= latest + high * 10000) if high is not None else np.ones(len(frame), bool)
                fits_one |= allowed & old_enough & young_enough
        fine &= ~here | fits_one | np.isnan(on) | np.isnan(earliest)
    return answer(frame, fine)


@rule("warning", "disability_level_code", "group_code", legal="NĐ 20/2021/NĐ-CP, Điều 5 khoản 6", ref="B-04", weight="money")
def disability_level_fits_group(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Nhóm người khuyết tật phải ghi mức độ đặc biệt nặng hoặc nặng đúng với nhóm; người khuyết tật nhẹ không hưởng trợ cấp hằng
    tháng. Kiểm tra giấy xác nhận khuyết tật (NĐ 20/2021/NĐ-CP, Điều 5 khoản 6)."""
    level, fine = numbers(frame, "disability_level_code"), np.ones(len(frame), bool)
    for group, here in _groups(frame, moment.judged_on):
        if group.disability_levels:
            fine &= ~here | np.isin(level, group.disability_levels)
    return answer(frame, fine)


@rule("warning", "household_class_code", "group_code", legal="NĐ 20/2021/NĐ-CP, Điều 5", ref="B-05", weight="money")
def household_class_fits_group(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Nhóm đối tượng chỉ dành cho hộ nghèo hoặc hộ cận nghèo nhưng dòng này ghi hộ không thuộc diện đó. Đối chiếu danh sách hộ
    nghèo, hộ cận nghèo (NĐ 20/2021/NĐ-CP, Điều 5)."""
    stated, fine = numbers(frame, "household_class_code"), np.ones(len(frame), bool)
    for group, here in _groups(frame, moment.judged_on):
        if group.household_classes:
            fine &= ~here | np.isnan(stated) | np.isin(stated, group.household_classes)
    return answer(frame, fine)


entitled_from_decision_month, entitlement_ends_after_it_begins = entitlement_rules("NĐ 20/2021/NĐ-CP", "B-08")

BENEFICIARY_RULES = (
    *PERSON_RULES,
    *account_rules(guardian="guardian_name"),
    coefficient_matches_group,
    standard_is_in_force,
    allowance_is_coefficient_times_standard,
    age_fits_group,
    disability_level_fits_group,
    household_class_fits_group,
    entitled_from_decision_month,
    entitlement_ends_after_it_begins,
)


BENEFICIARIES = Dataset(
    source=SOURCE,
    name="beneficiaries",
    title="Đối tượng hưởng trợ giúp xã hội hằng tháng",
    model=Beneficiaries,
    road=Sql("btxh_doi_tuong", BY_ROW_VERSION),
    each_row_is="một đối tượng hưởng trợ cấp theo một nhóm",
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
    key=("beneficiary_id", "month"),
    kind="monthly",
    legal="NĐ 20/2021/NĐ-CP; NĐ 76/2024/NĐ-CP",
    first_period="2024-01",
    placed_by="month",
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
    key=("institution_id",),
    kind="register",
    legal="NĐ 103/2017/NĐ-CP",
    commune_name="commune_name",
    by_province=True,
    set_rules=INSTITUTION_SETS,
)

DATASETS = (BENEFICIARIES, MONTHLY_PAYMENTS, INSTITUTIONS)
