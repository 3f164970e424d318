"""Sockets that stand before a real PostgreSQL and fail as networks do: refuse, hang, cut the line or fall silent after some bytes, drip."""

import contextlib
import select
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from resources.embedded import EmbeddedServer
from tests.integration.kept import homes


class Line:
    """A unix socket in a folder of its own, passing to the server or failing. `cut_after`: bytes from the server, of each
    connection while `cuts` last. `silent_after`: so many bytes from the server, then nothing, and the line stays; with `drips`
    a byte in so many seconds. It may be set while the line stands."""

    def __init__(
        self,
        server: EmbeddedServer,
        *,
        hangs: bool = False,
        cut_after: int | None = None,
        cuts: int = 10**6,
        silent_after: int | None = None,
        drips: float | None = None,
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="px", dir=homes()))
        self._to = str(server.data_dir / ".s.PGSQL.5432")
        self._hangs, self._cut_after, self._cuts = hangs, cut_after, cuts
        self.silent_after, self._drips = silent_after, drips
        self.connections = 0
        self.cut = 0
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.folder / ".s.PGSQL.5432"))
        (self.folder / ".s.PGSQL.5432").chmod(0o777)
        self._listener.listen(64)
        self._held: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def url(self, source: str) -> str:
        return f"postgresql+psycopg2://{source}_reader@/source_{source}?host={quote(str(self.folder))}"

    def close(self) -> None:
        self._listener.close()
        for held in self._held:
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)  # closed alone, it would stay open while a thread waits for it
            held.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._held.append(near)
            if not self._hangs:
                threading.Thread(target=self._pass_until_gone, args=(near,), daemon=True).start()

    def _pass_until_gone(self, near: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):  # the latter of a socket that was closed meanwhile
            self._pass(near)

    def _pass(self, near: socket.socket) -> None:
        far = socket.socket(socket.AF_UNIX)
        far.connect(self._to)
        self._held.append(far)
        passed = 0
        limit = self._cut_after if self.cut < self._cuts else None
        with near, far:
            while True:
                ready, _, _ = select.select([near, far], [], [])
                for one in ready:
                    data = one.recv(65536)
                    if not data:
                        return
                    if one is far:
                        passed += len(data)
                        if limit is not None and passed > limit:
                            self.cut += 1
                            return
                        if self.silent_after is not None and passed > self.silent_after:
                            self._fall_silent(near, far, data)
                            return
                    (far if one is near else near).sendall(data)

    def _fall_silent(self, near: socket.socket, far: socket.socket, data: bytes) -> None:
        """Until the other side has gone: what it says is still taken."""
        while True:
            readable, _, _ = select.select([near], [], [], self._drips)
            if readable:
                said = near.recv(65536)
                if not said:
                    return
                far.sendall(said)
            elif data:
                near.sendall(data[:1])
                data = data[1:] or far.recv(65536)


@contextmanager
def line(server: EmbeddedServer, **how: object) -> Iterator[Line]:
    made = Line(server, **how)  # ty: ignore[invalid-argument-type]
    try:
        yield made
    finally:
        made.close()


def nowhere(source: str) -> str:
    """An address at which nothing listens."""
    return f"postgresql+psycopg2://{source}_reader@/source_{source}?host=%2Ftmp%2Fnobody-listens-here"
