"""Forms, regimes and the catalogue: windows, due days, locks, and that nothing declared is left without its counting."""

import datetime as dt
import itertools
from decimal import Decimal

import pytest

from assets.reports.compute import MODULES
from schemas.registry import dataset_named
from schemas.reports import as_n, as_t
from schemas.reports.form import breakdown_inputs_of, inputs_of, organisation, regimes
from schemas.reports.indicators import STATE_TITLES, UNIT_TITLES, catalogue, named
from schemas.reports.registry import FORMS, due_forms, form_named

DAY = dt.date.fromisoformat


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
    assert (as_t.FORM.due_day(period), as_t.FORM.locked_day(period)) == (DAY(due), DAY(lock))


def test_as_n_is_due_on_15_january() -> None:
    assert as_n.FORM.due_day("2023") == DAY("2024-01-15")
    assert as_n.FORM.due_day("2026") == DAY("2027-01-15")
    assert as_n.FORM.due_day("2027") == DAY("2028-01-17")  # the 15th is a Saturday


def test_the_first_night_of_the_demo_files_these() -> None:
    found = [(form.code, period) for form, period in due_forms(DAY("2024-11-20"))]
    assert found == [("AS-T", f"2024-{m:02d}") for m in range(2, 12)] + [("AS-N", "2023")]
    assert ("AS-T", "2024-11") not in [(f.code, p) for f, p in due_forms(DAY("2024-11-19"))]


def test_the_data_periods_of_a_form() -> None:
    found = {(i.dataset.id, i.period) for i in as_t.FORM.inputs("2024-10")}
    assert ("labour_employment.jobs_created", "2024-09") in found and ("labour_employment.jobs_created", "2024-10") in found
    payments = [p for d, p in found if d == "social_protection.monthly_payments"]
    assert payments == ["2024-10"]  # the first of October lies in the window, that of September does not
    (money,) = named("NCC02", DAY("2024-10-14"))
    assert [i.period for i in inputs_of(money, as_t.FORM, "2024-10")] == ["2024-10"]
    assert [i.period for i in breakdown_inputs_of(money, as_t.FORM, "2024-10")] == ["2024-10", "now"]
    assert {(i.dataset.id, i.period) for i in as_n.FORM.inputs("2023")} == {
        ("poverty.households", "2023"),
        ("poverty.review_results", "2023"),
        ("labour_employment.workers", "2023"),
    }


def test_each_form_has_the_indicators_of_its_period() -> None:
    assert as_t.FORM.indicator_codes == ("NCC01", "NCC02", "NCC05", "BTX01", "BTX02", "BTX07", "LD05", "LD06", "LD07", "LD08")
    assert as_n.FORM.indicator_codes == (*(f"HN0{n}" for n in range(1, 8)), *(f"LD0{n}" for n in range(1, 5)))


def test_every_indicator_of_a_form_is_counted_and_every_count_is_declared() -> None:
    for form in FORMS:
        declared = {(i.code, i.unit) for i in catalogue() if i.code in form.indicator_codes}
        assert set(MODULES[form.code].QUERIES) == declared
        for (code, unit), query in MODULES[form.code].QUERIES.items():
            (indicator,) = [i for i in named(code, DAY("2024-10-14")) if i.unit == unit]
            assert (query.denominator is not None) == indicator.is_rate
            # What the totals are counted from is read without the register or list behind the breakdowns.
            assert (query.breakdowns is not None) == bool(indicator.also_reads)


def test_the_catalogue_is_whole() -> None:
    for indicator in catalogue():
        for name in (*indicator.datasets, *indicator.also_reads):
            dataset_named(name)
        assert indicator.legal_basis and indicator.numerator and indicator.unit in UNIT_TITLES
        assert (indicator.unit == "phan_tram") == indicator.is_rate
        assert set(indicator.protected) <= set(indicator.dimensions)
        assert indicator.sum_rule == "equal" or indicator.sum_reason
        assert indicator.decimals == {"phan_tram": 2, "trieu_dong": 3}.get(indicator.unit, 0)
    # Groups of assistance imply HIV or a disability, wherever they are a breakdown.
    assert all(i.protected == ("nhom",) for i in catalogue() if "nhom" in i.dimensions)


def test_dated_rows_of_an_indicator_do_not_overlap() -> None:
    by_line: dict[tuple[str, str], list] = {}
    for indicator in catalogue():
        by_line.setdefault((indicator.code, indicator.unit), []).append(indicator)
    for lines in by_line.values():
        for one, two in itertools.pairwise(lines):
            assert one.valid_to is not None and one.valid_to < two.valid_from
    assert named("LD05", DAY("2026-03-14"))[0].legal_basis.endswith("74/2025/QH15")


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
def test_rounding(code: str, unit: str, numerator: int, denominator: int | None, shown: str) -> None:
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
    with pytest.raises(KeyError, match="AS-T, AS-N"):
        form_named("AS-X")
    assert set(STATE_TITLES) == {"co_so_lieu", "khong_phat_sinh", "chua_bao_cao", "bi_an"}
