"""Dagster's own webserver as an ASGI app, as `dagster-webserver` makes it: with an instance for many requests, and the workspace.

Dagster offers that as a program alone; what it is made of comes from assets/webserver_internals.py.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import dagster as dg
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from assets.webserver_internals import DagsterWebserver, WorkspaceFileTarget, WorkspaceProcessContext, __version__
from pipelines.door import pages
from pipelines.runtime.instance import workspace
from resources.settings import Settings
from resources.warehouse.engine import typed

# As `dagster-webserver` has them unless told otherwise.
STATEMENT_MILLISECONDS, POOL_SECONDS, POOL_OVERFLOW = 15_000, 3_600, 20
POLL_MILLISECONDS = 2_000


class Webserver(DagsterWebserver):
    def handle_graphql_errors(self, errors: Sequence[GraphQLError]) -> list[Any]:
        """Errors without the stack that Dagster adds, and of an unforeseen one without its text: it may be SQL."""
        return [_told(error) for error in errors]


def _told(error: GraphQLError) -> dict[str, Any]:
    told: dict[str, Any] = {**error.formatted}
    if error.original_error is not None:
        told["message"] = str(typed("giao diện", error.original_error))
    return told


@contextmanager
def app() -> Iterator[ASGIApp]:
    with (
        dg.DagsterInstance.get() as instance,
        WorkspaceProcessContext(
            _served(instance), WorkspaceFileTarget([str(workspace(Settings.load()))]), __version__
        ) as context,
    ):
        made = Webserver(context, live_data_poll_rate=POLL_MILLISECONDS).create_asgi_app()
        made.add_exception_handler(Exception, _unforeseen)
        yield made


def _served(instance: dg.DagsterInstance) -> dg.DagsterInstance:
    instance.optimize_for_webserver(STATEMENT_MILLISECONDS, POOL_SECONDS, POOL_OVERFLOW)
    return instance


async def _unforeseen(asked: Request, _error: Exception) -> Response:
    return pages.unforeseen().answer(asked.headers)
