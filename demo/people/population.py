"""One population: households and the people in them, with their births, deaths, kin and numbers.

Everything that the source systems say about a person is taken from here; what a system says otherwise (spelling, a
missing number, a year instead of a date) is decided in demo/writing/persons.py. Days are numbers since 1970-01-01.
"""

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from demo.people.dates import completed_years, number, years_of
from demo.people.places import Places

HEAD, SPOUSE, CHILD, PARENT, GRANDCHILD = 1, 2, 3, 4, 6  # quan_he_chu_ho


@dataclass(frozen=True)
class Departed:
    """People who died long before anything is played: the last of the arrays, each bound to someone who lives."""

    first: int  # the first of them
    kind: np.ndarray  # index into departed.KINDS
    kin: np.ndarray  # person

    @classmethod
    def none(cls) -> "Departed":
        return cls(0, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


@dataclass
class Population:
    """Arrays by household and by person; the persons of a household lie together, its head first."""

    seed: int
    scale: float
    places: Places
    # households
    commune: np.ndarray  # index into places
    group: np.ndarray  # ethnic group of the head, index into names.GROUPS
    first: np.ndarray  # first person
    size: np.ndarray
    serial: np.ndarray  # number of the household in its commune, part of its code
    # persons
    household: np.ndarray
    relation: np.ndarray
    sex: np.ndarray
    birth: np.ndarray
    death: np.ndarray
    person_group: np.ndarray
    surname: np.ndarray
    middle: np.ndarray
    given: np.ndarray
    identity: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    year_is_enough: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    departed: Departed = field(default_factory=Departed.none, init=False)
    # households that move within the province: the day, and the commune from then on
    move_day: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    commune_after: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int32))

    def commune_of(self, households: np.ndarray, day: dt.date | np.ndarray) -> np.ndarray:
        """The commune in which each household lives on a day (one, or one for each)."""
        at = number(day) if isinstance(day, dt.date) else day
        return np.where(self.move_day[households] <= at, self.commune_after[households], self.commune[households])

    @cached_property
    def birth_year(self) -> np.ndarray:
        """Read once the population stands: days of birth no longer move then."""
        return years_of(self.birth)

    def age_on(self, day: dt.date, rows: np.ndarray | None = None) -> np.ndarray:
        """Completed years of age; negative for those not yet born."""
        birth = self.birth if rows is None else self.birth[rows]
        return completed_years(birth, day)

    def alive_on(self, day: dt.date | np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        at = number(day) if isinstance(day, dt.date) else day
        return (self.birth[rows] <= at) & (self.death[rows] > at)
