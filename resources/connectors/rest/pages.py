"""The pages of one selection, one after the other, held against each other and against what the service says it has.

A part is never taken for the whole: what was not seen would be closed as deleted. Where the service says how many rows there are, as
many must come; where it says nothing, two empty pages or the absence of a next cursor are the end.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from resources.connectors.rest.envelope import NoSuccess, Page, Unlike, page_of
from resources.connectors.rest.failures import ServiceGarbled, ServiceSaysNo
from resources.connectors.rest.session import Session
from resources.http.exchange import Answer
from schemas.dataset import Source
from schemas.services import Service

MOST_PAGES = 200_000
_ETAG = re.compile(r'"[\x21\x23-\x7e]{0,98}"')  # a strong one, as RFC 9110 has it


class Differs(Exception):
    """The pages do not make up a whole; in what, in words that hold no value."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what


@dataclass(frozen=True)
class Selection:
    """What is asked of a service: its own words for the days of a period, in pages of a size."""

    source: Source
    service: Service
    days: Mapping[str, str]
    size: int

    def query(self, place: str | None) -> dict[str, str]:
        """`place`: the number of a page, or a cursor; None: the first."""
        query = dict(self.days)
        if place is None and self.service.paging == "number":
            place = "1"
        if place is not None and self.service.page_parameter:
            query[self.service.page_parameter] = place
        if self.service.size_parameter:
            query[self.service.size_parameter] = str(self.size)
        return query


@dataclass(frozen=True)
class Arrived:
    """A page, by what it was asked for, and the service's mark of how it stands, where it gave one that says so byte by byte."""

    page: Page
    place: str | None
    etag: str | None


def one(session: Session, selection: Selection, place: str | None = None) -> Arrived:
    """A single page. Raises ServiceSaysNo, ServiceGarbled and what asking does."""
    service, source = selection.service, selection.source
    answer, number = session.ask(service, selection.query(place))
    facts: dict[str, Any] = {"source": source.name, "title": source.title, "service": service.resource, "tran_code": number}
    try:
        return Arrived(page_of(answer.body, service), place, _strong(answer) if service.etag_of else None)
    except NoSuccess as said:
        failure = ServiceSaysNo(code=said.code, expected=", ".join(service.success_codes), **facts)
    except Unlike as unlike:
        failure = ServiceGarbled(how=unlike.how, **facts)
    raise failure


def pages(session: Session, selection: Selection) -> Iterator[Arrived]:
    """All pages. Raises Differs where they do not make up a whole."""
    place: str | None = None
    total: int | None = None
    came, was_empty, seen = 0, False, set[str | None]()
    for number in range(1, MOST_PAGES + 1):
        arrived = one(session, selection, place)
        page = arrived.page
        if number > 1 and page.total != total:
            raise Differs(f"tổng số dòng đổi giữa các trang: {total} rồi {page.total}")
        total = page.total
        came += len(page.rows)
        is_counted_through = selection.service.paging == "number" and total is None
        if is_counted_through and was_empty and page.rows:
            raise Differs("một trang trống nằm giữa các trang có dòng")
        if total is not None and came > total:
            raise Differs(f"đã nhận {came} dòng, dịch vụ nói có {total}")
        yield arrived
        seen.add(place)
        is_all = was_empty and not page.rows if is_counted_through else came == total or not page.rows
        place = _following(selection.service, page, number, is_all)
        if place is None:
            break
        if place in seen:
            raise Differs("con trỏ trang sau đã dùng cho một trang trước")
        if not page.rows and was_empty:
            raise Differs("hai trang liền nhau không có dòng nào mà vẫn báo còn trang sau")
        was_empty = not page.rows
    else:
        raise Differs(f"hơn {MOST_PAGES} trang")
    if total is not None and came != total:
        raise Differs(f"đã nhận {came} dòng, dịch vụ nói có {total}")


def _following(service: Service, page: Page, number: int, is_all: bool) -> str | None:
    """The next page; None after the last. A page with fewer rows than asked for need not be the last one."""
    if service.paging == "cursor":
        return page.next
    return None if is_all or not service.page_parameter else str(number + 1)


def _strong(answer: Answer) -> str | None:
    """A weak one may stay the same when the content does not; two would be asked about as either."""
    etag = answer.header("ETag")
    return etag if _ETAG.fullmatch(etag) else None
