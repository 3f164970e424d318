"""Người có công với cách mạng: files of meritorious persons and their relatives, monthly payment lists.

Law: Pháp lệnh 02/2020/UBTVQH14; NĐ 131/2021/NĐ-CP; amounts NĐ 75/2021, 55/2023, 77/2024/NĐ-CP.
"""

import numpy as np
import pandas as pd
from pandera.typing import Series

from schemas import rates
from schemas.dataset import Dataset, Flag, Moment, Source, Text, Whole, field, rule
from schemas.person_rules import HEALTH_CARD_RULES, PERSON_RULES, account_rules, entitlement_rules, is_merit_relative
from schemas.rates_arrays import merit_amounts_of
from schemas.release import OPEN_DATA_CATALOGUE, Count, OpenTable, Persons, Sum
from schemas.roads import BY_ROW_VERSION, Sql
from schemas.rules.columns import (
    ACTIVE,
    age_at_most,
    answer,
    as_number,
    born_between,
    days,
    entitled_day,
    given,
    numbers,
    one_of,
    starts_with,
    texts,
)
from schemas.rules.meritorious_persons import AMOUNT_LAW, PAYMENT_SETS, PROFILE_SETS
from schemas.vocabulary import ENTITLED, RECEIVED, Banked, Decided, HealthInsured, MonthlyPayment, Person

SOURCE = Source(
    name="meritorious_persons",
    label="Người có công",
    title="Cơ sở dữ liệu hồ sơ người có công",
    description="Hồ sơ người có công với cách mạng và thân nhân, quyết định, trợ cấp và chi trả hằng tháng.",
    legal="Pháp lệnh 02/2020/UBTVQH14; NĐ 131/2021/NĐ-CP; NĐ 77/2024/NĐ-CP",
    hour="15 1 * * *",
)


class Profiles(Person, HealthInsured, Banked, Decided):
    profile_id: Series[Text] = field("ma_ho_so_ncc", "Mã hồ sơ người có công", nullable=False)
    category_code: Series[Text] = field(
        "loai_doi_tuong", "Loại đối tượng", privacy="internal", codes="merit_category", nullable=False
    )
    is_relative: Series[Flag] = field("la_than_nhan", "Là thân nhân", privacy="public", nullable=False)
    origin_profile_id: Series[Text] = field("ma_ho_so_goc", "Mã hồ sơ gốc")
    relation_code: Series[Whole] = field("quan_he", "Quan hệ với người có công", privacy="internal", codes="merit_relation")
    decision_authority: Series[Text] = field("co_quan_quyet_dinh", "Cơ quan quyết định", privacy="internal")
    injury_rate: Series[Whole] = field("ty_le_ton_thuong", "Tỷ lệ tổn thương cơ thể", privacy="sensitive", ge=0, le=100, unit="%")
    injury_type: Series[Text] = field("loai_thuong_tat", "Loại thương binh", privacy="sensitive", codes="injury_type")
    martyr_count: Series[Whole] = field(
        "so_liet_si_than_nhan", "Số liệt sĩ của thân nhân", privacy="internal", ge=1, le=15, unit="liệt sĩ"
    )
    allowance_vnd: Series[Whole] = field(
        "muc_tro_cap", "Mức trợ cấp hằng tháng", reader="amount_vnd", privacy="internal", ge=0, unit="đồng"
    )
    supplement_vnd: Series[Whole] = field(
        "muc_phu_cap", "Mức phụ cấp hằng tháng", reader="amount_vnd", privacy="internal", ge=0, unit="đồng"
    )
    payment_way_code: Series[Whole] = field(
        "hinh_thuc_chi_tra", "Hình thức chi trả", privacy="public", codes="payment_way", source_type="smallint"
    )


class MonthlyPayments(MonthlyPayment):
    profile_id: Series[Text] = field("ma_ho_so_ncc", "Mã hồ sơ người có công", nullable=False)


# --- rules ------------------------------------------------------------------------------------------------------------------


