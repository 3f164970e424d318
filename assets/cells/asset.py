"""The factory of a dataset's raw, core and checks: one step, since a late cell must always be pulled anew.

Keys: raw/<source>/<dataset>, core/<source>/<dataset>; a partition is a cell, `period|unit`. Nothing about a particular
dataset belongs here.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping

import dagster as dg
import sqlalchemy as sa

from assets import partitions
from assets.cells import asked, checks, telling
from assets.cells.failures import NothingLoaded
from assets.cells.load import load
from assets.cells.outcome import Outcome, Request
from assets.describing import column_schema, description, owner_teams
from assets.guard import guarded
from assets.keys import core_key, raw_key
from assets.long_tags import tags_of
from assets.recording import record, targets
from assets.tags import CONFIRM, DOCUMENT, FILES, FROM, NIGHT, OFFICER, PERIODS, REASON, WHOLE
from resources.connectors import turns
from resources.failing import Failure
from resources.hub import Hub
from resources.local.laying import refuse_wrong
from resources.locks import only_one
from resources.person import correcting
from resources.warehouse.arrivals import backfills, dataset_pulls, events
from resources.warehouse.arrivals.backfills import Wish
from resources.warehouse.engine import typed
from resources.warehouse.loading import set_rules
from resources.warehouse.quarantine import standing
from schemas.dataset import Dataset
from schemas.written import grouped

log = logging.getLogger("ansinh.cells")


def pool(source: str) -> str:
    """One run at a time per source."""
    return f"source_{source}"


def cell_assets(dataset: Dataset) -> dg.AssetsDefinition:
    source, core = dataset.source, core_key(dataset)

    @dg.multi_asset(
        name=f"cells_{source.name}_{dataset.name}",
        specs=_specs(dataset),
        partitions_def=partitions.cells(dataset),
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=pool(source.name),
        check_specs=checks.check_specs(dataset, core),
    )
    def cells_of_dataset(context: dg.AssetExecutionContext) -> Iterator[object]:
        is_night = NIGHT in context.run.tags
        try:
            with guarded(context, f"nạp {dataset.id}", source.name) as silent:
                yield from _loaded(context, dataset, silent)
        except dg.Failure as failure:
            if is_night:
                yield from _unread(dataset, core, failure.description or "", is_of_all=PERIODS not in context.run.tags)
            raise
        if is_night:
            # Asset events of such a run are deferred (its tag says so): these outputs only let the next step begin.
            for key in (raw_key(dataset), core):
                yield dg.Output(None, key.to_python_identifier())

    return cells_of_dataset


def _specs(dataset: Dataset) -> list[dg.AssetSpec]:
    """Raw and core."""
    source, raw, owner = dataset.source, raw_key(dataset), owner_teams(dataset.source.name)
    return [
        dg.AssetSpec(
            raw,
            description=f"{dataset.title}: dữ liệu gốc như nguồn gửi, không sửa, lưu Parquet theo từng lần lấy.",
            group_name=source.name,
            owners=owner,
            kinds={"postgres", "parquet"},
            skippable=True,
        ),
        dg.AssetSpec(
            core_key(dataset),
            deps=[raw],
            description=description(dataset),
            group_name=source.name,
            owners=owner,
            kinds={"postgres"},
            metadata={"dagster/column_schema": column_schema(dataset), "dagster/table_name": f"core.{dataset.table}"},
            skippable=True,
        ),
    ]


def _loaded(context: dg.AssetExecutionContext, dataset: Dataset, silent: Failure | None) -> Iterator[object]:
    """Load what the run asks for, and tell of it. Raises why the main road could not be read, once what came beside it is told."""
    refuse_wrong(dataset.source.name)
    hub, core = Hub.open(), core_key(dataset)
    request = request_of(context, dataset)
    outcome = run_cells(hub, dataset, request, tags_of(context.run), silent=silent)
    if outcome.failure is not None:
        if outcome.cells:
            yield from _events(context, hub, dataset)
        raise outcome.failure
    yield from _events(context, hub, dataset)
    yield from checks.results(hub, dataset, core, outcome, checks.wrong_before(context.instance, core))
    wanted = [cell for cell in outcome.cells if request.by_hand and request.names(cell)]
    if wanted and not any(cell in outcome.loaded() for cell in wanted):
        first = wanted[0]
        raise NothingLoaded(
            dataset=dataset.id,
            count=len(wanted),
            cell=f"{first.period}|{first.unit}",
            reason=first.reason or first.outcome,
        )


def request_of(context: dg.AssetExecutionContext, dataset: Dataset) -> Request:
    """What the run was asked for, from its tags."""
    tags = tags_of(context.run)
    periods = frozenset(tags[PERIODS].split(";")) if tags.get(PERIODS) else None
    cells = asked.cells_of(dataset, tags)
    return Request(
        context.run.run_id,
        cells,
        by_hand=cells is not None,
        periods=periods,
        from_raw=tags.get(FROM) == "raw",
        confirm_shrink=tags.get(CONFIRM) == "shrink",
        whole=WHOLE in tags,
        files_alone=FILES in tags,
    )


def run_cells(
    hub: Hub,
    dataset: Dataset,
    request: Request,
    tags: Mapping[str, str],
    make_up: Callable[..., object] = set_rules.make_up,
    silent: Failure | None = None,
) -> Outcome:
    """Load the cells, then run the rules over sets that read them (`make_up`).

    What kept the main road from being read is told by the outcome, and kept with the dataset and the request: what units sent beside
    it is loaded all the same. `silent`: it does not answer, as is known already. Raises ReasonMissing.
    """
    source, outcome = dataset.source, Outcome(dataset)
    if request.cells is not None:
        asked.refuse_without_reason(dataset, request.cells, tags, hub.now())
        # Before anything is loaded: whoever is killed has failed, and has said why.
        with hub.warehouse.engine.begin() as connection:
            _record_backfills(connection, hub, dataset, request, tags, outcome)
    try:
        with only_one(hub.warehouse.engine, f"source.{source.name}", seconds=turns.patience(source.limits).reading):
            hub.raw.drop_left_over(source.name, dataset.name)
            outcome = load(hub, dataset, request, silent)
    except Exception as error:
        outcome.failure = typed(f"nạp {dataset.id}", error)
    if outcome.failure is not None:
        with contextlib.suppress(sa.exc.DBAPIError), hub.warehouse.engine.begin() as connection:
            if request.is_of_all:
                dataset_pulls.dataset_pulled(connection, dataset, hub.now(), str(outcome.failure))
            _record_backfills(connection, hub, dataset, request, tags, outcome)
        if not outcome.cells:
            return outcome
    for period, unit in outcome.missed:
        log.warning("%s: ô %s|%s khác bản đang giữ dù nguồn báo không đổi; đã nạp lại cả ô", dataset.id, period, unit)
    with only_one(hub.warehouse.engine, "findings"), hub.warehouse.engine.begin() as connection:
        loaded = {c.period for c in outcome.loaded()}
        before = standing.lines(connection)
        make_up(connection, dataset, loaded, hub.now(), hub.today(), was_examined=outcome.rows_examined > 0)
        correcting.settle_where_known(hub.settings, connection, hub.now())
        outcome.changed_beside = [d for d in standing.changed(before, standing.lines(connection)) if d is not dataset]
        backfills.make_up(connection, dataset, request.run_id)
        _record_backfills(connection, hub, dataset, request, tags, outcome)
    log.info(
        "%s, %s: %s ô được nạp, %s ô bị từ chối, %s dòng nhận, %s dòng loại%s",
        dataset.source.label,
        dataset.title,
        grouped(len(outcome.loaded())),
        grouped(len(outcome.refused())),
        grouped(sum(c.accepted for c in outcome.cells)),
        grouped(sum(c.rejected for c in outcome.cells)),
        f", {grouped(sum(outcome.waiting.values()))} dòng chờ ở kỳ đã khóa" if outcome.waiting else "",
    )
    return outcome


def _record_backfills(
    connection: sa.Connection, hub: Hub, dataset: Dataset, request: Request, tags: Mapping[str, str], outcome: Outcome
) -> None:
    """Keep why cells were run by hand and what became of each."""
    if not request.by_hand:
        return
    became = {(c.period, c.unit): c.outcome for c in outcome.cells}
    wanted = {cell: became.get(cell, "failed") for cell in sorted(request.cells or ())}
    by = Wish(
        tags.get(OFFICER, "").strip() or backfills.UNNAMED,
        tags.get(REASON, "").strip() or backfills.IN_TIME,
        tags.get(DOCUMENT, "").strip() or None,
    )
    backfills.record(connection, dataset, request.run_id, hub.now(), by, wanted)


def _events(context: dg.AssetExecutionContext, hub: Hub, dataset: Dataset) -> Iterator[object]:
    """Tell the orchestrator of every arrival it has not heard of: this run's, and those of a run that was killed before."""
    core = core_key(dataset)
    with hub.warehouse.engine.connect() as connection:
        cells = events.unshown(connection, dataset)
    for of_one_asset in telling.materializations(dataset, cells, hub.today()):
        record(context, of_one_asset)
    judged = telling.judged(cells)
    latest = targets(context.instance, core, [str(k) for k, c in judged if c.outcome != "refused"])
    for key, cell in judged:
        yield telling.verdict(dataset, key, cell, latest)
    with hub.warehouse.engine.begin() as connection:
        events.mark_shown(connection, cells)


def _unread(dataset: Dataset, core: dg.AssetKey, failure: str, *, is_of_all: bool) -> Iterator[dg.AssetCheckEvaluation]:
    """Turn the dataset red in the night that failed, and keep why: what a step that never began would not have kept."""
    with contextlib.suppress(sa.exc.DBAPIError, Failure):  # where the warehouse itself is gone, nobody can be told by it
        hub = Hub.open()
        if is_of_all:
            with hub.warehouse.engine.begin() as connection:
                dataset_pulls.dataset_pulled(connection, dataset, hub.now(), failure)
        yield from checks.unread(hub, dataset, core, failure)
