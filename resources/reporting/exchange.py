"""One exchange over HTTP with a side that may do anything: bounded as a whole in time and in size.

The time-out of a socket is that of one piece, and starts anew with each byte: of a byte every two seconds it never ends. So the
exchange runs in a thread of its own, from the look-up of the name to the last byte, and whoever waits for it gives up at one
moment and shuts the socket, by which the thread ends too.

The request goes to the adapter of requests without a session. It is the session that reads a .netrc and the environment, keeps
cookies, and reads an answer with a Location to its end and unpacked, even where it may not follow.
"""

import base64
import http.client
import logging
import os
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection

from resources.loopback import is_loopback
from resources.reporting.address import Address, read_address
from resources.reporting.failures import GatewayAddressWrong, GatewayUnsafe

LARGEST_ANSWER = 2 * 1024 * 1024  # of the body; the library bounds the headers at 100 lines of 64 kB
PIECE = 64 * 1024

# It warns of headers that it cannot read by quoting them: what a stranger says, or our secret said back, would stand in the log.
logging.getLogger("urllib3").setLevel(logging.ERROR)


class AnswerEndless(Exception):
    """The answer was larger than allowed, or had not ended in its time."""


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
    kind: str
    retry_after: str
    body: bytes


def exchange(what: str, address: Address, request: Request, timeout: tuple[float, float], seconds: float) -> Answer:
    """Ask once. `timeout`: of connecting, and of silence; `seconds`: of the whole.

    Raises GatewayUnsafe, GatewayAddressWrong, AnswerEndless, AnswerGarbled and NoAnswer.
    """
    going = _Exchange(what, address, request, timeout)
    # Of a daemon nobody waits at the end of the process: a look-up of a name cannot be ended.
    thread = threading.Thread(target=going.run, name="ansinh gateway", daemon=True)
    thread.start()
    try:
        thread.join(max(seconds, 0))
    finally:
        outcome = going.end()
    if outcome is None:
        raise AnswerEndless if going.is_connected else NoAnswerInTime("TimeoutError")
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


class _Exchange:
    def __init__(self, what: str, address: Address, request: Request, timeout: tuple[float, float]) -> None:
        self._what, self._address, self._request, self._timeout = what, address, request, timeout
        self.silence = timeout[1]
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
            raise GatewayUnsafe(what=self._what, kind="không mã hóa đến một máy khác")
        self.is_connected = True

    def refused(self, error: ssl.SSLError) -> GatewayUnsafe:
        return GatewayUnsafe(what=self._what, kind=type(error).__name__)

    def _answer(self) -> Answer:
        asked, place = self._request, self._address
        url = f"{'https' if place.is_encrypted else 'http'}://{_written(place)}{place.path}{asked.path}"
        request = requests.Request(asked.method, url, dict(asked.headers), data=asked.body).prepare()
        with self._pool(url) as pool, _Adapter(pool).send(request, stream=True, timeout=self._timeout) as response:
            return Answer(
                response.status_code,
                response.headers.get("Content-Type", "").lower(),
                response.headers.get("Retry-After", "").strip(),
                _body(response),
            )

    def _pool(self, url: str) -> urllib3.HTTPConnectionPool:
        # The certificates of the machine: a province that has its own authority has installed it there.
        trust: dict[str, Any] = {"ssl_context": ssl.create_default_context()} if self._address.is_encrypted else {}
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
            return GatewayUnsafe(what=self._what, kind=kind)  # the libraries cannot read what the address was taken for
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


def _body(response: requests.Response) -> bytes:
    body = bytearray()
    while piece := response.raw.read1(PIECE, decode_content=False):
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise AnswerEndless
    return bytes(body)


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
        raise GatewayAddressWrong(setting="HTTPS_PROXY", wrong="không bắt đầu bằng http://")
    login, _, place = rest.rpartition("@")
    where = read_address(f"https://{place}", "HTTPS_PROXY")  # it sees where a road leads, and nothing of what goes there
    # The library would write a login in Latin letters alone, and keep it in what it says of the address.
    told = base64.b64encode(unquote_to_bytes(os.fsencode(login))).decode()
    return where, {"Proxy-Authorization": f"Basic {told}"} if login else {}
