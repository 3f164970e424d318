"""What a mended workbook mends: a dataset a sheet, what cannot be told of a mark or of a sheet, and why it goes back."""

import pytest

from resources.inbox import failures, patch
from resources.inbox.patch import Patch, is_patch, patches
from resources.workbooks import marks, returned
from resources.workbooks.reading.failures import FileTooLarge
from resources.workbooks.reading.grid import Grid
from schemas.dataset import PROVINCE, Dataset
from schemas.origin import ROW, SENDER, SHEET
from tests.fixtures.datasets import DAY
from tests.fixtures.grids import grid
from tests.unit.test_returned import HOUSEHOLDS, MEMBERS, PERIOD, Kept, mark, received, rejected

SENT = {HOUSEHOLDS: rejected(HOUSEHOLDS, 100), MEMBERS: rejected(MEMBERS, 200)}
KEPT = Kept(*SENT[HOUSEHOLDS], *SENT[MEMBERS])


def sheet(dataset: Dataset, *texts: str | None, without: str = "") -> Grid:
    """Good rows of a dataset with the marks that they are given, under the headings that the workbook has."""
    columns = [c.source_column for c in dataset.columns if c.source_column != without]
    rows = received(dataset)
    lines = [[marks.shown(rows[at % len(rows)][name]) for name in columns] + [text] for at, text in enumerate(texts)]
    title_of = {c.source_column: c.title for c in dataset.columns}
    heading = [f"{title_of[name]}\n({name})" for name in columns]
    return grid(dataset.title, [[*heading, marks.HEADING], *lines])


def mended(*sheets: Grid, named: str = "sua.xlsx", sender: str = PROVINCE, lookup: Kept = KEPT) -> list[Patch]:
    return patches(sheets, named, sender, HOUSEHOLDS.source, DAY, lookup, {})


def of(dataset: Dataset, at: int) -> str:
    return mark(SENT[dataset][at])


def test_each_sheet_mends_the_dataset_that_its_marks_name() -> None:
    one, two = mended(sheet(HOUSEHOLDS, of(HOUSEHOLDS, 0), of(HOUSEHOLDS, 1)), sheet(MEMBERS, of(MEMBERS, 0)))
    assert [(found.dataset, found.rows, found.periods, found.sender) for found in (one, two)] == [
        (HOUSEHOLDS, 2, (PERIOD,), PROVINCE),
        (MEMBERS, 1, (PERIOD,), PROVINCE),
    ]
    assert not one.foretold and not two.foretold
    ((period, rows),) = one.cells(DAY)
    assert period == PERIOD and rows.num_rows == 2
    assert rows.column_names == [ROW, SHEET, SENDER, *(c.source_column for c in HOUSEHOLDS.columns)]
    assert rows.column(ROW).to_pylist() == [2, 3] and set(rows.column(SHEET).to_pylist()) == {HOUSEHOLDS.title}
    (batch,) = two.batches()
    assert batch.num_rows == 1 and batch.column(SHEET).to_pylist() == [MEMBERS.title]


@pytest.mark.parametrize("first", [HOUSEHOLDS, MEMBERS])
def test_a_sheet_of_which_every_row_was_deleted_mends_nothing_and_stops_nothing(first: Dataset) -> None:
    second = MEMBERS if first is HOUSEHOLDS else HOUSEHOLDS
    (found,) = mended(sheet(first), sheet(second, of(second, 0)))
    assert (found.dataset, found.rows) == (second, 1)


def test_rows_without_a_mark_are_of_the_period_that_the_name_tells() -> None:
    (found,) = mended(sheet(HOUSEHOLDS, of(HOUSEHOLDS, 0), None))
    assert (found.rows, found.periods) == (2, (PERIOD,)), "that of the rows beside them"
    of_two = Kept(*SENT[HOUSEHOLDS])
    of_two.asked[101] = Kept(SENT[HOUSEHOLDS][1], period="2023").asked[101]
    three = sheet(HOUSEHOLDS, of(HOUSEHOLDS, 0), of(HOUSEHOLDS, 1), None)
    for named, rows in (
        ("ho ngheo 2023.xlsx", {"2023": 2, "2024": 1}),
        ("2024.csv", {"2023": 1, "2024": 2}),
        ("sua.xlsx", {"2023": 1, "2024": 1}),
    ):
        (found,) = mended(three, named=named, lookup=of_two)
        assert {period: table.num_rows for period, table in found.cells(DAY)} == rows, named
    assert [told.why for told in found.passed_over] == [returned.OF_NO_PERIOD]
    closed = Kept(*SENT[HOUSEHOLDS])
    (found,) = mended(sheet(HOUSEHOLDS, None, mark(rejected(HOUSEHOLDS, 900)[0]), of(HOUSEHOLDS, 1)), lookup=closed)
    assert found.rows == 2 and [told.why for told in found.passed_over] == [returned.UNKNOWN]


