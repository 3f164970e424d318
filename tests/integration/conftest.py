"""Fixtures that several files of integration tests share: a warehouse a file and an emptied hub on it a test; a source and its hubs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from resources.embedded import server
from tests.integration.open_hub import empty_shared
from tests.integration.report_hub import GatewayProcess, SmallHub, embedded_warehouse, running_gateway, small_hub
from tests.integration.set_rules.rows import Warehouse
from tests.integration.tls_server import TlsServer, tls_server
from tests.integration.two_hubs import Two, two_hubs


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    yield from embedded_warehouse()


@pytest.fixture(scope="module")
def two() -> Iterator[Two]:
    yield from two_hubs()


@pytest.fixture
def hub(home: Path) -> Iterator[SmallHub]:
    yield from small_hub(home)


@pytest.fixture(scope="module")
def of_rules(home: Path) -> Iterator[sa.Engine]:
    engine = sa.create_engine(server(home).url("warehouse"))
    yield engine
    engine.dispose()


@pytest.fixture
def warehouse(of_rules: sa.Engine) -> Iterator[Warehouse]:
    with of_rules.connect() as connection:
        transaction = connection.begin()
        yield Warehouse(connection)
        transaction.rollback()


@pytest.fixture
def shared(home: Path, hub: SmallHub) -> Iterator[sa.Engine]:
    yield from empty_shared(home, hub)


@pytest.fixture(scope="module")
def standing_gateway() -> Iterator[GatewayProcess]:
    yield from running_gateway()


@pytest.fixture
def gateway(standing_gateway: GatewayProcess) -> GatewayProcess:
    """One process serves the tests of a file one after another: it imports every declaration, a second and a half."""
    return standing_gateway.anew()


@pytest.fixture(scope="module")
def tls() -> Iterator[TlsServer]:
    with tls_server() as made:
        yield made
