"""Set rules over persons and their accounts, of whatever system holds them."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from schemas.dataset import NO_ROW
from schemas.registry import dataset_named
from tests.integration.set_rules.cases import CASES, Case, case
from tests.integration.set_rules.rows import (
    BENEFICIARIES,
    CHILDREN,
    HOUSEHOLDS,
    MEMBERS,
    PROFILES,
    SEEKERS,
    WORKERS,
    Warehouse,
    beneficiary,
    child,
    household,
    human,
    member,
    profile,
    seeker,
    worker,
)


@case(PROFILES)
def account_is_not_shared(w: Warehouse) -> tuple[str, set[str]]:
    shared = {"account_number": "360020511", "bank_code": "970405"}
    w.put(PROFILES, "now", *(profile(f"P{n}", n, **shared) for n in range(4)), profile("P9", 9, account_number="360020511"))
    w.put(PROFILES, "now", *(profile(f"Q{n}", n % 3, account_number="770020511") for n in range(6)))  # six files of three people
    held = {"account_number": "880020511", "bank_code": "970405"}  # of three, the others draw no more
    w.put(PROFILES, "now", *(profile(f"R{n}", 10 + n, **held) for n in range(3)), profile("R3", 13, status_code=2, **held))
    w.put(PROFILES, "now", profile("R4", 14, entitled_until="2024-11-20", **held))
    nameless = {"account_number": "990020511", "identity_number": None}  # one file each is one person each
    w.put(PROFILES, "now", *(profile(f"S{n}", **nameless) for n in range(4)), profile("S4"), profile("S5"))
    return "now", {*(f"P{n}" for n in range(4)), *(f"S{n}" for n in range(4))}


def _accounts(dataset: str, row: Callable[..., dict[str, Any]], period: str) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        w.put(dataset, period, *(row(f"H{n}", account_number="360020511") for n in range(4)))
        w.put(dataset, period, *(row(f"T{n}", account_number="770020511") for n in range(3)))
        suffix = "|2024" if period == "2024" else ""
        return period, {f"H{n}{suffix}" for n in range(4)}

    return filled


CASES[BENEFICIARIES, "account_is_not_shared"] = _accounts(BENEFICIARIES, beneficiary, "now")


CASES[HOUSEHOLDS, "account_is_not_shared"] = _accounts(HOUSEHOLDS, household, "2024")


def _people(dataset: str) -> tuple[str, Callable[[str, Any], dict[str, Any]], Callable[[str], str]]:
    if dataset == PROFILES:
        return "now", lambda k, who: profile(k) | who, lambda k: k
    if dataset == BENEFICIARIES:
        return "now", lambda k, who: beneficiary(k) | who, lambda k: k
    if dataset == SEEKERS:
        return "now", lambda k, who: seeker(k) | who, lambda k: k
    if dataset == CHILDREN:
        return "now", lambda k, who: child(k) | who, lambda k: k
    if dataset == MEMBERS:
        return "2024", lambda k, who: member(k, 1) | who, lambda k: f"{k}|2024|1"
    return "2024", lambda k, who: worker(k, 0) | who, lambda k: k


def _identity_of_one(dataset: str) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        period, row, key = _people(dataset)
        w.put(
            dataset,
            period,
            row("A1", human(1, "Đặng Thị Hoà")),
            row("A2", human(1, "Đặng Thị Hoa")),  # marks and tone places are folded: one person
            row("B1", human(2, "Lê Văn An")),
            row("B2", human(2, "Lê Văn Bình")),
            row("C1", human(3, born="1950-03-07")),
            row("C2", human(3, born="1951-03-07")),
            row("D1", human(None)),
            row("D2", human(None, "Ai Khác")),
        )
        if period != "now":  # another year is another list
            w.put(dataset, "2023", row("A0", human(1, "Ai Khác")), row("D0", human(4)))
            w.put(dataset, period, row("D3", human(4, "Ai Nữa")))
        return period, {key(k) for k in ("B1", "B2", "C1", "C2")}

    return filled


def _one_identity(dataset: str) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        period, row, key = _people(dataset)
        w.put(
            dataset,
            period,
            row("A1", human(1, "Vừ Bá Mùa", "1950-03-07")),
            row("A2", human(2, "VỪ  BÁ MÙA", "1950-03-07")),
            row("B1", human(3, "Lô Thị An", "1950-04-07")),
            row("B2", human(None, "Lô Thị An", "1950-04-07", old_identity_number="186000001")),
            row("C1", human(4, "Hà Văn Tư", "1950-01-01")),  # 1 January stands for an unknown day
            row("C2", human(5, "Hà Văn Tư", "1950-01-01")),
            row("D1", human(6, "Vi Văn Tư", "1950-05-07")),
            row("D2", human(6, "Vi Văn Tư", "1950-05-07")),
            row("E1", human(7, "Kha Văn Tư", "1950-06-07")),
            row("E2", human(8, "Kha Văn Tư", "1950-06-07", commune_code="16744")),
            row("F1", human(9, "Lương Văn Tư", "1950-01-07")),  # a day of January, and the first of another month, are days
            row("F2", human(10, "Lương Văn Tư", "1950-01-07")),
            row("G1", human(11, "Moong Văn Tư", "1950-02-01", birth_precision=None)),
            row("G2", human(12, "Moong Văn Tư", "1950-02-01", birth_precision=None)),
            row("H1", human(13, "Cụt Văn Tư", "1950-08-01", birth_precision="thang")),
            row("H2", human(14, "Cụt Văn Tư", "1950-08-01", birth_precision="thang")),
            row("I1", human(None, "Ốc Văn Tư", "1950-09-07")),
            row("I2", human(15, "Ốc Văn Tư", "1950-09-07")),
        )
        return period, {key(k) for k in ("A1", "A2", "B1", "B2", "F1", "F2", "G1", "G2")}

    return filled


def put_born(w: Warehouse, dataset: str, unit: str, people: int, on_1_january: int, precision: str | None = "ngay") -> str:
    """Put so many people into a cell, the others each born on one of the days from 2 January to 28 December. The period."""
    period, row, _ = _people(dataset)
    w.put(dataset, period, row(f"{unit}-0", human(1, born="2010-05-07")), unit=unit)
    w.connection.execute(
        sa.text(f"""insert into history.{dataset_named(dataset).table}
            select (jsonb_populate_record(h, jsonb_build_object('row_key', :unit || '-' || n, 'birth_precision', cast(:precision as text),
                'birth_date', case when n <= :first then date '2010-01-01' else date '2010-01-02' + n % 360 end))).*
            from history.{dataset_named(dataset).table} h cross join generate_series(1, :more) n
            where h.unit_code = :unit and h.row_key like :unit || '-0%'"""),
        {"unit": unit, "more": people - 1, "first": on_1_january, "precision": precision},
    )
    return period


def _first_of_january(dataset: str) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        return put_born(w, dataset, "415", 700, 10), {NO_ROW}

    return filled


for _dataset in (PROFILES, BENEFICIARIES, MEMBERS, WORKERS, SEEKERS, CHILDREN):
    CASES[_dataset, "identity_is_of_one_person"] = _identity_of_one(_dataset)
    CASES[_dataset, "person_has_one_identity"] = _one_identity(_dataset)
    CASES[_dataset, "born_on_any_day"] = _first_of_january(_dataset)
