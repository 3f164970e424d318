"""How people and programs spoil a value: encodings, spreadsheets, keyboards. Functions of one value; None: not possible here.

The ids (F-01 ...) are those of the catalogue of faults; fields.py and rules.py say where they occur.
"""

import datetime as dt
import re
import unicodedata
from functools import cache

import pyarrow as pa

from schemas.dated import read_rows
from schemas.reading import characters

LETTER_SHAPES = {"a": "а", "o": "о", "e": "е", "c": "с", "y": "у", "H": "Н", "T": "Т", "B": "В"}  # Cyrillic twins
NBSP, ZERO_WIDTH = "\u00a0", "\u200b"


def has_marks(text: str) -> bool:
    return not text.isascii()


def decomposed(text: str, n: int = 0) -> str | None:
    """F-07: as a Mac or a PDF gives it."""
    spoilt = unicodedata.normalize("NFD", text)
    return spoilt if spoilt != text else None


@cache
def _to_legacy(encoding: str) -> dict[str, str]:
    return {r["to"]: r["from"] for r in read_rows("reading", "legacy_fonts.csv") if r["encoding"] == encoding}


def in_legacy_font(text: str, encoding: str) -> str | None:
    """F-08, F-09: typed in TCVN3 or VNI and copied as text; only where the text then proves it."""
    table = _to_legacy(encoding)
    composed = unicodedata.normalize("NFC", text)
    if any(not c.isascii() and c not in table for c in composed):
        return None
    spoilt = "".join(table.get(c, c) for c in composed)
    if spoilt == composed or characters.restored(spoilt) is not None or not characters.is_legacy(spoilt):
        return None
    # Where every pair of letters could be Vietnamese ("Vâ Anh Linh") nobody can tell by looking at the cell alone.
    return spoilt if characters.odd_words(pa.array([spoilt])).any() else None


def misread_utf8(text: str, n: int = 0) -> str | None:
    """F-10: UTF-8 read as cp1252; the bytes that cp1252 leaves undefined come through as they are."""
    if not has_marks(text):
        return None
    spoilt = "".join(_cp1252(b) for b in unicodedata.normalize("NFC", text).encode("utf-8"))
    return spoilt if characters.restored(spoilt) == text else None


