"""Increments and a load from nothing end in the same warehouse, whatever happens at the source in between."""

import dataclasses
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg2.errors import LockNotAvailable

from assets.cells.outcome import Request
from assets.cells.run import sync_dataset
from resources.connectors.connector import KEY, Standings
from resources.connectors.failures import StructureChanged
from resources.connectors.postgresql.connector import PostgresConnector
from resources.connectors.postgresql.row_versions import Horizon
from resources.hub import Hub
from resources.warehouse.loading.first import FirstLoad
from schemas.roads import BY_ROW_HASH, BY_ROW_VERSION, Sql
from schemas.sources.social_protection.datasets import BENEFICIARIES
from tests.integration.two_hubs import (
    DATASETS,
    OPEN,
    SOURCE,
    Two,
    change,
    check_as_from_nothing,
    drop,
    fresh_hub,
    from_raw,
    held,
    pulls,
    reset,
)

CHANGES = {
    "amount": "update {t} set {amount} = (400000 + :n)::text where {picked}",
    "amount, dated before": "update {t} set {amount} = (300000 + :n)::text, {earlier} where {picked}",
    "all of a commune": "update {t} set {amount} = (200000 + :n)::text where {commune} = (select {commune} from {t} where {picked}) and {open}",
    "nothing but the version": "update {t} set {amount} = {amount} where {picked}",
    "delete": "delete from {t} where {picked}",
    "insert": "insert into {t} select (x).* from (select jsonb_populate_record(r, jsonb_build_object('{key}', 'M' || :n || {key})) as x from {t} r where {picked}) y",
    "copy": "insert into {t} select * from {t} where {picked}",
    "copy, changed": "insert into {t} select (x).* from (select jsonb_populate_record(r, jsonb_build_object('{amount}', '77')) as x from {t} r where {picked}) y",
    "another key": "update {t} set {key} = {key} || 'K' where {picked}",
    "the key of another": "update {t} set {key} = (select {key} from {t} where {open} order by {key} desc, ctid limit 1 offset :n % 7) where {picked}",
    "the key spelled otherwise": "update {t} set {key} = ' ' || {key} where {picked}",
    "no key": "update {t} set {key} = null where {picked}",
    "spoil": "update {t} set {amount} = 'không rõ' where {picked}",
    "mend": "update {t} set {amount} = '500000' where {amount} = 'không rõ'",
    "move": "update {t} set {commune} = (select {commune} from {t} where {open} order by {commune} desc, ctid limit 1 offset :n) where {picked}",
    "move to nowhere": "update {t} set {commune} = '99999' where {picked}",
    "move to no code": "update {t} set {commune} = null where {picked}",
    "another month": "update {t} set {month} where {picked}",
}


@dataclass
class Change:
    """One change by the source's own users; `late` ones are committed only after the night that follows."""

    kind: str
    dataset: int
    row: int
    late: bool

    @property
    def statement(self) -> str:
        dataset = DATASETS[self.dataset]
        names = {
            "t": dataset.road.table,
            "key": dataset.column(dataset.key[0]).source_column,
            "commune": dataset.column("commune_code").source_column,
            "amount": dataset.column("allowance_vnd" if dataset.name == "beneficiaries" else "amount_vnd").source_column,
            "earlier": "{} = timestamptz '2001-01-01'".format(dataset.column("updated_at").source_column)
            if dataset.kind == "register"
            else "{commune} = {commune}",
            "open": OPEN if dataset.placed_by else "true",
            "month": "thang = case when thang < date '2024-11-01' then date '2024-11-01' else date '2024-10-01' end"
            if dataset.placed_by
            else "{commune} = {commune}",
        }
        for name in ("earlier", "month"):
            names[name] = names[name].format(**names)
        names["picked"] = (
            "ctid = (select ctid from {t} where {open} order by {key}, {commune}, ctid limit 1 "
            "offset :n % (select greatest(count(*), 1) from {t} where {open}))".format(**names)
        )
        return CHANGES[self.kind].format(**names)


changes = st.builds(Change, st.sampled_from(sorted(CHANGES)), st.integers(0, 1), st.integers(0, 999), st.booleans())
nights = st.lists(st.lists(changes, min_size=1, max_size=5), min_size=2, max_size=4)


