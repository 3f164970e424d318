"""What is asked of the platform in one turn: the token, the pace, how often and how long it is tried. One request, one line in our log."""

import datetime as dt
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from resources.connectors.failures import SourceSilent, SourceSlow, SourceUnreachable
from resources.connectors.rest.account import Account
from resources.connectors.rest.envelope import code_of
from resources.connectors.rest.failures import (
    ServiceAddressWrong,
    ServiceBusy,
    ServiceEndless,
    ServiceGarbled,
    ServiceLoginRefused,
    ServiceNotThere,
    ServicePage,
    ServiceRefused,
    ServiceRightMissing,
    ServiceUnsafe,
)
from resources.connectors.rest.pace import Pace
from resources.connectors.turns import Patience, Turn
from resources.failing import LONGEST_DELAY, Failure, is_transient
from resources.http import partner, said
from resources.http.address import Address, AddressWrong
from resources.http.exchange import (
    Answer,
    AnswerEndless,
    AnswerGarbled,
    AnswerTooLarge,
    Bounds,
    LineUnsafe,
    NoAnswer,
    Request,
    exchange,
)
from resources.http.request_log import RequestLog
from schemas.dataset import Source
from schemas.services import Service
from schemas.written import lasting

CONNECTING = 10.0  # seconds
LARGEST_PAGE = 32 << 20  # bytes
LARGEST_TOKEN = 64 << 10
TRIES = 3  # of one request
FIRST_PAUSE = 0.5  # seconds, doubling
LONGEST_PAUSE, LONGEST_WHILE_OTHERS_WAIT = (
    60.0,
    5.0,
)  # that was asked for and is waited for here; a longer one is left to the next turn
RENEW_BEFORE = 30.0  # seconds before its end at which a token is renewed
LAST_SECOND = 1.1  # seconds after which a token that has no time left has ended
MOVED = frozenset({300, 301, 302, 303, 307, 308})
MISSING = frozenset({404, 405, 410})


@dataclass
class _Token:
    text: str = field(repr=False)
    until: float


