"""The log of what other organisations' services were asked: a file a day among the state's logs, a line a request.

A line holds the id by which the service's owner finds the request in theirs, and no value: neither of a row, nor of a secret, nor
of a question. Several processes write at once, each a line whole.
"""

import datetime as dt
import logging
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from resources.clock import ZONE
from schemas.retention import term

log = logging.getLogger("ansinh.requests")

PREFIX = "requests-"


@dataclass(frozen=True)
class RequestLog:
    home: Path

    def tell(self, number: str, asked: str, status: str, size: int, seconds: float) -> None:
        """Add a line. A disk that takes none stops no request."""
        now = dt.datetime.now(ZONE)
        line = f"{now:%Y-%m-%dT%H:%M:%S%z} {number} {asked}: HTTP {status}, {size} byte, {seconds * 1000:.0f} ms\n"
        path = self.home / "logs" / f"{PREFIX}{now:%Y-%m-%d}.log"
        try:
            handle = self._opened(path, now.date())
            try:
                os.write(handle, line.encode())
            finally:
                os.close(handle)
        except OSError as error:
            log.warning("không ghi được nhật ký gọi dịch vụ (%s)", type(error).__name__)

    def _opened(self, path: Path, today: dt.date) -> int:
        with suppress(FileNotFoundError):
            return os.open(path, os.O_WRONLY | os.O_APPEND)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        since = (found := term("logs", today)) and found.before(today)
        for old in path.parent.glob(f"{PREFIX}*.log") if since else ():
            if old.name < f"{PREFIX}{since}.log":
                old.unlink(missing_ok=True)
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
