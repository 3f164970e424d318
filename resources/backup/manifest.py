"""What a backup is, for the one who makes it and the one who brings it back: its folder, its manifest, what is measured.

A folder with a name and a sound manifest is a whole backup: the manifest is written last, then the folder gets its name.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from resources import addresses
from resources.durable import sha256_of
from resources.embedded import EmbeddedServer, server
from resources.settings import ROUNDING_SECRET, Settings, read

FORMAT = 1
MANIFEST = "manifest.json"
PARTIAL = ".partial-"
ROLES = "databases/roles.sql"
RESTORING = ".restoring"  # stands in the home while a restore is under way
EMBEDDED = "embedded"
EXTERNAL = {"warehouse": "WAREHOUSE_URL", "dagster": "ANSINH_DAGSTER_URL"}

# Of the home, by name, so that no secret that somebody lays there comes along. The demo's own rounding secret does: with
# another one the open figures that stand could never be gone on with.
KEPT = ("raw", "open", "demo", "dagster/storage", "clock", ROUNDING_SECRET)
LEFT_OUT = ("pg", "run", "logs", "dagster", RESTORING)


Say = Callable[[str], None]


@dataclass(frozen=True)
class Backup:
    """A whole backup: its folder and what its manifest says."""

    path: Path
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True)
class Database:
    """One database of the state. `place` is EMBEDDED, or the setting that says where it is."""

    name: str
    place: str
    url: str

    @property
    def file(self) -> str:
        return f"databases/{quote(self.name, safe='')}.dump"


def databases(settings: Settings) -> list[Database]:
    """All databases of the state. Makes nothing where there is nothing."""
    embedded, found = EmbeddedServer(settings.home), []
    if settings.is_demo and (embedded.data_dir / "PG_VERSION").exists():
        standing = server(settings.home)
        with closing(standing.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("select datname from pg_database where not datistemplate and datname <> 'postgres' order by 1")
            found = [Database(name, EMBEDDED, standing.url(name)) for (name,) in cursor.fetchall()]
    for name, setting in EXTERNAL.items():
        if is_elsewhere(settings, setting):
            found = [d for d in found if d.name != name]
            found.append(Database(name, setting, url_elsewhere(settings, name)))
    return found


def is_elsewhere(settings: Settings, setting: str) -> bool:
    """Whether this database is on another server than the embedded one of this home."""
    value = read(setting)
    if value is None:
        return not settings.is_demo
    # `ansinh env` sets the embedded server's own address.
    return addresses.parsed(setting, value).host != str(EmbeddedServer(settings.home).data_dir)


def url_elsewhere(settings: Settings, name: str) -> str:
    return settings.warehouse_url() if name == "warehouse" else settings.dagster_url()


def backups(folder: Path) -> list[Backup]:
    """The whole backups in a folder, newest first."""
    found = [backup for path in folder.glob("ansinh-*") if (backup := backup_at(path)) is not None]
    return sorted(found, key=lambda b: b.manifest["made_at"], reverse=True)


def backup_at(path: Path) -> Backup | None:
    """The backup in this folder; None when it has no manifest or an unsound one."""
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        return Backup(path, manifest) if manifest.pop("sha256") == _own_hash(manifest) else None
    except (OSError, ValueError, KeyError, AttributeError):
        return None


def signed(manifest: Mapping[str, Any]) -> bytes:
    """The manifest as it is written, with its own hash."""
    return json.dumps({**manifest, "sha256": _own_hash(manifest)}, ensure_ascii=False, indent=1).encode()


def _own_hash(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def hash_or_none(path: Path) -> str | None:
    """None for a file that is not there or cannot be read."""
    try:
        return sha256_of(path)
    except OSError:
        return None
