"""Set rules of labour, unemployment and the job service."""

from typing import Any

from tests.integration.set_rules.cases import case
from tests.integration.set_rules.rows import (
    CONSULTATIONS,
    DECISIONS,
    JOBS,
    REFERRALS,
    SEEKERS,
    VACANCIES,
    WORKERS,
    Warehouse,
    human,
    referral,
    seeker,
    vacancy,
    worker,
)


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
