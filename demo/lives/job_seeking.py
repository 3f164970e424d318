"""Looking for work through the employment service centre: who registers, who is consulted, who is referred where, what is claimed.

Counts are those of the province at scale 1: about 60,000 visits a year, 9,000 vacancies, 23,149 unemployment claims; in a small
province there are enough left to see. Holds no field of a dataset.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from demo.lives import labour
from demo.lives.labour import DECISIONS, Flows
from demo.people.dates import LAST_DAY, NEVER, number
from demo.people.population import CHILD, HEAD, SPOUSE, Population
from demo.people.randomness import stream, take_weighted

SEEKERS, FURTHER_VISITS, REFERRALS, VACANCIES, CLAIMS = 28_000, 17_000, 15_000, 9_000, 23_149  # a year
FIRST, LAST = number(dt.date(2023, 10, 2)), number(LAST_DAY) - 1
CLAIMS_FROM = number(dt.date(2024, 1, 2))
PLAYED = (LAST - FIRST) / 365
OPEN_DAYS = 60  # how long a vacancy without a last day takes referrals
WAITING, HIRED, NOT_HIRED, NOT_COME = 1, 2, 3, 4
JOBS, TRAINING, LAW, INSURANCE, OTHER = 1, 2, 3, 4, 9
LEAST_PAID = 12  # months of contributions, without which a claim is refused


@dataclass(frozen=True)
class Vacancies:
    """The first was closed before anybody was referred: a referral to it can only be wrong."""

    employer: np.ndarray  # tax code
    commune: np.ndarray
    opened: np.ndarray
    until: np.ndarray  # NEVER where no last day is told
    places: np.ndarray
    least: np.ndarray  # wage; 0 where it is agreed upon
    most: np.ndarray


@dataclass(frozen=True)
class Visits:
    seeker: np.ndarray  # index into the seekers
    day: np.ndarray


@dataclass(frozen=True)
class Claims:
    person: np.ndarray
    day: np.ndarray
    paid_months: np.ndarray


@dataclass(frozen=True)
class Gatherings:
    """Job fairs or classes of the centre: the commune and the day, and how many came."""

    commune: np.ndarray
    day: np.ndarray
    people: np.ndarray


@dataclass(frozen=True)
class Seeking:
    person: np.ndarray  # the seekers, in the order of their registration
    registered: np.ndarray
    vacancies: Vacancies
    consulted: Visits
    topic: np.ndarray  # of each consultation
    referred: Visits
    vacancy: np.ndarray  # of each referral
    result: np.ndarray
    told: np.ndarray  # the day on which the result is known
    claims: Claims
    fairs: Gatherings
    classes: Gatherings


def make(people: Population, flows: Flows) -> Seeking:
    def rng(what: str) -> np.random.Generator:
        return stream(people.seed, "job seeking", what)

    person, registered = _seekers(rng("seekers"), people, flows)
    open_ = _vacancies(rng("vacancies"), people)
    consulted = _consulted(rng("consultations"), people.scale, registered)
    topic = rng("topics").choice([JOBS, TRAINING, LAW, INSURANCE, OTHER], len(consulted.day), p=[0.38, 0.14, 0.1, 0.34, 0.04])
    referred, vacancy = _referred(rng("referrals"), people.scale, registered, open_)
    results = rng("results")
    result = results.choice([HIRED, NOT_HIRED, NOT_COME], len(referred.day), p=[0.45, 0.36, 0.19])
    told = referred.day + results.integers(10, 26, len(referred.day))
    return Seeking(
        person,
        registered,
        open_,
        consulted,
        topic,
        referred,
        vacancy,
        result,
        told,
        _claims(rng("claims"), people, flows),
        _fairs(rng("fairs"), people),
        _classes(rng("classes"), people),
    )


def _count(a_year: int, scale: float, least: int) -> int:
    return max(least, round(a_year * scale * PLAYED))


def _fit(people: Population, flows: Flows) -> np.ndarray:
    """The persons of an age to look for work who live here, and stay."""
    age = people.age_on(dt.date(2023, 10, 1))
    fit = (people.death == NEVER) & np.isin(people.relation, (HEAD, SPOUSE, CHILD)) & (age >= 18) & (age <= 60)
    fit[people.departed.first :] = False
    fit[flows.abroad.person] = False
    return fit


def _seekers(rng: np.random.Generator, people: Population, flows: Flows) -> tuple[np.ndarray, np.ndarray]:
    weight = _fit(people, flows).astype(float)
    weight[flows.benefit.person] *= 6  # who lost a job comes for another
    person = rng.permutation(take_weighted(rng, weight, _count(SEEKERS, people.scale, 180)))
    return person, np.sort(rng.integers(FIRST, LAST, len(person))).astype(np.int32)


def _vacancies(rng: np.random.Generator, people: Population) -> Vacancies:
    offices, count = labour.employers(people), _count(VACANCIES, people.scale, 150)
    of = rng.integers(0, len(offices.commune), count)
    opened = np.sort(rng.integers(FIRST, LAST, count)).astype(np.int32)
    until = np.where(rng.random(count) < 0.1, NEVER, opened + rng.integers(20, 76, count)).astype(np.int32)
    least = np.where(rng.random(count) < 0.12, 0, 5_000_000 + 100_000 * rng.integers(0, 60, count))
    most = np.where(least, least + 500_000 * rng.integers(1, 8, count), 0)
    opened[0], until[0] = FIRST, FIRST + 18
    return Vacancies(offices.tax_code[of], offices.commune[of], opened, until, 1 + rng.geometric(0.12, count), least, most)


def _consulted(rng: np.random.Generator, scale: float, registered: np.ndarray) -> Visits:
    """Everybody on the day of registering; some come again."""
    again = rng.integers(0, len(registered), _count(FURTHER_VISITS, scale, 120))
    day = np.concatenate((registered, registered[again] + rng.integers(3, 120, len(again))))
    came = day <= LAST
    return Visits(np.concatenate((np.arange(len(registered)), again))[came], day[came].astype(np.int32))


def _referred(rng: np.random.Generator, scale: float, registered: np.ndarray, open_: Vacancies) -> tuple[Visits, np.ndarray]:
    """Referrals to a vacancy while it is open, of seekers who had registered by then."""
    count = _count(REFERRALS, scale, 180)
    vacancy = rng.integers(1, len(open_.opened), count)
    opened = open_.opened[vacancy]
    closed = np.minimum(np.where(open_.until[vacancy] < NEVER, open_.until[vacancy], opened + OPEN_DAYS), LAST)
    day = (opened + rng.random(count) * (closed - opened + 1)).astype(np.int32)
    there = np.searchsorted(registered, day, side="right")
    seeker = (rng.random(count) * there).astype(np.int64)
    could = there > 0
    return Visits(seeker[could], day[could]), vacancy[could]


def _claims(rng: np.random.Generator, people: Population, flows: Flows) -> Claims:
    """One before each decision; those that are refused, and those that wait for their decision on the last day."""
    decided = labour.claims(people, flows.benefit)
    others = _fit(people, flows)
    others[flows.benefit.person] = False
    refused = max(4, round((CLAIMS - DECISIONS) * people.scale))
    waiting = max(4, round(DECISIONS * people.scale * 14 / 365))
    person = rng.permutation(take_weighted(rng, others.astype(float), refused + waiting))
    day = np.concatenate((rng.integers(CLAIMS_FROM, LAST - 20, refused), rng.integers(LAST - 14, LAST, waiting)))
    paid = np.concatenate((rng.integers(3, LEAST_PAID, refused), rng.integers(LEAST_PAID, 90, waiting)))
    all_days = np.concatenate((decided.applied, day)).astype(np.int32)
    held = all_days >= CLAIMS_FROM  # those of 2023 stand in a list of which nothing is played
    return Claims(
        np.concatenate((flows.benefit.person, person))[held], all_days[held], np.concatenate((decided.paid_months, paid))[held]
    )


def _fairs(rng: np.random.Generator, people: Population) -> Gatherings:
    """Every Thursday in Vinh, every other Tuesday in a district: as many in a small province as in a large one."""
    where = people.places
    thursdays, tuesdays = np.arange(FIRST + 3, LAST, 7), np.arange(FIRST + 8, LAST, 14)
    towns = np.flatnonzero(where.urban)
    vinh = towns[where.unit_2023[towns] == "412"]
    commune = np.concatenate((np.full(len(thursdays), vinh[0]), rng.choice(towns, len(tuesdays))))
    return Gatherings(commune, np.concatenate((thursdays, tuesdays)), rng.integers(60, 420, len(commune)))


def _classes(rng: np.random.Generator, people: Population) -> Gatherings:
    """One a week."""
    day = np.arange(FIRST + 7, LAST, 7)
    return Gatherings(rng.integers(0, len(people.places.codes), len(day)), day, rng.integers(18, 36, len(day)))
