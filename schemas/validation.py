"""Judging a batch of received rows: which are accepted, with what remarks, and which are set aside, with every reason.

Pass one reads each column (schemas/reading), pass two holds the typed frame against the declaration, the dated lists and
the dataset's rules. What spans batches (doubled keys), datasets or periods is judged in the warehouse, not here. No
received value leaves this module except in the columns of accepted rows and in `received` of rejected ones.
"""

import datetime as dt
import decimal
import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
import pandera.pandas as pa_pandas
import pyarrow as pa
import pyarrow.compute as pc
from pandera.errors import SchemaErrors

from schemas import codes, messages, reading, units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Column, Dataset, Moment

Kind = Literal["error", "warning", "repaired"]

# Lists of which we hold only the better part: a code outside them is a warning.
INCOMPLETE_LISTS = frozenset({"banks"})

REJECTED = pa.schema(
    [("unit_code", pa.string()), ("row_key", pa.string()), ("ordinal", pa.int64()), ("received", pa.string()), ("failures", pa.string())]
)
REMARKS = pa.schema([(name, pa.string()) for name in ("unit_code", "row_key", "kind", "rule", "column", "message")])


class StructureFault(Exception):
    """The batch has not the declared columns: the whole delivery is refused, not its rows."""

    def __init__(self, dataset: Dataset, missing: tuple[str, ...]) -> None:
        self.missing = missing
        super().__init__(f"{dataset.id}: the source columns {', '.join(missing)} of {dataset.source_table} are missing")


class RuleFault(Exception):
    """A rule, or the declaration, could not be computed: a mistake of ours. Its own text would hold values."""


@dataclass(frozen=True)
class Examined:
    rows: int
    columns: int
    rules: int


@dataclass(frozen=True)
class Verdict:
    accepted: pa.Table
    rejected: pa.Table
    remarks: pa.Table
    examined: Examined
    failures_by_rule: dict[tuple[str, str], int]  # (column, rule) -> rows, errors and warnings
    repairs_by_rule: dict[tuple[str, str], int]


@dataclass
class _Finding:
    kind: Kind
    rule: str
    column: str
    message: str
    rows: np.ndarray


@dataclass
class _Findings:
    """Everything found about a batch, in the order in which it was found."""

    count: int
    all: list[_Finding] = field(default_factory=list)
    unread: dict[str, np.ndarray] = field(default_factory=dict)  # field -> rows whose cell could not be read

    def add(self, kind: Kind, rule: str, column: str, message: str, rows: np.ndarray, reads: tuple[str, ...] | None = None) -> None:
        """Note a finding, except in rows where a cell that the rule reads could not be read: that has been said already."""
        for name in (column,) if reads is None else reads:
            if name in self.unread:
                rows = rows & ~self.unread[name]
        if rows.any():
            self.all.append(_Finding(kind, rule, column, message, rows))

    @cached_property
    def rejected(self) -> np.ndarray:
        return np.logical_or.reduce([np.zeros(self.count, bool), *(f.rows for f in self.all if f.kind == "error")])


def validate(dataset: Dataset, batch: pa.Table, moment: Moment, first_ordinal: int = 0) -> Verdict:
    """Judge a batch, whose columns are the source's, as received. Raises StructureFault when declared columns are missing."""
    missing = tuple(c.source_column for c in dataset.columns if c.source_column not in batch.column_names)
    if missing:
        raise StructureFault(dataset, missing)
    count = batch.num_rows
    findings = _Findings(count)
    values = _read(dataset, batch, moment, findings)
    _resolve_communes(dataset, values, moment, findings)
    table = pa.table({c.name: values[c.name] for c in dataset.columns})
    frame = table.to_pandas(types_mapper=pd.ArrowDtype)
    _judge_fields(dataset, frame, moment, findings)
    _judge_period(dataset, values, moment, findings)
    rules = _judge_rules(dataset, frame, moment, findings)
    unit_code, district_code = _place(dataset, values, moment, count)
    row_key = _keys(dataset, batch, values, first_ordinal, findings)
    ordinal = pa.array(np.arange(first_ordinal, first_ordinal + count))

    bad = findings.rejected
    full = (
        table.append_column("unit_code", unit_code)
        .append_column("district_code", district_code)
        .append_column("row_key", row_key)
        .append_column("ordinal", ordinal)
    )
    return Verdict(
        accepted=full.filter(pa.array(~bad)) if bad.any() else full,
        rejected=_rejected(batch, bad, unit_code, row_key, ordinal, findings),
        remarks=_remarks(bad, unit_code, row_key, findings),
        examined=Examined(count, len(dataset.columns), rules),
        failures_by_rule=_counted(findings, ("error", "warning")),
        repairs_by_rule=_counted(findings, ("repaired",)),
    )


