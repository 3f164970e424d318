"""How figures, days and units are written for those who read them: 1.234.567,8; 20/11/2024; 421 Huyện Quỳnh Lưu."""

import datetime as dt

from schemas import calendar, units
from schemas.dataset import UNKNOWN_UNIT

_MARKS = str.maketrans(".,", ",.")


def grouped(count: int) -> str:
    """1234567 -> 1.234.567."""
    return f"{count:,}".translate(_MARKS)


def decimal(number: float) -> str:
    """1234.56 -> 1.234,6."""
    return f"{number:,.1f}".translate(_MARKS)


def lasting(seconds: float) -> str:
    """300 -> 5 phút; 0.2 -> 0,2 giây."""
    return f"{seconds / 60:g} phút" if seconds and seconds % 60 == 0 else f"{seconds:g} giây".replace(".", ",")


def day(name: str) -> str:
    """2024-11-20 -> 20/11/2024; what names no day stays as it is."""
    try:
        return f"{dt.date.fromisoformat(name):%d/%m/%Y}"
    except ValueError:
        return name


def unit_title(code: str, period: str, today: dt.date) -> str:
    """A unit's code, with the name that it has on a period's last day beside it; a register's period goes on."""
    if code == UNKNOWN_UNIT:
        return "chưa rõ đơn vị"
    name = units.unit_name(code, today if period == calendar.REGISTER else calendar.span(period)[1])
    return f"{code} {name}" if name else code
