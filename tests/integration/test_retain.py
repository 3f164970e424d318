"""What is past its term goes, and nothing else: what a cell is made of, what open figures and filings are counted from, stays."""

import datetime as dt
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import dagster as dg
import pytest
import sqlalchemy as sa

from assets.open import figures
from assets.open.nights import kept
from assets.tags import HOST, PROCESS, process_tags
from pipelines.failures import NightBesideRetention
from pipelines.jobs import retention_job
from pipelines.retaining import retain
from pipelines.runtime.instance import instance
from pipelines.schedules import retention_schedule
from resources.hub import Hub
from resources.raw_store import KeptFile, RawFile
from resources.settings import Settings
from resources.warehouse import contents, deliveries, retention
from resources.warehouse.deliveries import New
from schemas.dataset import Dataset
from schemas.registry import DATASETS, dataset_named
from tests.integration.open_hub import (
    BY_WAY,
    DISTRICTS,
    LATER,
    MERIT,
    MONEY,
    NIGHT,
    OCTOBER,
    PAYMENTS,
    load_payments,
    payments,
    released,
    run,
)
from tests.integration.province import Province, province, touch
from tests.integration.report_hub import SmallHub, at

# What was set aside a year ago and mended, as some of what stands open today.
SETTLED = """insert into quarantine.{table} (source, dataset, period, unit_code, row_key, {columns}, first_seen, last_seen, resolved_at)
    select source, dataset, period, unit_code, row_key, {columns}, first_seen, last_seen, last_seen - interval '1 year'
    from quarantine.{table} where resolved_at is null and {ended}"""
HOUSEHOLDS = "select md5(string_agg(h::text, '|' order by period, unit_code, row_key)) from core.poverty_households h"


# --- a province that is years old -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made() -> Iterator[Province]:
    """A province whose closed versions, raw files, settled rows and events are older than any term; its current rows are not."""
    with province(after_first_night=True) as found:
        found.nightly("--source", "poverty", "--whole")
        touch(found)
        found.nightly("--source", "poverty")  # what changed since, in a pull of its own
        _age(found)
        yield found


def _age(made: Province) -> None:
    made.execute("update ops.pulls set pulled_at = pulled_at - interval '3 years'")
    made.execute("update ops.deliveries set received_at = received_at - interval '3 years', repeated_at = null")
    for dataset in DATASETS:
        made.execute(
            f"""update history.{dataset.table} set recorded_from = recorded_from - interval '12 years',
                recorded_to = recorded_to - interval '12 years' where recorded_to is not null"""
        )
    made.execute(SETTLED.format(table="rows", columns="received, failures", ended="id % 3 = 0"))
    made.execute(SETTLED.format(table="remarks", columns='kind, rule, "column", message', ended="id % 5 = 0 and not over_set"))
    with made.engine("dagster").begin() as connection:
        connection.execute(sa.text("update event_logs set timestamp = timestamp - interval '9 years'"))
        connection.execute(sa.text("update runs set create_timestamp = create_timestamp - interval '9 years'"))


def state(made: Province) -> dict[str, Any]:
    """All that a removal may change."""
    tables = made.rows("""select schemaname || '.' || tablename from pg_tables
        where schemaname in ('history', 'quarantine', 'ops') and tablename not in ('retentions', 'schema_version')""")
    found: dict[str, Any] = {name: made.one(f"select count(*) from {name}") for (name,) in tables}
    found["files"] = sorted(str(p) for p in (made.home / "raw").rglob("*") if p.is_file())
    found["events"] = made.one("select count(*) from event_logs", "dagster")
    found["runs"] = made.one("select count(*) from runs", "dagster")
    return found


def told(made: Province, *options: str) -> list[dict[str, Any]]:
    return json.loads(made.ansinh("retain", "--json", *options).stdout)


def amounts(lines: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[Any, ...]]:
    return {(x["store"], x["title"]): tuple(x[k] for k in ("count", "bytes", "from", "to", "held")) for x in lines}


