"""The factory of a dataset's raw, core and checks: one step, since a late cell must always be pulled anew.

Keys: raw/<source>/<dataset>, core/<source>/<dataset>; a partition is a cell, `period|unit`. Nothing about a particular
dataset belongs here.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dagster as dg
import sqlalchemy as sa

from assets import partitions
from assets.cells import asked
from assets.cells.outcome import Outcome, Request
from assets.cells.run import revalidate_dataset, sync_dataset
from assets.describing import column_schema, description, owner_teams
from assets.guard import guarded
from assets.recording import record, targets
from assets.refusals import NothingLoaded
from assets.tags import CONFIRM, DOCUMENT, FROM, NIGHT, OFFICER, PERIODS, REASON, WHOLE
from resources.connectors.connect import connect
from resources.connectors.failures import SourceUnconfigured
from resources.hub import Hub
from resources.locks import only_one
from resources.warehouse import backfills, events, ledger, set_rules
from resources.warehouse.backfills import Wish
from resources.warehouse.engine import typed
from resources.warehouse.tracker import unreconciled
from schemas.dataset import UNKNOWN_UNIT, Dataset
from schemas.written import grouped

log = logging.getLogger("ansinh.cells")


def pool(source: str) -> str:
    """One run at a time per source."""
    return f"source_{source}"


def cell_assets(dataset: Dataset) -> dg.AssetsDefinition:
    source = dataset.source
    raw, core = dg.AssetKey(["raw", source.name, dataset.name]), dg.AssetKey(["core", source.name, dataset.name])
    owner = owner_teams(source.name)
    cells = partitions.cells(dataset)

    @dg.multi_asset(
        name=f"cells_{source.name}_{dataset.name}",
        specs=[
            dg.AssetSpec(
                raw,
                description=f"{dataset.title}: dữ liệu gốc như nguồn gửi, không sửa, lưu Parquet theo từng lần lấy.",
                group_name=source.name,
                owners=owner,
                kinds={"postgres", "parquet"},
                skippable=True,
            ),
            dg.AssetSpec(
                core,
                deps=[raw],
                description=description(dataset),
                group_name=source.name,
                owners=owner,
                kinds={"postgres"},
                metadata={"dagster/column_schema": column_schema(dataset), "dagster/table_name": f"core.{dataset.table}"},
                skippable=True,
            ),
        ],
        partitions_def=cells,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=pool(source.name),
        check_specs=[
            dg.AssetCheckSpec(
                "cells_accepted",
                asset=core,
                description="Lần đến gần nhất của mọi ô được nhận: đúng cấu trúc, trong mức cho phép, không hụt bất thường.",
            ),
            dg.AssetCheckSpec(
                "rows_follow_rules",
                asset=core,
                description="Số dòng bị loại, cảnh báo, sửa theo từng cột và quy tắc.",
            ),
            dg.AssetCheckSpec(
                "counts_reconcile",
                asset=core,
                description="Số dòng nhận = số dòng được chấp nhận + số dòng bị loại, và bản hiện hành đúng bằng số được chấp nhận; đêm "
                "đối soát cả tuần: các lần lấy phần thay đổi không bỏ sót ô nào.",
            ),
        ],
    )
    def cells_of_dataset(context: dg.AssetExecutionContext) -> Iterator[object]:
        with guarded(context, f"nạp {dataset.id}", source.name):
            hub = Hub.open()
            request = request_of(context, dataset)
            outcome = run_cells(hub, dataset, request, context.run.tags)
            yield from _events(context, hub, dataset, raw, core, outcome)
            if request.is_manual and outcome.cells and not outcome.loaded():
                first = outcome.cells[0]
                raise NothingLoaded(
                    dataset=dataset.id,
                    count=len(outcome.cells),
                    cell=f"{first.period}|{first.unit}",
                    reason=first.reason or first.outcome,
                )
        if NIGHT in context.run.tags:
            # Asset events of such a run are deferred (its tag says so): these outputs only let the next step begin.
            for key in (raw, core):
                yield dg.Output(None, key.to_python_identifier())

    return cells_of_dataset


def request_of(context: dg.AssetExecutionContext, dataset: Dataset) -> Request:
    """What the run was asked for, from its tags."""
    tags = context.run.tags
    periods = frozenset(tags[PERIODS].split(";")) if tags.get(PERIODS) else None
    return Request(
        context.run.run_id,
        asked.cells_of(dataset, tags),
        periods,
        from_raw=tags.get(FROM) == "raw",
        confirm_shrink=tags.get(CONFIRM) == "shrink",
        whole=WHOLE in tags,
    )


def run_cells(
    hub: Hub,
    dataset: Dataset,
    request: Request,
    tags: Mapping[str, str],
    make_up: Callable[..., object] = set_rules.make_up,
) -> Outcome:
    """Load the cells, then run the rules over sets that read them (`make_up`).

    A failure is kept with the dataset and the request. Raises ReasonMissing, and what loading declares.
    """
    source = dataset.source
    if request.cells is not None:
        asked.refuse_without_reason(dataset, request.cells, tags, hub.now())
    try:
        with only_one(hub.warehouse.engine, f"source.{source.name}"):
            hub.raw.drop_left_over(source.name, dataset.name)
            outcome = _loaded(hub, dataset, request)
    except Exception as error:
        failure = typed(f"nạp {dataset.id}", error)
        with contextlib.suppress(sa.exc.DBAPIError), hub.warehouse.engine.begin() as connection:
            if request.is_of_all:
                ledger.dataset_pulled(connection, dataset, hub.now(), str(failure))
            _record_backfills(connection, hub, dataset, request, tags, None)
        raise failure from None
    for period, unit in outcome.missed:
        log.warning("%s: ô %s|%s khác bản đang giữ dù nguồn báo không đổi; đã nạp lại cả ô", dataset.id, period, unit)
    with only_one(hub.warehouse.engine, "findings"), hub.warehouse.engine.begin() as connection:
        loaded = {c.period for c in outcome.loaded()}
        make_up(connection, dataset, loaded, hub.now(), hub.today(), was_examined=outcome.rows_examined > 0)
        _record_backfills(connection, hub, dataset, request, tags, outcome)
    log.info(
        "%s: %s ô được nạp, %s ô bị từ chối, %s dòng nhận, %s dòng loại%s",
        dataset.id,
        grouped(len(outcome.loaded())),
        grouped(len(outcome.refused())),
        grouped(sum(c.accepted for c in outcome.cells)),
        grouped(sum(c.rejected for c in outcome.cells)),
        f", {grouped(sum(outcome.waiting.values()))} dòng chờ ở kỳ đã khóa" if outcome.waiting else "",
    )
    return outcome


def _loaded(hub: Hub, dataset: Dataset, request: Request) -> Outcome:
    if request.from_raw:
        return revalidate_dataset(hub, dataset, request)
    if hub.settings.source_url(dataset.source.name) is None:
        raise SourceUnconfigured(dataset=dataset.id, environment=dataset.source.environment)
    with connect(dataset.source, hub.settings) as connector:
        return sync_dataset(hub, dataset, connector, request)


def _record_backfills(
    connection: sa.Connection, hub: Hub, dataset: Dataset, request: Request, tags: Mapping[str, str], outcome: Outcome | None
) -> None:
    """Keep why cells were run by hand and what became of each; `outcome` None: the run failed."""
    if not request.is_manual:
        return
    became = {(c.period, c.unit): c.outcome for c in outcome.cells} if outcome else {}
    wanted = {cell: became.get(cell, "failed") for cell in sorted(request.cells or ())}
    by = Wish(
        tags.get(OFFICER, "").strip() or backfills.UNNAMED,
        tags.get(REASON, "").strip() or backfills.IN_TIME,
        tags.get(DOCUMENT, "").strip() or None,
    )
    backfills.record(connection, dataset, request.run_id, hub.now(), by, wanted)


def _events(
    context: dg.AssetExecutionContext, hub: Hub, dataset: Dataset, raw: dg.AssetKey, core: dg.AssetKey, outcome: Outcome
) -> Iterator[object]:
    """Tell the orchestrator of every arrival it has not heard of: this run's, and those of a run that was killed before."""
    with hub.warehouse.engine.connect() as connection:
        cells = events.unshown(connection, dataset)
    grid = [(partitions.cell_key(c.period, c.unit), c) for c in cells if c.unit != UNKNOWN_UNIT]
    good = [(key, cell, cell.accepted) for key, cell in grid if cell.accepted is not None]
    pulled = [dg.AssetMaterialization(raw, partition=k, metadata={"rows_pulled": a.rows_pulled}) for k, _, a in good]
    record(context, pulled)
    record(context, [dg.AssetMaterialization(core, partition=k, metadata=_cell_metadata(context, a)) for k, _, a in good])
    # A cell's own check is red while its last arrival was refused. One that was never refused needs no green one: each
    # such event costs more than loading the cell.
    judged = [(k, c) for k, c in grid if c.outcome == "refused" or c.was_refused]
    latest = targets(context, core, [str(k) for k, c in judged if c.outcome != "refused"])
    for key, cell in judged:
        yield dg.AssetCheckEvaluation(
            asset_key=core,
            check_name="cells_accepted",
            passed=cell.outcome != "refused",
            severity=dg.AssetCheckSeverity.ERROR,
            description=cell.reason,
            metadata={"rows_received": dg.MetadataValue.int(cell.rows_received)},
            partition=key,
            target_materialization_data=latest.get(str(key)),
        )
    with hub.warehouse.engine.begin() as connection:
        events.mark_shown(connection, cells)
    yield from _summaries(hub, dataset, core, outcome)


