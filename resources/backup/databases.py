"""The databases of a state, and where each of them is: on the embedded server of its home, or where a setting says."""

from contextlib import closing
from dataclasses import dataclass
from urllib.parse import quote

from resources.embedded import EmbeddedServer, server
from resources.environment import read
from resources.servers import addresses
from resources.settings import Settings

EMBEDDED = "embedded"
EXTERNAL = {"warehouse": "WAREHOUSE_URL", "dagster": "ANSINH_DAGSTER_URL"}


@dataclass(frozen=True)
class Database:
    """One database of the state. `place` is EMBEDDED, or the setting that says where it is."""

    name: str
    place: str
    url: str

    @property
    def file(self) -> str:
        return dump_of(self.name)


def dump_of(database: str) -> str:
    """The name of the dump of a database in a backup."""
    return f"databases/{quote(database, safe='')}.dump"


def databases(settings: Settings) -> list[Database]:
    """All databases of the state. Makes nothing where there is nothing."""
    embedded, found = EmbeddedServer(settings.home), []
    if settings.is_demo and (embedded.data_dir / "PG_VERSION").exists():
        standing = server(settings.home)
        with closing(standing.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("select datname from pg_database where not datistemplate and datname <> 'postgres' order by 1")
            found = [Database(name, EMBEDDED, standing.url(name)) for (name,) in cursor.fetchall()]
    for name, setting in EXTERNAL.items():
        if is_elsewhere(settings, setting):
            found = [d for d in found if d.name != name]
            found.append(Database(name, setting, url_elsewhere(settings, name)))
    return found


def is_elsewhere(settings: Settings, setting: str) -> bool:
    """Whether this database is on another server than the embedded one of this home."""
    value = read(setting)
    if value is None:
        return not settings.is_demo
    # `ansinh env` sets the embedded server's own address.
    return addresses.parsed(setting, value).host != str(EmbeddedServer(settings.home).data_dir)


def url_elsewhere(settings: Settings, name: str) -> str:
    return settings.warehouse_url() if name == "warehouse" else settings.dagster_url()
