"""How much a warning matters: by its rule, or by what a reader says. Nobody is judged by it; lists are ordered by it."""

from functools import cache

from schemas.column import Weight
from schemas.dataset import Dataset
from schemas.population import FINDINGS
from schemas.reading import reader_of

TITLES: dict[Weight, str] = {"money": "tiền", "identity": "định danh", "record": "hồ sơ", "note": "ghi chú"}
ORDER = tuple(TITLES)

# What a reader or a code list remarks upon stays as it was written, and is known: an old identity card, a telephone of another
# plan, a bank that the list lacks. Only an account that is none keeps money from somebody.
_PAID_THROUGH = frozenset({"account_number"})


@cache
def weight(dataset: Dataset, rule: str) -> Weight:
    """What a warning of this name is about in a dataset."""
    for declared in (*dataset.rules, *dataset.set_rules, *FINDINGS):
        if declared.name == rule:
            return declared.weight
    for c in dataset.columns:
        if c.expected and rule == f"{c.name}_present":
            return c.expected
        if rule == f"{c.name}_plausible":
            return "record"
    paid = (c.name for c in dataset.columns if reader_of(c) in _PAID_THROUGH)
    return "money" if any(rule.startswith(f"{name}_") for name in paid) else "note"
