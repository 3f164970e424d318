"""Work: who is asked in the yearly collection and what they do, who went abroad, found a job, draws unemployment benefit.

Counts are those of the province at scale 1: 1.9 million forms a year, 24,000 departures, 48,000 jobs, 22,499 decisions,
13,000 employers. Holds no field of a dataset.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from demo.people.dates import LAST_DAY, NEVER, number
from demo.people.population import CHILD, HEAD, SPOUSE, Population
from demo.people.randomness import apportion, choose, stream, take_weighted

YEARS = (2023, 2024)
SHARE_15_60, SHARE_60_75, SHARE_75 = 0.87, 0.65, 0.2
ABROAD, IN_PROVINCE, ELSEWHERE, BY_LOAN, DECISIONS = 24_000, 14_000, 8_700, 1_300, 22_499  # a year
EMPLOYED, UNEMPLOYED, INACTIVE = 1, 2, 3
FIRST, LAST = number(dt.date(2024, 1, 2)), number(dt.date(2024, 11, 29))
EMPLOYER_COUNT = 13_000
PLAYED = 11 / 12  # of a year
WORK_OFFICE_OPEN = number(dt.date(2024, 11, 20))


@dataclass(frozen=True)
class Collection:
    """Forms: a person in a year."""

    person: np.ndarray
    year: np.ndarray
    commune: np.ndarray
    collected: np.ndarray
    entered: np.ndarray  # the commune's forms appear in the system
    activity: np.ndarray


@dataclass(frozen=True)
class Events:
    """People of one list of the province, with the day that counts."""

    person: np.ndarray
    day: np.ndarray


@dataclass(frozen=True)
class Flows:
    abroad: Events
    jobs: Events  # the departures first, then the others
    channel: np.ndarray  # of each job
    benefit: Events


def flows(people: Population) -> Flows:
    rng = stream(people.seed, "labour", "flows")
    age = people.age_on(dt.date(2024, 1, 1))
    living = people.death == NEVER
    living[people.departed.first :] = False
    scale = people.scale * PLAYED
    kin = np.isin(people.relation, (HEAD, SPOUSE, CHILD))
    young = living & kin & (age >= 18) & (age <= 40)
    abroad = take_weighted(rng, young * np.where(people.sex == 1, 1.7, 1.0), max(24, round(ABROAD * scale)))
    living[abroad] = False
    at_home = take_weighted(
        rng, (living & kin & (age >= 18) & (age <= 52)).astype(float), round((IN_PROVINCE + ELSEWHERE + BY_LOAN) * scale)
    )
    living[at_home] = False
    # More women than men lose their jobs in the industries of the province.
    fits = living & kin & (age >= 20) & (age <= 54)
    benefit = take_weighted(rng, fits * np.where(people.sex == 2, 1.65, 1.0), max(22, round(DECISIONS * scale)))

    def days(count: int) -> np.ndarray:
        return rng.integers(FIRST, LAST, count).astype(np.int32)

    left = days(len(abroad))
    channel = np.concatenate(
        (np.full(len(abroad), 3), np.array([1, 2, 4])[choose(rng, len(at_home), (IN_PROVINCE, ELSEWHERE, BY_LOAN))])
    )
    return Flows(
        Events(abroad, left),
        Events(np.concatenate((abroad, at_home)), np.concatenate((left, days(len(at_home))))),
        channel,
        Events(benefit, days(len(benefit))),
    )


@dataclass(frozen=True)
class Claims:
    """What was claimed before each decision on unemployment benefit, in the order of the decisions."""

    applied: np.ndarray
    paid_months: np.ndarray
    wage: np.ndarray  # the average of the last six months


def claims(people: Population, decided: Events) -> Claims:
    rng = stream(people.seed, "benefits")
    n = len(decided.day)
    wage = (np.clip(rng.normal(5_500_000, 1_300_000, n), 3_300_000, 14_000_000) // 10_000 * 10_000).astype(np.int64)
    paid = np.minimum(12 + rng.gamma(2.2, 22, n), 150).astype(np.int64)
    return Claims(decided.day - rng.integers(12, 19, n), paid, wage)


def collection(people: Population, moving: Flows) -> Collection:
    """Who is asked in 2023 and in 2024; about half of the communes have entered the forms of 2024 by 20/11/2024."""
    parts = []
    asked = stream(people.seed, "labour", "asked").random(len(people.birth), dtype=np.float32)
    skipped = {y: stream(people.seed, "labour", "skipped", y).random(len(people.birth), dtype=np.float32) < 0.03 for y in YEARS}
    for year in YEARS:
        day = _days(people, year)
        home = people.household
        commune = (people.commune if year == 2023 else people.commune_after)[home]
        entered = day[commune]
        collected = entered - (np.arange(len(home)) % 11 + 1)
        age = people.age_on(dt.date(year, 9, 1))
        share = np.select([age < 15, age < 60, age < 75], [0.0, SHARE_15_60, SHARE_60_75], SHARE_75)
        there = (asked < share) & ~skipped[year] & (people.death > entered)
        there[people.departed.first :] = False
        if year == 2024:
            there[moving.abroad.person] = False
        person = np.flatnonzero(there)
        # The form stands where the person lives: the former commune says nothing of the months of 2024 before a move.
        parts.append((person, np.full(len(person), year), commune[person], collected[person], entered[person]))
    person, year, commune, collected, entered = (np.concatenate([p[i] for p in parts]) for i in range(5))
    activity = _activity(people, person, year)
    unemployed = np.zeros(len(people.birth), dtype=bool)
    unemployed[moving.benefit.person] = True
    working = np.zeros(len(people.birth), dtype=bool)
    working[moving.jobs.person] = True
    activity = np.where(unemployed[person], np.where(year == 2023, EMPLOYED, UNEMPLOYED), activity)
    activity = np.where(working[person] & (year == 2024), EMPLOYED, activity)
    return Collection(person, year, commune, collected.astype(np.int32), entered.astype(np.int32), activity)


def _days(people: Population, year: int) -> np.ndarray:
    rng = stream(people.seed, "collection days", year)
    count = len(people.places.codes)
    if year == 2023:
        return rng.integers(number(dt.date(2023, 9, 20)), number(dt.date(2023, 12, 2)), count)
    early = rng.random(count) < 0.5
    first, last = number(dt.date(2024, 9, 25)), number(dt.date(2024, 12, 8))
    return np.where(early, rng.integers(first, WORK_OFFICE_OPEN, count), rng.integers(WORK_OFFICE_OPEN + 1, last, count))


def _activity(people: Population, person: np.ndarray, year: np.ndarray) -> np.ndarray:
    age = year - people.birth_year[person]
    woman = people.sex[person] == 2
    steady = stream(people.seed, "labour", "activity").random(len(people.birth), dtype=np.float32)[person]
    works = np.select([age <= 17, age <= 22, age < 55, age < 60, age < 66, age < 75], [0.12, 0.58, 0.94, 0.88, 0.7, 0.35], 0.08)
    works = works - 0.02 * (woman & (age > 22) & (age < 60))
    without = np.select([age <= 17, age < 30, age < 60], [0.01, 0.055, 0.025], 0.0)
    # Towns know more unemployment, the highlands, where everybody has a field, hardly any.
    where, commune = people.places, people.commune[people.household[person]]
    highland = np.array([d.is_mountainous for d in where.districts])[where.district[commune]]
    without = without * np.where(where.urban[commune], 1.5, np.where(highland, 0.3, 1.1))
    turned = (steady + 0.13 * (year == 2024) * (person % 7 == 0)) % 1.0
    return np.where(turned < works, EMPLOYED, np.where(turned < works + without, UNEMPLOYED, INACTIVE))


@dataclass(frozen=True)
class Employers:
    tax_code: np.ndarray
    commune: np.ndarray
    size: np.ndarray  # workers


def employers(people: Population) -> Employers:
    """Towns have most, every district a few."""
    where = people.places
    rng = stream(people.seed, "employers")
    weight = where.weight * np.where(where.urban, 4.0, 1.0)
    of_district = np.bincount(where.district, weight)
    counts = np.maximum(apportion(round(EMPLOYER_COUNT * people.scale), of_district), 3)
    communes = []
    for d, count in enumerate(counts):
        rows = np.flatnonzero(where.district == d)
        communes.append(rows[choose(rng, int(count), weight[rows])])
    commune = np.concatenate(communes)
    size = np.maximum(1, rng.lognormal(2.4, 1.1, len(commune))).astype(np.int64)
    return Employers(tax_codes(len(commune)), commune, size)


def returns(people: Population, abroad: Events) -> np.ndarray:
    """The day on which each departed worker came back; NEVER for most."""
    rng = stream(people.seed, "returns")
    back = rng.random(len(abroad.day)) < 0.02
    day = abroad.day + 20 + rng.integers(0, 120, len(abroad.day))
    return np.where(back & (day <= number(LAST_DAY)), day, NEVER)


WEIGHTS = np.array([31, 29, 23, 19, 17, 13, 7, 5, 3])


def tax_codes(count: int) -> np.ndarray:
    """Ten digits beginning with 99, with their check digit: 10 less the weighted sum modulo 11."""
    found: list[np.ndarray] = []
    have, start = 0, 0
    while have < count:
        rank = np.arange(start, start + 2 * count + 50)
        stem = 990_000_000 + (rank * 7_919 + 1_234_567) % 10_000_000
        digits = (stem[:, None] // 10 ** np.arange(8, -1, -1)) % 10
        check = 10 - (digits * WEIGHTS).sum(axis=1) % 11
        good = stem[check < 10] * 10 + check[check < 10]
        found.append(good)
        have, start = have + len(good), start + len(rank)
    return np.concatenate(found)[:count]
