"""docs/cai-dat.md, followed to the letter on a server of its own: from nothing to a first night, its units, its proxy, an upgrade, a way
back. The tests run in the order of the file."""

import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3

from schemas.registry import SOURCES, datasets_of
from schemas.submissions import SUBMISSION_LOG
from tests.integration import installation
from tests.integration.installation import PROJECT, PROXY_PASSWORD, VERSION, Block, Place, sections
from tests.integration.tls_server import TlsServer

pytestmark = pytest.mark.landing

UNITS = PROJECT / "deploy" / "systemd"
BLOCKS = [block for of_section in sections().values() for block in of_section]
LIMIT = 400  # seconds that anything may take on a busy machine
SYSTEM = ("apt-get", "useradd", "systemctl", "timedatectl")
COUNTED = "select count(*) from core.poverty_households"


@pytest.fixture(scope="module")
def place(tls: TlsServer) -> Iterator[Place]:
    with installation.place(tls) as made:
        yield made


# -- the page --


def test_what_is_not_run_needs_the_system() -> None:
    """The rest is run, but for the libraries, whose own test is `long`, and for commands that were run before."""
    assert list(sections()) == list(range(1, 15)), "the blocks were not found: has the way of writing them changed?"
    left = [line for b in BLOCKS if b.kind == "system" for line in b.text.splitlines()]
    assert left and {line.split()[0] for line in left} <= set(SYSTEM)
    assert {(b.language, b.kind) for b in BLOCKS} <= {
        ("sh", kind) for kind in ("", "system", "long", "again", "elsewhere", "asks")
    } | {("sql", "source")}


