"""The road to a service, over real HTTP: what comes is whole or nothing is, whatever the platform does."""

import dataclasses
import datetime as dt
import gzip
import itertools
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from resources.connectors.connect import connect
from resources.connectors.connector import KEY, Connector, Places
from resources.connectors.failures import SourceSilent, SourceSlow, SourceUnreachable
from resources.connectors.rest.failures import (
    AuthoritiesUnreadable,
    DaysIgnored,
    OtherThanDeclared,
    PagesDiffer,
    PlatformUnconfigured,
    ServiceAddressWrong,
    ServiceBusy,
    ServiceEndless,
    ServiceGarbled,
    ServiceLoginRefused,
    ServiceNotThere,
    ServicePage,
    ServiceRefused,
    ServiceRightMissing,
    ServiceSaysNo,
    ServiceUndeclared,
    ServiceUnsafe,
)
from resources.connectors.turns import turn
from resources.failing import LONGEST_DELAY, Failure
from resources.http.exchange import THREAD
from resources.settings import Settings
from schemas import services
from schemas.dataset import Dataset, Day, Limits, Source, Table, Text, field
from schemas.roads import Rest
from schemas.services import Service
from schemas.submissions import SUBMISSION_LOG
from tests.fixtures.certificates import certified
from tests.fixtures.hostile import Hostile, Say, drips, hostile, http, pours, says
from tests.fixtures.scripted_service import KEYS, Asked, Kept, Platform, Reply, Rows, envelope, platform, said

SOURCE = Source(
    "visits", "Thử", "Hệ thống thử", "Hệ thống thử.", "-", "0 1 * * *", "X", 0, Limits(answer_timeout=dt.timedelta(seconds=20))
)
TODAY = dt.date(2024, 11, 20)
PERSON = "Nguyễn Thị Mẫu 040199990001"


class Visit(Table):
    commune_code: Text = field("ma_xa", "Mã xã")
    code: Text = field("ma", "Mã hồ sơ")
    day: Day = field("ngay", "Ngày")
    name: Text = field("ten", "Tên")


class Centre(Table):
    code: Text = field("ma", "Mã cơ sở")
    name: Text = field("ten", "Tên")


VISITS = Dataset(
    SOURCE, "visits", "Lượt", Visit, Rest("luot"), "lượt", ("code",), "monthly", "-", first_period="2024-09", placed_by="day"
)
CENTRES = Dataset(SOURCE, "centres", "Cơ sở", Centre, Rest("co_so"), "cơ sở", ("code",), "register", "-", commune=None)
SERVICE = Service(
    system=SOURCE.name,
    resource="luot",
    valid_from=dt.date(2024, 1, 1),
    valid_to=None,
    path="/luot",
    token_path="/token",
    auth="bearer",
    code_at="error_code",
    success_codes=("00", "0"),
    rows_at="data",
    total_at="tong_so",
    paging="cursor",
    page_parameter="con_tro",
    size_parameter="kich_thuoc",
    page_size=4,
    next_at="con_tro_tiep",
    from_parameter="tu_ngay",
    to_parameter="den_ngay",
    since_parameter="",
    has_etag=False,
    calls_per_minute=60_000,
    source="-",
    confidence="unsure",
)
BY_NUMBER = dataclasses.replace(SERVICE, paging="number", page_parameter="trang", next_at="")
COMMUNES = ("16681", "16684", "99999", None)


def visits(number: int, day: str | None = "2024-10-05") -> Rows:
    return [{"ma_xa": COMMUNES[n % 4], "ma": f"L{n}", "ngay": day, "ten": PERSON} for n in range(number)]


@pytest.fixture(scope="module")
def standing() -> Iterator[Platform]:
    with platform() as found:
        yield found


