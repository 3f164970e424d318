"""Whom the operators' news reach: each channel that is set, without sending any."""

import datetime as dt

from pipelines.alerting.telling import UNSET
from pipelines.doctor.checking import Told
from pipelines.doctor.failures import AlertsWait
from resources.alerting import mail, webhook
from resources.alerting.channels import Mail, authorities, configured
from resources.clock import moment
from resources.hub import Hub
from resources.warehouse.running import alerts

LATE = dt.timedelta(hours=1)  # that a message waits before somebody should know


def look(hub: Hub) -> Told:
    """A mail server is asked to let us in; a webhook cannot be asked anything without sending. Raises what has to be mended."""
    channels = configured()
    if not channels:
        return Told(UNSET.partition(": ")[2], is_absent=True)
    for channel in channels:
        if isinstance(channel, Mail):
            mail.greet(channel, authorities())
        else:
            webhook.refuse_no_authorities(authorities())
    with hub.warehouse.engine.connect() as connection:
        last = alerts.last_sent(connection)
        waiting = alerts.waiting(connection) if alerts.is_there(connection) else []
    told = [f"{c.road}, tin gần nhất đã gửi: {moment(last[c.name]) if c.name in last else 'chưa có'}" for c in channels]
    names = {channel.name for channel in channels}
    late = [w for w in waiting if w.channel in names and hub.clock.system() - w.message.composed_at > LATE]
    if not late:
        return Told("; ".join(told))
    said = next((w.outcome for w in late if w.outcome), "chưa có lượt nào gửi")
    return Told("; ".join(told), (AlertsWait(count=len(late), since=moment(late[0].message.composed_at), why=said.rstrip(". ")),))
