"""The lines to the databases, as every check of one says them: which it is, and what it warns of."""

import psycopg2

from pipelines.doctor.checking import Told
from resources.hub import Hub
from resources.servers.encryption import Line, line_to


def over_line(hub: Hub, text: str, url: str, setting: str) -> Told:
    """What was found at a database, and over which line. `setting` leads to it. The demo, which is one machine, is warned of none."""
    try:
        line = line_to(url)
    except psycopg2.OperationalError:  # some servers let a login have one session, and the one before may not have gone yet
        line = None
    return over(hub, text, line, setting)


def over(hub: Hub, text: str, line: Line | None, setting: str) -> Told:
    if line is None:
        return Told(f"{text}; không mở được thêm phiên để xét đường truyền")
    amiss = None if hub.settings.is_demo else line.amiss(setting)
    return Told(f"{text}; {line.told}", (amiss,) if amiss else ())