@pytest.fixture
def served(standing: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """The platform as it is by itself, and the settings that lead to it."""
    standing.says.clear()
    standing.asked.clear()
    standing.tokens.clear()
    standing.token_seconds, standing.refusal = 3600.0, Reply(b"", 401)
    standing.hands_out, standing.knows = standing._new_token, lambda token: token in standing.tokens
    monkeypatch.setenv("ANSINH_HOME", str(tmp_path))
    monkeypatch.setenv(SOURCE.environment, standing.url)
    for name, told in zip(("LGSP_CLIENT_ID", "LGSP_CLIENT_SECRET", "LGSP_PARTNER_CODE"), (*KEYS, "H41.21"), strict=True):
        monkeypatch.setenv(name, told)
    return standing


@contextmanager
def looking(*found: Service, source: Source = SOURCE) -> Iterator[Connector]:
    """A look at what these services give."""
    with mock.patch.object(services, "services", lambda: found or (SERVICE,)), connect(source, Settings.load()) as opened:
        yield opened


def counted(opened: Connector, dataset: Dataset = VISITS) -> dict[str, dict[str | None, int | None]]:
    found = opened.standings(dataset, TODAY)
    return {period: {s.place: s.rows for s in stands} for period, stands in found.periods.items() if stands}


def received(opened: Connector, period: str, places: Places | None = None, dataset: Dataset = VISITS) -> list[dict[str, Any]]:
    return [row for batch in opened.rows(dataset, period, TODAY, places) for row in batch.to_pylist()]


def failing(kind: type[Failure], *found: Service, dataset: Dataset = VISITS) -> Failure:
    """What a look comes to; it tells no value of a row, no key and no token."""
    with pytest.raises(kind) as failure, looking(*found) as opened:
        opened.standings(dataset, TODAY)
    told = str(failure.value)
    assert PERSON not in told and "0401" not in told and KEYS[1] not in told and "{" not in told and told.isprintable()
    return failure.value


SHAPES = [(SERVICE, "bearer"), (SERVICE, "token_header"), (SERVICE, "authorization"), (BY_NUMBER, "bearer")]


@pytest.mark.parametrize(("service", "auth"), SHAPES)
def test_what_a_service_has_is_what_comes(served: Platform, service: Service, auth: Any) -> None:
    rows = visits(9) + visits(3, "2024-11-01") + visits(2, None) + visits(1, "2030-01-01")
    served.says["/luot"] = Kept([row | {"ma": f"{n}"} for n, row in enumerate(rows)], "ngay")
    with looking(dataclasses.replace(service, auth=auth)) as opened:
        assert opened.faults(VISITS) == []
        # Of a code that is in no list, and of none, the rows are one; what is later than all, or has no day, is of the last period.
        assert counted(opened) == {"2024-10": {"16681": 3, "16684": 2, None: 4}, "2024-11": {"16681": 3, "16684": 2, None: 1}}
        asked = len(served.asked)
        some = received(opened, "2024-10", Places(["16681"], ["16681", "16684"]))
        assert [row["ma_xa"] for row in some] == [b"16681", b"99999", None, b"16681", b"99999", None, b"16681"]
        everything = received(opened, "2024-10") + received(opened, "2024-11")
        assert [row["ten"] for row in everything] == [PERSON.encode()] * 15
        assert len({row[KEY] for row in everything}) == 15 and len(served.asked) == asked, "what is compared is what is loaded"
        assert opened.clock() is not None and opened.line() is not None
    by_number = [asked.query.get("trang") for asked in served.pages]
    assert (by_number[1:4] == ["1", "1", "2"]) == (service is BY_NUMBER)
    assert {asked.path for asked in served.asked} == {"/luot"} | ({"/token"} if auth != "authorization" else set())


def test_each_request_has_an_id_that_our_log_names_and_no_value(
    served: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSINH_HOME", str(tmp_path))
    served.says["/luot"] = Kept(visits(5), "ngay")
    (tmp_path / "logs").mkdir()
    old, recent = (tmp_path / "logs" / f"requests-{dt.date.today() - dt.timedelta(days=days)}.log" for days in (100, 80))
    old.write_text("cũ")
    recent.write_text("mới")
    with looking() as opened:
        opened.standings(VISITS, TODAY)
    assert not old.exists() and recent.exists()
    (written,) = set((tmp_path / "logs").iterdir()) - {recent}
    assert written.stat().st_mode & 0o077 == 0
    lines = [line.partition(" ")[2] for line in written.read_text().splitlines()]
    ids = [asked.headers["tran_code"] for asked in served.asked]
    assert len({uuid.UUID(number) for number in ids}) == len(lines) == len(served.asked)
    assert all(line.startswith(number) and "HTTP 200" in line for line, number in zip(lines, ids, strict=True))
    assert not any(PERSON in line or KEYS[1] in line or "t1" in line.split() for line in lines)
    assert {asked.headers["sender_code"] for asked in served.asked} == {"H41.21"}
    assert {asked.headers["accept-encoding"] for asked in served.asked} == {"identity"}


def test_the_submission_log_is_a_service_where_there_is_one(served: Platform) -> None:
    line = {"ma_don_vi": "412", "bang": "luot", "ky": "2024-10", "thoi_diem_nop": "2024-11-05 09:00+07", "so_dong": "5"}
    served.says["/nhat-ky"] = Kept([line | {"khai_rong": "false"}, line | {"ma_don_vi": "xx", "khai_rong": None}])
    log = dataclasses.replace(SERVICE, resource="nhat_ky_nop", path="/nhat-ky")
    expected, until = {"2024-10": ["412", "413"]}, dt.datetime(2024, 11, 20, tzinfo=dt.UTC)
    with looking(SERVICE, log) as opened:
        assert opened.faults(SUBMISSION_LOG) == []
        told = opened.submissions(VISITS, expected, until)
        assert {cell: word.rows for cell, word in told.latest.items()} == {("2024-10", "412"): 5}
        assert sum(told.unused.values()) == 1
    served.says["/nhat-ky"] = Kept([line | {"khai_rong": "false", "moi": "1"}])
    with looking(SERVICE, log) as opened:
        assert "moi" in str(opened.faults(SUBMISSION_LOG))
    with looking() as opened:
        assert opened.faults(SUBMISSION_LOG) == [] and not opened.submissions(VISITS, expected, until).latest


# Tokens -----------------------------------------------------------------------------------------------------------------


def on_page(number: int, do: Callable[[Asked], Reply | None], then: Callable[[Asked], Reply]) -> Callable[[Asked], Reply]:
    """`do` at the question of this number, from 1 on, where it has an answer; else `then`."""
    count = itertools.count(1)
    return lambda asked: (do(asked) if next(count) == number else None) or then(asked)


@pytest.mark.parametrize("refusal", [Reply(b"", 401), Reply(b"", 403), Reply(b'{"error_code": "401"}', 401)])
def test_a_token_that_ends_between_two_pages_is_renewed_once(served: Platform, refusal: Reply) -> None:
    served.refusal = refusal
    served.says["/luot"] = on_page(3, lambda _: served.tokens.clear(), Kept(visits(14), "ngay"))
    with looking() as opened:
        assert sum(n or 0 for n in counted(opened)["2024-10"].values()) == 14
    assert [asked.path for asked in served.asked].count("/token") == 2


def test_a_token_is_renewed_before_its_end(served: Platform) -> None:
    served.token_seconds = 0.2  # the half of it is left when it is asked for anew
    served.says["/luot"] = Kept(visits(14), "ngay")
    slowed = dataclasses.replace(SERVICE, calls_per_minute=600)  # a call each tenth of a second
    with looking(slowed) as opened:
        opened.standings(VISITS, TODAY)
    used = [asked.headers["authorization"] for asked in served.pages]
    assert len(set(used)) >= 3 and not any(path == "/token" for path in {asked.path for asked in served.pages})


def test_a_gateway_that_gives_the_same_token_with_no_time_left_is_gone_on_with_or_given_up(served: Platform) -> None:
    """wso2/api-manager#773: the token is the same until it has ended, and so is what is said of its time."""
    served.says["/luot"] = Kept(visits(9), "ngay")
    served.hands_out = lambda: ("same", 0)
    served.knows = lambda token: token == "same"
    with looking() as opened:
        assert sum(n or 0 for n in counted(opened)["2024-10"].values()) == 9
    served.asked.clear()
    served.knows = lambda token: False
    failing(ServiceLoginRefused)
    assert len(served.asked) <= 5, "it is asked for a few times, and then it is over"


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        (Reply(b"", 401), ServiceLoginRefused),
        (Reply(b'{"error": "invalid_client"}', 400), ServiceLoginRefused),
        (Reply(b"<html>", 200, {"Content-Type": "text/html"}), ServicePage),
        (said({"access_token": "a\r\nb"}), ServiceGarbled),
        (said({"access_token": None}), ServiceGarbled),
        (Reply(b"[" * 50_000), ServiceGarbled),
        (Reply(b"x" * 100_000), ServiceEndless),
        (Reply(b"", 404), ServiceNotThere),
    ],
)
def test_what_is_no_token_is_told(served: Platform, token: Reply, kind: type[Failure]) -> None:
    with mock.patch.object(served, "_reply", lambda asked: token):
        failing(kind)


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


