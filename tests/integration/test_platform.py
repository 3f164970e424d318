"""The demo's integration platform, over real HTTP on the loopback and a real database: its contract, and every way it misbehaves."""

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from resources.embedded import server
from schemas.registry import dataset_named
from schemas.services import Service
from schemas.submissions import SUBMISSION_LOG
from tests.integration.kept import new_home
from tests.integration.platform_server import RunningPlatform, running_platform, service

SYSTEM = "social_protection"
PEOPLE, LISTS = dataset_named("social_protection.beneficiaries"), dataset_named("social_protection.monthly_payments")
BY_NUMBER = {"paging": "number", "page_parameter": "trang", "next_at": ""}
REGISTER = service(SYSTEM, PEOPLE.road.at_source, **BY_NUMBER)
PAYMENTS = service(SYSTEM, LISTS.road.at_source, page_size=10)
LOG = service(SYSTEM, SUBMISSION_LOG.road.at_source, from_parameter="", to_parameter="", has_etag=False)
OLD = service(SYSTEM, PAYMENTS.resource, path="/cu/chi-tra", valid_to=dt.date(2024, 6, 30))
PAYMENTS_NAME, REGISTER_NAME = f"{SYSTEM}.{PAYMENTS.resource}", f"{SYSTEM}.{REGISTER.resource}"
TODAY = dt.date(2024, 11, 20)
PERSONS, LINES = 25, 47


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    made = new_home()
    running = server(made)
    try:
        running.ensure_database(SYSTEM)
        with closing(running.connect(SYSTEM)) as connection, connection.cursor() as cursor:
            _fill(cursor)
        yield made
    finally:
        running.stop()
        shutil.rmtree(made)


def _fill(cursor: Any) -> None:
    for declared in (PEOPLE, LISTS, SUBMISSION_LOG):
        columns = ", ".join(f'"{c.source_column}" {c.source_type}' for c in declared.columns)
        cursor.execute(f"create table {declared.road.at_source} ({columns})")
    cursor.execute(
        f"insert into {REGISTER.resource} (ma_doi_tuong, ngay_cap_nhat_nguon, la_dtts_vung_dbkk) "
        f"select 'p' || n, timestamptz '2024-11-01 08:30:00+07' + n * interval '1 day', n = 1 from generate_series(1, {PERSONS}) n"
    )
    cursor.execute(
        f"insert into {PAYMENTS.resource} (ma_doi_tuong, thang, hinh_thuc_chi_tra) "
        f"select 'p' || n, case when n <= 40 then date '2024-10-01' when n <= 45 then date '2025-01-01' end, 2 "
        f"from generate_series(1, {LINES}) n"
    )
    log = "('415', %s, '2024-10', timestamptz '2024-11-02 10:00:00.5+07', 40, false)"
    cursor.execute(f"insert into {LOG.resource} values {log}", (PAYMENTS.resource,))


@pytest.fixture(scope="module")
def standing(home: Path) -> Iterator[RunningPlatform]:
    connect = {SYSTEM: partial(server(home).connect, SYSTEM)}
    with running_platform(connect, (REGISTER, PAYMENTS, LOG, OLD), home / "platform", lambda: TODAY) as made:
        yield made


@pytest.fixture
def platform(standing: RunningPlatform) -> RunningPlatform:
    return standing.anew()


def read(platform: RunningPlatform, asked: Service, **parameters: Any) -> list[dict[str, Any]]:
    """The answers of all pages of a listing, as they come; of a service that never ends, twenty."""
    answers, page = [], 1
    while len(answers) < 20:
        answer = platform.get(asked, **parameters)
        assert answer.status_code == 200, answer.text
        answers.append(answer.json())
        page += 1
        if asked.paging == "number":
            parameters[asked.page_parameter] = page
        elif following := answers[-1][asked.next_at]:
            parameters[asked.page_parameter] = following
        else:
            return answers
        if asked.paging == "number" and not answers[-1]["data"]:
            return answers
    return answers


@contextmanager
def changed(home: Path, statement: str) -> Iterator[None]:
    """Inside, a table stands otherwise; afterwards as it was."""
    with closing(server(home).connect(SYSTEM)) as connection, connection.cursor() as cursor:
        table = PAYMENTS.resource if PAYMENTS.resource in statement else REGISTER.resource
        cursor.execute(f"create table kept as table {table}")
        cursor.execute(statement)
        try:
            yield
        finally:
            cursor.execute(f"begin; delete from {table}; insert into {table} table kept; drop table kept; commit")


