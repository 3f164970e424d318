"""By what names the UI is called, and so which pages are its own."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipelines.door.failures import UiOpen, UiOriginWrong
from resources.environment import read
from resources.failures import SettingWrong
from resources.loopback import is_loopback

ADDRESS = "127.0.0.1"
LOOPBACK = (ADDRESS, "localhost", "[::1]")
SETTING, LISTENING = "ANSINH_UI_ORIGIN", "ANSINH_UI_LISTEN"
ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(:(?P<port>[0-9]{1,5}))?/?")
DEFAULT_PORTS = {"http": "80", "https": "443"}  # browsers leave them out


@dataclass(frozen=True)
class Addresses:
    """The names by which the UI is called: this machine's own, and the one of a proxy before it."""

    port: int
    outside: str | None = None

    @classmethod
    def of(cls, port: int) -> "Addresses":
        return cls(port, _origin(read(SETTING)))

    @property
    def origin(self) -> str:
        """The one that links are made of."""
        return self.outside or f"http://{ADDRESS}:{self.port}"

    @property
    def listening(self) -> str:
        """Where the door listens. Beyond this machine only for a proxy that speaks TLS to the browsers: links and cookies are keys."""
        told = read(LISTENING) or ADDRESS
        try:
            ipaddress.IPv4Address(told)
        except ValueError:
            raise SettingWrong(name=LISTENING, expected="một địa chỉ IPv4 của máy này, như 127.0.0.1 hoặc 0.0.0.0") from None
        if not is_loopback(told) and not (self.outside or "").startswith("https://"):
            raise UiOpen(address=told)
        return told

    @property
    def hosts(self) -> frozenset[str]:
        tail = "" if self.port == 80 else f":{self.port}"
        outside = [urlsplit(self.outside).netloc] if self.outside else []
        return frozenset([*(name + tail for name in LOOPBACK), *outside])

    def is_private(self, host: str) -> bool:
        """Whether what is sent under this name travels encrypted."""
        return self.outside == f"https://{host}"

    def is_same(self, origin: str, host: str) -> bool:
        """Whether a page of this origin is a page of ours. A proxy may put its own name for the host, and has no page without TLS."""
        return origin == self.outside or (origin == f"http://{host}" and not self.is_private(host))


def _origin(text: str | None) -> str | None:
    if text is None:
        return None
    found = ORIGIN.fullmatch(text.lower())
    if found is None or int(found["port"] or 0) > 65535 or (found["scheme"] == "http" and found["host"] not in LOOPBACK):
        raise UiOriginWrong
    port = "" if found["port"] in (None, DEFAULT_PORTS[found["scheme"]]) else f":{found['port']}"
    return f"{found['scheme']}://{found['host']}{port}"
