"""Runs whose process is gone: told by the process that the run named, and by nothing else."""

from pathlib import Path

import dagster as dg
import psutil
import pytest

from assets.tags import HOST, PROCESS, process_lives, process_tags
from pipelines.runtime import dead_runs
from pipelines.runtime.executor import in_process_then_followed

STARTED, FAILED = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE


def gone() -> str:
    """A number that a living process has, which began at another time."""
    return f"{psutil.Process().pid}-1"


@pytest.mark.parametrize(
    ("told", "lives"),
    [
        ({}, True),
        ({PROCESS: gone()}, False),
        ({PROCESS: "999999999-1"}, False),
        ({HOST: "may-khac", PROCESS: gone()}, None),
        ({HOST: None}, None),
        ({PROCESS: None}, None),
    ],
    ids=["ours", "its number given anew", "gone", "of another machine", "no machine said", "no process said"],
)
def test_a_process_is_known_by_machine_number_and_start(told: dict[str, str | None], lives: bool | None) -> None:
    tags = {name: text for name, text in {**process_tags(), **told}.items() if text is not None}
    assert process_lives(tags) is lives


def test_only_runs_whose_process_is_gone_are_marked_and_in_words() -> None:
    with dg.DagsterInstance.ephemeral() as instance:

        def run(status: dg.DagsterRunStatus, **tags: str) -> str:
            told = {**process_tags(), **tags}
            return instance.add_run(dg.DagsterRun(job_name="nightly_poverty", status=status, tags=told)).run_id

        dead = run(STARTED, **{PROCESS: gone()})
        left = [run(STARTED), run(STARTED, **{HOST: "may-khac", PROCESS: gone()})]
        ended = run(dg.DagsterRunStatus.SUCCESS, **{PROCESS: gone()})
        assert dead_runs.clear(instance) == [dead] and dead_runs.clear(instance) == []
        statuses = {r.run_id: r.status for r in instance.get_runs()}
        assert statuses[dead] == FAILED and statuses[ended] == dg.DagsterRunStatus.SUCCESS
        assert FAILED not in {statuses[r] for r in left}
        told = " ".join(e.message for e in instance.all_logs(dead))
        assert "nightly_poverty" in told and str(psutil.Process().pid) in told


@dg.op
def _as_named(context: dg.OpExecutionContext) -> None:
    run = context.instance.get_run_by_id(context.run_id)
    assert run is not None and process_tags().items() <= run.tags.items()


@dg.job(executor_def=in_process_then_followed(dg.Definitions))
def _named() -> None:
    _as_named()


def test_a_run_names_its_process_before_its_first_step(tmp_path: Path) -> None:
    """Killed in between, by whatever, it would be nobody's to find."""
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        assert dg.execute_job(dg.reconstructable(_named), instance).success


def test_a_process_that_ends_marks_its_own_runs_alone() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        other = {**process_tags(), HOST: "may-khac"}
        mine, theirs = (
            instance.add_run(dg.DagsterRun(job_name="nightly_poverty", status=STARTED, tags=tags)).run_id
            for tags in (process_tags(), other)
        )
        dead_runs.stop_own(instance)
        assert {r.run_id: r.status for r in instance.get_runs()} == {mine: FAILED, theirs: STARTED}
