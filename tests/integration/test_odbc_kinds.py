"""What the ODBC road does for SQL Server and Oracle and not for MariaDB, on a MariaDB server whose dialect is written as theirs are.

None of theirs can be started here: of their SQL tests/unit/test_odbc_dialects.py is all that is proved. Their drivers are real.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

import pyarrow as pa
import pytest

from resources.connectors.connector import KEY
from resources.connectors.failures import SourceUnreachable
from resources.connectors.hashes import NO_PART
from resources.connectors.odbc import sessions
from resources.connectors.odbc.addresses import parsed
from resources.connectors.odbc.connector import OdbcConnector
from resources.connectors.odbc.dialects.dialect import Dialect, Held
from resources.connectors.odbc.dialects.mariadb import MariaDb
from resources.connectors.odbc.dialects.oracle import Oracle
from resources.connectors.odbc.dialects.sqlserver import SqlServer
from resources.connectors.odbc.failures import DriverMissing, RowsDiffer
from resources.connectors.odbc.pages import Reading
from schemas.roads import BY_ROW_HASH, Sql
from schemas.sources.social_protection.datasets import MONTHLY_PAYMENTS
from tests.integration.mariadb_server import MariaDbServer, mariadb_server
from tests.integration.test_mariadb import COLUMNS, DATABASE, LOG, ROW, SECRET, TABLE, TODAY

SOURCE = MONTHLY_PAYMENTS.source
TEXTS = ("Nguyễn Thị Ánh", "", " ", "a\u0301", "'; drop table x; --", "-", "\\", "đ" * 60)


class AsOthers(MariaDb):
    """Hashes of hashes, texts in UTF-16, no autocommit, nothing that a reader may ask of the server, and a book of what views read."""

    hashes_parts: ClassVar = True
    is_wide: ClassVar = True
    autocommit: ClassVar = False

    def sessions(self) -> str | None:
        return None

    def encrypted(self) -> str | None:
        return None

    def stop(self, session_id: int) -> str | None:
        return None

    def as_text(self, column: Held) -> str:
        text = super().as_text(column)
        return text if column.family == "bytes" else f"convert({text} using utf8mb4)"

    def literal(self, text: str) -> str:
        return f"_utf8mb4 {super().literal(text)}"

    def hashed(self, parts: Sequence[str]) -> str:
        hashes = (f"ifnull(upper(sha1({part})), '{NO_PART}')" for part in parts)
        return f"cast(conv(left(sha1(concat({', '.join(hashes)})), 15), 16, 10) as unsigned)"

    def policies(self, schema: str, table: str) -> str | None:
        return "select 'theo_xa' union all select null"

    def reads(self, schema: str, name: str) -> str | None:
        found = f"select '{DATABASE}' as s, 'ai_doc' as n, 1 as called union all select '{DATABASE}', 'khong_thay', 0"
        return f"select * from ({found}) f where '{name}' = 'khung_nhin'"


@pytest.fixture(scope="module")
def server() -> Iterator[MariaDbServer]:
    with mariadb_server() as made:
        yield made


@pytest.fixture
def url(server: MariaDbServer) -> str:
    made = server.create(DATABASE)
    texts = [f"x'{text.encode().hex()}'" for text in TEXTS]
    server.execute(
        f"create table {TABLE} ({COLUMNS}, ghi_chu varchar(60), primary key (ma_doi_tuong, thang))",
        f"create table nhat_ky_nop ({LOG})",
        *(
            f"insert into {TABLE} select {ROW.format(f'concat({n}, seq)')}, {text} from seq_1_to_30"
            for n, text in enumerate(texts)
        ),
        f"update {TABLE} set don_vi_chi_tra = ghi_chu, truy_linh = nullif(truy_linh, '0')",
        f"alter table {TABLE} drop column ghi_chu",
        database=DATABASE,
    )
    return made


@contextmanager
def look(url: str, dialect: Dialect) -> Iterator[OdbcConnector]:
    with sessions.session(SOURCE, dialect, parsed("SOURCE_X_URL", url, dialect)) as opened:
        yield OdbcConnector(SOURCE, opened)


def october(connector: OdbcConnector) -> pa.Table:
    batches = Reading(connector._session, connector._queries(MONTHLY_PAYMENTS), "", page_rows=100).batches()
    return pa.Table.from_batches(batches)


def test_what_comes_is_the_same_whatever_it_is_hashed_by(server: MariaDbServer, url: str) -> None:
    with look(url, MariaDb()) as plain, look(url, AsOthers()) as others:
        assert others.faults(MONTHLY_PAYMENTS) == []
        theirs, ours = october(others), october(plain)
        assert theirs.num_rows == 30 * len(TEXTS) and theirs.drop([KEY]).equals(ours.drop([KEY]))
        assert len(set(theirs[KEY].to_pylist())) == theirs.num_rows and not theirs[KEY].equals(ours[KEY])
        (standing,) = others.standings(MONTHLY_PAYMENTS, TODAY).periods["2024-10"]
        assert (standing.place, standing.rows) == ("16681", theirs.num_rows)
        assert dt.timedelta(minutes=-1) < others.clock() - dt.datetime.now(dt.UTC) < dt.timedelta(minutes=1)
        others.rehearse(MONTHLY_PAYMENTS, TODAY)
        server.execute(f"delete from {TABLE}", database=DATABASE)
        assert october(others).num_rows == theirs.num_rows  # without autocommit the snapshot stands as well
    with look(url, AsOthers()) as others:
        assert not others.standings(MONTHLY_PAYMENTS, TODAY).periods["2024-10"]


def test_what_a_driver_loses_is_found(server: MariaDbServer, url: str) -> None:
    """Of a text with a letter outside the first 65,536, MariaDB's driver loses the last one where it is asked for UTF-16."""
    server.execute(f"update {TABLE} set don_vi_chi_tra = 'hộ 😀 nghèo' where ma_doi_tuong = '01'", database=DATABASE)
    with look(url, AsOthers()) as opened, pytest.raises(RowsDiffer, match="tổng mã băm"):
        list(opened.rows(MONTHLY_PAYMENTS, "2024-10", TODAY))


