"""`python -m tests.integration.tick SENSOR CURSOR [run]`: a sensor once, as the daemon would; `run`: what it asks for as well."""

import json
import sys

import dagster as dg

from pipelines import sensors
from pipelines.definitions import defs
from pipelines.runtime.instance import instance
from resources.settings import Settings


def main(name: str, cursor: str, *run: str) -> None:
    with instance(Settings.load()) as found:
        context = dg.build_sensor_context(instance=found, cursor=cursor or None, definitions=defs)
        tick = getattr(sensors, name).evaluate_tick(context)
        for request in tick.run_requests if run else ():
            job = defs.resolve_job_def(request.job_name or "nightly_reports")
            job.execute_in_process(instance=found, asset_selection=request.asset_selection, tags=dict(request.tags))
    requests = [{"job": r.job_name, "key": r.run_key, "tags": dict(r.tags)} for r in tick.run_requests]
    print(json.dumps({"cursor": tick.cursor, "skipped": tick.skip_message, "requests": requests}))


if __name__ == "__main__":
    main(*sys.argv[1:])
