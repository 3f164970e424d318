"""What becomes of cells where a PostgreSQL source or the warehouse behind an increment is not what it was; the rest is conformance."""

import dataclasses
import datetime as dt
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

import psutil
import psycopg2
import pytest
import sqlalchemy as sa

from assets.cells.asset import run_cells
from assets.cells.outcome import Request
from assets.cells.run import sync_dataset
from resources.connectors.connector import Standings
from resources.connectors.failures import SourceAltered, SourceUnreachable
from resources.connectors.postgresql.connector import connect
from resources.embedded import EmbeddedServer, server
from resources.failing import Failure
from resources.hub import Hub
from resources.locks import if_free, only_one
from resources.servers.connecting import libpq_uri
from resources.streaming.tuning import Tuning
from resources.warehouse.arrivals import backfills, ledger
from resources.warehouse.engine import Warehouse
from resources.warehouse.failures import WarehouseLost
from resources.warehouse.loading import set_rules
from resources.warehouse.loading.incremental import Increment
from schemas.sources.social_protection.datasets import BENEFICIARIES, MONTHLY_PAYMENTS
from tests.integration.kept import new_home
from tests.integration.province import until
from tests.integration.two_hubs import (
    LIST,
    REGISTER,
    SOURCE,
    SOURCE_DATABASE,
    Two,
    change,
    check_as_from_nothing,
    fresh_hub,
    pulls,
    rows,
)


@pytest.fixture
def hub(two: Two) -> Iterator[Hub]:
    yield from fresh_hub(two)


def test_after_a_start_of_the_source_what_moved_is_read_whole(two: Two, hub: Hub) -> None:
    """Who puts an earlier copy of a cluster back starts it; from there on numbers of transactions are given once more."""
    EmbeddedServer(two.made.home).control("restart")
    two.night(hub)
    before = len(pulls(hub))
    two.night(hub)
    assert pulls(hub)[before:] == []
    EmbeddedServer(two.made.home).control("restart")
    assert change(two, f"update {REGISTER} set ho_ten = 'Mới' where ctid = (select min(ctid) from {REGISTER})") == 1
    two.night(hub)
    assert {kind for _, kind, _ in pulls(hub)[before:]} == {"whole"}
    assert change(two, f"update {REGISTER} set ho_ten = 'Mới nữa' where ctid = (select min(ctid) from {REGISTER})") == 1
    before = len(pulls(hub))
    two.night(hub)
    assert pulls(hub)[before:] == [("beneficiaries", "delta", 1)]


@pytest.mark.landing
def test_a_source_that_was_put_back_by_its_machine_is_another(two: Two) -> None:
    """An image of a machine that ran comes up as after a crash, under the same name: numbers of transactions are given once more, and what
    was written since the image and is written anew bears the same."""
    home = new_home()
    try:
        two.made.server.stop()
        subprocess.run(["cp", "-a", two.made.server.data_dir, home / "pg"], check=True)
        server(two.made.home)
        _end_without_a_word(server(home))
        subprocess.run(["cp", "-a", home / "pg", home / "image"], check=True)
        found = {name: _written(home, name) for name in ("Nguyễn Văn Một", "Nguyễn Văn Hai")}
    finally:
        server(home).stop()
        shutil.rmtree(home)
    first, second = found.values()
    assert first.periods == second.periods and first.origin != second.origin


def _written(home: Path, name: str) -> Standings:
    """How the register stands that the image comes up with and somebody writes into, before the machine is lost again."""
    (home / "pg").rename(home / name)
    subprocess.run(["cp", "-a", home / "image", home / "pg"], check=True)
    url = libpq_uri(server(home).url(SOURCE_DATABASE, f"{SOURCE}_owner"))
    with closing(psycopg2.connect(url)) as owner, owner, owner.cursor() as cursor:
        cursor.execute(f"update {REGISTER} set ho_ten = %s where ctid = (select min(ctid) from {REGISTER})", (name,))
    with connect(BENEFICIARIES.source, url) as opened:
        found = opened.standings(BENEFICIARIES, dt.date(2024, 11, 20))
    _end_without_a_word(server(home))
    return found


