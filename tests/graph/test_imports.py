"""The import law, as the import linter reads it from pyproject.toml."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def test_imports_point_one_way() -> None:
    done = subprocess.run([str(Path(sys.executable).parent / "lint-imports")], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_schemas_know_no_orchestrator_and_open_nothing() -> None:
    for path in (PROJECT / "schemas").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for word in ("import dagster", "from dagster", "import requests", "import psycopg2", "import socket", "os.environ"):
            assert word not in text, f"{path.name}: {word}"


def test_status_answers_without_what_it_does_not_need() -> None:
    """It is asked often, and each of these costs as much as all the rest together: modules are counted, not seconds."""
    code = "import sys, pipelines.commands.status; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert loaded & {"dagster", "adbc_driver_postgresql", "requests", "xlsxwriter", "holidays", "grpc", "scipy"} == set()
    assert len(loaded) < 1300
