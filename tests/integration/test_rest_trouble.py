"""A platform that does whatever it likes, over real HTTP: a declared failure comes out, in bounded time and of bounded size."""

import dataclasses
import datetime as dt
import gzip
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from resources.connectors.failures import SourceSilent, SourceSlow, SourceUnreachable
from resources.connectors.rest import pace, spool
from resources.connectors.rest.failures import (
    PagesDiffer,
    ServiceBusy,
    ServiceEndless,
    ServiceGarbled,
    ServiceLoginRefused,
    ServiceNotThere,
    ServicePage,
    ServiceRefused,
    ServiceRightMissing,
    ServiceSaysNo,
    SpoolRefused,
)
from resources.connectors.turns import turn
from resources.failing import LONGEST_DELAY, Failure
from resources.http.exchange import THREAD
from schemas.dataset import Limits
from tests.fixtures.hostile import Hostile, Say, drips, hostile, http, pours, says
from tests.fixtures.scripted_service import Asked, Kept, Platform, Reply, envelope, platform, said
from tests.integration.visits import (
    PERSON,
    SERVICE,
    SOURCE,
    TODAY,
    VISITS,
    as_made,
    counted,
    failing,
    looking,
    on_page,
    visits,
)


@pytest.fixture(scope="module")
def standing() -> Iterator[Platform]:
    with platform() as found:
        yield found


@pytest.fixture
def served(standing: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    return as_made(standing, tmp_path, monkeypatch)


# Tokens -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("refusal", [Reply(b"", 401), Reply(b"", 403), Reply(b'{"error_code": "401"}', 401)])
def test_a_token_that_ends_between_two_pages_is_renewed_once(served: Platform, refusal: Reply) -> None:
    served.refusal = refusal
    served.says["/luot"] = on_page(3, lambda _: served.tokens.clear(), Kept(visits(14), "ngay"))
    with looking() as opened:
        assert sum(n or 0 for n in counted(opened)["2024-10"].values()) == 14
    assert [asked.path for asked in served.asked].count("/token") == 2


def test_a_token_is_renewed_before_its_end(served: Platform) -> None:
    served.token_seconds = 0.2  # the half of it is left when it is asked for anew
    kept = Kept(visits(14), "ngay")

    def slowly(asked: Asked) -> Reply:
        time.sleep(0.1)
        return kept(asked)

    served.says["/luot"] = slowly
    with looking() as opened:
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


def test_no_more_is_asked_in_a_minute_than_its_owner_allows(served: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MINUTE", 0.5)
    times: list[float] = []
    kept = Kept(visits(14), "ngay")

    def say(asked: Asked) -> Reply:
        times.append(time.monotonic())
        return kept(asked)

    served.says["/luot"] = say
    with looking(dataclasses.replace(SERVICE, calls_per_minute=3)) as opened:
        opened.standings(VISITS, TODAY)
    assert len(times) == 7
    assert all(later - earlier > 0.4 for earlier, later in zip(times, times[3:], strict=False))


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


def test_what_came_lies_with_the_state_and_has_a_bound(served: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served.says["/luot"] = Kept(visits(30), "ngay")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "khong-co"))
    with looking() as opened:
        assert counted(opened) and {path.name for path in tmp_path.iterdir()} == {"logs"}, "nothing of it has a name"
    monkeypatch.setattr(spool, "MOST_BYTES", 1_000)
    failing(PagesDiffer)


def test_a_disk_that_takes_no_more_is_told(served: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    served.says["/luot"] = Kept(visits(9), "ngay")
    with Path("/dev/full").open("r+b", buffering=0) as full:
        monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: full)
        failing(SpoolRefused)
