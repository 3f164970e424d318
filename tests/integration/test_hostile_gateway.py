"""A gateway that does whatever it likes, over real sockets: a declared failure comes out, in bounded time and of bounded size."""

import base64
import gzip
import json
import logging
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resources.failing import Failure, Transient
from resources.failures import Unreachable
from resources.http.exchange import THREAD
from resources.reporting.client import LARGEST_ANSWER
from resources.reporting.failures import (
    AccessRefused,
    GatewayEndless,
    GatewayGarbled,
    GatewayNotThere,
    GatewayUnsafe,
    PacketRefused,
)
from tests.fixtures.certificates import certified
from tests.fixtures.hostile import SECRET, Hostile, Say, drips, hostile, http, leads, pours, says

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
PACKET = {
    "ma_giao_dich": "5f0c",
    "bam_noi_dung": "ab" * 32,
    "ma_bieu_mau": "AS-T",
    "ky_bao_cao": "2024M10",
    "lan_gui": 1,
    "don_vi_gui": "H41.21",
    "don_vi_nhan": "G22",
}
RECEIPT = {
    "ma_giao_dich": PACKET["ma_giao_dich"],
    "so_tiep_nhan": "TN-1",
    "thoi_diem": "2024-11-20T02:00:00+07:00",
    "bam_noi_dung": PACKET["bam_noi_dung"],
    "trang_thai": "da_tiep_nhan",
}


@pytest.fixture(scope="module")
def gateway() -> Iterator[Hostile]:
    with hostile() as standing:
        yield standing


def received(**changes: Any) -> bytes:
    return http(json.dumps({"error_code": "00", "error": None, "result": RECEIPT | changes}).encode())


def all_ended() -> bool:
    """Whether no exchange lives on behind the back of who gave it up."""
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join(10)
    return not any(thread.name == THREAD for thread in threading.enumerate())


ENDLESS: dict[str, Say] = {
    "the status line": drips(b"HTTP/1.1 200 ", b"O"),
    "a header": drips(HEAD + b"X: ", b"x"),
    "headers": drips(HEAD, b"X: x\r\n", pause=0.05),
    "go on, go on": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "the body": drips(HEAD + b"Content-Length: 99999\r\n\r\n", b" "),
    "the size of a piece": drips(CHUNKED, b"0"),
    "what comes after the last piece": drips(CHUNKED + b"2\r\n{}\r\n0\r\n", b"X: x\r\n"),
}


@pytest.mark.parametrize("where", ENDLESS)
def test_a_byte_now_and_then_is_given_up_wherever_it_comes(gateway: Hostile, where: str) -> None:
    gateway.answer = ENDLESS[where]
    with pytest.raises(GatewayEndless) as failure:
        gateway.client().submit(PACKET)
    assert not isinstance(failure.value, Unreachable) and all_ended()


def test_what_says_nothing_is_unreachable_and_a_token_without_end_is_no_token(gateway: Hostile) -> None:
    gateway.answer = drips(b"", b"")
    with pytest.raises(Unreachable):
        gateway.client(timeout=(5.0, 0.1)).submit(PACKET)
    usual, gateway.token = gateway.token, drips(HEAD, b"x")
    with pytest.raises(GatewayEndless):
        gateway.client().login()
    gateway.token = usual
    assert all_ended()


def test_three_gigabytes_are_left_where_they_are(gateway: Hostile) -> None:
    for first in (HEAD + b"Content-Length: 3221225472\r\n\r\n", CHUNKED + b"c0000000\r\n", HEAD + b"\r\n"):
        sent: list[int] = []
        gateway.answer = pours(first, b"[" * 65536, sent)
        with pytest.raises(GatewayEndless):
            gateway.client(longest_answer=30.0, longest_call=30.0).submit(PACKET)
        assert all_ended() and sum(sent) < 8 * LARGEST_ANSWER, "beyond what the line itself holds nothing was taken"


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"error_code": "00", "result": RECEIPT | {name: value}}).encode()
        for name in ("so_tiep_nhan", "trang_thai", "thoi_diem")
        for value in ("TN\x1b[2J", "TN\u202e1", "<b>TN</b>", "T" * 201, "TN\x00", "TN\ud800", " TN", "", ["TN"], 7, None)
    ]
    + [
        b'{"error_code": "00", "error_code": "00", "result": ' + json.dumps(RECEIPT).encode() + b"}",
        b'{"error_code": "00", "result": NaN}',
        b'{"error_code": "00", "result": ' + b"1" * 5000 + b"}",
        b'{"error_code": "00", "result": [' + json.dumps(RECEIPT).encode() + b"]}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[]",
        b"null",
        b'"00"',
        b"\xff\xfe{}",
        b"\x1f\x8b\x08\x00" + bytes(64),
        b"",
    ],
)
def test_what_is_no_receipt_is_told_apart_from_one(gateway: Hostile, body: bytes) -> None:
    gateway.answer = says(http(body))
    with pytest.raises(Transient) as failure:
        gateway.client(longest_answer=5.0).submit(PACKET)
    assert str(failure.value).isprintable()


