"""What districts send is read, whatever stands around it: by two writers of workbooks, by LibreOffice, as CSV."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from resources.workbooks.reading.failures import FileBroken, FileEmpty, HeadingsMissing, HeadingsTwice, MappingUnreadable
from resources.workbooks.reading.grid import Places
from resources.workbooks.reading.limits import Limits
from resources.workbooks.reading.read import read_file
from resources.workbooks.reading.report import Report
from resources.workbooks.reading.wanted import Choice, read_mapping
from schemas.origin import ROW, SHEET
from schemas.reading.characters import encoding_of, readings_of, recoded
from tests.fixtures.workbooks import (
    CHOICES,
    COLUMNS,
    HEADS,
    Layout,
    by_csv,
    by_libreoffice,
    by_openpyxl,
    by_xlsxwriter,
    in_legacy,
    laid_out,
    names,
    people,
    texts,
)

NAMES = [c.name for c in COLUMNS]
PLAIN = Layout()
ALL = Layout(titles=4, depth=2, numbers=True, sums=True, spacers=True, footer=True)


def read(path: Path, choices: Mapping[str, Choice] = CHOICES, **how: Any) -> tuple[list[dict[str, Any]], Report]:
    with read_file(path, choices, **how) as found:
        rows = [row for batch in found.batches() for row in batch.to_pylist()]
        assert rows == [row for batch in found.batches() for row in batch.to_pylist()], "they can be asked for again"
    assert len(rows) == found.report.rows
    return rows, found.report


def values(rows: list[dict[str, Any]]) -> list[list[Any]]:
    return [[row[name] for name in NAMES] for row in rows]


@pytest.mark.parametrize(
    "layout",
    [PLAIN, ALL, Layout(titles=1, depth=2), Layout(titles=4, sums=True, footer=True), Layout(numbers=True, spacers=True)],
)
def test_the_rows_are_found_and_every_other_line_is_counted(tmp_path: Path, layout: Layout) -> None:
    lines, merged = laid_out(people(12), layout)
    for write in (by_xlsxwriter, by_openpyxl):
        rows, report = read(write(tmp_path / "a.xlsx", {"Xã Mẫu": (lines, merged)}))
        assert values(rows) == texts(people(12))
        assert report.rows + report.aside == len(lines), "every line is a row or is said"
        assert [lines[row[ROW] - 1][1] for row in rows] == [row["ma_ho"] for row in rows], "a row tells its line"


@pytest.mark.parametrize(("separator", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16"), (";", "utf-16-le")])
def test_a_csv_file_is_the_same(tmp_path: Path, separator: str, encoding: str) -> None:
    people_ = people(12)
    people_[3][2] = "Nguyễn\nVăn Ánh"
    lines, _ = laid_out(people_, ALL)
    rows, report = read(by_csv(tmp_path / "a.csv", lines, separator, encoding))
    assert values(rows) == texts(people_)
    assert report.separator == separator and report.rows + report.aside == len(lines)


@pytest.mark.landing
def test_libreoffice_writes_the_same_in_its_own_forms(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("Xã Mẫu")
        lines, merged = laid_out(people(6), ALL)
        for at, line in enumerate(lines):
            page.write_row(at, 0, line)
        for top, left, bottom, right in merged:
            page.merge_range(top, left, bottom, right, lines[top][left])
        first = lines.index(people(6)[0])
        twelve, day, month = (book.add_format({"num_format": form}) for form in ("000000000000", "dd/mm/yyyy", "mm/yyyy"))
        page.write_number(first, 3, 40_200_000_001, twelve)
        page.write_datetime(first, 4, dt.datetime(1950, 5, 17), day)
        page.write_datetime(first + 1, 4, dt.datetime(1950, 5, 1), month)
        page.write_number(first + 2, 4, 1950, day)
        page.write_formula(first, 5, "=1/0", None, "#DIV/0!")
        page.write_formula(first + 1, 3, '="0402"&"00000002"', None, "040200000002")
        page.write_formula(first + 1, 5, "=F9*1", None, 700_000)
        page.set_row(first, None, None, {"hidden": True})
        page.set_column(0, 0, None, None, {"hidden": True})
        book.add_worksheet("ẩn").hide()
    old = _of_an_old_macintosh(tmp_path / "b.xlsx")
    for form in (path, *by_libreoffice(path, "ods", "xls", and_of=[old])):
        rows, report = read(form)
        told = values(rows)
        assert [row[0] for row in told] == [row[1] for row in people(6)], form.suffix
        assert told[0][2:] == ["040200000001", "1950-05-17", "#DIV/0!"], form.suffix
        # LibreOffice itself writes a 0 into .xls where a formula of a file of others gave a text.
        assert told[1][2:4] == ["0" if form.suffix == ".xls" else "040200000002", "05/1950"], form.suffix
        assert told[2][3] == "1950", form.suffix
        sheet, hidden = report.sheets
        assert (sheet.hidden_rows, sheet.hidden_columns, sheet.errors) == (
            Places(1, ((first + 1, first + 1),)),
            Places(1, ((1, 1),)),
            1,
        ), form.suffix
        assert sheet.formulas["Số tiền"] == 2 and sheet.formulas["Số định danh cá nhân"] == 1, form.suffix
        assert hidden.skipped and report.rows + sum(map(len, sheet.aside.values())) >= len(lines)
        assert any("đang ẩn" in line for line in report.told())
    for form in (old, tmp_path / "ods" / "b.ods", tmp_path / "xls" / "b.xls"):
        rows, report = read(form)
        assert [row["ngay_sinh"] for row in rows] == ["1950-05-17", "1950", "1904-03-01"], form.suffix
        sheet = report.sheets[0]
        assert sheet.comments == Places(3, ((1, 1), (3, 4))) and sheet.hidden_rows == Places(2, ((3, 4),)), form.suffix
        assert sheet.hidden_columns == Places(1, ((2, 2),)), form.suffix
        assert [line for line in report.told() if "ẩn" in line or "ghi chú" in line] == [
            "Trang «A»: 2 dòng đang ẩn (dòng 3–4); vẫn được đọc.",
            "Trang «A»: 1 cột đang ẩn (cột B); vẫn được đọc.",
            "Trang «A»: 3 ô có ghi chú (comment; dòng 1, 3–4); nội dung ghi chú không được đọc.",
        ], form.suffix


def _of_an_old_macintosh(path: Path) -> Path:
    """Days counted from 1904; lines, a column and all that is beyond the table hidden; comments, one of them a number."""
    with xlsxwriter.Workbook(str(path), {"date_1904": True}) as book:
        page, day = book.add_worksheet("A"), book.add_format({"num_format": "dd/mm/yyyy"})
        page.write_row(0, 0, HEADS)
        for at, row in enumerate(people(3), 1):
            page.write_row(at, 0, row)
        page.write_datetime(1, 4, dt.datetime(1950, 5, 17), day)
        page.write_number(2, 4, 1950, day)
        page.write_datetime(3, 4, dt.datetime(1904, 3, 1), day)
        for at, said in ((0, "Xem lại"), (2, "0123"), (3, "đã mất")):
            page.write_comment(at, 3, said)
        for at in (2, 3):
            page.set_row(at, None, None, {"hidden": True})
        page.set_column(1, 1, None, None, {"hidden": True})
        page.set_column(6, 40, None, None, {"hidden": True})
    return path


def test_a_sheet_a_commune_is_joined_and_one_that_gathers_them_is_not_counted_twice(tmp_path: Path) -> None:
    one, two = people(4), people(4, first=4)
    sheets = {name: laid_out(rows, PLAIN) for name, rows in (("Tổng hợp", one + two), ("Xã A", one), ("Xã B", two))}
    rows, report = read(by_xlsxwriter(tmp_path / "a.xlsx", sheets | {"Ghi chú": ([["Xem", "thêm"]], [])}))
    assert values(rows) == texts(one + two)
    assert [row[SHEET] for row in rows] == ["Xã A"] * 4 + ["Xã B"] * 4
    assert [bool(sheet.skipped) for sheet in report.sheets] == [True, False, False, True]


@pytest.mark.parametrize("layout", [ALL, Layout(titles=3, footer=True), Layout(titles=2), Layout(footer=True)])
def test_a_table_a_commune_one_below_the_other_is_one_list(tmp_path: Path, layout: Layout) -> None:
    """What is signed between two tables is no row: the heading that comes again shows that the one before had ended."""
    parts = [people(count, first=first) for first, count in ((0, 4), (4, 6), (10, 3))]
    lines = [line for part in parts for line in laid_out(part, layout)[0]]
    for path in (by_csv(tmp_path / "a.csv", lines), by_openpyxl(tmp_path / "a.xlsx", {"A": (lines, [])})):
        rows, report = read(path)
        assert values(rows) == texts([row for part in parts for row in part])
        assert report.rows + report.aside == len(lines)


def test_a_name_alone_in_a_line_is_a_row_and_what_follows_a_signature_is_one_too(tmp_path: Path) -> None:
    people_ = people(6)
    people_[2] = [3, None, "Tống Thị Mẫu", None, None, None]
    lines = [HEADS, *people_[:4], [None, "Người lập biểu"], [None, None, "Chủ tịch"], *people_[4:]]
    rows, report = read(by_openpyxl(tmp_path / "a.xlsx", {"A": (lines, [])}))
    assert len(rows) == 8 and "signature" not in report.sheets[0].aside
    assert rows[2]["ho_ten"] == "Tống Thị Mẫu"


def test_headings_by_other_words_by_a_table_of_the_sender_or_not_at_all(tmp_path: Path) -> None:
    lines = [["Code HH", "Full name", "CCCD", "Ghi chú"], *([r[1], r[2], r[3], "x"] for r in people(3))]
    path = by_csv(tmp_path / "a.csv", lines)
    with pytest.raises(HeadingsMissing, match="Mã hộ, Họ và tên"):
        read(path)
    table = tmp_path / "map.csv"
    table.write_text("heading,column\nCode HH,ma_ho\nFull Name,ho_ten\nCCCD,so_dinh_danh\n", encoding="utf-8")
    rows, report = read(path, mapping=read_mapping(table, COLUMNS))
    assert [row["so_dinh_danh"] for row in rows] == [r[3] for r in people(3)]
    assert report.sheets[0].unknown == ("Ghi chú",) and report.sheets[0].missing == ("Ngày sinh", "Số tiền")
    for wrong in ("heading\nx\n", "heading,column\nx,khong_co\n", "heading,column\nx,ma_ho\nX,ho_ten\n", ""):
        table.write_text(wrong, encoding="utf-8")
        with pytest.raises(MappingUnreadable):
            read_mapping(table, COLUMNS)
    with pytest.raises(HeadingsTwice, match="Số định danh cá nhân"):
        read(by_csv(path, [[*HEADS, "CMND/CCCD"], *people(2)]))


@pytest.mark.parametrize("encoding", ["TCVN3", "VNI", "UTF-8 đọc nhầm thành cp1252", "cp1258"])
def test_a_column_of_an_old_encoding_is_read_as_a_column_and_said(tmp_path: Path, encoding: str) -> None:
    import unicodedata

    def written(text: str) -> str:
        if encoding in ("TCVN3", "VNI"):
            return in_legacy(text, encoding)
        if encoding == "cp1258":
            apart = "".join(_tone_apart(letter) for letter in text)
            return apart.encode("cp1258").decode("cp1252")
        return text.encode().decode("cp1252", "ansinh_test")

    def _tone_apart(letter: str) -> str:
        whole = unicodedata.normalize("NFD", letter)
        tones = [mark for mark in whole if mark in "\u0300\u0301\u0303\u0309\u0323"]
        return unicodedata.normalize("NFC", "".join(mark for mark in whole if mark not in tones)) + "".join(tones)

    import codecs

    codecs.register_error("ansinh_test", lambda e: (e.object[e.start : e.end].decode("latin-1"), e.end))
    people_ = people(40)
    lines = [[written(head) for head in HEADS], *([*row[:2], written(row[2]), *row[3:]] for row in people_)]
    rows, report = read(by_xlsxwriter(tmp_path / "a.xlsx", {"A": (lines, [])}))
    assert [row["ho_ten"] for row in rows] == [row[2] for row in people_]
    assert report.sheets[0].encodings == {"Họ và tên": encoding}
    two = replace(report.sheets[0], encodings={"Họ và tên": encoding, "Tên xã": encoding})
    assert [line for line in two.told() if "gõ bằng" in line] == [
        f"Trang «A»: cột Họ và tên, Tên xã gõ bằng {encoding}, đã chuyển sang Unicode; lần sau nên gõ Unicode."
    ], "columns of one font are told of in one line"
    assert any("Unicode" in line for line in report.told())
    if encoding in ("TCVN3", "VNI"):  # the bytes of such a font in a file that says nothing
        raw = by_csv(tmp_path / "a.csv", lines, encoding="latin-1" if encoding == "VNI" else "cp1252")
        rows, report = read(raw)
        assert [row["ho_ten"] for row in rows] == [row[2] for row in people_] and report.encoding == "8-bit"


def test_columns_of_unicode_are_left_alone_and_capitals_of_the_capital_font_come_back() -> None:
    assert encoding_of(names(40)) is None
    for old in ("TCVN3", "VNI"):
        written = [in_legacy(name, old) for name in names(40)]
        assert encoding_of(written) == old
        # Two people wrote this one: what is Unicode must not be read as the other's, and the reader of names refuses the rest.
        assert encoding_of(written[:20] + names(40)[20:]) is None
    assert encoding_of([]) is None and encoding_of(["Hélène", "Müller"]) is None
    assert recoded("NGUYÔN V¡N TR¦êNG", "TCVN3") == "NGUYỄN VĂN TRƯỜNG"
    assert recoded("¸nh", "TCVN3", is_name=True) == "Ánh" and recoded("¸nh", "TCVN3") == "ánh"
    assert set(readings_of("Nguyá»…n")) >= {"TCVN3", "VNI", "UTF-8 đọc nhầm thành cp1252"}


def test_what_a_csv_file_says_wrong_is_refused_or_set_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    head = "Mã hộ;Họ và tên;Số tiền\n"
    path.write_text("sep=;\n" + head + "H1;Nguyễn Văn Ánh;1.234,5\nH2;Trần;Thị Mỹ;5\nH3;Hồ\nH4;Bùi\nH5;Ngô\n", encoding="utf-8")
    rows, _ = read(path)
    assert values(rows) == [
        ["H1", "Nguyễn Văn Ánh", None, None, "1.234,5"],
        ["#SHIFTED", "#SHIFTED", None, None, "#SHIFTED"],
        *([f"H{n}", name, None, None, None] for n, name in ((3, "Hồ"), (4, "Bùi"), (5, "Ngô"))),
    ]
    path.write_text(head + 'H1;"Nguyễn;5\nH2;Trần;6\n' + "H3;Hồ;7\n" * 5, encoding="utf-8")
    with pytest.raises(FileBroken, match="nháy kép"):
        read(path)
    path.write_text(head + 'H1;"Nguyễn;5\n' + "H3;Hồ;7\n" * 5_000, encoding="utf-8")
    with pytest.raises(FileBroken, match="nháy kép"):
        read(path)
    for nothing in (b"\n\n;;\n", b"\xef\xbb\xbf\r\n"):
        path.write_bytes(nothing)
        with pytest.raises((FileEmpty, HeadingsMissing)):
            read(path)


def test_more_rows_than_a_file_may_have_are_refused(tmp_path: Path) -> None:
    from resources.workbooks.reading.failures import FileTooLarge

    with pytest.raises(FileTooLarge, match="hơn 5 dòng"):
        read(by_csv(tmp_path / "a.csv", [HEADS, *people(9)]), limits=Limits(csv_rows=5))
