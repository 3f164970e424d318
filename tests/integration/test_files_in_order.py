"""Of files that lie in an inbox the one that was written last holds, also where an earlier one could not be taken when it did."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.dataset import PROVINCE
from tests.fixtures.deliveries import commune_of, rows_of
from tests.fixtures.kit import Row
from tests.integration.test_inbox import MONEY, PAYMENTS, SOURCE, Box, amounts, opened

MONTH = "2024-10"


@pytest.fixture(scope="module")
def box(home: Path) -> Iterator[Box]:
    yield from opened(home)


def of(unit: str) -> list[Row]:
    return rows_of(PAYMENTS, MONTH, [commune_of(unit)], copies=4)


def laid(path: Path, at: int) -> Path:
    os.utime(path, (at, at))
    return path


def hindered(box: Box, path: Path, how: str) -> Path:
    """A file that is left alone at a look: the table of its sender's headings is wrong, or somebody has it open."""
    if how == "open":
        hinders = path.with_name(f".~lock.{path.name}#")
    else:
        hinders = box.hub.settings.headings_dir / SOURCE.name / f"{path.parent.name}.csv"
        hinders.parent.mkdir(parents=True, exist_ok=True)
    hinders.write_text("sai,bảng\n", "utf-8")
    return hinders


@pytest.mark.parametrize("how", ["headings", "open"])
def test_a_file_that_could_not_be_taken_at_its_look_lies_beneath_what_was_written_after_it(box: Box, how: str) -> None:
    unit = {"headings": "414", "open": "415"}[how]
    sender = commune_of(unit) if how == "headings" else unit
    first = laid(box.drop(sender, f"a {MONTH}.csv", amounts(of(unit), 100_000)), 100_000)
    laid(box.drop(unit, f"b {MONTH}.csv", amounts(of(unit), 200_000)), 200_000)
    hinders = hindered(box, first, how)
    box.night()
    assert box.paid(unit)[0] == 200_000
    hinders.unlink()
    for _ in range(2):
        box.night()
        assert box.left() == [] and box.paid(unit)[0] == 200_000
    (note,) = [text for name, text in box.back(sender).items() if name.startswith("a ")]
    assert "tệp gửi sau" in note and "chờ nạp" not in note, note
    # Laid once more, or touched, it is meant.
    laid(box.drop(sender, f"a {MONTH}.csv", amounts(of(unit), 100_000)), 100_000)
    box.night()
    assert box.paid(unit)[0] == 100_000, box.back(sender)


def test_of_a_part_that_a_later_file_says_again_the_rest_holds(box: Box) -> None:
    """The file of the province could not be taken, that of a unit was: it is laid beneath, for the other units."""
    one, other = "416", "417"
    first = laid(box.drop(PROVINCE, f"a {MONTH}.csv", [*amounts(of(one), 100_000), *amounts(of(other), 100_000)]), 100_000)
    laid(box.drop(one, f"b {MONTH}.csv", amounts(of(one), 200_000)), 200_000)
    hinders = hindered(box, first, "open")
    box.night()
    hinders.unlink()
    box.night()
    assert (box.paid(one)[0], box.paid(other)[0]) == (200_000, 100_000)


@pytest.mark.parametrize("between", [False, True])
def test_of_what_was_refused_the_earlier_file_holds_though_it_comes_after_it(box: Box, between: bool) -> None:
    """`between`: one that was taken and loaded before the refused one."""
    unit = "420" if between else "418"
    first = laid(box.drop(unit, f"a {MONTH}.csv", amounts(of(unit), 100_000)), 100_000)
    hinders = hindered(box, first, "open")
    if between:
        laid(box.drop(unit, f"b {MONTH}.csv", amounts(of(unit), 200_000)), 200_000)
        box.night()
    laid(box.drop(unit, f"c {MONTH}.csv", [{**row, MONEY: "không rõ"} for row in of(unit)]), 300_000)
    box.night()
    hinders.unlink()
    box.night()
    assert box.paid(unit)[:1] == [200_000 if between else 100_000]


def test_of_two_files_of_one_second_the_one_that_was_laid_last_holds(box: Box) -> None:
    """Whatever they are called: a share may keep no more than seconds."""
    unit = "419"
    for name, first in ((f"bản đầu {MONTH}.csv", 100_000), (f"bản cuối {MONTH}.csv", 200_000)):
        laid(box.drop(unit, name, amounts(of(unit), first)), 1_000_000)
        time.sleep(0.05)
    box.night()
    assert box.paid(unit)[0] == 200_000
