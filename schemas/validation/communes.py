"""Commune codes and names of a batch against the dated units, and the unit that each row belongs to."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas import messages, units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset, Moment
from schemas.senders import communes_of, unit_of
from schemas.validation.findings import Findings

# pyright: reportAttributeAccessIssue=false


def resolve_communes(dataset: Dataset, values: dict[str, pa.Array], moment: Moment, findings: Findings) -> None:
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
    pair = code_at * len(name_texts) + name_at
    pair[code_at < 0] = -1
    distinct, at = _distinct(pair + 1, (len(code_texts) + 1) * len(name_texts) + 1)
    distinct = distinct - 1
    found = [
        None if p < 0 else units.resolve(code_texts[p // len(name_texts)], name_texts[p % len(name_texts)], moment.judged_on)
        for p in distinct.tolist()
    ]
    outcomes = np.array(["" if r is None else r.outcome for r in found])
    if not set(outcomes.tolist()) - {"listed", ""}:
        return
    rows = outcomes[at]
    findings.add(
        "error",
        f"{code_column.name}_listed",
        code_column.name,
        messages.commune_unlisted(dataset, code_column),
        rows == "unlisted",
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


def _distinct(numbers: np.ndarray, below: int) -> tuple[np.ndarray, np.ndarray]:
    """The distinct numbers and, for each number, which of them it is: by counting where few are possible, else by sorting."""
    if below > 4_000_000:
        return np.unique(numbers, return_inverse=True)
    seen = np.zeros(below, bool)
    seen[numbers] = True
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[numbers]


def _replaced(array: pa.Array, rows: np.ndarray, by_pair: list[str | None], at: np.ndarray) -> pa.Array:
    new = pa.array(by_pair, pa.string()).take(pa.array(at[rows]))
    return pc.replace_with_mask(array, pa.array(rows), new)


def hold_against_senders(
    dataset: Dataset, senders: pa.Array, values: dict[str, pa.Array], moment: Moment, findings: Findings
) -> pa.Array:
    """Set aside what a unit sent of another's communes; the sender's unit of each such row, null of all others.

    Left where its commune is, it would change a cell that its sender does not answer for.
    """
    units_of_strays = np.full(len(senders), None, object)
    if dataset.commune is None:
        return pa.array(units_of_strays, pa.string())
    code_column = dataset.column(dataset.commune)
    sent = senders.dictionary_encode()
    of_each = pc.fill_null(sent.indices, -1).to_numpy(zero_copy_only=False)
    for number, sender in enumerate(sent.dictionary.to_pylist()):
        if sender == PROVINCE:
            continue
        own = pc.is_in(values[code_column.name], pa.array(communes_of(sender, moment), pa.string()))
        strays = (of_each == number) & ~own.to_numpy(zero_copy_only=False)
        units_of_strays[strays] = unit_of(sender, moment) or UNKNOWN_UNIT
    strays = units_of_strays != None  # noqa: E711 (of each)
    told = np.logical_or.reduce(
        [np.zeros(findings.count, bool), *(f.rows for f in findings.all if f.kind == "error" and f.column == code_column.name)]
    )
    message = messages.of_another_sender(dataset, code_column)
    findings.add("error", "sender_matches", code_column.name, message, strays & ~told)
    return pa.array(units_of_strays, pa.string())


def place(
    dataset: Dataset, values: dict[str, pa.Array], moment: Moment, count: int, of_strays: pa.Array | None = None
) -> tuple[pa.Array, pa.Array]:
    """The submitting unit of each row, and the one of its own commune (null where that is not known).

    `of_strays`: the unit of whoever sent a row that is not its own.
    """
    own = pa.nulls(count, pa.string())
    if dataset.commune is not None:
        own = units.place_array(values[dataset.commune], moment.judged_on, moment.last_day)
    if dataset.by_province or dataset.commune is None:
        return pa.repeat(pa.scalar(PROVINCE), count), own
    unit = own if of_strays is None else pc.coalesce(of_strays, own)
    return pc.fill_null(unit, UNKNOWN_UNIT), own
