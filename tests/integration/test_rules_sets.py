"""Set rules on a real warehouse: each is given rows that break it and rows that come close, and must name exactly the first."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from resources.embedded import server
from resources.warehouse.arrivals import ledger
from resources.warehouse.loading import set_rules
from resources.warehouse.quarantine import standing
from schemas import calendar
from schemas.dataset import NO_ROW, Dataset, SetRule
from schemas.projections import reference
from schemas.projections.postgres import set_rule_query
from schemas.rates import Figure, Span
from schemas.registry import DATASETS, dataset_named
from schemas.rules.sets import set_aside
from schemas.sources.social_protection import rates as assistance

TODAY = dt.date(2024, 11, 20)
READ_AT = dt.datetime(2024, 11, 20, 1, 0, tzinfo=dt.UTC)
PROFILES, MERIT_PAYMENTS = "meritorious_persons.profiles", "meritorious_persons.monthly_payments"
BENEFICIARIES, ASSISTANCE_PAYMENTS = "social_protection.beneficiaries", "social_protection.monthly_payments"
HOUSEHOLDS, MEMBERS, RESULTS, CHANGES = (f"poverty.{n}" for n in ("households", "members", "review_results", "in_year_changes"))
SEEKERS, VACANCIES, REFERRALS, CONSULTATIONS = (
    f"job_service.{n}" for n in ("seekers", "vacancies", "referrals", "consultations")
)
DOSSIERS, PROGRESS, PAPERS = (f"administrative_procedures.{n}" for n in ("dossiers", "progress", "result_papers"))
WORKERS, JOBS, DECISIONS = (f"labour_employment.{n}" for n in ("workers", "jobs_created", "unemployment_decisions"))
CHILDREN = "children.profiles"
COMMUNE_FORMS, CENTRE_FORMS = (f"social_evils_prevention.{n}" for n in ("commune_forms", "centre_forms"))
INSTITUTIONS, ENROLMENTS, GRADUATES = (f"vocational_education.{n}" for n in ("institutions", "enrolments", "graduates"))


@pytest.fixture(scope="module")
def engine(home: Path) -> Iterator[sa.Engine]:
    engine = sa.create_engine(server(home).url("warehouse"))
    yield engine
    engine.dispose()


class Warehouse:
    """A connection whose rows vanish with the test."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def put(self, dataset_id: str, period: str, *rows: dict[str, Any], unit: str = "415") -> None:
        dataset = dataset_named(dataset_id)
        for row in rows:
            own = {"unit_code": unit, "district_code": row.get("unit_code", unit), **row}
            own |= {"period": period, "recorded_from": row.get("recorded_from", READ_AT)}
            own["row_key"] = row.get("row_key") or "|".join(str(own[k]) for k in dataset.key)
            names = ", ".join(own)
            values = ", ".join(f":{n}" for n in own)
            self.connection.execute(sa.text(f"insert into history.{dataset.table} ({names}) values ({values})"), own)

    def set_aside(self, dataset_id: str, period: str, received: dict[str, Any]) -> None:
        source, dataset = dataset_id.split(".")
        self.connection.execute(
            sa.text("""insert into quarantine.rows
                (source, dataset, period, unit_code, row_key, received, failures, first_seen, last_seen)
                values (:source, :dataset, :period, '415', :received, cast(:received as jsonb), '[]', :at, :at)"""),
            {"source": source, "dataset": dataset, "period": period, "received": json.dumps(received), "at": READ_AT},
        )

    def found(self, dataset_id: str, rule: str, period: str, today: dt.date = TODAY) -> set[str]:
        dataset = dataset_named(dataset_id)
        sql = next(set_rule_query(r) for r in dataset.set_rules if r.name == rule)
        first, last = (today, today) if period == "now" else calendar.span(period)
        asked = {"period": period, "first_day": first, "last_day": last}
        rows = self.connection.execute(sa.text(f"select distinct unit_code, row_key from ({sql}) f"), asked).all()
        return {
            f"{u}:{k}" if dataset_id.endswith("payments") and rule.startswith(("same_key", "keys_", "paid_by")) else k
            for u, k in rows
        }


@pytest.fixture
def warehouse(engine: sa.Engine) -> Iterator[Warehouse]:
    with engine.connect() as connection:
        transaction = connection.begin()
        yield Warehouse(connection)
        transaction.rollback()


def human(number: int | str | None, name: str = "Nguyễn Văn Mẫu", born: str = "1950-03-07", **more: Any) -> dict[str, Any]:
    return {
        "identity_number": f"0400509{number:05d}" if isinstance(number, int) else number,
        "full_name": name,
        "birth_date": born,
        "birth_year": int(born[:4]),
        "birth_precision": "ngay",
        "commune_code": "16741",
        **more,
    }


def profile(key: str, number: int | str | None = None, **more: Any) -> dict[str, Any]:
    base = {"profile_id": key, "category_code": "07A", "is_relative": False, "status_code": 1, "entitled_from": "1985-01-01"}
    return base | human(number if number is not None else sum(map(ord, key)), injury_rate=45, allowance_vnd=4024000) | more


def beneficiary(key: str, number: int | str | None = None, **more: Any) -> dict[str, Any]:
    base = {"beneficiary_id": key, "group_code": "K5C", "coefficient": 1, "allowance_vnd": 500000, "status_code": 1}
    who = human(number if number is not None else sum(map(ord, key)), born="1935-03-07")
    return base | who | {"entitled_from": "2021-07-01", "household_class_code": 0} | more


def paid(key: str, period: str, amount: int, **more: Any) -> dict[str, Any]:
    field = "profile_id" if key.startswith("P") else "beneficiary_id"
    return {field: key, "month": f"{period}-01", "amount_vnd": amount, "is_received": True} | more


def household(key: str, household_class: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "household_id": key,
        "review_year": 2024,
        "class_code": household_class,
        "member_count": 2,
        "commune_code": "16741",
    } | more


def member(key: str, stt: int, number: int | None = None, relation: int = 3, **more: Any) -> dict[str, Any]:
    who = human(number if number is not None else sum(map(ord, key)) * 10 + stt, name=f"Lô Thị {chr(64 + stt)}")
    return {"household_id": key, "review_year": 2024, "member_number": stt, "head_relation_code": relation} | who | more


def worker(key: str, number: int, **more: Any) -> dict[str, Any]:
    return {"form_id": key, "collection_year": 2024, "activity_code": 3, "collected_date": "2024-10-05"} | human(number) | more


def seeker(key: str, number: int | None = None, **more: Any) -> dict[str, Any]:
    who = human(number if number is not None else sum(map(ord, key)))
    return {"seeker_id": key, "registered_date": "2024-08-01", "sex_code": 1} | who | more


