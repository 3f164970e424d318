"""Labour: forms of the collection, employers, vacancies, permits, and the province's lists of departures, jobs, benefits."""

import datetime as dt
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from demo.faults import pairs
from demo.faults.choosing import spoiled
from demo.faults.planting import Planted, Row
from demo.lives import labour
from demo.lives.deliveries import HELD, Sending, by_delivery, in_register
from demo.lives.labour import EMPLOYED, INACTIVE, UNEMPLOYED, Employers, Events
from demo.lives.labour_words import (
    COMPANY_WORDS,
    COUNTRIES,
    FOREIGN_NAMES,
    INDUSTRIES,
    JOBS,
    NATIONALITIES,
    NEEDS,
    SPECIALITIES,
    TRADES,
)
from demo.lives.poverty_status import NEAR_POOR, POOR
from demo.lives.province import Province
from demo.offices.parcels import Files
from demo.offices.styles import Style
from demo.people.dates import NEVER, number
from demo.people.randomness import choose, permuted, stream
from demo.systems.labour_employment_faults import FAULTS
from demo.writing import persons, text
from demo.writing.happenings import listed, maybe_placed
from demo.writing.persons import Habits, Writer
from demo.writing.plans import Plan, planned
from demo.writing.values import Change, Value, changed, known
from schemas.dataset import Dataset
from schemas.registry import dataset_named
from schemas.sources.labour_employment import rates

WORKERS = dataset_named("labour_employment.workers")
EMPLOYERS = dataset_named("labour_employment.employers")
VACANCIES = dataset_named("labour_employment.vacancies")
PERMITS = dataset_named("labour_employment.foreign_permits")
ABROAD = dataset_named("labour_employment.overseas_workers")
JOBS_CREATED = dataset_named("labour_employment.jobs_created")
BENEFITS = dataset_named("labour_employment.unemployment_decisions")
SENDING = {
    "workers": Sending({("2023", "426"): "late"}),
    "vacancies": Sending(
        {("2024-Q3", "423"): "missing", ("2024-Q2", "413"): "empty", ("2024-Q3", "432"): "by_file"}, as_it_happens=True
    ),
    "overseas_workers": Sending(as_it_happens=True),
    "jobs_created": Sending({("2024-10", "40"): "coming"}, as_it_happens=True),
    "unemployment_decisions": Sending(as_it_happens=True),
}
FILES = {"vacancies": Files(cells={("2024-Q3", "432"): Style(kind="csv", titles=False, ordinals=False, footer=False)})}
HABITS = Habits(
    "labour_employment", without_number=0.04, without_number_old=0.2, with_old_card=0.12, year_only_old=0.2, with_phone=0.4
)
VACANCIES_A_QUARTER, PERMIT_COUNT = 7_500, 1_600  # at scale 1
START_OF_2024 = number(dt.date(2024, 1, 1))
QUARTERS = tuple(f"2024-Q{q}" for q in (1, 2, 3, 4))
TRAINED = np.array([0.44, 0.2, 0.06, 0.08, 0.075, 0.05, 0.09, 0.005])  # shares of the training levels


def plans(province: Province) -> Iterator[Planted]:
    special = (pairs.one_number_for_two(8), pairs.one_person_under_two(12, _second_form))
    yield spoiled(workers(province), FAULTS, special)
    offices = labour.employers(province.people)
    yield spoiled(employers(province, offices), FAULTS)
    yield spoiled(vacancies(province, offices), FAULTS)
    yield spoiled(permits(province, offices), FAULTS)
    for plan in (overseas(province), jobs(province), benefits(province)):
        yield spoiled(plan, FAULTS)


def _second_form(row: Row, n: int) -> Row:
    return {"form_id": f"P{row['collection_year']}-TRUNG-{n + 1:05d}"}


