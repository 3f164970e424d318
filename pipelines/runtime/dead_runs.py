"""Runs whose process is gone: told by host, number and start of the process that the run itself named, never by status.

A run in a process of ours, or one whose code server died with it, would else be shown as running for ever.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assets.tags import PROCESS, process_lives, process_tags
from pipelines.failures import RunDied, RunStopped

if TYPE_CHECKING:
    import dagster as dg


def under_way(instance: "dg.DagsterInstance") -> "Sequence[dg.DagsterRun]":
    """Runs that began and did not end; what only waits in the queue is not among them."""
    import dagster as dg

    names = ("NOT_STARTED", "STARTING", "STARTED", "CANCELING")
    return instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus(name) for name in names]))


def clear(instance: "dg.DagsterInstance") -> list[str]:
    """Mark them as failed, in words; the ids. Their slots become free. What still lives, or is another host's, is left."""
    cleared = []
    for run in under_way(instance):
        if process_lives(run.tags) is False:
            instance.report_run_failed(run, str(RunDied(job=run.job_name, process=run.tags[PROCESS].split("-")[0])))
            cleared.append(run.run_id)
    return cleared


def stop_own(instance: "dg.DagsterInstance") -> None:
    """Mark the runs of this process, which is about to end, as failed: no sensor need find them first."""
    mine = process_tags()
    for run in under_way(instance):
        if mine.items() <= run.tags.items():
            instance.report_run_failed(run, str(RunStopped(job=run.job_name)))
