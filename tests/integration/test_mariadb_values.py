"""Whatever a MariaDB column holds comes over as it stands there, or sets its row aside: no null, no other number, no end of the process."""

import dataclasses
import datetime as dt
import decimal
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resources.connectors.odbc.connector import connect
from resources.connectors.turns import turn
from schemas import calendar
from schemas.dataset import Dataset, Limits
from schemas.reading import read as as_typed
from schemas.roads import BY_ROW_HASH, Sql
from schemas.sources.social_protection.datasets import BENEFICIARIES, MONTHLY_PAYMENTS
from schemas.validation import validate
from tests.integration.mariadb_server import MariaDbServer, mariadb_server

TODAY = dt.date(2024, 11, 20)
DATABASE, COLUMN = "gia_tri", "don_vi_chi_tra"
DECLARED = {
    "thang": "date", "ma_xa_chi_tra": "varchar(20)", "so_tien": "varchar(60)", "truy_linh": "varchar(60)", "da_nhan": "boolean",
    "ngay_nhan": "date", "hinh_thuc_chi_tra": "smallint", COLUMN: "varchar(200)", "ma_doi_tuong": "varchar(60)",
}  # fmt: skip
GOOD = {
    "thang": "2024-10-01", "ma_xa_chi_tra": "16681", "so_tien": "500000", "truy_linh": "0", "da_nhan": 1, "ngay_nhan": "2024-10-05",
    "hinh_thuc_chi_tra": 1, COLUMN: "Bưu điện", "ma_doi_tuong": "BT-1",
}  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[MariaDbServer]:
    with mariadb_server() as made, turn():
        made.create(DATABASE)
        yield made


def dataset(table: str) -> Dataset:
    return dataclasses.replace(MONTHLY_PAYMENTS, road=Sql(table, BY_ROW_HASH))


