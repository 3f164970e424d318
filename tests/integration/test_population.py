"""The population check on a real warehouse against a real HTTP server: whom it asks about, what it keeps, what it finds, how it ends."""

import datetime as dt
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assets.population.check import Run, check
from resources.failing import Failure
from resources.hub import Hub
from resources.population.agreement import CODES
from resources.population.failures import (
    PopulationAnswerForeign,
    PopulationBusy,
    PopulationGarbled,
    PopulationNotLetIn,
    PopulationRefused,
    PopulationRunning,
    PopulationSaysNothing,
    PopulationSecretOther,
    PopulationUnfounded,
    PopulationUnreachable,
)
from resources.warehouse.persons import population
from resources.warehouse.persons.population import Left
from resources.warehouse.quarantine import open_rows, standing
from resources.warehouse.quarantine.open_rows import Chosen
from schemas.registry import source_named
from tests.fixtures.population_service import Asked, Instead, Service, population_service
from tests.integration.report_hub import SmallHub, at
from tests.integration.warm import warm

PROJECT = Path(__file__).resolve().parents[2]
MERIT, MERIT_LIST = "meritorious_persons.profiles", "meritorious_persons.monthly_payments"
AID, AID_LIST = "social_protection.beneficiaries", "social_protection.monthly_payments"
UNIT = "415"
BEFORE = at("2024-11-01 02:00")
MARK = "ZZLEAKZZ"


@pytest.fixture(scope="module")
def standing_service() -> Iterator[Service]:
    with population_service() as made:
        yield made


