"""Writing many materialisations of one asset at once: yielded one by one each is an insert of its own, several times slower."""

from collections.abc import Sequence

import dagster as dg
from dagster._core.events import DagsterEvent, DagsterEventBatchMetadata, generate_event_batch_id


def record(context: dg.AssetExecutionContext, materializations: Sequence[dg.AssetMaterialization]) -> None:
    """Record the materialisations of one asset, as the step's own outputs would be recorded. They are stored on return."""
    step = context.get_step_execution_context()
    batch = generate_event_batch_id()
    for place, materialization in enumerate(materializations, start=1):
        DagsterEvent.asset_materialization(
            step, materialization, DagsterEventBatchMetadata(batch, place == len(materializations))
        )
