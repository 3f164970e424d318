"""Making a whole, checked copy of the state: dumps of the databases, the raw store, the open files, the clock.

Of secrets the demo's rounding secret alone.

A backup is made in `.partial-…` and gets its name once all of it is on disk and its manifest, written last, says what it
holds. Bringing one back is resources/backup/restore.py.
"""

import datetime as dt
import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import sqlalchemy as sa

from resources import connecting
from resources.backup import postgres_tools
from resources.backup.manifest import (
    EMBEDDED,
    FORMAT,
    KEPT,
    LEFT_OUT,
    MANIFEST,
    PARTIAL,
    ROLES,
    Backup,
    Database,
    Say,
    backups,
    databases,
    hash_or_none,
    signed,
)
from resources.clock import ZONE, Clock
from resources.durable import sha256_of, sync
from resources.embedded import server
from resources.failures import Permanent, Transient, why_not
from resources.locks import only_one
from resources.settings import Settings
from resources.warehouse import contents
from resources.warehouse.failures import opening_failure
from schemas.registry import SOURCES

BLOCK = 1 << 20


class IntoHome(Permanent):
    attempted = "Sao lưu vào {folder}"
    found = "thư mục này nằm trong ANSINH_HOME ({home}), cần một nơi ở ngoài"
    remedy = "Chọn một thư mục ngoài ANSINH_HOME, tốt nhất ở đĩa hay máy khác, rồi chạy lại; chưa có gì được ghi"
    means = "Bản sao lưu nằm trong trạng thái sẽ mất cùng trạng thái."
    steps = ("Chạy ansinh backup --into với một thư mục ở đĩa khác hoặc ổ mạng.",)
    exit_status = 2


class NothingToBackUp(Permanent):
    attempted = "Sao lưu trạng thái {home}"
    found = "chưa có kho dữ liệu nào, cần ít nhất một lượt đêm đã chạy"
    remedy = "Kiểm tra ANSINH_HOME và WAREHOUSE_URL rồi chạy lại; chưa có gì được ghi"
    means = "Nơi được chỉ ra không có kho: sai ANSINH_HOME, sai WAREHOUSE_URL, hoặc hệ thống chưa chạy lần nào."
    steps = ("Xem ANSINH_HOME, ANSINH_PROFILE và WAREHOUSE_URL của tài khoản chạy lệnh.", "Chạy ansinh doctor.")
    exit_status = 2


class BackupNotWritable(Transient):
    attempted = "Ghi bản sao lưu vào {folder}"
    found = "hệ điều hành từ chối ({why})"
    remedy = "Giải phóng đĩa hoặc trả lại quyền ghi rồi chạy lại; phần dở đã xóa, các bản sao lưu trước còn nguyên"
    means = "Đĩa đầy, hệ tệp chỉ đọc, thiếu quyền ghi hoặc ổ mạng mất kết nối. Không có bản dở nào mang tên như bản tốt."
    steps = (
        "Xem df -h và quyền của thư mục sao lưu; ổ mạng thì xem còn gắn không.",
        "Chuyển bớt bản cũ sang nơi khác nếu đĩa đầy.",
        "Chạy lại ansinh backup cho đến khi kết thúc bằng 0: chưa xong thì hôm nay chưa có bản sao lưu.",
    )


class DumpFailed(Permanent):
    attempted = "Sao lưu cơ sở dữ liệu {database}"
    found = "{why}"
    remedy = "Sửa nguyên nhân rồi chạy lại; phần dở đã xóa, các bản sao lưu trước còn nguyên"
    means = "Công cụ sao lưu của PostgreSQL không đọc hết được cơ sở dữ liệu, nên bản này bị bỏ."
    steps = (
        "Đĩa đầy: giải phóng đĩa. Mất kết nối: xem dịch vụ PostgreSQL. Thiếu quyền: tài khoản phải sở hữu cơ sở dữ liệu.",
        "Máy chủ mới hơn công cụ: nâng cấp ansinh, hoặc sao lưu bằng pg_dump của chính máy chủ.",
        "Chạy lại ansinh backup cho đến khi kết thúc bằng 0.",
    )


