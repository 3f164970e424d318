"""How the population comes to be: households by commune, their people, kin, names, moves, deaths and numbers.

Each step draws from a stream of its own name, so that a draw added in one moves no other.
"""

import datetime as dt

import numpy as np

from demo.people import departed
from demo.people import names as naming
from demo.people.dates import DEATHS_FROM, LAST_DAY, NEVER, number, years_of
from demo.people.places import places
from demo.people.population import CHILD, GRANDCHILD, HEAD, PARENT, SPOUSE, Population
from demo.people.randomness import apportion, choose, permuted, stream

SIZES = (0.09, 0.16, 0.18, 0.25, 0.16, 0.09, 0.04, 0.02, 0.01)  # of households, from 1 person


def make(seed: int, scale: float) -> Population:
    where = places()
    rng = stream(seed, "households")
    counts = [max(1, round(d.households * scale)) for d in where.districts]
    per_commune = np.zeros(len(where.codes), dtype=np.int64)
    for d, count in enumerate(counts):
        rows = np.flatnonzero(where.district == d)
        per_commune[rows] = apportion(count, where.weight[rows])
    commune = np.repeat(np.arange(len(where.codes), dtype=np.int32), per_commune)
    serial = _rank_within(commune) + 1
    shares = np.array([d.groups / d.groups.sum() for d in where.districts])
    group = _by_row(rng, shares[where.district[commune]])
    size = 1 + choose(rng, len(commune), SIZES)
    mean = np.array([d.household_size for d in where.districts])[where.district[commune]]
    size = size + (rng.random(len(size)) < np.clip(mean - 3.82, 0, 0.95))
    people = _people(stream(seed, "people"), size, group)
    first = np.concatenate(([0], np.cumsum(size)[:-1])).astype(np.int64)
    made = Population(seed, scale, where, commune, group, first, size, serial, **people)
    made.death = _deaths(stream(seed, "deaths"), made.birth)
    _names(made)
    _moves(made)
    made.departed = departed.add(made)
    _name_the_departed(made)
    _tell_apart(made)
    made.identity = identity_numbers(made.birth, made.sex, seed)
    return made


def _people(rng: np.random.Generator, size: np.ndarray, group: np.ndarray) -> dict[str, np.ndarray]:
    """Ages, sexes and kin, slot by slot: head, spouse, parents of the head, then children and grandchildren."""
    homes, total = len(size), int(size.sum())
    household = np.repeat(np.arange(homes, dtype=np.int32), size)
    first = np.concatenate(([0], np.cumsum(size)[:-1]))
    slot = np.arange(total) - first[household]

    alone = size == 1
    old_alone = alone & (rng.random(homes) < 0.6)
    head_age = np.clip(rng.normal(49.5, 15.2, homes), 20, 94)
    head_age = np.where(old_alone, np.clip(rng.normal(74, 10, homes), 50, 98), head_age)
    head_sex = np.where(rng.random(homes) < np.where(alone, 0.38, 0.78), 1, 2)
    married = ~alone & (rng.random(homes) < np.where(head_age < 66, 0.86, 0.62))
    left = size - 1 - married
    with_parents = (left > 0) & (head_age < 66) & (head_age > 24) & (rng.random(homes) < 0.3)
    parents = np.where(with_parents, np.minimum(left, 1 + (rng.random(homes) < 0.33)), 0)

    age = np.zeros(total)
    relation = np.full(total, CHILD, dtype=np.int8)
    sex = np.where(rng.random(total) < 0.515, 1, 2).astype(np.int8)
    age_of_head, married_here, parents_here = head_age[household], married[household], parents[household]
    is_head, is_spouse = slot == 0, (slot == 1) & married_here
    parent_slot = slot - 1 - married_here
    is_parent = ~is_head & ~is_spouse & (parent_slot < parents_here)
    child_slot = parent_slot - parents_here

    relation[is_head], relation[is_spouse], relation[is_parent] = HEAD, SPOUSE, PARENT
    age = np.where(is_head, age_of_head, age)
    sex = np.where(is_head, head_sex[household], sex).astype(np.int8)
    sex = np.where(is_spouse, 3 - head_sex[household], sex).astype(np.int8)
    apart = rng.normal(2.5, 3.0, total) * np.where(head_sex[household] == 1, -1, 1)
    age = np.where(is_spouse, np.clip(age_of_head + apart, 18.2, 97), age)
    first_parent_sex = np.where(rng.random(homes) < 0.3, 1, 2)[household]
    sex = np.where(is_parent, np.where(parent_slot == 0, first_parent_sex, 3 - first_parent_sex), sex).astype(np.int8)
    age = np.where(is_parent, np.clip(age_of_head + rng.uniform(19, 36, total), 45, 101), age)

    # Children: of a young head they are his own, close in age; in an old house the later ones are grandchildren.
    is_child = ~is_head & ~is_spouse & ~is_parent
    grand = is_child & (child_slot >= 1) & (age_of_head > 52) & (rng.random(total) < 0.85)
    eldest = age_of_head - rng.uniform(22, 33, homes)[household]
    own = eldest - np.maximum(child_slot, 0) * rng.uniform(1.5, 5.0, total)
    own = np.where(own < 0, rng.uniform(0, np.maximum(age_of_head - 18, 1.5)), own)
    grown = age_of_head - rng.uniform(42, 58, total)
    grown = np.where(grown < 1, rng.uniform(0.5, 15, total), grown)
    age = np.where(is_child, np.where(grand, np.minimum(grown, 27), own), age)
    relation = np.where(grand, GRANDCHILD, relation).astype(np.int8)

    last = number(LAST_DAY)
    birth = np.floor(last - age * 365.25 + rng.uniform(-20, 0, total)).astype(np.int32)
    mixed = rng.random(total) < 0.03
    other = choose(rng, total, (0.7, 0.2, 0.06, 0.02, 0.02, 0.0))
    person_group = np.where(is_spouse & mixed, other, group[household]).astype(np.int8)
    return {
        "household": household,
        "relation": relation,
        "sex": sex,
        "birth": birth,
        "death": np.full(total, NEVER, dtype=np.int32),
        "person_group": person_group,
        "surname": np.zeros(total, dtype=np.int16),
        "middle": np.zeros(total, dtype=np.int16),
        "given": np.zeros(total, dtype=np.int16),
    }


