"""The factory of a system's open tables: keys open/<source>/<table>, partitioned by period alone.

Tables whose periods are of one kind are one step: they are decided together, since a total of one can give away a cell
of another. The work is assets/open/publish.py; nothing about a particular table belongs here.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from assets import partitions
from assets.cells.asset import pool
from assets.describing import owner_teams
from assets.guard import guarded
from assets.open.figures import period_kind, table_name, tables_of
from assets.open.publish import Published, Reveals, publish
from assets.recording import record
from assets.refusals import WITHOUT_DECISION, NoPlaceToPublish, NothingOpen
from assets.tags import CORRECTION, NIGHT, PERIODS
from resources import connecting
from resources.hub import Hub
from schemas.dataset import Dataset, Source
from schemas.release import Decision, OpenTable, decision_in_force
from schemas.to_open import description, open_columns

log = logging.getLogger("ansinh.open")

REVEALS, MATCHES = "no_cell_reveals_a_person", "matches_core_totals"


def open_key(source: str, table: OpenTable | str) -> dg.AssetKey:
    return dg.AssetKey(["open", source, table if isinstance(table, str) else table.name])


def open_assets(source: Source) -> list[dg.AssetsDefinition]:
    """One step for each kind of period that the system's open tables have."""
    by_kind: dict[str, list[tuple[Dataset, OpenTable]]] = defaultdict(list)
    for dataset, table in tables_of(source):
        by_kind[period_kind(dataset)].append((dataset, table))
    return [_open_step(source, kind, tables) for kind, tables in by_kind.items()]


def _open_step(source: Source, kind: str, tables: Sequence[tuple[Dataset, OpenTable]]) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=f"open_{source.name}_{kind}",
        specs=[_spec(source, dataset, table) for dataset, table in tables],
        partitions_def=partitions.period_partitions(kind),
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=pool(source.name),
        check_specs=[spec for _, table in tables for spec in _check_specs(open_key(source.name, table))],
    )
    def open_tables(context: dg.AssetExecutionContext) -> Iterator[object]:
        with guarded(context, f"công bố số liệu mở của {source.name}", "shared"):
            yield from _opened(context, source, kind, tables)

    return open_tables


def _opened(
    context: dg.AssetExecutionContext, source: Source, kind: str, tables: Sequence[tuple[Dataset, OpenTable]]
) -> Iterator[object]:
    hub = Hub.open()
    keys = {table_name(d, t): open_key(source.name, t) for d, t in tables}
    granted = decision_in_force(hub.settings.release_decision, hub.today(), hub.settings.is_demo)
    url = hub.settings.shared_url()
    if url is None or not isinstance(granted, Decision):
        held_back = NoPlaceToPublish if url is None or isinstance(granted, Decision) else WITHOUT_DECISION[granted]
        why = str(held_back(source=source.name))
        log.warning(why)
        yield from (_check(key, name, False, why, warn=True) for key in keys.values() for name in (REVEALS, MATCHES))
        return
    try:
        done = {p.name: p for p in _publish(hub, url, source, kind, asked_periods(context), granted)}
    except Reveals as reveals:
        seen = {v.table for v in reveals.violations}
        for name, key in keys.items():
            yield _check(key, REVEALS, name not in seen, str(reveals) if name in seen else None)
            yield _check(key, MATCHES, False, "Chưa công bố nên chưa đối chiếu.")
        raise
    for name, key in keys.items():
        _record(context, key, done[name])
        yield from _results(key, done[name])
    moved = sorted({p for d in done.values() for p in d.periods})
    releases = sum(d.is_new for d in done.values())
    log.info(f"open.{source.name} ({kind}): {len(moved)} kỳ tính lại, {releases} trên {len(done)} bảng có bản mới")
    asked = asked_periods(context)
    if (
        asked
        and not {NIGHT, CORRECTION} & context.run.tags.keys()
        and not any(set(asked) & set(d.standing) for d in done.values())
    ):
        raise NothingOpen(source=source.name, periods=", ".join(asked))


