"""Sheets that are no list: forms with merged headings, the form of one commune, and what a list says by where its cells stand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from resources.workbooks.reading.failures import DatasetUnclear, HeadingsMissing, HeadingsTwice
from resources.workbooks.reading.read import Read, read_file
from resources.workbooks.reading.wanted import Choice, choice_of
from schemas.origin import ROW, SHEET
from schemas.registry import dataset_named, datasets_of
from tests.fixtures.form_01_bcn import EXPECTED, ITEMS, PARTS, deep_form, item_lines, numbers, of_commune, told, wide
from tests.fixtures.workbooks import by_csv, by_openpyxl, by_xlsxwriter

EVILS = {d.id: choice_of(d) for d in datasets_of("social_evils_prevention")}
COMMUNES, CENTRES = EVILS
CHILDREN = {d.id: choice_of(d) for d in datasets_of("children")}
PROTECTION = {d.id: choice_of(d) for d in datasets_of("social_protection")}
PAYMENTS = "social_protection.monthly_payments"


def rows_of(read: Read, given: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    return [row for batch in read.batches(given) for row in batch.to_pylist()]


def test_a_form_with_merged_headings_of_two_and_of_three_lines(tmp_path: Path) -> None:
    (two, merged), (three, deep) = wide(), deep_form()
    for path in (
        by_xlsxwriter(tmp_path / "a.xlsx", {"A": (two, merged)}),
        by_openpyxl(tmp_path / "b.xlsx", {"A": (two, merged)}),
        by_csv(tmp_path / "c.csv", two, ";"),
        by_xlsxwriter(tmp_path / "d.xlsx", {"A": (three, deep)}),
        by_csv(tmp_path / "e.csv", three, ";"),
    ):
        with read_file(path, EVILS) as read:
            (row,) = rows_of(read)
            assert read.choice == COMMUNES and told([row]) == [EXPECTED], path.name
            assert (row["ma_xa_goc"], row["thang"]) == ("16681", "2024-10-01") and "Tháng 10 năm 2024" in read.titles


def test_the_form_of_one_commune_is_one_row(tmp_path: Path) -> None:
    lines = of_commune([7, "Số cán bộ", None, None, None, 3, None], [8, "Kinh phí trong năm (đồng)", 12_500_000])
    for path in (
        by_xlsxwriter(tmp_path / "a.xlsx", {"Biểu 01": (lines, [])}),
        by_openpyxl(tmp_path / "b.xlsx", {"Biểu 01": (lines, [])}),
        by_csv(tmp_path / "c.csv", lines),
    ):
        with read_file(path, EVILS) as read:
            (row,) = rows_of(read, {"thang": "2024-10-01", "ma_xa_goc": "17000"})
            assert read.choice == COMMUNES and told([row]) == [EXPECTED]
            assert row["ten_xa"] == "XÃ NGHI PHÚ" and row["ma_xa_goc"] == "16681", "what the form says goes before what is given"
            assert (row["thang"], row["can_bo"], row["kinh_phi"]) == ("2024-10-01", "3", "12500000")
            assert row[ROW] == 8 and read.lacking == {"thang"} and not read.report.sheets[0].unknown
            assert any("Tên xã là «XÃ NGHI PHÚ»" in line for line in read.report.told())


def test_a_form_is_understood_lying_and_in_groups_and_what_it_does_not_know_is_said(tmp_path: Path) -> None:
    lying = [["Chỉ tiêu", *ITEMS.values()]]
    lying += [
        [part, *(numbers(at)[n] for at in range(6))] for n, part in enumerate(["Số đầu kỳ", "Tăng", "Giảm", "Số cuối kỳ", "Nữ"])
    ]
    items = item_lines()
    groups: list[list[Any]] = [
        ["I", "Cai nghiện tự nguyện"],
        ["1", "- Tại gia đình", *numbers(0)],
        ["2", "- Tại cộng đồng", *numbers(1)],
        ["II", "Cai nghiện bắt buộc"],
        ["1", "Tại cộng đồng", *numbers(2)],
        *items[3:],
        [None, "Cai nghiện tại trại", 4, 4],
        [None, "Tổng cộng", 9, 9, 9, 9, 9],
    ]
    heads = ["TT", "Chỉ tiêu", "Có đầu kỳ", "Tăng", "Giảm", "Hiện có", "Trong đó nữ"]
    with read_file(by_xlsxwriter(tmp_path / "a.xlsx", {"A": (lying, [])}), EVILS) as read:
        assert told(rows_of(read)) == [EXPECTED]
    with read_file(by_xlsxwriter(tmp_path / "b.xlsx", {"A": ([heads, *groups], [])}), EVILS) as read:
        assert told(rows_of(read)) == [EXPECTED]
        assert read.report.sheets[0].unknown == ("Cai nghiện tại trại",) and read.report.sheets[0].aside == {"total": (11,)}
        assert read.lacking == {"ma_xa_goc", "ten_xa", "thang"} | {"can_bo", "kinh_phi"}
    twice = [heads, *items, ["7", "Tái nghiện", 1, 1]]
    under = [[*heads, "Nữ"], *([*item, 9] for item in items)]
    with pytest.raises(HeadingsTwice, match="Tái nghiện: nữ"), read_file(by_csv(tmp_path / "d.csv", under), EVILS):
        pass
    long = [heads, *items, *([at, "Chỉ tiêu khác", 1] for at in range(90))]
    with pytest.raises(HeadingsMissing), read_file(by_csv(tmp_path / "e.csv", long), EVILS):
        pass
    with pytest.raises(HeadingsTwice, match="Tái nghiện: đầu kỳ"), read_file(by_csv(tmp_path / "c.csv", twice), EVILS):
        pass


def test_a_district_sends_the_forms_of_its_communes_as_sheets_and_a_centre_its_own(tmp_path: Path) -> None:
    heads = ["TT", "Chỉ tiêu", "Đầu kỳ", "Tăng", "Giảm", "Cuối kỳ", "Nữ"]
    sheets = {
        name: ([["Mã xã", code], [f"Ủy ban nhân dân xã {name}"], heads, *item_lines()], [])
        for name, code in (("Nghi Phú", "16681"), ("Hưng Lộc", "16684"))
    }
    with read_file(by_openpyxl(tmp_path / "a.xlsx", sheets), EVILS) as read:
        rows = rows_of(read)
        assert [(row[SHEET], row["ma_xa_goc"], row["ten_xa"]) for row in rows] == [
            ("Nghi Phú", "16681", "xã Nghi Phú"), ("Hưng Lộc", "16684", "xã Hưng Lộc")
        ]  # fmt: skip
        assert told(rows) == [EXPECTED] * 2
    centre = [
        ["Cơ sở cai nghiện: Cơ sở Mẫu Một", None, "Mã cơ sở: CN-01"],
        heads,
        [1, "Cai nghiện bắt buộc", *numbers(1)],
        [2, "Cai nghiện tự nguyện", *numbers(2)],
    ]
    with read_file(by_csv(tmp_path / "b.csv", centre), EVILS) as read:
        (row,) = rows_of(read)
        assert read.choice == CENTRES and (row["ma_co_so"], row["ten_co_so"]) == ("CN-01", "Cơ sở Mẫu Một")
        assert [row[f"cai_nghien_tu_nguyen_{part}"] for part in PARTS] == [str(n) for n in numbers(2)]


HEADS = ["STT", "Mã trẻ em", "Họ và tên trẻ"]


def test_the_sex_is_told_by_the_column_in_which_the_year_stands(tmp_path: Path) -> None:
    top = [*HEADS, "Năm sinh", None, "Cha", None]
    under = [None, None, None, "Nam", "Nữ", "Họ và tên", "Năm sinh"]
    merged = [(0, at, 1, at) for at in range(3)] + [(0, 3, 0, 4), (0, 5, 0, 6)]
    data = [
        [1, "T1", "Trần Văn Ánh", 2015, None, "Trần Văn Bưởi", 1980],
        [2, "T2", "Hồ Thị Dũng", "-", "17/05/2016", None, None],
        [3, "T3", "Ngô Khuê", 2015, 2016, None, None],
        [4, "T4", "Võ Mỹ", None, None, None, None],
    ]
    for path in (
        by_xlsxwriter(tmp_path / "a.xlsx", {"A": ([top, under, *data], merged)}),
        by_csv(tmp_path / "b.csv", [top, under, *data]),
    ):
        with read_file(path, CHILDREN) as read:
            rows = rows_of(read)
            assert [(row["ngay_sinh"], row["gioi_tinh"]) for row in rows] == [
                ("2015", "Nam"), ("17/05/2016", "Nữ"), ("2015; 2016", "Nam; Nữ"), (None, None)
            ]  # fmt: skip
            assert rows[0]["ho_ten_cha"] == "Trần Văn Bưởi" and [row["nam_sinh"] for row in rows] == ["2015", "2016", None, None]
            assert read.report.sheets[0].unknown == ("Cha Năm sinh",), "the year of another person is no child's"
    marks = [
        [*HEADS, "Ngày sinh", "Nam", "Nữ"],
        [1, "T1", "Trần Ánh", "17/05/2016", "x", None],
        [2, "T2", "Hồ Mỹ", None, None, "X"],
    ]
    with read_file(by_csv(tmp_path / "c.csv", marks), CHILDREN) as read:
        assert [row["gioi_tinh"] for row in rows_of(read)] == ["Nam", "Nữ"]
    single = [[*HEADS, "Ngày sinh", "Nam"], [1, "T1", "Trần Ánh", "17/05/2016", "x"]]
    with read_file(by_csv(tmp_path / "d.csv", single), CHILDREN) as read:
        assert rows_of(read)[0]["gioi_tinh"] is None and read.report.sheets[0].unknown == ("Nam",)


def test_the_headings_say_for_which_dataset_a_file_is(tmp_path: Path) -> None:
    heads = ["Mã đối tượng", "Mã xã chi trả", "Số tiền", "Đã nhận tiền", "Hình thức chi trả"]
    lines = [["Danh sách chi trả tháng 10 năm 2024"], heads, ["DT1", "16681", 500_000, "x", 1]]
    with read_file(by_csv(tmp_path / "a.csv", lines), PROTECTION) as read:
        assert read.choice == PAYMENTS and read.lacking == {"thang"} and read.titles == ("Danh sách chi trả tháng 10 năm 2024",)
        (row,) = rows_of(read, {"thang": "2024-10-01"})
        assert row["thang"] == "2024-10-01" and read.found >= {"ma_doi_tuong", "so_tien"}
    nameless = by_csv(tmp_path / "b.csv", [heads[1:], ["16681", 1, "x", 1]])
    missing = r"Danh sách chi trả trợ giúp xã hội hằng tháng \(thiếu Mã đối tượng\)"
    for at, (head, month) in enumerate(
        (("Tháng: 10/2024", "2024-10-01"), ("Tháng: 10", None), ("Kỳ chi trả: Quý IV năm 2024", None))
    ):
        with read_file(by_csv(tmp_path / f"c{at}.csv", [[head], *lines[1:]]), PROTECTION) as read:
            assert rows_of(read)[0]["thang"] == month and ("thang" in read.lacking) == (month is None)
    names = [["Xã nghèo năm 2024"], ["UBND XÃ NGHI PHÚ"], ["Họ và tên", "Mã đối tượng"], ["Trần Ánh", "DT1"]]
    with read_file(by_csv(tmp_path / "d.csv", names), PROTECTION) as read:
        assert rows_of(read)[0]["ten_xa"] == "XÃ NGHI PHÚ" and read.lacking == {"ma_xa_goc"}
    coded = [*names[:2], [*names[2], "Mã xã"], [*names[3], "16774"]]
    with read_file(by_csv(tmp_path / "e.csv", coded), PROTECTION) as read:
        assert rows_of(read)[0]["ten_xa"] is None, "whose office sent it is not of which commune each row is"
    with pytest.raises(HeadingsMissing, match=missing), read_file(nameless, {PAYMENTS: PROTECTION[PAYMENTS]}):
        pass


def test_of_two_that_fit_alike_a_name_decides(tmp_path: Path) -> None:
    columns = PROTECTION[PAYMENTS].columns
    both = {"a": Choice("Biểu A", columns, ("bieu_a",)), "b": Choice("Biểu B", columns, ("bieu_b", "chi tra B"))}
    sheets = {"Chi trả B": ([["Mã đối tượng", "Số tiền"], ["DT1", 5]], [])}
    with read_file(by_xlsxwriter(tmp_path / "a.xlsx", sheets), both) as read:
        assert read.choice == "b"
    path = by_csv(tmp_path / "a.csv", sheets["Chi trả B"][0])
    with read_file(path, both, named="BIEU-A thang 10.csv") as read:
        assert read.choice == "a"
    for named in ("", "bieu_a bieu_b.csv", "bieu_ax.csv"):
        with pytest.raises(DatasetUnclear, match="Biểu A, Biểu B"), read_file(path, both, named=named):
            pass


def test_a_commune_whose_clerk_took_a_column_out_is_still_one_of_the_communes(tmp_path: Path) -> None:
    dataset = dataset_named("social_protection.beneficiaries")
    heads = [c.title for c in choice_of(dataset).columns]
    full = [heads, *([f"{row}-{at}" for at in range(len(heads))] for row in range(2))]
    fewer = [heads[:-3], [f"2-{at}" for at in range(len(heads) - 3)]]
    other = [heads[:12], [f"3-{at}" for at in range(12)]]
    sheets = {"A": (full, []), "B": (fewer, []), "C": (other, [])}
    with read_file(by_xlsxwriter(tmp_path / "a.xlsx", sheets), {dataset.id: choice_of(dataset)}) as read:
        assert [bool(sheet.skipped) for sheet in read.report.sheets] == [False, False, True]
        assert [row[SHEET] for row in rows_of(read)] == ["A", "A", "B"] and len(read.report.sheets[1].missing) == 3
