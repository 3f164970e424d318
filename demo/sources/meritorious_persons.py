"""Files of meritorious persons and their payment lists: ncc_ho_so, ncc_chi_tra."""

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from demo import payments, text, writing
from demo.batches import Change, Plan
from demo.faults import catalogue, pairs
from demo.faults import payments as fault_lines
from demo.faults.planting import Planted, Row, plant
from demo.merit import ACTIVE, BANK, DEAD, DEATH, STEP, STOPPED
from demo.population import NEVER, number
from demo.province import Province
from schemas.registry import dataset_named

PROFILES = dataset_named("meritorious_persons.profiles")
PAYMENTS = dataset_named("meritorious_persons.monthly_payments")
HABITS = writing.Habits(
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


def plans(province: Province) -> Iterator[Planted]:
    special = (pairs.shared_account(1, 5, guardian=False), pairs.one_person_under_two(15, _second_file))
    register = plant(profiles(province), catalogue.profiles(), special)
    yield register
    who = payees(province)
    files, lines = province.merit, province.lines(PAYMENTS, who)
    plan = payments.plan(province, PAYMENTS, "ma_ho_so_ncc", who, lines, register.used)
    dead = (files.reason == DEATH) & (files.known <= province.today)
    after_death = fault_lines.paid_after_the_end("F-25", 6, payments.first_not_due(who, dead), 4, ("paid_after_death",))
    yield plant(plan, catalogue.payments(PAYMENTS), (after_death, fault_lines.paid_twice(4), fault_lines.typed_twice(8)))


def changes(province: Province) -> Iterator[Change]:
    files, who = province.merit, payees(province)
    yield from payments.ended(
        PROFILES.road.table, "ma_ho_so_ncc", who.code, files.known, files.until, files.reason, province.today
    )
    yield from payments.later_taken(PAYMENTS, "ma_ho_so_ncc", who, province.lines(PAYMENTS, who), province.today)


def _second_file(row: Row, n: int) -> Row:
    """F-05: the file that a district opened again for somebody who had one; nothing is paid on it."""
    return {"ma_ho_so_ncc": f"NA/TRUNG-{n + 1:05d}", "so_tai_khoan": None, "ma_ngan_hang": None, "ten_chu_tai_khoan": None}


def told_end(province: Province) -> np.ndarray:
    """Whether the system knows today that an entitlement has ended."""
    return province.merit.known <= province.today


def profiles(province: Province) -> Plan:
    files, people, where = province.merit, province.people, province.people.places
    writer = writing.Writer(people, HABITS)
    home = people.household[files.person]
    commune = people.commune_of(home, province.today_date)
    # A new file is entered two days after its decision.
    entered = np.where(files.decided > number(dt.date(2024, 1, 1)), files.decided + 2, number(dt.date(2024, 1, 1))).astype(
        np.int32
    )
    unit = where.unit_2023[commune]
    units, cell = np.unique(unit.astype(str), return_inverse=True)
    cells = [("now", str(u)) for u in units]
    codes = file_codes(province)
    ended = told_end(province)
    card = writing.draws(people, "meritorious_persons", "health card") < 0.9
    letters = np.where(files.relative, np.where(files.category == "TN.03", "TS", "TC"), np.where(files.injury >= 81, "CC", "CK"))
    level = np.where(letters == "CC", "1", "2")

    def write(at: np.ndarray) -> dict[str, pa.Array]:
        person, over = files.person[at], ended[at]
        until = np.where(over, files.until[at], NEVER)
        reason = np.where(over, files.reason[at], 0)
        touched = np.where(over & (files.reason[at] == DEATH), np.minimum(files.known[at], province.today), entered[at])
        touched = np.maximum(touched, number(dt.date(2023, 3, 1)) + person % 500 * (touched < number(dt.date(2024, 1, 2))))
        status = np.select([reason == DEATH, reason > 0], [DEAD, STOPPED], ACTIVE)
        old = until <= STEP
        allowance = np.where(old, files.before[at] - files.supplement_before[at], files.after[at] - files.supplement_after[at])
        supplement = np.where(old, files.supplement_before[at], files.supplement_after[at])
        unknown = (allowance == 0) | (until <= FIRST_KNOWN_STANDARD)
        has_card = card[person] & (person < people.departed.first)
        origin = files.origin[at]
        names = writer.names(person)
        numbers = text.padded(4_000_000_000 + writing.permuted(person, 100_000_000, 7_654_321, 99), 10)
        cards = text.joined(pa.array(letters[at]), pa.array(level[at]), "40", numbers)
        return {
            **writer.columns(person, commune[at], touched),
            **writing.accounts(person, names, files.way[at] == BANK, salt=2),
            "so_the_bhyt": writing.only_where(has_card, cards),
            "so_quyet_dinh": text.joined(text.whole(person % 4_900 + 100), "/QĐ-LĐTBXH.MP"),
            "ngay_quyet_dinh": text.day_text(files.decided[at]),
            "ngay_huong": text.day_text(files.start[at]),
            "ngay_thoi_huong": text.day_text(until, until == NEVER),
            "ly_do_thoi_huong": text.whole(reason, reason == 0),
            "trang_thai": text.whole(status),
            "ma_ho_so_ncc": codes.take(pa.array(at)),
            "loai_doi_tuong": pa.array(files.category[at].astype(str)),
            "la_than_nhan": text.from_list(("0", "1"), files.relative[at].astype(int)),
            "ma_ho_so_goc": codes.take(pa.array(np.maximum(origin, 0), mask=origin < 0)),
            "quan_he": text.whole(files.relation[at], files.relation[at] == 0),
            "co_quan_quyet_dinh": text.from_list((PROVINCE_OFFICE, CITY_OFFICE), (files.decided[at] % 5 == 0).astype(int)),
            "ty_le_ton_thuong": text.whole(files.injury[at], files.injury[at] == 0),
            "loai_thuong_tat": text.from_list(
                ("A", "B"), files.type_b[at].astype(int), ~np.isin(files.category[at], ("07A", "07B"))
            ),
            "so_liet_si_than_nhan": text.whole(files.martyrs[at], files.martyrs[at] == 0),
            "muc_tro_cap": text.whole(allowance, unknown),
            "muc_phu_cap": text.whole(supplement, unknown | (supplement == 0)),
            "hinh_thuc_chi_tra": text.small(files.way[at], pa.int16(), ~files.paid[at]),
        }

    held = np.bincount(files.person, minlength=len(people.birth))
    active = files.until == NEVER
    return province.mark(
        Plan(PROFILES, cells, cell, entered, write),
        **writer.facts(files.person, held[files.person] == 1, home),
        banked=files.way == BANK,
        active=active,
        tabled=active & np.isin(files.category, ("07A", "08", "09", "TN.03")),
    )
