"""A file that has all rows of its sender in its periods: which periods these are, and whether its sender may send these rows."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resources.connectors.placing import EPOCH, LATER, Placing, as_bytes
from resources.inbox import failures, senders
from resources.inbox.periods import EXAMPLES, listed, named
from resources.inbox.verdict import Verdict, told_of
from resources.warehouse.arrivals.ledger import expected_units
from resources.workbooks.reading.read import Read
from schemas import calendar, units
from schemas.dataset import PROVINCE, Dataset, Moment
from schemas.origin import ROW, SENDER, SHEET
from schemas.reading import read as read_column
from schemas.senders import communes_of, unit_of
from schemas.validation.communes import resolve_communes
from schemas.validation.findings import Findings
from schemas.written import grouped

# pyright: reportAttributeAccessIssue=false

IN_NAME, ABOVE = "tên tệp", "dòng phía trên bảng"
MOSTLY = 0.8  # this share of the rows that have a period decides the period of a file that does not say it
SHOWN = 6  # periods that a note names


@dataclass(frozen=True)
class Whole(Verdict):
    """A file that has all rows of its sender."""

    read: Read
    given: Mapping[str, str]  # column -> what the file says in no row, but its name or its sender does
    codes: Mapping[str, str]  # name of a commune -> its code, where the file gives only names

    kind = "whole"

    def batches(self) -> Iterator[pa.RecordBatch]:
        columns = [ROW, SHEET, *(c.source_column for c in self.dataset.columns)]
        for batch in self.read.batches(given=self.given):
            yield (self._coded(batch) if self.codes else batch).select(columns)

    def cells(self, today: dt.date) -> Iterator[tuple[str, pa.Table]]:
        placing = Placing(self.dataset, self.periods, today)
        for batch in self.batches():
            numbers = placing.numbers_in_file(as_bytes(self.dataset, batch))
            rows = batch.append_column(SENDER, pa.repeat(pa.scalar(self.sender), batch.num_rows))
            for number in np.unique(numbers).tolist():
                yield self.periods[number], pa.Table.from_batches([rows.filter(pa.array(numbers == number))])

    def _coded(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        assert self.dataset.commune and self.dataset.commune_name
        code, name = (self.dataset.column(n).source_column for n in (self.dataset.commune, self.dataset.commune_name))
        told = batch.column(name).dictionary_encode()
        of_each = [
            [self.codes[way] for way in units.spellings(text) if way in self.codes] for text in told.dictionary.to_pylist()
        ]
        known = pa.array([next(iter(codes), None) for codes in of_each], pa.string())
        return batch.set_column(batch.schema.get_field_index(code), code, known.take(told.indices))


def whole(read: Read, dataset: Dataset, stem: str, sender: str, today: dt.date) -> Whole:
    """What a file says. Raises why it goes back."""
    return _Judge(read, dataset, stem, sender, today).verdict()


@dataclass(frozen=True)
class _Judge:
    read: Read
    dataset: Dataset
    stem: str
    sender: str
    today: dt.date

    def verdict(self) -> Whole:
        periods = self._periods()
        for period in periods:
            self._refuse_outside(period)
        moment = calendar.moment(self.dataset, periods[-1], self.today)
        codes = self._codes(moment)
        report = self.read.report
        given = self._given(periods, codes)
        verdict = Whole(self.dataset, self.sender, periods, report.rows, told_of(report), self.read, given, codes)
        self._refuse_other_units(moment, verdict)
        return verdict

    # Which periods

    def _periods(self) -> tuple[str, ...]:
        dataset = self.dataset
        if dataset.placed_by is None:
            return (calendar.REGISTER,)
        told = {IN_NAME: named([self.stem], dataset.kind), ABOVE: named(self.read.titles, dataset.kind)}
        where = IN_NAME if told[IN_NAME] else ABOVE
        found = told[where]
        if self._placed_by in self.read.lacking:
            self._refuse_unsure(told, where)
        rows = self._rows_by_period()
        placed = sum(rows.values())
        if found:
            if 2 * sum(rows[period] for period in found) < placed:
                most, count = rows.most_common(1)[0]
                raise failures.PeriodContradicted(
                    where=where, named=listed(found, SHOWN), what=f"{grouped(count)} trên {grouped(placed)} dòng thuộc kỳ {most}"
                )
            return found
        if not placed:
            raise failures.PeriodMissing(title=dataset.title, example=EXAMPLES[dataset.kind][0])
        most, count = rows.most_common(1)[0]
        if count < MOSTLY * placed:
            raise failures.PeriodsMixed(periods=listed(sorted(rows), SHOWN), example=EXAMPLES[dataset.kind][1])
        return (most,)

    def _refuse_unsure(self, told: Mapping[str, tuple[str, ...]], where: str) -> None:
        """Refuse a file whose rows do not say their period, unless its name or a line above its table does, and the two agree."""
        dataset, found = self.dataset, told[where]
        # A day on which something happened cannot be made up from a period.
        if not (dataset.placed_by_year or (dataset.kind == "monthly" and dataset.placed_by in dataset.key)):
            raise failures.KeyUnsaid(titles=dataset.column(dataset.placed_by or "").title)
        if not found:
            raise failures.PeriodMissing(title=dataset.title, example=EXAMPLES[dataset.kind][0])
        if told[ABOVE] and told[ABOVE] != found:
            raise failures.PeriodContradicted(
                where=IN_NAME, named=listed(found, SHOWN), what=f"{ABOVE} ghi kỳ {listed(told[ABOVE], SHOWN)}"
            )
        if len(found) > 1:
            raise failures.PeriodsMixed(periods=listed(found, SHOWN), example=EXAMPLES[dataset.kind][1])

    def _rows_by_period(self) -> Counter[str]:
        """How many rows lie in each period. A row whose day cannot be read counts in none."""
        dataset, found = self.dataset, Counter[str]()
        placing = Placing(dataset, (), self.today)
        for batch in self.read.batches():
            days, rows = np.unique(placing.placed(batch.column(self._placed_by).cast(pa.binary())), return_counts=True)
            for day, count in zip(days.tolist(), rows.tolist(), strict=True):
                if day != LATER:
                    of = f"{day:04d}" if dataset.placed_by_year else calendar.period_of(dataset.kind, EPOCH + dt.timedelta(day))
                    found[of] += count
        return found

    @cached_property
    def _placed_by(self) -> str:
        assert self.dataset.placed_by is not None
        return self.dataset.column(self.dataset.placed_by).source_column

    def _refuse_outside(self, period: str) -> None:
        dataset = self.dataset
        if period != calendar.REGISTER and period not in calendar.started(dataset, self.today):
            first, last = calendar.span(period)
            if first > self.today:
                why = "chưa bắt đầu"
            elif dataset.last_period and first > calendar.span(dataset.last_period)[1]:
                why = f"sau kỳ cuối cùng ({dataset.last_period}) của bộ {dataset.title}"
            elif last < calendar.span(dataset.first_period)[0]:
                why = f"trước kỳ đầu tiên ({dataset.first_period}) của bộ {dataset.title}"
            else:
                why = f"không phải một kỳ của bộ {dataset.title}"
            raise failures.PeriodOutside(period=period, why=why)
        unit = unit_of(self.sender, calendar.moment(dataset, period, self.today))
        if self.sender != PROVINCE and unit not in expected_units(dataset, period, self.today):
            raise failures.CellMissing(sender=self._sender_title, title=dataset.title, period=period)

    # Whose rows

    def _codes(self, moment: Moment) -> dict[str, str]:
        """Name -> code of the sender's communes, where the rows give only names. A name that two communes share is left out."""
        dataset, lacking = self.dataset, self.read.lacking
        if dataset.commune is None or dataset.commune_name is None or senders.is_commune(self.sender):
            return {}
        code, name = (dataset.column(n).source_column for n in (dataset.commune, dataset.commune_name))
        if code not in lacking or name not in self.read.found:
            return {}
        there = units.communes_on(moment.judged_on)
        mine = communes_of(self.sender, moment)
        found: dict[str, str] = {}
        for way in (1, 0):  # without its marks, and with them, which goes before
            names = [(units.spellings(there[code].name)[way], code) for code in mine]
            several = Counter(name for name, _ in names)
            found |= {name: code for name, code in names if several[name] == 1}
        return found

    def _given(self, periods: Sequence[str], codes: Mapping[str, str]) -> dict[str, str]:
        """What the file says in no row, taken from its period and its sender. Raises KeyUnsaid where neither tells it."""
        dataset, given = self.dataset, dict[str, str]()
        if dataset.placed_by is not None and self._placed_by in self.read.lacking:
            year = dataset.placed_by_year
            given[self._placed_by] = periods[-1] if year else calendar.span(periods[-1])[0].isoformat()
        code = dataset.column(dataset.commune).source_column if dataset.commune else ""
        if code in self.read.lacking and senders.is_commune(self.sender):
            given[code] = self.sender
        must = [*dataset.key, *([dataset.commune] if dataset.commune and not dataset.by_province else ())]
        unsaid = [
            column.title
            for column in map(dataset.column, dict.fromkeys(must))
            if column.source_column in self.read.lacking
            and column.source_column not in given
            and not (codes and column.name == dataset.commune)
        ]
        if unsaid:
            raise failures.KeyUnsaid(titles=", ".join(unsaid))
        return given

    def _refuse_other_units(self, moment: Moment, verdict: Whole) -> None:
        """Raises OtherUnitsRows where most rows are of communes that are not the sender's. A row of no listed commune does not count."""
        dataset = self.dataset
        if self.sender == PROVINCE or dataset.commune is None:
            return
        own, others = 0, Counter[str]()
        mine = frozenset(communes_of(self.sender, moment))
        for batch in verdict.batches():
            for code, rows in _communes(dataset, batch, moment).items():
                if code in mine:
                    own += rows
                else:
                    others[code] += rows
        elsewhere = sum(others.values())
        if elsewhere > own:
            by_unit = Counter[str]()
            for code, rows in others.items():
                unit = code if senders.is_commune(self.sender) else unit_of(code, moment)
                by_unit[unit or code] += rows
            raise failures.OtherUnitsRows(
                others=grouped(elsewhere),
                rows=grouped(elsewhere + own),
                unit=", ".join(senders.title(unit, moment.last_day) for unit, _ in by_unit.most_common(2)),
                sender=self._sender_title,
            )

    @property
    def _sender_title(self) -> str:
        return senders.title(self.sender, self.today)


def _communes(dataset: Dataset, batch: pa.RecordBatch, moment: Moment) -> Counter[str]:
    """How many rows are of each commune that was listed on the day, as validation understands their codes and names."""
    columns = [dataset.column(name) for name in (dataset.commune, dataset.commune_name) if name]
    values = {c.name: read_column(c, batch.column(c.source_column), moment.judged_on).values for c in columns}
    findings = Findings(batch.num_rows)
    resolve_communes(dataset, values, moment, findings)
    sure = values[columns[0].name].filter(pa.array(~findings.rejected)).drop_null()
    return Counter({value["values"].as_py(): value["counts"].as_py() for value in pc.value_counts(sure)})
