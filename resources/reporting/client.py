"""The client of the national reporting system: one call for each packet that is sent or fetched, over HTTP.

Every answer leaves as a typed failure or as a receipt; nothing is retried here beyond short trouble of one call, and a
packet may be sent again at will because its transaction id makes the second sending give the first's receipt. No secret
and no body of an answer goes into a message. What a packet says is made elsewhere.
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
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import InvalidHeader, MaxRetryError, ResponseError
from urllib3.util.retry import Retry

from resources.failures import Failure, Permanent, Transient, Unreachable, is_transient
from resources.settings import Settings, read
from schemas.reports.packet import canonical

TIMEOUT = (5.0, 60.0)  # without one, requests waits for ever
RETRY_AFTER_CEILING = 20  # seconds that one call waits because it was asked to; a longer wait is left to the outbox
RENEW_BEFORE = 30.0  # seconds before its end at which a token is renewed
RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})
LONGEST_REASON = 400
REASONS_KEPT = 20


class PacketRefused(Permanent):
    """The receiver read the packet and does not take it: the same packet would be refused again."""

    attempted = "{what}"
    found = "nơi nhận không tiếp nhận (HTTP {status}, mã lỗi {code}, mã thành công mong đợi {expected}){why}"
    remedy = "Sửa theo lý do nêu trên rồi gửi lại (ansinh report submit)"
    means = "Hệ thống báo cáo quốc gia đã đọc báo cáo và không nhận, kèm lý do. Báo cáo được giữ ở trạng thái bị trả lại."
    steps = (
        "Đọc lý do: ansinh report show <biểu> <kỳ>.",
        "Số liệu sai: đề nghị đơn vị nguồn sửa, chạy ansinh backfill ô đó; báo cáo tự lập lần mới.",
        "Mẫu biểu hay danh mục của nơi nhận thay đổi: báo người phát triển.",
        "Gửi lại: ansinh report submit <biểu> <kỳ> --by <tên>.",
    )


class AccessRefused(Permanent):
    """The receiver does not let us in, or is not where we look: no packet can pass until that is mended."""


class ReceiptForeign(AccessRefused):
    attempted = "{what}"
    found = "biên nhận trả về nêu mã giao dịch hoặc giá trị băm khác với gói đã gửi"
    remedy = "Không coi là đã tiếp nhận; báo đơn vị vận hành cổng đối chiếu nhật ký"
    means = "Cổng trả biên nhận của một gói khác. Nhận bừa sẽ làm mất một báo cáo."
    steps = (
        "Gửi mã giao dịch trong ansinh report show cho đơn vị vận hành cổng.",
        "Khi họ sửa xong, lượt sau tự gửi lại cùng mã.",
    )


class GatewayRightMissing(AccessRefused):
    attempted = "{what}"
    found = "cổng từ chối quyền truy cập (HTTP {status}) dù token vừa được cấp"
    remedy = "Kiểm tra NATIONAL_REPORTING_CLIENT_ID, NATIONAL_REPORTING_CLIENT_SECRET và quyền gửi của đơn vị"
    means = "Đăng nhập được nhưng đơn vị chưa được cấp quyền gửi biểu này."
    steps = ("Đề nghị đơn vị vận hành cổng cấp quyền gửi cho mã đơn vị.", "Báo cáo nằm chờ ở hộp thư đi, tự gửi khi có quyền.")


class GatewayLoginRefused(AccessRefused):
    attempted = "{what}"
    found = "cổng từ chối thông tin đăng nhập (HTTP {status})"
    remedy = "Kiểm tra NATIONAL_REPORTING_CLIENT_ID và NATIONAL_REPORTING_CLIENT_SECRET"
    means = "Mã khách hoặc khóa bí mật sai, hết hạn, hoặc bị thu hồi."
    steps = ("Xin cấp lại khóa, cập nhật tệp bí mật.", "Chạy ansinh doctor; báo cáo đang chờ tự gửi ở lượt sau.")


class GatewayNotThere(AccessRefused):
    attempted = "{what}"
    found = "địa chỉ không có dịch vụ này (HTTP {status})"
    remedy = "Kiểm tra NATIONAL_REPORTING_URL với đơn vị vận hành cổng"
    means = "Địa chỉ cổng đổi, hoặc đang trỏ vào một trang khác."
    steps = ("Hỏi đơn vị vận hành cổng địa chỉ hiện hành.", "Sửa NATIONAL_REPORTING_URL, chạy ansinh doctor.")


class GatewayUnsafe(AccessRefused):
    attempted = "{what}"
    found = "không lập được kết nối an toàn hoặc địa chỉ sai ({kind})"
    remedy = "Kiểm tra NATIONAL_REPORTING_URL và chứng thư của cổng"
    means = "Chứng thư của cổng hết hạn, không được tin cậy, hoặc địa chỉ viết sai. Không gửi qua kết nối không an toàn."
    steps = (
        "Kiểm tra chứng thư: openssl s_client -connect <máy>:443.",
        "Cập nhật chứng thư gốc của máy hoặc báo đơn vị vận hành cổng.",
    )


class GatewayUnreachable(Unreachable):
    attempted = "{what}"
    found = "không có trả lời ({kind}; chờ kết nối {connect:g} giây, chờ trả lời {read:g} giây)"
    remedy = "Lượt sau gửi lại với cùng mã giao dịch; kiểm tra mạng và NATIONAL_REPORTING_URL"
    means = (
        "Cổng không trả lời hoặc quá chậm. Báo cáo nằm ở hộp thư đi; gửi lại cùng mã giao dịch nên không bao giờ thành hai lần."
    )
    steps = ("Chờ: ansinh tự gửi lại, cách nhau tăng dần.", "Quá một ngày: chạy ansinh doctor, hỏi đơn vị vận hành cổng.")


class GatewayBusy(Transient):
    attempted = "{what}"
    found = "cổng trả HTTP {status}, mong đợi 200"
    remedy = "Lượt sau gửi lại với cùng mã giao dịch"
    means = "Cổng đang quá tải, giới hạn số lần gọi hoặc lỗi tạm thời. Khoảng chờ mà cổng yêu cầu được tôn trọng."
    steps = ("Không cần làm gì: ansinh tự gửi lại.", "Lặp lại quá một ngày: hỏi đơn vị vận hành cổng.")


class GatewayFailed(Permanent):
    attempted = "{what}"
    found = "cổng trả HTTP {status}, mong đợi 200"
    remedy = "Báo đơn vị vận hành cổng"
    means = "Cổng trả một mã lỗi không nêu trong giao ước; gửi lại y nguyên cũng sẽ như vậy."
    steps = (
        "Gửi mã giao dịch và mã HTTP cho đơn vị vận hành cổng.",
        "Khi họ sửa xong: ansinh report submit <biểu> <kỳ> --by <tên>.",
    )


class GatewayPage(Transient):
    attempted = "{what}"
    found = "cổng trả một trang HTML (HTTP {status}), mong đợi JSON"
    remedy = "Thường là cổng đang bảo trì: lượt sau gửi lại với cùng mã giao dịch"
    means = "Trước cổng có một trang thông báo (bảo trì, tường lửa). Trả lời 200 kèm trang HTML không được coi là đã nhận."
    steps = ("Mở NATIONAL_REPORTING_URL bằng trình duyệt để đọc thông báo.", "ansinh tự gửi lại ở lượt sau.")


class GatewayGarbled(Transient):
    attempted = "{what}"
    found = "trả lời không đọc được (HTTP {status}: {how})"
    remedy = "Lượt sau gửi lại với cùng mã giao dịch để lấy biên nhận; nếu lặp lại, báo đơn vị vận hành cổng"
    means = (
        "Trả lời bị cắt, không phải JSON, hoặc thiếu biên nhận. Cổng có thể đã nhận rồi: gửi lại cùng mã sẽ được cùng biên nhận."
    )
    steps = ("Không cần làm gì: ansinh tự gửi lại.", "Lặp lại quá một ngày: gửi mã giao dịch cho đơn vị vận hành cổng.")


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


class _Patient(Retry):
    """Waits as long as it was asked to, and gives up at once when that is longer than one call may take.

    urllib3 by itself would either wait for hours or, with its own ceiling, knock again before the time it was given.
    """

    def get_retry_after(self, response: urllib3.BaseHTTPResponse) -> float | None:
        try:
            return super().get_retry_after(response)
        except InvalidHeader:
            return None

    def increment(self, *args: Any, **kwargs: Any) -> Retry:  # ty: ignore[incompatible-method-override]
        response = kwargs.get("response") or (args[2] if len(args) > 2 else None)
        asked = self.get_retry_after(response) if response is not None else None
        if asked is not None and asked > RETRY_AFTER_CEILING:
            raise MaxRetryError(kwargs.get("_pool"), kwargs.get("url") or "", ResponseError("asked to wait longer"))  # ty: ignore[invalid-argument-type]
        return super().increment(*args, **kwargs)


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
    _token: str | None = field(default=None, repr=False, init=False)
    _token_until: float = field(default=0.0, repr=False, init=False)

    def submit(self, packet: dict[str, Any]) -> Receipt:
        """Send a packet and give its receipt. Sending it again gives the same."""
        what = f"Gửi biểu {packet['ma_bieu_mau']} kỳ {packet['ky_bao_cao']} lần {packet['lan_gui']} đến hệ thống báo cáo quốc gia"
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "SENDER_CODE": packet["don_vi_gui"],
            "RECEIVER_CODE": packet["don_vi_nhan"],
            "TRAN_CODE": packet["ma_giao_dich"],
        }
        receipt = self._receipt(what, self._call(what, "POST", "/bao-cao", canonical(packet), headers))
        if (receipt.transaction_id, receipt.content_hash) != (packet["ma_giao_dich"], packet["bam_noi_dung"]):
            raise ReceiptForeign(what=what)
        return receipt

    def state(self, transaction_id: str) -> State | None:
        """What became of a submission; None when the receiver does not know it."""
        what = f"Hỏi trạng thái của lần gửi {transaction_id}"
        try:
            result = self._call(what, "GET", f"/bao-cao/{transaction_id}", None, {})
        except PacketRefused:
            return None
        why = result.get("ly_do") if isinstance(result, dict) else None
        return State(self._receipt(what, result), str(why)[:LONGEST_REASON] if why else None)

    def _receipt(self, what: str, result: Any) -> Receipt:
        names = ("ma_giao_dich", "so_tiep_nhan", "thoi_diem", "bam_noi_dung", "trang_thai")
        if not isinstance(result, dict) or any(not isinstance(result.get(n), str) or not result[n] for n in names):
            raise GatewayGarbled(what=what, status=200, how=f"báo thành công nhưng thiếu biên nhận, cần {', '.join(names)}")
        return Receipt(*(result[n] for n in names))

    def _call(self, what: str, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Any:
        response = self._send(what, method, path, body, headers, self._valid_token())
        if response.status_code == 401:
            # The token ran out, or the gateway was started anew and no longer knows it: once more with a new one.
            self._token = None
            response = self._send(what, method, path, body, headers, self._valid_token())
        if response.status_code in (401, 403):
            raise GatewayRightMissing(what=what, status=response.status_code)
        return self._result(what, response)

    def _result(self, what: str, response: requests.Response) -> Any:
        """The result inside an answer; whatever is not a success leaves as a failure of its type."""
        status, wait = response.status_code, _retry_after(response)
        if (status in (404, 405, 410) and not _is_json(response)) or 300 <= status < 400:
            raise GatewayNotThere(what=what, status=status)
        answer = _read(what, response)
        code = answer.get("error_code") if isinstance(answer, dict) else None
        if status == 200 and code is not None and str(code) == self.success_code:
            return answer.get("result")
        reasons = self._without_secrets(_reasons(answer))
        if status in (200, 400, 404, 409, 413, 422) and code is not None:
            raise PacketRefused(
                what=what,
                status=status,
                code=str(code)[:20],
                expected=self.success_code,
                why=f": {'; '.join(reasons)}" if reasons else "",
                reasons=reasons,
            )
        raise _by_status(what, status, wait, reasons)

    def _without_secrets(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        """A gateway that repeats what it was sent must not put it into our records."""
        for secret in (self.client_secret, self._partner, self._token):
            if secret:
                lines = tuple(line.replace(secret, "***") for line in lines)
        return lines

    def _valid_token(self) -> str:
        if self._token is not None and time.monotonic() < self._token_until:
            return self._token
        what = "Xin token của hệ thống báo cáo quốc gia"
        body = b"grant_type=client_credentials"
        response = self._send(what, "POST", "/token", body, {"Content-Type": "application/x-www-form-urlencoded"}, None)
        if response.status_code in (400, 401, 403):
            raise GatewayLoginRefused(what=what, status=response.status_code)
        if response.status_code != 200:
            raise _by_status(what, response.status_code, _retry_after(response))
        answer = _read(what, response)
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token:
            raise GatewayGarbled(what=what, status=response.status_code, how="không có access_token")
        try:
            seconds = float(answer.get("expires_in") or 0)  # numbers come as strings from some gateways
        except (TypeError, ValueError):
            seconds = 0.0
        self._token, self._token_until = token, time.monotonic() + max(seconds - RENEW_BEFORE, seconds / 2)
        return token

    def _send(
        self, what: str, method: str, path: str, body: bytes | None, headers: dict[str, str], token: str | None
    ) -> requests.Response:
        try:
            # Redirects are not followed: the partner's header would go along to another host.
            return self._session.request(
                method,
                f"{self.url}{path}",
                data=body,
                headers=headers,
                auth=_Bearer(self._partner, token),
                timeout=self.timeout,
                allow_redirects=False,
            )
        except (requests.exceptions.SSLError, requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
            raise GatewayUnsafe(what=what, kind=type(error).__name__) from None
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
            # The library's text holds the whole address; only its kind leaves.
            connect, answer = self.timeout
            raise GatewayUnreachable(what=what, kind=type(error).__name__, connect=connect, read=answer) from None

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
        retry = _Patient(
            total=3,
            connect=2,
            read=1,
            status=2,
            redirect=0,
            backoff_factor=0.3,
            allowed_methods={"GET", "POST"},  # a POST too: its transaction id makes it safe
            status_forcelist=RETRIED_STATUSES,
            raise_on_status=False,
            retry_after_max=24 * 3600,
        )
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=retry))
        return session


def client(settings: Settings) -> NationalReporting | None:
    """The configured client; None where the gateway is not configured: reports then wait in the outbox."""
    url, credentials = settings.reporting_url(), settings.reporting_credentials()
    if url is None or credentials is None:
        return None
    return NationalReporting(url, *credentials, success_code=read("NATIONAL_REPORTING_SUCCESS_CODE") or "00")


def _read(what: str, response: requests.Response) -> Any:
    """The JSON of an answer: a byte order mark is forgiven, a page instead of JSON is named for what it is."""
    text = response.content.decode("utf-8-sig", "replace").strip()
    if text.startswith("<") or "html" in response.headers.get("Content-Type", "").lower():
        if response.status_code >= 400 and not is_transient(response.status_code):
            raise GatewayFailed(what=what, status=response.status_code)
        raise GatewayPage(what=what, status=response.status_code, retry_after=_retry_after(response))
    try:
        return json.loads(text)
    except ValueError:
        if response.status_code >= 400 and not is_transient(response.status_code):
            raise GatewayFailed(what=what, status=response.status_code) from None
        raise GatewayGarbled(
            what=what,
            status=response.status_code,
            how=f"không phải JSON trọn vẹn, {len(response.content)} byte",
            retry_after=_retry_after(response),
        ) from None


def _by_status(what: str, status: int, wait: dt.timedelta | None, reasons: tuple[str, ...] = ()) -> Failure:
    kind = GatewayBusy if is_transient(status) else GatewayFailed
    return kind(what=what, status=status, reasons=reasons, retry_after=wait)


def _is_json(response: requests.Response) -> bool:
    return "json" in response.headers.get("Content-Type", "").lower()


def _retry_after(response: requests.Response) -> dt.timedelta | None:
    seconds = Retry(retry_after_max=7 * 24 * 3600).get_retry_after(response.raw) if _has_wait(response) else None
    return dt.timedelta(seconds=seconds) if seconds else None


def _has_wait(response: requests.Response) -> bool:
    """A Retry-After in seconds; one that is a date is left to the outbox's own delay."""
    return response.headers.get("Retry-After", "").strip().isdigit()


def _reasons(answer: Any) -> tuple[str, ...]:
    """What the receiver says is wrong, as lines; `null` also comes as the word."""
    error = answer.get("error") if isinstance(answer, dict) else None
    lines = []
    for item in error if isinstance(error, list) else [error]:
        if isinstance(item, dict):
            parts = [str(item[n]) for n in ("duong_dan", "noi_dung") if item.get(n)]
            lines.append(": ".join(parts)[:LONGEST_REASON])
        elif item not in (None, "", "null"):
            lines.append(str(item)[:LONGEST_REASON])
    if not lines and isinstance(answer, dict) and answer.get("message") not in (None, "", "null"):
        lines.append(str(answer["message"])[:LONGEST_REASON])
    return tuple(lines[:REASONS_KEPT])
