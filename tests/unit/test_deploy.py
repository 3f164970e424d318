"""What stands in deploy/: the manifests by the schemas of a cluster, and what containers may do."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.runtime.dagster_instance import LOCATION
from resources.backup import keys
from resources.backup.failures import RecipientUnconfigured
from resources.settings import PROJECT, Settings
from tests.fixtures.manifests import ACCOUNT, DEPLOY, refuse_invalid, refuse_mighty


def _yaml(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


def _manifests(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / "kubernetes" / name).read_text(encoding="utf-8")))


TIMERS, (RESTORE,) = _manifests("timers.yaml"), _manifests("restore.yaml")
MANIFESTS = [*_manifests("ansinh.yaml"), *TIMERS, RESTORE]
VALUES, INSTANCE, COMPOSE = _yaml("kubernetes/values.yaml"), _yaml("kubernetes/dagster.yaml"), _yaml("compose.yaml")
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"].startswith("ansinh")}


# -- the instance --


def test_a_cluster_has_the_instance_of_one_machine_but_for_the_launcher() -> None:
    here = yaml.safe_load((PROJECT / "dagster.yaml").read_text(encoding="utf-8"))
    assert {k: v for k, v in INSTANCE.items() if k != "run_launcher"} == {k: v for k, v in here.items() if k != "run_launcher"}


# -- manifests and values --


def of_kind(kind: str) -> dict[str, Any]:
    return {m["metadata"]["name"]: m for m in MANIFESTS if m["kind"] == kind}


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda m: f"{m['kind']}-{m['metadata']['name']}")
def test_a_manifest_is_one_that_a_cluster_takes(manifest: dict[str, Any]) -> None:
    refuse_invalid(manifest)
    if pod := pod_of(manifest):
        refuse_mighty(pod)


def pod_of(manifest: Mapping[str, Any]) -> dict[str, Any] | None:
    spec = manifest["spec"]["jobTemplate"]["spec"] if manifest["kind"] == "CronJob" else manifest.get("spec", {})
    return spec.get("template", {}).get("spec")


def pod_of_values(told: Mapping[str, Any], **container: Any) -> dict[str, Any]:
    """The pod that the chart's templates make of these values: they put these parts where they are put here."""
    image = "{repository}:{tag}".format(**told["image"])
    probes = {k: {**told[k]} for k in ("livenessProbe", "startupProbe") if k in told}
    for probe in probes.values():
        probe.pop("enabled", None)
    return {
        "securityContext": told["podSecurityContext"],
        "volumes": told["volumes"],
        "containers": [
            {
                "name": "dagster",
                "image": image,
                "imagePullPolicy": told["image"]["pullPolicy"],
                "securityContext": told["securityContext"],
                "env": told["env"],
                "envFrom": [{"configMapRef": ref} for ref in told["envConfigMaps"]],
                "resources": told["resources"],
                "volumeMounts": told["volumeMounts"],
                **probes,
                **container,
            }
        ],
    }


(CODE,) = VALUES["dagster-user-deployments"]["deployments"]


@pytest.mark.parametrize("told", [CODE, VALUES["dagsterDaemon"]], ids=["code server", "daemon"])
def test_what_the_chart_makes_of_our_values_is_what_a_cluster_takes(told: dict[str, Any]) -> None:
    pod = pod_of_values(told)
    refuse_mighty(pod)
    metadata = {"name": "part", "labels": {"part": "part"}}
    spec = {"selector": {"matchLabels": {"part": "part"}}, "template": {"metadata": metadata, "spec": pod}}
    refuse_invalid({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec})
    env = {e["name"]: e["value"] for e in told["env"]}
    assert env["DAGSTER_HOME"] == INSTANCE["run_launcher"]["config"]["dagster_home"] == "/opt/ansinh"


def test_the_chart_makes_no_webserver_without_a_door_and_knows_our_location() -> None:
    assert VALUES["dagsterWebserver"] == {"replicaCount": 0}
    assert CODE["name"] == LOCATION and CODE["dagsterApiGrpcArgs"][2:4] == ["--location-name", LOCATION]
    policy = of_kind("NetworkPolicy")["ansinh-code-server"]["spec"]
    assert (
        policy["podSelector"]["matchLabels"]["deployment"] == LOCATION
        and policy["ingress"][0]["ports"][0]["port"] == CODE["port"]
    )
    door = of_kind("Deployment")["ansinh-door"]["spec"]["template"]
    env = {e["name"]: e["value"] for e in door["spec"]["containers"][0]["env"]}
    assert env["ANSINH_CODE_SERVER"] == f"{LOCATION}:{CODE['port']}" and env["ANSINH_UI_ORIGIN"].startswith("https://")
    assert policy["ingress"][0]["from"][1]["podSelector"]["matchLabels"].items() <= door["metadata"]["labels"].items()


