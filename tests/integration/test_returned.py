"""Workbooks of rejected rows that units mend and send back: each row takes the place of the one that its mark names, until the
source says otherwise."""

import dataclasses
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
import sqlalchemy as sa

from assets.cells.outcome import Request
from assets.cells.returned import Loaded, load_returned
from assets.cells.run import sync_dataset
from resources.hub import Hub
from resources.warehouse.quarantine import open_rows
from resources.warehouse.quarantine.open_rows import Chosen
from resources.workbooks import marks, returned
from resources.workbooks.quarantine import write_quarantine
from resources.workbooks.reading.read import read_file
from resources.workbooks.reading.wanted import choice_of
from schemas.dataset import PROVINCE, Dataset
from schemas.registry import source_named
from schemas.sources.social_protection.datasets import MONTHLY_PAYMENTS
from tests.integration.province import until
from tests.integration.two_hubs import (
    DATASETS,
    LIST,
    MONTH,
    Two,
    change,
    check_as_from_nothing,
    fresh_hub,
    from_raw,
    held,
    pulls,
    rows,
    with_another_rule,
)
from tests.integration.warm import warm

PERIOD = "2024-10"
CORE = f"core.{MONTHLY_PAYMENTS.table}"
OWN = "111000"  # an amount that one row alone has
Line = dict[str, Any]  # source column -> what stands in the cell


@pytest.fixture
def hub(two: Two) -> Iterator[Hub]:
    yield from fresh_hub(two)


def night(two: Two, hub: Hub, dataset: Dataset = DATASETS[1], **asked: Any) -> list[Any]:
    with two.connected(hub) as opened:
        return sync_dataset(hub, dataset, opened, Request("night", **asked)).cells


def export(hub: Hub, into: Path, period: str = PERIOD) -> Path:
    with hub.warehouse.engine.connect() as connection:
        write_quarantine(
            into,
            open_rows.rejected(connection, Chosen([source_named("social_protection")], None, period)),
            [],
        )
    return into


def edited(path: Path, mend: Callable[[Line], object]) -> Path:
    """The workbook once a clerk has gone over each row of the first sheet; a row is dropped where `mend` gives False."""
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    names = [str(cell.value).rpartition("(")[2].rstrip(")") for cell in page[1]]
    for at in range(page.max_row, 1, -1):
        line = dict(zip(names, (cell.value for cell in page[at]), strict=True))
        if mend(line) is False:
            page.delete_rows(at)
            continue
        for place, name in enumerate(names, 1):
            page.cell(at, place).value = line[name]
    book.save(path)
    return path


def read(path: Path, dataset: Dataset = MONTHLY_PAYMENTS) -> pa.Table:
    with read_file(path, {dataset.id: choice_of(dataset, marks.COLUMNS)}) as found:
        return pa.Table.from_batches(list(found.batches()))


def send(hub: Hub, path: Path, dataset: Dataset = DATASETS[1], sender: str = PROVINCE) -> Loaded:
    return load_returned(hub, dataset, read(path, dataset), sender, "drop", Request("patch"), PERIOD)


def mending(values: dict[str, Line], others: bool = False) -> Callable[[Line], object]:
    """Put values into the rows whose key is among these; the others stay as they are, or are dropped."""

    def mend(line: Line) -> object:
        line.update(values.get(line["ma_doi_tuong"] or "", {}))
        return others or line["ma_doi_tuong"] in {v.get("ma_doi_tuong", k) for k, v in values.items()}

    return mend


def some_keys(hub: Hub, count: int) -> list[str]:
    """Of one unit, small amounts: a rule of these tests sets large ones aside."""
    return [
        key
        for (key,) in rows(
            hub,
            f"""select beneficiary_id from {CORE} where period = '{PERIOD}' and amount_vnd < 1000000 and unit_code =
                (select min(unit_code) from {CORE} where unit_code ~ '^4') order by 1 limit {count}""",
        )
    ]


def put(two: Two, key: str, column: str, value: str | None, table: str = LIST) -> None:
    text = "null" if value is None else f"'{value}'"
    assert change(two, f"update {table} set {column} = {text} where ma_doi_tuong = '{key}' and {MONTH}") == 1


