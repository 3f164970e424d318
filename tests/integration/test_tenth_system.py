"""A further system is a folder, with its indicators, its form and its test rows: dropped into a copy of the tree, no other file edited."""

import csv
import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from schemas import units
from schemas.registry import SOURCES
from tests.integration.province import PROJECT, Province, province

pytestmark = pytest.mark.landing

TENTH = PROJECT / "tests" / "tenth"
NAME = "gratitude_fund"
TABLE = f"{NAME}_contributions_by_giver"
OTHERS = f"not ({' or '.join(s.name for s in SOURCES)})"
# What is compiled comes with it, but for what is being written while it is copied.
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".ansinh", ".*_cache", ".hypothesis", "*.pyc.*", "*.egg-info", "tenth")
MONTHS = (dt.date(2024, 8, 1), dt.date(2024, 9, 1), dt.date(2024, 10, 1))
GIVEN = 1_000_000  # dong

# What its owner has: the tables as declared, the log of submissions, a login that only reads. The province's own systems are not touched.
TABLES = f"""
    create table qd_nha (ma_nha text primary key, ma_xa_goc text, ten_xa text, loai_nha text, ngay_hoan_thanh text, kinh_phi text);
    create table qd_dong_gop (ma_dong_gop text primary key, ma_xa_goc text, ten_xa text, ngay_dong_gop date, doi_tuong_dong_gop text,
        ma_nha text, so_tien text, so_quyet_dinh text);
    create table nhat_ky_nop (ma_don_vi text not null, bang text not null, ky text not null, thoi_diem_nop timestamptz not null,
        so_dong bigint not null, khai_rong boolean not null);
    create role {NAME}_reader login;
    grant select on all tables in schema public to {NAME}_reader"""


@dataclass(frozen=True)
class Tree:
    """A copy of the tree with the system in it, and the files that came."""

    root: Path
    added: tuple[str, ...]

    def run(self, *command: str, status: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root), **environment},
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == status, done.stdout[-3000:] + done.stderr[-3000:]
        return done

    def contracts(self, *asked: str, status: int = 0) -> str:
        """What pytest says of the contract tests that are asked for."""
        return self.run("-m", "pytest", "-p", "no:cacheprovider", *asked, status=status).stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    root = tmp_path_factory.mktemp("tenth") / "tree"
    shutil.copytree(PROJECT, root, ignore=LEFT_OUT, symlinks=True)
    added = tuple(str(p.relative_to(TENTH)) for p in sorted(TENTH.rglob("*")) if p.is_file() and "__pycache__" not in p.parts)
    assert len(added) == 15
    for name in added:
        assert not (root / name).exists(), f"{name} would be an edit"
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TENTH / name, root / name)
    return Tree(root, added)


def test_what_is_generated_gains_its_lines_and_loses_none(tree: Tree) -> None:
    tree.run("-m", "pipelines.printing")
    before, after = ((root / "graph.txt").read_text().splitlines() for root in (PROJECT, tree.root))
    gained = set(after) - set(before)
    assert set(before) <= set(after)
    assert {line.split()[0] for line in gained} == {
        f"{layer}/{NAME}/{dataset}" for layer in ("core", "raw") for dataset in ("contributions", "houses")
    } | {f"open/{NAME}/contributions_by_giver", "report/national/QD_T"}
    pages = {p.name for p in (tree.root / "docs" / "dictionary").iterdir()}
    assert pages - {p.name for p in (PROJECT / "docs" / "dictionary").iterdir()} == {f"{NAME}.md"}
    assert "QD01" in (tree.root / "docs" / "dictionary" / "reports.md").read_text()
    assert "mending_costs_less_than_building" in (tree.root / "docs" / "dictionary" / f"{NAME}.md").read_text()


def test_it_keeps_what_every_declaration_must(tree: Tree) -> None:
    said = tree.contracts("-v", "tests/contracts", "--ignore", "tests/contracts/test_contributing.py", "-k", OTHERS)
    passed = re.search(r"(\d+) passed", said)
    assert passed and int(passed[1]) > 100
    held = "\n".join(line for line in said.splitlines() if " PASSED " in line)
    assert all(f"[{NAME}.{dataset}" in held for dataset in ("contributions", "houses")) and "QD01" in held and "QD-T" in held


