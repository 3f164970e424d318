"""What a backup is made of, under attack: names, links, sizes, signature, manifest, encryption, keys. Nothing of it is believed."""

import base64
import datetime as dt
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from resources.backup import keys, names, signature
from resources.backup.choosing import chosen, newest, refuse_other_identity
from resources.backup.encryption import Counted, NotOpened, decrypt, encrypt, encrypted_from, identities, new_identity
from resources.backup.failures import (
    BackupAhead,
    BackupCutShort,
    BackupDamaged,
    BackupForeign,
    BackupNewer,
    BackupUnsigned,
    BackupUnsound,
    OtherIdentity,
)
from resources.backup.manifest import FORMAT, MANIFEST, SIGNATURE, Backup, Manifest, backup_at, backups
from resources.backup.writing import Writer
from resources.failing import Failure
from resources.settings import Settings
from tests.fixtures.certificates import public_pem

SIGNER, IDENTITY, OTHER = Ed25519PrivateKey.generate(), new_identity(), new_identity()
MAKING = keys.MakingKeys(SIGNER, (str(IDENTITY.to_public()),))
NIGHT = "raw/poverty/households/2024/aa.parquet"
FILES = {"databases/warehouse.dump": b"PGDMP" * 40_000, NIGHT: b"PAR1" * 9, "clock": b"2024-11-20\n"}
TOLD = {
    "format": FORMAT,
    "made_at": dt.datetime(2024, 11, 20, tzinfo=dt.UTC),
    "day": dt.date(2024, 11, 20),
    "schema_version": 5,
    "postgres": "18.4",
    "recipients": MAKING.recipients,
    "databases": ({"name": "warehouse", "place": "embedded", "bytes": 1, "comment": None},),
    "roles": (),
    "measured": {"instant": dt.datetime(2024, 11, 20, tzinfo=dt.UTC), "history": {}, "records": {}},
    "links": {},
    "damaged_raw": (),
    "absent_raw": (),
    "is_complete": True,
}


@pytest.fixture
def backup(tmp_path: Path) -> Backup:
    return made(tmp_path / "ansinh-1")


def made(path: Path, earlier: Backup | None = None) -> Backup:
    writer = Writer(path, MAKING)
    for name, content in FILES.items():
        if earlier is None or not writer.share(name, earlier):
            writer.put(name, io.BytesIO(content))
    writer.finish(Manifest.model_validate({**TOLD, "files": writer.files}))
    return backup_at(path, SIGNER.public_key())


def at(backup: Backup) -> Backup:
    return backup_at(backup.path, SIGNER.public_key())


def told(backup: Backup, content: bytes) -> None:
    """Have the manifest say this, signed by who has the key."""
    (backup.path / MANIFEST).write_bytes(content)
    (backup.path / SIGNATURE).write_bytes(SIGNER.sign(content))


def changed(backup: Backup, **more: Any) -> bytes:
    return json.dumps(json.loads((backup.path / MANIFEST).read_bytes()) | more).encode()


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "..", "raw/../../x", "raw//x", "raw/./x", "raw/x/", "./raw/x", "raw\\x", "raw/a\0b", "raw/a\nb", "C:/raw/x",
     "raw/" + "a" * 256, "raw/" + "a/" * 600 + "b", "raw/e\u0301", "raw/\u202etxt", "raw/\udcff", "pg/postgresql.conf", "rawx/y",
     "secrets/x", "raw", "open", "secrets/rounding/x", "databases", "run/gateway.client_secret", ".restoring", "open/../raw/x", "databases/../clock"],
)  # fmt: skip
def test_a_name_that_could_lead_elsewhere_is_none_of_a_backup(name: str) -> None:
    assert not names.is_of_a_backup(name)


def test_the_names_and_links_of_ours_are() -> None:
    for name in (
        "clock",
        NIGHT,
        "open/.releases/t/000001-ab/t.csv",
        "secrets/rounding",
        "databases/warehouse.dump",
        "demo/x.json",
        "config/poverty/due_days.csv",
    ):
        assert names.is_of_a_backup(name)
    assert names.is_link_of_ours("open/t", ".releases/t/000001-ab")
    for name, target in (
        ("open/t", "/etc"), ("open/t", "../pg"), ("open/t", ".releases/t/.."), ("open/t", ".releases/other/1"), ("open/t", ""),
        ("open/t", ".releases/t/1/2"), ("open/.releases", ".releases/.releases/1"), ("raw/t", ".releases/t/1"), ("clock", "run"),
        ("open/../t", ".releases/../t/1"), ("open/t", ".releases/t/"),
    ):  # fmt: skip
        assert not names.is_link_of_ours(name, target), (name, target)
    assert {names.mode_of(n) & 0o7000 for n in FILES} == {0} and names.mode_of("raw/x") == 0o600 == names.mode_of("clock")


