"""A check: what is looked at, and what became of the look."""

from collections.abc import Callable
from dataclasses import dataclass

from resources.failing import Failure
from resources.failures import NeverFilled
from resources.hub import Hub
from schemas.dataset import Limits


@dataclass(frozen=True)
class Told:
    """What a check found. A warning is of what works, and should not stay as it is; what is absent was never set up, and nothing is
    amiss without it."""

    text: str
    warnings: tuple[Failure, ...] = ()
    is_absent: bool = False


@dataclass(frozen=True)
class Check:
    """`look` says how things are, or raises what has to be mended."""

    what: str
    look: Callable[[Hub], str | Told]
    limits: Limits | None = None  # of a source: what reading may cost it


@dataclass(frozen=True)
class Diagnosis:
    what: str
    fine: bool
    told: str
    warnings: tuple[str, ...] = ()  # of what works, and should not stay so
    bounds: Limits | None = None
    status: int = 0  # of the command, by this alone
    is_absent: bool = False


def diagnosis(check: Check, hub: Hub) -> Diagnosis:
    try:
        told = check.look(hub)
    except NeverFilled as error:  # before the first night that is how it should be
        return Diagnosis(check.what, True, str(error), bounds=check.limits)
    except Failure as error:
        return Diagnosis(check.what, False, str(error), bounds=check.limits, status=3 if error.exit_status == 3 else 1)
    if isinstance(told, str):
        return Diagnosis(check.what, True, told, bounds=check.limits)
    return Diagnosis(check.what, True, told.text, tuple(map(str, told.warnings)), check.limits, is_absent=told.is_absent)
