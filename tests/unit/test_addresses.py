"""Connection addresses: one parser, libpq's own; a wrong one is told by its setting and what is wrong, and never a part of it."""

import traceback
from dataclasses import replace
from urllib.parse import quote

import psycopg2.extensions
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.servers import addresses
from resources.servers.addresses import (
    BAD_DATABASE,
    BAD_HOST,
    BAD_PORT,
    EMPTY,
    NO_DATABASE,
    NO_SCHEME,
    NOT_TEXT,
    OTHER_DRIVER,
    OTHERWISE,
    PERCENT,
    QUOTED,
    SPECIAL,
    UNSEEN,
    kind_of,
    of,
    parsed,
)
from resources.servers.failures import AddressWrong

SECRET = "Bi9Mat"
GOOD = [
    "postgresql://u:p%40ss%2F@h:5433/db",
    "postgresql://u:p:w[x]@h1:5432,h2:5433/db?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem&target_session_attrs=read-write",
    "postgres://u:mật@%2Fvar%2Frun/db",
    "POSTGRESQL+PSYCOPG2://u@[::1]:5433/kho",
    "postgresql://[fe80::1%25eth0]:1/x",
    "postgresql:///x?host=/a&port=1",
    "postgresql://h/db?options=-c%20work_mem%3D1MB%20-c%20a%3D%2B1",
    "postgresql://?service=kho&passfile=/etc/pass",
    "postgresql://u:@h/c%C6%A1%2Fs%3F",
    "\ufeffpostgresql://u@127.0.0.1:1/x\r\n",
]


@pytest.mark.parametrize("text", GOOD)
def test_every_library_is_told_the_same_place(text: str) -> None:
    address = parsed("WAREHOUSE_URL", text)
    by_libpq = psycopg2.extensions.parse_dsn(address.libpq())
    place = sa.make_url(address.url)
    _, by_sqlalchemy = sa.create_engine(place).dialect.create_connect_args(place)
    assert {name: str(told) for name, told in by_sqlalchemy.items()} == by_libpq
    assert of(address.url) == of(address.libpq()) == address
    assert (by_libpq.get("host"), by_libpq.get("password")) == (address.host, address.password)


WRONG = [
    ("{}", NO_SCHEME),
    ("  ", EMPTY),
    ('"postgresql://u:{}@h/d"', QUOTED),
    ("postgresql://u:{0} {0}@h/d", UNSEEN),
    ("postgresql://u:{}\n@h/d", UNSEEN),
    ("postgresql://u:{}\u200b@h/d", UNSEEN),
    ("postgresql://u:{}\udcff@h/d", UNSEEN),
    ("postgresql://u:{0}@{0}@h/d", SPECIAL),
    ("postgresql://u:{0}/{0}@h/d", SPECIAL),
    ("postgresql://u:{0}?{0}@h/d", SPECIAL),
    ("postgresql://u:{0}#{0}@h/d", SPECIAL),
    ("postgresql://u:{}%@h/d", PERCENT),
    ("postgresql://u:{}%zz@h/d", PERCENT),
    ("postgresql://u:{}%FF@h/d", NOT_TEXT),
    ("postgresql://u:{}%00@h/d", OTHERWISE),
    ("postgresql://u:{}/d", BAD_PORT),
    ("postgresql://h:65536/{}", BAD_PORT),
    ("postgresql://h:²/{}", BAD_PORT),
    ("postgresql://{}á/d", BAD_HOST),
    ("postgresql://[{}::1]/d", BAD_HOST),
    ("postgresql://[::1/{}", OTHERWISE),
    ("postgresql://{}", NO_DATABASE),
    ("postgresql://h/{0}/{0}", BAD_DATABASE),
    ("postgresql+asyncpg://u:{}@h/d", OTHER_DRIVER),
    ("mysql://u:{}@h/d", NO_SCHEME),
    ("sqlite:///{}", NO_SCHEME),
    ("jdbc:postgresql://h/{}", NO_SCHEME),
    ("postgresql:/u:{}@h/d", NO_SCHEME),
    ("postgresql://h/d?sslmode=require&{}=1", "tham số thứ 2"),
    ("postgresql://h/d?{}", "tham số thứ 1"),
    ("postgresql://h/d?sslmode=a&sslmode={}", "sslmode được nêu hai lần"),
    ("postgresql://h/d?host={}", "host được nêu hai lần"),
    ("postgresql://h/d?sslpassword={}", "sslpassword là bí mật"),
    ("postgresql://a,b:1,c:1/d?port={}", "port được nêu hai lần"),
    ("postgresql:///d?host=a,b,c&port=1,2&application_name={}", "số cổng khác số máy"),
]


@pytest.mark.parametrize(("text", "why"), WRONG)
def test_a_wrong_one_is_told_without_a_word_of_it(text: str, why: str) -> None:
    with pytest.raises(AddressWrong) as told:
        parsed("SOURCE_POVERTY_URL", text.format(SECRET))
    assert "SOURCE_POVERTY_URL" in str(told.value) and why in str(told.value)
    assert SECRET not in "".join(traceback.format_exception(told.value)) and told.value.exit_status == 2


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_any_password_that_is_written_as_it_should_arrives(password: str) -> None:
    address = parsed("X", f"postgresql://u:{quote(password, safe='')}@h/{quote(password, safe='')}")
    assert address.password == address.database == psycopg2.extensions.parse_dsn(address.libpq())["password"] == password
    assert sa.make_url(address.url).password == password


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("@/:#?%[]&= ,.'\"ậ\n") | st.characters(categories=["Ll", "Nd"]), max_size=12))
def test_any_password_as_it_is_arrives_or_is_refused_in_silence(middle: str) -> None:
    password = f"Qx7{middle}Zk9"
    try:
        address = parsed("X", f"postgresql://u:{password}@h/d")
    except AddressWrong as wrong:
        told = "".join(traceback.format_exception(wrong))
        assert "Qx7" not in told and "Zk9" not in told
    else:
        assert quote(address.password or "", safe="") in address.url and (address.host, address.database) == ("h", "d")
        assert "Qx7" not in repr(address)


@pytest.mark.parametrize(("text", "kind"), [("postgres://x", "postgresql"), ("MySQL+x://h", "mysql"), ("files:/a", "files")])
def test_the_scheme_says_which_road(text: str, kind: str) -> None:
    assert kind_of(text) == kind


@pytest.mark.parametrize(
    ("uri", "bare", "password"),
    [
        ("postgresql://hub:p%40ss@host:5432/db?sslmode=require", "postgresql://hub@host:5432/db?sslmode=require", "p@ss"),
        ("postgresql://hub@/db?password=p%26q&host=%2Ftmp", "postgresql://hub@/db?host=%2Ftmp", "p&q"),
        ("postgresql:///db?host=%2Ftmp", "postgresql:///db?host=%2Ftmp", None),
    ],
)
def test_what_stands_on_a_command_line_holds_no_password(uri: str, bare: str, password: str | None) -> None:
    address = addresses.of(uri)
    assert (replace(address, password=None).libpq(), address.password) == (bare, password)
