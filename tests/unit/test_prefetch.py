"""Working ahead in a thread: the same items, one in hand, errors where the item is asked for, no thread left."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from resources.streaming.prefetch import Behind, prefetched


def threads() -> set[str]:
    return {t.name for t in threading.enumerate() if t.name.startswith(("ahead", "behind"))}


def test_the_items_come_in_order_and_the_thread_ends() -> None:
    assert list(prefetched(range(100))) == list(range(100))
    assert list(prefetched(())) == []
    assert threads() == set()


def test_no_more_than_two_items_are_made_before_one_is_taken() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for n in range(50):
            made.append(n)
            yield n

    with closing(prefetched(items())) as pulled:
        assert next(pulled) == 0
        time.sleep(0.3)
        assert len(made) <= 3, "memory would grow with the table"
    assert threads() == set()


def test_an_error_in_the_thread_is_raised_where_its_item_is_asked_for() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ConnectionError("lost")

    pulled = prefetched(items())
    assert next(pulled) == 1
    with pytest.raises(ConnectionError, match="lost"):
        next(pulled)
    assert threads() == set()


def test_work_that_is_handed_over_is_done_in_order_and_its_error_is_not_lost() -> None:
    done: list[int] = []
    with Behind() as behind:
        for n in range(20):
            behind.do(lambda n=n: done.append(n))
    assert done == list(range(20))

    def fails() -> None:
        raise OSError("full")

    with pytest.raises(OSError, match="full"), Behind() as behind:
        behind.do(fails)
    behind = Behind()
    behind.do(fails)
    with pytest.raises(OSError, match="full"):
        behind.do(lambda: None)
    behind.__exit__(OSError, OSError("full"), None)
    assert threads() == set()
