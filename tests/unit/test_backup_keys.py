"""The files of backups' keys, as editors, shells and clusters leave them; and what is no file of one."""

import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from resources.backup import keys, signature
from resources.backup.encryption import new_identity
from resources.settings import Settings
from tests.fixtures.certificates import public_pem

SIGNER, IDENTITY = Ed25519PrivateKey.generate(), new_identity()


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [n for n in os.environ if n.startswith("BACKUP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def production(tmp_path: Path) -> Settings:
    return Settings("production", tmp_path)


def kept(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def _piped(path: Path) -> None:
    os.mkfifo(path, 0o600)


@pytest.mark.parametrize(
    ("laid", "why"),
    [
        (lambda path: None, "không có ở đó"),
        (lambda path: path.mkdir(mode=0o700), "không phải tệp thường"),
        (_piped, "không phải tệp thường"),
        (lambda path: kept(path, ""), "Ed25519"),
        (lambda path: path.write_bytes(b"B" * (1 << 20)), "Ed25519"),
    ],
    ids=["missing", "folder", "pipe", "empty", "huge"],
)
def test_a_key_that_is_no_file_of_one_is_told_and_waited_for_by_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, laid: Callable[[Path], object], why: str
) -> None:
    """Of a pipe that nobody writes into the end would never come, and no backup with it."""
    before = os.umask(0o077)
    laid(tmp_path / "sign.pem")
    os.umask(before)
    monkeypatch.setenv("BACKUP_RECIPIENT", str(IDENTITY.to_public()))
    monkeypatch.setenv("BACKUP_SIGNING_KEY_FILE", str(tmp_path / "sign.pem"))
    with pytest.raises(keys.KeyWrong, match=f"BACKUP_SIGNING_KEY_FILE.*{why}"):
        keys.for_making(production(tmp_path))


def test_a_key_is_read_as_editors_leave_it_and_from_a_pipe_where_it_is_brought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, text = production(tmp_path), f"\ufeff# created: x\r\n# public key: {IDENTITY.to_public()}\r\n{IDENTITY}\r\n"
    monkeypatch.setenv("BACKUP_VERIFY_KEY", f"\r\n{public_pem(SIGNER.public_key())}\r\n")
    (tmp_path / "khoa.txt").write_bytes(text.encode())
    assert str(keys.for_restoring(settings, tmp_path / "khoa.txt").identities[0]) == str(IDENTITY)
    reading, writing = os.pipe()  # as `--identity <(age -d khoa.age)` gives it
    os.write(writing, text.encode())
    os.close(writing)
    assert str(keys.for_restoring(settings, Path(f"/dev/fd/{reading}")).identities[0]) == str(IDENTITY)
    os.close(reading)
    (tmp_path / "recipient").write_bytes(f"\ufeff{IDENTITY.to_public()}\r\n".encode())
    monkeypatch.setenv("BACKUP_RECIPIENT_FILE", str(tmp_path / "recipient"))
    pem = signature.private_pem(SIGNER).replace("\n", "\r\n")
    (tmp_path / "sign.pem").write_bytes(f"\ufeff{pem}".encode())
    (tmp_path / "sign.pem").chmod(0o600)
    monkeypatch.setenv("BACKUP_SIGNING_KEY_FILE", str(tmp_path / "sign.pem"))
    assert keys.for_making(settings).recipients == (str(IDENTITY.to_public()),)


def test_a_key_that_a_cluster_lays_down_for_our_group_is_ours_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKUP_RECIPIENT", str(IDENTITY.to_public()))
    monkeypatch.setenv("BACKUP_SIGNING_KEY_FILE", kept(tmp_path / "sign.pem", signature.private_pem(SIGNER)))
    at = (tmp_path / "sign.pem").stat()
    monkeypatch.setattr(os, "geteuid", lambda: 10001)
    monkeypatch.setattr(os, "getegid", lambda: at.st_gid)
    for mode, owner, refused in ((0o440, 0, False), (0o444, 0, True), (0o440, 1000, True)):
        told = os.stat_result([0o100000 | mode, *at[1:4], owner, *at[5:]])
        with monkeypatch.context() as patched, pytest.raises(keys.KeyOpenToOthers) if refused else nullcontext():
            patched.setattr(os, "fstat", lambda handle, told=told: told)
            assert keys.for_making(production(tmp_path)).signer
