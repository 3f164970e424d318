"""Addresses of databases that are read by ODBC: one parser. A wrong one is told by its setting and what is wrong, never by a part of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from resources.connectors.odbc.dialects.dialect import Dialect
from resources.connectors.odbc.failures import SourceAddressWrong
from resources.loopback import is_loopback
from resources.servers.addresses import (
    BAD_HOST,
    BAD_PORT,
    NO_DATABASE,
    NOT_TEXT,
    OTHERWISE,
    Wrong,
    is_host,
    is_port,
    split,
)
from resources.servers.clear_lines import refuse_clear

DRIVER = "nêu trình điều khiển; viết loại máy chủ rồi ://, không có dấu + nào"
NO_HOST = "thiếu tên máy"
EDGES = "tài khoản hoặc mật khẩu bắt đầu hay kết thúc bằng dấu cách, trình điều khiển ODBC không nhận; đổi mật khẩu"
MODE, CLEAR, KEPT = "ssl-mode", "DISABLED", "REQUIRED"
BEST = "ssl-mode=VERIFY_IDENTITY và chứng chỉ gốc của nguồn (ssl-ca, ssl-wallet hoặc kho chứng chỉ của máy)"


@dataclass(frozen=True)
class Address:
    """A database and the way to it. `place`: host and port or a socket, the database, and the options, each under its own name."""

    user: str
    password: str = field(repr=False)
    place: Mapping[str, str]

    @property
    def is_of_this_machine(self) -> bool:
        return "socket" in self.place or is_loopback(self.place["host"])

    @property
    def must_be_kept(self) -> bool:
        """Whether the line has to be encrypted: what leads over a network says so itself where it need not."""
        return self.place[MODE] != CLEAR


def parsed(name: str, text: str, dialect: Dialect) -> Address:
    """The address that the setting `name` holds. Raises SourceAddressWrong, and in production ClearLineRefused."""
    try:
        found = _parsed(text, dialect)
    except Wrong as wrong:
        why = wrong.why
    else:
        if not (found.must_be_kept or found.is_of_this_machine):
            refuse_clear(name, f"{MODE}={CLEAR}", BEST)
        return found
    raise SourceAddressWrong(name=name, why=why, form=dialect.form)


def _parsed(text: str, dialect: Dialect) -> Address:
    scheme, separator, rest = text.partition("://")
    if "+" in scheme:
        raise Wrong(DRIVER)
    if not separator:
        raise Wrong(OTHERWISE)
    authority, path, query = split(rest)
    account, _, at = authority.rpartition("@")
    user, _, password = (_plain(part) for part in account.partition(":"))
    if any(part != part.strip(" ") for part in (user, password)):
        raise Wrong(EDGES)
    place = {"database": _plain(path[1:]), **_options(query, dialect)}
    if not place["database"]:
        raise Wrong(NO_DATABASE)
    if not dialect.database.fullmatch(place["database"]):
        raise Wrong(f"tên cơ sở dữ liệu có ký tự mà {dialect.name} không nhận")
    if "socket" not in place:
        host, port = _at(at)
        place |= {"host": host, "port": port or dialect.port}
    elif at:
        raise Wrong(BAD_HOST)
    made = Address(user, password, place)
    place.setdefault(MODE, CLEAR if made.is_of_this_machine else KEPT)
    return made


def _at(text: str) -> tuple[str, str]:
    found = re.fullmatch(r"(?:\[(?P<v6>[^\]]*)\]|(?P<host>[^:]*))(?::(?P<port>.*))?", text)
    if found is None:
        raise Wrong(BAD_HOST)
    host, port = found["v6"] or _plain(found["host"] or ""), found["port"] or ""
    if port and not is_port(port):
        raise Wrong(BAD_PORT)
    if not host:
        raise Wrong(NO_HOST)
    if not is_host(host) or host.startswith(("/", "@")):
        raise Wrong(BAD_HOST)
    return host, port


def _options(query: str, dialect: Dialect) -> dict[str, str]:
    options: dict[str, str] = {}
    for number, item in enumerate(query.split("&") if query else (), start=1):
        option, _, told = (_plain(part) for part in item.partition("="))
        values = dialect.options.get(option)
        if values is None or not told:  # neither is the name told: what follows a ? that was not escaped is of a password
            raise Wrong(f"tham số thứ {number} sau dấu ? không phải tham số kết nối của {dialect.name}")
        if values and told not in values:
            raise Wrong(f"{option} chỉ nhận {', '.join(values)}")
        if option in options:
            raise Wrong(f"{option} được nêu hai lần")
        options[option] = told
    return options


def _plain(part: str) -> str:
    try:
        text = unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        raise Wrong(NOT_TEXT) from None
    if not text.isprintable():
        raise Wrong(OTHERWISE)
    return text
