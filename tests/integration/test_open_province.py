"""Open tables of the synthetic province, at the size of the demo and at a tenth of the province: no hidden cell comes out.

The rows are the generator's, read and judged by the hub's own validation; only the databases are left out.
"""

import datetime as dt
import importlib
from collections import defaultdict
from functools import cache

import pandas as pd
import pyarrow as pa
import pytest

from assets.attacker import attack
from assets.open.figures import Figure, OpenFrame, Place, ReportingUnit, categories_of, releasable, tables_of
from assets.release_pattern import decide, groups
from demo.build import DEFAULT_SCALE, DEFAULT_SEED
from demo.province import Province
from schemas import calendar, units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset
from schemas.registry import SOURCES
from schemas.release import TOTAL, Count, OpenTable, Share, Sum
from schemas.validation import validate
from tests.fixtures.outsider import betrayed, released

TODAY = dt.date(2024, 11, 20)


@cache
def province(scale: float) -> Province:
    return Province(DEFAULT_SEED, scale, TODAY)


def accepted(source: str, scale: float) -> dict[str, tuple[str, pd.DataFrame]]:
    """By dataset with open tables: its last released period that has come, and the rows accepted of it."""
    found: dict[str, tuple[str, pd.DataFrame]] = {}
    open_datasets = {d.id: d for d, _ in tables_of(source)}
    whole = province(scale)
    for planted in importlib.import_module(f"demo.sources.{source}").plans(whole):
        dataset = planted.plan.dataset
        if dataset.id not in open_datasets:
            continue
        parts: dict[str, dict[str, list[pa.Table]]] = defaultdict(lambda: defaultdict(list))
        periods = {calendar.REGISTER if dataset.kind == "register" else p: p for p in releasable(dataset, TODAY)[-2:]}
        for batch in planted.batches():
            for n, (stored, unit) in enumerate(batch.cells):
                mine = (batch.cell == n) & (batch.day <= whole.today)
                if stored in periods and mine.any():
                    parts[stored][unit].append(batch.table.filter(pa.array(mine)))
        stored = max(parts)
        moment = calendar.moment(dataset, stored, TODAY)
        rows = []
        for unit, tables in sorted(parts[stored].items()):
            good = validate(dataset, pa.concat_tables(tables), moment).accepted.to_pandas(types_mapper=pd.ArrowDtype)
            rows.append(good.assign(sender=unit))
        found[dataset.id] = (periods[stored], pd.concat(rows, ignore_index=True))
    return found


def frame_of(dataset: Dataset, table: OpenTable, period: str, rows: pd.DataFrame) -> OpenFrame:
    first, last = calendar.span(period)
    if table.where == "is_received":
        rows = rows[rows["is_received"]]
    elif table.where is not None:
        assert "entitled_from" in table.where
        from_, until = rows["entitled_from"], rows["entitled_until"]
        rows = rows[(from_ <= pd.Timestamp(first).date()) & (until.isna() | (until > pd.Timestamp(first).date()))]
    known = [ReportingUnit(u.code, u.name) for u in units.submitting_units(last)]
    if dataset.by_province:
        known.append(ReportingUnit(UNKNOWN_UNIT, UNKNOWN_UNIT))
        place = rows["district_code"].fillna(UNKNOWN_UNIT)
    else:
        place = rows["sender"]
    figures: dict[Place, Figure] = {}
    measure = table.measure
    low = high = 0
    for scope, part in [(PROVINCE, rows), *((str(u), g) for u, g in rows.groupby(place))]:
        if isinstance(measure, Share):
            base = int(part[measure.whole].sum())
            counts = {code: int(part[field].sum()) for code, field in measure.parts}
            figures |= {(scope, code): Figure(n, 0, base) for code, n in counts.items()}
            figures[scope, TOTAL] = Figure(sum(counts.values()), 0, base)
            continue
        cuts = [(TOTAL, part)]
        if table.by:
            cuts += [(str(c).lower() if isinstance(c, bool) else str(c), g) for c, g in part.groupby(table.by)]
        for category, cut in cuts:
            if isinstance(measure, Sum):
                amounts = sum(cut[a].fillna(0) for a in measure.amounts)
                figures[scope, category] = Figure(int(amounts.sum()), len(cut))
                if scope == PROVINCE:
                    low, high = int(amounts.min()), int(amounts.max())
            else:
                assert isinstance(measure, Count)
                value = int(cut[measure.of].sum()) if measure.of else len(cut)
                figures[scope, category] = Figure(value, 0 if measure.of else len(cut))
    return OpenFrame(dataset, table, period, tuple(known), categories_of(dataset, table, last, figures), figures, low, high)


@pytest.mark.parametrize("scale", [DEFAULT_SCALE, 0.1])
@pytest.mark.parametrize("source", [s.name for s in SOURCES])
def test_no_total_of_any_released_table_reveals_a_small_count(source: str, scale: float) -> None:
    kept = accepted(source, scale)
    by_period: dict[str, list[OpenFrame]] = defaultdict(list)
    for dataset, table in tables_of(source):
        period, rows = kept[dataset.id]
        by_period[period].append(frame_of(dataset, table, period, rows))
    hidden = figured = 0
    for frames in by_period.values():
        decided = [f for group in groups(frames) for f in decide(group)]
        assert [str(v) for v in attack(decided)] == []
        assert betrayed(released(decided)) == []
        for f in decided:
            for place in f.places():
                if f.status(place) == "published":
                    assert not f.is_small(place)
                if f.figure(place).value > 0:
                    figured += 1
                    hidden += f.status(place) == "suppressed"
    assert figured > 100
    print(f"{source} at {scale}: {hidden} of {figured} cells hidden")
    if scale == 0.1:
        assert hidden < figured / 2
