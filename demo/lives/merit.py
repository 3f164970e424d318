"""Files of meritorious persons and their relatives: who holds one, since when, until when, and what it entitles to.

Counts are those of the province at scale 1 (63,350 paid monthly); the amounts come from schemas/rates. Holds no columns
of the source: those are in demo/systems/meritorious_persons.py.
"""

import datetime as dt
from dataclasses import dataclass, fields
from functools import cache

import numpy as np

from demo.people.dates import NEVER, first_of_next_month, month_floor, number
from demo.people.population import CHILD, Population
from demo.people.randomness import stream, take_weighted
from schemas.sources.meritorious_persons import rates

# category, how many are paid at scale 1, born from, until, share of men
PAID = (
    ("07A", 18_400, 1930, 1961, 0.96),
    ("08", 7_900, 1936, 1962, 0.94),
    ("09", 9_100, 1938, 1960, 0.91),
    ("07B", 600, 1940, 1965, 0.98),
    ("10", 1_300, 1928, 1955, 0.85),
    ("12", 1_200, 1925, 1938, 0.55),
    ("04", 60, 1920, 1936, 0.0),
    ("05", 25, 1928, 1960, 0.9),
    ("02", 8, 1922, 1931, 0.8),
)
CHILDREN_INFECTED, TWO_CATEGORIES, ONCE_PAID = 2_600, 450, 12_000
DEATH, NOT_ENTITLED = 1, 3
CASH, BANK, WALLET = 1, 2, 3
OLD_STANDARD, NEW_STANDARD = dt.date(2024, 6, 30), dt.date(2024, 7, 1)
STEP = number(NEW_STANDARD)
# What the monthly pension of a deceased veteran's relative is, no table says: a share of the standard, invented.
INVENTED_SHARE = {"TN.07A": 0.6, "TN.08": 0.6}
WIDOW_OF = {"martyr_with_widow": ("03", "TN.03"), "veteran_with_widow": ("07A", "TN.07A")}


@dataclass
class Files:
    """One entry for each file."""

    person: np.ndarray
    category: np.ndarray  # text
    relative: np.ndarray
    origin: np.ndarray  # index of the file it follows from, -1 for none
    relation: np.ndarray  # 0 for none
    injury: np.ndarray  # per cent, 0 for none
    type_b: np.ndarray
    martyrs: np.ndarray
    decided: np.ndarray
    start: np.ndarray
    until: np.ndarray  # NEVER while it goes on
    reason: np.ndarray
    known: np.ndarray  # day on which the system learns of the end
    way: np.ndarray
    before: np.ndarray  # allowance with supplement, at the standard until 30/6/2024
    after: np.ndarray
    supplement_before: np.ndarray  # of those the part that is a supplement
    supplement_after: np.ndarray

    def __len__(self) -> int:
        return len(self.person)

    @property
    def paid(self) -> np.ndarray:
        return self.after > 0

    def take(self, order: np.ndarray) -> "Files":
        return Files(**{f.name: getattr(self, f.name)[order] for f in fields(self)})


def make(people: Population) -> Files:
    rng = stream(people.seed, "merit")
    where, scale, gone = people.places, people.scale, people.departed
    district = where.district[people.commune[people.household]]
    likely = np.array([d.merit_payees / d.households for d in where.districts])[district]
    free = people.death > number(dt.date(2023, 1, 20))
    free[gone.first :] = False
    widows = gone.kin[gone.kind < 2]
    free[widows] = False
    person: list[np.ndarray] = []
    category: list[str] = []
    year = people.birth_year
    for code, count, first, last, men in PAID:
        fits = free & (year >= first) & (year <= last)
        weight = likely * fits * np.where(people.sex == 1, men, (1 - men) * 0.9)
        chosen = take_weighted(rng, weight, max(2, round(count * scale)))
        free[chosen] = False
        person.append(chosen)
        category += [code] * len(chosen)
    twice = rng.permutation(person[0])[: max(2, round(TWO_CATEGORIES * scale))]
    person.append(twice)
    category += ["09"] * len(twice)
    once = take_weighted(rng, likely * (free & (year >= 1935) & (year <= 1957)), round(ONCE_PAID * scale))
    person.append(once)
    category += ["11"] * len(once)
    own = len(category)
    # Files of the departed, then those of their widows, in the same order.
    departed = gone.first + np.arange(len(gone.kin))
    person.append(departed)
    category += ["07A" if k == 1 else "03" for k in gone.kind]
    person.append(widows)
    category += [WIDOW_OF["martyr_with_widow" if k == 0 else "veteran_with_widow"][1] for k in gone.kind[gone.kind < 2]]
    # Children born with the consequences of their father's exposure.
    fathers = np.flatnonzero(np.array(category) == "09")
    child, of = _children(people, np.concatenate(person)[fathers], fathers, free)
    some = rng.permutation(len(child))[: max(2, round(CHILDREN_INFECTED * scale))]
    person.append(child[some])
    category += ["TN.09"] * len(some)
    origin = np.concatenate((np.full(own + len(departed), -1), own + np.arange(len(widows)), of[some])).astype(np.int64)
    return _with_terms(people, np.concatenate(person), np.array(category), origin)


