"""Row rules of the columns common to person records: personal number, birth, health card, account.

What can be read at all, the form of personal numbers, phones and accounts and the garbage in names are the reading's
(schemas/reading); here are the claims that a readable row can still break. Ages, days and forms come from schemas/rates.py.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from schemas import rates
from schemas.dataset import Moment, Rule, rule
from schemas.rules.columns import (
    MONTH_ONLY,
    YEAR_ONLY,
    answer,
    arrow,
    as_number,
    days,
    first_of_month,
    fits,
    given,
    numbers,
    same_name,
    texts,
)

NUMBER_LAW = "NĐ 137/2015/NĐ-CP, Điều 13"
BIRTH_LAW = "Luật Căn cước 26/2023/QH15, Điều 9"
CARD_LAW = "QĐ 1351/QĐ-BHXH năm 2015"
ACCOUNT_LAW = "NĐ 20/2021/NĐ-CP, chi trả qua tài khoản"


def _digits(frame: pd.DataFrame, start: int, stop: int) -> np.ndarray:
    """Digits of a well-formed personal number as a number, nan where there is none."""
    column = arrow(frame, "identity_number")
    # The pattern of twelve digits, which would take twenty times as long.
    whole = pc.and_(pc.ascii_is_decimal(column), pc.equal(pc.binary_length(column), 12))  # type: ignore[attr-defined]
    whole = pc.fill_null(whole, False)  # type: ignore[attr-defined]
    part = pc.utf8_slice_codeunits(column, start, stop)  # type: ignore[attr-defined]
    found = pc.if_else(whole, part, None)  # type: ignore[attr-defined]
    return pc.cast(found, "float64").to_numpy()  # type: ignore[attr-defined]


@rule("warning", "identity_number", "sex_code", legal=NUMBER_LAW, ref="C-01", weight="identity")
def identity_sex_agrees(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Chữ số thứ 4 của số định danh cá nhân không khớp giới tính: chữ số chẵn là nam, chữ số lẻ là nữ. Kiểm tra lại số định danh
    và giới tính theo thẻ căn cước (NĐ 137/2015/NĐ-CP, Điều 13)."""
    sex, century = numbers(frame, "sex_code"), _digits(frame, 3, 4)
    # Code 3, other or unknown, agrees with every number.
    return answer(frame, np.isnan(century) | ~np.isin(sex, (1, 2)) | (century % 2 == sex - 1))


