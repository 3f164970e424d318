"""The client of the national reporting system: one call for each packet that is sent or asked for, over HTTP.

Every answer leaves as a typed failure or as a receipt; nothing is retried here beyond short trouble of one call, and a
packet may be sent again at will because its transaction id makes the second sending give the first's receipt. An exchange is
bounded in resources/http/exchange.py, and what it says made safe in said.py there. No secret and no body of an answer goes into a message. What a
packet says is made elsewhere.
"""

import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from resources.clock import Clock
from resources.environment import read
from resources.failing import Failure, is_transient
from resources.http import partner, said
from resources.http.address import Address, AddressWrong
from resources.http.exchange import (
    Answer,
    AnswerEndless,
    AnswerGarbled,
    Bounds,
    LineUnsafe,
    NoAnswer,
    NoAnswerInTime,
    Request,
    exchange,
)
from resources.reporting.address import read_address
from resources.reporting.failures import (
    GatewayAddressWrong,
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
    StandingForeign,
    StateNotTold,
)
from resources.reporting.held import CHAIN, LARGEST_PACKET, Held, is_ours, standing_id
from resources.reporting.parties import party
from resources.settings import DEMO_PARTNER, Settings
from schemas.reports.packet import canonical

TIMEOUT = (5.0, 60.0)  # seconds: of connecting, and of silence
LARGEST_ANSWER = 2 * 1024 * 1024
LONGEST_ANSWER = 120.0  # seconds, from the look-up of the name to the last byte
LONGEST_CALL = 180.0  # seconds, with its token, its tries and the pauses between them
TRIES = 3  # of one call; what does not pass by then is left to the outbox
FIRST_PAUSE = 0.3  # seconds, doubling
RETRY_AFTER_CEILING = 20  # seconds that one call waits because it was asked to; a longer wait is left to the outbox
RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})
REFUSALS = frozenset({200, 400, 409, 413, 422})  # with a code: the gateway read what it was sent and says no
STANDING = ("da_tiep_nhan", "da_phe_duyet")  # states of a submission that another has to name
RENEW_BEFORE = 30.0  # seconds before its end at which a token is renewed


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


