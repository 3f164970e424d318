"""The figures of the forms of vocational education over a real warehouse: enrolments by list, graduates by day, establishments."""

import datetime as dt
from collections import Counter
from typing import Any

import pytest

from assets.reports.compute import FilledForm
from assets.reports.forms import form_named
from schemas import calendar, units
from schemas.dataset import PROVINCE
from schemas.registry import dataset_named
from tests.fixtures.forms import compute
from tests.integration.report_hub import SmallHub, at

GD_T, GD_H, GD_NH = form_named("GD-T"), form_named("GD-H"), form_named("GD-NH")
NOW = at("2024-11-20 02:00")
SCHOOL_YEAR = calendar.periods("monthly", "2023-09", dt.date(2024, 8, 31))
ENROLMENTS, GRADUATES, INSTITUTIONS = (f"vocational_education.{n}" for n in ("enrolments", "graduates", "institutions"))


def filled(hub: SmallHub, form=GD_NH, period: str = "2023-2024", now: dt.datetime = NOW) -> FilledForm:
    with hub.engine.connect() as connection:
        return compute(connection, form, period, now)


def value(form: FilledForm, code: str, **breakdown: str) -> str | None:
    (found,) = [f for f in form.figures if f.code == code and dict(f.breakdown) == {"don_vi": PROVINCE} | breakdown]
    return found.line()["gia_tri"]


def enrol(hub: SmallHub, month: str, *rows: dict[str, Any]) -> None:
    hub.load(ENROLMENTS, month, PROVINCE, [{"district": "412"} | row for row in rows], NOW)


def test_months_add_up_to_half_years_and_to_the_school_year(hub: SmallHub) -> None:
    """In each month as many as its number in the school year, and a thousand in the months around it."""
    enrol(hub, "2024-09", {"new_count": 1000})
    for number, month in enumerate(SCHOOL_YEAR, start=1):
        enrol(hub, month, {"new_count": number})
    hub.load(GRADUATES, "2023-2024", PROVINCE, [], NOW)
    hub.load(INSTITUTIONS, "now", PROVINCE, [], NOW)
    hub.read(NOW)
    assert [value(filled(hub, GD_T, month), "GD01") for month in ("2024-02", "2024-08", "2024-09")] == ["6", "12", "1000"]
    assert value(filled(hub, GD_H, "2024-H1"), "GD01") == str(sum(range(4, 10)))  # December to May
    year = filled(hub)
    assert value(year, "GD01") == str(sum(range(1, 13))) and year.is_final
    inputs = {i.period for i in GD_H.inputs("2024-H1") if i.dataset.id == ENROLMENTS}
    assert inputs == {"2023-12", "2024-01", "2024-02", "2024-03", "2024-04", "2024-05"}


def test_a_month_that_has_not_come_is_no_zero(hub: SmallHub) -> None:
    for month in SCHOOL_YEAR[:-1]:
        enrol(hub, month, {"new_count": 5})
    hub.read(NOW)
    form = filled(hub)
    assert value(form, "GD01") is None and not form.is_final


def test_enrolments_are_told_by_level_unit_and_sex(hub: SmallHub) -> None:
    """Where the women are not told, or are more than the people, nobody is said to be of either sex."""
    enrol(
        hub,
        "2024-10",
        {"new_count": 10, "female_count": 4, "level_code": 1},
        {"new_count": 20, "female_count": None, "level_code": 3, "district": "415"},
        {"new_count": 7, "female_count": 9, "level_code": 3},
        {"new_count": 3, "female_count": 3, "level_code": 4, "district": None},
    )
    hub.read(NOW)
    form = filled(hub, GD_T, "2024-10")
    assert value(form, "GD01") == "40"
    assert [value(form, "GD01", trinh_do=level) for level in "1234"] == ["10", "0", "27", "3"]
    assert [value(form, "GD01", gioi_tinh=sex) for sex in ("1", "2", "khong_ro")] == ["6", "7", "27"]
    assert [value(form, "GD01", don_vi=unit) for unit in ("412", "415", "unknown")] == ["17", "20", "3"]
    assert not form.findings