# What moved ---------------------------------------------------------------------------------------------------------------


def look(service: Service, since: str | None = None) -> tuple[frozenset[str], str]:
    """The periods that were not read, and the bookmark for the next look."""
    with looking(service) as opened:
        found, bookmark = opened.standings(VISITS, TODAY, None if since is None else {since}), opened.bookmark(VISITS)
    assert bookmark is not None and found.unmoved | found.periods.keys() == {"2024-09", "2024-10", "2024-11"}
    return found.unmoved, bookmark


@pytest.mark.parametrize("service", [SERVICE, BY_NUMBER])
def test_each_page_has_a_mark_and_all_of_them_have_to_stand(served: Platform, service: Service) -> None:
    marked, kept = dataclasses.replace(service, has_etag=True), Kept(visits(10), "ngay", has_etag=True)
    served.says["/luot"] = kept
    _, bookmark = look(marked)
    unmoved, again = look(marked, bookmark)
    assert unmoved == {"2024-09", "2024-10", "2024-11"} and again == bookmark
    kept.rows[9]["ten"] = "khác"  # on the last page alone, by as many rows
    assert look(marked, bookmark)[0] == {"2024-09", "2024-11"}
    assert look(dataclasses.replace(marked, page_size=5), bookmark)[0] == frozenset(), "other questions are asked"


