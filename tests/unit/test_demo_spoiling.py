"""Each way of spoiling a value, read back by the product's own readers: mended to the same value, or refused."""

import datetime as dt
from collections.abc import Callable

import pyarrow as pa
import pytest

from demo.faults import spoiling
from schemas import reading
from schemas.column import Column
from schemas.registry import dataset_named

MEMBERS = dataset_named("poverty.members")
BENEFICIARIES = dataset_named("social_protection.beneficiaries")
NAMES = ("Nguyễn Thị Hòa", "Trần Đức Thủy", "Võ Thị Ngọc Ánh", "Lầu Y Dợ", "Đặng Xuân Đường")
ON = dt.date(2024, 11, 20)


def read(column: Column, text: str, beside: int | None = None) -> reading.Reading:
    return reading.read(column, pa.array([text], pa.string()), ON, pa.array([beside], pa.int64()))


def names(found: dict) -> set[str]:
    return set(found)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("spoil", "repair"),
    [
        (spoiling.decomposed, "unicode_composed"),
        (spoiling.misread_utf8, "encoding_restored"),
        (spoiling.with_hidden_characters, "characters_cleaned"),
    ],
)
def test_a_name_that_can_be_mended_is(name: str, spoil: Callable[[str, int], str | None], repair: str) -> None:
    for n in range(3):
        spoilt = spoil(name, n)
        assert spoilt is not None and spoilt != name
        found = read(MEMBERS.column("full_name"), spoilt)
        assert found.values.to_pylist() == [name]
        assert names(found.repairs) == {repair} and not found.unreadable


@pytest.mark.parametrize("name", ["Nguyễn Thị Hòa", "Phạm Hữu Cường", "Hồ Sỹ Bình", "Cao Sỹ Hùng", "Lê Thị Nhung"])
def test_a_name_in_an_old_font_or_without_its_marks_is_refused(name: str) -> None:
    refused = 0
    for spoilt, reason in (
        (spoiling.in_legacy_font(name, "TCVN3"), "legacy_font"),
        (spoiling.in_legacy_font(name, "VNI"), "legacy_font"),
        (spoiling.marks_lost(name), "lost_letters"),
        (spoiling.ten_kilobytes(name), "too_long"),
    ):
        if spoilt is not None:  # not every name proves its font
            assert names(read(MEMBERS.column("full_name"), spoilt).unreadable) == {reason}
            refused += 1
    assert refused >= 3


def test_a_personal_number_that_lost_its_zero_comes_back_and_a_float_does_not() -> None:
    column, number = MEMBERS.column("identity_number"), "040158912345"
    spoilt = spoiling.without_leading_zero(number)
    assert spoilt == "40158912345"
    found = read(column, spoilt)
    assert found.values.to_pylist() == [number] and names(found.repairs) == {"leading_zero_restored"}
    assert spoiling.without_leading_zero("038158912345") is None  # 38... could be anything
    for n in range(2):
        assert names(read(column, spoiling.as_float(number, n) or "").unreadable) == {"digits_lost"}


def test_a_number_of_the_other_sex_or_year_differs_in_that_alone() -> None:
    number = "040158912345"
    sex, year = spoiling.other_sex(number), spoiling.other_year(number)
    assert sex and sex[:3] + sex[4:6] == number[:3] + number[4:6] and int(sex[3]) % 2 != int(number[3]) % 2
    assert year and year[:4] == number[:4] and year[4:6] == "59"
    assert sex[6] == "8" and year[6] == "7"  # nobody's numbers


@pytest.mark.parametrize("day", ["1948-03-05", "1961-12-25", "2015-01-31"])
def test_days_with_one_reading_are_read(day: str) -> None:
    column, year = MEMBERS.column("birth_date"), int(day[:4])
    for n in range(5):
        spoilt = spoiling.day_otherwise(day, n)
        assert spoilt and spoilt != day
        found = read(column, spoilt, year)
        assert found.values.to_pylist() == [dt.date.fromisoformat(day)] and names(found.repairs) == {"date_rewritten"}
    for n in range(2):
        found = read(column, spoiling.birth_by_year_beside(day, n) or "", year)
        assert found.values.to_pylist() == [dt.date.fromisoformat(day)] and names(found.repairs) == {"date_rewritten"}
        found = read(column, spoiling.year_only(day, n) or "", year)
        assert found.values.to_pylist() == [None] and names(found.repairs) == {"precision_kept"}
    for n in range(4):
        assert names(read(column, spoiling.impossible_day(day, n) or "", year).unreadable) == {"not_a_day"}
    for n in range(3):
        assert names(read(column, spoiling.number_for_day(day, n) or "", year).unreadable) == {"number_for_day"}


def test_sex_amount_coefficient_and_account_are_read() -> None:
    for code, words in spoiling.SEX_WORDS.items():
        for n in range(len(words)):
            found = read(MEMBERS.column("sex_code"), spoiling.sex_in_words(code, n) or "")
            assert found.values.to_pylist() == [int(code)] and names(found.repairs) == {"words_read"}
    for n in range(4):
        found = read(BENEFICIARIES.column("allowance_vnd"), spoiling.amount_as_text("1250000", n) or "")
        assert found.values.to_pylist() == [1_250_000] and names(found.repairs) == {"amount_rewritten"}
    found = read(BENEFICIARIES.column("coefficient"), spoiling.with_comma("2.5") or "")
    assert str(found.values.to_pylist()[0]) == "2.5" and names(found.repairs) == {"decimal_comma_read"}
    for n in range(2):
        found = read(BENEFICIARIES.column("account_number"), spoiling.account_in_groups("9912345678901", n) or "")
        assert found.values.to_pylist() == ["9912345678901"] and names(found.repairs) == {"punctuation_removed"}


def test_a_commune_loses_a_tone_of_its_name_not_of_its_kind() -> None:
    assert spoiling.name_without_tone("Xã Diễn Lộc") == "Xã Diễn Lôc"
    assert spoiling.name_without_tone("Xã Nghi Hoa") is None
