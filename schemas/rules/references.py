"""Which rules of the field are built, where, and which have no input in these sources.

The numbers are those of the sector's rule book: C common to persons, N merit, B social assistance, P poverty, L labour.
"""

from dataclasses import dataclass
from functools import cache

from schemas.dated import read_rows


def _numbered(letter: str, last: int) -> frozenset[str]:
    return frozenset(f"{letter}-{n:02d}" for n in range(1, last + 1))


DOMAIN_REFS = _numbered("C", 10) | _numbered("N", 8) | _numbered("B", 9) | _numbered("P", 9) | _numbered("L", 8)
# F-25: paid in two districts the same month, a fault that no numbered rule of one system covers.
ALL_REFS = DOMAIN_REFS | {"F-25"}

# Judged while a cell is read or placed, not by a rule function: schemas/reading, schemas/units.py, schemas/validation.py.
BUILT_WHEN_READ = {
    "C-01": "identity_number: twelve digits, a listed prefix",
    "C-05": "phone_number: forms of today and of before 2018",
    "C-06": "full_name and other texts: Unicode, no legacy fonts, letters only",
    "C-07": "commune_code with commune_name: listed on the day of judging",
    "C-08": "account_number: its form; bank_code: the list of banks",
}


@dataclass(frozen=True)
class WithoutInput:
    ref: str
    is_whole: bool  # false: only a part of the rule has no input, the rest is built
    reason_vi: str
    legal: str


@cache
def without_input() -> tuple[WithoutInput, ...]:
    rows = read_rows("rules_without_input.csv")
    return tuple(WithoutInput(r["ref"], r["part"] == "whole", r["reason_vi"], r["legal"]) for r in rows)


def built() -> frozenset[str]:
    """The numbers of the rules that some dataset declares, or that reading judges."""
    from schemas.registry import DATASETS  # the registry imports the sources, which import the rules

    declared = {r.ref for d in DATASETS for r in (*d.rules, *d.set_rules)}
    return frozenset(declared | set(BUILT_WHEN_READ))