def test_a_mark_of_all_pages_is_asked_for_once(served: Platform) -> None:
    marked, kept = dataclasses.replace(SERVICE, has_etag=True), Kept(visits(10), "ngay")

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
    assert len(look(marked, bookmark)[0]) == 3 and len(served.pages) == 3
    kept.rows = visits(11)
    assert not look(marked, bookmark)[0]


@pytest.mark.parametrize("said_of_it", [Reply(b"", 400), Reply(b"", 404), said({"error_code": "07"}), Reply(b"?")])
def test_a_cursor_that_was_forgotten_says_nothing(served: Platform, said_of_it: Reply) -> None:
    marked, kept = dataclasses.replace(SERVICE, has_etag=True), Kept(visits(10), "ngay", has_etag=True)
    served.says["/luot"] = kept
    _, bookmark = look(marked)
    served.says["/luot"] = lambda asked: (
        said_of_it if {"if-none-match", "con_tro"} <= {*asked.headers, *asked.query} else kept(asked)
    )
    assert look(marked, bookmark)[0] == {"2024-09", "2024-11"}


@pytest.mark.parametrize("etag", ['W/"1"', "1", '"' + "x" * 200 + '"', ""])
def test_a_mark_that_is_weak_or_none_spares_nothing(served: Platform, etag: str) -> None:
    def say(asked: Asked) -> Reply:
        reply = Kept(visits(3), "ngay")(asked)
        reply.headers["ETag"] = etag
        return reply

    served.says["/luot"] = say
    marked = dataclasses.replace(SERVICE, has_etag=True)
    assert look(marked, look(marked)[1])[0] == frozenset()


# Structure --------------------------------------------------------------------------------------------------------------


