"""What the orchestrator is told of cells that arrived: a materialisation of raw and of core each, and which were refused.

A run tells of its own; `ansinh doctor --mend-grid` tells the same again of what the orchestrator has lost.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import sqlalchemy as sa

from assets import partitions
from assets.cells import checks
from assets.dagster_internals import AssetCheckEvaluationTargetMaterializationData
from assets.keys import core_key, raw_key
from resources.clock import moment
from resources.warehouse.arrivals import backfills
from resources.warehouse.arrivals.events import Arrived
from resources.warehouse.arrivals.tracker import STATUS_TITLES
from schemas import calendar
from schemas.dataset import UNKNOWN_UNIT, Dataset
from schemas.projections.open import MATURITIES
from schemas.written import unit_title


def in_grid(cells: Sequence[Arrived]) -> list[tuple[dg.MultiPartitionKey, Arrived]]:
    """The cells that a grid has a place for."""
    return [(partitions.cell_key(c.period, c.unit), c) for c in cells if c.unit != UNKNOWN_UNIT]


def materializations(
    dataset: Dataset, cells: Sequence[Arrived], today: dt.date
) -> tuple[list[dg.AssetMaterialization], list[dg.AssetMaterialization]]:
    """The materialisations of raw and of core, each of what was last accepted."""
    good = [(key, cell.accepted) for key, cell in in_grid(cells) if cell.accepted is not None]
    raw, core = raw_key(dataset), core_key(dataset)
    return (
        [dg.AssetMaterialization(raw, partition=key, metadata={"dòng lấy về": a.rows_pulled}) for key, a in good],
        [dg.AssetMaterialization(core, partition=key, metadata=_metadata(dataset, a, today)) for key, a in good],
    )


def judged(cells: Sequence[Arrived]) -> list[tuple[dg.MultiPartitionKey, Arrived]]:
    """The cells with a check of their own: one is red while its last arrival was refused.

    One that was never refused needs no green one: each such event costs more than loading the cell.
    """
    return [(key, cell) for key, cell in in_grid(cells) if cell.outcome == "refused" or cell.was_refused]


def verdict(
    dataset: Dataset,
    key: dg.MultiPartitionKey,
    cell: Arrived,
    latest: Mapping[str, AssetCheckEvaluationTargetMaterializationData],
) -> dg.AssetCheckEvaluation:
    """`latest`: the last materialisation of each cell whose check is green."""
    return dg.AssetCheckEvaluation(
        asset_key=core_key(dataset),
        check_name=checks.ACCEPTED,
        passed=cell.outcome != "refused",
        severity=dg.AssetCheckSeverity.ERROR,
        description=cell.reason,
        metadata={"dòng nhận": dg.MetadataValue.int(cell.rows_received)},
        partition=key,
        target_materialization_data=latest.get(str(key)),
    )


def _metadata(dataset: Dataset, arrival: sa.Row, today: dt.date) -> dict[str, Any]:
    """What the grid tells of a cell, in the officer's words, as it stood when it was loaded."""
    due = calendar.due_day(dataset, arrival.period)
    metadata: dict[str, Any] = {
        "dagster/partition_row_count": arrival.rows_accepted,
        "đơn vị": unit_title(arrival.unit_code, arrival.period, today),
        "kỳ": "sổ đăng ký, luôn hiện hành" if arrival.period == calendar.REGISTER else arrival.period,
        "hạn nộp": f"{due:%d/%m/%Y}" if due else "không có",
        "nhận lúc": moment(arrival.received_at),
        "tình trạng": STATUS_TITLES[arrival.status],
        "mức độ hoàn chỉnh": MATURITIES[arrival.maturity],
        "dòng nhận": arrival.rows_received,
        "dòng được chấp nhận": arrival.rows_accepted,
        "dòng bị loại": arrival.rows_rejected,
    }
    if arrival.marked_rows is not None and arrival.marked_rows != arrival.rows_received:
        metadata["cảnh báo"] = f"Sổ nộp ghi {arrival.marked_rows} dòng, nguồn có {arrival.rows_received} dòng."
    if arrival.asked_why not in (None, backfills.IN_TIME):
        metadata["lý do"] = arrival.asked_why
    if arrival.asked_by not in (None, backfills.UNNAMED):
        metadata["người yêu cầu"] = arrival.asked_by
    if arrival.asked_by_document:
        metadata["văn bản"] = arrival.asked_by_document
    return metadata
