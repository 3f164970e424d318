"""The dated tables in the warehouse, written by this code and by edited copies of it, each in a process of its own."""

import datetime as dt
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from resources.embedded import server
from resources.warehouse.engine import Warehouse
from resources.warehouse.failures import OtherReference, WarehouseBehind
from resources.warehouse.loading import set_rules
from schemas.projections import reference
from tests.integration.province import PROJECT

TODAY = dt.date(2024, 11, 20)
ACCOUNT = "select value from ref.limits where name = 'people_per_account'"
OPEN = "import sys; from resources.warehouse.engine import Warehouse\nfor _ in range(int(sys.argv[2])): Warehouse(sys.argv[1]).open()"
THRESHOLDS = """
from schemas.dated import DatedColumn, DatedTable

THRESHOLDS = DatedTable(
    "thresholds",
    "Chuẩn nghèo",
    thresholds,
    (DatedColumn("area_code", "bigint", "Khu vực"), DatedColumn("score_b1_most", "numeric", "Điểm B1 cao nhất")),
)
"""

Edit = Callable[[Path], None]


@pytest.fixture
def warehouse(home: Path) -> Iterator[Warehouse]:
    """A warehouse on which this code stands."""
    yield (made := Warehouse(server(home).url("warehouse")).open())
    made.engine.dispose()


@pytest.fixture
def begun(tmp_path: Path, warehouse: Warehouse) -> Callable[..., subprocess.Popen]:
    """Begin to open the warehouse by an edited copy of the code, so many times."""

    def begin(edit: Edit, times: int = 1) -> subprocess.Popen:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        for package in ("schemas", "resources"):
            shutil.copytree(PROJECT / package, folder / package)
        edit(folder / "schemas")
        command = [sys.executable, "-c", OPEN, warehouse.url, str(times)]
        return subprocess.Popen(command, cwd=folder, env={"PYTHONPATH": str(folder)})

    return begin


def edited(path: str, old: str, new: str) -> Edit:
    def edit(root: Path) -> None:
        whole = (root / path).read_text(encoding="utf-8")
        assert whole.count(old) == 1
        (root / path).write_text(whole.replace(old, new), encoding="utf-8")

    return edit


def more_people(number: int) -> Edit:
    return edited("rates/limits.csv", "people_per_account,3,", f"people_per_account,{number},")


def one(warehouse: Warehouse, query: str) -> Any:
    with warehouse.engine.connect() as connection:
        return connection.exec_driver_sql(query).scalar()


def written(warehouse: Warehouse) -> list[Any]:
    """In which transactions all that stands in `ref` was written."""
    rows = " union all ".join(f"select '{name}' as name, xmin::text, ctid::text from ref.{name}" for name in reference.tables())
    with warehouse.engine.connect() as connection:
        return list(connection.exec_driver_sql(f"{rows} order by 1, 3"))


def hold_against_each_other(warehouse: Warehouse) -> set[str]:
    with warehouse.engine.begin() as connection:
        now = dt.datetime.now(dt.UTC)
        return set_rules.evaluate(connection, {"core.poverty_households": {"2024"}}, now, TODAY)


def test_what_is_declared_stands_there_with_its_words_and_statistics(warehouse: Warehouse) -> None:
    for name, table in reference.tables().items():
        rows = reference.rows(table)
        with warehouse.engine.connect() as connection:
            assert [list(row) for row in connection.exec_driver_sql(f"select * from ref.{name}")] == rows != []
        assert one(warehouse, f"select obj_description('ref.{name}'::regclass)") == table.title
        assert one(warehouse, f"select col_description('ref.{name}'::regclass, 1)") == table.columns[0].title
        assert one(warehouse, f"select reltuples from pg_class where oid = 'ref.{name}'::regclass") == len(rows)


def test_what_stands_is_written_once(warehouse: Warehouse) -> None:
    before = written(warehouse)
    warehouse.migrate()
    warehouse.open()
    assert written(warehouse) == before


def test_a_warehouse_of_before_gets_it(warehouse: Warehouse) -> None:
    with warehouse.engine.begin() as connection:
        connection.exec_driver_sql("drop schema ref cascade; delete from ops.schema_version where version >= 7")
        connection.exec_driver_sql("comment on schema ops is null")
    warehouse.open()
    assert one(warehouse, ACCOUNT) == 3
    assert hold_against_each_other(warehouse) == {"poverty"}


