"""What is asked all day long of tables that grow by the year is found by an index, not by reading all of them."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from resources.warehouse import instants
from resources.warehouse.arrivals import dataset_pulls
from resources.warehouse.persons import population
from tests.integration.report_hub import SmallHub

pytestmark = pytest.mark.landing

DAY = dt.date(2024, 11, 20)
GROWN = (
    """insert into ops.open_instants (source, dataset, period, unit_code, first_at, as_of, looked_at)
        select 'grown', 'grown', p::text, u::text, now(), now(), now() from generate_series(1, 100) p, generate_series(1, 200) u""",
    """insert into ops.backfills (run_id, requested_at, requested_by, source, dataset, period, unit_code, reason, outcome)
        select 'grown', now() - n * interval '1 hour', '-', 'grown', 'grown', 'now', n::text, '-', '-' from generate_series(1, 20000) n""",
    """insert into ops.population_calls (transaction_id, called_at, purpose, legal_basis, service_code, integration_code, unit_code,
            officer_code, persons)
        select 'grown-' || n, now() - n * interval '10 minutes', '-', '-', '-', '-', '-', '-', 1 from generate_series(1, 20000) n""",
    """insert into ops.arrivals (run_id, source, dataset, period, unit_code, road, kind, received_at, loaded_at, content_hash,
            rows_pulled, rows_received, rows_accepted, rows_rejected, outcome)
        select 'grown', 'grown', 'grown', 'now', n::text, 'sql', 'whole', now(), now() - n * interval '1 minute', '', 0, 0, 0, 0, 'accepted'
        from generate_series(1, 20000) n""",
    "analyze ops.open_instants",
    "analyze ops.backfills",
    "analyze ops.population_calls",
    "analyze ops.arrivals",
)


@pytest.fixture
def grown(hub: SmallHub) -> Iterator[sa.Connection]:
    """A warehouse of many years, in a transaction that is not kept."""
    with hub.engine.connect() as connection:
        for statement in GROWN:
            connection.exec_driver_sql(statement)
        yield connection
        connection.rollback()


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda c: instants.recorded(c), id="the last instant"),
        pytest.param(lambda c: population.calls_on(c, DAY), id="the calls of a day"),
        pytest.param(lambda c: dataset_pulls.known_sources(c, ["poverty", "grown"]), id="the sources that are known"),
    ],
)
def test_a_question_of_all_day_reads_no_grown_table_whole(grown: sa.Connection, ask: Callable[[sa.Connection], Any]) -> None:
    asked: list[tuple[str, Any]] = []
    sa.event.listen(grown, "before_cursor_execute", lambda c, cursor, statement, values, *_: asked.append((statement, values)))
    ask(grown)
    ((statement, values),) = asked
    plan = "\n".join(grown.exec_driver_sql(f"explain {statement}", values).scalars())
    whole = [line for line in plan.splitlines() if "Seq Scan" in line]
    tables = ("open_instants", "backfills", "population_calls", "arrivals")
    assert not [line for line in whole if any(f" on {table}" in line for table in tables)], plan


def test_the_calls_of_a_day_are_those_of_the_province(grown: sa.Connection) -> None:
    """From its midnight to the next, which is not that of UTC."""
    for name, at in (
        ("a", "2024-11-19 23:59:59+07"),
        ("b", "2024-11-20 00:00+07"),
        ("c", "2024-11-20 23:59:59+07"),
        ("d", "2024-11-21 00:00+07"),
    ):
        grown.exec_driver_sql(
            """insert into ops.population_calls (transaction_id, called_at, purpose, legal_basis, service_code, integration_code,
                unit_code, officer_code, persons) values (%(name)s, %(at)s, '-', '-', '-', '-', '-', '-', 1)""",
            {"name": name, "at": at},
        )
    grown.exec_driver_sql("delete from ops.population_calls where transaction_id like 'grown-%%'")
    assert population.calls_on(grown, DAY) == 2


def test_a_source_is_known_by_what_was_read_or_arrived(grown: sa.Connection) -> None:
    assert dataset_pulls.known_sources(grown, ["grown", "nobody"]) == {"grown"}