@pytest.fixture
def hub(two: Two) -> Iterator[Hub]:
    yield from fresh_hub(two)


# Shrinking runs a hundred nights and more; the changes of a failing example are few, and printed.
NIGHTS = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize="ANSINH_EXAMPLES" not in os.environ,
    print_blob=True,
)


@pytest.mark.landing
@settings(NIGHTS, max_examples=4)
@given(nights)
def test_increments_end_where_a_load_from_nothing_does(two: Two, all_changes: list[list[Change]]) -> None:
    check_lives_alike(two, all_changes)


@pytest.mark.long
@settings(NIGHTS, max_examples=int(os.environ.get("ANSINH_EXAMPLES", "16")))
@given(nights)
def test_increments_end_where_a_load_from_nothing_does_in_many_lives(two: Two, all_changes: list[list[Change]]) -> None:
    check_lives_alike(two, all_changes)


def check_lives_alike(two: Two, all_changes: list[list[Change]]) -> None:
    reset(two)
    hub = two.hub(has_read=True)
    for changes_of_a_day in all_changes:
        with two.source() as now, two.source() as late:
            for change in changes_of_a_day:
                if change.late:
                    late.exec_driver_sql("set local lock_timeout = '100ms'")
                    connection = late
                else:
                    connection = now
                try:
                    with connection.begin_nested():
                        connection.execute(sa.text(change.statement), {"n": change.row})
                except sa.exc.OperationalError as met:  # two of the day's changes meet on a row: the second is not made
                    assert isinstance(met.orig, LockNotAvailable)
                    continue
                if not change.late:
                    now.commit()
            two.night(hub)
            late.commit()
    two.night(hub)
    nothing = two.hub()
    two.night(nothing)
    for dataset in DATASETS:
        by_increments, from_nothing = held(hub, dataset), held(nothing, dataset)
        for what, rows in from_nothing.items():
            assert by_increments[what] == rows, f"{dataset.id}: {what}"
    for dataset in DATASETS:
        before = held(hub, dataset)
        from_raw(hub, dataset)
        assert held(hub, dataset) == before, f"{dataset.id}: raw, folded, is not what is held"
    assert [outcome.missed for outcome in two.night(hub, whole=True)] == [[], []]
    for left in (hub, nothing):
        drop(two, left)


def test_only_what_changed_is_pulled(two: Two, hub: Hub) -> None:
    before = pulls(hub)
    assert (
        change(
            two, "update btxh_chi_tra set so_tien = '1' where ctid in (select ctid from btxh_chi_tra where " + OPEN + " limit 2)"
        )
        == 2
    )
    assert change(two, "delete from btxh_doi_tuong where ctid in (select ctid from btxh_doi_tuong limit 1)") == 1
    two.night(hub)
    assert all(kind == "delta" for _, kind, _ in pulls(hub)[len(before) :])
    assert sum(rows for _, _, rows in pulls(hub)[len(before) :]) == 3, "two rows, and the key of the one that is gone"
    after = pulls(hub)
    two.night(hub)
    assert pulls(hub) == after, "a quiet night pulls nothing"