def _children(people: Population, fathers: np.ndarray, files: np.ndarray, free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Grown children who live in the house of a father who is its head, each with the father's file."""
    heads = people.relation[fathers] == 1
    fathers, files = fathers[heads], files[heads]
    homes = people.household[fathers]
    file_of = np.full(len(people.commune), -1, dtype=np.int64)
    file_of[homes] = files
    living = np.arange(len(people.birth)) < people.departed.first
    fits = living & (file_of[people.household] >= 0) & (people.relation == CHILD) & (people.birth_year < 2000) & free
    child = np.flatnonzero(fits)
    return child, file_of[people.household[child]]


def _with_terms(people: Population, person: np.ndarray, category: np.ndarray, origin: np.ndarray) -> Files:
    """Decision, entitlement, injury and amounts of each file."""
    rng = stream(people.seed, "merit", "terms")
    n = len(person)
    gone = people.departed
    is_gone = person >= gone.first
    relative = np.char.startswith(category, "TN.")
    relation = np.select([np.isin(category, ("TN.03", "TN.07A")), category == "TN.09"], [3, 4], 0)
    injury = np.select(
        [np.isin(category, ("07A", "07B")), category == "08", category == "09", category == "TN.09"],
        [21 + np.minimum(rng.gamma(1.6, 12, n), 79), rng.integers(41, 85, n), rng.integers(21, 80, n), rng.integers(61, 92, n)],
        0,
    ).astype(np.int64)
    martyrs = np.where(category == "TN.03", 1 + (rng.random(n) < 0.05) + (rng.random(n) < 0.004), 0)

    decided = rng.integers(number(dt.date(1978, 1, 5)), number(dt.date(2023, 12, 20)), n)
    late = np.isin(category, ("09", "TN.09", "10", "12", "11", "04"))
    decided = np.where(late, rng.integers(number(dt.date(2000, 1, 5)), number(dt.date(2023, 12, 20)), n), decided)
    decided = np.where(category == "07B", rng.integers(number(dt.date(1976, 1, 5)), number(dt.date(1993, 12, 1)), n), decided)
    decided = np.where(category == "03", people.death[person] + rng.integers(60, 900, n), decided)
    fresh = np.flatnonzero(np.isin(category, ("07A", "08", "09", "TN.03")) & ~is_gone)
    fresh = fresh[(rng.random(len(fresh)) < 0.02) & (people.death[person[fresh]] == NEVER)]  # recognised in 2024
    decided[fresh] = rng.integers(number(dt.date(2024, 1, 3)), number(dt.date(2024, 11, 29)), len(fresh))
    # A file of a grown person is not older than its holder's youth; the widow's is not older than her husband's death.
    decided = np.maximum(decided, people.birth[person] + 19 * 365)
    widow = np.flatnonzero(np.isin(category, ("TN.03", "TN.07A")))
    decided[widow] = np.maximum(decided[widow], people.death[person[origin[widow]]] + 60)
    decided = np.where(is_gone, decided, np.minimum(decided, people.death[person].astype(np.int64) - 90))
    decided = np.minimum(decided, number(dt.date(2024, 11, 29)))
    start = np.where(rng.random(n) < 0.4, month_floor(decided), first_of_next_month(decided)).astype(np.int32)
    veteran = is_gone & (category == "07A")
    decided[veteran] = rng.integers(number(dt.date(1976, 1, 5)), number(dt.date(1985, 1, 1)), int(veteran.sum()))
    start[veteran] = first_of_next_month(decided[veteran])

    # The once-paid, and martyrs, are entitled to nothing monthly: their files end as they begin.
    once = np.isin(category, ("03", "11"))
    until = np.where(once, start, first_of_next_month(people.death[person])).astype(np.int32)
    until = np.maximum(until, start)
    until = np.where(people.death[person] == NEVER, np.where(once, until, NEVER), until).astype(np.int32)
    reason = np.where(until == NEVER, 0, np.where(category == "11", NOT_ENTITLED, DEATH))
    known = np.where(until == NEVER, NEVER, np.where(once | is_gone, until, people.death[person] + rng.integers(3, 20, n)))
    way = np.where(rng.random(n) < 0.46, CASH, np.where(rng.random(n) < 0.97, BANK, WALLET))

    amounts = {on: _amounts(category, relation, injury, martyrs, on) for on in (OLD_STANDARD, NEW_STANDARD)}
    before, supplement_before = amounts[OLD_STANDARD]
    after, supplement_after = amounts[NEW_STANDARD]
    return Files(
        person, category, relative, origin, relation, injury, category == "07B", martyrs, decided.astype(np.int32), start, until,
        reason, known.astype(np.int32), way, before, after, supplement_before, supplement_after,
    )  # fmt: skip


def _amounts(
    category: np.ndarray, relation: np.ndarray, injury: np.ndarray, martyrs: np.ndarray, on: dt.date
) -> tuple[np.ndarray, np.ndarray]:
    """Allowance with supplement, and the supplement alone, of each file at the standard of a day."""
    keys = np.stack([np.unique(category, return_inverse=True)[1], relation, injury, martyrs])
    unique, index = np.unique(keys, axis=1, return_inverse=True)
    names = np.unique(category)
    whole = [_amount(str(names[c]), int(r), int(i), int(m), on) for c, r, i, m in unique.T]
    return (
        np.array([a + s for a, s in whole], dtype=np.int64)[index.ravel()],
        np.array([s for _, s in whole], dtype=np.int64)[index.ravel()],
    )


@cache
def _amount(category: str, relation: int, injury: int, martyrs: int, on: dt.date) -> tuple[int, int]:
    if category in INVENTED_SHARE:
        return round(INVENTED_SHARE[category] * rates.merit_standard(on) / 1000) * 1000, 0
    known = {"relation_code": relation or None, "injury_rate": injury or None, "martyr_count": martyrs or None}
    allowance = rates.merit_amount(category, on, **known)  # ty: ignore[invalid-argument-type]
    supplement = rates.merit_amount(category, on, kind="supplement", **known)
    return allowance.amount_vnd if allowance else 0, supplement.amount_vnd if supplement else 0
