"""What a command refuses before it does anything, and what it does not tell where there is nobody to ask."""

from pathlib import Path

import pytest

from pipelines import cli, retaining, scheduler
from pipelines.commands.nightly import way_in
from resources.hub import Hub
from resources.settings import Settings
from resources.warehouse.failures import WarehouseUnreachable


def test_a_folder_without_the_erasures_erases_nobody_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in (tmp_path, tmp_path / "nowhere", Path("/dev/null")):
        assert cli.main(["person", "redo", "--from", str(folder)]) == 2
        assert "person-acts.json: không có tệp đó. Chỉ đúng thư mục" in capsys.readouterr().err


def test_with_the_warehouse_out_of_reach_nothing_is_foretold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANSINH_PROFILE", "production")
    monkeypatch.setenv("ANSINH_HOME", str(tmp_path))
    monkeypatch.setenv("WAREHOUSE_URL", f"postgresql://u:mat-khau@/kho?host={tmp_path}")
    with pytest.raises(WarehouseUnreachable):
        retaining.look(Hub.look())
    assert cli.main(["retain", "--dry-run"]) == 3
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("Mở kho dữ liệu của trung tâm") == 1


@pytest.mark.parametrize("profile", ["demo", "production"])
def test_on_a_real_machine_nobody_is_sent_to_what_is_the_demos_alone(profile: str, tmp_path: Path) -> None:
    """There the UI is a service: `ansinh ui` of a terminal would stand in its place."""
    settings = Settings(profile, tmp_path)
    for told in (way_in(settings), scheduler.told(Hub(settings), None, {})):
        assert ("make ui" in told or "ansinh ui" in told) == (profile == "demo"), told
