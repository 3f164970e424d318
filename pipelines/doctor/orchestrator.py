"""Dagster's side: the database that it keeps its events in, and the grid that it shows of them.

The grid is imported by the checks that look at it: with it comes Dagster, a second and a half.
"""

from collections.abc import Callable

import psycopg2

from pipelines.doctor.checking import Told
from pipelines.doctor.failures import DagsterUnreachable
from pipelines.doctor.lines import over
from pipelines.runtime.instance import refuse_empty
from resources.hub import Hub
from resources.servers.encryption import line_to
from resources.servers.sqlstates import why_no_tls


def database(hub: Hub) -> Told:
    try:
        line = line_to(hub.settings.dagster_url())
    except psycopg2.OperationalError as error:
        raise DagsterUnreachable(why=why_no_tls(str(error)) or "máy chủ không trả lời hoặc từ chối đăng nhập") from None
    return over(hub, "kết nối được", line, "ANSINH_DAGSTER_URL")


def grid(hub: Hub) -> str:
    hub.warehouse.open()
    refuse_empty(hub.settings)
    from pipelines.doctor.grid import looking

    return looking.look(hub)


def mend_grid(waiting: Callable[[str], object]) -> list[str]:
    """Tell the UI again what its grid lost; a line for each asset that differed."""
    from pipelines.doctor.grid import looking

    return looking.mend(Hub.open(), waiting)
