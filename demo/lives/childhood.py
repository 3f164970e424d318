"""Children: whom the register holds, which of them are in special circumstances or at risk, and who dies.

Shares are those of the province at scale 1: about 992,000 children, 15,300 of them in special circumstances, 116,000 at risk. Of whom a
right to an allowance follows from the group the register knows no personal number: nothing then rests on a comparison that a fault of
the other system would spoil. Holds no field of a dataset.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from demo.lives.assistance import birthday
from demo.people.dates import LAST_DAY, NEVER, number
from demo.people.population import Population
from demo.people.randomness import stream

COMES_OF_AGE = 16
BORN_FROM = dt.date(2008, 1, 1)  # whoever came of age before 2024 is no longer in the register
REGISTER_BEGAN = number(dt.date(2021, 1, 4))
GROUPS_UNTIL = number(dt.date(2024, 10, 20))
# The sub-groups that children are in, and how many of ten thousand children.
SHARES = {
    "01.3": 5, "02.2": 2, "03.5": 12, "04.1": 16, "04.2": 29, "04.3": 34, "05.1": 2, "06.1": 2, "07.1": 1, "08.1": 6, "09.1": 2,
    "10.1": 1, "11.1": 3, "12.1": 1, "14.2": 2,
}  # fmt: skip
WITH_A_RIGHT = ("01.", "02.", "03.", "04.1", "04.2")
ILL, AND_LIGHTLY_DISABLED = "13.2", "04.3, 13.1"  # of poor households alone
OF_THE_POOR = 0.035
AT_RISK, RISKS = 0.117, ("1", "2", "3", "3", "4", "5", "6", "9", "1,3", "2,3")
DROWNED, IN_TRAFFIC, OF_ILLNESS, OTHERWISE = 1, 2, 4, 9


@dataclass(frozen=True)
class Childhood:
    """One record a child."""

    person: np.ndarray
    entered: np.ndarray  # in the register
    of_age: np.ndarray  # the day of the sixteenth birthday
    died: np.ndarray  # NEVER for who lives
    cause: np.ndarray
    groups: np.ndarray  # text, "" where a child is in none
    since: np.ndarray
    until: np.ndarray
    risks: np.ndarray  # text, "" where there is none
    support: np.ndarray  # 0 where there is none
    has_a_right: np.ndarray


def make(people: Population, poor_homes: np.ndarray) -> Childhood:
    """`poor_homes`: households whose class of the last review stands fast."""
    rng = stream(people.seed, "childhood")
    there = (
        (people.birth >= number(BORN_FROM))
        & (people.birth <= number(LAST_DAY) - 12)
        & (people.death > number(dt.date(2024, 1, 1)))
    )
    there[people.departed.first :] = False
    person = np.flatnonzero(there)
    count, birth, death = len(person), people.birth[person], people.death[person]
    died = np.where(death > number(LAST_DAY) - 8, NEVER, death)
    age = (np.minimum(died, number(LAST_DAY)) - birth) // 365
    drawn = rng.random(count)
    outdoors = np.where(drawn < 0.5, DROWNED, np.where(drawn < 0.7, IN_TRAFFIC, np.where(drawn < 0.9, OF_ILLNESS, OTHERWISE)))
    cause = np.where(died == NEVER, 0, np.where(age >= 2, outdoors, OF_ILLNESS))

    groups = np.full(count, "", dtype="U12")
    draw, edges = rng.random(count) * 10_000, np.cumsum(list(SHARES.values()))
    chosen = np.searchsorted(edges, draw, side="right")
    for at, name in enumerate(SHARES):
        groups[chosen == at] = name
    ill = poor_homes[people.household[person]] & (groups == "") & (rng.random(count) < OF_THE_POOR)
    groups[ill] = np.where(rng.random(int(ill.sum())) < 0.8, ILL, AND_LIGHTLY_DISABLED)
    # Nobody enters a group as a newborn, nor after coming of age.
    of_age = birthday(birth, COMES_OF_AGE)
    first, last = np.maximum(birth + 40, REGISTER_BEGAN), np.minimum(np.minimum(of_age, died) - 1, GROUPS_UNTIL)
    groups[last <= first] = ""
    is_in = groups != ""
    since = np.where(is_in, first + (rng.random(count) * np.maximum(last - first, 1)).astype(np.int64), NEVER)
    leaves = is_in & (rng.random(count) < 0.06)
    until = np.where(leaves, np.minimum(since + rng.integers(60, 700, count), GROUPS_UNTIL), NEVER)
    risks = np.where(rng.random(count) < AT_RISK, np.array(RISKS)[rng.integers(0, len(RISKS), count)], "")
    support = np.where(is_in & (rng.random(count) < 0.87), np.array([1, 1, 2, 3, 9])[rng.integers(0, 5, count)], 0)
    entered = np.maximum(birth + 12, REGISTER_BEGAN).astype(np.int32)
    has_a_right = np.logical_or.reduce([np.char.startswith(groups, name) for name in WITH_A_RIGHT])
    return Childhood(person, entered, of_age, died, cause, groups, since, until, risks, support, has_a_right)
