"""SQL Server and Oracle beside their SQL: addresses, what a driver is told, what an error means, what an owner has to run."""

import traceback
from collections.abc import Mapping, Sequence

import pytest

from resources.connectors.connect import ROADS
from resources.connectors.failures import (
    SourceAltered,
    SourceCanceled,
    SourceCannotAnswer,
    SourceChanged,
    SourceDamaged,
    SourceDiskFull,
    SourceLocked,
    SourceLoginRefused,
    SourceRightMissing,
    SourceStopping,
    SourceStrained,
    SourceUnencrypted,
    SourceUnreachable,
    SourceValueWrong,
)
from resources.connectors.odbc.addresses import parsed
from resources.connectors.odbc.connector import DIALECTS
from resources.connectors.odbc.dialects.dialect import Dialect, Family
from resources.connectors.odbc.dialects.oracle import Oracle
from resources.connectors.odbc.dialects.sqlserver import SqlServer
from resources.connectors.odbc.failures import SnapshotForbidden, SourceAddressWrong, failure_of
from resources.failing import Failure
from schemas.dataset import Limits
from schemas.registry import DATASETS, SOURCES

SECRET = "Bi9Mat"
NEW, OLD, FREE = "ODBC Driver 18 for SQL Server", "ODBC Driver 17 for SQL Server", "FreeTDS"
SERVER, ORACLE = SqlServer(), Oracle()


def test_every_kind_has_its_road() -> None:
    assert {"mysql", "mariadb", "mssql", "sqlserver", "oracle"} <= set(ROADS)
    assert [DIALECTS[scheme].road for scheme in ("mssql", "sqlserver", "oracle")] == ["sqlserver", "sqlserver", "oracle"]


GOOD = {
    "mssql://u:p%40%3B%7D@h/db": ("p@;}", {"host": "h", "port": "1433", "database": "db", "ssl-mode": "REQUIRED"}),
    "sqlserver://u:x@127.0.0.1:14330/d%C6%B0?ssl-mode=VERIFY_IDENTITY": (
        "x", {"host": "127.0.0.1", "port": "14330", "database": "dư", "ssl-mode": "VERIFY_IDENTITY"},
    ),
    "oracle://u:x@h/kho.so.vn?ssl-wallet=/etc/vi&ssl-mode=REQUIRED": (
        "x", {"host": "h", "port": "1521", "database": "kho.so.vn", "ssl-wallet": "/etc/vi", "ssl-mode": "REQUIRED"},
    ),
    "oracle://u:x@[::1]:1522/XEPDB1": ("x", {"host": "::1", "port": "1522", "database": "XEPDB1", "ssl-mode": "DISABLED"}),
}  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_an_address_is_read(text: str) -> None:
    address = parsed("SOURCE_X_URL", text, DIALECTS[text.partition(":")[0]])
    assert (address.user, address.password, dict(address.place)) == ("u", *GOOD[text])


WRONG = [
    ("mssql+pyodbc://u:{}@h/d", "không có dấu +"),
    ("mssql://u:{}@h", "thiếu tên cơ sở dữ liệu"),
    ("mssql://u:x@h/d?ssl-ca={}", "không phải tham số kết nối của SQL Server"),
    ("mssql://u:x@h/d?socket={}", "không phải tham số kết nối của SQL Server"),
    ("oracle://u:x@h/{}(d)", "có ký tự mà Oracle không nhận"),
    ("oracle://u:x@h/d%3F{}", "có ký tự mà Oracle không nhận"),
    ("oracle://u:x@h/d%2F{}", "có ký tự mà Oracle không nhận"),
]


@pytest.mark.parametrize(("text", "why"), WRONG)
def test_a_wrong_address_is_told_without_a_word_of_it(text: str, why: str) -> None:
    dialect = DIALECTS[text.partition(":")[0].partition("+")[0]]
    with pytest.raises(SourceAddressWrong) as told:
        parsed("SOURCE_X_URL", text.format(SECRET), dialect)
    assert why in str(told.value) and dialect.form in str(told.value)
    assert SECRET not in "".join(traceback.format_exception(told.value))