def child(key: str, groups: str | None = None, number: int | None = None, **more: Any) -> dict[str, Any]:
    who = human(number if number is not None else sum(map(ord, key)), born="2015-03-07")
    since = "2024-02-05" if groups else None
    return {"child_id": key, "special_groups": groups, "entered_date": since, "status_code": 1} | who | more


def referral(key: str, seeker_id: str, vacancy_id: str, day: str = "2024-08-20") -> dict[str, Any]:
    return {"referral_id": key, "seeker_id": seeker_id, "vacancy_id": vacancy_id, "referred_date": day, "result_code": 1}


def vacancy(key: str, opened: str, deadline: str | None = None) -> dict[str, Any]:
    return {"vacancy_id": key, "registered_date": opened, "deadline_date": deadline, "place_count": 1}


# One case a rule: fills the warehouse, and gives the period and the keys that must be found there.
Case = Callable[[Warehouse], tuple[str, set[str]]]
CASES: dict[tuple[str, str], Case] = {}


def case(*datasets: str) -> Callable[[Case], Case]:
    def keep(function: Case) -> Case:
        for dataset in datasets:
            CASES[dataset, function.__name__] = function
        return function

    return keep


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


def _born(w: Warehouse, dataset: str, unit: str, people: int, on_1_january: int, precision: str | None = "ngay") -> str:
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
        return _born(w, dataset, "415", 700, 10), {NO_ROW}

    return filled


for _dataset in (PROFILES, BENEFICIARIES, MEMBERS, WORKERS, SEEKERS, CHILDREN):
    CASES[_dataset, "identity_is_of_one_person"] = _identity_of_one(_dataset)
    CASES[_dataset, "person_has_one_identity"] = _one_identity(_dataset)
    CASES[_dataset, "born_on_any_day"] = _first_of_january(_dataset)


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


def _of_a_household_that_is_not_poor(w: Warehouse, month: str, paid_by: str, *reviewed_by: str) -> set[str]:
    """Whether a payment of the month, by a unit of it, is found where units of the year before reviewed."""
    year = str(int(month[:4]) - 1)
    for unit in reviewed_by:
        w.put(HOUSEHOLDS, year, household(f"H{unit}", 9, review_year=int(year)), unit=unit)
    # The rule waits for what was never loaded at all.
    w.put(MEMBERS, year, member("H0", 1, 77, review_year=int(year)), unit=reviewed_by[0])
    w.put(CHANGES, "2024-08", {"change_id": "C1", "household_id": "H0", "class_code": 1, "change_date": "2024-08-09"})
    w.put(BENEFICIARIES, "now", beneficiary("B1", 1, household_id=f"H{reviewed_by[0]}", group_code="K8", coefficient=1.5))
    w.put(ASSISTANCE_PAYMENTS, month, paid("B1", month, 750000), unit=paid_by)
    return w.found(ASSISTANCE_PAYMENTS, "household_was_poor", month)


# 16738 lies in the former district 415; Vinh (412) took in Cửa Lò (413) and four communes of Nghi Lộc (429) in December 2024.
ACROSS_UNITS = [
    ("2025-06", "415", ("415",), True),
    ("2025-07", "16738", ("415",), True),
    ("2025-08", "16738", ("415",), True),
    ("2025-12", "16738", ("415",), True),
    ("2025-08", "16738", ("416",), False),
    ("2025-08", "415", ("415",), False),  # there is no such unit any more
    ("2026-01", "16738", ("16738",), True),
    ("2024-11", "412", ("412",), True),
    ("2024-11", "413", ("413",), True),
    ("2024-12", "412", ("412", "413", "429"), True),
    ("2024-12", "412", ("413", "429"), False),  # of Vinh itself no review came
    ("2024-12", "412", ("412", "429"), False),
    ("2024-12", "429", ("429",), True),
    ("2025-01", "412", ("412",), True),
    ("2025-07", "16732", ("412",), True),
]


@pytest.mark.parametrize(("month", "paid_by", "reviewed_by", "is_found"), ACROSS_UNITS)
def test_a_review_of_before_units_changed_judges_who_pays_after(
    warehouse: Warehouse, month: str, paid_by: str, reviewed_by: tuple[str, ...], is_found: bool
) -> None:
    expected = {f"B1|{month}-01"} if is_found else set()
    assert _of_a_household_that_is_not_poor(warehouse, month, paid_by, *reviewed_by) == expected


@pytest.mark.parametrize(
    ("today", "lives_in", "reviewed_by", "is_found"),
    [
        ("2024-11-20", "413", ("413",), True),
        ("2024-12-20", "412", ("412", "413", "429"), True),
        ("2024-12-20", "412", ("412",), False),
        ("2025-06-30", "415", ("415",), True),
        ("2025-07-01", "16738", ("415",), True),
        ("2025-08-20", "16738", ("416",), False),
        ("2026-02-20", "16738", ("16738",), True),
    ],
)
def test_a_child_is_judged_by_the_review_of_before_units_changed(
    warehouse: Warehouse, today: str, lives_in: str, reviewed_by: tuple[str, ...], is_found: bool
) -> None:
    year = int(today[:4]) - 1
    for unit in reviewed_by:
        warehouse.put(HOUSEHOLDS, str(year), household(f"H{unit}", 9, review_year=year), unit=unit)
    warehouse.put(CHILDREN, "now", child("ill", "13.1", household_id=f"H{reviewed_by[0]}"), unit=lives_in)
    found = warehouse.found(CHILDREN, "ill_child_is_of_a_poor_household", "now", dt.date.fromisoformat(today))
    assert found == ({"ill"} if is_found else set())


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


@case(HOUSEHOLDS)
def exactly_one_head(w: Warehouse) -> tuple[str, set[str]]:
    w.put(HOUSEHOLDS, "2024", *(household(f"H{n}") for n in range(1, 6)))
    w.put(MEMBERS, "2024", member("H1", 1, relation=1), member("H1", 2), member("H2", 1), member("H2", 2))
    w.put(MEMBERS, "2024", member("H3", 1, relation=1), member("H3", 2, relation=1), member("H5", 1))
    w.set_aside(MEMBERS, "2024", {"ma_ho": " H5 ", "quan_he_chu_ho": "1"})  # its head may be the row set aside
    w.set_aside(MEMBERS, "2023", {"ma_ho": "H2", "quan_he_chu_ho": "1"})  # of another year's list
    return "2024", {"H2|2024", "H3|2024"}


