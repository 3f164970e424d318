"""Where things are, read from the environment at the moment of use.

Nothing is read at import: definitions load with an empty environment. In production nothing falls back to a demo part: what is unset is reported unconfigured.
"""

import base64
import json
import os
import re
import secrets
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from resources.durable import write_once
from resources.environment import choice, number, profile, read, told
from resources.failures import (
    DagsterUnconfigured,
    HomeNotAFolder,
    PersonSecretWrong,
    PopulationSecretWrong,
    RoundingSecretWrong,
    SettingWrong,
    Unconfigured,
    WarehouseUnconfigured,
)
from resources.servers import addresses

PROJECT = Path(__file__).resolve().parent.parent
ROUNDING_SECRET, POPULATION_SECRET, PERSON_SECRET = (
    "secrets/rounding",
    "secrets/population",
    "secrets/person",
)  # in the demo's home
SECRET_BYTES = 32
SECRET_KINDS = 20  # different bytes among them: of ten million that are drawn by chance, one has fewer
DEMO_PARTNER = "H41.21"
HOST_AND_PORT = re.compile(r"(?P<host>[A-Za-z0-9._-]+):(?P<port>[0-9]{1,5})")
FOLDER = f"{addresses.FOLDER}://"  # before the folder in which a system's units lay their files


_ensured: set[tuple[object, str]] = set()  # embedded servers and databases on them that are known to be there


