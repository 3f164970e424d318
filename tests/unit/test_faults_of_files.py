"""The faults of the sector's catalogue that a file can carry, planted by every writer, each with its outcome after it was read and judged."""

import datetime as dt
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
import xlsxwriter

from resources.workbooks.reading.failures import FileEmpty
from resources.workbooks.reading.read import read_file
from resources.workbooks.reading.report import Report
from resources.workbooks.reading.wanted import choice_of
from schemas.dataset import Dataset, Moment
from schemas.origin import ROW, SHEET
from schemas.reading.days import VIETNAM
from schemas.registry import DATASETS, dataset_named, datasets_of
from schemas.validation import Verdict, validate
from tests.fixtures import datasets as fixtures
from tests.fixtures import form_01_bcn
from tests.fixtures.kit import moment_of
from tests.fixtures.workbooks import by_csv, by_libreoffice, in_legacy
from tests.fixtures.workbooks import by_xlsxwriter as write_xlsx

BENEFICIARIES = dataset_named("social_protection.beneficiaries")
MOMENT = moment_of(BENEFICIARIES, dt.date(2024, 12, 10))
GOOD = fixtures.good_rows(BENEFICIARIES, MOMENT)[0]
KEY = "ma_doi_tuong"
ACCEPTED = frozenset[str]()
DAY, TWELVE = "dd/mm/yyyy", "000000000000"


@dataclass(frozen=True)
class Shown:
    """A value of a cell with its number format."""

    value: Any
    form: str


@dataclass(frozen=True)
class Fault:
    """One changed row and what becomes of it: the rules that it breaks, and whether it is set aside."""

    name: str  # of the catalogue
    changes: Mapping[str, Any]
    rules: frozenset[str] = ACCEPTED
    is_rejected: bool = False

    @property
    def as_csv(self) -> str | None:
        """What of it no .csv file can say, where days are texts."""
        days = [cell.value for cell in self.changes.values() if isinstance(cell, Shown) and cell.form == DAY]
        return None if not days else "day" if isinstance(days[0], dt.date) else "year in a cell for days"


def repaired(name: str, *rules: str, **changes: Any) -> Fault:
    return Fault(name, changes, frozenset(rules))


def rejected(name: str, *rules: str, **changes: Any) -> Fault:
    return Fault(name, changes, frozenset(rules), is_rejected=True)


