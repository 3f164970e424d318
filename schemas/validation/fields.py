"""Pass two over single fields: the typed frame against the declaration and the lists in force, by pandera; what is doubted, by itself.

pandera's errors hold values: they are caught here, and only rules and row numbers are taken from them.
"""

import datetime as dt
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa_pandas
import pyarrow as pa
import pyarrow.compute as pc
from pandera.backends.pandas.components import ColumnBackend
from pandera.backends.pandas.container import DataFrameSchemaBackend
from pandera.errors import FailureCaseMetadata, SchemaError, SchemaErrors

from schemas import codes, messages, reading
from schemas.column import Column
from schemas.dataset import Dataset, Moment
from schemas.reading.cells import nulls, one_array
from schemas.validation.findings import Findings, Kind

# pyright: reportAttributeAccessIssue=false


class RuleFault(Exception):
    """A rule, or the declaration, could not be computed: a mistake of ours. Its own text would hold values."""


class _Untold:
    """Makes no table and text of all broken cells, a quarter of a load of bad rows: of each error the rows alone are taken."""

    def failure_cases_metadata(self, schema_name: str, schema_errors: list[SchemaError]) -> FailureCaseMetadata:
        return FailureCaseMetadata(failure_cases=None, message={}, error_counts={})


class _FrameBackend(_Untold, DataFrameSchemaBackend):
    pass


class _FieldBackend(_Untold, ColumnBackend):
    pass


class _Frame(pa_pandas.DataFrameSchema):
    pass


class _Field(pa_pandas.Column):
    pass


_Frame.register_backend(pd.DataFrame, _FrameBackend)
_Field.register_backend(pd.DataFrame, _FieldBackend)


def _listed_check(column: Column, on: dt.date) -> pa_pandas.Check:
    known = sorted(codes.listed(column.codes or "", on))
    allowed = (
        pa.array(known, pa.string()) if pa.types.is_string(column.dtype) else pa.array([int(c) for c in known], column.dtype)
    )

    def listed(series: pd.Series) -> pd.Series:
        array = _arrow(series)
        return _truths(pc.or_(pc.is_in(array, value_set=allowed), array.is_null()), series)

    return pa_pandas.Check(listed, name=f"{column.name}_listed", ignore_na=False)


def _prefix_check(column: Column, on: dt.date) -> pa_pandas.Check:
    allowed = pa.array(sorted(codes.listed("provinces", on)), pa.string())

    def listed(series: pd.Series) -> pd.Series:
        array = _arrow(series)
        is_number = pc.equal(pc.binary_length(array), 12)  # nine are an old card's
        of_listed = pc.is_in(pc.utf8_slice_codeunits(array, 0, 3), value_set=allowed)
        return _truths(pc.or_(of_listed, pc.invert(pc.fill_null(is_number, False))), series)

    return pa_pandas.Check(listed, name=f"{column.name}_prefix_listed", ignore_na=False)


def _arrow(series: pd.Series) -> pa.Array:
    return one_array(series.array.__arrow_array__())


def _truths(values: pa.Array, series: pd.Series) -> pd.Series:
    return pd.Series(values.to_numpy(zero_copy_only=False), index=series.index)


def schema_of(dataset: Dataset, judged_on: dt.date) -> pa_pandas.DataFrameSchema:
    """The declaration as a pandera schema of a day: its own checks, and the lists in force on that day."""
    lists = {c.codes for c in dataset.columns if c.codes} | {"provinces"}
    return _schema(dataset, max(codes.since(name, judged_on) for name in lists))


@cache
def _schema(dataset: Dataset, since: dt.date) -> pa_pandas.DataFrameSchema:
    """The schema with the lists as they are from this day on: the days up to their next change share it."""
    columns = {}
    for c in dataset.columns:
        checks = list(c.checks)
        if c.codes:
            checks.append(_listed_check(c, since))
        if c.reader in ("identity_number", "identity_or_old_card"):
            checks.append(_prefix_check(c, since))
        columns[c.name] = _Field(pd.ArrowDtype(c.dtype), checks, nullable=c.nullable)
    return _Frame(columns, strict=True)


def prepare() -> None:
    """Have pandera load what it loads when it first sees a frame, a fifth of a second: while something else is waited for."""
    pa_pandas.DataFrameSchema().validate(pd.DataFrame())


def judge_fields(dataset: Dataset, frame: pd.DataFrame, moment: Moment, findings: Findings) -> None:
    if frame.empty:
        return
    try:
        schema_of(dataset, moment.judged_on).validate(frame, lazy=True)
        return
    except SchemaErrors as errors:  # its text, its cases and its context hold values: only rows and rules are taken from it
        broken = [(e.schema.name, e.check, e.failure_cases, str(e.reason_code)) for e in errors.schema_errors]
    for name, check, cases, reason in broken:
        if (
            name not in frame.columns
            or cases is None
            or "index" not in getattr(cases, "columns", ())
            or cases["index"].isna().any()
        ):
            where = name if name in frame.columns else "the frame"
            raise RuleFault(f"{dataset.id}: {where} does not fit the declaration ({reason})")
        column = dataset.column(name)
        rows = np.zeros(findings.count, bool)
        rows[cases["index"].to_numpy(dtype=np.int64)] = True
        kind, rule, message = _field_rule(dataset, column, check)
        findings.add(kind, rule, name, message, rows)


def judge_doubts(dataset: Dataset, values: dict[str, pa.Array], findings: Findings) -> int:
    """Warn of what a declaration expects and is not there, and of what is more than is plausible; and how many claims that is."""
    claims = 0
    for c in dataset.columns:
        claims += (c.expected is not None) + (c.plausible_le is not None)
        if c.expected and values[c.name].null_count:
            findings.add("warning", f"{c.name}_present", c.name, _absent(dataset, c), nulls(values[c.name]))
        if c.plausible_le is not None:
            above = pc.fill_null(pc.greater(values[c.name], c.plausible_le), False).to_numpy(zero_copy_only=False)
            findings.add("warning", f"{c.name}_plausible", c.name, messages.implausible(dataset, c), above)
    return claims


def _absent(dataset: Dataset, column: Column) -> str:
    return messages.absent(dataset, column, reading.reader_of(column))


def _field_rule(dataset: Dataset, column: Column, check: Any) -> tuple[Kind, str, str]:
    """Severity, name and message of a check of the declaration."""
    if check == "not_nullable":
        return "error", f"{column.name}_present", _absent(dataset, column)
    if check.name == f"{column.name}_listed":
        kind: Kind = "warning" if codes.facts_of(column.codes).is_incomplete else "error"
        return kind, check.name, messages.unlisted(dataset, column)
    if check.name == f"{column.name}_prefix_listed":
        return "error", check.name, messages.prefix_unlisted(dataset, column)
    claim = {"str_matches": "well_formed", "isin": "listed"}.get(check.name, "in_range")
    return "error", f"{column.name}_{claim}", messages.check_failed(dataset, column, check)
