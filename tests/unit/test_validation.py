"""Pass two and what comes out: rules, lists, communes, keys, periods, and that no received value is ever spoken."""

import dataclasses
import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from resources.raw_store import RawStore
from schemas import messages, validation
from schemas.calendar import moment
from schemas.column import field
from schemas.dataset import Dataset, Moment, rule
from schemas.reading import reader_of
from schemas.registry import DATASETS, dataset_named
from schemas.validation import Verdict, validate
from schemas.weights import weight
from tests.fixtures.kit import NATIVE

ARRIVAL = dt.date(2024, 11, 20)


def bare(identifier: str) -> Dataset:
    """A dataset without its own rules: what belongs to reading, lists, communes, keys and periods only."""
    return dataclasses.replace(dataset_named(identifier), rules=())


WORKERS, MEMBERS = bare("labour_employment.workers"), bare("poverty.members")
PROFILES, BENEFICIARIES = bare("meritorious_persons.profiles"), bare("social_protection.beneficiaries")
PAYMENTS, JOBS = bare("social_protection.monthly_payments"), bare("labour_employment.jobs_created")
HOUSEHOLDS, RESULTS = bare("poverty.households"), bare("poverty.review_results")

PERSON = {
    "ma_xa_goc": "16774",
    "ten_xa": "Xã Căm Muộn",
    "so_dinh_danh": "040150123456",
    "ho_ten": "Nguyễn Thị Hoà",
    "ngay_sinh": "1950-05-23",
    "nam_sinh": "1950",
    "do_chinh_xac_ngay_sinh": "ngay",
    "gioi_tinh": "2",
    "ma_dan_toc": "01",
}
ROWS: dict[str, dict[str, Any]] = {
    WORKERS.id: {
        **PERSON,
        "ma_phieu": "P-1",
        "nam_thu_thap": 2024,
        "trinh_do_cmkt": "1",
        "tinh_trang_hdkt": "3",
        "ly_do_khong_tham_gia": "2",
        "ngay_thu_thap": "2024-05-01",
    },
    MEMBERS.id: {**PERSON, "ma_ho": "H-1", "nam_ra_soat": 2024, "stt": 1, "quan_he_chu_ho": "1"},
    PROFILES.id: {
        **PERSON,
        "ma_ho_so_ncc": "NA/1",
        "loai_doi_tuong": "04",
        "la_than_nhan": "0",
        "ngay_huong": "2020-01-01",
        "trang_thai": "1",
        "so_tai_khoan": "3600205123456",
        "ma_ngan_hang": "970405",
        "ten_chu_tai_khoan": "NGUYEN THI HOA",
    },
    BENEFICIARIES.id: {
        **PERSON,
        "ma_doi_tuong": "BT-1",
        "nhom_doi_tuong": "K5C",
        "he_so": "1.0",
        "muc_tro_cap": "500000",
        "noi_nuoi_duong": "1",
        "ngay_huong": "2020-01-01",
        "trang_thai": "1",
    },
    PAYMENTS.id: {
        "thang": dt.date(2024, 10, 1),
        "ma_xa_chi_tra": "16774",
        "so_tien": "500000",
        "da_nhan": True,
        "hinh_thuc_chi_tra": 1,
        "ma_doi_tuong": "BT-1",
    },
    JOBS.id: {"ma_luot": "J-1", "ma_xa_goc": "16774", "gioi_tinh": "1", "kenh": "1", "ngay_bat_dau": dt.date(2024, 10, 3)},
    RESULTS.id: {
        "ma_xa_goc": "16774",
        "ten_xa": "Xã Căm Muộn",
        "nam_ra_soat": 2024,
        "tong_so_ho": 900,
        "so_ho_ngheo": 90,
        "so_ho_can_ngheo": 50,
        "so_quyet_dinh": "1/QĐ",
        "ngay_quyet_dinh": dt.date(2024, 11, 1),
    },
}
PERIODS = {"monthly": "2024-10", "quarterly": "2024-Q3", "yearly": "2024", "school_year": "2023-2024", "register": "now"}


def batch(dataset: Dataset, *rows: dict[str, Any]) -> pa.Table:
    """Received rows: the sample row of the dataset with the given cells changed."""
    full = [{**ROWS[dataset.id], **row} for row in rows]
    return pa.table(
        {c.source_column: pa.array([r.get(c.source_column) for r in full], NATIVE[c.source_type]) for c in dataset.columns}
    )


def judge(dataset: Dataset, *rows: dict[str, Any], at: Moment | None = None) -> Verdict:
    return validate(dataset, batch(dataset, *rows), at or moment(dataset, PERIODS[dataset.kind], ARRIVAL))


def errors(verdict: Verdict, row: int = 0) -> list[str]:
    return [f["rule"] for f in json.loads(verdict.rejected["failures"][row].as_py())]


