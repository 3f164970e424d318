"""The road to a PostgreSQL database: one read-only snapshot, its digests and row versions, its rows by binary COPY."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

import adbc_driver_manager
import numpy as np
import psycopg2
import pyarrow as pa
from adbc_driver_manager.dbapi import Cursor

from resources.connectors.batches import resized
from resources.connectors.connector import (
    KEY,
    Changes,
    Expected,
    Places,
    Standing,
    Standings,
    Submissions,
)
from resources.connectors.failures import SourceAltered
from resources.connectors.limits import Pace
from resources.connectors.postgresql import members, queries, structure, submissions, visibility
from resources.connectors.postgresql.encodings import Encoding
from resources.connectors.postgresql.failures import failure_of
from resources.connectors.postgresql.row_versions import PLACE, PLACED, Horizon, earliest, standing_at
from resources.connectors.postgresql.sessions import OLDEST, Session, session
from resources.servers.encryption import Line, line_to
from resources.servers.names import listed
from resources.streaming.memory import give_back
from resources.streaming.packed import PACKED, unpacked, unpacked_from
from schemas import calendar
from schemas.dataset import Dataset, Source, SubmissionLog
from schemas.projections.postgres import literal
from schemas.roads import Sql, as_sql

DRIVER_BYTES = 2 << 20  # of the driver's own batches, which stay in memory until a batch of ours is put together of them
SAMPLE_BYTES = 8 << 20
MOST_PLACES = 1 << 18  # rows that are asked for by where they stand; more are looked for in the whole table

give_back()


@dataclass
class _Looked:
    """What came along with the digests of a register of which rows changed since a horizon."""

    since: Horizon
    changed: np.ndarray  # where the rows stand that changed, and their keys
    packed: list[pa.Buffer] = field(default_factory=list)  # the keys of all rows, as received

    def keys(self) -> np.ndarray | None:
        """Given once, since they are the largest thing in hand; None afterwards: they can be read again."""
        packed, self.packed = self.packed, []
        return unpacked(*packed) if packed else None


class PostgresConnector:
    """One read-only snapshot of a source database."""

    road = Sql.name

    def __init__(self, source: Source, opened: Session, url: str) -> None:
        self._source, self._url = source, url
        self._session = opened
        self._pace = Pace(source.limits.rows_per_second)
        self._encoding = Encoding.named(opened.ask(_server_encoding), source)
        self.sample_bytes, self.most_places = SAMPLE_BYTES, MOST_PLACES

    def clock(self) -> dt.datetime:
        ((seconds,),) = self.fetch("select extract(epoch from clock_timestamp())::text")
        return dt.datetime.fromtimestamp(float(seconds), dt.UTC)

    def line(self) -> Line | None:
        """Look at a second session: the driver of the first shows nothing of its line. Both are opened by one library and one address."""
        with suppress(psycopg2.OperationalError):
            return line_to(self._url)
        return None

    def faults(self, declared: Dataset | SubmissionLog) -> list[str]:
        faults = structure.faults(self.fetch, declared)
        if not faults and as_sql(declared.road).changes.way == "row_versions":
            others = members.without_versions(self.fetch, _relation(declared))
            if others:
                told = listed(others)
                faults.append(
                    f"bảng con {told} là bảng ngoài hoặc lưu theo cách khác, không có phiên bản dòng mà khai báo dựa vào"
                )
        return faults

    def rights(self, datasets: Sequence[Dataset]) -> list[str]:
        return structure.rights(self.fetch, [as_sql(d.road) for d in datasets])

    def hidden(self, declared: Dataset | SubmissionLog) -> list[str]:
        seen = visibility.look(self.fetch, as_sql(declared.road))
        if seen.is_let_through:
            # Else a policy that hides nothing is an error, as any is.
            self._session.ask(lambda cursor: cursor.execute("set local row_security = on"))
        return seen.hidden

    def rehearse(self, dataset: Dataset, today: dt.date) -> None:
        period = calendar.started(dataset, today)[-1]
        for _ in self.read(dataset, period, today, ["false"]):
            pass

    def submissions(self, dataset: Dataset, expected: Expected, until: dt.datetime) -> Submissions:
        found = submissions.latest(self.fetch, dataset, expected, until)
        self._refuse_remade()
        return found

    def bookmark(self, dataset: Dataset) -> str | None:
        _, horizon = self._versions_of(dataset)
        return horizon.text if horizon else None

    def standings(
        self,
        dataset: Dataset,
        today: dt.date,
        since: Collection[str] | None = None,
        periods: Collection[str] | None = None,
    ) -> Standings:
        """By one reading of the table.

        By row versions (count and sum of xmin, hashed) it costs about 0.25 s per million rows and sees inserts, updates,
        deletes and late commits; a restore of the source renews every version: then all is read once again and found equal.
        By row hashes, for views, it costs some 0.7 s per million rows. Both need PostgreSQL 14 or later at the source.

        Where a sample of a register shows rows that changed since then, their keys and all others will be asked for: the same
        reading brings them along, and where the changed rows stand, for half of what two more readings would cost. Of a list
        by periods only a few of them would be.
        """
        origin, horizon = self._versions_of(dataset)
        from_there = earliest(since, horizon)
        if from_there is not None and (dataset.placed_by is not None or not self._has_changed(dataset, from_there)):
            from_there = None
        started = calendar.started(dataset, today)
        table = self._table(queries.by_place(dataset, started, _versions(dataset), _beside(dataset, from_there)))
        self._refuse_remade()
        looked = None
        if from_there:  # as they lie in what was received, of which the keys are the larger part
            keys, changed = ([value.as_buffer() for value in column] for column in table.columns[4:])
            looked = _Looked(from_there, np.concatenate([np.frombuffer(part or b"", PLACE) for part in changed]), keys)
        sums: dict[tuple[str, str | None], list[int]] = {}
        before_first = 0
        # The server tells the first day of the period: to find each row's period among many would cost it five times as much.
        begun, communes, *counts = (self._encoding.values(column) for column in table.columns[:4])
        for begins, commune, *counted in zip(begun, communes, *counts, strict=True):
            period = queries.period_that_begins(dataset, begins, started)
            if period is None:
                before_first += int(counted[0])
            else:
                sums[period, commune] = [a + int(b) for a, b in zip(sums.get((period, commune), [0, 0]), counted, strict=True)]
        found: dict[str, list[Standing]] = {period: [] for period in started}
        for (period, commune), (rows, versions) in sorted(sums.items(), key=lambda item: (item[0][0], item[0][1] or "")):
            found[period].append(Standing(commune, rows, f"{rows}:{versions}"))
        return Standings(origin, found, looked, before_first)

    def rows(self, dataset: Dataset, period: str, today: dt.date, places: Places | None = None) -> Iterator[pa.RecordBatch]:
        return self.read(dataset, period, today, [queries.within(dataset, places)])

    def changes(self, dataset: Dataset, period: str, today: dt.date, since: Collection[str], found: Standings) -> Changes | None:
        _, horizon = self._versions_of(dataset)
        from_there = earliest(since, horizon)
        if from_there is None:
            return None
        looked: _Looked | None = found.looked
        return _Changes(self, dataset, period, today, from_there, looked if looked and looked.since == from_there else None)

    def read(self, dataset: Dataset, period: str, today: dt.date, more: Sequence[str | None]) -> Iterator[pa.RecordBatch]:
        """The rows of a period that fulfil further conditions, no faster than the source allows."""
        where = queries.selected(dataset, period, today, more)
        longest = self._encoding.longest if members.has_long_values(self.fetch, _relation(dataset)) else None
        columns = queries.received(dataset, longest)
        yield from self._pace.held(
            self._batches(f"select {columns}, {queries.key(dataset)} as {KEY} from {as_sql(dataset.road).relation}{where}")
        )

    def keys(self, dataset: Dataset, period: str, today: dt.date) -> np.ndarray:
        """The keys of all rows of a period, in no order."""
        query = f"select {PACKED.format(queries.key(dataset))} from {as_sql(dataset.road).relation}{queries.selected(dataset, period, today)}"

        def packed(cursor: Cursor) -> np.ndarray:
            cursor.execute(query)
            return unpacked_from(cursor)

        return self._session.ask(packed)

    def fetch(self, query: str) -> list[tuple]:
        """The rows of a query, which has to select something: of no column no row would be told."""
        table = self._table(query)
        return list(zip(*map(self._encoding.values, table.columns), strict=True))

    def _versions_of(self, dataset: Dataset) -> tuple[str, Horizon | None]:
        """Whose row versions these are, and from where on later snapshots have to look (None: that cannot be asked).

        The first part tells servers apart, so that a sum of row versions is never taken for that of other rows; it leaves out the start of the
        server. A server that comes up as after a crash may be an image of a machine, in which the numbers of later transactions are given out once
        more. It has then lost its counters, and tells since when it counts anew; after a mere start it counts on.

        A standby is not asked: it does not say in time that it follows another primary, whose numbers may have been used.
        """
        if as_sql(dataset.road).changes.way != "row_versions":
            return "", None
        names = [column.source_column for column in dataset.columns]
        ((origin, started, xid),) = self.fetch(
            "select concat_ws('.', case when not pg_is_in_recovery() then concat_ws('.', (select system_identifier from pg_control_system()), "
            "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), "  # the timeline
            "(select (extract(epoch from stats_reset) * 1000000)::bigint from pg_stat_wal)) end, "
            "(select oid from pg_database where datname = current_database()), "
            f"{members.named(_relation(dataset), names)}), "
            "case when not pg_is_in_recovery() then (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint end, "
            "pg_snapshot_xmin(pg_current_snapshot())::text"
        )
        return origin, None if started is None else Horizon(f"{origin}.{started}", int(xid))

    def _refuse_remade(self) -> None:
        """What was read of a table that is made anew meanwhile says nothing of it. Raises SourceAltered."""
        if self.fetch(f"select 1 where {members.is_remade()}"):
            raise SourceAltered(source=self._source.name, title=self._source.title, state="")

    def _has_changed(self, dataset: Dataset, since: Horizon) -> bool:
        """Whether a sample of the table shows a row that has changed. A guess: it decides only how the keys are read."""
        ((changed,),) = self.fetch(
            f"select exists (select from {as_sql(dataset.road).relation} tablesample system (least(100, 100.0 * {self.sample_bytes} "
            f"/ greatest({members.size(_relation(dataset))}, 1))) where {since.changed})"
        )
        return changed

    def _batches(self, query: str) -> Iterator[pa.RecordBatch]:
        with closing(self._session.batches(self._encoding.query(query), DRIVER_BYTES)) as batches:
            yield from map(self._encoding.received, resized(batches))

    def _table(self, query: str) -> pa.Table:
        def whole(cursor: Cursor) -> pa.Table:
            cursor.execute(self._encoding.query(query))
            return cursor.fetch_arrow_table()

        return self._session.ask(whole)


@dataclass
class _Changes:
    """What changed of a period since a horizon, by the versions of its rows."""

    connector: PostgresConnector
    dataset: Dataset
    period: str
    today: dt.date
    since: Horizon
    looked: _Looked | None

    def rows(self) -> Iterator[pa.RecordBatch]:
        at = self.looked.changed if self.looked else None
        places = standing_at(at) if at is not None and len(at) <= self.connector.most_places else None
        return self.connector.read(self.dataset, self.period, self.today, [places, self.since.changed])

    def keys(self) -> np.ndarray:
        read = self.looked.keys() if self.looked else None
        return self.connector.keys(self.dataset, self.period, self.today) if read is None else read

    @property
    def changed_keys(self) -> np.ndarray | None:
        return self.looked.changed["key"].astype(np.int64) if self.looked else None


@contextmanager
def connect(source: Source, url: str, oldest: int = OLDEST) -> Iterator[PostgresConnector]:
    """Open a snapshot at a server that is not older; every failure of the driver leaves as one typed failure that names the source and holds no secret."""
    try:
        with session(source, url, oldest) as opened:
            yield PostgresConnector(source, opened, url)
    except adbc_driver_manager.Error as error:
        raise failure_of(source, error) from None


def _versions(dataset: Dataset) -> str:
    """What changes when a row does, summed."""
    if as_sql(dataset.road).changes.way == "row_versions":
        # Hashed, xmin can be summed by several processes of the server; the age of it, which is cheaper, by one alone.
        return "sum(hash_record_extended(row(xmin), 0))"
    return f"sum(hash_record_extended(row({queries.columns(dataset)}), 0))"


def _beside(dataset: Dataset, since: Horizon | None) -> str:
    """The keys of all rows, and where those stand that changed since."""
    key = queries.key(dataset)
    return f", {PACKED.format(key)} as keys, {PLACED.format(key)} filter (where {since.changed}) as changed" if since else ""


def _relation(declared: Dataset | SubmissionLog) -> str:
    return f"{literal(as_sql(declared.road).relation)}::regclass"


def _server_encoding(cursor: Cursor) -> str:
    cursor.execute("select current_setting('server_encoding')")
    ((name,),) = cursor.fetchall()
    return name
