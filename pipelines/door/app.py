"""The door before an ASGI app: what is foreign, forged, too much or of somebody who has not entered never reaches the app.

What the door has judged is what the app reads: of a GraphQL request its document, variables and name are passed on, written
anew, so that no second reader can see another request in the same bytes.
"""

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.door import guard, pages
from pipelines.door.accounts import account_of
from pipelines.door.addresses import Addresses
from pipelines.door.documents import BY_GET, BY_POST, BY_WEBSOCKET, refuse_document
from pipelines.door.guard import GRAPHQL
from pipelines.door.pages import Refusal
from pipelines.door.passes import SESSION_SECONDS, TOKEN, Pass, Passes
from resources.warehouse.engine import typed

MOST_BYTES = 4 * 2**20  # a backfill names each of its partitions
BODY_SECONDS = 30
POLICY_VIOLATION = 1008

HARDENED = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = "frame-ancestors 'none'; base-uri 'none'; object-src 'none'; form-action 'self'"

log = logging.getLogger("ansinh.door")


class Door:
    def __init__(self, inner: ASGIApp, addresses: Addresses, passes: Passes) -> None:
        self.inner, self.addresses, self.passes = inner, addresses, passes
        # A cookie is of a host and not of a port: two UIs of one machine would take each other's.
        self.cookie = f"ansinh-{addresses.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, _hardened(send))
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self.inner(scope, receive, send)

    # -- requests --

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        headers = Headers(scope=scope)
        try:
            answer = await self._answered(scope, headers, receive, noted)
        except Refusal as refusal:
            answer = refusal.answer(headers)
        except Exception as error:
            log.error("%s", typed("giao diện", error))
            answer = None if started else pages.unforeseen().answer(headers)
        if answer is not None:
            await answer(scope, receive, noted)

    async def _answered(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> Response | None:
        """What the door answers itself; None once the app has answered."""
        method, path = scope["method"], scope["path"]
        host = guard.host_of(headers, self.addresses)
        guard.refuse_path(path)
        guard.refuse_method(method, path)
        given = QueryParams(scope["query_string"])
        if guard.is_foreign(headers, host, self.addresses):
            if not guard.is_followed_link(method, headers) or path == GRAPHQL:
                raise guard.foreign()
            if TOKEN not in given:
                return self._landing(scope)
        if method == "GET" and TOKEN in given:
            return self._enter(scope, headers, given, host)
        if self._session(scope, headers) is None:
            raise pages.not_entered()
        if path == GRAPHQL and method == "POST":
            guard.refuse_not_json(headers)
            body = await _body(headers, receive)
            if body is None:
                return None  # nobody waits for an answer any more
            receive = _replayed(_judged(body), receive)
        elif path == GRAPHQL and given:
            if len(given.getlist("query")) != 1 or len(given.getlist("variables")) > 1:
                refuse_document(None, BY_GET)
            refuse_document(given["query"], BY_GET)
            passed = {name: given[name] for name in ("query", "variables", "operationName") if name in given}
            scope = {**scope, "query_string": urlencode(passed).encode()}
        await self.inner(scope, receive, send)
        return None

    def _landing(self, scope: Scope) -> Response:
        return pages.landing(_here(scope, QueryParams(scope["query_string"])))

    def _enter(self, scope: Scope, headers: Headers, given: QueryParams, host: str) -> Response:
        """Take the token out of the address and put a session into the cookie."""
        answer = RedirectResponse(_here(scope, given), 303, pages.HEADERS)
        token = self.passes.enter(given[TOKEN], _account(scope))
        if token is not None:
            is_private = self.addresses.is_private(host)
            answer.set_cookie(self.cookie, token, SESSION_SECONDS, secure=is_private, httponly=True, samesite="strict")
        elif self._session(scope, headers) is None:
            raise pages.link_spent()
        return answer

    def _session(self, scope: Scope, headers: Headers) -> Pass | None:
        """The session of who asks. Another server of this machine may have set cookies of the same name: one has to be right."""
        for cookie in ";".join(headers.getlist("cookie")).split(";"):
            name, _, value = cookie.strip().partition("=")
            session = self.passes.session(value) if name == self.cookie else None
            if session is not None and session.account in (None, _account(scope)):
                return session
        return None

    # -- WebSockets --

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        try:
            host = guard.host_of(headers, self.addresses)
            session = self._session(scope, headers)
            if scope["path"] != GRAPHQL or guard.is_foreign(headers, host, self.addresses) or session is None:
                raise guard.foreign()
            async with asyncio.timeout(session.until - time.time()):
                await self.inner(scope, _subscriptions_only(receive), send)
            return
        except Refusal:
            pass
        except TimeoutError:
            log.info("phiên hết hạn")
        except Exception as error:
            log.error("%s", typed("giao diện", error))
        try:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        except RuntimeError:
            log.debug("đã đóng")  # by the app, before us


def _account(scope: Scope) -> int | None:
    client, server = scope.get("client"), scope.get("server")
    return account_of(tuple(client), tuple(server)) if client and server else None


def _here(scope: Scope, given: QueryParams) -> str:
    """The address asked for, without the token: a path of ours, `guard.refuse_path` has seen to that."""
    kept = urlencode([(name, value) for name, value in given.multi_items() if name != TOKEN])
    path = scope["raw_path"].decode("ascii", "replace")
    return f"{path}?{kept}" if kept else path


async def _body(headers: Headers, receive: Receive) -> bytes | None:
    """The whole body, bounded in size and time; None when who sent it is gone."""
    too_much = Refusal(413, "Yêu cầu quá lớn", f"Nhận nhiều nhất {MOST_BYTES // 2**20} MB.")
    if int(headers.get("content-length", 0)) > MOST_BYTES:
        raise too_much
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                body += message.get("body", b"")
                if len(body) > MOST_BYTES:
                    raise too_much
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        raise Refusal(408, "Yêu cầu đến quá chậm", f"Nhận nhiều nhất trong {BODY_SECONDS} giây.") from None


def _judged(body: bytes) -> bytes:
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        asked = None
    return json.dumps(_request(asked, BY_POST)).encode()


def _request(asked: Any, allowed: frozenset[str]) -> Mapping[str, Any]:
    """A GraphQL request of one document, refused where it is anything else."""
    if not isinstance(asked, dict):
        raise Refusal(400, "Yêu cầu không đọc được", "Gửi một đối tượng JSON với <code>query</code>.")
    variables, name = asked.get("variables"), asked.get("operationName")
    if not isinstance(variables, dict | None) or not isinstance(name, str | None):
        raise Refusal(
            400, "Yêu cầu không đọc được", "<code>variables</code> là đối tượng, <code>operationName</code> là văn bản."
        )
    refuse_document(asked.get("query"), allowed)
    return {"query": asked["query"], "variables": variables, "operationName": name}


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body once, then what comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message


def _subscriptions_only(receive: Receive) -> Receive:
    """Messages of graphql-ws, the one protocol that Dagster speaks; anything else ends the connection."""

    async def next_message() -> Message:
        message = await receive()
        if message["type"] != "websocket.receive":
            return message
        try:
            said = json.loads(message.get("text") or "")
        except (ValueError, RecursionError):
            raise guard.foreign() from None
        kind, number = (said.get("type"), said.get("id")) if isinstance(said, dict) else (None, None)
        passed: dict[str, Any] = {"type": kind}
        if kind in ("start", "stop"):
            if not isinstance(number, str):
                raise guard.foreign()
            passed["id"] = number
        elif kind not in ("connection_init", "connection_terminate"):
            raise guard.foreign()
        if kind == "start":
            asked = _request(said.get("payload"), BY_WEBSOCKET)
            passed["payload"] = {**asked, "operation_name": asked["operationName"]}  # as Dagster spells it here
        return {"type": "websocket.receive", "text": json.dumps(passed)}

    return next_message


def _hardened(send: Send) -> Send:
    """Every answer: not to be framed, not to be guessed at, not to be read by other pages."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message.setdefault("headers", [])
            headers = MutableHeaders(scope=message)
            headers.update(HARDENED)
            headers.append("Content-Security-Policy", POLICY)  # beside the app's own: both hold
            for name in [name for name in headers if name.startswith("access-control-")]:
                del headers[name]
        await send(message)

    return sent
