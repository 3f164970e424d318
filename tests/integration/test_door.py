"""The door over a small app, served as the UI is: what it lets in, what it refuses, and that the app hears nothing of the rest."""

import http.client
import json
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from pipelines.commands.ui import refuse_port
from pipelines.door import app as door_app
from pipelines.door import serving
from pipelines.door.accounts import account_of
from pipelines.door.addresses import Addresses
from pipelines.door.app import Door
from pipelines.door.passes import Pass, Passes
from pipelines.failures import PortRefused, PortTaken
from resources.settings import Settings

OUTSIDE = "https://ui.example.vn"
JSON = {"Content-Type": "application/json"}
PAGE = {"Accept": "text/html"}
MUTATION = "mutation { deleteRun(runId: 1) }"


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass
class Ui:
    port: int
    passes: Passes
    addresses: Addresses
    heard: list[tuple[str, str, str]] = field(default_factory=list)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What stands behind the door: it notes all that it hears, and does as it is told."""
        if scope["type"] == "lifespan":
            return
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            while (said := await receive())["type"] == "websocket.receive":
                self.heard.append(("WS", scope["path"], said["text"]))
                await send({"type": "websocket.send", "text": "heard"})
            return
        request = Request(scope, receive)
        body = (await request.body()).decode()
        self.heard.append((request.method, request.url.path, body or str(request.query_params)))
        if request.url.path == "/boom":
            raise RuntimeError("select secret from core.persons")
        await PlainTextResponse("within", headers={"Access-Control-Allow-Origin": "*"})(scope, receive, send)

    def ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: object = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        content = body if isinstance(body, bytes | str | None) else json.dumps(body)
        connection.request(method, path, content, dict(headers or {}))
        answer = connection.getresponse()
        found = Answer(answer.status, answer.headers, answer.read().decode())
        connection.close()
        return found

    def link(self) -> str:
        return self.passes.link(self.addresses).removeprefix(OUTSIDE)

    def entered(self) -> dict[str, str]:
        return {"Cookie": self.ask("GET", self.link()).headers["Set-Cookie"].partition(";")[0]}

    def websocket(self, headers: Mapping[str, str], path: str = "/graphql") -> ClientConnection:
        return connect(f"ws://127.0.0.1:{self.port}{path}", additional_headers=headers, subprotocols=["graphql-ws"])  # ty: ignore[invalid-argument-type]


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    passes = Passes(Settings("demo", tmp_path_factory.mktemp("home")))
    passes.open(port)
    found = Ui(port, passes, Addresses(port, OUTSIDE))
    server = uvicorn.Server(serving.config(Door(found.app, found.addresses, passes), port))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield found
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def cookie(ui: Ui) -> dict[str, str]:
    return ui.entered()


@pytest.fixture(autouse=True)
def nothing_heard(ui: Ui) -> None:
    ui.heard.clear()


# -- entering --


def test_without_a_link_nothing_is_shown_and_it_says_how(ui: Ui, cookie: dict[str, str]) -> None:
    for path in ("/", "/graphql", "/server_info", "/favicon.ico", "/logs/x/y", "/download_debug/x"):
        for sent in ({}, {"Cookie": "ansinh-1=x"}, {"Cookie": f"ansinh-{ui.port}=x"}, {"Authorization": "Bearer x"}):
            assert ui.ask("GET", path, sent).status == 401
    assert ui.ask("POST", "/graphql", JSON, {"query": "{a}"}).status == 401
    page = ui.ask("GET", "/", PAGE)
    assert "<code>ansinh url ui</code>" in page.text and page.headers["Content-Type"].startswith("text/html")
    assert "ansinh url ui" in json.loads(ui.ask("GET", "/").text)["errors"][0]["message"]
    assert ui.heard == []
    # Another server of this machine set a cookie of the same name: the right one counts.
    tossed = {"Cookie": f"ansinh-{ui.port}=x; {cookie['Cookie']}"}
    assert ui.ask("GET", "/", tossed).text == "within"


def test_a_link_opens_one_session_and_leaves_the_address(ui: Ui) -> None:
    link = ui.link().replace("/?", "/runs/a%20b?view=grid&x=%C3%AA&")
    assert ui.ask("HEAD", link).status == 401, "who only looks does not use it up"
    assert (
        ui.ask("GET", link, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}).status
        == 403
    )
    for elsewhere in ("//evil.example", "/%2Fevil.example", "/\\evil.example", "/%5Cevil.example", "/a%0d%0ab"):
        assert ui.ask("GET", elsewhere + ui.link()).status == 400
    by_mail = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    first = ui.ask("GET", link, by_mail)
    assert (first.status, first.headers["Location"]) == (303, "/runs/a%20b?view=grid&x=%C3%AA")
    name, *kept = [part.strip().lower() for part in first.headers["Set-Cookie"].split(";")]
    assert name.startswith(f"ansinh-{ui.port}=") and set(kept) == {"httponly", "max-age=43200", "path=/", "samesite=strict"}
    session = {"Cookie": first.headers["Set-Cookie"].partition(";")[0]}
    assert ui.ask("GET", "/", session).text == "within"
    again = ui.ask("GET", link, PAGE)
    assert again.status == 401 and "đã dùng" in again.text and not again.headers["Set-Cookie"]
    assert ui.ask("GET", link, session).status == 303, "who is in goes on"
    late = ui.passes._give("links", Pass(time.time() - 1))
    assert ui.ask("GET", f"/?token={late}").status == 401
    assert ui.ask("GET", "/?token=" + "x" * 5000).status == 401
    # Followed from a mail, the redirect does not bring the cookie: the page that lands goes on by itself, in our own name.
    landed = ui.ask("GET", '/runs?x="<', {**by_mail, **PAGE})
    assert landed.status == 200 and 'content="0;url=/runs?x=%22%3C' in landed.text and "within" not in landed.text
    assert ui.ask("GET", "/graphql?query={a}", {**by_mail, **session}).status == 403
    assert all(heard[:2] == ("GET", "/") for heard in ui.heard)


def test_a_link_is_used_up_by_one_of_two_who_come_at_once(ui: Ui) -> None:
    link, came = ui.link(), threading.Barrier(8)

    def use(found: list[int]) -> None:
        came.wait()
        found.append(ui.ask("GET", link).status)

    found: list[int] = []
    threads = [threading.Thread(target=use, args=(found,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [303] + [401] * 7


def test_the_cookie_is_for_https_alone_behind_a_proxy_of_https(ui: Ui) -> None:
    entered = ui.ask("GET", ui.link(), {"Host": "ui.example.vn"})
    assert entered.status == 303 and "; Secure" in entered.headers["Set-Cookie"]


def test_a_session_is_of_one_account_of_the_machine_and_ends(ui: Ui, cookie: dict[str, str]) -> None:
    stolen = ui.passes._give("sessions", Pass(time.time() + 60, os.getuid() + 1))
    over = ui.passes._give("sessions", Pass(time.time() - 1, os.getuid()))
    anybody = ui.passes._give("sessions", Pass(time.time() + 60))
    for token, status in ((stolen, 401), (over, 401), (anybody, 200)):
        assert ui.ask("GET", "/", {"Cookie": f"ansinh-{ui.port}={token}"}).status == status
    with socket.create_connection(("127.0.0.1", ui.port)) as ours, socket.socket(socket.AF_INET6) as mapped:
        mapped.connect(("::ffff:127.0.0.1", ui.port))
        for end in (ours.getsockname(), ("127.0.0.1", mapped.getsockname()[1])):
            assert account_of(end, ("127.0.0.1", ui.port)) == os.getuid()
        gone = ours.getsockname()
    assert account_of(gone, ("127.0.0.1", ui.port)) is None and account_of(("::1", 1), ("::1", ui.port)) is None


# -- who asks --


def test_another_name_another_page_and_another_port_are_foreign(ui: Ui, cookie: dict[str, str]) -> None:
    own = f"http://127.0.0.1:{ui.port}"
    for host in (
        "evil.example",
        f"evil.example:{ui.port}",
        "127.0.0.1",
        "127.0.0.1:1",
        f"127.0.0.1.:{ui.port}",
        "ui.example.vn:80",
        "",
    ):
        assert ui.ask("GET", "/", {**cookie, "Host": host}).status == 421
    for origin in (
        "null",
        "https://evil.example",
        f"https://127.0.0.1:{ui.port}",
        "http://127.0.0.1:1",
        f"http://localhost:{ui.port}",
    ):
        for method, path, body in (("GET", "/", None), ("POST", "/graphql", '{"query":"{a}"}')):
            assert ui.ask(method, path, {**cookie, **JSON, "Origin": origin}, body).status == 403
    for site in ("cross-site", "same-site", "", "x"):
        assert ui.ask("GET", "/", {**cookie, "Sec-Fetch-Site": site}).status == 403
    for origin in ("http://ui.example.vn", "https://ui.example.vn:444"):  # the network may have written a page without TLS
        assert ui.ask("GET", "/", {**cookie, "Host": "ui.example.vn", "Origin": origin}).status == 403
    framed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
    assert ui.ask("GET", "/", {**cookie, **framed}).status == 403
    assert ui.heard == []
    for host in (f"localhost:{ui.port}", f"[::1]:{ui.port}", f"LOCALHOST:{ui.port}", "ui.example.vn"):
        assert ui.ask("GET", "/", {**cookie, "Host": host}).status == 200
    for origin in (own, OUTSIDE):
        same = {**cookie, **JSON, "Origin": origin, "Sec-Fetch-Site": "same-origin"}
        assert ui.ask("POST", "/graphql", same, {"query": "{a}"}).status == 200
    raw = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{ui.port}\r\nHost: evil.example\r\n{{}}\r\n\r\n"
    for odd in (
        raw.format("X: 1"),
        "GET / HTTP/1.0\r\n\r\n",
        f"GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1:{ui.port}\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", ui.port), timeout=20) as plain:
            plain.sendall(odd.encode())
            assert plain.recv(100).split()[1] in (b"400", b"421")


# -- what is asked --


def test_what_changes_something_comes_as_json_by_post_to_graphql_alone(ui: Ui, cookie: dict[str, str]) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"):
        assert ui.ask(method, "/graphql", cookie).status == 405
    for path in (
        "/",
        "/report_asset_materialization/core/x",
        "/report_asset_check/x",
        "/report_asset_observation/x",
        "/graphql/",
    ):
        assert ui.ask("POST", path, {**cookie, **JSON}, {"query": MUTATION}).status == 405
    boundary = 'multipart/form-data; boundary="application/json"'
    kinds_sent = [
        "text/plain",
        "text/plain; application/json",
        "application/x-www-form-urlencoded",
        boundary,
        "application/graphql",
        "",
    ]
    for kind in kinds_sent:
        sent = {**cookie, "Content-Type": kind} if kind else cookie
        assert (
            ui.ask("POST", f"/graphql?query={MUTATION.replace(' ', '%20')}", sent, json.dumps({"query": MUTATION})).status == 415
        )
    for body in ("", "x", "[]", "1", '[{"query":"{a}"}]', "{}", '{"query":1}', '{"query":"{a}","variables":[]}', "[" * 90_000):
        assert ui.ask("POST", "/graphql", {**cookie, **JSON}, body).status == 400
    assert ui.ask("POST", "/graphql", {**cookie, **JSON}, {"query": "{a}", "operationName": 1}).status == 400
    assert ui.ask("POST", "/graphql", {**cookie, **JSON}, {"query": "subscription { a }"}).status == 400
    assert ui.heard == []
    charset = {"Content-Type": "Application/JSON; charset=utf-8"}
    twice = '{"query":"{a}","query":"' + MUTATION + '","extensions":{}}'
    assert ui.ask("POST", "/graphql?query={b}", {**cookie, **charset}, twice).status == 200
    assert json.loads(ui.heard[0][2]) == {"query": MUTATION, "variables": None, "operationName": None}


def test_by_get_nothing_but_a_query_is_read(ui: Ui, cookie: dict[str, str]) -> None:
    both = f"query A {{ a }} {MUTATION.replace('mutation', 'mutation B')}"
    hidden = 'query A { a(x: "}") } # }\nmutation B { ...F } fragment F on Mutation { deleteRun(runId: 1) }'
    for text, status in ((MUTATION, 405), (both, 405), (hidden, 405), ("subscription { a }", 400), ("{", 400), ("", 400)):
        for path in ("/graphql", "/graphql?operationName=A"):
            asked = f"{path}{'&' if '?' in path else '?'}query={_quoted(text)}"
            assert ui.ask("GET", asked, cookie).status == status
            assert ui.ask("GET", asked, {**cookie, **PAGE}).status == status
            assert ui.ask("HEAD", asked, cookie).status == status
    for odd in (
        f"/graphql?query={{a}}&query={_quoted(MUTATION)}",
        f"/graphql?query={_quoted(MUTATION)}&query={{a}}",
        "/graphql?variables={}",
    ):
        assert ui.ask("GET", odd, cookie).status == 400
    # A router's `$` takes this for the same path.
    assert ui.ask("GET", f"/graphql%0A?query={_quoted(MUTATION)}", cookie).status == 400
    assert ui.heard == []
    assert ui.ask("GET", f"/graphql?query={_quoted('query A { a(mutation: 1) }')}&x=1", cookie).status == 200
    assert ui.heard == [("GET", "/graphql", "query=query+A+%7B+a%28mutation%3A+1%29+%7D")]


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def test_a_body_is_bounded_in_size_and_time(ui: Ui, cookie: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_app, "BODY_SECONDS", 0.3)
    monkeypatch.setattr(serving, "ASKING_SECONDS", 0.3)
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:{ui.port}\r\nContent-Type: application/json\r\nCookie: {cookie['Cookie']}\r\n"
    )
    chunk = b"%x\r\n%b\r\n" % (2**20, b" " * 2**20)
    for content, status in (
        ("Content-Length: 9999999\r\n\r\n", b"413"),
        ("Transfer-Encoding: chunked\r\n\r\n", b"413"),
        ("Content-Length: 20\r\n\r\n{", b"408"),
    ):
        with socket.create_connection(("127.0.0.1", ui.port), timeout=20) as slow:
            slow.sendall((head + content).encode())
            if "chunked" in content:
                slow.sendall(chunk * 5)
            assert slow.recv(100).split()[1] == status
    for begun in ("", "GET / HTTP/1.1\r\nHost: 127"):  # who never finishes asking is not waited for
        with socket.create_connection(("127.0.0.1", ui.port), timeout=20) as idle:
            idle.sendall(begun.encode())
            assert idle.recv(100) == b""
    with socket.create_connection(("127.0.0.1", ui.port), timeout=20) as large:
        large.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{ui.port}\r\nX: {'x' * 66_000}".encode())
        assert large.recv(100).split()[1] == b"400"
    assert ui.heard == []


def test_a_websocket_is_entered_and_carries_subscriptions_alone(ui: Ui, cookie: dict[str, str]) -> None:
    own, start = (
        {"Origin": f"http://127.0.0.1:{ui.port}"},
        {"type": "start", "id": "1", "payload": {"query": "subscription { a }"}},
    )
    for headers, path in (
        (own, "/graphql"),
        ({**cookie, "Origin": "https://evil.example"}, "/graphql"),
        ({**cookie, "Origin": "http://127.0.0.1:1"}, "/graphql"),
        ({**cookie, **own, "Host": "evil.example"}, "/graphql"),
        ({**cookie, **own}, "/other"),
    ):
        with pytest.raises(InvalidStatus) as refused:
            ui.websocket(headers, path)
        assert refused.value.response.status_code in (400, 403)
    documents = [MUTATION, "{ a }", f"subscription A {{ a }} {MUTATION}", "{", None]
    wrong = [{**start, "payload": {"query": text, "operationName": "A"}} for text in documents]
    odd = [[], {"type": "x"}, {"type": "subscribe", "id": "1"}, {**start, "id": []}, {**start, "payload": []}]
    for said in (*map(json.dumps, [*wrong, *odd]), "x", b"\x00"):
        with ui.websocket({**cookie, **own}) as socket_of_ours:
            socket_of_ours.send(said)
            with pytest.raises(ConnectionClosed):
                socket_of_ours.recv(timeout=20)
    assert ui.heard == []
    for headers in ({**cookie, **own}, cookie):  # a script has no origin
        with ui.websocket(headers) as socket_of_ours:
            for said in ({"type": "connection_init", "payload": {}}, start, {"type": "stop", "id": "1"}):
                socket_of_ours.send(json.dumps(said))
                assert socket_of_ours.recv(timeout=20) == "heard"
    assert json.loads(ui.heard[1][2])["payload"]["query"] == "subscription { a }"
    short = ui.passes._give("sessions", Pass(time.time() + 0.5))
    with ui.websocket({"Cookie": f"ansinh-{ui.port}={short}"}) as ends, pytest.raises(ConnectionClosed):
        ends.recv(timeout=20)


# -- what is answered --


def test_every_answer_is_hardened_and_an_unforeseen_error_tells_nothing(
    ui: Ui, cookie: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    for answer in (
        ui.ask("GET", "/", cookie),
        ui.ask("GET", "/"),
        ui.ask("GET", "/", {"Host": "evil.example"}),
        ui.ask("PUT", "/"),
    ):
        assert answer.headers["X-Frame-Options"] == "DENY" and answer.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers.get_all("Content-Security-Policy", [])[-1]
        assert answer.headers["X-Content-Type-Options"] == "nosniff" and "Server" not in answer.headers
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    failed = ui.ask("GET", "/boom", {**cookie, **PAGE})
    assert failed.status == 500 and "Lỗi của giao diện" in failed.text
    assert "select" not in failed.text + caplog.text and "RuntimeError" in caplog.text


def test_a_place_where_the_door_could_not_listen_is_refused_before_it_is_opened() -> None:
    with pytest.raises(PortRefused, match=r"192\.0\.2\.1:3000: hệ điều hành từ chối \(không phải địa chỉ của máy này\)"):
        refuse_port("192.0.2.1", 3000)
    with socket.create_server(("127.0.0.1", 0)) as standing, pytest.raises(PortTaken):
        port = standing.getsockname()[1]
        refuse_port("127.0.0.1", port)
    refuse_port("127.0.0.1", port)
