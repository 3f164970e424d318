"""What a standing part says is bounded, whoever goes on writing meanwhile."""

import os
import stat
from pathlib import Path

import pytest

from pipelines.runtime import part_logs


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(part_logs, "LARGEST", 1000)
    return tmp_path / "daemon.log"


def test_a_log_begins_anew_and_keeps_what_it_held_before(log: Path) -> None:
    part_logs.bound(log)
    assert not log.exists(), "a part that never started has none"
    with log.open("ab", buffering=0) as part:
        for said in (b"a", b"b", b"c"):
            part.write(said * 1000)
            part_logs.bound(log)
            assert log.stat().st_size == 1000, "it is bounded once it is larger, not before"
            part.write(b".")
            part_logs.bound(log)
            assert log.stat().st_size == 0
        part.write(b"on")
    assert log.read_bytes() == b"on", "who has it open writes at its end, not where it was"
    before = log.with_name("daemon.log.1")
    assert before.read_bytes() == b"c" * 1000 + b"."
    assert {p.name for p in log.parent.iterdir()} == {log.name, before.name}
    assert stat.S_IMODE(before.stat().st_mode) == 0o600


def test_a_log_that_cannot_be_kept_stops_nothing(log: Path) -> None:
    log.write_bytes(b"x" * 2000)
    os.mkdir(log.with_name("daemon.log.1"))
    part_logs.bound(log)
    assert log.stat().st_size == 2000
