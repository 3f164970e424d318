"""The pages of a service, over real HTTP: all of them come or nothing does, and what stands still is not read again."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from resources.clock import ZONE
from resources.connectors.rest.failures import (
    DaysIgnored,
    PagesDiffer,
)
from schemas.services import Service
from tests.fixtures.scripted_service import Asked, Kept, Platform, Reply, Rows, envelope, platform, said
from tests.integration.visits import (
    BY_NUMBER,
    SERVICE,
    SOURCE,
    TODAY,
    VISITS,
    as_made,
    counted,
    failing,
    looking,
    on_page,
    received,
    visits,
)


@pytest.fixture(scope="module")
def standing() -> Iterator[Platform]:
    with platform() as found:
        yield found


@pytest.fixture
def served(standing: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    return as_made(standing, tmp_path, monkeypatch)


# Pages ------------------------------------------------------------------------------------------------------------------


def paged(*pages: Rows | Reply, total: Any = None, following: Any = None) -> Callable[[Asked], Reply]:
    """These pages of October, by number or by cursor, whatever is right; of other months nothing. `total`: of each page, or one for all."""

    def say(asked: Asked) -> Reply:
        if not asked.query.get("tu_ngay", "20241001").startswith("202410"):
            return envelope([], tong_so=0, con_tro_tiep=None)
        number = int(asked.query.get("trang") or asked.query.get("con_tro") or 1) - 1
        page = pages[number] if number < len(pages) else []
        if isinstance(page, Reply):
            return page
        whole = sum(len(p) for p in pages if not isinstance(p, Reply))
        told = total[min(number, len(total) - 1)] if isinstance(total, list) else whole if total is None else total
        after = (str(number + 2) if number + 1 < len(pages) else None) if following is None else following(number)
        return envelope(page, tong_so=told, con_tro_tiep=after)

    return say


def of(*numbers: int) -> Rows:
    return [visits(40)[n] for n in numbers]


def turned(asked: Asked) -> Reply:
    """Sorted by what is not one row's alone: as many rows as there are, some of them twice, and others not at all."""
    rows = visits(10)
    by = int(asked.query.get("trang", 1)) - 1
    return Kept(rows[by:] + rows[:by], "ngay")(asked)


