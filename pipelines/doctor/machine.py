"""This machine: its clock, its disk, and what its other accounts may read."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from pipelines.doctor.checking import Told
from pipelines.doctor.failures import (
    ClearLinesAllowed,
    DiskLow,
    ExportFolderClosed,
    HomeClosed,
    SecretOpenToOthers,
    SettingsUnknown,
)
from pipelines.door.addresses import Addresses
from resources import accounts, state_folder
from resources.backup.unfinished import refuse_half_restored
from resources.clock import DRIFTS, moment
from resources.environment import open_to_others
from resources.failing import Failure
from resources.failures import ClockDrifts, NeverFilled
from resources.hub import Hub
from resources.servers import clear_lines
from resources.setting_names import misspelt
from resources.warehouse import instants
from resources.warehouse.engine import Warehouse
from schemas.written import decimal

GB = 1024**3
LEAST_FREE_BYTES = 2 * GB


def home(hub: Hub) -> str:
    """The state folder; one that the first night makes is held against the folder above it."""
    hub.settings.refuse_no_state()
    folder = hub.settings.home
    refuse_half_restored(folder)
    if lacks := lacking(folder):
        raise HomeClosed(home=folder, account=accounts.ours(), lacks=lacks, line=granting(folder))
    return str(folder) if folder.is_dir() else f"{folder} chưa có; lượt đêm đầu tiên lập"


def lacking(folder: Path) -> str | None:
    """What this account may not do with a folder, or with the one above that would take it; None: nothing."""
    standing = _standing(folder)
    if not os.access(standing, os.R_OK | os.W_OK | os.X_OK):
        return "đọc và ghi được" if standing == folder else f"lập được thư mục ở {standing}"
    return None


def granting(folder: Path) -> str:
    """The line by which root makes a folder, or gives it to this account."""
    return f"install -d -m 700 -o {accounts.ours()} {folder}"


def clock(hub: Hub) -> str:
    try:
        now, recorded = hub.now(), hub.recorded()
    except NeverFilled:  # the server that will hold the warehouse is a witness all the same
        with Warehouse(hub.settings.warehouse_url(), only_reads=True).engine.connect() as connection:
            now, recorded = hub.clock.now(), instants.none_recorded(connection)
        hub.clock.refuse_other_than_server(recorded.server)
    hub.refuse_leap(recorded.last)
    differs = abs(hub.clock.now() - recorded.server)
    if not hub.settings.is_demo and differs > DRIFTS:
        raise ClockDrifts(minutes=round(differs.total_seconds() / 60))
    return f"{moment(now)} (giờ Việt Nam)"


def disk(hub: Hub) -> str:
    """The disk of the state and that of the backups, and what takes room in the state."""
    home, backups, told = hub.settings.home, hub.settings.backups_dir, []
    for name, folder in (("ANSINH_HOME", home), ("BACKUP_DIR", backups)):
        if folder is None:
            continue
        free = shutil.disk_usage(_standing(folder)).free
        if free < LEAST_FREE_BYTES:
            raise DiskLow(place=f"{name} ({folder})", free=free / GB, least=LEAST_FREE_BYTES / GB)
        told.append(f"{name} còn {decimal(free / GB)} GB")
    if backups and _standing(backups).stat().st_dev == _standing(home).stat().st_dev:
        told.append("bản sao lưu nằm cùng đĩa với trạng thái, hỏng đĩa là mất cả hai: chép ra máy khác")
    taken = {name: size for name in ("raw", "open", "logs") if (size := _size(home / name)) > GB / 20}
    return "; ".join([*told, *([", ".join(f"{name} {decimal(size / GB)} GB" for name, size in taken.items())] if taken else [])])


def _standing(folder: Path) -> Path:
    """The folder, or the one above it that would take it."""
    return next(p for p in (folder, *folder.parents) if p.exists())


def _size(folder: Path) -> int:
    """What its files take; one that goes meanwhile takes nothing."""
    total = 0
    for top, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(top, name)).st_size
    return total


def own_things(hub: Hub) -> Told:
    """What other accounts of the machine may read, and the settings that nothing else here asks for."""
    settings = hub.settings
    # Each is refused by its name where it has no meaning.
    _ = settings.filing, settings.retry_seconds, settings.run_dir, settings.code_server, Addresses.of(port=0).listening
    state_folder.refuse_open(settings.home)
    warnings: list[Failure] = [SecretOpenToOthers(names=", ".join(shown))] if (shown := open_to_others()) else []
    if strange := misspelt():
        warnings.append(
            SettingsUnknown(names=", ".join(f"{name} (có phải {meant}?)" if meant else name for name, meant in strange.items()))
        )
    if (folder := settings.exports_dir) and (lacks := lacking(folder)):
        warnings.append(ExportFolderClosed(folder=folder, account=accounts.ours(), lacks=lacks, line=granting(folder)))
    if clear := sorted(clear_lines.allowed()):
        warnings.append(ClearLinesAllowed(names=", ".join(clear)))
    return Told("chỉ thư mục open cho tài khoản khác đọc", tuple(warnings))
