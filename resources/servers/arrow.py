"""Connections to a PostgreSQL server whose answers come as Arrow.

Whenever the driver enters a database anew, it opens a connection of its own, reads the columns of every table and type there, and
closes it: twenty times the work of a connection where nothing stands, and more with each table of the owner's. It is done once per
process and place here. What our queries give is of types that PostgreSQL itself brings, whose numbers are the same everywhere: nothing
that an owner makes later is missed.
"""

from functools import lru_cache

from adbc_driver_manager import AdbcConnection, AdbcDatabase
from adbc_driver_manager.dbapi import Connection, _SharedDatabase
from adbc_driver_postgresql import connect as enter

PLACES = 64  # systems and the warehouse; the same with another password is another place


def connect(uri: str) -> Connection:
    """A connection with a transaction of its own. Raises adbc_driver_manager.Error."""
    database, held = _entered(uri)
    made = AdbcConnection(database)
    try:
        return Connection(held, made)
    except BaseException:
        made.close()
        raise


@lru_cache(PLACES)
def _entered(uri: str) -> tuple[AdbcDatabase, _SharedDatabase]:
    """The driver's database, and the holder by which a connection that is closed leaves it open for the next."""
    database = enter(uri)
    return database, _SharedDatabase(database)
