"""Writing and finding materialisations. Writing many materialisations of one asset at once: yielded one by one each is an insert of its own, several times slower."""

from collections.abc import Sequence

import dagster as dg

from assets.dagster_internals import (
    RUNLESS_JOB_NAME,
    RUNLESS_RUN_ID,
    AssetCheckEvaluationTargetMaterializationData,
    DagsterEventBatchMetadata,
    StepMaterializationData,
    generate_event_batch_id,
)


def record(context: dg.AssetExecutionContext, materializations: Sequence[dg.AssetMaterialization]) -> None:
    """Record the materialisations of one asset, as the step's own outputs would be recorded. They are stored on return."""
    step = context.get_step_execution_context()
    batch = generate_event_batch_id()
    for place, materialization in enumerate(materializations, start=1):
        dg.DagsterEvent.asset_materialization(
            step, materialization, DagsterEventBatchMetadata(batch, place == len(materializations))
        )


def record_outside_runs(instance: dg.DagsterInstance, materializations: Sequence[dg.AssetMaterialization]) -> None:
    """Record materialisations that belong to no run."""
    batch = generate_event_batch_id()
    for place, materialization in enumerate(materializations, start=1):
        event = dg.DagsterEvent(
            event_type_value=dg.DagsterEventType.ASSET_MATERIALIZATION.value,
            job_name=RUNLESS_JOB_NAME,
            event_specific_data=StepMaterializationData(materialization),
        )
        is_last = place == len(materializations)
        instance.report_dagster_event(event, RUNLESS_RUN_ID, batch_metadata=DagsterEventBatchMetadata(batch, is_last))


def as_evaluation(result: dg.AssetCheckResult) -> dg.AssetCheckEvaluation:
    """What a step yields of its own check, as it can be told of no run."""
    assert result.asset_key is not None and result.check_name is not None
    return dg.AssetCheckEvaluation(
        asset_key=result.asset_key,
        check_name=result.check_name,
        passed=result.passed,
        severity=result.severity,
        description=result.description,
        metadata=result.metadata,
    )


def targets(
    instance: dg.DagsterInstance, key: dg.AssetKey, partitions: Sequence[str]
) -> dict[str, AssetCheckEvaluationTargetMaterializationData]:
    """Partition -> its latest materialisation, for a check of that partition: without it the check's own grid stays empty."""
    if not partitions:
        return {}
    records = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=key, asset_partitions=list(partitions)), limit=len(partitions), ascending=False
    ).records
    found: dict[str, AssetCheckEvaluationTargetMaterializationData] = {}
    for r in records:
        target = AssetCheckEvaluationTargetMaterializationData(storage_id=r.storage_id, run_id=r.run_id, timestamp=r.timestamp)
        found.setdefault(r.partition_key or "", target)
    return found
