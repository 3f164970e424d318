"""Whether the line to a service is kept from listeners: it always proves whom it leads to, unless it stays on this machine."""

from dataclasses import dataclass
from typing import ClassVar

from resources.connectors.rest.session import Session
from resources.servers.encryption import Line


@dataclass(frozen=True)
class RestLine(Line):
    option: ClassVar = "địa chỉ"
    kept_by: ClassVar = ("https",)
    proved_by: ClassVar = "https"
    best: ClassVar = "https:// và chứng chỉ gốc của nền tảng (LGSP_CA_FILE)"


def line_of(session: Session) -> RestLine:
    place = "loopback" if session.is_here else "network"
    return RestLine(place, "TLS" if session.is_encrypted else None, "https" if session.is_encrypted else "http")
