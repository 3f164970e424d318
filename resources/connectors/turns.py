"""A turn: looks at sources that share their sessions, and how long each source may keep them waiting.

Where others wait meanwhile it is short: whoever does not answer in it has another turn after them. No road is known here.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol

from schemas.dataset import Limits

SHARE = 5  # where others wait, one answer has a fifth of its time, and all of a source together the time of one


class Session(Protocol):
    def close(self) -> None: ...


@dataclass(frozen=True)
class Patience:
    """Seconds that are waited: for any one answer, and for all answers of a source in one turn together."""

    answer: float
    reading: float

    @classmethod
    def of(cls, limits: Limits) -> "Patience":
        return cls(limits.answer_timeout.total_seconds(), limits.reading_timeout.total_seconds())

    def while_others_wait(self, most: float | None = None) -> "Patience":
        answer, reading = self.answer / SHARE, min(self.answer, self.reading)
        return Patience(answer, reading) if most is None else Patience(min(answer, most), min(reading, most))


@dataclass
class Turn:
    """`others_wait`: nothing is tried again at once; `has_more` tells that it may help to, after the others.

    `most`: seconds that a source may take at most. `kept`: sessions between two looks, by source and address. `waited`: seconds
    that a source has been waited for.
    """

    others_wait: bool = False
    most: float | None = None
    has_more: bool = False
    kept: dict[tuple[str, str], Session] = field(default_factory=dict)
    waited: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def patience(self, limits: Limits) -> Patience:
        patience = Patience.of(limits)
        return patience.while_others_wait(self.most) if self.others_wait else patience


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


def current() -> Turn | None:
    return _turn.get()


def patience(limits: Limits) -> Patience:
    """The patience that holds here and now."""
    return (current() or Turn()).patience(limits)


@contextmanager
def turn(*, others_wait: bool = False, most: float | None = None) -> Iterator[Turn]:
    """Begin a turn, in which all looks at a source share one session.

    To open a session takes longer than to see that a small table stands still.
    """
    made = Turn(others_wait, most)
    before = _turn.set(made)
    try:
        yield made
    finally:
        _turn.reset(before)
        while made.kept:
            made.kept.popitem()[1].close()
