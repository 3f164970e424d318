"""Which road leads to a source: by the scheme of its address. The only place that knows them all."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from resources.connectors.connector import Connector
from resources.connectors.failures import RoadUnknown, SourceUnconfigured
from resources.connectors.odbc import connector as odbc
from resources.connectors.postgresql import connector as postgresql
from resources.connectors.rest import connector as rest
from resources.servers.addresses import kind_of
from resources.settings import Settings
from schemas.dataset import Source

ROADS: dict[str, Callable[[Source, str], AbstractContextManager[Connector]]] = {
    "postgresql": postgresql.connect,
    **dict.fromkeys(odbc.DIALECTS, odbc.connect),
    **dict.fromkeys(("https", "http"), rest.connect),
}


@contextmanager
def connect(source: Source, settings: Settings) -> Iterator[Connector]:
    """One consistent look at a source. Raises SourceUnconfigured, AddressWrong, RoadUnknown, and whatever the road declares."""
    url = settings.source_url(source.name)
    if url is None:
        raise SourceUnconfigured(dataset=source.name, environment=source.environment)
    kind = kind_of(url)
    if kind not in ROADS:
        raise RoadUnknown(source=source.name, title=source.title, environment=source.environment, known=", ".join(sorted(ROADS)))
    with ROADS[kind](_as_patient(source, settings.answer_seconds), url) as connector:
        yield connector


def _as_patient(source: Source, answer_seconds: float | None) -> Source:
    """The source, waited for as the operator says; all its answers of a turn have twelve times as long as one."""
    if answer_seconds is None:
        return source
    answer = dt.timedelta(seconds=answer_seconds)
    return replace(source, limits=replace(source.limits, answer_timeout=answer, reading_timeout=12 * answer))
