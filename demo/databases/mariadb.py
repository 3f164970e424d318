"""A source on the demo's MariaDB: its database, and one beside it for what has not happened yet.

Instants are written as such systems do: the Vietnamese day and hour, without a zone. Here they are read and given with theirs.
"""

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
import pymysql
from pymysql.constants import CLIENT, FIELD_TYPE
from pymysql.converters import conversions, escape_string

from demo.databases.database import Database, Made, quoted
from resources.clock import ZONE
from resources.mariadb import MariaDbServer, later_of
from schemas.column import SourceType

ESCAPED = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
NULL = "\\N"


class MariaDb(Database[MariaDbServer]):
    types: ClassVar[Mapping[SourceType, str]] = {
        "text": "text",
        "date": "date",
        "smallint": "smallint",
        "integer": "int",
        "bigint": "bigint",
        "boolean": "boolean",
        "timestamptz": "datetime(6)",
    }
    keyed: ClassVar = "varchar(191)"
    same: ClassVar = "<=>"

    def connect(self) -> Any:
        return pymysql.connect(
            unix_socket=str(self.server.socket),
            user=self._owner,
            password=self.server.password,
            database=self._name,
            charset="utf8mb4",
            sql_mode="ANSI,TRADITIONAL",
            client_flag=CLIENT.FOUND_ROWS,  # rows that a statement met are counted, as PostgreSQL does, not those that became others
            conv=conversions | {dt.datetime: _written, FIELD_TYPE.DATETIME: _instant},
            local_infile=True,
        )

    def sender(self) -> "_Sender":
        return _Sender(self.connect(), self.server.folder / f"rows-{os.getpid()}")

    def let_in(self, is_let_in: bool) -> None:
        self.server.let_in(self._reader, is_let_in)

    def later(self, table: str) -> str:
        return f"{quoted(later_of(self._name))}.{quoted(table)}"

    def taken_in(self, table: str, columns: Sequence[str], rows: str) -> str:
        return f"insert ignore into {table} ({quoted(*columns)}) {rows}"

    def change_one(self, table: str, values: str, where: str) -> str:
        return f"update {table} set {values} where {where} limit 1"

    def delete_others(self, cursor: Any, table: str, where: str, values: Sequence[object]) -> int:
        cursor.execute(f"select count(*) from {table} where {where}", values)
        others = cursor.fetchone()[0] - 1
        return cursor.execute(f"delete from {table} where {where} limit %s", (*values, others)) if others > 0 else 0

    def move(
        self,
        cursor: Any,
        table: str,
        columns: Sequence[str],
        where: str,
        values: Sequence[object],
        held: Mapping[str, object],
        order: str,
        most: int,
    ) -> int:
        # Both statements choose by the whole row: of two that are equal in all either may go.
        chosen = f"from {quoted(table)} where {where} order by {order}, {quoted(*columns)} limit %s"
        more = ", ".join(["%s"] * len(held))
        cursor.execute(
            f"insert into {self.later(table)} ({quoted(*columns, *held)}) select {quoted(*columns)}, {more} {chosen}",
            (*held.values(), *values, most),
        )
        return cursor.execute(f"delete {chosen}", (*values, most))

    def _make(self) -> None:
        self.server.make_database(self._name, self._owner, self._reader)

    def _table(self, cursor: Any, place: str, columns: Sequence[Made], title: str = "") -> None:
        told = ", ".join(f"{quoted(c.name)} {c.type} comment %s" for c in columns)
        cursor.execute(f"create table {place} ({told}) engine = InnoDB comment = %s", [*(c.title for c in columns), title])

    def _open_to_reader(self) -> None:
        """The reader's right is one on the whole database."""


class _Sender:
    """Through a file in the server's folder, which is its owner's alone, as LOAD DATA reads one."""

    def __init__(self, connection: pymysql.Connection, file: Path) -> None:
        self._connection, self._file = connection, file

    def send(self, place: str, rows: pa.Table) -> None:
        if not rows.num_rows:
            return
        lines = pc.binary_join_element_wise(
            *map(_told, rows.columns), pa.scalar("\t"), null_handling="replace", null_replacement=NULL
        )
        try:
            self._file.write_text("\n".join([*lines.to_pylist(), ""]), encoding="utf-8")
            with self._connection.cursor() as cursor:
                cursor.execute(
                    f"load data local infile '{escape_string(str(self._file))}' into table {place} character set utf8mb4 "
                    f"({quoted(*rows.column_names)})"
                )
                if cursor.warning_count:  # what a column cannot hold it takes as something else
                    raise ValueError(f"{place}: {cursor.warning_count} values that its columns cannot hold")
        finally:
            self._file.unlink(missing_ok=True)

    def close(self) -> None:
        self._connection.commit()
        self._connection.close()


def _told(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as LOAD DATA reads its texts."""
    if pa.types.is_timestamp(column.type):
        return pc.local_timestamp(column.cast(pa.timestamp("us", ZONE.key))).cast(pa.string())
    if pa.types.is_boolean(column.type):
        return column.cast(pa.int8()).cast(pa.string())
    text = column.cast(pa.string())
    if pa.types.is_string(column.type):
        for letter, escaped in ESCAPED:
            text = pc.replace_substring(text, letter, escaped)
    return text


def _written(instant: dt.datetime, mapping: object = None) -> str:
    return f"'{instant.astimezone(ZONE):%Y-%m-%d %H:%M:%S.%f}'"


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE)
