"""Making a whole, checked copy of the state: dumps of the databases, the raw store, the open files, the clock.

Of secrets the demo's rounding secret alone. Each file is encrypted on its way, so nothing plain is ever on the backup's disk.

A backup is made in `.partial-…` and gets its name once all of it is on disk and its manifest, written and signed last, says
what it holds. Bringing one back is resources/backup/restore.py.
"""

import datetime as dt
import fcntl
import io
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import sqlalchemy as sa

from resources.backup import keys, names, postgres_tools, retention, roles
from resources.backup.databases import EMBEDDED, Database, databases
from resources.backup.failures import BackupNotWritable, DumpFailed, IntoHome, NothingToBackUp
from resources.backup.manifest import FORMAT, NAMED, PARTIAL, Backup, Manifest, Say, backups
from resources.backup.writing import Writer
from resources.clock import ZONE, Clock
from resources.durable import UNFINISHED, sha256_of, sync
from resources.embedded import server
from resources.failing import Failure, why_not
from resources.local import folder as local
from resources.locks import only_one
from resources.mariadb import MariaDbServer, existing
from resources.servers import connecting
from resources.settings import Settings
from resources.warehouse import contents
from resources.warehouse.failures import opening_failure
from schemas.registry import SOURCES


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
    stays: Failure | None = None  # why an old backup could not be removed


def make(settings: Settings, into: Path, say: Say) -> Made:
    """Make a backup as a new folder in `into`. Runs that write are waited for, and wait meanwhile."""
    home, folder = settings.home.resolve(), into.absolute().resolve()
    if folder.is_relative_to(home):
        raise IntoHome(folder=folder, home=home)
    making = keys.for_making(settings)
    retention.keep()  # a rule that cannot be read is told before the work
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
            writer = Writer(folder / f"{PARTIAL}{made.path.name}", making)
            standing, earlier = _earlier(folder, making)
            try:
                with _quiet(engine, say):
                    told, pulls = _databases(writer, settings, found, warehouse, engine, made, lock)
                    say(f"Đã ghi {len(found)} cơ sở dữ liệu: {', '.join(sorted(d.name for d in found))}")
                    _on_mariadb(writer, settings, made, lock, say)
                    _files(writer, settings.home, made, say)
                    _config(writer, settings, made, say)
                    _raw(writer, settings.raw_dir, pulls, made, earlier)
                    manifest = _manifest(writer, made, told)
                    writer.finish(manifest)
                os.replace(writer.root, made.path)
                sync(folder)
            except BaseException:
                shutil.rmtree(writer.root, ignore_errors=True)
                raise
            if not made.absent:
                made.stays = _remove_old(folder, [*standing, _as_kept(made.path.name, manifest)], say)
            return made
    except OSError as error:
        raise BackupNotWritable(folder=folder, why=why_not(error)) from None
    except sa.exc.OperationalError as error:
        raise opening_failure(error, warehouse.url) from None


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
    """Remove backups that were cut short. The lock of the folder is ours, so nobody works in them any more."""
    for left in folder.glob(f"{PARTIAL}*"):
        shutil.rmtree(left, ignore_errors=True)


def _free_name(folder: Path, settings: Settings) -> Path:
    while True:
        path = folder / f"{NAMED}{Clock(settings).now().astimezone(ZONE):%Y-%m-%dT%H%M%S}"
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


def _earlier(folder: Path, making: keys.MakingKeys) -> tuple[list[retention.Standing], Backup | None]:
    """The backups of this folder that our key signed, and the newest of them whose raw files can be shared.

    It is one for the same recipients: who may not open this one opens none of its files. Read once, since each is
    hashed, proved and parsed whole: the folder's lock is ours until the last use.
    """
    found = backups(folder, making.signer.public_key())
    shared = next((b for b in found if b.manifest.recipients == making.recipients), None)
    return [_as_kept(b.name, b.manifest) for b in found], shared


def _as_kept(name: str, manifest: Manifest) -> retention.Standing:
    return retention.Standing(name, manifest.made_at, manifest.is_complete)


