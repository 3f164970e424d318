"""Labour: forms of the collection, employers, vacancies, permits, and the province's lists of departures, jobs, benefits."""

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from demo import labour, text, writing
from demo.batches import Change, Plan, by_delivery
from demo.deliveries import HELD
from demo.faults import catalogue, pairs
from demo.faults.planting import Planted, Row, plant
from demo.labour import EMPLOYED, INACTIVE, UNEMPLOYED, Events
from demo.population import LAST_DAY, NEVER, number
from demo.poverty_status import NEAR_POOR, POOR
from demo.province import Province
from demo.randomness import apportion, choose, stream
from demo.sources.labour_words import COMPANY_WORDS, COUNTRIES, FOREIGN_NAMES, JOBS, NATIONALITIES, NEEDS, SPECIALITIES, TRADES
from schemas.dataset import PROVINCE, Dataset
from schemas.registry import dataset_named
from schemas.sources.labour_employment import rates

WORKERS = dataset_named("labour_employment.workers")
EMPLOYERS = dataset_named("labour_employment.employers")
VACANCIES = dataset_named("labour_employment.vacancies")
PERMITS = dataset_named("labour_employment.foreign_permits")
ABROAD = dataset_named("labour_employment.overseas_workers")
JOBS_CREATED = dataset_named("labour_employment.jobs_created")
BENEFITS = dataset_named("labour_employment.unemployment_decisions")
HABITS = writing.Habits(
    "labour_employment", without_number=0.04, without_number_old=0.2, with_old_card=0.12, year_only_old=0.2, with_phone=0.4
)
EMPLOYER_COUNT, VACANCIES_A_QUARTER, PERMIT_COUNT = 13_000, 7_500, 1_600  # at scale 1
START_OF_2024 = number(dt.date(2024, 1, 1))
QUARTERS = tuple(f"2024-Q{q}" for q in (1, 2, 3, 4))
MONTHS = tuple(f"2024-{m:02d}" for m in range(1, 12))


def plans(province: Province) -> Iterator[Planted]:
    special = (pairs.one_number_for_two(8), pairs.one_person_under_two(12, _second_form))
    yield plant(workers(province), catalogue.workers(), special)
    tax, commune, size = _employers(province)
    yield plant(employers(province, tax, commune, size), ())
    yield plant(vacancies(province, tax, commune), catalogue.vacancies())
    yield plant(permits(province, tax, commune), ())
    for plan in (overseas(province), jobs(province), benefits(province)):
        yield plant(plan, catalogue.province_list(plan.dataset))


def _second_form(row: Row, n: int) -> Row:
    return {"ma_phieu": f"P{row['nam_thu_thap']}-TRUNG-{n + 1:05d}"}


