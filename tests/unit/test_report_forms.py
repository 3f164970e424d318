"""Forms and regimes: windows, due days, locks, the periods that a form reads, rounding. What is declared: tests/contracts."""

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import dagster as dg
import pytest

from assets.reports.asset import report_asset, unreadable_asset
from assets.reports.form import DueRule, Form, Input, breakdown_inputs_of, inputs_of
from assets.reports.forms import FORMS, form_named
from assets.reports.indicators import named
from assets.reports.inputs import InputState, title_of
from assets.reports.parameters import parameters
from schemas import calendar
from schemas.registry import dataset_named
from schemas.reports.measures import STATE_TITLES
from schemas.reports.organisations import organisation
from schemas.reports.regimes import regimes
from tests.fixtures.forms import due_forms

DAY = dt.date.fromisoformat
AS_T, AS_N = form_named("AS-T"), form_named("AS-N")
VL_Q, VL_H = form_named("VL-Q"), form_named("VL-H")
GD_T, GD_H, GD_NH = form_named("GD-T"), form_named("GD-H"), form_named("GD-NH")
HC_T, HC_Q = form_named("HC-T"), form_named("HC-Q")


@pytest.mark.parametrize(
    ("regime", "period", "start", "end", "written"),
    [
        ("ND09.T", "2024-10", "2024-09-15", "2024-10-14", "2024M10"),
        ("ND09.T", "2024-01", "2023-12-15", "2024-01-14", "2024M01"),
        ("ND09.Q", "2026-Q1", "2025-12-15", "2026-03-14", "2026Q1"),
        ("ND09.H", "2026-H1", "2025-12-15", "2026-06-14", "2026H1"),
        ("ND09.H", "2026-H2", "2026-06-15", "2026-12-14", "2026H2"),
        ("ND09.N", "2023", "2022-12-15", "2023-12-14", "2023Y"),
        ("LICH.T", "2024-02", "2024-02-01", "2024-02-29", "2024ML02"),
        ("LICH.N", "2024", "2024-01-01", "2024-12-31", "2024YL"),
        ("GDNN.T", "2024-02", "2024-02-01", "2024-02-25", "2024M02"),
        ("GDNN.H", "2024-H1", "2023-12-01", "2024-05-31", "2024H1"),
        ("GDNN.H", "2024-H2", "2024-06-01", "2024-11-30", "2024H2"),
        ("GDNN.NH", "2023-2024", "2023-09-01", "2024-08-31", "2024NH"),
    ],
)
def test_a_window_belongs_to_its_regime(regime: str, period: str, start: str, end: str, written: str) -> None:
    found = regimes()[regime]
    assert found.window(period) == (DAY(start), DAY(end))
    assert found.named_period(period) == written


@pytest.mark.parametrize(
    ("period", "due", "lock"),
    [
        ("2024-02", "2024-02-20", "2024-03-31"),  # the lists on Monday the 19th
        ("2024-05", "2024-05-21", "2024-06-30"),  # the 19th is a Sunday: lists on the 20th
        ("2024-10", "2024-10-22", "2024-11-30"),  # the 19th is a Saturday: lists on the 21st
        ("2024-11", "2024-11-20", "2024-12-31"),
    ],
)
def test_as_t_is_due_the_first_working_day_after_the_lists(period: str, due: str, lock: str) -> None:
    assert (AS_T.due_day(period), AS_T.locked_day(period)) == (DAY(due), DAY(lock))


def test_as_n_is_due_on_15_january() -> None:
    assert AS_N.due_day("2023") == DAY("2024-01-15")
    assert AS_N.due_day("2026") == DAY("2027-01-15")
    assert AS_N.due_day("2027") == DAY("2028-01-17")  # the 15th is a Saturday


def test_the_centre_reports_before_the_20th_of_the_last_month() -> None:
    assert [VL_Q.due_day(f"2024-Q{q}") for q in (1, 2, 3, 4)] == [DAY(f"2024-{m:02d}-19") for m in (3, 6, 9, 12)]
    assert [VL_H.due_day(f"2024-H{h}") for h in (1, 2)] == [DAY("2024-06-19"), DAY("2024-12-19")]
    assert VL_H.due_day("2027-H2") == DAY("2027-12-20")  # the 19th is a Sunday
    assert VL_H.locked_day("2024-H1") == DAY("2024-07-31")


