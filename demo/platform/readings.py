"""The readings that are open: all pages of one show the same instant. A few at once; the one that rested longest makes room."""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2

from demo.platform.asking import FIRST, Asked
from demo.platform.listing import Connect, Listing
from schemas.dataset import Dataset, SubmissionLog
from schemas.registry import datasets_of
from schemas.services import Service
from schemas.submissions import SUBMISSION_LOG

MOST = 16


class Gone(Exception):
    """The reading that a cursor names has ended."""


@dataclass(frozen=True)
class Reading:
    name: str
    listing: Listing

    def cursor(self, page: int) -> str:
        return f"{self.name}.{page}"


class Readings:
    def __init__(self, connect: Mapping[str, Connect]) -> None:
        self._connect = connect
        self._open: OrderedDict[Any, Reading] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def of(self, service: Service, asked: Asked) -> Iterator[Reading]:
        """The reading whose page is asked for, to itself. Raises Gone, and what psycopg2 does.

        By number it is the last one that was begun for the same question: nothing else tells whose page it is.
        """
        key = (service, asked.window, asked.size) if service.paging == "number" else asked.reading
        reading = self._found(key) if asked.page > 1 or key == asked.reading != FIRST else None
        if reading is None:
            if service.paging == "cursor" and key != FIRST:
                raise Gone
            reading = self._begun(service, asked)
        with reading.listing.lock:
            try:
                yield reading
            except psycopg2.Error:
                reading.listing.close()
                with self._lock:
                    self._open = OrderedDict((k, r) for k, r in self._open.items() if r is not reading)
                raise

    def close(self) -> None:
        with self._lock:
            ended, self._open = list(self._open.values()), OrderedDict()
        _end(ended)

    def _found(self, key: Any) -> Reading | None:
        with self._lock:
            if key in self._open:
                self._open.move_to_end(key)
            return self._open.get(key)

    def _begun(self, service: Service, asked: Asked) -> Reading:
        declared = _declared(service)
        listing = Listing(self._connect[service.system], declared, asked.window, has_etag=service.has_etag)
        reading = Reading(secrets.token_urlsafe(9), listing)
        key = (service, asked.window, asked.size) if service.paging == "number" else reading.name
        with self._lock:
            ended = [old for old in (self._open.pop(key, None),) if old]
            self._open[key] = reading
            while len(self._open) > MOST:
                ended.append(self._open.popitem(last=False)[1])
        _end(ended)
        return reading


def _end(readings: Iterable[Reading]) -> None:
    for reading in readings:
        with reading.listing.lock:
            reading.listing.close()


def _declared(service: Service) -> Dataset | SubmissionLog:
    """The dataset, or the log, that a service gives."""
    if service.resource == SUBMISSION_LOG.road.at_source:
        return SUBMISSION_LOG
    return next(d for d in datasets_of(service.system) if d.road.at_source == service.resource)
