"""Every shipped table says whether a place may differ in it; what one may lay over it, its own rows keep too."""

import ast
import re
from pathlib import Path

import pytest

from schemas import local
from schemas.dated import shipped, systems

SCHEMAS = Path(local.__file__).parent
TABLES = sorted(str(path.relative_to(SCHEMAS)) for path in SCHEMAS.rglob("*.csv"))
LOCAL = [path for path in TABLES if local.table_of(path)]


@pytest.mark.parametrize("path", TABLES)
def test_a_shipped_table_is_a_local_one_or_says_why_not(path: str) -> None:
    assert (local.table_of(path) is None) != (local.why_fixed(path) is None), (
        f"{path}: add it to LOCAL or FIXED in schemas/local.py"
    )


@pytest.mark.parametrize("pattern", [*local.LOCAL, *local.FIXED])
def test_what_is_declared_is_shipped(pattern: str) -> None:
    assert any(local._fits(path, pattern) for path in TABLES), f"no table is {pattern}"


@pytest.mark.parametrize("path", LOCAL)
def test_a_local_table_declares_its_columns_and_a_key(path: str) -> None:
    table, rows = local.table_of(path), shipped(*path.split("/"))
    assert table is not None
    header = (SCHEMAS / path).read_text(encoding="utf-8").splitlines()[0].split(",")
    assert set(header) == table.columns.keys()
    assert {*table.subject, *table.must} <= table.values.keys()
    keys = [table.key(row) for row in rows]
    assert len(keys) == len(set(keys)), f"{path}: two rows of one key"
    for row in rows:
        for name, value in table.columns.items():
            assert value.fits(row[name]), f"{path}: {name} of {row} is not {value.expected}"
    if table.is_dated:
        for at, one in enumerate(rows):
            for other in rows[:at]:
                assert table.about(one) != table.about(other) or not local.overlap(one, other), f"{path}: {one} beside {other}"


@pytest.mark.parametrize("path", LOCAL)
def test_nothing_laid_over_a_table_leaves_it_as_it_is(path: str) -> None:
    table, rows = local.table_of(path), shipped(*path.split("/"))
    assert table is not None
    key = lambda row: sorted(row.items())  # noqa: E731
    assert sorted(local.merged(table, rows, []), key=key) == sorted(rows, key=key)


def test_a_system_is_not_called_as_what_stands_beside_the_systems() -> None:
    """`poverty/due_days.csv` of a place is the system's; `reports/organisations.csv` is nobody's."""
    beside = {path.name for path in SCHEMAS.iterdir() if path.is_dir()} | {"headings"}
    assert not beside & set(systems())


def test_no_module_reads_a_local_table_past_the_place() -> None:
    """`shipped` is for those who compare; all others ask through `read_rows`."""
    readers = set()
    for path in SCHEMAS.parent.glob("*/**/*.py"):
        if path.relative_to(SCHEMAS.parent).parts[0] not in ("schemas", "resources", "assets", "pipelines"):
            continue
        text = path.read_text(encoding="utf-8")
        if re.search(r"\bshipped\(", text) and any(
            isinstance(node, ast.Call) and getattr(node.func, "id", "") == "shipped" for node in ast.walk(ast.parse(text))
        ):
            readers.add(str(path.relative_to(SCHEMAS.parent)))
    assert readers == {"schemas/dated.py", "resources/local/tables.py", "pipelines/doctor/local.py"}
