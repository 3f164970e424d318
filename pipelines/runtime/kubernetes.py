"""Runs as Jobs of a cluster: Dagster's own launcher, which leaves the runs of the command line to themselves.

Named by deploy/kubernetes/dagster.yaml alone; the library is the extra `k8s`.
"""

import dagster as dg
from dagster_k8s import K8sRunLauncher

from assets.dagster_internals import DOCKER_IMAGE_TAG, CheckRunHealthResult, WorkerStatus


class RunLauncher(K8sRunLauncher):
    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """What monitoring asks of each run. One that no Job of ours was made for would be failed within half a minute."""
        if DOCKER_IMAGE_TAG not in run.tags:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return super().check_run_worker_health(run)
