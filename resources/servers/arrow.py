"""Connections to a PostgreSQL server whose answers come as Arrow.

Whenever the driver enters a database anew, it opens a connection of its own, reads the columns of every table and type there, and
closes it: twenty times the work of a connection where nothing stands, and more with each table of the owner's. A place that was
entered is kept here, and lent to one connection after another. What our queries give is of types that PostgreSQL itself brings, whose
numbers are the same everywhere: nothing that an owner makes later is missed.
"""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import cast

from adbc_driver_manager import AdbcConnection, AdbcDatabase
from adbc_driver_manager.dbapi import Connection
from adbc_driver_postgresql import connect as enter

# Drivers by URI, in which another password makes another place. Of each there are as many as were ever in use at one time.
_entered: defaultdict[str, deque[AdbcDatabase]] = defaultdict(deque)


@dataclass(frozen=True)
class _Lent:
    """A place while one connection has it. Had by two threads at once, the driver miscounts its connections and fails."""

    uri: str = field(repr=False)  # with its password
    place: AdbcDatabase

    def close(self) -> None:
        _entered[self.uri].append(self.place)


def connect(uri: str) -> Connection:
    """A connection with a transaction of its own. Raises adbc_driver_manager.Error."""
    try:
        lent = _Lent(uri, _entered[uri].pop())
    except IndexError:
        lent = _Lent(uri, enter(uri))
    made = None
    try:
        made = AdbcConnection(lent.place)
        return Connection(cast(AdbcDatabase, lent), made)
    except BaseException:
        if made is not None:
            made.close()
        lent.close()
        raise
