"""A synthetic provincial integration platform: a real HTTP server on the loopback through which services give rows.

`python -m demo platform [--port N]`. It serves what the sources' own databases hold, by the contract that schemas/services.py
declares for each service on the clock's day, and the population check. It binds to 127.0.0.1 only and makes its client's id and
secret at the first start. Nothing outside demo/ imports it.
"""

import asyncio
import datetime as dt
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from demo.platform import answers
from demo.platform.asking import Asked, Unasked, asked_of
from demo.platform.population import OverQuota, PopulationCheck, Refused
from demo.platform.switches import INSTEAD, Fault, refuse_strange, switch_file
from demo.serving import bodies
from demo.serving.partners import PARTNER_HEADER, Partners, bearer
from demo.serving.standing import stand
from resources.clock import Clock
from resources.embedded import EmbeddedServer
from resources.settings import Settings
from schemas.services import Service, services

if TYPE_CHECKING:
    from demo.platform.listing import Connect
    from demo.platform.readings import Readings

NAMED = ("SENDER_CODE", "TRAN_CODE")  # the headers by which a request is found again in both logs
POPULATION = "/dan-cu/xac-thuc"
LARGEST_QUESTION = 1024 * 1024
BEFORE_LETTING_IN = ("chet", "het_han_token")
MINUTE = 60.0


class Platform:
    """`connect`: how the database of each system is reached, by a login that may read. `folder` keeps switches and counts."""

    def __init__(
        self,
        connect: Mapping[str, "Connect"],
        declared: Iterable[Service],
        credentials: tuple[str, str],
        folder: Path,
        today: Callable[[], dt.date],
    ) -> None:
        self._services, self._today = tuple(declared), today
        self._partners = Partners(*credentials)
        self._switches = switch_file(folder)
        self._connect = dict(connect)
        self._opened: Readings | None = None
        self._population = PopulationCheck(folder)
        self._calls: dict[str, deque[float]] = {}

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/suc-khoe", self.health),
                Route("/cong-tac", self.switch, methods=["POST"]),
                Route(POPULATION, self.check, methods=["POST"]),
                Route("/dan-cu/nhat-ky", self.checked),
                Route("/{path:path}", self.token, methods=["POST"]),
                Route("/{path:path}", self.listed),
            ]
        )

    def close(self) -> None:
        """Let go of the databases."""
        if self._opened is not None:
            self._opened.close()

    async def health(self, request: Request) -> Response:
        return JSONResponse({"trang_thai": "san_sang"})

    async def token(self, request: Request) -> Response:
        if request.url.path not in {"/token", *(s.token_path for s in self._in_force())}:
            return JSONResponse(answers.refusal(None, "404", "Không có dịch vụ này."), status_code=404)
        switches = self._switches.read()
        return await self._partners.give(
            request,
            switches.token_giay,
            switches.token_luot,
            is_shared=switches.token_chung,
            is_old=self._switches.take_old_token(),
        )

    async def listed(self, request: Request) -> Response:
        """A page of a service's rows."""
        service = next((s for s in self._in_force() if s.path == request.url.path), None)
        if service is None:
            return JSONResponse(answers.refusal(None, "404", "Không có dịch vụ này."), status_code=404)
        name = f"{service.system}.{service.resource}"
        try:
            asked = asked_of(service, request.query_params, self._switches.read().toi_da_dong)
        except Unasked as wrong:
            return _refused(service, "400", str(wrong), 400)
        if fault := self._switches.take(name, asked.page, BEFORE_LETTING_IN):
            if fault.loi == "chet":
                return bodies.Nothing()
            self._partners.forget()
        if refused := self._not_let_in(request, service) or self._too_often(service):
            return refused
        fault = self._switches.take(name, asked.page)
        if fault and fault.loi == "cham":
            await asyncio.sleep(fault.giay)
        return _instead(service, fault) or await run_in_threadpool(self._page, self.readings(), service, asked, fault, request)

    def readings(self) -> "Readings":
        """Made when it is first needed: pandas comes with the declarations, and who only waits for the server need not wait for it."""
        if self._opened is None:
            from demo.platform.readings import Readings

            self._opened = Readings(self._connect)
        return self._opened

    def _page(self, readings: "Readings", service: Service, asked: Asked, fault: Fault | None, request: Request) -> Response:
        try:
            with readings.of(service, asked) as (listing, name):
                if fault and fault.loi == "doi_giua_trang":
                    listing.begin()
                etag = {"ETag": listing.etag} if listing.etag else {}
                if etag and fault is None and request.headers.get("if-none-match") == listing.etag:
                    listing.rest()
                    return Response(status_code=304, headers=etag)
                rows, total, has_next = answers.page_of(listing, answers.Page(asked.page, asked.size), fault)
        except psycopg2.OperationalError:
            return bodies.Nothing()  # the system behind the service is not there
        except psycopg2.Error:
            return _refused(service, "-1", "Lỗi hệ thống.", 500)
        repeats = fault and fault.loi == "con_tro_lap" and asked.page >= fault.page
        following = f"{name}.{asked.page if repeats else asked.page + 1}" if has_next else None
        whole = answers.envelope(service, rows, total, following, fault)
        return _spoiled(Response(whole, media_type=bodies.JSON, headers=etag), fault)

    async def check(self, request: Request) -> Response:
        """The population check: at most a hundred people a call."""
        fault = self._switches.take("dan_cu", 1, INSTEAD)
        if fault and fault.loi == "chet":
            return bodies.Nothing()
        if fault and fault.loi == "het_han_token":
            self._partners.forget()
        if refused := self._not_let_in(request, None):
            return refused
        if fault and fault.loi == "cham":
            await asyncio.sleep(fault.giay)
        if instead := _instead(None, fault):
            return instead
        if bodies.is_too_long(request, LARGEST_QUESTION):
            return _refused(None, "413", "Nội dung quá lớn.", 413)
        try:
            said = self._population.answer(await request.body(), self._today(), self._switches.read().dan_cu_moi_ngay)
        except Refused as wrong:
            return _refused(None, "400", str(wrong), 400)
        except OverQuota:
            return _refused(None, "429", "Đã hết số lượt tra cứu của ngày.", 429)
        return _spoiled(JSONResponse({"error_code": "00", "error": None, "message": "Thành công", "data": said}), fault)

    async def checked(self, request: Request) -> Response:
        """How often it was asked, by day and purpose."""
        return JSONResponse(self._population.log())

    async def switch(self, request: Request) -> Response:
        """For the demo and the tests: a fault of one service (`dich_vu`, `loi`, …), other switches, or all anew (`quen_het`)."""
        try:
            wanted = refuse_strange(await request.body())
            if "quen_het" in wanted:
                self._forget_all()
            elif "loi" in wanted:
                self._switches.spoil(wanted.pop("dich_vu"), wanted.pop("loi"), **wanted)
            else:
                self._switches.change(**wanted)
        except (ValueError, TypeError, KeyError) as error:
            return JSONResponse({"loi": str(error)}, status_code=400)
        return JSONResponse({"xong": True})

    def _forget_all(self) -> None:
        """Go back to the state at the start: no switch set, nobody let in, nothing counted, no reading open."""
        self._switches.clear()
        self._partners.forget()
        self._population.forget()
        self.close()
        self._calls.clear()

    def _in_force(self) -> list[Service]:
        today = self._today()
        return [s for s in self._services if s.holds(today)]

    def _not_let_in(self, request: Request, service: Service | None) -> Response | None:
        headers, shape = request.headers, service.auth if service else "bearer"
        if shape == "authorization":
            good = self._partners.know(headers.get("authorization"))
        else:
            token = bearer(request) if shape == "bearer" else headers.get("x-authentication-token")
            good = self._partners.know(headers.get(PARTNER_HEADER)) and self._partners.let_in(token)
        if not good:
            return _refused(service, "401", "Token không hợp lệ hoặc đã hết hạn.", 401)
        if missing := [name for name in NAMED if not headers.get(name)]:
            return _refused(service, "400", f"Thiếu {', '.join(missing)} trong tiêu đề.", 400)
        return None

    def _too_often(self, service: Service) -> Response | None:
        if not self._switches.read().giu_han_muc:
            return None
        calls, now = self._calls.setdefault(f"{service.system}.{service.resource}", deque()), time.monotonic()
        while calls and calls[0] <= now - MINUTE:
            calls.popleft()
        if len(calls) >= service.calls_per_minute:
            return _busy(service, str(int(calls[0] + MINUTE - now) + 1))
        calls.append(now)
        return None


