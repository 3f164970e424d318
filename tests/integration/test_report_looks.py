"""What a look at a form files and keeps, over a real warehouse; nothing is sent, and the receiver's answers are written down."""

import datetime as dt
from typing import Any

import pytest

from assets.reports.failures import NothingToFile, WaitsForApproval
from assets.reports.filing import BY_THE_SYSTEM, file_form, stirring, submit
from assets.reports.forms import form_named
from assets.reports.night import file_due
from resources.reporting import outbox
from resources.warehouse.published import submissions
from resources.warehouse.published.submissions import Answer, Submission
from tests.integration.report_hub import SmallHub, at

AS_T = form_named("AS-T")
DUE, DAY = at("2024-10-22 02:00"), dt.timedelta(days=1)  # AS-T 2024-10 is locked after 30 November, 2024-09 after 31 October
MERIT, ASSISTANCE = "meritorious_persons.monthly_payments", "social_protection.monthly_payments"
PROFILES = "meritorious_persons.profiles"
SAID = ("Vinh gửi lại danh sách", "Nguyễn Thử")


def look(hub: SmallHub, now: dt.datetime, *periods: str, **how: Any) -> list[Submission]:
    """A night, or a run that follows a backfill; the receiver takes what it files."""
    filed = file_due(hub.engine, None, now, AS_T, periods or ("2024-10",), **{"mode": "automatic"} | how)
    assert filed.failed == {}
    for submission in filed.composed:
        if submission.approved_by is not None:
            took(hub, submission, now)
    return filed.composed


def took(hub: SmallHub, submission: Submission, now: dt.datetime) -> None:
    answer = Answer(status="received", receipt=submission.transaction_id, receipt_detail={}, received_at=now, said=None)
    with hub.engine.begin() as connection:
        submissions.attempted(connection, submission, now)
        submissions.received(connection, submission, answer)


def filed(hub: SmallHub, *months: str, but: tuple[str, ...] = ()) -> None:
    """These months as they came on the due day, and reported."""
    for month in months or ("2024-10",):
        hub.month(DUE, period=month, but=but)
    assert len(look(hub, DUE, *(months or ("2024-10",)))) == len(months or ("2024-10",))


def test_a_run_that_follows_cells_takes_no_occasion_of_the_nights(hub: SmallHub) -> None:
    """By day it would file what moved by itself, and the night that has the occasion would find it taken."""
    filed(hub)
    hub.load(MERIT, "2024-10", "412", [{}, {}], DUE + DAY)
    looks, revision_day = "select * from ops.report_looks", at("2024-10-25 10:00")
    before = hub.rows(looks)
    assert look(hub, revision_day, follows=True) == [] == hub.rows(looks)[len(before) :]
    assert file_form(hub.engine, AS_T, "2024-10", revision_day, follows=True) is None and hub.rows(looks) == before
    [done] = look(hub, revision_day + dt.timedelta(hours=1))
    assert (done.reasons, done.composed_by) == ([], BY_THE_SYSTEM)


def test_a_look_at_one_month_has_not_seen_what_was_said_of_another(hub: SmallHub) -> None:
    filed(hub, "2024-09", "2024-10")
    hub.by_hand(MERIT, "2024-09", "412", [{}, {}], DUE + DAY, *SAID)
    assert look(hub, DUE + DAY, "2024-10") == []
    assert stirring(hub.engine, AS_T, ["2024-09", "2024-10"], DUE + DAY, follows=True) == ["2024-09"]
    [done] = look(hub, DUE + 2 * DAY, "2024-10", "2024-09")
    assert (done.period, done.reasons) == ("2024-09", [SAID[0]])


def test_what_was_said_before_the_first_filing_is_no_reason_of_it(hub: SmallHub) -> None:
    hub.month(DUE)
    hub.by_hand(MERIT, "2024-10", "412", [{}, {}], DUE, *SAID)
    assert look(hub, DUE, follows=True) == [], "a run that follows cells files nothing first"
    [done] = look(hub, DUE)
    assert (done.reasons, done.reason, done.composed_by) == ([], None, BY_THE_SYSTEM)
    hub.load(MERIT, "2024-10", "412", [{}] * 3, DUE)
    assert look(hub, DUE, follows=True) == [], "and it was seen"


def test_a_register_that_was_mended_restates_a_month_to_the_end_of_its_last_open_day(hub: SmallHub) -> None:
    filed(hub, "2024-09", "2024-10")
    for number, (now, restated) in enumerate(
        ((at("2024-10-31 23:30"), {"2024-09", "2024-10"}), (at("2024-11-01 00:30"), {"2024-10"})), 2
    ):
        hub.by_hand(PROFILES, "now", "412", [{}] * number, now, *SAID)
        assert {s.period for s in look(hub, now, "2024-09", "2024-10", follows=True)} == restated