def _summaries(hub: Hub, dataset: Dataset, core: dg.AssetKey, outcome: Outcome) -> Iterator[dg.AssetCheckResult]:
    # Of the whole dataset, not of this run alone: a run over one cell must not turn another refused cell's red to green.
    with hub.warehouse.engine.connect() as connection:
        refused = ledger.refused_cells(connection, dataset.source.name, dataset.name)
    yield dg.AssetCheckResult(
        passed=not refused,
        asset_key=core,
        check_name="cells_accepted",
        description="; ".join(f"{c.period}|{c.unit_code}: {c.reason}" for c in refused[:5]) or None,
        metadata={
            "cells_loaded": sum(c.unit != UNKNOWN_UNIT for c in outcome.loaded()),
            "cells_refused": len(refused),
            "rows_waiting": sum(outcome.waiting.values()),
            **({"submission_log": outcome.log_told} if outcome.log_told else {}),
            "refused": dg.TableMetadataValue(
                [
                    dg.TableRecord({"cell": f"{c.period}|{c.unit_code}", "rows": c.rows_received, "reason": c.reason or ""})
                    for c in refused
                ],
                dg.TableSchema([dg.TableColumn("cell"), dg.TableColumn("rows", "int"), dg.TableColumn("reason")]),
            ),
        },
    )
    counts = sorted(outcome.failures.items(), key=lambda item: (-item[1], item[0]))
    yield dg.AssetCheckResult(
        passed=not any(c.rejected for c in outcome.cells),
        asset_key=core,
        check_name="rows_follow_rules",
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "rows_examined": outcome.rows_examined,
            "columns_examined": outcome.columns,
            "rules_examined": outcome.rules,
            "rows_rejected": sum(c.rejected for c in outcome.cells),
            "by_rule": dg.TableMetadataValue(
                [dg.TableRecord({"column": column, "rule": rule, "rows": rows}) for (column, rule), rows in counts],
                dg.TableSchema([dg.TableColumn("column"), dg.TableColumn("rule"), dg.TableColumn("rows", "int")]),
            ),
        },
    )
    with hub.warehouse.engine.connect() as connection:
        wrong = unreconciled(connection, dataset, sorted({c.period for c in outcome.loaded()}))
        before_first = ledger.before_first(connection, dataset.source.name).get(dataset.name, 0)
    missed = [f"{period}|{unit}" for period, unit in outcome.missed]
    told = [f"{len(wrong)} ô có số dòng không khớp: {', '.join(wrong[:10])}"] if wrong else []
    if missed:
        told.append(
            f"{len(missed)} ô khác bản đang giữ dù nguồn báo không đổi, đã nạp lại cả ô: {', '.join(missed[:10])}; báo người phát triển"
        )
    yield dg.AssetCheckResult(
        passed=not told,
        asset_key=core,
        check_name="counts_reconcile",
        description="; ".join(told) or None,
        metadata={
            "cells_wrong": len(wrong),
            "cells_missed_by_increments": len(missed),
            "rows_before_first_period": before_first,
        },
    )


def _cell_metadata(context: dg.AssetExecutionContext, arrival: sa.Row) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "dagster/partition_row_count": arrival.rows_accepted,
        "rows_received": arrival.rows_received,
        "rows_accepted": arrival.rows_accepted,
        "rows_rejected": arrival.rows_rejected,
        "received_at": dg.MetadataValue.timestamp(arrival.received_at),
    }
    if arrival.marked_rows is not None and arrival.marked_rows != arrival.rows_received:
        metadata["warning"] = f"Sổ nộp ghi {arrival.marked_rows} dòng, nguồn có {arrival.rows_received} dòng."
    for tag in (REASON, OFFICER, DOCUMENT):
        if arrival.run_id == context.run.run_id and context.run.tags.get(tag):
            metadata[tag.removeprefix("ansinh/")] = context.run.tags[tag]
    return metadata
