"""The road that a backup would take, tried without a backup: the same tools, the same addresses, the same rights."""

from dataclasses import dataclass

from resources.backup import postgres_tools
from resources.backup.databases import databases
from resources.backup.failures import BackupRoadBlocked, ToolsNewer
from resources.backup.tools import Tools
from resources.embedded import standing
from resources.failing import Failure
from resources.settings import Settings

LONGEST = 60.0  # seconds a database
LOCK_WAIT = "10s"  # a load under way changes tables for moments; an upgrade of the warehouse may take longer


@dataclass(frozen=True)
class Tried:
    database: str
    server: int  # its major version
    tools: Tools

    @property
    def amiss(self) -> Failure | None:
        """What the doctor warns of."""
        return ToolsNewer(found=self.tools.version, needed=self.server) if self.tools.major > self.server else None


def tried(settings: Settings) -> list[Tried]:
    """Let the tools read the definitions of every database of the state, to nowhere. Starts and writes nothing.

    Raises BackupRoadBlocked and the failures of resources/backup/tools.py.
    """
    if settings.is_demo:
        standing(settings.home)
    found = []
    for database in databases(settings):
        try:
            server = postgres_tools.server_major(database.url)
            tools = postgres_tools.tools_for(database.url, server)
            # All of a database's tables are locked, as by the dump, so that a right that is missing is met.
            arguments = ("--schema-only", f"--lock-wait-timeout={LOCK_WAIT}")
            postgres_tools.run("pg_dump", arguments, database.url, seconds=LONGEST, suited=tools)
        except postgres_tools.ToolFailed as failed:
            raise BackupRoadBlocked(database=database.name, why=failed) from None
        found.append(Tried(database.name, server, tools))
    return found
