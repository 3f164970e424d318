"""Which cells of a period a run looks at: by what the source says of its places, and by what was kept of the last look."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pytest

from assets.cells.plan import NOTHING, Plan, moved_at_source, plan_period, unit_of_each, units_of
from resources.connectors.connector import Standing, Unread
from resources.connectors.failures import SourceUnconfigured
from resources.warehouse.arrivals.readings import Reading
from schemas import calendar, units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT
from schemas.registry import dataset_named

LIST = dataset_named("social_protection.monthly_payments")
OCTOBER = calendar.moment(LIST, "2024-10", dt.date(2024, 11, 20))
PLACED = units.placing(OCTOBER.judged_on, OCTOBER.last_day)
VINH, CUA_LO = (next(code for code, unit in sorted(PLACED.items()) if unit == wanted) for wanted in ("412", "413"))
NOWHERE = "99999"
STANDS = {VINH: "a", CUA_LO: "b", NOWHERE: "c"}  # place -> how the source says that it stands
ALL = ["412", "413", UNKNOWN_UNIT]


def planned(stands: Mapping[str, str] = STANDS, kept: Mapping[str, Reading] | None = None, origin: str = "here", **asked) -> Plan:
    found = [Standing(place, 1, fingerprint) for place, fingerprint in stands.items()]
    return plan_period(LIST, OCTOBER, found, origin, kept or {}, **asked)


def readings(**of_unit: dict) -> dict[str, Reading]:
    """What is kept of a look at STANDS, with other facts of some units."""
    first = planned()
    found = {unit: Reading(stand, first.judged_by, "mark-1", True, False) for unit, stand in first.stands.items()}
    return found | {unit: replace(found[unit], **facts) for unit, facts in ((u.removeprefix("u"), f) for u, f in of_unit.items())}


def test_of_a_source_that_was_never_read_all_is_pulled() -> None:
    plan = planned()
    assert (plan.units, plan.places, plan.since) == (ALL, None, None) and sorted(plan.stands) == ALL


def test_what_stands_as_it_stood_is_not_asked_for() -> None:
    plan = planned(kept=readings())
    assert (plan.units, plan.judged_otherwise) == ([], frozenset())


def test_what_moved_is_pulled_alone_and_since_the_bookmarks_of_all() -> None:
    plan = planned({**STANDS, VINH: "a2"}, readings(u413={"bookmark": "mark-0"}))
    assert plan.units == ["412"] and plan.since == {"mark-0", "mark-1"}
    assert plan.places is not None and {PLACED[code] for code in plan.places.wanted} == {"412"}
    assert plan.places.listed == sorted(PLACED), "a code that is in no list may be of any unit"


@pytest.mark.parametrize("facts", [{"bookmark": None}, {"stands": "0" * 16 + "x"}], ids=["no bookmark", "of another source"])
def test_where_one_cell_has_no_bookmark_that_speaks_what_moved_is_read_whole(facts: dict) -> None:
    assert planned({**STANDS, VINH: "a2"}, readings(u413=facts)).since is None


def test_what_is_gone_from_the_source_has_moved() -> None:
    left = {place: stand for place, stand in STANDS.items() if place != CUA_LO}
    plan = planned(left, readings())
    assert plan.units == ["413"] and plan.of(["413"]) == {"413": plan.nothing}
    emptied = readings(u413={"stands": plan.nothing, "holds_rows": False})
    assert planned(left, emptied).units == [], "of nothing there is nothing new"


def test_where_rows_of_no_listed_place_moved_every_cell_is_looked_at() -> None:
    assert planned({**STANDS, NOWHERE: "c2"}, readings()).units == ALL
    judged = readings(**{f"u{UNKNOWN_UNIT}": {"judged_by": "others"}})
    assert planned({**STANDS, VINH: "a2"}, judged).units == ALL, "judged otherwise, they may be of any"
    plan = planned(STANDS, judged)
    assert (plan.units, plan.judged_otherwise) == ([], {UNKNOWN_UNIT})


def test_where_rules_are_others_raw_is_judged_again_unless_some_of_it_waits() -> None:
    plan = planned(kept=readings(u412={"judged_by": "others"}))
    assert (plan.units, plan.judged_otherwise) == ([], {"412"})
    plan = planned(kept=readings(u412={"judged_by": "others", "has_waiting": True}))
    assert (plan.units, plan.judged_otherwise, plan.since) == (["412"], frozenset(), None)
    others = {"u412": {"judged_by": "others", "has_waiting": True}, "u413": {"judged_by": "others"}}
    plan = planned(kept=readings(**others))
    assert (plan.units, plan.judged_otherwise) == (["412", "413"], frozenset()), "of all that are judged otherwise"
    beside = others | {"u413": {"judged_by": "others", "came_beside": True}}
    plan = planned(kept=readings(**beside))
    assert (plan.units, plan.judged_otherwise) == (["412"], {"413"}), "but for what came beside"


def test_what_came_beside_is_left_alone_unless_rows_of_this_road_wait() -> None:
    for facts, read in (({}, []), ({"has_waiting": True}, ["412"])):
        kept = readings(u412={"came_beside": True, **facts})
        assert planned(kept=kept).units == [], "it stands as it stood"
        assert planned(kept=kept, whole=True).units == [*read, "413", UNKNOWN_UNIT]


def test_what_came_beside_is_left_alone_until_this_road_has_other_rows_than_then() -> None:
    left = {place: stand for place, stand in STANDS.items() if place != CUA_LO}
    nothing_then = "0" * 16 + NOTHING  # asked otherwise than now
    for had, rests in ((None, True), (planned().nothing, True), (nothing_then, True), (planned().stands["413"], False)):
        kept = readings(u413={"came_beside": True, "stands": had})
        assert planned(left, kept).units == ([] if rests else ["413"]), "it has nothing of it"
    for had in (None, planned().nothing, "other"):
        assert planned(kept=readings(u413={"came_beside": True, "stands": had})).units == ["413"], "it has something by now"
    kept = readings(u412={"came_beside": True, "judged_by": "others", "has_waiting": True}, u413={"came_beside": True})
    assert planned({**STANDS, NOWHERE: "c2"}, kept).units == ["412", UNKNOWN_UNIT]
    assert planned(kept=kept, wanted=frozenset(), along=frozenset(ALL)).units == ["412", UNKNOWN_UNIT]


def test_a_unit_with_a_place_that_cannot_be_read_stays_as_it_is() -> None:
    failure = SourceUnconfigured(dataset=LIST.id, environment=LIST.source.environment)
    moved = {place: f"{stand}2" for place, stand in STANDS.items()}

    def read(kept: Mapping[str, Reading], stands: Mapping[str, str] = moved, places: tuple = (VINH,), **asked) -> Plan:
        return planned(stands, kept, unread=[Unread(places, failure)], **asked)

    plan = read(readings())
    assert plan.units == ["413", UNKNOWN_UNIT] and plan.unread == {"412": failure}
    assert plan.places is not None, "a pull is never one of all units"
    assert "412" not in {PLACED.get(code) for code in plan.places.wanted}
    assert read(readings(), whole=True).units == ["413", UNKNOWN_UNIT]
    assert read({}, wanted=frozenset({"412", "413"})).units == ["413"]
    judged = read(readings(u412={"judged_by": "others"}), STANDS)
    assert (judged.units, judged.judged_otherwise) == ([], frozenset())
    assert read({}, {CUA_LO: "b"}).of(["412"]) != {"412": plan.nothing}, "what cannot be told is not nothing"
    for places in ((None,), (NOWHERE,)):
        assert read(readings(), places=places).unread == {UNKNOWN_UNIT: failure}


def test_of_what_is_not_held_the_source_having_nothing_is_no_news() -> None:
    left = {place: stand for place, stand in STANDS.items() if place != CUA_LO}
    assert "413" not in planned(left, readings(u413={"stands": None, "holds_rows": False})).stands
    assert planned(left, readings(u413={"stands": None})).units == ["413"], "what is held of it is gone"


def test_where_the_source_is_not_asked_its_cells_stand_as_when_last_read() -> None:
    plan = plan_period(LIST, OCTOBER, None, "", readings(u413={"stands": None, "holds_rows": False}))
    first = planned().stands
    assert (plan.units, plan.stands) == ([], {unit: first[unit] for unit in ("412", UNKNOWN_UNIT)})


def test_a_list_of_the_whole_province_is_one_cell_and_no_pull_of_it_is_narrowed() -> None:
    dataset = dataset_named("labour_employment.jobs_created")
    moment = calendar.moment(dataset, "2024-10", dt.date(2024, 11, 20))
    plan = plan_period(dataset, moment, [Standing(place, 1, place) for place in (VINH, NOWHERE)], "here", {})
    assert (plan.units, plan.placed, plan.places) == ([PROVINCE], None, None)
    assert unit_of_each(dataset, moment, (VINH, None)) == {VINH: PROVINCE, None: PROVINCE}
    assert unit_of_each(LIST, OCTOBER, (VINH, NOWHERE, None)) == {VINH: "412", NOWHERE: UNKNOWN_UNIT, None: UNKNOWN_UNIT}
    assert units_of(LIST, OCTOBER, [Standing(VINH, 1, "a"), Standing(None, 1, "b")]) == {"412", UNKNOWN_UNIT}


def test_by_hand_exactly_what_is_asked_for_comes_and_what_no_unit_answers_for() -> None:
    plan = planned(kept=readings(), wanted=frozenset({"413", UNKNOWN_UNIT}))
    assert plan.units == ["413", UNKNOWN_UNIT] and plan.since is None
    assert planned(kept=readings(), wanted=frozenset({"413"})).units == ["413"]
    listed = {place: stand for place, stand in STANDS.items() if place != NOWHERE}
    assert planned(listed, wanted=frozenset({"413", UNKNOWN_UNIT})).units == ["413"]


def test_a_whole_night_looks_at_all_and_knows_what_should_not_differ() -> None:
    plan = planned({**STANDS, VINH: "a2"}, readings(u413={"judged_by": "others"}), whole=True)
    assert (plan.units, plan.equal, plan.since) == (ALL, {UNKNOWN_UNIT}, None)


def test_a_source_that_began_anew_is_read_and_its_rows_are_not_said_to_have_moved() -> None:
    kept, elsewhere = readings(), planned(origin="elsewhere")
    assert planned(kept=kept, origin="elsewhere").units == ALL
    assert not any(moved_at_source(stand, kept[unit]) for unit, stand in elsewhere.stands.items())
    moved = planned({**STANDS, VINH: "a2"}).stands
    assert [unit for unit, stand in moved.items() if moved_at_source(stand, kept[unit])] == ["412"]
    assert moved_at_source(moved["412"], None) and moved_at_source(moved["412"], replace(kept["412"], stands=None))
