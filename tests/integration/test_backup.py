"""Backup and restore on real parts: a state that is lost comes back, lives on as if nothing had happened, and nothing half
made is ever taken for a state."""

import io
import json
import os
import re
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg2
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.doctor.backups import health
from pipelines.doctor.failures import RehearsalBad
from pipelines.jobs import rehearsal_job
from resources.backup import keys, postgres_tools, rehearsal, roles, signature
from resources.backup.encryption import Counted, encrypt, new_identity
from resources.backup.failures import RestoredRuns
from resources.backup.manifest import MANIFEST, SIGNATURE, Backup, Manifest, Member
from resources.backup.manifest import backup_at as backup_with_key_at
from resources.backup.manifest import backups as backups_with_key
from resources.durable import sha256_of
from resources.hub import Hub
from resources.servers.connecting import CONNECTION, libpq_uri
from resources.settings import Settings
from resources.warehouse.arrivals import deliveries
from resources.warehouse.arrivals.deliveries import Delivery
from resources.warehouse.migrations import VERSION
from schemas.registry import DATASETS
from schemas.sources.children.datasets import PROFILES
from tests.fixtures.certificates import public_pem
from tests.integration.kept import homes
from tests.integration.province import Province, province
from tests.integration.tls_server import TlsServer
from tests.integration.warm import Started

pytestmark = pytest.mark.landing

TWO = ("--source", "poverty", "--source", "job_service")  # of the nights after the first: one of each kind of server

COUNTED = {
    "history": " union all ".join(f"select count(*) as n from history.{d.table}" for d in DATASETS),
    "arrivals": "select count(*) as n from ops.arrivals",
    "quarantine": "select count(*) as n from quarantine.rows",
    "remarks": "select count(*) as n from quarantine.remarks",
    "submissions": "select count(*) as n from ops.report_submissions",
    "receipts": "select count(receipt) as n from ops.report_submissions",
}


@pytest.fixture(scope="module")
def home() -> Iterator[Province]:
    with province(after_first_night=True) as made:
        assert made.first_night["failures"] == []
        yield made


@pytest.fixture(scope="module")
def kept() -> Iterator[Path]:
    """Where the backups of this file are."""
    with folder() as made:
        yield made


@contextmanager
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="bk", dir=homes()))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def elsewhere() -> Iterator[Province]:
    """A home that is not there yet."""
    with folder() as made:
        other = Province(made / "h")
        try:
            yield other
        finally:
            other.ansinh("stop", status=None)


def made_with() -> keys.MakingKeys:
    """The demo's keys."""
    return keys.for_making(Settings("demo", Path("/nowhere")))


def backups(folder: Path) -> list[Backup]:
    return backups_with_key(folder, made_with().signer.public_key())


def signed(manifest: Manifest, path: Path) -> None:
    """Write a manifest as one who has the key would."""
    content = manifest.written()
    (path / MANIFEST).write_bytes(content)
    (path / SIGNATURE).write_bytes(made_with().signer.sign(content))


def with_dump(backup: Backup, database: str, content: bytes) -> None:
    """Put another dump into a backup, encrypted and signed as one who has the keys would."""
    name = f"databases/{database}.dump"
    with (backup.path / f"{name}.age").open("wb") as f:
        plain, stored = Counted(io.BytesIO(content)), Counted(f)
        encrypt(plain, stored, backup.manifest.recipients)
    told = Member(size=plain.size, sha256=plain.sha256, stored_size=stored.size, stored_sha256=stored.sha256)
    signed(backup.manifest.model_copy(update={"files": {**backup.manifest.files, name: told}}), backup.path)


def opened(backup: Backup, name: str) -> bytes:
    """A file of a backup, decrypted."""
    content = io.BytesIO()
    backup.decrypt(name, Counted(content), keys.for_restoring(Settings("demo", Path("/nowhere")), None).identities)
    return content.getvalue()


def counted(made: Province) -> dict[str, int]:
    found = {name: made.one(f"select sum(n)::bigint from ({query}) q") for name, query in COUNTED.items()}
    found["releases"] = made.one("select count(*) from open_data.releases", "shared")
    return found


