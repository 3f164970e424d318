"""A source on MariaDB: one snapshot, pages that are proved, and what its server, its login and its owner may do meanwhile, in words."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from typing import ClassVar

import pyarrow as pa
import pytest

from resources.connectors.connector import KEY, Places
from resources.connectors.failures import (
    SourceAltered,
    SourceBusy,
    SourceCanceled,
    SourceChanged,
    SourceLocked,
    SourceLoginRefused,
    SourceRightMissing,
    SourceSilent,
    SourceUnencrypted,
    SourceUnreachable,
)
from resources.connectors.odbc import pages, sessions
from resources.connectors.odbc.addresses import parsed
from resources.connectors.odbc.connector import OdbcConnector, connect
from resources.connectors.odbc.dialects.mariadb import MariaDb
from resources.connectors.odbc.failures import DriverMissing, RowsDiffer
from resources.connectors.odbc.pages import Reading
from resources.connectors.turns import turn
from resources.failing import Failure
from resources.servers.failures import ServerUnproved
from schemas.dataset import Limits
from schemas.roads import BY_ROW_HASH, Sql
from schemas.sources.social_protection.datasets import MONTHLY_PAYMENTS
from schemas.submissions import SUBMISSION_LOG
from tests.integration.mariadb_server import PASSWORD, READER, MariaDbServer, mariadb_server
from tests.integration.province import until

TODAY = dt.date(2024, 11, 20)
TABLE, DATABASE = MONTHLY_PAYMENTS.road.table, "btxh"
SECRET = "Nguyễn Văn ZZLEAKZZ 038099"
COLUMNS = (
    "thang date, ma_xa_chi_tra varchar(20), so_tien varchar(60), truy_linh varchar(60), da_nhan boolean, ngay_nhan date, "
    "hinh_thuc_chi_tra smallint, don_vi_chi_tra varchar(200), ma_doi_tuong varchar(60)"
)
ROW = "'2024-10-01', '16681', '500000', '0', 1, '2024-10-05', 1, 'Bưu điện', {}"
LOG = "ma_don_vi text, bang text, ky text, thoi_diem_nop datetime, so_dong bigint, khai_rong boolean"


@pytest.fixture(scope="module")
def server() -> Iterator[MariaDbServer]:
    with mariadb_server() as made:
        yield made


@pytest.fixture
def url(server: MariaDbServer) -> str:
    """A source with 300 payments of October, by a login that may only read."""
    made = server.create(DATABASE)
    server.execute(
        f"create table {TABLE} ({COLUMNS}, primary key (ma_doi_tuong, thang))",
        f"create table nhat_ky_nop ({LOG})",
        f"insert into {TABLE} select {ROW.format('seq')} from seq_1_to_300",
        database=DATABASE,
    )
    return made


def look(url: str, **limits: object) -> AbstractContextManager[OdbcConnector]:
    given = dataclasses.replace(Limits(connections=8), **limits)  # ty: ignore[invalid-argument-type]
    return connect(dataclasses.replace(MONTHLY_PAYMENTS.source, limits=given), url)


def october(connector: OdbcConnector) -> pa.Table:
    return pa.Table.from_batches(connector.rows(MONTHLY_PAYMENTS, "2024-10", TODAY))


def stands(connector: OdbcConnector) -> list[tuple[str | None, int | None]]:
    return [(s.place, s.rows) for s in connector.standings(MONTHLY_PAYMENTS, TODAY).periods["2024-10"]]


def test_what_others_commit_is_seen_whole_or_the_next_time(server: MariaDbServer, url: str) -> None:
    with look(url) as opened:
        before = opened.standings(MONTHLY_PAYMENTS, TODAY).periods["2024-10"]
        batches = iter(Reading(opened._session, opened._queries(MONTHLY_PAYMENTS), "", page_rows=100).batches())
        first = next(batches)
        server.execute(f"update {TABLE} set so_tien = '1'", f"insert into {TABLE} values ({ROW.format(999)})", database=DATABASE)
        rest = list(batches)
        assert [batch.num_rows for batch in (first, *rest)] == [100] * 3
        assert {cell for batch in (first, *rest) for cell in batch.column("so_tien").to_pylist()} == {b"500000"}
        assert opened.standings(MONTHLY_PAYMENTS, TODAY).periods["2024-10"] == before
        assert october(opened).num_rows == 300
    with look(url) as opened:
        assert stands(opened) == [("16681", 301)]
        assert opened.standings(MONTHLY_PAYMENTS, TODAY).periods["2024-10"] != before


def test_a_swap_of_two_values_between_two_rows_moves_a_commune(server: MariaDbServer, url: str) -> None:
    with look(url) as opened:
        before = opened.standings(MONTHLY_PAYMENTS, TODAY)
    server.execute(
        f"update {TABLE} set don_vi_chi_tra = case ma_doi_tuong when '1' then 'A' else 'B' end where ma_doi_tuong in ('1', '2')",
        database=DATABASE,
    )
    with look(url) as opened:
        once = opened.standings(MONTHLY_PAYMENTS, TODAY)
    server.execute(
        f"update {TABLE} set don_vi_chi_tra = case ma_doi_tuong when '1' then 'B' else 'A' end where ma_doi_tuong in ('1', '2')",
        database=DATABASE,
    )
    with look(url) as opened:
        swapped = opened.standings(MONTHLY_PAYMENTS, TODAY)
    assert len({repr(found.periods["2024-10"]) for found in (before, once, swapped)}) == 3


@pytest.mark.parametrize(
    "statement",
    [f"alter table {TABLE} modify so_tien text", f"alter table {TABLE} force", f"truncate {TABLE}"],
)
def test_a_table_that_is_altered_after_the_snapshot_is_read_another_time(server: MariaDbServer, url: str, statement: str) -> None:
    with pytest.raises(SourceAltered, match="1412"), look(url) as opened:
        opened.faults(MONTHLY_PAYMENTS)
        server.execute(statement, database=DATABASE)
        opened.standings(MONTHLY_PAYMENTS, TODAY)


def test_what_differs_from_the_declaration_is_said(server: MariaDbServer, url: str) -> None:
    with look(url) as opened:
        assert opened.faults(MONTHLY_PAYMENTS) == opened.faults(SUBMISSION_LOG) == opened.hidden(MONTHLY_PAYMENTS) == []
    server.execute(
        f"alter table {TABLE} drop primary key, add column `{SECRET}` text, modify thang text, change so_tien tien text, modify da_nhan float",
        database=DATABASE,
    )
    with look(url) as opened:
        told = "; ".join(opened.faults(MONTHLY_PAYMENTS))
    assert "cột thang có kiểu text, khai báo là date" in told and "cột da_nhan có kiểu float" in told
    assert "thiếu cột so_tien" in told and "ZZLEAKZZ" not in told and "tên không phải định danh" in told
    elsewhere = dataclasses.replace(MONTHLY_PAYMENTS, road=Sql("khong_co", BY_ROW_HASH))
    in_another = dataclasses.replace(MONTHLY_PAYMENTS, road=Sql(TABLE, BY_ROW_HASH, schema="khac"))
    with look(url) as opened:
        assert "khong_co" in opened.faults(elsewhere)[0] and "khac" in opened.faults(in_another)[0]


def test_an_engine_without_snapshots_is_refused_by_name_also_beneath_a_view(server: MariaDbServer, url: str) -> None:
    server.execute(f"alter table {TABLE} engine = MyISAM", f"create view khung_nhin as select * from {TABLE}", database=DATABASE)
    by_view = dataclasses.replace(MONTHLY_PAYMENTS, road=Sql("khung_nhin", BY_ROW_HASH))
    with look(url) as opened:
        assert "MyISAM" in opened.faults(MONTHLY_PAYMENTS)[0]
        (told,) = opened.faults(by_view)
    assert f"{DATABASE}.{TABLE}" in told and "MyISAM" in told


def test_rows_come_by_pages_of_a_unique_index_and_else_by_parts(server: MariaDbServer, url: str) -> None:
    server.execute(
        f"create table khong_khoa ({COLUMNS})",
        f"insert into khong_khoa select {ROW.format('mod(seq, 50)')} from seq_1_to_600",
        f"insert into khong_khoa select {ROW.format('null')} from seq_1_to_100",
        f"create view khung_nhin as select * from {TABLE}",
        database=DATABASE,
    )
    for table, rows in ((TABLE, 300), ("khong_khoa", 700), ("khung_nhin", 300)):
        dataset = dataclasses.replace(MONTHLY_PAYMENTS, road=Sql(table, BY_ROW_HASH))
        with look(url) as opened:
            assert opened.faults(dataset) == []
            queries = opened._queries(dataset)
            assert bool(Reading(opened._session, queries, "")._ordered_by) == (table == TABLE)
            found = [*Reading(opened._session, queries, "", page_rows=64).batches()]
            whole = october_of(opened, dataset)
        assert len(found) > 4 and sum(batch.num_rows for batch in found) == rows
        assert sorted(map(repr, pa.Table.from_batches(found).to_pylist())) == sorted(map(repr, whole.to_pylist()))


def october_of(connector: OdbcConnector, dataset: object) -> pa.Table:
    return pa.Table.from_batches(connector.rows(dataset, "2024-10", TODAY))  # ty: ignore[invalid-argument-type]


def test_of_an_index_over_several_columns_each_row_comes_once(server: MariaDbServer, url: str) -> None:
    server.execute(
        f"create table nhieu_cot ({COLUMNS}, primary key (hinh_thuc_chi_tra, thang, ma_doi_tuong))",
        "insert into nhieu_cot select date '2024-01-01' + interval mod(seq, 3) month, '16681', '1', '0', 1, null, cast(mod(seq, 5) as signed) - 2, "
        "'x', concat('Đ', mod(seq * 7, 1000), ' ''') from seq_1_to_1000",
        database=DATABASE,
    )
    dataset = dataclasses.replace(MONTHLY_PAYMENTS, road=Sql("nhieu_cot", BY_ROW_HASH))
    with look(url) as opened:
        for rows in (1000, 333, 90, 7):
            found = [*Reading(opened._session, opened._queries(dataset), "", page_rows=rows).batches()]
            keys = [key for batch in found for key in batch.column(KEY).to_pylist()]
            assert len(keys) == len(set(keys)) == 1000 and len(found) >= 1000 // rows


@pytest.mark.parametrize("person", ["250", "99"], ids=["in the middle", "of the last page"])
def test_a_text_longer_than_those_of_the_page_before_comes_whole(server: MariaDbServer, url: str, person: str) -> None:
    server.execute(f"update {TABLE} set don_vi_chi_tra = repeat('ế', 199) where ma_doi_tuong = '{person}'", database=DATABASE)
    with look(url) as opened:
        found = [*Reading(opened._session, opened._queries(MONTHLY_PAYMENTS), "", page_rows=100).batches()]
    assert [batch.num_rows for batch in found] == [100] * 3
    texts = [cell for batch in found for cell in batch.column("don_vi_chi_tra").to_pylist()]
    assert sorted({*texts}) == [("Bưu điện").encode(), ("ế" * 199).encode()]
    assert ("ế" * 199).encode() not in found[0].column("don_vi_chi_tra").to_pylist()


def test_places_narrow_what_is_read(server: MariaDbServer, url: str) -> None:
    server.execute(
        f"update {TABLE} set ma_xa_chi_tra = '16684' where ma_doi_tuong in ('1', '2')",
        f"update {TABLE} set ma_xa_chi_tra = '16684 ' where ma_doi_tuong = '3'",
        f"update {TABLE} set ma_xa_chi_tra = null where ma_doi_tuong = '4'",
        database=DATABASE,
    )
    with look(url) as opened:
        assert sorted(stands(opened), key=repr) == sorted([(None, 2), ("16681", 296), ("16684", 2)], key=repr)
        for wanted, rows in ((["16684"], 4), ([], 2), (["16681", "16684"], 300)):
            batches = opened.rows(MONTHLY_PAYMENTS, "2024-10", TODAY, Places(wanted, ["16681", "16684"]))
            assert sum(batch.num_rows for batch in batches) == rows


def test_days_that_are_none_lie_in_their_month_or_in_the_last(server: MariaDbServer, url: str) -> None:
    days = {
        "2024-10-00": "2024-10",
        "0000-00-00": "2024-11",
        "2024-00-00": "2024-11",
        "9999-12-31": "2024-11",
        "0044-03-15": None,
    }
    server.execute("set global sql_mode = 'ALLOW_INVALID_DATES'")
    server.execute(
        f"delete from {TABLE}",
        *(
            f"insert into {TABLE} values ({ROW.replace('2024-10-01', day).format(n)})"
            for n, day in enumerate({**days, "2024-02-31": "2024-02"})
        ),
        database=DATABASE,
    )
    with look(url) as opened:
        found = opened.standings(MONTHLY_PAYMENTS, TODAY)
        rows = {period: sum(s.rows or 0 for s in standings) for period, standings in found.periods.items() if standings}
        assert rows == {"2024-02": 1, "2024-10": 1, "2024-11": 3} and found.before_first == 1
        for period, expected in rows.items():
            batches = [*opened.rows(MONTHLY_PAYMENTS, period, TODAY)]
            assert sum(batch.num_rows for batch in batches) == expected
    server.execute("set global sql_mode = default")


def test_what_the_server_does_not_count_alike_is_not_handed_on(server: MariaDbServer, url: str) -> None:
    """A view whose rows are others each time they are asked for, as those of a table without snapshots may be."""
    columns = [c.source_column for c in MONTHLY_PAYMENTS.columns]
    chosen = ", ".join("cast(rand() as char) as don_vi_chi_tra" if c == "don_vi_chi_tra" else c for c in columns)
    server.execute(
        f"create view luon_khac as select {chosen} from {TABLE}",
        f"create view co_khi as select * from {TABLE} where rand() < 0.5",
        database=DATABASE,
    )
    for view, what in (("luon_khac", "tổng mã băm"), ("co_khi", "số dòng")):
        dataset = dataclasses.replace(MONTHLY_PAYMENTS, road=Sql(view, BY_ROW_HASH))
        told = []
        for _ in range(5):  # once in thirty times by chance as many rows, which then are others
            with pytest.raises(RowsDiffer) as refused, look(url) as opened:
                [*opened.rows(dataset, "2024-10", TODAY)]
            told.append(str(refused.value))
        assert any(what in said for said in told), told


def test_a_server_that_is_killed_in_the_middle_is_unreachable_and_then_read(server: MariaDbServer, url: str) -> None:
    with pytest.raises(SourceUnreachable, match=r"mã lỗi (2006|2013|5014)"), look(url) as opened:
        batches = iter(Reading(opened._session, opened._queries(MONTHLY_PAYMENTS), "", page_rows=100).batches())
        next(batches)
        server.kill()
        try:
            list(batches)
        finally:
            server.start()
    with look(url) as opened:
        assert october(opened).num_rows == 300


def slow(server: MariaDbServer) -> object:
    columns = ", ".join(c.source_column for c in MONTHLY_PAYMENTS.columns)
    server.execute(f"create or replace view cham as select {columns} from {TABLE} where sleep(60) = 0", database=DATABASE)
    return dataclasses.replace(MONTHLY_PAYMENTS, road=Sql("cham", BY_ROW_HASH))


def test_a_slow_statement_is_ended_by_the_server_and_by_us(server: MariaDbServer, url: str) -> None:
    dataset = slow(server)
    with pytest.raises(SourceCanceled, match="1969"), look(url, statement_timeout=dt.timedelta(seconds=1)) as opened:
        opened.standings(dataset, TODAY)  # ty: ignore[invalid-argument-type]
    with pytest.raises(SourceSilent), turn(), look(url, answer_timeout=dt.timedelta(seconds=1)) as opened:
        opened.standings(dataset, TODAY)  # ty: ignore[invalid-argument-type]
    until(lambda: not server.rows(f"select 1 from information_schema.processlist where user = '{READER}'"))


def test_a_locked_table_is_said_to_be(server: MariaDbServer, url: str) -> None:
    with closing(server.connect(DATABASE)) as other, other.cursor() as cursor:
        cursor.execute(f"lock tables {TABLE} write")
        with pytest.raises(SourceLocked, match="1205"), look(url, lock_timeout=dt.timedelta(seconds=1)) as opened:
            opened.standings(MONTHLY_PAYMENTS, TODAY)


def test_why_the_door_stays_closed_is_said_and_nothing_of_the_address(server: MariaDbServer, url: str) -> None:
    server.execute(
        f"create or replace user 'khong_quyen'@'%' identified by '{PASSWORD}'",
        "create or replace database khac",
    )
    nobody = server.url(DATABASE, password="Bi9Mat-sai")
    closed = url.replace(f":{server.port}/", ":1/")
    cases: tuple[tuple[str, type[Failure], str], ...] = (
        (nobody, SourceLoginRefused, "1045"),
        (closed, SourceUnreachable, "2002"),
        (server.url("khong_co", user="root", password=""), SourceChanged, "1049"),
        (server.url(DATABASE, user="khong_quyen"), SourceRightMissing, "1044"),
    )
    for address, kind, number in cases:
        with pytest.raises(kind, match=f"mã lỗi {number}") as failed, look(address):
            pass
        assert not any(part in str(failed.value) for part in (READER, "Bi9Mat", "mật khẩu: p", "khong_quyen", "ma-3", DATABASE))
        assert failed.value.__context__ is None and failed.value.__cause__ is None


def test_a_table_without_rights_is_not_taken_for_an_empty_one(server: MariaDbServer, url: str) -> None:
    server.execute(
        f"create or replace user 'mot_phan'@'%' identified by '{PASSWORD}'",
        f"grant select (thang, ma_doi_tuong) on {DATABASE}.{TABLE} to 'mot_phan'@'%'",
    )
    with look(server.url(DATABASE, user="mot_phan")) as opened:
        told = opened.faults(MONTHLY_PAYMENTS)
        assert len(told) == 7 and all("quyền đọc" in fault for fault in told)
        assert "không thấy bảng nhat_ky_nop" in opened.faults(SUBMISSION_LOG)[0]


def test_a_login_that_may_write_is_told(server: MariaDbServer, url: str) -> None:
    with look(url) as opened:
        assert opened.rights([MONTHLY_PAYMENTS]) == []
    server.execute(
        f"create or replace user 'ghi'@'%' identified by '{PASSWORD}'",
        f"grant select, insert on {DATABASE}.{TABLE} to 'ghi'@'%'",
        f"grant select, create temporary tables on {DATABASE}.* to 'ghi'@'%'",
        "create or replace role nhom",
        f"grant update (so_tien) on {DATABASE}.{TABLE} to nhom",
        "grant nhom to 'ghi'@'%'",
        "set default role nhom for 'ghi'@'%'",
    )
    with look(server.url(DATABASE, user="ghi")) as opened:
        told = "; ".join(opened.rights([MONTHLY_PAYMENTS]))
    assert "INSERT" in told and "UPDATE" in told and "CREATE TEMPORARY TABLES" in told and TABLE in told and "SELECT" not in told


HIDES = {
    "a view that asks who is reading": (("create view khung_nhin as select * from {0} where user() like 'x%'",), "khung_nhin hỏi ai đang đọc"),
    "one made of such a one": (
        ("create view duoi as select * from {0} where current_user() = 'x'", "create view khung_nhin as select * from duoi"),
        "duoi hỏi ai đang đọc",
    ),
    "a function that asks": (
        (
            "create function ai() returns text return session_user()", "grant execute on btxh.* to nguoi_doc",
            "create view khung_nhin as select * from {0} where ai() = 'x'",
        ),
        "hàm btxh.ai",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HIDES)
def test_what_may_show_a_part_is_found(server: MariaDbServer, url: str, case: str) -> None:
    statements, words = HIDES[case]
    server.execute(*(statement.format(TABLE) for statement in statements), database=DATABASE)
    by_view = dataclasses.replace(MONTHLY_PAYMENTS, road=Sql("khung_nhin", BY_ROW_HASH))
    with look(url) as opened:
        assert opened.faults(by_view) == []
        assert any(words in told for told in opened.hidden(by_view))
    server.execute(f"revoke show view on {DATABASE}.* from '{READER}'@'%'")
    with look(url) as opened:
        (told,) = opened.hidden(by_view)
    assert "SHOW VIEW" in told


def test_no_more_sessions_are_opened_than_declared(server: MariaDbServer, url: str) -> None:
    with look(url), look(url, connections=2), pytest.raises(SourceBusy, match="tối đa 2"), look(url, connections=2):
        pass
    with turn(), look(url, connections=1) as first:
        number = first._session.number(MariaDb().session_id())
        with pytest.raises(SourceBusy), look(url, connections=1):
            pass
    with turn():
        for _ in range(2):
            with look(url, connections=1) as again:
                found = again._session.number(MariaDb().session_id())
                assert found != number
                assert october(again).num_rows == 300
        with look(url, connections=1) as again:
            assert again._session.number(MariaDb().session_id()) == found, "the looks of a turn share a session"


def test_nothing_that_the_server_or_login_sets_changes_what_is_read(server: MariaDbServer, url: str) -> None:
    with look(url) as opened:
        expected = opened.standings(MONTHLY_PAYMENTS, TODAY), october(opened)
    changed = {
        "sql_select_limit": "5", "sql_mode": "'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH'", "time_zone": "'-11:00'",
        "tx_isolation": "'READ-UNCOMMITTED'", "div_precision_increment": "0", "lc_time_names": "'vi_VN'", "max_sort_length": "8",
    }  # fmt: skip
    server.execute(*(f"set global {name} = {value}" for name, value in changed.items()))
    try:
        with look(url) as opened:
            assert opened.standings(MONTHLY_PAYMENTS, TODAY) == expected[0]
            assert october(opened).equals(expected[1])
            assert abs(opened.clock() - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)
    finally:
        server.execute(*(f"set global {name} = default" for name in changed))


def test_a_table_that_has_not_been_written_since_is_not_read_again(server: MariaDbServer, url: str) -> None:
    server.execute("do sleep(3.1)")  # the two seconds that a commit may be in doubt
    with look(url) as opened:
        found = opened.standings(MONTHLY_PAYMENTS, TODAY)
    with look(url) as opened:
        assert opened.standings(MONTHLY_PAYMENTS, TODAY) is found
    with closing(server.connect(DATABASE)) as other, other.cursor() as cursor:
        cursor.execute("begin")
        cursor.execute(f"update {TABLE} set so_tien = '7' where ma_doi_tuong = '1'")
        with look(url) as opened:
            assert opened.standings(MONTHLY_PAYMENTS, TODAY) is found
        cursor.execute("commit")
    with look(url) as opened:
        assert opened.standings(MONTHLY_PAYMENTS, TODAY) != found


def test_a_line_tells_whether_it_is_encrypted_and_proved(server: MariaDbServer, url: str) -> None:
    with look(url) as opened:
        assert (opened.line().place, opened.line().protocol) == ("loopback", None)
    proved = {"ssl_mode": "VERIFY_IDENTITY", "ssl_ca": str(server.certificate)}
    with look(server.url(DATABASE, host="localhost", **proved)) as opened:
        line = opened.line()
    assert line.protocol == "TLSv1.3" and "ssl-mode=VERIFY_IDENTITY" in line.told
    with look(server.url(DATABASE, ssl_mode="REQUIRED")) as opened:
        line = dataclasses.replace(opened.line(), place="network")
    assert isinstance(line.amiss("SOURCE_X_URL"), ServerUnproved) and "ssl-mode=VERIFY_IDENTITY" in str(
        line.amiss("SOURCE_X_URL")
    )
    for address in (
        server.url(DATABASE, host="127.0.0.1", **proved),
        server.url(DATABASE, host="localhost", ssl_mode="VERIFY_IDENTITY", ssl_ca="/etc/ssl/certs/ca-certificates.crt"),
        server.url(DATABASE, host="localhost", ssl_mode="VERIFY_IDENTITY", ssl_ca=str(server.folder / "log")),
    ):
        with pytest.raises(SourceUnencrypted), look(address):
            pass


def test_a_server_without_tls_is_left_where_the_address_asks_for_it(server: MariaDbServer, url: str) -> None:
    server.kill()
    server.start("--skip-ssl")
    try:
        for mode in ("REQUIRED", "VERIFY_IDENTITY"):
            with pytest.raises(SourceUnencrypted), look(server.url(DATABASE, host="localhost", ssl_mode=mode)):
                pass
        with look(url) as opened:
            assert october(opened).num_rows == 300
    finally:
        server.kill()
        server.start()


class WithoutDriver(MariaDb):
    drivers: ClassVar = ("khong-co", "/khong/co.so")


def test_a_missing_driver_is_one_message_that_says_what_to_install(url: str) -> None:
    address = parsed("SOURCE_X_URL", url, WithoutDriver())
    with pytest.raises(DriverMissing, match="odbc-mariadb"):
        sessions.opened(MONTHLY_PAYMENTS.source, WithoutDriver(), address)


def test_every_statement_is_rehearsed(server: MariaDbServer, url: str) -> None:
    with look(url) as opened:
        opened.rehearse(MONTHLY_PAYMENTS, TODAY)
    server.execute(f"create view khung_nhin as select * from {TABLE}", database=DATABASE)
    by_view = dataclasses.replace(MONTHLY_PAYMENTS, road=Sql("khung_nhin", BY_ROW_HASH))
    with look(url) as opened:
        opened.rehearse(by_view, TODAY)
    server.execute(
        f"create or replace user 'mot_bang'@'%' identified by '{PASSWORD}'",
        f"grant select on {DATABASE}.{TABLE} to 'mot_bang'@'%'",
    )
    with pytest.raises(SourceRightMissing, match="1142"), look(server.url(DATABASE, user="mot_bang")) as opened:
        assert opened.faults(MONTHLY_PAYMENTS) == []
        server.execute(f"revoke select on {DATABASE}.{TABLE} from 'mot_bang'@'%'")
        opened.rehearse(MONTHLY_PAYMENTS, TODAY)


def test_rows_of_any_size_come_by_smaller_pages(server: MariaDbServer, url: str) -> None:
    """Texts of 8 million letters, also in the key: of each come as many as show that it is too long."""
    server.execute(f"alter table {TABLE} modify don_vi_chi_tra longtext, modify so_tien longtext", database=DATABASE)
    server.execute(
        f"update {TABLE} set don_vi_chi_tra = repeat('ế', 2000000) where ma_doi_tuong <= '19'",
        f"update {TABLE} set so_tien = repeat('x', 9999) where ma_doi_tuong > '2'",
        database=DATABASE,
    )
    with look(url) as opened:
        batches = [*opened.rows(MONTHLY_PAYMENTS, "2024-10", TODAY)]
    assert sum(batch.num_rows for batch in batches) == 300
    assert max(batch.nbytes for batch in batches) <= pages.PAGE_BYTES + (1 << 20)
    longest = max(len(cell) for batch in batches for cell in batch.column("don_vi_chi_tra").to_pylist())
    assert longest == 3 * 10_001
