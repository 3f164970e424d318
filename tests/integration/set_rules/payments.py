"""Set rules of merit and of social assistance: who is entitled, and what is paid to whom."""

import datetime as dt
from typing import Any

from tests.integration.set_rules.cases import CASES, Case, case
from tests.integration.set_rules.rows import (
    ASSISTANCE_PAYMENTS,
    BENEFICIARIES,
    CHANGES,
    HOUSEHOLDS,
    MEMBERS,
    MERIT_PAYMENTS,
    PROFILES,
    Warehouse,
    beneficiary,
    household,
    member,
    paid,
    profile,
)


@case(PROFILES)
def one_profile_a_category(w: Warehouse) -> tuple[str, set[str]]:
    w.put(PROFILES, "now", profile("P1", 1), profile("P2", 1), profile("P3", 2), profile("P4", 2, category_code="08"))
    w.put(PROFILES, "now", profile("P5", 3), profile("P6", 3, status_code=2), profile("P7", 4), profile("P8", 4, full_name="Ai"))
    w.put(PROFILES, "now", *(profile(k, 5, category_code="TN.03", is_relative=True) for k in ("P9", "P10")))
    w.put(PROFILES, "now", profile("P11", 6), profile("P12", 6, entitled_until="2024-11-20"))  # ended today
    return "now", {"P1", "P2"}


def _dead(dataset: str, other: str) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        row, other_row = (profile, beneficiary) if dataset == PROFILES else (beneficiary, profile)
        w.put(dataset, "now", *(row(f"P{n}", n) for n in range(1, 5)), row("P5", 1, status_code=2))
        ended = {"status_code": 3, "end_reason_code": 1}
        w.put(other, "now", other_row("X1", 1, **ended, entitled_until="2024-10-31"))
        w.put(other, "now", other_row("X2", 2, **ended, entitled_until="2024-11-02"))  # this month: not yet
        w.put(other, "now", other_row("X3", 3, status_code=2, end_reason_code=3, entitled_until="2024-01-01"))
        w.put(dataset, "now", row("P6", 6), row("P7", 7, entitled_until="2024-11-20"), row("P8", 8), row("P9", 9))
        w.put(other, "now", other_row("X6", 6, **ended, entitled_until="2024-11-01"))  # the first of this month is of it
        w.put(other, "now", other_row("X7", 7, **ended, entitled_until="2024-01-01"))  # ended here as well
        w.put(other, "now", *(other_row(f"X8{d}", 8, **ended, entitled_until=f"2024-{d}") for d in ("09-30", "11-02")))
        w.put(other, "now", other_row("X9", 9, **ended))  # on a day that nobody tells
        return "now", {"P1", "P8"}

    return filled


CASES[PROFILES, "is_not_dead_in_another_source"] = _dead(PROFILES, BENEFICIARIES)


CASES[BENEFICIARIES, "is_not_dead_in_another_source"] = _dead(BENEFICIARIES, PROFILES)


@case(MERIT_PAYMENTS)
def martyr_is_not_paid(w: Warehouse) -> tuple[str, set[str]]:
    w.put(
        PROFILES, "now", profile("P1", category_code="03", allowance_vnd=None), profile("P2"), profile("P3", category_code="03")
    )
    w.put(MERIT_PAYMENTS, "2024-10", paid("P1", "2024-10", 2789000), paid("P2", "2024-10", 4024000), paid("P3", "2024-10", 0))
    w.put(PROFILES, "now", profile("P4", category_code="03", is_relative=True))  # who draws by a martyr's category is none
    w.put(MERIT_PAYMENTS, "2024-10", paid("P4", "2024-10", 2789000))
    return "2024-10", {"P1|2024-10-01"}


