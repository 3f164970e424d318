"""Dagster's own commands in a fresh checkout: no state, no environment, and what a checkout holds alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from resources.settings import PROJECT

PACKAGES = ("schemas", "resources", "assets", "pipelines")
LOOKED_AT = ("dagster.yaml", "workspace.yaml", "pyproject.toml")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in PACKAGES:
        (tmp_path / name).symlink_to(PROJECT / name)
    for name in LOOKED_AT:
        shutil.copy(PROJECT / name, tmp_path)
    return tmp_path


def told(checkout: Path, *command: str, **environment: str) -> tuple[int, str]:
    found = sorted(checkout.iterdir())
    done = subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]],
        cwd=checkout,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(checkout), **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert sorted(checkout.iterdir()) == found, "it left something behind in the checkout"
    return done.returncode, done.stdout + done.stderr


def test_definitions_are_validated_without_preparation(checkout: Path) -> None:
    status, said = told(checkout, "dagster", "definitions", "validate", DAGSTER_HOME=str(checkout))
    assert status == 0 and "Validation successful for code location ansinh" in said, said


def test_dagster_dev_says_in_one_line_what_to_run(checkout: Path) -> None:
    status, said = told(checkout, "dagster", "dev")
    assert status == 1 and "Traceback" not in said
    assert said.splitlines()[-1].endswith("Chạy make ui (hoặc ansinh ui)."), said
