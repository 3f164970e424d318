"""Dataset pulls: `ops.datasets`, one row for each dataset: when it was first and last read, by which road, or why it could not be."""

import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from resources.warehouse.naming import named
from schemas.dataset import Dataset
from schemas.roads import Drop


def dataset_pulled(connection: sa.Connection, dataset: Dataset, now: dt.datetime, failure: str | None) -> None:
    """Keep in `ops.datasets` that a dataset was read now, or why it could not be. Its first pull ends with the first success."""
    connection.execute(
        sa.text("""
            insert into ops.datasets as d (source, dataset, first_pull_at, last_pull_at, last_success_at, last_failure)
            values (:source, :dataset, cast(:ok as timestamptz), :now, cast(:ok as timestamptz), :failure)
            on conflict (source, dataset) do update set first_pull_at = coalesce(d.first_pull_at, excluded.first_pull_at),
                last_pull_at = excluded.last_pull_at,
                last_success_at = coalesce(excluded.last_success_at, d.last_success_at),
                last_failure = excluded.last_failure
        """),
        {
            "source": dataset.source.name,
            "dataset": dataset.name,
            "now": now,
            "ok": None if failure else now,
            "failure": failure,
        },
    )


def keep_read(connection: sa.Connection, dataset: Dataset, road: str, before_first: int) -> None:
    """Keep by which road a dataset was read, and how many of its rows are dated before its first period and so are in no cell."""
    connection.execute(
        sa.text("""update ops.datasets set road = :road, rows_before_first = :before_first where source = :source
            and dataset = :dataset and (road is distinct from :road or rows_before_first <> :before_first)"""),
        named(dataset) | {"road": road, "before_first": before_first},
    )


def held_against_each_other(connection: sa.Connection, dataset: Dataset, over_sets: str) -> bool:
    """Keep which set rules a dataset was held against; whether these are others than before."""
    return bool(
        connection.execute(
            sa.text("""update ops.datasets set over_sets = :over_sets where source = :source and dataset = :dataset
                and over_sets is distinct from :over_sets and first_pull_at is not null"""),
            named(dataset) | {"over_sets": over_sets},
        ).rowcount
    )


def is_first_pull(connection: sa.Connection, dataset: Dataset) -> bool:
    """Whether a dataset was never read with success: its first pull loads every period, locked ones too."""
    return not connection.execute(
        sa.text("select first_pull_at from ops.datasets where source = :source and dataset = :dataset"),
        named(dataset),
    ).scalar()


def last_read(connection: sa.Connection, dataset: Dataset) -> dt.datetime | None:
    """When a dataset was last read from its source without a failure; None: never."""
    return connection.execute(
        sa.text("select last_success_at from ops.datasets where source = :source and dataset = :dataset"),
        named(dataset),
    ).scalar()


def why_unread(connection: sa.Connection, dataset: Dataset) -> str | None:
    """Why a dataset could not be read when it was last tried; None: it was."""
    return connection.execute(
        sa.text("select last_failure from ops.datasets where source = :source and dataset = :dataset"),
        named(dataset),
    ).scalar()


def failing(connection: sa.Connection, source: str) -> Sequence[sa.Row]:
    """Datasets whose last pull failed, and why: dataset, last_failure."""
    return connection.execute(
        sa.text("select dataset, last_failure from ops.datasets where source = :source and last_failure is not null order by 1"),
        {"source": source},
    ).all()


def before_first(connection: sa.Connection, source: str) -> dict[str, int]:
    """Dataset -> how many rows of the source were dated before its first period when it was last read; those that have some."""
    rows = connection.execute(
        sa.text(
            "select dataset, rows_before_first from ops.datasets where source = :source and rows_before_first > 0 order by 1"
        ),
        {"source": source},
    )
    return {row.dataset: row.rows_before_first for row in rows}


def roads(connection: sa.Connection, source: str) -> list[str]:
    """The roads by which what is held of a source came: the one that was last read, and files where a cell came beside it."""
    query = sa.text("""select road from ops.datasets where source = :source and road is not null
        union select :beside from ops.cells where source = :source and came_beside order by 1""")
    return list(connection.execute(query, {"source": source, "beside": Drop.name}).scalars())


def known_sources(connection: sa.Connection, sources: Iterable[str]) -> frozenset[str]:
    """Those of these sources of which something was ever read or received."""
    asked = """select s.source from unnest(cast(:sources as text[])) as s (source)
        where exists (select from ops.datasets d where d.source = s.source and d.first_pull_at is not null)
            or (select a.id from ops.arrivals a where a.source = s.source order by a.dataset, a.period, a.unit_code, a.id desc limit 1)
                is not null"""  # in the order of an index: of a source that never sent, all arrivals would be looked through
    return frozenset(connection.execute(sa.text(asked), {"sources": list(sources)}).scalars())
