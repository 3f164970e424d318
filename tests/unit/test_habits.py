"""What runs before a commit is what `make check` runs, and a secret does not pass."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from resources.settings import PROJECT

HOOKS = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
RECIPE = r"^{}:.*\n((?:\t.*\n)+)"


def commands_of(target: str) -> list[str]:
    """What make runs of the environment for a target."""
    found = re.search(RECIPE.format(re.escape(target)), (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    lines = [line.strip().replace("$(BIN)", ".venv/bin") for line in found[1].splitlines()]
    return [line for line in lines if line.startswith(".venv/bin") and " -m pytest " not in line]


def test_the_hooks_are_what_make_check_runs() -> None:
    hooks = [hook for repo in HOOKS for hook in repo["hooks"]]
    assert [hook["entry"] for hook in hooks] == [*commands_of("check"), *commands_of("secrets")]
    assert {repo["repo"] for repo in HOOKS} == {"local"} and {hook["language"] for hook in hooks} == {"system"}


def secrets_in(file: Path) -> str:
    shutil.copy(PROJECT / ".secrets.baseline", file.parent)
    command = [Path(sys.executable).parent / "detect-secrets-hook", "--baseline", ".secrets.baseline", file.name]
    done = subprocess.run(command, cwd=file.parent, capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ('"postgresql://reader:' + "vX8qLw2Zt" + '@10.0.0.5/kho"', "Basic Auth Credentials"),
        ('api_key = "' + "k3Jq90xZpLw" + '"', "Secret Keyword"),
        ("-----BEGIN " + "PRIVATE KEY-----", "Private Key"),
        (f'x = "{bytes(range(3, 250, 13)).hex()}"', "Hex High Entropy String"),
    ],
)
def test_a_secret_is_found(tmp_path: Path, line: str, kind: str) -> None:
    (tmp_path / "planted.py").write_text(line + "\n", encoding="utf-8")
    assert kind in secrets_in(tmp_path / "planted.py")


def test_a_password_that_says_it_is_made_up_passes(tmp_path: Path) -> None:
    (tmp_path / "made_up.py").write_text('x = "postgresql://nguoi:mat-khau@h/d"\n', encoding="utf-8")
    assert secrets_in(tmp_path / "made_up.py") == ""