FIRST, SECOND, THIRD = of(0, 1, 2, 3), of(4, 5, 6, 7), of(8, 9)
UNTOLD = dataclasses.replace(SERVICE, total_at="")
NUMBER_UNTOLD = dataclasses.replace(BY_NUMBER, total_at="")
WRONG = {
    "a page that is missing in the middle": (paged(FIRST, THIRD, total=10), SERVICE),
    "a page that is missing at the end": (paged(FIRST, SECOND, total=10, following=lambda n: None if n else "2"), SERVICE),
    "by number, a page that is missing in the middle": (paged(FIRST, [], THIRD, total=10), BY_NUMBER),
    "by number, an empty page before another, where nobody says how many there are": (paged(FIRST, [], THIRD), NUMBER_UNTOLD),
    "a page that comes twice": (paged(FIRST, SECOND, SECOND, THIRD), SERVICE),
    "a page that comes twice, and one that does not": (paged(FIRST, SECOND, SECOND, total=12), SERVICE),
    "by number, a page that comes twice": (paged(FIRST, FIRST, total=8), BY_NUMBER),
    "by number, always the same page": (
        lambda asked: envelope(FIRST if "202410" in asked.query["tu_ngay"] else []),
        NUMBER_UNTOLD,
    ),
    "pages that overlap, and lose as many": (paged(FIRST, of(3, 4, 5, 6), of(8, 9), total=10), SERVICE),
    "by number, pages that overlap, and lose as many": (paged(FIRST, of(3, 4, 5, 6), of(8, 9), total=10), BY_NUMBER),
    "by number, an order that is another for each page": (turned, BY_NUMBER),
    "a total that changes": (paged(FIRST, SECOND, THIRD, total=[10, 11, 11]), SERVICE),
    "more than the total": (paged(FIRST, SECOND, THIRD, total=9), SERVICE),
    "less than the total": (paged(FIRST, SECOND, THIRD, total=11), SERVICE),
    "a cursor that comes again": (paged(FIRST, SECOND, THIRD, following=lambda n: "2"), UNTOLD),
    "a cursor that leads to itself": (paged(FIRST, following=lambda n: "1" if n else "2"), UNTOLD),
    "cursors without end and without rows": (paged(FIRST, following=lambda n: str(n + 2)), UNTOLD),
    "cursors without end, though all is there": (paged(FIRST, total=4, following=lambda n: str(n + 2)), SERVICE),
    "an empty first page of something": (paged([], total=3), SERVICE),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_part_is_never_taken_for_the_whole(served: Platform, what: str) -> None:
    served.says["/luot"], service = WRONG[what]
    failing(PagesDiffer, service)
    assert len(served.asked) < 40


RIGHT = {
    "a page with fewer rows than asked for in the middle": (paged(FIRST, of(4), of(5, 6, 7, 8), of(9)), SERVICE),
    "by number, such a page": (paged(FIRST, of(4), of(5, 6, 7, 8), of(9)), BY_NUMBER),
    "by number, such a page, where nobody says how many there are": (paged(FIRST, of(4), of(5, 6, 7, 8), of(9)), NUMBER_UNTOLD),
    "an empty last page": (paged(FIRST, SECOND, THIRD, []), SERVICE),
    "an empty page in the middle": (paged(FIRST, [], SECOND, THIRD), SERVICE),
    "by number, an empty last page": (paged(FIRST, SECOND, THIRD, []), NUMBER_UNTOLD),
    "by cursor, where nobody says how many there are": (paged(FIRST, SECOND, THIRD), UNTOLD),
    "a total as a text": (paged(FIRST, SECOND, THIRD, total="10"), SERVICE),
    "another code of success": (lambda asked: Reply(paged(FIRST, SECOND, THIRD)(asked).body.replace(b'"00"', b"0")), SERVICE),
    "a byte order mark": (lambda asked: Reply(b"\xef\xbb\xbf" + paged(FIRST, SECOND, THIRD)(asked).body), SERVICE),
    "more rows than asked for": (paged(FIRST + SECOND, THIRD), SERVICE),
}


@pytest.mark.parametrize("what", RIGHT)
def test_however_the_pages_are_cut_all_comes(served: Platform, what: str) -> None:
    served.says["/luot"], service = RIGHT[what]
    with looking(service) as opened:
        opened.standings(VISITS, TODAY)
        assert [row["ma"] for row in received(opened, "2024-10")] == [f"L{n}".encode() for n in range(10)]


@pytest.mark.parametrize("service", [SERVICE, BY_NUMBER])
def test_rows_that_are_there_twice_come_twice(served: Platform, service: Service) -> None:
    """Two pages that share a row overlap, or the row is there twice: in pages of another size the same comes only then."""
    rows = visits(10)
    served.says["/luot"] = Kept([*rows, rows[1], rows[6]], "ngay")
    with looking(service) as opened:
        assert sum(n or 0 for n in counted(opened)["2024-10"].values()) == 12
        assert sorted(row["ma"] for row in received(opened, "2024-10")) == sorted(
            r["ma"].encode() for r in [*rows, rows[1], rows[6]]
        )
    assert {"4", "2"} <= {asked.query["kich_thuoc"] for asked in served.pages}


def test_a_row_that_changes_while_it_is_read_is_no_other_row(served: Platform) -> None:
    """Put elsewhere by its change, it comes twice and another does not: the number of rows is right all the same."""
    kept = Kept(visits(10), "ngay")

    def move(_: Asked) -> None:
        kept.rows = [*kept.rows[1:], kept.rows[0] | {"ten": "khác"}]

    served.says["/luot"] = on_page(3, move, kept)
    failing(PagesDiffer)


def test_a_service_that_does_not_hear_the_days_is_told(served: Platform) -> None:
    served.says["/luot"] = Kept(visits(9, "2024-10-05"))
    failing(DaysIgnored)
    without = dataclasses.replace(SERVICE, from_parameter="", to_parameter="")
    served.says["/luot"] = Kept(
        [
            row | {"ma": str(n)}
            for n, row in enumerate(visits(5) + visits(4, "2024-11-02") + visits(2, "2023-12-31") + visits(1, None))
        ]
    )
    with looking(without) as opened:  # where it is declared so, all that it has is parted here
        found = opened.standings(VISITS, TODAY)
        assert [sum(s.rows or 0 for s in found.periods[p]) for p in ("2024-09", "2024-10", "2024-11")] == [0, 5, 5]
        assert found.before_first == 2
        assert len(received(opened, "2024-11")) == 5


def test_a_service_that_leaves_out_the_last_day_it_is_asked_for_is_told(served: Platform) -> None:
    """Each period would lack its last day, and the service's own count would agree."""
    kept = Kept(visits(9), "ngay")

    def say(asked: Asked) -> Reply:
        end = asked.query.get("den_ngay")
        if end is None:
            return kept(asked)
        before = dt.datetime.strptime(end, "%Y%m%d") - dt.timedelta(days=1)
        return kept(Asked(asked.path, asked.query | {"den_ngay": f"{before:%Y%m%d}"}, asked.headers))

    served.says["/luot"] = say
    with looking() as opened:
        (told,) = opened.faults(VISITS)
        assert "den_ngay" in told and "2024" not in told
    served.says["/luot"] = kept
    with looking() as opened:
        assert opened.faults(VISITS) == []


# What moved ---------------------------------------------------------------------------------------------------------------


def look(service: Service, since: str | None = None) -> tuple[frozenset[str], str]:
    """The periods that were not read, and the bookmark for the next look."""
    with looking(service) as opened:
        found, bookmark = opened.standings(VISITS, TODAY, None if since is None else {since}), opened.bookmark(VISITS)
    assert bookmark is not None and found.unmoved | found.periods.keys() == {"2024-09", "2024-10", "2024-11"}
    return found.unmoved, bookmark


@pytest.mark.parametrize("service", [SERVICE, BY_NUMBER])
def test_each_page_has_a_mark_and_all_of_them_have_to_stand(served: Platform, service: Service) -> None:
    marked, kept = dataclasses.replace(service, etag_of="page"), Kept(visits(10), "ngay", has_etag=True)
    served.says["/luot"] = kept
    _, bookmark = look(marked)
    unmoved, again = look(marked, bookmark)
    assert unmoved == {"2024-09", "2024-10", "2024-11"} and again == bookmark
    kept.rows[9]["ten"] = "khác"  # on the last page alone, by as many rows
    assert look(marked, bookmark)[0] == {"2024-09", "2024-11"}
    assert look(dataclasses.replace(marked, page_size=5), bookmark)[0] == frozenset(), "other questions are asked"


def test_a_mark_of_all_pages_is_asked_for_once(served: Platform) -> None:
    marked, kept = dataclasses.replace(SERVICE, etag_of="whole"), Kept(visits(10), "ngay")

    def say(asked: Asked) -> Reply:
        etag = f'"{len(kept.rows)}"'
        if asked.headers.get("if-none-match") == etag:
            return Reply(b"", 304)
        reply = kept(asked)
        reply.headers["ETag"] = etag
        return reply

    served.says["/luot"] = say
    _, bookmark = look(marked)
    served.asked.clear()
    assert len(look(marked, bookmark)[0]) == 3 and len(served.pages) == 4, "one a period, and one for what is before the first"
    kept.rows = visits(11)
    assert not look(marked, bookmark)[0]


def test_pages_of_one_mark_are_one_only_where_it_is_declared_to_be_of_the_whole(served: Platform) -> None:
    """By the instant at which a page's rows were last written: after a load of all at once each page has the same."""
    written = {n: "1" for n in range(10)}

    def say(asked: Asked) -> Reply:
        reply = Kept(visits(10), "ngay")(asked)
        start = int(asked.query.get("con_tro", "c0")[1:])
        etag = f'"{max(written[n] for n in range(start, min(start + 4, 10)))}"'
        if asked.headers.get("if-none-match") == etag:
            return Reply(b"", 304)
        reply.headers["ETag"] = etag
        return reply

    served.says["/luot"] = say
    paged = dataclasses.replace(SERVICE, etag_of="page")
    _, bookmark = look(paged)
    assert len(look(paged, bookmark)[0]) == 3
    written[9] = "2"
    assert "2024-10" not in look(paged, bookmark)[0]
    whole = dataclasses.replace(SERVICE, etag_of="whole")
    assert "2024-10" not in look(whole, look(whole)[1])[0], "marks that differ are of no whole"


TELLING = dataclasses.replace(SERVICE, since_parameter="sua_tu")


def test_what_changed_since_is_asked_by_the_earlier_of_two_clocks(served: Platform) -> None:
    """A date that the service's gateway makes up could lie ahead: nothing has changed since then."""
    kept = Kept(visits(10), "ngay", written_at={n: "20240101000000" for n in range(10)})
    ahead = dt.datetime.now(dt.UTC) + dt.timedelta(days=30)

    def say(asked: Asked) -> Reply:
        reply = kept(asked)
        reply.headers["Date"] = f"{ahead:%a, %d %b %Y %H:%M:%S} GMT"
        return reply

    served.says["/luot"] = say
    _, bookmark = look(TELLING)
    assert "2024-10" in look(TELLING, bookmark)[0]
    kept.rows[2]["ten"], kept.written_at[2] = "khác", f"{dt.datetime.now(ZONE):%Y%m%d%H%M%S}"
    assert "2024-10" not in look(TELLING, bookmark)[0]


@pytest.mark.parametrize("written", [{}, {n: "20240101000000" for n in range(9)}])
def test_a_service_that_cannot_tell_when_rows_changed_is_read_each_time(served: Platform, written: dict[int, str]) -> None:
    served.says["/luot"] = Kept(visits(10), "ngay", written_at=written)
    assert "2024-10" not in look(TELLING, look(TELLING)[1])[0]


def test_another_machine_is_another_source(served: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pilot's rows may be as many as those of the service that follows it, and none of either has changed since."""
    served.says["/luot"] = Kept(visits(10), "ngay", written_at={n: "20240101000000" for n in range(10)})
    _, bookmark = look(TELLING)
    with platform() as other:
        other.says["/luot"] = Kept(
            [row | {"ten": "khác"} for row in visits(10)], "ngay", written_at={n: "20240101000000" for n in range(10)}
        )
        monkeypatch.setenv(SOURCE.environment, other.url)
        assert look(TELLING, bookmark)[0] == frozenset()


@pytest.mark.parametrize("said_of_it", [Reply(b"", 400), Reply(b"", 404), said({"error_code": "07"}), Reply(b"?")])
def test_a_cursor_that_was_forgotten_says_nothing(served: Platform, said_of_it: Reply) -> None:
    marked, kept = dataclasses.replace(SERVICE, etag_of="page"), Kept(visits(10), "ngay", has_etag=True)
    served.says["/luot"] = kept
    _, bookmark = look(marked)
    served.says["/luot"] = lambda asked: (
        said_of_it if {"if-none-match", "con_tro"} <= {*asked.headers, *asked.query} else kept(asked)
    )
    assert look(marked, bookmark)[0] == {"2024-09", "2024-11"}


@pytest.mark.parametrize("etag", ['W/"1"', "1", '"1', '"1", "2"', '"' + "x" * 200 + '"', ""])
def test_a_mark_that_is_weak_or_none_spares_nothing(served: Platform, etag: str) -> None:
    def say(asked: Asked) -> Reply:
        reply = Kept(visits(3), "ngay")(asked)
        reply.headers["ETag"] = etag
        return reply

    served.says["/luot"] = say
    marked = dataclasses.replace(SERVICE, etag_of="page")
    assert look(marked, look(marked)[1])[0] == frozenset()
