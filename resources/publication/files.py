"""Open data as files: $ANSINH_HOME/open/<table>/ with CSV, XLSX, Parquet and a Frictionless data package; releases.csv.

Written from what the shared warehouse holds, after it, and looked at each night: a crash in between leaves the former
folder whole, and the next run brings it up. A folder is changed by one rename of a link, so no reader sees half of one.
"""

import dataclasses
import datetime as dt
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from resources.durable import sha256_of, sync, write_whole
from resources.publication.content import OpenContent, csv_of
from resources.publication.shared_warehouse import Release
from resources.publication.workbook import write_workbook
from schemas.projections.open import description, key_columns
from schemas.release import Decision
from schemas.rounding import rule_in_words

KEPT = ".releases"
PACKAGE = "datapackage.json"
RELEASES = "releases.csv"
FOLDER, FILE = 0o755, 0o644  # whatever the umask: this is all of the state that other accounts may read
MEDIA_TYPES = {
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ROUNDING = "fixed random rounding to base 5"  # a folder whose package says no such thing holds exact figures


def write(root: Path, content: OpenContent, release: Release, decision: Decision | None = None) -> bool:
    """Make the folder of a release stand; false when it already stands whole."""
    kept = root / KEPT / content.name
    kept.mkdir(parents=True, exist_ok=True)
    for folder in (root, root / KEPT, kept):
        folder.chmod(FOLDER)
    if stands(root, content, release):
        _forget(kept, (root / content.name).resolve())  # what a run that was killed before left
        return False
    staging = Path(tempfile.mkdtemp(prefix=".making-", dir=kept))
    try:
        _fill(staging, content, release, decision)
        for file in staging.iterdir():
            file.chmod(FILE)
        staging.chmod(FOLDER)
        final = kept / f"{release.version:06d}-{release.sha256[:12]}"
        if final.exists():  # of a run that was killed, or damaged since: not the one that the link shows whole
            shutil.rmtree(final)
        staging.rename(final)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    _point(root / content.name, final)
    _forget(kept, final)
    return True


def write_releases(root: Path, releases: Sequence[Release]) -> None:
    """What changed when, of all tables: written anew where it differs."""
    names = [f.name for f in dataclasses.fields(Release)]
    lines = [(*(getattr(r, n) if n != "released_at" else _instant(r) for n in names),) for r in releases]
    path, data = root / RELEASES, csv_of(names, lines)
    if not path.exists() or path.read_bytes() != data:
        root.mkdir(parents=True, exist_ok=True)
        root.chmod(FOLDER)
        write_whole(path, data, mode=FILE)


def withdraw(root: Path, is_gone: Callable[[str], bool]) -> None:
    """Remove the folders of tables that are no longer declared."""
    if not root.exists():
        return
    for link in root.iterdir():
        if is_gone(link.name):
            link.unlink() if link.is_symlink() else shutil.rmtree(link)
            shutil.rmtree(root / KEPT / link.name, ignore_errors=True)


def stands(root: Path, content: OpenContent, release: Release) -> bool:
    """Whether the folder shows this release, with every file as its package describes it."""
    folder = root / content.name
    try:
        package = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
        if package["version"] != str(release.version) or package["sha256"] != release.sha256:
            return False
        for resource in package["resources"]:
            if _hash(folder / resource["path"]) != resource["hash"]:
                return False
    except (OSError, ValueError, KeyError, TypeError):
        return False  # absent or unreadable: made anew from the shared warehouse
    return True


def _fill(folder: Path, content: OpenContent, release: Release, decision: Decision | None) -> None:
    csv, parquet, xlsx = (folder / f"{content.name}.{kind}" for kind in ("csv", "parquet", "xlsx"))
    _keep(csv, content.csv)
    pq.write_table(content.arrow(), parquet, compression="zstd")
    sync(parquet)
    write_workbook(xlsx, content, release)
    package = _package(content, release, decision, csv, [parquet, xlsx])
    _keep(folder / PACKAGE, (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode("utf-8"))


def _package(content: OpenContent, release: Release, decision: Decision | None, csv: Path, others: Sequence[Path]) -> dict:
    dataset, table = content.dataset, content.table
    periods = content.periods()
    licence = {"name": "other-open", "title": "Dữ liệu mở: sử dụng tự do, miễn phí, ghi rõ nguồn"}
    covered = {"temporal": {"start": periods[0], "end": periods[-1]}} if periods else {}
    return {
        "profile": "data-package",
        "name": content.name,
        "title": table.title,
        "description": description(dataset, table),
        "version": str(release.version),
        "created": _instant(release),
        "sha256": release.sha256,
        "licenses": [licence],
        "sources": [{"title": dataset.source.title}],
        "contributors": [{"title": "Cơ quan quản lý lao động và xã hội tỉnh Nghệ An", "role": "publisher"}],
        "keywords": [dataset.source.name, "Nghệ An", "dữ liệu mở"],
        "decision": release.decision,
        "is_synthetic": bool(decision and decision.is_synthetic),
        "maturity_note": release.maturity_note,
        "changes": release.changes,
        "rounding": {"method": ROUNDING, "vi": rule_in_words()[0], "en": rule_in_words()[1]},
        **covered,
        "resources": [_table_resource(content, csv), *(_file_resource(content, path) for path in others)],
    }


def _table_resource(content: OpenContent, csv: Path) -> dict:
    fields = [
        {
            "name": c.name,
            "type": c.json_type,
            "title": c.title,
            "description": c.description,
            "constraints": {"required": not c.nullable} | ({"enum": list(c.choices)} if c.choices else {}),
        }
        for c in content.columns
    ]
    return {
        "profile": "tabular-data-resource",
        "name": content.name,
        "title": content.table.title,
        "path": csv.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig",
        "dialect": {"delimiter": ","},
        "bytes": csv.stat().st_size,
        "hash": _hash(csv),
        "schema": {"fields": fields, "primaryKey": list(key_columns(content.table)), "missingValues": [""]},
    }


def _file_resource(content: OpenContent, path: Path) -> dict:
    """The same table in another form, for who does not read CSV."""
    kind = path.suffix[1:]
    return {
        "profile": "data-resource",
        "type": "file",
        "name": f"{content.name}_{kind}",
        "title": f"{content.table.title} ({kind.upper()})",
        "path": path.name,
        "format": kind,
        "mediatype": MEDIA_TYPES[path.suffix],
        "bytes": path.stat().st_size,
        "hash": _hash(path),
    }


def _point(link: Path, target: Path) -> None:
    """Make the link show the target in one step."""
    new = link.with_name(f".{link.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    new.symlink_to(target.relative_to(link.parent), target_is_directory=True)
    if link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)  # a copy without links was brought back from a backup
    os.replace(new, link)
    sync(link.parent)


def _forget(kept: Path, current: Path) -> None:
    """Older folders go; the last before this one stays for whoever is reading it, unless it holds exact figures."""
    others = sorted((p for p in kept.iterdir() if p != current), key=lambda p: p.name)
    for old in others[:-1] + [p for p in others[-1:] if p.name.startswith(".making-") or not _is_rounded(p)]:
        shutil.rmtree(old, ignore_errors=True)


def _is_rounded(folder: Path) -> bool:
    try:
        return json.loads((folder / PACKAGE).read_text(encoding="utf-8"))["rounding"]["method"] == ROUNDING
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _instant(release: Release) -> str:
    return release.released_at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _hash(path: Path) -> str:
    return f"sha256:{sha256_of(path)}"


def _keep(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    sync(path)
