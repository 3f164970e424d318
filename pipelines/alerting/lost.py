"""The warehouse does not answer: what was told is kept there, so that this is remembered by a file of the state instead.

A file holds since when, and by which channels it was told; it goes once the warehouse answers and that was told, too.
"""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pipelines.alerting import words
from resources.alerting.channels import Channel
from resources.alerting.message import Message
from resources.alerting.sending import send
from resources.durable import write_whole
from resources.failing import Failure
from resources.hub import Hub
from resources.settings import Settings
from resources.warehouse.engine import typed

FILE = "warehouse-lost.json"


def lost(settings: Settings, channels: Sequence[Channel], now: dt.datetime) -> list[Failure]:
    """Tell by each channel that did not tell it yet; what kept it from being told."""
    if not channels:
        return []
    kept = _kept(settings) or {"since": now.isoformat(), "told": []}
    failures = _told(kept, channels, "told", lambda: words.warehouse_lost(settings, now))
    write_whole(_place(settings), json.dumps(kept))
    return failures


def found_again(hub: Hub, channels: Sequence[Channel]) -> None:
    """It answers: tell those that were told it did not. Whom that does not reach is told so no more."""
    settings, now = hub.settings, hub.clock.system()
    kept = _kept(settings)
    if kept is None:
        return
    since = dt.datetime.fromisoformat(kept["since"])
    reached = [channel for channel in channels if channel.name in kept["told"]]
    _told(kept, reached, "over", lambda: words.warehouse_lost(settings, now, since=since))
    _place(settings).unlink(missing_ok=True)


def _told(kept: dict[str, Any], channels: Sequence[Channel], as_what: str, message: Callable[[], Message]) -> list[Failure]:
    failures = []
    for channel in channels:
        if channel.name in kept.setdefault(as_what, []):
            continue
        try:
            send(channel, message())
        except Exception as error:
            failures.append(typed("báo tin cho cán bộ trực", error))
        else:
            kept[as_what].append(channel.name)
    return failures


def _place(settings: Settings) -> Path:
    return settings.run_dir / FILE


def _kept(settings: Settings) -> dict[str, Any] | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads(_place(settings).read_text(encoding="ascii"))
        dt.datetime.fromisoformat(found["since"])
        return found if isinstance(found["told"], list) else None
    return None
