"""Districts that submit late: several cells at once, a whole month, the sensors that see them, and rules that change later."""

import dataclasses
import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from assets.cells.outcome import Request
from assets.cells.run import revalidate_dataset
from resources.hub import Hub
from schemas.dataset import Moment, rule
from schemas.registry import dataset_named
from tests.integration.agreement import check_reconciled, check_ui_agrees
from tests.integration.province import Province, province, until_loaded
from tests.integration.proxies import line

SOURCE = "social_protection"
PAYMENTS = "core.social_protection_monthly_payments"
REASON = ("--reason", "Huyện nộp muộn", "--by", "Cán bộ thử")


@pytest.fixture(scope="module")
def made() -> Iterator[Province]:
    with province(after_first_night=True) as found:
        yield found


def tick(made: Province, sensor: str, cursor: str = "", *, run: bool = False) -> dict[str, Any]:
    """Evaluate a sensor once as the daemon would; `run`: its requests as well."""
    return made.python("tick", sensor, cursor, *(["run"] if run else []))


def by_hand(made: Province, dataset: str, cells: str, reason: str, officer: str) -> None:
    """Run cells in a process that is gone before it followed them: that is the sensor's."""
    assert made.python("cells_by_hand", *dataset.split("."), cells, reason, officer)


def missing(made: Province, *, locked: bool) -> list[tuple[str, str]]:
    """Cells of the payment list that nobody sent, of locked or of watched periods."""
    day = made.one("select max(started_at) from ops.nights")
    return [
        tuple(r)
        for r in made.rows(
            f"""select period, unit_code from ops.cells where source = :s and dataset = 'monthly_payments' and status = 'missing'
            and (locked_at < :day) = {locked} order by 1, 2""",
            s=SOURCE,
            day=day,
        )
    ]


def come_late(made: Province, period: str, unit: str) -> None:
    made.ansinh("demo", "fault", "late", "--source", SOURCE, "--dataset", "monthly_payments", "--period", period, "--unit", unit)


def test_a_watched_cell_is_loaded_by_the_sensor_with_its_own_reason_and_followed(made: Province) -> None:
    assert tick(made, "late_rows")["requests"] == []
    cursor = tick(made, "follow_up")["cursor"]
    (period, unit), *_ = missing(made, locked=False)
    come_late(made, period, unit)
    with line(made.server, silent_after=100) as silent:  # another source says nothing: it holds up only itself
        one_silent = made.having(SOURCE_LABOUR_EMPLOYMENT_URL=silent.url("labour_employment"), ANSINH_ANSWER_SECONDS="10")
        (request,) = (asked := tick(one_silent, "late_rows", run=True))["requests"]
    assert request["tags"]["ansinh/cells"] == f"{period}|{unit}", asked
    state = made.rows("select status, rows_accepted > 0 from ops.cells where period = :p and unit_code = :u and source = :s"
                      " and dataset = 'monthly_payments'", p=period, u=unit, s=SOURCE)  # fmt: skip
    assert state == [("late", True)]
    kept = made.rows("select requested_by, outcome from ops.backfills order by id desc limit 1")[0]
    assert kept == ("ansinh (late_rows)", "accepted")
    assert tick(made, "late_rows")["requests"] == [], "the same rows are asked for once"
    followed = tick(made, "follow_up", cursor, run=True)
    # Nobody's act: its open data follows, and the night files its report on the report's own days.
    assert {r["job"] for r in followed["requests"]} == {"nightly_social_protection"}
    assert tick(made, "follow_up", followed["cursor"])["requests"] == [], "what follows is not followed again"
    check_reconciled(made)
    check_ui_agrees(made)


