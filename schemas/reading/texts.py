"""Readers of text: free text, names, codes, communes. Numbers, days and numbers of persons have files of their own."""

import re
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas import codes
from schemas.reading import characters
from schemas.reading.cells import EMPTY, Reader, ReadValue, Situation, lengths, nulls, rows_at, spans, unreadable

# pyright: reportAttributeAccessIssue=false

_LONGEST = 1_000  # characters; longer ones are pasted documents, or an attack
_LONGEST_NAME = 100  # varchar(100) of the shared forms

# A title written short, with its full stop: no letter of a name. Titles in full stay: Ông and Cụ are surnames too.
_TITLE = re.compile(r"^(?:ô|ông|b|bà|cụ|a|anh|c|chị|bs|ts|ths|gs|pgs)\s*[.:]\s*(?=\S)", re.IGNORECASE)


def _clean_text(array: pa.Array, situation: Situation) -> tuple[pa.Array, np.ndarray]:
    return array, ~characters.dirty_rows(array, "text", _LONGEST)


def _text(text: str, situation: Situation, beside: Any) -> ReadValue:
    if len(text) > 4 * _LONGEST:  # before any work is spent on it
        return unreadable("too_long")
    value, repairs = characters.mend(text)
    if len(value) > _LONGEST:
        return unreadable("too_long")
    return ReadValue(value, repairs=repairs) if value else EMPTY


def _composed(array: pa.Array) -> tuple[pa.Array, dict[str, np.ndarray]]:
    """Composed Unicode, single spaces; only the first is a repair."""
    composed = pc.utf8_normalize(array, form="NFC")
    changed = pc.not_equal(composed, array).to_numpy(zero_copy_only=False)
    spaced = pc.replace_substring_regex(pc.utf8_trim(composed, " "), " {2,}", " ")
    return spaced, {characters.COMPOSED: changed}


def _clean_name(array: pa.Array, situation: Situation) -> tuple[pa.Array, np.ndarray]:
    return array, ~(characters.dirty_rows(array, "name", _LONGEST_NAME) | characters.odd_words(array))


def _name(text: str, situation: Situation, beside: Any) -> ReadValue:
    if len(text) > 4 * _LONGEST_NAME:
        return unreadable("too_long")
    if characters.restored(text) is None and characters.is_legacy(text):
        return unreadable("legacy_font")
    value, repairs = characters.mend(text)
    if "?" in value or "\ufffd" in value:
        return unreadable("lost_letters")
    value = _TITLE.sub("", value.replace("’", "'").replace("‘", "'"))
    if not value:
        return EMPTY
    if len(value) > _LONGEST_NAME:
        return unreadable("too_long")
    if not all(c in characters.LETTERS or c in " '" for c in value) or not any(c in characters.LETTERS for c in value):
        return unreadable("not_letters")
    return ReadValue(value, repairs=repairs)


@cache
def _known(name: str) -> pa.Array:
    return pa.array(sorted(codes.ever(name)), pa.string())


@cache
def _written_otherwise(name: str) -> dict[str, str]:
    """The text or the name of a code, without case, spaces and leading zeros -> the code. What could be several codes is left out.

    «Nga» is left out: Russia is called so, and NGA is Nigeria.
    """
    found: dict[str, set[str]] = {}
    for code in codes.ever(name):
        found.setdefault(_bare_code(code), set()).add(code)
    for row in codes.rows(name):
        if row.code in codes.ever(name):  # one code, and no form of several
            found.setdefault(_bare_code(row.label_vi), set()).add(row.code)
    return {bare: next(iter(of)) for bare, of in found.items() if len(of) == 1}


def _bare_code(text: str) -> str:
    return re.sub(r"\s+", "", text).casefold().lstrip("0")


def _clean_code(array: pa.Array, situation: Situation) -> tuple[pa.Array, np.ndarray]:
    known = pc.is_in(array, value_set=_known(situation.codes or "")).to_numpy(zero_copy_only=False)
    return array, known | nulls(array)