def _cp1252(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def marks_lost(text: str, n: int = 0) -> str | None:
    """F-11: letters with marks became question marks."""
    if not has_marks(text):
        return None
    return "".join(c if c.isascii() else "?" for c in text)


def written_otherwise(text: str, n: int = 0) -> str | None:
    """F-12: capitals, double spaces, the other place of a tone mark. Nobody's fault, no remark."""
    moved = text
    for one, other in (("òa", "oà"), ("ỏa", "oả"), ("úy", "uý"), ("ủy", "uỷ"), ("ùy", "uỳ"), ("ụy", "uỵ"), ("óa", "oá")):
        moved = moved.replace(one, other)
    if n % 3 == 0 and moved != text:
        return moved
    return text.upper() if n % 3 == 1 else text.replace(" ", "  ", 1)


def with_hidden_characters(text: str, n: int = 0) -> str | None:
    """F-13: a no-break space, a character without width, a Cyrillic twin of a letter."""
    if " " in text and n % 3 == 0:
        return text.replace(" ", NBSP, 1)
    if n % 3 == 1:
        words = text.split(" ")
        for twin in ("a", "o", "e"):
            if twin in words[-1]:
                return " ".join([*words[:-1], words[-1].replace(twin, LETTER_SHAPES[twin], 1)])
    return text[:2] + ZERO_WIDTH + text[2:]


def without_leading_zero(number: str, n: int = 0) -> str | None:
    """F-01: the zero that a spreadsheet drops; 40 in front tells the province."""
    return number[1:] if number.startswith("040") else None


def as_float(number: str, n: int = 0) -> str | None:
    """F-02: what a spreadsheet makes of twelve digits."""
    return f"{float(number):.4E}" if n % 2 else f"{int(number)}.0"


def other_sex(number: str, n: int = 0) -> str | None:
    """F-06: the fourth digit of the other sex; the seventh keeps the number apart from everybody's."""
    return number[:3] + str(int(number[3]) ^ 1) + number[4:6] + "8" + number[7:]


def other_year(number: str, n: int = 0) -> str | None:
    """F-06: the year of birth one off; another seventh digit than above, or two spoiled numbers could meet."""
    return number[:4] + f"{(int(number[4:6]) + 1) % 100:02d}" + "7" + number[7:]


def day_otherwise(iso: str, n: int = 0) -> str | None:
    """F-14 with one reading: 05/03/1948, 5/3/1948, 5.3.1948, 1948/03/05, and 03/25/1948 where the 25 can be no month."""
    day = dt.date.fromisoformat(iso)
    forms = [f"{day:%d/%m/%Y}", f"{day.day}/{day.month}/{day.year}", f"{day:%d.%m.%Y}", f"{day:%Y/%m/%d}"]
    if day.day > 12:
        forms.append(f"{day:%m/%d/%Y}")
    return forms[n % len(forms)]


def birth_by_year_beside(iso: str, n: int = 0) -> str | None:
    """F-14 that the year of birth beside it makes single: 5/3/48, and the number of a spreadsheet."""
    day = dt.date.fromisoformat(iso)
    serial = (day - dt.date(1899, 12, 30)).days
    if n % 2 and 10_000 <= serial <= 99_999:
        return str(serial)
    return f"{day.day}/{day.month}/{day.year % 100:02d}"


def year_only(iso: str, n: int = 0) -> str | None:
    """F-14: 1950, 00/00/1950."""
    return iso[:4] if n % 2 else f"00/00/{iso[:4]}"


def impossible_day(iso: str, n: int = 0) -> str | None:
    """F-14 without any reading."""
    year = iso[:4]
    return (f"31/02/{year}", f"{year}-13-45", "không rõ", f"30/02/{year}")[n % 4]


def number_for_day(iso: str, n: int = 0) -> str | None:
    """A number where a date was."""
    return ("1234567", "0", "99999999")[n % 3]


def compact_day_otherwise(day: str, n: int = 0) -> str | None:
    """F-14 with one reading, of a day that a service writes."""
    return day_otherwise(f"{day[:4]}-{day[4:6]}-{day[6:]}", n)


def impossible_compact(text: str, n: int = 0) -> str | None:
    """F-14 without any reading: the 31st of February, with whatever time stood there."""
    return f"{text[:4]}0231{text[8:]}"


def instant_otherwise(text: str, n: int = 0) -> str | None:
    """F-33: an instant as people write it."""
    return f"{text[6:8]}/{text[4:6]}/{text[:4]} {text[8:10]}:{text[10:12]}:{text[12:]}"


SEX_WORDS = {"1": ("Nam", "nam", "NAM", "M"), "2": ("Nữ", "nữ", "Nu", "F", "NỮ")}


def sex_in_words(code: str, n: int = 0) -> str | None:
    """F-16 with one reading."""
    words = SEX_WORDS.get(code)
    return words[n % len(words)] if words else None


def amount_as_text(amount: str, n: int = 0) -> str | None:
    """F-20: 500.000, 500,000đ, 500 000 VNĐ."""
    if len(amount) < 4:
        return None
    grouped = f"{int(amount):,}"
    return (grouped.replace(",", "."), f"{grouped}đ", f"{grouped.replace(',', ' ')} VNĐ", f"{grouped.replace(',', '.')} đồng")[
        n % 4
    ]


def with_comma(number: str, n: int = 0) -> str | None:
    """F-21: the decimal comma of a Vietnamese spreadsheet."""
    return number.replace(".", ",") if "." in number else f"{number},0"


def account_in_groups(number: str, n: int = 0) -> str | None:
    """F-27: dots or spaces between the digits of an account."""
    joint = "." if n % 2 else " "
    return joint.join(re.findall(r".{1,4}", number))


def name_without_tone(name: str, n: int = 0) -> str | None:
    """F-19: a commune's name with another tone, or none: Diên for Diễn."""
    for at in range(len(name) - 1, 3, -1):  # the kind in front (Xã, Phường) stays
        bare = unicodedata.normalize("NFD", name[at])
        tones = [t for t in bare if t in "\u0300\u0301\u0303\u0309\u0323"]
        if tones:
            return name[:at] + unicodedata.normalize("NFC", "".join(t for t in bare if t not in tones)) + name[at + 1 :]
    return None


def ten_kilobytes(name: str, n: int = 0) -> str | None:
    return (name + " ") * (10_240 // (len(name) + 1) + 1)


def with_control_character(text: str, n: int = 0) -> str | None:
    return text[:1] + ("\x07", "\x0b", "\u200d")[n % 3] + text[1:]


def of_no_province(number: str, n: int = 0) -> str | None:
    """A personal number whose first three digits are no province's."""
    return "999" + number[3:]


def in_groups_of_three(number: str, n: int = 0) -> str | None:
    """Spaces between the digits, as a paper has them."""
    return " ".join(re.findall(r".{1,3}", number))


def last_lost(number: str, n: int = 0) -> str | None:
    return number[:-1]


def one_digit_more(number: str, n: int = 0) -> str | None:
    return number + str(n % 10)


def phone_from_abroad(number: str, n: int = 0) -> str | None:
    """0912 345 678 as +84 912 345 678."""
    return f"+84 {number[1:]}" if number.startswith("0") else None


def whole_as_decimal(number: str, n: int = 0) -> str | None:
    """A whole number that went through a spreadsheet's decimals."""
    return f"{number}.0"


ANSWERS = {"1": ("Đúng", "Yes", "x"), "0": ("Sai", "No", "Chưa")}


def answer_in_words(flag: str, n: int = 0) -> str | None:
    words = ANSWERS.get(flag)
    return words[n % len(words)] if words else None
