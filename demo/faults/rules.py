"""Faults that break a declared rule: a dataset that declares the rule carries its fault.

Here are those of the rules that the systems' records of people and of employers share (schemas/rules/persons.py, employers.py),
in the fields of schemas/vocabulary.py. A system's own rules have theirs beside the system, as `Break`s too; one of a rule that
stands here takes its place. F-15 leaves no remark; F-17 cannot stand here: before 1/12/2024 no code of another epoch has one
counterpart under another name.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from demo.faults import spoiling
from demo.faults.planting import FREE, LOOSE, REJECTED, REPAIRED, SILENT, WARNING, Fault, Row, Spoilt
from schemas.dataset import Dataset


@dataclass(frozen=True)
class Break:
    """A change of a row that breaks one rule; what becomes of the row follows from how the rule is declared.

    `change` gives the fields that change, or nothing where the row will not do. `also` are rules that the change breaks as
    well, where a dataset has them. A finding that is no declared rule's (a reader's, the key's) tells its `outcome`, and the
    fields that a dataset must have for it.
    """

    rule: str
    change: Callable[[Row, int], Row | None]
    rate: float = 3
    id: str = ""  # in the catalogue of faults; else the number of the rule
    also: tuple[str, ...] = ()
    facts: tuple[str, ...] = (LOOSE,)
    outcome: str | None = None
    fields: tuple[str, ...] = ()
    keyed: bool = True

    def of(self, dataset: Dataset) -> Fault | None:
        """The fault of a dataset; None where it has no such rule."""
        severities = {r.name: "warning" for r in dataset.set_rules} | {r.name: r.severity for r in dataset.rules}
        if self.outcome is None and self.rule not in severities:
            return None
        if not set(self.fields) <= {c.name for c in dataset.columns}:
            return None
        outcome = self.outcome
        if outcome is None:
            outcome = REJECTED if severities[self.rule] == "error" else WARNING
        numbers = {r.name: r.ref for r in (*dataset.rules, *dataset.set_rules)}
        rules = (self.rule, *self.also)

        def spoil(row: Row, n: int) -> Spoilt | None:
            changes = self.change(row, n)
            return None if changes is None else Spoilt(changes, rules, keyed=self.keyed)

        return Fault(self.id or numbers[self.rule], self.rule, outcome, self.rate, spoil, self.facts)


def old_card_in_its_place(row: Row, n: int) -> Row | None:
    """F-03: the nine digits of the old card where the personal number belongs."""
    number = row["identity_number"]
    if number is None or int(row["birth_year"]) >= 1965:
        return None
    return {"identity_number": row["old_identity_number"] or "180" + number[-6:], "old_identity_number": None}


def first_of_january(row: Row, n: int) -> Row | None:
    """F-15: 01/01 for a year, the precision still saying so."""
    return {"birth_date": f"{row['birth_year']}-01-01"} if row["birth_date"] is None else None


def other_sex(row: Row, n: int) -> Row | None:
    number = row["identity_number"]
    return {"identity_number": spoiling.other_sex(number)} if number else None


def other_year(row: Row, n: int) -> Row | None:
    number = row["identity_number"]
    return {"identity_number": spoiling.other_year(number)} if number else None


def born_long_ago(row: Row, n: int) -> Row | None:
    return {"birth_year": "1880"} if row["birth_date"] is None else None


def not_born_yet(row: Row, n: int) -> Row | None:
    return {"birth_date": "29" + row["birth_date"][2:]} if row["birth_date"] else None


def born_a_year_before(row: Row, n: int) -> Row | None:
    return {"birth_year": str(int(row["birth_year"]) - 1)} if row["birth_date"] else None


def day_of_birth_lost(row: Row, n: int) -> Row | None:
    return {"birth_date": None} if row["birth_date"] and row["birth_precision"] == "ngay" else None


def year_of_birth_lost(row: Row, n: int) -> Row | None:
    """F-14: the year is left out where the whole date stands beside it."""
    return {"birth_year": None} if row["birth_date"] else None


def card_cut_short(row: Row, n: int) -> Row | None:
    card = row["health_insurance_card"]
    return {"health_insurance_card": card[:-1]} if card else None


def card_of_others(row: Row, n: int) -> Row | None:
    card = row["health_insurance_card"]
    return {"health_insurance_card": "GD" + card[2:]} if card else None


def bank_lost(row: Row, n: int) -> Row | None:
    return {"bank_code": None} if row["account_number"] else None


def account_of_a_stranger(row: Row, n: int) -> Row | None:
    own = row["account_holder"] and not row.get("guardian_name")
    return {"account_holder": "Trần Văn Mô Phỏng"} if own else None


def first_day_lost(row: Row, n: int) -> Row | None:
    """Of an entitlement that ended before all payment lists: no figure and no list is about it."""
    end = row["entitled_until"]
    return {"entitled_from": None} if end and end < "2024" else None


def entitled_too_early(row: Row, n: int) -> Row | None:
    """Entitled two months before the decision."""
    decided = row["decision_date"] and dt.date.fromisoformat(row["decision_date"])
    return {"entitled_from": str((decided.replace(day=1) - dt.timedelta(days=40)).replace(day=1))} if decided else None


def entitled_after_the_end(row: Row, n: int) -> Row | None:
    """Of an entitlement that ended before all payment lists: nothing else is about its beginning."""
    end = row["entitled_until"]
    return {"entitled_from": str(dt.date.fromisoformat(end) + dt.timedelta(days=1))} if end and end < "2024" else None


def last_digit_mistyped(row: Row, n: int) -> Row | None:
    return {"tax_code": row["tax_code"][:9] + str((int(row["tax_code"][9]) + 1) % 10)}


SHARED = (
    Break("identity_sex_agrees", other_sex, 12, "F-06", facts=(LOOSE, FREE)),
    Break("identity_birth_year_agrees", other_year, 12, "F-06", facts=(LOOSE, FREE)),
    Break("birth_year_is_possible", born_long_ago),
    Break("birth_date_has_passed", not_born_yet, also=("birth_date_and_year_agree",)),
    Break("birth_date_and_year_agree", born_a_year_before),
    Break("birth_precision_agrees", day_of_birth_lost),
    Break("health_card_has_valid_form", card_cut_short),
    Break("health_card_letters_agree", card_of_others),
    Break("account_names_its_bank", bank_lost, 6, "F-27"),
    Break("account_holder_is_the_person", account_of_a_stranger, 6, "F-27"),
    Break("tax_code_check_digit", last_digit_mistyped),
    Break("entitlement_begins_on_a_day", first_day_lost),
    Break("entitled_from_decision_month", entitled_too_early),
    Break("entitlement_ends_after_it_begins", entitled_after_the_end),
    Break(
        "identity_number_is_old_card",
        old_card_in_its_place,
        120,
        "F-03",
        facts=(LOOSE, FREE),
        outcome=WARNING,
        fields=("identity_number", "old_identity_number", "birth_year"),
    ),
    Break(
        "birth_year_taken_from_date",
        year_of_birth_lost,
        8,
        "F-14",
        outcome=REPAIRED,
        fields=("birth_date", "birth_year"),
    ),
    Break(
        "",
        first_of_january,
        100,
        "F-15",
        facts=(LOOSE, FREE),
        outcome=SILENT,
        fields=("birth_date", "birth_year", "birth_precision"),
    ),
)