def workers(province: Province) -> Plan:
    people, forms = province.people, province.collection
    where = people.places
    unit = np.where(forms.year == 2023, where.unit_2023[forms.commune], where.unit_2024[forms.commune])
    sent = province.sent(WORKERS, SENDING)
    cells, cell, sent_on, _ = by_delivery(sent, [str(y) for y in labour.YEARS], forms.year - 2023, unit)
    day = np.where(forms.year == 2023, sent_on, forms.entered)
    writer = Writer(people, HABITS)
    taste = stream(province.seed, "labour", "taste").random(len(people.birth), dtype=np.float32)
    groups = ["", *(",".join(str(k + 1) for k in range(5) if bits >> k & 1) for bits in range(1, 32))]
    status = province.poverty.now[2023]
    merit = province.merit_homes

    def values(at: np.ndarray) -> dict[str, Value]:
        person, year, activity = forms.person[at], forms.year[at], forms.activity[at]
        home, t = people.household[person], taste[person].astype(np.float64)
        age = year - people.birth_year[person]
        bits = (
            province.disabled[person] * 1 + (status[home] == POOR) * 2 + (status[home] == NEAR_POOR) * 4
            + (people.person_group[person] > 0) * 8 + merit[home] * 16
        )  # fmt: skip
        other, third = _spread(person, 7_919), _spread(person, 104_729)
        training = np.searchsorted(np.cumsum(TRAINED), other * (1 - 1e-9), side="right").clip(0, 7) + 1
        training = np.where(age < 18, 1, training)
        works, idle, out = activity == EMPLOYED, activity == UNEMPLOYED, activity == INACTIVE
        position = np.where(third < 0.03, 1, np.where(third < 0.45, 2, np.where(third < 0.6, 3, 4)))
        paid = position == 4
        job = (person.astype(np.int64) * 13) % len(JOBS)
        formal = np.where(_spread(person, 611_953) < 0.55, 7, np.array([4, 5, 6, 8])[person % 4])
        kind = np.where(paid, np.where(t < 0.75, formal, 2), np.where(position == 1, 2, 1))
        reason = np.select([age < 22, age >= 60], [1, 2], np.where(province.disabled[person], 4, np.where(t < 0.7, 3, 5)))
        return {
            **writer.person(person, forms.commune[at], forms.collected[at]),
            "form_id": text.joined("P", text.whole(year), "-", text.padded(person + 1, 8)),
            "collection_year": year,
            "priority_groups": text.from_list(groups, bits, bits == 0),
            "schooling_level_code": np.select([training >= 5, t < 0.06, t < 0.2, t < 0.62], [4, 1, 2, 3], 4),
            "training_level_code": training,
            "speciality": text.from_list(SPECIALITIES, person % len(SPECIALITIES), training < 4),
            "activity_code": activity,
            "employment_position_code": known(position, works),
            "main_job": text.from_list([j[0] for j in JOBS], job, ~works),
            "occupation_code": text.from_list([j[1] for j in JOBS], job, ~works),
            "workplace": text.from_list(("Tại địa phương", "Trong tỉnh", "Ngoài tỉnh"), (t * 100).astype(int) % 3, ~works),
            "workplace_kind_code": known(kind, works),
            "industry_code": text.from_list([j[2] for j in JOBS], job, ~works),
            "social_insurance_code": np.where(works & paid & (kind >= 4), 1, np.where(t > 0.88, 2, 3)),
            "contract_code": known(np.where(kind >= 4, np.where(t < 0.5, 1, 2), 3), works & paid),
            "unemployed_kind_code": known(np.where((age < 26) & (t < 0.6), 1, 2), idle),
            "unemployed_time_code": known(1 + person % 3, idle),
            "inactive_reason_code": known(reason, out),
            "training_need": text.from_list(SPECIALITIES, person % len(SPECIALITIES), ~(idle | (t < 0.03))),
            "job_need": text.from_list(NEEDS, person % len(NEEDS), ~idle),
            "collected_date": forms.collected[at],
        }

    free = np.ones(len(people.birth), dtype=bool)
    free[province.flows.benefit.person] = False
    free[province.flows.jobs.person] = False
    return planned(province, WORKERS, cells, cell, day, values).knowing(
        **writer.facts(forms.person, free[forms.person], people.household[forms.person])
    )


def _spread(person: np.ndarray, step: int) -> np.ndarray:
    """A number in [0, 1) for each person, without a generator."""
    return (person.astype(np.int64) * step % 1_000_003) / 1_000_003


