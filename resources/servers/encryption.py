"""Whether a line to a server is kept from listeners; of PostgreSQL as our end of it sees it, and what libpq would have borne.

There it is asked at our end, not of the server: behind a pooler the server sees another line.
"""

import os
import socket
from contextlib import closing
from dataclasses import dataclass
from typing import ClassVar, Literal

import psycopg2

from resources.failing import Failure
from resources.loopback import is_loopback
from resources.servers import addresses
from resources.servers.connecting import CONNECTION, libpq_uri
from resources.servers.failures import LineInClear, LineMayBeClear, ServerUnproved


@dataclass(frozen=True)
class Line:
    place: Literal["socket", "loopback", "network"]
    protocol: str | None  # of TLS; None in clear
    mode: str  # as the driver took it, from wherever

    # How an address says it: libpq's words.
    option: ClassVar = "sslmode"
    kept_by: ClassVar[tuple[str, ...]] = addresses.KEPT
    proved_by: ClassVar = "verify-full"
    best: ClassVar = addresses.BEST

    @property
    def told(self) -> str:
        if self.place == "socket":
            return "qua socket của máy này"
        where = "trong máy này (loopback)" if self.place == "loopback" else "qua mạng"
        return f"{where}, {self.protocol or 'không mã hóa'}, {self.option}={self.mode}"

    def amiss(self, setting: str) -> Failure | None:
        """What the doctor warns of; `setting` leads to the place."""
        if self.place != "network" or (self.protocol and self.mode == self.proved_by):
            return None
        kind = LineInClear if self.protocol is None else ServerUnproved if self.mode in self.kept_by else LineMayBeClear
        return kind(setting=setting, mode=f"{self.option}={self.mode}", protocol=self.protocol, best=self.best)


def line_to(url: str) -> Line:
    """The line that libpq opens to this place, which is the same for all our drivers. Raises psycopg2.OperationalError."""
    with closing(psycopg2.connect(libpq_uri(url, CONNECTION))) as connection:
        return line_of(connection)


def line_of(connection: "psycopg2.extensions.connection") -> Line:
    with closing(socket.socket(fileno=os.dup(connection.fileno()))) as line:
        peer = line.getpeername()
        place = "socket" if line.family == socket.AF_UNIX else "loopback" if is_loopback(peer[0]) else "network"
    info = connection.info
    protocol = info.ssl_attribute("protocol") if info.ssl_in_use else None
    return Line(place, protocol, info.dsn_parameters.get("sslmode", "prefer"))
