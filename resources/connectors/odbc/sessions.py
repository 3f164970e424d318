"""Sessions at a source by its ODBC driver: how one is opened, held within its limits, and used for one snapshot after another."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import pyarrow as pa

from resources.connectors.failures import SourceBusy, SourceSilent, SourceSlow, SourceUnencrypted
from resources.connectors.odbc.addresses import Address
from resources.connectors.odbc.dialects.dialect import Dialect
from resources.connectors.odbc.failures import DriverMissing, FormUnexpected, failure_of
from resources.connectors.turns import Turn, current
from resources.connectors.waiting import Waiting
from resources.failing import Failure
from schemas.dataset import Source

T = TypeVar("T")
Row = tuple[str | int | None, ...]

LOGIN_SECONDS = 10
# How much a driver hands over at once: rows, and their bytes together, as far as it knows them beforehand.
FETCHED_ROWS, FETCHED_BYTES = 60_000, 4 << 20
LONGEST_ANSWER = 256 << 10  # bytes of a cell of a small answer, as the text of a view
PLAIN = re.compile(r"[\w.:/,-]+", re.ASCII)
NO_DRIVER = ("[unixODBC][Driver Manager]Can't open lib", "[unixODBC][Driver Manager]Data source name not found")


class Session:
    """A connection to a source. Every answer is waited for as long as is borne: resources/connectors/waiting.py."""

    def __init__(self, source: Source, dialect: Dialect, address: Address, turn: Turn) -> None:
        self.dialect, self.address = dialect, address
        self._source = source
        self._connection: Any = None
        self._number: int | None = None  # of this session, at the server
        self.protocol: str | None = None  # by what it is encrypted, as the server says
        self.opened_at = 0  # when the snapshot was opened, in seconds by the server's clock
        self._waiting = Waiting(source, turn, self._leave)
        try:
            self._call(self._connect)
            for statement in dialect.session(source.limits):
                self.run(statement)
            self._number = self.number(dialect.session_id())
            if (query := dialect.encrypted()) is None:
                self.protocol = "TLS" if address.must_be_kept else None
            elif told := self.rows(query):
                self.protocol = str(told[0][-1] or "") or None
        except BaseException:
            self._waiting.end()
            raise

    def run(self, statement: str) -> None:
        """A statement that answers nothing."""
        self._call(lambda: self._open.execute(statement, query_timeout_sec=self._seconds))

    def rows(self, query: str) -> list[Row]:
        """All rows of a query of few of them."""

        def read() -> list[Row]:
            reader = self._reader(query, 256, LONGEST_ANSWER, FETCHED_BYTES)
            table = pa.Table.from_batches(reader, reader.schema)
            return list(zip(*map(_values, table.columns), strict=True))

        return self._call(read)

    def number(self, query: str) -> int:
        ((number, *_),) = self.rows(query)
        return int(number or 0)

    def table(self, query: str, rows: int, longest: int) -> pa.Table:
        """The rows of a query, so many at most. `longest`: bytes of any cell of it. One answer is what the driver has at once."""
        reader = self._call(lambda: self._reader(query, min(max(rows, 1), FETCHED_ROWS), max(longest, 1), FETCHED_BYTES))
        batches, schema = [], reader.schema
        while (batch := self._call(lambda: next(reader, None))) is not None:
            batches.append(batch)
        return pa.Table.from_batches(batches, schema)

    def begin(self) -> None:
        """Open a snapshot."""
        self.opened_at = self.number(self.dialect.clock()) // 1_000_000
        for statement in self.dialect.snapshot():
            self.run(statement)

    def end(self) -> None:
        self.run(self.dialect.end())

    def close(self) -> None:
        if not self._waiting.is_given_up:
            with suppress(Failure):
                self._call(self._leave)
            self._waiting.end()

    @property
    def place(self) -> str:
        """Where the session leads, and for whom."""
        return repr((self.address.user, sorted(self.address.place.items())))

    @property
    def _open(self) -> Any:
        assert self._connection is not None
        return self._connection

    @property
    def _seconds(self) -> int | None:
        return int(self._source.limits.statement_timeout.total_seconds()) if self.dialect.is_bounded_by_driver else None

    def _reader(self, query: str, rows: int, longest: int, bytes_at_once: int) -> Any:
        from arrow_odbc import TextEncoding  # as in `opened`: it is not there where there is no driver manager

        reader = self._open.read_arrow_batches(
            query,
            batch_size=rows,
            max_bytes_per_batch=bytes_at_once,
            max_text_size=longest,
            max_binary_size=longest,
            falliable_allocations=True,
            fetch_concurrently=False,  # a page lies in memory as a whole before its first row is asked for
            query_timeout_sec=self._seconds,
            payload_text_encoding=TextEncoding.UTF16 if self.dialect.is_wide else TextEncoding.AUTO,
        )
        for field in reader.schema:
            # Before a cell is fetched: of a day that is none the library ends the process.
            if not (pa.types.is_signed_integer(field.type) or pa.types.is_string(field.type) or pa.types.is_binary(field.type)):
                raise FormUnexpected(source=self._source.name, title=self._source.title, form=field.type)
        return reader

    def _call(self, work: Callable[[], T]) -> T:
        try:
            return self._waiting.call(work)
        except (SourceSilent, SourceSlow):
            self._relieve()
            raise
        except Failure:
            raise
        except Exception as error:
            if type(error).__module__.partition(".")[0] != "arrow_odbc":
                raise
            told = failure_of(self._source, self.dialect, error)
        raise told

    def _connect(self) -> None:
        self._connection = opened(self._source, self.dialect, self.address)

    def _leave(self) -> None:
        """End and close the connection explicitly.

        It would close with the last reference to it; but an error on its way may hold one, and the owner's tables would stay locked so long.
        """
        connection, self._connection = self._connection, None
        stop = None if self._number is None else self.dialect.stop(self._number)
        for statement in filter(None, (self.dialect.end(), stop)):
            with suppress(Exception):
                connection.execute(statement)

    def _relieve(self) -> None:
        """Ask the server to stop what nobody waits for any more; whether it hears may take as long as it likes."""
        if self._number is not None and (stop := self.dialect.stop(self._number)):
            threading.Thread(target=self._stop, args=(stop,), daemon=True).start()

    def _stop(self, statement: str) -> None:
        with suppress(Exception):
            opened(self._source, self.dialect, self.address).execute(statement)


def opened(source: Source, dialect: Dialect, address: Address) -> Any:
    """A connection by the first of the dialect's drivers that this machine has. Raises DriverMissing and the driver's error."""
    missing = DriverMissing(source=source.name, title=source.title, kind=dialect.name, package=dialect.package)
    try:
        import arrow_odbc
    except ImportError:  # it brings no driver manager
        raise missing from None
    account = {"UID": address.user, "PWD": address.password}
    for driver in dialect.drivers:
        if (leads := dialect.connection(driver, address.place, source.limits)) is None:
            continue
        attributes = {"DRIVER": driver} | leads | account
        try:
            return arrow_odbc.connect(
                ";".join(f"{name}={_braced(told)}" for name, told in attributes.items()),
                login_timeout_sec=LOGIN_SECONDS,
                autocommit=dialect.autocommit,
            )
        except arrow_odbc.Error as error:
            if not any(told in str(error) for told in NO_DRIVER):
                raise
    raise missing


@contextmanager
def session(source: Source, dialect: Dialect, address: Address) -> Iterator[Session]:
    """A session in a read-only transaction of one snapshot. Those of a turn follow on each other.

    Raises DriverMissing, SourceUnencrypted, SourceBusy, SourceSilent, SourceSlow and what the server's errors mean.
    """
    turn = current() or Turn()
    place = source.name, repr(address)
    found = _begun(source, dialect, address, turn, place)
    try:
        yield found
        found.end()
    except BaseException:
        found.close()
        raise
    if turn is current():
        turn.kept[place] = found
    else:
        found.close()


def _begun(source: Source, dialect: Dialect, address: Address, turn: Turn, place: tuple[str, str]) -> Session:
    if kept := turn.kept.pop(place, None):
        assert isinstance(kept, Session)
        try:
            kept.begin()
            return kept
        except (SourceSilent, SourceSlow):
            kept.close()
            raise
        except Failure:  # the source has ended it meanwhile, as it may
            kept.close()
    made = Session(source, dialect, address, turn)
    try:
        _refuse_clear(made, source)
        _refuse_one_more(made, source)
        made.begin()
    except BaseException:
        made.close()
        raise
    return made


def _refuse_clear(made: Session, source: Source) -> None:
    """A driver that is asked for TLS may go on without it where the server has none."""
    if made.address.must_be_kept and made.protocol is None:
        why = "máy chủ không mã hóa phiên mà địa chỉ đòi"
        raise SourceUnencrypted(source=source.name, title=source.title, environment=source.environment, why=why, state="")


def _refuse_one_more(made: Session, source: Source) -> None:
    """Refuse a session too many: every login sees all of its own. Of two that come at once both may be refused, and are tried again."""
    query = made.dialect.sessions()
    sessions = made.number(query) if query else 1
    if sessions > source.limits.connections:
        raise SourceBusy(source=source.name, title=source.title, others=sessions - 1, most=source.limits.connections)


def _values(column: pa.ChunkedArray) -> list[str | int | None]:
    """Numbers as they are, texts as texts; what is no UTF-8 is shown by its numbers, like \\xd2."""
    if pa.types.is_integer(column.type):
        return column.to_pylist()
    return [v if v is None else v.decode(errors="backslashreplace") for v in column.cast(pa.binary()).to_pylist()]


def _braced(value: str) -> str:
    """A value of a connection string, whatever it holds. Some drivers take the braces for a part of a plain one."""
    return value if PLAIN.fullmatch(value) else "{" + value.replace("}", "}}") + "}"
