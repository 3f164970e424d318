"""A hub that was brought back from an earlier day lets stand what it no longer knows to have published."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from schemas.dataset import PROVINCE
from tests.fixtures.rounded import count
from tests.integration.open_hub import (
    BY_WAY,
    DISTRICTS,
    LATER,
    MERIT,
    MONEY,
    OCTOBER,
    SECRET,
    add_payments,
    load_payments,
    released,
    releases,
    run,
)
from tests.integration.report_hub import SmallHub, at

pytestmark = pytest.mark.landing

REVISION = at("2024-11-25 02:00")
AFTER = at("2024-11-26 02:00")
USUAL = 30 + DISTRICTS.index("430")
REMEMBERED = ("open_instants", "open_parts", "open_figures")


def cash(number: int, unit: str = "430") -> tuple[int | None, str]:
    return count(SECRET, number, MERIT, "monthly_payments", "rows", "received", unit, "payment_way_code", "1")


def told(least: int, unit: str = "430") -> int:
    """A number at which one person more is seen."""
    return next(n for n in range(least, least + 5) if cash(n, unit) != cash(n + 1, unit))


@contextmanager
def forgotten(hub: SmallHub) -> Iterator[None]:
    """What is published meanwhile is not in the backup that the hub is brought back from."""
    with hub.engine.begin() as connection:
        for name in REMEMBERED:
            connection.exec_driver_sql(f"create table public.{name} as table ops.{name}")
    try:
        yield
        with hub.engine.begin() as connection:
            for name in REMEMBERED:
                connection.exec_driver_sql(f"truncate ops.{name}; insert into ops.{name} select * from public.{name}")
    finally:
        with hub.engine.begin() as connection:
            for name in REMEMBERED:
                connection.exec_driver_sql(f"drop table public.{name}")


def all_released(shared: sa.Engine) -> tuple[dict, dict]:
    return released(shared, BY_WAY), released(shared, MONEY)


def test_a_hub_from_before_the_first_publication_moves_no_figure(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """One came between; ten more are shown on the revision night, as for any other row."""
    number = told(12, "415")
    with forgotten(hub):
        load_payments(hub, u415=(number, 5, 0))
        run(hub, shared, home)
    before = all_released(shared)
    add_payments(hub, "415", [2_789_000], LATER)
    done = run(hub, shared, home, LATER)
    assert all_released(shared) == before and not done[BY_WAY].is_new and not done[BY_WAY].unmatched
    run(hub, shared, home, REVISION)
    assert all_released(shared) == before
    add_payments(hub, "415", [2_789_000] * 10, REVISION)
    run(hub, shared, home, at("2024-12-01 02:00"))
    after = released(shared, BY_WAY)
    assert after[OCTOBER, "415", "1"] == (*cash(number + 11, "415"), "corrected")
    assert {k: v for k, v in after.items() if k[1] not in ("415", PROVINCE)} == {
        k: v for k, v in before[0].items() if k[1] not in ("415", PROVINCE)
    }
    total = hub.rows("select count(*) as n from core.meritorious_persons_monthly_payments")[0].n
    of_province = (MERIT, "monthly_payments", "rows", "received", PROVINCE, "", "")
    assert after[OCTOBER, PROVINCE, "total"][:2] == count(SECRET, total, *of_province)


@pytest.mark.parametrize("is_night", [True, False])
def test_a_hub_from_before_a_revision_goes_back_to_no_former_figure(
    hub: SmallHub, shared: sa.Engine, home: Path, is_night: bool
) -> None:
    """Nor is the next edition the former one and one person more."""
    load_payments(hub)
    run(hub, shared, home)
    number = told(USUAL + 10)
    with forgotten(hub):
        add_payments(hub, "430", [2_789_000] * (number - USUAL), LATER)
        run(hub, shared, home, REVISION)
    before = all_released(shared)
    assert before[0][OCTOBER, "430", "1"] == (*cash(number), "corrected")
    add_payments(hub, "430", [2_789_000], AFTER)
    for night in (AFTER, at("2024-12-01 02:00"), at("2024-12-25 02:00")):
        run(hub, shared, home, night, is_night=is_night)
        assert all_released(shared) == before, night
    assert len(releases(shared, BY_WAY)) == 2


def test_a_new_hub_beside_what_another_published_lets_it_stand(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """It has no cell yet of which it could say anything."""
    with forgotten(hub):
        load_payments(hub)
        run(hub, shared, home)
    before = all_released(shared)
    with hub.engine.begin() as connection:
        connection.exec_driver_sql("delete from history.meritorious_persons_monthly_payments; delete from ops.cells")
    for night in (LATER, REVISION):
        run(hub, shared, home, night)
        assert all_released(shared) == before


def test_a_late_unit_enters_beside_rows_that_were_taken_over(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    with forgotten(hub):
        load_payments(hub, but=("420",))
        run(hub, shared, home)
    before = released(shared, BY_WAY)
    load_payments(hub, LATER)
    run(hub, shared, home, LATER)
    after = released(shared, BY_WAY)
    assert after[OCTOBER, "420", "1"] == (*cash(30 + DISTRICTS.index("420"), "420"), "final")
    assert after[OCTOBER, PROVINCE, "total"][1] == "published"
    assert {k: v for k, v in after.items() if k[1] not in ("420", PROVINCE)} == {
        k: v for k, v in before.items() if k[1] not in ("420", PROVINCE)
    }