def test_only_plain_files_are_opened_and_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("x")
    root = tmp_path / "ansinh-1"
    (root / "raw").mkdir(parents=True)
    (root / "raw" / "file").write_text("x")
    (root / "raw" / "link").symlink_to(tmp_path / "outside")
    (root / "to").symlink_to(root / "raw")
    os.mkfifo(root / "raw" / "pipe")  # without a writer it would hang who opens it
    with names.opened(root, "raw/file") as found:
        assert found.read() == b"x"
    for name in ("raw/link", "to/file", "raw/pipe", "raw", "raw/none"):
        with pytest.raises(OSError):
            names.opened(root, name)


def test_what_is_encrypted_streams_and_opens_to_its_recipient_alone() -> None:
    plain = os.urandom(300_000)

    def read(content: bytes, key: Any, limit: int | None = None) -> bytes:
        out = io.BytesIO()
        decrypt(Counted(io.BytesIO(content)), Counted(out, limit), (key,))
        return out.getvalue()

    stored = io.BytesIO()
    source, target = Counted(io.BytesIO(plain)), Counted(stored)
    encrypt(source, target, MAKING.recipients)
    content = stored.getvalue()
    assert (source.size, target.size) == (len(plain), len(content)) and plain[:64] not in content
    assert read(content, IDENTITY) == plain
    flipped = bytearray(content)
    flipped[len(content) // 2] ^= 1
    for bad, key in (
        (content, OTHER),
        (content[:-1], IDENTITY),
        (content[:90], IDENTITY),
        (b"", IDENTITY),
        (bytes(flipped), IDENTITY),
    ):
        with pytest.raises(NotOpened):
            read(bad, key)
    with pytest.raises(NotOpened):  # more than was signed is not written
        read(content, IDENTITY, limit=1000)
    two = io.BytesIO()
    encrypt(Counted(io.BytesIO(plain)), Counted(two), (*MAKING.recipients, str(OTHER.to_public())))
    assert read(two.getvalue(), OTHER) == read(two.getvalue(), IDENTITY) == plain


def test_what_fails_on_either_side_of_the_pipe_is_what_is_told() -> None:
    class Full(io.BytesIO):
        def write(self, part: Any, /) -> int:
            raise OSError(28, "No space left on device")

    def much(pipe: Any) -> None:
        for _ in range(1000):
            pipe.write(b"x" * 10_000)

    with pytest.raises(OSError, match="No space"):
        encrypted_from(much, Counted(Full()), MAKING.recipients)

    def broken(pipe: Any) -> None:
        pipe.write(b"x" * 100_000)
        raise LookupError("the command failed")

    with pytest.raises(LookupError):
        encrypted_from(broken, Counted(io.BytesIO()), MAKING.recipients)


def test_a_backup_opens_and_its_files_are_proved(backup: Backup) -> None:
    assert backup.wrong() == []
    for name, content in FILES.items():
        out = io.BytesIO()
        backup.decrypt(name, Counted(out), (IDENTITY,))
        assert out.getvalue() == content
    refuse_other_identity(backup, (IDENTITY,))
    with pytest.raises(OtherIdentity):
        refuse_other_identity(backup, (OTHER,))
    stored = backup.path / f"{NIGHT}.age"
    content = stored.read_bytes()
    for bad in (content[:-1], content + b"x", bytes([content[0] ^ 1]) + content[1:], b""):
        stored.write_bytes(bad)
        assert backup.wrong() == [NIGHT]
    stored.unlink()
    assert backup.wrong() == [NIGHT]
    copy = backup.path.parent / "copy"
    copy.write_bytes(content)
    stored.symlink_to(copy)
    assert backup.wrong() == [NIGHT], "a link is no file, though it leads to the right one"


def test_nothing_is_read_of_what_is_not_signed_by_our_key(backup: Backup, tmp_path: Path) -> None:
    manifest, signed = backup.path / MANIFEST, backup.path / SIGNATURE
    content, good = manifest.read_bytes(), signed.read_bytes()
    assert signature.holds(SIGNER.public_key(), good, content) and len(good) == 64
    with pytest.raises(BackupForeign):
        backup_at(backup.path, Ed25519PrivateKey.generate().public_key())
    for bad, kind in (
        (content.replace(b"2024-11-20", b"2034-11-20"), BackupForeign),
        (b"", BackupForeign),
        (b"[" * 100_000, BackupForeign),
    ):
        manifest.write_bytes(bad)
        with pytest.raises(kind):
            at(backup)
    manifest.write_bytes(content)
    for bad, kind in ((good[:-1], BackupForeign), (good + b"x", BackupUnsound), (b"\0" * 64, BackupForeign)):
        signed.write_bytes(bad)
        with pytest.raises(kind):
            at(backup)
    signed.unlink()
    with pytest.raises(BackupUnsigned):
        at(backup)
    signed.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BackupUnsigned):
        at(backup)
    manifest.unlink()
    with pytest.raises(BackupCutShort):
        at(backup)


