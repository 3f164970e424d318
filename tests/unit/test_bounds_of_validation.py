"""Judging a batch beside its bounds: the first and last day of a period, rows of erased persons amid others, parts of many rows."""

import datetime as dt
import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from schemas.calendar import moment
from schemas.registry import dataset_named
from schemas.validation import communes, findings, validate
from schemas.validation.erased import EMPTY, ERASED_RULE, validate_but
from schemas.validation.fields import RuleFault, judge_fields
from tests.fixtures.datasets import good_rows
from tests.fixtures.kit import NATIVE
from tests.unit.test_validation import ARRIVAL, JOBS, RESULTS, WORKERS, batch, errors, judge

DOSSIERS = dataset_named("administrative_procedures.dossiers")
NOW = moment(WORKERS, "2024", ARRIVAL)


def outside(dataset: Any, column: str, period: str, *values: Any) -> list[bool]:
    """Of each value whether it lies outside the period."""
    at = moment(dataset, period, dt.date(2025, 6, 1))
    row = good_rows(dataset, at)[0]
    rows = [row | {column: value, dataset.column(dataset.key[0]).source_column: f"K-{n}"} for n, value in enumerate(values)]
    table = {c.source_column: pa.array([r.get(c.source_column) for r in rows], NATIVE[c.source_type]) for c in dataset.columns}
    verdict = validate(dataset, pa.table(table), at)
    failed = zip(verdict.rejected["ordinal"].to_pylist(), verdict.rejected["failures"].to_pylist(), strict=True)
    found = {ordinal for ordinal, text in failed if '"period_in_range"' in text}
    assert verdict.failures_by_rule.get((dataset.placed_by, "period_in_range"), 0) == len(found)
    return [n in found for n in range(len(values))]


def test_a_period_is_from_its_first_day_to_its_last() -> None:
    days = [dt.date(2024, 9, 30), dt.date(2024, 10, 1), dt.date(2024, 10, 31), dt.date(2024, 11, 1), None]
    assert outside(JOBS, "ngay_bat_dau", "2024-10", *days) == [True, False, False, True, False]
    assert outside(RESULTS, "nam_ra_soat", "2024", 2023, 2024, 2025) == [True, False, True]


def test_an_instant_is_of_the_days_of_the_province_and_24_00_is_of_the_last() -> None:
    column = DOSSIERS.column(DOSSIERS.placed_by or "").source_column
    instants = ["20240930235959", "20241001000000", "20241031235959", "20241031240000", "20241101000000", "20241101000001"]
    assert outside(DOSSIERS, column, "2024-10", *instants) == [True, False, False, False, False, True]


def test_rows_of_erased_persons_are_set_aside_by_that_alone_amid_the_others() -> None:
    rows = [{}, {"so_dinh_danh": None, "ho_ten": None}, {"gioi_tinh": "x"}, {}, {"gioi_tinh": "nam"}]
    table = batch(WORKERS, *(row | {"ma_phieu": f"P-{n}"} for n, row in enumerate(rows)))
    verdict = validate_but(WORKERS, table, pa.chunked_array([[False, True, None, True, False]]), NOW, 60_000)
    assert verdict.accepted["ordinal"].to_pylist() == [60_000, 60_004] == [60_000, *verdict.remarks["ordinal"].to_pylist()]
    told = verdict.rejected.sort_by("ordinal").to_pylist()
    assert [(r["ordinal"], r["row_key"], r["unit_code"]) for r in told] == [(60_000 + n, f"P-{n}", "415") for n in (1, 2, 3)]
    rules = [[f["rule"] for f in json.loads(r["failures"])] for r in told]
    assert rules == [[ERASED_RULE], ["sex_code_readable"], [ERASED_RULE]]
    assert [r["received"] == EMPTY for r in told] == [True, False, True]
    assert verdict.failures_by_rule == {("sex_code", "sex_code_readable"): 1, ("form_id", ERASED_RULE): 2}
    assert verdict.repairs_by_rule == {("sex_code", "sex_code_words_read"): 1}
    whole = validate(WORKERS, table, NOW)
    assert (verdict.examined.rows, verdict.examined.rules) == (5, whole.examined.rules)
    assert verdict.rejected.schema == whole.rejected.schema and verdict.accepted.schema == whole.accepted.schema


