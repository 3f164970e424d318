"""The benchmark's table on a MariaDB server of its own, on loopback, as a vendor's program would hold it: copied from PostgreSQL."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pymysql

from benchmarks.table import FORMS
from benchmarks.tools import NotInstalled
from resources.embedded import EmbeddedServer
from resources.servers.connecting import libpq_uri

DATABASE, LOGIN = "bench_source", "bench"
PROGRAMS = ("mariadbd", "mariadb-install-db")
# As PostgreSQL has it here: what is read lies in memory, and nothing waits for the disk.
OPTIONS = (
    "--bind-address=127.0.0.1",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--innodb-buffer-pool-size=1G",
    "--innodb-flush-log-at-trx-commit=0",
    "--performance-schema=off",
    "--local-infile=on",
)
TYPES = {"text": "varchar(100)", "smallint": "smallint", "timestamptz": "datetime(6)"}
AS_WRITTEN = {"timestamptz": "to_char({} at time zone 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD HH24:MI:SS.US')"}


@contextmanager
def mariadb(home: Path, embedded: EmbeddedServer, source: str) -> Iterator[str]:
    """`login:password@host:port/database` of a server that has the table; it ends with the block. Raises NotInstalled."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
    server, maker = (shutil.which(name, path=path) for name in PROGRAMS)
    if server is None or maker is None:
        raise NotInstalled("mariadb-server is not installed")
    folder = home / "mariadb"
    (folder / "tmp").mkdir(parents=True)
    as_root = ["--user=root"] if os.geteuid() == 0 else []
    made = [
        maker,
        "--no-defaults",
        *as_root,
        f"--datadir={folder}/data",
        f"--tmpdir={folder}/tmp",
        "--auth-root-authentication-method=normal",
    ]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    place = (f"--datadir={folder}/data", f"--tmpdir={folder}/tmp", f"--socket={folder}/s", f"--port={port}")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([server, "--no-defaults", *as_root, *place, *OPTIONS], stdout=log, stderr=log)
    try:
        _filled(folder, process, embedded, source)
        yield f"{LOGIN}:{LOGIN}@127.0.0.1:{port}/{DATABASE}"
    finally:
        process.terminate()
        process.wait()


def _filled(folder: Path, process: subprocess.Popen[bytes], embedded: EmbeddedServer, source: str) -> None:
    while not (folder / "s").exists():
        if process.poll() is not None:
            raise NotInstalled((folder / "log").read_text()[-500:])
        time.sleep(0.1)
    table, key = FORMS.road.table, FORMS.column(FORMS.key[0]).source_column
    columns = ", ".join(f"{c.source_column} {TYPES[c.source_type]}" for c in FORMS.columns)
    read = ", ".join(AS_WRITTEN.get(c.source_type, "{}").format(c.source_column) for c in FORMS.columns)
    written = folder / "written"
    with (
        closing(psycopg2.connect(libpq_uri(embedded.url(source)))) as connection,
        connection.cursor() as cursor,
        written.open("wb") as file,
    ):
        cursor.copy_expert(f"copy (select {read} from {table}) to stdout (format csv, null 'NULL')", file)
    with (
        closing(pymysql.connect(unix_socket=str(folder / "s"), user="root", charset="utf8mb4", local_infile=True)) as connection,
        connection.cursor() as cursor,
    ):
        for statement in (
            f"create database {DATABASE} character set utf8mb4",
            f"create user '{LOGIN}'@'%' identified by '{LOGIN}'",
            f"grant select, show view on {DATABASE}.* to '{LOGIN}'@'%'",
            f"use {DATABASE}",
            f"create table {table} ({columns}, primary key ({key}))",
            "create table nhat_ky_nop (ma_don_vi varchar(10), bang varchar(64), ky varchar(10), thoi_diem_nop datetime(6), "
            "so_dong int, khai_rong boolean)",
            f"load data local infile '{written}' into table {table} character set utf8mb4 "
            "fields terminated by ',' optionally enclosed by '\"' escaped by ''",
            f"analyze table {table}",
        ):
            cursor.execute(statement)
    written.unlink()
