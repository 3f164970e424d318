"""Who else holds a lock as the hub's are is named: whoever may log in to the warehouse may keep its nights waiting."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines.doctor import warehouse as doctors
from resources.embedded import EmbeddedServer
from resources.hub import Hub
from resources.locks import only_one
from tests.integration.province import Province


@pytest.fixture
def hub(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setenv("ANSINH_HOME", str(home))
    monkeypatch.setenv("ANSINH_PROFILE", "demo")
    found = Hub.look()
    yield found
    found.warehouse.engine.dispose()


@pytest.fixture
def reader(home: Path) -> Iterator[sa.Connection]:
    made = Province(home)
    made.execute("drop role if exists tra_cuu")
    made.execute("create role tra_cuu login")
    with made.engine(user="tra_cuu").connect() as connection:
        yield connection


def told(hub: Hub) -> list[str]:
    return [str(warning) for warning in doctors.look(hub).warnings]


def test_who_holds_one_is_named_with_how_to_end_it(hub: Hub, reader: sa.Connection) -> None:
    assert told(hub) == []
    pid = reader.execute(
        sa.text("select pg_backend_pid() from (select pg_advisory_lock(hashtext('ansinh.findings'))) l")
    ).scalar_one()
    (message,) = told(hub)
    assert "tài khoản tra_cuu giữ" in message and f"select pg_terminate_backend({pid})" in message, message
    reader.execute(sa.text("select pg_advisory_unlock_all()"))
    assert told(hub) == []


def test_what_we_hold_ourselves_and_locks_of_other_databases_are_no_news(hub: Hub, home: Path, reader: sa.Connection) -> None:
    with only_one(hub.warehouse.engine, "findings"), Province(home).engine("postgres", "tra_cuu").connect() as elsewhere:
        elsewhere.execute(sa.text("select pg_advisory_lock(1)"))
        reader.execute(sa.text("select 1"))
        assert told(hub) == []


def test_the_logins_that_the_settings_name_are_ours(
    hub: Hub, home: Path, reader: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.execute(sa.text("select pg_advisory_lock(hashtext('ansinh.findings'))"))
    monkeypatch.setenv("WAREHOUSE_READ_URL", EmbeddedServer(home).url("warehouse", "tra_cuu"))
    assert told(hub) == []


def test_a_login_without_a_name_hides_nobody(
    hub: Hub, home: Path, reader: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.execute(sa.text("select pg_advisory_lock(hashtext('ansinh.findings'))"))
    nameless = f"postgresql+psycopg2:///warehouse?host={EmbeddedServer(home).url('warehouse').partition('host=')[2]}"
    monkeypatch.setenv("WAREHOUSE_REPORT_URL", nameless)
    (message,) = told(hub)
    assert "tài khoản tra_cuu giữ" in message
