"""The Dagster instance of this state: its environment, its pool of connections, the slots of the source pools."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.failures import GridEmpty
from resources.durable import write_whole
from resources.servers import dagster_database
from resources.settings import PROJECT, Settings

if TYPE_CHECKING:
    import dagster as dg


def environment(settings: Settings) -> dict[str, str]:
    """What Dagster's own commands need in their environment; dagster.yaml and workspace.yaml read it."""
    dagster = settings.home / "dagster"
    return {
        "DAGSTER_HOME": str(PROJECT),
        "ANSINH_HOME": str(settings.home),
        "ANSINH_DAGSTER_URL": settings.dagster_url(),
        "ANSINH_DAGSTER_URL_FILE": "",  # it was read; set beside the value it would be a second one
        "ANSINH_DAGSTER_DIR": str(dagster / "storage"),
        "ANSINH_RUN_DIR": str(settings.run_dir),
        "ANSINH_CODE_SOCKET": str(settings.run_dir / "code.sock"),
        **_of_code_server(settings),
        # telemetry.enabled: false alone leaves an upload thread and two folders in DAGSTER_HOME.
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "DAGSTER_EVENT_BATCH_SIZE": "500",
        "PGCLIENTENCODING": "UTF8",  # Dagster's own connections ask for none
    }


def _of_code_server(settings: Settings) -> dict[str, str]:
    """What the workspace of a code server elsewhere reads."""
    if settings.code_server is None:
        return {}
    host, port = settings.code_server
    return {"ANSINH_CODE_SERVER": f"{host}:{port}", "ANSINH_CODE_HOST": host, "ANSINH_CODE_PORT": str(port)}


def workspace(settings: Settings) -> Path:
    """Where webserver and daemon read how the code server is reached."""
    return PROJECT / ("deploy/workspace.yaml" if settings.code_server else "workspace.yaml")


def apply_environment(settings: Settings) -> None:
    for folder in (settings.home / "dagster" / "storage", settings.run_dir):
        folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(environment(settings))


@contextmanager
def existing(settings: Settings) -> "Iterator[dg.DagsterInstance]":
    """The instance as it stands, for who only reads: the environment of the process is left as it was."""
    refuse_empty(settings)
    before = dict(os.environ)
    os.environ.update(environment(settings))
    try:
        with _pooled() as found:
            yield found
    finally:
        os.environ.clear()
        os.environ.update(before)


def refuse_empty(settings: Settings) -> None:
    """Raises GridEmpty where Dagster's database holds nothing yet, and why that cannot be told."""
    if not dagster_database.is_filled(settings.dagster_url()):
        raise GridEmpty


def _pooled() -> "dg.DagsterInstance":
    """The instance with a pool of connections: by default it opens one for each event.

    By default it would also look up its own tables and columns at every event.
    """
    import dagster as dg

    found = dg.DagsterInstance.get()
    found.optimize_for_webserver(statement_timeout=60_000, pool_recycle=3600, max_overflow=5)
    storage: Any = found.event_log_storage
    storage.has_asset_key_col = cache(storage.has_asset_key_col)  # a command lives shorter than a schema
    storage.has_table = cache(storage.has_table)
    return found


def instance(settings: Settings) -> "dg.DagsterInstance":
    """The instance, whose database is made ready."""
    dagster_database.is_filled(settings.dagster_url())  # whether it answers: Dagster itself would try, and warn, six times
    apply_environment(settings)
    from assets.cells.asset import pool
    from schemas.registry import SOURCES

    found = _pooled()
    kept = set(found.event_log_storage.get_concurrency_keys())
    for source in SOURCES:
        # Made on first use the slot would let the first two runs go side by side.
        if pool(source.name) not in kept:
            found.event_log_storage.set_concurrency_slots(pool(source.name), 1)
    return found


def write_dotenv(settings: Settings, path: Path | None = None) -> None:
    """Let Dagster's own commands (`dagster schedule list`) find the same state: they read .env of the working directory."""
    path = path or PROJECT / ".env"
    lines = [f"{name}={value}" for name, value in environment(settings).items()]
    write_whole(path, "\n".join(lines) + "\n")
