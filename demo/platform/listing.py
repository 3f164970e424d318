"""One reading of a table, page after page, as a service gives its rows: texts or nothing, all of one snapshot.

The pages come from a cursor at the server: of a million rows no more than a page is in the memory. Nothing here knows of HTTP.
"""

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg2

from schemas.dataset import Dataset, SubmissionLog
from schemas.roads import as_sql

# pyright: reportAttributeAccessIssue=false

Connect = Callable[[], Any]  # a connection of psycopg2, of a login that may read
FORGOTTEN_AFTER = 60  # seconds, after which the server ends a reading that nobody goes on with
ZONE = "Asia/Ho_Chi_Minh"
BOOLEAN, DATE, TIMESTAMP, TIMESTAMPTZ = 16, 1082, 1114, 1184  # of PostgreSQL's types


@dataclass(frozen=True)
class Window:
    """Which rows are asked for: of these days, where `until` is None with what is later or undated, and changed since an instant."""

    first: dt.date | None = None
    until: dt.date | None = None
    since: dt.datetime | None = None


class Listing:
    """The rows of a table in a window, in an order that stands as long as the reading does."""

    def __init__(self, connect: Connect, declared: Dataset | SubmissionLog, window: Window, *, has_etag: bool) -> None:
        self.lock = threading.Lock()
        self._connect, self._has_etag = connect, has_etag
        self._declared, self._window = declared, window
        self.total, self.etag = 0, None
        self._last: tuple[int, list[str]] = (0, [])
        self._connection: Any = None
        self.begin()

    def begin(self) -> None:
        """Look anew: at the table as it is now."""
        self.close()
        self._connection = self._connect()
        self._connection.autocommit = True
        try:
            self._declare()
        except BaseException:
            self._end()
            raise

    def _declare(self) -> None:
        self._cursor, self._at, self._last = self._connection.cursor(), 0, (0, [])
        self._cursor.execute("begin isolation level repeatable read read only")
        # A scan that begins where another one is has another order each time, and a bitmap cannot be gone through backwards.
        self._cursor.execute("set local synchronize_seqscans = off; set local enable_bitmapscan = off")
        self._cursor.execute(f"set local idle_in_transaction_session_timeout = '{FORGOTTEN_AFTER}s'")
        rows = self._query()
        hashed = "sum(hash_record_extended(r, 0))::text" if self._has_etag else "null"
        self._cursor.execute(f"select count(*), {hashed} from ({rows}) r")
        self.total, told = self._cursor.fetchone()
        self.etag = f'"{self.total}-{told or 0}"' if self._has_etag else None
        self._cursor.execute(f"declare listing scroll cursor for select row_to_json(r)::text from ({rows}) r")

    def rows(self, first: int, count: int) -> list[str]:
        """Rows from a place on, each as the text of a JSON object. The last that were given are given again without the server."""
        if self._last[0] == first and len(self._last[1]) == min(count, max(0, self.total - first)):
            return self._last[1]
        if self._connection is None:
            self.begin()
        if first != self._at:
            self._cursor.execute(f"move absolute {first} in listing")
        self._cursor.execute(f"fetch forward {count} from listing")
        found = [text for (text,) in self._cursor.fetchall()]
        self._at, self._last = first + len(found), (first, found)
        if self._at >= self.total:
            self._end()
        return found

    def close(self) -> None:
        self._last = (0, [])
        self._end()

    def _end(self) -> None:
        if self._connection is not None:
            with suppress(psycopg2.Error):
                self._connection.close()
            self._connection = None

    def _query(self) -> str:
        """The declared columns that there are, each as its text."""
        relation = as_sql(self._declared.road).relation
        self._cursor.execute(f"select * from {relation} limit 0")
        types = {name: type_code for name, type_code, *_ in self._cursor.description}
        told = [
            f"{_text(_quoted(c.source_column), types[c.source_column])} as {_quoted(c.source_column)}"
            for c in self._declared.columns
            if c.source_column in types
        ]
        conditions = [*self._placed(), *self._changed(types)]
        return f"select {', '.join(told)} from {relation}" + (f" where {' and '.join(conditions)}" if conditions else "")

    def _placed(self) -> list[str]:
        if not isinstance(self._declared, Dataset) or self._declared.placed_by is None:
            return []
        column = _quoted(self._declared.column(self._declared.placed_by).source_column)
        by_year = self._declared.placed_by_year
        found = []
        if self._window.first:
            low = f"{self._window.first.year}" if by_year else f"date '{self._window.first}'"
            found.append(f"({column} >= {low}" + (f" or {column} is null)" if self._window.until is None else ")"))
        if self._window.until:
            high = f"{self._last_year()}" if by_year else f"date '{self._window.until}'"
            found.append(f"{column} <= {high}")
        return found

    def _last_year(self) -> int:
        """The last year, as long as those of which the first day is asked for, that begins by the last day."""
        first, until = self._window.first, self._window.until
        assert until is not None
        begins = (first.month, first.day) if first else (1, 1)
        return until.year - ((until.month, until.day) < begins)

    def _changed(self, types: Mapping[str, int]) -> list[str]:
        changed = next((c.source_column for c in self._declared.columns if c.name == "updated_at"), None)
        if self._window.since is None or changed is None or types.get(changed) != TIMESTAMPTZ:
            return []  # of which it is not known when they changed, all are given
        return [
            f"({_quoted(changed)} >= timestamptz '{self._window.since:%Y-%m-%d %H:%M:%S} {ZONE}' or {_quoted(changed)} is null)"
        ]


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


def _text(column: str, type_code: int) -> str:
    """A value as services write it. A day that has no such form stays as the database writes it."""
    form = "'YYYYMMDD'" if type_code == DATE else "'YYYYMMDDHH24MISS'"
    if type_code not in (DATE, TIMESTAMP, TIMESTAMPTZ):
        return f"{column}::text"
    local = f"{column} at time zone '{ZONE}'" if type_code == TIMESTAMPTZ else column
    return f"case when {column} between '0001-01-01' and '9999-12-31' then to_char({local}, {form}) else {column}::text end"
