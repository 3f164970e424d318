"""What others with an account in the province's shared warehouse can do to a publication: they may read, and make things of their own.

Nobody but the publisher writes open data, holds it up, or keeps standing what was taken back.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from assets.open.publish import Published, publish
from pipelines.doctor.failures import OthersWrite
from pipelines.doctor.open_data import shared_warehouse
from resources.embedded import server
from resources.hub import Hub
from resources.publication import publisher
from resources.publication.content import OpenContent
from resources.publication.failures import SharedBusy, SharedDependedOn
from resources.publication.publisher import others_who_write
from resources.publication.shared_warehouse import SharedWarehouse
from resources.servers import connecting
from resources.settings import Settings
from schemas.registry import dataset_named
from tests.integration.open_hub import (
    BY_WAY,
    DECISION,
    MERIT,
    MONEY,
    NIGHT,
    PAYMENTS,
    SECRET,
    load_payments,
    released,
    run,
)
from tests.integration.report_hub import SmallHub

NEIGHBOUR, PUBLISHER = "hang_xom", "nguoi_cong_bo"
WRITES = ("insert", "update", "delete", "truncate", "trigger", "references")


@pytest.fixture
def publishing(home: Path, hub: SmallHub, shared: sa.Engine) -> Iterator[sa.Engine]:
    """The account that publishes: no superuser, and the owner of open_data alone. Beside it somebody who reads, and makes views."""
    with shared.begin() as connection:
        for statement in (
            *(
                f"do $$ begin create role {role} login; exception when duplicate_object then null; end $$"
                for role in (PUBLISHER, NEIGHBOUR)
            ),
            "do $$ begin create role open_reader nologin; exception when duplicate_object then null; end $$",
            f"grant open_reader to {NEIGHBOUR}",
            f"grant connect on database shared to {PUBLISHER}, {NEIGHBOUR}",
            f"create schema open_data authorization {PUBLISHER}",
            "drop schema if exists hang_xom cascade",
            f"create schema hang_xom authorization {NEIGHBOUR}",
            "grant usage on schema public to public",
            f"grant create on schema public to {NEIGHBOUR}",  # as every database of before PostgreSQL 15 grants it to all
        ):
            connection.exec_driver_sql(statement)
    engine = connecting.engine(server(home).url("shared", PUBLISHER))
    yield engine
    engine.dispose()
    with shared.begin() as connection:
        for role in (NEIGHBOUR, PUBLISHER):
            connection.exec_driver_sql(f"drop owned by {role} cascade")
        connection.exec_driver_sql("revoke all on schema public from public")


def published(hub: SmallHub, publishing: sa.Engine, home: Path) -> dict[str, Published]:
    """Not into the embedded server's own home: nothing outside open_data may be touched."""
    found = publish(hub.engine, publishing, home / "elsewhere", MERIT, None, lambda: NIGHT, DECISION, SECRET, is_night=True)
    return {p.name: p for p in found}


