"""The values of MonthlyPayment: the lines of a payment list as rows, and what a source learns of them and of payees later."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from demo.lives.deliveries import HELD
from demo.lives.payments import MONTHS, SEVENTH, STARTS, Lines, Payees
from demo.lives.province import Province
from demo.people.dates import NEVER
from demo.writing import text
from demo.writing.persons import status_of
from demo.writing.plans import Plan, planned
from demo.writing.values import Change, Value, changed, known
from schemas.dataset import Dataset

PAYERS = ("Bưu điện tỉnh Nghệ An", "Bưu điện tỉnh Nghệ An (chi trả qua tài khoản)", "Bưu điện tỉnh Nghệ An (ví điện tử)")


def plan(province: Province, dataset: Dataset, payees: Payees, of: Lines, touched: np.ndarray) -> Plan:
    """The lines as rows; what is taken after the list, or after today, the list does not say yet.

    The first part of the dataset's key names the payee. `touched` are payees whose entry in the register carries a fault:
    findings about their lines would depend on it.
    """
    where = province.people.places
    told = _told_taken(of, province.today)

    def values(at: np.ndarray) -> dict[str, Value]:
        payee = of.payee[at]
        way = payees.way[payee]
        return {
            dataset.key[0]: payees.code.take(pa.array(payee)),
            "month": STARTS[of.month[at]],
            "commune_code": where.codes[of.commune[at]],
            "amount_vnd": of.amount[at],
            "arrears_vnd": of.arrears[at],
            "is_received": told[at],
            "received_date": known(of.taken[at], told[at]),
            "payment_way_code": way,
            "payer": text.from_list(PAYERS, way - 1),
        }

    return planned(province, dataset, of.cells, of.cell, of.day, values).knowing(
        payee=of.payee,
        month=of.month,
        amounts=np.stack([payees.before, payees.after], axis=1),
        step=SEVENTH,
        plain=(of.arrears == 0) & ~touched[of.payee],
        once=payees.once[of.payee],
        settled=of.month < len(MONTHS) - 1,
        latest=(of.month == len(MONTHS) - 1) & told,
        judged=~touched[of.payee],
        commune_of_unit=dict(zip(where.unit_2023.tolist(), where.codes.tolist(), strict=True)),
    )


def ended(
    register: Dataset, codes: pa.Array, known_on: np.ndarray, until: np.ndarray, reason: np.ndarray, today: int
) -> Iterator[Change]:
    """Entries of a register whose end the system learns on a later day."""
    late = np.flatnonzero((known_on > today) & (known_on < NEVER))
    day = known_on[late]
    return changed(
        register,
        day,
        {register.key[0]: codes.take(pa.array(late))},
        {
            "entitled_until": until[late],
            "end_reason_code": reason[late],
            "status_code": status_of(reason[late]),
            "updated_at": text.joined(text.day_text(day), " 09:00+07"),
        },
    )


def later_taken(dataset: Dataset, payees: Payees, of: Lines, today: int) -> Iterator[Change]:
    """Lines that will say on a later day that the money was taken."""
    late = np.flatnonzero((of.taken > np.maximum(of.day, today)) & (of.taken < NEVER) & (of.day < HELD))
    day = of.taken[late]
    key = {dataset.key[0]: payees.code.take(pa.array(of.payee[late])), "month": STARTS[of.month[late]]}
    return changed(dataset, day, key, {"is_received": True, "received_date": day})


def _told_taken(of: Lines, today: int) -> np.ndarray:
    """Which lines say that the money was taken when the system first shows them, or today if it does already."""
    shown = np.where(of.day >= HELD, today, np.maximum(of.day, today))
    return of.taken <= shown
