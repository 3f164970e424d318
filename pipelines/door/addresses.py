"""By what names the UI is called, and so which pages are its own."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from resources.settings import Unconfigured, read

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
SETTING = "ANSINH_UI_ORIGIN"


class UiOriginWrong(Unconfigured):
    attempted = f"Đọc cấu hình {SETTING}"
    found = "không phải một gốc dạng https://máy hoặc https://máy:cổng"
    remedy = "Viết đúng địa chỉ mà trình duyệt thấy ở proxy, không kèm đường dẫn, rồi chạy lại"
    means = "Giao diện chỉ trả lời khi được gọi đúng tên. Sau proxy, tên đó là gốc được cấu hình; http chỉ nhận ở chính máy này."
    steps = (
        "Đặt ANSINH_UI_ORIGIN=https://máy, chữ thường, tên có dấu viết dạng xn--….",
        "Không dùng proxy thì bỏ biến này.",
        "Chạy lại ansinh ui.",
    )


@dataclass(frozen=True)
class Addresses:
    """By what names the UI is called: this machine's own, and the one of a proxy before it."""

    port: int
    outside: str | None = None

    @classmethod
    def of(cls, port: int) -> "Addresses":
        return cls(port, _origin(read(SETTING)))

    @property
    def origin(self) -> str:
        """The one that links are made of."""
        return self.outside or f"http://127.0.0.1:{self.port}"

    @property
    def hosts(self) -> frozenset[str]:
        tail = "" if self.port == 80 else f":{self.port}"
        outside = [urlsplit(self.outside).netloc] if self.outside else []
        return frozenset([*(name + tail for name in LOOPBACK), *outside])

    def is_private(self, host: str) -> bool:
        """Whether what is sent under this name travels encrypted."""
        return self.outside == f"https://{host}"

    def is_same(self, origin: str, host: str) -> bool:
        """Whether a page of this origin is a page of ours. A proxy may put its own name for the host."""
        return origin in (f"http://{host}", self.outside)


def _origin(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        parts = urlsplit(text.removesuffix("/"))
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UiOriginWrong from None
    host = f"[{host}]" if ":" in host else host
    default = {"https": 443, "http": 80}.get(parts.scheme)
    origin = f"{parts.scheme}://{host}" + ("" if port in (None, default) else f":{port}")
    as_written = f"{parts.scheme}://{host}" + ("" if port is None else f":{port}")
    is_plain = text.removesuffix("/").lower() == as_written and host.isascii() and host.strip("[]") and not host.isspace()
    if not is_plain or not (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)):
        raise UiOriginWrong
    return origin
