"""What becomes of a look of the doctor: fine, absent, amiss or silent; and that no look keeps or kills another."""

import threading
from pathlib import Path

import pytest

from pipelines.doctor import checking
from pipelines.doctor.checking import UNSEEN, Check, Diagnosis, Told, diagnosis, examined, of_failure, worst
from pipelines.doctor.failures import DiskLow, RoundingUnconfigured
from resources.failures import NeverFilled
from resources.hub import Hub
from resources.settings import Settings
from schemas.dataset import Limits

LIMITS = Limits()
LOW = DiskLow(place="x", free=1.0, least=2.0)


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(Settings("production", tmp_path))


def raising(error: BaseException) -> Check:
    def look(_: Hub) -> str:
        raise error

    return Check("x", look, LIMITS)


def test_each_outcome_of_a_look_is_told_as_what_it_is(hub: Hub) -> None:
    absent, unfilled = RoundingUnconfigured(), NeverFilled(name="kho")
    assert diagnosis(Check("x", lambda _: "ổn", LIMITS), hub) == Diagnosis("x", True, "ổn", bounds=LIMITS)
    warned = Told("ổn", (LOW,), is_absent=True)
    assert diagnosis(Check("x", lambda _: warned, LIMITS), hub) == Diagnosis(
        "x", True, "ổn", (str(LOW),), bounds=LIMITS, is_absent=True
    )
    assert diagnosis(raising(absent), hub) == Diagnosis("x", True, str(absent), bounds=LIMITS, is_absent=True)
    assert diagnosis(raising(unfilled), hub) == Diagnosis("x", True, str(unfilled), bounds=LIMITS)
    assert diagnosis(raising(LOW), hub) == Diagnosis("x", False, str(LOW), bounds=LIMITS, status=1)
    unforeseen = diagnosis(raising(ZeroDivisionError("040150000001")), hub)
    assert (unforeseen.fine, unforeseen.status) == (False, 1)
    assert "kiểm tra x" in unforeseen.told and "040150000001" not in unforeseen.told


def test_a_look_that_does_not_end_is_told_and_not_waited_for(hub: Hub) -> None:
    ends = threading.Event()
    silent = diagnosis(Check("x", lambda _: str(ends.wait(10)), longest=0.01), hub)
    ends.set()
    assert not silent.fine and "chưa xong sau 0 giây" in silent.told


def test_the_status_is_the_worst_and_what_is_out_of_reach_has_its_own() -> None:
    other, down = of_failure("x", LOW), of_failure("x", NeverFilled(name="kho"))
    assert (other.status, down.status) == (1, 3)
    assert worst([]) == 0 and worst([other, down, Diagnosis("x", True, "")]) == 3


@pytest.mark.parametrize("is_open", [True, False])
def test_all_are_told_in_their_order_and_what_needs_the_warehouse_only_where_it_is_open(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, is_open: bool
) -> None:
    monkeypatch.setattr(checking, "_is_open", lambda _: is_open)
    both = threading.Barrier(2, timeout=10)  # sources are looked at together: neither ends without the other
    of_sources = [Check(f"nguồn {n}", lambda _: str(both.wait()), LIMITS) for n in range(2)]
    checks = [of_sources[0], Check("kho", lambda _: "mở", needs_warehouse=True), Check("đĩa", lambda _: "rộng"), of_sources[1]]
    told = examined(checks, hub)
    assert [d.what for d in told] == ["nguồn 0", "kho", "đĩa", "nguồn 1"]
    assert [told[0].fine, told[2].told, told[3].fine] == [True, "rộng", True]
    assert told[1] == (Diagnosis("kho", True, "mở") if is_open else Diagnosis("kho", False, UNSEEN, is_unseen=True))
