"""What the doctor says of the lines to the databases and of the road of the backup: how things are, and what it warns of."""

from dataclasses import dataclass

import psycopg2

from pipelines.failures import DagsterUnreachable
from resources.backup import road
from resources.failing import Failure
from resources.hub import Hub
from resources.servers.encryption import Line, line_to
from resources.servers.sqlstates import why_no_tls


@dataclass(frozen=True)
class Told:
    """What a check found. A warning is of what works, and should not stay as it is."""

    text: str
    warnings: tuple[Failure, ...] = ()


def over_line(hub: Hub, text: str, url: str, setting: str) -> Told:
    """What was found at a database, and over which line. `setting` leads to it. The demo, which is one machine, is warned of none."""
    try:
        line = line_to(url)
    except psycopg2.OperationalError:  # some servers let a login have one session, and the one before may not have gone yet
        return Told(f"{text}; không mở được thêm phiên để xét đường truyền")
    return _over(hub, text, line, setting)


def _over(hub: Hub, text: str, line: Line, setting: str) -> Told:
    amiss = None if hub.settings.is_demo else line.amiss(setting)
    return Told(f"{text}; {line.told}", (amiss,) if amiss else ())


def dagster(hub: Hub) -> Told:
    try:
        line = line_to(hub.settings.dagster_url())
    except psycopg2.OperationalError as error:
        raise DagsterUnreachable(why=why_no_tls(str(error)) or "máy chủ không trả lời hoặc từ chối đăng nhập") from None
    return _over(hub, "kết nối được", line, "ANSINH_DAGSTER_URL")


def backup(hub: Hub) -> Told:
    """By the tools and addresses of a backup, without making one."""
    tried = road.tried(hub.settings)
    if not tried:
        return Told("chưa có cơ sở dữ liệu nào để sao lưu")
    by_tools = {t.tools.version: [u.database for u in tried if u.tools == t.tools] for t in tried}
    text = "; ".join(f"pg_dump {version} đọc được {', '.join(names)}" for version, names in by_tools.items())
    warnings = {str(w): w for t in tried if (w := t.amiss)}
    return Told(text, tuple(warnings.values()))
