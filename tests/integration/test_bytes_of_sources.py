"""Texts of any encoding and of any length: what is no letter stops its row, and no row takes more memory than was promised."""

import datetime as dt
import io
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
import pyarrow as pa
import pytest
import sqlalchemy as sa

from assets.cells.outcome import Request
from assets.cells.run import sync_dataset
from benchmarks.measuring import measured
from resources.connectors.postgresql.connector import connect
from resources.servers.connecting import libpq_uri
from resources.warehouse.engine import Warehouse
from resources.warehouse.failures import NotUtf8
from schemas.sources.social_protection.datasets import BENEFICIARIES
from tests.integration.province import Province, province
from tests.integration.two_hubs import Two, held


@pytest.fixture(scope="module")
def made() -> Iterator[Province]:
    with province() as found:
        yield found


@pytest.fixture(scope="module")
def two(made: Province) -> Two:
    (found := Two(made)).begin()
    return found


CODECS = {"UTF8": "utf-8", "WIN1258": "cp1258", "SQL_ASCII": "utf-8"}


def lines_of(text: str, codec: str) -> bytes:
    """The lines that Windows' Vietnamese can hold, where a tone is a character of its own."""
    found = {line: "".join(map(_apart, unicodedata.normalize("NFC", line))) for line in text.splitlines(keepends=True)}
    held = {line: apart for line, apart in found.items() if apart.encode("cp1258", "replace").decode("cp1258") == apart}
    return b"".join((apart if codec == "cp1258" else line).encode(codec) for line, apart in held.items())


def _apart(letter: str) -> str:
    marks = unicodedata.normalize("NFD", letter)
    return unicodedata.normalize("NFC", TONES.sub("", marks)) + "".join(TONES.findall(marks))


TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")


@contextmanager
def copied(made: Province, encoding: str) -> Iterator[str]:
    """A database of this encoding that holds the tables of a source; the address for its reader."""
    source, name = "social_protection", f"source_{encoding.lower()}"
    with closing(made.server.connect()) as above, above.cursor() as cursor:
        cursor.execute(f"create database {name} encoding '{encoding}' template template0 lc_collate 'C' lc_ctype 'C'")
    try:
        with closing(made.server.connect(f"source_{source}")) as there, closing(made.server.connect(name)) as here:
            tables = (BENEFICIARIES.road.table, "nhat_ky_nop")
            for table, read, write in ((t, there.cursor(), here.cursor()) for t in tables):
                read.execute(
                    "select string_agg(format('%%I %%s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum) "
                    "from pg_attribute where attrelid = %s::regclass and attnum > 0",
                    (table,),
                )
                write.execute(f"create table {table} ({read.fetchone()[0]}); grant select on {table} to {source}_reader")
                rows = io.StringIO()
                read.copy_expert(f"copy {table} to stdout", rows)
                write.execute("set client_encoding = 'SQL_ASCII'")
                write.copy_expert(f"copy {table} from stdin", io.BytesIO(lines_of(rows.getvalue(), CODECS[encoding])))
        yield libpq_uri(made.server.url(name, f"{source}_reader"))
    finally:
        with closing(made.server.connect()) as above, above.cursor() as cursor:
            cursor.execute(f"drop database {name} with (force)")


