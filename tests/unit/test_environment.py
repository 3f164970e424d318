"""Settings and the files that hold them: each fault is told by the setting's name and what is wrong with it, never by its value."""

import os
from pathlib import Path

import pytest

from pipelines.doctor import machine
from pipelines.doctor.failures import SecretOpenToOthers
from resources.environment import open_to_others, read
from resources.failures import HomeNotAFolder, SecretUnreadable, SettingTwice, SettingWrong
from resources.hub import Hub
from resources.settings import Settings


def _pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda path: None, "không có ở đó"),
        (lambda path: path.mkdir(), "không phải tệp thường"),
        (_pipe, "không phải tệp thường"),
        (lambda path: path.write_bytes(b"\xff\xfeB\x00i\x00"), "không phải văn bản UTF-8"),
        (lambda path: path.write_bytes(b"B" * 65_537), "lớn hơn 64 KB"),
        (lambda path: path.write_text(" \n"), "tệp rỗng"),
    ],
    ids=["missing", "folder", "pipe", "utf-16", "huge", "empty"],
)
def test_a_file_that_holds_no_value_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made, why: str) -> None:
    made(tmp_path / "kept")
    monkeypatch.setenv("SOURCE_POVERTY_URL_FILE", str(tmp_path / "kept"))
    with pytest.raises(SecretUnreadable, match="SOURCE_POVERTY_URL_FILE") as told:
        Settings("production", tmp_path).source_url("poverty")
    assert why in str(told.value)
    assert Settings("production", tmp_path).source_url("labour_employment") is None, "the others run"


def test_a_file_is_read_as_editors_leave_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kept").write_bytes("\ufeffpostgresql://u:p%40@h/d\r\n".encode())
    monkeypatch.setenv("SHARED_WAREHOUSE_URL_FILE", str(tmp_path / "kept"))
    assert Settings("production", tmp_path).shared_url() == "postgresql+psycopg2://u:p%40@h/d"
    monkeypatch.setenv("SHARED_WAREHOUSE_URL", "postgresql://u:Bi9Mat@h/d")
    with pytest.raises(SettingTwice) as told:
        read("SHARED_WAREHOUSE_URL")
    assert "SHARED_WAREHOUSE_URL_FILE" in str(told.value) and "Bi9Mat" not in str(told.value)


FOLDERS = ("ANSINH_CONFIG", "BACKUP_DIR", "EXPORT_DIR", "HEADINGS_DIR", "INBOX_DIR", "RETURNED_DIR")


def folders(settings: Settings) -> list[Path | None]:
    """Where those settings lead."""
    return [
        settings.config_dir,
        settings.backups_dir,
        settings.exports_dir,
        settings.headings_dir,
        settings.inbox_dir,
        settings.returned_of("poverty").parent,
    ]


def test_what_an_editor_leaves_around_a_value_is_no_part_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of settings with the line ends of another system: the folders that it names, and the files, are still those."""
    (tmp_path / "kept").write_text("postgresql://u:p@h/d?sslmode=require")
    for name, value in {
        "ANSINH_PROFILE": "production",
        "ANSINH_HOME": tmp_path,
        "ANSINH_RETRY_SECONDS": "7",
        "WAREHOUSE_URL_FILE": tmp_path / "kept",
        "BACKUP_RECIPIENT": "age1abc",
        **{name: tmp_path / name for name in FOLDERS},
    }.items():
        monkeypatch.setenv(name, f" {value} \r")
    settings = Settings.load()
    assert (settings.profile, settings.home, settings.retry_seconds) == ("production", tmp_path, 7)
    assert settings.warehouse_url().endswith("/d?sslmode=require") and read("BACKUP_RECIPIENT") == "age1abc"
    assert folders(settings) == [tmp_path / name for name in FOLDERS]
    monkeypatch.setenv("BACKUP_RECIPIENT", " \r")
    assert read("BACKUP_RECIPIENT") is None


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_is_named_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A unit, a schedule and who types a command each stand in a folder of their own."""
    monkeypatch.setenv(name, "sao-luu")
    with pytest.raises(SettingWrong, match=name):
        folders(Settings("production", tmp_path))


def test_files_that_others_may_read_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = ("PERSON_DIGEST_SECRET_FILE", "WAREHOUSE_URL_FILE")
    for name, mode in (*((name, 0o444) for name in opened), ("SOURCE_POVERTY_URL_FILE", 0o600), ("SSL_CERT_FILE", 0o644)):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
        monkeypatch.setenv(name, str(tmp_path / name))
    assert open_to_others() == [*opened]
    (tmp_path / "home").mkdir(mode=0o700)
    told = machine.own_things(Hub(Settings("production", tmp_path / "home")))
    assert [type(warning) for warning in told.warnings] == [SecretOpenToOthers]
    assert all(name in str(told.warnings[0]) for name in opened)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ANSINH_PROFILE", "Bi9Mat"),
        ("ANSINH_FILING", "Bi9Mat"),
        *(("ANSINH_RETRY_SECONDS", v) for v in ("Bi9Mat", "-1", "nan", "inf")),
    ],
)
def test_a_setting_that_has_no_meaning_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingWrong, match=name) as told:
        assert Settings.load().filing and Settings.load().retry_seconds
    monkeypatch.setenv(name, f"{value} ")
    with pytest.raises(SettingWrong) as told_of_another:
        assert Settings.load().filing and Settings.load().retry_seconds
    assert str(told.value) == str(told_of_another.value) and "Bi9Mat" not in str(told.value), "whatever the value, the same words"


def test_the_home_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ANSINH_HOME", "~/tinh")
    assert Settings.load().home == tmp_path / "tinh"
    (tmp_path / "tinh").touch()
    with pytest.raises(HomeNotAFolder):
        Settings.load()
