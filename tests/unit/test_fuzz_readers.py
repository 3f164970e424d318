"""No value stops a dataset: whatever stands in a cell, and in whatever type, it is read or set aside with its reason."""

import datetime as dt
import decimal
import json
import unicodedata
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas import calendar
from schemas.column import Column
from schemas.dataset import Dataset
from schemas.reading import Reading, read, reader_of
from schemas.reading.cells import FIRST_DAY, LARGEST, LAST_DAY, LONGEST_KEY, LONGEST_TEXT
from schemas.reading.characters import mend
from schemas.registry import DATASETS
from schemas.validation import validate
from tests.fixtures import odd_rows
from tests.fixtures.datasets import moment_of
from tests.fixtures.odd_rows import odd_cells
from tests.fixtures.odd_values import SAMPLES, columns, texts

pytestmark = pytest.mark.landing

DAY = dt.date(2024, 11, 20)
# One column of each kind that differs for a reader.
COLUMNS: tuple[Column, ...] = tuple(
    {(reader_of(c), c.codes, c.is_key): c for dataset in DATASETS for c in dataset.columns}.values()
)
CELLS = 4


def is_empty(cell: Any) -> bool:
    """Nothing, or nothing that anybody could see."""
    if isinstance(cell, bytes):
        try:
            cell = cell.decode()
        except UnicodeDecodeError:
            return False
    return cell is None or (isinstance(cell, str) and not mend(cell)[0] and len(cell) <= LONGEST_TEXT)


def fits(column: Column, value: Any) -> bool:
    """Whether the warehouse's column takes the value, and no arithmetic over it can fail."""
    if isinstance(value, bool):
        return True
    if isinstance(value, str):
        return "\0" not in value and len(value) <= (LONGEST_KEY if column.is_key else LONGEST_TEXT) and bool(value.encode())
    if isinstance(value, int):
        return abs(value) <= LARGEST
    if isinstance(value, decimal.Decimal):
        return value == value.quantize(decimal.Decimal("0.1")) and abs(value) < 10**5
    if isinstance(value, dt.datetime):
        return FIRST_DAY <= value.date() < LAST_DAY
    return FIRST_DAY <= value <= LAST_DAY


def is_told(reading: Reading, row: int) -> bool:
    found = (reading.unreadable, reading.repairs, reading.warnings)
    return any(rows[row] for one in found for rows in one.values()) or any(row in moved for moved in reading.moves.values())


def reasons(reading: Reading, row: int) -> set[str]:
    return {reason for reason, rows in reading.unreadable.items() if rows[row]}


def check(column: Column, received: pa.Array) -> Reading:
    reading = read(column, received, DAY, pa.nulls(len(received), pa.int64()))
    assert reading.values.type == column.dtype and len(reading.values) == len(received)
    reading.values.validate(full=True)
    given_cells = _cells(received)
    for row, value in enumerate(reading.values.to_pylist()):
        if value is not None:
            assert fits(column, value), column.name
            assert not any(rows[row] for rows in reading.unreadable.values())
        elif not is_empty(given_cells[row]):
            assert is_told(reading, row), column.name
    return reading


def _cells(received: pa.Array) -> list[Any]:
    kind = received.type
    if kind in (pa.string_view(), pa.binary_view()):
        received = received.cast(pa.string() if kind == pa.string_view() else pa.binary())
    texts_or_bytes = (pa.string(), pa.large_string(), pa.binary(), pa.large_binary())
    if isinstance(received, pa.ExtensionArray):
        return received.storage.to_pylist()
    if pa.types.is_dictionary(kind):
        return received.dictionary_decode().to_pylist()
    return (
        received.to_pylist()
        if received.type in texts_or_bytes
        else [None if not there else 0 for there in received.is_valid().to_pylist()]
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.none() | texts, min_size=CELLS, max_size=CELLS))
def test_any_text_is_read_or_set_aside(cells: list[str | None]) -> None:
    for column in COLUMNS:
        check(column, pa.array(cells, pa.string()))