def remarks(verdict: Verdict) -> list[tuple[str, str]]:
    return [(r["kind"], r["rule"]) for r in verdict.remarks.to_pylist()]


@pytest.mark.parametrize("identifier", ROWS)
def test_the_sample_rows_are_right(identifier: str) -> None:
    """Otherwise the faults below would be found for another reason."""
    dataset = bare(identifier)
    verdict = judge(dataset, {})
    assert (verdict.accepted.num_rows, verdict.rejected.num_rows, verdict.remarks.num_rows) == (1, 0, 0), verdict.failures_by_rule
    assert verdict.failures_by_rule == {} and verdict.repairs_by_rule == {}


# The faults that a single row shows (the catalogue's numbers), with the outcome and the rules agreed for each.
FAULTS: list[tuple[str, Dataset, dict[str, Any], str, set[str]]] = [
    ("F-01", WORKERS, {"so_dinh_danh": "40150123456"}, "repaired", {"identity_number_leading_zero_restored"}),
    ("F-02", WORKERS, {"so_dinh_danh": "4.0150E+10"}, "rejected", {"identity_number_readable"}),
    ("F-02", WORKERS, {"so_dinh_danh": "040150123456.0"}, "rejected", {"identity_number_readable"}),
    ("F-03", WORKERS, {"so_dinh_danh": "186123456"}, "warning", {"identity_number_is_old_card"}),
    ("F-07", WORKERS, {"ho_ten": "Nguye\u0302\u0303n Thị Hoà"}, "repaired", {"full_name_unicode_composed"}),
    ("F-08", WORKERS, {"ho_ten": "NguyÔn V¨n A"}, "rejected", {"full_name_readable"}),
    ("F-09", WORKERS, {"ho_ten": "Nguyeãn Vaên A"}, "rejected", {"full_name_readable"}),
    ("F-10", WORKERS, {"ho_ten": "Nguyá»…n Thá»‹ HÃ\u00a0"}, "repaired", {"full_name_encoding_restored"}),
    ("F-11", WORKERS, {"ho_ten": "Nguy?n V?n A"}, "rejected", {"full_name_readable"}),
    ("F-12", WORKERS, {"ho_ten": "Bà NGUYỄN  THỊ HÒA"}, "clean", set()),
    ("F-12", WORKERS, {"ten_xa": "XÃ CĂM  MUỘN"}, "clean", set()),
    ("F-13", WORKERS, {"ho_ten": "Nguyễn\u00a0Thị\u200b Hoà"}, "repaired", {"full_name_characters_cleaned"}),
    ("F-14", WORKERS, {"ngay_sinh": "23/05/1950"}, "repaired", {"birth_date_date_rewritten"}),
    ("F-14", WORKERS, {"ngay_sinh": "23/5/50"}, "repaired", {"birth_date_date_rewritten"}),
    ("F-14", WORKERS, {"ngay_sinh": "05/23/1950"}, "repaired", {"birth_date_date_rewritten"}),
    ("F-14", WORKERS, {"ngay_sinh": "18406"}, "repaired", {"birth_date_date_rewritten"}),
    ("F-14", WORKERS, {"ngay_sinh": "1950"}, "repaired", {"birth_date_precision_kept"}),
    ("F-14", WORKERS, {"ngay_sinh": "00/00/1950"}, "repaired", {"birth_date_precision_kept"}),
    ("F-14", WORKERS, {"nam_sinh": None}, "repaired", {"birth_year_taken_from_date"}),
    ("F-14", MEMBERS, {"nam_sinh": " ", "ngay_sinh": "1950-05-23"}, "repaired", {"birth_year_taken_from_date"}),
    ("F-14", WORKERS, {"nam_sinh": None, "ngay_sinh": None}, "rejected", {"birth_year_present"}),
    ("F-14", WORKERS, {"nam_sinh": None, "ngay_sinh": "31/02/1950"}, "rejected", {"birth_date_readable", "birth_year_present"}),
    ("F-14", WORKERS, {"nam_sinh": "năm Dần"}, "rejected", {"birth_year_readable"}),
    ("F-14", WORKERS, {"ngay_sinh": "31/02/1950"}, "rejected", {"birth_date_readable"}),
    ("F-14", WORKERS, {"ngay_sinh": "99/99/1950"}, "rejected", {"birth_date_readable"}),
    ("F-14", WORKERS, {"ngay_thu_thap": "500000"}, "rejected", {"collected_date_readable"}),
    ("F-15", WORKERS, {"ngay_sinh": "1950-01-01"}, "clean", set()),
    ("F-16", WORKERS, {"gioi_tinh": "Nu"}, "repaired", {"sex_code_words_read"}),
    ("F-16", WORKERS, {"gioi_tinh": "Nữ"}, "repaired", {"sex_code_words_read"}),
    ("F-16", WORKERS, {"gioi_tinh": "nam"}, "repaired", {"sex_code_words_read"}),
    ("F-16", WORKERS, {"gioi_tinh": "0"}, "rejected", {"sex_code_listed"}),
    ("F-16", WORKERS, {"gioi_tinh": "x"}, "rejected", {"sex_code_readable"}),
    ("F-18", WORKERS, {"ten_xa": "Xã Tri Lễ"}, "rejected", {"commune_name_matches"}),
    ("F-18", WORKERS, {"ten_xa": "Phường Hưng Dũng"}, "rejected", {"commune_name_matches"}),
    ("F-18", WORKERS, {"ten_xa": "#REF!"}, "rejected", {"commune_name_readable"}),
    ("F-18", WORKERS, {"ten_xa": "Nghi " * 3_000}, "rejected", {"commune_name_readable"}),
    ("F-19", WORKERS, {"ten_xa": "Xã Cắm Muộn"}, "repaired", {"commune_name_spelled_otherwise"}),
    ("F-20", BENEFICIARIES, {"muc_tro_cap": "500.000"}, "repaired", {"allowance_vnd_amount_rewritten"}),
    ("F-20", BENEFICIARIES, {"muc_tro_cap": "500,000đ"}, "repaired", {"allowance_vnd_amount_rewritten"}),
    ("F-21", BENEFICIARIES, {"he_so": "1,0"}, "repaired", {"coefficient_decimal_comma_read"}),
    ("F-26", PAYMENTS, {"thang": None}, "rejected", {"month_present", "key_complete"}),
    ("F-27", PROFILES, {"so_tai_khoan": "3600 2051.23456"}, "repaired", {"account_number_punctuation_removed"}),
    ("F-27", PROFILES, {"ma_ngan_hang": "999999"}, "warning", {"bank_code_listed"}),
    ("F-27", PROFILES, {"ma_ngan_hang": "Agribank Vinh"}, "warning", {"bank_code_listed"}),
    ("F-27", PROFILES, {"so_tai_khoan": "123"}, "warning", {"account_number_well_formed"}),
    ("C-01", WORKERS, {"so_dinh_danh": "0401501234567"}, "rejected", {"identity_number_readable"}),
    ("C-01", WORKERS, {"so_dinh_danh": "999150123456"}, "rejected", {"identity_number_prefix_listed"}),
    ("C-01", WORKERS, {"so_dinh_danh": "038150123456"}, "clean", set()),
    ("C-02", WORKERS, {"so_cmnd_cu": "18612"}, "warning", {"old_identity_number_well_formed"}),
    ("C-05", WORKERS, {"so_dien_thoai": "01671234567"}, "repaired", {"phone_number_number_rewritten"}),
    ("C-05", WORKERS, {"so_dien_thoai": "12"}, "warning", {"phone_number_well_formed"}),
    ("C-06", WORKERS, {"ho_ten": "A" * 10_240}, "rejected", {"full_name_readable"}),
    ("C-06", WORKERS, {"ho_ten": "Nguyễn\x00 Thị\x07 Hoà"}, "repaired", {"full_name_characters_cleaned"}),
    ("C-07", WORKERS, {"ma_xa_goc": "99999", "ten_xa": None}, "rejected", {"commune_code_listed"}),
    ("C-07", WORKERS, {"ma_xa_goc": None}, "rejected", {"commune_code_present"}),
    ("C-07", JOBS, {"ma_xa_goc": "99999"}, "rejected", {"commune_code_listed"}),
    ("C-07", JOBS, {"ma_xa_goc": None}, "clean", set()),
    ("code", BENEFICIARIES, {"nhom_doi_tuong": "K99"}, "rejected", {"group_code_listed"}),
    ("code", BENEFICIARIES, {"nhom_doi_tuong": "HTXH"}, "rejected", {"group_code_listed"}),  # not before July 2025
    ("code", WORKERS, {"tinh_trang_hdkt": "7"}, "rejected", {"activity_code_listed"}),
    ("code", WORKERS, {"ma_dan_toc": "1"}, "repaired", {"ethnicity_code_code_rewritten"}),
    ("way", PAYMENTS, {"hinh_thuc_chi_tra": None}, "warning", {"payment_way_code_present"}),
    ("way", PAYMENTS, {"hinh_thuc_chi_tra": 4}, "rejected", {"payment_way_code_listed"}),
    ("range", BENEFICIARIES, {"so_con": "21"}, "warning", {"child_count_plausible"}),
    ("range", BENEFICIARIES, {"so_con": "20"}, "clean", set()),
    ("range", BENEFICIARIES, {"so_con": "hai mốt"}, "rejected", {"child_count_readable"}),
    ("range", BENEFICIARIES, {"so_con": "-1"}, "rejected", {"child_count_in_range"}),
    ("range", BENEFICIARIES, {"he_so": "20.1"}, "warning", {"coefficient_plausible"}),
    ("range", BENEFICIARIES, {"muc_tro_cap": "-1"}, "rejected", {"allowance_vnd_in_range"}),
    ("form", WORKERS, {"doi_tuong_uu_tien": "9"}, "rejected", {"priority_groups_well_formed"}),
    ("null", WORKERS, {"ho_ten": "  "}, "rejected", {"full_name_present"}),
    ("period", PAYMENTS, {"thang": dt.date(2025, 3, 1)}, "rejected", {"period_in_range"}),
    ("period", WORKERS, {"nam_thu_thap": 2025}, "rejected", {"period_in_range"}),
    ("key", WORKERS, {"ma_phieu": None}, "rejected", {"form_id_present", "key_complete"}),
]


