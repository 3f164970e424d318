"""The figures of the forms counted a second time, in Python over the rows that were given: an indicator of each kind.

Units are in, missing, refused or declared empty as chance has it. What is counted here is written apart from the product,
from the domain notes: no query, no state and no filter of it is used.
"""

import datetime as dt
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from assets.reports.form import Form
from assets.reports.forms import form_named
from assets.reports.night import file_due
from resources.locks import only_one
from resources.warehouse.published import submissions
from tests.fixtures.forms import compute
from tests.integration.report_hub import DISTRICTS, GatewayProcess, SmallHub, at

Row = dict[str, Any]
Rows = dict[str, list[Row]]  # unit -> the rows that stand, of the units that are in
Lines = dict[tuple[str, str | None, str | None], str]  # unit, dimension, its value -> the figure as the packet has it

OCTOBER, FIRST = at("2024-10-22 02:00"), dt.date(2024, 10, 1)
JANUARY = at("2024-01-15 02:00")


def given(hub: SmallHub, chance: random.Random, name: str, period: str, when: dt.datetime, row: Callable[[], Row]) -> Rows:
    """Load a dataset as chance has it; what stands of it."""
    stands: Rows = {}
    for unit in DISTRICTS:
        rows = [row() for _ in range(chance.randint(1, 5))]
        fate = chance.choices(("in", "missing", "refused", "empty", "refused again"), (12, 2, 2, 2, 2))[0]
        if fate == "refused":
            hub.load(name, period, unit, rows, when, "refused")
        elif fate == "empty":
            hub.load(name, period, unit, [], when)
            stands[unit] = []
        elif fate != "missing":
            hub.load(name, period, unit, rows, when)
            stands[unit] = rows
        if fate == "refused again":
            hub.load(name, period, unit, [row() for _ in range(3)], when, "refused")
    return stands


def lines(hub: SmallHub, form: Form, period: str, now: dt.datetime) -> dict[tuple[str, str], Lines]:
    """(indicator, unit of measure) -> its lines that have a figure other than nought."""
    hub.read(now)
    with hub.engine.connect() as connection:
        filled = compute(connection, form, period, now)
    found: dict[tuple[str, str], Lines] = defaultdict(dict)
    for figure in filled.figures:
        (_, unit), *more = figure.breakdown
        dimension, value = more[0] if more else (None, None)
        if figure.value:
            found[figure.code, figure.unit_of_measure][unit, dimension, value] = figure.line()["gia_tri"]
        assert figure.state != "chua_bao_cao" or figure.value is None
    missing = {(f.code, f.unit_of_measure, u) for f in filled.figures if f.state == "chua_bao_cao" for _, u in f.breakdown[:1]}
    found["missing", ""] = {(u, code, unit): "" for code, unit, u in missing}
    return found


def counted(rows: Rows, figure: Callable[[list[Row]], Decimal | None], *dimensions: str) -> Lines:
    """The province, each unit, and each by one dimension, of the units that are in; without what comes to nought."""
    wanted: dict[tuple[str, str | None, str | None], list[Row]] = defaultdict(list)
    for unit, of_unit in rows.items():
        for row in of_unit:
            for where in ("40", unit):
                wanted[where, None, None].append(row)
                for dimension in dimensions:
                    wanted[where, dimension, str(row[dimension])].append(row)
    return {key: f"{value:f}" for key, of_key in wanted.items() if (value := figure(of_key))}


def split(rows: Rows, figure: Callable[[list[Row]], Decimal | None], dimension: str) -> Lines:
    return {key: value for key, value in counted(rows, figure, dimension).items() if key[1] is not None}


def number(counts: Callable[[Row], bool] = lambda _: True) -> Callable[[list[Row]], Decimal]:
    return lambda rows: Decimal(sum(counts(r) for r in rows))


def millions(value: Callable[[Row], int]) -> Callable[[list[Row]], Decimal]:
    return lambda rows: rounded(Decimal(sum(value(r) for r in rows)) / 1_000_000, 3)


