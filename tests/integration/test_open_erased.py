"""What was published stands though a person was erased from the history behind it, whatever else moves then."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from resources.warehouse.persons import person_rows
from resources.warehouse.persons.person_rows import Taken
from schemas.dataset import PROVINCE
from schemas.persons import NUMBER, places_of
from schemas.registry import dataset_named
from tests.fixtures.rounded import count
from tests.integration.open_hub import (
    BY_WAY,
    DISTRICTS,
    LATER,
    MONEY,
    NIGHT,
    OCTOBER,
    PAYMENTS,
    SECRET,
    load_payments,
    payments,
    released,
    run,
)
from tests.integration.report_hub import SmallHub, at

JOBS, BY_CHANNEL = "labour_employment.jobs_created", "labour_employment_jobs_created_by_channel"
LABOUR = "labour_employment"
GONE = "040190123456"
REVISION = at("2024-11-25 02:00")


def erase(hub: SmallHub, name: str, told_by: Callable[[str], list[str]]) -> None:
    """What `ansinh person erase` does to the rows of a dataset."""
    dataset, taken = dataset_named(name), Taken()
    place = next(p for p in places_of(dataset.source.name) if p.dataset is dataset)
    with hub.engine.begin() as connection:
        person_rows.take_out(connection, place, told_by, lambda received: None, at("2024-11-22 09:00"), taken)
    assert taken.counts["current"] == 1


def by_number(tells: str) -> list[str]:
    return [GONE] if tells == NUMBER else []


def jobs(number: int, unit: str, channel: str = "3") -> tuple[int | None, str]:
    return count(SECRET, number, LABOUR, "jobs_created", "rows", "", unit, "channel_code", channel)


def told(unit: str) -> int:
    """A number at which one person less is seen in a unit."""
    return next(n for n in range(6, 11) if jobs(n, unit) != jobs(n - 1, unit))


def published(hub: SmallHub, shared: sa.Engine, home: Path, unit: str = "415", number: int | None = None) -> dict:
    """October's jobs, of which some in a unit came by a channel of their own; one of those was found by who is erased then."""
    rows = [{"district": u, "channel_code": 1} for u in DISTRICTS for _ in range(27)]
    rows += [{"district": unit, "channel_code": 3} for _ in range((number or told(unit)) - 1)]
    rows += [{"district": unit, "channel_code": 3, "identity_number": GONE}]
    hub.read(NIGHT)
    hub.load(JOBS, OCTOBER, PROVINCE, rows, NIGHT)
    run(hub, shared, home, source=LABOUR)
    before = released(shared, BY_CHANNEL)
    erase(hub, JOBS, by_number)
    return before


def more_jobs(hub: SmallHub, unit: str, number: int, when: dt.datetime) -> None:
    with hub.engine.begin() as connection:
        rows = [(PROVINCE, {"district": unit, "channel_code": 1}) for _ in range(number)]
        hub._insert(connection, dataset_named(JOBS), OCTOBER, rows, when)
        moved = "update ops.cells set changed_at = :now where dataset = 'jobs_created' and period = :period"
        connection.execute(sa.text(moved), {"now": when, "period": OCTOBER})


