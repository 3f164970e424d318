"""Sensors: what must follow when an officer loads cells by hand in the UI."""

from collections import defaultdict
from collections.abc import Iterator

import dagster as dg

from assets.tags import CELLS, CORRECTION, DOCUMENT, NIGHT, OFFICER, PERIODS, REASON, SOURCE
from pipelines.jobs import NIGHT_JOBS, REPORTS, REPORTS_JOB, night_job_name
from schemas.registry import DATASETS

RECORDS = 1000  # looked at in one tick


@dg.sensor(
    name="follow_up",
    jobs=[*NIGHT_JOBS.values(), REPORTS],
    minimum_interval_seconds=5,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Sau khi một ô được nạp bằng tay: công bố lại số liệu mở của kỳ đó và lập lại báo cáo (điều chỉnh).",
)
def follow_up(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One request a source and tick for its open tables, and one for the reports, however many cells were loaded.

    Its cursor is the last event seen, so a restart forgets nothing. The night and the command line do their own
    following: their runs carry a tag.
    """
    newest = context.instance.event_log_storage.get_maximum_record_id() or 0
    if context.cursor is None:
        # What was loaded before the sensor first ran was followed by its own night.
        context.update_cursor(str(newest))
        yield dg.SkipReason("Bắt đầu theo dõi từ bây giờ.")
        return
    loaded, tags = _loaded_by_hand(context, int(context.cursor))
    context.update_cursor(str(newest))
    if not loaded:
        yield dg.SkipReason("Không có ô nào được nạp bằng tay.")
        return
    everything = set()
    for source, periods in sorted(loaded.items()):
        everything |= periods
        yield dg.RunRequest(
            run_key=f"follow-up-{source}-{newest}",
            job_name=night_job_name(source),
            asset_selection=[
                dg.AssetKey(["open", source, table.name]) for d in DATASETS if d.source.name == source for table in d.open_tables
            ],
            tags={**tags[source], **_asked(periods), SOURCE: source},
        )
    reason = next(iter(tags.values()))
    yield dg.RunRequest(run_key=f"follow-up-reports-{newest}", job_name=REPORTS_JOB, tags={**reason, **_asked(everything)})


def _asked(periods: set[str]) -> dict[str, str]:
    joined = ";".join(sorted(periods))
    return {NIGHT: "follow-up", PERIODS: joined, CORRECTION: joined}


def _loaded_by_hand(context: dg.SensorEvaluationContext, after: int) -> tuple[dict[str, set[str]], dict[str, dict[str, str]]]:
    """source -> periods, and source -> the reason, officer and document of its runs."""
    loaded: dict[str, set[str]] = defaultdict(set)
    tags: dict[str, dict[str, str]] = {}
    runs: dict[str, dg.DagsterRun | None] = {}
    for dataset in DATASETS:
        records = context.instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=dg.AssetKey(["core", dataset.source.name, dataset.name]), after_storage_id=after),
            limit=RECORDS,
        ).records
        for record in records:
            if record.run_id not in runs:
                runs[record.run_id] = context.instance.get_run_by_id(record.run_id)
            run = runs[record.run_id]
            if run is None or NIGHT in run.tags or CELLS in run.tags or not record.partition_key:
                continue
            loaded[dataset.source.name].add(record.partition_key.split("|")[0])
            kept = {name: run.tags[name] for name in (REASON, OFFICER, DOCUMENT) if name in run.tags}
            tags.setdefault(dataset.source.name, kept)
    return loaded, tags
