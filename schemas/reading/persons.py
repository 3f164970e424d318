"""Readers of the numbers of persons: the personal identity number, the old card, the phone, the account.

Whether a number fits the person (sex, year of birth, holder) is a claim about a row: schemas/rules/persons.py.
"""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.reading.cells import EMPTY, Reader, ReadValue, Situation, lengths, nulls, spans, unreadable
from schemas.reading.characters import plain
from schemas.reading.texts import all_digits, rows_with

_LONGEST = 1_000
OLD_CARD_FIELD = "old_identity_number"


def _clean_identity(array: pa.Array, situation: Situation) -> tuple[pa.Array, np.ndarray]:
    return array, (all_digits(array) & (lengths(array) == 12)) | nulls(array)


def _identity(text: str, situation: Situation, beside: Any) -> ReadValue:
    """Twelve digits (NĐ 137/2015/NĐ-CP). Eleven from 40 on lost their zero in a spreadsheet; nine are the old card's number."""
    if len(text) > _LONGEST:
        return unreadable("too_long")
    value, repairs = plain(text)
    if not value:
        return EMPTY
    # A number that went through a floating-point cell: its last digits may be gone.
    if re.fullmatch(r"\d+[.,]\d*(?:e\+?\d+)?|\d+e\+?\d+", value, re.ASCII | re.IGNORECASE) and not re.fullmatch(
        r"\d{1,3}(?:[.,]\d{3})+", value, re.ASCII
    ):
        return unreadable("digits_lost")
    digits = re.sub(r"[ .,'-]", "", value)
    if not re.fullmatch(r"\d+", digits, re.ASCII):
        return unreadable("not_digits")
    if digits != value:
        repairs = (*repairs, "punctuation_removed")
    if len(digits) == 12:
        return ReadValue(digits, repairs=repairs)
    if len(digits) == 11 and digits.startswith("40"):
        return ReadValue("0" + digits, repairs=(*repairs, "leading_zero_restored"))
    if len(digits) == 9:
        return ReadValue(None, warnings=("is_old_card",), moves=((OLD_CARD_FIELD, digits),))
    return unreadable("wrong_length")


def _identity_or_old_card(text: str, situation: Situation, beside: Any) -> ReadValue:
    """Read an identity number of a person for whom the row has no field of an old card: the number of one stays here."""
    read = _identity(text, situation, beside)
    return replace(read, value=read.moves[0][1], moves=()) if read.moves else read


def _clean_old_card(array: pa.Array, situation: Situation) -> tuple[pa.Array, np.ndarray]:
    return array, (all_digits(array) & (lengths(array) == 9)) | nulls(array)


def _old_card(text: str, situation: Situation, beside: Any) -> ReadValue:
    """Nine digits. It is an old key only, so another form is kept as it is, with a warning."""
    if len(text) > _LONGEST:
        return unreadable("too_long")
    value, repairs = plain(text)
    if not value:
        return EMPTY
    digits = re.sub(r"[ .-]", "", value)
    if re.fullmatch(r"\d{9}", digits, re.ASCII):
        return ReadValue(digits, repairs=repairs if digits == value else (*repairs, "punctuation_removed"))
    return ReadValue(value, repairs=repairs, warnings=("well_formed",))


# The numbering plan of 2018 (QĐ 798/QĐ-BTTTT): eleven digits became ten.
_OLD_PREFIXES = {f"016{n}": f"03{n}" for n in range(2, 10)} | {
    "0120": "070",
    "0121": "079",
    "0122": "077",
    "0126": "076",
    "0128": "078",
    "0123": "083",
    "0124": "084",
    "0125": "085",
    "0127": "081",
    "0129": "082",
    "0186": "056",
    "0188": "058",
    "0199": "059",
}
_MOBILE = re.compile(r"0[35789]\d{8}", re.ASCII)
_LANDLINE = re.compile(r"02\d{9}", re.ASCII)


def _clean_phone(array: pa.Array, situation: Situation) -> tuple[pa.Array, np.ndarray]:
    clean = all_digits(array) & (lengths(array) == 10)
    data, offsets = spans(array)
    at = offsets[:-1][clean]
    clean[np.flatnonzero(clean)] = (data[at] == 0x30) & np.isin(data[at + 1], (0x33, 0x35, 0x37, 0x38, 0x39))
    return array, clean | nulls(array)


def _phone(text: str, situation: Situation, beside: Any) -> ReadValue:
    """A phone number of today's plan. One that is none is kept as written, with a warning: someone may still know whose it is."""
    if len(text) > _LONGEST:
        return unreadable("too_long")
    value, repairs = plain(text)
    if not value:
        return EMPTY
    if _LANDLINE.fullmatch(value) or _MOBILE.fullmatch(value):
        return ReadValue(value, repairs=repairs)
    digits = re.sub(r"[ .()-]", "", value)
    number = digits
    if number.startswith("+84"):
        number = number[3:]
    elif number.startswith("84") and len(number) in (11, 12):
        number = number[2:]
    if re.fullmatch(r"[35789]\d{8}|1\d{9}|2\d{9}", number, re.ASCII):
        number = "0" + number
    if len(number) == 11 and number[:4] in _OLD_PREFIXES:
        number = _OLD_PREFIXES[number[:4]] + number[4:]
    if _MOBILE.fullmatch(number) or _LANDLINE.fullmatch(number):
        return ReadValue(number, repairs=(*repairs, "number_rewritten"))
    return ReadValue(value, repairs=repairs, warnings=("well_formed",))


_ALNUM = np.ones(256, bool)
_ALNUM[list(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")] = False


def _clean_account(array: pa.Array, situation: Situation) -> tuple[pa.Array, np.ndarray]:
    size = lengths(array)
    return array, (~rows_with(array, _ALNUM) & (size >= 6) & (size <= 19)) | nulls(array)


def _account(text: str, situation: Situation, beside: Any) -> ReadValue:
    """Six to nineteen letters and digits. Spaces and dots come out; what is no account then is kept, with a warning."""
    if len(text) > _LONGEST:
        return unreadable("too_long")
    value, repairs = plain(text)
    if not value:
        return EMPTY
    joined = re.sub(r"[ .-]", "", value)
    floating = re.fullmatch(r"\d+[.,]\d*e\+?\d+|\d{6,}\.0", value, re.ASCII | re.IGNORECASE)
    if not floating and re.fullmatch(r"[0-9A-Za-z]{6,19}", joined, re.ASCII):
        return ReadValue(joined, repairs=repairs if joined == value else (*repairs, "punctuation_removed"))
    return ReadValue(value, repairs=repairs, warnings=("well_formed",))


READERS = {
    "identity_number": Reader(_clean_identity, _identity),
    "identity_or_old_card": Reader(_clean_identity, _identity_or_old_card),
    "old_identity_number": Reader(_clean_old_card, _old_card),
    "phone_number": Reader(_clean_phone, _phone),
    "account_number": Reader(_clean_account, _account),
}
