"""kill -9 once in each step of one system's night, night after night: the harness is tests/chaos.py, here a kill a step.

Somebody else holds what the step writes into, so that it is struck while it waits there: neither before it began nor after its end.
"""

import os
import signal
from collections.abc import Iterator

import pytest

from tests import chaos
from tests.integration.agreement import asking, check_reconciled, check_ui_agrees
from tests.integration.province import Province, province, until

pytestmark = pytest.mark.landing


def writing(table: str) -> str:
    """A lock that lets a table be read, and nothing written into it."""
    return f"lock table {table} in exclusive mode"


# The step, as Dagster calls it; where it is held up, and by what. Of the open tables the first is replaced by then, and of the
# second nothing; the periods of the form are looked at, and that they were is not kept yet.
STEPS = {
    f"cells_{chaos.SOURCE}_beneficiaries": ("warehouse", writing("history.social_protection_beneficiaries")),
    f"cells_{chaos.SOURCE}_institutions": ("warehouse", writing("history.social_protection_institutions")),
    f"cells_{chaos.SOURCE}_monthly_payments": ("warehouse", writing("history.social_protection_monthly_payments")),
    f"open_{chaos.SOURCE}_monthly": ("shared", writing("open_data.social_protection_payments_by_way")),
    "report__national__AS_T": ("warehouse", "select from ops.report_looks where form = 'AS-T' for update"),
}


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Province, Province]]:
    with province(after_first_night=True) as victim, province(after_first_night=True) as control:
        yield victim, control


def killed_where(made: Province, database: str, held: str) -> None:
    """A night that was killed while it waited for what somebody else held."""
    with made.engine(database).begin() as other:
        other.exec_driver_sql(held)
        holder = other.exec_driver_sql("select pg_backend_pid()").scalar_one()
        waits = "select from pg_stat_activity where :holder = any(pg_blocking_pids(pid))"
        night = made.start("nightly", "--source", chaos.SOURCE)
        with asking(made) as asked:
            until(lambda: night.poll() is not None or asked(waits, holder=holder))
        assert night.poll() is None, f"the night ended and never asked for it: {held}"
        os.killpg(night.pid, signal.SIGKILL)
        night.wait()


def under_way(made: Province) -> list[str]:
    """The steps of the last run that have begun and not ended."""
    steps = """select step_key from event_logs where run_id = (select run_id from runs order by id desc limit 1)
        group by 1 having bool_or(dagster_event_type = 'STEP_START')
            and not bool_or(dagster_event_type in ('STEP_SUCCESS', 'STEP_FAILURE'))"""
    return [step for (step,) in made.rows(steps, "dagster")]


def test_a_kill_in_each_step_loses_doubles_and_halves_nothing(both: tuple[Province, Province]) -> None:
    """Each night does what the one before was killed in, and is killed in the next step; the last is whole. The source changes once,
    so that nothing which comes later could heal what a kill has broken."""
    victim, control = both
    for made in both:
        chaos.change(made, 1)
    before = chaos.content(victim)
    for step, held in STEPS.items():
        killed_where(victim, *held)
        assert under_way(victim) == [step]
        failed = victim.rows("select dataset, last_failure from ops.datasets where last_failure is not null")
        assert failed == [], f"what was killed before {step} could not be done again"
        check_reconciled(victim)
    for made in both:
        assert made.nightly("--source", chaos.SOURCE)["failures"] == []
    check_reconciled(victim)
    check_ui_agrees(victim)
    chaos.same(victim, control)
    assert chaos.content(victim) != before, "there was something to lose"