def _after_death(dataset: str, register: str, in_other: bool) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        row, other, other_row = (
            (profile, BENEFICIARIES, beneficiary) if register == PROFILES else (beneficiary, PROFILES, profile)
        )
        months = 3 if register == PROFILES else 0  # months still paid after the month of death
        last_paid = dt.date(2024, 10 - months, 20)
        too_early = last_paid.replace(day=1) - dt.timedelta(days=1)
        prefix = "P" if register == PROFILES else "B"
        for key, day in ((f"{prefix}1", too_early), (f"{prefix}2", last_paid)):
            ended = {"status_code": 3, "end_reason_code": 1, "entitled_until": day.isoformat()}
            w.put(register, "now", row(key, int(key[1]), **({} if in_other else ended)))
            if in_other:
                w.put(other, "now", other_row(f"X{key}", int(key[1]), **ended))
            w.put(dataset, "2024-10", paid(key, "2024-10", 500000))
        # Who has stopped for another reason has not died: that is another rule's.
        stopped = {"status_code": 2, "end_reason_code": 3, "entitled_until": "2024-01-31"}
        w.put(register, "now", row(f"{prefix}3", 3, **({} if in_other else stopped)))
        w.put(other, "now", other_row("X3", 3, **stopped))
        w.put(dataset, "2024-10", paid(f"{prefix}3", "2024-10", 500000))
        return "2024-10", {f"{prefix}1|2024-10-01"}

    return filled


for _payments, _register in ((MERIT_PAYMENTS, PROFILES), (ASSISTANCE_PAYMENTS, BENEFICIARIES)):
    CASES[_payments, "paid_after_death"] = _after_death(_payments, _register, False)
    CASES[_payments, "paid_after_death_in_another_source"] = _after_death(_payments, _register, True)


def _outside(dataset: str, register: str, before: bool) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        row, prefix = (profile, "P") if register == PROFILES else (beneficiary, "B")
        # Whoever is entitled no longer from the first of October on is not in October; from the second on the month had begun.
        wrong, right = ("2024-11-01", "2024-10-31") if before else ("2024-10-01", "2024-10-02")
        for key, day in ((f"{prefix}1", wrong), (f"{prefix}2", right)):
            facts = {"entitled_from": day} if before else {"entitled_until": day, "end_reason_code": 3, "status_code": 2}
            w.put(register, "now", row(key, **facts))
            w.put(dataset, "2024-10", paid(key, "2024-10", 500000))
        if not before:  # a death has a rule of its own
            w.put(register, "now", row(f"{prefix}3", entitled_until="2024-05-01", end_reason_code=1, status_code=3))
            w.put(dataset, "2024-10", paid(f"{prefix}3", "2024-10", 500000))
        return "2024-10", {f"{prefix}1|2024-10-01"}

    return filled


for _payments, _register in ((MERIT_PAYMENTS, PROFILES), (ASSISTANCE_PAYMENTS, BENEFICIARIES)):
    CASES[_payments, "paid_before_entitlement"] = _outside(_payments, _register, True)
    CASES[_payments, "paid_after_entitlement_ended"] = _outside(_payments, _register, False)


def _two_districts(dataset: str, register: str) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        row, p = (profile, "P") if register == PROFILES else (beneficiary, "B")
        w.put(register, "now", row(f"{p}1", 1), row(f"{p}2", 1), row(f"{p}3", 2), row(f"{p}4", 2), row(f"{p}5", 3))
        w.put(dataset, "2024-10", paid(f"{p}1", "2024-10", 1), paid(f"{p}3", "2024-10", 1), paid(f"{p}4", "2024-10", 1))
        w.put(dataset, "2024-10", paid(f"{p}5", "2024-10", 1), paid(f"{p}6", "2024-10", 1))
        w.put(dataset, "2024-10", paid(f"{p}2", "2024-10", 1), paid(f"{p}6", "2024-10", 1), unit="416")
        w.put(dataset, "2024-10", paid(f"{p}5", "2024-10", 1), unit="unknown")
        m = "|2024-10-01"
        return "2024-10", {f"415:{p}1{m}", f"416:{p}2{m}", f"415:{p}6{m}", f"416:{p}6{m}"}

    return filled


CASES[MERIT_PAYMENTS, "paid_by_one_district"] = _two_districts(MERIT_PAYMENTS, PROFILES)


CASES[ASSISTANCE_PAYMENTS, "paid_by_one_district"] = _two_districts(ASSISTANCE_PAYMENTS, BENEFICIARIES)