NFD = unicodedata.normalize("NFD", GOOD["ho_ten"])
ONE_BY_ONE = (
    repaired("good"),
    repaired("F-01", "identity_number_leading_zero_restored", so_dinh_danh=40_139_990_001),
    repaired("F-01", "identity_number_leading_zero_restored", so_dinh_danh="40139990001"),
    repaired("F-01", so_dinh_danh=Shown(40_139_990_001, TWELVE)),
    repaired("F-01", "identity_number_punctuation_removed", so_dinh_danh="'040139990001"),
    rejected("F-02", "identity_number_readable", so_dinh_danh="4.0139E+10"),
    rejected("F-02", "identity_number_readable", so_dinh_danh="040139990001.0"),
    repaired("F-03", "identity_number_is_old_card", so_dinh_danh=186_123_456),
    repaired("F-06", "identity_sex_agrees", so_dinh_danh="040039990001"),
    repaired("F-07", "full_name_unicode_composed", ho_ten=NFD),
    rejected("F-08", "full_name_readable", ho_ten="NguyÔn ThÞ MÉu"),
    rejected("F-09", "full_name_readable", ho_ten="Nguyeãn Thò Maãu"),
    repaired("F-10", "full_name_encoding_restored", ho_ten="Nguyá»…n Thá»‹ Máº«u"),
    rejected("F-11", "full_name_readable", ho_ten="Nguy?n Th? M?u"),
    repaired("F-12", ho_ten="NGUYỄN  THỊ MẪU"),
    repaired("F-12", ho_ten="Bà Nguyễn Thị Mẫu"),
    repaired("F-13", "full_name_characters_cleaned", ho_ten="Nguyễn\u00a0Thị\u200b Mẫu"),
    repaired("F-14", "birth_date_date_rewritten", ngay_sinh="15/06/1939"),
    repaired("F-14", "birth_date_date_rewritten", ngay_sinh="15/6/39"),
    repaired("F-14", "birth_date_date_rewritten", ngay_sinh="06/15/1939"),
    repaired("F-14", "birth_date_precision_kept", ngay_sinh="1939", do_chinh_xac_ngay_sinh="nam"),
    repaired("F-14", "birth_date_precision_kept", ngay_sinh=Shown(1939, DAY), do_chinh_xac_ngay_sinh="nam"),
    repaired("F-14", "birth_date_precision_kept", ngay_sinh="00/00/1939", do_chinh_xac_ngay_sinh="nam"),
    repaired("F-14", "birth_date_date_rewritten", ngay_sinh=14_411),
    rejected("F-14", "birth_date_readable", ngay_sinh="31/02/1939"),
    repaired("F-14", ngay_sinh=Shown(dt.date(1939, 6, 15), DAY)),
    repaired("F-15", ngay_sinh=Shown(dt.date(1939, 1, 1), DAY)),
    repaired("F-16", "sex_code_words_read", gioi_tinh="Nữ"),
    repaired("F-16", "sex_code_words_read", gioi_tinh="nu"),
    rejected("F-16", "sex_code_readable", gioi_tinh="x"),
    rejected("F-16", "sex_code_listed", gioi_tinh=0),
    repaired("F-17", "commune_code_of_another_epoch", ma_xa_goc="17542", ten_xa="Xã Hồng Thành"),
    rejected("F-18", "commune_name_matches", ten_xa="Xã Không Đúng"),
    repaired("F-19", "commune_name_spelled_otherwise", ma_xa_goc=16_774, ten_xa="Xã Cắm Muộn"),
    repaired("F-20", "allowance_is_coefficient_times_standard", muc_tro_cap=360_000),
    repaired("F-20", "allowance_is_coefficient_times_standard", muc_tro_cap=5_000_000),
    repaired("F-20", "allowance_vnd_amount_rewritten", muc_tro_cap="500.000"),
    repaired("F-20", "allowance_vnd_amount_rewritten", muc_tro_cap="500,000đ"),
    repaired("F-21", "coefficient_decimal_comma_read", he_so="1,0"),
    rejected("F-26", "beneficiary_id_present", "key_complete", ma_doi_tuong=None),
    repaired("F-27", "account_number_punctuation_removed", so_tai_khoan="3600 205.123.456"),
    repaired("F-27", "bank_code_listed", ma_ngan_hang="999999"),
    rejected("F-28", "allowance_vnd_readable", muc_tro_cap="#REF!"),
    rejected("F-28", "coefficient_readable", he_so="#VALUE!"),
    repaired("F-33", "updated_at_instant_rewritten", ngay_cap_nhat_nguon="20241015235900"),
    repaired("F-33", "updated_at_instant_rewritten", ngay_cap_nhat_nguon="2024-10-15 24:00"),
)
# What one row cannot show: told by several rows, by the time at which a file comes, or by a service or a database.
ELSEWHERE = {
    "F-04": "one number of two persons: a set rule of the warehouse",
    "F-05": "two numbers of one person: a set rule of the warehouse",
    "F-22": "the rows of test_every_fault_of_the_declarations_is_found_in_a_file",
    "F-23": "heads of a household: a set rule of the warehouse",
    "F-24": "the rows of test_every_fault_of_the_declarations_is_found_in_a_file",
    "F-25": "paid after a death, in two districts: a set rule of the warehouse",
    "F-29": "other headings: this file has them, and tests/contracts/test_headings.py",
    "F-30": "late, missing, of another month or district: the inbox; empty: below",
    "F-31": "sent again, in part, after the lock: deliveries and patches",
    "F-32": "pages and answers of services",
    "F-34": "zero and nothing in forms: below",
    "F-35": "typed sums: below",
    "F-36": "changes of databases",
    "F-37": "separators, quotes and marks of CSV: below",
}
# What a .csv file says of the same cells: a day is a text, and a year in a cell for days is that wrong day for good.
AS_CSV = {
    "year in a cell for days": (frozenset({"birth_date_and_year_agree", "birth_precision_agrees"}), True),
    "day": (frozenset({"birth_date_date_rewritten"}), False),
}
HEADS = {
    "so_dinh_danh": "CMND/CCCD",
    "ho_ten": "Họ, chữ đệm, tên",
    "ngay_sinh": "Ngày, tháng, năm sinh",
    "muc_tro_cap": "Mức hưởng (đồng)",
}
COLUMNS = [c for c in BENEFICIARIES.columns if c.source_column not in ("so_con", "dang_khuyet_tat", "la_dtts_vung_dbkk")]
TITLES = [["UBND HUYỆN MẪU"], ["DANH SÁCH ĐỐI TƯỢNG HƯỞNG TRỢ CẤP"], []]


