"""A MariaDB server of the system's packages in a folder and on a port of its own, over TLS too; and PostgreSQL tables copied into it.

The package's own service is not touched: nothing is read of its settings, and no file of it is opened.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
import pymysql

from resources.servers.connecting import libpq_uri
from tests.integration.kept import copy_of, new_home
from tests.integration.tls_server import certify

READER, PASSWORD = "nguoi_doc", "mật khẩu: p@s&s/%1;}{"
OPTIONS = (
    "--skip-log-bin",
    "--skip-name-resolve",
    "--bind-address=127.0.0.1",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=16M",
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
    "--innodb-temp-data-file-path=ibtmp1:4M:autoextend",
    "--key-buffer-size=1M",
    "--aria-pagecache-buffer-size=1M",
    "--performance-schema=off",
    "--character-set-server=utf8mb4",
)
# The types of a source on PostgreSQL in MariaDB's words, and how their values are written there. A day that it cannot hold is none
# that can be, or one before all others; an instant is written without a zone, in Vietnamese time.
TYPES = {
    "text": "text",
    "date": "date",
    "smallint": "smallint",
    "integer": "int",
    "bigint": "bigint",
    "boolean": "boolean",
    "timestamp with time zone": "datetime(6)",
}
AS_WRITTEN = {
    "boolean": "{0}::int",
    "date": "case when {0} > '9999-12-31' then '0000-00-00' when {0} < '0001-01-01' then '0044-03-15' else {0}::text end",
    "timestamp with time zone": "case when {0} between '0001-01-02' and '9999-12-31' "
    "then to_char({0} at time zone 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD HH24:MI:SS.US') when {0} is not null then '0000-00-00' end",
}


@dataclass
class MariaDbServer:
    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    copied: dict[tuple[str, str], tuple[Any, ...]] = field(default_factory=dict)  # database and table -> what it was copied of

    def url(self, database: str, *, user: str = READER, password: str = PASSWORD, host: str = "127.0.0.1", **options: str) -> str:
        more = "&".join(f"{name.replace('_', '-')}={quote(told, safe='')}" for name, told in options.items())
        place = f"mysql://{user}:{quote(password, safe='')}@{host}:{self.port}/{database}"
        return f"{place}?{more}" if more else place

    @property
    def certificate(self) -> Path:
        return self.folder / "server.crt"

    def connect(self, database: str | None = None) -> pymysql.Connection:
        """As its owner, who may do anything."""
        return pymysql.connect(
            unix_socket=str(self.folder / "s"),
            user="root",
            database=database,
            charset="utf8mb4",
            autocommit=True,
            local_infile=True,
            ssl_disabled=True,  # else all roots that the machine trusts are read for it, each time
        )

    def execute(self, *statements: str, database: str | None = None) -> int:
        """How many rows the last of them changed."""
        with closing(self.connect(database)) as connection, connection.cursor() as cursor:
            return [cursor.execute(statement) for statement in statements][-1]

    def rows(self, query: str, database: str | None = None) -> list[tuple[Any, ...]]:
        with closing(self.connect(database)) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def create(self, database: str) -> str:
        """An empty database, and its address for a login that may only read it."""
        self.execute(
            f"create or replace database {database} character set utf8mb4",
            f"create user if not exists '{READER}'@'%' identified by '{PASSWORD}'",
            f"grant select, show view on {database}.* to '{READER}'@'%'",
        )
        return self.url(database)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def start(self, *options: str) -> None:
        self.process = _started(self.folder, self.port, options)


@contextmanager
def mariadb_server() -> Iterator[MariaDbServer]:
    folder = copy_of("mariadb", _installed)
    made = MariaDbServer(folder, _free_port(), process=None)  # ty: ignore[invalid-argument-type]
    try:
        made.start()
        yield made
    finally:
        if made.process is not None:
            made.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _installed() -> Path:
    folder = new_home()
    command = ["mariadb-install-db", "--no-defaults", *_as_root(), f"--datadir={folder}/data", "--skip-test-db"]
    command.append(f"--tmpdir={_temporary(folder)}")
    command.append("--auth-root-authentication-method=normal")
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    certify(folder)
    return folder


def _started(folder: Path, port: int, options: Sequence[str]) -> subprocess.Popen[bytes]:
    tls = (f"--ssl-cert={folder}/server.crt", f"--ssl-key={folder}/server.key")
    place = (f"--datadir={folder}/data", f"--socket={folder}/s", f"--pid-file={folder}/pid", f"--port={port}")
    place += (f"--tmpdir={_temporary(folder)}",)
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            ["mariadbd", "--no-defaults", *_as_root(), *place, *OPTIONS, *tls, *options],
            stdout=log,
            stderr=log,
            env=os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin"},
        )
    end = time.monotonic() + 60
    while True:
        try:
            pymysql.connect(unix_socket=str(folder / "s"), user="root").close()
            return process
        except pymysql.err.OperationalError:
            assert process.poll() is None and time.monotonic() < end, (folder / "log").read_text()[-2000:]
            time.sleep(0.05)


def _temporary(folder: Path) -> Path:
    """Its own: a server that starts removes there the tables of statements under way, also those of another server, which crashes."""
    (place := folder / "tmp").mkdir(exist_ok=True)
    return place


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        return free.getsockname()[1]


def _as_root() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


def copied(server: MariaDbServer, database: str, url: str, tables: Sequence[str]) -> None:
    """Tables of a PostgreSQL database as they stand at one instant, under the same names; nothing of what was there before is left."""
    written = server.folder / "written"
    with (
        closing(psycopg2.connect(libpq_uri(url))) as source,
        source.cursor() as cursor,
        closing(server.connect(database)) as target,
    ):
        cursor.execute("set transaction isolation level repeatable read, read only")
        for table in tables:
            cursor.execute(
                "select attname, format_type(atttypid, null) from pg_attribute "
                f"where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped order by attnum"
            )
            columns = cursor.fetchall()
            cursor.execute(f"select count(*), sum(hash_record_extended(t, 0)) from {table} t")
            stands = (columns, cursor.fetchone())
            if server.copied.get((database, table)) == stands:
                continue
            made = ", ".join(f"`{name}` {TYPES[kind]}" for name, kind in columns)
            read = ", ".join(AS_WRITTEN.get(kind, "{0}").format(f'"{name}"') for name, kind in columns)
            with written.open("wb") as file:
                cursor.copy_expert(f"copy (select {read} from {table}) to stdout (format csv, null 'NULL')", file)
            with target.cursor() as writing:
                writing.execute("set sql_mode = ''")
                writing.execute(f"create or replace table `{table}` ({made})")
                writing.execute(
                    f"load data local infile '{written}' into table `{table}` character set utf8mb4 "
                    "fields terminated by ',' optionally enclosed by '\"' escaped by ''"
                )
            server.copied[database, table] = stands
