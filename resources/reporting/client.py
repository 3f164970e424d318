"""The client of the national reporting system: one call for each packet that is sent or asked for, over HTTP.

Every answer leaves as a typed failure or as a receipt; nothing is retried here beyond short trouble of one call, and a
packet may be sent again at will because its transaction id makes the second sending give the first's receipt. What comes
back is bounded in size and time before it is read. No secret and no body of an answer goes into a message. What a packet
says is made elsewhere.
"""

import base64
import datetime as dt
import json
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.auth import AuthBase

from resources.failures import Failure, is_transient
from resources.reporting.failures import (
    GatewayBusy,
    GatewayEndless,
    GatewayFailed,
    GatewayGarbled,
    GatewayLoginRefused,
    GatewayNotThere,
    GatewayPage,
    GatewayRightMissing,
    GatewayUnreachable,
    GatewayUnsafe,
    PacketRefused,
    ReceiptForeign,
    StateNotTold,
)
from resources.settings import Settings, read
from schemas.reports.packet import canonical

TIMEOUT = (5.0, 60.0)  # without one, requests waits for ever
TRIES = 3  # of one call; what does not pass by then is left to the outbox
FIRST_PAUSE = 0.3  # seconds, doubling
RETRY_AFTER_CEILING = 20  # seconds that one call waits because it was asked to; a longer wait is left to the outbox
RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})
REFUSALS = frozenset({200, 400, 409, 413, 422})  # with a code: the gateway read what it was sent and says no
RENEW_BEFORE = 30.0  # seconds before its end at which a token is renewed
LARGEST_ANSWER = 8 * 1024 * 1024
LONGEST_ANSWER = 120.0  # seconds from the first byte of a body to its last
PIECE = 64 * 1024
LONGEST_REASON = 400
LONGEST_NAME = 200
REASONS_KEPT = 20


@dataclass(frozen=True)
class Receipt:
    """What the receiver answered for good: its number, its time, the hash of what it holds, the state it gave it."""

    transaction_id: str
    number: str
    at: str
    content_hash: str
    state: str


@dataclass(frozen=True)
class State:
    """The status packet of a submission: what became of it at the receiver, and why it came back."""

    receipt: Receipt
    reason: str | None


@dataclass(frozen=True)
class _Answer:
    """An HTTP answer as it came, read to its end."""

    status: int
    kind: str
    retry_after: str
    body: bytes

    @property
    def wait(self) -> dt.timedelta | None:
        """The wait that was asked for in seconds; a date is left to the outbox's own delay."""
        asked = self.retry_after
        return dt.timedelta(seconds=int(asked)) if asked.isascii() and asked.isdecimal() and len(asked) < 8 else None


@dataclass(frozen=True)
class _Said:
    """What an answer in the form of the contract says: a result, or a code and reasons."""

    status: int
    code: str
    result: Any
    reasons: tuple[str, ...]
    is_success: bool

    @property
    def refusal(self) -> dict[str, Any]:
        """What a failure tells of it."""
        why = f": {'; '.join(self.reasons)}" if self.reasons else ""
        return {"status": self.status, "code": self.code, "why": why, "reasons": self.reasons}


