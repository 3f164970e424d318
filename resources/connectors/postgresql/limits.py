"""What a PostgreSQL source has to bear, held: connections at once, memory, how long a statement and a wait for a lock."""

from adbc_driver_manager.dbapi import Cursor

from resources.connectors.failures import SourceBusy
from resources.servers.connecting import end_when_left
from schemas.dataset import Limits, Source


def hold_session(cursor: Cursor, limits: Limits) -> None:
    """Set limits for this transaction alone: a pooler may give the session to others after it."""
    for name, limit in (("statement_timeout", limits.statement_timeout), ("lock_timeout", limits.lock_timeout)):
        cursor.execute(f"set local {name} = {int(limit.total_seconds() * 1000)}")
    cursor.execute(f"set local work_mem = '{limits.memory_mb}MB'")
    cursor.execute(end_when_left(transaction_alone=True))
    cursor.fetchall()
    cursor.execute("set local jit = off")  # compiling takes longer than it saves in queries that run once


def refuse_one_more(cursor: Cursor, source: Source) -> None:
    """Refuse a session too many: every login sees all of its own. Of two that come at once both may be refused, and are tried again."""
    cursor.execute(
        "select count(*) from pg_stat_activity where datname = current_database() and usename = current_user "
        "and application_name = current_setting('application_name')"
    )
    ((sessions,),) = cursor.fetchall()
    if sessions > source.limits.connections:
        raise SourceBusy(source=source.name, title=source.title, others=sessions - 1, most=source.limits.connections)
