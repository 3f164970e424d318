"""What moved at a service is found, and what did not is not read again, as far as the service itself can tell."""

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import pytest

from assets.cells.run import moved_since_due
from resources.clock import ZONE
from resources.hub import Hub
from schemas import services, units
from schemas.dataset import Dataset
from schemas.services import Service
from schemas.sources.social_protection.datasets import BENEFICIARIES, MONTHLY_PAYMENTS
from schemas.submissions import SUBMISSION_LOG
from tests.fixtures.scripted_service import KEYS, Asked, Platform, Reply, envelope, platform
from tests.integration.two_hubs import (
    LIST,
    MONTH,
    SOURCE,
    Two,
    change,
    check_as_from_nothing,
    fresh_hub,
    pulls,
    two_hubs,
)

LONG_AGO = "20240101000000"
PLACED = MONTHLY_PAYMENTS.column(MONTHLY_PAYMENTS.placed_by or "").source_column
COMMUNE = MONTHLY_PAYMENTS.column("commune_code").source_column


@dataclass
class ByService(Two):
    """A source whose tables are given by the services of a platform, which know what changed by an ETag, or by when it was written."""

    served: Platform = field(default_factory=Platform)
    has_etag: bool = True
    lies: bool = False  # that nothing changed
    written: dict[str, str] = field(default_factory=dict)  # the version of a row -> when it says that it was written

    @property
    def environment(self) -> dict[str, str]:
        keys = dict(zip(("LGSP_CLIENT_ID", "LGSP_CLIENT_SECRET", "LGSP_PARTNER_CODE"), (*KEYS, "H41.21"), strict=True))
        return {**super().environment, **keys, BENEFICIARIES.source.environment: self.served.url}

    @contextmanager
    def leading(self, hub: Hub) -> Iterator[None]:
        declared = [*(self._service(d.road.at_source) for d in (BENEFICIARIES, MONTHLY_PAYMENTS)), self._service("nhat_ky_nop")]
        with super().leading(hub), mock.patch.object(services, "services", lambda: tuple(declared)):
            for d in (BENEFICIARIES, MONTHLY_PAYMENTS, SUBMISSION_LOG):
                self.served.says[f"/{d.road.at_source}"] = lambda asked, d=d: self._say(d, asked)
            yield

    def asked(self, resource: str) -> list[Asked]:
        return [asked for asked in self.served.asked if asked.path == f"/{resource}"]

    def _service(self, resource: str) -> Service:
        by_days = resource == LIST
        return Service(
            system=SOURCE,
            resource=resource,
            valid_from=dt.date(2024, 1, 1),
            valid_to=None,
            path=f"/{resource}",
            token_path="/token",
            auth="bearer",
            code_at="error_code",
            success_codes=("00",),
            rows_at="data",
            total_at="tong_so",
            paging="number",
            page_parameter="trang",
            size_parameter="kich_thuoc",
            page_size=1_000,
            next_at="",
            from_parameter="tu_ngay" if by_days else "",
            to_parameter="den_ngay" if by_days else "",
            since_parameter="sua_tu",
            etag_of="page" if self.has_etag else "",
            calls_per_minute=60_000,
            source="-",
            confidence="unsure",
        )

    def _say(self, declared: Any, asked: Asked) -> Reply:
        columns = [c.source_column for c in declared.columns]
        first, last = (asked.query.get(name) for name in ("tu_ngay", "den_ngay"))
        where = (
            f" where ({PLACED} >= '{first}' {f'and {PLACED} <= ' + repr(last) if last else f'or {PLACED} is null'})"
            if first
            else ""
        )
        with self.source() as connection:
            found = connection.exec_driver_sql(
                f"select xmin::text, {', '.join(f'{c}::text' for c in columns)} from {declared.road.at_source}{where} order by ctid"
            ).all()
        if since := asked.query.get("sua_tu"):
            found = [row for row in found if self.written.get(row[0], LONG_AGO) >= since and not self.lies]
        size = int(asked.query["kich_thuoc"])
        start = (int(asked.query["trang"]) - 1) * size
        reply = envelope([dict(zip(columns, row[1:], strict=True)) for row in found[start : start + size]], tong_so=len(found))
        if self.has_etag:
            etag = f'"{hashlib.sha256(reply.body).hexdigest()[:32]}"'
            if (told := asked.headers.get("if-none-match")) and (told == etag or self.lies):
                return Reply(b"", 304, {"ETag": told})
            reply.headers["ETag"] = etag
        return reply


@pytest.fixture(scope="module")
def by_sql() -> Iterator[Two]:
    yield from two_hubs()


@pytest.fixture(scope="module", params=["etag", "since"])
def two(request: pytest.FixtureRequest, by_sql: Two) -> Iterator[ByService]:
    with platform() as served:
        found = ByService(by_sql.made, "rest", served=served, has_etag=request.param == "etag")
        found.hubs = 100 if found.has_etag else 200
        with by_sql.made.engine("postgres").connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("drop database if exists rest_read")
        found.read_first()
        yield found


@pytest.fixture
def hub(two: ByService) -> Iterator[Hub]:
    two.written.clear()
    two.lies = False
    yield from fresh_hub(two)


def now(ago: dt.timedelta = dt.timedelta(0)) -> str:
    return f"{dt.datetime.now(ZONE) - ago:%Y%m%d%H%M%S}"


