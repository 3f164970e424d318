"""Which backup is taken: the one that was asked for, or the newest whose signature holds and whose files are what was signed."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from resources.backup import names
from resources.backup.encryption import Counted, Identity, NotOpened
from resources.backup.failures import BackupAhead, BackupCutShort, BackupDamaged, BackupNewer, NoBackup, OtherIdentity
from resources.backup.manifest import MANIFEST, NAMED, PARTIAL, Backup, Say, backup_at, backups
from resources.clock import AGREES, moment
from resources.failing import Failure
from resources.warehouse import migrations


def chosen(folder: Path, verifier: Ed25519PublicKey, say: Say, fits: Callable[[Backup], object] = lambda _: None) -> Backup:
    """The backup to take, every stored file of it proved. What is cut short, forged or damaged is named and passed over.

    `fits` refuses what cannot be taken here, before the long proof. Nothing is decrypted or touched.
    """
    candidates = _candidates(folder, verifier, say)
    for backup in candidates:
        if backup.manifest.schema_version > migrations.VERSION:
            version = backup.manifest.schema_version
            raise BackupNewer(name=backup.name, found_version=version, known_version=migrations.VERSION)
        fits(backup)
        say(f"Kiểm tra {backup.name}, tạo lúc {moment(backup.manifest.made_at)}: {len(backup.manifest.files)} tệp")
        wrong = backup.wrong()
        if not wrong:
            return backup
        if backup is candidates[-1]:
            raise BackupDamaged(name=backup.name, count=len(wrong), first=wrong[0])
        say(f"Bỏ qua {backup.name}: {len(wrong)} tệp thiếu hoặc không khớp mã băm, tệp đầu: {wrong[0]}")
    raise NoBackup(folder=folder, besides="")


def newest(folder: Path, verifier: Ed25519PublicKey, say: Say) -> Backup:
    """The newest backup, every stored file of it proved; one that is damaged is a failure and passed over by nobody."""
    found = next(iter(_candidates(folder, verifier, say)), None)
    if found is None:
        raise NoBackup(folder=folder, besides="")
    say(f"Kiểm tra {found.name}: chữ ký đúng, {len(found.manifest.files)} tệp")
    wrong = found.wrong()
    if wrong:
        raise BackupDamaged(name=found.name, count=len(wrong), first=wrong[0])
    return found


def _candidates(folder: Path, verifier: Ed25519PublicKey, say: Say) -> list[Backup]:
    if folder.name.startswith((PARTIAL, NAMED)) or (folder / MANIFEST).exists():
        if not folder.is_dir():
            return []
        if folder.name.startswith(PARTIAL):
            raise BackupCutShort(name=folder.name)
        return [backup_at(folder, verifier)]
    skipped: list[Failure] = []
    candidates = backups(folder, verifier, skipped.append)
    partial = sorted(p.name for p in folder.glob(f"{PARTIAL}*") if p.is_dir() and names.is_plain(p.name))
    for name in partial:
        say(f"Bỏ qua {name}: bị cắt ngang hoặc đang ghi, không có manifest.json trọn vẹn")
    for failure in skipped:
        say(f"Bỏ qua. {failure}")
    if len(candidates) > 1 and (claimed := candidates[0].manifest.made_at) > dt.datetime.now(dt.UTC) + AGREES:
        raise BackupAhead(name=candidates[0].name, claimed=moment(claimed), folder=folder)
    if not candidates and skipped:
        raise skipped[-1]  # of the last name, which is the newest
    if not candidates and partial:
        raise NoBackup(folder=folder, besides=f"; bị cắt ngang hoặc đang ghi: {', '.join(partial)}")
    return candidates


def refuse_other_identity(backup: Backup, identities: tuple[Identity, ...]) -> None:
    """Open the smallest file, to nowhere: before anything is written it is known that the key fits."""
    smallest = min(backup.manifest.files, key=lambda name: backup.manifest.files[name].size)
    try:
        backup.decrypt(smallest, Counted(None), identities)
    except NotOpened:
        raise OtherIdentity(name=backup.name, recipients=", ".join(backup.manifest.recipients)) from None
