"""The factory of a system's open tables: keys open/<source>/<table>, partitioned by period alone.

Tables whose periods are of one kind are one step. The work is assets/open/publish.py; nothing about a particular table
belongs here.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import dagster as dg

from assets import partitions
from assets.cells.asset import pool
from assets.cells.checks import INPUTS_READ, inputs_read
from assets.describing import KIND, owner_teams
from assets.guard import guarded
from assets.keys import core_key, open_key
from assets.long_tags import whole
from assets.open.failures import WITHOUT_DECISION, NoPlaceToPublish, NoRoundingSecret, NothingOpen, NotPublished
from assets.open.publish import Published, publish
from assets.open.tables import period_kind, table_name, tables_of
from assets.recording import record
from assets.tags import CORRECTION, NIGHT, PERIODS
from resources.hub import Hub
from resources.local.laying import refuse_wrong
from resources.servers import connecting
from resources.warehouse.arrivals import dataset_pulls
from schemas import local
from schemas.dataset import Dataset, Kind, Source
from schemas.projections.open import description, open_columns
from schemas.release import Decision, OpenTable, Refusal, decision_in_force
from schemas.rounding import COUNTED

log = logging.getLogger("ansinh.open")

MATCHES = "matches_core_totals"


def open_assets(source: Source) -> list[dg.AssetsDefinition]:
    """One step for each kind of period that the system's open tables have."""
    by_kind: dict[Kind, list[tuple[Dataset, OpenTable]]] = defaultdict(list)
    for dataset, table in tables_of(source):
        by_kind[period_kind(dataset)].append((dataset, table))
    return [_open_step(source, kind, tables) for kind, tables in by_kind.items()]


def _open_step(source: Source, kind: Kind, tables: Sequence[tuple[Dataset, OpenTable]]) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=f"open_{source.name}_{kind}",
        specs=[_spec(source, dataset, table) for dataset, table in tables],
        partitions_def=partitions.together(kind, (dataset for dataset, _ in tables)),
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=pool(source.name),
        check_specs=[spec for _, table in tables for spec in _check_specs(open_key(source.name, table.name))],
    )
    def open_tables(context: dg.AssetExecutionContext) -> Iterator[object]:
        with guarded(context, f"công bố số liệu mở của {source.name}", "shared") as silent:
            if silent is not None:
                raise silent
            yield from _opened(context, source, kind, tables)

    return open_tables


def _opened(
    context: dg.AssetExecutionContext, source: Source, kind: str, tables: Sequence[tuple[Dataset, OpenTable]]
) -> Iterator[object]:
    refuse_wrong(source.name, local.OPEN)
    hub = Hub.open()
    keys = {table_name(d, t): open_key(source.name, t.name) for d, t in tables}
    read = inputs(hub, [d for d, _ in tables])
    for key in keys.values():
        yield dg.AssetCheckResult(asset_key=key, check_name=INPUTS_READ, **read)
    granted = decision_in_force(hub.settings.release_decision, hub.today(), hub.settings.is_demo)
    url, secret = hub.settings.shared_url(), hub.settings.rounding_secret()
    if url is None or secret is None or not isinstance(granted, Decision):
        why = str(_held_back(url, granted)(source=source.name))
        log.warning(why)
        yield from (_check(key, False, why, warn=True) for key in keys.values())
        return
    asked = asked_periods(context)
    # What follows a late cell carries a night's tag for the reports; it comes when somebody does, not when the clock says.
    is_night = NIGHT in context.run.tags and CORRECTION not in context.run.tags
    done = {p.name: p for p in _publish(hub, url, source, kind, asked, granted, secret, is_night=is_night)}
    for name, key in keys.items():
        _record(context, key, done[name])
        yield verdict(key, done[name])
    moved = sorted({p for d in done.values() for p in d.periods})
    releases = sum(d.is_new for d in done.values())
    told = f"{source.label}, số liệu mở {KIND[kind]}"
    log.info(f"{told}: {len(moved)} kỳ tính lại, {releases} trên {len(done)} bảng có bản mới")
    for waits in dict.fromkeys(filter(None, (_waits(d) for d in done.values()))):
        log.info(f"{told}: {waits}")
    by_hand = not {NIGHT, CORRECTION} & context.run.tags.keys()
    if asked and by_hand and not any(set(asked) & {*d.standing, *d.waiting} for d in done.values()):
        raise NothingOpen(source=source.name, periods=", ".join(asked))


def inputs(hub: Hub, datasets: Iterable[Dataset]) -> dict[str, Any]:
    """Whether what a step of open tables reads could be read, as their check says it."""
    with hub.warehouse.engine.connect() as connection:
        return inputs_read({d: dataset_pulls.why_unread(connection, d) for d in dict.fromkeys(datasets)})


def _held_back(url: str | None, granted: Decision | Refusal) -> type[NotPublished]:
    """Why nothing is published: one thing at a time, in the order in which it is set up."""
    if url is None:
        return NoPlaceToPublish
    return NoRoundingSecret if isinstance(granted, Decision) else WITHOUT_DECISION[granted]