@case(MERIT_PAYMENTS)
def amount_agrees_with_profile(w: Warehouse) -> tuple[str, set[str]]:
    """In May 2024 the standard was 2,055,000: the register of November is compared scaled."""
    w.put(
        PROFILES,
        "now",
        profile("P1"),
        profile("P2"),
        profile("P3", category_code="04", injury_rate=None, allowance_vnd=8367000, supplement_vnd=2337000),
        profile("P4", allowance_vnd=5000000),  # wrong in the register, where it is reported
        profile("P5", entitled_until="2024-06-01", end_reason_code=3, allowance_vnd=2965000),  # as of its own last day
        profile("P6", allowance_vnd=None),
        profile("P7", entitled_until="2024-06-01", end_reason_code=3, allowance_vnd=2965000),
        profile("P8", category_code="03", allowance_vnd=1000000),  # a martyr has a rule of its own
        profile("P9", category_code="TN.03", is_relative=True, relation_code=2, martyr_count=2, allowance_vnd=5578000),
        profile("P10"),
        profile("P11"),
        # Of class B no table is sure: the stated amount is scaled from the standard of its own last day, in P12 the old one.
        profile("P12", category_code="07B", entitled_until="2024-06-01", end_reason_code=3, allowance_vnd=2000000),
        profile("P13", category_code="07B", entitled_until="2024-07-02", end_reason_code=3, allowance_vnd=2789000),
    )
    month = "2024-05"
    w.put(
        MERIT_PAYMENTS,
        month,
        paid("P1", month, 2965000),  # 4,024,000 x 2,055 / 2,789 = 2,964,970
        paid("P2", month, 4024000),  # the new standard, paid too early
        paid("P3", month, 7887000),
        paid("P4", month, 2965000),
        paid("P5", month, 2965000),
        paid("P6", month, 1),
        paid("P7", month, 2900000),
        paid("P8", month, 1),
        paid("P9", month, 2055000),  # of one martyr, where there were two
        paid("P10", month, 2979000),  # within half a per cent of 2,964,970
        paid("P11", month, 2981000),
        paid("P12", month, 2000000),
        paid("P13", month, 2055000),
    )
    return month, {f"{k}|2024-05-01" for k in ("P2", "P7", "P9", "P11")}


@case(ASSISTANCE_PAYMENTS)
def amount_agrees_with_beneficiary(w: Warehouse) -> tuple[str, set[str]]:
    w.put(
        BENEFICIARIES,
        "now",
        beneficiary("B1"),
        beneficiary("B2"),
        beneficiary("B3", group_code="K4", coefficient=1, child_count=3, allowance_vnd=1500000),
        beneficiary("B4", allowance_vnd=360000),  # wrong in the register, where it is reported
        beneficiary("B5", coefficient=1.5, allowance_vnd=360000),
    )
    month = "2024-05"
    w.put(ASSISTANCE_PAYMENTS, month, paid("B1", month, 360000), paid("B2", month, 500000), paid("B3", month, 1080000))
    w.put(ASSISTANCE_PAYMENTS, month, paid("B4", month, 360000), paid("B5", month, 540000))
    untold = {"coefficient": None, "status_code": 2, "end_reason_code": 3}  # the stated amount alone can be compared
    w.put(
        BENEFICIARIES,
        "now",
        beneficiary("B6", group_code="K4", allowance_vnd=999000),  # whose children are not told: one
        beneficiary("B7", **untold, allowance_vnd=360000, entitled_until="2024-07-01"),  # its last day is of the old standard
        beneficiary("B8", **untold, allowance_vnd=500000, entitled_until="2024-07-02"),
        beneficiary("B9", **untold, allowance_vnd=360000, entitled_until="2024-07-02"),
    )
    w.put(ASSISTANCE_PAYMENTS, month, *(paid(f"B{n}", month, 360000) for n in (6, 7, 8, 9)))
    return month, {"B2|2024-05-01", "B9|2024-05-01"}


