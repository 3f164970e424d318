"""Between which cells of a register rows pass once their communes are another unit's, and what follows of files beside its main road."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa

from assets.cells.following import Following, following, passing
from resources.warehouse.arrivals import pulls
from resources.warehouse.arrivals.cells import CellState, DatasetCells
from resources.warehouse.arrivals.pulls import Chain
from schemas import calendar
from schemas.registry import dataset_named

REGISTER = dataset_named("social_protection.beneficiaries")
DAY = dt.date(2024, 12, 5)  # Cửa Lò (413) went into Vinh (412) on the first
HELD = [("413", "16717"), ("413", "16720"), ("412", "16681"), ("413", "99999")]  # unit and commune of the rows


def state(unit: str) -> CellState:
    return CellState(unit, "on_time", "accepted", 5, 5, True, "held", 0, 0)


def test_rows_pass_from_the_cell_that_holds_them_to_the_unit_whose_they_are() -> None:
    states = {unit: state(unit) for unit in ("412", "413", "414")}
    assert passing(HELD, states, DAY) == [("413", "412")]
    assert passing(HELD, states, dt.date(2024, 11, 30)) == [], "they are its own yet"


def test_no_row_passes_that_came_beside_nor_to_a_cell_that_never_held_anything() -> None:
    states = {unit: state(unit) for unit in ("412", "413")}
    assert passing(HELD, states | {"413": replace(states["413"], came_beside=True)}, DAY) == []
    assert passing(HELD, states | {"412": replace(states["412"], came_beside=True)}, DAY) == [("413", "412")]
    assert passing(HELD, states | {"412": replace(states["412"], ever_accepted=False)}, DAY) == []
    assert passing(HELD, {"413": states["413"], "412": states["412"]}, DAY) == [("413", "412")]
    assert passing(HELD[:2], {"413": states["413"]}, DAY) == []


def chain(*found: str, begun: str = "2024-11-30T16:59+00:00") -> Chain:
    at = dt.datetime.fromisoformat(begun)
    return Chain(frozenset(found), (), (), 1, at, at)


def follows(
    chains: Sequence[Chain],
    beside: Sequence[str] = ("413",),
    dataset: Any = REGISTER,
    period: str = "now",
    on: dt.date = DAY,
) -> list[Following]:
    engine: Any = mock.Mock(spec=sa.Engine)
    held = {unit: replace(state(unit), came_beside=True) for unit in beside}
    others = {"414": state("414"), "415": replace(state("415"), came_beside=True, ever_accepted=False)}
    cells: Any = mock.Mock(spec=DatasetCells, dataset=dataset)
    cells.states.return_value = held | others
    with mock.patch.object(pulls, "chains", return_value=chains) as found:
        told = following(engine, cells, calendar.moment(dataset, period, on))
    assert not told or found.call_args.args == (engine, dataset, period, {*beside}), (
        "of the others nothing is held that came beside"
    )
    return told


def test_of_a_unit_that_ended_all_its_communes_follow_to_who_took_them() -> None:
    came = chain("413", "412")
    [one] = follows([came])
    assert (one.unit, one.chain, one.takers) == ("413", came, {"412"})
    assert {"16717", "16735"} <= one.then and len(one.then) == 7 and one.then == one.now, "their codes stayed"


def test_of_a_unit_that_gave_some_communes_away_those_alone_follow_by_their_codes_of_both_days() -> None:
    """Nghi Lộc (429) gave four to Vinh and merged others, which are its own under other codes."""
    found = follows([chain("429", "421", "413")], ["429", "421", "413"])
    assert [(one.unit, one.takers) for one in found] == [("413", {"412"}), ("429", {"412"})]
    assert found[1].then == found[1].now == {"17902", "17905", "17917", "17926"}
    [one] = follows([chain("413")], on=dt.date(2025, 7, 2))
    assert one.then > one.now == one.takers, "by now each of those is a unit"


def test_what_came_once_units_had_changed_is_where_it_belongs() -> None:
    assert follows([chain("413", begun="2024-11-30T17:00+00:00")]) == [], "it was December in the province"
    assert len(follows([chain("413", begun="2024-11-30T17:00+00:00"), chain("413")])) == 1, "another is looked at all the same"


@pytest.mark.parametrize(
    "given",
    [
        {"beside": []},
        {"dataset": dataset_named("social_protection.monthly_payments"), "period": "2024-12"},
        {"dataset": dataset_named("administrative_procedures.result_papers")},  # tells no commune
    ],
)
def test_nothing_follows_of_a_month_nor_where_nothing_came_beside(given: dict[str, Any]) -> None:
    assert follows([chain("413")], **given) == []
