"""The client of the population check: one call for each batch of persons, never repeated here, since each is counted.

Every answer leaves as what is said of the requests that were asked, or as a typed failure; an exchange is bounded in
resources/http/exchange.py. Nothing that the service says but its own short code goes into a message: the rest may be a person.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from resources.failing import Failure, is_transient
from resources.failures import SettingWrong
from resources.http import partner, said
from resources.http.address import Address, AddressWrong, read_address
from resources.http.exchange import (
    Answer,
    AnswerEndless,
    AnswerGarbled,
    Bounds,
    LineUnsafe,
    NoAnswer,
    Request,
    exchange,
    why_no_authorities,
)
from resources.http.request_log import RequestLog
from resources.population import answers
from resources.population.agreement import Agreement
from resources.population.failures import (
    PopulationAddressWrong,
    PopulationBusy,
    PopulationGarbled,
    PopulationLoginMissing,
    PopulationNotLetIn,
    PopulationRefused,
    PopulationTokenEnded,
    PopulationUnreachable,
    PopulationUnsafe,
)
from resources.population.persons import Person
from resources.settings import Settings
from schemas.population import Outcome, PopulationService

SETTING = "POPULATION_URL"
BOUNDS = Bounds(connecting=5.0, silence=30.0, whole=60.0, largest=256 * 1024)
RENEW_BEFORE = 60.0  # seconds before its end at which a token is renewed
REFUSALS = frozenset({200, 400, 409, 413, 422})  # with a code: the service read what it was asked and says no


@dataclass
class Population:
    """One connection to the service, under an agreement."""

    url: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    partner_code: str
    service: PopulationService
    agreement: Agreement
    log: RequestLog
    authorities: str | None = None
    bounds: Bounds = BOUNDS
    _token: str | None = field(default=None, repr=False, init=False)
    _token_until: float = field(default=0.0, repr=False, init=False)
    _was_of_token: bool = field(default=False, repr=False, init=False)  # whether the last call was refused for its token

    def ask(self, transaction_id: str, persons: Mapping[str, Person]) -> dict[str, Outcome]:
        """Ask about the persons of some request ids, once. `transaction_id` names the call in both logs. `be_let_in` comes first."""
        what = f"Đối chiếu với CSDLQG về dân cư, lượt {transaction_id}"
        headers = {"Content-Type": "application/json; charset=utf-8", "TRAN_CODE": transaction_id}
        headers |= {"SENDER_CODE": self.agreement.unit_code} | partner.let_in(self.service.auth, self._partner, self._token)
        answer = self._exchanged(what, self.service.path, headers, self._body(persons))
        is_of_token = answer.status == 401 or (answer.status == 403 and not answer.body.strip())
        was_of_token, self._was_of_token = self._was_of_token, is_of_token
        if is_of_token and not was_of_token:  # it ended sooner than it said, or the platform was started anew: once
            self._token = None
            raise PopulationTokenEnded(what=what, status=answer.status)
        if answer.status in (401, 403):
            raise PopulationNotLetIn(what=what, status=answer.status)
        content = self._read(what, answer)
        code = answers.code(said.at(content, self.service.code_at))
        if answer.status == 200 and code in self.service.success_codes:
            return answers.results(what, content, persons.keys(), self.service)
        if answer.status in REFUSALS and code:
            expected = " hoặc ".join(self.service.success_codes)
            raise PopulationRefused(what=what, status=answer.status, code=code, expected=expected)
        raise self._by_status(what, answer)

    def be_let_in(self) -> None:
        """Have a token with time left: by it is proven that the platform is there and knows us. Nobody is asked about, so it is no call."""
        if self.service.auth == "authorization" or (self._token is not None and time.monotonic() < self._token_until):
            return
        what = "Đối chiếu với CSDLQG về dân cư, xin token của nền tảng tích hợp"
        headers = {"Content-Type": "application/x-www-form-urlencoded", partner.HEADER: self._partner}
        answer = self._exchanged(what, self.service.token_path, headers, b"grant_type=client_credentials")
        if answer.status in (400, 401, 403):
            raise PopulationNotLetIn(what=what, status=answer.status)
        content = self._read(what, answer)
        if answer.status != 200:
            raise self._by_status(what, answer)
        found = said.token(content)
        if found is None:
            raise PopulationGarbled(what=what, how="không có access_token")
        self._token, seconds = found
        self._token_until = time.monotonic() + max(seconds - RENEW_BEFORE, seconds / 2)

    @property
    def road(self) -> str:
        """How what is asked gets there, in words."""
        return self._address.road

    def _body(self, persons: Mapping[str, Person]) -> bytes:
        asks = self.agreement
        common = {"MaDVC": asks.service_code, "MaTichHop": asks.integration_code}
        common |= {"MaDonVi": asks.unit_code, "MaCanBo": asks.officer_code}
        data = [
            {"MaYeuCau": request_id}
            | common
            | {"SoDinhDanh": p.identity_number, "HoVaTen": p.full_name, "NgayThangNamSinh": p.birth}
            for request_id, p in persons.items()
        ]
        return json.dumps({"data": data}, ensure_ascii=False).encode()

    def _exchanged(self, what: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        request = Request("POST", path, {**partner.PLAIN, **headers}, body)
        status, size, begun = "-", 0, time.monotonic()
        try:
            answer = exchange(self._address, request, self.bounds, self.authorities)
            status, size = str(answer.status), len(answer.body)
            return answer
        except AddressWrong as wrong:  # of the proxy
            raise PopulationAddressWrong(setting=wrong.setting, wrong=wrong.wrong) from None
        except LineUnsafe as unsafe:
            raise PopulationUnsafe(what=what, kind=unsafe) from None
        except AnswerEndless:
            how = f"quá {self.bounds.largest} byte hoặc chưa hết sau {self.bounds.whole:g} giây"
            raise PopulationGarbled(what=what, how=how) from None
        except AnswerGarbled as garbled:
            raise PopulationGarbled(what=what, how=f"không đúng giao thức HTTP, {garbled}") from None
        except NoAnswer as nobody:
            raise PopulationUnreachable(what=what, kind=nobody) from None
        finally:
            self.log.tell(headers.get("TRAN_CODE", "-"), f"population{path}", status, size, time.monotonic() - begun)

    def _read(self, what: str, answer: Answer) -> Any:
        """The JSON of an answer. A page is none, whatever its status says."""
        try:
            if not answer.is_page:
                return said.parsed(answer.body)
        except ValueError:
            pass
        if answer.status != 200:
            raise self._by_status(what, answer)
        how = "một trang HTML" if answer.is_page else f"không phải JSON trọn vẹn, {len(answer.body)} byte"
        raise PopulationGarbled(what=what, how=how, retry_after=answer.asked_wait)

    def _by_status(self, what: str, answer: Answer) -> Failure:
        if is_transient(answer.status):
            return PopulationBusy(what=what, status=answer.status, retry_after=answer.asked_wait)
        expected = " hoặc ".join(self.service.success_codes)
        return PopulationRefused(what=what, status=answer.status, code="không nêu", expected=expected)

    @cached_property
    def _address(self) -> Address:
        try:
            return read_address(self.url, SETTING)
        except AddressWrong as wrong:
            found = PopulationAddressWrong(setting=wrong.setting, wrong=wrong.wrong)
        raise found

    @cached_property
    def _partner(self) -> str:
        return partner.shown(self.client_id, self.client_secret, self.partner_code)


def client(settings: Settings, service: PopulationService, agreement: Agreement) -> Population:
    """The configured client. Raises PopulationLoginMissing, and SettingWrong where nobody is vouched for by the named authorities."""
    client_id, client_secret, code = settings.platform_account("POPULATION").values()
    if not client_id or not client_secret:
        raise PopulationLoginMissing
    authorities = settings.platform_authorities
    if authorities is not None and why_no_authorities(authorities):
        raise SettingWrong(name="LGSP_CA_FILE", expected="đường dẫn một tệp chứng chỉ gốc đọc được")
    log, code = RequestLog(settings.home), code or agreement.unit_code
    return Population(settings.population_url() or "", client_id, client_secret, code, service, agreement, log, authorities)
