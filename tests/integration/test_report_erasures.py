"""A person who is erased after a form was filed: no correction tells what that person was counted as."""

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from assets.reports import filing
from assets.reports.filing import submit
from assets.reports.form import Form
from assets.reports.forms import form_named
from assets.reports.night import file_due
from resources.reporting.sending import send_waiting
from resources.warehouse.persons import person_rows
from resources.warehouse.persons.person_rows import Taken
from resources.warehouse.published import submissions
from resources.warehouse.published.submissions import Submission
from schemas.dataset import PROVINCE
from schemas.persons import NUMBER, places_of
from tests.integration.report_hub import GatewayProcess, SmallHub, at

AS_T, AS_N = form_named("AS-T"), form_named("AS-N")
DUE = at("2024-10-22 02:00")
JOBS, MERIT = "labour_employment.jobs_created", "meritorious_persons.monthly_payments"
ERASED, ALSO = "040190123456", "040190123457"
STARTED = {"started_date": dt.date(2024, 10, 3), "district": "412"}


@pytest.fixture(autouse=True)
def _parties(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of a place: the same sender and receiver after 1 March 2025."""
    known = filing.organisation
    monkeypatch.setattr(filing, "organisation", lambda role, on: dataclasses.replace(known(role, dt.date(2024, 11, 1))))


@pytest.fixture
def filed(hub: SmallHub, gateway: GatewayProcess) -> Submission:
    """October: final, locked, and looked at after its lock."""
    hub.month(DUE)
    hub.load(JOBS, "2024-10", PROVINCE, [STARTED | {"identity_number": n} for n in (ERASED, ALSO)] + [STARTED], DUE)
    for day in ("2024-10-22", "2024-10-25", "2024-12-01", "2025-03-25"):
        night(hub, gateway, day)
    (only,) = of(hub)
    assert only.maturity == "final" and jobs_of(only)["412", None, None] == "4"
    return only


def night(hub: SmallHub, gateway: GatewayProcess, day: str, form: Form = AS_T, period: str = "2024-10") -> list[Submission]:
    now = at(f"{day} 02:00")
    hub.read(now)
    result = file_due(hub.engine, gateway.client(), now, form, [period], mode="automatic")
    assert result.failed == {}
    return result.composed


def of(hub: SmallHub) -> list[Submission]:
    with hub.engine.connect() as connection:
        return submissions.listed(connection, "AS-T", "2024-10")


def jobs_of(submission: Submission) -> dict[tuple[Any, ...], str]:
    told = [(x["phan_to"], x["gia_tri"]) for x in submission.payload["so_lieu"] if x["ma_chi_tieu"] == "LD05"]
    return {(split["don_vi"], split.get("kenh"), split.get("gioi_tinh")): value for split, value in told}


def erase(hub: SmallHub, number: str, now: dt.datetime) -> None:
    place = next(p for p in places_of("labour_employment") if p.dataset.id == JOBS)
    with hub.engine.begin() as connection:
        taken = Taken()
        person_rows.take_out(connection, place, lambda kind: [number] if kind == NUMBER else [], lambda _: None, now, taken)
    assert taken.counts["current"] == 1


def test_an_erasure_files_no_correction_of_a_locked_month(hub: SmallHub, gateway: GatewayProcess, filed: Submission) -> None:
    erase(hub, ERASED, at("2025-04-02 09:00"))
    for day in ("2025-04-03", "2025-04-25", "2025-05-25"):
        assert night(hub, gateway, day) == []
    assert of(hub) == [dataclasses.replace(filed, asked_at=of(hub)[0].asked_at)]


def test_a_correction_for_another_reason_leaves_what_was_counted_of_the_erased(
    hub: SmallHub, gateway: GatewayProcess, filed: Submission
) -> None:
    erase(hub, ERASED, at("2025-04-02 09:00"))
    hub.by_hand(MERIT, "2024-10", "412", [{}, {}], at("2025-04-03 09:00"), "Nộp bổ sung", "Trần Thử")
    (corrected,) = night(hub, gateway, "2025-04-04")
    assert jobs_of(corrected) == jobs_of(filed) and "LD05" not in (corrected.reason or "")
    erase(hub, ALSO, at("2025-04-05 09:00"))
    hub.by_hand(MERIT, "2024-10", "412", [{}, {}, {}], at("2025-04-06 09:00"), "Nộp bổ sung lần hai", "Trần Thử")
    (again,) = night(hub, gateway, "2025-04-07")
    assert jobs_of(again) == jobs_of(filed) and (again.revision, of(hub)[-1].status) == (3, "received")


def test_what_becomes_final_after_an_erasure_is_what_was_provisional(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE, but=("415",))
    hub.load(JOBS, "2024-10", PROVINCE, [STARTED | {"identity_number": ERASED, "channel_code": 3}, STARTED], DUE)
    (first,) = night(hub, gateway, "2024-10-22")
    erase(hub, ERASED, at("2024-10-22 09:00"))
    for name in (MERIT, "social_protection.monthly_payments"):
        hub.load(name, "2024-10", "415", [{}], at("2024-10-22 10:00"))
    (last,) = night(hub, gateway, "2024-10-23")
    assert (first.maturity, last.maturity) == ("provisional", "final")
    assert jobs_of(last) == jobs_of(first) and jobs_of(first)["412", "3", None] == "1"
    assert {x["tinh_chat"] for x in last.payload["so_lieu"]} == {"chinh_thuc"}


def test_an_officer_who_asks_gets_no_correction_of_it_either(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    hub.load(JOBS, "2024-10", PROVINCE, [STARTED | {"identity_number": ERASED}, STARTED], DUE)
    night(hub, gateway, "2024-10-22")
    erase(hub, ERASED, at("2024-10-23 09:00"))
    with pytest.raises(filing.NothingToFile):
        submit(hub.engine, AS_T, "2024-10", at("2024-10-24 09:00"), mode="automatic", by="Trần Thử", reason="Rà soát")


def test_a_list_that_came_anew_is_counted_as_it_is(hub: SmallHub, gateway: GatewayProcess, filed: Submission) -> None:
    erase(hub, ERASED, at("2025-04-02 09:00"))
    hub.by_hand(JOBS, "2024-10", PROVINCE, [STARTED] * 7, at("2025-04-03 09:00"), "Danh sách mới", "Trần Thử")
    (corrected,) = night(hub, gateway, "2025-04-04")
    send_waiting(hub.engine, gateway.client(), at("2025-04-04 03:00"), at_once=True)
    assert jobs_of(corrected)["412", None, None] == "8"
    with hub.engine.connect() as connection:
        rows = connection.execute(
            sa.text("select rows_accepted from ops.cells where dataset = 'jobs_created' and period = '2024-10'")
        )
        assert rows.scalar_one() == 7


def merit_of(submission: Submission, code: str = "NCC02") -> dict[tuple[str, str | None], str]:
    told = [(x["phan_to"], x["gia_tri"]) for x in submission.payload["so_lieu"] if x["ma_chi_tieu"] == code]
    return {(split["don_vi"], split.get("loai") or split.get("gioi_tinh")): value for split, value in told}


def erase_file(hub: SmallHub, profile: str, now: dt.datetime) -> None:
    """A person of whom a payment list holds the number of the file alone."""
    place = next(p for p in places_of("meritorious_persons") if p.dataset.id == MERIT)
    with hub.engine.begin() as connection:
        taken, told = Taken(), {tells: [profile] for _, tells in place.keys}
        person_rows.take_out(connection, place, lambda kind: told.get(kind, []), lambda _: None, now, taken)
    assert taken.counts["current"] == 1


@pytest.fixture
def paid(hub: SmallHub, gateway: GatewayProcess) -> Submission:
    """October: final. Of a unit two are paid, of whom one, the only one of a category in the province, is erased then."""
    hub.month(DUE)
    hub.load("meritorious_persons.profiles", "now", "413", [{"profile_id": "GONE", "category_code": "02"}], DUE)
    hub.load(MERIT, "2024-10", "413", [{}, {"profile_id": "GONE", "amount_vnd": 7_000_000}], DUE)
    (first,) = night(hub, gateway, "2024-10-22")
    assert merit_of(first)["413", None] == "9.789"
    erase_file(hub, "GONE", at("2024-10-23 09:00"))
    return first


def test_another_units_correction_tells_nothing_of_who_was_erased(
    hub: SmallHub, gateway: GatewayProcess, paid: Submission
) -> None:
    """The unit's line stands; the province's is more by what the other sent, and still what the units come to."""
    hub.by_hand(MERIT, "2024-10", "412", [{}, {}, {}], at("2024-10-24 09:00"), "Nộp bổ sung", "Trần Thử")
    (corrected,) = night(hub, gateway, "2024-10-25")
    before, after = merit_of(paid), merit_of(corrected)
    of_others = [{k: v for k, v in told.items() if k[0] not in ("412", PROVINCE)} for told in (before, after)]
    assert of_others[0] == of_others[1] and before.keys() == after.keys()
    assert Decimal(after[PROVINCE, None]) - Decimal(before[PROVINCE, None]) == Decimal("5.578")
    assert before[PROVINCE, "02"] == after[PROVINCE, "02"] == "7.000"
    for by in {by for _, by in after}:
        of_units = sum(Decimal(value) for (unit, kind), value in after.items() if unit != PROVINCE and kind == by)
        assert of_units == Decimal(after[PROVINCE, by])
    assert night(hub, gateway, "2024-10-26") == []


def test_what_stood_of_a_unit_stands_in_the_next_correction_too(hub: SmallHub, gateway: GatewayProcess, paid: Submission) -> None:
    for number, day in ((3, "2024-10-25"), (5, "2024-10-27")):
        hub.by_hand(MERIT, "2024-10", "412", [{}] * number, at(f"{day} 01:00"), f"Lần {number}", "Trần Thử")
        (corrected,) = night(hub, gateway, day)
    assert merit_of(corrected)["413", None] == merit_of(paid)["413", None] == "9.789"
    more = Decimal(merit_of(corrected)[PROVINCE, None]) - Decimal(merit_of(paid)[PROVINCE, None])
    assert more == 4 * Decimal("2.789")


def test_a_unit_that_sent_anew_is_counted_anew(hub: SmallHub, gateway: GatewayProcess, paid: Submission) -> None:
    hub.by_hand(MERIT, "2024-10", "413", [{}, {}], at("2024-10-24 09:00"), "Danh sách mới", "Trần Thử")
    (corrected,) = night(hub, gateway, "2024-10-25")
    assert merit_of(corrected)["413", None] == "5.578"


# In a row of somebody else ---------------------------------------------------------------------------------------------------


HOUSEHOLDS = "poverty.households"


def by_ethnicity(submission: Submission) -> dict[tuple[str, str | None], str]:
    told = [(x["phan_to"], x["gia_tri"]) for x in submission.payload["so_lieu"] if x["ma_chi_tieu"] == "HN01"]
    return {(split["don_vi"], split.get("dan_toc")): value for split, value in told if len(split) == 1 or "dan_toc" in split}


@pytest.fixture
def reviewed(hub: SmallHub, gateway: GatewayProcess) -> Submission:
    """The review of 2023: final. The head of the one household of an ethnicity is erased then; the household stays."""
    now = at("2024-01-15 01:00")
    for name, rows in (
        (HOUSEHOLDS, ({}, {})),
        ("poverty.review_results", ({"poor_count": 2},)),
        ("labour_employment.workers", ({},)),
    ):
        hub.load_all(name, "2023", now, rows)
    hub.load(HOUSEHOLDS, "2023", "413", [{}, {"head_identity_number": ERASED, "head_ethnicity_code": "04"}], now)
    (first,) = night(hub, gateway, "2024-01-15", AS_N, "2023")
    assert by_ethnicity(first)["413", "04"] == by_ethnicity(first)[PROVINCE, "04"] == "1"
    place, taken = next(p for p in places_of("poverty") if p.dataset.id == HOUSEHOLDS), Taken()
    with hub.engine.begin() as connection:
        told = {NUMBER: [ERASED]}
        person_rows.take_out(connection, place, lambda kind: told.get(kind, []), lambda _: None, at("2024-01-16 09:00"), taken)
    assert taken.counts["beside"] == 1
    held = "select head_name, head_identity_number, head_ethnicity_code from core.poverty_households where unit_code = '413'"
    assert ("ĐÃ XÓA", None, None) in [tuple(row) for row in hub.rows(held)]
    return first


def test_the_head_of_a_household_tells_no_ethnicity_by_going(
    hub: SmallHub, gateway: GatewayProcess, reviewed: Submission
) -> None:
    hub.by_hand(HOUSEHOLDS, "2023", "412", [{}, {}, {}], at("2024-01-17 09:00"), "Nộp bổ sung", "Trần Thử")
    (corrected,) = night(hub, gateway, "2024-01-18", AS_N, "2023")
    before, after = by_ethnicity(reviewed), by_ethnicity(corrected)
    moved = {key: (before.get(key), value) for key, value in after.items() if before.get(key) != value}
    assert moved == {("412", "01"): ("2", "3"), (PROVINCE, "01"): ("41", "42")} and before.keys() == after.keys()


def test_the_head_of_a_household_is_no_reason_to_file_again(hub: SmallHub, gateway: GatewayProcess, reviewed: Submission) -> None:
    for day in ("2024-01-17", "2024-01-25", "2024-02-25", "2024-03-01"):
        assert night(hub, gateway, day, AS_N, "2023") == []
