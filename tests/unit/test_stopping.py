"""Work in a thread while the main thread waits for Ctrl-C: what it returns and what it raises come through."""

import signal
import threading

import pytest

from pipelines.runtime.stopping import stoppable


@pytest.fixture(autouse=True)
def handlers():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_status_and_what_is_raised_come_through() -> None:
    assert stoppable(lambda: 3) == 3
    with pytest.raises(SystemExit, match="2"):
        stoppable(lambda: exit(2))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_waiting_while_the_work_is_deaf(number: signal.Signals) -> None:
    deaf = threading.Event()

    def work() -> int:
        signal.raise_signal(number)
        deaf.wait()
        return 0

    with pytest.raises(KeyboardInterrupt):
        stoppable(work)
    deaf.set()
