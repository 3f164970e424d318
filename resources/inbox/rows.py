"""Rows of a file held against the rules as a load does, without loading: which would be set aside, on which line of the file and why.

Doubled rows are told within the file; those that another file of the same cell has are known to the warehouse alone.
"""

import datetime as dt
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from resources.connectors.hashes import hashes
from resources.inbox.notes import SHOWN
from resources.inbox.verdict import Verdict
from resources.warehouse.loading.staging import DOUBLED, DUPLICATE
from schemas import calendar
from schemas.dataset import Dataset, Moment
from schemas.origin import ROW, SHEET
from schemas.reading.cells import one_array
from schemas.validation import validate

# pyright: reportAttributeAccessIssue=false

KEY = ["unit_code", "row_key"]


@dataclass(frozen=True, order=True)
class Line:
    """A row of the file that would be set aside."""

    sheet: str
    row: int
    reasons: tuple[str, ...]


@dataclass
class Judgement:
    """How the rows of a file stand. `lines` are the first that would be set aside, in the order of the file."""

    rows: int = 0
    rejected: int = 0
    warned: int = 0
    lines: list[Line] = field(default_factory=list)
    by_rule: dict[str, int] = field(default_factory=dict)  # rejected rows; a row may break several
    by_cell: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)  # rows that would be accepted, and rejected
    payments: dict[tuple[str, str], np.ndarray] = field(
        default_factory=dict
    )  # of a list by its cell, as `without_period` has them

    @property
    def accepted(self) -> int:
        return self.rows - self.rejected


def judge_rows(verdict: Verdict, today: dt.date) -> Judgement:
    """Hold all rows of a file against the rules of their dataset."""
    cells = {period: _Cell(verdict.dataset, calendar.moment(verdict.dataset, period, today)) for period in verdict.periods}
    for period, rows in verdict.cells(today):
        cells[period].add(rows)
    found = Judgement()
    for period, cell in cells.items():
        cell.judge_into(found, period)
    found.lines = sorted(found.lines, key=lambda line: (line.sheet, line.row))[:SHOWN]
    return found


class _Cell:
    """The rows of one period, as they come."""

    def __init__(self, dataset: Dataset, moment: Moment) -> None:
        self._dataset, self._moment = dataset, moment
        self._rows = 0
        self._accepted: list[pa.Table] = []
        self._rejected: list[pa.Table] = []
        self._warned: list[pa.Table] = []

    def add(self, rows: pa.Table) -> None:
        verdict = validate(self._dataset, rows, self._moment, self._rows)
        accepted = verdict.accepted.append_column(
            "content", pa.array(_contents([c.name for c in self._dataset.columns], verdict.accepted))
        )
        payments = without_period(self._dataset, verdict.accepted) if self._dataset.is_payment_list else accepted["content"]
        accepted = accepted.append_column("payment", pa.array(payments))
        parts = (
            (accepted, self._accepted, ["content", "payment"]),
            (verdict.rejected, self._rejected, ["failures"]),
        )
        for part, kept, beside in parts:
            places = rows.select([SHEET, ROW]).take(pc.subtract(part.column("ordinal"), self._rows))
            kept.append(
                part.select([*KEY, "ordinal", *beside]).append_column(SHEET, places[SHEET]).append_column(ROW, places[ROW])
            )
        is_warning = pc.equal(verdict.remarks.column("kind"), "warning")
        self._warned.append(verdict.remarks.filter(is_warning).select(KEY))
        self._rows += rows.num_rows

    def judge_into(self, found: Judgement, period: str) -> None:
        found.rows += self._rows
        if not self._rows:
            return
        accepted, rejected, warned = (
            pa.concat_tables(parts).unify_dictionaries().to_pandas(types_mapper=_arrow)
            for parts in (self._accepted, self._rejected, self._warned)
        )
        doubled = _doubled(accepted, rejected)
        found.rejected += len(rejected) + len(doubled)
        stay, go = accepted.drop(doubled.index), pd.concat([rejected["unit_code"], doubled["unit_code"]]).value_counts()
        for unit in sorted({*stay["unit_code"].unique(), *go.index}):
            payments = stay.loc[stay["unit_code"] == unit, "payment"].to_numpy()
            found.by_cell[period, str(unit)] = len(payments), int(go.get(unit, 0))
            if self._dataset.is_payment_list:
                found.payments[period, str(unit)] = np.sort(payments)
        found.warned += len(warned.drop_duplicates().merge(accepted.drop(doubled.index)[KEY].drop_duplicates(), on=KEY))
        for failures, rows in rejected.groupby("failures", sort=False, observed=True):
            told = json.loads(str(failures))
            _name(found, rows, {failure["rule"] for failure in told}, tuple(failure["message"] for failure in told))
        for (rule, message), rows in ((DUPLICATE, doubled[doubled["copies"]]), (DOUBLED, doubled[~doubled["copies"]])):
            _name(found, rows, {rule}, (message,))


def _arrow(kind: pa.DataType) -> pd.ArrowDtype | None:
    return None if pa.types.is_dictionary(kind) else pd.ArrowDtype(kind)


def without_period(dataset: Dataset, accepted: pa.Table) -> np.ndarray:
    """A hash of what a payment list says of each payment, without its month."""
    return _contents([c.name for c in dataset.columns if c.name != dataset.placed_by], accepted)


def _contents(names: Sequence[str], accepted: pa.Table) -> np.ndarray:
    """A hash of these columns of each row: two rows of one key with the same hash are copies of each other."""
    columns = [one_array(accepted.column(name)).cast(pa.string()).cast(pa.binary()) for name in names]
    return hashes(columns, accepted.num_rows)


def _doubled(accepted: pd.DataFrame, rejected: pd.DataFrame) -> pd.DataFrame:
    """The accepted rows that go because of another row of their key, as `Staging.set_doubled_aside` decides. `copies`: whether that one is equal."""
    named = rejected.loc[~rejected["row_key"].str.startswith("#"), KEY].drop_duplicates()
    beside_bad = accepted.merge(named.assign(bad=True), on=KEY, how="left")["bad"].notna().to_numpy(bool)
    of_key = accepted.groupby(KEY, sort=False)["content"]
    several = (of_key.transform("size") > 1).to_numpy(bool) | beside_bad
    copies = (of_key.transform("nunique") == 1).to_numpy(bool) & ~beside_bad
    first = ~accepted.duplicated(KEY).to_numpy(bool)  # they lie in the order of the file
    return accepted.assign(copies=copies)[several & ~(copies & first)]


def _name(found: Judgement, rows: pd.DataFrame, rules: Collection[str], reasons: Sequence[str]) -> None:
    for rule in rules if len(rows) else ():
        found.by_rule[rule] = found.by_rule.get(rule, 0) + len(rows)
    for sheet, row in rows[[SHEET, ROW]].head(SHOWN).itertuples(index=False):
        found.lines.append(Line(str(sheet), int(row), tuple(reasons)))