def test_the_forms_of_vocational_education_are_due_before_the_30th_the_15th_and_in_october() -> None:
    """Each after the last list that its window holds."""
    assert [GD_T.due_day(f"2024-{month}") for month in ("02", "10")] == [DAY("2024-02-29"), DAY("2024-10-30")]
    assert GD_T.due_day("2024-11") == DAY("2024-12-02")  # the 30th is a Saturday
    assert [GD_H.due_day(f"2024-H{h}") for h in (1, 2)] == [DAY("2024-06-14"), DAY("2024-12-16")]  # the 14th is a Saturday
    assert (GD_NH.due_day("2023-2024"), GD_NH.locked_day("2023-2024")) == (DAY("2024-10-15"), DAY("2024-11-30"))
    for form, period in ((GD_T, "2024-11"), (GD_H, "2024-H1"), (GD_NH, "2023-2024")):
        last = max(i.period for i in form.inputs(period) if i.dataset.id == "vocational_education.enrolments")
        assert calendar.due_day(dataset_named("vocational_education.enrolments"), last) <= form.due_day(period)
    assert GD_NH.periods_due(DAY("2024-10-14")) == [] and GD_NH.periods_due(DAY("2024-11-20")) == ["2023-2024"]


def test_the_first_night_of_the_demo_files_these() -> None:
    of_these = (AS_T.code, VL_Q.code, VL_H.code, AS_N.code)
    found = [(form.code, period) for form, period in due_forms(DAY("2024-11-20")) if form.code in of_these]
    monthly = [("AS-T", f"2024-{m:02d}") for m in range(2, 12)]
    assert found == [*monthly, *(("VL-Q", f"2024-Q{q}") for q in (1, 2, 3)), ("VL-H", "2024-H1"), ("AS-N", "2023")]
    assert ("AS-T", "2024-11") not in [(f.code, p) for f, p in due_forms(DAY("2024-11-19"))]


def test_the_data_periods_of_a_form() -> None:
    found = {(i.dataset.id, i.period) for i in AS_T.inputs("2024-10")}
    assert ("labour_employment.jobs_created", "2024-09") in found and ("labour_employment.jobs_created", "2024-10") in found
    payments = [p for d, p in found if d == "social_protection.monthly_payments"]
    assert payments == ["2024-10"]  # the first of October lies in the window, that of September does not
    (money,) = named("NCC02", DAY("2024-10-14"))
    assert [i.period for i in inputs_of(money, AS_T, "2024-10")] == ["2024-10"]
    assert [i.period for i in breakdown_inputs_of(money, AS_T, "2024-10")] == ["2024-10", "now"]
    assert {(i.dataset.id, i.period) for i in AS_N.inputs("2023")} == {
        ("poverty.households", "2023"),
        ("poverty.review_results", "2023"),
        ("labour_employment.workers", "2023"),
    }


def test_what_may_be_finished_long_after_its_period_is_looked_for_in_all_of_them() -> None:
    (received,), (in_time,) = named("HC01", DAY("2024-10-14")), named("HC03", DAY("2024-10-14"))
    assert [i.period for i in inputs_of(received, HC_T, "2024-10")] == ["2024-09", "2024-10"]
    months = [f"2024-{m:02d}" for m in range(1, 11)]
    assert [(i.dataset.name, i.period) for i in inputs_of(in_time, HC_T, "2024-10")] == [
        *(("dossiers", m) for m in months),
        *(("progress", m) for m in months),
    ]
    assert not HC_T.is_held("2024-01"), "its window begins before the first dossiers"
    assert HC_T.is_held("2024-02") and HC_Q.is_held("2024-Q2") and not HC_Q.is_held("2024-Q1")


def test_the_administrative_procedures_are_reported_by_dated_rules() -> None:
    assert [HC_T.due_day(f"2024-{m:02d}") for m in (10, 11)] == [DAY("2024-10-21"), DAY("2024-11-19")]  # the 19th is a Saturday
    assert HC_Q.due_day("2024-Q3") == DAY("2024-09-19")
    assert "61/2018" in HC_Q.due_rule("2025-Q2").legal_basis and "118/2025" in HC_Q.due_rule("2025-Q3").legal_basis


def test_each_form_has_the_indicators_of_its_period() -> None:
    assert HC_T.indicator_codes == ("HC01", "HC02", "HC03", "HC04") and HC_Q.indicator_codes == (*HC_T.indicator_codes, "HC05")
    assert AS_T.indicator_codes == ("NCC01", "NCC02", "NCC05", "BTX01", "BTX02", "BTX07", "LD05", "LD06", "LD07", "LD08")
    assert AS_N.indicator_codes == (*(f"HN0{n}" for n in range(1, 8)), *(f"LD0{n}" for n in range(1, 5)))


