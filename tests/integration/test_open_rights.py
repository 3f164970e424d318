"""Open data and rights: who reads what, who may publish, under which decision."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from assets.open.publish import publish
from resources.embedded import server
from resources.failing import Permanent
from resources.publication.reader import readable_elsewhere
from resources.servers import connecting
from tests.integration.open_hub import (
    BY_WAY,
    DECISION,
    MERIT,
    NIGHT,
    SECRET,
    load_payments,
    reader,
    run,
)
from tests.integration.report_hub import SmallHub

# Rights --------------------------------------------------------------------------------------------------------------


def refused(engine: sa.Engine, statement: str) -> str:
    """The error code with which the server refuses a statement."""
    try:
        with engine.begin() as connection:
            connection.execute(sa.text(statement))
    except sa.exc.DBAPIError as error:
        return getattr(error.orig, "pgcode", None) or str(error.orig)
    raise AssertionError(f"the reader may: {statement}")


def test_open_reader_reads_open_data_and_nothing_else(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    running = server(home)
    running.ensure_database("source_social_protection")
    with sa.create_engine(running.url("source_social_protection"), poolclass=sa.NullPool).begin() as connection:
        for statement in (
            "drop table if exists btxh_doi_tuong",
            "create table btxh_doi_tuong (ma_doi_tuong text)",
            "do $$ begin create role social_protection_reader login; exception when duplicate_object then null; end $$",
            "grant select on btxh_doi_tuong to social_protection_reader",
        ):
            connection.execute(sa.text(statement))
    with shared.begin() as connection:
        for statement in (
            "drop schema if exists catalogue cascade",
            "create schema catalogue",
            "create table catalogue.t (x int)",
        ):
            connection.execute(sa.text(statement))
        connection.execute(sa.text("create table if not exists public.left_over (x int)"))
    load_payments(hub)
    run(hub, shared, home)

    here = reader(home, "shared")
    with here.connect() as connection:
        assert connection.execute(sa.text(f"select count(*) from open_data.{BY_WAY}")).scalar()
        assert connection.execute(sa.text("select count(*) from open_data.releases")).scalar()
        visible = connection.execute(
            sa.text("""select n.nspname || '.' || relname from pg_class c join pg_namespace n on n.oid = relnamespace
                where relkind in ('r', 'v', 'm', 'p', 'f') and has_table_privilege(c.oid, 'select')
                and has_schema_privilege(n.oid, 'usage') and nspname not in ('pg_catalog', 'information_schema', 'open_data')
                and nspname not like 'pg_toast%'""")
        ).all()
        assert visible == []
    denied = "42501"
    assert refused(here, "select * from catalogue.t") == denied
    assert refused(here, "select * from public.left_over") == denied
    read_only = {denied, "25006"}
    for statement in (
        f"insert into open_data.{BY_WAY} select * from open_data.{BY_WAY}",
        f"delete from open_data.{BY_WAY}",
        "delete from open_data.releases",
        "create table open_data.x (x int)",
        "create table public.x (x int)",
        "create temporary table x (x int)",
        f"drop table open_data.{BY_WAY}",
    ):
        assert refused(here, statement) in read_only, statement
        assert refused(here, f"set default_transaction_read_only = off; commit; begin; {statement}") in read_only, statement
    for database in ("warehouse", "postgres", "source_social_protection"):
        assert "permission denied for database" in refused(reader(home, database), "select 1"), database
    # Those who had a right of their own in a closed database still come in.
    own = sa.create_engine(running.url("source_social_protection", "social_protection_reader"), poolclass=sa.NullPool)
    with own.connect() as connection:
        assert connection.execute(sa.text("select count(*) from btxh_doi_tuong")).scalar() == 0


def test_a_publisher_without_rights_says_what_is_missing_and_works_once_it_is_there(
    hub: SmallHub, shared: sa.Engine, home: Path
) -> None:
    """In production the publisher is no superuser, and the warehouse's administrator owns the rest."""
    with shared.begin() as connection:
        for statement in (
            "do $$ begin create role publisher login; exception when duplicate_object then null; end $$",
            "grant connect on database shared to publisher",
            "create schema if not exists catalogue",
        ):
            connection.execute(sa.text(statement))
    engine = connecting.engine(server(home).url("shared", "publisher"))
    load_payments(hub)
    elsewhere = home / "elsewhere"  # not the embedded server's own home: nothing outside open_data may be touched
    with pytest.raises(Permanent, match="create schema open_data authorization") as told:
        publish(hub.engine, engine, elsewhere, MERIT, None, lambda: NIGHT, DECISION, SECRET, is_night=True)
    assert "thiếu quyền" in str(told.value)
    with shared.begin() as connection:
        connection.execute(
            sa.text("do $$ begin create role open_reader nologin; exception when duplicate_object then null; end $$")
        )
        connection.execute(sa.text("create schema open_data authorization publisher"))
        connection.execute(sa.text("grant usage on schema open_data to open_reader"))
    found = {
        p.name: p for p in publish(hub.engine, engine, elsewhere, MERIT, None, lambda: NIGHT, DECISION, SECRET, is_night=True)
    }
    assert found[BY_WAY].is_new
    with reader(home, "shared").connect() as connection:
        assert connection.execute(sa.text(f"select count(*) from open_data.{BY_WAY}")).scalar()
    engine.dispose()


def test_what_else_the_reader_could_read_is_named(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    run(hub, shared, home)
    assert readable_elsewhere(shared) == []
    with shared.begin() as connection:
        for statement in (
            "create schema if not exists other",
            "create table if not exists other.t (x int)",
            "grant usage on schema other to public",
            "grant select on other.t to public",
        ):
            connection.execute(sa.text(statement))
    assert readable_elsewhere(shared) == ["other.t"]
    with shared.begin() as connection:
        connection.execute(sa.text("drop schema other cascade"))


def test_nothing_is_published_without_a_decision(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    for nothing in (None, "", "  "):
        assert publish(hub.engine, shared, home, MERIT, None, lambda: NIGHT, nothing, SECRET, is_night=True) == []
    with shared.connect() as connection:
        assert connection.execute(sa.text("select to_regnamespace('open_data')")).scalar() is None
    assert not (home / "open").exists()
