"""The road to a service behind the provincial platform: its pages, read once into a spool, compared and loaded from there."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Any

import pyarrow as pa

from resources.clock import ZONE, Clock
from resources.connectors.batches import resized
from resources.connectors.connector import Changes, Expected, Places, Standing, Standings, Submissions
from resources.connectors.log_lines import latest
from resources.connectors.rest import bookmarks
from resources.connectors.rest.account import Account
from resources.connectors.rest.bookmarks import Counted, Word
from resources.connectors.rest.envelope import Row, columns, nested, strangers
from resources.connectors.rest.failures import (
    PagesDiffer,
    ServiceAddressWrong,
    ServiceGarbled,
    ServiceNotThere,
    ServiceRefused,
    ServiceSaysNo,
    ServiceUndeclared,
)
from resources.connectors.rest.line import RestLine, line_of
from resources.connectors.rest.pages import Differs, Selection, one, pages
from resources.connectors.rest.reading import Part, Reading
from resources.connectors.rest.session import Session
from resources.connectors.rest.spool import Spool
from resources.connectors.turns import Turn, current
from resources.http.address import AddressWrong, read_address
from resources.http.request_log import RequestLog
from resources.servers.names import listed, shown
from resources.settings import Settings
from resources.streaming.memory import give_back
from schemas import calendar, services
from schemas.dataset import Dataset, Source, SubmissionLog
from schemas.projections.fingerprint import fingerprint
from schemas.roads import Rest
from schemas.services import Service
from schemas.submissions import SUBMISSION_LOG

give_back()

# Fewer than other roads give: what parsing the pages took stays with the process. Of 60,000 a load of 1 M rows took 416 MB.
ROWS_AT_ONCE = 30_000
# How far behind the last look the next one begins: not all that was written by then was committed.
LATE = dt.timedelta(days=1)
LONG_AGO = "20000101000000"
UNTOLD = ServiceGarbled, ServiceNotThere, ServiceRefused, ServiceSaysNo


class RestConnector:
    """One look at the services of a source: what was read of a dataset is read once."""

    road = Rest.name

    def __init__(self, source: Source, session: Session, spool: Spool, today: dt.date) -> None:
        self._source, self._session, self._spool, self._today = source, session, spool, today
        self._readings: dict[str, Reading] = {}
        self._words: dict[str, dict[str, Word]] = {}
        self._first = cache(self._first_page)

    def clock(self) -> dt.datetime | None:
        if self._session.date is None and (found := next((s for s in services.services() if self._is_mine(s)), None)):
            if found.auth == "authorization":
                one(self._session, Selection(self._source, found, {}, 1))
            else:
                self._session.login(found)
        return self._session.date

    def line(self) -> RestLine:
        return line_of(self._session)

    def faults(self, declared: Dataset | SubmissionLog) -> list[str]:
        """What differs from the declaration, by the first page that the service gives of all its rows. Without rows nothing can be told."""
        found = self._service(declared)
        if found is None:
            if not isinstance(declared, Dataset):
                return []
            return [f"chưa khai dịch vụ nào cho {declared.road.place} vào ngày {self._today:%d/%m/%Y}"]
        rows, names = self._first(declared), [column.source_column for column in declared.columns]
        faults = [
            f"thiếu cột {column.source_column} ({column.title})"
            for column in declared.columns
            if rows and not any(column.source_column in row for row in rows)
        ]
        faults += [f"cột {name} chứa cả một đối tượng hoặc danh sách" for name in nested(rows, names)]
        if added := strangers(rows, names):
            told = listed([shown(name, f"cột lạ thứ {number}") for number, name in enumerate(added, 1)])
            faults.append(f"dịch vụ có thêm cột chưa khai báo: {told}")
        if not faults and isinstance(declared, Dataset) and self._leaves_out_the_last_day(declared, rows):
            faults.append(f"hỏi riêng một ngày có dòng thì không dòng nào về: {found.to_parameter} không gồm ngày cuối được hỏi")
        return faults

    def hidden(self, declared: Dataset | SubmissionLog) -> list[str]:
        return []

    def rights(self, datasets: Sequence[Dataset]) -> list[str]:
        return []

    def rehearse(self, dataset: Dataset, today: dt.date) -> None:
        reading = self._reading(dataset, today)
        for period in dict.fromkeys((reading.asked[0], reading.asked[-1])):
            selection = reading.selection(period, 1)
            one(self._session, selection)
            if selection.service.since_parameter and not selection.service.etag_of:
                one(self._session, _since(selection, f"{dt.datetime.now(ZONE):%Y%m%d%H%M%S}"))
        if before := reading.before_first:
            one(self._session, before)

    def standings(
        self,
        dataset: Dataset,
        today: dt.date,
        since: Collection[str] | None = None,
        periods: Collection[str] | None = None,
    ) -> Standings:
        """One reading of each period: the number of rows and the sum of 60 bits of the SHA-1 of each, by commune.

        A period of which the service itself says that it stands as when the bookmarks were made is not read.
        """
        reading = self._reading(dataset, today)
        known = bookmarks.agreed(since, self._asked(reading.service, dataset))
        words, unmoved, before_first = dict[str, Word](), set[str](), 0
        for period in reading.asked:
            if reading.is_by_days and periods is not None and period not in periods:
                continue
            word, begun = known.get(period), self._session.date
            if word is not None and self._stands(reading.selection(period), word):
                words[period] = word
                unmoved |= {period} if reading.is_by_days else set(reading.started)
                continue
            part = reading.read(period)
            before_first += part.before_first
            if told := _word(reading.service, part, begun):
                words[period] = told
        if (periods is None or {*reading.started} <= {*periods}) and (before := reading.before_first):
            first = one(self._session, before).page
            before_first += len(first.rows) if first.total is None else first.total
        self._words[dataset.id] = words
        seen = [
            p for p in reading.started if (p if reading.is_by_days else reading.asked[-1]) in reading.parts and p not in unmoved
        ]
        found: dict[str, list[Standing]] = {period: reading.standings(period) for period in seen}
        return Standings("", found, before_first=before_first, unmoved=frozenset(unmoved))

    def submissions(self, dataset: Dataset, expected: Expected, until: dt.datetime) -> Submissions:
        if dataset.placed_by is None or (found := self._service(SUBMISSION_LOG)) is None:
            return Submissions()
        return latest(self._log(found, dataset), dataset, expected, until)

    def bookmark(self, dataset: Dataset) -> str | None:
        """What the look at it has found, where the service can be asked whether so it still is."""
        words, found = self._words.get(dataset.id), self._service(dataset)
        if words is None or found is None or not (found.etag_of or found.since_parameter):
            return None
        reading = self._readings[dataset.id]
        proved = {
            period: word
            for period, word in words.items()
            if not isinstance(word, Counted)
            or period not in reading.parts
            or self._tells_changes(reading.selection(period, 1), word.rows)
        }
        return bookmarks.written(self._asked(found, dataset), proved)

    def rows(self, dataset: Dataset, period: str, today: dt.date, places: Places | None = None) -> Iterator[pa.RecordBatch]:
        reading = self._reading(dataset, today)
        asked = period if reading.is_by_days else reading.asked[-1]
        if asked not in reading.parts:
            reading.read(asked)
        yield from resized(reading.rows(period, places), ROWS_AT_ONCE)

    def changes(self, dataset: Dataset, period: str, today: dt.date, since: Collection[str], found: Standings) -> Changes | None:
        return None

    def _leaves_out_the_last_day(self, dataset: Dataset, rows: Sequence[Row]) -> bool:
        """Whether the end of what is asked is taken for its first instant, or is not of it: each period would lack its last day."""
        reading = self._reading(dataset, self._today)
        day = reading.day_of_some(rows)
        selection = None if day is None else reading.of_day(day)
        return selection is not None and not one(self._session, selection).page.rows

    def _tells_changes(self, small: Selection, rows: int) -> bool:
        """Whether each row has changed since long ago. Of one without an instant no change would ever be told."""
        try:
            return one(self._session, _since(small, LONG_AGO)).page.total == rows
        except UNTOLD:
            return False

    def _stands(self, selection: Selection, word: Word) -> bool:
        """Whether the service says that a period stands as it did. A cursor that it has forgotten meanwhile says nothing."""
        try:
            return self._is_said(selection, word)
        except UNTOLD:
            return False  # what is wrong beyond that, reading tells

    def _is_said(self, selection: Selection, word: Word) -> bool:
        if not isinstance(word, Counted):
            return all(self._session.ask(selection.service, selection.query(m.place), m.etag)[0].status == 304 for m in word)
        small = Selection(selection.source, selection.service, selection.days, 1)
        changed = one(self._session, _since(small, word.at)).page
        return changed.total == 0 and not changed.rows and one(self._session, small).page.total == word.rows

    def _log(self, found: Service, dataset: Dataset) -> Iterator[pa.RecordBatch]:
        names = [column.source_column for column in SUBMISSION_LOG.columns]
        try:
            for arrived in pages(self._session, Selection(self._source, found, {}, found.page_size)):
                yield pa.RecordBatch.from_arrays(columns(arrived.page.rows, names), names=names)
        except Differs as differs:
            what = differs.what
        else:
            return
        raise PagesDiffer(dataset=dataset.id, period="sổ nộp", what=what)

    def _reading(self, dataset: Dataset, today: dt.date) -> Reading:
        kept = self._readings.get(dataset.id)
        if kept is None or kept.today != today or kept.dataset != dataset:
            found = self._service(dataset)
            if found is None:
                facts: dict[str, Any] = {"dataset": dataset.id, "place": dataset.road.place, "source": self._source.name}
                raise ServiceUndeclared(day=f"{self._today:%d/%m/%Y}", **facts)
            kept = self._readings[dataset.id] = Reading(self._session, found, dataset, today, self._spool)
        return kept

    def _first_page(self, declared: Dataset | SubmissionLog) -> list[dict]:
        found, days = self._service(declared), {}
        assert found is not None
        if isinstance(declared, Dataset) and declared.placed_by and found.from_parameter:
            days = {found.from_parameter: f"{calendar.span(declared.first_period)[0]:%Y%m%d}"}
        return one(self._session, Selection(self._source, found, days, found.page_size)).page.rows

    def _service(self, declared: Dataset | SubmissionLog) -> Service | None:
        return services.service(self._source.name, declared.road.at_source, self._today)

    def _is_mine(self, found: Service) -> bool:
        return found.system == self._source.name and found.holds(self._today)

    def _asked(self, found: Service, dataset: Dataset) -> str:
        """Whom the look asks, and for what. Another machine may have as many rows, and may never have changed those that differ."""
        how = f"{self._session.place}|{replace(found, valid_from=dt.date.min, valid_to=None, source='', confidence='')!r}"
        return f"{fingerprint(dataset).asked}|{sha256(how.encode()).hexdigest()[:16]}"


def _since(selection: Selection, at: str) -> Selection:
    days = {**selection.days, selection.service.since_parameter: at}
    return Selection(selection.source, selection.service, days, 1)


def _word(found: Service, part: Part, begun: dt.datetime | None) -> Word | None:
    """What can be asked of a period the next time; None: nothing."""
    if part.before_first:  # whoever does not read them could not count them
        return None
    if part.marks:
        return tuple(part.marks)
    if found.since_parameter and found.total_at and not found.etag_of and begun is not None:
        # If the service's clock is ahead, nothing would be asked about until that instant has come.
        since = min(begun, dt.datetime.now(dt.UTC)) - LATE
        return Counted(f"{since.astimezone(ZONE):%Y%m%d%H%M%S}", part.rows)
    return None


@contextmanager
def connect(source: Source, url: str, settings: Settings) -> Iterator[RestConnector]:
    """A look. Every failure leaves as one typed failure that names the source and holds no secret."""
    session = _session(source, url, settings)
    with closing(Spool(settings.home)) as spool:
        yield RestConnector(source, session, spool, Clock(settings).today())
    if turn := current():
        turn.kept[source.name, url] = session


def _session(source: Source, url: str, settings: Settings) -> Session:
    """That of the turn, whose token is still good, or a new one."""
    turn = current() or Turn()
    kept = turn.kept.pop((source.name, url), None)
    if isinstance(kept, Session):
        return kept
    try:
        address = read_address(url, source.environment)
    except AddressWrong as wrong:
        failure = ServiceAddressWrong(setting=wrong.setting, wrong=wrong.wrong)
    else:
        return Session(source, address, Account.of(source, settings), turn, RequestLog(settings.home))
    raise failure
