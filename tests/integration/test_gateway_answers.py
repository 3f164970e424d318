"""What the client of the reporting gateway makes of each answer, over a server that a test scripts."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from resources.failing import Failure
from resources.http import partner
from resources.reporting import client as module
from resources.reporting.client import NationalReporting, client
from resources.reporting.failures import (
    GatewayBusy,
    GatewayFailed,
    GatewayGarbled,
    GatewayLoginRefused,
    GatewayNotThere,
    GatewayPage,
    GatewayRightMissing,
    PacketRefused,
    ReceiptForeign,
    StateNotTold,
)
from resources.settings import Settings
from tests.fixtures.scripted_service import KEYS, Platform, Reply, platform, said

PACKET = {
    "ma_giao_dich": "G-1",
    "bam_noi_dung": "ab",
    "don_vi_gui": "H41.10",
    "don_vi_nhan": "G09",
    "ma_bieu_mau": "AS-T",
    "ky_bao_cao": "2024M10",
    "lan_gui": 1,
}
RECEIPT = {
    "ma_giao_dich": "G-1",
    "so_tiep_nhan": "TN-1",
    "thoi_diem": "2024-11-20T02:00:00+07:00",
    "bam_noi_dung": "ab",
    "trang_thai": "da_tiep_nhan",
}


@pytest.fixture
def gateway() -> Iterator[Platform]:
    with platform() as standing:
        yield standing


@pytest.fixture
def ours(gateway: Platform, monkeypatch: pytest.MonkeyPatch) -> NationalReporting:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.001)
    return NationalReporting(gateway.url, *KEYS)


def told(status: int = 200, code: Any = "00", **more: Any) -> Reply:
    return said({"error_code": code, **more}, status)


PAGE = {"Content-Type": "text/html"}
NO_PAGE = {"Content-Type": "text/plain"}


@pytest.mark.parametrize(
    ("reply", "to_a_packet", "to_a_question"),
    [
        (told(code="01"), PacketRefused, StateNotTold),
        *((told(status, "01"), PacketRefused, StateNotTold) for status in (400, 409, 413, 422)),
        (told(404, "01"), GatewayFailed, None),  # of a packet it says that the address is wrong, not that it is refused
        (told(501, "01"), GatewayFailed, GatewayFailed),
        (told(201), GatewayFailed, GatewayFailed),
        (told(403, "01"), GatewayRightMissing, GatewayRightMissing),
        (told(code=None), GatewayGarbled, GatewayGarbled),
        (said({}, 400), GatewayFailed, GatewayFailed),
        *((Reply(b"<html>", status, PAGE), GatewayNotThere, GatewayNotThere) for status in (404, 405, 410, 300, 302, 399)),
        (Reply(b"<html>", 200, PAGE), GatewayPage, GatewayPage),
        *((Reply(b"<html>", status, PAGE), GatewayFailed, GatewayFailed) for status in (400, 406)),
        (Reply(b"?", 200, NO_PAGE), GatewayGarbled, GatewayGarbled),
        (Reply(b"?", 400, NO_PAGE), GatewayFailed, GatewayFailed),
        (Reply(b"?", 503, NO_PAGE), GatewayGarbled, GatewayGarbled),
        (told(503, "01"), GatewayBusy, GatewayBusy),
        *((told(result=wrong), GatewayGarbled, GatewayGarbled) for wrong in (None, "TN-1", {}, RECEIPT | {"thoi_diem": None})),
        *((told(result=RECEIPT | {name: "khac"}), ReceiptForeign, ReceiptForeign) for name in ("ma_giao_dich", "bam_noi_dung")),
    ],
)
def test_what_an_answer_is_taken_for(
    gateway: Platform, ours: NationalReporting, reply: Reply, to_a_packet: type[Failure], to_a_question: type[Failure] | None
) -> None:
    gateway.says = {path: lambda _: reply for path in ("/bao-cao", "/bao-cao/G-1")}
    with pytest.raises(Failure) as failed:
        ours.submit(PACKET)
    assert type(failed.value) is to_a_packet
    if to_a_question is None:
        assert ours.state(PACKET) is None
    else:
        with pytest.raises(Failure) as failed:
            ours.state(PACKET)
        assert type(failed.value) is to_a_question


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        *((said({}, status), GatewayLoginRefused) for status in (400, 401, 403)),
        *((Reply(b"<html>", status, PAGE), GatewayNotThere) for status in (404, 405, 410, 300, 302, 399)),
        *((said({}, status), GatewayFailed) for status in (404, 406, 201)),
        (said({}, 503), GatewayBusy),
        (said({"expires_in": 60}), GatewayGarbled),
        (Reply(b"<html>", 200, PAGE), GatewayPage),
    ],
)
def test_what_an_answer_is_taken_for_that_should_bring_a_token(
    gateway: Platform, ours: NationalReporting, monkeypatch: pytest.MonkeyPatch, reply: Reply, expected: type[Failure]
) -> None:
    monkeypatch.setattr(gateway, "_reply", lambda _: reply)
    with pytest.raises(Failure) as failed:
        ours.login()
    assert type(failed.value) is expected


@pytest.mark.parametrize(("lives", "is_used"), [(3600, 3570), (50, 25), (0, 0)])
def test_a_token_is_used_until_shortly_before_its_end_of_a_short_one_half_its_life(
    gateway: Platform, ours: NationalReporting, lives: float, is_used: float
) -> None:
    gateway.token_seconds, gateway.says = lives, {"/bao-cao": lambda _: told(result=RECEIPT)}
    before = time.monotonic()
    ours.login()
    after = time.monotonic()
    assert before + is_used <= ours._token_until <= after + is_used
    ours._token_until = time.monotonic() + is_used
    for _ in range(2):
        ours.submit(PACKET)
    assert len(gateway.asked) - len(gateway.pages) == (1 if is_used else 3)


def test_a_token_that_is_no_longer_known_is_renewed_once(gateway: Platform, ours: NationalReporting) -> None:
    gateway.knows = lambda _: False
    with pytest.raises(GatewayLoginRefused):
        ours.submit(PACKET)
    assert [asked.path for asked in gateway.asked] == ["/token", "/bao-cao", "/token", "/bao-cao"]


def test_no_secret_that_a_gateway_repeats_is_told(gateway: Platform, ours: NationalReporting) -> None:
    shown = partner.shown(*KEYS, ours.partner_code)
    gateway.says = {"/bao-cao": lambda _: told(422, "01", error=[f"khóa {KEYS[1]}, tiêu đề {shown}, vé t1-that-is-long"])}
    gateway.hands_out = lambda: (gateway.tokens.add("t1-that-is-long"), ("t1-that-is-long", 3600.0))[1]
    with pytest.raises(PacketRefused) as refused:
        ours.submit(PACKET)
    assert "khóa" in str(refused.value)
    assert not [secret for secret in (KEYS[1], shown, "t1-that-is-long") if secret in str(refused.value)]


def test_short_trouble_is_got_over_in_three_tries_and_what_asks_to_be_left_alone_is_left(
    gateway: Platform, ours: NationalReporting
) -> None:
    replies: list[Reply] = []
    gateway.says = {"/bao-cao": lambda _: replies.pop(0)}
    for status in (429, 500, 502, 503, 504):
        replies[:] = [told(status), told(status), told(result=RECEIPT)]
        assert ours.submit(PACKET).number == "TN-1"
    for waits in ("21", "soon"):
        replies[:] = [said({}, 503, Retry_After=waits), told(result=RECEIPT)]
        with pytest.raises(GatewayBusy):
            ours.submit(PACKET)
        assert len(replies) == 1
    replies[:] = [told(501), told(result=RECEIPT)]
    with pytest.raises(GatewayFailed):
        ours.submit(PACKET)
    assert len(replies) == 1


def test_without_an_address_or_keys_there_is_no_client_and_a_receiver_names_its_code_of_success(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ANSINH_PROFILE", "production")
    given = {
        "NATIONAL_REPORTING_URL": "https://baocao.invalid/",
        "NATIONAL_REPORTING_CLIENT_ID": KEYS[0],
        "NATIONAL_REPORTING_CLIENT_SECRET": KEYS[1],
    }
    for lacks in given:
        for name, value in given.items():
            monkeypatch.setenv(name, value if name != lacks else "")
        assert client(Settings.load()) is None
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NATIONAL_REPORTING_PARTNER_CODE", "H41.99")
    made = client(Settings.load())
    assert made is not None and (made.url, made.partner_code, made.success_code) == ("https://baocao.invalid", "H41.99", "00")
    monkeypatch.setenv("NATIONAL_REPORTING_SUCCESS_CODE", "1")
    made = client(Settings.load())
    assert made is not None and made.success_code == "1"
