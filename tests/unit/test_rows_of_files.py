"""How the rows of a file stand, in one piece or in several: what would be set aside and why, what is doubted, what a cell would hold."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from resources.inbox.notes import SHOWN
from resources.inbox.rows import Judgement, judge_rows
from resources.inbox.verdict import Verdict
from schemas.dataset import Dataset
from schemas.origin import ROW, SHEET
from schemas.registry import dataset_named
from tests.fixtures.datasets import bad
from tests.fixtures.deliveries import TODAY, commune_of, rows_of

PAYMENTS = dataset_named("social_protection.monthly_payments")
BENEFICIARIES = dataset_named("social_protection.beneficiaries")
HERE, THERE = commune_of("421"), commune_of("427")
MONEY = PAYMENTS.column("amount_vnd").source_column
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Held(Verdict):
    """A file that was read: its rows by period, so many at once."""

    lines: Mapping[str, Rows]
    at_once: int = 1_000

    kind = "whole"

    def batches(self) -> Iterator[pa.RecordBatch]:
        raise NotImplementedError

    def cells(self, today: dt.date) -> Iterator[tuple[str, pa.Table]]:
        for period, rows in self.lines.items():
            for first in range(0, len(rows), self.at_once):
                part = range(first, min(first + self.at_once, len(rows)))
                columns = {c.source_column: [rows[at].get(c.source_column) for at in part] for c in self.dataset.columns}
                texts = {
                    name: pa.array([None if v is None else str(v) for v in values], pa.string())
                    for name, values in columns.items()
                }
                yield period, pa.table({**texts, ROW: [at + 2 for at in part], SHEET: ["A"] * len(part)})


def judged(dataset: Dataset, at_once: int = 1_000, **lines: Rows) -> Judgement:
    """Rows by their period, `_` in its name for `-`."""
    told = {period.strip("_").replace("_", "-"): rows for period, rows in lines.items()}
    return judge_rows(Held(dataset, "40", tuple(told), sum(map(len, told.values())), (), told, at_once), TODAY)


def october(*communes: str, copies: int = 1) -> list[dict[str, Any]]:
    return rows_of(PAYMENTS, "2024-10", list(communes), copies=copies)


def variant_of(dataset: Dataset, severity: str) -> tuple[int, dict[str, Any], str]:
    found = next(v for v in bad(dataset) if v.severity == severity and not v.changes.keys() & {MONEY, "thang"})
    return found.row, found.changes, found.rule


@pytest.mark.parametrize("at_once", [1, 2, 1_000])
def test_a_row_of_a_key_that_a_bad_row_has_too_goes_with_it(at_once: int) -> None:
    rows = october(HERE)
    twin = {**rows[0], MONEY: "nhiều"}
    found = judged(PAYMENTS, at_once, _2024_10=[*rows, twin])
    assert found.by_rule == {"amount_vnd_readable": 1, "unique_key": 1}
    assert [(line.sheet, line.row) for line in found.lines] == [("A", 2), ("A", len(rows) + 2)]
    assert (found.rows, found.rejected, found.accepted) == (len(rows) + 1, 2, len(rows) - 1)
    found = judged(PAYMENTS, at_once, _2024_10=[*rows, rows[0], twin])
    assert found.by_rule == {"amount_vnd_readable": 1, "unique_key": 2}, "no copy is sure beside a bad row"
    nameless = {**twin, "ma_doi_tuong": None}
    assert judged(PAYMENTS, at_once, _2024_10=[*rows, nameless]).by_rule.get("unique_key") is None, (
        "without a key it is nobody's twin"
    )


def test_of_copies_the_first_stays_and_of_others_none() -> None:
    rows = october(HERE)
    copies = judged(PAYMENTS, _2024_10=[*rows, rows[0], rows[0]])
    assert copies.by_rule == {"no_duplicate_row": 2} and copies.accepted == len(rows)
    unlike = judged(PAYMENTS, _2024_10=[*rows, rows[0], {**rows[0], MONEY: "123000"}])
    assert unlike.by_rule == {"unique_key": 3} and unlike.accepted == len(rows) - 1
    spelled = judged(PAYMENTS, _2024_10=[*rows, {**rows[0], MONEY: f"{int(rows[0][MONEY]):,}"}])
    assert spelled.by_rule == {"no_duplicate_row": 1}, "as they are read they are the same"


def test_a_doubtful_row_is_counted_once_and_not_where_it_is_set_aside() -> None:
    row, changes, rule = variant_of(PAYMENTS, "warning")
    rows = october(HERE)
    rows[row] |= changes
    found = judged(PAYMENTS, _2024_10=rows)
    assert (found.warned, found.rejected, found.lines) == (1, 0, []), rule
    assert judged(PAYMENTS, _2024_10=[*rows, rows[row]]).warned == 1, "of copies one"
    assert judged(PAYMENTS, _2024_10=[*rows, {**rows[row], MONEY: "1"}]).warned == 0
    rows[row] |= {MONEY: "nhiều"}
    assert judged(PAYMENTS, _2024_10=rows).warned == 0


def test_what_a_cell_would_hold_is_told_by_period_and_unit() -> None:
    here, there = october(HERE), october(THERE)
    there[0][MONEY] = "nhiều"
    found = judged(PAYMENTS, _2024_09=rows_of(PAYMENTS, "2024-09", [HERE]), _2024_10=[*here, *there])
    assert found.by_cell == {
        ("2024-09", "421"): (len(here), 0),
        ("2024-10", "421"): (len(here), 0),
        ("2024-10", "427"): (len(there) - 1, 1),
    }
    assert judged(PAYMENTS, _2024_10=[]).by_cell == {}


def test_payments_of_two_months_are_compared_but_for_their_month_and_order() -> None:
    after = october(HERE)
    before = [{**row, "thang": "2024-09-01"} for row in after]
    assert len(after) > 1
    found = judged(PAYMENTS, _2024_09=before, _2024_10=[*reversed(after)])
    september, october_ = found.payments["2024-09", "421"], found.payments["2024-10", "421"]
    assert np.array_equal(september, october_) and len(september) == len(before)
    after[0] |= {MONEY: "123000"}
    others = judged(PAYMENTS, _2024_10=after).payments["2024-10", "421"]
    assert len(np.intersect1d(others, september)) == len(before) - 1
    assert not judged(BENEFICIARIES, now=rows_of(BENEFICIARIES, "now", [HERE])).payments, "a register is no list of payments"


def test_of_many_bad_rows_the_first_of_the_file_are_told() -> None:
    rows = [{**october(HERE)[0], MONEY: "nhiều", "ma_doi_tuong": f"DT-{at}"} for at in range(SHOWN + 5)]
    found = judged(PAYMENTS, 50, _2024_10=rows)
    assert found.rejected == SHOWN + 5 and len(found.lines) == SHOWN
    assert [line.row for line in found.lines] == list(range(2, SHOWN + 2))
