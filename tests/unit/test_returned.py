"""A workbook of rejected rows that comes back: marks survive any program, and what a mark does not prove is told and not loaded."""

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from resources.connectors.connector import KEY
from resources.warehouse.quarantine.answers import ANSWERS, Asked
from resources.warehouse.quarantine.open_rows import Rejected
from resources.workbooks import marks, returned
from resources.workbooks.marks import MARK, Mark
from resources.workbooks.quarantine import write_quarantine
from resources.workbooks.reading.read import read_file
from resources.workbooks.reading.wanted import choice_of
from resources.workbooks.returned import datasets_of, read_returned
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset
from schemas.origin import ROW, SENDER, SHEET
from schemas.registry import dataset_named
from schemas.validation import validate
from schemas.validation.findings import received_json
from tests.fixtures.datasets import DAY, good, moment_of
from tests.fixtures.workbooks import by_libreoffice

HOUSEHOLDS, MEMBERS = dataset_named("poverty.households"), dataset_named("poverty.members")
PERIOD = moment_of(HOUSEHOLDS).period
UNIT = "412"


def received(dataset: Dataset) -> list[dict[str, Any]]:
    return [json.loads(text) for text in received_json(good(dataset, moment_of(dataset)))]


def hashed(row: Mapping[str, Any]) -> str:
    return hashlib.md5(json.dumps(row).encode()).hexdigest()


def rejected(dataset: Dataset, first: int) -> list[Rejected]:
    failures = [{"rule": "r", "column": dataset.columns[0].name, "message": "Sai."}]
    return [Rejected(dataset, f"k{n}", row, failures, n, hashed(row)) for n, row in enumerate(received(dataset), first)]


class Kept:
    """What a warehouse knows of rejected rows."""

    def __init__(self, *rows: Rejected, **others: Any) -> None:
        as_it_stands = {"unit": UNKNOWN_UNIT, "period": PERIOD, **others}
        self.asked = {
            r.number: Asked(r.number, r.dataset.id, source_key=-r.number, sent=r.sent, received=r.received, **as_it_stands)
            for r in rows
        }

    def __call__(self, numbers: Collection[int]) -> dict[int, Asked]:
        return {number: self.asked[number] for number in numbers if number in self.asked}


def read(path: Path, dataset: Dataset, sheets: Collection[str] = ()) -> pa.Table:
    with read_file(path, {dataset.id: choice_of(dataset, marks.COLUMNS)}) as found:
        table = pa.Table.from_batches(list(found.batches()))
    return table.filter(pa.array([not sheets or name in sheets for name in table.column(SHEET).to_pylist()]))


@pytest.mark.landing
def test_a_workbook_is_known_again_whatever_program_saved_it(tmp_path: Path) -> None:
    sent = {d: rejected(d, first) for d, first in ((HOUSEHOLDS, 1_000), (MEMBERS, 2_000))}
    path = tmp_path / "sent.xlsx"
    write_quarantine(path, [row for rows in sent.values() for row in rows], [])
    book = openpyxl.load_workbook(path)
    first = book.worksheets[0]
    heading = [str(cell.value) for cell in first[1]]
    mended = next(at for at, text in enumerate(heading, 1) if text.endswith("(ho_ten_chu_ho)"))
    first.cell(2, mended).value = "Nguyễn Văn Mẫu"
    first.append(["", "", *(cell.value for cell in first[3][2:-1]), None])
    book.save(path)
    lookup = Kept(*sent[HOUSEHOLDS], *sent[MEMBERS])
    ods, csv = by_libreoffice(path, "ods", "csv")
    (again,) = by_libreoffice(ods, "xlsx")
    for form in (ods, again, csv):
        for dataset, rows in sent.items() if form is not csv else [(HOUSEHOLDS, sent[HOUSEHOLDS])]:
            found = read(form, dataset)
            names = datasets_of(zip(found.column(SHEET).to_pylist(), found.column(MARK).to_pylist(), strict=True), lookup)
            assert set(names.values()) == {dataset.id}, form.suffix
            back = read_returned(dataset, read(form, dataset, names.keys()), lookup, PROVINCE, DAY)
            assert back.told == []
            table = back.rows[PERIOD]
            added = dataset is HOUSEHOLDS
            assert table.column(ANSWERS).to_pylist() == [row.number for row in rows] + [None] * added, form.suffix
            assert table.column(KEY).to_pylist()[: len(rows)] == [-row.number for row in rows]
            assert set(table.column(SENDER).to_pylist()) == {PROVINCE} and MARK not in table.column_names
            shown = [{c: marks.shown(v) or None for c, v in row.received.items()} for row in rows]
            if added:
                shown += [shown[1]]
                shown[0] = {**shown[0], "ho_ten_chu_ho": "Nguyễn Văn Mẫu"}
            assert table.select([c.source_column for c in dataset.columns]).to_pylist() == shown, form.suffix


