"""The operator's UI in a browser, over a finished night of a small province: who enters, what it shows and refuses, how it stops.

Real processes throughout: province, gateway, night, code server, the door with the webserver, daemon, Chromium. The tests run in
the order of the file; the last one stops everything and looks for what is left.
"""

import datetime as dt
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest
import requests
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect, sync_playwright

from resources.embedded import EmbeddedServer
from resources.warehouse.quarantine.standing import in_short
from schemas import calendar
from schemas.registry import SOURCES, dataset_named
from schemas.units import unit_name
from tests.integration.province import Province, province

PROJECT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ANSINH = str(Path(sys.executable).parent / "ansinh")

SOURCE = "social_protection"
DATASET = dataset_named("social_protection.monthly_payments")
ASSET = "/assets/core/social_protection/monthly_payments"
LIMIT = 120  # seconds that anything may take on a busy machine
GREEN, GREY = re.compile("accent-green"), re.compile("accent-gray")

expect.set_options(timeout=LIMIT * 1000)


@dataclass(frozen=True)
class Hub:
    made: Province
    address: str
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def home(self) -> Path:
        return self.made.home

    def link(self) -> str:
        done = self.ansinh("url", "ui")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def ansinh(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.made.ansinh(*arguments, status=None)

    def rows(self, query: str, **values: object) -> list:
        engine = sa.create_engine(EmbeddedServer(self.home).url("warehouse"), poolclass=sa.NullPool)
        with engine.connect() as connection:
            return list(connection.execute(sa.text(query), values))

    def processes(self) -> dict[int, str]:
        """Every living process of this state: by its environment, or by its home on the command line."""
        found = {}
        for process in psutil.process_iter():
            try:
                command = " ".join(process.cmdline())
                mine = process.environ().get("ANSINH_HOME") == str(self.home) or str(self.home) in command
                if mine and process.status() != psutil.STATUS_ZOMBIE:
                    found[process.pid] = command
            except psutil.Error:
                continue
        return found


def environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ANSINH_", "DAGSTER_"))}
    return kept | {"ANSINH_HOME": str(home), "PYTHONWARNINGS": "ignore"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    port = free_port()
    with province(after_first_night=True, by_its_commands=True) as made:
        hub = Hub(made, f"http://127.0.0.1:{port}")
        with (hub.home / "ui.log").open("wb") as log:
            ui = subprocess.Popen([ANSINH, "ui", "--port", str(port)], env=environment(hub.home), stdout=log, stderr=log)
        try:
            until = time.monotonic() + LIMIT
            while not _stands(hub.address):
                logs = [p.read_text(errors="replace")[-2000:] for p in (hub.home / "ui.log", *(hub.home / "logs").glob("*.log"))]
                assert ui.poll() is None and time.monotonic() < until, "\n".join(logs)
                time.sleep(0.5)
            assert hub.session.get(hub.link()).url == f"{hub.address}/"
            yield hub
        finally:
            hub.ansinh("stop")
            ui.wait(LIMIT)


def _stands(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).status_code == 401
    except requests.RequestException:
        return False


@pytest.fixture(scope="module")
def page(hub: Hub) -> Iterator[Page]:
    with sync_playwright() as playwright:
        rebound = "--host-resolver-rules=MAP evil.example 127.0.0.1"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", rebound])
        page = browser.new_page(viewport={"width": 1400, "height": 900}, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
        page.set_default_timeout(LIMIT * 1000)
        page.goto(hub.link(), wait_until="domcontentloaded")
        assert "token" not in page.url
        yield page
        browser.close()


def open_page(page: Page, hub: Hub, path: str) -> None:
    """Where the UI is open already it is led there as by one of its own links: begun anew, it takes two seconds of a core each time."""
    if page.url.startswith(f"{hub.address}/"):
        page.evaluate("to => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate', {state: {}})); }", path)
    else:
        open_anew(page, hub, path)


def open_anew(page: Page, hub: Hub, path: str) -> None:
    page.goto(hub.address + path, wait_until="domcontentloaded")


# -- who enters --

MARK = 'mutation { setConcurrencyLimit(concurrencyKey: "%s", limit: 1) }'

# What a page can make a browser send: each answers once it is done, whatever came of it.
ATTACK = """async ([ui, mutation]) => {
  const asked = `${ui}/graphql?query=${encodeURIComponent(mutation)}`, body = JSON.stringify({query: mutation});
  const ended = (part, start) => new Promise(done => {
    part.onload = () => done("loaded"); part.onerror = () => done("failed"); document.body.append(part); start?.();
  });
  const form = (method, enctype, name, value) => {
    const frame = Object.assign(document.createElement("iframe"), {name: `f${Math.random()}`});
    const sent = Object.assign(document.createElement("form"), {method, enctype, action: asked, target: frame.name});
    sent.append(Object.assign(document.createElement("input"), {name, value}));
    document.body.append(sent);
    return ended(frame, () => sent.submit());
  };
  const read = (path, how) => fetch(ui + path, {credentials: "include", ...how}).then(answer => answer.text(), () => "failed");
  const json = {"Content-Type": "application/json"}, text = {"Content-Type": "text/plain"};
  return {
    image: await ended(Object.assign(new Image(), {src: asked})),
    script: await ended(Object.assign(document.createElement("script"), {src: asked})),
    get_form: await form("get", "", "query", mutation),
    plain_form: await form("post", "text/plain", body.slice(0, -1) + ',"x":"', '"}'),
    url_form: await form("post", "application/x-www-form-urlencoded", "query", mutation),
    parts_form: await form("post", "multipart/form-data", "operations", body),
    frame: await ended(Object.assign(document.createElement("iframe"), {src: ui})),
    blind: await read("/graphql?query=" + encodeURIComponent(mutation), {method: "POST", mode: "no-cors", headers: text, body}),
    json: await read("/graphql", {method: "POST", headers: json, body}),
    query: await read("/graphql?query={version}"),
    materialised: await read("/report_asset_materialization/core/x", {method: "POST", mode: "no-cors", body: ""}),
    socket: await new Promise(done => {
      const socket = new WebSocket(ui.replace("http", "ws") + "/graphql", "graphql-ws");
      socket.onopen = () => done("opened"); socket.onerror = () => done("failed");
    }),
  };
}"""


@pytest.fixture
def foreign() -> Iterator[int]:
    """Another server of this machine, to whose page an officer is led; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<body></body>")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def limits(hub: Hub) -> set[str]:
    return {
        limit["concurrencyKey"]
        for limit in asked(hub, "{ instance { concurrencyLimits { concurrencyKey } } }")["instance"]["concurrencyLimits"]
    }


def test_a_foreign_page_changes_nothing_and_sees_nothing(hub: Hub, page: Page, foreign: int) -> None:
    """From another port of this machine, whose requests bring the cookie, and from another site."""
    before = limits(hub)
    for site in ("127.0.0.1", "evil.example"):
        page.goto(f"http://{site}:{foreign}/")
        answers = page.evaluate(ATTACK, [hub.address, MARK % "forged"])
        told = {
            name: answer for name, answer in answers.items() if name not in ("get_form", "plain_form", "url_form", "parts_form")
        }
        frame = told.pop("frame")
        assert frame in ("loaded", "failed") and set(told.values()) <= {"failed", ""}, told
        assert len(page.frames) > 1 and not any("__NEXT_DATA__" in part.content() for part in page.frames[1:])
        assert limits(hub) == before
    page.goto(hub.address.replace("127.0.0.1", "evil.example"))
    expect(page.locator("body")).to_contain_text("không trả lời dưới tên này")
    # The same, asked by who has entered, is done: that nothing was done above proves something.
    asked(hub, MARK % "own")
    assert limits(hub) == before | {"own"}
    asked(hub, 'mutation { deleteConcurrencyLimit(concurrencyKey: "own") }')
    # A link of a mail leads to its page all the same.
    page.goto(f"http://evil.example:{foreign}/")
    page.evaluate("to => location.assign(to)", hub.address + "/jobs")
    expect(page.get_by_text("nightly_reports", exact=True).first).to_be_visible()


def test_without_a_link_nothing_is_shown_and_another_account_is_outside(hub: Hub, page: Page) -> None:
    assert page.context.browser
    stranger = page.context.browser.new_page()
    stranger.goto(hub.address)
    expect(stranger.locator("body")).to_contain_text("ansinh url ui")
    link = hub.link()
    stranger.goto(link.replace("/?", "/runs?"))
    expect(stranger.get_by_text("Runs", exact=True).first).to_be_visible()
    assert stranger.url.startswith(hub.address + "/runs") and "token" not in stranger.url
    stranger.context.clear_cookies()
    stranger.goto(link)
    expect(stranger.locator("body")).to_contain_text("đã dùng hoặc quá hạn")
    stranger.close()
    shown = " ".join(hub.processes().values()) + "".join(p.read_text(errors="replace") for p in (hub.home / "logs").glob("*.log"))
    assert link.partition("token=")[2] not in shown
    if os.getuid() == 0:  # else there is no other account to try it as
        cookies = hub.session.cookies.get_dict()
        for sent in ({}, cookies):
            assert as_nobody(lambda sent=sent: requests.get(hub.address, cookies=sent, timeout=LIMIT).status_code) == 401
    assert asked(hub, "{ version }")


def as_nobody(asks: Callable[[], int]) -> int:
    """What another account of the machine is answered, which it tells as its exit status less 200."""
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
        os._exit(asks() - 200)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) + 200


# -- what is shown --


def test_code_location_is_loaded_and_every_daemon_runs(hub: Hub, page: Page) -> None:
    open_page(page, hub, "/deployment/locations")
    row = page.locator("body")
    expect(row).to_contain_text("1 code location")
    expect(row).to_contain_text("Loaded")
    open_page(page, hub, "/deployment/daemons")
    for daemon in ("Scheduler", "Sensors", "Backfill", "Run queue", "Monitoring"):
        expect(page.get_by_role("row").filter(has_text=daemon)).to_contain_text("Running")


def test_graph_has_a_group_a_system_and_the_reports(hub: Hub, page: Page) -> None:
    open_page(page, hub, "/asset-groups")
    for group in (*(s.name for s in SOURCES), "reports"):
        expect(page.get_by_text(group, exact=True).first).to_be_visible()


def test_jobs_and_schedules_stand(hub: Hub, page: Page) -> None:
    open_page(page, hub, "/jobs")
    names = [
        *(f"nightly_{s.name}" for s in SOURCES),
        "nightly_reports",
        "population_check",
        "weekly_rehearsal",
        "weekly_retention",
    ]
    for name in names:
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    open_page(page, hub, "/automation")
    for name in names:
        expect(page.get_by_text(f"{name}_schedule", exact=True)).to_be_visible()
    told = asked(
        hub, "{ repositoriesOrError { ... on RepositoryConnection { nodes { schedules { name scheduleState { status } } } } } }"
    )
    [repository] = told["repositoriesOrError"]["nodes"]
    states = {s["name"]: s["scheduleState"]["status"] for s in repository["schedules"]}
    assert states == {f"{name}_schedule": "RUNNING" for name in names}


def test_a_night_of_the_command_line_stands_where_any_run_does(hub: Hub, page: Page) -> None:
    open_page(page, hub, "/overview/timeline")
    for job in (f"nightly_{SOURCE}", "nightly_reports"):
        expect(page.locator(f"a[href*='/jobs/{job}']").first).to_be_visible()
    open_page(page, hub, f"/locations/ansinh/jobs/nightly_{SOURCE}/runs")
    run = page.locator("a[href^='/runs/']").first
    expect(run).to_be_visible()
    expect(page.get_by_text("ansinh/night: 2024-11-20").first).to_be_visible()
    expect(page.get_by_text("Success", exact=True).first).to_be_visible()
    open_page(page, hub, run.get_attribute("href") or "")
    expect(page.locator(f"a[href^='/locations/ansinh/jobs/nightly_{SOURCE}']").first).to_be_visible()


def test_dataset_describes_itself_in_vietnamese(hub: Hub, page: Page) -> None:
    open_page(page, hub, ASSET)
    body = page.locator("body")
    expect(body).to_contain_text(f"{DATASET.title}. Mỗi dòng là {DATASET.each_row_is}. Kỳ: hằng tháng.")
    for column in DATASET.columns:
        expect(page.get_by_role("row").filter(has_text=column.name).filter(has_text=column.title).first).to_be_attached()
    expect(body).to_contain_text("Sở ")
    # An owner is a department's name, not a record printed whole.
    expect(body).not_to_contain_text("Owner(")


def test_checks_show_their_counts(hub: Hub, page: Page) -> None:
    open_page(page, hub, f"{ASSET}?view=checks&checkDetail=rows_follow_rules")
    for check in ("source_read", "all_units_submitted", "cells_accepted", "counts_reconcile", "rows_follow_rules"):
        expect(page.get_by_text(check, exact=True).first).to_be_visible()
    [total] = hub.rows(
        """select sum(rows_received)::bigint as received, sum(rows_rejected)::bigint as rejected from ops.cells
            where source = :source and dataset = :dataset""",
        source=SOURCE,
        dataset=DATASET.name,
    )
    assert total.rejected > 0
    expect(metadata(page, "dòng nhận")).to_contain_text(str(total.received))
    expect(metadata(page, "dòng bị loại")).to_contain_text(str(total.rejected))
    by_rule = hub.rows(
        """select f ->> 'column' as place, f ->> 'rule' as rule, min(f ->> 'message') as message, count(*) as n
            from quarantine.rows, jsonb_array_elements(failures) f
            where source = :source and dataset = :dataset and resolved_at is null group by 1, 2""",
        source=SOURCE,
        dataset=DATASET.name,
    )
    shown = [
        tuple(cell.strip() for cell in row.get_by_role("cell").all_inner_texts())
        for row in metadata(page, "dòng bị loại theo quy tắc").get_by_role("row").all()
    ]
    assert by_rule
    for failure in by_rule:
        assert (failure.place, failure.rule, in_short(failure.message), str(failure.n)) in shown


def test_who_has_not_sent_is_told_by_name(hub: Hub, page: Page) -> None:
    missing = hub.rows(
        "select period, unit_code from ops.cells where source = :source and dataset = :dataset and status = 'missing'",
        source=SOURCE,
        dataset=DATASET.name,
    )
    assert missing
    open_page(page, hub, f"{ASSET}?view=checks&checkDetail=all_units_submitted")
    for cell in missing:
        name = unit_name(cell.unit_code, calendar.span(cell.period)[1])
        row = page.get_by_role("row").filter(has_text=cell.period).filter(has_text=f"{cell.unit_code} {name}")
        expect(row.last).to_be_visible()
    counted = asked(hub, "{ assetNodes { assetKey { path } partitionStats { numPartitions numMaterialized } } }")
    [stats] = [
        n["partitionStats"] for n in counted["assetNodes"] if "/".join(n["assetKey"]["path"]) == ASSET.removeprefix("/assets/")
    ]
    assert stats["numPartitions"] - stats["numMaterialized"] == len(missing), "what is grey is what is missing"


def metadata(page: Page, name: str) -> Locator:
    """The row of a check's metadata."""
    return page.get_by_role("row").filter(has=page.get_by_role("cell", name=name, exact=True)).first


# -- the grid --


def test_grid_leaves_a_missing_district_empty(hub: Hub, page: Page) -> None:
    cells = hub.rows(
        """select period, unit_code, status from ops.cells where source = :source and dataset = :dataset
            and status in ('missing', 'on_time', 'late', 'empty_declared') and unit_code <> 'unknown'""",
        source=SOURCE,
        dataset=DATASET.name,
    )
    period = next(c.period for c in cells if c.status == "missing")
    expected = {c.unit_code: GREY if c.status == "missing" else GREEN for c in cells if c.period == period}
    assert set(expected.values()) == {GREY, GREEN}
    open_page(page, hub, f"{ASSET}?view=partitions&partition={period}%7C{min(expected)}")
    expect(page.get_by_text("Materialized (")).to_be_visible()
    expect(page.get_by_text("Materialized (0)")).to_be_hidden()
    find = page.get_by_placeholder("Filter by unit…")
    for unit, colour in expected.items():
        find.fill(unit)
        expect(dot(page, unit)).to_have_attribute("style", colour)


# -- a run by hand --


@pytest.mark.landing
def test_past_due_cell_that_is_loaded_may_be_loaded_again_with_a_reason(hub: Hub, page: Page) -> None:
    [cell] = hub.rows(
        """select period, unit_code, rows_accepted from ops.cells where source = :source and dataset = :dataset
            and status = 'on_time' and rows_accepted > 0 and period < '2024-10' order by 1 desc, 2 limit 1""",
        source=SOURCE,
        dataset=DATASET.name,
    )
    before = {run["runId"] for run in runs(hub)}
    expect_refused_without_a_reason(page, hub, cell.period, cell.unit_code, GREEN)
    reason = {"ansinh/reason": "đơn vị nộp lại theo văn bản", "ansinh/officer": "Phòng Bảo trợ xã hội"}
    launch(page, reason)
    loaded, status = ended_run(hub, before)
    assert status == "SUCCESS"
    open_page(page, hub, "/runs")
    expect(page.locator(f"a[href='/runs/{loaded}']").first).to_be_visible()
    expect(page.get_by_text(f"ansinh/reason: {reason['ansinh/reason']}").first).to_be_visible()
    [kept] = hub.rows("select period, unit_code, reason, requested_by, outcome from ops.backfills")
    assert tuple(kept) == (cell.period, cell.unit_code, reason["ansinh/reason"], reason["ansinh/officer"], "accepted")
    [after] = hub.rows(
        "select rows_accepted from ops.cells where source = :source and dataset = :dataset and period = :p and unit_code = :u",
        source=SOURCE,
        dataset=DATASET.name,
        p=cell.period,
        u=cell.unit_code,
    )
    assert after.rows_accepted == cell.rows_accepted


def test_a_district_that_was_late_is_loaded_by_hand_and_the_report_corrected(hub: Hub, page: Page) -> None:
    """The officer's whole way: the grey cell, refused without a reason; its reason, the green cell, the receipt of the correction, the
    warehouse."""
    cell = hub.rows(
        """select period, unit_code from ops.cells where source = :source and dataset = :dataset and status = 'missing'
            and locked_at < '2024-11-20' order by period limit 1""",
        source=SOURCE,
        dataset=DATASET.name,
    )[0]
    where = ("--source", SOURCE, "--dataset", DATASET.name, "--period", cell.period, "--unit", cell.unit_code)
    assert hub.ansinh("demo", "fault", "late", *where).returncode == 0
    hub.ansinh("nightly", "--source", SOURCE)
    state = "select status, rows_accepted, rows_waiting from ops.cells where source = :s and dataset = :d and period = :p and unit_code = :u"
    asked_for = {"s": SOURCE, "d": DATASET.name, "p": cell.period, "u": cell.unit_code}
    [waiting] = hub.rows(state, **asked_for)
    assert waiting.status == "missing" and waiting.rows_waiting > 0, "a locked cell is counted, and loaded by hand alone"
    others = "select unit_code, row_key, recorded_from from core.social_protection_monthly_payments where (period, unit_code) <> (:p, :u) order by 1, 2"
    untouched = hub.rows(others, p=cell.period, u=cell.unit_code)
    filed = hub.rows("select count(*) as n from ops.report_submissions")[0].n

    before = {run["runId"] for run in runs(hub)}
    expect_refused_without_a_reason(page, hub, cell.period, cell.unit_code, GREY)
    keep(page, "late-before")
    reason = {
        "ansinh/reason": "huyện nộp muộn do mất điện",
        "ansinh/officer": "Nguyễn Thị Mẫu",
        "ansinh/document": "15/CV-LĐTBXH",
    }
    launch(page, reason)
    _, status = ended_run(hub, before)
    assert status == "SUCCESS"
    expect_colour(page, hub, cell.period, cell.unit_code, GREEN)
    expect(page.get_by_text(reason["ansinh/reason"]).first).to_be_visible()
    keep(page, "late-after")

    [loaded] = hub.rows(state, **asked_for)
    assert loaded.status == "late" and loaded.rows_accepted == waiting.rows_waiting and loaded.rows_waiting == 0
    assert hub.rows(others, p=cell.period, u=cell.unit_code) == untouched
    corrected = hub.rows(
        """select form, period, revision, replaces, reason, receipt from ops.report_submissions
        where composed_by = 'Nguyễn Thị Mẫu' and receipt is not null order by composed_at"""
    )
    assert corrected, f"no correction when the run of the cell ended; {filed} revisions before"
    # Open data and report followed in the run's own process: no sensor, no queue, no other process to wait for.
    by_job = {run["jobName"]: _tags(run) for run in runs(hub) if run["runId"] not in before}
    assert by_job.keys() == {"__ASSET_JOB", f"nightly_{SOURCE}", "nightly_reports"}
    assert len({tags["ansinh/process"] for tags in by_job.values()}) == 1
    assert by_job["nightly_reports"]["ansinh/correction"] == cell.period
    first = corrected[0]
    assert first.revision == 2 and first.replaces and reason["ansinh/reason"] in first.reason
    open_page(page, hub, f"/assets/report/national/{first.form.replace('-', '_')}?view=partitions&partition={first.period}")
    expect(page.get_by_text(first.receipt).first).to_be_visible()
    keep(page, "correction")


def dot(page: Page, unit: str) -> Locator:
    """What shows the state of one unit in the grid, by its colour."""
    return page.locator(f'[data-tooltip="{unit}"]').locator("..").locator("[style*='--color-accent-']")


def expect_colour(page: Page, hub: Hub, period: str, unit: str, colour: re.Pattern) -> None:
    """The grid shows one cell so. For a moment after a run ended it may show it as running, until the page is opened again."""
    until = time.monotonic() + LIMIT
    while True:
        open_anew(page, hub, f"{ASSET}?view=partitions&partition={period}%7C{unit}")
        expect(page.get_by_text("Materialized (")).to_be_visible()
        page.get_by_placeholder("Filter by unit…").fill(unit)
        try:
            return expect(dot(page, unit)).to_have_attribute("style", colour, timeout=10_000)
        except AssertionError:
            if time.monotonic() > until:
                raise


def keep(page: Page, name: str) -> None:
    """The screenshots of the guide are made where ANSINH_SCREENSHOTS names a folder."""
    if folder := os.environ.get("ANSINH_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def expect_refused_without_a_reason(page: Page, hub: Hub, period: str, unit: str, colour: re.Pattern) -> None:
    """A cell past its due day, asked for with no more than a click, is refused in words, left as it was, and shown so again."""
    before, kept = {run["runId"] for run in runs(hub)}, hub.rows("select * from ops.backfills order by 1")
    expect_colour(page, hub, period, unit, colour)
    click(page, {})
    told = page.get_by_role("dialog").filter(has_text="đã quá hạn nộp nên cần lý do và người yêu cầu")
    expect(told).to_contain_text(f"Chạy lại {DATASET.id}: ô {period}|{unit} đã quá hạn nộp")
    expect(told).to_contain_text("ansinh/officer")
    expect(told).not_to_contain_text("Stack")
    told.get_by_role("button", name="OK").click()
    assert {run["runId"] for run in runs(hub)} == before, "what is refused leaves no run"
    assert hub.rows("select * from ops.backfills order by 1") == kept
    expect_colour(page, hub, period, unit, colour)


def launch(page: Page, tags: dict[str, str]) -> None:
    """What an officer does on the page of one cell to run it by hand, and is let."""
    click(page, tags)
    expect(page.get_by_role("button", name="Launch 1 run")).to_be_hidden()


def click(page: Page, tags: dict[str, str]) -> None:
    page.get_by_role("button", name="Materialize…").click()
    page.get_by_role("button", name="Confirm").click()  # raw is loaded with core
    expect(page.get_by_role("button", name="Launch 1 run")).to_be_visible()
    if tags:
        page.get_by_role("dialog").last.get_by_text("Tags", exact=True).click()
        page.get_by_role("button", name="Add tags").click()
        for place, (key, value) in enumerate(tags.items()):
            if place:
                page.get_by_role("button", name="Add custom tag").click()
            page.get_by_placeholder("Tag Key").last.fill(key)
            page.get_by_placeholder("Tag Value").last.fill(value)
        page.get_by_role("button", name="Apply").click()
    page.get_by_role("button", name="Launch 1 run").click()


def ended_run(hub: Hub, before: set[str]) -> tuple[str, str]:
    """Wait for the end of the one run from the grid that was not there before; its id and status."""
    until = time.monotonic() + LIMIT
    while time.monotonic() < until:
        for run in runs(hub):
            is_new = run["runId"] not in before and run["jobName"] == "__ASSET_JOB"
            if is_new and run["status"] in ("SUCCESS", "FAILURE", "CANCELED"):
                return run["runId"], run["status"]
        time.sleep(0.5)
    raise AssertionError(f"no run ended: {runs(hub)}")


def runs(hub: Hub) -> list[dict]:
    found = asked(hub, "{ runsOrError(limit: 20) { ... on Runs { results { runId jobName status tags { key value } } } } }")
    return found["runsOrError"]["results"]


def _tags(run: dict) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in run["tags"]}


def asked(hub: Hub, query: str) -> dict:
    return hub.session.post(f"{hub.address}/graphql", json={"query": query}, timeout=LIMIT).json()["data"]


# -- what is killed comes back --


@pytest.mark.landing
@pytest.mark.parametrize("part", ["webserver", "code-server", "daemon"])
def test_a_part_that_is_killed_comes_back_by_itself(hub: Hub, page: Page, part: str) -> None:
    """Who had entered is still within."""
    pid_file = hub.home / "run" / f"{part}.pid"
    before = pid_file.read_text()
    psutil.Process(int(before)).kill()
    until = time.monotonic() + LIMIT
    while pid_file.read_text() == before and time.monotonic() < until:
        time.sleep(0.2)
    assert psutil.pid_exists(int(pid_file.read_text())) and pid_file.read_text() != before
    while not _stands(hub.address) and time.monotonic() < until:
        time.sleep(0.5)
    test_code_location_is_loaded_and_every_daemon_runs(hub, page)


@pytest.mark.landing
def test_a_month_that_begins_joins_the_grid(hub: Hub) -> None:
    keys = '{ assetNodeOrError(assetKey: {path: ["core", "%s", "%s"]}) { ... on AssetNode { partitionKeys } } }'
    (hub.home / "clock").write_text("2024-12-01", encoding="ascii")
    until = time.monotonic() + LIMIT
    periods: set[str] = set()
    while "2024-12" not in periods and time.monotonic() < until:
        time.sleep(1)
        found = asked(hub, keys % (SOURCE, DATASET.name))["assetNodeOrError"]
        periods = {key.partition("|")[0] for key in (found or {}).get("partitionKeys", ())}
    assert periods == set(calendar.started(DATASET, dt.date(2024, 12, 1)))


# -- the end --


def test_stop_leaves_no_process(hub: Hub) -> None:
    standing = " ".join(hub.processes().values())
    for part in (
        "ansinh ui",
        "dagster api grpc",
        "pipelines.door",
        "dagster-daemon",
        "demo gateway",
        "demo platform",
        "postgres",
    ):
        assert part in standing, f"{part} is not found while it runs: the search below would prove nothing"
    done = hub.ansinh("stop")
    assert done.returncode == 0, done.stderr
    assert hub.processes() == {}
    assert not list((hub.home / "run").glob("*.pid")) and not (hub.home / "run" / "door").exists()
    refused = hub.ansinh("url", "ui")
    assert refused.returncode == 1 and "giao diện của trạng thái này không chạy" in refused.stderr
    assert "Không có gì đang chạy." in hub.ansinh("stop").stdout
