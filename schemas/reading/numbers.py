"""Readers of what is counted or chosen: whole numbers, amounts in dong, coefficients, sex, yes and no."""

import decimal
import re
import unicodedata
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.reading.cells import EMPTY, LARGEST, Reader, ReadValue, Situation, lengths, nulls, unreadable
from schemas.reading.characters import plain
from schemas.reading.texts import all_digits

# pyright: reportAttributeAccessIssue=false

_LONGEST = 60
_DIGITS = len(str(LARGEST))
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:(?:\.\d{3})+|(?:,\d{3})+|(?: \d{3})+)", re.ASCII)
_TRAILING_ZEROS = re.compile(r"([+-]?\d+)[.,]0+", re.ASCII)
_GROUPED_WITH_CENTS = re.compile(r"([+-]?\d{1,3}(?:\.\d{3})+),00?|([+-]?\d{1,3}(?:,\d{3})+)\.00?", re.ASCII)
_CURRENCY = re.compile(r"\s*(?:vnđ|vnd|đồng|dong|đ|d|₫)\.?$", re.IGNORECASE)


def _clean_whole(array: pa.Array, situation: Situation) -> tuple[pa.Array, np.ndarray]:
    clean = all_digits(array) & (lengths(array) <= _DIGITS)
    numbers = array if clean.all() else pc.if_else(pa.array(clean), array, pa.scalar(None, pa.string()))
    return numbers.cast(situation.dtype), clean | nulls(array)


def _number(value: str) -> int | None:
    """The whole number that a text with separators of thousands can only mean."""
    if _GROUPED.fullmatch(value):
        return int(re.sub(r"[., ]", "", value))
    if found := _GROUPED_WITH_CENTS.fullmatch(value):
        return int(re.sub(r"[., ]", "", found[1] or found[2]))
    if found := _TRAILING_ZEROS.fullmatch(value):
        return int(found[1])
    return None


def _within_bounds(number: int, repairs: tuple[str, ...]) -> ReadValue:
    return ReadValue(number, repairs=repairs) if abs(number) <= LARGEST else unreadable("too_large")


def _whole(text: str, situation: Situation, beside: Any) -> ReadValue:
    if len(text) > _LONGEST:
        return unreadable("not_a_number")
    value, repairs = plain(text)
    if not value:
        return EMPTY
    if re.fullmatch(r"[+-]?\d+", value, re.ASCII):
        return _within_bounds(int(value), repairs)
    number = _number(value)
    if number is None:
        return unreadable("not_a_number")
    return _within_bounds(number, (*repairs, "number_rewritten"))


def _amount(text: str, situation: Situation, beside: Any) -> ReadValue:
    """An amount in dong: 500.000, 500,000đ and 500 000 VNĐ have one reading; 500.5 and 5E5 have none."""
    if len(text) > _LONGEST:
        return unreadable("not_a_number")
    value, repairs = plain(text)
    if not value:
        return EMPTY
    if re.fullmatch(r"[+-]?\d+", value, re.ASCII):
        return _within_bounds(int(value), repairs)
    bare = _CURRENCY.sub("", value)
    number = int(bare) if re.fullmatch(r"\d+", bare, re.ASCII) else _number(bare)
    # 500.0 may be five hundred or the beginning of five hundred thousand; 0.0 is nothing either way.
    if number is None or (_TRAILING_ZEROS.fullmatch(bare) and 0 < abs(number) < 1_000 and not _GROUPED.fullmatch(bare)):
        return unreadable("not_a_number")
    return _within_bounds(number, (*repairs, "amount_rewritten"))


def _clean_decimal(array: pa.Array, situation: Situation) -> tuple[pa.Array, np.ndarray]:
    whole = situation.dtype.precision - situation.dtype.scale
    form = rf"^\d{{1,{whole}}}(\.\d{{1,{situation.dtype.scale}}})?$"
    clean = pc.fill_null(pc.match_substring_regex(array, form), False).to_numpy(zero_copy_only=False)
    numbers = array if clean.all() else pc.if_else(pa.array(clean), array, pa.scalar(None, pa.string()))
    return numbers.cast(situation.dtype), clean | nulls(array)


