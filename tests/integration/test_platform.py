"""The demo's integration platform, over real HTTP on the loopback and a real database: its contract, and every way it misbehaves."""

import dataclasses
import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from demo.platform.asking import Window
from demo.platform.listing import AT_ONCE, Listing
from pipelines.runtime.processes import stop_all
from resources import beside
from resources.beside import Beside
from resources.embedded import server
from resources.failures import BesideStopped
from resources.settings import Settings
from schemas.registry import dataset_named
from schemas.roads import BY_ROW_HASH, Sql
from schemas.services import Service
from schemas.submissions import SUBMISSION_LOG
from tests.integration.kept import new_home
from tests.integration.platform_server import RunningPlatform, running_platform, service, shown
from tests.integration.province import until

SYSTEM = "social_protection"
PEOPLE, LISTS = dataset_named("social_protection.beneficiaries"), dataset_named("social_protection.monthly_payments")
INSTITUTIONS = dataset_named("social_protection.institutions")
BY_NUMBER = {"paging": "number", "page_parameter": "trang", "next_at": ""}
REGISTER = service(SYSTEM, PEOPLE.road.at_source, **BY_NUMBER)
PAYMENTS = service(SYSTEM, LISTS.road.at_source, page_size=10)
HOMES = service(SYSTEM, INSTITUTIONS.road.at_source, page_size=5000, has_etag=False)
LOG = service(SYSTEM, SUBMISSION_LOG.road.at_source, from_parameter="", to_parameter="", has_etag=False)
PAYMENTS_BY_NUMBER = service(SYSTEM, PAYMENTS.resource, page_size=10, path="/so-trang", **BY_NUMBER)
BY_HEADER = service(SYSTEM, PAYMENTS.resource, path="/tieu-de", auth="token_header")
ITSELF = service(SYSTEM, PAYMENTS.resource, path="/khong-token", auth="authorization")
FEW = service(SYSTEM, REGISTER.resource, path="/it-luot", calls_per_minute=2)
OLD = service(SYSTEM, PAYMENTS.resource, path="/cu/chi-tra", valid_to=dt.date(2024, 6, 30))
PAYMENTS_NAME, REGISTER_NAME = f"{SYSTEM}.{PAYMENTS.resource}", f"{SYSTEM}.{REGISTER.resource}"
TODAY = dt.date(2024, 11, 20)
PERSONS, LINES, MANY = 25, 47, AT_ONCE + 2500


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
    for declared in (PEOPLE, LISTS, INSTITUTIONS, SUBMISSION_LOG):
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
    cursor.execute(f"insert into {HOMES.resource} (ma_co_so) select 'c' || n from generate_series(1, {MANY}) n")
    log = "('415', %s, '2024-10', timestamptz '2024-11-02 10:00:00.5+07', 40, false)"
    cursor.execute(f"insert into {LOG.resource} values {log}", (PAYMENTS.resource,))


@pytest.fixture(scope="module")
def standing(home: Path) -> Iterator[RunningPlatform]:
    connect = {SYSTEM: partial(server(home).connect, SYSTEM)}
    with running_platform(
        connect,
        (REGISTER, PAYMENTS, HOMES, LOG, PAYMENTS_BY_NUMBER, BY_HEADER, ITSELF, FEW, OLD),
        home / "platform",
        lambda: TODAY,
    ) as made:
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
        table = next(asked.resource for asked in (PAYMENTS, REGISTER, HOMES) if f" {asked.resource} " in statement)
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
    declared = dataclasses.replace(like, kind="monthly", placed_by=field, road=Sql(f"dat_{kind}", BY_ROW_HASH))
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