@pytest.mark.parametrize(
    ("fault", "dataset", "change", "outcome", "rules"), FAULTS, ids=[f"{f[0]}-{n}" for n, f in enumerate(FAULTS)]
)
def test_each_fault_has_its_outcome(fault: str, dataset: Dataset, change: dict[str, Any], outcome: str, rules: set[str]) -> None:
    """Beside a good row, which must not notice."""
    verdict = judge(dataset, {}, change)
    if outcome == "rejected":
        assert verdict.accepted.num_rows == 1 and verdict.rejected.num_rows == 1 and verdict.remarks.num_rows == 0
        assert set(errors(verdict)) == rules and len(errors(verdict)) == len(rules)
        assert verdict.rejected["ordinal"].to_pylist() == [1]
    else:
        assert verdict.accepted.num_rows == 2 and verdict.rejected.num_rows == 0
        assert set(remarks(verdict)) == {(outcome, name) for name in rules}
    counted = verdict.repairs_by_rule if outcome == "repaired" else verdict.failures_by_rule
    assert {name for _, name in counted} == rules and set(counted.values()) <= {1}


def test_what_was_repaired_is_what_is_kept() -> None:
    verdict = judge(
        WORKERS,
        {"so_dinh_danh": "186123456"},
        {"so_dinh_danh": "186123456", "so_cmnd_cu": "186999999"},
        {"ngay_sinh": "1950", "do_chinh_xac_ngay_sinh": "ngay"},
        {"ngay_sinh": "05/1950", "nam_sinh": None, "do_chinh_xac_ngay_sinh": None},
        {"ten_xa": "cắm muộn"},
    )
    rows = verdict.accepted.to_pylist()
    assert [(r["identity_number"], r["old_identity_number"]) for r in rows[:2]] == [(None, "186123456"), (None, "186999999")]
    assert [(r["birth_date"], r["birth_precision"], r["birth_year"]) for r in rows[2:4]] == [
        (None, "nam", 1950),
        (None, "thang", 1950),
    ]
    assert rows[4]["commune_name"] == "Xã Căm Muộn"


