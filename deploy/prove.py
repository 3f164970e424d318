"""Proves the image on one machine: built, a night run in it, its backup made and rehearsed, then its three parts as containers that only meet over a network.

    python3 deploy/prove.py --work /srv/proof --scale 0.02

As root, on Debian 12 with `apt-get install buildah runc debootstrap iproute2`; 5 GB of disk, half an hour. No registry of images is
asked: the base is made by debootstrap, from the archive of this machine. pip asks the index that /etc/pip.conf names, if any. The
containers have what deploy/compose.yaml gives them: another account, a root that cannot be written, no capability, no way to gain
any, processes and a network of their own. What was made is removed at the end, also after a failure, unless --keep.
"""

import argparse
import contextlib
import http.client
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ACCOUNT = 10001
BASE, DEMO, CLUSTER = "localhost/ansinh-base", "localhost/ansinh-demo", "localhost/ansinh-k8s"
# As in deploy/compose.yaml: the code server's name is of the network between the three.
ADDRESSES = {
    "code-server": "10.77.0.2",
    "webserver": "10.77.0.3",
    "daemon": "10.77.0.4",
    "night": "10.77.0.5",
    "server": "10.77.0.6",
}
PORT, ORIGIN = 3000, "hub.test"
SETTINGS = {
    "ANSINH_PROFILE": "demo",
    "ANSINH_HOME": "/var/lib/ansinh",
    "ANSINH_RUN_DIR": "/run/ansinh",
    "ANSINH_CODE_SERVER": "code:4000",
}
LONGEST = 900  # seconds that anything is waited for


def said(text: str) -> None:
    print(f"== {text}", flush=True)


def run(*command: str | Path, **given: object) -> str:
    """What a command prints; it ends everything when it fails."""
    return subprocess.run([str(c) for c in command], check=True, text=True, stdout=subprocess.PIPE, **given).stdout  # ty: ignore