@pytest.mark.landing
def test_rules_refuse_the_figures_of_another_edition(warehouse: Warehouse, begun: Callable[..., subprocess.Popen]) -> None:
    """And whoever only reads is told; who opens to write brings its own again, and goes on."""
    assert begun(more_people(4)).wait(60) == 0
    assert one(warehouse, ACCOUNT) == 4
    with pytest.raises(OtherReference):
        hold_against_each_other(warehouse)
    with pytest.raises(WarehouseBehind):
        Warehouse(warehouse.url, only_reads=True).open()
    assert one(warehouse.open(), ACCOUNT) == 3
    assert hold_against_each_other(warehouse) == {"poverty"}


def test_who_reads_meanwhile_sees_all_of_the_old(warehouse: Warehouse, begun: Callable[..., subprocess.Popen]) -> None:
    with warehouse.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        before = connection.exec_driver_sql("select * from ref.limits").all()
        assert begun(more_people(5)).wait(60) == 0  # it does not wait for readers
        assert connection.exec_driver_sql("select * from ref.limits").all() == before
    assert one(warehouse, ACCOUNT) == 5


@pytest.mark.landing
def test_two_editions_at_once_do_not_mix(warehouse: Warehouse, begun: Callable[..., subprocess.Popen]) -> None:
    """What stands in the end is all of one of them, and its digest is of that one."""

    def six(root: Path) -> None:
        more_people(6)(root)
        edited("sources/social_protection/rates/assistance_groups.csv", "K1.A,2.5", "K1.A,6")(root)

    def seven(root: Path) -> None:
        more_people(7)(root)
        edited("sources/social_protection/rates/assistance_groups.csv", "K1.A,2.5", "K1.A,7")(root)

    processes = [begun(edit, times=10) for edit in (six, seven)]
    assert [process.wait(120) for process in processes] == [0, 0]
    coefficient = one(warehouse, "select coefficient from ref.social_protection_assistance_groups where group_code = 'K1.A'")
    assert one(warehouse, ACCOUNT) == coefficient
    assert coefficient in (6, 7)
    digest = one(warehouse, "select obj_description('ref'::regnamespace)")
    assert begun(six if coefficient == 6 else seven).wait(60) == 0
    assert one(warehouse, "select obj_description('ref'::regnamespace)") == digest


def test_a_table_of_a_system_comes_and_goes_with_its_declaration(
    warehouse: Warehouse, begun: Callable[..., subprocess.Popen]
) -> None:
    def more(root: Path) -> None:
        path = root / "sources" / "poverty" / "rates.py"
        path.write_text(path.read_text(encoding="utf-8") + THRESHOLDS, encoding="utf-8")

    assert begun(more).wait(60) == 0
    assert one(warehouse, "select sum(score_b1_most) from ref.poverty_thresholds") == 140 + 175
    assert one(warehouse, "select max(valid_to) from ref.poverty_thresholds") == dt.date(2026, 12, 31)
    assert one(warehouse.open(), "select to_regclass('ref.poverty_thresholds')") is None


@pytest.mark.landing
def test_other_columns_are_made_anew(warehouse: Warehouse, begun: Callable[..., subprocess.Popen]) -> None:
    columns = (
        "select string_agg(attname, ' ' order by attnum) from pg_attribute where attrelid = 'ref.limits'::regclass and attnum > 0"
    )
    as_declared = one(warehouse, columns)
    assert as_declared == "name value legal_basis confidence valid_from valid_to"
    changed = edited(
        "rates.py", 'DatedColumn("value", "numeric", "Giá trị")', 'DatedColumn("value", "bigint", "Giá trị", lambda f: 9)'
    )
    assert begun(changed).wait(60) == 0
    assert one(warehouse, "select pg_typeof(value)::text || max(value) from ref.limits group by pg_typeof(value)") == "bigint9"
    assert one(warehouse.open(), columns) == as_declared
    assert one(warehouse, "select pg_typeof(value)::text from ref.limits limit 1") == "numeric"