class Session:
    """How the services of one system are asked. Each answer is waited for as long as is borne, all of them together too."""

    def __init__(self, source: Source, address: Address, account: Account, turn: Turn, log: RequestLog) -> None:
        self._source, self._address, self._account, self._turn, self._log = source, address, account, turn, log
        self._patience: Patience = turn.patience(source.limits)
        self._tokens: dict[str, _Token] = {}
        self._paces: dict[str, Pace] = {}  # of each resource
        self._given_up: Failure | None = None
        self.date: dt.datetime | None = None  # what the other side's clock last said

    def ask(self, service: Service, query: Mapping[str, str], etag: str | None = None) -> tuple[Answer, str]:
        """A page of a service (HTTP 200; 304 where `etag` was asked for), and the id of the request by which its owner finds it."""
        headers = {"If-None-Match": etag} if etag else {}
        path = f"{service.path}?{urlencode(query)}" if query else service.path
        before = None
        for is_last in (False, True):
            token = None if service.auth == "authorization" else self._token(service, before)
            answer, number = self._send(
                service, Request("GET", path, partner.let_in(service.auth, self._account.shown, token) | headers, None)
            )
            if token is None or is_last or not _is_of_token(answer):
                break
            before = self._tokens.pop(service.token_path).text
        if (answer.status == 200 and not answer.is_page) or (answer.status == 304 and etag):
            return answer, number
        raise self._refusal(service, answer, number)

    def login(self, service: Service) -> None:
        """Prove that the platform is there and knows us."""
        if service.auth != "authorization":
            self._token(service, None)

    def close(self) -> None:
        self._tokens.clear()

    @property
    def place(self) -> str:
        return f"{self._address.host}:{self._address.port}{self._address.path}"

    @property
    def is_encrypted(self) -> bool:
        return self._address.is_encrypted

    @property
    def is_here(self) -> bool:
        return self._address.is_here

    def _token(self, service: Service, refused: str | None) -> str:
        """A token with time left. `refused`: one that was just not taken.

        Some platforms give the same token again until it has ended, also with no time left (wso2/api-manager#773): such a one is
        good for one request, and asked for anew after it; where it is the refused one, after the second that it had at most.
        """
        kept = self._tokens.get(service.token_path)
        if kept is not None and time.monotonic() < kept.until:
            return kept.text
        text, seconds = self._new_token(service)
        if text == refused:
            self._sleep(LAST_SECOND)
            text, seconds = self._new_token(service)
        self._tokens[service.token_path] = _Token(text, time.monotonic() + max(seconds - RENEW_BEFORE, seconds / 2))
        return text

    def _new_token(self, service: Service) -> tuple[str, float]:
        headers = {"Content-Type": "application/x-www-form-urlencoded", partner.HEADER: self._account.shown}
        request = Request("POST", service.token_path, headers, b"grant_type=client_credentials")
        answer, number = self._send(service, request, LARGEST_TOKEN, name="token")
        if answer.status in (400, 401, 403):
            raise ServiceLoginRefused(**self._names, status=answer.status)
        if answer.status != 200 or answer.is_page:
            raise self._refusal(service, answer, number)
        try:
            found = said.token(said.parsed(answer.body))
        except ValueError:
            found = None
        if found is None:
            raise ServiceGarbled(**self._names, service="token", how="không có access_token", tran_code=number)
        return found

    def _send(
        self, service: Service, request: Request, largest: int = LARGEST_PAGE, name: str | None = None
    ) -> tuple[Answer, str]:
        """One request, tried again over short trouble as long as is borne."""
        name, pause = name or service.resource, FIRST_PAUSE
        longest = LONGEST_WHILE_OTHERS_WAIT if self._turn.others_wait else LONGEST_PAUSE
        for left in reversed(range(TRIES)):
            self._keep_pace(service)
            number = str(uuid.uuid4())
            headers = partner.PLAIN | {"SENDER_CODE": self._account.partner_code, "TRAN_CODE": number} | dict(request.headers)
            try:
                answer = self._exchange(name, number, Request(request.method, request.path, headers, request.body), largest)
            except SourceUnreachable:
                if not left or not self._is_borne(pause):
                    raise
            else:
                asked = answer.asked_wait
                wait = max(pause, asked.total_seconds() if asked else 0.0)
                if not is_transient(answer.status):
                    return answer, number
                # Whoever asks for a longer wait is not to be knocked at before, and keeps nobody else waiting.
                if not left or wait > longest or (answer.retry_after and asked is None) or not self._is_borne(wait):
                    raise self._busy(name, answer)
                pause = wait
            self._sleep(pause)
            pause *= 2
        raise AssertionError("the last try returns or raises")

    def _exchange(self, name: str, number: str, request: Request, largest: int) -> Answer:
        if self._given_up is not None:
            raise self._given_up
        left = self._patience.reading - self._turn.waited[self._source.name]
        seconds = min(self._patience.answer, left)
        begun = time.monotonic()
        facts: dict[str, Any] = {"service": name, "tran_code": number, **self._names}
        status, size = "-", 0
        try:
            bounds = Bounds(min(CONNECTING, max(seconds, 0.001)), max(seconds, 0.001), seconds, largest)
            answer = exchange(self._address, request, bounds, self._account.authorities)
            status, size = str(answer.status), len(answer.body)
            self.date = answer.date or self.date
            if (packed := answer.header("Content-Encoding")) and packed.lower() != "identity":
                failure: Failure = ServiceGarbled(how="bị nén dù đã yêu cầu không nén", **facts)
            else:
                return answer
        except LineUnsafe as unsafe:
            failure = ServiceUnsafe(kind=unsafe, **self._names)
        except AddressWrong as wrong:  # of the proxy
            failure = ServiceAddressWrong(setting=wrong.setting, wrong=wrong.wrong)
        except AnswerTooLarge:
            failure = ServiceEndless(megabytes=largest >> 20 or 1, **facts)
        except AnswerEndless:
            failure = self._given_up = self._waited_out(left)
        except AnswerGarbled as garbled:
            failure = ServiceGarbled(how=f"bị cắt hoặc không đúng giao thức HTTP, {garbled}", **facts)
        except NoAnswer as nobody:
            if time.monotonic() - begun >= seconds:
                failure = self._given_up = self._waited_out(left)
            else:
                failure = SourceUnreachable(state=f" ({nobody})", **self._names)
        finally:
            took = time.monotonic() - begun
            self._turn.waited[self._source.name] += took
            self._log.tell(number, f"{self._source.name}/{name}", status, size, took)
        raise failure

    def _waited_out(self, left: float) -> Failure:
        if self._patience.answer <= left:
            return SourceSilent(waited=lasting(self._patience.answer), **self._names)
        return SourceSlow(waited=lasting(self._patience.reading), **self._names)

    def _refusal(self, service: Service, answer: Answer, number: str) -> Failure:
        facts: dict[str, Any] = {"service": service.resource, "status": answer.status, **self._names}
        if answer.status == 401:
            return ServiceLoginRefused(**facts)
        if answer.status == 403:
            return ServiceRightMissing(**facts)
        if answer.status in MISSING or answer.status in MOVED:
            return ServiceNotThere(**facts)
        if answer.is_page:
            return ServicePage(**facts)
        if answer.status < 400:
            return ServiceGarbled(how=f"HTTP {answer.status}, mong đợi 200", tran_code=number, **facts)
        return ServiceRefused(code=code_of(answer.body, service), tran_code=number, **facts)

    def _busy(self, name: str, answer: Answer) -> Failure:
        wait = answer.asked_wait
        asked = f", xin chờ {lasting(wait.total_seconds())}" if wait else ""
        facts: dict[str, Any] = {"service": name, "status": answer.status, **self._names}
        facts["retry_after"] = None if wait is None else min(wait, LONGEST_DELAY)
        return ServicePage(**facts) if answer.is_page else ServiceBusy(asked=asked, **facts)

    def _keep_pace(self, service: Service) -> None:
        now = time.monotonic()
        free = self._paces.setdefault(service.resource, Pace(service.calls_per_minute)).next(now)
        if free > now:
            self._sleep(free - now)

    def _is_borne(self, pause: float) -> bool:
        return self._turn.waited[self._source.name] + pause < self._patience.reading

    def _sleep(self, seconds: float) -> None:
        """Others wait for it as for an answer."""
        self._turn.waited[self._source.name] += seconds
        time.sleep(seconds)

    @property
    def _names(self) -> dict[str, Any]:
        return {"source": self._source.name, "title": self._source.title, "environment": self._source.environment}


def _is_of_token(answer: Answer) -> bool:
    """Whether it says that the token is none any more: some say 403 and nothing else."""
    return answer.status == 401 or (answer.status == 403 and not answer.body.strip())
