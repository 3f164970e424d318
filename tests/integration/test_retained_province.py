"""In a province that is years old, what is past its term goes from all stores, and all that it still needs stays."""

import datetime as dt
import json
import os
import re
from collections.abc import Iterator
from typing import Any
from unittest import mock

import dagster as dg
import pytest
import sqlalchemy as sa

from assets.tags import HOST, PROCESS, process_tags
from pipelines.failures import NightBesideRetention
from pipelines.jobs import retention_job
from pipelines.retaining import retain
from pipelines.runtime.instance import instance
from pipelines.schedules import retention_schedule
from resources.hub import Hub
from resources.settings import Settings
from resources.warehouse import contents
from schemas.registry import DATASETS
from tests.integration.open_hub import MERIT
from tests.integration.province import Province, province, touch

pytestmark = pytest.mark.landing

# What was set aside a year ago and mended, as some of what stands open today.
SETTLED = """insert into quarantine.{table} (source, dataset, period, unit_code, row_key, {columns}, first_seen, last_seen, resolved_at)
    select source, dataset, period, unit_code, row_key, {columns}, first_seen, last_seen, last_seen - interval '1 year'
    from quarantine.{table} where resolved_at is null and {ended}"""
HOUSEHOLDS = "select md5(string_agg(h::text, '|' order by period, unit_code, row_key)) from core.poverty_households h"


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
    assert re.search(r"tốt dọn dữ liệu quá thời hạn: lần tốt gần nhất \d\d:\d\d \d\d/", doctor)
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
