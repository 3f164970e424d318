"""What follows cells that were loaded by hand: the open tables of their periods, then the reports, as corrections.

The run that loaded them does it itself, right after its last step (pipelines/runtime/executor.py), as does `ansinh backfill`. Only
what a run could not finish, since its process died, is left to the sensor `follow_up`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from assets.failures import TextLost
from assets.keys import open_key, report_key
from assets.long_tags import LONGEST, tags_of
from assets.open.tables import tables_of
from assets.reports.forms import FORMS
from assets.tags import CELLS, CORRECTION, DOCUMENT, FOLLOW_UP, FOLLOWED, NIGHT, OFFICER, PERIODS, REASON, SOURCE
from pipelines.jobs import REPORTS_JOB, night_job_name
from resources.warehouse.arrivals.backfills import LATE_ROWS
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
    if keys := [report_key(form.asset_name) for form in FORMS if datasets & {d.id for d in form.datasets}]:
        # Which of these reasons is whose, the reports read where the cells' runs kept them.
        yield Follower(REPORTS_JOB, keys, _said(by_hand))


def _said(loads: Sequence[Load]) -> dict[str, str]:
    """The tags of a run that follows these: their periods, and all that was said of them."""
    joined = ";".join(sorted({load.period for load in loads}))
    said = {name: _joined(load.said[name] for load in loads if name in load.said)[: LONGEST[name]] for name in KEPT}
    return {name: text for name, text in said.items() if text} | {NIGHT: FOLLOW_UP, PERIODS: joined, CORRECTION: joined}


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(texts))
