"""Dagster's own database: how it may fail, in words, and that none of its statements is shown.

Dagster asks it by SQLAlchemy, whose errors carry the statement, its values and the server's own text. They reach the page of a run,
the UI's answers, the logs of every process and the terminal. Here they are changed as they arise, for all these places at once.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from resources import environment
from resources.failing import Failure
from resources.servers import addresses, connecting, entering
from resources.servers.failures import DagsterDiskFull, DagsterLost, DagsterRefused, DagsterStrained
from resources.servers.sqlstates import Trouble, trouble_of

DEEPEST = 20  # causes beneath each other that are looked through: they may form a ring

FAILURES: dict[Trouble, type[Failure]] = {
    "disk": DagsterDiskFull,
    "strained": DagsterStrained,
    "canceled": DagsterStrained,
    "locked": DagsterStrained,
    "stopping": DagsterLost,
    "lost": DagsterLost,
    "login": DagsterLost,
}


def hide_statements() -> None:
    """Change the errors of Dagster's engines in this process from now on: pooled ones or not, made already or to come."""
    if not sa.event.contains(sa.Engine, "handle_error", _in_words):
        sa.event.listen(sa.Engine, "handle_error", _in_words)


def failure_in(error: BaseException | None) -> Failure | None:
    """What an error of Dagster's database was told as, also beneath what Dagster made of it; None of any other error."""
    for _ in range(DEEPEST):
        if isinstance(found := getattr(error, "told", None), Failure):
            return found
        error = error.__cause__ if error is not None else None
    return None


def is_filled(url: str) -> bool:
    """Whether Dagster keeps anything there yet. Raises what keeps that from being told."""
    with reading(url) as connection:
        return connection is not None


@contextmanager
def reading(url: str) -> Iterator[sa.Connection | None]:
    """A connection to what Dagster keeps there; None: nothing yet. Raises what keeps it from being read, in words."""
    engine = connecting.engine(url, is_pooled=False)
    try:
        with engine.connect() as connection:
            is_there = connection.execute(sa.text("select to_regclass('event_logs')")).scalar() is not None
            yield connection if is_there else None
    except sa.exc.DBAPIError as error:
        kept_out = entering.refused(url, "ANSINH_DAGSTER_URL", error) if error.statement is None else None
        raise kept_out or _failure_of(error.orig, is_lost=error.connection_invalidated) from None


def heartbeats(url: str) -> dict[str, dt.timedelta]:
    """How long ago each daemon last said that it works, by the database's own clock. Raises what keeps that from being told."""
    engine = connecting.engine(url, is_pooled=False)
    try:
        with engine.connect() as connection:
            if connection.execute(sa.text("select to_regclass('daemon_heartbeats')")).scalar() is None:
                return {}
            asked = sa.text("select daemon_type, (now() at time zone 'utc') - \"timestamp\" from daemon_heartbeats")
            return {name: age for name, age in connection.execute(asked)}
    except sa.exc.DBAPIError as error:
        raise _failure_of(error.orig, is_lost=error.connection_invalidated) from None


def _failure_of(error: BaseException | None, *, is_lost: bool) -> Failure:
    state = getattr(error, "pgcode", None)
    answered = state or type(error).__name__ not in ("OperationalError", "InterfaceError")  # of these alone none may have
    trouble = "lost" if is_lost else trouble_of(state or ("-----" if answered else None), str(error))
    return FAILURES.get(trouble, DagsterRefused if answered else DagsterLost)(state=state or "-----")


def _in_words(context: sa.engine.ExceptionContext) -> None:
    """The error keeps its type and its SQLSTATE, which Dagster itself looks at, and loses every text."""
    if context.engine is None or not _is_dagsters(context.engine):
        return
    error: Any = context.original_exception
    told = _failure_of(error, is_lost=context.is_disconnect)
    error.args, error.told = (str(told),), told
    wrapped: Any = context.sqlalchemy_exception
    if wrapped is not None:
        wrapped.args, wrapped.told = (str(told),), told
        wrapped.statement, wrapped.params, wrapped.code, wrapped.detail = None, None, None, []


def _is_dagsters(engine: sa.Engine) -> bool:
    """Whether an engine leads where Dagster keeps its runs, and is none of ours: those hide their own values, and are typed."""
    where = environment.told("ANSINH_DAGSTER_URL")
    return (
        bool(where)
        and not engine.hide_parameters
        and engine.url == sa.make_url(addresses.parsed("ANSINH_DAGSTER_URL", where).url)
    )