def test_what_hides_rows_is_found_by_the_servers_own_book(server: MariaDbServer, url: str) -> None:
    server.execute(
        "create function ai_doc() returns text return session_user()",
        f"grant execute on {DATABASE}.* to nguoi_doc",
        f"create view khung_nhin as select * from {TABLE}",
        database=DATABASE,
    )
    by_view = dataclasses.replace(MONTHLY_PAYMENTS, road=Sql("khung_nhin", BY_ROW_HASH))
    with look(url, AsOthers()) as opened:
        told = opened.hidden(by_view)
    assert any("không được xem khung nhìn" in line and "có bảo mật theo dòng hay không" in line for line in told)
    assert any("không được xem bảng btxh.khong_thay có bảo mật theo dòng hay không" in line for line in told)
    assert any(line.endswith("chính sách (theo_xa)") for line in told)
    assert any("không được xem định nghĩa của hàm btxh.ai_doc" in line for line in told)


class OfFreeTds(SqlServer):
    drivers: ClassVar = ("FreeTDS", "libtdsodbc.so")


class WithoutDriver(Oracle):
    drivers: ClassVar = ("khong-co", "/khong/co.so")


def test_a_closed_port_and_a_missing_driver_are_each_one_message(server: MariaDbServer) -> None:
    """Oracle's driver is to be had of Oracle alone. The one of FreeTDS proves no certificate, and is not taken where that is asked."""

    def told(dialect: Dialect, address: str) -> str:
        with pytest.raises((SourceUnreachable, DriverMissing)) as failed, look(address, dialect):
            pass
        assert SECRET not in str(failed.value)
        return str(failed.value)

    place = "mssql://u:ZZLEAKZZ@127.0.0.1"
    assert "SQLSTATE 08S01, mã lỗi 20009" in told(OfFreeTds(), f"{place}:1/d")
    assert "không kết nối được" in told(OfFreeTds(), f"{place}:{server.port}/d")  # who answers there speaks otherwise
    assert "không xét được chứng chỉ" in told(OfFreeTds(), f"{place}:1/d?ssl-mode=VERIFY_IDENTITY")
    assert "Instant Client" in told(WithoutDriver(), "oracle://u:ZZLEAKZZ@127.0.0.1:1/d")
