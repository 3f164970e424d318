"""Sessions at the sources: how one is opened, held within its limits, and used for one snapshot after another."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import adbc_driver_manager
import adbc_driver_postgresql.dbapi as adbc

from resources.connecting import CONNECTION, libpq_uri
from resources.connectors.failures import SourceTooOld
from resources.connectors.postgresql.limits import hold_session, refuse_one_more
from schemas.dataset import Source

OLDEST = 14  # the first that hashes a record with a seed, by which what changed is told

_kept: dict[tuple[str, str], adbc.Connection] | None = None  # of (source, url), between two snapshots


@contextmanager
def kept() -> Iterator[None]:
    """Inside, the snapshots of a source share a session: to open one takes longer than to see that a small table stands still."""
    global _kept
    _kept = {}
    try:
        yield
    finally:
        left, _kept = _kept, None
        for connection in left.values():
            _close(connection)


@contextmanager
def session(source: Source, url: str, oldest: int = OLDEST) -> Iterator[adbc.Connection]:
    """A session in a read-only transaction of one snapshot, of a server that is not older.

    Raises SourceTooOld, SourceBusy and the driver's errors.
    """
    connection = _begun(source, url, oldest)
    try:
        yield connection
        connection.rollback()
    except BaseException:
        _close(connection)
        raise
    if _kept is None:
        _close(connection)
    else:
        _kept[source.name, url] = connection


def _begun(source: Source, url: str, oldest: int) -> adbc.Connection:
    if _kept and (connection := _kept.pop((source.name, url), None)):
        try:
            _begin(connection, source)
            return connection
        except adbc_driver_manager.Error:  # the source has ended it meanwhile, as it may
            _close(connection)
        except BaseException:
            _close(connection)
            raise
    connection = adbc.connect(libpq_uri(url, CONNECTION | {"application_name": "ansinh"}))
    try:
        _begin(connection, source)
        _refuse_too_old(connection, source, oldest)
    except BaseException:
        _close(connection)
        raise
    return connection


def _begin(connection: adbc.Connection, source: Source) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        hold_session(cursor, source.limits)
        cursor.execute("set local timezone = 'UTC'")
        refuse_one_more(cursor, source)


def _refuse_too_old(connection: adbc.Connection, source: Source, oldest: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('server_version_num')::int / 10000")
        ((version,),) = cursor.fetchall()
    if version < oldest:
        raise SourceTooOld(source=source.name, title=source.title, version=version, oldest=oldest)


def _close(connection: adbc.Connection) -> None:
    with suppress(adbc_driver_manager.Error):
        connection.close()
