"""Which folders are closed to other accounts, and which are not ours to close."""

import stat
from pathlib import Path

import pytest

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