def test_two_systems_loaded_in_one_tick_both_give_their_reason(made: Province) -> None:
    """And two officers of one system: each reason reaches the periods that read its cells, and no other."""
    cursor = tick(made, "follow_up")["cursor"]
    for period, reason, officer in (("2024-05", "Tháng năm sai", "Cán bộ A"), ("2024-06", "Tháng sáu sai", "Cán bộ B")):
        paid = f"from {PAYMENTS} where period = :p and is_received"
        unit = made.one(f"select min(unit_code) {paid}", p=period)
        ids = [i for (i,) in made.rows(f"select beneficiary_id {paid} and unit_code = :u", p=period, u=unit)]
        assert made.change(
            SOURCE,
            """update btxh_chi_tra set da_nhan = false, ngay_nhan = null
            where to_char(thang, 'YYYY-MM') = :p and ma_doi_tuong = any(:ids)""",
            p=period,
            ids=ids[:2],
        )
        by_hand(made, f"{SOURCE}.monthly_payments", f"{period}|{unit}", reason, officer)
    by_hand(made, "meritorious_persons.monthly_payments", "2024-06|412", "Phòng Người có công nạp lại", "Cán bộ C")
    followed = tick(made, "follow_up", cursor, run=True)["requests"]
    (reports,) = [r for r in followed if r["job"] == "nightly_reports"]
    said = ["Phòng Người có công nạp lại", "Tháng năm sai", "Tháng sáu sai"]
    assert sorted(reports["tags"]["ansinh/reason"].split("; ")) == said
    latest = """select reasons, composed_by from ops.report_submissions where form = 'AS-T' and period = :p
        order by revision desc limit 1"""
    assert made.rows(latest, p="2024-05") == [(["Tháng năm sai"], "Cán bộ A")]
    assert made.rows(latest, p="2024-06") == [(["Tháng sáu sai", "Phòng Người có công nạp lại"], "Cán bộ B; Cán bộ C")]
    check_ui_agrees(made)


def test_several_districts_and_periods_in_one_request_are_one_run_and_touch_no_other_cell(made: Province) -> None:
    cells = missing(made, locked=True)[:2]
    assert len(cells) == 2 and cells[0][0] != cells[1][0]
    for period, unit in cells:
        come_late(made, period, unit)
    made.nightly("--source", SOURCE)
    assert tick(made, "late_rows")["requests"] == [], "a locked period is never loaded by itself"
    waiting = made.one("select count(*) from ops.cells where rows_waiting > 0 and source = :s", s=SOURCE)
    assert waiting == 2
    others = f"select period, unit_code, row_key, recorded_from from {PAYMENTS} order by 1, 2, 3"
    before = made.rows(others)
    periods, units = {p for p, _ in cells}, {u for _, u in cells}
    done = made.ansinh(
        "backfill", "--source", SOURCE, "--dataset", "monthly_payments", "--period", *sorted(periods), "--unit", *sorted(units), *REASON
    )  # fmt: skip
    for period, unit in cells:
        assert f"{period}|{unit}" in done.stdout
    asked = {(p, u) for p in periods for u in units}
    untouched = [r for r in before if (r[0], r[1]) not in asked]
    assert [r for r in made.rows(others) if (r[0], r[1]) not in asked] == untouched
    runs = made.one("select count(distinct run_id) from ops.backfills where reason = 'Huyện nộp muộn'")
    assert runs == 1
    assert made.one("select count(*) from ops.cells where rows_waiting > 0 and source = :s", s=SOURCE) == 0
    corrected = made.rows(
        "select period, reason, receipt from ops.report_submissions where composed_by = 'Cán bộ thử' and replaces is not null"
    )
    assert {p for p, _, _ in corrected} >= periods
    assert all("Huyện nộp muộn" in reason and receipt for _, reason, receipt in corrected)
    check_reconciled(made)
    check_ui_agrees(made)


def test_a_whole_month_of_a_system_is_loaded_again_and_changes_nothing(made: Province) -> None:
    current = f"select row_key, recorded_from from {PAYMENTS} order by 1, 2"
    before = made.rows(current)
    reports = made.one("select count(*) from ops.report_submissions")
    done = made.ansinh("backfill", "--source", SOURCE, "--period", "2024-09", *REASON, "--json")
    told = json.loads(done.stdout)
    assert told["reports"] == told["failures"] == [] and "không số liệu nào" in told["why_no_report"]
    assert {cell["period"] for cell in told["loaded"]} == {"2024-09"}
    assert made.rows(current) == before
    asked = made.one("select count(*) from ops.backfills where period = '2024-09' and outcome = 'accepted'")
    expected = made.one(
        "select count(*) from ops.cells where source = :s and period = '2024-09' and first_received_at is not null and unit_code <> 'unknown'",
        s=SOURCE,
    )
    assert asked == expected
    assert made.one("select count(*) from ops.report_submissions") == reports, "no figure changed, no correction"
    check_ui_agrees(made)