def _end_without_a_word(running: EmbeddedServer) -> None:
    postmaster = int((running.data_dir / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGQUIT)
    until(lambda: not psutil.pid_exists(postmaster) or psutil.Process(postmaster).status() == psutil.STATUS_ZOMBIE)


REMADE = {
    "emptied and filled": "create temp table aside on commit drop as select * from {t}; truncate {t}; insert into {t} select * from aside",
    "written anew": "alter table {t} alter column {c} type varchar(40) using {c} || ''",
    "another in its place": "create table {t}_new as select * from {t}; alter table {t} rename to {t}_old; "
    "alter table {t}_new rename to {t}; grant select on {t} to public",
}


def test_a_table_that_is_made_anew_before_it_is_read_is_not_taken_for_empty(two: Two, hub: Hub) -> None:
    """To a snapshot of before its former rows are gone, and its new ones are not there yet: such a look says nothing."""
    for way in REMADE.values():
        with two.connected(hub) as opened:
            change(two, way.format(t="nhat_ky_nop", c="bang"))
            with pytest.raises(SourceAltered):
                opened.submissions(MONTHLY_PAYMENTS, {}, hub.now())
        with two.connected(hub) as opened:
            change(two, way.format(t=REGISTER, c="thon_xom"))
            with pytest.raises(SourceAltered):
                sync_dataset(hub, BENEFICIARIES, opened, Request("test"))
            with pytest.raises(SourceAltered):  # nor at another try, in the same snapshot
                opened.standings(BENEFICIARIES, hub.today())
    two.night(hub)
    check_as_from_nothing(two, hub)


COLUMNS = {
    "two exchange their names": "alter table {t} rename thon_xom to bo; alter table {t} rename ten_chu_tai_khoan to thon_xom; "
    "alter table {t} rename bo to ten_chu_tai_khoan",
    "one is made anew": "alter table {t} drop column thon_xom, add column thon_xom text default 'Xóm Mới'",
    "one is reckoned": "alter table {t} drop column thon_xom, add column thon_xom text generated always as ('Xóm Tính') virtual",
    "one is reckoned otherwise": "alter table {t} alter column thon_xom set expression as ('Xóm ' || ma_doi_tuong)",
}


def test_rows_that_stand_otherwise_by_their_columns_alone_are_read(two: Two, hub: Hub) -> None:
    """None of their versions moves."""
    versions = f"select md5(string_agg(xmin::text, ' ' order by ctid)) from {REGISTER}"
    hamlets = f"select ma_doi_tuong, thon_xom from {REGISTER} where thon_xom is not null"
    for what, way in COLUMNS.items():
        with two.source() as source:
            before = source.exec_driver_sql(versions).scalar_one()
        change(two, way.format(t=REGISTER))
        two.night(hub)
        with two.source() as source:
            assert source.exec_driver_sql(versions).scalar_one() == before, what
            there = {key.strip(): hamlet for key, hamlet in source.exec_driver_sql(hamlets) if key}
        held = rows(hub, f"select row_key, hamlet from core.{BENEFICIARIES.table} where hamlet is not null")
        assert len(held) > 100 and [(key, hamlet) for key, hamlet in held if there.get(key) != hamlet] == [], what


def test_a_warehouse_that_is_gone_is_not_taken_for_the_source(hub: Hub) -> None:
    load = Increment(
        Warehouse("postgresql+psycopg2://nobody@/none?host=/nowhere"), BENEFICIARIES, "now", dt.datetime.now(dt.UTC), Tuning()
    )
    with pytest.raises(WarehouseLost):
        load._held_keys()


def test_what_an_administrator_lets_a_session_idle_ends_no_lock_and_no_load(hub: Hub) -> None:
    """A lock is held by a session that says nothing for as long as a night lasts, and a load waits for what a source gives."""
    engine = hub.warehouse.engine
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for limit in ("idle_session_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"):
            connection.exec_driver_sql(f"alter database {engine.url.database} set {limit} = '100ms'")
    engine.dispose()
    with only_one(engine, "thử"), engine.begin() as loading:
        loading.exec_driver_sql("select 1")
        time.sleep(0.4)
        assert loading.exec_driver_sql("select 1").scalar_one() == 1
        with if_free(engine, "thử") as is_free:
            assert not is_free


def test_who_loaded_a_cell_and_why_is_kept_though_his_run_was_killed(two: Two, hub: Hub) -> None:
    """Else a locked month would stand otherwise by nobody's act, and no report would go out again for it."""
    month, killed = "2024-05", mock.Mock(side_effect=RuntimeError("killed"))
    first = f"select min(ctid) from {LIST} where thang = '{month}-01'"
    assert change(two, f"update {LIST} set so_tien = '1' where ctid = ({first})") == 1
    waits = f"select unit_code from ops.cells where period = '{month}' and rows_waiting > 0"
    kept = "select run_id, unit_code, reason, requested_by, outcome from ops.backfills"

    def ran(run_id: str, make_up: Callable[..., Any] = set_rules.make_up, silent: Failure | None = None, **asked: Any) -> None:
        tags = {"ansinh/reason": "Huyện nộp bù", "ansinh/officer": "Cán bộ thử"} if asked else {}
        with two.leading(hub):
            run_cells(hub, MONTHLY_PAYMENTS, Request(run_id, **asked), tags, make_up, silent)

    ran("a night")
    ((unit,),) = rows(hub, waits)
    asked = {"cells": frozenset({(month, unit)}), "by_hand": True}
    with pytest.raises(RuntimeError, match="killed"):
        ran("by hand", killed, **asked)
    assert rows(hub, waits) == [] and rows(hub, kept) == [("by hand", unit, "Huyện nộp bù", "Cán bộ thử", "failed")]
    with hub.warehouse.engine.connect() as connection:
        seen = backfills.newest(connection)
    ran("the next night")
    assert rows(hub, kept) == [("by hand", unit, "Huyện nộp bù", "Cán bộ thử", "accepted")]
    with hub.warehouse.engine.connect() as connection:
        assert backfills.restated(connection, seen).keys() == {(*MONTHLY_PAYMENTS.id.split("."), month)}
    ran("another", **asked)
    ran("another", silent=SourceUnreachable(source=SOURCE, title="", state="", environment=""), **asked)  # the same, tried again
    assert [told[-1] for told in rows(hub, f"{kept} where run_id = 'another'")] == ["accepted"]
    with hub.warehouse.engine.begin() as connection:  # of which the second month cannot be kept
        connection.exec_driver_sql(f"alter table ops.arrivals add check (run_id <> 'half' or period <> '{month}') not valid")
    ran("half", cells=frozenset({("2024-03", unit), (month, unit)}), by_hand=True)
    assert [told[-1] for told in rows(hub, f"{kept} where run_id = 'half' order by period")] == ["accepted", "failed"]


def test_a_cell_without_a_due_day_is_loaded_and_stands_in_no_rate(hub: Hub) -> None:
    """A forgotten row of due_days.csv stops nobody: nothing is late, and nothing is missing."""
    forgotten = dataclasses.replace(MONTHLY_PAYMENTS, name="forgotten")
    now, which = hub.now(), {"name": "forgotten"}
    with hub.warehouse.engine.begin() as connection:
        ledger.refresh(connection, now, [forgotten])
        statuses = sa.text("select distinct status, maturity, due_at from ops.cells where dataset = :name order by 1")
        assert connection.execute(statuses, which).all() == [("not_due", "provisional", None)]
        connection.execute(sa.text("update ops.cells set first_received_at = now() where dataset = :name"), which)
        ledger.refresh(connection, now, [forgotten])
        assert connection.execute(statuses, which).all() == [("initial", "provisional", None)]
        connection.rollback()
