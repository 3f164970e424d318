"""What becomes of the cells of a period together: which are looked at, who confirms what, what stays, and who is refused with whom."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from assets.cells.failures import BESIDE_REFUSED, RESENT
from assets.cells.outcome import CellOutcome, Outcome, Request
from assets.cells.plan import Plan
from assets.cells.settling import Settling
from resources.connectors.connector import Submission
from resources.warehouse.arrivals import readings
from resources.warehouse.arrivals.cells import FROM_RAW, Arrival, CellState, Kind
from resources.warehouse.arrivals.readings import Seen
from resources.warehouse.loading.full import CellCount
from schemas.dataset import PROVINCE, UNKNOWN_UNIT
from schemas.registry import dataset_named

REGISTER, LIST = dataset_named("social_protection.beneficiaries"), dataset_named("social_protection.monthly_payments")
BEFORE, AFTER = dt.date(2024, 11, 30), dt.date(2024, 12, 5)  # Cửa Lò (413) went into Vinh (412) on the first
NOW = dt.datetime(2024, 12, 5, 1, tzinfo=dt.UTC)
PLAN = Plan([], {"412": "stands", "413": "stands", "415": "nothing"}, "rules", nothing="nothing")
OF_CUA_LO = ("413", "16717")  # a commune of it
NIGHT, MONTH = Request("t"), "2024-10"


def by_hand(*units: str, period: str = "now", **more: Any) -> Request:
    return Request("t", frozenset((period, unit) for unit in units), by_hand=True, **more)


def held(unit: str, rows: int = 10, outcome: str = "accepted", **more: Any) -> CellState:
    return CellState(unit, "on_time", outcome, rows, rows, rows > 0, "held", 0, 0, **more)


def comes(unit: str, rows: int = 10, bad: int = 0) -> CellCount:
    return CellCount(unit, rows, bad, pulled=rows + bad + 1, content_sum=rows, key_sum=7)


def empty(unit: str) -> dict[str, Submission]:
    return {unit: Submission(NOW, 0, True)}


def settling(
    request: Request = NIGHT,
    *,
    today: dt.date = AFTER,
    period: str = "now",
    before: Mapping[str, CellState] | None = None,
    submissions: Mapping[str, Submission] | None = None,
) -> Settling:
    dataset = REGISTER if period == "now" else LIST
    cells: Any = SimpleNamespace(dataset=dataset, states_before=lambda *_: before or {})
    return Settling(cells, period, today, request, Outcome(dataset), submissions or {})


def decide(
    made: Settling,
    counts: Sequence[CellCount] = (),
    states: Sequence[CellState] = (),
    *,
    units: Sequence[str] = (),
    plan: Plan = PLAN,
    places: Sequence[tuple[str, str]] = (),
    resent: Sequence[str] = (),
    crossed: Sequence[tuple[str, str]] = (),
    along: Sequence[CellCount] = (),
) -> tuple[dict[str, Arrival], dict[str, int | None]]:
    """`units`: those that are asked of the source beside those that rows came of; `along`: what came of units that were not asked."""
    load = staged([*counts, *along], places, resent)
    of = {state.unit: state for state in states}
    arrivals, same = made._decide(load, plan, [*units, *(count.unit for count in counts)], of, crossed)
    return {arrival.unit: arrival for arrival in arrivals}, same


def staged(counts: Sequence[CellCount], places: Sequence[tuple[str, str]] = (), resent: Sequence[str] = (), **more: Any) -> Any:
    return SimpleNamespace(
        connection=None,
        now=NOW,
        counts=lambda _: {count.unit: count for count in counts},
        untouched=lambda unit, _: CellCount(unit),
        equals_previous=lambda _: set(resent),
        held_places=lambda: set(places),
        **more,
    )


def outcomes(made: Settling, *given: Any, **more: Any) -> dict[str, str]:
    return {unit: arrival.outcome for unit, arrival in decide(made, *given, **more)[0].items()}


# Units that ended -----------------------------------------------------------------------------------------------------


def test_a_register_of_a_unit_that_ended_is_emptied_though_nobody_confirms_it() -> None:
    rows = ([comes("412", 20)], [held("412"), held("413")])
    assert outcomes(settling(), *rows, units=["413"]) == {"412": "accepted", "413": "accepted"}
    assert outcomes(settling(today=BEFORE), *rows, units=["413"]) == {"412": "accepted", "413": "refused"}
    assert outcomes(settling(), [], [held(PROVINCE)], units=[PROVINCE]) == {PROVINCE: "refused"}, "the province does not end"
    assert outcomes(settling(period="2024-12"), [], [held("413")], units=["413"]) == {"413": "refused"}, "a month has its units"


def test_what_came_beside_of_a_unit_that_ended_is_not_emptied_while_it_is_refused() -> None:
    """Raw has not what is held: nothing of it would follow into the cell of who took its communes."""
    for outcome, becomes in (("refused", "refused"), ("accepted", "accepted")):
        of = held("413", outcome=outcome, came_beside=True)
        assert outcomes(settling(), [], [of], units=["413"]) == {"413": becomes}
    assert outcomes(settling(), [], [held("413", outcome="refused")], units=["413"]) == {"413": "accepted"}


def test_who_loads_the_cell_of_a_taker_by_hand_brings_what_waits_of_the_unit_that_ended() -> None:
    waits, taker = held("413", outcome="refused"), held("412")
    assert set(outcomes(settling(by_hand("412")), [comes("412", 20)], [taker, waits])) == {"412", "413"}
    assert set(outcomes(settling(by_hand("412")), [comes("412", 20)], [taker, waits], plan=replace(PLAN, stands={}))) == {"412"}
    assert set(outcomes(settling(by_hand("412")), [comes("412", 20)], [taker, held("413")])) == {"412"}
    assert set(outcomes(settling(), [comes("412", 20)], [taker, waits])) == {"412"}, "a night looks at what its plan names"
    assert set(outcomes(settling(by_hand("412"), today=BEFORE), [comes("412", 20)], [taker, waits])) == {"412"}


# Cells that are declared empty ------------------------------------------------------------------------------------------


def test_empty_is_what_its_unit_says_so_of_which_nothing_was_accepted_and_of_which_the_source_has_nothing() -> None:
    def found(unit: str, *states: CellState, submissions: Mapping[str, Submission] | None = None) -> set[str]:
        made = settling(submissions=empty(unit) if submissions is None else submissions)
        return made.declared_empty(PLAN, {state.unit: state for state in states})

    assert found("415") == {"415"}, "the source has nothing of it"
    assert found("416") == {"416"}, "nor of this, which was never read"
    assert found("412") == set(), "the source has rows"
    assert found("413") == set() == found("499"), "nobody owes a cell of these"
    assert found("415", held("415", 0, "refused")) == {"415"} and found("415", held("415")) == set()
    assert found("415", submissions={"415": Submission(NOW, 0, False)}) == set()


def test_a_night_keeps_what_was_declared_empty_and_a_run_by_hand_of_other_cells_does_not() -> None:
    said: Any = {"submissions": empty("415")}
    assert outcomes(settling(**said), [comes("412")]) == {"412": "accepted", "415": "empty_declared"}
    assert outcomes(settling(by_hand("412"), **said), [comes("412")]) == {"412": "accepted"}
    assert outcomes(settling(by_hand("415"), **said), units=["415"]) == {"415": "empty_declared"}


# By hand --------------------------------------------------------------------------------------------------------------


def test_a_cell_that_is_asked_for_arrives_as_it_is_and_what_comes_along_only_where_it_moved() -> None:
    counts = [comes("412"), comes(UNKNOWN_UNIT)]
    states = [replace(held(count.unit), last_content=count.content_hash) for count in counts]
    assert set(outcomes(settling(by_hand("412")), counts, states)) == {"412"}
    assert outcomes(settling(), counts, states) == {}
    assert set(outcomes(settling(), [comes("412")], along=[comes(UNKNOWN_UNIT)])) == {"412", UNKNOWN_UNIT}


def test_of_a_cell_that_is_asked_for_and_of_which_there_is_nothing_that_is_told() -> None:
    made = settling(by_hand("415"))
    assert decide(made, units=["415", UNKNOWN_UNIT]) == ({}, {})
    assert made.outcome.cells == [CellOutcome("now", "415", "nothing", reason="nguồn chưa có dòng nào cho ô này")]
    made = settling()
    assert decide(made, units=["415"]) == ({}, {}) and made.outcome.cells == []


@pytest.mark.parametrize(
    ("request_", "becomes"),
    [
        (by_hand("412", confirm_shrink=True), {"412": "accepted", "415": "refused"}),
        (by_hand("412"), {"412": "refused", "415": "refused"}),
        (by_hand("412", period=MONTH, confirm_shrink=True), {"412": "refused", "415": "refused"}),
        (replace(NIGHT, confirm_shrink=True), {"412": "refused", "415": "refused"}),
    ],
)
def test_confirmed_is_what_was_asked_for_and_nothing_that_comes_along(request_: Request, becomes: dict[str, str]) -> None:
    made = settling(request_)
    assert outcomes(made, [comes("412", 1), comes("415", 1)], [held("412"), held("415")]) == becomes


# What stays, and what is told -------------------------------------------------------------------------------------------


def test_a_cell_stays_with_the_sum_of_its_keys_where_what_it_holds_came_again() -> None:
    states = [replace(held("412"), last_content=comes("412").content_hash)]
    assert decide(settling(), [comes("412")], states) == ({}, {"412": 7})
    made = settling(by_hand("412"))
    assert decide(made, [comes("412")], states)[1] == {} and [c.outcome for c in made.outcome.cells] == ["accepted"]
    bad = comes("412", 0, 6)
    refused = replace(held("412", outcome="refused"), last_content=bad.content_hash)
    assert decide(settling(), [bad], [refused]) == ({}, {}), "what was refused is not what it holds"
    assert decide(settling(), [], [held("415", 0, "empty_declared")], units=["415"]) == ({}, {}), "it holds nothing"


def test_of_what_came_beside_the_main_road_no_sum_of_keys_is_kept() -> None:
    for request, key_sum in ((NIGHT, 7), (replace(NIGHT, delivery=3), None)):
        arrivals, _ = decide(settling(request), [comes("412")])
        assert arrivals["412"].key_sum == key_sum


def test_a_cell_that_should_have_stood_still_and_did_not_is_missed() -> None:
    plan, made = replace(PLAN, equal=frozenset({"412", "415"})), settling()
    stands = replace(held("415"), last_content=comes("415").content_hash)
    decide(made, [comes("412"), comes("415"), comes("416")], [held("412"), stands], plan=plan)
    assert made.outcome.missed == [("now", "412")]


def test_each_arrival_is_told_as_it_was_decided_in_the_order_of_units() -> None:
    made = settling()
    decide(made, [comes("416", 3, 2), comes("412", 0, 6)])
    refused, accepted = made.outcome.cells
    assert (refused.unit, refused.outcome, refused.rejected, refused.pulled) == ("412", "refused", 6, 7) and refused.reason
    assert accepted == CellOutcome("now", "416", "accepted", 3, 2, 6)


def test_a_list_of_the_month_before_is_refused_where_that_month_is_held() -> None:
    rows: Any = {"counts": [comes("412"), comes("415")], "resent": ["412"]}
    made = settling(period=MONTH, before={"412": held("412"), "415": held("415")})
    arrivals, _ = decide(made, **rows)
    assert (arrivals["412"].outcome, arrivals["412"].reason, arrivals["415"].outcome) == ("refused", RESENT.of(), "accepted")
    assert outcomes(settling(period=MONTH), **rows) == {"412": "accepted", "415": "accepted"}


# Cells between which rows pass ------------------------------------------------------------------------------------------


def test_who_takes_rows_of_a_refused_cell_is_refused_with_it() -> None:
    rows: Any = {"states": [held("412"), held("413"), held("415")], "places": [OF_CUA_LO]}
    bad = [comes("412", 20), comes("413", 0, 6), comes("415", 11)]
    made = settling()
    assert outcomes(made, bad, **rows) == {"412": "refused", "413": "refused", "415": "accepted"}
    assert [c.reason for c in made.outcome.cells if c.unit == "412"] == [BESIDE_REFUSED.of()]
    assert outcomes(settling(today=BEFORE), bad, **rows)["412"] == "accepted", "they are its own yet"
    assert outcomes(settling(replace(NIGHT, delivery=3)), bad, **rows)["412"] == "accepted", "what comes beside follows by itself"
    assert set(outcomes(settling(), [comes("412", 20)], **rows, units=["413"]).values()) == {"accepted"}
    assert outcomes(settling(period="2024-11"), bad, **rows)["412"] == "accepted", "a month's rows stay with who had them"


def test_who_takes_rows_of_a_cell_that_was_refused_before_waits_with_it() -> None:
    waits = held("413", outcome="refused")
    assert outcomes(settling(), [comes("412", 20)], [held("412"), waits], places=[OF_CUA_LO]) == {"412": "refused"}
    assert outcomes(settling(), [comes("412", 20)], [held("412"), waits]) == {"412": "accepted"}, "it holds nothing of Vinh"
    mended = outcomes(settling(), [comes("412", 20), comes("413")], [held("412"), waits], places=[OF_CUA_LO])
    assert mended == {"412": "accepted", "413": "accepted"}
    other = held("415", outcome="refused")
    assert outcomes(settling(), [comes("412", 20)], [held("412"), held("413"), other], places=[OF_CUA_LO]) == {"412": "accepted"}


def test_cells_whose_rows_a_patch_exchanges_are_refused_together() -> None:
    counts = [comes("412", 20), comes("415", 0, 6)]
    assert outcomes(settling(), counts, crossed=[("415", "412")]) == {"412": "refused", "415": "refused"}
    assert outcomes(settling(), counts) == {"412": "accepted", "415": "refused"}
    # Once more the same: of what stays refused nothing arrives, and it holds the row that would now stand in both.
    again = replace(held("415", outcome="refused"), last_content=counts[1].content_hash)
    assert outcomes(settling(), counts, [again], crossed=[("415", "412")]) == {"412": "refused"}


# How a load ends ------------------------------------------------------------------------------------------------------


def settle(
    made: Settling,
    counts: Sequence[CellCount],
    states: Sequence[CellState] = (),
    *,
    plan: Plan = PLAN,
    kind: Kind = "whole",
    road: str = "sql",
    behind: Sequence[str] = (),
    came: range | None = None,
    differing: Sequence[str] = (),
    crossed: Sequence[tuple[str, str]] = (),
    along: Sequence[CellCount] = (),
) -> SimpleNamespace:
    """What was asked of the load and of the cells."""
    asked = {name: mock.Mock() for name in ("keep_answers", "commit")}
    asked |= {"merge": mock.Mock(return_value=set(differing)), "crossed": mock.Mock(return_value=crossed)}
    kept: Any = made.cells
    kept.states, kept.settle = lambda *_: {state.unit: state for state in states}, mock.Mock()
    load = staged([*counts, *along], **asked)
    with mock.patch.object(readings, "read_again") as read_again:
        made.settle(load, plan, [count.unit for count in counts], kind, road, 9, behind, came)
    assert asked["commit"].call_count == 1
    told = kept.settle.call_args
    return SimpleNamespace(
        merged=asked["merge"].call_args.args,
        answers=asked["keep_answers"].call_args.args,
        decided={arrival.unit: arrival.outcome for arrival in told.args[3]},
        same=told.args[4],
        seen=told.args[5],
        how=told.kwargs,
        again=read_again.call_args and read_again.call_args.args[3],
    )


STAYS = replace(held("415"), last_content=comes("415").content_hash)
THREE: Any = ([comes("412"), comes("415"), comes("416", 0, 6)], [held("412"), STAYS, held("416")])


def test_what_is_refused_is_merged_apart_and_what_stays_with_what_is_accepted() -> None:
    made = settling()
    counts, states = ([*part, one] for part, one in zip(THREE, (comes("417"), replace(STAYS, unit="417")), strict=True))
    found = settle(made, counts, states, differing=["416", "415", "412"])
    assert found.merged == (["412", "415", "417"], ["416"]) and found.answers == (["412", "415", "417"], ["412"], None, 9)
    assert found.decided == {"412": "accepted", "416": "refused"} and found.same == {"415": 7, "417": 7}
    assert made.outcome.missed == [("now", "415")], "only what should have stood still"
    assert found.how == {"kind": "whole", "road": "sql", "pull_id": 9, "is_beside": False}


def test_what_holds_the_rows_of_a_file_beside_keeps_the_keys_of_its_main_road() -> None:
    found = settle(settling(replace(NIGHT, delivery=3)), *THREE)
    assert found.merged == (["412"], ["416"]) and found.same == {} and found.how["is_beside"]


def test_how_the_source_stands_is_kept_of_all_that_was_asked_for_or_came() -> None:
    made = replace(settling(), bookmark="mark")
    moved = [comes("412"), comes("416", 0, 6)]
    found = settle(made, moved, behind=["415"])
    assert found.seen == Seen("rules", "mark", {"412": "stands", "416": "nothing"}, ["415"])
    stays, unasked = replace(held("413"), last_content=comes("413").content_hash), [comes("412"), comes("416", 0, 6)]
    assert set(settle(made, [comes("413")], [stays], along=unasked).seen.stands) == {"412", "413", "416"}
    alone = replace(PLAN, stands={})
    assert settle(settling(), moved, plan=alone, road=FROM_RAW).seen == Seen("rules", judged_again=["412", "416"])
    assert settle(settling(), moved, plan=alone).seen == Seen("rules"), "a patch tells nothing of how the source stands"


def test_who_was_refused_for_anothers_sake_is_looked_at_again_though_nothing_moved() -> None:
    states, counts = [held("412"), held("413")], [comes("412", 20), comes("413", 0, 6)]
    passes: Any = {"places": [OF_CUA_LO]}
    with mock.patch(f"{__name__}.staged", partial(staged, **passes)):
        assert settle(settling(), counts, states).again == ["412"]
    assert settle(settling(), counts, states).again == []


def test_only_the_rows_of_a_patch_cross_between_cells() -> None:
    counts: Any = [comes("412", 20), comes("415", 0, 6)]
    crossed: Any = {"crossed": [("415", "412")]}
    patch = settle(settling(), counts, kind="patch", came=range(3), **crossed)
    assert patch.decided == {"412": "refused", "415": "refused"} and patch.answers == ([], [], range(3), 9)
    assert patch.again is None, "the source is not asked for it"
    assert settle(settling(), counts, **crossed).decided == {"412": "accepted", "415": "refused"}


def test_of_locked_cells_it_is_counted_what_waits_and_of_a_file_beside_that_stands_with_the_file() -> None:
    for request, kept in ((NIGHT, {"412": 3, "415": 0}), (replace(NIGHT, delivery=3), {})):
        made, wait = replace(settling(request), bookmark="mark"), mock.Mock()
        of: Any = made.cells
        of.wait = wait
        load = staged([], waiting={"412": 3, "415": 0}.__getitem__, commit=mock.Mock())
        made.wait(load, PLAN, ["412", "415"], ["416"])
        assert made.outcome.waiting == {("now", "412"): 3}
        seen = Seen("rules", "mark", {"412": "stands", "415": "nothing"}, {"416", UNKNOWN_UNIT})
        assert wait.call_args.args == (None, "now", NOW, kept, seen) and load.commit.called