def changed(two: ByService, at: str, *statements: str) -> None:
    """Change the source; what is written says that it was at that instant."""
    before = versions(two)
    for statement in statements:
        assert change(two, statement) > 0
    two.written |= dict.fromkeys(versions(two) - before, at)


def versions(two: ByService) -> set[str]:
    with two.source() as connection:
        return set(connection.exec_driver_sql(f"select distinct xmin::text from {LIST}").scalars())


def some(two: ByService, count: int = 1) -> str:
    """The condition of so many rows of October."""
    with two.source() as connection:
        places = (
            connection.exec_driver_sql(f"select ctid::text from {LIST} where {MONTH} order by ctid limit {count}").scalars().all()
        )
    return f"ctid in ({', '.join(map(repr, places))})"


def again(two: ByService) -> str:
    names = ", ".join(c.source_column for c in MONTHLY_PAYMENTS.columns)
    other = names.replace("ma_doi_tuong", "ma_doi_tuong || 'x'")
    return f"insert into {LIST} ({names}) select {other} from {LIST} where {some(two)}"


def test_what_stands_still_is_not_read_again(two: ByService, hub: Hub) -> None:
    before = pulls(hub)
    two.served.asked.clear()
    assert [outcome.cells for outcome in two.night(hub)] == [[], []] and pulls(hub) == before
    asked = two.asked(LIST)
    if two.has_etag:
        # How the rows are made, and whether the last day is of what is asked; at the end how many are before the first period.
        first, rest = asked[:2], asked[2:-1]
        assert not any("if-none-match" in each.headers for each in first)
        assert rest and all("if-none-match" in each.headers for each in rest)
    else:
        assert max(int(each.query["kich_thuoc"]) for each in asked[1:]) == 1
    with two.connected(hub) as opened:
        two.served.asked.clear()
        assert moved_since_due(hub, MONTHLY_PAYMENTS, opened) == {}
        assert all("if-none-match" in each.headers or each.query["kich_thuoc"] == "1" for each in two.asked(LIST))


MOVES: dict[str, Callable[[ByService], list[str]]] = {
    "a change": lambda two: [f"update {LIST} set so_tien = '501000' where {some(two, 3)}"],
    "a delete": lambda two: [f"delete from {LIST} where {some(two, 2)}"],
    "an insert": lambda two: [again(two)],
    "an insert and a delete": lambda two: [again(two), f"delete from {LIST} where {some(two)}"],
}


def test_what_moved_is_found(two: ByService, hub: Hub) -> None:
    def night() -> set[str]:
        _, outcome = two.night(hub)
        return {cell.period for cell in outcome.cells}

    for what, statements in MOVES.items():
        changed(two, now(), *statements(two))
        with two.connected(hub) as opened:
            assert {period for period, _ in moved_since_due(hub, MONTHLY_PAYMENTS, opened)} <= {"2024-10"}
        assert night() == {"2024-10"}, what
    # Committed late, it says that it was written before the look that did not see it.
    changed(two, now(dt.timedelta(hours=20)), f"update {LIST} set so_tien = '502000' where {some(two)}")
    assert night() == {"2024-10"} and night() == set()
    check_as_from_nothing(two, hub)


def test_a_service_that_says_nothing_moved_is_not_believed_by_hand_nor_for_ever(two: ByService, hub: Hub) -> None:
    two.lies = True
    with two.source() as source:
        commune = source.exec_driver_sql(f"select {COMMUNE} from {LIST} where {some(two)}").scalar_one()
    unit = units.placing(hub.today(), dt.date(2024, 10, 31))[commune]
    changed(two, now(), f"update {LIST} set so_tien = '501000' where {some(two)}")
    assert [outcome.cells for outcome in two.night(hub)] == [[], []]
    two.served.asked.clear()
    _, by_hand = two.night(hub, cells=frozenset({("2024-10", unit)}), by_hand=True)
    assert not any("if-none-match" in each.headers or "sua_tu" in each.query for each in two.asked(LIST))
    _, _, *of_rows = two.asked(LIST)  # the first ask how the rows are made, and for one day alone
    assert {each.query["tu_ngay"] for each in of_rows} == {"20241001"}, "no call is spent on another period"
    assert [cell.unit for cell in by_hand.loaded()] == [unit]
    changed(two, now(), f"update {LIST} set so_tien = '502000' where {some(two)}")
    assert [outcome.cells for outcome in two.night(hub)] == [[], []]
    _, whole = two.night(hub, whole=True)
    assert [cell.unit for cell in whole.loaded()] == [unit]


def test_other_questions_are_asked_of_the_service_anew(two: ByService, hub: Hub) -> None:
    declared: Dataset = dataclasses.replace(MONTHLY_PAYMENTS, kind="monthly", commune=None, by_province=True)
    with two.connected(hub) as opened:
        assert opened.standings(MONTHLY_PAYMENTS, hub.today()).unmoved == frozenset()
        bookmark = opened.bookmark(MONTHLY_PAYMENTS)
        assert bookmark is not None
        assert opened.standings(MONTHLY_PAYMENTS, hub.today(), {bookmark}).unmoved
        assert not opened.standings(MONTHLY_PAYMENTS, hub.today(), {bookmark, "{}"}).unmoved, "all of them have to say so"
    with two.connected(hub) as opened:
        assert not opened.standings(declared, hub.today(), {bookmark}).unmoved
