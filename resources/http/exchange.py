"""One exchange over HTTP with a side that may do anything: bounded as a whole in time and in size.

The time-out of a socket is that of one piece, and starts anew with each byte: of a byte every two seconds it never ends. So the
exchange runs in a thread of its own, from the look-up of the name to the last byte, and whoever waits for it gives up at one
moment and shuts the socket, by which the thread ends too.

The request goes to the adapter of requests without a session. It is the session that reads a .netrc and the environment, keeps
cookies, and reads an answer with a Location to its end and unpacked, even where it may not follow.
"""

import base64
import datetime as dt
import http.client
import logging
import os
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote_to_bytes

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection

from resources.http.address import Address, AddressWrong, read_address
from resources.loopback import is_loopback

PIECE = 64 * 1024
THREAD = "ansinh exchange"
LONGEST_DATE = 64  # characters; an HTTP date has 29

# It warns of headers that it cannot read by quoting them: what a stranger says, or our secret said back, would stand in the log.
# Each of its own too: another library's client (the cluster's) sets the level of the one above all of them to its liking.
for _name in ("", ".connection", ".connectionpool", ".poolmanager", ".response", ".util.retry"):
    logging.getLogger(f"urllib3{_name}").setLevel(logging.ERROR)


class AnswerEndless(Exception):
    """The answer was larger than allowed, or had not ended in its time."""


class AnswerTooLarge(AnswerEndless):
    """It was the size."""


class LineUnsafe(Exception):
    """The line may not be trusted with a secret. The text is the kind of error alone, or what is wrong in words."""


class AnswerGarbled(Exception):
    """What came is not HTTP. The text is the kind of error alone."""


class NoAnswer(Exception):
    """Nobody was reached, or the line was cut. The text is the kind of error alone."""


class NoAnswerInTime(NoAnswer):
    """Waiting was all that could be done, and was done."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer as it came, read to its end."""

    status: int
    headers: Mapping[str, str] = field(repr=False)  # by their names in any letters
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        return (self.headers.get(name) or "").strip()

    @property
    def kind(self) -> str:
        return self.header("Content-Type").lower()

    @property
    def is_page(self) -> bool:
        """Whether it is a page for people, whatever its status says."""
        return self.body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") or "html" in self.kind

    @property
    def date(self) -> dt.datetime | None:
        """The clock of the other side."""
        return _instant(self.header("Date"))

    @property
    def retry_after(self) -> str:
        return self.header("Retry-After")

    @property
    def asked_wait(self) -> dt.timedelta | None:
        """The wait that was asked for, in seconds or until an instant; None where it cannot be read."""
        asked = self.retry_after
        if asked.isascii() and asked.isdecimal() and len(asked) < 8:
            return dt.timedelta(seconds=int(asked))
        until = _instant(asked)
        return None if until is None else max(until - (self.date or dt.datetime.now(dt.UTC)), dt.timedelta(0))


@dataclass(frozen=True)
class Bounds:
    """Seconds of connecting, of silence, and of the whole; bytes of the body. The library bounds the headers, at 100 lines of 64 kB."""

    connecting: float
    silence: float
    whole: float
    largest: int


def why_no_authorities(path: str) -> str | None:
    """The kind of error by which nobody can be vouched for by the certificates of a file; None where they can."""
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError) as error:
        return type(error).__name__
    return None


def exchange(address: Address, request: Request, bounds: Bounds, authorities: str | None = None) -> Answer:
    """Ask once. `authorities`: the file of those that are trusted, instead of the machine's own.

    Raises LineUnsafe, AddressWrong, AnswerEndless, AnswerGarbled and NoAnswer.
    """
    going = _Exchange(address, request, bounds, authorities)
    # A daemon thread, for which the end of the process does not wait: a look-up of a name cannot be ended.
    thread = threading.Thread(target=going.run, name=THREAD, daemon=True)
    thread.start()
    try:
        thread.join(max(bounds.whole, 0))
    finally:
        outcome = going.end()
    if outcome is None:
        raise AnswerEndless if going.is_connected else NoAnswerInTime("TimeoutError")
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