def _spec(source: Source, dataset: Dataset, table: OpenTable) -> dg.AssetSpec:
    register = dataset.kind == "register"
    return dg.AssetSpec(
        open_key(source.name, table),
        deps=[
            dg.AssetDep(
                dg.AssetKey(["core", source.name, dataset.name]),
                # A register has one period; each month shows what it said then.
                partition_mapping=dg.AllPartitionMapping() if register else dg.MultiToSingleDimensionPartitionMapping("period"),
            )
        ],
        description=description(dataset, table),
        group_name=source.name,
        owners=owner_teams(source.name),
        kinds={"postgres", "csv", "parquet"},
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
    return [
        dg.AssetCheckSpec(
            REVEALS,
            asset=key,
            description="Từ mọi bảng đã công bố của kỳ, không tính ra được ô bị ẩn: ô ẩn có thể từ 1 trở xuống đến 5 trở lên.",
        ),
        dg.AssetCheckSpec(
            MATCHES, asset=key, description="Tổng số của bảng bằng tổng tính lại từ dữ liệu đã được chấp nhận của trung tâm."
        ),
    ]


def asked_periods(context: dg.AssetExecutionContext) -> list[str] | None:
    """The periods of a run by hand or after a late cell; None in a night that names none: all that changed."""
    tags = context.run.tags
    if NIGHT not in tags and (context.has_partition_key or context.has_partition_key_range):
        return list(context.partition_keys)
    return tags[PERIODS].split(";") if tags.get(PERIODS) else None


def _publish(hub: Hub, url: str, source: Source, kind: str, periods: list[str] | None, decision: Decision) -> list[Published]:
    engine = connecting.engine(url)
    try:
        return publish(hub.warehouse.engine, engine, hub.settings.home, source, periods, hub.now(), decision, kind)
    finally:
        engine.dispose()


def _record(context: dg.AssetExecutionContext, key: dg.AssetKey, done: Published) -> None:
    """Mark the periods that were decided anew; in a run for a period also one that stands as it should."""
    asked = asked_periods(context) or []
    untold = set(done.standing) - context.instance.get_materialized_partitions(key)  # of a run that was killed
    moved = sorted(set(done.periods) | (set(asked) & set(done.standing)) | untold)
    record(context, [dg.AssetMaterialization(key, partition=p, metadata=_metadata(done, p)) for p in moved])


def _metadata(done: Published, period: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "dagster/row_count": done.rows,
        "cells_hidden": done.hidden,
        "cells_with_a_figure": done.cells,
        "is_new_release": done.is_new,
    }
    if done.release:
        metadata |= {
            "version": done.release.version,
            "decision": done.release.decision,
            "sha256": done.release.sha256,
            "maturity_note": done.release.maturity_note or "mọi kỳ chính thức",
        }
    if period in done.held:
        metadata["units_held"] = ", ".join(done.held[period])
    return metadata


def _results(key: dg.AssetKey, done: Published) -> Iterator[dg.AssetCheckResult]:
    examined = {"periods_examined": len(done.periods)}
    held = "; ".join(f"{p}: {', '.join(units)}" for p, units in done.held.items())
    yield _check(
        key,
        REVEALS,
        True,
        f"Giữ số của bản trước, vì thay đổi quá nhỏ để công bố mà không lộ: {held}." if held else None,
        examined | {"cells_hidden": done.hidden, "cells_with_a_figure": done.cells},
    )
    wrong = ", ".join(done.unmatched)
    yield _check(key, MATCHES, not wrong, f"Tổng khác với dữ liệu của trung tâm ở kỳ {wrong}." if wrong else None, examined)


def _check(
    key: dg.AssetKey,
    name: str,
    passed: bool,
    why: str | None = None,
    metadata: dict[str, int] | None = None,
    warn: bool = False,
) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity.WARN if warn else dg.AssetCheckSeverity.ERROR
    return dg.AssetCheckResult(
        passed=passed, asset_key=key, check_name=name, description=why, metadata=metadata or {}, severity=severity
    )


__all__ = ["asked_periods", "open_assets", "open_key", "publish"]
