"""Rights to monthly social assistance: who belongs to which group of NĐ 20/2021/NĐ-CP, from when, until when.

Group and coefficient follow age, disability and the household's class in the review of 2023; a birthday that moves a
person into another group ends one entry and begins the next on the first of the following month. Counts are those of
the province at scale 1 (about 148,000 in the community, 1,000 in institutions). Holds no columns of the source.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from demo.lives.merit import DEATH, Files
from demo.lives.poverty_status import NEAR_POOR, POOR, Statuses
from demo.people.dates import NEVER, first_of_next_month, month_floor, number
from demo.people.population import CHILD, GRANDCHILD, HEAD, SPOUSE, Population
from demo.people.randomness import stream, take_weighted
from schemas.sources.social_protection import rates

# Families of groups: (group, from age, below age) in the order of life; a person stays in the family.
FAMILIES = {
    "orphan": (("K1.A", 0, 4), ("K1.B", 4, 16)),
    "student": (("K2", 16, 22),),
    "child_ill": (("K3.A", 0, 4), ("K3.B", 4, 16)),
    "single_parent": (("K4", 16, 200),),
    "alone": (("K5A.1", 60, 80), ("K5A.2", 80, 200)),
    "old_poor": (("K5B", 75, 80), ("K5C", 80, 200)),
    "oldest": (("K5C", 80, 200),),
    "for_institution": (("K5D", 60, 200),),
    "very_severe": (("K6.DBN+", 0, 16), ("K6.DBN", 16, 60), ("K6.DBN+", 60, 200)),
    "severe": (("K6.N+", 0, 16), ("K6.N", 16, 60), ("K6.N+", 60, 200)),
    "small_child": (("K7", 0, 3),),
    "adult_ill": (("K8", 16, 200),),
}
FAMILY_NAMES = tuple(FAMILIES)
COUNTS = {  # at scale 1
    "orphan": 3_000, "student": 500, "child_ill": 150, "single_parent": 6_800, "alone": 2_200, "old_poor": 2_400,
    "oldest": 86_000, "for_institution": 120, "very_severe": 19_000, "severe": 33_000, "small_child": 4_600, "adult_ill": 900,
}  # fmt: skip
IN_INSTITUTIONS = 995
NEEDS_POVERTY = ("child_ill", "single_parent", "alone", "old_poor", "small_child", "adult_ill")
NO_LONGER = 3
SINCE = dt.date(2021, 7, 1)  # NĐ 20/2021/NĐ-CP: every entry was decided anew
SEEN_FROM = number(dt.date(2023, 7, 1))  # entries that ended before are no longer in the system's table
OLD_STANDARD, NEW_STANDARD = dt.date(2024, 6, 30), dt.date(2024, 7, 1)
DECEMBER = number(dt.date(2024, 12, 1))


@dataclass
class Rights:
    """One entry for each person and group."""

    person: np.ndarray
    group: np.ndarray  # text
    family: np.ndarray  # index into FAMILY_NAMES
    start: np.ndarray
    until: np.ndarray
    reason: np.ndarray
    known: np.ndarray  # day on which the system learns of the end
    decided: np.ndarray
    lag: np.ndarray
    level: np.ndarray  # of disability, 0 for none
    kind: np.ndarray  # of disability, 0 for none
    children: np.ndarray  # of a single parent, 0 for none
    class_2023: np.ndarray  # 0, 1 poor, 2 near-poor
    institution: np.ndarray
    tenths: np.ndarray  # coefficient x 10
    before: np.ndarray
    after: np.ndarray

    def __len__(self) -> int:
        return len(self.person)

    @property
    def needs_poverty(self) -> np.ndarray:
        return np.isin(self.family, [FAMILY_NAMES.index(f) for f in NEEDS_POVERTY])


def make(people: Population, statuses: Statuses, files: Files) -> Rights:
    chosen, family, children = _chosen(people, statuses, files)
    person, group, fam, start, until, reason = _entries(people, chosen, family)
    return _with_terms(people, statuses, person, group, fam, start, until, reason, children)


def _chosen(people: Population, statuses: Statuses, files: Files) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """People and their families of groups (index), nobody twice but some single parents; children by person."""
    rng = stream(people.seed, "assistance")
    n, where = len(people.birth), people.places
    free = people.death > number(dt.date(2023, 8, 1))
    free[people.departed.first :] = False
    free[files.person] = False
    free &= people.birth < number(dt.date(2024, 11, 10))
    home = people.household
    status = np.where(np.isin(statuses.now[2023], (POOR, NEAR_POOR)), statuses.now[2023], 0)
    # In the list of 2023 by name: alive on the day of the review.
    in_list = people.alive_on(statuses.day[2023][home])
    poor = (status[home] == POOR) & in_list
    listed = (status[home] > 0) & in_list
    hard = where.hard[people.commune[home]]
    hard_or_ethnic = hard | ((people.person_group > 0) & ~where.urban[people.commune[home]])
    age = people.age_on(dt.date(2024, 1, 1))
    end_age = people.age_on(dt.date(2024, 11, 1))
    young = np.bincount(
        home[(age >= 0) & (age < 15) & np.isin(people.relation, (CHILD, GRANDCHILD)) & free], minlength=len(people.commune)
    )
    coupled = np.bincount(home[people.relation == SPOUSE], minlength=len(people.commune)) > 0
    single = poor & (people.relation == HEAD) & (age >= 18) & (age < 60) & ~coupled[home] & (young[home] > 0)
    small_house = people.size[home] <= 2

    fits = {
        "child_ill": poor & (end_age < 16) & (people.birth < number(dt.date(2023, 8, 1))),
        "alone": poor & (age >= 60) & small_house,
        "old_poor": listed & hard_or_ethnic & (end_age >= 75) & (age < 80),
        "single_parent": single,
        "adult_ill": poor & (age >= 18) & (age < 55),
        "small_child": listed & hard_or_ethnic & (age < 3) & (end_age >= 0),
        "for_institution": poor & (age >= 62),
        "orphan": (end_age < 18) & (age < 16) & np.isin(people.relation, (CHILD, GRANDCHILD)),
        "student": (age >= 16) & (end_age < 22) & np.isin(people.relation, (CHILD, GRANDCHILD)),
        "very_severe": end_age >= 0,
        "severe": end_age >= 0,
        "oldest": end_age >= 80,
    }
    weight = {"very_severe": 0.6 + (age > 45) * 0.8 + (age > 70) * 1.2, "severe": 0.5 + (age > 45) * 0.9 + (age > 70) * 1.5}
    persons, families = [], []
    for name, fit in fits.items():
        count = max(2, round(COUNTS[name] * people.scale))
        found = take_weighted(rng, weight.get(name, 1.0) * (fit & free), count)
        free[found] = False
        persons.append(found)
        families.append(np.full(len(found), FAMILY_NAMES.index(name)))
    # A single parent may be disabled too: both allowances are drawn (NĐ 20/2021/NĐ-CP, Điều 6).
    parents = persons[list(fits).index("single_parent")]
    both = parents[rng.random(len(parents)) < 0.04]
    persons.append(both)
    families.append(np.full(len(both), FAMILY_NAMES.index("severe")))
    children = np.zeros(n, dtype=np.int64)
    children[parents] = np.minimum(young[home[parents]], 5)
    return np.concatenate(persons), np.concatenate(families), children


def birthday(birth: np.ndarray, age: int) -> np.ndarray:
    months = birth.astype("datetime64[D]").astype("datetime64[M]")
    day = (birth.astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)
    start = (months + 12 * age).astype("datetime64[D]").astype(np.int64)
    return start + day  # 29 February falls on 1 March


def _turn(birth: np.ndarray, age: int) -> np.ndarray:
    """The first day of a month on which the age is reached."""
    day = birthday(birth, age).astype(np.int32)
    floor = month_floor(day)
    return np.where(floor == day, day, first_of_next_month(day)).astype(np.int64)


def _entries(people: Population, person: np.ndarray, family: np.ndarray) -> tuple[np.ndarray, ...]:
    """One entry for each group a person has been in since mid-2023."""
    rng = stream(people.seed, "assistance", "terms")
    n = len(person)
    birth, death = people.birth[person], people.death[person]
    # Most were decided anew when the decree began, the others each month since.
    months = (number(dt.date(2024, 12, 1)) - number(SINCE)) / 30.44
    entered = np.where(rng.random(n) < 0.76, 0, rng.integers(1, int(months) + 1, n))
    first = (np.datetime64("2021-07") + entered).astype("datetime64[D]").astype(np.int64)
    stops = (
        (rng.random(n) < 0.012)
        & (death == NEVER)
        & np.isin(family, [FAMILY_NAMES.index(f) for f in ("severe", "very_severe", "single_parent", "orphan")])
    )
    stop = np.where(stops, (np.datetime64("2024-01") + rng.integers(0, 11, n)).astype("datetime64[D]").astype(np.int64), NEVER)
    last = np.minimum(first_of_next_month(death), stop)
    parts = []
    for index, name in enumerate(FAMILY_NAMES):
        rows = np.flatnonzero(family == index)
        for group, low, high in FAMILIES[name]:
            opens = np.maximum(first[rows], _turn(birth[rows], low) if low else first_of_next_month(birth[rows]))
            closes = np.minimum(last[rows], _turn(birth[rows], high)) if high < 200 else last[rows]
            real = (opens < closes) & (closes > SEEN_FROM) & (opens <= DECEMBER)
            # A right of December is decided in November; one that a birthday of November opens is not: the age is not reached.
            real &= (opens < DECEMBER) | (_turn(birth[rows], low) < DECEMBER)
            why = np.where(closes == first_of_next_month(death[rows]), DEATH, NO_LONGER)
            kept = rows[real]
            parts.append(
                (person[kept], np.full(len(kept), group), np.full(len(kept), index), opens[real], closes[real], why[real])
            )
    joined = [np.concatenate([p[i] for p in parts]) for i in range(6)]
    # An end that lies after what is played has not come: nothing tells of it.
    joined[4] = np.where(joined[4] > number(dt.date(2024, 12, 1)), NEVER, joined[4]).astype(np.int32)
    joined[5] = np.where(joined[4] == NEVER, 0, joined[5])
    return tuple(joined)


def _with_terms(people, statuses, person, group, family, start, until, reason, children) -> Rights:
    rng = stream(people.seed, "assistance", "details")
    n = len(person)
    order = np.lexsort((start, person))
    person, group, family, start, until, reason = (a[order] for a in (person, group, family, start, until, reason))
    follows = np.concatenate(([False], (person[1:] == person[:-1]) & (family[1:] == family[:-1])))
    decided = np.where(follows, start - rng.integers(5, 25, n), start + rng.integers(0, 15, n))
    decided = np.where(start == number(SINCE), start + rng.integers(0, 27, n), decided)
    decided = np.where(start == DECEMBER, start - rng.integers(4, 26, n), decided)
    lag = np.where(follows | (start < number(dt.date(2023, 12, 1))), 0, np.array([0, 0, 0, 1, 2])[rng.integers(0, 5, n)])
    death = people.death[person]
    known = np.where(
        until == NEVER, NEVER, np.where(reason == DEATH, death + rng.integers(3, 20, n), until - rng.integers(1, 12, n))
    )
    level = np.select([np.char.startswith(group, "K6.DBN"), np.char.startswith(group, "K6.N")], [1, 2], 0)
    kind = np.where(level > 0, np.array([1, 1, 1, 2, 3, 4, 4, 5, 6])[person % 9], 0)
    home = people.household[person]
    status = np.where(np.isin(statuses.now[2023][home], (POOR, NEAR_POOR)), statuses.now[2023][home], 0)
    there = people.alive_on(statuses.day[2023][home], person)
    status = np.where(there | np.isin(group, ("K7",)), status, 0)
    may = np.isin(family, [FAMILY_NAMES.index(f) for f in ("orphan", "for_institution", "very_severe")])
    institution = np.zeros(n, dtype=bool)
    institution[take_weighted(rng, may.astype(float), round(IN_INSTITUTIONS * people.scale))] = True
    known_groups = {g: rates.assistance_group(g, NEW_STANDARD) for g in np.unique(group)}
    tenths = np.array([int(known_groups[g].coefficient * 10) for g in group], dtype=np.int64)  # ty: ignore[missing-union-attribute]
    kids = np.where(group == "K4", children[person], 0)
    times = np.where(group == "K4", np.maximum(kids, 1), 1)
    old, new = (rates.assistance_standard(day) for day in (OLD_STANDARD, NEW_STANDARD))
    return Rights(
        person, group, family, start.astype(np.int32), until, reason, known.astype(np.int32), decided.astype(np.int32), lag,
        level, kind, kids, status, institution, tenths, tenths * times * old // 10, tenths * times * new // 10,
    )  # fmt: skip