@rule("warning", "identity_number", "birth_year", legal=NUMBER_LAW, ref="C-01", weight="identity")
def identity_birth_year_agrees(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Thế kỷ và năm sinh ghi trong số định danh cá nhân (chữ số thứ 4 đến thứ 6) không khớp năm sinh của người này. Kiểm tra lại
    số định danh và năm sinh theo thẻ căn cước (NĐ 137/2015/NĐ-CP, Điều 13)."""
    century, year = _digits(frame, 3, 4), _digits(frame, 4, 6)
    stated = 1900 + 100 * np.floor(century / 2) + year
    born = numbers(frame, "birth_year")
    return answer(frame, np.isnan(stated) | np.isnan(born) | (stated == born))


@rule("warning", "identity_number", "old_identity_number", legal="Luật Căn cước 26/2023/QH15, Điều 46", ref="C-02", weight="note")
def has_current_identity(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Chỉ có số chứng minh nhân dân cũ, chưa có số định danh cá nhân. Chứng minh nhân dân hết giá trị sử dụng từ ngày 01 tháng 01
    năm 2025, cần bổ sung số định danh cá nhân (Luật Căn cước 26/2023/QH15, Điều 46)."""
    if moment.judged_on <= rates.day("old_identity_card_last_day"):
        return answer(frame, np.ones(len(frame)))
    return answer(frame, ~given(frame, "old_identity_number") | given(frame, "identity_number"))


@rule("error", "birth_year", legal=BIRTH_LAW, ref="C-04")
def birth_year_is_possible(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Năm sinh không thể có: năm sinh phải từ năm 1900 đến năm của kỳ dữ liệu. Sửa lại theo giấy tờ tùy thân (Luật Căn cước
    26/2023/QH15, Điều 9)."""
    year = numbers(frame, "birth_year")
    least = rates.whole_limit("earliest_birth_year", moment.judged_on)
    return answer(frame, np.isnan(year) | ((year >= least) & (year <= moment.judged_on.year)))


@rule("error", "birth_date", legal=BIRTH_LAW, ref="C-04")
def birth_date_has_passed(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Ngày sinh ở tương lai: ngày sinh phải trước hoặc đúng ngày lập dữ liệu. Sửa lại theo giấy tờ tùy thân (Luật Căn cước
    26/2023/QH15, Điều 9)."""
    return answer(frame, ~(days(frame, "birth_date") > as_number(moment.judged_on)))


@rule("error", "birth_date", "birth_year", legal=BIRTH_LAW, ref="C-04")
def birth_date_and_year_agree(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Năm của ngày sinh khác năm sinh: hai cột phải cùng một năm. Sửa cột sai theo giấy tờ tùy thân (Luật Căn cước 26/2023/QH15,
    Điều 9)."""
    date_year, year = np.floor(days(frame, "birth_date") / 10000), numbers(frame, "birth_year")
    return answer(frame, np.isnan(date_year) | np.isnan(year) | (date_year == year))


@rule("error", "birth_precision", "birth_date", legal=BIRTH_LAW, ref="C-04")
def birth_precision_agrees(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Độ chính xác không khớp ngày sinh: ghi đủ ngày thì phải có ngày sinh; ghi chỉ biết tháng thì để trống hoặc ghi ngày 01 của
    tháng; ghi chỉ biết năm thì để trống hoặc ghi ngày 01 tháng 01 (Luật Căn cước 26/2023/QH15, Điều 9)."""
    precision, day = texts(frame, "birth_precision"), days(frame, "birth_date")
    missing = np.isnan(day)
    wrong = ((precision == "ngay") & missing) | ((precision == MONTH_ONLY) & (day % 100 > 1))
    wrong |= (precision == YEAR_ONLY) & ~missing & (day % 10000 != 101)
    return answer(frame, ~wrong)


PERSON_RULES: tuple[Rule, ...] = (
    identity_sex_agrees,
    identity_birth_year_agrees,
    has_current_identity,
    birth_year_is_possible,
    birth_date_has_passed,
    birth_date_and_year_agree,
    birth_precision_agrees,
)


@rule("warning", "health_insurance_card", legal=CARD_LAW, ref="C-03")
def health_card_has_valid_form(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Số thẻ bảo hiểm y tế không đúng dạng: thẻ cũ gồm 2 chữ cái, 1 chữ số mức hưởng từ 1 đến 5 và 12 chữ số; thẻ mới là mã số
    bảo hiểm xã hội 10 chữ số (QĐ 1351/QĐ-BHXH năm 2015; QĐ 1666/QĐ-BHXH năm 2020)."""
    return answer(frame, fits(frame, "health_insurance_card", rates.patterns("health_insurance_card", moment.judged_on)))


def _bank_named(way: str | None) -> Rule:
    def account_names_its_bank(frame: pd.DataFrame, moment: Moment) -> pd.Series:
        """Có số tài khoản nhưng không ghi mã ngân hàng: tài khoản ngân hàng phải kèm mã ngân hàng, chỉ ví điện tử mới để trống
        (NĐ 20/2021/NĐ-CP, chi trả qua tài khoản)."""
        fine = ~given(frame, "account_number") | given(frame, "bank_code")
        # An e-wallet has no bank.
        return answer(frame, fine | (numbers(frame, way) == 3) if way else fine)

    columns = ("account_number", "bank_code", *((way,) if way else ()))
    return rule("warning", *columns, legal=ACCOUNT_LAW, ref="C-08", weight="money")(account_names_its_bank)


def _holder(name: str, guardian: str | None) -> Rule:
    def account_holder_is_the_person(frame: pd.DataFrame, moment: Moment) -> pd.Series:
        """Tên chủ tài khoản khác họ tên người hưởng mà không ghi người giám hộ, người nhận thay. Bổ sung người nhận thay hoặc sửa
        lại tài khoản (NĐ 20/2021/NĐ-CP, chi trả qua tài khoản)."""
        fine = same_name(frame, "account_holder", name)
        return answer(frame, fine | given(frame, guardian) if guardian else fine)

    columns = ("account_holder", name, *((guardian,) if guardian else ()))
    return rule("warning", *columns, legal=ACCOUNT_LAW, ref="C-08", weight="money")(account_holder_is_the_person)


def account_rules(name: str = "full_name", *, guardian: str | None = None, way: str | None = None) -> tuple[Rule, ...]:
    """C-08 for a dataset: `name` is the person's name, `guardian` who may hold the account instead, `way` how money is paid."""
    return (_bank_named(way), _holder(name, guardian))


def entitlement_rules(
    law: str, ref: str, *, group: str, drawn_by: Callable[[pd.DataFrame], np.ndarray] | None = None
) -> tuple[Rule, Rule, Rule]:
    """Of a decision: entitled from its month at the earliest, no end before the beginning, and a beginning where something is drawn.

    `group`: the field that tells by what the record is entitled; `drawn_by`: by which records something is drawn each month (None: all).
    """

    def entitlement_begins_on_a_day(frame: pd.DataFrame, moment: Moment) -> pd.Series:
        """Hồ sơ hưởng hằng tháng mà không ghi ngày hưởng: người này không được tính vào số đang hưởng của báo cáo và số liệu mở. Bổ sung
        ngày hưởng theo quyết định (NĐ 20/2021/NĐ-CP; NĐ 131/2021/NĐ-CP)."""
        fine = given(frame, "entitled_from")
        return answer(frame, fine if drawn_by is None else fine | ~drawn_by(frame))

    def entitled_from_decision_month(frame: pd.DataFrame, moment: Moment) -> pd.Series:
        """Ngày hưởng trước tháng ra quyết định: trợ cấp hằng tháng chỉ được hưởng từ tháng của quyết định trở đi. Kiểm tra ngày
        hưởng và ngày quyết định theo văn bản đã ký (NĐ 20/2021/NĐ-CP; NĐ 131/2021/NĐ-CP)."""
        early = days(frame, "entitled_from") < first_of_month(days(frame, "decision_date"))
        return answer(frame, ~early)

    def entitlement_ends_after_it_begins(frame: pd.DataFrame, moment: Moment) -> pd.Series:
        """Ngày thôi hưởng trước ngày hưởng. Kiểm tra lại hai ngày theo quyết định hưởng và quyết định thôi hưởng (NĐ
        20/2021/NĐ-CP; NĐ 131/2021/NĐ-CP)."""
        return answer(frame, ~(days(frame, "entitled_until") < days(frame, "entitled_from")))

    return (
        rule("warning", "entitled_from", group, legal=law, ref=ref, weight="money")(entitlement_begins_on_a_day),
        rule("warning", "entitled_from", "decision_date", legal=law, ref=ref)(entitled_from_decision_month),
        rule("warning", "entitled_until", "entitled_from", legal=law, ref=ref)(entitlement_ends_after_it_begins),
    )
