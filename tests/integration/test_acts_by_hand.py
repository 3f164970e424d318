"""What is kept of cells that somebody ran: what became of each, and whose reasons a report has still to tell."""

from typing import Any

import pytest

from resources.locks import if_free
from resources.warehouse.arrivals import backfills
from resources.warehouse.arrivals.backfills import IN_TIME, LATE_ROWS, UNNAMED, Act, Wish
from schemas.registry import dataset_named
from tests.integration.report_hub import SmallHub, at

# Of two systems that give their lists the same name, and another list of the second.
MERIT, ASSISTANCE = dataset_named("meritorious_persons.monthly_payments"), dataset_named("social_protection.monthly_payments")
JOBS, ABROAD = dataset_named("labour_employment.jobs_created"), dataset_named("labour_employment.overseas_workers")
NIGHT, PERIOD, UNIT = at("2024-11-20 02:00"), "2024-10", "412"
WISH = Wish("Nguyễn Thử", "Vinh nộp bù", "12/CV")
RUN = "t"  # whose arrivals those of a SmallHub are
KEPT = "select source, run_id, unit_code, outcome from ops.backfills order by id"


def keep(
    hub: SmallHub, dataset: Any = MERIT, outcome: str = "accepted", period: str = PERIOD, unit: str = UNIT, **more: Any
) -> int:
    """Keep an act; its number."""
    run, now = more.pop("run", f"run-{len(hub.rows(KEPT))}"), more.pop("now", NIGHT)
    wish = Wish(more.pop("officer", WISH.officer), more.pop("reason", WISH.reason), WISH.document)
    with hub.engine.begin() as connection:
        backfills.record(connection, dataset, run, now, wish, {(period, unit): outcome})
        return backfills.newest(connection)


def outcomes(hub: SmallHub, run: str = RUN) -> list[str]:
    return [row.outcome for row in hub.rows(KEPT) if row.run_id == run]


def make_up(hub: SmallHub, dataset: Any = MERIT, run: str = "the next night") -> None:
    with hub.engine.begin() as connection:
        backfills.make_up(connection, dataset, run)


# What a report has still to tell --------------------------------------------------------------------------------------


def test_a_cell_that_somebody_loaded_restates_its_period_from_the_next_number_on(hub: SmallHub) -> None:
    seen = keep(hub)
    for outcome in ("refused", "nothing", "failed"):
        keep(hub, outcome=outcome)
    keep(hub, officer=LATE_ROWS)
    with hub.engine.connect() as connection:
        assert backfills.restated(connection, seen) == {}, "nothing was loaded since, by nobody"
        assert backfills.restated(connection, seen - 1) == {("meritorious_persons", "monthly_payments", PERIOD): seen}
    for number, outcome in enumerate(("accepted", "empty_declared", "unchanged"), 1):
        last = keep(hub, ASSISTANCE, outcome, period=f"2024-0{number}")
        with hub.engine.connect() as connection:
            assert backfills.restated(connection, last - 1) == {
                ("social_protection", "monthly_payments", f"2024-0{number}"): last
            }
    last = keep(hub, unit="415")
    with hub.engine.connect() as connection:
        assert backfills.restated(connection, seen - 1)["meritorious_persons", "monthly_payments", PERIOD] == last


