"""What must hold after any night, whatever went wrong before it: counts that agree, and a UI that says what the warehouse says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg
import sqlalchemy as sa

from pipelines.runtime.instance import existing
from resources.settings import Settings
from schemas.dataset import UNKNOWN_UNIT
from schemas.registry import DATASETS
from tests.integration.province import Province

UNENDED = ("NOT_STARTED", "QUEUED", "STARTING", "STARTED", "CANCELING")


@contextmanager
def asking(made: Province, database: str = "warehouse") -> Iterator[Callable[..., list[Any]]]:
    """What answers queries over one connection, as things stand by then: to open one takes the machine longer than to answer."""
    with made.engine(database).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield lambda query, **values: list(connection.execute(sa.text(query), values).all())


def seen_in_the_ui(made: Province) -> dict[str, Any]:
    """What the orchestrator's own storage says: runs without an end, cells materialised, cells whose check is red."""
    with existing(Settings("demo", made.home)) as found:
        return _seen(found)


def _seen(found: dg.DagsterInstance) -> dict[str, Any]:
    seen: dict[str, Any] = {"materialized": {}, "refused": {}}
    statuses = [dg.DagsterRunStatus(name) for name in UNENDED]
    seen["unended"] = [r.run_id for r in found.get_runs(dg.RunsFilter(statuses=statuses))]
    for dataset in DATASETS:
        key = dg.AssetKey(["core", dataset.source.name, dataset.name])
        seen["materialized"][dataset.id] = sorted(found.get_materialized_partitions(key))
        records = found.event_log_storage.get_asset_check_execution_history(dg.AssetCheckKey(key, "cells_accepted"), limit=5000)
        latest: dict[str, bool] = {}
        for record in sorted(records, key=lambda r: r.id):
            if record.partition and record.event:
                evaluation: Any = record.event.dagster_event.event_specific_data  # ty: ignore[unresolved-attribute]
                latest[record.partition] = evaluation.passed
        seen["refused"][dataset.id] = sorted(p for p, passed in latest.items() if not passed)
    return seen


def checks_in_the_ui(made: Province) -> dict[tuple[str, str], dg.AssetCheckEvaluation]:
    """(asset, check) -> what it said last."""
    with existing(Settings("demo", made.home)) as found:
        return _checks(found)


def _checks(found: dg.DagsterInstance) -> dict[tuple[str, str], dg.AssetCheckEvaluation]:
    from pipelines.definitions import defs

    keys = list(defs.resolve_asset_graph().asset_check_keys)
    records = found.event_log_storage.get_asset_check_summary_records(keys)
    last = {key: record.last_completed_check_execution_record for key, record in records.items()}
    return {("/".join(k.asset_key.path), k.name): r.evaluation for k, r in last.items() if r is not None and r.evaluation}


def told_of_a_cell(made: Province, source: str, dataset: str, cell: str) -> dict[str, Any]:
    """What the grid shows when a cell is clicked."""
    return told_of_a_partition(made, ["core", source, dataset], cell)


def told_of_a_partition(made: Province, path: list[str], partition: str) -> dict[str, Any]:
    """The metadata of its last materialisation."""
    asked_for = dg.AssetRecordsFilter(asset_key=dg.AssetKey(path), asset_partitions=[partition])
    with existing(Settings("demo", made.home)) as found:
        records = found.fetch_materializations(asked_for, limit=1).records
    [record] = records
    materialization = record.asset_materialization
    assert materialization is not None
    return {name: told.value for name, told in materialization.metadata.items()}


def check_checks_agree(made: Province) -> None:
    """What a check says of a dataset that was read is how it stands, whatever the last night did."""
    with asking(made) as asked:
        _check_checks(checks_in_the_ui(made), asked)


def _check_checks(said: dict[tuple[str, str], dg.AssetCheckEvaluation], asked: Callable[..., list[Any]]) -> None:
    # A night of one system moves the clock's day for the cells of all; the checks of the others wait for their own night.
    read_today = """select source, dataset, last_failure from ops.datasets
        where last_pull_at > (select max(last_pull_at) from ops.datasets) - interval '6 hours'"""
    for source, name, failure in asked(read_today):
        core = f"core/{source}/{name}"
        assert said[core, "source_read"].passed == (failure is None), core
        if failure is not None:
            assert failure in (said[core, "source_read"].description or "")
            continue
        where = {"s": source, "d": name}
        open_rows = "select count(*) from quarantine.rows where source = :s and dataset = :d and resolved_at is null"
        assert [(said[core, "rows_follow_rules"].metadata["dòng bị loại"].value,)] == asked(open_rows, **where), core
        missing = asked(
            "select period, unit_code from ops.cells where source = :s and dataset = :d and status = 'missing'", **where
        )
        if (core, "all_units_submitted") in said:
            check = said[core, "all_units_submitted"]
            assert (check.passed, check.metadata["ô quá hạn"].value) == (not missing, len(missing)), core


