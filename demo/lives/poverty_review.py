"""The review itself: which households and members the communes list in a year, and how a household scores.

Scores follow Phiếu B1, B2 of TT 07/2021/TT-BLĐTBXH: poor is B1 at most 140 (rural) or 175 (urban) with three lacks or
more, near-poor the same with fewer. Holds no field of a dataset.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from demo.lives.poverty_status import MOVED_IN, NEAR_POOR, POOR, Statuses, moved_in
from demo.people.dates import completed_years
from demo.people.population import CHILD, GRANDCHILD, HEAD, PARENT, SPOUSE, Population
from demo.people.randomness import stream

YEARS = (2023, 2024)
OTHER_RELATION, SIBLING, GRANDPARENT = 9, 7, 5


@dataclass(frozen=True)
class Listed:
    """The households of both reviews, one entry for each household and year."""

    home: np.ndarray
    year: np.ndarray
    commune: np.ndarray
    day: np.ndarray  # on which the commune entered it
    now: np.ndarray
    before: np.ndarray
    reason: np.ndarray
    # their members, in the order of their numbers; `entry` is the index of the household above
    entry: np.ndarray
    person: np.ndarray
    stt: np.ndarray
    relation: np.ndarray
    head: np.ndarray  # person, by entry
    count: np.ndarray  # members, by entry


def listed(people: Population, statuses: Statuses) -> Listed:
    homes = [statuses.listed(y) for y in YEARS]
    home = np.concatenate(homes)
    year = np.repeat(YEARS, [len(h) for h in homes])
    pick = {
        name: np.concatenate([getattr(statuses, name)[y][h] for y, h in zip(YEARS, homes, strict=True)])
        for name in ("now", "before", "reason", "day")
    }
    commune = np.where(year == 2023, people.commune[home], people.commune_after[home])
    reason = np.where(
        (pick["reason"] == 0) & (year == 2024) & np.isin(home, np.flatnonzero(moved_in(people, statuses, 2024))),
        MOVED_IN,
        pick["reason"],
    )

    size = people.size[home]
    entry = np.repeat(np.arange(len(home)), size)
    start = np.cumsum(size) - size
    person = people.first[home][entry] + (np.arange(len(entry)) - start[entry])
    there = people.alive_on(pick["day"][entry], person)
    entry, person = entry[there], person[there]

    grown = completed_years(people.birth[person], dt.date(2023, 1, 1)) >= 15
    rank = np.where(grown, 0, 1_000) + (person - people.first[home][entry])  # the first grown person is the head
    order = np.lexsort((rank, entry))
    entry, person = entry[order], person[order]
    count = np.bincount(entry, minlength=len(home))
    first = np.cumsum(count) - count
    stt = np.arange(len(entry)) - first[entry] + 1
    head = person[first]
    relation = _relations(people.relation[person], people.relation[head][entry], stt)
    return Listed(
        home, year, commune, pick["day"], pick["now"], pick["before"], reason, entry, person, stt, relation, head, count
    )


def _relations(own: np.ndarray, of_head: np.ndarray, stt: np.ndarray) -> np.ndarray:
    """Kin of the household's head; where the head has died, as seen from the one who follows."""
    seen = own.astype(np.int64)
    seen = np.where((of_head == PARENT) & (own == PARENT), SPOUSE, seen)
    seen = np.where((of_head == PARENT) & np.isin(own, (CHILD, GRANDCHILD)), GRANDCHILD, seen)
    seen = np.where((of_head == SPOUSE) & (own == PARENT), OTHER_RELATION, seen)
    seen = np.where((of_head == CHILD) & (own == CHILD), SIBLING, seen)
    seen = np.where((of_head == CHILD) & (own == PARENT), GRANDPARENT, seen)
    seen = np.where((of_head == CHILD) & (own == GRANDCHILD), OTHER_RELATION, seen)
    seen = np.where((of_head == GRANDCHILD), OTHER_RELATION, seen)
    return np.where(stt == 1, HEAD, seen)


def scores(people: Population, rows: Listed) -> tuple[np.ndarray, np.ndarray]:
    """B1 in points, and the twelve lacks."""
    rng = stream(people.seed, "poverty", "scores")
    n = len(rows.home)
    limit = np.where(people.places.urban[rows.commune], 175, 140)
    below = np.isin(rows.now, (POOR, NEAR_POOR))
    b1 = np.where(below, limit - 5 * rng.integers(0, 13, n), limit + 5 * rng.integers(1, 16, n))
    wanted = np.where(rows.now == POOR, 3 + np.minimum(rng.poisson(0.9, n), 4), np.minimum(rng.poisson(0.8, n), 2))
    weight = np.array([1.0, 0.7, 0.5, 0.6, 0.8, 0.3, 0.9, 0.8, 0.8, 1.1, 0.6, 0.7])
    keys = rng.exponential(size=(n, 12)) / weight
    # Whoever was poor or near-poor last year holds a health-insurance card: the lack of one is impossible.
    keys[np.isin(rows.before, (POOR, NEAR_POOR)), 3] = np.inf
    place = keys.argsort(axis=1).argsort(axis=1)
    return b1, place < wanted[:, None]