def is_whole(made: Province) -> bool:
    """Whether every raw file that a register names is there as it was recorded."""
    with made.engine().connect() as connection:
        recorded = contents.raw_hashes(connection)
    return all((made.home / "raw" / path).is_file() for path in recorded)


def test_a_removal_through_all_stores(made: Province) -> None:
    """A look changes nothing; a killed run leaves a consistent state; the next does what a look told; one more does nothing."""
    before, current = state(made), made.one(HOUSEHOLDS)
    look = told(made, "--dry-run")
    assert state(made) == before
    by_store = {s: sum(x["count"] for x in look if x["store"] == s) for s in ("history", "raw", "quarantine", "events")}
    assert all(by_store.values()), by_store
    assert all(x["legal_basis"] and x["term"] for x in look if x["count"])
    [households] = [x for x in look if x["store"] == "history" and x["of"] == "poverty.households"]
    assert households["count"] and "trả lời trọn vẹn từ ngày 20/11/2014" in households["loses"]
    raw = {x["of"]: x for x in look if x["store"] == "raw"}
    assert raw["poverty.households"]["count"] >= 2 and raw["poverty.households"]["held"] >= 2
    assert raw["labour_employment.workers"]["count"] == 0 < raw["labour_employment.workers"]["held"]

    with pytest.raises(AssertionError):  # killed before the second file goes: its register is committed
        made.python("retained", "2")
    assert is_whole(made)
    leaving = made.one("select count(*) from ops.raw_leaving")
    assert leaving >= 1 and made.one("select count(*) from ops.retentions where ended_at is null") == 1
    assert len(before["files"]) - 1 == len(state(made)["files"])

    look = told(made, "--dry-run")
    done = told(made)
    assert amounts(done) == amounts(look) and any(x["count"] for x in done if x["store"] == "history")
    after = state(made)
    assert is_whole(made) and after["ops.raw_leaving"] == 0
    assert (
        len(after["files"]) < len(before["files"]) - 1 and after["events"] < before["events"] and after["runs"] < before["runs"]
    )
    assert after["quarantine.rows"] == made.one("select count(*) from quarantine.rows where resolved_at is null") > 0
    meritorious = f"history.{MERIT}_profiles"
    assert after[meritorious] == before[meritorious]
    assert made.one(HOUSEHOLDS) == current
    assert made.one("select count(*) from ops.arrivals") == before["ops.arrivals"]

    again = told(made)
    assert not any(x["count"] for x in again) and state(made) == after
    [households] = [x for x in again if x["store"] == "history" and x["of"] == "poverty.households"]
    assert "20/11/2014" in households["loses"]


def test_after_it_cells_are_judged_again_from_raw_and_read_by_what_changed(made: Province) -> None:
    made.execute("update ops.pulls set pulled_at = pulled_at + interval '3 years'")  # by whose day the rows are judged again
    held = "select distinct unit_code from ops.cells where dataset = 'households' and period = '2023' and rows_accepted > 0"
    units = sorted(unit for (unit,) in made.rows(held))
    before = made.one(HOUSEHOLDS)
    made.ansinh(
        "backfill", "--source", "poverty", "--dataset", "households", "--period", "2023", "--from-raw", "--reason", "thử lại"
    )
    judged = "select distinct unit_code from ops.backfills where dataset = 'households' and outcome = 'accepted'"
    assert len(units) > 5 and sorted(unit for (unit,) in made.rows(judged)) == units
    assert made.one(HOUSEHOLDS) == before
    touch(made)
    made.nightly("--source", "poverty")
    assert made.one("select kind from ops.pulls where dataset = 'households' order by id desc limit 1") == "delta"
    assert made.one("select count(*) from ops.cells where last_outcome = 'refused' and source = 'poverty'") == 0


