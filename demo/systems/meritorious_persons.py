"""Files of meritorious persons and their payment lists."""

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from demo.faults import pairs
from demo.faults import payments as fault_lines
from demo.faults.choosing import spoiled
from demo.faults.planting import Planted, Row
from demo.lives import payments
from demo.lives.deliveries import Sending, in_register
from demo.lives.merit import BANK, DEATH, STEP
from demo.lives.province import Province
from demo.people.dates import NEVER, number
from demo.people.randomness import permuted
from demo.systems.meritorious_persons_faults import FAULTS
from demo.writing import payment_lists, persons, text
from demo.writing.persons import Habits, Writer
from demo.writing.plans import Plan, planned
from demo.writing.values import Change, Value, known, nonzero
from schemas.registry import dataset_named

PROFILES = dataset_named("meritorious_persons.profiles")
PAYMENTS = dataset_named("meritorious_persons.monthly_payments")
SENDING = {"monthly_payments": Sending({("2024-11", "430"): "coming", ("2024-05", "418"): "missing"})}
HABITS = Habits(
    "meritorious_persons", without_number=0.05, without_number_old=0.22, with_old_card=0.45, year_only_old=0.35, with_phone=0.3
)
PREFIXES = {
    "03": "LS",
    "04": "BM",
    "05": "AH",
    "06": "AH",
    "08": "BB",
    "09": "CĐHH",
    "10": "TĐ",
    "11": "KC",
    "12": "CM",
    "02": "TKN",
}
FIRST_KNOWN_STANDARD = number(dt.date(2023, 7, 1))
CITY_OFFICE, PROVINCE_OFFICE = "UBND tỉnh Nghệ An", "Sở Lao động - Thương binh và Xã hội Nghệ An"


def file_codes(province: Province) -> pa.Array:
    files = province.merit
    prefix = [("TN" if c.startswith("TN.") else PREFIXES.get(c, "TB")) for c in files.category]
    return text.joined("NA/", pa.array(prefix), "-", text.padded(np.arange(len(files)) + 1, 6))


def payees(province: Province) -> payments.Payees:
    files, people = province.merit, province.people
    return payments.Payees(
        code=file_codes(province),
        home=people.household[files.person],
        start=files.start,
        until=np.where(files.paid, files.until, 0),
        lag=np.where(files.start >= number(dt.date(2023, 11, 1)), np.arange(len(files)) % 3, 0),
        before=files.before,
        after=files.after,
        way=files.way,
        once=np.bincount(files.person, minlength=len(people.birth))[files.person] == 1,
    )


def lines(province: Province, who: payments.Payees) -> payments.Lines:
    return payments.lines(province.people, PAYMENTS, province.sent(PAYMENTS, SENDING), who)


def plans(province: Province) -> Iterator[Planted]:
    special = (pairs.shared_account(1, 5, guardian=False), pairs.one_person_under_two(15, _second_file))
    register = spoiled(profiles(province), FAULTS, special)
    yield register
    who = payees(province)
    files = province.merit
    plan = payment_lists.plan(province, PAYMENTS, who, lines(province, who), register.used)
    dead = (files.reason == DEATH) & (files.known <= province.today)
    after_death = fault_lines.paid_after_the_end("F-25", 6, payments.first_not_due(who, dead), 4, ("paid_after_death",))
    yield spoiled(plan, FAULTS, (after_death, fault_lines.paid_twice(4), fault_lines.typed_twice(8)))


def changes(province: Province) -> Iterator[Change]:
    files, who, today = province.merit, payees(province), province.today
    yield from payment_lists.ended(PROFILES, who.code, files.known, files.until, files.reason, today)
    yield from payment_lists.later_taken(PAYMENTS, who, lines(province, who), today)


def _second_file(row: Row, n: int) -> Row:
    """F-05: the file that a district opened again for somebody who had one; nothing is paid on it."""
    return {"profile_id": f"NA/TRUNG-{n + 1:05d}", "account_number": None, "bank_code": None, "account_holder": None}


