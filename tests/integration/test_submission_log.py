"""The submission log of a source: whatever stands in it stops nothing, and the same lines say the same in any order."""

import datetime as dt
import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extras import execute_values

from resources import embedded
from resources.connectors import log_lines
from resources.connectors.connector import Submission, Submissions
from resources.connectors.postgresql.connector import PostgresConnector, connect
from resources.connectors.turns import turn
from resources.servers.connecting import libpq_uri
from schemas.registry import dataset_named
from schemas.submissions import SUBMISSION_LOG

DATASET = dataset_named("poverty.in_year_changes")
EXPECTED = {"2024-09": ("412", "413"), "2024-10": ("412", "413", "430")}
UNTIL = dt.datetime(2024, 11, 20, 5, tzinfo=dt.UTC)
TABLE = DATASET.road.table
NAMES = "ma_don_vi, bang, ky, thoi_diem_nop, so_dong, khai_rong"
Line = tuple[str | None, str | None, str | None, str | None, str | None, bool | None]


@dataclass
class Log:
    """A source in SQL_ASCII, where a text may hold any bytes, and its log with the widest types that stand for the declared."""

    url: str

    def write(self, lines: list[Line]) -> None:
        with closing(psycopg2.connect(self.url)) as owner, owner.cursor() as cursor:
            owner.set_client_encoding("UTF8")
            cursor.execute("truncate nhat_ky_nop")
            template = "(%s, %s, %s, %s::timestamp, %s::numeric, %s)"
            execute_values(cursor, f"insert into nhat_ky_nop ({NAMES}) values %s", lines, template, 1_000)
            owner.commit()

    def execute(self, statement: str) -> None:
        with closing(psycopg2.connect(self.url)) as owner:
            owner.cursor().execute(statement)
            owner.commit()

    def read(self) -> Submissions:
        with connect(DATASET.source, self.url) as opened:
            assert opened.faults(SUBMISSION_LOG) == opened.hidden(SUBMISSION_LOG) == []
            return opened.submissions(DATASET, EXPECTED, UNTIL)


@pytest.fixture(scope="module")
def log(home: Path) -> Iterator[Log]:
    server = embedded.server(home)
    with closing(server.connect()) as above, above.cursor() as cursor:
        cursor.execute("create database so_nop encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C' template template0")
    made = Log(libpq_uri(server.url("so_nop", "postgres")))
    made.execute(
        "create table nhat_ky_nop (ma_don_vi text, bang text, ky text, thoi_diem_nop timestamp, so_dong numeric, khai_rong boolean)"
    )
    with turn():
        yield made
    with closing(server.connect()) as above, above.cursor() as cursor:
        cursor.execute("drop database so_nop with (force)")


def line(at: str | None, rows: str | None, is_empty: bool | None, unit: str = "412", period: str = "2024-10") -> Line:
    return unit, TABLE, period, at, rows, is_empty


def at(text: str) -> dt.datetime:
    """What a text without a zone means: Vietnamese time."""
    return dt.datetime.fromisoformat(f"{text}+07:00").astimezone(dt.UTC)


WORDS = {
    "the latest word counts": ([line("2024-11-05 08:00", "7", False), line("2024-11-04 08:00", "0", True)], (7, False), False),
    "a cell is declared empty": ([line("2024-11-05 08:00", "0", True)], (0, True), False),
    "twice the same word": ([line("2024-11-05 08:00", "0", True)] * 2, (0, True), False),
    "without a number nothing contradicts": ([line("2024-11-05 08:00", None, True)], (None, True), False),
    "empty, and yet with rows": ([line("2024-11-05 08:00", "12", True)], (12, False), True),
    "empty, and yet with no number that can be": ([line("2024-11-05 08:00", "NaN", True)], (None, False), True),
    "empty and not empty at once": (
        [line("2024-11-05 08:00", "0", True), line("2024-11-05 08:00", "0", False)],
        (0, False),
        True,
    ),
    "empty and unsaid at once": ([line("2024-11-05 08:00", "0", True), line("2024-11-05 08:00", "0", None)], (0, False), True),
    "two numbers at once": ([line("2024-11-05 08:00", "7", False), line("2024-11-05 08:00", "8", False)], (None, False), False),
    "a number that cannot be": ([line("2024-11-05 08:00", "-1", False)], (None, False), False),
    "half a row": ([line("2024-11-05 08:00", "1.5", False)], (None, False), False),
}