def test_the_screen_and_the_doctor_tell_it(made: Province) -> None:
    printed = made.ansinh("retain", "--dry-run").stdout
    assert "Thời hạn giữ" in printed and "vĩnh viễn" in printed and "131/2021" in printed
    assert re.search(r"phiên bản cũ: .*trả lời trọn vẹn từ ngày", printed)
    doctor = made.doctor()
    assert "lưới khớp với kho" in doctor, "what shows a cell is no event that goes"
    assert re.search(r"tốt dọn dữ liệu quá thời hạn: lần tốt gần nhất \d{4}", doctor)
    assert "Dọn dữ liệu quá thời hạn: lần tốt gần nhất" in made.ansinh("status").stdout


def test_it_does_not_run_beside_a_night_nor_beside_another(made: Province) -> None:
    with made.engine().connect() as connection:
        for lock, told in (("night", "một lượt đêm đang chạy"), ("retention", "một lượt dọn khác đang chạy")):
            take = sa.text("select pg_advisory_lock(hashtext(:name))")
            connection.execute(take, {"name": f"ansinh.{lock}"})
            assert told in made.ansinh("retain", status=1).stderr
            connection.execute(sa.text("select pg_advisory_unlock_all()"))
        connection.rollback()


def test_the_schedules_job_tells_counts_alone(made: Province) -> None:
    with mock.patch.dict(os.environ, made.environment), instance(Settings.load()) as found:
        made.execute(
            "update quarantine.remarks set resolved_at = last_seen - interval '1 year' where id % 7 = 0 and not over_set"
        )
        done = retention_job.execute_in_process(instance=found)
        [output] = [e for e in done.all_events if e.event_type_value == "STEP_OUTPUT"]
        metadata = output.step_output_data.metadata
    assert done.success and metadata["đã bỏ"].value and any(name.startswith("dòng cách ly") for name in metadata)
    assert all(isinstance(value.value, int) for name, value in metadata.items() if name != "đã bỏ")


def test_the_schedule_waits_for_a_night_that_runs(made: Province) -> None:
    def asked() -> Any:
        context = dg.build_schedule_context(found, scheduled_execution_time=dt.datetime(2026, 11, 29, 6, 15))
        return retention_schedule(context)

    with mock.patch.dict(os.environ, made.environment), instance(Settings.load()) as found:
        assert asked().run_key == "retention-2026-11-29"
        night = found.add_run(dg.DagsterRun(job_name="nightly_poverty", status=dg.DagsterRunStatus.STARTED))
        assert isinstance(asked(), dg.SkipReason)
        with pytest.raises(NightBesideRetention):
            retain(Hub.open(), found)
        gone = {HOST: process_tags()[HOST], PROCESS: "1-0"}
        found.add_run_tags(night.run_id, gone)
        assert asked().run_key, "its process is gone"


# --- what is still read as of old instants --------------------------------------------------------------------------------


def versions(hub: SmallHub, dataset: Dataset) -> int:
    return hub.rows(f"select count(*) as n from history.{dataset.table}")[0].n


def history(hub: SmallHub, dataset: Dataset, before: dt.datetime, since: dt.datetime | None = None) -> retention.Past:
    """A look, and the removal that it told."""
    with hub.engine.begin() as connection:
        look = retention.history(connection, dataset, before, since, remove=False)
    stood = versions(hub, dataset)
    with hub.engine.begin() as connection:
        done = retention.history(connection, dataset, before, since, remove=True)
    assert done == look and versions(hub, dataset) == stood - done.count
    return done


