"""What the doctor says of this machine: its disks; and that root lays nothing into the state of another account."""

import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from pipelines import cli
from pipelines.doctor import machine
from pipelines.doctor.failures import DiskLow
from resources.failures import RootInState
from resources.hub import Hub
from resources.settings import Settings
from resources.state_folder import refuse_root

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    (tmp_path / "home" / "raw").mkdir(parents=True)
    monkeypatch.setenv("BACKUP_DIR", str(tmp_path / "backups" / "not yet"))
    return Hub(Settings("production", tmp_path / "home"))


def test_each_disk_that_is_needed_is_looked_at(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    for low in ("home", "backups"):
        (hub.settings.home.parent / "backups").mkdir(exist_ok=True)
        monkeypatch.setattr(shutil, "disk_usage", lambda path, low=low: Usage(0, 0, 1 if low in str(path) else 9 << 30))
        with pytest.raises(DiskLow, match="ANSINH_HOME" if low == "home" else "BACKUP_DIR"):
            machine.disk(hub)


def test_what_takes_room_is_named_and_backups_on_the_same_disk_too(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "GB", 1024)
    monkeypatch.setattr(machine, "LEAST_FREE_BYTES", 1)
    (hub.settings.home / "raw" / "a").write_bytes(b"x" * 2048)
    told = machine.disk(hub)
    assert "ANSINH_HOME còn" in told and "BACKUP_DIR còn" in told and "raw 2,0 GB" in told and "cùng đĩa" in told


def test_root_lays_nothing_into_the_state_of_another_account(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = hub.settings.home
    if os.geteuid() == 0:
        os.chown(home, 65534, 65534)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("ANSINH_HOME", str(home))
    monkeypatch.setenv("ANSINH_PROFILE", "production")
    for command in (["nightly"], ["backup"], ["retain", "--dry-run"], ["status"]):
        before = sorted(home.rglob("*"))
        assert cli.main(command) == RootInState.exit_status
        assert "lệnh chạy bằng root" in capsys.readouterr().err and sorted(home.rglob("*")) == before
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    refuse_root(home)  # as in a volume that root laid down for a group
