"""Connections that answer in Arrow: a database is entered once, whatever comes of the connections to it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import adbc_driver_manager
import pytest

from resources.embedded import EmbeddedServer
from resources.servers import arrow
from resources.servers.connecting import libpq_uri
from tests.integration.province import Province, until


@pytest.fixture
def server(home: Path) -> EmbeddedServer:
    return EmbeddedServer(home)


def place(server: EmbeddedServer, database: str) -> str:
    return libpq_uri(server.url(database, "postgres"))


def run(server: EmbeddedServer, statement: str, database: str = "postgres") -> None:
    with closing(server.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)


def sessions(server: EmbeddedServer, database: str) -> int:
    """Those that ended: the server counts one when it has."""
    return Province(server.home).one("select sessions from pg_stat_database where datname = :d", "postgres", d=database)


def test_a_database_is_entered_once_for_all_connections_to_it(server: EmbeddedServer) -> None:
    run(server, "create database entered")
    for number in range(4):
        with arrow.connect(place(server, "entered")) as connection, connection.cursor() as cursor:
            cursor.execute(f"select {number} as n")
            assert cursor.fetchall() == [(number,)]
    until(lambda: sessions(server, "entered") >= 5)
    assert sessions(server, "entered") == 5, "one to enter, and four"


def test_connections_at_one_time_have_transactions_of_their_own(server: EmbeddedServer) -> None:
    with arrow.connect(place(server, "postgres")) as one, arrow.connect(place(server, "postgres")) as other:
        with one.cursor() as cursor:
            cursor.execute("create table of_one (n int)")
        one.close()
        with other.cursor() as cursor:
            cursor.execute("select to_regclass('of_one') is null as gone")
            assert cursor.fetchall() == [(True,)]


def test_threads_that_connect_at_once_do_not_disturb_each_other(server: EmbeddedServer) -> None:
    """A place that two had at once miscounted its connections: of some hundred, one failed as it was closed."""

    def ask(number: int) -> int:
        with arrow.connect(place(server, "postgres")) as connection, connection.cursor() as cursor:
            cursor.execute(f"select {number} as n")
            return cursor.fetchall()[0][0]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(800))) == [*range(800)]


def test_what_an_owner_makes_later_is_read(server: EmbeddedServer) -> None:
    run(server, "create database changing")
    arrow.connect(place(server, "changing")).close()
    run(
        server,
        "create type colour as enum ('đỏ', 'xanh'); create table things (c colour); insert into things values ('đỏ')",
        "changing",
    )
    with arrow.connect(place(server, "changing")) as connection, connection.cursor() as cursor:
        cursor.execute("select c::text as c, things::text as row from things")
        assert cursor.fetchall() == [("đỏ", "(đỏ)")]


def test_a_database_that_could_not_be_entered_is_tried_again(server: EmbeddedServer) -> None:
    with pytest.raises(adbc_driver_manager.OperationalError, match="does not exist"):
        arrow.connect(place(server, "coming"))
    run(server, "create database coming")
    arrow.connect(place(server, "coming")).close()