def test_what_open_figures_are_counted_from_stays(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """October is shown as of its first night; then the lists, and the register that tells persons apart, change three times."""
    lists, register = dataset_named(PAYMENTS), dataset_named(f"{MERIT}.profiles")
    files = [{"profile_id": f"430-{n}", "identity_number": f"0401600{n:05d}"} for n in range(40)]
    hub.load(register.id, "now", "430", files, NIGHT)
    load_payments(hub)
    run(hub, shared, home)
    shown = released(shared, BY_WAY), released(shared, MONEY)
    with figures.snapshot(hub.engine) as connection:
        as_of = {unit: i.as_of for (period, unit), i in kept(connection, lists).items() if period == OCTOBER}
        counted = {t.name: figures.figures(connection, lists, t, OCTOBER, as_of) for t in lists.open_tables}
    for day in (1, 2, 3):
        when = LATER + dt.timedelta(days=day)
        hub.load(lists.id, OCTOBER, "430", payments("430", 30 + day, 12, 5), when)
        hub.load(register.id, "now", "430", [f | {"identity_number": f"0401700{n:05d}"} for n, f in enumerate(files)], when)
        hub.read(when)
    far = at("2040-01-01 00:00")
    of_lists, of_register = history(hub, lists, far), history(hub, register, far)
    assert of_lists.count and of_lists.held and of_register.count and of_register.held == len(files)
    with figures.snapshot(hub.engine) as connection:
        assert {t.name: figures.figures(connection, lists, t, OCTOBER, as_of) for t in lists.open_tables} == counted
    with hub.engine.begin() as connection:
        connection.execute(sa.text("truncate ops.open_parts"))  # every period is made anew
    run(hub, shared, home, LATER + dt.timedelta(days=4), is_night=False)
    assert (released(shared, BY_WAY), released(shared, MONEY)) == shown
    assert set(as_of) >= set(DISTRICTS)
    with hub.engine.connect() as connection:
        assert retention.known_from(connection)[lists.id] == far
    assert history(hub, lists, far).count == 0


def test_what_a_filing_was_counted_from_stays_as_long_as_it_is_answered_for(hub: SmallHub) -> None:
    jobs, when = dataset_named("labour_employment.jobs_created"), at("2024-11-05 02:00")
    day = {"started_date": dt.date(2024, 10, 3), "district": "412"}
    for days in range(4):
        hub.load(jobs.id, OCTOBER, "40", [day] * 3, when + dt.timedelta(days=days))
    composed = when + dt.timedelta(days=1, hours=1)
    with hub.engine.begin() as connection:
        connection.execute(
            sa.text("""insert into ops.report_submissions (form, regime, period, window_start, window_end, revision, transaction_id,
                    payload_hash, status, maturity, due_day, payload, figures_hash, inputs, findings, composed_at, composed_by)
                values ('AS-T', 'ND09.T', '2024-10', '2024-10-15', '2024-11-14', 1, 't', 'h', 'draft', 'final', '2024-11-20', '{}', 'f',
                    cast(:inputs as jsonb), '[]', :at, 'thử')"""),
            {"at": composed, "inputs": json.dumps([{"fingerprint": []}, {"dataset": jobs.id, "period": OCTOBER, "units": {}}])},
        )
    far = at("2040-01-01 00:00")
    first = history(hub, jobs, far, since=composed)
    assert (first.count, first.held) == (6, 3)
    assert (
        hub.rows(f"select count(*) as n from history.{jobs.table} where recorded_from <= :at and recorded_to > :at", at=composed)[
            0
        ].n
        == 3
    )
    second = history(hub, jobs, far, since=composed + dt.timedelta(days=1))
    assert (second.count, second.held) == (3, 0)
    assert versions(hub, jobs) == 3  # the current ones, for ever


def test_versions_go_by_their_end_alone(hub: SmallHub) -> None:
    jobs, when = dataset_named("labour_employment.jobs_created"), at("2024-11-05 02:00")
    for days in range(3):
        hub.load(jobs.id, OCTOBER, "40", [{"started_date": dt.date(2024, 10, 3)}], when + dt.timedelta(days=days))
    end = when + dt.timedelta(days=1)
    assert history(hub, jobs, end).count == 0, "what was closed at that instant is of that day"
    assert history(hub, jobs, end + dt.timedelta(seconds=1)) == retention.Past(1, end, end)


# --- registers of raw files, and quarantine -------------------------------------------------------------------------------

OLD, LIMIT, TODAY = at("2020-01-01 00:00"), at("2022-11-20 00:00"), dt.date(2024, 11, 20)
HASH = "0" * 64


def pull(hub: SmallHub, kind: str, units: list[str] | None, *, when: dt.datetime = OLD, path: str | None = None) -> int:
    with hub.engine.begin() as connection:
        number: int = connection.execute(
            sa.text("""insert into ops.pulls (run_id, source, dataset, period, kind, units, path, sha256, rows, pulled_at)
                values ('r', 'poverty', 'households', '2023', :kind, :units, '', :hash, 1, :when) returning id"""),
            {"kind": kind, "units": units, "hash": HASH, "when": when},
        ).scalar_one()
        named = {"id": number, "path": path or f"poverty/households/2023/{number}.parquet"}
        connection.execute(sa.text("update ops.pulls set path = :path where id = :id"), named)
        return number


def past(hub: SmallHub, source: str = "poverty") -> retention.PastRaw:
    of = dataset_named("poverty.households").source if source == "poverty" else dataset_named("children.profiles").source
    names = [d.name for d in DATASETS if d.source is of]
    with hub.engine.connect() as connection:
        return retention.raw(connection, of, dict.fromkeys(names, LIMIT), TODAY)


def test_a_pull_goes_once_all_its_cells_were_read_whole_after_it(hub: SmallHub) -> None:
    first = pull(hub, "whole", None)
    assert past(hub).pulls == [], "what cells are made of"
    delta, look = pull(hub, "delta", ["412", "413"]), pull(hub, "look", None)
    assert past(hub).pulls == [look], "of a look nothing was loaded"
    pull(hub, "whole", ["412"])
    assert past(hub).pulls == [look], "413 still stands on the first, and increments are proved by it"
    pull(hub, "whole", ["413"])
    assert past(hub).pulls == [look], "so are those of all other units"
    pull(hub, "whole", None, when=at("2024-11-20 02:00"))
    found = past(hub)
    assert len(found.pulls) == 5 and {first, delta} <= set(found.pulls)
    assert found.by_dataset["households"].held == 0


def test_cells_that_were_only_read_one_by_one(hub: SmallHub) -> None:
    both, patch = pull(hub, "whole", ["412", "413"]), pull(hub, "patch", ["412"])
    pull(hub, "whole", ["412"])
    assert past(hub).pulls == [patch]
    pull(hub, "whole", ["413"])
    assert sorted(past(hub).pulls) == [both, patch]
    with hub.engine.begin() as connection:
        _answer(connection, patch, None)
    assert past(hub).pulls == [both], "an answer of it stands"


def _answer(connection: sa.Connection, pull_id: int, over_at: dt.datetime | None, names: int = 0) -> None:
    connection.execute(
        sa.text("""insert into quarantine.answers (source, dataset, period, names, unit_code, received_hash, pull_id, ordinal,
                held_unit, held_key, answered_at, over_at)
            values ('poverty', 'households', '2023', :names, '412', 'x', :pull, 0, '412', 'k', :at, :over)"""),
        {"names": names, "pull": pull_id, "at": OLD, "over": over_at},
    )


def test_a_file_goes_with_the_last_that_names_it(hub: SmallHub) -> None:
    """A whole pull that found what another had found is the same file."""
    same = "poverty/households/2023/same.parquet"
    pull(hub, "whole", None, path=same)
    pull(hub, "whole", None)
    pull(hub, "whole", None, when=at("2024-11-20 02:00"), path=same)
    found = past(hub)
    assert len(found.pulls) == 2 and len(found.files) == 1 and same not in found.files


@contextmanager
def _cleared(hub: SmallHub) -> Iterator[None]:
    clear = (
        "delete from quarantine.answers; delete from quarantine.rows; delete from quarantine.remarks; delete from ops.raw_leaving"
    )
    try:
        yield
    finally:
        with hub.engine.begin() as connection:
            connection.exec_driver_sql(clear)


@pytest.fixture(autouse=True)
def _cleared_quarantine(request: pytest.FixtureRequest) -> Iterator[None]:
    if "hub" not in request.fixturenames:
        yield
        return
    with _cleared(request.getfixturevalue("hub")):
        yield


def test_a_delivery_goes_once_another_holds_in_all_its_places(hub: SmallHub) -> None:
    profiles = dataset_named("children.profiles")

    def deliver(sender: str, when: dt.datetime, kind: str = "whole", *, is_loaded: bool = True) -> int:
        path = f"restricted/children/files/{sender}-{when:%Y%m%d}"
        file, rows = KeptFile(f"{path}.xlsx", HASH), RawFile(f"{path}.parquet", HASH, 1)
        new = New(profiles, sender, kind, ("now",), file, rows)  # ty: ignore[invalid-argument-type]
        with hub.engine.begin() as connection:
            number = deliveries.register(connection, new, when).id
            if is_loaded:
                deliveries.mark_loaded(connection, number, "r", when, {})
                deliveries.mark_told(connection, number, when)
        return number

    first, second = deliver("412", OLD), deliver("413", OLD)
    assert past(hub, "children").deliveries == [], "both hold"
    deliver("412", OLD + dt.timedelta(days=1))
    assert past(hub, "children").deliveries == [first]
    mended, waiting = deliver("413", OLD, "patch"), deliver("413", OLD, "patch", is_loaded=False)
    found = past(hub, "children")
    assert sorted(found.deliveries) == [first, mended] and waiting not in found.deliveries
    deliver("413", at("2024-11-20 02:00"))
    assert sorted(past(hub, "children").deliveries) == [first, second, mended]


def test_a_file_that_left_the_registers_is_named_until_it_left_the_disk(hub: SmallHub) -> None:
    pull(hub, "whole", None)
    pull(hub, "whole", None)
    found = past(hub)
    with hub.engine.begin() as connection:
        retention.forget_raw(connection, found)
    with hub.engine.begin() as connection:
        assert retention.leaving(connection, "poverty") == list(found.files)
        assert retention.leaving(connection, "pover") == []
        assert not retention.registered(connection, dataset_named("poverty.households").source) & found.files.keys()
    pull(hub, "whole", None, path=next(iter(found.files)))  # found equal again before it left
    with hub.engine.begin() as connection:
        assert retention.leaving(connection, "poverty") == []
        retention.has_left(connection, "poverty")
        assert connection.execute(sa.text("select count(*) from ops.raw_leaving")).scalar() == 0


def test_settled_rows_go_and_those_that_an_answer_stands_on_stay(hub: SmallHub) -> None:
    households, end = dataset_named("poverty.households"), at("2024-08-01 00:00")
    patch = pull(hub, "patch", ["412"])
    with hub.engine.begin() as connection:
        for number, resolved in enumerate((None, OLD, OLD, at("2024-11-01 00:00"))):
            row = f"values ('poverty', 'households', '2023', '412', 'k{number}'"
            connection.execute(
                sa.text(f"""insert into quarantine.rows (source, dataset, period, unit_code, row_key, received, failures, first_seen,
                    last_seen, resolved_at) {row}, '{{}}', '[]', :old, :old, :resolved)"""),
                {"old": OLD, "resolved": resolved},
            )
            connection.execute(
                sa.text(f"""insert into quarantine.remarks (source, dataset, period, unit_code, row_key, kind, rule, "column", message,
                    first_seen, last_seen, resolved_at) {row}, 'warning', 'r', 'c', 'm', :old, :old, :resolved)"""),
                {"old": OLD, "resolved": resolved},
            )
        [answered] = connection.execute(sa.text("select id from quarantine.rows where row_key = 'k1'")).scalars()
        _answer(connection, patch, None, answered)  # stands
        _answer(connection, patch, OLD, -1)  # over, and its file may be read again
        _answer(connection, 0, OLD, -2)  # over, and its file is gone
        _answer(connection, 0, at("2024-11-01 00:00"), -3)

        def settled(*, remove: bool) -> retention.Past:
            return retention.quarantine(connection, households, end, LIMIT, remove=remove)

        look = settled(remove=False)
        assert settled(remove=True) == look and look.count == 1 + 2 + 1
        left = connection.execute(sa.text("select row_key from quarantine.rows order by 1")).scalars().all()
        assert left == ["k0", "k1", "k3"]
        assert sorted(connection.execute(sa.text("select names from quarantine.answers")).scalars()) == sorted([answered, -1, -3])
        assert settled(remove=True).count == 0