def test_an_emptiness_that_is_doubtful_is_not_believed_and_is_told(log: Log) -> None:
    for what, (lines, (rows, is_empty), is_doubted) in WORDS.items():
        log.write(lines)
        found = log.read()
        assert found.latest == {("2024-10", "412"): Submission(at("2024-11-05 08:00"), rows, is_empty)}, what
        assert list(found.doubted) == ([("2024-10", "412")] if is_doubted else []) and not found.unused, what
        assert judged_here(lines) == found, what
        assert ("2024-10|412" in (found.told or "")) == is_doubted


def test_time_without_a_zone_is_vietnamese_and_with_one_it_is_what_it_says(log: Log) -> None:
    log.write([line("2024-11-20 11:59:59.999999", "7", False), line("2024-11-20 12:00:00.000001", "8", False)])
    assert log.read().latest == {("2024-10", "412"): Submission(at("2024-11-20 11:59:59.999999"), 7, False)}
    log.execute(
        "alter table nhat_ky_nop alter column thoi_diem_nop type timestamptz using thoi_diem_nop at time zone 'Asia/Ho_Chi_Minh'"
    )
    assert log.read().latest == {("2024-10", "412"): Submission(at("2024-11-20 11:59:59.999999"), 7, False)}
    log.execute(
        "alter table nhat_ky_nop alter column thoi_diem_nop type timestamp using thoi_diem_nop at time zone 'Asia/Ho_Chi_Minh'"
    )


def test_a_huge_text_and_bytes_of_no_encoding_are_lines_that_are_not_used(log: Log) -> None:
    log.write([line("2024-11-05 08:00", "7", False)])
    huge = "repeat('x', 30000000)"
    log.execute(
        f"insert into nhat_ky_nop values ({huge}, {huge}, {huge}, '2024-11-05', 1, true), (E'\\xff\\xfe', '{TABLE}', E'\\xc3', 'infinity', "
        f"'Infinity', true), ('412', '{TABLE}', '2024-10', '-infinity', 1, true), ('412', '{TABLE}', '2024-10', '4713-01-01 BC', 1, true), "
        f"('412', '{TABLE}', '2024-10', '294276-12-31 23:59:59', 1, true), ('412', '{TABLE}', '2024-10', '2031-01-01', 1, true), "
        f"('430', '{TABLE}', '2024-09', '2024-10-01', 1, true), ('412', '{TABLE}', '2024-12', '2024-11-01', 1, true)"
    )
    found = log.read()
    assert found.latest == {("2024-10", "412"): Submission(at("2024-11-05 08:00"), 7, False)}
    assert found.unused == {
        "ghi tên bảng không có": 1,
        "ghi kỳ không có": 1,
        "ghi đơn vị không phải nộp kỳ đó": 1,
        "ghi thời điểm không đọc được": 3,
        "ghi thời điểm chưa tới": 1,
    }
    assert found.told is not None and "7 dòng không dùng được" in found.told and "xxx" not in found.told


