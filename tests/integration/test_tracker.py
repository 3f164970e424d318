"""The tracker of submissions as others ask for it: what is said of each cell, and what of a whole dataset."""

import datetime as dt
from typing import Any

import pytest

from resources.raw_store import KeptFile, RawFile
from resources.warehouse.arrivals import deliveries, tracker
from resources.warehouse.arrivals.deliveries import New
from resources.warehouse.arrivals.tracker import Counted, Held, Overdue
from schemas.dataset import PROVINCE, UNKNOWN_UNIT
from schemas.registry import dataset_named
from tests.integration.report_hub import SmallHub, at

MERIT, ASSISTANCE = dataset_named("meritorious_persons.monthly_payments"), dataset_named("social_protection.monthly_payments")
REGISTER = dataset_named("social_protection.beneficiaries")
JOBS, ABROAD = dataset_named("labour_employment.jobs_created"), dataset_named("labour_employment.overseas_workers")
NIGHT, HOUR, PERIOD, UNIT = at("2024-10-01 02:00"), dt.timedelta(hours=1), "2024-10", "412"


def load(hub: SmallHub, rows: int = 1, when: dt.datetime = NIGHT, outcome: str | None = None, **more: Any) -> None:
    dataset, period, unit = more.pop("dataset", ASSISTANCE), more.pop("period", PERIOD), more.pop("unit", UNIT)
    day = {JOBS: {"started_date": "2024-10-02"}, ABROAD: {"departed_date": "2024-10-02"}}.get(dataset, {})
    hub.load(dataset.id, period, PROVINCE if day else unit, [day] * rows, when, outcome, **more)


def put(hub: SmallHub, columns: str, where: str = "unit_code = '412'") -> None:
    with hub.engine.begin() as connection:
        assert connection.exec_driver_sql(f"update ops.cells set {columns} where {where}").rowcount


def waits(hub: SmallHub, rows: int, **more: Any) -> None:
    """A file of a unit of which so many rows wait in its locked cell."""
    dataset, period, unit = more.pop("dataset", ASSISTANCE), more.pop("period", PERIOD), more.pop("unit", UNIT)
    new = New(dataset, unit, more.pop("kind", "whole"), (period,), KeptFile("-", "-"), RawFile("-", "-", rows))
    with hub.engine.begin() as connection:
        made = deliveries.register(connection, new, NIGHT)
        deliveries.mark_loaded(connection, made.id, "a run", NIGHT, {f"{period}|{unit}": rows})


# A cell ---------------------------------------------------------------------------------------------------------------


def counted(hub: SmallHub, period: str = PERIOD) -> dict[str, Counted]:
    with hub.engine.connect() as connection:
        return tracker.counted(connection, ASSISTANCE, period)


def test_a_cell_holds_what_was_accepted_last_up_to_when_it_came(hub: SmallHub) -> None:
    assert counted(hub) == {}
    load(hub, 3, outcome="refused")
    found = counted(hub)[UNIT]
    assert (found.is_refused, found.held_at, found.rows) == (True, None, 0)
    load(hub, 2, NIGHT + HOUR)
    put(hub, "content_sum = 7, status = 'on_time'")
    assert counted(hub) == {UNIT: Counted("on_time", False, False, NIGHT + HOUR, NIGHT + HOUR, 2, "7")}
    load(hub, 3, NIGHT + 2 * HOUR, "refused")
    found = counted(hub)[UNIT]
    assert (found.is_refused, found.held_at, found.changed_at, found.rows) == (True, NIGHT + HOUR, NIGHT + HOUR, 2)


def test_what_is_judged_again_is_as_old_as_what_brought_it_and_a_patch_tells_nothing_of_the_rest(hub: SmallHub) -> None:
    load(hub)
    load(hub, 2, NIGHT + HOUR, road="raw")
    load(hub, 3, NIGHT + 2 * HOUR, kind="patch")
    assert counted(hub)[UNIT].held_at == NIGHT
    load(hub, 3, NIGHT + 3 * HOUR, "refused")
    assert counted(hub)[UNIT].held_at == NIGHT
    load(hub, 3, NIGHT + 4 * HOUR, road="raw")
    assert counted(hub)[UNIT].held_at == NIGHT + 3 * HOUR, "what was refused is accepted as it came"
    load(hub, 1, NIGHT + 5 * HOUR, marked=NIGHT)
    assert counted(hub)[UNIT].held_at == NIGHT + 3 * HOUR, "sent before that, as its unit says"


