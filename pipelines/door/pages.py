"""What the door answers itself: a short page to a person, GraphQL's form of an error to a program. Neither holds a library's text."""

import html
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
}
HOW = "Trên máy chạy ansinh, gõ <code>ansinh url ui</code> rồi mở liên kết được in ra: mỗi liên kết dùng một lần, trong 10 phút."


class Refusal(Exception):
    """What was asked for is not done. `words` are HTML of our own, and hold nothing that came with the request."""

    def __init__(self, status: int, title: str, words: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(title)
        self.status, self.title, self.words, self.headers = status, title, words, headers or {}

    def answer(self, asked: Headers) -> Response:
        # What of the request was not read is not waited for: the connection ends with the answer.
        headers = {**HEADERS, **self.headers, "Connection": "close"}
        if "text/html" in asked.get("accept", ""):
            return HTMLResponse(_page(self.title, self.words), self.status, headers)
        plain = html.unescape(self.words.replace("<code>", "").replace("</code>", ""))
        return JSONResponse({"data": None, "errors": [{"message": f"{self.title}. {plain}"}]}, self.status, headers)


def not_entered() -> Refusal:
    return Refusal(401, "Chưa vào giao diện", f"{HOW} Sau đó trình duyệt giữ lối vào trong 12 giờ.")


def link_spent() -> Refusal:
    return Refusal(401, "Liên kết sai, đã dùng hoặc quá hạn", HOW)


def unforeseen() -> Refusal:
    words = "Giao diện gặp lỗi chưa lường trước; loại lỗi nằm trong nhật ký của máy chạy ansinh. Những gì đã nạp vẫn nguyên."
    return Refusal(500, "Lỗi của giao diện", words)


def landing(onward: str) -> Response:
    """Let the browser go on by itself: a request that a page of the door starts is no foreign page's, and brings the cookie."""
    place = html.escape(onward, quote=True)
    words = f'Đang mở giao diện. <a href="{place}">Mở ngay</a>'
    return HTMLResponse(_page("ansinh", words, f'<meta http-equiv="refresh" content="0;url={place}">'), headers=HEADERS)


def _page(title: str, words: str, head: str = "") -> str:
    return (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title>{head}'
        "<style>body{font:18px/1.5 sans-serif;max-width:40em;margin:15vh auto;padding:0 1em}code{background:#eee;padding:0 .3em}"
        f"</style></head><body><h1>{title}</h1><p>{words}</p></body></html>"
    )
