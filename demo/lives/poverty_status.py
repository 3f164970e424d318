"""Which households are poor, near-poor, or no longer so, in the reviews of 2023 and 2024, and when each was reviewed.

Totals at scale 1 are the published ones: 46,693 poor and 50,655 near-poor households at the end of 2023, 36,703 and
47,838 at the end of 2024. Holds no source columns: those are in demo/systems/poverty.py.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from demo.people.dates import NEVER, number
from demo.people.population import Population
from demo.people.randomness import apportion, stream, take_weighted

POOR, NEAR_POOR, LEFT_POOR, LEFT_NEAR_POOR, AVERAGE, NOT_POOR = 1, 2, 3, 4, 5, 9
BACK_IN_POVERTY, NEWLY_FOUND, MOVED_IN, HAS_LEFT = 1, 2, 4, 5  # ly_do_bien_dong
TOTALS = {2023: (46_693, 50_655), 2024: (36_703, 47_838)}


@dataclass(frozen=True)
class Statuses:
    """The class of each household; 0 is "not in the list". `day` is the day on which the commune entered the household."""

    before: dict[int, np.ndarray]  # class in the year before, as the list of the year says
    now: dict[int, np.ndarray]
    reason: dict[int, np.ndarray]
    day: dict[int, np.ndarray]

    def listed(self, year: int) -> np.ndarray:
        return np.flatnonzero(self.now[year])


def make(people: Population) -> Statuses:
    where = people.places
    rng = stream(people.seed, "poverty")
    homes = len(people.commune)
    district = where.district[people.commune]
    # The poorer the likelier: minorities, big families, people who live alone in old age.
    spread = np.exp(stream(people.seed, "poverty", "communes").normal(0, 0.5, len(where.codes)))
    weight = spread[people.commune] * np.where(people.group > 0, 3.0, 1.0) * (1 + 0.15 * np.abs(people.size - 3.5))
    weight = weight * np.where(where.urban[people.commune], 0.45, 1.0)
    alive_throughout = _someone_alive(people, dt.date(2023, 12, 31))

    p24 = apportion(round(TOTALS[2024][0] * people.scale), np.array([d.poor_2024 for d in where.districts]))
    q24 = apportion(round(TOTALS[2024][1] * people.scale), np.array([d.near_poor_2024 for d in where.districts]))
    p23 = apportion(round(TOTALS[2023][0] * people.scale), np.array([d.poor_2024 for d in where.districts]))
    q23 = apportion(round(TOTALS[2023][1] * people.scale), np.array([d.near_poor_2024 for d in where.districts]))

    now23, now24 = np.zeros(homes, dtype=np.int8), np.zeros(homes, dtype=np.int8)
    before23, before24 = np.zeros(homes, dtype=np.int8), np.zeros(homes, dtype=np.int8)
    reason23, reason24 = np.zeros(homes, dtype=np.int8), np.zeros(homes, dtype=np.int8)
    for d in range(len(where.districts)):
        rows = np.flatnonzero((district == d) & alive_throughout)
        p, q = int(p23[d]), int(q23[d])
        left_poor, left_near = round(0.16 * p), round(0.2 * q)
        screened = round(0.05 * (p + q))
        picked = rows[take_weighted(rng, weight[rows], p + q + left_poor + left_near + screened)]
        picked = picked[np.argsort(-(weight[picked] * rng.exponential(size=len(picked))), kind="stable")]
        poor, near, out_poor, out_near, rest = np.split(picked, np.cumsum([p, q, left_poor, left_near]))
        now23[poor], now23[near], now23[out_poor], now23[out_near] = POOR, NEAR_POOR, LEFT_POOR, LEFT_NEAR_POOR
        now23[rest] = np.where(rng.random(len(rest)) < 0.5, AVERAGE, NOT_POOR)
        _year_before(rng, poor, near, out_poor, out_near, rest, before23, reason23)
        others = rows[now23[rows] == 0]
        _next_year(rng, int(p24[d]), int(q24[d]), poor, near, rest, others, weight, now23, now24, before24, reason24)
    day = {2023: _days(people, 2023), 2024: _days(people, 2024)}
    statuses = Statuses({2023: before23, 2024: before24}, {2023: now23, 2024: now24}, {2023: reason23, 2024: reason24}, day)
    _forget_the_gone(people, statuses)
    return statuses


def _year_before(rng, poor, near, out_poor, out_near, rest, before, reason) -> None:
    def mix(rows: np.ndarray, *parts: tuple[float, int, int]) -> None:
        draw, low = rng.random(len(rows)), 0.0
        for share, was, why in parts:
            hit = rows[(draw >= low) & (draw < low + share)]
            before[hit], reason[hit] = was, why
            low += share

    mix(poor, (0.92, POOR, 0), (0.02, NEAR_POOR, 0), (0.02, NOT_POOR, BACK_IN_POVERTY), (0.04, NOT_POOR, NEWLY_FOUND))
    mix(near, (0.78, NEAR_POOR, 0), (0.14, POOR, HAS_LEFT), (0.08, NOT_POOR, NEWLY_FOUND))
    mix(out_poor, (1.0, POOR, HAS_LEFT))
    mix(out_near, (1.0, NEAR_POOR, HAS_LEFT))
    mix(rest, (1.0, NOT_POOR, 0))


def _next_year(rng, p24, q24, poor, near, rest, others, weight, now23, now24, before24, reason24) -> None:
    """Most stay, some cross the line, some leave, some are found anew; the district's totals of 2024 come out."""
    poor, near = rng.permutation(poor), rng.permutation(near)
    stay = min(round(0.70 * len(poor)), p24)
    down = min(round(0.03 * len(near)), p24 - stay)
    to_near = min(round(0.15 * len(poor)), len(poor) - stay, q24)
    stay_near = min(round(0.72 * len(near)), len(near) - down, q24 - to_near)
    still, crossed, gone = np.split(poor, [stay, stay + to_near])
    fell, kept, gone_near = np.split(near, [down, down + stay_near])
    found = others[take_weighted(rng, weight[others], (p24 - stay - down) + (q24 - to_near - stay_near))]
    found_poor, found_near = np.split(rng.permutation(found), [p24 - stay - down])
    for rows, is_now in (
        (still, 1),
        (fell, 1),
        (found_poor, 1),
        (crossed, 2),
        (kept, 2),
        (found_near, 2),
        (gone, 3),
        (gone_near, 4),
    ):
        now24[rows] = is_now
    again = rest[rng.random(len(rest)) < 0.4]
    now24[again] = now23[again]
    for rows in (still, crossed, gone, fell, kept, gone_near, again):
        before24[rows] = now23[rows]
    before24[found] = NOT_POOR
    reason24[found] = NEWLY_FOUND
    reason24[found_poor[rng.random(len(found_poor)) < 0.3]] = BACK_IN_POVERTY
    for rows in (crossed, gone, gone_near):
        reason24[rows] = HAS_LEFT