def test_secrets_are_files_and_what_is_named_stands_somewhere() -> None:
    settings = of_kind("ConfigMap")["ansinh-settings"]["data"]
    secret = [name for name in settings if "URL" in name or "SECRET" in name]
    assert secret and all(name.endswith("_FILE") and settings[name].startswith("/run/secrets/ansinh/") for name in secret)
    everywhere = [*INSTANCE["run_launcher"]["config"]["volumes"], *CODE["volumes"]]
    everywhere += [volume for manifest in TIMERS if (pod := pod_of(manifest)) for volume in pod["volumes"]]
    assert {v["secret"]["secretName"] for v in everywhere if "secret" in v} == {"ansinh-secrets"}
    assert {v["secret"]["defaultMode"] for v in everywhere if "secret" in v} == {0o440}
    claims = {v["persistentVolumeClaim"]["claimName"] for v in everywhere if "persistentVolumeClaim" in v}
    assert claims == set(of_kind("PersistentVolumeClaim"))


# -- backups of a cluster --

CRON = {m["metadata"]["name"]: m["spec"] for m in TIMERS if m["kind"] == "CronJob"}
BACKUPS = "/var/backups/ansinh"


def test_a_cluster_has_every_timer_of_one_machine() -> None:
    units = DEPLOY / "systemd"
    assert set(CRON) == {timer.stem for timer in units.glob("*.timer")}
    for name, spec in CRON.items():
        (command,) = re.findall(r"^ExecStart=\S+/(ansinh .*)$", (units / f"{name}.service").read_text(encoding="utf-8"), re.M)
        (container,) = spec["jobTemplate"]["spec"]["template"]["spec"]["containers"]
        assert container["args"] == command.split(), name
        timer = (units / f"{name}.timer").read_text(encoding="utf-8")
        if on := re.search(r"^OnCalendar=\*-\*-(\*|\d+) (\d+):(\d+):00 (\S+)$", timer, re.M):
            day, hour, minute, zone = on.groups()
            day = day if day == "*" else str(int(day))
            assert (spec["schedule"], spec["timeZone"]) == (f"{int(minute)} {int(hour)} {day} * *", zone), name
        else:
            assert "OnUnitActiveSec=15min" in timer and spec["schedule"] == "*/15 * * * *"
        assert spec["concurrencyPolicy"] == "Forbid" and spec["jobTemplate"]["spec"]["backoffLimit"] == 0


def test_a_unit_of_one_machine_waits_for_the_disks_that_it_writes_to() -> None:
    for unit in (DEPLOY / "systemd").glob("*.service"):
        told = dict(re.findall(r"^(RequiresMountsFor|ReadWritePaths)=(.*)$", unit.read_text(encoding="utf-8"), re.M))
        needed = {path for path in told["ReadWritePaths"].split() if not path.startswith("-")}
        assert set(told["RequiresMountsFor"].split()) == needed, unit.name


def test_every_part_of_a_cluster_is_of_one_image() -> None:
    images = {c["image"] for m in MANIFESTS if (pod := pod_of(m)) for c in pod["containers"]}
    assert (
        images
        == {"{repository}:{tag}".format(**CODE["image"])}
        == {"{repository}:{tag}".format(**VALUES["dagsterDaemon"]["image"])}
    )


def test_backups_lie_on_a_volume_of_their_own_that_whoever_needs_them_reaches() -> None:
    settings = of_kind("ConfigMap")["ansinh-settings"]["data"]
    assert settings["BACKUP_DIR"] == BACKUPS
    cron = {name: pod_of(m) for m in TIMERS if (name := m["metadata"]["name"]) in CRON}
    run = INSTANCE["run_launcher"]["config"]
    reach = {  # -> whether it writes there
        "ansinh-backup": (cron["ansinh-backup"], True),
        "ansinh-rehearsal": (cron["ansinh-rehearsal"], False),
        "restore": (pod_of(RESTORE), True),
        "run": ({"volumes": run["volumes"], "containers": [{"volumeMounts": run["volume_mounts"]}]}, False),
        "code server": ({"volumes": CODE["volumes"], "containers": [{"volumeMounts": CODE["volumeMounts"]}]}, True),
    }
    for name, (pod, writes) in reach.items():
        assert pod is not None
        (mount,) = [m for m in pod["containers"][0]["volumeMounts"] if m["mountPath"] == BACKUPS]
        (volume,) = [v for v in pod["volumes"] if v["name"] == mount["name"]]
        assert volume["persistentVolumeClaim"]["claimName"] == "ansinh-backups", name
        assert mount.get("readOnly", False) is not writes, name
    others = [cron["ansinh-alert"], of_kind("Deployment")["ansinh-door"]["spec"]["template"]["spec"], VALUES["dagsterDaemon"]]
    assert all("ansinh-backups" not in str(other) for other in others)


def test_without_a_recipient_a_backup_of_a_cluster_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in of_kind("ConfigMap")["ansinh-settings"]["data"].items():
        if name.startswith(("BACKUP_", "ANSINH_PROFILE")):
            monkeypatch.setenv(name, value)
    with pytest.raises(RecipientUnconfigured, match="BACKUP_RECIPIENT"):
        keys.for_making(Settings("production", tmp_path))


