"""The values of the vocabulary's classes that speak of people: Placed, Person, Decided, Banked, with a system's usual gaps.

One person is the same everywhere (number, name, sex, birthday of demo/people/population.py); a system may lack the number,
keep an old card, or know only the year of birth. Faults are not written here: demo/faults spoils rows afterwards.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo.lives.merit import DEATH
from demo.people import names as naming
from demo.people.dates import NEVER, number
from demo.people.population import Population
from demo.people.randomness import permuted, stream
from demo.writing import text
from demo.writing.values import Value, known, nonzero

ETHNIC_CODES = [naming.ETHNICITY[g] for g in naming.GROUPS]
PHONE_RANGES = ("030", "031", "051", "053", "054", "071", "072", "073", "074", "075")
BANKS = ("970405", "970415", "970418", "970436", "970449", "970422", "970431")
BANK_SHARES = (0.52, 0.13, 0.12, 0.10, 0.07, 0.04, 0.02)
ACTIVE, STOPPED, DEAD = 1, 2, 3
HAMLETS = ("Na", "Huồi", "Khe", "Xốp", "Pà", "Kẻ", "Tạ", "Cha", "Lưu", "Bản Mới")


@dataclass(frozen=True)
class Habits:
    """Shares of records in which a system lacks something."""

    system: str
    without_number: float  # of people born since 1945
    without_number_old: float
    with_old_card: float
    year_only_old: float  # of people born before 1960
    with_phone: float


def draws(people: Population, system: str, what: str) -> np.ndarray:
    """One number in [0, 1) for each person, the same whenever the system writes about them."""
    return stream(people.seed, system, what).random(len(people.birth), dtype=np.float32)


class Writer:
    """Writes people down as one system does."""

    def __init__(self, people: Population, habits: Habits) -> None:
        self.people, self.habits = people, habits
        born = people.birth
        old = born < number(dt.date(1945, 1, 1))
        lacks = np.where(old, habits.without_number_old, habits.without_number)
        self.lacks_number = draws(people, habits.system, "number") < lacks
        grown = born < number(dt.date(2006, 1, 1))
        gone = np.arange(len(born)) >= people.departed.first  # who died long ago never had a number, a card or a telephone
        self.lacks_number |= gone
        keeps = np.where(self.lacks_number, 0.8, habits.with_old_card)
        self.has_old_card = grown & ~gone & (draws(people, habits.system, "card") < keeps)
        before_1960 = born < number(dt.date(1960, 1, 1))
        self.year_only = before_1960 & people.year_is_enough & (draws(people, habits.system, "year") < habits.year_only_old)
        adult = born < number(dt.date(2009, 1, 1))
        self.has_phone = adult & ~gone & (draws(people, habits.system, "phone") < habits.with_phone)

    def require_number(self, persons: np.ndarray) -> None:
        """These people's numbers are on record: their right depends on a comparison with another system."""
        self.lacks_number[persons] = False

    def facts(self, persons: np.ndarray, free: np.ndarray, group: np.ndarray) -> dict[str, np.ndarray]:
        """What faults need to know of each record: `free` ones may lose their number, `group` keeps kin together."""
        born = self.people.birth[persons]
        day_of_year = born.astype("datetime64[D]") - born.astype("datetime64[D]").astype("datetime64[Y]")
        return {
            "numbered": ~self.lacks_number[persons],
            "dated": ~self.year_only[persons],
            "year_only": self.year_only[persons],
            "old": born < number(dt.date(1965, 1, 1)),
            "born": self.people.birth_year[persons],
            "new_year": day_of_year.astype(int) == 0,
            "sex": self.people.sex[persons],
            "free": free,
            "group": group,
        }

    def names(self, rows: np.ndarray) -> pa.Array:
        p = self.people
        return naming.written(p.surname[rows], p.middle[rows], p.given[rows])

    def numbers(self, rows: np.ndarray) -> np.ndarray:
        return known(self.people.identity[rows], ~self.lacks_number[rows])

    def person(self, rows: np.ndarray, commune: np.ndarray, updated: np.ndarray) -> dict[str, Value]:
        """Person: some people, who live in the given communes, last touched on the given days."""
        p = self.people
        year_only = self.year_only[rows]
        return {
            **placed(p, commune),
            "identity_number": self.numbers(rows),
            "old_identity_number": known(old_card_numbers(rows, p.seed), self.has_old_card[rows]),
            "full_name": self.names(rows),
            "birth_date": known(p.birth[rows], ~year_only),
            "birth_year": p.birth_year[rows],
            "birth_precision": text.from_list(("ngay", "nam"), year_only),
            "sex_code": p.sex[rows],
            "ethnicity_code": text.from_list(ETHNIC_CODES, p.person_group[rows]),
            "hamlet": hamlets(p, p.household[rows], commune),
            "phone_number": known(phones(rows), self.has_phone[rows]),
            "updated_at": text.instants(updated, fractions(rows)),
        }


