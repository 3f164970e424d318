"""What holds for the tests of `unit`, `contracts` and `graph`, by the `conftest.py` of each: they start no server.

A socket that is bound and a program that serves are refused where they are asked for, and fail the test though its code has
swallowed the refusal. They belong to `integration`, beside what they are like.
"""

import itertools
import socket
import sys
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import pytest

# It binds [::1] once, when it is imported, to learn whether the machine has IPv6. A test that is the first to import it (with
# requests, with dagster) would be refused for that, and only where it runs alone.
import urllib3.util.connection  # noqa: F401

PROGRAMS = {"postgres", "initdb", "pg_ctl", "ansinh", "dagster", "dagster-daemon", "dagster-webserver", "uvicorn", "gunicorn"}
MODULES = {
    "pipelines.cli",
    "pipelines.door",
    "demo",
    "demo.gateway.server",
    "demo.platform.server",
    "dagster",
    "uvicorn",
    "http.server",
}
NETWORKS = (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)


class ServerAsked(AssertionError):
    """A test of these folders asks for a server."""


_asked: list[str] = []
_is_watched = False


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if _is_watched and (what := _server_of(event, arguments)):
        _asked.append(what)
        raise ServerAsked(f"{what}: a test that starts a server belongs to tests/integration")


def _server_of(event: str, arguments: tuple[Any, ...]) -> str | None:
    if event == "socket.bind" and arguments[0].family in NETWORKS:
        return f"bind {arguments[1]}"
    if event == "subprocess.Popen":
        program, command, *_ = arguments
        words = [program, *([command] if isinstance(command, str | bytes) else command)]
        return _program_of([w.decode(errors="replace") if isinstance(w, bytes) else str(w) for w in words])
    return None


def _program_of(words: list[str]) -> str | None:
    """The first word names a program, and so does what follows `-m`."""
    named = [w for w in words[:2] if Path(w).name in PROGRAMS]
    named += [module for flag, module in itertools.pairwise(words) if flag == "-m" and module in MODULES]
    return f"run {named[0]}" if named else None


sys.addaudithook(_look)  # for good: no audit hook is ever taken away


def taken() -> Iterable[str]:
    """What was asked for since the last look, which fails no test any more."""
    found = _asked[:]
    _asked.clear()
    return found


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup() -> Generator[None, None, None]:
    """From before the fixtures of a test on, those of its file among them."""
    global _is_watched
    _asked.clear()
    _is_watched = True
    yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Generator[None, None, None]:
    global _is_watched
    try:
        yield
    finally:
        _is_watched = False
    if asked := taken():
        raise ServerAsked(f"{', '.join(asked)}: refused, and swallowed by what the test calls")
