"""A synthetic national reporting gateway: a real HTTP server on the loopback that plays the receiving side of the exchange.

`python -m demo gateway [--port N]`. It stands for a system whose own contract is not public; the paths and packets are
this project's proposal. It binds to 127.0.0.1 only, makes its client's id and secret at the first start, and remembers
every receipt over a restart. Nothing outside demo/ imports it.
"""

import json
import os
import time
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from demo.gateway.store import Refusal, Store
from demo.gateway.switches import Switches, switch_file
from demo.gateway.words import reason
from demo.serving import bodies
from demo.serving.partners import PARTNER_HEADER, Partners, bearer
from demo.serving.standing import stand
from resources.clock import Clock
from resources.settings import Settings

LARGEST_PACKET = 32 * 1024 * 1024


class Gateway:
    def __init__(self, settings: Settings, client_id: str, client_secret: str) -> None:
        self._clock = Clock(settings)
        self._partners = Partners(client_id, client_secret)
        self._store = Store(settings.home / "demo" / "gateway")
        self._switches = switch_file(settings.home)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/suc-khoe", self.health),
                Route("/token", self.token, methods=["POST"]),
                Route("/bao-cao", self.submit, methods=["POST"]),
                Route("/bao-cao", self.listed),
                Route("/bao-cao/{ma_giao_dich}", self.state),
                Route("/bao-cao/{ma_giao_dich}/goi", self.packet),
                Route("/cong-tac", self.switch, methods=["POST"]),
            ]
        )

    async def health(self, request: Request) -> Response:
        return JSONResponse({"trang_thai": "san_sang"})

    async def token(self, request: Request) -> Response:
        return await self._partners.give(request, self._switches.read().token_giay)

    async def submit(self, request: Request) -> Response:
        if self._switches.read().loi == "het_han_token":
            self._switches.take()
            self._partners.forget()
        refused = self._unauthorised(request)
        if refused:
            return refused
        if bodies.is_too_long(request, LARGEST_PACKET):
            return _answer("-1", [reason("QUA_LON", "gói", "Gói lớn hơn mức cho phép.")], None, 413)
        return await run_in_threadpool(self._submit, await request.body())

    def _submit(self, body: bytes) -> Response:
        try:
            packet = json.loads(body)
        except (ValueError, UnicodeDecodeError):
            return _answer("-1", [reason("KHONG_DOC_DUOC", "gói", "Nội dung không phải JSON.")], None, 400)
        named = packet if isinstance(packet, dict) else {}
        switches = self._switches.take(str(named.get("ma_bieu_mau")))
        if refused := self._refused_by_switch(switches, str(named.get("ma_giao_dich"))):
            return refused
        try:
            receipt = self._store.accept(packet, self._clock.now())
        except Refusal as refusal:
            return _answer("-1", refusal.reasons, None)
        return _spoiled(_answer(switches.ma_thanh_cong, None, receipt), switches)

    def _refused_by_switch(self, switches: Switches, transaction_id: str) -> Response | None:
        """The answer of a fault that keeps nothing."""
        if switches.trung_ma and self._store.state(transaction_id):
            return _answer("-1", [reason("DA_NHAN", "ma_giao_dich", "Gói đã được tiếp nhận.")], None, switches.trung_ma)
        match switches.loi:
            case "429":
                return JSONResponse(
                    {"error_code": "429", "error": "TOO_MANY", "result": None, "message": "Quá số lượt gửi, thử lại sau."},
                    status_code=429,
                    headers={"Retry-After": str(switches.retry_after)},
                )
            case "500":
                return JSONResponse(
                    {"error_code": "-1", "error": "SYSTEM", "result": None, "message": "Lỗi hệ thống."}, status_code=500
                )
            case "html":
                return bodies.html()
            case "cham":
                time.sleep(switches.giay)
            case "tu_choi":
                return _answer("-1", [reason("TRA_LAI", "so_lieu", text) for text in switches.ly_do], None)
            case "cam":
                return _answer("-1", [reason("CAM", "ma_bieu_mau", "Đơn vị chưa được cấp quyền gửi biểu này.")], None, 403)
        return None

    async def state(self, request: Request) -> Response:
        transaction_id = request.path_params["ma_giao_dich"]
        if status := self._switches.read().hoi_hong.get(transaction_id):
            return _answer("-1", [reason("LOI", "ma_giao_dich", "Không tra cứu được lần gửi này.")], None, status)
        return self._found(request, self._store.state(transaction_id))

    async def packet(self, request: Request) -> Response:
        return self._found(request, self._store.packet(request.path_params["ma_giao_dich"]))

    async def listed(self, request: Request) -> Response:
        return self._found(request, self._store.listed(request.query_params))

    def _found(self, request: Request, result: Any) -> Response:
        refused = self._unauthorised(request)
        if refused:
            return refused
        if result is None:
            return _answer("-1", [reason("KHONG_CO", "ma_giao_dich", "Không có lần gửi này.")], None, 404)
        return _answer(self._switches.read().ma_thanh_cong, None, result)

    async def switch(self, request: Request) -> Response:
        """For the demo and the tests: set switches, play the receiving agency (`phe_duyet`, `tra_lai`, `quen`), or begin anew
        (`quen_het`)."""
        try:
            wanted = json.loads(await request.body())
            if "phe_duyet" in wanted or "tra_lai" in wanted:
                status = "da_phe_duyet" if "phe_duyet" in wanted else "bi_tra_lai"
                done = self._store.judge(wanted.get("phe_duyet") or wanted["tra_lai"], status, wanted.get("ly_do"))
                return JSONResponse({"xong": done}, status_code=200 if done else 404)
            if "quen" in wanted:
                return JSONResponse({"xong": self._store.forget(wanted["quen"])})
            if "quen_het" in wanted:
                self._forget_all()
            else:
                self._switches.change(**wanted)
        except (ValueError, TypeError) as error:
            return JSONResponse({"loi": str(error)}, status_code=400)
        return JSONResponse({"xong": True})

    def _forget_all(self) -> None:
        """Go back to the state at the start: nothing received, no switch set, nobody let in."""
        self._store.clear()
        self._switches.clear()
        self._partners.forget()

    def _unauthorised(self, request: Request) -> Response | None:
        if self._partners.let_in(bearer(request)) and self._partners.know(request.headers.get(PARTNER_HEADER)):
            return None
        return JSONResponse(
            {"error_code": "401", "error": "UNAUTHORIZED", "result": None, "message": "Token không hợp lệ hoặc đã hết hạn."},
            status_code=401,
        )


def _answer(code: str, error: Any, result: Any, status: int = 200) -> JSONResponse:
    message = "Thành công" if error is None else "Gói không được tiếp nhận."
    return JSONResponse({"error_code": code, "error": error, "result": result, "message": message}, status_code=status)


def _spoiled(answer: JSONResponse, switches: Switches) -> Response:
    """The answer to a packet that is kept, as a fault leaves it."""
    whole = bytes(answer.body)
    match switches.loi:
        case "chet_sau_ghi":
            os._exit(70)
        case "mat_tra_loi":
            return HTMLResponse("<html><body><h1>504 Gateway Time-out</h1></body></html>", status_code=504)
        case "json_hong":
            return Response(whole[:-20], media_type=bodies.JSON)
        case "bom":
            return Response(bodies.BOM + whole, media_type=bodies.JSON)
        case "qua_sau":
            return bodies.deep()
        case "qua_dai":
            return bodies.endless()
        case "nho_giot":
            return bodies.dripping()
    return answer


def main(arguments: list[str] | None = None) -> int:
    return stand(arguments, "gateway", "Cổng báo cáo mô phỏng", lambda *made: Gateway(*made).app())


if __name__ == "__main__":
    raise SystemExit(main())
