"""Where a service is: an address that may be trusted with a secret, or what is wrong with it, which never repeats it.

Encrypted, unless it stays on this machine: everything that is sent carries the partner's secret in a header.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from resources.loopback import is_loopback

HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")
PATH = re.compile(r"(?:/[A-Za-z0-9._~%+-]+)*/?")
WRITTEN = re.compile(r"[\x21-\x7e]{1,2000}")  # what a parser would leave out without a word is refused


class AddressWrong(Exception):
    """What an address is that it may not be, in words; whoever asked for it knows what stands still until it is mended."""

    def __init__(self, setting: str, wrong: str) -> None:
        super().__init__()
        self.setting, self.wrong = setting, wrong


@dataclass(frozen=True)
class Address:
    host: str
    port: int
    path: str
    is_encrypted: bool

    @property
    def is_here(self) -> bool:
        return is_loopback(self.host)

    @property
    def road(self) -> str:
        """How what is sent there gets there, in words."""
        return "kết nối có mã hóa (https)" if self.is_encrypted else "không mã hóa, trên chính máy này"


def read_address(url: str, setting: str) -> Address:
    """The address that a setting holds. Raises AddressWrong, which names the setting and what is wrong."""
    wrong = None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        wrong = "không đọc được (máy hoặc cổng viết sai)"
    else:
        wrong = _wrong(url, parts, host, port)
    if wrong:
        raise AddressWrong(setting, wrong)
    is_encrypted = parts.scheme == "https"
    return Address(host, port or (443 if is_encrypted else 80), parts.path.rstrip("/"), is_encrypted)


def _wrong(url: str, parts: SplitResult, host: str, port: int | None) -> str | None:
    if not WRITTEN.fullmatch(url):
        return "dài quá, hoặc có dấu cách, ký tự điều khiển hay chữ có dấu"
    if parts.scheme not in ("https", "http"):
        return "không bắt đầu bằng https://"
    if "@" in parts.netloc:
        return "có tên hoặc mật khẩu (phần trước @); bí mật chỉ đặt ở các biến …_CLIENT_ID và …_CLIENT_SECRET"
    if "?" in url or "#" in url:
        return "có phần sau ? hoặc #"
    if not HOST.fullmatch(host) and not _ip(host):
        return "không có tên máy, hoặc tên máy viết sai"
    if port == 0:
        return "có cổng 0"
    if not PATH.fullmatch(parts.path) or "/../" in f"{parts.path}/":
        return "có đường dẫn viết sai"
    if parts.scheme == "http" and not is_loopback(host):
        return "là http:// đến một máy khác: khóa bí mật và số liệu sẽ đi không mã hóa"
    return None


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