def rights(made: Province) -> list[str]:
    """Who owns, enters and reads what: databases, roles, and the relations of those that others than the hub may enter."""
    found = made.rows("select datname, datdba::regrole, datacl::text, shobj_description(oid, 'pg_database') from pg_database")
    found += made.rows("select rolname, rolsuper, rolcanlogin, rolcreaterole, rolcreatedb, rolbypassrls, rolconfig from pg_roles")
    for database in ("shared", "source_poverty", "demo_truth"):
        theirs = "pg_catalog', 'information_schema', 'pg_toast"
        found += made.rows(f"select '{database}', nspname, nspowner::regrole, nspacl::text from pg_namespace", database)
        found += made.rows(
            "select defaclrole::regrole, defaclnamespace::regnamespace::text, defaclacl::text from pg_default_acl", database
        )
        found += made.rows(
            f"""select '{database}', relnamespace::regnamespace::text, relname, relowner::regrole, relacl::text from pg_class
                where relnamespace::regnamespace::text not in ('{theirs}')""",
            database,
        )
    return sorted(map(str, found))


def content(made: Province) -> dict[str, list[Any]]:
    """What a state says, without the instants at which it learnt it."""
    queries = {
        d.table: f"select period, unit_code, district_code, row_key, source_key, recorded_to is null from history.{d.table}"
        for d in DATASETS
    } | {
        "rows": "select source, dataset, period, unit_code, row_key, received, failures, resolved_at is null from quarantine.rows",
        "remarks": 'select source, dataset, period, unit_code, row_key, rule, "column", resolved_at is null from quarantine.remarks',
        "cells": "select source, dataset, period, unit_code, status, maturity, rows_accepted, rows_rejected, rows_waiting from ops.cells",
        "arrivals": "select source, dataset, period, unit_code, content_hash, outcome from ops.arrivals",
        "reports": "select form, period, revision, figures_hash, maturity, status from ops.report_submissions",
    }
    found = {name: sorted(map(str, made.rows(query))) for name, query in queries.items()}
    found["releases"] = sorted(map(str, made.rows("select dataset, version, sha256 from open_data.releases", "shared")))
    found["files"] = sorted(str(p.relative_to(made.home)) for p in (made.home / "open").glob("*/*"))
    return found


def killed_when(process: Started, reached: Callable[[], bool]) -> None:
    """kill -9, in the middle."""
    until = time.monotonic() + 60
    while not reached():
        assert process.poll() is None and time.monotonic() < until, "it ended before it could be killed"
        time.sleep(0.005)
    process.kill()
    process.communicate(60)


def sent(made: Province) -> Delivery:
    """The last file of the children that a district has sent."""
    with mock.patch.dict(os.environ, {"ANSINH_HOME": str(made.home)}), Hub.open().warehouse.engine.connect() as connection:
        return deliveries.of(connection, PROFILES.source, PROFILES)[-1]


def test_a_backup_is_whole_and_its_owners_alone(home: Province, kept: Path, tmp_path: Path) -> None:
    delivery = sent(home)
    (tmp_path / "children").mkdir()
    of_place = tmp_path / "children" / "owners.csv"
    of_place.write_text("department,valid_from,legal_basis\nSở Nội vụ,2025-03-01,NQ 1/NQ-HĐND\n", encoding="utf-8")
    done = home.having(ANSINH_CONFIG=str(tmp_path)).ansinh("backup", "--into", str(kept))
    assert "Không sao lưu" not in done.stdout, "something of the home is neither kept nor known to be left out"
    (backup,) = backups(kept)
    assert str(backup.path) in done.stdout
    assert backup.name.startswith(f"ansinh-{(home.home / 'clock').read_text().strip()}T")
    for path in [backup.path, *backup.path.rglob("*")]:
        assert oct(path.stat().st_mode)[-3:] == ("700" if path.is_dir() else "600"), path
    manifest = backup.manifest
    on_disk = {str(p.relative_to(backup.path)) for p in backup.path.rglob("*") if p.is_file()}
    assert on_disk == {*(f"{name}.age" for name in manifest.files), MANIFEST, SIGNATURE}
    assert all((backup.path / n).read_bytes().startswith(b"age-encryption.org/v1\n") for n in on_disk - {MANIFEST, SIGNATURE})
    assert manifest.is_complete and manifest.schema_version == VERSION
    assert {d.name for d in manifest.databases} >= {
        "warehouse",
        "shared",
        "dagster",
        *(f"source_{d.source.name}" for d in DATASETS if d.source.name != "job_service"),
    }
    assert b"INSERT INTO `dvvl_nguoi_tim_viec`" in opened(backup, "demo/source_job_service.sql")  # it lies on MariaDB
    assert manifest.measured.records["ops.arrivals"] == counted(home)["arrivals"]
    assert set(manifest.measured.history) == {d.table for d in DATASETS}
    assert sum(t.known for t in manifest.measured.history.values()) > 0
    assert {f"raw/{path}" for (path,) in home.rows("select path from ops.pulls")} <= set(manifest.files)
    of_delivery = {f"raw/{delivery.file.path}": delivery.file.sha256, f"raw/{delivery.rows.path}": delivery.rows.sha256}
    assert {name: manifest.files[name].sha256 for name in of_delivery} == of_delivery, "what a unit sent, and its rows"
    secret = (home.home / "run" / "gateway.client_secret").read_bytes().strip()
    assert all(secret not in opened(backup, name) for name in manifest.files)
    assert opened(backup, "clock") == (home.home / "clock").read_bytes()
    assert opened(backup, "config/children/owners.csv") == of_place.read_bytes()
    private = [signature.private_pem(made_with().signer)]
    private += map(str, keys.for_restoring(Settings("demo", Path("/nowhere")), None).identities)
    ours = [p for p in home.home.rglob("*") if p.is_file() and home.home / "pg" not in p.parents]
    assert len(ours) > 50 and not [p for p in ours if any(key.encode() in p.read_bytes() for key in private)]
    assert not [p for p in ours if "demo-backup" in str(p) or p.suffix == ".pem"]
    assert str(keys.demo_folder()) in done.stdout


