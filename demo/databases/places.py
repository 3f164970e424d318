"""Where the databases of the sources lie: on the embedded PostgreSQL, or on the demo's MariaDB where this machine has one."""

from demo.databases.database import Database, database_of
from demo.databases.mariadb import MariaDb
from demo.databases.postgresql import Postgresql
from resources import mariadb
from resources.connectors.odbc.connector import connect
from resources.connectors.odbc.failures import DriverMissing
from resources.embedded import EmbeddedServer
from resources.failing import Failure
from resources.mariadb import MariaDbServer
from schemas.dataset import Source
from schemas.registry import SOURCES

NOWHERE = "mysql://nobody@/nothing?socket=/dev/null"


def database(found: EmbeddedServer, source: Source) -> Database:
    """The database that plays a source. Its server is started where it stands still."""
    if database_of(source) in MariaDbServer(found.home).databases():
        return MariaDb(source, mariadb.existing(found.home))
    return Postgresql(source, found)


def held(found: EmbeddedServer) -> tuple[Source, ...]:
    """The declared systems whose database stands: the others are not played."""
    on_mariadb = MariaDbServer(found.home).databases()
    return tuple(s for s in SOURCES if database_of(s) in on_mariadb or found.has_database(database_of(s)))


def refuse_absent(found: EmbeddedServer, source: Source) -> None:
    known = held(found)
    if source not in known:
        names = ", ".join(s.name for s in known) or "chưa có hệ thống nào"
        raise SystemExit(f"Hệ thống nguồn {source.name}: không có trong tỉnh mô phỏng. Các hệ thống có ở đó: {names}.")


def has_mariadb(source: Source) -> bool:
    """Whether this machine has the server, and the driver by which a source on it is read."""
    if not mariadb.is_installed():
        return False
    try:
        with connect(source, NOWHERE):
            return True
    except DriverMissing:
        return False
    except Failure:  # nobody answers there: the driver has asked
        return True