@dataclass
class NationalReporting:
    """One connection to the reporting gateway. `success_code` is per gateway: some say "0", some "1", some "00"."""

    url: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    application: str = partner.APPLICATION
    partner_code: str = DEMO_PARTNER
    success_code: str = "00"
    timeout: tuple[float, float] = TIMEOUT
    longest_answer: float = LONGEST_ANSWER
    longest_call: float = LONGEST_CALL
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
        answer = self.call(what, "POST", "/bao-cao", canonical(packet), headers)
        if not answer.is_success:
            raise PacketRefused(what=what, form=packet["ma_bieu_mau"], expected=self.success_code, **answer.refusal)
        return self._receipt(what, answer.result, packet)

    def state(self, packet: dict[str, Any]) -> State | None:
        """What became of a packet at the receiver, by its own id; None: the receiver does not know it."""
        what = f"Hỏi trạng thái của lần gửi {packet['ma_giao_dich']}"
        answer = self.call(what, "GET", f"/bao-cao/{packet['ma_giao_dich']}", None, {})
        if answer.status == 404:
            return None
        if not answer.is_success:
            # Any other error does not say that it is not there: a refusal must not be taken for a return because of it.
            raise StateNotTold(what=what, expected=self.success_code, **answer.refusal)
        receipt = self._receipt(what, answer.result, packet)
        return State(receipt, said.line(answer.result.get("ly_do"), self._secrets) or None)

    def standing(self, packet: dict[str, Any]) -> Held | None:
        """What stands at the receiver of the sender, form and period of a packet, whole; None: nothing that another has to name.

        Raises StandingForeign where it names something else, or something that no hub of ours has sent.
        """
        what = f"Hỏi lần gửi đang có hiệu lực của biểu {packet['ma_bieu_mau']} kỳ {packet['ky_bao_cao']}"
        listed = self._told(what, f"/bao-cao?{urlencode({n: packet[n] for n in CHAIN})}")
        found = standing_id(listed, packet, STANDING)
        if found is None:
            return None
        held = self._told(what, f"/bao-cao/{found}/goi", LARGEST_PACKET)
        if not is_ours(held, found, packet):
            raise StandingForeign(what=what)
        state = self.state(held)
        if state is None or state.receipt.state not in STANDING:
            return None
        return Held(held, state.receipt.number, state.receipt.at, state.receipt.state)

    def _told(self, what: str, path: str, most: int = LARGEST_ANSWER) -> Any:
        """The result of a question; None where there is nothing of it."""
        answer = self.call(what, "GET", path, None, {}, most)
        if answer.status != 404 and not answer.is_success:
            raise StateNotTold(what=what, expected=self.success_code, **answer.refusal)
        return answer.result

    def login(self) -> None:
        """Prove that the gateway is there and knows us. Raises what a packet would meet on its way in."""
        self._valid_token(time.monotonic() + self.longest_call)

    def call(
        self,
        what: str,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        most: int = LARGEST_ANSWER,
    ) -> _Said:
        """What the gateway says to a request; whatever is not in the form of the contract leaves as a failure of its type."""
        ends = time.monotonic() + self.longest_call
        answer = self._send(what, method, path, body, headers, ends, self._valid_token(ends), most)
        if answer.status == 401:
            # The token ran out, or the gateway was started anew and no longer knows it: once more with a new one.
            self._token = None
            answer = self._send(what, method, path, body, headers, ends, self._valid_token(ends), most)
        if answer.status == 401:
            raise GatewayLoginRefused(what=what, status=answer.status)
        if answer.status == 403:
            raise GatewayRightMissing(what=what, status=answer.status)
        if (answer.status in (404, 405, 410) and "json" not in answer.kind) or 300 <= answer.status < 400:
            raise GatewayNotThere(what=what, status=answer.status)
        content = _read(what, answer)
        code = said.code(content, self._secrets)
        if answer.status == 200 and code == self.success_code:
            return _Said(answer.status, self.success_code, content.get("result"), (), is_success=True)
        reasons = said.reasons(content, self._secrets)
        # A 404 is an answer to a question. To a packet it is none: an address that is wrong would send back every report.
        if code is not None and (answer.status in REFUSALS or (answer.status == 404 and method == "GET")):
            return _Said(answer.status, code, None, reasons, is_success=False)
        if answer.status == 200:
            raise GatewayGarbled(what=what, how="HTTP 200: không theo mẫu trả lời, thiếu error_code")
        raise _by_status(what, answer, reasons)

    def _receipt(self, what: str, result: Any, packet: dict[str, Any]) -> Receipt:
        """The receipt inside a result. Raises ReceiptForeign where it is not of this packet."""
        names = ("ma_giao_dich", "so_tiep_nhan", "thoi_diem", "bam_noi_dung", "trang_thai")
        told = [said.name(result.get(n)) for n in names] if isinstance(result, dict) else []
        if not told or None in told:
            raise GatewayGarbled(what=what, how=f"báo thành công nhưng thiếu biên nhận, cần {', '.join(names)}")
        receipt = Receipt(*(name for name in told if name is not None))
        if (receipt.transaction_id, receipt.content_hash) != (packet["ma_giao_dich"], packet["bam_noi_dung"]):
            raise ReceiptForeign(what=what)
        return receipt

    def _valid_token(self, ends: float) -> str:
        if self._token is not None and time.monotonic() < self._token_until:
            return self._token
        what = "Xin token của hệ thống báo cáo quốc gia"
        body = b"grant_type=client_credentials"
        answer = self._send(what, "POST", "/token", body, {"Content-Type": "application/x-www-form-urlencoded"}, ends)
        if answer.status in (400, 401, 403):
            raise GatewayLoginRefused(what=what, status=answer.status)
        if (answer.status in (404, 405, 410) and "json" not in answer.kind) or 300 <= answer.status < 400:
            raise GatewayNotThere(what=what, status=answer.status)
        if answer.status != 200:
            raise _by_status(what, answer)
        found = said.token(_read(what, answer))
        if found is None:
            raise GatewayGarbled(what=what, how=f"HTTP {answer.status}: không có access_token")
        token, seconds = found
        self._token, self._token_until = token, time.monotonic() + max(seconds - RENEW_BEFORE, seconds / 2)
        return token

    def _send(
        self,
        what: str,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        ends: float,
        token: str | None = None,
        most: int = LARGEST_ANSWER,
    ) -> Answer:
        """One request, tried again over short trouble until the call ends: a POST too, since its transaction id makes it safe."""
        given = partner.PLAIN | {partner.HEADER: self._partner} | headers
        given |= {"Authorization": f"Bearer {token}"} if token else {}
        request = Request(method, path, given, body)
        pause = FIRST_PAUSE
        for left in reversed(range(TRIES)):
            seconds = min(self.longest_answer, ends - time.monotonic())
            try:
                answer = exchange(self._address, request, Bounds(*self.timeout, seconds, most))
            except LineUnsafe as unsafe:
                raise GatewayUnsafe(what=what, kind=unsafe) from None
            except AddressWrong as wrong:  # of the proxy
                raise GatewayAddressWrong(setting=wrong.setting, wrong=wrong.wrong) from None
            except AnswerEndless:
                raise GatewayEndless(what=what, bytes=most, seconds=round(seconds, 1)) from None
            except (NoAnswer, AnswerGarbled) as error:
                if not left or isinstance(error, NoAnswerInTime) or time.monotonic() + pause >= ends:
                    raise self._no_answer(what, error) from None
            else:
                wait = answer.asked_wait
                asked = wait.total_seconds() if wait else 0.0
                too_long = asked > RETRY_AFTER_CEILING or bool(answer.retry_after and wait is None)
                pause = max(pause, asked)
                if not left or answer.status not in RETRIED_STATUSES or too_long or time.monotonic() + pause >= ends:
                    return answer  # whoever asks for a longer wait is not to be knocked at before
            time.sleep(pause)
            pause *= 2
        raise AssertionError("the last try returns or raises")

    def _no_answer(self, what: str, error: NoAnswer | AnswerGarbled) -> Failure:
        if isinstance(error, AnswerGarbled):
            return GatewayGarbled(what=what, how=f"không đúng giao thức HTTP, {error}")
        connect, answering = self.timeout
        return GatewayUnreachable(what=what, kind=str(error), connect=connect, read=answering)

    @property
    def road(self) -> str:
        """How what is sent gets there, in words."""
        return self._address.road

    @property
    def _address(self) -> Address:
        return read_address(self.url)

    @property
    def _secrets(self) -> said.Secrets:
        return said.Secrets((self.client_secret, self._partner, self._token))

    @cached_property
    def _partner(self) -> str:
        return partner.shown(self.client_id, self.client_secret, self.partner_code, self.application)


