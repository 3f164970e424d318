"""A PostgreSQL server of the system's packages, as a department has one: nobody gets in but over TLS and with a password.

Its certificate is of its own making, and names `localhost` alone.
"""

import datetime as dt
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from resources.backup.tools import USUAL
from resources.embedded import EmbeddedServer
from resources.servers.connecting import libpq_uri
from tests.integration.kept import new_home

PASSWORD = "mật khẩu: p@s&s/%1"
SETTINGS = """
listen_addresses = '127.0.0.1'
ssl = on
fsync = off
log_error_verbosity = terse
log_min_error_statement = panic
"""


@dataclass(frozen=True)
class TlsServer:
    folder: Path
    port: int

    @property
    def certificate(self) -> Path:
        return self.folder / "data" / "server.crt"

    def url(
        self,
        database: str = "postgres",
        *,
        host: str = "localhost",
        user: str = "postgres",
        password: str = PASSWORD,
        **options: str,
    ) -> str:
        more = urlencode({"sslrootcert": str(self.certificate), **options}, quote_via=quote, safe="")
        return f"postgresql+psycopg2://{user}:{quote(password, safe='')}@{host}:{self.port}/{database}?{more}"

    def create(self, database: str, *, owner: str = "postgres") -> str:
        """An empty database; its address as the superuser, which proves the server."""
        self.execute(f"create database {database} owner {owner} template template0")
        return self.url(database, sslmode="verify-full")

    def execute(self, statement: str, database: str = "postgres") -> None:
        place = {"host": "localhost", "port": self.port, "user": "postgres", "password": PASSWORD, "dbname": database}
        with closing(psycopg2.connect(**place)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)

    def copy(self, database: str, embedded: EmbeddedServer, name: str) -> None:
        """Bring a database of the embedded server here, which is older: but for what it does not know yet."""
        dump = [str(embedded.bin_dir / "pg_dump"), "--no-owner", "--no-privileges", libpq_uri(embedded.url(name))]
        content = subprocess.run(dump, check=True, capture_output=True).stdout
        for unknown, known in ((b"SET transaction_timeout = 0;", b""), (b"provider = builtin", b"provider = libc")):
            content = content.replace(unknown, known)
        load = [_bin() / "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", libpq_uri(self.url(database, sslmode="require"))]
        subprocess.run(load, check=True, input=content, stdout=subprocess.DEVNULL)


@contextmanager
def tls_server() -> Iterator[TlsServer]:
    # The server refuses root: its package made a user for it.
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    folder = new_home()
    folder.chmod(0o711)
    data = folder / "data"
    data.mkdir(mode=0o700)
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]

    def run(command: str, *arguments: str) -> None:
        subprocess.run([_bin() / command, *arguments], check=True, cwd=folder, stdout=subprocess.DEVNULL, **user)

    try:
        _chown(folder, user)
        run(
            "initdb",
            "-D",
            str(data),
            "-U",
            "postgres",
            "-A",
            "scram-sha-256",
            "--pwfile=password",
            "-N",
            "-E",
            "UTF8",
            "--no-locale",
        )
        certify(data)
        with (data / "postgresql.conf").open("a") as conf:
            conf.write(f"{SETTINGS}port = {port}\nunix_socket_directories = '{folder}'\n")
        (data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
        _chown(folder, user)
        run("pg_ctl", "-w", "-D", str(data), "-l", str(folder / "log"), "start")
        try:
            yield TlsServer(folder, port)
        finally:
            run("pg_ctl", "-w", "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _bin() -> Path:
    found = [Path(p) for pattern in USUAL for p in sorted(glob(pattern)) if (Path(p) / "initdb").exists()]
    told = shutil.which("initdb")
    assert found or told, "tests/needs.sh installs the system's PostgreSQL server"
    return found[-1] if found else Path(str(told)).resolve().parent


def _chown(folder: Path, user: dict) -> None:
    for path in [folder, *folder.rglob("*")] if user else []:
        shutil.chown(path, user["user"], user["group"])


def certify(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now - dt.timedelta(1), now + dt.timedelta(9)
        )
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "server.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    forms = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "server.key").write_bytes(key.private_bytes(*forms))
    (folder / "server.key").chmod(0o600)
