"""Answers that no client should believe or wait for: without end, nested without end, a byte at a time, cut, or none at all."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

TRANSPORT = "ansinh.transport"  # where the scope of a request holds its connection (standing.py)
BOM = b"\xef\xbb\xbf"
JSON = "application/json"


def endless() -> Response:
    return StreamingResponse(itertools.repeat(b" " * 65_536), media_type=JSON)


def deep() -> Response:
    return Response(b"[" * 100_000 + b"]" * 100_000, media_type=JSON)


def dripping() -> Response:
    return StreamingResponse(_drops(), media_type=JSON)


async def _drops() -> AsyncIterator[bytes]:
    while True:
        await asyncio.sleep(0.05)
        yield b" "


def html(status: int = 200) -> Response:
    return HTMLResponse("<html><body><h1>Hệ thống đang bảo trì</h1></body></html>", status_code=status)


class Cut(Response):
    """The first half of a body whose whole length was announced; then the connection ends."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": bytes(self.body)[: len(self.body) // 2], "more_body": True})
        scope[TRANSPORT].close()
        await _ended(receive)


class Nothing(Response):
    """No answer: the connection ends at once."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        scope[TRANSPORT].abort()
        await _ended(receive)


async def _ended(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def is_too_long(request: Request, largest: int) -> bool:
    return int(request.headers.get("content-length") or 0) > largest
