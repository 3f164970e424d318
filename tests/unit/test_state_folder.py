"""Which folders are closed to other accounts, and which are not ours to close."""

import os
import stat
from pathlib import Path

import pytest

from resources.backup import names
from resources.durable import UNFINISHED
from resources.failures import StateOpen
from resources.state_folder import close, refuse_open


def modes(home: Path) -> dict[str, int]:
    return {p.name: stat.S_IMODE(p.stat().st_mode) for p in (home, *home.iterdir())}


def made(home: Path, mode: int) -> Path:
    home.mkdir()
    for name in ("raw", "open", "run"):
        (home / name).mkdir()
        (home / name).chmod(0o755)
    (home / "clock").touch()
    (home / "clock").chmod(0o644)
    home.chmod(mode)
    return home


@pytest.mark.parametrize(("before", "after"), [(0o755, 0o700), (0o777, 0o700), (0o711, 0o711), (0o701, 0o701), (0o700, 0o700)])
def test_reading_is_taken_from_others_and_passing_is_left(tmp_path: Path, before: int, after: int) -> None:
    home = made(tmp_path / "t", before)
    with pytest.raises(StateOpen):
        refuse_open(home)
    for _ in range(2):
        close(home)
        assert modes(home) == {"t": after, "raw": 0o700, "run": 0o700, "clock": 0o600, "open": 0o755}
    refuse_open(home)


@pytest.mark.parametrize("whose", ["holds what is not ours", "everybody's"])
def test_a_folder_of_others_is_told_and_not_touched(tmp_path: Path, whose: str) -> None:
    home = made(tmp_path / "t", 0o1777 if whose == "everybody's" else 0o755)
    if whose == "holds what is not ours":
        (home / "lib").mkdir()
    before = modes(home)
    close(home)
    assert modes(home) == before
    with pytest.raises(StateOpen, match="raw, run"):
        refuse_open(home)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log").chmod(0o755)
    home = made(tmp_path / "t", 0o755)
    (home / "logs").symlink_to(tmp_path / "log")
    close(home)
    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o755


def test_what_ansinh_itself_lays_there_does_not_keep_the_folder_open(tmp_path: Path) -> None:
    """A folder in which something else lies is not ours to close: after the first look at a person it was taken for such a one."""
    home = made(tmp_path / "t", 0o755)
    for name in (*names.KEPT, *names.LEFT_OUT, f"reads.end.12-ab{UNFINISHED}", "lost+found"):
        path = home / Path(name).parts[0]
        if not path.exists():
            path.touch()
    close(home)
    assert {name: mode for name, mode in modes(home).items() if mode & 0o077} == {"open": 0o755}


def test_a_volume_that_a_cluster_gave_to_our_group_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = made(tmp_path / "t", 0o700)
    for path in (home, *home.iterdir()):
        path.chmod(0o770)
    at = home.stat()
    monkeypatch.setattr(os, "geteuid", lambda: at.st_uid + 10001)
    monkeypatch.setattr(os, "getegid", lambda: at.st_gid)
    with pytest.MonkeyPatch.context() as as_root_made_it:
        as_root_made_it.setattr(Path, "stat", lambda self, **_: os.stat_result([*os.stat(self)[:4], 0, *os.stat(self)[5:]]))
        refuse_open(home)
    (home / "raw").chmod(0o775)
    with pytest.MonkeyPatch.context() as as_root_made_it, pytest.raises(StateOpen, match="raw"):
        as_root_made_it.setattr(Path, "stat", lambda self, **_: os.stat_result([*os.stat(self)[:4], 0, *os.stat(self)[5:]]))
        refuse_open(home)
