"""Over a real warehouse and the real gateway: on which nights a form goes out again, whose reasons it carries, what stops it."""

import datetime as dt
import threading
from typing import Any

from assets.reports.asset import _verdicts
from assets.reports.changes import LONGEST
from assets.reports.filing import file_form, prepare, stirring
from assets.reports.forms import form_named
from assets.reports.night import Filed, file_due
from resources.reporting import outbox
from resources.reporting.sending import refresh_states, send_waiting
from resources.warehouse import migrations
from resources.warehouse.arrivals import backfills
from resources.warehouse.arrivals.backfills import LATE_ROWS, Wish
from resources.warehouse.published import submissions
from resources.warehouse.published.submissions import Submission
from resources.warehouse.running import scorecard
from schemas.registry import dataset_named
from tests.integration.report_hub import GatewayProcess, SmallHub, at

AS_T = form_named("AS-T")
DUE = at("2024-10-22 02:00")  # AS-T 2024-10: the lists are due on Monday the 21st; locked after 30 November
DAY = dt.timedelta(days=1)
MERIT, ASSISTANCE, PROFILES = (
    "meritorious_persons.monthly_payments",
    "social_protection.monthly_payments",
    "meritorious_persons.profiles",
)
LARGEST = 2**63 - 1


def run(hub: SmallHub, gateway: GatewayProcess, now: dt.datetime, *periods: str, **how: Any) -> Filed:
    """A night of AS-T, or a run that follows a backfill: it files what each period by itself would."""
    client, periods = gateway.client(), periods or ("2024-10",)
    send_waiting(hub.engine, client, now, at_once=True)
    refresh_states(hub.engine, client, now)
    alone = [period for period in periods if is_filed_alone(hub, period, now, **how)]
    filed = file_due(hub.engine, client, now, AS_T, periods, **{"mode": "automatic"} | how)
    assert filed.failed == {}
    assert [s.period for s in filed.composed] == alone
    return filed


def is_filed_alone(hub: SmallHub, period: str, now: dt.datetime, **how: Any) -> bool:
    with hub.engine.connect() as connection:  # and nothing of it is kept
        return prepare(connection, AS_T, period, now, **how) is not None


def of(hub: SmallHub, period: str = "2024-10") -> list[Submission]:
    with hub.engine.connect() as connection:
        return submissions.listed(connection, "AS-T", period)


def two_months(hub: SmallHub, gateway: GatewayProcess) -> None:
    """September and October, filed both on October's day."""
    for period, day in (("2024-09", at("2024-09-20 02:00")), ("2024-10", DUE)):
        hub.month(day, period=period)
    run(hub, gateway, DUE, "2024-09", "2024-10")


# Nights -------------------------------------------------------------------------------------------------------------


def test_a_form_whose_figures_move_every_night_goes_out_on_its_few_occasions(hub: SmallHub, gateway: GatewayProcess) -> None:
    """First, complete, the 25th, the 25th, the lock: five in forty-five nights, of which one was missed."""
    hub.month(DUE, but=("415",))
    filed = []
    for number in range(45):
        night = DUE + number * DAY
        hub.load(PROFILES, "now", "412", [{}] * (1 + number % 3), night)
        hub.load(MERIT, "2024-10", "412", [{}] * (1 + number % 4), night)
        if number == 2:
            for name in (MERIT, ASSISTANCE):
                hub.load(name, "2024-10", "415", [{}], night)
        hub.read(night)
        if night != at("2024-11-25 02:00"):
            twice = [run(hub, gateway, night).composed, run(hub, gateway, night + dt.timedelta(hours=3)).composed]
            assert twice[1] == []
            filed += [(f"{night + 7 * dt.timedelta(hours=1):%d/%m}", s.maturity) for s in twice[0]]
    assert filed == [
        ("22/10", "provisional"),
        ("24/10", "final"),
        ("25/10", "correction"),
        ("26/11", "correction"),
        ("01/12", "correction"),
    ]
    assert [s.status for s in of(hub)] == ["replaced"] * 4 + ["received"]
    assert len(gateway.listed()) == 5