def test_a_second_backup_waits_for_runs_and_shares_the_raw_files(home: Province, kept: Path) -> None:
    (first,) = backups(kept)
    with home.engine().connect() as busy:
        busy.execute(sa.text("select pg_advisory_lock(hashtext('ansinh.source.poverty'))"))
        process = home.start("backup", "--into", str(kept))
        assert "poverty" in process.stdout.readline()
        assert len(backups(kept)) == 1
        busy.execute(sa.text("select pg_advisory_unlock_all()"))
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    second = backups(kept)[0]
    assert second.path != first.path
    shared = [f"{n}.age" for n in second.manifest.files if n.startswith("raw/")]
    assert shared and all((second.path / n).stat().st_ino == (first.path / n).stat().st_ino for n in shared)
    assert f"{len(shared)} tệp dùng chung" in output
    shutil.rmtree(first.path)
    assert all((second.path / n).stat().st_size for n in shared), "a removed backup must not take another's files along"


def test_refused_inside_the_home_or_where_nothing_is(home: Province) -> None:
    before = sorted(home.home.iterdir())
    inside = home.ansinh("backup", "--into", str(home.home / "open" / ".." / "copies"), status=2)
    assert len(inside.stderr.strip().splitlines()) == 1 and "ANSINH_HOME" in inside.stderr
    assert sorted(home.home.iterdir()) == before
    with elsewhere() as nothing, folder() as into:
        assert "chưa có kho" in nothing.ansinh("backup", "--into", str(into / "d"), status=2).stderr
        assert not nothing.home.exists() and not (into / "d").exists()


def test_a_full_disk_leaves_nothing(home: Province) -> None:
    for limit in (20_000, 400_000):  # in a dump, and later in a file
        with folder() as into:
            process = home.start("backup", "--into", str(into))
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, limit))
            output, _ = process.communicate(timeout=120)
            assert process.returncode == 1 and len(output.strip().splitlines()) == 1, output
            assert [p.name for p in into.iterdir()] == [".lock"]
    with folder() as into:
        (into / "file").write_text("")
        assert "từ chối" in home.ansinh("backup", "--into", str(into / "file"), status=1).stderr


