"""The readings that are open: all pages of one show the same instant. A few at once; the one that rested longest makes room.

A reading that has ended is begun anew at the page that is asked for, as services do that keep nothing between two calls: what
changed meanwhile shows in the later pages alone.
"""

import datetime as dt
import secrets
import threading
import time
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg2

from demo.platform.asking import Asked
from demo.platform.listing import FORGOTTEN_AFTER, Connect, Listing
from schemas.dataset import Dataset, SubmissionLog
from schemas.registry import datasets_of
from schemas.services import Service
from schemas.submissions import SUBMISSION_LOG

MOST = 8
MOST_LOOKS = 10_000


@dataclass
class _Open:
    listing: Listing
    used: float = field(default_factory=time.monotonic)


class Readings:
    def __init__(self, connect: Mapping[str, Connect]) -> None:
        self._connect = connect
        self._open: OrderedDict[Any, _Open] = OrderedDict()
        self.looks: dict[str, list[tuple[float, int]]] = {}  # system -> when it was looked at, and that look's horizon
        self._lock = threading.Lock()

    @contextmanager
    def of(self, service: Service, asked: Asked) -> Iterator[tuple[Listing, str]]:
        """The reading whose page is asked for, to its caller alone, and its name in cursors. Raises what psycopg2 does.

        By number it is the last one that was begun for the same question: nothing else tells whose page it is.
        """
        name = asked.reading or secrets.token_urlsafe(9)
        key = (service, asked.window, asked.since, asked.size) if service.paging == "number" else name
        found = self._found(key, is_begun=asked.page == 1) or self._begun(key, service, asked)
        with found.listing.lock:
            try:
                yield found.listing, name
            except psycopg2.Error:
                found.listing.close()
                with self._lock:
                    self._open.pop(key, None)
                raise
            found.used = time.monotonic()

    def close(self) -> None:
        with self._lock:
            ended, self._open = list(self._open.values()), OrderedDict()
        _end(ended)

    def _found(self, key: Any, *, is_begun: bool) -> _Open | None:
        """The one that is open. Who asks for the first page begins anew."""
        with self._lock:
            old = [k for k, o in self._open.items() if o.used < time.monotonic() - FORGOTTEN_AFTER or (is_begun and k == key)]
            ended = [self._open.pop(k) for k in old]
            if key in self._open:
                self._open.move_to_end(key)
            found = self._open.get(key)
        _end(ended)
        return found

    def _begun(self, key: Any, service: Service, asked: Asked) -> _Open:
        since = self._horizon(service.system, asked.since) if asked.since else None
        at = time.time()
        declared = _declared(service)
        made = Listing(self._connect[service.system], declared, asked.window, since, has_etag=bool(service.etag_of))
        with self._lock:
            looks = self.looks.setdefault(service.system, [])
            looks.append((at, made.horizon))
            del looks[:-MOST_LOOKS]
            found = self._open[key] = _Open(made)
            ended = [self._open.popitem(last=False)[1] for _ in range(len(self._open) - MOST)]
        _end(ended)
        return found

    def _horizon(self, system: str, since: dt.datetime) -> int | None:
        """Up to where the last look before an instant saw: what was written later, it did not see. None where no such look is remembered."""
        with self._lock:
            looks = sorted(self.looks.get(system, ()))
        before = bisect_left(looks, (since.timestamp(), 0))
        return looks[before - 1][1] if before else None


def _end(ended: Iterable[_Open]) -> None:
    for old in ended:
        with old.listing.lock:
            old.listing.close()


def _declared(service: Service) -> Dataset | SubmissionLog:
    """The dataset, or the log, that a service gives."""
    if service.resource == SUBMISSION_LOG.road.at_source:
        return SUBMISSION_LOG
    return next(d for d in datasets_of(service.system) if d.road.at_source == service.resource)
