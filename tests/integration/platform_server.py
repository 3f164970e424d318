"""The demo's integration platform over a database that a test has: real HTTP on the loopback, from a thread of the test."""

import base64
import datetime as dt
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from demo.platform.listing import Connect
from demo.platform.server import Platform
from demo.serving.standing import HOST, listening, server_of
from schemas.services import Service
from tests.fixtures.services import LIKE

CLIENT = ("ansinh-thu", "bi-mat-thu")
PARTNER = {
    "AccessKey": CLIENT[0],
    "SecretKey": CLIENT[1],
    "AppName": "ansinh",
    "PartnerCode": "H41.21",
    "PartnerCodeCus": "H41.21",
}


def service(system: str, resource: str, **otherwise: Any) -> Service:
    """A service of the demo's usual contract; by number: `paging="number", page_parameter="trang"`."""
    usual = {"system": system, "resource": resource, "path": f"/{system}/{resource}".replace("_", "-")}
    return replace(LIKE, **usual | otherwise)


@dataclass
class RunningPlatform:
    platform: Platform
    url: str

    def switch(self, **values: Any) -> None:
        """Set switches; of one service: `dich_vu="system.resource", loi="429", …`."""
        answer = requests.post(f"{self.url}/cong-tac", data=json.dumps(values), timeout=5)
        assert answer.ok, answer.text

    def anew(self) -> "RunningPlatform":
        """As if it had just been made."""
        self.switch(quen_het=True)
        return self

    def looked_at_before(self, system: str, ago: dt.timedelta) -> None:
        """Let all that it remembers of when it was looked at be longer ago: what changed since then it tells apart."""
        looks = self.platform.readings().looks[system]
        looks[:] = [(at - ago.total_seconds(), horizon) for at, horizon in looks]

    def token(self) -> dict[str, Any]:
        answer = requests.post(
            f"{self.url}/token", data={"grant_type": "client_credentials"}, headers={"lgspaccesstoken": shown()}, timeout=5
        )
        assert answer.ok, answer.text
        return answer.json()

    def headers(self, token: str | None = None) -> dict[str, str]:
        """What a call carries, with a token that is good or the one given."""
        bearer = token or self.token()["access_token"]
        named = {"SENDER_CODE": "H41.21", "TRAN_CODE": str(uuid4())}
        return {"lgspaccesstoken": shown(), "Authorization": f"Bearer {bearer}", **named}

    def get(self, asked: Service, headers: Mapping[str, str] | None = None, **parameters: Any) -> requests.Response:
        """One call of a service."""
        return requests.get(
            f"{self.url}{asked.path}", params=parameters, headers=self.headers() | dict(headers or {}), timeout=20
        )


def shown(**otherwise: str) -> str:
    """The partner's header."""
    return base64.b64encode(json.dumps(PARTNER | otherwise).encode()).decode("ascii")


@contextmanager
def running_platform(
    connect: Mapping[str, Connect], services: Iterable[Service], folder: Path, today: Callable[[], dt.date]
) -> Iterator[RunningPlatform]:
    platform = Platform(connect, services, CLIENT, folder, today)
    server, listener = server_of(platform.app()), listening()
    assert listener is not None
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive() and time.monotonic() < until
            time.sleep(0.01)
        yield RunningPlatform(platform, f"http://{HOST}:{listener.getsockname()[1]}")
    finally:
        server.force_exit = server.should_exit = True  # without waiting for an answer that has no end
        thread.join(timeout=30)
        platform.close()