@case(HOUSEHOLDS)
def members_are_counted(w: Warehouse) -> tuple[str, set[str]]:
    w.put(HOUSEHOLDS, "2024", household("H1"), household("H2"), household("H3"), household("H4", 9), household("H5"))
    w.put(HOUSEHOLDS, "2024", household("H6"), unit="416")  # no members came from there
    w.put(MEMBERS, "2024", member("H1", 1), member("H1", 2), member("H2", 1), member("H5", 1))
    w.put(
        HOUSEHOLDS,
        "2024",
        household("H7", 2),
        household("H8", 3),
        household("H9", member_count=0),
        household("H10", 2, member_count=1),
    )
    w.set_aside(MEMBERS, "2024", {"ma_ho": "H5"})
    w.set_aside(MEMBERS, "2023", {"ma_ho": "H2"})  # of another year's list
    return "2024", {"H2|2024", "H3|2024", "H7|2024", "H10|2024"}


@case(HOUSEHOLDS)
def previous_class_as_recorded(w: Warehouse) -> tuple[str, set[str]]:
    w.put(HOUSEHOLDS, "2023", *(household(f"H{n}", 1) | {"review_year": 2023} for n in range(1, 4)))
    w.put(HOUSEHOLDS, "2024", household("H1", previous_class_code=1), household("H2", previous_class_code=2), household("H3"))
    w.put(HOUSEHOLDS, "2024", household("H4", previous_class_code=2), household("H5", previous_class_code=2))
    for unit, last in (("415", 1), ("416", 2)):  # in two cells last year: which of the two is not known
        w.put(HOUSEHOLDS, "2023", household("H5", last) | {"review_year": 2023}, unit=unit)
    return "2024", {"H2|2024"}


@case(MEMBERS)
def one_household_a_year(w: Warehouse) -> tuple[str, set[str]]:
    same = {"full_name": "Lô Thị Một"}
    w.put(MEMBERS, "2024", member("H1", 1, 1, **same), member("H2", 1, 1, **same), member("H3", 1, 2), member("H3", 2, 2))
    w.put(MEMBERS, "2024", member("H4", 1, 3, full_name="Lô An"), member("H5", 1, 3, full_name="Lô Bình"))
    w.put(MEMBERS, "2023", member("H6", 1, 2, review_year=2023))
    return "2024", {"H1|2024|1", "H2|2024|1"}


def _adds_up(column: str, household_class: int) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        def signed(commune: str, count: int) -> dict[str, Any]:
            counts = {"poor_count": 0, "near_poor_count": 0, column: count}
            return {"commune_code": commune, "review_year": 2024, "household_count": 100, **counts}

        w.put(HOUSEHOLDS, "2024", household("H1", household_class), household("H2", household_class, commune_code="16744"))
        w.put(HOUSEHOLDS, "2024", household("H3", household_class, commune_code="16747"), household("H4", 9))
        w.set_aside(HOUSEHOLDS, "2024", {"ma_xa_goc": "16747"})
        w.set_aside(HOUSEHOLDS, "2024", {"ma_xa_goc": "99999", "ten_xa": "Xã Châu  Kim"})  # by its name
        w.put(RESULTS, "2024", signed("16741", 1), signed("16744", 2), signed("16747", 2), signed("16750", 0), signed("16753", 1))
        w.put(RESULTS, "2024", signed("16756", 1) | {"commune_name": "Xã Châu Kim"})
        w.put(RESULTS, "2024", signed("16759", 5), unit="416")  # no households came from there
        return "2024", {"16744|2024", "16753|2024"}

    return filled


CASES[RESULTS, "poor_households_add_up"] = _adds_up("poor_count", 1)
CASES[RESULTS, "near_poor_households_add_up"] = _adds_up("near_poor_count", 2)


def test_a_result_is_held_against_all_that_its_commune_was_formed_of(warehouse: Warehouse) -> None:
    """The review of 2024 lists in November what is signed in December: 17464 took in 17389 and kept its code, 17185 was divided."""

    def signed(commune: str, count: int) -> dict[str, Any]:
        return {"commune_code": commune, "review_year": 2024, "household_count": 100, "poor_count": count, "near_poor_count": 0}

    listed = {"17464": 1, "17389": 2, "17443": 1, "17449": 1, "17455": 1, "17185": 2, "17194": 1, "17404": 3}
    rows = [household(f"{commune}-{n}", commune_code=commune) for commune, count in listed.items() for n in range(count)]
    warehouse.put(HOUSEHOLDS, "2024", *rows, unit="425")
    warehouse.set_aside(HOUSEHOLDS, "2024", {"ma_xa_goc": "17422"})  # went into 17437
    results = [signed("17464", 3), signed("17443", 1), signed("17449", 3), signed("17185", 3), signed("17404", 2)]
    # One that was signed before December stands by the former codes: both together are what is listed, and by either way.
    results += [signed("17437", 1), signed("17419", 2), signed("17407", 1)]
    warehouse.put(HOUSEHOLDS, "2024", *(household(f"K{n}", commune_code="17419") for n in range(3)), unit="425")
    warehouse.put(RESULTS, "2024", *results, unit="425")
    assert warehouse.found(RESULTS, "poor_households_add_up", "2024") == {"17449|2024", "17404|2024"}


@case(WORKERS)
def one_form_a_year(w: Warehouse) -> tuple[str, set[str]]:
    w.put(
        WORKERS, "2024", worker("F1", 1), worker("F2", 1), worker("F3", 2), worker("F4", 3), worker("F5", 3, full_name="Ai Khác")
    )
    w.put(WORKERS, "2023", worker("F6", 2, collection_year=2023))
    return "2024", {"F1", "F2"}


@case(DECISIONS)
def not_employed_in_the_month(w: Warehouse) -> tuple[str, set[str]]:
    def decided(key: str, number: int, **more: Any) -> dict[str, Any]:
        who = {"identity_number": human(number)["identity_number"], "entitled_from": "2024-10-10", "decision_date": "2024-10-08"}
        return {"decision_number": key, "status_code": 1, **who, **more}

    w.put(DECISIONS, "2024-10", *(decided(f"D{n}", n) for n in range(1, 6)), decided("D6", 1, status_code=3), unit="40")
    numbers = [human(n)["identity_number"] for n in range(6)]
    w.put(JOBS, "2024-10", {"job_id": "J1", "identity_number": numbers[1], "started_date": "2024-10-21"}, unit="40")
    w.put(JOBS, "2024-10", {"job_id": "J2", "identity_number": numbers[2], "started_date": "2024-10-09"}, unit="40")
    w.put(
        WORKERS,
        "2024",
        worker("F3", 3, activity_code=1, collected_date="2024-10-10"),
        worker("F4", 4, collected_date="2024-10-15"),
    )
    w.put(WORKERS, "2024", worker("F5", 5, activity_code=1, collected_date="2024-11-10"))
    for key, number, day in (("7", 7, "2024-10-08"), ("8", 8, "2024-10-07")):  # where no day is told, from the decision on
        w.put(DECISIONS, "2024-10", decided(f"D{key}", number, entitled_from=None), unit="40")
        who = human(number)["identity_number"]
        w.put(JOBS, "2024-10", {"job_id": f"J{key}", "identity_number": who, "started_date": day}, unit="40")
    return "2024-10", {"D1", "D3", "D7"}


