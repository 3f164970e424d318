"""Working a step ahead in a thread: what one stage makes while the next still works on what came before.

One item is made ahead, so memory does not grow; what goes wrong in the thread is raised where its next item is asked for.
"""

import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, TypeVar

T = TypeVar("T")

_END = object()


def prefetched(items: Iterable[T]) -> Generator[T]:
    """The items, the next one being made meanwhile. Closing it early waits for the one that is being made, and no more."""
    left = iter(items)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as pool:
        coming: Future[Any] = pool.submit(next, left, _END)
        while (item := coming.result()) is not _END:
            coming = pool.submit(next, left, _END)
            yield item


class Behind:
    """Hands work to one thread and goes on; at most one piece waits. Used as a context: leaving it waits for the last.

    Several threads may hand over: what one of them gave is done before what is given after it.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="behind")
        self._one = threading.RLock()
        self._last: Future[None] | None = None

    def __enter__(self) -> "Behind":
        return self

    def do(self, work: Callable[[], None]) -> None:
        with self._one:
            self.wait()
            self._last = self._pool.submit(work)

    def wait(self) -> None:
        """Until what was handed over is done; what went wrong in it is raised here."""
        with self._one:
            last, self._last = self._last, None
            if last is not None:
                last.result()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown(wait=True)
        if kind is None:
            self.wait()
