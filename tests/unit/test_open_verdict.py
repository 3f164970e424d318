"""What the check of an open table says of its figures: red where one cannot stand for the truth, else what still waits."""

import datetime as dt
from dataclasses import replace

import dagster as dg

from assets.open.asset import verdict
from assets.open.nights import Waiting
from assets.open.publish import Published
from schemas.registry import dataset_named

DATASET = dataset_named("meritorious_persons.monthly_payments")
KEY = dg.AssetKey(["open", "meritorious_persons", "payments_by_way"])
DONE = Published(
    dataset=DATASET, table=DATASET.open_tables[0], release=None, is_new=False, periods=("2024-10",),
    standing=("2024-09", "2024-10"), rows=0, statuses={}, waiting={},
)  # fmt: skip


def test_a_figure_beyond_the_bounds_of_rounding_turns_the_check_red_and_names_its_periods() -> None:
    said = verdict(KEY, replace(DONE, unmatched=("2024-09", "2024-10")))
    assert not said.passed and "2024-09, 2024-10" in (said.description or "") and "giới hạn làm tròn" in (said.description or "")


def test_what_is_held_back_is_told_and_nothing_else_where_all_holds() -> None:
    said = verdict(KEY, DONE)
    assert said.passed and said.description is None
    assert {name: value.value for name, value in said.metadata.items()} == {"kỳ đã xét": 2, "kỳ tính lại trong lượt này": 1}
    told = verdict(KEY, replace(DONE, waiting={"2024-10": Waiting(3, dt.date(2024, 11, 25))}))
    assert told.passed and "kỳ 2024-10: 3 đơn vị, đến đêm 25/11/2024" in (told.description or "")