@pytest.mark.parametrize("erased", [None, [False, False], [None, False]])
def test_where_nobody_was_erased_a_batch_is_judged_as_any(erased: list[bool | None] | None) -> None:
    table = batch(WORKERS, {}, {"gioi_tinh": "x"})
    verdict = validate_but(WORKERS, table, None if erased is None else pa.chunked_array([erased]), NOW, 7)
    assert verdict == validate(WORKERS, table, NOW, 7)


def test_a_batch_of_erased_persons_alone_has_no_other_rows() -> None:
    verdict = validate_but(WORKERS, batch(WORKERS, {}, {}), pa.chunked_array([[True, True]]), NOW, 5)
    assert (verdict.accepted.num_rows, verdict.rejected["ordinal"].to_pylist()) == (0, [5, 6])
    assert verdict.failures_by_rule == {("form_id", ERASED_RULE): 2} and verdict.examined.rows == 2


@pytest.mark.parametrize("below", [8, 4_000_000, 4_000_001])
def test_distinct_numbers_are_the_same_counted_or_sorted(below: int) -> None:
    distinct, at = communes._distinct(np.array([3, 0, 7, 3]), below)
    assert (distinct.tolist(), at.tolist()) == ([0, 3, 7], [1, 0, 2, 1])


def test_rows_that_are_set_aside_are_told_alike_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"gioi_tinh": "x", "ho_ten": f"Nguyễn {'A' * n}", "tinh_trang_hdkt": "7" if n % 2 else "3"} for n in range(1, 6)]
    whole = judge(WORKERS, {}, *rows)
    assert [len(errors(whole, n)) for n in range(5)] == [2, 1, 2, 1, 2]
    for rows_at_once, bytes_at_once in ((2, 1 << 20), (4_096, 1)):
        monkeypatch.setattr(findings, "ROWS_AT_ONCE", rows_at_once)
        monkeypatch.setattr(findings, "BYTES_AT_ONCE", bytes_at_once)
        parts = judge(WORKERS, {}, *rows)
        assert parts.rejected["received"].num_chunks == (3 if rows_at_once == 2 else 5)
        assert parts.rejected.to_pylist() == whole.rejected.to_pylist()


def test_bytes_that_are_no_text_are_shown_up_to_two_hundred() -> None:
    assert findings._shown(b"\xff" * 200) == "\ufffd" * 200 + f" (byte: {'ff' * 200})"
    assert findings._shown(b"\xff" * 201) == "\ufffd" * 201 + f" (byte: {'ff' * 200}…)"
    assert findings._shown("Đồi".encode()) == "Đồi"


def test_a_row_as_received_keeps_its_numbers_and_writes_days_as_everywhere() -> None:
    nan = float("nan")
    assert json.loads(findings._json({"a": nan, "b": 1.5, "c": 2, "d": [nan]})) == {"a": "nan", "b": 1.5, "c": 2, "d": "[nan]"}
    told = {"a": dt.datetime(2024, 10, 1, 8, tzinfo=dt.UTC), "b": dt.date(2024, 10, 1), "c": dt.time(8)}
    assert findings._json(told) == '{"a": "2024-10-01T08:00:00+00:00", "b": "2024-10-01", "c": "08:00:00"}'


@pytest.mark.parametrize(
    ("frame", "where"),
    [
        (pd.DataFrame({"hamlet": ["Qzxjw"]}), "the frame"),
        (judge(WORKERS, {}).accepted.select([c.name for c in WORKERS.columns]).to_pandas(), ".+"),  # of types of pandas' own
    ],
)
def test_a_frame_that_is_not_the_declared_one_is_our_fault_and_told_without_a_value(frame: pd.DataFrame, where: str) -> None:
    with pytest.raises(RuleFault, match=rf"^labour_employment\.workers: {where} does not fit the declaration \(\S+\)$") as fault:
        judge_fields(WORKERS, frame, NOW, findings.Findings(len(frame)))
    assert "Qzxjw" not in str(fault.value) and "Nguyễn" not in str(fault.value)
    assert fault.value.__context__ is None, "an event log shows it too"
