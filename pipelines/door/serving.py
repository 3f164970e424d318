"""How the door listens: on this machine's own address unless a setting says another, with patience that has an end."""

import asyncio

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from pipelines.door.addresses import ADDRESS
from pipelines.door.app import Door

ASKING_SECONDS = 10  # from the first byte of a request, or from the connection, to the last of its headers
HEADERS_BYTES = 64 * 2**10
MESSAGE_BYTES = 2**20  # of a WebSocket
LEAVING_SECONDS = 3


class Punctual(H11Protocol):
    """A connection whose other end takes for ever to ask is closed; uvicorn waits for it. h11 bounds the size of the headers."""

    _overdue: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._overdue = self.loop.call_later(ASKING_SECONDS, self.timeout_keep_alive_handler)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._asked()
        elif self._overdue is None:
            self._overdue = self.loop.call_later(ASKING_SECONDS, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        self._asked()
        super().connection_lost(exc)

    def _asked(self) -> None:
        if self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None


def config(door: Door, port: int, address: str = ADDRESS) -> uvicorn.Config:
    return uvicorn.Config(
        door,
        host=address,
        port=port,
        http=Punctual,
        ws_max_size=MESSAGE_BYTES,
        h11_max_incomplete_event_size=HEADERS_BYTES,
        log_config=None,
        access_log=False,  # addresses hold tokens
        proxy_headers=False,  # who asks is told by the connection
        server_header=False,
        timeout_graceful_shutdown=LEAVING_SECONDS,
    )
