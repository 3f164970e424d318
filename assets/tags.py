"""The run tags that others rely on: why, by whom, for which cells and for which night a run is."""

import socket
from collections.abc import Mapping

import psutil

NIGHT = "ansinh/night"
CELLS = "ansinh/cells"
SEND_AGAIN = "again"  # of NIGHT: only what waits is sent
PERIODS = "ansinh/periods"
REASON, OFFICER, DOCUMENT = "ansinh/reason", "ansinh/officer", "ansinh/document"
CONFIRM, FROM = "ansinh/confirm", "ansinh/from"
WHOLE = "ansinh/whole"  # a night that reads every cell whole, to prove that the increments since missed nothing
CORRECTION = "ansinh/correction"  # the periods that a run following loaded cells mends
SOURCE = "ansinh/source"

# What follows a run by hand (open data, reports) is done by whoever started it: the command line says so.
FOLLOWED = "ansinh/followed"
# Whose run it is: whether its process still lives can be told by host, number and start.
HOST, PROCESS = "ansinh/host", "ansinh/process"


def process_tags() -> dict[str, str]:
    """The tags of a run that goes on in this process."""
    here = psutil.Process()
    return {HOST: socket.gethostname(), PROCESS: f"{here.pid}-{here.create_time():.0f}"}


def process_lives(tags: Mapping[str, str]) -> bool | None:
    """Whether the process of a run still lives; None: it is another host's, or never said."""
    if tags.get(HOST) != socket.gethostname() or PROCESS not in tags:
        return None
    number, _, started = tags[PROCESS].partition("-")
    try:
        return f"{psutil.Process(int(number)).create_time():.0f}" == started
    except psutil.NoSuchProcess:
        return False