def placed(people: Population, commune: np.ndarray) -> dict[str, Value]:
    """Placed."""
    return {"commune_code": people.places.codes[commune], "commune_name": people.places.names[commune]}


def fractions(rows: np.ndarray) -> np.ndarray:
    """A share of the working day for each row, spread without a generator: it only has to look unplanned."""
    return (rows.astype(np.int64) * 7_919 % 35_999) / 36_000


def old_card_numbers(rows: np.ndarray, seed: int) -> np.ndarray:
    """Nine digits with a prefix that was never issued."""
    spread = permuted(rows, 3_000_000, 1_000_003, 271_828 + seed % 1_000)
    return np.array([180, 188, 189])[spread // 1_000_000] * 1_000_000 + spread % 1_000_000


def phones(rows: np.ndarray) -> np.ndarray:
    spread = permuted(rows, 10_000_000, 7_654_321, 123_457)
    ranges = np.array([int(r) for r in PHONE_RANGES])[spread % 10]
    return ranges * 10_000_000 + spread


def hamlets(people: Population, households: np.ndarray, commune: np.ndarray) -> pa.Array:
    """Khối in towns, bản where Kinh are few, xóm elsewhere."""
    where = people.places
    houses = households.astype(np.int64)
    numbers = text.whole(houses * 31 % 12 + 1)
    highland = (people.group[households] > 0) & ~where.urban[commune]
    villages = text.from_list([f"Bản {h} {i}" for h in HAMLETS for i in (1, 2)], houses * 17 % (2 * len(HAMLETS)))
    kind = text.from_list(("Xóm ", "Khối "), where.urban[commune].astype(int))
    plain = text.joined(kind, numbers)
    return pc.if_else(pa.array(highland), villages, plain)


def household_ids(people: Population, homes: np.ndarray) -> pa.Array:
    """Province, district, commune and number at the time of creation: the code stays when the household moves."""
    where = people.places
    stems = [f"40{d}{c}" for d, c in zip(where.unit_2023, where.codes, strict=True)]
    return text.joined(text.from_list(stems, people.commune[homes]), text.padded(people.serial[homes], 5))


def decided(
    number: pa.Array, on: np.ndarray, start: np.ndarray, until: np.ndarray, reason: np.ndarray, is_over: np.ndarray
) -> dict[str, Value]:
    """Decided: entitled by a decision. Of an end the system knows nothing before it `is_over`."""
    why = np.where(is_over, reason, 0)
    return {
        "decision_number": number,
        "decision_date": on,
        "entitled_from": start,
        "entitled_until": np.where(is_over, until, NEVER),
        "end_reason_code": nonzero(why),
        "status_code": status_of(why),
    }


def status_of(reason: np.ndarray) -> np.ndarray:
    """The status of a record by the reason for which the entitlement ended; 0: it goes on."""
    return np.select([reason == DEATH, reason > 0], [DEAD, STOPPED], ACTIVE)


def account(rows: np.ndarray, holder: pa.Array, has: np.ndarray, salt: int) -> dict[str, Value]:
    """Banked: an account of 13 digits beginning with 99, its bank, its holder; nothing where there is none."""
    spread = permuted(rows, 100_000_000_000, 61_803_398_873, 27_182_818 + salt)
    bank = np.searchsorted(np.cumsum(BANK_SHARES), (spread % 1_000) / 1_000, side="right").clip(0, len(BANKS) - 1)
    return {
        "account_number": known(9_900_000_000_000 + spread, has),
        "bank_code": text.from_list(BANKS, bank, ~has),
        "account_holder": text.only_where(has, holder),
    }
