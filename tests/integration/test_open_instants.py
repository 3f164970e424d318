"""When open figures move: first after the due day, then on revision nights alone, and only by ten persons or more."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from assets.open.publish import publish
from resources.locks import only_one
from schemas.dataset import PROVINCE
from tests.fixtures.rounded import count, rounded
from tests.integration.open_hub import (
    BY_WAY,
    DECISION,
    DISTRICTS,
    LATER,
    MERIT,
    MONEY,
    NIGHT,
    OCTOBER,
    PAYMENTS,
    SECRET,
    add_payments,
    load_payments,
    payments,
    released,
    releases,
    run,
)
from tests.integration.province import until
from tests.integration.report_hub import SmallHub, at

REVISION = at("2024-11-25 02:00")  # the first night on the 25th
USUAL = 30 + DISTRICTS.index("430")


def cash(number: int, unit: str = "430") -> tuple[int | None, str]:
    return count(SECRET, number, MERIT, "monthly_payments", "rows", "received", unit, "payment_way_code", "1")


def money(amount: int, unit: str = "430") -> int:
    of = (MERIT, "monthly_payments", "amount_vnd+arrears_vnd", "received", unit, "", "")
    return rounded(SECRET, amount, *of, step=50_000_000)


def shown(shared: sa.Engine) -> tuple[int | None, str]:
    return released(shared, BY_WAY)[OCTOBER, "430", "1"][:2]


def test_one_late_person_moves_nothing_on_no_night(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    run(hub, shared, home)
    before = released(shared, BY_WAY), released(shared, MONEY)
    add_payments(hub, "430", [70_000_000], LATER)
    for night in (LATER, REVISION, at("2024-12-25 02:00"), at("2025-03-25 02:00")):
        done = run(hub, shared, home, night)
        assert (released(shared, BY_WAY), released(shared, MONEY)) == before, night
        assert done[BY_WAY].waiting[OCTOBER].units == 1
    assert len(releases(shared, BY_WAY)) == len(releases(shared, MONEY)) == 1


def test_ten_persons_are_shown_on_the_revision_night_and_not_before(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    run(hub, shared, home)
    add_payments(hub, "430", [2_789_000] * 10, LATER)
    assert shown(shared) == cash(USUAL)
    for night in (LATER, at("2024-11-24 02:00")):
        done = run(hub, shared, home, night)
        assert shown(shared) == cash(USUAL)
        assert done[BY_WAY].waiting[OCTOBER].until == dt.date(2024, 11, 25)
    assert not run(hub, shared, home, REVISION, is_night=False)[BY_WAY].is_new, "a run by hand is no night"
    done = run(hub, shared, home, REVISION)
    assert shown(shared) == cash(USUAL + 10)
    assert released(shared, MONEY)[OCTOBER, "430"][0] == money((USUAL + 27) * 2_789_000)
    assert OCTOBER not in done[BY_WAY].waiting
    assert {v[2] for k, v in released(shared, BY_WAY).items() if k[1] in ("430", PROVINCE)} == {"corrected"}
    assert released(shared, BY_WAY)[OCTOBER, "431" if "431" in DISTRICTS else "429", "1"][2] == "final"


def test_a_revision_night_that_was_missed_is_the_next_one(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    run(hub, shared, home)
    add_payments(hub, "430", [2_789_000] * 12, LATER)
    run(hub, shared, home, at("2024-11-28 02:00"))
    assert shown(shared) == cash(USUAL + 12)


def test_what_comes_after_the_revision_night_waits_for_the_next(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Nine on the 25th, and three more after it: the twelve are shown after the lock, not the night after."""
    load_payments(hub)
    run(hub, shared, home)
    add_payments(hub, "430", [2_789_000] * 9, LATER)
    run(hub, shared, home, REVISION)
    assert shown(shared) == cash(USUAL)
    add_payments(hub, "430", [2_789_000] * 3, at("2024-11-25 15:00"))
    done = run(hub, shared, home, at("2024-11-26 02:00"))
    assert shown(shared) == cash(USUAL)
    assert done[BY_WAY].waiting[OCTOBER].until == dt.date(2024, 12, 1)
    run(hub, shared, home, at("2024-12-01 02:00"))
    assert shown(shared) == cash(USUAL + 12)


