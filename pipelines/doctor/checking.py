"""A check: what is looked at, and what became of the look. A look neither kills the doctor nor keeps it waiting for ever."""

import contextvars
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass

from pipelines.doctor.failures import CheckSilent, NotConfigured
from resources.failing import Failure
from resources.failures import NeverFilled
from resources.hub import Hub
from resources.warehouse.engine import typed
from schemas.dataset import Limits

LONGEST = 90.0  # seconds that a look may take
UNSEEN = "cần kho dữ liệu của trung tâm, mà kho chưa mở được"


@dataclass(frozen=True)
class Told:
    """What a check found. A warning is of what works, and should not stay as it is; what is absent was never set up, and nothing is
    amiss without it."""

    text: str
    warnings: tuple[Failure, ...] = ()
    is_absent: bool = False


@dataclass(frozen=True)
class Check:
    """`look` says how things are, raises NotConfigured where they were never set up, or raises what has to be mended."""

    what: str
    look: Callable[[Hub], str | Told]
    limits: Limits | None = None  # of a source: what reading may cost it
    needs_warehouse: bool = False  # without it there is nothing to look at
    longest: float = LONGEST


@dataclass(frozen=True)
class Diagnosis:
    what: str
    fine: bool
    told: str
    warnings: tuple[str, ...] = ()  # of what works, and should not stay so
    bounds: Limits | None = None
    status: int = 0  # of the command, by this alone
    is_absent: bool = False
    is_unseen: bool = False  # what it needs is out of reach, which another line tells


def examined(checks: Sequence[Check], hub: Hub) -> list[Diagnosis]:
    """What became of each check, in their order. Those of the sources are made at once: who does not answer keeps no other waiting."""
    alone = {check.what: diagnosis(check, hub) for check in checks if check.limits is None and not check.needs_warehouse}
    is_open = _is_open(hub)
    for check in checks:
        if check.needs_warehouse:
            alone[check.what] = diagnosis(check, hub) if is_open else Diagnosis(check.what, False, UNSEEN, is_unseen=True)
    begun = {check.what: _begin(check, hub) for check in checks if check.limits is not None}
    return [alone.get(check.what) or _outcome(check, begun[check.what]) for check in checks]


def diagnosis(check: Check, hub: Hub) -> Diagnosis:
    return _outcome(check, _begin(check, hub))


def of_failure(what: str, failure: Failure, limits: Limits | None = None) -> Diagnosis:
    return Diagnosis(what, False, str(failure), bounds=limits, status=3 if failure.exit_status == 3 else 1)


def worst(findings: Iterable[Diagnosis]) -> int:
    """The exit status of a command that tells all of them."""
    return max((f.status for f in findings), default=0)


def _begin(check: Check, hub: Hub) -> Future[str | Told]:
    """Look, in a thread that the end of the process does not wait for: what hangs in a driver cannot be ended otherwise."""
    outcome: Future[str | Told] = Future()

    def look() -> None:
        try:
            outcome.set_result(check.look(hub))
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=contextvars.copy_context().run, args=(look,), name=check.what, daemon=True).start()
    return outcome


def _outcome(check: Check, begun: Future[str | Told]) -> Diagnosis:
    wait([begun], timeout=check.longest)
    try:
        if not begun.done():
            raise CheckSilent(what=check.what, seconds=round(check.longest))
        told = begun.result()
    except NotConfigured as absent:
        return Diagnosis(check.what, True, str(absent), bounds=check.limits, is_absent=True)
    except NeverFilled as error:  # before the first night that is how it should be
        return Diagnosis(check.what, True, str(error), bounds=check.limits)
    except Exception as error:
        return of_failure(check.what, typed(f"kiểm tra {check.what}", error), check.limits)
    if isinstance(told, str):
        return Diagnosis(check.what, True, told, bounds=check.limits)
    return Diagnosis(check.what, True, told.text, tuple(map(str, told.warnings)), check.limits, is_absent=told.is_absent)


def _is_open(hub: Hub) -> bool:
    """Whether the warehouse can be looked at; one that is still empty is open."""
    return diagnosis(Check("kho", lambda hub: hub.warehouse.url), hub).fine