def workers(province: Province) -> Plan:
    people, forms = province.people, province.collection
    where = people.places
    unit = np.where(forms.year == 2023, where.unit_2023[forms.commune], where.unit_2024[forms.commune])
    cells, cell, sent_on, _ = by_delivery(province.sent(WORKERS), [str(y) for y in labour.YEARS], forms.year - 2023, unit)
    day = np.where(forms.year == 2023, sent_on, forms.entered).astype(np.int32)
    writer = writing.Writer(people, HABITS)
    taste = stream(province.seed, "labour", "taste").random(len(people.birth), dtype=np.float32)
    groups = ["", *(",".join(str(k + 1) for k in range(5) if bits >> k & 1) for bits in range(1, 32))]
    status = province.poverty.now[2023]
    merit = province.merit_homes
    trained = np.array([0.44, 0.2, 0.06, 0.08, 0.075, 0.05, 0.09, 0.005])

    def write(at: np.ndarray) -> dict[str, pa.Array]:
        person, year, activity = forms.person[at], forms.year[at], forms.activity[at]
        home, t = people.household[person], taste[person].astype(np.float64)
        age = year - people.birth_year[person]
        bits = (
            province.disabled[person] * 1 + (status[home] == POOR) * 2 + (status[home] == NEAR_POOR) * 4
            + (people.person_group[person] > 0) * 8 + merit[home] * 16
        )  # fmt: skip
        other = _spread(person, 7_919)
        training = np.searchsorted(np.cumsum(trained), other * (1 - 1e-9), side="right").clip(0, 7) + 1
        training = np.where(age < 18, 1, training)
        school = np.where(training >= 5, 4, np.select([t < 0.06, t < 0.2, t < 0.62], [1, 2, 3], 4))
        works, idle, out = activity == EMPLOYED, activity == UNEMPLOYED, activity == INACTIVE
        third = _spread(person, 104_729)
        position = np.where(third < 0.03, 1, np.where(third < 0.45, 2, np.where(third < 0.6, 3, 4)))
        job = (person.astype(np.int64) * 13) % len(JOBS)
        formal = np.where(_spread(person, 611_953) < 0.55, 7, np.array([4, 5, 6, 8])[person % 4])
        kind = np.where(position == 4, np.where(t < 0.75, formal, 2), np.where(position == 1, 2, 1))
        contract = np.where(kind >= 4, np.where(t < 0.5, 1, 2), 3)
        insured = np.where(works & (position == 4) & (kind >= 4), 1, np.where(t > 0.88, 2, 3))
        never_worked = (age < 26) & (t < 0.6)
        reason = np.select([age < 22, age >= 60], [1, 2], np.where(province.disabled[person], 4, np.where(t < 0.7, 3, 5)))
        return {
            **writer.columns(person, forms.commune[at], forms.collected[at]),
            "ma_phieu": text.joined("P", text.whole(year), "-", text.padded(person + 1, 8)),
            "nam_thu_thap": text.small(year, pa.int16()),
            "doi_tuong_uu_tien": text.from_list(groups, bits, bits == 0),
            "trinh_do_gdpt": text.whole(school),
            "trinh_do_cmkt": text.whole(training),
            "chuyen_nganh": text.from_list(SPECIALITIES, person % len(SPECIALITIES), training < 4),
            "tinh_trang_hdkt": text.whole(activity),
            "vi_the_viec_lam": text.whole(position, ~works),
            "cong_viec_chinh": text.from_list([j[0] for j in JOBS], job, ~works),
            "ma_nghe": text.from_list([j[1] for j in JOBS], job, ~works),
            "noi_lam_viec": text.from_list(("Tại địa phương", "Trong tỉnh", "Ngoài tỉnh"), (t * 100).astype(int) % 3, ~works),
            "loai_hinh_noi_lam_viec": text.whole(kind, ~works),
            "ma_nganh_kinh_te": text.from_list([j[2] for j in JOBS], job, ~works),
            "tham_gia_bhxh": text.whole(insured),
            "hop_dong_lao_dong": text.whole(contract, ~works | (position != 4)),
            "that_nghiep": text.whole(np.where(never_worked, 1, 2), ~idle),
            "thoi_gian_that_nghiep": text.whole(1 + person % 3, ~idle),
            "ly_do_khong_tham_gia": text.whole(reason, ~out),
            "nhu_cau_dao_tao": text.from_list(SPECIALITIES, person % len(SPECIALITIES), ~(idle | (t < 0.03))),
            "nhu_cau_viec_lam": text.from_list(NEEDS, person % len(NEEDS), ~idle),
            "ngay_thu_thap": text.day_text(forms.collected[at]),
        }

    free = np.ones(len(people.birth), dtype=bool)
    free[province.flows.benefit.person] = False
    free[province.flows.jobs.person] = False
    return province.mark(
        Plan(WORKERS, cells, cell, day, write), **writer.facts(forms.person, free[forms.person], people.household[forms.person])
    )


def _spread(person: np.ndarray, step: int) -> np.ndarray:
    """A number in [0, 1) for each person, without a generator."""
    return (person.astype(np.int64) * step % 1_000_003) / 1_000_003