def write(server: MariaDbServer, table: str, rows: list[dict[str, Any]], **types: str) -> None:
    """A table with these types and rows; whatever a value is, it is taken, as an old server takes it."""
    columns = DECLARED | types
    with closing(server.connect(DATABASE)) as connection, connection.cursor() as cursor:
        cursor.execute("set sql_mode = 'ALLOW_INVALID_DATES'")
        cursor.execute(f"create or replace table {table} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
        for row in rows:
            whole = GOOD | row
            cursor.execute(
                f"insert into {table} ({', '.join(whole)}) values ({', '.join(['%s'] * len(whole))})", [*whole.values()]
            )


def read(server: MariaDbServer, table: str) -> pa.Table:
    """All rows of the months that have begun, in whatever order, as received."""
    found = dataset(table)
    source = dataclasses.replace(found.source, limits=Limits(connections=4))
    with connect(source, server.url(DATABASE)) as opened:
        assert opened.faults(found) == []
        batches = [batch for period in calendar.started(found, TODAY) for batch in opened.rows(found, period, TODAY)]
    return pa.Table.from_batches(batches)


def cells(server: MariaDbServer, table: str, column: str = COLUMN) -> list[Any]:
    return read(server, table).column(column).to_pylist()


def verdict(received: pa.Table) -> tuple[pa.Table, set[str]]:
    """What is accepted of rows of October, and the rules by which others are set aside."""
    found = dataset("bang")
    names = [c.source_column for c in found.columns]
    judged = validate(found, received.select(names), calendar.moment(found, "2024-10", TODAY), 0)
    return judged.accepted, {rule for _, rule in judged.failures_by_rule}


# A type of the column beside each value that MariaDB takes for it, and what comes over.
VALUES: dict[str, tuple[str, Any, bytes | str | int | None]] = {
    "no day": ("date", "0000-00-00", "0000-00-00"),
    "a day 0": ("date", "2024-02-00", "2024-02-00"),
    "a day that the month does not have": ("date", "2024-02-31", "2024-02-31"),
    "an instant of no day": ("datetime(3)", "2024-02-00 10:00:00.5", "2024-02-00 10:00:00.500"),
    "the last instant": ("datetime(6)", "9999-12-31 23:59:59.999999", "9999-12-31 23:59:59.999999"),
    "hours beyond a day": ("time(1)", "30:15:00.5", b"30:15:00.5"),
    "hours before": ("time", "-838:59:59", b"-838:59:59"),
    "the largest unsigned number": ("bigint unsigned", 2**64 - 1, str(2**64 - 1)),
    "the least number": ("bigint", -(2**63), -(2**63)),
    "zeros before a number": ("int(8) zerofill", 42, "00000042"),
    "a year": ("year", 2024, "2024"),
    "no year": ("year", 0, "0000"),
    "bits": ("bit(8)", 5, "5"),
    "all bits": ("bit(64)", 2**64 - 1, str(2**64 - 1)),
    "digits behind the point": ("decimal(38,10)", "-1234567890123456789012345678.0123456789", "-1234567890123456789012345678.0123456789"),
    "as many digits as there are": ("decimal(65,0)", "9" * 65, "9" * 65),
    "a word of a list": ("enum('một','hai')", "hai", b"hai"),
    "none of the list": ("enum('một','hai')", "ba", b""),
    "words of a set": ("set('a','b','c')", "a,c", b"a,c"),
    "JSON": ("json", '{"a": "ế😀"}', '{"a": "ế😀"}'.encode()),
    "letters of four bytes": ("varchar(20)", "😀𠀀", "😀𠀀".encode()),
    "an empty text": ("varchar(20)", "", b""),
    "what stands in a text": ("text", "\0\n\t\\'\";}{%s\x1a\u202e", "\0\n\t\\'\";}{%s\x1a\u202e".encode()),
    "space around a text": ("varchar(20)", " a  ", b" a  "),
    "a text filled up": ("char(10)", "a  ", b"a"),
    "letters of Windows": ("varchar(20) character set latin1", "Đ?é€", b"?" + "?é€".encode()),
    "bytes that are no text": ("varbinary(20)", b"\xff\xfe\x00", b"\xff\xfe\x00"),
    "a text among bytes": ("blob", "Trần".encode(), "Trần".encode()),
    "nothing": ("text", None, None),
}  # fmt: skip


def test_each_kind_of_value_comes_over_as_it_stands(server: MariaDbServer) -> None:
    for what, (kind, value, expected) in VALUES.items():
        write(server, "bang", [{COLUMN: value, "ma_doi_tuong": "BT-1"}, {COLUMN: None}], **{COLUMN: kind})
        assert {repr(cell) for cell in cells(server, "bang")} == {repr(expected), "None"}, what


def test_what_has_no_exact_text_is_no_column_of_ours(server: MariaDbServer) -> None:
    for kind in ("float", "double", "point", "geometry"):
        write(server, "bang", [], **{COLUMN: kind})
        with connect(MONTHLY_PAYMENTS.source, server.url(DATABASE)) as opened:
            (told,) = opened.faults(dataset("bang"))
        assert COLUMN in told and kind in told


def test_what_programs_wrote_into_a_column_of_windows_letters_is_mended_or_set_aside(server: MariaDbServer) -> None:
    """An old font (TCVN3), and UTF-8 by a program that told the server nothing of it: the server knows of neither."""
    written = {"BT-1": "NguyÔn V¨n An".encode("cp1252"), "BT-2": "Nguyễn Văn An".encode(), "BT-3": b"Tr\xc7n Th\xde H\xad\xacng"}
    write(server, "bang", [], **{COLUMN: "varchar(200) character set latin1"})
    for key, kept in written.items():
        values = f"'2024-10-01', '16681', '1', '0', 1, '2024-10-05', 1, _latin1 x'{kept.hex()}', '{key}'"
        server.execute(f"insert into bang values ({values})", database=DATABASE)
    received = read(server, "bang").sort_by("ma_doi_tuong").column(COLUMN).combine_chunks()
    names = as_typed(BENEFICIARIES.column("full_name"), received, TODAY)
    assert names.values.to_pylist() == [None, "Nguyễn Văn An", None]
    assert {reason: rows.tolist() for reason, rows in names.unreadable.items()} == {"legacy_font": [True, False, True]}


def test_days_that_are_none_set_their_row_aside_by_name(server: MariaDbServer) -> None:
    days = ("0000-00-00", "2024-10-00", "2024-02-31", "2024-10-05")
    write(server, "bang", [{"ngay_nhan": day, "ma_doi_tuong": f"BT-{n}"} for n, day in enumerate(days)])
    accepted, rules = verdict(read(server, "bang"))
    assert accepted.num_rows == 1 and rules == {"received_date_readable"}


def test_bytes_that_are_no_text_set_their_row_aside(server: MariaDbServer) -> None:
    write(
        server,
        "bang",
        [{COLUMN: b"\xff\xfe", "ma_doi_tuong": "BT-1"}, {COLUMN: "Bưu điện".encode(), "ma_doi_tuong": "BT-2"}],
        **{COLUMN: "blob"},
    )
    accepted, rules = verdict(read(server, "bang"))
    assert accepted.column("payer").to_pylist() == ["Bưu điện"] and rules == {"payer_readable"}


def test_flags_and_numbers_of_any_type_say_what_they_are(server: MariaDbServer) -> None:
    rows = [{"da_nhan": flag, "ma_doi_tuong": f"BT-{flag}"} for flag in (0, 1)]
    for flag, way in (
        ("tinyint(1)", "smallint"),
        ("bit(1)", "int unsigned"),
        ("tinyint unsigned", "bit(4)"),
        ("int", "int(4) zerofill"),
    ):
        write(server, "bang", rows, da_nhan=flag, hinh_thuc_chi_tra=way)
        accepted, rules = verdict(read(server, "bang"))
        assert sorted(accepted.column("is_received").to_pylist()) == [False, True] and rules == set(), (flag, way)
        assert set(accepted.column("payment_way_code").to_pylist()) == {1}
    write(server, "bang", [{"da_nhan": 2}])
    accepted, rules = verdict(read(server, "bang"))
    assert (accepted.num_rows, rules) == (0, {"is_received_readable"})


texts = st.text(max_size=40) | st.text(st.sampled_from("aĐế😀 \t\0\\'\"`%;{}\u0301\u202e"), max_size=12)
days = st.builds("{:04}-{:02}-{:02}".format, st.integers(0, 9999), st.integers(0, 12), st.integers(0, 31))
MADE: dict[str, st.SearchStrategy[Any]] = {
    "varchar(40)": texts,
    "longtext": texts,
    "varbinary(40)": st.binary(max_size=40),
    "date": days,
    "datetime(6)": st.builds("{} {:02}:{:02}:{:02}.{:06}".format, days, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999_999)),
    "time(3)": st.builds("{}{}:{:02}:{:02}.{:03}".format, st.sampled_from(("", "-")), st.integers(0, 837), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999)),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "bigint unsigned": st.integers(0, 2**64 - 1),
    "bit(64)": st.integers(0, 2**64 - 1),
    "decimal(65,30)": st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**34), max_value=10**34, places=30),
}  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_of_any_type_comes_over_as_the_server_shows_it(server: MariaDbServer, data: st.DataObject) -> None:
    kinds = data.draw(st.lists(st.sampled_from([*MADE]), min_size=3, max_size=3))
    names = ["so_tien", "truy_linh", COLUMN]
    with decimal.localcontext(prec=100):
        rows = data.draw(st.lists(st.tuples(*(st.none() | MADE[kind] for kind in kinds)), min_size=1, max_size=12))
    keyed = [dict(zip(names, row, strict=True)) | {"ma_doi_tuong": f"BT-{n}"} for n, row in enumerate(rows)]
    write(server, "bang", keyed, **dict(zip(names, kinds, strict=True)))
    shown = ", ".join(
        f"{name} + 0" if kind == "bit(64)" else f"cast({name} as binary)" for name, kind in zip(names, kinds, strict=True)
    )
    expected = {key: there for key, *there in server.rows(f"select ma_doi_tuong, {shown} from bang", DATABASE)}
    received = read(server, "bang")
    assert received.num_rows == len(rows) == len(expected)
    for row in received.to_pylist():
        for name, there in zip(names, expected[row["ma_doi_tuong"].decode()], strict=True):
            assert as_bytes(row[name]) == as_bytes(there), (name, kinds)
    verdict(received)  # whatever it says of them, it says it


def as_bytes(cell: Any) -> bytes | None:
    return cell if cell is None or isinstance(cell, bytes) else str(cell).encode()
