"""What one profile must keep: injury rates, amounts, dates and relations by category."""

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from schemas import rates
from schemas.dataset import Moment, rule
from schemas.rules.columns import (
    ACTIVE,
    age_at_most,
    answer,
    arrow,
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
from schemas.rules.persons import CARD_LAW, PERSON_RULES, account_rules, entitlement_rules, health_card_has_valid_form
from schemas.sources.meritorious_persons.rates import amounts_of, card_letters, injury_ranges
from schemas.sources.meritorious_persons.set_rules import AMOUNT_LAW


def is_merit_relative(frame: pd.DataFrame) -> np.ndarray:
    """A profile of a relative, by its flag or by its category."""
    return (numbers(frame, "is_relative") == 1) | starts_with(frame, "category_code", ("TN.",))


def _own(frame: pd.DataFrame, *categories: str) -> np.ndarray:
    """Profiles of merit persons themselves, of these categories."""
    return one_of(frame, "category_code", categories) & ~is_merit_relative(frame)


# A martyr's own file and that of who is paid once stand in the register, and nothing is drawn by them monthly, whatever day they name
# (Pháp lệnh 02/2020/UBTVQH14, Điều 3, Điều 15, Điều 16).
NOT_DRAWN_MONTHLY = ("03", "11")
INJURY_LAW = "Pháp lệnh 02/2020/UBTVQH14, Điều 23, Điều 26, Điều 29"
MARTYR_LAW = "Pháp lệnh 02/2020/UBTVQH14, Điều 15, Điều 16"


@rule("error", "injury_rate", "category_code", "is_relative", legal=INJURY_LAW, ref="N-01")
def injury_rate_is_in_range(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Tỷ lệ tổn thương cơ thể nằm ngoài mức của loại đối tượng: thương binh và người nhiễm chất độc hóa học từ 21 % đến 100 %,
    bệnh binh từ 41 % đến 100 % (Pháp lệnh 02/2020/UBTVQH14, Điều 23, Điều 26, Điều 29)."""
    rate, fine = numbers(frame, "injury_rate"), np.ones(len(frame), bool)
    for allowed in injury_ranges():
        if allowed.span.holds(moment.judged_on):
            outside = (rate < allowed.least) | (rate > allowed.most)
            fine &= ~(outside & _own(frame, allowed.category_code))
    return answer(frame, fine)


@rule("warning", "injury_rate", "category_code", "is_relative", legal="NĐ 131/2021/NĐ-CP", ref="N-01")
def injury_rate_is_stated(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Hồ sơ thương binh, bệnh binh hoặc người nhiễm chất độc hóa học chưa ghi tỷ lệ tổn thương cơ thể, nên không đối chiếu được
    mức trợ cấp. Bổ sung theo biên bản giám định (NĐ 131/2021/NĐ-CP)."""
    needing = tuple(r.category_code for r in injury_ranges() if r.span.holds(moment.judged_on))
    return answer(frame, ~_own(frame, *needing) | given(frame, "injury_rate"))


def _is_due(frame: pd.DataFrame, moment: Moment, column: str, kind: str) -> np.ndarray:
    """True where an amount is missing, is the table's, or no table can tell. The day is the row's own last day once it ended."""
    # A relative under a category of the persons themselves has no line in the tables.
    categories = np.where(
        is_merit_relative(frame) & ~starts_with(frame, "category_code", ("TN.",)), None, texts(frame, "category_code")
    )
    due, band = amounts_of(
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


@rule("warning", "health_insurance_card", "category_code", "is_relative", legal=CARD_LAW, ref="C-03")
def health_card_letters_agree(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Hai chữ cái đầu của thẻ bảo hiểm y tế không thuộc nhóm của hồ sơ: người có công dùng CC, CK, KC hoặc CB; thân nhân dùng TS
    hoặc TC; nhóm đang làm việc, hưu trí, học sinh vẫn được chấp nhận (QĐ 1351/QĐ-BHXH năm 2015)."""
    known = [c for c in card_letters() if c.span.holds(moment.judged_on)]
    for_person = starts_with(frame, "health_insurance_card", tuple(c.letters for c in known if c.merit_person))
    for_relative = starts_with(frame, "health_insurance_card", tuple(c.letters for c in known if c.merit_relative))
    letters = pc.match_substring_regex(arrow(frame, "health_insurance_card"), r"^[A-Z]{2}[1-5]\d{12}$")  # type: ignore[attr-defined]
    lettered = pc.fill_null(letters, False).to_numpy()  # type: ignore[attr-defined]
    return answer(frame, ~lettered | np.where(is_merit_relative(frame), for_relative, for_person))


ENTITLEMENT_RULES = entitlement_rules(
    "NĐ 131/2021/NĐ-CP", "N-07", group="category_code", drawn_by=lambda frame: ~_own(frame, *NOT_DRAWN_MONTHLY)
)

PROFILE_RULES = (
    *PERSON_RULES,
    health_card_has_valid_form,
    health_card_letters_agree,
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
    *ENTITLEMENT_RULES,
)
