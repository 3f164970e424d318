"""The demo's integration platform, over real HTTP on the loopback and a real database: its contract, and how it stands."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from demo.platform.asking import Window
from demo.platform.listing import Listing
from pipelines.runtime.processes import stop_all
from resources import beside
from resources.beside import Beside
from resources.embedded import server
from resources.failures import BesideStopped
from resources.settings import Settings
from schemas.roads import BY_ROW_HASH, Sql
from tests.integration.platform_server import RunningPlatform, shown
from tests.integration.province import until
from tests.integration.small_platform import (
    HOMES,
    LINES,
    LISTS,
    LOG,
    MANY,
    OLD,
    PAYMENTS,
    PAYMENTS_NAME,
    PEOPLE,
    PERSONS,
    REGISTER,
    SYSTEM,
    TODAY,
    changed,
    names,
    read,
    small_platform,
    small_source,
)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    yield from small_source()


@pytest.fixture(scope="module")
def standing(home: Path) -> Iterator[RunningPlatform]:
    yield from small_platform(home)


@pytest.fixture
def platform(standing: RunningPlatform) -> RunningPlatform:
    return standing.anew()


def test_every_row_comes_once_by_number_and_by_cursor(platform: RunningPlatform) -> None:
    people, lines = read(platform, REGISTER, kich_thuoc=10), read(platform, PAYMENTS)
    assert names(people) == [f"p{n}" for n in range(1, PERSONS + 1)]
    assert names(lines) == [f"p{n}" for n in range(1, LINES + 1)]
    assert [len(a["data"]) for a in people] == [10, 10, 5, 0] and [len(a["data"]) for a in lines] == [10, 10, 10, 10, 7]
    assert {a["tong_so"] for a in people} == {PERSONS} and {a["tong_so"] for a in lines} == {LINES}
    assert {a["error_code"] for a in people + lines} == {"00"}


def test_a_service_gives_smaller_pages_than_it_is_asked_for(platform: RunningPlatform) -> None:
    platform.switch(toi_da_dong=20)
    people, lines = read(platform, REGISTER, kich_thuoc=25), read(platform, PAYMENTS)
    assert [len(a["data"]) for a in people] == [20, 5, 0] and names(people) == [f"p{n}" for n in range(1, PERSONS + 1)]
    assert [len(a["data"]) for a in lines] == [10, 10, 10, 10, 7], "where they are larger than its own"


def test_a_value_is_a_text_or_nothing(platform: RunningPlatform) -> None:
    person, line = read(platform, REGISTER)[0]["data"][0], read(platform, PAYMENTS)[0]["data"][0]
    assert person.keys() == {c.source_column for c in PEOPLE.columns}
    assert person["ngay_cap_nhat_nguon"] == "20241102083000" and person["la_dtts_vung_dbkk"] == "true"
    assert line["thang"] == "2024-10-01" and line["hinh_thuc_chi_tra"] == "2" and line["so_tien"] is None
    (said,) = read(platform, LOG)[0]["data"]
    assert said["thoi_diem_nop"] == "20241102100000" and said["so_dong"] == "40" and said["khai_rong"] == "false"


def test_a_period_is_asked_by_its_days_and_the_last_takes_what_is_later_or_undated(platform: RunningPlatform) -> None:
    def count(**days: str) -> int:
        return read(platform, PAYMENTS, **days)[0]["tong_so"]

    assert count(tu_ngay="20241001", den_ngay="20241031") == 40
    assert count(tu_ngay="20241101", den_ngay="20241130") == 0
    assert count(tu_ngay="20241101") == LINES - 40 and count() == LINES


PLACED = {
    "date": (LISTS, "month", "thang", "date '{}'"),
    "timestamptz": (PEOPLE, "updated_at", "ngay_cap_nhat_nguon", "timestamptz '{} 00:30+07'"),
    "text": (LISTS, "payer", "don_vi_chi_tra", "to_char(date '{}', 'YYYYMMDD') || '235959'"),
    "year": (LISTS, "payment_way_code", "hinh_thuc_chi_tra", "extract(year from date '{}')"),
}


@pytest.mark.parametrize("kind", PLACED)
def test_whatever_places_a_row_places_it_by_the_same_days(home: Path, kind: str) -> None:
    like, field, column, value = PLACED[kind]
    periods = "yearly" if kind == "year" else "monthly"
    placed = {"kind": periods, "first_period": "2023" if kind == "year" else "2023-12", "placed_by": field}
    declared = dataclasses.replace(like, is_payment_list=False, road=Sql(f"dat_{kind}", BY_ROW_HASH), **placed)
    days = ["2023-12-31", "2024-01-01", "2024-12-31", "2025-01-01"]
    with closing(server(home).connect(SYSTEM)) as connection, connection.cursor() as cursor:
        cursor.execute(f"create table dat_{kind} as table {like.road.at_source} with no data")
        for told in (*(value.format(day) for day in days), "null"):
            cursor.execute(f"insert into dat_{kind} ({column}) values ({told})")
        if kind == "text":
            cursor.execute(f"insert into dat_{kind} ({column}) values ('không rõ')")
    undated = 2 if kind == "text" else 1

    def count(first: dt.date | None, until: dt.date | None) -> int:
        listing = Listing(partial(server(home).connect, SYSTEM), declared, Window(first, until), None, has_etag=False)
        listing.close()
        return listing.total

    year = dt.date(2024, 1, 1), dt.date(2024, 12, 31)
    assert count(*year) == 2 and count(None, year[1]) == 3 and count(year[0], None) == 3 + undated
    assert count(None, None) == 4 + undated
    if kind == "year":
        assert count(dt.date(2024, 9, 1), dt.date(2025, 8, 31)) == 2, "a school year is called by the year in which it begins"


def test_what_did_not_change_is_not_given_again(platform: RunningPlatform, home: Path) -> None:
    first = platform.get(REGISTER)
    assert platform.get(REGISTER, {"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert platform.get(REGISTER, {"If-None-Match": first.headers["ETag"]}, trang=2).status_code == 304
    with changed(home, f"update {REGISTER.resource} set ho_ten = 'X' where ma_doi_tuong = 'p3'"):
        again = platform.get(REGISTER, {"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 200 and again.headers["ETag"] != first.headers["ETag"]
    assert platform.get(REGISTER).headers["ETag"] == first.headers["ETag"], "its content alone tells"


def test_what_changed_since_is_known_whatever_the_rows_say_of_it(platform: RunningPlatform, home: Path) -> None:
    def since(year: int) -> list[str]:
        return names([platform.get(REGISTER, sua_tu=f"{year}0101000000").json()])

    assert len(since(2000)) == PERSONS, "before it was looked at anything may have changed"
    assert since(2099) == []
    with changed(home, f"update {REGISTER.resource} set ho_ten = 'X' where ma_doi_tuong = 'p3'"):
        assert since(2099) == ["p3"]
        assert since(2099) == [] and len(since(2000)) == PERSONS


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


def test_a_table_too_large_to_be_held_is_one_instant_too(platform: RunningPlatform, home: Path) -> None:
    def keys(answer: dict[str, Any]) -> list[str]:
        return [row["ma_co_so"] for row in answer["data"]]

    first = platform.get(HOMES).json()
    with changed(home, f"delete from {HOMES.resource} where ma_co_so <> 'c1'"):
        second = platform.get(HOMES, con_tro=first["con_tro_tiep"]).json()
        again = platform.get(HOMES, con_tro=first["con_tro_tiep"]).json()
        third = platform.get(HOMES, con_tro=second["con_tro_tiep"]).json()
    assert keys(first) + keys(second) + keys(third) == [f"c{n}" for n in range(1, MANY + 1)] and again == second
    assert third["con_tro_tiep"] is None and third["tong_so"] == MANY
    platform.switch(dich_vu=f"{SYSTEM}.{HOMES.resource}", loi="lap_trang", trang=2)
    assert keys(read(platform, HOMES)[1]) == keys(first), "it goes back"


def test_a_table_may_change_its_form_as_soon_as_a_page_of_it_is_given(platform: RunningPlatform, home: Path) -> None:
    assert platform.get(PAYMENTS).json()["con_tro_tiep"]
    with closing(server(home).connect(SYSTEM)) as connection, connection.cursor() as cursor:
        cursor.execute("set lock_timeout = '2s'")
        cursor.execute(f"alter table {PAYMENTS.resource} rename column so_tien to tien")
        try:
            assert "so_tien" not in platform.get(PAYMENTS).json()["data"][0], "what is no more is not given"
        finally:
            cursor.execute(f"alter table {PAYMENTS.resource} rename column tien to so_tien")


def test_an_old_contract_is_not_spoken_and_a_strange_call_is_refused(platform: RunningPlatform) -> None:
    assert platform.get(OLD).status_code == 404
    for wrong in ({"tu_ngay": "2024-10-01"}, {"kich_thuoc": "0"}, {"con_tro": "x"}, {"sua_tu": "20241121"}):
        answer = platform.get(PAYMENTS, **wrong)
        assert answer.status_code == 400 and answer.json()["error_code"] == "400", wrong
    assert names([platform.get(PAYMENTS, con_tro="khong-co.2").json()])[0] == "p11", "a cursor of before a restart"
    assert platform.get(PAYMENTS, {"TRAN_CODE": ""}).status_code == 400


def test_the_demos_own_stands_by_itself_where_it_stood(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSINH_HOME", str(home))
    monkeypatch.setenv("ANSINH_PROFILE", "demo")
    with pytest.raises(BesideStopped):
        beside.standing(home, "platform")
    url = beside.existing(home, "platform")
    try:
        own = Beside(home, "platform")
        secrets = own.told("client_id"), own.told("client_secret")
        first = int(own.told("pid") or 0)
        assert beside.existing(home, "platform") == beside.standing(home, "platform") == url
        assert int(own.told("pid") or 0) == first and requests.get(f"{url}/khong-co", timeout=20).status_code == 404
        psutil.Process(first).kill()
        until(lambda: not own.answers())
        assert beside.existing(home, "platform") == url and int(own.told("pid") or 0) != first
        assert (own.told("client_id"), own.told("client_secret")) == secrets
        header = {"lgspaccesstoken": shown(AccessKey=secrets[0] or "", SecretKey=secrets[1] or "")}
        assert requests.post(f"{url}/token", data={"grant_type": "client_credentials"}, headers=header, timeout=20).ok
        assert {p.stat().st_mode & 0o077 for p in (home / "run").glob("platform.client_*")} == {0}
    finally:
        assert "platform" in stop_all(Settings("demo", home))
        server(home)  # it was stopped with the rest
    assert not own.answers()


def person(number: int, **otherwise: str) -> dict[str, str]:
    return {
        "MaYeuCau": f"yc-{number}",
        "MaDVC": "2.000286",
        "MaTichHop": "037",
        "MaDonVi": "H41.21",
        "MaCanBo": "cb-01",
        "SoDinhDanh": f"040090{number:06d}",
        "HoVaTen": "NGUYỄN THỊ MÔ PHỎNG",
        "NgayThangNamSinh": "1990-01-02",
    } | otherwise


def test_the_population_is_asked_and_what_was_asked_is_not_kept(platform: RunningPlatform, home: Path) -> None:
    def asked(people: list[dict[str, str]]) -> requests.Response:
        return requests.post(f"{platform.url}/dan-cu/xac-thuc", json={"data": people}, headers=platform.headers(), timeout=20)

    answers = [asked([person(n) for n in range(hundred, hundred + 100)]).json() for hundred in range(0, 1000, 100)]
    said = {one["MaYeuCau"]: one["KetQua"] for answer in answers for one in answer["data"]}
    assert len(said) == 1000 and set(said.values()) == {"0", "1", "2"}
    assert list(said.values()).count("1") > 950 and said["yc-7"] == asked([person(7)]).json()["data"][0]["KetQua"]
    wrong = [
        [person(n) for n in range(101)],
        [person(1, SoDinhDanh="04009000001")],
        [person(1, HoVaTen="Nguyễn Thị")],
        [person(1, MaDonVi="H" * 36)],
        [person(1, NgayThangNamSinh="02/01/1990")],
        [person(1) | {"DiaChi": "x"}],
        [],
    ]
    for people in wrong:
        refused = asked(people)
        assert refused.status_code == 400 and "0400900" not in refused.text
    assert requests.post(f"{platform.url}/dan-cu/xac-thuc", json={"data": [person(1)]}, timeout=20).status_code == 401
    counted = {TODAY.isoformat(): {"2.000286": {"luot": 11, "nguoi": 1001}}}
    assert requests.get(f"{platform.url}/dan-cu/nhat-ky", timeout=20).json() == counted
    platform.switch(dan_cu_moi_ngay=12)
    assert asked([person(1)]).ok
    over = asked([person(1)])
    assert over.status_code == 429 and over.json()["error_code"] == "429"
    kept = b"".join(p.read_bytes() for p in (home / "platform").iterdir())
    assert b"040090" not in kept and "NGUYỄN".encode() not in kept
