"""Whether a line to a PostgreSQL server is kept from listeners: as our end of it sees it, and what libpq would have borne.

Asked at our end, not of the server: behind a pooler the server sees another line.
"""

import os
import socket
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

import psycopg2

from resources.failing import Failure
from resources.loopback import is_loopback
from resources.servers.connecting import CONNECTION, libpq_uri
from resources.servers.failures import LineInClear, LineMayBeClear, ServerUnproved


@dataclass(frozen=True)
class Line:
    place: Literal["socket", "loopback", "network"]
    protocol: str | None  # of TLS; None in clear
    mode: str  # sslmode as libpq took it, from wherever

    @property
    def told(self) -> str:
        if self.place == "socket":
            return "qua socket của máy này"
        where = "trong máy này (loopback)" if self.place == "loopback" else "qua mạng"
        return f"{where}, {self.protocol or 'không mã hóa'}, sslmode={self.mode}"

    def amiss(self, setting: str) -> Failure | None:
        """What the doctor warns of; `setting` leads to the place."""
        if self.place != "network":
            return None
        if self.protocol is None:
            return LineInClear(setting=setting, mode=self.mode)
        if self.mode in ("disable", "allow", "prefer"):
            return LineMayBeClear(setting=setting, mode=self.mode, protocol=self.protocol)
        if self.mode != "verify-full":
            return ServerUnproved(setting=setting, mode=self.mode, protocol=self.protocol)
        return None


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