@case(SEEKERS)
def one_record_a_seeker(w: Warehouse) -> tuple[str, set[str]]:
    w.put(SEEKERS, "now", seeker("S1", 1), seeker("S2", 2), seeker("S3", 3), seeker("S4", 3, full_name="Ai Khác"))
    w.put(SEEKERS, "now", seeker("S5", 1), seeker("S6", 4) | {"identity_number": None}, unit="416")
    return "now", {"S1", "S5"}


@case(REFERRALS)
def referred_while_the_vacancy_was_open(w: Warehouse) -> tuple[str, set[str]]:
    w.put(VACANCIES, "2024-Q3", vacancy("V1", "2024-08-10", "2024-08-31"), vacancy("V2", "2024-08-10"), unit="40")
    w.put(VACANCIES, "2024-Q2", vacancy("V3", "2024-06-20", "2024-07-05"), unit="40")
    days = {"R1": ("V1", "2024-08-09"), "R2": ("V1", "2024-08-10"), "R3": ("V1", "2024-08-31"), "R4": ("V1", "2024-09-01")}
    days |= {"R5": ("V2", "2024-09-30"), "R6": ("V2", "2024-08-09"), "R7": ("V3", "2024-07-05"), "R8": ("V3", "2024-07-06")}
    days |= {"R9": ("V9", "2024-08-01")}  # of no vacancy: another rule's
    # What was registered twice was open from the first to the last, and without end where one line names none.
    w.put(VACANCIES, "2024-Q2", vacancy("V4", "2024-06-01", "2024-06-30"), vacancy("V5", "2024-06-01"), unit="40")
    again = (vacancy("V4", "2024-08-01", "2024-08-31"), vacancy("V5", "2024-08-01", "2024-08-31"))
    w.put(VACANCIES, "2024-Q3", *(row | {"row_key": f"{row['vacancy_id']}-2"} for row in again), unit="40")
    days |= {"S1": ("V4", "2024-07-15"), "S2": ("V4", "2024-08-31"), "S3": ("V4", "2024-09-01"), "S4": ("V5", "2024-09-30")}
    w.put(REFERRALS, "2024-Q3", *(referral(key, "S1", *of) for key, of in days.items()), unit="40")
    return "2024-Q3", {"R1", "R4", "R6", "R8", "S3"}


@case(REFERRALS)
def vacancy_is_registered(w: Warehouse) -> tuple[str, set[str]]:
    w.put(VACANCIES, "2024-Q3", vacancy("V1", "2024-08-10"), unit="40")
    w.put(VACANCIES, "2024-Q2", vacancy("V2", "2024-05-10"), unit="40")
    w.set_aside(VACANCIES, "2024-Q3", {"ma_viec": " V3 "})
    w.put(REFERRALS, "2024-Q3", *(referral(f"R{n}", "S1", f"V{n}") for n in range(1, 5)), unit="40")
    # Before the first vacancies of all nobody can say what there was.
    w.put(REFERRALS, "2024-Q2", referral("R9", "S1", "V9", "2024-05-20"), unit="40")
    assert w.found(REFERRALS, "vacancy_is_registered", "2024-Q2") == set()
    return "2024-Q3", {"R4"}


@case(REFERRALS, CONSULTATIONS)
def seeker_is_registered(w: Warehouse) -> tuple[str, set[str]]:
    w.put(SEEKERS, "now", seeker("S1", 1))
    w.set_aside(SEEKERS, "now", {"ma_nguoi_tim_viec": "S2"})
    w.put(REFERRALS, "2024-Q3", *(referral(f"R{n}", f"S{n}", "V1") for n in (1, 2, 3)), unit="40")
    visits = [
        {"consultation_id": f"R{n}", "seeker_id": f"S{n}", "consulted_date": "2024-08-20", "topic_code": 1} for n in (1, 2, 3)
    ]
    w.put(CONSULTATIONS, "2024-Q3", *visits, unit="40")
    return "2024-Q3", {"R3"}


def enrolled(key: str, month: str, cumulative: int, **more: Any) -> dict[str, Any]:
    """A line of the list of a month; `key` is told apart by its occupation."""
    taught = {"institution_id": "TT-01", "occupation_code": key, "level_code": 3, "school_year": "2023-2024", "row_key": key}
    return taught | {"month": f"{month}-01", "cumulative_count": cumulative} | more


@case(ENROLMENTS)
def enrolment_never_falls(w: Warehouse) -> tuple[str, set[str]]:
    """The greatest of the months before counts, whatever came between; another school year, level or establishment does not."""
    months = {"2023-12": 20, "2024-01": 30, "2024-02": 25}
    for month, reached in months.items():
        w.put(
            ENROLMENTS, month, *(enrolled(key, month, reached) for key in ("falls", "stands", "elsewhere", "higher")), unit="40"
        )
    w.put(ENROLMENTS, "2023-08", enrolled("anew", "2023-08", 90, school_year="2022-2023"), unit="40")
    w.put(ENROLMENTS, "2024-04", enrolled("later", "2024-04", 90), unit="40")
    now = {"falls": 29, "stands": 30, "anew": 5, "later": 3, "first": 0}
    rows = [enrolled(key, "2024-03", reached) for key, reached in now.items()]
    rows += [enrolled("elsewhere", "2024-03", 1, institution_id="TT-02"), enrolled("higher", "2024-03", 1, level_code=4)]
    w.put(ENROLMENTS, "2024-03", *rows, unit="40")
    return "2024-03", {"falls"}


def _taught(w: Warehouse, dataset: str, *rows: tuple[str, str, int]) -> str:
    """Rows of an establishment and a level, in a period of the dataset."""
    period = PERIODS[dataset_named(dataset).kind][0]
    more = {ENROLMENTS: {"month": "2024-10-01"}, GRADUATES: {"graduated_date": "2024-07-01"}}[dataset]
    told = [{"row_key": key, "institution_id": of, "occupation_code": key, "level_code": level} for key, of, level in rows]
    w.put(dataset, period, *(row | more for row in told), unit="40")
    return period


def _level_fits(dataset: str) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        types = {"CD": 1, "TC": 2, "TT": 3, "DN": 4}
        w.put(
            INSTITUTIONS, "now", *({"institution_id": i, "institution_type_code": code} for i, code in types.items()), unit="40"
        )
        every = [(f"{i}{level}", i, level) for i in (*types, "nobody") for level in (1, 2, 3, 4)]
        return _taught(w, dataset, *every), {"TC1", "TT1", "TT2", "DN2"}

    return filled