def test_the_25th_files_nothing_where_figures_stand(hub: SmallHub, gateway: GatewayProcess) -> None:
    two_months(hub, gateway)
    hub.load(MERIT, "2024-10", "412", [{}, {}], DUE + DAY)
    done = run(hub, gateway, at("2024-10-25 02:00"), "2024-09", "2024-10")
    assert [s.period for s in done.composed] == ["2024-10"]
    # What moves after the 25th was looked at waits for the next one.
    hub.load(MERIT, "2024-09", "412", [{}, {}], at("2024-10-25 10:00"))
    assert run(hub, gateway, at("2024-10-26 02:00"), "2024-09").composed == []
    assert [s.period for s in run(hub, gateway, at("2024-11-01 02:00"), "2024-09").composed] == ["2024-09"], "its lock"


def test_what_rests_is_looked_at_all_at_once(hub: SmallHub, gateway: GatewayProcess) -> None:
    """The night after, and once more by a run that follows nothing that concerns them."""
    two_months(hub, gateway)
    hub.load(MERIT, "2024-10", "412", [{}, {}], DUE + DAY)
    hub.by_hand(MERIT, "2024-08", "412", [{}], DUE + DAY, "Nộp lại tháng 8", "Nguyễn Thử")
    looked = "select looked_on, backfills_seen from ops.report_looks where form = 'AS-T' order by period"
    before = hub.rows(looked)
    assert stirring(hub.engine, AS_T, ["2024-09", "2024-10"], DUE + DAY, follows=True) == []
    assert hub.rows(looked) == before, "who follows what does not concern it has not looked"
    assert stirring(hub.engine, AS_T, ["2024-08", "2024-09", "2024-10"], DUE + DAY) == ["2024-08"], "which was never filed"
    assert hub.rows(looked) == [(dt.date(2024, 10, 23), seen + 1) for _, seen in before]
    hub.by_hand(MERIT, "2024-09", "412", [{}, {}], DUE + DAY, "Nộp lại tháng 9", "Nguyễn Thử")
    assert stirring(hub.engine, AS_T, ["2024-09", "2024-10"], DUE + DAY, follows=True) == ["2024-09"]


