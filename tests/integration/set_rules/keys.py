"""Set rules over the keys of every dataset."""

from schemas.dataset import Dataset
from schemas.registry import DATASETS
from tests.integration.set_rules.cases import CASES, Case
from tests.integration.set_rules.rows import PERIODS, Warehouse


def _holds_period(dataset: Dataset) -> bool:
    """Whether the key of a row tells its period."""
    return dataset.placed_by in dataset.key


def _same_key(dataset: Dataset) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        period, other = PERIODS[dataset.kind]
        for key, where, unit in (("A", period, "415"), ("A", period, "416"), ("B", period, "415")):
            if not dataset.by_province:
                w.put(dataset.id, where, {"row_key": key}, unit=unit)
        marked = lambda unit, key: f"{unit}:{key}" if dataset.id.endswith("payments") else key  # noqa: E731
        found = set() if dataset.by_province else {marked("415", "A"), marked("416", "A")}
        if other != period and not _holds_period(dataset):
            w.put(dataset.id, period, {"row_key": "C"}, unit="40")
            w.put(dataset.id, other, {"row_key": "C"}, unit="40")
            found.add("C")
        return period, found

    return filled


def _case_alone(dataset: Dataset) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        period, other = PERIODS[dataset.kind]
        here, there = ("40", "40") if dataset.by_province else ("415", "416")
        for key, unit in (("HĐ-1", here), ("hđ-1", there), ("Lk", here), ("lK", there), ("z-2", here), ("Z-3", here)):
            w.put(dataset.id, period, {"row_key": key}, unit=unit)
        marked = lambda unit, key: f"{unit}:{key}" if dataset.id.endswith("payments") else key  # noqa: E731
        found = {marked(here, "HĐ-1"), marked(there, "hđ-1"), marked(here, "Lk"), marked(there, "lK")}
        if other != period and not _holds_period(dataset):
            w.put(dataset.id, other, {"row_key": "Z-2"}, unit=here)
            found.add(marked(here, "z-2"))
        return period, found

    return filled


for _d in DATASETS:
    CASES[_d.id, "same_key_in_two_cells"] = _same_key(_d)
    CASES[_d.id, "keys_differ_by_more_than_case"] = _case_alone(_d)
