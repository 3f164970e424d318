"""Who sends: the unit whose folder a file lay in, by its code and its name. For which communes it answers: schemas/senders.py."""

import datetime as dt
from functools import cache

from schemas import units
from schemas.dataset import PROVINCE


@cache
def _codes() -> frozenset[str]:
    return frozenset((PROVINCE, *units.district_codes(), *units.codes_of_all_days()))


def is_sender(code: str) -> bool:
    """Whether there ever was a unit of this code."""
    return code in _codes()


def is_commune(sender: str) -> bool:
    return sender in units.codes_of_all_days()


def title(sender: str, today: dt.date) -> str:
    """A sender by its name, on the latest day on which it had one."""
    name = units.latest_name(sender, today)
    return f"{name} ({sender})" if name else sender