class RawFilesDamaged(Permanent):
    attempted = "Sao lưu kho dữ liệu gốc vào {name}"
    found = "{count} tệp gốc đã mất hoặc không còn khớp mã băm trong kho, tệp đầu: {first}"
    remedy = "{became}. Chép tệp cùng tên từ một bản sao lưu trước hoặc lấy lại ô đó từ nguồn, rồi sao lưu lại"
    means = "Bản sao lưu vẫn được ghi và khôi phục được, nhưng kho dữ liệu gốc của trạng thái có tệp hỏng hoặc mất."
    steps = (
        "Xem tên các tệp ở phần in ra phía trên; kiểm tra đĩa (dmesg, smartctl).",
        "Chép tệp cùng tên từ thư mục raw của một bản sao lưu trước vào đúng chỗ trong ANSINH_HOME.",
        "Không có bản trước: chạy ansinh backfill các ô của kỳ đó không kèm --from-raw, rồi sao lưu lại.",
    )


@dataclass
class Made:
    """What became of a backup."""

    path: Path
    bytes: int = 0  # beside what it shares with an earlier one
    databases: int = 0
    raw_files: int = 0
    shared_files: int = 0  # raw files that are one with those of an earlier backup
    other_files: int = 0
    damaged: list[str] = field(default_factory=list)  # raw files of the home
    absent: list[str] = field(default_factory=list)  # those of them that no earlier backup had either


class Writer:
    """The files of one backup on their way, with their hashes. Everything is the owner's alone: dumps hold persons."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, dict[str, Any]] = {}
        self.links: dict[str, str] = {}

    def place(self, name: str) -> Path:
        path = self.root / name
        for folder in reversed([p for p in path.parents if p.is_relative_to(self.root)]):
            folder.mkdir(mode=0o700, exist_ok=True)
        return path

    def new(self, name: str) -> IO[bytes]:
        return os.fdopen(os.open(self.place(name), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")

    def keep(self, name: str, mode: int = 0o600, sha: str | None = None) -> int:
        """Bring a written file to disk and into the manifest; its size. `sha`: its hash, when that was just proved."""
        path = self.root / name
        sync(path)
        self.files[name] = {"size": path.stat().st_size, "sha256": sha or sha256_of(path), "mode": mode}
        return self.files[name]["size"]

    def finish(self, manifest: Mapping[str, Any]) -> None:
        for path in [self.root, *(p for p in self.root.rglob("*") if p.is_dir())]:
            sync(path)
        with self.new(MANIFEST) as f:
            f.write(signed(manifest))
        sync(self.root / MANIFEST)
        sync(self.root)


def make(settings: Settings, into: Path, say: Say) -> Made:
    """Make a backup as a new folder in `into`. Runs that write are waited for, and wait meanwhile."""
    home, folder = settings.home.resolve(), into.absolute().resolve()
    if folder.is_relative_to(home):
        raise IntoHome(folder=folder, home=home)
    found = databases(settings)
    warehouse = next((d for d in found if d.name == "warehouse"), None)
    if warehouse is None:
        raise NothingToBackUp(home=home)
    engine = connecting.engine(warehouse.url, is_pooled=False)
    try:
        with engine.connect() as connection:
            if not contents.is_there(connection):
                raise NothingToBackUp(home=home)
        with _alone_in(folder, say) as lock:
            _remove_left_over(folder)
            made = Made(_free_name(folder, settings))
            writer = Writer(folder / f"{PARTIAL}{made.path.name}")
            try:
                with _quiet(engine, say):
                    manifest = _databases(writer, settings, found, warehouse, engine, made, lock)
                    say(f"Đã ghi {len(found)} cơ sở dữ liệu: {', '.join(sorted(d.name for d in found))}")
                    _files(writer, settings.home, made, say)
                    _raw(writer, settings.raw_dir, manifest.pop("pulls"), made, next(iter(backups(folder)), None))
                    writer.finish(manifest | _told(writer, made))
                os.replace(writer.root, made.path)
                sync(folder)
            except BaseException:
                shutil.rmtree(writer.root, ignore_errors=True)
                raise
            return made
    except OSError as error:
        raise BackupNotWritable(folder=folder, why=why_not(error)) from None
    except sa.exc.OperationalError as error:
        raise opening_failure(error) from None


@contextmanager
def _alone_in(folder: Path, say: Say) -> Iterator[int]:
    """One backup at a time in a folder. PostgreSQL's commands inherit the handle: one that outlives us still holds it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Chờ một lượt sao lưu khác đang ghi vào {folder} xong…")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def _remove_left_over(folder: Path) -> None:
    """Of backups that were cut short: the lock of the folder is ours, so nobody works there any more."""
    for left in folder.glob(f"{PARTIAL}*"):
        shutil.rmtree(left, ignore_errors=True)


