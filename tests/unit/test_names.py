"""Names of others, and addresses of the gateway: what is told of them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.reports.asset import _told
from assets.reports.forms import FORMS
from assets.reports.night import Filed
from resources.reporting.address import read_address
from resources.reporting.failures import GatewayAddressWrong
from resources.servers.names import IDENTIFIER, listed, shown
from resources.servers.sqlstates import told_state


@pytest.mark.parametrize("name", ["hn_ho", "HoTen2", "_x", "hn_ho_2024_12_31", "p20241", "a" * 63])
def test_a_plain_name_is_told(name: str) -> None:
    assert shown(name, "cột thứ 1") == name


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Văn An",
        "họ_tên",
        "an 038",
        "x038099001234",
        "p19450302",
        "x_0380_9900_1234",
        "a" * 64,
        "x\x1b[2J",
        "x\n",
        "1x",
        "",
        "ho\u202eten",
        "ＨＯ",
        "x٣٣٣٣٣٣",
        '"x"',
        "x" * 10_000,
    ],
)
def test_any_other_is_told_by_its_place_and_length(name: str) -> None:
    assert shown(name, "cột thứ 7") == f"(cột thứ 7, tên không phải định danh, {len(name)} ký tự)"


@settings(max_examples=100)
@given(st.text() | st.from_regex(r"[A-Za-z_0-9]{1,70}", fullmatch=True) | st.from_regex(r"[A-Za-z_][0-9_]{4,12}", fullmatch=True))
def test_what_is_told_is_an_identifier_or_says_nothing_of_the_name(name: str) -> None:
    told = shown(name, "x")
    is_plain = IDENTIFIER.fullmatch(name) and sum(map(str.isdigit, name)) <= 8 and not re.search("[0-9]{6}", name)
    assert told == (name if is_plain else f"(x, tên không phải định danh, {len(name)} ký tự)")


def test_of_many_names_the_first_are_told() -> None:
    assert listed([f"c{n}" for n in range(1600)]).endswith("c19 và 1580 tên khác") and listed(["a", "b"]) == "a, b"


def test_a_state_that_is_none_is_not_told() -> None:
    assert told_state("42P01") == "42P01" and {told_state(s) for s in ("An 03", "\x1b[2Jx", "42p01", "")} == {"lạ"}


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://cong.vi-du.gov.vn/lgsp/", ("cong.vi-du.gov.vn", 443, "/lgsp", True)),
        ("https://10.1.2.3:8443", ("10.1.2.3", 8443, "", True)),
        ("https://[2001:db8::1]/a", ("2001:db8::1", 443, "/a", True)),
        ("http://127.0.0.1:8080", ("127.0.0.1", 8080, "", False)),
        ("http://127.9.9.9", ("127.9.9.9", 80, "", False)),
        ("http://[::1]:1", ("::1", 1, "", False)),
        ("HTTP://LocalHost:5", ("localhost", 5, "", False)),
    ],
)
def test_an_address_is_read(url: str, place: tuple) -> None:
    found = read_address(url)
    assert (found.host, found.port, found.path, found.is_encrypted) == place


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://cong.vi-du.gov.vn", "không mã hóa"),
        ("http://10.0.0.1", "không mã hóa"),
        ("http://localhost.vi-du.vn", "không mã hóa"),
        ("http://127.0.0.1.nip.io", "không mã hóa"),
        ("http://127.1", "không mã hóa"),
        ("http://2130706433", "không mã hóa"),
        ("http://[::ffff:10.0.0.1]", "không mã hóa"),
        ("http://0.0.0.0", "không mã hóa"),
        ("http://127.0.0.1@vi-du.vn", "trước @"),
        ("https://bimat:matkhau@vi-du.vn", "trước @"),
        ("https://vi-du.vn/?token=bimat", "sau ?"),
        ("https://vi-du.vn/#bimat", "sau ?"),
        ("https://vi-du.vn/?", "sau ?"),
        ("ftp://vi-du.vn", "https://"),
        ("vi-du.vn/bimat", "https://"),
        ("file:///etc/passwd", "https://"),
        ("https://", "tên máy"),
        ("https:///bimat", "tên máy"),
        ("https://vi_du..vn:bimat", "viết sai"),
        ("https://vi-du.vn:99999", "viết sai"),
        ("https://vi-du.vn:0", "cổng 0"),
        ("https://[::1/bimat", "viết sai"),
        ("https://vi-du.vn/a/../bimat", "đường dẫn"),
        ("https://vi-du.vn//bimat", "đường dẫn"),
        ("https://vi-du.vn/bi mat", "dấu cách"),
        ("https://vi-du.vn\n.bimat", "điều khiển"),
        ("https://vi-dụ.vn", "chữ có dấu"),
        ("https://vi-du.vn/" + "bimat" * 1000, "dài quá"),
    ],
)
def test_an_address_that_is_not_trusted_names_the_setting_and_never_the_value(url: str, said: str) -> None:
    with pytest.raises(GatewayAddressWrong) as wrong:
        read_address(url)
    told = str(wrong.value)
    assert "NATIONAL_REPORTING_URL" in told and said in told
    assert "bimat" not in told and "matkhau" not in told and "vi-du" not in told


def test_of_a_form_that_failed_our_own_words_are_told_and_of_any_other_error_its_kind() -> None:
    """The text of a KeyError is the key that was not there, which may be a value."""
    told = _told(FORMS[0], Filed(failed={"2024-09": KeyError("Nguyễn Văn A"), "2024-10": LookupError("no form holds")}))
    assert "Nguyễn" not in told and "KeyError" in told and "no form holds" in told
