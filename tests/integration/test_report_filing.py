"""Filing over a real warehouse and the real gateway: revisions, corrections, approval, the outbox, crashes, the graph."""

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assets.reports.compute import compute
from assets.reports.filing import file_form, prepare, submit
from assets.reports.night import file_due
from resources.reporting import outbox
from resources.reporting.outbox import OutboxRefused
from resources.reporting.sending import refresh_states, send_waiting
from resources.warehouse import submissions
from resources.warehouse.backfills import Act
from resources.warehouse.submissions import Submission
from schemas.reports import as_t
from tests.integration.report_hub import GatewayProcess, SmallHub, at, running_gateway

AS_T = as_t.FORM
DUE = at("2024-10-22 02:00")  # AS-T 2024-10: the lists are due on Monday the 21st
LATER = at("2024-10-23 02:00")
ON_THE_25TH = at("2024-10-25 02:00")
MERIT, ASSISTANCE = "meritorious_persons.monthly_payments", "social_protection.monthly_payments"


@pytest.fixture
def gateway() -> Iterator[GatewayProcess]:
    yield from running_gateway()


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
    assert any(f["code"] == "NCC01" and "thuyết minh" in f["message"] for f in done.findings)


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
    refresh_states(hub.engine, gateway.client(), ON_THE_25TH)
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
