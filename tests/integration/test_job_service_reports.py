"""The figures of the employment service centre's forms over a real warehouse: visits and people, jobs taken, fairs."""

import datetime as dt
from typing import Any

from assets.reports.compute import FilledForm
from assets.reports.forms import form_named
from schemas.dataset import PROVINCE
from tests.fixtures.forms import compute
from tests.integration.report_hub import SmallHub, at

VL_Q, VL_H = form_named("VL-Q"), form_named("VL-H")
NOW = at("2024-07-15 02:00")
NUMBERS = {"A": "040190000001", "B": "040190000001", "C": "040190000002", "D": None}  # A and B are two records of one person


def filled(hub: SmallHub, form=VL_Q, period: str = "2024-Q2") -> FilledForm:
    with hub.engine.connect() as connection:
        return compute(connection, form, period, NOW)


def value(form: FilledForm, code: str, unit_of_measure: str, **breakdown: str) -> str | None:
    (found,) = [
        f
        for f in form.figures
        if (f.code, f.unit_of_measure, dict(f.breakdown)) == (code, unit_of_measure, {"don_vi": PROVINCE} | breakdown)
    ]
    return found.line()["gia_tri"]


def visit(seeker: str, day: str, **more: Any) -> dict[str, Any]:
    return {"seeker_id": seeker, "district": "412", **more, "day": dt.date.fromisoformat(day)}


def load(hub: SmallHub, consulted: list[dict[str, Any]], referred: list[dict[str, Any]], fairs: list[str] = []) -> None:  # noqa: B006
    """What the centre did, each in its calendar quarter."""
    hub.load_all("job_service.seekers", "now", NOW, [])
    hub.load("job_service.seekers", "now", "412", [{"seeker_id": k, "identity_number": n} for k, n in NUMBERS.items()], NOW)
    held = [{"day": dt.date.fromisoformat(day), "district": "412"} for day in fairs]
    for name, field, rows in (
        ("consultations", "consulted_date", consulted),
        ("referrals", "referred_date", referred),
        ("job_fairs", "held_date", held),
    ):
        for period, months in (("2023-Q4", (10, 11, 12)), ("2024-Q1", (1, 2, 3)), ("2024-Q2", (4, 5, 6))):
            mine = [
                {field: row["day"]} | {k: v for k, v in row.items() if k != "day"} for row in rows if row["day"].month in months
            ]
            hub.load(f"job_service.{name}", period, PROVINCE, mine, NOW)
    hub.read(NOW)


def test_visits_are_rows_and_a_person_counts_once_whatever_the_visits_and_the_records(hub: SmallHub) -> None:
    load(
        hub,
        [visit("A", "2024-03-15"), visit("B", "2024-06-14"), visit("C", "2024-04-01", sex_code=2), visit("D", "2024-04-01")],
        [visit("A", "2024-05-05"), visit("E", "2024-05-05", district=None)],  # E has no record: told by its number
    )
    form = filled(hub)
    assert value(form, "VL01", "luot") == "6"
    assert value(form, "VL01", "nguoi") == "4"  # A with B, C, D, E
    assert value(form, "VL01", "luot", dich_vu="tu_van") == "4"
    assert value(form, "VL01", "nguoi", dich_vu="tu_van") == "3"
    assert value(form, "VL01", "nguoi", dich_vu="gioi_thieu") == "2"
    assert value(form, "VL01", "nguoi", gioi_tinh="2") == "1"
    assert value(form, "VL01", "luot", don_vi="unknown") == "1"
    assert form.is_final


def test_a_half_year_is_the_sum_of_its_quarters(hub: SmallHub) -> None:
    """Who came in both quarters counts in each; the quarters are those of the reports, not the calendar's."""
    days = ("2023-12-14", "2023-12-15", "2024-03-14", "2024-03-15", "2024-03-31", "2024-06-14", "2024-06-15")
    either_side = [visit("D", day) for day in ("2024-03-14", "2024-03-15")]  # the last day of a quarter, the first of the next
    load(hub, [*(visit("A", day) for day in days), *either_side], [visit("C", day, result_code=2) for day in days], [*days])
    quarters, half = [filled(hub, VL_Q, f"2024-Q{q}") for q in (1, 2)], filled(hub, VL_H, "2024-H1")
    for code, measure, told in (
        ("VL01", "luot", ("5", "7", "12")),
        ("VL01", "nguoi", ("3", "3", "6")),
        ("VL02", "luot", ("2", "3", "5")),
        ("VL02", "nguoi", ("1", "1", "2")),
        ("VL03", "phien", ("2", "3", "5")),
    ):
        assert tuple(value(form, code, measure) for form in (*quarters, half)) == told, (code, measure)


def test_a_job_is_taken_by_who_was_hired_alone(hub: SmallHub) -> None:
    load(
        hub,
        [],
        [visit(k, "2024-05-05", result_code=r, sex_code=2) for k, r in (("A", 2), ("B", 2), ("C", 3), ("D", 1), ("D", 4))],
    )
    form = filled(hub)
    assert (value(form, "VL02", "luot"), value(form, "VL02", "nguoi")) == ("2", "1")
    assert (value(form, "VL02", "luot", gioi_tinh="2"), value(form, "VL02", "luot", gioi_tinh="1")) == ("2", "0")
    assert value(form, "VL03", "phien") == "0"
