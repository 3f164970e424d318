"""Which road leads to a source: by the scheme of its address. The only place that knows them all."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from resources.connectors.connector import Connector
from resources.connectors.deliveries import connector as deliveries
from resources.connectors.failures import RoadUnknown, SourceUnconfigured
from resources.connectors.odbc import connector as odbc
from resources.connectors.postgresql import connector as postgresql
from resources.connectors.rest import connector as rest
from resources.raw_store import RawStore
from resources.servers.addresses import kind_of
from resources.settings import FOLDER, Settings
from resources.warehouse.arrivals.deliveries import Delivery
from schemas.dataset import Source

# To a source, by its address, with the settings of the hub that reads it.
Road = Callable[[Source, str, Settings], AbstractContextManager[Connector]]


def _by_address_alone(connect: Callable[[Source, str], AbstractContextManager[Connector]]) -> Road:
    return lambda source, url, _: connect(source, url)


ROADS: dict[str, Road] = {
    "postgresql": _by_address_alone(postgresql.connect),
    **dict.fromkeys(odbc.DIALECTS, _by_address_alone(odbc.connect)),
    **dict.fromkeys(("https", "http"), rest.connect),
    kind_of(FOLDER): deliveries.connect,
}


def sent(
    raw: RawStore, found: Sequence[Delivery], today: dt.date, first_looked_at: Collection[str] = ()
) -> deliveries.DeliveriesConnector:
    """What some deliveries say together, as a source. `first_looked_at`: the datasets of which none was ever loaded."""
    return deliveries.DeliveriesConnector(raw, found, today, first_looked_at)


@contextmanager
def connect(source: Source, settings: Settings) -> Iterator[Connector]:
    """One consistent look at a source. Raises SourceUnconfigured, AddressWrong, RoadUnknown, and whatever the road declares."""
    url = settings.source_url(source.name)
    if url is None:
        raise SourceUnconfigured(dataset=source.name, environment=source.environment)
    kind = kind_of(url)
    if kind not in ROADS:
        raise RoadUnknown(source=source.name, title=source.title, environment=source.environment, known=", ".join(sorted(ROADS)))
    with ROADS[kind](_as_patient(source, settings.answer_seconds), url, settings) as connector:
        yield connector


def _as_patient(source: Source, answer_seconds: float | None) -> Source:
    """The source, waited for as the operator says; all its answers of a turn have twelve times as long as one."""
    if answer_seconds is None:
        return source
    answer = dt.timedelta(seconds=answer_seconds)
    return replace(source, limits=replace(source.limits, answer_timeout=answer, reading_timeout=12 * answer))
