"""A source on the embedded PostgreSQL: its database, with a schema `mo_phong` for what has not happened yet."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, ClassVar

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
from psycopg2 import sql

from demo.databases.database import NOTE, Database, Made, quoted
from resources.embedded import EmbeddedServer
from resources.servers.connecting import CONNECTION, libpq_uri
from schemas.column import SourceType

LATER = "mo_phong"


class Postgresql(Database[EmbeddedServer]):
    types: ClassVar[Mapping[SourceType, str]] = {
        name: name for name in ("text", "date", "smallint", "integer", "bigint", "boolean", "timestamptz")
    }
    keyed: ClassVar = "text"
    same: ClassVar = "is not distinct from"

    def connect(self) -> Any:
        connection = self.server.connect(self._name, self._owner)
        connection.autocommit = False
        return connection

    def sender(self) -> "_Sender":
        return _Sender(adbc.connect(libpq_uri(self.url(), CONNECTION)))

    def drop(self) -> None:
        """Remove it: what an earlier province held."""
        with closing(self.server.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(self._name)))

    def let_in(self, is_let_in: bool) -> None:
        with closing(self.server.connect()) as connection, connection.cursor() as cursor:
            may = sql.SQL("login" if is_let_in else "nologin")
            cursor.execute(sql.SQL("alter role {} {}").format(sql.Identifier(self._reader), may))
            if not is_let_in:
                cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", (self._reader,))

    def later(self, table: str) -> str:
        return f"{quoted(LATER)}.{quoted(table)}"

    def taken_in(self, table: str, columns: Sequence[str], rows: str) -> str:
        return f"insert into {table} ({quoted(*columns)}) {rows} on conflict do nothing"

    def change_one(self, table: str, values: str, where: str) -> str:
        return f"update {table} set {values} where ctid = (select ctid from {table} where {where} order by ctid limit 1)"

    def delete_others(self, cursor: Any, table: str, where: str, values: Sequence[object]) -> int:
        others = f"select ctid from {table} where {where} order by ctid offset 1"
        cursor.execute(f"delete from {table} where ctid in ({others})", values)
        return cursor.rowcount

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
        listed, more = quoted(*columns), ", ".join(["%s"] * len(held))
        chosen = f"select ctid from {quoted(table)} where {where} order by {order} limit %s"
        cursor.execute(
            f"with gone as (delete from {quoted(table)} where ctid in ({chosen}) returning {listed}) "
            f"insert into {self.later(table)} ({listed}, {quoted(*held)}) select {listed}, {more} from gone",
            (*values, most, *held.values()),
        )
        return cursor.rowcount

    def finish(self) -> None:
        super().finish()
        with self.changing() as cursor:
            cursor.execute("analyze")

    def _make(self) -> None:
        self.drop()
        with closing(self.server.connect()) as connection, connection.cursor() as cursor:
            for role in (self._owner, self._reader):
                cursor.execute("select 1 from pg_roles where rolname = %s", (role,))
                if not cursor.fetchone():
                    cursor.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
                may = sql.SQL("nologin" if self.is_books and role == self._reader else "login")
                cursor.execute(sql.SQL("alter role {} {}").format(sql.Identifier(role), may))
        self.server.ensure_database(self._name, self._owner)
        names = {"d": self._name, "o": self._owner, "r": self._reader, "f": LATER}
        with closing(self.server.connect(self._name)) as connection, connection.cursor() as cursor:
            for statement in (
                "revoke all on database {d} from public",
                "grant connect on database {d} to {o}, {r}",
                "alter schema public owner to {o}",
                "revoke create on schema public from public",
                "create schema {f} authorization {o}",
            ):
                cursor.execute(sql.SQL(statement).format(**{n: sql.Identifier(told) for n, told in names.items()}))
            cursor.execute(f"comment on database {quoted(self._name)} is %s", (NOTE,))

    def _table(self, cursor: Any, place: str, columns: Sequence[Made], title: str = "") -> None:
        cursor.execute(f"create table {place} ({', '.join(f'{quoted(c.name)} {c.type}' for c in columns)})")
        if title:
            cursor.execute(f"comment on table {place} is %s", (title,))
            for c in columns:
                cursor.execute(f"comment on column {place}.{quoted(c.name)} is %s", (c.title,))

    def _open_to_reader(self) -> None:
        with self.changing() as cursor:
            cursor.execute(f"grant usage on schema public to {quoted(self._reader)}")
            cursor.execute(f"grant select on all tables in schema public to {quoted(self._reader)}")


class _Sender:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def send(self, place: str, rows: pa.Table) -> None:
        *schema, table = place.replace('"', "").split(".")
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest(table, rows, mode="append", db_schema_name=(schema or ["public"])[0])

    def close(self) -> None:
        self._connection.commit()
        self._connection.close()
