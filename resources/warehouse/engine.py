"""The hub's warehouse: one engine a process, the way in for Arrow, the advisory locks, the start-up check."""

from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache
from typing import NoReturn

import psycopg2
import sqlalchemy as sa

from resources.failing import FULL, Failure, why_not
from resources.failures import DiskFull, NeverFilled, Unforeseen
from resources.locks import only_one
from resources.servers import connecting, dagster_database
from resources.servers.names import shown
from resources.warehouse import contents, migrations
from resources.warehouse.failures import (
    NotUtf8,
    WarehouseBehind,
    WarehouseLogTells,
    WarehouseRightMissing,
    failure_of,
    opening_failure,
)
from schemas.meaning import NotDescribed
from schemas.registry import SOURCES
from schemas.validation.fields import RuleFault

SETTING = "WAREHOUSE_URL"


@dataclass(frozen=True)
class Warehouse:
    url: str
    only_reads: bool = False  # the server itself refuses to write, and nothing is brought up

    @property
    def engine(self) -> sa.Engine:
        return _engine(self.url, self.only_reads)

    def open(self) -> "Warehouse":
        """Check that it answers, is no older server than is borne, and stands at this version; bring it up when it does not."""
        try:
            with self.engine.connect() as connection:
                server = connection.execute(sa.text("select current_setting('server_version_num')::int")).scalar_one()
                kept = connection.execute(sa.text("select to_regclass('ops.schema_version')")).scalar()
                done = kept and connection.execute(sa.text("select obj_description('ops'::regnamespace)")).scalar()
        except sa.exc.OperationalError as error:
            raise opening_failure(error, self.url, SETTING) from None
        connecting.refuse_too_old(server, SETTING)
        if done != _fingerprint():
            if self.only_reads:
                self._refuse_other_version()
            self.migrate()
        return self

    def _refuse_other_version(self) -> NoReturn:
        with self.engine.connect() as connection:
            found = contents.version(connection) if contents.is_there(connection) else None
        if found is None:
            raise NeverFilled(name=self.engine.url.database)
        if found > migrations.VERSION:
            raise migrations.NewerWarehouse(found_version=found, known_version=migrations.VERSION)
        of = f"kho ở phiên bản {found}, bản này ở phiên bản {migrations.VERSION}"
        differs = of if found < migrations.VERSION else f"cùng phiên bản {found}, khác khai báo"
        raise WarehouseBehind(differs=differs)

    def refuse_telling_log(self) -> None:
        """Raises WarehouseLogTells where an error of a statement would write values of a row into the server's log."""
        settings = "current_setting('log_error_verbosity'), current_setting('log_min_error_statement'), quote_ident(session_user)"
        with self.engine.connect() as connection:
            verbosity, statement, role = connection.exec_driver_sql(f"select {settings}").one()
        if verbosity != "terse" or statement not in ("fatal", "panic"):
            raise WarehouseLogTells(verbosity=verbosity, statement=statement, role=role)

    def refuse_no_right_to_fill(self) -> None:
        """Raises WarehouseRightMissing where the first night could not make an empty database a warehouse."""
        asked = "has_database_privilege(current_database(), 'CREATE'), quote_ident(current_database()), quote_ident(current_user)"
        with self.engine.connect() as connection:
            may, database, role = connection.exec_driver_sql(f"select {asked}").one()
        if not may:
            raise WarehouseRightMissing(database=database, role=role)

    def migrate(self) -> None:
        with ExitStack() as locks:
            # A load under way holds what the upgrade changes, and then asks for what the upgrade holds: it is waited for.
            for name in (*(f"source.{source.name}" for source in SOURCES), "findings"):
                locks.enter_context(only_one(self.engine, name))
            self._migrate()

    def _migrate(self) -> None:
        refuse_other_than_utf8(self.engine, SETTING)
        with self.engine.begin() as connection:
            migrations.migrate(connection)
            connection.exec_driver_sql(f"comment on schema ops is '{_fingerprint()}'")


def refuse_other_than_utf8(engine: sa.Engine, name: str) -> None:
    """Raises NotUtf8; `name`: of the setting that leads to the database."""
    with engine.connect() as connection:
        connection.exec_driver_sql(f"set local search_path = {connecting.OWN_NAMES}")
        asked = "select current_setting('server_encoding'), quote_ident(current_user), quote_ident(current_database() || '_utf8')"
        encoding, role, database = connection.exec_driver_sql(asked).one()
    if encoding != "UTF8":
        raise NotUtf8(name=name, encoding=shown(encoding, "máy chủ tự đặt"), role=role, database=database)


# A lock is held by a session that says nothing for as long as a night lasts, and a load waits for what a source gives: what an
# administrator lets others idle would end the one without a word, and the other each time anew.
_STAYS = """select set_config(name, '0', false) from pg_settings
    where name in ('idle_session_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')"""


@cache
def _engine(url: str, only_reads: bool) -> sa.Engine:
    """One pool of connections a process: each of a night's steps opens the hub anew, and a connection takes 6 ms."""
    engine = connecting.engine(url)
    sa.event.listen(engine, "connect", _prepare)
    if only_reads:
        sa.event.listen(engine, "connect", _refuse_writing)
    return engine


def _refuse_writing(connection: psycopg2.extensions.connection, _: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set default_transaction_read_only = on")
    connection.commit()


def _prepare(connection: psycopg2.extensions.connection, _: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(connecting.end_when_left(transaction_alone=False))
        cursor.execute(_STAYS)
        connection.commit()
        # What a night stages is read several times: with the usual 8 MB from files each time. It can be set before their first
        # use alone: a session that a pooler gives again may refuse, and does without.
        with suppress(psycopg2.errors.InvalidParameterValue):
            cursor.execute("set temp_buffers = '64MB'")
    connection.commit()


@cache
def _fingerprint() -> str:
    return migrations.fingerprint()


def typed(what: str, error: BaseException) -> Failure:
    """Any exception as a declared failure; of a library's own only its kind leaves. This itself never fails."""
    try:
        return _known(what, error) or Unforeseen.of(what, error, error.orig if isinstance(error, sa.exc.DBAPIError) else None)
    except Exception:  # an exception whose own text, or the asking for it, fails
        return Unforeseen.of(what, error)


def _known(what: str, error: BaseException) -> Failure | None:
    if isinstance(error, Failure):
        return error
    if failure := dagster_database.failure_in(error) or failure_of(error):
        return failure
    if isinstance(error, OSError) and error.errno in FULL:
        return DiskFull(what=what, why=why_not(error))
    if isinstance(error, RuleFault | NotDescribed):  # of code of ours; their texts name it and hold no value
        return Unforeseen(what=what, kind=type(error).__name__, place=str(error))
    return None