def percent(part: Callable[[Row], int], whole: Callable[[Row], int]) -> Callable[[list[Row]], Decimal | None]:
    def rate(rows: list[Row]) -> Decimal | None:
        base = sum(whole(r) for r in rows)
        return rounded(Decimal(100 * sum(part(r) for r in rows)) / base, 2) if base else None

    return rate


def rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def totals(found: Lines) -> Lines:
    return {key: value for key, value in found.items() if key[1] is None}


def of_both(rows: Rows, other: Iterable[str]) -> Rows:
    return {unit: of_unit for unit, of_unit in rows.items() if unit in set(other)}


def missing_of(found: Lines, code: str) -> set[str]:
    return {u for u, c, _ in found if c == code and u != "40"}


@pytest.mark.parametrize("seed", range(3))
def test_the_monthly_form_counted_again(hub: SmallHub, seed: int) -> None:
    chance = random.Random(seed)
    serial = iter(range(10**6))

    def profile() -> Row:
        n = next(serial)
        return {
            "profile_id": f"P{n}",
            "identity_number": chance.choice([None, f"04005000{chance.randint(0, 30):04d}"]),
            "category_code": chance.choice(["07A", "08"]),
            "sex_code": chance.choice([1, 2]),
            "entitled_from": FIRST - dt.timedelta(chance.randint(-1, 1)),
            "entitled_until": chance.choice([None, None, FIRST, FIRST + dt.timedelta(1)]),
        }

    profiles = given(hub, chance, "meritorious_persons.profiles", "now", OCTOBER, profile)
    files = {r["profile_id"]: r["category_code"] for rows in profiles.values() for r in rows}
    unpaid = chance.sample([*files], len(files))

    def merit_payment() -> Row:
        is_known = unpaid and chance.random() < 0.8  # or the register has no such file
        return {
            "profile_id": unpaid.pop() if is_known else f"Q{next(serial)}",
            "amount_vnd": chance.randint(1, 9_999_999),
            "arrears_vnd": chance.choice([None, 0, 123_456]),
            "is_received": chance.random() < 0.8,
            "payment_way_code": chance.choice([1, 2, 3, None]),
        }

    def beneficiary() -> Row:
        return {
            "beneficiary_id": f"B{next(serial)}",
            "identity_number": chance.choice([None, f"04004000{chance.randint(0, 30):04d}"]),
            "entitled_from": FIRST,
        }

    beneficiaries = given(hub, chance, "social_protection.beneficiaries", "now", OCTOBER, beneficiary)
    holders = {r["beneficiary_id"]: r["identity_number"] or r["beneficiary_id"] for rows in beneficiaries.values() for r in rows}
    listed = chance.sample([*holders], len(holders))

    def assistance_payment() -> Row:
        return {
            "beneficiary_id": listed.pop() if listed and chance.random() < 0.8 else f"B{next(serial)}",
            "amount_vnd": chance.randint(1, 999_999),
            "is_received": chance.random() < 0.5,
        }

    merit = given(hub, chance, "meritorious_persons.monthly_payments", "2024-10", OCTOBER, merit_payment)
    assistance = given(hub, chance, "social_protection.monthly_payments", "2024-10", OCTOBER, assistance_payment)
    jobs: Rows = {u: [] for u in DISTRICTS}
    for period in ("2024-09", "2024-10"):
        rows = []
        for _ in range(40):
            day = dt.date.fromisoformat(period + "-01") + dt.timedelta(chance.randint(0, 29))
            unit = chance.choice(DISTRICTS)
            rows.append({"started_date": day, "district": unit, "channel_code": chance.choice([1, 2]), "sex_code": 1})
            if dt.date(2024, 9, 15) <= day <= dt.date(2024, 10, 14):
                jobs[unit].append({"kenh": rows[-1]["channel_code"], "gioi_tinh": 1})
        hub.load("labour_employment.jobs_created", period, "40", rows, OCTOBER)
    hub.load("labour_employment.overseas_workers", "2024-09", "40", [{"departed_date": dt.date(2024, 9, 20)}], OCTOBER)
    found = lines(hub, form_named("AS-T"), "2024-10", OCTOBER)

    entitled = {
        unit: [
            {"person": r["identity_number"] or r["profile_id"], "loai": r["category_code"], "gioi_tinh": r["sex_code"]}
            for r in rows
            if r["entitled_from"] <= FIRST and (r["entitled_until"] is None or r["entitled_until"] > FIRST)
        ]
        for unit, rows in profiles.items()
    }
    assert found["NCC01", "nguoi"] == counted(
        entitled, lambda rows: Decimal(len({r["person"] for r in rows})), "loai", "gioi_tinh"
    )
    assert missing_of(found["missing", ""], "NCC01") == set(DISTRICTS) - profiles.keys()

    def money(r: Row) -> int:
        return r["amount_vnd"] + (r.get("arrears_vnd") or 0)

    def is_paid(r: Row) -> int:
        return money(r) if r["is_received"] else 0

    named = {u: [r | {"loai": files.get(r["profile_id"], "khong_ro")} for r in rows] for u, rows in merit.items()}
    expected = totals(counted(merit, millions(is_paid))) | split(of_both(named, profiles), millions(is_paid), "loai")
    assert found["NCC02", "trieu_dong"] == expected
    persons = {r["profile_id"]: r["identity_number"] or r["profile_id"] for rows in profiles.values() for r in rows}

    def by_account(rows: list[Row]) -> Decimal | None:
        paid = [(persons.get(r["profile_id"], r["profile_id"]), r["payment_way_code"]) for r in rows if r["is_received"]]
        payees, so = {who for who, _ in paid}, {who for who, way in paid if way in (2, 3)}
        return rounded(Decimal(100 * len(so)) / len(payees), 2) if payees else None

    assert found["NCC05", "phan_tram"] == counted(of_both(merit, profiles), by_account)
    assert missing_of(found["missing", ""], "NCC02") == set(DISTRICTS) - merit.keys()
    assert missing_of(found["missing", ""], "NCC05") == set(DISTRICTS) - (merit.keys() & profiles.keys())

    def waiting(rows: list[Row]) -> Decimal:
        return Decimal(len({holders.get(r["beneficiary_id"], r["beneficiary_id"]) for r in rows if not r["is_received"]}))

    assert found["BTX07", "nguoi"] == counted(of_both(assistance, beneficiaries), waiting)
    assert found["BTX07", "dong"] == counted(
        assistance, lambda rows: Decimal(sum(money(r) for r in rows if not r["is_received"]))
    )
    assert found["LD05", "nguoi"] == counted(jobs, number(), "kenh", "gioi_tinh")
    assert missing_of(found["missing", ""], "LD05") == set()
    assert found["LD06", "nguoi"] == {} and missing_of(found["missing", ""], "LD06") == set(DISTRICTS), "half a window"