def _deaths(rng: np.random.Generator, birth: np.ndarray) -> np.ndarray:
    """A day of death between the start of 2023 and the end of what is played, at the rate of the age."""
    start, end = number(DEATHS_FROM), number(LAST_DAY)
    age = (start - birth) / 365.25
    yearly = np.select([age >= 85, age >= 75, age >= 65, age >= 45, age >= 1], [0.11, 0.045, 0.017, 0.005, 0.0008], 0.004)
    years = (end - start) / 365.25
    dies = rng.random(len(birth)) < 1 - (1 - yearly) ** years
    day = rng.integers(start, end + 1, len(birth)).astype(np.int32)
    return np.where(dies & (day > birth), day, NEVER).astype(np.int32)


def generation(birth: np.ndarray) -> np.ndarray:
    """Index into names.ERAS."""
    return np.select([birth < number(dt.date(1965, 1, 1)), birth < number(dt.date(1995, 1, 1))], [0, 1], 2).astype(np.int8)


def _names(made: Population) -> None:
    rng, known = stream(made.seed, "names"), naming.names()
    era = generation(made.birth)
    made.surname = known.draw(rng, "surname", made.person_group, made.sex, era)
    made.middle = known.draw(rng, "middle", made.person_group, made.sex, era)
    made.given = known.draw(rng, "given", made.person_group, made.sex, era)
    # Kin share the father's surname: children that of the head's family (of the husband where the head is a wife),
    # grandchildren mostly the same, the head that of his own father.
    head = made.first[made.household]
    spouse = np.minimum(head + 1, len(made.surname) - 1)
    has_husband = (made.sex[head] == 2) & (made.relation[spouse] == SPOUSE) & (made.household[spouse] == made.household)
    line = np.where(has_husband, made.surname[spouse], made.surname[head])
    follows = (made.relation == CHILD) | ((made.relation == GRANDCHILD) & (rng.random(len(head)) < 0.7))
    father = (made.relation == PARENT) & (made.sex == 1)
    made.surname = np.where(follows, line, np.where(father, made.surname[head], made.surname)).astype(np.int16)


def _name_the_departed(made: Population) -> None:
    rng, known, start = stream(made.seed, "names of the departed"), naming.names(), made.departed.first
    group, sex = made.person_group[start:], made.sex[start:]
    for part in ("middle", "given"):
        getattr(made, part)[start:] = known.draw(rng, part, group, sex, np.zeros(len(group), dtype=np.int8))


