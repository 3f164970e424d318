"""The road of the files that units send: their rows, as they were taken in, are what the source holds.

Nothing of a file is parsed here: its rows lie in the raw store, as texts. What the inbox still holds is no part of a look.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import numpy as np
import pyarrow as pa

from resources.clock import ZONE, Clock
from resources.connectors.batches import resized
from resources.connectors.connector import KEY, Changes, Expected, Places, Standings, Submission, Submissions, Unread
from resources.connectors.failures import SentFileUnreadable
from resources.connectors.hashes import hashes
from resources.connectors.placing import Placing, Sums, as_bytes
from resources.failing import why_not
from resources.failures import RawDamaged, RawMissing
from resources.raw_store import RawStore
from resources.settings import Settings
from resources.warehouse.arrivals import deliveries
from resources.warehouse.arrivals.deliveries import Delivery
from resources.warehouse.arrivals.ruling import NOT_HELD, Ruling, ruling
from resources.warehouse.engine import Warehouse
from schemas import calendar, units
from schemas.dataset import PROVINCE, Dataset, Source, SubmissionLog
from schemas.origin import ROW, SENDER, SHEET
from schemas.persons import ERASED
from schemas.projections.fingerprint import fingerprint
from schemas.roads import Drop
from schemas.senders import communes_of

# pyright: reportAttributeAccessIssue=false


# Fewer than other roads give: a batch lies here as texts, as bytes and by period at once. Of 60,000 a load of 1 M rows took 413 MB.
ROWS_AT_ONCE = 30_000


class DeliveriesConnector:
    """What the given deliveries say together, the later ones in the place of the earlier ones.

    `first_looked_at`: the datasets of which none was ever loaded.
    """

    road = Drop.name

    def __init__(self, raw: RawStore, found: Sequence[Delivery], today: dt.date, first_looked_at: Collection[str] = ()) -> None:
        self._raw, self._today, self._first_looked_at = raw, today, first_looked_at
        self._whole = [delivery for delivery in found if delivery.kind == "whole"]
        self._ruling = cache(self._ruled)
        self._sums: dict[tuple[Dataset, dt.date], dict[str, Sums]] = {}  # of the periods that were looked at
        self._unread: dict[tuple[Dataset, dt.date], dict[str, list[Unread]]] = {}  # of these
        self._lost: set[int] = set()  # deliveries whose rows could not be read

    def clock(self) -> None:
        return None

    def line(self) -> None:
        return None

    def faults(self, declared: Dataset | SubmissionLog) -> list[str]:
        """A file of another structure was given back to who sent it."""
        return []

    def hidden(self, declared: Dataset | SubmissionLog) -> list[str]:
        return []

    def rights(self, datasets: Sequence[Dataset]) -> list[str]:
        return []

    def rehearse(self, dataset: Dataset, today: dt.date) -> None:
        pass

    def standings(
        self,
        dataset: Dataset,
        today: dt.date,
        since: Collection[str] | None = None,
        periods: Collection[str] | None = None,
    ) -> Standings:
        """The rows that hold of each place: how many they are, and the sum of 60 bits of the SHA-1 of each.

        A file whose rows are lost or damaged keeps back the places for which it holds, and no others. A period for which no file came since the
        bookmarks is not read, as long as the same units answer for the same communes.
        """
        wanted = [period for period in calendar.started(dataset, today) if periods is None or period in periods]
        unmoved = frozenset(period for period in wanted if self._stands(dataset, period, today, since))
        summed, unread = self._sums.setdefault((dataset, today), {}), self._unread.setdefault((dataset, today), {})
        found = {p: Sums(self._ruling(dataset, p, today).listed) for p in wanted if p not in unmoved and p not in summed}
        for delivery in self._of(dataset):
            try:
                for period, _, batch, places in self._placed(dataset, delivery, today, found):
                    found[period].add(places, _row_hashes(dataset, batch))
            except SentFileUnreadable as failure:  # before its first row: nothing of it is counted
                self._lost.add(delivery.id)
                for period in found:
                    if places := self._held(dataset, delivery, period, today):
                        unread.setdefault(period, []).append(Unread(places, failure))
        summed |= found
        looked_at = [p for p in wanted if p not in unmoved]
        return Standings(
            "",
            {p: summed[p].standings() for p in looked_at},
            unmoved=unmoved,
            unread={p: unread[p] for p in looked_at if p in unread},
        )

    def submissions(self, dataset: Dataset, expected: Expected, until: dt.datetime) -> Submissions:
        """The latest file of each unit, or of a part of it; its rows where it is the unit's alone, and of one period.

        What lay in the inbox when it was first looked into tells no day on which it was sent.
        """
        if dataset.name in self._first_looked_at:
            return Submissions()
        latest: dict[tuple[str, str], Submission] = {}
        for period, owing in expected.items():
            moment = calendar.moment(dataset, period, until.astimezone(ZONE).date())
            placed = units.placing(moment.judged_on, moment.last_day)
            for delivery in self._of(dataset, period):
                if delivery.received_at > until:
                    continue
                of = {placed[code] for code in communes_of(delivery.sender, moment)}
                for unit in owing if dataset.by_province or delivery.sender == PROVINCE else of & set(owing):
                    is_of_unit = delivery.sender == unit and len(delivery.periods) == 1
                    latest[period, unit] = Submission(delivery.received_at, delivery.rows.rows if is_of_unit else None, False)
        return Submissions(latest)

    def bookmark(self, dataset: Dataset) -> str:
        """The latest file there is, and the day of the look: on another, other units may answer for a commune."""
        return f"{fingerprint(dataset).asked}|{self._today.isoformat()}|{max((d.id for d in self._of(dataset)), default=0)}"

    def rows(self, dataset: Dataset, period: str, today: dt.date, places: Places | None = None) -> Iterator[pa.RecordBatch]:
        """And beside the columns whose file each row is of, and which line of it."""
        yield from resized(self._rows(dataset, period, today, places), ROWS_AT_ONCE)

    def holding(
        self, dataset: Dataset, delivery: Delivery, today: dt.date, periods: Collection[str]
    ) -> dict[tuple[str, str | None], list[int]]:
        """(period, commune) -> the rows of a delivery that hold there, by their order in the file. The commune None: none that is listed."""
        found = defaultdict[tuple[str, str | None], list[int]](list)
        for period, numbers, _, places in self._placed(dataset, delivery, today, periods):
            listed = self._ruling(dataset, period, today).listed
            for number, place in zip(numbers.tolist(), places.tolist(), strict=True):
                found[period, listed[place] if place < len(listed) else None].append(number)
        return found

    def changes(self, dataset: Dataset, period: str, today: dt.date, since: Collection[str], found: Standings) -> Changes | None:
        return None

    def _stands(self, dataset: Dataset, period: str, today: dt.date, since: Collection[str] | None) -> bool:
        """Whether nothing came for a period since all of these bookmarks."""
        of_period, now = self._of(dataset, period), calendar.moment(dataset, period, today)
        for bookmark in since or ():
            asked, day, latest = bookmark.split("|")
            then = calendar.moment(dataset, period, dt.date.fromisoformat(day))
            placed_alike = units.same_epoch(then.judged_on, now.judged_on) and units.same_epoch(then.last_day, now.last_day)
            if asked != fingerprint(dataset).asked or not placed_alike or any(d.id > int(latest) for d in of_period):
                return False
        return bool(since)

    def _of(self, dataset: Dataset, period: str | None = None) -> list[Delivery]:
        return [d for d in self._whole if d.dataset == dataset.name and (period is None or period in d.periods)]

    def _ruled(self, dataset: Dataset, period: str, today: dt.date) -> Ruling:
        return ruling(dataset, calendar.moment(dataset, period, today), self._of(dataset, period))

    def _held(self, dataset: Dataset, delivery: Delivery, period: str, today: dt.date) -> list[str | None]:
        """The places of which a delivery holds in a period; None: of no listed one."""
        listed, at = (ruled := self._ruling(dataset, period, today)).listed, ruled.places.get(delivery.id)
        held = [] if at is None else np.unique(at[at != NOT_HELD]).tolist()
        return [listed[place] if place < len(listed) else None for place in held]

    def _rows(self, dataset: Dataset, period: str, today: dt.date, places: Places | None) -> Iterator[pa.RecordBatch]:
        listed = self._ruling(dataset, period, today).listed
        wanted = np.ones(len(listed) + 1, bool)
        if places is not None and dataset.commune is not None:
            wanted[:-1] = np.isin(np.array(listed), list(places.wanted))
        asked = {None, *(code for code, is_wanted in zip(listed, wanted.tolist(), strict=False) if is_wanted)}
        for delivery in self._of(dataset, period):
            held = set(self._held(dataset, delivery, period, today))
            # Rows of no listed place come along with those of any other, but not from a file that is lost.
            if not held & (asked - {None} if delivery.id in self._lost and places is not None else asked):
                continue
            for _, _, batch, at in self._placed(dataset, delivery, today, [period]):
                if len(chosen := np.flatnonzero(wanted[at])):
                    yield batch.take(pa.array(chosen))

    def _placed(
        self, dataset: Dataset, delivery: Delivery, today: dt.date, periods: Collection[str]
    ) -> Iterator[tuple[str, np.ndarray, pa.RecordBatch, np.ndarray]]:
        """The rows of a delivery that hold in these periods, by period: their order in the file, and where each stands, by its number."""
        looked_at = {period: self._ruling(dataset, period, today) for period in delivery.periods if period in periods}
        held = {period: at for period, found in looked_at.items() if (at := found.places.get(delivery.id)) is not None}
        if not held:
            return
        placing, read = Placing(dataset, delivery.periods, today), 0
        for received in self._received(dataset, delivery):
            batch = _declared(dataset, delivery, received)
            binary = as_bytes(dataset, batch)
            batch = batch.append_column(KEY, pa.array(placing.keys(binary)))
            numbers = placing.numbers_in_file(binary)
            for number in np.unique(numbers).tolist():
                period = delivery.periods[number]
                if period not in held:
                    continue
                mine = np.flatnonzero(numbers == number)
                places = held[period][placing.communes(binary.take(pa.array(mine)), looked_at[period].listed)]
                holds = places != NOT_HELD
                if holds.any():
                    yield period, mine[holds] + read, batch.take(pa.array(mine[holds])), places[holds]
            read += received.num_rows

    def _received(self, dataset: Dataset, delivery: Delivery) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._raw.read(delivery.rows, ROWS_AT_ONCE)
        except (RawMissing, RawDamaged, OSError) as error:
            why = why_not(error) if isinstance(error, OSError) else error.said
            raise SentFileUnreadable(
                number=delivery.id, sender=delivery.sender, dataset=dataset.id, path=delivery.rows.path, why=why
            ) from None


def _declared(dataset: Dataset, delivery: Delivery, received: pa.RecordBatch) -> pa.RecordBatch:
    """The columns that are declared today, and where each row is from; a column that the file was not asked for is empty."""
    rows = received.num_rows
    columns = {
        c.source_column: received.column(c.source_column)
        if c.source_column in received.schema.names
        else pa.nulls(rows, pa.string())
        for c in dataset.columns
    }
    sender = pa.repeat(pa.scalar(delivery.sender), rows)
    erased = received.column(ERASED) if ERASED in received.schema.names else pa.repeat(pa.scalar(False), rows)
    return pa.record_batch({**columns, ROW: received.column(ROW), SHEET: received.column(SHEET), SENDER: sender, ERASED: erased})


def _row_hashes(dataset: Dataset, batch: pa.RecordBatch) -> np.ndarray:
    return hashes(as_bytes(dataset, batch).columns, batch.num_rows).astype(np.uint64)


@contextmanager
def connect(source: Source, url: str, settings: Settings) -> Iterator[DeliveriesConnector]:
    """A look at what the hub's own register holds of a source."""
    warehouse = Warehouse(settings.warehouse_url(), settings.only_reads).open()
    with warehouse.engine.connect() as connection:
        found = deliveries.of(connection, source)
    first = {delivery.dataset for delivery in found} - {delivery.dataset for delivery in found if delivery.loaded_at}
    yield DeliveriesConnector(RawStore(settings.raw_dir), found, Clock(settings).today(), first)
