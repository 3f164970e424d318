"""What the operators are told of: `ops.alerts`, a row for each time that a matter came; `ops.alert_messages`, what goes out.

A matter is put into a channel's message in the transaction that composes it, so that each is told once by each channel, however
often the message has to be sent.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from resources.alerting.message import Message

Key = tuple[str, str]  # the kind of a matter, and which of them
TOLD_OVER_WITHIN = dt.timedelta(days=7)  # what ended before is news to nobody, by whatever channel


@dataclass(frozen=True)
class Alert:
    """One matter as long as it lasts."""

    id: int
    kind: str
    key: str
    words: str
    first_seen: dt.datetime
    cleared_at: dt.datetime | None


@dataclass(frozen=True)
class Waiting:
    """A message that is still to go."""

    message: Message
    channel: str
    attempts: int
    outcome: str | None


def settle(connection: sa.Connection, matters: Mapping[Key, str], is_judged: Callable[[Key], bool], now: dt.datetime) -> None:
    """Keep which matters there are now, in words. What is not judged now is left as it stands."""
    standing = {(a.kind, a.key): a for a in open_now(connection)}
    over = [a.id for key, a in standing.items() if key not in matters and is_judged(key)]
    connection.execute(sa.text("update ops.alerts set cleared_at = :now where id = any(:ids)"), {"now": now, "ids": over})
    come = [
        {"kind": kind, "key": key, "words": words, "now": now}
        for (kind, key), words in matters.items()
        if (kind, key) not in standing
    ]
    if come:
        connection.execute(
            sa.text("""insert into ops.alerts (kind, key, words, first_seen) values (:kind, :key, :words, :now)
                on conflict (kind, key) where cleared_at is null do nothing"""),
            come,
        )


def open_now(connection: sa.Connection) -> list[Alert]:
    rows = connection.execute(sa.text(f"select {_ALL} from ops.alerts where cleared_at is null order by id"))
    return [Alert(*row) for row in rows]


def untold(connection: sa.Connection, channel: str) -> list[Alert]:
    """What stands open and was not told by a channel."""
    rows = connection.execute(
        sa.text(f"select {_ALL} from ops.alerts where cleared_at is null and not :channel = any(told) order by id"),
        {"channel": channel},
    )
    return [Alert(*row) for row in rows]


def untold_over(connection: sa.Connection, channel: str, now: dt.datetime) -> list[Alert]:
    """What is over, was told by a channel, and its end was not."""
    rows = connection.execute(
        sa.text(f"""select {_ALL} from ops.alerts where cleared_at >= :since and :channel = any(told)
            and not :channel = any(told_over) order by id"""),
        {"channel": channel, "since": now - TOLD_OVER_WITHIN},
    )
    return [Alert(*row) for row in rows]


def put(
    connection: sa.Connection, channel: str, message: Message, come: Sequence[Alert], over: Sequence[Alert], now: dt.datetime
) -> None:
    """Lay a message ready to go by a channel; what it tells of is told by that channel."""
    connection.execute(
        sa.text("""insert into ops.alert_messages (id, channel, subject, body, composed_at, next_attempt_at)
            values (:id, :channel, :subject, :body, :composed_at, :now)"""),
        vars(message) | {"channel": channel, "now": now},
    )
    mark_told(connection, channel, [a.id for a in come], [a.id for a in over])


def mark_told(connection: sa.Connection, channel: str, come: Collection[int], over: Collection[int]) -> None:
    for column, ids in (("told", come), ("told_over", over)):
        connection.execute(
            sa.text(f"update ops.alerts set {column} = array_append({column}, :channel) where id = any(:ids)"),
            {"channel": channel, "ids": list(ids)},
        )


def waiting(connection: sa.Connection, now: dt.datetime | None = None) -> list[Waiting]:
    """What is still to go, the oldest first; `now`: whose time has come."""
    rows = connection.execute(
        sa.text("""select id, subject, body, composed_at, channel, attempts, outcome from ops.alert_messages
            where sent_at is null and next_attempt_at <= coalesce(cast(:now as timestamptz), 'infinity') order by composed_at, id"""),
        {"now": now},
    )
    return [Waiting(Message(*row[:4]), *row[4:]) for row in rows]


def sent(connection: sa.Connection, message_id: str, now: dt.datetime) -> None:
    connection.execute(
        sa.text("""update ops.alert_messages set sent_at = :now, attempts = attempts + 1, next_attempt_at = null, outcome = null
            where id = :id"""),
        {"id": message_id, "now": now},
    )


def put_off(connection: sa.Connection, message_id: str, said: str, until: dt.datetime) -> None:
    """A message did not go: why, and when it is tried again."""
    connection.execute(
        sa.text("""update ops.alert_messages set attempts = attempts + 1, next_attempt_at = :until, outcome = :said
            where id = :id"""),
        {"id": message_id, "said": said, "until": until},
    )


def last_sent(connection: sa.Connection) -> dict[str, dt.datetime]:
    """Channel -> when a message last went by it. A warehouse that was never brought up to this version knows of none."""
    if not is_there(connection):
        return {}
    rows = connection.execute(
        sa.text("select channel, max(sent_at) as at from ops.alert_messages where sent_at is not null group by 1")
    )
    return {row.channel: row.at for row in rows}


def is_there(connection: sa.Connection) -> bool:
    return connection.execute(sa.text("select to_regclass('ops.alert_messages')")).scalar() is not None


def begun_at(connection: sa.Connection) -> dt.datetime:
    """When this warehouse was made: no night is missed from before."""
    return connection.execute(sa.text("select min(applied_at) from ops.schema_version")).scalar_one()


_ALL = "id, kind, key, words, first_seen, cleared_at"
