"""Which rows of a file its sender is told are not loaded, since a later file of another holds in their place."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from assets.cells import overtaken
from assets.cells.overtaken import WHY, pass_over_cells, pass_over_periods, tell
from resources.raw_store import KeptFile, RawFile
from resources.warehouse.arrivals import deliveries
from resources.warehouse.arrivals.deliveries import Delivery
from resources.workbooks.returned import Told
from schemas import units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT
from schemas.registry import dataset_named

LIST = dataset_named("social_protection.monthly_payments")
TODAY, SEPTEMBER, OCTOBER = dt.date(2024, 11, 20), "2024-09", "2024-10"
VINH, CUA_LO = "412", "413"
OF_VINH, OF_CUA_LO = (min(code for code, unit in units.placing(TODAY, TODAY).items() if unit == of) for of in (VINH, CUA_LO))
HUB: Any = SimpleNamespace(raw=None, today=lambda: TODAY, warehouse=SimpleNamespace(engine=mock.MagicMock()))

# Of a period and place, or a row of none that is listed, the rows of the file.
HOLDS = {(OCTOBER, OF_VINH): [2, 3], (OCTOBER, OF_CUA_LO): [4], (OCTOBER, None): [5], (SEPTEMBER, OF_VINH): [6]}


def sent(number: int, sender: str, *periods: str) -> Delivery:
    at, file, rows = dt.datetime(2024, 11, 1, number, tzinfo=dt.UTC), KeptFile("-", "-"), RawFile("-", "-", 1)
    return Delivery(number, LIST.name, sender, "whole", periods or (OCTOBER,), file, rows, at, None, None, None, (), {})


MINE = sent(1, PROVINCE, SEPTEMBER, OCTOBER)


@pytest.fixture
def told() -> Iterator[list[tuple[int, dict[int, str]]]]:
    """Delivery and rows, each time that some are passed over."""
    found: list[tuple[int, dict[int, str]]] = []
    with mock.patch.object(deliveries, "pass_over", lambda _, number, rows: found.append((number, dict(rows)))):
        yield found


def holding(alone: Mapping[tuple[str, str | None], Sequence[int]], among: Mapping[tuple[str, str | None], Sequence[int]]) -> Any:
    """What a file holds of periods, alone and among others."""

    def of(_: object, found: Sequence[Delivery], today: dt.date) -> Any:
        held = alone if len(found) == 1 else among

        def holding(dataset: Any, delivery: Delivery, on: dt.date, periods: Any) -> Any:
            assert (dataset, delivery, on, today) == (LIST, MINE, TODAY, TODAY)
            return {(period, place): rows for (period, place), rows in held.items() if period in periods}

        return SimpleNamespace(holding=holding)

    return mock.patch.object(overtaken, "sent", of)


@pytest.mark.parametrize(
    ("cells", "rows"),
    [
        ({(OCTOBER, VINH)}, [2, 3]),
        ({(OCTOBER, CUA_LO), (OCTOBER, UNKNOWN_UNIT)}, [4, 5]),
        ({(SEPTEMBER, VINH), (OCTOBER, CUA_LO)}, [4, 6]),
    ],
)
def test_passed_over_are_the_rows_of_the_cells_in_which_later_ones_hold(
    told: list[Any], cells: set[tuple[str, str]], rows: list[int]
) -> None:
    with holding(HOLDS, {}):
        pass_over_cells(HUB, LIST, MINE, cells, [sent(2, VINH)])
    assert told == [(MINE.id, dict.fromkeys(rows, WHY))]


def test_of_no_cell_or_of_one_of_which_it_has_no_row_nothing_is_told(told: list[Any]) -> None:
    with holding(HOLDS, {}):
        pass_over_cells(HUB, LIST, MINE, [], [sent(2, VINH)])
        pass_over_cells(HUB, LIST, MINE, [(OCTOBER, "415")], [sent(2, "415")])
    assert told == []


def test_who_has_sent_all_anew_is_told_so_of_the_whole_file(told: list[Any]) -> None:
    again, part = replace(MINE, id=3), sent(2, VINH)
    with holding(HOLDS, {}):
        pass_over_cells(HUB, LIST, MINE, [(OCTOBER, VINH)], [part, again])
        pass_over_periods(HUB, LIST, MINE, [OCTOBER], [MINE, part, again])
        assert told == []
        pass_over_periods(HUB, LIST, MINE, [OCTOBER], [MINE, part])
    assert [number for number, _ in told] == [MINE.id]


def test_by_the_main_road_passed_over_is_what_a_file_would_hold_alone_and_does_not_among_the_others(told: list[Any]) -> None:
    among = {(OCTOBER, OF_CUA_LO): [4], (OCTOBER, None): [5], (SEPTEMBER, OF_VINH): [6]}
    with holding(HOLDS, among):
        pass_over_periods(HUB, LIST, MINE, [SEPTEMBER, OCTOBER], [MINE, sent(2, VINH)])
        pass_over_periods(HUB, LIST, MINE, [SEPTEMBER], [MINE, sent(2, VINH)])
        assert told == [(MINE.id, {2: WHY, 3: WHY})]
    with holding(HOLDS, {}):
        pass_over_periods(HUB, LIST, MINE, [OCTOBER], [MINE, sent(2, "415", "2024-08")])
    assert len(told) == 1, "it holds whole"


def test_of_rows_that_came_back_each_is_told_with_its_own_reason(told: list[Any]) -> None:
    tell(HUB, MINE, [])
    tell(HUB, MINE, [Told(3, "Sheet1", 5, "kỳ đã khóa"), Told(5, "Sheet1", 7, WHY)])
    assert told == [(MINE.id, {3: "kỳ đã khóa", 5: WHY})]
