"""Filing over a real warehouse and the real gateway: revisions, corrections, approval, the outbox, crashes, the graph."""

import dataclasses
import datetime as dt
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assets.reports import filing
from assets.reports.asset import _verdicts, by_hand
from assets.reports.compute import naming
from assets.reports.filing import file_form, prepare, submit
from assets.reports.forms import form_named
from assets.reports.indicators import named
from assets.reports.night import file_due
from resources.reporting import outbox
from resources.reporting.failures import NotWaitingApproval, OutboxRefused
from resources.reporting.sending import refresh_states, send_waiting
from resources.warehouse.arrivals.backfills import Act
from resources.warehouse.published import submissions
from resources.warehouse.published.submissions import Submission
from resources.warehouse.running import scorecard
from schemas.reports.organisations import Organisation, Role
from schemas.reports.packet import content_hash
from tests.fixtures.forms import compute
from tests.integration.report_hub import GatewayProcess, SmallHub, at

AS_T = form_named("AS-T")
DUE = at("2024-10-22 02:00")  # AS-T 2024-10: the lists are due on Monday the 21st
LATER = at("2024-10-23 02:00")
ON_THE_25TH = at("2024-10-25 02:00")
MERIT, ASSISTANCE = "meritorious_persons.monthly_payments", "social_protection.monthly_payments"


# Revisions --------------------------------------------------------------------------------------------------------


def night(
    hub: SmallHub, gateway: GatewayProcess | None, now: dt.datetime, period: str = "2024-10", **how: Any
) -> list[Submission]:
    """A night of AS-T for one period: composed and sent."""
    client = gateway.client() if gateway else None
    result = file_due(hub.engine, client, now, AS_T, [period], **{"mode": "automatic"} | how)
    assert result.failed == {}
    return result.composed


def outbox_of(hub: SmallHub, period: str = "2024-10") -> list[Submission]:
    with hub.engine.connect() as connection:
        return submissions.listed(connection, "AS-T", period)


