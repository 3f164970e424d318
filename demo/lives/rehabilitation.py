"""Drug rehabilitation as the monthly forms tell it: numbers of communes and of centres, each month beginning where the one before ended.

At scale 1 about 3,700 people have a file, in 344 of 460 communes, and eight centres hold about 1,500. Nobody in it is a person.
Holds no field of a dataset.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from demo.people.population import Population
from demo.people.randomness import stream

MONTHS = 11  # from January 2024 to November
FIRST = dt.date(2024, 1, 1)
WITH_DRUGS = 344 / 460
# For each item of a commune that has any: how many there are in the beginning, and how many come in a month. A tenth goes each month.
OF_COMMUNES = ((1.2, 0.12), (1.5, 0.15), (0.8, 0.08), (3.5, 0.3), (2.0, 0.2), (1.0, 0.1))
CENTRES, OF_CENTRES = 8, ((160.0, 16.0), (25.0, 4.0))
LEAST_SHARE = 0.3  # however small the province is


@dataclass(frozen=True)
class Counted:
    """Counts by month, sender and item."""

    opening: np.ndarray
    added: np.ndarray
    removed: np.ndarray
    closing: np.ndarray
    female: np.ndarray


@dataclass(frozen=True)
class Rehabilitation:
    communes: Counted
    centres: Counted
    of_centre: np.ndarray  # the commune of each


def make(people: Population) -> Rehabilitation:
    rng, share = stream(people.seed, "rehabilitation"), max(people.scale, LEAST_SHARE)
    communes = len(people.places.codes)
    has_any = rng.random(communes) < WITH_DRUGS
    of_communes = _counted(rng, np.array(OF_COMMUNES) * share, has_any)
    towns = np.flatnonzero(people.places.urban)
    of_centre = rng.choice(towns, CENTRES, replace=False)
    of_centres = _counted(rng, np.array(OF_CENTRES) * share, np.ones(CENTRES, dtype=bool))
    return Rehabilitation(of_communes, of_centres, of_centre)


def _counted(rng: np.random.Generator, of_items: np.ndarray, has_any: np.ndarray) -> Counted:
    shape = (len(has_any), len(of_items))
    found = [np.zeros((MONTHS, *shape), dtype=np.int64) for _ in range(5)]
    opening, added, removed, closing, female = found
    there = np.where(has_any[:, None], rng.poisson(of_items[:, 0], shape), 0)
    for month in range(MONTHS):
        opening[month] = there
        added[month] = np.where(has_any[:, None], rng.poisson(of_items[:, 1], shape), 0)
        removed[month] = rng.binomial(there, 0.1)
        there = closing[month] = there + added[month] - removed[month]
        female[month] = rng.binomial(there, 0.06)
    return Counted(*found)
