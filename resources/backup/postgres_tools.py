"""PostgreSQL's own commands against any server: pg_dump, pg_restore. Which ones, resources/backup/tools.py says.

A password never stands on a command line, where every user of the machine reads it; of our other secrets a command inherits none.
What a command says on stderr can hold a row: only its kind leaves.
"""

import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

import psycopg2

from resources.backup import tools
from resources.servers import addresses
from resources.servers.connecting import CONNECTION, libpq_uri
from resources.servers.sqlstates import why_no_tls
from resources.settings import Settings

KNOWN_TROUBLE = (
    ("server version", "máy chủ PostgreSQL mới hơn công cụ"),
    ("unsupported version", "bản sao lưu do một công cụ PostgreSQL mới hơn ghi"),
    ("unrecognized configuration parameter", "máy chủ PostgreSQL cũ hơn công cụ"),
    ("No space left on device", "đĩa đầy"),
    ("permission denied", "tài khoản thiếu quyền"),
    ("must be owner", "tài khoản thiếu quyền"),
    ("password authentication failed", "máy chủ từ chối đăng nhập"),
    ("due to statement timeout", "máy chủ hủy câu lệnh vì quá giờ, thường là chờ khóa quá lâu"),
    ("due to lock timeout", "chờ khóa quá lâu"),
    ("connection to server", "không kết nối được hoặc mất kết nối"),
    ("server closed the connection", "mất kết nối giữa chừng"),
    ("terminating connection", "mất kết nối giữa chừng"),
    ("already exists", "nơi nhận đã có đối tượng cùng tên"),
    ("locale", "máy này không có bộ mã ngôn ngữ (locale) của cơ sở dữ liệu"),
)
# What libpq, its TLS and the system's loader look at; everything else of our environment may be a secret.
INHERITED = ("HOME", "PATH", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
INHERITED_KINDS = ("PG", "SSL_", "OPENSSL_", "KRB5")
LISTENED = 1 << 16  # bytes of what a command says


class ToolFailed(Exception):
    """A command of PostgreSQL did not succeed; the text says why in our words."""


def run(
    name: str,
    arguments: Sequence[str],
    url: str | None = None,
    *,
    stdout: IO[bytes] | int = subprocess.DEVNULL,
    inherited: Sequence[int] = (),
    seconds: float | None = None,
    suited: tools.Tools | None = None,
) -> None:
    """Run a command, against the database of this URL. `inherited` are handles that it keeps open as long as it lives.

    `suited`: the tools, where they were sought already.
    """
    with opened(name, arguments, url, stdout=stdout, inherited=inherited, seconds=seconds, suited=suited):
        pass


@contextmanager
def opened(
    name: str,
    arguments: Sequence[str],
    url: str | None = None,
    *,
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    stdout: IO[bytes] | int = subprocess.DEVNULL,
    inherited: Sequence[int] = (),
    seconds: float | None = None,
    suited: tools.Tools | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A command under way, whose pipes are the caller's. To leave is to wait for its end, `seconds` at most.

    Raises ToolFailed where it does not succeed, and the failures of resources/backup/tools.py. Left by an exception, it is ended.
    """
    environment = {k: v for k, v in os.environ.items() if k in INHERITED or k.startswith(INHERITED_KINDS)}
    environment |= {"LC_ALL": "C", "PGCLIENTENCODING": "UTF8"}
    if url is not None:
        place = addresses.of(url)
        arguments = ("--no-password", *arguments, "--dbname", replace(place, password=None).libpq(CONNECTION))
        environment |= {"PGPASSWORD": place.password} if place.password else {}
    process = subprocess.Popen(
        [str((suited or tools_for(url)).folder / name), *arguments],
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=environment,
        pass_fds=tuple(inherited),
    )
    told, broken = bytearray(), None
    listening = threading.Thread(target=_listen, args=(process.stderr, told), daemon=True)
    listening.start()
    try:
        try:
            yield process
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        except BrokenPipeError as error:  # it ended before it had taken all: it says why
            broken = error
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise ToolFailed(f"{name} không xong trong {seconds:g} giây") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        listening.join()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
    if process.returncode:
        raise ToolFailed(_words(bytes(told).decode(errors="replace")) or f"{name} kết thúc với mã {process.returncode}")
    if broken is not None:
        raise broken


def tools_for(url: str | None, server: int | None = None) -> tools.Tools:
    """The tools for the server of this URL; without a URL, for any archive. Raises ToolFailed where the server cannot be asked.

    `server`: its major version, where it has told it already.
    """
    if Settings.load().is_demo and (url is None or _is_embedded(url)):
        return tools.of_wheel()
    return tools.suiting(None if url is None else server or server_major(url))


def _is_embedded(url: str) -> bool:
    """Whether this is a place on an embedded server: its socket lies among its data."""
    host = addresses.of(url).host
    return host is not None and (Path(host) / "PG_VERSION").exists()


def server_major(url: str) -> int:
    try:
        with closing(psycopg2.connect(libpq_uri(url, CONNECTION))) as connection:
            return connection.info.server_version // 10_000
    except psycopg2.OperationalError as error:
        raise ToolFailed(_words(str(error)) or "không kết nối được") from None


def _words(told: str) -> str | None:
    return why_no_tls(told) or next((words for sign, words in KNOWN_TROUBLE if sign in told), None)


def _listen(pipe: IO[bytes], told: bytearray) -> None:
    for block in iter(lambda: os.read(pipe.fileno(), 1 << 12), b""):
        told.extend(block[: LISTENED - len(told)])
