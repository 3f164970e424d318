"""Whether a line to a source is kept from listeners, as its server says."""

from dataclasses import dataclass
from typing import ClassVar

from resources.connectors.odbc.addresses import BEST, MODE
from resources.connectors.odbc.sessions import Session
from resources.servers.encryption import Line


@dataclass(frozen=True)
class OdbcLine(Line):
    option: ClassVar = MODE
    kept_by: ClassVar = ("REQUIRED", "VERIFY_IDENTITY")
    proved_by: ClassVar = "VERIFY_IDENTITY"
    best: ClassVar = BEST


def line_of(session: Session) -> OdbcLine:
    address = session.address
    place = "socket" if "socket" in address.place else "loopback" if address.is_of_this_machine else "network"
    return OdbcLine(place, session.protocol, address.place[MODE])
