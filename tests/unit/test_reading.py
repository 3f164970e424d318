"""Pass one: what each reader makes of a cell, and that whole columns give the same as cells one by one."""

import datetime as dt
import decimal
import unicodedata
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from schemas import messages
from schemas.column import Column
from schemas.reading import READERS, REASONS, Reading, read, reader_of
from schemas.reading import cells as words
from schemas.reading.characters import is_legacy, mend, restored
from schemas.reading.received import SHIFTED
from schemas.registry import DATASETS, dataset_named

DAY = dt.date(2024, 11, 20)
WORKERS = dataset_named("labour_employment.workers")
PROFILES = dataset_named("meritorious_persons.profiles")
BENEFICIARIES = dataset_named("social_protection.beneficiaries")
EMPLOYERS = dataset_named("labour_employment.employers")
DOSSIERS, PAPERS = (dataset_named(f"administrative_procedures.{name}") for name in ("dossiers", "result_papers"))

COLUMNS: dict[str, Column] = {
    "text": WORKERS.column("hamlet"),
    "key": BENEFICIARIES.column("beneficiary_id"),
    "person_name": WORKERS.column("full_name"),
    "commune_code": WORKERS.column("commune_code"),
    "identity_number": WORKERS.column("identity_number"),
    "old_identity_number": WORKERS.column("old_identity_number"),
    "phone_number": WORKERS.column("phone_number"),
    "account_number": PROFILES.column("account_number"),
    "compact_upper": PROFILES.column("health_insurance_card"),
    "digits": EMPLOYERS.column("tax_code"),
    "sex": WORKERS.column("sex_code"),
    "whole_number": WORKERS.column("birth_year"),
    "amount_vnd": PROFILES.column("allowance_vnd"),
    "decimal_number": BENEFICIARIES.column("coefficient"),
    "yes_no": PROFILES.column("is_relative"),
    "day": WORKERS.column("collected_date"),
    "birth_date": WORKERS.column("birth_date"),
    "instant": WORKERS.column("updated_at"),
    "compact_day": PAPERS.column("expires_on"),
    "compact_instant": DOSSIERS.column("appointed_at"),
    "category": PROFILES.column("category_code"),
    "ethnicity": WORKERS.column("ethnicity_code"),
    "country": dataset_named("labour_employment.overseas_workers").column("country_code"),
}


def found(found_by: dict[str, np.ndarray], row: int) -> list[str]:
    return sorted(name for name, rows in found_by.items() if rows[row])


def one(kind: str, text: Any, beside: int | None = None) -> tuple[Any, str | None, list[str], list[str]]:
    """Value, reason, repairs, warnings of one received cell."""
    received = text if isinstance(text, pa.Array) else pa.array([text], pa.string())
    reading = read(COLUMNS[kind], received, DAY, pa.array([beside], pa.int64()))
    reasons = found(reading.unreadable, 0)
    assert len(reasons) <= 1
    return reading.values[0].as_py(), reasons[0] if reasons else None, found(reading.repairs, 0), found(reading.warnings, 0)


def cp1252(text: str) -> str:
    """UTF-8 read as cp1252; the five bytes that cp1252 leaves undefined come through."""
    return "".join(chr(b) if b in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([b]).decode("cp1252") for b in text.encode())


def test_every_reader_that_a_column_names_exists() -> None:
    for dataset in DATASETS:
        for column in dataset.columns:
            assert reader_of(column) in READERS, (dataset.id, column.name)
            beside = READERS[reader_of(column)].beside
            assert beside is None or any(c.name == beside for c in dataset.columns), (dataset.id, column.name)


