"""The synthetic population: magnitudes of the province, kin, names, numbers. No database."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from demo.lives import job_seeking, labour, procedures
from demo.lives.deliveries import deliveries
from demo.lives.merit import PAID
from demo.lives.poverty_review import listed
from demo.lives.poverty_status import HAS_LEFT, NEAR_POOR, POOR, TOTALS
from demo.lives.province import Province
from demo.people import names
from demo.people.dates import NEVER, completed_years, number
from demo.people.population import CHILD, HEAD, SPOUSE
from demo.writing import persons, text
from schemas import calendar, reading, units
from schemas.registry import dataset_named, datasets_of
from schemas.sources.administrative_procedures.rates import transitions
from tests.fixtures.played_systems import played_systems

SCALE = 0.03
MEMBERS = dataset_named("poverty.members")
DAY = dt.date(2024, 11, 20)


@pytest.fixture(scope="module")
def province() -> Province:
    return Province(5, SCALE)


def test_the_units_are_the_real_ones_of_the_day(province: Province) -> None:
    where = province.people.places
    assert len(where.codes) == 460 and len(where.districts) == 21
    assert set(where.district_codes) == {u.code for u in units.submitting_units(DAY)}
    assert set(where.unit_2024) == {u.code for u in units.submitting_units(dt.date(2024, 12, 31))}
    assert (where.unit_2024[where.unit_2023 == "413"] == "412").all()  # Cửa Lò goes to Vinh


def test_the_magnitudes_are_those_of_the_province(province: Province) -> None:
    people = province.people
    alive = people.alive_on(DAY)
    age = people.age_on(DAY)
    assert 3_300_000 < alive.sum() / SCALE < 3_600_000
    assert abs(len(people.commune) / SCALE - 882_300) < 5_000
    assert 0.24 < (alive & (age < 16)).sum() / alive.sum() < 0.31
    assert 80_000 < (alive & (age >= 80)).sum() / SCALE < 115_000
    statuses = province.poverty
    for year, (poor, near_poor) in TOTALS.items():
        # Of 2024 a few households have died out by their review.
        slack = 0 if year == 2023 else 0.01
        assert abs((statuses.now[year] == POOR).sum() - poor * SCALE) <= 1 + slack * poor * SCALE
        assert abs((statuses.now[year] == NEAR_POOR).sum() - near_poor * SCALE) <= 1 + slack * near_poor * SCALE
    assert 1_750_000 < (province.collection.year == 2023).sum() / SCALE < 2_050_000
    paid = province.merit.paid & (province.merit.until > number(DAY)) & (province.merit.start <= number(DAY))
    assert 59_000 < paid.sum() / SCALE < 67_000
    rights = province.assistance
    entitled = (rights.start <= number(DAY)) & (rights.until > number(DAY))
    assert 135_000 < entitled.sum() / SCALE < 160_000


def test_minorities_are_most_of_the_poor(province: Province) -> None:
    poor = province.poverty.now[2023] == POOR
    share = (province.people.group[poor] > 0).mean()
    assert 0.55 < share < 0.85


def test_nobody_shares_a_number_or_in_one_commune_a_name_and_birthday(province: Province) -> None:
    people = province.people
    assert len(np.unique(people.identity)) == len(people.identity)
    written = names.written(people.surname, people.middle, people.given).to_pylist()
    for commune in (people.commune, people.commune_after):
        place = commune[people.household].tolist()
        seen = {(names.without_marks(n), b, c) for n, b, c in zip(written, people.birth.tolist(), place, strict=True)}
        assert len(seen) == len(written)


def test_a_number_tells_sex_and_birth_and_that_it_is_synthetic(province: Province) -> None:
    people = province.people
    text = np.char.zfill(people.identity.astype(str), 12)
    digit = np.array([int(t[3]) for t in text])
    year = np.array([1900 + 100 * (int(t[3]) // 2) + int(t[4:6]) for t in text])
    assert (digit % 2 == people.sex - 1).all()
    assert (year == people.birth_year).all()
    assert {t[6] for t in text} == {"9"}


def test_old_cards_telephones_and_tax_codes_are_synthetic_too(province: Province) -> None:
    rows = np.arange(5_000)
    cards = persons.old_card_numbers(rows, 5)
    assert len(np.unique(cards)) == len(rows) and set(cards // 1_000_000) <= {180, 188, 189}
    phones = text.padded(persons.phones(rows), 10).to_pylist()
    read = reading.read(MEMBERS.column("phone_number"), pa.array(phones), DAY, None)
    assert not read.repairs and not read.warnings and {p[:3] for p in phones} == set(persons.PHONE_RANGES)
    codes = labour.tax_codes(300)
    for code in codes.tolist():
        digits = [int(c) for c in str(code)]
        assert len(digits) == 10 and digits[:2] == [9, 9]
        assert digits[9] == 10 - sum(w * d for w, d in zip(labour.WEIGHTS, digits[:9], strict=True)) % 11


def test_surnames_have_their_frequencies_and_children_their_fathers(province: Province) -> None:
    people, known = province.people, names.names()
    kinh = people.person_group == 0
    nguyen = known.surnames.index("Nguyễn")
    assert 0.34 < (people.surname[kinh] == nguyen).mean() < 0.42
    mong = people.person_group == names.GROUPS.index("mong")
    assert {known.surnames[i] for i in np.unique(people.surname[mong & (people.relation == HEAD)])} <= {
        "Vừ", "Lầu", "Và", "Xồng", "Già", "Hờ", "Mùa", "Lỳ", "Cự", "Thò", "Hạ", "Bả",
    }  # fmt: skip
    living = np.arange(len(people.sex)) < people.departed.first
    child = np.flatnonzero(living & (people.relation == CHILD))
    head = people.first[people.household[child]]
    father_is_head = people.sex[head] == 1
    assert (people.surname[child[father_is_head]] == people.surname[head[father_is_head]]).all()
    assert (people.birth[child] - people.birth[head] > 15 * 365).mean() > 0.99
    second = head + 1
    couple = (people.relation[second] == SPOUSE) & (people.household[second] == people.household[child])
    assert (people.sex[head[couple]] != people.sex[second[couple]]).all()


def test_every_household_of_a_review_has_one_head_of_age_and_its_members(province: Province) -> None:
    rows = listed(province.people, province.poverty)
    heads = np.bincount(rows.entry[rows.relation == HEAD], minlength=len(rows.home))
    assert (heads == 1).all()
    assert (np.bincount(rows.entry, minlength=len(rows.home)) == rows.count).all()
    people = province.people
    assert (completed_years(people.birth[rows.head], dt.date(2023, 10, 1)) >= 15).all()
    assert (people.death[rows.person] > rows.day[rows.entry]).all()
    # A person stands in one household of a year.
    keys = rows.year[rows.entry].astype(np.int64) * 10_000_000 + rows.person
    assert len(np.unique(keys)) == len(keys)


def test_classes_follow_those_of_the_year_before(province: Province) -> None:
    now, before = province.poverty.now, province.poverty.before
    listed = (now[2024] > 0) & (now[2023] > 0)
    assert (before[2024][listed] == now[2023][listed]).all()
    for year in (2023, 2024):
        assert (before[year][now[year] == 3] == POOR).all()
        assert (before[year][now[year] == 4] == NEAR_POOR).all()
        assert (before[year][province.poverty.reason[year] == HAS_LEFT] > 0).all()


def test_assistance_for_the_poor_goes_to_poor_households(province: Province) -> None:
    rights, people = province.assistance, province.people
    status = province.poverty.now[2023][people.household[rights.person]]
    for group in ("K3.A", "K3.B", "K4", "K5A.1", "K5A.2", "K8"):
        assert (status[rights.group == group] == POOR).all(), group
    for group in ("K5B", "K7"):
        assert np.isin(status[rights.group == group], (POOR, NEAR_POOR)).all(), group
    assert not np.isin(rights.person, province.merit.person).any()  # one or the other


def test_entitlements_end_with_the_birthday_or_the_death(province: Province) -> None:
    rights, people = province.assistance, province.people
    assert (rights.until > rights.start).all()
    dead = people.death[rights.person] < NEVER
    assert (rights.until[dead & (rights.reason == 1)] > people.death[rights.person][dead & (rights.reason == 1)]).all()
    first = np.maximum(rights.start, number(dt.date(2024, 1, 1)))
    for group, limit in (("K7", 3), ("K1.A", 4), ("K1.B", 16), ("K5B", 80)):
        rows = np.flatnonzero(rights.group == group)
        last_month = np.minimum(rights.until[rows] - 1, number(dt.date(2024, 11, 1)))
        paid = last_month >= first[rows]
        for row, day in zip(rows[paid].tolist(), last_month[paid].tolist(), strict=True):
            on = (dt.date(1970, 1, 1) + dt.timedelta(days=day)).replace(day=1)
            assert completed_years(people.birth[rights.person[row : row + 1]], on)[0] < limit


def test_every_paid_category_exists_even_in_a_small_province(province: Province) -> None:
    assert {c for c, *_ in PAID} <= set(province.merit.category)
    assert (province.merit.category == "03").sum() / SCALE == pytest.approx(45_000, rel=0.05)  # martyrs
    assert not province.merit.paid[province.merit.category == "03"].any()


def test_seekers_live_here_and_are_referred_to_what_was_open(province: Province) -> None:
    people, life = province.people, province.seeking
    assert len(np.unique(life.person)) == len(life.person) > 500
    assert people.alive_on(DAY)[life.person].all()
    assert not np.isin(life.person, province.flows.abroad.person).any()
    for visits in (life.consulted, life.referred):
        assert (life.registered[visits.seeker] <= visits.day).all()
    to = life.vacancies
    assert (to.opened[life.vacancy] <= life.referred.day).all() and (life.referred.day <= to.until[life.vacancy]).all()
    assert (life.vacancy > 0).all(), "the first vacancy is kept for what is wrong"


def test_each_decision_on_a_benefit_was_claimed_and_some_claims_have_none(province: Province) -> None:
    decided, of, claims = province.flows.benefit, labour.claims(province.people, province.flows.benefit), province.seeking.claims
    told = set(zip(claims.person.tolist(), claims.day.tolist(), claims.paid_months.tolist(), strict=True))
    wanted = set(zip(decided.person.tolist(), of.applied.tolist(), of.paid_months.tolist(), strict=True))
    wanted = {claim for claim in wanted if claim[1] >= job_seeking.CLAIMS_FROM}
    assert len(wanted) > 400 and wanted <= told
    without = told - wanted
    assert 0.02 < len(without) / len(told) < 0.1
    assert {months < job_seeking.LEAST_PAID for _, _, months in without} == {True, False}  # refused, and waiting


def test_dossiers_go_through_their_states_in_time_and_leave_a_paper(province: Province) -> None:
    life, may_follow = province.handled, {(t.from_code, t.to_code) for t in transitions()}
    there = life.status > 0
    assert (there[:, :-1] >= there[:, 1:]).all(), "steps stand one after the other"
    followed = there[:, 1:]
    assert set(zip(life.status[:, :-1][followed].tolist(), life.status[:, 1:][followed].tolist(), strict=True)) <= may_follow
    assert (life.at[:, :-1][followed] <= life.at[:, 1:][followed]).all()
    pauses = followed & np.isin(life.status[:, :-1], (procedures.TO_COMPLETE, procedures.TO_PAY))
    waited = np.where(pauses, life.at[:, 1:] - life.at[:, :-1], 0).sum(axis=1)
    assert ((waited > 0) == life.paused).all() and 0.02 < life.paused.mean() < 0.2
    finished = np.where(life.status == procedures.FINISHED, life.at, 0).max(axis=1)
    assert (finished - waited <= life.appointed).all()
    told = (life.status == procedures.FINISHED) | (life.status == procedures.REFUSED)
    assert np.array_equal(np.unique(life.papers.dossier), np.flatnonzero(told.any(axis=1)))


def test_deliveries_come_on_the_days_their_state_says() -> None:
    seen = set()
    for dataset, sending in ((d, s.sending(d)) for s in played_systems() for d in datasets_of(s.source)):
        if dataset.kind == "register":
            continue
        for (period, _), sent in deliveries(dataset, 5, sending).items():
            due, locked = calendar.due_day(dataset, period), calendar.locked_day(dataset, period)
            assert due and locked
            seen.add(sent.state)
            if sent.state in ("on_time", "empty"):
                assert sent.day <= number(due)
            elif sent.state in ("late", "coming"):
                assert number(due) < sent.day <= number(locked)
            elif sent.state == "after_lock":
                assert number(locked) < sent.day < number(DAY)
            else:
                assert not sent.logged
    assert seen == {"on_time", "late", "after_lock", "missing", "by_file", "coming", "empty", "in_progress"}