def test_what_differs_from_the_declaration_is_told_before_anything_is_read(served: Platform) -> None:
    for rows, told in (
        ([row | {"moi": "1"} for row in visits(3)], ["thêm cột chưa khai báo: moi"]),
        ([*visits(2), visits(3)[2] | {f"{PERSON} ": "1"}], ["cột lạ thứ 1"]),
        ([{k: v for k, v in row.items() if k != "ten"} for row in visits(3)], ["thiếu cột ten"]),
        ([{("ho_ten" if k == "ten" else k): v for k, v in row.items()} for row in visits(3)], ["thiếu cột ten", "ho_ten"]),
        ([row | {"ten": {"ho": PERSON}} for row in visits(3)], ["cột ten chứa cả một đối tượng"]),
    ):
        served.says["/luot"] = Kept(rows, "ngay")
        with looking() as opened:
            found = "; ".join(opened.faults(VISITS))
        assert all(part in found for part in told) and PERSON not in found
    served.says["/luot"] = Kept([])
    with looking() as opened:
        assert opened.faults(VISITS) == [], "of no rows nothing is told"
    served.says["/luot"] = Kept([*visits(6), visits(7)[6] | {"moi": "1", f"{PERSON}\x1b[2J": None}], "ngay")
    assert "moi" in str(failing(OtherThanDeclared))


def test_a_service_that_nobody_declared_is_told_in_words(served: Platform) -> None:
    ended = dataclasses.replace(SERVICE, valid_to=dt.date(2024, 11, 19))
    with looking(ended) as opened:
        assert opened.faults(VISITS) == ["chưa khai dịch vụ nào cho dịch vụ luot vào ngày 20/11/2024"]
        with pytest.raises(ServiceUndeclared):
            opened.rehearse(VISITS, TODAY)
    assert not served.asked


def test_each_statement_of_a_night_is_rehearsed_by_a_row(served: Platform) -> None:
    served.says["/luot"] = Kept(visits(9), "ngay")
    with looking(dataclasses.replace(SERVICE, since_parameter="sua_tu")) as opened:
        opened.rehearse(VISITS, TODAY)
    assert [sorted(asked.query) for asked in served.pages] == [
        ["den_ngay", "kich_thuoc", "tu_ngay"],
        ["den_ngay", "kich_thuoc", "sua_tu", "tu_ngay"],
        ["kich_thuoc", "tu_ngay"],
        ["kich_thuoc", "sua_tu", "tu_ngay"],
    ]
    assert {asked.query["kich_thuoc"] for asked in served.pages} == {"1"}


# Cells ------------------------------------------------------------------------------------------------------------------


def test_a_cell_is_what_was_written(served: Platform) -> None:
    """A number by its digits, a word by its letters; what is no text is no text for the readers either."""
    cells: dict[str, bytes | None] = {
        '"null"': b"null",
        "null": None,
        "012": None,  # no JSON
        "12345678901234567890123": b"12345678901234567890123",
        "1.10": b"1.10",
        "-0": b"-0",
        "1E400": b"1E400",
        "true": b"true",
        '{"a": [1, "b"]}': b'{"a":["1","b"]}',
        "[]": b"[]",
        '"\\u0000x"': b"\0x",
        '"\\ud800"': b"\xed\xa0\x80",
        '"\\ud83d\\ude00"': "😀".encode(),
        '"a\\u0301"': "a\u0301".encode(),
        '""': b"",
    }
    for written, expected in cells.items():
        body = '{"error_code":"00","tong_so":2,"data":[{"ma":"1","ten":' + written + '},{"ma":"2"}]}'
        served.says["/co-so"] = lambda _, body=body: Reply(body.encode())
        service = dataclasses.replace(SERVICE, resource="co_so", path="/co-so")
        if written == "012":
            failing(ServiceGarbled, service, dataset=CENTRES)
            continue
        with looking(service) as opened:
            opened.standings(CENTRES, TODAY)
            assert [row["ten"] for row in received(opened, "now", dataset=CENTRES)] == [expected, None], written


def test_bytes_that_are_no_text_stop_their_cell_alone(served: Platform) -> None:
    body = envelope(visits(2), tong_so=2).body.replace(PERSON.encode(), b"Nguy\xd4n \xff", 1)
    served.says["/luot"] = lambda asked: Reply(body) if "202410" in asked.query["tu_ngay"] else envelope([], tong_so=0)
    with looking() as opened:
        opened.standings(VISITS, TODAY)
        broken, whole = (row["ten"] for row in received(opened, "2024-10"))
    assert whole == PERSON.encode() and b"\xff" not in broken
    with pytest.raises(UnicodeDecodeError):
        broken.decode()


