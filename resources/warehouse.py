"""The hub's warehouse: one engine a process, the way in for Arrow, the advisory locks, the start-up check."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qs, quote, unquote, urlsplit

import sqlalchemy as sa

from resources import migrations, open_memory
from resources.report_outbox import ddl as report_ddl

# Statements of the modules that own tables of their own.
OTHERS = (*report_ddl(), *open_memory.DDL)


class WarehouseUnreachable(Exception):
    """The warehouse does not answer: exit status 3."""


@dataclass(frozen=True)
class Warehouse:
    url: str

    @cached_property
    def engine(self) -> sa.Engine:
        # hide_parameters: an SQLAlchemy error would else print the row it was given.
        return sa.create_engine(self.url, hide_parameters=True, pool_pre_ping=True, future=True)

    def open(self) -> "Warehouse":
        """Check that it answers and stands at this version; bring it up when it does not."""
        try:
            with self.engine.connect() as connection:
                kept = connection.execute(sa.text("select to_regclass('ops.schema_version')")).scalar()
                done = kept and connection.execute(sa.text("select obj_description('ops'::regnamespace)")).scalar()
        except sa.exc.OperationalError as error:
            raise WarehouseUnreachable(
                "Mở kho dữ liệu của trung tâm: máy chủ không trả lời hoặc từ chối đăng nhập "
                f"({type(error.orig).__name__}). Kiểm tra WAREHOUSE_URL, mạng và dịch vụ PostgreSQL rồi chạy lại."
            ) from None
        if done != self._fingerprint:
            self.migrate()
        return self

    def migrate(self) -> None:
        with self.engine.begin() as connection:
            migrations.migrate(connection, OTHERS)
            connection.exec_driver_sql(f"comment on schema ops is '{self._fingerprint}'")

    @property
    def _fingerprint(self) -> str:
        return migrations.fingerprint(OTHERS)


def libpq_uri(url: str) -> str:
    """The same place as a libpq URI, for ADBC and the server's own commands."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    user = f"{quote(unquote(parts.username))}" if parts.username else ""
    password = f":{quote(unquote(parts.password), safe='')}" if parts.password else ""
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    more = "&".join(f"{key}={quote(value, safe='')}" for key, values in query.items() for value in values)
    at = "@" if user else ""
    return f"postgresql://{user}{password}{at}{host}{port}{parts.path}" + (f"?{more}" if more else "")
