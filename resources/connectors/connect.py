"""Which road leads to a source: by the scheme of its address. The only place that knows them all."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from resources.addresses import kind_of
from resources.connectors.connector import Connector
from resources.connectors.failures import RoadUnknown, SourceUnconfigured
from resources.connectors.postgresql import connector as postgresql
from resources.connectors.postgresql import sessions
from resources.settings import Settings
from schemas.dataset import Source

ROADS: dict[str, Callable[[Source, str], AbstractContextManager[Connector]]] = {"postgresql": postgresql.connect}


@contextmanager
def connect(source: Source, settings: Settings) -> Iterator[Connector]:
    """One consistent look at a source. Raises SourceUnconfigured, AddressWrong, RoadUnknown, and whatever the road declares."""
    url = settings.source_url(source.name)
    if url is None:
        raise SourceUnconfigured(dataset=source.name, environment=source.environment)
    kind = kind_of(url)
    if kind not in ROADS:
        raise RoadUnknown(source=source.name, title=source.title, environment=source.environment, known=", ".join(sorted(ROADS)))
    with ROADS[kind](source, url) as connector:
        yield connector


def kept() -> AbstractContextManager[None]:
    """Inside, the looks at one source share what a road can share between them."""
    return sessions.kept()
