"""Dossiers of administrative procedures: who hands in what, where and how, step by step, and which papers come of it.

About 60,000 dossiers a year at scale 1; in a small province there are enough left to see. All are handled in time: who is late is a
planted fault. Draws from streams of its own. Holds no field of a dataset.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from demo.lives import labour
from demo.people.dates import LAST_DAY, NEVER, number
from demo.people.population import Population
from demo.people.randomness import choose, stream

DOSSIERS = 60_000  # a year
FIRST, LAST = number(dt.date(2024, 1, 2)), number(LAST_DAY) - 1
DAY = 86_400  # seconds
NOT_YET = np.int64(NEVER) * DAY
REGISTERED, RECEIVED, REFUSED, IN_HAND, TO_COMPLETE, TO_PAY, WITHDRAWN, FINISHED, RETURNED = 1, 2, 3, 4, 5, 6, 7, 9, 10
STEPS = 8  # of a dossier at most
IN_PERSON, ONLINE, BY_POST = 1, 2, 3
PROVINCE, DISTRICT, COMMUNE = 1, 2, 3
AFTER_A_PAUSE = 3  # days of work at least: a pause is known before the dossier is finished
PAUSES_FROM = 12  # days of a term; in a shorter one the hours of an office would make a dossier late
SECOND_PAPER = 0.15


@dataclass(frozen=True)
class Procedure:
    code: str
    field: str
    level: int
    days: int  # between receipt and appointment
    paper: str
    lasts: int  # years that the paper is valid; 0: without an end
    weight: float
    by_enterprise: bool = False


PROCEDURES = (
    Procedure("1.010801", "NCC", DISTRICT, 12, "QD-UDNCC", 0, 0.09),
    Procedure("1.010805", "NCC", PROVINCE, 24, "QD-UDNCC", 0, 0.06),
    Procedure("1.010833", "NCC", COMMUNE, 7, "XN-TNNCC", 0, 0.12),
    Procedure("1.001776", "BTXH", DISTRICT, 20, "QD-TCXH", 0, 0.2),
    Procedure("1.001731", "BTXH", COMMUNE, 7, "QD-TCXH", 0, 0.08),
    Procedure("1.001699", "BTXH", COMMUNE, 25, "XN-KT", 0, 0.1),
    Procedure("1.011606", "GN", COMMUNE, 15, "CN-HN", 1, 0.06),
    Procedure("1.001978", "VL", PROVINCE, 20, "QD-TN", 1, 0.22),
    Procedure("2.000205", "LDTL", PROVINCE, 7, "GP-LD", 2, 0.05, by_enterprise=True),
    Procedure("1.000479", "LDTL", PROVINCE, 20, "GP-CTL", 5, 0.01, by_enterprise=True),
    Procedure("1.004946", "TE", COMMUNE, 3, "QD-KHAC", 0, 0.01),
)


@dataclass(frozen=True)
class Steps:
    """The steps of all dossiers, in the order of the dossiers, each with its number from 1."""

    dossier: np.ndarray
    number: np.ndarray
    status: np.ndarray
    at: np.ndarray  # seconds
    due: np.ndarray


@dataclass(frozen=True)
class Papers:
    dossier: np.ndarray
    is_second: np.ndarray
    issued: np.ndarray  # day
    ended: np.ndarray  # day on which it was replaced or revoked; NEVER
    validity: np.ndarray


@dataclass(frozen=True)
class Handled:
    """`status` and `at` are tables of a row a dossier and a column a step: 0 and NOT_YET where there is none."""

    person: np.ndarray  # -1 where an enterprise hands it in
    tax_code: np.ndarray
    procedure: np.ndarray  # index into PROCEDURES
    district: np.ndarray  # index into the districts
    channel: np.ndarray
    received: np.ndarray  # seconds
    appointed: np.ndarray
    status: np.ndarray
    at: np.ndarray
    paused: np.ndarray
    content: np.ndarray  # with it: satisfaction, 0 where nobody said
    steps: Steps
    papers: Papers

    def state(self, seen: np.ndarray, of: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The status of some dossiers at the end of a day, and when they were finished and returned (NOT_YET where they were not)."""
        at, status = self.at[of], self.status[of]
        known = at < (seen[:, None].astype(np.int64) + 1) * DAY
        last = np.maximum(known.sum(axis=1) - 1, 0)
        found = []
        for wanted in (FINISHED, RETURNED):
            there = known & (status == wanted)
            found.append(np.where(there.any(axis=1), np.where(there, at, NOT_YET).min(axis=1), NOT_YET))
        return status[np.arange(len(of)), last], found[0], found[1]