def names(answers: list[dict[str, Any]]) -> list[str]:
    return [row["ma_doi_tuong"] for answer in answers for row in answer["data"]]


def test_every_row_comes_once_by_number_and_by_cursor(platform: RunningPlatform) -> None:
    people, lines = read(platform, REGISTER, kich_thuoc=10), read(platform, PAYMENTS)
    assert names(people) == [f"p{n}" for n in range(1, PERSONS + 1)]
    assert names(lines) == [f"p{n}" for n in range(1, LINES + 1)]
    assert [len(a["data"]) for a in people] == [10, 10, 5, 0] and [len(a["data"]) for a in lines] == [10, 10, 10, 10, 7]
    assert {a["tong_so"] for a in people} == {PERSONS} and {a["tong_so"] for a in lines} == {LINES}
    assert {a["error_code"] for a in people + lines} == {"00"}


def test_a_value_is_a_text_or_nothing(platform: RunningPlatform) -> None:
    person, line = read(platform, REGISTER)[0]["data"][0], read(platform, PAYMENTS)[0]["data"][0]
    assert person.keys() == {c.source_column for c in PEOPLE.columns}
    assert person["ngay_cap_nhat_nguon"] == "20241102083000" and person["la_dtts_vung_dbkk"] == "true"
    assert line["thang"] == "20241001" and line["hinh_thuc_chi_tra"] == "2" and line["so_tien"] is None
    (said,) = read(platform, LOG)[0]["data"]
    assert said["thoi_diem_nop"] == "20241102100000" and said["so_dong"] == "40" and said["khai_rong"] == "false"


def test_a_period_is_asked_by_its_days_and_the_last_takes_what_is_later_or_undated(platform: RunningPlatform) -> None:
    def count(**days: str) -> int:
        return read(platform, PAYMENTS, **days)[0]["tong_so"]

    assert count(tu_ngay="20241001", den_ngay="20241031") == 40
    assert count(tu_ngay="20241101", den_ngay="20241130") == 0
    assert count(tu_ngay="20241101") == LINES - 40 and count() == LINES


def test_what_did_not_change_is_not_given_again(platform: RunningPlatform, home: Path) -> None:
    first = platform.get(REGISTER)
    assert platform.get(REGISTER, {"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert len(platform.get(REGISTER, sua_tu="20241121083000").json()["data"]) == 6
    with changed(home, f"update {REGISTER.resource} set ho_ten = 'X' where ma_doi_tuong = 'p3'"):
        again = platform.get(REGISTER, {"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 200 and again.headers["ETag"] != first.headers["ETag"]
    assert platform.get(REGISTER).headers["ETag"] == first.headers["ETag"], "its content alone tells"


def test_the_pages_of_a_listing_show_one_instant(platform: RunningPlatform, home: Path) -> None:
    first = platform.get(PAYMENTS).json()
    with changed(home, f"delete from {PAYMENTS.resource} where ma_doi_tuong <> 'p1'"):
        second = platform.get(PAYMENTS, con_tro=first["con_tro_tiep"]).json()
        assert names([second]) == [f"p{n}" for n in range(11, 21)] and second["tong_so"] == LINES
        again = platform.get(PAYMENTS, con_tro=first["con_tro_tiep"]).json()
        assert again == second, "a page whose answer was lost is given again"
        platform.switch(dich_vu=PAYMENTS_NAME, loi="doi_giua_trang")
        third = platform.get(PAYMENTS, con_tro=second["con_tro_tiep"]).json()
        assert third["data"] == [] and third["tong_so"] == 1


def test_an_old_contract_is_not_spoken_and_a_strange_call_is_refused(platform: RunningPlatform) -> None:
    assert platform.get(OLD).status_code == 404
    for wrong in ({"tu_ngay": "2024-10-01"}, {"kich_thuoc": "0"}, {"con_tro": "x"}, {"sua_tu": "20241121"}):
        answer = platform.get(PAYMENTS, **wrong)
        assert answer.status_code == 400 and answer.json()["error_code"] == "400", wrong
    assert platform.get(PAYMENTS, con_tro="khong-co.2").status_code == 410
    assert platform.get(PAYMENTS, {"TRAN_CODE": ""}).status_code == 400
