"""Backup and restore on real parts: a state that is lost comes back, lives on as if nothing had happened, and nothing half
made is ever taken for a state."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from resources.backup.manifest import MANIFEST, backup_at, backups, signed
from resources.backup.postgres_tools import without_password
from resources.warehouse.migrations import VERSION
from schemas.registry import DATASETS
from tests.integration.province import PROJECT, Province, province
from tests.integration.tls_server import PASSWORD, TlsServer

SCALE = "0.004"
TWO = ("--source", "poverty", "--source", "social_protection")  # of the nights after the first: what is tested is one code

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
    with province(SCALE, after_first_night=True) as made:
        assert made.first_night["failures"] == []
        yield made


@pytest.fixture(scope="module")
def kept() -> Iterator[Path]:
    """Where the backups of this file are."""
    with folder() as made:
        yield made


@contextmanager
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="bk", dir="/tmp"))
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


def counted(made: Province) -> dict[str, int]:
    found = {name: made.one(f"select sum(n)::bigint from ({query}) q") for name, query in COUNTED.items()}
    found["releases"] = made.one("select count(*) from open_data.releases", "shared")
    return found


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


def started(made: Province, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", *arguments],
        cwd=PROJECT,
        env=made.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def killed_when(process: subprocess.Popen[str], reached: Callable[[], bool]) -> None:
    """kill -9, in the middle."""
    until = time.monotonic() + 60
    while not reached():
        assert process.poll() is None and time.monotonic() < until, "it ended before it could be killed"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_a_backup_is_whole_and_its_owners_alone(home: Province, kept: Path) -> None:
    done = home.ansinh("backup", "--into", str(kept))
    assert "Không sao lưu" not in done.stdout, "something of the home is neither kept nor known to be left out"
    (backup,) = backups(kept)
    assert str(backup.path) in done.stdout
    assert backup.name.startswith(f"ansinh-{(home.home / 'clock').read_text().strip()}T")
    for path in [backup.path, *backup.path.rglob("*")]:
        assert oct(path.stat().st_mode)[-3:] == ("700" if path.is_dir() else "600"), path
    manifest = backup.manifest
    on_disk = {str(p.relative_to(backup.path)) for p in backup.path.rglob("*") if p.is_file()}
    assert on_disk == {*manifest["files"], MANIFEST}
    assert manifest["is_complete"] and manifest["schema_version"] == VERSION
    assert {d["name"] for d in manifest["databases"]} >= {
        "warehouse",
        "shared",
        "dagster",
        *(f"source_{d.source.name}" for d in DATASETS),
    }
    assert manifest["measured"]["records"]["ops.arrivals"] == counted(home)["arrivals"]
    assert set(manifest["measured"]["history"]) == {d.table for d in DATASETS}
    assert sum(t["known"] for t in manifest["measured"]["history"].values()) > 0
    assert {f"raw/{path}" for (path,) in home.rows("select path from ops.pulls")} <= on_disk
    secret = (home.home / "run" / "gateway.client_secret").read_bytes().strip()
    assert all(secret not in path.read_bytes() for path in backup.path.rglob("*") if path.is_file())


def test_a_second_backup_waits_for_runs_and_shares_the_raw_files(home: Province, kept: Path) -> None:
    (first,) = backups(kept)
    with home.engine().connect() as busy:
        busy.execute(sa.text("select pg_advisory_lock(hashtext('ansinh.source.poverty'))"))
        process = started(home, "backup", "--into", str(kept))
        assert process.stdout is not None
        assert "poverty" in process.stdout.readline()
        assert len(backups(kept)) == 1
        busy.execute(sa.text("select pg_advisory_unlock_all()"))
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    second = backups(kept)[0]
    assert second.path != first.path
    shared = [n for n in second.manifest["files"] if n.startswith("raw/")]
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
            done = subprocess.run(
                [sys.executable, "-m", "pipelines.cli", "backup", "--into", str(into)],
                cwd=PROJECT,
                env=home.environment,
                capture_output=True,
                text=True,
                preexec_fn=lambda limit=limit: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
            )
            assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1, done.stderr
            assert [p.name for p in into.iterdir()] == [".lock"]
    with folder() as into:
        (into / "file").write_text("")
        assert "từ chối" in home.ansinh("backup", "--into", str(into / "file"), status=1).stderr


def test_a_backup_cut_short_is_named_and_never_taken(home: Province, kept: Path) -> None:
    process = started(home, "backup", "--into", str(kept))
    killed_when(process, lambda: len(list(kept.glob(".partial-*/databases/*.dump"))) >= 2)
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
    before = counted(home)
    home.ansinh("demo", "day", "+2")
    home.nightly(*TWO)
    control = content(home)
    secret = (home.home / "secrets" / "rounding").read_text()
    assert counted(home) != before, "two days passed and nothing moved"
    home.ansinh("stop")
    shutil.rmtree(home.home)

    killed_when(started(home, "restore", "--from", str(kept)), lambda: (home.home / "pg" / "base").exists())
    for command in (("nightly",), ("restore", "--from", str(kept)), ("backup", "--into", str(kept))):
        refused = home.ansinh(*command, status=2)
        assert "khôi phục dở" in refused.stderr and "ansinh reset" in refused.stderr
    home.ansinh("reset")

    done = home.ansinh("restore", "--from", str(kept))
    assert f"Đã khôi phục {good.name}" in done.stdout and "Bỏ qua .partial-" in done.stdout
    assert done.stdout.count("Kiểm tra: ") == 3
    assert counted(home) == before
    with home.engine("shared", "open_reader").connect() as reader:
        assert reader.execute(sa.text("show default_transaction_read_only")).scalar() == "on"
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
        dump = copy / "databases" / "warehouse.dump"
        data = bytearray(dump.read_bytes())
        data[len(data) // 2] ^= 1
        dump.write_bytes(data)
        for place in (copy, copies):
            refused = other.ansinh("restore", "--from", str(place), status=2)
            assert "databases/warehouse.dump" in refused.stderr
            assert not other.home.exists()
        shutil.rmtree(copy)
        shutil.copytree(newest.path, copy)
        manifest = newest.manifest | {"schema_version": VERSION + 1}
        (copy / MANIFEST).write_bytes(signed(manifest))
        assert "phiên bản" in other.ansinh("restore", "--from", str(copies), status=2).stderr
        (copy / MANIFEST).write_bytes(signed(newest.manifest).replace(b'"format"', b'"Format"'))
        assert "bị cắt ngang" in other.ansinh("restore", "--from", str(copy), status=2).stderr
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
    assert newest.manifest["is_complete"] and newest.manifest["damaged_raw"] == [path, lost]
    with home.engine().begin() as connection:
        connection.exec_driver_sql("drop index ops.pulls_newest")
        connection.exec_driver_sql("comment on schema ops is 'older'")
    with folder() as into, elsewhere() as other:
        lacking = home.ansinh("backup", "--into", str(into), status=1)
        assert path in lacking.stderr and "KHÔNG ĐẦY ĐỦ" in lacking.stderr
        (backup,) = backups(into)
        assert not backup.manifest["is_complete"] and not (backup.path / "raw" / path).exists()
        done = other.ansinh("restore", "--from", str(backup.path))
        assert path in done.stderr and lost in done.stderr and "KHÔNG ĐẦY ĐỦ" in done.stderr
        assert other.one("select to_regclass('ops.pulls_newest')::text") == "ops.pulls_newest"
        for file in newest.manifest["files"]:
            if file.startswith("raw/") and file not in (f"raw/{path}", f"raw/{lost}"):
                assert (other.home / file).read_bytes() == (newest.path / file).read_bytes()


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
            }
            return subprocess.run(
                [sys.executable, "-m", "pipelines.cli", *arguments],
                cwd=PROJECT,
                env=made.environment | more,
                capture_output=True,
                text=True,
            )

        standing, fresh = ("kho", "dieu_phoi"), ("kho_moi", "dieu_phoi_moi")
        login = {"user": "trung_tam", "password": "mat-khau"}
        assert run(old, standing, "backup", "--into", str(into)).returncode in (0, 1)  # 1: two raw files may still be amiss
        (backup,) = backups(into)
        assert [d["place"] for d in backup.manifest["databases"]] == ["WAREHOUSE_URL", "ANSINH_DAGSTER_URL"]
        assert PASSWORD.encode() not in b"".join(p.read_bytes() for p in backup.path.rglob("*") if p.is_file())
        full = run(new, standing, "restore", "--from", str(into))
        assert full.returncode == 2 and "WAREHOUSE_URL" in full.stderr
        assert new.ansinh("restore", "--from", str(into), status=2).stderr.count("máy chủ nhúng") == 1
        assert not new.home.exists()
        done = run(new, fresh, "restore", "--from", str(into), **login)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "mat-khau" not in done.stdout + done.stderr
        cells = json.loads(run(new, fresh, "status", "--json", **login).stdout)
        assert len(cells) >= home.one("select count(*) from ops.cells")
        assert sorted(p.name for p in new.home.iterdir() if p.name in ("raw", "pg", "clock")) == ["raw"]


@pytest.mark.parametrize(
    ("uri", "bare", "password"),
    [
        ("postgresql://hub:p%40ss@host:5432/db?sslmode=require", "postgresql://hub@host:5432/db?sslmode=require", "p@ss"),
        ("postgresql://hub@/db?password=p%26q&host=%2Ftmp", "postgresql://hub@/db?host=%2Ftmp", "p&q"),
        ("postgresql:///db?host=%2Ftmp", "postgresql:///db?host=%2Ftmp", None),
    ],
)
def test_a_password_never_stands_on_a_command_line(uri: str, bare: str, password: str | None) -> None:
    assert without_password(uri) == (bare, password)


def test_a_backup_without_its_manifest_is_none(kept: Path) -> None:
    newest = backups(kept)[0]
    assert backup_at(newest.path) == newest
    os.rename(newest.path / MANIFEST, newest.path / "x")
    assert backup_at(newest.path) is None and newest not in backups(kept)
