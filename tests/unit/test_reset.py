"""The one command that removes a folder: what it takes for no state of the demo it leaves as it is."""

from argparse import Namespace
from pathlib import Path

import pytest

from pipelines.commands import reset
from pipelines.failures import NotAState, ProductionKept


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that somebody keeps things in."""
    kept = tmp_path / "h"
    kept.mkdir()
    (kept / "thu.txt").write_text("của tôi")
    monkeypatch.setenv("ANSINH_HOME", str(kept))
    monkeypatch.delenv("ANSINH_PROFILE", raising=False)
    return kept


@pytest.mark.parametrize("mark", ["pg", ".restoring", None])
def test_in_production_nothing_is_removed(home: Path, monkeypatch: pytest.MonkeyPatch, mark: str | None) -> None:
    monkeypatch.setenv("ANSINH_PROFILE", "production")
    if mark:
        (home / mark).mkdir()
    with pytest.raises(ProductionKept):
        reset.run(Namespace())
    assert (home / "thu.txt").read_text() == "của tôi"


def test_a_folder_of_other_things_is_left_and_named(home: Path) -> None:
    with pytest.raises(NotAState, match=str(home)):
        reset.run(Namespace())
    assert (home / "thu.txt").read_text() == "của tôi"


def test_where_nothing_is_nothing_is_to_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANSINH_HOME", str(tmp_path / "không có"))
    assert reset.run(Namespace()) == 0
    assert "không có gì để xóa" in capsys.readouterr().out