@pytest.mark.parametrize(
    ("rows", "most"),
    [("ma_doi_tuong = (select min(ma_doi_tuong) from btxh_doi_tuong)", None), ("true", None), ("true", 50)],
    ids=["in place", "closed and written anew", "too many for an increment"],
)
def test_a_changed_row_leaves_its_former_version_behind(two: Two, hub: Hub, rows: str, most: int | None) -> None:
    names = ", ".join(["row_key", "unit_code", "district_code", "source_key", *(c.name for c in BENEFICIARIES.columns)])
    current, closed = (f"from history.{BENEFICIARIES.table} where recorded_to is {what}" for what in ("null", "not null"))
    pages = f"select row_key, (ctid::text::point)[0] {current}"
    with hub.warehouse.engine.connect() as connection:
        before = connection.exec_driver_sql(f"select {names}, recorded_from {current}").all()
        closed_before = connection.exec_driver_sql(f"select count(*) {closed}").scalar_one()
        stood_on = dict(map(tuple, connection.exec_driver_sql(pages)))
        last = connection.exec_driver_sql("select max(id) from ops.pulls").scalar_one()
    changed = change(two, f"update btxh_doi_tuong set ho_ten = 'Nguyễn Thị Mới' where {rows}")
    hub.tuning.changes_at_most = most or hub.tuning.changes_at_most
    two.night(hub)
    with hub.warehouse.engine.connect() as connection:
        after = connection.exec_driver_sql(f"select {names} {current}").all()
        left = connection.exec_driver_sql(f"select {names}, recorded_from {closed} order by ctid offset {closed_before}").all()
        stands_on = dict(map(tuple, connection.exec_driver_sql(pages)))
        kinds = set(connection.exec_driver_sql(f"select kind from ops.pulls where id > {last}").scalars())
    assert kinds == {"whole" if most else "delta"}
    new = {row.row_key for row in after if row.full_name == "Nguyễn Thị Mới"}
    assert 0.9 * changed <= len(new) <= changed, "some are rejected for something else"
    assert sorted(map(repr, left)) == sorted(repr(row) for row in before if row.row_key in new)
    assert {row.row_key for row in before} <= {row.row_key for row in after}
    if changed == 1:
        assert {stands_on[key] for key in new} == {stood_on[key] for key in new}
    check_as_from_nothing(two, hub, BENEFICIARIES)


def test_what_changed_of_a_register_comes_with_its_digests_where_something_did(two: Two, hub: Hub) -> None:
    """Its keys, and where the rows stand. Where a sample shows nothing, they are asked for by themselves: the same ones."""
    today = hub.today()
    with two.connected(hub) as opened:
        bookmark = opened.bookmark(BENEFICIARIES)
        assert bookmark
        since = {bookmark}
        found = opened.standings(BENEFICIARIES, today, since)
        assert found.looked is None
        changes = opened.changes(BENEFICIARIES, "now", today, since, found)
        assert changes is not None
        assert changes.changed_keys is None
        asked = sorted(changes.keys())
    assert change(two, "update btxh_doi_tuong set ho_ten = 'Mới' where ctid in (select ctid from btxh_doi_tuong limit 3)") == 3
    with two.connected(hub) as opened:
        assert isinstance(opened, PostgresConnector)
        found = opened.standings(BENEFICIARIES, today, since)

        def changed(by: Standings) -> list[dict[str, Any]]:
            told = opened.changes(BENEFICIARIES, "now", today, since, by)
            assert told is not None
            return sorted((row for batch in told.rows() for row in batch.to_pylist()), key=repr)

        by_place = changed(found)
        assert [row["ho_ten"] for row in by_place] == ["Mới"] * 3
        changes = opened.changes(BENEFICIARIES, "now", today, since, found)
        assert changes is not None
        known = changes.changed_keys
        assert known is not None
        assert sorted(known) == sorted(row[KEY] for row in by_place)
        for _ in ("as they came with the digests", "asked for by themselves"):
            assert sorted(changes.keys()) == asked
        opened.most_places = 2
        assert changed(found) == by_place
        assert changed(dataclasses.replace(found, looked=None)) == by_place
    with two.connected(hub) as opened:
        assert isinstance(opened, PostgresConnector)
        opened.sample_bytes = 0
        found = opened.standings(BENEFICIARIES, today, since)
        assert found.looked is None, "no more of the table is looked at than the sample"


PARTS = {
    "partitions": {
        "whole": "create table {t} (like whole_{t}) partition by hash ({key})",
        "part": "create table {t}_{n} partition of {t} for values with (modulus 2, remainder {n})",
        "fill": "insert into {t} select * from whole_{t}",
        "apart": "alter table {t} detach partition {t}_0",
        "in its place": "alter table {t} attach partition {t}_new for values with (modulus 2, remainder 0)",
        "elsewhere": "alter table {t} detach partition {t}_new;"
        "create foreign table {t}_far partition of {t} for values with (modulus 2, remainder 0) server far",
    },
    "inherited": {
        "whole": "create table {t} (like whole_{t})",
        "part": "create table {t}_{n} () inherits ({t})",
        "fill": "insert into {t}_0 select * from whole_{t} where hashtext({key}) > 0;"
        "insert into {t}_1 select * from whole_{t} where hashtext({key}) > 0 is not true",
        "apart": "alter table {t}_0 no inherit {t}",
        "in its place": "alter table {t}_new inherit {t}",
        "elsewhere": "create foreign table {t}_far () inherits ({t}) server far",
    },
}