def test_each_cell_is_counted_by_its_own_arrivals(hub: SmallHub) -> None:
    load(hub)
    for more in ({"unit": "415"}, {"period": "2024-09"}, {"dataset": MERIT}):
        load(hub, 2, NIGHT + HOUR, **more)
    found = counted(hub)
    assert {unit: (cell.held_at, cell.rows) for unit, cell in found.items()} == {UNIT: (NIGHT, 1), "415": (NIGHT + HOUR, 2)}
    assert counted(hub, "2024-09").keys() == {UNIT}
    load(hub, dataset=JOBS)
    load(hub, 2, NIGHT + HOUR, dataset=ABROAD)  # another list of the same system
    with hub.engine.connect() as connection:
        [(unit, cell)] = tracker.counted(connection, JOBS, PERIOD).items()
    assert (unit, cell.held_at, cell.rows) == (PROVINCE, NIGHT, 1)


# The cells of systems ---------------------------------------------------------------------------------------------------


def test_cells_are_told_by_system_dataset_period_and_unit(hub: SmallHub) -> None:
    for dataset, period, unit in (
        (ASSISTANCE, PERIOD, "415"), (ASSISTANCE, PERIOD, UNIT), (ASSISTANCE, "2024-09", UNIT), (REGISTER, "now", UNIT), (MERIT, PERIOD, UNIT),
    ):  # fmt: skip
        load(hub, dataset=dataset, period=period, unit=unit)
    with hub.engine.connect() as connection:
        found = tracker.cells(connection, ["social_protection"])
        of_month = tracker.cells(connection, ["social_protection", "meritorious_persons"], PERIOD)
    assert [(c["dataset"], c["period"], c["unit_code"]) for c in found] == [
        ("beneficiaries", "now", UNIT),
        ("monthly_payments", "2024-09", UNIT),
        ("monthly_payments", PERIOD, UNIT),
        ("monthly_payments", PERIOD, "415"),
    ]
    assert [(c["source"], c["unit_code"]) for c in of_month] == [
        ("meritorious_persons", UNIT),
        ("social_protection", UNIT),
        ("social_protection", "415"),
    ]
    assert {c["dataset_rows_before_first"] for c in found} == {0}


def test_what_waits_of_the_source_and_of_files_is_told_together_and_of_a_source_alone_for_who_asks(hub: SmallHub) -> None:
    for unit in (UNIT, "415", "416"):
        load(hub, 2, unit=unit)
    load(hub, 2, dataset=REGISTER, period="now")
    put(hub, "rows_waiting = 2, rows_warned = 1")
    waits(hub, 7, dataset=REGISTER, period="now")
    waits(hub, 3)
    waits(hub, 4, unit="415")
    waits(hub, 9, dataset=MERIT)
    with hub.engine.connect() as connection:
        told = {c["unit_code"]: c["rows_waiting"] for c in tracker.cells(connection, ["social_protection"], PERIOD)}
        assert told == {UNIT: 5, "415": 4, "416": 0}
        assert tracker.waiting(connection, ASSISTANCE) == {(PERIOD, UNIT): 2}
        assert tracker.held(connection, ASSISTANCE) == Held(6, 1, 9)
        assert tracker.held(connection, MERIT) == Held(0, 0, 9) and tracker.held(connection, JOBS) == Held(0, 0, 0)


# A dataset ------------------------------------------------------------------------------------------------------------


def test_the_instant_of_a_form_is_that_of_the_newest_change_of_what_it_counts(hub: SmallHub) -> None:
    now = NIGHT + HOUR
    with hub.engine.connect() as connection:
        assert tracker.last_changed(connection, [ASSISTANCE], now) == now
    load(hub, when=NIGHT)
    load(hub, when=NIGHT + 3 * HOUR, unit="415")
    load(hub, when=NIGHT + 9 * HOUR, dataset=MERIT)
    with hub.engine.connect() as connection:
        assert tracker.last_changed(connection, [ASSISTANCE, JOBS], now) == NIGHT + 3 * HOUR
        assert tracker.last_changed(connection, [ASSISTANCE], NIGHT + 4 * HOUR) == NIGHT + 4 * HOUR