@pytest.mark.parametrize(
    ("code", "unit", "numerator", "denominator", "shown"),
    [
        ("NCC05", "phan_tram", 3, 800, "0.38"),  # 0.375
        ("NCC05", "phan_tram", 1, 800, "0.13"),  # 0.125: half up, not half even
        ("NCC05", "phan_tram", 2, 3, "66.67"),
        ("NCC02", "trieu_dong", 17_734_500, None, "17.735"),
        ("NCC02", "trieu_dong", 1_000_000_000_000, None, "1000000.000"),
        ("BTX07", "dong", 1_250_000, None, "1250000"),
        ("NCC01", "nguoi", 7, None, "7"),
    ],
)
def test_a_figure_is_rounded_as_its_measure_is_told(
    code: str, unit: str, numerator: int, denominator: int | None, shown: str
) -> None:
    (indicator,) = [i for i in named(code, DAY("2024-10-14")) if i.unit == unit]
    value = indicator.value(Decimal(numerator), None if denominator is None else Decimal(denominator))
    assert f"{value:f}" == shown


def test_a_rate_of_nothing_has_no_value() -> None:
    (indicator,) = named("NCC05", DAY("2024-10-14"))
    assert indicator.value(Decimal(0), Decimal(0)) is None


def test_organisations_are_dated_and_loud_where_unknown() -> None:
    assert organisation("sender", DAY("2024-11-20")).code == "H41.21"
    assert organisation("receiver", DAY("2024-11-20")).confidence == "unsure"
    with pytest.raises(LookupError, match=r"organisations\.csv"):
        organisation("sender", DAY("2025-03-01"))


def test_an_unknown_form_is_named() -> None:
    with pytest.raises(KeyError, match=", ".join(f.code for f in FORMS)):
        form_named("AS-X")
    assert set(STATE_TITLES) == {"co_so_lieu", "khong_phat_sinh", "chua_bao_cao", "bi_an"}


# --- forms of any kind -------------------------------------------------------------------------------------------------------


def a_form(kind: Any, regime: str, **due: Any) -> Form:
    """A form nobody declared: of the same indicators as AS-T, on another calendar."""
    rule = DueRule(lock_months=1, legal_basis="Quy ước", confidence="proposal", valid_from=DAY("2024-04-01"), **due)
    codes = ("NCC01", "NCC02", "LD07", "HN01")
    return Form(
        code="AS-X", title="Biểu thử", kind=kind, regime_code=regime, indicator_codes=codes, due=(rule,), legal_basis="Quy ước"
    )


def test_a_quarterly_form_reads_the_months_of_its_window() -> None:
    form = a_form("quarterly", "ND09.Q", day=10, months_after=1)
    assert form.faults == ()
    assert form.started(DAY("2024-11-20")) == ["2024-Q2", "2024-Q3", "2024-Q4"]  # a due day is declared since the second
    assert form.periods_due(DAY("2024-11-20")) == ["2024-Q2", "2024-Q3"]
    assert (form.due_day("2024-Q3"), form.locked_day("2024-Q3")) == (DAY("2024-10-10"), DAY("2024-11-30"))
    assert {i.dataset.id: i.period for i in form.inputs("2024-Q3") if i.dataset.kind != "monthly"} == {
        "meritorious_persons.profiles": "now",
        "poverty.review_results": "2024",
        "poverty.households": "2024",
    }
    assert months(form, "2024-Q3", "meritorious_persons.monthly_payments") == ["2024-07", "2024-08", "2024-09"]
    assert months(form, "2024-Q3", "labour_employment.unemployment_decisions") == ["2024-06", "2024-07", "2024-08", "2024-09"]


def test_a_half_yearly_form_is_due_after_the_lists_of_its_last_month() -> None:
    form = a_form("half_yearly", "ND09.H", after_datasets=("meritorious_persons.monthly_payments",))
    assert form.faults == ()
    assert form.started(DAY("2024-11-20")) == ["2024-H1", "2024-H2"]
    assert form.due_day("2024-H1") == AS_T.due_day("2024-06")
    assert form.periods_due(DAY("2024-11-20")) == []  # the window of the first half begins in December 2023
    assert form.periods_due(DAY("2025-01-10")) == ["2024-H2"]
    assert months(form, "2024-H2", "meritorious_persons.monthly_payments") == [f"2024-{m:02d}" for m in range(7, 13)]


