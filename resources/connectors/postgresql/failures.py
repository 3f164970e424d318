"""What an error of the PostgreSQL driver means, as a declared failure. Of its text nothing leaves."""

import re
from typing import Any

import adbc_driver_manager

from resources.connectors.failures import (
    SourceChanged,
    SourceLocked,
    SourceLoginRefused,
    SourceRightMissing,
    SourceUnreachable,
)
from resources.failures import Failure
from schemas.dataset import Source


def failure_of(source: Source, error: adbc_driver_manager.Error) -> Failure:
    """The driver's text can hold a query and a value: only its SQLSTATE leaves."""
    state = getattr(error, "sqlstate", None) or "-----"
    facts: dict[str, Any] = {"source": source.name, "title": source.title, "environment": source.environment, "state": state}
    if state in ("28P01", "28000") or _says(error, LOGIN_REFUSED):
        return SourceLoginRefused(**facts)
    if state == "42501":
        return SourceRightMissing(**facts)
    if state == "55P03":
        return SourceLocked(**facts, seconds=f"{source.limits.lock_timeout.total_seconds():g}")
    if state[:2] in ("42", "3D", "3F") or _says(error, DATABASE_MISSING):
        return SourceChanged(**facts)
    return SourceUnreachable(**facts)


# At the opening of a connection libpq has no SQLSTATE to give, only the server's words, of which none leaves.
LOGIN_REFUSED = re.compile(
    r"authentication failed|not permitted to log in|no pg_hba\.conf entry|role .* does not exist|no password"
)
DATABASE_MISSING = re.compile(r"database .* does not exist")


def _says(error: adbc_driver_manager.Error, words: re.Pattern[str]) -> bool:
    return getattr(error, "sqlstate", None) is None and words.search(str(error)) is not None