@pytest.mark.parametrize("seed", range(3))
def test_the_yearly_form_counted_again(hub: SmallHub, seed: int) -> None:
    chance = random.Random(seed)

    def household() -> Row:
        return {
            "area_code": chance.choice([1, 2]),
            "head_ethnicity_code": chance.choice([None, "01", "04"]),
            "class_code": chance.choice([1, 2, 3, 9]),
            "previous_class_code": chance.choice([None, 1, 2]),
            "change_reason_code": chance.choice([None, 1, 2, 5]),
            "lacks_01": chance.random() < 0.5,
            "lacks_12": chance.random() < 0.5,
            "is_without_labour": chance.choice([True, False, None]),
        }

    def result() -> Row:
        return {"household_count": 1000, "poor_count": chance.randint(0, 9), "near_poor_count": chance.randint(0, 9)}

    def worker() -> Row:
        return {
            "activity_code": chance.choice([1, 2, 3]),
            "training_level_code": chance.randint(1, 8),
            "sex_code": chance.choice([1, 2]),
        }

    households = given(hub, chance, "poverty.households", "2023", JANUARY, household)
    results = given(hub, chance, "poverty.review_results", "2023", JANUARY, result)
    workers = given(hub, chance, "labour_employment.workers", "2023", JANUARY, worker)
    found = lines(hub, form_named("AS-N"), "2023", JANUARY)

    able = {True: "khong", False: "co", None: "khong_ro"}
    named = {
        u: [
            r
            | {
                "khu_vuc": r["area_code"],
                "dan_toc": r["head_ethnicity_code"] or "khong_ro",
                "kha_nang_lao_dong": able[r["is_without_labour"]],
            }
            for r in rows
        ]
        for u, rows in households.items()
    }
    for code, column, kind in (("HN01", "poor_count", 1), ("HN03", "near_poor_count", 2)):
        signed = counted(results, lambda rows, c=column: Decimal(sum(r[c] for r in rows)))
        listed: Lines = {}
        for dimension in ("khu_vuc", "dan_toc", "kha_nang_lao_dong"):
            listed |= split(of_both(named, results), number(lambda r, k=kind: r["class_code"] == k), dimension)
        assert found[code, "ho"] == signed | listed
        assert missing_of(found["missing", ""], code) == set(DISTRICTS) - results.keys()
    for code, poor in (
        ("HN02", lambda r: r["poor_count"]),
        ("HN04", lambda r: r["near_poor_count"]),
        ("HN05", lambda r: r["poor_count"] + r["near_poor_count"]),
    ):
        rate = totals(found[code, "phan_tram"])
        assert rate == counted(results, percent(poor, lambda r: r["household_count"]))
    changes = (
        ("thoat_ngheo", lambda r: r["previous_class_code"] == 1 and r["class_code"] != 1),
        ("tai_ngheo", lambda r: r["change_reason_code"] == 1),
        ("phat_sinh", lambda r: r["change_reason_code"] == 2),
    )
    changed = {u: [{"bien_dong": kind} for r in rows for kind, holds in changes if holds(r)] for u, rows in households.items()}
    assert found["HN06", "ho"] == split(changed, number(), "bien_dong")
    lacking = {
        u: [{"chi_so": n, "lacks": r[f"lacks_{n}"]} for r in rows if r["class_code"] in (1, 2) for n in ("01", "12")]
        for u, rows in households.items()
    }
    assert found["HN07", "phan_tram"] == split(lacking, percent(lambda r: r["lacks"], lambda _: 1), "chi_so")

    def is_of_the_force(r: Row) -> int:
        return r["activity_code"] in (1, 2)

    by_sex = {u: [r | {"gioi_tinh": r["sex_code"]} for r in rows] for u, rows in workers.items()}
    trained = percent(lambda r: is_of_the_force(r) and 4 <= r["training_level_code"] <= 8, is_of_the_force)
    assert found["LD04", "phan_tram"] == counted(by_sex, trained, "gioi_tinh")
    assert totals(found["LD01", "nguoi"]) == counted(workers, number(is_of_the_force))
    assert missing_of(found["missing", ""], "LD01") == set(DISTRICTS) - workers.keys()


