"""The population check without a server: whom it is about, how a person is asked, what of an answer is believed."""

import datetime as dt
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resources.failing import Failure
from resources.failures import SettingWrong
from resources.population import answers
from resources.population.agreement import CODES, WORDS, agreement
from resources.population.client import client
from resources.population.failures import (
    PopulationAnswerForeign,
    PopulationCodesMissing,
    PopulationGarbled,
    PopulationLoginMissing,
    PopulationUnfounded,
)
from resources.population.persons import LONGEST, Person, Secret
from resources.settings import Settings
from schemas import population
from schemas.codes import CONFIDENCES
from schemas.population import FINDINGS, registers
from schemas.registry import DATASETS
from schemas.weights import weight

DAY = dt.date(2024, 11, 20)
SERVICE = population.service(DAY)
assert SERVICE is not None
ASKED = ["a-1", "a-2", "a-3"]


def said(*results: object) -> dict[str, object]:
    return {"error_code": "00", "data": [{"MaYeuCau": i, "KetQua": r} for i, r in results]}  # ty: ignore[not-iterable]


def test_registers_of_persons_are_found_by_their_fields_with_the_lists_that_pay_them() -> None:
    found = {r.dataset.id: [p.id for p in r.lists] for r in registers()}
    assert found["meritorious_persons.profiles"] == ["meritorious_persons.monthly_payments"]
    assert found["social_protection.beneficiaries"] == ["social_protection.monthly_payments"]
    assert all(d.kind == "register" for d in DATASETS if d.id in found), "a survey is not asked about"


def test_what_is_found_warns_of_an_identity_in_words_and_under_a_name_of_its_own() -> None:
    for register, finding in itertools.product(registers(), FINDINGS):
        dataset = register.dataset
        assert finding.name not in {r.name for r in (*dataset.rules, *dataset.set_rules)}
        assert dataset.column(finding.column) and weight(dataset, finding.name) == "identity"
        assert finding.message.endswith(f"({finding.legal}).") and "không dừng chi trả" in finding.message


def test_one_service_holds_at_a_time() -> None:
    lines = sorted(population.services(), key=lambda s: s.valid_from)
    assert lines[-1].valid_to is None and population.service(dt.date(2023, 12, 31)) is None
    for before, after in itertools.pairwise(lines):
        assert before.valid_to and before.valid_to < after.valid_from
    for line in lines:
        assert line.confidence in CONFIDENCES and line.kept_days > 0 and 1 <= line.persons_a_call <= 100
        assert {outcome for _, outcome in line.outcomes} == {"match", "mismatch", "unknown"}


@pytest.mark.parametrize("results", [[("a-1", "1"), ("a-2", "0"), ("a-3", "2")], [("a-3", 2), ("a-1", 1), ("a-2", 0)]])
def test_results_are_read_by_their_request_in_any_order_as_text_or_number(results: list[tuple[str, object]]) -> None:
    assert answers.results("w", said(*results), ASKED, SERVICE) == {"a-1": "match", "a-2": "mismatch", "a-3": "unknown"}


@pytest.mark.parametrize(
    "results",
    [
        [],
        [("a-1", "1"), ("a-1", "1")],
        [("a-1", "1"), ("a-1", "0")],
        [("a-1", "9")],
        [("a-1", None)],
        [("a-1", True)],
        [("a-1", 1.0)],
        [("a-1", ["1"])],
        [("a-1", "1" * 9)],
        [("a-1", " 1")],
    ],
)
def test_what_is_missing_doubled_or_in_an_unknown_code_is_not_guessed_at(results: list[tuple[str, object]]) -> None:
    told = answers.results("w", said(*results, ("a-2", "1")), ASKED, SERVICE)
    assert told == {"a-1": "unanswered", "a-2": "match", "a-3": "unanswered"}


def test_a_result_of_somebody_else_spoils_the_answer() -> None:
    with pytest.raises(PopulationAnswerForeign):
        answers.results("w", said(("a-1", "1"), ("b-1", "1")), ASKED, SERVICE)


@pytest.mark.parametrize(
    "content",
    [None, [], "x", {}, {"data": None}, {"data": {}}, {"data": [1]}, {"data": [{}]}, {"data": [{"MaYeuCau": 7}]},
     said(("x" * 41, "1")), {"data": [{"MaYeuCau": "a-1", "KetQua": "1"}] * 1001}],
)  # fmt: skip
def test_what_is_no_list_of_results_is_garbled(content: object) -> None:
    with pytest.raises(PopulationGarbled):
        answers.results("w", content, ASKED, SERVICE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50) | st.sampled_from(["MaYeuCau", "a-1", "1"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["data", "MaYeuCau", "KetQua"]), inner),
    max_leaves=20,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSON)