@pytest.mark.parametrize("kind", PARTS)
def test_of_a_register_in_parts_only_what_changed_is_pulled_and_a_part_that_was_exchanged_is_seen(
    two: Two, hub: Hub, kind: str
) -> None:
    """Rows that come with a part keep their versions, older than any night; at the place of a changed row stands one of another part."""
    table = BENEFICIARIES.road.table
    key = BENEFICIARIES.column(BENEFICIARIES.key[0]).source_column

    def do(*steps: str) -> None:
        change(two, ";".join(PARTS[kind].get(step, step).replace("{n}", step[-1]).format(t=table, key=key) for step in steps))

    def night() -> list[tuple[str, str, int]]:
        before = pulls(hub)
        two.night(hub)
        return pulls(hub)[len(before) :]

    def renamed(name: str) -> list[tuple[str, str, int]]:
        first = f"tableoid = '{table}_1'::regclass and ctid in (select min(ctid) from {table}_1)"
        assert change(two, f"update {table} set ho_ten = '{name}' where {first}") == 1
        return night()

    part = PARTS[kind]["part"]
    do("alter table {t} rename to whole_{t}", "whole", part.replace("{n}", "0"), part.replace("{n}", "1"), "fill")
    do(f"grant select on {{t}} to {SOURCE}_reader")
    try:
        assert {kind for _, kind, _ in night()} == {"whole"}
        do("create table {t}_new as select * from {t}_0", "update {t}_new set ho_ten = 'Trần Văn Khác'")
        assert renamed("Mới") == [("beneficiaries", "delta", 1)]
        do("apart", "in its place")
        assert [kind for _, kind, _ in night()] == ["whole"]
        with hub.warehouse.engine.connect() as connection:
            named = f"select count(*) from core.{BENEFICIARIES.table} where full_name = 'Trần Văn Khác'"
            assert connection.exec_driver_sql(named).scalar_one() > 10
        check_as_from_nothing(two, hub, BENEFICIARIES)
        assert renamed("Mới Thêm") == [("beneficiaries", "delta", 1)]
        with two.made.engine(f"source_{SOURCE}").begin() as above:
            above.exec_driver_sql("create foreign data wrapper far; create server far foreign data wrapper far")
            above.exec_driver_sql(f"grant usage on foreign server far to {SOURCE}_owner")
        do("elsewhere")
        with two.connected(hub) as opened:
            assert [fault for fault in opened.faults(BENEFICIARIES) if f"{table}_far là bảng ngoài" in fault]
    finally:
        do("drop table {t} cascade", "drop table if exists {t}_0, {t}_new", "alter table whole_{t} rename to {t}")
        with two.made.engine(f"source_{SOURCE}").begin() as above:
            above.exec_driver_sql("drop foreign data wrapper if exists far cascade")


@pytest.mark.parametrize("since", [3, 1_000, 2**31 - 1, 2**31, 2**32 - 5, 2**32 + 3, 7 * 2**32 + 2**31 + 9])
def test_row_versions_are_told_apart_around_their_circle(hub: Hub, since: int) -> None:
    """A version is told by the last 32 bits of its number: those of the next 2^31 transactions are of later ones."""
    asked = Horizon("here", since)
    later, earlier = (0, 1, 17, Horizon.REACH, 2**31 - 1), (-1, -2, -Horizon.REACH, -(2**31))
    with hub.warehouse.engine.connect() as connection:
        for numbers, expected in ((later, True), (earlier, False)):
            for number in numbers:
                version = f"'{(since + number) % 2**32}'::xid"
                found = connection.exec_driver_sql(f"select {asked.changed.replace('xmin', version)}").scalar()
                assert found is expected, number