def test_graduates_are_of_the_half_year_in_which_they_were_recognised(hub: SmallHub) -> None:
    days = {"2023-11-30": 1, "2023-12-01": 10, "2024-05-31": 100, "2024-06-01": 1000, "2024-08-31": 10_000, "2024-09-01": 100_000}
    for school_year in ("2023-2024", "2024-2025"):
        first, last = calendar.span(school_year)
        recognised = {dt.date.fromisoformat(day): people for day, people in days.items()}
        rows = [
            {"graduated_date": day, "graduate_count": people, "employed_count": people // 2 if people > 1 else None}
            for day, people in recognised.items()
            if first <= day <= last
        ]
        hub.load(GRADUATES, school_year, PROVINCE, [{"district": "412"} | row for row in rows], NOW)
    hub.read(NOW)
    half, year = filled(hub, GD_H, "2024-H1"), filled(hub)
    assert (value(half, "GD02"), value(half, "GD03")) == ("110", "50.00")
    assert value(year, "GD02") == "11111"
    assert value(year, "GD03") == "50.00"  # of the one of November nobody knows


@pytest.mark.parametrize(
    ("period", "due", "recognised", "asked"),
    [
        ("2024-H2", "2024-12-16", "2024-10-20", "2024-12-16"),
        ("2025-H1", "2025-06-17", "2025-05-20", "2025-06-17"),
        ("2024-H2", "2024-12-16", "2024-10-20", "2025-10-16"),
        ("2024-2025", "2025-06-17", "2025-05-20", "2025-10-16"),
    ],
    ids=["before the districts end", "in their last month", "long after", "school year, of lists from before"],
)
def test_graduates_are_of_the_units_of_the_form_and_not_of_the_end_of_the_school_year(
    hub: SmallHub, period: str, due: str, recognised: str, asked: str
) -> None:
    """The list of school year 2024-2025 is placed for 31 August 2025, when there are communes and no district."""
    form, loaded, now = GD_NH if period == "2024-2025" else GD_H, at(f"{due} 02:00"), at(f"{asked} 02:00")
    moment = calendar.moment(dataset_named(GRADUATES), "2024-2025", loaded.date())
    placed, there = units.placing(moment.judged_on, moment.last_day), calendar.span(period)[1]
    of_vinh = [c.code for c in units.communes_on(moment.judged_on).values() if c.district_code == "412"]
    rows = [
        {"commune_code": code, "district": placed[code], "graduated_date": dt.date.fromisoformat(recognised)}
        | {"graduate_count": 50, "employed_count": 40}
        for code in of_vinh
    ]
    hub.load(GRADUATES, "2024-2025", PROVINCE, rows, loaded)
    for dataset, of in {(i.dataset.id, i.period) for i in form.inputs(period)} - {(GRADUATES, "2024-2025")}:
        hub.load(dataset, of, PROVINCE, [], loaded)
    hub.read(now)
    told = filled(hub, form, period, now)
    assert told.is_final
    expected = Counter(units.placing(moment.judged_on, there)[code] for code in of_vinh)
    for code, of_each in (("GD02", {unit: 50 * n for unit, n in expected.items()}), ("GD03", dict.fromkeys(expected, 80))):
        figures = {dict(f.breakdown)["don_vi"]: f for f in told.figures if f.code == code and len(f.breakdown) == 1}
        assert figures.keys() == {PROVINCE, *(u.code for u in units.submitting_units(there))}
        assert {unit: f.value for unit, f in figures.items() if unit != PROVINCE and f.value} == of_each


def test_establishments_are_those_in_operation_at_the_end(hub: SmallHub) -> None:
    rows = [
        {},
        {"institution_type_code": 3, "closed_date": dt.date(2024, 8, 2)},
        {"institution_type_code": 3, "closed_date": dt.date(2024, 8, 1)},
        {"institution_type_code": 4, "registered_date": dt.date(2024, 8, 2)},
        {"institution_type_code": 2, "registered_date": dt.date(2024, 8, 1)},
    ]
    hub.load(INSTITUTIONS, "now", PROVINCE, [{"district": "412"} | row for row in rows], NOW)
    for month in SCHOOL_YEAR:
        enrol(hub, month, {"new_count": 5, "district": "415" if month == "2023-10" else "412"})
    hub.load(GRADUATES, "2023-2024", PROVINCE, [], NOW)
    hub.read(NOW)
    form = filled(hub)
    assert value(form, "GD04") == "3"
    assert [value(form, "GD04", loai_hinh=kind) for kind in "1234"] == ["1", "1", "1", "0"]
    (finding,) = form.findings
    assert (finding.code, finding.kind) == ("GD01", "to_explain") and "Quế Phong: 5 người tuyển mới" in finding.message
    assert form.is_final


def test_establishments_are_told_in_the_units_of_the_school_year(hub: SmallHub) -> None:
    """The register is read after the districts ended: each stands in its commune of today."""
    now = at("2025-07-25 02:00")
    placed = units.placing(now.date(), now.date())
    communes = [c for c in units.communes_on(now.date()).values() if c.district_code in ("412", "415")]
    hub.load(INSTITUTIONS, "now", PROVINCE, [{"commune_code": c.code, "district": placed[c.code]} for c in communes], now)
    hub.read(now)
    form = filled(hub, GD_NH, "2023-2024", now)
    of_units = {dict(f.breakdown)["don_vi"]: f.value for f in form.figures if f.code == "GD04" and len(f.breakdown) == 1}
    told = {unit: number for unit, number in of_units.items() if number and unit != PROVINCE}
    assert told == {"412": 5, "413": 1, "415": 5}, "one of the six of Vinh was Cửa Lò"
    assert of_units.keys() == {PROVINCE, *(u.code for u in units.submitting_units(dt.date(2024, 8, 31)))}