def test_a_token_that_no_header_can_carry_is_none_and_how_long_one_lives_is_believed_within_an_hour(gateway: Hostile) -> None:
    gateway.answer = says(received())
    usual = gateway.token
    for token in ("t\r\nX: 1", "t t", "tệ", "", "t" * 20_000, ["t"], None):
        gateway.token = says(http(json.dumps({"access_token": token, "expires_in": 300}).encode()))
        with pytest.raises(GatewayGarbled, match="access_token"):
            gateway.client(longest_answer=5.0).submit(PACKET)
    for lives in (1e308, "inf", "nan", -1e9, 10**400, "", None, [1], {}, True, "300"):
        gateway.token = says(http(json.dumps({"access_token": "t", "expires_in": lives}).encode()))
        assert gateway.client(longest_answer=5.0).submit(PACKET).number == "TN-1"
    gateway.token = usual


def test_what_it_says_comes_in_as_harmless_lines_without_our_secrets(gateway: Hostile) -> None:
    client = gateway.client(longest_answer=5.0)
    partner = client._partner
    echoes = (SECRET, quote(SECRET), json.dumps(SECRET), base64.b64encode(f"ansinh-thu:{SECRET}".encode()).decode(), partner[5:])
    odd = "a\x00b\x1b]0;x\x07\u202ec\ud800 <img src=x> ![](http://x) [red]`x`\u2028" + "z" * 5000
    error = [{"duong_dan": f"so_lieu {echo}", "noi_dung": odd} for echo in echoes] + [[], None, 1e308, odd] + ["x"] * 100
    gateway.answer = says(http(json.dumps({"error_code": "-1", "error": error}).encode()))
    with pytest.raises(PacketRefused) as refused:
        client.submit(PACKET)
    told = str(refused.value)
    assert told.isprintable() and len(told) < 20 * 410 and not set("<>[]`") & set(told)
    assert "a b )0;x" in told and "so_lieu ***" in told
    core = base64.b64encode(SECRET.encode()[3:-3]).decode()[2:-4]
    assert SECRET not in told and quote(SECRET) not in told and core not in told and partner[40:80] not in told
    gateway.answer = says(received(ly_do=f"Trả\nlại {SECRET}"))
    state = client.state(PACKET)
    assert state is not None and state.reason == "Trả lại ***"


def test_another_address_is_not_gone_to(gateway: Hostile) -> None:
    with hostile() as other:
        for status in ("301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"):
            gateway.answer = says(http(b"", status, f"Location: {other.url}/bao-cao"))
            with pytest.raises(GatewayNotThere):
                gateway.client(longest_answer=5.0).submit(PACKET)
        assert other.asked == []
        sent: list[int] = []
        gateway.answer = pours(b"HTTP/1.1 302 Found\r\nLocation: " + other.url.encode() + b"\r\n\r\n", b"[" * 65536, sent)
        with pytest.raises(GatewayEndless):
            gateway.client(longest_answer=30.0).submit(PACKET)
        assert all_ended() and sum(sent) < 8 * LARGEST_ANSWER and other.asked == []


