"""The guard of these folders sees a server, also where what asks for it swallows the refusal."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from resources.embedded import EmbeddedServer
from tests import no_server
from tests.no_server import ServerAsked

pytest_plugins = "pytester"


@pytest.mark.parametrize(
    ("family", "place"), [(socket.AF_INET, ("127.0.0.1", 0)), (socket.AF_INET6, ("::1", 0)), (socket.AF_UNIX, "s.sock")]
)
def test_a_bound_socket_is_seen(family: int, place: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(family) as one, pytest.raises(ServerAsked, match="belongs to tests/integration"):
        one.bind(place)
    assert no_server.taken() == [f"bind {place}"] and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "command",
    [
        ["/usr/lib/postgresql/15/bin/pg_ctl", "start"],
        [sys.executable, "-m", "pipelines.cli", "nightly"],
        [sys.executable, "-W", "ignore", "-m", "demo", "gateway"],
        [str(Path(sys.executable).parent / "ansinh"), "ui"],
        "initdb",
    ],
    ids=str,
)
def test_a_program_that_serves_is_seen(command: list[str] | str) -> None:
    with pytest.raises(ServerAsked):
        subprocess.run(command)
    assert len(list(no_server.taken())) == 1


def test_the_embedded_server_is_seen(tmp_path: Path) -> None:
    with pytest.raises(ServerAsked):
        EmbeddedServer(tmp_path).control("stop")
    assert no_server.taken()


def test_a_refusal_that_is_swallowed_fails_the_test_all_the_same(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("from tests.no_server import pytest_runtest_setup, pytest_runtest_teardown")
    pytester.makepyfile("""
        import contextlib, socket, subprocess, sys
        import pytest

        @pytest.fixture(scope="module")
        def serving():
            with contextlib.suppress(BaseException):
                socket.create_server(("127.0.0.1", 0))

        def test_swallowed():
            with contextlib.suppress(BaseException):
                socket.create_server(("127.0.0.1", 0))

        def test_in_a_fixture_of_the_file(serving):
            pass

        def test_other_programs_and_sockets_are_let_be():
            assert subprocess.run([sys.executable, "-c", "pass"]).returncode == 0
            ours, theirs = socket.socketpair()
            ours.close(), theirs.close()
    """)
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=3, errors=2)