def test_a_form_is_sent_once_and_the_receiver_holds_what_was_computed(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    assert len(night(hub, gateway, DUE)) == 1
    (kept,) = outbox_of(hub)
    assert (kept.revision, kept.status, kept.maturity, kept.replaces, kept.attempts) == (1, "received", "final", None, 1)
    assert (kept.regime, kept.window_start, kept.window_end) == ("ND09.T", dt.date(2024, 9, 15), dt.date(2024, 10, 14))
    packet = gateway.packet(kept.transaction_id)
    assert packet == kept.payload and packet["bam_noi_dung"] == kept.payload_hash
    assert packet["ky_bao_cao"] == "2024M10" and packet["tinh_chat"] == "chinh_thuc"
    with hub.engine.connect() as connection:
        assert packet["so_lieu"] == compute(connection, AS_T, "2024-10", DUE).lines()
    (listed,) = gateway.listed()
    assert listed["so_tiep_nhan"] == kept.receipt


def test_a_final_form_stands_when_units_merge(hub: SmallHub, gateway: GatewayProcess) -> None:
    """Cửa Lò goes into Vinh on 1 December 2024, and with it the rows of its registers: the month of November is what it was."""
    filed, merged = at("2024-11-21 02:00"), at("2024-12-01 02:00")
    hub.month(filed, period="2024-11")
    hub.registers_by_commune(filed, dt.date(2024, 11, 30))
    (first,) = night(hub, gateway, filed, "2024-11")
    hub.registers_by_commune(merged, dt.date(2024, 11, 30))
    for later in (merged, at("2024-12-25 02:00"), at("2025-01-02 02:00"), at("2025-01-25 02:00")):
        hub.read(later)
        assert night(hub, gateway, later, "2024-11") == []
    assert [s.transaction_id for s in outbox_of(hub, "2024-11")] == [first.transaction_id]


def test_no_figure_changed_no_revision(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    night(hub, gateway, DUE)
    assert night(hub, gateway, LATER) == []
    # The same rows arrive again: nothing to say either.
    hub.load(MERIT, "2024-10", "412", [{}], LATER)
    assert night(hub, gateway, at("2024-10-24 02:00")) == []
    assert len(gateway.listed()) == 1


def test_a_late_unit_makes_a_revision_that_names_the_one_it_replaces(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE, but=("415",))
    night(hub, gateway, DUE)
    for name in (MERIT, ASSISTANCE):
        hub.load(name, "2024-10", "415", [{}], LATER)
    hub.read(LATER)
    assert night(hub, gateway, DUE + dt.timedelta(hours=1)) == []  # the same night: at most one
    night(hub, gateway, LATER)
    first, second = outbox_of(hub)
    assert (first.maturity, first.status, first.superseded_by) == ("provisional", "replaced", second.transaction_id)
    assert (second.maturity, second.status, second.revision) == ("final", "received", 2)
    assert second.replaces == first.transaction_id == second.payload["thay_the"]
    assert "Huyện Quế Phong" in (second.reason or "") and second.payload["ly_do_dieu_chinh"] == second.reason
    states = {s["lan_gui"]: s["trang_thai"] for s in gateway.listed()}
    assert states == {1: "thay_the", 2: "da_tiep_nhan"}


def test_a_change_after_a_final_is_a_correction_and_a_manual_one_may_follow_the_nights(
    hub: SmallHub, gateway: GatewayProcess
) -> None:
    hub.month(DUE)
    night(hub, gateway, DUE)
    hub.load(MERIT, "2024-10", "412", [{}, {}], LATER)
    night(hub, gateway, ON_THE_25TH)
    hub.load(MERIT, "2024-10", "412", [{}, {}, {}], ON_THE_25TH)
    assert night(hub, gateway, ON_THE_25TH) == []
    done = night(hub, gateway, ON_THE_25TH, asked=Act("Nguyễn Thử", "Vinh gửi lại danh sách theo CV 12"))
    assert len(done) == 1
    states = [(s.revision, s.maturity, s.status) for s in outbox_of(hub)]
    assert states == [(1, "final", "replaced"), (2, "correction", "replaced"), (3, "correction", "received")]
    last = outbox_of(hub)[-1]
    assert last.payload["tinh_chat"] == "dieu_chinh" and last.composed_by == "Nguyễn Thử"
    assert (last.reason or "").startswith("Vinh gửi lại danh sách theo CV 12. Thay đổi: NCC02")


def test_after_the_lock_a_provisional_is_corrected_and_a_register_alone_restates_nothing(
    hub: SmallHub, gateway: GatewayProcess
) -> None:
    hub.month(DUE, but=("415",))
    night(hub, gateway, DUE)
    locked = at("2024-12-02 02:00")
    hub.load("meritorious_persons.profiles", "now", "412", [{}, {}], locked)
    hub.read(locked)
    assert night(hub, gateway, locked) == []
    for name in (MERIT, ASSISTANCE):
        hub.load(name, "2024-10", "415", [{}], locked)
    hub.read(locked)
    night(hub, gateway, locked)
    assert [(s.maturity, s.status) for s in outbox_of(hub)] == [("provisional", "replaced"), ("correction", "received")]


def test_a_form_is_never_filed_before_its_day_nor_beyond_the_sources(hub: SmallHub) -> None:
    hub.month(at("2024-10-21 02:00"))
    with pytest.raises(OutboxRefused, match="22/10/2024"):
        file_form(hub.engine, AS_T, "2024-10", at("2024-10-21 02:00"))
    with pytest.raises(OutboxRefused, match="15/12/2023"):
        file_form(hub.engine, AS_T, "2024-01", DUE)
    assert outbox_of(hub) == []


def test_one_period_that_cannot_be_composed_stops_itself_alone(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    filed = file_due(hub.engine, gateway.client(), DUE, AS_T, ["2024-11", "2024-10"], mode="automatic")
    assert list(filed.failed) == ["2024-11"] and "20/11/2024" in str(filed.failed["2024-11"]), "it is not due yet"
    assert [(s.period, s.status) for s in filed.sent] == [("2024-10", "received")] and not filed.unsent


def test_two_at_once_make_one_revision(hub: SmallHub) -> None:
    hub.month(DUE)
    made: list[Submission | None] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            made.append(file_form(hub.engine, AS_T, "2024-10", DUE))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [] and len([m for m in made if m is not None]) == 1
    assert [s.revision for s in outbox_of(hub)] == [1]


def test_stock_figures_that_jump_ask_for_a_note(hub: SmallHub, gateway: GatewayProcess) -> None:
    september = at("2024-09-20 02:00")
    hub.month(september, period="2024-09")
    night(hub, gateway, september, "2024-09")
    hub.month(DUE)
    hub.load("meritorious_persons.profiles", "now", "412", [{}] * 10, DUE)
    (done,) = night(hub, gateway, DUE)
    assert [(f["code"], f["kind"]) for f in done.findings] == [("NCC01", "to_explain")]
    assert done.maturity == "final", "it may be true: it asks for words, not for other figures"


def test_a_control_that_fails_keeps_a_form_from_being_final(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    # 412 pays a person of 414, who is paid there too: one person fewer is on the lists than is entitled.
    hub.load("social_protection.monthly_payments", "2024-10", "412", [{"beneficiary_id": "414-0"}], DUE)
    [filed] = night(hub, gateway, DUE)
    assert [(f["code"], f["kind"]) for f in filed.findings] == [("BTX01", "failed_control")]
    assert filed.maturity == "provisional" and filed.payload["tinh_chat"] == "tam_thoi"
    assert {line["tinh_chat"] for line in filed.payload["so_lieu"]} == {"chinh_thuc"}, "a line is as mature as its own inputs"
    assert any("Đối chiếu không đạt, BTX01" in note and "chênh +1" in note for note in filed.payload["ghi_chu"])
    assert night(hub, gateway, LATER) == [], "nothing new"
    # Mended: no figure moves, and the form is complete.
    hub.load("social_protection.monthly_payments", "2024-10", "412", [{}], LATER)
    third = at("2024-10-24 02:00")
    hub.read(third)
    [again] = night(hub, gateway, third)
    assert (again.maturity, again.findings, again.figures_hash) == ("final", [], filed.figures_hash)
    assert night(hub, gateway, at("2024-10-25 02:00")) == []


def test_a_finding_for_the_sender_keeps_no_form_from_being_final_and_fails_no_check(hub: SmallHub) -> None:
    now = at("2024-01-15 02:00")
    for name in ("poverty.households", "labour_employment.workers"):
        hub.load_all(name, "2023", now)
    hub.load_all("poverty.review_results", "2023", now, [{"poor_count": 1}])
    hub.load("poverty.review_results", "2023", "412", [{"poor_count": 3}], now)
    hub.read(now)
    filed = file_form(hub.engine, form_named("AS-N"), "2023", now)
    assert filed is not None and filed.maturity == "final"
    # One result a district: the other communes of it are named too.
    assert [(f["code"], f["kind"]) for f in filed.findings] == [("HN01", "for_sender"), ("HN02", "for_sender")]
    passed, told = _verdicts(filed)["indicators_reconcile"]
    assert passed and "Đơn vị nộp cần xem lại, HN01: danh sách rà soát khác" in (told or "")
    assert not any("HN01" in note for note in filed.payload["ghi_chu"])


# The outbox ---------------------------------------------------------------------------------------------------------


def test_a_decision_survives_a_crash_before_the_sending(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    composed = file_form(hub.engine, AS_T, "2024-10", DUE)
    assert composed is not None and composed.status == "draft"
    # Another process, later: the same transaction id goes out.
    (sent,) = send_waiting(hub.engine, gateway.client(), LATER)
    assert (sent.transaction_id, sent.status) == (composed.transaction_id, "received")


def test_a_decision_that_is_rolled_back_sends_nothing(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    with hub.engine.connect() as connection:
        assert prepare(connection, AS_T, "2024-10", DUE) is not None
        connection.rollback()
    assert send_waiting(hub.engine, gateway.client(), LATER) == [] and gateway.listed() == []


def test_death_of_the_gateway_between_commit_and_answer_gives_one_receipt(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    gateway.switch(loi="chet_sau_ghi", lan=1)
    night(hub, gateway, DUE)
    (waiting,) = outbox_of(hub)
    assert (waiting.status, waiting.receipt) == ("sent", None) and "AS-T" in (waiting.last_error or "")
    gateway.wait_dead()
    # The figures change while the first is on its way: nothing new is composed until its receipt is there.
    hub.load(MERIT, "2024-10", "412", [{}, {}], LATER)
    assert file_form(hub.engine, AS_T, "2024-10", LATER) is None
    gateway.start()
    night(hub, gateway, ON_THE_25TH)
    first, second = outbox_of(hub)
    assert (first.status, second.status, second.replaces) == ("replaced", "received", first.transaction_id)
    assert first.attempts == 2 and first.submitted_at == DUE
    assert [s["ma_giao_dich"] for s in gateway.listed()] == [first.transaction_id, second.transaction_id]


def test_an_outage_waits_its_time_and_stops_the_pass(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(at("2024-09-20 02:00"), period="2024-09")
    hub.month(DUE)
    client = gateway.client()
    gateway.stop()
    for period in ("2024-09", "2024-10"):
        file_form(hub.engine, AS_T, period, DUE)
    assert len(send_waiting(hub.engine, client, DUE)) == 1  # the second would meet the same
    assert send_waiting(hub.engine, None, DUE) == []
    first = outbox_of(hub, "2024-09")[0]
    assert first.next_attempt_at is not None and first.next_attempt_at > DUE
    gateway.start()
    assert [s.period for s in send_waiting(hub.engine, gateway.client(), DUE)] == ["2024-10"]  # the first's time has not come
    assert [s.period for s in send_waiting(hub.engine, gateway.client(), DUE, at_once=True)] == ["2024-09"]
    assert {s.status for s in outbox_of(hub) + outbox_of(hub, "2024-09")} == {"received"}


def test_a_long_wait_asked_for_is_kept(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    gateway.switch(loi="429", lan=-1, retry_after=3600)
    night(hub, gateway, DUE)
    (waiting,) = outbox_of(hub)
    assert waiting.next_attempt_at == DUE + dt.timedelta(hours=1)


def test_a_refused_form_is_kept_with_the_reasons_and_filed_again_once_mended(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    gateway.switch(loi="tu_choi", lan=1, ly_do=["NCC02 lệch với biên bản quyết toán"])
    night(hub, gateway, DUE)
    (returned,) = outbox_of(hub)
    assert (returned.status, returned.receipt) == ("returned", None)
    assert "NCC02 lệch với biên bản quyết toán" in (returned.last_error or "")
    assert "không tự gửi lại" in (returned.last_error or "") and "ansinh report submit AS-T, kèm kỳ và --by" in (
        returned.last_error or ""
    )
    assert "ansinh report submit AS-T 2024-10 --by <tên>" in by_hand([returned]) and by_hand([]) == ""
    assert night(hub, gateway, LATER) == []  # the same would be refused again
    hub.load(MERIT, "2024-10", "412", [{}, {}], LATER)
    night(hub, gateway, LATER)
    first, second = outbox_of(hub)
    assert (first.status, second.status, second.revision, second.replaces) == ("returned", "received", 2, None)
    assert len(gateway.listed()) == 1


def test_an_officer_files_again_what_was_refused_without_a_change(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    gateway.switch(loi="tu_choi", lan=1)
    night(hub, gateway, DUE)
    again = submit(hub.engine, AS_T, "2024-10", DUE, mode="automatic", by="Trần Thử", reason="Nơi nhận đã sửa danh mục")
    send_waiting(hub.engine, gateway.client(), DUE, at_once=True)
    assert [(s.revision, s.status) for s in outbox_of(hub)] == [(1, "returned"), (2, "received")]
    assert again.composed_by == "Trần Thử"
    with pytest.raises(OutboxRefused, match="không có gì để gửi"):
        submit(hub.engine, AS_T, "2024-10", DUE, mode="automatic", by="Trần Thử")


def test_approval_lets_a_form_go_in_the_officers_name(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    composed = file_form(hub.engine, AS_T, "2024-10", DUE, mode="approved")
    assert composed is not None and composed.status == "waiting_approval"
    assert send_waiting(hub.engine, gateway.client(), LATER, at_once=True) == []
    with hub.engine.begin() as connection, pytest.raises(OutboxRefused, match="--by"):
        outbox.approve(connection, composed.transaction_id, "  ", LATER)
    with hub.engine.begin() as connection:
        outbox.approve(connection, composed.transaction_id, "Lê Thử", LATER)
    (sent,) = send_waiting(hub.engine, gateway.client(), LATER)
    packet = gateway.packet(composed.transaction_id)
    assert (sent.status, packet["nguoi_duyet"], packet["bam_noi_dung"]) == ("received", "Lê Thử", composed.payload_hash)
    with hub.engine.begin() as connection, pytest.raises(OutboxRefused, match="chờ duyệt"):
        outbox.approve(connection, composed.transaction_id, "Lê Thử", LATER)


def test_figures_that_change_before_approval_need_a_new_look(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    seen = file_form(hub.engine, AS_T, "2024-10", DUE, mode="approved")
    assert seen is not None and file_form(hub.engine, AS_T, "2024-10", LATER, mode="approved") is None
    hub.load(MERIT, "2024-10", "412", [{}, {}], LATER)
    newer = file_form(hub.engine, AS_T, "2024-10", LATER, mode="approved")
    assert newer is not None and newer.replaces is None
    with hub.engine.begin() as connection, pytest.raises(OutboxRefused, match=newer.transaction_id):
        outbox.approve(connection, seen.transaction_id, "Lê Thử", LATER)
    with hub.engine.begin() as connection:
        outbox.approve(connection, newer.transaction_id, "Lê Thử", LATER)
    send_waiting(hub.engine, gateway.client(), LATER)
    assert [(s.revision, s.status) for s in outbox_of(hub)] == [(1, "replaced"), (2, "received")]


def test_an_approval_of_what_a_night_is_replacing_waits_and_is_refused(hub: SmallHub) -> None:
    """The officer's row was read before the night committed; written by its id alone, it would be a second draft."""
    hub.month(DUE)
    seen = file_form(hub.engine, AS_T, "2024-10", DUE, mode="approved")
    assert seen is not None
    hub.load(MERIT, "2024-10", "412", [{}, {}], LATER)
    said: list[BaseException] = []

    def approve() -> None:
        try:
            with hub.engine.begin() as connection:
                outbox.approve(connection, seen.transaction_id, "Lê Thử", LATER)
        except BaseException as error:
            said.append(error)

    officer = threading.Thread(target=approve, daemon=True)
    with hub.engine.connect() as connection, connection.begin():
        newer = prepare(connection, AS_T, "2024-10", LATER, mode="approved")
        officer.start()
        waits = "select count(*) from pg_locks where not granted"
        while officer.is_alive() and not hub.rows(waits)[0][0]:
            time.sleep(0.05)
    officer.join(60)
    assert newer is not None and [type(error) for error in said] == [NotWaitingApproval]
    assert [s.status for s in outbox_of(hub)] == ["replaced", "waiting_approval"]


def test_figures_that_go_back_withdraw_what_waits(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    night(hub, gateway, DUE)
    hub.load(MERIT, "2024-10", "412", [{}, {}], LATER)
    assert file_form(hub.engine, AS_T, "2024-10", ON_THE_25TH, mode="approved") is not None
    hub.load(MERIT, "2024-10", "412", [{}], ON_THE_25TH)
    assert file_form(hub.engine, AS_T, "2024-10", at("2024-10-26 02:00"), mode="approved") is None
    standing, withdrawn = outbox_of(hub)
    assert (standing.status, withdrawn.status, withdrawn.superseded_by) == ("received", "replaced", standing.transaction_id)


def test_what_the_receiver_decides_later_comes_back(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(at("2024-09-20 02:00"), period="2024-09")
    hub.month(DUE)
    for period in ("2024-09", "2024-10"):
        night(hub, gateway, DUE, period)
    approved, sent_back = outbox_of(hub, "2024-09")[0], outbox_of(hub)[0]
    gateway.switch(phe_duyet=approved.transaction_id)
    gateway.switch(tra_lai=sent_back.transaction_id, ly_do="Thiếu thuyết minh")
    assert len(refresh_states(hub.engine, gateway.client(), LATER)) == 2
    assert outbox_of(hub, "2024-09")[0].status == "accepted"
    assert (outbox_of(hub)[0].status, outbox_of(hub)[0].last_error) == ("returned", "Thiếu thuyết minh")
    submit(hub.engine, AS_T, "2024-10", LATER, mode="automatic", by="Trần Thử")
    send_waiting(hub.engine, gateway.client(), LATER, at_once=True)
    assert [(s.status, s.replaces) for s in outbox_of(hub)] == [("returned", None), ("received", None)]


def test_a_correction_that_was_sent_back_is_a_correction_when_it_is_sent_again(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    night(hub, gateway, DUE)
    hub.load(MERIT, "2024-10", "412", [{}, {}], LATER)
    night(hub, gateway, ON_THE_25TH)
    gateway.switch(tra_lai=outbox_of(hub)[-1].transaction_id, ly_do="Thiếu thuyết minh")
    refresh_states(hub.engine, gateway.client(), ON_THE_25TH + dt.timedelta(days=1))
    submit(hub.engine, AS_T, "2024-10", ON_THE_25TH, mode="automatic", by="Trần Thử", reason="Theo biên bản quyết toán số 7")
    send_waiting(hub.engine, gateway.client(), ON_THE_25TH, at_once=True)
    last = outbox_of(hub)[-1]
    assert (last.revision, last.maturity, last.status) == (3, "correction", "received")
    assert (last.payload["ly_do_dieu_chinh"] or "").startswith("Theo biên bản quyết toán số 7. Thay đổi: NCC02")


def test_a_cell_that_was_sent_again_and_refused_leaves_the_form_provisional(hub: SmallHub, gateway: GatewayProcess) -> None:
    """What it holds is not what the unit sent last."""
    hub.month(at("2024-10-18 02:00"))
    hub.load(MERIT, "2024-10", "412", [{}, {}], at("2024-10-21 02:00"), "refused")
    hub.read(DUE)
    [filed] = night(hub, gateway, DUE)
    assert filed.maturity == "provisional"
    maturity = "select maturity from ops.cells where source = 'meritorious_persons' and period = '2024-10' and unit_code = '412'"
    assert hub.rows(maturity) == [("provisional",)]
    hub.load(MERIT, "2024-10", "412", [{}, {}], LATER)
    hub.read(LATER)
    [again] = night(hub, gateway, LATER)
    assert again.maturity == "final"


def test_a_warehouse_that_lost_a_receipt_gets_the_same_one(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    night(hub, gateway, DUE)
    (kept,) = outbox_of(hub)
    with hub.engine.begin() as connection:
        connection.execute(sa.text("update ops.report_submissions set status = 'sent', receipt = null, received_at = null"))
    (again,) = send_waiting(hub.engine, gateway.client(), LATER, at_once=True)
    assert again.receipt == kept.receipt and len(gateway.listed()) == 1


def test_a_correction_goes_under_the_code_under_which_the_filing_stands(
    hub: SmallHub, gateway: GatewayProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table of a place, where another department files from 1 March 2025 on, and with another ministry."""
    known = filing.organisation

    def organisation(role: Role, on: dt.date) -> Organisation:
        found = known(role, dt.date(2024, 11, 1))
        later = {"sender": "H41.5", "receiver": "G09"}[role]
        return dataclasses.replace(found, code=later) if on >= dt.date(2025, 3, 1) else found

    monkeypatch.setattr(filing, "organisation", organisation)
    for period, day in (("2025-01", "2025-02-21"), ("2025-02", "2025-03-24")):
        now = at(f"{day} 02:00")
        hub.month(now, period=period)
        night(hub, gateway, now, period)
    hub.load(MERIT, "2025-01", "412", [{}, {}], at("2025-03-24 09:00"))
    hub.read(at("2025-03-25 02:00"))
    night(hub, gateway, at("2025-03-25 02:00"), "2025-01")
    first, corrected = outbox_of(hub, "2025-01")
    codes = [(s.payload["don_vi_gui"], s.payload["don_vi_nhan"], s.status) for s in (first, corrected)]
    assert codes == [("H41.21", "G22", "replaced"), ("H41.21", "G09", "received")]
    (of_the_new,) = outbox_of(hub, "2025-02")
    assert (of_the_new.payload["don_vi_gui"], of_the_new.status) == ("H41.5", "received")


# What the receiver holds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [409, 400, 422, 404, 405])
def test_a_lost_answer_is_no_return_however_the_resend_is_refused(hub: SmallHub, gateway: GatewayProcess, status: int) -> None:
    """The packet arrived, its answer was lost, and the same id is refused from then on: within the call, and the night after."""
    hub.month(DUE)
    gateway.switch(loi="mat_tra_loi", lan=1, trung_ma=status)
    night(hub, gateway, DUE)
    (kept,) = outbox_of(hub)
    assert (kept.status, kept.last_error) == ("received", None)
    assert kept.receipt == gateway.listed()[0]["so_tiep_nhan"] and kept.receipt_detail is not None


def test_a_death_after_keeping_is_settled_by_asking_when_the_resend_is_refused(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    gateway.switch(loi="chet_sau_ghi", lan=1, trung_ma=409)
    night(hub, gateway, DUE)
    gateway.wait_dead()
    gateway.start()
    (sent,) = send_waiting(hub.engine, gateway.client(), LATER)
    assert (sent.status, sent.attempts, sent.receipt) == ("received", 2, gateway.listed()[0]["so_tiep_nhan"])


def test_a_refusal_waits_while_the_receiver_cannot_be_asked(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    composed = file_form(hub.engine, AS_T, "2024-10", DUE)
    assert composed is not None
    gateway.switch(loi="tu_choi", lan=1, ly_do=["NCC02 lệch"], hoi_hong={composed.transaction_id: 422})
    (waiting,) = send_waiting(hub.engine, gateway.client(), DUE)
    assert waiting.status == "sent" and waiting.next_attempt_at is not None and waiting.next_attempt_at > DUE
    assert "NCC02 lệch" in (waiting.last_error or "") and "HTTP 422" in (waiting.last_error or "")
    gateway.switch(loi="tu_choi", lan=1, ly_do=["NCC02 lệch"], hoi_hong={})
    assert [s.status for s in send_waiting(hub.engine, gateway.client(), LATER)] == ["returned"]


def test_our_id_with_anothers_content_is_neither_a_receipt_nor_a_return(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    composed = file_form(hub.engine, AS_T, "2024-10", DUE)
    assert composed is not None
    other = composed.payload | {"ghi_chu": ["Gửi bởi một nơi khác"]}
    gateway.client().submit(other | {"bam_noi_dung": content_hash(other)})
    (waiting,) = send_waiting(hub.engine, gateway.client(), DUE)
    assert (waiting.status, waiting.receipt) == ("sent", None)
    assert "giá trị băm khác" in (waiting.last_error or "")


def test_what_was_sent_back_before_its_receipt_came_is_returned_with_its_reason(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    gateway.switch(loi="chet_sau_ghi", lan=1)
    night(hub, gateway, DUE)
    gateway.wait_dead()
    gateway.start()
    gateway.switch(tra_lai=outbox_of(hub)[0].transaction_id, ly_do="Thiếu thuyết minh")
    (became,) = send_waiting(hub.engine, gateway.client(), LATER)
    assert (became.status, became.last_error) == ("returned", "Thiếu thuyết minh") and became.receipt


@pytest.mark.parametrize("fault", [{"loi": "tu_choi"}, {"loi": "cam"}, {"trung_ma": 501}])
def test_one_forms_failure_does_not_hold_up_the_others(hub: SmallHub, gateway: GatewayProcess, fault: dict[str, Any]) -> None:
    september = at("2024-09-20 02:00")
    hub.month(september, period="2024-09")
    hub.month(DUE)
    first = file_form(hub.engine, AS_T, "2024-09", september)
    assert first is not None and file_form(hub.engine, AS_T, "2024-10", DUE) is not None
    if "trung_ma" in fault:  # another's content under our id, and a refusal out of the contract
        other = first.payload | {"ghi_chu": ["Gửi bởi một nơi khác"]}
        gateway.client().submit(other | {"bam_noi_dung": content_hash(other)})
    gateway.switch(lan=1, **fault)
    became = send_waiting(hub.engine, gateway.client(), DUE)
    assert [(s.period, s.status == "received") for s in became] == [("2024-09", False), ("2024-10", True)]
    assert became[0].last_error


def test_what_nobody_foresaw_in_one_is_kept_with_it_by_its_kind_and_the_next_goes(hub: SmallHub, gateway: GatewayProcess) -> None:
    """Also in what is asked afterwards; and a pass that has no time left leaves what had no turn as it is."""
    september = at("2024-09-20 02:00")
    hub.month(september, period="2024-09")
    hub.month(DUE)
    for period, when in (("2024-09", september), ("2024-10", DUE)):
        assert file_form(hub.engine, AS_T, period, when) is not None
    left = send_waiting(hub.engine, gateway.client(), DUE, longest=-1.0)
    assert [(s.period, s.status, s.attempts) for s in left] == [("2024-09", "draft", 0), ("2024-10", "draft", 0)]
    without(hub, "2024-09", "ma_bieu_mau")
    first, second = send_waiting(hub.engine, gateway.client(), DUE)
    assert (first.status, first.attempts, second.status) == ("sent", 1, "received")
    assert "KeyError" in (first.last_error or "") and "ma_bieu_mau" not in (first.last_error or "")
    assert first.next_attempt_at is not None and first.next_attempt_at > DUE
    with hub.engine.begin() as connection:
        back = "payload = payload || jsonb_build_object('ma_bieu_mau', 'AS-T') where period = '2024-09'"
        connection.execute(sa.text(f"update ops.report_submissions set {back}"))
    assert [s.status for s in send_waiting(hub.engine, gateway.client(), LATER)] == ["received"]
    without(hub, "2024-09", "bam_noi_dung")
    gateway.switch(phe_duyet=second.transaction_id)
    after = LATER + dt.timedelta(days=1)
    assert refresh_states(hub.engine, gateway.client(), after, longest=-1.0) == []
    first, second = sorted(refresh_states(hub.engine, gateway.client(), after), key=lambda s: s.period)
    assert (first.status, second.status) == ("received", "accepted") and "KeyError" in (first.last_error or "")


def without(hub: SmallHub, period: str, name: str) -> None:
    """The packet of a period loses a part, as no code of ours takes one."""
    with hub.engine.begin() as connection:
        lost = "update ops.report_submissions set payload = payload - cast(:name as text) where period = :period"
        connection.execute(sa.text(lost), {"name": name, "period": period})


def test_one_on_which_the_gateway_hangs_does_not_hold_up_the_others_for_ever(hub: SmallHub, gateway: GatewayProcess) -> None:
    september = at("2024-09-20 02:00")
    hub.month(september, period="2024-09")
    hub.month(DUE)
    for period, when in (("2024-09", september), ("2024-10", DUE)):
        assert file_form(hub.engine, AS_T, period, when) is not None
    gateway.switch(loi="cham", lan=1, giay=3)
    (stuck,) = send_waiting(hub.engine, gateway.client(timeout=(2.0, 0.3)), DUE)
    assert (stuck.period, stuck.status) == ("2024-09", "sent")
    assert [s.period for s in send_waiting(hub.engine, gateway.client(), LATER)] == ["2024-10", "2024-09"]


# What becomes of it there ---------------------------------------------------------------------------------------------


def filed(hub: SmallHub, gateway: GatewayProcess) -> Submission:
    hub.month(DUE)
    night(hub, gateway, DUE)
    return outbox_of(hub)[0]


def asked(hub: SmallHub, gateway: GatewayProcess, now: dt.datetime) -> list[tuple[str, str | None]]:
    return [(s.status, s.last_error) for s in refresh_states(hub.engine, gateway.client(), now)]


def test_a_return_after_approval_is_noticed(hub: SmallHub, gateway: GatewayProcess) -> None:
    sent = filed(hub, gateway)
    gateway.switch(phe_duyet=sent.transaction_id)
    assert asked(hub, gateway, LATER) == [("accepted", None)]
    gateway.switch(tra_lai=sent.transaction_id, ly_do="Rà soát lại NCC02")
    assert asked(hub, gateway, LATER + dt.timedelta(days=1)) == [("returned", "Rà soát lại NCC02")]
    assert asked(hub, gateway, LATER + dt.timedelta(days=2)) == []  # told once
    again = submit(hub.engine, AS_T, "2024-10", LATER, mode="automatic", by="Trần Thử", reason="Đã rà soát")
    send_waiting(hub.engine, gateway.client(), LATER, at_once=True)
    assert [(s.status, s.replaces) for s in outbox_of(hub)] == [("returned", None), ("received", None)]
    assert again.revision == 2


def test_a_return_after_sixty_days_is_noticed_within_a_week_of_few_requests(hub: SmallHub, gateway: GatewayProcess) -> None:
    sent = filed(hub, gateway)
    old = DUE + dt.timedelta(days=100)
    assert asked(hub, gateway, old) == []
    assert outbox_of(hub)[0].asked_at == old
    gateway.switch(tra_lai=sent.transaction_id)
    assert asked(hub, gateway, old + dt.timedelta(days=6)) == []  # once a week by then
    assert asked(hub, gateway, old + dt.timedelta(days=7)) == [("returned", "Nơi nhận trả lại mà không nêu lý do.")]
    assert outbox_of(hub)[0].judged_at == old + dt.timedelta(days=7)


def test_a_night_asks_once_and_a_forgotten_receipt_is_told_once(hub: SmallHub, gateway: GatewayProcess) -> None:
    sent = filed(hub, gateway)
    gateway.switch(quen=sent.transaction_id)
    ((status, said),) = asked(hub, gateway, LATER)
    assert status == "received" and sent.receipt and sent.receipt in (said or "")
    assert asked(hub, gateway, LATER) == [] and asked(hub, gateway, LATER + dt.timedelta(days=1)) == []
    assert outbox_of(hub)[0].judged_at == LATER
    gateway.client().submit(sent.payload)
    assert asked(hub, gateway, LATER + dt.timedelta(days=2)) == [("received", None)]


def test_what_was_replaced_at_the_receiver_unknown_to_us_is_said(hub: SmallHub, gateway: GatewayProcess) -> None:
    sent = filed(hub, gateway)
    later = sent.payload | {
        "ma_giao_dich": str(uuid.uuid4()),
        "lan_gui": 2,
        "thay_the": sent.transaction_id,
        "ly_do_dieu_chinh": "Gửi bằng đường khác",
    }
    gateway.client().submit(later | {"bam_noi_dung": content_hash(later)})
    gateway.switch(quen=later["ma_giao_dich"])  # what took its place is not told
    ((status, said),) = asked(hub, gateway, LATER)
    assert status == "received" and "thay_the" in (said or "")


def test_one_state_that_is_not_told_does_not_hold_up_the_others_and_an_outage_ends_the_asking(
    hub: SmallHub, gateway: GatewayProcess
) -> None:
    hub.month(at("2024-09-20 02:00"), period="2024-09")
    hub.month(DUE)
    for period in ("2024-09", "2024-10"):
        night(hub, gateway, DUE, period)
    first, second = outbox_of(hub, "2024-09")[0], outbox_of(hub)[0]
    gateway.switch(hoi_hong={first.transaction_id: 422})
    gateway.switch(phe_duyet=second.transaction_id)
    assert [s.period for s in refresh_states(hub.engine, gateway.client(), LATER)] == ["2024-09", "2024-10"]
    assert "HTTP 422" in (outbox_of(hub, "2024-09")[0].last_error or "")
    gateway.switch(hoi_hong={})
    client = gateway.client()
    gateway.stop()
    again = LATER + dt.timedelta(days=1)
    assert refresh_states(hub.engine, client, again) == []
    assert {s.asked_at for s in outbox_of(hub) + outbox_of(hub, "2024-09")} == {LATER}  # not asked: the next night asks


def test_a_night_tells_what_moved_and_what_waits_and_of_a_chain_its_end(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    gateway.switch(loi="tu_choi", lan=1, ly_do=["NCC02 lệch"])
    night(hub, gateway, DUE)
    assert told(hub, DUE) == told(hub, LATER) == ["AS-T 2024-10, lần 1: bị trả lại"]  # it waits for a person
    hub.load("meritorious_persons.monthly_payments", "2024-10", "412", [{}, {}], LATER)
    night(hub, gateway, LATER)
    assert told(hub, LATER) == [f"AS-T 2024-10, lần 2: đã tiếp nhận, biên nhận {outbox_of(hub)[-1].receipt}"]
    assert told(hub, LATER + dt.timedelta(days=1)) == []


def told(hub: SmallHub, since: dt.datetime) -> list[str]:
    with hub.engine.connect() as connection:
        return [line.partition(". ")[0] for line in scorecard.read(connection, [], {}, since)["reports"]]


def test_what_was_declared_empty_late_is_no_more_in_time_than_what_came_late(hub: SmallHub) -> None:
    """The payment lists of October are due on the 21st."""
    before = at("2024-10-01 02:00")
    hub.read(before, "social_protection")
    for unit, rows, when in (("412", [{}], DUE), ("414", [], DUE), ("415", [], at("2024-10-21 23:00")), ("416", [{}], before)):
        hub.load(ASSISTANCE, "2024-10", unit, rows, when, marked=when)
    hub.load(ASSISTANCE, "2024-10", "417", [{}], DUE, outcome="refused")
    hub.read(LATER, "social_protection")
    with hub.engine.connect() as connection:
        found = scorecard.counts(connection, "social_protection", ["2024-10"])
    names = ("expected", "received", "on_time", "late", "missing", "refused")
    assert [found[name] for name in names] == [21, 4, 2, 2, 16, 1]


# The graph ----------------------------------------------------------------------------------------------------------


def test_the_assets_file_what_is_due_and_say_what_lacks(
    hub: SmallHub, gateway: GatewayProcess, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dagster as dg

    from assets.reports import REPORT_ASSETS

    now = at("2024-10-22 02:00")
    hub.month(now, but=("415",))
    (home / "clock").write_text("2024-10-22", encoding="ascii")
    monkeypatch.setenv("ANSINH_HOME", str(home))
    monkeypatch.setenv("ANSINH_PROFILE", "demo")
    monkeypatch.setenv("NATIONAL_REPORTING_URL", gateway.url)
    for name in ("client_id", "client_secret"):
        monkeypatch.setenv(f"NATIONAL_REPORTING_{name.upper()}_FILE", str(gateway.home / "run" / f"gateway.{name}"))
    instance = dg.DagsterInstance.ephemeral()
    definitions = dg.Definitions(assets=REPORT_ASSETS, executor=dg.in_process_executor)
    # A night has no partition of its own, and the forms have different ones: the job of all assets allows that.
    job = definitions.resolve_implicit_global_asset_job_def()
    tags = {"ansinh/night": "2024-10-22", "dagster/defer_asset_events": "true"}
    done = job.execute_in_process(instance=instance, tags=tags)
    assert done.success
    key = dg.AssetKey(["report", "national", "AS_T"])
    made = instance.get_materialized_partitions(key)
    assert "2024-10" in made
    assert {s.period for s in _all(hub)} == {p for p in made}
    checks = {e.check_name: e for e in done.get_asset_check_evaluations() if e.asset_key == key and e.partition is None}
    assert set(checks) == {"all_units_submitted", "figures_plausible", "indicators_reconcile", "receipt_kept"}
    assert not checks["all_units_submitted"].passed
    assert checks["receipt_kept"].passed
    # By hand, before its day: refused in words.
    early = dg.materialize(REPORT_ASSETS, selection=[key], partition_key="2024-11", instance=instance, raise_on_error=False)
    assert not early.success
    told = early.get_step_failure_events()[0].step_failure_data.user_failure_data
    assert told is not None and "20/11/2024" in (told.description or "")


def _all(hub: SmallHub) -> list[Submission]:
    with hub.engine.connect() as connection:
        return submissions.listed(connection)


@pytest.mark.parametrize("sql", ["select khong_co from core.poverty_households", "selec 1", "select khong_co(1)"])
def test_a_mistake_in_the_sql_of_an_indicator_is_told_by_its_code_and_file(hub: SmallHub, sql: str) -> None:
    told = r"^chỉ tiêu HN01: câu SQL không chạy được \(\w+\); sửa assets/reports/indicators/hn01.py$"
    with hub.engine.connect() as connection, pytest.raises(LookupError, match=told), naming(named("HN01")[0]):
        connection.exec_driver_sql(sql)


def test_a_right_that_is_missing_is_no_mistake_of_an_indicator(hub: SmallHub) -> None:
    with hub.engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError), naming(named("HN01")[0]):
        connection.exec_driver_sql("set local role pg_database_owner")
        connection.exec_driver_sql("select * from ops.cells")
