"""Beneficiaries of social assistance, their payment lists, the institutions: btxh_doi_tuong, btxh_chi_tra, btxh_co_so."""

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo import payments, text, writing
from demo.assistance import DEATH, NO_LONGER
from demo.batches import Change, Plan
from demo.faults import catalogue, pairs
from demo.faults import payments as fault_lines
from demo.faults.planting import Planted, plant
from demo.payments import STARTS
from demo.population import NEVER, number
from demo.province import Province
from demo.sources.poverty import household_codes
from schemas.dataset import PROVINCE
from schemas.registry import dataset_named
from schemas.sources.social_protection import rates

BENEFICIARIES = dataset_named("social_protection.beneficiaries")
PAYMENTS = dataset_named("social_protection.monthly_payments")
INSTITUTIONS = dataset_named("social_protection.institutions")
HABITS = writing.Habits(
    "social_protection", without_number=0.045, without_number_old=0.2, with_old_card=0.3, year_only_old=0.3, with_phone=0.25
)
ACTIVE, STOPPED, DEAD = 1, 2, 3
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
    draw = writing.draws(province.people, "social_protection", "way")[province.assistance.person]
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


def plans(province: Province) -> Iterator[Planted]:
    register = plant(beneficiaries(province), catalogue.beneficiaries(), (pairs.shared_account(1, 5, guardian=True),))
    yield register
    who = payees(province)
    rights, lines = province.assistance, province.lines(PAYMENTS, who)
    plan = payments.plan(province, PAYMENTS, "ma_doi_tuong", who, lines, register.used)
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
    yield plant(plan, catalogue.payments(PAYMENTS), special)
    yield plant(institutions(province), ())


def changes(province: Province) -> Iterator[Change]:
    rights, who = province.assistance, payees(province)
    table = BENEFICIARIES.road.table
    yield from payments.ended(table, "ma_doi_tuong", who.code, rights.known, rights.until, rights.reason, province.today)
    yield from payments.later_taken(PAYMENTS, "ma_doi_tuong", who, province.lines(PAYMENTS, who), province.today)


def entered(province: Province) -> np.ndarray:
    """The day on which the system has an entry: two days after its decision."""
    rights = province.assistance
    return np.maximum(rights.decided + 2, number(dt.date(2023, 7, 1))).astype(np.int32)


def beneficiaries(province: Province) -> Plan:
    rights, people, where = province.assistance, province.people, province.people.places
    writer = writing.Writer(people, HABITS)
    writer.require_number(rights.person[rights.needs_poverty])
    home = people.household[rights.person]
    commune = people.commune_of(home, province.today_date)
    arrived = entered(province)
    units, cell = np.unique(where.unit_2023[commune].astype(str), return_inverse=True)
    ended = rights.known <= province.today
    way = ways(province)
    minor = people.age_on(dt.date(2024, 11, 20), rights.person) < 16
    old, new = rates.assistance_standard(dt.date(2024, 6, 30)), rates.assistance_standard(dt.date(2024, 7, 1))
    code = codes(province)
    homes = household_codes(province, home)
    another = writing.draws(people, "social_protection", "receiver")[rights.person] < 0.12
    head = people.first[home]
    guarded = (minor | another) & (head != rights.person)

    def write(at: np.ndarray) -> dict[str, pa.Array]:
        person, over, guard = rights.person[at], ended[at], guarded[at]
        until = np.where(over, rights.until[at], NEVER)
        reason = np.where(over, rights.reason[at], 0)
        touched = np.where(over, np.maximum(rights.known[at], arrived[at]), arrived[at])
        guardian = writer.names(head[at])
        names = writer.names(person)
        before = until <= STEP
        status = np.select([reason == DEATH, reason > 0], [DEAD, STOPPED], ACTIVE)
        holder = pc.if_else(pa.array(guard), guardian, names)
        return {
            **writer.columns(person, commune[at], touched),
            **writing.accounts(person, holder, way[at] == BANK, salt=3),
            "so_quyet_dinh": text.joined(text.whole(person % 3_900 + 100), "/QĐ-UBND.MP"),
            "ngay_quyet_dinh": text.day_text(rights.decided[at]),
            "ngay_huong": text.day_text(rights.start[at]),
            "ngay_thoi_huong": text.day_text(until, until == NEVER),
            "ly_do_thoi_huong": text.whole(reason, reason == 0),
            "trang_thai": text.whole(status),
            "ma_doi_tuong": code.take(pa.array(at)),
            "nhom_doi_tuong": pa.array(rights.group[at].astype(str)),
            "dang_khuyet_tat": text.whole(rights.kind[at], rights.kind[at] == 0),
            "muc_do_khuyet_tat": text.whole(rights.level[at], rights.level[at] == 0),
            "ma_ho": writing.only_where(rights.class_2023[at] > 0, homes.take(pa.array(at))),
            "thuoc_ho_ngheo": text.whole(rights.class_2023[at]),
            "la_dtts_vung_dbkk": text.flags(where.hard[commune[at]] & (people.person_group[person] > 0)),
            "he_so": text.joined(text.whole(rights.tenths[at] // 10), ".", text.whole(rights.tenths[at] % 10)),
            "muc_chuan": text.whole(np.where(before, old, new)),
            "muc_tro_cap": text.whole(np.where(before, rights.before[at], rights.after[at])),
            "so_con": text.whole(rights.children[at], rights.children[at] == 0),
            "nguoi_giam_ho": writing.only_where(guard, guardian),
            "noi_nuoi_duong": text.whole(np.where(rights.institution[at], 2, 1)),
        }

    held = np.bincount(rights.person, minlength=len(people.birth))
    active = rights.until == NEVER
    return province.mark(
        Plan(BENEFICIARIES, [("now", str(u)) for u in units], cell, arrived, write),
        **writer.facts(rights.person, (held[rights.person] == 1) & ~rights.needs_poverty, home),
        banked=way == BANK,
        own_account=~guarded,
        active=active,
        oldest=active & (rights.group == "K5C"),
    )


def institutions(province: Province) -> Plan:
    where = province.people.places
    commune = np.array([int(np.flatnonzero(where.codes == code)[0]) for code, *_ in PLACES])

    def write(at: np.ndarray) -> dict[str, pa.Array]:
        rows = [PLACES[i] for i in at]
        return {
            **writing.placed(province.people, commune[at]),
            "ma_co_so": text.joined("CS40", text.padded(at + 1, 3)),
            "ten_co_so": pa.array([r[1] for r in rows]),
            "loai_so_huu": pa.array([str(r[2]) for r in rows]),
            "cong_suat": pa.array([r[3] for r in rows], pa.int32()),
            "dang_nuoi_duong": pa.array([r[4] for r in rows], pa.int32()),
        }

    count = len(PLACES)
    return province.mark(Plan(INSTITUTIONS, [("now", PROVINCE)], np.zeros(count, dtype=int), np.full(count, STARTS[0]), write))
