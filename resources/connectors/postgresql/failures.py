"""What an error of the PostgreSQL driver means, as a declared failure. Of its text nothing leaves."""

import adbc_driver_manager

from resources.connectors.failures import (
    SourceCanceled,
    SourceCannotAnswer,
    SourceChanged,
    SourceDamaged,
    SourceDiskFull,
    SourceLocked,
    SourceLoginRefused,
    SourceRightMissing,
    SourceStopping,
    SourceStrained,
    SourceUnencrypted,
    SourceUnreachable,
    SourceValueWrong,
)
from resources.failing import Failure
from resources.servers.sqlstates import Trouble, told_state, trouble_of, why_no_tls
from schemas.dataset import Source

FAILURES: dict[Trouble, type[Failure]] = {
    "login": SourceLoginRefused,
    "right": SourceRightMissing,
    "locked": SourceLocked,
    "changed": SourceChanged,
    "disk": SourceDiskFull,
    "strained": SourceStrained,
    "canceled": SourceCanceled,
    "stopping": SourceStopping,
    "damaged": SourceDamaged,
    "read_only": SourceCannotAnswer,
    "value": SourceValueWrong,
    "refused": SourceCannotAnswer,
    "lost": SourceUnreachable,
    "unencrypted": SourceUnencrypted,
}
# Of an error within the driver: it could not make of an answer what it should, and the line stands.
CANNOT_READ = (
    adbc_driver_manager.AdbcStatusCode.NOT_IMPLEMENTED,
    adbc_driver_manager.AdbcStatusCode.INVALID_DATA,
    adbc_driver_manager.AdbcStatusCode.INTERNAL,
)


def failure_of(source: Source, error: adbc_driver_manager.Error) -> Failure:
    """The driver's text can hold a query and a value: only its SQLSTATE leaves."""
    return FAILURES[_trouble(error)](
        source=source.name,
        title=source.title,
        environment=source.environment,
        state=f" (SQLSTATE {told_state(error.sqlstate)})" if error.sqlstate else "",  # an error at the door has none
        seconds=f"{source.limits.lock_timeout.total_seconds():g}",
        why=why_no_tls(str(error)),
        minutes=f"{source.limits.statement_timeout.total_seconds() / 60:g}",
    )


def _trouble(error: adbc_driver_manager.Error) -> Trouble:
    trouble = trouble_of(error.sqlstate, str(error))
    return "refused" if trouble == "lost" and not error.sqlstate and error.status_code in CANNOT_READ else trouble
