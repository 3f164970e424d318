"""Set rules over payments: what counts as paid, and by which standard an amount is right."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from schemas.projections import reference
from schemas.rates import Figure, Span
from schemas.sources.social_protection import rates as assistance
from tests.integration.set_rules.rows import (
    ASSISTANCE_PAYMENTS,
    BENEFICIARIES,
    HOUSEHOLDS,
    MERIT_PAYMENTS,
    PROFILES,
    Warehouse,
    beneficiary,
    household,
    paid,
    profile,
)

# Rows of the register by which a payment of October 2024 is wrong, for each rule that asks whether anything was paid.
PAID_WRONGLY: dict[tuple[str, str], dict[str, Any]] = {
    (MERIT_PAYMENTS, "martyr_is_not_paid"): {"category_code": "03", "allowance_vnd": None},
    (ASSISTANCE_PAYMENTS, "paid_out_of_age"): {"birth_date": "1990-10-01", "birth_year": 1990},
    (ASSISTANCE_PAYMENTS, "household_was_poor"): {"household_id": "H3", "group_code": "K8", "coefficient": 1.5},
    **{
        (payments, rule): facts
        for payments in (MERIT_PAYMENTS, ASSISTANCE_PAYMENTS)
        for rule, facts in (
            ("paid_after_death", {"end_reason_code": 1, "entitled_until": "2024-05-20"}),
            ("paid_after_death_in_another_source", {}),
            ("paid_before_entitlement", {"entitled_from": "2024-11-01"}),
            ("paid_after_entitlement_ended", {"end_reason_code": 3, "entitled_until": "2024-09-30"}),
            ("paid_by_one_district", {}),
        )
    },
}


@pytest.mark.parametrize(("dataset", "rule"), sorted(PAID_WRONGLY), ids=lambda v: v)
def test_arrears_alone_are_paid_and_a_line_without_money_is_not(warehouse: Warehouse, dataset: str, rule: str) -> None:
    register, row, other, other_row, prefix = (
        (PROFILES, profile, BENEFICIARIES, beneficiary, "P")
        if dataset == MERIT_PAYMENTS
        else (BENEFICIARIES, beneficiary, PROFILES, profile, "B")
    )
    months = {f"{prefix}1": (0, 8000000), f"{prefix}2": (0, 0), f"{prefix}3": (0, None), f"{prefix}4": (8000000, None)}
    dead = {"end_reason_code": 1, "entitled_until": "2024-05-20", "status_code": 3}
    warehouse.put(HOUSEHOLDS, "2023", household("H3", 9, review_year=2023))
    for number, (key, (amount, arrears)) in enumerate(months.items(), start=1):
        warehouse.put(register, "now", row(key, number, **PAID_WRONGLY[dataset, rule]))
        if rule == "paid_after_death_in_another_source":
            warehouse.put(other, "now", other_row(f"X{number}", number, **dead))
        warehouse.put(dataset, "2024-10", paid(key, "2024-10", amount, arrears_vnd=arrears))
        if rule == "paid_by_one_district":
            warehouse.put(dataset, "2024-10", paid(key, "2024-10", 1), unit="416")
    found = {key.removeprefix("415:") for key in warehouse.found(dataset, rule, "2024-10") if not key.startswith("416:")}
    assert found == {f"{prefix}1|2024-10-01", f"{prefix}4|2024-10-01"}


@pytest.fixture
def council(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set standards as the provincial council would: group (`*`: all), amount, first and last day."""

    def set_standards(*told: tuple[str, int, str, str | None]) -> None:
        own = tuple(
            Figure(
                group, Decimal(amount), Span("NQ của Hội đồng nhân dân", "sure", *(d and dt.date.fromisoformat(d) for d in days))
            )
            for group, amount, *days in told
        )
        monkeypatch.setattr(assistance, "assistance_overrides", lambda: own)
        rows, table = reference.rows(assistance.ASSISTANCE_STANDARDS), "ref.social_protection_assistance_standards"
        warehouse.connection.exec_driver_sql(f"delete from {table}")
        warehouse.connection.exec_driver_sql(f"insert into {table} values (%s, %s, %s, %s, %s, %s)", [tuple(row) for row in rows])

    return set_standards


