"""The import law, as the import linter reads it from pyproject.toml."""

import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("schemas", "resources", "assets", "pipelines", "demo")
PRIVATE = ("assets.dagster_internals", "assets.webserver_internals")


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    """Each module and what it imports, those inside of functions too."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def circle_in(imports: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_no_modules_import_each_other_in_a_circle(imports: dict[str, set[str]]) -> None:
    """An import inside of a function may save time at the start; one that hides a circle hides that two modules are one."""
    assert circle_in(imports) == []


def test_a_circle_is_seen() -> None:
    assert set(circle_in({"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": set()})) == {"a", "b", "c"}


def test_imports_point_one_way() -> None:
    done = subprocess.run([str(Path(sys.executable).parent / "lint-imports")], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_schemas_know_no_orchestrator_and_open_nothing() -> None:
    paths = list((PROJECT / "schemas").rglob("*.py"))
    assert len(paths) > 50
    for path in paths:
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


def test_private_modules_of_dagster_are_imported_in_one_place() -> None:
    """They may change with every version: what has to be looked through when the pin is raised is those two files."""
    sources = {
        ".".join(p.relative_to(PROJECT).with_suffix("").parts): p for root in PACKAGES for p in (PROJECT / root).rglob("*.py")
    }
    private = re.compile(r"^\s*(?:from|import) dagster[a-z_]*\._|^\s*(?:from|import) dagster_shared\b", re.MULTILINE)
    assert {module for module, path in sources.items() if private.search(path.read_text(encoding="utf-8"))} == set(PRIVATE)