def test_of_a_table_sent_twice_each_row_stays_once_and_its_copy_as_received(two: Two, hub: Hub) -> None:
    table, key = BENEFICIARIES.road.table, BENEFICIARIES.column(BENEFICIARIES.key[0]).source_column
    change(two, f"insert into {table} select * from {table}")
    at_once, in_parts = two.hub(), two.hub()
    two.night(at_once)
    in_parts.tuning.texts_at_once, in_parts.tuning.copied_at_once = 7, 5
    two.night(in_parts)
    assert held(in_parts, BENEFICIARIES) == held(at_once, BENEFICIARIES)
    with in_parts.warehouse.engine.connect() as connection:
        accepted = connection.exec_driver_sql(f"select row_key from history.{BENEFICIARIES.table} where recorded_to is null")
        copies = connection.exec_driver_sql(
            f"""select trim(received ->> '{key}') from quarantine.rows where dataset = '{BENEFICIARIES.name}'
            and failures::text like '%%no_duplicate_row%%'"""
        )
        assert sorted(accepted.scalars()) == sorted(copies.scalars())
    for left in (at_once, in_parts):
        drop(two, left)


def test_a_history_that_holds_rows_is_never_emptied_for_a_first_load(two: Two, hub: Hub) -> None:
    before = held(hub, BENEFICIARIES)
    assert before["rows"]
    with pytest.raises(RuntimeError, match="holds rows"), FirstLoad(hub.warehouse, BENEFICIARIES, "now", hub.now(), hub.tuning):
        pass
    assert held(hub, BENEFICIARIES) == before


def test_a_first_load_leaves_no_page_to_be_written_again(two: Two, hub: Hub) -> None:
    """Rows that are not frozen when they are written are marked by their first reader, page by page."""
    with hub.warehouse.engine.connect() as connection:
        frozen, pages = connection.exec_driver_sql(
            f"select relallfrozen, relpages from pg_class where oid = 'history.{BENEFICIARIES.table}'::regclass"
        ).one()
    assert frozen >= pages - 1 > 0  # the last may hold rows that were put aside and judged