def leads(dialect: Dialect, driver: str, address: str) -> dict[str, str] | None:
    return dialect.connection(driver, parsed("X", address, dialect).place, Limits())


def test_a_driver_of_sql_server_encrypts_as_the_address_says_or_is_not_taken() -> None:
    asked = {mode: f"mssql://u:x@h:5/d?ssl-mode={mode}" for mode in ("DISABLED", "REQUIRED", "VERIFY_IDENTITY")}
    told = {mode: leads(SERVER, NEW, address) or {} for mode, address in asked.items()}
    assert {mode: (made["Encrypt"], made["TrustServerCertificate"]) for mode, made in told.items()} == {
        "DISABLED": ("no", "yes"),
        "REQUIRED": ("yes", "yes"),
        "VERIFY_IDENTITY": ("yes", "no"),
    }
    assert told["REQUIRED"]["SERVER"] == "tcp:h,5" and told["REQUIRED"]["ConnectRetryCount"] == "0"
    assert leads(SERVER, OLD, asked["REQUIRED"]) == told["REQUIRED"]
    free = leads(SERVER, FREE, asked["REQUIRED"]) or {}
    assert (free["SERVER"], free["PORT"], free["Encryption"], free["ClientCharset"]) == ("h", "5", "require", "UTF-8")
    assert (leads(SERVER, FREE, asked["DISABLED"]) or {})["Encryption"] == "off"
    assert leads(SERVER, FREE, asked["VERIFY_IDENTITY"]) is None


def test_oracle_is_led_to_over_tls_as_the_address_says() -> None:
    driver = ORACLE.drivers[0]
    assert (leads(ORACLE, driver, "oracle://u:x@h/d?ssl-mode=DISABLED") or {})["DBQ"] == "//h:1521/d"
    assert (leads(ORACLE, driver, "oracle://u:x@[fd00::1]/d") or {})["DBQ"] == "tcps://[fd00::1]:1521/d?ssl_server_dn_match=off"
    proved = leads(ORACLE, driver, "oracle://u:x@h/d?ssl-mode=VERIFY_IDENTITY&ssl-wallet=/w") or {}
    assert proved == {"DBQ": "tcps://h:1521/d?ssl_server_dn_match=on&wallet_location=/w", "QTO": "T", "FEN": "F"}


# By what the documentation of each server says of its numbers; the drivers' own have 0, or FreeTDS's from 20000 on.
TROUBLES: list[tuple[Dialect, str, int, type[Failure]]] = [
    (SERVER, "28000", 18456, SourceLoginRefused),
    (SERVER, "42000", 18486, SourceLoginRefused),
    (SERVER, "42000", 4060, SourceChanged),
    (SERVER, "42S02", 208, SourceChanged),
    (SERVER, "42S22", 207, SourceChanged),
    (SERVER, "42000", 229, SourceRightMissing),
    (SERVER, "42000", 916, SourceRightMissing),
    (SERVER, "42000", 1222, SourceLocked),
    (SERVER, "40001", 1205, SourceCanceled),
    (SERVER, "42000", 3960, SourceCanceled),
    (SERVER, "42000", 3961, SourceAltered),
    (SERVER, "42000", 3952, SnapshotForbidden),
    (SERVER, "42000", 3956, SnapshotForbidden),
    (SERVER, "42000", 3958, SourceStrained),
    (SERVER, "42000", 701, SourceStrained),
    (SERVER, "42000", 9002, SourceDiskFull),
    (SERVER, "HY000", 824, SourceDamaged),
    (SERVER, "22012", 8134, SourceValueWrong),
    (SERVER, "42000", 6005, SourceStopping),
    (SERVER, "HYT00", 0, SourceCanceled),
    (SERVER, "08S01", 20009, SourceUnreachable),
    (SERVER, "08S01", 10054, SourceUnreachable),
    (SERVER, "HY000", 41332, SourceCannotAnswer),
    (ORACLE, "28000", 1017, SourceLoginRefused),
    (ORACLE, "HY000", 28000, SourceLoginRefused),
    (ORACLE, "08001", 12541, SourceUnreachable),
    (ORACLE, "HY000", 12170, SourceUnreachable),
    (ORACLE, "08S01", 3113, SourceUnreachable),
    (ORACLE, "HY000", 12514, SourceChanged),
    (ORACLE, "42S02", 942, SourceChanged),
    (ORACLE, "42S22", 904, SourceChanged),
    (ORACLE, "HY000", 1031, SourceRightMissing),
    (ORACLE, "40001", 8177, SourceCanceled),
    (ORACLE, "HY000", 1555, SourceCanceled),
    (ORACLE, "HY008", 1013, SourceCanceled),
    (ORACLE, "HY000", 1466, SourceAltered),
    (ORACLE, "HY000", 54, SourceLocked),
    (ORACLE, "HY000", 1033, SourceStopping),
    (ORACLE, "HY000", 12519, SourceStrained),
    (ORACLE, "HY000", 1652, SourceDiskFull),
    (ORACLE, "HY000", 1578, SourceDamaged),
    (ORACLE, "HY000", 1722, SourceValueWrong),
    (ORACLE, "HY000", 29024, SourceUnencrypted),
    (ORACLE, "HY000", 99999, SourceCannotAnswer),
]


