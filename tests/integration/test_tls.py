"""Lines over TLS on a real server that takes no others: every driver, the backup's tools, and what the doctor says of them."""

import json
import subprocess
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import psycopg2
import pytest

from pipelines.commands import doctor
from resources.backup import postgres_tools, tools
from resources.backup.failures import ToolsMissing, ToolsTooOld
from resources.backup.postgres_tools import ToolFailed
from resources.connectors.connect import connect
from resources.connectors.failures import SourceUnencrypted
from resources.embedded import EmbeddedServer
from resources.embedded import server as embedded
from resources.failures import EmbeddedInProduction
from resources.servers.connecting import CONNECTION, libpq_uri
from resources.servers.encryption import Line, line_to
from resources.settings import Settings
from resources.warehouse.engine import Warehouse
from resources.warehouse.failures import WarehouseUnencrypted
from schemas.registry import SOURCES
from tests.integration.tls_server import PASSWORD, TlsServer

IS_TLS = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
WRONG = {  # what an address can say that this server or its certificate does not bear -> what the officer is told
    "mang tên máy": {"host": "127.0.0.1", "sslmode": "verify-full"},
    "chỉ nhận kết nối mã hóa": {"sslmode": "disable"},
    "sslrootcert": {"sslmode": "verify-ca", "sslrootcert": "/khong/co.crt"},
    "sslmode viết sai": {"sslmode": "full"},
}