CLEAN = [
    ("text", "Xóm 3", "Xóm 3"),
    ("text", pa.array(["Xóm 3".encode()]), "Xóm 3"),
    ("amount_vnd", "999999999999", 999_999_999_999),
    ("day", "9999-12-31", dt.date(9999, 12, 31)),
    ("person_name", "Nguyễn Thị Hoà", "Nguyễn Thị Hoà"),
    ("person_name", "NGUYỄN VĂN A", "NGUYỄN VĂN A"),
    ("person_name", "Ông A", "Ông A"),
    ("person_name", "  Nguyễn   Văn A ", "Nguyễn Văn A"),
    ("person_name", "Ô. Nguyễn Văn A", "Nguyễn Văn A"),
    ("person_name", "Moong Văn Phoọng", "Moong Văn Phoọng"),
    ("person_name", "Y Ngông Niê Kdăm", "Y Ngông Niê Kdăm"),
    ("person_name", "Già Bá Chò", "Già Bá Chò"),
    ("commune_code", "16663", "16663"),
    ("identity_number", "040201234567", "040201234567"),
    ("old_identity_number", "186123456", "186123456"),
    ("phone_number", "0912345678", "0912345678"),
    ("phone_number", "02383844123", "02383844123"),
    ("account_number", "3600205123456", "3600205123456"),
    ("compact_upper", "HN4404012345678", "HN4404012345678"),
    ("compact_upper", "hn4404012345678", "HN4404012345678"),
    ("digits", "2900000001", "2900000001"),
    ("digits", "2900000001-001", "2900000001-001"),
    ("sex", "1", 1),
    ("sex", "3", 3),
    ("sex", "0", 0),  # readable; no list holds it
    ("whole_number", "1950", 1950),
    ("whole_number", " 1950 ", 1950),
    ("amount_vnd", "500000", 500_000),
    ("amount_vnd", "-500000", -500_000),
    ("decimal_number", "1.5", decimal.Decimal("1.5")),
    ("decimal_number", "2", decimal.Decimal("2.0")),
    ("yes_no", "1", True),
    ("yes_no", "false", False),
    ("yes_no", "Có", True),
    ("yes_no", "Không", False),
    ("day", "2024-05-23", dt.date(2024, 5, 23)),
    ("day", "2024-02-29", dt.date(2024, 2, 29)),
    ("birth_date", "1950-01-01", dt.date(1950, 1, 1)),
    ("category", "07A", "07A"),
    ("category", "99", "99"),  # kept: the list is held against it in pass two
    ("instant", "2024-05-23T08:00:00+07:00", dt.datetime(2024, 5, 23, 1, tzinfo=dt.UTC)),
    ("instant", "2024-05-23 08:00:00", dt.datetime(2024, 5, 23, 1, tzinfo=dt.UTC)),
    ("compact_day", "20240523", dt.date(2024, 5, 23)),
    ("compact_day", "20240229", dt.date(2024, 2, 29)),
    ("compact_instant", "20240523080000", dt.datetime(2024, 5, 23, 1, tzinfo=dt.UTC)),
    ("compact_instant", "20240229000000", dt.datetime(2024, 2, 28, 17, tzinfo=dt.UTC)),
    ("compact_instant", "20241231235959", dt.datetime(2024, 12, 31, 16, 59, 59, tzinfo=dt.UTC)),
]


@pytest.mark.parametrize(("kind", "text", "value"), CLEAN)
def test_what_is_right_leaves_no_remark(kind: str, text: str, value: Any) -> None:
    assert one(kind, text) == (value, None, [], [])


@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize("text", [None, "", "   "])
def test_an_empty_cell_is_null_and_nobody_s_fault(kind: str, text: str | None) -> None:
    assert one(kind, text) == (None, None, [], [])


