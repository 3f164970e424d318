"""A code server that stands alone and is reached by TCP, and what the health checks of containers say of each part."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest

from resources.embedded import EmbeddedServer
from resources.settings import PROJECT
from tests.integration.report_hub import embedded_warehouse
from tests.integration.warm import warm

pytestmark = pytest.mark.landing

LIMIT = 300
PORT = "39871"


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The settings of a container: addresses in files, folders of its own. It has no server of ours."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = tmp_path_factory.mktemp("container")
    for at in embedded_warehouse():
        server = EmbeddedServer(at)
        server.ensure_database("dagster")
        for name in ("warehouse", "dagster"):
            (own / name).write_text(server.url(name))
            (own / name).chmod(0o600)
        yield {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PROJECT),
            "ANSINH_PROFILE": "production",
            "ANSINH_HOME": str(own / "home"),
            "ANSINH_RUN_DIR": str(own / "run"),
            "ANSINH_CODE_SERVER": f"127.0.0.1:{port}",
            "WAREHOUSE_URL_FILE": str(own / "warehouse"),
            "ANSINH_DAGSTER_URL_FILE": str(own / "dagster"),
        }


def ansinh(given: dict[str, str], *command: str) -> subprocess.CompletedProcess:
    return warm().run("pipelines.cli", command, given, LIMIT)


def listens(given: dict[str, str]) -> bool:
    host, port = given["ANSINH_CODE_SERVER"].split(":")
    with closing(socket.socket()) as probe:
        return probe.connect_ex((host, int(port))) == 0


@pytest.fixture(scope="module")
def code_server(given: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    log = tmp_path_factory.mktemp("log") / "output"
    with log.open("wb") as sink:
        asked = [sys.executable, "-m", "pipelines.cli", "ui", "--only", "code-server"]
        process = subprocess.Popen(asked, env=given, cwd="/", stdout=sink, stderr=sink, stdin=subprocess.DEVNULL)
        try:
            until = time.monotonic() + LIMIT
            while not listens(given):
                assert process.poll() is None and time.monotonic() < until, log.read_text()
                time.sleep(0.2)
            yield log
        finally:
            process.terminate()
            process.wait(LIMIT)


def test_it_answers_by_tcp_and_its_output_is_the_log(given: dict[str, str], code_server: Path) -> None:
    done = ansinh(given, "ui", "--check", "code-server")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (
        listens(given)
        and not (Path(given["ANSINH_RUN_DIR"]) / "code.sock").exists()
        and not (Path(given["ANSINH_HOME"]) / "logs").exists()
    )
    assert "Started Dagster code server" in code_server.read_text()


def test_what_it_starts_knows_its_place(given: dict[str, str], code_server: Path) -> None:
    pid = int((Path(given["ANSINH_RUN_DIR"]) / "code-server.pid").read_text())
    environment = psutil.Process(pid).environ()
    assert environment["ANSINH_PLACE"] == "code-server" and "/dagster?host=" in environment["ANSINH_DAGSTER_URL"]


def test_a_second_one_of_the_same_folder_is_refused(given: dict[str, str], code_server: Path) -> None:
    done = ansinh(given, "ui", "--only", "code-server")
    assert done.returncode == 1 and "đang chạy" in done.stderr


@pytest.mark.parametrize(("part", "why"), [("daemon", "không thấy"), ("webserver", "không trả lời")])
def test_a_part_that_does_not_stand_is_told_in_words(given: dict[str, str], code_server: Path, part: str, why: str) -> None:
    done = ansinh(given, "ui", "--check", part, "--port", PORT)
    assert done.returncode == 1 and part in done.stderr and why in done.stderr and "Traceback" not in done.stderr


def test_a_daemon_lives_by_its_beats(given: dict[str, str], code_server: Path) -> None:
    """Each of those that a night needs, by the clock of their database: one that fell silent is named."""
    beat = "insert into daemon_heartbeats (daemon_type, daemon_id, timestamp, body) values (%s, 'here', now() at time zone 'utc' - %s * interval '1 minute', '{}')"
    with closing(psycopg2.connect(Path(given["ANSINH_DAGSTER_URL_FILE"]).read_text().replace("+psycopg2", ""))) as connection:
        with connection, connection.cursor() as cursor:
            cursor.executemany(beat, [("SCHEDULER", 1), ("SENSOR", 2), ("QUEUED_RUN_COORDINATOR", 30)])
        done = ansinh(given, "ui", "--check", "daemon")
        assert done.returncode == 1 and "QUEUED_RUN_COORDINATOR" in done.stderr and "SENSOR" not in done.stderr
        with connection, connection.cursor() as cursor:
            cursor.execute("delete from daemon_heartbeats where daemon_type = 'QUEUED_RUN_COORDINATOR'")
            cursor.execute(beat, ("QUEUED_RUN_COORDINATOR", 0))
    assert ansinh(given, "ui", "--check", "daemon").returncode == 0
