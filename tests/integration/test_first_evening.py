"""An officer's first evening on a bare server of Debian's packages: what is missing is found before the night, with the line to run."""

import json
import re
import socket
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from pipelines.commands import doctor
from pipelines.doctor import checking
from pipelines.left_out import left_out
from resources import accounts
from resources.hub import Hub
from resources.servers import connecting
from resources.servers.connecting import CONNECTION, libpq_uri
from resources.servers.failures import ServerTooOld
from resources.warehouse.arrivals import dataset_pulls, ledger
from resources.warehouse.engine import Warehouse
from schemas.registry import DATASETS, SOURCES
from tests.integration.tls_server import TlsServer

LOGIN = {"user": "trung_tam", "password": "mat-khau"}
KHO, DIEU_PHOI, DUNG_CHUNG = "kho dữ liệu của trung tâm", "nhật ký điều phối", "kho dùng chung của tỉnh"
NEEDS_WAREHOUSE = ("lưới ô của giao diện", "đồng hồ", "khóa làm tròn số liệu mở", "các bản sao lưu", "đối chiếu dân cư")

Told = Callable[..., dict[str, dict]]


@pytest.fixture(scope="module")
def bare(tls: TlsServer) -> TlsServer:
    """A server with the login of the settings, and no database for it."""
    tls.execute("create role trung_tam login password 'mat-khau'")
    return tls


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Told]:
    """What the doctor finds in production, by what it looks at; the settings that are given stay for the test."""
    monkeypatch.setenv("ANSINH_PROFILE", "production")
    monkeypatch.setenv("ANSINH_HOME", str(tmp_path / "home"))

    def asked(status: int | None = None, **settings: str) -> dict[str, dict]:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        found = doctor.run(Namespace(json=True, mend_grid=False))
        assert status is None or found == status
        return {f["what"]: f for f in json.loads(capsys.readouterr().out)}

    yield asked


def broken(found: dict[str, dict]) -> set[str]:
    return {what for what, f in found.items() if not f["fine"]}


def absent(found: dict[str, dict]) -> set[str]:
    return {what for what, f in found.items() if f["is_absent"]}


def run(bare: TlsServer, statement: str, database: str = "postgres") -> None:
    """What the administrator runs, as the message says it."""
    bare.execute(statement, database)


def statement_in(finding: dict, beginning: str = "chạy(?:, trong cơ sở dữ liệu [^:]*)?") -> str:
    found = re.search(rf"{beginning}: (.*?)\.?$", finding["told"])
    assert found, finding["told"]
    return found[1]


def test_nothing_is_set_and_the_doctor_lives(told: Told) -> None:
    found = told(status=1)
    assert "WAREHOUSE_URL" in found[KHO]["told"] and "ANSINH_DAGSTER_URL" in found[DIEU_PHOI]["told"]
    assert {what for what in NEEDS_WAREHOUSE if found[what]["is_unseen"]} == set(NEEDS_WAREHOUSE)
    assert absent(found) >= {DUNG_CHUNG, "cổng báo cáo quốc gia", "quyết định công bố", "hộp nhận tệp"}
    assert absent(found) >= {f"nguồn {s.name}" for s in SOURCES}
    assert "lượt đêm đầu tiên lập" in found["thư mục trạng thái"]["told"]
    assert not any("lỗi chưa lường trước" in f["told"] for f in found.values())
    sender = found["mã định danh của đơn vị gửi"]
    assert not sender["fine"] and re.search(r"reports/organisations\.csv .* dòng: sender,<mã>,", sender["told"])


