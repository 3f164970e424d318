"""Beneficiaries of social assistance, their payment lists, the institutions."""

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo.faults import pairs
from demo.faults import payments as fault_lines
from demo.faults.choosing import spoiled
from demo.faults.planting import Planted
from demo.lives import payments
from demo.lives.assistance import NO_LONGER
from demo.lives.deliveries import Sending, in_register
from demo.lives.merit import DEATH
from demo.lives.payments import STARTS
from demo.lives.province import Province
from demo.offices.parcels import Files
from demo.offices.styles import Style
from demo.people.dates import NEVER, number
from demo.systems.social_protection_faults import FAULTS
from demo.writing import payment_lists, persons, text
from demo.writing.persons import Habits, Writer
from demo.writing.plans import Plan, planned
from demo.writing.values import Change, Value, nonzero
from schemas.dataset import PROVINCE
from schemas.registry import dataset_named
from schemas.sources.social_protection import rates

BENEFICIARIES = dataset_named("social_protection.beneficiaries")
PAYMENTS = dataset_named("social_protection.monthly_payments")
INSTITUTIONS = dataset_named("social_protection.institutions")
SENDING = {
    "monthly_payments": Sending(
        {
            ("2024-11", "421"): "coming",
            ("2024-11", "424"): "missing",
            ("2024-11", "413"): "by_file",
            ("2024-10", "426"): "by_file",
            ("2024-10", "428"): "late",
            ("2024-03", "417"): "after_lock",
        }
    )
}
# Two offices whose line is down: a workbook, and what their own program gives out.
FILES = {
    "monthly_payments": Files(
        cells={
            ("2024-11", "413"): Style(merged=True, numbers=True, sums=True),
            ("2024-10", "426"): Style(kind="csv", mark=True, habit="thousands"),
        }
    )
}
HABITS = Habits(
    "social_protection", without_number=0.045, without_number_old=0.2, with_old_card=0.3, year_only_old=0.3, with_phone=0.25
)
CASH, BANK, WALLET = 1, 2, 3
STEP = number(dt.date(2024, 7, 1))
# Model institutions; the names say that they are not real ones.
PLACES = (
    ("16681", "Trung tâm Bảo trợ xã hội mô phỏng số 1", 1, 200, 176),
    ("17827", "Trung tâm Bảo trợ xã hội mô phỏng số 2", 1, 150, 131),
    ("16708", "Trung tâm Công tác xã hội mô phỏng", 1, 120, 98),
    ("17230", "Trung tâm Phục hồi chức năng tâm thần mô phỏng", 1, 320, 301),
    ("16723", "Làng trẻ em mô phỏng", 2, 150, 118),
    ("16732", "Nhà nuôi dưỡng trẻ em mô phỏng", 2, 60, 41),
    ("17329", "Trung tâm Điều dưỡng thương binh mô phỏng", 1, 90, 63),
    ("17113", "Cơ sở bảo trợ tư nhân mô phỏng số 1", 2, 50, 37),
    ("17950", "Cơ sở bảo trợ tư nhân mô phỏng số 2", 2, 45, 30),
)


def codes(province: Province) -> pa.Array:
    return text.joined("BT40", text.padded(np.arange(len(province.assistance)) + 1, 8))


def ways(province: Province) -> np.ndarray:
    draw = persons.draws(province.people, "social_protection", "way")[province.assistance.person]
    return np.where(draw < 0.62, CASH, np.where(draw < 0.99, BANK, WALLET))


def payees(province: Province) -> payments.Payees:
    rights, people = province.assistance, province.people
    return payments.Payees(
        code=codes(province),
        home=people.household[rights.person],
        start=rights.start,
        until=rights.until,
        lag=rights.lag,
        before=rights.before,
        after=rights.after,
        way=ways(province),
        once=np.bincount(rights.person, minlength=len(people.birth))[rights.person] == 1,
    )


def lines(province: Province, who: payments.Payees) -> payments.Lines:
    return payments.lines(province.people, PAYMENTS, province.sent(PAYMENTS, SENDING), who)


def plans(province: Province) -> Iterator[Planted]:
    register = spoiled(beneficiaries(province), FAULTS, (pairs.shared_account(1, 5, guardian=True),))
    yield register
    who = payees(province)
    rights = province.assistance
    plan = payment_lists.plan(province, PAYMENTS, who, lines(province, who), register.used)
    told = rights.known <= province.today
    dead = told & (rights.reason == DEATH) & np.isin(rights.group, ("K5C", "K6.N", "K6.N+", "K6.DBN", "K6.DBN+"))
    grown = told & (rights.reason == NO_LONGER) & (rights.group == "K7")
    special = (
        fault_lines.paid_after_the_end("F-25", 5, payments.first_not_due(who, dead), 1, ("paid_after_death",)),
        fault_lines.paid_after_the_end(
            "F-25", 3, payments.first_not_due(who, grown), 1, ("paid_after_entitlement_ended", "paid_out_of_age")
        ),
        fault_lines.paid_twice(3),
        fault_lines.typed_twice(8),
    )
    yield spoiled(plan, FAULTS, special)
    yield Planted(institutions(province))


