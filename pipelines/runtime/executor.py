"""The executor of all runs: their steps in the run's own process, and after the last what follows the cells it loaded by hand.

Nobody waits for a sensor, a queue and two more processes.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import dagster as dg

from assets.tags import PROCESS, process_tags
from pipelines.following import Load, followed_with, is_by_hand, loads_of, mark_followed
from pipelines.runtime.running import Runner
from resources.hub import Hub
from resources.warehouse.engine import typed
from resources.warehouse.running import scorecard


class FollowingExecutor(dg.Executor):
    """Another executor, and after its last step what follows the cells that the run loaded by hand."""

    def __init__(self, steps: dg.Executor, definitions: Callable[[], dg.Definitions]) -> None:
        self._steps = steps
        self._definitions = definitions

    @property
    def retries(self) -> Any:
        return self._steps.retries

    @property
    def step_dependency_config(self) -> Any:
        return self._steps.step_dependency_config

    def execute(self, plan_context: Any, execution_plan: Any) -> Iterator[dg.DagsterEvent]:
        run, instance = plan_context.dagster_run, plan_context.instance
        if (
            PROCESS not in run.tags
        ):  # killed before its first step, it would be shown as running, and hold its system's turn, for hours
            instance.add_run_tags(run.run_id, process_tags())
        yield from self._steps.execute(plan_context, execution_plan)
        if not is_by_hand(run):
            return
        try:
            runs = [member.run_id for member in followed_with(instance, run)]
            loads = [load for run_id in runs for load in loads_of(instance, run_id)]
            if not loads:
                return
            told = _follow(Runner(instance, self._definitions()), loads)
            mark_followed(instance, runs)
        except Exception as error:
            # The cells are loaded, whatever became of the rest: the sensor follows what carries no mark.
            told = [str(typed("công bố lại số liệu mở và lập lại báo cáo", error))]
        for line in told:
            instance.report_engine_event(line, run)


def _follow(runner: Runner, loads: Sequence[Load]) -> list[str]:
    """Follow here and now; what became of it, for the page of the run."""
    hub = Hub.open()
    began = hub.now()
    failures = runner.follow(loads)
    with hub.warehouse.engine.connect() as connection:
        reports = scorecard.reports_since(connection, began)
    return [*failures, *(f"Báo cáo {scorecard.told(report)}" for report in reports)]


def in_process_then_followed(definitions: Callable[[], dg.Definitions]) -> dg.ExecutorDefinition:
    """The executor of all runs. What follows a run are other jobs of the same definitions, asked for when they are needed.

    Dagster's default starts a process a step, and each imports everything again: 97 s for 20 steps against 4 s.
    """

    def create(init: dg.InitExecutorContext) -> dg.Executor:
        steps = dg.in_process_executor.executor_creation_fn
        assert steps is not None
        return FollowingExecutor(steps(init), definitions)

    return dg.ExecutorDefinition(
        name="in_process_then_followed",
        config_schema=dg.in_process_executor.config_schema,  # ty: ignore[invalid-argument-type] # a made one is taken as well
        executor_creation_fn=create,
        description="Các bước chạy trong tiến trình của lượt chạy, rồi công bố và báo cáo lại những ô vừa nạp bằng tay.",
    )