def stands(hub: Hub, *keys: str) -> list[Any]:
    """The amount that is held of each key; None: no row."""
    found = dict(rows(hub, f"select beneficiary_id, amount_vnd from {CORE} where period = '{PERIOD}'"))
    return [found.get(key) for key in keys]


def aside(hub: Hub, *keys: str) -> list[int]:
    """How many open rejected rows each key has."""
    query = """select count(*) from quarantine.rows where resolved_at is null and dataset = 'monthly_payments'
        and received ->> 'ma_doi_tuong' = :key and period = :period"""
    return [rows(hub, query, key=key, period=PERIOD)[0][0] for key in keys]


def check_counts(hub: Hub) -> None:
    wrong = f"""with current as (select unit_code, count(*) as n from {CORE} where period = '{PERIOD}' group by 1),
            aside as (select unit_code, count(*) as n from quarantine.rows where dataset = 'monthly_payments'
                and period = '{PERIOD}' and resolved_at is null group by 1)
        select c.unit_code, current.n, rows_accepted, a.n, rows_rejected from ops.cells c left join current using (unit_code)
            left join aside a using (unit_code)
        where c.dataset = 'monthly_payments' and c.period = '{PERIOD}' and first_received_at is not null
            and (coalesce(current.n, 0) <> rows_accepted or coalesce(a.n, 0) <> rows_rejected)"""
    assert rows(hub, wrong) == []


def answers(hub: Hub) -> int:
    return rows(hub, "select count(*) from quarantine.answers where over_at is null")[0][0]


def test_marked_rows_take_the_place_of_those_they_name_until_the_source_says_otherwise(
    two: Two, hub: Hub, tmp_path: Path
) -> None:
    amount, lost, keyless, one, other, quiet = some_keys(hub, 6)
    total = rows(hub, f"select sum(rows_received) from ops.cells where dataset = 'monthly_payments' and period = '{PERIOD}'")
    put(two, amount, "so_tien", "không rõ")
    put(two, lost, "ma_xa_chi_tra", "99999")
    put(two, keyless, "ma_doi_tuong", None)
    put(two, other, "so_tien", OWN)
    put(two, other, "ma_doi_tuong", one)
    night(two, hub)
    assert stands(hub, amount, lost, keyless, one, other) == [None] * 5
    book = export(hub, tmp_path / "rows.xlsx")
    commune = rows(hub, f"select commune_code from {CORE} where beneficiary_id = '{quiet}' and period = '{PERIOD}'")[0][0]

    def mend(line: Line) -> object:
        if line["ma_doi_tuong"] and line["ma_doi_tuong"] not in (amount, lost, one):
            return False
        if line["ma_doi_tuong"] == amount:
            line["so_tien"] = "650.000"
        if line["ma_doi_tuong"] == lost:
            line["ma_xa_chi_tra"] = commune
        if not line["ma_doi_tuong"]:
            line["ma_doi_tuong"] = keyless
        if line["ma_doi_tuong"] == one and line["so_tien"] == OWN:
            line["ma_doi_tuong"] = other
        return True

    loaded = send(hub, edited(book, mend))
    assert loaded.told == []
    assert None not in stands(hub, amount, lost, keyless, one, other) and stands(hub, amount) == [650_000]
    assert aside(hub, amount, lost, keyless, one, other) == [0] * 5 and answers(hub) == 5
    check_counts(hub)
    query = f"select sum(rows_received) from ops.cells where dataset = 'monthly_payments' and period = '{PERIOD}'"
    assert rows(hub, query) == total, "a row took the place of a row"

    mended = held(hub, MONTHLY_PAYMENTS)
    kept = {what: mended[what] for what in ("rows", "quarantine", "remarks")}
    for again in (
        lambda: night(two, hub),
        lambda: night(two, hub, whole=True),
        lambda: from_raw(hub, DATASETS[1]),
        lambda: (night(two, hub, with_another_rule(DATASETS[1])), night(two, hub)),
    ):
        again()
        found = held(hub, MONTHLY_PAYMENTS)
        assert {what: found[what] for what in kept} == kept
        assert answers(hub) == 5
        check_counts(hub)

    # A patch whose file is lost stops no night: the source's rows show, and once it is found its own do.
    [(path,)] = rows(hub, "select path from ops.pulls where kind = 'patch'")
    file = hub.raw.root / path
    file.rename(file.with_suffix(".lost"))
    night(two, hub, whole=True)
    assert (stands(hub, amount), aside(hub, amount), answers(hub)) == ([None], [1], 5)
    check_counts(hub)
    file.with_suffix(".lost").rename(file)
    night(two, hub, whole=True)
    assert (stands(hub, amount), aside(hub, amount), answers(hub)) == ([650_000], [0], 5)

    # What others at the source do, and what it says again as it was, changes nothing of these.
    put(two, quiet, "so_tien", "1")
    night(two, hub)
    assert pulls(hub)[-1] == ("monthly_payments", "delta", 1), (
        "its keys are the source's: what changes there is told by increments"
    )
    change(
        two,
        f"update {LIST} set so_tien = so_tien where {MONTH} and (ma_doi_tuong in ('{amount}', '{lost}') or ma_doi_tuong is null)",
    )
    night(two, hub)
    assert stands(hub, amount, quiet) == [650_000, 1] and answers(hub) == 5
    check_counts(hub)

    # It mends one, spoils another anew, and drops a third.
    put(two, amount, "so_tien", "123000")
    put(two, lost, "ma_xa_chi_tra", "99998")
    night(
        two, hub, cells=frozenset({(PERIOD, "unknown")}), by_hand=True
    )  # the cell that it came from, not the one where it stands
    assert (aside(hub, lost), answers(hub)) == ([1], 4)
    assert change(two, f"delete from {LIST} where ma_doi_tuong is null and {MONTH}") == 1
    night(two, hub)
    assert stands(hub, amount, lost, keyless) == [123_000, None, None] and aside(hub, lost) == [1] and answers(hub) == 2
    check_counts(hub)
    why = [told.why for told in send(hub, book).told]
    assert sorted(why) == sorted([returned.CLOSED] * 3)
    assert answers(hub) == 2
    change(
        two,
        f"update {LIST} set ma_doi_tuong = '{other}' where ma_doi_tuong = '{one}' and so_tien = '{OWN}' and {MONTH}",
    )
    night(two, hub)
    night(two, hub)
    assert answers(hub) == 0
    check_as_from_nothing(two, hub)


