"""A pass over the messages that wait: each by its own channel, one channel's trouble is not the other's.

A message is marked once its receiver has taken it. Killed in between it is sent again, under the id that it was born with.
"""

import datetime as dt
import time
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from resources.alerting import mail, webhook
from resources.alerting.channels import Channel, Mail, authorities
from resources.alerting.message import Message
from resources.failing import Failure, delay
from resources.warehouse.engine import typed
from resources.warehouse.running import alerts

LONGEST_PASS = 30.0  # seconds after which no other message is begun: a tick of the daemon ends after 60


def send(channel: Channel, message: Message) -> None:
    """Send one message now. Raises what kept it from being taken."""
    if isinstance(channel, Mail):
        mail.send(channel, message, authorities())
    else:
        webhook.send(channel, message, authorities())


def send_waiting(
    engine: sa.Engine, channels: Sequence[Channel], now: Callable[[], dt.datetime], *, longest: float = LONGEST_PASS
) -> tuple[int, list[Failure]]:
    """Send what waits and whose time has come; how many went, and what kept others. A channel that fails waits with all it has."""
    by_name: dict[str, Channel] = {channel.name: channel for channel in channels}
    ends = time.monotonic() + longest
    went, failures = 0, []
    with engine.connect() as connection:
        waiting = alerts.waiting(connection, now())
    for item in waiting:
        channel = by_name.get(item.channel)
        if channel is None or time.monotonic() > ends:
            continue
        try:
            send(channel, item.message)
        except Exception as error:
            failure = typed("báo tin cho cán bộ trực", error)
            failures.append(failure)
            del by_name[channel.name]
            with engine.begin() as connection:
                alerts.put_off(connection, item.message.id, str(failure), now() + delay(item.attempts + 1, failure.retry_after))
            continue
        went += 1
        with engine.begin() as connection:
            alerts.sent(connection, item.message.id, now())
    return went, failures
