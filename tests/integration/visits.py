"""A system that comes by services of a scripted platform: its declaration, a look at it, and what a look fails with."""

import dataclasses
import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from resources.connectors.connect import connect
from resources.connectors.connector import Connector, Places
from resources.failing import Failure
from resources.settings import Settings
from schemas import services
from schemas.column import Day, Table, Text, field
from schemas.dataset import Dataset, Limits, Source
from schemas.roads import Rest
from schemas.services import Service
from tests.fixtures.scripted_service import KEYS, Asked, Platform, Reply, Rows
from tests.fixtures.services import LIKE

SOURCE = Source(
    "visits", "Thử", "Hệ thống thử", "Hệ thống thử.", "-", "0 1 * * *", "X", 0, Limits(answer_timeout=dt.timedelta(seconds=20))
)
TODAY = dt.date(2024, 11, 20)
PERSON = "Nguyễn Thị Mẫu 040199990001"


class Visit(Table):
    commune_code: Text = field("ma_xa", "Mã xã", "Commune")
    code: Text = field("ma", "Mã hồ sơ", "Dossier")
    day: Day = field("ngay", "Ngày", "Day")
    name: Text = field("ten", "Tên", "Name")


class Centre(Table):
    code: Text = field("ma", "Mã cơ sở", "Centre")
    name: Text = field("ten", "Tên", "Name")


VISITS = Dataset(
    SOURCE, "visits", "Lượt", Visit, Rest("luot"), "lượt", ("code",), "monthly", "-", first_period="2024-09", placed_by="day"
)
CENTRES = Dataset(SOURCE, "centres", "Cơ sở", Centre, Rest("co_so"), "cơ sở", ("code",), "register", "-", commune=None)
SERVICE = dataclasses.replace(
    LIKE,
    system=SOURCE.name,
    resource="luot",
    path="/luot",
    success_codes=("00", "0"),
    page_size=4,
    since_parameter="",
    etag_of="",
    calls_per_minute=60_000,
)
BY_NUMBER = dataclasses.replace(SERVICE, paging="number", page_parameter="trang", next_at="")
COMMUNES = ("16681", "16684", "99999", None)


def visits(number: int, day: str | None = "2024-10-05") -> Rows:
    return [{"ma_xa": COMMUNES[n % 4], "ma": f"L{n}", "ngay": day, "ten": PERSON} for n in range(number)]


def as_made(standing: Platform, home: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """The platform as it is by itself, and the settings that lead to it."""
    standing.says.clear()
    standing.asked.clear()
    standing.tokens.clear()
    standing.token_seconds, standing.refusal = 3600.0, Reply(b"", 401)
    standing.hands_out, standing.knows = standing._new_token, lambda token: token in standing.tokens
    monkeypatch.setenv("ANSINH_HOME", str(home))
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
    assert PERSON not in told and "040199" not in told and KEYS[1] not in told and "{" not in told and told.isprintable()
    return failure.value


def on_page(number: int, do: Callable[[Asked], Reply | None], then: Callable[[Asked], Reply]) -> Callable[[Asked], Reply]:
    """`do` at the question of this number, from 1 on, where it has an answer; else `then`."""
    count = itertools.count(1)
    return lambda asked: (do(asked) if next(count) == number else None) or then(asked)
