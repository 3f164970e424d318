"""Vocational education: the establishments, what they teach, whom they enrol month by month, and who graduates.

Counts are those of the province at scale 1: 62 establishments, of which some have ended, about 62,000 enrolments a year, mostly
elementary and short courses. The establishments and what they teach are as many in a small province, and enough enrolments are left
to see. Nobody in it is a person. Holds no field of a dataset.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from demo.people.dates import LAST_DAY, NEVER, number
from demo.people.places import Places
from demo.people.population import Population
from demo.people.randomness import apportion, stream

COLLEGE, SCHOOL, CENTRE, OTHER = 1, 2, 3, 4
# For each type: how many there are, and how many of these teach nothing (any more).
ESTABLISHMENTS = {COLLEGE: (9, 0), SCHOOL: (13, 1), CENTRE: (22, 5), OTHER: (18, 8)}
# How many occupations an establishment of a type teaches at each level, from college to short courses.
TAUGHT = {COLLEGE: (5, 4, 3, 3), SCHOOL: (0, 4, 3, 2), CENTRE: (0, 0, 4, 4), OTHER: (0, 0, 2, 2)}
ENROLLED = (4_500, 9_500, 24_000, 24_000)  # a year, by level
LEAST_SHARE = 0.1  # of the enrolments of the whole province, however small it is
SCHOOL_YEARS, MONTHS, PLAYED = 2, 12, 15  # from September 2023 to November 2024
FIRST_YEAR = 2023
# Schools enrol in autumn; courses all the year, fewer around Tết.
AUTUMN = np.array([35, 30, 20, 4, 2, 1, 2, 1, 1, 1, 1, 2]) / 100
ALL_YEAR = np.array([9, 10, 10, 9, 5, 4, 9, 9, 9, 9, 8, 9]) / 100
# The months after September in which a round of graduates is recognised: once a year, or three times.
OF_SCHOOLS, OF_COURSES = (9,), (2, 6, 10)


@dataclass(frozen=True)
class Establishments:
    kind: np.ndarray
    of_kind: np.ndarray  # its number among those of its kind, from 1
    ownership: np.ndarray
    commune: np.ndarray
    registered: np.ndarray
    closed: np.ndarray  # NEVER while it goes on
    teaches: np.ndarray


@dataclass(frozen=True)
class Programmes:
    """What is taught: an occupation at a level in an establishment."""

    establishment: np.ndarray
    occupation: np.ndarray  # index into a list of the system's
    level: np.ndarray


@dataclass(frozen=True)
class Rounds:
    """Rounds of graduates, in the order of their days."""

    programme: np.ndarray
    day: np.ndarray
    intake: np.ndarray
    graduates: np.ndarray
    employed: np.ndarray
    in_trade: np.ndarray
    is_followed: np.ndarray  # asked what became of them


@dataclass(frozen=True)
class Training:
    establishments: Establishments
    programmes: Programmes
    quota: np.ndarray  # by school year and programme
    enrolled: np.ndarray  # by month played and programme
    reached: np.ndarray  # since the school year began
    women: np.ndarray
    minority: np.ndarray
    poor: np.ndarray
    from_lower_secondary: np.ndarray
    disabled: np.ndarray
    rounds: Rounds


def make(people: Population) -> Training:
    def rng(what: str) -> np.random.Generator:
        return stream(people.seed, "training", what)

    establishments = _establishments(rng("establishments"), people.places)
    programmes = _programmes(rng("programmes"), establishments)
    totals = _totals(rng("totals"), programmes, max(people.scale, LEAST_SHARE))
    quota = np.ceil(totals * rng("quotas").uniform(0.95, 1.35, totals.shape)).astype(np.int64)
    by_month = _by_month(rng("months"), programmes, totals)
    enrolled = by_month.reshape(SCHOOL_YEARS * MONTHS, -1)[:PLAYED]
    reached = by_month.cumsum(axis=1).reshape(SCHOOL_YEARS * MONTHS, -1)[:PLAYED]
    groups = rng("groups")
    is_school = programmes.level <= 2
    return Training(
        establishments,
        programmes,
        quota,
        enrolled,
        reached,
        women=groups.binomial(enrolled, 0.44),
        minority=groups.binomial(enrolled, 0.15),
        poor=groups.binomial(enrolled, 0.09),
        from_lower_secondary=groups.binomial(enrolled, np.where(is_school, 0.55, 0.05)),
        disabled=groups.binomial(enrolled, 0.01),
        rounds=_rounds(rng("graduates"), programmes, totals),
    )


def _establishments(rng: np.random.Generator, where: Places) -> Establishments:
    """Colleges and half of the schools in Vinh, the others in towns of all districts."""
    kind = np.repeat(list(ESTABLISHMENTS), [count for count, _ in ESTABLISHMENTS.values()])
    of_kind = np.concatenate([np.arange(1, count + 1) for count, _ in ESTABLISHMENTS.values()])
    teaches = np.concatenate([np.arange(count) < count - idle for count, idle in ESTABLISHMENTS.values()])
    towns = np.flatnonzero(where.urban)
    in_vinh = towns[where.unit_2023[towns] == "412"]
    is_central = (kind == COLLEGE) | ((kind == SCHOOL) & (of_kind % 2 == 0))
    commune = np.where(is_central, rng.choice(in_vinh, len(kind)), rng.choice(towns, len(kind)))
    ownership = np.where(kind == OTHER, 2, np.where((kind == SCHOOL) & (of_kind % 3 == 0), 2, 1))
    ownership[-1] = 3
    registered = rng.integers(number(dt.date(2016, 12, 1)), number(dt.date(2022, 12, 1)), len(kind))
    ended = rng.integers(number(dt.date(2023, 1, 2)), number(dt.date(2023, 8, 30)), len(kind))
    return Establishments(
        kind, of_kind, ownership, commune, registered, np.where(teaches | (of_kind % 2 == 0), NEVER, ended), teaches
    )


def _programmes(rng: np.random.Generator, of: Establishments) -> Programmes:
    found = []
    for establishment in np.flatnonzero(of.teaches).tolist():
        for level, count in enumerate(TAUGHT[int(of.kind[establishment])], start=1):
            found += [(establishment, int(occupation), level) for occupation in rng.permutation(16)[:count]]
    establishment, occupation, level = map(np.array, zip(*found, strict=True))
    return Programmes(establishment, occupation, level)


def _totals(rng: np.random.Generator, programmes: Programmes, share: float) -> np.ndarray:
    """How many each programme enrols in each school year."""
    totals = np.zeros((SCHOOL_YEARS, len(programmes.level)), dtype=np.int64)
    for year in range(SCHOOL_YEARS):
        for level, enrolled in enumerate(ENROLLED, start=1):
            of_level = np.flatnonzero(programmes.level == level)
            totals[year, of_level] = apportion(round(enrolled * share), rng.uniform(0.5, 1.5, len(of_level)))
    return totals


def _by_month(rng: np.random.Generator, programmes: Programmes, totals: np.ndarray) -> np.ndarray:
    """Enrolled in each month of a school year: year x month x programme."""
    found = np.zeros((SCHOOL_YEARS, MONTHS, totals.shape[1]), dtype=np.int64)
    for shares, which in ((AUTUMN, programmes.level <= 2), (ALL_YEAR, programmes.level > 2)):
        at = np.flatnonzero(which)
        found[:, :, at] = np.moveaxis(rng.multinomial(totals[:, at], shares / shares.sum()), 2, 1)
    return found


def _rounds(rng: np.random.Generator, programmes: Programmes, totals: np.ndarray) -> Rounds:
    """The rounds of each school year whose day has come. Those of a programme lie in the months of its kind, so that no two are on one day."""
    parts = []
    for year in range(SCHOOL_YEARS):
        for months, which in ((OF_SCHOOLS, programmes.level <= 2), (OF_COURSES, programmes.level > 2)):
            at = np.flatnonzero(which)
            for month in months:
                first = number(dt.date(FIRST_YEAR + year + (8 + month) // 12, (8 + month) % 12 + 1, 1))
                parts.append((at, first + rng.integers(0, 28, len(at)), totals[year, at] // len(months)))
    programme, day, intake = (np.concatenate(part) for part in zip(*parts, strict=True))
    held = (day <= number(LAST_DAY) - 3) & (intake > 0)
    order = np.flatnonzero(held)[np.argsort(day[held], kind="stable")]
    programme, day, intake = programme[order], day[order], intake[order]
    graduates = rng.binomial(intake, 0.91)
    employed = rng.binomial(graduates, 0.82)
    in_trade = rng.binomial(employed, 0.76)
    return Rounds(programme, day.astype(np.int32), intake, graduates, employed, in_trade, rng.random(len(day)) < 0.9)
