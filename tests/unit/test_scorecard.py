"""The one line of a night that says what to do first: the most urgent kind of thing, in the system that has most of it."""

from typing import Any

import pytest

from resources.warehouse.running.scorecard import first_thing
from schemas.registry import DATASETS, SOURCES


def system(label: str, name: str, **stands: Any) -> dict[str, Any]:
    nothing = {"failed_datasets": [], "refused_cells": [], "warnings": {}, "missing": 0, "rows_rejected": 0}
    return {"label": label, "source": name, **nothing, **stands}


OPEN = [
    ("failed_datasets", ["x: hỏng"] * 7, "7 bộ dữ liệu không nạp được"),
    ("refused_cells", ["x: y", "z: y"], "2 ô bị từ chối"),
    ("warnings", {"money": 1_200_000, "note": 1}, "1.200.000 cảnh báo về tiền; ansinh quarantine list --source "),
    ("missing", 30_000, "30.000 ô quá hạn chưa nộp; ansinh status --source "),
    ("rows_rejected", 40_000_000, "40.000.000 dòng bị loại; ansinh quarantine list --source "),
]
ALL = [(s.label, s.name) for s in SOURCES]
ABOUT_MONEY = {d.source.name for d in DATASETS for r in (*d.rules, *d.set_rules) if r.weight == "money"}


@pytest.mark.parametrize("most_urgent", range(len(OPEN)))
def test_the_most_urgent_thing_is_told_where_there_is_most_of_it(most_urgent: int) -> None:
    kind, _, told = OPEN[most_urgent]
    stands = {name: value for name, value, _ in OPEN[most_urgent:]}
    for label, name in ((label, name) for label, name in ALL if kind != "warnings" or name in ABOUT_MONEY):
        little = system("khác", "other", rows_rejected=1, warnings={"note": 9})
        first = first_thing([little, system(label, name, **stands)], [])
        assert first is not None and told in first and (label in first or name in first)
        assert len(f"Việc trước hết: {first}.") <= 100


def test_a_report_that_came_back_is_told_before_warnings_and_nothing_where_all_is_well() -> None:
    systems = [system("A", "a", warnings={"money": 5}, missing=2)]
    assert first_thing(systems, ["AS-T 2024-10"]) == "báo cáo AS-T 2024-10 bị trả lại; ansinh report show"
    assert first_thing([system("A", "a", warnings={"note": 700})], []) is None
    assert first_thing([], []) is None
