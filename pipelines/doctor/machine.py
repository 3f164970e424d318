"""This machine: its clock, its disk, and what its other accounts may read."""

import shutil

from pipelines.doctor.failures import DiskLow
from resources import state_folder
from resources.clock import DRIFTS
from resources.environment import open_to_others
from resources.failures import ClockDrifts
from resources.hub import Hub

LEAST_FREE_BYTES = 2 * 1024**3


def clock(hub: Hub) -> str:
    now, recorded = hub.now(), hub.recorded()
    hub.refuse_leap(recorded.last)
    differs = abs(hub.clock.now() - recorded.server)
    if not hub.settings.is_demo and differs > DRIFTS:
        raise ClockDrifts(minutes=round(differs.total_seconds() / 60))
    return f"{now:%Y-%m-%d %H:%M} UTC, ngày {hub.today():%d/%m/%Y}"


def disk(hub: Hub) -> str:
    home = hub.settings.home
    free = shutil.disk_usage(next(p for p in (home, *home.parents) if p.exists())).free
    if free < LEAST_FREE_BYTES:
        raise DiskLow(free=free / 1024**3, least=LEAST_FREE_BYTES / 1024**3)
    return f"còn {free / 1024**3:.0f} GB"


def own_things(hub: Hub) -> str:
    """What other accounts of the machine may read, and the settings that nothing else here asks for."""
    _ = hub.settings.filing, hub.settings.retry_seconds  # each is refused by its name where it has no meaning
    state_folder.refuse_open(hub.settings.home)
    told = "chỉ thư mục open cho tài khoản khác đọc"
    shown = open_to_others()
    return f"{told}; tài khoản khác cũng đọc được tệp của {', '.join(shown)} (chmod 600)" if shown else told
