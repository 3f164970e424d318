"""Who read personal values, when, what and why: `ops.reads`, a line each time, which holds none of them.

Each line seals the one before: its seal is a hash of its own words and of that seal, so that a line that was changed, removed or put in
between is found by who reckons them again. That the last lines were removed is seen only beside what is kept elsewhere of the end
(pipelines/reads.py). Lines are added and nothing else; the table itself refuses the rest.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import sqlalchemy as sa

LOCK = "ansinh.reads"
AT_ONCE = 5_000

# The table, the trigger that lets nobody change its lines, and the function that refuses.
TABLE, GUARD, REFUSES = "ops.reads", "only_added", "ops.refuse_change()"


@dataclass(frozen=True)
class Read:
    """`what` in words, without a value of a person; `about`: the system or dataset; `rows`: how many are shown, where that is known."""

    command: str
    what: str
    officer: str
    reason: str | None = None
    document: str | None = None
    about: str | None = None
    rows: int | None = None


@dataclass(frozen=True)
class Line:
    """A read as it is kept."""

    line: int
    read_at: dt.datetime
    read: Read
    seal: str


@dataclass(frozen=True)
class Broken:
    """The first line that does not follow from those before it: `missing`, or `changed`."""

    line: int
    how: str


def is_there(connection: sa.Connection) -> bool:
    """Whether this warehouse has the table: one of an earlier version has not."""
    return connection.execute(sa.text("select to_regclass('ops.reads')")).scalar() is not None


def keep(connection: sa.Connection, read: Read, now: dt.datetime) -> Line:
    """Keep a read, before anything of it is shown. Others that add a line wait until this transaction ends."""
    connection.execute(sa.text("select pg_advisory_xact_lock(hashtext(:lock))"), {"lock": LOCK})
    last = end(connection)
    number, before = (last.line, last.seal) if last else (0, "")
    now = max(now, last.read_at) if last else now
    kept = Line(number + 1, now, read, _seal(before, number + 1, now, read))
    connection.execute(
        sa.text("""insert into ops.reads (line, read_at, officer, command, what, about, rows, reason, document, seal)
            values (:line, :read_at, :officer, :command, :what, :about, :rows, :reason, :document, :seal)"""),
        {"line": kept.line, "read_at": now, "seal": kept.seal, **asdict(read)},
    )
    return kept


def end(connection: sa.Connection) -> Line | None:
    """The last line."""
    row = connection.execute(sa.text(f"{_SELECT} order by line desc limit 1")).one_or_none()
    return _line(row) if row else None


def listed(connection: sa.Connection, most: int) -> list[Line]:
    """The last lines, the newest first."""
    return [_line(row) for row in connection.execute(sa.text(f"{_SELECT} order by line desc limit :most"), {"most": most})]


def at(connection: sa.Connection, line: int) -> Line | None:
    row = connection.execute(sa.text(f"{_SELECT} where line = :line"), {"line": line}).one_or_none()
    return _line(row) if row else None


def broken(connection: sa.Connection) -> Broken | None:
    """The first place at which the lines do not follow from each other; None: all do."""
    before, expected = "", 1
    for kept in _all(connection):
        if kept.line != expected:
            return Broken(expected, "missing")
        if kept.seal != _seal(before, kept.line, kept.read_at, kept.read):
            return Broken(kept.line, "changed")
        before, expected = kept.seal, expected + 1
    return None


def _all(connection: sa.Connection) -> Iterator[Line]:
    last = 0
    while rows := connection.execute(
        sa.text(f"{_SELECT} where line > :last order by line limit {AT_ONCE}"), {"last": last}
    ).all():
        yield from map(_line, rows)
        last = rows[-1].line


def _seal(before: str, line: int, read_at: dt.datetime, read: Read) -> str:
    """The seal of a line: a hash of the seal before it and of every word of the line, in one order and one way of writing."""
    told = {"line": line, "read_at": read_at.astimezone(dt.UTC).isoformat(timespec="microseconds"), **asdict(read)}
    return hashlib.sha256(json.dumps([before, told], ensure_ascii=False, sort_keys=True).encode()).hexdigest()


_SELECT = "select line, read_at, officer, command, what, about, rows, reason, document, seal from ops.reads"


def _line(r: sa.Row) -> Line:
    read = Read(r.command, r.what, r.officer, r.reason, r.document, r.about, r.rows)
    return Line(r.line, r.read_at, read, r.seal)