def test_a_birth_year_that_is_missing_is_that_of_the_birth_date() -> None:
    """However the date is written; beside a year that stands, nothing is taken, nor for one that cannot be read."""
    changes = ({}, {"nam_sinh": None}, {"nam_sinh": None, "ngay_sinh": "23/05/1951"}, {"nam_sinh": "1949"})
    verdict = judge(WORKERS, *changes, {"nam_sinh": "năm Dần"})
    assert errors(verdict) == ["birth_year_readable"]
    assert verdict.accepted["birth_year"].to_pylist() == [1950, 1950, 1951, 1949]
    assert verdict.repairs_by_rule == {
        ("birth_year", "birth_year_taken_from_date"): 2,
        ("birth_date", "birth_date_date_rewritten"): 1,
    }


def test_what_is_expected_or_implausible_has_its_weight() -> None:
    assert weight(PAYMENTS, "payment_way_code_present") == "money"
    assert weight(HOUSEHOLDS, "member_count_plausible") == weight(HOUSEHOLDS, "member_count_present") == "record"
    with pytest.raises(TypeError, match="not both"):
        field("cot", "Cột", "Column", nullable=False, expected="record")


def test_an_old_card_where_no_field_is_for_it_stays_with_a_warning() -> None:
    verdict = judge(JOBS, {"so_dinh_danh": "186 123 456"})
    assert verdict.accepted["identity_number"].to_pylist() == ["186123456"]
    assert remarks(verdict) == [("warning", "identity_number_is_old_card")]


def test_a_row_shows_every_failure_and_none_twice() -> None:
    verdict = judge(
        WORKERS,
        {"ngay_sinh": "?", "gioi_tinh": "x", "tinh_trang_hdkt": "7", "ten_xa": "Xã Tri Lễ", "so_dinh_danh": "999150123456"},
    )
    assert sorted(errors(verdict)) == [
        "activity_code_listed",
        "birth_date_readable",
        "commune_name_matches",
        "identity_number_prefix_listed",
        "sex_code_readable",  # and not sex_code_present as well
    ]


