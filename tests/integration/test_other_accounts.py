"""What another account of the machine finds of a state: `open/`, and nothing else. Tried as that account, where the tests run as root."""

import json
import os
import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from resources import accounts, state_folder
from resources.embedded import EmbeddedServer, server
from resources.failures import StateOpen
from resources.hub import Hub
from tests.integration.kept import new_home
from tests.integration.province import FIRST_NIGHT, LIMIT, Province, province
from tests.integration.warm import warm

NOBODY = 65534
BAD_URL = "postgresql://u:Bi9@Mat@h/d"


@pytest.fixture(scope="module")
def made() -> Iterator[Province]:
    with province(after_first_night=True) as found:
        server(found.home)
        yield found


def as_account(number: int, does: Callable[[], Any]) -> Any:
    """What `does` returns in a process of another account; without root there is none but ours."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        with suppress(BaseException):
            os.setgroups([])
            os.setgid(number)
            os.setuid(number)
            os.write(writing, json.dumps(does()).encode())
            status = 0
        os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        found = told.read()
    assert os.waitpid(child, 0)[1] == 0
    return json.loads(found)


def reached(home: Path, paths: list[Path]) -> list[str]:
    """Which of these can be listed, read, or written; and the servers that answer."""
    found = []
    for path in paths:
        with suppress(OSError):
            os.listdir(path) if path.is_dir() else path.open("rb").close()
            found.append(str(path))
        if os.access(path, os.W_OK):
            found.append(f"written: {path}")
    for name in ("pg/.s.PGSQL.5432", "run/code.sock"):
        with socket.socket(socket.AF_UNIX) as asked, suppress(OSError):
            asked.connect(str(home / name))
            found.append(f"connected: {name}")
    with suppress(psycopg2.OperationalError):
        EmbeddedServer(home).connect().close()
        found.append("postgresql")
    return found


def shown(home: Path) -> list[Path]:
    """By the modes alone: all but the open data that is readable to others, if they got as far. The tests' own file is theirs."""
    others = (home / "pg", home / "open", home / FIRST_NIGHT)
    everything = [home, *(p for p in home.rglob("*") if not any(p == other or other in p.parents for other in others))]
    return [p for p in everything if p.stat().st_mode & state_folder.READABLE]


def test_another_account_finds_open_data_alone(made: Province) -> None:
    home, sock = made.home, made.home / "run" / "code.sock"
    with socket.socket(socket.AF_UNIX) as code_server:
        code_server.bind(str(sock))
        code_server.listen()
        sock.chmod(0o777)  # as a server of another umask leaves it
        everything = [home, *home.rglob("*")]
        of_open = [p for p in everything if p == home / "open" or home / "open" in p.parents]
        found = [str(p) for p in of_open] if os.geteuid() else as_account(NOBODY, lambda: reached(home, everything))
    sock.unlink()
    assert found == [str(p) for p in of_open] and len(of_open) > 50
    assert {p.name for p in home.iterdir()} >= {"clock", "dagster", "logs", "pg", "raw", "run", "secrets"} and shown(home) == []
    assert stat.S_IMODE(home.stat().st_mode) == (0o700 if os.geteuid() else 0o711), "the embedded server's account passes"


def test_a_folder_that_an_older_version_left_open_is_closed(made: Province, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSINH_HOME", str(made.home))
    for name, mode in ((".", 0o755), ("logs", 0o755), ("run", 0o777), ("clock", 0o644)):
        (made.home / name).chmod(mode)
    with pytest.raises(StateOpen, match=r"chính thư mục đó, clock, logs, run"):
        state_folder.refuse_open(made.home)
    Hub.open()
    state_folder.refuse_open(made.home)
    assert shown(made.home) == []


def test_an_account_without_a_name_asks_by_its_number() -> None:
    """A container may be given any: no system file of it knows a name, and its environment none either."""
    nameless = next(number for number in range(40_000, 60_000) if accounts.named(number) == str(number))

    def asks() -> list[str]:
        os.environ.clear()
        return [accounts.asking(), accounts.ours()]

    if os.geteuid() == 0:
        assert as_account(nameless, asks) == [str(nameless)] * 2
    assert accounts.named(os.geteuid()) == accounts.ours()


UNMASKED = """
import os, runpy
os.umask(0)
runpy.run_module("pipelines.cli", run_name="__main__")
"""


def test_an_address_that_is_none_stops_its_system_only(made: Province) -> None:
    """Nor does the guard fall over another wrong setting; and what a night writes is born closed, whatever umask it was given."""
    wrong = made.having(SOURCE_POVERTY_URL=BAD_URL, ANSINH_RETRY_SECONDS="một phút")
    command = ("nightly", "--json", "--source", "poverty", "--source", "social_protection")
    night = warm().run("tests.integration.script", (UNMASKED, *command), wrong.environment, LIMIT)
    assert night.returncode == 1, night.stderr
    card = json.loads(night.stdout.splitlines()[-1])
    assert len(card["failures"]) == 1 and "SOURCE_POVERTY_URL" in card["failures"][0]
    assert {s["source"]: bool(s["failed_datasets"]) for s in card["systems"]} == {"poverty": True, "social_protection": False}
    assert "Bi9" not in night.stdout + night.stderr and "Traceback" not in night.stderr
    kept = "select string_agg(event, '') from event_logs where timestamp > now() at time zone 'utc' - interval '5 minutes'"
    assert "Bi9" not in made.one(kept, "dagster")
    assert shown(made.home) == []


def test_the_folders_above_are_passed_and_not_opened(tmp_path: Path) -> None:
    """Started by root, the server runs under an account of its own; by another account, under that one."""
    above = new_home()
    home = above / "t"
    try:
        with closing(server(home).connect()):
            pass
        assert stat.S_IMODE(above.stat().st_mode) == (0o711 if os.geteuid() == 0 else 0o700)
        assert stat.S_IMODE(home.stat().st_mode) & 0o066 == 0
        if os.geteuid() == 0:
            assert as_account(NOBODY, lambda: reached(home, [home, *home.rglob("*")])) == []
    finally:
        EmbeddedServer(home).stop()
        shutil.rmtree(above)


def test_an_ordinary_account_keeps_its_state_to_itself() -> None:
    above = new_home()
    home = above / "t"
    account = NOBODY if os.geteuid() == 0 else os.geteuid()
    os.chown(above, account, -1)
    os.chmod(above, 0o711)

    def serves() -> int:
        os.umask(0o022)
        server(home)
        return stat.S_IMODE(home.stat().st_mode)

    try:
        assert (as_account(account, serves) if os.geteuid() == 0 else serves()) == 0o700
        if os.geteuid() == 0:
            assert as_account(1, lambda: reached(home, [home, *home.rglob("*")])) == []
    finally:
        stop = EmbeddedServer(home).stop
        as_account(account, stop) if os.geteuid() == 0 else stop()
        shutil.rmtree(above)
