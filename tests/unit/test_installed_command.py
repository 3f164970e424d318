"""deploy/systemd/ansinh, what an operator types: it runs with the settings that the units have, whatever stands in them.

And what root lays down of it is read by another account, whatever umask root has.
"""

import os
import subprocess
from pathlib import Path

import pytest

from resources.settings import PROJECT
from schemas.dated import systems

COMMAND = PROJECT / "deploy" / "systemd" / "ansinh"


def typed(folder: Path, settings: bytes, given: str = "") -> subprocess.CompletedProcess[str]:
    """The command beneath a folder, as whatever account; it shows its settings and what it was given."""
    text = COMMAND.read_text(encoding="utf-8").replace('"$(id -un)" = ansinh', '"" = ""')
    for place in ("/etc/ansinh", "/opt/ansinh/current/.venv/bin"):
        assert place in text
        text = text.replace(place, f"{folder}{place}")
        (folder / place[1:]).mkdir(parents=True)
    (folder / "etc/ansinh/ansinh.env").write_bytes(settings)
    shown = folder / "opt/ansinh/current/.venv/bin/ansinh"
    shown.write_text('#!/bin/sh\nenv | grep -a "^[A-Z]*_"\necho "$# $1"; cat\n')
    shown.chmod(0o755)
    environment = {"PATH": "/usr/bin:/bin"}
    return subprocess.run(
        ["/bin/sh", "-c", text, "ansinh", "một lệnh"], env=environment, input=given, capture_output=True, text=True
    )


def test_the_settings_are_those_that_the_units_have(tmp_path: Path) -> None:
    """A shell that ran the file would leave an address at its &, put in what a $ names, and run what stands behind a blank."""
    done = typed(
        tmp_path,
        "\r\n# chú thích\n  ; như vậy\nSOURCE_POVERTY_URL=postgresql://u:p$HOME@h/d?sslmode=verify-full&sslrootcert=/x\r\n"
        "ALERT_TO=a@sở.vn, b@sở.vn\nANSINH_RELEASE_DECISION=\"Quyết định 123/QĐ-SLĐ\"\nEXPORT_DIR='/srv/sổ xuất'\n"
        "LGSP_PARTNER_CODE=$(echo H41);echo\nINBOX_DIR=\nBACKUP_DIR=/b".encode(),
        given="số gõ vào",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.splitlines()) == sorted(
        [
            "SOURCE_POVERTY_URL=postgresql://u:p$HOME@h/d?sslmode=verify-full&sslrootcert=/x",
            "ALERT_TO=a@sở.vn, b@sở.vn",
            "ANSINH_RELEASE_DECISION=Quyết định 123/QĐ-SLĐ",
            "EXPORT_DIR=/srv/sổ xuất",
            "LGSP_PARTNER_CODE=$(echo H41);echo",
            "INBOX_DIR=",
            "BACKUP_DIR=/b",
            "1 một lệnh",
            "số gõ vào",
        ]
    )


@pytest.mark.parametrize("line", ["\ufeffALERT_TO=a@b.vn", "export ALERT_TO=a@b.vn", "Bi9Mat", "=Bi9Mat"])
def test_a_line_that_is_no_setting_is_told_by_its_number(tmp_path: Path, line: str) -> None:
    done = typed(tmp_path, f"# chú thích\n{line}\n".encode())
    assert done.returncode == 2 and "dòng 2 không phải TÊN=giá trị" in done.stderr
    assert done.stdout == "" and "Bi9Mat" not in done.stderr


def test_what_python_keeps_beside_the_systems_may_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled by root under a narrow umask: no account but root's may look into it."""
    is_file = Path.is_file

    def looked(path: Path) -> bool:
        if "__pycache__" in path.parts:
            raise PermissionError(13, "Permission denied", str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "iterdir", lambda path: iter([path / "__pycache__", path / "poverty"]))
    monkeypatch.setattr(Path, "is_file", looked)
    assert systems.__wrapped__() == ("poverty",)


def test_the_installation_is_laid_down_for_every_account() -> None:
    alone = {
        name: value for name, value in os.environ.items() if not name.startswith("MAKE")
    }  # `make test` names its folder first
    said = subprocess.run(["make", "-n", "install"], cwd=PROJECT, env=alone, capture_output=True, text=True)
    first, *_ = said.stdout.splitlines()
    assert said.returncode == 0 and first.startswith("umask 022 && ")