class _Exchange:
    def __init__(self, address: Address, request: Request, bounds: Bounds, authorities: str | None) -> None:
        self._address, self._request, self._bounds, self._authorities = address, request, bounds, authorities
        self.silence = bounds.silence
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_over = False
        self._outcome: Answer | BaseException | None = None
        self.is_connected = False

    def run(self) -> None:
        try:
            outcome: Answer | BaseException = self._answer()
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, http.client.HTTPException) as error:
            outcome = self._told(error)
        except BaseException as error:  # it is raised where the answer is waited for
            outcome = error
        with self._lock:
            if self._socket is not None:
                self._socket.close()
            if not self._is_over:
                self._outcome = outcome

    def end(self) -> Answer | BaseException | None:
        """What came of it by now; None: nothing yet, and nothing will."""
        with self._lock:
            self._is_over = True
            if self._socket is not None:
                with suppress(OSError):  # the other side, or the thread, was faster
                    self._socket.shutdown(socket.SHUT_RDWR)
            return self._outcome

    def opened(self, line: socket.socket) -> None:
        """Take hold of a line before anything goes through it: of a copy, since TLS takes the line itself out of its object."""
        with self._lock:
            if self._is_over:
                raise TimeoutError
            self._socket = line.dup()

    def connected(self, line: socket.socket) -> None:
        # A name of this machine can be made to lead elsewhere: what is not encrypted leaves only once it is seen where to.
        if not self._address.is_encrypted and not is_loopback(line.getpeername()[0]):
            raise LineUnsafe("không mã hóa đến một máy khác")
        self.is_connected = True

    def refused(self, error: ssl.SSLError) -> LineUnsafe:
        return LineUnsafe(type(error).__name__)

    def _answer(self) -> Answer:
        asked, place = self._request, self._address
        url = f"{'https' if place.is_encrypted else 'http'}://{_written(place)}{place.path}{asked.path}"
        request = requests.Request(asked.method, url, dict(asked.headers), data=asked.body).prepare()
        timeout = self._bounds.connecting, self._bounds.silence
        with self._pool(url) as pool, _Adapter(pool).send(request, stream=True, timeout=timeout) as response:
            return Answer(response.status_code, response.headers, _body(response, self._bounds.largest))

    def _pool(self, url: str) -> urllib3.HTTPConnectionPool:
        # The certificates of the machine: a province that has its own authority has installed it there.
        trust: dict[str, Any] = {}
        if self._address.is_encrypted:
            trust["ssl_context"] = ssl.create_default_context(cafile=self._authorities)
        proxy = _proxy(self._address, url)
        if proxy is None:
            manager = urllib3.PoolManager(**trust)
        else:
            where, headers = proxy
            manager = urllib3.ProxyManager(f"http://{_written(where)}", proxy_headers=headers, **trust)
        pool = manager.connection_from_url(url)
        pool.ConnectionCls = type("Watched", (_Watched, pool.ConnectionCls), {"going": self})
        return pool

    def _told(self, error: BaseException) -> Exception:
        """What the libraries met, by its kind: their texts hold the address, or what was said."""
        beneath, met = None, error
        while met is not None:
            if isinstance(met, OSError | http.client.HTTPException) and not isinstance(met, requests.RequestException):
                beneath = met
            met = met.__cause__ or met.__context__
        kind = type(beneath or error).__name__
        if beneath is None and not self.is_connected:
            return LineUnsafe(kind)  # the libraries cannot read what the address was taken for
        if isinstance(beneath, TimeoutError):
            return NoAnswerInTime(kind)
        return NoAnswer(kind) if isinstance(beneath, OSError) else AnswerGarbled(kind)


class _Watched(HTTPConnection):
    """A connection, encrypted or not, direct or through a proxy, that tells its exchange how far it is."""

    going: _Exchange

    def _new_conn(self) -> socket.socket:  # connect() would be too late: within it a proxy answers, and TLS is agreed on
        line = super()._new_conn()
        self.going.opened(line)
        return line

    def connect(self) -> None:
        try:
            super().connect()
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            raise  # it was cut, as any line may be
        except ssl.SSLError as error:
            raise self.going.refused(error) from None
        assert self.sock is not None
        self.going.connected(self.sock)
        self.timeout = self.going.silence  # else what is sent would be bounded as connecting is
        self.sock.settimeout(self.timeout)


class _Adapter(HTTPAdapter):
    """Sends through the pool it is given."""

    def __init__(self, pool: urllib3.HTTPConnectionPool) -> None:
        super().__init__()
        self._pool = pool

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> urllib3.HTTPConnectionPool:
        return self._pool

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """The pool knows whom to trust: the library would add its own list."""

    def build_response(self, req: requests.PreparedRequest, resp: urllib3.BaseHTTPResponse) -> requests.Response:
        """The answer without its cookies: nothing wants them, and a stranger can make the reading of them seconds of work."""
        response = requests.Response()
        response.status_code, response.headers, response.raw = resp.status, CaseInsensitiveDict(resp.headers), resp
        return response


def _body(response: requests.Response, largest: int) -> bytes:
    body = bytearray()
    while piece := response.raw.read1(PIECE, decode_content=False):
        body += piece
        if len(body) > largest:
            raise AnswerTooLarge
    return bytes(body)


def _instant(told: str) -> dt.datetime | None:
    """An HTTP date; None: it is none."""
    try:
        found = parsedate_to_datetime(told[:LONGEST_DATE])
        return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _written(place: Address) -> str:
    return f"[{place.host}]:{place.port}" if ":" in place.host else f"{place.host}:{place.port}"


def _proxy(address: Address, url: str) -> tuple[Address, dict[str, str]] | None:
    """The way out that the environment names (HTTPS_PROXY, NO_PROXY) for another machine, and what it asks for of us."""
    if address.is_here:
        return None
    named = get_environ_proxies(url)
    way = named.get("https") or named.get("all")
    if not way:
        return None
    scheme, _, rest = way.rpartition("://")
    if scheme not in ("", "http"):
        raise AddressWrong("HTTPS_PROXY", "không bắt đầu bằng http://")
    login, _, place = rest.rpartition("@")
    where = read_address(f"https://{place}", "HTTPS_PROXY")  # it sees where a road leads, and nothing of what goes there
    # The library would write a login in Latin letters alone, and keep it in what it says of the address.
    told = base64.b64encode(unquote_to_bytes(os.fsencode(login))).decode()
    return where, {"Proxy-Authorization": f"Basic {told}"} if login else {}
