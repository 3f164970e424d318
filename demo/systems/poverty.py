"""The review of poor and near-poor households, their members, its signed result, and what changes in the year."""

import datetime as dt
from collections.abc import Iterator

import numpy as np

from demo.faults import pairs
from demo.faults.choosing import spoiled
from demo.faults.planting import Planted
from demo.lives.deliveries import Sending, by_delivery
from demo.lives.poverty_review import OTHER_RELATION, SIBLING, YEARS, Listed, listed, scores
from demo.lives.poverty_status import MOVED_IN, NEAR_POOR, POOR, moved_in
from demo.lives.province import Province
from demo.people.dates import completed_years, month_of, month_starts, number
from demo.people.population import CHILD, HEAD, SPOUSE
from demo.people.randomness import stream
from demo.systems.poverty_faults import FAULTS
from demo.writing import persons, text
from demo.writing.persons import Habits, Writer
from demo.writing.plans import Plan, planned
from demo.writing.values import Value, known, nonzero
from schemas.dataset import Dataset
from schemas.registry import dataset_named

HOUSEHOLDS = dataset_named("poverty.households")
MEMBERS = dataset_named("poverty.members")
RESULTS = dataset_named("poverty.review_results")
CHANGES = dataset_named("poverty.in_year_changes")
HABITS = Habits("poverty", without_number=0.035, without_number_old=0.2, with_old_card=0.1, year_only_old=0.25, with_phone=0.35)
SENDING = {
    # The review of a closed year and its results are whole: every unit sent it, or nothing could have been decided.
    **{name: Sending({("2023", "429"): "late"}, always=True) for name in ("households", "members", "review_results")},
    "in_year_changes": Sending({("2024-10", "420"): "coming", ("2024-09", "425"): "late"}),
}


def plans(province: Province) -> Iterator[Planted]:
    rows = listed(province.people, province.poverty)
    households = spoiled(_households(province, rows), FAULTS)
    yield households
    clean = ~households.used[rows.entry]
    special = (pairs.one_number_for_two(8), pairs.heads_of_households(20, HOUSEHOLDS, clean))
    yield spoiled(_members(province, rows), FAULTS, special)
    yield Planted(_results(province, rows))  # a fault here would be a finding about a whole commune
    yield spoiled(_changes(province), FAULTS)


def _yearly(province: Province, dataset: Dataset, rows: Listed) -> tuple[list[tuple[str, str]], np.ndarray, np.ndarray]:
    """Cell and day of each household entry: the closed year as it was sent, the running one as communes enter it."""
    sent = province.sent(dataset, SENDING)
    where = province.people.places
    unit = np.where(rows.year == 2023, where.unit_2023[rows.commune], where.unit_2024[rows.commune])
    cells, cell, day, _ = by_delivery(sent, [str(y) for y in YEARS], rows.year - YEARS[0], unit)
    return cells, cell, np.where(rows.year == 2023, day, rows.day)


def _households(province: Province, rows: Listed) -> Plan:
    people = province.people
    cells, cell, day = _yearly(province, HOUSEHOLDS, rows)
    b1, lacks = scores(people, rows)
    writer = Writer(people, HABITS)
    rng = stream(province.seed, "poverty", "households")
    cause = rng.integers(1, 9, len(rows.home))
    no_account = rng.random(len(rows.home)) > 0.45
    grown = np.isin(rows.relation, (HEAD, SPOUSE, CHILD, SIBLING, OTHER_RELATION))
    age = completed_years(people.birth[rows.person], dt.date(2024, 1, 1))
    able = np.bincount(rows.entry[grown & (age >= 16) & (age < 60)], minlength=len(rows.home)) > 0
    merit = province.merit_homes[rows.home]

    def values(at: np.ndarray) -> dict[str, Value]:
        head, home, commune = rows.head[at], rows.home[at], rows.commune[at]
        names = writer.names(head)
        return {
            **persons.placed(people, commune),
            **persons.account(home, names, ~no_account[at], salt=1),
            "household_id": persons.household_ids(people, home),
            "review_year": rows.year[at],
            "hamlet": persons.hamlets(people, home, commune),
            "area_code": np.where(people.places.urban[commune], 1, 2),
            "head_name": names,
            "head_identity_number": writer.numbers(head),
            "head_ethnicity_code": text.from_list(persons.ETHNIC_CODES, people.person_group[head]),
            "member_count": rows.count[at],
            "score_b1": b1[at],
            "score_b2": 10 * lacks[at].sum(axis=1),
            **{f"lacks_{k + 1:02d}": lacks[at, k] for k in range(12)},
            "class_code": rows.now[at],
            "previous_class_code": nonzero(rows.before[at]),
            "change_reason_code": nonzero(rows.reason[at]),
            "is_without_labour": ~able[at],
            "has_merit_member": merit[at],
            "poverty_cause_code": known(cause[at], np.isin(rows.now[at], (POOR, NEAR_POOR))),
        }

    return planned(province, HOUSEHOLDS, cells, cell, day, values).knowing(
        loose=~province.homes_with_rights[rows.home],
    )


