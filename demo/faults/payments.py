"""Faults of payment lists: a wrong amount, a line without its month or payee (U-06), of a month to come (U-07) or without its way of payment (U-08), paid after death or past the age, by two districts in one month, one line typed twice."""

import datetime as dt
from collections.abc import Callable

import numpy as np

from demo.faults.planting import REJECTED, WARNING, Planted, Row, Special
from demo.faults.rules import Break
from demo.lives.payments import STARTS

NEW_STANDARDS = dt.date(2024, 7, 1)


def list_faults(key: str, agrees: str, old_of_new: float) -> tuple[Break, ...]:
    """Faults of single lines of a payment list. `agrees` is the set rule that compares a line with the register's amount,
    `old_of_new` what the old standard was of the new one."""

    def wrong(row: Row, n: int) -> Row | None:
        amount = int(row["amount_vnd"])
        kept = round(amount * old_of_new / 1_000) * 1_000 if row["month"] >= NEW_STANDARDS and n % 2 else amount * 10
        return {"amount_vnd": str(kept)}

    def finding(id: str, rule: str, rate: float, change: Callable[[Row, int], Row], *also: str, **more) -> Break:
        return Break(rule, change, rate, id, also, outcome=REJECTED, fields=("month", "amount_vnd"), **more)

    return (
        Break(agrees, wrong, 15, "F-20", facts=("judged",)),
        finding("F-26", "month_present", 1, lambda row, n: {"month": None}, "key_complete", facts=("latest",), keyed=False),
        finding("U-06", f"{key}_present", 2, lambda row, n: {key: None}, "key_complete", keyed=False),
        Break(
            "payment_way_code_present",
            way_lost,
            2,
            "U-08",
            facts=("settled",),
            outcome=WARNING,
            fields=("month", "payment_way_code"),
        ),
        finding("U-07", "period_in_range", 1, lambda row, n: {"month": dt.date(2025, 6 + n % 6, 1)}, facts=("latest",)),
    )


def way_lost(row: Row, n: int) -> Row:
    return {"payment_way_code": None}


def _count(planted: Planted, rate: float) -> int:
    return max(2, round(rate * len(planted.plan) / 10_000))


def paid_after_the_end(id: str, rate: float, ended: np.ndarray, months_after: int, rules: tuple[str, ...]) -> Special:
    """F-25: a further line for a payee (`ended`: index of the first month no longer due, -1 for none), that many months later."""

    def make(planted: Planted) -> None:
        plan = planted.plan
        facts = plan.facts
        payee, month = facts["payee"], facts["month"]
        last = month == ended[payee] - 1  # the last line that is due
        rows = planted.free(last & (ended[payee] + months_after < len(STARTS)) & facts["plain"])
        cell_at = {c: i for i, c in enumerate(plan.cells)}
        days = _days_of_cells(plan.cells, plan.cell, plan.day)
        done = 0
        wanted = _count(planted, rate)
        chosen = planted.draw(f"{id} {rules[0]}").permutation(rows)[: 4 * wanted]
        for position, row in zip(chosen.tolist(), planted.rows(chosen), strict=True):
            if done == wanted:
                break
            to = int(ended[payee[position]]) + months_after
            period, unit = str(np.datetime64(int(STARTS[to]), "D"))[:7], planted.cell_of(position)[1]
            cell = cell_at.get((period, unit), -1)
            if cell < 0 or days.get(cell, 2**30) > facts["today"]:
                continue
            amount = facts["amounts"][payee[position], 0 if to < facts["step"] else 1]
            day = np.datetime64(int(STARTS[to]), "D")
            further: Row = {
                **row,
                "month": day.item(),
                "amount_vnd": str(amount),
                "arrears_vnd": "0",
                "is_received": True,
                "received_date": (day + 9).item(),
            }
            planted.add_row(further, cell, days[cell])
            planted.tell(further, period, unit, id, rules, WARNING)
            planted.used[position] = True
            done += 1

    return make


def _days_of_cells(cells: list[tuple[str, str]], cell: np.ndarray, day: np.ndarray) -> dict[int, int]:
    return {int(c): int(d) for c, d in zip(cell, day, strict=True)}


def paid_twice(rate: float) -> Special:
    """F-25: the same payee on the lists of two districts in one month."""

    def make(planted: Planted) -> None:
        plan, facts = planted.plan, planted.plan.facts
        rows = planted.free(facts["plain"] & facts["once"])
        days = _days_of_cells(plan.cells, plan.cell, plan.day)
        for position, row in zip(*_chosen(planted, rows, "two districts", rate), strict=True):
            period, unit = planted.cell_of(position)
            others = [
                i for i, c in enumerate(plan.cells) if c[0] == period and c[1] != unit and days.get(i, 2**30) <= facts["today"]
            ]
            if not others:
                continue
            cell = others[position % len(others)]
            commune = facts["commune_of_unit"][plan.cells[cell][1]]
            second: Row = {**row, "commune_code": commune}
            planted.add_row(second, cell, days[cell])
            for at in ((period, unit), plan.cells[cell]):
                planted.tell(row, *at, "F-25", ("same_key_in_two_cells", "paid_by_one_district"), WARNING)
            planted.used[position] = True

    return make


def typed_twice(rate: float) -> Special:
    """F-26: a line once more. The same in all: the second is a copy; with another amount neither can be told right."""

    def make(planted: Planted) -> None:
        rows = planted.free(planted.plan.facts["settled"])
        for n, (position, row) in enumerate(zip(*_chosen(planted, rows, "F-26", rate), strict=True)):
            at, cell, day = planted.cell_of(position), int(planted.plan.cell[position]), int(planted.plan.day[position])
            if n % 2 == 0:
                planted.add_row(row, cell, day)
                planted.tell(row, *at, "F-26", ("no_duplicate_row",), REJECTED, keyed=False)
            else:
                other: Row = {**row, "amount_vnd": str(int(row["amount_vnd"]) + 100_000)}
                planted.add_row(other, cell, day)
                for line in (row, other):
                    planted.tell(line, *at, "F-26", ("unique_key",), REJECTED, keyed=False)
            planted.used[position] = True

    return make


def _chosen(planted: Planted, rows: np.ndarray, name: str, rate: float) -> tuple[list[int], list[Row]]:
    chosen = planted.draw(name).permutation(rows)[: _count(planted, rate)]
    return chosen.tolist(), planted.rows(chosen)