def _is_registered(dataset: str) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        w.put(INSTITUTIONS, "now", {"institution_id": "CD-01", "institution_type_code": 1}, unit="40")
        w.set_aside(INSTITUTIONS, "now", {"ma_co_so": " CD-02 "})
        return _taught(w, dataset, ("A", "CD-01", 1), ("B", "CD-02", 1), ("C", "CD-03", 1)), {"C"}

    return filled


for _of in (ENROLMENTS, GRADUATES):
    CASES[_of, "level_fits_the_institution"] = _level_fits(_of)
    CASES[_of, "institution_is_registered"] = _is_registered(_of)


def dossier(key: str, **more: Any) -> dict[str, Any]:
    return {
        "dossier_id": key,
        "field_code": "NCC",
        "channel_code": 1,
        "status_code": 4,
        "received_at": "2024-10-01 09:00+07",
    } | more


def steps(key: str, *taken: tuple[int, str]) -> list[dict[str, Any]]:
    """The steps of a dossier: the state after each, and when in 2024."""
    return [
        {"dossier_id": key, "step_number": n, "status_code": status, "processed_at": f"2024-{when}+07"}
        for n, (status, when) in enumerate(taken, start=1)
    ]


@case(DOSSIERS)
def finished_in_time(w: Warehouse) -> tuple[str, set[str]]:
    """What waited for the applicant is taken off, to the second; work between two pauses is not, nor what waited after the end."""
    late = {"appointed_at": "2024-10-10 17:00+07", "finished_at": "2024-10-15 17:00+07"}
    w.put(
        DOSSIERS,
        "2024-10",
        dossier("never-paused", **late),
        dossier("paused-enough", **late),
        dossier("a-second-short", **late),
        dossier("paused-twice", **late),
        dossier("still-paused", **late),
        dossier("asked-after-it-ended", **late),
        dossier("paused-past-its-end", **late),
        dossier("in-time", **late | {"finished_at": "2024-10-10 17:00+07"}),
        dossier("unfinished", **late | {"finished_at": None}),
        dossier("no-appointment", **late | {"appointed_at": None}),
        unit="40",
    )
    w.put(DOSSIERS, "2024-09", dossier("of-another-month", **late), unit="40")
    w.put(
        PROGRESS,
        "2024-10",
        *steps("never-paused", (2, "10-01 09:00"), (4, "10-08 09:00"), (9, "10-15 17:00")),
        *steps("paused-enough", (4, "10-02 09:00"), (5, "10-03 09:00"), (4, "10-08 09:00"), (9, "10-15 17:00")),
        *steps("a-second-short", (4, "10-02 09:00"), (6, "10-03 09:00:01"), (4, "10-08 09:00"), (9, "10-15 17:00")),
        *steps("paused-twice", (5, "10-03 09:00"), (4, "10-05 09:00"), (6, "10-06 09:00"), (4, "10-09 09:00")),
        *steps("still-paused", (4, "10-02 09:00"), (5, "10-03 09:00")),
        *steps("asked-after-it-ended", (4, "10-02 09:00"), (5, "10-15 17:00"), (4, "10-25 09:00")),
        *steps("paused-past-its-end", (4, "10-02 09:00"), (5, "10-13 09:00"), (4, "10-25 09:00")),
        unit="40",
    )
    return "2024-10", {"never-paused", "a-second-short", "still-paused", "asked-after-it-ended", "paused-past-its-end"}


@case(DOSSIERS)
def returned_with_a_paper(w: Warehouse) -> tuple[str, set[str]]:
    w.put(
        DOSSIERS, "2024-10", *(dossier(k, status_code=10) for k in ("a", "b", "c", "d")), dossier("e", status_code=9), unit="40"
    )
    paper = {"issued_on": "2024-10-05", "validity_code": 1}
    w.put(PAPERS, "now", paper | {"paper_id": "1", "dossier_id": "a", "kind_code": "QD-TCXH"}, unit="40")
    w.put(PAPERS, "now", paper | {"paper_id": "2", "dossier_id": "b", "kind_code": "TC"}, unit="40")
    w.set_aside(PAPERS, "now", {"MaHoSo": " c "})
    return "2024-10", {"d"}


@case(PROGRESS)
def state_may_follow(w: Warehouse) -> tuple[str, set[str]]:
    w.put(
        PROGRESS,
        "2024-10",
        *steps("good", (1, "10-01 08:00"), (2, "10-01 09:00"), (4, "10-02 09:00"), (5, "10-03 09:00"), (4, "10-04 09:00")),
        *steps("again", (9, "10-05 09:00"), (10, "10-06 09:00"), (4, "10-07 09:00"), (9, "10-08 09:00")),
        *steps("leapt", (2, "10-01 09:00"), (9, "10-02 09:00")),
        *(
            step
            for step in steps("one-is-lost", (2, "10-01 09:00"), (4, "10-02 09:00"), (9, "10-03 09:00"))
            if step["step_number"] != 2
        ),
        unit="40",
    )
    # Its first steps were taken the month before; what was wrong there is not found here.
    earlier = steps("over-the-month", (2, "09-28 09:00"), (10, "09-29 09:00"), (5, "10-01 09:00"))
    w.put(PROGRESS, "2024-09", *earlier[:2], unit="40")
    w.put(PROGRESS, "2024-10", earlier[2], unit="40")
    return "2024-10", {"again|3", "leapt|2", "over-the-month|3"}


@case(PROGRESS)
def steps_follow_in_time(w: Warehouse) -> tuple[str, set[str]]:
    w.put(
        PROGRESS,
        "2024-10",
        *steps("good", (2, "10-01 09:00"), (4, "10-01 09:00")),
        *steps("back", (2, "10-01 09:00"), (4, "10-01 08:59:59"), (9, "10-02 09:00")),
        unit="40",
    )
    return "2024-10", {"back|2"}


