"""What holds for all tests."""

import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator

import pytest

from tests.integration.kept import FOLDER, homes


def hear_ctrl_c() -> None:
    """The tests press it. A shell lets it be ignored by what it starts in the background, and so by all that is started there; and
    a command that has ended well ignores it to the end of its process, which here goes on."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


hear_ctrl_c()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    hear_ctrl_c()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the workers inherit it
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="an-kept-", dir=homes())
        os.environ["XDG_CONFIG_HOME"] = f"{os.environ[FOLDER]}/config"  # the demo's keys are not those of who runs the tests


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(FOLDER), ignore_errors=True)


# Begun in this order, before all others: last, a long file would be waited for by all. One of the first four makes the province after
# its first night; another needs none, so that no core is idle meanwhile.
LONGEST = ("ui", "conformance", "night", "late", "waiting", "report_filing", "population_night")
LONGEST += ("report_occasions", "rest_moves", "increments")
# The same of those for a landing, and of those that are long.
LONGEST += ("backup", "tenth_system", "fingerprint", "installing", "hard_night", "retained_province", "ourselves")
LONGEST += ("open_proof", "faults_of_data", "faults_of_sources")
LONGEST += ("servers_of_sources", "roles", "kills", "grid", "demo", "demo_mariadb")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem.removeprefix("test_"), len(places)))


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    gc.disable()


def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end: looked through again and again for what is gone, it takes a tenth of all work."""
    gc.freeze()
    gc.enable()


def _restored() -> Iterator[None]:
    """What runs in the process of the tests sets variables for Dagster: the next test would open another state by them."""
    before = dict(os.environ)
    yield
    for name in {*os.environ} - {*before}:
        del os.environ[name]
    os.environ.update(before)


_environment_of_a_test = pytest.fixture(autouse=True)(_restored)
_environment_of_a_file = pytest.fixture(autouse=True, scope="module")(_restored)
