"""What the shared warehouse shows and this hub no longer knows, since it was brought back from a backup of an earlier day.

What lies there is what was published: it stands, and the rows wait for their next revision as if they had been shown today. The
history does not hold what they were counted of any more; figures counted from it, now or as of an older instant, would differ
from what was published by those few who came between. Rule and proof: docs/method/revisions-of-open-figures.md.
"""

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass

import sqlalchemy as sa

from assets.open import nights
from assets.open.figures import snapshot
from assets.open.holding import published
from assets.open.instants import Instant
from assets.open.notes import MATURITY, STATUS, by_period
from assets.open.periods import rows_hash
from assets.open.rounding import Shown
from assets.open.tables import rows_of, table_name
from resources.publication.content import OpenContent, Row
from resources.publication.shared_warehouse import SharedWarehouse
from resources.warehouse.published import open_figures, open_instants
from resources.warehouse.published.open_figures import Kept
from resources.warehouse.published.open_instants import Part
from schemas.dataset import PROVINCE, Dataset
from schemas.release import TOTAL, OpenTable

log = logging.getLogger("ansinh.open")

VALUE = -3  # of a released row


@dataclass(frozen=True)
class _Table:
    """A released table as it lies in the shared warehouse, and what this hub knows of it."""

    table: OpenTable
    rows: dict[str, list[Row]]
    parts: dict[str, Part]


def take_over(
    engine: sa.Engine, shared: SharedWarehouse, dataset: Dataset, tables: Sequence[OpenTable], clock: Callable[[], dt.datetime]
) -> None:
    """Let the rows stand that a later state of this hub published. On all other nights nothing is found."""
    with snapshot(engine) as connection:
        known = nights.kept(connection, dataset)
        lie = [_Table(t, _released(shared, dataset, t), open_instants.parts(connection, table_name(dataset, t))) for t in tables]
    found = {key for one in lie for period in one.rows for key in _unknown(dataset, one, period, known)}
    if not found:
        return
    now, periods = clock(), sorted({period for period, _ in found})
    maturities = {(r[0], r[1]): r[MATURITY] for one in lie for period in periods for r in one.rows.get(period, [])}
    # Before `now` by the least that is told apart: how long ago it was corrected is not known.
    first_at = {"corrected": now - dt.timedelta.resolution}
    kept = {key: Instant(first_at.get(maturities[key], now), now, now) for key in found}
    with engine.begin() as connection:
        open_instants.keep(connection, dataset, {key: astuple(instant) for key, instant in kept.items()})
        for one in lie:
            of_table = {k: v for period in periods for k, v in _shown(one, period, found, now).items()}
            open_figures.keep(connection, table_name(dataset, one.table), of_table)
    log.warning(
        "%s: kho dùng chung đang nêu số của kỳ %s mà kho này không còn biết (khôi phục từ bản sao lưu cũ hơn); số đó giữ nguyên "
        "đến lượt đính chính sau",
        dataset.id,
        ", ".join(periods),
    )


def _released(shared: SharedWarehouse, dataset: Dataset, table: OpenTable) -> dict[str, list[Row]]:
    """The rows of a table by period; none where they are not as they were released: somebody touched them."""
    release, rows = shared.latest(table_name(dataset, table)), shared.rows(dataset, table)
    if release is None or OpenContent.of(dataset, table, rows).sha256 != release.sha256:
        return {}
    return by_period(rows)


def _unknown(dataset: Dataset, one: _Table, period: str, known: Mapping[tuple[str, str], Instant]) -> set[tuple[str, str]]:
    """The rows of a period that are shown and that this hub did not publish so."""
    part, rows = one.parts.get(period), one.rows[period]
    if part is not None and rows_hash(dataset, one.table, rows) in (part.sha256, part.before):
        return set()
    units = {u.code for u in rows_of(dataset, period)}
    shown = {(period, r[1]) for r in rows if r[1] in units and r[STATUS] != "not_reported"}
    return shown if part is not None else shown - known.keys()


def _shown(one: _Table, period: str, found: set[tuple[str, str]], now: dt.datetime) -> dict[tuple[str, str], Kept]:
    """What is kept of a period's rows that are taken over, and of the province's."""
    cells = {
        (r[1], r[3] if one.table.by else TOTAL): Shown(r[VALUE], r[STATUS])
        for r in one.rows.get(period, [])
        if r[STATUS] != "not_reported" and ((period, r[1]) in found or r[1] == PROVINCE)
    }
    return {(period, unit): Kept(now, "", {}, of_unit) for unit, of_unit in published(cells).items()}
