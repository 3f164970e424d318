"""The review of poor and near-poor households: hn_ho, hn_thanh_vien, hn_ket_qua, hn_phat_sinh.

Scores follow Phiếu B1, B2 of TT 07/2021/TT-BLĐTBXH: poor is B1 at most 140 (rural) or 175 (urban) with three lacks or
more, near-poor the same with fewer.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from demo import text, writing
from demo.batches import Change, Plan, by_delivery
from demo.faults import catalogue, pairs
from demo.faults.planting import Planted, plant
from demo.population import CHILD, GRANDCHILD, HEAD, PARENT, SPOUSE, completed_years, number
from demo.poverty_status import MOVED_IN, NEAR_POOR, POOR, moved_in
from demo.province import Province
from demo.randomness import stream
from schemas.registry import dataset_named

HOUSEHOLDS = dataset_named("poverty.households")
MEMBERS = dataset_named("poverty.members")
RESULTS = dataset_named("poverty.review_results")
CHANGES = dataset_named("poverty.in_year_changes")
HABITS = writing.Habits(
    "poverty", without_number=0.035, without_number_old=0.2, with_old_card=0.1, year_only_old=0.25, with_phone=0.35
)
YEARS = (2023, 2024)
OTHER_RELATION, SIBLING, GRANDPARENT = 9, 7, 5


@dataclass(frozen=True)
class Listed:
    """The households of both reviews, one entry for each household and year."""

    home: np.ndarray
    year: np.ndarray
    commune: np.ndarray
    day: np.ndarray  # on which the commune entered it
    now: np.ndarray
    before: np.ndarray
    reason: np.ndarray
    # their members, in the order of their numbers; `entry` is the index of the household above
    entry: np.ndarray
    person: np.ndarray
    stt: np.ndarray
    relation: np.ndarray
    head: np.ndarray  # person, by entry
    count: np.ndarray  # members, by entry


def listed(province: Province) -> Listed:
    people, statuses = province.people, province.poverty
    homes = [statuses.listed(y) for y in YEARS]
    home = np.concatenate(homes)
    year = np.repeat(YEARS, [len(h) for h in homes])
    pick = {
        name: np.concatenate([getattr(statuses, name)[y][h] for y, h in zip(YEARS, homes, strict=True)])
        for name in ("now", "before", "reason", "day")
    }
    commune = np.where(year == 2023, people.commune[home], people.commune_after[home])
    reason = np.where(
        (pick["reason"] == 0) & (year == 2024) & np.isin(home, np.flatnonzero(moved_in(people, statuses, 2024))),
        MOVED_IN,
        pick["reason"],
    )

    size = people.size[home]
    entry = np.repeat(np.arange(len(home)), size)
    start = np.cumsum(size) - size
    person = people.first[home][entry] + (np.arange(len(entry)) - start[entry])
    there = (people.birth[person] <= pick["day"][entry]) & (people.death[person] > pick["day"][entry])
    entry, person = entry[there], person[there]

    grown = completed_years(people.birth[person], dt.date(2023, 1, 1)) >= 15
    rank = np.where(grown, 0, 1_000) + (person - people.first[home][entry])  # the first grown person is the head
    order = np.lexsort((rank, entry))
    entry, person = entry[order], person[order]
    count = np.bincount(entry, minlength=len(home))
    first = np.cumsum(count) - count
    stt = np.arange(len(entry)) - first[entry] + 1
    head = person[first]
    relation = _relations(people.relation[person], people.relation[head][entry], stt)
    return Listed(
        home, year, commune, pick["day"], pick["now"], pick["before"], reason, entry, person, stt, relation, head, count
    )


def _relations(own: np.ndarray, of_head: np.ndarray, stt: np.ndarray) -> np.ndarray:
    """Kin of the household's head; where the head has died, as seen from the one who follows."""
    seen = own.astype(np.int64)
    seen = np.where((of_head == PARENT) & (own == PARENT), SPOUSE, seen)
    seen = np.where((of_head == PARENT) & np.isin(own, (CHILD, GRANDCHILD)), GRANDCHILD, seen)
    seen = np.where((of_head == SPOUSE) & (own == PARENT), OTHER_RELATION, seen)
    seen = np.where((of_head == CHILD) & (own == CHILD), SIBLING, seen)
    seen = np.where((of_head == CHILD) & (own == PARENT), GRANDPARENT, seen)
    seen = np.where((of_head == CHILD) & (own == GRANDCHILD), OTHER_RELATION, seen)
    seen = np.where((of_head == GRANDCHILD), OTHER_RELATION, seen)
    return np.where(stt == 1, HEAD, seen)