def test_one_bad_cell_does_not_hide_the_other_bad_rows_of_its_column() -> None:
    verdict = judge(WORKERS, {"trinh_do_cmkt": "abc"}, {"trinh_do_cmkt": "77"}, {})
    assert [errors(verdict, row) for row in range(2)] == [["training_level_code_readable"], ["training_level_code_listed"]]


def test_a_row_is_judged_the_same_amid_thousands() -> None:
    """Whole columns are read and compared in bulk: no outcome may depend on the neighbours."""
    cases = [f for f in FAULTS if f[1] is WORKERS and "ma_phieu" not in f[2]]
    order = [cases[n % len(cases)] if n % 3 == 0 else None for n in range(3 * 64 * len(cases))]
    table = batch(WORKERS, *({**(f[2] if f else {}), "ma_phieu": f"P-{n}"} for n, f in enumerate(order)))
    verdict = validate(WORKERS, table, moment(WORKERS, "2024", ARRIVAL))
    found: dict[str, set[str]] = {}
    for r in verdict.remarks.to_pylist():
        found.setdefault(r["row_key"], set()).add(r["rule"])
    for r in verdict.rejected.to_pylist():
        found[r["row_key"]] = {f["rule"] for f in json.loads(r["failures"])}
    rejected = set(verdict.rejected["row_key"].to_pylist())
    for n, case in enumerate(order):
        key = f"P-{n}"
        assert found.get(key, set()) == (case[4] if case else set()), (n, case and case[0])
        assert (key in rejected) == (case is not None and case[3] == "rejected")


# Communes and placing ----------------------------------------------------------------------------------------------


def test_codes_of_another_epoch() -> None:
    at = Moment("2024-12", dt.date(2024, 12, 1), dt.date(2024, 12, 31), dt.date(2024, 12, 31))
    month = {"thang": dt.date(2024, 12, 1)}
    verdict = judge(PAYMENTS, {**month, "ma_xa_chi_tra": "17548"}, {**month, "ma_xa_chi_tra": "17194"}, at=at)
    assert verdict.accepted["commune_code"].to_pylist() == ["17542"] and verdict.accepted["unit_code"].to_pylist() == ["426"]
    assert remarks(verdict) == [("repaired", "commune_code_of_another_epoch")]
    assert errors(verdict) == ["commune_code_listed"]  # its land went to two communes


def test_an_old_name_with_its_old_code_is_brought_forward_with_the_name() -> None:
    at = Moment("now", dt.date(2025, 1, 5), dt.date(2025, 1, 5), dt.date(2025, 1, 5))
    verdict = judge(
        PROFILES, {"ma_xa_goc": "17542", "ten_xa": "Xã Hồng Thành"}, {"ma_xa_goc": "17542", "ten_xa": "Xã Phú Thành"}, at=at
    )
    assert verdict.accepted["commune_name"].to_pylist() == ["Xã Phú Thành"] * 2
    assert remarks(verdict) == [("repaired", "commune_code_of_another_epoch")]


def test_rows_stand_in_the_unit_that_has_their_commune_on_the_last_day_of_the_period() -> None:
    verdict = judge(WORKERS, {}, {"ma_xa_goc": "16717", "ten_xa": "Nghi Thủy"}, {"ma_xa_goc": "99999", "ten_xa": None})
    # Of the year 2024 Cửa Lò's rows are Vinh's, whose district it became in December.
    assert verdict.accepted["unit_code"].to_pylist() == ["415", "412"]
    assert verdict.accepted["district_code"].to_pylist() == ["415", "412"]
    assert verdict.rejected["unit_code"].to_pylist() == ["unknown"]
    assert judge(PROFILES, {"ma_xa_goc": "16717", "ten_xa": "Nghi Thủy"}).accepted["unit_code"].to_pylist() == ["413"]


def test_placing_in_the_province() -> None:
    verdict = judge(JOBS, {}, {"ma_xa_goc": None}, {"ma_xa_goc": "99999"})
    assert verdict.accepted["unit_code"].to_pylist() == ["40", "40"]
    assert verdict.accepted["district_code"].to_pylist() == ["415", None]
    assert verdict.rejected["unit_code"].to_pylist() == ["40"]


# Keys, ordinals, what was received ---------------------------------------------------------------------------------


def test_a_row_key_is_what_the_declared_key_holds() -> None:
    assert judge(MEMBERS, {}).accepted["row_key"].to_pylist() == ["H-1|2024|1"]
    assert judge(PAYMENTS, {}).accepted["row_key"].to_pylist() == ["BT-1|2024-10-01"]
    assert judge(RESULTS, {}).accepted["row_key"].to_pylist() == ["16774|2024"]


