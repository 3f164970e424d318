"""Rehearsing a restore: the newest backup is brought back into a throw-away place, compared, and the place removed.

Nothing of the live state is written. The demo's place is a server of its own in a temporary folder; production's are scratch
databases on the warehouse's server, or on the one that BACKUP_REHEARSAL_URL names. Files are decrypted and proved, to nowhere.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from resources.backup import keys, names
from resources.backup.choosing import newest, refuse_other_identity
from resources.backup.encryption import Counted, Identity, NotOpened
from resources.backup.failures import RehearsalNoPlace, RehearsalStopped, RestoredDiffers
from resources.backup.filling import Counts, Target, compared, fill, refuse_no_room, refuse_the_mighty
from resources.backup.manifest import Backup, Say
from resources.durable import write_whole
from resources.embedded import EmbeddedServer
from resources.environment import read
from resources.failing import why_not
from resources.locks import only_one
from resources.servers import addresses, connecting
from resources.settings import Settings
from resources.warehouse.failures import opening_failure

PLACE = "BACKUP_REHEARSAL_URL"
SCRATCH = "ansinh_rehearsal_"
IN_USE = "55006"  # SQLSTATE: somebody is still connected to it


@dataclass(frozen=True)
class Rehearsed:
    """`counts` is None where no identity is configured: then signature and hashes alone were checked."""

    backup: Backup
    counts: Counts | None


def rehearse(settings: Settings, folder: Path, identity: Path | None, say: Say) -> Rehearsed:
    given = keys.for_rehearsing(settings, identity)
    backup = newest(folder.absolute(), given.verifier, say)
    if not given.identities:
        return Rehearsed(backup, None)
    refuse_other_identity(backup, given.identities)
    try:
        with _throw_away(settings, backup, say) as target:
            refuse_no_room(target, backup, with_files=False)
            fill(target, backup, given.identities, say, with_grants=False)
            _prove_files(backup, given.identities)
            return Rehearsed(backup, compared(target.url("warehouse"), backup))
    except OSError as error:
        raise RehearsalStopped(why=why_not(error)) from None
    except sa.exc.OperationalError as error:
        raise opening_failure(error) from None


def _prove_files(backup: Backup, identities: Sequence[Identity]) -> None:
    for name in backup.manifest.files:
        if not name.startswith(f"{names.DATABASES}/"):
            try:
                backup.decrypt(name, Counted(None), identities)
            except NotOpened:
                raise RestoredDiffers(name=backup.name, count=1, first=name) from None


@contextmanager
def _throw_away(settings: Settings, backup: Backup, say: Say) -> Iterator[Target]:
    if settings.is_demo:
        # Where there is no state, as on a machine that only looks at backups, none is begun.
        with _throw_away_server(settings.run_dir / "rehearsal" if settings.home.is_dir() else None) as home:
            yield Target(home, {})
    else:
        with _scratch_databases(settings, [d.name for d in backup.manifest.databases], say) as urls:
            yield Target(settings.home if settings.home.is_dir() else Path(tempfile.gettempdir()), urls)


@contextmanager
def _throw_away_server(note: Path | None) -> Iterator[Path]:
    """An empty home. The note says where it is, so that the next rehearsal removes what a killed one left running."""
    if note is not None and note.exists():
        _remove(Path(note.read_text(encoding="utf-8").strip()))
    home = Path(tempfile.mkdtemp(prefix=SCRATCH))
    try:
        if note is not None:
            write_whole(note, f"{home}\n", mode=0o600)
        yield home
    finally:
        _remove(home)
        if note is not None:
            note.unlink(missing_ok=True)


def _remove(home: Path) -> None:
    if home.name.startswith(SCRATCH) and home.is_dir():
        EmbeddedServer(home).stop()
        shutil.rmtree(home, ignore_errors=True)


def refuse_no_place(settings: Settings) -> None:
    """Raises what would keep a rehearsal from making its databases on the server of a production, without making any."""
    setting, place = _place(settings)
    try:
        with connecting.engine(place.url, is_pooled=False).connect() as connection:
            may = connection.scalar(sa.text("select rolcreatedb or rolsuper from pg_roles where rolname = current_user"))
    except sa.exc.OperationalError as error:
        raise opening_failure(error, place.url, setting) from None
    if not may:
        raise RehearsalNoPlace(setting=setting)


def _place(settings: Settings) -> tuple[str, addresses.Address]:
    """The server on which backups are tried, and the setting that names it."""
    own = read(PLACE)
    return (PLACE, addresses.parsed(PLACE, own)) if own else ("WAREHOUSE_URL", addresses.of(settings.warehouse_url()))


@contextmanager
def _scratch_databases(settings: Settings, wanted: Sequence[str], say: Say) -> Iterator[dict[str, str]]:
    """A URL for each, of a database that is empty and goes at the end; so do those that a killed rehearsal left."""
    setting, place = _place(settings)
    urls = {name: replace(place, database=SCRATCH + name).url for name in wanted}
    engine = connecting.engine(place.url, is_pooled=False)
    with only_one(engine, "rehearsal", lambda: say("Chờ một lượt diễn tập khác xong…")):
        _drop(engine)
        try:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for name in urls:
                    connection.exec_driver_sql(f"create database {SCRATCH}{name} encoding 'UTF8' template template0")
        except sa.exc.ProgrammingError:
            _drop(engine)
            raise RehearsalNoPlace(setting=setting) from None
        try:
            refuse_the_mighty(urls, setting)
            yield urls
        finally:
            _drop(engine)


def _drop(engine: sa.Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        found = connection.execute(
            sa.text(
                "select quote_ident(datname) from pg_database where starts_with(datname, :p) and pg_has_role(datdba, 'usage')"
            ),
            {"p": SCRATCH},
        ).scalars()
        for name in found.all():
            try:
                # Without force the server ends what its autovacuum does there; with it, only who may end sessions of any role.
                connection.exec_driver_sql(f"drop database if exists {name}")
            except sa.exc.OperationalError as error:
                if getattr(error.orig, "pgcode", None) != IN_USE:
                    raise
                connection.exec_driver_sql(f"drop database if exists {name} with (force)")  # a rehearsal of ours that was killed
