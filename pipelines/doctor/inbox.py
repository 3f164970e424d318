"""The inboxes: whose they are, what lies in them too long, and who may reach them."""

import os
import stat
from collections import Counter
from pathlib import Path

from pipelines.doctor.checking import Told
from pipelines.doctor.machine import lacking
from resources.failing import Failure
from resources.hub import Hub
from resources.inbox import looking
from resources.inbox.failures import InboxClosed, InboxForgotten, InboxOpen, InboxStrange
from schemas.registry import SOURCES
from schemas.written import grouped

OTHERS = stat.S_IROTH | stat.S_IWOTH | stat.S_IXOTH
SHOWN = 5


def look(hub: Hub) -> Told:
    inboxes = {source.name: hub.settings.inbox_of(source.name) for source in SOURCES}
    standing = {name: inbox for name, inbox in inboxes.items() if inbox.is_dir()}
    gone = [name for name, inbox in inboxes.items() if name not in standing and hub.settings.home not in inbox.parents]
    if not standing and not gone:
        return Told("chưa có hộp nào; đơn vị nào gửi tệp thì lập thư mục <hệ thống>/<mã đơn vị>", is_absent=True)
    folders = {f"{name}/{code}": folder for name, inbox in standing.items() for code, folder in looking.folders(inbox)}
    lying = sum(len(looking.waiting(inbox, hub.settings)) for inbox in standing.values())
    told = f"{grouped(len(folders))} hộp của {len(standing)} hệ thống, {grouped(lying)} tệp chờ nhận"
    _ = hub.settings.rest_seconds, hub.settings.headings_dir  # each is refused by its name where it has no meaning
    closed = [
        f"RETURNED_DIR {folder}" for folder in {hub.settings.returned_of(name).parent for name in inboxes} if lacking(folder)
    ]
    return Told(told, tuple(_amiss(standing, folders, gone + closed)))


def _amiss(inboxes: dict[str, Path], folders: dict[str, Path], gone: list[str]) -> list[Failure]:
    found: list[Failure] = []
    late = Counter(f"{name}/{entry.sender}" for name, inbox in inboxes.items() for entry in looking.forgotten(inbox))
    if late:
        found.append(InboxForgotten(count=late.total(), where=_some(list(late))))
    strange = {name: count for name, inbox in inboxes.items() if (count := looking.strangers(inbox))}
    if strange:
        found.append(InboxStrange(count=sum(strange.values()), where=_some(list(strange))))
    places = {**{name: inbox for name, inbox in inboxes.items()}, **folders}
    if shown := [where for where, folder in places.items() if folder.stat().st_mode & OTHERS]:
        found.append(InboxOpen(where=_some(shown)))
    if closed := gone + [where for where, folder in places.items() if not os.access(folder, os.R_OK | os.W_OK | os.X_OK)]:
        found.append(InboxClosed(where=_some(closed)))
    return found


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
