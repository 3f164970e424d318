"""Spoiling rows that stand in a source, and mending those that were spoiled. Nothing here knows a cell's fate."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from demo.databases.database import Database, quoted
from demo.databases.places import database, held
from demo.faults import truth
from demo.faults.fields import by_hand
from demo.faults.planting import truth_of
from demo.lives.deliveries import HELD
from resources.embedded import EmbeddedServer
from schemas.dataset import Dataset
from schemas.registry import datasets_of

HELD_DAY = int(HELD)


def key_row(dataset: Dataset) -> str:
    """The key of a row as one text, to put rows in an order that says nothing about them."""
    return f"concat({quoted(*(dataset.column(k).source_column for k in dataset.key))})"


def spoil(
    found: EmbeddedServer,
    played: Database,
    cursor: Any,
    dataset: Dataset,
    period: str,
    unit: str,
    wanted: int,
    where: tuple[str, list[object]],
    day: dt.date,
    every_row: bool = False,
) -> int:
    """Spoil some good rows of a cell, and write them into the truth.

    Rows on which other findings rest are spared, unless the whole cell is to be refused anyway (`every_row`).
    """
    spoiled, value, rule = by_hand(dataset)
    column, table = spoiled.source_column, quoted(dataset.road.at_source)
    keys = [dataset.column(k).source_column for k in dataset.key]
    relied_on = {} if every_row else _relied_on(found, dataset)
    told = list(dict.fromkeys([*keys, column, *relied_on]))
    condition, values = where
    cursor.execute(f"select {quoted(*told)} from {table} where {condition} order by md5({key_row(dataset)})", values)
    taken = _taken(found, dataset, every_row)
    lines, done = [], 0
    for parts in cursor.fetchall():
        if done == wanted:
            break
        row = dict(zip(told, parts, strict=True))
        if any(row[k] is None for k in keys) or not taken.isdisjoint(_named_by(dataset, [row[k] for k in keys])):
            continue
        if any(row[name] in values for name, values in relied_on.items()):
            continue
        was = {name: row[name] for name in (*keys, column)}
        cursor.execute(played.change_one(table, f"{quoted(column)} = %s", _same(played, was)), (value, *was.values()))
        now = {**was, column: value}
        lines.append(truth_of(dataset, now, period, unit, "spoil", (rule,), "rejected", before={column: row[column]}))
        done += 1
    truth.add(found, lines, day)
    return done


def _same(played: Database, row: Iterable[str]) -> str:
    """The condition that a row has the values of these columns, which are given with it."""
    return " and ".join(f"{quoted(name)} {played.same} %s" for name in row)


def _is_form(dataset: Dataset) -> bool:
    """Whether a row is what a commune tells of a month."""
    return dataset.kind == "monthly" and dataset.commune in dataset.key


def _named_by(dataset: Dataset, key: list[Any]) -> set[str]:
    """The names under which it is kept that a row carries a fault: the first part of its key, whose other rows may rest on this one.

    For a commune's form these are the month itself and the next one, which begins where this one ended.
    """
    if not _is_form(dataset):
        return {str(key[0])}
    month = dt.date.fromisoformat(str(key[-1]))
    after = (month + dt.timedelta(31)).replace(day=1)
    return {"|".join(map(str, (*key[:-1], day))) for day in (month, after)}


def _taken(found: EmbeddedServer, dataset: Dataset, every_row: bool) -> set[str]:
    """What names the rows that carry a fault already."""
    planted = truth.known(found, source=dataset.source.name)
    if every_row:
        planted = [line for line in planted if line["dataset"] == dataset.name and line["outcome"] == "rejected"]
    if _is_form(dataset):
        return {line["source_key"] or "" for line in planted if line["dataset"] == dataset.name}
    return {(line["source_key"] or "").split("|")[0] for line in planted}


def _relied_on(found: EmbeddedServer, dataset: Dataset) -> dict[str, set[str]]:
    """The columns by which another system names what these rows are about (a household), and what it names: a right of
    somebody there may rest on such a row."""
    fields = {c.name: c.source_column for c in dataset.columns if c.name.endswith("_id")}
    named: dict[str, set[str]] = {}
    for source in held(found):
        others = [other for other in datasets_of(source) if source is not dataset.source]
        wanted = [(other, c) for other in others for c in other.columns if c.name in fields]
        if not wanted:
            continue
        with database(found, source).changing() as cursor:
            for other, c in wanted:
                name = quoted(c.source_column)
                cursor.execute(f"select distinct {name} from {quoted(other.road.at_source)} where {name} is not null")
                named.setdefault(fields[c.name], set()).update(value for (value,) in cursor.fetchall())
    return named


def mend(played: Database, cursor: Any, dataset: Dataset, line: dict[str, Any], now: dt.datetime) -> bool:
    """Put a rejected row right again; false where it is no longer as it was spoiled."""
    table = quoted(dataset.road.at_source)
    instants = {c.source_column for c in dataset.columns if c.source_type == "timestamptz"}
    locator = {name: value for name, value in line["locator"].items() if name not in instants}
    same = _same(played, locator)
    if line["before"] is None:
        # A line typed twice: what was there first stays.
        return played.delete_others(cursor, table, same, [*locator.values()]) > 0 or "unique_key" in line["rules"]
    values = line["before"] | ({"ngay_cap_nhat_nguon": now} if "ngay_cap_nhat_nguon" in instants else {})
    set_to = ", ".join(f"{quoted(name)} = %s" for name in values)
    cursor.execute(played.change_one(table, set_to, same), (*values.values(), *locator.values()))
    return cursor.rowcount > 0
