"""A small file is read whole at every instant of its rewriting."""

import threading
from pathlib import Path

import pytest

from resources.durable import write_whole


def test_reader_never_finds_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "run" / "daemon.pid"
    texts = {"1" * 10, "2" * 100_000}
    write_whole(path, "1" * 10)
    done = threading.Event()

    def rewrite() -> None:
        for _ in range(50):
            for text in texts:
                write_whole(path, text)
        done.set()

    writer = threading.Thread(target=rewrite)
    writer.start()
    found = set()
    while not done.is_set():
        found.add(path.read_text())
    writer.join()
    assert found <= texts
    assert [p.name for p in path.parent.iterdir()] == ["daemon.pid"]


def test_what_cannot_take_its_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError):
        write_whole(tmp_path / "taken", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


def test_a_secret_is_never_readable_by_others(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("old")
    write_whole(path, "new", mode=0o600)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text() == "new"
