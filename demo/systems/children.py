"""The register of children. It knows no personal number of who has a right by the group: demo/lives/childhood.py."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from demo.faults.choosing import spoiled
from demo.faults.planting import Planted
from demo.lives.deliveries import in_register
from demo.lives.province import Province
from demo.offices.parcels import Files, lettered_units
from demo.people.dates import LAST_DAY, NEVER, number
from demo.people.population import CHILD, SPOUSE
from demo.systems.children_faults import FAULTS
from demo.writing import persons, text
from demo.writing.persons import DEAD, Habits, Writer
from demo.writing.plans import Plan, planned
from demo.writing.values import Change, Value, changed, known, nonzero
from schemas.registry import dataset_named

PROFILES = dataset_named("children.profiles")
HABITS = Habits("children", without_number=0.02, without_number_old=0.02, with_old_card=0.0, year_only_old=0.0, with_phone=0.0)
ACTIVE, CLOSED = 1, 2
FILES = {
    "profiles": Files(
        by_commune=frozenset({"413", "414"}),
        habits={"16717": "zeros_lost", "16720": "decomposed", "16726": "days_typed", "16729": "sex_in_words"},
        mistakes={"417": "password", "427": "of_another", "430": "sent_before", "418": "sent_twice"},
    )
}


def plans(province: Province) -> Iterator[Planted]:
    yield spoiled(profiles(province), FAULTS)


def changes(province: Province) -> Iterator[Change]:
    """Who comes of age has the record closed on that day; who dies is told of five days after."""
    life, code = province.childhood, codes(province)
    for day, at in _by_day(life.of_age, province.today):
        values = {"status_code": np.full(len(at), CLOSED)}
        yield from changed(PROFILES, day, {"child_id": code.take(at)}, values)
    for day, at in _by_day(_told(province), province.today):
        values = {
            "is_dead": np.ones(len(at), dtype=bool),
            "death_date": life.died[at],
            "death_cause_code": life.cause[at],
            "status_code": np.full(len(at), DEAD),
        }
        yield from changed(PROFILES, day, {"child_id": code.take(at)}, values)


def _by_day(days: np.ndarray, after: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    at = np.flatnonzero((days > after) & (days <= number(LAST_DAY)))
    if len(at):
        yield days[at], at


def _told(province: Province) -> np.ndarray:
    died = province.childhood.died
    return np.where(died == NEVER, NEVER, died + 5)


def codes(province: Province) -> pa.Array:
    return text.joined("TE40", text.padded(np.arange(len(province.childhood.person)) + 1, 8))


def profiles(province: Province) -> Plan:
    life, people, where = province.childhood, province.people, province.people.places
    writer = Writer(people, HABITS)
    writer.lacks_number[life.person[life.has_a_right]] = True
    home = people.household[life.person]
    commune = people.commune_of(home, province.today_date)
    cells, cell = in_register(where.unit_2023[commune])
    code, told = codes(province), _told(province)
    dead, grown = told <= province.today, life.of_age <= province.today
    age = np.maximum((province.today - people.birth[life.person]) // 365, 0)
    schooling = np.select([age < 3, age < 6, age < 11, age < 15], [1, 2, 3, 4], 5)
    head = people.first[home]
    beside = np.minimum(head + 1, len(people.birth) - 1)
    has_spouse = (people.relation[beside] == SPOUSE) & (people.household[beside] == home)
    is_child = people.relation[life.person] == CHILD
    # The parents of a child of the head: the head and the spouse, by their sex; of other children nobody is told.
    fathers, mothers = (
        np.where(people.sex[head] == sex, head, np.where(has_spouse & (people.sex[beside] == sex), beside, -1)) for sex in (1, 2)
    )
    orphans = np.char.startswith(life.groups, "01.")
    has_father, has_mother = (is_child & ~orphans & (parent >= 0) for parent in (fathers, mothers))
    lost = persons.draws(people, "children", "parents")[life.person] < 0.3  # the numbers of the parents
    insured = persons.draws(people, "children", "insured")[life.person] < 0.97

    def parent(at: np.ndarray, who: np.ndarray, has: np.ndarray) -> tuple[Value, Value]:
        rows = np.where(has[at], who[at], 0)
        number_of = known(people.identity[rows], has[at] & ~lost[at] & ~writer.lacks_number[rows])
        return text.only_where(has[at], writer.names(rows)), number_of

    def values(at: np.ndarray) -> dict[str, Value]:
        person = life.person[at]
        father, father_number = parent(at, fathers, has_father)
        mother, mother_number = parent(at, mothers, has_mother)
        in_group = life.groups[at] != ""
        status = np.where(dead[at], DEAD, np.where(grown[at], CLOSED, ACTIVE))
        return {
            **writer.person(person, commune[at], life.entered[at]),
            "child_id": code.take(at),
            "birth_certificate": text.joined(text.whole(person % 900 + 1), "/", text.whole(people.birth_year[person])),
            "father_name": father,
            "mother_name": mother,
            "father_identity_number": father_number,
            "mother_identity_number": mother_number,
            "caregiver_name": writer.names(head[at]),
            "household_id": persons.household_ids(people, home[at]),
            "has_birth_certificate": np.ones(len(at), dtype=bool),
            "has_health_insurance": insured[at],
            "schooling_code": schooling[at],
            "special_groups": known(life.groups[at], in_group),
            "entered_date": life.since[at],
            "left_date": life.until[at],
            "risk_groups": known(life.risks[at], life.risks[at] != ""),
            "support_code": nonzero(life.support[at]),
            "is_dead": dead[at],
            "death_date": np.where(dead[at], life.died[at], NEVER),
            "death_cause_code": nonzero(np.where(dead[at], life.cause[at], 0)),
            "status_code": status,
        }

    last = number(LAST_DAY)
    comes = (life.of_age > province.today) & (life.of_age <= last) | (told > province.today) & (told <= last)
    lettered = np.isin(where.unit_2023[commune], lettered_units(PROFILES, FILES["profiles"], province.seed))
    facts = writer.facts(life.person, np.ones(len(life.person), dtype=bool), home)
    return planned(province, PROFILES, cells, cell, life.entered, values).knowing(
        **facts,
        unicode=~lettered,
        loose=~comes,
        unassisted=~province.assisted[life.person] & (life.groups == "") & facts["numbered"],
    )
