"""All definitions: what Dagster loads. Importing this opens nothing but the place's own tables, where it has such."""

import dagster as dg

from assets.cells.asset import cell_assets
from assets.cells.freshness import FRESHNESS_CHECKS
from assets.open.asset import open_assets
from assets.reports import REPORT_ASSETS
from pipelines.jobs import NIGHT_JOBS, REPORTS, population_job, rehearsal_job, retention_job
from pipelines.runtime.executor import in_process_then_followed
from pipelines.schedules import SCHEDULES
from pipelines.sensors import SENSORS
from resources.local.laying import lay
from schemas.registry import DATASETS, SOURCES

lay()  # in every process of a run, before an asset is described by a table

defs = dg.Definitions(
    assets=[
        *(cell_assets(dataset) for dataset in DATASETS),
        *(asset for source in SOURCES for asset in open_assets(source)),
        *REPORT_ASSETS,
    ],
    asset_checks=FRESHNESS_CHECKS,
    jobs=[*NIGHT_JOBS.values(), REPORTS, population_job, rehearsal_job, retention_job],
    schedules=SCHEDULES,
    sensors=SENSORS,
    executor=in_process_then_followed(lambda: defs),
)