def test_what_was_said_is_told_once_as_it_came_and_of_what_a_report_reads_alone(hub: SmallHub) -> None:
    seen = keep(hub, reason="đã kể")
    keep(hub, reason="sau", officer="Lê Thử")
    keep(hub, ASSISTANCE, period="2024-09", reason="trước")
    keep(hub, reason="sau", officer="Lê Thử", unit="415")
    keep(hub, reason="sau", officer="Trần Thử")
    keep(hub, reason=IN_TIME)
    keep(hub, officer=UNNAMED)
    keep(hub, reason="của máy", officer=LATE_ROWS)
    for outcome in ("refused", "nothing", "failed"):
        keep(hub, outcome=outcome, reason="chưa nạp được gì")
    for dataset, period in ((MERIT, "2024-09"), (ASSISTANCE, PERIOD), (JOBS, PERIOD), (JOBS, "2024-09")):
        keep(hub, dataset, period=period, reason="của ô khác")
    with hub.engine.connect() as connection:
        told = backfills.since(connection, seen, [(MERIT, PERIOD), (ASSISTANCE, "2024-09")])
        assert backfills.since(connection, seen, []) == []
    assert told == [
        Act("Lê Thử", "sau"),
        Act("Nguyễn Thử", "trước"),
        Act("Trần Thử", "sau"),
        Act("Nguyễn Thử", None),
        Act(None, "Vinh nộp bù"),
    ]


def test_the_newest_is_the_last_that_was_asked_for_by_then(hub: SmallHub) -> None:
    with hub.engine.connect() as connection:
        assert backfills.newest(connection) == 0
    first, second = keep(hub), keep(hub, now=at("2024-11-21 02:00"))
    with hub.engine.connect() as connection:
        assert [backfills.newest(connection, until) for until in (None, at("2024-11-21 02:00"))] == [second, second]
        assert backfills.newest(connection, at("2024-11-21 01:59")) == backfills.newest(connection, NIGHT) == first
        assert backfills.newest(connection, at("2024-11-20 01:59")) == 0


# What became of each --------------------------------------------------------------------------------------------------


def test_a_run_that_is_tried_again_tells_its_last_outcome_as_its_newest(hub: SmallHub) -> None:
    keep(hub, run=RUN, outcome="refused")
    keep(hub, ASSISTANCE, run=RUN)
    seen = keep(hub, run="another")
    last = keep(hub, run=RUN)
    assert hub.rows(KEPT) == [
        ("social_protection", RUN, UNIT, "accepted"),
        ("meritorious_persons", "another", UNIT, "accepted"),
        ("meritorious_persons", RUN, UNIT, "accepted"),
    ]
    assert last > seen, "who looked meanwhile sees it"
    with hub.engine.begin() as connection:
        backfills.record(connection, MERIT, RUN, NIGHT, WISH, {})
    assert outcomes(hub) == ["accepted", "accepted"], "of no cells nothing is told"


@pytest.mark.parametrize("comes", [["refused", "accepted"], ["accepted", "refused"], ["refused"]])
def test_a_cell_that_a_run_loaded_at_one_try_has_not_failed_at_the_next(hub: SmallHub, comes: list[str]) -> None:
    for outcome in comes:
        hub.load(MERIT.id, PERIOD, UNIT, [{}], NIGHT, outcome)
    keep(hub, run=RUN, outcome="failed")
    assert outcomes(hub) == [comes[-1]]
    keep(hub, run=RUN, outcome="nothing")
    assert outcomes(hub) == ["nothing"], "what it tells itself counts"


def test_what_another_run_or_another_cell_brought_is_not_this_runs(hub: SmallHub) -> None:
    hub.load(MERIT.id, PERIOD, UNIT, [{}], NIGHT)
    keep(hub, run="another", outcome="failed")
    keep(hub, run=RUN, outcome="failed", period="2024-09")
    keep(hub, ASSISTANCE, run=RUN, outcome="failed")
    assert (outcomes(hub), outcomes(hub, "another")) == (["failed"] * 2, ["failed"])
    keep(hub, run=RUN, outcome="failed", unit="415")
    hub.load(JOBS.id, PERIOD, "40", [{"started_date": "2024-10-02"}], NIGHT)
    keep(hub, ABROAD, run=RUN, outcome="failed", unit="40")
    assert outcomes(hub) == ["failed"] * 3


