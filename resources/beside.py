"""The servers of the demo that play other organisations: each a program of its own, which outlives the command that starts it.

The demo imports the product, never the other way round: here they are known by their names alone. Production never comes here.
"""

import http.client
import os
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import psutil

from resources.durable import write_whole
from resources.failures import BesideSilent, BesideStopped

PROJECT = Path(__file__).resolve().parent.parent
STARTS_WITHIN = 60.0  # seconds: it imports every declaration, on a machine that has other work
TITLES = {"gateway": "cổng báo cáo mô phỏng", "platform": "nền tảng tích hợp mô phỏng"}


@dataclass(frozen=True)
class Beside:
    """A server of this state, by the name of its command. Its address, secrets and process id stand in `run`."""

    home: Path
    name: Literal["gateway", "platform"]

    @property
    def title(self) -> str:
        return TITLES[self.name]

    def told(self, what: str) -> str | None:
        """What it says of itself: `url`, `pid`, `client_id`, `client_secret`; None where it never stood."""
        kept = self.home / "run" / f"{self.name}.{what}"
        return kept.read_text(encoding="ascii").strip() if kept.exists() else None

    def answers(self) -> bool:
        """Its process lives, and it is what answers at its address."""
        pid, url = self.told("pid"), self.told("url")
        if not pid or not url or not psutil.pid_exists(int(pid)):
            return False
        with suppress(OSError, http.client.HTTPException), closing(_line(url)) as line:
            line.request("GET", "/suc-khoe")
            return line.getresponse().status == http.HTTPStatus.OK
        return False

    def start(self) -> None:
        """Start it, and wait until it answers. Raises BesideSilent."""
        log = self.home / "logs" / f"{self.name}.log"
        for folder in (log.parent, self.home / "run"):
            folder.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", "demo", self.name],
                cwd=PROJECT,
                env={**os.environ, "ANSINH_HOME": str(self.home)},
                stdout=sink,
                stderr=sink,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        write_whole(self.home / "run" / f"{self.name}.pid", str(process.pid))
        until = time.monotonic() + STARTS_WITHIN
        while not self.answers():
            # One that finds another standing ends well: that one is waited for.
            if time.monotonic() > until or process.poll() not in (None, 0):
                raise BesideSilent(title=self.title, seconds=round(STARTS_WITHIN), log=log)
            time.sleep(0.1)


def existing(home: Path, name: Literal["gateway", "platform"]) -> str:
    """The address of a server of this state, which is started where it stands still."""
    found = Beside(home, name)
    if not found.answers():
        found.start()
    return found.told("url") or ""


def standing(home: Path, name: Literal["gateway", "platform"]) -> str:
    """`existing` for a command that only reads: nothing is started."""
    found = Beside(home, name)
    if not found.answers():
        raise BesideStopped(title=found.title)
    return found.told("url") or ""


def _line(url: str) -> http.client.HTTPConnection:
    place = urlsplit(url)
    return http.client.HTTPConnection(place.hostname or "", place.port, timeout=2)