def rows_of(dataset: Dataset, texts: list[str | None], *without: str) -> pa.Table:
    """As read from a file: the good rows of a dataset, each with the mark that it is given."""
    shown = [
        {name: marks.shown(value) or None for name, value in row.items() if name not in without} for row in received(dataset)
    ]
    lines = [shown[at % len(shown)] for at in range(len(texts))]
    columns = {name: pa.array([line[name] for line in lines], pa.string()) for name in lines[0]}
    beside = {
        ROW: pa.array(range(2, len(texts) + 2)),
        SHEET: pa.array(["1. Hộ"] * len(texts)),
        MARK: pa.array(texts, pa.string()),
    }
    return pa.table({**beside, **columns})


def mark(row: Rejected) -> str:
    return Mark.of(row.number, row.sent).text


ONE, TWO = rejected(HOUSEHOLDS, 7)[:2]
COMMUNE = received(HOUSEHOLDS)[0]["ma_xa_goc"]
ELSEWHERE = "405"


@pytest.mark.parametrize(
    ("text", "kept", "sender", "why"),
    [
        (mark(ONE)[:-1], Kept(ONE), PROVINCE, returned.BROKEN),
        ("AN-7", Kept(ONE), PROVINCE, returned.BROKEN),
        (mark(ONE), Kept(TWO), PROVINCE, returned.UNKNOWN),
        (mark(ONE), Kept(rejected(MEMBERS, 7)[0]), PROVINCE, returned.OF_ANOTHER_DATASET.format(title=MEMBERS.title)),
        (mark(ONE), Kept(ONE), ELSEWHERE, returned.OF_ANOTHER_UNIT),
        (mark(ONE), Kept(Rejected(HOUSEHOLDS, "k", {**ONE.received, "ma_xa_goc": "xx"}, [], 7, ONE.sent), unit=UNIT), ELSEWHERE,
         returned.OF_ANOTHER_UNIT),
        (mark(ONE), Kept(Rejected(HOUSEHOLDS, "k", ONE.received, [], 7, "00" * 16)), PROVINCE, returned.CHANGED),
    ],
)  # fmt: skip
def test_a_mark_that_does_not_prove_its_row_is_told_and_its_row_is_not_loaded(
    text: str, kept: Kept, sender: str, why: str
) -> None:
    back = read_returned(HOUSEHOLDS, rows_of(HOUSEHOLDS, [text, None]), kept, sender, DAY, PERIOD)
    assert [(told.sheet, told.row, told.why) for told in back.told] == [("1. Hộ", 2, why)]
    assert back.rows[PERIOD].column(ANSWERS).to_pylist() == [None]
    assert all(value not in why for row in received(HOUSEHOLDS) for value in map(str, row.values()) if len(value) > 5)


def test_a_row_that_is_closed_or_named_twice_is_not_loaded() -> None:
    kept = Kept(ONE, TWO)
    closed = kept.asked[7]
    kept.asked[7] = Asked(None, closed.dataset, closed.period, closed.unit, closed.source_key, closed.sent, closed.received)
    back = read_returned(HOUSEHOLDS, rows_of(HOUSEHOLDS, [mark(ONE), mark(TWO), mark(TWO), ""]), kept, PROVINCE, DAY, PERIOD)
    twice = returned.TWICE.format(rows="3, 4")
    assert [(told.row, told.why) for told in back.told] == [(2, returned.CLOSED), (3, twice), (4, twice)]
    assert back.rows[PERIOD].column(ANSWERS).to_pylist() == [None]


def test_rows_go_to_the_period_of_the_row_that_they_name() -> None:
    kept = Kept(ONE, TWO)
    kept.asked[8] = Asked(8, HOUSEHOLDS.id, "2023", UNKNOWN_UNIT, -8, TWO.sent, TWO.received)
    back = read_returned(HOUSEHOLDS, rows_of(HOUSEHOLDS, [mark(ONE), mark(TWO), None]), kept, PROVINCE, DAY)
    assert {period: table.column(ANSWERS).to_pylist() for period, table in back.rows.items()} == {PERIOD: [7], "2023": [8]}
    assert [(told.row, told.why) for told in back.told] == [(4, returned.OF_NO_PERIOD)]


def test_a_column_that_the_file_has_not_keeps_what_was_received() -> None:
    table = rows_of(HOUSEHOLDS, [mark(ONE), None], "ho_ten_chu_ho")
    back = read_returned(HOUSEHOLDS, table, Kept(ONE), PROVINCE, DAY).rows[PERIOD]
    assert back.column("ho_ten_chu_ho").to_pylist() == [ONE.received["ho_ten_chu_ho"], None]