def test_another_units_revision_tells_nothing_of_who_was_erased(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    before = published(hub, shared, home)
    more_jobs(hub, "430", 12, at("2024-11-23 09:00"))
    done = run(hub, shared, home, REVISION, source=LABOUR)
    after = released(shared, BY_CHANNEL)
    assert after[OCTOBER, "430", "1"] == (*jobs(27 + 12, "430", "1"), "corrected")
    assert {k: v for k, v in after.items() if k[1] not in ("430", PROVINCE)} == {
        k: v for k, v in before.items() if k[1] not in ("430", PROVINCE)
    }
    assert not done[BY_CHANNEL].unmatched


def test_the_province_keeps_its_sum_of_who_was_erased(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Where another unit moves, the province's figure of a category of which nothing moved stays."""
    number = told(PROVINCE)
    before = published(hub, shared, home, number=number)
    assert before[OCTOBER, PROVINCE, "3"][:2] == jobs(number, PROVINCE)
    more_jobs(hub, "430", 12, at("2024-11-23 09:00"))
    run(hub, shared, home, REVISION, source=LABOUR)
    after = released(shared, BY_CHANNEL)
    assert after[OCTOBER, PROVINCE, "3"][:2] == jobs(number, PROVINCE)
    assert after[OCTOBER, PROVINCE, "1"][:2] == jobs(27 * len(DISTRICTS) + 12, PROVINCE, "1")


@pytest.mark.parametrize("how", ["the shared table was touched", "a title or a list changed"])
def test_a_period_that_is_made_anew_tells_nothing_of_who_was_erased(
    hub: SmallHub, shared: sa.Engine, home: Path, how: str
) -> None:
    before = published(hub, shared, home)
    if how == "the shared table was touched":
        with shared.begin() as connection:
            connection.exec_driver_sql(f"delete from open_data.{BY_CHANNEL} where unit_code = '412'")
    else:
        with hub.engine.begin() as connection:
            connection.execute(sa.text("update ops.open_parts set made_from = 'of other words'"))
    done = run(hub, shared, home, at("2024-11-23 02:00"), source=LABOUR)
    assert released(shared, BY_CHANNEL) == before
    assert done[BY_CHANNEL].periods == (OCTOBER,) and not done[BY_CHANNEL].unmatched


def test_the_rows_own_revision_tells_nothing_of_who_was_erased(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Twelve come by another channel: the erased person's would be the only one of the own that is less."""
    number = told("415")
    published(hub, shared, home)
    more_jobs(hub, "415", 12, at("2024-11-23 09:00"))
    done = run(hub, shared, home, REVISION, source=LABOUR)
    after = released(shared, BY_CHANNEL)
    assert after[OCTOBER, "415", "3"] == (*jobs(number, "415"), "corrected")
    assert after[OCTOBER, "415", "1"] == (*jobs(27 + 12, "415", "1"), "corrected")
    assert after[OCTOBER, PROVINCE, "3"][:2] == jobs(number, PROVINCE)
    assert not done[BY_CHANNEL].unmatched


def test_a_second_revision_tells_nothing_either(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    number = told("415")
    published(hub, shared, home)
    for more, day in ((12, "2024-11-25"), (11, "2024-12-25")):
        more_jobs(hub, "415", more, at(f"{day} 01:00"))
        done = run(hub, shared, home, at(f"{day} 02:00"), source=LABOUR)
        assert not done[BY_CHANNEL].unmatched
    after = released(shared, BY_CHANNEL)
    assert after[OCTOBER, "415", "3"] == (*jobs(number, "415"), "corrected")
    assert after[OCTOBER, "415", "1"] == (*jobs(27 + 12 + 11, "415", "1"), "corrected")


def test_a_version_that_went_past_its_term_is_counted_once(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Other than of an erased person, another version may stand for it."""
    published(hub, shared, home)
    more_jobs(hub, "415", 12, at("2024-11-23 09:00"))
    with hub.engine.begin() as connection:
        gone = "insert into ops.history_starts (source, dataset, known_from, versions) values (:s, 'jobs_created', :now, 1)"
        connection.execute(sa.text(gone), {"s": LABOUR, "now": at("2024-11-24 09:00")})
    try:
        run(hub, shared, home, REVISION, source=LABOUR)
    finally:
        with hub.engine.begin() as connection:
            connection.execute(sa.text("delete from ops.history_starts"))
    assert released(shared, BY_CHANNEL)[OCTOBER, "415", "3"] == (*jobs(told("415") - 1, "415"), "corrected")


def test_who_was_erased_is_none_of_those_by_whom_a_table_changes(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Nine change their way of payment, and one of the unit was erased: it waits for a tenth."""
    load_payments(hub)
    run(hub, shared, home)
    before = released(shared, BY_WAY), released(shared, MONEY)
    usual = 30 + DISTRICTS.index("430")
    erase(hub, PAYMENTS, lambda tells: [] if tells == NUMBER else ["430-45"])
    again = payments("430", usual, 12, 5)
    del again[45]
    for row in again[:9]:
        row["payment_way_code"] = 2
    hub.load(PAYMENTS, OCTOBER, "430", again, LATER)
    hub.read(LATER)
    run(hub, shared, home, REVISION)
    assert (released(shared, BY_WAY), released(shared, MONEY)) == before


def test_money_is_not_revised_by_who_was_erased(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Twelve change their way of payment: the ways are revised, the money would change by the erased alone."""
    load_payments(hub)
    run(hub, shared, home)
    before = released(shared, MONEY)
    usual = 30 + DISTRICTS.index("430")
    erase(hub, PAYMENTS, lambda tells: [] if tells == NUMBER else ["430-45"])
    again = payments("430", usual, 12, 5)
    del again[45]
    for row in again[:12]:
        row["payment_way_code"] = 2
    hub.load(PAYMENTS, OCTOBER, "430", again, LATER)
    hub.read(LATER)
    done = run(hub, shared, home, REVISION)
    after = released(shared, MONEY)
    assert {k: v[:2] for k, v in after.items()} == {k: v[:2] for k, v in before.items()}
    assert released(shared, BY_WAY)[OCTOBER, "430", "1"][2] == "corrected" and not done[MONEY].unmatched


def test_what_was_counted_holds_no_value_of_who_was_erased(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    published(hub, shared, home)
    kept = [str(tuple(r)) for r in hub.rows("select * from ops.open_figures") + hub.rows("select * from ops.open_parts")]
    assert kept and not any(GONE in one for one in kept)


def test_only_the_hub_reads_what_was_counted(hub: SmallHub) -> None:
    (row,) = hub.rows("select relrowsecurity as closed from pg_class where oid = 'ops.open_figures'::regclass")
    assert row.closed
