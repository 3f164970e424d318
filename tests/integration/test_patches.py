"""A patch, as a returned workbook is one: it replaces and adds, removes nothing, and yields to what the source says otherwise."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from assets.cells.outcome import Outcome, Request
from assets.cells.run import patch_dataset, sync_dataset
from resources.hub import Hub
from schemas.dataset import Dataset
from schemas.sources.social_protection.datasets import MONTHLY_PAYMENTS
from tests.integration.two_hubs import (
    LIST,
    MONTH,
    Two,
    change,
    check_as_from_nothing,
    fresh_hub,
    held,
    pulls,
    rows,
    with_another_rule,
)

KEY_COLUMN = MONTHLY_PAYMENTS.column(MONTHLY_PAYMENTS.key[0]).source_column
CORE = f"core.{MONTHLY_PAYMENTS.table}"
PERIOD = "2024-10"


@pytest.fixture
def hub(two: Two) -> Iterator[Hub]:
    yield from fresh_hub(two)


def received(two: Two, hub: Hub, key: str, **put: Any) -> pa.RecordBatch:
    """A row of the period as the source has it, with other values in some of its columns."""
    with two.connected(hub) as opened:
        table = pa.Table.from_batches(list(opened.rows(MONTHLY_PAYMENTS, PERIOD, hub.today())))
    table = table.filter(pc.equal(table.column(KEY_COLUMN), key))
    assert table.num_rows == 1
    for column, value in put.items():
        place = table.schema.get_field_index(column)
        table = table.set_column(place, table.schema.field(place), pa.array([value], table.schema.field(place).type))
    return table.combine_chunks().to_batches()[0]


def patched(hub: Hub, *batches: pa.RecordBatch, dataset: Dataset = MONTHLY_PAYMENTS) -> Outcome:
    return patch_dataset(hub, dataset, PERIOD, "files", iter(batches), Request("patch"))


def night(two: Two, hub: Hub, dataset: Dataset = MONTHLY_PAYMENTS) -> Outcome:
    with two.connected(hub) as opened:
        return sync_dataset(hub, dataset, opened, Request("test"))


def a_key(hub: Hub, place: int = 0) -> str:
    ((key,),) = rows(
        hub,
        # Of small amounts: a rule of these tests sets large ones aside.
        f"""select row_key from {CORE} where period = '{PERIOD}' and unit_code <> 'unknown' and amount_vnd < 1000000
            order by 1 offset {place} limit 1""",
    )
    return key.split("|")[0]


def amount(hub: Hub, key: str) -> list[tuple[Any, ...]]:
    return rows(hub, f"select amount_vnd from {CORE} where period = '{PERIOD}' and beneficiary_id = '{key}'")


def stands(hub: Hub) -> list[tuple[Any, ...]]:
    return rows(hub, "select period, unit_code, stands, judged_by from ops.readings where road = 'sql' order by 1, 2")


def check_counts(hub: Hub) -> None:
    wrong = f"""with current as (select unit_code, count(*) as n from {CORE} where period = '{PERIOD}' group by 1),
            aside as (select unit_code, count(*) as n from quarantine.rows where dataset = 'monthly_payments'
                and period = '{PERIOD}' and resolved_at is null group by 1)
        select c.unit_code from ops.cells c left join current using (unit_code) left join aside a using (unit_code)
        where c.dataset = 'monthly_payments' and c.period = '{PERIOD}' and first_received_at is not null
            and (coalesce(current.n, 0) <> rows_accepted or coalesce(a.n, 0) <> rows_rejected)"""
    assert rows(hub, wrong) == []


def test_a_rejected_row_is_mended_until_the_source_says_something_else(two: Two, hub: Hub) -> None:
    key = a_key(hub)
    here = f"{KEY_COLUMN} = '{key}' and {MONTH}"
    assert change(two, f"update {LIST} set so_tien = 'không rõ' where {here}") == 1
    night(two, hub)
    assert amount(hub, key) == []
    before, kept = stands(hub), pulls(hub)
    [_] = patched(hub, received(two, hub, key, so_tien="650000")).loaded()
    assert amount(hub, key) == [(650_000,)]
    check_counts(hub)
    last = "select road, kind, rows_pulled from ops.arrivals order by id desc limit 1"
    assert rows(hub, last) == [("files", "patch", 1)]
    assert stands(hub) == before
    assert pulls(hub)[len(kept) :] == [("monthly_payments", "patch", 1)]
    assert night(two, hub).cells == []
    assert amount(hub, key) == [(650_000,)]
    assert patched(hub, received(two, hub, key, so_tien="650000")).cells == [], "the same patch again changes nothing"
    other = a_key(hub, 1)
    assert change(two, f"update {LIST} set so_tien = '1' where {KEY_COLUMN} = '{other}' and {MONTH}") == 1
    night(two, hub)
    assert (amount(hub, key), amount(hub, other)) == ([(650_000,)], [(1,)]), "the source says of this row what it said"
    assert change(two, f"update {LIST} set so_tien = 'vẫn không rõ' where {here}") == 1
    night(two, hub)
    assert amount(hub, key) == []
    check_as_from_nothing(two, hub)


def test_it_replaces_and_adds_and_what_it_cannot_read_takes_no_good_row_away(two: Two, hub: Hub) -> None:
    first, second = a_key(hub), a_key(hub, 1)
    before = rows(hub, f"select count(*) from {CORE} where period = '{PERIOD}'")[0][0]
    stood = amount(hub, second)
    patched(
        hub,
        received(two, hub, first, so_tien="710000"),
        received(two, hub, first, **{KEY_COLUMN: "MOI-1", "so_tien": "720000"}),
        received(two, hub, second, so_tien="không rõ"),
    )
    assert (amount(hub, first), amount(hub, "MOI-1"), amount(hub, second)) == ([(710_000,)], [(720_000,)], stood)
    assert rows(hub, f"select count(*) from {CORE} where period = '{PERIOD}'") == [(before + 1,)]
    aside = f"""select count(*) from quarantine.rows where resolved_at is null and received ->> 'so_tien' = 'không rõ'
        and received ->> '{KEY_COLUMN}' = '{second}'"""
    assert rows(hub, aside) == [(1,)]
    check_counts(hub)


def test_it_is_judged_again_with_what_it_patches(two: Two, hub: Hub) -> None:
    """By rules that set large amounts aside, and then by those of before."""
    first, second, large = a_key(hub), a_key(hub, 1), "2000000"
    stood = amount(hub, second)
    patched(
        hub,
        received(two, hub, first, so_tien="710000"),
        received(two, hub, second, so_tien=large),
        received(two, hub, second, **{KEY_COLUMN: "MOI-1", "so_tien": "không rõ"}),
    )
    as_patched, kept = held(hub, MONTHLY_PAYMENTS), pulls(hub)
    night(two, hub, with_another_rule(MONTHLY_PAYMENTS))
    assert (amount(hub, first), amount(hub, second)) == ([(710_000,)], stood), "what is rejected takes no good row away"
    check_counts(hub)
    night(two, hub)
    assert (amount(hub, first), amount(hub, second)) == ([(710_000,)], [(int(large),)])
    assert held(hub, MONTHLY_PAYMENTS)["rows"] == as_patched["rows"]
    assert held(hub, MONTHLY_PAYMENTS)["quarantine"] == as_patched["quarantine"]
    assert pulls(hub) == kept, "the source was not asked"
    check_counts(hub)