def _free_name(folder: Path, settings: Settings) -> Path:
    while True:
        path = folder / f"ansinh-{Clock(settings).now().astimezone(ZONE):%Y-%m-%dT%H%M%S}"
        if not path.exists():
            return path
        time.sleep(0.2)


@contextmanager
def _quiet(engine: sa.Engine, say: Say) -> Iterator[None]:
    """Hold every lock under which a run writes. A run holds one at a time, so no order of ours can block for ever."""
    names = {"night": "lượt đêm"}
    names |= {f"source.{s.name}": f"lượt nạp của hệ thống {s.name}" for s in SOURCES}
    names["findings"] = "lượt xét quy tắc giữa nhiều dòng"
    names |= {f"open.{s.name}": f"lượt công bố số liệu mở của {s.name}" for s in SOURCES}
    names["report_sending"] = "lượt gửi báo cáo"  # a receipt has to be in the warehouse and at the gateway, or in neither
    with ExitStack() as held:
        for name, what in names.items():
            lock = only_one(engine, name, lambda what=what: say(f"Chờ {what} xong…"))
            if name == "night":
                # Waited for, not kept: a night that begins now would be refused instead of waiting.
                with lock:
                    continue
            held.enter_context(lock)
        yield


def _databases(
    writer: Writer, settings: Settings, found: list[Database], warehouse: Database, engine: sa.Engine, made: Made, lock: int
) -> dict[str, Any]:
    """Dump them all; what the manifest says of them. What is counted of the warehouse and what is dumped are one snapshot."""
    if any(d.place == EMBEDDED for d in found):
        made.bytes += _roles(writer, server(settings.home).url("postgres"), lock)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.execute(sa.text("select pg_export_snapshot()")).scalar_one()
        told = {
            "format": FORMAT,
            "made_at": dt.datetime.now(dt.UTC).isoformat(),
            "day": Clock(settings).today().isoformat(),
            "schema_version": contents.version(connection),
            "postgres": connection.execute(sa.text("show server_version")).scalar(),
            "databases": [{"name": d.name, "place": d.place, "file": d.file} for d in found],
            "measured": contents.measure(connection),
            "pulls": contents.raw_hashes(connection),
        }
        made.bytes += _dump(writer, warehouse, lock, "--snapshot", snapshot)
    for database in found:
        if database is not warehouse:
            made.bytes += _dump(writer, database, lock)
    made.databases = len(found)
    return told


def _told(writer: Writer, made: Made) -> dict[str, Any]:
    return {
        "files": writer.files,
        "links": writer.links,
        "damaged_raw": made.damaged,
        "absent_raw": made.absent,
        "is_complete": not made.absent,
    }


def _roles(writer: Writer, url: str, lock: int) -> int:
    """The roles of the embedded server without passwords, and without its superuser: each server has its own."""
    with writer.new(ROLES) as f:
        try:
            postgres_tools.run("pg_dumpall", ("--roles-only", "--no-role-passwords"), url, stdout=f, inherited=[lock])
        except postgres_tools.ToolFailed as failed:
            raise DumpFailed(database="postgres", why=failed) from None
        f.seek(0)
        text = f.read().replace(b"CREATE ROLE postgres;\n", b"")
        f.seek(0)
        f.truncate()
        f.write(text)
    return writer.keep(ROLES)


