"""Monthly payment lists of both allowances: who stands on which month's list, with how much, and who took the money.

A list of a month names everybody entitled on its first day; what was not taken is owed with the next list. Holds the
arithmetic that the lists share; demo/writing/payment_lists.py makes rows of it.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from demo.lives.deliveries import Delivery, by_delivery
from demo.people.dates import NEVER, month_of, month_starts, number
from demo.people.population import Population
from demo.people.randomness import stream
from schemas.dataset import Dataset

MONTHS = tuple(month_starts(dt.date(2024, 1, 1), dt.date(2024, 11, 1)))
STARTS = np.array([number(m) for m in MONTHS], dtype=np.int32)
SEVENTH = 6  # the first list at the new standard: July
TAKEN_AT_ONCE, TAKEN_LATER = 0.965, 0.6


@dataclass(frozen=True)
class Payees:
    """One entry for each file or beneficiary who may stand on a list."""

    code: pa.Array
    home: np.ndarray  # household, whose commune pays
    start: np.ndarray  # entitled from
    until: np.ndarray  # not entitled from, NEVER while it goes on
    lag: np.ndarray  # months between the entitlement and the first list that names it
    before: np.ndarray  # monthly amount until 30/6/2024
    after: np.ndarray
    way: np.ndarray
    once: np.ndarray  # the only entry of its person


@dataclass(frozen=True)
class Lines:
    """One entry for each line of a list: the payee, the month (index into MONTHS), the amounts, when it was taken."""

    payee: np.ndarray
    month: np.ndarray
    amount: np.ndarray
    arrears: np.ndarray
    taken: np.ndarray  # day; NEVER where it was not
    commune: np.ndarray
    cells: list[tuple[str, str]]
    cell: np.ndarray
    day: np.ndarray  # of the list


def lines(people: Population, dataset: Dataset, sent: dict[tuple[str, str], Delivery], payees: Payees) -> Lines:
    rng = stream(people.seed, dataset.id, "taken")
    n, width = len(payees.start), len(MONTHS)
    first_list = month_of(payees.start) + payees.lag
    column = np.arange(width)
    listed = (column[None, :] >= first_list[:, None]) & (STARTS[None, :] < payees.until[:, None])
    amount = np.where(column[None, :] < SEVENTH, payees.before[:, None], payees.after[:, None]) * listed
    at_once = rng.random((n, width), dtype=np.float32) < TAKEN_AT_ONCE
    owed = np.zeros(n, dtype=np.int64)
    arrears = np.zeros((n, width), dtype=np.int64)
    # What the first list adds for the months since the entitlement began, at the standard of each of them.
    for m in range(width):
        due = listed[:, m] & (first_list == m) & (payees.lag > 0)
        for back in range(1, 4):
            of = due & (payees.lag >= back)
            arrears[of, m] += np.where(m - back < SEVENTH, payees.before[of], payees.after[of])
        arrears[:, m] += owed * listed[:, m]
        owed = np.where(listed[:, m] & ~at_once[:, m], amount[:, m] + arrears[:, m], 0)
    payee, month = np.nonzero(listed)
    when = rng.integers(3, 16, len(payee))
    taken = np.where(at_once[payee, month], STARTS[month] + when, NEVER)
    late = (taken == NEVER) & (month == width - 1) & (rng.random(len(payee)) < TAKEN_LATER)
    taken = np.where(late, number(dt.date(2024, 11, 21)) + when % 9, taken).astype(np.int32)
    commune = people.commune_of(payees.home[payee], STARTS[month])
    periods = [f"{m:%Y-%m}" for m in MONTHS]
    cells, cell, day, keep = by_delivery(sent, periods, month, people.places.unit_2023[commune])
    every = (payee, month, amount[payee, month], arrears[payee, month], taken, commune)
    payee, month, amounts, owed_now, taken, commune = (a[keep] for a in every)
    return Lines(payee, month, amounts, owed_now, taken, commune, cells, cell[keep], day[keep])


def first_not_due(payees: Payees, ended: np.ndarray) -> np.ndarray:
    """Index of the first month that is no longer due, of payees whose end is told; -1 for the others."""
    month = month_of(payees.until)
    return np.where(ended & (payees.until < NEVER) & (month > 0), month, -1)
