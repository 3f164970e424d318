"""Production sends nothing over a network in clear: whatever setting leads there, by whatever kind of database, unless it is allowed by name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.doctor import machine
from pipelines.doctor.failures import ClearLinesAllowed
from resources.backup import rehearsal
from resources.connectors.connect import connect
from resources.connectors.odbc.connector import DIALECTS
from resources.hub import Hub
from resources.roles.plan import admin, plans
from resources.servers import addresses
from resources.servers.failures import ClearLineRefused
from resources.settings import Settings
from schemas.registry import SOURCES

SECRET = "mat-khau"
KHO = f"postgresql://u:{SECRET}@kho.tinh/d"
KEPT = f"{KHO}?sslmode=require"
POVERTY = next(source for source in SOURCES if source.name == "poverty")


def _source(settings: Settings) -> object:
    with connect(POVERTY, settings):
        return None


def _rehearsal(settings: Settings) -> object:
    with rehearsal._scratch_databases(settings, [], lambda _: None):
        return None


ROADS: dict[str, Callable[[Settings], object]] = {
    "WAREHOUSE_URL": Settings.warehouse_url,
    "WAREHOUSE_READ_URL": Settings.read_url,
    "WAREHOUSE_REPORT_URL": Settings.report_url,
    "ANSINH_DAGSTER_URL": Settings.dagster_url,
    "SHARED_WAREHOUSE_URL": Settings.shared_url,
    "SOURCE_POVERTY_URL": _source,
    "BACKUP_REHEARSAL_URL": _rehearsal,
    "ANSINH_ADMIN_URL": lambda settings: admin(plans(settings)[0]),
}


@pytest.fixture
def production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("ANSINH_PROFILE", "production")
    monkeypatch.setenv("WAREHOUSE_URL", KEPT)
    for name in ("PGSSLMODE", "PGHOST", "PGHOSTADDR", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    return Settings("production", tmp_path)


@pytest.mark.parametrize("name", ROADS)
@pytest.mark.parametrize("mode", ["", "?sslmode=prefer", "?sslmode=allow", "?sslmode=disable"])
def test_each_setting_is_refused_by_its_name_before_anything_is_sent(
    production: Settings, monkeypatch: pytest.MonkeyPatch, name: str, mode: str
) -> None:
    monkeypatch.setenv(name, KHO + mode)
    with pytest.raises(ClearLineRefused, match=rf"{name}.*ANSINH_CLEAR_LINES") as told:
        ROADS[name](production)
    assert SECRET not in str(told.value) and "kho.tinh" not in str(told.value) and told.value.exit_status == 2


@pytest.mark.parametrize("kind", DIALECTS)
def test_so_is_a_source_of_any_kind(production: Settings, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("SOURCE_POVERTY_URL", f"{kind}://u:{SECRET}@nguon.tinh/d?ssl-mode=DISABLED")
    with pytest.raises(ClearLineRefused, match=r"SOURCE_POVERTY_URL.*VERIFY_IDENTITY"):
        _source(production)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u@127.0.0.1/d",
        "postgresql://u@localhost:1,[::1]:2/d",
        "postgresql://u@/d?host=%2Frun%2Fpostgresql",
        "postgresql://u@/d?host=%40abstract",
        "postgresql://u@/d",
        "postgresql://u@kho.tinh/d?hostaddr=127.0.0.1",
        "postgresql://u@kho.tinh/d?sslmode=require",
        "postgresql://u@kho.tinh/d?sslmode=verify-ca",
        "postgresql://u@kho.tinh/d?sslmode=verify-full",
        "postgresql://?service=kho&sslmode=verify-full",
    ],
)
def test_this_machine_and_a_line_that_must_be_kept_are_taken(production: Settings, address: str) -> None:
    addresses.parsed("WAREHOUSE_URL", address)


@pytest.mark.parametrize(
    ("address", "environment"),
    [
        ("postgresql://u@localhost,kho.tinh/d", {}),
        ("postgresql://u@localhost/d?hostaddr=10.0.0.5", {}),
        ("postgresql://?service=kho", {}),
        ("postgresql://u@/d", {"PGHOST": "kho.tinh"}),
        ("postgresql://u@localhost/d", {"PGHOSTADDR": "10.0.0.5"}),
        ("postgresql://u@localhost/d", {"PGSERVICE": "kho"}),
        ("postgresql://u@kho.tinh/d", {"PGSERVICE": "kho", "PGSSLMODE": "require"}),
    ],
)
def test_where_libpq_goes_is_looked_at_not_what_is_written_first(
    production: Settings, monkeypatch: pytest.MonkeyPatch, address: str, environment: dict[str, str]
) -> None:
    for name, told in environment.items():
        monkeypatch.setenv(name, told)
    with pytest.raises(ClearLineRefused):
        addresses.parsed("WAREHOUSE_URL", address)


def test_what_the_environment_asks_of_libpq_counts(production: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    addresses.parsed("WAREHOUSE_URL", KHO)
    with pytest.raises(ClearLineRefused, match="sslmode=disable"):
        addresses.parsed("WAREHOUSE_URL", f"{KHO}?sslmode=disable")


def test_what_is_allowed_by_name_is_taken_and_told_of_each_time(production: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSINH_CLEAR_LINES", "SHARED_WAREHOUSE_URL, SOURCE_POVERTY_URL")
    monkeypatch.setenv("SHARED_WAREHOUSE_URL", KHO)
    monkeypatch.setenv("ANSINH_DAGSTER_URL", KHO)
    assert production.shared_url()
    with pytest.raises(ClearLineRefused, match="ANSINH_DAGSTER_URL"):
        production.dagster_url()
    (told,) = machine.own_things(Hub(production)).warnings
    assert isinstance(told, ClearLinesAllowed) and "SHARED_WAREHOUSE_URL, SOURCE_POVERTY_URL" in str(told)


def test_the_demo_is_one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSINH_PROFILE", "demo")
    addresses.parsed("SOURCE_POVERTY_URL", KHO)