@pytest.mark.parametrize(("dialect", "state", "native", "kind"), TROUBLES)
def test_what_an_error_means(dialect: Dialect, state: str, native: int, kind: type[Failure]) -> None:
    failure = failed(dialect, "SQLExecDirect", f"State: {state}, Native error: {native}, Message: Mẫu {SECRET}")
    assert type(failure) is kind and SECRET not in str(failure) and "{" not in str(failure)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("State: HYT00, Native error: 0, Message: [FreeTDS][SQL Server]Timeout expired", SourceUnreachable),
        ("State: HY000, Native error: 0, Message: [Microsoft]Protocol error in TDS stream", SourceUnreachable),
        ("State: 08001, Native error: -1, Message: [Microsoft]SSL Provider: certificate verify failed", SourceUnencrypted),
        ("State: 42000, Native error: 4060, Message: [Microsoft]Cannot open database", SourceChanged),
    ],
)
def test_what_it_means_before_there_is_a_session(said: str, kind: type[Failure]) -> None:
    assert type(failed(SERVER, "SQLDriverConnect", said)) is kind


def failed(dialect: Dialect, call: str, said: str) -> Failure:
    return failure_of(SOURCES[0], dialect, Exception(f"ODBC emitted an error calling '{call}':\n{said}"))


def test_what_cannot_be_read_at_one_moment_is_refused_with_what_its_owner_has_to_run() -> None:
    row = ("dbo", "ho", "U", 1, "kho", 15, 3)
    assert not SERVER.as_relation(row, ()).faults and SERVER.as_relation(("dbo", "ho", "V", *row[3:]), ()).is_view
    (told,) = SERVER.as_relation((*row[:3], 0, *row[4:]), ()).faults
    assert "alter database kho set allow_snapshot_isolation on" in told
    (told,) = SERVER.as_relation((*row[:5], 14, 3), ()).faults
    assert "SQL Server bản 14" in told and "2019" in told
    assert not SERVER.as_relation((*row[:5], 12, 5), ()).faults  # as Azure tells its version
    assert not ORACLE.as_relation(("K", "HO", "TABLE", "N", "N", "19.0.0.0.0"), ()).faults
    assert "bảng tạm" in ORACLE.as_relation(("K", "HO", "TABLE", "Y", "N", "19.0.0.0.0"), ()).faults[0]
    assert "external table" in ORACLE.as_relation(("K", "HO", "TABLE", "N", "Y", "19.0.0.0.0"), ()).faults[0]
    assert "Oracle bản 11" in ORACLE.as_relation(("K", "HO", "TABLE", "N", "N", "11.2.0.4.0"), ()).faults[0]


