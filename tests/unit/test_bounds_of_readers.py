"""Cells beside the bounds of each reader: the last that is read and the first that is not, and every word and prefix that is known."""

import datetime as dt
import decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from schemas.reading import read
from schemas.reading.received import SPREADSHEET_ERRORS
from tests.unit.test_reading import COLUMNS, DAY, one

Cell = tuple[Any, Any, str | None]  # as received, its value, and how it was repaired or why it was not read


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def padded(text: str, length: int) -> str:
    """Spaces are nobody's fault, but the characters of a cell are counted with them."""
    return text.rjust(length)


def serial(text: str) -> str:
    return str((day(text) - dt.date(1899, 12, 30)).days)


AMOUNTS: list[Cell] = [
    ("-999999999999", -999_999_999_999, None),
    ("-1000000000000", None, "too_large"),
    ("999.999.999.999", 999_999_999_999, "amount_rewritten"),
    ("1.000.000.000.000", None, "too_large"),
    ("+5", 5, None),
    ("1000.0", 1_000, "amount_rewritten"),
    ("999.0", None, "not_a_number"),  # or the beginning of 999.000
    ("-1000,00", -1_000, "amount_rewritten"),
    ("-999,00", None, "not_a_number"),
    ("0.000", 0, "amount_rewritten"),
    ("0.0", 0, "amount_rewritten"),  # nothing, of whatever it were the beginning
    ("0,00", 0, "amount_rewritten"),
    ("500,000.00", 500_000, "amount_rewritten"),
    ("500.000,0", 500_000, "amount_rewritten"),
    ("-500.000đ", -500_000, "amount_rewritten"),
    *((f"500000{of}", 500_000, "amount_rewritten") for of in ("vnđ", " VND", "đồng", "dong", "đ", "d.", "₫")),
    ("1.00.000", None, "not_a_number"),
    ("1.000,000", None, "not_a_number"),
    ("1000.000", 1_000, "amount_rewritten"),  # no thousands, for these stand in threes from the right
]
NUMBERS: list[Cell] = [
    ("1.000", 1_000, "number_rewritten"),
    ("1,000,000.00", 1_000_000, "number_rewritten"),
    ("1 000", 1_000, "number_rewritten"),
    ("-1950,0", -1_950, "number_rewritten"),
    ("1950.5", None, "not_a_number"),
    ("999999999999.0", 999_999_999_999, "number_rewritten"),
    ("1000000000000.0", None, "too_large"),
    ("9" * 10_000, None, "not_a_number"),
    ("Đ" * 10_000, None, "not_a_number"),  # characters are counted, not bytes
    ("Đ" * 10_001, None, "too_long"),
    (pa.array([10**12 - 1]), 10**12 - 1, None),
    (pa.array([10**12]), None, "too_large"),
    (pa.array([1 - 10**12]), 1 - 10**12, None),
    (pa.array([-(10**12)]), None, "too_large"),
    (pa.array([decimal.Decimal(10**12 - 1)]), 10**12 - 1, None),
    (pa.array([decimal.Decimal(10**12)]), None, "too_large"),
    (pa.array([decimal.Decimal("0.5")]), None, "not_a_number"),
    (pa.array([float("nan")]), None, "not_a_number"),
]
DECIMALS: list[Cell] = [
    ("99999,9", decimal.Decimal("99999.9"), "decimal_comma_read"),
    ("-99999.9", decimal.Decimal("-99999.9"), None),
    ("100000,0", None, "not_a_number"),
    ("-100000", None, "not_a_number"),
    ("1.50", decimal.Decimal("1.5"), None),
    ("+1,25", None, "not_a_number"),
    (pa.array([decimal.Decimal("99999.9")]), decimal.Decimal("99999.9"), None),
    (pa.array([decimal.Decimal("100000.0")]), None, "too_large"),
    (pa.array([decimal.Decimal("1.55")]), None, "not_a_number"),
]
SEXES: list[Cell] = [
    *((word, 1, "words_read") for word in ("trai", "male", "M", "đàn ông")),
    *((word, 2, "words_read") for word in ("gái", "Female", "f", "phụ nữ")),
    *((word, 3, "words_read") for word in ("khác", "chưa xác định", "không xác định", "other")),
    ("1.0", 1, "number_rewritten"),
    ("2,00", 2, "number_rewritten"),
    ("10.0", None, "not_a_choice"),
    ("nam nữ", None, "not_a_choice"),
]
FLAGS: list[Cell] = [
    *((word, True, None) for word in ("true", "t", "T", "1", "có", "CÓ")),
    *((word, False, None) for word in ("false", "F", "0", "không")),
    *((word, True, "words_read") for word in ("X", "yes", "y", "đúng", "1.0", "đã nhận", "rồi", "đã")),
    *((word, False, "words_read") for word in ("no", "n", "sai", "0.0", "chưa nhận", "chưa", "ko", "k")),
    ("2", None, "not_a_choice"),
]
# Judged on 20 November 2024: no term ends after 2044, nobody was born after 2024.
DAYS: list[Cell] = [
    ("23-5-44", day("2044-05-23"), "date_rewritten"),
    ("23-5-45", day("1945-05-23"), "date_rewritten"),
    ("12/12/2024", day("2024-12-12"), "date_rewritten"),
    ("5/12/2024", day("2024-12-05"), "date_rewritten"),
    ("5/13/2024", day("2024-05-13"), "date_rewritten"),
    ("13/5/2024", day("2024-05-13"), "date_rewritten"),
    ("2024-5-23", day("2024-05-23"), "date_rewritten"),
    ("2024-05-23T00:00:00.0", day("2024-05-23"), "date_rewritten"),
    ("2024-05-23 00:01", None, "not_a_day"),
    ("2024.5.3", day("2024-05-03"), "date_rewritten"),
    ("23 . 5 . 2024", day("2024-05-23"), "date_rewritten"),
    ("23 tháng 05 năm 2024", day("2024-05-23"), "date_rewritten"),
    ("NGÀY 23 THÁNG 5 NĂM 2024", day("2024-05-23"), "date_rewritten"),
    ("2024.2.30", None, "not_a_day"),
    ("31.2.24", None, "not_a_day"),
    ("٢٣/٥/٢٠٢٤", None, "not_a_day"),  # digits of another alphabet
    ("٢٣ tháng ٥ năm ٢٠٢٤", None, "not_a_day"),
    (serial("1945-01-01"), day("1945-01-01"), "date_rewritten"),
    (serial("1944-12-31"), None, "number_for_day"),
    (serial("2044-12-31"), day("2044-12-31"), "date_rewritten"),
    (serial("2045-01-01"), None, "number_for_day"),
    ("1900-01-01", day("1900-01-01"), None),
    ("1899-12-31", None, "impossible_year"),
    (pa.array([day("1900-01-01")]), day("1900-01-01"), None),
    (pa.array([day("1899-12-31")]), None, "impossible_year"),
    (pa.array([day("9999-12-31")]), day("9999-12-31"), None),
    (pa.array([utc("2024-05-23 16:59:59")]), day("2024-05-23"), None),
    (pa.array([utc("2024-05-23 17:00:00")]), day("2024-05-24"), None),
    (pa.array([utc("1969-12-31 16:59:59")]), day("1969-12-31"), None),
    (pa.array([day("1950-05-23")], pa.date64()), day("1950-05-23"), None),
]
BIRTHS: list[Cell] = [
    ("5/3/25", day("1925-03-05"), "date_rewritten"),
    ("5/3/24", None, "two_readings"),  # of 1924 or 2024
    ("5/3/00", None, "two_readings"),
    *((year, None, "precision_kept") for year in ("1900", "2024")),
    *((year, None, "number_for_day") for year in ("1899", "2025")),
    *(
        (month, None, "precision_kept")
        for month in ("01/1950", "12-1950", "tháng 5/1950", "THÁNG 5/1950", "1950-12", "1950-1-00")
    ),
    *((month, None, "not_a_day") for month in ("00/1950", "13/1950", "1950-13", "1950-00")),
    *((year, None, "precision_kept") for year in ("1950-00-00", "NĂM 1950", "00.00.1950")),
    *((year, None, "not_a_day") for year in ("١٩٥٠", "٠٥/١٩٥٠", "01/٠٥/1950")),
    ("00/13/1950", None, "not_a_day"),
]
INSTANTS: list[Cell] = [
    ("23/05/2024 08:00:59", utc("2024-05-23 01:00:59"), "instant_rewritten"),
    ("3/5/2024 8:01", utc("2024-05-03 01:01:00"), "instant_rewritten"),
    ("23/05/2024 24:00", utc("2024-05-23 17:00:00"), "instant_rewritten"),
    ("2024-05-23T24:00+00:00", utc("2024-05-24 00:00:00"), "instant_rewritten"),
    ("2024-05-23T08:00:00Z", utc("2024-05-23 08:00:00"), None),
    ("2024-05-23 24:01:00", None, "not_an_instant"),
    ("20240523235960", None, "not_an_instant"),
    ("1900-01-01 07:00:00", utc("1900-01-01 00:00:00"), None),
    ("1900-01-01 06:59:59", None, "not_an_instant"),
    ("9999-12-31 06:59:59", utc("9999-12-30 23:59:59"), None),
    ("9999-12-31 07:00:00", None, "not_an_instant"),
    *(
        (pa.array([utc("2024-05-23 01:02:03")], pa.timestamp(unit, "UTC")), utc("2024-05-23 01:02:03"), None)
        for unit in ("s", "ms", "us", "ns")
    ),
    *(
        (pa.array([dt.datetime(2024, 5, 23, 8, 2, 3)], pa.timestamp(unit)), utc("2024-05-23 01:02:03"), None)
        for unit in ("s", "ms", "us", "ns")
    ),
]
COMPACT_INSTANTS: list[Cell] = [
    ("2024-05-23", None, "not_an_instant"),
    ("2024-05-23 08:00", utc("2024-05-23 01:00:00"), None),
    ("20240523235959", utc("2024-05-23 16:59:59"), None),
    ("20240523235960", None, "not_an_instant"),
    ("20240523000060", None, "not_an_instant"),
]
COMPACT_DAYS: list[Cell] = [
    ("20240523235959", day("2024-05-23"), "date_rewritten"),
    ("20240523236000", None, "not_a_day"),
    ("20240523235960", None, "not_a_day"),
    ("20240523240100", None, "not_a_day"),
    ("2024-05-23", day("2024-05-23"), None),
    ("1/2/2024", day("2024-02-01"), "date_rewritten"),  # eight characters, and no eight digits
    ("19000101", day("1900-01-01"), None),
    ("18991231", None, "impossible_year"),
]
IDENTITIES: list[Cell] = [
    ("40.201.234.567", "040201234567", "leading_zero_restored, punctuation_removed"),
    ("'040201234567", "040201234567", "punctuation_removed"),
    ("040-201-234-567", "040201234567", "punctuation_removed"),
    ("040,201,234,567", "040201234567", "punctuation_removed"),
    ("41201234567", None, "wrong_length"),
    ("4020123456", None, "wrong_length"),
    ("40201234", None, "wrong_length"),
    ("402012345678e0", None, "digits_lost"),  # pragma: allowlist secret
    ("040201234567,", None, "digits_lost"),
    ("٠٤٠٢٠١٢٣٤٥٦٧", None, "not_digits"),
]
# The numbering plan of 2018, as the decision lists it (QĐ 798/QĐ-BTTTT, Phụ lục).
PREFIXES = {
    "0162": "032", "0163": "033", "0164": "034", "0165": "035", "0166": "036", "0167": "037", "0168": "038", "0169": "039",
    "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078",
    "0123": "083", "0124": "084", "0125": "085", "0127": "081", "0129": "082",
    "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip
PHONES: list[Cell] = [
    *((f"{old}1234567", f"{new}1234567", "number_rewritten") for old, new in PREFIXES.items()),
    *((f"0{first}12345678", f"0{first}12345678", None) for first in "35789"),
    *((f"0{first}12345678", f"0{first}12345678", "well_formed") for first in "01246"),
    *((f"0{second}1234567", f"0{second}1234567", "well_formed") for second in ("161", "130", "187")),
    ("842383844123", "02383844123", "number_rewritten"),
    ("841621234567", "0321234567", "number_rewritten"),
    ("+842383844123", "02383844123", "number_rewritten"),
    ("(0238) 3844-123", "02383844123", "number_rewritten"),
    ("84 0912345678", "0912345678", "number_rewritten"),
    ("09123456789", "09123456789", "well_formed"),
    ("091234567", "091234567", "well_formed"),
    ("8412345678", "8412345678", "well_formed"),  # ten digits: no country before them
    ("8491234567890", "8491234567890", "well_formed"),
]
ACCOUNTS: list[Cell] = [
    ("12345", "12345", "well_formed"),
    ("123456", "123456", None),
    ("A1" * 9 + "b", "A1" * 9 + "b", None),
    ("1" * 20, "1" * 20, "well_formed"),
    ("3600-2051.23456", "3600205123456", "punctuation_removed"),
    ("3600205123456.0", "3600205123456.0", "well_formed"),
    ("3.6002E12", "3.6002E12", "well_formed"),
    ("12345.0", "123450", "punctuation_removed"),  # five digits and a zero: no number of a spreadsheet is so short
]
OLD_CARDS: list[Cell] = [
    ("186-123.456", "186123456", "punctuation_removed"),
    ("1861234567", "1861234567", "well_formed"),
    ("18612345A", "18612345A", "well_formed"),
]
NAMES: list[Cell] = [
    ("A" * 100, "A" * 100, None),
    ("A" * 101, None, "too_long"),
    (padded("Nguyễn Văn A", 400), "Nguyễn Văn A", None),
    (padded("Nguyễn Văn A", 401), None, "too_long"),
    *((f"{title}Nguyễn A", "Nguyễn A", None) for title in ("Ông. ", "B.", "Bà: ", "Cụ .", "A. ", "Anh.", "C.", "Chị. ")),
    *((f"{title}Nguyễn A", "Nguyễn A", None) for title in ("BS.", "TS. ", "ThS.", "GS.", "PGS.")),
    ("Phan Thôy", None, "legacy_font"),  # Thụy: of neighbours that do not fit the first alone has a mark
    ("Phan Vâ", None, "legacy_font"),  # Võ: a letter that ends no word
    (" Nguyễn A", "Nguyễn A", None),
    ("Nguyễn A ", "Nguyễn A", None),
    ("Y’Ngông Niê", "Y'Ngông Niê", None),
    ("H‘Linh Niê", "H'Linh Niê", None),
    ("'", None, "not_letters"),
    ("' '", None, "not_letters"),
    ("H'Linh Niê", "H'Linh Niê", None),
    ("Nguyễn V_n A", None, "not_letters"),
]
TEXTS: list[Cell] = [
    ("a" * 1_000, "a" * 1_000, None),
    ("a" * 1_001, None, "too_long"),
    ("Xóm (\u0410n)", "Xóm (An)", "characters_cleaned"),  # a letter of another alphabet, in brackets
    (" Xóm 3", "Xóm 3", None),
    ("Xóm 3 ", "Xóm 3", None),
    (padded("Xóm 3", 4_000), "Xóm 3", None),
    (padded("Xóm 3", 4_001), None, "too_long"),
    *((error, None, "spreadsheet_error") for error in SPREADSHEET_ERRORS),
    *((pa.array([b"Xom"], kind), "Xom", None) for kind in (pa.binary(3), pa.binary_view(), pa.large_binary())),
    *((pa.array(["Xóm"], kind), "Xóm", None) for kind in (pa.string_view(), pa.large_string())),
    (pc.run_end_encode(pa.array(["Xóm"])), "Xóm", None),
    (pa.array([day("1900-01-01")]), "1900-01-01", None),
    (pa.array([day("1899-12-31")]), None, "undecodable"),
]
KEYS: list[Cell] = [("Đ" * 200, "Đ" * 200, None), ("Đ" * 201, None, "too_long")]
PAPERS: list[Cell] = [
    ("HN-4.40 1", "HN4401", "punctuation_removed"),
    ("HN/1", "HN/1", None),
    ("- .", None, "punctuation_removed"),
]
TAX_CODES: list[Cell] = [
    ("2900.000.001-001", "2900000001-001", "punctuation_removed"),
    ("2900000001.00", "290000000100", "punctuation_removed"),
    ("2900000001-", None, "not_digits"),
    ("1" * 200, "1" * 200, None),  # a part of a key
    ("1" * 201, None, "too_long"),
]

TABLES = {
    "amount_vnd": AMOUNTS,
    "whole_number": NUMBERS,
    "decimal_number": DECIMALS,
    "sex": SEXES,
    "yes_no": FLAGS,
    "day": DAYS,
    "birth_date": BIRTHS,
    "instant": INSTANTS,
    "compact_instant": COMPACT_INSTANTS,
    "compact_day": COMPACT_DAYS,
    "identity_number": IDENTITIES,
    "phone_number": PHONES,
    "account_number": ACCOUNTS,
    "old_identity_number": OLD_CARDS,
    "person_name": NAMES,
    "text": TEXTS,
    "key": KEYS,
    "compact_upper": PAPERS,
    "digits": TAX_CODES,
}


@pytest.mark.parametrize("kind", TABLES)
def test_the_last_that_is_read_and_the_first_that_is_not(kind: str) -> None:
    found = []
    for received, _, _ in TABLES[kind]:
        value, reason, repairs, warnings = one(kind, received)
        found.append((received, value, ", ".join([reason] if reason else [*repairs, *warnings]) or None))
        assert not (reason and (repairs or warnings)), received
    assert [cell for cell, right in zip(found, TABLES[kind], strict=True) if cell[1:] != right[1:]] == []


LONGEST = {
    **dict.fromkeys(("whole_number", "amount_vnd", "decimal_number"), (60, "12", "not_a_number")),
    **dict.fromkeys(("sex", "yes_no"), (60, "1", "not_a_choice")),
    **dict.fromkeys(("day", "birth_date"), (60, "1950-05-23", "not_a_day")),
    "instant": (60, "2024-05-23 08:00:00", "not_an_instant"),
    "identity_number": (1_000, "040201234567", "too_long"),
    "old_identity_number": (1_000, "186123456", "too_long"),
    "phone_number": (1_000, "0912345678", "too_long"),
    "account_number": (1_000, "3600205123456", "too_long"),
    "compact_upper": (1_000, "HN4401", "too_long"),
    "digits": (1_000, "2900000001", "too_long"),
    "commune_code": (1_000, "16663", "too_long"),
    "category": (1_000, "07A", "too_long"),
}


@pytest.mark.parametrize("kind", LONGEST)
def test_a_cell_is_looked_at_up_to_so_many_characters(kind: str) -> None:
    longest, text, reason = LONGEST[kind]
    value = one(kind, text)
    assert one(kind, padded(text, longest)) == value and value[0] is not None
    assert one(kind, padded(text, longest + 1)) == (None, reason, [], [])


def test_what_was_repaired_on_the_way_to_nothing_is_not_told() -> None:
    """Cells that cannot be read keep no repair; their neighbours keep theirs."""
    reading = read(COLUMNS["key"], pa.array(["Đ\u200b" * 201, "Đ\u200b" * 200, "Đ"]), DAY)
    assert {rule: rows.tolist() for rule, rows in reading.repairs.items()} == {"characters_cleaned": [False, True, False]}
    assert {rule: rows.tolist() for rule, rows in reading.unreadable.items()} == {"too_long": [True, False, False]}
    assert np.array_equal(reading.values.is_null(), [True, False, False])


def test_a_cell_without_a_value_is_none_of_any_type_and_neighbours_do_not_change_it() -> None:
    long, half = decimal.Decimal(10**12 - 1), decimal.Decimal("0.5")
    for kind, received, values in (
        ("whole_number", pa.array([1950, None], pa.int16()), [1950, None]),
        ("whole_number", pa.array([1950.0, None, 0.5]), [1950, None, None]),
        ("amount_vnd", pa.array([long, None, half, -long, long + 1]), [10**12 - 1, None, None, 1 - 10**12, None]),
        ("decimal_number", pa.array([half, None, decimal.Decimal("0.55")]), [half, None, None]),
        ("yes_no", pa.array([True, None]), [True, None]),
        ("day", pa.array([day("2024-05-23"), None]), [day("2024-05-23"), None]),
        ("day", pa.array([utc("2024-05-23 17:00:00"), None]), [day("2024-05-24"), None]),
        ("instant", pa.array([utc("2024-05-23 17:00:00"), None]), [utc("2024-05-23 17:00:00"), None]),
        ("text", pa.array([b"Xom", None, b"\xff"]), ["Xom", None, None]),
        ("text", pa.array([day("2024-05-23"), None]), ["2024-05-23", None]),
    ):
        reading = read(COLUMNS[kind], received, DAY)
        assert reading.values.to_pylist() == values, kind
        unread = np.logical_or.reduce([np.zeros(len(values), bool), *reading.unreadable.values()]).tolist()
        assert unread == [v is None and r is not None for v, r in zip(values, received.to_pylist(), strict=True)], kind