def test_a_unit_answers_for_its_own_communes_rows() -> None:
    for sender in (COMMUNE, unit_of_commune(COMMUNE)):
        assert read_returned(HOUSEHOLDS, rows_of(HOUSEHOLDS, [mark(ONE)]), Kept(ONE), sender, DAY).told == []


@pytest.mark.parametrize("unit", [UNKNOWN_UNIT, PROVINCE, UNIT])
def test_of_a_row_of_no_commune_the_unit_of_its_cell_answers(unit: str) -> None:
    nowhere = Rejected(HOUSEHOLDS, "k", {**ONE.received, "ma_xa_goc": "xx"}, [], 7, ONE.sent)
    for sender in (UNIT, PROVINCE):
        assert read_returned(HOUSEHOLDS, rows_of(HOUSEHOLDS, [mark(ONE)]), Kept(nowhere, unit=unit), sender, DAY).told == []
    assert read_returned(HOUSEHOLDS, rows_of(HOUSEHOLDS, [mark(ONE)]), Kept(nowhere, unit="421"), PROVINCE, DAY).told == []


def test_a_row_that_is_told_has_the_period_of_the_row_that_its_mark_names() -> None:
    kept = Kept(ONE, TWO, period="2023")
    texts = [mark(ONE), mark(ONE), mark(rejected(HOUSEHOLDS, 900)[0]), "AN-7", "  ", None]
    back = read_returned(HOUSEHOLDS, rows_of(HOUSEHOLDS, [*texts, mark(TWO)]), kept, PROVINCE, DAY)
    assert [(told.at, told.row, told.period) for told in back.told] == [
        (0, 2, "2023"),
        (1, 3, "2023"),
        (2, 4, None),
        (3, 5, None),
    ]
    assert back.rows["2023"].column(ANSWERS).to_pylist() == [None, None, 8], "a mark of spaces is none"


def test_a_row_that_the_source_keyed_keeps_its_key_and_another_has_its_own() -> None:
    kept = Kept(ONE, TWO)
    unkeyed = kept.asked[8]
    kept.asked[8] = Asked(8, unkeyed.dataset, unkeyed.period, unkeyed.unit, None, unkeyed.sent, unkeyed.received)
    table = rows_of(HOUSEHOLDS, [mark(ONE), mark(TWO), None])
    keys = read_returned(HOUSEHOLDS, table, kept, PROVINCE, DAY).rows[PERIOD].column(KEY).to_pylist()
    others = read_returned(HOUSEHOLDS, rows_of(HOUSEHOLDS, [None] * 3), kept, PROVINCE, DAY, PERIOD).rows[PERIOD]
    assert keys == [-7, *others.column(KEY).to_pylist()[1:]]


def test_a_sheet_is_of_the_dataset_that_most_of_its_marks_name() -> None:
    kept = Kept(*(households := rejected(HOUSEHOLDS, 100)), *(members := rejected(MEMBERS, 200)))
    of_both = [("A", mark(households[0])), ("A", mark(members[0])), ("A", mark(members[1])), ("B", mark(households[1]))]
    strange = [("A", None), ("A", mark(ONE)), ("C", "AN-7"), ("D", mark(ONE))]
    assert datasets_of([*of_both, *strange], kept) == {"A": MEMBERS.id, "B": HOUSEHOLDS.id}
    for pairs in (of_both[:2], of_both[1::-1]):
        assert datasets_of(pairs, kept) == {"A": HOUSEHOLDS.id}, "of as many the first by name"


def unit_of_commune(commune: str) -> str:
    judged = validate(HOUSEHOLDS, good(HOUSEHOLDS, moment_of(HOUSEHOLDS)), moment_of(HOUSEHOLDS)).accepted
    of = dict(zip(judged.column("commune_code").to_pylist(), judged.column("unit_code").to_pylist(), strict=True))
    return of[commune]


def with_o(text: str) -> str:
    """The letters of a mark with O for each zero, as they are typed from paper."""
    return text[:8] + text[8:].replace("0", "o")


def test_a_mark_is_read_as_people_write_it_and_not_otherwise() -> None:
    made = Mark.of(1_200, "00" * 16)
    for text in (made.text, made.text.lower(), f" {made.text} ", made.text.replace("-", " - "), with_o(made.text)):
        assert Mark.read(text) == made
    letters = marks.LETTERS
    for at, letter in enumerate(made.text):
        for other in letters:
            if other != letter and letter != "-":
                assert Mark.read(made.text[:at] + other + made.text[at + 1 :]) in (None, made), (at, other)
    for text in ("", "AN", "AN-1-2-3", "1200", "AN-" + "9" * 30 + "-00000-00", made.text + "0"):
        assert Mark.read(text) is None
