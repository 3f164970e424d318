"""Whose clocks can be asked whether the hub's is right: those of the sources, which stand on other people's machines."""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress

from resources.connectors.connect import connect
from resources.connectors.turns import turn
from resources.failing import Failure
from resources.settings import Settings
from schemas.registry import SOURCES

SECONDS = 15.0  # of each: a source that does not answer says nothing of the clock


def ahead_of_sources(settings: Settings, now: Callable[[], dt.datetime]) -> dict[str, dt.timedelta]:
    """How far this clock is ahead of that of each source that answers."""
    found = {}
    for source in SOURCES:
        with suppress(Failure), turn(others_wait=True, most=SECONDS), connect(source, settings) as connector:
            if (told := connector.clock()) is not None:
                found[source.name] = now() - told
    return found
