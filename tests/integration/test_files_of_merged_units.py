"""What a unit sent as a file stands with the unit that takes its communes: Cửa Lò went into Vinh on 1 December 2024."""

from collections import defaultdict
from collections.abc import Iterator

import pytest

from assets.cells.asset import run_cells
from assets.cells.outcome import Request
from resources.hub import Hub
from tests.integration.by_drop import deliver, texts
from tests.integration.test_deliveries import CUA_LO, VINH, codes
from tests.integration.two_hubs import DATASETS, REGISTER, Two, change, drop, reset, rows

PEOPLE = DATASETS[0]
CORE = f"core.{PEOPLE.table}"
COMMUNE, KEY = (PEOPLE.column(name).source_column for name in (str(PEOPLE.commune), PEOPLE.key[0]))
BEFORE, AFTER = "2024-11-20", "2024-12-05"


@pytest.fixture
def hub(two: Two) -> Iterator[Hub]:
    """Of a database that has nothing of Cửa Lò, which has sent its register as a file."""
    reset(two)
    assert change(two, f"delete from {REGISTER} where {COMMUNE} in ({codes(CUA_LO)})") > 0
    hub = two.hub()
    clock = hub.settings.home / "clock"
    stood = clock.read_text()
    night(two, hub)
    deliver(hub, PEOPLE, CUA_LO, ["now"], texts(two.owned, PEOPLE, f"kept_{REGISTER}", f"{COMMUNE} in ({codes(CUA_LO)})"))
    night(two, hub)
    assert len(held(hub)[CUA_LO]) > 0
    clock.write_text(AFTER)
    yield hub
    clock.write_text(stood)
    drop(two, hub)
    reset(two)


def night(two: Two, hub: Hub) -> None:
    with two.leading(hub):
        outcome = run_cells(hub, PEOPLE, Request("night"), {})
    assert outcome.failure is None and outcome.trouble == []


def held(hub: Hub) -> dict[str, set[str]]:
    """Whom each unit has, accepted or set aside."""
    found = defaultdict[str, set[str]](set)
    query = f"""select unit_code, row_key from {CORE} union all select unit_code, coalesce(declared_key, row_key) from quarantine.rows
        where dataset = :d and resolved_at is null"""
    for unit, key in rows(hub, query, d=PEOPLE.name):
        found[unit].add(key)
    return found


def everybody(hub: Hub) -> set[str]:
    return set[str]().union(*held(hub).values())


@pytest.mark.landing
def test_its_rows_stand_with_the_unit_that_takes_its_communes(two: Two, hub: Hub) -> None:
    before, all_before = held(hub), everybody(hub)
    for _ in range(2):
        night(two, hub)
        now = held(hub)
        assert not now[CUA_LO] and now[VINH] >= before[CUA_LO] | before[VINH] and everybody(hub) == all_before
    of_all = now[VINH]
    of_vinh = f"{REGISTER} where {COMMUNE} in ({codes(VINH)})"
    assert change(two, f"delete from {REGISTER} where ctid = (select min(ctid) from {of_vinh})") == 1
    for _ in range(2):
        night(two, hub)
        now = held(hub)
        assert now[VINH] < of_all and now[VINH] >= before[CUA_LO] and not now[CUA_LO], "the database has moved beside them"


def test_they_hold_until_the_database_has_rows_of_these_communes(two: Two, hub: Hub) -> None:
    before = held(hub)
    night(two, hub)
    first = f"(select ctid from kept_{REGISTER} where {COMMUNE} in ({codes(CUA_LO)}) order by 1 limit 6)"
    assert change(two, f"insert into {REGISTER} select * from kept_{REGISTER} where ctid in {first}") == 6
    for _ in range(2):
        night(two, hub)
        now = held(hub)
        assert len(now[VINH] & before[CUA_LO]) == 6 and now[VINH] >= before[VINH] and not now[CUA_LO]


@pytest.mark.landing
def test_they_come_where_nothing_was_ever_held_of_the_unit_that_takes_them(two: Two, hub: Hub) -> None:
    empty = two.hub()
    assert change(two, f"delete from {REGISTER} where {COMMUNE} in ({codes(VINH)})") > 0
    clock = empty.settings.home / "clock"
    clock.write_text(BEFORE)
    night(two, empty)
    deliver(empty, PEOPLE, CUA_LO, ["now"], texts(two.owned, PEOPLE, f"kept_{REGISTER}", f"{COMMUNE} in ({codes(CUA_LO)})"))
    night(two, empty)
    before = held(empty)
    clock.write_text(AFTER)
    for _ in range(2):
        night(two, empty)
        now = held(empty)
        assert not now[CUA_LO] and now[VINH] >= before[CUA_LO] and before[CUA_LO] and not before[VINH]
    drop(two, empty)