def _own(frame: pd.DataFrame, *categories: str) -> np.ndarray:
    """Profiles of merit persons themselves, of these categories."""
    return one_of(frame, "category_code", categories) & ~is_merit_relative(frame)


INJURY_LAW = "Pháp lệnh 02/2020/UBTVQH14, Điều 23, Điều 26, Điều 29"
MARTYR_LAW = "Pháp lệnh 02/2020/UBTVQH14, Điều 15, Điều 16"


@rule("error", "injury_rate", "category_code", "is_relative", legal=INJURY_LAW, ref="N-01")
def injury_rate_is_in_range(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Tỷ lệ tổn thương cơ thể nằm ngoài mức của loại đối tượng: thương binh và người nhiễm chất độc hóa học từ 21 % đến 100 %,
    bệnh binh từ 41 % đến 100 % (Pháp lệnh 02/2020/UBTVQH14, Điều 23, Điều 26, Điều 29)."""
    rate, fine = numbers(frame, "injury_rate"), np.ones(len(frame), bool)
    for allowed in rates.injury_ranges():
        if allowed.span.holds(moment.judged_on):
            outside = (rate < allowed.least) | (rate > allowed.most)
            fine &= ~(outside & _own(frame, allowed.category_code))
    return answer(frame, fine)


@rule("warning", "injury_rate", "category_code", "is_relative", legal="NĐ 131/2021/NĐ-CP", ref="N-01")
def injury_rate_is_stated(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Hồ sơ thương binh, bệnh binh hoặc người nhiễm chất độc hóa học chưa ghi tỷ lệ tổn thương cơ thể, nên không đối chiếu được
    mức trợ cấp. Bổ sung theo biên bản giám định (NĐ 131/2021/NĐ-CP)."""
    needing = tuple(r.category_code for r in rates.injury_ranges() if r.span.holds(moment.judged_on))
    return answer(frame, ~_own(frame, *needing) | given(frame, "injury_rate"))


def _is_due(frame: pd.DataFrame, moment: Moment, column: str, kind: str) -> np.ndarray:
    """True where an amount is missing, is the table's, or no table can tell. The day is the row's own last day once it ended."""
    # A relative under a category of the persons themselves has no line in the tables.
    categories = np.where(
        is_merit_relative(frame) & ~starts_with(frame, "category_code", ("TN.",)), None, texts(frame, "category_code")
    )
    due, band = merit_amounts_of(
        categories,
        entitled_day(frame, moment),
        numbers(frame, "relation_code"),
        numbers(frame, "injury_rate"),
        numbers(frame, "martyr_count"),
        kind,
    )
    amount = numbers(frame, column)
    return np.isnan(amount) | np.isnan(due) | (np.abs(amount - due) <= band)


@rule(
    "warning",
    "allowance_vnd",
    "category_code",
    "relation_code",
    "injury_rate",
    "martyr_count",
    legal=AMOUNT_LAW,
    ref="N-02",
    weight="money",
)
def allowance_matches_the_table(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Mức trợ cấp hằng tháng khác mức quy định cho loại đối tượng, tỷ lệ tổn thương hoặc số liệt sĩ, theo mức chuẩn đang có hiệu
    lực. Tính lại theo phụ lục của nghị định (NĐ 75/2021/NĐ-CP; NĐ 55/2023/NĐ-CP; NĐ 77/2024/NĐ-CP)."""
    # Category 11 is paid once, never monthly; martyrs have a rule of their own.
    paid_once = _own(frame, "11") & (numbers(frame, "allowance_vnd") > 0)
    return answer(frame, _is_due(frame, moment, "allowance_vnd", "allowance") & ~paid_once)


@rule("warning", "supplement_vnd", "category_code", legal=AMOUNT_LAW, ref="N-02", weight="money")
def supplement_matches_the_table(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Mức phụ cấp hằng tháng khác mức quy định cho loại đối tượng theo mức chuẩn đang có hiệu lực. Tính lại theo phụ lục của nghị
    định (NĐ 75/2021/NĐ-CP; NĐ 55/2023/NĐ-CP; NĐ 77/2024/NĐ-CP)."""
    return answer(frame, _is_due(frame, moment, "supplement_vnd", "supplement"))


@rule("error", "injury_type", "decision_date", legal="Pháp lệnh 02/2020/UBTVQH14, Điều 23", ref="N-03")
def type_b_recognised_in_time(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Thương binh loại B có quyết định công nhận sau ngày 31 tháng 12 năm 1993: loại B chỉ gồm người được công nhận đến hết ngày
    đó. Kiểm tra loại thương tật và ngày quyết định (Pháp lệnh 02/2020/UBTVQH14, Điều 23)."""
    late = days(frame, "decision_date") > as_number(rates.day("type_b_last_recognition_day"))
    return answer(frame, ~(late & one_of(frame, "injury_type", ("B",))))


@rule("warning", "birth_year", "category_code", "is_relative", legal="Pháp lệnh 02/2020/UBTVQH14, Điều 3", ref="N-04")
def birth_year_fits_category(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Năm sinh quá muộn so với loại đối tượng: người hoạt động cách mạng trước ngày 01 tháng 01 năm 1945 sinh muộn nhất năm 1930,
    trước khởi nghĩa tháng Tám năm 1945 sinh muộn nhất năm 1931 (Pháp lệnh 02/2020/UBTVQH14, Điều 3)."""
    year, fine = numbers(frame, "birth_year"), np.ones(len(frame), bool)
    for category in ("01", "02"):
        latest = rates.whole_limit(f"merit_latest_birth_year_{category}", moment.judged_on)
        fine &= ~(_own(frame, category) & (year > latest))
    return answer(frame, fine)


@rule("warning", "sex_code", "category_code", "is_relative", legal="Pháp lệnh 02/2020/UBTVQH14, Điều 17", ref="N-04")
def heroic_mother_is_a_woman(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Hồ sơ bà mẹ Việt Nam anh hùng ghi giới tính nam. Kiểm tra lại giới tính hoặc loại đối tượng (Pháp lệnh 02/2020/UBTVQH14,
    Điều 17)."""
    return answer(frame, ~(_own(frame, "04") & (numbers(frame, "sex_code") == 1)))


@rule("warning", "origin_profile_id", "category_code", "is_relative", legal="NĐ 131/2021/NĐ-CP", ref="N-05")
def relative_names_the_origin_profile(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Hồ sơ thân nhân chưa ghi mã hồ sơ gốc của người có công. Bổ sung mã hồ sơ gốc để đối chiếu quyền hưởng (NĐ
    131/2021/NĐ-CP)."""
    return answer(frame, ~is_merit_relative(frame) | given(frame, "origin_profile_id"))


@rule(
    "warning",
    "relation_code",
    "birth_date",
    "birth_year",
    "injury_rate",
    "status_code",
    legal="NĐ 131/2021/NĐ-CP",
    ref="N-05",
    weight="money",
)
def child_is_under_age_or_disabled(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Con của người có công đang hưởng trợ cấp đã đủ 18 tuổi và hồ sơ không ghi khuyết tật. Xác nhận người này còn đi học hoặc
    khuyết tật nặng, nếu không thì thôi hưởng (Pháp lệnh 02/2020/UBTVQH14; NĐ 131/2021/NĐ-CP)."""
    _, latest = born_between(frame)
    grown = age_at_most(latest, as_number(moment.judged_on)) >= rates.whole_limit("merit_child_age", moment.judged_on)
    child = is_merit_relative(frame) & (numbers(frame, "relation_code") == 4) & (numbers(frame, "status_code") == ACTIVE)
    return answer(frame, ~(child & grown & ~given(frame, "injury_rate")))


@rule("warning", "allowance_vnd", "supplement_vnd", "category_code", legal=MARTYR_LAW, ref="N-06", weight="money")
def martyr_has_no_allowance(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Hồ sơ liệt sĩ có ghi trợ cấp hoặc phụ cấp hằng tháng: liệt sĩ không hưởng hằng tháng, chỉ thân nhân hưởng theo hồ sơ riêng
    (Pháp lệnh 02/2020/UBTVQH14, Điều 15, Điều 16)."""
    paid = (numbers(frame, "allowance_vnd") > 0) | (numbers(frame, "supplement_vnd") > 0)
    return answer(frame, ~(_own(frame, "03") & paid))


entitled_from_decision_month, entitlement_ends_after_it_begins = entitlement_rules("NĐ 131/2021/NĐ-CP", "N-07")

PROFILE_RULES = (
    *PERSON_RULES,
    *HEALTH_CARD_RULES,
    *account_rules(way="payment_way_code"),
    injury_rate_is_in_range,
    injury_rate_is_stated,
    allowance_matches_the_table,
    supplement_matches_the_table,
    type_b_recognised_in_time,
    birth_year_fits_category,
    heroic_mother_is_a_woman,
    relative_names_the_origin_profile,
    child_is_under_age_or_disabled,
    martyr_has_no_allowance,
    entitled_from_decision_month,
    entitlement_ends_after_it_begins,
)


PROFILES = Dataset(
    source=SOURCE,
    name="profiles",
    title="Hồ sơ người có công và thân nhân",
    model=Profiles,
    road=Sql("ncc_ho_so", BY_ROW_VERSION),
    each_row_is="một hồ sơ của một người theo một loại đối tượng",
    key=("profile_id",),
    kind="register",
    legal="Pháp lệnh 02/2020/UBTVQH14, Điều 3; NĐ 131/2021/NĐ-CP",
    commune_name="commune_name",
    person_key="identity_number",
    rules=PROFILE_RULES,
    set_rules=PROFILE_SETS,
    open_tables=(
        OpenTable(
            name="profiles_by_relative",
            title="Số hồ sơ đang hưởng trợ cấp ưu đãi hằng tháng: người có công, thân nhân",
            measure=Count(unit="hồ sơ", persons=Persons("identity_number")),
            by="is_relative",
            labels=(("false", "Người có công"), ("true", "Thân nhân")),
            where=ENTITLED,
            decision=OPEN_DATA_CATALOGUE,
            note="Hồ sơ hưởng vào ngày 01 của tháng, theo sổ đăng ký đọc trong tháng đó; tháng đã qua không tính lại.",
        ),
    ),
)

MONTHLY_PAYMENTS = Dataset(
    source=SOURCE,
    name="monthly_payments",
    title="Danh sách chi trả ưu đãi hằng tháng",
    model=MonthlyPayments,
    road=Sql("ncc_chi_tra", BY_ROW_VERSION),
    each_row_is="một khoản chi trả của một hồ sơ trong một tháng",
    key=("profile_id", "month"),
    kind="monthly",
    legal="NĐ 131/2021/NĐ-CP; NĐ 77/2024/NĐ-CP",
    first_period="2024-01",
    placed_by="month",
    set_rules=PAYMENT_SETS,
    open_tables=(
        OpenTable(
            name="payments_by_way",
            title="Số khoản trợ cấp ưu đãi người có công đã nhận trong tháng theo hình thức chi trả",
            measure=Count(unit="khoản", persons=Persons("profile_id", register="profiles")),
            by="payment_way_code",
            where=RECEIVED,
            decision=OPEN_DATA_CATALOGUE,
        ),
        OpenTable(
            name="amount_paid",
            title="Số tiền trợ cấp ưu đãi người có công đã nhận trong tháng",
            measure=Sum(amounts=("amount_vnd", "arrears_vnd"), persons=Persons("profile_id", register="profiles")),
            where=RECEIVED,
            decision=OPEN_DATA_CATALOGUE,
            note="Gồm cả truy lĩnh; chỉ có ở nơi có từ 10 người nhận trở lên.",
        ),
    ),
)

DATASETS = (PROFILES, MONTHLY_PAYMENTS)