@case(CHILDREN)
def ill_child_is_of_a_poor_household(w: Warehouse) -> tuple[str, set[str]]:
    """In November 2024 the review of 2023 is the last that is final; who is in the group on the day of the reading is asked."""
    reviewed = {"H1": 1, "H2": 2, "H3": 9}
    w.put(HOUSEHOLDS, "2023", *(household(h, code, review_year=2023) for h, code in reviewed.items()))
    w.put(HOUSEHOLDS, "2023", household("H4", 1, review_year=2023), unit="416")
    w.put(HOUSEHOLDS, "2022", household("H3", 1, review_year=2022))
    w.put(HOUSEHOLDS, "2024", household("H3", 1))
    w.put(
        CHILDREN,
        "now",
        child("poor", "13.1", household_id="H1"),
        child("near-poor", "13.2", household_id="H2"),
        child("of-a-household-that-moved", "13.1", household_id="H4"),
        child("neither", "13.1", household_id="H3"),
        child("second-group", "04.3, 13.2", household_id="H3"),
        child("not-reviewed", "13.1", household_id="H9"),
        child("of-no-household", "13.1"),
        child("of-another-group", "04.3, 12.1", household_id="H3"),
        child("in-no-group", household_id="H3"),
        child("entered-today", "13.1", household_id="H3", entered_date="2024-11-20"),
        child("enters-tomorrow", "13.1", household_id="H3", entered_date="2024-11-21"),
        child("leaves-tomorrow", "13.1", household_id="H3", left_date="2024-11-21"),
        child("left-today", "13.1", household_id="H3", left_date="2024-11-20"),
        child("closed", "13.1", household_id="H3", status_code=2),
        child("of-a-household-set-aside", "13.1", household_id="H5"),
        child("of-one-set-aside-in-another-year", "13.1", household_id="H6"),
        child("of-one-found-poor-within-the-year", "13.1", household_id="H7"),
        child("of-one-found-so-last-year", "13.1", household_id="H8"),
        child("of-one-whose-finding-is-set-aside", "13.1", household_id="H10"),
    )
    for number, (of, code, day) in enumerate((("H7", 2, "2024-06-10"), ("H8", 1, "2023-06-10"), ("H3", 3, "2024-06-10"))):
        change = {"change_id": f"C{number}", "household_id": of, "class_code": code, "change_date": day, "commune_code": "16741"}
        w.put(CHANGES, day[:7], change)
    w.set_aside(CHANGES, "2024-06", {"ma_ho": "H10"})
    w.set_aside(HOUSEHOLDS, "2023", {"ma_ho": " H5 "})
    w.set_aside(HOUSEHOLDS, "2024", {"ma_ho": "H6"})
    w.put(CHILDREN, "now", child("no-review-came", "13.1", household_id="H3"), unit="431")
    found = {"neither", "second-group", "not-reviewed", "of-no-household", "entered-today", "leaves-tomorrow"}
    return "now", found | {"of-one-set-aside-in-another-year", "of-one-found-so-last-year"}


def _draws_an_allowance(rights: tuple[str, ...], another: str, group: str, another_group: str) -> Case:
    """`rights` are sub-groups that the allowances of `group` belong to; of `another` none does, and `another_group` is of others."""

    def filled(w: Warehouse) -> tuple[str, set[str]]:
        right = rights[0]
        w.put(
            CHILDREN,
            "now",
            child("draws", right, 1),
            child("will-draw-until-tomorrow", right, 2),
            child("drew-until-today", right, 3),
            child("draws-another", right, 4),
            child("has-no-number", right, identity_number=None),
            child("has-no-right", another, 5),
            child("is-in-no-group", None, 5),
            child("entered-today", right, 6, entered_date="2024-11-20"),
            child("enters-tomorrow", right, 6, entered_date="2024-11-21"),
            child("leaves-tomorrow", right, 6, left_date="2024-11-21"),
            child("left-today", right, 6, left_date="2024-11-20"),
            child("closed", right, 6, status_code=2),
            child("second-group", f"{another}, {right}", 6),
            child("whose-row-is-set-aside", right, 8),
            *(child(f"of-{each}", each, 6) for each in rights),
        )
        w.put(
            BENEFICIARIES,
            "now",
            beneficiary("B1", 1, group_code=group),
            beneficiary("B2", 2, group_code=group, entitled_until="2024-11-21"),
            beneficiary("B3", 3, group_code=group, entitled_until="2024-11-20", status_code=2),
            beneficiary("B4", 4, group_code=another_group),
            beneficiary("B5", 7, group_code=group, identity_number=None),
            unit="416",  # wherever the allowance is drawn
        )
        number = child("", right, 8)["identity_number"]
        w.set_aside(BENEFICIARIES, "now", {"so_dinh_danh": f" {number}"})
        found = {"drew-until-today", "draws-another", "entered-today", "leaves-tomorrow", "second-group"}
        return "now", found | {f"of-{each}" for each in rights}

    return filled


CASES[CHILDREN, "disabled_child_draws_an_allowance"] = _draws_an_allowance(("04.1", "04.2"), "04.3", "K6.N", "K1")
CASES[CHILDREN, "child_without_nurture_draws_an_allowance"] = _draws_an_allowance(("01.3", "02.1", "03.5"), "11.1", "K1", "K6.N")


def _form(w: Warehouse, dataset: str, sender: str, first: str, last: str) -> Callable[..., None]:
    def form(of: str, month: str, part: str, counts: tuple[int | None, int | None], name: str = "") -> None:
        told = {f"{first}_{part}": counts[0], f"{last}_{part}": counts[1], "commune_name": name or None}
        w.put(dataset, month, {"row_key": of, sender: of, "month": f"{month}-01", **told}, unit="40")

    return form


def _begins_where_the_month_before_ended(dataset: str, sender: str, first: str, last: str) -> Case:
    """`first` and `last` of the form's items. Over the turn of the year, when the month before is in another year's file."""

    def filled(w: Warehouse) -> tuple[str, set[str]]:
        form = _form(w, dataset, sender, first, last)

        ended = {"goes-on": (5, 7), "first-differs": (5, 7), "last-differs": (5, 7), "told-less": (None, 7), "tells-less": (5, 7)}
        for of, counts in ended.items():
            form(of, "2024-12", "closing", counts)
        begins = {
            "goes-on": (5, 7),
            "first-differs": (6, 7),
            "last-differs": (5, 6),
            "told-less": (6, 7),
            "tells-less": (5, None),
        }
        for of, counts in begins.items():
            form(of, "2025-01", "opening", counts)
        form("missed-december", "2024-11", "closing", (5, 7))
        form("missed-december", "2025-01", "opening", (6, 8))
        form("anew", "2025-01", "opening", (6, 8))
        form("of-january", "2025-01", "closing", (5, 7))
        form("of-january", "2025-02", "opening", (6, 8))  # found in February, not in January
        assert w.found(dataset, "begins_where_the_month_before_ended", "2025-02") == {"of-january"}
        return "2025-01", {"first-differs", "last-differs"}

    return filled


for _forms, _sender, _items in (
    (COMMUNE_FORMS, "commune_code", ("family", "relapsed")),
    (CENTRE_FORMS, "centre_id", ("centre_ordered", "centre_voluntary")),
):
    CASES[_forms, "begins_where_the_month_before_ended"] = _begins_where_the_month_before_ended(_forms, _sender, *_items)


