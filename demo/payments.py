"""Monthly payment lists of both allowances: who stands on which month's list, with how much, and who took the money.

A list of a month names everybody entitled on its first day; what was not taken is owed with the next list. Holds the
arithmetic that both lists share, and writes the columns they share.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from demo import text
from demo.batches import Change, Plan, by_delivery
from demo.deliveries import HELD
from demo.population import NEVER, number
from demo.province import Province
from demo.randomness import stream
from schemas.dataset import Dataset

MONTHS = tuple(text.month_starts(dt.date(2024, 1, 1), dt.date(2024, 11, 1)))
STARTS = np.array([number(m) for m in MONTHS], dtype=np.int32)
SEVENTH = 6  # the first list at the new standard: July
PAYERS = ("Bưu điện tỉnh Nghệ An", "Bưu điện tỉnh Nghệ An (chi trả qua tài khoản)", "Bưu điện tỉnh Nghệ An (ví điện tử)")
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


def lines(province: Province, dataset: Dataset, payees: Payees) -> Lines:
    people = province.people
    rng = stream(province.seed, dataset.id, "taken")
    n, width = len(payees.start), len(MONTHS)
    first_list = payees.start.astype("datetime64[D]").astype("datetime64[M]").astype(int) + payees.lag - (2024 - 1970) * 12
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
    cells, cell, day, keep = by_delivery(province.sent(dataset), periods, month, people.places.unit_2023[commune])
    every = (payee, month, amount[payee, month], arrears[payee, month], taken, commune)
    payee, month, amounts, owed_now, taken, commune = (a[keep] for a in every)
    return Lines(payee, month, amounts, owed_now, taken, commune, cells, cell[keep], day[keep])


def plan(province: Province, dataset: Dataset, key: str, payees: Payees, of: Lines, touched: np.ndarray) -> Plan:
    """The lines as rows; what is taken after the list, or after today, the list does not say yet.

    `touched` are payees whose entry in the register carries a fault: findings about their lines would depend on it.
    """
    where = province.people.places
    told = told_taken(of, province.today)

    def write(at: np.ndarray) -> dict[str, pa.Array]:
        payee, unknown = of.payee[at], ~told[at]
        way = payees.way[payee]
        return {
            "thang": text.dates(STARTS[of.month[at]]),
            "ma_xa_chi_tra": text.from_list(where.codes, of.commune[at]),
            "so_tien": text.whole(of.amount[at]),
            "truy_linh": text.whole(of.arrears[at]),
            "da_nhan": text.flags(told[at]),
            "ngay_nhan": text.dates(of.taken[at], unknown),
            "hinh_thuc_chi_tra": text.small(way, pa.int16()),
            "don_vi_chi_tra": text.from_list(PAYERS, way - 1),
            key: payees.code.take(pa.array(payee)),
        }

    communes = dict(zip(where.unit_2023.tolist(), where.codes.tolist(), strict=True))
    return province.mark(
        Plan(dataset, of.cells, of.cell, of.day, write),
        payee=of.payee,
        month=of.month,
        amounts=np.stack([payees.before, payees.after], axis=1),
        step=SEVENTH,
        plain=(of.arrears == 0) & ~touched[of.payee],
        once=payees.once[of.payee],
        settled=of.month < len(MONTHS) - 1,
        latest=(of.month == len(MONTHS) - 1) & told,
        judged=~touched[of.payee],
        commune_of_unit=communes,
    )


def ended(
    table: str, key: str, codes: pa.Array, known: np.ndarray, until: np.ndarray, reason: np.ndarray, today: int
) -> Iterator[Change]:
    """Entries of a register whose end the system learns on a later day."""
    for i in np.flatnonzero((known > today) & (known < NEVER)).tolist():
        told, last = (np.datetime64(int(d), "D") for d in (known[i], until[i]))
        values = {
            "ngay_thoi_huong": str(last),
            "ly_do_thoi_huong": str(reason[i]),
            "trang_thai": "3" if reason[i] == 1 else "2",
            "ngay_cap_nhat_nguon": f"{told} 09:00+07",
        }
        yield Change(int(known[i]), table, {key: codes[i].as_py()}, values)


def first_not_due(payees: Payees, ended: np.ndarray) -> np.ndarray:
    """Index of the first month that is no longer due, of payees whose end is told; -1 for the others."""
    month = payees.until.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) - (2024 - 1970) * 12
    return np.where(ended & (payees.until < NEVER) & (month > 0), month, -1)


def told_taken(of: Lines, today: int) -> np.ndarray:
    """Which lines say that the money was taken when the system first shows them, or today if it does already."""
    shown = np.where(of.day >= HELD, today, np.maximum(of.day, today))
    return of.taken <= shown


def later_taken(dataset: Dataset, key: str, payees: Payees, of: Lines, today: int) -> Iterator[Change]:
    """Lines that will say so on a later day."""
    for i in np.flatnonzero((of.taken > np.maximum(of.day, today)) & (of.taken < NEVER) & (of.day < HELD)).tolist():
        day = str(np.datetime64(int(of.taken[i]), "D"))
        where = {key: payees.code[int(of.payee[i])].as_py(), "thang": str(MONTHS[of.month[i]])}
        yield Change(int(of.taken[i]), dataset.road.table, where, {"da_nhan": True, "ngay_nhan": day})
