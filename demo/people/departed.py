"""People who died long before anything is played, for the files that still name them: martyrs, veterans with paid widows.

Each is bound to someone of the population (`kin`): his widow, or the head of the house that keeps his altar. They come
after the living in the arrays of the population and belong to no household list, review or collection.
"""

import datetime as dt

import numpy as np

from demo.people.dates import NEVER, number, years_of
from demo.people.population import Departed, Population
from demo.people.randomness import stream, take_weighted

MARTYRS_WITH_WIDOW, VETERANS_WITH_WIDOW, OTHER_MARTYRS = 16_000, 8_000, 29_000  # at scale 1
KINDS = ("martyr_with_widow", "veteran_with_widow", "other_martyr")


def add(people: Population) -> Departed:
    """Append them; the population's arrays grow, its households stay as they are."""
    rng = stream(people.seed, "departed")
    scale = people.scale
    where = people.places
    likely = np.array([d.merit_payees / d.households for d in where.districts])[where.district[people.commune[people.household]]]
    born = years_of(people.birth)
    widow = (people.sex == 2) & (born >= 1928) & (born <= 1955) & (people.relation != 2)
    widow &= people.death > number(dt.date(2023, 3, 1))
    widows = take_weighted(rng, likely * widow, round((MARTYRS_WITH_WIDOW + VETERANS_WITH_WIDOW) * scale))
    widows = rng.permutation(widows)
    martyrs = round(len(widows) * MARTYRS_WITH_WIDOW / (MARTYRS_WITH_WIDOW + VETERANS_WITH_WIDOW))
    heads = people.first[rng.integers(0, len(people.first), round(OTHER_MARTYRS * scale))]
    kin = np.concatenate((widows, heads)).astype(np.int64)
    kind = np.repeat([0, 1, 2], [martyrs, len(widows) - martyrs, len(heads)])

    count = len(kin)
    husbands = kind < 2
    born = np.where(
        husbands,
        people.birth[kin] - rng.integers(0, 6 * 365, count),
        rng.integers(number(dt.date(1928, 1, 1)), number(dt.date(1955, 1, 1)), count),
    )
    fell = np.maximum(born + rng.integers(19 * 365, 30 * 365, count), number(dt.date(1955, 1, 1)))
    fell = np.minimum(fell, number(dt.date(1975, 4, 20)) - rng.integers(0, 900, count))
    died = rng.integers(number(dt.date(1990, 1, 1)), number(dt.date(2022, 11, 30)), count)
    start = len(people.birth)
    group = people.person_group[kin]
    surname = people.surname[kin].copy()
    surname[husbands] = people.surname[rng.integers(0, start, int(husbands.sum()))]
    people.household = np.concatenate((people.household, people.household[kin]))
    people.relation = np.concatenate((people.relation, np.zeros(count, dtype=np.int8)))
    people.sex = np.concatenate((people.sex, np.where(husbands | (rng.random(count) < 0.97), 1, 2).astype(np.int8)))
    people.birth = np.concatenate((people.birth, born.astype(np.int32)))
    people.death = np.concatenate((people.death, np.where(kind == 1, died, fell).astype(np.int32)))
    people.person_group = np.concatenate((people.person_group, group))
    for part in ("middle", "given"):
        setattr(people, part, np.concatenate((getattr(people, part), np.zeros(count, dtype=np.int16))))
    people.surname = np.concatenate((people.surname, surname))
    assert (people.death[start:] < NEVER).all()
    return Departed(start, kind, kin)