def _code(text: str, situation: Situation, beside: Any) -> ReadValue:
    """A code of a list, in the list's own spelling, also where its name stands for it; one that the list does not hold is kept, its row is judged later."""
    if len(text) > _LONGEST:
        return unreadable("too_long")
    value, repairs = characters.plain(text)
    if not value:
        return EMPTY
    listed = codes.ever(situation.codes or "")
    if value in listed:
        return ReadValue(value, repairs=repairs)
    meant = _written_otherwise(situation.codes or "").get(_bare_code(value))
    if meant is None:
        return ReadValue(value, repairs=repairs)
    return ReadValue(meant, repairs=repairs if meant.casefold() == value.casefold() else (*repairs, "code_rewritten"))


_COMPACT = np.ones(256, bool)
_COMPACT[list(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")] = False


def _clean_compact(array: pa.Array, situation: Situation) -> tuple[pa.Array, np.ndarray]:
    return array, ~rows_with(array, _COMPACT)


def rows_with(array: pa.Array, unwanted: np.ndarray) -> np.ndarray:
    """Rows that hold one of the unwanted bytes, or nothing at all without being null."""
    data, offsets = spans(array)
    found = rows_at(offsets, np.flatnonzero(unwanted[data]), len(array))
    return (found | (np.diff(offsets) == 0)) & ~nulls(array)


def _compact(text: str, situation: Situation, beside: Any) -> ReadValue:
    """A number of a document: capitals and digits. Case is nobody's fault; dots and spaces between are taken out."""
    if len(text) > _LONGEST:
        return unreadable("too_long")
    value, repairs = characters.plain(text)
    if not value:
        return EMPTY
    joined = re.sub(r"[ .-]", "", value)
    return ReadValue(joined.upper() or None, repairs=repairs if joined == value else (*repairs, "punctuation_removed"))


def all_digits(array: pa.Array) -> np.ndarray:
    """Cells of one or more ASCII digits."""
    return pc.fill_null(pc.ascii_is_decimal(array), False).to_numpy(zero_copy_only=False)


def _clean_digits(array: pa.Array, situation: Situation) -> tuple[pa.Array, np.ndarray]:
    return array, (all_digits(array) & (lengths(array) <= 30)) | nulls(array)


def _digits(text: str, situation: Situation, beside: Any) -> ReadValue:
    """A number that is a name: digits, of a branch with a dash (0123456789-001)."""
    if len(text) > _LONGEST:
        return unreadable("too_long")
    value, repairs = characters.plain(text)
    if not value:
        return EMPTY
    if re.fullmatch(r"\d+(-\d+)?", value, re.ASCII):
        return ReadValue(value, repairs=repairs)
    joined = re.sub(r"[ .]", "", value)
    # 0123456789.0 is a number that went through a spreadsheet, not one with a full stop in it.
    if re.fullmatch(r"\d+(-\d+)?", joined, re.ASCII) and not re.fullmatch(r"\d+\.\d", value, re.ASCII):
        return ReadValue(joined, repairs=(*repairs, "punctuation_removed"))
    return unreadable("not_digits")


def _clean_commune(array: pa.Array, situation: Situation) -> tuple[pa.Array, np.ndarray]:
    return array, (all_digits(array) & (lengths(array) == 5)) | nulls(array)


def _commune(text: str, situation: Situation, beside: Any) -> ReadValue:
    if len(text) > _LONGEST:
        return unreadable("too_long")
    value, repairs = characters.plain(text)
    if not value:
        return EMPTY
    if re.fullmatch(r"\d{5}", value, re.ASCII):
        return ReadValue(value, repairs=repairs)
    return unreadable("not_a_code")


READERS = {
    "text": Reader(_clean_text, _text, bulk=_composed),
    "commune_name": Reader(_clean_text, _text, bulk=_composed),
    "person_name": Reader(_clean_name, _name, bulk=_composed),
    "coded_text": Reader(_clean_code, _code),
    "compact_upper": Reader(_clean_compact, _compact),
    "digits": Reader(_clean_digits, _digits),
    "commune_code": Reader(_clean_commune, _commune),
}
