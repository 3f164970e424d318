"""Where the dictionary says that a field goes is where it goes: a figure depends on each field that is named for it, and on no other.

The parsed SQL is held against the warehouse: all figures of a line are counted again from views in which fields are empty. Without every
field that is not named, they are the same; without any one that is, another.
"""

import datetime as dt
import json
import random
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from assets.reports.forms import FORMS
from assets.reports.indicator import Indicator
from assets.reports.indicators import catalogue
from assets.reports.measure import Count, Key, Query, measure
from assets.reports.parameters import parameters
from pipelines.printing.uses import Field, counted, read_by
from schemas import calendar, codes
from schemas.column import Column
from schemas.dataset import Dataset
from schemas.projections.postgres import SYSTEM_COLUMNS, sql_type
from tests.integration.report_hub import DISTRICTS, SmallHub

FORM, PERIOD = next(form for form in FORMS if form.kind == "quarterly"), "2024-Q3"  # no unit changes in it
ROWS = 400
FIRST, DAYS = dt.date(2024, 6, 1), 130
# Of places, persons and files there are few, so that rows of two tables meet and persons come twice.
FEW = 40
COMMUNES = ("16681", "16684", "16687", "17329", "17330")
WRITTEN = {
    "special_groups": ("04.1", "09.1", "11.2, 04.1", "01.2,12.1"),
    "office_code": ("H41.412", "H41.412.01", "H41", "000.00.41.H41"),
    "birth_precision": ("ngay", "thang", "nam"),
}


def test_a_figure_depends_on_what_the_dictionary_names_for_it(hub: SmallHub) -> None:
    values, drawn = parameters(FORM, PERIOD), random.Random(20)
    with hub.engine.connect() as connection:
        for dataset in {d.id: d for line in catalogue() for d in line.reads}.values():
            fill(connection, dataset, drawn)
        connection.execute(
            sa.text("""insert into ops.paper_uses (paper_id, dossier_id, kind, valid_on, used_at, used_by, reason)
                select 'paper_id-' || n, 'H41.412-240101-' || n, 'QD-TCXH', '2024-08-02', '2024-08-02', 'thử', 'thử'
                from generate_series(0, :few - 1) n"""),
            {"few": FEW},
        )
        connection.execute(sa.text("create schema lean; set local jit = off"))
        wrong = []
        for line in catalogue():
            read = read_by(line)
            whole = figures(connection, line, values, read_all(line))
            assert any(c.numerator for c in whole.values()), (
                f"{line.code} ({line.unit}): nothing was counted, so nothing is proved"
            )
            if figures(connection, line, values, read) != whole:
                wrong.append(f"{line.code} ({line.unit}) depends on a field that is not named for it")
            wrong += [
                f"{line.code} ({line.unit}) does not depend on {field}"
                for field in sorted(read)
                if figures(connection, line, values, read - {field}) == whole
            ]
        connection.rollback()
    assert not wrong, "\n".join(wrong)


def read_all(line: Indicator) -> set[Field]:
    return {(d.id, c.name) for d in line.reads for c in d.columns}


def figures(
    connection: sa.Connection, line: Indicator, values: dict[str, Any], fields: Collection[Field]
) -> dict[tuple[int, Key], Count]:
    """All that is counted for a line, where only some fields hold anything."""
    for dataset in line.reads:
        connection.execute(sa.text(f"create or replace view lean.{dataset.table} as {lean(dataset, fields)}"))
    found = {}
    for part, (query, dimensions) in enumerate(counted(line)):
        names = [None, *(d.name for d in dimensions)] if part or not line.split else [d.name for d in dimensions]
        found |= {
            (part, key): c for key, c in measure(connection, from_lean(query), names, [], values).items() if not c.is_nothing
        }
    return found


def from_lean(query: Query) -> Query:
    return replace(query, base=query.base.replace("core.", "lean."), breakdowns=None)


def lean(dataset: Dataset, fields: Collection[Field]) -> str:
    """The current rows, with nothing in the other fields, nor in what the warehouse makes of them."""
    made_of = {"period": dataset.placed_by, "unit_code": dataset.commune, "district_code": dataset.commune}
    columns = [(c.name, sql_type(c.dtype), c.name) for c in dataset.columns]
    columns += [(name, kind.removesuffix(" not null"), made_of.get(name)) for name, kind in SYSTEM_COLUMNS if name in made_of]
    shown = [
        f"{name} as {name}" if of is None or (dataset.id, of) in fields else f"null::{kind} as {name}"
        for name, kind, of in columns
    ]
    return f"select {', '.join(shown)} from core.{dataset.table}"


def fill(connection: sa.Connection, dataset: Dataset, drawn: random.Random) -> None:
    """Rows of a table with values of every kind in every field, some of them empty."""
    rows = []
    for number in range(ROWS):
        day = FIRST + dt.timedelta(days=drawn.randrange(DAYS))
        row = {c.name: value(dataset, c, drawn) for c in dataset.columns}
        if dataset.placed_by:
            row[dataset.placed_by] = day.year if dataset.placed_by_year else day.isoformat()
        district = drawn.choice(DISTRICTS[:5])
        rows.append(
            row
            | {
                "period": calendar.period_of(dataset.kind, day) if dataset.placed_by else calendar.REGISTER,
                "unit_code": "40" if dataset.by_province else district,
                "district_code": district,
                "row_key": str(number),
                "recorded_from": "2024-11-01T00:00:00Z",
            }
        )
    table = f"history.{dataset.table}"
    columns = ", ".join(rows[0])
    connection.execute(
        sa.text(
            f"insert into {table} ({columns}) select {columns} from jsonb_populate_recordset(null::{table}, cast(:rows as jsonb))"
        ),
        {"rows": json.dumps(rows)},
    )
    connection.execute(sa.text(f"analyze {table}"))


def value(dataset: Dataset, c: Column, drawn: random.Random) -> Any:
    """A value that the field may hold; where it may be empty, at times none."""
    if c.nullable and drawn.random() < 0.15:
        return None
    if c.name in WRITTEN:
        return drawn.choice(WRITTEN[c.name])
    if c.name == "commune_code":
        return drawn.choice(COMMUNES)
    if c.name == "dossier_id":
        return f"H41.412-240101-{drawn.randrange(FEW)}"
    if c.codes:
        code = drawn.choice(sorted(codes.ever(c.codes)))
        return int(code) if pa.types.is_integer(c.dtype) else code
    if pa.types.is_boolean(c.dtype):
        return drawn.random() < 0.5
    born = drawn.randrange(2005 if dataset.source.name == "children" else 1935, 2025)
    if c.name == "birth_year":
        return born
    if c.name == "birth_date":
        return dt.date(born, drawn.randrange(1, 13), drawn.randrange(1, 29)).isoformat()
    if pa.types.is_temporal(c.dtype):
        return (FIRST + dt.timedelta(days=drawn.randrange(-30, DAYS + 30))).isoformat()
    if pa.types.is_string(c.dtype):
        return f"{c.name}-{drawn.randrange(FEW)}"
    if dataset.source.name == "social_evils_prevention":
        return drawn.choice((0, 0, 0, 3))  # a commune is free of evils where each of five numbers is none
    return drawn.randrange(0, 8)
