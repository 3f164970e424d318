"""The demo's one writer: what a value of a declared field becomes at the source, and which systems the province plays."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from demo.lives.province import Province
from demo.people.dates import NEVER
from demo.systems import system
from demo.writing import persons
from demo.writing.persons import Habits, Writer
from demo.writing.values import changed, columns, known, nonzero, written
from resources.settings import Settings
from schemas.column import Table
from schemas.dataset import Dataset
from schemas.registry import DATASETS, SOURCES, dataset_named
from schemas.vocabulary import Banked, Person, Placed
from tests.fixtures.played_systems import played_systems

HOUSEHOLDS = dataset_named("poverty.households")
MEMBERS = dataset_named("poverty.members")
PROFILES = dataset_named("meritorious_persons.profiles")
PAYMENTS = dataset_named("meritorious_persons.monthly_payments")


def held(dataset: Dataset, field: str, value: object) -> list[object]:
    return written(dataset.column(field), value, 3).to_pylist()  # ty: ignore[invalid-argument-type]


def test_a_value_takes_the_form_that_its_field_declares() -> None:
    some = np.array([True, False, True])
    assert held(MEMBERS, "identity_number", known(np.array([40_099_912_345, 1, 2]), some)) == [
        "040099912345",
        None,
        "000000000002",
    ]
    assert held(MEMBERS, "birth_date", np.array([0, NEVER, 19_723])) == ["1970-01-01", None, "2024-01-01"]
    assert held(MEMBERS, "has_health_insurance", some) == ["1", "0", "1"]
    assert held(HOUSEHOLDS, "is_without_labour", some) == [True, False, True]
    assert held(MEMBERS, "review_year", 2023) == [2023, 2023, 2023]
    assert held(MEMBERS, "birth_year", 1950) == ["1950", "1950", "1950"]
    assert held(HOUSEHOLDS, "score_b1", np.array([140, 5, 0])) == ["140", "5", "0"]
    assert held(HOUSEHOLDS, "score_b1", np.array([1.5, 2.0, 0.3])) == ["1.5", "2.0", "0.3"]
    assert held(HOUSEHOLDS, "previous_class_code", nonzero(np.array([0, 2, 9]))) == [None, "2", "9"]
    assert held(PROFILES, "category_code", np.array(["07A", "08", "TN.03"])) == ["07A", "08", "TN.03"]


def test_every_column_has_the_type_of_its_source() -> None:
    count, person = 4, np.arange(4)
    people = Province(5, 0.001).people
    rows = Writer(people, Habits("poverty", 0.1, 0.1, 0.1, 0.1, 0.1)).person(person, people.commune[:4], person)
    rows |= {"household_id": persons.household_ids(people, person), "review_year": 2024, "member_number": person}
    rows |= {
        "head_relation_code": 1,
        "schooling_code": 1,
        "employment_code": 1,
        "has_health_insurance": True,
        "is_disabled": False,
    }
    made = columns(MEMBERS, rows, count)
    types = {c.source_column: c.source_type for c in MEMBERS.columns}
    assert made.keys() == types.keys() and {len(a) for a in made.values()} == {count}
    assert {types[n] for n, a in made.items() if a.type == pa.string()} == {"text"}
    assert made["nam_ra_soat"].type == pa.int16() and made["ngay_cap_nhat_nguon"].type == pa.timestamp("us", tz="UTC")


def test_a_field_that_is_not_declared_or_not_given_is_named() -> None:
    with pytest.raises(ValueError, match=r"poverty\.members: .*'colour'.*'review_year'"):
        given = {c.name: 1 for c in MEMBERS.columns if c.name != "review_year"}
        columns(MEMBERS, {**given, "colour": 1}, 1)


def own(model: type[Table]) -> set[str]:
    """The fields that the vocabulary's class declares, with those it stands on."""
    return set(model.to_schema().columns)


def test_the_vocabulary_has_one_writer_for_each_shared_class() -> None:
    people = Province(5, 0.001).people
    at = np.arange(3)
    writer = Writer(people, Habits("poverty", 0.1, 0.1, 0.1, 0.1, 0.1))
    assert persons.placed(people, at).keys() == own(Placed)
    assert writer.person(at, at, at).keys() == own(Person)
    assert persons.account(at, writer.names(at), at >= 0, salt=1).keys() == own(Banked)


def test_a_later_change_is_told_in_the_words_of_the_source() -> None:
    day = np.array([20_050])
    key = {"profile_id": pa.array(["NA/TB-000001"]), "month": np.array([20_028])}
    (change,) = changed(PAYMENTS, day, key, {"is_received": True, "received_date": day})
    assert change.table == "ncc_chi_tra" and change.day == 20_050
    assert change.key == {"ma_ho_so_ncc": "NA/TB-000001", "thang": "2024-11-01"}
    assert change.values == {"da_nhan": True, "ngay_nhan": "2024-11-23"}
    json.dumps([change.key, change.values])


def test_a_declared_system_without_a_module_is_not_played() -> None:
    assert {s.source for s in played_systems()} <= set(SOURCES) and played_systems()
    assert system(replace(SOURCES[0], name="no_such_system")) is None


def test_the_settings_of_a_module_are_about_its_own_datasets() -> None:
    for found in played_systems():
        names = {d.name for d in DATASETS if d.source == found.source}
        assert set(getattr(found.module, "SENDING", {})) <= names


def test_what_the_province_does_not_play_has_no_address_in_the_demo_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_POVERTY_URL", raising=False)
    demo = Settings("demo", tmp_path)
    assert not demo.leaves_out("poverty")  # nothing is built: that is another failure, and a loud one
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "built.json").write_text(json.dumps({"systems": ["labour_employment"]}))
    assert demo.leaves_out("poverty") and not demo.leaves_out("labour_employment")
    assert demo.source_url("poverty") is None
    assert not Settings("production", tmp_path).leaves_out("poverty")
    monkeypatch.setenv("SOURCE_POVERTY_URL", "postgresql+psycopg2://reader@host/db")
    assert not demo.leaves_out("poverty") and demo.source_url("poverty")
