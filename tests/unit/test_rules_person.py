"""Rules of person records at their edges: centuries of the personal number, dates, precision, cards, accounts."""

import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.registry import dataset_named
from schemas.rules.columns import age_at_most, born_between, entitled_day, first_of_month, folded, one_of, starts_with
from tests.fixtures.frames import fine, frame, on
from tests.fixtures.kit import identity

WORKERS, PROFILES = dataset_named("labour_employment.workers"), dataset_named("meritorious_persons.profiles")
BENEFICIARIES = dataset_named("social_protection.beneficiaries")
DAY = "2024-11-20"


@given(born=st.dates(dt.date(1900, 1, 1), dt.date(2024, 11, 20)), sex=st.sampled_from((1, 2)), number=st.integers(0, 9999))
@settings(max_examples=60, deadline=None)
def test_a_well_made_personal_number_agrees_with_its_person(born: dt.date, sex: int, number: int) -> None:
    row = {"identity_number": identity(born, sex, number), "sex_code": sex, "birth_year": born.year}
    assert fine(WORKERS, "identity_sex_agrees", DAY, row) == [True]
    assert fine(WORKERS, "identity_birth_year_agrees", DAY, row) == [True]
    assert fine(WORKERS, "identity_sex_agrees", DAY, row | {"sex_code": 3 - sex}) == [False]
    assert fine(WORKERS, "identity_birth_year_agrees", DAY, row | {"birth_year": born.year - 100}) == [False]


@pytest.mark.parametrize("province", ["001", "038", "079", "199"])
def test_a_number_of_any_province_is_held_against_its_own_digits(province: str) -> None:
    row = {"identity_number": f"{province}350990001", "sex_code": 2, "birth_year": 2050}
    for rule in ("identity_sex_agrees", "identity_birth_year_agrees"):
        assert fine(WORKERS, rule, DAY, row) == [True]
        assert fine(WORKERS, rule, DAY, row | {"sex_code": 1, "birth_year": 1950}) == [False]


def test_sex_three_and_missing_numbers_agree_with_everything() -> None:
    rows = [{"identity_number": "040150990001", "sex_code": 3}, {"identity_number": None, "sex_code": 1}]
    assert fine(WORKERS, "identity_sex_agrees", DAY, *rows) == [True, True]
    assert fine(WORKERS, "identity_birth_year_agrees", DAY, {"birth_year": 1950}) == [True]


def test_old_card_alone_warns_from_2025() -> None:
    rows = [{"old_identity_number": "186123456"}, {"old_identity_number": "186123456", "identity_number": "040050990001"}, {}]
    assert fine(WORKERS, "has_current_identity", "2024-12-31", *rows) == [True, True, True]
    assert fine(WORKERS, "has_current_identity", "2025-01-01", *rows) == [False, True, True]


def test_a_birth_year_is_from_1900_to_the_year_of_the_day() -> None:
    rows = [{"birth_year": y} for y in (1899, 1900, 2024, 2025)]
    assert fine(WORKERS, "birth_year_is_possible", DAY, *rows) == [False, True, True, False]


def test_a_birth_date_has_passed_and_agrees_with_its_year() -> None:
    rows = [{"birth_date": dt.date(2024, 11, 20)}, {"birth_date": dt.date(2024, 11, 21)}, {}]
    assert fine(WORKERS, "birth_date_has_passed", DAY, *rows) == [True, False, True]
    rows = [{"birth_date": dt.date(1950, 1, 1), "birth_year": y} for y in (1950, 1951)]
    assert fine(WORKERS, "birth_date_and_year_agree", DAY, *rows) == [True, False]
    assert fine(WORKERS, "birth_date_and_year_agree", DAY, {"birth_date": dt.date(1950, 1, 1)}, {"birth_year": 1950}) == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("precision", "day", "right"),
    [
        ("ngay", dt.date(1950, 3, 7), True),
        ("ngay", None, False),
        ("thang", None, True),
        ("thang", dt.date(1950, 3, 1), True),
        ("thang", dt.date(1950, 3, 2), False),
        ("nam", None, True),
        ("nam", dt.date(1950, 1, 1), True),
        ("nam", dt.date(1950, 2, 1), False),
        (None, dt.date(1950, 3, 7), True),
        (None, None, True),
    ],
)
def test_the_precision_of_a_birth_date_agrees_with_the_date(precision: str | None, day: dt.date | None, right: bool) -> None:
    assert fine(WORKERS, "birth_precision_agrees", DAY, {"birth_precision": precision, "birth_date": day}) == [right]


@pytest.mark.parametrize(
    ("card", "right"),
    [
        ("CK2400401234567", True),
        ("0401234567", True),
        ("CK0400401234567", False),
        ("401234567", False),
        ("ck2400401234567", False),
    ],
)
def test_a_health_card_has_one_of_its_forms(card: str, right: bool) -> None:
    assert fine(PROFILES, "health_card_has_valid_form", DAY, {"health_insurance_card": card}) == [right]


