"""Who has entered: links that open once and soon, and the sessions that they open.

A pass is an unguessable token. The state folder keeps its hash alone, as the name of a file: who reads the folder has no
token, who looks one up compares no secret, and removing the file is using a link up, also for two who come at once. Sessions
outlive the webserver's process, and end with the UI, whose folder goes.
"""

import json
import os
import secrets
import shutil
import time
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from pipelines.door.addresses import Addresses
from resources.durable import write_whole
from resources.settings import Settings

TOKEN = "token"
LINK_SECONDS = 10 * 60
SESSION_SECONDS = 12 * 60 * 60  # a working day


@dataclass(frozen=True)
class Pass:
    until: float
    account: int | None = None  # the account of this machine that may use it; None: any


class Passes:
    def __init__(self, settings: Settings) -> None:
        self.folder = settings.run_dir / "door"

    def open(self, port: int) -> None:
        """Begin anew: what was let in before stays outside."""
        self.close()
        for name in ("links", "sessions"):
            (self.folder / name).mkdir(mode=0o700, parents=True)
        self.folder.chmod(0o700)
        write_whole(self.folder / "port", str(port), mode=0o600)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def port(self) -> int | None:
        """Where the UI stands; None where it does not."""
        try:
            return int((self.folder / "port").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def link(self, addresses: Addresses) -> str:
        """An address that opens one session."""
        return f"{addresses.origin}/?{TOKEN}={self._give('links', Pass(time.time() + LINK_SECONDS))}"

    def enter(self, token: str, account: int | None) -> str | None:
        """Use a link up; the token of the session that it opens, which other accounts of the machine cannot use."""
        link = self._look("links", token)
        if link is None:
            return None
        try:
            self._place("links", token).unlink()
        except FileNotFoundError:
            return None  # another was first
        return self._give("sessions", Pass(time.time() + SESSION_SECONDS, account))

    def session(self, token: str) -> Pass | None:
        return self._look("sessions", token)

    def _place(self, kind: str, token: str) -> Path:
        return self.folder / kind / sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

    def _give(self, kind: str, given: Pass) -> str:
        for old in os.scandir(self.folder / kind):
            if _read(Path(old.path)) is None:
                Path(old.path).unlink(missing_ok=True)
        token = secrets.token_urlsafe(32)
        place = self._place(kind, token)
        write_whole(place, json.dumps(asdict(given)), mode=0o600)
        if os.geteuid() == 0:  # the door, of the account that owns the folder, has to read it
            owner = self.folder.stat()
            os.chown(place, owner.st_uid, owner.st_gid)
        return token

    def _look(self, kind: str, token: str) -> Pass | None:
        return _read(self._place(kind, token))


def _read(path: Path) -> Pass | None:
    """A pass that holds still."""
    try:
        found = Pass(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    return found if time.time() < found.until else None
