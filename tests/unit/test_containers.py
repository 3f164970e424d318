"""The second ways, for parts that stand in containers: by TCP, in folders of their own, and by which process a run is known there."""

import datetime as dt
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from assets import tags as run_tags
from assets.tags import HOST, PLACE, PLACE_SETTING, process_lives, process_tags
from pipelines.door.addresses import Addresses
from pipelines.door.failures import UiOpen
from pipelines.failures import CodeServerOpen, PartUnwell
from pipelines.runtime import dagster_instance, health
from pipelines.runtime.health import refuse_unwell
from pipelines.runtime.instance import environment, workspace
from pipelines.runtime.processes import parts, refuse_open
from resources.environment import open_to_others
from resources.failures import SettingWrong
from resources.settings import PROJECT, Settings

DAGSTER = "postgresql://u:mat-khau@localhost/dagster"  # pragma: allowlist secret


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("ANSINH_DAGSTER_URL", DAGSTER)
    return Settings("production", tmp_path)


# -- the code server by TCP --


def test_the_code_server_is_at_a_socket_unless_a_setting_says_where(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, daemon = parts(settings)
    assert code.command[-6:-4] == ("-s", str(settings.home / "run" / "code.sock"))
    assert daemon.command[-1] == str(PROJECT / "workspace.yaml") and "ANSINH_CODE_HOST" not in environment(settings)
    monkeypatch.setenv("ANSINH_CODE_SERVER", "code:4000")
    code, _, daemon = parts(settings)
    assert code.command[-8:-4] == ("-h", "code", "-p", "4000")
    assert daemon.command[-1] == str(workspace(settings)) == str(PROJECT / "deploy" / "workspace.yaml")
    (server,) = (entry["grpc_server"] for entry in yaml.safe_load(workspace(settings).read_text())["load_from"])
    told = environment(settings)
    assert (told[server["host"]["env"]], told[server["port"]["env"]]) == ("code", "4000")
    (here,) = (entry["grpc_server"] for entry in yaml.safe_load((PROJECT / "workspace.yaml").read_text())["load_from"])
    assert server["location_name"] == here["location_name"] == dagster_instance.LOCATION


@pytest.mark.parametrize("text", ["code", "code:", ":4000", "code:0", "code:70000", "http://code:4000", "code:4000/x", "a b:1"])
def test_where_it_is_has_to_be_a_name_and_a_port(settings: Settings, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("ANSINH_CODE_SERVER", text)
    with pytest.raises(SettingWrong, match="ANSINH_CODE_SERVER"):
        assert settings.code_server


@pytest.mark.parametrize("host", ["8.8.8.8", "0.0.0.0"])
def test_a_code_server_is_never_open_to_the_world(settings: Settings, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("ANSINH_CODE_SERVER", f"{host}:4000")
    with pytest.raises(CodeServerOpen, match=host):
        refuse_open(settings)


@pytest.mark.parametrize("told", ["127.0.0.1:4000", "10.1.2.3:4000", "172.18.0.2:4000", ""])
def test_a_code_server_of_a_private_network_may_stand(settings: Settings, monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setenv("ANSINH_CODE_SERVER", told)
    refuse_open(settings)


def test_sockets_and_pid_files_may_lie_elsewhere(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two containers share the state, and none of these."""
    monkeypatch.setenv("ANSINH_RUN_DIR", str(tmp_path / "own"))
    assert settings.run_dir == tmp_path / "own" and environment(settings)["ANSINH_CODE_SOCKET"] == str(
        tmp_path / "own" / "code.sock"
    )
    monkeypatch.setenv("ANSINH_RUN_DIR", "own")
    with pytest.raises(SettingWrong, match="ANSINH_RUN_DIR"):
        assert settings.run_dir


def test_a_grid_that_lacks_the_new_month_is_ill(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody starts the code server anew when a month begins, its container is: by its health check."""
    monkeypatch.setattr(health, "code_server_answers", lambda settings: True)
    monkeypatch.setattr(health.psutil.Process, "create_time", lambda self: dt.datetime(2024, 10, 31).timestamp())
    with pytest.raises(PartUnwell, match="10/2024"):
        refuse_unwell(settings, "code-server", 3000)
    monkeypatch.setattr(health.psutil.Process, "create_time", lambda self: time.time())
    refuse_unwell(settings, "code-server", 3000)
    monkeypatch.setattr(health, "code_server_answers", lambda settings: False)
    with pytest.raises(PartUnwell, match="không trả lời"):
        refuse_unwell(settings, "code-server", 3000)


# -- the door --


@pytest.mark.parametrize("origin", [None, "http://localhost:8080"])
def test_the_door_is_open_beyond_this_machine_for_a_proxy_with_tls_alone(
    monkeypatch: pytest.MonkeyPatch, origin: str | None
) -> None:
    assert Addresses(3000, origin).listening == "127.0.0.1"
    monkeypatch.setenv("ANSINH_UI_LISTEN", "0.0.0.0")
    with pytest.raises(UiOpen, match=r"0\.0\.0\.0"):
        assert Addresses(3000, origin).listening
    assert Addresses(3000, "https://hub.tinh.vn").listening == "0.0.0.0"
    monkeypatch.setenv("ANSINH_UI_LISTEN", "127.0.0.1")
    assert Addresses(3000, origin).listening == "127.0.0.1"


def test_where_the_door_listens_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSINH_UI_LISTEN", "hub.tinh.vn")
    with pytest.raises(SettingWrong, match="ANSINH_UI_LISTEN"):
        assert Addresses(3000, "https://hub.tinh.vn").listening


# -- whose run it is --


def in_container(monkeypatch: pytest.MonkeyPatch, number: int, place: str | None = None) -> None:
    """As a process of another container finds itself: the same name may be given to the next one, the number never at once."""
    monkeypatch.setattr(run_tags.os, "readlink", lambda path: f"pid:[{number}]")
    if place:
        monkeypatch.setenv(PLACE_SETTING, place)
    else:
        monkeypatch.delenv(PLACE_SETTING, raising=False)


def test_a_run_of_another_container_of_the_same_name_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    in_container(monkeypatch, 4026532201)
    mine = process_tags()
    assert process_lives(mine) is True and PLACE not in mine
    in_container(monkeypatch, 4026532202)
    assert process_lives(mine) is None, "its number is another's here"
    in_container(monkeypatch, 4026531836)
    assert process_tags()[HOST] == socket.gethostname(), "a machine needs no more than its name"


def test_what_ran_at_a_place_is_gone_once_another_container_stands_there(monkeypatch: pytest.MonkeyPatch) -> None:
    in_container(monkeypatch, 4026532201, "code-server")
    ran = process_tags()
    assert process_lives(ran) is True
    in_container(monkeypatch, 4026532202, "code-server")
    assert process_lives(ran) is False
    in_container(monkeypatch, 4026532203)
    assert process_lives(ran) is None, "a command in a container beside it does not know"
    monkeypatch.setattr(run_tags.socket, "gethostname", lambda: "may-khac")
    in_container(monkeypatch, 4026532202, "code-server")
    assert process_lives(ran) is None, "the place of another machine"


# -- what a container starts --


def entered(*command: str, **settings: str) -> subprocess.CompletedProcess:
    asked = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), **settings}
    given = [sys.executable, "-m", "pipelines.runtime.entry", *command]
    return subprocess.run(given, env=asked, capture_output=True, text=True, cwd="/", timeout=60)


def test_a_command_of_dagster_finds_the_state_that_the_files_name(tmp_path: Path) -> None:
    (tmp_path / "dagster_url").write_text(DAGSTER)
    given = {"ANSINH_PROFILE": "production", "ANSINH_DAGSTER_URL_FILE": str(tmp_path / "dagster_url")}
    done = entered("env", ANSINH_HOME=str(tmp_path / "home"), ANSINH_RUN_DIR=str(tmp_path / "run"), **given)
    told = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert (
        told["ANSINH_DAGSTER_URL"] == DAGSTER.replace("postgresql:", "postgresql+psycopg2:")
        and not told["ANSINH_DAGSTER_URL_FILE"]
    )
    assert told["DAGSTER_HOME"] == str(PROJECT) and Path(told["ANSINH_DAGSTER_DIR"]).is_dir() and (tmp_path / "run").is_dir()


def test_what_is_missing_is_said_before_anything_starts(tmp_path: Path) -> None:
    done = entered("env", ANSINH_PROFILE="production", ANSINH_HOME=str(tmp_path))
    assert done.returncode == 2 and "ANSINH_DAGSTER_URL" in done.stderr and "Traceback" not in done.stderr and not done.stdout
    assert (
        entered().returncode == 2 and entered("ansinh-khong-co", ANSINH_DAGSTER_URL=DAGSTER, ANSINH_HOME=str(tmp_path)).returncode
    )


def test_dagster_started_by_itself_reads_the_file_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a chart starts its daemon: past the image's own entry."""
    (tmp_path / "dagster_url").write_text(DAGSTER)
    given = {
        "ANSINH_PROFILE": "production",
        "ANSINH_HOME": str(tmp_path),
        "ANSINH_DAGSTER_URL_FILE": str(tmp_path / "dagster_url"),
    }
    monkeypatch.setattr(os, "environ", {"PATH": os.environ["PATH"], **given})
    found = dagster_instance._storage("run")
    assert os.environ["ANSINH_DAGSTER_URL"].endswith("/dagster") and "mat-khau" not in str(found["storage"])


def test_a_secret_that_root_gave_to_our_group_is_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster lays it down so; where others read it too, or where it is not root's, it is named."""
    secret = tmp_path / "secret"
    secret.touch()
    monkeypatch.setenv("WAREHOUSE_URL_FILE", str(secret))
    at = secret.stat()
    monkeypatch.setattr(os, "geteuid", lambda: 10001)
    monkeypatch.setattr(os, "getegid", lambda: at.st_gid)
    for mode, owner, named in ((0o440, 0, False), (0o444, 0, True), (0o440, 1000, True)):
        told = os.stat_result([0o100000 | mode, *at[1:4], owner, *at[5:]])
        with monkeypatch.context() as patched:
            patched.setattr(os, "stat", lambda path, told=told: told)
            assert open_to_others() == (["WAREHOUSE_URL_FILE"] if named else [])
