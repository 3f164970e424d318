"""Receipts: what a unit is told of a file that was taken in. First that it came; after the load, which rows were set aside, where and why.

A receipt lies in the unit's own folder, under the name of its file and the delivery's number, from the moment the file was taken in. It is
written anew until its last word is said. What was found in the file is told nowhere else, since it quotes headings and names of sheets.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from resources.clock import ZONE
from resources.connectors.connector import BATCH_ROWS
from resources.connectors.placing import Placing, as_bytes, row_keys
from resources.failing import why_not
from resources.failures import RawDamaged, RawMissing
from resources.hub import Hub
from resources.inbox import notes, returning, senders
from resources.inbox.notes import SHOWN, Sent
from resources.inbox.opening import first_bytes
from resources.inbox.periods import listed
from resources.warehouse.arrivals import deliveries
from resources.warehouse.arrivals.deliveries import Delivery
from resources.warehouse.quarantine import answers, open_rows
from resources.workbooks.marks import MARK, Mark
from schemas import calendar, units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset, Source
from schemas.origin import ROW, SHEET
from schemas.registry import dataset_named
from schemas.senders import unit_of
from schemas.written import grouped

log = logging.getLogger("ansinh.inbox")

Cell = tuple[str, str]  # period, unit
PERIODS = 3  # that a receipt names
LONGEST = 1 << 20  # of a receipt that is read again
ENDING = ".bien-nhan-{number}.txt"


def acknowledge(hub: Hub, dataset: Dataset, delivery: Delivery, folder: Path, sent: Sent, found: Sequence[str]) -> None:
    """Tell the sender that a file was taken in, before it is loaded. Running it again writes the same."""
    path = folder / notes.named(sent.name, ENDING.format(number=delivery.id))
    told = notes.in_list(found)
    returning.write(path, notes.receipt(delivery.id, sent.told(), _about(dataset, delivery, ["Tình trạng: chờ nạp."]), [], told))


def give_receipts(hub: Hub, source: Source) -> None:
    """Write anew the receipts of a source of which the last word is not said yet. One that cannot be written stops nothing else."""
    with hub.warehouse.engine.connect() as connection:
        untold = set(deliveries.untold(connection, source))
        found = deliveries.of(connection, source) if untold else []
    for delivery in found:
        if delivery.id not in untold:
            continue
        try:
            is_last = _told(hub, source, delivery, found)
        except (OSError, RawMissing, RawDamaged) as error:
            why = why_not(error) if isinstance(error, OSError) else error
            log.warning("%s: biên nhận số %d của %s chưa ghi được: %s", source.name, delivery.id, delivery.sender, why)
            continue
        if is_last:
            with hub.warehouse.engine.begin() as connection:
                deliveries.mark_told(connection, delivery.id, hub.now())


def tell(hub: Hub, source: Source, delivery: Delivery) -> None:
    """Write anew the receipts of one delivery. There are several where its file was sent more than once."""
    with hub.warehouse.engine.connect() as connection:
        found = deliveries.of(connection, source)
    _told(hub, source, delivery, found)


def _told(hub: Hub, source: Source, delivery: Delivery, among: Sequence[Delivery]) -> bool:
    """Write the receipts of a delivery as things stand. Returns whether that is the last word."""
    dataset = dataset_named(f"{source.name}.{delivery.dataset}")
    with hub.warehouse.engine.connect() as connection:
        own, refused, later = set(_units(hub, dataset, delivery).items()), set[Cell](), None
        for one in (d for d in among if d.replaces(delivery)):
            refused = own & deliveries.refused_of(connection, dataset, one.id).keys() if one.loaded_at else set[Cell]()
            later = later if own and own == refused else one  # a file that was refused in all its cells replaces nothing
        state, rejected, is_last = _state(hub, connection, dataset, delivery, later, refused)
    folder = returning.place(hub.settings.returned_of(source.name), hub.settings.inbox_of(source.name) / delivery.sender)
    ending = ENDING.format(number=delivery.id)
    for path in list(folder.glob(f"*{ending}")) or [folder / ending.lstrip(".")]:
        before = first_bytes(path, LONGEST).decode("utf-8", "replace")
        sent, told = notes.kept(before)
        sent = sent or [f"Nơi gửi: {senders.title(delivery.sender, hub.today())}", f"Hệ thống: {source.title}"]
        text = notes.receipt(delivery.id, sent, _about(dataset, delivery, state), rejected, told)
        if text != before:
            returning.write(path, text)
    return is_last


def _about(dataset: Dataset, delivery: Delivery, state: Sequence[str]) -> list[str]:
    period = "" if dataset.placed_by is None else f", kỳ {listed(delivery.periods, PERIODS)}"
    at = delivery.received_at.astimezone(ZONE)
    kind = "sửa từng dòng" if delivery.kind == "patch" else "toàn bộ"
    return [
        f"Bộ dữ liệu: {dataset.title}{period} ({kind})",
        f"Đã nhận: {grouped(delivery.rows.rows)} dòng, lúc {at:%H:%M} ngày {at:%d/%m/%Y}",
        *state,
    ]


def _state(
    hub: Hub, connection: sa.Connection, dataset: Dataset, delivery: Delivery, later: Delivery | None, refused: Collection[Cell]
) -> tuple[list[str], list[str], bool]:
    """How things stand in words, the rows that are set aside, and whether that is the last word.

    `later`: the file that holds in the place of this one; `refused`: the cells for which what its sender has sent since was refused.
    """
    if later and (delivery.waiting or delivery.loaded_at is None or later.received_at <= delivery.loaded_at):
        # One that waits may yet be refused, and then replaces nothing.
        is_settled = later.loaded_at is not None and not later.waiting
        return [f"Tình trạng: không nạp; tệp gửi sau (số {grouped(later.id)}) thay tệp này."], [], is_settled
    if delivery.loaded_at is None:
        return ["Tình trạng: chờ nạp."], [], False
    own, waiting = _units(hub, dataset, delivery), {_cell(name) for name in delivery.waiting}
    found = deliveries.refused_of(connection, dataset, delivery.id)
    # A cell that waits was not loaded yet: a refusal of before says nothing of this file.
    of_it = {cell: one.why for cell, one in found.items() if not _waits(delivery, cell, waiting) or one.at > delivery.loaded_at}
    open_keys = {
        period: Counter(open_rows.rejected_keys(connection, dataset, period, own.get(period)))
        for period in delivery.periods
        if not _waits(delivery, (period, own.get(period, "")), waiting)
    }
    rows = _Rows(own, waiting, open_keys)
    all_wait = bool(own) and waiting >= own.items()
    if (waiting and not all_wait) or (of_it and not own) or any(open_keys.values()) or delivery.passed_over:
        rows.read(hub, connection, dataset, delivery)
    elif waiting:
        rows.waiting = delivery.rows.rows
    lines, rejected = _of_loaded(
        hub,
        connection,
        dataset,
        delivery,
        rows,
        {cell: why for cell, why in of_it.items() if cell in (own.items() or rows.spoken) and cell not in refused},
    )
    if waiting:
        periods = sorted({period for period, _ in waiting})
        waits = f"{listed(periods, PERIODS)} đã khóa; {grouped(rows.waiting)} dòng chờ cán bộ sở nạp bằng tay"
        lines.insert(0, f"Tình trạng: kỳ {waits}.")
    return lines, rejected, not waiting


def _cell(name: str) -> Cell:
    period, _, unit = name.partition("|")
    return period, unit


def _waits(delivery: Delivery, cell: Cell, waiting: Collection[Cell]) -> bool:
    """Whether a cell waits. For a patch of the province every cell of a period does, where the period waits."""
    return cell in waiting or (delivery.kind == "patch" and (cell[0], PROVINCE) in waiting)


@dataclass(frozen=True)
class Line:
    """A row of a file: its cell, its key at the source, and where it stands in the file."""

    period: str
    unit: str
    key: int
    row: int
    sheet: str


@dataclass
class _Rows:
    """What a receipt has to know of the rows of a file. The file is read once for it."""

    own: Mapping[str, str]  # period -> the unit in whose cell all rows stand, where that is one
    cells: Collection[Cell]  # those that wait
    open_keys: Mapping[str, Counter[int]]  # period -> the keys of the rows that are set aside
    waiting: int = 0  # rows in cells that wait
    spoken: set[Cell] = field(default_factory=set)  # the cells in which there are rows
    aside: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))  # by period, with their copies
    passed: list[tuple[Line, str]] = field(default_factory=list)  # the first rows that were not loaded, and why

    def read(self, hub: Hub, connection: sa.Connection, dataset: Dataset, delivery: Delivery) -> None:
        shown = frozenset(sorted(delivery.passed_over)[:SHOWN])
        for number, line in enumerate(_lines(hub, connection, dataset, delivery)):
            if number in delivery.passed_over:
                self.passed += [(line, delivery.passed_over[number])] if number in shown else []
                continue
            cell = line.period, self.own.get(line.period, line.unit)
            self.spoken.add(cell)
            if _waits(delivery, cell, self.cells):
                self.waiting += 1
            elif line.key in self.open_keys.get(line.period, ()):
                self.aside[line.period].append(line)


def _lines(hub: Hub, connection: sa.Connection, dataset: Dataset, delivery: Delivery) -> Iterator[Line]:
    """The rows of a file. A mended row with a mark has the cell and the key of the rejected row that the mark names."""
    placing = Placing(dataset, delivery.periods, hub.today())
    moments = {period: calendar.moment(dataset, period, hub.today()) for period in delivery.periods}
    placed = {period: units.placing(moment.judged_on, moment.last_day) for period, moment in moments.items()}
    nowhere = PROVINCE if dataset.by_province else UNKNOWN_UNIT
    for batch in hub.raw.read(delivery.rows, BATCH_ROWS):
        columns = as_bytes(dataset, batch)
        periods = [delivery.periods[number] for number in placing.numbers_in_file(columns).tolist()]
        told = columns.column(placing.commune).to_pylist() if placing.commune else [None] * batch.num_rows
        codes = [(code or b"").decode(errors="replace").strip() for code in told]
        of = [placed[period].get(code, nowhere) for period, code in zip(periods, codes, strict=True)]
        keys = row_keys(dataset, columns).tolist()
        if MARK in batch.schema.names:
            marks = [Mark.read(text or "") for text in batch.column(MARK).to_pylist()]
            asked = answers.asked(connection, {mark.number for mark in marks if mark})
            for place, of_row in ((n, asked[mark.number]) for n, mark in enumerate(marks) if mark and mark.number in asked):
                periods[place], of[place] = of_row.period, of_row.unit
                keys[place] = keys[place] if of_row.source_key is None else of_row.source_key
        rows = zip(periods, of, keys, batch.column(ROW).to_pylist(), batch.column(SHEET).to_pylist(), strict=True)
        yield from (Line(*row) for row in rows)


def _of_loaded(
    hub: Hub, connection: sa.Connection, dataset: Dataset, delivery: Delivery, rows: _Rows, refused: Mapping[Cell, str]
) -> tuple[list[str], list[str]]:
    """What became of the rows that do not wait, in words, and the rows that are set aside."""
    assert delivery.loaded_at is not None
    count, rejected = _rejected(connection, dataset, rows)
    at = delivery.loaded_at.astimezone(ZONE)
    passed = len(delivery.passed_over)
    taken = delivery.rows.rows - passed - rows.waiting
    loaded = f"{grouped(taken - count)} dòng vào kho, {grouped(count)} dòng bị loại"
    loaded += f", {grouped(passed)} dòng không nạp" if passed else ""
    lines = [f"Tình trạng: đã nạp lúc {at:%H:%M} ngày {at:%d/%m/%Y}: {loaded}."] if taken or passed else []
    if refused:
        lines = [
            f"Tình trạng: kỳ {period} của {senders.title(of, hub.today())} bị từ chối: {why.rstrip('. ')}."
            for (period, of), why in sorted(refused.items())
        ]
        others = "kỳ và đơn vị khác trong tệp, trừ phần còn chờ, đã nạp" if rows.cells else "kỳ và đơn vị khác trong tệp đã nạp"
        lines.append(f"Số liệu nhận trước đó, nếu có, còn nguyên; {others}. Sửa rồi gửi lại cả tệp.")
    if count:
        more = f" ({SHOWN} dòng đầu)" if count > SHOWN else ""
        rejected = [f"Dòng bị loại, theo dòng của tệp{more}:", *rejected]
    if passed:
        more = f" ({SHOWN} dòng đầu)" if passed > SHOWN else ""
        rejected += [f"Dòng không nạp, theo dòng của tệp{more}:"]
        rejected += [line_told(line.sheet, line.row, [why]) for line, why in rows.passed]
    return lines, rejected


def _units(hub: Hub, dataset: Dataset, delivery: Delivery) -> dict[str, str]:
    """Period -> the unit in whose cell all rows of a file stand. It may differ by period, where units merge in between.

    A file of the province and a patch have none: their rows stand in the cells of many units.
    """
    if delivery.kind == "patch" or (delivery.sender == PROVINCE and not dataset.by_province):
        return {}
    found = {
        period: PROVINCE if dataset.by_province else unit_of(delivery.sender, calendar.moment(dataset, period, hub.today()))
        for period in delivery.periods
    }
    return {period: unit for period, unit in found.items() if unit}


def _rejected(connection: sa.Connection, dataset: Dataset, rows: _Rows) -> tuple[int, list[str]]:
    """How many rows are set aside, and the first of them: on which line, and why."""
    count, lines = 0, list[str]()
    for period, keys in rows.open_keys.items():
        # The first of several copies was accepted: those that are set aside are the last ones.
        spare = Counter(line.key for line in rows.aside[period])
        spare.subtract(keys)
        chosen = []
        for line in rows.aside[period]:
            if spare[line.key] > 0:
                spare[line.key] -= 1
            else:
                chosen.append(line)
        count += len(chosen)
        shown = chosen[: max(0, SHOWN - len(lines))]
        why = open_rows.failures_of(connection, dataset, period, rows.own.get(period), {line.key for line in shown})
        lines += [line_told(line.sheet, line.row, [f["message"] for f in why.get(line.key, ())]) for line in shown]
    return count, lines


def line_told(sheet: str, row: int, reasons: Sequence[str]) -> str:
    """A row of a file that is set aside, in words."""
    return f"- {notes.shown(notes.place(sheet, row))}: {notes.shown('; '.join(reason.rstrip('. ') for reason in reasons) or 'bị loại')}."