@dataclass(frozen=True)
class Settings:
    """The settings of one process. Connection URLs are looked up late, each on its own: one missing stops only its system."""

    profile: str
    home: Path
    only_reads: bool = False  # who only reads starts no server, and makes no database, secret or folder

    @classmethod
    def load(cls) -> "Settings":
        home = Path(os.path.expanduser(told("ANSINH_HOME") or PROJECT / ".ansinh")).absolute()
        if home.exists() and not home.is_dir():
            raise HomeNotAFolder(home=home)
        return cls(profile(), home)

    def reading(self) -> "Settings":
        return replace(self, only_reads=True)

    @property
    def is_demo(self) -> bool:
        return self.profile == "demo"

    def refuse_no_state(self) -> None:
        """Raise where the demo's state would stand and does not: one that is asked for by a wrong name is not made."""
        if self.is_demo and not self.home.is_dir():
            from resources.failures import StateMissing

            raise StateMissing(home=self.home)

    @property
    def run_dir(self) -> Path:
        """The folder of sockets, pid files and those who have entered the UI. It is of this machine, or of this container, and never shared by two."""
        return self._folder("ANSINH_RUN_DIR", self.home / "run")

    @property
    def code_server(self) -> tuple[str, int] | None:
        """Where the code server listens by TCP, in another container; None: at a unix socket of this machine."""
        place = told("ANSINH_CODE_SERVER")
        if place is None:
            return None
        found = HOST_AND_PORT.fullmatch(place)
        if found is None or not 0 < int(found["port"]) < 65536:
            raise SettingWrong(name="ANSINH_CODE_SERVER", expected="máy:cổng, như code:4000")
        return found["host"], int(found["port"])

    @property
    def raw_dir(self) -> Path:
        return self.home / "raw"

    @property
    def open_dir(self) -> Path:
        return self.home / "open"

    @property
    def inbox_dir(self) -> Path:
        """Where units lay their files: a folder a system, in it one a unit."""
        return self._folder("INBOX_DIR", self.home / "inbox")

    def inbox_of(self, name: str) -> Path:
        """The folder of one system: where its own address says, else in the common one."""
        return self._folder_of(name) or self.inbox_dir / name

    def returned_of(self, name: str) -> Path:
        """Where the files of a system go back to their senders: beside the inboxes, so that who reaches one reaches the other."""
        own = self.inbox_of(name)
        inboxes = self.inbox_dir if own.parent == self.inbox_dir else own
        return self._folder("RETURNED_DIR", inboxes.parent / "returned") / name

    @property
    def rest_seconds(self) -> float:
        """How long nothing may have changed in a file before it is taken for whole."""
        seconds = number("INBOX_REST_SECONDS", least=0, most=3_600)
        return 5 if seconds is None else seconds

    @property
    def config_dir(self) -> Path | None:
        """What belongs to the place: tables over the shipped ones (resources/local); None where nothing is told."""
        return self._folder("ANSINH_CONFIG", self.home) if told("ANSINH_CONFIG") else None

    @property
    def headings_dir(self) -> Path:
        """The tables of senders whose headings are others: `<system>/<unit>.csv`, or `<system>.csv` for all of a system."""
        return self._folder("HEADINGS_DIR", self.home / "headings")

    @property
    def exports_dir(self) -> Path | None:
        """Where commands write workbooks that name no other place; None: the folder that they are run in."""
        return self._folder("EXPORT_DIR", self.home) if told("EXPORT_DIR") else None

    @property
    def backups_dir(self) -> Path | None:
        """Where backups lie; None where each command has to name the place."""
        folder = read("BACKUP_DIR")
        return _absolute("BACKUP_DIR", folder) if folder else None

    @staticmethod
    def _folder(setting: str, default: Path) -> Path:
        folder = told(setting)
        return _absolute(setting, folder) if folder else default

    @staticmethod
    def _folder_of(name: str) -> Path | None:
        """The folder that a system's address names; None where it names none."""
        setting = f"SOURCE_{name.upper()}_URL"
        place = read(setting)
        if not place or addresses.kind_of(address := addresses.cleaned(setting, place)) != addresses.FOLDER:
            return None
        return addresses.folder(setting, address)

    def _embedded(self, database: str, user: str = "postgres") -> str:
        from resources.embedded import existing, standing

        if self.only_reads:
            return standing(self.home, database).url(database, user)
        embedded = existing(self.home)
        if user == "postgres" and (embedded, database) not in _ensured:  # a synthetic source's is made by its owner
            embedded.ensure_database(database)
            _ensured.add((embedded, database))
        return embedded.url(database, user)

    def warehouse_url(self) -> str:
        """SQLAlchemy URL of the hub's warehouse."""
        if url := _address("WAREHOUSE_URL"):
            return url
        if self.is_demo:
            return self._embedded("warehouse")
        raise WarehouseUnconfigured

    def read_url(self) -> str:
        """The warehouse under the login that sees how cells and reports stand and nothing else; the loader's where there is none."""
        return _address("WAREHOUSE_READ_URL") or self.warehouse_url()

    def report_url(self) -> str:
        """The warehouse under the login that counts and files forms; the loader's where there is none."""
        return _address("WAREHOUSE_REPORT_URL") or self.warehouse_url()

    def shared_url(self) -> str | None:
        """SQLAlchemy URL of the province's shared warehouse; None in production when it is not configured."""
        if url := _address("SHARED_WAREHOUSE_URL"):
            return url
        return self._embedded("shared") if self.is_demo else None

    def dagster_url(self) -> str:
        """Where Dagster keeps its runs: a database of its own on the warehouse's server."""
        if url := _address("ANSINH_DAGSTER_URL"):
            return url
        if self.is_demo:
            return self._embedded("dagster")
        raise DagsterUnconfigured

    def source_url(self, name: str) -> str | None:
        """Where a source is, by whatever road; None when it is not configured: in the demo, when the province does not play it.

        One whose datasets all come as files is there by itself: its inbox.
        """
        setting = f"SOURCE_{name.upper()}_URL"
        if place := read(setting):
            other = addresses.cleaned(setting, place)
            return addresses.parsed(setting, place).url if addresses.kind_of(other) == addresses.POSTGRESQL else other
        if self.is_demo:
            return None if self.leaves_out(name) else self._played(name)
        return self._by_file(name)

    def is_by_files(self, name: str) -> bool:
        """Whether files are the main road of a source."""
        return (self.source_url(name) or "").startswith(FOLDER)

    def _by_file(self, name: str) -> str | None:
        from schemas.registry import comes_by_file

        return FOLDER + quote(str(self.inbox_of(name))) if comes_by_file(name) else None

    def _played(self, name: str) -> str:
        """Where the synthetic province plays a source, for its reader."""
        if inbox := self._by_file(name):
            return inbox
        from resources import mariadb
        from schemas.registry import comes_by_service

        if comes_by_service(name):
            return self._beside("platform")
        database, reader = f"source_{name}", f"{name}_reader"
        if database not in mariadb.MariaDbServer(self.home).databases():
            return self._embedded(database, reader)
        return (mariadb.standing if self.only_reads else mariadb.existing)(self.home).url(database, reader)

    def _beside(self, name: Literal["platform"]) -> str:
        """Where a server of the demo stands that plays another organisation."""
        from resources import beside

        return (beside.standing if self.only_reads else beside.existing)(self.home, name)

    def leaves_out(self, name: str) -> bool:
        """Whether the synthetic province does not play this source, and no other address is told: the demo's night passes it over.

        Production leaves nothing out: there a source without an address is a failure, since nobody would miss its rows otherwise.
        """
        setting = f"SOURCE_{name.upper()}_URL"
        if not self.is_demo or told(setting) or told(f"{setting}_FILE"):
            return False
        built = self.home / "demo" / "built.json"
        return built.exists() and name not in json.loads(built.read_text(encoding="utf-8")).get("systems", [name])

    def reporting_url(self) -> str | None:
        url = read("NATIONAL_REPORTING_URL")
        if url:
            return url.rstrip("/")
        played = self._told_by("gateway", "url")
        return played[0].rstrip("/") if played else None

    def reporting_credentials(self) -> tuple[str, str] | None:
        """Client id and secret of the reporting gateway."""
        client, secret = read("NATIONAL_REPORTING_CLIENT_ID"), read("NATIONAL_REPORTING_CLIENT_SECRET")
        if client and secret:
            return client, secret
        played = self._told_by("gateway", "client_id", "client_secret")
        return (played[0], played[1]) if played else None

    def platform_account(self, prefix: str) -> dict[str, str | None]:
        """Who we are to the provincial platform: client id, secret and partner code, by the settings that hold them.

        The first two may be a service's own, in settings with a prefix: `SOURCE_<NAME>`, `POPULATION`.
        """
        own = [f"{prefix}_CLIENT_ID", f"{prefix}_CLIENT_SECRET"]
        names = own if any(read(name) for name in own) else ["LGSP_CLIENT_ID", "LGSP_CLIENT_SECRET"]
        found = {name: read(name) for name in (*names, "LGSP_PARTNER_CODE")}
        if not any(found.values()) and (played := self._told_by("platform", "client_id", "client_secret")):
            return dict(zip(found, [*played, DEMO_PARTNER], strict=True))
        return found

    @property
    def platform_authorities(self) -> str | None:
        """The file with the certificates of those that vouch for the platform; None: the machine's own."""
        return told("LGSP_CA_FILE")

    def population_url(self) -> str | None:
        """Where the population check is asked; None: the province has no access yet, and runs without it.

        In the demo it is the platform that is played, but where the setting stands there and is empty.
        """
        if url := read("POPULATION_URL"):
            return url.rstrip("/")
        if "POPULATION_URL" in os.environ:
            return None
        played = self._told_by("platform", "url")
        return played[0].rstrip("/") if played else None

    def _told_by(self, server: Literal["gateway", "platform"], *parts: str) -> list[str] | None:
        """What a server of the demo has written of itself; None where it never stood, and in production."""
        if not self.is_demo:
            return None
        from resources.beside import Beside

        said = [Beside(self.home, server).told(part) for part in parts]
        known = [part for part in said if part is not None]
        return known if len(known) == len(said) else None

    @property
    def retry_seconds(self) -> float:
        """How long to wait before a system that did not answer is tried again; doubled each time."""
        seconds = number("ANSINH_RETRY_SECONDS", least=0, most=86_400)
        return seconds if seconds is not None else 1 if self.is_demo else 60

    @property
    def answer_seconds(self) -> float | None:
        """How long any one answer of a source is waited for; None: as its limits in schemas/sources say."""
        return number("ANSINH_ANSWER_SECONDS", least=0.1, most=86_400)

    @property
    def filing(self) -> Literal["automatic", "approved"]:
        """`automatic` (the demo) or `approved`: who lets a report go."""
        default = "automatic" if self.is_demo else "approved"
        return "automatic" if choice("ANSINH_FILING", default, ("automatic", "approved")) == "automatic" else "approved"

    def rounding_secret(self) -> bytes | None:
        """The 32 bytes by which open figures are rounded; None in production when they are not configured.

        The demo makes them once, in its home; production never makes any, since a second secret would undo the first.
        """
        return self._secret("ANSINH_ROUNDING_SECRET", ROUNDING_SECRET, RoundingSecretWrong)

    def population_secret(self) -> bytes | None:
        """The 32 bytes by which it is known again whom the population database was asked about; made and missing as those of rounding."""
        return self._secret("POPULATION_DIGEST_SECRET", POPULATION_SECRET, PopulationSecretWrong)

    def person_secret(self) -> bytes | None:
        """The 32 bytes by which a person who was erased is known again; made and missing as those of rounding."""
        return self._secret("PERSON_DIGEST_SECRET", PERSON_SECRET, PersonSecretWrong)

    def _secret(self, name: str, kept_at: str, wrong: type[Unconfigured]) -> bytes | None:
        text = read(name)
        kept = self.home / kept_at
        if text is None and self.is_demo:
            if not kept.exists():
                if self.only_reads:
                    return None
                kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                write_once(kept, secrets.token_hex(SECRET_BYTES) + "\n")
            text = kept.read_text(encoding="ascii").strip()
        return None if text is None else _secret_bytes(text, wrong)

    @property
    def release_decision(self) -> str | None:
        """The decision under which open data is published; production publishes nothing without one."""
        return read("ANSINH_RELEASE_DECISION") or ("Quyết định mô phỏng số 01" if self.is_demo else None)


def _absolute(setting: str, folder: str) -> Path:
    """A folder that the commands, the units and the schedules find alike, each of which stands in another."""
    if not Path(folder).is_absolute():
        raise SettingWrong(name=setting, expected="đường dẫn tuyệt đối của một thư mục")
    return Path(folder)


def _address(name: str) -> str | None:
    """The URL of one of the hub's own databases, as SQLAlchemy wants it."""
    place = read(name)
    return None if place is None else addresses.parsed(name, place).url


def _secret_bytes(text: str, wrong: type[Unconfigured]) -> bytes:
    """The bytes that are written in hex or base64. One that somebody typed, of a few bytes again and again, would be guessed."""
    for read_as in (bytes.fromhex, partial(base64.b64decode, validate=True)):
        try:
            found = read_as(text)
        except ValueError:
            continue
        if len(found) == SECRET_BYTES and len(set(found)) >= SECRET_KINDS:
            return found
    raise wrong
