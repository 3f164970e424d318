"""Addresses of PostgreSQL servers: the one parser for every setting that holds one, and the forms that the libraries want.

libpq itself reads the address, so that all who connect mean the same place. What it says of a wrong one can hold the password,
as can every part of one, and never leaves: a wrong address is told by the name of its setting and by what is wrong.
"""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from psycopg2.extensions import parse_dsn

from resources.loopback import is_loopback
from resources.servers.clear_lines import refuse_clear
from resources.servers.failures import AddressWrong

POSTGRESQL = "postgresql"
FOLDER = "dir"
DRIVER = "postgresql+psycopg2"  # SQLAlchemy 2.1 takes a bare postgresql:// for psycopg 3, which is not installed
# Where no account of the machine may read them: neither on a command line nor in a list of processes.
SECRET_OPTIONS = frozenset({"sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"})
_PLACE = ("user", "password", "host", "port", "dbname")
KEPT = ("require", "verify-ca", "verify-full")  # by which libpq goes on with no line in clear
BEST = "sslmode=verify-full và sslrootcert=<tệp chứng chỉ gốc>"

EMPTY = "để trống"
QUOTED = "có dấu nháy bao quanh, phải bỏ"
UNSEEN = "có dấu cách, xuống dòng hoặc ký tự không nhìn thấy ở giữa; trong mật khẩu viết dạng %XX"
NO_SCHEME = "không bắt đầu bằng postgresql://"
OTHER_DRIVER = "nêu trình điều khiển mà ansinh không có; viết postgresql:// hoặc postgresql+psycopg2://"
SPECIAL = "tài khoản hoặc mật khẩu có ký tự đặc biệt chưa viết dạng %XX (@ là %40, / là %2F, ? là %3F, # là %23)"
PERCENT = "có dấu % không đi cùng hai chữ số hex; dấu % trong mật khẩu viết %25"
NOT_TEXT = "có chuỗi %XX không phải chữ UTF-8"
BAD_PORT = "cổng không phải một số từ 1 đến 65535; hoặc mật khẩu có ký tự đặc biệt chưa viết dạng %XX"
BAD_HOST = "tên máy viết sai; tên có dấu viết dạng xn--, địa chỉ IPv6 đặt trong ngoặc vuông"
BAD_DATABASE = "tên cơ sở dữ liệu có dấu / chưa viết %2F"
NO_FOLDER = "viết dạng dir:///đường/dẫn/tuyệt/đối, không có tên máy"
NO_DATABASE = "thiếu tên cơ sở dữ liệu"
OTHERWISE = "sai mẫu"

_POSTGRESQL = re.compile(r"postgres(?:ql)?(?:\+(?P<driver>[^:]*))?://(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"[A-Za-z0-9._-]*")
_PORT = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True)
class Address:
    """A database and the way to it, in libpq's own parameters. Hosts and ports are lists joined by commas where there are several."""

    database: str | None
    host: str | None = None
    port: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """For SQLAlchemy, and for whoever is told a place by a setting."""
        return self._written(DRIVER, {})

    def libpq(self, more_options: Mapping[str, str] | None = None) -> str:
        """For ADBC and PostgreSQL's own commands. `more_options`: where the address says nothing of them."""
        return self._written(POSTGRESQL, more_options or {})

    @property
    def sslmode(self) -> str:
        return self._taken("sslmode") or "prefer"

    @property
    def may_be_clear(self) -> bool:
        """Whether what is said to this place may pass a network unencrypted. What a service file would tell is not known here."""
        hosts = (self._taken("hostaddr") or self.host or self._taken("host") or "").split(",")
        is_here = all(not host or host.startswith(("/", "@")) or is_loopback(host) for host in hosts)
        return self.sslmode not in KEPT and (self._is_by_service or not is_here)

    @property
    def _is_by_service(self) -> bool:
        return bool(self.options.get("service") or _environment("service"))

    def _taken(self, option: str) -> str | None:
        """What libpq takes for an option of which the address may say nothing."""
        return self.options.get(option) or (None if self._is_by_service else _environment(option))

    def _written(self, scheme: str, more_options: Mapping[str, str]) -> str:
        account = quote(self.user or "", safe="") + (f":{quote(self.password, safe='')}" if self.password else "")
        at = f"{account}@" if account else ""
        options = {**more_options, **self.options}
        place = ""
        if self.host and "," not in self.host and not self.host.startswith(("/", "@")) and "%" not in self.host:
            place = f"[{self.host}]" if ":" in self.host else self.host
            place += f":{self.port}" if self.port else ""
        else:  # no library takes sockets, zones and several hosts but as parameters
            options |= {name: told for name, told in (("host", self.host), ("port", self.port)) if told}
        path = f"/{quote(self.database, safe='')}" if self.database else ""
        query = "&".join(f"{name}={quote(told, safe='')}" for name, told in options.items())
        return f"{scheme}://{at}{place}{path}" + (f"?{query}" if query else "")


def _environment(option: str) -> str | None:
    """What libpq takes from the environment for an option."""
    return os.environ.get(f"PG{option.upper()}") or None


