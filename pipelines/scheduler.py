"""Whether the scheduler lives, by what it writes down itself and by the processes of this machine. Dagster itself is not imported."""

import datetime as dt
from collections.abc import Mapping

import psutil

from pipelines.nights import spanning
from resources.clock import ZONE, moment
from resources.hub import Hub
from resources.servers.dagster_runs import heartbeats
from resources.settings import Settings
from schemas.registry import SOURCES

SILENT = dt.timedelta(minutes=10)  # of a daemon that says it lives each half minute
PARTS = {"daemon": "bộ lập lịch", "code-server": "máy chủ mã", "webserver": "giao diện"}  # as runtime/processes.py calls them
_OURS = ("dagster", "pipelines.door")  # after a crash a number may be another program's


def last_beat(beats: Mapping[str, dt.datetime]) -> dt.datetime | None:
    """When the scheduler last said that it lives; None: it never did."""
    return beats.get("SCHEDULER") or max(beats.values(), default=None)


def is_silent(hub: Hub, beat: dt.datetime) -> bool:
    """A beat that has not come yet is of a clock that was ahead: whoever lives has beaten since."""
    return abs(hub.clock.system() - beat) > SILENT


def processes(settings: Settings) -> dict[str, dt.datetime]:
    """The parts that run on this machine over this state, and since when."""
    found = {}
    for name in PARTS:
        try:
            process = psutil.Process(int((settings.run_dir / f"{name}.pid").read_text(encoding="ascii")))
            if any(word in " ".join(process.cmdline()) for word in _OURS):
                found[name] = dt.datetime.fromtimestamp(process.create_time(), dt.UTC)
        except (OSError, ValueError, psutil.Error):
            continue
    return found


def next_night(now: dt.datetime) -> dt.datetime:
    """When the schedules begin the next night."""
    local = now.astimezone(ZONE)
    minute, hour = min((source.hour.split()[:2] for source in SOURCES), key=lambda cron: (int(cron[1]), int(cron[0])))
    due = local.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return due if due > local else due + dt.timedelta(days=1)


def in_words(hub: Hub) -> str:
    """The scheduler and its parts, in a line."""
    beat, here = last_beat(heartbeats(hub.settings.dagster_url())), processes(hub.settings)
    return told(hub, beat, here)


def told(hub: Hub, beat: dt.datetime | None, here: Mapping[str, dt.datetime]) -> str:
    if beat is None:
        start = "ansinh ui" if hub.settings.is_demo else "systemctl start ansinh.service"
        return f"chưa chạy lần nào; đêm chạy bằng ansinh nightly, hoặc bật: {start}"
    if is_silent(hub, beat):
        return f"đang dừng, nhịp cuối lúc {moment(beat)}; đêm sau không tự chạy"
    ago = spanning(max(hub.clock.system() - beat, dt.timedelta(0)))
    others = [f"{title} {_since(here.get(name))}" for name, title in PARTS.items() if name != "daemon"]
    since = f" từ {moment(here['daemon'])}" if "daemon" in here else ""
    return f"đang chạy{since}, nhịp cuối {ago} trước; {', '.join(others)}; đêm sau lúc {moment(next_night(hub.clock.system()))}"


def _since(at: dt.datetime | None) -> str:
    return f"chạy từ {moment(at)}" if at else "không chạy trên máy này"