def employers(province: Province, offices: Employers) -> Plan:
    cells, cell = in_register(province.people.places.unit_2023[offices.commune])
    kinds = np.array([7, 7, 7, 7, 7, 2, 3, 8, 6, 5])

    def values(at: np.ndarray) -> dict[str, Value]:
        words = text.from_list(COMPANY_WORDS, at * 11 % len(COMPANY_WORDS))
        return {
            **persons.placed(province.people, offices.commune[at]),
            "tax_code": offices.tax_code[at],
            "name": text.joined("Công ty TNHH ", words, " ", text.whole(at + 1), " (mô phỏng)"),
            "kind_code": kinds[at % len(kinds)],
            "industry_code": text.from_list(INDUSTRIES, at * 7 % 10),
            "worker_count": offices.size[at],
        }

    return planned(province, EMPLOYERS, cells, cell, np.full(len(cell), START_OF_2024), values)


def vacancies(province: Province, offices: Employers) -> Plan:
    where, commune = province.people.places, offices.commune
    rng = stream(province.seed, "vacancies")
    per_quarter = max(1, round(VACANCIES_A_QUARTER * province.scale))
    employer, quarter = [], []
    for q in range(4):
        # Every district has one at least; the rest fall by chance.
        one = np.array([rng.choice(np.flatnonzero(where.district[commune] == d)) for d in range(len(where.districts))])
        employer.append(np.concatenate((one, rng.integers(0, len(commune), per_quarter))))
        quarter.append(np.full(len(employer[-1]), q))
    of, at_quarter = np.concatenate(employer), np.concatenate(quarter)
    first = np.array([number(dt.date(2024, 3 * q + 1, 1)) for q in range(4)])
    day = (first[at_quarter] + rng.integers(0, 88, len(of))).astype(np.int32)
    place = commune[of]
    unit = np.where(at_quarter == 3, where.unit_2024[place], where.unit_2023[place])
    sent = province.sent(VACANCIES, SENDING)
    cells, cell, sent_on, keep = by_delivery(sent, QUARTERS, at_quarter, unit)
    whole = np.isin([sent[c].state for c in cells], ("late", "after_lock", "coming", "missing", "by_file"))
    appears = np.where(whole[cell], sent_on, np.minimum(day + 2, sent_on))
    appears = np.where((sent_on >= HELD) & ~whole[cell], day + 2, appears)
    of, day, place, cell, appears = (a[keep] for a in (of, day, place, cell, appears))
    count = 1 + rng.geometric(0.14, len(of))
    women = (count * rng.random(len(of))).astype(np.int64)
    group = np.array([5, 7, 8, 9, 9, 8, 7, 3, 4, 2])

    def values(at: np.ndarray) -> dict[str, Value]:
        return {
            **persons.placed(province.people, place[at]),
            "vacancy_id": text.joined("TD-2024-", text.padded(at + 1, 6)),
            "registered_date": day[at],
            "tax_code": offices.tax_code[of[at]],
            "occupation_group_code": group[at * 3 % len(group)],
            "place_count": count[at],
            "female_place_count": women[at],
            "training_level_code": 1 + at % 7,
        }

    return planned(province, VACANCIES, cells, cell, appears, values)


def permits(province: Province, offices: Employers) -> Plan:
    rng = stream(province.seed, "permits")
    count = max(4, round(PERMIT_COUNT * province.scale))
    employer = rng.integers(0, len(offices.commune), count)
    begin = rng.integers(number(dt.date(2023, 1, 10)), number(dt.date(2024, 11, 28)), count).astype(np.int32)
    years = rng.integers(1, 3, count)
    nation = choose(rng, count, [n[1] for n in NATIONALITIES])
    cells, cell = in_register(province.people.places.unit_2023[offices.commune[employer]])

    def values(at: np.ndarray) -> dict[str, Value]:
        return {
            **persons.placed(province.people, offices.commune[employer[at]]),
            "permit_number": text.joined("MP-40-", text.padded(at + 1, 6)),
            "full_name": text.from_list(FOREIGN_NAMES, at * 17 % len(FOREIGN_NAMES)),
            "passport_number": text.joined("ZF", text.padded(permuted(at, 10_000_000, 7_654_321, 5), 7)),
            "country_code": text.from_list([n[0] for n in NATIONALITIES], nation[at]),
            "sex_code": np.where(at % 6 == 0, 2, 1),
            "tax_code": offices.tax_code[employer[at]],
            "position_code": np.array([1, 2, 3, 3, 3, 4, 4])[at % 7],
            "valid_from": begin[at],
            "valid_until": begin[at] + 365 * years[at],
        }

    return planned(province, PERMITS, cells, cell, begin + 1, values)