def test_a_commune_begins_with_what_all_of_which_it_was_formed_ended_with(warehouse: Warehouse) -> None:
    """In December 2024: 17464 and 17581 kept name and number and took in another, 17185 was divided, 16690 went on as it was."""
    form = _form(warehouse, COMMUNE_FORMS, "commune_code", "family", "relapsed")
    ended = {
        "16690": 1,
        "17464": 2,
        "17389": 3,
        "17581": 2,
        "17524": 2,
        "17525": 4,
        "17602": 5,
        "17590": 6,
        "17185": 2,
        "17194": 2,
    }
    for of, count in ended.items():
        form(of, "2024-11", "closing", (count, None if of == "17590" else 0))
    begins = {"16690": 2, "17464": 5, "17581": 9, "17524": 5, "17602": 12, "17185": 9, "17179": 9}
    for of, count in begins.items():
        form(of, "2024-12", "opening", (count, 7 if of == "17602" else 0))
    # Of 17581 one has not sent; of 17602 one has not told one item, and the other item differs.
    found = warehouse.found(COMMUNE_FORMS, "begins_where_the_month_before_ended", "2024-12")
    assert found == {"16690", "17524", "17602"}


def test_a_centre_is_itself_though_its_commune_was_renamed(warehouse: Warehouse) -> None:
    form = _form(warehouse, CENTRE_FORMS, "centre_id", "centre_ordered", "centre_voluntary")
    form("CN4001", "2024-11", "closing", (5, 7), "Xã Hồng Thành")
    form("CN4001", "2024-12", "opening", (6, 7), "Xã Phú Thành")
    assert warehouse.found(CENTRE_FORMS, "begins_where_the_month_before_ended", "2024-12") == {"CN4001"}


# A period of each kind, and the one before it.
PERIODS = {
    "register": ("now", "now"),
    "monthly": ("2024-10", "2024-09"),
    "quarterly": ("2024-Q3", "2024-Q2"),
    "yearly": ("2024", "2023"),
    "school_year": ("2023-2024", "2022-2023"),
}


def _holds_period(dataset: Dataset) -> bool:
    """Whether the key of a row tells its period."""
    return dataset.placed_by in dataset.key


def _same_key(dataset: Dataset) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        period, other = PERIODS[dataset.kind]
        for key, where, unit in (("A", period, "415"), ("A", period, "416"), ("B", period, "415")):
            if not dataset.by_province:
                w.put(dataset.id, where, {"row_key": key}, unit=unit)
        marked = lambda unit, key: f"{unit}:{key}" if dataset.id.endswith("payments") else key  # noqa: E731
        found = set() if dataset.by_province else {marked("415", "A"), marked("416", "A")}
        if other != period and not _holds_period(dataset):
            w.put(dataset.id, period, {"row_key": "C"}, unit="40")
            w.put(dataset.id, other, {"row_key": "C"}, unit="40")
            found.add("C")
        return period, found

    return filled


def _case_alone(dataset: Dataset) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        period, other = PERIODS[dataset.kind]
        here, there = ("40", "40") if dataset.by_province else ("415", "416")
        for key, unit in (("HĐ-1", here), ("hđ-1", there), ("Lk", here), ("lK", there), ("z-2", here), ("Z-3", here)):
            w.put(dataset.id, period, {"row_key": key}, unit=unit)
        marked = lambda unit, key: f"{unit}:{key}" if dataset.id.endswith("payments") else key  # noqa: E731
        found = {marked(here, "HĐ-1"), marked(there, "hđ-1"), marked(here, "Lk"), marked(there, "lK")}
        if other != period and not _holds_period(dataset):
            w.put(dataset.id, other, {"row_key": "Z-2"}, unit=here)
            found.add(marked(here, "z-2"))
        return period, found

    return filled


for _d in DATASETS:
    CASES[_d.id, "same_key_in_two_cells"] = _same_key(_d)
    CASES[_d.id, "keys_differ_by_more_than_case"] = _case_alone(_d)


@pytest.mark.parametrize(("dataset", "rule"), sorted(CASES), ids=lambda v: v)
def test_set_rule_finds_exactly_its_rows(warehouse: Warehouse, dataset: str, rule: str) -> None:
    period, expected = CASES[dataset, rule](warehouse)
    assert warehouse.found(dataset, rule, period) == expected


def test_what_is_set_aside_counts_of_its_dataset_and_period_while_it_waits(warehouse: Warehouse) -> None:
    """What was mended since is among the rows again; of another dataset or year it says nothing here."""
    for dataset, period, key in (
        (MEMBERS, "2024", " H1 "),
        (MEMBERS, "2024", "H2"),
        (MEMBERS, "2023", "H3"),
        (HOUSEHOLDS, "2024", "H4"),
    ):
        warehouse.set_aside(dataset, period, {"ma_ho": key})
    warehouse.connection.execute(sa.text("update quarantine.rows set resolved_at = now() where received ->> 'ma_ho' = 'H2'"))
    for period, expected in (("'2024'", {"H1"}), (None, {"H1", "H3"})):
        asked = SetRule("x", "x", "x", "x", "x", set_aside(MEMBERS, "household_id", period=period))
        found = warehouse.connection.execute(sa.text(set_rule_query(asked))).scalars()
        assert set(found) == expected


def test_every_set_rule_has_a_case() -> None:
    declared = {(d.id, r.name) for d in DATASETS for r in d.set_rules}
    assert declared == set(CASES)


def test_set_rules_find_nothing_in_an_empty_warehouse(warehouse: Warehouse) -> None:
    for dataset in DATASETS:
        for rule in dataset.set_rules:
            assert warehouse.found(dataset.id, rule.name, PERIODS[dataset.kind][0]) == set()


def test_a_rule_over_periods_looks_at_all_of_them_when_one_moves(warehouse: Warehouse) -> None:
    """The warning stands on both rows, and leaves both when one of them goes."""
    table = dataset_named(WORKERS).table

    def open_remarks() -> list[str]:
        return list(
            warehouse.connection.execute(
                sa.text("select period from quarantine.remarks where resolved_at is null and rule = :r order by period"),
                {"r": "same_key_in_two_cells"},
            ).scalars()
        )

    for year in ("2023", "2024"):
        warehouse.put(WORKERS, year, human(7, form_id="P1", activity_code=1, sex_code=1, collection_year=int(year)))
        set_rules.evaluate(warehouse.connection, {f"core.{table}": {year}}, READ_AT, TODAY)
    assert open_remarks() == ["2023", "2024"]
    warehouse.connection.execute(sa.text(f"update history.{table} set recorded_to = :at where period = '2024'"), {"at": READ_AT})
    set_rules.evaluate(warehouse.connection, {f"core.{table}": {"2024"}}, READ_AT, TODAY)
    assert open_remarks() == []


OVER_PERIODS = sorted({(d.id, r.name) for d in DATASETS for r in d.set_rules if r.across_periods})
LATER = READ_AT + dt.timedelta(days=1)