def _paid_by_standard(w: Warehouse, month: str, paid_amounts: dict[str, int]) -> set[str]:
    w.put(ASSISTANCE_PAYMENTS, month, *(paid(key, month, amount) for key, amount in paid_amounts.items()))
    return {key.split("|")[0] for key in w.found(ASSISTANCE_PAYMENTS, "amount_agrees_with_beneficiary", month)}


def test_a_payment_is_held_against_the_standard_of_the_council(warehouse: Warehouse, council: Callable[..., None]) -> None:
    council(("*", 600_000, "2024-10-01", None), ("K8", 700_000, "2024-10-01", None))
    k8 = {"group_code": "K8", "coefficient": 1.5}
    kept = {"B1": {"allowance_vnd": 600_000}, "B2": {"allowance_vnd": 600_000}, "B3": {"allowance_vnd": 1_050_000, **k8}}
    warehouse.put(BENEFICIARIES, "now", *(beneficiary(key, **facts) for key, facts in kept.items()))
    warehouse.put(
        BENEFICIARIES, "now", beneficiary("B4", allowance_vnd=750_000, **k8)
    )  # wrong in the register, where it is reported
    warehouse.put(BENEFICIARIES, "now", beneficiary("B5", allowance_vnd=600_000, group_code="CS.NCT"))
    amounts = {"B1": 500_000, "B2": 600_000, "B3": 1_050_000, "B4": 1_050_000, "B5": 500_000}
    assert _paid_by_standard(warehouse, "2024-10", amounts) == {"B1", "B5"}
    before = {"B1": 500_000, "B2": 600_000, "B3": 750_000, "B4": 1_050_000, "B5": 500_000}
    assert _paid_by_standard(warehouse, "2024-09", before) == {"B2", "B4"}


def test_a_payment_is_right_though_the_standard_of_the_council_has_ended(
    warehouse: Warehouse, council: Callable[..., None]
) -> None:
    """The register of November 2024 tells the government's amount again."""
    council(("*", 600_000, "2024-08-01", "2024-10-31"))
    warehouse.put(BENEFICIARIES, "now", beneficiary("B1"), beneficiary("B2"))
    assert _paid_by_standard(warehouse, "2024-10", {"B1": 600_000, "B2": 500_000}) == {"B2"}
    assert _paid_by_standard(warehouse, "2024-11", {"B1": 600_000, "B2": 500_000}) == {"B1"}


def test_no_other_standard_moves_the_social_pension(warehouse: Warehouse, council: Callable[..., None]) -> None:
    council(("*", 600_000, "2024-08-01", None))
    pension = {"group_code": "HTXH", "entitled_from": "2025-07-01", "recorded_from": dt.datetime(2025, 8, 5, tzinfo=dt.UTC)}
    warehouse.put(BENEFICIARIES, "now", beneficiary("B1", **pension), beneficiary("B2", **pension))
    assert _paid_by_standard(warehouse, "2025-08", {"B1": 500_000, "B2": 600_000}) == {"B2"}


@pytest.mark.parametrize(
    ("years", "household_class", "is_found"),
    [(75, None, False), (74, None, True), (74, 0, True), (74, 1, False), (70, 2, False), (69, 1, True), (74, 3, True)],
)
def test_the_social_pension_is_drawn_earlier_by_the_poor(
    warehouse: Warehouse, years: int, household_class: int | None, is_found: bool
) -> None:
    """NĐ 176/2025/NĐ-CP: from 75 years on, from 70 in a poor or near-poor household."""
    born = {"birth_date": f"{2025 - years}-08-01", "birth_year": 2025 - years, "household_class_code": household_class}
    pension = {"group_code": "HTXH", "entitled_from": "2025-07-01"}
    warehouse.put(BENEFICIARIES, "now", beneficiary("B1", **pension, **born))
    warehouse.put(ASSISTANCE_PAYMENTS, "2025-08", paid("B1", "2025-08", 500000))
    assert warehouse.found(ASSISTANCE_PAYMENTS, "paid_out_of_age", "2025-08") == ({"B1|2025-08-01"} if is_found else set())