def test_a_row_without_a_key_gets_the_hash_of_what_was_received() -> None:
    table = batch(WORKERS, {}, {"ma_phieu": None}, {"ma_phieu": " "}, {"ma_phieu": None})
    verdict = validate(WORKERS, table, moment(WORKERS, "2024", ARRIVAL), first_ordinal=60_000)
    keys = verdict.rejected["row_key"].to_pylist()
    assert all(re.fullmatch(r"#[0-9a-f]{16}-6000[123]", key) for key in keys)
    assert keys[0].split("-")[0] == keys[2].split("-")[0] != keys[1].split("-")[0]
    assert verdict.rejected["ordinal"].to_pylist() == [60_001, 60_002, 60_003]
    assert verdict.accepted["ordinal"].to_pylist() == [60_000]


def test_received_is_the_row_as_it_came() -> None:
    verdict = judge(PAYMENTS, {"so_tien": "năm\x00 trăm", "ma_doi_tuong": "e\u0302"})
    received = json.loads(verdict.rejected["received"][0].as_py())
    assert "\\u0000" not in verdict.rejected["received"][0].as_py()  # jsonb refuses it
    assert received["so_tien"] == "năm\u2400 trăm" and received["ma_doi_tuong"] == "e\u0302"
    assert received["thang"] == "2024-10-01" and received["da_nhan"] is True and received["hinh_thuc_chi_tra"] == 1
    assert set(received) == {c.source_column for c in PAYMENTS.columns}


@pytest.mark.parametrize("text", ["\x00", "\x00\x00", "\\\x00", "\\u0000", "\\\\u0000", "\\\\\x00 \\u0000\x00"])
def test_a_nul_is_told_from_what_only_looks_like_one(text: str) -> None:
    received = json.loads(judge(PAYMENTS, {"so_tien": f"năm {text}"}).rejected["received"][0].as_py())
    assert received["so_tien"] == f"năm {text}".replace("\x00", "\u2400")


def test_warnings_and_repairs_of_a_rejected_row_are_not_remarks() -> None:
    verdict = judge(WORKERS, {"so_dien_thoai": "12", "gioi_tinh": "x"})
    assert verdict.remarks.num_rows == 0 and errors(verdict) == ["sex_code_readable"]


def test_duplicates_are_not_looked_for_here() -> None:
    assert judge(WORKERS, {}, {}).accepted.num_rows == 2


# Rules of the dataset ----------------------------------------------------------------------------------------------


@rule("error", "birth_year", "sex_code", legal="Luật mẫu", ref="X-01")
def is_no_man_of_1950(frame: pd.DataFrame, at: Moment) -> pd.Series:
    """Thông báo mẫu."""
    return ~((frame["birth_year"] == 1950) & (frame["sex_code"] == 1))


@rule("warning", "hamlet", legal="Luật mẫu", ref="X-02")
def has_a_hamlet(frame: pd.DataFrame, at: Moment) -> pd.Series:
    """Thông báo mẫu, theo Luật mẫu."""
    return frame["hamlet"].notna()


@rule("error", "full_name", legal="Luật mẫu", ref="X-03")
def breaks(frame: pd.DataFrame, at: Moment) -> pd.Series:
    """Thông báo mẫu."""
    raise ValueError(f"bad value {frame['full_name'].iloc[0]}")


def test_rules_of_the_dataset() -> None:
    dataset = dataclasses.replace(WORKERS, rules=(is_no_man_of_1950, has_a_hamlet))
    verdict = judge(dataset, {"gioi_tinh": "1"}, {"thon_xom": "Xóm 1"}, {"gioi_tinh": "x"}, {"gioi_tinh": None})
    failures = [json.loads(text) for text in verdict.rejected["failures"].to_pylist()]
    assert [[f["rule"] for f in row] for row in failures] == [["is_no_man_of_1950"], ["sex_code_readable"], ["sex_code_present"]]
    assert failures[0][0] == {"rule": "is_no_man_of_1950", "column": "birth_year", "message": "Thông báo mẫu. Căn cứ: Luật mẫu."}
    assert verdict.failures_by_rule["hamlet", "has_a_hamlet"] == 3 and verdict.remarks.num_rows == 0
    assert messages.rule_broken(has_a_hamlet) == "Thông báo mẫu, theo Luật mẫu."


def test_a_rule_that_fails_is_named_without_the_value() -> None:
    dataset = dataclasses.replace(WORKERS, rules=(breaks,))
    with pytest.raises(validation.RuleFault, match="breaks") as fault:
        judge(dataset, {})
    assert "Nguyễn" not in str(fault.value)
    assert fault.value.__context__ is None and fault.value.__cause__ is None  # an event log shows these too


