"""Rules over several rows, datasets, sums or periods, run on the warehouse after a load. They warn, and never reject.

What else is found beside rows after their load is kept in the same way (`keep`).
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

import sqlalchemy as sa

from resources.warehouse import reference
from resources.warehouse.arrivals import dataset_pulls, events, ledger
from resources.warehouse.naming import named
from resources.warehouse.quarantine import merging, standing
from schemas import calendar
from schemas.dataset import Dataset, SetRule
from schemas.projections.fingerprint import fingerprint
from schemas.projections.postgres import set_rule_query, set_rule_query_over_periods
from schemas.registry import DATASETS


class Warns(Protocol):
    """What the rows that were found are warned of: a rule over sets, or a claim that another system was asked for."""

    @property
    def name(self) -> str: ...
    @property
    def column(self) -> str: ...
    @property
    def message(self) -> str: ...


def make_up(
    connection: sa.Connection, dataset: Dataset, loaded: set[str], now: dt.datetime, today: dt.date, *, was_examined: bool
) -> set[str]:
    """After a run over a dataset: the rules over sets for what it loaded, and how many rows are remarked upon. The periods.

    So for periods of a run that ended before it came here, which no event tells of yet; and for every period where the rules are
    others than before. `was_examined`: rows were, and by the day alone one of a register may be remarked upon.
    """
    periods = loaded | {c.period for c in events.unshown(connection, dataset) if c.accepted is not None}
    if dataset_pulls.held_against_each_other(connection, dataset, fingerprint(dataset).over_sets):
        periods |= set(calendar.started(dataset, today))
    touched = evaluate(connection, {f"core.{dataset.table}": periods}, now, today) if periods else set()
    if periods or was_examined:
        for source in sorted(touched | {dataset.source.name}):
            ledger.count_remarks(connection, source)
            standing.count(connection, source)
    return periods


def evaluate(connection: sa.Connection, changed: dict[str, set[str]], now: dt.datetime, today: dt.date) -> set[str]:
    """Run the rules that read what changed (core table -> periods); the sources whose remarks were looked at.

    A rule of the changed dataset itself runs for the periods that moved; one that compares periods, or reads the changed
    dataset from another one, runs for all periods of its own dataset. Raises OtherReference before any of them runs.
    """
    reference.refuse_other(connection)
    touched = set()
    for dataset in DATASETS:
        own = changed.get(f"core.{dataset.table}", set())
        for rule in dataset.set_rules:
            periods: Iterable[str] = own
            looks_around = own and rule.across_periods
            if looks_around or any(need in changed for need in rule.needs if need != f"core.{dataset.table}"):
                periods = calendar.started(dataset, today)
            if periods and _all_there(connection, rule):
                _run(connection, dataset, rule, sorted(periods), now, today)
                touched.add(dataset.source.name)
    return touched


def _all_there(connection: sa.Connection, rule: SetRule) -> bool:
    """Whether every dataset that a rule needs was loaded. Otherwise the rule waits: an empty register would make every payment look wrong."""
    return all(connection.exec_driver_sql(f"select exists (select from {need})").scalar() for need in rule.needs)


def _run(
    connection: sa.Connection, dataset: Dataset, rule: SetRule, periods: Sequence[str], now: dt.datetime, today: dt.date
) -> None:
    """A rule that compares periods looks at all rows for each of them, so it is run over all at once; another reads its period alone."""
    spans = [(today, today) if period == calendar.REGISTER else calendar.span(period) for period in periods]
    if rule.across_periods:
        values = {"firsts": [first for first, _ in spans], "lasts": [last for _, last in spans]}
        keep(connection, dataset, rule, periods, now, set_rule_query_over_periods(rule), values)
        return
    query = f"select cast(:period as text) as period, unit_code, row_key from ({set_rule_query(rule)}) f"
    for period, (first, last) in zip(periods, spans, strict=True):
        keep(connection, dataset, rule, [period], now, query, {"period": period, "first_day": first, "last_day": last})


def keep(
    connection: sa.Connection,
    dataset: Dataset,
    warns: Warns,
    periods: Collection[str],
    now: dt.datetime,
    query: str,
    values: Mapping[str, object],
) -> None:
    """Warn in these periods of exactly the rows that a query finds (period, unit_code, row_key), which may name these `:periods`.

    What it no longer finds in one of them is resolved, what it finds again stays.
    """
    asked = {"periods": [*periods]}
    connection.exec_driver_sql("drop table if exists pg_temp.found")
    connection.execute(
        sa.text(f"create temp table found on commit drop as select distinct period, unit_code, row_key from ({query}) f"),
        {**asked, **values},
    )
    where = named(dataset) | asked | {"rule": warns.name, "column": warns.column, "message": warns.message, "now": now}
    connection.execute(
        sa.text("""update quarantine.remarks r set resolved_at = :now
            where source = :source and dataset = :dataset and period = any(:periods) and rule = :rule and over_set
                and resolved_at is null
                and not exists (
                    select from found f where f.period = r.period and f.unit_code = r.unit_code and f.row_key = r.row_key)"""),
        where,
    )
    warned = f"select period, unit_code, row_key, {merging.WARNED_OVER_SET} from found"
    connection.execute(sa.text(merging.see_remarks(warned)), where)
