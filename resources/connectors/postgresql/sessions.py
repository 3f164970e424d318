"""Sessions at the sources: how one is opened, held within its limits, and used for one snapshot after another."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import adbc_driver_manager
import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
from adbc_driver_manager._reader import AdbcRecordBatchReader
from adbc_driver_manager.dbapi import Cursor

from resources.connecting import CONNECTION, libpq_uri
from resources.connectors.failures import SourceTooOld
from resources.connectors.postgresql.encodings import AS_KEPT
from resources.connectors.postgresql.limits import hold_session, refuse_one_more
from schemas.dataset import Source

OLDEST = 14  # the first that hashes a record with a seed, by which what changed is told

# What a login, its database or a pooler may have set otherwise, of this transaction alone. Rows that a policy would hide are an
# error. A name without a schema is PostgreSQL's own: no table, function or operator that somebody put into a schema of the login's
# path is met. Days and numbers as text, which keys are hashed from, have one form.
SAME_FOR_EVERY_LOGIN = f"""select set_config('row_security', 'off', true), set_config('search_path', 'pg_catalog, pg_temp', true),
    set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true), set_config('extra_float_digits', '1', true),
    set_config('client_encoding', '{AS_KEPT["client_encoding"]}', true)"""

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


def streamed(cursor: Cursor) -> Iterator[pa.RecordBatch]:
    """The batches of a query that was executed.

    By the driver's own reader: the one that its cursor gives raises an OSError without a SQLSTATE where a stream is cut.
    """
    handle = cursor.fetch_arrow()
    yield from AdbcRecordBatchReader._import_from_c(handle.address)


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
    connection = adbc.connect(libpq_uri(url, CONNECTION | AS_KEPT | {"application_name": "ansinh"}))
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
        cursor.execute(SAME_FOR_EVERY_LOGIN)
        cursor.fetchall()
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
