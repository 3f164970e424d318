"""The true figures of open tables, counted in SQL over the hub's history as each row's instant saw it.

Nothing that is counted here leaves the hub as it is: rounding.py shows it. The province's figures are those of all rows,
each at its own instant.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from assets.open.rounding import Figure
from assets.open.tables import Place, categories_of, stored_period, sums_persons
from schemas import calendar
from schemas.ages import younger_than
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset
from schemas.registry import datasets_of
from schemas.release import TOTAL, UNSTATED, OpenTable, Persons, Share, Sum

Instants = Mapping[str, dt.datetime]  # unit -> as of when it is read
ROW = "t.unit_code || '|' || t.row_key"  # in SQL: what stands for a person where a row tells none apart


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        yield connection


def figures(connection: sa.Connection, dataset: Dataset, table: OpenTable, period: str, as_of: Instants) -> dict[Place, Figure]:
    """The cells of a table of which something was counted, by unit and category; one that is not there is 0."""
    known = categories_of(dataset, table, period)
    rows = connection.execute(
        sa.text(counting(dataset, table)), _parameters(dataset, period, as_of) | {"known": list(known)}
    ).mappings()
    found: dict[Place, Figure] = {}
    for r in rows:
        unit = PROVINCE if r["all_units"] else r["unit"]
        if isinstance(table.measure, Share):
            if r["all_categories"]:
                parts = {code: int(r[name]) for code, name in table.measure.parts}
                whole = int(r[table.measure.whole])
                found |= {(unit, code): Figure(value, 0, whole) for code, value in {**parts, TOTAL: sum(parts.values())}.items()}
        else:
            place = (unit, TOTAL if r["all_categories"] else r["category"])
            found[place] = Figure(int(r["value"]), int(r["persons"]))
    return found


def counting(dataset: Dataset, table: OpenTable) -> str:
    """The statement that counts a table: what it names of the history is all of the dataset that reaches the open figures."""
    counted = _counted(table)
    category = f"t.{table.by}::text" if table.by and not isinstance(table.measure, Share) else "null::text"
    behind = _behind(dataset, table)
    return f"""
        with {_versions(dataset)} {behind.register}, chosen as (
            select r.unit, coalesce(case when {category} = any(:known) then {category} end, '{UNSTATED}') as category,
                {", ".join(f"{sql} as {name}" for name, sql in counted.items())}, {behind.who} as person
            from version t join read_at r on r.unit = {_placed(dataset)} {behind.joined}
            where t.recorded_from <= r.as_of and (t.recorded_to is null or t.recorded_to > r.as_of) and {_condition(table)})
        select unit, category, grouping(unit) = 1 as all_units, grouping(category) = 1 as all_categories,
            {", ".join(f"coalesce(sum({name}), 0) as {name}" for name in counted)}, count(distinct person) as persons
        from chosen group by grouping sets ((unit, category), (unit), (category), ())"""


def total(connection: sa.Connection, dataset: Dataset, table: OpenTable, period: str, as_of: Instants) -> dict[str, Figure]:
    """The total of each row, and of the province, by a query of its own: for the check `matches_core_totals`."""
    fields = [name for _, name in table.measure.parts] if isinstance(table.measure, Share) else list(table.measure.fields)
    value = " + ".join(f"coalesce({f}, 0)" for f in fields) or "1"
    whole = f"coalesce({table.measure.whole}, 0)" if isinstance(table.measure, Share) else "0"
    found: dict[str, Figure] = {}
    for instant in sorted(set(as_of.values())):
        rows = connection.execute(
            sa.text(f"""select {_placed(dataset)} as unit, sum({value}) as value, sum({whole}) as whole, count(*) as persons
                from history.{dataset.table} t where period = :period and recorded_from <= :at
                    and (recorded_to is null or recorded_to > :at) and {_condition(table)} group by 1"""),
            {
                "period": stored_period(dataset, period),
                "at": instant,
                "first_day": calendar.span(period)[0],
                "rows": [u for u in as_of if u != UNKNOWN_UNIT],
            },
        )
        found |= {r.unit: Figure(int(r.value), r.persons, int(r.whole)) for r in rows if as_of.get(r.unit) == instant}
    found = {unit: found.get(unit, Figure()) for unit in as_of}
    of_units = list(found.values())
    found[PROVINCE] = Figure(*(sum(getattr(f, name) for f in of_units) for name in ("value", "persons", "whole")))
    return found


def movers(
    connection: sa.Connection, dataset: Dataset, table: OpenTable, period: str, since: Instants, until: dt.datetime
) -> dict[str, int]:
    """Unit -> of how many persons (rows, where none are told apart) the table says something else than at `since`.

    Of contributions alone: who only moved house, or got a new card, would cover for the one whose amount changed. Of rows that tell
    no person apart those that came and those that went cancel where they say the same: under another number they may be the same.
    """
    if sums_persons(table):
        return _persons_in_sums(connection, dataset, table, period, since, until)
    thing = _counted(table)["value"]
    category = f"t.{table.by}::text" if table.by else "null::text"
    # Told apart by the register of today on both sides: a file that got another number moved nobody.
    until_ = "cast(:until as timestamptz)"
    behind = _behind(dataset, table, until_, f"select {until_} as as_of")
    of_row = f"r.unit || '|' || {ROW}"
    of_each = f"{of_row} as line, r.unit, {category} as category, {thing} as thing, nullif({behind.who}, {ROW}) as person"
    sides = _sides(dataset, table, of_each, behind.joined)
    rows = connection.execute(
        sa.text(f"""
            with {_versions(dataset)} {behind.register}, {sides}, differs as (
                select unit, coalesce(n.person, o.person) as person, o.category as was, n.category as became,
                    coalesce(o.thing, 0) as lost, coalesce(n.thing, 0) as gained
                from old o full join new n using (line, unit)
                where (o.unit is null, o.category, o.thing) is distinct from (n.unit is null, n.category, n.thing)),
            net as (
                select unit, person, category from (
                    select unit, person, was as category, -lost as thing from differs
                    union all select unit, person, became, gained from differs) e
                where person is not null group by 1, 2, 3 having sum(thing) <> 0),
            rows_left as (
                select unit, sum(came) as came from (
                    select unit, was as category, lost as thing, -1 as came, person from differs
                    union all select unit, became, gained, 1, person from differs) e
                where person is null and thing <> 0 group by unit, category, thing)
            select unit, sum(persons) as persons from (
                select unit, count(distinct person) as persons from net group by 1
                union all select unit, greatest(sum(greatest(came, 0)), sum(greatest(-came, 0))) from rows_left group by 1) e
            group by 1 having sum(persons) > 0"""),
        _parameters(dataset, period, since) | {"until": until},
    )
    return {r.unit: int(r.persons) for r in rows}


def _persons_in_sums(
    connection: sa.Connection, dataset: Dataset, table: OpenTable, period: str, since: Instants, until: dt.datetime
) -> dict[str, int]:
    """`movers` for rows that are sums over persons: at least how many persons came, left or changed, judged by the sums of a unit.

    A person who changes category makes one sum fall and another rise; one who comes to a part of a rate makes the part rise, and the sum of all
    parts. So many persons were needed as the larger of all that a unit gained and all that it lost.
    """
    counted = _counted(table)
    if isinstance(table.measure, Share):
        counted = counted | {"all_parts": " + ".join(counted[name] for _, name in table.measure.parts)}
    category = f"t.{table.by}::text" if table.by and not isinstance(table.measure, Share) else "null::text"
    of_each = f"r.unit, {category} as category, {', '.join(f'{sql} as {name}' for name, sql in counted.items())}"
    net = ", ".join(f"sum({name}) as {name}" for name in counted)
    left = ", ".join(f"-{name}" for name in counted)
    most = ", ".join(f"sum(greatest({name}, 0)), sum(greatest(-{name}, 0))" for name in counted)
    rows = connection.execute(
        sa.text(f"""
            with {_versions(dataset)}, {_sides(dataset, table, of_each)}, net as (
                select unit, category, {net} from (
                    select * from new union all select unit, category, {left} from old) e group by 1, 2)
            select unit, greatest({most}) as persons from net group by 1"""),
        _parameters(dataset, period, since) | {"until": until},
    )
    return {r.unit: int(r.persons) for r in rows if r.persons}


def _sides(dataset: Dataset, table: OpenTable, of_each: str, joined: str = "") -> str:
    """The versions that held as of the instants and hold no longer (`old`), and those that came since (`new`)."""
    return ", ".join(
        f"""{side} as (select {of_each}
            from version t join read_at r on r.unit = {_placed(dataset)} {joined} where {held} and {_condition(table)})"""
        for side, held in (
            ("old", "t.recorded_from <= r.as_of and t.recorded_to > r.as_of and t.recorded_to <= :until"),
            (
                "new",
                "t.recorded_from > r.as_of and t.recorded_from <= :until and (t.recorded_to is null or t.recorded_to > :until)",
            ),
        )
    )


def _parameters(dataset: Dataset, period: str, as_of: Instants) -> dict[str, object]:
    return {
        "period": stored_period(dataset, period),
        "first_day": calendar.span(period)[0],
        "units": list(as_of),
        "instants": list(as_of.values()),
        "rows": [u for u in as_of if u != UNKNOWN_UNIT],
    }


def _versions(dataset: Dataset) -> str:
    """The instants, and the versions of a period that may hold at one of them: each half by an index of its own."""
    chosen = f"select * from history.{dataset.table} where period = :period and"
    return f"""read_at as materialized (
            select * from unnest(cast(:units as text[]), cast(:instants as timestamptz[])) as r (unit, as_of)),
        version as ({chosen} recorded_to is null union all
            {chosen} recorded_to > (select min(as_of) from read_at))"""


def _placed(dataset: Dataset) -> str:
    """Which row of the tables a row belongs to: the unit that sent it; of a province-wide list the one of its commune, if any."""
    if dataset.commune is None:
        return f"'{PROVINCE}'"
    if not dataset.by_province:
        return "t.unit_code"
    return f"coalesce(case when t.district_code = any(:rows) then t.district_code end, '{UNKNOWN_UNIT}')"


def _condition(table: OpenTable) -> str:
    if table.where is None:
        return "true"
    years = table.where.younger_than
    return f"({table.where.sql})" + (f" and {younger_than(years, ':first_day')}" if years else "")


def _counted(table: OpenTable) -> dict[str, str]:
    """Name -> SQL of what is summed for one row."""
    measure = table.measure
    if isinstance(measure, Share):
        return {name: f"coalesce(t.{name}, 0)" for name in measure.fields}
    if isinstance(measure, Sum):
        return {"value": " + ".join(f"coalesce(t.{a}, 0)" for a in measure.amounts)}
    return {"value": f"coalesce(t.{measure.of}, 0)" if measure.of else "1"}


@dataclass(frozen=True)
class _Behind:
    """SQL that tells the person behind a row: the expression, the register as a CTE, the join to it."""

    who: str
    register: str = ""
    joined: str = ""


def _behind(
    dataset: Dataset, table: OpenTable, at: str = "r.as_of", instants: str = "select distinct as_of from read_at"
) -> _Behind:
    """Persons as they are told apart `at` an instant, one of `instants`."""
    persons: Persons | None = None if isinstance(table.measure, Share) else table.measure.persons
    if persons is None:
        return _Behind(ROW if isinstance(table.measure, Sum) else "null::text")
    if persons.register is None:
        return _Behind(f"coalesce(t.{persons.field}::text, {ROW})")  # a row without a number stands for a person of its own
    register = next(d for d in datasets_of(dataset.source) if d.name == persons.register)
    # One line a file: a file doubled in the register must not double the payments joined to it.
    of_instants = f""", register as (
        select i.as_of, g.{persons.field} as link, min(g.{register.person_key}) as person
        from history.{register.table} g join ({instants}) i
            on g.recorded_from <= i.as_of and (g.recorded_to is null or g.recorded_to > i.as_of)
        group by 1, 2)"""
    joined = f"left join register g on g.as_of = {at} and g.link = t.{persons.field}"
    return _Behind(f"coalesce(g.person, t.{persons.field}::text)", of_instants, joined)
