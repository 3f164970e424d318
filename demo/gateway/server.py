"""A synthetic national reporting gateway: a real HTTP server on the loopback that plays the receiving side of the exchange.

`python -m demo gateway [--port N]`. It stands for a system whose own contract is not public; the paths and packets are
this project's proposal. It binds to 127.0.0.1 only, makes its client's id and secret at the first start, and remembers
every receipt over a restart. Nothing outside demo/ imports it.
"""

import argparse
import base64
import binascii
import fcntl
import hmac
import itertools
import json
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from demo.gateway.store import Refusal, Store
from demo.gateway.switches import Switches, switch_file
from demo.gateway.words import reason
from resources.clock import Clock
from resources.durable import write_whole
from resources.settings import Settings

HOST = "127.0.0.1"
LARGEST_PACKET = 32 * 1024 * 1024
PARTNER_FIELDS = ("AccessKey", "SecretKey", "AppName", "PartnerCode", "PartnerCodeCus")


class Gateway:
    def __init__(self, settings: Settings, client_id: str, client_secret: str) -> None:
        self._clock = Clock(settings)
        self._client = (client_id, client_secret)
        self._store = Store(settings.home / "demo" / "gateway")
        self._switches = switch_file(settings.home)
        self._tokens: dict[str, float] = {}  # in memory only: after a restart a client has to ask for a new one
        self._tokens_lock = threading.Lock()

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
        """OAuth2 client credentials, form-encoded, with the partner's header."""
        body = parse_qs((await request.body()).decode("utf-8", "replace"))
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
            return JSONResponse({"error": "invalid_request"}, status_code=400)
        if body.get("grant_type") != ["client_credentials"]:
            return JSONResponse({"error": "unsupported_grant_type"}, status_code=400)
        if not self._is_partner(request):
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        seconds = self._switches.read().token_giay
        token = secrets.token_urlsafe(32)
        with self._tokens_lock:
            self._tokens = {t: end for t, end in self._tokens.items() if end > time.monotonic()}
            self._tokens[token] = time.monotonic() + seconds
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": seconds})

    async def submit(self, request: Request) -> Response:
        if self._switches.read().loi == "het_han_token":
            self._switches.take()
            with self._tokens_lock:
                self._tokens.clear()
        refused = self._unauthorised(request)
        if refused:
            return refused
        if int(request.headers.get("content-length") or 0) > LARGEST_PACKET:
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
                return HTMLResponse("<html><body><h1>Hệ thống đang bảo trì</h1></body></html>")
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
        return self._found(request, self._store.listed())

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
        """As it was when it was made: nothing received, no switch set, nobody let in."""
        self._store.clear()
        self._switches.clear()
        with self._tokens_lock:
            self._tokens.clear()

    def _is_partner(self, request: Request) -> bool:
        try:
            partner = json.loads(base64.b64decode(request.headers.get("lgspaccesstoken", ""), validate=True))
        except (ValueError, binascii.Error):
            return False
        if not isinstance(partner, dict) or any(not isinstance(partner.get(name), str) for name in PARTNER_FIELDS):
            return False
        given = (partner["AccessKey"], partner["SecretKey"])
        return all(hmac.compare_digest(a.encode(), b.encode()) for a, b in zip(given, self._client, strict=True))

    def _unauthorised(self, request: Request) -> Response | None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        with self._tokens_lock:
            good = kind == "Bearer" and self._tokens.get(token, 0.0) > time.monotonic()
        if good and self._is_partner(request):
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
            return Response(whole[:-20], media_type="application/json")
        case "bom":
            return Response(b"\xef\xbb\xbf" + whole, media_type="application/json")
        case "qua_sau":
            return Response(b"[" * 100_000 + b"]" * 100_000, media_type="application/json")
        case "qua_dai":
            return StreamingResponse(itertools.repeat(b" " * 65_536), media_type="application/json")
        case "nho_giot":
            return StreamingResponse(_dripping(), media_type="application/json")
    return answer


def _dripping() -> Iterator[bytes]:
    while True:
        time.sleep(0.05)
        yield b" "


def credentials(run_dir: Path) -> tuple[str, str]:
    """The client's id and secret, made at the first start, readable by their owner only."""
    values = []
    for name, fresh in (
        ("gateway.client_id", f"ansinh-{secrets.token_hex(4)}"),
        ("gateway.client_secret", secrets.token_urlsafe(32)),
    ):
        path = run_dir / name
        if not path.exists():
            write_whole(path, fresh)  # half-written it would be an empty secret
        values.append(path.read_text(encoding="ascii").strip())
    return values[0], values[1]


def _listen(port: int, before: Path) -> socket.socket:
    """The wanted port; else the one it had before, so that a standing client finds it again; else any free one."""
    wanted = [port] if port else []
    if not port and before.exists():
        wanted.append(int(before.read_text(encoding="ascii").strip().rpartition(":")[2]))
    for candidate in [*wanted, *([] if port else [0])]:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, candidate))
        except OSError:
            listener.close()
            continue
        listener.listen(128)
        return listener
    raise SystemExit(f"Mở cổng báo cáo mô phỏng: cổng {port} đang có chương trình khác dùng. Chọn cổng khác hoặc bỏ --port.")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="ansinh demo gateway", description="Cổng báo cáo quốc gia mô phỏng.")
    parser.add_argument(
        "--port", type=int, default=0, help="cổng TCP trên 127.0.0.1 (mặc định: cổng lần trước, hoặc một cổng trống)"
    )
    options = parser.parse_args(arguments)
    settings = Settings.load()
    if not settings.is_demo:
        print("Cổng báo cáo mô phỏng chỉ chạy với ANSINH_PROFILE=demo.", file=sys.stderr)
        return 2
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    # Two gateways over the same receipts would each think themselves the only one.
    guard = (settings.run_dir / "gateway.lock").open("w")
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Cổng báo cáo mô phỏng đang chạy.", file=sys.stderr)
        return 0
    gateway = Gateway(settings, *credentials(settings.run_dir))
    url_file = settings.run_dir / "gateway.url"
    listener = _listen(options.port, url_file)
    server = uvicorn.Server(
        uvicorn.Config(gateway.app(), log_level="warning", access_log=False, lifespan="off", server_header=False)
    )
    write_whole(url_file, f"http://{HOST}:{listener.getsockname()[1]}")
    write_whole(settings.run_dir / "gateway.pid", str(os.getpid()))  # last: whoever waits for it finds the address
    server.run(sockets=[listener])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