def test_overdue_is_what_is_missing_the_oldest_first_with_the_days_since(hub: SmallHub) -> None:
    for unit, period, status in (
        ("415", PERIOD, "missing"),
        (UNIT, PERIOD, "missing"),
        (UNIT, "2024-09", "missing"),
        ("416", PERIOD, "late"),
    ):
        load(hub, period=period, unit=unit)
        put(hub, f"status = '{status}', due_at = date '{period}-19'", f"unit_code = '{unit}' and period = '{period}'")
    load(hub, dataset=MERIT)
    put(hub, "status = 'missing'", "source = 'meritorious_persons'")
    with hub.engine.connect() as connection:
        found = tracker.overdue(connection, ASSISTANCE)
    october = dt.date(2024, 10, 21)
    assert found == [
        Overdue("2024-09", UNIT, dt.date(2024, 9, 19)),
        Overdue(PERIOD, UNIT, october),
        Overdue(PERIOD, "415", october),
    ]
    assert found[1].days(dt.date(2024, 10, 23)) == 2
    for dataset in (JOBS, ABROAD):
        load(hub, dataset=dataset)
    put(hub, "status = 'missing'", "source = 'labour_employment'")
    with hub.engine.connect() as connection:
        assert len(tracker.overdue(connection, JOBS)) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_a_cell_whose_rows_are_not_those_that_were_accepted_is_named(hub: SmallHub, rows: int) -> None:
    for unit in ("415", UNIT):
        load(hub, 2, unit=unit)
    load(hub, 2, period="2024-09", unit="416")
    load(hub, 3, unit="416", outcome="refused")
    load(hub, 0, unit="417", outcome="empty_declared")
    load(hub, 2, dataset=MERIT)
    put(hub, f"rows_received = {rows}, rows_accepted = {rows}", "unit_code = '412' and source = 'social_protection'")
    with hub.engine.connect() as connection:
        assert tracker.unreconciled(connection, ASSISTANCE, [PERIOD, "2024-09"]) == [f"{PERIOD}|{UNIT}"]
    put(hub, "rows_received = 1, rows_accepted = 1", "unit_code = '417'")  # of which no row is there
    for dataset in (JOBS, ABROAD):
        load(hub, 2, dataset=dataset)
    put(hub, "rows_received = 1, rows_accepted = 1", "dataset = 'overseas_workers'")
    with hub.engine.connect() as connection:
        assert tracker.unreconciled(connection, ASSISTANCE, [PERIOD]) == [f"{PERIOD}|{UNIT}", f"{PERIOD}|417"]
        assert tracker.unreconciled(connection, JOBS, [PERIOD]) == []
        assert (
            tracker.unreconciled(connection, ASSISTANCE, ["2024-09"]) == tracker.unreconciled(connection, MERIT, [PERIOD]) == []
        )


def test_under_watch_is_what_is_past_its_due_day_and_not_locked(hub: SmallHub) -> None:
    for unit, due in (("412", NIGHT - HOUR), ("415", NIGHT), ("416", NIGHT + HOUR), (UNKNOWN_UNIT, None)):
        load(hub, 2, unit=unit)
        if due:
            put(hub, f"due_at = '{due}', locked_at = '{due + 2 * HOUR}'", f"unit_code = '{unit}'")
    load(hub, dataset=MERIT)
    load(hub, dataset=JOBS)
    put(hub, f"due_at = '{NIGHT}', locked_at = '{NIGHT + HOUR}'", "source = 'labour_employment'")
    with hub.engine.connect() as connection:
        assert tracker.under_watch(connection, [ASSISTANCE, MERIT], NIGHT) == (4, 2)
        assert tracker.under_watch(connection, [ASSISTANCE], NIGHT + 9 * HOUR) == (0, 0)
        assert tracker.arrivals(connection) == 6