REPAIRED = [
    # F-01
    ("identity_number", "40201234567", "040201234567", "leading_zero_restored"),
    ("identity_number", "040 201 234 567", "040201234567", "punctuation_removed"),
    ("identity_number", "\u200b040201234567", "040201234567", "characters_cleaned"),
    ("identity_number", "\u2066040201234567\u2069", "040201234567", "characters_cleaned"),
    ("text", "Xóm \u061cĐồi\U000e0041", "Xóm Đồi", "characters_cleaned"),
    ("identity_number", "０４０２０１２３４５６７", "040201234567", "characters_cleaned"),
    # F-07
    ("person_name", unicodedata.normalize("NFD", "Nguyễn Thị Hoà"), "Nguyễn Thị Hoà", "unicode_composed"),
    ("text", unicodedata.normalize("NFD", "Xóm Đồi"), "Xóm Đồi", "unicode_composed"),
    # F-10
    ("person_name", cp1252("Nguyễn Văn Ánh"), "Nguyễn Văn Ánh", "encoding_restored"),
    ("person_name", cp1252("Đặng Thị Hà"), "Đặng Thị Hà", "encoding_restored"),
    ("text", cp1252(cp1252("Xóm Đồng")), "Xóm Đồng", "encoding_restored"),
    # F-13
    ("person_name", "Nguyễn\u00a0Văn A", "Nguyễn Văn A", "characters_cleaned"),
    ("person_name", "Nguyễn Vă\u200bn A", "Nguyễn Văn A", "characters_cleaned"),
    ("person_name", "Nguyễn V\u0103n \u0410n", "Nguyễn Văn An", "characters_cleaned"),
    ("person_name", "\u00d0ặng Văn A", "Đặng Văn A", "characters_cleaned"),
    ("person_name", "Nguyễn\x07 Văn A", "Nguyễn Văn A", "characters_cleaned"),
    ("person_name", "Nguyễn\tVăn A", "Nguyễn Văn A", "characters_cleaned"),
    ("person_name", "Nguyễn Văn\u00ad A", "Nguyễn Văn A", "characters_cleaned"),
    ("commune_code", "16663\u00a0", "16663", "characters_cleaned"),
    ("key", "ＨĐ\u200b１", "HĐ1", "characters_cleaned"),
    ("key", " e\u200b\u0302 ", "ê", "characters_cleaned"),
    # F-14
    ("day", "23/05/2024", dt.date(2024, 5, 23), "date_rewritten"),
    ("day", "3/5/2024", dt.date(2024, 5, 3), "date_rewritten"),
    ("day", "05/23/2024", dt.date(2024, 5, 23), "date_rewritten"),
    ("day", "23-5-24", dt.date(2024, 5, 23), "date_rewritten"),
    ("day", "2024/5/23", dt.date(2024, 5, 23), "date_rewritten"),
    ("day", "2024-05-23 00:00:00", dt.date(2024, 5, 23), "date_rewritten"),
    ("day", "ngày 23 tháng 5 năm 2024", dt.date(2024, 5, 23), "date_rewritten"),
    ("day", "45435", dt.date(2024, 5, 23), "date_rewritten"),
    ("birth_date", "29/02/1952", dt.date(1952, 2, 29), "date_rewritten"),
    ("birth_date", "5/3/50", dt.date(1950, 3, 5), "date_rewritten"),
    # F-16
    ("sex", "nam", 1, "words_read"),
    ("sex", "Nam", 1, "words_read"),
    ("sex", "NAM", 1, "words_read"),
    ("sex", "Nu", 2, "words_read"),
    ("sex", "Nữ", 2, "words_read"),
    ("sex", "nữ", 2, "words_read"),
    ("sex", unicodedata.normalize("NFD", "Nữ"), 2, "words_read"),
    # F-20, F-21
    ("amount_vnd", "500.000", 500_000, "amount_rewritten"),
    ("amount_vnd", "500,000đ", 500_000, "amount_rewritten"),
    ("amount_vnd", "1.250.000 VNĐ", 1_250_000, "amount_rewritten"),
    ("amount_vnd", "500 000 đồng", 500_000, "amount_rewritten"),
    ("amount_vnd", "500000đ", 500_000, "amount_rewritten"),
    ("amount_vnd", "500000.0", 500_000, "amount_rewritten"),
    ("amount_vnd", "500.000,00", 500_000, "amount_rewritten"),
    ("decimal_number", "1,5", decimal.Decimal("1.5"), "decimal_comma_read"),
    # F-27
    ("account_number", "3600 2051 23456", "3600205123456", "punctuation_removed"),
    ("account_number", "3600.2051.23456", "3600205123456", "punctuation_removed"),
    ("digits", "2900 000 001", "2900000001", "punctuation_removed"),
    ("compact_upper", "HN 4 40 4012345678", "HN4404012345678", "punctuation_removed"),
    # C-05
    ("phone_number", "+84912345678", "0912345678", "number_rewritten"),
    ("phone_number", "84912345678", "0912345678", "number_rewritten"),
    ("phone_number", "912345678", "0912345678", "number_rewritten"),
    ("phone_number", "01621234567", "0321234567", "number_rewritten"),
    ("phone_number", "01201234567", "0701234567", "number_rewritten"),
    ("phone_number", "1991234567", "0591234567", "number_rewritten"),
    ("phone_number", "0912.345.678", "0912345678", "number_rewritten"),
    ("yes_no", "x", True, "words_read"),
    ("whole_number", "1950.0", 1950, "number_rewritten"),
    ("category", "07a", "07A", None),
    ("category", "1", "01", "code_rewritten"),
    ("ethnicity", "3", "03", "code_rewritten"),
    ("ethnicity", "Kinh", "01", "code_rewritten"),
    ("ethnicity", "KINH ", "01", "code_rewritten"),
    ("country", "Nhật Bản", "JPN", "code_rewritten"),
    ("country", "jpn", "JPN", None),
    ("country", "NGA", "NGA", None),
    ("country", "Nga", "Nga", None),  # so Russia is called, and Nigeria is written: left to whom it may concern
    ("instant", "20240523080000", dt.datetime(2024, 5, 23, 1, tzinfo=dt.UTC), "instant_rewritten"),
    ("instant", "2024-05-23 24:00:00", dt.datetime(2024, 5, 23, 17, tzinfo=dt.UTC), "instant_rewritten"),
    # F-33
    ("compact_instant", "20240523240000", dt.datetime(2024, 5, 23, 17, tzinfo=dt.UTC), "instant_rewritten"),
    ("compact_instant", "23/05/2024 08:00", dt.datetime(2024, 5, 23, 1, tzinfo=dt.UTC), "instant_rewritten"),
    ("compact_day", "20240523080000", dt.date(2024, 5, 23), "date_rewritten"),
    ("compact_day", "20240523240000", dt.date(2024, 5, 23), "date_rewritten"),  # still of that day
    ("compact_day", "23/05/2024", dt.date(2024, 5, 23), "date_rewritten"),
]