def test_the_page_is_of_this_version() -> None:
    version = VERSION.search((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    assert version and f"ln -sfn /opt/ansinh/{version[1]} /opt/ansinh/current\n" in sections()[2][1].text


def test_the_page_starts_every_unit_that_starts_by_itself_and_no_other() -> None:
    wanted = {path.name for path in UNITS.glob("ansinh*.*") if "[Install]" in path.read_text(encoding="utf-8")}
    assert wanted == {"ansinh.service", "ansinh-alert.timer", "ansinh-backup.timer", "ansinh-rehearsal.timer"}
    for verb in ("enable --now", "stop", "start"):
        (line,) = {line for b in BLOCKS for line in b.text.splitlines() if line.startswith(f"systemctl {verb} ")}
        assert set(line.removeprefix(f"systemctl {verb} ").split()) == wanted


def test_a_source_grants_its_declared_tables_and_no_other() -> None:
    (poverty,) = [source for source in SOURCES if source.name == "poverty"]
    (granted,) = re.findall(r"grant select on (.*) to ansinh_reader;", sections()[7][0].text)
    assert set(granted.split(", ")) == {d.road.at_source for d in (*datasets_of(poverty), SUBMISSION_LOG)}


# -- from nothing to the first night --


def test_a_server_is_made_ready(place: Place) -> None:
    place.follow(1)
    place.unpacked("0.1.0")
    place.follow(2)
    place.follow(3)
    keys = place.follow(4)
    place.recipient = place.run("age-keygen -y khoa-giai-ma.txt").stdout.strip()
    assert place.recipient.startswith("age1") and "PUBLIC KEY" in keys[-1]
    secrets = place.root / "etc/ansinh/secrets"
    assert {path.stat().st_mode & 0o777 for path in secrets.iterdir()} == {0o600}
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    assert place.run(sections()[4][0].text, status=None).returncode != 0, "a second time would make other passwords"
    assert {path.name: path.read_bytes() for path in secrets.iterdir()} == before
    place.follow(5)
    settings = (place.root / "etc/ansinh/ansinh.env").read_text(encoding="utf-8")
    assert [line for line in settings.splitlines() if not re.fullmatch(r'[A-Z_]+=[^\s"\']+', line)] == [], (
        "systemd and sh read the same"
    )
    assert not [name for name, text in before.items() if text.strip() in settings.encode()], "no secret is among the settings"


def test_roles_and_databases_are_made_and_the_administrator_is_gone(place: Place) -> None:
    place.follow(6, 0)
    roles = dict(
        line.split("|")
        for line in place.psql(
            "select rolname, concat_ws(' ', rolsuper::int, rolcanlogin::int, rolcreaterole::int, rolcreatedb::int) from pg_roles "
            "where rolname like any (array['hub%', 'ansinh%', 'open%'])",
            "postgres",
        )
    )
    logins = {f"hub_{name}" for name in ("load", "read", "report", "dagster", "publish", "rehearsal")}
    assert {name for name, can in roles.items() if can.split()[1] == "1"} == logins
    assert {name for name, can in roles.items() if can != "0 1 0 0" and name in logins} == {"hub_rehearsal"}
    assert roles["ansinh_setup"].split()[1] == "0" and not (place.root / "etc/ansinh/secrets/admin_url").exists()


def test_the_first_night_goes_as_the_page_says(place: Place) -> None:
    place.run("cp /etc/ansinh/tls/warehouse.crt /etc/ansinh/tls/poverty.crt")  # the source lies on the same server here
    *_, told = place.follow(7)
    told = " ".join(told.split())
    assert re.search(r"tốt nguồn poverty: [^:]*không ghi được", told), told
    assert "verify-full" in told and "hub_" not in told
    said = place.follow(8)
    assert "Diễn tập tốt" in said[-1], said[-1]
    assert int(place.psql(COUNTED, "ansinh")[0]) > 0


# -- what stands --


def test_the_units_are_sound_and_narrow(place: Place) -> None:
    place.follow(9)
    folder = place.root / "etc/systemd/system"
    units = sorted(path.name for path in folder.iterdir())
    assert units == sorted(p.name for p in UNITS.iterdir() if p.suffix in (".service", ".timer"))
    verified = subprocess.run(["systemd-analyze", "verify", *units], cwd=folder, capture_output=True, text=True)
    assert verified.returncode == 0 and not verified.stderr, verified.stderr
    for unit in (name for name in units if name.endswith(".service")):
        judged = ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", str(folder / unit)]
        assert subprocess.run(judged, capture_output=True).returncode == 0, f"{unit} may do more than it needs"


def lines(unit: Path, name: str) -> list[str]:
    return [line.partition("=")[2] for line in unit.read_text(encoding="utf-8").splitlines() if line.startswith(f"{name}=")]


@pytest.fixture
def standing(place: Place) -> Iterator[subprocess.Popen]:
    """What systemd would start: the unit's command with the unit's settings; and the proxy of the page before it."""
    place.follow(10)
    (command,) = lines(place.root / "etc/systemd/system/ansinh.service", "ExecStart")
    (settings,) = lines(place.root / "etc/systemd/system/ansinh.service", "EnvironmentFile")
    given = dict(line.split("=", 1) for line in Path(settings).read_text(encoding="utf-8").splitlines())
    place.run("nginx -e /var/log/nginx/error.log -c /etc/nginx/nginx.conf")
    ui = subprocess.Popen(
        [*shlex.split(command), "--port", str(place.ports["ui"])],
        cwd=place.root / "var/lib/ansinh",
        env=place.environment | given,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield ui
    finally:
        place.run("nginx -e /var/log/nginx/error.log -c /etc/nginx/nginx.conf -s stop")
        ui.terminate()
        ui.wait(60)


def test_the_ui_stands_behind_the_proxy_and_ends_when_it_is_told(place: Place, standing: subprocess.Popen) -> None:
    name, certificate = "ui.ansinh.example", str(place.root / "etc/ansinh/tls/ui.crt")
    https = urllib3.HTTPSConnectionPool(
        "127.0.0.1", place.ports["https"], ca_certs=certificate, server_hostname=name, assert_hostname=name
    )
    host = {"Host": f"{name}:{place.ports['https']}"}
    account = host | urllib3.make_headers(basic_auth=f"tranthib:{PROXY_PASSWORD}")

    def asked(path: str, headers: dict[str, str], body: bytes | None = None) -> urllib3.BaseHTTPResponse:
        return https.request(
            "GET" if body is None else "POST", path, body=body, headers=headers, redirect=False, retries=False, timeout=60
        )

    until(lambda: asked("/", account).status == 401, standing)
    assert b"ansinh url ui" in asked("/", account).data, "the door's page, through the proxy"
    without = asked("/", host)
    assert without.status == 401 and b"nginx" in without.data and b"ansinh" not in without.data
    address, _, link = place.run("ansinh url ui").stdout.strip().partition("/?")
    assert address == f"https://{host['Host']}"
    entered = asked(f"/?{link}", account)
    assert entered.status == 303 and "Secure" in entered.headers["Set-Cookie"]
    inside = account | {"Cookie": entered.headers["Set-Cookie"].partition(";")[0], "Content-Type": "application/json"}
    question = b'{"query": "{ instance { daemonHealth { allDaemonStatuses { daemonType healthy } } } }"}'
    until(
        lambda: b'"daemonType":"SENSOR","healthy":true' in asked("/graphql", inside, question).data.replace(b" ", b""), standing
    )
    http = urllib3.HTTPConnectionPool("127.0.0.1", place.ports["http"])
    in_clear = http.request("GET", f"/?{link}", headers={"Host": name}, redirect=False)
    assert in_clear.headers["Location"] == f"https://{name}/", "a link that was sent in clear is not sent on"
    log = (place.root / "var/log/nginx/ansinh.log").read_text(encoding="utf-8")
    assert "tranthib" in log and "token" not in log
    standing.send_signal(signal.SIGTERM)
    assert standing.wait(60) == 0 and running(place) == []
    daemon = (place.root / "var/lib/ansinh/logs/daemon.log").read_text(encoding="utf-8")
    assert "INFO" not in daemon, "it would grow by 4 MB a day"


def running(place: Place) -> list[str]:
    """What runs of this installation."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_text().replace("\0", " ")
            mine = f"ANSINH_HOME={place.root}/var/lib/ansinh".encode() in (process / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        found += [command] if mine else []
    return found


def until(happens: Callable[[], object], process: subprocess.Popen) -> None:
    end = time.monotonic() + LIMIT
    while not happens():
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.3)


# -- the next version, and back --


@pytest.mark.long
def test_an_upgrade_and_the_way_back(place: Place) -> None:
    rows = place.psql(COUNTED, "ansinh")
    place.unpacked("0.2.0")
    place.follow(12)
    current = place.root / "opt/ansinh/current"
    assert os.readlink(current) == f"{place.root}/opt/ansinh/0.2.0"
    # What a newer version leaves behind: an older one refuses it.
    newer = int(place.psql("select max(version) + 1 from ops.schema_version", "ansinh")[0])
    place.psql(f"insert into ops.schema_version (version) values ({newer}); comment on schema ops is 'newer'", "ansinh")
    place.follow(13, 0)
    assert os.readlink(current) == f"{place.root}/opt/ansinh/0.1.0"
    assert f"phiên bản {newer}" in place.run("ansinh nightly", status=3).stderr
    place.follow(13, 1)
    place.follow(6, 0)
    *_, said = place.follow(13, 2)
    assert "Đã khôi phục" in said
    assert place.psql(COUNTED, "ansinh") == rows
    assert not (place.root / "etc/ansinh/secrets/backup_identity.txt").exists()


# -- a network without an index --


@pytest.mark.long
def test_the_product_is_installed_from_a_wheelhouse_alone(tmp_path: Path, place: Place) -> None:
    """The archive of a release, its wheels brought from a machine with an index, and pip that finds nothing else."""
    version = "0.9.9"
    archive = f"git -C {PROJECT} ls-files -z | tar -C {PROJECT} --null -T - --transform 's,^,ansinh-{version}/,' -czf ansinh-{version}.tar.gz"
    place.run(archive)

    def of(block: Block) -> str:
        return block.text.replace("0.1.0", version)

    unpacked, (wheels, offline) = sections()[2][0], sections()[14]
    connected = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "HTTPS_", "NO_PROXY"))}
    place.run(of(wheels), **connected)
    alone = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/", "PYTHONPATH": ""}
    place.run("\n".join(of(unpacked).splitlines()[:2]))
    place.run(of(offline), **alone)
    program = place.root / "opt/ansinh" / version / ".venv/bin"
    assert place.run(f"{program}/ansinh --version", PYTHONPATH="").stdout.startswith("ansinh ")
    assert not (program / "pytest").exists(), "without the developers' tools"
