"""What the doctor says of this machine: its disks; and that root lays nothing into the state of another account."""

import os
import shutil
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines import cli
from pipelines.doctor import alerting, backups, inbox, machine, person
from pipelines.doctor.failures import DiskLow
from resources.failing import Failure
from resources.failures import RootInState
from resources.hub import Hub
from resources.inbox.failures import InboxClosed
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
    for folder, sizes in {"raw": (1024, 1024), "open": (1024,), "logs": (52,), "khac": (4096,)}.items():
        (hub.settings.home / folder).mkdir(exist_ok=True)
        for number, size in enumerate(sizes):
            (hub.settings.home / folder / str(number)).write_bytes(b"x" * size)
    told = machine.disk(hub)
    assert "ANSINH_HOME còn" in told and "BACKUP_DIR còn" in told and "cùng đĩa" in told
    assert told.endswith("; raw 2,0 GB, open 1,0 GB, logs 0,1 GB"), "the parts above a twentieth"
    (hub.settings.home / "logs" / "0").write_bytes(b"x" * 51)
    assert machine.disk(hub).endswith("; raw 2,0 GB, open 1,0 GB")
    monkeypatch.delenv("BACKUP_DIR")
    assert "BACKUP_DIR" not in machine.disk(hub) and "cùng đĩa" not in machine.disk(hub)


def test_what_is_free_to_the_byte_is_enough(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 2 << 30))
    assert machine.disk(hub).startswith("ANSINH_HOME còn 2,0 GB")
    assert "cùng đĩa" in machine.disk(hub)
    monkeypatch.setenv("BACKUP_DIR", "/proc")
    assert machine.disk(hub) == "ANSINH_HOME còn 2,0 GB; BACKUP_DIR còn 2,0 GB"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, (2 << 30) - 1))
    with pytest.raises(DiskLow):
        machine.disk(hub)


def test_a_state_folder_that_others_may_enter_and_a_setting_without_a_meaning_are_told(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for folder in (hub.settings.home, hub.settings.home / "raw"):
        folder.chmod(0o700)
    assert machine.own_things(hub).warnings == ()
    (secret := tmp_path / "mat-khau").write_text("mat-khau-thu")
    secret.chmod(0o644)
    monkeypatch.setenv("WAREHOUSE_URL_FILE", str(secret))
    [warning] = machine.own_things(hub).warnings
    assert "WAREHOUSE_URL" in str(warning)
    monkeypatch.delenv("WAREHOUSE_URL_FILE")
    for name in (
        "ANSINH_FILING",
        "ANSINH_RETRY_SECONDS",
        "ANSINH_RUN_DIR",
        "ANSINH_CODE_SERVER",
        "ANSINH_UI_ORIGIN",
        "ANSINH_UI_LISTEN",
    ):
        monkeypatch.setenv(name, "không có nghĩa")
        with pytest.raises(Failure, match=name):
            machine.own_things(hub)
        monkeypatch.delenv(name)
    hub.settings.home.chmod(0o755)
    with pytest.raises(Failure, match=str(hub.settings.home)):
        machine.own_things(hub)


def test_a_setting_that_nobody_reads_and_exports_that_nobody_can_write_are_warned_of(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for folder in (hub.settings.home, hub.settings.home / "raw"):
        folder.chmod(0o700)
    monkeypatch.setenv("ALERT_WEBHOK_URL", "Bi9Mat")
    (tmp_path / "tệp").touch()
    monkeypatch.setenv("EXPORT_DIR", str(tmp_path / "tệp" / "sổ"))
    names, exports = map(str, machine.own_things(hub).warnings)
    assert "ALERT_WEBHOK_URL (có phải ALERT_WEBHOOK_URL?)" in names and "Bi9Mat" not in names
    assert "EXPORT_DIR" in exports and str(tmp_path / "tệp" / "sổ") in exports


@pytest.mark.parametrize("name", ["HEADINGS_DIR", "INBOX_REST_SECONDS"])
def test_a_setting_of_the_inboxes_without_a_meaning_is_told_before_a_file_comes(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (hub.settings.home / "inbox" / "poverty").mkdir(parents=True)
    monkeypatch.setenv(name, "không có nghĩa")
    with pytest.raises(Failure, match=name):
        inbox.look(hub)


@pytest.mark.parametrize(
    ("look", "name", "value"),
    [
        (person.look, "PERSON_DIGEST_SECRET_FILE", "/không/có"),
        (person.look, "PERSON_DIGEST_SECRET", "1234"),
        (backups.health, "BACKUP_KEEP", "bảy"),
    ],
)
def test_what_is_needed_once_a_year_is_read_every_morning(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, look: Callable[[Hub], object], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Failure, match=name.removesuffix("_FILE")):
        look(hub)


def test_results_that_cannot_be_given_back_are_told(hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (hub.settings.home / "inbox" / "poverty").mkdir(parents=True, mode=0o700)
    (tmp_path / "tệp").touch()
    monkeypatch.setenv("RETURNED_DIR", str(tmp_path / "tệp" / "trả lại"))
    assert [type(warning) for warning in inbox.look(hub).warnings] == [InboxClosed]
    assert "RETURNED_DIR" in str(inbox.look(hub).warnings[0])


def test_authorities_of_a_webhook_that_are_not_there_are_told_before_a_night_goes_wrong(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ALERT_WEBHOOK_URL", "https://bao-tin.example/x")
    monkeypatch.setenv("ALERT_CA_FILE", str(tmp_path / "không có"))
    with pytest.raises(Failure, match="ALERT_CA_FILE"):
        alerting.look(hub)


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
