"""kill -9 once in each step of one system's night, then the next night: the harness is tests/chaos.py, here a kill a step."""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from tests import chaos
from tests.integration.agreement import check_reconciled, check_ui_agrees
from tests.integration.province import Province, province, until_line

SCALE = "0.002"

# The line after which the step begins, and how long to let it work.
STEPS = {
    "beneficiaries": (r"Đêm ", 2.5),
    "institutions": (r"social_protection\.beneficiaries", 0.05),
    "monthly_payments": (r"social_protection\.institutions", 0.3),
    "open": (r"social_protection\.monthly_payments", 0.4),
    "reports": (r"open\.social_protection", 0.6),
}


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Province, Province]]:
    with province(SCALE, after_first_night=True) as victim, province(SCALE, after_first_night=True) as control:
        yield victim, control


@pytest.mark.parametrize(("place", "step"), list(enumerate(STEPS, start=1)), ids=list(STEPS))
def test_a_kill_in_this_step_loses_doubles_and_halves_nothing(both: tuple[Province, Province], place: int, step: str) -> None:
    victim, control = both
    after, wait = STEPS[step]
    for made in both:
        chaos.change(made, place)
    night = victim.start("nightly", "--source", chaos.SOURCE)
    until_line(night, after)
    time.sleep(wait)
    os.killpg(night.pid, signal.SIGKILL)
    night.wait()
    for made in both:
        made.nightly("--source", chaos.SOURCE)
    check_reconciled(victim)
    check_ui_agrees(victim)
    chaos.same(victim, control)