# Trouble ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(b"", 401), ServiceLoginRefused),
        (Reply(b'{"error_code": "403"}', 403), ServiceRightMissing),
        (Reply(b"", 404), ServiceNotThere),
        (Reply(b"", 302, {"Location": "https://cong.vi-du.vn/"}), ServiceNotThere),
        (Reply(b'{"error_code": "E12"}', 400), ServiceRefused),
        (Reply(b"", 204), ServiceGarbled),
        (Reply(b"", 304), ServiceGarbled),
        (Reply(b"<html><body>", 200), ServicePage),
        (Reply(b" \n<!DOCTYPE html>", 503, {"Content-Type": "text/html"}), ServicePage),
        (Reply(b"", 503), ServiceBusy),
        (Reply(b"", 429), ServiceBusy),
        (said({"error_code": "-1", "message": PERSON, "data": []}), ServiceSaysNo),
        (said({"error_code": f"{PERSON}", "data": []}), ServiceSaysNo),
        (said({"error_code": "040199990001", "data": []}), ServiceSaysNo),
        (said({"error_code": None, "data": [], "tong_so": 0}), ServiceGarbled),
        (said({"error_code": "00", "data": []}), ServiceGarbled),
        (said({"error_code": "00", "data": None, "tong_so": 4}), ServiceGarbled),
        (said({"error_code": "00", "data": {}, "tong_so": 4}), ServiceGarbled),
        (said({"error_code": "00", "data": [[]], "tong_so": 1}), ServiceGarbled),
        (said({"error_code": "00", "data": [], "tong_so": -1}), ServiceGarbled),
        (said({"error_code": "00", "data": [], "tong_so": 10**30}), ServiceGarbled),
        (said({"error_code": "00", "data": [], "tong_so": True}), ServiceGarbled),
        (said({"error_code": "00", "data": [], "tong_so": 0, "con_tro_tiep": ["x"]}), ServiceGarbled),
        (said({"error_code": "00", "data": [], "tong_so": 0, "con_tro_tiep": "x" * 5000}), ServiceGarbled),
        (said([]), ServiceGarbled),
        (Reply(b""), ServiceGarbled),
        (Reply(b"null"), ServiceGarbled),
        (Reply(b'{"error_code":"00","tong_so":1,"data":[{"ma":"1","ma":"2"}]}'), ServiceGarbled),
        (Reply(b'{"error_code":"00","error_code":"00","tong_so":0,"data":[]}'), ServiceGarbled),
        (Reply(b'{"error_code":"00","tong_so":1,"data":[{"ten":NaN}]}'), ServiceGarbled),
        (Reply(b"[" * 200_000), ServiceGarbled),
        (Reply(b'{"a":' * 200_000), ServiceGarbled),
        (Reply(b'{"data":[' + b"1," * 2_100_000 + b"1]}"), ServiceGarbled),
        (Reply(gzip.compress(envelope([], tong_so=0).body), 200, {"Content-Encoding": "gzip"}), ServiceGarbled),
        (Reply(gzip.compress(envelope([], tong_so=0).body)), ServiceGarbled),
        (Reply(envelope([], tong_so=0).body, 200, {}, 1000), ServiceGarbled),
    ],
)
def test_what_is_no_answer_is_told_and_nothing_of_it_is_said(served: Platform, reply: Reply, kind: type[Failure]) -> None:
    served.says["/luot"] = lambda _: reply
    with turn(others_wait=True):  # what may pass by itself is not waited for long
        failing(kind)


def test_a_null_list_is_none_only_where_there_is_nothing(served: Platform) -> None:
    served.says["/luot"] = lambda _: said({"error_code": "00", "data": None, "tong_so": 0})
    with looking() as opened:
        assert counted(opened) == {}