def _remove_old(folder: Path, standing: Sequence[retention.Standing], say: Say) -> Failure | None:
    """After a good backup: those of this key that the declared rule no longer keeps. The new one is good whatever stays."""
    try:
        for name in retention.remove(folder, retention.superseded(standing, retention.keep(), dt.datetime.now(dt.UTC))):
            say(f"Đã xóa bản sao lưu cũ {name} theo quy tắc giữ")
    except Failure as failure:
        return failure
    return None


def _databases(
    writer: Writer, settings: Settings, found: list[Database], warehouse: Database, engine: sa.Engine, made: Made, lock: int
) -> tuple[dict[str, Any], Mapping[str, str]]:
    """Dump them all; what the manifest says of them, and the recorded hashes of the raw files.

    What is counted of the warehouse and what is dumped are one snapshot.
    """
    is_embedded = any(d.place == EMBEDDED for d in found)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.execute(sa.text("select pg_export_snapshot()")).scalar_one()
        measured = contents.measure(connection)
        told = {
            "format": FORMAT,
            "made_at": dt.datetime.now(dt.UTC),
            "day": Clock(settings).today(),
            "schema_version": contents.version(connection) or 0,
            "postgres": connection.execute(sa.text("show server_version")).scalar(),
            "databases": tuple(_told_of(d) for d in found),
            "roles": roles.told(server(settings.home)) if is_embedded else (),
            "measured": measured | {"instant": dt.datetime.fromisoformat(measured["instant"])},
        }
        pulls = contents.raw_hashes(connection)
        made.bytes += _dump(writer, warehouse, lock, "--snapshot", snapshot)
    for database in found:
        if database is not warehouse:
            made.bytes += _dump(writer, database, lock)
    made.databases = len(found)
    return told, pulls


def _told_of(database: Database) -> dict[str, Any]:
    with connecting.engine(database.url, is_pooled=False).connect() as connection:
        size, comment = connection.execute(
            sa.text("""select pg_database_size(oid), shobj_description(oid, 'pg_database') from pg_database
                where datname = current_database()""")
        ).one()
    return {"name": database.name, "place": database.place, "bytes": size, "comment": comment}


def _manifest(writer: Writer, made: Made, told: Mapping[str, Any]) -> Manifest:
    return Manifest.model_validate(
        {
            **told,
            "recipients": writer.keys.recipients,
            "files": writer.files,
            "links": writer.links,
            "damaged_raw": tuple(made.damaged),
            "absent_raw": tuple(made.absent),
            "is_complete": not made.absent,
        }
    )


def _dump(writer: Writer, database: Database, lock: int, *more: str) -> int:
    # Compression 1 takes half the time of the default, for which runs would wait, and a quarter more room.
    arguments = ("--format=custom", "--compress=1", "--no-unlogged-table-data", *more)

    def produce(pipe: IO[bytes]) -> None:
        try:
            postgres_tools.run("pg_dump", arguments, database.url, stdout=pipe, inherited=[lock])
        except postgres_tools.ToolFailed as failed:
            raise DumpFailed(database=database.name, why=failed) from None

    return writer.put_from(database.file, produce).stored_size


def _on_mariadb(writer: Writer, settings: Settings, made: Made, lock: int, say: Say) -> None:
    """The demo's sources that lie on its MariaDB, as files of the home: the server of a restored one takes them when it is started."""
    if not settings.is_demo or not MariaDbServer(settings.home).is_made:
        return
    found = existing(settings.home)
    for database in found.databases():
        owner = f"{database.removeprefix('source_')}_owner"

        def produce(pipe: IO[bytes], database: str = database, owner: str = owner) -> None:
            found.dump(database, owner, pipe, inherited=[lock])

        made.bytes += writer.put_from(found.dump_name(database), produce).stored_size
        made.other_files += 1
        say(f"Đã ghi {database} của máy chủ MariaDB")


