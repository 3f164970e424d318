"""A place's own tables at work: a due day moves a cell's, a decision opens a table, what is wrong stops what it is about alone.

Each process is one of its own, as those of runs and commands are: what is laid over the shipped tables is laid once a process.
"""

import datetime as dt
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from resources.embedded import server
from resources.settings import PROJECT
from schemas import calendar
from schemas.registry import dataset_named
from tests.integration.open_hub import BY_WAY, MERIT, OCTOBER, PAYMENTS, load_payments, releases
from tests.integration.report_hub import SmallHub
from tests.integration.warm import warm

DECISION = "number,title,issued_by,valid_from,valid_to,is_synthetic\n12/QĐ-UBND,Danh mục dữ liệu mở,UBND tỉnh,2024-01-01,,false\n"
DUE = "dataset,day,valid_from,legal_basis\nmonthly_payments,28,2024-10-01,QĐ 1/QĐ-SLĐTBXH\n"
# The steps of merit's open tables by hand, the cells brought to the clock, and what both tell.
PUBLISHED = f"""
import json
from pipelines.definitions import defs
import dagster as dg
import sqlalchemy as sa
from assets.open.asset import MATCHES, open_assets
from resources.hub import Hub
from resources.warehouse.arrivals import ledger
from schemas.registry import dataset_named, source_named
hub = Hub.open()
with hub.warehouse.engine.begin() as connection:
    ledger.refresh(connection, hub.now(), [dataset_named({PAYMENTS!r})])
    due = connection.execute(sa.text(
        "select distinct due_at at time zone 'Asia/Ho_Chi_Minh' from ops.cells where source = :s and period = :p and due_at is not null"
    ), {{"s": {MERIT!r}, "p": {OCTOBER!r}}}).scalars().all()
done = dg.materialize(
    open_assets(source_named({MERIT!r})), partition_key={OCTOBER!r}, instance=dg.DagsterInstance.ephemeral(),
    tags={{"ansinh/night": "2024-11-20"}}, raise_on_error=False,
)
failures = [e.step_failure_data.user_failure_data.description for e in done.get_step_failure_events()]
checks = [c.description for c in done.get_asset_check_evaluations() if c.check_name == MATCHES and not c.passed]
print(json.dumps({{"due": [str(d) for d in due], "failures": failures, "held": checks}}))
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "place" / MERIT).mkdir(parents=True)
    return tmp_path / "place"


@pytest.fixture
def production(home: Path, hub: SmallHub, shared: sa.Engine, place: Path) -> dict[str, str]:
    load_payments(
        hub, dt.datetime.now(dt.UTC)
    )  # production believes the machine alone, and a leap from the last instant is refused
    known = {name: value for name, value in os.environ.items() if not name.startswith(("ANSINH_", "SOURCE_", "NATIONAL_"))}
    return known | {
        "ANSINH_PROFILE": "production",
        "ANSINH_HOME": str(home),
        "ANSINH_CONFIG": str(place),
        "ANSINH_ROUNDING_SECRET": bytes(range(32)).hex(),
        "WAREHOUSE_URL": server(home).url("warehouse"),
        "SHARED_WAREHOUSE_URL": server(home).url("shared"),
        "ANSINH_DAGSTER_URL": server(home).url("dagster"),
    }


@pytest.fixture(autouse=True)
def checkout_stays_as_it_is() -> Iterator[None]:
    def status() -> str:
        return subprocess.run(["git", "status", "--porcelain"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout

    before = status()
    yield
    assert status() == before, "something of the place was written into the checkout"


def published(environment: dict[str, str]) -> dict[str, Any]:
    done = warm().run("tests.integration.script", [PUBLISHED], environment, 300)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def ansinh(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return warm().run("pipelines.cli", command, environment, 120)


def test_the_place_says_when_a_list_is_due_and_what_is_open(production: dict[str, str], shared: sa.Engine, place: Path) -> None:
    """Without the place October is due on the 21st, and nothing is published (test_open.py)."""
    (place / "release_decisions.csv").write_text(DECISION, encoding="utf-8")
    (place / MERIT / "due_days.csv").write_text(DUE, encoding="utf-8")
    assert published(production) == {"due": ["2024-10-29 00:00:00"], "failures": [], "held": []}, "to the end of the 28th"
    assert calendar.due_day(dataset_named(PAYMENTS), OCTOBER) == dt.date(2024, 10, 21), "this process has no place"
    assert [release.decision for release in releases(shared, BY_WAY)] == ["12/QĐ-UBND"]


def test_what_is_wrong_stops_what_it_is_about_and_nothing_is_loaded_or_published_by_it(
    production: dict[str, str], shared: sa.Engine, place: Path
) -> None:
    (place / "release_decisions.csv").write_text(DECISION, encoding="utf-8")
    (place / MERIT / "due_days.csv").write_text(DUE.replace("28", "32"), encoding="utf-8")
    wrong = published(production)
    told = f"{MERIT}/due_days.csv, dòng 2, cột day: cần một số nguyên từ 1 đến 31"
    assert all(told in failure for failure in wrong["failures"]) and wrong["failures"]
    with shared.connect() as connection:
        assert connection.execute(sa.text("select to_regnamespace('open_data')")).scalar() is None
    asked = ("backfill", "--source", MERIT, "--period", OCTOBER, "--reason", "thử")
    refused = ansinh(production, *asked)
    assert refused.returncode == 2 and told in refused.stderr and refused.stdout == ""
    only_read = ansinh(production, "status", "--json", "--source", MERIT, "--period", OCTOBER)
    assert only_read.returncode == 0 and json.loads(only_read.stdout) and told in only_read.stderr
    (place / "swap.csv").write_text("x", encoding="utf-8")
    night = ansinh(production, "nightly")
    assert night.returncode == 2 and "swap.csv: không có bảng đi kèm nào tên như vậy" in night.stderr
    doctor = ansinh(production, "doctor", "--json")
    (found,) = [check for check in json.loads(doctor.stdout) if check["what"] == "bảng của địa phương"]
    assert not found["fine"] and told in found["told"] and "swap.csv" in found["told"]


def test_what_is_generated_is_the_same_at_every_place(place: Path) -> None:
    (place / "children").mkdir()
    (place / "children" / "owners.csv").write_text(
        "department,valid_from,legal_basis\nSở Thử,2020-01-01,NQ 1\n", encoding="utf-8"
    )
    told = """
import json
from pipelines.printing.__main__ import dictionary
from schemas import owners
print(json.dumps([dictionary()["children.md"], owners.owners_of("children")[0].department]))
"""
    done = warm().run("tests.integration.script", [told], {**os.environ, "ANSINH_CONFIG": str(place)}, 120)
    assert done.returncode == 0, done.stderr[-3000:]
    page, owner = json.loads(done.stdout.splitlines()[-1])
    assert page == (PROJECT / "docs" / "dictionary" / "children.md").read_text(encoding="utf-8") and owner != "Sở Thử"
