"""The acts on the word of one person, as the command line does them, and the copy of the erasures that lies outside the warehouse."""

import datetime as dt
import json
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from pipelines.person.failures import ActsAbsent, ActsUnreadable, ActsUnwritten
from pipelines.reads import Asking
from resources.backup import retention
from resources.durable import write_whole
from resources.failing import why_not
from resources.hub import Hub
from resources.person import erasing
from resources.person.digests import Secret, secret
from resources.person.failures import ErasureForbidden, PersonSecretOther
from resources.servers import connecting
from resources.settings import Settings
from resources.warehouse.persons import person_acts
from resources.warehouse.persons.person_acts import Act, Wanted
from resources.warehouse.persons.person_rows import Taken
from schemas.dataset import Source
from schemas.persons import NUMBER, kept_in
from schemas.registry import dataset_named, source_named
from schemas.written import grouped

COPY = "person-acts.json"  # in the home, and beside the backups
WEEK, MONTH = dt.timedelta(weeks=1), dt.timedelta(days=31)
LONGEST = 64 << 20

WORDS = {
    "current": "dòng hiện hành",
    "versions": "phiên bản trong lịch sử",
    "beside": "phiên bản của người khác có nêu người này",
    "quarantine": "dòng ở khu cách ly",
    "remarks": "cảnh báo",
    "raw": "tệp gốc viết lại",
    "files": "tệp do đơn vị gửi thay bằng các dòng còn lại",
    "returned": "tệp trả lại đã xóa",
    "asked": "kết quả đối chiếu dân cư",
}


def by_secret(hub: Hub) -> Secret:
    """The secret of the digests, where it is that of those that are kept."""
    by = secret(hub.settings)
    with hub.warehouse.engine.begin() as connection:
        if not person_acts.is_secret_known(connection, by.check):
            raise PersonSecretOther
    return by


def refuse_kept_by_law(sources: Sequence[Source]) -> None:
    kept = [one for source in sources for one in kept_in(source)]
    if kept:
        told = "; ".join(f"{dataset_named(one.dataset).title} ({one.dataset}), {one.term}, {one.legal_basis}" for one in kept)
        raise ErasureForbidden(kept=told)


def erase(hub: Hub, number: str, sources: Sequence[Source], asking: Asking) -> tuple[Act, Taken]:
    """Keep the act and do it. One that was begun for the same person and systems, and did not end, is gone on with."""
    by = by_secret(hub)
    told = {(NUMBER, by.digest(NUMBER, number))}
    with erasing.quiet(hub, sources):
        with hub.warehouse.engine.begin() as connection:
            names = tuple(source.name for source in sources)
            earlier = person_acts.of_person(connection, *next(iter(told)), "erasure")
            act = next((a for a in earlier if a.done_at is None and a.sources == names), None)
            if act is None:
                wanted = Wanted("erasure", asking.officer, asking.reason or "", asking.document, names)
                act = person_acts.begin(connection, wanted, hub.now(), told)
        copy_outside(hub)  # before anything goes: a backup of before may be brought back at any time
        taken = erasing.erase(hub, by, act)
    copy_outside(hub)
    return act, taken


def redo(hub: Hub) -> list[tuple[Act, Taken]]:
    """Do every erasure that has not ended: one that was cut off, or that was done in a warehouse of which this is a copy of before."""
    with hub.warehouse.engine.connect() as connection:
        waiting = [act for act in reversed(person_acts.listed(connection)) if act.kind == "erasure" and act.done_at is None]
    if not waiting:
        return []
    by = by_secret(hub)
    done = []
    for act in waiting:
        with erasing.quiet(hub, [source_named(name) for name in act.sources]):
            done.append((act, erasing.erase(hub, by, act)))
    copy_outside(hub)
    return done


def copy_outside(hub: Hub) -> list[Path]:
    """Write the erasures, as digests, where a restore of the warehouse does not take them away. Where they were written."""
    with hub.warehouse.engine.connect() as connection:
        told = person_acts.exported(connection)
    if not told:
        return []
    folders = [hub.settings.home, *([backups] if (backups := hub.settings.backups_dir) else [])]
    written = []
    for folder in dict.fromkeys(f for f in folders if f.is_dir()):
        _merge(folder / COPY, told)
        written.append(folder / COPY)
    return written


def _merge(path: Path, told: Sequence[dict[str, Any]]) -> None:
    """Add acts to a copy. Acts that are only there stay: the warehouse may have lost them since."""
    merged = {one["act"]: one for one in [*_read(path), *told]}
    try:
        write_whole(path, json.dumps(list(merged.values()), ensure_ascii=False, indent=1) + "\n")
    except OSError as error:
        raise ActsUnwritten(path=path, why=why_not(error)) from None


def copy_beside(settings: Settings, folder: Path) -> None:
    """What `copy_outside` does, beside backups that were just made. A warehouse of before knows of no act."""
    with connecting.engine(settings.warehouse_url(), is_pooled=False).connect() as connection:
        told = person_acts.exported(connection) if person_acts.is_there(connection) else []
    if told:
        _merge(folder / COPY, told)


def refuse_no_copy(folder: Path) -> None:
    """Raises ActsAbsent. A folder that is named by a slip holds no erasure, and whoever was erased would come back unseen."""
    if not os.path.lexists(folder / COPY):
        raise ActsAbsent(path=folder / COPY)


def take_in(hub: Hub, folders: Collection[Path]) -> int:
    """After a restore: keep the erasures that were done since the backup was made. How many this warehouse did not know."""
    with hub.warehouse.engine.begin() as connection:
        return sum(person_acts.taken_in(connection, _read(folder / COPY)) for folder in folders)


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open("rb") as copy:
            found = json.loads(copy.read(LONGEST))
        return [{name: one[name] for name in _NAMES} for one in found]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ActsUnreadable(path=path, why=why_not(error)) from None
    except (ValueError, TypeError, KeyError):
        raise ActsUnreadable(path=path, why="không đúng dạng") from None


_NAMES = ("act", "acted_at", "officer", "reason", "document", "sources", "secret_check", "digests")


def backups_until(today: dt.date) -> dt.date:
    """When the last backup that was made until today is removed, by the rule that is set."""
    keep = retention.keep()
    return today + max(dt.timedelta(days=keep.days), keep.weeks * WEEK, keep.months * MONTH)


def in_words(taken: Taken) -> str:
    told = [f"{grouped(count)} {WORDS[what]}" for what in WORDS if (count := taken.counts[what])]
    return ", ".join(told) or "không còn gì để xóa"