def household_codes(province: Province, home: np.ndarray) -> pa.Array:
    """Province, district, commune and number at the time of creation: the code stays when the household moves."""
    where = province.people.places
    stems = [f"40{d}{c}" for d, c in zip(where.unit_2023, where.codes, strict=True)]
    return text.joined(text.from_list(stems, province.people.commune[home]), text.padded(province.people.serial[home], 5))


def scores(province: Province, rows: Listed) -> tuple[np.ndarray, np.ndarray]:
    """B1 in tenths of a point, and the twelve lacks."""
    rng = stream(province.seed, "poverty", "scores")
    n = len(rows.home)
    limit = np.where(province.people.places.urban[rows.commune], 175, 140)
    below = np.isin(rows.now, (POOR, NEAR_POOR))
    b1 = np.where(below, limit - 5 * rng.integers(0, 13, n), limit + 5 * rng.integers(1, 16, n))
    wanted = np.where(rows.now == POOR, 3 + np.minimum(rng.poisson(0.9, n), 4), np.minimum(rng.poisson(0.8, n), 2))
    weight = np.array([1.0, 0.7, 0.5, 0.6, 0.8, 0.3, 0.9, 0.8, 0.8, 1.1, 0.6, 0.7])
    keys = rng.exponential(size=(n, 12)) / weight
    # Whoever was poor or near-poor last year holds a health-insurance card: the lack of one is impossible.
    keys[np.isin(rows.before, (POOR, NEAR_POOR)), 3] = np.inf
    place = keys.argsort(axis=1).argsort(axis=1)
    return b1 * 10, place < wanted[:, None]


def plans(province: Province) -> Iterator[Planted]:
    rows = listed(province)
    households = plant(_households(province, rows), catalogue.households())
    yield households
    clean = ~households.used[rows.entry]
    special = (pairs.one_number_for_two(8), pairs.heads_of_households(20, HOUSEHOLDS, clean))
    yield plant(_members(province, rows), catalogue.members(), special)
    yield plant(_results(province, rows), ())
    yield plant(_changes(province), catalogue.changes())


def changes(province: Province) -> Iterator[Change]:
    """What is entered in a review stays as it is."""
    return iter(())


def _yearly(province: Province, dataset, rows: Listed) -> tuple[list[tuple[str, str]], np.ndarray, np.ndarray]:
    """Cell and day of each household entry: the closed year as it was sent, the running one as communes enter it."""
    sent = province.sent(dataset)
    where = province.people.places
    unit = np.where(rows.year == 2023, where.unit_2023[rows.commune], where.unit_2024[rows.commune])
    cells, cell, day, _ = by_delivery(sent, [str(y) for y in YEARS], rows.year - YEARS[0], unit)
    return cells, cell, np.where(rows.year == 2023, day, rows.day).astype(np.int32)