def test_of_rights_those_are_told_by_which_something_can_be_written() -> None:
    server = [("CONNECT SQL", 1, None), ("SELECT", 2, "kho"), ("INSERT", 2, "kho"), ("UPDATE", 3, "ho"), ("EXECUTE", 3, "xoa")]
    assert list(SERVER.as_rights(server)) == [
        ("INSERT", "cơ sở dữ liệu", "kho"),
        ("UPDATE", "bảng, khung nhìn hoặc thủ tục", "ho"),
        ("EXECUTE", "bảng, khung nhìn hoặc thủ tục", "xoa"),
    ]
    oracle = [
        ("CREATE SESSION", "1", None),
        ("CREATE TABLE", "1", None),
        ("SELECT", "2", "HO"),
        ("DELETE", "2", "HO"),
        ("OWNER", "2", "B"),
    ]
    assert list(ORACLE.as_rights(oracle)) == [
        ("CREATE TABLE", "máy chủ", None),
        ("DELETE", "bảng hoặc khung nhìn", "HO"),
        ("OWNER", "bảng hoặc khung nhìn", "B"),
    ]
    assert "revoke" in SERVER.revokes and "alter role" in SERVER.revokes and "revoke" in ORACLE.revokes


HELD: list[tuple[Dialect, Sequence[str | int | None], Family, int | None]] = [
    (SERVER, ("c", "nvarchar", 400, 0), "text", 200),
    (SERVER, ("c", "varchar", -1, 0), "text", None),
    (SERVER, ("c", "tinyint", 1, 0), "whole", 1),
    (SERVER, ("c", "datetime", 8, 0), "timed", 8),
    (SERVER, ("c", "float", 8, 0), "inexact", 8),
    (SERVER, ("c", "sql_variant", 8016, 0), "unknown", 8016),
    (SERVER, ("c", "nvarchar", 400, 1), "unknown", None),  # masked: another value would come
    (ORACLE, ("C", "NUMBER", "0", "22", "0"), "whole", None),
    (ORACLE, ("C", "NUMBER", "0", "22", "-3"), "whole", None),
    (ORACLE, ("C", "NUMBER", "0", "22", "4"), "decimal", None),
    (ORACLE, ("C", "NUMBER", "0", "22", None), "number", None),
    (ORACLE, ("C", "VARCHAR2", "200", "800", None), "text", 200),
    (ORACLE, ("C", "TIMESTAMP(9) WITH TIME ZONE", "0", "13", "9"), "instant", None),
    (ORACLE, ("C", "DATE", "0", "7", None), "timed", None),
    (ORACLE, ("C", "CLOB", "0", "4000", None), "unknown", None),  # no expression hashes it
    (ORACLE, ("C", "LONG", "0", "0", None), "unknown", None),
]


@pytest.mark.parametrize(("dialect", "row", "family", "longest"), HELD)
def test_what_a_column_holds(dialect: Dialect, row: Sequence[str | int | None], family: Family, longest: int | None) -> None:
    held = dialect.as_held(row)
    assert (held.family, held.longest) == (family, longest)


def test_the_hashes_of_the_parts_of_a_row_fit_into_a_text_of_oracle() -> None:
    assert max(len(dataset.columns) for dataset in DATASETS) * 40 <= 4000


ASKS: Mapping[Dialect, tuple[Sequence[str], Sequence[str]]] = {
    SERVER: (
        ("where chu = suser_sname()", "is_member('can_bo') = 1", "session_context(N'xa')", "where x = USER", "@@spid"),
        ("select [user] from dbo.ho", "select nguoi_dung from dbo.users"),
    ),
    ORACLE: (
        ("where chu = user", "sys_context('userenv', 'session_user')", "select UID from dual"),
        ("select ten from nguoi_dung", "select user_id from ho"),
    ),
}


@pytest.mark.parametrize("dialect", ASKS)
def test_what_asks_who_is_reading_is_known_by_its_words(dialect: Dialect) -> None:
    asking, plain = ASKS[dialect]
    assert all(dialect.asks.search(text) for text in asking) and not any(dialect.asks.search(text) for text in plain)