def told_end(province: Province) -> np.ndarray:
    """Whether the system knows today that an entitlement has ended."""
    return province.merit.known <= province.today


def profiles(province: Province) -> Plan:
    files, people, where = province.merit, province.people, province.people.places
    writer = Writer(people, HABITS)
    home = people.household[files.person]
    commune = people.commune_of(home, province.today_date)
    # A new file is entered two days after its decision.
    new_year = number(dt.date(2024, 1, 1))
    entered = np.where(files.decided > new_year, files.decided + 2, new_year)
    cells, cell = in_register(where.unit_2023[commune])
    codes = file_codes(province)
    ended = told_end(province)
    card = persons.draws(people, "meritorious_persons", "health card") < 0.9
    letters = np.where(files.relative, np.where(files.category == "TN.03", "TS", "TC"), np.where(files.injury >= 81, "CC", "CK"))
    level = np.where(letters == "CC", "1", "2")

    def values(at: np.ndarray) -> dict[str, Value]:
        person, over = files.person[at], ended[at]
        until = np.where(over, files.until[at], NEVER)
        touched = np.where(over & (files.reason[at] == DEATH), np.minimum(files.known[at], province.today), entered[at])
        touched = np.maximum(touched, number(dt.date(2023, 3, 1)) + person % 500 * (touched < number(dt.date(2024, 1, 2))))
        old = until <= STEP
        allowance = np.where(old, files.before[at] - files.supplement_before[at], files.after[at] - files.supplement_after[at])
        supplement = np.where(old, files.supplement_before[at], files.supplement_after[at])
        told = (allowance != 0) & (until > FIRST_KNOWN_STANDARD)
        has_card = card[person] & (person < people.departed.first)
        origin = files.origin[at]
        names = writer.names(person)
        numbers = text.padded(4_000_000_000 + permuted(person, 100_000_000, 7_654_321, 99), 10)
        return {
            **writer.person(person, commune[at], touched),
            **persons.account(person, names, files.way[at] == BANK, salt=2),
            "health_insurance_card": text.only_where(
                has_card, text.joined(pa.array(letters[at]), pa.array(level[at]), "40", numbers)
            ),
            **persons.decided(
                text.joined(text.whole(person % 4_900 + 100), "/QĐ-LĐTBXH.MP"),
                files.decided[at],
                np.where(files.category[at] == "03", NEVER, files.start[at]),  # by a martyr's own file nothing is drawn
                files.until[at],
                files.reason[at],
                over,
            ),
            "profile_id": codes.take(pa.array(at)),
            "category_code": files.category[at],
            "is_relative": files.relative[at],
            "origin_profile_id": codes.take(pa.array(np.maximum(origin, 0), mask=origin < 0)),
            "relation_code": nonzero(files.relation[at]),
            "decision_authority": text.from_list((PROVINCE_OFFICE, CITY_OFFICE), files.decided[at] % 5 == 0),
            "injury_rate": nonzero(files.injury[at]),
            "injury_type": text.from_list(("A", "B"), files.type_b[at], ~np.isin(files.category[at], ("07A", "07B"))),
            "martyr_count": nonzero(files.martyrs[at]),
            "allowance_vnd": known(allowance, told),
            "supplement_vnd": known(supplement, told & (supplement != 0)),
            "payment_way_code": known(files.way[at], files.paid[at]),
        }

    held = np.bincount(files.person, minlength=len(people.birth))
    active = files.until == NEVER
    return planned(province, PROFILES, cells, cell, entered, values).knowing(
        **writer.facts(files.person, held[files.person] == 1, home),
        loose=(files.known <= province.today) | (files.known == NEVER),
        banked=files.way == BANK,
        active=active,
        tabled=active & np.isin(files.category, ("07A", "08", "09", "TN.03")),
    )