def _members(province: Province, rows: Listed) -> Plan:
    people = province.people
    cells, cell, day = _yearly(province, MEMBERS, rows)
    writer = Writer(people, HABITS)
    writer.require_number(province.known_to_poverty)
    insured = persons.draws(people, "poverty", "insured")
    busy = persons.draws(people, "poverty", "busy")
    disabled = province.disabled

    def values(at: np.ndarray) -> dict[str, Value]:
        entry, person = rows.entry[at], rows.person[at]
        age = rows.year[entry] - people.birth_year[person]
        officially_poor = np.isin(rows.now[entry], (POOR, NEAR_POOR))
        works = np.where(busy[person] < 0.82, 1, np.where(busy[person] < 0.86, 2, 3))
        return {
            **writer.person(person, rows.commune[entry], rows.day[entry]),
            "household_id": persons.household_ids(people, rows.home[entry]),
            "review_year": rows.year[entry],
            "member_number": rows.stt[at],
            "head_relation_code": rows.relation[at],
            "schooling_code": np.select([age < 3, age < 18], [1, 2], 3),
            "has_health_insurance": officially_poor | (insured[person] < 0.8),
            "employment_code": known(np.where(age > 75, 3, works), age >= 15),
            "is_disabled": disabled[person],
        }

    free = ~province.assisted[rows.person]
    return planned(province, MEMBERS, cells, cell[rows.entry], day[rows.entry], values).knowing(
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
    cells, cell, day, _ = by_delivery(
        province.sent(RESULTS, SENDING), ["2023"], np.zeros(len(communes), dtype=int), where.unit_2023
    )
    signed = number(dt.date(2023, 12, 20)) + where.district % 6

    def values(at: np.ndarray) -> dict[str, Value]:
        return {
            **persons.placed(people, at),
            "review_year": 2023,
            "household_count": np.maximum(homes[at], poor[at] + near[at]),
            "poor_count": poor[at],
            "near_poor_count": near[at],
            "decision_number": text.joined(text.whole(1_200 + where.district[at]), "/QĐ-UBND.MP"),
            "decision_date": signed[at],
        }

    return planned(province, RESULTS, cells, cell, day, values)


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
    start = np.array([number(d) for d in month_starts(dt.date(2024, 1, 1), dt.date(2024, 12, 1))])
    day = start[month] + rng.integers(0, 27, len(home))
    moved = kind == MOVED_IN
    day = np.where(moved, people.move_day[home] + 5, day)
    # Another change than a move happens where the household lives on that day.
    commune = people.commune_of(home, day)
    month = month_of(day)
    periods = [f"2024-{m:02d}" for m in range(1, 12)]
    unit = people.places.unit_2023[commune]
    sent = province.sent(CHANGES, SENDING)
    cells, cell, sent_on, keep = by_delivery(sent, periods, month, unit)
    # The month that runs is entered as it goes, three days after each change.
    running = np.array([sent[c].state == "in_progress" for c in cells])
    sent_on = np.where(running[cell], day + 3, sent_on)
    home, kind, day, commune, cell, sent_on, month = (a[keep] for a in (home, kind, day, commune, cell, sent_on, month))
    is_now = np.where(kind == MOVED_IN, before[home], now[home])
    was = np.where(before[home] == 0, 9, before[home])

    def values(at: np.ndarray) -> dict[str, Value]:
        return {
            **persons.placed(people, commune[at]),
            "change_id": text.joined("PS-2024-", text.padded(at + 1, 6)),
            "change_date": day[at],
            "household_id": persons.household_ids(people, home[at]),
            "class_code": is_now[at],
            "previous_class_code": was[at],
            "change_reason_code": kind[at],
        }

    return planned(province, CHANGES, cells, cell, sent_on, values).knowing(loose=~province.homes_with_rights[home])