def test_a_source_of_another_encoding_loads_and_a_byte_that_is_no_letter_of_it_stops_no_other_row(
    made: Province, two: Two
) -> None:
    table, today = BENEFICIARIES.road.table, dt.date(2024, 11, 20)

    def loaded_from(url: str) -> list[str]:
        hub = two.hub()
        with connect(BENEFICIARIES.source, url) as opened:
            sync_dataset(hub, BENEFICIARIES, opened, Request("test"))
        hub.warehouse.engine.dispose()
        return held(hub, BENEFICIARIES, keys=False)["rows"]

    with copied(made, "UTF8") as url:
        expected = loaded_from(url)
    assert sum("Nguyễn" in row for row in expected) > 30
    for encoding in ("WIN1258", "SQL_ASCII"):
        with copied(made, encoding) as url:
            assert loaded_from(url) == expected, encoding
            with connect(BENEFICIARIES.source, url) as opened:
                ((told, family),) = opened.fetch(
                    f"select count(*), min(left(ho_ten, 7)) from public.{table} where ho_ten ~ '^Nguyễn' or ho_ten = 'it''s'"
                )
                assert told > 30
                assert family.startswith("Nguy")
            with closing(psycopg2.connect(url, user="postgres")) as above, above, above.cursor() as cursor:
                above.set_client_encoding("SQL_ASCII")
                cursor.execute(
                    f"update {table} set ho_ten = E'Tr\\x8dn', ma_xa_goc = E'\\x8d\\xff' where ctid in (select min(ctid) from {table})"
                )
            with connect(BENEFICIARIES.source, url) as opened:
                standings = opened.standings(BENEFICIARIES, today).periods["now"]
                read = pa.Table.from_batches(opened.rows(BENEFICIARIES, "now", today)).select(["ho_ten", "ma_xa_goc"]).to_pylist()
            assert [row["ho_ten"] for row in read if row["ma_xa_goc"] == b"\x8d\xff"] == [b"Tr\x8dn"]
            assert len(read) == sum(standing.rows or 0 for standing in standings)


def test_a_warehouse_of_another_encoding_is_refused_before_anything_is_written(made: Province) -> None:
    """It would take names until one has a letter that it does not know."""
    with copied(made, "WIN1258") as url:
        there = sa.make_url(url.replace("postgresql:", "postgresql+psycopg2:")).set(username="postgres")
        with pytest.raises(NotUtf8, match=r"WAREHOUSE_URL.*WIN1258"):
            Warehouse(there.render_as_string(hide_password=False)).migrate()


LOAD = """
import sys
from assets.cells.outcome import Request
from assets.cells.run import sync_dataset
from resources.connectors.postgresql.connector import connect
from resources.hub import Hub
from schemas.sources.social_protection.datasets import BENEFICIARIES

with connect(BENEFICIARIES.source, sys.argv[1]) as opened:
    cells = sync_dataset(Hub.open(), BENEFICIARIES, opened, Request("test")).cells
print(sum(cell.accepted for cell in cells), sum(cell.rejected for cell in cells))
"""


@pytest.mark.landing
def test_rows_of_any_size_take_no_more_than_400_mb(made: Province, two: Two) -> None:
    """Texts of eight million letters, keys and communes among them, and rows in which each field is as long as one may be, and longer."""
    table = BENEFICIARIES.road.table
    texts = [c.source_column for c in BENEFICIARIES.columns if c.source_type == "text"]
    hub = two.hub()
    with copied(made, "UTF8") as url:
        with closing(psycopg2.connect(url, user="postgres")) as above, above, above.cursor() as cursor:
            cursor.execute(f"alter table {table} add column n serial")
            for rows, columns, letters in (
                ("n <= 6", ["ho_ten", "ma_xa_goc", "ma_doi_tuong"], "repeat('x', 8000000)"),
                ("n between 7 and 66", texts, "repeat(md5(n::text), 312 + n % 2)"),
                ("n between 67 and 76", texts, "repeat(chr(1), 9999)"),  # each of them six letters, as quarantine writes it
            ):
                cursor.execute(f"update {table} set {', '.join(f'{c} = {letters}' for c in columns)} where {rows}")
            cursor.execute(f"alter table {table} drop column n")
            cursor.execute(f"select count(*) from {table}")
            (sent,) = cursor.fetchone() or (0,)
        home = {"WAREHOUSE_URL": hub.warehouse.engine.url.render_as_string(hide_password=False)}
        done = measured([sys.executable, "-c", LOAD, url], made.environment | home)
    accepted, rejected = map(int, done.last_line.split())
    assert accepted + rejected == sent
    assert rejected >= 76
    assert done.peak_mb < 400
    hub.warehouse.engine.dispose()