def _by_day(province: Province, dataset: Dataset, events: Events, values: Callable[[np.ndarray], dict[str, Value]]) -> Plan:
    """A list of the province, of people told apart by their number."""
    people, writer = province.people, Writer(province.people, HABITS)

    def of_person(at: np.ndarray) -> dict[str, Value]:
        person = events.person[at]
        return {
            **maybe_placed(people, person, events.day[at], _spread(person, 31_337) < 0.03),
            "identity_number": writer.numbers(person),
            **values(at),
        }

    return listed(province, dataset, SENDING, events.day, of_person)


def overseas(province: Province) -> Plan:
    events = province.flows.abroad
    nation = choose(stream(province.seed, "overseas"), len(events.day), [c[1] for c in COUNTRIES])
    returned = labour.returns(province.people, events)
    told = returned + 2 <= province.today

    def values(at: np.ndarray) -> dict[str, Value]:
        return {
            "departure_id": _departure(at),
            "passport_number": text.joined("Z", text.padded(permuted(at, 10_000_000, 1_234_567, 77), 7)),
            "country_code": text.from_list([c[0] for c in COUNTRIES], nation[at]),
            "trade": text.from_list(TRADES, at * 7 % len(TRADES)),
            "sending_company": text.joined("Công ty phái cử mô phỏng ", text.whole(at % 23 + 1)),
            "departed_date": events.day[at],
            "contract_months": 12 * (1 + nation[at] % 3),
            "returned_date": known(returned[at], told[at]),
        }

    return _by_day(province, ABROAD, events, values).knowing(loose=told | (returned == NEVER))


def _departure(at: np.ndarray) -> pa.Array:
    return text.joined("XK-2024-", text.padded(at + 1, 6))


def changes(province: Province) -> Iterator[Change]:
    """Workers who come back, told two days after."""
    returned = labour.returns(province.people, province.flows.abroad)
    late = np.flatnonzero((returned < NEVER) & (returned + 2 > province.today))
    return changed(ABROAD, returned[late] + 2, {"departure_id": _departure(late)}, {"returned_date": returned[late]})


def jobs(province: Province) -> Plan:
    events, channel = province.flows.jobs, province.flows.channel

    def values(at: np.ndarray) -> dict[str, Value]:
        return {
            "job_id": text.joined("VL-2024-", text.padded(at + 1, 6)),
            "channel_code": channel[at],
            "started_date": events.day[at],
        }

    return _by_day(province, JOBS_CREATED, events, values)


def benefits(province: Province) -> Plan:
    events = province.flows.benefit
    claims = labour.claims(province.people, events)
    paid, wage, applied = claims.paid_months, claims.wage, claims.applied
    months = {p: rates.unemployment_months(int(p), dt.date(2024, 6, 1)) for p in np.unique(paid)}

    def values(at: np.ndarray) -> dict[str, Value]:
        return {
            "decision_number": text.joined(text.whole(at + 1), "/QĐ-SLĐTBXH.MP"),
            "decision_date": events.day[at],
            "applied_date": applied[at],
            "paid_months": paid[at],
            "average_wage_vnd": wage[at],
            "benefit_vnd": wage[at] * 6 // 10,
            "benefit_months": np.array([months[p] for p in paid[at]], dtype=np.int64),
            "entitled_from": applied[at] + 16,
            "status_code": np.where(at % 25 == 0, 2, np.where(at % 13 == 0, 3, 1)),
        }

    return _by_day(province, BENEFITS, events, values)