def _days(people: Population, year: int) -> np.ndarray:
    """The day on which each household's commune entered its review: 2023 all by mid-December, 2024 about half by 20/11."""
    rng = stream(people.seed, "review days", year)
    first, last = (dt.date(2023, 10, 2), dt.date(2023, 12, 12)) if year == 2023 else (dt.date(2024, 10, 7), dt.date(2024, 12, 12))
    by_commune = rng.integers(number(first), number(last) + 1, len(people.places.codes))
    if year == 2024:
        early = rng.random(len(by_commune)) < 0.5
        cut = number(dt.date(2024, 11, 20))
        by_commune = np.where(
            early, rng.integers(number(first), cut, len(by_commune)), rng.integers(cut + 1, number(last) + 1, len(by_commune))
        )
    # The list of 2024 names a household where it lives at the end.
    return by_commune[people.commune if year == 2023 else people.commune_after].astype(np.int32)


def _someone_alive(people: Population, day: dt.date) -> np.ndarray:
    """Households in which a grown person lives through the day: one can be listed."""
    grown = (people.death > number(day)) & (people.age_on(day) >= 18)
    return np.bincount(people.household[grown], minlength=len(people.commune)) > 0


def _forget_the_gone(people: Population, statuses: Statuses) -> None:
    """A household in which nobody grown is left at the review of 2024 is not in its list."""
    alive = (people.death > statuses.day[2024][people.household]) & (people.age_on(dt.date(2024, 10, 1)) >= 15)
    left = np.bincount(people.household[alive], minlength=len(people.commune)) > 0
    for part in (statuses.now, statuses.before, statuses.reason):
        part[2024][~left] = 0


def moved_in(people: Population, statuses: Statuses, year: int) -> np.ndarray:
    """Listed households that came from another commune before their review of the year."""
    return (people.move_day < statuses.day[year]) & (people.move_day != NEVER) & (statuses.now[year] > 0)
