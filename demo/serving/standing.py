"""How a synthetic server stands: on the loopback alone, once over a state, at the address and with the secret that it had before."""

import fcntl
import os
import secrets
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from demo.serving.bodies import TRANSPORT
from pipelines.terminal.parser import Parser, whole
from resources.durable import write_whole
from resources.settings import Settings

HOST = "127.0.0.1"


def stand(arguments: Sequence[str] | None, name: str, title: str, app: Callable[[Settings, str, str], Starlette]) -> int:
    """Serve until told to stop. `app` makes it of the settings and of the id and secret of its client."""
    in_words = title[0].lower() + title[1:]
    parser = Parser(prog=f"ansinh demo {name}", description=f"{title}.")
    parser.add_argument(
        "--port",
        type=whole("một cổng", 1, 65_535),
        default=0,
        metavar="N",
        help="cổng TCP trên 127.0.0.1 (mặc định: cổng lần trước, hoặc một cổng trống)",
    )
    port = parser.parse_args(arguments).port
    settings = Settings.load()
    if not settings.is_demo:
        print(f"{title} chỉ chạy với ANSINH_PROFILE=demo.", file=sys.stderr)
        return 2
    run_dir = settings.home / "run"  # where whoever asks for the server looks, also from another container
    run_dir.mkdir(parents=True, exist_ok=True)
    # Two over the same state would each think themselves the only one.
    guard = (run_dir / f"{name}.lock").open("w")
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"{title} đang chạy.", file=sys.stderr)
        return 0
    server = server_of(app(settings, *credentials(run_dir, name)))
    url_file = run_dir / f"{name}.url"
    listener = listening(port, url_file)
    if listener is None:
        raise SystemExit(f"Mở {in_words}: cổng {port} đang có chương trình khác dùng. Chọn cổng khác hoặc bỏ --port.")
    write_whole(url_file, f"http://{HOST}:{listener.getsockname()[1]}")
    write_whole(run_dir / f"{name}.pid", str(os.getpid()))  # last: whoever waits for it finds the address
    server.run(sockets=[listener])
    return 0


def server_of(app: Starlette) -> uvicorn.Server:
    config = uvicorn.Config(app, http=_Reachable, log_level="warning", access_log=False, lifespan="off", server_header=False)
    return uvicorn.Server(config)


def credentials(run_dir: Path, name: str) -> tuple[str, str]:
    """The client's id and secret, made at the first start, readable by their owner only."""
    values = []
    for kept, fresh in (
        (f"{name}.client_id", f"ansinh-{secrets.token_hex(4)}"),
        (f"{name}.client_secret", secrets.token_urlsafe(32)),
    ):
        path = run_dir / kept
        if not path.exists():
            write_whole(path, fresh)  # half-written it would be an empty secret
        values.append(path.read_text(encoding="ascii").strip())
    return values[0], values[1]


def listening(port: int = 0, before: Path | None = None) -> socket.socket | None:
    """Listen on the wanted port; else on the one it had before, so that a standing client finds it again; else on any free one."""
    wanted = [port] if port else []
    if not port and before is not None and before.exists():
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
    return None


class _Reachable(H11Protocol):
    """Tells the app the connection itself, so that a fault can end it."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        inner: Any = self.app

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await inner({**scope, TRANSPORT: transport}, receive, send)

        self.app = app
