"""Between which cells of a register rows pass once their communes are another unit's."""

import datetime as dt
from dataclasses import replace

from assets.cells.following import passing
from resources.warehouse.arrivals.cells import CellState

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
