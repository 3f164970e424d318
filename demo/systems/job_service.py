"""The employment service centre: seekers, vacancies, referrals, consultations, job fairs, unemployment claims, short courses."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from demo.faults import pairs
from demo.faults.choosing import spoiled
from demo.faults.planting import Planted
from demo.lives.deliveries import Sending, in_register
from demo.lives.job_seeking import WAITING
from demo.lives.labour_words import JOBS, TRADES
from demo.lives.province import Province
from demo.systems.job_service_faults import FAULTS, registered_twice, second_record
from demo.writing import persons, text
from demo.writing.happenings import listed, maybe_placed
from demo.writing.persons import Habits, Writer
from demo.writing.plans import Plan, planned
from demo.writing.values import Change, Value, changed, nonzero
from schemas.registry import dataset_named

LISTS = ("vacancies", "referrals", "consultations", "job_fairs", "unemployment_claims", "short_courses")
VACANCIES, REFERRALS, CONSULTATIONS, FAIRS, CLAIMS, COURSES = (dataset_named(f"job_service.{name}") for name in LISTS)
SEEKERS = dataset_named("job_service.seekers")
ON_MARIADB = True
SENDING = dict.fromkeys(LISTS, Sending(as_it_happens=True))
HABITS = Habits("job_service", without_number=0.05, without_number_old=0.2, with_old_card=0.1, year_only_old=0.1, with_phone=0.9)
Values = dict[str, Value]


def plans(province: Province) -> Iterator[Planted]:
    special = (pairs.one_number_for_two(8), pairs.one_person_under_two(8, second_record), registered_twice)
    yield spoiled(seekers(province), FAULTS, special)
    for plan in (vacancies, referrals, consultations, fairs, claims, courses):
        yield spoiled(plan(province), FAULTS)


def changes(province: Province) -> Iterator[Change]:
    """Results of referrals that become known later."""
    life = province.seeking
    late = np.flatnonzero(life.told > province.today)
    return changed(REFERRALS, life.told[late], {"referral_id": _code("GT-", late)}, {"result_code": life.result[late]})


def _code(kind: str, at: np.ndarray) -> pa.Array:
    return text.joined(kind, text.padded(at + 1, 6))


def _jobs(at: np.ndarray) -> pa.Array:
    return text.from_list([j[0] for j in JOBS], at % len(JOBS))


def _of_person(province: Province, person: np.ndarray, day: np.ndarray) -> Values:
    without = persons.draws(province.people, "job_service", "commune")[person] < 0.03
    return maybe_placed(province.people, person, day, without)


def seekers(province: Province) -> Plan:
    people, writer, life = province.people, Writer(province.people, HABITS), province.seeking
    home = people.household[life.person]
    commune = people.commune_of(home, province.today_date)
    cells, cell = in_register(people.places.unit_2023[commune])

    def values(at: np.ndarray) -> Values:
        who = life.person[at]
        places = text.from_list(("Tại địa phương", "Trong tỉnh", "Ngoài tỉnh"), who % 3)
        wanted = {"wanted_job": _jobs(who), "wanted_wage_vnd": nonzero(who % 9 * 1_000_000), "wanted_place": places}
        of_seeker = {"seeker_id": _code("NTV-", at), "registered_date": life.registered[at], "training_level_code": 1 + who % 8}
        return writer.person(who, commune[at], life.registered[at]) | of_seeker | wanted

    facts = writer.facts(life.person, np.ones(len(home), dtype=bool), home)
    return planned(province, SEEKERS, cells, cell, life.registered + 1, values).knowing(**facts)


def vacancies(province: Province) -> Plan:
    vacant = province.seeking.vacancies

    def values(at: np.ndarray) -> Values:
        days = {"registered_date": vacant.opened[at], "deadline_date": vacant.until[at]}
        wages = {"wage_from_vnd": nonzero(vacant.least[at]), "wage_to_vnd": nonzero(vacant.most[at])}
        job = {"job_title": _jobs(at * 7), "training_level_code": 1 + at % 7, "place_count": vacant.places[at]}
        whose = {"vacancy_id": _code("VT-", at), "tax_code": vacant.employer[at]}
        return persons.placed(province.people, vacant.commune[at]) | whose | days | job | wages

    # Referrals that are wrong rest on the first.
    return listed(province, VACANCIES, SENDING, vacant.opened, values).knowing(loose=np.arange(len(vacant.opened)) > 0)


def referrals(province: Province) -> Plan:
    life, known = province.seeking, province.seeking.told <= province.today

    def values(at: np.ndarray) -> Values:
        seeker, day = life.referred.seeker[at], life.referred.day[at]
        told = {"referred_date": day, "result_code": np.where(known[at], life.result[at], WAITING)}
        between = {"seeker_id": _code("NTV-", seeker), "vacancy_id": _code("VT-", life.vacancy[at])}
        return _of_person(province, life.person[seeker], day) | {"referral_id": _code("GT-", at)} | between | told

    return listed(province, REFERRALS, SENDING, life.referred.day, values).knowing(loose=known)


def consultations(province: Province) -> Plan:
    life, visits = province.seeking, province.seeking.consulted

    def values(at: np.ndarray) -> Values:
        seeker, day = visits.seeker[at], visits.day[at]
        of_visit = {"consultation_id": _code("TV-", at), "seeker_id": _code("NTV-", seeker)}
        return _of_person(province, life.person[seeker], day) | of_visit | {"consulted_date": day, "topic_code": life.topic[at]}

    return listed(province, CONSULTATIONS, SENDING, visits.day, values)


def fairs(province: Province) -> Plan:
    held = province.seeking.fairs

    def values(at: np.ndarray) -> Values:
        came = held.people[at]
        counts = {
            "employer_count": came // 12 + 3,
            "seeker_count": came,
            "referred_count": came * 2 // 5,
            "hired_count": came // 8,
        }
        return (
            persons.placed(province.people, held.commune[at]) | {"fair_id": _code("PGD-", at), "held_date": held.day[at]} | counts
        )

    return listed(province, FAIRS, SENDING, held.day, values)


def claims(province: Province) -> Plan:
    of, writer = province.seeking.claims, Writer(province.people, HABITS)

    def values(at: np.ndarray) -> Values:
        person, day = of.person[at], of.day[at]
        of_claim = {"claim_id": _code("TCTN-", at), "identity_number": writer.numbers(person)}
        return _of_person(province, person, day) | of_claim | {"applied_date": day, "paid_months": of.paid_months[at]}

    return listed(province, CLAIMS, SENDING, of.day, values)


def courses(province: Province) -> Plan:
    held = province.seeking.classes

    def values(at: np.ndarray) -> Values:
        of_class = {"course_id": _code("LOP-", at), "opened_date": held.day[at], "learner_count": held.people[at]}
        trade = {"trade": text.from_list(TRADES, at * 7 % len(TRADES))}
        return persons.placed(province.people, held.commune[at]) | of_class | trade

    return listed(province, COURSES, SENDING, held.day, values)
