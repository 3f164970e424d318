"""What a call asks of a service: which page, of what size, of which days. Strange values are refused, as services do."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from resources.clock import ZONE
from schemas.services import Service


class Unasked(Exception):
    """The call is not in the form of the service: which parameter, never with what."""


@dataclass(frozen=True)
class Window:
    """Which rows are asked for: of these days, where `until` is None with what is later or undated."""

    first: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True)
class Asked:
    """`reading`: of a cursor, the name of the reading that it goes on with; empty where there is none."""

    page: int
    size: int
    window: Window
    since: dt.datetime | None
    reading: str


def asked_of(service: Service, told: Mapping[str, str], most: int | None = None) -> Asked:
    """`most`: rows of a page, where the service gives fewer than its owner says that it does."""
    size = _number(told, service.size_parameter, service.page_size)
    first, until = (_moment(told, name, "%Y%m%d") for name in (service.from_parameter, service.to_parameter))
    since = _moment(told, service.since_parameter, "%Y%m%d%H%M%S")
    window = Window(first.date() if first else None, until.date() if until else None)
    reading, page = "", 1
    if service.paging == "number":
        page = _number(told, service.page_parameter, 1)
    elif cursor := told.get(service.page_parameter):
        reading, _, number = cursor.partition(".")
        if not (reading and number.isascii() and number.isdigit() and 0 < len(number) < 10):
            raise Unasked(f"{service.page_parameter}: không phải con trỏ của dịch vụ này.")
        page = int(number)
    return Asked(
        page, min(size, most or service.page_size, service.page_size), window, since and since.replace(tzinfo=ZONE), reading
    )


def _number(told: Mapping[str, str], name: str, otherwise: int) -> int:
    text = told.get(name, "") if name else ""
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise Unasked(f"{name}: cần một số nguyên dương.")
    return int(text)


def _moment(told: Mapping[str, str], name: str, form: str) -> dt.datetime | None:
    text = told.get(name, "") if name else ""
    if not text:
        return None
    try:
        return dt.datetime.strptime(text, form)
    except ValueError:
        raise Unasked(f"{name}: cần dạng {form}.") from None