def test_a_rule_that_answers_for_other_rows_is_named() -> None:
    @rule("error", "full_name", legal="Luật mẫu", ref="X-04")
    def forgets(frame: pd.DataFrame, at: Moment) -> pd.Series:
        """Thông báo mẫu."""
        return frame["full_name"].notna()[:-1]

    with pytest.raises(validation.RuleFault, match="the rule forgets answered for 1 rows of 2"):
        judge(dataclasses.replace(WORKERS, rules=(forgets,)), {}, {})


def test_a_cell_of_a_type_that_no_reader_knows_sets_its_row_aside() -> None:
    table = batch(WORKERS, {}, {"ma_phieu": "P-2"})
    at = table.column_names.index("ho_ten")
    table = table.set_column(at, "ho_ten", pa.array([[MARK], None], pa.list_(pa.string())))
    verdict = validate(WORKERS, table, moment(WORKERS, "2024", ARRIVAL))
    assert [errors(verdict, row) for row in (0, 1)] == [["full_name_readable"], ["full_name_present"]]
    assert MARK in verdict.rejected["received"][0].as_py() and MARK not in verdict.rejected["failures"][0].as_py()


def test_texts_that_come_as_bytes_are_judged_as_texts_from_raw_too(tmp_path: Path) -> None:
    """So does a database send them that does not look at what it is given: what is no UTF-8 sets its row aside."""
    table = batch(BENEFICIARIES, {}, {"ma_doi_tuong": "BT-2"}, {"ma_doi_tuong": "BT-3"})
    for place, column in enumerate(table.columns):
        if column.type == pa.string():
            name, cells = table.column_names[place], [None if c is None else c.encode() for c in column.to_pylist()]
            cells[1] = b"Nguy\xe9n" if name == "ho_ten" else cells[1]
            cells[2] = b"BT\xff" if name == "ma_doi_tuong" else cells[2]
            table = table.set_column(place, name, pa.array(cells, pa.binary()))
    now = moment(BENEFICIARIES, "now", ARRIVAL)
    verdict = validate(BENEFICIARIES, table, now)
    assert verdict.accepted.equals(judge(BENEFICIARIES, {}).accepted)
    assert [errors(verdict, row) for row in (0, 1)] == [["full_name_readable"], ["beneficiary_id_readable", "key_complete"]]
    received = [json.loads(text) for text in verdict.rejected["received"].to_pylist()]
    assert received[0]["ho_ten"] == "Nguy\ufffdn (byte: 4e677579e96e)" and received[0]["ma_doi_tuong"] == "BT-2"
    assert received[1]["ma_doi_tuong"] == "BT\ufffd (byte: 4254ff)"
    writer = RawStore(tmp_path).writer("s", "d", "now", table.schema)
    for part in table.to_batches():
        writer.write(part)
    again = pa.Table.from_batches(RawStore(tmp_path).read(writer.close(), 10))
    from_raw = validate(BENEFICIARIES, again, now)
    assert from_raw.accepted.equals(verdict.accepted) and from_raw.rejected.equals(verdict.rejected)


def test_a_number_that_is_none_is_shown_as_json_knows_it() -> None:
    table = batch(PAYMENTS, {})
    at = table.column_names.index("so_tien")
    table = table.set_column(at, "so_tien", pa.array([float("nan")]))
    verdict = validate(PAYMENTS, table, moment(PAYMENTS, "2024-10", ARRIVAL))
    assert json.loads(verdict.rejected["received"][0].as_py(), parse_constant=pytest.fail)["so_tien"] == "nan"


def test_a_key_too_long_for_an_index_says_how_long_it_may_be() -> None:
    verdict = judge(BENEFICIARIES, {"ma_doi_tuong": "BT-" + "Đ" * 200})
    (failure, *_) = json.loads(verdict.rejected["failures"][0].as_py())
    assert failure["rule"] == "beneficiary_id_readable" and "không quá 200 ký tự" in failure["message"]
    assert verdict.rejected["row_key"][0].as_py().startswith("#")


# Structure, empty batches, every dataset ---------------------------------------------------------------------------


def test_missing_columns_refuse_the_whole() -> None:
    with pytest.raises(
        validation.StructureFault, match=r"^labour_employment\.workers: the source columns ho_ten, ngay_sinh are missing$"
    ) as fault:
        validate(WORKERS, batch(WORKERS, {}).drop_columns(["ho_ten", "ngay_sinh"]), moment(WORKERS, "2024", ARRIVAL))
    assert fault.value.missing == ("ho_ten", "ngay_sinh")