def _refused(service: Service | None, code: str, message: str, status: int) -> Response:
    return JSONResponse(answers.refusal(service, code, message), status_code=status)


def _busy(service: Service | None, retry_after: str) -> Response:
    refused = _refused(service, "429", "Quá số lượt gọi, thử lại sau.", 429)
    refused.headers["Retry-After"] = retry_after
    return refused


def _instead(service: Service | None, fault: Fault | None) -> Response | None:
    """What a fault says instead of rows."""
    if fault is None:
        return None
    match fault.loi:
        case "401":
            return _refused(service, "401", "Token không hợp lệ hoặc đã hết hạn.", 401)
        case "403":
            return Response(status_code=403)
        case "429":
            return _busy(service, fault.retry_after)
        case "500":
            return _refused(service, "-1", "Lỗi hệ thống.", 500)
        case "502":
            return bodies.html(502)
        case "ma_loi":
            return _refused(service, fault.ma, "Dịch vụ báo lỗi.", 200)
        case "html":
            return bodies.html()
        case "qua_dai":
            return bodies.endless()
        case "qua_sau":
            return bodies.deep()
        case "nho_giot":
            return bodies.dripping()
    return None


def _spoiled(answer: Response, fault: Fault | None) -> Response:
    whole = bytes(answer.body)
    match fault.loi if fault else None:
        case "bom":
            return Response(bodies.BOM + whole, media_type=bodies.JSON)
        case "json_hong":
            return Response(whole[: len(whole) // 2], media_type=bodies.JSON)
        case "dut_giua_chung":
            return bodies.Cut(whole, media_type=bodies.JSON)
    return answer


def platform_of(settings: Settings, client_id: str, client_secret: str) -> Platform:
    """The demo's: every declared service, over the databases in which the province plays its sources."""
    connect = {found.system: partial(_reader, settings.home, found.system) for found in services()}
    return Platform(connect, services(), (client_id, client_secret), settings.home / "demo" / "platform", Clock(settings).today)


def _reader(home: Path, system: str) -> Any:
    from demo.databases.database import database_of, reader_of
    from schemas.registry import source_named

    source = source_named(system)
    return EmbeddedServer(home).connect(database_of(source), reader_of(source))  # it is not for the platform to start it


def main(arguments: list[str] | None = None) -> int:
    return stand(arguments, "platform", "Nền tảng tích hợp mô phỏng", lambda *made: platform_of(*made).app())


if __name__ == "__main__":
    raise SystemExit(main())
