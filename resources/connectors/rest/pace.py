"""How often a service is asked: in any minute no more often than its owner allows, and as fast as it gives until then."""

from collections import deque

MINUTE = 61.0  # seconds: what is sent a minute apart may arrive a little closer


class Pace:
    """The calls of the last minute. Times are those of one clock that never goes back, in seconds."""

    def __init__(self, most: int) -> None:
        self._calls: deque[float] = deque(maxlen=most)

    def next(self, now: float) -> float:
        """When the next call may go, which it then does."""
        is_full = len(self._calls) == self._calls.maxlen
        free = max(now, self._calls[0] + MINUTE) if is_full else now
        self._calls.append(free)
        return free