def _dump(writer: Writer, database: Database, lock: int, *more: str) -> int:
    # Compression 1 takes half the time of the default, for which runs would wait, and a quarter more room.
    arguments = ("--format=custom", "--compress=1", "--no-unlogged-table-data", *more)
    with writer.new(database.file) as f:
        try:
            postgres_tools.run("pg_dump", arguments, database.url, stdout=f, inherited=[lock])
        except postgres_tools.ToolFailed as failed:
            raise DumpFailed(database=database.name, why=failed) from None
    return writer.keep(database.file)


def _files(writer: Writer, home: Path, made: Made, say: Say) -> None:
    """Everything that is kept of the home but the raw store."""
    for name in KEPT:
        top = home / name
        if name == "raw" or not top.exists():
            continue
        for path in sorted([top, *top.rglob("*")]):
            relative = str(path.relative_to(home))
            if path.is_symlink():
                writer.links[relative] = os.readlink(path)  # told by the manifest: not every disk holds links
            elif path.is_file() and not _is_passing(path):
                _copy(path, writer, relative)
                made.bytes += writer.keep(relative, path.stat().st_mode & 0o777)
                made.other_files += 1
    known = {Path(name).parts[0] for name in (*KEPT, *LEFT_OUT)}
    for name in sorted(p.name for p in home.glob("*") if p.name not in known):
        say(f"Không sao lưu {name}: không thuộc trạng thái mà ansinh giữ trong ANSINH_HOME")


def _is_passing(path: Path) -> bool:
    """What a killed writer left, and the companions of a database file, which its copy does not need."""
    making = any(part.startswith(".making-") for part in path.parts)
    return making or path.name.endswith((".part", ".moi", "-wal", "-shm", "-journal"))


def _copy(path: Path, writer: Writer, name: str) -> None:
    with path.open("rb") as source, writer.new(name) as target:
        if source.read(16) != b"SQLite format 3\0":
            source.seek(0)
            shutil.copyfileobj(source, target, BLOCK)
            return
    # Copied byte by byte while somebody writes, a database file would be torn.
    live = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    with closing(live), closing(sqlite3.connect(writer.root / name)) as copy:
        live.backup(copy)


def _raw(writer: Writer, root: Path, pulls: Mapping[str, str], made: Made, earlier: Backup | None) -> None:
    """The raw store, each file proved against the hash that the warehouse recorded for it."""
    standing = {str(p.relative_to(root)) for p in root.rglob("*.parquet") if p.is_file()}
    for path in sorted({*standing, *pulls}):
        name, sha = f"raw/{path}", hash_or_none(root / path)
        # A file that no pull refers to (rows counted in a locked period) is proved by its own name.
        good = sha is not None and (sha == pulls[path] if path in pulls else sha.startswith(Path(path).stem))
        if not good:
            made.damaged.append(path)
        wanted = pulls.get(path) or sha
        kept = _kept_in(earlier, name, wanted)
        if kept is not None:
            made.shared_files += _linked(kept, writer, name)
            writer.keep(name, sha=wanted)
        elif good:
            with (root / path).open("rb") as source, writer.new(name) as target:
                shutil.copyfileobj(source, target, BLOCK)
            made.bytes += writer.keep(name)
        else:
            made.absent.append(path)
            continue
        made.raw_files += 1


def _kept_in(earlier: Backup | None, name: str, sha: str | None) -> Path | None:
    """The file as an earlier backup holds it, still as it was written."""
    if earlier is None or sha is None or earlier.manifest["files"].get(name, {}).get("sha256") != sha:
        return None
    path = earlier.path / name
    return path if hash_or_none(path) == sha else None


def _linked(kept: Path, writer: Writer, name: str) -> bool:
    """Make the file one with that of an earlier backup; false where the disk holds no such links and it was copied."""
    try:
        os.link(kept, writer.place(name))
    except OSError:
        with kept.open("rb") as source, writer.new(name) as target:
            shutil.copyfileobj(source, target, BLOCK)
        return False
    return True
