"""The demo's commands in production: refused before a folder is made, a server started or a question asked."""

import subprocess
import sys
from pathlib import Path

import pytest

from demo import __main__ as demo
from pipelines import cli

COMMANDS = {
    **dict.fromkeys(demo.COMMANDS, ()),
    "day": ("+1",),
    "fault": ("dead", "--source", "poverty"),
    "url": ("poverty",),
    "không-có": (),
    "--help": (),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANSINH_PROFILE", "production")
    monkeypatch.setenv("ANSINH_HOME", str(tmp_path / "h"))
    monkeypatch.setenv("ANSINH_TODAY", "2024-11-20")
    return tmp_path / "h"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_demo_is_refused_before_it_touches_anything(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """By the command line, where no program of the demo is begun, and by the program itself."""
    monkeypatch.setattr(subprocess, "call", lambda *a, **k: pytest.fail("the demo was begun"))
    assert cli.main(["demo", command, *COMMANDS[command]]) == 2
    monkeypatch.setattr(sys, "argv", ["demo", command, *COMMANDS[command]])
    assert demo.main() == 2
    said = capsys.readouterr()
    assert said.err.count("đang ở cấu hình production") == 2 and said.out == ""
    assert not list(home.parent.iterdir())


def test_a_state_that_stands_is_left_as_it_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "demo").mkdir(parents=True)
    (home / "demo" / "built.json").write_text("{}")
    before = {path: path.stat().st_mtime_ns for path in [home, *home.rglob("*")]}
    for command, more in COMMANDS.items():
        monkeypatch.setattr(sys, "argv", ["demo", command, *more])
        assert demo.main() == 2
    assert {path: path.stat().st_mtime_ns for path in [home, *home.rglob("*")]} == before


@pytest.mark.parametrize("name", ["gateway", "platform"])
def test_a_synthetic_server_called_by_its_module_is_refused_as_well(home: Path, name: str) -> None:
    from importlib import import_module

    assert import_module(f"demo.{name}.server").main([]) == 2
    assert not home.exists()


def test_a_profile_that_is_none_runs_nothing_either(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANSINH_PROFILE", "Production")
    assert cli.main(["demo", "build"]) == 2
    assert "ANSINH_PROFILE" in capsys.readouterr().err and not home.exists()
