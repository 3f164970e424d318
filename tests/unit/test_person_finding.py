"""By what a person is looked for, and until when who asks for a correction is answered."""

import datetime as dt
from pathlib import Path

import pytest

from resources.person import finding
from resources.person.correcting import due_on
from resources.person.digests import Person
from resources.raw_store import RawStore
from resources.warehouse.persons.person_rows import Stands
from schemas.persons import NUMBER, OLD_NUMBER, Place, place_of
from schemas.registry import dataset_named

IDENTITY, CARD, FILE = "040150000001", "187654329", "BT-01"
SOMEBODY = Person({NUMBER: frozenset({IDENTITY}), OLD_NUMBER: frozenset({CARD})})


def place(name: str) -> Place:
    found = place_of(dataset_named(name))
    assert found is not None
    return found


BENEFICIARIES, HOUSEHOLDS = place("social_protection.beneficiaries"), place("poverty.households")


def test_files_are_searched_for_the_numbers_as_a_spreadsheet_leaves_them_too_but_for_none_that_stands_anywhere() -> None:
    person = Person({NUMBER: frozenset({IDENTITY}), OLD_NUMBER: frozenset({"012345", "0123456"})})
    assert finding.needles(person) == {IDENTITY, "40150000001", "012345", "0123456", "123456"}


@pytest.mark.parametrize(
    ("received", "told"),
    [
        ({"so_dinh_danh": IDENTITY, "so_cmnd_cu": CARD, "ma_doi_tuong": FILE}, {(OLD_NUMBER, CARD), ("file", FILE)}),
        ({"so_dinh_danh": CARD, "ma_doi_tuong": None}, {(OLD_NUMBER, CARD)}),
        ({"so_dinh_danh": IDENTITY, "so_cmnd_cu": "", "ma_doi_tuong": ""}, set()),
    ],
)
def test_a_row_as_received_tells_an_old_card_wherever_it_stands_and_its_file(
    received: dict[str, str | None], told: set[tuple[str, str]]
) -> None:
    assert BENEFICIARIES.gives
    file = BENEFICIARIES.gives[1]
    expected = {(file if tells == "file" else tells, value) for tells, value in told}
    assert set(finding._told_in(BENEFICIARIES, received)) == expected


def test_a_person_stands_in_a_row_as_its_own_beside_another_or_not_at_all() -> None:
    assert finding.whose(BENEFICIARIES, SOMEBODY.has, {"so_dinh_danh": IDENTITY}) == Stands(is_own=True)
    assert finding.whose(BENEFICIARIES, SOMEBODY.has, {"so_dinh_danh": "040150000002"}) is None
    assert finding.whose(BENEFICIARIES, SOMEBODY.has, {"la": IDENTITY}) is None, "nothing that the dataset has"
    [beside] = [one for one in HOUSEHOLDS.beside if one.tells == NUMBER]
    found = finding.whose(HOUSEHOLDS, SOMEBODY.has, {HOUSEHOLDS.dataset.column(beside.field).source_column: IDENTITY})
    assert found is not None and not found.is_own and found.columns


def test_what_is_half_written_is_no_file_of_the_store(tmp_path: Path) -> None:
    store = RawStore(tmp_path)
    rows = tmp_path / "social_protection" / "beneficiaries" / "now"
    sent = finding.folder_of(store, "social_protection") / finding.FILES
    for folder, ending in ((rows, "parquet"), (sent, "csv")):
        folder.mkdir(parents=True)
        for name in (f"b.{ending}", f"a.{ending}", f".c.{ending}"):
            (folder / name).touch()
    (rows / "d.txt").touch()
    (sent / "e.csv").mkdir()
    assert finding.raw_files(store, BENEFICIARIES.dataset) == [rows / "a.parquet", rows / "b.parquet"]
    assert finding.sent_files(store, "social_protection") == [sent / "a.csv", sent / "b.csv"]
    assert finding.folder_of(store, "children") == tmp_path / finding.RESTRICTED / "children"


def test_a_birth_is_written_as_the_population_database_is_asked_by_it() -> None:
    assert (finding._written(dt.date(1955, 3, 1)), finding._written(955)) == ("1955-03-01", "0955")


@pytest.mark.parametrize(
    ("asked", "due"),
    [("2024-11-20", "2024-11-22"), ("2024-11-21", "2024-11-25"), ("2024-11-23", "2024-11-26"), ("2024-12-31", "2025-01-03")],
)
def test_who_asks_for_a_correction_is_answered_within_two_working_days(asked: str, due: str) -> None:
    assert due_on(dt.date.fromisoformat(asked)) == dt.date.fromisoformat(due)
