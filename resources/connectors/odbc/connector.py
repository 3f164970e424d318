"""The road to a database by its ODBC driver: one read-only snapshot, digests of its communes, its rows by pages that are proved."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import pyarrow as pa

from resources.connectors.connector import Changes, Expected, Places, Standing, Standings, Submissions
from resources.connectors.limits import Pace
from resources.connectors.log_lines import latest
from resources.connectors.odbc import addresses, structure, visibility
from resources.connectors.odbc.dialects.dialect import Dialect
from resources.connectors.odbc.dialects.mariadb import MariaDb
from resources.connectors.odbc.dialects.oracle import Oracle
from resources.connectors.odbc.dialects.sqlserver import SqlServer
from resources.connectors.odbc.failures import RowsDiffer
from resources.connectors.odbc.line import OdbcLine, line_of
from resources.connectors.odbc.pages import Differs, Reading
from resources.connectors.odbc.queries import Queries
from resources.connectors.odbc.sessions import Session, session
from resources.connectors.odbc.structure import Found
from resources.servers.addresses import kind_of
from resources.servers.names import listed, shown
from resources.streaming.memory import give_back
from schemas import calendar, units
from schemas.dataset import Dataset, Source, SubmissionLog
from schemas.submissions import SUBMISSION_LOG

give_back()

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
DIALECTS: dict[str, Dialect] = {  # by the scheme of an address
    **dict.fromkeys(("mysql", "mariadb"), MariaDb()),
    **dict.fromkeys(("mssql", "sqlserver"), SqlServer()),
    "oracle": Oracle(),
}

# How tables stood in the last look of this process, and when their rows had last changed: a sensor looks often.
_stood: dict[tuple[str, str, str], tuple[str, str, Standings]] = {}


class OdbcConnector:
    """One read-only snapshot of a source database."""

    def __init__(self, source: Source, opened: Session) -> None:
        self._source, self._session = source, opened
        self._dialect = opened.dialect
        self._pace = Pace(source.limits.rows_per_second)
        self._found = cache(self._look)
        self.road = opened.dialect.road

    def clock(self) -> dt.datetime:
        return EPOCH + dt.timedelta(microseconds=self._session.number(self._dialect.clock()))

    def line(self) -> OdbcLine:
        return line_of(self._session)

    def faults(self, declared: Dataset | SubmissionLog) -> list[str]:
        found = self._found(declared)
        beneath = visibility.beneath(self._session, found.relation) if found.relation and found.relation.is_view else []
        return [*found.faults, *beneath]

    def hidden(self, declared: Dataset | SubmissionLog) -> list[str]:
        relation = self._found(declared).relation
        return visibility.hidden(self._session, relation) if relation else []

    def rights(self, datasets: Sequence[Dataset]) -> list[str]:
        found: dict[str, list[str]] = {}
        for right, kind, name in self._dialect.as_rights(self._session.rows(self._dialect.rights())):
            place = f"{kind} {shown(name, 'tên')}" if name else str(kind)
            found.setdefault(place, []).append(shown(str(right).replace(" ", "_"), "quyền lạ").replace("_", " "))
        return [f"có quyền {listed(rights)} ở {place}, {self._dialect.revokes}" for place, rights in found.items()]

    def rehearse(self, dataset: Dataset, today: dt.date) -> None:
        queries = self._queries(dataset)
        started = calendar.started(dataset, today)
        self._session.rows(queries.by_place(started, " where 1 = 0"))
        self._stamp(queries)
        some = Places(list(units.communes_on(today))[:1], list(units.communes_on(today))[:2])
        for period in started[:1] + started[-1:]:
            self._session.rows(queries.count(f"{queries.selected(period, today, some)}"))
        for _ in self._proved(Reading(self._session, queries, "").rehearsed(), dataset.id, started[-1]):
            pass

    def submissions(self, dataset: Dataset, expected: Expected, until: dt.datetime) -> Submissions:
        if dataset.placed_by is None:
            return Submissions()
        return latest(self._read(SUBMISSION_LOG, "", dataset.id, "sổ nộp"), dataset, expected, until)

    def bookmark(self, dataset: Dataset) -> None:
        return None

    def standings(
        self,
        dataset: Dataset,
        today: dt.date,
        since: Collection[str] | None = None,
        periods: Collection[str] | None = None,
    ) -> Standings:
        """One reading of the table: the number of rows and the sum of 60 bits of the SHA-1 of each, by month and commune.

        Where the server says since when nothing has changed, and this process has looked since then, the table is not read.
        """
        started = calendar.started(dataset, today)
        queries = self._queries(dataset)
        query = queries.by_place(started)
        stamp = self._stamp(queries)
        kept = _stood.get(place := (self._source.name, self._session.place, dataset.id))
        if stamp is not None and kept is not None and kept[:2] == (stamp, query):
            return kept[2]
        found = self._standings(queries, started, query)
        if stamp is not None:
            _stood[place] = stamp, query, found
        return found

    def rows(self, dataset: Dataset, period: str, today: dt.date, places: Places | None = None) -> Iterator[pa.RecordBatch]:
        selected = self._queries(dataset).selected(period, today, places)
        yield from self._pace.held(self._read(dataset, selected, dataset.id, period))

    def changes(self, dataset: Dataset, period: str, today: dt.date, since: Collection[str], found: Standings) -> Changes | None:
        return None

    def _standings(self, queries: Queries, started: Sequence[str], query: str) -> Standings:
        sums: dict[tuple[str, str | None], list[int]] = {}
        before_first = 0
        for begins, commune, rows, hashes in self._session.rows(query):
            period = queries.period_that_begins(None if begins is None else int(begins), started)
            if period is None:
                before_first += int(rows or 0)
                continue
            summed = sums.setdefault((period, None if commune is None else str(commune)), [0, 0])
            summed[0] += int(rows or 0)
            summed[1] += int(hashes or 0)
        found: dict[str, list[Standing]] = {period: [] for period in started}
        for (period, commune), (rows, hashes) in sorted(sums.items(), key=lambda item: (item[0][0], item[0][1] or "")):
            found[period].append(Standing(commune, rows, f"{rows}:{hashes}"))
        return Standings("", found, before_first=before_first)

    def _stamp(self, queries: Queries) -> str | None:
        relation = queries.found.relation
        if relation is None or relation.is_view:
            return None
        query = self._dialect.stamp(relation.schema, relation.table, self._session.opened_at)
        rows = self._session.rows(query) if query else []
        return str(rows[0][0]) if rows and rows[0][0] is not None else None

    def _read(self, declared: Dataset | SubmissionLog, selected: str, name: str, period: str) -> Iterator[pa.RecordBatch]:
        return self._proved(Reading(self._session, self._queries(declared), selected).batches(), name, period)

    def _proved(self, batches: Iterator[pa.RecordBatch], name: str, period: str) -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except Differs as differs:
            what = differs.what
        else:
            return
        raise RowsDiffer(dataset=name, period=period, what=what)

    def _queries(self, declared: Dataset | SubmissionLog) -> Queries:
        return Queries(self._dialect, self._found(declared))

    def _look(self, declared: Dataset | SubmissionLog) -> Found:
        return structure.look(self._session, declared)


@contextmanager
def connect(source: Source, url: str) -> Iterator[OdbcConnector]:
    """Open a snapshot. Every failure of a driver leaves as one typed failure that names the source and holds no secret."""
    dialect = DIALECTS[kind_of(url)]
    with session(source, dialect, addresses.parsed(source.environment, url, dialect)) as opened:
        yield OdbcConnector(source, opened)