def _counted(findings: _Findings, kinds: tuple[str, ...]) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for f in findings.all:
        if f.kind in kinds:
            counts[f.column, f.rule] = counts.get((f.column, f.rule), 0) + int(f.rows.sum())
    return counts


# Pass one ----------------------------------------------------------------------------------------------------------


def _read(dataset: Dataset, batch: pa.Table, moment: Moment, findings: _Findings) -> dict[str, pa.Array]:
    values: dict[str, pa.Array] = {}
    moves: dict[str, dict[int, Any]] = {}
    later = {c.name: reading.READERS[reading.reader_of(c)].beside for c in dataset.columns}
    for column in sorted(dataset.columns, key=lambda c: later[c.name] is not None):
        beside = values.get(later[column.name] or "")
        name = reading.reader_of(column)
        read = reading.read(column, _one_array(batch.column(column.source_column)), moment.judged_on, beside)
        values[column.name] = read.values
        for reason, rows in read.unreadable.items():
            message = messages.unreadable(dataset, column, name, reason)
            findings.add("error", f"{column.name}_readable", column.name, message, rows)
        if read.unreadable:
            findings.unread[column.name] = np.logical_or.reduce(list(read.unreadable.values()))
        for repair, rows in read.repairs.items():
            findings.add("repaired", f"{column.name}_{repair}", column.name, messages.repaired(dataset, column, name, repair), rows)
        for warning, rows in read.warnings.items():
            findings.add("warning", f"{column.name}_{warning}", column.name, messages.warned(dataset, column, name, warning), rows)
        for target, moved in read.moves.items():
            moves.setdefault(target, {}).update(moved)
    for target, moved in moves.items():
        if target in values:
            _move(values, target, moved, findings)
    return values


def _move(values: dict[str, pa.Array], target: str, moved: dict[int, Any], findings: _Findings) -> None:
    """Put values that stood in another field where they belong. What the field itself says wins, except on how exact a
    birth date is: there the date as written knows better."""
    rows = np.fromiter(moved, int)
    if target != "birth_precision":
        rows = rows[values[target].take(pa.array(rows)).is_null().to_numpy(zero_copy_only=False)]
    rows = np.sort(rows)
    if not len(rows):
        return
    mask = np.zeros(findings.count, bool)
    mask[rows] = True
    put = pa.array([moved[r] for r in rows], values[target].type)
    values[target] = pc.replace_with_mask(values[target], pa.array(mask), put)


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    return whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole


# Communes, periods, keys -------------------------------------------------------------------------------------------