def test_rows_lie_where_a_service_says(served: Platform) -> None:
    other = dataclasses.replace(SERVICE, code_at="", rows_at="ket_qua.ds", total_at="ket_qua.tong", next_at="ket_qua.sau")
    served.says["/luot"] = lambda asked: said(
        {
            "ket_qua": {
                "ds": visits(2) if "202410" in asked.query["tu_ngay"] else [],
                "tong": 2 if "202410" in asked.query["tu_ngay"] else 0,
            }
        }
    )
    with looking(other) as opened:
        assert counted(opened) == {"2024-10": {"16681": 1, "16684": 1}}


@pytest.mark.parametrize("asked", ["0", "1", "Wed, 20 Nov 2024 00:00:00 GMT"])
def test_short_trouble_is_waited_out(served: Platform, asked: str) -> None:
    kept = Kept(visits(5), "ngay")
    busy = Reply(b"", 429, {"Retry-After": asked})
    served.says["/luot"] = on_page(2, lambda _: busy, on_page(3, lambda _: Reply(b"", 502), kept))
    with looking() as opened:
        assert sum(n or 0 for n in counted(opened)["2024-10"].values()) == 5


@pytest.mark.parametrize("asked", ["86400", "99999999", "Fri, 31 Dec 9999 00:00:00 GMT", "mai", "-1"])
def test_who_asks_for_a_day_is_left_alone_and_parks_nobody(served: Platform, asked: str) -> None:
    served.says["/luot"] = lambda _: Reply(b"", 429, {"Retry-After": asked})
    failure = failing(ServiceBusy)
    assert len(served.pages) == 1 and (failure.retry_after or LONGEST_DELAY) <= LONGEST_DELAY


def test_no_more_is_asked_in_a_minute_than_its_owner_allows(served: Platform) -> None:
    times: list[float] = []
    kept = Kept(visits(14), "ngay")

    def say(asked: Asked) -> Reply:
        times.append(time.monotonic())
        return kept(asked)

    served.says["/luot"] = say
    with looking(dataclasses.replace(SERVICE, calls_per_minute=1200)) as opened:
        opened.standings(VISITS, TODAY)
    assert len(times) == 6 and times[-1] - times[0] >= 4 * 60 / 1200


# Of time and size ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stranger() -> Iterator[Hostile]:
    with hostile() as found:
        yield found