def test_nothing_is_unpacked_kept_logged_or_taken_from_the_files_of_a_user(
    gateway: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    logging.getLogger("urllib3").setLevel("WARNING")  # as the client of a cluster does
    (tmp_path / "netrc").write_text("default login la password la\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    client = gateway.client(longest_answer=5.0, longest_call=5.0)
    echo = client._partner.encode()
    gateway.answer = says(received().replace(b"\r\n", b"\r\nSet-Cookie: a=1\r\nno header: at all\r\n" + echo + b"\r\n", 1))
    assert client.submit(PACKET).number == client.submit(PACKET).number == "TN-1"
    packed = gzip.compress(json.dumps({"error_code": "00", "error": None, "result": RECEIPT}).encode())
    gateway.answer = says(http(packed, "200 OK", "Content-Encoding: gzip"))
    with pytest.raises(GatewayGarbled):
        client.submit(PACKET)
    assert not any(b"Cookie" in asked or b"Basic" in asked for asked in gateway.asked)
    assert client._partner not in caplog.text and "urllib3" not in caplog.text


MUTATIONS = st.tuples(st.integers(0, 10**6), st.binary(max_size=12))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*RECEIPT, "error_code", "result", "error"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    whole=st.binary(max_size=200)
    | st.lists(MUTATIONS, min_size=1, max_size=4).map(lambda changes: mutated(received(), changes))
    | st.builds(
        lambda result, code: http(json.dumps({"error_code": code, "error": result, "result": result}).encode()), JSON, JSON
    ),
    of_token=st.booleans(),
)
def test_whatever_it_answers_a_declared_failure_comes_out(gateway: Hostile, whole: bytes, of_token: bool) -> None:
    usual, gateway.answer = gateway.token, says(whole)
    if of_token:
        gateway.token = says(whole)
    try:
        for ask in ("submit", "state"):
            try:
                getattr(gateway.client(), ask)(PACKET)
            except Failure as failure:
                assert str(failure).isprintable()
    finally:
        gateway.token = usual


def mutated(whole: bytes, changes: list[tuple[int, bytes]]) -> bytes:
    for place, piece in changes:
        at = place % (len(whole) + 1)
        whole = whole[:at] + piece + whole[at + len(piece) // 2 :]
    return whole


def test_an_encrypted_road_is_taken_only_to_whom_the_machine_trusts_and_ends_as_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = certified(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with hostile(tls) as gateway:
        gateway.answer = says(received())
        # Whom the library trusts is not whom the machine trusts.
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))
        with pytest.raises(GatewayUnsafe, match="SSL"):
            gateway.client(longest_answer=5.0).submit(PACKET)
        assert gateway.asked == [], "nothing is said to a stranger"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        client = gateway.client(longest_answer=5.0)
        assert client.submit(PACKET).number == "TN-1" and "https" in client.road
        gateway.answer = ENDLESS["a header"]
        with pytest.raises(GatewayEndless):
            gateway.client().submit(PACKET)
        with hostile() as proxy:
            monkeypatch.setenv("https_proxy", proxy.url)
            gateway.answer, proxy.answer = says(received()), leads(b"HTTP/1.1 200 OK\r\nX: x\r\n\r\n", gateway.url)
            client.url = "https://cong.vi-du.invalid"
            assert client.submit(PACKET).number == "TN-1"
            client.url = "https://khac.vi-du.invalid"
            with pytest.raises(GatewayUnsafe, match="SSLCertVerificationError"):
                client.submit(PACKET)
            monkeypatch.setenv("no_proxy", "vi-du.invalid")
            with pytest.raises(Unreachable, match="gaierror"):
                client.submit(PACKET)
            assert len(proxy.asked) == 2
        assert all_ended()


def test_a_handshake_that_does_not_end_is_given_up() -> None:
    with hostile() as gateway:  # it does not speak TLS, and waits for the end of a request
        client = gateway.client(timeout=(60.0, 60.0))
        client.url = client.url.replace("http://", "https://")
        with pytest.raises(Unreachable):
            client.submit(PACKET)
        assert all_ended()


def test_a_proxy_of_the_environment_is_a_way_to_other_machines_alone(gateway: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    """It sees where the road leads, and no secret."""
    with hostile() as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("://", "://nguoi:mat%20khau@"))
        monkeypatch.setenv("http_proxy", proxy.url)
        gateway.answer = says(received())
        assert gateway.client(longest_answer=5.0).submit(PACKET).number == "TN-1" and proxy.asked == []
        proxy.answer = says(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        client = gateway.client(longest_answer=5.0)
        client.url = "https://cong.vi-du.invalid/lgsp"
        with pytest.raises(Unreachable):
            client.submit(PACKET)
        (asked,) = proxy.asked
        assert asked.startswith(b"CONNECT cong.vi-du.invalid:443 ") and b"Basic bmd1b2k6bWF0IGtoYXU=" in asked
        assert b"lgspaccesstoken" not in asked
        client.longest_answer = client.longest_call = 0.3
        for stuck in (drips(b"HTTP/1.1 200 OK\r\n", b"x"), drips(b"HTTP/1.1 200 OK\r\n\r\n", b"")):
            proxy.answer = stuck
            with pytest.raises(Unreachable):
                client.submit(PACKET)
        assert all_ended()
        monkeypatch.setenv("https_proxy", "socks5://nguoi:mat-khau@127.0.0.1:1")
        with pytest.raises(AccessRefused, match="HTTPS_PROXY") as wrong:
            client.submit(PACKET)
        assert "mat-khau" not in str(wrong.value)
