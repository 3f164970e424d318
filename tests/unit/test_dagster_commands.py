"""What Dagster's own commands are told before their storage opens: where it lies, what to run instead."""

from pathlib import Path

import click
import pytest

from pipelines.failures import DagsterUnprepared
from pipelines.runtime.dagster_instance import Instance
from resources.settings import PROJECT

ENVIRONMENT = ("ANSINH_DAGSTER_URL", "ANSINH_DAGSTER_DIR")


def asked_by(command: str) -> dict:
    with click.Context(click.Command(command)):
        return dict(Instance.config_defaults(str(PROJECT)))


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.setenv(name, "set")


@pytest.mark.parametrize(("command", "named"), [("dev", "dagster dev"), ("dagster-webserver", "dagster-webserver")])
def test_a_webserver_without_the_door_is_refused_in_a_prepared_place_too(prepared: None, command: str, named: str) -> None:
    with pytest.raises(click.ClickException, match=rf"^Chạy {named}: .* Chạy make ui \(hoặc ansinh ui\)\.$"):
        asked_by(command)


@pytest.mark.parametrize("missing", ENVIRONMENT)
def test_without_its_environment_a_command_is_told_what_to_run(
    prepared: None, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(missing)
    with pytest.raises(click.ClickException, match=r"^Chạy lệnh của Dagster: .*make run"):
        asked_by("list")
    with pytest.raises(DagsterUnprepared):
        Instance.config_defaults(str(PROJECT))


def test_what_runs_and_events_lie_in_is_named_by_the_environment(prepared: None) -> None:
    found = asked_by("run")
    assert found["storage"].class_name == "DagsterPostgresStorage"
    assert found["storage"].config_dict == {"postgres_url": {"env": "ANSINH_DAGSTER_URL"}}
    assert found["local_artifact_storage"].config_dict == {"base_dir": {"env": "ANSINH_DAGSTER_DIR"}}


def test_a_validation_keeps_its_storage_in_a_folder_that_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    folder = Path(asked_by("validate")["storage"].config_dict["base_dir"])
    assert folder.is_dir() and PROJECT not in folder.parents
