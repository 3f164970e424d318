"""What a cell is called at the very instants between on time and late, waited for and missing, provisional and final."""

import datetime as dt

from resources.warehouse.arrivals.ledger import end_of_day
from schemas import calendar
from schemas.registry import dataset_named
from tests.integration.report_hub import SmallHub, at

LIST = "social_protection.monthly_payments"
OCTOBER = "2024-10"
DUE = end_of_day(calendar.due_day(dataset_named(LIST), OCTOBER) or dt.date.max)  # the end of Monday the 21st
MOMENT, HOUR = dt.timedelta(microseconds=1), dt.timedelta(hours=1)


def standing(hub: SmallHub, now: dt.datetime) -> dict[str, tuple[str, str]]:
    """Unit -> status and maturity, of the units of the test."""
    hub.read(now, LIST)
    found = hub.rows(
        """select unit_code, status, maturity from ops.cells where source = 'social_protection' and dataset = 'monthly_payments'
            and period = '2024-10' and unit_code = any(array['412', '414', '415', '416'])"""
    )
    return {row.unit_code: (row.status, row.maturity) for row in found}


def test_what_came_at_the_end_of_the_due_day_is_on_time_and_a_moment_later_late(hub: SmallHub) -> None:
    assert at("2024-10-22 00:00") == DUE
    hub.read(at("2024-10-01 02:00"), LIST)
    hub.load(LIST, OCTOBER, "412", [{}], DUE)
    hub.load(LIST, OCTOBER, "414", [{}], DUE + MOMENT)
    hub.load(LIST, OCTOBER, "416", [{}], DUE - HOUR, "refused")
    before, then = standing(hub, DUE - MOMENT), standing(hub, DUE)
    assert before["415"] == ("not_due", "provisional") and then["415"] == ("missing", "provisional")
    assert before["412"] == ("on_time", "provisional") and then["412"] == ("on_time", "final")
    assert then["414"] == ("late", "final")
    assert before["416"] == then["416"] == ("refused", "provisional")


def test_what_was_accepted_after_the_due_day_corrects_what_stood_on_it(hub: SmallHub) -> None:
    hub.read(at("2024-10-01 02:00"), LIST)
    for unit in ("412", "414", "415"):
        hub.load(LIST, OCTOBER, unit, [{}], DUE - HOUR)
    hub.load(LIST, OCTOBER, "412", [{}, {}], DUE)  # loaded in time: this stood on the day
    hub.load(LIST, OCTOBER, "414", [{}, {}], DUE + MOMENT)
    hub.load(LIST, OCTOBER, "415", [{}, {}], DUE + HOUR, "refused")
    hub.load(LIST, OCTOBER, "416", [{}], DUE + HOUR)  # late, and corrects nothing
    hub.load(LIST, "2024-09", "412", [{}], DUE + HOUR)
    hub.load("meritorious_persons.monthly_payments", OCTOBER, "412", [{}], DUE + HOUR)  # another system's list of the same name
    found = standing(hub, DUE + 2 * HOUR)
    assert found == {
        "412": ("on_time", "final"),
        "414": ("on_time", "corrected"),
        "415": ("on_time", "provisional"),  # what it holds is not what was sent last
        "416": ("late", "final"),
    }
    hub.load(LIST, OCTOBER, "416", [{}, {}], DUE + 3 * HOUR)
    assert standing(hub, DUE + 4 * HOUR)["416"] == ("late", "corrected")


def test_what_a_source_that_was_first_read_after_the_due_day_holds_is_initial_unless_its_unit_says_when(hub: SmallHub) -> None:
    for unit, first, expected in (("412", DUE, "on_time"), ("414", DUE + MOMENT, "initial")):
        with hub.engine.begin() as connection:
            connection.exec_driver_sql("delete from ops.datasets")
        hub.read(first, LIST)
        hub.load(LIST, OCTOBER, unit, [{}], DUE)
        assert standing(hub, DUE + HOUR)[unit] == (expected, "final")
    with hub.engine.begin() as connection:
        connection.exec_driver_sql("update ops.cells set has_mark = true where unit_code = '414'")
    assert standing(hub, DUE + 2 * HOUR)["414"] == ("on_time", "final")
