"""The MariaDB of the synthetic province: a real server from this machine's packages, under $ANSINH_HOME/mariadb, over a unix socket.

Not every machine has one: then the embedded PostgreSQL plays all sources. It outlives the command that starts it; `stop()` ends it.
Who administers it is told by the system (the account that it runs as); the logins of a source have a password that lies beside the
data. Production never comes here.
"""

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil

from resources import processes
from resources.durable import write_once, write_whole
from resources.environment import profile, read
from resources.failures import EmbeddedInProduction, MariaDbMissing, MariaDbRefused, MariaDbSilent, MariaDbStopped

SETTING = "ANSINH_MARIADB_PATH"
USUAL = ("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin")
PROGRAMS = ("mariadbd", "mariadb-install-db", "mariadb", "mariadb-dump")
STARTS_WITHIN = 60.0  # seconds; it looks through its log first, where it was killed
STOPS_WITHIN = 60.0
LATER = "mo_phong_"  # before the name of a source: its database of what has not happened yet

# What it makes is its own account's alone: it asks no umask.
ITS_OWN = {"UMASK": "0600", "UMASK_DIR": "0700"}
# No statement and no value is written down anywhere but in the tables, not even by a server that crashes.
SERVER_SETTINGS = """[mariadbd]
skip_networking
skip_log_bin
skip_stack_trace
general_log = off
slow_query_log = off
log_warnings = 0
performance_schema = off
character_set_server = utf8mb4
collation_server = utf8mb4_nopad_bin
innodb_buffer_pool_size = 64M
innodb_log_file_size = 8M
innodb_autoextend_increment = 1
innodb_temp_data_file_path = ibtmp1:4M:autoextend
aria_pagecache_buffer_size = 1M
key_buffer_size = 1M
"""


