"""PostgreSQL's own commands, from the embedded server's wheel, against any server: pg_dump, pg_dumpall, pg_restore, psql.

A password never stands on a command line, where every user of the machine reads it. What a command says on stderr can hold
a row: only its kind leaves.
"""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from resources import addresses
from resources.connecting import libpq_uri
from resources.embedded import EmbeddedServer

KNOWN_TROUBLE = (
    ("version mismatch", "máy chủ PostgreSQL mới hơn công cụ đi kèm ansinh"),
    ("unsupported version", "bản sao lưu do một công cụ PostgreSQL mới hơn ghi"),
    ("No space left on device", "đĩa đầy"),
    ("permission denied", "tài khoản thiếu quyền"),
    ("must be owner", "tài khoản thiếu quyền"),
    ("password authentication failed", "máy chủ từ chối đăng nhập"),
    ("connection to server", "không kết nối được hoặc mất kết nối"),
    ("server closed the connection", "mất kết nối giữa chừng"),
    ("terminating connection", "mất kết nối giữa chừng"),
    ("already exists", "nơi nhận đã có đối tượng cùng tên"),
    ("locale", "máy này không có bộ mã ngôn ngữ (locale) của cơ sở dữ liệu"),
)


class ToolFailed(Exception):
    """A command of PostgreSQL did not succeed; the text says why in our words."""


def run(
    name: str,
    arguments: Sequence[str],
    url: str | None = None,
    *,
    stdout: IO[bytes] | None = None,
    inherited: Sequence[int] = (),
) -> None:
    """Run a command, against the database of this URL. `inherited` are handles that it keeps open as long as it lives."""
    environment = os.environ | {"LC_ALL": "C", "PGCLIENTENCODING": "UTF8"}
    if url is not None:
        place, password = without_password(libpq_uri(url))
        arguments = ("--no-password", *arguments, "--dbname", place)
        environment |= {"PGPASSWORD": password} if password else {}
    done = subprocess.run(
        [str(EmbeddedServer(Path()).bin_dir / name), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        pass_fds=tuple(inherited),
    )
    if done.returncode:
        told = done.stderr.decode(errors="replace")
        raise ToolFailed(
            next((words for sign, words in KNOWN_TROUBLE if sign in told), f"{name} kết thúc với mã {done.returncode}")
        )


def without_password(uri: str) -> tuple[str, str | None]:
    """A libpq URI without its password, and the password."""
    address = addresses.of(uri)
    return replace(address, password=None).libpq(), address.password