def test_the_31st_of_a_shorter_month_is_its_last_day() -> None:
    form = a_form("quarterly", "ND09.Q", day=31, months_after=2)
    assert form.due_day("2024-Q3") == DAY("2024-12-02")  # the 30th of November is a Saturday


def months(form: Form, period: str, dataset: str) -> list[str]:
    return [i.period for i in form.inputs(period) if i.dataset.id == dataset]


@pytest.mark.parametrize(
    ("form", "period", "first", "payments", "touched"),
    [
        (AS_T, "2024-10", "2024-10-01", ["2024-10"], ["2024-09", "2024-10", "2024-Q3", "2024-Q4", "2024", "2024-2025"]),
        (
            a_form("quarterly", "ND09.Q"), "2024-Q1", "2024-03-01", ["2024-01", "2024-02", "2024-03"],
            ["2023-12", "2024-01", "2024-02", "2024-03", "2023-Q4", "2024-Q1", "2023", "2024", "2023-2024"],
        ),
    ],
    ids=["month", "quarter"],
)  # fmt: skip
def test_the_parameters_are_the_same_for_every_form(
    form: Form, period: str, first: str, payments: list[str], touched: list[str]
) -> None:
    given = parameters(form, period)
    assert given.keys() == parameters(AS_N, "2023").keys()
    assert given["first_of_month"] == DAY(first)
    assert given["list_months"] == payments
    assert given["flow_periods"] == touched
    assert given["year"] == "2024" and set(given["urban"]).isdisjoint(given["rural"])


@pytest.mark.parametrize(("period", "digits"), [("2024-10", 3), ("2025-06", 3), ("2025-07", 5)])
def test_what_was_placed_before_or_after_a_change_of_units_is_placed_anew(period: str, digits: int) -> None:
    given = parameters(AS_T, period)
    assert {len(unit) for unit in given["moved_to"]} == {digits}
    assert all(was != now for was, now in zip(given["moved_from"], given["moved_to"], strict=True))


def test_a_commune_is_urban_by_what_it_is_at_the_years_end_whether_its_code_stayed_or_went() -> None:
    """In Đô Lương the town's code went and in Quế Phong it stayed: both are a xã since July 2025. Nghi Phong went into a phường."""
    given = parameters(AS_N, "2025")
    assert {"16738", "17617"} <= set(given["rural"])
    assert {"16708", "17902"} <= set(given["urban"])
    assert not set(given["urban"]) & set(given["rural"])
    # In December 2024 Bồng Khê kept its code and became a town, Thạch Sơn lost its own to one.
    assert {"17254", "17371"} <= set(parameters(AS_N, "2024")["urban"])
    before = parameters(AS_N, "2023")
    assert {"17254", "17371"} <= set(before["rural"]) and len(before["urban"]) == 32 + 17


def test_half_years_are_periods() -> None:
    assert [calendar.period_of("half_yearly", DAY(day)) for day in ("2024-06-30", "2024-07-01")] == ["2024-H1", "2024-H2"]
    assert calendar.previous("2024-H1") == "2023-H2"
    assert calendar.previous("2024-Q1") == "2023-Q4" and calendar.previous("2024-01") == "2023-12"


# --- a form that is declared wrongly ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asset", "told"),
    [
        (report_asset(dataclasses.replace(AS_N, code="AS-Y", indicator_codes=("HN01", "HN99"))), "không có chỉ tiêu HN99"),
        (report_asset(dataclasses.replace(AS_N, code="AS-Y", due=())), "chưa khai hạn gửi"),
        (unreadable_asset("as_y", "as_y.py: SyntaxError: invalid syntax"), "as_y.py: SyntaxError"),
    ],
    ids=["an unknown indicator", "no due day", "no Python"],
)
def test_a_form_that_is_declared_wrongly_fails_by_itself_and_says_why(asset: dg.AssetsDefinition, told: str) -> None:
    assert asset.key == dg.AssetKey(["report", "national", "AS_Y"])
    whole = asset.map_asset_specs(lambda spec: spec.replace_attributes(partitions_def=None, deps=[]))  # as a night does
    with dg.DagsterInstance.ephemeral() as instance:
        run = dg.materialize([whole], instance=instance, raise_on_error=False)
    assert not run.success
    (failed,) = run.get_step_failure_events()
    assert "Lập biểu AS-Y" in str(failed) or "Lập biểu AS_Y" in str(failed)
    assert told in str(failed)