def test_whatever_comes_a_match_is_told_only_where_it_was_said(content: object) -> None:
    try:
        told = answers.results("w", content, ASKED, SERVICE)
    except Failure as failure:
        assert "a-1" not in str(failure)
        return
    assert told.keys() == set(ASKED)
    assert "match" not in told.values() or '"KetQua"' in json.dumps(content)


def test_a_person_is_asked_about_in_composed_capitals_and_known_again_by_a_secret_alone() -> None:
    decomposed = ("040050990001", "Nguyễn  Văn Mẫu", "1950-03-07")
    person = Person.of(decomposed)
    assert person == Person("040050990001", "NGUYỄN VĂN MẪU", "1950-03-07") and "MẪU" not in repr(person)
    one, other = Secret(bytes(32)), Secret(bytes(range(32)))
    assert (
        one.digest(decomposed) == one.digest(("040050990001", "Nguyễn Văn Mẫu", "1950-03-07"))
        and len(one.digest(decomposed)) == 32
    )
    assert one.digest(decomposed) != other.digest(decomposed) and one.check != other.check and "00000000" not in repr(one)
    for changed in (("040050990002", "Nguyễn Văn Mẫu", "1950-03-07"), ("040050990001", "Nguyễn Văn Mẫu", "1950")):
        assert one.digest(changed) != one.digest(decomposed)
    assert Person.of(("040050990001", "ß" * 50, "1950")).can_be_asked_about
    assert not Person.of(("040050990001", "ß" * 51, "1950")).can_be_asked_about, "as capitals it is too long"


@pytest.fixture
def production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in CODES:
        monkeypatch.setenv(name, "X" * CODES[name])
    for name in WORDS:
        monkeypatch.setenv(name, "Đối chiếu người hưởng trợ cấp")
    return Settings("production", tmp_path)


def test_an_agreement_is_whole_or_nobody_is_asked(production: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed = agreement(production, SERVICE)
    assert len(agreed.unit_code) == LONGEST["MaDonVi"] and agreed.calls_a_day == SERVICE.calls_a_day
    monkeypatch.setenv("POPULATION_DAILY_CALLS", "7")
    assert agreement(production, SERVICE).calls_a_day == 7
    for name in (*CODES, *WORDS):
        with monkeypatch.context() as without:
            without.delenv(name)
            with pytest.raises(PopulationCodesMissing if name in CODES else PopulationUnfounded, match=name):
                agreement(production, SERVICE)


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, "X" * (longest + 1)) for name, longest in CODES.items()]
    + [("POPULATION_OFFICER_CODE", "Nguyễn A"), ("POPULATION_PURPOSE", "a\nb"), ("POPULATION_LEGAL_BASIS", "x" * 501)]
    + [("POPULATION_DAILY_CALLS", "-1"), ("POPULATION_DAILY_CALLS", "nhiều")],
)
def test_what_the_guide_does_not_allow_is_told_by_its_name_and_never_by_its_value(
    production: Settings, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingWrong, match=name) as told:
        agreement(production, SERVICE)
    assert value not in str(told.value)


def test_production_plays_no_agreement_and_has_no_secret_nor_address_of_itself(
    production: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert production.population_url() is None and production.population_secret() is None
    with pytest.raises(PopulationLoginMissing):
        client(production, SERVICE, agreement(production, SERVICE))
    monkeypatch.setenv("LGSP_CLIENT_ID", "chung")
    monkeypatch.setenv("LGSP_CLIENT_SECRET", "mat-khau-chung")
    assert _account(production) == ("chung", "mat-khau-chung")
    monkeypatch.setenv("POPULATION_CLIENT_ID", "rieng")
    monkeypatch.setenv("POPULATION_CLIENT_SECRET", "mat-khau-rieng")
    assert _account(production) == ("rieng", "mat-khau-rieng")
    for name in (*CODES, *WORDS):
        monkeypatch.delenv(name)
    with pytest.raises(PopulationCodesMissing):
        agreement(production, SERVICE)


def _account(settings: Settings) -> tuple[str, str]:
    found = client(settings, SERVICE, agreement(settings, SERVICE))
    return found.client_id, found.client_secret