def _spec(source: Source, dataset: Dataset, table: OpenTable) -> dg.AssetSpec:
    register = dataset.kind == "register"
    return dg.AssetSpec(
        open_key(source.name, table.name),
        deps=[
            dg.AssetDep(
                core_key(dataset),
                # A register has one period; each month shows what it said then.
                partition_mapping=dg.AllPartitionMapping() if register else dg.MultiToSingleDimensionPartitionMapping("period"),
            )
        ],
        description=description(dataset, table),
        group_name=source.name,
        owners=owner_teams(source.name),
        kinds={"postgres", "csv", "excel", "parquet"},
        metadata={
            "dagster/column_schema": dg.TableSchema(
                [
                    dg.TableColumn(
                        c.name,
                        c.sql_type,
                        description=f"{c.title}: {c.description}",
                        constraints=dg.TableColumnConstraints(nullable=c.nullable),
                    )
                    for c in open_columns(dataset, table)
                ]
            ),
            "dagster/table_name": f"open_data.{table_name(dataset, table)}",
        },
        skippable=True,
    )


def _check_specs(key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    claims = {
        MATCHES: "Mỗi tổng đã công bố nằm trong giới hạn làm tròn của tổng tính lại từ dữ liệu đã được chấp nhận, tại đúng thời điểm "
        "của bản công bố.",
        INPUTS_READ: "Đêm gần nhất đọc được mọi bộ dữ liệu cần cho lượt công bố; nếu không, bảng giữ nguyên bản công bố trước.",
    }
    return [dg.AssetCheckSpec(name, asset=key, description=claim) for name, claim in claims.items()]


def asked_periods(context: dg.AssetExecutionContext) -> list[str] | None:
    """The periods of a run by hand or after a late cell; None in a night that names none: all that changed."""
    tags = context.run.tags
    if NIGHT not in tags and (context.has_partition_key or context.has_partition_key_range):
        return list(context.partition_keys)
    return whole(tags)[PERIODS].split(";") if tags.get(PERIODS) else None


def _publish(
    hub: Hub,
    url: str,
    source: Source,
    kind: str,
    periods: list[str] | None,
    decision: Decision,
    secret: bytes,
    *,
    is_night: bool,
) -> list[Published]:
    shared, home = connecting.engine(url), hub.settings.home
    try:
        return publish(
            hub.warehouse.engine,
            shared,
            home,
            source,
            periods,
            hub.now,
            decision,
            secret,
            is_night=is_night,
            kind=kind,
        )
    finally:
        shared.dispose()


def _record(context: dg.AssetExecutionContext, key: dg.AssetKey, done: Published) -> None:
    """Mark the periods that were made anew; in a run for a period also one that stands as it should."""
    asked = asked_periods(context) or []
    untold = set(done.standing) - context.instance.get_materialized_partitions(key)  # of a run that was killed
    moved = sorted(set(done.periods) | (set(asked) & set(done.standing)) | untold)
    record(context, told(key, done, moved))


def told(key: dg.AssetKey, done: Published, periods: Iterable[str]) -> list[dg.AssetMaterialization]:
    """What the orchestrator is told of these periods of a table."""
    return [dg.AssetMaterialization(key, partition=period, metadata=_metadata(done, period)) for period in periods]


def _metadata(done: Published, period: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "dagster/row_count": done.rows,
        "bản mới": "có" if done.is_new else "không",
        **{title: done.statuses.get(status, 0) for status, title in COUNTED.items()},
    }
    if done.release:
        metadata |= {
            "số thứ tự của bản": done.release.version,
            "quyết định công bố": done.release.decision,
            "mã băm SHA-256": done.release.sha256,
            "thay đổi": done.release.changes,
            "mức độ hoàn chỉnh": done.release.maturity_note or "mọi kỳ chính thức",
        }
    if period in done.waiting:
        waits = done.waiting[period]
        metadata |= {"số đơn vị chờ": waits.units, "chờ đến đêm": f"{waits.until:%d/%m/%Y}"}
    return metadata


def _waits(done: Published) -> str | None:
    """What is held back, and until when."""
    told = "; ".join(f"kỳ {p}: {w.units} đơn vị, đến đêm {w.until:%d/%m/%Y}" for p, w in sorted(done.waiting.items()))
    return f"Số mới chờ đến lượt công bố hoặc đính chính sau ({told})" if told else None


def verdict(key: dg.AssetKey, done: Published) -> dg.AssetCheckResult:
    """Whether the figures of a table hold, as far as this run made any."""
    wrong = ", ".join(done.unmatched)
    periods = {"kỳ đã xét": len(done.standing), "kỳ tính lại trong lượt này": len(done.periods)}
    if wrong:
        why = f"Số đã công bố vượt giới hạn làm tròn so với dữ liệu của trung tâm ở kỳ {wrong}."
        return _check(key, False, why, periods)
    return _check(key, True, _waits(done), periods)


def _check(
    key: dg.AssetKey, passed: bool, why: str | None = None, metadata: dict[str, int] | None = None, warn: bool = False
) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity.WARN if warn else dg.AssetCheckSeverity.ERROR
    return dg.AssetCheckResult(
        passed=passed, asset_key=key, check_name=MATCHES, description=why, metadata=metadata or {}, severity=severity
    )


__all__ = ["asked_periods", "open_assets", "publish"]