class _Bearer(AuthBase):
    """Sets both headers itself: without an auth of its own, requests takes one from a .netrc it finds."""

    def __init__(self, partner: str, token: str | None) -> None:
        self._partner, self._token = partner, token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:  # ty: ignore[lost-keyword-for-regular-parameter]
        request.headers["lgspaccesstoken"] = self._partner
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@dataclass
class NationalReporting:
    """One connection to the reporting gateway. `success_code` is per gateway: some say "0", some "1", some "00"."""

    url: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    application: str = "ansinh"
    partner_code: str = "H41.21"
    success_code: str = "00"
    timeout: tuple[float, float] = TIMEOUT
    longest_answer: float = LONGEST_ANSWER
    _token: str | None = field(default=None, repr=False, init=False)
    _token_until: float = field(default=0.0, repr=False, init=False)

    def submit(self, packet: dict[str, Any]) -> Receipt:
        """Send a packet and give its receipt. Sending it again gives the same, or a refusal because it is there already."""
        what = f"Gửi biểu {packet['ma_bieu_mau']} kỳ {packet['ky_bao_cao']} lần {packet['lan_gui']} đến hệ thống báo cáo quốc gia"
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "SENDER_CODE": packet["don_vi_gui"],
            "RECEIVER_CODE": packet["don_vi_nhan"],
            "TRAN_CODE": packet["ma_giao_dich"],
        }
        said = self.call(what, "POST", "/bao-cao", canonical(packet), headers)
        if not said.is_success:
            raise PacketRefused(what=what, expected=self.success_code, **said.refusal)
        return self._receipt(what, said.result, packet)

    def state(self, packet: dict[str, Any]) -> State | None:
        """What became of a packet at the receiver, by its own id; None: the receiver does not know it."""
        what = f"Hỏi trạng thái của lần gửi {packet['ma_giao_dich']}"
        said = self.call(what, "GET", f"/bao-cao/{packet['ma_giao_dich']}", None, {})
        if said.status == 404:
            return None
        if not said.is_success:
            # Any other error does not say that it is not there: a refusal must not be taken for a return because of it.
            raise StateNotTold(what=what, expected=self.success_code, **said.refusal)
        receipt = self._receipt(what, said.result, packet)
        return State(receipt, self._without_secrets(_plain(said.result.get("ly_do"))) or None)

    def call(self, what: str, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> _Said:
        """What the gateway says to a request; whatever is not in the form of the contract leaves as a failure of its type."""
        answer = self._send(what, method, path, body, headers, self._valid_token())
        if answer.status == 401:
            # The token ran out, or the gateway was started anew and no longer knows it: once more with a new one.
            self._token = None
            answer = self._send(what, method, path, body, headers, self._valid_token())
        if answer.status == 401:
            raise GatewayLoginRefused(what=what, status=answer.status)
        if answer.status == 403:
            raise GatewayRightMissing(what=what, status=answer.status)
        if (answer.status in (404, 405, 410) and "json" not in answer.kind) or 300 <= answer.status < 400:
            raise GatewayNotThere(what=what, status=answer.status)
        content = _read(what, answer)
        code = _code(content)
        if answer.status == 200 and code == self.success_code:
            return _Said(answer.status, self.success_code, content.get("result"), (), is_success=True)
        reasons = tuple(self._without_secrets(line) for line in _reasons(content))
        # A 404 is an answer to a question. To a packet it is none: an address that is wrong would send back every report.
        if code is not None and (answer.status in REFUSALS or (answer.status == 404 and method == "GET")):
            return _Said(answer.status, code, None, reasons, is_success=False)
        raise _by_status(what, answer, reasons)

    def _receipt(self, what: str, result: Any, packet: dict[str, Any]) -> Receipt:
        """The receipt inside a result. Raises ReceiptForeign where it is not of this packet."""
        names = ("ma_giao_dich", "so_tiep_nhan", "thoi_diem", "bam_noi_dung", "trang_thai")
        if not isinstance(result, dict) or not all(_is_name(result.get(n)) for n in names):
            raise GatewayGarbled(what=what, status=200, how=f"báo thành công nhưng thiếu biên nhận, cần {', '.join(names)}")
        receipt = Receipt(*(result[n] for n in names))
        if (receipt.transaction_id, receipt.content_hash) != (packet["ma_giao_dich"], packet["bam_noi_dung"]):
            raise ReceiptForeign(what=what)
        return receipt

    def _without_secrets(self, line: str) -> str:
        """A gateway that repeats what it was sent must not put it into our records."""
        for secret in (self.client_secret, self._partner, self._token):
            if secret:
                line = line.replace(secret, "***")
        return line[:LONGEST_REASON]

    def _valid_token(self) -> str:
        if self._token is not None and time.monotonic() < self._token_until:
            return self._token
        what = "Xin token của hệ thống báo cáo quốc gia"
        body = b"grant_type=client_credentials"
        answer = self._send(what, "POST", "/token", body, {"Content-Type": "application/x-www-form-urlencoded"}, None)
        if answer.status in (400, 401, 403):
            raise GatewayLoginRefused(what=what, status=answer.status)
        if answer.status != 200:
            raise _by_status(what, answer)
        content = _read(what, answer)
        token = content.get("access_token") if isinstance(content, dict) else None
        if not isinstance(token, str) or not token:
            raise GatewayGarbled(what=what, status=answer.status, how="không có access_token")
        try:
            seconds = float(content.get("expires_in") or 0)  # numbers come as strings from some gateways
        except (TypeError, ValueError):
            seconds = 0.0
        self._token, self._token_until = token, time.monotonic() + max(seconds - RENEW_BEFORE, seconds / 2)
        return token

    def _send(self, what: str, method: str, path: str, body: bytes | None, headers: dict[str, str], token: str | None) -> _Answer:
        """One request, tried again over short trouble: a POST too, since its transaction id makes it safe."""
        pause = FIRST_PAUSE
        for left in reversed(range(TRIES)):
            try:
                answer = self._exchange(what, method, path, body, headers, token)
            except (requests.exceptions.SSLError, requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
                raise GatewayUnsafe(what=what, kind=type(error).__name__) from None
            except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
                if not left or isinstance(error, requests.exceptions.ReadTimeout | urllib3.exceptions.ReadTimeoutError):
                    # The library's text holds the whole address; only its kind leaves.
                    connect, answering = self.timeout
                    raise GatewayUnreachable(what=what, kind=type(error).__name__, connect=connect, read=answering) from None
            else:
                asked = answer.wait.total_seconds() if answer.wait else 0.0
                too_long = asked > RETRY_AFTER_CEILING or bool(answer.retry_after and not answer.wait)
                if not left or answer.status not in RETRIED_STATUSES or too_long:
                    return answer  # whoever asks for a longer wait is not to be knocked at before
                pause = max(pause, asked)
            time.sleep(pause)
            pause *= 2
        raise AssertionError("the last try returns or raises")

    def _exchange(
        self, what: str, method: str, path: str, body: bytes | None, headers: dict[str, str], token: str | None
    ) -> _Answer:
        # Redirects are not followed: the partner's header would go along to another host. The answer is not asked for packed:
        # a small one could then unpack to any size.
        with self._session.request(
            method,
            f"{self.url}{path}",
            data=body,
            headers=headers | {"Accept-Encoding": "identity"},
            auth=_Bearer(self._partner, token),
            timeout=self.timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            return _Answer(
                response.status_code,
                response.headers.get("Content-Type", "").lower(),
                response.headers.get("Retry-After", "").strip(),
                self._body(what, response),
            )

    def _body(self, what: str, response: requests.Response) -> bytes:
        """The body as it comes in, up to a size and a time: the time-out of a socket is that of one piece."""
        body, ends = bytearray(), time.monotonic() + self.longest_answer
        while piece := response.raw.read1(PIECE, decode_content=False):
            body += piece
            if len(body) > LARGEST_ANSWER or time.monotonic() > ends:
                raise GatewayEndless(what=what, bytes=LARGEST_ANSWER, seconds=self.longest_answer, status=response.status_code)
        return bytes(body)

    @cached_property
    def _partner(self) -> str:
        partner = {
            "AccessKey": self.client_id,
            "SecretKey": self.client_secret,
            "AppName": self.application,
            "PartnerCode": self.partner_code,
            "PartnerCodeCus": self.partner_code,
        }
        return base64.b64encode(json.dumps(partner).encode()).decode("ascii")

    @cached_property
    def _session(self) -> requests.Session:
        session = requests.Session()
        # A proxy set for the internet would swallow calls to this machine; for other hosts the environment's CA bundle counts.
        session.trust_env = (urlsplit(self.url).hostname or "") not in ("127.0.0.1", "localhost", "::1")
        return session


def client(settings: Settings) -> NationalReporting | None:
    """The configured client; None where the gateway is not configured: reports then wait in the outbox."""
    url, credentials = settings.reporting_url(), settings.reporting_credentials()
    if url is None or credentials is None:
        return None
    return NationalReporting(url, *credentials, success_code=read("NATIONAL_REPORTING_SUCCESS_CODE") or "00")


def _read(what: str, answer: _Answer) -> Any:
    """The JSON of an answer: a byte order mark is forgiven, a page instead of JSON is named for what it is."""
    text = answer.body.decode("utf-8-sig", "replace").strip()
    is_page = text.startswith("<") or "html" in answer.kind
    try:
        if not is_page:
            return json.loads(text)
    except (ValueError, RecursionError):  # the latter: nested deeper than anything the contract knows
        pass
    if answer.status >= 400 and not is_transient(answer.status):
        raise _by_status(what, answer)
    if is_page:
        raise GatewayPage(what=what, status=answer.status, retry_after=answer.wait)
    how = f"không phải JSON trọn vẹn, {len(answer.body)} byte"
    raise GatewayGarbled(what=what, status=answer.status, how=how, retry_after=answer.wait)


def _by_status(what: str, answer: _Answer, reasons: tuple[str, ...] = ()) -> Failure:
    if is_transient(answer.status):
        return GatewayBusy(what=what, status=answer.status, reasons=reasons, retry_after=answer.wait)
    why = f": {'; '.join(reasons)}" if reasons else ""
    return GatewayFailed(what=what, status=answer.status, why=why, reasons=reasons, retry_after=answer.wait)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isprintable()


def _plain(value: Any) -> str:
    """A word or number of the other side as one line, without the characters that a terminal would obey."""
    if not isinstance(value, str | int | float):
        return ""
    text = str(value)[: 4 * LONGEST_REASON]
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _code(content: Any) -> str | None:
    """The code of an answer in the form of the contract: some gateways send a number."""
    code = content.get("error_code") if isinstance(content, dict) else None
    return _plain(code)[:20] if isinstance(code, str | int) else None


def _reasons(content: Any) -> list[str]:
    """What the receiver says is wrong, as lines; `null` also comes as the word."""
    if not isinstance(content, dict):
        return []
    error = content.get("error")
    lines = []
    for item in (error if isinstance(error, list) else [error])[:REASONS_KEPT]:
        parts = [_plain(item.get(n)) for n in ("duong_dan", "noi_dung")] if isinstance(item, dict) else [_plain(item)]
        lines.append(": ".join(part for part in parts if part))
    told = [line for line in lines if line not in ("", "null")]
    return told or [line for line in [_plain(content.get("message"))] if line not in ("", "null")]
