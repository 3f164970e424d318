"""The cells of the rows that a played system hands over."""

import numpy as np
import pytest

from demo.lives.deliveries import Delivery, by_delivery

SENT = {("2024-09", "412"): Delivery("on_time", np.int32(20), True), ("2024-10", "412"): Delivery("empty", np.int32(50), True)}
PERIODS = ("2024-09", "2024-10")


def test_rows_stand_in_the_cells_of_their_units_and_those_of_an_empty_one_are_dropped() -> None:
    cells, cell, day, kept = by_delivery(SENT, PERIODS, np.array([1, 0]), np.array(["412", "412"]))
    assert [cells[c] for c in cell] == [("2024-10", "412"), ("2024-09", "412")]
    assert day.tolist() == [50, 20] and kept.tolist() == [False, True]


def test_rows_of_a_cell_that_no_unit_owes_are_named_by_it() -> None:
    with pytest.raises(ValueError, match=r"2024-10\|40, a cell that no unit owes"):
        by_delivery(SENT, PERIODS, np.array([0, 1]), np.array(["412", "40"]))
