"""Definitions load with an empty environment and no sockets; what was generated is what is committed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

# Beta features of the orchestrator that are used on purpose. A new one is looked at before it joins the list.
KNOWN_BETA = ["MultiToSingleDimensionPartitionMapping"]

LOAD = """
import json, socket, sys, warnings
def refuse(*a, **k):
    raise AssertionError("a socket was opened while definitions load")
socket.socket.connect = refuse
socket.socket.bind = refuse
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    from pipelines.definitions import defs
    repository = defs.get_repository_def()
    jobs = sorted(j.name for j in repository.get_all_jobs())
found = sorted({f"{type(w.message).__name__}: {w.message}" for w in caught
                if type(w.message).__module__.startswith("dagster")})
print(json.dumps({"jobs": jobs, "warnings": found}))
"""


@pytest.fixture(scope="module")
def loaded() -> dict:
    done = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=PROJECT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_a_job_a_source_and_one_for_the_reports(loaded: dict) -> None:
    from schemas.registry import SOURCES

    assert {f"nightly_{s.name}" for s in SOURCES} | {"nightly_reports"} <= set(loaded["jobs"])


def test_beta_warnings_are_known(loaded: dict) -> None:
    unknown = [w for w in loaded["warnings"] if not any(known in w for known in KNOWN_BETA)]
    assert unknown == []
    unused = [known for known in KNOWN_BETA if not any(known in w for w in loaded["warnings"])]
    assert unused == [], "no longer in use, or no longer beta: take it off the list"


def test_graph_is_current() -> None:
    from pipelines.printing.graph import graph

    assert (PROJECT / "graph.txt").read_text(encoding="utf-8") == graph(), "run make docs and look at the difference"


def test_dictionary_is_current() -> None:
    from pipelines.printing.dictionary import dictionary

    folder = PROJECT / "docs" / "dictionary"
    assert {p.name: p.read_text(encoding="utf-8") for p in folder.glob("*.md")} == dictionary(), "run make docs"


def test_the_runbook_holds_every_failure() -> None:
    from pipelines.printing import runbook

    assert runbook.BOOK.read_text(encoding="utf-8") == runbook.book(), "run make docs"


def test_schedules_run_by_default_in_the_province() -> None:
    from pipelines.schedules import SCHEDULES

    assert SCHEDULES
    for schedule in SCHEDULES:
        assert schedule.default_status.value == "RUNNING"
        assert schedule.execution_timezone == "Asia/Ho_Chi_Minh"