def test_the_lock_is_a_revision_of_its_own(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """October's lists are locked at the end of November."""
    load_payments(hub)
    run(hub, shared, home)
    run(hub, shared, home, REVISION)
    add_payments(hub, "430", [2_789_000] * 10, at("2024-11-28 08:00"))
    run(hub, shared, home, at("2024-11-30 02:00"))
    assert shown(shared) == cash(USUAL)
    locked = hub.rows("select min(locked_at) as at from ops.cells where dataset = 'monthly_payments' and period = '2024-10'")[
        0
    ].at
    run(hub, shared, home, locked + dt.timedelta(hours=2))
    assert shown(shared) == cash(USUAL + 10)


def test_who_only_changed_otherwise_does_not_cover_for_one_amount(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """All rows of the unit come anew, nine with another commune, one with arrears: the difference would be that one's."""
    load_payments(hub)
    run(hub, shared, home)
    first = released(shared, MONEY)
    again = payments("430", USUAL, 12, 5)
    for row in again[1:10]:
        row["commune_code"] = "17329"
    again[0]["arrears_vnd"] = 70_654_321
    hub.load(PAYMENTS, OCTOBER, "430", again, LATER)
    hub.read(LATER)
    run(hub, shared, home, REVISION)
    assert released(shared, MONEY) == first


def test_ten_counted_otherwise_do_not_cover_for_one_amount(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Every table of the dataset that changed needs its ten: twelve change their way of payment, one of them gets arrears."""
    load_payments(hub)
    run(hub, shared, home)
    before = released(shared, BY_WAY), released(shared, MONEY)
    again = payments("430", USUAL, 12, 5)
    for row in again[:12]:
        row["payment_way_code"] = 2
    again[0]["arrears_vnd"] = 70_654_321
    hub.load(PAYMENTS, OCTOBER, "430", again, LATER)
    hub.read(LATER)
    run(hub, shared, home, REVISION)
    assert (released(shared, BY_WAY), released(shared, MONEY)) == before
    again[0]["arrears_vnd"] = 0
    hub.load(PAYMENTS, OCTOBER, "430", again, at("2024-11-26 08:00"))
    hub.read(at("2024-11-26 08:00"))
    run(hub, shared, home, at("2024-12-25 02:00"))
    assert shown(shared) == cash(USUAL - 12)


def test_ten_files_of_one_person_are_one(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Told apart by the register; nine persons more, and their new cards in it, do not make ten."""
    load_payments(hub)
    run(hub, shared, home)
    files = [{"profile_id": f"430-x{n}", "identity_number": "040150000001"} for n in range(10)]
    files += [{"profile_id": f"430-{n}", "identity_number": f"0401600{n:05d}"} for n in range(9)]
    hub.load(f"{MERIT}.profiles", "now", "430", files, LATER)
    rows = payments("430", USUAL, 12, 5)
    for row in rows[:3]:
        row["payment_way_code"] = 3
    more = [{"profile_id": f["profile_id"], "payment_way_code": 1, "amount_vnd": 1} for f in files[:10]]
    hub.load(PAYMENTS, OCTOBER, "430", rows + more, LATER)
    hub.read(LATER)
    run(hub, shared, home, REVISION)
    assert shown(shared) == cash(USUAL)


def test_a_late_unit_enters_on_the_night_after_it_came_with_the_province(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """The province sums each unit as of its own instant: what waits elsewhere stays out of it."""
    load_payments(hub, but=("420",))
    run(hub, shared, home)
    total = hub.rows("select count(*) as n from core.meritorious_persons_monthly_payments")[0].n
    add_payments(hub, "430", [2_789_000] * 3, LATER)
    hub.load(PAYMENTS, OCTOBER, "420", payments("420", 33, 3, 1), LATER)
    hub.read(LATER)
    waiting = run(hub, shared, home, LATER, is_night=False)[BY_WAY].waiting[OCTOBER]
    assert (waiting.units, waiting.until) == (2, dt.date(2024, 11, 22))
    assert released(shared, BY_WAY)[OCTOBER, "420", "1"][1] == "not_reported"
    run(hub, shared, home, LATER)
    rows = released(shared, BY_WAY)
    assert rows[OCTOBER, "420", "1"][:2] == cash(33, "420")
    assert rows[OCTOBER, PROVINCE, "total"][:2] == count(
        SECRET, total + 37, MERIT, "monthly_payments", "rows", "received", PROVINCE, "", ""
    )
    assert {v[2] for v in rows.values()} == {"final"}


def test_a_unit_of_whose_rows_none_is_good_is_not_reported(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Nothing in its cell is no zero, and the province's figure would be one without it."""
    load_payments(hub, but=("420",))
    hub.load(PAYMENTS, OCTOBER, "420", [], NIGHT, set_aside=1)
    run(hub, shared, home)
    rows = released(shared, BY_WAY)
    assert {rows[OCTOBER, unit, "total"][1] for unit in ("420", PROVINCE)} == {"not_reported"}
    hub.load(PAYMENTS, OCTOBER, "420", payments("420", 33, 3, 1), LATER, set_aside=1)
    run(hub, shared, home, LATER)
    assert released(shared, BY_WAY)[OCTOBER, "420", "1"][:2] == cash(33, "420")


def test_a_registers_month_is_read_once(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """On the first night of the month on which the unit stands accepted; a register that was not read in it waits."""
    name, register = f"{MERIT}_profiles_by_relative", f"{MERIT}.profiles"
    night = at("2024-11-02 02:00")

    def entitled(number: int) -> tuple[int | None, str]:
        return count(SECRET, number, MERIT, "profiles", "rows", "entitled_on_first_day", "415", "", "")

    for unit in DISTRICTS:
        hub.load(register, "now", unit, [{}] * 40, at("2024-10-30 02:00"))
    hub.read(at("2024-10-30 02:00"))
    assert not run(hub, shared, home, night)[name].standing
    hub.load(register, "now", "415", [{}] * 3, night, outcome="refused")
    hub.read(night)
    run(hub, shared, home, night)
    assert released(shared, name)["2024-11", "415", "total"][1] == "not_reported", "what it holds is not what was sent"
    third = night + dt.timedelta(days=1)
    hub.load(register, "now", "415", [{}] * 60, third)
    hub.read(third)
    run(hub, shared, home, third)
    assert released(shared, name)["2024-11", "415", "total"] == (*entitled(60), "final")
    hub.load(register, "now", "415", [{}] * 90, at("2024-11-20 02:00"))
    hub.read(at("2024-11-20 02:00"))
    for when in (at("2024-11-20 02:00"), REVISION):
        assert not run(hub, shared, home, when)[name].waiting
        assert released(shared, name)["2024-11", "415", "total"] == (*entitled(60), "final")


@pytest.mark.parametrize("table", [BY_WAY, MONEY])
def test_a_night_run_twice_changes_nothing(hub: SmallHub, shared: sa.Engine, home: Path, table: str) -> None:
    load_payments(hub)
    add_payments(hub, "430", [2_789_000] * 10, LATER)
    for _ in range(2):
        run(hub, shared, home, REVISION)
    assert len(releases(shared, table)) == 1


def test_what_a_load_writes_while_the_step_waits_for_it_is_shown_whole(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """A unit sends its list for the first time while the night waits: its row is read as of a moment after that."""
    load_payments(hub, but=("420",))
    run(hub, shared, home)
    moments, loaded = [LATER], LATER + dt.timedelta(seconds=40)
    with ThreadPoolExecutor(1) as beside, only_one(hub.engine, f"source.{MERIT}"):
        arguments = (hub.engine, shared, home, MERIT, None, lambda: moments[-1], DECISION, SECRET)
        step = beside.submit(publish, *arguments, is_night=True)
        wait_for_lock(hub)
        hub.load(PAYMENTS, OCTOBER, "420", payments("420", 33, 3, 1), loaded)
        hub.read(loaded)
        moments.append(loaded + dt.timedelta(seconds=1))
    step.result()
    assert released(shared, BY_WAY)[OCTOBER, "420", "1"] == (*cash(33, "420"), "final")


def wait_for_lock(hub: SmallHub) -> None:
    """Until somebody waits for an advisory lock that another holds."""
    query = "select count(*) as n from pg_locks where locktype = 'advisory' and not granted"
    until(lambda: hub.rows(query)[0].n)


# Rows that are sums ---------------------------------------------------------------------------------------------------


RESULTS, ENROLMENTS = "poverty.review_results", "vocational_education.enrolments"


def results(unit: str, poor: int, near_poor: int = 30, households: int = 1000) -> list[dict]:
    """A district of four communes, each with one signed result; the first says what is given."""
    rows = [
        {"commune_code": f"{unit}{n:02d}", "household_count": 1000, "poor_count": 40, "near_poor_count": 30} for n in range(4)
    ]
    rows[0] |= {"poor_count": poor, "near_poor_count": near_poor, "household_count": households}
    return rows


@pytest.mark.parametrize(
    ("mended", "moves"),
    [
        (results("415", 400), True),
        (results("415", 50), True),
        (results("415", 49), False),
        (results("415", 46, 36), True),  # six and six came to be counted
        (results("415", 49, 21), False),  # nine of the near poor became poor
        (results("415", 50, 20), True),
        (results("415", 40, 30, 1009), False),
        (results("415", 40, 30, 1010), True),
    ],
)
def test_a_signed_result_is_mended_by_ten_households(
    hub: SmallHub, shared: sa.Engine, home: Path, mended: list[dict], moves: bool
) -> None:
    """One row of a commune stands for all its households."""
    for unit in DISTRICTS:
        hub.load(RESULTS, "2023", unit, results(unit, 40), LATER)
    hub.read(LATER)
    run(hub, shared, home, LATER, source="poverty")
    hub.load(RESULTS, "2023", "415", mended, at("2024-11-22 08:00"))
    hub.read(at("2024-11-22 08:00"))
    run(hub, shared, home, REVISION, source="poverty")
    rows = released(shared, "poverty_rates_by_class")
    assert rows["2023", "415", "1"][2] == ("corrected" if moves else "final")
    if moves:
        part = rounded(SECRET, sum(r["poor_count"] for r in mended), *of_results("poor_count"))
        whole = rounded(SECRET, sum(r["household_count"] for r in mended), *of_results("household_count"))
        assert rows["2023", "415", "1"][0] == (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def of_results(counted: str) -> tuple[str, ...]:
    return ("poverty", "review_results", counted, "", "415", "", "")


@pytest.mark.parametrize(("mended", "moves"), [((1200, 40), True), ((12, 31), False), ((3, 49), False), ((22, 30), True)])
def test_enrolments_are_mended_by_ten_students(
    hub: SmallHub, shared: sa.Engine, home: Path, mended: tuple[int, int], moves: bool
) -> None:
    """Twelve in college and forty in short courses were typed; who only was of another level is one student, not two."""

    def enrolled(college: int, short: int) -> list[dict]:
        return [{"district": "412", "level_code": level, "new_count": n} for level, n in ((3, college), (1, short))]

    hub.load(ENROLMENTS, OCTOBER, PROVINCE, enrolled(12, 40), LATER)
    hub.read(LATER)
    run(hub, shared, home, LATER, source="vocational_education")
    hub.load(ENROLMENTS, OCTOBER, PROVINCE, enrolled(*mended), at("2024-11-22 08:00"))
    hub.read(at("2024-11-22 08:00"))
    run(hub, shared, home, REVISION, source="vocational_education")
    found = released(shared, "vocational_education_enrolments_by_level")[OCTOBER, "412", "total"]
    of = ("vocational_education", "enrolments", "new_count", "", "412", "", "")
    shown_of = sum(mended) if moves else 52
    assert found == (*count(SECRET, shown_of, *of), "corrected" if moves else "final")


@pytest.mark.parametrize(
    ("dataset", "by", "table"), [("households", "class_code", "households_by_class"), ("members", "sex_code", "members_by_sex")]
)
@pytest.mark.parametrize(
    ("first", "second", "moves"),
    [
        (40, 20, False),  # all of them were only sent again, each under another number
        (41, 20, False),  # and one who came with them
        (31, 29, False),  # nine are of another group, not eighteen
        (30, 30, True),
        (50, 20, True),
    ],
)
def test_rows_under_other_numbers_do_not_cover_for_the_one_that_came(
    hub: SmallHub, shared: sa.Engine, home: Path, dataset: str, by: str, table: str, first: int, second: int, moves: bool
) -> None:
    """As when a unit's software is replaced, and numbers its households anew; members without an identity number with them."""
    name = f"poverty.{dataset}"

    def listed(first: int, second: int) -> list[dict]:
        return [{by: c} for c, n in ((1, first), (2, second)) for _ in range(n)]

    for unit in DISTRICTS:
        hub.load(name, "2023", unit, listed(40, 20), LATER)
    hub.read(LATER)
    run(hub, shared, home, LATER, source="poverty")
    standing = f"select row_key from history.poverty_{dataset} where unit_code = '415' and recorded_to is null"
    before = hub.rows(standing)
    hub.load(name, "2023", "415", listed(first, second), at("2024-11-22 08:00"))
    assert not set(before) & set(hub.rows(standing))
    hub.read(at("2024-11-22 08:00"))
    run(hub, shared, home, REVISION, source="poverty")
    found = released(shared, f"poverty_{table}")["2023", "415", "1"]
    of = ("poverty", dataset, "rows", "", "415", by, "1")
    assert found == (*count(SECRET, first if moves else 40, *of), "corrected" if moves else "final")
