"""A warehouse for set rules, and the rows that are laid into it."""

import datetime as dt
import json
from typing import Any

import sqlalchemy as sa

from schemas import calendar
from schemas.projections.postgres import set_rule_query
from schemas.registry import dataset_named

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


# A period of each kind, and the one before it.
PERIODS = {
    "register": ("now", "now"),
    "monthly": ("2024-10", "2024-09"),
    "quarterly": ("2024-Q3", "2024-Q2"),
    "yearly": ("2024", "2023"),
    "school_year": ("2023-2024", "2022-2023"),
}