@pytest.mark.parametrize(("kind", "text", "value", "repair"), REPAIRED)
def test_what_has_one_reading_is_repaired(kind: str, text: str, value: Any, repair: str | None) -> None:
    assert one(kind, text) == (value, None, [repair] if repair else [], [])


UNREADABLE = [
    # F-02
    ("identity_number", "4.0201E+10", "digits_lost"),
    ("identity_number", "040201234567.0", "digits_lost"),
    ("identity_number", "40201234567.0", "digits_lost"),
    ("identity_number", pa.array([40201234567.0]), "digits_lost"),
    ("identity_number", "38201234567", "wrong_length"),
    ("identity_number", "0402012345678", "wrong_length"),
    ("identity_number", "04020123456O", "not_digits"),
    # F-08, F-09, F-11
    ("person_name", "NguyÔn V¨n A", "legacy_font"),
    ("person_name", "NguyÔn Hoa", "legacy_font"),
    ("person_name", "Vâ Anh Linh", "legacy_font"),
    ("person_name", "NGUYÔN V¡N TR¦êNG", "legacy_font"),
    ("person_name", "Phan Thò Thuøy", "legacy_font"),
    ("person_name", "Nguyeãn Vaên A", "legacy_font"),
    ("person_name", "Nguy?n V?n A", "lost_letters"),
    ("person_name", "Nguy\ufffdn A", "lost_letters"),
    ("person_name", "NguyêÞn A", "legacy_font"),
    ("person_name", "Nguyễn Văn 4", "not_letters"),
    ("person_name", "N" * 10_240, "too_long"),
    ("person_name", "Nguyễn " * 20, "too_long"),
    ("text", "a" * 10_240, "too_long"),
    ("whole_number", "9" * 10_001, "too_long"),
    ("key", "Đ" * 201, "too_long"),
    ("text", pa.array([b"Nguy\xe9n"]), "undecodable"),
    ("key", pa.array([b"\xff"], pa.large_binary()), "undecodable"),
    ("text", pa.array([["a"]]), "undecodable"),
    # F-28: text to a reader of texts, and no more a value than an empty cell
    ("text", "#REF!", "spreadsheet_error"),
    ("key", SHIFTED, "spreadsheet_error"),
    ("whole_number", "#DIV/0!", "spreadsheet_error"),
    # F-14 without a reading
    ("day", "1950", "number_for_day"),
    ("day", "5", "number_for_day"),
    ("day", "500000", "number_for_day"),
    ("day", "20240523", "number_for_day"),
    ("day", "99999", "number_for_day"),
    ("day", pa.array([12345]), "number_for_day"),
    ("day", "0000-01-01", "not_a_day"),
    ("day", "0044-03-15 BC", "not_a_day"),
    ("day", "0001-01-01", "impossible_year"),
    ("day", "31/12/1899", "impossible_year"),
    ("day", pa.array([-719_529], pa.int32()).cast(pa.date32()), "impossible_year"),  # of the year 0
    ("birth_date", pa.array([2**63 - 1], pa.timestamp("s")), "impossible_year"),
    ("instant", pa.array([2**63 - 1], pa.timestamp("us", "UTC")), "not_an_instant"),
    ("day", "31/02/2024", "not_a_day"),
    ("day", "13/13/2024", "not_a_day"),
    ("day", "2024-02-30", "not_a_day"),
    ("day", "0000-00-00", "not_a_day"),
    ("day", "hôm qua", "not_a_day"),
    ("birth_date", "5/3/12", "two_readings"),
    ("birth_date", "18406", "number_for_day"),
    ("birth_date", "2150", "number_for_day"),
    # F-16 without a reading
    ("sex", "x", "not_a_choice"),
    ("sex", "-", "not_a_choice"),
    ("yes_no", "-", "not_a_choice"),
    ("amount_vnd", "5E5", "not_a_number"),
    ("amount_vnd", "12.345.678.901.234.567.890.123", "too_large"),
    ("amount_vnd", "1000000000000", "too_large"),
    ("whole_number", "-9,223,372,036,854,775,809", "too_large"),
    ("whole_number", pa.array([2**64 - 1], pa.uint64()), "too_large"),
    ("amount_vnd", pa.array([1e300]), "too_large"),
    ("amount_vnd", pa.array([float("inf")]), "not_a_number"),
    ("whole_number", pa.array([decimal.Decimal(10**37)]), "too_large"),
    ("sex", pa.array([1.5]), "not_a_choice"),
    ("amount_vnd", "500.5", "not_a_number"),
    ("amount_vnd", "500.0", "not_a_number"),
    ("amount_vnd", "năm trăm nghìn", "not_a_number"),
    ("whole_number", "12,5", "not_a_number"),
    ("decimal_number", "1.55", "not_a_number"),
    ("decimal_number", "1.5.5", "not_a_number"),
    ("decimal_number", "9999999", "not_a_number"),
    ("commune_code", "1666", "not_a_code"),
    ("commune_code", "Nghi Phú", "not_a_code"),
    ("digits", "29000000O1", "not_digits"),
    ("digits", "2900000001.0", "not_digits"),
    ("instant", "2024-13-01 00:00:00", "not_an_instant"),
    ("compact_instant", "20240523", "not_an_instant"),  # the hour is not known, and is not made up
    ("compact_instant", "20240230080000", "not_an_instant"),
    ("compact_instant", "20240523240001", "not_an_instant"),
    ("compact_instant", "20240523236000", "not_an_instant"),
    ("compact_day", "20240230", "not_a_day"),
    ("compact_day", "20240523250000", "not_a_day"),
    ("compact_day", "20240523240001", "not_a_day"),
    ("compact_day", "00000101", "not_a_day"),
]