def test_what_was_filed_is_told_by_the_history_of_its_moment(hub: SmallHub, gateway: GatewayProcess) -> None:
    """A run waits for another's pass of sending, which may last minutes; meanwhile another system's load commits."""
    began = at("2024-10-22 02:00")
    loaded = began + dt.timedelta(minutes=4)
    hub.month(at("2024-10-21 23:00"))
    form = form_named("AS-T")
    with only_one(hub.engine, "report_sending"):
        run = threading.Thread(
            target=lambda: file_due(hub.engine, gateway.client(), began, form, ["2024-10"], mode="automatic"), daemon=True
        )
        run.start()
        waits = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        while not hub.rows(waits)[0][0]:
            time.sleep(0.05)
        hub.load("meritorious_persons.monthly_payments", "2024-10", "412", [{}, {}, {}], loaded)
        hub.read(loaded)
    run.join(120)
    with hub.engine.connect() as connection:
        (kept,) = submissions.listed(connection, "AS-T", "2024-10")
    assert kept.status == "received"
    (sent,) = [x for x in kept.payload["so_lieu"] if (x["ma_chi_tieu"], x["phan_to"]) == ("NCC02", {"don_vi": "412"})]
    ((held,),) = hub.rows(
        """select sum(amount_vnd) / 1000000.0 from history.meritorious_persons_monthly_payments where period = '2024-10'
            and unit_code = '412' and recorded_from <= :at and (recorded_to is null or recorded_to > :at)""",
        at=kept.composed_at,
    )
    assert Decimal(sent["gia_tri"]) == held and kept.composed_at == loaded