texts = st.one_of(st.none(), st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=70))
units = st.one_of(st.sampled_from(["412", "413", "430", " 412\t", "999", ""]), texts)
tables = st.one_of(st.just(TABLE), st.sampled_from([TABLE.upper(), f" {TABLE} ", "hn_ho", "khac"]), texts)
periods = st.one_of(st.sampled_from(["2024-10", "2024-09", "2024-10 ", "2024-12", "2024-13", "2019-01"]), texts)
BEYOND = ["infinity", "-infinity", "4713-01-01 BC", "0044-03-15 BC", "1999-12-31", "12024-01-01", "294276-12-31 23:59:59.999999"]
NEAR = [
    "2024-11-05 08:00",
    "2024-11-05 08:00:00.000001",
    "2024-11-19 23:59",
    "2024-11-20 12:00",
    "2024-11-20 12:00:01",
    "2031-01-01",
]
instants = st.sampled_from([None, *BEYOND, *NEAR])
numbers = st.one_of(
    st.sampled_from([None, "NaN", "Infinity", "-Infinity", "-1", "0", "0.0", "7", "1.5", "1e300", "1000000000", "1000000001"]),
    st.integers().map(str),
)
lines = st.lists(st.tuples(units, tables, periods, instants, numbers, st.sampled_from([None, True, False])), max_size=25)


@given(lines, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_line_stops_anything_and_the_order_of_lines_says_nothing(
    log: Log, given_lines: list[Line], order: random.Random
) -> None:
    log.write(given_lines)
    found = log.read()
    again = given_lines[:]
    order.shuffle(again)
    log.write(again)
    assert log.read() == found
    assert judged_here(given_lines, again) == judged_here(given_lines + again), "in however many batches"
    assert judged_here(again) == found, "by whoever judges them"
    for (period, unit), word in found.latest.items():
        assert unit in EXPECTED[period] and word.at <= UNTIL and word.at.year >= 2000
        assert word.rows is None or 0 <= word.rows <= 10**9
        mine = [x for x in given_lines if said(x) == (unit, TABLE, period) and x[3] is not None and same_instant(x[3], word.at)]
        assert mine and word.declared_empty == all(x[5] is True and x[4] in (None, "0", "0.0") for x in mine)
    of_mine = [x for x in given_lines if said(x)[1] != "hn_ho"]
    assert len(found.latest) + sum(found.unused.values()) <= len(of_mine) and set(found.doubted) <= set(found.latest)


def judged_here(*batches: list[Line]) -> Submissions:
    """What is made of the same lines where a source does not judge them, as text."""
    names = [*NAMES.split(", ")]
    arrays = ([pa.array(column, pa.bool_() if name == "khai_rong" else pa.string()) for name, column in zip(names, columns, strict=True)]
        for columns in (list(zip(*lines, strict=True)) or [[]] * len(names) for lines in batches))  # fmt: skip
    return log_lines.latest((pa.RecordBatch.from_arrays(a, names=names) for a in arrays), DATASET, EXPECTED, UNTIL)


def said(of: Line) -> tuple[str | None, ...]:
    return tuple(text.strip(" \t\n\r").lower() if text is not None else None for text in of[:3])


def same_instant(text: str, instant: dt.datetime) -> bool:
    return text[:4] == "2024" and at(text) == instant


def test_a_hundred_thousand_lines_are_read_as_one_row_a_cell(log: Log) -> None:
    log.write([])
    log.execute(
        f"insert into nhat_ky_nop select '412', '{TABLE}', '2024-10', timestamp '2024-11-01' + n * interval '1 second', n, false "
        "from generate_series(1, 100000) n union all "
        f"select '413', '{TABLE}', 'ky ' || n, '2024-11-01', n, true from generate_series(1, 100000) n"
    )
    with connect(DATASET.source, log.url) as opened:
        asked = Counted(opened)
        found = asked.connector.submissions(DATASET, EXPECTED, UNTIL)
    assert asked.rows == 2, "a cell, and a reason"
    assert found.latest == {("2024-10", "412"): Submission(at("2024-11-02 03:46:40"), 100_000, False)}
    assert found.unused == {"ghi kỳ không có": 100_000}


class Counted:
    """A connector whose fetched rows are counted."""

    def __init__(self, connector: PostgresConnector) -> None:
        self.connector, self.rows, fetch = connector, 0, connector.fetch

        def counted(query: str) -> list[tuple]:
            found = fetch(query)
            self.rows += len(found)
            return found

        connector.fetch = counted