def held_against(dataset: Dataset) -> int:
    """By how many rules a row is judged: the key's, the period's, the commune's, and for each field its reading and what it declares."""
    numbers = ("identity_number", "identity_or_old_card")  # begin with a province's code
    of_fields = [
        (True, c.codes is not None, c.reader in numbers, not c.nullable, c.expected is not None, c.plausible_le is not None)
        for c in dataset.columns
    ]
    of_rows = (True, *(told is not None for told in (dataset.placed_by, dataset.commune, dataset.commune_name)))
    return sum(map(sum, of_fields)) + sum(of_rows) + len(dataset.rules) + sum(len(c.checks) for c in dataset.columns)


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda d: d.id)
def test_every_dataset_with_all_its_rules(dataset: Dataset) -> None:
    """No rows, rows of nothing, rows of rubbish: judged, never an error of ours; accepted has the declared types."""
    at = moment(dataset, PERIODS[dataset.kind], ARRIVAL)
    for text, count in ((None, 0), (None, 3), ("~\u200b?", 3), ("1", 3)):
        table = pa.table(
            {
                c.source_column: pa.array([text if c.source_type == "text" else None] * count, NATIVE[c.source_type])
                for c in dataset.columns
            }
        )
        verdict = validate(dataset, table, at)
        assert verdict.rejected.num_rows == count and verdict.accepted.num_rows == 0
        assert verdict.examined.rows == count and verdict.examined.columns == len(dataset.columns)
        assert verdict.examined.rules == held_against(dataset)
        declared = {c.name: c.dtype for c in dataset.columns}
        added = {"unit_code": pa.string(), "district_code": pa.string(), "row_key": pa.string(), "ordinal": pa.int64()}
        assert {f.name: f.type for f in verdict.accepted.schema} == declared | added
        assert verdict.rejected.schema.names == ["unit_code", "row_key", "ordinal", "received", "failures"]
        assert verdict.remarks.schema.names == ["unit_code", "row_key", "kind", "rule", "column", "message", "ordinal"]


def test_batches_in_chunks_are_judged_as_one() -> None:
    table = pa.concat_tables([batch(WORKERS, {}), batch(WORKERS, {"gioi_tinh": "x"}), batch(WORKERS, {})])
    verdict = validate(WORKERS, table, moment(WORKERS, "2024", ARRIVAL))
    assert verdict.accepted["ordinal"].to_pylist() == [0, 2] and verdict.rejected["ordinal"].to_pylist() == [1]


# No value is spoken ------------------------------------------------------------------------------------------------

MARK = "Qzxjw"


def _spoken(verdict: Verdict) -> str:
    """All that may reach a log, a page or an officer's workbook beside the row itself."""
    said = [verdict.remarks.select(["kind", "rule", "column", "message"]).to_pylist(), verdict.rejected["failures"].to_pylist()]
    return (
        json.dumps(said, ensure_ascii=False)
        + repr(verdict.failures_by_rule)
        + repr(verdict.repairs_by_rule)
        + repr(verdict.examined)
    )


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda d: d.id)
def test_no_value_is_in_a_message(dataset: Dataset) -> None:
    """Every text cell of every column carries a mark, in forms that reach each reader's every branch."""
    at = moment(dataset, PERIODS[dataset.kind], ARRIVAL)
    marks = [
        MARK,
        f"{MARK}?",
        f"{MARK}\u200b",
        f"1{MARK}",
        f"{MARK}\u00a0{MARK}",
        MARK * 3_000,
        "7731" * 3,
        "773177317",
        "77317",
        "77.317đ",
        "7,7",
    ]
    table = pa.table(
        {
            c.source_column: pa.array(marks if c.source_type == "text" else [None] * len(marks), NATIVE[c.source_type])
            for c in dataset.columns
        }
    )
    verdict = validate(dataset, table, at)
    assert verdict.failures_by_rule, "the marks must break something"
    said = _spoken(verdict)
    for mark in (MARK, "7731", "77.317"):
        assert mark not in said and mark.lower() not in said.lower()


def test_each_message_says_what_is_allowed_and_why() -> None:
    for _, dataset, change, outcome, rules in FAULTS:
        verdict = judge(dataset, change)
        said = [r["message"] for r in verdict.remarks.to_pylist()]
        said += [f["message"] for text in verdict.rejected["failures"].to_pylist() for f in json.loads(text)]
        assert bool(said) == bool(rules), outcome
        for message in said:
            assert ". Được phép: " in message and ". Căn cứ: " in message and "None" not in message, message


def test_readers_of_columns_with_lists_name_the_list() -> None:
    verdict = judge(WORKERS, {"tinh_trang_hdkt": "7"})
    message = json.loads(verdict.rejected["failures"][0].as_py())[0]["message"]
    assert "1 (Có việc làm)" in message and "TT 01/2022/TT-BLĐTBXH" in message
    assert reader_of(WORKERS.column("ethnicity_code")) == "coded_text"
