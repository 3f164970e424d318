"""The register of the cases of set rules, by dataset and rule."""

from collections.abc import Callable

from tests.integration.set_rules.rows import Warehouse

# One case a rule: fills the warehouse, and gives the period and the keys that must be found there.
Case = Callable[[Warehouse], tuple[str, set[str]]]


CASES: dict[tuple[str, str], Case] = {}


def case(*datasets: str) -> Callable[[Case], Case]:
    def keep(function: Case) -> Case:
        for dataset in datasets:
            CASES[dataset, function.__name__] = function
        return function

    return keep
