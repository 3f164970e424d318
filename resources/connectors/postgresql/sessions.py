"""Sessions at the sources: how one is opened, held within its limits, and used for one snapshot after another."""

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TypeVar

import adbc_driver_manager
import pyarrow as pa
from adbc_driver_manager._reader import AdbcRecordBatchReader
from adbc_driver_manager.dbapi import Connection, Cursor
from adbc_driver_postgresql import StatementOptions

from resources.connectors.failures import SourceSilent, SourceSlow, SourceTooOld
from resources.connectors.postgresql.encodings import AS_KEPT
from resources.connectors.postgresql.limits import hold_session, refuse_one_more
from resources.connectors.turns import Turn, current
from resources.connectors.waiting import Waiting
from resources.failing import Failure
from resources.servers import arrow
from resources.servers.connecting import CONNECTION, OWN_NAMES, libpq_uri
from schemas.dataset import Source

T = TypeVar("T")

OLDEST = 14  # the first that hashes a record with a seed, by which what changed is told

# What a login, its database or a pooler may have set otherwise, of this transaction alone. Rows that a policy would hide are an
# error. No table, function or operator that somebody put into a schema of the login's path is met. Days and numbers as text, which keys
# are hashed from, have one form.
SAME_FOR_EVERY_LOGIN = f"""select set_config('row_security', 'off', true), set_config('search_path', '{OWN_NAMES}', true),
    set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true), set_config('extra_float_digits', '1', true),
    set_config('client_encoding', '{AS_KEPT["client_encoding"]}', true)"""


class Session:
    """A connection to a source. Every answer is waited for as long as is borne: resources/connectors/waiting.py."""

    def __init__(self, source: Source, url: str, turn: Turn) -> None:
        self._connection: Connection | None = None
        self._waiting = Waiting(source, turn, self._leave)
        try:
            self._waiting.call(lambda: self._connect(libpq_uri(url, CONNECTION | AS_KEPT | {"application_name": "ansinh"})))
        except BaseException:
            self._waiting.end()
            self._relieve()
            raise

    def ask(self, work: Callable[[Cursor], T]) -> T:
        """One answer: what `work` makes of it."""

        def asked() -> T:
            with self._open.cursor() as cursor:
                return work(cursor)

        return self._call(asked)

    def batches(self, query: str, bytes_at_once: int) -> Generator[pa.RecordBatch]:
        """Each is an answer of its own."""

        def begin() -> tuple[Cursor, Iterator[pa.RecordBatch]]:
            cursor = self._open.cursor()
            try:
                cursor.adbc_statement.set_options(**{StatementOptions.BATCH_SIZE_HINT_BYTES.value: str(bytes_at_once)})
                cursor.execute(query)
                # The driver's own reader is taken: the one that its cursor gives raises an OSError without a SQLSTATE where a stream is cut.
                handle = cursor.fetch_arrow()
                return cursor, AdbcRecordBatchReader._import_from_c(handle.address)
            except BaseException:
                cursor.close()
                raise

        cursor, coming = self._call(begin)
        try:
            while (batch := self._call(lambda: next(coming, None))) is not None:
                yield batch
        finally:
            if not self._waiting.is_given_up:
                self._call(cursor.close)

    def rollback(self) -> None:
        self._call(lambda: self._open.rollback())

    def close(self) -> None:
        if not self._waiting.is_given_up:
            with suppress(adbc_driver_manager.Error, Failure):
                self._call(self._leave)
            self._waiting.end()

    @property
    def _open(self) -> Connection:
        assert self._connection is not None
        return self._connection

    def _call(self, work: Callable[[], T]) -> T:
        try:
            return self._waiting.call(work)
        except (SourceSilent, SourceSlow):
            self._relieve()
            raise

    def _connect(self, uri: str) -> None:
        self._connection = arrow.connect(uri)

    def _leave(self) -> None:
        if self._connection is not None:
            with suppress(adbc_driver_manager.Error):
                self._connection.close()

    def _relieve(self) -> None:
        """Ask the server to stop what nobody waits for any more; whether it hears may take as long as it likes."""
        if self._waiting.is_given_up and self._connection is not None:
            threading.Thread(target=self._cancel, args=(self._connection,), daemon=True).start()

    @staticmethod
    def _cancel(connection: Connection) -> None:
        with suppress(adbc_driver_manager.Error):
            connection.adbc_cancel()


@contextmanager
def session(source: Source, url: str, oldest: int = OLDEST) -> Iterator[Session]:
    """A session in a read-only transaction of one snapshot, of a server that is not older. Those of a turn follow on each other.

    Raises SourceTooOld, SourceBusy, SourceSilent, SourceSlow and the driver's errors.
    """
    turn = current() or Turn()
    opened = _begun(source, url, oldest, turn)
    try:
        yield opened
        opened.rollback()
    except BaseException:
        opened.close()
        raise
    if turn is current():
        turn.kept[source.name, url] = opened
    else:
        opened.close()


def _begun(source: Source, url: str, oldest: int, turn: Turn) -> Session:
    if kept := turn.kept.pop((source.name, url), None):
        assert isinstance(kept, Session)
        try:
            kept.ask(partial(_begin, source=source))
            return kept
        except adbc_driver_manager.Error:  # the source has ended it meanwhile, as it may
            kept.close()
        except BaseException:
            kept.close()
            raise
    opened = Session(source, url, turn)
    try:
        opened.ask(partial(_begin, source=source))
        opened.ask(partial(_refuse_too_old, source=source, oldest=oldest))
    except BaseException:
        opened.close()
        raise
    return opened


def _begin(cursor: Cursor, source: Source) -> None:
    cursor.execute("set transaction isolation level repeatable read, read only")
    hold_session(cursor, source.limits)
    cursor.execute(SAME_FOR_EVERY_LOGIN)
    cursor.fetchall()
    refuse_one_more(cursor, source)


def _refuse_too_old(cursor: Cursor, source: Source, oldest: int) -> None:
    cursor.execute("select current_setting('server_version_num')::int / 10000")
    ((version,),) = cursor.fetchall()
    if version < oldest:
        raise SourceTooOld(source=source.name, title=source.title, version=version, oldest=oldest)
