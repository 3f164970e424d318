"""What a file is: its dataset, its periods, whose rows; and why one goes back, in words for a clerk."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from resources.failing import Permanent
from resources.inbox import failures
from resources.inbox.judge import judged
from resources.inbox.periods import EXAMPLES, named
from resources.inbox.rows import judge_rows
from resources.inbox.verdict import GOES_BACK, Verdict
from resources.warehouse.quarantine.answers import Asked
from resources.workbooks.reading import failures as reading
from resources.workbooks.reading.words import folded
from schemas import calendar
from schemas.dataset import Dataset
from schemas.registry import dataset_named, source_named
from tests.fixtures.datasets import bad
from tests.fixtures.deliveries import TODAY, commune_of, rows_of, write

PAYMENTS = dataset_named("social_protection.monthly_payments")
BENEFICIARIES = dataset_named("social_protection.beneficiaries")
HOUSEHOLDS = dataset_named("poverty.households")
CHANGES = dataset_named("poverty.in_year_changes")
CHILDREN = dataset_named("children.profiles")
FORMS = dataset_named("social_evils_prevention.commune_forms")
UNIT, OTHER = "421", "427"
HERE, THERE = commune_of(UNIT), commune_of(OTHER)


@contextmanager
def verdict_of(path: Path, sender: str = UNIT, today: dt.date = TODAY, **how: Any) -> Iterator[Verdict]:
    source = how.pop("source", "social_protection")
    with judged(path, path.name, sender, source_named(source), today, no_rows, **how) as verdicts:
        (verdict,) = verdicts
        yield verdict


def no_rows(numbers: Collection[int]) -> Mapping[int, Asked]:
    """Of a warehouse that has rejected nothing."""
    return {}


def refused(path: Path, **how: Any) -> Permanent:
    with pytest.raises(GOES_BACK) as caught, verdict_of(path, **how):
        pass
    return caught.value


@pytest.mark.parametrize(
    ("text", "kind", "periods"),
    [
        ("2024-10.xlsx", "monthly", ["2024-10"]),
        ("chi tra 10-2024", "monthly", ["2024-10"]),
        ("T10.2024", "monthly", ["2024-10"]),
        ("DANH SÁCH CHI TRẢ THÁNG 10 NĂM 2024", "monthly", ["2024-10"]),
        ("bc_202410_v2", "monthly", ["2024-10"]),
        ("Quý III năm 2024", "quarterly", ["2024-Q3"]),
        ("Quý I/2024", "quarterly", ["2024-Q1"]),
        ("QUÝ II NĂM 2024", "quarterly", ["2024-Q2"]),
        ("QIV-2024", "quarterly", ["2024-Q4"]),
        ("quy 3 2024", "quarterly", ["2024-Q3"]),
        ("2024-Q3", "quarterly", ["2024-Q3"]),
        ("hộ nghèo 2024", "yearly", ["2024"]),
        ("tuyen sinh 2023-2024", "school_year", ["2023-2024"]),
        ("2024-08_2024-10.csv", "monthly", ["2024-08", "2024-09", "2024-10"]),
        ("từ tháng 8 đến tháng 10 năm 2024", "monthly", ["2024-08", "2024-09", "2024-10"]),
        ("2024-Q1_2024-Q3", "quarterly", ["2024-Q1", "2024-Q2", "2024-Q3"]),
        # A day is no period, nor is the number of a paper.
        ("bc nop 2024-11-05 ky 2024-10", "monthly", ["2024-10"]),
        ("Kèm theo QĐ số 12/2024/QĐ-UBND ngày 05 tháng 11 năm 2024", "monthly", []),
        ("bao cao 05.11.2024", "monthly", []),
        ("chi tra 20241105", "monthly", []),
        ("chi tra theo Nghị định 07/2021 thang 10-2024", "monthly", ["2024-10"]),
        ("QD_11-2024 ky 2024-10", "monthly", ["2024-10"]),
        ("Hồ sơ số 10/2024", "monthly", []),
        # A base and a file of somebody end alike.
        ("Danh sách cơ sở 10-2024", "monthly", ["2024-10"]),
        ("ho_so 10-2024", "monthly", ["2024-10"]),
        # A standard, a school year or some months of a year are no years of a list.
        ("Hộ nghèo năm 2024 theo chuẩn nghèo đa chiều giai đoạn 2022-2025", "yearly", ["2024"]),
        ("chuan ngheo 2022_2025", "yearly", []),
        ("năm học 2023-2024", "yearly", []),
        ("Rà soát 6 tháng đầu năm 2024", "yearly", []),
        ("ra_soat_9_thang_2024", "yearly", []),
        ("ho ngheo 2023_2024", "yearly", ["2023", "2024"]),
        ("12 tháng năm 2024", "yearly", ["2024"]),
        # Of two without a range none is meant, nor is one of another kind.
        ("2024-09 và 2024-10", "monthly", []),
        ("2024-10_2024-08", "monthly", []),
        ("chi tra thang 9 va thang 10 nam 2024", "monthly", []),
        ("tháng 9, 10/2024", "monthly", []),
        ("T9, T10 2024", "monthly", []),
        ("chi tra thang 10 gui 11-2024", "monthly", []),
        ("DS T2 2024-10", "monthly", []),
        ("quy 2 va quy 3 nam 2024", "quarterly", []),
        ("Q2+Q3.2024", "quarterly", []),
        # One that is named twice is one, and what is a range is one, however short.
        ("tháng 10 (tháng 10/2024)", "monthly", ["2024-10"]),
        ("quý III/2024 (quý 3)", "quarterly", ["2024-Q3"]),
        ("2024-10_2024-10", "monthly", ["2024-10"]),
        ("T9-T10.2024", "monthly", ["2024-09", "2024-10"]),
        ("t8-10/2024", "monthly", ["2024-08", "2024-09", "2024-10"]),
        ("ho ngheo 2024-10", "yearly", []),
        ("Quý III năm 2024", "monthly", []),
        ("thang 10-2024", "quarterly", []),
        ("2024", "school_year", []),
        ("2022-2024", "school_year", []),
        ("thang 13 2024", "monthly", []),
        ("TT10 2024", "monthly", []),
    ],
)
def test_a_period_is_named_as_people_write_it(text: str, kind: Any, periods: list[str]) -> None:
    assert list(named([text], kind)) == periods


def test_the_names_that_a_note_asks_for_are_understood() -> None:
    for kind, (one, several) in EXAMPLES.items():
        if kind != "register":  # whose files need no period
            assert named([f"{one}.xlsx"], kind) == (one,)
            first, _, last = several.partition("_")
            assert named([f"{several}.xlsx"], kind) == tuple(calendar.periods(kind, first, calendar.span(last)[1]))


@pytest.mark.parametrize("name", ["a.xlsx", "ab.xlsx", "a.csv"])
def test_a_file_is_known_by_its_headings_and_its_period_by_its_rows(tmp_path: Path, name: str) -> None:
    rows = rows_of(PAYMENTS, "2024-10", [HERE], copies=5)
    with verdict_of(write(tmp_path / name, PAYMENTS, rows)) as verdict:
        assert (verdict.dataset, verdict.periods, verdict.kind) == (PAYMENTS, ("2024-10",), "whole")
        judgement = judge_rows(verdict, TODAY)
    assert (judgement.rows, judgement.rejected) == (len(rows), 0)
    people = rows_of(BENEFICIARIES, "now", [HERE])
    with verdict_of(write(tmp_path / f"b{name}", BENEFICIARIES, people)) as verdict:
        assert (verdict.dataset, verdict.periods) == (BENEFICIARIES, ("now",))


def test_what_the_rows_do_not_say_the_name_or_a_line_above_says(tmp_path: Path) -> None:
    rows = rows_of(PAYMENTS, "2024-10", [HERE])
    of_title = write(
        tmp_path / "chi tra.xlsx", PAYMENTS, rows, above=["DANH SÁCH CHI TRẢ", "Tháng 10 năm 2024"], without=["month"]
    )
    of_name = write(tmp_path / "T10.2024.xlsx", PAYMENTS, rows, without=["month"])
    for path in (of_title, of_name):
        with verdict_of(path) as verdict:
            assert verdict.periods == ("2024-10",)
            assert judge_rows(verdict, TODAY).rejected == 0
    for without, titles in (("month", "chi trả.xlsx"), ("month", "2024-09_2024-10.xlsx")):
        path = write(tmp_path / titles, PAYMENTS, rows, without=[without])
        assert isinstance(refused(path), failures.PeriodMissing if "chi" in titles else failures.PeriodsMixed)
    # The day of an event is not made up of a period.
    changes = rows_of(CHANGES, "2024-10", [HERE])
    path = write(tmp_path / "bien dong 2024-10.xlsx", CHANGES, changes, without=["change_date"])
    assert isinstance(refused(path, source="poverty"), failures.KeyUnsaid)


def test_a_commune_says_by_its_folder_or_by_its_name_where_it_is(tmp_path: Path) -> None:
    children = rows_of(CHILDREN, "now", [HERE])
    path = write(tmp_path / "tre em.xlsx", CHILDREN, children, without=["commune_code", "commune_name"])
    with verdict_of(path, sender=HERE, source="children") as verdict:
        assert judge_rows(verdict, TODAY).rejected == 0
        assert {code for batch in verdict.batches() for code in batch.column("ma_xa_goc").to_pylist()} == {HERE}
    assert isinstance(refused(path, sender=UNIT, source="children"), failures.KeyUnsaid)
    for name in (children[0]["ten_xa"], "TT. CẦU GIÁT", "Thi tran Cau Giat", "TT CAU GIAT", "cau giat"):
        told = [{**row, "ten_xa": name} for row in children]
        path = write(tmp_path / "tre em theo ten.csv", CHILDREN, told, without=["commune_code"])
        with verdict_of(path, sender=UNIT, source="children") as verdict:
            assert judge_rows(verdict, TODAY).rejected == 0, name
            assert {code for batch in verdict.batches() for code in batch.column("ma_xa_goc").to_pylist()} == {HERE}


def test_a_sender_s_own_headings_are_read_by_its_table(tmp_path: Path) -> None:
    rows = rows_of(PAYMENTS, "2024-10", [HERE])
    key = PAYMENTS.column(PAYMENTS.key[0]).source_column
    path = write(tmp_path / "phan mem khac.csv", PAYMENTS, rows, headings={key: "Mã HS (PM Vạn Xuân)"})
    assert isinstance(refused(path), reading.HeadingsMissing)
    with verdict_of(path, mapping={folded("Mã HS (PM Vạn Xuân)"): key}) as verdict:
        assert verdict.periods == ("2024-10",)


def test_last_month_s_file_under_this_month_s_name_goes_back(tmp_path: Path) -> None:
    rows = rows_of(PAYMENTS, "2024-10", [HERE], copies=3)
    why = refused(write(tmp_path / "chi trả tháng 11 năm 2024.xlsx", PAYMENTS, rows))
    assert isinstance(why, failures.PeriodContradicted)
    assert why.said == f"tên tệp ghi kỳ 2024-11 nhưng {len(rows)} trên {len(rows)} dòng thuộc kỳ 2024-10"
    why = refused(write(tmp_path / "T11.2024.xlsx", PAYMENTS, rows, above=["Tháng 10 năm 2024"], without=["month"]))
    assert why.said == "tên tệp ghi kỳ 2024-11 nhưng dòng phía trên bảng ghi kỳ 2024-10"
    # A few rows of another month are the file's own fault, row by row.
    few = [*rows, *rows_of(PAYMENTS, "2024-11", [HERE])[:1]]
    with verdict_of(write(tmp_path / "chi tra 2024-10.xlsx", PAYMENTS, few)) as verdict:
        judgement = judge_rows(verdict, TODAY)
    assert (verdict.periods, judgement.rejected, judgement.by_rule) == (("2024-10",), 1, {"period_in_range": 1})


def test_several_periods_need_a_range_in_the_name(tmp_path: Path) -> None:
    rows = [row for month in ("2024-08", "2024-09", "2024-10") for row in rows_of(PAYMENTS, month, [HERE])]
    why = refused(write(tmp_path / "chi tra.csv", PAYMENTS, rows))
    assert isinstance(why, failures.PeriodsMixed) and "2024-08, 2024-09, 2024-10" in why.said
    with verdict_of(write(tmp_path / "2024-08_2024-10.csv", PAYMENTS, rows)) as verdict:
        assert verdict.periods == ("2024-08", "2024-09", "2024-10")
        assert judge_rows(verdict, TODAY).rejected == 0


@pytest.mark.parametrize(
    ("period", "name", "dataset", "source", "words"),
    [
        ("2024-12", "2024-12.csv", PAYMENTS, "social_protection", "chưa bắt đầu"),
        ("2024-10", "2023-10.csv", PAYMENTS, "social_protection", "trước kỳ đầu tiên"),
        ("2025-02", "2025-03.csv", FORMS, "social_evils_prevention", "sau kỳ cuối cùng"),
    ],
)
def test_a_period_that_there_is_not_goes_back(
    tmp_path: Path, period: str, name: str, dataset: Dataset, source: str, words: str
) -> None:
    rows = rows_of(dataset, period, [HERE])
    column = dataset.column(str(dataset.placed_by)).source_column
    rows = [{**row, column: f"{name[:7]}-01"} for row in rows]
    today = dt.date(2025, 4, 10) if dataset is FORMS else TODAY
    why = refused(write(tmp_path / name, dataset, rows), source=source, today=today)
    assert isinstance(why, failures.PeriodOutside) and words in why.said


def test_another_unit_s_file_goes_back_and_a_few_of_its_rows_are_set_aside(tmp_path: Path) -> None:
    rows = rows_of(PAYMENTS, "2024-10", [THERE], copies=4)
    why = refused(write(tmp_path / "2024-10.csv", PAYMENTS, rows))
    assert isinstance(why, failures.OtherUnitsRows)
    assert OTHER in why.said and UNIT in why.said and f"{len(rows)} trên {len(rows)}" in why.said
    mixed = [
        *rows_of(PAYMENTS, "2024-10", [HERE], copies=4),
        rows[0] | {PAYMENTS.column(PAYMENTS.key[0]).source_column: "KHAC-1"},
    ]
    with verdict_of(write(tmp_path / "a2024-10.csv", PAYMENTS, mixed)) as verdict:
        judgement = judge_rows(verdict, TODAY)
    assert judgement.by_rule == {"sender_matches": 1} and judgement.lines[0].row == len(mixed) + 1
    # A commune answers for itself alone; the province's department for all.
    neighbour = commune_of(UNIT, nth=1)
    path = write(tmp_path / "b2024-10.csv", PAYMENTS, rows_of(PAYMENTS, "2024-10", [HERE], copies=2))
    assert isinstance(refused(path, sender=neighbour), failures.OtherUnitsRows)
    with verdict_of(path, sender=HERE), verdict_of(path, sender="40"):
        pass


def test_a_unit_without_a_cell_is_told_so(tmp_path: Path) -> None:
    institutions = dataset_named("social_protection.institutions")
    path = write(tmp_path / "co so.csv", institutions, rows_of(institutions, "now", [HERE]))
    assert isinstance(refused(path), failures.CellMissing)
    with verdict_of(path, sender="40") as verdict:
        assert verdict.dataset is institutions


def test_rows_alone_make_a_file(tmp_path: Path) -> None:
    rows = rows_of(PAYMENTS, "2024-10", [HERE])
    path = write(tmp_path / "2024-10.xlsx", PAYMENTS, rows)
    book = openpyxl.load_workbook(path)
    book.worksheets[0].delete_rows(2, len(rows))
    book.save(path)
    assert isinstance(refused(path), failures.RowsMissing)


def test_doubled_rows_are_told_as_the_load_tells_them(tmp_path: Path) -> None:
    rows = rows_of(PAYMENTS, "2024-10", [HERE], copies=3)
    money = PAYMENTS.column("amount_vnd").source_column
    doubled = [*rows, rows[0], {**rows[1], money: "123000"}]
    with verdict_of(write(tmp_path / "2024-10.csv", PAYMENTS, doubled)) as verdict:
        judgement = judge_rows(verdict, TODAY)
    assert judgement.by_rule == {"no_duplicate_row": 1, "unique_key": 2}
    assert [line.row for line in judgement.lines] == [3, len(rows) + 2, len(rows) + 3]


def test_each_bad_row_is_told_with_its_line_and_reason(tmp_path: Path) -> None:
    variant = next(v for v in bad(PAYMENTS) if v.severity == "error" and v.changes.keys() & {"so_tien", "thang"} == set())
    rows = rows_of(PAYMENTS, "2024-10", [HERE])
    rows[variant.row] |= variant.changes
    with verdict_of(write(tmp_path / "2024-10.csv", PAYMENTS, rows)) as verdict:
        judgement = judge_rows(verdict, TODAY)
    assert judgement.by_rule == {variant.rule: 1} and judgement.lines[0].row == variant.row + 2


def test_why_a_file_goes_back_holds_no_value_and_says_what_to_do() -> None:
    assert reading.MappingUnreadable not in GOES_BACK and failures.PeriodsMixed in GOES_BACK
    for kind in GOES_BACK:
        assert kind.steps and kind.means, kind.__name__
