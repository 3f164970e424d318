"""Which faults a dataset carries: those of its rules, then those of its fields, and nothing that is listed for it alone."""

from collections.abc import Iterable, Iterator

from demo.faults.fields import field_faults
from demo.faults.planting import Fault, Planted, Special, plant
from demo.faults.rules import SHARED, Break
from demo.writing.plans import Plan
from schemas.dataset import Dataset


def faults_of(dataset: Dataset, own: Iterable[Break] = ()) -> Iterator[Fault]:
    """`own` are the breaks of the system's own rules: of each the dataset carries what it declares."""
    breaks = {b.rule: b for b in (*SHARED, *own)}
    found = [b.of(dataset) for b in breaks.values()]
    yield from (fault for fault in found if fault is not None)
    yield from field_faults(dataset)


def spoiled(plan: Plan, own: Iterable[Break] = (), special: Iterable[Special] = ()) -> Planted:
    """A plan with the faults of its dataset; `special` are those of more than one row."""
    return plant(plan, faults_of(plan.dataset, own), special)