def _resolve_communes(dataset: Dataset, values: dict[str, pa.Array], moment: Moment, findings: _Findings) -> None:
    """Hold commune codes, with the names beside them, against the units of the day; each distinct pair is looked up once."""
    if dataset.commune is None:
        return
    code_column = dataset.column(dataset.commune)
    name_column = dataset.column(dataset.commune_name) if dataset.commune_name else None
    coded = values[code_column.name].dictionary_encode()
    code_at = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    code_texts = coded.dictionary.to_pylist()
    name_texts: list[str | None] = [None]
    name_at = np.zeros(len(code_at), np.int64)
    if name_column is not None:
        named = values[name_column.name].dictionary_encode()
        name_texts = [*named.dictionary.to_pylist(), None]
        name_at = pc.fill_null(named.indices, len(name_texts) - 1).to_numpy(zero_copy_only=False).astype(np.int64)
        if name_column.name in findings.unread:
            name_at[findings.unread[name_column.name]] = len(name_texts) - 1
    pair = code_at * len(name_texts) + name_at
    pair[code_at < 0] = -1
    distinct, at = np.unique(pair, return_inverse=True)
    found = [
        None if p < 0 else units.resolve(code_texts[p // len(name_texts)], name_texts[p % len(name_texts)], moment.judged_on)
        for p in distinct.tolist()
    ]
    outcomes = np.array(["" if r is None else r.outcome for r in found])
    if not set(outcomes.tolist()) - {"listed", ""}:
        return
    rows = outcomes[at]
    findings.add(
        "error", f"{code_column.name}_listed", code_column.name, messages.commune_unlisted(dataset, code_column), rows == "unlisted"
    )
    moved = rows == "of_another_epoch"
    message = messages.repaired(dataset, code_column, "commune_code", "of_another_epoch")
    findings.add("repaired", f"{code_column.name}_of_another_epoch", code_column.name, message, moved)
    if moved.any():
        values[code_column.name] = _replaced(values[code_column.name], moved, [None if r is None else r.code for r in found], at)
    if name_column is not None:
        findings.add(
            "error",
            f"{name_column.name}_matches",
            name_column.name,
            messages.commune_name_differs(dataset, code_column, name_column),
            rows == "name_differs",
        )
        spelled = rows == "spelled_otherwise"
        message = messages.repaired(dataset, name_column, "commune_name", "spelled_otherwise")
        findings.add("repaired", f"{name_column.name}_spelled_otherwise", name_column.name, message, spelled)
        names = [None if r is None else r.name for r in found]
        if (moved | spelled).any():
            values[name_column.name] = _replaced(values[name_column.name], moved | spelled, names, at)


def _replaced(array: pa.Array, rows: np.ndarray, by_pair: list[str | None], at: np.ndarray) -> pa.Array:
    new = pa.array(by_pair, pa.string()).take(pa.array(at[rows]))
    return pc.replace_with_mask(array, pa.array(rows), new)


def _place(dataset: Dataset, values: dict[str, pa.Array], moment: Moment, count: int) -> tuple[pa.Array, pa.Array]:
    """The submitting unit of each row, and the one of its own commune (null where that is not known)."""
    own = pa.nulls(count, pa.string())
    if dataset.commune is not None:
        own = units.place_array(values[dataset.commune], moment.judged_on, moment.last_day)
    if dataset.by_province or dataset.commune is None:
        return pa.repeat(pa.scalar(PROVINCE), count), own
    return pc.fill_null(own, UNKNOWN_UNIT), own


def _judge_period(dataset: Dataset, values: dict[str, pa.Array], moment: Moment, findings: _Findings) -> None:
    if dataset.period_column is None:
        return
    column = next(c for c in dataset.columns if c.source_column == dataset.period_column)
    first: Any = moment.first_day if dataset.period_type == "date" else moment.first_day.year
    last: Any = moment.last_day if dataset.period_type == "date" else moment.last_day.year
    bounds = pa.scalar(first, column.dtype), pa.scalar(last, column.dtype)
    inside = pc.and_(pc.greater_equal(values[column.name], bounds[0]), pc.less_equal(values[column.name], bounds[1]))
    outside = ~pc.fill_null(inside, True).to_numpy(zero_copy_only=False)
    findings.add("error", "period_in_range", column.name, messages.outside_period(dataset, column), outside)


def _keys(dataset: Dataset, batch: pa.Table, values: dict[str, pa.Array], first_ordinal: int, findings: _Findings) -> pa.Array:
    """The declared key as text. A row without one gets the hash of what was received, and is set aside."""
    parts = [values[name].cast(pa.string()) for name in dataset.key]
    keys = parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "|")
    if not keys.null_count:
        return keys
    rows = reading.nulls(keys)
    findings.add("error", "key_complete", dataset.key[0], messages.key_incomplete(dataset), rows, reads=())
    at = np.flatnonzero(rows)
    made = [
        f"#{hashlib.blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}-{first_ordinal + int(row)}"
        for row, text in zip(at, _received(batch, at), strict=True)
    ]
    return pc.replace_with_mask(keys, pa.array(rows), pa.array(made, pa.string()))


# Pass two ----------------------------------------------------------------------------------------------------------

_SCHEMAS: dict[tuple[Any, ...], pa_pandas.DataFrameSchema] = {}


def _listed_check(column: Column, on: dt.date) -> pa_pandas.Check:
    known = sorted(codes.listed(column.codes or "", on))
    allowed = pa.array(known, pa.string()) if pa.types.is_string(column.dtype) else pa.array([int(c) for c in known], column.dtype)

    def listed(series: pd.Series) -> pd.Series:
        array = _arrow(series)
        return _truths(pc.or_(pc.is_in(array, value_set=allowed), array.is_null()), series)

    return pa_pandas.Check(listed, name=f"{column.name}_listed", ignore_na=False)


def _prefix_check(column: Column, on: dt.date) -> pa_pandas.Check:
    allowed = pa.array(sorted(codes.listed("provinces", on)), pa.string())

    def listed(series: pd.Series) -> pd.Series:
        array = _arrow(series)
        return _truths(pc.or_(pc.is_in(pc.utf8_slice_codeunits(array, 0, 3), value_set=allowed), array.is_null()), series)

    return pa_pandas.Check(listed, name=f"{column.name}_prefix_listed", ignore_na=False)


def _arrow(series: pd.Series) -> pa.Array:
    return _one_array(pa.chunked_array(series.array.__arrow_array__()))


def _truths(values: pa.Array, series: pd.Series) -> pd.Series:
    return pd.Series(values.to_numpy(zero_copy_only=False), index=series.index)


def schema_of(dataset: Dataset, judged_on: dt.date) -> pa_pandas.DataFrameSchema:
    """The declaration as a pandera schema of a day: its own checks, and the lists in force on that day."""
    lists = sorted({c.codes for c in dataset.columns if c.codes} | {"provinces"})
    key = (dataset.id, id(dataset.model), *(codes.edition(name, judged_on) for name in lists))
    if key not in _SCHEMAS:
        columns = {}
        for c in dataset.columns:
            checks = list(c.checks)
            if c.codes:
                checks.append(_listed_check(c, judged_on))
            if c.reader == "identity_number":
                checks.append(_prefix_check(c, judged_on))
            columns[c.name] = pa_pandas.Column(pd.ArrowDtype(c.dtype), checks, nullable=c.nullable)
        _SCHEMAS[key] = pa_pandas.DataFrameSchema(columns, strict=True)
    return _SCHEMAS[key]


def _judge_fields(dataset: Dataset, frame: pd.DataFrame, moment: Moment, findings: _Findings) -> None:
    if frame.empty:
        return
    try:
        schema_of(dataset, moment.judged_on).validate(frame, lazy=True)
        return
    except SchemaErrors as errors:  # its text, its cases and its context hold values: only rows and rules are taken from it
        broken = [(e.schema.name, e.check, e.failure_cases, str(e.reason_code)) for e in errors.schema_errors]
    for name, check, cases, reason in broken:
        if name not in frame.columns or cases is None or "index" not in getattr(cases, "columns", ()) or cases["index"].isna().any():
            raise RuleFault(f"{dataset.id}: the typed frame does not fit the declaration ({reason}, {name if name in frame.columns else 'frame'})")
        column = dataset.column(name)
        rows = np.zeros(findings.count, bool)
        rows[cases["index"].to_numpy(dtype=np.int64)] = True
        kind, rule, message = _field_rule(dataset, column, check)
        findings.add(kind, rule, name, message, rows)


def _field_rule(dataset: Dataset, column: Column, check: Any) -> tuple[Kind, str, str]:
    """Severity, name and message of a check of the declaration."""
    if check == "not_nullable":
        return "error", f"{column.name}_present", messages.absent(dataset, column, reading.reader_of(column))
    if check.name == f"{column.name}_listed":
        kind: Kind = "warning" if column.codes in INCOMPLETE_LISTS else "error"
        return kind, check.name, messages.unlisted(dataset, column)
    if check.name == f"{column.name}_prefix_listed":
        return "error", check.name, messages.prefix_unlisted(dataset, column)
    claim = {"str_matches": "well_formed", "isin": "listed"}.get(check.name, "in_range")
    return "error", f"{column.name}_{claim}", messages.check_failed(dataset, column, check)


def _judge_rules(dataset: Dataset, frame: pd.DataFrame, moment: Moment, findings: _Findings) -> int:
    """The dataset's own rules; and how many rules the batch was held against in all."""
    for rule in dataset.rules:
        if frame.empty:
            break
        try:
            fine = rule.check(frame, moment)
            rows = ~pd.array(fine, dtype="boolean").fillna(True).to_numpy(dtype=bool)
        except Exception as error:
            kind = type(error).__name__
            raise RuleFault(f"{dataset.id}: the rule {rule.name} could not be computed ({kind}); see its function") from None
        if len(rows) != findings.count:
            raise RuleFault(f"{dataset.id}: the rule {rule.name} answered for {len(rows)} rows of {findings.count}")
        findings.add(rule.severity, rule.name, rule.columns[0], messages.rule_broken(rule), rows, reads=rule.columns)
    schema = schema_of(dataset, moment.judged_on)
    declared = sum(len(c.checks) + (not c.nullable) for c in schema.columns.values())
    communes = (dataset.commune is not None) + (dataset.commune_name is not None)
    return len(schema.columns) + declared + communes + (dataset.period_column is not None) + 1 + len(dataset.rules)


# What comes out ----------------------------------------------------------------------------------------------------


def _plain_json(value: Any) -> Any:
    if isinstance(value, dt.date | dt.datetime | dt.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"no JSON for {type(value).__name__}")


def _received(batch: pa.Table, rows: np.ndarray) -> list[str]:
    """Received rows as JSON text. PostgreSQL's jsonb holds no NUL: it is shown as its symbol."""
    taken = batch.take(pa.array(rows)).to_pylist()
    return [json.dumps(r, ensure_ascii=False, default=_plain_json).replace("\\u0000", "\u2400") for r in taken]


def _rejected(
    batch: pa.Table, bad: np.ndarray, unit_code: pa.Array, row_key: pa.Array, ordinal: pa.Array, findings: _Findings
) -> pa.Table:
    rows = np.flatnonzero(bad)
    if not len(rows):
        return REJECTED.empty_table()
    failures: list[list[str]] = [[] for _ in rows]
    for f in findings.all:
        if f.kind == "error":
            said = json.dumps({"rule": f.rule, "column": f.column, "message": f.message}, ensure_ascii=False)
            for at in np.flatnonzero(f.rows[rows]):
                failures[at].append(said)
    at = pa.array(rows)
    texts = ["[" + ", ".join(said) + "]" for said in failures]
    return pa.Table.from_arrays(
        [unit_code.take(at), row_key.take(at), ordinal.take(at), pa.array(_received(batch, rows), pa.string()), pa.array(texts, pa.string())],
        schema=REJECTED,
    )


def _remarks(bad: np.ndarray, unit_code: pa.Array, row_key: pa.Array, findings: _Findings) -> pa.Table:
    """Warnings and repairs of the accepted rows."""
    tables = []
    for f in findings.all:
        if f.kind == "error":
            continue
        rows = np.flatnonzero(f.rows & ~bad)
        if not len(rows):
            continue
        at = pa.array(rows)
        said = [pa.repeat(pa.scalar(text), len(rows)) for text in (f.kind, f.rule, f.column, f.message)]
        tables.append(pa.Table.from_arrays([unit_code.take(at), row_key.take(at), *said], schema=REMARKS))
    return pa.concat_tables(tables) if tables else REMARKS.empty_table()


def received_json(batch: pa.Table) -> list[str]:
    """Rows as received, as JSON text: what quarantine keeps of a row that is set aside later, in the warehouse."""
    return _received(batch, np.arange(batch.num_rows))
