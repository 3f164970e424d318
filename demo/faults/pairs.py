"""Faults of more than one row: one number for two people, one person under two numbers, heads of households, shared accounts."""

from collections.abc import Callable

import numpy as np

from demo.faults.planting import WARNING, Planted, Row, Truth
from demo.names import without_marks
from schemas.dataset import Dataset

Special = Callable[[Planted], None]


def _count(planted: Planted, rate: float) -> int:
    return max(2 if len(planted.plan) >= 1_500 else 1, round(rate * len(planted.plan) / 10_000))


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
        wanted = _count(planted, rate)
        done = 0
        chosen = planted.draw("F-04").permutation(at)[: 2 * wanted + 4]
        firsts, seconds = planted.rows(rows[chosen]), planted.rows(rows[chosen + 1])
        for i, first, second in zip(chosen.tolist(), firsts, seconds, strict=True):
            pair = rows[i : i + 2]
            if done == wanted or without_marks(first["ho_ten"]) == without_marks(second["ho_ten"]):
                continue  # of one name they would be one person asked twice
            done += 1
            planted.edits.setdefault("so_dinh_danh", {})[int(pair[1])] = first["so_dinh_danh"]
            for position, row in zip(pair.tolist(), (first, second), strict=True):
                planted.tell(row, *planted.cell_of(position), "F-04", ("identity_is_of_one_person",), WARNING)
            planted.used[pair] = True

    return make


def one_person_under_two(rate: float, mark: Callable[[Row, int], Row]) -> Special:
    """F-05: a second record of the same person, known there by the old card. `mark` gives the record its own key."""

    def make(planted: Planted) -> None:
        facts = planted.plan.facts
        rows = planted.free(facts["numbered"] & facts["free"] & facts["dated"] & facts["old"] & ~facts["new_year"])
        chosen = planted.draw("F-05").permutation(rows)[: _count(planted, rate)]
        for n, (position, row) in enumerate(zip(chosen.tolist(), planted.rows(chosen), strict=True)):
            card = row["so_cmnd_cu"] or "180" + row["so_dinh_danh"][-6:]
            second = {**row, "so_dinh_danh": None, "so_cmnd_cu": card, **mark(row, n)}
            planted.add_row(second, position)
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
        chosen = order[np.sort(first)][: _count(planted, rate)]
        for n, (position, row) in enumerate(zip(chosen.tolist(), planted.rows(chosen), strict=True)):
            home = np.flatnonzero(facts["group"] == facts["group"][position])
            if n % 2:
                planted.edits.setdefault("quan_he_chu_ho", {})[position] = "1"
            else:
                planted.edits.setdefault("quan_he_chu_ho", {})[int(home[0])] = "9"
            key = f"{row['ma_ho']}|{row['nam_ra_soat']}"
            locator = f'{{"ma_ho": "{row["ma_ho"]}", "nam_ra_soat": {row["nam_ra_soat"]}}}'
            period, unit = planted.cell_of(position)
            planted.truth.append(
                Truth(
                    households.source.name,
                    households.name,
                    key,
                    True,
                    locator,
                    period,
                    unit,
                    "F-23",
                    ("exactly_one_head",),
                    WARNING,
                )
            )
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
                new: Row = {c: first[c] for c in ("so_tai_khoan", "ma_ngan_hang", "ten_chu_tai_khoan")}
                rules = ["account_is_not_shared"]
                if guardian:
                    new["nguoi_giam_ho"] = first["ten_chu_tai_khoan"]
                elif without_marks(row["ho_ten"]) != without_marks(first["ho_ten"]):
                    rules.append("account_holder_is_the_person")
                for column, value in new.items():
                    planted.edits.setdefault(column, {})[position] = value
                planted.tell(row, *planted.cell_of(position), "F-27", tuple(rules), WARNING)
                planted.used[position] = True

    return make
