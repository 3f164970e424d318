"""A file of mathematics or law has its page in docs/method: page and module name each other, and the page its tests."""

import ast
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "docs" / "method"
PAGES = sorted(page for page in FOLDER.glob("*.md") if page.name != "README.md")
NAMED = re.compile(r"docs/method/([a-z-]+\.md)")


def told(page: Path, what: str) -> list[str]:
    """What a page names behind `Code:` or `Held by:`."""
    found = re.search(rf"^{what}: (.*?)\.$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return re.findall(r"`([^`]+)`", found[1]) if found else []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_tests_that_a_page_names_are_there(page: Path) -> None:
    held = told(page, "Held by")
    assert held, "a page without a test is a claim"
    for path, name in (one.split("::") for one in held):
        tests = ast.parse((PROJECT / path).read_text(encoding="utf-8")).body
        assert name in {test.name for test in tests if isinstance(test, ast.FunctionDef)}, f"{path} has no {name}"


def test_pages_and_modules_name_each_other() -> None:
    by_pages = {(path, page.name) for page in PAGES for path in told(page, "Code")}
    modules = [p for root in ("schemas", "resources", "assets", "pipelines") for p in (PROJECT / root).rglob("*.py")]
    by_modules = {
        (module.relative_to(PROJECT).as_posix(), page)
        for module in modules
        for page in NAMED.findall(ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or "")
    }
    assert by_pages == by_modules


def test_the_contents_name_every_page() -> None:
    listed = re.findall(r"\]\(([a-z-]+\.md)\)", (FOLDER / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == [page.name for page in PAGES]
