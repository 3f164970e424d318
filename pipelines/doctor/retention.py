"""When what is past its term was last removed: each week, or the law's terms are not kept."""

import datetime as dt

import sqlalchemy as sa

from pipelines.doctor.checking import Told
from pipelines.doctor.failures import RetentionOverdue
from resources.clock import is_within, moment
from resources.hub import Hub
from resources.warehouse.running import retentions

OVERDUE = dt.timedelta(days=8)  # a week, and a Sunday that was busy


def look(hub: Hub) -> Told:
    with hub.warehouse.engine.connect() as connection:
        told, late = last(connection, hub.clock.now())
    return Told(told, (late,) if late and not hub.settings.is_demo else ())


def last(connection: sa.Connection, now: dt.datetime) -> tuple[str, RetentionOverdue | None]:
    """When it last went through, in words; and where that is too long ago, or the last one did not go through, so."""
    good, latest = retentions.last(connection, good=True), retentions.last(connection)
    since = good.began_at if good else retentions.first_read(connection)
    told = f"lần tốt gần nhất {moment(good.began_at)}" if good else "chưa dọn lần nào"
    if since is None or is_within(now, since, OVERDUE):
        return told, None
    why = ""
    if latest is not None and latest.ended_at is None:
        why = "; lần sau cùng bị cắt ngang"
    elif latest is not None and latest.faults:
        why = f"; lần sau cùng hỏng {latest.faults} phần"
    return told, RetentionOverdue(last=told, why=why)
