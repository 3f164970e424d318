"""Bringing a backup back into an empty place: proved before anything is written, and checked once all of it stands.

While it works a marker stands in the home: what was cut short is never taken for a state.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from resources.backup import keys, names
from resources.backup.choosing import chosen, refuse_other_identity
from resources.backup.databases import EMBEDDED, EXTERNAL, is_elsewhere, url_elsewhere
from resources.backup.encryption import Counted, Identity, NotOpened
from resources.backup.failures import OtherPlace, RestoredDiffers, RestoreNotWritable, TargetNotEmpty
from resources.backup.filling import Counts, Target, compared, fill, refuse_no_room, refuse_the_mighty
from resources.backup.manifest import Backup, Say
from resources.backup.unfinished import RESTORING, refuse_half_restored
from resources.durable import sync, write_whole
from resources.failing import why_not
from resources.servers import connecting
from resources.settings import Settings
from resources.warehouse import contents
from resources.warehouse.engine import Warehouse
from resources.warehouse.failures import opening_failure


@dataclass(frozen=True)
class Restored:
    """What was brought back, and what was compared with the manifest."""

    backup: Backup
    files: int
    counts: Counts


def restore(settings: Settings, folder: Path, identity: Path | None, say: Say) -> Restored:
    """Bring back the backup in `folder`, or the newest whole one of the backups there, into an empty place."""
    refuse_half_restored(settings.home)
    given = keys.for_restoring(settings, identity)
    backup = chosen(folder.absolute(), given.verifier, say, lambda found: _empty_places(settings, found))
    refuse_other_identity(backup, given.identities)
    target = Target(settings.home, _empty_places(settings, backup))
    refuse_the_mighty(target.urls)
    refuse_no_room(target, backup)
    try:
        write_whole(settings.home / RESTORING, f"{backup.name}\n")
        fill(target, backup, given.identities, say)
        files = _files(settings.home, backup, given.identities)
        counts = compared(target.url("warehouse"), backup)
        _renew(target, backup)
        (settings.home / RESTORING).unlink()
        sync(settings.home)
        return Restored(backup, files, counts)
    except OSError as error:
        raise RestoreNotWritable(home=settings.home, why=why_not(error)) from None
    except sa.exc.OperationalError as error:
        raise opening_failure(error) from None


def _empty_places(settings: Settings, backup: Backup) -> dict[str, str]:
    """Database -> its URL, for those outside the embedded server. Refuses what is not empty, touches nothing."""
    urls: dict[str, str] = {}
    for database in backup.manifest.databases:
        name, was = database.name, database.place
        setting = EXTERNAL.get(name)
        elsewhere = setting is not None and is_elsewhere(settings, setting)
        now = setting if elsewhere else EMBEDDED if settings.is_demo else "nơi chưa cấu hình"
        if now != was:
            raise OtherPlace(database=name, was=_place(was), now=_place(str(now)))
        if elsewhere:
            urls[name] = url_elsewhere(settings, name)
    standing = sorted(p.name for p in settings.home.iterdir()) if settings.home.exists() else []
    if len(urls) == len(backup.manifest.databases):
        # Logs and pid files of a server that is being set up may be there already; nothing of the state may.
        kept = {Path(name).parts[0] for name in names.KEPT}
        standing = [
            n for n in standing if n in kept and any(p.is_file() for p in [settings.home / n, *(settings.home / n).rglob("*")])
        ]
    if standing:
        raise TargetNotEmpty(place=settings.home, what=", ".join(standing[:5]))
    for name, url in urls.items():
        schemas = _schemas_with_tables(url, EXTERNAL[name])
        if schemas:
            raise TargetNotEmpty(place=EXTERNAL[name], what=f"lược đồ {', '.join(schemas[:5])}")
    return urls


def _place(place: str) -> str:
    return "máy chủ nhúng" if place == EMBEDDED else place


def _schemas_with_tables(url: str, setting: str) -> Sequence[str]:
    engine = connecting.engine(url, is_pooled=False)
    try:
        with engine.connect() as connection:
            found = connection.execute(
                sa.text("""select nspname from pg_namespace n where nspname not in ('pg_catalog', 'information_schema')
                    and nspname !~ '^pg_' and (nspname in ('core', 'ops')
                        or exists (select from pg_class c where c.relnamespace = n.oid and c.relkind in ('r', 'p', 'v', 'm')))
                    order by 1""")
            )
            return found.scalars().all()
    except sa.exc.OperationalError as error:
        raise opening_failure(error, url, setting) from None


def _files(home: Path, backup: Backup, identities: Sequence[Identity]) -> int:
    """The files of the home, then its links: nothing is written through one."""
    folders, written = {home}, 0
    for name, member in backup.manifest.files.items():
        if name.startswith(f"{names.DATABASES}/"):
            continue
        path = home / name
        folders.update(_folders(home, path.parent))
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            try:
                backup.decrypt(name, Counted(target, member.size), identities)
            except NotOpened:
                raise RestoredDiffers(name=backup.name, count=1, first=name) from None
        path.chmod(names.mode_of(name))
        sync(path)
        written += 1
    for name, target in backup.manifest.links.items():
        path = home / name
        folders.update(_folders(home, path.parent))
        path.symlink_to(target)
    for folder in folders:
        sync(folder)
    return written


def _folders(home: Path, folder: Path) -> list[Path]:
    """Make a folder and those above it."""
    found = [p for p in (folder, *folder.parents) if p.is_relative_to(home)]
    for path in reversed(found):
        if not path.exists():
            mode = names.folder_mode(str(path.relative_to(home)))
            path.mkdir(mode=mode)
            path.chmod(mode)
    return found


def _renew(target: Target, backup: Backup) -> None:
    """What a dump does not bring: statistics, without which the planner joins row by row; and readings of the sources.

    The warehouse is brought up in any case, so that its views and its function are those of this version and no others.
    """
    with connecting.engine(target.url("warehouse"), is_pooled=False).begin() as connection:
        contents.bring_up_again(connection)
    Warehouse(target.url("warehouse")).open()
    inside = target.inside(backup)
    for database in backup.manifest.databases:
        engine = connecting.engine(target.url(database.name), is_pooled=False)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("analyze")
            if inside and contents.is_there(connection):
                # The sources came back as well, on a server that numbers its transactions anew: a digest kept from the old
                # one could by chance be met again over other rows.
                contents.distrust_readings(connection)
