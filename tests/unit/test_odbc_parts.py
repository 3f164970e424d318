"""The parts of the ODBC road that need no server: addresses, the hashes that prove what came, what an error means."""

import hashlib
import traceback
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.connectors.failures import SourceAltered, SourceCanceled, SourceCannotAnswer, SourceLoginRefused, SourceUnreachable
from resources.connectors.hashes import hashes, total
from resources.connectors.odbc.addresses import DRIVER, EDGES, NO_HOST, parsed
from resources.connectors.odbc.dialects.mariadb import MariaDb
from resources.connectors.odbc.failures import SourceAddressWrong, failure_of
from resources.connectors.odbc.proof import Sums
from resources.servers.addresses import BAD_DATABASE, BAD_HOST, BAD_PORT, NO_DATABASE, NOT_TEXT, OTHERWISE, PERCENT, SPECIAL
from schemas.registry import SOURCES

SECRET = "Bi9Mat"
DIALECT = MariaDb()

GOOD = {
    "mysql://u:p%40ss%2F@h:3307/db": ("u", "p@ss/", {"host": "h", "port": "3307", "database": "db", "ssl-mode": "REQUIRED"}),
    "mariadb://u@127.0.0.1/c%C6%A1%20s%E1%BB%9F": ("u", "", {"host": "127.0.0.1", "port": "3306", "database": "cơ sở", "ssl-mode": "DISABLED"}),
    "mysql://u:x@[::1]/d": ("u", "x", {"host": "::1", "port": "3306", "database": "d", "ssl-mode": "DISABLED"}),
    "mysql://u:x@/d?socket=%2Frun%2Fs": ("u", "x", {"socket": "/run/s", "database": "d", "ssl-mode": "DISABLED"}),
    "mysql://u:x@h/d?ssl-mode=VERIFY_IDENTITY&ssl-ca=/ca.pem": (
        "u", "x", {"host": "h", "port": "3306", "database": "d", "ssl-mode": "VERIFY_IDENTITY", "ssl-ca": "/ca.pem"},
    ),
    "mysql://u:x@127.0.0.1/d?ssl-mode=REQUIRED": ("u", "x", {"host": "127.0.0.1", "port": "3306", "database": "d", "ssl-mode": "REQUIRED"}),
}  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_an_address_is_read(text: str) -> None:
    address = parsed("SOURCE_X_URL", text, DIALECT)
    assert (address.user, address.password, dict(address.place)) == GOOD[text]
    assert "p@ss" not in repr(address)


WRONG = [
    ("mysql+pymysql://u:{}@h/d", DRIVER),
    ("mysql:/{}", OTHERWISE),
    ("mysql://u:{0}@{0}@h/d", SPECIAL),
    ("mysql://u:{}/x@h/d", SPECIAL),
    ("mysql://u:{}?x@h/d", SPECIAL),
    ("mysql://u:{}#x@h/d", SPECIAL),
    ("mysql://u:{}%@h/d", PERCENT),
    ("mysql://u:{}%FF@h/d", NOT_TEXT),
    ("mysql://u:{}%00@h/d", OTHERWISE),
    ("mysql://u:{}%20@h/d", EDGES),
    ("mysql://u:{}@h:0/d", BAD_PORT),
    ("mysql://u:{}@h:99999/d", BAD_PORT),
    ("mysql://u:{}@é/d", BAD_HOST),
    ("mysql://u:{}@%2Frun/d", BAD_HOST),
    ("mysql://u:{}@[::z]/d", BAD_HOST),
    ("mysql://u:{}@/d", NO_HOST),
    ("mysql://u:{}@h", NO_DATABASE),
    ("mysql://u:{0}@h/{0}/{0}", BAD_DATABASE),
    ("mysql://u:{}@h/d?ssl-mode=PREFERRED", "ssl-mode chỉ nhận"),
    ("mysql://u:x@h/d?{}=1", "tham số thứ 1"),
    ("mysql://u:x@h/d?ssl-ca=a&ssl-ca={}", "ssl-ca được nêu hai lần"),
]


