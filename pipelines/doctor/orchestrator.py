"""Dagster's side: the database that it keeps its events in, and the grid that it shows of them.

The grid is imported by the checks that look at it: with it comes Dagster, a second and a half.
"""

from collections.abc import Callable
from contextlib import closing

import psycopg2

from pipelines.doctor.checking import Told
from pipelines.doctor.failures import DagsterRightMissing, DagsterUnreachable
from pipelines.doctor.lines import over
from pipelines.runtime.instance import refuse_empty
from resources.hub import Hub
from resources.servers import connecting, entering
from resources.servers.encryption import Line, line_of
from resources.servers.names import shown
from resources.servers.sqlstates import why_no_tls
from resources.warehouse.failures import NotUtf8

SETTING = "ANSINH_DAGSTER_URL"
# Where Dagster's tables stand already, their owner may change them; where they do not, they have to be made.
ASKED = """select quote_ident(current_user), quote_ident(current_database() || '_utf8'), quote_ident(current_database()),
    current_setting('server_version_num')::int, current_setting('server_encoding'),
    case when to_regclass('event_logs') is null then has_schema_privilege('public', 'create')
        else pg_has_role((select relowner from pg_class where oid = to_regclass('event_logs')), 'usage') end,
    pg_size_pretty(pg_database_size(current_database()))"""


def database(hub: Hub) -> Told:
    url = hub.settings.dagster_url()
    try:
        line, size = _asked(url)
    except psycopg2.OperationalError as error:
        if kept_out := entering.refused(url, SETTING, error):
            raise kept_out from None
        raise DagsterUnreachable(why=why_no_tls(str(error)) or "máy chủ không trả lời hoặc từ chối đăng nhập") from None
    return over(hub, f"kết nối được, lập được bảng, {size}", line, SETTING)


def _asked(url: str) -> tuple[Line, str]:
    """The line to the database, and what it takes. Raises what would keep Dagster from working there."""
    with closing(psycopg2.connect(connecting.libpq_uri(url, connecting.CONNECTION))) as connection, connection.cursor() as cursor:
        cursor.execute(ASKED)
        ((role, new, name, version, encoding, may, size),) = cursor.fetchall()
        connecting.refuse_too_old(version, SETTING)
        if encoding != "UTF8":
            raise NotUtf8(name=SETTING, encoding=shown(encoding, "máy chủ tự đặt"), role=role, database=new)
        if not may:
            raise DagsterRightMissing(role=role, database=name)
        return line_of(connection), size


def grid(hub: Hub) -> str:
    hub.warehouse.open()
    refuse_empty(hub.settings)
    from pipelines.doctor.grid import looking

    return looking.look(hub)


def mend_grid(waiting: Callable[[str], object]) -> list[str]:
    """Tell the UI again what its grid lost; a line for each asset that differed."""
    from pipelines.doctor.grid import looking

    return looking.mend(Hub.open(), waiting)