@pytest.mark.parametrize(("kind", "text", "reason"), UNREADABLE)
def test_what_has_no_reading_is_never_guessed(kind: str, text: Any, reason: str) -> None:
    assert one(kind, text) == (None, reason, [], [])


WARNED = [
    ("phone_number", "12345", "12345", "well_formed"),
    ("phone_number", "không có", "không có", "well_formed"),
    ("account_number", "1234", "1234", "well_formed"),
    ("account_number", "3.6002E+12", "3.6002E+12", "well_formed"),
    ("old_identity_number", "040201234567", "040201234567", "well_formed"),
    ("old_identity_number", "18612345", "18612345", "well_formed"),
    ("identity_number", "186123456", None, "is_old_card"),
]


@pytest.mark.parametrize(("kind", "text", "value", "warning"), WARNED)
def test_what_is_odd_but_harmless_is_kept_with_a_warning(kind: str, text: str, value: str | None, warning: str) -> None:
    assert one(kind, text) == (value, None, [], [warning])


def test_an_old_card_s_number_moves() -> None:
    reading = read(COLUMNS["identity_number"], pa.array(["040201234567", "186 123 456", None]), DAY)
    assert reading.values.to_pylist() == ["040201234567", None, None]
    assert reading.moves == {"old_identity_number": {1: "186123456"}}


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("1950", "nam"),
        ("00/00/1950", "nam"),
        ("năm 1950", "nam"),
        ("05/1950", "thang"),
        ("00/05/1950", "thang"),
        ("1950-05", "thang"),
    ],
)
def test_a_year_alone_stays_a_year(text: str, precision: str) -> None:
    reading = read(COLUMNS["birth_date"], pa.array([text]), DAY)
    assert reading.values.to_pylist() == [None] and found(reading.repairs, 0) == ["precision_kept"]
    assert reading.moves == {"birth_precision": {0: precision}, "birth_year": {0: 1950}}