@pytest.fixture
def service(standing_service: Service, hub: SmallHub, home: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    """The service as it was made, a hub that asks it, and a warehouse in which nobody was asked about."""
    standing_service.known, standing_service.calls, standing_service.headers = {}, [], []
    standing_service.tokens, standing_service.token_life, standing_service.instead = 0, 300, lambda call: None
    with hub.engine.begin() as connection:
        for table in (
            "ops.population_checks",
            "ops.population_calls",
            "ops.population_secret",
            "quarantine.remarks",
            "ops.standing",
        ):
            connection.exec_driver_sql(f"delete from {table}")
    for name, value in {
        "ANSINH_HOME": str(home),
        "ANSINH_TODAY": "2024-11-20",
        "POPULATION_URL": standing_service.url,
        "POPULATION_CLIENT_ID": "thu",
        "POPULATION_CLIENT_SECRET": "mat-khau-thu",
    }.items():
        monkeypatch.setenv(name, value)
    return standing_service


def number(n: int) -> str:
    return f"0400509{n:05d}"


def person(n: int, **more: Any) -> dict[str, Any]:
    return {"identity_number": number(n), "full_name": f"Nguyễn Văn {MARK} {n}", "birth_date": dt.date(1950, 3, 7)} | more


def right(n: int) -> tuple[str, str]:
    return f"NGUYỄN VĂN {MARK} {n}", "1950-03-07"


def register(hub: SmallHub, name: str, people: dict[str, dict[str, Any]], when: dt.datetime = BEFORE) -> None:
    """Persons by the key of their row."""
    key = "profile_id" if name == MERIT else "beneficiary_id"
    hub.load(name, "now", UNIT, [{key: k} | row for k, row in people.items()], when)


def pay(hub: SmallHub, name: str, keys: list[str], period: str = "2024-10") -> None:
    key = "profile_id" if name == MERIT_LIST else "beneficiary_id"
    hub.load(name, period, UNIT, [{key: k} for k in keys], BEFORE)


def run(most: int | None = None, day: str | None = None, **how: Any) -> Run:
    if day:
        os.environ["ANSINH_TODAY"] = day  # what a test sets is undone after it
    return check(Hub.open(), most, **how)


def kept(hub: SmallHub) -> dict[str, int]:
    return dict(tuple(r) for r in hub.rows("select outcome, count(*) from ops.population_checks group by 1"))


def found(hub: SmallHub) -> set[tuple[str, str]]:
    """The open findings: row key, rule."""
    rows = hub.rows("select row_key, rule from quarantine.remarks where resolved_at is null and over_set and kind = 'warning'")
    return {tuple(r) for r in rows}


def calls(hub: SmallHub) -> list[tuple[int, str | None, int | None]]:
    return [tuple(r) for r in hub.rows("select persons, outcome, answered from ops.population_calls order by id")]


MATCHES, KNOWN = "matches_population_database", "known_to_population_database"


def test_findings_stand_beside_every_row_of_a_person_and_nothing_that_was_asked_is_kept(hub: SmallHub, service: Service) -> None:
    register(hub, MERIT, {"P1": person(1), "P2": person(2), "P3": person(3), "P4": {"identity_number": None}})
    register(hub, AID, {"B1": person(2), "B3": person(3, birth_date=None), "B9": person(9, entitled_until=dt.date(2024, 11, 20))})
    service.known = {number(1): right(1), number(2): ("NGƯỜI KHÁC", "1950-03-07")}
    counted = "select source, dataset, rows_received, rows_accepted, rows_rejected from ops.cells order by 1, 2"
    cells = hub.rows(counted)
    done = run()
    assert (done.calls, done.answered, done.failure, done.left) == (1, 4, None, Left(0, 0))
    assert sorted(service.persons) == [number(1), number(2), number(3), number(3)], "one person once; of another birth another"
    assert found(hub) == {("P2", MATCHES), ("B1", MATCHES), ("P3", KNOWN), ("B3", KNOWN)}
    assert {d.id for d in done.changed} == {MERIT, AID}
    assert hub.rows(counted) == cells, "nothing is rejected by it"
    assert hub.rows("select sum(rows_warned) from ops.cells")[0][0] == 4
    with hub.engine.connect() as connection:
        assert {(s.rule, s.weight, s.rows) for s in standing.read(connection, "meritorious_persons")} == {
            (MATCHES, "identity", 1),
            (KNOWN, "identity", 1),
        }
        sent_back = open_rows.warned(connection, Chosen([source_named("meritorious_persons")], UNIT, "now"))
        assert {(w.row_key, w.value) for w in sent_back} == {("P2", number(2)), ("P3", number(3))}
    asked = {p["HoVaTen"]: p for p in service.calls[0]}[right(1)[0]]
    assert asked.keys() == {"MaYeuCau", "MaDVC", "MaTichHop", "MaDonVi", "MaCanBo", "SoDinhDanh", "HoVaTen", "NgayThangNamSinh"}
    assert {p["NgayThangNamSinh"] for p in service.calls[0] if p["SoDinhDanh"] == number(3)} == {"1950", "1950-03-07"}
    assert service.headers[0]["Authorization"] == "Bearer token-1" and service.headers[0]["lgspaccesstoken"]
    tables = [r[0] for r in hub.rows("select tablename from pg_tables where schemaname = 'ops'")]
    for table in [*(f"ops.{t}" for t in tables), "quarantine.remarks"]:
        text = f"select count(*) from {table} t where t::text ~ :m"
        assert hub.rows(text, m=f"{MARK}|NGƯỜI KHÁC|{number(0)[:7]}|1950-03-07") == [(0,)], table
    [logged] = hub.rows("select * from ops.population_calls")
    assert (
        logged.transaction_id == service.headers[0]["TRAN_CODE"] and logged.purpose and logged.legal_basis and logged.officer_code
    )
    assert all(p["MaYeuCau"].startswith(logged.transaction_id.replace("-", "")) for p in service.calls[0])

    before = (
        hub.rows("select * from ops.population_checks order by 1"),
        hub.rows("select id, first_seen from quarantine.remarks order by 1"),
    )
    again = run()
    assert (again.calls, again.changed) == (0, [])
    assert before == (
        hub.rows("select * from ops.population_checks order by 1"),
        hub.rows("select id, first_seen from quarantine.remarks order by 1"),
    )


def test_a_corrected_name_is_asked_about_anew_and_a_later_match_resolves_the_finding(hub: SmallHub, service: Service) -> None:
    register(hub, MERIT, {"P1": person(1, full_name="Nguyễn Sai"), "P2": person(2)})
    service.known = {number(1): right(1), number(2): right(2)}
    run()
    assert found(hub) == {("P1", MATCHES)}
    register(hub, MERIT, {"P1": person(1), "P2": person(2)}, at("2024-11-20 08:00"))
    done = run(most=0)
    assert done.calls == 0 and found(hub) == set() and kept(hub) == {"match": 1}, "what was said was said of another name"
    assert run().answered == 1 and found(hub) == set() and kept(hub) == {"match": 2}
    register(hub, MERIT, {"P2": person(2)}, at("2024-11-20 09:00"))
    run()
    assert kept(hub) == {"match": 1}, "of whom no row speaks nothing is kept"
    assert not hub.rows("select * from quarantine.remarks"), "nor that it once did not match"


def test_the_most_useful_are_asked_first_within_the_calls_of_a_day(
    hub: SmallHub, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POPULATION_DAILY_CALLS", "2")
    register(hub, MERIT, {f"P{n:03d}": person(n) for n in range(180)})
    register(hub, AID, {f"B{n:03d}": person(n) for n in range(200, 300)})
    pay(hub, AID_LIST, [f"B{n:03d}" for n in range(200, 230)], "2024-09")
    pay(hub, AID_LIST, [f"B{n:03d}" for n in range(210, 260)], "2024-10")
    service.known = {number(n): right(n) for n in range(300)}
    done = run()
    assert (done.calls, done.answered, done.left) == (2, 200, Left(0, 80))
    assert set(service.persons[:100]) > {number(n) for n in range(210, 260)}, "who stands on the last list"
    assert run().calls == 0, "a day has its calls"
    done = run(day="2024-11-21")
    assert (done.calls, done.answered, done.left) == (1, 80, Left(0, 0))
    assert len(service.persons) == len(set(service.persons)) == 280
    service.calls.clear()
    done = run(day="2025-05-19")
    assert (done.expired, done.calls, done.answered) == (200, 2, 200)
    assert set(service.persons[:100]) > {number(n) for n in range(210, 260)}, "who is paid comes first again"
    assert kept(hub) == {"match": 280}
    monkeypatch.setenv("POPULATION_DAILY_CALLS", "0")
    run(day="2025-05-20")
    assert kept(hub) == {"match": 200, "expired": 80}, "whose turn has not come is still known to have had one"
    assert hub.rows("select count(*) from ops.population_checks where outcome = 'expired' and request_id is not null") == [(0,)]
    monkeypatch.setenv("POPULATION_DAILY_CALLS", "2")
    assert run().answered == 80
    pay(hub, MERIT_LIST, ["P000"])
    register(hub, MERIT, {"P000": person(0), "P001": person(500)}, at("2025-05-20 08:00"))
    service.calls.clear()
    run(most=1, day="2025-05-21")
    assert service.persons == [number(500)], "who was answered is not asked about again"


def test_what_expires_is_forgotten_where_it_is_not_asked_anew(
    hub: SmallHub, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(hub, MERIT, {"P1": person(1)})
    run()
    assert found(hub) == {("P1", KNOWN)} and hub.rows("select expires_on from ops.population_checks") == [(dt.date(2025, 5, 19),)]
    monkeypatch.delenv("POPULATION_URL")
    done = run(day="2025-05-18")
    assert not done.is_granted and found(hub) == {("P1", KNOWN)}, "without access what is known stands until it expires"
    done = run(day="2025-05-19")
    assert done.expired == 1 and kept(hub) == {} and found(hub) == set() and len(calls(hub)) == 1
    assert not hub.rows("select * from quarantine.remarks"), "nor does a finding that stands no more say what was said"
    assert run(day="2025-05-20") == Run(is_granted=False), "there is nothing more to forget"


def test_without_access_nothing_is_done_and_no_secret_is_made(
    hub: SmallHub, service: Service, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POPULATION_URL")
    (home / "secrets" / "population").unlink(missing_ok=True)
    register(hub, MERIT, {"P1": person(1)})
    assert run() == Run(is_granted=False)
    assert not (home / "secrets" / "population").exists() and kept(hub) == {} and calls(hub) == []


def test_without_a_purpose_or_by_another_secret_nobody_is_asked(
    hub: SmallHub, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(hub, MERIT, {"P1": person(1)})
    with monkeypatch.context() as of_a_department:  # the demo has a purpose of its own
        of_a_department.setenv("ANSINH_PROFILE", "production")
        for name in CODES:
            of_a_department.setenv(name, "MA1")
        of_a_department.setenv("POPULATION_PURPOSE", " ")
        with pytest.raises(PopulationUnfounded, match="POPULATION_PURPOSE, POPULATION_LEGAL_BASIS"):
            run()
    run()
    monkeypatch.setenv("POPULATION_DIGEST_SECRET", bytes(range(32, 64)).hex())
    with pytest.raises(PopulationSecretOther):
        run()
    assert found(hub) == {("P1", KNOWN)} and kept(hub) == {"unknown": 1} and len(calls(hub)) == 1
    with hub.engine.begin() as connection:
        assert population.forget(connection, at("2024-11-20 12:00")) == 1
    assert found(hub) == set() and len(calls(hub)) == 1, "the log of the calls stays"
    assert not hub.rows("select * from quarantine.remarks")
    assert run().answered == 1


def says(status: int, body: bytes, **headers: str) -> Instead:
    return lambda asked: (status, body, headers)


def foreign(asked: Asked) -> tuple[int, bytes, dict[str, str]]:
    return (
        200,
        Service.said([{"MaYeuCau": "0" * 36, "KetQua": "0"}, *({"MaYeuCau": p["MaYeuCau"], "KetQua": "0"} for p in asked)]),
        {},
    )


ENDS: dict[str, tuple[Instead, type[Failure], int]] = {
    "busy": (says(503, b""), PopulationBusy, 2),
    "over its quota until tomorrow": (says(429, b"", **{"Retry-After": "86400"}), PopulationBusy, 1),
    "a page": (says(200, b"<html>" + MARK.encode()), PopulationGarbled, 2),
    "half a body": (says(200, b'{"error_code": "00", "data": ['), PopulationGarbled, 2),
    "too much": (says(200, b"[" * 300_000), PopulationGarbled, 2),
    "too deep": (says(200, b"[" * 100_000), PopulationGarbled, 2),
    "no list": (says(200, b'{"error_code": "00", "data": "' + MARK.encode() + b'"}'), PopulationGarbled, 2),
    "not let in": (says(403, b'{"error_code": "-1"}'), PopulationNotLetIn, 1),
    "an answer to somebody else": (foreign, PopulationAnswerForeign, 1),
    "a refusal": (says(400, b'{"error_code": "-1", "message": "' + MARK.encode() + b'"}'), PopulationRefused, 2),
    "a refusal with 200": (says(200, b'{"error_code": "7", "data": []}'), PopulationRefused, 2),
    "nothing of anybody": (says(200, b'{"error_code": "00", "data": []}'), PopulationSaysNothing, 2),
}


@pytest.mark.parametrize("how", ENDS)
def test_what_a_service_does_is_told_by_its_kind_and_stops_the_asking_alone(
    hub: SmallHub, service: Service, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    """The first batch is answered; what comes then is said from the second on."""
    instead, kind, times = ENDS[how]
    register(hub, MERIT, {f"P{n:03d}": person(n) for n in range(400)})
    service.instead = lambda call: instead if call > 1 else None
    with caplog.at_level("INFO"):
        done = run()
    assert type(done.failure) is kind and done.calls == 1 + times
    assert found(hub) == {(f"P{n:03d}", KNOWN) for n in range(100)}, "what was answered stands"
    by_outcome = kept(hub)
    assert by_outcome.pop("unknown") == 100 and by_outcome == (
        {"unanswered": 200} if kind in (PopulationRefused, PopulationSaysNothing) else {}
    )
    assert calls(hub) == [(100, "answered", 100), *[(100, kind.__name__, 0)] * times]
    told = str(done.failure) + caplog.text
    assert MARK not in told and number(0)[:7] not in told
    service.instead = lambda call: None
    done = run()
    assert done.failure is None and len(found(hub)) == kept(hub)["unknown"] == (200 if by_outcome else 400)


def test_a_batch_that_the_service_cannot_take_keeps_nobody_waiting(hub: SmallHub, service: Service) -> None:
    register(hub, MERIT, {f"P{n:03d}": person(n) for n in range(300)})
    service.instead = lambda call: says(400, b'{"error_code": "-1"}') if call == 1 else None
    done = run()
    assert done.failure is None and done.calls == 3 and kept(hub) == {"unknown": 200, "unanswered": 100}
    assert run().calls == 0, "who was refused waits a week"
    assert run(day="2024-11-27").answered == 100 and kept(hub) == {"unknown": 300}


def test_a_token_that_ends_between_two_calls_is_renewed(hub: SmallHub, service: Service) -> None:
    register(hub, MERIT, {f"P{n:03d}": person(n) for n in range(200)})
    service.instead = lambda call: says(401, b"") if call == 2 else None
    done = run()
    assert done.failure is None and (done.calls, done.answered, service.tokens) == (3, 200, 2)
    assert [outcome for _, outcome, _ in calls(hub)] == ["answered", "PopulationTokenEnded", "answered"]


def test_a_new_token_that_is_refused_as_the_old_one_was_is_no_matter_of_tokens(hub: SmallHub, service: Service) -> None:
    register(hub, MERIT, {"P1": person(1)})
    service.instead = lambda call: says(403, b"")
    assert isinstance(run().failure, PopulationNotLetIn) and service.tokens == 2
    assert [outcome for _, outcome, _ in calls(hub)] == ["PopulationTokenEnded", "PopulationNotLetIn"]


def test_nobody_there_is_told_and_the_findings_stand(hub: SmallHub, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    register(hub, MERIT, {"P1": person(1)})
    run()
    register(hub, AID, {"B1": person(1), "B2": person(2)})
    monkeypatch.setenv("POPULATION_URL", "http://127.0.0.1:9")
    done = run()
    assert isinstance(done.failure, PopulationUnreachable) and done.calls == 0, "nobody was asked about, so no call is used up"
    assert found(hub) == {("P1", KNOWN), ("B1", KNOWN)}, "of a person who was answered for, a new row is warned of at once"


def test_a_run_has_an_end_however_slow_the_service(hub: SmallHub, service: Service) -> None:
    register(hub, MERIT, {f"P{n:03d}": person(n) for n in range(300)})
    ends = threading.Event()

    def slow(asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        ends.wait(1)
        return 200, service.truth(asked), {}

    service.instead = lambda call: slow
    done = run(longest=0.5)
    assert (done.calls, done.answered, done.failure) == (1, 100, None) and len(found(hub)) == 100


def test_a_run_that_is_killed_is_gone_on_with_and_the_call_it_was_in_counts(hub: SmallHub, service: Service) -> None:
    register(hub, MERIT, {f"P{n:03d}": person(n) for n in range(250)})
    reached, over = threading.Event(), threading.Event()

    def hold(asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        reached.set()
        over.wait(60)
        return 200, service.truth(asked), {}

    service.instead = lambda call: hold if call == 2 else None
    code = "from assets.population.check import check; from resources.hub import Hub; check(Hub.open())"
    process = warm().start("tests.integration.script", (code,), os.environ)
    try:
        assert reached.wait(60)
        with pytest.raises(PopulationRunning):
            run()
    finally:
        process.kill()
        process.wait(30)
        over.set()
    assert calls(hub) == [(100, "answered", 100), (100, None, None)] and kept(hub) == {"unknown": 100} and found(hub) == set()
    service.instead = lambda call: None
    for _ in range(200):  # the server finds out that its client is gone
        try:
            done = run()
            break
        except PopulationRunning:
            time.sleep(0.05)
    assert done.failure is None and (done.calls, done.answered) == (2, 150) and len(found(hub)) == 250
    answered = [p["SoDinhDanh"] for n, call in enumerate(service.calls) for p in call if n != 1]
    assert len(answered) == len(set(answered)) == 250
