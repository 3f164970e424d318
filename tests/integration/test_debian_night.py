"""A night on the server that people have: PostgreSQL as Debian packages it, under a login without other rights, over TLS."""

import json
import shutil
from collections.abc import Iterator

import pytest

from resources.settings import Settings
from tests.integration.province import SMALL, Province, first_card, province
from tests.integration.tls_server import TlsServer

# That a night is that of Debian's server, too, test_installing.py asks each time: from a bare server, in production.
pytestmark = pytest.mark.long

LOGIN = {"user": "trung_tam", "password": "mat-khau"}
THREE = {"WAREHOUSE_URL": "kho", "ANSINH_DAGSTER_URL": "dieu_phoi", "SHARED_WAREHOUSE_URL": "dung_chung"}
# Of each kind: files of a restricted system, a database with lists and a review, payments against a register.
SYSTEMS = ("children", "poverty", "social_protection")
# What rules that look at other systems too have no say in.
COUNTS = (
    "expected",
    "received",
    "on_time",
    "late",
    "missing",
    "refused",
    "rows_accepted",
    "rows_rejected",
    "rows_repaired",
    "roads",
)


@pytest.fixture(scope="module")
def debian(tls: TlsServer) -> TlsServer:
    """Whose administrator made a login, its databases, and the role that reads open data."""
    tls.execute("create role trung_tam login password 'mat-khau'")
    tls.execute("create role open_reader")
    for name in THREE.values():
        for kind in ("", "_that"):
            tls.create(f"{name}{kind}", owner="trung_tam")
    return tls


@pytest.fixture(scope="module")
def made() -> Iterator[Province]:
    with province() as found:
        yield found


def on(debian: TlsServer, kind: str = "") -> dict[str, str]:
    return {name: debian.url(f"{database}{kind}", **LOGIN, sslmode="verify-full") for name, database in THREE.items()}


def test_the_first_night_is_that_of_the_embedded_server(made: Province, debian: TlsServer) -> None:
    there = made.having(**on(debian))
    card = there.nightly(*(word for name in SYSTEMS for word in ("--source", name)))
    expected = [s for s in first_card(SMALL)["systems"] if s["source"] in SYSTEMS]
    assert [[s[name] for name in COUNTS] for s in card["systems"]] == [[s[name] for name in COUNTS] for s in expected]
    assert [s["refused_cells"] for s in card["systems"]] == [s["refused_cells"] for s in expected]
    assert card["failures"] == [] and card["reports"]
    there.doctor()
    assert not made.server.has_database("warehouse") or made.one("select to_regnamespace('ops') is null"), "nothing went to that"


def test_in_production_what_is_not_configured_fails_nothing_and_is_named(made: Province, debian: TlsServer) -> None:
    poverty = Settings("demo", made.home).source_url("poverty")
    home = made.home / "that"
    settings = {"ANSINH_PROFILE": "production", "ANSINH_HOME": str(home), "SOURCE_POVERTY_URL": str(poverty)}
    real = made.having(**on(debian, "_that"), **settings)
    told = real.doctor(status=1)
    assert "tốt nguồn poverty: kết nối được, 4 bảng đúng cấu trúc" in told, "a source is looked at before the first night"
    assert "chưa cấu hình nguồn social_protection" in told
    card = real.nightly(status=1)
    assert card["failures"] and all("mã định danh" in f for f in card["failures"]), "reports alone, which the doctor foretold"
    assert [s["source"] for s in card["systems"]] == ["poverty"] and "poverty" not in card["unconfigured"]
    assert len(card["unconfigured"]) == 8
    cells = json.loads(real.ansinh("status", "--json").stdout)
    assert {c["source"] for c in cells} == {"poverty"}
    assert "Chưa cấu hình, không tính là thiếu: " in " ".join(real.ansinh("status").stdout.split())
    # An address that is gone is no third word: nobody would miss the rows otherwise.
    gone = real.having(SOURCE_POVERTY_URL="")
    assert "hỏng nguồn poverty" in gone.doctor(status=1)
    shutil.rmtree(home)
