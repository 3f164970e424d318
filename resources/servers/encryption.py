"""Whether a line to a PostgreSQL server is kept from listeners: as our end of it sees it, and what libpq would have borne.

Asked at our end, not of the server: behind a pooler the server sees another line.
"""

import ipaddress
import os
import socket
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

import psycopg2

from resources.failing import Failure, Permanent
from resources.servers.connecting import CONNECTION, libpq_uri


class LineInClear(Permanent):
    """A warning of the doctor."""

    attempted = "Kiểm tra đường truyền của {setting}"
    found = "phiên đi qua mạng không mã hóa (sslmode={mode})"
    remedy = "Bật TLS ở máy chủ, rồi thêm sslmode=verify-full và sslrootcert=<tệp chứng chỉ gốc> vào {setting}"
    means = "Ai nghe được mạng giữa hai máy thì đọc được dữ liệu cá nhân; không ghi sslmode là prefer: gặp máy chủ không TLS thì thôi mã hóa."
    steps = (
        "Quản trị máy chủ PostgreSQL: ssl = on, chứng chỉ mang tên máy, và dòng hostssl thay cho host trong pg_hba.conf.",
        "Lấy tệp chứng chỉ gốc của họ, ghi …?sslmode=verify-full&sslrootcert=/đường/dẫn/tệp.crt vào địa chỉ.",
        "Chạy ansinh doctor: dòng này phải nêu TLS và verify-full.",
    )


class LineMayBeClear(Permanent):
    """A warning of the doctor."""

    attempted = "Kiểm tra đường truyền của {setting}"
    found = (
        "phiên này mã hóa ({protocol}), nhưng sslmode={mode} lặng lẽ thôi mã hóa khi máy chủ hay kẻ đứng giữa nói không có TLS"
    )
    remedy = "Thêm sslmode=verify-full và sslrootcert=<tệp chứng chỉ gốc> vào {setting}"
    means = "Không ghi sslmode là prefer. Hôm nay kín, ngày mai có thể hở mà không ai hay."
    steps = (
        "Lấy tệp chứng chỉ gốc của quản trị máy chủ, ghi …?sslmode=verify-full&sslrootcert=/đường/dẫn/tệp.crt vào địa chỉ.",
        "Chạy ansinh doctor: dòng này phải nêu verify-full.",
    )


class ServerUnproved(Permanent):
    """A warning of the doctor."""

    attempted = "Kiểm tra đường truyền của {setting}"
    found = "phiên mã hóa ({protocol}), nhưng sslmode={mode} không xét tên máy trong chứng chỉ"
    remedy = "Đổi thành sslmode=verify-full, kèm sslrootcert=<tệp chứng chỉ gốc>, trong {setting}"
    means = "Máy khác có thể đứng giữa và tự xưng là máy chủ: require không xét chứng chỉ, verify-ca không xét tên máy."
    steps = (
        "Chứng chỉ chưa mang đúng tên máy: quản trị máy chủ cấp lại với tên máy ghi trong địa chỉ.",
        "Ghi …?sslmode=verify-full&sslrootcert=/đường/dẫn/tệp.crt vào địa chỉ, chạy ansinh doctor.",
    )


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
        place = "socket" if line.family == socket.AF_UNIX else "loopback" if _is_loopback(peer[0]) else "network"
    info = connection.info
    protocol = info.ssl_attribute("protocol") if info.ssl_in_use else None
    return Line(place, protocol, info.dsn_parameters.get("sslmode", "prefer"))


def _is_loopback(host: str) -> bool:
    address = ipaddress.ip_address(host)
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