@pytest.mark.parametrize(
    ("text", "year", "value"),
    [
        ("5/3/12", 1912, dt.date(1912, 3, 5)),
        ("5/3/12", 2012, dt.date(2012, 3, 5)),
        ("18406", 1950, dt.date(1950, 5, 23)),
        ("5/3/50", 1950, dt.date(1950, 3, 5)),
    ],
)
def test_the_year_of_birth_beside_decides(text: str, year: int, value: dt.date) -> None:
    assert one("birth_date", text, year) == (value, None, ["date_rewritten"], [])


@pytest.mark.parametrize(("text", "year"), [("5/3/12", 1950), ("18406", 1980)])
def test_a_year_of_birth_that_says_otherwise_leaves_no_reading(text: str, year: int) -> None:
    value, reason, repairs, _ = one("birth_date", text, year)
    assert value is None and reason in ("not_a_day", "number_for_day") and not repairs


def test_native_types_pass_straight_through() -> None:
    assert one("day", pa.array([dt.date(2024, 5, 1)])) == (dt.date(2024, 5, 1), None, [], [])
    assert one("whole_number", pa.array([1950], pa.int16())) == (1950, None, [], [])
    assert one("whole_number", pa.array([1950.0])) == (1950, None, [], [])
    assert one("amount_vnd", pa.array([decimal.Decimal("500000.00")])) == (500_000, None, [], [])
    assert one("decimal_number", pa.array([decimal.Decimal("1.50")])) == (decimal.Decimal("1.5"), None, [], [])
    assert one("decimal_number", pa.array([1.5])) == (decimal.Decimal("1.5"), None, [], [])
    assert one("yes_no", pa.array([True])) == (True, None, [], [])
    late = dt.datetime(2024, 5, 23, 20, tzinfo=dt.UTC)
    assert one("instant", pa.array([late])) == (late, None, [], [])
    assert one("day", pa.array([late])) == (dt.date(2024, 5, 24), None, [], [])  # the next day in Vietnam
    assert one("day", pa.array([dt.datetime(2024, 5, 23, 20)])) == (dt.date(2024, 5, 23), None, [], [])
    assert one("instant", pa.array([dt.datetime(2024, 5, 23, 8)]))[0] == dt.datetime(2024, 5, 23, 1, tzinfo=dt.UTC)
    assert one("text", pa.array(["Xóm 3"]).dictionary_encode()) == ("Xóm 3", None, [], [])
    assert one("day", pa.nulls(1)) == (None, None, [], [])


CASES = [(kind, text) for kind, text, *_ in CLEAN + REPAIRED + UNREADABLE + WARNED if isinstance(text, str)]