def make(people: Population) -> Handled:
    def rng(what: str) -> np.random.Generator:
        return stream(people.seed, "procedures", what)

    draw = rng("dossiers")
    count = max(600, round(DOSSIERS * people.scale * (LAST - FIRST) / 365))
    day = np.sort(draw.integers(FIRST, LAST, count)).astype(np.int64)
    procedure = choose(draw, count, [p.weight for p in PROCEDURES])
    by_enterprise = np.array([p.by_enterprise for p in PROCEDURES])[procedure]
    age = people.age_on(dt.date(2023, 10, 1))
    fit = (people.death == NEVER) & (age >= 18)
    fit[people.departed.first :] = False
    person = np.where(by_enterprise, -1, draw.choice(np.flatnonzero(fit), count))
    codes = labour.employers(people).tax_code
    tax_code = codes[draw.integers(0, len(codes), count)]
    channel = draw.choice([IN_PERSON, ONLINE, BY_POST], count, p=[0.38, 0.57, 0.05])
    received = day * DAY + draw.integers(0, DAY, count)
    term = np.array([p.days for p in PROCEDURES])[procedure]
    appointed = (day + term) * DAY + 17 * 3600
    status, at, paused = _steps(rng("steps"), received, term, channel)
    rated = rng("satisfaction")
    content = np.where(rated.random(count) < 0.4, rated.choice([1, 2, 3, 4, 5], count, p=[0.01, 0.02, 0.06, 0.36, 0.55]), 0)
    return Handled(
        person,
        tax_code,
        procedure,
        draw.integers(0, len(people.places.districts), count),
        channel,
        _in_office(received),
        appointed,
        status,
        at,
        paused,
        content,
        _flat(status, at, appointed),
        _papers(rng("papers"), status, at),
    )


def _in_office(seconds: np.ndarray) -> np.ndarray:
    """The hours of a day, in their order, between eight and four o'clock."""
    return np.where(seconds < NOT_YET, seconds // DAY * DAY + 8 * 3_600 + seconds % DAY // 3, seconds)


def _steps(
    rng: np.random.Generator, received: np.ndarray, term: np.ndarray, channel: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What becomes of each dossier. The work takes less than the term; what it waits for the applicant comes on top of it."""
    count = len(received)
    status = np.zeros((count, STEPS), dtype=np.int64)
    at = np.full((count, STEPS), NOT_YET)
    nth = np.zeros(count, dtype=np.int64)
    rows = np.arange(count)

    def step(where: np.ndarray, to: int | np.ndarray, when: np.ndarray) -> None:
        of = rows[where]
        status[of, nth[of]] = to if isinstance(to, int) else to[of]
        at[of, nth[of]] = when[of]
        nth[of] += 1

    end = rng.random(count)
    refused, withdrawn = end < 0.02, (end >= 0.02) & (end < 0.035)
    goes_on = ~refused & ~withdrawn
    paused = goes_on & (rng.random(count) < 0.14) & (term >= PAUSES_FROM)
    most = np.where(paused, 0.8, 0.95)
    work = ((AFTER_A_PAUSE + (term - AFTER_A_PAUSE) * rng.uniform(0.1, most, count)) * DAY).astype(np.int64)
    waited = (rng.uniform(1.5, 12, count) * DAY).astype(np.int64)
    kind = np.where(rng.random(count) < 0.7, TO_COMPLETE, TO_PAY)
    step(channel == ONLINE, REGISTERED, received - 1_800)
    step(refused, REFUSED, received)
    step(~refused, RECEIVED, received)
    step(~refused, IN_HAND, received + rng.integers(1_200, 9_000, count))
    begun = received + (rng.uniform(0.3, 1.0, count) * DAY).astype(np.int64)
    step(withdrawn, WITHDRAWN, begun)
    step(paused, kind, begun)
    step(paused, IN_HAND, begun + waited)
    finished = received + work + np.where(paused, waited, 0)
    step(goes_on, FINISHED, finished)
    step(goes_on | refused, RETURNED, np.where(refused, received + 5_400, finished + rng.integers(1_800, 2 * DAY, count)))
    return status, _in_office(at), paused


def _flat(status: np.ndarray, at: np.ndarray, appointed: np.ndarray) -> Steps:
    """The steps that were taken by the last day."""
    dossier, nth = np.nonzero((status > 0) & (at < (number(LAST_DAY) + 1) * DAY))
    return Steps(dossier, nth + 1, status[dossier, nth], at[dossier, nth], appointed[dossier])


def _papers(rng: np.random.Generator, status: np.ndarray, at: np.ndarray) -> Papers:
    """One on the day on which a dossier is finished or refused, sometimes a second; a few are replaced or revoked later."""
    told = (status == FINISHED) | (status == REFUSED)
    dossier = np.flatnonzero(told.any(axis=1))
    issued = np.where(told, at, NOT_YET).min(axis=1)[dossier] // DAY
    twice = np.flatnonzero(rng.random(len(dossier)) < SECOND_PAPER)
    dossier, issued = np.concatenate((dossier, dossier[twice])), np.concatenate((issued, issued[twice]))
    is_second = np.arange(len(dossier)) >= len(dossier) - len(twice)
    validity = rng.choice([1, 2, 3], len(dossier), p=[0.96, 0.03, 0.01])
    ended = np.where(validity > 1, issued + rng.integers(1, 120, len(dossier)), NEVER)
    validity = np.where(ended < number(dt.date(2024, 11, 20)), validity, 1)
    ended = np.where(validity > 1, ended, NEVER)
    return Papers(dossier, is_second, issued.astype(np.int32), ended.astype(np.int32), validity)