def test_a_manifest_larger_than_any_of_ours_is_not_read(backup: Backup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resources.backup.manifest.LARGEST_MANIFEST", 1000)
    with pytest.raises(BackupUnsound):
        at(backup)


MEMBER = {"size": 1, "sha256": "a" * 64, "stored_size": 1, "stored_sha256": "a" * 64}


@pytest.mark.parametrize(
    "more",
    [
        {"files": {}},
        {"files": {"databases/warehouse.dump": MEMBER, "../x": MEMBER}},
        {"files": {"databases/warehouse.dump": MEMBER, "/etc/cron.d/x": MEMBER}},
        {"files": {"databases/warehouse.dump": MEMBER, "raw/a": MEMBER, "raw/A": MEMBER}},
        {"files": {"databases/warehouse.dump": MEMBER, "raw/a": MEMBER, "raw/a/b": MEMBER}},
        {"files": {"databases/warehouse.dump": MEMBER, "databases/roles.sql": MEMBER}},
        {"files": {"databases/warehouse.dump": {**MEMBER, "mode": 0o4755}}},
        {"files": {"databases/warehouse.dump": {**MEMBER, "size": -1}}},
        {"files": {"databases/warehouse.dump": {**MEMBER, "size": "1"}}},
        {"files": {"databases/warehouse.dump": {**MEMBER, "sha256": "A" * 64}}},
        {"files": []},
        {"links": {"open/t": "/etc"}},
        {"links": {"raw/t": ".releases/t/1"}},
        {"databases": [{"name": "warehouse", "place": "embedded", "bytes": 1, "comment": None, "owner": "postgres"}]},
        {"databases": [{"name": "warehouse", "place": "ANSINH_DAGSTER_URL", "bytes": 1, "comment": None}]},
        {"databases": [{"name": "../warehouse", "place": "embedded", "bytes": 1, "comment": None}]},
        {"databases": []},
        {"databases": None},
        {"made_at": "2024-11-20T00:00:00"},
        {"made_at": 0},
        {"schema_version": True},
        {"is_complete": "yes"},
        {"measured": {}},
        {"roles": [{"name": "x", "can_login": True, "rolsuper": True}]},
        {"more": 1},
        {"format": 1},
    ],
    ids=str,
)
def test_a_manifest_of_another_shape_is_a_declared_failure_though_its_signature_holds(
    backup: Backup, more: dict[str, Any]
) -> None:
    told(backup, changed(backup))
    assert at(backup) == backup
    told(backup, changed(backup, **more))
    with pytest.raises(BackupUnsound) as met:
        at(backup)
    assert "Traceback" not in str(met.value) and met.value.exit_status == 2


def test_nor_is_a_manifest_that_says_a_thing_twice_nests_without_end_or_is_of_a_later_format(backup: Backup) -> None:
    content = (backup.path / MANIFEST).read_bytes()
    for bad in (
        content.replace(b'"day":', b'"day":"2024-11-21","day":'),
        b'{"format":2,"files":' + b"[" * 200_000,
        b'{"format":2,"files":' + b'{"a":' * 200_000 + b"1" + b"}" * 200_000 + b"}",
        b"\xff\xfe", b"null", b"[]", b"NaN", b"1" * 10_000, content[:-1],
    ):  # fmt: skip
        told(backup, bad)
        with pytest.raises(BackupUnsound):
            at(backup)
    told(backup, content.replace(b'"format":2', b'"format":3'))
    with pytest.raises(BackupNewer):
        at(backup)


def test_of_several_the_newest_that_holds_is_taken_and_what_does_not_is_named(tmp_path: Path) -> None:
    older, newer = made(tmp_path / "ansinh-1"), made(tmp_path / "ansinh-2")
    later = json.loads((newer.path / MANIFEST).read_bytes()) | {"made_at": "2024-11-21T00:00:00Z"}
    told(newer, json.dumps(later).encode())
    foreign = made(tmp_path / "ansinh-9")
    (foreign.path / SIGNATURE).write_bytes(Ed25519PrivateKey.generate().sign((foreign.path / MANIFEST).read_bytes()))
    (tmp_path / "ansinh-link").symlink_to(newer.path)
    said: list[str] = []
    assert [b.name for b in backups(tmp_path, SIGNER.public_key())] == ["ansinh-2", "ansinh-1"]
    assert chosen(tmp_path, SIGNER.public_key(), said.append).name == "ansinh-2"
    assert "ansinh-9: chữ ký không khớp" in " ".join(said) and "07:00 21/11/2024" in " ".join(said)
    (newer.path / "clock.age").write_bytes(b"")
    assert chosen(tmp_path, SIGNER.public_key(), said.append) == older
    assert "Bỏ qua ansinh-2: 1 tệp" in " ".join(said)
    with pytest.raises(BackupDamaged):  # who rehearses is to hear of it
        newest(tmp_path, SIGNER.public_key(), said.append)
    with pytest.raises(Failure) as met:
        chosen(foreign.path, SIGNER.public_key(), said.append)
    assert isinstance(met.value, BackupForeign)


def test_of_several_none_is_chosen_by_a_time_that_has_not_come(tmp_path: Path) -> None:
    """A clock that was ahead made one of them, or this machine's is behind: the newest is not known, and an older one would lose days."""
    right, ahead = made(tmp_path / "ansinh-1"), made(tmp_path / "ansinh-2")
    told(ahead, changed(ahead, made_at=(dt.datetime.now(dt.UTC) + dt.timedelta(days=365)).isoformat()))
    for choose in (chosen, newest):
        with pytest.raises(BackupAhead, match=r"ansinh-2.*--from"):
            choose(tmp_path, SIGNER.public_key(), lambda _: None)
        for named in (right, ahead):
            assert choose(named.path, SIGNER.public_key(), lambda _: None).name == named.name
    (right.path / MANIFEST).unlink()
    assert chosen(tmp_path, SIGNER.public_key(), lambda _: None).name == "ansinh-2", "there is no other to take"


def test_a_file_is_shared_only_as_it_was_signed(backup: Backup, tmp_path: Path) -> None:
    second = made(tmp_path / "ansinh-2", backup)
    stored = f"{NIGHT}.age"
    assert (second.path / stored).stat().st_ino == (backup.path / stored).stat().st_ino
    (tmp_path / "elsewhere").write_bytes(b"x")
    (backup.path / stored).unlink()
    for exchange in (
        lambda: None,
        lambda: (backup.path / stored).write_bytes(b"x"),
        lambda: ((backup.path / stored).unlink(), (backup.path / stored).symlink_to(tmp_path / "elsewhere")),
    ):
        exchange()
        writer = Writer(tmp_path / "new", MAKING)
        assert writer.share(NIGHT, backup) is None
        assert not os.path.lexists(writer.root / stored) and writer.files == {}


def production(tmp_path: Path) -> Settings:
    return Settings("production", tmp_path)


@pytest.fixture
def _no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [n for n in os.environ if n.startswith("BACKUP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def kept(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text)
    path.chmod(mode)
    return str(path)


@pytest.mark.usefixtures("_no_keys")
def test_production_refuses_what_is_missing_wrong_or_open_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = production(tmp_path)
    with pytest.raises(keys.RecipientUnconfigured, match="age-keygen"):
        keys.for_making(settings)
    monkeypatch.setenv("BACKUP_RECIPIENT", f"{OTHER.to_public()}, {IDENTITY.to_public()}")
    with pytest.raises(keys.SigningUnconfigured, match="openssl genpkey"):
        keys.for_making(settings)
    pem = signature.private_pem(SIGNER)
    for name, content, mode, kind in (
        ("a", pem, 0o644, keys.KeyOpenToOthers), ("b", pem, 0o640, keys.KeyOpenToOthers), ("c", pem[:-40], 0o600, keys.KeyWrong),
        ("d", f"{IDENTITY}", 0o600, keys.KeyWrong),
    ):  # fmt: skip
        monkeypatch.setenv("BACKUP_SIGNING_KEY_FILE", kept(tmp_path / name, content, mode))
        with pytest.raises(kind) as met:
            keys.for_making(settings)
        assert content.splitlines()[0] not in str(met.value)
    monkeypatch.setenv("BACKUP_SIGNING_KEY_FILE", kept(tmp_path / "sign.pem", pem))
    making = keys.for_making(settings)
    assert making.recipients == tuple(sorted(str(k.to_public()) for k in (OTHER, IDENTITY)))
    rehearsing = new_identity()
    monkeypatch.setenv("BACKUP_REHEARSAL_IDENTITY_FILE", kept(tmp_path / "rehearsal", f"# x\n{rehearsing}\n"))
    assert set(keys.for_making(settings).recipients) == {*making.recipients, str(rehearsing.to_public())}
    assert keys.for_rehearsing(settings).identities
    for wrong in ("age1x", f"{IDENTITY}", f"{IDENTITY.to_public()} ssh-ed25519"):
        monkeypatch.setenv("BACKUP_RECIPIENT", wrong)
        with pytest.raises(keys.KeyWrong) as met:
            keys.for_making(settings)
        assert str(IDENTITY) not in str(met.value)


@pytest.mark.usefixtures("_no_keys")
def test_who_restores_brings_both_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, public = production(tmp_path), SIGNER.public_key()
    identity = tmp_path / "key.txt"
    with pytest.raises(keys.IdentityUnconfigured, match="--identity"):
        keys.for_restoring(settings, None)
    kept(
        identity, f"# created: x\n# public key: {IDENTITY.to_public()}\n{IDENTITY}\n", 0o644
    )  # from a stick, where modes mean nothing
    monkeypatch.setenv("BACKUP_SIGNING_KEY_FILE", kept(tmp_path / "sign.pem", signature.private_pem(SIGNER)))
    with pytest.raises(keys.VerifyUnconfigured):
        keys.for_restoring(settings, identity)
    for text in (public_pem(public), base64.b64encode(public.public_bytes_raw()).decode()):
        monkeypatch.setenv("BACKUP_VERIFY_KEY", text)
        given = keys.for_restoring(settings, identity)
        assert given.verifier == public and str(given.identities[0]) == str(IDENTITY)
    monkeypatch.delenv("BACKUP_VERIFY_KEY")
    monkeypatch.setenv("BACKUP_VERIFY_KEY_FILE", kept(tmp_path / "verify.pem", public_pem(public), 0o644))
    assert keys.for_restoring(settings, identity).verifier == public
    monkeypatch.delenv("BACKUP_VERIFY_KEY_FILE")
    monkeypatch.setenv("BACKUP_VERIFY_KEY", "x" * 44)
    with pytest.raises(keys.KeyWrong):
        keys.for_restoring(settings, identity)
    with pytest.raises(ValueError):
        identities("# nothing\n")


@pytest.mark.usefixtures("_no_keys")
def test_the_demo_makes_its_keys_once_outside_the_state(tmp_path: Path) -> None:
    settings = Settings("demo", tmp_path / "home")
    with pytest.raises(keys.IdentityUnconfigured):  # who only restores makes none
        keys.for_restoring(settings, None)
    first = keys.for_making(settings)
    again = keys.for_making(settings)
    assert first.recipients == again.recipients and signature.private_pem(first.signer) == signature.private_pem(again.signer)
    assert not settings.home.exists()
    given = keys.for_restoring(settings, None)
    assert str(given.identities[0].to_public()) in first.recipients and given.verifier == first.signer.public_key()
    folder = keys.demo_folder()
    assert {p.name: oct(p.stat().st_mode)[-3:] for p in (folder, *folder.iterdir())} == {
        "demo-backup": "700", "identity.txt": "600", "signing.pem": "600",
    }  # fmt: skip