def _files(writer: Writer, home: Path, made: Made, say: Say) -> None:
    """Everything that is kept of the home but the raw store."""
    for kept in names.KEPT:
        top = home / kept
        if kept in ("raw", names.CONFIG) or not top.exists():
            continue
        for path in sorted([top, *top.rglob("*")]):
            name = str(path.relative_to(home))
            if path.is_symlink() and names.is_link_of_ours(name, os.readlink(path)):
                writer.links[name] = os.readlink(path)  # told by the manifest: not every disk holds links
            elif path.is_symlink() or not names.is_plain(name):
                say(f"Không sao lưu {name!a}: không phải tệp hay liên kết mà ansinh tạo ra")
            elif path.is_file() and not _is_passing(path):
                with path.open("rb") as source, _still(path, source) as still:
                    made.bytes += writer.put(name, still).stored_size
                made.other_files += 1
    known = {Path(name).parts[0] for name in (*names.KEPT, *names.LEFT_OUT)}
    for name in sorted(p.name for p in home.glob("*") if p.name not in known):
        say(f"Không sao lưu {name}: không thuộc trạng thái mà ansinh giữ trong ANSINH_HOME")


def _config(writer: Writer, settings: Settings, made: Made, say: Say) -> None:
    """The place's own tables: without them the same state would be judged, published and filed otherwise. A fault there stops no backup."""
    try:
        where = settings.config_dir
    except Failure as error:
        say(str(error))
        return
    for name, path in local.files(where) if where else ():
        if not isinstance(path, Path) or not names.is_plain(kept := f"{names.CONFIG}/{name}"):
            say(f"Không sao lưu {name} của ANSINH_CONFIG: {'tên lạ' if isinstance(path, Path) else path.why}")
            continue
        if path.is_file():
            with path.open("rb") as source:
                made.bytes += writer.put(kept, source).stored_size
            made.other_files += 1


def _is_passing(path: Path) -> bool:
    """What a killed writer left, and the companions of a database file, which its copy does not need."""
    making = any(part.startswith(".making-") for part in path.parts)
    return making or path.name.endswith((".part", UNFINISHED, "-wal", "-shm", "-journal"))


@contextmanager
def _still(path: Path, source: IO[bytes]) -> Iterator[IO[bytes]]:
    """The file as it is at one instant: byte by byte, while somebody writes, a database file would be torn.

    The copy of one is in the memory alone: what ansinh keeps so, the demo gateway's store, is small.
    """
    is_database = source.read(16) == b"SQLite format 3\0"
    source.seek(0)
    if not is_database:
        yield source
        return
    live = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    with closing(live), closing(sqlite3.connect(":memory:")) as copy:
        live.backup(copy)
        yield io.BytesIO(copy.serialize())


def _raw(writer: Writer, root: Path, pulls: Mapping[str, str], made: Made, earlier: Backup | None) -> None:
    """The raw store, each file proved against the hash that the warehouse recorded for it."""
    standing = {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file() and p.suffix[1:] in names.RAW}
    for path in sorted({*standing, *pulls}):
        name, sha = f"raw/{path}", _hash_or_none(root / path)
        # A file that no pull refers to (rows counted in a locked period) is proved by its own name.
        good = sha is not None and (sha == pulls[path] if path in pulls else sha.startswith(Path(path).stem))
        if not good:
            made.damaged.append(path)
        wanted = pulls.get(path) or sha
        shared = None if earlier is None or not _holds(earlier, name, wanted) else writer.share(name, earlier)
        if shared is not None:
            made.shared_files += shared
        elif good:
            with (root / path).open("rb") as source:
                kept = writer.put(name, source)
            if kept.sha256 != wanted:  # exchanged since it was proved
                writer.remove(name)
                made.damaged.append(path)
                made.absent.append(path)
                continue
            made.bytes += kept.stored_size
        else:
            made.absent.append(path)
            continue
        made.raw_files += 1


def _holds(earlier: Backup, name: str, sha: str | None) -> bool:
    member = earlier.manifest.files.get(name)
    return member is not None and member.sha256 == sha


def _hash_or_none(path: Path) -> str | None:
    """The hash of a file; None where it is not there or cannot be read."""
    try:
        return sha256_of(path)
    except OSError:
        return None
