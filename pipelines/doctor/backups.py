"""Backups: the road that one would take, and how the last ones went."""

import datetime as dt

from pipelines.doctor.checking import Told
from pipelines.doctor.failures import BackupFolderClosed, BackupOverdue, BackupUnconfigured, RehearsalBad
from pipelines.doctor.machine import granting, lacking
from resources import accounts, environment
from resources.backup import keys, rehearsal, retention
from resources.backup.road import tried
from resources.clock import is_within, moment
from resources.failures import NeverFilled
from resources.hub import Hub
from resources.warehouse.running import backups

OVERDUE = dt.timedelta(days=3)  # a weekend


def road(hub: Hub) -> Told:
    """Check the tools and addresses of a backup, without making one."""
    found = tried(hub.settings)
    if not found:
        return Told("chưa có cơ sở dữ liệu nào để sao lưu")
    by_tools = {t.tools.version: [u.database for u in found if u.tools == t.tools] for t in found}
    text = "; ".join(f"pg_dump {version} đọc được {', '.join(names)}" for version, names in by_tools.items())
    warnings = {str(w): w for t in found if (w := t.amiss)}
    return Told(text, tuple(warnings.values()))


def health(hub: Hub) -> str:
    """How the last backup and the last rehearsal went; raises what has to be mended."""
    is_production = not hub.settings.is_demo
    retention.keep()  # by a rule that cannot be read no backup is made
    try:
        with hub.warehouse.engine.connect() as connection:
            last, good = backups.last(connection, "backup"), backups.last(connection, "backup", good=True)
            tried, tried_well = backups.last(connection, "rehearsal"), backups.last(connection, "rehearsal", good=True)
    except NeverFilled:
        last = good = tried = tried_well = None
    folder = hub.settings.backups_dir
    if is_production:
        if last is None and not (environment.read(keys.RECIPIENT) or environment.told(keys.SIGNING) or folder):
            raise BackupUnconfigured
        keys.for_making(hub.settings)
    if folder and (lacks := lacking(folder)):
        raise BackupFolderClosed(folder=folder, account=accounts.ours(), lacks=lacks, line=granting(folder))
    if is_production:
        if folder and keys.has_rehearsal_identity(hub.settings):
            rehearsal.refuse_no_place(hub.settings)
        refuse_overdue(good, last, hub.clock.now())
    if tried is not None and tried.fault is not None:
        raise RehearsalBad(at=_when(tried), why=tried.fault.rstrip("."), last=_when(tried_well))
    told = [f"bản tốt gần nhất {_when(good)}", f"diễn tập khôi phục tốt gần nhất {_when(tried_well)}"]
    if folder is None:
        told.append("BACKUP_DIR chưa đặt nên đêm không tự diễn tập")
    elif not keys.has_rehearsal_identity(hub.settings):
        told.append("BACKUP_REHEARSAL_IDENTITY_FILE chưa đặt nên đêm không tự diễn tập")
    return "; ".join(told)


def refuse_overdue(good: backups.Attempt | None, last: backups.Attempt | None, now: dt.datetime) -> None:
    """Raises BackupOverdue. `good`: the last that went well."""
    if good is None or not is_within(now, good.at, OVERDUE):
        raise BackupOverdue(last=_when(good), why=f"; lần gần nhất: {last.fault}" if last and last.fault else "")


def _when(attempt: backups.Attempt | None) -> str:
    return "chưa có" if attempt is None else moment(attempt.at)
