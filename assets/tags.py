"""The run tags that others rely on: why, by whom, for which cells and for which night a run is."""

import os
import socket
from collections.abc import Mapping

import psutil

from resources.environment import told

NIGHT = "ansinh/night"
CELLS = "ansinh/cells"
# What NIGHT says besides the day of a night: only what waits is sent; launched from the UI; follows cells loaded by hand.
SEND_AGAIN, LAUNCHED, FOLLOW_UP = "again", "launched", "follow-up"
PERIODS = "ansinh/periods"
REASON, OFFICER, DOCUMENT = "ansinh/reason", "ansinh/officer", "ansinh/document"
CONFIRM, FROM, FILES = "ansinh/confirm", "ansinh/from", "ansinh/files"
# FILES alone: the run takes in what units have sent and loads that; the system's main road is not asked.
MEANINGS = {
    CONFIRM: ("shrink",),  # that a cell is right which is emptied, has shrunk or repeats the month before
    FROM: ("raw",),
    FILES: ("alone",),
}  # all that these may say: a slip would else be a run without them
WHOLE = "ansinh/whole"  # a night that reads every cell whole, to prove that the increments since missed nothing
CORRECTION = "ansinh/correction"  # the periods that a run following loaded cells mends
SOURCE = "ansinh/source"
PERSONS = "ansinh/persons"  # at most so many are asked about by a run of the population check

# The run whose cells were followed by open data and reports: itself, once that is done. A run started again from another
# carries the other's tags, so its own id says whose it is.
FOLLOWED = "ansinh/followed"
# Whose run it is: whether its process still lives can be told by host, number and start.
HOST, PROCESS, PLACE = "ansinh/host", "ansinh/process", "ansinh/place"
# What a run says of itself alone: one started again from it in the UI begins with all its tags.
OF_ONE_RUN = (FOLLOWED, HOST, PROCESS, PLACE)
# Set by the code server of a container for all that it starts, and by nothing else: one alone stands there at a time, so what ran
# in the container before it is gone.
PLACE_SETTING = "ANSINH_PLACE"
# All that a tag of ours may be called: what is spelt otherwise says nothing to anybody, and a run would go on without it.
OURS = "ansinh/"
KNOWN = frozenset(name for name in globals().values() if isinstance(name, str) and name.startswith(OURS) and name != OURS)
FIRST_NAMESPACE = "pid:[4026531836]"  # of the machine itself, in every Linux


def _host() -> str:
    """The place within which the number of a process means one process. Two containers may have one name, and each its own number 7."""
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        namespace = FIRST_NAMESPACE
    return socket.gethostname() + ("" if namespace == FIRST_NAMESPACE else f" {namespace}")


def _place() -> dict[str, str]:
    place = told(PLACE_SETTING)
    return {PLACE: f"{socket.gethostname()}/{place}"} if place else {}


def process_tags() -> dict[str, str]:
    """The tags of a run that goes on in this process."""
    here = psutil.Process()
    return {HOST: _host(), PROCESS: f"{here.pid}-{here.create_time():.0f}", **_place()}


def process_lives(tags: Mapping[str, str]) -> bool | None:
    """Whether the process of a run still lives; None: it is another host's, or never said."""
    if PROCESS not in tags:
        return None
    if tags.get(HOST) != _host():
        return False if _place() and _place().items() <= tags.items() else None
    number, _, started = tags[PROCESS].partition("-")
    try:
        return f"{psutil.Process(int(number)).create_time():.0f}" == started
    except psutil.NoSuchProcess:
        return False