def test_a_filing_by_hand_takes_no_occasion_of_the_night_after_it(hub: SmallHub) -> None:
    filed(hub, but=("415",))
    hub.by_hand(MERIT, "2024-10", "412", [{}, {}], DUE + DAY, *SAID)
    assert [s.maturity for s in look(hub, DUE + DAY, follows=True)] == ["provisional"]
    for name in (MERIT, ASSISTANCE):
        hub.load(name, "2024-10", "415", [{}], DUE + DAY)
    hub.read(DUE + DAY)
    assert [(s.maturity, s.reasons) for s in look(hub, DUE + DAY)] == [("final", [])], "all is in, on the same date"
    assert look(hub, DUE + DAY) == []


def test_a_night_that_has_filed_files_no_second_time(hub: SmallHub) -> None:
    filed(hub, but=("415",))
    for name in (MERIT, ASSISTANCE):
        hub.load(name, "2024-10", "415", [{}], DUE)
    hub.read(DUE)
    assert look(hub, DUE + dt.timedelta(hours=3)) == []
    assert [s.maturity for s in look(hub, DUE + DAY)] == ["final"]


def test_what_is_complete_and_fails_a_control_still_waits_for_an_occasion(hub: SmallHub) -> None:
    hub.month(DUE)
    hub.load(ASSISTANCE, "2024-10", "412", [{"beneficiary_id": "414-0"}], DUE)  # who is paid by 414 too
    assert [s.maturity for s in look(hub, DUE)] == ["provisional"]
    hub.load(MERIT, "2024-10", "412", [{}, {}], DUE + DAY)
    assert look(hub, DUE + DAY) == [], "only that it is final would be one"
    assert [s.maturity for s in look(hub, at("2024-10-25 02:00"))] == ["provisional"]


def test_what_had_nothing_to_tell_when_it_was_due_is_filed_once_it_has(hub: SmallHub) -> None:
    assert look(hub, DUE) == []
    assert hub.rows("select period, looked_on from ops.report_looks") == [("2024-10", dt.date(2024, 10, 22))]
    with pytest.raises(NothingToFile, match="chưa có số liệu nào được nhận"):
        submit(hub.engine, AS_T, "2024-10", DUE, mode="automatic", by="Trần Thử")
    hub.month(DUE + DAY)
    assert [s.revision for s in look(hub, DUE + DAY)] == [1]
    with pytest.raises(NothingToFile, match="không khác lần 1 đã gửi"):
        submit(hub.engine, AS_T, "2024-10", DUE + DAY, mode="automatic", by="Trần Thử")


def test_what_an_officer_asks_for_first_goes_in_his_name(hub: SmallHub) -> None:
    hub.month(DUE)
    asked = submit(hub.engine, AS_T, "2024-10", DUE, mode="automatic", by="Trần Thử", reason="Theo yêu cầu của Cục")
    assert (asked.revision, asked.composed_by, asked.reasons, asked.night) == (1, "Trần Thử", ["Theo yêu cầu của Cục"], None)


@pytest.mark.parametrize("status", ["waiting_approval", "draft", "sent"])
def test_what_an_officer_asks_for_while_a_revision_is_open_is_that_revision(hub: SmallHub, status: str) -> None:
    filed(hub)
    hub.load(MERIT, "2024-10", "412", [{}, {}], DUE)
    [open_] = look(hub, at("2024-10-25 02:00"), mode="approved")
    hub.load(MERIT, "2024-10", "412", [{}] * 3, DUE)
    asked: dict[str, Any] = {"mode": "automatic", "by": "Trần Thử", "reason": "Đã rà soát"}
    if status == "waiting_approval":
        with pytest.raises(WaitsForApproval, match="lần 2"):
            submit(hub.engine, AS_T, "2024-10", DUE, **asked)
    else:
        with hub.engine.begin() as connection:
            approved = outbox.approve(connection, open_.transaction_id, "Lê Thử", DUE)
            if status == "sent":
                submissions.attempted(connection, approved, DUE)
        assert submit(hub.engine, AS_T, "2024-10", DUE, **asked).transaction_id == open_.transaction_id
    assert hub.rows("select status from ops.report_submissions order by revision") == [("received",), (status,)]


def test_what_waits_is_composed_anew_only_where_its_figures_changed(hub: SmallHub) -> None:
    """Else its approver would find another each morning."""
    hub.month(DUE, period="2024-09")
    assert len(look(hub, DUE, "2024-09", mode="approved")) == 1 and look(hub, DUE + DAY, "2024-09", mode="approved") == []
    filed(hub)
    hub.load(MERIT, "2024-10", "412", [{}, {}], DUE)
    [waits] = look(hub, at("2024-10-25 02:00"), mode="approved")
    assert look(hub, at("2024-10-26 02:00"), mode="approved") == []
    hub.load(MERIT, "2024-10", "412", [{}] * 3, DUE)
    [again] = look(hub, at("2024-10-27 02:00"), mode="approved")
    assert (waits.revision, again.revision, again.replaces) == (2, 3, waits.replaces)
    hub.load(MERIT, "2024-10", "412", [{}], DUE)
    assert look(hub, at("2024-10-28 02:00"), mode="approved") == [], "the receiver holds these"
    outcome = "select status, superseded_by from ops.report_submissions where period = '2024-10' order by revision"
    assert hub.rows(outcome) == [("received", None), ("replaced", again.transaction_id), ("replaced", waits.replaces)]
