"""The logins that the settings name: whether each holds what its role may do, and nothing beside it."""

from typing import Any

import psycopg2

from pipelines.doctor.checking import Told
from resources.failing import Failure
from resources.hub import Hub
from resources.roles.failures import LoginHoldsMore, LoginIsSuperuser, LoginLacks, LoginRefused, ReaderLogsIn
from resources.roles.holding import Held, held, reader_logs_in
from resources.roles.plan import GROUPS, Login, logins
from resources.servers.sqlstates import why_no_tls
from schemas import roles

OF_LOADER = ("WAREHOUSE_READ_URL", "WAREHOUSE_REPORT_URL")  # where they are unset the loader's is used


def look(hub: Hub) -> Told:
    """Raises LoginLacks and LoginRefused: what runs under such a login would be refused."""
    named = {login.setting: login for login in logins()}
    if not named and hub.settings.is_demo:
        return Told("máy chủ nhúng chạy bằng chủ của nó; trên máy thật: ansinh setup", is_absent=True)
    told, warnings, set_up = [], [], False
    for setting, (group, _) in GROUPS.items():
        if setting not in named:
            told.append(f"{setting} chưa cấu hình" + (", dùng WAREHOUSE_URL" if setting in OF_LOADER else ""))
            continue
        found = _held(named[setting])
        set_up |= found.is_set_up
        told.append(f"{setting} {group}" if found.is_set_up else f"{setting} chưa có vai trò (ansinh setup)")
        warnings += _warnings(named[setting], found)
    if (shared := named.get("SHARED_WAREHOUSE_URL")) and reader_logs_in(shared):
        warnings.append(ReaderLogsIn(role=roles.READER))
    return Told("; ".join(told), tuple(warnings), is_absent=not set_up and not warnings)


def _held(login: Login) -> Held:
    try:
        return held(login)
    except psycopg2.OperationalError as error:
        why = why_no_tls(str(error))
        raise LoginRefused(setting=login.setting, why=f" ({why})" if why else "") from None


def _warnings(login: Login, found: Held) -> list[Failure]:
    facts: dict[str, Any] = {"setting": login.setting, "role": found.login, "group": login.group}
    if found.is_superuser:
        return [LoginIsSuperuser(**facts)]
    if found.less:
        raise LoginLacks(**facts, less=found.less)
    return [LoginHoldsMore(**facts, more=found.more)] if found.more else []
