"""What an open table counts: the rows of its period as they stood at the instant, who is behind them, and what its condition leaves out."""

import datetime as dt

from assets.open.figures import Place, figures, total
from assets.open.rounding import Figure
from schemas.dataset import PROVINCE
from schemas.registry import dataset_named
from schemas.release import TOTAL, UNSTATED
from tests.integration.open_hub import BY_WAY, MERIT, MONEY, OCTOBER, PAYMENTS
from tests.integration.report_hub import SmallHub, at

AS_OF = at("2024-11-20 02:00")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
EARLIER = AS_OF - 2 * HOUR
UNITS = {"412": AS_OF, "414": EARLIER}  # each row has an instant of its own
ONE, OTHER = "040050000001", "040050000000"


def counted(hub: SmallHub, name: str, table: str, period: str = OCTOBER) -> dict[Place, Figure]:
    dataset = dataset_named(name)
    of = next(t for t in dataset.open_tables if f"{dataset.source.name}_{t.name}" == table)
    with hub.engine.connect() as connection:
        found = figures(connection, dataset, of, period, UNITS)
        by_another_query = total(connection, dataset, of, period, UNITS)
    assert {unit: figure.value for unit, figure in by_another_query.items()} == {
        unit: found.get((unit, TOTAL), Figure()).value for unit in (*UNITS, PROVINCE)
    }
    return found


def paid(file: str, amount: int, way: int | None = 1, **more) -> dict:
    return {"profile_id": file, "amount_vnd": amount, "payment_way_code": way} | more


def register(hub: SmallHub, when: dt.datetime, **numbers: str) -> None:
    hub.load(f"{MERIT}.profiles", "now", "412", [{"profile_id": file, "identity_number": n} for file, n in numbers.items()], when)


def test_payments_are_those_of_the_month_as_they_stood_and_persons_those_of_the_register_then(hub: SmallHub) -> None:
    register(hub, AS_OF - DAY, A=ONE, B=OTHER, E=OTHER)
    register(hub, AS_OF, A=ONE, B=ONE, E=ONE)  # from the very instant on all three are one person; E was read before it
    register(hub, AS_OF + HOUR, A=ONE, B=OTHER, E=OTHER)
    rows = [
        paid("A", 1_000_000, arrears_vnd=500_000),
        paid("B", 2_000_000, 2),
        paid("C", 9_000_000, 2, is_received=False),
        paid("D", 3_000_000, None),
        paid("F", 4_000_000, 99),  # in no list of ways
    ]
    hub.load(PAYMENTS, OCTOBER, "412", [paid("A", 7_000_000)], AS_OF - DAY)  # what stood before
    hub.load(PAYMENTS, OCTOBER, "412", rows, AS_OF)
    hub.load(PAYMENTS, OCTOBER, "412", [paid("A", 8_000_000, 3)], AS_OF + HOUR)  # and what came since
    hub.load(PAYMENTS, OCTOBER, "414", [paid("E", 1_000_000)], EARLIER)
    hub.load(PAYMENTS, OCTOBER, "414", [paid("E", 2_000_000)], AS_OF)
    for unit in UNITS:
        hub.load(PAYMENTS, "2024-09", unit, [paid("G", 5_000_000)], AS_OF - DAY)
        hub.load(PAYMENTS, "2024-08", unit, [paid("G", 5_000_000)], AS_OF - DAY)
        hub.load(PAYMENTS, "2024-08", unit, [], AS_OF + HOUR)
    hub.load(PAYMENTS, OCTOBER, "415", [paid("H", 6_000_000)], AS_OF)  # not shown yet
    money = counted(hub, PAYMENTS, MONEY)
    assert {place: money[place] for place in (("412", TOTAL), ("414", TOTAL), (PROVINCE, TOTAL))} == {
        ("412", TOTAL): Figure(10_500_000, 3),
        ("414", TOTAL): Figure(1_000_000, 1),
        (PROVINCE, TOTAL): Figure(11_500_000, 4),
    }
    by_way = counted(hub, PAYMENTS, BY_WAY)
    assert {category: by_way["412", category] for unit, category in by_way if unit == "412"} == {
        "1": Figure(1, 1),
        "2": Figure(1, 1),
        UNSTATED: Figure(2, 2),
        TOTAL: Figure(4, 3),
    }
    assert (by_way[PROVINCE, "1"], by_way[PROVINCE, TOTAL]) == (Figure(2, 2), Figure(5, 4))


def test_a_register_counts_who_is_entitled_on_the_first_of_the_month(hub: SmallHub) -> None:
    first = dt.date(2024, 10, 1)
    rows = [
        {"entitled_from": first, "identity_number": ONE},
        {"entitled_from": first, "identity_number": ONE, "is_relative": True},  # a second file of the person
        {"entitled_from": first + DAY},
        {"entitled_until": first},
        {"entitled_until": first + DAY, "is_relative": True},
        {"entitled_from": None},
        {"entitled_from": first, "is_relative": None},
    ]
    hub.load(f"{MERIT}.profiles", "now", "412", [{}] * 9, AS_OF - DAY)
    hub.load(f"{MERIT}.profiles", "now", "412", rows, AS_OF)
    hub.load(f"{MERIT}.profiles", "now", "412", [{}], AS_OF + HOUR)
    hub.load(f"{MERIT}.profiles", "now", "414", [{}], AS_OF)  # read before it came
    found = counted(hub, f"{MERIT}.profiles", f"{MERIT}_profiles_by_relative")
    assert {category: (figure.value, figure.persons) for (unit, category), figure in found.items() if unit == "412"} == {
        "false": (1, 1),
        "true": (2, 2),
        UNSTATED: (1, 1),
        TOTAL: (4, 3),
    }
    assert not found.keys() & {("414", TOTAL)}