def test_what_stopped_others_is_read_or_set_aside() -> None:
    for column in COLUMNS:
        together = check(column, pa.array(SAMPLES, pa.string()))
        amid = check(column, pa.array([*SAMPLES] * 3 + ["x"] * 2_000, pa.string()))
        for row, sample in enumerate(SAMPLES):
            alone = check(column, pa.array([sample], pa.string()))
            for whole in (together, amid):
                assert whole.values[row].as_py() == alone.values[0].as_py(), (column.name, sample[:20])
                assert reasons(whole, row) == reasons(alone, 0), (column.name, sample[:20])


@settings(max_examples=60, deadline=None)
@given(columns(CELLS))
def test_a_column_of_any_type_is_read_or_set_aside(received: pa.Array) -> None:
    for column in COLUMNS:
        check(column, received)


TEXTUAL = tuple(c for c in COLUMNS if reader_of(c) in ("text", "commune_name") and not c.is_key)


@settings(max_examples=60, deadline=None)
@given(texts)
@example("e\u200b\u0301")
@example("А\u0301")  # a Cyrillic letter
@example("Â\x08¡")  # an inverted mark of exclamation read as cp1252, with a hidden character in it
@example("A\u0302¡")
@example("Â¡А")
def test_a_text_that_was_read_stays_as_it_is_and_is_the_same_in_every_form(text: str) -> None:
    """So a key that differs by what nobody sees, spaces at its ends or its Unicode form, is one key."""
    column = TEXTUAL[0]
    (value,) = read(column, pa.array([text], pa.string()), DAY).values.to_pylist()
    if value is None:
        return
    for same in (value, f"  {value} ", unicodedata.normalize("NFD", value), f"\u200b{value}\ufeff", f"{value}\r\n"):
        (again,) = read(column, pa.array([same], pa.string()), DAY).values.to_pylist()
        assert again == value
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value)
    assert read(column, pa.array([wide], pa.string()), DAY).values.to_pylist() == [value]


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda d: d.id)
def test_every_odd_cell_of_every_column_stops_its_row_alone(dataset: Dataset) -> None:
    moment = moment_of(dataset)
    changes = [{column: value} for column, value in odd_cells(dataset)]
    table = odd_rows.table(dataset, moment, changes)
    verdict = validate(dataset, table, moment)
    assert verdict.accepted.num_rows + verdict.rejected.num_rows == len(changes) + 1
    assert verdict.accepted["ordinal"][0].as_py() == 0, "the good row beside them"
    for received, failures in zip(*(verdict.rejected[name].to_pylist() for name in ("received", "failures")), strict=True):
        assert json.loads(failures)
        assert set(json.loads(received, parse_constant=_no_json)) == set(table.column_names)
    assert verdict.rejected["row_key"].null_count == 0
    longest = max(len(key.encode()) for part in (verdict.accepted, verdict.rejected) for key in part["row_key"].to_pylist())
    assert longest < 1_000, "an index holds no longer entry than 2,704 bytes, of several columns"


def _no_json(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(DATASETS), st.data())
def test_columns_of_other_types_stop_rows_and_nothing_else(dataset: Dataset, data: st.DataObject) -> None:
    """What another road may bring in place of the declared types."""
    moment = moment_of(dataset)
    table = odd_rows.table(dataset, moment, [{}] * (CELLS - 1))
    for name in data.draw(st.lists(st.sampled_from(table.column_names), min_size=1, max_size=4, unique=True)):
        place = table.column_names.index(name)
        table = table.set_column(place, name, data.draw(columns(CELLS)))
    verdict = validate(dataset, table, moment)
    assert verdict.accepted.num_rows + verdict.rejected.num_rows == CELLS
    for received in verdict.rejected["received"].to_pylist():
        json.loads(received, parse_constant=_no_json)


@pytest.mark.parametrize("day", [dt.date.min, dt.date(999, 12, 31), dt.date.max])
def test_the_period_of_any_day_is_written_in_full(day: dt.date) -> None:
    year = f"{day.year:04d}"
    assert calendar.period_of("monthly", day) == f"{year}-{day.month:02d}"
    assert calendar.period_of("quarterly", day) == f"{year}-Q{1 + (day.month - 1) // 3}"
    assert calendar.period_of("yearly", day) == year
    begun = day.year - (day.month < 9)
    assert calendar.period_of("school_year", day) == f"{begun:04d}-{begun + 1:04d}"