@case(ASSISTANCE_PAYMENTS)
def paid_out_of_age(w: Warehouse) -> tuple[str, set[str]]:
    month = "2024-10"
    k7 = {"group_code": "K7", "coefficient": 1.5}
    rows = {
        "B1": beneficiary("B1", birth_date="2021-09-30", birth_year=2021, **k7),  # three before the first of October
        "B2": beneficiary("B2", birth_date="2021-10-01", birth_year=2021, **k7),  # on it
        "B3": beneficiary("B3", birth_date=None, birth_year=2021, birth_precision="nam", **k7),  # perhaps not yet
        "B4": beneficiary("B4", birth_date=None, birth_year=2020, birth_precision="nam", **k7),
        "B5": beneficiary("B5", birth_date="1944-10-02", birth_year=1944),  # 79 in a group of 80
        "B6": beneficiary("B6", birth_date="1944-10-01", birth_year=1944),
        "B7": beneficiary("B7", birth_date="1990-10-01", birth_year=1990, group_code="K6.DBN+", coefficient=2.5),
        "B8": beneficiary("B8", birth_date="1950-10-01", birth_year=1950, group_code="K6.DBN+", coefficient=2.5),
        "B9": beneficiary("B9", birth_date="1990-10-01", birth_year=1990, group_code="K4", coefficient=1),  # any age
        "B10": beneficiary("B10", birth_date="1944-10-02", birth_year=1944, entitled_from="2024-11-01"),
        "B11": beneficiary("B11", birth_date="1944-10-02", birth_year=1944, entitled_from="2024-10-31"),
        "B12": beneficiary("B12", birth_date="2021-01-01", birth_year=2021, birth_precision="nam", **k7),  # as B3
        "B13": beneficiary("B13", birth_date="2021-09-01", birth_year=2021, birth_precision="thang", **k7),
        "B14": beneficiary("B14", birth_date="2021-10-01", birth_year=2021, birth_precision="thang", **k7),
    }
    w.put(BENEFICIARIES, "now", *rows.values())
    w.put(ASSISTANCE_PAYMENTS, month, *(paid(k, month, 500000) for k in rows))
    return month, {f"{k}|2024-10-01" for k in ("B1", "B4", "B5", "B7", "B11", "B13")}


@case(ASSISTANCE_PAYMENTS)
def household_was_poor(w: Warehouse) -> tuple[str, set[str]]:
    month = "2024-10"
    reviewed = [household("H1", 1), household("H2", 2), household("H3", 9), household("H4", 9), household("H5", 1)]
    w.put(HOUSEHOLDS, "2023", *(h | {"review_year": 2023, "row_key": h["household_id"]} for h in reviewed))
    w.put(HOUSEHOLDS, "2024", household("H3", 1))  # not final before October 2024
    w.put(MEMBERS, "2023", member("H5", 1, 77) | {"review_year": 2023})
    w.put(CHANGES, "2024-08", {"change_id": "C1", "household_id": "H4", "class_code": 1, "change_date": "2024-08-09"})
    k8 = {"group_code": "K8", "coefficient": 1.5}
    rows = [
        beneficiary("B1", 1, household_id="H1", **k8),
        beneficiary("B2", 2, household_id="H2", **k8),  # near-poor in a group of the poor
        beneficiary("B3", 3, household_id="H3", **k8),
        beneficiary("B4", 4, household_id="H4", **k8),  # arose within the year
        beneficiary("B5", 77, household_id=None, **k8),  # a member of a poor household
        beneficiary("B6", 6, household_id=None, **k8),
        beneficiary("B7", 7, household_id="H2", group_code="K7"),
        beneficiary("B8", 8, household_id=None),  # K5C needs no household
    ]
    w.put(BENEFICIARIES, "now", *rows)
    w.put(ASSISTANCE_PAYMENTS, month, *(paid(r["beneficiary_id"], month, 1) for r in rows))
    w.set_aside(HOUSEHOLDS, "2023", {"ma_ho": "H7"})
    w.put(BENEFICIARIES, "now", beneficiary("C1", 10, household_id="H7", **k8), beneficiary("B9", 9, household_id="H9", **k8))
    w.set_aside(CHANGES, "2024-08", {"ma_ho": "H10"})
    w.put(BENEFICIARIES, "now", beneficiary("C2", 11, household_id="H10", **k8))
    w.put(ASSISTANCE_PAYMENTS, month, paid("C1", month, 1), paid("C2", month, 1))
    w.put(ASSISTANCE_PAYMENTS, month, paid("B9", month, 1), unit="431")  # no review came from there
    found = {"B2", "B3", "B6"}
    k7 = {"group_code": "K7", "coefficient": 1.5}
    for n, (day, household_class, group, is_found) in enumerate(
        (
            ("2024-01-01", 2, k7, False),
            ("2024-01-01", 2, k8, True),
            ("2024-05-01", 3, k8, True),  # left poverty
            ("2023-12-31", 1, k8, True),  # of the year before its review tells
            ("2024-10-31", 1, k8, False),
            ("2024-11-01", 1, k8, True),
        )
    ):
        change = {"change_id": f"D{n}", "household_id": f"HD{n}", "class_code": household_class, "change_date": day}
        w.put(CHANGES, day[:7], change)
        w.put(BENEFICIARIES, "now", beneficiary(f"D{n}", 20 + n, household_id=f"HD{n}", **group))
        found |= {f"D{n}"} if is_found else set()
    # What the review of 2024 received is not final before its end, whether it was taken or set aside.
    w.put(MEMBERS, "2024", member("H1", 1, 88))
    w.set_aside(HOUSEHOLDS, "2024", {"ma_ho": "H17"})
    w.put(BENEFICIARIES, "now", beneficiary("E1", 88, household_id=None, **k8), beneficiary("E2", 31, household_id="H17", **k8))
    w.put(ASSISTANCE_PAYMENTS, month, *(paid(k, month, 1) for k in ("E1", "E2", *(f"D{n}" for n in range(6)))))
    return month, {f"{k}|2024-10-01" for k in (*found, "E1", "E2")}


