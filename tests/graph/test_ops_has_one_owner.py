"""Statements on the tables of schema ops stand in resources/warehouse/ alone, so a column has one place where it is renamed.

Of schema ref those that write: by whoever joins its tables they are read alone, or a rule would judge by what nobody declared.
"""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
FOLDERS = ("schemas", "resources", "assets", "pipelines", "demo", "benchmarks")
OWNER = PROJECT / "resources" / "warehouse"

SQL = re.compile(
    r"\b(?:select|from|join|into|insert|update|delete|merge|copy|lock|table|truncate|create|alter|drop|comment|to_regclass)\b",
    re.I,
)
TABLE = re.compile(r'(?<![\w.])"?ops"?\."?(?!(?:folded|letters)\b)[a-z_{]', re.I)  # a function and a collation of rules
WRITES_REFERENCE = re.compile(
    r"\b(?:insert\s+into|update|delete\s+from|merge\s+into|copy|lock|(?:truncate|(?:create|alter|drop)\s+table)(?:\s+if(?:\s+not)?\s+exists)?)"
    r"""\s+"?ref"?\.""",
    re.I,
)

NAMED = re.compile(r"(?:ops|ref)\W", re.I)  # without it in a module none of its texts is one: most need not be parsed


def is_statement(text: str) -> bool:
    """Whether a text is, or is part of, a statement that names a table of schema ops."""
    return bool(SQL.search(text) and TABLE.search(text))


def texts(source: str) -> Iterator[str]:
    """Every string of a module, a formatted one as a whole; what stands alone, as a docstring does, is left out."""
    tree = ast.parse(source)
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in alone:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def writes_reference(text: str) -> bool:
    """Whether a text is, or is part of, a statement that changes a table of schema ref."""
    return bool(WRITES_REFERENCE.search(text))


@cache
def written() -> dict[str, frozenset[str]]:
    """The modules outside resources/warehouse/ and their texts."""
    paths = [p for folder in FOLDERS for p in (PROJECT / folder).rglob("*.py") if not p.is_relative_to(OWNER)]
    assert {p.relative_to(PROJECT).parts[0] for p in paths} == set(FOLDERS)
    sources = {p.relative_to(PROJECT).as_posix(): p.read_text(encoding="utf-8") for p in paths}
    return {name: frozenset(texts(source)) for name, source in sources.items() if NAMED.search(source)}


def writers(what: Callable[[str], bool]) -> set[str]:
    """Those that write such statements."""
    return {name for name, found in written().items() if any(map(what, found))}


def test_the_owner_writes_them() -> None:
    """Where no statement is seen of those that there are, none would be seen that there should not be."""
    found = [p for p in OWNER.rglob("*.py") if any(is_statement(t) for t in texts(p.read_text(encoding="utf-8")))]
    assert len(found) > 10


@pytest.mark.parametrize("what", [is_statement, writes_reference])
def test_no_other_module_writes_statements_on_ops(what: Callable[[str], bool]) -> None:
    assert writers(what) == set(), "give the statement a function in resources/warehouse/ and call it"


@pytest.mark.parametrize(
    ("source", "writes"),
    [
        ('x = f"insert into ref.{name} values (1)"', True),
        ('x = "delete from ref.limits"', True),
        ('x = "update ref.limits set value = 1"', True),
        ('x = "drop table if exists ref.limits"', True),
        ('x = "create table if not exists ref.limits (name text)"', True),
        ('x = \'truncate "ref"."limits"\'', True),
        ('x = "select value from ref.limits"', False),
        ('x = "delete from core.href.x"', False),
    ],
)
def test_who_changes_a_dated_table_is_seen(source: str, writes: bool) -> None:
    assert any(map(writes_reference, texts(source))) == writes


@pytest.mark.parametrize(
    "source",
    [
        'x = "select a from ops.cells"',
        'x = """\n  select 1\n  from core.y, ops.cells c"""',
        'x = f"update ops.{table} set a = 1"',
        'x = f"select {columns} from ops.cells"',
        "x = \"select to_regclass('ops.pulls')\"",
        'x = \'truncate "ops"."cells"\'',
        'x = "insert into " "ops.nights (night) values (1)"',
    ],
)
def test_a_statement_is_seen(source: str) -> None:
    assert any(is_statement(text) for text in texts(source))


@pytest.mark.parametrize(
    "source",
    [
        '"""Rows from ops.cells."""',
        'def f():\n    """What was read from ops.pulls."""',
        'x = "select ops.folded(name) from core.y"',
        'x = "tệp gốc khớp mã băm trong ops.pulls"',
        'x = records["ops.arrivals"]',
        'x = "update devops.cells"',
    ],
)
def test_other_strings_are_no_statements(source: str) -> None:
    assert not any(is_statement(text) for text in texts(source))
