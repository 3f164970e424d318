"""What is held against its unit's month before, or the newest that is held: payment lists, and they alone. A list that repeats it is taken when a person confirms it."""

import os
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pyarrow as pa
import pytest

from assets.cells.asset import run_cells
from assets.cells.outcome import CellOutcome, Request
from resources.hub import Hub
from schemas import calendar, units
from schemas.dataset import Dataset
from schemas.registry import dataset_named
from tests.fixtures.kit import Row
from tests.integration.by_drop import deliver
from tests.integration.test_deliveries import HAND, KEY_COLUMN, VINH, of_unit, put
from tests.integration.two_hubs import Two, drop, reset, rows

FORMS = dataset_named("social_evils_prevention.commune_forms")
ENROLMENTS = dataset_named("vocational_education.enrolments")
LIST = dataset_named("social_protection.monthly_payments")
BEFORE, PERIOD, MONTH_COLUMN = "2024-10", "2024-11", "thang"  # which no lock closes


@pytest.fixture
def hub(two: Two) -> Iterator[Hub]:
    reset(two)
    found = two.hub()
    yield found
    drop(two, found)


def as_texts(dataset: Dataset, found: list[Row]) -> pa.Table:
    """Rows as a file has them."""
    names = [c.source_column for c in dataset.columns]
    return pa.table({n: pa.array([None if r.get(n) is None else str(r[n]) for r in found], pa.string()) for n in names})


def load(hub: Hub, dataset: Dataset, **how: Any) -> list[CellOutcome]:
    """By the files alone: the main road of the dataset is not asked, where it is another."""
    with mock.patch.dict(os.environ, {"WAREHOUSE_URL": hub.warehouse.url}):
        outcome = run_cells(hub, dataset, Request("test", files_alone=not dataset.comes_in_files, **how), HAND if how else {})
    assert outcome.failure is None and outcome.trouble == []
    return outcome.cells


def came(hub: Hub, dataset: Dataset, sender: str, period: str, sent: pa.Table) -> CellOutcome:
    assert deliver(hub, dataset, sender, [period], sent) is not None
    [cell] = load(hub, dataset)
    assert (cell.period, cell.unit, cell.received) == (period, sender, sent.num_rows)
    return cell


def of_communes(period: str, count: int) -> list[Row]:
    """The first columns of a row of so many communes of Vinh."""
    first, last = calendar.span(period)
    mine = [code for code, unit in sorted(units.placing(first, last).items()) if unit == VINH]
    found = [units.communes_on(last)[code] for code in mine[:count]]
    return [{"ma_xa_goc": c.code, "ten_xa": c.name, MONTH_COLUMN: first} for c in found]


def test_forms_of_months_in_which_nothing_moved_are_taken(hub: Hub) -> None:
    """What stood at the start of the month is what stood at the end of the one before: nobody came, nobody went."""
    for period in (BEFORE, PERIOD):
        quiet = [
            {
                **row,
                "quan_ly_sau_cai_dau_ky": n,
                "quan_ly_sau_cai_tang": 0,
                "quan_ly_sau_cai_giam": 0,
                "quan_ly_sau_cai_cuoi_ky": n,
            }
            for n, row in enumerate(of_communes(period, 6))
        ]
        assert came(hub, FORMS, VINH, period, as_texts(FORMS, quiet)).reason is None, period


def test_enrolments_may_be_far_fewer_than_in_the_month_before(hub: Hub) -> None:
    """Schools begin in autumn: what is counted of a month follows from that month."""

    def enrolled(period: str, count: int) -> pa.Table:
        [common] = of_communes(period, 1)
        more = {"ma_nghe": "6520227", "trinh_do": "1", "nam_hoc": "2024-2025"}
        more |= {"chi_tieu": "30", "so_tuyen_moi": "0", "luy_ke_nam_hoc": "12"}
        return as_texts(ENROLMENTS, [{**common, **more, "ma_co_so": f"CD-{n:03d}"} for n in range(count)])

    for period, count in ((BEFORE, 40), (PERIOD, 25)):
        assert came(hub, ENROLMENTS, "40", period, enrolled(period, count)).reason is None, period


def test_a_payment_list_that_comes_first_is_held_against_the_month_before(two: Two, hub: Hub) -> None:
    sent = of_unit(two, VINH, PERIOD)
    first, half = put_all(sent, f"{BEFORE}-01"), sent.slice(0, sent.num_rows // 2)
    assert came(hub, LIST, VINH, BEFORE, first).outcome == "accepted"
    assert "--confirm-shrink" in (came(hub, LIST, VINH, PERIOD, half).reason or "")


def test_after_a_month_that_was_missed_a_list_is_held_against_the_newest(two: Two, hub: Hub) -> None:
    """One row of the next month stood for the list of a whole district."""
    sent = of_unit(two, VINH, PERIOD)
    assert deliver(hub, LIST, VINH, ["2024-09"], put_all(sent, "2024-09-01")) is not None
    [late] = load(hub, LIST, cells=frozenset({("2024-09", VINH)}), by_hand=True)
    assert (late.outcome, late.accepted) == ("accepted", sent.num_rows)
    assert "--confirm-shrink" in (came(hub, LIST, VINH, PERIOD, sent.slice(0, 1)).reason or "")


def put_all(sent: pa.Table, month: str) -> pa.Table:
    """The same list as one of another month."""
    place = sent.schema.get_field_index(MONTH_COLUMN)
    return sent.set_column(place, MONTH_COLUMN, pa.array([month] * sent.num_rows, pa.string()))


def test_a_file_that_repeats_the_month_before_is_taken_with_the_confirmation_and_stays(two: Two, hub: Hub) -> None:
    sent = of_unit(two, VINH, PERIOD)
    assert came(hub, LIST, VINH, BEFORE, put_all(sent, f"{BEFORE}-01")).outcome == "accepted"
    refused = came(hub, LIST, VINH, PERIOD, sent)
    assert refused.outcome == "refused" and "giống hệt" in (refused.reason or "") and "--confirm-shrink" in (refused.reason or "")
    of_cell = {"cells": frozenset({(PERIOD, VINH)}), "by_hand": True}
    [confirmed] = load(hub, LIST, **of_cell, confirm_shrink=True)
    assert (confirmed.outcome, confirmed.accepted) == ("accepted", sent.num_rows)
    # One more row, which is set aside: the accepted ones are still those that were confirmed.
    more = pa.concat_tables([sent, put(put(sent.slice(0, 1), KEY_COLUMN, "DT-MOI"), "so_tien", "không rõ")])
    again = came(hub, LIST, VINH, PERIOD, more)
    assert (again.outcome, again.rejected) == ("accepted", 1)
    held = "select count(*) from core.social_protection_monthly_payments where period = :period and unit_code = :unit"
    assert rows(hub, held, period=PERIOD, unit=VINH) == [(sent.num_rows,)]