@pytest.mark.parametrize("asked", [PAYMENTS, PAYMENTS_BY_NUMBER], ids=["cursor", "number"])
def test_pages_go_astray(platform: RunningPlatform, asked: Service) -> None:
    def spoiled(loi: str, **how: Any) -> list[dict[str, Any]]:
        platform.switch(dich_vu=PAYMENTS_NAME, loi=loi, **how)
        return read(platform, asked)

    numbers = [f"p{n}" for n in range(1, LINES + 1)]
    missing, doubled, overlapping = spoiled("mat_trang"), spoiled("lap_trang", trang=3), spoiled("chong_trang", lech=2)
    assert names(missing) == numbers[:10] + numbers[20:]
    assert names(doubled) == numbers[:20] + numbers[10:]
    assert names(overlapping) == numbers[:10] + numbers[8:]
    assert {a["tong_so"] for a in missing + doubled + overlapping} == {LINES}, "what it says it has"
    shrunk = spoiled("bot_dong")
    assert names(shrunk) == numbers[: LINES // 2] and {a["tong_so"] for a in shrunk} == {LINES // 2}
    lied = spoiled("tong_sai", lech=-3)
    assert names(lied) == numbers and {a["tong_so"] for a in lied} == {LINES - 3}


def test_a_page_is_empty_and_a_cursor_repeats(platform: RunningPlatform) -> None:
    platform.switch(dich_vu=PAYMENTS_NAME, loi="trang_rong", trang=3)
    assert [len(a["data"]) for a in read(platform, PAYMENTS)] == [10, 10, 0, 10, 7]
    platform.switch(dich_vu=PAYMENTS_NAME, loi="con_tro_lap")
    first, *others = read(platform, PAYMENTS)
    assert len(others) == 19 and all(a == others[0] != first for a in others)


def test_values_are_not_as_declared(platform: RunningPlatform) -> None:
    def first(loi: str) -> dict[str, Any]:
        platform.switch(dich_vu="*", loi=loi)
        return platform.get(PAYMENTS).json()["data"][0]

    assert first("so_thay_chu")["hinh_thuc_chi_tra"] == 2
    assert first("null_chu")["so_tien"] == "null"
    assert first("cot_la")["truong_la"] == "x"


@pytest.mark.parametrize(
    ("fault", "status", "headers", "body"),
    [
        ({"loi": "401"}, 401, {}, '"error_code":"401"'),
        ({"loi": "403"}, 403, {"content-length": "0"}, ""),
        ({"loi": "429", "retry_after": "86400"}, 429, {"retry-after": "86400"}, '"error_code":"429"'),
        (
            {"loi": "429", "retry_after": "Wed, 20 Nov 2024 10:00:00 GMT"},
            429,
            {"retry-after": "Wed, 20 Nov 2024 10:00:00 GMT"},
            "",
        ),
        ({"loi": "500"}, 500, {}, '"error_code":"-1"'),
        ({"loi": "502"}, 502, {"content-type": "text/html; charset=utf-8"}, "<h1>"),
        ({"loi": "ma_loi", "ma": "07"}, 200, {}, '"error_code":"07"'),
        ({"loi": "ma_thanh_cong", "ma": "0"}, 200, {}, '"error_code": "0"'),
        ({"loi": "html"}, 200, {"content-type": "text/html; charset=utf-8"}, "<h1>"),
        ({"loi": "bom"}, 200, {}, "\ufeff{"),
        ({"loi": "cham", "giay": 0}, 200, {}, '"error_code": "00"'),
        ({"loi": "qua_sau"}, 200, {}, "[" * 100_000),
    ],
    ids=lambda told: told.get("loi") if isinstance(told, dict) else "",
)
def test_an_answer_is_another(platform: RunningPlatform, fault: dict, status: int, headers: dict, body: str) -> None:
    platform.switch(dich_vu=PAYMENTS_NAME, **fault)
    assert platform.get(REGISTER).json()["tong_so"] == PERSONS, "another service is as it was"
    answer = platform.get(PAYMENTS)
    assert answer.status_code == status and headers.items() <= {k.lower(): v for k, v in answer.headers.items()}.items()
    assert body in answer.content.decode()
    if fault["loi"] != "ma_thanh_cong":
        assert platform.get(PAYMENTS).json()["tong_so"] == LINES, "once"


def test_a_connection_ends_at_once_or_in_the_middle(platform: RunningPlatform, home: Path) -> None:
    platform.switch(dich_vu=PAYMENTS_NAME, loi="chet", lan=2)
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            platform.get(PAYMENTS)
    platform.switch(dich_vu=PAYMENTS_NAME, loi="dut_giua_chung")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        platform.get(PAYMENTS)
    platform.switch(dich_vu=PAYMENTS_NAME, loi="json_hong")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        platform.get(PAYMENTS).json()
    assert platform.get(PAYMENTS).json()["tong_so"] == LINES


@pytest.mark.parametrize("loi", ["qua_dai", "nho_giot"])
def test_a_body_goes_on(platform: RunningPlatform, loi: str) -> None:
    platform.switch(dich_vu=PAYMENTS_NAME, loi=loi)
    with closing(requests.get(f"{platform.url}{PAYMENTS.path}", headers=platform.headers(), stream=True, timeout=20)) as answer:
        some = [bytes(piece) for piece, _ in zip(answer.iter_content(1), range(5), strict=False)]
    assert some == [b" "] * 5


def test_a_token_ends_between_two_pages(platform: RunningPlatform) -> None:
    platform.switch(token_luot=1)
    held = platform.headers()
    first = platform.get(PAYMENTS, held)
    second = {"con_tro": first.json()["con_tro_tiep"]}
    assert platform.get(PAYMENTS, held, **second).status_code == 401
    assert names([platform.get(PAYMENTS, platform.headers(), **second).json()]) == [f"p{n}" for n in range(11, 21)]
    platform.switch(token_luot=None, token_giay=0)
    assert platform.get(PAYMENTS, platform.headers()).status_code == 401
    platform.switch(token_giay=300)
    held = platform.headers()
    platform.switch(dich_vu=PAYMENTS_NAME, loi="het_han_token", trang=2)
    assert platform.get(PAYMENTS, held).ok and platform.get(PAYMENTS, held, **second).status_code == 401


def test_the_same_token_is_given_with_no_time_left(platform: RunningPlatform) -> None:
    platform.switch(token_chung=True)
    first, again = platform.token(), platform.token()
    assert again["access_token"] == first["access_token"] and 0 < again["expires_in"] < first["expires_in"] == 300
    platform.switch(token_cu=1)
    old = platform.token()
    assert old["access_token"] == first["access_token"] and old["expires_in"] == 0
    assert platform.get(PAYMENTS, platform.headers(old["access_token"])).status_code == 401
    fresh = platform.token()
    assert fresh["access_token"] != old["access_token"] and platform.get(PAYMENTS, platform.headers(fresh["access_token"])).ok


def test_each_shape_of_the_header_lets_in_and_no_other(platform: RunningPlatform) -> None:
    token = platform.token()["access_token"]
    named = {"SENDER_CODE": "H41.21", "TRAN_CODE": "x"}
    shapes = {
        PAYMENTS: {"lgspaccesstoken": shown(), "Authorization": f"Bearer {token}"},
        BY_HEADER: {"lgspaccesstoken": shown(), "X-Authentication-Token": token},
        ITSELF: {"Authorization": shown()},
    }
    for asked in shapes:
        for held, headers in shapes.items():
            answer = requests.get(f"{platform.url}{asked.path}", headers=headers | named, timeout=20)
            assert answer.status_code == (200 if asked is held else 401), (asked.auth, held.auth)
    wrong = {"lgspaccesstoken": shown(SecretKey="x"), "Authorization": f"Bearer {token}"}
    assert requests.get(f"{platform.url}{PAYMENTS.path}", headers=wrong | named, timeout=20).status_code == 401


def test_calls_a_minute_are_counted_where_it_is_said(platform: RunningPlatform) -> None:
    for _ in range(3):
        assert platform.get(FEW).ok
    platform.switch(giu_han_muc=True)
    assert platform.get(FEW).ok and platform.get(FEW).ok
    over = platform.get(FEW)
    assert over.status_code == 429 and 1 <= int(over.headers["Retry-After"]) <= 60


def test_a_system_whose_database_is_gone_is_dead(platform: RunningPlatform, home: Path) -> None:
    with closing(server(home).connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"alter database {SYSTEM} allow_connections false")
        try:
            cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (SYSTEM,))
            with pytest.raises(requests.ConnectionError):
                platform.get(PAYMENTS)
        finally:
            cursor.execute(f"alter database {SYSTEM} allow_connections true")
    assert platform.get(PAYMENTS).json()["tong_so"] == LINES


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
