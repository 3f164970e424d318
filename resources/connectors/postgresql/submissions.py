"""The submission log of a PostgreSQL source: judged and counted at the source, so that no value of it travels but known codes."""

import datetime as dt
from collections import Counter

from resources.connectors.connector import Expected, Submission, Submissions
from resources.connectors.log_lines import AHEAD, CODE, FIRST, LAST, MOST_ROWS, NEARLY, WHY
from resources.connectors.postgresql.queries import Rows, array
from schemas import calendar
from schemas.dataset import Dataset
from schemas.projections.postgres import literal
from schemas.registry import datasets_of
from schemas.submissions import SUBMISSION_LOG

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def latest(rows: Rows, dataset: Dataset, expected: Expected, until: dt.datetime) -> Submissions:
    if dataset.placed_by is None:
        return Submissions()
    found: dict[tuple[str, str], Submission] = {}
    unused: Counter[str] = Counter()
    doubted = []
    periods = {p.upper(): p for p in calendar.started(dataset, until.date() + AHEAD)}
    units = {u.upper(): u for owing in expected.values() for u in owing}
    for why, period, unit, at, lines, count, is_empty, is_said_empty in rows(_query(dataset, list(periods), list(units), until)):
        if why is None and periods[period] not in expected:
            continue  # it has not begun
        if why is None and units[unit] not in expected[periods[period]]:
            why = "unit"
        if why is not None:
            unused[WHY[why]] += lines
            continue
        cell = periods[period], units[unit]
        found[cell] = Submission(EPOCH + dt.timedelta(microseconds=at), count, is_empty)
        if is_said_empty and not is_empty:
            doubted.append(cell)
    return Submissions(found, unused, sorted(doubted))


def _query(dataset: Dataset, periods: list[str], units: list[str], until: dt.datetime) -> str:
    """A row a cell, of the lines of its latest instant; and one for each reason why lines are not used.

    Instants are numbers, of which none is too large: of a column without a zone, seconds as if it were UTC. By `offset 0` an
    expression is worked out once a line, not wherever it is named.
    """
    names = {c.name: c.source_column for c in SUBMISSION_LOG.columns}
    at, stated, empty = names["submitted_at"], names["rows"], names["declared_empty"]
    tables = [d.road.at_source.upper() for d in datasets_of(dataset.source)] + [dataset.road.at_source.upper()]
    known = f"(stated >= 0 and stated <= {MOST_ROWS} and stated = trunc(stated))"
    return f"""
        with line as (
            select {_code(names["table"])} as of, {_code(names["period"])} as period, {_code(names["unit_code"])} as unit,
                date_part('epoch', {at}) - case when pg_typeof({at}) = 'timestamp'::regtype then 25200 else 0 end as at,
                {stated}::numeric as stated, {empty} is true as is_empty
            from {SUBMISSION_LOG.road.relation} offset 0
        ), judged as materialized (
            select *, case
                when of is null or of <> all({array(tables)}) then 'table'
                when period is null or period <> all({array(periods)}) then 'period'
                when unit is null or unit <> all({array(units)}) then 'unit'
                when at is null or at < {_seconds(FIRST)} or at > {_seconds(LAST)} then 'instant'
                when at > {_seconds(until + NEARLY)} then 'future'
                end as why
            from line where of is null or of = {literal(dataset.road.at_source.upper())} or of <> all({array(tables)})
        ), last as (
            select why, case when why is null then period end as period, case when why is null then unit end as unit,
                max(at) as at, count(*) as lines
            from judged where why is not null or at <= {_seconds(until)} group by 1, 2, 3
        ), word as (
            select period, unit, count(*) filter (where {known}) = count(*) as is_known,
                min(stated) filter (where {known}) as least, max(stated) filter (where {known}) as most,
                bool_and(is_empty) and not bool_or(coalesce(stated <> 0, false)) as is_empty, bool_or(is_empty) as is_said_empty
            from judged join last using (period, unit, at) where judged.why is null group by 1, 2
        )
        select why, period, unit, case when why is null then round(at * 1000000)::bigint end, lines,
            case when is_known and least = most then least::bigint end, is_empty, is_said_empty
        from last left join word using (period, unit)"""


def _code(column: str) -> str:
    """A code in capitals without the space around it, compared byte by byte: no text of any encoding is an error."""
    return f"upper(btrim(left({column}::text, {CODE}), E' \\t\\n\\r') collate \"C\")"


def _seconds(instant: dt.datetime) -> str:
    return f"({(instant - EPOCH) // dt.timedelta(microseconds=1)} / 1000000.0)"
