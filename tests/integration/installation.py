"""A server on which docs/cai-dat.md is followed: its blocks of commands, read from the page and run as they are written.

What is another here stands in `Place.here`: every path of the page lies beneath a folder, ports are free ones, and no account is made,
so that all is done as the account of the tests. Blocks that need the whole system (`sh system`) are looked at, not run; nor is what was run before (`sh again`).
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from resources.embedded import server
from tests.integration.kept import new_home
from tests.integration.province import SMALL, built
from tests.integration.tls_server import PASSWORD, TlsServer

PROJECT = Path(__file__).resolve().parents[2]
PAGE = PROJECT / "docs" / "cai-dat.md"
FENCE = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACES = re.compile(r"(?<![\w.}/])/(etc|opt|srv|usr/local|var)(?=/)")
PROXY_PASSWORD = "mat khau cua proxy"
OWNER = "so_quan_ly"  # who has the source
VERSION = re.compile(r'^version = "(.+)"$', re.MULTILINE)


@dataclass(frozen=True)
class Block:
    language: str
    kind: str  # nothing: it is run as it is written
    text: str

    @property
    def is_run(self) -> bool:
        return self.language == "sh" and self.kind not in ("system", "long", "again")


@cache
def sections() -> dict[int, tuple[Block, ...]]:
    """Number of a section of the page -> its blocks."""
    parts = re.split(r"^## (\d+)\. .*$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {
        int(n): tuple(Block(*found) for found in FENCE.findall(text)) for n, text in zip(parts[::2], parts[1::2], strict=True)
    }


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        return free.getsockname()[1]


@dataclass
class Place:
    root: Path
    tls: TlsServer
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in ("ui", "http", "https")})
    recipient: str = ""  # of backups, once the key is made

    def here(self, text: str) -> str:
        """What the page says, as it is said here."""
        me, ours = f"{os.geteuid()}:{os.getegid()}", str(self.ports["https"])
        text = PLACES.sub(rf"{self.root}/\1", text)
        for written, read in (
            ("runuser -u postgres -- psql", f"{self.root}/psql-as-postgres"),
            ('"$(id -un)" = ansinh', '"" = ""'),
            ("-o ansinh -g ansinh", f"-o {os.geteuid()} -g {os.getegid()}"),
            ("ansinh:ansinh", me),
            ("root:ansinh", me),
            *([] if os.geteuid() == 0 else [("postgres:postgres", me), ("root:www-data", me)]),
            ("localhost:5432", f"localhost:{self.tls.port}"),
            ("csdl-ngheo.example:5432", f"localhost:{self.tls.port}"),
            ("BACKUP_RECIPIENT=age1…", f"BACKUP_RECIPIENT={self.recipient}"),
            ("password '…'", "password 'doc-thoi'"),
            ("ansinh_reader:…@", "ansinh_reader:doc-thoi@"),
            ("ANSINH_UI_ORIGIN=https://ui.ansinh.example", f"ANSINH_UI_ORIGIN=https://ui.ansinh.example:{ours}"),
            ("listen 80;", f"listen 127.0.0.1:{self.ports['http']};"),
            ("listen 443 ssl;", f"listen 127.0.0.1:{ours} ssl;"),
            ("127.0.0.1:3000", f"127.0.0.1:{self.ports['ui']}"),
            ("openssl passwd -apr1", "openssl passwd -apr1 -stdin"),
            ("nginx -t\n", f"nginx -t -q -e {self.root}/var/log/nginx/error.log -c {self.root}/etc/nginx/nginx.conf\n"),
        ):
            text = text.replace(written, read)
        return text

    @property
    def environment(self) -> dict[str, str]:
        folders = [f"{self.root}/usr/local/bin", str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin"]
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR", "PYTHONWARNINGS") if name in os.environ}
        return kept | {"PATH": ":".join(folders), "PYTHONPATH": str(PROJECT), "COLUMNS": "200"}

    def run(self, text: str, *, status: int | None = 0, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """What stands in a block, typed into a shell of its own; by default it has to end well."""
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", self.here(text)],
            cwd=self.root / "here",
            env=self.environment | environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert status is None or done.returncode == status, f"{text}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done

    def follow(self, section: int, *only: int) -> list[str]:
        """Run the blocks of a section, or these of them; what each said. Those of `sql source` by the source's administrator."""
        said = []
        for block in (sections()[section][n] for n in only or range(len(sections()[section]))):
            if block.language == "sql":
                said += ["\n".join(self.psql(self.here(block.text), "csdl_ngheo"))]
            elif block.kind == "asks":
                said += [self.run(block.text, given=f"{PROXY_PASSWORD}\n").stdout]
            elif block.is_run:
                said += [self.run(block.text).stdout]
        return said

    def psql(self, query: str, database: str) -> list[str]:
        return self.run(f"runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -d {database}", given=query).stdout.split("\n")[
            :-1
        ]

    def unpacked(self, version: str) -> None:
        """What `make install` leaves there: the tree of that version with its libraries. It is this checkout."""
        folder = self.root / "opt/ansinh" / version
        folder.mkdir()
        for path in PROJECT.iterdir():
            if path.name != "deploy":
                (folder / path.name).symlink_to(path)
        shutil.copytree(PROJECT / "deploy" / "systemd", folder / "deploy" / "systemd")
        for path in (folder / "deploy" / "systemd").iterdir():
            path.write_text(self.here(path.read_text(encoding="utf-8")), encoding="utf-8")


@contextmanager
def place(tls: TlsServer) -> Iterator[Place]:
    """A machine with what its system has, a source of another office on the same server, and nothing of ours."""
    root = new_home()
    root.chmod(0o711)
    try:
        for name in ("here", "usr/local/bin", "etc/systemd/system", "etc/nginx/conf.d", "var/log/nginx", "var/lib", "srv"):
            (root / name).mkdir(parents=True)
        data = root / "etc/postgresql/15/main"
        data.mkdir(parents=True)
        (root / "psql-as-postgres").write_text(
            f"#!/bin/sh\nexport PGHOST=localhost PGPORT={tls.port} PGUSER=postgres PGDATABASE=postgres PGSSLMODE=require\n"
            f"PGPASSWORD='{PASSWORD}' exec psql \"$@\"\n"
        )
        (root / "psql-as-postgres").chmod(0o700)
        (root / "etc/nginx/nginx.conf").write_text(
            textwrap.dedent(f"""\
            {"user www-data;" if os.geteuid() == 0 else ""}
            pid {root}/nginx.pid;
            events {{}}
            http {{
                client_body_temp_path {root}/nginx-body;
                proxy_temp_path {root}/nginx-proxy;
                fastcgi_temp_path {root}/nginx-fastcgi;
                uwsgi_temp_path {root}/nginx-uwsgi;
                scgi_temp_path {root}/nginx-scgi;
                include {root}/etc/nginx/conf.d/*.conf;
            }}
            """)
        )
        _a_source(tls)
        yield Place(root, tls)
    finally:
        shutil.rmtree(root)


def _a_source(tls: TlsServer) -> None:
    """A database of another office, filled as the synthetic province's."""
    home = built(SMALL)
    try:
        tls.execute(f"create role {OWNER} login password '{OWNER}'")
        tls.create("csdl_ngheo", owner=OWNER)
        tls.copy("csdl_ngheo", server(home), "source_poverty")
    finally:
        with suppress(ProcessLookupError):
            server(home).stop()
        shutil.rmtree(home)