class Proof:
    def __init__(self, work: Path, scale: str) -> None:
        self.work, self.scale = work, scale
        self.buildah = ("buildah", "--root", str(work / "s"), "--runroot", str(work / "r"), "--storage-driver", "overlay")
        self.runc = ("runc", "--root", str(work / "c"))
        self.state, self.backups = work / "home", work / "backups"
        self.started: dict[str, subprocess.Popen] = {}
        self.parts: dict[str, str] = {}  # the settings of the three

    # -- the image --

    def base(self) -> None:
        if BASE in run(*self.buildah, "images", "--format", "{{.Name}}"):
            return
        said("nền: debootstrap")
        tree = self.work / "tree"
        run("nice", "debootstrap", "--variant=minbase", "--include=ca-certificates", "bookworm", tree)
        made = run(*self.buildah, "from", "scratch").strip()
        run(*self.buildah, "add", "-q", made, tree, "/")
        run(*self.buildah, "commit", "-q", made, BASE)
        run(*self.buildah, "rm", made)
        shutil.rmtree(tree)

    def image(self, name: str, lock: str, target: str) -> None:
        said(f"ảnh {name}: {lock}, {target}")
        begun = time.monotonic()
        secrets = [
            f"--secret=id={name},src={path}"
            for name, path in (("pip", "/etc/pip.conf"), ("ca", "/etc/ssl/certs/ca-certificates.crt"))
            if Path(path).exists()
        ]
        arguments = [f"--build-arg={a}" for a in (f"BASE={BASE}", f"LOCK={lock}")]
        where = ["-f", PROJECT / "deploy" / "Dockerfile", "--target", target, "-t", name]
        log = (self.work / "build.log").open("a")
        run("nice", *self.buildah, "bud", "--isolation=chroot", "--layers", *arguments, *secrets, *where, PROJECT, stderr=log)
        size = run(*self.buildah, "images", "--format", "{{.Size}}", name).strip()
        said(f"dựng xong trong {time.monotonic() - begun:.0f} giây, {size}")

    def bundle(self, image: str, loads: str) -> Path:
        """The root of a container of it, as a folder; what it is for can be imported there."""
        made = run(*self.buildah, "from", image).strip()
        told = run(
            *self.buildah, "run", "--isolation=chroot", made, "--", "python", "-Wignore", "-c", f"import {loads}; print('loaded')"
        )
        assert told.strip() == "loaded", told
        return Path(run(*self.buildah, "mount", made).strip())

    # -- containers --

    def container(self, name: str, root: Path, command: Sequence[str], settings: dict[str, str]) -> Path:
        folder = self.work / "bundles" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        run("runc", "spec", cwd=folder)
        config = json.loads((folder / "config.json").read_text())
        environment = {**SETTINGS, **settings, "PATH": "/opt/ansinh/.venv/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
        config["process"] |= {
            "terminal": False,
            "user": {"uid": ACCOUNT, "gid": ACCOUNT},
            "args": [*([] if command[0] == "sh" else ["python", "-m", "pipelines.runtime.entry"]), *command],
            "env": [f"{key}={value}" for key, value in environment.items()],
            "cwd": "/opt/ansinh",
            "capabilities": {},
            "noNewPrivileges": True,
            "rlimits": [],
        }
        config["root"] = {"path": str(root), "readonly": True}
        config["hostname"] = f"ansinh-{name}"
        config["linux"]["namespaces"] = [{"type": kind} for kind in ("pid", "ipc", "uts", "mount")] + [
            {"type": "network", "path": f"/run/netns/{name}"}
        ]
        hosts = folder / "hosts"
        hosts.write_text(f"127.0.0.1 localhost\n{ADDRESSES['code-server']} code\n")
        mine = f"uid={ACCOUNT},gid={ACCOUNT}"
        config["mounts"] += [
            {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev", "mode=1777"]},
            {
                "destination": "/run/ansinh",
                "type": "tmpfs",
                "source": "tmpfs",
                "options": ["nosuid", "nodev", "noexec", "mode=0700", *mine.split(",")],
            },
            {
                "destination": "/var/lib/ansinh",
                "type": "bind",
                "source": str(self.state),
                "options": ["bind", "rw", "nosuid", "nodev"],
            },
            {
                "destination": "/var/backups/ansinh",
                "type": "bind",
                "source": str(self.backups),
                "options": ["bind", "rw", "nosuid", "nodev"],
            },
            {"destination": "/etc/hosts", "type": "bind", "source": str(hosts), "options": ["bind", "ro"]},
        ]
        (folder / "config.json").write_text(json.dumps(config))
        return folder

    def starts(self, name: str, root: Path, command: Sequence[str], **settings: str) -> subprocess.Popen:
        folder = self.container(name, root, command, settings)
        log = (self.work / f"{name}.log").open("ab")
        self.started[name] = subprocess.Popen(
            [*self.runc, "run", "-b", str(folder), name], stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        return self.started[name]

    def within(self, name: str, *command: str) -> subprocess.CompletedProcess:
        """A command in a container that runs, as an operator types it."""
        asked = [*self.runc, "exec", name, "python", "-m", "pipelines.runtime.entry", *command]
        return subprocess.run(asked, text=True, capture_output=True, check=False)

    @contextlib.contextmanager
    def network(self) -> Iterator[None]:
        """A network for each, and a bridge between them that leads nowhere else."""
        made: list[str] = []
        try:
            for name in ("between", *ADDRESSES):
                run("ip", "netns", "add", name)
                made.append(name)
            run("ip", "-n", "between", "link", "add", "bridge", "type", "bridge")
            run("ip", "-n", "between", "link", "set", "bridge", "up")
            run("ip", "-n", "between", "addr", "add", "10.77.0.1/24", "dev", "bridge")
            for number, (name, address) in enumerate(ADDRESSES.items()):
                run("ip", "-n", "between", "link", "add", f"v{number}", "type", "veth", "peer", "name", "eth0", "netns", name)
                run("ip", "-n", "between", "link", "set", f"v{number}", "master", "bridge", "up")
                run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", "eth0")
                run("ip", "-n", name, "link", "set", "eth0", "up")
                run("ip", "-n", name, "link", "set", "lo", "up")
            yield
        finally:
            for name in made:
                subprocess.run(["ip", "netns", "del", name], check=False)

    # -- what is proved --

    def night(self, root: Path) -> None:
        said(f"một đêm trong vùng chứa, tỉnh mô phỏng cỡ {self.scale}")
        begun = time.monotonic()
        words = "ansinh demo build --if-missing --scale {0} && (ansinh demo up || ansinh demo up) && ansinh nightly --json > /var/lib/ansinh/night.json; ansinh backup --into /var/backups/ansinh && ansinh backup --verify --from /var/backups/ansinh; s=$?; ansinh stop; exit $s"
        done = self.starts("night", root, ["sh", "-c", words.format(self.scale)]).wait()
        card = json.loads((self.state / "night.json").read_text())
        accepted = sum(s["rows_accepted"] for s in card["systems"])
        said(
            f"đêm xong sau {time.monotonic() - begun:.0f} giây, mã {done}: {len(card['systems'])} hệ thống, {accepted} dòng nhận"
        )
        for failure in card["failures"]:
            print(failure)
        assert accepted and not card["failures"], "đêm không trọn"
        if done:
            sys.exit(f"sao lưu hoặc diễn tập: {(self.work / 'night.log').read_text()[-2000:]}")
        said("bản sao lưu trong vùng chứa khôi phục thử được")

    def three(self, root: Path) -> None:
        said("ba phần, mỗi phần một vùng chứa")
        # The night's own PostgreSQL, in a container that outlives the parts: they reach it over the state's folder. They are of
        # production, their addresses in files: what the demo starts would be looked for by the number of its process.
        self.starts("server", root, ["sh", "-c", "ansinh url warehouse && exec sleep infinity"])
        self.waits_for(lambda: self.within("server", "ansinh", "url", "warehouse").returncode == 0, "server")
        given = {"ANSINH_PROFILE": "production", "ANSINH_ROUNDING_SECRET_FILE": "/var/lib/ansinh/secrets/rounding"}
        addresses = {
            "WAREHOUSE_URL": "postgres@/warehouse",
            "ANSINH_DAGSTER_URL": "postgres@/dagster",
            "SOURCE_POVERTY_URL": "poverty_reader@/source_poverty",
        }
        for name, address in addresses.items():
            file = self.state / "secrets" / name.lower()
            file.write_text(f"postgresql://{address}?host=/var/lib/ansinh/pg")
            file.chmod(0o400)
            shutil.chown(file, ACCOUNT, ACCOUNT)
            given[f"{name}_FILE"] = f"/var/lib/ansinh/secrets/{file.name}"
        self.parts = given
        outside = {"ANSINH_UI_LISTEN": "0.0.0.0", "ANSINH_UI_ORIGIN": f"https://{ORIGIN}"}
        self.starts("code-server", root, ["ansinh", "ui", "--only", "code-server"], **given)
        self.healthy("code-server")
        self.starts("webserver", root, ["ansinh", "ui", "--only", "webserver"], **given, **outside)
        self.starts("daemon", root, ["ansinh", "ui", "--only", "daemon"], **given)
        for name in ("webserver", "daemon"):
            self.healthy(name)
        refused = self.within(
            "webserver", "sh", "-c", "touch /opt/ansinh/x; id -u; grep -E 'CapEff|NoNewPrivs' /proc/self/status"
        )
        assert "Read-only file system" in refused.stderr, refused.stderr
        assert (
            str(ACCOUNT) in refused.stdout
            and "NoNewPrivs:\t1" in refused.stdout
            and "CapEff:\t0000000000000000" in refused.stdout
        )
        page = Page(self)
        told = page.asked(
            "{ workspaceOrError { ... on Workspace { locationEntries { name loadStatus locationOrLoadError { __typename } } } } }"
        )
        entry = told["workspaceOrError"]["locationEntries"][0]
        assert entry["name"] == "ansinh" and entry["locationOrLoadError"]["__typename"] == "RepositoryLocation", told
        told = page.asked("{ instance { daemonHealth { allDaemonStatuses { daemonType healthy required } } } }")
        daemons = {d["daemonType"]: d["healthy"] for d in told["instance"]["daemonHealth"]["allDaemonStatuses"] if d["required"]}
        assert daemons and all(daemons.values()), daemons
        said(f"giao diện thấy code server qua TCP, và daemon khỏe: {', '.join(sorted(daemons))}")
        run_id = page.launched("weekly_rehearsal")
        said(f"lượt chạy gửi từ giao diện: {page.ended(run_id)}")
        assert page.status(run_id) == "SUCCESS"
        self.killed(root, page)

    def killed(self, root: Path, page: "Page") -> None:
        """A code server whose container is gone takes its runs along: the next one at its place says so."""
        was, run_id = "", ""
        for _ in range(5):  # a run may end before it is seen to have begun
            run_id = page.launched("nightly_poverty")
            if (was := page.waits(run_id, "STARTED", "SUCCESS", "FAILURE")) == "STARTED":
                break
        subprocess.run([*self.runc, "kill", "code-server", "KILL"], check=True)
        time.sleep(2)
        subprocess.run([*self.runc, "delete", "-f", "code-server"], check=False)
        was = page.status(run_id)
        assert was == "STARTED", was
        self.starts("code-server", root, ["ansinh", "ui", "--only", "code-server"], **self.parts)
        self.healthy("code-server")
        said(f"code server bị giết giữa lượt chạy ({was}); vùng chứa mới kể lượt đó: {page.ended(run_id)}")
        assert page.status(run_id) == "FAILURE"

    def healthy(self, name: str) -> None:
        self.waits_for(lambda: self.within(name, "ansinh", "ui", "--check", name).returncode == 0, name)
        said(f"{name}: khỏe")

    def waits_for(self, is_so: Callable[[], bool], name: str) -> None:
        until = time.monotonic() + LONGEST
        while not is_so():
            if time.monotonic() > until or self.started[name].poll() is not None:
                sys.exit(f"{name}: {(self.work / f'{name}.log').read_text()[-2000:]}")
            time.sleep(2)

    def end(self) -> None:
        for name in reversed(self.started):
            subprocess.run([*self.runc, "delete", "-f", name], check=False, capture_output=True)

    def remove(self) -> None:
        subprocess.run([*self.buildah, "umount", "-a"], check=False, capture_output=True)
        subprocess.run([*self.buildah, "rm", "-a"], check=False, capture_output=True)
        subprocess.run([*self.buildah, "rmi", "-a", "-f"], check=False, capture_output=True)
        shutil.rmtree(self.work, ignore_errors=True)


class Page:
    """The UI as a browser behind the proxy reaches it: another machine of the network, by the proxy's name."""

    def __init__(self, proof: Proof) -> None:
        self.proof = proof
        link = proof.within("webserver", "ansinh", "url", "ui").stdout.strip()
        assert link.startswith(f"https://{ORIGIN}/?token="), link
        status, headers, _ = self._sent("GET", link.removeprefix(f"https://{ORIGIN}"))
        assert status == 303 and "Secure" in headers["set-cookie"], (status, headers)
        self.cookie = headers["set-cookie"].partition(";")[0]
        assert self._sent("GET", "/", Cookie=f"{self.cookie}x")[0] == 401 and self._sent("GET", "/", Host="elsewhere")[0] == 421

    def _sent(self, method: str, path: str, body: str | None = None, **more: str) -> tuple[int, dict[str, str], str]:
        given = {"Host": ORIGIN, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json", **more}
        asked = json.dumps([ADDRESSES["webserver"], PORT, method, path, body, given])
        told = run("ip", "netns", "exec", "between", sys.executable, __file__, "--ask", asked)
        status, headers, text = json.loads(told)
        return status, headers, text

    def asked(self, query: str, **variables: object) -> dict:
        status, _, text = self._sent("POST", "/graphql", json.dumps({"query": query, "variables": variables}), Cookie=self.cookie)
        found = json.loads(text)
        assert status == 200 and not found.get("errors"), text
        return found["data"]

    def launched(self, job: str) -> str:
        query = """mutation ($given: ExecutionParams!) { launchRun(executionParams: $given) {
            __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
        selector = {"repositoryLocationName": "ansinh", "repositoryName": "__repository__", "jobName": job}
        told = self.asked(query, given={"selector": selector, "runConfigData": {}, "mode": "default"})["launchRun"]
        assert told["__typename"] == "LaunchRunSuccess", told
        return told["run"]["runId"]

    def status(self, run_id: str) -> str:
        return self.asked("query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }", id=run_id)["runOrError"][
            "status"
        ]

    def waits(self, run_id: str, *wanted: str) -> str:
        until = time.monotonic() + LONGEST
        while (status := self.status(run_id)) not in wanted:
            assert time.monotonic() < until, f"{run_id} còn {status}"
            time.sleep(0.5)
        return status

    def ended(self, run_id: str) -> str:
        return self.waits(run_id, "SUCCESS", "FAILURE", "CANCELED")


def ask(told: str) -> None:
    host, port, method, path, body, headers = json.loads(told)
    connection = http.client.HTTPConnection(host, port, timeout=60)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "replace")
    print(json.dumps([answer.status, {k.lower(): v for k, v in answer.getheaders()}, text]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--work", type=Path, default=Path("/var/tmp/ansinh-proof"), help="a folder of its own, removed at the end"
    )
    parser.add_argument("--scale", default="0.02", help="of the synthetic province")
    parser.add_argument("--built", action="store_true", help="the images stand from an earlier round with --keep")
    parser.add_argument("--keep", action="store_true", help="leave images and state where they are")
    parser.add_argument("--ask", help=argparse.SUPPRESS)
    parsed = parser.parse_args()
    if parsed.ask:
        return ask(parsed.ask)
    parsed.work.mkdir(parents=True, exist_ok=True)
    proof = Proof(parsed.work.resolve(), parsed.scale)
    for folder in (proof.state, proof.backups):
        folder.mkdir(mode=0o700, exist_ok=True)
        shutil.chown(folder, ACCOUNT, ACCOUNT)
    try:
        proof.base()
        if not parsed.built:
            proof.image(CLUSTER, "requirements-k8s.lock", "product")
        product = proof.bundle(CLUSTER, "pipelines.definitions, pipelines.runtime.kubernetes")
        tools = [
            p
            for p in ("usr/bin/pip3", "usr/bin/gcc", "opt/ansinh/tests", "opt/ansinh/demo", "opt/ansinh/.venv/bin/pip")
            if (product / p).exists()
        ]
        assert not tools, tools
        if not parsed.built:
            proof.image(DEMO, "requirements-demo.lock", "demo")
        root = proof.bundle(DEMO, "pipelines.definitions, demo.build")
        with proof.network():
            try:
                proof.night(root)
                proof.three(root)
                said("đã chứng minh")
            finally:
                proof.end()
    finally:
        if not parsed.keep:
            proof.remove()


if __name__ == "__main__":
    main()