def test_what_it_forgets_fails_by_name_and_stops_nobody_else(tree: Tree) -> None:
    due, owners, rows = (
        tree.root / name
        for name in (
            f"schemas/sources/{NAME}/due_days.csv",
            f"schemas/sources/{NAME}/owners.csv",
            f"tests/fixtures/rows_{NAME}.py",
        )
    )
    kept = {path: path.read_bytes() for path in (due, owners, rows)}
    try:
        for path in (due, owners):
            path.write_text(path.read_text().splitlines()[0] + "\n")
        rows.unlink()
        said = tree.contracts("tests/contracts/test_declarations.py", "-k", NAME, status=1)
        assert f"{NAME}.contributions has no due day from 2024-08 on" in said
        assert f"{NAME} has no owner" in said
        assert f"{NAME}.houses has no rows in tests/fixtures/rows_{NAME}.py" in said
        # The definitions of all systems load, and its cells are owed by no day.
        tree.run("-c", "from pipelines.definitions import defs; assert defs.resolve_asset_graph()")
    finally:
        for path, content in kept.items():
            path.write_bytes(content)


@pytest.fixture(scope="module")
def made() -> Iterator[Province]:
    with province(after_first_night=True, by_its_commands=True) as stands:
        stands.ansinh("stop")
        yield stands


def test_a_night_brings_it_from_its_database_to_an_open_table_and_a_filed_report(tree: Tree, made: Province) -> None:
    """The hub has nights behind it, as on the day on which a province adds a system."""
    ansinh = ("-m", "pipelines.cli")
    source = made.server.url(f"source_{NAME}", f"{NAME}_reader")
    setting = {**made.environment, f"SOURCE_{NAME.upper()}_URL": source}
    tree.run(*ansinh, "demo", "up", **setting)
    rows = _fill(made)
    night = tree.run(*ansinh, "nightly", "--json", "--source", NAME, **setting)
    assert json.loads(night.stdout.splitlines()[-1])
    accepted = made.one(f"select count(*) from core.{NAME}_contributions")
    assert accepted == rows - 1
    assert made.one("select count(*) from quarantine.rows where source = :name", name=NAME) == 1
    found = made.rows("select distinct rule from quarantine.remarks where source = :name", name=NAME)
    assert {rule for (rule,) in found} == {"house_is_in_the_register", "organisation_has_a_decision"}
    _is_open(made)
    _is_filed(made)


def _fill(made: Province) -> int:
    """Every commune gives once a month; two rows are wrong. The number of contributions."""
    server = made.server
    server.ensure_database(f"source_{NAME}", "postgres")
    with made.engine(f"source_{NAME}").begin() as connection:
        connection.exec_driver_sql(TABLES)
        communes = units.communes_on(dt.date(2024, 10, 31))
        first = next(iter(communes.values()))
        connection.execute(
            sa.text("insert into qd_nha values ('NTN-0001', :code, :name, '1', '2024-07-20', '120000000')"),
            {"code": first.code, "name": first.name},
        )
        lines = [
            {"id": f"DG-{month:%m}-{c.code}", "code": c.code, "name": c.name, "day": month, "amount": str(GIVEN)}
            for month in MONTHS
            for c in communes.values()
        ]
        connection.execute(sa.text("insert into qd_dong_gop values (:id, :code, :name, :day, '1', null, :amount, null)"), lines)
        for more in ("'1', 'NTN-0009', '200000'", "'2', null, '200000'", "'1', null, '-5'"):
            connection.execute(
                sa.text(f"insert into qd_dong_gop values ('X-' || md5(:more), :code, :name, '2024-08-20', {more}, null)"),
                {"more": more, "code": first.code, "name": first.name},
            )
    return len(lines) + 3


def _is_open(made: Province) -> None:
    with (made.home / "open" / TABLE / f"{TABLE}.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["period"] == "2024-10" and r["unit_code"] == "40"]
    total = next(r for r in rows if r["giver_kind_code"] == "total")
    communes = len(units.communes_on(dt.date(2024, 10, 31)))
    assert abs(int(total["value"]) - communes) <= 5  # rounded


def _is_filed(made: Province) -> None:
    filed = made.rows(
        "select period, status, receipt, payload from ops.report_submissions where form = 'QD-T' order by period, revision"
    )
    told = {period: (status, receipt, payload) for period, status, receipt, payload in filed}
    status, receipt, payload = told["2024-10"]
    assert status == "received" and receipt
    line = next(x for x in payload["so_lieu"] if x["ma_chi_tieu"] == "QD01" and x["phan_to"] == {"don_vi": "40"})
    # The window of October is 15/9 to 14/10: it holds the first of October alone.
    communes = len(units.communes_on(dt.date(2024, 10, 31)))
    assert Decimal(line["gia_tri"]) == Decimal(GIVEN * communes) / 1_000_000
