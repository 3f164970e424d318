"""A place as SQLAlchemy is told it and as libpq is: the same one, whatever its host and password look like."""

import psycopg2.extensions
import pytest
import sqlalchemy as sa

from resources.servers.connecting import CONNECTION, libpq_uri
from resources.servers.failures import ServerKeepsOut
from resources.warehouse.failures import WarehouseUnreachable, opening_failure


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql+psycopg2://reader:p%40ss%2F1@db.example:5433/kho", ("db.example", "5433", "reader", "p@ss/1", "kho")),
        ("postgresql+psycopg2://reader@[::1]:5433/kho", ("::1", "5433", "reader", None, "kho")),
        ("postgresql+psycopg2://reader@/kho?host=/var/run/postgresql", ("/var/run/postgresql", None, "reader", None, "kho")),
    ],
)
def test_libpq_is_told_the_same_place(url: str, expected: tuple[str | None, ...]) -> None:
    told = psycopg2.extensions.parse_dsn(libpq_uri(url, CONNECTION))
    assert tuple(told.get(name) for name in ("host", "port", "user", "password", "dbname")) == expected
    assert (told["tcp_user_timeout"], told["client_encoding"]) == ("60000", "UTF8")


def test_what_the_url_says_itself_stands() -> None:
    url = "postgresql+psycopg2://reader@db.example/kho?connect_timeout=3"
    assert psycopg2.extensions.parse_dsn(libpq_uri(url, CONNECTION))["connect_timeout"] == "3"


def test_who_is_kept_out_is_told_by_the_setting_that_leads_there() -> None:
    """Of a backup, a restore and the book of reads too: a changed password is no server that does not answer."""
    said = psycopg2.OperationalError('FATAL:  password authentication failed for user "nap"')
    error = sa.exc.OperationalError("select 1", {}, said)
    told = opening_failure(error, "postgresql+psycopg2://nap@h/kho", "ANSINH_DAGSTER_URL")
    assert isinstance(told, ServerKeepsOut) and "ANSINH_DAGSTER_URL" in str(told) and "alter role" in str(told)
    assert isinstance(opening_failure(error), WarehouseUnreachable)