@pytest.fixture
def production(tls: TlsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setenv("ANSINH_PROFILE", "production")
    monkeypatch.setenv("ANSINH_HOME", str(tmp_path))
    yield Settings.load()


@pytest.fixture(scope="module")
def kho(tls: TlsServer) -> str:
    """The address of an empty warehouse."""
    return tls.create("kho")


@pytest.mark.parametrize("driver", [psycopg2.connect, adbc.connect])
def test_every_driver_speaks_tls(tls: TlsServer, kho: str, driver) -> None:
    for place in (kho, tls.url("kho", sslmode="require")):
        with closing(driver(libpq_uri(place, CONNECTION))) as connection, connection.cursor() as cursor:
            cursor.execute(IS_TLS)
            assert cursor.fetchall() == [(True,)]
    # Of several hosts the first that answers.
    several = f"{kho}&host=127.0.0.1,localhost&port=1,{tls.port}".replace(f"localhost:{tls.port}", "")
    with closing(driver(libpq_uri(several, CONNECTION))):
        pass
    assert line_to(kho) == Line("loopback", "TLSv1.3", "verify-full")


@pytest.mark.parametrize(("said", "options"), WRONG.items())
def test_a_line_that_is_not_as_asked_is_refused_in_words(
    tls: TlsServer, kho: str, production: Settings, monkeypatch: pytest.MonkeyPatch, said: str, options: dict[str, str]
) -> None:
    url = tls.url("kho", **options)
    with pytest.raises(WarehouseUnencrypted, match=said):
        Warehouse(url).open()
    monkeypatch.setenv(SOURCES[0].environment, url)
    with pytest.raises(SourceUnencrypted, match=said), connect(SOURCES[0], production):
        pass
    with pytest.raises(ToolFailed, match=said):
        postgres_tools.run("pg_dump", ("--schema-only",), url)


def test_a_refused_login_is_not_taken_for_tls(tls: TlsServer) -> None:
    """libpq then tries once more without TLS, and the server says that it takes nobody so."""
    with pytest.raises(ToolFailed, match="từ chối đăng nhập"):
        postgres_tools.run("pg_dump", (), tls.url(password="sai", sslmode="prefer"))


def until_it_waits(url: str) -> list[tuple]:
    """Whether the session of the pg_dump that waits for a lock is encrypted."""
    asked = """select s.ssl from pg_stat_activity join pg_stat_ssl s using (pid)
        where application_name = 'pg_dump' and wait_event_type = 'Lock'"""
    with closing(psycopg2.connect(libpq_uri(url, CONNECTION))) as looking:
        looking.autocommit = True  # within a transaction the server would go on telling what was at first
        for _ in range(200):
            with looking.cursor() as cursor:
                cursor.execute(asked)
                if found := cursor.fetchall():
                    return found
            time.sleep(0.05)
    raise AssertionError("pg_dump never came to wait for the lock")


def test_the_backups_tools_go_over_tls_and_tell_no_secret(
    kho: str, production: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSINH_ROUNDING_SECRET", "bi-mat-khac")
    with closing(psycopg2.connect(libpq_uri(kho, CONNECTION))) as busy, busy.cursor() as cursor:
        cursor.execute("create table if not exists cham (a int)")
        busy.commit()
        cursor.execute("lock table cham in access exclusive mode")
        with postgres_tools.opened("pg_dump", ("--schema-only",), kho, stdout=subprocess.PIPE) as dump:
            assert until_it_waits(kho) == [(True,)], "over TLS"
            process = Path(f"/proc/{dump.pid}")
            assert PASSWORD not in (process / "cmdline").read_text() and "p%40s" not in (process / "cmdline").read_text()
            assert "bi-mat-khac" not in (process / "environ").read_text()
            busy.rollback()
            assert dump.stdout is not None
            assert b"CREATE TABLE public.cham" in dump.stdout.read()
        cursor.execute("lock table cham in access exclusive mode")
        with pytest.raises(ToolFailed, match="không xong"):
            postgres_tools.run("pg_dump", ("--schema-only",), kho, seconds=0.2)
        with pytest.raises(ToolFailed, match="chờ khóa"):
            postgres_tools.run("pg_dump", ("--schema-only", "--lock-wait-timeout=1"), kho)
    with pytest.raises(ToolFailed), postgres_tools.opened("pg_restore", (), kho, stdin=subprocess.PIPE) as restore:
        assert restore.stdin is not None
        restore.stdin.write(b"no archive" * 100_000)  # it ends long before it has taken all


def test_the_nearest_tools_are_taken_and_older_ones_refused(tls: TlsServer, production: Settings) -> None:
    found = sorted(tools.found(), key=lambda t: t.major)
    assert tools.suiting(found[0].major) == next(t for t in tools.found() if t.major == found[0].major)
    assert tools.suiting(found[0].major - 1).major == found[0].major
    with pytest.raises(ToolsTooOld, match=f"mới nhất là {found[-1].version}.*là PostgreSQL {found[-1].major + 1},"):
        tools.suiting(found[-1].major + 1)


def test_production_never_runs_what_the_wheel_brings(
    kho: str, production: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSINH_PROFILE", "demo")
    wheel = EmbeddedServer(tmp_path).bin_dir
    assert (wheel / "pg_dump").exists()
    monkeypatch.setenv("ANSINH_PROFILE", "production")
    for use in (lambda: EmbeddedServer(tmp_path).bin_dir, lambda: embedded(tmp_path), EmbeddedServer(tmp_path / "x").control):
        with pytest.raises(EmbeddedInProduction):
            use() if use.__name__ != "control" else use("stop")
    (tmp_path / "links").mkdir()
    for name in tools.NAMES:
        (tmp_path / "links" / name).symlink_to(wheel / name)
    for folder in (wheel, tmp_path / "links"):
        monkeypatch.setenv("BACKUP_TOOLS_DIR", str(folder))
        with pytest.raises(ToolsMissing, match="BACKUP_TOOLS_DIR"):
            postgres_tools.run("pg_dump", ("--schema-only",), kho)
    monkeypatch.delenv("BACKUP_TOOLS_DIR")
    monkeypatch.setenv("PATH", f"{wheel}:{tmp_path / 'links'}")
    assert all(not t.folder.is_relative_to(wheel.parent) and t.folder.name != "links" for t in tools.found())


def test_the_doctor_tells_of_every_line_and_tries_the_backups_road(
    tls: TlsServer, production: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(**settings: str) -> dict[str, dict]:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        doctor.run(Namespace(json=True, mend_grid=False))
        return {f["what"]: f for f in json.loads(capsys.readouterr().out)}

    urls = {name: tls.create(name) for name in ("kho_moi", "dieu_phoi", "dung_chung")}
    tools_version = postgres_tools.tools_for(urls["kho_moi"]).version
    found = told(
        WAREHOUSE_URL=urls["kho_moi"],
        ANSINH_DAGSTER_URL=urls["dieu_phoi"],
        SHARED_WAREHOUSE_URL=urls["dung_chung"],
        SOURCE_POVERTY_URL=tls.url("dung_chung", sslmode="disable"),
    )
    for what in ("kho dữ liệu của trung tâm", "nhật ký điều phối", "kho dùng chung của tỉnh"):
        assert found[what]["fine"] and not found[what]["warnings"]
        assert "loopback), TLSv1.3, sslmode=verify-full" in found[what]["told"]
    assert f"pg_dump {tools_version} đọc được warehouse, dagster" in found["sao lưu"]["told"]
    assert "chỉ nhận kết nối mã hóa" in found["nguồn poverty"]["told"]
    wrong = tls.url("kho_moi", sslmode="disable")
    found = told(WAREHOUSE_URL=wrong, ANSINH_DAGSTER_URL=wrong, SHARED_WAREHOUSE_URL=wrong)
    for what in ("kho dữ liệu của trung tâm", "nhật ký điều phối", "sao lưu", "kho dùng chung của tỉnh"):
        assert not found[what]["fine"] and "chỉ nhận kết nối mã hóa" in found[what]["told"], what