def amount_is_small(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Số tiền phải dưới 1.000.000 đồng: quy tắc chỉ có trong phép thử này."""
    return (frame["amount_vnd"] < 1_000_000).fillna(True)


SMALL = rule("error", "amount_vnd", legal="quy tắc thử", ref="T-01")(amount_is_small)


def test_a_rule_that_changed_is_applied_to_what_was_kept_without_asking_the_source(
    made: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [n for n in os.environ if n.startswith(("ANSINH_", "SOURCE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ANSINH_HOME", str(made.home))
    hub = Hub.open()
    dataset = dataset_named("social_protection.monthly_payments")
    large = "amount_vnd >= 1000000"
    unit = made.one(
        f"""select unit_code from {PAYMENTS} where period = '2024-08' group by 1
        having count(*) filter (where {large}) between 1 and count(*) - 1 order by 1 limit 1"""
    )
    in_cell = f"select count(*) from {PAYMENTS} where period = '2024-08' and unit_code = :u"
    before = made.one(in_cell, u=unit)
    odd = made.one(f"{in_cell} and {large}", u=unit)
    assert 0 < odd < before
    request = Request("a-test", cells=frozenset({("2024-08", unit)}), by_hand=True, from_raw=True)
    stricter = dataclasses.replace(dataset, rules=(*dataset.rules, SMALL), tolerated_share=1.0)
    revalidate_dataset(hub, stricter, request)
    assert made.one(in_cell, u=unit) == before - odd
    aside = made.one("select count(*) from quarantine.rows where resolved_at is null and failures::text like '%amount_is_small%'")
    assert aside == odd
    revalidate_dataset(hub, dataset, request)
    assert made.one(in_cell, u=unit) == before, "the rule is loosened: the rows come back"
    assert (
        made.one("select count(*) from quarantine.rows where resolved_at is null and failures::text like '%amount_is_small%'")
        == 0
    )
    hub.warehouse.engine.dispose()
    made.nightly("--source", SOURCE)
    check_reconciled(made)
    check_ui_agrees(made)


@pytest.mark.landing
def test_a_run_whose_process_died_is_marked_by_the_sensor_and_one_that_lives_is_left(made: Province) -> None:
    night = made.start("nightly", "--source", SOURCE)
    until_loaded(night, dataset_named("social_protection.beneficiaries"))
    os.killpg(night.pid, signal.SIGSTOP)  # else it would have ended before it is looked for
    assert "Không có" in tick(made, "dead_runs")["skipped"], "it lives"
    os.killpg(night.pid, signal.SIGKILL)
    night.wait()
    assert "Đã đánh dấu hỏng" in tick(made, "dead_runs")["skipped"]
    made.nightly("--source", SOURCE)
    check_reconciled(made)
    check_ui_agrees(made)


@pytest.mark.landing
def test_reports_that_met_an_outage_are_sent_once_when_the_gateway_is_back(made: Province) -> None:
    os.kill(int((made.home / "run" / "gateway.pid").read_text()), signal.SIGKILL)
    period = "2024-07"
    assert made.change(
        SOURCE,
        """update btxh_chi_tra set da_nhan = false, ngay_nhan = null where ctid in (select ctid from btxh_chi_tra
        where to_char(thang, 'YYYY-MM') = :p and da_nhan order by ma_doi_tuong limit 3)""",
        p=period,
    )
    done = made.ansinh("backfill", "--source", SOURCE, "--dataset", "monthly_payments", "--period", period, *REASON, status=1)
    assert "không có trả lời" in done.stderr and "cùng mã giao dịch" in done.stderr
    waiting = made.rows(
        "select form, period, transaction_id from ops.report_submissions where receipt is null and status = 'sent'"
    )
    assert [(f, p) for f, p, _ in waiting] == [("AS-T", period)]
    assert tick(made, "waiting_reports")["requests"] == [], "its next attempt has not come"
    made.ansinh("demo", "up")
    made.ansinh("demo", "day", "+1")
    tick(made, "waiting_reports", run=True)
    assert made.one("select receipt is not null from ops.report_submissions where transaction_id = :t", t=waiting[0][2])
    assert made.one("select count(*) from ops.report_submissions where receipt is null and status <> 'replaced'") == 0
    assert made.one("select count(*) from (select receipt from ops.report_submissions group by 1 having count(*) > 1) d") == 0
    check_ui_agrees(made)