@pytest.mark.parametrize("comes", [["refused", "accepted"], ["accepted", "refused"]])
def test_what_a_killed_run_loaded_is_told_after_it_with_all_that_was_said(hub: SmallHub, comes: list[str]) -> None:
    keep(hub, run=RUN, outcome="failed")
    said = "select requested_at, requested_by, reason, document, period, unit_code from ops.backfills where run_id = :run"
    before, seen = hub.rows(said, run=RUN), keep(hub, run="another")
    for outcome in comes:
        hub.load(MERIT.id, PERIOD, UNIT, [{}], NIGHT, outcome)
    make_up(hub)
    assert hub.rows(KEPT)[-1] == ("meritorious_persons", RUN, UNIT, comes[-1]) and outcomes(hub) == [comes[-1]]
    assert hub.rows(said, run=RUN) == before == [(NIGHT, WISH.officer, WISH.reason, WISH.document, PERIOD, UNIT)]
    with hub.engine.connect() as connection:
        numbers = backfills.restated(connection, seen)
        assert len(numbers) == (comes[-1] == "accepted")
    make_up(hub)
    with hub.engine.connect() as connection:
        assert backfills.restated(connection, seen) == numbers, "once"


def test_only_what_failed_and_what_no_event_tells_of_is_made_up(hub: SmallHub) -> None:
    """Else an act that a report has told would be told again, under a new number."""
    hub.load(MERIT.id, PERIOD, UNIT, [{}], NIGHT)
    keep(hub, run=RUN, outcome="unchanged")
    keep(hub, run="another", outcome="failed")
    keep(hub, ASSISTANCE, run=RUN, outcome="failed")
    keep(hub, run=f"{RUN}-9", outcome="failed", unit="415")
    before = hub.rows("select * from ops.backfills order by id")
    make_up(hub)
    assert hub.rows("select * from ops.backfills order by id") == before
    with hub.engine.begin() as connection:
        connection.exec_driver_sql("update ops.backfills set outcome = 'failed'")
        connection.exec_driver_sql("update ops.arrivals set shown = true")
    make_up(hub)
    assert outcomes(hub) == ["failed", "failed"], "its run lived to tell of it"
    with hub.engine.begin() as connection:
        connection.exec_driver_sql("update ops.arrivals set shown = false")
    make_up(hub, run=RUN)
    assert outcomes(hub) == ["failed", "failed"], "of itself a run tells at its end"
    make_up(hub)
    assert sorted(outcomes(hub)) == ["accepted", "failed"]


def test_of_two_lists_that_a_killed_run_was_of_each_is_made_up_of_its_own(hub: SmallHub) -> None:
    for dataset in (JOBS, ABROAD):
        keep(hub, dataset, run=RUN, outcome="failed", unit="40")
    hub.load(JOBS.id, PERIOD, "40", [{"started_date": "2024-10-02"}], NIGHT)
    told = "select dataset, outcome from ops.backfills order by dataset"
    make_up(hub, ABROAD)
    assert hub.rows(told) == [(JOBS.name, "failed"), (ABROAD.name, "failed")]
    make_up(hub, JOBS)
    assert hub.rows(told) == [(JOBS.name, "accepted"), (ABROAD.name, "failed")]


def test_until_it_can_be_seen_what_is_kept_holds_up_who_looks(hub: SmallHub) -> None:
    with hub.engine.begin() as connection, if_free(hub.engine, "backfills") as is_free:
        assert is_free
    with hub.engine.begin() as connection:
        backfills.record(connection, MERIT, "killed", NIGHT, WISH, {(PERIOD, UNIT): "failed"})
        with if_free(hub.engine, "backfills") as is_free:
            assert not is_free
    hub.load(MERIT.id, PERIOD, UNIT, [{}], NIGHT)
    keep(hub, run=RUN, outcome="nothing")
    with hub.engine.begin() as connection:
        connection.exec_driver_sql("update ops.backfills set outcome = 'failed'")
        backfills.make_up(connection, MERIT, "the next night")
        with if_free(hub.engine, "backfills") as is_free:
            assert not is_free
    with backfills.none_half_kept(hub.engine), if_free(hub.engine, "backfills") as is_free:
        assert not is_free
