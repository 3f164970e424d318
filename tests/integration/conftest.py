"""Fixtures that several files of integration tests share: an embedded warehouse a file, and an emptied hub on it a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.integration.open_hub import empty_shared
from tests.integration.report_hub import SmallHub, embedded_warehouse, small_hub


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    yield from embedded_warehouse()


@pytest.fixture
def hub(home: Path) -> Iterator[SmallHub]:
    yield from small_hub(home)


@pytest.fixture
def shared(home: Path, hub: SmallHub) -> Iterator[sa.Engine]:
    yield from empty_shared(home, hub)