def _moves(made: Population) -> None:
    """Four households in a thousand move to another commune in 2024, half of them inside their district."""
    rng = stream(made.seed, "moves")
    homes = len(made.commune)
    moving = np.flatnonzero(rng.random(homes) < 0.004)
    target = choose(rng, len(moving), made.places.weight)
    near = rng.random(len(moving)) < 0.5
    for i in np.flatnonzero(near):
        inside = np.flatnonzero(made.places.district == made.places.district[made.commune[moving[i]]])
        target[i] = inside[rng.integers(len(inside))]
    days = rng.integers(number(dt.date(2024, 1, 5)), number(dt.date(2024, 11, 15)), len(moving)).astype(np.int32)
    goes = target != made.commune[moving]
    made.move_day = np.full(homes, NEVER, dtype=np.int32)
    made.commune_after = made.commune.copy()
    made.move_day[moving[goes]] = days[goes]
    made.commune_after[moving[goes]] = target[goes]


def _tell_apart(made: Population) -> None:
    """No two people of a commune share a name (marks aside) and a birthday: such a pair would be a finding nobody planted.

    Who moves is told apart in both communes. A year instead of a date is enough for those whom name and year tell apart.
    """
    surname, middle, given = naming.names().plain
    spelled = (surname[made.surname] * 1000 + middle[made.middle]) * 1000 + given[made.given]
    rng = stream(made.seed, "apart")
    movers = np.flatnonzero(made.move_day[made.household] < NEVER)
    who = np.concatenate((np.arange(len(spelled)), movers))
    place = np.concatenate((made.commune[made.household], made.commune_after[made.household[movers]])).astype(np.int64)
    for _ in range(50):
        twins = np.unique(who[_repeated((spelled[who] * 2**17 + (made.birth[who] + 40_000)) * 512 + place)])
        if not len(twins):
            break
        year = years_of(made.birth[twins])
        start = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(int)
        limit = np.where(year == LAST_DAY.year, number(LAST_DAY) - start, 364)
        made.birth[twins] = (start + rng.integers(0, limit)).astype(np.int32)
    else:
        raise RuntimeError("a commune still holds two people of one name and birthday")
    made.death = np.where(made.death <= made.birth, NEVER, made.death).astype(np.int32)
    shared = np.zeros(len(spelled), dtype=bool)
    shared[who[_repeated((spelled[who] * 512 + place) * 256 + (years_of(made.birth[who]) - 1880), every=True)]] = True
    made.year_is_enough = ~shared


def identity_numbers(birth: np.ndarray, sex: np.ndarray, seed: int) -> np.ndarray:
    """Personal numbers: province of birth registration, century and sex, year, six digits of which the first is 9."""
    rng = stream(seed, "identity")
    province = np.array([40, 38, 42, 1, 30, 36, 44, 79])[choose(rng, len(birth), (955, 10, 14, 6, 2, 3, 3, 7))]
    year = birth.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    century = 2 * (year // 100 - 19) + (sex == 2)
    stem = (province.astype(np.int64) * 10 + century) * 100 + year % 100
    order = np.argsort(stem, kind="stable")
    rank = np.empty(len(stem), dtype=np.int64)
    rank[order] = _rank_within(stem[order])
    if len(rank) and rank.max() >= 100_000:
        raise RuntimeError("more people share a province, sex and year of birth than there are synthetic numbers")
    # Each province, sex and year begins elsewhere: its first people would all end in the same digits.
    return stem * 1_000_000 + 900_000 + (permuted(rank, 100_000, 61_803, 31_415) + stem * 7_919) % 100_000


def _rank_within(sorted_keys: np.ndarray) -> np.ndarray:
    """0, 1, 2 ... within each run of equal keys."""
    if not len(sorted_keys):
        return np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.concatenate(([True], sorted_keys[1:] != sorted_keys[:-1])))
    lengths = np.diff(np.append(starts, len(sorted_keys)))
    return np.arange(len(sorted_keys)) - np.repeat(starts, lengths)


def _repeated(keys: np.ndarray, every: bool = False) -> np.ndarray:
    """The places of keys that occur again: all but the first of each, or every one of them."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    same = ordered[1:] == ordered[:-1]
    hit = np.concatenate(([False], same))
    if every:
        hit[:-1] |= same
    return order[hit]


def _by_row(rng: np.random.Generator, shares: np.ndarray) -> np.ndarray:
    edges = np.cumsum(shares, axis=1)
    return (rng.random((len(shares), 1)) > edges).sum(axis=1).clip(0, shares.shape[1] - 1).astype(np.int8)