def test_the_letters_of_a_health_card_agree_with_the_category() -> None:
    def row(letters: str, category: str = "07A", relative: bool = False) -> dict[str, Any]:
        card = f"{letters}2400401234567" if letters else "0401234567"
        return {"health_insurance_card": card, "category_code": category, "is_relative": relative}

    rows = [row("CK"), row("TS"), row("TS", "TN.03", True), row("TS", "TN.03"), row("HN", "TN.03", True), row("HT"), row("")]
    assert fine(PROFILES, "health_card_letters_agree", DAY, *rows) == [True, False, True, True, False, True, True]


def test_an_account_is_held_by_the_person_or_the_guardian() -> None:
    def row(holder: str | None, guardian: str | None = None) -> dict[str, Any]:
        return {"full_name": "Đặng Thị Hoà", "account_holder": holder, "guardian_name": guardian}

    rows = [row(None), row("DANG THI HOA"), row("Bà Đặng  thị hòa"), row("Đặng Thị Hoa Mai"), row("Lê Văn An", "Lê Văn An")]
    assert fine(BENEFICIARIES, "account_holder_is_the_person", DAY, *rows) == [True, True, True, False, True]


def test_a_wallet_has_no_bank() -> None:
    rows = [{"account_number": "0912345678", "payment_way_code": way} for way in (2, 3, None)]
    assert fine(PROFILES, "account_names_its_bank", DAY, *rows) == [False, True, False]
    rows = [{}, {"bank_code": "970405"}, {"account_number": "0912345678", "bank_code": "970405"}]
    assert fine(PROFILES, "account_names_its_bank", DAY, *rows) == [True, True, True]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Nguyễn Thuý  Hòa", "NGUYEN THUY HOA"), ("Ông Đỗ Văn Ðức".replace("Ð", "Đ"), "đỗ văn đức"), ("Vừ Y Mùa", "vu y mua")],
)
def test_names_fold_alike_whatever_their_case_marks_and_titles(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_a_title_is_only_taken_off_a_whole_name() -> None:
    assert folded("Bà Trưng") == "ba trung"  # two words: the first is a name
    assert folded("Cụ Nguyễn Văn An") == "nguyen van an"


def test_ages_allow_for_what_is_not_known_of_a_birthday() -> None:
    rows = frame(
        WORKERS,
        {"birth_date": dt.date(2009, 11, 21), "birth_year": 2009, "birth_precision": "ngay"},
        {"birth_date": dt.date(2009, 11, 20), "birth_year": 2009, "birth_precision": None},
        {"birth_date": dt.date(2009, 11, 1), "birth_year": 2009, "birth_precision": "thang"},
        {"birth_year": 2009, "birth_precision": "nam"},
        {"birth_date": dt.date(2009, 1, 1), "birth_year": 2009, "birth_precision": "nam"},
    )
    earliest, latest = born_between(rows)
    assert age_at_most(earliest, 20241120.0).tolist() == [14, 15, 15, 15, 15]
    assert age_at_most(latest, 20241120.0).tolist() == [14, 15, 14, 14, 14]


def test_a_birthday_lies_between_the_days_that_its_row_allows() -> None:
    march = {"birth_date": dt.date(1950, 3, 1), "birth_year": 1950}
    rows = [march, march | {"birth_precision": "thang"}, march | {"birth_precision": "nam"}, {"birth_year": 1950}, {}]
    earliest, latest = born_between(frame(WORKERS, *rows))
    assert earliest[:4].tolist() == [19500301, 19500301, 19500101, 19500101] and np.isnan(earliest[4])
    assert latest[:4].tolist() == [19500301, 19500331, 19501231, 19501231] and np.isnan(latest[4])


def test_a_text_that_is_missing_is_none_of_those_asked_for() -> None:
    rows = frame(WORKERS, {"hamlet": "Xóm 1"}, {"hamlet": "Xóm 2"}, {})
    assert one_of(rows, "hamlet", ("Xóm 2", "Xóm 3")).tolist() == [False, True, False]
    assert starts_with(rows, "hamlet", ("Xóm 1", "Khối")).tolist() == [True, False, False]
    assert first_of_month(np.array([20240131, 20241201, np.nan]))[:2].tolist() == [20240101, 20241201]


def test_an_ended_entitlement_is_judged_on_its_last_day() -> None:
    rows = frame(
        PROFILES,
        {"status_code": 1},
        {"status_code": 3, "entitled_until": dt.date(2024, 3, 1)},
        {"status_code": 1, "entitled_until": dt.date(2025, 1, 1)},
        {"status_code": 2},
        {"status_code": 5},
    )
    assert np.nan_to_num(entitled_day(rows, on(DAY))).tolist() == [20241120, 20240229, 20241120, 0, 20241120]
