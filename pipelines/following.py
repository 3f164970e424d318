"""What follows cells that were loaded by hand: the open tables of their periods, then the reports, as corrections.

The run that loaded them does it itself, in its own process, right after its last step: nobody waits for a sensor, a queue
and two more processes. Only what a run could not finish, since its process died, is left to the sensor `follow_up`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from assets.keys import open_key, report_key
from assets.long_tags import LONGEST, TextLost, tags_of
from assets.open.tables import tables_of
from assets.reports.forms import FORMS
from assets.tags import CELLS, CORRECTION, DOCUMENT, FOLLOW_UP, FOLLOWED, NIGHT, OFFICER, PERIODS, REASON, SOURCE
from pipelines.jobs import REPORTS_JOB, night_job_name
from resources.hub import Hub
from resources.warehouse import scorecard
from resources.warehouse.backfills import LATE_ROWS
from resources.warehouse.engine import typed
from schemas.registry import source_named

BACKFILL = "dagster/backfill"  # Dagster's tag of the runs that one launch over several cells made
KEPT = (REASON, OFFICER, DOCUMENT)


@dataclass(frozen=True)
class Load:
    """A loaded cell that is to be followed, and what its run's tags say of it."""

    source: str
    dataset: str
    period: str
    unit: str
    said: Mapping[str, str]


@dataclass(frozen=True)
class Follower:
    """One run that follows: a job, the assets of it, its tags."""

    job: str
    assets: Sequence[dg.AssetKey]
    tags: Mapping[str, str]


def is_by_hand(run: dg.DagsterRun) -> bool:
    """Whether a run was asked for cells. A night finds what moved, and does its own following."""
    return NIGHT not in run.tags or CELLS in run.tags


def is_followed(run: dg.DagsterRun) -> bool:
    return run.tags.get(FOLLOWED) == run.run_id


def mark_followed(instance: dg.DagsterInstance, run_ids: Collection[str]) -> None:
    for run_id in run_ids:
        instance.add_run_tags(run_id, {FOLLOWED: run_id})


def followed_with(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[dg.DagsterRun]:
    """The runs that are followed with this one: itself, or all of its backfill that nobody followed yet, so that cells launched
    together are one correction. None while another of them is still to end: the last one follows.
    """
    if BACKFILL not in run.tags:
        return [run]
    runs = instance.get_runs(dg.RunsFilter(tags={BACKFILL: run.tags[BACKFILL]}))
    others = [other for other in runs if other.run_id != run.run_id and not is_followed(other)]
    return [run, *others] if all(other.is_finished for other in others) else []


def load_of(run: dg.DagsterRun, asset: dg.AssetKey | None, partition: str | None) -> Load | None:
    """What a materialisation of a run says; None: it is of no cell of core."""
    if asset is None or asset.path[0] != "core" or not partition:
        return None
    period, unit = partition.split("|")
    try:
        tags = tags_of(run)
    except TextLost:  # the beginning is left: what was loaded is followed all the same
        tags = run.tags
    said = {name: tags[name] for name in KEPT if tags.get(name)}
    return Load(asset.path[1], asset.path[2], period, unit, said)


def loads_of(instance: dg.DagsterInstance, run_id: str) -> list[Load]:
    """The cells that a run loaded."""
    run = instance.get_run_by_id(run_id)
    found: list[Load] = []
    cursor, has_more = None, run is not None
    while run is not None and has_more:
        page = instance.get_records_for_run(
            run_id, cursor, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION, limit=1000, ascending=True
        )
        cursor, has_more = page.cursor, page.has_more
        events = (record.event_log_entry.dagster_event for record in page.records)
        found += filter(None, (load_of(run, e.asset_key, e.partition) for e in events if e))
    return found


def followers(loads: Sequence[Load]) -> Iterator[Follower]:
    """The runs that these need, in order: each source's open tables, then the forms that read them, however many cells were loaded.

    The reports are not asked for what `late_rows` loaded: nobody's act, which the night files on its own days.
    """
    for source in sorted({load.source for load in loads}):
        keys = [open_key(source, table.name) for _, table in tables_of(source_named(source))]
        said = _said([load for load in loads if load.source == source])
        yield Follower(night_job_name(source), keys, {**said, SOURCE: source})
    by_hand = [load for load in loads if load.said.get(OFFICER) != LATE_ROWS]
    datasets = {f"{load.source}.{load.dataset}" for load in by_hand}
    if keys := [report_key(form) for form in FORMS if datasets & {d.id for d in form.datasets}]:
        # Which of these reasons is whose, the reports read where the cells' runs kept them.
        yield Follower(REPORTS_JOB, keys, _said(by_hand))


def _said(loads: Sequence[Load]) -> dict[str, str]:
    """The tags of a run that follows these: their periods, and all that was said of them."""
    joined = ";".join(sorted({load.period for load in loads}))
    said = {name: _joined(load.said[name] for load in loads if name in load.said)[: LONGEST[name]] for name in KEPT}
    return {name: text for name, text in said.items() if text} | {NIGHT: FOLLOW_UP, PERIODS: joined, CORRECTION: joined}


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(texts))


class FollowingExecutor(dg.Executor):
    """Another executor, and after its last step what follows the cells that the run loaded by hand."""

    def __init__(self, steps: dg.Executor) -> None:
        self._steps = steps

    @property
    def retries(self) -> Any:
        return self._steps.retries

    @property
    def step_dependency_config(self) -> Any:
        return self._steps.step_dependency_config

    def execute(self, plan_context: Any, execution_plan: Any) -> Iterator[dg.DagsterEvent]:
        yield from self._steps.execute(plan_context, execution_plan)
        run, instance = plan_context.dagster_run, plan_context.instance
        if not is_by_hand(run):
            return
        try:
            runs = [member.run_id for member in followed_with(instance, run)]
            loads = [load for run_id in runs for load in loads_of(instance, run_id)]
            if not loads:
                return
            told = _follow(instance, loads)
            mark_followed(instance, runs)
        except Exception as error:
            # The cells are loaded, whatever became of the rest: the sensor follows what carries no mark.
            told = [str(typed("công bố lại số liệu mở và lập lại báo cáo", error))]
        for line in told:
            instance.report_engine_event(line, run)


def _follow(instance: dg.DagsterInstance, loads: Sequence[Load]) -> list[str]:
    """Follow here and now; what became of it, for the page of the run."""
    from pipelines.runtime.running import Runner

    hub = Hub.open()
    began = hub.now()
    failures = Runner(instance).follow(loads)
    with hub.warehouse.engine.connect() as connection:
        reports = scorecard.reports_since(connection, began)
    return [*failures, *(f"Báo cáo {scorecard.told(report)}" for report in reports)]


def _in_process_then_followed(init: dg.InitExecutorContext) -> dg.Executor:
    create = dg.in_process_executor.executor_creation_fn
    assert create is not None
    return FollowingExecutor(create(init))


# Dagster's default starts a process a step, and each imports everything again: 97 s for 20 steps against 4 s.
in_process_then_followed = dg.ExecutorDefinition(
    name="in_process_then_followed",
    config_schema=dg.in_process_executor.config_schema,  # ty: ignore[invalid-argument-type] # a made one is taken as well
    executor_creation_fn=_in_process_then_followed,
    description="Các bước chạy trong tiến trình của lượt chạy, rồi công bố và báo cáo lại những ô vừa nạp bằng tay.",
)
