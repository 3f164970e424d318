"""The road to a service, over real HTTP: what comes, how it is declared and written, and by which settings."""

import dataclasses
import datetime as dt
import ssl
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resources.connectors.connector import KEY, Places
from resources.connectors.rest.failures import (
    AuthoritiesUnreadable,
    OtherThanDeclared,
    PartnerCodeWrong,
    PlatformUnconfigured,
    ServiceAddressWrong,
    ServiceGarbled,
    ServiceLoginRefused,
    ServiceUndeclared,
    ServiceUnsafe,
)
from schemas.services import Service
from schemas.submissions import SUBMISSION_LOG
from tests.fixtures.certificates import certified
from tests.fixtures.hostile import hostile, http, says
from tests.fixtures.scripted_service import KEYS, Kept, Platform, Reply, envelope, platform
from tests.integration.visits import (
    BY_NUMBER,
    CENTRES,
    PERSON,
    SERVICE,
    SOURCE,
    TODAY,
    VISITS,
    as_made,
    counted,
    failing,
    looking,
    received,
    visits,
)


@pytest.fixture(scope="module")
def standing() -> Iterator[Platform]:
    with platform() as found:
        yield found


@pytest.fixture
def served(standing: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    return as_made(standing, tmp_path, monkeypatch)


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
    assert (by_number[2:5] == ["1", "1", "2"]) == (service is BY_NUMBER)
    assert {asked.path for asked in served.asked} == {"/luot"} | ({"/token"} if auth != "authorization" else set())


def test_each_request_has_an_id_that_our_log_names_and_no_value(
    served: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSINH_HOME", str(tmp_path))
    served.says["/luot"] = Kept(visits(5), "ngay")
    (tmp_path / "logs").mkdir()
    old, recent = (tmp_path / "logs" / f"requests-{dt.date.today() - dt.timedelta(days=days)}.log" for days in (100, 80))
    old.write_text("cũ")
    recent.write_text("mới")
    with looking() as opened:
        opened.standings(VISITS, TODAY)
    assert not old.exists() and recent.exists()
    (written,) = set((tmp_path / "logs").iterdir()) - {recent}
    assert written.stat().st_mode & 0o077 == 0
    lines = [line.partition(" ")[2] for line in written.read_text().splitlines()]
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
    with looking(SERVICE, log) as opened:
        assert "moi" in str(opened.faults(SUBMISSION_LOG))
    with looking() as opened:
        assert opened.faults(SUBMISSION_LOG) == [] and not opened.submissions(VISITS, expected, until).latest


# Structure --------------------------------------------------------------------------------------------------------------


def test_what_differs_from_the_declaration_is_told_before_anything_is_read(served: Platform) -> None:
    for rows, told in (
        ([row | {"moi": "1"} for row in visits(3)], ["thêm cột chưa khai báo: moi"]),
        ([*visits(2), visits(3)[2] | {f"{PERSON} ": "1"}], ["cột lạ thứ 1"]),
        ([{k: v for k, v in row.items() if k != "ten"} for row in visits(3)], ["thiếu cột ten"]),
        ([{("ho_ten" if k == "ten" else k): v for k, v in row.items()} for row in visits(3)], ["thiếu cột ten", "ho_ten"]),
        ([row | {"ten": {"ho": PERSON}} for row in visits(3)], ["cột ten chứa cả một đối tượng"]),
    ):
        served.says["/luot"] = Kept(rows, "ngay")
        with looking() as opened:
            found = "; ".join(opened.faults(VISITS))
        assert all(part in found for part in told) and PERSON not in found
    served.says["/luot"] = Kept([])
    with looking() as opened:
        assert opened.faults(VISITS) == [], "of no rows nothing is told"
    served.says["/luot"] = Kept([*visits(6), visits(7)[6] | {"moi": "1", f"{PERSON}\x1b[2J": None}], "ngay")
    assert "moi" in str(failing(OtherThanDeclared))


def test_a_service_that_nobody_declared_is_told_in_words(served: Platform) -> None:
    ended = dataclasses.replace(SERVICE, valid_to=dt.date(2024, 11, 19))
    with looking(ended) as opened:
        assert opened.faults(VISITS) == ["chưa khai dịch vụ nào cho dịch vụ luot vào ngày 20/11/2024"]
        with pytest.raises(ServiceUndeclared):
            opened.rehearse(VISITS, TODAY)
    assert not served.asked


def test_each_statement_of_a_night_is_rehearsed_by_a_row(served: Platform) -> None:
    served.says["/luot"] = Kept(visits(9), "ngay")
    with looking(dataclasses.replace(SERVICE, since_parameter="sua_tu")) as opened:
        opened.rehearse(VISITS, TODAY)
    assert [sorted(asked.query) for asked in served.pages] == [
        ["den_ngay", "kich_thuoc", "tu_ngay"],
        ["den_ngay", "kich_thuoc", "sua_tu", "tu_ngay"],
        ["kich_thuoc", "tu_ngay"],
        ["kich_thuoc", "sua_tu", "tu_ngay"],
        ["den_ngay", "kich_thuoc", "tu_ngay"],  # how many rows are before the first period
    ]
    assert {asked.query["kich_thuoc"] for asked in served.pages} == {"1"}


# Cells ------------------------------------------------------------------------------------------------------------------


def test_a_cell_is_what_was_written(served: Platform) -> None:
    """A number by its digits, a word by its letters; what is no text is no text for the readers either."""
    cells: dict[str, bytes | None] = {
        '"null"': b"null",
        "null": None,
        "012": None,  # no JSON
        "12345678901234567890123": b"12345678901234567890123",
        "1.10": b"1.10",
        "-0": b"-0",
        "1E400": b"1E400",
        "true": b"true",
        '{"a": [1, "b"]}': b'{"a":["1","b"]}',
        "[]": b"[]",
        '"\\u0000x"': b"\0x",
        '"\\ud800"': b"\xed\xa0\x80",
        '"\\ud83d\\ude00"': "😀".encode(),
        '"a\\u0301"': "a\u0301".encode(),
        '""': b"",
    }
    for written, expected in cells.items():
        body = '{"error_code":"00","tong_so":2,"data":[{"ma":"1","ten":' + written + '},{"ma":"2"}]}'
        served.says["/co-so"] = lambda _, body=body: Reply(body.encode())
        service = dataclasses.replace(SERVICE, resource="co_so", path="/co-so")
        if written == "012":
            failing(ServiceGarbled, service, dataset=CENTRES)
            continue
        with looking(service) as opened:
            opened.standings(CENTRES, TODAY)
            assert [row["ten"] for row in received(opened, "now", dataset=CENTRES)] == [expected, None], written


def test_bytes_that_are_no_text_stop_their_cell_alone(served: Platform) -> None:
    body = envelope(visits(2), tong_so=2).body.replace(PERSON.encode(), b"Nguy\xd4n \xff", 1)
    served.says["/luot"] = lambda asked: Reply(body) if "202410" in asked.query["tu_ngay"] else envelope([], tong_so=0)
    with looking() as opened:
        opened.standings(VISITS, TODAY)
        broken, whole = (row["ten"] for row in received(opened, "2024-10"))
    assert whole == PERSON.encode() and b"\xff" not in broken
    with pytest.raises(UnicodeDecodeError):
        broken.decode()


# Settings ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["LGSP_CLIENT_ID", "LGSP_CLIENT_SECRET", "LGSP_PARTNER_CODE"])
def test_what_is_not_set_is_named(served: Platform, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(missing)
    assert missing in str(failing(PlatformUnconfigured)) and not served.asked


@pytest.mark.parametrize("code", ["H41.21\r\nX-Them: 1", "H41 21", "Sở LĐTBXH", "H" * 200])
def test_a_partner_code_that_no_header_can_hold_is_told_before_anything_leaves(
    served: Platform, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LGSP_PARTNER_CODE", code)
    assert code not in str(failing(PartnerCodeWrong)) and not served.asked


def test_a_system_has_keys_of_its_own_where_they_are_set(served: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    served.says["/luot"] = Kept(visits(3), "ngay")
    monkeypatch.setenv("LGSP_CLIENT_SECRET", "mat-khau-khac")
    failing(ServiceLoginRefused)
    monkeypatch.setenv("SOURCE_VISITS_CLIENT_ID", KEYS[0])
    assert "SOURCE_VISITS_CLIENT_SECRET" in str(failing(PlatformUnconfigured))
    monkeypatch.setenv("SOURCE_VISITS_CLIENT_SECRET", KEYS[1])
    with looking() as opened:
        assert counted(opened)


@pytest.mark.parametrize("url", ["http://10.0.0.1/lgsp", "https://ten:mat-khau@may.vi-du.vn", "https://may.vi-du.vn/?x=1"])
def test_an_address_that_is_not_trusted_is_refused_before_anything_leaves(
    served: Platform, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SOURCE.environment, url)
    with pytest.raises(ServiceAddressWrong) as failure, looking():
        pass
    assert SOURCE.environment in str(failure.value) and "vi-du" not in str(failure.value)


def test_the_platform_is_whom_its_own_authority_vouches_for_and_nobody_else(
    served: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = certified(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with hostile(tls) as encrypted:
        monkeypatch.setenv(SOURCE.environment, encrypted.url)
        encrypted.answer = says(http(envelope([], tong_so=0).body))
        assert "SSLCertVerificationError" in str(failing(ServiceUnsafe)) and encrypted.asked == [], (
            "nothing is said to a stranger"
        )
        monkeypatch.setenv("LGSP_CA_FILE", str(certificate))
        with looking() as opened:
            assert counted(opened) == {}
            line = opened.line()
            assert line is not None and "TLS" in line.told and line.amiss(SOURCE.environment) is None
        monkeypatch.setenv(SOURCE.environment, encrypted.url.replace("127.0.0.1", "localhost"))
        assert "SSLCertVerificationError" in str(failing(ServiceUnsafe)), "it is vouched for by another name"
    for wrong in (key, tmp_path / "khong-co.pem"):
        monkeypatch.setenv("LGSP_CA_FILE", str(wrong))
        failing(AuthoritiesUnreadable)
