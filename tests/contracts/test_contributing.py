"""The worked example of CONTRIBUTING.md, built from the page alone in a copy of the tree, keeps what every declaration must keep."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
FILE = re.compile(r"^`([\w/]+\.\w+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COPIED = ("schemas", "assets", "tests/contracts", "tests/fixtures")
SEEN = ("resources", "pyproject.toml", "tests/__init__.py", "tests/no_server.py")
ASKED = "vocational_training or DN"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A tree with the example's files added, and their names."""
    tree = tmp_path_factory.mktemp("example")
    files = dict(FILE.findall((PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")))
    for name in COPIED:
        # With what is compiled of it, but for what is being written while it is copied.
        shutil.copytree(PROJECT / name, tree / name, ignore=shutil.ignore_patterns("*.pyc.*"))
    for name in SEEN:
        (tree / name).symlink_to(PROJECT / name)
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text, encoding="utf-8")
    return tree, list(files)


def test_the_worked_example_is_a_system(example: tuple[Path, list[str]]) -> None:
    tree, names = example
    assert len(names) > 10, "the files were not found: has the way of writing them changed?"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/contracts", "-k", ASKED]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=600)
    passed = re.search(r"(\d+) passed", done.stdout)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert passed and int(passed[1]) > 30, done.stdout


@pytest.mark.parametrize("command", [("check", "--quiet"), ("format", "--check", "--quiet")], ids=lambda c: c[0])
def test_the_worked_example_is_written_as_the_code_is(example: tuple[Path, list[str]], command: tuple[str, ...]) -> None:
    tree, names = example
    ruff = Path(sys.executable).parent / "ruff"
    done = subprocess.run(
        [ruff, *command, "--no-cache", *(n for n in names if n.endswith(".py"))],
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
