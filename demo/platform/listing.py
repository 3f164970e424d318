"""One reading of a table, page after page, as a service gives its rows: texts or nothing, all of one snapshot.

The pages of a large one come from a cursor at the server: of a million rows no more than a page is in the memory. Nothing here
knows of HTTP.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import psycopg2

from demo.platform.asking import Window
from schemas.column import Column
from schemas.dataset import Dataset, SubmissionLog
from schemas.roads import as_sql

# pyright: reportAttributeAccessIssue=false

Connect = Callable[[], Any]  # a connection of psycopg2, of a login that may read
FORGOTTEN_AFTER = 30  # seconds, after which a reading that nobody goes on with is ended by the server
AT_ONCE = 10_000  # so many rows are read whole: a reading that stays open keeps the table from being changed in its form
ZONE = "Asia/Ho_Chi_Minh"
DATE, TIMESTAMP, TIMESTAMPTZ = 1082, 1114, 1184  # of PostgreSQL's types


class Listing:
    """The rows of a table in a window, in an order that stands as long as the reading does.

    `since`: only rows that a transaction wrote which had not ended when this was the oldest (`horizon`).
    """

    def __init__(
        self, connect: Connect, declared: Dataset | SubmissionLog, window: Window, since: int | None, *, has_etag: bool
    ) -> None:
        self.lock = threading.Lock()
        self._connect, self._has_etag = connect, has_etag
        self._declared, self._window, self._since = declared, window, since
        self.total, self.horizon, self.etag = 0, 0, None
        self._held: tuple[int, list[str]] = (0, [])
        self._connection: Any = None
        self.begin()

    def begin(self) -> None:
        """Look anew: at the table as it is now."""
        self.close()
        self._connection = self._connect()
        self._connection.autocommit = True
        self._cursor, self._at = self._connection.cursor(), 0
        try:
            self._declare()
            if self.total <= AT_ONCE:
                self._fetch(0, self.total)
        except BaseException:
            self.rest()
            raise

    def rows(self, first: int, count: int) -> list[str]:
        """Rows from a place on, each as the text of a JSON object. Those that were given last are given again without the server."""
        count = max(0, min(count, self.total - first))
        if not self._holds(first, count):
            if self._connection is None:
                self.begin()
            if not self._holds(first, count):
                self._fetch(first, count)
        start, held = self._held
        return held[first - start : first - start + count]

    def rest(self) -> None:
        """End the look: what it has found stays known."""
        if self._connection is not None:
            with suppress(psycopg2.Error):
                self._connection.close()
            self._connection = None

    def close(self) -> None:
        self._held = (0, [])
        self.rest()

    def _holds(self, first: int, count: int) -> bool:
        start, held = self._held
        return start <= first and first + count <= start + len(held)

    def _fetch(self, first: int, count: int) -> None:
        if first != self._at:
            self._cursor.execute(f"move absolute {first} in listing")
        self._cursor.execute(f"fetch forward {count} from listing")
        self._held = first, [text for (text,) in self._cursor.fetchall()]
        self._at = first + count
        if self._at >= self.total:
            self.rest()

    def _declare(self) -> None:
        self._cursor.execute("begin isolation level repeatable read read only")
        # A scan that begins where another one is has another order each time, and a bitmap cannot be gone through backwards.
        self._cursor.execute("set local synchronize_seqscans = off; set local enable_bitmapscan = off")
        self._cursor.execute(f"set local idle_in_transaction_session_timeout = '{FORGOTTEN_AFTER}s'")
        rows = self._query()
        hashed = "sum(hash_record_extended(r, 0))::text" if self._has_etag else "null"
        self._cursor.execute(f"select count(*), {hashed}, pg_snapshot_xmin(pg_current_snapshot())::text::bigint from ({rows}) r")
        self.total, told, self.horizon = self._cursor.fetchone()
        self.etag = f'"{self.total}-{told or 0}"' if self._has_etag else None
        self._cursor.execute(f"declare listing scroll cursor for select row_to_json(r)::text from ({rows}) r")

    def _query(self) -> str:
        """The declared columns that there are, each as its text."""
        relation = as_sql(self._declared.road).relation
        self._cursor.execute(f"select * from {relation} limit 0")
        types = {name: type_code for name, type_code, *_ in self._cursor.description}
        told = [f"{_text(c, types[c.source_column])} as {_quoted(c)}" for c in self._declared.columns if c.source_column in types]
        conditions = [*self._placed(types), *self._changed(relation)]
        return f"select {', '.join(told)} from {relation}" + (f" where {' and '.join(conditions)}" if conditions else "")

    def _placed(self, types: Mapping[str, int]) -> list[str]:
        if not isinstance(self._declared, Dataset) or self._declared.placed_by is None:
            return []
        column = self._declared.column(self._declared.placed_by)
        if self._declared.placed_by_year:
            placing, (low, high) = _quoted(column), self._years()
        else:
            placing = _day(column, types[column.source_column])
            low, high = (day and f"'{day:%Y%m%d}'" for day in (self._window.first, self._window.until))
        found = []
        if low:
            found.append(f"({placing} >= {low}" + (f" or {placing} is null)" if high is None else ")"))
        if high:
            found.append(f"{placing} <= {high}")
        return found

    def _years(self) -> tuple[str | None, str | None]:
        """The years that begin in the window, on the day of the year on which it begins."""
        first, until = self._window.first, self._window.until
        begins = (first.month, first.day) if first else (1, 1)
        low = str(first.year) if first else None
        return low, str(until.year - ((until.month, until.day) < begins)) if until else None

    def _changed(self, relation: str) -> list[str]:
        """What was written since: the server knows it of each row of a table; of a view's rows all may have been."""
        if self._since is None:
            return []
        self._cursor.execute("select relkind from pg_class where oid = %s::regclass", (relation,))
        is_table = self._cursor.fetchone()[0] in ("r", "p")
        return [f"xmin::text::bigint >= {self._since % (1 << 32)}"] if is_table else []


def _quoted(column: Column) -> str:
    return '"{}"'.format(column.source_column.replace('"', '""'))


def _day(column: Column, type_code: int) -> str:
    """The day by which a row is placed, yyyyMMdd, whose letters stand in the order of days; nothing where there is none."""
    name = _quoted(column)
    if type_code == DATE:
        return name  # such a text is a day to it
    if type_code in (TIMESTAMP, TIMESTAMPTZ):
        return f"({_local(name, type_code)})::date"
    return f"""(case when {name} ~ '^(19|20)[0-9]{{2}}(0[1-9]|1[0-2])[0-9]{{2}}' then left({name}, 8) end collate "C")"""


def _text(column: Column, type_code: int) -> str:
    """A value as the service writes it: a text as it is, an instant by the Vietnamese clock, a day as its reader wants it.

    A day or an instant that has no such form stays as the database writes it.
    """
    name, form = _quoted(column), "YYYYMMDDHH24MISS"
    if type_code == DATE and column.reader.startswith("compact"):
        form = "YYYYMMDD"
    elif type_code not in (TIMESTAMP, TIMESTAMPTZ):
        return f"{name}::text"
    local = _local(name, type_code)
    return f"case when {name} between '0001-01-01' and '9999-12-31' then to_char({local}, '{form}') else {name}::text end"


def _local(name: str, type_code: int) -> str:
    return f"{name} at time zone '{ZONE}'" if type_code == TIMESTAMPTZ else name