def test_a_correction_is_corrected_by_mark_or_by_key(two: Two, hub: Hub, tmp_path: Path) -> None:
    wrong, renamed, taken, first, second = some_keys(hub, 5)
    for key in (wrong, renamed):
        put(two, key, "so_tien", "không rõ")
    put(two, second, "so_tien", OWN)
    put(two, second, "ma_doi_tuong", first)
    night(two, hub)
    held_up = stands(hub, taken)
    book = export(hub, tmp_path / "rows.xlsx")

    def sent(**values: Line) -> Loaded:
        return send(hub, edited(shutil.copy(book, tmp_path / "edited.xlsx"), mending(values)))

    sent(**{wrong: {"so_tien": "chưa rõ"}})
    assert aside(hub, wrong) == [1] and rows(
        hub, "select count(*) from quarantine.rows where received ->> 'so_tien' = 'chưa rõ'"
    ) == [(1,)]
    for said in ("650000", "660000"):  # by the mark that the first workbook gave it
        assert sent(**{wrong: {"so_tien": said}}).told == []
        assert (stands(hub, wrong), aside(hub, wrong), answers(hub)) == ([int(said)], [0], 1)
        check_counts(hub)
    assert sent(**{wrong: {"so_tien": "660000"}}).outcomes[0].cells == [], "the same again changes nothing"
    assert sent(**{wrong: {"so_tien": "670000", "Mã dòng ansinh": None}}).told == []  # by its key
    assert (stands(hub, wrong), answers(hub)) == ([670_000], 1)

    # A key that another row has is no way to take that row's place.
    sent(**{renamed: {"so_tien": "300000", "ma_doi_tuong": taken}})
    assert (stands(hub, taken), aside(hub, renamed, taken), answers(hub)) == (held_up, [0, 1], 2)
    # Two rows of one key: the one that came back is right, the other stays aside.
    assert aside(hub, first) == [2]
    send(hub, edited(shutil.copy(book, tmp_path / "edited.xlsx"), lambda line: line["so_tien"] == OWN))
    assert (stands(hub, first), aside(hub, first), answers(hub)) == ([int(OWN)], [1], 3)
    check_counts(hub)
    mended = held(hub, MONTHLY_PAYMENTS)
    night(two, hub, whole=True)
    from_raw(hub, DATASETS[1])
    found = held(hub, MONTHLY_PAYMENTS)
    assert {what: found[what] for what in ("rows", "quarantine", "remarks")} == {
        what: mended[what] for what in ("rows", "quarantine", "remarks")
    }
    check_counts(hub)


