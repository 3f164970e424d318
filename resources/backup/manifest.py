"""The manifest of a backup: what it holds, with sizes and hashes. It is hostile until its signature holds, and then strictly typed.

A folder with a manifest whose signature holds is a whole backup: both are written last, then the folder gets its name.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from resources import strict_json
from resources.backup import names, signature
from resources.backup.databases import EMBEDDED, EXTERNAL, dump_of
from resources.backup.encryption import SUFFIX, Counted, Identity, NotOpened, decrypt
from resources.backup.failures import BackupCutShort, BackupForeign, BackupNewer, BackupUnsigned, BackupUnsound
from resources.failing import Failure
from resources.warehouse import migrations

FORMAT = 2
MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
PARTIAL = ".partial-"
NAMED = "ansinh-"
LARGEST_MANIFEST = 256 << 20  # a file takes some 300 bytes of it; a night brings some fifty

Say = Callable[[str], None]
Size = Annotated[int, Field(ge=0, lt=1 << 50)]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Name = Annotated[str, Field(max_length=names.LONGEST)]


class _Told(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Member(_Told):
    """A file: its size and hash in the clear, and those of the encrypted file that is stored."""

    size: Size
    sha256: Hash
    stored_size: Size
    stored_sha256: Hash


class DatabaseTold(_Told):
    name: Annotated[str, Field(pattern=r"^[^\x00-\x1f/\\]{1,63}$")]
    place: Literal["embedded", "WAREHOUSE_URL", "ANSINH_DAGSTER_URL"]
    bytes: Size  # on its server
    comment: Annotated[str, Field(max_length=2000)] | None

    @property
    def file(self) -> str:
        return dump_of(self.name)


class RoleTold(_Told):
    name: Annotated[str, Field(max_length=63)]
    can_login: bool


class TableTold(_Told):
    current: Size
    versions: Size
    known: Size
    known_hash: Annotated[str, Field(pattern=r"^-?[0-9]{1,60}$")]


class Measured(_Told):
    """What a restore has to give again."""

    instant: AwareDatetime
    history: dict[Name, TableTold]
    records: dict[Name, Size]


class Manifest(_Told):
    format: Literal[2]
    made_at: AwareDatetime
    day: dt.date
    schema_version: Size
    postgres: Annotated[str, Field(max_length=200)]
    recipients: tuple[Annotated[str, Field(pattern="^age1[a-z0-9]{1,100}$")], ...]
    databases: tuple[DatabaseTold, ...]
    roles: tuple[RoleTold, ...]
    measured: Measured
    files: dict[Name, Member]
    links: dict[Name, Name]
    damaged_raw: tuple[Name, ...]
    absent_raw: tuple[Name, ...]
    is_complete: bool

    @model_validator(mode="after")
    def _holds_together(self) -> "Manifest":
        every = [*self.files, *self.links]
        if not all(map(names.is_of_a_backup, every)) or not all(names.is_link_of_ours(*link) for link in self.links.items()):
            raise ValueError("a name leads elsewhere")
        # Two that differ in case alone would be one file on some disks; a file could take the place of a folder.
        folded = [name.casefold() for name in every]
        folders = {folded_name.rsplit("/", n)[0] for folded_name in folded for n in range(1, folded_name.count("/") + 1)}
        if len({*folded}) < len(folded) or folders & {*folded}:
            raise ValueError("a name stands twice")
        told = [d.name for d in self.databases]
        dumps = {name for name in self.files if name.startswith(f"{names.DATABASES}/")}
        if len({*told}) < len(told) or dumps != {d.file for d in self.databases} or "warehouse" not in told:
            raise ValueError("the databases and their dumps differ")
        if {*told} & {"postgres", "template0", "template1"}:
            raise ValueError("a database of the server's own")
        if any(d.place != EMBEDDED and EXTERNAL.get(d.name) != d.place for d in self.databases):
            raise ValueError("a database is of another place")
        return self

    def written(self) -> bytes:
        return self.model_dump_json().encode()


@dataclass(frozen=True)
class Backup:
    """A whole backup, whose signature holds: its folder and what its manifest says."""

    path: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        return self.path.name

    def wrong(self) -> list[str]:
        """The files that are missing, no plain files, or not what was signed."""
        return [name for name, member in sorted(self.manifest.files.items()) if not self._is_as_signed(name, member)]

    def _is_as_signed(self, name: str, member: Member) -> bool:
        try:
            with names.opened(self.path, name + SUFFIX) as stored:
                return hashes_to(stored, member.stored_size, member.stored_sha256)
        except OSError:
            return False

    def decrypt(self, name: str, target: Counted, keys: Iterable[Identity]) -> None:
        """Write a file's plain text to `target`; NotOpened where stored or plain text are not what was signed."""
        member = self.manifest.files[name]
        with names.opened(self.path, name + SUFFIX) as stored:
            source = Counted(stored, member.stored_size)
            decrypt(source, target, tuple(keys))
        as_found = (source.size, source.sha256, target.size, target.sha256)
        if as_found != (member.stored_size, member.stored_sha256, member.size, member.sha256):
            raise NotOpened


def hashes_to(stored: Any, size: int, sha256: str) -> bool:
    """Whether a stream is of exactly this size and hash. One that is longer, or grows while it is read, is not read to its end."""
    passing = Counted(stored, size)
    try:
        while passing.read():
            pass
    except NotOpened:
        return False
    return (passing.size, passing.sha256) == (size, sha256)


def backup_at(path: Path, verifier: Ed25519PublicKey) -> Backup:
    """The backup in this folder. Nothing of it is believed, parsed or followed before the signature holds."""
    content = _bounded(path, MANIFEST, LARGEST_MANIFEST)
    if content is None:
        raise BackupCutShort(name=path.name)
    signed = _bounded(path, SIGNATURE, signature.SIGNATURE_BYTES)
    if signed is None:
        raise BackupUnsigned(name=path.name)
    if not signature.holds(verifier, signed, content):
        raise BackupForeign(name=path.name)
    return Backup(path, _parsed(path.name, content))


def _parsed(name: str, content: bytes) -> Manifest:
    try:
        found = strict_json.loads(content)
        if isinstance(found, dict) and isinstance(found.get("format"), int) and found["format"] > FORMAT:
            raise BackupNewer(name=name, found_version=found.get("schema_version"), known_version=migrations.VERSION)
        return Manifest.model_validate_json(content)
    except (ValidationError, ValueError, RecursionError):  # their texts quote what they found
        raise BackupUnsound(name=name) from None


def _bounded(root: Path, name: str, limit: int) -> bytes | None:
    """The content of a small file; None where there is none, or no plain file. One larger than any of ours is not read."""
    try:
        with names.opened(root, name) as f:
            content = f.read(limit + 1)
    except OSError:
        return None
    if len(content) > limit:
        raise BackupUnsound(name=root.name)
    return content


def backups(folder: Path, verifier: Ed25519PublicKey, skipped: Callable[[Failure], object] = lambda _: None) -> list[Backup]:
    """The whole backups in a folder, newest first; `skipped` is told of each that is none, and why."""
    found = []
    for path in sorted(folder.glob(f"{NAMED}*")):
        if path.is_symlink() or not path.is_dir() or not names.is_plain(path.name):
            continue
        try:
            found.append(backup_at(path, verifier))
        except Failure as failure:
            skipped(failure)
    return sorted(found, key=lambda b: b.manifest.made_at, reverse=True)