@contextmanager
def as_neighbour(home: Path) -> Iterator[sa.Connection]:
    engine = sa.create_engine(server(home).url("shared", NEIGHBOUR), poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection


def may_write(home: Path) -> list[str]:
    with as_neighbour(home) as connection:
        return [
            right
            for right in WRITES
            if connection.execute(
                sa.text("select pg_catalog.has_table_privilege(cast(:t as text), :right)"),
                {"t": f"open_data.{BY_WAY}", "right": right},
            ).scalar()
        ]


def test_a_function_of_somebody_else_is_not_called_for_the_servers_own(hub: SmallHub, publishing: sa.Engine, home: Path) -> None:
    """By a better match of its arguments it would be, from a schema of the publisher's path, and with the publisher's rights."""
    load_payments(hub)
    published(hub, publishing, home)
    takes = f"execute 'grant all on all tables in schema open_data to {NEIGHBOUR}'"
    with as_neighbour(home) as connection:
        for name, arguments, gives in (
            ("has_schema_privilege", "text, text, text", "boolean"),
            ("to_regclass", "character varying", "regclass"),
            ("hashtext", "character varying", "integer"),
        ):
            connection.exec_driver_sql(
                f"create function public.{name}({arguments}) returns {gives} language plpgsql as "
                f"$$ begin {takes}; return null; end $$"
            )
        connection.commit()
    published(hub, publishing, home)
    assert may_write(home) == []


def test_who_reads_holds_no_table_back(hub: SmallHub, publishing: sa.Engine, home: Path) -> None:
    """One table held back while the other moves would be held against it. A lock by name is anybody's to take."""
    load_payments(hub)
    with as_neighbour(home) as connection:
        for name in ("open_data", f"open_data.{BY_WAY}", f"open_data.{MONEY}"):
            connection.execute(sa.text("select pg_advisory_lock(hashtext(:n))"), {"n": name})
        done = threading.Thread(target=published, args=(hub, publishing, home), daemon=True)
        done.start()
        done.join(30)
        assert not done.is_alive()
    assert published(hub, publishing, home).keys() >= {BY_WAY, MONEY}


def test_two_publications_of_one_table_follow_each_other(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Of a hub, and of the one that it was copied from: each version is one release."""
    load_payments(hub)
    run(hub, shared, home)
    dataset = dataset_named(PAYMENTS)
    table = next(t for t in dataset.open_tables if f"{MERIT}_{t.name}" == BY_WAY)
    warehouse = SharedWarehouse(shared)
    rows = warehouse.rows(dataset, table)
    failed: list[BaseException] = []

    def publish_without(n: int) -> None:
        try:
            warehouse.replace(OpenContent.of(dataset, table, rows[n:]), DECISION, NIGHT, "", "")
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=publish_without, args=(n,)) for n in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    versions = [r.version for r in warehouse.releases() if r.dataset == BY_WAY]
    assert versions == list(range(1, 8))


def test_a_reader_who_stays_in_a_transaction_is_not_waited_for_without_end(
    hub: SmallHub, publishing: sa.Engine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table of other columns is made anew, which waits for its readers, and all who come after wait behind it."""
    load_payments(hub)
    published(hub, publishing, home)
    with publishing.begin() as connection:
        connection.exec_driver_sql(f"alter table open_data.{BY_WAY} add column more text")
    monkeypatch.setattr(publisher, "LONGEST_WAIT", "1s")
    with as_neighbour(home) as connection:
        connection.exec_driver_sql(f"select count(*) from open_data.{BY_WAY}")
        began = time.monotonic()
        found: list[BaseException] = []

        def night() -> None:
            try:
                published(hub, publishing, home)
            except BaseException as error:
                found.append(error)

        done = threading.Thread(target=night, daemon=True)
        done.start()
        done.join(30)
        assert not done.is_alive(), time.monotonic() - began
    assert [type(error) for error in found] == [SharedBusy]
    assert published(hub, publishing, home)[BY_WAY].rows


def test_new_words_are_said_of_a_table_under_a_view_of_others(hub: SmallHub, publishing: sa.Engine, home: Path) -> None:
    """The table stays the one that the view reads: only other columns make it anew."""
    load_payments(hub)
    published(hub, publishing, home)
    with as_neighbour(home) as connection:
        connection.exec_driver_sql(f"create view hang_xom.theo_doi as select unit_code, value from open_data.{BY_WAY}")
        connection.commit()
    with publishing.begin() as connection:
        connection.exec_driver_sql(f"comment on table open_data.{BY_WAY} is 'lời của bản trước'")
        connection.exec_driver_sql(f"comment on column open_data.{BY_WAY}.value is 'lời của bản trước'")
        # As a version before left it, with other statuses.
        connection.exec_driver_sql(f"alter table open_data.{BY_WAY} drop constraint {BY_WAY}_value_status_check")
        connection.exec_driver_sql(f"alter table open_data.{BY_WAY} add check (value_status <> 'not under_5')")
    before = released(publishing, BY_WAY)
    published(hub, publishing, home)
    assert released(publishing, BY_WAY) == before
    with as_neighbour(home) as connection:
        assert connection.exec_driver_sql("select count(*) from hang_xom.theo_doi").scalar() == len(before)
        told = connection.exec_driver_sql(f"select obj_description('open_data.{BY_WAY}'::regclass, 'pg_class')").scalar()
        checks = connection.exec_driver_sql(
            f"select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'open_data.{BY_WAY}'::regclass and contype = 'c'"
        ).scalars()
        assert told is not None and told.startswith("Số khoản trợ cấp")
        assert [check for check in checks if "under_5" in check and "not under_5" not in check and "too_few" in check]


def test_a_view_of_others_over_other_columns_is_named(hub: SmallHub, publishing: sa.Engine, home: Path) -> None:
    load_payments(hub)
    published(hub, publishing, home)
    with publishing.begin() as connection:
        connection.exec_driver_sql(f"alter table open_data.{BY_WAY} add column more text")
    with as_neighbour(home) as connection:
        connection.exec_driver_sql(f"create view hang_xom.theo_doi as select unit_code, value from open_data.{BY_WAY}")
        connection.commit()
    with pytest.raises(SharedDependedOn, match=r"hang_xom\.theo_doi"):
        published(hub, publishing, home)
    with as_neighbour(home) as connection:
        connection.exec_driver_sql("drop view hang_xom.theo_doi")
        connection.commit()
    assert published(hub, publishing, home)[BY_WAY].rows


def test_what_is_taken_back_is_taken_back_from_under_a_view_of_others(hub: SmallHub, publishing: sa.Engine, home: Path) -> None:
    load_payments(hub)
    published(hub, publishing, home)
    gone = f"{MERIT}_khong_con"
    with publishing.begin() as connection:
        connection.exec_driver_sql(f"create table open_data.{gone} as select * from open_data.{BY_WAY}")
        connection.exec_driver_sql(f"analyze open_data.{gone}")
    with as_neighbour(home) as connection:
        connection.exec_driver_sql(f"create view hang_xom.theo_doi as select * from open_data.{gone}")
        connection.commit()
    for _ in range(2):
        assert published(hub, publishing, home)[BY_WAY].rows
        with as_neighbour(home) as connection:
            told = connection.exec_driver_sql(f"select count(*) from pg_stats where tablename = '{gone}'").scalar()
            assert told == 0
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                connection.exec_driver_sql("select count(*) from hang_xom.theo_doi")
        with publishing.connect() as connection:
            assert connection.exec_driver_sql(f"select count(*) from open_data.{gone}").scalar() == 0
    with as_neighbour(home) as connection:
        connection.exec_driver_sql("drop view hang_xom.theo_doi")
        connection.commit()
    published(hub, publishing, home)
    with publishing.connect() as connection:
        assert connection.exec_driver_sql(f"select to_regclass('open_data.{gone}')").scalar() is None


def test_nothing_of_exact_figures_outlives_them_in_the_servers_statistics(
    hub: SmallHub, publishing: sa.Engine, home: Path
) -> None:
    """A table of before the rule has the same columns."""
    load_payments(hub)
    published(hub, publishing, home)
    with publishing.begin() as connection:
        connection.exec_driver_sql(f"alter table open_data.{BY_WAY} drop constraint {BY_WAY}_value_status_check")
        connection.exec_driver_sql(f"update open_data.{BY_WAY} set value = 1237, value_status = 'published'")
        connection.exec_driver_sql(f"analyze open_data.{BY_WAY}")
    with as_neighbour(home) as connection:
        values = f"select most_common_vals::text from pg_stats where tablename = '{BY_WAY}' and attname = 'value'"
        assert connection.exec_driver_sql(values).scalar() == "{1237}"
    published(hub, publishing, home)
    with as_neighbour(home) as connection:
        assert connection.exec_driver_sql(values).scalar() is None


def test_who_else_may_write_open_data_is_named(
    hub: SmallHub, publishing: sa.Engine, shared: sa.Engine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHARED_WAREHOUSE_URL", server(home).url("shared", PUBLISHER))
    ours = Hub(Settings("demo", home))
    load_payments(hub)
    published(hub, publishing, home)
    assert others_who_write(publishing) == []
    for grant, told in (
        (f"trigger on open_data.{BY_WAY}", f"{NEIGHBOUR}: trigger trên open_data.{BY_WAY}"),
        ("insert on open_data.releases", f"{NEIGHBOUR}: insert trên open_data.releases"),
        ("create on schema open_data", f"{NEIGHBOUR}: create trên open_data"),
    ):
        with shared.begin() as connection:
            connection.exec_driver_sql(f"grant {grant} to {NEIGHBOUR}")
        assert others_who_write(publishing) == [told]
        with shared.begin() as connection:
            connection.exec_driver_sql(f"revoke {grant} from {NEIGHBOUR}")
    with shared.begin() as connection:
        for statement in (f"grant update on open_data.{BY_WAY} to public", "revoke all on schema public from public"):
            connection.exec_driver_sql(statement)
    assert others_who_write(publishing) == [f"public: update trên open_data.{BY_WAY}"]
    with pytest.raises(OthersWrite, match=f"public: update trên open_data.{BY_WAY}"):
        shared_warehouse(ours)
    with shared.begin() as connection:
        connection.exec_driver_sql(f"revoke update on open_data.{BY_WAY} from public")
    assert "chỉ tài khoản công bố ghi được" in str(shared_warehouse(ours))
