"""Judging a batch of received rows: which are accepted, with what remarks, and which are set aside, with every reason.

Pass one reads each column (schemas/reading), pass two holds the typed frame against the declaration, the dated lists and
the dataset's rules. What spans batches (doubled keys), datasets or periods is judged in the warehouse, not here. No
received value leaves this module except in the columns of accepted rows and in `received` of rejected ones.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from schemas import messages, reading
from schemas.calendar import ONE_DAY
from schemas.column import Column
from schemas.dataset import Dataset, Moment, Rule
from schemas.origin import BESIDE, SENDER
from schemas.reading.cells import nulls, one_array
from schemas.reading.days import begins
from schemas.validation.communes import hold_against_senders, place, resolve_communes
from schemas.validation.fields import RuleFault, judge_doubts, judge_fields, prepare, schema_of
from schemas.validation.findings import Findings, counted, received_texts, rejected_rows, remarks_of

# pyright: reportAttributeAccessIssue=false

TAKEN = "taken_from_date"  # last part of the name of a repair: an empty field took what a date beside it tells

_Result = TypeVar("_Result")

__all__ = ["Examined", "RuleFault", "StructureFault", "Verdict", "prepare", "schema_of", "validate"]


class StructureFault(Exception):
    """The batch has not the declared columns: the whole delivery is refused, not its rows."""

    def __init__(self, dataset: Dataset, missing: tuple[str, ...]) -> None:
        self.missing = missing
        super().__init__(f"{dataset.id}: the source columns {', '.join(missing)} are missing")


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


def validate(dataset: Dataset, batch: pa.Table, moment: Moment, first_ordinal: int = 0) -> Verdict:
    """Judge a batch, whose columns are the source's, as received; beside them may stand where its rows came from.

    Raises StructureFault when declared columns are missing.
    """
    missing = tuple(c.source_column for c in dataset.columns if c.source_column not in batch.column_names)
    if missing:
        raise StructureFault(dataset, missing)
    count = batch.num_rows
    senders = one_array(batch.column(SENDER)) if SENDER in batch.column_names else None
    batch = batch.drop_columns([name for name in BESIDE if name in batch.column_names])
    findings = Findings(count)
    values = _read(dataset, batch, moment, findings)
    resolve_communes(dataset, values, moment, findings)
    table = pa.table({c.name: values[c.name] for c in dataset.columns})
    frame = table.to_pandas(types_mapper=pd.ArrowDtype)
    judge_fields(dataset, frame, moment, findings)
    _judge_period(dataset, values, moment, findings)
    rules = judge_rules(dataset, frame, moment, findings) + judge_doubts(dataset, values, findings)
    of_strays = None if senders is None else hold_against_senders(dataset, senders, values, moment, findings)
    unit_code, district_code = place(dataset, values, moment, count, of_strays)
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
        rejected=rejected_rows(batch, bad, unit_code, row_key, ordinal, findings),
        remarks=remarks_of(bad, unit_code, row_key, ordinal, findings),
        examined=Examined(count, len(dataset.columns), rules + (senders is not None)),
        failures_by_rule=counted(findings, ("error", "warning")),
        repairs_by_rule=counted(findings, ("repaired",)),
    )


def _read(dataset: Dataset, batch: pa.Table, moment: Moment, findings: Findings) -> dict[str, pa.Array]:
    values: dict[str, pa.Array] = {}
    moves: dict[str, dict[int, Any]] = {}
    later = {c.name: reading.READERS[reading.reader_of(c)].beside for c in dataset.columns}
    for column in sorted(dataset.columns, key=lambda c: later[c.name] is not None):
        beside = values.get(later[column.name] or "")
        name = reading.reader_of(column)
        received = one_array(batch.column(column.source_column))
        work = partial(reading.read, column, received, moment.judged_on, beside)
        read = _guarded(f"{dataset.id}: the reading of {column.name} ({received.type})", work)
        values[column.name] = read.values
        for reason, rows in read.unreadable.items():
            message = messages.unreadable(dataset, column, name, reason)
            findings.add("error", f"{column.name}_readable", column.name, message, rows)
        if read.unreadable:
            findings.unread[column.name] = np.logical_or.reduce(list(read.unreadable.values()))
        for repair, rows in read.repairs.items():
            findings.add(
                "repaired", f"{column.name}_{repair}", column.name, messages.repaired(dataset, column, name, repair), rows
            )
        for warning, rows in read.warnings.items():
            findings.add(
                "warning", f"{column.name}_{warning}", column.name, messages.warned(dataset, column, name, warning), rows
            )
        for target, moved in read.moves.items():
            moves.setdefault(target, {}).update(moved)
    for target, moved in moves.items():
        if target in values:
            _move(values, target, moved, findings)
    for column in dataset.columns:
        _take_from_beside(dataset, column, values, findings)
    return values


def _move(values: dict[str, pa.Array], target: str, moved: dict[int, Any], findings: Findings) -> None:
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


def _take_from_beside(dataset: Dataset, column: Column, values: dict[str, pa.Array], findings: Findings) -> None:
    """Fill what is empty in the field beside a column with what the column tells of it: a birth year stands in the birth date."""
    reader = reading.READERS[reading.reader_of(column)]
    if reader.told is None or reader.beside not in values or not values[reader.beside].null_count:
        return
    target, told = dataset.column(reader.beside), reader.told(values[column.name]).cast(values[reader.beside].type)
    rows = nulls(values[target.name]) & ~nulls(told)
    if target.name in findings.unread:
        rows &= ~findings.unread[target.name]  # something stands there: that has been said
    values[target.name] = pc.if_else(pa.array(rows), told, values[target.name])
    message = messages.repaired(dataset, target, reading.reader_of(target), TAKEN)
    findings.add("repaired", f"{target.name}_{TAKEN}", target.name, message, rows)


def _judge_period(dataset: Dataset, values: dict[str, pa.Array], moment: Moment, findings: Findings) -> None:
    if dataset.placed_by is None:
        return
    column = dataset.column(dataset.placed_by)
    first: Any = moment.first_day
    last: Any = moment.last_day
    if dataset.placed_by_year:
        first, last = first.year, last.year
    elif pa.types.is_timestamp(column.dtype):  # 24:00 of the last day is of it, and is the next one's beginning
        first, last = begins(first), begins(last + ONE_DAY)
    bounds = pa.scalar(first, column.dtype), pa.scalar(last, column.dtype)
    inside = pc.and_(pc.greater_equal(values[column.name], bounds[0]), pc.less_equal(values[column.name], bounds[1]))
    outside = ~pc.fill_null(inside, True).to_numpy(zero_copy_only=False)
    findings.add("error", "period_in_range", column.name, messages.outside_period(dataset, column), outside)


def _keys(dataset: Dataset, batch: pa.Table, values: dict[str, pa.Array], first_ordinal: int, findings: Findings) -> pa.Array:
    """The declared key as text. A row without one gets the hash of what was received, and is set aside."""
    parts = [values[name].cast(pa.string()) for name in dataset.key]
    keys = parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "|")
    if not keys.null_count:
        return keys
    rows = nulls(keys)
    findings.add("error", "key_complete", dataset.key[0], messages.key_incomplete(dataset), rows, reads=())
    at = np.flatnonzero(rows)
    made = [
        f"#{hashlib.blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}-{first_ordinal + int(row)}"
        for row, text in zip(at, received_texts(batch, at), strict=True)
    ]
    return pc.replace_with_mask(keys, pa.array(rows), pa.array(made, pa.string()))


def _broken_rows(rule: Rule, frame: pd.DataFrame, moment: Moment) -> np.ndarray:
    return ~pd.Series(rule.check(frame, moment)).array.to_numpy(dtype=bool, na_value=True)


def _guarded(what: str, work: Callable[[], _Result]) -> _Result:
    """Do work on received values. A mistake of ours in it is named by its kind alone: its text, and the exception that a
    traceback or an event log would show behind it, may hold a value."""
    try:
        return work()
    except Exception as error:
        kind = type(error).__name__
    raise RuleFault(f"{what} could not be computed ({kind}); see its function")


def judge_rules(dataset: Dataset, frame: pd.DataFrame, moment: Moment, findings: Findings) -> int:
    """The dataset's own rules; and how many rules the batch was held against in all."""
    for rule in dataset.rules:
        if frame.empty:
            break
        rows = _guarded(f"{dataset.id}: the rule {rule.name}", partial(_broken_rows, rule, frame, moment))
        if len(rows) != findings.count:
            raise RuleFault(f"{dataset.id}: the rule {rule.name} answered for {len(rows)} rows of {findings.count}")
        findings.add(rule.severity, rule.name, rule.columns[0], messages.rule_broken(rule), rows, reads=rule.columns)
    schema = schema_of(dataset, moment.judged_on)
    declared = sum(len(c.checks) + (not c.nullable) for c in schema.columns.values())
    communes = (dataset.commune is not None) + (dataset.commune_name is not None)
    return len(schema.columns) + declared + communes + (dataset.placed_by is not None) + 1 + len(dataset.rules)
