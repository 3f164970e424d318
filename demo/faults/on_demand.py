"""Spoiling rows that stand in a source, and mending those that were spoiled. Nothing here knows a cell's fate."""

import datetime as dt
import json
from contextlib import closing
from typing import Any

from psycopg2 import sql

from demo import load, truth
from demo.deliveries import HELD
from demo.faults.planting import field_of, truth_of
from resources.embedded import EmbeddedServer
from schemas.dataset import Dataset

HELD_DAY = int(HELD)
# The column that a hand spoils, what it then holds, and the ending of the rule that says so; the first that the table has.
# A name that is free text (a foreigner's) may hold anything: it is passed over.
SPOILS = (
    ("ho_ten", "Ngu?n V?n ?", "readable"),
    ("ho_ten_chu_ho", "Ngu?n V?n ?", "readable"),
    ("so_tien", "không rõ", "readable"),
    ("gioi_tinh", "x", "readable"),
    ("phan_loai", "77", "listed"),
    ("nhom_nghe", "77", "listed"),
    ("loai_hinh", "77", "listed"),
    ("loai_so_huu", "77", "listed"),
    ("ten_xa", "Xã không có thật", "matches"),
)


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
    named = {c.source_column for c in dataset.columns if c.source_column != "ho_ten" or c.reader == "person_name"}
    column, value, ending = next(s for s in SPOILS if s[0] in named)
    rule = f"{field_of(dataset, column)}_{ending}"
    keys = [dataset.column(k).source_column for k in dataset.key]
    names = sql.SQL(", ").join(map(sql.Identifier, [*keys, column]))
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
        row = dict(zip([*keys, column], parts, strict=True))
        if any(row[k] is None for k in keys) or str(row[keys[0]]) in taken:
            continue
        cursor.execute(
            sql.SQL("update {t} set {c} = %s where ctid = %s::tid").format(
                t=sql.Identifier(dataset.road.table), c=sql.Identifier(column)
            ),
            (value, ctid),
        )
        now = {**row, column: value}
        lines.append(truth_of(dataset, now, period, unit, "spoil", (rule,), "rejected", before={column: row[column]}))
        done += 1
    truth.add(found, lines, day)
    return done


def _taken(found: EmbeddedServer, dataset: Dataset, every_row: bool) -> set[str]:
    """First parts of the keys of rows that are left alone: planted already, or the ground of a right elsewhere."""
    planted = truth.known(found, source=dataset.source.name)
    if every_row:
        planted = [line for line in planted if line["dataset"] == dataset.name and line["outcome"] == "rejected"]
    taken = {(line["source_key"] or "").split("|")[0] for line in planted}
    if dataset.name in ("households", "in_year_changes") and not every_row:
        with closing(found.connect(load.database_of("social_protection"))) as connection, connection.cursor() as cursor:
            cursor.execute("select distinct ma_ho from btxh_doi_tuong where ma_ho is not null")
            taken |= {ma_ho for (ma_ho,) in cursor.fetchall()}
    return taken


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