def test_the_state_folder_is_looked_at_first(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tep").write_text("")
    (only,) = told(status=1, ANSINH_HOME=str(tmp_path / "tep")).values()
    assert "không phải thư mục" in only["told"]
    (only,) = told(status=1, ANSINH_HOME=str(tmp_path / "home"), ANSINH_PROFILE="thu").values()
    assert "ANSINH_PROFILE" in only["told"]
    (only,) = told(status=3, ANSINH_PROFILE="demo").values()
    assert "ansinh demo build" in only["told"]
    monkeypatch.setattr("os.access", lambda path, mode: False)  # of root the system refuses nothing
    found = told(status=1, ANSINH_PROFILE="production", BACKUP_DIR=str(tmp_path))
    assert f"install -d -m 700 -o {accounts.ours()} {tmp_path / 'home'}" in found["thư mục trạng thái"]["told"]


@pytest.mark.landing
def test_each_gap_of_a_server_has_its_statement_and_is_closed_by_it(bare: TlsServer, told: Told) -> None:
    """Login, database, its encoding, the right to enter it and to make schemas: of all three databases, one after the other."""
    urls = {"WAREHOUSE_URL": "kho", "ANSINH_DAGSTER_URL": "dieu_phoi", "SHARED_WAREHOUSE_URL": "dung_chung"}
    three = (KHO, DIEU_PHOI, DUNG_CHUNG)

    def of(**login: str) -> dict[str, str]:
        return {setting: bare.url(database, **{**LOGIN, **login}) for setting, database in urls.items()}

    found = told(status=3, **of(password="mat-khau-sai"))
    assert all('sai mật khẩu, hoặc chưa có vai trò "trung_tam"' in found[what]["told"] for what in three)
    assert "mat-khau" not in json.dumps(found, ensure_ascii=False)
    found = told(status=3, **of())
    for what, database in zip(three, urls.values(), strict=True):
        assert f'chưa có cơ sở dữ liệu "{database}"' in found[what]["told"]
    # One that somebody made by hand: of another's, in another encoding.
    run(bare, "create database kho encoding 'SQL_ASCII' template template0")
    assert "encoding 'UTF8'" in told()[KHO]["told"]
    run(bare, "drop database kho with (force)")
    for database in urls.values():
        run(bare, f"create database {database} encoding 'UTF8' template template0")
    run(bare, "revoke connect on database kho from public")
    found = told()
    run(bare, statement_in(found[KHO]))
    assert found[DUNG_CHUNG]["told"].count("create role open_reader") == 1
    for statement in statement_in(found[DUNG_CHUNG]).split("; "):
        run(bare, statement, "dung_chung")
    run(bare, statement_in(found[DIEU_PHOI]), "dieu_phoi")
    found = told()
    assert found[DUNG_CHUNG]["fine"] and found[DIEU_PHOI]["fine"], found
    run(bare, statement_in(found[KHO]))
    found = told()
    assert found[KHO]["fine"] and "kho còn trống" in found[KHO]["told"]
    assert not any(found[what]["is_unseen"] for what in NEEDS_WAREHOUSE)
    assert broken(found) == {"mã định danh của đơn vị gửi"}
    assert absent(found) >= {"khóa làm tròn số liệu mở", "các bản sao lưu", "cổng báo cáo quốc gia", "đối chiếu dân cư"}
    assert "đồng hồ" in found and "(giờ Việt Nam)" in found["đồng hồ"]["told"], (
        "the server's clock is a witness before the first night"
    )


def test_an_older_server_is_refused_before_anything_is_written(bare: TlsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    url = bare.create("cu", owner="trung_tam")
    monkeypatch.setattr(connecting.refuse_too_old, "__defaults__", (99,))
    with pytest.raises(ServerTooOld, match=r"WAREHOUSE_URL nêu: máy chủ là PostgreSQL 1\d, cần 99 trở lên"):
        Warehouse(url).open()
    with closing(psycopg2.connect(libpq_uri(url, CONNECTION))) as connection, connection.cursor() as cursor:
        cursor.execute("select to_regnamespace('ops')")
        assert cursor.fetchone() == (None,)


def test_a_system_is_left_out_until_there_is_a_way_to_it(
    bare: TlsServer, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an address, an inbox of one whose datasets all come as files, a file that waits; and for ever once something came."""
    monkeypatch.setenv("WAREHOUSE_URL", bare.create("kho_cho", owner="trung_tam"))
    monkeypatch.setenv("INBOX_REST_SECONDS", "0")
    monkeypatch.setenv("SOURCE_POVERTY_URL", "postgresql://doc@127.0.0.1:1/x")
    inbox = tmp_path / "home" / "inbox"
    (inbox / "social_protection" / "412").mkdir(parents=True)
    names = {s.name for s in SOURCES}

    def out() -> set[str]:
        return {s.name for s in left_out(Hub.look())}

    assert out() == names - {"poverty"}, "an inbox beside a database is none of its own"
    (inbox / "children" / "412").mkdir(parents=True)
    (inbox / "social_protection" / "412" / "danh-sach.csv").write_text("x")
    assert out() == names - {"poverty", "children", "social_protection"}
    monkeypatch.delenv("SOURCE_POVERTY_URL")
    assert "poverty" in out()
    hub = Hub.open()
    dataset = next(d for d in DATASETS if d.source.name == "poverty")
    with hub.warehouse.engine.begin() as connection:
        ledger.refresh(connection, hub.now())
        dataset_pulls.dataset_pulled(connection, dataset, hub.now(), "chưa đọc được")
    assert "poverty" in out(), "nothing was ever read"
    with hub.warehouse.engine.begin() as connection:
        left = {s.name for s in left_out(hub)}
        ledger.expect_nothing(connection, left)
        cells = connection.exec_driver_sql("select distinct source from ops.cells").scalars()
        assert set(cells) == names - left
        dataset_pulls.dataset_pulled(connection, dataset, hub.now(), None)
    assert "poverty" not in out(), "it was read, and has lost its address"
    assert not told()["nguồn poverty"]["fine"]


def test_what_is_half_set_is_amiss(told: Told, tmp_path: Path) -> None:
    found = told(
        NATIONAL_REPORTING_URL="https://bao-cao.example",
        ANSINH_ROUNDING_SECRET="mat-khau",
        ANSINH_RELEASE_DECISION="Quyết định mô phỏng số 01",
        SOURCE_POVERTY_URL_FILE=str(tmp_path / "khong-co"),
    )
    assert "NATIONAL_REPORTING_CLIENT_ID, NATIONAL_REPORTING_CLIENT_SECRET" in found["cổng báo cáo quốc gia"]["told"]
    assert "mô phỏng" in found["quyết định công bố"]["told"] and not found["quyết định công bố"]["fine"]
    assert "SOURCE_POVERTY_URL" in found["nguồn poverty"]["told"] and not found["nguồn poverty"]["fine"]


def test_who_takes_the_call_and_says_nothing_keeps_nobody_waiting(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that answers no call, of two sources: the doctor ends, and says of which."""
    monkeypatch.setattr(checking, "_outcome", patient(checking._outcome))
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"postgresql://doc:mat-khau@127.0.0.1:{deaf.getsockname()[1]}/x?connect_timeout=600"
        found = told(status=1, SOURCE_POVERTY_URL=address, SOURCE_CHILDREN_URL=address)
    assert {what for what, f in found.items() if "chưa xong sau" in f["told"]} == {"nguồn poverty", "nguồn children"}


def patient(outcome: Callable) -> Callable:
    """The same wait, but a second of it: what is asserted is that it ends."""
    from dataclasses import replace

    return lambda check, begun: outcome(replace(check, longest=1.0), begun)
