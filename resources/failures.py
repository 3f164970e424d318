"""Failures with a type, decided in one place: permanent (trying again cannot help) or transient (it may).

Every way to the outside raises these and nothing of its library's. A message has three parts: what was attempted, what
was found against what was expected, what to do; never a personal value, never a secret. No retrying is done here: who
calls decides, by the type alone, and only a transient failure is tried again.
"""

import datetime as dt

# Statuses after which the same request may yet succeed. Everything else from 400 up is the request's own fault.
TRANSIENT_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
FIRST_DELAY = dt.timedelta(minutes=1)
LONGEST_DELAY = dt.timedelta(hours=6)


class Failure(Exception):
    """A failure of something outside this process.

    Give one whole message, or its three parts. `reasons` holds what the other side said, line by line.
    """

    def __init__(self, attempted: str, found: str = "", remedy: str = "", *, reasons: tuple[str, ...] = ()) -> None:
        self.reasons = reasons
        if found:
            attempted = f"{attempted}: {found}"
        super().__init__(". ".join(part.rstrip(". ") for part in (attempted, remedy) if part) + ".")


class Permanent(Failure):
    """Trying again without a change gives the same."""


class Transient(Failure):
    """Trying again later may succeed; `retry_after` is the wait that the other side asked for."""

    def __init__(
        self,
        attempted: str,
        found: str = "",
        remedy: str = "",
        *,
        reasons: tuple[str, ...] = (),
        retry_after: dt.timedelta | None = None,
    ) -> None:
        super().__init__(attempted, found, remedy, reasons=reasons)
        self.retry_after = retry_after


class Unreachable(Transient):
    """Nothing answered at all: whatever else goes the same way will meet the same, so the pass can stop here."""


def by_status(
    status: int,
    attempted: str,
    found: str,
    remedy: str,
    *,
    reasons: tuple[str, ...] = (),
    retry_after: dt.timedelta | None = None,
) -> Failure:
    """The failure that an HTTP status means."""
    if status in TRANSIENT_STATUSES:
        return Transient(attempted, found, remedy, reasons=reasons, retry_after=retry_after)
    return Permanent(attempted, found, remedy, reasons=reasons)


def delay(attempts: int, asked: dt.timedelta | None = None) -> dt.timedelta:
    """How long to wait after so many attempts: doubling, at least what the other side asked for, with a ceiling on both."""
    doubled = FIRST_DELAY * 2 ** min(max(attempts - 1, 0), 16)
    return min(max(doubled, asked or dt.timedelta(0)), LONGEST_DELAY)
