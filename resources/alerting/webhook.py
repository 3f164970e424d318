"""One line to a webhook. The body holds a `text` and nothing else: every receiver of the kind takes that, some refuse more."""

import json

from resources.alerting.channels import Webhook
from resources.alerting.failures import ChannelRefused, ChannelSlow, ChannelUnreachable, ChannelUnsafe, ChannelWrong
from resources.alerting.message import Message
from resources.failing import Failure, is_transient
from resources.http.address import AddressWrong
from resources.http.exchange import (
    AnswerEndless,
    AnswerGarbled,
    Bounds,
    LineUnsafe,
    NoAnswer,
    Request,
    exchange,
    why_no_authorities,
)

CONNECTING, SILENCE, WHOLE = 5.0, 10.0, 20.0  # seconds
LARGEST = 64 * 1024  # bytes of an answer that nobody reads


def send(channel: Webhook, message: Message, authorities: str | None = None, *, whole: float = WHOLE) -> None:
    """Send one message. Raises what kept it from being taken."""
    body = json.dumps({"text": f"{message.subject}\n\n{message.body}"}, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Accept-Encoding": "identity",
        "User-Agent": "ansinh",
        "Connection": "close",
        "Idempotency-Key": message.id,
    }
    refuse_no_authorities(authorities)
    bounds = Bounds(CONNECTING, SILENCE, whole, LARGEST)
    try:
        answer = exchange(channel.address, Request("POST", channel.rest, headers, body), bounds, authorities)
    except Exception as error:
        met = _failure(error, whole)
        if met is None:
            raise
        raise met from None
    if not 200 <= answer.status < 300:
        wait = answer.asked_wait if is_transient(answer.status) else None
        raise ChannelRefused(channel="webhook", code=str(answer.status), retry_after=wait)


def refuse_no_authorities(authorities: str | None) -> None:
    if authorities and (kind := why_no_authorities(authorities)):
        raise ChannelUnsafe(channel="webhook", why=f"ALERT_CA_FILE: {kind}")


def _failure(error: Exception, whole: float) -> Failure | None:
    if isinstance(error, AnswerEndless):
        return ChannelSlow(channel="webhook", seconds=whole)
    if isinstance(error, LineUnsafe):
        return ChannelUnsafe(channel="webhook", why=str(error))
    if isinstance(error, AddressWrong):
        return ChannelWrong(setting=error.setting, why=error.wrong)
    if isinstance(error, NoAnswer | AnswerGarbled):
        return ChannelUnreachable(channel="webhook", why=str(error))
    return None
