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