def check_ui_agrees(made: Province) -> None:
    """Materialised if and only if some arrival was accepted; red if and only if the last one was refused; no run unended."""
    with existing(Settings("demo", made.home)) as found:
        said, seen = _checks(found), _seen(found)
    assert seen["unended"] == [], "a run is shown as running for ever"
    with asking(made) as asked:
        _check_checks(said, asked)
        cells = asked("select source, dataset, period, unit_code, first_received_at, last_outcome from ops.cells")
    for dataset in DATASETS:
        mine = [c for c in cells if (c.source, c.dataset) == (dataset.source.name, dataset.name) and c.unit_code != UNKNOWN_UNIT]
        good = sorted(f"{c.period}|{c.unit_code}" for c in mine if c.first_received_at)
        red = sorted(f"{c.period}|{c.unit_code}" for c in mine if c.last_outcome == "refused")
        assert seen["materialized"][dataset.id] == good, dataset.id
        assert seen["refused"][dataset.id] == red, dataset.id


def check_reconciled(made: Province) -> None:
    """Received = accepted + rejected; the current rows are the accepted ones, the open quarantine the rejected ones."""
    with asking(made) as asked:
        assert asked("select count(*) from ops.cells where rows_received <> rows_accepted + rows_rejected") == [(0,)]
        for dataset in DATASETS:
            where = {"source": dataset.source.name, "dataset": dataset.name}
            wrong = asked(
                f"""with current as (select period, unit_code, count(*) as n from core.{dataset.table} group by 1, 2),
                    accepted as (select period, unit_code, rows_accepted from ops.cells
                        where source = :source and dataset = :dataset and first_received_at is not null)
                select period, unit_code from accepted full join current using (period, unit_code)
                where coalesce(n, 0) <> coalesce(rows_accepted, 0)""",
                **where,
            )
            assert wrong == [], dataset.id
            quarantined = asked(
                """with kept as (select period, unit_code, count(*) as n from quarantine.rows
                    where source = :source and dataset = :dataset and resolved_at is null group by 1, 2),
                    mine as (select period, unit_code, last_outcome, rows_rejected from ops.cells
                        where source = :source and dataset = :dataset)
                select period, unit_code from mine full join kept using (period, unit_code)
                where last_outcome is distinct from 'refused' and coalesce(n, 0) <> coalesce(rows_rejected, 0)""",
                **where,
            )
            assert quarantined == [], dataset.id


def content(made: Province) -> dict[str, Any]:
    """What a night leaves behind, as hashes that two provinces with the same life must share."""
    found: dict[str, Any] = {}
    with asking(made) as asked:
        for dataset in DATASETS:
            names = ", ".join(["period", "unit_code", "row_key", *(c.name for c in dataset.columns)])
            found[dataset.id] = asked(f"select count(*), sum(hashtextextended(row({names})::text, 0)) from core.{dataset.table}")
        found["quarantine"] = asked(
            """select source, dataset, period, unit_code, row_key, failures::text from quarantine.rows where resolved_at is null
            order by 1, 2, 3, 4, 5"""
        )
        found["remarks"] = asked(
            """select source, dataset, period, unit_code, row_key, kind, rule, "column" from quarantine.remarks
            where resolved_at is null order by 1, 2, 3, 4, 5, 6, 7, 8"""
        )
        found["cells"] = asked(
            """select source, dataset, period, unit_code, status, last_outcome, rows_received, rows_accepted, rows_rejected,
            rows_warned, rows_repaired, rows_waiting, maturity from ops.cells order by 1, 2, 3, 4"""
        )
        found["reports"] = asked(
            """select distinct on (form, period) form, period, figures_hash, maturity, status from ops.report_submissions
            order by form, period, revision desc"""
        )
    with asking(made, "shared") as asked:
        tables = asked("select tablename from pg_tables where schemaname = 'open_data' and tablename <> 'releases'")
        for (table,) in sorted(tables):
            found[table] = asked(f"select count(*), sum(hashtextextended(t::text, 0)) from open_data.{table} t")
    return found


def check_nowhere(made: Province, mark: str) -> None:
    """No log, event, metadata, open table, name or file holds a mark; the embedded server and raw alone may."""
    for database in ("dagster", "shared"):
        with asking(made, database) as asked:
            tables = asked(
                "select schemaname, tablename from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
            )
            assert tables, database
            for schema, table in tables:
                held = asked(f'select count(*) from "{schema}"."{table}" t where t::text like :m', m=f"%{mark}%")
                assert held == [(0,)], table
    with asking(made) as asked:
        tables = asked("select tablename from pg_tables where schemaname = 'ops'")
        assert tables
        for (table,) in tables:
            assert asked(f"select count(*) from ops.{table} t where t::text like :m", m=f"%{mark}%") == [(0,)], table
    allowed = {made.home / "pg", made.home / "raw"}
    assert {p.name for p in made.home.iterdir()} >= {"pg", "raw", "logs", "open", "dagster"}
    for path in made.home.rglob("*"):
        if path.is_file() and not any(path.is_relative_to(a) for a in allowed):
            assert mark.encode() not in path.read_bytes(), path
        assert mark not in path.name
    log = made.home / "pg" / "log"
    assert not log.exists() or mark.encode() not in log.read_bytes()