@pytest.mark.parametrize(("text", "why"), WRONG)
def test_a_wrong_one_is_told_without_a_word_of_it(text: str, why: str) -> None:
    with pytest.raises(SourceAddressWrong) as told:
        parsed("SOURCE_X_URL", text.format(SECRET), DIALECT)
    assert "SOURCE_X_URL" in str(told.value) and why in str(told.value) and "mysql://tài_khoản" in str(told.value)
    assert SECRET not in "".join(traceback.format_exception(told.value)) and told.value.exit_status == 2


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("@/:#?%[]&= ,.'\"ậ{};") | st.characters(categories=["Ll", "Nd"]), max_size=12))
def test_any_password_that_is_written_as_it_should_arrives(middle: str) -> None:
    password = f"Qx7{middle}Zk9"
    assert parsed("X", f"mysql://u:{quote(password, safe='')}@h/d", DIALECT).password == password


def test_a_hash_is_the_first_bits_of_sha_1_over_parts_that_cannot_run_together() -> None:
    columns = [pa.array([b"a", None, b"", b"ab"]), pa.array([None, b"a", b"", b""])]
    texts = [b"a\xff\xfe", b"\xfe\xffa", b"\xff", b"ab\xff"]
    assert hashes(columns, 4).tolist() == [int(hashlib.sha1(text).hexdigest()[:15], 16) for text in texts]
    assert hashes([], 2).tolist() == [int(hashlib.sha1(b"").hexdigest()[:15], 16)] * 2
    of_parts = ["".join(part if part == "-" else hashlib.sha1(part.encode()).hexdigest().upper() for part in row) for row in
                (("a", "-"), ("-", "a"), ("", ""), ("ab", ""))]  # fmt: skip
    assert hashes(columns, 4, of_hashes=True).tolist() == [int(hashlib.sha1(t.encode()).hexdigest()[:15], 16) for t in of_parts]


@given(st.lists(st.integers(0, 2**60 - 1), max_size=50))
def test_a_sum_is_exact(numbers: list[int]) -> None:
    assert total(np.array(numbers, np.int64)) == sum(numbers)


def test_what_differs_is_named() -> None:
    assert Sums(3, 7).differs_from(Sums(3, 7)) is None
    assert Sums(3, 7).differs_from(Sums(3, 8)) == "tổng mã băm; nhận 3 dòng, nguồn đếm 3"
    assert Sums(2, 7).differs_from(Sums(3, 7)) == "số dòng; nhận 2 dòng, nguồn đếm 3"


ERRORS = {
    "State: 28000, Native error: 1045, Message: [ma-3.1.15]Access denied for user 'Mẫu'": (SourceLoginRefused, "mã lỗi 1045"),
    "State: HY000, Native error: 1412, Message: Mẫu": (SourceAltered, "mã lỗi 1412"),
    "State: 40001, Native error: 1213, Message: Mẫu": (SourceCanceled, "SQLSTATE 40001"),
    "State: 08S01, Native error: 0, Message: Mẫu": (SourceUnreachable, "SQLSTATE 08S01"),
    "State: 'Mẫu', Native error: 9, Message: ": (SourceCannotAnswer, "SQLSTATE lạ"),
    "Mẫu": (SourceCannotAnswer, "không làm được"),
}


@pytest.mark.parametrize("text", ERRORS)
def test_of_an_error_its_numbers_alone_leave(text: str) -> None:
    kind, told = ERRORS[text]
    failure = failure_of(SOURCES[0], DIALECT, Exception(f"ODBC emitted an error calling 'SQLExecDirect':\n{text}"))
    assert type(failure) is kind and told in str(failure) and "Mẫu" not in str(failure) and "{" not in str(failure)