def _employers(province: Province) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tax code, commune and size of each employer; towns have most, every district a few."""
    where = province.people.places
    rng = stream(province.seed, "employers")
    weight = where.weight * np.where(where.urban, 4.0, 1.0)
    of_district = np.bincount(where.district, weight)
    counts = np.maximum(apportion(round(EMPLOYER_COUNT * province.scale), of_district), 3)
    communes = []
    for d, count in enumerate(counts):
        rows = np.flatnonzero(where.district == d)
        communes.append(rows[choose(rng, int(count), weight[rows])])
    commune = np.concatenate(communes)
    size = np.maximum(1, rng.lognormal(2.4, 1.1, len(commune))).astype(np.int64)
    return labour.tax_codes(len(commune)), commune, size


def _industry(index: np.ndarray) -> pa.Array:
    return text.from_list(("C", "G", "F", "H", "I", "N", "A", "P", "Q", "S"), index * 7 % 10)


def employers(province: Province, tax: np.ndarray, commune: np.ndarray, size: np.ndarray) -> Plan:
    where = province.people.places
    units, cell = np.unique(where.unit_2023[commune].astype(str), return_inverse=True)
    kinds = np.array([7, 7, 7, 7, 7, 2, 3, 8, 6, 5])

    def write(at: np.ndarray) -> dict[str, pa.Array]:
        words = text.from_list(COMPANY_WORDS, at * 11 % len(COMPANY_WORDS))
        return {
            **writing.placed(province.people, commune[at]),
            "ma_so_thue": text.padded(tax[at], 10),
            "ten_don_vi": text.joined("Công ty TNHH ", words, " ", text.whole(at + 1), " (mô phỏng)"),
            "loai_hinh": text.whole(kinds[at % len(kinds)]),
            "ma_nganh_kinh_te": _industry(at),
            "so_lao_dong": text.whole(size[at]),
        }

    return province.mark(
        Plan(EMPLOYERS, [("now", str(u)) for u in units], cell, np.full(len(tax), START_OF_2024, dtype=np.int32), write)
    )


def vacancies(province: Province, tax: np.ndarray, commune: np.ndarray) -> Plan:
    where = province.people.places
    rng = stream(province.seed, "vacancies")
    per_quarter = max(1, round(VACANCIES_A_QUARTER * province.scale))
    employer, quarter = [], []
    for q in range(4):
        # Every district has one at least; the rest fall by chance.
        one = np.array([rng.choice(np.flatnonzero(where.district[commune] == d)) for d in range(len(where.districts))])
        employer.append(np.concatenate((one, rng.integers(0, len(tax), per_quarter))))
        quarter.append(np.full(len(employer[-1]), q))
    of, at_quarter = np.concatenate(employer), np.concatenate(quarter)
    first = np.array([number(dt.date(2024, 3 * q + 1, 1)) for q in range(4)])
    day = (first[at_quarter] + rng.integers(0, 88, len(of))).astype(np.int32)
    place = commune[of]
    unit = np.where(at_quarter == 3, where.unit_2024[place], where.unit_2023[place])
    sent = province.sent(VACANCIES)
    cells, cell, sent_on, keep = by_delivery(sent, QUARTERS, at_quarter, unit)
    whole = np.isin([sent[c].state for c in cells], ("late", "after_lock", "coming", "missing"))
    appears = np.where(whole[cell], sent_on, np.minimum(day + 2, sent_on))
    appears = np.where((sent_on >= HELD) & ~whole[cell], day + 2, appears).astype(np.int32)
    of, day, place, cell, appears = (a[keep] for a in (of, day, place, cell, appears))
    count = 1 + rng.geometric(0.14, len(of))
    women = (count * rng.random(len(of))).astype(np.int64)
    group = np.array([5, 7, 8, 9, 9, 8, 7, 3, 4, 2])

    def write(at: np.ndarray) -> dict[str, pa.Array]:
        return {
            **writing.placed(province.people, place[at]),
            "ma_nhu_cau": text.joined("TD-2024-", text.padded(at + 1, 6)),
            "ngay_dang_ky": text.dates(day[at]),
            "ma_so_thue": text.padded(tax[of[at]], 10),
            "nhom_nghe": text.whole(group[at * 3 % len(group)]),
            "so_luong": text.whole(count[at]),
            "so_luong_nu": text.whole(women[at]),
            "trinh_do_cmkt": text.whole(1 + at % 7),
        }

    return province.mark(Plan(VACANCIES, cells, cell, appears, write))


def permits(province: Province, tax: np.ndarray, commune: np.ndarray) -> Plan:
    where = province.people.places
    rng = stream(province.seed, "permits")
    count = max(4, round(PERMIT_COUNT * province.scale))
    employer = rng.integers(0, len(tax), count)
    begin = rng.integers(number(dt.date(2023, 1, 10)), number(dt.date(2024, 11, 28)), count).astype(np.int32)
    years = rng.integers(1, 3, count)
    nation = choose(rng, count, [n[1] for n in NATIONALITIES])
    units, cell = np.unique(where.unit_2023[commune[employer]].astype(str), return_inverse=True)

    def write(at: np.ndarray) -> dict[str, pa.Array]:
        return {
            **writing.placed(province.people, commune[employer[at]]),
            "so_giay_phep": text.joined("MP-40-", text.padded(at + 1, 6)),
            "ho_ten": text.from_list(FOREIGN_NAMES, at * 17 % len(FOREIGN_NAMES)),
            "so_ho_chieu": text.joined("ZF", text.padded(writing.permuted(at, 10_000_000, 7_654_321, 5), 7)),
            "quoc_tich": text.from_list([n[0] for n in NATIONALITIES], nation[at]),
            "gioi_tinh": text.whole(np.where(at % 6 == 0, 2, 1)),
            "ma_so_thue": text.padded(tax[employer[at]], 10),
            "vi_tri_cong_viec": text.whole(np.array([1, 2, 3, 3, 3, 4, 4])[at % 7]),
            "ngay_cap": text.day_text(begin[at]),
            "ngay_het_han": text.day_text(begin[at] + 365 * years[at]),
        }

    return province.mark(Plan(PERMITS, [("now", str(u)) for u in units], cell, (begin + 1).astype(np.int32), write))


def _by_month(province: Province, dataset: Dataset, day: np.ndarray) -> tuple[list[tuple[str, str]], np.ndarray, np.ndarray]:
    """Cell of each row of a list of the province, and the day it appears: two days after, a held-up month when it comes."""
    sent = province.sent(dataset)
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(int) - (2024 - 1970) * 12
    cells, cell, sent_on, _ = by_delivery(sent, MONTHS, month, np.full(len(day), PROVINCE))
    whole = np.isin([sent[c].state for c in cells], ("late", "coming", "missing"))
    appears = np.where(whole[cell], sent_on, np.minimum(day + 2, sent_on))
    return cells, cell, appears.astype(np.int32)


def _province_columns(province: Province, events: Events, writer: writing.Writer, at: np.ndarray) -> dict[str, pa.Array]:
    people = province.people
    person = events.person[at]
    commune = people.commune_of(people.household[person], events.day[at])
    return {
        "ma_xa_goc": text.from_list(people.places.codes, commune, _spread(person, 31_337) < 0.03),
        "gioi_tinh": text.whole(people.sex[person]),
        "so_dinh_danh": writer.numbers(person),
    }


def _returns(province: Province) -> np.ndarray:
    """The day on which each departed worker came back; NEVER for most."""
    gone = province.flows.abroad.day
    rng = stream(province.seed, "returns")
    back = rng.random(len(gone)) < 0.02
    day = gone + 20 + rng.integers(0, 120, len(gone))
    return np.where(back & (day <= number(LAST_DAY)), day, NEVER)


def changes(province: Province) -> Iterator[Change]:
    """Workers who come back, told two days after."""
    returned = _returns(province)
    for i in np.flatnonzero((returned < NEVER) & (returned + 2 > province.today)).tolist():
        yield Change(
            int(returned[i]) + 2,
            ABROAD.road.table,
            {"ma_luot": f"XK-2024-{i + 1:06d}"},
            {"ngay_ve_nuoc": str(np.datetime64(int(returned[i]), "D"))},
        )


def overseas(province: Province) -> Plan:
    events = province.flows.abroad
    cells, cell, appears = _by_month(province, ABROAD, events.day)
    writer = writing.Writer(province.people, HABITS)
    nation = choose(stream(province.seed, "overseas"), len(events.day), [c[1] for c in COUNTRIES])
    returned = _returns(province)
    told = returned + 2 <= province.today

    def write(at: np.ndarray) -> dict[str, pa.Array]:
        return {
            **_province_columns(province, events, writer, at),
            "ma_luot": text.joined("XK-2024-", text.padded(at + 1, 6)),
            "so_ho_chieu": text.joined("Z", text.padded(writing.permuted(at, 10_000_000, 1_234_567, 77), 7)),
            "nuoc_den": text.from_list([c[0] for c in COUNTRIES], nation[at]),
            "nganh_nghe": text.from_list(TRADES, at * 7 % len(TRADES)),
            "doanh_nghiep_phai_cu": text.joined("Công ty phái cử mô phỏng ", text.whole(at % 23 + 1)),
            "ngay_xuat_canh": text.dates(events.day[at]),
            "thoi_han_hop_dong": text.whole(12 * (1 + nation[at] % 3)),
            "ngay_ve_nuoc": text.day_text(returned[at], ~told[at]),
        }

    return province.mark(Plan(ABROAD, cells, cell, appears, write), numbered=~writer.lacks_number[events.person])


def jobs(province: Province) -> Plan:
    events, channel = province.flows.jobs, province.flows.channel
    cells, cell, appears = _by_month(province, JOBS_CREATED, events.day)
    writer = writing.Writer(province.people, HABITS)

    def write(at: np.ndarray) -> dict[str, pa.Array]:
        return {
            **_province_columns(province, events, writer, at),
            "ma_luot": text.joined("VL-2024-", text.padded(at + 1, 6)),
            "kenh": text.whole(channel[at]),
            "ngay_bat_dau": text.dates(events.day[at]),
        }

    return province.mark(Plan(JOBS_CREATED, cells, cell, appears, write), numbered=~writer.lacks_number[events.person])


def benefits(province: Province) -> Plan:
    events = province.flows.benefit
    cells, cell, appears = _by_month(province, BENEFITS, events.day)
    writer = writing.Writer(province.people, HABITS)
    rng = stream(province.seed, "benefits")
    n = len(events.day)
    wage = (np.clip(rng.normal(5_500_000, 1_300_000, n), 3_300_000, 14_000_000) // 10_000 * 10_000).astype(np.int64)
    paid = np.minimum(12 + rng.gamma(2.2, 22, n), 150).astype(np.int64)
    months = {p: rates.unemployment_months(int(p), dt.date(2024, 6, 1)) for p in np.unique(paid)}
    applied = events.day - rng.integers(12, 19, n)

    def write(at: np.ndarray) -> dict[str, pa.Array]:
        return {
            **_province_columns(province, events, writer, at),
            "so_quyet_dinh": text.joined(text.whole(at + 1), "/QĐ-SLĐTBXH.MP"),
            "ngay_quyet_dinh": text.dates(events.day[at]),
            "ngay_nop": text.day_text(applied[at]),
            "so_thang_dong": text.whole(paid[at]),
            "luong_binh_quan": text.whole(wage[at]),
            "muc_huong": text.whole(wage[at] * 6 // 10),
            "so_thang_huong": text.whole(np.array([months[p] for p in paid[at]])),
            "ngay_huong": text.day_text(applied[at] + 16),
            "trang_thai": text.whole(np.where(at % 25 == 0, 2, np.where(at % 13 == 0, 3, 1))),
        }

    return province.mark(Plan(BENEFITS, cells, cell, appears, write), numbered=~writer.lacks_number[events.person])
