"""Filling databases from the dumps of a backup, without a superuser, and counting what then stands.

A dump lies decrypted in a file without a name, for as long as it is read: a kill leaves nothing of it.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg2
import sqlalchemy as sa

from resources.backup import postgres_tools, roles
from resources.backup.databases import EXTERNAL
from resources.backup.encryption import Counted, Identity, NotOpened
from resources.backup.failures import BackupDamaged, NotEnoughRoom, RestoredDiffers, RestoreFailed, RestorerTooMighty
from resources.backup.manifest import Backup, DatabaseTold, Say
from resources.embedded import server
from resources.servers import connecting
from resources.warehouse import contents
from resources.warehouse.failures import opening_failure


@dataclass(frozen=True)
class Target:
    """The place where the databases go: these URLs, and for a database without one the embedded server of the home."""

    home: Path
    urls: Mapping[str, str]

    def url(self, database: str) -> str:
        return self.urls.get(database) or server(self.home).url(database)

    def inside(self, backup: Backup) -> list[DatabaseTold]:
        return [d for d in backup.manifest.databases if d.name not in self.urls]


@dataclass(frozen=True)
class Counts:
    """What was compared with the manifest."""

    tables: int
    current: int
    versions: int
    arrivals: int
    known: int
    raw_files: int


def refuse_the_mighty(urls: Mapping[str, str], setting: str | None = None) -> None:
    """A dump is code: whoever restores it may be no superuser, nor run programs on the server."""
    for name, url in urls.items():
        try:
            with connecting.engine(url, is_pooled=False).connect() as connection:
                mighty = connection.execute(
                    sa.text("""select rolsuper or pg_has_role(current_user, 'pg_execute_server_program', 'member')
                        from pg_roles where rolname = current_user""")
                ).scalar_one()
        except sa.exc.OperationalError as error:
            raise opening_failure(error, url, setting or EXTERNAL[name]) from None
        if mighty:
            raise RestorerTooMighty(database=name, setting=setting or EXTERNAL[name])


def refuse_no_room(target: Target, backup: Backup, *, with_files: bool = True) -> None:
    """Refuse where there is no room for the files, the databases as large as they were, and the largest dump beside them.

    The sizes are those that were signed.
    """
    dumps = {d.file for d in backup.manifest.databases}
    needed = max(backup.manifest.files[name].size for name in dumps) + sum(d.bytes for d in target.inside(backup))
    if with_files:
        needed += sum(member.size for name, member in backup.manifest.files.items() if name not in dumps)
    free = shutil.disk_usage(next(p for p in (target.home, *target.home.parents) if p.exists())).free
    if free < needed:
        raise NotEnoughRoom(name=backup.name, home=target.home, free=free / 1024**3, needed=needed / 1024**3)


def fill(target: Target, backup: Backup, identities: Sequence[Identity], say: Say, *, with_grants: bool = True) -> None:
    """Restore every database of the backup into places that are empty."""
    inside = target.inside(backup)
    for database in backup.manifest.databases:
        if database not in inside:
            say(f"Khôi phục cơ sở dữ liệu {database.name}")
            _outside(target, backup, database, identities, say if with_grants else None)
    if inside:
        _inside(target, backup, inside, identities, say)


def _inside(target: Target, backup: Backup, inside: Sequence[DatabaseTold], identities: Sequence[Identity], say: Say) -> None:
    embedded = server(target.home)
    may_log_in = {role.name: role.can_login for role in backup.manifest.roles}
    for name in roles.not_ours(may_log_in):
        say(f"Không tạo lại vai trò {name!a}: không thuộc hệ thống")
    current = "roles"
    try:
        with roles.made(embedded, may_log_in):
            for database in inside:
                current = database.name
                say(f"Khôi phục cơ sở dữ liệu {database.name}")
                filler = roles.begin(embedded, database.name, database.comment)
                with _dump(target, backup, database, identities) as (dump, handle):
                    arguments = ("--no-owner", "--no-privileges", "--exit-on-error", "--jobs=2", dump)
                    _tool(database.name, arguments, embedded.url(database.name, filler), handle)
                roles.finish(embedded, database.name)
        if any(d.name == "shared" for d in inside) and roles.READER in may_log_in:
            roles.close(embedded)
    except psycopg2.Error as error:
        raise RestoreFailed(database=current, why=f"máy chủ nhúng từ chối (SQLSTATE {error.pgcode})") from None


def _outside(target: Target, backup: Backup, database: DatabaseTold, identities: Sequence[Identity], say: Say | None) -> None:
    """The roles of another server need not be those of the old one: who may log in owns all.

    Other roles' rights follow where the role is there, unless nobody is to be told of those that are not.
    """
    url = target.urls[database.name]
    with _dump(target, backup, database, identities) as (dump, handle):
        _tool(database.name, ("--no-owner", "--no-privileges", "--single-transaction", dump), url, handle)
        if say is not None:
            _grants(database.name, dump, url, handle, say)


@contextmanager
def _dump(target: Target, backup: Backup, database: DatabaseTold, identities: Sequence[Identity]) -> Iterator[tuple[str, int]]:
    """A dump, decrypted and proved before anything reads it: the path by which a command reads it, and the handle behind it."""
    with tempfile.TemporaryFile(dir=target.home) as plain:
        try:
            backup.decrypt(database.file, Counted(plain, backup.manifest.files[database.file].size), identities)
        except NotOpened:  # it was exchanged since it was proved
            raise BackupDamaged(name=backup.name, count=1, first=database.file) from None
        plain.flush()
        yield f"/dev/fd/{plain.fileno()}", plain.fileno()


def _tool(
    database: str, arguments: Sequence[str], url: str | None, handle: int, stdout: IO[bytes] | int = subprocess.DEVNULL
) -> None:
    try:
        postgres_tools.run("pg_restore", arguments, url, stdout=stdout, inherited=[handle])
    except postgres_tools.ToolFailed as failed:
        raise RestoreFailed(database=database, why=failed) from None


def _grants(database: str, dump: str, url: str, handle: int, say: Say) -> None:
    """Give the rights again that the dump knows; those of a role that this server has not are told and left out."""
    with tempfile.TemporaryFile() as listed, tempfile.NamedTemporaryFile("w", encoding="utf-8") as wanted:
        _tool(database, ("--list", dump), None, handle, listed)
        listed.seek(0)
        wanted.writelines(line for line in listed.read().decode().splitlines(keepends=True) if " ACL " in line)
        wanted.flush()
        arguments = ("--no-owner", f"--use-list={wanted.name}", dump)
        try:
            postgres_tools.run("pg_restore", arguments, url, inherited=[handle])
        except postgres_tools.ToolFailed:
            say(f"Cơ sở dữ liệu {database}: có quyền chưa cấp lại được vì máy chủ này thiếu vai trò; cấp lại bằng tay")


def compared(warehouse: str, backup: Backup) -> Counts:
    """Count and hash the restored state as the backup was counted and hashed."""
    manifest, absent = backup.manifest, set(backup.manifest.absent_raw)
    expected = manifest.measured.model_dump()
    with connecting.engine(warehouse, is_pooled=False).connect() as connection:
        found = contents.measure(connection, manifest.measured.instant.isoformat())
        pulls = contents.raw_hashes(connection)
    wrong = _differences(expected, found | {"instant": manifest.measured.instant})
    proved = {f"raw/{path}": sha for path, sha in pulls.items() if path not in absent}
    wrong += [n for n, sha in sorted(proved.items()) if n not in manifest.files or manifest.files[n].sha256 != sha]
    if wrong:
        raise RestoredDiffers(name=backup.name, count=len(wrong), first=wrong[0])
    history = manifest.measured.history.values()
    return Counts(
        tables=len(history),
        current=sum(t.current for t in history),
        versions=sum(t.versions for t in history),
        arrivals=found["records"]["ops.arrivals"],
        known=sum(t.known for t in history),
        raw_files=len(proved),
    )


def _differences(expected: Any, found: Any, place: str = "") -> list[str]:
    if not isinstance(expected, dict) or not isinstance(found, dict):
        return [] if expected == found else [f"{place}: {found}, lúc sao lưu {expected}"]
    return [
        d for k in sorted({*expected, *found}) for d in _differences(expected.get(k), found.get(k), f"{place}.{k}".strip("."))
    ]
