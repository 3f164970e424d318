"""`python -m tests.integration.cells_by_hand SOURCE DATASET CELLS REASON OFFICER`: a run of the UI, whose process then ends."""

import json
import sys

import dagster as dg

from pipelines.definitions import defs
from pipelines.runtime.instance import instance
from resources.settings import Settings


def main(source: str, dataset: str, cells: str, reason: str, officer: str) -> None:
    tags = {"ansinh/source": source, "ansinh/cells": cells, "ansinh/reason": reason, "ansinh/officer": officer}
    with instance(Settings.load()) as found:
        job = defs.resolve_job_def(f"nightly_{source}")
        keys = [dg.AssetKey([layer, source, dataset]) for layer in ("raw", "core")]
        print(json.dumps(job.execute_in_process(instance=found, asset_selection=keys, tags=tags).success))


if __name__ == "__main__":
    main(*sys.argv[1:])