def cleaned(name: str, text: str) -> str:
    """An address of any kind as it was meant: without what an editor or a file puts around it. `name`: of its setting."""
    text = text.strip().strip("\ufeff").strip()
    if not text:
        raise AddressWrong(name=name, why=EMPTY)
    if text[0] in "\"'`" or text[-1] in "\"'`":
        raise AddressWrong(name=name, why=QUOTED)
    if any(c.isspace() or not c.isprintable() for c in text):
        raise AddressWrong(name=name, why=UNSEEN)
    return text


def kind_of(text: str) -> str:
    """Which kind of system an address leads to: its scheme, without a driver."""
    kind = text.partition(":")[0].partition("+")[0].lower()
    return POSTGRESQL if kind == "postgres" else kind


def parsed(name: str, text: str) -> Address:
    """The address that the setting `name` holds. Raises AddressWrong, and in production ClearLineRefused."""
    found = _named(name, text)
    if found.may_be_clear:
        refuse_clear(name, f"sslmode={found.sslmode}", BEST)
    return found


def _named(name: str, text: str) -> Address:
    try:
        return _parsed(cleaned(name, text))
    except Wrong as wrong:
        why = wrong.why
    raise AddressWrong(name=name, why=why)


def folder(name: str, text: str) -> Path:
    """The folder that an address names: `dir:///srv/inbox/children`. Raises AddressWrong."""
    parts = urlsplit(text)
    path = unquote(parts.path)
    if parts.netloc or parts.query or parts.fragment or not path.startswith("/") or path == "/" or "\0" in path:
        raise AddressWrong(name=name, why=NO_FOLDER)
    return Path(path)


def of(url: str) -> Address:
    """An address that a setting has given, or the embedded server."""
    return _named("đã cấu hình", url)


class Wrong(Exception):
    """What is wrong with an address. Its parser tells it by the setting's name."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


def split(rest: str) -> tuple[str, str, str]:
    """What stands behind `://`, of an address of any kind of database: the authority, the path and the query, as they are escaped."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    # A second @, or one behind the place of the hosts, can only be of a password: all that stands before it would be taken for
    # hosts, ports and databases, and told to the network and to the screen.
    if "#" in rest or rest.count("@") > 1 or "@" in rest[len(authority) :]:
        raise Wrong(SPECIAL)
    if re.search(r"%(?![0-9A-Fa-f]{2})", rest):
        raise Wrong(PERCENT)
    path, _, query = rest[len(authority) :].partition("?")
    if "/" in path[1:]:
        raise Wrong(BAD_DATABASE)
    return authority, path, query


def _parsed(text: str) -> Address:
    found = _POSTGRESQL.fullmatch(text)
    if found is None:
        raise Wrong(NO_SCHEME)
    if (found["driver"] or "psycopg2").lower() != "psycopg2":
        raise Wrong(OTHER_DRIVER)
    authority, path, query = split(found["rest"])
    place = _by_libpq(f"{authority}{path}")
    options: dict[str, str] = {}
    for number, item in enumerate(query.split("&") if query else (), start=1):
        try:
            ((option, told),) = _by_libpq(f"?{item}").items()
        except (Wrong, ValueError):  # neither is the name told: what follows a ? that was not escaped is of a password
            raise Wrong(f"tham số thứ {number} sau dấu ? không phải tham số kết nối của PostgreSQL") from None
        if option in SECRET_OPTIONS:
            raise Wrong(f"{option} là bí mật, không nhận ở địa chỉ; để trong tệp dịch vụ (service=)")
        of_place = option in _PLACE
        if option in (place if of_place else options):
            raise Wrong(f"{option} được nêu hai lần")
        (place if of_place else options)[option] = told
    _check_place(place)
    if not place.get("dbname") and "service" not in options:
        raise Wrong(NO_DATABASE)
    return Address(
        place.get("dbname") or None, place.get("host"), place.get("port"), place.get("user"), place.get("password"), options
    )


def _by_libpq(rest: str) -> dict[str, str]:
    try:
        return {name: told for name, told in parse_dsn(f"{POSTGRESQL}://{rest}").items() if told}
    except UnicodeDecodeError:
        why = NOT_TEXT
    except Exception:  # its text quotes what it could not read
        why = OTHERWISE
    raise Wrong(why)


def _check_place(place: Mapping[str, str]) -> None:
    hosts, ports = place.get("host", "").split(","), place.get("port", "").split(",")
    if any(port and not is_port(port) for port in ports):
        raise Wrong(BAD_PORT)
    if len(ports) not in (1, len(hosts)):
        raise Wrong("số cổng khác số máy")
    if not all(is_host(host) for host in hosts):
        raise Wrong(BAD_HOST)


def is_port(text: str) -> bool:
    return bool(_PORT.fullmatch(text)) and 0 < int(text) < 65536


def is_host(host: str) -> bool:
    """Whether a text may be the name or number of a machine, or the place of a socket."""
    if host.startswith(("/", "@")):  # the folder of a socket, or an abstract one
        return True
    if ":" not in host:
        return bool(_HOST.fullmatch(host))
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True
