"""Taking in the files that lie in the inbox of a system: each is kept and registered, and leaves the inbox; or it is given back with a note.

A file is moved out of its sender's reach, copied into the raw store, judged, registered, acknowledged, and removed, in this order. If a look
dies or fails between two of these steps, the next one begins again with the file in hand and ends the same: nothing is lost, and nothing is
registered twice. For a file that is registered already, only the steps that are left are done.
"""

import datetime as dt
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from io import BytesIO
from pathlib import Path

import sqlalchemy as sa

from resources.clock import ZONE
from resources.connectors.connector import BATCH_ROWS
from resources.durable import sync
from resources.failing import Failure, kind_of, why_not
from resources.hub import Hub
from resources.inbox import looking, notes, receipts, returning, senders
from resources.inbox.headings import mapping_of
from resources.inbox.judge import judged
from resources.inbox.looking import Entry
from resources.inbox.notes import Sent
from resources.inbox.opening import StillWritten, claim, content, extension
from resources.inbox.patch import looked_up
from resources.inbox.periods import listed
from resources.inbox.verdict import GOES_BACK, Verdict
from resources.person.masking import Masks, hits, masks
from resources.person.sent import as_csv
from resources.person.suppression import known_of
from resources.raw_store import FILES, Arriving, KeptFile, RawFile, RawWriter
from resources.warehouse.arrivals import deliveries, readings
from resources.warehouse.arrivals.deliveries import Delivery, New
from resources.warehouse.arrivals.ruling import holds_whole
from resources.workbooks.reading.read import LIMITS
from schemas import calendar, units
from schemas.dataset import PROVINCE, Source
from schemas.registry import dataset_named
from schemas.roads import Drop
from schemas.senders import communes_of, unit_of
from schemas.written import grouped

log = logging.getLogger("ansinh.inbox")

SEEN = "Nội dung này đã nhận trước đó, không nạp lần nữa; ghi là nơi gửi xác nhận lại."


def take_in(hub: Hub, source: Source) -> None:
    """Register what units have laid in the inbox of a system. Called under the lock of the source, before anything is loaded.

    One file that fails, whatever it is, fails alone: it stays where it is.
    """
    inbox = hub.settings.inbox_of(source.name)
    if hub.settings.home in inbox.parents:  # elsewhere it may be a share that is not there today
        inbox.mkdir(mode=0o700, parents=True, exist_ok=True)
    for entry in list(looking.at_rest(inbox, hub.settings)):
        intake = _Intake(hub, source, inbox, entry)
        try:
            intake.take()
        except StillWritten:
            continue
        except Exception as error:  # of this file alone; what it says may hold a value, or the file's name
            told = error if isinstance(error, Failure) else why_not(error) if isinstance(error, OSError) else kind_of(error)
            log.warning("%s: một tệp của %s chưa nhận được, để nguyên: %s", source.name, entry.sender, told)


def register(
    connection: sa.Connection, new: New, now: dt.datetime, taken_from: str | None = None, entry: Entry | None = None
) -> tuple[Delivery, bool]:
    """The delivery of a file, and whether it is a new one. `taken_from`: the mark of the file in hand; `entry`: how it lay in the inbox.

    A file that came before, and of which everything still holds, is only noted as repeated. It makes a new delivery where another file has
    taken its place since, and where it was refused: what refused it may be mended without the file, in a rule, in the month before or in
    another row of the cell. A file that already lay in the inbox when others were taken, and could not be taken then, gets its turn below
    those that were written after it.
    """
    before = deliveries.latest(connection, new)
    if before is not None and before.file.sha256 == new.file.sha256:
        today = now.astimezone(ZONE).date()
        refused = deliveries.refused_with(connection, new.dataset, before, _cells(new, today))
        is_patch = new.kind == "patch"
        is_repeated = not refused or (is_patch and bool(before.waiting))
        if not is_patch:
            found = deliveries.of(connection, new.dataset.source, new.dataset)
            is_repeated = is_repeated and holds_whole(new.dataset, before, found, today)
        if is_repeated:
            deliveries.repeat(connection, before.id, now, taken_from)
            return before, False
        for (
            period,
            unit,
        ) in refused:  # where files are the main road, the cell stands as it did when it was refused, and would not be read
            readings.read_again(connection, new.dataset, period, [unit], Drop.name)
    turn = _turn(connection, new, entry, now.astimezone(ZONE).date()) if entry else None
    return deliveries.register(connection, new, now, taken_from, turn), True


def _turn(connection: sa.Connection, new: New, entry: Entry, today: dt.date) -> Decimal | None:
    """The turn of a file below those that were written after it and taken while it lay there. None: it is the last."""
    cells = _cells(new, today)

    def is_later(one: Delivery) -> bool:
        if one.taken_from is None or not entry.precedes(one.taken_from):
            return False
        # A refused file replaces nothing.
        return not deliveries.refused_with(connection, new.dataset, one, cells)

    return deliveries.turn_beneath(deliveries.of(connection, new.dataset.source, new.dataset), is_later)


def _cells(new: New, today: dt.date) -> list[str]:
    """The cells, `period|unit`, for which the sender of a file answers."""
    cells = []
    for period in new.periods:
        moment = calendar.moment(new.dataset, period, today)
        if new.dataset.by_province or new.kind == "patch":
            of = {PROVINCE if new.dataset.by_province else unit_of(new.sender, moment)}
        else:
            placed = units.placing(moment.judged_on, moment.last_day)
            of = {placed[code] for code in communes_of(new.sender, moment)}
        cells += [f"{period}|{unit}" for unit in of]
    return cells