def lines() -> list[list[Any]]:
    rows = []
    for number, fault in enumerate(ONE_BY_ONE):
        row = {**GOOD, KEY: f"BT-{number:04d}", **fault.changes}
        rows.append([number + 1, *(row.get(c.source_column) for c in COLUMNS)])
    heads = ["STT", *(HEADS.get(c.source_column, c.title) for c in COLUMNS)]
    numbers = [f"({n})" for n in range(1, len(heads) + 1)]
    total = [None, "Tổng cộng", *[None] * (len(heads) - 3), 999]
    return [*TITLES, heads, numbers, *rows, total, [], [None, "Người lập biểu", None, "TM. ỦY BAN NHÂN DÂN"]]


def by_xlsxwriter(path: Path) -> Path:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_numbers": False}) as book:
        page = book.add_worksheet("Đối tượng")
        forms = {form: book.add_format({"num_format": form}) for form in (DAY, TWELVE)}
        for at, line in enumerate(lines()):
            for column, cell in enumerate(line):
                if isinstance(cell, Shown):
                    page.write(at, column, cell.value, forms[cell.form])
                elif cell is not None:
                    page.write(at, column, cell)
        book.add_worksheet("Ghi chú").write(0, 0, "Số liệu mẫu")
        book.add_worksheet("ẩn").hide()
    return path


def by_openpyxl(path: Path) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for at, line in enumerate(lines(), 1):
        for column, cell in enumerate(line, 1):
            place = page.cell(at, column, cell.value if isinstance(cell, Shown) else cell)
            if isinstance(cell, Shown):
                place.number_format = cell.form
    book.save(path)
    return path