def all_ended() -> bool:
    """Whether no exchange lives on behind the back of who gave it up."""
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join(10)
    return not any(thread.name == THREAD for thread in threading.enumerate())


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SHORT = dataclasses.replace(
    SOURCE, limits=Limits(answer_timeout=dt.timedelta(seconds=0.3), reading_timeout=dt.timedelta(minutes=1))
)
ENDLESS: dict[str, tuple[Say, type[Failure]]] = {
    "nothing": (drips(b"", b""), SourceSilent),
    "a header": (drips(HEAD + b"X: ", b"x"), SourceSilent),
    "the body": (drips(HEAD + b"Content-Length: 99999\r\n\r\n", b" "), SourceSilent),
    "a piece": (drips(CHUNKED, b"0"), SourceSilent),
    "gigabytes": (pours(HEAD + b"Content-Length: 3221225472\r\n\r\n", b"[" * 65536, []), ServiceEndless),
    "gigabytes in pieces": (pours(CHUNKED + b"c0000000\r\n", b"[" * 65536, []), ServiceEndless),
    "a cut body": (says(HEAD + b"Content-Length: 99\r\n\r\n{"), ServiceGarbled),
    "a cut piece": (says(CHUNKED + b"40\r\n{}"), ServiceGarbled),
    "pieces without an end": (says(CHUNKED + b"2\r\n{}\r\n"), ServiceGarbled),
    "what is no HTTP": (says(b"\x16\x03\x01\x02\x00"), ServiceGarbled),
    "a bomb": (says(http(gzip.compress(b"[" * 10_000_000), "200 OK", "Content-Encoding: gzip")), ServiceGarbled),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_whatever_comes_is_bounded_in_time_and_size(
    served: Platform, stranger: Hostile, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SOURCE.environment, stranger.url)
    stranger.answer, kind = ENDLESS[what]
    patient = SHORT if kind is SourceSilent else SOURCE
    with turn(others_wait=kind is not SourceSilent), pytest.raises(kind) as failure, looking(source=patient) as opened:
        opened.standings(VISITS, TODAY)
    assert all_ended() and (kind is SourceSilent) == isinstance(failure.value, SourceSilent)


def test_one_that_answers_drop_by_drop_is_given_up_as_a_whole(served: Platform) -> None:
    kept = Kept(visits(12), "ngay")

    def slowly(asked: Asked) -> Reply:
        time.sleep(0.2)
        return kept(asked)

    served.says["/luot"] = slowly
    limits = Limits(answer_timeout=dt.timedelta(seconds=5), reading_timeout=dt.timedelta(seconds=0.5))
    with pytest.raises(SourceSlow), turn(), looking(source=dataclasses.replace(SOURCE, limits=limits)) as opened:
        opened.standings(VISITS, TODAY)
    assert all_ended()


def test_looks_of_a_turn_share_a_token_and_their_time(served: Platform) -> None:
    served.says["/luot"] = Kept(visits(3), "ngay")
    with turn() as taken:
        for _ in range(3):
            with looking() as opened:
                opened.standings(VISITS, TODAY)
        assert taken.waited[SOURCE.name] > 0
    assert [asked.path for asked in served.asked].count("/token") == 1


def test_nobody_there_is_unreachable(served: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SOURCE.environment, "http://127.0.0.1:1/lgsp")
    with turn(others_wait=True):
        failing(SourceUnreachable)


# Settings ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["LGSP_CLIENT_ID", "LGSP_CLIENT_SECRET", "LGSP_PARTNER_CODE"])
def test_what_is_not_set_is_named(served: Platform, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(missing)
    assert missing in str(failing(PlatformUnconfigured)) and not served.asked


def test_a_system_has_keys_of_its_own_where_they_are_set(served: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    served.says["/luot"] = Kept(visits(3), "ngay")
    monkeypatch.setenv("LGSP_CLIENT_SECRET", "mat-khau-khac")
    failing(ServiceLoginRefused)
    monkeypatch.setenv("SOURCE_VISITS_CLIENT_ID", KEYS[0])
    assert "SOURCE_VISITS_CLIENT_SECRET" in str(failing(PlatformUnconfigured))
    monkeypatch.setenv("SOURCE_VISITS_CLIENT_SECRET", KEYS[1])
    with looking() as opened:
        assert counted(opened)


@pytest.mark.parametrize("url", ["http://10.0.0.1/lgsp", "https://ten:mat-khau@may.vi-du.vn", "https://may.vi-du.vn/?x=1"])
def test_an_address_that_is_not_trusted_is_refused_before_anything_leaves(
    served: Platform, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SOURCE.environment, url)
    with pytest.raises(ServiceAddressWrong) as failure, looking():
        pass
    assert SOURCE.environment in str(failure.value) and "vi-du" not in str(failure.value)


def test_the_platform_is_whom_its_own_authority_vouches_for_and_nobody_else(
    served: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = certified(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with hostile(tls) as encrypted:
        monkeypatch.setenv(SOURCE.environment, encrypted.url)
        encrypted.answer = says(http(envelope([], tong_so=0).body))
        assert "SSLCertVerificationError" in str(failing(ServiceUnsafe)) and encrypted.asked == [], (
            "nothing is said to a stranger"
        )
        monkeypatch.setenv("LGSP_CA_FILE", str(certificate))
        with looking() as opened:
            assert counted(opened) == {}
            line = opened.line()
            assert line is not None and "TLS" in line.told and line.amiss(SOURCE.environment) is None
        monkeypatch.setenv(SOURCE.environment, encrypted.url.replace("127.0.0.1", "localhost"))
        assert "SSLCertVerificationError" in str(failing(ServiceUnsafe)), "it is vouched for by another name"
    for wrong in (key, tmp_path / "khong-co.pem"):
        monkeypatch.setenv("LGSP_CA_FILE", str(wrong))
        failing(AuthoritiesUnreadable)
