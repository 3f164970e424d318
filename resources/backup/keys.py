"""The keys of backups: to whom they are encrypted, what signs them, what checks and opens them.

In production all are configured, and what is missing is refused in words. The demo's are made once, in the account's own
configuration folder: beside the state they would go with it, and beside the backups they would open them for who takes those.
"""

import codecs
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from resources.backup import signature
from resources.backup.encryption import Identity, identities, new_identity, recipient
from resources.backup.failures import (
    IdentityUnconfigured,
    KeyOpenToOthers,
    KeyWrong,
    RecipientUnconfigured,
    SigningUnconfigured,
    VerifyUnconfigured,
)
from resources.durable import write_once
from resources.environment import of_others, read, told
from resources.failing import why_not
from resources.settings import Settings

RECIPIENT, SIGNING, VERIFY = "BACKUP_RECIPIENT", "BACKUP_SIGNING_KEY_FILE", "BACKUP_VERIFY_KEY"
IDENTITY, REHEARSAL = "BACKUP_IDENTITY_FILE", "BACKUP_REHEARSAL_IDENTITY_FILE"
LARGEST_KEY = 1 << 16


@dataclass(frozen=True)
class MakingKeys:
    signer: Ed25519PrivateKey
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class RestoringKeys:
    verifier: Ed25519PublicKey
    identities: tuple[Identity, ...]  # none: what is encrypted cannot be opened


def for_making(settings: Settings) -> MakingKeys:
    """Refuses what is missing or wrong. Backups are encrypted to the rehearsal's key as well, where there is one."""
    declared = read(RECIPIENT)
    if declared is not None:
        try:
            recipients = {recipient(text) for text in re.split(r"[\s,;]+", declared) if text}
        except ValueError:
            raise KeyWrong(name=RECIPIENT, what="có mục không phải khóa công khai age1…") from None
    elif settings.is_demo:
        recipients = {str(i.to_public()) for i in _demo_identities()}
    else:
        raise RecipientUnconfigured
    if not settings.is_demo and told(SIGNING) is None:
        raise SigningUnconfigured
    signer = _signer(SIGNING, Path(told(SIGNING) or _demo_signing()))
    rehearsing = _rehearsal_identities(settings)
    return MakingKeys(signer, tuple(sorted(recipients | {str(i.to_public()) for i in rehearsing})))


def for_restoring(settings: Settings, identity: Path | None) -> RestoringKeys:
    """The keys at the place of restore: never any out of the backup."""
    path = identity or (Path(value) if (value := told(IDENTITY)) else None)
    if path is None and settings.is_demo and _demo("identity.txt").exists():
        path = _demo("identity.txt")
    if path is None:
        raise IdentityUnconfigured
    verifier = _verifier(settings, is_of_signer=settings.is_demo)
    return RestoringKeys(verifier, _identities(IDENTITY if identity is None else "--identity", path))


def for_rehearsing(settings: Settings, identity: Path | None = None) -> RestoringKeys:
    """Without an identity where none is configured: then signature and hashes alone can be checked."""
    found = _identities("--identity", identity) if identity else _rehearsal_identities(settings)
    return RestoringKeys(_verifier(settings, is_of_signer=True), found)


def has_rehearsal_identity(settings: Settings) -> bool:
    return settings.is_demo or told(REHEARSAL) is not None


def demo_folder() -> Path:
    """The folder of the demo's keys: with the account, so that they outlive the state and are not among the backups."""
    return Path(told("XDG_CONFIG_HOME") or Path.home() / ".config") / "ansinh" / "demo-backup"


def _verifier(settings: Settings, *, is_of_signer: bool) -> Ed25519PublicKey:
    """`is_of_signer`: where backups are made, what signs them may check them."""
    declared = read(VERIFY)
    if declared is not None:
        try:
            return signature.public_key(declared)
        except ValueError:
            raise KeyWrong(name=VERIFY, what="không phải khóa công khai Ed25519 (PEM, hoặc 32 byte base64)") from None
    if is_of_signer and (path := told(SIGNING)):
        return _signer(SIGNING, Path(path)).public_key()
    if settings.is_demo and _demo("signing.pem").exists():
        return _signer("signing.pem", _demo("signing.pem")).public_key()
    raise VerifyUnconfigured


def _rehearsal_identities(settings: Settings) -> tuple[Identity, ...]:
    path = told(REHEARSAL)
    if path:
        return _identities(REHEARSAL, Path(path), is_kept_here=True)
    return _demo_identities() if settings.is_demo and not read(RECIPIENT) else ()


def _identities(name: str, path: Path, *, is_kept_here: bool = False) -> tuple[Identity, ...]:
    try:
        return identities(_content(name, path, is_kept_here).decode())
    except ValueError:
        raise KeyWrong(name=name, what="tệp không phải khóa giải mã age (dòng AGE-SECRET-KEY-…)") from None


def _signer(name: str, path: Path) -> Ed25519PrivateKey:
    try:
        return signature.private_key(_content(name, path, True))
    except ValueError:
        raise KeyWrong(name=name, what="tệp không phải khóa riêng Ed25519 dạng PEM không mật khẩu") from None


def _content(name: str, path: Path, is_kept_here: bool) -> bytes:
    """What a key's file holds, without what an editor puts before it. One that stays on the machine has to be a file, which ends, and
    its account's alone; one that is brought need not."""
    try:
        if is_kept_here and path.exists() and not path.is_file():
            raise KeyWrong(name=name, what="không phải tệp thường")
        with path.open("rb") as f:
            at = os.fstat(f.fileno())
            if is_kept_here and at.st_mode & of_others(at):
                raise KeyOpenToOthers(name=name)
            return f.read(LARGEST_KEY).removeprefix(codecs.BOM_UTF8)
    except OSError as error:
        raise KeyWrong(name=name, what=f"không đọc được tệp ({why_not(error)})") from None


def _demo(name: str) -> Path:
    return demo_folder() / name


def _demo_signing() -> Path:
    return _made_once("signing.pem", lambda: signature.private_pem(Ed25519PrivateKey.generate()))


def _demo_identities() -> tuple[Identity, ...]:
    def written() -> str:
        made = new_identity()
        return f"# public key: {made.to_public()}\n{made}\n"

    return _identities("identity.txt", _made_once("identity.txt", written), is_kept_here=True)


def _made_once(name: str, written: Callable[[], str]) -> Path:
    path = _demo(name)
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_once(path, written(), mode=0o600)
    except OSError as error:
        raise KeyWrong(name=name, what=f"không ghi được khóa của tỉnh mô phỏng vào {path.parent} ({why_not(error)})") from None
    return path