def changes(province: Province) -> Iterator[Change]:
    rights, who, today = province.assistance, payees(province), province.today
    yield from payment_lists.ended(BENEFICIARIES, who.code, rights.known, rights.until, rights.reason, today)
    yield from payment_lists.later_taken(PAYMENTS, who, lines(province, who), today)


def entered(province: Province) -> np.ndarray:
    """The day on which the system has an entry: two days after its decision."""
    rights = province.assistance
    return np.maximum(rights.decided + 2, number(dt.date(2023, 7, 1))).astype(np.int32)


def beneficiaries(province: Province) -> Plan:
    rights, people, where = province.assistance, province.people, province.people.places
    writer = Writer(people, HABITS)
    writer.require_number(rights.person[rights.needs_poverty])
    home = people.household[rights.person]
    commune = people.commune_of(home, province.today_date)
    arrived = entered(province)
    cells, cell = in_register(where.unit_2023[commune])
    ended = rights.known <= province.today
    way = ways(province)
    minor = people.age_on(dt.date(2024, 11, 20), rights.person) < 16
    old, new = rates.assistance_standard(dt.date(2024, 6, 30)), rates.assistance_standard(dt.date(2024, 7, 1))
    code = codes(province)
    homes = persons.household_ids(people, home)
    another = persons.draws(people, "social_protection", "receiver")[rights.person] < 0.12
    head = people.first[home]
    guarded = (minor | another) & (head != rights.person)

    def values(at: np.ndarray) -> dict[str, Value]:
        person, over, guard = rights.person[at], ended[at], guarded[at]
        touched = np.where(over, np.maximum(rights.known[at], arrived[at]), arrived[at])
        guardian, names = writer.names(head[at]), writer.names(person)
        before = over & (rights.until[at] <= STEP)
        return {
            **writer.person(person, commune[at], touched),
            **persons.account(person, pc.if_else(pa.array(guard), guardian, names), way[at] == BANK, salt=3),
            **persons.decided(
                text.joined(text.whole(person % 3_900 + 100), "/QĐ-UBND.MP"),
                rights.decided[at],
                rights.start[at],
                rights.until[at],
                rights.reason[at],
                over,
            ),
            "beneficiary_id": code.take(pa.array(at)),
            "group_code": rights.group[at],
            "disability_type_code": nonzero(rights.kind[at]),
            "disability_level_code": nonzero(rights.level[at]),
            "household_id": text.only_where(rights.class_2023[at] > 0, homes.take(pa.array(at))),
            "household_class_code": rights.class_2023[at],
            "is_ethnic_in_hard_area": where.hard[commune[at]] & (people.person_group[person] > 0),
            "coefficient": rights.tenths[at] / 10,
            "standard_vnd": np.where(before, old, new),
            "allowance_vnd": np.where(before, rights.before[at], rights.after[at]),
            "child_count": nonzero(rights.children[at]),
            "guardian_name": text.only_where(guard, guardian),
            "care_place_code": np.where(rights.institution[at], 2, 1),
        }

    held = np.bincount(rights.person, minlength=len(people.birth))
    active = rights.until == NEVER
    return planned(province, BENEFICIARIES, cells, cell, arrived, values).knowing(
        **writer.facts(rights.person, (held[rights.person] == 1) & ~rights.needs_poverty, home),
        loose=(rights.known <= province.today) | (rights.known == NEVER),
        banked=way == BANK,
        active=active,
    )


def institutions(province: Province) -> Plan:
    where = province.people.places
    commune = np.array([int(np.flatnonzero(where.codes == code)[0]) for code, *_ in PLACES])

    _, names, ownership, capacity, residents = (np.array(column) for column in zip(*PLACES, strict=True))

    def values(at: np.ndarray) -> dict[str, Value]:
        return {
            **persons.placed(province.people, commune[at]),
            "institution_id": text.joined("CS40", text.padded(at + 1, 3)),
            "name": names[at],
            "ownership_code": ownership[at],
            "capacity_count": capacity[at],
            "resident_count": residents[at],
        }

    count = len(PLACES)
    return planned(province, INSTITUTIONS, [("now", PROVINCE)], np.zeros(count, dtype=int), np.full(count, STARTS[0]), values)