@pytest.mark.parametrize("harm", ["lost", "changed"])
def test_an_increment_needs_no_raw_file_of_before(
    two: Two, hub: Hub, harm: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """What is gone is looked for among the keys in the raw files; without them, in the history."""
    folder = hub.raw.root / SOURCE / BENEFICIARIES.name / "now"
    shutil.copytree(folder, tmp_path / "kept")
    before = len(pulls(hub))
    went = change(
        two, "delete from btxh_doi_tuong where ctid in (select ctid from btxh_doi_tuong order by md5(ma_doi_tuong) limit 40)"
    )
    assert went == 40
    try:
        for path in folder.glob("*.parquet"):
            path.unlink() if harm == "lost" else path.write_bytes(path.read_bytes() + b" ")
        two.night(hub)
    finally:
        shutil.copytree(tmp_path / "kept", folder, dirs_exist_ok=True)
    assert {kind for dataset, kind, _ in pulls(hub)[before:] if dataset == BENEFICIARIES.name} == {"delta"}
    assert [r.levelname for r in caplog.records if r.name == "ansinh.increment"] == ["WARNING"]
    check_as_from_nothing(two, hub, BENEFICIARIES)


def test_what_another_cluster_says_of_its_row_versions_is_not_believed(two: Two, hub: Hub) -> None:
    """After a failover, a restore or a move the numbers of transactions begin anew."""
    with hub.warehouse.engine.begin() as connection:
        connection.exec_driver_sql("update ops.readings set bookmark = '1.2.3.4/999999999999'")
    before = len(pulls(hub))
    assert change(two, "update btxh_doi_tuong set ho_ten = 'Mới' where ctid = (select min(ctid) from btxh_doi_tuong)") == 1
    two.night(hub)
    assert {kind for _, kind, _ in pulls(hub)[before:]} == {"whole"}


def test_a_row_committed_during_the_pull_is_seen_the_next_time(two: Two, hub: Hub) -> None:
    new = "insert into btxh_doi_tuong select (x).* from (select jsonb_populate_record(r, jsonb_build_object('ma_doi_tuong', 'MOI' || left(ma_doi_tuong, 0))) as x from btxh_doi_tuong r limit 1) y"
    with two.connected(hub) as opened:
        assert opened.standings(BENEFICIARIES, hub.today())
        assert change(two, new) == 1
        sync_dataset(hub, BENEFICIARIES, opened, Request("test"))
    seen = "select count(*) from core.social_protection_beneficiaries where row_key = 'MOI'"
    with hub.warehouse.engine.connect() as connection:
        assert connection.exec_driver_sql(seen).scalar() == 0
    two.night(hub)
    with hub.warehouse.engine.connect() as connection:
        assert connection.exec_driver_sql(seen).scalar() == 1


def test_a_whole_night_finds_and_mends_what_is_held_otherwise(two: Two, hub: Hub) -> None:
    with hub.warehouse.engine.begin() as connection:
        (unit,) = connection.exec_driver_sql(
            "update history.social_protection_beneficiaries set full_name = 'KHÁC' "
            "where row_key = (select min(row_key) from core.social_protection_beneficiaries) and recorded_to is null "
            "returning unit_code"
        ).one()
    assert [outcome.missed for outcome in two.night(hub)] == [[], []], "the source stands as it did"
    assert [outcome.missed for outcome in two.night(hub, whole=True)] == [[("now", unit)], []]
    assert [outcome.missed for outcome in two.night(hub, whole=True)] == [[], []]


def test_a_view_is_read_by_the_hashes_of_its_rows(two: Two, hub: Hub) -> None:
    view = dataclasses.replace(BENEFICIARIES, road=Sql("xem_doi_tuong", BY_ROW_VERSION))
    change(two, "create or replace view xem_doi_tuong as select * from btxh_doi_tuong")
    change(two, "grant select on xem_doi_tuong to public")
    with two.connected(hub) as opened, pytest.raises(StructureChanged, match="không có phiên bản dòng"):
        sync_dataset(hub, view, opened, Request("test"))
    by_hash = dataclasses.replace(view, road=Sql("xem_doi_tuong", BY_ROW_HASH))
    assert change(two, "delete from btxh_doi_tuong where ctid = (select min(ctid) from btxh_doi_tuong)") == 1
    with two.connected(hub) as opened:
        sync_dataset(hub, by_hash, opened, Request("test"))
    before = len(pulls(hub))
    with two.connected(hub) as opened:
        assert sync_dataset(hub, by_hash, opened, Request("test")).rows_examined == 0
    assert len(pulls(hub)) == before
    nothing = two.hub()
    two.night(nothing)
    for what in ("rows", "quarantine", "cells"):
        assert held(hub, BENEFICIARIES)[what] == held(nothing, BENEFICIARIES)[what]
    drop(two, nothing)


def test_what_is_left_to_a_whole_load_is_not_lost_when_the_night_ends_before_it(two: Two, hub: Hub) -> None:
    """A copy's cell cannot be done by an increment; the cells that can are committed first."""
    table = "btxh_doi_tuong"
    unit = f"(select ma_xa_goc from {table} where ma_xa_goc is not null order by 1 limit 1)"
    first = f"ctid = (select min(ctid) from {table} where ma_xa_goc = {unit})"
    assert change(two, f"insert into {table} select * from {table} where {first}") == 1
    two.night(hub)
    with two.source() as connection:
        last = connection.exec_driver_sql(f"select max(ma_xa_goc) from {table}").scalar()
    assert (
        change(
            two,
            f"update {table} set ho_ten = 'Trần Thị Mới' where ma_doi_tuong = (select ma_doi_tuong from {table} where {first})",
        )
        == 2
    )
    assert change(two, f"update {table} set ho_ten = 'Lê Thị Mới' where ma_xa_goc = '{last}'") >= 1
    before = len(pulls(hub))
    with two.connected(hub) as opened, pytest.raises(RuntimeError, match="killed"):
        opened.rows = mock.Mock(side_effect=RuntimeError("killed"))
        sync_dataset(hub, BENEFICIARIES, opened, Request("test"))
    assert [kind for _, kind, _ in pulls(hub)[before:]] == ["delta"]
    two.night(hub)
    check_as_from_nothing(two, hub, BENEFICIARIES)