def remarks(warehouse: Warehouse, dataset_id: str, rule: str, *, of: str = "resolved_at is null") -> set[tuple[str, str, str]]:
    dataset = dataset_named(dataset_id)
    rows = warehouse.connection.execute(
        sa.text(f"""select period, unit_code, row_key from quarantine.remarks
            where source = :source and dataset = :dataset and rule = :rule and {of}"""),
        {"source": dataset.source.name, "dataset": dataset.name, "rule": rule, "first": READ_AT, "later": LATER},
    )
    return {(period, unit, key) for period, unit, key in rows}


@pytest.mark.parametrize(("dataset_id", "rule"), OVER_PERIODS, ids=lambda v: v)
def test_a_rule_over_periods_warns_of_what_it_finds_period_by_period(warehouse: Warehouse, dataset_id: str, rule: str) -> None:
    period, expected = CASES[dataset_id, rule](warehouse)
    dataset, until = dataset_named(dataset_id), dt.date(2025, 3, 1)
    sql = next(set_rule_query(r) for r in dataset.set_rules if r.name == rule)
    one_by_one = set()
    for each in calendar.started(dataset, until):
        first, last = (until, until) if each == "now" else calendar.span(each)
        asked = {"period": each, "first_day": first, "last_day": last}
        one_by_one |= {(each, unit, key) for unit, key in warehouse.connection.execute(sa.text(sql), asked)}
    set_rules.evaluate(warehouse.connection, {f"core.{dataset.table}": {period}}, READ_AT, until)
    assert remarks(warehouse, dataset_id, rule) == one_by_one
    assert bool(one_by_one) is bool(expected), "a register of the province is one cell, in which no key stands twice"


def test_a_remark_is_resolved_in_the_period_where_it_applies_no_more(warehouse: Warehouse) -> None:
    """The same key of the same unit stands in three periods: what stands in one of them says nothing of the remark in another."""
    rule, core = "same_key_in_two_cells", f"core.{dataset_named(JOBS).table}"
    for month in ("2024-08", "2024-09", "2024-10"):
        warehouse.put(JOBS, month, {"row_key": "P1"})
    warehouse.put(JOBS, "2024-07", {"row_key": "P2"}, {"row_key": "P3"})
    warehouse.put(JOBS, "2024-08", {"row_key": "P2"})
    assert set_rules.evaluate(warehouse.connection, {core: {"2024-10"}}, READ_AT, TODAY) == {"labour_employment"}
    both = {("2024-07", "415", "P2"), ("2024-08", "415", "P2")}
    assert remarks(warehouse, JOBS, rule) == both | {(month, "415", "P1") for month in ("2024-08", "2024-09", "2024-10")}
    warehouse.connection.execute(
        sa.text("update history.labour_employment_jobs_created set recorded_to = :at where period = '2024-10'"), {"at": READ_AT}
    )
    warehouse.put(JOBS, "2024-09", {"row_key": "P3"})
    set_rules.evaluate(warehouse.connection, {core: {"2024-10"}}, LATER, TODAY)
    stand = both | {("2024-08", "415", "P1"), ("2024-09", "415", "P1")}
    new = {("2024-07", "415", "P3"), ("2024-09", "415", "P3")}
    assert remarks(warehouse, JOBS, rule, of="first_seen = :first and last_seen = :later and resolved_at is null") == stand
    assert remarks(warehouse, JOBS, rule, of="first_seen = :later and resolved_at is null") == new
    assert remarks(warehouse, JOBS, rule, of="resolved_at = :later") == {("2024-10", "415", "P1")}


def test_a_rule_of_one_period_leaves_the_remarks_of_the_others(warehouse: Warehouse) -> None:
    rule, core = "same_key_in_two_cells", f"core.{dataset_named(RESULTS).table}"
    for year in ("2023", "2024"):
        for unit in ("415", "416"):
            warehouse.put(RESULTS, year, {"row_key": "16741"}, unit=unit)
    set_rules.evaluate(warehouse.connection, {core: {"2023", "2024"}}, READ_AT, TODAY)
    each = {(year, unit, "16741") for year in ("2023", "2024") for unit in ("415", "416")}
    assert remarks(warehouse, RESULTS, rule) == each
    warehouse.connection.execute(sa.text("update history.poverty_review_results set recorded_to = :at"), {"at": READ_AT})
    set_rules.evaluate(warehouse.connection, {core: {"2024"}}, LATER, TODAY)
    assert remarks(warehouse, RESULTS, rule) == {one for one in each if one[0] == "2023"}


@pytest.mark.parametrize("dataset_id", [PROFILES, MEMBERS])
def test_too_many_born_on_1_january_warns_of_the_cell_and_of_no_row(warehouse: Warehouse, dataset_id: str) -> None:
    period = _born(warehouse, dataset_id, "415", 700, 10)
    _born(warehouse, dataset_id, "416", 700, 10, precision=None)  # a day is told, and of its precision nothing
    _born(warehouse, dataset_id, "417", 700, 9)
    _born(warehouse, dataset_id, "418", 699, 400)  # too few to tell
    _born(warehouse, dataset_id, "419", 900, 500, precision="nam")  # 1 January stands for the year, and says so
    _born(warehouse, dataset_id, "420", 1500, 20)
    dataset, rule = dataset_named(dataset_id), "born_on_any_day"
    where = {"s": dataset.source.name, "d": dataset.name, "p": period}
    warehouse.connection.execute(
        sa.text("""insert into ops.cells (source, dataset, period, unit_code, status, expected) values (:s, :d, :p, '415', 'on_time', true)
            on conflict (source, dataset, period, unit_code) do nothing"""),
        where,
    )
    set_rules.evaluate(warehouse.connection, {f"core.{dataset.table}": {period}}, READ_AT, TODAY)
    assert remarks(warehouse, dataset_id, rule) == {(period, "415", NO_ROW), (period, "416", NO_ROW)}
    ledger.count_remarks(warehouse.connection, dataset.source.name)
    standing.count(warehouse.connection, dataset.source.name)
    others = """select count(distinct row_key) from quarantine.remarks where source = :s and dataset = :d and period = :p
        and unit_code = '415' and resolved_at is null and kind = 'warning' and rule <> 'born_on_any_day'"""
    warned = "select rows_warned from ops.cells where source = :s and dataset = :d and period = :p and unit_code = '415'"
    count = warehouse.connection.execute(sa.text(others), where).scalar_one()
    assert warehouse.connection.execute(sa.text(warned), where).scalar_one() == count, "no row is warned of by it"
    [told] = [s for s in standing.read(warehouse.connection, *dataset_id.split(".")) if s.rule == rule]
    assert (told.kind, told.rows, told.weight) == ("warning", 2, "record")