def _households(province: Province, rows: Listed) -> Plan:
    people = province.people
    cells, cell, day = _yearly(province, HOUSEHOLDS, rows)
    b1, lacks = scores(province, rows)
    writer = writing.Writer(people, HABITS)
    rng = stream(province.seed, "poverty", "households")
    cause = rng.integers(1, 9, len(rows.home))
    no_account = rng.random(len(rows.home)) > 0.45
    grown = np.isin(rows.relation, (HEAD, SPOUSE, CHILD, SIBLING, OTHER_RELATION))
    age = completed_years(people.birth[rows.person], dt.date(2024, 1, 1))
    able = np.bincount(rows.entry[grown & (age >= 16) & (age < 60)], minlength=len(rows.home)) > 0
    merit = province.merit_homes[rows.home]

    def write(at: np.ndarray) -> dict[str, pa.Array]:
        head = rows.head[at]
        names = writer.names(head)
        poor = np.isin(rows.now[at], (POOR, NEAR_POOR))
        return {
            **writing.placed(people, rows.commune[at]),
            **writing.accounts(rows.home[at], names, ~no_account[at], salt=1),
            "ma_ho": household_codes(province, rows.home[at]),
            "nam_ra_soat": text.small(rows.year[at], pa.int16()),
            "thon_xom": writing.hamlets(people, rows.home[at], rows.commune[at]),
            "khu_vuc": text.whole(np.where(people.places.urban[rows.commune[at]], 1, 2)),
            "ho_ten_chu_ho": names,
            "so_dinh_danh_chu_ho": writer.numbers(head),
            "ma_dan_toc_chu_ho": text.from_list(writing.ETHNIC_CODES, people.person_group[head]),
            "so_nhan_khau": text.whole(rows.count[at]),
            "diem_b1": text.whole(b1[at] // 10),
            "diem_b2": text.whole(10 * lacks[at].sum(axis=1)),
            **{f"th_{k + 1:02d}": text.flags(lacks[at, k]) for k in range(12)},
            "phan_loai": text.whole(rows.now[at]),
            "phan_loai_nam_truoc": text.whole(rows.before[at], rows.before[at] == 0),
            "ly_do_bien_dong": text.whole(rows.reason[at], rows.reason[at] == 0),
            "ho_khong_co_kha_nang_lao_dong": text.flags(~able[at]),
            "ho_co_ncc": text.flags(merit[at]),
            "nguyen_nhan_ngheo": text.whole(cause[at], ~poor),
        }

    return province.mark(
        Plan(HOUSEHOLDS, cells, cell, day, write),
        numbered=~writer.lacks_number[rows.head],
        loose=~province.homes_with_rights[rows.home],
        poor_now=np.isin(rows.now, (POOR, NEAR_POOR)),
        unsigned=(rows.year > 2023) | ~np.isin(rows.now, (POOR, NEAR_POOR)),
        banked=~no_account,
    )


def _members(province: Province, rows: Listed) -> Plan:
    people = province.people
    cells, cell, day = _yearly(province, MEMBERS, rows)
    writer = writing.Writer(people, HABITS)
    writer.require_number(province.known_to_poverty)
    insured = writing.draws(people, "poverty", "insured")
    busy = writing.draws(people, "poverty", "busy")
    disabled = province.disabled

    def write(at: np.ndarray) -> dict[str, pa.Array]:
        entry, person = rows.entry[at], rows.person[at]
        age = rows.year[entry] - people.birth_year[person]
        officially_poor = np.isin(rows.now[entry], (POOR, NEAR_POOR))
        works = np.where(busy[person] < 0.82, 1, np.where(busy[person] < 0.86, 2, 3))
        activity = np.where(age < 15, 0, np.where(age > 75, 3, works))
        schooling = np.select([age < 3, age < 18], [1, 2], 3)
        return {
            **writer.columns(person, rows.commune[entry], rows.day[entry]),
            "ma_ho": household_codes(province, rows.home[entry]),
            "nam_ra_soat": text.small(rows.year[entry], pa.int16()),
            "stt": text.small(rows.stt[at], pa.int16()),
            "quan_he_chu_ho": text.whole(rows.relation[at]),
            "tinh_trang_di_hoc": text.whole(schooling),
            "co_bhyt": text.from_list(("0", "1"), (officially_poor | (insured[person] < 0.8)).astype(int)),
            "tinh_trang_viec_lam": text.whole(activity, activity == 0),
            "la_nguoi_khuyet_tat": text.from_list(("0", "1"), disabled[person].astype(int)),
        }

    free = ~province.assisted[rows.person]
    return province.mark(
        Plan(MEMBERS, cells, cell[rows.entry], day[rows.entry], write),
        **writer.facts(rows.person, free, rows.entry),
        second=rows.stt > 1,
        grown=completed_years(people.birth[rows.person], dt.date(2023, 1, 1)) >= 18,
    )


def _results(province: Province, rows: Listed) -> Plan:
    """The signed result of 2023, one row for each commune; that of 2024 is signed after what is played."""
    people, where = province.people, province.people.places
    homes = np.bincount(people.commune, minlength=len(where.codes))
    of_2023 = rows.year == 2023
    poor = np.bincount(rows.commune[of_2023 & (rows.now == POOR)], minlength=len(where.codes))
    near = np.bincount(rows.commune[of_2023 & (rows.now == NEAR_POOR)], minlength=len(where.codes))
    communes = np.arange(len(where.codes))
    cells, cell, day, _ = by_delivery(province.sent(RESULTS), ["2023"], np.zeros(len(communes), dtype=int), where.unit_2023)
    signed = number(dt.date(2023, 12, 20)) + where.district % 6

    def write(at: np.ndarray) -> dict[str, pa.Array]:
        return {
            **writing.placed(people, at),
            "nam_ra_soat": text.same(2023, len(at), pa.int16()),
            "tong_so_ho": text.small(np.maximum(homes[at], poor[at] + near[at]), pa.int32()),
            "so_ho_ngheo": text.small(poor[at], pa.int32()),
            "so_ho_can_ngheo": text.small(near[at], pa.int32()),
            "so_quyet_dinh": text.joined(text.whole(1_200 + where.district[at]), "/QĐ-UBND.MP"),
            "ngay_quyet_dinh": text.dates(signed[at]),
        }

    return province.mark(Plan(RESULTS, cells, cell, day, write))


def _changes(province: Province) -> Plan:
    """Changes found between two reviews: some of the crossings of 2024, and poor households that moved in."""
    people, statuses = province.people, province.poverty
    rng = stream(province.seed, "poverty", "in year")
    now, before, reason = statuses.now[2024], statuses.before[2024], statuses.reason[2024]
    crossing = (now > 0) & (reason > 0) & (rng.random(len(now)) < 0.6)
    arrived = moved_in(people, statuses, 2024) & np.isin(before, (POOR, NEAR_POOR)) & (reason == 0)
    home = np.flatnonzero(crossing | arrived)
    kind = np.where(arrived[home], MOVED_IN, reason[home])
    # Evenly over the months of each district: a district with a dozen changes has one each month.
    commune = people.commune_after[home]
    order = np.lexsort((rng.random(len(home)), people.places.district[commune]))
    month = np.empty(len(home), dtype=np.int64)
    month[order] = (np.arange(len(home)) + 3) % 11
    start = np.array([number(d) for d in text.month_starts(dt.date(2024, 1, 1), dt.date(2024, 12, 1))])
    day = start[month] + rng.integers(0, 27, len(home))
    moved = kind == MOVED_IN
    day = np.where(moved, people.move_day[home] + 5, day)
    # Another change than a move happens where the household lives on that day.
    commune = people.commune_of(home, day)
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(int) - (2024 - 1970) * 12
    periods = [f"2024-{m:02d}" for m in range(1, 12)]
    unit = people.places.unit_2023[commune]
    sent = province.sent(CHANGES)
    cells, cell, sent_on, keep = by_delivery(sent, periods, month, unit)
    # The month that runs is entered as it goes, three days after each change.
    running = np.array([sent[c].state == "in_progress" for c in cells])
    sent_on = np.where(running[cell], day + 3, sent_on).astype(np.int32)
    home, kind, day, commune, cell, sent_on, month = (a[keep] for a in (home, kind, day, commune, cell, sent_on, month))
    is_now = np.where(kind == MOVED_IN, before[home], now[home])
    was = np.where(before[home] == 0, 9, before[home])

    def write(at: np.ndarray) -> dict[str, pa.Array]:
        return {
            **writing.placed(people, commune[at]),
            "ma_phat_sinh": text.joined("PS-2024-", text.padded(at + 1, 6)),
            "ngay_phat_sinh": text.dates(day[at]),
            "ma_ho": household_codes(province, home[at]),
            "phan_loai": text.whole(is_now[at]),
            "phan_loai_truoc": text.whole(was[at]),
            "ly_do_bien_dong": text.whole(kind[at]),
        }

    return province.mark(Plan(CHANGES, cells, cell, sent_on, write), loose=~province.homes_with_rights[home])
