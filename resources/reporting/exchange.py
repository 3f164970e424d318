"""One exchange over HTTP with a side that may do anything: bounded as a whole in time and in size.

The time-out of a socket is that of one piece, and starts anew with each byte: of a byte every two seconds it never ends. So the
exchange runs in a thread of its own, from the look-up of the name to the last byte, and whoever waits for it gives up at one
moment and shuts the socket, by which the thread ends too. Nothing is followed, unpacked, kept or taken from a .netrc.
"""

import base64
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote
from urllib.request import getproxies, proxy_bypass

from resources.reporting.address import Address, is_loopback, read_address
from resources.reporting.failures import GatewayAddressWrong, GatewayUnsafe

LARGEST_ANSWER = 2 * 1024 * 1024  # of the body; the library bounds the headers at 100 lines of 64 kB
PIECE = 64 * 1024


class AnswerEndless(Exception):
    """The answer was larger than allowed, or had not ended in its time."""


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

    Raises GatewayUnsafe, AnswerEndless, TimeoutError where nobody was reached, and OSError and HTTPException of the libraries.
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
        raise AnswerEndless if going.is_connected else TimeoutError
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


class _Exchange:
    def __init__(self, what: str, address: Address, request: Request, timeout: tuple[float, float]) -> None:
        self._what, self._address, self._request, self._timeout = what, address, request, timeout
        self._lock = threading.Lock()
        self._opening: http.client.HTTPConnection | None = None
        self._socket: socket.socket | None = None
        self._is_over = False
        self._outcome: Answer | BaseException | None = None

    @property
    def is_connected(self) -> bool:
        return self._socket is not None

    def run(self) -> None:
        try:
            outcome: Answer | BaseException = self._answer()
        except BaseException as error:  # it is raised where the answer is waited for
            outcome = error
        with self._lock:
            if not self._is_over:
                self._outcome = outcome

    def end(self) -> Answer | BaseException | None:
        """What came of it by now; None: nothing yet, and nothing will."""
        with self._lock:
            self._is_over = True
            taken = self._socket or (self._opening.sock if self._opening else None)
            if taken is not None:
                with suppress(OSError):  # the thread may have closed it
                    taken.shutdown(socket.SHUT_RDWR)
            return self._outcome

    def _answer(self) -> Answer:
        connection = self._opening = self._connection()
        try:
            self._connect(connection)
            asked = self._request
            connection.request(asked.method, f"{self._address.path}{asked.path}", asked.body, dict(asked.headers))
            with connection.getresponse() as response:
                return Answer(
                    response.status,
                    (response.getheader("Content-Type") or "").lower(),
                    (response.getheader("Retry-After") or "").strip(),
                    _body(response),
                )
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        place, (connecting, _) = self._address, self._timeout
        if not place.is_encrypted:
            return http.client.HTTPConnection(place.host, place.port, timeout=connecting)
        trusted = ssl.create_default_context()
        proxy = _proxy(place.host)
        if proxy is None:
            return http.client.HTTPSConnection(place.host, place.port, timeout=connecting, context=trusted)
        where, headers = proxy
        connection = http.client.HTTPSConnection(where.host, where.port, timeout=connecting, context=trusted)
        connection.set_tunnel(place.host, place.port, headers)
        return connection

    def _connect(self, connection: http.client.HTTPConnection) -> None:
        try:
            connection.connect()
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            raise  # it was cut, as any line may be
        except ssl.SSLError as error:
            raise GatewayUnsafe(what=self._what, kind=type(error).__name__) from None
        with self._lock:
            self._socket = connection.sock
            if self._is_over:
                raise TimeoutError
        # A name of this machine can be made to lead elsewhere: what is not encrypted leaves only once it is seen where to.
        if not self._address.is_encrypted and not is_loopback(connection.sock.getpeername()[0]):
            raise GatewayUnsafe(what=self._what, kind="không mã hóa đến một máy khác")
        connection.sock.settimeout(self._timeout[1])


def _body(response: http.client.HTTPResponse) -> bytes:
    body = bytearray()
    while piece := response.read1(PIECE):
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise AnswerEndless
    return bytes(body)


def _proxy(host: str) -> tuple[Address, dict[str, str]] | None:
    """The way out that the environment names (HTTPS_PROXY, NO_PROXY) for another machine, and what it asks for of us."""
    named = getproxies()
    url = named.get("https") or named.get("all")
    if not url or is_loopback(host) or proxy_bypass(host):
        return None
    scheme, _, rest = url.rpartition("://")
    if scheme not in ("", "http"):
        raise GatewayAddressWrong(setting="HTTPS_PROXY", wrong="không bắt đầu bằng http://")
    login, _, place = rest.rpartition("@")
    where = read_address(f"https://{place}", "HTTPS_PROXY")  # it sees where a road leads, and nothing of what goes there
    headers = {"Proxy-Authorization": "Basic " + base64.b64encode(unquote(login).encode()).decode()} if login else {}
    return where, headers