@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize("repeat", [1, 150, 3_000])
def test_a_column_is_read_as_its_cells_are(kind: str, repeat: int) -> None:
    """Bulk and distinct-value ways of reading must not change an outcome: odd cells amid many clean ones, nulls between."""
    mine = [text for of, text in CASES if of == kind]
    few = [*mine, None, ""]
    texts = (few * (repeat // 20 + 1) if repeat < 3_000 else (few * 2 + [mine[0]] * 2_500 + few)) + [None]
    column = pa.concat_arrays([pa.array(["junk", None]), pa.array(texts, pa.string())]).slice(2)  # an offset, as batches have
    whole = read(COLUMNS[kind], column, DAY)
    assert len(whole.values) == len(texts) and whole.values.type == COLUMNS[kind].dtype
    once = {text: read(COLUMNS[kind], pa.array([text], pa.string()), DAY) for text in set(texts)}
    for row, text in enumerate(texts):
        alone = once[text]
        assert whole.values[row].as_py() == alone.values[0].as_py(), (kind, row)
        assert _outcome(whole, row) == _outcome(alone, 0), (kind, row)


def _outcome(reading: Reading, row: int) -> tuple[Any, ...]:
    moved = sorted((field, rows[row]) for field, rows in reading.moves.items() if row in rows)
    return found(reading.unreadable, row), found(reading.repairs, row), found(reading.warnings, row), moved


SURNAMES = """
Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Lữ Vi Lô Lương Cụt Moong Xeo Già Vừ Xồng Lầu Và Hờ Kha
"""
GIVEN = """
An Ánh Bình Chiến Cường Dũng Đào Đức Giang Giềng Hà Hạnh Hiền Hoà Hòa Hoàng Huệ Huyền Khánh Khuê Kiều Lựu Loan Mỹ Ngoãn
Nguyệt Oanh Phượng Quý Quỳnh Quyết Thuý Thúy Thuỷ Thủy Toản Trường Tuyết Uyên Vượng Xuyến Yến
"""


def test_names_in_use_are_never_taken_for_another_encoding() -> None:
    for surname in SURNAMES.split():
        for name in GIVEN.split():
            for text in (f"{surname} Thị {name}", f"{surname} VĂN {name}".upper()):
                assert one("person_name", text) == (text, None, [], []), text


def test_soft_hyphens_are_letters_before_they_are_nothing() -> None:
    assert is_legacy("Tr­¬ng V¨n A")  # Trương: the soft hyphen is TCVN3's ư
    assert one("person_name", "Tr­¬ng V¨n A")[1] == "legacy_font"


def test_text_without_marks_is_left_alone() -> None:
    for text in ("Lê Văn Tám", "Xóm 3", "Ơ Đu"):
        assert restored(text) is None and mend(text) == (text, ())


def test_every_finding_has_a_message_without_the_value() -> None:
    dataset = WORKERS
    for kind, column in COLUMNS.items():
        reader = reader_of(column)
        for reason in REASONS:
            said = messages.unreadable(dataset, column, reader, reason)
            assert column.title in said and "Được phép" in said and "Căn cứ" in said
        for of, text, *_ in REPAIRED + WARNED:
            if of == kind:
                reading = read(column, pa.array([text], pa.string()), DAY)
                for repair in reading.repairs:
                    assert messages.repaired(dataset, column, reader, repair)
                for warning in reading.warnings:
                    assert messages.warned(dataset, column, reader, warning)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text", "Xóm 3"),
        ("person_name", "Nguyễn Thị Hoà"),
        ("identity_number", "040201234567"),
        ("phone_number", "0912345678"),
        ("account_number", "3600205123456"),
        ("compact_upper", "HN4404012345678"),
        ("sex", "1"),
        ("amount_vnd", "500000"),
        ("decimal_number", "1.5"),
        ("day", "2024-05-23"),
        ("birth_date", "1950-12-31"),
        ("category", "07A"),
        ("commune_code", "16663"),
        ("old_identity_number", "186123456"),
        ("digits", "0" * 30),
        ("whole_number", "999999999999"),
        ("yes_no", "f"),
        ("compact_day", "20240523"),
        ("compact_instant", "20240523235959"),
    ],
)
def test_a_clean_cell_needs_no_slow_reading(kind: str, text: str) -> None:
    """The slow half costs microseconds a cell: a clean column must not reach it, amid spoiled neighbours either."""
    column = COLUMNS[kind]
    values, clean = READERS[reader_of(column)].clean(
        pa.array([text, "~ \u200b", None, text]), words.Situation(DAY, column.dtype, column.codes)
    )
    assert clean.tolist() == [True, False, True, True] and values[0].as_py() == values[3].as_py() is not None
