"""The hub's own warehouse: its server, its version, its log, what may be done there."""

from contextlib import suppress
from dataclasses import replace

import sqlalchemy as sa

from pipelines.doctor.checking import Told
from pipelines.doctor.failures import LockedByOthers
from pipelines.doctor.lines import over_line
from resources import locks
from resources.clock import moment
from resources.failures import NeverFilled
from resources.hub import Hub
from resources.roles.failures import LoginUnnamed
from resources.roles.plan import logins
from resources.warehouse import contents
from resources.warehouse.engine import Warehouse, refuse_other_than_utf8

SIZE = "select pg_size_pretty(pg_database_size(current_database()))"


def look(hub: Hub) -> Told:
    try:
        hub.warehouse.refuse_telling_log()
    except NeverFilled as never:  # before anything lies there its log is asked about all the same
        empty = Warehouse(hub.settings.warehouse_url(), only_reads=True)
        refuse_other_than_utf8(empty.engine, "WAREHOUSE_URL")
        empty.refuse_telling_log()
        empty.refuse_no_right_to_fill()
        return over_line(hub, str(never), empty.url, "WAREHOUSE_URL")
    with hub.warehouse.engine.connect() as connection:
        version = connection.execute(sa.text("show server_version")).scalar()
        stamp, size = contents.version(connection), connection.execute(sa.text(SIZE)).scalar()
        held = locks.held_by_others(connection, _ours())
    told = over_line(hub, f"PostgreSQL {version}, phiên bản kho {stamp}, {size}", hub.warehouse.url, "WAREHOUSE_URL")
    return replace(
        told, warnings=(*told.warnings, *(LockedByOthers(role=h.role, pid=h.pid, since=moment(h.since)) for h in held))
    )


def _ours() -> list[str]:
    """The logins that the settings name. One without a name is told of beside the roles, and is this session's own as a rule."""
    found = []
    with suppress(LoginUnnamed):
        for login in logins():
            found.append(login.name)
    return found
