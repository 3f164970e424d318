"""The Job of a run, as the launcher of the cluster's dagster.yaml sends it to a cluster's API, held against the cluster's schemas."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._config import process_config
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.launcher import LaunchRunContext
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin
from dagster_k8s.job import DagsterK8sJobConfig

from assets.dagster_internals import DOCKER_IMAGE_TAG, WorkerStatus
from pipelines.runtime.dagster_instance import LOCATION, origin
from pipelines.runtime.kubernetes import RunLauncher
from tests.fixtures.manifests import DEPLOY, refuse_invalid, refuse_mighty

IMAGE = "ansinh:0.1.0-k8s"
INSTANCE = yaml.safe_load((DEPLOY / "kubernetes" / "dagster.yaml").read_text(encoding="utf-8"))


class Cluster(BaseHTTPRequestHandler):
    """As much of a cluster's API as the launcher meets: Jobs are taken, and none is known."""

    jobs: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.jobs.append({"path": self.path, "body": body})
        self._answer(201, body)

    def do_GET(self) -> None:
        self._answer(404, {"kind": "Status", "code": 404, "reason": "NotFound"})

    def _answer(self, status: int, body: object) -> None:
        sent = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """A kubeconfig, and what comes to where it leads."""
    jobs: list[dict[str, Any]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (Cluster,), {"jobs": jobs}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = {"name": "here", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}
    context = {"name": "here", "context": {"cluster": "here", "user": "here"}}
    told = {"clusters": [here], "contexts": [context], "users": [{"name": "here", "user": {}}], "current-context": "here"}
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **told}))
    yield path, jobs
    server.shutdown()
    server.server_close()


@pytest.fixture
def launcher(cluster: tuple[Path, list[dict[str, Any]]]) -> RunLauncher:
    """Of the cluster's dagster.yaml, as Dagster itself reads it."""
    section = INSTANCE["run_launcher"]
    assert (section["module"], section["class"]) == (RunLauncher.__module__, RunLauncher.__name__)
    config = {**section["config"], "load_incluster_config": False, "kubeconfig_file": str(cluster[0])}
    read = process_config(DagsterK8sJobConfig.config_type_run_launcher(), config)
    assert read.success, read.errors
    return RunLauncher.from_config_value(None, read.value)


def launched(launcher: RunLauncher, jobs: list[dict[str, Any]], folder: Path) -> tuple[dict[str, Any], dg.DagsterRun]:
    """What the launcher sends for a run of ours, and the run as it stands then."""
    module = ModuleCodePointer("pipelines.definitions", "defs")
    code = RepositoryPythonOrigin(executable_path="python", code_pointer=module, container_image=IMAGE)
    with dg.DagsterInstance.local_temp(str(folder)) as instance:
        run = instance.add_run(
            dg.DagsterRun(
                job_name="nightly_poverty",
                status=dg.DagsterRunStatus.STARTED,
                remote_job_origin=origin("nightly_poverty"),
                job_code_origin=JobPythonOrigin("nightly_poverty", code),
            )
        )
        launcher.register_instance(instance)
        launcher.launch_run(LaunchRunContext(run, workspace=None))
        found = instance.get_run_by_id(run.run_id)
        assert found is not None
    return jobs[-1], found


def test_the_job_of_a_run_is_one_that_a_cluster_takes(
    cluster: tuple[Path, list[dict[str, Any]]], launcher: RunLauncher, tmp_path: Path
) -> None:
    sent, run = launched(launcher, cluster[1], tmp_path)
    job = sent["body"]
    refuse_invalid(job)
    assert sent["path"].startswith("/apis/batch/v1/namespaces/ansinh/jobs")
    pod = job["spec"]["template"]["spec"]
    refuse_mighty(pod)
    assert pod["automountServiceAccountToken"] is False and pod["restartPolicy"] == "Never" and job["spec"]["backoffLimit"] == 0
    (container,) = pod["containers"]
    assert container["image"] == IMAGE and "command" not in container, "the image's entry says where the state is"
    assert container["args"][1:5] == ["-m", "dagster", "api", "execute_run"]
    mounts = {m["mountPath"]: m for m in container["volumeMounts"]}
    assert mounts["/opt/ansinh/dagster.yaml"]["subPath"] == "dagster.yaml"
    assert {"/var/lib/ansinh", "/run/secrets/ansinh", "/run/ansinh", "/tmp", "/etc/ansinh/place"} < set(mounts)
    assert [e["configMapRef"]["name"] for e in container["envFrom"]] == ["ansinh-settings"]
    assert not any("SECRET" in e["name"] or "PASSWORD" in e["name"] for e in container["env"])
    assert job["metadata"]["labels"]["dagster/code-location"] == LOCATION
    assert run.tags[DOCKER_IMAGE_TAG] == IMAGE


def test_monitoring_leaves_the_runs_of_the_command_line_alone(launcher: RunLauncher) -> None:
    """They have no Job: Dagster's own launcher would have them failed within half a minute."""
    with dg.DagsterInstance.ephemeral() as instance:
        launcher.register_instance(instance)
        started = dg.DagsterRunStatus.STARTED
        mine, gone = (
            instance.add_run(dg.DagsterRun(job_name="nightly_poverty", status=started, tags=tags))
            for tags in ({}, {DOCKER_IMAGE_TAG: IMAGE})
        )
        assert launcher.check_run_worker_health(mine).status == WorkerStatus.RUNNING
        assert launcher.check_run_worker_health(gone).status == WorkerStatus.UNKNOWN, "a Job that is gone is told"
