"""Calls into a driver that may never return: each is made in a thread of its own, and waited for no longer than is borne.

No driver can be trusted to come back: what it waits for in C hears neither an exception nor a signal, and a server that keeps the
line alive keeps every time-out of the network. So it is the thread that is left behind, and nothing else is done by it than to close
what it holds, should it ever come back. No road is known here.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, wait
from queue import SimpleQueue
from typing import Any, TypeVar

from resources.connectors.failures import SourceSilent, SourceSlow
from resources.connectors.turns import Turn
from resources.failing import Failure
from schemas.dataset import Source
from schemas.written import lasting

T = TypeVar("T")

_left_behind: dict[str, set[threading.Thread]] = defaultdict(set)  # by source, those that did not come back yet


class Waiting:
    """One thread, for the calls of one session. `leave` is what the thread does last, should it come back from a call given up."""

    def __init__(self, source: Source, turn: Turn, leave: Callable[[], object]) -> None:
        """Raises SourceSilent where as many sessions as the source allows were given up and never came back: each holds a socket."""
        self._source, self._turn, self._leave = source, turn, leave
        self._patience = turn.patience(source.limits)
        self._given_up: Failure | None = None
        left = {thread for thread in _left_behind[source.name] if thread.is_alive()}
        _left_behind[source.name] = left
        if len(left) >= source.limits.connections:
            raise self._failure(SourceSilent, self._patience.answer)
        self._calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"source {source.name}", daemon=True)
        self._thread.start()

    def call(self, work: Callable[[], T]) -> T:
        """What it returns or raises; SourceSilent or SourceSlow when it is given up, as is every call after it."""
        if self._given_up is not None:
            raise self._given_up
        waited, source = self._turn.waited, self._source.name
        outcome: Future[T] = Future()
        self._calls.put((outcome, work))
        left = self._patience.reading - waited[source]
        begun = time.monotonic()
        done, _ = wait([outcome], timeout=max(min(self._patience.answer, left), 0))
        waited[source] += time.monotonic() - begun
        if not done:
            self._given_up = (
                self._failure(SourceSilent, self._patience.answer)
                if self._patience.answer <= left
                else self._failure(SourceSlow, self._patience.reading)
            )
            _left_behind[source].add(self._thread)
            self.end()  # for a call that comes back in this very moment
            raise self._given_up
        return outcome.result()

    @property
    def is_given_up(self) -> bool:
        return self._given_up is not None

    def end(self) -> None:
        """No more calls come."""
        self._calls.put(None)

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            outcome, work = call
            try:
                outcome.set_result(work())
            except BaseException as error:
                outcome.set_exception(error)
            del call, outcome, work  # a batch would stay until the next call
            if self.is_given_up:
                break
        if self.is_given_up:
            self._leave()

    def _failure(self, kind: type[Failure], seconds: float) -> Failure:
        return kind(source=self._source.name, title=self._source.title, waited=lasting(seconds))