@pytest.mark.parametrize(
    ("periods", "told"),
    [
        (("2024-03",), " kỳ 2024-03"),
        (("2024-03", "2023-12", "2024-01", "2024-02"), " kỳ 2023-12 đến 2024-03"),
        (("2024-01", "2024-02", "2024-05"), " kỳ 2024-01 đến 2024-02, 2024-05"),
        ((calendar.REGISTER,), ""),
    ],
)
def test_inputs_of_months_that_follow_on_each_other_are_named_by_the_first_and_the_last(
    periods: tuple[str, ...], told: str
) -> None:
    dataset = dataset_named("social_protection.monthly_payments")
    states = [InputState(Input(dataset, period, by_days=False), {}, None, False, DAY("2024-11-20")) for period in periods]
    assert title_of(states) == f"{dataset.title}{told}"


def test_a_form_after_several_lists_is_due_after_the_last_of_them() -> None:
    """The payments are due on 21 October (the 19th is a Saturday), the jobs of the month on 5 November."""
    lists = ("social_protection.monthly_payments", "labour_employment.jobs_created")
    for names, due in ((lists, "2024-11-06"), (lists[::-1], "2024-11-06"), (lists[:1], "2024-10-22")):
        rule = dataclasses.replace(AS_T.due[0], after_datasets=names)
        assert dataclasses.replace(AS_T, due=(rule,)).due_day("2024-10") == DAY(due), names


def test_a_form_without_a_due_day_names_the_file_to_put_it_into() -> None:
    later = dataclasses.replace(AS_T.due[0], valid_from=DAY("2025-01-01"))
    form = dataclasses.replace(AS_T, due=(later,))
    assert form.due_day("2025-01") == AS_T.due_day("2025-01") and form.started(DAY("2025-02-20"))[0] == "2025-01"
    with pytest.raises(LookupError, match=r"AS-T: no due day is declared for 2024-10; .*as_t\.py"):
        form.due_day("2024-10")


@pytest.mark.parametrize(
    ("like", "codes", "declared", "first", "last"),
    [
        (GD_T, ("GD01", "NCC02"), ["2022-01-01"], "2023-09", "2026-03"),  # enrolments since 2023-09, payments since 2024-01
        (GD_T, ("NCC02", "GD01"), ["2022-01-01"], "2023-09", "2026-03"),
        (GD_T, ("NCC02",), ["2022-01-01"], "2024-01", "2026-03"),  # its register of persons says nothing of when it begins
        (GD_T, ("HN01",), ["2022-01-01"], "2023-01", "2026-03"),  # of a year: from its first month
        (GD_T, ("GD01", "NCC02"), ["2023-10-31"], "2023-10", "2026-03"),
        (GD_T, ("GD01", "NCC02"), ["2024-06-01", "2023-12-01", "2025-01-01"], "2023-12", "2026-03"),
        (form_named("TE-Q"), ("TE05",), ["2022-05-01"], "2022-Q2", "2026-Q1"),  # a register alone
        (form_named("TN-H"), ("TN01", "TN02"), ["2022-01-01"], "2024-H1", "2025-H1"),  # both closed with February 2025
        (form_named("TN-H"), ("TN01", "NCC02"), ["2022-01-01"], "2024-H1", "2026-H1"),  # one goes on
        (form_named("TN-H"), ("TN01", "GD01"), ["2022-01-01"], "2023-H2", "2026-H1"),
    ],
)
def test_a_form_begins_with_the_first_of_its_datasets_and_ends_with_the_last(
    like: Form, codes: tuple[str, ...], declared: list[str], first: str, last: str
) -> None:
    rules = tuple(dataclasses.replace(like.due[0], valid_from=DAY(day)) for day in declared)
    form = dataclasses.replace(like, indicator_codes=codes, due=rules)
    started = form.started(DAY("2026-03-31"))
    assert started == calendar.periods(like.kind, first, calendar.span(last)[0])
    assert form.started(DAY("2026-04-01"))[: len(started)] == started
    assert dataclasses.replace(form, due=()).started(DAY("2026-03-31")) == []
    assert dataclasses.replace(form, kind="weekly").started(DAY("2026-03-31")) == []


def test_a_form_is_due_on_its_day_and_not_before() -> None:
    assert AS_T.due_day("2024-10") == DAY("2024-10-22")
    assert [AS_T.periods_due(DAY(f"2024-10-{day}"))[-1] for day in (21, 22)] == ["2024-09", "2024-10"]