def _decimal(text: str, situation: Situation, beside: Any) -> ReadValue:
    """A coefficient or a score; with a comma where the locale of a spreadsheet wrote one."""
    if len(text) > _LONGEST:
        return unreadable("not_a_number")
    value, repairs = plain(text)
    if not value:
        return EMPTY
    if not re.fullmatch(r"[+-]?\d{1,12}(?:[.,]\d{1,12})?", value, re.ASCII):
        return unreadable("not_a_number")
    number = decimal.Decimal(value.replace(",", "."))
    step = decimal.Decimal(1).scaleb(-situation.dtype.scale)
    rounded = number.quantize(step)
    if rounded != number or abs(rounded) >= decimal.Decimal(10) ** (situation.dtype.precision - situation.dtype.scale):
        return unreadable("not_a_number")
    return ReadValue(rounded, repairs=(*repairs, "decimal_comma_read") if "," in value else repairs)


def words(text: str) -> str:
    """Small letters without marks: what a choice in words is compared by."""
    bare = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())


_SEXES = {
    **dict.fromkeys(("nam", "trai", "male", "m", "dan ong"), 1),
    **dict.fromkeys(("nu", "gai", "female", "f", "phu nu"), 2),
    **dict.fromkeys(("khac", "chua xac dinh", "khong xac dinh", "other"), 3),
}


def _sex(text: str, situation: Situation, beside: Any) -> ReadValue:
    """1, 2, 3, or the words for them. A 0 is left as it is, no list holds it; an x says nothing."""
    if len(text) > _LONGEST:
        return unreadable("not_a_choice")
    value, repairs = plain(text)
    if not value:
        return EMPTY
    if value in ("1", "2", "3", "0"):
        return ReadValue(int(value), repairs=repairs)
    if (found := _TRAILING_ZEROS.fullmatch(value)) and len(found[1]) == 1:
        return ReadValue(int(found[1]), repairs=(*repairs, "number_rewritten"))
    sex = _SEXES.get(words(value))
    return unreadable("not_a_choice") if sex is None else ReadValue(sex, repairs=(*repairs, "words_read"))


_FLAGS = {
    **dict.fromkeys(("true", "t", "1", "co"), True),
    **dict.fromkeys(("false", "f", "0", "khong"), False),
}
_FLAGS_IN_WORDS = {
    **dict.fromkeys(("x", "yes", "y", "dung", "1.0", "da nhan", "roi", "da"), True),
    **dict.fromkeys(("no", "n", "sai", "0.0", "chua nhan", "chua", "ko", "k"), False),
}


def _clean_flag(array: pa.Array, situation: Situation) -> tuple[pa.Array, np.ndarray]:
    yes, no = pc.is_in(array, pa.array(["true", "1", "t"])), pc.is_in(array, pa.array(["false", "0", "f"]))
    clean = pc.or_(yes, no).to_numpy(zero_copy_only=False)
    return pc.if_else(pa.array(clean), yes, pa.scalar(None, pa.bool_())), clean | nulls(array)


def _flag(text: str, situation: Situation, beside: Any) -> ReadValue:
    if len(text) > _LONGEST:
        return unreadable("not_a_choice")
    value, repairs = plain(text)
    if not value:
        return EMPTY
    word = words(value)
    if word in _FLAGS:
        return ReadValue(_FLAGS[word], repairs=repairs)
    if word in _FLAGS_IN_WORDS:
        return ReadValue(_FLAGS_IN_WORDS[word], repairs=(*repairs, "words_read"))
    return unreadable("not_a_choice")


READERS = {
    "whole_number": Reader(_clean_whole, _whole),
    "amount_vnd": Reader(_clean_whole, _amount),
    "decimal_number": Reader(_clean_decimal, _decimal),
    "sex": Reader(_clean_whole, _sex),
    "yes_no": Reader(_clean_flag, _flag),
}