@pytest.mark.long
def test_a_forged_dump_runs_nothing_and_the_night_tells_of_it(
    home: Province, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though whoever forged it has every key: a dump is restored by a role that may do nothing but fill its one database."""
    newest = backups(kept)[0]
    place = "x" * 200
    with closing(home.server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("create database gia template template0")
    with closing(home.server.connect("gia")) as connection, connection.cursor() as cursor:
        cursor.execute(f"create table t (a text); create view v as select '{place}'::text as a")
        cursor.execute("create function f() returns trigger language plpgsql as 'begin return new; end'")
    with pytest.raises(RestoredRuns, match=r"hàm f\(\)"):
        roles.finish(home.server, "gia")
    with folder() as copies, (copies / "dump").open("w+b") as dump:
        postgres_tools.run("pg_dump", ("--format=custom",), home.server.url("gia"), stdout=dump)
        dump.seek(0)
        content, marker = dump.read(), copies / "ran"
        statement = content[content.index(b"CREATE VIEW public.v") :].partition(b";")[0]
        copies.chmod(0o777)  # the server runs as another user
        forged = f"COPY public.t FROM PROGRAM 'touch {marker}'".encode().ljust(len(statement))
        shutil.copytree(newest.path, copies / newest.name)
        with_dump(
            backup_with_key_at(copies / newest.name, made_with().signer.public_key()),
            "demo_truth",
            content.replace(statement, forged),
        )
        night = home.having(BACKUP_DIR=str(copies)).ansinh("nightly", status=1)
        assert "Khôi phục cơ sở dữ liệu demo_truth: tài khoản thiếu quyền" in night.stderr and "Việc trước hết" in night.stdout
        assert not marker.exists()
        monkeypatch.setenv("ANSINH_HOME", str(home.home))
        with pytest.raises(RehearsalBad, match="không tốt: Khôi phục cơ sở dữ liệu demo_truth"):
            health(Hub.look())
    with closing(home.server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("drop database gia")
    # The scheduled night meets the same place: a rehearsal is due, and once it went well there is none for a week.
    monkeypatch.setenv("BACKUP_DIR", str(kept))
    for _ in range(2):
        assert rehearsal_job.execute_in_process().success
    assert home.one("select count(*) from ops.backups where kind = 'rehearsal' and fault is null") == 1
    assert re.search(r"tốt các bản sao lưu: bản tốt gần nhất \d{4}-\d\d-\d\d", home.doctor())
    assert not list(Path(tempfile.gettempdir()).glob("ansinh_rehearsal_*")) and not (home.home / "run" / "rehearsal").exists()


def test_what_a_killed_rehearsal_left_goes_with_who_is_still_there(home: Province) -> None:
    left = f"{rehearsal.SCRATCH}con_lai"
    with closing(home.server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"create database {left}")
    with closing(home.server.connect(left)):
        rehearsal._drop(home.engine("postgres"))
    assert home.rows("select datname from pg_database where starts_with(datname, :p)", p=rehearsal.SCRATCH) == []


def test_a_backup_cut_short_is_named_and_never_taken(home: Province, kept: Path) -> None:
    process = home.start("backup", "--into", str(kept))
    killed_when(process, lambda: len(list(kept.glob(".partial-*/databases/*.dump.age"))) >= 2)
    (partial,) = kept.glob(".partial-*")
    with elsewhere() as other:
        assert "bị cắt ngang" in other.ansinh("restore", "--from", str(partial), status=2).stderr
        assert not other.home.exists()
        with folder() as alone:
            shutil.copytree(partial, alone / partial.name)
            assert partial.name in other.ansinh("restore", "--from", str(alone), status=2).stderr
        assert not other.home.exists()


def test_a_lost_state_comes_back_and_catches_up(home: Province, kept: Path) -> None:
    """What it would have become, it becomes, though every source is read anew: no row, arrival, release or receipt more.

    A restore that was cut short is refused by every command until it is reset.
    """
    (good,) = backups(kept)
    before, rights_before = counted(home), rights(home)
    home.ansinh("demo", "day", "+2")
    home.nightly(*TWO)
    control = content(home)
    secret = (home.home / "secrets" / "rounding").read_text()
    assert counted(home) != before, "two days passed and nothing moved"
    home.ansinh("stop")
    shutil.rmtree(home.home)

    killed_when(home.start("restore", "--from", str(kept)), lambda: (home.home / "pg" / "base").exists())
    for command in (("nightly",), ("restore", "--from", str(kept)), ("backup", "--into", str(kept))):
        refused = home.ansinh(*command, status=2)
        assert "khôi phục dở" in refused.stderr and "ansinh reset" in refused.stderr
    home.ansinh("reset")

    done = home.ansinh("restore", "--from", str(kept))
    assert f"Đã khôi phục {good.name}" in done.stdout and "Bỏ qua .partial-" in done.stdout
    assert done.stdout.count("Kiểm tra: ") == 3
    assert counted(home) == before
    assert rights(home) == rights_before
    with home.engine("shared").connect() as reader:
        assert reader.execute(sa.text("select rolcanlogin from pg_roles where rolname = 'open_reader'")).scalar() is False
        reader.execute(sa.text("set role open_reader"))
        assert reader.execute(sa.text("select count(*) from open_data.releases")).scalar()
    assert oct((home.home / "raw").stat().st_mode)[-3:] == "700"
    assert all(oct(p.stat().st_mode)[-3:] == "600" for p in (home.home / "raw").rglob("*.parquet"))
    kept_secret = home.home / "secrets" / "rounding"
    assert (kept_secret.read_text(), oct(kept_secret.stat().st_mode)[-3:]) == (secret, "600"), "the open data goes on with it"
    home.ansinh("demo", "up")
    pulls = home.one("select count(*) from ops.pulls")
    assert home.nightly(*TWO)["failures"] == []
    assert counted(home) == before, "a night over the same sources made something new"
    assert home.one("select count(*) from ops.pulls") > pulls, "the sources came back as well and were not read again"
    home.ansinh("demo", "day", "+2")
    assert home.nightly(*TWO)["failures"] == []
    assert content(home) == control
    home.ansinh("backup", "--into", str(kept))
    assert not list(kept.glob(".partial-*")), "what was cut short is still there"


def test_nothing_is_written_over_a_state_or_from_a_damaged_backup(home: Province, kept: Path) -> None:
    newest = backups(kept)[0]
    before = {p.name: p.stat().st_mtime_ns for p in home.home.iterdir()}
    full = home.ansinh("restore", "--from", str(kept), status=2)
    assert "nơi trống" in full.stderr
    assert {p.name: p.stat().st_mtime_ns for p in home.home.iterdir()} == before
    with folder() as copies, elsewhere() as other:
        copy = copies / newest.name
        shutil.copytree(newest.path, copy)
        dump = copy / "databases" / "warehouse.dump.age"
        data = bytearray(dump.read_bytes())
        data[len(data) // 2] ^= 1
        dump.write_bytes(data)
        refused = other.ansinh("restore", "--from", str(copies), status=2)
        assert "databases/warehouse.dump" in refused.stderr
        (copy / SIGNATURE).unlink()  # as the former format has none
        assert "không có chữ ký" in other.ansinh("restore", "--from", str(copy), status=2).stderr
        assert not other.home.exists()


def test_a_damaged_raw_file_is_named_and_taken_from_an_earlier_backup(home: Province, kept: Path) -> None:
    """Without an earlier backup the new one says for ever that it lacks it; an older warehouse is brought up."""
    path, lost = [r[0] for r in home.rows("select distinct path from ops.pulls order by 1 limit 2")]
    damaged = home.home / "raw" / path
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    (home.home / "raw" / lost).unlink()
    rescued = home.ansinh("backup", "--into", str(kept), status=1)
    assert path in rescued.stderr and lost in rescued.stderr and "vẫn đầy đủ" in rescued.stderr
    newest = backups(kept)[0]
    assert newest.manifest.is_complete and newest.manifest.damaged_raw == (path, lost)
    with home.engine().begin() as connection:
        connection.exec_driver_sql("drop index ops.pulls_newest")
        connection.exec_driver_sql("comment on schema ops is 'older'")
    with folder() as into, elsewhere() as other:
        lacking = home.ansinh("backup", "--into", str(into), status=1)
        assert path in lacking.stderr and "KHÔNG ĐẦY ĐỦ" in lacking.stderr
        (backup,) = backups(into)
        assert not backup.manifest.is_complete and f"raw/{path}" not in backup.manifest.files
        done = other.ansinh("restore", "--from", str(backup.path))
        assert path in done.stderr and lost in done.stderr and "KHÔNG ĐẦY ĐỦ" in done.stderr
        assert other.one("select to_regclass('ops.pulls_newest')::text") == "ops.pulls_newest"
        for file, told in newest.manifest.files.items():
            if file.startswith("raw/") and file not in (f"raw/{path}", f"raw/{lost}"):
                assert sha256_of(other.home / file) == told.sha256


def test_production_keeps_its_two_databases(home: Province, tls: TlsServer) -> None:
    """On a server of its own, over TLS, by the system's tools, as a login without other rights, whose password nothing shows."""
    tls.execute("create role trung_tam login password 'mat-khau'")
    for name, here in (("warehouse", "kho"), ("dagster", "dieu_phoi")):
        tls.create(here)
        tls.copy(here, home.server, name)
        tls.create(f"{here}_moi", owner="trung_tam")

    with folder() as into, elsewhere() as old, elsewhere() as new:
        shutil.copytree(home.home / "raw", old.home / "raw")

        def run(made: Province, names: tuple[str, str], *arguments: str, **how: str) -> subprocess.CompletedProcess[str]:
            more = {
                "ANSINH_PROFILE": "production",
                "WAREHOUSE_URL": tls.url(names[0], sslmode="verify-full", **how),
                "ANSINH_DAGSTER_URL": tls.url(names[1], sslmode="verify-full", **how),
                **given,
            }
            return made.having(**more).ansinh(*arguments, status=None)

        standing, fresh = ("kho", "dieu_phoi"), ("kho_moi", "dieu_phoi_moi")
        login = {"user": "trung_tam", "password": "mat-khau"}
        given: dict[str, str] = {}
        unset = run(old, standing, "backup", "--into", str(into))
        assert unset.returncode == 2 and "BACKUP_RECIPIENT" in unset.stderr and not list(into.glob("*ansinh-*"))
        signer = Ed25519PrivateKey.generate()
        identity, rehearsing = new_identity(), new_identity()
        for name, content in (
            ("ky.pem", signature.private_pem(signer)),
            ("mo.txt", f"{identity}\n"),
            ("thu.txt", f"{rehearsing}\n"),
        ):
            (into / name).write_text(content)
            (into / name).chmod(0o600)
        given |= {
            "BACKUP_RECIPIENT": str(identity.to_public()),
            "BACKUP_SIGNING_KEY_FILE": str(into / "ky.pem"),
            "BACKUP_REHEARSAL_IDENTITY_FILE": str(into / "thu.txt"),
            "BACKUP_DIR": str(into),
        }
        assert run(old, standing, "backup").returncode in (0, 1)  # 1: two raw files may still be amiss
        (backup,) = backups_with_key(into, signer.public_key())
        assert [d.place for d in backup.manifest.databases] == ["WAREHOUSE_URL", "ANSINH_DAGSTER_URL"]
        given |= {"BACKUP_REHEARSAL_URL": tls.url("kho_moi", sslmode="verify-full", **login)}
        refused = run(old, standing, "backup", "--verify")
        assert refused.returncode == 1 and "BACKUP_REHEARSAL_URL" in refused.stderr and "createdb" in refused.stderr
        tls.execute("alter role trung_tam createdb")
        rehearsed = run(old, standing, "backup", "--verify")
        assert rehearsed.returncode == 0 and "Diễn tập tốt" in rehearsed.stdout, rehearsed.stderr
        with closing(psycopg2.connect(libpq_uri(tls.url("kho"), CONNECTION))) as connection, connection.cursor() as cursor:
            cursor.execute("select count(*) from pg_database where datname like 'ansinh_rehearsal%'")
            assert cursor.fetchone() == (0,)
            cursor.execute("select kind, fault is null from ops.backups order by id desc limit 2")
            assert cursor.fetchall() == [("rehearsal", True), ("rehearsal", False)]
        # The machine that restores has other keys than the one that makes backups.
        given = {
            "BACKUP_VERIFY_KEY": public_pem(signer.public_key()),
            "BACKUP_IDENTITY_FILE": str(into / "mo.txt"),
        }
        full = run(new, standing, "restore", "--from", str(into))
        assert full.returncode == 2 and "WAREHOUSE_URL" in full.stderr
        assert new.having(**given).ansinh("restore", "--from", str(into), status=2).stderr.count("máy chủ nhúng") == 1
        mighty = run(new, fresh, "restore", "--from", str(into))
        assert mighty.returncode == 2 and "superuser" in mighty.stderr
        assert not new.home.exists()
        done = run(new, fresh, "restore", "--from", str(into), **login)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "mat-khau" not in done.stdout + done.stderr
        cells = json.loads(run(new, fresh, "status", "--json", **login).stdout)
        assert len(cells) >= home.one("select count(*) from ops.cells")
        assert sorted(p.name for p in new.home.iterdir() if p.name in ("raw", "pg", "clock")) == ["raw"]
