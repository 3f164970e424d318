"""The road to a service, over real HTTP: what comes is whole or nothing is, whatever the platform does."""

import dataclasses
import datetime as dt
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from resources.connectors.connect import connect
from resources.connectors.connector import KEY, Connector, Places
from resources.connectors.rest import connector as rest
from resources.failing import Failure
from resources.settings import Settings
from schemas import services
from schemas.dataset import Dataset, Day, Limits, Source, Table, Text, field
from schemas.roads import Rest
from schemas.services import Service
from schemas.submissions import SUBMISSION_LOG
from tests.fixtures.scripted_service import KEYS, Kept, Platform, Reply, Rows, platform

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


def test_each_request_has_an_id_that_our_log_names_and_no_value(served: Platform, caplog: pytest.LogCaptureFixture) -> None:
    served.says["/luot"] = Kept(visits(5), "ngay")
    with caplog.at_level(logging.INFO, "ansinh.rest"), looking() as opened:
        opened.standings(VISITS, TODAY)
    lines = [record.getMessage() for record in caplog.records if record.name == "ansinh.rest"]
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
        assert "moi" in str(rest.RestConnector.faults(opened, SUBMISSION_LOG)) or opened.faults(SUBMISSION_LOG) == []
    with looking() as opened:
        assert opened.faults(SUBMISSION_LOG) == [] and not opened.submissions(VISITS, expected, until).latest
