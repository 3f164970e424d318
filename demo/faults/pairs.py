"""Faults of more than one row: one number for two people, one person under two numbers, heads of households, shared accounts."""

from collections.abc import Callable

import numpy as np

from demo.faults.planting import WARNING, Planted, Row, Special, least_or, received, truth_of
from demo.people.names import without_marks
from schemas.dataset import Dataset


def one_number_for_two(rate: float) -> Special:
    """F-04: of two people of one sex and year of birth in one cell, the second has the first one's number."""

    def make(planted: Planted) -> None:
        facts, plan = planted.plan.facts, planted.plan
        rows = planted.free(facts["numbered"] & facts["free"])
        rows = rows[np.lexsort((facts["born"][rows], facts["sex"][rows], plan.cell[rows]))]
        same = (
            (plan.cell[rows][1:] == plan.cell[rows][:-1])
            & (facts["born"][rows][1:] == facts["born"][rows][:-1])
            & (facts["sex"][rows][1:] == facts["sex"][rows][:-1])
            & (facts["group"][rows][1:] != facts["group"][rows][:-1])
        )
        at = np.flatnonzero(same)
        at = at[np.concatenate(([True], np.diff(at) > 1))] if len(at) else at
        wanted = least_or(planted.plan, rate)
        done = 0
        chosen = planted.draw("F-04").permutation(at)[: 2 * wanted + 4]
        firsts, seconds = planted.rows(rows[chosen]), planted.rows(rows[chosen + 1])
        for i, first, second in zip(chosen.tolist(), firsts, seconds, strict=True):
            pair = rows[i : i + 2]
            if done == wanted or without_marks(first["full_name"]) == without_marks(second["full_name"]):
                continue  # of one name they would be one person asked twice
            done += 1
            planted.edit(int(pair[1]), {"identity_number": first["identity_number"]})
            for position, row in zip(pair.tolist(), (first, second), strict=True):
                planted.tell(row, *planted.cell_of(position), "F-04", ("identity_is_of_one_person",), WARNING)
            planted.used[pair] = True

    return make


def one_person_under_two(rate: float, mark: Callable[[Row, int], Row]) -> Special:
    """F-05: a second record of the same person, known there by the old card. `mark` gives the record its own key."""

    def make(planted: Planted) -> None:
        facts = planted.plan.facts
        rows = planted.free(facts["numbered"] & facts["free"] & facts["dated"] & facts["old"] & ~facts["new_year"])
        chosen = planted.draw("F-05").permutation(rows)[: least_or(planted.plan, rate)]
        for n, (position, row) in enumerate(zip(chosen.tolist(), planted.rows(chosen), strict=True)):
            card = row["old_identity_number"] or "180" + row["identity_number"][-6:]
            second = {**row, "identity_number": None, "old_identity_number": card, **mark(row, n)}
            planted.add_row(second, int(planted.plan.cell[position]), int(planted.plan.day[position]))
            for record in (row, second):
                planted.tell(record, *planted.cell_of(position), "F-05", ("person_has_one_identity",), WARNING)
            planted.used[position] = True

    return make


def heads_of_households(rate: float, households: Dataset, loose: np.ndarray) -> Special:
    """F-23: no head, or two. The finding is the household's: `loose` tells by member which households carry nothing else."""

    def make(planted: Planted) -> None:
        facts = planted.plan.facts
        entries = planted.free(loose & facts["second"] & (facts["grown"]))
        order = planted.draw("F-23").permutation(entries)
        # One member of a household: two together could make one head again.
        _, first = np.unique(facts["group"][order], return_index=True)
        chosen = order[np.sort(first)][: least_or(planted.plan, rate)]
        for n, (position, row) in enumerate(zip(chosen.tolist(), planted.rows(chosen), strict=True)):
            home = np.flatnonzero(facts["group"] == facts["group"][position])
            if n % 2:
                planted.edit(position, {"head_relation_code": "1"})
            else:
                planted.edit(int(home[0]), {"head_relation_code": "9"})
            household = received(households, {name: row[name] for name in households.key})
            at = planted.cell_of(position)
            planted.truth.append(truth_of(households, household, *at, "F-23", ("exactly_one_head",), WARNING))
            planted.used[home] = True  # another fault of a member would hide this one

    return make


def shared_account(groups: int, people: int, guardian: bool) -> Special:
    """F-27: one account for more people than a family has. With a guardian the holder is the guardian of them all."""

    def make(planted: Planted) -> None:
        facts, plan = planted.plan.facts, planted.plan
        rows = planted.free(facts["banked"] & facts["active"] & facts["free"])
        rng = planted.draw("F-27")
        count = max(groups, round(len(plan) / 40_000))
        cells, sizes = np.unique(plan.cell[rows], return_counts=True)
        big = rng.permutation(cells[sizes >= people])
        if not len(big):  # a small province: people of several districts
            big = np.full(1, -1)
        for cell in big[:count]:
            inside = rng.permutation(rows if cell < 0 else rows[plan.cell[rows] == cell])[:people]
            if len(inside) < people:
                continue
            records = planted.rows(inside)
            first = records[0]
            for position, row in zip(inside.tolist(), records, strict=True):
                new: Row = {name: first[name] for name in ("account_number", "bank_code", "account_holder")}
                rules = ["account_is_not_shared"]
                if guardian:
                    new["guardian_name"] = first["account_holder"]
                elif without_marks(row["full_name"]) != without_marks(first["full_name"]):
                    rules.append("account_holder_is_the_person")
                planted.edit(position, new)
                planted.tell(row, *planted.cell_of(position), "F-27", tuple(rules), WARNING)
                planted.used[position] = True

    return make
