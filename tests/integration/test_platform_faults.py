"""Every way in which the demo's integration platform misbehaves, over real HTTP: as its name says, and nothing else."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from resources.embedded import server
from schemas.services import Service
from tests.integration.platform_server import RunningPlatform, shown
from tests.integration.small_platform import (
    BY_HEADER,
    FEW,
    ITSELF,
    LINES,
    PAYMENTS,
    PAYMENTS_BY_NUMBER,
    PAYMENTS_NAME,
    PERSONS,
    REGISTER,
    SYSTEM,
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


@pytest.mark.parametrize("asked", [PAYMENTS, PAYMENTS_BY_NUMBER], ids=["cursor", "number"])
def test_a_switch_loses_doubles_or_overlaps_pages(platform: RunningPlatform, asked: Service) -> None:
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
