"""Spoiling rows that stand in a source, and mending those that were spoiled. Nothing here knows a cell's fate."""

import datetime as dt
import json
from contextlib import closing
from typing import Any

from psycopg2 import sql

from demo.databases import load
from demo.faults import truth
from demo.faults.fields import by_hand
from demo.faults.planting import truth_of
from demo.lives.deliveries import HELD
from resources.embedded import EmbeddedServer
from schemas.dataset import Dataset
from schemas.registry import datasets_of

HELD_DAY = int(HELD)


def key_row(dataset: Dataset) -> sql.Composed:
    """The key of a row as one value, to put rows in an order that says nothing about them."""
    return sql.SQL("({})").format(
        sql.SQL("::text || ").join(sql.Identifier(dataset.column(k).source_column) for k in dataset.key)
    )


def spoil(
    found: EmbeddedServer,
    cursor: Any,
    dataset: Dataset,
    period: str,
    unit: str,
    wanted: int,
    where: sql.Composable,
    day: dt.date,
    every_row: bool = False,
) -> int:
    """Spoil some good rows of a cell, and write them into the truth.

    Rows on which other findings rest are spared, unless the whole cell is to be refused anyway (`every_row`).
    """
    spoiled, value, rule = by_hand(dataset)
    column = spoiled.source_column
    keys = [dataset.column(k).source_column for k in dataset.key]
    relied_on = {} if every_row else _relied_on(found, dataset)
    names = sql.SQL(", ").join(map(sql.Identifier, [*keys, column, *relied_on]))
    cursor.execute(
        sql.SQL("select ctid::text, {n} from {t} where {w} order by md5({k}::text)").format(
            n=names, t=sql.Identifier(dataset.road.table), w=where, k=key_row(dataset)
        )
    )
    taken = _taken(found, dataset, every_row)
    lines, done = [], 0
    rows = cursor.fetchall()
    for ctid, *parts in rows:
        if done == wanted:
            break
        row = dict(zip([*keys, column, *relied_on], parts, strict=True))
        if any(row[k] is None for k in keys) or str(row[keys[0]]) in taken:
            continue
        if any(row[name] in values for name, values in relied_on.items()):
            continue
        cursor.execute(
            sql.SQL("update {t} set {c} = %s where ctid = %s::tid").format(
                t=sql.Identifier(dataset.road.table), c=sql.Identifier(column)
            ),
            (value, ctid),
        )
        now = {**{name: row[name] for name in (*keys, column)}, column: value}
        lines.append(truth_of(dataset, now, period, unit, "spoil", (rule,), "rejected", before={column: row[column]}))
        done += 1
    truth.add(found, lines, day)
    return done


def _taken(found: EmbeddedServer, dataset: Dataset, every_row: bool) -> set[str]:
    """First parts of the keys of rows that carry a fault already."""
    planted = truth.known(found, source=dataset.source.name)
    if every_row:
        planted = [line for line in planted if line["dataset"] == dataset.name and line["outcome"] == "rejected"]
    return {(line["source_key"] or "").split("|")[0] for line in planted}


def _relied_on(found: EmbeddedServer, dataset: Dataset) -> dict[str, set[str]]:
    """The columns by which another system names what these rows are about (a household), and what it names: a right of
    somebody there may rest on such a row."""
    fields = {c.name: c.source_column for c in dataset.columns if c.name.endswith("_id")}
    named: dict[str, set[str]] = {}
    others = [other for source in load.held(found) if source is not dataset.source for other in datasets_of(source)]
    for other in others:
        for c in other.columns:
            if c.name not in fields:
                continue
            with closing(found.connect(load.database_of(other.source))) as connection, connection.cursor() as cursor:
                cursor.execute(
                    sql.SQL("select distinct {c} from {t} where {c} is not null").format(
                        c=sql.Identifier(c.source_column), t=sql.Identifier(other.road.table)
                    )
                )
                named.setdefault(fields[c.name], set()).update(value for (value,) in cursor.fetchall())
    return named


def mend(cursor: Any, dataset: Dataset, line: dict[str, Any], now: dt.datetime) -> bool:
    """Put a rejected row right again; false where it is no longer as it was spoiled."""
    table = sql.Identifier(dataset.road.table)
    locator: dict[str, Any] = line["locator"]
    same = sql.SQL(" and ").join(
        sql.SQL("{}::text is not distinct from {}").format(sql.Identifier(c), sql.Literal(_text(v)))
        for c, v in locator.items()
        if c != "ngay_cap_nhat_nguon"
    )
    if line["before"] is None:
        # A line typed twice: what was there first stays.
        cursor.execute(
            sql.SQL("delete from {t} where ctid in (select ctid from {t} where {w} order by ctid offset 1)").format(
                t=table, w=same
            )
        )
        return cursor.rowcount > 0 or "unique_key" in line["rules"]
    values = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(c), _cast(dataset, c, v)) for c, v in line["before"].items()
    )
    if any(c.source_column == "ngay_cap_nhat_nguon" for c in dataset.columns):
        values = sql.SQL("{}, ngay_cap_nhat_nguon = {}").format(values, sql.Literal(now))
    cursor.execute(
        sql.SQL("update {t} set {v} where ctid = (select ctid from {t} where {w} order by ctid limit 1)").format(
            t=table, v=values, w=same
        )
    )
    return cursor.rowcount > 0


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else json.dumps(value)


def _cast(dataset: Dataset, column: str, value: Any) -> sql.Composed:
    kind = next(c.source_type for c in dataset.columns if c.source_column == column)
    return sql.SQL("{}::{}").format(sql.Literal(_text(value)), sql.SQL(kind))