OFFICE = ("xls", "ods", "xlsx", "csv")  # in which LibreOffice writes


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same rows by two writers."""
    folder = tmp_path_factory.mktemp("loi")
    return {"xlsxwriter": by_xlsxwriter(folder / "a.xlsx"), "openpyxl": by_openpyxl(folder / "b.xlsx")}


@pytest.fixture(scope="module")
def of_office(files: dict[str, Path]) -> Path:
    """The folder in which LibreOffice wrote them, and a form, in four forms."""
    folder = files["xlsxwriter"].parent
    deep = write_xlsx(folder / "form.xlsx", {"A": form_01_bcn.deep_form(), "B": (form_01_bcn.of_commune(), [])})
    by_libreoffice(files["xlsxwriter"], *OFFICE, and_of=[deep])
    return folder


@pytest.mark.landing
@pytest.mark.parametrize("kind", OFFICE)
def test_forms_are_found_in_what_libreoffice_writes(of_office: Path, kind: str) -> None:
    """Of two sheets that are one form, over columns and by lines, the one over columns is read; merged cells are told by .xlsx alone."""
    choices = {d.id: choice_of(d) for d in datasets_of("social_evils_prevention")}
    with read_file(of_office / kind / f"form.{kind}", choices) as read:
        (row,) = (row for batch in read.batches() for row in batch.to_pylist())
    assert form_01_bcn.told([row]) == [form_01_bcn.EXPECTED] and row["thang"] == "2024-10-01"


def judged(path: Path, dataset: Dataset = BENEFICIARIES, moment: Moment = MOMENT) -> tuple[Verdict, pa.Table, Report]:
    choices = {d.id: choice_of(d) for d in datasets_of(dataset.source.name)}
    with read_file(path, choices) as read:
        assert read.choice == dataset.id
        rows = pa.Table.from_batches(read.batches())
        return validate(dataset, rows.drop_columns([ROW, SHEET]), moment), rows, read.report


def outcomes(verdict: Verdict) -> dict[int, tuple[frozenset[str], bool]]:
    """Ordinal -> the rules that a row broke or was repaired by, and whether it was set aside."""
    found: dict[int, set[str]] = {ordinal: set() for ordinal in verdict.accepted["ordinal"].to_pylist()}
    ordinals = dict(zip(verdict.accepted["row_key"].to_pylist(), verdict.accepted["ordinal"].to_pylist(), strict=True))
    for key, rule in zip(verdict.remarks["row_key"].to_pylist(), verdict.remarks["rule"].to_pylist(), strict=True):
        found[ordinals[key]].add(rule)
    told = {ordinal: (frozenset(rules), False) for ordinal, rules in found.items()}
    for ordinal, failures in zip(verdict.rejected["ordinal"].to_pylist(), verdict.rejected["failures"].to_pylist(), strict=True):
        told[ordinal] = frozenset(failure["rule"] for failure in json.loads(failures)), True
    return told


@pytest.mark.parametrize("writer", ["xlsxwriter", "openpyxl"])
def test_every_planted_fault_has_its_outcome(files: dict[str, Path], writer: str) -> None:
    each_fault_has_its_outcome(files[writer], of_one_sheet=writer == "openpyxl")


@pytest.mark.landing
@pytest.mark.parametrize("kind", OFFICE)
def test_every_planted_fault_has_its_outcome_in_what_libreoffice_writes(of_office: Path, kind: str) -> None:
    each_fault_has_its_outcome(of_office / kind / f"a.{kind}", of_one_sheet=kind == "csv")


def each_fault_has_its_outcome(path: Path, *, of_one_sheet: bool) -> None:
    verdict, rows, report = judged(path)
    told = outcomes(verdict)
    assert len(told) == rows.num_rows == len(ONE_BY_ONE) == verdict.accepted.num_rows + verdict.rejected.num_rows
    wrong = {}
    for ordinal, fault in enumerate(ONE_BY_ONE):
        expected = fault.rules, fault.is_rejected
        if path.suffix == ".csv":
            expected = AS_CSV.get(fault.as_csv, expected)
        if told[ordinal] != expected:
            wrong[ordinal, fault.name, str(fault.changes)] = told[ordinal]
    assert not wrong
    assert rows[ROW].to_pylist() == [len(TITLES) + 3 + at for at in range(len(ONE_BY_ONE))], "each tells its line"
    sheet = report.sheets[0]
    assert sheet.aside.keys() >= {"numbers", "total", "signature"} and not sheet.unknown
    assert any(other.skipped for other in report.sheets) or of_one_sheet


def test_the_catalogue_is_whole() -> None:
    planted = {fault.name for fault in ONE_BY_ONE} - {"good"}
    assert not planted & ELSEWHERE.keys() and planted | ELSEWHERE.keys() == {f"F-{n:02d}" for n in range(1, 38)}


@pytest.mark.parametrize(("name", "encoding"), [("F-08", "TCVN3"), ("F-09", "VNI"), ("F-10", "UTF-8 đọc nhầm thành cp1252")])
def test_a_whole_column_in_an_old_encoding_is_repaired_and_said(tmp_path: Path, name: str, encoding: str) -> None:
    """A cell alone is set aside (above); many together tell what they are."""
    people = [
        f"{family} {middle} Tuyết" for family in ("Nguyễn", "Trần", "Phạm", "Đặng", "Võ") for middle in ("Thị", "Hữu", "Quỳnh")
    ]
    written = people if encoding not in ("TCVN3", "VNI") else [in_legacy(text, encoding) for text in people]
    if encoding.startswith("UTF-8"):
        written = [
            "".join(chr(byte) if byte in HOLES else bytes([byte]).decode("cp1252") for byte in text.encode()) for text in people
        ]
    heads = [c.title for c in COLUMNS]
    rows = [[{**GOOD, KEY: f"BT-{at}", "ho_ten": text}.get(c.source_column) for c in COLUMNS] for at, text in enumerate(written)]
    verdict, _, report = judged(by_csv(tmp_path / "a.csv", [heads, *rows], ";"))
    assert verdict.accepted["full_name"].to_pylist() == people and report.sheets[0].encodings == {"Họ và tên": encoding}


HOLES = (0x81, 0x8D, 0x8F, 0x90, 0x9D)  # bytes that cp1252 leaves undefined


def test_an_empty_file_is_no_report_of_nothing(tmp_path: Path) -> None:
    """F-30."""
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        book.add_worksheet("Trang 1")
    with pytest.raises(FileEmpty), read_file(tmp_path / "a.xlsx", {BENEFICIARIES.id: choice_of(BENEFICIARIES)}):
        pass
    (tmp_path / "b.csv").write_bytes(b"\xef\xbb\xbf\r\n\r\n")
    with pytest.raises(FileEmpty), read_file(tmp_path / "b.csv", {BENEFICIARIES.id: choice_of(BENEFICIARIES)}):
        pass


def test_nothing_is_not_zero_and_a_cross_is_no_number(tmp_path: Path) -> None:
    """F-34."""
    forms = dataset_named("social_evils_prevention.commune_forms")
    moment = moment_of(forms)
    columns = [c for c in forms.columns if c.source_column not in ("can_bo", "kinh_phi")]
    cells: list[Any] = ["-", 0, None, "x"]
    rows = []
    for cell in cells:
        row = fixtures.good_rows(forms, moment)[1] | {
            "tai_nghien_dau_ky": cell,
            "thang": "10/2024" if cell is None else "tháng 11 năm 2024",
        }
        rows.append([row.get(c.source_column) for c in columns])
    path = by_csv(tmp_path / "a.csv", [[c.title for c in columns], *rows])
    verdict, _, _ = judged(path, forms, moment)
    assert verdict.accepted["relapsed_opening"].to_pylist() == NOTHING
    assert [rules for rules, is_rejected in outcomes(verdict).values() if is_rejected] == [
        {"period_in_range"}, {"relapsed_opening_readable"}
    ]  # fmt: skip


NOTHING: list[int | None] = [None, 0]


def test_a_typed_sum_is_no_row_whatever_it_says(tmp_path: Path) -> None:
    """F-35: of a sum that does not agree with its rows the rows are right."""
    heads = [c.title for c in COLUMNS]
    rows = [[{**GOOD, KEY: f"BT-{at}"}.get(c.source_column) for c in COLUMNS] for at in range(3)]
    total = ["Tổng cộng", *[None] * (heads.index("Mức trợ cấp hằng tháng") - 1), 9_000_000]
    verdict, table, report = judged(by_csv(tmp_path / "a.csv", [heads, *rows, total]))
    assert table.num_rows == verdict.accepted.num_rows == 3 and report.sheets[0].aside["total"] == [5]


@pytest.mark.parametrize(("separator", "encoding"), [(";", "utf-8-sig"), (",", "utf-16"), ("\t", "utf-8"), ("|", "utf-8-sig")])
def test_a_text_file_of_any_make(tmp_path: Path, separator: str, encoding: str) -> None:
    """F-37: the separator, the mark of the encoding, a line end within a cell, dots of thousands."""
    heads = [c.title for c in COLUMNS]
    changes = {"thon_xom": 'Xóm 1;\nkhối "Mẫu", tổ 2', "muc_tro_cap": "500.000", "he_so": "1,0"}
    rows = [[{**GOOD, **changes, KEY: f"BT-{at}"}.get(c.source_column) for c in COLUMNS] for at in range(3)]
    verdict, table, report = judged(by_csv(tmp_path / "a.csv", [heads, *rows], separator, encoding))
    assert report.separator == separator and verdict.rejected.num_rows == 0
    assert verdict.accepted["allowance_vnd"].to_pylist() == [500_000] * 3
    assert table["thon_xom"].to_pylist() == [changes["thon_xom"]] * 3


@pytest.mark.parametrize("dataset", [d for d in DATASETS if fixtures.bad(d)], ids=lambda d: d.id)
def test_every_fault_of_the_declarations_is_found_in_a_file(tmp_path: Path, dataset: Dataset) -> None:
    """The same rows as cells of a workbook and as a table of a database: the same is accepted, with the same findings. The bad ones
    are the faults that the declarations name, F-22 and F-24 among them."""
    variants = [bad for bad in fixtures.bad(dataset) if bad.day == fixtures.DAY]
    moment = moment_of(dataset)
    good = fixtures.good_rows(dataset, moment)
    rows = [*good, *({**good[bad.row], **bad.changes} for bad in variants)]
    received = fixtures.table(dataset, rows)
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx"), {"remove_timezone": True}) as book:
        page, day = book.add_worksheet("Trang"), book.add_format({"num_format": DAY})
        instant = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
        for column, about in enumerate(dataset.columns):
            page.write(0, column, about.title)
            for at, cell in enumerate(received[about.source_column].to_pylist(), 1):
                if isinstance(cell, dt.datetime):
                    page.write(at, column, cell.astimezone(VIETNAM), instant)
                elif cell is not None:
                    page.write(at, column, cell, day if isinstance(cell, dt.date) else None)
    heads = [c.title for c in dataset.columns]
    texts = [[_as_text(cell) for cell in row.values()] for row in received.to_pylist()]
    by_table = validate(dataset, received, moment)
    for path in (tmp_path / "a.xlsx", by_csv(tmp_path / "a.csv", [heads, *texts], ";")):
        with read_file(path, {dataset.id: choice_of(dataset)}) as read:
            rows_of_file = pa.Table.from_batches(read.batches())
        by_file = validate(dataset, rows_of_file.drop_columns([ROW, SHEET]), moment)
        assert by_file.accepted.equals(by_table.accepted), path.suffix
        assert by_file.failures_by_rule == by_table.failures_by_rule, path.suffix
    found = {(rule, column) for column, rule in by_table.failures_by_rule}
    assert {(bad.rule, bad.column) for bad in variants} <= found


def _as_text(cell: Any) -> Any:
    if isinstance(cell, bool):
        return "Có" if cell else "Không"
    return cell.isoformat() if isinstance(cell, (dt.date, dt.datetime)) else cell