def test_the_key_that_opens_backups_comes_for_the_restore_alone() -> None:
    (container,) = RESTORE["spec"]["template"]["spec"]["containers"]
    given = {e["name"]: e["value"] for e in container["env"]}
    assert given == {keys.IDENTITY: "/run/secrets/restore/identity", f"{keys.VERIFY}_FILE": "/run/secrets/restore/verify"}
    elsewhere = [str(m) for m in [*MANIFESTS, INSTANCE, VALUES] if m is not RESTORE]
    assert all(keys.IDENTITY not in told and "ansinh-restore" not in told for told in elsewhere)
    made = of_kind("ConfigMap")["ansinh-settings"]["data"]
    assert container["args"] == ["ansinh", "restore", "--from", made["BACKUP_DIR"]]


# -- compose --


def test_containers_of_compose_may_do_no_more_than_they_need() -> None:
    assert set(OURS) == {"setup", "code-server", "webserver", "daemon"}
    for name, service in COMPOSE["services"].items():
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"] and not {"privileged", "cap_add", "network_mode"} & set(
            service
        )
        assert service["user"] not in ("root", "0") and service["logging"]["options"]["max-size"]
    assert {s["user"] for s in OURS.values()} == {f"{ACCOUNT}:{ACCOUNT}"}


def test_each_part_of_compose_is_asked_whether_it_lives() -> None:
    for name in ("code-server", "webserver", "daemon"):
        service = OURS[name]
        assert service["command"] == ["ansinh", "ui", "--only", name]
        assert service["healthcheck"]["test"] == ["CMD", "ansinh", "ui", "--check", name]
    for name in ("webserver", "daemon"):
        assert OURS[name]["depends_on"]["code-server"]["condition"] == "service_healthy"


def test_who_may_reach_whom_in_compose() -> None:
    networks, services = COMPOSE["networks"], COMPOSE["services"]
    assert networks["inside"]["internal"] is networks["warehouse"]["internal"] is True
    inside = {name for name, service in services.items() if "inside" in service["networks"]}
    assert inside == {"code-server", "webserver", "daemon"}, "who is there may run what he likes"
    assert services["postgres"]["networks"] == services["setup"]["networks"] == ["warehouse"]
    host, _, port = services["daemon"]["environment"]["ANSINH_CODE_SERVER"].partition(":")
    assert services["code-server"]["networks"]["inside"]["aliases"] == [host] and port.isdigit()
    ports = [port for service in services.values() for port in service.get("ports", ())]
    assert ports == ["127.0.0.1:3000:3000"]
    assert all("ssl" in word for word in services["postgres"]["command"] if word.startswith("ssl"))
    assert "ssl=on" in services["postgres"]["command"]


def test_secrets_of_compose_are_files_that_it_mounts() -> None:
    for name, service in COMPOSE["services"].items():
        environment = service.get("environment", {})
        secret = {k: v for k, v in environment.items() if re.search(r"URL|SECRET|PASSWORD", k)}
        assert all(key.endswith("_FILE") for key in secret), name
        mounted = set(service["secrets"])
        assert {Path(path).name for path in secret.values()} <= mounted <= set(COMPOSE["secrets"]), name
    admin = [name for name, service in OURS.items() if "ansinh_admin_url" in service["secrets"]]
    assert admin == ["setup"]


# -- the image --


def test_the_image_holds_what_it_names_and_runs_as_nobody_special() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    stages = dict(re.findall(r"^FROM \S+ AS (\w+)\n((?:(?!FROM ).*\n)*)", lines, re.M))
    assert set(stages) == {"machine", "libraries", "product", "demo"} and lines.rstrip().endswith("FROM product")
    assert f"USER {ACCOUNT}:{ACCOUNT}" in stages["product"] and "ENTRYPOINT" in stages["product"]
    assert "--require-hashes" in stages["libraries"] and not re.search(r"\bpip\b", stages["product"])
    assert "ANSINH_PROFILE=production" in stages["product"]
    allowed = (PROJECT / ".dockerignore").read_text(encoding="utf-8").split()
    for copied in re.findall(r"^COPY ((?!--from)\S+(?: \S+)*) /", lines, re.M):
        for name in copied.replace("${LOCK}", "requirements*.lock").split():
            assert f"!{name}" in allowed and list(PROJECT.glob(name)), name
    assert not re.search(r"https?://|docker\.io|ghcr|quay", lines)


def test_the_launcher_is_of_one_set_with_dagster() -> None:
    pins = dict(re.findall(r'"(dagster(?:-[a-z0-9]+)?)==([0-9.]+)"', (PROJECT / "pyproject.toml").read_text(encoding="utf-8")))
    lock = (PROJECT / "requirements-k8s.lock").read_text(encoding="utf-8")
    assert pins["dagster-k8s"] == pins["dagster-postgres"]
    assert all(f"{name}=={version} " in lock for name, version in pins.items())
    product = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    assert set(re.findall(r"^[a-z0-9-]+==\S+", product, re.M)) <= set(re.findall(r"^[a-z0-9-]+==\S+", lock, re.M))