def test_a_refused_cell_is_judged_anew_with_what_came_back(two: Two, hub: Hub, tmp_path: Path) -> None:
    strict = dataclasses.replace(DATASETS[1], tolerated_share=0.0, tolerated_rows=2)
    wrong, more = some_keys(hub, 4), some_keys(hub, 6)[4:]
    unit = rows(hub, f"select unit_code from {CORE} where beneficiary_id = '{wrong[0]}' and period = '{PERIOD}'")[0][0]
    lost, quiet = more
    before = stands(hub, *wrong, quiet)
    for key in wrong:
        put(two, key, "so_tien", "không rõ")
    put(two, lost, "ma_xa_chi_tra", "99999")
    put(two, quiet, "so_tien", "77000")
    [cell] = [c for c in night(two, hub, strict) if c.unit == unit]
    assert cell.outcome == "refused" and stands(hub, *wrong, quiet) == before
    book = export(hub, tmp_path / "rows.xlsx")
    commune = rows(hub, f"select commune_code from {CORE} where beneficiary_id = '{quiet}' and period = '{PERIOD}'")[0][0]

    # Half of them mended does not do: nothing is taken, of the row that moves here from no unit either.
    some = mending({wrong[0]: {"so_tien": "650000"}, lost: {"ma_xa_chi_tra": commune}})
    loaded = send(hub, edited(shutil.copy(book, tmp_path / "some.xlsx"), some), strict)
    assert {c.outcome for c in loaded.outcomes[0].cells} == {"refused"} and answers(hub) == 0
    assert (stands(hub, *wrong, quiet), aside(hub, lost)) == (before, [1])

    all_of_them = {key: {"so_tien": f"{650_000 + at}"} for at, key in enumerate(wrong)} | {lost: {"ma_xa_chi_tra": commune}}
    edited(book, mending(all_of_them))
    with hub.warehouse.engine.connect() as held_by, held_by.begin():
        held_by.exec_driver_sql("lock table quarantine.answers in exclusive mode")
        killed_while_it_waits(two, hub, book, held_by)
    assert (stands(hub, *wrong, quiet), aside(hub, lost), answers(hub)) == (before, [1], 0)
    send(hub, book, strict)
    mended = [650_000, 650_001, 650_002, 650_003, 77_000]
    assert stands(hub, *wrong, quiet) == mended, "what else the source had sent is there too"
    assert (aside(hub, *wrong, lost), answers(hub)) == ([0] * 5, 5) and None not in stands(hub, lost)
    check_counts(hub)
    for again in (lambda: night(two, hub, strict), lambda: night(two, hub, strict, whole=True)):
        again()
        assert stands(hub, *wrong, quiet) == mended and answers(hub) == 5
        check_counts(hub)


LOADS = """
import sys
from pathlib import Path
from resources.hub import Hub
from tests.integration.test_returned import send
send(Hub.open(), Path(sys.argv[1]))
"""


def killed_while_it_waits(two: Two, hub: Hub, book: Path, holder: sa.Connection) -> None:
    """A process that loads the workbook, killed where it asks for what the holder has."""
    held_by = holder.exec_driver_sql("select pg_backend_pid()").scalar_one()
    environment = os.environ | {"ANSINH_HOME": str(two.made.home), "WAREHOUSE_URL": hub.warehouse.url}
    loading = warm().start("tests.integration.script", (LOADS, str(book)), environment)
    waits = "select count(*) from pg_stat_activity where :holder = any(pg_blocking_pids(pid))"
    until(lambda: loading.poll() is not None or rows(hub, waits, holder=held_by) != [(0,)])
    assert loading.poll() is None, "it never asked for it"
    loading.kill()
    loading.wait()
    until(
        lambda: (
            rows(
                hub,
                "select count(*) from pg_stat_activity where state = 'idle in transaction' and datname = current_database() and pid <> pg_backend_pid() and pid <> :holder",
                holder=held_by,
            )
            == [(0,)]
        )
    )