def client(settings: Settings) -> NationalReporting | None:
    """The configured client; None where the gateway is not configured: reports then wait in the outbox."""
    url, credentials = settings.reporting_url(), settings.reporting_credentials()
    if url is None or credentials is None:
        return None
    success_code = read("NATIONAL_REPORTING_SUCCESS_CODE") or "00"
    return NationalReporting(url, *credentials, partner_code=_partner_code(settings), success_code=success_code)


def _partner_code(settings: Settings) -> str:
    """The code by which the gateway knows us: its own for us, else the sender's."""
    told = read("NATIONAL_REPORTING_PARTNER_CODE")
    if told or settings.is_demo:
        return told or DEMO_PARTNER
    return party(settings, "sender", Clock(settings).today()).code


def _read(what: str, answer: Answer) -> Any:
    """The JSON of an answer; a page instead of JSON is named for what it is."""
    try:
        if not answer.is_page:
            return said.parsed(answer.body)
    except ValueError:
        pass
    if answer.status >= 400 and not is_transient(answer.status):
        raise _by_status(what, answer)
    if answer.is_page:
        raise GatewayPage(what=what, status=answer.status, retry_after=answer.asked_wait)
    how = f"HTTP {answer.status}: không phải JSON trọn vẹn, {len(answer.body)} byte"
    raise GatewayGarbled(what=what, how=how, retry_after=answer.asked_wait)


def _by_status(what: str, answer: Answer, reasons: tuple[str, ...] = ()) -> Failure:
    wait = answer.asked_wait
    if is_transient(answer.status):
        return GatewayBusy(what=what, status=answer.status, reasons=reasons, retry_after=wait)
    why = f": {'; '.join(reasons)}" if reasons else ""
    return GatewayFailed(what=what, status=answer.status, why=why, reasons=reasons, retry_after=wait)
