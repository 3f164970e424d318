"""Up to when what a cell holds of files can speak: the earliest word of those whose files it holds, and of what was loaded alone."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from resources.raw_store import KeptFile, RawFile
from resources.warehouse.arrivals import deliveries
from resources.warehouse.arrivals.deliveries import Kind, New
from resources.warehouse.arrivals.ruling import spoken_until
from schemas import units
from schemas.dataset import PROVINCE, Dataset
from schemas.registry import dataset_named
from tests.integration.report_hub import SmallHub, at

CHILDREN, LIST = dataset_named("children.profiles"), dataset_named("social_protection.monthly_payments")
JOBS, ABROAD = dataset_named("labour_employment.jobs_created"), dataset_named("labour_employment.overseas_workers")
TODAY = dt.date(2024, 11, 20)
VINH, CUA_LO = "412", "413"
COMMUNE = min(code for code, unit in units.placing(TODAY, TODAY).items() if unit == VINH)


def day(number: int) -> dt.datetime:
    return at(f"2024-11-{number:02d} 02:00")


def sent(
    hub: SmallHub,
    sender: str,
    number: int,
    *,
    dataset: Dataset = CHILDREN,
    kind: Kind = "whole",
    periods: Sequence[str] = ("now",),
    loaded: int | None = None,
) -> int:
    """Sent on a day of the month, and loaded on that or a later one (0: never)."""
    new = New(dataset, sender, kind, tuple(periods), KeptFile("-", "-"), RawFile("-", "-", 1))
    with hub.engine.begin() as connection:
        made = deliveries.register(connection, new, day(number))
        if loaded != 0:
            deliveries.mark_loaded(connection, made.id, "a run", day(loaded or number), {})
    return made.id


def refused(hub: SmallHub, unit: str, number: int, outcome: str = "refused", **more: Any) -> None:
    dataset, row = more.pop("dataset", CHILDREN), {}
    if dataset.by_province:
        row = {"started_date": "2024-10-02"} if dataset is JOBS else {"departed_date": "2024-10-02"}
    hub.load(dataset.id, more.pop("period", "now"), unit, [row], day(number), outcome)


def spoken(hub: SmallHub, dataset: Dataset = CHILDREN, period: str = "now") -> dict[str, int]:
    """Unit -> the day."""
    with hub.engine.connect() as connection:
        found = spoken_until(connection, dataset, period, TODAY)
    return {unit: (instant + dt.timedelta(hours=7)).day for unit, instant in found.items()}


def test_a_cell_speaks_up_to_the_earliest_word_of_those_whose_files_it_holds(hub: SmallHub) -> None:
    assert spoken(hub) == {}
    first = sent(hub, VINH, 3)
    assert spoken(hub) == {VINH: 3}
    sent(hub, COMMUNE, 5)
    assert spoken(hub) == {VINH: 3}, "of the other communes it is what it was"
    with hub.engine.begin() as connection:
        deliveries.repeat(connection, first, day(9))
    assert spoken(hub) == {VINH: 5}, "the commune has not said it once more"
    sent(hub, VINH, 10)
    assert spoken(hub) == {VINH: 10}, "of the commune's file nothing holds"
    sent(hub, CUA_LO, 2)
    assert spoken(hub) == {VINH: 10, CUA_LO: 2}


def test_only_whole_files_of_the_period_that_are_loaded_speak(hub: SmallHub) -> None:
    sent(hub, VINH, 3, dataset=LIST, periods=("2024-09", "2024-10"))
    sent(hub, VINH, 4, dataset=LIST, periods=("2024-09",))
    sent(hub, VINH, 5, dataset=LIST, periods=("2024-10",), kind="patch")
    sent(hub, VINH, 6, dataset=LIST, periods=("2024-10",), loaded=0)
    sent(hub, VINH, 7)
    assert (spoken(hub, LIST, "2024-10"), spoken(hub, LIST, "2024-09")) == ({VINH: 3}, {VINH: 4})


def test_a_list_of_the_province_is_one_cell_whoever_sent_a_part(hub: SmallHub) -> None:
    sent(hub, PROVINCE, 3, dataset=JOBS, periods=("2024-10",))
    refused(hub, PROVINCE, 3, dataset=ABROAD, period="2024-10")
    assert spoken(hub, JOBS, "2024-10") == {PROVINCE: 3}
    refused(hub, PROVINCE, 3, dataset=JOBS, period="2024-10")
    refused(hub, PROVINCE, 4, "accepted", dataset=ABROAD, period="2024-10")
    assert spoken(hub, JOBS, "2024-10") == {}, "another list of the system was accepted since"


def test_what_was_refused_its_sender_has_not_said(hub: SmallHub) -> None:
    sent(hub, VINH, 3)
    sent(hub, VINH, 5)
    sent(hub, CUA_LO, 5)
    refused(hub, VINH, 5)
    assert spoken(hub) == {VINH: 3, CUA_LO: 5}
    sent(hub, VINH, 6)
    refused(hub, VINH, 6)
    assert spoken(hub) == {VINH: 3, CUA_LO: 5}, "nothing was loaded since the first that was refused"
    refused(hub, VINH, 7, "accepted")
    assert spoken(hub) == {VINH: 6, CUA_LO: 5}, "it was confirmed"
    sent(hub, VINH, 8)
    refused(hub, VINH, 8)
    assert spoken(hub) == {VINH: 6, CUA_LO: 5}, "what was refused before that is over"


def test_of_a_cell_of_which_all_was_refused_nobody_has_said_anything(hub: SmallHub) -> None:
    sent(hub, VINH, 3, loaded=4)
    refused(hub, VINH, 4)
    assert spoken(hub) == {}


@pytest.mark.parametrize("cell", [{"dataset": LIST, "period": "2024-10"}, {"unit": CUA_LO}, {"outcome": "accepted"}])
def test_what_was_refused_is_that_cell_alone(hub: SmallHub, cell: dict[str, Any]) -> None:
    sent(hub, VINH, 3)
    refused(hub, cell.pop("unit", VINH), 3, cell.pop("outcome", "refused"), **cell)
    assert spoken(hub) == {VINH: 3}
    refused(hub, VINH, 2)
    refused(hub, CUA_LO, 5, "accepted")
    hub.load(LIST.id, "2024-10", VINH, [{}], day(5))
    assert spoken(hub) == {}, "what another cell accepted mends nothing of this one"


def test_of_two_months_of_a_list_each_is_refused_by_itself(hub: SmallHub) -> None:
    for period in ("2024-09", "2024-10"):
        sent(hub, VINH, 3, dataset=LIST, periods=(period,))
    refused(hub, VINH, 3, dataset=LIST, period="2024-10")
    refused(hub, VINH, 4, "accepted", dataset=LIST, period="2024-09")
    assert (spoken(hub, LIST, "2024-10"), spoken(hub, LIST, "2024-09")) == ({}, {VINH: 3})