@dataclass(frozen=True)
class MariaDbServer:
    home: Path

    @property
    def folder(self) -> Path:
        return self.home / "mariadb"

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def settings_file(self) -> Path:
        return self.folder / "my.cnf"

    @property
    def socket(self) -> Path:
        return self.folder / "s"

    @property
    def log(self) -> Path:
        return self.home / "logs" / "mariadb.log"

    @property
    def password(self) -> str:
        return (self.folder / "password").read_text(encoding="ascii").strip()

    @property
    def is_made(self) -> bool:
        return self.data_dir.is_dir()

    def url(self, database: str, user: str) -> str:
        return f"mysql://{quote(user)}:{self.password}@/{quote(database)}?socket={quote(str(self.socket))}"

    def databases(self) -> list[str]:
        """The databases of sources that it holds, whether it runs or not; what a restore brought and it has not taken yet among them."""
        held = {path.name for path in self.data_dir.glob("source_*") if path.is_dir()}
        return sorted(held or {path.stem for path in self._restored()})

    def make_database(self, name: str, owner: str, reader: str) -> None:
        """A database of a source, one of what is still to come for it, and who may do what in them; what was there is gone."""
        later = later_of(name)
        self._administer(
            *(f"drop database if exists {database}" for database in (name, later)),
            *(f"drop user if exists {login}@localhost" for login in (owner, reader)),
            *(f"create database {database} character set utf8mb4 collate utf8mb4_nopad_bin" for database in (name, later)),
            *(f"create user {login}@localhost identified by '{self.password}'" for login in (owner, reader)),
            *(f"grant all on {database}.* to {owner}@localhost" for database in (name, later)),
            f"grant select, show view on {name}.* to {reader}@localhost",
        )

    def let_in(self, login: str, is_let_in: bool) -> None:
        """Let a login in, or keep it out and cut what it has open."""
        self._administer(f"alter user {login}@localhost account {'unlock' if is_let_in else 'lock'}")
        if not is_let_in:
            self._administer(f"kill user {login}@localhost")

    def dump(self, name: str, owner: str, into: IO[bytes], inherited: Sequence[int] = ()) -> None:
        """Write a source's database and what is still to come for it as SQL, as they stand at one instant."""
        options = ("--single-transaction", "--skip-dump-date", "--no-tablespaces", "--default-character-set=utf8mb4")
        self._run(
            "mariadb-dump", (*options, "--databases", name, later_of(name)), owner, told=b"", stdout=into, inherited=inherited
        )

    def dump_name(self, database: str) -> str:
        """The name under which a backup keeps a database and a restore lays it: the server takes it from there at its next start."""
        return f"demo/{database}.sql"

    def processes(self) -> list[psutil.Process]:
        """What works in its folder, oldest first: the server, one that still starts, and one that a killed command left being made."""
        return processes.oldest_first(
            lambda p: p.name().startswith("mariadb") and any(f"{self.folder}/" in word for word in p.cmdline())
        )

    def is_running(self) -> bool:
        """Whether it greets who comes."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(str(self.socket))
            return len(line.recv(5)) == 5
        return False

    def stop(self) -> bool:
        """True when there was something to stop."""
        found = self.processes()
        processes.end(found, STOPS_WITHIN)
        return bool(found)

    def remove(self) -> None:
        """Leave nothing of it: what an earlier province held."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        for dump in self._restored():
            dump.unlink()

    # How it is made and started ---------------------------------------------------------------------------------------

    def ensure(self) -> None:
        """Make it where it was never made, start it where it stands still, and let it take what a restore brought."""
        if self.is_made and self.is_running() and not self._restored():
            return
        with self._alone():
            if not self.is_made:
                self._make()
            if not self.is_running():
                self._start()
            for dump in self._restored():
                self._take(dump)

    def _make(self) -> None:
        for folder in (self.folder, self.log.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.settings_file.exists():
            write_whole(self.settings_file, SERVER_SETTINGS)
        write_once(self.folder / "password", f"{secrets.token_hex(16)}\n")
        making = self.folder / "data.moi"
        self.stop()  # one that a killed command left at it
        shutil.rmtree(making, ignore_errors=True)
        account = _account()
        administrator = ("--auth-root-authentication-method=socket", f"--auth-root-socket-user={account}")
        command = [
            program("mariadb-install-db"),
            f"--defaults-file={self.settings_file}",
            f"--datadir={making}",
            f"--tmpdir={self._temporary()}",
            "--skip-test-db",
        ]
        with self.log.open("ab") as log:
            done = subprocess.run(
                [*command, *administrator, *_as_root()],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=os.environ | ITS_OWN,
            )
        if done.returncode:
            raise MariaDbSilent(home=self.home, log=self.log)
        making.rename(self.data_dir)

    def _start(self) -> None:
        self.stop()  # one that no longer answers still holds the folder
        place = (f"--datadir={self.data_dir}", f"--socket={self.socket}", f"--pid-file={self.folder / 'pid'}")
        place += (f"--tmpdir={self._temporary()}",)
        command = [program("mariadbd"), f"--defaults-file={self.settings_file}", *place, *_as_root()]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                env=os.environ | ITS_OWN,
                start_new_session=True,
            )
        until = time.monotonic() + STARTS_WITHIN
        while not self.is_running():
            if time.monotonic() > until or process.poll() is not None:
                raise MariaDbSilent(home=self.home, log=self.log)
            time.sleep(0.05)
        self.socket.chmod(0o600)  # it is born open to all

    def _temporary(self) -> Path:
        """A server that starts removes from there the tables of statements under way, also those of another server: it would crash."""
        folder = self.folder / "tmp"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One command at a time makes or starts it."""
        place = self.home / "run"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (place / "mariadb.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _restored(self) -> list[Path]:
        return sorted((self.home / "demo").glob("source_*.sql"))

    def _take(self, dump: Path) -> None:
        """Take a dump in, as the owner of its database, who may do nothing elsewhere: a dump is code.

        It is removed once all of it is taken.
        """
        name, source = dump.stem, dump.stem.removeprefix("source_")
        if re.fullmatch("[a-z_]+", source) is None:
            return
        self.make_database(name, f"{source}_owner", f"{source}_reader")
        with dump.open("rb") as statements:
            self._run("mariadb", ("--sandbox",), f"{source}_owner", stdin=statements)
        dump.unlink()

    def _administer(self, *statements: str) -> None:
        """Run statements as the administrator. They are no arguments: every account of the machine can read those."""
        self._run("mariadb", (), told=";".join(statements).encode())

    def _run(
        self,
        name: str,
        arguments: Sequence[str],
        login: str | None = None,
        *,
        told: bytes | None = None,
        stdin: IO[bytes] | None = None,
        stdout: IO[bytes] | int = subprocess.DEVNULL,
        inherited: Sequence[int] = (),
    ) -> None:
        """Run a program of the server's as a login of a source, or without one as its administrator. `told`: what it reads."""
        environment = {"PATH": os.environ.get("PATH", ""), **({"MYSQL_PWD": self.password} if login else {})}
        done = subprocess.run(
            [program(name), "--no-defaults", f"--socket={self.socket}", f"--user={login or _account()}", *arguments],
            stdin=stdin,
            input=told if stdin is None else None,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=environment,
            pass_fds=inherited,
        )
        if done.returncode:
            # Its words can quote what they were about.
            number = re.search(rb"\b(?:ERROR|error:?) ([0-9]{4})\b", done.stderr)
            raise MariaDbRefused(home=self.home, program=name, number=number[1].decode() if number else "?")


def later_of(database: str) -> str:
    """The name of the database of what has not happened yet."""
    return LATER + database.removeprefix("source_")


def is_installed() -> bool:
    """Whether this machine has what the server is made and run with."""
    return all(_found(name) for name in PROGRAMS)


def program(name: str) -> str:
    if profile() != "demo":
        raise EmbeddedInProduction
    found = _found(name)
    if found is None:
        raise MariaDbMissing(program=name)
    return found


def _found(name: str) -> str | None:
    told = read(SETTING)
    return shutil.which(name, path=told or os.pathsep.join((os.environ.get("PATH", ""), *USUAL)))


def existing(home: Path) -> MariaDbServer:
    """The server of this home, started where it stands still."""
    found = MariaDbServer(Path(home).absolute())
    found.ensure()
    return found


def standing(home: Path) -> MariaDbServer:
    """The server of this home for who only reads: nothing is made, and nothing started."""
    found = MariaDbServer(Path(home).absolute())
    if not found.is_made or not found.is_running():
        raise MariaDbStopped(home=home)
    return found


def _account() -> str:
    return psutil.Process().username()


def _as_root() -> tuple[str, ...]:
    """The argument without which root cannot start the server."""
    return ("--user=root",) if os.geteuid() == 0 else ()
