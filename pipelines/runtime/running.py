"""Running jobs in this process, for the commands that do not wait for the daemon."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dagster as dg

from assets.keys import core_key, raw_key
from assets.tags import CELLS, NIGHT, PERIODS, PERSONS, WHOLE, process_tags
from pipelines.following import Load, followers, loads_of, mark_followed
from pipelines.jobs import POPULATION_JOB, REPORTS_JOB, night_job_name
from pipelines.runtime import dead_runs, stopping
from pipelines.runtime.instance import instance
from resources.connectors.turns import turn
from resources.settings import Settings
from schemas.dataset import Dataset

# An uncaught stack in the terminal helps nobody; the message is printed by the command.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class Runner:
    """Runs jobs of these definitions here and now, and tells their failures in words."""

    def __init__(self, dagster_instance: dg.DagsterInstance, definitions: dg.Definitions) -> None:
        self._instance = dagster_instance
        self._definitions = definitions

    def night(
        self, source: str, night: str, periods: Sequence[str] | None, whole: bool = False, *, others_wait: bool = False
    ) -> tuple[list[str], bool]:
        """One source's night; the failures in words, and whether it should have another turn after those that wait."""
        tags = {NIGHT: night}
        if periods:
            tags[PERIODS] = ";".join(periods)
        if whole:
            tags[WHOLE] = "yes"
        with turn(others_wait=others_wait) as taken:
            return failures_of(self._run(night_job_name(source), tags)), taken.has_more

    def reports(self, night: str) -> list[str]:
        return failures_of(self._run(REPORTS_JOB, {NIGHT: night}))

    def population(self, night: str, most: int | None = None) -> list[str]:
        """The population check, of at most so many persons."""
        return failures_of(self._run(POPULATION_JOB, {NIGHT: night} | ({PERSONS: str(most)} if most is not None else {})))

    def backfill(
        self, source: str, cells: Mapping[Dataset, Sequence[tuple[str, str]]], tags: Mapping[str, str]
    ) -> tuple[list[str], list[Load]]:
        """Exactly these cells, one run a dataset, and what follows them all; the failures in words, and what was loaded.

        Should this process die before its end, the sensor follows what it loaded.
        """

        job = self._definitions.resolve_implicit_global_asset_job_def()
        failures: list[str] = []
        loads: list[Load] = []
        runs: list[str] = []
        for dataset, chosen in cells.items():
            keys = [raw_key(dataset), core_key(dataset)]
            asked = ";".join(f"{period}|{unit}" for period, unit in chosen)
            result = self._execute(job, {**tags, CELLS: asked}, keys)
            failures += failures_of(result)
            runs.append(result.run_id)
            loads += loads_of(self._instance, result.run_id)
        failures += self.follow(loads)
        mark_followed(self._instance, runs)
        return failures, loads

    def follow(self, loads: Sequence[Load]) -> list[str]:
        """What follows loaded cells, one after the other; the failures in words."""
        failures: list[str] = []
        for follower in followers(loads):
            job = self._definitions.resolve_job_def(follower.job)
            failures += failures_of(self._execute(job, follower.tags, follower.assets))
        return failures

    def _run(self, name: str, tags: Mapping[str, str]) -> dg.ExecuteInProcessResult:
        job = self._definitions.resolve_job_def(name)
        return self._execute(job, tags)

    def _execute(
        self, job: dg.JobDefinition, tags: Mapping[str, str], selection: Sequence[dg.AssetKey] | None = None
    ) -> dg.ExecuteInProcessResult:
        if stopping.asked.is_set():
            raise KeyboardInterrupt
        return job.execute_in_process(
            instance=self._instance,
            asset_selection=selection,
            tags={**tags, **process_tags()},
            run_config=QUIET,
            raise_on_error=False,
        )


def failures_of(result: dg.ExecuteInProcessResult) -> list[str]:
    """The message of each failed step: a failure of ours carries its three parts, anything else its type alone."""
    found = []
    for event in result.get_step_failure_events():
        data = event.step_failure_data
        told = data.user_failure_data.description if data.user_failure_data else None
        if not told:
            error = data.error and (data.error.cause or data.error)
            kind = error.cls_name if error else "không rõ loại"
            told = f"Bước {event.step_key} hỏng vì lỗi chưa lường trước ({kind}); chi tiết ở trang của lượt chạy."
        found.append(told)
    if not found and not result.success:
        found.append(f"Lượt chạy {result.job_def.name} hỏng ở ngoài các bước; chi tiết ở trang của lượt chạy.")
    return found


def _is_told_once(record: logging.LogRecord) -> bool:
    """Whether a line is more than that Dagster tries its database again: that it did not answer is told at the end."""
    return not record.getMessage().startswith("Retrying failed database connection")


@contextmanager
def dagster(settings: Settings, definitions: dg.Definitions) -> Iterator[Runner]:
    logging.getLogger().addFilter(_is_told_once)
    with instance(settings) as found:
        dead_runs.clear(found)
        stopping.on_stop.append(lambda: dead_runs.stop_own(found))
        yield Runner(found, definitions)