class _Intake:
    """One file on its way in."""

    def __init__(self, hub: Hub, source: Source, inbox: Path, entry: Entry) -> None:
        self._hub, self._source, self._inbox, self._entry = hub, source, inbox, entry
        self._sent = Sent(entry.path.name, senders.title(entry.sender, hub.today()), source.title, hub.now())

    def take(self) -> None:
        path = claim(self._entry, self._inbox)
        try:
            self._taken(path)
        except GOES_BACK as why:
            log.warning("%s: trả lại một tệp của %s: %s", self._source.label, self._sent.sender, why)
            returning.give_back(self._folder, path, notes.returned(self._sent, why))

    def _taken(self, path: Path) -> None:
        """Take the file in. Raises why it goes back, or why it cannot be taken now."""
        mark = looking.mark(path.lstat())
        with self._hub.warehouse.engine.connect() as connection:
            before = deliveries.taken(connection, self._source, self._entry.sender, mark)
        if before:
            told = self._told_again(path)
            registered = [(told.get(one.dataset, ()), one, one.repeated_at is None) for one in before]
        else:
            with self._judged(path) as (arriving, verdicts):
                found = self._registered(arriving, verdicts, mark)
            registered = [(verdict.told, delivery, is_new) for verdict, delivery, is_new in found]
        for told, delivery, is_new in registered:
            self._acknowledge(delivery, told, is_new=is_new, is_known=bool(before) or not is_new)
        path.unlink()
        sync(path.parent)

    @contextmanager
    def _judged(self, path: Path) -> Iterator[tuple[Arriving, Sequence[Verdict]]]:
        hub, source, sender = self._hub, self._source, self._entry.sender
        mapping = mapping_of(hub.settings, source, sender)
        lookup = partial(looked_up, hub)
        with (
            content(path, LIMITS) as sent,
            hub.raw.arriving(source.name, sent) as arriving,
            judged(arriving.path, path.name, sender, source, hub.today(), lookup, mapping) as verdicts,
        ):
            yield arriving, verdicts

    def _told_again(self, path: Path) -> dict[str, Sequence[str]]:
        """Dataset -> what is found in a file that is registered already. Once its rows are loaded, judging it may say that it goes back."""
        try:
            with self._judged(path) as (_, verdicts):
                return {verdict.dataset.name: verdict.told for verdict in verdicts}
        except GOES_BACK:
            return {}

    def _acknowledge(self, delivery: Delivery, told: Sequence[str], *, is_new: bool, is_known: bool) -> None:
        """Tell the sender. `is_known`: the delivery is not new, so something may have become of it already."""
        hub, source = self._hub, self._source
        dataset = dataset_named(f"{source.name}.{delivery.dataset}")
        receipts.acknowledge(hub, dataset, delivery, self._folder, self._sent, told if is_new else [SEEN, *told])
        if is_known:
            receipts.tell(hub, source, delivery)
        log.info(
            "%s: %s một tệp của %s: %s%s, %s dòng",
            source.label,
            "nhận" if is_new else "đã có",
            self._sent.sender,
            dataset.title,
            "" if dataset.placed_by is None else f", kỳ {listed(delivery.periods, receipts.PERIODS)}",
            grouped(delivery.rows.rows),
        )

    def _registered(self, arriving: Arriving, verdicts: Sequence[Verdict], mark: str) -> list[tuple[Verdict, Delivery, bool]]:
        """Keep a file, its rows and its place in the register, all or nothing: of each verdict the delivery, and whether it is new."""
        hub = self._hub
        known = known_of(hub.settings, hub.warehouse.engine, self._source.name)
        rows = [self._rows(verdict, masks(verdict.dataset, known)) for verdict in verdicts]
        if any(has_erased for _, has_erased in rows):
            file = self._without_erased(rows)
        else:
            file = arriving.keep(extension(arriving.path))
        found = []
        with hub.warehouse.engine.begin() as connection:
            for verdict, kept in zip(verdicts, (kept for kept, _ in rows), strict=True):
                new = New(verdict.dataset, verdict.sender, verdict.kind, verdict.periods, file, kept)
                found.append((verdict, *register(connection, new, hub.now(), mark, self._entry)))
        return found

    def _without_erased(self, rows: Sequence[tuple[RawFile, bool]]) -> KeptFile:
        """Keep a file that names a person who was erased: not the file itself, but its rows without that person."""
        raw = self._hub.raw
        with raw.arriving(self._source.name, BytesIO(as_csv(list(raw.read(kept, BATCH_ROWS)) for kept, _ in rows))) as arriving:
            return arriving.keep("csv")

    def _rows(self, verdict: Verdict, erased: Masks | None) -> tuple[RawFile, bool]:
        """Keep the rows of a file. Returns them, and whether they named a person who was erased."""
        has_erased = False
        writer: RawWriter | None = None
        try:
            for batch in verdict.batches():
                if erased is not None:
                    has_erased |= hits(erased.place, batch, erased.known).any
                    batch = erased.of(batch)
                writer = writer or self._hub.raw.writer(verdict.dataset.source.name, verdict.dataset.name, FILES, batch.schema)
                writer.write(batch)
            assert writer is not None  # of no rows there is no verdict
            return writer.close(), has_erased
        except BaseException:
            if writer is not None:
                writer.abandon()
            raise

    @property
    def _folder(self) -> Path:
        unit_folder = self._inbox / self._entry.sender
        return returning.place(self._hub.settings.returned_of(self._source.name), unit_folder)
