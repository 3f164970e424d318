"""Backups as the commands, the night and the doctor meet them: each attempt is kept in the warehouse, and a rehearsal is due weekly."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from resources.backup import keys
from resources.backup.failures import BackupsUnnamed, IntoHome, NothingToBackUp
from resources.backup.make import Made, make
from resources.backup.manifest import Say
from resources.backup.rehearsal import Rehearsed, rehearse
from resources.clock import Clock, is_within
from resources.failing import Failure
from resources.failures import Unconfigured
from resources.hub import Hub
from resources.servers import connecting
from resources.settings import Settings
from resources.warehouse.engine import typed
from resources.warehouse.running import backups

WEEKLY = dt.timedelta(days=6, hours=12)  # the night begins a little earlier or later each week


def folder_of(settings: Settings, named: Path | None) -> Path:
    """The folder that was named, or the one that is configured."""
    folder = named or settings.backups_dir
    if folder is None:
        raise BackupsUnnamed
    return folder


def back_up(settings: Settings, into: Path, say: Say) -> Made:
    with _kept(settings, "backup", into) as told:
        made = make(settings, into, say)
        told["name"] = made.path.name
        if made.absent:
            told["fault"] = f"thiếu {len(made.absent)} tệp gốc"
        return made


def rehearsed(settings: Settings, folder: Path, identity: Path | None, say: Say) -> Rehearsed:
    with _kept(settings, "rehearsal", folder) as told:
        done = rehearse(settings, folder, identity, say)
        told["name"] = done.backup.name if done.counts else ""
        return done


def rehearse_if_due(hub: Hub, say: Say) -> Failure | None:
    """What the night does once a week, wherever it runs. What goes wrong is returned: it stops nothing of the night."""
    try:
        folder = hub.settings.backups_dir
        if folder is None or not keys.has_rehearsal_identity(hub.settings):
            return None
        with hub.warehouse.engine.connect() as connection:
            last, made = backups.last(connection, "rehearsal", good=True), backups.last(connection, "backup", good=True)
        if made is None or (last is not None and is_within(hub.now(), last.at, WEEKLY)):
            return None  # before the first backup there is nothing to rehearse: the doctor tells that there is none
        rehearsed(hub.settings, folder, None, say)
    except Exception as error:
        return typed("Diễn tập khôi phục", error)
    return None


@contextmanager
def _kept(settings: Settings, kind: backups.Kind, folder: Path) -> Iterator[dict[str, str | None]]:
    """Keep how an attempt went. One that is only asked for wrongly is none; one that proved nothing has no name."""
    told: dict[str, str | None] = {"name": folder.name, "fault": None}
    try:
        yield told
    except Exception as error:
        failure = typed("ansinh backup", error)
        if not isinstance(failure, Unconfigured | NothingToBackUp | IntoHome):
            _record(settings, kind, told | {"fault": str(failure)})
        raise
    if told["name"]:
        _record(settings, kind, told)


def _record(settings: Settings, kind: backups.Kind, told: dict[str, str | None]) -> None:
    """The warehouse may be what is amiss, or there may be none here: how the attempt went is told all the same."""
    with suppress(Failure, sa.exc.SQLAlchemyError):
        settings.refuse_no_state()
        attempt = backups.Attempt(told["name"] or "", Clock(settings).now(), told["fault"])
        with connecting.engine(settings.warehouse_url(), is_pooled=False).begin() as connection:
            backups.record(connection, kind, attempt)
