"""Which rules of the field are built, where, and which have no input in these sources.

The numbers are those of the sector's rule book: C is common to persons, each system declares its own letter.
"""

from dataclasses import dataclass
from functools import cache

from schemas.dated import read_all
from schemas.registry import DATASETS, SOURCES

# C-01 to C-10 are common to persons. F-25, paid in two districts the same month, is a fault that no numbered rule of one system
# covers.
COMMON = frozenset(f"C-{number:02d}" for number in range(1, 11))
UNNUMBERED = frozenset({"F-25"})

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
    rows = read_all("rules_without_input.csv")
    return tuple(WithoutInput(r["ref"], r["part"] == "whole", r["reason_vi"], r["legal"]) for r in rows)


def numbered() -> frozenset[str]:
    """Every rule of the rule book."""
    return COMMON.union(*(s.rule_numbers for s in SOURCES))


def built() -> frozenset[str]:
    """The numbers of the rules that some dataset declares, or that reading judges."""
    declared = {r.ref for d in DATASETS for r in (*d.rules, *d.set_rules)}
    return frozenset(declared | set(BUILT_WHEN_READ))