# What a record says of its days, and whether something is drawn by it on 20 November 2024.
DRAWS_TODAY: list[tuple[dict[str, Any], bool]] = [
    ({"status_code": 2}, False),
    ({"entitled_until": "2024-11-20"}, False),
    ({"entitled_until": "2024-11-21"}, True),
    ({"entitled_from": "2024-11-20"}, True),
    ({"entitled_from": "2024-11-21"}, False),
]


@case(BENEFICIARIES)
def one_allowance_a_person(w: Warehouse) -> tuple[str, set[str]]:
    def drawn(key: str, number: int, group: str, **more: Any) -> dict[str, Any]:
        return beneficiary(key, number, group_code=group, **more)

    w.put(BENEFICIARIES, "now", drawn("B1", 1, "K4"), drawn("B2", 1, "K6.N"))  # allowed
    w.put(BENEFICIARIES, "now", drawn("B3", 2, "K5C"), drawn("B4", 2, "K6.N"))
    w.put(BENEFICIARIES, "now", drawn("B5", 3, "K4"), drawn("B6", 3, "K6.N"), drawn("B7", 3, "K8"))
    w.put(BENEFICIARIES, "now", drawn("B8", 4, "K5C"), drawn("B9", 4, "K6.N", entitled_until="2024-11-20", status_code=2))
    w.put(BENEFICIARIES, "now", drawn("C1", 5, "K5C"), drawn("C2", 5, "K6.N", full_name="Người Khác"))
    w.put(BENEFICIARIES, "now", drawn("C3", 6, "K5C"), drawn("C4", 6, "CS.NKT"))
    w.put(BENEFICIARIES, "now", drawn("C5", 7, "K4"), drawn("C6", 7, "K4"))
    found = {"B3", "B4", "B5", "B6", "B7", "C5", "C6"}
    for n, (facts, both) in enumerate(DRAWS_TODAY):
        w.put(BENEFICIARIES, "now", drawn(f"D{n}", 10 + n, "K5C"), drawn(f"E{n}", 10 + n, "K6.N", **facts))
        found |= {f"D{n}", f"E{n}"} if both else set()
    return "now", found


@case(BENEFICIARIES)
def no_merit_allowance_beside(w: Warehouse) -> tuple[str, set[str]]:
    w.put(BENEFICIARIES, "now", *(beneficiary(f"B{n}", n) for n in range(1, 5)), beneficiary("B5", 1, group_code="CS.NKT"))
    w.put(PROFILES, "now", profile("P1", 1), profile("P2", 2, allowance_vnd=0), profile("P3", 3, status_code=2))
    found = {"B1"}
    for n, (facts, both) in enumerate(DRAWS_TODAY):
        w.put(BENEFICIARIES, "now", beneficiary(f"C{n}", 10 + n), beneficiary(f"D{n}", 20 + n, **facts))
        w.put(PROFILES, "now", profile(f"Q{n}", 10 + n, **facts), profile(f"R{n}", 20 + n))
        found |= {f"C{n}", f"D{n}"} if both else set()
    return "now", found