def test_what_was_sent_back_goes_again_once_its_figures_changed(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    run(hub, gateway, DUE)
    gateway.switch(tra_lai=of(hub)[0].transaction_id, ly_do="NCC02 lệch")
    refresh_states(hub.engine, gateway.client(), DUE)
    assert run(hub, gateway, DUE + DAY).composed == []
    hub.load(MERIT, "2024-10", "412", [{}, {}], DUE + DAY)
    assert len(run(hub, gateway, DUE + 2 * DAY).composed) == 1
    assert [s.status for s in of(hub)] == ["returned", "received"]


# Backfills ----------------------------------------------------------------------------------------------------------


def test_a_backfill_files_once_with_its_reason_the_periods_that_read_its_cells(hub: SmallHub, gateway: GatewayProcess) -> None:
    two_months(hub, gateway)
    # Both moved, by a night; one of them also by hand.
    for period in ("2024-09", "2024-10"):
        hub.load(ASSISTANCE, period, "412", [{}, {}], DUE + DAY)
    assert run(hub, gateway, DUE + DAY, "2024-09", "2024-10", follows=True).composed == []
    hub.by_hand(MERIT, "2024-10", "415", [{}, {}], DUE + DAY, "Quế Phong gửi lại theo CV 12", "Nguyễn Thử")
    [done] = run(hub, gateway, DUE + DAY, "2024-09", "2024-10", follows=True).composed
    assert (done.period, done.composed_by, done.reasons) == ("2024-10", "Nguyễn Thử", ["Quế Phong gửi lại theo CV 12"])
    assert done.payload["ly_do_dieu_chinh"].startswith("Quế Phong gửi lại theo CV 12. Thay đổi: NCC02")
    assert run(hub, gateway, DUE + DAY, "2024-09", "2024-10", follows=True).composed == [], "once"
    # It was looked at: what moves later is not of that reason.
    hub.load(MERIT, "2024-10", "412", [{}, {}], DUE + 2 * DAY)
    assert run(hub, gateway, DUE + 2 * DAY, follows=True).composed == []


def test_a_window_reads_two_months_a_register_restates_none_that_is_locked(hub: SmallHub, gateway: GatewayProcess) -> None:
    two_months(hub, gateway)
    jobs = [{"started_date": dt.date(2024, 9, 10)}, {"started_date": dt.date(2024, 9, 20)}]
    hub.by_hand("labour_employment.jobs_created", "2024-09", "40", jobs, DUE + DAY, "Bổ sung việc làm", "A")
    done = run(hub, gateway, DUE + DAY, "2024-09", "2024-10", follows=True).composed
    assert {s.period for s in done} == {"2024-09", "2024-10"}, "its days fall into the windows of both"
    locked = at("2024-11-05 02:00")  # 2024-09 was locked on 31 October
    run(hub, gateway, locked, "2024-09", "2024-10")
    hub.by_hand(PROFILES, "now", "412", [{}, {}], locked, "Rà soát hồ sơ", "A")
    done = run(hub, gateway, locked, "2024-09", "2024-10", follows=True).composed
    assert [s.period for s in done] == ["2024-10"]


def test_the_reasons_of_two_systems_that_load_together_reach_the_form(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    run(hub, gateway, DUE)
    hub.by_hand(MERIT, "2024-10", "412", [{}, {}], DUE + DAY, "Vinh gửi lại danh sách", "Nguyễn Thử")
    hub.by_hand(ASSISTANCE, "2024-10", "415", [{}, {}], DUE + DAY, "Quế Phong nộp muộn", "Lê Thử")
    hub.by_hand("poverty.in_year_changes", "2024-10", "415", [], DUE + DAY, "Của bộ dữ liệu khác", "Trần Thử")
    [done] = run(hub, gateway, DUE + DAY, follows=True).composed
    assert done.reasons == ["Vinh gửi lại danh sách", "Quế Phong nộp muộn"]
    assert done.composed_by == "Nguyễn Thử; Lê Thử"
    assert done.payload["ly_do_dieu_chinh"].startswith("Vinh gửi lại danh sách. Quế Phong nộp muộn. Thay đổi")


def test_what_a_sensor_loads_by_itself_is_nobodys_act(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    run(hub, gateway, DUE)
    hub.by_hand(MERIT, "2024-10", "412", [{}, {}], DUE + DAY, "Đơn vị nộp muộn", LATE_ROWS)
    assert run(hub, gateway, DUE + DAY, follows=True).composed == []
    assert run(hub, gateway, DUE + DAY).composed == []
    [done] = run(hub, gateway, at("2024-10-25 02:00")).composed
    assert done.reasons == []


def test_a_backfill_while_a_revision_is_on_its_way_is_told_after_it(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    client = gateway.client()
    gateway.stop()
    file_form(hub.engine, AS_T, "2024-10", DUE)
    send_waiting(hub.engine, client, DUE, at_once=True)
    hub.by_hand(MERIT, "2024-10", "412", [{}, {}], DUE + DAY, "Vinh gửi lại danh sách", "Nguyễn Thử")
    assert file_form(hub.engine, AS_T, "2024-10", DUE + DAY, follows=True) is None
    gateway.start()
    [done] = run(hub, gateway, DUE + 2 * DAY).composed
    assert (done.reasons, done.composed_by) == (["Vinh gửi lại danh sách"], "Nguyễn Thử")


def test_a_reason_is_kept_by_what_replaces_a_revision_that_was_not_sent(hub: SmallHub, gateway: GatewayProcess) -> None:
    """Another backfill, a night, and what the receiver sent back."""
    hub.month(DUE)
    run(hub, gateway, DUE)
    approved = {"mode": "approved"}
    hub.by_hand(MERIT, "2024-10", "412", [{}, {}], DUE + DAY, "Vinh gửi lại danh sách.", "Nguyễn Thử")
    run(hub, gateway, DUE + DAY, follows=True, **approved)
    hub.by_hand(MERIT, "2024-10", "415", [{}, {}], DUE + DAY, "Quế Phong nộp muộn", "Lê Thử")
    [second] = run(hub, gateway, DUE + DAY, follows=True, **approved).composed
    hub.load(ASSISTANCE, "2024-10", "412", [{}, {}, {}], DUE + DAY)
    [third] = run(hub, gateway, DUE + 2 * DAY, **approved).composed
    both = "Vinh gửi lại danh sách. Quế Phong nộp muộn. Thay đổi"
    for kept in (second, third):
        assert kept.status == "waiting_approval" and kept.payload["ly_do_dieu_chinh"].startswith(both)
    with hub.engine.begin() as connection:
        outbox.approve(connection, third.transaction_id, "Trần Thử", DUE + 2 * DAY)
    send_waiting(hub.engine, gateway.client(), DUE + 2 * DAY, at_once=True)
    assert [s.status for s in of(hub)] == ["replaced", "replaced", "replaced", "received"]
    gateway.switch(tra_lai=third.transaction_id, ly_do="Thiếu chữ ký")
    refresh_states(hub.engine, gateway.client(), DUE + 2 * DAY)
    hub.load(ASSISTANCE, "2024-10", "412", [{}] * 4, DUE + 2 * DAY)
    [fourth] = run(hub, gateway, DUE + 3 * DAY).composed
    assert fourth.payload["ly_do_dieu_chinh"].startswith(both)
    # The receiver took it: what comes after is of other reasons.
    hub.by_hand(MERIT, "2024-10", "417", [{}, {}], DUE + 3 * DAY, "Quỳ Hợp nộp muộn", "Lê Thử")
    [fifth] = run(hub, gateway, DUE + 3 * DAY, follows=True).composed
    assert fifth.reasons == ["Quỳ Hợp nộp muộn"]


def test_a_reason_is_never_cut_for_the_machines_words(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    run(hub, gateway, DUE)
    said = ["a" * 2500, "b" * 1480]
    for unit, reason in zip(("412", "415"), said, strict=True):
        hub.by_hand(MERIT, "2024-10", unit, [{}, {}], DUE + DAY, reason, "Nguyễn Thử")
    [done] = run(hub, gateway, DUE + DAY, follows=True).composed
    told = done.payload["ly_do_dieu_chinh"]
    assert told.startswith(". ".join(said)) and told.endswith("…") and len(told) == LONGEST
    hub.by_hand(MERIT, "2024-10", "412", [{}], DUE + 2 * DAY, "c" * 5000, "Nguyễn Thử")
    run(hub, gateway, DUE + 2 * DAY, follows=True)
    last = of(hub)[-1]
    assert last.status == "received", "the receiver's field takes it"
    assert last.reasons == ["c" * 5000] and last.payload["ly_do_dieu_chinh"] == "c" * (LONGEST - 1) + "…"


def test_a_backfill_of_before_looks_were_kept_is_not_told_again(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    hub.by_hand(MERIT, "2024-10", "412", [{}], DUE - DAY, "Đã kể rồi", "Nguyễn Thử")
    run(hub, gateway, DUE)
    with hub.engine.begin() as connection:
        connection.exec_driver_sql("truncate ops.report_looks")
    hub.load(MERIT, "2024-10", "412", [{}, {}], DUE + DAY)
    assert run(hub, gateway, DUE + DAY).composed == []
    with hub.engine.connect() as connection:
        assert backfills.newest(connection) == backfills.newest(connection, until=DUE) > 0


def test_what_waited_before_reasons_were_kept_apart_keeps_its_own(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    run(hub, gateway, DUE)
    hub.by_hand(MERIT, "2024-10", "412", [{}, {}], DUE + DAY, "Vinh gửi lại danh sách", "Nguyễn Thử")
    run(hub, gateway, DUE + DAY, follows=True, mode="approved")
    with hub.engine.begin() as connection:
        connection.exec_driver_sql("alter table ops.report_submissions drop column reasons")
        migrations.migrate(connection)
    filed, waiting = of(hub)
    assert filed.reasons == [] and waiting.reasons == [waiting.reason]
    with hub.engine.begin() as connection:
        migrations.migrate(connection)
    assert [s.reasons for s in of(hub)] == [filed.reasons, waiting.reasons]


def test_a_backfill_that_is_half_kept_is_waited_for(hub: SmallHub, gateway: GatewayProcess) -> None:
    """A look that missed it would count it as seen, and its reason would never be told."""
    hub.month(DUE)
    run(hub, gateway, DUE)
    hub.load(MERIT, "2024-10", "412", [{}, {}], DUE + DAY)
    made: list[Submission | None] = []
    look = threading.Thread(target=lambda: made.append(file_form(hub.engine, AS_T, "2024-10", DUE + DAY, follows=True)))
    with hub.engine.begin() as connection:
        wish, became = Wish("Nguyễn Thử", "Vinh gửi lại danh sách", None), {("2024-10", "412"): "accepted"}
        backfills.record(connection, dataset_named(MERIT), "a-run", DUE + DAY, wish, became)
        look.start()
        while look.is_alive() and not hub.rows("select 1 from pg_locks where locktype = 'advisory' and not granted"):
            pass
        assert look.is_alive()
    look.join()
    assert made[0] is not None and made[0].reasons == ["Vinh gửi lại danh sách"]


# Figures that nobody would believe ------------------------------------------------------------------------------------


def test_an_implausible_total_stops_its_form_for_a_person_and_no_other(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(at("2024-09-20 02:00"), period="2024-09")
    hub.month(DUE)
    hub.load(MERIT, "2024-10", "412", [{"amount_vnd": 10**18}] * 12, DUE)
    filed = run(hub, gateway, DUE, "2024-10", "2024-09")
    assert [s.period for s in filed.stopped] == ["2024-10"] and len(filed.composed) == 2
    assert [s["ky_bao_cao"] for s in gateway.listed()] == ["2024M09"]
    [waiting] = of(hub)
    [finding] = waiting.stopped_by
    assert waiting.status == "waiting_approval" and waiting.approved_by is None
    assert finding["code"] == "NCC02"
    assert "12.000.000.000.05" in finding["message"] and "từ 0 đến 600.000 triệu đồng" in finding["message"]
    assert "NCC02" in (_verdicts(waiting)["figures_plausible"][1] or "")
    assert "NCC02" not in (_verdicts(waiting)["indicators_reconcile"][1] or "")
    with hub.engine.connect() as connection:
        card = scorecard.read(connection, [], {}, DUE + DAY)
    assert ["chờ duyệt; NCC02" in line for line in card["reports"]] == [True], "each night tells it"
    # The next nights compose nothing and send nothing, until a person answers for it.
    assert run(hub, gateway, DUE + DAY).stopped == [] and len(gateway.listed()) == 1
    with hub.engine.begin() as connection:
        outbox.approve(connection, waiting.transaction_id, "Lê Thử", DUE + DAY)
    run(hub, gateway, DUE + DAY)
    [sent] = of(hub)
    assert (sent.status, sent.approved_by, sent.stopped_by) == ("received", "Lê Thử", [])
    assert gateway.packet(sent.transaction_id)["nguoi_duyet"] == "Lê Thử"
    assert _verdicts(sent)["figures_plausible"][1] is None


def test_a_stopped_form_goes_by_itself_once_its_cell_is_mended(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    hub.load(MERIT, "2024-10", "412", [{"amount_vnd": 10**18}], DUE)
    run(hub, gateway, DUE)
    hub.by_hand(MERIT, "2024-10", "412", [{}], DUE + DAY, "Vinh sửa số tiền", "Nguyễn Thử")
    [done] = run(hub, gateway, DUE + DAY, follows=True).composed
    assert [s.status for s in of(hub)] == ["replaced", "received"] and done.reasons == ["Vinh sửa số tiền"]


def test_a_units_figure_beyond_what_a_unit_can_have_stops_it_too(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    hub.load(ASSISTANCE, "2024-10", "415", [{"amount_vnd": 10**11}], DUE)  # 100,000 million: the province could have it
    run(hub, gateway, DUE)
    [finding] = of(hub)[0].stopped_by
    assert finding["code"] == "BTX02" and finding["message"].startswith("đơn vị Huyện Quế Phong: 100.000 triệu đồng")
    assert "đến 40.000 triệu đồng" in finding["message"]


def test_what_no_column_of_whole_numbers_holds_is_a_figure_still(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    hub.load(MERIT, "2024-10", "412", [{"amount_vnd": LARGEST, "arrears_vnd": LARGEST}] * 3, DUE)
    hub.load(ASSISTANCE, "2024-10", "412", [{"amount_vnd": LARGEST, "arrears_vnd": LARGEST, "is_received": False}] * 3, DUE)
    decision = {"decision_date": dt.date(2024, 10, 1), "benefit_vnd": LARGEST, "benefit_months": 30_000}
    hub.load("labour_employment.unemployment_decisions", "2024-10", "40", [decision] * 3, DUE)
    run(hub, gateway, DUE)
    [waiting] = of(hub)
    assert {f["code"] for f in waiting.stopped_by} == {"NCC02", "BTX07", "LD08"}
    [total] = [x for x in waiting.payload["so_lieu"] if x["ma_chi_tieu"] == "LD08" and x["phan_to"] == {"don_vi": "40"}]
    millions, rest = divmod(3 * 30_000 * LARGEST + 9_000_000, 10**6)  # with the decision of September
    assert total["gia_tri"] == f"{millions}.{rest // 1000:03d}"