def test_a_column_that_was_taken_out_was_not_corrected() -> None:
    (found,) = mended(sheet(HOUSEHOLDS, of(HOUSEHOLDS, 0), of(HOUSEHOLDS, 1), without="ho_ten_chu_ho"))
    ((_, rows),) = found.cells(DAY)
    assert rows.column("ho_ten_chu_ho").to_pylist() == [row["ho_ten_chu_ho"] for row in received(HOUSEHOLDS)[:2]]
    (batch,) = found.batches()
    assert "ho_ten_chu_ho" not in batch.schema.names, "kept as it came"


def test_what_no_mark_names_is_told_beside_what_is_mended() -> None:
    strange, broken = mark(rejected(MEMBERS, 900)[0]), of(MEMBERS, 0)[:-1]
    (found,) = mended(sheet(HOUSEHOLDS, of(HOUSEHOLDS, 0)), sheet(MEMBERS, strange, broken, None, "  "))
    assert [line for line in found.told if "không nạp" in line] == [
        f"Trang «{MEMBERS.title}», dòng 2: không nạp; {returned.UNKNOWN}.",
        f"Trang «{MEMBERS.title}», dòng 3: không nạp; {returned.BROKEN}.",
    ]
    assert not found.foretold


def test_what_cannot_be_loaded_of_a_dataset_is_foretold_of_it_or_told_by_another() -> None:
    kept = Kept(*SENT[HOUSEHOLDS], *SENT[MEMBERS])
    kept.asked[201] = Kept(SENT[MEMBERS][1], unit="405").asked[201]
    twice = (of(HOUSEHOLDS, 1), of(HOUSEHOLDS, 1))
    one, two = mended(sheet(HOUSEHOLDS, of(HOUSEHOLDS, 0), *twice), sheet(MEMBERS, of(MEMBERS, 0)), lookup=kept)
    assert len(one.foretold) == 2 and "(3, 4)" in one.foretold[0] and not two.foretold and one.rows == 1
    (one,) = mended(sheet(HOUSEHOLDS, of(HOUSEHOLDS, 0)), sheet(MEMBERS, of(MEMBERS, 0), of(MEMBERS, 0)), lookup=kept)
    assert len([line for line in one.told if "không nạp" in line]) == 2 and not one.foretold


def test_a_workbook_that_mends_nothing_goes_back_with_the_commonest_reason() -> None:
    twice, strange = of(HOUSEHOLDS, 0), mark(rejected(HOUSEHOLDS, 900)[0])
    with pytest.raises(failures.NothingMended, match="đứng ở nhiều dòng"):
        mended(sheet(HOUSEHOLDS, twice, twice, strange))
    with pytest.raises(failures.NothingMended, match="không mã nào"):
        mended(sheet(HOUSEHOLDS, strange))


def test_more_rows_than_are_held_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patch, "MOST_ROWS", 2)
    both = of(HOUSEHOLDS, 0), of(HOUSEHOLDS, 1)
    assert mended(sheet(HOUSEHOLDS, *both))
    with pytest.raises(FileTooLarge, match="3 dòng, cho phép 2"):
        mended(sheet(HOUSEHOLDS, *both, None))


def test_one_mark_of_any_sheet_makes_a_file_one_that_came_back() -> None:
    marked, blank = sheet(MEMBERS, None, of(MEMBERS, 0)), sheet(HOUSEHOLDS, None, "  ")
    assert is_patch([blank, marked]) and is_patch([marked]) and not is_patch([blank]) and not is_patch([sheet(HOUSEHOLDS)])
    assert is_patch([sheet(HOUSEHOLDS, None, "AN-7")]), "a damaged one too"
    without = grid("A", [["Mã hộ", "Lý do bị loại"], ["H1", of(HOUSEHOLDS, 0)]])
    assert not is_patch([without, grid("B", [])]) and is_patch([without, marked])
    for at_once in (3, 8_000):
        lines = [["Danh sách bị loại", None], ["Mã hộ", "MÃ DÒNG\nANSINH"], ["H1", None], ["H2", of(HOUSEHOLDS, 0)]]
        assert is_patch([grid("A", lines, at_once)])
        assert not is_patch([grid("A", lines, at_once, is_hidden=True)])
